"""Names of columns, keys and attributes that stand for a position, a flight value or a contact."""

import re
from collections.abc import Iterable

_LATITUDE = re.compile(
    r"latitude|(?<![a-z])(?:gps|home|drone|uav|pilot)?lat(?:e7|_e7|itud|deg|dd)?(?![a-z])|breite|纬度"
)
_LONGITUDE = re.compile(
    r"long?t?itude|(?<![a-z])(?:gps|home|drone|uav|pilot)?(?:lon|lng|long)(?:e7|_e7|deg|dd)?(?![a-z])"
    r"|länge|laenge|经度"
)
#: Alone it is a sign too: the other may be named in a way that nobody foresaw.
_WHOLE_WORD = re.compile(r"(?<![a-z])(?:latitude|longitude)(?![a-z])(?=[^a-z\n]*$)", re.M)
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


def field_names_in_one_lower_case_text(names: Iterable[str]) -> str:
    """Return names in small letters, one a line, with blanks between words, as in ``home lat``."""
    joined = _CAMEL_CASE.sub(" ", "\n".join(names))
    return joined.lower().replace("_", " ").replace("[", " ")


def names_hold_position(plain: str) -> bool:
    """Return whether names hold a latitude and a longitude.

    Args:
        plain: Names, as of ``field_names_in_one_lower_case_text``.
    """
    if not (_LATITUDE.search(plain) and _LONGITUDE.search(plain)):
        return False
    # One name with both words may be a sentence.
    lines = plain.split("\n")
    latitudes = {name for name in lines if _LATITUDE.search(name)}
    longitudes = {name for name in lines if _LONGITUDE.search(name)}
    return bool(latitudes and longitudes) and len(latitudes | longitudes) > 1


def names_hold_network_contact(plain: str) -> bool:
    """Return whether names hold a time and a computer's address.

    Args:
        plain: Names, as of ``field_names_in_one_lower_case_text``.
    """
    return bool(_CONTACT.search(plain) and _TIME.search(plain))


def flight_values_among_names(plain: str) -> tuple[str, ...]:
    """Return the values of a flight among names; empty: too few.

    Args:
        plain: Names, as of ``field_names_in_one_lower_case_text``.
    """
    found = {match[1]: None for match in _FLIGHT_VALUES.finditer(plain)}
    enough = len(found) >= _LEAST_FLIGHT_VALUES and len(found.keys() - _SHARED_VALUES) >= 2
    return tuple(found) if enough else ()


def describe_evidence_in_field_names(names: Iterable[str], *, with_contacts: bool = True) -> str:
    """Return in words what some names show: positions, flight values or contacts; else empty.

    Args:
        names: Names of columns, keys or attributes.
        with_contacts: Whether contacts count: their short names are met by chance in any bytes.
    """
    plain = field_names_in_one_lower_case_text(names)
    if names_hold_position(plain):
        return "it has fields for latitude and longitude"
    if match := _WHOLE_WORD.search(plain):
        return f"it has a field for {match[0]}"
    if values := flight_values_among_names(plain):
        return f"it has fields of a flight ({', '.join(values[:3])})"
    if with_contacts and names_hold_network_contact(plain):
        return "it has fields for times and addresses of computers"
    return ""
