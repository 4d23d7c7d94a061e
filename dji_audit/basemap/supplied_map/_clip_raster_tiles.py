"""Pictures around a box, from raster tiles: whole zooms, as many as a page can hold."""

from collections import Counter

from dji_audit.basemap.supplied_map._picture_size_and_type import (
    picture_media_type,
    picture_width_and_height,
)
from dji_audit.basemap.supplied_map._supplied_map_types import (
    Box,
    PlacedMapImage,
    SuppliedMap,
    SuppliedMapClip,
    SuppliedMapError,
)
from dji_audit.basemap.supplied_map._tile_archive import TileArchive, damaged_tiles_text
from dji_audit.basemap.supplied_map._tile_coordinates import TileRange, tiles_of_box

#: Bytes of all pictures in a page, as the page holds them: base64 is a third more.
MAX_EMBEDDED_BYTES = 12 * 10**6
#: A tile has 256 or 512 pixels on a side; a browser unpacks what its header states.
_MAX_TILE_PIXELS = 1024
#: Tiles of one zoom; a box with more of them is shown from a lower zoom.
_MAX_TILES = 1500
#: So many tiles of a zoom show the box whole; the lowest zoom is some zooms below, for a
#: reader who zooms out.
_FEWEST_TILES = 4
_ZOOMS_BELOW = 2


def clip_raster_tiles(
    source: SuppliedMap, archive: TileArchive, box: Box, max_zoom: int
) -> SuppliedMapClip:
    """Return the tiles of a map around a box, from the zoom that shows it whole upwards.

    Args:
        source: The map.
        archive: The same, open.
        box: The box, degrees.
        max_zoom: The greatest zoom that is asked for.
    """
    least, greatest = archive.zoom_range
    zooms = range(least, min(greatest, max_zoom) + 1)
    whole = [zoom for zoom in zooms if tiles_of_box(box, zoom).count <= _FEWEST_TILES]
    pictures: list[PlacedMapImage] = []
    damaged: Counter[str] = Counter()
    drawn: list[int] = []
    left_out: list[int] = []
    embedded = 0
    for zoom in zooms[max(len(whole) - 1 - _ZOOMS_BELOW, 0) :]:
        tiles = tiles_of_box(box, zoom)
        if left_out or tiles.count > _MAX_TILES:
            left_out.append(zoom)
            continue
        found, size = _tiles_of_zoom_and_total_page_size(
            archive, tiles, MAX_EMBEDDED_BYTES - embedded, damaged
        )
        if found is None:
            left_out.append(zoom)
            continue
        embedded += size
        pictures += found
        drawn += [zoom] * bool(found)
    remarks = []
    if drawn:
        which = f"{drawn[0]}" if len(drawn) == 1 else f"{drawn[0]} to {drawn[-1]}"
        remarks.append(f"{len(pictures):,} tiles of zoom {which}, {embedded / 1e6:.1f} MB")
    if left_out:
        which = f"zoom {left_out[0]}" + (" and above" if len(left_out) > 1 else "")
        remarks.append(
            f"{which} left out, because a page holds at most {MAX_EMBEDDED_BYTES / 1e6:g} MB "
            "of them"
        )
    if damaged:
        remarks.append(damaged_tiles_text(damaged))
    return SuppliedMapClip(source=source, pictures=tuple(pictures), remarks=tuple(remarks))


def base64_length(data: bytes) -> int:
    """Return how many letters a picture takes in a page."""
    return 4 * ((len(data) + 2) // 3)


def _tiles_of_zoom_and_total_page_size(
    archive: TileArchive, tiles: TileRange, room: int, damaged: Counter[str]
) -> tuple[list[PlacedMapImage] | None, int]:
    """Return the tiles of one zoom and their size in a page; ``None``: there is no room."""
    pictures: list[PlacedMapImage] = []
    size, world = 0, 2**tiles.zoom
    for column, row in tiles.tiles():
        try:
            data = archive.read_tile(tiles.zoom, column % world, row)
            if data is None:
                continue
            media_type = _tile_media_type(data)
        except SuppliedMapError as error:
            damaged[str(error)] += 1
            continue
        size += base64_length(data)
        if size > room:
            return None, 0
        edges = column / world, row / world, (column + 1) / world, (row + 1) / world
        pictures.append(PlacedMapImage(tiles.zoom, *edges, media_type, data))
    return pictures, size


def _tile_media_type(data: bytes) -> str:
    """Return the media type of a tile.

    Raises:
        SuppliedMapError: If it is no picture, or a browser would unpack too much.
    """
    media_type = picture_media_type(data)
    width, height = picture_width_and_height(data)
    if media_type is None or not (0 < width <= _MAX_TILE_PIXELS and 0 < height <= _MAX_TILE_PIXELS):
        raise SuppliedMapError(f"a tile states {width:,} by {height:,} pixels")
    return media_type
