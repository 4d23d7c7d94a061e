"""Shapes in a plane of their own: azimuthal equidistant around their middle.

Distances and directions from the middle are those of the geodesic on the ellipsoid
(Karney 2013, doi:10.1007/s00190-012-0578-z, by ``pyproj.Geod``), so that a circle is
a circle to the last bit.  Edges of polygons are geodesics, cut so that no piece is
longer than 1 km; arcs are cut so that no piece is further from them than 2 cm.
Elsewhere in the plane, distances across the line to the middle are too long by the
square of their distance from it over six radii of the Earth squared: 4 cm in a
kilometre at 100 km.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely

from dji_audit.zones._densify import WGS84, densified, geodesics, split
from dji_audit.zones._intervals import Floats
from dji_audit.zones._model import Circle, Corridor, Point, Polygon, Ring, Shape
from dji_audit.zones.engine._track import at_most_m, chords, directions_deg, unit_vectors

#: Corners of a quarter of a circle at the ends of a corridor: 2 cm at 5 km.
_QUARTER = 360

#: Types of geometry, as shapely numbers them.
_POLYGON, _MULTI_POLYGON = 3, 6
#: Positions and edges whose distances are worked out at once.
_TOGETHER, _EDGES = 256, 4096

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Area(Protocol):
    """A shape in its plane.  Positions are metres east and north of its middle, ``(n, 2)``."""

    @property
    def middle(self) -> Point:
        """Where the plane touches the Earth."""

    @property
    def fault(self) -> str:
        """What is wrong with the boundary; empty: nothing."""

    def holds(self, at: Floats) -> Flags:
        """Return which positions lie within."""

    def signed_m(self, at: Floats) -> Floats:
        """Return the distance of each position from the boundary, positive within."""

    def near(self, at: Floats, radius_m: Floats) -> Flags:
        """Return which circles the boundary may pass through; false is certain."""

    def cuts(self, starts: Floats, ends: Floats) -> tuple[Ints, Floats]:
        """Return where straight lines pass the boundary: number of the line, share of it."""

    def foot(self, at: Floats) -> Floats:
        """Return the point of the boundary that is nearest to one position."""


def to_plane(middle: Point, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Return positions in the plane around a point, shape ``(n, 2)``."""
    count = len(latitude_deg)
    azimuth, _, away = WGS84.inv(
        np.full(count, middle[1]), np.full(count, middle[0]), longitude_deg, latitude_deg
    )
    azimuth = np.radians(azimuth)
    return np.column_stack([away * np.sin(azimuth), away * np.cos(azimuth)])


