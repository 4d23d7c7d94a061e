"""The times of a log by the clock that a person declared for its file."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._declared_clock import DeclaredClock, ns_since_1970
from .._model import (
    Clock,
    Issue,
    LocalTimes,
    Log,
    LogHeaderTotals,
    NetworkCaptureWindow,
    NetworkRecordingInterval,
    NetworkRecordingTimes,
)

_NAT = int(np.iinfo(np.int64).min)
#: Columns of each table that hold a time.
_TIME_COLUMNS = {
    "track": ("time",),
    "events": ("time", "end"),
    "captures": ("start", "end"),
    "contacts": ("time", "end"),
}


def log_with_times_by_declared_clock(log: Log, declared: DeclaredClock | None) -> Log:
    """Return a log with times by the clock that a person declared for its file.

    What the file does not state (a zone, the beginning of a recording that counts from its own
    start) is taken from the declaration.  UTC that it states is corrected by the reading of the
    clock; without a reading, so that its first record is at the declared time, unless that is
    declared for several files.  An issue says where a declaration could not be used.
    """
    if declared is None or log.clock.declared:
        return log
    if log.clock.from_gnss:
        return _log_with_unused_clock_issue(
            log, "its times come from satellites; the declared clock is not used"
        )
    first = _first_time_ns(log)
    if first is not None:
        return _log_with_corrected_utc_times(log, declared, first)
    own = log.local_times
    if own is None:
        return _log_with_unused_clock_issue(log, "it has no time; the declared clock is not used")
    if own.kind == "wall":
        what = f"zone {declared.zone_text}" if declared.shown is None else declared.text
        clock = clock_with_declaration_note(log.clock, declared, what)
        return _convert_log_times_to_utc(log, own, declared.wall_to_utc_offset_ns, clock)
    if declared.shown is not None or declared.serves_several_files:
        why = "it counts from its own beginning: declare when this one file was begun"
        return _log_with_unused_clock_issue(log, f"{why}; the declared clock is not used")
    clock = clock_with_declaration_note(log.clock, declared, declared.text)
    return _convert_log_times_to_utc(log, own, ns_since_1970(declared.time), clock)


def clock_with_declaration_note(
    clock: Clock, declared: DeclaredClock, what: str, offset_s: float | None = None
) -> Clock:
    """Return a clock that states what of it was declared.

    Args:
        clock: The clock of the log as the file states it.
        declared: What a person declared.
        what: What of that was used, a clause.
        offset_s: Seconds that were added to its times; ``None``: not applicable.
    """
    said = f"{what} ({declared.note})" if declared.note else what
    return replace(
        clock,
        source=f"{clock.source or 'clock of the file'}; declared: {said}",
        uncertainty_s=None,
        offset_s=offset_s,
        declared=said,
        unstated="",
    )


def _log_with_corrected_utc_times(log: Log, declared: DeclaredClock, first_ns: int) -> Log:
    correction = declared.utc_correction_ns
    if correction is None:
        if declared.serves_several_files:
            why = "it states date, time and zone itself, and the declaration means several files"
            return _log_with_unused_clock_issue(
                log, f"{why}: declare what the clock showed; the declared clock is not used"
            )
        correction = ns_since_1970(declared.time) - first_ns
    seconds = correction / 1e9
    what = f"{declared.text}, so that its times are moved by {seconds:+g} s"
    clock = clock_with_declaration_note(log.clock, declared, what, seconds)
    power_on = _shift_timestamp(clock.power_on, pd.Timedelta(correction, "ns"))
    return replace(shift_log_times(log, correction), clock=replace(clock, power_on=power_on))


def _log_with_unused_clock_issue(log: Log, reason: str) -> Log:
    issues = sorted((*log.issues, Issue(0, 0, reason)), key=lambda issue: issue.offset)
    return replace(log, issues=tuple(issues))


def _first_time_ns(log: Log) -> int | None:
    """Return the first UTC of the rows, nanoseconds; of a capture that of its first packet."""
    if log.capture_window is not None and log.capture_window.start is not None:
        return int(log.capture_window.start.value)
    firsts = [
        getattr(log, table)[columns[0]].min() for table, columns in _TIME_COLUMNS.items()
    ]  # fmt: skip
    known = [first.value for first in firsts if not pd.isna(first)]
    return min(known) if known else None


def _convert_log_times_to_utc(log: Log, own: LocalTimes, add_ns: int, clock: Clock) -> Log:
    """Return a log whose rows have UTC from its own clock; its local times stay."""

    def utc(times: npt.NDArray[np.datetime64]) -> pd.DatetimeIndex:
        values = times.astype("datetime64[ns]").view(np.int64)
        moved = np.where(values == _NAT, _NAT, values + add_ns)
        return pd.DatetimeIndex(moved.astype("datetime64[ns]")).tz_localize("UTC")

    return replace(
        log,
        clock=clock,
        track=log.track.assign(time=utc(own.track)),
        events=log.events.assign(time=utc(own.events), end=utc(own.events_end)),
        captures=log.captures.assign(start=utc(own.captures), end=utc(own.captures_end)),
        fields_of_view=tuple(
            one
            if one.local_time is None
            else replace(one, time=(one.local_time + pd.Timedelta(add_ns)).tz_localize("UTC"))
            for one in log.fields_of_view
        ),
    )


def shift_log_times(log: Log, add_ns: int) -> Log:
    """Return a log all of whose times are moved.

    Args:
        log: The log.
        add_ns: Nanoseconds to add.
    """
    delta = pd.Timedelta(add_ns, "ns")
    tables = {
        table: getattr(log, table).assign(
            **{column: getattr(log, table)[column] + delta for column in columns}
        )
        for table, columns in _TIME_COLUMNS.items()
    }
    return replace(
        log,
        **tables,
        named_positions=tuple(
            replace(one, time=_shift_timestamp(one.time, delta)) for one in log.named_positions
        ),
        header_summary=_shift_header_times(log.header_summary, delta),
        fields_of_view=tuple(
            replace(one, time=_shift_timestamp(one.time, delta)) for one in log.fields_of_view
        ),
        fences=tuple(
            replace(
                one, start=_shift_timestamp(one.start, delta), end=_shift_timestamp(one.end, delta)
            )
            for one in log.fences
        ),
        rangefinder_points=tuple(
            replace(one, time=_shift_timestamp(one.time, delta)) for one in log.rangefinder_points
        ),
        capture_window=_shifted_network_capture_window(log.capture_window, delta),
    )


def _shift_timestamp(time: pd.Timestamp | None, delta: pd.Timedelta) -> pd.Timestamp | None:
    return None if time is None else time + delta


def _shift_header_times(
    header: LogHeaderTotals | None, delta: pd.Timedelta
) -> LogHeaderTotals | None:
    return None if header is None else replace(header, start=_shift_timestamp(header.start, delta))


def _shifted_network_capture_window(
    window: NetworkCaptureWindow | None, delta: pd.Timedelta
) -> NetworkCaptureWindow | None:
    if window is None:
        return None
    return replace(
        window,
        start=_shift_timestamp(window.start, delta),
        end=_shift_timestamp(window.end, delta),
        recorded=None
        if window.recorded is None
        else _shift_network_recording_times(window.recorded, delta),
        by_interface={
            name: _shift_network_recording_times(times, delta)
            for name, times in window.by_interface.items()
        },
        by_device={
            name: _shift_network_recording_times(times, delta)
            for name, times in window.by_device.items()
        },
    )


def _shift_network_recording_times(
    recorded: NetworkRecordingTimes, delta: pd.Timedelta
) -> NetworkRecordingTimes:
    return replace(
        recorded,
        intervals=tuple(
            NetworkRecordingInterval(each.start + delta, each.end + delta, each.read_count,
                             each.unread_count)
            for each in recorded.intervals
        ),
    )  # fmt: skip
