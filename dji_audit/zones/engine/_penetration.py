"""How deep a track went into a zone: found between fixes as well as at them."""

from dataclasses import dataclass

import numpy as np

from dji_audit.geo.geodesy import WGS84
from dji_audit.geo.plane import from_plane, to_plane
from dji_audit.zones._model import Zone
from dji_audit.zones.engine._intervals import FloatArray, Intervals
from dji_audit.zones.engine._track import ZoneTrack
from dji_audit.zones.engine._vertical import VerticalIntervals
from dji_audit.zones.engine._zone_index import ProjectedZone

#: Places looked at on a stay at first, and between two of them in each round after.
_FIRST, _BETWEEN = 17, 7
#: Pieces of a stay that are looked at more closely in a round, and how many rounds there are.
_PIECES, _ROUNDS = 16, 60
#: Nothing that is not seen is deeper by more than this; around what is deepest it is far less.
_CLOSE_M = 0.1
#: Times the places around the deepest are moved together, each to a quarter.
_ZOOMS = 4


@dataclass(frozen=True, slots=True)
class PenetrationDepth:
    """Where a track was furthest in a zone, or out of one to stay within."""

    time_s: float
    #: Metres from the boundary or limit; ``None``: the zone has none sideways.
    depth_m: float | None


def horizontal_penetration(
    projected: ProjectedZone, track: ZoneTrack, stays: Intervals
) -> PenetrationDepth:
    """Return where a track was furthest from a zone's boundary during some stays."""
    if not projected.areas:
        return PenetrationDepth(float(stays[0, 0]), None)
    sign = -1.0 if projected.zone.inclusion else 1.0
    time = _furthest(projected, track, stays, sign)
    return PenetrationDepth(time, _ground_depth_m(projected, track, time, sign))


def _furthest(projected: ProjectedZone, track: ZoneTrack, stays: Intervals, sign: float) -> float:
    """Return the time at which a track is furthest from the boundary.

    A depth changes by no more than the way flown, so that between two places it is no
    more than the mean of theirs and half the way between them.  Pieces in which it may
    be more than the deepest seen are looked at more closely.
    """
    times = np.linspace(stays[:, 0], stays[:, 1], _FIRST, axis=1)
    depth = _depth_m(projected, track, times, sign)
    time, most = _deeper(times, depth, float(stays[0, 0]), -np.inf)
    pieces = _pieces(projected, track, times, depth)
    for _ in range(_ROUNDS):
        pieces = pieces[pieces[:, 4] > most + _CLOSE_M]
        if not len(pieces):
            break
        order = np.argsort(-pieces[:, 4], kind="stable")
        closer, pieces = pieces[order[:_PIECES]], pieces[order[_PIECES:]]
        times = np.linspace(closer[:, 0], closer[:, 1], _BETWEEN + 2, axis=1)
        found = _depth_m(projected, track, times[:, 1:-1], sign)
        depth = np.column_stack([closer[:, 2], found, closer[:, 3]])
        time, most = _deeper(times, depth, time, most)
        pieces = np.concatenate([pieces, _pieces(projected, track, times, depth)])
    return _zoomed(projected, track, stays, time, sign)


def _zoomed(
    projected: ProjectedZone, track: ZoneTrack, stays: Intervals, time: float, sign: float
) -> float:
    """Return the time of the deepest place near one that is nearly so."""
    stay = stays[int(np.searchsorted(stays[:, 0], time, "right")) - 1]
    # About as far as the last pieces were long.
    here, after = track.distance_flown_m(np.array([time, time + 1.0]))
    reach = 4 * _CLOSE_M / max(float(after - here), 1e-3)
    for _ in range(_ZOOMS):
        low, high = max(stay[0], time - reach), min(stay[1], time + reach)
        times = np.linspace(low, high, 17)
        time = float(times[int(np.argmax(_depth_m(projected, track, times, sign)))])
        reach /= 4
    return time