def from_plane(middle: Point, at: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude of positions in the plane around a point."""
    count = len(at)
    longitude, latitude, _ = WGS84.fwd(
        np.full(count, middle[1]),
        np.full(count, middle[0]),
        np.degrees(np.arctan2(at[:, 0], at[:, 1])),
        np.hypot(at[:, 0], at[:, 1]),
    )
    return np.asarray(latitude), np.asarray(longitude)


def area_of(shape: Shape) -> Area:
    """Return a shape in its plane."""
    if isinstance(shape, Circle):
        return _Round(shape.centre, shape.radius_m)
    if isinstance(shape, Corridor):
        return _Drawn(*_corridor(shape))
    return _Drawn(*_polygon(shape))


def bounds_of(shape: Shape) -> tuple[Floats, float]:
    """Return the direction of a shape's middle, and how far it reaches from there at most."""
    if isinstance(shape, Circle):
        return unit_vectors(*split([shape.centre]))[0], shape.radius_m
    rings = [shape.outer] if isinstance(shape, Polygon) else [Ring(shape.points)]
    points = unit_vectors(*split(rings[0].points))
    middle = points.sum(axis=0)
    size = float(np.linalg.norm(middle))
    # Around the whole Earth there is no middle: any will do.
    middle = middle / size if size > 1e-9 else points[0]
    away = float(at_most_m(chords(points, middle)).max())
    for arc in rings[0].arcs:
        (centre,) = unit_vectors(*split([arc.centre]))
        reach = float(at_most_m(chords(centre, middle))) + arc.radius_m * 1.01
        away = max(away, reach)
    # A geodesic may lie further out than both of its ends.
    edges = chords(points, np.roll(points, -1, axis=0))
    away += float(at_most_m(edges).max()) / 2
    return middle, away + (shape.half_width_m if isinstance(shape, Corridor) else 0.0)


@dataclass(frozen=True, slots=True)
class _Round:
    """A circle, in the plane around its centre."""

    middle: Point
    radius_m: float
    fault: str = ""

    def holds(self, at: Floats) -> Flags:
        return np.asarray(np.hypot(at[:, 0], at[:, 1]) <= self.radius_m)

    def signed_m(self, at: Floats) -> Floats:
        return np.asarray(self.radius_m - np.hypot(at[:, 0], at[:, 1]))

    def near(self, at: Floats, radius_m: Floats) -> Flags:
        return np.asarray(np.abs(self.signed_m(at)) <= radius_m)

    def cuts(self, starts: Floats, ends: Floats) -> tuple[Ints, Floats]:
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

    def foot(self, at: Floats) -> Floats:
        away = float(np.hypot(*at))
        return np.asarray(at * self.radius_m / away if away else [0.0, self.radius_m])


class _Drawn:
    """A polygon of straight edges in the plane."""

    def __init__(self, middle: Point, surface: shapely.Geometry) -> None:
        """Take a surface in the plane around a point."""
        self.middle = middle
        #: Where and how the boundary crosses or touches itself; empty: it does not.
        self.fault = "" if surface.is_valid else str(shapely.is_valid_reason(surface))
        # What crosses itself is taken as even-odd, as maps fill it; lines and points that
        # are left over enclose nothing.
        mended = shapely.make_valid(surface) if self.fault else surface
        parts = shapely.get_parts(mended)
        areas = parts[np.isin(shapely.get_type_id(parts), (_POLYGON, _MULTI_POLYGON))]
        self.surface = shapely.union_all(areas) if self.fault else surface
        self._drawn = surface
        shapely.prepare(self.surface)

    @cached_property
    def _edges(self) -> Floats:
        """Starts and ends of the boundary's edges, shape ``(m, 2, 2)``."""
        # Of what encloses nothing, the line that is drawn.
        whole = self._drawn if shapely.is_empty(self.surface) else self.surface
        rings = shapely.get_rings(shapely.get_parts(whole))
        lines = [shapely.get_coordinates(ring) for ring in rings]
        return np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.linestrings(self._edges))

    def holds(self, at: Floats) -> Flags:
        return np.asarray(shapely.contains_xy(self.surface, at[:, 0], at[:, 1]))

    def signed_m(self, at: Floats) -> Floats:
        away = [self._away_m(at[n : n + _TOGETHER]) for n in range(0, len(at), _TOGETHER)]
        found = np.concatenate(away) if away else np.empty(0)
        return np.where(self.holds(at), found, -found)

    def _away_m(self, at: Floats) -> Floats:
        """Return how far positions that lie close together are from the boundary."""
        middle = at.mean(axis=0)
        spread = float(np.hypot(*(at - middle).T).max())
        _, nearest = self._tree.query_nearest(shapely.Point(middle), return_distance=True)
        # No edge that is nearest to one of them is further from their middle than this.
        reach = float(nearest[0]) + 2 * spread + 1e-6
        edges = self._edges[self._tree.query(shapely.box(*(middle - reach), *(middle + reach)))]
        least = np.full(len(at), np.inf)
        for number in range(0, len(edges), _EDGES):
            least = np.minimum(least, _to_edges_m(at, edges[number : number + _EDGES]))
        return least

    def near(self, at: Floats, radius_m: Floats) -> Flags:
        boxes = shapely.box(
            at[:, 0] - radius_m, at[:, 1] - radius_m, at[:, 0] + radius_m, at[:, 1] + radius_m
        )
        flags = np.zeros(len(at), np.bool_)
        flags[np.unique(self._tree.query(boxes, predicate="intersects")[0])] = True
        return flags

    def cuts(self, starts: Floats, ends: Floats) -> tuple[Ints, Floats]:
        lines, edges = self._tree.query(
            shapely.linestrings(np.stack([starts, ends], axis=1)), predicate="intersects"
        )
        way, along = ends[lines] - starts[lines], self._edges[edges, 1] - self._edges[edges, 0]
        off = self._edges[edges, 0] - starts[lines]
        across = way[:, 0] * along[:, 1] - way[:, 1] * along[:, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (off[:, 0] * along[:, 1] - off[:, 1] * along[:, 0]) / across
        # A line along an edge passes it nowhere in between.
        good = np.isfinite(share) & (share > 0) & (share < 1)
        return lines[good], share[good]

    def foot(self, at: Floats) -> Floats:
        edge = self._edges[int(self._tree.nearest(shapely.Point(at)))]
        along = edge[1] - edge[0]
        size = float(along @ along)
        share = float(np.clip((at - edge[0]) @ along / size, 0, 1)) if size else 0.0
        return np.asarray(edge[0] + share * along)


def _to_edges_m(at: Floats, edges: Floats) -> Floats:
    """Return the distance of each position from the nearest of some straight edges."""
    start, along = edges[:, 0], edges[:, 1] - edges[:, 0]
    size = np.maximum((along**2).sum(axis=1), 1e-300)
    off_x = at[:, 0, None] - start[:, 0]
    off_y = at[:, 1, None] - start[:, 1]
    share = np.clip((off_x * along[:, 0] + off_y * along[:, 1]) / size, 0, 1)
    away = np.hypot(off_x - share * along[:, 0], off_y - share * along[:, 1])
    least: Floats = away.min(axis=1)
    return least


def _polygon(shape: Polygon) -> tuple[Point, shapely.Geometry]:
    middle = _middle(shape.outer.points)
    outer, *holes = (to_plane(middle, *densified(ring)) for ring in (shape.outer, *shape.holes))
    return middle, shapely.Polygon(outer, holes)


def _corridor(shape: Corridor) -> tuple[Point, shapely.Geometry]:
    middle = _middle(shape.points)
    latitude, longitude = split(shape.points)
    line = to_plane(middle, *geodesics(latitude, longitude, closed=False))
    return middle, shapely.LineString(line).buffer(shape.half_width_m, quad_segs=_QUARTER)


def _middle(points: Sequence[Point]) -> Point:
    mean = unit_vectors(*split(points)).sum(axis=0)
    if float(np.linalg.norm(mean)) < 1e-9:
        return points[0]
    latitude, longitude = directions_deg(mean[None])
    return float(latitude[0]), float(longitude[0])
