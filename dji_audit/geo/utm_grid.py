"""The grid of UTM and its references (MGRS), for flights outside Great Britain.

Sources: NGA.STND.0037 2.0.0 for zones, bands and the letters of squares.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from pyproj import Transformer

from dji_audit.geo.geodesy import Floats
from dji_audit.geo.map_projection_lookup_table import easting_northing_table

METHOD = "UTM and MGRS on WGS 84"
#: Bands of eight degrees from 80 degrees south; the last has twelve.
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_LEAST_LATITUDE, _GREATEST_LATITUDE = -80.0, 84.0
#: Letters of columns of 100 km, by the number of the zone modulo three.
_COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
#: Rows of even zones begin five letters on.
_EVEN_ROW_SHIFT = 5


def utm_zone(latitude: float, longitude: float) -> int | None:
    """Return the zone of a position; ``None`` near the poles, where there is none."""
    if not _LEAST_LATITUDE <= latitude <= _GREATEST_LATITUDE:
        return None
    east = (longitude + 180) % 360 - 180
    if 56 <= latitude < 64 and 3 <= east < 12:
        return 32
    if latitude >= 72 and 0 <= east < 42:
        # Svalbard has four zones where others have seven.
        return 31 if east < 9 else 33 if east < 21 else 35 if east < 33 else 37
    return int((east + 180) // 6) + 1


def utm_easting_northing_table_of_box(
    south: float, west: float, north: float, east: float
) -> dict[str, Any] | None:
    """Return eastings and northings over a box, in the zone of its middle.

    The box is that of `easting_northing_table`: south, west, north and east, WGS 84 degrees.

    Returns:
        What `easting_northing_table` gives, with ``system``, ``method``, and ``zone``; ``None``
        near the poles, or if the box is too large.
    """
    middle = (south + north) / 2, (west + east) / 2
    zone = utm_zone(*middle)
    if zone is None:
        return None
    transform = _utm_transformer(zone, middle[0] < 0)

    def to_grid(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
        return transform.transform(latitude, longitude)

    table = easting_northing_table(to_grid, south, west, north, east)
    if table is None:
        return None
    return table | {"system": "utm", "method": METHOD, "zone": zone}


def mgrs_reference(latitude: float, longitude: float) -> str | None:
    """Return the reference of the square of a metre that holds a position: 58K FA 50433 37929.

    Returns:
        ``None`` near the poles.
    """
    zone = utm_zone(latitude, longitude)
    if zone is None:
        return None
    easting, northing = _utm_transformer(zone, latitude < 0).transform(latitude, longitude)
    if not (np.isfinite(easting) and np.isfinite(northing)):
        return None
    east, north = int(easting // 100_000), int(northing // 100_000)
    band = _BANDS[min(int((latitude - _LEAST_LATITUDE) // 8), len(_BANDS) - 1)]
    column = _COLUMNS[zone % 3][east - 1]
    row = _ROWS[(north + (0 if zone % 2 else _EVEN_ROW_SHIFT)) % len(_ROWS)]
    metres = f"{int(easting) % 100_000:05d} {int(northing) % 100_000:05d}"
    return f"{zone}{band} {column}{row} {metres}"


@lru_cache(maxsize=8)
def _utm_transformer(zone: int, is_south: bool) -> Transformer:
    return Transformer.from_crs("EPSG:4326", f"EPSG:{(32700 if is_south else 32600) + zone}")
