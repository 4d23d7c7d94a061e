"""Tables timed by a log's own clock: their times move to ``LocalTimes``, for they are not UTC."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._model import LocalTimes


@dataclass(frozen=True, slots=True, eq=False)
class TablesAndLocalTimes:
    """Three tables without times, and the local times they had; ``None``: they had none."""

    track: pd.DataFrame
    events: pd.DataFrame
    captures: pd.DataFrame
    times: LocalTimes | None


def detach_local_times(
    kind: str, track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame
) -> TablesAndLocalTimes:
    """Move times of the log's own clock out of the columns of three tables.

    Args:
        kind: ``wall`` or ``elapsed``, as of ``LocalTimes``.
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
    has_times = any(
        not np.isnat(part).all() for part in (times.track, times.events, times.captures)
    )
    return TablesAndLocalTimes(
        _without_times(track, "time"),
        _without_times(events, "time", "end"),
        _without_times(captures, "start", "end"),
        times if has_times else None,
    )


def local_times_from_utc(
    track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame, utc_offset: np.timedelta64
) -> LocalTimes:
    """Return the local times of tables that have UTC, from the offset of the local clock."""
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
