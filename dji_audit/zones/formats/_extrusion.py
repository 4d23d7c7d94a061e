"""From the faces of a solid, as KML draws it, to the area it stands on."""

from dataclasses import dataclass

from dji_audit.zones._model import Point, Polygon, Ring, ZoneError
from dji_audit.zones._shapes import checked_point, open_ring

#: Longitude, latitude, height.
Position = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Face:
    """One polygon as it is drawn: flat, or a wall."""

    outer: tuple[Position, ...]
    inner: tuple[tuple[Position, ...], ...]

    @property
    def is_wall(self) -> bool:
        """Whether it stands upright: it has a height and, seen from above, no area."""
        return len({z for _, _, z in self.outer}) > 1 and len({p[:2] for p in self.outer}) <= 2

    @property
    def foot(self) -> tuple[Point, Point]:
        """Where a wall stands: its two corners, longitude first."""
        first, second = sorted({position[:2] for position in self.outer})
        return first, second


def footprint(faces: list[Face], path: str) -> tuple[tuple[Polygon, ...], set[float]]:
    """Return the areas that faces enclose, and the heights of those that are flat.

    Raises:
        ZoneError: If a ring has no three corners, or walls by themselves form none.
    """
    flat = [face for face in faces if not face.is_wall]
    if not flat:
        return (Polygon(_chained(faces, path)),), set()
    tops = {max(z for _, _, z in face.outer) for face in flat}
    walled = len(flat) < len(faces)
    made: dict[object, Polygon] = {}
    for face in flat:
        rings = [_ring(positions, path) for positions in (face.outer, *face.inner)]
        # Top and bottom of a solid are the same area; parts of a plane figure are not.
        key = tuple(frozenset(ring.points) for ring in rings) if walled else len(made)
        made.setdefault(key, Polygon(rings[0], tuple(rings[1:])))
    return tuple(made.values()), tops


def _ring(positions: tuple[Position, ...], path: str) -> Ring:
    points = [checked_point(latitude, longitude, path) for longitude, latitude, _ in positions]
    # KML wants the first position again at the end; half of the files seen leave it out.
    return open_ring(points, path)


def _chained(walls: list[Face], path: str) -> Ring:
    """Return the ring along the feet of walls, whose order and direction do not matter."""
    beside: dict[Point, list[Point]] = {}
    for wall in walls:
        if len({position[:2] for position in wall.outer}) != 2:
            raise ZoneError(f"{path}: expected a wall between two corners")
        first, second = wall.foot
        beside.setdefault(first, []).append(second)
        beside.setdefault(second, []).append(first)
    if any(len(others) != 2 for others in beside.values()):
        raise ZoneError(f"{path}: expected walls that form one ring")
    start = min(beside)
    ring, before = [start], beside[start][1]
    while len(ring) <= len(walls):
        current = ring[-1]
        following = next((one for one in beside[current] if one != before), beside[current][0])
        before = current
        if following == start:
            break
        ring.append(following)
    if len(ring) != len(walls):
        raise ZoneError(f"{path}: expected walls that form one ring")
    points = [checked_point(latitude, longitude, path) for longitude, latitude in ring]
    return open_ring(points, path)
