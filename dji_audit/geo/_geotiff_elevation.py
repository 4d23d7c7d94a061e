"""Heights of the ground from a GeoTIFF, if tifffile is installed (extra ``elevation``).

Facts: OGC 19-008r4 (GeoTIFF 1.1) for the keys of heights.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from dji_audit.geo._elevation_model import ElevationError, ElevationModel, Floats, interpolate_grid
from dji_audit.geo.geotiff import GeoTiffError, integer_geo_key, read_first_geotiff_raster

#: VerticalUnitsGeoKey: metres.
_METRES = 9001
_SAVED_NAME = "elevation.npy"
#: Values of one grid: 12,000 by 12,000 points, a degree of latitude and longitude at 10 m.
_MAX_VALUES = 150_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ElevationRaster:
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

    def save_for_other_processes(self, folder: Path) -> ElevationModel:
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


def read_geotiff_elevation(path: Path) -> ElevationRaster:
    """Return the heights of a GeoTIFF of one band, north up.

    Raises:
        ElevationError: If it is none, or tifffile is not installed.
    """
    try:
        page = read_first_geotiff_raster(path, _MAX_VALUES, "heights")
    except GeoTiffError as error:
        raise ElevationError(str(error)) from error
    if page.values.ndim != 2 or min(page.values.shape) < 2:
        raise ElevationError(f"{path.name}: not a grid of one band")
    unit = integer_geo_key(page.keys, "VerticalUnitsGeoKey")
    if unit not in (None, _METRES):
        raise ElevationError(f"{path.name}: its heights are not in metres (EPSG unit {unit})")
    datum = _vertical_datum(integer_geo_key(page.keys, "VerticalCSTypeGeoKey"))
    return ElevationRaster(
        path.name, (path,), datum, page.values, page.void, page.corner, page.step, page.to_grid
    )


def _vertical_datum(code: int | None) -> str:
    """Return what the file says its heights count from."""
    if code is None:
        return "not stated"
    try:
        return f"{CRS.from_epsg(code).name} (EPSG:{code})"
    except CRSError:
        return f"EPSG:{code}"
