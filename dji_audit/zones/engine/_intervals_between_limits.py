"""The intervals in which a track is between the limits of a zone; datums are never mixed."""

from dataclasses import dataclass

import numpy as np

from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    FloatArray,
    Intervals,
    interval_complement,
    interval_intersection,
    interval_union,
    join_touching_intervals,
    one_time_interval,
)
from dji_audit.zones._model import Limit, VerticalDatum, Zone
from dji_audit.zones.engine._zone_track import HEIGHT_COLUMNS, ZoneTrack

#: No aircraft with a flight log flies at this height, whatever the datum.
MAX_FLIGHT_HEIGHT_M = 30_000.0
#: Up to this many intervals are examined one by one; of more, the whole span.
_MAX_SPANS = 64
_HEIGHT_NAMES = {
    VerticalDatum.AMSL: "altitude above mean sea level",
    VerticalDatum.AGL: "height above ground",
    VerticalDatum.HOME: "height above home",
    VerticalDatum.FLIGHT_LEVEL: "pressure altitude",
    VerticalDatum.ELLIPSOID: "height above the ellipsoid",
}


@dataclass(frozen=True, slots=True, eq=False)
class HeightsAgainstLimit:
    """One limit, with the heights of the track in its datum."""

    heights_m: FloatArray
    limit_m: float
    lower: bool

    def signed_margins_inside_limits_m(self, track: ZoneTrack, times_s: FloatArray) -> FloatArray:
        """Return the distance on the zone's side of the limit, metres; NaN where unknown."""
        heights = np.interp(times_s, track.times_s, self.heights_m)
        return heights - self.limit_m if self.lower else self.limit_m - heights


@dataclass(frozen=True, slots=True, eq=False)
class IntervalsBetweenLimits:
    """When a track is between two limits, and when this cannot be determined."""

    within: Intervals
    undetermined: Intervals
    #: Why it cannot be determined; empty where it always can.
    reason: str
    #: The known limits that an aircraft can pass.
    limits: tuple[HeightsAgainstLimit, ...]

    def signed_margins_inside_limits_m(self, track: ZoneTrack, times_s: FloatArray) -> FloatArray:
        """Return the distance from the nearer limit, metres, negative beyond it.

        Infinite where there is no limit to pass.
        """
        margin = np.full(len(times_s), np.inf)
        for side in self.limits:
            margin = np.minimum(margin, side.signed_margins_inside_limits_m(track, times_s))
        return margin


def intervals_between_limits(
    zone: Zone, track: ZoneTrack, during: Intervals
) -> IntervalsBetweenLimits:
    """Return when a track is between the limits of a zone.

    Args:
        zone: The zone.
        track: The track.
        during: Outside these intervals the result is not used and may be wrong.
    """
    if zone.limits_fault:
        # Limits that contradict each other must not read as a zone that nobody can enter.
        return IntervalsBetweenLimits(
            NO_INTERVALS, one_time_interval(0.0, track.end_s), zone.limits_fault, ()
        )
    compared = [
        _compare_track_with_limit(limit, track, during, lower=lower)
        for limit, lower in ((zone.lower, True), (zone.upper, False))
    ]
    within = interval_intersection(compared[0].within, compared[1].within)
    # Where the track is known to be beyond one limit, the other does not matter.
    known = (
        interval_union(limit_intervals.within, limit_intervals.undetermined)
        for limit_intervals in compared
    )
    passed = interval_union(
        *(interval_complement(limit_intervals, 0.0, track.end_s) for limit_intervals in known)
    )
    unknown = interval_complement(interval_union(within, passed), 0.0, track.end_s)
    reasons = dict.fromkeys(
        limit_intervals.reason for limit_intervals in compared if limit_intervals.reason
    )
    sides = tuple(
        limit_intervals.heights
        for limit_intervals in compared
        if limit_intervals.heights is not None
    )
    return IntervalsBetweenLimits(within, unknown, "; ".join(reasons), sides)


@dataclass(frozen=True, slots=True, eq=False)
class _IntervalsOnSideOfLimit:
    """When a track is on the zone's side of one limit; fields as in ``IntervalsBetweenLimits``."""

    within: Intervals
    undetermined: Intervals
    reason: str = ""
    heights: HeightsAgainstLimit | None = None


