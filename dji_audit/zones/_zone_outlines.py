"""The outlines of zones as points: circles, arcs and geodesics in short steps."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dji_audit.geo.geodesy import (
    bearings_from_point_deg,
    distance_m,
    longitude_unwrapped_near_another,
    metres_per_latitude_and_longitude_degree,
    points_at_bearings_and_one_distance,
    points_between,
)
from dji_audit.zones._model import Arc, Circle, Corridor, Point, Polygon, Ring, Shape, Zone

#: Corners of a whole circle, and the longest step along a geodesic.
_CIRCLE_STEPS = 96
_STEP_M = 2000.0
#: A longer edge is drawn straight: it passes nowhere near the flight.
_MAX_STEPS = 200


class BoxAroundTrack(Protocol):
    """The box round a track, degrees; its longitudes pass 180 across the antimeridian."""

    @property
    def south(self) -> float: ...
    @property
    def west(self) -> float: ...
    @property
    def north(self) -> float: ...
    @property
    def east(self) -> float: ...


def shape_outlines(shape: Circle | Polygon) -> tuple[tuple[Point, ...], ...]:
    """Return the outline of a circle or polygon, then those of its holes.

    The first point of an outline is not repeated at its end.
    """
    if isinstance(shape, Circle):
        return (circle_outline(shape.centre, shape.radius_m),)
    return tuple(ring_outline(ring) for ring in (shape.outer, *shape.holes))


def circle_outline(centre: Point, radius_m: float) -> tuple[Point, ...]:
    """Return points of a circle on the ellipsoid, clockwise from north."""
    turns = np.linspace(0, 360, _CIRCLE_STEPS, endpoint=False)
    return circle_points(centre, radius_m, turns)


def circle_points(
    centre: Point, radius_m: float, bearings: npt.NDArray[np.float64]
) -> tuple[Point, ...]:
    """Return the points of a circle on the ellipsoid at some bearings, degrees from north."""
    latitude, longitude = points_at_bearings_and_one_distance(centre, bearings, radius_m)
    return tuple(zip(latitude.tolist(), longitude.tolist(), strict=True))


def ring_outline(ring: Ring) -> tuple[Point, ...]:
    """Return a ring with its arcs, and geodesics in short steps."""
    arcs = {arc.edge: arc for arc in ring.arcs}
    out: list[Point] = []
    for number, start in enumerate(ring.points):
        end = ring.points[(number + 1) % len(ring.points)]
        out.append(start)
        arc = arcs.get(number)
        out += _points_on_arc(arc, start, end) if arc else _points_on_geodesic(start, end)
    return tuple(out)


def densified_line(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return a line with points added along its geodesics."""
    out = [points[0]]
    for start, end in pairwise(points):
        out += [*_points_on_geodesic(start, end), end]
    return tuple(out)


def _points_on_geodesic(start: Point, end: Point) -> list[Point]:
    """Return the points between two corners, so that a long edge bends as it does on earth."""
    steps = int(distance_m(start, end) // _STEP_M)
    if not 0 < steps <= _MAX_STEPS:
        return []
    return points_between(start, end, steps)


def _points_on_arc(arc: Arc, start: Point, end: Point) -> list[Point]:
    corners = np.array([start, end])
    bearings = bearings_from_point_deg(arc.centre, corners[:, 0], corners[:, 1])
    swept = (bearings[1] - bearings[0]) % 360
    if not arc.clockwise:
        swept -= 360
    steps = max(int(abs(swept) / 360 * _CIRCLE_STEPS), 1)
    turns = bearings[0] + swept * np.arange(1, steps) / steps
    return list(circle_points(arc.centre, arc.radius_m, turns)) if steps > 1 else []


def approximate_track_to_zone_distance_m(zone: Zone, box: BoxAroundTrack) -> float:
    """Return how far the box round a zone is from that round a track, metres, roughly.

    0: they overlap, or the zone is everywhere.
    """
    if not zone.shape:
        return 0.0
    return min(_distance_from_track_box_to_shape_m(shape, box) for shape in zone.shape)


def _distance_from_track_box_to_shape_m(shape: Shape, box: BoxAroundTrack) -> float:
    points, reach = list(_shape_corners(shape)), _circle_radius_or_corridor_half_width_m(shape)
    latitudes = [point[0] for point in points]
    longitudes = [longitude_unwrapped_near_another(point[1], box.west) for point in points]
    north = max(box.south - max(latitudes), min(latitudes) - box.north, 0.0)
    east = max(box.west - max(longitudes), min(longitudes) - box.east, 0.0)
    north_m, east_m = metres_per_latitude_and_longitude_degree((box.south + box.north) / 2)
    return max(math.hypot(north * north_m, east * east_m) - reach, 0.0)


def _shape_corners(shape: Shape) -> Iterator[Point]:
    if isinstance(shape, Circle):
        yield shape.centre
    elif isinstance(shape, Corridor):
        yield from shape.points
    else:
        yield from shape.outer.points
        for arc in shape.outer.arcs:
            # An arc may bulge beyond its corners.
            yield from circle_points(arc.centre, arc.radius_m, np.arange(0.0, 360.0, 45.0))


def _circle_radius_or_corridor_half_width_m(shape: Shape) -> float:
    if isinstance(shape, Circle):
        return shape.radius_m
    return shape.half_width_m if isinstance(shape, Corridor) else 0.0
