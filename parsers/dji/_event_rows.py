"""Rows of the table of events, as the app's record and the aircraft's own log write them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .._track_values._find_airborne_time import WHEN_LOG_BEGINS
from .._track_values._value_runs import RowRun, find_true_runs, merge_close_runs

EventRow = dict[str, Any]
Floats = npt.NDArray[np.float64]
#: Stands for an instant that is not known.
NAT = np.iinfo(np.int64).min
#: Records for which the flag of the motors may drop while they run.
_BRIDGE_MOTOR_RECORDS = 4
#: Higher than an aircraft whose motors stand is carried about, metres.
_CARRIED_M = 10.0


def instant_or_none(ns: int) -> np.datetime64 | None:
    """Return an instant, nanoseconds since 1970 in UTC, for a table; ``None``: missing."""
    return None if ns == NAT else np.datetime64(ns, "ns")


def seconds_between(first_ns: int, last_ns: int) -> float | None:
    """Return the seconds from one instant to another; ``None``: one is not known."""
    return None if NAT in (first_ns, last_ns) else (last_ns - first_ns) / 1e9


def as_floats(values: npt.NDArray[Any]) -> Floats:
    """Return a column as ``float64``."""
    return np.asarray(values, np.float64)


def make_event_row(
    ns: int, kind: str, text: str, record: str, source_offset: int, **details: Any
) -> EventRow:
    """Return one row of the table of events.

    Args:
        ns: When it happened or began, nanoseconds since 1970 in UTC; ``NAT``: not known.
        kind: One of ``EVENT_KINDS``.
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


def in_air_or_on_ground_text(run: RowRun) -> str:
    """Return what a run of equal reports says: 1 in the air, 0 on the ground."""
    where = "in the air" if run.value > 0 else "on the ground"
    return f"reports to be {where}" + (f" {WHEN_LOG_BEGINS}" if run.first == 0 else "")


def known_motor_states(motors_on: npt.NDArray[Any], height_ato_m: npt.NDArray[Any]) -> Floats:
    """Return whether the motors ran: 1, 0, or NaN where the flag cannot be believed.

    A flag that drops for less than half a second between records in which they run is a record
    gone wrong: motors do not start again so fast.  One that is 0 in all records of a log that rose
    ``_CARRIED_M`` is not written by that firmware.

    Args:
        motors_on: The flag in each record, ten or more of them a second; NaN: not stated.
        height_ato_m: Height above take-off in each, metres.
    """
    states = as_floats(motors_on).copy()
    heights = as_floats(height_ato_m)
    heights = heights[np.isfinite(heights)]
    runs = merge_close_runs(find_true_runs(states), _BRIDGE_MOTOR_RECORDS)
    if not runs and len(heights) and np.ptp(heights) >= _CARRIED_M:
        return np.full(len(states), np.nan)
    for run in runs:
        states[run.first : run.last + 1] = 1.0
    return states


def motor_event_kind_and_text(run: RowRun, previous: float | None) -> tuple[str, str] | None:
    """Return kind and text of the event that a run of equal motor states begins with.

    Args:
        run: 1 or more: the motors run; 0: they stand; NaN: not known.
        previous: Value of the run before; ``None``: this is the first.

    Returns:
        ``None`` if nothing is known to have changed.
    """
    on, was_on = run.value > 0, previous is not None and previous > 0
    if run.value != run.value or (previous is not None and on == was_on):
        return None
    state = "on" if on else "off"
    text = (
        f"motors {state} {WHEN_LOG_BEGINS}"
        if previous is None
        else f"motors {'started' if on else 'stopped'}"
    )
    return ("arm" if on else "disarm"), text
