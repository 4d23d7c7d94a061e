"""The British National Grid over a flight, as a small table the page can interpolate.

A table of nine by nine points stands in for the projection: between them the
error is 3 cm over 6 km and 20 cm over 20 km.  What limits a reference is the
datum shift.  The shift that comes with PROJ is one set of seven numbers for the
whole country (median error 1.7 m, up to 4.3 m, against OSTN15), so the page
says "within 5 m" and no grid reference may decide on which side of a line
somebody was.
"""

from functools import cache
from typing import Any

import numpy as np
from pyproj import Transformer

POINTS_PER_SIDE = 9
ACCURACY_TEXT = "OSGB36 by the Helmert shift of PROJ, within 5 m"

# Great Britain and the Isle of Man, roughly: the coast of Ireland and of
# France lies outside.  Longitude, latitude.
_BRITAIN = (
    (-6.6, 49.7),
    (-1.5, 50.3),
    (0.9, 50.6),
    (1.55, 51.05),
    (2.1, 52.3),
    (1.5, 53.6),
    (0.0, 55.0),
    (-0.4, 61.1),
    (-3.8, 61.1),
    (-9.0, 58.4),
    (-9.0, 56.2),
    (-6.9, 55.55),
    (-5.95, 55.25),
    (-5.35, 54.75),
    (-5.25, 53.5),
    (-5.7, 52.0),
    (-5.9, 50.9),
    (-6.6, 50.3),
)
#: Letters of the squares of the grid, row by row from the north-west; I is left out.
_SQUARE_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
#: Degrees of latitude and longitude that the table reaches beyond a flight.
_MARGIN = (0.1, 0.16)


def is_in_britain(latitude: float, longitude: float) -> bool:
    """Return whether a point is where the National Grid is used."""
    inside = False
    for (x1, y1), (x2, y2) in zip(_BRITAIN, (*_BRITAIN[1:], _BRITAIN[0]), strict=True):
        if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (
            y2 - y1
        ) + x1:
            inside = not inside
    return inside


def national_grid(south: float, west: float, north: float, east: float) -> dict[str, Any] | None:
    """Return eastings and northings over a box, or ``None`` outside Great Britain.

    Args:
        south: Latitude of its southern edge, WGS 84 degrees.
        west: Longitude of its western edge.
        north: Latitude of its northern edge.
        east: Longitude of its eastern edge.

    Returns:
        ``south``, ``west`` and the steps ``dlat``, ``dlon`` of the table in
        degrees; ``east``, ``north`` in decimetres, row by row from the south.
    """
    centre = (south + north) / 2, (west + east) / 2
    if not is_in_britain(*centre):
        return None
    south, north = south - _MARGIN[0], north + _MARGIN[0]
    west, east = west - _MARGIN[1], east + _MARGIN[1]
    if north - south > 1 or east - west > 1.6:
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
    easting, northing = _wgs84_to_grid().transform(latitude.ravel(), longitude.ravel())
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
        "method": ACCURACY_TEXT,
    }


def grid_reference(latitude: float, longitude: float) -> str | None:
    """Return the eight-figure reference of a point, such as ``NY 8123 2345``.

    It names the square of 10 m that holds the point, whose datum shift is known within 5 m.
    Squares of 500 km and of 100 km have letters from A in the north-west, without I.

    Args:
        latitude: WGS 84 degrees.
        longitude: WGS 84 degrees.

    Returns:
        ``None`` outside Great Britain.
    """
    if not is_in_britain(latitude, longitude):
        return None
    easting, northing = _wgs84_to_grid().transform(latitude, longitude)
    if not (0 <= easting < 700_000 and 0 <= northing < 1_300_000):
        return None
    east, north = int(easting // 100_000), int(northing // 100_000)
    # The grid begins at the south-western corner of the 500 km square S, the 18th from A.
    large = (3 - north // 5) * 5 + east // 5 + 2
    small = (4 - north % 5) * 5 + east % 5
    letters = f"{_SQUARE_LETTERS[large]}{_SQUARE_LETTERS[small]}"
    return f"{letters} {int(easting % 100_000) // 10:04d} {int(northing % 100_000) // 10:04d}"


@cache
def _wgs84_to_grid() -> Transformer:
    """Return the transformation from WGS 84 to the British National Grid."""
    return Transformer.from_crs("EPSG:4326", "EPSG:27700")
