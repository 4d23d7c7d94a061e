"""A small table that stands in for a map projection in the page of a flight.

Nine by nine points: between them the error is 3 cm over 6 km and 20 cm over 20 km.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dji_audit.geo.geodesy import Floats

POINTS_PER_SIDE = 9
#: Degrees of latitude and longitude that the table reaches beyond a flight.
_MARGIN = (0.1, 0.16)
#: The largest table, degrees.
_MAX_SIDES = (1.0, 1.6)


def easting_northing_table(
    to_grid: Callable[[Floats, Floats], tuple[Floats, Floats]],
    south: float,
    west: float,
    north: float,
    east: float,
) -> dict[str, Any] | None:
    """Return eastings and northings over a box; ``None`` if it is too large, or not in the grid.

    Args:
        to_grid: Latitude and longitude in degrees -> easting and northing in metres.
        south: Latitude of the southern edge of the box, WGS 84 degrees.
        west: Longitude of its western edge.
        north: Latitude of its northern edge.
        east: Longitude of its eastern edge.

    Returns:
        ``south``, ``west`` and the steps ``dlat``, ``dlon`` of the table in
        degrees; ``east``, ``north`` in decimetres, row by row from the south.
    """
    south, north = south - _MARGIN[0], north + _MARGIN[0]
    west, east = west - _MARGIN[1], east + _MARGIN[1]
    if north - south > _MAX_SIDES[0] or east - west > _MAX_SIDES[1]:
        return None
    south, west = round(south, 6), round(west, 6)
    dlat, dlon = (
        round((north - south) / (POINTS_PER_SIDE - 1), 9),
        round((east - west) / (POINTS_PER_SIDE - 1), 9),
    )
    latitude, longitude = np.meshgrid(
        south + dlat * np.arange(POINTS_PER_SIDE),
        west + dlon * np.arange(POINTS_PER_SIDE),
        indexing="ij",
    )
    easting, northing = to_grid(latitude.ravel(), longitude.ravel())
    if not (np.isfinite(easting).all() and np.isfinite(northing).all()):
        return None
    return {
        "points": POINTS_PER_SIDE,
        "south": south,
        "west": west,
        "dlat": dlat,
        "dlon": dlon,
        "east": np.round(np.asarray(easting) * 10).astype(np.int64).tolist(),
        "north": np.round(np.asarray(northing) * 10).astype(np.int64).tolist(),
    }
