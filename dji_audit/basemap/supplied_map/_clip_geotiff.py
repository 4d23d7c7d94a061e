"""A picture around a box, from a GeoTIFF: an aerial photograph or a scanned map of a site."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dji_audit.basemap.supplied_map._clip_raster_tiles import MAX_EMBEDDED_BYTES, base64_length
from dji_audit.basemap.supplied_map._supplied_map_types import (
    Box,
    PlacedMapImage,
    SuppliedMap,
    SuppliedMapClip,
    SuppliedMapError,
)
from dji_audit.basemap.supplied_map._tile_coordinates import unit_mercator_x, unit_mercator_y
from dji_audit.geo.geotiff import GeoTiffError, GeoTiffRaster, read_first_geotiff_raster

#: Values of a picture in the file: 20,000 by 20,000 pixels in three colours would be too many.
_MAX_VALUES = 400_000_000
#: Pixels of the longer side in a page.
_MAX_PIXELS = 2000
#: JPEG, where a lossless picture would be larger than this.
_MAX_LOSSLESS_BYTES = 4 * 10**6
_JPEG_QUALITY = 85
_MAX_COLOUR = 255

Floats = npt.NDArray[np.float64]


def geotiff_bounds(path: Path) -> Box:
    """Return the box of a GeoTIFF.

    Raises:
        SuppliedMapError: If it is no picture with a position.
    """
    page = _read_picture_geotiff(path)
    rows, columns = page.values.shape[:2]
    column = np.linspace(-0.5, columns - 0.5, 21)
    row = np.linspace(-0.5, rows - 0.5, 21)
    x = (
        page.corner[0]
        + np.concatenate([column, column, 0 * row - 0.5, 0 * row + columns - 0.5]) * (page.step[0])
    )
    y = (
        page.corner[1]
        - np.concatenate([0 * column - 0.5, 0 * column + rows - 0.5, row, row]) * (page.step[1])
    )
    longitude, latitude = page.to_grid.transform(x, y, direction="INVERSE")
    if not (np.isfinite(longitude).all() and np.isfinite(latitude).all()):
        raise SuppliedMapError("its position on the earth is not known")
    return (
        float(np.min(latitude)),
        float(np.min(longitude)),
        float(np.max(latitude)),
        float(np.max(longitude)),
    )


def clip_geotiff(source: SuppliedMap, box: Box) -> SuppliedMapClip:
    """Return the part of a GeoTIFF around a box, in Web Mercator.

    Raises:
        SuppliedMapError: If it cannot be read.
    """
    page = _read_picture_geotiff(source.path)
    south, west, north, east = box
    left, right, top, bottom = (
        unit_mercator_x(west),
        unit_mercator_x(east),
        unit_mercator_y(north),
        unit_mercator_y(south),
    )
    across, down = right - left, bottom - top
    width = max(1, round(_MAX_PIXELS * across / max(across, down)))
    height = max(1, round(_MAX_PIXELS * down / max(across, down)))
    x = left + (np.arange(width) + 0.5) / width * across
    y = top + (np.arange(height) + 0.5) / height * down
    longitude, latitude = np.meshgrid(
        (x - 0.5) * 360, np.degrees(np.arctan(np.sinh(2 * np.pi * (0.5 - y))))
    )
    colours, inside = _pixel_colours_and_inside_mask(page, longitude, latitude)
    if not inside.any():
        return SuppliedMapClip(source=source)
    media_type, data = _media_type_and_png_or_jpeg_bytes(colours, inside)
    remarks = [f"{width:,} by {height:,} pixels, {base64_length(data) / 1e6:.1f} MB"]
    if base64_length(data) > MAX_EMBEDDED_BYTES:
        return SuppliedMapClip(source=source, remarks=("its picture here is too large for a page",))
    picture = PlacedMapImage(None, left, top, right, bottom, media_type, data)
    return SuppliedMapClip(source=source, pictures=(picture,), remarks=tuple(remarks))


def _read_picture_geotiff(path: Path) -> GeoTiffRaster:
    """Return a GeoTIFF of one, three or four bytes a pixel.

    Raises:
        SuppliedMapError: If it is none.
    """
    try:
        page = read_first_geotiff_raster(path, _MAX_VALUES, "values")
    except GeoTiffError as error:
        raise SuppliedMapError(str(error).removeprefix(f"{path.name}: ")) from error
    values = page.values
    if values.dtype != np.uint8 or values.ndim not in (2, 3):
        raise SuppliedMapError("its pixels are not of one byte a colour, so it is not a picture")
    if values.ndim == 3 and values.shape[2] not in (1, 3, 4):
        raise SuppliedMapError(f"its pixels have {values.shape[2]} values, so it is not a picture")
    return page


def _pixel_colours_and_inside_mask(
    page: GeoTiffRaster, longitude: Floats, latitude: Floats
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Return red, green and blue of the nearest pixel, and where there is one."""
    x, y = page.to_grid.transform(longitude, latitude)
    with np.errstate(invalid="ignore"):
        column = np.round((np.asarray(x) - page.corner[0]) / page.step[0])
        row = np.round((page.corner[1] - np.asarray(y)) / page.step[1])
        rows, columns = page.values.shape[:2]
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    at = row[inside].astype(np.int64), column[inside].astype(np.int64)
    pixels = page.values[at]
    if pixels.ndim == 1:
        pixels = pixels[:, None]
    if pixels.shape[1] == 4:
        inside[inside] = pixels[:, 3] > 0
        pixels = pixels[pixels[:, 3] > 0, :3]
    elif page.void is not None:
        known = (pixels != page.void).any(axis=1)
        inside[inside], pixels = known, pixels[known]
    if page.palette is not None and pixels.shape[1] == 1:
        pixels = (page.palette.T // 257).astype(np.uint8)[pixels[:, 0]]
    colours = np.full((*longitude.shape, 3), _MAX_COLOUR, np.uint8)
    colours[inside] = pixels
    return colours, inside


def _media_type_and_png_or_jpeg_bytes(
    colours: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_]
) -> tuple[str, bytes]:
    """Return a picture as PNG, transparent where it is empty; a large one as JPEG.

    Raises:
        SuppliedMapError: If what encodes it is not installed.
    """
    try:
        import imagecodecs
    except ImportError as error:
        raise SuppliedMapError("to draw it, install dji-audit with the extra elevation") from error
    alpha = np.where(inside, _MAX_COLOUR, 0).astype(np.uint8)
    packed: Any = imagecodecs.png_encode(np.dstack([colours, alpha]), level=9)
    if len(packed) <= _MAX_LOSSLESS_BYTES:
        return "image/png", bytes(packed)
    return "image/jpeg", bytes(imagecodecs.jpeg8_encode(colours, level=_JPEG_QUALITY))
