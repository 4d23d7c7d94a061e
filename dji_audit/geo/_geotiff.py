"""Heights of the ground from a GeoTIFF, if tifffile is installed (extra ``elevation_files``).

Facts: OGC 19-008r4 (GeoTIFF 1.1) for the tags and keys, GDAL's manual for the
tag of the value that stands for "not known".
"""

import math
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from dji_audit.geo._elevation_model import ElevationError, ElevationModel, Floats, interpolate_grid

#: GTRasterTypeGeoKey: a value stands for the middle of its cell, not for its corner.
_AREA = 1
#: VerticalUnitsGeoKey: metres.
_METRES = 9001
_SAVED_NAME = "elevation.npy"
#: Values of one grid: 12,000 by 12,000 points, a degree of latitude and longitude at 10 m.
_MAX_VALUES = 150_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A grid of heights in some coordinate system."""

    name: str
    files: tuple[Path, ...]
    datum: str
    #: Or the numpy file that it was saved in.
    grid: npt.NDArray[Any] | Path
    void: float | None
    #: Position of the first value, and step from one value to the next: x east, y south.
    corner: tuple[float, float]
    step: tuple[float, float]
    to_grid: Transformer

    def save_in(self, folder: Path) -> ElevationModel:
        """Return the raster with its values in a file that every process can map."""
        if isinstance(self.grid, Path):
            return self
        path = folder / _SAVED_NAME
        np.save(path, self.grid, allow_pickle=False)
        return replace(self, grid=path)

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return metres in the raster's own datum; NaN outside it and where it does not know."""
        latitude, longitude = np.broadcast_arrays(
            np.asarray(latitude_deg, np.float64), np.asarray(longitude_deg, np.float64)
        )
        x, y = self.to_grid.transform(longitude, latitude)
        column = (np.asarray(x) - self.corner[0]) / self.step[0]
        row = (self.corner[1] - np.asarray(y)) / self.step[1]
        grid = _memory_map_grid(self.grid) if isinstance(self.grid, Path) else self.grid
        rows, columns = grid.shape
        with np.errstate(invalid="ignore"):
            inside = (row >= 0) & (row <= rows - 1) & (column >= 0) & (column <= columns - 1)
        out = np.full(latitude.shape, np.nan)
        out[inside] = interpolate_grid(grid, row[inside], column[inside], self.void)
        return out


def _memory_map_grid(path: Path) -> npt.NDArray[Any]:
    """Return a saved grid, mapped into memory."""
    grid: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return grid


def read_geotiff(path: Path) -> Raster:
    """Return the heights of a GeoTIFF of one band, north up.

    Raises:
        ElevationError: If it is none, or tifffile is not installed.
    """
    try:
        import tifffile
    except ImportError as error:
        raise ElevationError(
            f"{path.name}: to read a GeoTIFF, install dji-audit with the extra elevation"
        ) from error
    try:
        with tifffile.TiffFile(path) as file:
            page: Any = file.pages[0]
            _check_size(page.shape, path.name)
            tags, void, grid = page.geotiff_tags or {}, page.nodata, np.asarray(page.asarray())
            states_void = bool(page.tags.get("GDAL_NODATA"))
    except (
        tifffile.TiffFileError,
        ArithmeticError,
        LookupError,
        MemoryError,
        RuntimeError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:
        # What tifffile and its decoders raise for damaged files of every kind.
        raise ElevationError(f"{path.name}: not a readable GeoTIFF: {error}") from error
    if grid.ndim != 2 or min(grid.shape) < 2:
        raise ElevationError(f"{path.name}: not a grid of one band")
    scale, tie = (
        _finite_numbers(tags.get("ModelPixelScale"), 3),
        _finite_numbers(tags.get("ModelTiepoint"), 6),
    )
    projected, geographic = (
        _integer_code(tags.get(name)) for name in ("ProjectedCSTypeGeoKey", "GeographicTypeGeoKey")
    )
    code = projected or geographic
    if scale is None or tie is None or code is None or min(scale[:2]) <= 0:
        raise ElevationError(f"{path.name}: the file states no position on the earth")
    unit = _integer_code(tags.get("VerticalUnitsGeoKey", _METRES))
    if unit != _METRES:
        raise ElevationError(f"{path.name}: its heights are not in metres (EPSG unit {unit})")
    try:
        to_grid = Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=True)
    except (CRSError, ProjError) as error:
        raise ElevationError(f"{path.name}: unknown coordinate system EPSG:{code}") from error
    half = 0.5 if _integer_code(tags.get("GTRasterTypeGeoKey", _AREA)) == _AREA else 0.0
    corner = tie[3] + (half - tie[0]) * scale[0], tie[4] - (half - tie[1]) * scale[1]
    stated = float(void) if isinstance(void, int | float) and states_void else None
    datum = _vertical_datum(_integer_code(tags.get("VerticalCSTypeGeoKey")))
    return Raster(path.name, (path,), datum, grid, stated, corner, (scale[0], scale[1]), to_grid)


def _check_size(shape: tuple[int, ...], name: str) -> None:
    """Check the size that a file states before memory is taken for it.

    Raises:
        ElevationError: If it is more than any model of a region has.
    """
    if math.prod(shape) > _MAX_VALUES:
        raise ElevationError(f"{name}: states {math.prod(shape):,} heights, which is too many")


def _finite_numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """Return a tag of so many finite numbers; ``None`` if it is none."""
    if not isinstance(value, tuple | list) or len(value) != count:
        return None
    if not all(isinstance(part, int | float) and math.isfinite(part) for part in value):
        return None
    return tuple(map(float, value))


def _integer_code(value: Any) -> int | None:
    """Return a tag that is a number of EPSG or GeoTIFF; ``None`` if it is none."""
    return int(value) if isinstance(value, int) else None


def _vertical_datum(code: int | None) -> str:
    """Return what the file says its heights count from."""
    if code is None:
        return "not stated"
    try:
        return f"{CRS.from_epsg(code).name} (EPSG:{code})"
    except CRSError:
        return f"EPSG:{code}"
