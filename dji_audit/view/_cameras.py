"""How wide the cameras of an aircraft see: from its log, else from the table of cameras."""

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import parsers

#: Tangents of half the field of view, across and up.
Half = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of the table ``data/cameras.csv``, at its widest."""

    name: str
    sensor: str
    half: Half
    #: Whether it can zoom, so that it may have seen less.
    zooms: bool
    source: str


def cameras_of(aircraft: parsers.Aircraft) -> tuple[Camera, ...]:
    """Return the cameras of an aircraft, by the name of its camera, else by its own.

    Empty: the table does not know it, or it carries cameras that change.
    """
    for name in (aircraft.camera_model, aircraft.model):
        found = _by_name().get(_plain(name or ""), ())
        if found:
            return found
    return ()


def half_of(lens: parsers.Lens) -> Half:
    """Return the tangents of half the field of view that a log states."""
    across, up = lens.horizontal_fov_deg, lens.vertical_fov_deg
    return math.tan(math.radians(across) / 2), math.tan(math.radians(up) / 2)


def half_frame(diagonal_fov_deg: float, shape: tuple[float, float]) -> Half:
    """Return the tangents of half the field of view, across and up, from the diagonal."""
    half = math.tan(math.radians(diagonal_fov_deg) / 2) / math.hypot(*shape)
    return half * shape[0], half * shape[1]


def camera_rows() -> Iterator[dict[str, str]]:
    """Yield the rows of the table as they are written."""
    text = (files("dji_audit") / "data" / "cameras.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def _by_name() -> dict[str, tuple[Camera, ...]]:
    found: dict[str, tuple[Camera, ...]] = {}
    for row in camera_rows():
        wide, _, high = row["aspect"].partition(":")
        camera = Camera(
            row["camera"],
            row["sensor"],
            half_frame(float(row["diagonal_fov_deg"]), (float(wide), float(high))),
            row["zooms"] == "yes",
            row["source"],
        )
        for name in row["names"].split("|"):
            key = _plain(name)
            found[key] = (*found.get(key, ()), camera)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
