"""Positions of map exports in other reference systems than WGS 84, turned into WGS 84."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from dji_audit.zones._model import ZoneError

#: Codes that mean longitude and latitude of WGS 84; the datum of Europe of 1989 is within 1 m.
_WGS84_CODES = {4326, 4979, 4258}
#: ArcGIS's own number of the Web Mercator projection -> that of EPSG.
_ARCGIS_CODES = {102100: 3857, 102113: 3857}
_EPSG_NAME = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:{1,2}(\d{4,6})", re.I)

PositionConverter = Callable[[Any], Any]


def converter_to_wgs84(stated: Any) -> PositionConverter | None:
    """Return what turns nested positions into longitude and latitude; ``None``: they are that.

    Args:
        stated: A number of EPSG or ArcGIS, or a name such as ``urn:ogc:def:crs:EPSG::3067``;
            ``None`` where the file states none.

    Raises:
        ZoneError: If the reference system is not known.
    """
    if stated is None or (isinstance(stated, str) and stated.upper().endswith("CRS84")):
        return None
    match = _EPSG_NAME.fullmatch(str(stated).strip()[:60])
    if isinstance(stated, int) and not isinstance(stated, bool):
        code = _ARCGIS_CODES.get(stated, stated)
    elif match is not None:
        code = int(match[1])
    else:
        raise ZoneError(f"expected a reference system of EPSG, found {str(stated)[:60]!r}")
    return None if code in _WGS84_CODES else _converter_from_epsg(code)


def positions_in_wgs84(coordinates: Any, to_wgs84: PositionConverter | None, path: str) -> Any:
    """Return nested positions as longitude and latitude.

    Raises:
        ZoneError: If they are nested too deeply.
    """
    if to_wgs84 is None:
        return coordinates
    try:
        return to_wgs84(coordinates)
    except RecursionError as error:
        raise ZoneError(f"{path}: nested too deeply") from error


@cache
def _converter_from_epsg(code: int) -> PositionConverter:
    try:
        transformer = Transformer.from_crs(CRS.from_epsg(code), 4326, always_xy=True)
    except (CRSError, ProjError, OverflowError) as error:
        raise ZoneError(f"reference system EPSG:{code} is not known") from error

    def convert(coordinates: Any) -> Any:
        if not isinstance(coordinates, list):
            return coordinates
        pair = coordinates[:2]
        if len(pair) == 2 and all(isinstance(part, int | float) for part in pair):
            return list(transformer.transform(*pair))
        return [convert(part) for part in coordinates]

    return convert
