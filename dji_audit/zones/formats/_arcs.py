"""Rings drawn edge by edge, with arcs of circles on the ellipsoid among them."""

from dataclasses import dataclass, field

from pyproj import Geod

from dji_audit.zones._model import Arc, Point, Polygon, ZoneError
from dji_audit.zones._shapes import open_ring

_WGS84 = Geod(ellps="WGS84")
#: An end of an arc that follows from its angles is the corner this close to it: corners are
#: written with whole seconds, and angles with whole degrees.
_SAME_M = 60.0


@dataclass(slots=True)
class Edges:
    """Corners and arcs in the order in which they are drawn."""

    points: list[Point] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    #: Whether the last point follows from an angle.
    _by_angle: bool = False

    def __bool__(self) -> bool:
        """Return whether anything was drawn."""
        return bool(self.points)

    def line(self, point: Point) -> None:
        """Draw an edge to a point."""
        if self._by_angle and distance_m(self.points[-1], point) < _SAME_M:
            self.points[-1] = point
        elif not self.points or self.points[-1] != point:
            self.points.append(point)
        self._by_angle = False

    def arc_between(self, start: Point, end: Point, centre: Point, clockwise: bool) -> None:
        """Draw an arc from one point to another around a centre.

        The radius is that of the start; where the end lies at another distance, a
        short edge leads to it.
        """
        radius = distance_m(centre, start)
        self._arc(start, end, centre, radius, clockwise)

    def arc_to(self, end: Point, centre: Point, radius_m: float, clockwise: bool) -> None:
        """Draw an arc from the last point to another, with the radius that is stated."""
        self._arc(self.points[-1], end, centre, radius_m, clockwise)

    def arc_of(
        self, centre: Point, radius_m: float, start_deg: float, end_deg: float, clockwise: bool
    ) -> None:
        """Draw an arc between two bearings from its centre; a whole turn as two halves."""
        if start_deg != end_deg and (end_deg - start_deg) % 360 == 0:
            middle = start_deg + 180
            self.arc_of(centre, radius_m, start_deg, middle, clockwise)
            self.arc_of(centre, radius_m, middle, end_deg, clockwise)
            return
        start, end = (_at(centre, bearing, radius_m) for bearing in (start_deg, end_deg))
        if self.points and distance_m(self.points[-1], start) < _SAME_M:
            start = self.points[-1]
        self._arc(start, end, centre, radius_m, clockwise)
        self._by_angle = True

    def parallel(self, end: Point) -> None:
        """Draw an edge along the parallel of the last point to a point on it."""
        start = self.points[-1]
        span = (end[1] - start[1] + 180) % 360 - 180
        # At 1 km between points the geodesics stay within 0.1 m of the parallel to 78 degrees.
        steps = max(1, round(distance_m(start, end) / 1000))
        for step in range(1, steps):
            longitude = (start[1] + span * step / steps + 180) % 360 - 180
            self.line((start[0] + (end[0] - start[0]) * step / steps, longitude))
        self.line(end)

    def polygon(self, path: str) -> Polygon:
        """Return the polygon that was drawn.

        Raises:
            ZoneError: If it has too few corners.
        """
        if self._by_angle and len(self.points) > 2:
            first = self.points[0]
            if distance_m(self.points[-1], first) < _SAME_M:
                self.points[-1] = first
        if len(self.points) > 1 and self.points[0] == self.points[-1]:
            self.points.pop()
        if any(arc.edge >= len(self.points) for arc in self.arcs):
            raise ZoneError(f"{path}: expected an area, found an arc by itself")
        return Polygon(open_ring(self.points, path, self.arcs))

    def _arc(
        self, start: Point, end: Point, centre: Point, radius_m: float, clockwise: bool
    ) -> None:
        self.line(start)
        self.arcs.append(Arc(len(self.points) - 1, centre, radius_m, clockwise))
        self.points.append(end)


def distance_m(one: Point, other: Point) -> float:
    """Return the length of the geodesic between two points."""
    return float(_WGS84.inv(one[1], one[0], other[1], other[0])[2])


def _at(centre: Point, bearing_deg: float, distance_m: float) -> Point:
    longitude, latitude, _ = _WGS84.fwd(centre[1], centre[0], bearing_deg, distance_m)
    return float(latitude), float(longitude)
