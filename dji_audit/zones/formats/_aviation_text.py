"""Limits, coordinates and distances in the notations of aeronautical texts."""

import re

from dji_audit.zones import _model as model

#: No limit or point takes more; longer texts are none.
_MAX_LENGTH = 120
#: Other signs for minutes, seconds and thousands -> the plain ones.
_PLAIN_SIGNS = str.maketrans({"\u2019": "'", "\u2032": "'", "\u201d": '"', "\u2033": '"'})

_SURFACE_WORDS = {
    "SFC",
    "GND",
    "AGL",
    "GL",
    "SURF",
    "GROUND",
    "SURFACE",
    "GROUND LEVEL",
    "SFC/GND",
    "GND/SFC",
}
_UNLIMITED = re.compile(r"UNL|UNLIM|UNLTD|UNLIMITED|NO LIMIT")
#: What a file writes where it has no limit, or where the limit is published elsewhere.
_NOT_IN_FILE = re.compile(
    r"|-+|\?+|N/?A|NIL|NONE|NULL|UNK|UNKNOWN|UNDEFINED|TB[ADN]|VAR|VARIABLE"
    r"|(?:(?:AS|BY|SEE|PER|VIA|IN|ACC|ACCORDING|TO|WITH) )*(?:NOTAMS?|NOTAMED|NOTIFIED|PUBLISHED)"
)
_NUMBER = (
    r"(-?(?:\d{1,3}(?:[ ,']\d{3})+(?:\.\d{1,30})?|\d{1,6}(?:\.\d{0,30})?"
    r"|\d{1,6},\d{1,2}|\d{1,6},\d{4,30}|\.\d{1,30}))"
)
_UNIT = r"(FT|FEET|FOOT|F|'|METRES?|METERS?|MTRS?|MTS?|M)"
#: What a height counts from; ``None``: from something that no log and no terrain model measures.
_DATUMS = {
    "AMSL": model.VerticalDatum.AMSL,
    "MSL": model.VerticalDatum.AMSL,
    "ALT": model.VerticalDatum.AMSL,
    "QNH": model.VerticalDatum.AMSL,
    "ABOVE SEA LEVEL": model.VerticalDatum.AMSL,
    "ABOVE MEAN SEA LEVEL": model.VerticalDatum.AMSL,
    "AGL": model.VerticalDatum.AGL,
    "ASFC": model.VerticalDatum.AGL,
    "SFC": model.VerticalDatum.AGL,
    "GND": model.VerticalDatum.AGL,
    "AGND": model.VerticalDatum.AGL,
    "ABOVE GROUND": model.VerticalDatum.AGL,
    "ABOVE GROUND LEVEL": model.VerticalDatum.AGL,
    "HEI": model.VerticalDatum.AGL,
    "WGS84": model.VerticalDatum.ELLIPSOID,
    "WGS 84": model.VerticalDatum.ELLIPSOID,
    "W84": model.VerticalDatum.ELLIPSOID,
    "HAE": model.VerticalDatum.ELLIPSOID,
    "STD": model.VerticalDatum.FLIGHT_LEVEL,
    "QNE": model.VerticalDatum.FLIGHT_LEVEL,
    # Above an aerodrome or by its pressure: its elevation is not in the file.
    "AAL": model.VerticalDatum.NOT_STATED,
    "QFE": model.VerticalDatum.NOT_STATED,
}
_DATUM = "(" + "|".join(sorted(_DATUMS, key=len, reverse=True)) + ")"
_LEVEL = re.compile(
    r"(?:FL|FLIGHT LEVEL|F(?=\d{3}(?!\d)))[ .-]?(\d{1,3}(?:\.\d{0,9})?)(?: ?(?:A?MSL|STD|QNE))?"
    r"|(\d{1,3}) ?FL",
    re.ASCII,
)
_HEIGHT = re.compile(rf"(?:{_DATUM}[ :]*)?{_NUMBER} ?{_UNIT}?[ .]*{_DATUM}?", re.ASCII)