def _deeper(times: FloatArray, depth: FloatArray, time: float, most: float) -> tuple[float, float]:
    """Return the deepest of what was known and what is seen now, and when it was."""
    best = int(np.argmax(depth))
    if depth.ravel()[best] <= most:
        return time, most
    return float(times.ravel()[best]), float(depth.ravel()[best])


def _pieces(
    projected: ProjectedZone, track: ZoneTrack, times: FloatArray, depth: FloatArray
) -> FloatArray:
    """Return pieces as rows: start, end, depth at both, and how deep they may be between."""
    low, high = times[:, :-1].ravel(), times[:, 1:].ravel()
    first, last = depth[:, :-1].ravel(), depth[:, 1:].ravel()
    way = projected.max_scale * (track.distance_flown_m(high) - track.distance_flown_m(low))
    return np.column_stack([low, high, first, last, (first + last + way) / 2])


def _depth_m(
    projected: ProjectedZone, track: ZoneTrack, times_s: FloatArray, sign: float
) -> FloatArray:
    """Return the depths at times of any shape."""
    depth: FloatArray = sign * projected.signed_distance_m(*track.positions(times_s.ravel()))
    return depth.reshape(times_s.shape)


def penetration_m(
    projected: ProjectedZone, limits: VerticalIntervals, track: ZoneTrack, times_s: FloatArray
) -> FloatArray:
    """Return how deep a track is in a zone, or how far out of an inclusion zone, metres.

    Negative where it is not; NaN where a height is not known.
    """
    depth = limits.margin_m(track, times_s)
    if projected.areas:
        depth = np.minimum(depth, projected.signed_distance_m(*track.positions(times_s)))
    return -depth if projected.zone.inclusion else depth


def vertical_penetration(
    zone: Zone, limits: VerticalIntervals, track: ZoneTrack, stays: Intervals
) -> PenetrationDepth | None:
    """Return where a track was furthest from the nearer limit; ``None`` if there is no limit.

    For an inclusion zone, return where it was furthest beyond a limit, if it was beyond one.
    """
    if not limits.limits:
        return None
    times = np.unique(np.concatenate([_fix_times(track, stay) for stay in stays]))
    if len(limits.limits) == 2:
        times = np.union1d(times, _equal_margin_times(track, limits, times))
    margins = limits.margin_m(track, times)
    margins = -margins if zone.inclusion else margins
    if not (margins >= 0).any():
        return None
    best = int(np.nanargmax(margins))
    return PenetrationDepth(float(times[best]), float(margins[best]))


def _equal_margin_times(
    track: ZoneTrack, limits: VerticalIntervals, times: FloatArray
) -> FloatArray:
    """Return the times between the given ones at which both limits are equally far."""
    lower, upper = (side.margin_m(track, times) for side in limits.limits)
    difference = lower - upper
    turns = np.flatnonzero(difference[:-1] * difference[1:] < 0)
    share = difference[turns] / (difference[turns] - difference[turns + 1])
    return times[turns] + share * (times[turns + 1] - times[turns])


def _fix_times(track: ZoneTrack, stay: FloatArray) -> FloatArray:
    """Return the start and end of a stay and the times of the fixes in between."""
    first, last = np.searchsorted(track.times_s, stay)
    return np.concatenate([stay[:1], track.times_s[first:last], stay[1:]])


def _ground_depth_m(
    projected: ProjectedZone, track: ZoneTrack, time_s: float, sign: float
) -> float:
    """Return the geodesic distance from the boundary at a time, metres."""
    latitude, longitude = track.positions(np.array([time_s]))
    depths = []
    for area in projected.areas:
        at = to_plane(area.origin, latitude, longitude)
        inside = bool(area.signed_distance_m(at)[0] >= 0)
        foot_lat, foot_lon = from_plane(area.origin, area.nearest_boundary_point(at[0])[None])
        away = WGS84.inv(longitude, latitude, foot_lon, foot_lat)[2]
        depths.append(float(away[0]) if inside else -float(away[0]))
    return max(0.0, sign * max(depths))
