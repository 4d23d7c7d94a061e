"""Heights of the ground from a GeoTIFF, if tifffile is installed (extra ``elevation_files``).

Facts: OGC 19-008r4 (GeoTIFF 1.1) for the tags and keys, GDAL's manual for the
tag of the value that stands for "not known".
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from dji_audit.geo._elevation_model import ElevationError, ElevationModel, Floats, interpolate_grid

#: GTRasterTypeGeoKey: a value stands for the middle of its cell, not for its corner.
_AREA = 1
#: VerticalUnitsGeoKey: metres.
_METRES = 9001
_SAVED_NAME = "elevation.npy"


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
            tags, void, grid = page.geotiff_tags or {}, page.nodata, np.asarray(page.asarray())
    except (tifffile.TiffFileError, ValueError, IndexError, KeyError) as error:
        raise ElevationError(f"{path.name}: not a readable GeoTIFF: {error}") from error
    scale, tie = tags.get("ModelPixelScale"), tags.get("ModelTiepoint")
    code = tags.get("ProjectedCSTypeGeoKey") or tags.get("GeographicTypeGeoKey")
    if not scale or not tie or len(tie) != 6 or code is None or min(scale[:2]) <= 0:
        raise ElevationError(f"{path.name}: the file states no position on the earth")
    if grid.ndim != 2 or min(grid.shape) < 2:
        raise ElevationError(f"{path.name}: not a grid of one band")
    if (unit := int(tags.get("VerticalUnitsGeoKey", _METRES))) != _METRES:
        raise ElevationError(f"{path.name}: its heights are not in metres (EPSG unit {unit})")
    try:
        to_grid = Transformer.from_crs("EPSG:4326", f"EPSG:{int(code)}", always_xy=True)
    except CRSError as error:
        raise ElevationError(f"{path.name}: unknown coordinate system EPSG:{int(code)}") from error
    half = 0.5 if int(tags.get("GTRasterTypeGeoKey", _AREA)) == _AREA else 0.0
    corner = tie[3] + (half - tie[0]) * scale[0], tie[4] - (half - tie[1]) * scale[1]
    stated = void if isinstance(void, int | float) and page.tags.get("GDAL_NODATA") else None
    datum, step = _vertical_datum(tags.get("VerticalCSTypeGeoKey")), (scale[0], scale[1])
    return Raster(path.name, (path,), datum, grid, stated, corner, step, to_grid)


def _vertical_datum(code: int | None) -> str:
    """Return what the file says its heights count from."""
    if code is None:
        return "not stated"
    try:
        return f"{CRS.from_epsg(int(code)).name} (EPSG:{int(code)})"
    except CRSError:
        return f"EPSG:{int(code)}"