#: Unit of a distance -> metres.
METRES_PER_UNIT = {
    "NM": model.NAUTICAL_MILE_M,
    "KM": 1000.0,
    "M": 1.0,
    "FT": model.FEET_M,
    "MI": 1609.344,
}


def parse_limit(text: str, *, bare_unit: str | None = None) -> model.Limit | None:
    """Return a limit from text such as "2000 FT SFC", "FL195", "UNL" or "1,500ft QNH".

    The datum of a height without a reference is "not stated"; a height of 0 without one is the
    surface, because nothing lies between the ground and the sea that a zone could mean.

    Args:
        text: The text.  A comma before exactly three digits divides thousands, another one
            decimals.
        bare_unit: The unit of a number without unit and datum, where a format defines one:
            ``ft`` or ``m``.

    Returns:
        ``None`` where the text is not a limit, or holds two.
    """
    text = _normalised_limit_text(text)
    if text in _SURFACE_WORDS:
        return model.SURFACE
    if _UNLIMITED.fullmatch(text):
        return model.UNLIMITED
    if text in ("MSL", "AMSL"):
        return model.Limit(model.VerticalDatum.AMSL, 0.0, "ft")
    if level := _LEVEL.fullmatch(text):
        return model.Limit(model.VerticalDatum.FLIGHT_LEVEL, float(level[1] or level[2]), "FL")
    height = _HEIGHT.fullmatch(text)
    return None if height is None else _build_limit(height, bare_unit)


def _normalised_limit_text(text: str) -> str:
    if len(text) > 10 * _MAX_LENGTH:
        return "too long"
    text = text.translate(_PLAIN_SIGNS).upper().replace("(", " ").replace(")", " ")
    text = " ".join(text.split())
    return text.rstrip(" .,;") if len(text) <= _MAX_LENGTH else "too long"


def _build_limit(height: re.Match[str], bare_unit: str | None) -> model.Limit | None:
    before, number, unit_word, after = height.groups()
    datums = {_DATUMS[word] for word in (before, after) if word}
    if len(datums) > 1 or (unit_word is None and not datums and bare_unit is None):
        return None
    value = parse_decimal(number)
    # Aviation counts heights in feet where nothing else is said.
    unit = "m" if (unit_word or bare_unit or "ft").upper().startswith("M") else "ft"
    if not datums and value == 0:
        return model.SURFACE
    datum = next(iter(datums), model.VerticalDatum.NOT_STATED)
    if value < 0 and datum not in (model.VerticalDatum.AMSL, model.VerticalDatum.ELLIPSOID):
        return None
    if datum is model.VerticalDatum.FLIGHT_LEVEL:
        feet = value if unit == "ft" else value / model.FEET_M
        return model.Limit(datum, feet / 100, "FL")
    return model.Limit(datum, value, unit)


def parse_decimal(number: str) -> float:
    """Return a number of a limit, with its thousands and decimals divided as `parse_limit` says."""
    number = re.sub(r"[ ']", "", number)
    whole, comma, decimals = number.partition(",")
    if comma and "," not in decimals and len(decimals.partition(".")[0]) != 3:
        return float(f"{whole}.{decimals}")
    return float(number.replace(",", ""))


def parse_limit_field(text: str, *, bare_unit: str | None = None) -> model.Limit | None:
    """Return the limit of a field that is for a limit; "not stated" where it names no height.

    So a zone whose limit is published by NOTAM is kept, and a flight in it is not decided.

    Returns:
        ``None`` where the text is neither a limit nor says that there is none.
    """
    if _NOT_IN_FILE.fullmatch(_normalised_limit_text(text)):
        return model.NOT_STATED
    return parse_limit(text, bare_unit=bare_unit)


class InvalidPointTextError(Exception):
    """A text is no point: why, and roughly where it would lie, where that can be told."""

    def __init__(self, reason: str, near: model.Point | None = None) -> None:
        super().__init__(reason)
        self.near = near


