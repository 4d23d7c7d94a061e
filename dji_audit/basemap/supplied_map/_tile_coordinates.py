"""Tiles of the Web Mercator world: 2**zoom by 2**zoom squares, counted from the north-west.

Source: OGC 17-083r4, annex D, WebMercatorQuad.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dji_audit.basemap.supplied_map._supplied_map_types import Box

#: Where the square world of Mercator ends.
MAX_LATITUDE_DEG = 85.051128


def unit_mercator_x(longitude_deg: float) -> float:
    """Return how far east a longitude is in a world of one by one; beyond 1 after a turn."""
    return 0.5 + longitude_deg / 360


def unit_mercator_y(latitude_deg: float) -> float:
    """Return how far south a latitude is in a world of one by one."""
    bounded = math.radians(max(-MAX_LATITUDE_DEG, min(MAX_LATITUDE_DEG, latitude_deg)))
    return 0.5 - math.asinh(math.tan(bounded)) / (2 * math.pi)


@dataclass(frozen=True, slots=True)
class TileRange:
    """The tiles of one zoom that a box touches; columns may pass the end of the world."""

    zoom: int
    west: int
    north: int
    east: int
    south: int

    @property
    def count(self) -> int:
        """How many tiles they are."""
        return (self.east - self.west + 1) * (self.south - self.north + 1)

    def tiles(self) -> Iterator[tuple[int, int]]:
        """Yield column and row of each tile, row by row from the north."""
        for row in range(self.north, self.south + 1):
            for column in range(self.west, self.east + 1):
                yield column, row


def tiles_of_box(box: Box, zoom: int) -> TileRange:
    """Return the tiles of a zoom that a box touches."""
    size = 2**zoom
    south, west, north, east = box
    top = min(max(math.floor(unit_mercator_y(north) * size), 0), size - 1)
    low = min(max(math.floor(unit_mercator_y(south) * size), 0), size - 1)
    first = math.floor(unit_mercator_x(west) * size)
    # No box is wider than the world.
    last = min(math.floor(unit_mercator_x(east) * size), first + size - 1)
    return TileRange(zoom, first, top, last, low)
