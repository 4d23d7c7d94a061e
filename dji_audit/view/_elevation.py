"""Heights of the ground from files that the user has: SRTM tiles.

A tile (``N51E012.hgt``) covers one degree; it has no header: its name says where
it lies, its size how fine it is: 1201 or 3601 big-endian signed numbers a side,
from the north-west corner eastward, -32768 where nothing is known.  Facts: the
SRTM documentation of NASA and USGS ("SRTM Topo", version 3).  The heights are
above the geoid EGM96; only their differences are used here, so that no datum is
compared with another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})\.hgt", re.IGNORECASE)
_SIDES = {2 * side * side: side for side in (1201, 3601)}
_VOID = -32768


class ElevationError(ValueError):
    """A file of heights that cannot be used, and why."""


class Elevation(Protocol):
    """Heights of the ground."""

    @property
    def name(self) -> str:
        """What a report calls it."""

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return heights in one and the same datum; NaN where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """SRTM tiles, by the whole degrees of their south-west corner."""

    name: str
    tiles: Mapping[tuple[int, int], npt.NDArray[np.int16]]

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return metres above EGM96 between the four nearest points; NaN where one is missing."""
        latitude, longitude = np.broadcast_arrays(
            np.asarray(latitude_deg, np.float64), np.asarray(longitude_deg, np.float64)
        )
        longitude = (longitude + 180) % 360 - 180
        out = np.full(latitude.shape, np.nan)
        south, west = np.floor(latitude), np.floor(longitude)
        for (tile_south, tile_west), grid in self.tiles.items():
            here = (south == tile_south) & (west == tile_west)
            if here.any():
                out[here] = _between(grid, latitude[here] - tile_south, longitude[here] - tile_west)
        return out


def read_elevation(path: Path) -> Elevation:
    """Return the heights that a file, or the files of a folder, hold.

    Raises:
        ElevationError: If a file is no tile, or a folder holds none.
        OSError: If it cannot be read.
    """
    files = sorted(path.glob("*.hgt")) if path.is_dir() else [path]
    if not files:
        raise ElevationError(f"{path.name}: no .hgt file in this folder")
    return Tiles(path.name, {_corner(file): _grid(file) for file in files})


def _corner(path: Path) -> tuple[int, int]:
    found = _NAME.fullmatch(path.name)
    if not found:
        raise ElevationError(f"{path.name}: the name of a tile is like N51E012.hgt")
    north, latitude, east, longitude = found.groups()
    south = int(latitude) * (1 if north.upper() == "N" else -1)
    west = int(longitude) * (1 if east.upper() == "E" else -1)
    return south, west


def _grid(path: Path) -> npt.NDArray[np.int16]:
    side = _SIDES.get(path.stat().st_size)
    if side is None:
        raise ElevationError(f"{path.name}: {path.stat().st_size:,} bytes are no SRTM tile")
    return np.memmap(path, ">i2", "r", shape=(side, side))


def _between(grid: npt.NDArray[np.int16], up: Floats, across: Floats) -> Floats:
    """Return heights at shares of a degree from the south-west corner."""
    last = len(grid) - 1
    row, column = (1 - up) * last, across * last
    i = np.clip(np.floor(row), 0, last - 1).astype(np.intp)
    j = np.clip(np.floor(column), 0, last - 1).astype(np.intp)
    down, right = row - i, column - j
    corners = [grid[i, j], grid[i, j + 1], grid[i + 1, j], grid[i + 1, j + 1]]
    a, b, c, d = (np.where(z == _VOID, np.nan, z.astype(np.float64)) for z in corners)
    found: Floats = (1 - down) * ((1 - right) * a + right * b) + down * (
        (1 - right) * c + right * d
    )
    return found
