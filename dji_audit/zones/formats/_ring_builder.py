"""Rings built edge by edge from corners and from arcs on the ellipsoid."""

from dataclasses import dataclass, field

from dji_audit.geo.geodesy import distance_m, point_at_bearing_and_distance
from dji_audit.zones._model import Arc, Point, Polygon, ZoneError
from dji_audit.zones._validated_shapes import MAX_CORNERS, build_valid_ring

#: The end of an arc that follows from an angle is moved to a corner this close to it: files
#: state corners in whole seconds and angles in whole degrees.
_SNAP_M = 60.0


@dataclass(slots=True)
class RingBuilder:
    """Corners and arcs in order."""

    points: list[Point] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    #: Whether the last point was computed from an angle.
    _by_angle: bool = False

    def __bool__(self) -> bool:
        """Return whether there is a corner."""
        return bool(self.points)

    def add_line(self, point: Point) -> None:
        """Add an edge to a point."""
        if self._by_angle and distance_m(self.points[-1], point) < _SNAP_M:
            self.points[-1] = point
        elif not self.points or self.points[-1] != point:
            self.points.append(point)
        self._by_angle = False

    def add_arc_between(self, start: Point, end: Point, centre: Point, clockwise: bool) -> None:
        """Add an arc from one point to another around a centre.

        The radius is the distance of the start; where the end lies at another distance, a
        short edge leads to it.
        """
        radius = distance_m(centre, start)
        self._add_arc(start, end, centre, radius, clockwise)

    def add_arc_to(self, end: Point, centre: Point, radius_m: float, clockwise: bool) -> None:
        """Add an arc from the last point to another, with the stated radius."""
        self._add_arc(self.points[-1], end, centre, radius_m, clockwise)

    def add_arc_by_bearings(
        self, centre: Point, radius_m: float, start_deg: float, end_deg: float, clockwise: bool
    ) -> None:
        """Add an arc between two bearings from its centre; a full circle becomes two halves."""
        if start_deg != end_deg and (end_deg - start_deg) % 360 == 0:
            middle = start_deg + 180
            self.add_arc_by_bearings(centre, radius_m, start_deg, middle, clockwise)
            self.add_arc_by_bearings(centre, radius_m, middle, end_deg, clockwise)
            return
        start, end = (
            point_at_bearing_and_distance(centre, bearing, radius_m)
            for bearing in (start_deg, end_deg)
        )
        if self.points and distance_m(self.points[-1], start) < _SNAP_M:
            start = self.points[-1]
        self._add_arc(start, end, centre, radius_m, clockwise)
        self._by_angle = True

    def add_edge_along_parallel(self, end: Point) -> None:
        """Add an edge along the parallel of the last point to a point on it."""
        start = self.points[-1]
        span = (end[1] - start[1] + 180) % 360 - 180
        # With points every 1 km, geodesics stay within 0.1 m of the parallel up to 78 degrees.
        steps = max(1, round(distance_m(start, end) / 1000))
        if len(self.points) + steps > MAX_CORNERS:
            raise ZoneError(f"expected at most {MAX_CORNERS:,} corners")
        for step in range(1, steps):
            longitude = (start[1] + span * step / steps + 180) % 360 - 180
            self.add_line((start[0] + (end[0] - start[0]) * step / steps, longitude))
        self.add_line(end)

    def to_polygon(self, path: str) -> Polygon:
        """Return the polygon.

        Raises:
            ZoneError: If it has too few corners.
        """
        if self._by_angle and len(self.points) > 2:
            first = self.points[0]
            if distance_m(self.points[-1], first) < _SNAP_M:
                self.points[-1] = first
        if len(self.points) > 1 and self.points[0] == self.points[-1]:
            self.points.pop()
        if any(arc.edge >= len(self.points) for arc in self.arcs):
            raise ZoneError(f"{path}: expected an area, found a single arc")
        return Polygon(build_valid_ring(self.points, path, self.arcs))

    def _add_arc(
        self, start: Point, end: Point, centre: Point, radius_m: float, clockwise: bool
    ) -> None:
        self.add_line(start)
        self.arcs.append(Arc(len(self.points) - 1, centre, radius_m, clockwise))
        self.points.append(end)
