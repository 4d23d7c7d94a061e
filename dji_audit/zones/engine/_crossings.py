"""When and how deep a flight was in zones: crossings in space and time.

A crossing begins and ends where the path passes the boundary, between fixes, or where
the zone becomes active.  Excursions that lead no further out than ``hysteresis_m`` do not
end it, so that jitter on the line is one crossing.  Of a zone to stay within, a crossing
is the time spent outside.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dji_audit.zones._intervals import (
    Intervals,
    complement,
    intersection,
    total_s,
    union,
    whole,
)
from dji_audit.zones._model import Datum, Zone
from dji_audit.zones.engine._active import active
from dji_audit.zones.engine._contains import inside
from dji_audit.zones.engine._penetration import deepest, highest, violation_m
from dji_audit.zones.engine._projection import Ints
from dji_audit.zones.engine._result import Crossing, Found, Tolerance, Unknown
from dji_audit.zones.engine._rtree import FURTHEST_M, PlacedZone, ZoneIndex
from dji_audit.zones.engine._track import Path
from dji_audit.zones.engine._vertical import Layer, layer


def find_crossings(
    path: Path,
    zones: ZoneIndex,
    tolerance: Tolerance | None = None,
    on_ground: tuple[pd.Timestamp, ...] = (),
) -> Found:
    """Return every crossing of every zone, and what cannot be told.

    Args:
        path: Where the aircraft was.
        zones: The zones.
        tolerance: What is taken of fixes and boundaries.
        on_ground: Instants at which the aircraft stood on the ground, where its height
            above ground is 0 whatever the log measures.
    """
    tolerance = tolerance or Tolerance()
    crossings: list[Crossing] = []
    unknown: list[Unknown] = []
    sideways: list[Zone] = []
    if not len(path):
        return Found((), (), ())
    for number, blocks in zones.near(path):
        placed = zones.placed(number)
        if not placed.reach_m < FURTHEST_M and placed.zone.shape:
            unknown.append(_too_large(placed.zone, path))
            continue
        stay = _stays(placed, path, blocks)
        if stay is None:
            continue
        sideways.append(placed.zone)
        crossings += _described(stay, path, tolerance)
        crossings += _standing(stay, path, tolerance, on_ground)
        unknown += _untold(stay, path)
    unknown += _gaps(path, zones, tolerance)
    return Found(tuple(crossings), tuple(unknown), tuple(sideways))


@dataclass(frozen=True, slots=True, eq=False)
class _Stay:
    """A zone and when a path was in it."""

    placed: PlacedZone
    layer: Layer
    #: In the zone, by place, height and time.
    within: Intervals
    #: In the zone by place and time, height not known.
    untold: Intervals
    #: While the zone was active and the path known.
    active: Intervals


def _stays(placed: PlacedZone, path: Path, blocks: Ints) -> _Stay | None:
    """Return when a path was in a zone; ``None``: never, at whatever height."""
    zone = placed.zone
    if zone.shape:
        level = union(*(inside(area, path, blocks, placed.stretch) for area in placed.areas))
    else:
        level = whole(0.0, path.end_s)
    if not zone.inclusion and not len(level):
        return None
    times = active(zone, placed.middle, path.start, path.end_s)
    counted = intersection(times, path.seen)
    if not len(counted):
        return None
    sideways = intersection(counted, level)
    limits = layer(zone, path, sideways)
    if zone.inclusion:
        level_out = complement(level, 0.0, path.end_s)
        passed = complement(union(limits.within, limits.unknown), 0.0, path.end_s)
        passed = intersection(passed, sideways)
        within = intersection(counted, union(level_out, passed))
    else:
        within = intersection(sideways, limits.within)
    untold = intersection(sideways, limits.unknown)
    if not len(sideways) and not len(within):
        return None
    if len(path) > 1:
        within, untold = (one[one[:, 1] > one[:, 0]] for one in (within, untold))
    return _Stay(placed, limits, within, untold, counted)


def _described(stay: _Stay, path: Path, tolerance: Tolerance) -> Iterator[Crossing]:
    for part in _joined(stay, path, tolerance):
        yield _crossing(stay, path, part, tolerance)


def _joined(stay: _Stay, path: Path, tolerance: Tolerance) -> list[Intervals]:
    """Return the stays, those joined between which the path hardly left the zone."""
    groups: list[list[np.ndarray]] = []
    for one in stay.within:
        if groups and _hardly_left(stay, path, float(groups[-1][-1][1]), float(one[0]), tolerance):
            groups[-1].append(one)
        else:
            groups.append([one])
    return [np.array(group) for group in groups]


def _hardly_left(stay: _Stay, path: Path, out_s: float, in_s: float, tolerance: Tolerance) -> bool:
    """Return whether a path stayed within ``hysteresis_m`` of a zone it had left."""
    lasting = intersection(stay.active, whole(out_s, in_s))
    if len(lasting) != 1 or total_s(lasting) < in_s - out_s:
        return False
    first, last = np.searchsorted(path.times_s, [out_s, in_s])
    times = np.concatenate([[(out_s + in_s) / 2], path.times_s[first:last]])
    # A path that went further out shows it in a few places, at the cost of a few.
    for some in (times[:: max(1, len(times) // 16)], times):
        depth = violation_m(stay.placed, stay.layer, path, some)
        if not (depth >= -tolerance.hysteresis_m).all():
            return False
    return True


def _crossing(stay: _Stay, path: Path, parts: Intervals, tolerance: Tolerance) -> Crossing:
    begin, end = float(parts[0, 0]), float(parts[-1, 1])
    level = deepest(stay.placed, path, parts)
    up = highest(stay.placed.zone, stay.layer, path, parts)
    times = [level.time_s] if up is None else [level.time_s, up.time_s]
    error, stated = _error(path, level.time_s, tolerance)
    return Crossing(
        zone=stay.placed.zone,
        time_in=path.instant(begin),
        time_out=path.instant(end),
        seen_in=not np.isclose(path.seen[:, 0], begin, atol=1e-9).any(),
        seen_out=not np.isclose(path.seen[:, 1], end, atol=1e-9).any(),
        place_in=path.place(begin),
        place_out=path.place(end),
        place_deepest=path.place(level.time_s),
        depth_m=level.depth_m,
        depth_up_m=None if up is None else up.depth_m,
        time_inside_s=total_s(parts),
        certain=any(_is_certain(stay, path, time, tolerance) for time in times),
        horizontal_error_m=error,
        error_stated=stated,
        row=path.row(begin),
    )


def _error(path: Path, time_s: float, tolerance: Tolerance) -> tuple[float, bool]:
    stated = float(path.horizontal_error_m[path.fix(time_s)])
    return (stated, True) if np.isfinite(stated) else (tolerance.horizontal_error_m, False)


def _is_certain(stay: _Stay, path: Path, time_s: float, tolerance: Tolerance) -> bool:
    """Return whether a place is in the zone even if the fix is off by its error."""
    zone, limits = stay.placed.zone, stay.layer
    level = tolerance.factor * _error(path, time_s, tolerance)[0]
    stated = float(path.vertical_error_m[path.fix(time_s)])
    high = tolerance.factor * (stated if np.isfinite(stated) else tolerance.vertical_error_m)
    depths = [float(stay.placed.signed_m(*path.places(np.array([time_s])))[0]) / level]
    if not zone.shape:
        depths = []
    depths.append(float(limits.margin_m(path, np.array([time_s]))[0]) / high)
    # In a zone by every measure; out of one to stay within by any.
    least = min(depths, default=np.inf)
    return bool(least < -1 if zone.inclusion else least > 1)


def _standing(
    stay: _Stay, path: Path, tolerance: Tolerance, on_ground: tuple[pd.Timestamp, ...]
) -> Iterator[Crossing]:
    """Yield a crossing for a start or landing on ground that a zone begins at.

    Where the upper limit counts from the ground and the log does not, the zone is left
    untold; that the aircraft stood in it is certain all the same.
    """
    zone = stay.placed.zone
    from_ground = zone.lower.datum is Datum.SURFACE or (
        zone.lower.datum is Datum.AGL and zone.lower.metres is not None and zone.lower.metres <= 0
    )
    upper = zone.upper.metres if zone.upper.datum is Datum.AGL else None
    if zone.inclusion or not from_ground or upper is None or upper <= 0:
        return
    for instant in on_ground:
        time_s = min(max(path.seconds(instant), 0.0), path.end_s)
        if abs(time_s - path.seconds(instant)) > path.gap_s:
            continue
        if len(intersection(stay.untold, whole(time_s, time_s))):
            yield _crossing(stay, path, np.array([[time_s, time_s]]), tolerance)


def _untold(stay: _Stay, path: Path) -> Iterator[Unknown]:
    """Yield the times in a zone at a height that cannot be compared with its limits."""
    for begin, end in stay.untold:
        yield Unknown(
            stay.placed.zone,
            path.instant(begin),
            path.instant(end),
            stay.layer.reason,
            path.place(begin),
            path.row(begin),
        )


def _gaps(path: Path, zones: ZoneIndex, tolerance: Tolerance) -> Iterator[Unknown]:
    """Yield the zones that could be reached where there are no fixes."""
    ends = np.flatnonzero(np.diff(path.times_s) > path.gap_s)
    for fix in ends.tolist():
        begin, end = float(path.times_s[fix]), float(path.times_s[fix + 1])
        reach = tolerance.reach_mps * (end - begin)
        near = zones.within_reach(path.vectors[fix], path.vectors[fix + 1], reach)
        for number in near.tolist():
            placed = zones.placed(number)
            if not placed.zone.shape or placed.reach_m >= FURTHEST_M:
                continue
            pair = slice(fix, fix + 2)
            depth = placed.signed_m(path.latitude_deg[pair], path.longitude_deg[pair])
            if placed.zone.inclusion:
                # It could have left only if the boundary is within reach.
                if (depth > 0).all() and depth.sum() > reach:
                    continue
            elif np.maximum(-depth, 0).sum() > reach:
                continue
            times = active(placed.zone, placed.middle, path.start, path.end_s)
            if total_s(intersection(times, whole(begin, end))) > 0:
                yield Unknown(
                    placed.zone,
                    path.instant(begin),
                    path.instant(end),
                    f"no fix for {end - begin:.0f} s, in which it could be reached",
                    path.place(begin),
                    path.row(begin),
                )


def _too_large(zone: Zone, path: Path) -> Unknown:
    return Unknown(
        zone,
        path.instant(0.0),
        path.instant(path.end_s),
        f"reaches further than {FURTHEST_M / 1000:.0f} km",
        path.place(0.0),
        path.row(0.0),
    )
