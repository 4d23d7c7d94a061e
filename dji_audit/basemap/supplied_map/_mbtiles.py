"""Tiles in an SQLite file: MBTiles.

Source: MBTiles specification 1.3: the table or view ``metadata`` (name, value), and ``tiles``
(zoom_level, tile_column, tile_row, tile_data), whose rows count from the south.
"""

import math
import sqlite3
from pathlib import Path

from dji_audit.basemap.supplied_map._limited_decompression import gunzip
from dji_audit.basemap.supplied_map._picture_size_and_type import picture_media_type
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

#: ``tiles`` may be a view, which a hostile file can make endless: steps of SQLite's machine for
#: all questions to one file, counted in thousands.
_MAX_THOUSAND_STEPS = 100_000
_MAX_METADATA_ROWS = 1000
_GZIP = b"\x1f\x8b"
_ZLIB = 0x78


class MBTilesArchive:
    """An open MBTiles file."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            SuppliedMapError: If it is no MBTiles, or damaged.
        """
        # Immutable: not even a lock is written beside the unit's file.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            self._base = sqlite3.connect(uri, uri=True)
        except sqlite3.Error as error:
            raise SuppliedMapError(f"cannot be opened: {error}") from error
        self._thousand_steps_left = _MAX_THOUSAND_STEPS
        self._base.set_progress_handler(self._has_exceeded_read_limit, 1000)
        self._base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_TILE_BYTES)
        try:
            self._query_rows("PRAGMA trusted_schema = OFF", ())
            self._metadata = self._read_metadata()
            self.zoom_range = self._read_min_and_max_zoom()
            self.kind = self._kind_of_first_tile()
        except SuppliedMapError:
            self.close()
            raise

    @property
    def attribution(self) -> str:
        """Whose map it is, as it states."""
        return attribution_as_plain_text(self._metadata.get("attribution"))

    @property
    def bounds(self) -> Box | None:
        """The box that ``metadata`` states: west, south, east, north."""
        try:
            west, south, east, north = map(float, self._metadata.get("bounds", "").split(","))
        except ValueError:
            return None
        if not all(map(math.isfinite, (west, south, east, north))):
            return None
        return box_of_numbers_or_none_if_not_on_earth(south, west, north, east)

    def read_tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile; see `TileArchive.read_tile`."""
        rows = self._query_rows(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? "
            "AND tile_row = ? LIMIT 1",
            (zoom, column, 2**zoom - 1 - row),
        )
        if not rows or rows[0][0] is None:
            return None
        data = rows[0][0]
        if not isinstance(data, bytes):
            raise SuppliedMapError(f"tile {zoom}/{column}/{row} holds no data")
        return _decompress_tile(data)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _read_metadata(self) -> dict[str, str]:
        rows = self._query_rows(
            "SELECT name, value FROM metadata WHERE length(value) <= ? LIMIT ?",
            (MAX_METADATA_BYTES, _MAX_METADATA_ROWS),
        )
        return {str(name): str(value) for name, value in rows}

    def _read_min_and_max_zoom(self) -> tuple[int, int]:
        """Return the zooms that ``metadata`` states, else those of the tiles."""
        stated = self._metadata.get("minzoom", ""), self._metadata.get("maxzoom", "")
        if all(text.strip().isdecimal() for text in stated):
            return checked_zoom_range(int(stated[0]), int(stated[1]))
        rows = self._query_rows("SELECT min(zoom_level), max(zoom_level) FROM tiles", ())
        if not rows or rows[0][0] is None:
            raise SuppliedMapError("it has no tiles")
        return checked_zoom_range(*rows[0])

    def _kind_of_first_tile(self) -> SuppliedMapKind:
        """Return what the first tile is: what ``format`` states is often wrong."""
        rows = self._query_rows("SELECT tile_data FROM tiles LIMIT 1", ())
        if not rows or not isinstance(rows[0][0], bytes):
            raise SuppliedMapError("it has no tiles")
        is_picture = picture_media_type(_decompress_tile(rows[0][0])) is not None
        return SuppliedMapKind.RASTER_TILES if is_picture else SuppliedMapKind.VECTOR_TILES

    def _has_exceeded_read_limit(self) -> bool:
        """Return whether the file has cost enough; SQLite then stops with an error."""
        self._thousand_steps_left -= 1
        return self._thousand_steps_left < 0

    def _query_rows(self, question: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        try:
            return self._base.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise SuppliedMapError(f"it is not an MBTiles file, or damaged: {error}") from error


def _decompress_tile(data: bytes) -> bytes:
    """Return a tile without its compression, which vector tiles have."""
    if data.startswith(_GZIP) or (data[:1] == bytes([_ZLIB]) and len(data) > 2):
        return gunzip(data, MAX_UNPACKED_TILE_BYTES)
    return data
