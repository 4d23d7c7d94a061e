"""Tables that were timed by a log's own clock: their times set apart, for they are no UTC."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._model import OwnTimes


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """Three tables without a time, and the times that they had; ``None``: they had none."""

    track: pd.DataFrame
    events: pd.DataFrame
    captures: pd.DataFrame
    times: OwnTimes | None


def set_apart(
    kind: str, track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame
) -> Apart:
    """Move the times of three tables, which a log's own clock gave, out of their columns.

    Args:
        kind: ``wall`` or ``elapsed``, as of ``OwnTimes``.
        track: The table, with the own clock's times as if they were UTC.
        events: The same.
        captures: The same.
    """
    times = OwnTimes(
        kind,
        _values(track, "time"),
        _values(events, "time"),
        _values(events, "end"),
        _values(captures, "start"),
        _values(captures, "end"),
    )
    told = any(not np.isnat(part).all() for part in (times.track, times.events, times.captures))
    return Apart(
        _without(track, "time"),
        _without(events, "time", "end"),
        _without(captures, "start", "end"),
        times if told else None,
    )


def beside(
    track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame, ahead: np.timedelta64
) -> OwnTimes:
    """Return the wall clock of tables that have UTC, which it is so much ahead of."""
    return OwnTimes(
        "wall",
        _values(track, "time") + ahead,
        _values(events, "time") + ahead,
        _values(events, "end") + ahead,
        _values(captures, "start") + ahead,
        _values(captures, "end") + ahead,
    )


def elapsed_ns(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return seconds since a recording began as nanoseconds; ``NaT``'s value for NaN."""
    known = np.isfinite(seconds)
    ns = np.round(np.where(known, np.minimum(seconds, 1e7), 0) * 1e9).astype(np.int64)
    return np.where(known, ns, np.iinfo(np.int64).min)


def _values(frame: pd.DataFrame, column: str) -> npt.NDArray[np.datetime64]:
    return frame[column].to_numpy("datetime64[ns]")


def _without(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    nothing = pd.DatetimeIndex(np.full(len(frame), np.datetime64("NaT", "ns"))).tz_localize("UTC")
    return frame.assign(**dict.fromkeys(columns, nothing))
