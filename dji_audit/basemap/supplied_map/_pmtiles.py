"""Tiles in one file that is read in parts: PMTiles, version 3.

Source: PMTiles specification, version 3.
"""

import json
import struct
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dji_audit.basemap.supplied_map._limited_decompression import gunzip, unzstd
from dji_audit.basemap.supplied_map._supplied_map_types import (
    Box,
    SuppliedMapError,
    SuppliedMapKind,
)
from dji_audit.basemap.supplied_map._tile_archive import (
    MAX_METADATA_BYTES,
    MAX_TILE_BYTES,
    MAX_UNPACKED_TILE_BYTES,
    attribution_as_plain_text,
    box_of_numbers_or_none_if_not_on_earth,
    checked_zoom_range,
)
from dji_audit.basemap.supplied_map._varints import decode_varints

_HEADER = struct.Struct("<7sB11QBBBBBB4i")
_MAGIC = b"PMTiles"
_VERSION = 3
#: Compressions, by number.
_NONE, _GZIP, _BROTLI, _ZSTD = 1, 2, 3, 4
#: Kinds of tiles, by number; 5 is AVIF.
_KINDS = {
    1: SuppliedMapKind.VECTOR_TILES,
    2: SuppliedMapKind.RASTER_TILES,
    3: SuppliedMapKind.RASTER_TILES,
    4: SuppliedMapKind.RASTER_TILES,
}
_MAX_DIRECTORY_BYTES = 16 * 2**20
_MAX_UNPACKED_DIRECTORY_BYTES = 64 * 2**20
#: The root, and leaves below leaves.
_MAX_DEPTH = 4

Longs = npt.NDArray[np.int64]


class PMTilesArchive:
    """An open PMTiles file."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            SuppliedMapError: If it is no PMTiles of version 3, or damaged.
            OSError: If it cannot be read.
        """
        self._file = path.open("rb")
        try:
            self._size = path.stat().st_size
            self._read_header()
            self._root = self._read_directory_columns(self._root_place)
        except (SuppliedMapError, OSError):
            self.close()
            raise
        self._leaf = lru_cache(maxsize=64)(self._read_directory_columns)

    def _read_header(self) -> None:
        head = self._file.read(_HEADER.size)
        if len(head) < _HEADER.size or not head.startswith(_MAGIC):
            raise SuppliedMapError("it is not a PMTiles file")
        fields = _HEADER.unpack(head)
        if fields[1] != _VERSION:
            raise SuppliedMapError(f"it is PMTiles of version {fields[1]}; version 3 is read")
        self._root_place: tuple[int, int] = (fields[2], fields[3])
        self._metadata_place: tuple[int, int] = (fields[4], fields[5])
        self._leaves_at, self._tiles_at = fields[6], fields[8]
        self._inner_compression, self._tile_compression = fields[14], fields[15]
        if fields[16] not in _KINDS:
            raise SuppliedMapError(f"its tiles are of kind {fields[16]}, which is not drawn")
        self.kind = _KINDS[fields[16]]
        self.zoom_range = checked_zoom_range(fields[17], fields[18])
        west, south, east, north = (degrees / 10**7 for degrees in fields[19:23])
        self.bounds: Box | None = box_of_numbers_or_none_if_not_on_earth(south, west, north, east)

    @property
    def attribution(self) -> str:
        """Whose map it is, as it states."""
        try:
            packed = self._read_byte_range(
                *self._metadata_place, MAX_METADATA_BYTES, "its metadata"
            )
            stated = json.loads(self._decompress(packed, self._inner_compression, 2**22))
        except (SuppliedMapError, ValueError, RecursionError):
            return ""
        return (
            attribution_as_plain_text(stated.get("attribution")) if isinstance(stated, dict) else ""
        )

    def read_tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile; see `TileArchive.read_tile`."""
        number, directory = hilbert_tile_id(zoom, column, row), self._root
        for _ in range(_MAX_DEPTH):
            ids, runs, lengths, offsets = directory
            at = int(np.searchsorted(ids, number, "right")) - 1
            if at < 0:
                return None
            length, offset = int(lengths[at]), int(offsets[at])
            if runs[at] == 0:
                directory = self._leaf((self._leaves_at + offset, length))
                continue
            if number >= int(ids[at]) + int(runs[at]):
                return None
            what = f"tile {zoom}/{column}/{row}"
            packed = self._read_byte_range(self._tiles_at + offset, length, MAX_TILE_BYTES, what)
            return self._decompress(packed, self._tile_compression, MAX_UNPACKED_TILE_BYTES)
        raise SuppliedMapError("its directories are nested too deep")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read_byte_range(self, offset: int, length: int, most: int, what: str) -> bytes:
        """Return a part of the file.

        Raises:
            SuppliedMapError: If it is too large, or lies outside the file.
        """
        if length > most:
            raise SuppliedMapError(f"{what} has {length:,} bytes; {most:,} are read at most")
        if offset + length > self._size:
            raise SuppliedMapError(f"{what} at byte {offset:,} lies beyond the end of the file")
        self._file.seek(offset)
        return self._file.read(length)

    def _decompress(self, data: bytes, compression: int, most: int) -> bytes:
        match compression:
            case 1:
                return data
            case 2:
                return gunzip(data, most)
            case 4:
                return unzstd(data, most)
        name = "Brotli" if compression == _BROTLI else f"kind {compression}"
        raise SuppliedMapError(f"its compression, {name}, is not read; gzip, zstd and none are")

    def _read_directory_columns(self, place: tuple[int, int]) -> tuple[Longs, Longs, Longs, Longs]:
        """Return tile numbers, run lengths, lengths and offsets of a directory."""
        packed = self._read_byte_range(*place, _MAX_DIRECTORY_BYTES, "a directory")
        numbers = decode_varints(
            self._decompress(packed, self._inner_compression, _MAX_UNPACKED_DIRECTORY_BYTES)
        )
        count = int(numbers[0]) if len(numbers) else 0
        if count < 1 or 4 * count + 1 > len(numbers):
            raise SuppliedMapError(
                f"a directory at byte {place[0]:,} states {count:,} entries, which it does not hold"
            )
        ids, runs, lengths, marks = numbers[1 : 4 * count + 1].reshape(4, count)
        ids = np.cumsum(ids)
        if (np.diff(ids) < 0).any() or (lengths <= 0).any():
            raise SuppliedMapError(f"a directory at byte {place[0]:,} is damaged")
        # 0: right behind the tile before; else one more than the offset.
        offsets = marks - 1
        after = np.flatnonzero(marks == 0)
        if len(after) and after[0] == 0:
            raise SuppliedMapError(f"a directory at byte {place[0]:,} is damaged")
        for at in after.tolist():
            offsets[at] = offsets[at - 1] + lengths[at - 1]
        if (offsets < 0).any():
            raise SuppliedMapError(f"a directory at byte {place[0]:,} is damaged")
        return ids, runs, lengths, offsets


def hilbert_tile_id(zoom: int, column: int, row: int) -> int:
    """Return the number of a tile: all tiles of lower zooms, then along the Hilbert curve."""
    before = ((1 << 2 * zoom) - 1) // 3
    x, y, along = column, row, 0
    for level in reversed(range(zoom)):
        half = 1 << level
        right, down = bool(x & half), bool(y & half)
        along += half * half * ((3 * right) ^ down)
        x, y = x & (half - 1), y & (half - 1)
        if not down:
            if right:
                x, y = half - 1 - x, half - 1 - y
            x, y = y, x
    return before + along
