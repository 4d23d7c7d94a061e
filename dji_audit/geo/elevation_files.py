"""Heights of the ground from files that the user has: SRTM tiles, or a GeoTIFF.

A tile is above the geoid EGM96, a GeoTIFF above whatever its maker says.  Only
differences within one model are used, so that no datum is compared with another.
"""

from pathlib import Path

from dji_audit.geo._elevation_model import ElevationError, ElevationModel
from dji_audit.geo._geotiff_elevation import read_geotiff_elevation
from dji_audit.geo._srtm_tiles import read_srtm_tiles, srtm_tile_paths_in_folder

__all__ = [
    "ElevationError",
    "ElevationModel",
    "read_elevation_model",
    "srtm_tile_paths_in_folder",
]


def read_elevation_model(path: Path) -> ElevationModel:
    """Return the heights that a GeoTIFF, a tile, or the tiles of a folder hold.

    Raises:
        ElevationError: If a file is neither, a folder holds no tile, or what
            reads a GeoTIFF is not installed.
        OSError: If it cannot be read.
    """
    if path.suffix.lower() in (".tif", ".tiff"):
        return read_geotiff_elevation(path)
    return read_srtm_tiles(path)
