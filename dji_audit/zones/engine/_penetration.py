"""How deep a path went into a zone: found between fixes as well as at them."""

from dataclasses import dataclass

import numpy as np

from dji_audit.zones._densify import WGS84
from dji_audit.zones._intervals import Floats, Intervals
from dji_audit.zones._model import Zone
from dji_audit.zones.engine._projection import from_plane, to_plane
from dji_audit.zones.engine._rtree import PlacedZone
from dji_audit.zones.engine._track import Path
from dji_audit.zones.engine._vertical import Layer

#: Places looked at on a stay at first, and between two of them in each round after.
_FIRST, _BETWEEN = 17, 7
#: Pieces of a stay that are looked at more closely in a round, and how many rounds there are.
_PIECES, _ROUNDS = 16, 60
#: Nothing that is not seen is deeper by more than this; around what is deepest it is far less.
_CLOSE_M = 0.1
#: Times the places around the deepest are moved together, each to a quarter.
_ZOOMS = 4


@dataclass(frozen=True, slots=True)
class Deepest:
    """Where a path was furthest in a zone, or out of one to stay within."""

    time_s: float
    #: Metres from the boundary or limit; ``None``: the zone has none sideways.
    depth_m: float | None


def deepest(placed: PlacedZone, path: Path, stays: Intervals) -> Deepest:
    """Return where a path was furthest from a zone's boundary during some stays."""
    if not placed.areas:
        return Deepest(float(stays[0, 0]), None)
    sign = -1.0 if placed.zone.inclusion else 1.0
    time = _furthest(placed, path, stays, sign)
    return Deepest(time, _ground_m(placed, path, time, sign))


def _furthest(placed: PlacedZone, path: Path, stays: Intervals, sign: float) -> float:
    """Return the time at which a path is furthest from the boundary.

    A depth changes by no more than the way flown, so that between two places it is no
    more than the mean of theirs and half the way between them.  Pieces in which it may
    be more than the deepest seen are looked at more closely.
    """
    times = np.linspace(stays[:, 0], stays[:, 1], _FIRST, axis=1)
    depth = _depth_m(placed, path, times, sign)
    time, most = _deeper(times, depth, float(stays[0, 0]), -np.inf)
    pieces = _pieces(placed, path, times, depth)
    for _ in range(_ROUNDS):
        pieces = pieces[pieces[:, 4] > most + _CLOSE_M]
        if not len(pieces):
            break
        order = np.argsort(-pieces[:, 4], kind="stable")
        closer, pieces = pieces[order[:_PIECES]], pieces[order[_PIECES:]]
        times = np.linspace(closer[:, 0], closer[:, 1], _BETWEEN + 2, axis=1)
        found = _depth_m(placed, path, times[:, 1:-1], sign)
        depth = np.column_stack([closer[:, 2], found, closer[:, 3]])
        time, most = _deeper(times, depth, time, most)
        pieces = np.concatenate([pieces, _pieces(placed, path, times, depth)])
    return _zoomed(placed, path, stays, time, sign)


def _zoomed(placed: PlacedZone, path: Path, stays: Intervals, time: float, sign: float) -> float:
    """Return the time of the deepest place near one that is nearly so."""
    stay = stays[int(np.searchsorted(stays[:, 0], time, "right")) - 1]
    # About as far as the last pieces were long.
    here, after = path.way_m(np.array([time, time + 1.0]))
    reach = 4 * _CLOSE_M / max(float(after - here), 1e-3)
    for _ in range(_ZOOMS):
        low, high = max(stay[0], time - reach), min(stay[1], time + reach)
        times = np.linspace(low, high, 17)
        time = float(times[int(np.argmax(_depth_m(placed, path, times, sign)))])
        reach /= 4
    return time


def _deeper(times: Floats, depth: Floats, time: float, most: float) -> tuple[float, float]:
    """Return the deepest of what was known and what is seen now, and when it was."""
    best = int(np.argmax(depth))
    if depth.ravel()[best] <= most:
        return time, most
    return float(times.ravel()[best]), float(depth.ravel()[best])


def _pieces(placed: PlacedZone, path: Path, times: Floats, depth: Floats) -> Floats:
    """Return pieces as rows: start, end, depth at both, and how deep they may be between."""
    low, high = times[:, :-1].ravel(), times[:, 1:].ravel()
    first, last = depth[:, :-1].ravel(), depth[:, 1:].ravel()
    way = placed.stretch * (path.way_m(high) - path.way_m(low))
    return np.column_stack([low, high, first, last, (first + last + way) / 2])


def _depth_m(placed: PlacedZone, path: Path, times_s: Floats, sign: float) -> Floats:
    """Return the depths at times of any shape."""
    depth: Floats = sign * placed.signed_m(*path.places(times_s.ravel()))
    return depth.reshape(times_s.shape)


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
