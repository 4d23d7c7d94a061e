"""The instant of every record: ticks made continuous, and tied to UTC by the GPS.

Ticks are a counter of 32 bits that runs from power-up: at 600 Hz (Phantom 3,
Inspire 1), 85 MHz (Matrice 100) or 4.5 MHz (all others), so that it starts
again every 954 s.  A new segment begins at a header, at a new file of a
container, and where the counter jumps back, or forward by more than a hole in
the log explains.

A receiver gives its solution on whole seconds, so the first GPS record of a
new second is that second.  These edges are fitted against the ticks: a median
for the offset, and (over a minute or more) a median of slopes for the drift of
the aircraft's clock.  A segment without a GPS date has no UTC, and no times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Clock
from .._event_rows import NAT
from ._find_record_frames import Ints
from ._recognise_dat_file import DatHeader

Floats = npt.NDArray[np.float64]

#: Aircraft (first byte of the header) -> ticks a second; and of all others.
_RATES_BY_AIRCRAFT_HZ = {5: 85_000_000.0, 6: 600.0}
RATE_HZ = 4_500_000.0
_KNOWN_RATES_HZ = (600.0, RATE_HZ, 85_000_000.0)
#: Records lie this close even where they are out of order; a hole is no longer than this.
_OUT_OF_ORDER_S, _LONGEST_HOLE_S = 5.0, 120.0
#: Stray records that may stand together; and breaks beyond which ticks are no clock.
_MOST_STRAYS, _MOST_SEGMENTS = 8, 10_000
#: 2012 to 2100: no such aircraft is older, and later is damage.
_EARLIEST_S, _LATEST_S = 1_325_376_000, 4_102_444_800
#: Edges needed to measure the drift, and how much of it a clock may have.
_DRIFT_EDGES, _DRIFT_SPAN_S, _MOST_DRIFT = 10, 60.0, 1e-3


@dataclass(frozen=True, slots=True)
class SegmentClockToUtc:
    """How UTC follows from the seconds of a segment: ``base_s + shift_s + (1 + drift) * s``."""

    base_s: int
    shift_s: float
    drift: float
    residual_s: float
    date_count: int


@dataclass(frozen=True, slots=True)
class RecordsOfOnePowerOn:
    """Records of one run of the aircraft: ``first`` to ``end``, the last excluded."""

    first: int
    end: int
    rate_hz: float
    seconds: float
    fit: SegmentClockToUtc | None


@dataclass(frozen=True, slots=True)
class TimesOfRecords:
    """The instant of every record, the segments, and how times are known."""

    #: Nanoseconds since 1970, UTC; ``NAT`` where there is no time.
    ns: Ints
    segments: tuple[RecordsOfOnePowerOn, ...]
    clock: Clock

    def duplicate_segments(self) -> tuple[RecordsOfOnePowerOn, ...]:
        """Return the segments that cover, for most of their length, a time already covered.

        An export may hold a flight twice, and an image the live and the deleted copy of it.
        """
        covered = np.zeros((0, 2), np.int64)
        duplicates = []
        for segment in self.segments:
            if segment.fit is None:
                continue
            ns = self.ns[segment.first : segment.end]
            begin, end = int(ns.min()), int(ns.max())
            both = np.minimum(covered[:, 1], end) - np.maximum(covered[:, 0], begin)
            if both.clip(0).sum() > (end - begin) / 2:
                duplicates.append(segment)
            else:
                covered = np.concatenate([covered, [[begin, end]]])
        return tuple(duplicates)


def times_of_records(
    ticks: npt.NDArray[np.uint32],
    breaks: Sequence[int],
    headers: Sequence[tuple[int, DatHeader]],
    gps_rows: Ints,
    gps_utc_s: Ints,
) -> TimesOfRecords:
    """Return the instant of every record.

    Args:
        ticks: Of every record, in the order of the file.
        breaks: Records before which a file or a power-up begins.
        headers: Each header with the number of the first record after it.
        gps_rows: Which records state UTC, in order.
        gps_utc_s: What they state, in seconds since 1970.
    """
    ns = np.full(len(ticks), NAT, np.int64)
    segments = []
    ticks, strays = _replace_and_count_stray_ticks(
        ticks, _header_tick_rate_hz_of_each_record(len(ticks), headers)
    )
    cuts = _power_on_segment_bounds(ticks, breaks, headers)
    if len(cuts) > _MOST_SEGMENTS:
        why = (
            f"ticks break off {len(cuts)} times: they are not usable as a clock, "
            "so no row has a time"
        )
        return TimesOfRecords(
            ns, (RecordsOfOnePowerOn(0, len(ticks), RATE_HZ, 0.0, None),), Clock(notes=(why,))
        )
    for first, end in cuts:
        low, high = np.searchsorted(gps_rows, [first, end])
        since = _unwrap_ticks(ticks[first:end])
        rows, stated = gps_rows[low:high] - first, gps_utc_s[low:high]
        rate = _segment_tick_rate_hz(first, headers, since[rows], stated)
        seconds = since / rate
        fit = _fit_segment_clock_to_utc(seconds[rows], stated)
        if fit is not None:
            run = seconds * (1 + fit.drift) + fit.shift_s
            ns[first:end] = fit.base_s * 10**9 + np.round(run * 1e9).astype(np.int64)
        length = float(seconds.max() - seconds.min()) if len(seconds) else 0.0
        segments.append(RecordsOfOnePowerOn(first, end, rate, length, fit))
    return TimesOfRecords(ns, tuple(segments), _build_clock(segments, strays))


def parse_utc_seconds(date: npt.NDArray[np.generic], time_of_day: npt.NDArray[np.generic]) -> Ints:
    """Return seconds since 1970 of dates and times in decimal digits; ``NAT`` if invalid."""
    day, clock = np.asarray(date, np.float64), np.asarray(time_of_day, np.float64)
    known = np.isfinite(day) & np.isfinite(clock)
    d, c = np.where(known, day, 0).astype(np.int64), np.where(known, clock, 0).astype(np.int64)
    year, month, of_month = d // 10000, d // 100 % 100, d % 100
    hour, minute, second = c // 10000, c // 100 % 100, c % 100
    good = known & (year >= 2012) & (year < 2100) & (month >= 1) & (month <= 12)
    good &= (of_month >= 1) & (of_month <= 31) & (hour < 24) & (minute < 60) & (second < 61)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + of_month - 1
    total = days * 86400 + hour * 3600 + minute * 60 + second
    good &= (total >= _EARLIEST_S) & (total < _LATEST_S)
    return np.where(good, total, NAT)


def _power_on_segment_bounds(
    ticks: npt.NDArray[np.uint32], breaks: Sequence[int], headers: Sequence[tuple[int, DatHeader]]
) -> list[tuple[int, int]]:
    """Return first and end of each segment."""
    if not len(ticks):
        return []
    rate, steps = (
        _header_tick_rate_hz_of_each_record(len(ticks), headers)[1:],
        _steps_between_ticks(ticks),
    )
    far = abs(steps) > _OUT_OF_ORDER_S * rate
    forward = (steps > 0) & (steps <= _LONGEST_HOLE_S * rate) & (ticks[1:] > ticks[:-1])
    starts = {row for row in breaks if 0 < row < len(ticks)}
    ordered = sorted({0, *starts, *(np.flatnonzero(far & ~forward) + 1).tolist()})
    return list(zip(ordered, [*ordered[1:], len(ticks)], strict=True))


def _header_tick_rate_hz_of_each_record(
    count: int, headers: Sequence[tuple[int, DatHeader]]
) -> Floats:
    """Return the ticks a second at each record, as the header before it says."""
    rate = np.full(count, RATE_HZ)
    for row, header in headers:
        rate[row:] = _RATES_BY_AIRCRAFT_HZ.get(header.aircraft, RATE_HZ)
    return rate


def _replace_and_count_stray_ticks(
    ticks: npt.NDArray[np.uint32], rate: Floats
) -> tuple[npt.NDArray[np.uint32], int]:
    """Return ticks with the stray ones replaced by the one before them, and how many there were.

    A few records are stray if their ticks are far from those on both sides, which agree.
    """
    far = np.flatnonzero(abs(_steps_between_ticks(ticks)) > _OUT_OF_ORDER_S * rate[1:]).tolist()
    out, strays = ticks, 0
    for before, last in pairwise(far):
        if last - before > _MOST_STRAYS or last + 1 >= len(ticks):
            continue
        apart = abs(int(_steps_between_ticks(ticks[[before, last + 1]])[0]))
        if apart <= _OUT_OF_ORDER_S * rate[before]:
            out = ticks.copy() if out is ticks else out
            out[before + 1 : last + 1] = out[before]
            strays += last - before
    return out, strays


def _steps_between_ticks(ticks: npt.NDArray[np.uint32]) -> Ints:
    """Return the ticks from each record to the next, by the short way round the counter."""
    return (ticks[1:] - ticks[:-1]).view(np.int32).astype(np.int64)


def _unwrap_ticks(ticks: npt.NDArray[np.uint32]) -> Ints:
    """Return ticks since power-up with the turns of the counter undone."""
    if not len(ticks):
        return np.zeros(0, np.int64)
    return np.concatenate([[int(ticks[0])], int(ticks[0]) + np.cumsum(_steps_between_ticks(ticks))])


def _segment_tick_rate_hz(
    first: int, headers: Sequence[tuple[int, DatHeader]], ticks: Ints, utc_s: Ints
) -> float:
    """Return the ticks a second: as the header says; without one, as the GPS shows."""
    before = [header for row, header in headers if row <= first]
    if before:
        return _RATES_BY_AIRCRAFT_HZ.get(before[-1].aircraft, RATE_HZ)
    if len(ticks) < 2 or utc_s[-1] - utc_s[0] < 2:
        return RATE_HZ
    measured = float(ticks[-1] - ticks[0]) / float(utc_s[-1] - utc_s[0])
    return min(_KNOWN_RATES_HZ, key=lambda rate: abs(np.log(max(measured, 1.0) / rate)))


def _fit_segment_clock_to_utc(seconds: Floats, utc_s: Ints) -> SegmentClockToUtc | None:
    """Return how UTC follows from a segment's seconds; ``None`` without a fix."""
    if not len(seconds):
        return None
    base = int(np.median(utc_s - seconds.astype(np.int64)))
    apart = (utc_s - base) - seconds
    gaps = np.diff(seconds)
    edges = np.flatnonzero((np.diff(utc_s) == 1) & (gaps > 0) & (gaps < 1.5)) + 1
    if not len(edges):
        centre = float(np.median(apart))
        near = apart[abs(apart - centre) < 2]
        shift = float(near.max()) if len(near) else centre
        return SegmentClockToUtc(base, shift, 0.0, 1.0, len(seconds))
    at, off = seconds[edges], apart[edges]
    drift = _clock_drift(at, off)
    shift = float(np.median(off - drift * at))
    left = abs(off - drift * at - shift)
    residual = max(float(np.percentile(left, 95)), float(np.median(gaps[edges - 1])))
    return SegmentClockToUtc(base, shift, drift, residual, len(seconds))


