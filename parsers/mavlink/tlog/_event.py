"""One event of a MAVLink stream, as a row of the table of events."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .._shared._dialect import words
from ._records import Messages

Event = dict[str, Any]
Capture = dict[str, Any]

#: The mark of a missing time among nanoseconds.
NAT = int(np.iinfo(np.int64).min)


def event(
    found: Messages,
    row: int,
    kind: str,
    text: str,
    *,
    label: str = "",
    severity: str = "info",
    grade: str = "reported",
    value: float | None = None,
    time: int | None = None,
    end: int = NAT,
) -> Event:
    """Return an event that a message tells.

    Args:
        found: The messages.
        row: Which of them.
        kind: One of ``KINDS``.
        text: What happened.
        label: The field that says so.
        severity: One of ``SEVERITIES``.
        grade: One of ``GRADES``.
        value: The number that goes with it.
        time: UTC in nanoseconds; that of the message if not given.
        end: When it ended; ``NAT`` for an instant.
    """
    name = found.message.name
    return {
        "time": int(found.time[row]) if time is None else time,
        "end": end,
        "kind": kind,
        "severity": severity,
        "grade": grade,
        "text": text,
        "value": value,
        "record": f"{name}.{label}" if label else name,
        "source_offset": int(found.offsets[row]),
    }


def changes(values: npt.NDArray[Any]) -> list[int]:
    """Return the rows at which a value is another than in the row before; with the first."""
    if not len(values):
        return []
    return [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()]


def word(enumeration: str, number: int) -> str:
    """Return the word of a number in lower case and without underscores, or the number."""
    found = words(enumeration).get(number)
    return found.replace("_", " ").lower() if found else f"{number}"


def sender(system: int, component: int) -> str:
    """Return how a sender is named everywhere: system and component."""
    return f"{system}/{component}"


def sender_of(found: Messages, row: int) -> str:
    """Return who sent a message."""
    return sender(int(found.system[row]), int(found.component[row]))
