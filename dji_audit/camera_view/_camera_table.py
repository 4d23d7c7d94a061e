"""The cameras of an aircraft and their fields of view, from the table of cameras."""

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from dji_audit.common.shipped_tables import shipped_table_rows

if TYPE_CHECKING:
    import parsers


#: Tangents of half the field of view, across and up.
HalfFov = tuple[float, float]


#: How a field of view is known, the surest first.
FOV_GRADES: Mapping[str, str] = MappingProxyType(
    {
        "stated": "the log states it",
        "table": "the log names the camera, and the table of cameras gives its field of view",
        "declared": "the unit declared the camera",
        "unverified": "the table of cameras gives it, and no source that we saw confirms it",
    }
)
#: Characters of the longest name of a camera that is looked for.
_MAX_NAME = 80
_FOV_TEXT = re.compile(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)")
#: No flat picture is wider.
_MAX_FOV_DEG = 170.0


class CameraError(ValueError):
    """A camera that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera at its widest, of the table ``data/cameras.csv`` or as declared."""

    name: str
    sensor: str
    half_fov: HalfFov
    #: Whether it can zoom, so that its view may have been narrower.
    has_zoom: bool
    source: str
    #: One of ``FOV_GRADES``.
    grade: str


def cameras_of_aircraft(aircraft: "parsers.Aircraft") -> tuple[Camera, ...]:
    """Return the cameras of an aircraft, by the name of its camera, else by its own.

    Empty: it is not in the table, or its cameras are exchangeable.
    """
    return cameras_with_name(aircraft.camera_model) or cameras_with_name(aircraft.model)


def cameras_with_name(name: str | None) -> tuple[Camera, ...]:
    """Return the cameras of the table with a name; empty: none has it."""
    return _cameras_by_name().get(_camera_name_key(name or ""), ())


def parse_declared_cameras(text: str) -> tuple[Camera, ...]:
    """Return the cameras that a user declares by a name of the table, or by a field of view.

    Args:
        text: Such as ``M30T``, or ``71.5x56.6``: degrees across and up.

    Raises:
        CameraError: If it is neither.
    """
    text = text.strip()
    if field := _FOV_TEXT.fullmatch(text):
        across, up = (float(part) for part in field.groups())
        if not (0 < across <= _MAX_FOV_DEG and 0 < up <= _MAX_FOV_DEG):
            raise CameraError(f"a field of view lies between 0 and {_MAX_FOV_DEG:g} degrees")
        half = math.tan(math.radians(across) / 2), math.tan(math.radians(up) / 2)
        name = f"{across:g} by {up:g} degrees"
        return (Camera(name, "unknown", half, False, "as declared", "declared"),)
    if found := cameras_with_name(text):
        return tuple(replace(one, grade="declared") for one in found)
    names = [name for row in camera_table_rows() for name in row["names"].split("|")]
    alike = {_camera_name_key(name): name for name in names}
    # The comparison costs the square of the length.
    close = difflib.get_close_matches(_camera_name_key(text[:_MAX_NAME]), alike, 1)
    hint = f"; did you mean {alike[close[0]]}?" if close else ""
    raise CameraError(
        f"no camera {text[:_MAX_NAME]!r} in the table, and no field of view as 71.5x56.6{hint}"
    )


def half_fov_tangents_from_logged_fov(lens: "parsers.FieldOfView") -> HalfFov:
    """Return the tangents of half the field of view that a log states."""
    across, up = lens.horizontal_fov_deg, lens.vertical_fov_deg
    return math.tan(math.radians(across) / 2), math.tan(math.radians(up) / 2)


def half_fov_tangents_from_diagonal(diagonal_fov_deg: float, shape: tuple[float, float]) -> HalfFov:
    """Return the tangents of half the field of view, across and up, from the diagonal."""
    half = math.tan(math.radians(diagonal_fov_deg) / 2) / math.hypot(*shape)
    return half * shape[0], half * shape[1]


def camera_table_rows() -> Iterator[dict[str, str]]:
    """Return the rows of the table as they are written."""
    return shipped_table_rows("cameras.csv")


@cache
def _cameras_by_name() -> dict[str, tuple[Camera, ...]]:
    found: dict[str, tuple[Camera, ...]] = {}
    for row in camera_table_rows():
        wide, _, high = row["aspect"].partition(":")
        camera = Camera(
            row["camera"],
            row["sensor"],
            half_fov_tangents_from_diagonal(
                float(row["diagonal_fov_deg"]), (float(wide), float(high))
            ),
            row["zooms"] == "yes",
            row["source"],
            "table" if row["verified"] == "yes" else "unverified",
        )
        for name in row["names"].split("|"):
            key = _camera_name_key(name)
            found[key] = (*found.get(key, ()), camera)
    return found


def _camera_name_key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
