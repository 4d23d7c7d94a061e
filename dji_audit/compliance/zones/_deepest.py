"""How deep a path went into a zone: found between fixes as well as at them."""

from dataclasses import dataclass

import numpy as np

from dji_audit.compliance.zones._index import PlacedZone
from dji_audit.compliance.zones._intervals import Floats, Intervals
from dji_audit.compliance.zones._layer import Layer
from dji_audit.compliance.zones._model import Zone
from dji_audit.compliance.zones._path import BLOCK, Path, at_most_m, chords, directions_deg
from dji_audit.compliance.zones._plane import WGS84, from_plane, to_plane

#: Segments looked at between fixes, and places looked at on each at a time.
_SEGMENTS, _PLACES = 16, 17
#: The places are moved together around the deepest until they are this close: metres.
_CLOSE_M = 1e-3
_MOST_ZOOMS = 12


@dataclass(frozen=True, slots=True)
class Deepest:
    """Where a path was furthest in a zone, or out of one to stay within."""

    time_s: float
    #: Metres from the boundary or limit; ``None``: the zone has none sideways.
    depth_m: float | None


def deepest(placed: PlacedZone, path: Path, stays: Intervals) -> Deepest:
    """Return where a path was furthest from a zone's boundary during some stays."""
    times = np.unique(np.concatenate([_times(path, one) for one in stays]))
    if not placed.areas:
        return Deepest(float(times[0]), None)
    sign = -1.0 if placed.zone.inclusion else 1.0
    at = path.directions(times)
    depth = _depths(placed, at, sign)
    time = _between(placed, path, times, at, depth, sign)
    return Deepest(time, _ground_m(placed, path, time, sign))


def violation_m(placed: PlacedZone, limits: Layer, path: Path, times_s: Floats) -> Floats:
    """Return how far in a zone a path is, or how far out of one to stay within, metres.

    Negative where it is not; NaN where a height is not known.
    """
    depth = limits.margin_m(path, times_s)
    if placed.areas:
        depth = np.minimum(depth, placed.signed_m(*path.places(times_s)))
    return -depth if placed.zone.inclusion else depth


def highest(zone: Zone, limits: Layer, path: Path, stays: Intervals) -> Deepest | None:
    """Return where a path was furthest from the nearer limit; ``None``: there is none.

    Of a zone to stay within, where it was furthest beyond a limit, if it was.
    """
    if not limits.sides:
        return None
    times = np.unique(np.concatenate([_times(path, one) for one in stays]))
    if len(limits.sides) == 2:
        times = np.union1d(times, _equal(path, limits, times))
    margins = limits.margin_m(path, times)
    margins = -margins if zone.inclusion else margins
    if not (margins >= 0).any():
        return None
    best = int(np.nanargmax(margins))
    return Deepest(float(times[best]), float(margins[best]))


def _equal(path: Path, limits: Layer, times: Floats) -> Floats:
    """Return when a path is as far from one limit as from the other, between some times."""
    one, other = (side.margin_m(path, times) for side in limits.sides)
    difference = one - other
    turns = np.flatnonzero(difference[:-1] * difference[1:] < 0)
    share = difference[turns] / (difference[turns] - difference[turns + 1])
    return times[turns] + share * (times[turns + 1] - times[turns])


def _times(path: Path, stay: Floats) -> Floats:
    """Return start and end of a stay and the times of the fixes between them."""
    first, last = np.searchsorted(path.times_s, stay)
    return np.concatenate([stay[:1], path.times_s[first:last], stay[1:]])


def _depths(placed: PlacedZone, at: Floats, sign: float) -> Floats:
    """Return the depth in some directions, in the order in which they are flown.

    What cannot be the deepest is left out, and minus infinity: a depth changes by no
    more than the way flown, and so within a run of fixes by no more than it is wide.
    """
    starts = np.arange(0, len(at), BLOCK)
    middles = np.minimum(starts + BLOCK // 2, len(at) - 1)
    middle = sign * placed.signed_m(*directions_deg(at[middles]))
    away = chords(at, np.repeat(at[middles], BLOCK, axis=0)[: len(at)])
    reach = at_most_m(np.maximum.reduceat(away, starts)) * placed.stretch
    depth = np.full(len(at), -np.inf)
    depth[middles] = middle
    best = float(middle.max())
    for number in np.argsort(-(middle + reach), kind="stable").tolist():
        if middle[number] + reach[number] < best:
            break
        some = slice(int(starts[number]), int(starts[number]) + BLOCK)
        depth[some] = sign * placed.signed_m(*directions_deg(at[some]))
        best = max(best, float(depth[some].max()))
    return depth


def _between(
    placed: PlacedZone, path: Path, times: Floats, at: Floats, depth: Floats, sign: float
) -> float:
    """Return the time of the deepest place, which may lie between fixes."""
    best = int(np.argmax(depth))
    pairs = np.flatnonzero(np.isfinite(depth[:-1]) & np.isfinite(depth[1:]))
    way = at_most_m(chords(at[pairs], at[pairs + 1])) * placed.stretch
    most = (depth[pairs] + depth[pairs + 1] + way) / 2
    order = np.argsort(-most, kind="stable")[:_SEGMENTS]
    order = order[most[order] >= depth[best]]
    pairs, way = pairs[order], way[order]
    low, high = times[pairs], times[pairs + 1]
    time, value = float(times[best]), float(depth[best])
    apart = float(way.max(initial=0.0))
    for _ in range(_MOST_ZOOMS):
        if not len(low) or apart < _CLOSE_M:
            break
        places = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, _PLACES)
        found = (sign * placed.signed_m(*path.places(places.ravel()))).reshape(places.shape)
        row, column = np.unravel_index(int(np.argmax(found)), found.shape)
        if found[row, column] > value:
            time, value = float(places[row, column]), float(found[row, column])
        step = (high[row] - low[row]) / (_PLACES - 1)
        apart *= 2 / (_PLACES - 1)
        centre = places[row, column]
        low = np.array([max(low[row], centre - step)])
        high = np.array([min(high[row], centre + step)])
    return time


def _ground_m(placed: PlacedZone, path: Path, time_s: float, sign: float) -> float:
    """Return the geodesic distance from the boundary at a time."""
    latitude, longitude = path.places(np.array([time_s]))
    depths = []
    for area in placed.areas:
        at = to_plane(area.middle, latitude, longitude)
        inside = bool(area.signed_m(at)[0] >= 0)
        foot_lat, foot_lon = from_plane(area.middle, area.foot(at[0])[None])
        away = WGS84.inv(longitude, latitude, foot_lon, foot_lat)[2]
        depths.append(float(away[0]) if inside else -float(away[0]))
    return max(0.0, sign * max(depths))
