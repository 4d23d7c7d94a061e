"""How deep a path went into a zone: found between fixes as well as at them."""

from dataclasses import dataclass

import numpy as np

from dji_audit.compliance.zones._index import PlacedZone
from dji_audit.compliance.zones._intervals import Floats, Intervals
from dji_audit.compliance.zones._layer import Layer
from dji_audit.compliance.zones._model import Zone
from dji_audit.compliance.zones._path import BLOCK, Path
from dji_audit.compliance.zones._plane import WGS84, from_plane, to_plane

#: Segments looked at between fixes, and places looked at on each at a time.
_SEGMENTS, _PLACES = 64, 17
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
    depth, known = _depths(placed, path, times, sign)
    best = int(np.argmax(np.where(known, depth, -np.inf)))
    time = _between(placed, path, times, depth, known, best, sign)
    return Deepest(time, _ground_m(placed, path, time, sign))


def violation_m(placed: PlacedZone, limits: Layer, path: Path, times_s: Floats) -> Floats:
    """Return how far in a zone a path is, or how far out of one to stay within, metres.

    Negative where it is not; NaN where a height is not known.
    """
    depth = np.full(len(times_s), np.inf)
    if placed.areas:
        depth = placed.signed_m(*path.places(times_s))
    for margin in (limits.above_lower_m, limits.below_upper_m):
        if margin is not None:
            depth = np.minimum(depth, np.interp(times_s, path.times_s, margin))
    return -depth if placed.zone.inclusion else depth


def highest(zone: Zone, limits: Layer, path: Path, stays: Intervals) -> Deepest | None:
    """Return where a path was furthest from the nearer limit; ``None``: there is none.

    Of a zone to stay within, where it was furthest beyond a limit, if it was.
    """
    sides = [one for one in (limits.above_lower_m, limits.below_upper_m) if one is not None]
    if not sides:
        return None
    times = np.unique(np.concatenate([_times(path, one) for one in stays]))
    if len(sides) == 2:
        times = np.union1d(times, _equal(path, sides[0] - sides[1], times))
    margins = np.minimum.reduce([np.interp(times, path.times_s, one) for one in sides])
    margins = -margins if zone.inclusion else margins
    if not (margins >= 0).any():
        return None
    best = int(np.nanargmax(margins))
    return Deepest(float(times[best]), float(margins[best]))


def _equal(path: Path, difference: Floats, times: Floats) -> Floats:
    """Return when a path is as far from one limit as from the other, within some times."""
    turns = np.flatnonzero(difference[:-1] * difference[1:] < 0)
    share = difference[turns] / (difference[turns] - difference[turns + 1])
    roots = path.times_s[turns] + share * (path.times_s[turns + 1] - path.times_s[turns])
    return np.asarray(roots[(roots >= times[0]) & (roots <= times[-1])])


def _times(path: Path, stay: Floats) -> Floats:
    """Return start and end of a stay and the times of the fixes between them."""
    first, last = np.searchsorted(path.times_s, stay)
    return np.concatenate([stay[:1], path.times_s[first:last], stay[1:]])


def _depths(
    placed: PlacedZone, path: Path, times: Floats, sign: float
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return the depth at times, and at which of them it was worked out.

    What cannot be the deepest is left out: a depth changes by no more than the way
    flown, and so within a run of fixes by no more than the run is wide.
    """
    depth, known = np.full(len(times), -np.inf), np.zeros(len(times), np.bool_)
    latitude, longitude = path.places(times)
    starts = np.arange(0, len(times), BLOCK)
    middles = np.minimum(starts + BLOCK // 2, len(times) - 1)
    middle = sign * placed.signed_m(latitude[middles], longitude[middles])
    area = placed.areas[0]
    at = to_plane(area.middle, latitude, longitude)
    run = np.arange(len(times)) // BLOCK
    away = np.hypot(*(at - at[middles[run]]).T)
    # Planes of several parts differ; so may a length in them.
    reach = np.maximum.reduceat(away, starts) * placed.stretch**2 + 0.01
    best = float(middle.max())
    for number in np.argsort(-(middle + reach), kind="stable").tolist():
        if middle[number] + reach[number] < best and known.any():
            break
        some = slice(int(starts[number]), int(starts[number]) + BLOCK)
        depth[some] = sign * placed.signed_m(latitude[some], longitude[some])
        known[some] = True
        best = max(best, float(depth[some].max()))
    return depth, known


def _between(
    placed: PlacedZone,
    path: Path,
    times: Floats,
    depth: Floats,
    known: np.ndarray[tuple[int], np.dtype[np.bool_]],
    best: int,
    sign: float,
) -> float:
    """Return the time of the deepest place, which may lie between fixes."""
    pairs = np.flatnonzero(known[:-1] & known[1:])
    if not len(pairs):
        return float(times[best])
    at = to_plane(placed.areas[0].middle, *path.places(times))
    way = np.hypot(*(at[pairs + 1] - at[pairs]).T) * placed.stretch**2
    most = (depth[pairs] + depth[pairs + 1] + way) / 2
    order = np.argsort(-most, kind="stable")[:_SEGMENTS]
    pairs = pairs[order][most[order] >= depth[best]]
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
