"""The footprint of a solid that KML draws as separate faces (top, bottom and walls)."""

from dataclasses import dataclass

from dji_audit.zones._model import Point, Polygon, Ring, ZoneError
from dji_audit.zones._validated_shapes import build_valid_point, build_valid_ring

#: Longitude, latitude, height.
FacePosition = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class FaceOfKmlSolid:
    """One polygon of the drawing: a flat face or a wall."""

    outer: tuple[FacePosition, ...]
    inner: tuple[tuple[FacePosition, ...], ...]

    @property
    def is_wall(self) -> bool:
        """Whether the face is vertical: it has a height and, seen from above, no area."""
        return len({z for _, _, z in self.outer}) > 1 and len({p[:2] for p in self.outer}) <= 2

    @property
    def base_edge(self) -> tuple[Point, Point]:
        """The two base corners of a wall, longitude first."""
        first, second = sorted({position[:2] for position in self.outer})
        return first, second


def solid_footprint_and_face_heights(
    faces: list[FaceOfKmlSolid], path: str
) -> tuple[tuple[Polygon, ...], set[float]]:
    """Return the areas that faces enclose, and the heights of the flat faces.

    Raises:
        ZoneError: If a ring has fewer than three corners, or walls alone form no ring.
    """
    flat = [face for face in faces if not face.is_wall]
    if not flat:
        return (Polygon(_ring_from_walls(faces, path)),), set()
    tops = {max(z for _, _, z in face.outer) for face in flat}
    walled = len(flat) < len(faces)
    made: dict[object, Polygon] = {}
    for face in flat:
        rings = [_ring_of_face(positions, path) for positions in (face.outer, *face.inner)]
        # Top and bottom of a solid are the same area; parts of a flat figure are not.
        key = tuple(frozenset(ring.points) for ring in rings) if walled else len(made)
        made.setdefault(key, Polygon(rings[0], tuple(rings[1:])))
    return tuple(made.values()), tops


def _ring_of_face(positions: tuple[FacePosition, ...], path: str) -> Ring:
    points = [build_valid_point(latitude, longitude, path) for longitude, latitude, _ in positions]
    # KML requires the first position again at the end; half of the known files omit it.
    return build_valid_ring(points, path)


def _ring_from_walls(walls: list[FaceOfKmlSolid], path: str) -> Ring:
    """Return the ring along the base of walls, which may come in any order and direction."""
    neighbours: dict[Point, list[Point]] = {}
    for wall in walls:
        if len({position[:2] for position in wall.outer}) != 2:
            raise ZoneError(f"{path}: expected a wall between two corners")
        first, second = wall.base_edge
        neighbours.setdefault(first, []).append(second)
        neighbours.setdefault(second, []).append(first)
    if any(len(others) != 2 for others in neighbours.values()):
        raise ZoneError(f"{path}: expected walls that form one ring")
    start = min(neighbours)
    ring, previous = [start], neighbours[start][1]
    while len(ring) <= len(walls):
        current = ring[-1]
        following = next(
            (corner for corner in neighbours[current] if corner != previous), neighbours[current][0]
        )
        previous = current
        if following == start:
            break
        ring.append(following)
    if len(ring) != len(walls):
        raise ZoneError(f"{path}: expected walls that form one ring")
    points = [build_valid_point(latitude, longitude, path) for longitude, latitude in ring]
    return build_valid_ring(points, path)
