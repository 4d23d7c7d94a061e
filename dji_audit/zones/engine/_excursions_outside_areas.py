"""When a flight was outside of several areas together, as an operation in parts declares them.

Areas with the same limits and times are one area of several parts.  Where these differ, the
aircraft is outside only while it is outside of each of them: the times outside are intersected,
and the track in what is left is compared once more, so that a crossing counts as certain only
where the aircraft was further out than the error of its fixes there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby

import numpy as np
import pandas as pd

from dji_audit.common.time_intervals import (
    FloatArray,
    Intervals,
    interval_complement,
    interval_intersection,
    interval_union,
    one_time_interval,
)
from dji_audit.zones._model import Zone, ZoneEffect
from dji_audit.zones.engine._active_intervals import active_intervals
from dji_audit.zones.engine._comparison_result import (
    UndeterminedPeriod,
    ZoneComparisonResult,
    ZoneCrossing,
    ZoneTolerance,
)
from dji_audit.zones.engine._zone_crossings import find_zone_crossings
from dji_audit.zones.engine._zone_index import ZoneIndex
from dji_audit.zones.engine._zone_track import ZoneTrack

#: Where parts touch, rounding leaves slits of less than this, metres.
_SLIT_M = 0.05
_INACTIVE = "the times stated for it do not cover this part of the flight"


def find_excursions_outside_all_areas(
    track: ZoneTrack,
    areas: Sequence[Zone],
    tolerance: ZoneTolerance | None = None,
    on_ground: tuple[pd.Timestamp, ...] = (),
) -> ZoneComparisonResult:
    """Return each stay of a track outside of several areas together.

    Args:
        track: The track of the aircraft.
        areas: The areas, at least one; each is taken as one that must not be left, whatever its
            file calls it.
        tolerance: Assumed errors of fixes and the hysteresis of boundaries.
        on_ground: Times at which the aircraft stood on the ground.

    Returns:
        The stays outside, and the periods for which neither being outside nor being inside is
        known.  The time in which an area is not active, by its own statement, is one of these.
    """
    tolerance = tolerance or ZoneTolerance()
    merged = _merge_areas_of_equal_limits_and_times(areas)
    results = [_excursions_outside_one_area(area, track, tolerance, on_ground) for area in merged]
    if len(results) == 1:
        return results[0]
    outside = [_intervals_inside_zone_of_crossings(result.crossings, track) for result in results]
    unknown = [_undetermined_intervals(result.undetermined, track) for result in results]
    not_inside = reduce(interval_intersection, map(interval_union, outside, unknown))
    outside_all = reduce(interval_intersection, outside)
    crossings = [
        crossing
        for begin, end in outside_all.tolist()
        if (end - begin) * tolerance.max_speed_mps > _SLIT_M or len(track) == 1
        for crossing in _excursions_outside_all_areas_in_interval(
            merged, track, begin, end, tolerance
        )
    ]
    undetermined = [
        part
        for result in results
        for period in result.undetermined
        for part in _parts_of_period_within_intervals(period, not_inside, track)
    ]
    entered = {zone.id: zone for result in results for zone in result.entered_horizontally}
    return ZoneComparisonResult(tuple(crossings), tuple(undetermined), tuple(entered.values()))


def _merge_areas_of_equal_limits_and_times(areas: Iterable[Zone]) -> list[Zone]:
    """Return the areas as fences to be kept; those of equal limits and times as one."""

    def limits_and_times(zone: Zone) -> tuple[str, str]:
        return zone.limits_text, repr((zone.schedule, zone.other_schedules))

    groups = groupby(sorted(areas, key=limits_and_times), key=limits_and_times)
    return [_merge_areas_into_one_zone(list(group)) for _, group in groups]


def _merge_areas_into_one_zone(areas: Sequence[Zone]) -> Zone:
    first = areas[0]
    is_everywhere = any(not area.shape for area in areas)
    return replace(
        first,
        id=" and ".join(dict.fromkeys(area.id for area in areas)),
        name=" and ".join(dict.fromkeys(area.name for area in areas)),
        shape=() if is_everywhere else tuple(part for area in areas for part in area.shape),
        inclusion=True,
        effect=ZoneEffect.FENCE,
    )


def _excursions_outside_one_area(
    area: Zone, track: ZoneTrack, tolerance: ZoneTolerance, on_ground: tuple[pd.Timestamp, ...]
) -> ZoneComparisonResult:
    """Return the stays outside of one area, without slits between its parts."""
    index = ZoneIndex([area])
    result = find_zone_crossings(track, index, tolerance, on_ground)
    crossings = tuple(
        crossing
        for crossing in result.crossings
        if len(area.shape) == 1 or not _is_crossing_of_slit_between_parts(crossing)
    )
    if not area.schedule or not len(track):
        return replace(result, crossings=crossings)
    reference_point = index.projected_zone(0).sunrise_reference_point
    times = active_intervals(area, reference_point, track.start, track.end_s)
    inactive = interval_complement(times.possible, 0.0, track.end_s)
    # An area that may not be active is in doubt inside of it too, so all of that time is.
    undetermined = [each for each in result.undetermined if each.reason != times.reason]
    for intervals, reason in ((inactive, _INACTIVE), (times.doubtful, times.reason)):
        undetermined += [
            _undetermined_period(area, track, begin, end, reason)
            for begin, end in intervals.tolist()
        ]
    return ZoneComparisonResult(crossings, tuple(undetermined), result.entered_horizontally)


def _is_crossing_of_slit_between_parts(crossing: ZoneCrossing) -> bool:
    is_shallow = crossing.depth_m is not None and crossing.depth_m <= _SLIT_M
    return is_shallow and crossing.vertical_depth_m is None and not crossing.certain


def _undetermined_period(
    area: Zone, track: ZoneTrack, begin: float, end: float, reason: str
) -> UndeterminedPeriod:
    return UndeterminedPeriod(
        area,
        track.to_timestamp(begin),
        track.to_timestamp(end),
        reason,
        track.position_at(begin),
        track.track_row_at(begin),
    )


def _intervals_inside_zone_of_crossings(
    crossings: Iterable[ZoneCrossing], track: ZoneTrack
) -> Intervals:
    return _intervals_from_start_and_end_times(
        ((each.time_in, each.time_out) for each in crossings), track
    )


def _undetermined_intervals(periods: Iterable[UndeterminedPeriod], track: ZoneTrack) -> Intervals:
    return _intervals_from_start_and_end_times(((each.start, each.end) for each in periods), track)


def _intervals_from_start_and_end_times(
    times: Iterable[tuple[pd.Timestamp, pd.Timestamp]], track: ZoneTrack
) -> Intervals:
    """Return pairs of times as a set of times, seconds from the first fix."""
    seconds = track.seconds_since_first_fix
    return interval_union(
        *(one_time_interval(seconds(begin), seconds(end)) for begin, end in times)
    )


def _excursions_outside_all_areas_in_interval(
    areas: Sequence[Zone], track: ZoneTrack, begin: float, end: float, tolerance: ZoneTolerance
) -> Iterator[ZoneCrossing]:
    """Yield the stay outside of all areas in an interval, as deep as it is out of the nearest."""
    part = _track_between(track, begin, end)
    stays = [find_zone_crossings(part, ZoneIndex([area]), tolerance).crossings for area in areas]
    if not all(stays):
        return
    # Several stays outside of one area within the interval are one: the aircraft was outside of
    # another area in between.
    deepest = [max(each, key=_sort_key_by_certainty_and_depth) for each in stays]
    nearest = min(deepest, key=_sort_key_by_certainty_and_depth)
    yield replace(
        nearest,
        zone=replace(
            nearest.zone,
            id=" and ".join(area.id for area in areas),
            name=" and ".join(area.name for area in areas),
        ),
        time_in=track.to_timestamp(begin),
        time_out=track.to_timestamp(end),
        entry_observed=not track.is_start_of_observed_interval(begin),
        exit_observed=not track.is_end_of_observed_interval(end),
        position_in=track.position_at(begin),
        position_out=track.position_at(end),
        time_inside_s=end - begin,
        certain=all(each.certain for each in deepest),
        track_row=track.track_row_at(begin),
    )


def _sort_key_by_certainty_and_depth(crossing: ZoneCrossing) -> tuple[bool, float]:
    depths = [each for each in (crossing.depth_m, crossing.vertical_depth_m) if each is not None]
    return crossing.certain, max(depths, default=0.0)


def _parts_of_period_within_intervals(
    period: UndeterminedPeriod, times: Intervals, track: ZoneTrack
) -> Iterator[UndeterminedPeriod]:
    """Yield the parts of a period that lie in a set of times."""
    seconds = track.seconds_since_first_fix
    whole = one_time_interval(seconds(period.start), seconds(period.end))
    for begin, end in interval_intersection(whole, times).tolist():
        if end > begin or len(track) == 1:
            yield _undetermined_period(period.zone, track, begin, end, period.reason)


def _track_between(track: ZoneTrack, begin: float, end: float) -> ZoneTrack:
    """Return a track between two times, with a fix made up at each of them."""
    first, last = np.searchsorted(track.times_s, [begin, end])
    inner = slice(int(first), int(last))
    times = np.unique(np.concatenate([[begin], track.times_s[inner], [end]]))
    latitude, longitude = track.positions_at(times)
    before = np.array([track.fix_index_at(each) for each in times.tolist()])

    def heights_between(heights: FloatArray) -> FloatArray:
        between: FloatArray = np.interp(times, track.times_s, heights)
        return between

    return replace(
        track,
        start=track.start + np.timedelta64(round(begin * 1e9), "ns"),
        times_s=times - begin,
        latitude_deg=latitude,
        longitude_deg=longitude,
        heights_m={datum: heights_between(each) for datum, each in track.heights_m.items()},
        horizontal_error_m=track.horizontal_error_m[before],
        vertical_error_m=track.vertical_error_m[before],
        track_rows=track.track_rows[before],
    )
