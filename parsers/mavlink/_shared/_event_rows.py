"""Rows of the table of events, as the three formats write them."""

from typing import Any, TypedDict

from ._timestamps import NAT

EventRow = dict[str, Any]


class OptionalEventValues(TypedDict, total=False):
    """What a row states besides time, kind and text; each has a default."""

    #: One of ``SEVERITIES``; "info" if not given.
    severity: str
    #: One of ``GRADES``; "reported" if not given.
    grade: str
    #: The number that goes with the event.
    value: float | None


def make_event_row(
    kind: str,
    text: str,
    *,
    time: int,
    record: str,
    source_offset: int,
    end: int = NAT,
    details: OptionalEventValues,
) -> EventRow:
    """Return one row of the table of events; times are UTC in nanoseconds.

    Args:
        kind: One of ``EVENT_KINDS``.
        text: What happened.
        time: When it happened or began; ``NAT`` where that is not known.
        record: The record and field that states it.
        source_offset: The byte at which that record begins.
        end: When it ended; ``NAT`` for an instant.
        details: Severity, grade and value.
    """
    return {
        "time": time,
        "end": end,
        "kind": kind,
        "severity": "info",
        "grade": "reported",
        "text": text,
        "value": None,
        "record": record,
        "source_offset": source_offset,
        **details,
    }
