"""The British National Grid: references, and a small table over a flight for its page.

What limits a reference is the datum shift.  The Ordnance Survey's own is the table OSTN15, which
a file of PROJ or the package convertbng (extra ``uk``) has.  Without either, PROJ shifts by one set
of seven numbers for the whole country (median error 1.7 m, up to 4.3 m, against OSTN15) and
does not say so; then every reference is labelled "within 5 m", and none may decide on which
side of a line somebody was.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from pyproj.transformer import TransformerGroup

from dji_audit.geo.geodesy import Floats
from dji_audit.geo.map_projection_lookup_table import easting_northing_table

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


@dataclass(frozen=True, slots=True)
class GridTransformation:
    """How positions become eastings and northings of the National Grid."""

    #: Datum shift and accuracy, as a report names them.
    method: str
    #: Latitude and longitude in degrees -> easting and northing in metres, each shape ``(n,)``.
    to_grid: Callable[[Floats, Floats], tuple[Floats, Floats]]


#: GNSS positions drift against the plate that OSTN15 is fixed to: 0.9 m by 2026.
_BY_PROJ = "OSGB36 by OSTN15 (grid file of PROJ), within 1 m"
_BY_CONVERTBNG = (
    "OSGB36 by OSTN15 (convertbng), within 1 m; beyond its table by the Helmert shift of PROJ, "
    "within 5 m"
)
_BY_HELMERT = "OSGB36 by the Helmert shift of PROJ, within 5 m"


def is_in_britain(latitude: float, longitude: float) -> bool:
    """Return whether a point is where the National Grid is used."""
    inside = False
    for (x1, y1), (x2, y2) in zip(_BRITAIN, (*_BRITAIN[1:], _BRITAIN[0]), strict=True):
        if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (
            y2 - y1
        ) + x1:
            inside = not inside
    return inside


def national_grid_easting_northing_table_of_box(
    south: float, west: float, north: float, east: float
) -> dict[str, Any] | None:
    """Return eastings and northings over a box, or ``None`` outside Great Britain.

    The box is that of `easting_northing_table`: south, west, north and east, WGS 84 degrees.

    Returns:
        What `easting_northing_table` gives, with ``system`` and ``method``.
    """
    if not is_in_britain((south + north) / 2, (west + east) / 2):
        return None
    transformation = best_national_grid_transformation()
    table = easting_northing_table(transformation.to_grid, south, west, north, east)
    return (
        None if table is None else table | {"system": "national", "method": transformation.method}
    )


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
    eastings, northings = best_national_grid_transformation().to_grid(
        np.array([latitude]), np.array([longitude])
    )
    easting, northing = float(eastings[0]), float(northings[0])
    if not (0 <= easting < 700_000 and 0 <= northing < 1_300_000):
        return None
    east, north = int(easting // 100_000), int(northing // 100_000)
    # The grid begins at the south-western corner of the 500 km square S, the 18th from A.
    large = (3 - north // 5) * 5 + east // 5 + 2
    small = (4 - north % 5) * 5 + east % 5
    letters = f"{_SQUARE_LETTERS[large]}{_SQUARE_LETTERS[small]}"
    return f"{letters} {int(easting % 100_000) // 10:04d} {int(northing % 100_000) // 10:04d}"


def map_reference_text(latitude_deg: float, longitude_deg: float) -> str:
    """Return a position as it is looked up: British National Grid, elsewhere WGS 84 degrees."""
    if reference := grid_reference(latitude_deg, longitude_deg):
        return reference
    north, east = "NS"[latitude_deg < 0], "EW"[longitude_deg < 0]
    return f"{abs(latitude_deg):.5f} {north} {abs(longitude_deg):.5f} {east}"


@cache
def best_national_grid_transformation() -> GridTransformation:
    """Return the best transformation that this computer has; it never asks a network."""
    with warnings.catch_warnings():
        # It says that the best one is not here, which is what is asked.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup("EPSG:4326", "EPSG:27700")
    if group.best_available:
        return GridTransformation(_BY_PROJ, group.transformers[0].transform)
    helmert = group.transformers[0].transform
    try:
        from convertbng.cutil import convert_bng
    except ImportError:
        return GridTransformation(_BY_HELMERT, helmert)

    def to_grid(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
        easting, northing = convert_bng(longitude, latitude)
        beyond = ~np.isfinite(easting + northing)
        if beyond.any():
            easting[beyond], northing[beyond] = helmert(latitude[beyond], longitude[beyond])
        return easting, northing

    return GridTransformation(_BY_CONVERTBNG, to_grid)
