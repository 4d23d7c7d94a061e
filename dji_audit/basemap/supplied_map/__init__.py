"""Maps that a unit supplies: MBTiles, PMTiles (raster or vector) and GeoTIFF, cut for one page.

Nothing is fetched.  A file is treated as hostile: every length is bounded, what it states of
its size is checked before memory is taken, and a damaged tile is left out and counted.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from dji_audit.basemap.supplied_map._classify_map_features import AREA_CLASSES, FEATURE_CLASSES
from dji_audit.basemap.supplied_map._clip_geotiff import clip_geotiff, geotiff_bounds
from dji_audit.basemap.supplied_map._clip_raster_tiles import clip_raster_tiles
from dji_audit.basemap.supplied_map._clip_vector_tiles import clip_vector_tiles
from dji_audit.basemap.supplied_map._mbtiles import MBTilesArchive
from dji_audit.basemap.supplied_map._pmtiles import PMTilesArchive
from dji_audit.basemap.supplied_map._supplied_map_types import (
    Box,
    PlacedMapImage,
    SuppliedMap,
    SuppliedMapClip,
    SuppliedMapError,
    SuppliedMapKind,
    VectorMapClip,
)
from dji_audit.basemap.supplied_map._tile_archive import TileArchive
from dji_audit.common.hashed_file import file_sha256
from dji_audit.common.os_errors import os_error_reason

__all__ = [
    "AREA_CLASSES",
    "FEATURE_CLASSES",
    "PlacedMapImage",
    "SuppliedMap",
    "SuppliedMapClip",
    "SuppliedMapError",
    "SuppliedMapKind",
    "VectorMapClip",
    "clip_best_supplied_map",
    "read_supplied_maps",
]

#: The greatest zoom that is cut out: a tile is 190 m wide in Britain.
MAX_ZOOM = 17
#: A map shows so many times the box of a path, and at least so many degrees.
_BOX_SHARE = 1.5
_LEAST_BOX_DEG = 0.004
_SUFFIXES = (".mbtiles", ".pmtiles", ".tif", ".tiff")
_MAX_FILES = 100


def read_supplied_maps(path: Path) -> tuple[SuppliedMap, ...]:
    """Return the map in a file, or the maps in a folder in order of their names.

    Raises:
        SuppliedMapError: If the file is no map, or the folder holds none; the text names the file.
    """
    try:
        files = _map_files_below(path) if path.is_dir() else [path]
        return tuple(_read_map_metadata(file) for file in files)
    except OSError as error:
        raise SuppliedMapError(f"{path}: {os_error_reason(error)}") from error


def clip_best_supplied_map(maps: Sequence[SuppliedMap], box: Box) -> SuppliedMapClip | None:
    """Return what the best of some maps shows around the box of a path.

    The best is the first that has something there: pictures and roads are drawn from one map.

    Args:
        maps: The unit's maps.
        box: South, west, north and east of the path, degrees; longitude is continuous.

    Returns:
        ``None`` without maps; an empty clip if none of them has anything there.
    """
    shown = _box_with_margin(box)
    clips = [_clip_one_map(each, shown) for each in maps if _map_may_overlap_box(each, shown)]
    best = next((clip for clip in clips if not clip.is_empty), None)
    if best is not None or not maps:
        return best
    return clips[0] if clips else SuppliedMapClip(source=maps[0])


def _map_files_below(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _SUFFIXES)
    if not files:
        raise SuppliedMapError(f"{folder}: no map in it ({', '.join(_SUFFIXES)})")
    if len(files) > _MAX_FILES:
        raise SuppliedMapError(f"{folder}: {len(files):,} maps; {_MAX_FILES} at most")
    return files


def _read_map_metadata(path: Path) -> SuppliedMap:
    """Return what a file says of its map.

    Raises:
        SuppliedMapError: If it is no map that can be read.
        OSError: If it cannot be read.
    """
    sha256 = file_sha256(path)
    try:
        if path.suffix.lower() in (".tif", ".tiff"):
            bounds: Box | None = geotiff_bounds(path)
            return SuppliedMap(
                path=path,
                sha256=sha256,
                kind=SuppliedMapKind.PICTURE,
                attribution="",
                bounds=bounds,
            )
        with closing(_open_tile_archive(path)) as archive:
            least, greatest = archive.zoom_range
            return SuppliedMap(
                path=path,
                sha256=sha256,
                kind=archive.kind,
                attribution=archive.attribution,
                bounds=archive.bounds,
                min_zoom=least,
                max_zoom=greatest,
            )
    except SuppliedMapError as error:
        raise SuppliedMapError(f"{path.name}: {error}") from error


def _open_tile_archive(path: Path) -> TileArchive:
    """Return an open file of tiles, by its first bytes.

    Raises:
        SuppliedMapError: If it is neither MBTiles nor PMTiles.
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(16)
    if head.startswith(b"PMTiles"):
        return PMTilesArchive(path)
    if head == b"SQLite format 3\x00":
        return MBTilesArchive(path)
    raise SuppliedMapError("it is neither MBTiles, PMTiles nor GeoTIFF")


def _clip_one_map(source: SuppliedMap, box: Box) -> SuppliedMapClip:
    """Return what a map shows in a box; what cannot be read is a remark."""
    try:
        if source.kind is SuppliedMapKind.PICTURE:
            return clip_geotiff(source, box)
        with closing(_open_tile_archive(source.path)) as archive:
            if source.kind is SuppliedMapKind.VECTOR_TILES:
                return clip_vector_tiles(source, archive, box, MAX_ZOOM)
            return clip_raster_tiles(source, archive, box, MAX_ZOOM)
    except SuppliedMapError as error:
        return SuppliedMapClip(source=source, remarks=(f"it cannot be read here: {error}",))
    except OSError as error:
        return SuppliedMapClip(
            source=source, remarks=(f"it cannot be read: {os_error_reason(error)}",)
        )


def _box_with_margin(box: Box) -> Box:
    """Return a box 1.5 times as large each way, and never smaller than some 400 m."""
    south, west, north, east = box
    high = max((north - south) * _BOX_SHARE, _LEAST_BOX_DEG) / 2
    wide = max((east - west) * _BOX_SHARE, 1.6 * _LEAST_BOX_DEG) / 2
    middle = (south + north) / 2, (west + east) / 2
    return middle[0] - high, middle[1] - wide, middle[0] + high, middle[1] + wide


def _map_may_overlap_box(source: SuppliedMap, box: Box) -> bool:
    """Return whether a map may hold anything in a box: what it states of itself decides."""
    if source.bounds is None:
        return True
    south, west, north, east = source.bounds
    if north < box[0] or south > box[2]:
        return False
    return any(west <= box[3] + turn and east >= box[1] + turn for turn in (-360, 0, 360))
