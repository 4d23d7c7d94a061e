"""Limits, coordinates and distances as people write them in aeronautical texts."""

import re

from dji_audit.zones._model import (
    FEET_M,
    NAUTICAL_MILE_M,
    SURFACE,
    UNLIMITED,
    Datum,
    Limit,
    Point,
)

_SURFACE = re.compile(r"(SFC|GND|GROUND|SURFACE)", re.I)
_UNLIMITED = re.compile(r"(UNL|UNLIM|UNLTD|UNLIMITED)", re.I)
_LEVEL = re.compile(r"FL ?(\d{1,3})|(\d{1,3}) ?FL", re.I)
_HEIGHT = re.compile(
    r"(\d{1,6}(?:\.\d{1,3})?) ?(FT|FEET|F|M|METRES|METERS)?[ .]*"
    r"(AMSL|MSL|ALT|AGL|ASFC|SFC|GND|AGND|STD|WGS ?84|HAE)?",
    re.I,
)
_DATUMS = {
    "AMSL": Datum.AMSL,
    "MSL": Datum.AMSL,
    "ALT": Datum.AMSL,
    "AGL": Datum.AGL,
    "ASFC": Datum.AGL,
    "SFC": Datum.AGL,
    "GND": Datum.AGL,
    "AGND": Datum.AGL,
    "WGS84": Datum.ELLIPSOID,
    "HAE": Datum.ELLIPSOID,
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
DISTANCES = {"NM": NAUTICAL_MILE_M, "KM": 1000.0, "M": 1.0, "FT": FEET_M, "MI": 1609.344}


def parse_limit(text: str) -> Limit | None:
    """Return a limit that is written as people do: "2000 FT SFC", "FL195", "UNL", "450m AMSL".

    A height without a word for what it is counted from keeps its datum open.
    ``None``: it is no such text.
    """
    text = " ".join(text.split())
    if _SURFACE.fullmatch(text):
        return SURFACE
    if _UNLIMITED.fullmatch(text):
        return UNLIMITED
    if level := _LEVEL.fullmatch(text):
        return Limit(Datum.FLIGHT_LEVEL, float(level[1] or level[2]), "FL")
    height = _HEIGHT.fullmatch(text)
    if height is None:
        return None
    unit = "m" if (height[2] or "").upper().startswith("M") else "ft"
    reference = (height[3] or "").upper().replace(" ", "")
    if height[2] is None and not reference:
        return None
    value = float(height[1])
    if reference == "STD":
        return Limit(Datum.FLIGHT_LEVEL, value / 100, "FL") if unit == "ft" else None
    return Limit(_DATUMS.get(reference, Datum.NOT_STATED), value, unit)


#: Degrees, minutes, seconds, side.
_Parts = tuple[str, str, str, str]


def parse_compact(text: str) -> Point | None:
    """Return a point such as ``501918N 0053042W``; ``None``: it is none."""
    found = _COMPACT.fullmatch(text.strip())
    if found is None:
        return None
    return _point(
        (found[1], found[2], found[3], found[4]), (found[5], found[6], found[7], found[8])
    )


def parse_colons(text: str) -> Point | None:
    """Return a point such as ``53:47:06 N 008:21:41 E`` or ``45:15.531N 008:21.7E``."""
    found = _COLONS.fullmatch(text.strip())
    if found is None:
        return None
    lat_minutes, lon_minutes = found[2] + (found[4] or ""), found[7] + (found[9] or "")
    return _point(
        (found[1], lat_minutes, found[3] or "0", found[5].upper()),
        (found[6], lon_minutes, found[8] or "0", found[10].upper()),
    )


def _point(
    latitude: tuple[str, str, str, str], longitude: tuple[str, str, str, str]
) -> Point | None:
    north, east = _degrees(*latitude), _degrees(*longitude)
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def _degrees(degrees: str, minutes: str, seconds: str, side: str) -> float:
    size = float(degrees) + float(minutes) / 60 + float(seconds) / 3600
    return -size if side in "SW" else size
