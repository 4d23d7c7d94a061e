"""Rows of the table of events, and the names they use for senders and enumerations."""

from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from .._shared._event_rows import EventRow, OptionalEventValues, make_event_row
from .._shared._mavlink_message_definitions import enum_names
from .._shared._timestamps import NAT
from ._message_columns import MavlinkMessages

CaptureRow = dict[str, Any]


def event_row(
    messages: MavlinkMessages,
    row: int,
    kind: str,
    text: str,
    *,
    label: str = "",
    time: int | None = None,
    end: int = NAT,
    **details: Unpack[OptionalEventValues],
) -> EventRow:
    """Return an event that a message states.

    Args:
        messages: The messages.
        row: Which of them.
        kind: One of ``EVENT_KINDS``.
        text: What happened.
        label: The field that states it.
        time: UTC in nanoseconds; that of the message if not given.
        end: When it ended; ``NAT`` for an instant.
        details: Severity, grade and value.
    """
    name = messages.message.name
    return make_event_row(
        kind,
        text,
        time=int(messages.time[row]) if time is None else time,
        end=end,
        record=f"{name}.{label}" if label else name,
        source_offset=int(messages.offsets[row]),
        details=details,
    )


def rows_where_value_changes(values: npt.NDArray[Any]) -> list[int]:
    """Return the rows at which a value is another than in the row before; with the first."""
    if not len(values):
        return []
    return [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()]


def enum_words_or_number(enumeration: str, number: int) -> str:
    """Return the word of a number in lower case and without underscores, or the number."""
    name = enum_names(enumeration).get(number)
    return name.replace("_", " ").lower() if name else f"{number}"


def sender_name(system: int, component: int) -> str:
    """Return how a sender is named everywhere: system and component."""
    return f"{system}/{component}"


def sender_name_of_message(messages: MavlinkMessages, row: int) -> str:
    """Return who sent a message."""
    return sender_name(int(messages.system[row]), int(messages.component[row]))
