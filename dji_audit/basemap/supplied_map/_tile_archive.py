"""What MBTiles and PMTiles have in common: tiles by zoom, column and row, and what they say."""

import re
from collections import Counter
from typing import Protocol

from dji_audit.basemap.supplied_map._supplied_map_types import (
    Box,
    SuppliedMapError,
    SuppliedMapKind,
)

#: A packed tile is at most this large, an unpacked one four times as much.
MAX_TILE_BYTES = 4 * 2**20
MAX_UNPACKED_TILE_BYTES = 4 * MAX_TILE_BYTES
MAX_METADATA_BYTES = 2**20
#: Zooms beyond this are damage: their tiles are smaller than a hand.
MAX_ZOOM = 28
MAX_ATTRIBUTION_LENGTH = 500
#: A tag of HTML: a "<" alone is none.
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


class TileArchive(Protocol):
    """An open file of tiles."""

    @property
    def kind(self) -> SuppliedMapKind:
        """What the tiles are."""

    @property
    def zoom_range(self) -> tuple[int, int]:
        """The least and the greatest zoom."""

    @property
    def bounds(self) -> Box | None:
        """Where its tiles lie; ``None``: it does not say."""

    @property
    def attribution(self) -> str:
        """Whose map it is, as it states; empty: it does not."""

    def read_tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile, unpacked; ``None``: it has none there.  Rows count from the north.

        Raises:
            SuppliedMapError: If it is damaged or too large.
        """

    def close(self) -> None:
        """Close the file."""


def attribution_as_plain_text(text: object) -> str:
    """Return an attribution as plain text: files often state it as HTML with links."""
    if not isinstance(text, str):
        return ""
    without_tags = _TAG.sub("", text[: 4 * MAX_ATTRIBUTION_LENGTH])
    plain = " ".join(without_tags.replace("&copy;", "©").replace("&amp;", "&").split())
    return plain[:MAX_ATTRIBUTION_LENGTH]


def checked_zoom_range(least: object, greatest: object) -> tuple[int, int]:
    """Return a range of zooms.

    Raises:
        SuppliedMapError: If it is none.
    """
    if (
        not isinstance(least, int)
        or not isinstance(greatest, int)
        or not (0 <= least <= greatest <= MAX_ZOOM)
    ):
        raise SuppliedMapError(
            f"its zooms, {least} to {greatest}, are not a range from 0 to {MAX_ZOOM}"
        )
    return least, greatest


def box_of_numbers_or_none_if_not_on_earth(
    south: float, west: float, north: float, east: float
) -> Box | None:
    """Return a box; ``None`` if it is none on the earth."""
    if -90 <= south < north <= 90 and -180 <= west < east <= 180:
        return south, west, north, east
    return None


def damaged_tiles_text(damaged: Counter[str]) -> str:
    """Return how many tiles are damaged, and how the first one is.

    Args:
        damaged: What is wrong with tiles, each with how many there are; at least one.
    """
    count, first = sum(damaged.values()), next(iter(damaged))
    return f"{count:,} of its tiles cannot be read and are not drawn: {first}"
