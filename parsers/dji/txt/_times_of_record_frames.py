"""The instant of every frame, from the only absolute clock in the file.

The app writes Custom records about ten times a second, each with UTC in
milliseconds by the clock of its own device.  Other records carry no time: each
is interpolated between the Custom records before and after it in the file.  The
aircraft's own flight time, which OSD carries, shows how well that fits.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._model import Clock, Issue
from ..._record_layout import LayoutRecords
from .._event_rows import NAT
from .._records_of_one_type import RecordsOfOneType
from ._walk_record_frames import Ints

_MS = 1_000_000
#: 2010 to 2100: no such record is older, and later is damage.
_EARLIEST_MS, _LATEST_MS = 1_262_304_000_000, 4_102_444_800_000
#: A Custom record this far from both of its neighbours, which agree, is damage.
_OUTLIER_MS = 60_000


@dataclass(frozen=True, slots=True)
class TimesOfRecordFrames:
    """The instant of every frame, how it is known, and what did not fit."""

    #: Nanoseconds since 1970, UTC; ``NAT`` where there is no time.
    ns: npt.NDArray[np.int64]
    clock: Clock
    issues: tuple[Issue, ...] = ()


def times_of_frames(
    custom_rows: Ints,
    custom: LayoutRecords,
    osd: RecordsOfOneType,
    details: LayoutRecords,
    in_flight: npt.NDArray[np.bool_],
) -> TimesOfRecordFrames:
    """Return the instant of every frame of a file.

    Args:
        custom_rows: Which frames are the Custom records.
        custom: The Custom records.
        osd: The OSD records and which frames they are.
        details: Details, one record or none.
        in_flight: For each frame, whether it was written with the flight
            and not appended later.
    """
    has_time = custom.records_holding_field_mask("time_ms")
    rows = custom_rows[has_time]
    stated = np.asarray(custom["time_ms"], np.float64)[has_time]
    used = _plausible_time_mask(stated)
    ns = np.full(len(in_flight), NAT, np.int64)
    if not used.any():
        return _times_from_flight_time(ns, osd, details, in_flight)
    at = np.flatnonzero(in_flight)
    ms = stated[used]
    ns[at] = _interpolate_ns(at, rows[used], ms)
    notes = _time_gap_notes(ms)
    issues = tuple(
        Issue(int(custom.offsets[has_time][bad]), 0, "Custom record with an implausible time")
        for bad in np.flatnonzero(~used)
    )
    clock = Clock("clock of the app's device", _clock_fit_residual_s(ns, osd), None, notes)
    return TimesOfRecordFrames(ns, clock, issues)


def _interpolate_ns(at: Ints, known: Ints, ms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return times between known ones; exact at those, which float64 since 1970 would not be."""
    since = np.interp(at, known, ms - ms[0])
    whole_ms = np.floor(since)
    parts = np.round((since - whole_ms) * _MS).astype(np.int64)
    return np.asarray((int(ms[0]) + whole_ms.astype(np.int64)) * _MS + parts)


def _plausible_time_mask(ms: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return which times are plausible, no outliers, and never run backwards."""
    used = (ms >= _EARLIEST_MS) & (ms <= _LATEST_MS)
    rows = np.flatnonzero(used)
    values = ms[rows]
    if len(values) >= 3:
        before, here, after = values[:-2], values[1:-1], values[2:]
        lone = (abs(here - before) > _OUTLIER_MS) & (abs(here - after) > _OUTLIER_MS)
        lone &= abs(after - before) <= _OUTLIER_MS
        used[rows[1:-1][lone]] = False
        rows = np.flatnonzero(used)
        values = ms[rows]
    if len(values) >= 2 and values[0] > values[1] + _OUTLIER_MS:
        used[rows[0]] = False
        rows, values = rows[1:], values[1:]
    if len(values):
        used[rows[values < np.maximum.accumulate(values)]] = False
    return used


def _time_gap_notes(ms: npt.NDArray[np.float64]) -> tuple[str, ...]:
    steps = np.diff(ms) / 1000
    return tuple(
        f"no time for {steps[i]:.1f} s from {_utc_text(ms[i])}"
        for i in np.flatnonzero(steps > 10)[:20]
    )


def _utc_text(ms: float) -> str:
    return f"{np.datetime64(int(ms), 'ms')}Z"


def _clock_fit_residual_s(ns: npt.NDArray[np.int64], osd: RecordsOfOneType) -> float | None:
    """Return how far 95 % of the OSD records lie from a steady run of flight time."""
    flight_time = np.asarray(osd.records["flight_time_s"], np.float64)
    instants = ns[osd.rows]
    known = (instants != NAT) & np.isfinite(flight_time)
    if known.sum() < 10:
        return None
    difference = (instants[known] - instants[known][0]) / 1e9 - flight_time[known]
    return round(float(np.percentile(abs(difference - np.median(difference)), 95)), 3)


def _times_from_flight_time(
    ns: npt.NDArray[np.int64],
    osd: RecordsOfOneType,
    details: LayoutRecords,
    in_flight: npt.NDArray[np.bool_],
) -> TimesOfRecordFrames:
    """Without Custom records: the start that Details state, plus the aircraft's flight time."""
    start_ms = int(details["start_ms"][0]) if len(details) and details.lengths[0] >= 99 else 0
    flight_time = np.asarray(osd.records["flight_time_s"], np.float64)
    known = np.isfinite(flight_time)
    if not _EARLIEST_MS <= start_ms <= _LATEST_MS:
        return TimesOfRecordFrames(ns, Clock())
    if not known.any():
        note = "only the start has a time: no record that carries a time could be read"
        return TimesOfRecordFrames(ns, Clock("start stated by the app", None, None, (note,)))
    since = np.maximum.accumulate(flight_time[known] - flight_time[known][0])
    at = np.flatnonzero(in_flight)
    ns[at] = _interpolate_ns(at, osd.rows[known], start_ms + since * 1000)
    clock = Clock(
        "start stated by the app, plus the aircraft's flight time",
        1.0,
        None,
        ("the file holds no Custom records, which carry the time",),
    )
    return TimesOfRecordFrames(ns, clock)
