"""Shapes from what files give: checked, closed rings opened, arcs kept as arcs."""

import math
from collections.abc import Sequence

from dji_audit.zones._model import (
    Arc,
    Circle,
    Corridor,
    Point,
    Polygon,
    Ring,
    ZoneError,
)

#: Half the Earth's girth: no zone reaches further.
_FURTHEST_M = 20_037_508.0
_MOST_POINTS = 200_000


def checked_point(latitude: float, longitude: float, path: str) -> Point:
    """Return a point that is on the Earth.

    Raises:
        ZoneError: If it is not.
    """
    if not (math.isfinite(latitude) and abs(latitude) <= 90):
        raise ZoneError(f"{path}: expected a latitude of -90 to 90, found {latitude:g}")
    if not (math.isfinite(longitude) and abs(longitude) <= 360):
        raise ZoneError(f"{path}: expected a longitude of -180 to 180, found {longitude:g}")
    # Some write what lies beyond the antimeridian as more than 180.
    if abs(longitude) > 180:
        longitude = (longitude + 180) % 360 - 180
    return latitude, longitude


def checked_circle(centre: Point, radius_m: float, path: str) -> Circle:
    """Return a circle whose radius is a distance.

    Raises:
        ZoneError: If it is not.
    """
    return Circle(centre, _distance(radius_m, "radius", path))


def checked_corridor(points: Sequence[Point], width_m: float, path: str) -> Corridor:
    """Return what lies within half a width of a line.

    Raises:
        ZoneError: If it has no two points, or no width.
    """
    if len(points) < 2:
        raise ZoneError(f"{path}: expected 2 points or more of a corridor, found {len(points)}")
    return Corridor(tuple(points), _distance(width_m, "width", path) / 2)


def closed_ring(points: Sequence[Point], path: str) -> Ring:
    """Return a ring from points of which the last must repeat the first, as GeoJSON has it.

    Raises:
        ZoneError: If it is not closed, or has fewer than three corners.
    """
    if len(points) < 2 or points[0] != points[-1]:
        raise ZoneError(f"{path}: expected a ring whose last point is its first")
    return open_ring(points, path)


def open_ring(points: Sequence[Point], path: str, arcs: Sequence[Arc] = ()) -> Ring:
    """Return a ring; whether the last point repeats the first does not matter.

    Raises:
        ZoneError: If it has fewer than three corners (with arcs: two).
    """
    corners = tuple(points[:-1] if len(points) > 1 and points[0] == points[-1] else points)
    least = 2 if arcs else 3
    if len(set(corners)) < least:
        raise ZoneError(f"{path}: expected {least} corners or more, found {len(set(corners))}")
    if len(corners) > _MOST_POINTS:
        raise ZoneError(
            f"{path}: expected at most {_MOST_POINTS:,} corners, found {len(corners):,}"
        )
    return Ring(corners, tuple(arcs))


def polygon(rings: Sequence[Ring], path: str) -> Polygon:
    """Return a polygon from its outer ring and its holes.

    Raises:
        ZoneError: If there is no ring.
    """
    if not rings:
        raise ZoneError(f"{path}: expected a ring, found none")
    return Polygon(rings[0], tuple(rings[1:]))


def _distance(metres: float, what: str, path: str) -> float:
    if not 0 < metres < _FURTHEST_M:
        raise ZoneError(f"{path}: expected a {what} of more than 0 m, found {metres:g} m")
    return metres