_SIDE = re.compile(r"([NSEW])")
_BETWEEN = " \t,;"
_AFTER_NUMBER = " \t,;:°º'\""
_DIVIDER = re.compile(r"[:°º'\"\s]+")
_ANGLE_PART = re.compile(r"\d{1,3}(?:\.\d{0,30})?", re.ASCII)
_COMPACT_ANGLE = re.compile(r"(\d{2,3})(\d{2})(\d{2}(?:\.\d{0,30})?)", re.ASCII)
_POINT_EXAMPLE = "expected a point as in 53:47:06N 008:21:41E"


def parse_points(text: str) -> tuple[model.Point, ...]:
    """Return the points of a text, latitude and longitude each.

    Degrees, minutes and seconds are divided by colons, blanks or their signs, or written in two,
    two (of a longitude three) and two digits together; the last of them may have decimals.  N, S,
    E or W stands behind every angle, or before every angle.

    Raises:
        InvalidPointTextError: If the text is anything else, or minutes or seconds are 60 or more.
    """
    if len(text) > 4 * _MAX_LENGTH:
        raise InvalidPointTextError(f"{_POINT_EXAMPLE}, found {text[:40]!r}")
    parts = _SIDE.split(text.translate(_PLAIN_SIGNS).upper())
    sides = parts[1::2]
    is_side_first = not parts[0].strip(_BETWEEN)
    numbers, left = (parts[2::2], parts[0]) if is_side_first else (parts[0:-1:2], parts[-1])
    axes = "".join("x" if side in "NS" else "y" for side in sides)
    if left.strip(_BETWEEN) or not axes or axes != "xy" * (len(axes) // 2):
        raise InvalidPointTextError(f"{_POINT_EXAMPLE}, found {text[:60]!r}")
    angles = [
        _parse_angle_and_fault(number, side) for number, side in zip(numbers, sides, strict=True)
    ]
    points = tuple(
        (latitude, longitude)
        for (latitude, _), (longitude, _) in zip(angles[::2], angles[1::2], strict=True)
    )
    faults = [fault for _, fault in angles if fault]
    if faults:
        near = points[0] if abs(points[0][0]) <= 90 and abs(points[0][1]) <= 180 else None
        raise InvalidPointTextError(f"{faults[0]} in {text[:60]!r}", near)
    return points


def parse_point(text: str) -> model.Point:
    """Return the point of a text that holds exactly one.

    Raises:
        InvalidPointTextError: If it does not.
    """
    points = parse_points(text)
    if len(points) != 1:
        raise InvalidPointTextError(
            f"expected one point, found {len(points)} in {text[:60]!r}", points[0]
        )
    return points[0]


def _parse_angle_and_fault(text: str, side: str) -> tuple[float, str]:
    """Return an angle in degrees, and what is wrong with it; empty: nothing.

    Raises:
        InvalidPointTextError: If it is no angle.
    """
    text = text.strip(_AFTER_NUMBER)
    compact = _COMPACT_ANGLE.fullmatch(text)
    pieces = compact.groups() if compact else tuple(_DIVIDER.split(text))
    is_angle = 1 <= len(pieces) <= 3 and all(map(_ANGLE_PART.fullmatch, pieces))
    if not is_angle or any("." in piece for piece in pieces[:-1]):
        raise InvalidPointTextError(f"{_POINT_EXAMPLE}, found {text[:40]!r} before or after {side}")
    degrees, minutes, seconds = (*map(float, pieces), 0.0, 0.0)[:3]
    angle = degrees + minutes / 60 + seconds / 3600
    most = 90 if side in "NS" else 180
    fault = ""
    if minutes >= 60:
        fault = f"expected minutes of less than 60, found {minutes:g}"
    elif seconds >= 60:
        fault = f"expected seconds of less than 60, found {seconds:g}"
    elif angle > most:
        fault = f"expected an angle of at most {most} degrees {side}, found {angle:g}"
    return (-angle if side in "SW" else angle), fault