def _compare_track_with_limit(
    limit: Limit, track: ZoneTrack, during: Intervals, *, lower: bool
) -> _IntervalsOnSideOfLimit:
    always = one_time_interval(0.0, track.end_s)
    metres = limit.metres
    what = "lower" if lower else "upper"
    if is_limit_beyond_any_aircraft(limit, lower=lower):
        return _IntervalsOnSideOfLimit(always, NO_INTERVALS)
    heights = track.heights_m.get(limit.datum)
    if heights is None or metres is None or not np.isfinite(heights).any():
        return _IntervalsOnSideOfLimit(
            NO_INTERVALS, always, f"{what} limit {_why_limit_is_undetermined_text(limit)}"
        )
    side = HeightsAgainstLimit(heights, metres, lower)
    within, unknown = _within_and_unknown_intervals_at_limit(side, track, during)
    reason = (
        f"{what} limit {_why_limit_is_undetermined_text(limit)} at some fixes"
        if len(unknown)
        else ""
    )
    return _IntervalsOnSideOfLimit(within, unknown, reason, side)


def is_limit_beyond_any_aircraft(limit: Limit, *, lower: bool) -> bool:
    """Return whether no aircraft can pass a limit, whatever height a log records."""
    if limit.datum is (VerticalDatum.SURFACE if lower else VerticalDatum.UNLIMITED):
        return True
    metres = limit.metres
    if metres is None or limit.datum is VerticalDatum.NOT_STATED:
        return False
    # Nothing flies below the ground.
    return (
        (limit.datum is VerticalDatum.AGL and metres <= 0)
        if lower
        else metres >= MAX_FLIGHT_HEIGHT_M
    )


def _within_and_unknown_intervals_at_limit(
    side: HeightsAgainstLimit, track: ZoneTrack, during: Intervals
) -> tuple[Intervals, Intervals]:
    """Return when a track is on the zone's side of a limit, and when this is unknown."""
    spans = during if len(during) <= _MAX_SPANS else np.array([[during[0, 0], during[-1, 1]]])
    within, unknown = [NO_INTERVALS], [NO_INTERVALS]
    for begin, end in spans:
        first = max(0, int(np.searchsorted(track.times_s, begin, "right")) - 1)
        last = int(np.searchsorted(track.times_s, end, "left")) + 1
        rows = slice(first, last)
        heights = side.heights_m[rows]
        margin = heights - side.limit_m if side.lower else side.limit_m - heights
        inside, maybe = non_negative_and_unknown_intervals(track.times_s[rows], margin)
        within.append(inside)
        unknown.append(maybe)
    return interval_union(*within), interval_union(*unknown)


def _why_limit_is_undetermined_text(limit: Limit) -> str:
    if limit.datum is VerticalDatum.NOT_STATED:
        return "is not stated" if limit.value is None else f"{limit}"
    if limit.datum in HEIGHT_COLUMNS or limit.datum in _HEIGHT_NAMES:
        return f"is {limit} and the log has no {_HEIGHT_NAMES[limit.datum]}"
    return f"is {limit}, which cannot be compared with any height"


def non_negative_and_unknown_intervals(
    times_s: FloatArray, values: FloatArray
) -> tuple[Intervals, Intervals]:
    """Return when a quantity that changes linearly between fixes is 0 or more, and when unknown.

    Args:
        times_s: Times of the fixes, rising, shape ``(n,)``.
        values: Values at the fixes; around a missing value the quantity is unknown.
    """
    if len(times_s) < 2:
        single = (
            one_time_interval(float(times_s[0]), float(times_s[0]))
            if len(times_s)
            else NO_INTERVALS
        )
        if not len(times_s) or np.isnan(values[0]):
            return NO_INTERVALS, single
        return (single, NO_INTERVALS) if values[0] >= 0 else (NO_INTERVALS, NO_INTERVALS)
    first, second = values[:-1], values[1:]
    begins, ends = times_s[:-1], times_s[1:]
    unknown = join_touching_intervals(begins, ends, np.isnan(first) | np.isnan(second))
    turns = (first >= 0) != (second >= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(turns, first / (first - second), 0.0)
    roots = begins + np.nan_to_num(share) * (ends - begins)
    # Before its root a piece has the sign of its first fix, after it that of its second.
    starts = np.column_stack([begins, roots]).ravel()
    stops = np.column_stack([roots, ends]).ravel()
    known = ~(np.isnan(first) | np.isnan(second))
    flags = np.column_stack([(first >= 0) & turns & known, (second >= 0) & known]).ravel()
    return join_touching_intervals(starts, stops, flags), unknown