def _clock_drift(at: Floats, off: Floats) -> float:
    """Return the drift of the aircraft's clock: the median slope of pairs half the run apart."""
    half = len(at) // 2
    if len(at) < _DRIFT_EDGES or at[-1] - at[0] < _DRIFT_SPAN_S:
        return 0.0
    run, rise = at[half:] - at[: len(at) - half], off[half:] - off[: len(off) - half]
    slopes = rise[run > 0] / run[run > 0]
    drift = float(np.median(slopes)) if len(slopes) else 0.0
    return drift if abs(drift) < _MOST_DRIFT else 0.0


def _build_clock(segments: Sequence[RecordsOfOnePowerOn], strays: int) -> Clock:
    timed = [segment for segment in segments if segment.fit is not None]
    notes = tuple(
        _clock_segment_note(number, segment) for number, segment in enumerate(segments[:20], 1)
    )
    if strays:
        notes += (f"{strays} records with a stray tick: given the time of the record before",)
    fits = [segment.fit for segment in timed if segment.fit is not None]
    if not fits:
        return Clock(None, None, None, notes)
    return Clock(
        "GPS date and time, fitted to the aircraft's ticks",
        round(max(fit.residual_s for fit in fits), 3),
        round(fits[0].base_s + fits[0].shift_s, 3),
        notes,
        _power_on_time_utc(fits),
        from_gnss=True,
    )


def _power_on_time_utc(fits: Sequence[SegmentClockToUtc]) -> pd.Timestamp | None:
    """Return when the ticks began, if they began once."""
    if len(fits) != 1:
        return None
    return pd.Timestamp(round((fits[0].base_s + fits[0].shift_s) * 1000), unit="ms", tz="UTC")


def _clock_segment_note(number: int, segment: RecordsOfOnePowerOn) -> str:
    run = f"run {number}: {segment.end - segment.first} records over {segment.seconds:.1f} s"
    if segment.fit is None:
        return f"{run}; no GPS date in it, so its times are relative only and are left out"
    fit = segment.fit
    return (
        f"{run}; {fit.date_count} GPS dates, drift {fit.drift * 1e6:+.1f} ppm, "
        f"residual {fit.residual_s:.3f} s"
    )
