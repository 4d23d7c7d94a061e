"""Tables timed by a log's own clock: their times move to ``LocalTimes``, for they are not UTC."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._model import FieldOfView, LocalTimes, Log


@dataclass(frozen=True, slots=True, eq=False)
class UntimedTablesAndLocalTimes:
    """Three tables without times, and the local times they had; ``None``: they had none."""

    track: pd.DataFrame
    events: pd.DataFrame
    captures: pd.DataFrame
    times: LocalTimes | None


def move_local_times_out_of_tables(
    kind: str, track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame
) -> UntimedTablesAndLocalTimes:
    """Move times of the log's own clock out of the columns of three tables.

    Args:
        kind: ``wall`` or ``elapsed``, as of ``LocalTimes``.
        track: The table, with the own clock's times as if they were UTC.
        events: The same.
        captures: The same.
    """
    times = LocalTimes(
        kind,
        _time_column_values(track, "time"),
        _time_column_values(events, "time"),
        _time_column_values(events, "end"),
        _time_column_values(captures, "start"),
        _time_column_values(captures, "end"),
    )
    has_times = any(
        not np.isnat(part).all() for part in (times.track, times.events, times.captures)
    )
    return UntimedTablesAndLocalTimes(
        _table_with_empty_time_columns(track, "time"),
        _table_with_empty_time_columns(events, "time", "end"),
        _table_with_empty_time_columns(captures, "start", "end"),
        times if has_times else None,
    )


def local_times_from_utc(
    track: pd.DataFrame, events: pd.DataFrame, captures: pd.DataFrame, utc_offset: np.timedelta64
) -> LocalTimes:
    """Return the local times of tables that have UTC, from the offset of the local clock."""
    return LocalTimes(
        "wall",
        _time_column_values(track, "time") + utc_offset,
        _time_column_values(events, "time") + utc_offset,
        _time_column_values(events, "end") + utc_offset,
        _time_column_values(captures, "start") + utc_offset,
        _time_column_values(captures, "end") + utc_offset,
    )


def log_with_elapsed_times_as_local(log: Log) -> Log:
    """Return a log whose times count from its start, and are not UTC, with them as local times.

    Args:
        log: The log; its times are what its own clock counted, as if since 1970.
    """
    return log_with_times_as_local(log, "elapsed")


def log_with_times_as_local(log: Log, kind: str) -> Log:
    """Return a log whose times are not UTC, with them as local times.

    Args:
        log: The log, with the own clock's times as if they were UTC.
        kind: ``wall`` or ``elapsed``, as of ``LocalTimes``.
    """
    apart = move_local_times_out_of_tables(kind, log.track, log.events, log.captures)
    return replace(
        log,
        track=apart.track,
        events=apart.events,
        captures=apart.captures,
        contacts=_table_with_empty_time_columns(log.contacts, "time", "end"),
        local_times=apart.times,
        named_positions=tuple(replace(one, time=None) for one in log.named_positions),
        fields_of_view=tuple(_field_of_view_with_local_time(one) for one in log.fields_of_view),
        fences=tuple(replace(one, start=None, end=None) for one in log.fences),
        rangefinder_points=tuple(replace(one, time=None) for one in log.rangefinder_points),
    )


def _field_of_view_with_local_time(field_of_view: FieldOfView) -> FieldOfView:
    at = field_of_view.time
    own = None if at is None else at.tz_localize(None)
    return replace(field_of_view, time=None, local_time=own)


def elapsed_seconds_to_ns(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return seconds since a recording began as nanoseconds; ``NaT``'s value for NaN."""
    known = np.isfinite(seconds)
    ns = np.round(np.where(known, np.minimum(seconds, 1e7), 0) * 1e9).astype(np.int64)
    return np.where(known, ns, np.iinfo(np.int64).min)


def _time_column_values(frame: pd.DataFrame, column: str) -> npt.NDArray[np.datetime64]:
    return frame[column].to_numpy("datetime64[ns]")


def _table_with_empty_time_columns(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    nothing = pd.DatetimeIndex(np.full(len(frame), np.datetime64("NaT", "ns"))).tz_localize("UTC")
    return frame.assign(**dict.fromkeys(columns, nothing))
