"""Small maps of a unit, written by other hands than those that read them.

PMTiles by the package pmtiles, vector tiles by mapbox-vector-tile, GeoTIFF by tifffile.
"""

import gzip
import math
import sqlite3
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

#: A box in Manchester: south, west, north, east.
BOX = (53.478, -2.246, 53.484, -2.240)
ATTRIBUTION = '<a href="https://example.org">© Unit & Sons</a>'

Tiles = Mapping[tuple[int, int, int], bytes]


def tile_of(latitude: float, longitude: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that holds a point, by the formula of slippy maps."""
    size = 2**zoom
    tangent = math.tan(math.radians(latitude))
    down = (1 - math.log(tangent + 1 / math.cos(math.radians(latitude))) / math.pi) / 2
    return int((longitude + 180) / 360 * size), int(down * size)


def tiles_around(zooms: Iterable[int], margin: int = 1) -> list[tuple[int, int, int]]:
    """Return zoom, column and row of the tiles of a box, and of some round it."""
    south, west, north, east = BOX
    found = []
    for zoom in zooms:
        left, top = tile_of(north, west, zoom)
        right, low = tile_of(south, east, zoom)
        size = 2**zoom
        found += [
            (zoom, column, row)
            for column in range(max(left - margin, 0), min(right + margin, size - 1) + 1)
            for row in range(max(top - margin, 0), min(low + margin, size - 1) + 1)
        ]
    return found


def png(width: int = 256, height: int = 256, colour: tuple[int, int, int] = (200, 30, 90)) -> bytes:
    """Return a picture of one colour."""
    row = b"\x00" + bytes(colour) * width

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(row * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def coloured_tiles(zooms: Iterable[int]) -> dict[tuple[int, int, int], bytes]:
    """Return tiles of which each has a colour of its own."""
    return {
        key: png(colour=(key[0] * 10, key[1] % 256, key[2] % 256)) for key in tiles_around(zooms)
    }


def vector_tile(names: bool = True) -> bytes:
    """Return a tile with a road, a lake, a wood, a building and two names."""
    import mapbox_vector_tile

    def feature(geometry: str, **properties: Any) -> dict[str, Any]:
        return {"geometry": geometry, "properties": properties}

    layers = [
        {"name": "roads", "features": [
            feature("LINESTRING (0 2048, 2048 2000, 4096 2048)", kind="major_road",
                    name="High Street"),
            feature("LINESTRING (2048 0, 2048 4096)", kind="minor_road"),
            feature("LINESTRING (100 0, 100 4096)", kind="rail"),
        ]},
        {"name": "water", "features": [
            feature("POLYGON ((500 500, 1500 500, 1500 1500, 500 1500, 500 500), "
                    "(800 800, 800 1000, 1000 1000, 1000 800, 800 800))", kind="lake"),
        ]},
        {"name": "landcover", "features": [
            feature("POLYGON ((2500 500, 3500 500, 3500 1500, 2500 500))", **{"class": "wood"}),
        ]},
        {"name": "buildings", "features": [
            feature("POLYGON ((3000 3000, 3100 3000, 3100 3100, 3000 3100, 3000 3000))"),
        ]},
        {"name": "secrets", "features": [feature("LINESTRING (0 0, 4096 4096)")]},
    ]  # fmt: skip
    if names:
        layers.append({"name": "places", "features": [
            feature("POINT (2000 2100)", kind="locality", kind_detail="city", name="Manchester"),
            feature("POINT (3000 1000)", kind="neighbourhood", name="<b>Ancoats</b>"),
        ]})  # fmt: skip
    tile: bytes = mapbox_vector_tile.encode(layers, default_options={"y_coord_down": True})
    return tile


def write_mbtiles(path: Path, tiles: Tiles, **metadata: str) -> Path:
    """Write an MBTiles file, whose rows count from the south."""
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE metadata (name text, value text)")
        base.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, "
            "tile_data blob)"
        )
        base.execute("CREATE UNIQUE INDEX i ON tiles (zoom_level, tile_column, tile_row)")
        base.executemany("INSERT INTO metadata VALUES (?, ?)", metadata.items())
        base.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)",
            ((z, x, 2**z - 1 - y, data) for (z, x, y), data in tiles.items()),
        )
    base.close()
    return path


def write_pmtiles(path: Path, tiles: Tiles, *, vector: bool = False, **metadata: str) -> Path:
    """Write a PMTiles file by its makers' package."""
    from pmtiles import writer as makers
    from pmtiles.tile import Compression, TileType, zxy_to_tileid

    with path.open("wb") as stream:
        # The package has types, but not for its writer.
        writer: Any = vars(makers)["Writer"](stream)
        for number, data in sorted((zxy_to_tileid(*key), data) for key, data in tiles.items()):
            writer.write_tile(number, gzip.compress(data, mtime=0) if vector else data)
        south, west, north, east = BOX
        writer.finalize(
            {
                "tile_type": TileType.MVT if vector else TileType.PNG,
                "tile_compression": Compression.GZIP if vector else Compression.NONE,
                "min_lon_e7": int(west * 1e7),
                "min_lat_e7": int(south * 1e7),
                "max_lon_e7": int(east * 1e7),
                "max_lat_e7": int(north * 1e7),
                "center_zoom": 0,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
            },
            metadata,
        )
    return path
