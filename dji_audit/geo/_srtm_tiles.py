"""Heights of the ground from SRTM tiles.

A tile (``N51E012.hgt``) covers one degree.  It has no header: its name says where
it lies, its size how fine it is: 1201 or 3601 big-endian signed numbers a side,
from the north-west corner eastward, -32768 where no height is known.  Facts: the
SRTM documentation of NASA and USGS ("SRTM Topo", version 3).  Heights count from
the geoid EGM96.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dji_audit.geo._elevation_model import ElevationError, ElevationModel, Floats, interpolate_grid

_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})\.hgt", re.IGNORECASE)
_SIDES = {2 * side * side: side for side in (1201, 3601)}
_VOID = -32768.0


@dataclass(frozen=True, slots=True, eq=False)
class SrtmTiles:
    """SRTM tiles, by the whole degrees of their south-west corner; each is opened when needed."""

    name: str
    tiles: Mapping[tuple[int, int], Path]
    datum: str = "geoid EGM96"

    @property
    def files(self) -> tuple[Path, ...]:
        """The tiles, in order of their names."""
        return tuple(sorted(self.tiles.values()))

    def save_for_other_processes(self, folder: Path) -> ElevationModel:
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
            grid = _memory_map_tile_heights(path)
            last = len(grid) - 1
            row = (tile_south + 1 - latitude[here]) * last
            out[here] = interpolate_grid(grid, row, (longitude[here] - tile_west) * last, _VOID)
        return out


def read_srtm_tiles(path: Path) -> SrtmTiles:
    """Return the tile at a path, or the tiles of a folder.

    Raises:
        ElevationError: If a file is no tile, or a folder holds none.
        OSError: If it cannot be read.
    """
    files = srtm_tile_paths_in_folder(path) if path.is_dir() else [path]
    if not files:
        raise ElevationError(f"{path.name}: no .hgt file in this folder")
    tiles: dict[tuple[int, int], Path] = {}
    for file in files:
        if tiles.setdefault(_south_west_corner_from_file_name(file), file) != file:
            raise ElevationError(f"{path.name}: more than one tile is called {file.name}")
        _points_per_side(file)
    return SrtmTiles(path.name, tiles)


def srtm_tile_paths_in_folder(folder: Path) -> list[Path]:
    """Return the tiles of a folder in order of their names, going by these alone."""
    return sorted(folder.glob("*.[hH][gG][tT]"))


def _south_west_corner_from_file_name(path: Path) -> tuple[int, int]:
    found = _NAME.fullmatch(path.name)
    if not found:
        raise ElevationError(f"{path.name}: the name of a tile must be like N51E012.hgt")
    north, latitude, east, longitude = found.groups()
    south = int(latitude) * (1 if north.upper() == "N" else -1)
    west = int(longitude) * (1 if east.upper() == "E" else -1)
    return south, west


def _points_per_side(path: Path) -> int:
    size = path.stat().st_size
    if size not in _SIDES:
        raise ElevationError(f"{path.name}: {size:,} bytes is not the size of an SRTM tile")
    return _SIDES[size]


def _memory_map_tile_heights(path: Path) -> npt.NDArray[np.int16]:
    """Return the heights of a tile, mapped from its file."""
    side = _points_per_side(path)
    return np.memmap(path, ">i2", "r", shape=(side, side))
