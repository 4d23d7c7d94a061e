"""Heights of the ground from a GeoTIFF, if what reads one is installed (extra ``elevation``).

Facts: OGC 19-008r4 (GeoTIFF 1.1) for the tags and keys, GDAL's manual for the
tag of the value that stands for "not known".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from pyproj.exceptions import CRSError

from dji_audit.view._elevation import ElevationError, Floats, between

#: GTRasterTypeGeoKey: a value stands for the middle of its cell, not for its corner.
_AREA = 1


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A grid of heights in some system of coordinates."""

    name: str
    grid: npt.NDArray[Any]
    void: float | None
    #: Place of the first value, and from one value to the next: x east, y south.
    corner: tuple[float, float]
    step: tuple[float, float]
    to_grid: Transformer

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return metres in the raster's own datum; NaN outside it and where it does not know."""
        latitude, longitude = np.broadcast_arrays(
            np.asarray(latitude_deg, np.float64), np.asarray(longitude_deg, np.float64)
        )
        x, y = self.to_grid.transform(longitude, latitude)
        column = (np.asarray(x) - self.corner[0]) / self.step[0]
        row = (self.corner[1] - np.asarray(y)) / self.step[1]
        rows, columns = self.grid.shape
        with np.errstate(invalid="ignore"):
            inside = (row >= 0) & (row <= rows - 1) & (column >= 0) & (column <= columns - 1)
        out = np.full(latitude.shape, np.nan)
        out[inside] = between(self.grid, row[inside], column[inside], self.void)
        return out


def read_geotiff(path: Path) -> Raster:
    """Return the heights of a GeoTIFF of one band, north up.

    Raises:
        ElevationError: If it is none, or tifffile is not installed.
    """
    try:
        import tifffile
    except ImportError as error:
        raise ElevationError(
            f"{path.name}: to read a GeoTIFF install dji-audit with the extra elevation"
        ) from error
    try:
        with tifffile.TiffFile(path) as file:
            page: Any = file.pages[0]
            tags, void, grid = page.geotiff_tags or {}, page.nodata, np.asarray(page.asarray())
    except (tifffile.TiffFileError, ValueError, IndexError, KeyError) as error:
        raise ElevationError(f"{path.name}: no GeoTIFF that can be read: {error}") from error
    scale, tie = tags.get("ModelPixelScale"), tags.get("ModelTiepoint")
    code = tags.get("ProjectedCSTypeGeoKey") or tags.get("GeographicTypeGeoKey")
    if not scale or not tie or len(tie) != 6 or code is None or min(scale[:2]) <= 0:
        raise ElevationError(f"{path.name}: the file does not say where on the earth it lies")
    if grid.ndim != 2 or min(grid.shape) < 2:
        raise ElevationError(f"{path.name}: not a grid of one band")
    try:
        to_grid = Transformer.from_crs("EPSG:4326", f"EPSG:{int(code)}", always_xy=True)
    except CRSError as error:
        raise ElevationError(f"{path.name}: no system of coordinates EPSG:{int(code)}") from error
    half = 0.5 if int(tags.get("GTRasterTypeGeoKey", _AREA)) == _AREA else 0.0
    corner = tie[3] + (half - tie[0]) * scale[0], tie[4] - (half - tie[1]) * scale[1]
    stated = void if isinstance(void, int | float) and page.tags.get("GDAL_NODATA") else None
    return Raster(path.name, grid, stated, corner, (scale[0], scale[1]), to_grid)
