"""Names of columns, keys and attributes that stand for a position, a flight value or a contact."""

import re
from collections.abc import Collection, Iterable

_LATITUDE = re.compile(
    r"latitude|(?<![a-z])(?:gps|home|drone|uav|pilot)?lat(?:e7|_e7|itud|deg|dd)?(?![a-z])|breite|纬度"
)
_LONGITUDE = re.compile(
    r"long?t?itude|(?<![a-z])(?:gps|home|drone|uav|pilot)?(?:lon|lng|long)(?:e7|_e7|deg|dd)?(?![a-z])"
    r"|länge|laenge|经度"
)
#: A border between words in one name, as in ``homeLat``.
_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_TIME = re.compile(r"time|date|(?<![a-z])(?:ts|when|t|utc|epoch)(?![a-z])")
_CONTACT = re.compile(
    r"(?<![a-z])(?:hostname|host name|domain|fqdn|qname|sni|server name|dns|ip|src|dst"
    r"|(?:src|dst|dest|source|destination|client|server|remote|local|peer)"
    r"[ .]?(?:ip|addr|address|host|port)|ip[ .]?(?:src|dst|addr|address))(?![a-z])"
)
#: Values that a flight has; three of them together are hardly anything else.
_FLIGHT_VALUES = re.compile(
    r"(?<![a-z])(altitude|alt|height|heading|yaw|pitch|roll|throttle|takeoff|armed|airspeed"
    r"|groundspeed|satellites|sats|gimbal|gyro(?:adc)?|accel|acc(?:smooth)?|motor|rc ?command"
    r"|homedistance|home ?distance"
    r"|vspeed|hspeed|vertical ?speed|horizontal ?speed|battery|voltage|uav|drone|aircraft)(?![a-z])"
)
_LEAST_FLIGHT_VALUES = 3
#: Two of them are needed besides what other devices have too.
_SHARED_VALUES = frozenset({"battery", "voltage", "height", "alt", "altitude", "heading", "motor"})


def plain_name(name: str) -> str:
    """Return a name in small letters, with a blank where a word begins, as in ``home Lat``."""
    return _CAMEL_CASE.sub(" ", name).lower().replace("_", " ").replace("[", " ")


def name_position(names: Iterable[str]) -> bool:
    """Return whether some names hold both a latitude and a longitude."""
    plain = [plain_name(name) for name in names]
    # One text with both words may be a sentence.
    latitudes = {name for name in plain if _LATITUDE.search(name)}
    longitudes = {name for name in plain if _LONGITUDE.search(name)}
    return bool(latitudes and longitudes) and len(latitudes | longitudes) > 1


def name_contact(names: Iterable[str]) -> bool:
    """Return whether some names hold both a time and the address of a computer."""
    plain = [plain_name(name) for name in names]
    return any(map(_TIME.search, plain)) and any(map(_CONTACT.search, plain))


def flight_values(names: Iterable[str]) -> tuple[str, ...]:
    """Return the values of a flight that some names stand for; empty where they are too few."""
    found = {
        match[1]: None for name in names for match in _FLIGHT_VALUES.finditer(plain_name(name))
    }
    enough = len(found) >= _LEAST_FLIGHT_VALUES and len(found.keys() - _SHARED_VALUES) >= 2
    return tuple(found) if enough else ()


def describe_sign(names: Collection[str]) -> str:
    """Return in words what some names show: positions, contacts or flight values; else empty."""
    if name_position(names):
        return "it has fields for latitude and longitude"
    if values := flight_values(names):
        return f"it has fields of a flight ({', '.join(values[:3])})"
    if name_contact(names):
        return "it has fields for times and addresses of computers"
    return ""
