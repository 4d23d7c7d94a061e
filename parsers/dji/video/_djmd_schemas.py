"""Schemas of ``djmd``: those that are known by name, and those inferred from the shape of messages.

Facts: ExifTool 13.58 (DJI.pm) for the numbers of the fields by name of schema.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ._protobuf import Value

_DEGREES_APART = 0.01


@dataclass(frozen=True, slots=True)
class Schema:
    """Where in a message the values stand; a path is of numbers of fields."""

    name: str
    #: Of the message that holds position (1), altitude (2), status (3) and GPS time (6-1).
    place: str
    #: Height above take-off, millimetres.
    height: str | None
    attitude: str | None
    gimbal: str | None
    #: Degrees in one unit of the gimbal's angles.
    gimbal_unit: float = 0.1
    inferred: bool = False


def _aircraft(name: str, gimbal_unit: float = 0.1) -> Schema:
    return Schema(name, "3-3-4", "3-3-5-1", "3-3-3", "3-4-3", gimbal_unit)


def _small(name: str) -> Schema:
    return Schema(name, "3-4-4", "3-4-5-1", "3-4-3", None)


def _handheld(name: str) -> Schema:
    return Schema(name, "3-4-2", None, None, None)


#: Name of the schema in the first sample, without ``dvtm_`` and ``.proto``.
SCHEMAS: Mapping[str, Schema] = {
    schema.name: schema
    for schema in (
        *(_handheld(name) for name in ("ac203", "ac204", "ac206")),
        *(_small(name) for name in ("AVATA2", "dji_neo")),
        *(_aircraft(name) for name in ("wm265e", "pm320", "Mini4_Pro", "Air3", "Air3s")),
        *(_aircraft(name) for name in ("PP-101", "oq101", "wa345e", "wm261")),
        *(_aircraft(name, 1.0) for name in ("Mavic4", "Mini5Pro")),
    )
}


def by_shape(trees: Sequence[Mapping[str, Value]]) -> Schema | None:
    """Return a schema for the first path that holds a position in all of some messages."""
    first = trees[0] if trees else {}
    for path in first:
        outer, _, last = path.rpartition("-")
        if last == "2" and outer.count("-") >= 2 and _is_position(outer, trees):
            place = outer.rpartition("-")[0]
            body = place.rpartition("-")[0]
            height = f"{body}-5-1" if f"{body}-5-1" in first else None
            gimbal = "3-4-3" if body != "3-4" and _is_angles("3-4-3", trees) else None
            return Schema("inferred", place, height, None, gimbal, inferred=True)
    return None


def _is_position(path: str, trees: Sequence[Mapping[str, Value]]) -> bool:
    points: list[tuple[float, float]] = []
    for each in trees:
        unit, lat, lon = (each.get(f"{path}-{number}") for number in (1, 2, 3))
        if not isinstance(lat, float) or not isinstance(lon, float) or unit not in (None, 0, 1):
            return False
        scale = 1.0 if unit == 1 else 180 / np.pi
        if not abs(lat * scale) <= 90 or not abs(lon * scale) <= 180:
            return False
        if abs(lat) > 1e-6 or abs(lon) > 1e-6:
            points.append((lat * scale, lon * scale))
    steps = pairwise(points)
    return bool(points) and all(
        abs(b[0] - a[0]) < _DEGREES_APART and abs(b[1] - a[1]) < _DEGREES_APART for a, b in steps
    )


def _is_angles(path: str, trees: Sequence[Mapping[str, Value]]) -> bool:
    """Return whether a message holds tenths of degrees: whole numbers no greater than 3600."""
    found = [each.get(f"{path}-{number}", 0) for each in trees for number in (1, 2, 3)]
    some = any(f"{path}-{number}" in each for each in trees for number in (1, 2, 3))
    return some and all(isinstance(value, int) and abs(value) <= 3600 for value in found)
