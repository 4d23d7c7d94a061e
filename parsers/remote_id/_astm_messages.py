"""The messages of ASTM F3411-22a and EN 4709-002: 25 bytes each, alone or up to nine in a pack.

Facts: opendroneid-core-c (opendroneid.h) for layout, scales and the values that mean "unknown";
checked on captures of a Parrot Anafi, of Intel's reference transmitter and of a Bluetooth module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from .._record_layout import (
    BitField,
    ByteArray,
    EqualLengthRecords,
    Layout,
    LayoutField,
    LayoutRecords,
)

Floats = npt.NDArray[np.float64]
_SOURCE = "ASTM F3411-22a; opendroneid-core-c, opendroneid.h"
MESSAGE_SIZE, MOST_IN_PACK = 25, 9
BASIC_ID, LOCATION, AUTHENTICATION, SELF_ID, SYSTEM, OPERATOR_ID, PACK = 0, 1, 2, 3, 4, 5, 15
#: Degrees of a unit of latitude and longitude.
_DEGREES = 1e-7
ID_TYPES = MappingProxyType(
    {0: "none", 1: "serial number", 2: "registration", 3: "UTM identity", 4: "session identity"}
)
AIRCRAFT_TYPES = MappingProxyType(
    {
        0: "not stated", 1: "aeroplane", 2: "helicopter or multirotor", 3: "gyroplane",
        4: "hybrid lift", 5: "ornithopter", 6: "glider", 7: "kite", 8: "free balloon",
        9: "captive balloon", 10: "airship", 11: "parachute", 12: "rocket",
        13: "tethered aircraft", 14: "ground obstacle", 15: "other",
    }
)  # fmt: skip
STATUSES = MappingProxyType(
    {0: "not stated", 1: "ground", 2: "airborne", 3: "emergency", 4: "Remote ID failure"}
)
AUTHENTICATION_TYPES = MappingProxyType(
    {
        0: "none", 1: "signature of the identity", 2: "signature of the operator",
        3: "signature of a message set", 4: "by a network service", 5: "specific method",
    }
)  # fmt: skip
OPERATOR_LOCATION_TYPES = MappingProxyType({0: "take-off", 1: "live", 2: "fixed"})
EU_CATEGORIES = MappingProxyType({1: "open", 2: "specific", 3: "certified"})
#: Accuracy class -> metres within which a position lies with 95 %.
_HORIZONTAL_M = np.array(
    [np.nan, 18_520, 7408, 3704, 1852, 926, 555.6, 185.2, 92.6, 30, 10, 3, 1, *[np.nan] * 3]
)
_VERTICAL_M = np.array([np.nan, 150, 45, 25, 10, 3, 1, *[np.nan] * 9])

_HEADER = LayoutField("header", 0, "u1", meaning="type of the message and version of the protocol")
_HEADER_BITS = (BitField("version", "header", 0x0F, meaning="0 F3411-19, 1 F3411-20, 2 F3411-22a"),)
BASIC_ID_LAYOUT = Layout(
    "Basic ID message (type 0)",
    _SOURCE,
    (
        _HEADER,
        LayoutField("types", 1, "u1"),
        LayoutField("id", 2, "S20", meaning="serial number by ANSI/CTA-2063-A, or other identity"),
    ),
    (
        *_HEADER_BITS,
        BitField("id_type", "types", 0xF0, enum=ID_TYPES),
        BitField("aircraft_type", "types", 0x0F, enum=AIRCRAFT_TYPES),
    ),
)
LOCATION_LAYOUT = Layout(
    "Location message (type 1)",
    _SOURCE,
    (
        _HEADER,
        LayoutField("flags", 1, "u1"),
        LayoutField("direction", 2, "u1", "deg", meaning="0 to 179; with `west` 180 more"),
        LayoutField("speed", 3, "u1", meaning="quarters of m/s; with `fast` 63.75 m/s + 0.75 each"),
        LayoutField("climb", 4, "i1", "m/s", 0.5, "63: unknown"),
        LayoutField("latitude", 5, "<i4", "deg", _DEGREES, "with longitude 0: unknown"),
        LayoutField("longitude", 9, "<i4", "deg", _DEGREES),
        LayoutField("pressure_altitude", 13, "<u2", meaning="half metres - 1000 m; 0: unknown"),
        LayoutField("geodetic_altitude", 15, "<u2", meaning="above the WGS 84 ellipsoid, likewise"),
        LayoutField("height", 17, "<u2", meaning="likewise"),
        LayoutField("position_accuracy", 19, "u1", meaning="classes: vertical, horizontal"),
        LayoutField("speed_accuracy", 20, "u1", meaning="classes: pressure altitude, speed"),
        LayoutField("tenths", 21, "<u2", "s", 0.1, "since the full hour; 6553.5: unknown"),
        LayoutField("time_accuracy", 23, "u1", "s", 0.1),
    ),
    (
        *_HEADER_BITS,
        BitField("status", "flags", 0xF0, enum=STATUSES),
        BitField("above_ground", "flags", 0x04, meaning="the height is that above ground"),
        BitField("west", "flags", 0x02),
        BitField("fast", "flags", 0x01),
        BitField("vertical_class", "position_accuracy", 0xF0),
        BitField("horizontal_class", "position_accuracy", 0x0F),
        BitField("speed_class", "speed_accuracy", 0x0F),
    ),
)
AUTHENTICATION_LAYOUT = Layout(
    "Authentication message (type 2)",
    _SOURCE,
    (_HEADER, LayoutField("types", 1, "u1")),
    (
        *_HEADER_BITS,
        BitField("method", "types", 0xF0, enum=AUTHENTICATION_TYPES),
        BitField("page", "types", 0x0F),
    ),
    "What follows is kept as bytes: without the key of the signer nothing of it is verified.",
)
SELF_ID_LAYOUT = Layout(
    "Self ID message (type 3)",
    _SOURCE,
    (
        _HEADER,
        LayoutField("text_type", 1, "u1", meaning="0 free text, 1 emergency, 2 extended status"),
        LayoutField("text", 2, "S23"),
    ),
    _HEADER_BITS,
)
SYSTEM_LAYOUT = Layout(
    "System message (type 4)",
    _SOURCE,
    (
        _HEADER,
        LayoutField("flags", 1, "u1"),
        LayoutField("latitude", 2, "<i4", "deg", _DEGREES, "of the operator; likewise"),
        LayoutField("longitude", 6, "<i4", "deg", _DEGREES),
        LayoutField("area_count", 10, "<u2", meaning="aircraft in the area"),
        LayoutField("area_radius", 12, "u1", "m", 10.0),
        LayoutField("area_ceiling", 13, "<u2", meaning="half metres - 1000 m; 0: unknown"),
        LayoutField("area_floor", 15, "<u2", meaning="likewise"),
        LayoutField("category_and_class", 17, "u1"),
        LayoutField("altitude", 18, "<u2", meaning="of the operator, above the ellipsoid"),
        LayoutField("seconds", 20, "<u4", "s", meaning="since 2019-01-01 00:00 UTC; 0: unknown"),
    ),
    (
        *_HEADER_BITS,
        BitField("location_type", "flags", 0x03, enum=OPERATOR_LOCATION_TYPES),
        BitField("classification", "flags", 0x1C, meaning="1: European Union"),
        BitField("category", "category_and_class", 0xF0, enum=EU_CATEGORIES),
        BitField("aircraft_class", "category_and_class", 0x0F, meaning="1 to 7: C0 to C6"),
    ),
)
OPERATOR_ID_LAYOUT = Layout(
    "Operator ID message (type 5)",
    _SOURCE,
    (
        _HEADER,
        LayoutField("id_type", 1, "u1", meaning="0: registration by the authority"),
        LayoutField("id", 2, "S20", meaning="in Europe the country comes first"),
    ),
    _HEADER_BITS,
)
LAYOUTS: Mapping[int, Layout] = MappingProxyType(
    {
        BASIC_ID: BASIC_ID_LAYOUT,
        LOCATION: LOCATION_LAYOUT,
        AUTHENTICATION: AUTHENTICATION_LAYOUT,
        SELF_ID: SELF_ID_LAYOUT,
        SYSTEM: SYSTEM_LAYOUT,
        OPERATOR_ID: OPERATOR_ID_LAYOUT,
    }
)


@dataclass(frozen=True, slots=True)
class PackedMessages:
    """The messages in the bytes behind the counter of a frame."""

    #: Where each begins in these bytes.
    starts: tuple[int, ...]
    #: Why the pack is damaged, a clause; empty: it is not.
    damage: str = ""


def locate_messages_and_damage_in_pack(body: bytes) -> PackedMessages:
    """Return where the messages begin in a pack, or the one message that is no pack.

    A pack that states another size than 25, or more messages than nine or than it holds, is
    damaged: what may still be messages is returned, up to the first that is all zeros.
    """
    if len(body) < MESSAGE_SIZE and (not body or body[0] >> 4 != PACK):
        return PackedMessages((), f"a message of 25 bytes has {len(body)}")
    if body[0] >> 4 != PACK:
        return PackedMessages((0,))
    if len(body) < 3:
        return PackedMessages((), "a pack is cut off within its head")
    size, count = body[1], body[2]
    held = (len(body) - 3) // MESSAGE_SIZE
    starts = tuple(3 + number * MESSAGE_SIZE for number in range(min(count, MOST_IN_PACK, held)))
    damage = ""
    if size != MESSAGE_SIZE:
        damage = f"a pack states messages of {size} bytes, not of 25"
    elif count > MOST_IN_PACK:
        damage = f"a pack states {count} messages, more than 9"
    elif count > held:
        damage = f"a pack states {count} messages and holds {held}"
    if damage:
        starts = _message_starts_before_zero_padding(body, starts)
    return PackedMessages(starts, damage)


def _message_starts_before_zero_padding(body: bytes, starts: Sequence[int]) -> tuple[int, ...]:
    kept = []
    for start in starts:
        if not any(body[start : start + MESSAGE_SIZE]):
            break
        kept.append(start)
    return tuple(kept)


def message_records(kind: int, raw: ByteArray, offsets: npt.NDArray[np.int64]) -> LayoutRecords:
    """Return messages of one type as records.

    Args:
        kind: Their type, a key of ``LAYOUTS``.
        raw: Their bytes, shape ``(n, 25)``.
        offsets: Where each begins in the file.
    """
    rows = np.arange(len(raw))
    groups = [EqualLengthRecords(rows, raw)] if len(raw) else []
    return LayoutRecords(LAYOUTS[kind], offsets, groups)


@dataclass(frozen=True, slots=True)
class LocationMessageColumns:
    """What Location messages state, in units; NaN: not known.  All of shape ``(n,)``."""

    latitude_deg: Floats
    longitude_deg: Floats
    pressure_altitude_m: Floats
    geodetic_altitude_m: Floats
    height_m: Floats
    is_height_above_ground: npt.NDArray[np.bool_]
    ground_speed_mps: Floats
    vertical_speed_mps: Floats
    course_deg: Floats
    horizontal_error_m: Floats
    vertical_error_m: Floats
    seconds_in_hour: Floats
    status: npt.NDArray[np.uint8]
    #: Whether the transmitter states how good its speed is.
    is_speed_rated: npt.NDArray[np.bool_]


def location_message_columns(records: LayoutRecords) -> LocationMessageColumns:
    """Return what Location messages state.

    Positions off the Earth are returned as they are: the caller refuses them, and says so.
    """
    latitude, longitude = latitudes_longitudes_or_nan(records)
    speed = records["speed"].astype(np.float64)
    fast = records["fast"].astype(bool)
    speed_mps = np.where(fast, 63.75 + 0.75 * speed, 0.25 * speed)
    course = records["direction"] + np.where(records["west"].astype(bool), 180.0, 0.0)
    climb = np.asarray(records["climb"], np.float64)
    seconds = np.asarray(records["tenths"], np.float64)
    return LocationMessageColumns(
        latitude,
        longitude,
        metres_from_half_metres(records["pressure_altitude"]),
        metres_from_half_metres(records["geodetic_altitude"]),
        metres_from_half_metres(records["height"]),
        records["above_ground"].astype(bool),
        np.where(fast & (speed == 255), np.nan, speed_mps),
        np.where(np.abs(climb) > 62.0, np.nan, climb),
        np.where(course > 359.5, np.nan, course),
        _HORIZONTAL_M[records["horizontal_class"]],
        _VERTICAL_M[records["vertical_class"]],
        np.where(seconds > 3600.0, np.nan, seconds),
        records["status"],
        records["speed_class"] > 0,
    )


def latitudes_longitudes_or_nan(records: LayoutRecords) -> tuple[Floats, Floats]:
    """Return latitude and longitude; NaN where both are 0, which means unknown."""
    latitude = np.asarray(records["latitude"], np.float64)
    longitude = np.asarray(records["longitude"], np.float64)
    unknown = (latitude == 0) & (longitude == 0)
    return np.where(unknown, np.nan, latitude), np.where(unknown, np.nan, longitude)


def metres_from_half_metres(values: npt.NDArray[Any]) -> Floats:
    """Return metres from half metres above -1000 m; 0, which is -1000 m, means unknown."""
    return np.where(values == 0, np.nan, values * 0.5 - 1000.0)


def on_earth_or_unknown_mask(latitude: Floats, longitude: Floats) -> npt.NDArray[np.bool_]:
    """Return which positions lie on the Earth; those that are not known do."""
    unknown = np.isnan(latitude) & np.isnan(longitude)
    return np.asarray(unknown | ((np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)))


def zero_padded_text_or_none(value: str | bytes | None) -> str | None:
    """Return a text that is padded with zeros; ``None``: it is empty."""
    if isinstance(value, bytes):
        value = value.split(b"\0")[0].decode("utf-8", "replace")
    return (value or "").strip() or None
