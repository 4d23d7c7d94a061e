"""DJI's own DroneID in Wi-Fi beacons: what aircraft sent before Remote ID, in clear.

Facts: the description of Freek van Tienen and Jan Dumon as published with Kismet
(dot11_ie_221_dji_droneid); Department 13, *Anatomy of DJI's Drone ID implementation*; published
spoofers and decoders of the same element.  Latitude and longitude are radians x 1e7.  Sources
disagree on the unit of altitude and height (metres, tenths of a metre, feet), so that these stay
numbers of the record and are no height of the track.  Newer aircraft send the same over OcuSync
(no Wi-Fi), or encrypted.
"""

import math
from types import MappingProxyType

from .._record_layout import BitField, Layout, LayoutField

_SOURCE = "Kismet, dot11_ie_221_dji_droneid"
_DEGREES = math.degrees(1e-7)
#: First bytes behind the number of the maker; then the kind: telemetry or purpose of the flight.
MARK, TELEMETRY, PURPOSE = b"\x58\x62\x13", 0x10, 0x11
_HEAD = (
    LayoutField("mark", 0, "S3", meaning="58 62 13"),
    LayoutField("kind", 3, "u1", meaning="16: telemetry"),
    LayoutField("version", 4, "u1"),
    LayoutField("sequence", 5, "<u2"),
    LayoutField("state", 7, "<u2"),
    LayoutField("serial", 9, "S16"),
    LayoutField("longitude", 25, "<i4", "deg", _DEGREES),
    LayoutField("latitude", 29, "<i4", "deg", _DEGREES),
    LayoutField("altitude", 33, "<i2", meaning="unit not certain"),
    LayoutField("height", 35, "<i2", meaning="unit not certain"),
    LayoutField("north", 37, "<i2", "m/s", 0.01),
    LayoutField("east", 39, "<i2", "m/s", 0.01),
    LayoutField("up", 41, "<i2", "m/s", 0.01),
)
_BITS = (
    BitField("serial_valid", "state", 0x0001),
    BitField("home_set", "state", 0x0004),
    BitField("motors_on", "state", 0x0010),
    BitField("in_air", "state", 0x0020),
    BitField("position_valid", "state", 0x0040),
    BitField("velocity_valid", "state", 0x0200),
    BitField("climb_valid", "state", 0x0400),
)
VERSION_1 = Layout(
    "DJI DroneID telemetry, version 1",
    _SOURCE,
    (
        *_HEAD,
        LayoutField("pitch", 43, "<i2"),
        LayoutField("roll", 45, "<i2"),
        LayoutField("yaw", 47, "<i2"),
        LayoutField("home_longitude", 49, "<i4", "deg", _DEGREES),
        LayoutField("home_latitude", 53, "<i4", "deg", _DEGREES),
        LayoutField("product", 57, "u1"),
    ),
    _BITS,
)
VERSION_2 = Layout(
    "DJI DroneID telemetry, version 2",
    _SOURCE,
    (
        *_HEAD,
        LayoutField("yaw", 43, "<i2"),
        LayoutField("pilot_time", 45, "<u8", "ms", meaning="of the pilot's position, since 1970"),
        LayoutField("pilot_latitude", 53, "<i4", "deg", _DEGREES),
        LayoutField("pilot_longitude", 57, "<i4", "deg", _DEGREES),
        LayoutField("home_longitude", 61, "<i4", "deg", _DEGREES),
        LayoutField("home_latitude", 65, "<i4", "deg", _DEGREES),
        LayoutField("product", 69, "u1"),
    ),
    _BITS,
)
VERSIONS = MappingProxyType({1: VERSION_1, 2: VERSION_2})


def telemetry_layout(body: bytes) -> Layout | None:
    """Return the layout of an element with telemetry; ``None``: it is none that is known."""
    if len(body) < 5 or not body.startswith(MARK) or body[3] != TELEMETRY:
        return None
    layout = VERSIONS.get(body[4])
    return layout if layout is not None and len(body) >= layout.size else None


def serial_and_texts_of_purpose_element(body: bytes) -> tuple[str, str] | None:
    """Return serial number and typed texts of an element with the purpose of the flight."""
    if len(body) < 20 or not body.startswith(MARK) or body[3] != PURPOSE:
        return None
    serial = body[4:20].split(b"\0")[0].decode("ascii", "replace").strip()
    runs = bytes(byte if 32 <= byte < 127 else 0 for byte in body[20:]).split(b"\0")
    words = [run.decode("ascii") for run in runs if len(run) > 2]
    return serial, " ".join(words)
