"""Geometry for exports: cut at the antimeridian, rings in the order that RFC 7946 asks for.

RFC 7946, section 3.1.6: an outer ring runs counterclockwise, a hole clockwise; section 3.1.9: what
crosses the antimeridian is cut in two, so that no part of it lies on both sides.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.polygon import orient

from dji_audit.geo.geodesy import Point, longitude_unwrapped_near_another
from dji_audit.geo.local_plane import lat_lon_to_plane, plane_to_lat_lon

Floats = npt.NDArray[np.float64]
#: Longitude and latitude, in the order of GeoJSON, KML and WKB.
LonLat = tuple[float, float]
#: An outer ring and its holes, each closed.
PolygonRings = tuple[tuple[LonLat, ...], ...]

#: Points in a quarter of a circle at the ends of a corridor.
_QUARTER_CIRCLE_STEPS = 16
#: Decimals of degrees: 1e-8 is a millimetre.
DEGREE_DECIMALS = 8


def wrapped_longitudes(longitude: Floats) -> Floats:
    """Return longitudes within -180 to 180 degrees, those that lie there already unchanged."""
    return np.where(abs(longitude) <= 180, longitude, (longitude + 180) % 360 - 180)


def indices_after_antimeridian_crossing(longitude: Floats) -> npt.NDArray[np.intp]:
    """Return the indices of the points that lie on the other side from the point before them.

    Points that follow one another are nearer than half a turn.
    """
    return np.flatnonzero(abs(np.diff(longitude)) > 180) + 1


def latitude_at_antimeridian(before: LonLat, after: LonLat) -> float:
    """Return the latitude at which a short line between two points meets the antimeridian."""
    (x0, y0), (x1, y1) = before, after
    x1 = longitude_unwrapped_near_another(x1, x0)
    edge = 180.0 if x1 > x0 else -180.0
    return y0 if x1 == x0 else y0 + (y1 - y0) * (edge - x0) / (x1 - x0)


def split_polygons_at_antimeridian(outlines: Sequence[Sequence[Point]]) -> tuple[PolygonRings, ...]:
    """Return an outline and its holes as polygons, none of which crosses the antimeridian.

    Args:
        outlines: The outer outline, then holes; latitude and longitude of corners, not closed,
            neighbours nearer than half a turn.

    Returns:
        Polygons of longitude and latitude, rings closed, the outer counterclockwise; none where
        the outline has no area.
    """
    near = outlines[0][0][1]
    rings = [_ring_with_continuous_longitudes(outline, near) for outline in outlines]
    shapes = [shapely.make_valid(shapely.Polygon(ring)) for ring in rings if len(ring) >= 3]
    if not shapes:
        return ()
    area = shapes[0]
    for hole in shapes[1:]:
        area = shapely.difference(area, hole)
    west, _, east, _ = area.bounds if not area.is_empty else (0.0, 0.0, 0.0, 0.0)
    polygons: list[PolygonRings] = []
    for turn in range(int(np.floor((west + 180) / 360)), int(np.ceil((east + 180) / 360))):
        left = 360.0 * turn - 180.0
        part = shapely.intersection(area, shapely.box(left, -90.0, left + 360.0, 90.0))
        polygons += _shifted_polygon_rings(part, 360.0 * turn)
    return tuple(polygons)


def _ring_with_continuous_longitudes(outline: Iterable[Point], near: float) -> list[LonLat]:
    """Return a ring whose longitudes run on past 180; one round a pole is closed over the pole."""
    ring: list[LonLat] = []
    for latitude, longitude in outline:
        near = longitude_unwrapped_near_another(longitude, near)
        ring.append((near, latitude))
    if len(ring) >= 3:
        turned = longitude_unwrapped_near_another(ring[0][0], ring[-1][0]) - ring[0][0]
        if abs(turned) > 180:
            pole = 90.0 if sum(latitude for _, latitude in ring) > 0 else -90.0
            end = ring[0][0] + turned
            ring += [(end, ring[0][1]), (end, pole), (ring[0][0], pole)]
    return [(x, max(min(y, 90.0), -90.0)) for x, y in ring]


def _shifted_polygon_rings(area: shapely.Geometry, shift: float) -> Iterable[PolygonRings]:
    for part in shapely.get_parts(area):
        if part.geom_type == "MultiPolygon":
            yield from _shifted_polygon_rings(part, shift)
        elif part.geom_type == "Polygon" and part.area > 0:
            turned = orient(part, 1.0)
            yield tuple(
                tuple(
                    (
                        round(min(max(x - shift, -180.0), 180.0), DEGREE_DECIMALS),
                        round(y, DEGREE_DECIMALS),
                    )
                    for x, y in ring.coords
                )
                for ring in (turned.exterior, *turned.interiors)
            )


def corridor_outline_then_hole_outlines(
    points: Sequence[Point], half_width_m: float
) -> list[list[Point]]:
    """Return the outline of everything within a distance of a line, then those of its holes.

    Args:
        points: Latitude and longitude along the line.
        half_width_m: The distance.
    """
    origin = points[len(points) // 2]
    array = np.array(points, np.float64)
    plane = lat_lon_to_plane(origin, array[:, 0], array[:, 1])
    line = shapely.LineString(plane) if len(plane) > 1 else shapely.Point(plane[0])
    area = shapely.buffer(line, half_width_m, quad_segs=_QUARTER_CIRCLE_STEPS)
    outlines: list[list[Point]] = []
    for ring in (area.exterior, *area.interiors):
        latitude, longitude = plane_to_lat_lon(origin, np.array(ring.coords[:-1], np.float64))
        outlines.append(list(zip(latitude.tolist(), longitude.tolist(), strict=True)))
    return outlines
