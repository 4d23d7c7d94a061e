"""Shapes in a local plane: the azimuthal equidistant projection around their centre.

Distances and directions from the centre are those of the geodesic on the ellipsoid
(Karney 2013, doi:10.1007/s00190-012-0578-z, by ``pyproj.Geod``), so that a circle is
an exact circle.  Edges of polygons are geodesics, divided into pieces of at most 1 km; arcs
are divided so that no piece is more than 2 cm from the arc.  Elsewhere in the plane,
distances at right angles to the direction of the centre are too long by a share of d²/6R²,
where d is the distance from the centre and R the radius of the Earth: 4 cm in a kilometre
at 100 km.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely

from dji_audit.common.time_intervals import FloatArray
from dji_audit.geo.geodesy import densify_geodesics
from dji_audit.geo.local_plane import lat_lon_to_plane
from dji_audit.geo.unit_vectors import (
    chord_lengths_between_unit_vectors,
    lat_lon_to_vectors,
    max_ground_distances_of_chords_m,
    vectors_to_lat_lon,
)
from dji_audit.zones._model import Circle, Corridor, Point, Polygon, Ring, Shape
from dji_audit.zones.engine._densify_outlines import densify_ring, lat_lon_arrays

#: Corners of a quarter circle at the ends of a corridor: an error of 2 cm at 5 km.
_CORNERS_PER_QUARTER = 360

#: Geometry type numbers of shapely.
_POLYGON, _MULTI_POLYGON = 3, 6

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class ProjectedShape(Protocol):
    """A shape in its plane.  Positions are metres east and north of the origin, ``(n, 2)``."""

    @property
    def origin(self) -> Point:
        """The point at which the plane touches the Earth."""

    @property
    def boundary_fault(self) -> str:
        """Why the boundary is invalid; empty if it is valid."""

    def positions_inside_mask(self, at: FloatArray) -> BoolArray:
        """Return which positions lie within the shape."""

    def signed_depths_inside_m(self, at: FloatArray) -> FloatArray:
        """Return the distance of each position from the boundary, metres, positive within."""

    def circles_that_may_touch_boundary_mask(
        self, at: FloatArray, radius_m: FloatArray
    ) -> BoolArray:
        """Return which circles the boundary may intersect; false is certain."""

    def boundary_crossing_lines_and_shares(
        self, starts: FloatArray, ends: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        """Return where straight lines cross the boundary: line index and share of its length."""

    def nearest_boundary_point(self, at: FloatArray) -> FloatArray:
        """Return the point of the boundary nearest to one position."""


def project_shape(shape: Shape) -> ProjectedShape:
    """Return a shape in its local plane."""
    if isinstance(shape, Circle):
        return _ProjectedCircle(shape.centre, shape.radius_m)
    if isinstance(shape, Corridor):
        return _ProjectedPolygon(*_centre_point_and_projected_corridor(shape))
    return _ProjectedPolygon(*_middle_and_projected_polygon(shape))


def bounding_circle(shape: Shape) -> tuple[FloatArray, float]:
    """Return the unit vector of the centre of a shape, and its largest possible radius, metres."""
    if isinstance(shape, Circle):
        return lat_lon_to_vectors(*lat_lon_arrays([shape.centre]))[0], shape.radius_m
    rings = [shape.outer] if isinstance(shape, Polygon) else [Ring(shape.points)]
    points = lat_lon_to_vectors(*lat_lon_arrays(rings[0].points))
    middle = points.sum(axis=0)
    size = float(np.linalg.norm(middle))
    # A shape around the whole Earth has no centre: any point will do.
    middle = middle / size if size > 1e-9 else points[0]
    reach_m = float(
        max_ground_distances_of_chords_m(chord_lengths_between_unit_vectors(points, middle)).max()
    )
    for arc in rings[0].arcs:
        (centre,) = lat_lon_to_vectors(*lat_lon_arrays([arc.centre]))
        reach = (
            float(
                max_ground_distances_of_chords_m(chord_lengths_between_unit_vectors(centre, middle))
            )
            + arc.radius_m * 1.01
        )
        reach_m = max(reach_m, reach)
    # A geodesic may lie further out than both of its end points.
    edges = chord_lengths_between_unit_vectors(points, np.roll(points, -1, axis=0))
    reach_m += float(max_ground_distances_of_chords_m(edges).max()) / 2
    return middle, reach_m + (shape.half_width_m if isinstance(shape, Corridor) else 0.0)


@dataclass(frozen=True, slots=True)
class _ProjectedCircle:
    """A circle, in the plane around its centre."""

    origin: Point
    radius_m: float
    boundary_fault: str = ""

    def positions_inside_mask(self, at: FloatArray) -> BoolArray:
        return np.asarray(np.hypot(at[:, 0], at[:, 1]) <= self.radius_m)

    def signed_depths_inside_m(self, at: FloatArray) -> FloatArray:
        return np.asarray(self.radius_m - np.hypot(at[:, 0], at[:, 1]))

    def circles_that_may_touch_boundary_mask(
        self, at: FloatArray, radius_m: FloatArray
    ) -> BoolArray:
        return np.asarray(np.abs(self.signed_depths_inside_m(at)) <= radius_m)

    def boundary_crossing_lines_and_shares(
        self, starts: FloatArray, ends: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        way = ends - starts
        a = (way**2).sum(axis=1)
        b = (starts * way).sum(axis=1)
        c = (starts**2).sum(axis=1) - self.radius_m**2
        under = b**2 - a * c
        with np.errstate(invalid="ignore", divide="ignore"):
            root = np.sqrt(under)
            shares = np.stack([(-b - root) / a, (-b + root) / a], axis=1)
        lines, which = np.nonzero((shares > 0) & (shares < 1))
        return lines, shares[lines, which]

    def nearest_boundary_point(self, at: FloatArray) -> FloatArray:
        away = float(np.hypot(*at))
        return np.asarray(at * self.radius_m / away if away else [0.0, self.radius_m])


class _ProjectedPolygon:
    """A polygon of straight edges in the plane."""

    def __init__(self, middle: Point, surface: shapely.Geometry) -> None:
        """Keep a surface in the plane around a point; an invalid surface is repaired."""
        self.origin = middle
        #: Where and how the boundary crosses or touches itself; empty where it does not.
        self.boundary_fault = "" if surface.is_valid else str(shapely.is_valid_reason(surface))
        # A boundary that crosses itself is filled by the even-odd rule, as on maps; lines and
        # points that remain enclose nothing.
        mended = shapely.make_valid(surface) if self.boundary_fault else surface
        parts = shapely.get_parts(mended)
        areas = parts[np.isin(shapely.get_type_id(parts), (_POLYGON, _MULTI_POLYGON))]
        self.surface = shapely.union_all(areas) if self.boundary_fault else surface
        self._as_given = surface
        shapely.prepare(self.surface)

    @cached_property
    def _boundary_lines(self) -> shapely.Geometry:
        """The boundary as lines, prepared for distances."""
        # If the boundary encloses nothing, the line as given.
        lines = shapely.boundary(self._as_given if shapely.is_empty(self.surface) else self.surface)
        shapely.prepare(lines)
        return lines

    @cached_property
    def _edges(self) -> FloatArray:
        """Starts and ends of the edges of the boundary, shape ``(m, 2, 2)``."""
        lines = [shapely.get_coordinates(line) for line in shapely.get_parts(self._boundary_lines)]
        edges = [np.stack([line[:-1], line[1:]], axis=1) for line in lines]
        return np.concatenate(edges)

    @cached_property
    def _edge_tree(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.linestrings(self._edges))

    def positions_inside_mask(self, at: FloatArray) -> BoolArray:
        return np.asarray(shapely.contains_xy(self.surface, at[:, 0], at[:, 1]))

    def signed_depths_inside_m(self, at: FloatArray) -> FloatArray:
        distances = shapely.distance(self._boundary_lines, shapely.points(at))
        signed: FloatArray = np.where(self.positions_inside_mask(at), distances, -distances)
        return signed

    def circles_that_may_touch_boundary_mask(
        self, at: FloatArray, radius_m: FloatArray
    ) -> BoolArray:
        boxes = shapely.box(
            at[:, 0] - radius_m, at[:, 1] - radius_m, at[:, 0] + radius_m, at[:, 1] + radius_m
        )
        flags = np.zeros(len(at), np.bool_)
        flags[np.unique(self._edge_tree.query(boxes, predicate="intersects")[0])] = True
        return flags

    def boundary_crossing_lines_and_shares(
        self, starts: FloatArray, ends: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        lines, edges = self._edge_tree.query(
            shapely.linestrings(np.stack([starts, ends], axis=1)), predicate="intersects"
        )
        way, along = ends[lines] - starts[lines], self._edges[edges, 1] - self._edges[edges, 0]
        off = self._edges[edges, 0] - starts[lines]
        across = way[:, 0] * along[:, 1] - way[:, 1] * along[:, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (off[:, 0] * along[:, 1] - off[:, 1] * along[:, 0]) / across
        # A line that runs along an edge does not cross it.
        good = np.isfinite(share) & (share > 0) & (share < 1)
        return lines[good], share[good]

    def nearest_boundary_point(self, at: FloatArray) -> FloatArray:
        shortest = shapely.shortest_line(self._boundary_lines, shapely.Point(at))
        nearest: FloatArray = shapely.get_coordinates(shortest)[0]
        return nearest


def _middle_and_projected_polygon(shape: Polygon) -> tuple[Point, shapely.Geometry]:
    middle = _mean_point_of_shape(shape.outer.points)
    outer, *holes = (
        lat_lon_to_plane(middle, *densify_ring(ring)) for ring in (shape.outer, *shape.holes)
    )
    return middle, shapely.Polygon(outer, holes)


def _centre_point_and_projected_corridor(shape: Corridor) -> tuple[Point, shapely.Geometry]:
    middle = _mean_point_of_shape(shape.points)
    latitude, longitude = lat_lon_arrays(shape.points)
    line = lat_lon_to_plane(middle, *densify_geodesics(latitude, longitude, closed=False))
    return middle, shapely.LineString(line).buffer(
        shape.half_width_m, quad_segs=_CORNERS_PER_QUARTER
    )


def _mean_point_of_shape(points: Sequence[Point]) -> Point:
    mean = lat_lon_to_vectors(*lat_lon_arrays(points)).sum(axis=0)
    if float(np.linalg.norm(mean)) < 1e-9:
        return points[0]
    latitude, longitude = vectors_to_lat_lon(mean[None])
    return float(latitude[0]), float(longitude[0])
