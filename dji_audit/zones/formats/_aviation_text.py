"""Limits, coordinates and distances in the notations of aeronautical texts."""

import re

from dji_audit.zones import _model as model

_SURFACE = re.compile(r"(SFC|GND|GROUND|SURFACE)", re.I)
_UNLIMITED = re.compile(r"(UNL|UNLIM|UNLTD|UNLIMITED)", re.I)
_LEVEL = re.compile(r"FL ?(\d{1,3})|(\d{1,3}) ?FL", re.I)
_HEIGHT = re.compile(
    r"(\d{1,6}(?:\.\d{1,3})?) ?(FT|FEET|F|M|METRES|METERS)?[ .]*"
    r"(AMSL|MSL|ALT|AGL|ASFC|SFC|GND|AGND|STD|WGS ?84|HAE)?",
    re.I,
)
_DATUMS = {
    "AMSL": model.Datum.AMSL,
    "MSL": model.Datum.AMSL,
    "ALT": model.Datum.AMSL,
    "AGL": model.Datum.AGL,
    "ASFC": model.Datum.AGL,
    "SFC": model.Datum.AGL,
    "GND": model.Datum.AGL,
    "AGND": model.Datum.AGL,
    "WGS84": model.Datum.ELLIPSOID,
    "HAE": model.Datum.ELLIPSOID,
}

_COMPACT = re.compile(
    r"(\d{2})(\d{2})(\d{2}(?:\.\d+)?)([NS])\s+(\d{3})(\d{2})(\d{2}(?:\.\d+)?)([EW])"
)
_COLONS = re.compile(
    r"(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?)|(\.\d+))?\s*([NS])[\s,]*"
    r"(\d{1,3}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?)|(\.\d+))?\s*([EW])",
    re.I,
)

#: Unit of a distance -> metres.
METRES_PER_UNIT = {
    "NM": model.NAUTICAL_MILE_M,
    "KM": 1000.0,
    "M": 1.0,
    "FT": model.FEET_M,
    "MI": 1609.344,
}


def parse_limit(text: str) -> model.Limit | None:
    """Return a limit from text such as "2000 FT SFC", "FL195", "UNL" or "450m AMSL".

    The datum of a height without a reference is "not stated".  Return ``None`` where the
    text is not a limit.
    """
    text = " ".join(text.split())
    if _SURFACE.fullmatch(text):
        return model.SURFACE
    if _UNLIMITED.fullmatch(text):
        return model.UNLIMITED
    if level := _LEVEL.fullmatch(text):
        return model.Limit(model.Datum.FLIGHT_LEVEL, float(level[1] or level[2]), "FL")
    height = _HEIGHT.fullmatch(text)
    if height is None:
        return None
    unit = "m" if (height[2] or "").upper().startswith("M") else "ft"
    reference = (height[3] or "").upper().replace(" ", "")
    if height[2] is None and not reference:
        return None
    value = float(height[1])
    if reference == "STD":
        return model.Limit(model.Datum.FLIGHT_LEVEL, value / 100, "FL") if unit == "ft" else None
    return model.Limit(_DATUMS.get(reference, model.Datum.NOT_STATED), value, unit)


#: Degrees, minutes, seconds, side.
_Parts = tuple[str, str, str, str]


def parse_compact_point(text: str) -> model.Point | None:
    """Return a point such as ``501918N 0053042W``; ``None`` if it is not one."""
    match = _COMPACT.fullmatch(text.strip())
    if match is None:
        return None
    return _build_point(
        (match[1], match[2], match[3], match[4]), (match[5], match[6], match[7], match[8])
    )


def parse_colon_point(text: str) -> model.Point | None:
    """Return a point such as ``53:47:06 N 008:21:41 E`` or ``45:15.531N 008:21.7E``."""
    match = _COLONS.fullmatch(text.strip())
    if match is None:
        return None
    lat_minutes, lon_minutes = match[2] + (match[4] or ""), match[7] + (match[9] or "")
    return _build_point(
        (match[1], lat_minutes, match[3] or "0", match[5].upper()),
        (match[6], lon_minutes, match[8] or "0", match[10].upper()),
    )


def _build_point(
    latitude: tuple[str, str, str, str], longitude: tuple[str, str, str, str]
) -> model.Point | None:
    north, east = _decimal_degrees(*latitude), _decimal_degrees(*longitude)
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def _decimal_degrees(degrees: str, minutes: str, seconds: str, side: str) -> float:
    size = float(degrees) + float(minutes) / 60 + float(seconds) / 3600
    return -size if side in "SW" else size
