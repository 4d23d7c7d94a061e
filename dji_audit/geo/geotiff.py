"""The first page of a GeoTIFF and where it lies, if tifffile is installed (extra ``elevation``).

Facts: OGC 19-008r4 (GeoTIFF 1.1) for the tags and keys, GDAL's manual for the
tag of the value that stands for "not known".
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from pyproj.exceptions import CRSError, ProjError

#: GTRasterTypeGeoKey: a value stands for the middle of its cell, not for its corner.
_AREA = 1


class GeoTiffError(ValueError):
    """A file that is no usable GeoTIFF, and why; the text begins with its name."""


@dataclass(frozen=True, slots=True, eq=False)
class GeoTiffRaster:
    """A grid of values, north up, and where it lies."""

    name: str
    #: Rows from the north, columns from the west, and samples of a pixel if there are several.
    values: npt.NDArray[Any]
    #: GeoTIFF keys by name.
    keys: Mapping[str, Any]
    #: The value that stands for "not known"; ``None``: none is stated.
    void: float | None
    #: Red, green and blue of each value, shape ``(3, n)``, up to 65,535; ``None``: no palette.
    palette: npt.NDArray[Any] | None
    #: Position of the middle of the first value, and step to the next: x east, y south.
    corner: tuple[float, float]
    step: tuple[float, float]
    #: From longitude and latitude to x and y.
    to_grid: Transformer


def read_first_geotiff_raster(path: Path, max_values: int, noun: str) -> GeoTiffRaster:
    """Return the first page of a GeoTIFF.

    Args:
        path: The file.
        max_values: How many values it may state; checked before memory is taken for them.
        noun: What the values are called in messages, such as ``heights``.

    Raises:
        GeoTiffError: If it is none, is damaged, or tifffile is not installed.
    """
    try:
        import tifffile
    except ImportError as error:
        raise GeoTiffError(
            f"{path.name}: to read a GeoTIFF, install dji-audit with the extra elevation"
        ) from error
    try:
        with tifffile.TiffFile(path) as file:
            page: Any = file.pages[0]
            _refuse_too_many_values(page.shape, max_values, noun, path.name)
            keys, void, values = page.geotiff_tags or {}, page.nodata, np.asarray(page.asarray())
            states_void = bool(page.tags.get("GDAL_NODATA"))
            palette = None if page.colormap is None else np.asarray(page.colormap)
    except GeoTiffError:
        # It is a ValueError too, and is said as it stands.
        raise
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
        raise GeoTiffError(f"{path.name}: not a readable GeoTIFF: {error}") from error
    scale, tie = (
        _finite_numbers_of_tag_or_none(keys.get("ModelPixelScale"), 3),
        _finite_numbers_of_tag_or_none(keys.get("ModelTiepoint"), 6),
    )
    projected, geographic = (
        integer_geo_key(keys, name) for name in ("ProjectedCSTypeGeoKey", "GeographicTypeGeoKey")
    )
    code = projected or geographic
    if scale is None or tie is None or code is None or min(scale[:2]) <= 0:
        raise GeoTiffError(f"{path.name}: the file states no position on the earth")
    try:
        to_grid = Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=True)
    except (CRSError, ProjError) as error:
        raise GeoTiffError(f"{path.name}: unknown coordinate system EPSG:{code}") from error
    raster = integer_geo_key(keys, "GTRasterTypeGeoKey")
    half = 0.5 if raster in (None, _AREA) else 0.0
    corner = tie[3] + (half - tie[0]) * scale[0], tie[4] - (half - tie[1]) * scale[1]
    stated = float(void) if isinstance(void, int | float) and states_void else None
    return GeoTiffRaster(
        path.name, values, keys, stated, palette, corner, (scale[0], scale[1]), to_grid
    )


def _refuse_too_many_values(shape: tuple[int, ...], most: int, noun: str, name: str) -> None:
    """Check the size that a file states before memory is taken for it.

    Raises:
        GeoTiffError: If it is more than so many values.
    """
    if math.prod(shape) > most:
        raise GeoTiffError(f"{name}: states {math.prod(shape):,} {noun}, which is too many")


def integer_geo_key(keys: Mapping[str, Any], name: str) -> int | None:
    """Return a key that is a number of EPSG or GeoTIFF; ``None`` if it is none."""
    value = keys.get(name)
    return int(value) if isinstance(value, int) else None


def _finite_numbers_of_tag_or_none(value: Any, count: int) -> tuple[float, ...] | None:
    """Return a tag of so many finite numbers; ``None`` if it is none."""
    if not isinstance(value, tuple | list) or len(value) != count:
        return None
    if not all(isinstance(part, int | float) and math.isfinite(part) for part in value):
        return None
    return tuple(map(float, value))
