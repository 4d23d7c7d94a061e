"""How deep a track goes into a zone, at its fixes and between them."""

from dataclasses import dataclass

import numpy as np

from dji_audit.common.time_intervals import FloatArray, Intervals
from dji_audit.geo.geodesy import distances_between_point_pairs_m
from dji_audit.geo.local_plane import lat_lon_to_plane, plane_to_lat_lon
from dji_audit.zones._model import Zone
from dji_audit.zones.engine._intervals_between_limits import IntervalsBetweenLimits
from dji_audit.zones.engine._zone_index import ProjectedZone
from dji_audit.zones.engine._zone_track import ZoneTrack

#: The deepest position is known to this distance; fixes have errors of about 5 m.
RESOLUTION_M = 1.0
#: Parts into which a piece of the track is divided that may hold a deeper position.
_PARTS = 8


@dataclass(frozen=True, slots=True)
class DeepestPoint:
    """The position at which a track is deepest in a zone, or furthest out of an inclusion zone."""

    time_s: float
    #: Distance from the boundary or limit, metres; ``None`` where the zone has no boundary.
    depth_m: float | None


def deepest_point_horizontally(
    projected: ProjectedZone, track: ZoneTrack, stays: Intervals
) -> DeepestPoint:
    """Return where a track is furthest from the boundary of a zone, to ``RESOLUTION_M``.

    A depth changes by no more than the distance flown.  So between two samples the depth is at
    most the mean of their depths plus half the distance between them; only pieces in which
    this exceeds the deepest sample by more than ``RESOLUTION_M`` are sampled more closely.
    """
    if not projected.projected_parts:
        return DeepestPoint(float(stays[0, 0]), None)
    sign = -1.0 if projected.zone.inclusion else 1.0
    deepest_s, deepest_m = float(stays[0, 0]), -np.inf
    pieces = stays
    while len(pieces):
        times = np.linspace(pieces[:, 0], pieces[:, 1], _PARTS + 1, axis=1)
        samples = projected.signed_depths_inside_m(*track.positions_at(times.ravel()))
        depths = sign * samples.reshape(times.shape)
        best = int(np.argmax(depths))
        if depths.flat[best] > deepest_m:
            deepest_s, deepest_m = float(times.flat[best]), float(depths.flat[best])
        flown = projected.max_scale * np.diff(
            track.max_distances_flown_until_times_m(times), axis=1
        )
        bound = (depths[:, :-1] + depths[:, 1:] + flown) / 2
        deeper = bound > deepest_m + RESOLUTION_M
        pieces = np.column_stack([times[:, :-1][deeper], times[:, 1:][deeper]])
    return DeepestPoint(deepest_s, _geodesic_depth_m(projected, track, deepest_s, sign))


def penetration_at_times_m(
    projected: ProjectedZone, limits: IntervalsBetweenLimits, track: ZoneTrack, times_s: FloatArray
) -> FloatArray:
    """Return how deep a track is in a zone, or how far out of an inclusion zone, metres.

    Negative where it is not; NaN where a height is not known.
    """
    depth = limits.signed_margins_inside_limits_m(track, times_s)
    if projected.projected_parts:
        depth = np.minimum(depth, projected.signed_depths_inside_m(*track.positions_at(times_s)))
    return -depth if projected.zone.inclusion else depth


def deepest_point_vertically(
    zone: Zone, limits: IntervalsBetweenLimits, track: ZoneTrack, stays: Intervals
) -> DeepestPoint | None:
    """Return where a track was furthest from the nearer limit; ``None`` if there is no limit.

    For an inclusion zone, return where it was furthest beyond a limit, if it was beyond one.
    """
    if not limits.limits:
        return None
    times = np.unique(
        np.concatenate([_start_end_and_fix_times_of_stay(track, stay) for stay in stays])
    )
    if len(limits.limits) == 2:
        times = np.union1d(times, _times_midway_between_limits(track, limits, times))
    margins = limits.signed_margins_inside_limits_m(track, times)
    margins = -margins if zone.inclusion else margins
    if not (margins >= 0).any():
        return None
    best = int(np.nanargmax(margins))
    return DeepestPoint(float(times[best]), float(margins[best]))


def _times_midway_between_limits(
    track: ZoneTrack, limits: IntervalsBetweenLimits, times: FloatArray
) -> FloatArray:
    """Return the times between the given ones at which both limits are equally far."""
    lower, upper = (side.signed_margins_inside_limits_m(track, times) for side in limits.limits)
    difference = lower - upper
    turns = np.flatnonzero(difference[:-1] * difference[1:] < 0)
    share = difference[turns] / (difference[turns] - difference[turns + 1])
    return times[turns] + share * (times[turns + 1] - times[turns])


def _start_end_and_fix_times_of_stay(track: ZoneTrack, stay: FloatArray) -> FloatArray:
    """Return the start and end of a stay and the times of the fixes in between."""
    first, last = np.searchsorted(track.times_s, stay)
    return np.concatenate([stay[:1], track.times_s[first:last], stay[1:]])


def _geodesic_depth_m(
    projected: ProjectedZone, track: ZoneTrack, time_s: float, sign: float
) -> float:
    """Return the geodesic distance from the boundary at a time, metres."""
    latitude, longitude = track.positions_at(np.array([time_s]))
    depths = []
    for area in projected.projected_parts:
        at = lat_lon_to_plane(area.origin, latitude, longitude)
        inside = bool(area.signed_depths_inside_m(at)[0] >= 0)
        foot_lat, foot_lon = plane_to_lat_lon(area.origin, area.nearest_boundary_point(at[0])[None])
        away = distances_between_point_pairs_m(latitude, longitude, foot_lat, foot_lon)
        depths.append(float(away[0]) if inside else -float(away[0]))
    return max(0.0, sign * max(depths))
