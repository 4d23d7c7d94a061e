"""Tables that were timed by a log's own clock: their times set apart, for they are no UTC."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._model import LocalTimes


@dataclass(frozen=True, slots=True, eq=False)
class DetachedTables:
    """Three tables without a time, and the times that they had; ``None``: they had none."""

    track: pd.DataFrame
    events: pd.DataFrame
    captures: pd.DataFrame
    times: LocalTimes | None


def detach_local_times(
    kind: str, track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame
) -> DetachedTables:
    """Move the times of three tables, which a log's own clock gave, out of their columns.

    Args:
        kind: ``wall`` or ``elapsed``, as of ``OwnTimes``.
        track: The table, with the own clock's times as if they were UTC.
        events: The same.
        captures: The same.
    """
    times = LocalTimes(
        kind,
        _time_values(track, "time"),
        _time_values(events, "time"),
        _time_values(events, "end"),
        _time_values(captures, "start"),
        _time_values(captures, "end"),
    )
    told = any(not np.isnat(part).all() for part in (times.track, times.events, times.captures))
    return DetachedTables(
        _without_times(track, "time"),
        _without_times(events, "time", "end"),
        _without_times(captures, "start", "end"),
        times if told else None,
    )


def local_times_from_utc(
    track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame, utc_offset: np.timedelta64
) -> LocalTimes:
    """Return the wall clock of tables that have UTC, which it is so much ahead of."""
    return LocalTimes(
        "wall",
        _time_values(track, "time") + utc_offset,
        _time_values(events, "time") + utc_offset,
        _time_values(events, "end") + utc_offset,
        _time_values(captures, "start") + utc_offset,
        _time_values(captures, "end") + utc_offset,
    )


def elapsed_ns(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return seconds since a recording began as nanoseconds; ``NaT``'s value for NaN."""
    known = np.isfinite(seconds)
    ns = np.round(np.where(known, np.minimum(seconds, 1e7), 0) * 1e9).astype(np.int64)
    return np.where(known, ns, np.iinfo(np.int64).min)


def _time_values(frame: pd.DataFrame, column: str) -> npt.NDArray[np.datetime64]:
    return frame[column].to_numpy("datetime64[ns]")


def _without_times(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    nothing = pd.DatetimeIndex(np.full(len(frame), np.datetime64("NaT", "ns"))).tz_localize("UTC")
    return frame.assign(**dict.fromkeys(columns, nothing))
