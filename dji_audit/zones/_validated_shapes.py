"""Shapes from the values of zone files: validated, closed rings opened, arcs kept as arcs."""

import math
from collections.abc import Sequence

import numpy as np

from dji_audit.common.time_intervals import FloatArray
from dji_audit.zones import _model as model

#: Half the circumference of the Earth: no zone reaches further.
_MAX_DISTANCE_M = 20_037_508.0
#: Corners of one ring, also of those that stand for an edge along a parallel.
MAX_CORNERS = 200_000
#: Edges stand for a point every kilometre, and arcs for as many as keep to 2 cm, so a boundary
#: that winds round the Earth takes memory however few bytes it has.
_MAX_LENGTH_DEG = 720.0
#: Sum of the square roots of the radii of arcs, metres, to which the number of points is
#: proportional: 300 whole circles of 100 km.
_MAX_ARC_ROOTS = 100_000.0


def build_valid_point(latitude: float, longitude: float, path: str) -> model.Point:
    """Return a point with valid latitude and longitude.

    Raises:
        ZoneError: If latitude or longitude is out of range.
    """
    if not (math.isfinite(latitude) and abs(latitude) <= 90):
        raise model.ZoneError(f"{path}: expected a latitude of -90 to 90, found {latitude:g}")
    if not (math.isfinite(longitude) and abs(longitude) <= 360):
        raise model.ZoneError(f"{path}: expected a longitude of -180 to 180, found {longitude:g}")
    # Some files write longitudes beyond the antimeridian as more than 180 degrees.
    if abs(longitude) > 180:
        longitude = (longitude + 180) % 360 - 180
    return latitude, longitude


def build_valid_circle(centre: model.Point, radius_m: float, path: str) -> model.Circle:
    """Return a circle with a valid radius.

    Raises:
        ZoneError: If the radius is not a valid distance.
    """
    return model.Circle(centre, _validated_distance_m(radius_m, "radius", path))


def build_valid_corridor(
    points: Sequence[model.Point], width_m: float, path: str
) -> model.Corridor:
    """Return the area within half the width of a line.

    Raises:
        ZoneError: If there are fewer than two points, or no width.
    """
    if len(points) < 2:
        raise model.ZoneError(
            f"{path}: expected at least 2 points of a corridor, found {len(points)}"
        )
    if len(points) > MAX_CORNERS or _boundary_length_upper_bound_deg(points) > _MAX_LENGTH_DEG:
        raise model.ZoneError(f"{path}: expected a corridor of at most twice round the Earth")
    return model.Corridor(tuple(points), _validated_distance_m(width_m, "width", path) / 2)


def ring_from_closed(points: Sequence[model.Point], path: str) -> model.Ring:
    """Return a ring from points of which the last must repeat the first, as in GeoJSON.

    Raises:
        ZoneError: If the ring is not closed, or has fewer than three corners.
    """
    if len(points) < 2 or points[0] != points[-1]:
        raise model.ZoneError(f"{path}: expected a ring whose last point is its first")
    return build_valid_ring(points, path)


def does_ring_go_either_way_round(
    positions: Sequence[Sequence[float]], *, clockwise: bool = False
) -> bool:
    """Return whether a ring may mean a band round the Earth or a strip at the antimeridian.

    RFC 7946 (3.1.9) has edges straight in degrees, so one from -179 to 179 runs round the Earth,
    and an area across the antimeridian is cut in two.  Many files do not cut it: the same edge is
    then 2 degrees long.  The turn of the ring tells which is meant, if the file keeps to it.

    Args:
        positions: Longitude and latitude as the file has them.
        clockwise: Whether outer rings turn clockwise, as in ArcGIS, and not the other way.

    Returns:
        False for a ring round a pole, and for one that turns as a strip at the antimeridian does.
    """
    longitude, latitude = (np.array([pair[axis] for pair in positions]) for axis in (0, 1))
    step = np.diff(longitude, append=longitude[:1])
    is_at_pole = np.abs(latitude) == 90
    spans = np.abs(step)[~(is_at_pole | np.roll(is_at_pole, -1))]
    if not (spans >= 180).any():
        return False
    shorter = (step + 180) % 360 - 180
    if (spans == 180).any():
        return True
    if round(float(shorter.sum()) / 360):
        return False
    turn = _doubled_area(longitude, latitude)
    strip = _doubled_area(longitude[0] + np.cumsum(shorter) - shorter, latitude)
    return abs(strip) < 1e-9 or (turn < 0 if clockwise else turn > 0)


def _doubled_area(x: FloatArray, y: FloatArray) -> float:
    """Return twice the area that corners in a plane enclose, positive where they turn left."""
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def build_valid_ring(
    points: Sequence[model.Point], path: str, arcs: Sequence[model.Arc] = ()
) -> model.Ring:
    """Return a ring; the last point may or may not repeat the first.

    Raises:
        ZoneError: If the ring has fewer than three corners (with arcs: two).
    """
    corners = tuple(points[:-1] if len(points) > 1 and points[0] == points[-1] else points)
    least = 2 if arcs else 3
    # At a pole every longitude is the same point, and so are both sides of the antimeridian.
    different = {(lat, lon % 360 if abs(lat) < 90 else 0.0) for lat, lon in corners}
    if len(different) < least:
        raise model.ZoneError(f"{path}: expected at least {least} corners, found {len(different)}")
    if len(corners) > MAX_CORNERS:
        raise model.ZoneError(
            f"{path}: expected at most {MAX_CORNERS:,} corners, found {len(corners):,}"
        )
    if _boundary_length_upper_bound_deg(corners) > _MAX_LENGTH_DEG:
        raise model.ZoneError(f"{path}: expected a boundary of at most twice round the Earth")
    if sum(math.sqrt(arc.radius_m) for arc in arcs) > _MAX_ARC_ROOTS:
        raise model.ZoneError(f"{path}: expected fewer or smaller arcs")
    return model.Ring(corners, tuple(arcs))


def _boundary_length_upper_bound_deg(corners: Sequence[model.Point]) -> float:
    """Return an upper limit of the length of a closed line, in degrees of a great circle."""
    following = (*corners[1:], corners[0])
    return sum(
        abs(latitude - other[0]) + abs((longitude - other[1] + 180) % 360 - 180)
        for (latitude, longitude), other in zip(corners, following, strict=True)
    )


def build_valid_polygon(rings: Sequence[model.Ring], path: str) -> model.Polygon:
    """Return a polygon from its outer ring and its holes.

    Raises:
        ZoneError: If there is no ring.
    """
    if not rings:
        raise model.ZoneError(f"{path}: expected a ring, found none")
    return model.Polygon(rings[0], tuple(rings[1:]))


def _validated_distance_m(metres: float, what: str, path: str) -> float:
    if not 0 < metres < _MAX_DISTANCE_M:
        raise model.ZoneError(f"{path}: expected a {what} of more than 0 m, found {metres:g} m")
    return metres
