"""Rows of the table of events, as the app's record and the aircraft's own log write them."""

from typing import Any

import numpy as np
import numpy.typing as npt

EventRow = dict[str, Any]
#: Stands for an instant that is not known.
NAT = np.iinfo(np.int64).min


def instant_or_none(ns: int) -> np.datetime64 | None:
    """Return an instant, nanoseconds since 1970 in UTC, for a table; ``None``: missing."""
    return None if ns == NAT else np.datetime64(ns, "ns")


def as_floats(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return a column as ``float64``."""
    return np.asarray(values, np.float64)


def make_event_row(
    ns: int, kind: str, text: str, record: str, source_offset: int, **details: Any
) -> EventRow:
    """Return one row of the table of events.

    Args:
        ns: When it happened or began, nanoseconds since 1970 in UTC; ``NAT``: not known.
        kind: One of ``KINDS``.
        text: What happened.
        record: The record and field that states it.
        source_offset: The byte at which that record begins.
        details: Other columns, and another severity than "info" or grade than "reported".
    """
    return {
        "time": instant_or_none(ns),
        "kind": kind,
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": record,
        "source_offset": source_offset,
    } | details
