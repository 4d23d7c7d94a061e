"""Heights of the ground from files that the user has: SRTM tiles, or a GeoTIFF.

A tile (``N51E012.hgt``) covers one degree; it has no header: its name says where
it lies, its size how fine it is: 1201 or 3601 big-endian signed numbers a side,
from the north-west corner eastward, -32768 where nothing is known.  Facts: the
SRTM documentation of NASA and USGS ("SRTM Topo", version 3).  A tile is above
the geoid EGM96, a GeoTIFF above whatever its maker says; only differences
within one model are used, so that no datum is compared with another.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})\.hgt", re.IGNORECASE)
_SIDES = {2 * side * side: side for side in (1201, 3601)}
_VOID = -32768.0
#: Tiles kept open at once.
_OPEN = 64


class ElevationError(ValueError):
    """A file of heights that cannot be used, and why."""


class Elevation(Protocol):
    """Heights of the ground."""

    @property
    def name(self) -> str:
        """What a report calls it."""

    @property
    def datum(self) -> str:
        """What its heights count from, in words."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files it was read from."""

    def put_down(self, folder: Path) -> "Elevation":
        """Return the same heights in a form that is small to hand to another process.

        What is large is written into the folder, which must outlive it.
        """

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return heights in one and the same datum; NaN where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """SRTM tiles, by the whole degrees of their south-west corner; each is opened when needed."""

    name: str
    tiles: Mapping[tuple[int, int], Path]
    datum: str = "geoid EGM96"

    @property
    def files(self) -> tuple[Path, ...]:
        """The tiles, in order of their names."""
        return tuple(sorted(self.tiles.values()))

    def put_down(self, folder: Path) -> Elevation:
        """Return these tiles: they are looked at where they lie."""
        return self

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return metres above EGM96 between the four nearest points; NaN where one is missing."""
        latitude, longitude = np.broadcast_arrays(
            np.asarray(latitude_deg, np.float64), np.asarray(longitude_deg, np.float64)
        )
        longitude = (longitude + 180) % 360 - 180
        out = np.full(latitude.shape, np.nan)
        south, west = np.floor(latitude), np.floor(longitude)
        for (tile_south, tile_west), path in self.tiles.items():
            here = (south == tile_south) & (west == tile_west)
            if not here.any():
                continue
            grid = _grid(path, path.stat().st_mtime_ns)
            last = len(grid) - 1
            row = (tile_south + 1 - latitude[here]) * last
            out[here] = between(grid, row, (longitude[here] - tile_west) * last, _VOID)
        return out


def read_elevation(path: Path) -> Elevation:
    """Return the heights that a GeoTIFF, a tile, or the tiles of a folder hold.

    Raises:
        ElevationError: If a file is neither, a folder holds no tile, or what
            reads a GeoTIFF is not installed.
        OSError: If it cannot be read.
    """
    if path.suffix.lower() in (".tif", ".tiff"):
        from dji_audit.geo._geotiff import read_geotiff

        return read_geotiff(path)
    files = tiles_in(path) if path.is_dir() else [path]
    if not files:
        raise ElevationError(f"{path.name}: no .hgt file in this folder")
    tiles: dict[tuple[int, int], Path] = {}
    for file in files:
        if tiles.setdefault(_corner(file), file) != file:
            raise ElevationError(f"{path.name}: more than one tile is called {file.name}")
        _side(file)
    return Tiles(path.name, tiles)


def tiles_in(folder: Path) -> list[Path]:
    """Return the tiles of a folder in order of their names, going by these alone."""
    return sorted(folder.glob("*.[hH][gG][tT]"))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _corner(path: Path) -> tuple[int, int]:
    found = _NAME.fullmatch(path.name)
    if not found:
        raise ElevationError(f"{path.name}: the name of a tile is like N51E012.hgt")
    north, latitude, east, longitude = found.groups()
    south = int(latitude) * (1 if north.upper() == "N" else -1)
    west = int(longitude) * (1 if east.upper() == "E" else -1)
    return south, west


def _side(path: Path) -> int:
    size = path.stat().st_size
    if size not in _SIDES:
        raise ElevationError(f"{path.name}: {size:,} bytes are no SRTM tile")
    return _SIDES[size]


@lru_cache(maxsize=_OPEN)
def _grid(path: Path, changed_ns: int) -> npt.NDArray[np.int16]:
    """Return a tile; one that changed since is opened again."""
    side = _side(path)
    return np.memmap(path, ">i2", "r", shape=(side, side))


def between(grid: npt.NDArray[Any], row: Floats, column: Floats, void: float | None) -> Floats:
    """Return the values of a grid between its points, from the four around.

    Args:
        grid: Shape ``(rows, columns)``, at least two of each.
        row: Where, counted from the first row, shape ``(n,)``; within the grid.
        column: Likewise.
        void: What stands for "not known"; ``None``: nothing does.

    Returns:
        Shape ``(n,)``; NaN where one of the four is not known.
    """
    i = np.clip(np.floor(row), 0, grid.shape[0] - 2).astype(np.intp)
    j = np.clip(np.floor(column), 0, grid.shape[1] - 2).astype(np.intp)
    down, right = row - i, column - j

    def at(down: int, right: int) -> Floats:
        values = np.asarray(grid[i + down, j + right], np.float64)
        return values if void is None else np.where(values == void, np.nan, values)

    above = (1 - right) * at(0, 0) + right * at(0, 1)
    below = (1 - right) * at(1, 0) + right * at(1, 1)
    found: Floats = (1 - down) * above + down * below
    return found
