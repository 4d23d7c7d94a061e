"""Zone crossings: when and how deep a flight was in a zone.

A crossing begins and ends where the track passes the boundary, also between fixes, or when
the zone becomes active or inactive.  Excursions of less than ``hysteresis_m`` out of the zone
do not end a crossing, so that jitter on the boundary is one crossing.  For an inclusion zone,
a crossing is the time spent outside.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dji_audit.common.time_intervals import (
    Intervals,
    interval_complement,
    interval_intersection,
    interval_union,
    one_time_interval,
    total_duration_s,
)
from dji_audit.zones._model import VerticalDatum, Zone
from dji_audit.zones.engine._active_intervals import active_intervals
from dji_audit.zones.engine._comparison_result import (
    UndeterminedPeriod,
    ZoneComparisonResult,
    ZoneCrossing,
    ZoneTolerance,
)
from dji_audit.zones.engine._intervals_between_limits import (
    IntervalsBetweenLimits,
    intervals_between_limits,
)
from dji_audit.zones.engine._intervals_inside_shape import intervals_inside_shape
from dji_audit.zones.engine._penetration_depth import (
    deepest_point_horizontally,
    deepest_point_vertically,
    penetration_at_times_m,
)
from dji_audit.zones.engine._projected_shapes import IntArray
from dji_audit.zones.engine._zone_index import MAX_REACH_M, ProjectedZone, ZoneIndex
from dji_audit.zones.engine._zone_track import ZoneTrack


def find_zone_crossings(
    track: ZoneTrack,
    zones: ZoneIndex,
    tolerance: ZoneTolerance | None = None,
    on_ground: tuple[pd.Timestamp, ...] = (),
) -> ZoneComparisonResult:
    """Return every crossing of every zone, and the periods that cannot be determined.

    Args:
        track: The track of the aircraft.
        zones: The zones.
        tolerance: Assumed errors of fixes and the hysteresis of boundaries.
        on_ground: Times at which the aircraft stood on the ground: its height above ground
            is then 0, whatever the log records.
    """
    tolerance = tolerance or ZoneTolerance()
    crossings: list[ZoneCrossing] = []
    undetermined: list[UndeterminedPeriod] = []
    entered: list[Zone] = []
    if not len(track):
        return ZoneComparisonResult((), (), ())
    for number, blocks in zones.candidate_zones_and_blocks(track):
        projected_zone = zones.projected_zone(number)
        if not projected_zone.reach_m < MAX_REACH_M and projected_zone.zone.shape:
            undetermined.append(_undetermined_period_for_oversized_zone(projected_zone.zone, track))
            continue
        stay = _find_stay_intervals_in_zone(projected_zone, track, blocks)
        if stay is None:
            continue
        entered.append(projected_zone.zone)
        crossings += _build_crossings_of_zone_stay(stay, track, tolerance)
        crossings += _crossings_at_takeoff_or_landing(stay, track, tolerance, on_ground)
        undetermined += _periods_of_unknown_height_or_activity(stay, track)
    undetermined += _undetermined_periods_in_track_gaps(track, zones, tolerance)
    return ZoneComparisonResult(tuple(crossings), tuple(undetermined), tuple(entered))


@dataclass(frozen=True, slots=True, eq=False)
class _ZoneWithStayIntervals:
    """A zone and the intervals in which the track was in it."""

    projected: ProjectedZone
    vertical: IntervalsBetweenLimits
    #: In the zone horizontally, vertically and in time.
    within: Intervals
    #: In the zone horizontally and in time, height not known.
    undetermined: Intervals
    #: Perhaps in the zone while it may have been active, and why that is not known.
    activity_doubtful: Intervals
    activity_doubt: str
    #: While the zone was active and the track observed.
    active: Intervals


def _find_stay_intervals_in_zone(
    projected_zone: ProjectedZone, track: ZoneTrack, blocks: IntArray
) -> _ZoneWithStayIntervals | None:
    """Return when a track was in a zone; ``None`` if it never was, at any height."""
    zone = projected_zone.zone
    if zone.shape:
        horizontal = interval_union(
            *(
                intervals_inside_shape(area, track, blocks, projected_zone.max_scale)
                for area in projected_zone.projected_parts
            )
        )
    else:
        horizontal = one_time_interval(0.0, track.end_s)
    if not zone.inclusion and not len(horizontal):
        return None
    times = active_intervals(zone, projected_zone.sunrise_reference_point, track.start, track.end_s)
    observed = interval_intersection(times.possible, track.observed_intervals)
    if not len(observed):
        return None
    horizontally_inside = interval_intersection(observed, horizontal)
    vertical = intervals_between_limits(zone, track, horizontally_inside)
    if zone.inclusion:
        horizontally_outside = interval_complement(horizontal, 0.0, track.end_s)
        vertically_outside = interval_complement(
            interval_union(vertical.within, vertical.undetermined), 0.0, track.end_s
        )
        vertically_outside = interval_intersection(vertically_outside, horizontally_inside)
        within = interval_intersection(
            observed, interval_union(horizontally_outside, vertically_outside)
        )
    else:
        within = interval_intersection(horizontally_inside, vertical.within)
    undetermined = interval_intersection(horizontally_inside, vertical.undetermined)
    if not len(horizontally_inside) and not len(within):
        return None
    doubtful = interval_intersection(interval_union(within, undetermined), times.doubtful)
    if len(times.doubtful):
        within, undetermined, observed = (
            interval_intersection(intervals, times.certain)
            for intervals in (within, undetermined, observed)
        )
    if len(track) > 1:
        within, undetermined, doubtful = (
            intervals[intervals[:, 1] > intervals[:, 0]]
            for intervals in (within, undetermined, doubtful)
        )
    return _ZoneWithStayIntervals(
        projected_zone, vertical, within, undetermined, doubtful, times.reason, observed
    )


def _build_crossings_of_zone_stay(
    stay: _ZoneWithStayIntervals, track: ZoneTrack, tolerance: ZoneTolerance
) -> Iterator[ZoneCrossing]:
    """Yield the crossings of one stay; short exits end none."""
    for intervals in _join_stays_within_hysteresis(stay, track, tolerance):
        yield _build_zone_crossing(stay, track, intervals, tolerance)


def _join_stays_within_hysteresis(
    stay: _ZoneWithStayIntervals, track: ZoneTrack, tolerance: ZoneTolerance
) -> list[Intervals]:
    """Return the stays, joined where the track left the zone by less than the hysteresis."""
    groups: list[list[np.ndarray]] = []
    for interval in stay.within:
        if groups and _has_remained_within_hysteresis(
            stay, track, float(groups[-1][-1][1]), float(interval[0]), tolerance
        ):
            groups[-1].append(interval)
        else:
            groups.append([interval])
    return [np.array(group) for group in groups]


def _has_remained_within_hysteresis(
    stay: _ZoneWithStayIntervals,
    track: ZoneTrack,
    out_s: float,
    in_s: float,
    tolerance: ZoneTolerance,
) -> bool:
    """Return whether a track stayed within ``hysteresis_m`` of a zone that it had left."""
    if len(interval_intersection(stay.active, one_time_interval(out_s, in_s))) != 1:
        return False
    first, last = np.searchsorted(track.times_s, [out_s, in_s])
    times = np.concatenate([[(out_s + in_s) / 2], track.times_s[first:last]])
    # A few samples show most tracks that went further out, at little cost.
    for sample in (times[:: max(1, len(times) // 16)], times):
        depth = penetration_at_times_m(stay.projected, stay.vertical, track, sample)
        if not (depth >= -tolerance.hysteresis_m).all():
            return False
    return True


def _build_zone_crossing(
    stay: _ZoneWithStayIntervals, track: ZoneTrack, intervals: Intervals, tolerance: ZoneTolerance
) -> ZoneCrossing:
    begin, end = float(intervals[0, 0]), float(intervals[-1, 1])
    horizontal = deepest_point_horizontally(stay.projected, track, intervals)
    vertical = deepest_point_vertically(stay.projected.zone, stay.vertical, track, intervals)
    times = [horizontal.time_s] if vertical is None else [horizontal.time_s, vertical.time_s]
    error, stated = _horizontal_error_m_and_is_stated(track, horizontal.time_s, tolerance)
    return ZoneCrossing(
        zone=stay.projected.zone,
        time_in=track.to_timestamp(begin),
        time_out=track.to_timestamp(end),
        entry_observed=not track.is_start_of_observed_interval(begin),
        exit_observed=not track.is_end_of_observed_interval(end),
        position_in=track.position_at(begin),
        position_out=track.position_at(end),
        deepest_position=track.position_at(horizontal.time_s),
        depth_m=horizontal.depth_m,
        vertical_depth_m=None if vertical is None else vertical.depth_m,
        time_inside_s=total_duration_s(intervals),
        certain=any(
            _is_position_certainly_in_zone_at_time(stay, track, time, tolerance) for time in times
        ),
        horizontal_error_m=error,
        horizontal_error_stated=stated,
        track_row=track.track_row_at(begin),
    )


def _horizontal_error_m_and_is_stated(
    track: ZoneTrack, time_s: float, tolerance: ZoneTolerance
) -> tuple[float, bool]:
    """Return the error of a fix, and whether the log states it."""
    stated = float(track.horizontal_error_m[track.fix_index_at(time_s)])
    return (stated, True) if np.isfinite(stated) else (tolerance.horizontal_error_m, False)


def _is_position_certainly_in_zone_at_time(
    stay: _ZoneWithStayIntervals, track: ZoneTrack, time_s: float, tolerance: ZoneTolerance
) -> bool:
    """Return whether a position is in the zone even if the fix is wrong by its error."""
    zone, limits = stay.projected.zone, stay.vertical
    horizontal = (
        tolerance.error_factor * _horizontal_error_m_and_is_stated(track, time_s, tolerance)[0]
    )
    stated = float(track.vertical_error_m[track.fix_index_at(time_s)])
    vertical = tolerance.error_factor * (
        stated if np.isfinite(stated) else tolerance.vertical_error_m
    )
    depths = [
        float(stay.projected.signed_depths_inside_m(*track.positions_at(np.array([time_s])))[0])
        / horizontal
    ]
    if not zone.shape:
        depths = []
    depths.append(
        float(limits.signed_margins_inside_limits_m(track, np.array([time_s]))[0]) / vertical
    )
    # In a zone by every measure; out of an inclusion zone by any measure.
    least = min(depths, default=np.inf)
    return bool(least < -1 if zone.inclusion else least > 1)


def _crossings_at_takeoff_or_landing(
    stay: _ZoneWithStayIntervals,
    track: ZoneTrack,
    tolerance: ZoneTolerance,
    on_ground: tuple[pd.Timestamp, ...],
) -> Iterator[ZoneCrossing]:
    """Yield a crossing for each stay with a take-off or landing in a zone from the ground up.

    Where the upper limit is above ground and the log has no height above ground, the stay is
    undetermined; but it is certain that the aircraft stood in the zone on the ground.  A take-off
    and a landing within one stay are one crossing, of which only these two instants are certain.
    """
    zone = stay.projected.zone
    from_ground = zone.lower.datum is VerticalDatum.SURFACE or (
        zone.lower.datum is VerticalDatum.AGL
        and zone.lower.metres is not None
        and zone.lower.metres <= 0
    )
    upper = zone.upper.metres if zone.upper.datum is VerticalDatum.AGL else None
    if zone.inclusion or not from_ground or upper is None or upper <= 0:
        return
    seconds = [track.seconds_since_first_fix(instant) for instant in on_ground]
    clipped = [(each, min(max(each, 0.0), track.end_s)) for each in seconds]
    standing = [inside for each, inside in clipped if abs(inside - each) <= track.gap_s]
    for begin, end in stay.undetermined:
        instants = [[each, each] for each in standing if begin <= each <= end]
        if instants:
            yield _build_zone_crossing(stay, track, np.array(instants), tolerance)


def _periods_of_unknown_height_or_activity(
    stay: _ZoneWithStayIntervals, track: ZoneTrack
) -> Iterator[UndeterminedPeriod]:
    """Yield the periods in a zone at a height or a time that cannot be compared with it."""
    for intervals, reason in (
        (stay.undetermined, stay.vertical.reason),
        (stay.activity_doubtful, stay.activity_doubt),
    ):
        for begin, end in intervals:
            yield UndeterminedPeriod(
                stay.projected.zone,
                track.to_timestamp(begin),
                track.to_timestamp(end),
                reason,
                track.position_at(begin),
                track.track_row_at(begin),
            )


def _undetermined_periods_in_track_gaps(
    track: ZoneTrack, zones: ZoneIndex, tolerance: ZoneTolerance
) -> Iterator[UndeterminedPeriod]:
    """Yield the zones that the aircraft could have reached while there were no fixes."""
    ends = np.flatnonzero(np.diff(track.times_s) > track.gap_s)
    for fix in ends.tolist():
        begin, end = float(track.times_s[fix]), float(track.times_s[fix + 1])
        reach = tolerance.max_speed_mps * (end - begin)
        near = zones.zones_reachable_between(
            track.unit_vectors[fix], track.unit_vectors[fix + 1], reach
        )
        for number in near.tolist():
            projected_zone = zones.projected_zone(number)
            if not projected_zone.zone.shape or projected_zone.reach_m >= MAX_REACH_M:
                continue
            pair = slice(fix, fix + 2)
            depth = projected_zone.signed_depths_inside_m(
                track.latitude_deg[pair], track.longitude_deg[pair]
            )
            if projected_zone.zone.inclusion:
                # The aircraft could have left only if the boundary is within reach.
                if (depth > 0).all() and depth.sum() > reach:
                    continue
            elif np.maximum(-depth, 0).sum() > reach:
                continue
            times = active_intervals(
                projected_zone.zone,
                projected_zone.sunrise_reference_point,
                track.start,
                track.end_s,
            )
            gap = one_time_interval(begin, end)
            if total_duration_s(interval_intersection(times.possible, gap)) > 0:
                yield UndeterminedPeriod(
                    projected_zone.zone,
                    track.to_timestamp(begin),
                    track.to_timestamp(end),
                    f"no fix for {end - begin:.0f} s, enough time to reach the zone",
                    track.position_at(begin),
                    track.track_row_at(begin),
                )


def _undetermined_period_for_oversized_zone(zone: Zone, track: ZoneTrack) -> UndeterminedPeriod:
    """Return the whole flight as undetermined, because a zone is too large to project."""
    return UndeterminedPeriod(
        zone,
        track.to_timestamp(0.0),
        track.to_timestamp(track.end_s),
        f"reaches further than {MAX_REACH_M / 1000:.0f} km",
        track.position_at(0.0),
        track.track_row_at(0.0),
    )
