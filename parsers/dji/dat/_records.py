"""Layouts of the records, one table each; the length of a payload decides which fields it has.

Facts: [DC] BudWalkerJava/DatCon 2a51562 ``DatConRecs``; [OGS] o-gs/
dji-firmware-tools df0b9c5 ``dji-{p3,mavic,spark}-flyrec-proto.lua`` and
``dji-dumlv1-flyc.lua`` (facts only).  Positions in radians come as degrees.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from ..._layout import Bits, Field, Layout
from .. import _flight_controller as controller
from . import _enums as words

_DC = "BudWalkerJava/DatCon 2a51562"
_OGS = "o-gs/dji-firmware-tools df0b9c5 (facts only)"


def _several(
    name: str, parts: Iterable[str], at: int, wire: str, unit: str = "", meaning: str = ""
) -> Iterator[Field]:
    """Yield like fields that lie side by side, from ``at`` on."""
    for number, part in enumerate(parts):
        place = at + number * np.dtype(wire).itemsize
        yield Field(name.format(part), place, wire, unit, 1.0, meaning)


GPS = Layout(
    "GPS",
    f"{_DC} GpsGroup.java; longitude and latitude as whole numbers, as ALEAPP too reads them",
    (
        Field("date", 0, "<u4", "", 1, "UTC, the digits YYYYMMDD; 0: none yet"),
        Field("time_of_day", 4, "<u4", "", 1, "UTC, the digits HHMMSS"),
        Field("longitude_deg", 8, "<i4", "deg", 1e-7, "WGS 84"),
        Field("latitude_deg", 12, "<i4", "deg", 1e-7, "WGS 84"),
        Field("altitude_amsl_m", 16, "<i4", "m", 0.001, "above mean sea level, by the receiver"),
        Field("speed_north_mps", 20, "<f4", "m/s", 0.01),
        Field("speed_east_mps", 24, "<f4", "m/s", 0.01),
        Field("speed_down_mps", 28, "<f4", "m/s", 0.01),
        Field("hdop", 32, "<f4"),
        Field("pdop", 36, "<f4"),
        Field("horizontal_accuracy", 40, "<f4", "", 1, "its unit is not known"),
        Field("speed_accuracy", 44, "<f4", "", 1, "its unit is not known"),
        Field("satellites_gps", 56, "<u4"),
        Field("satellites_glonass", 60, "<u4"),
        Field("satellites", 64, "<u2", "", 1, "satellites in use"),
    ),
)

IMU = Layout(
    "IMU",
    f"{_DC} RecIMU.java",
    (
        Field("longitude_deg", 0, "<f8", "deg", controller.DEGREES, "WGS 84; radians on the wire"),
        Field("latitude_deg", 8, "<f8", "deg", controller.DEGREES, "WGS 84; radians on the wire"),
        Field("altitude_baro_m", 16, "<f4", "m", 1, "barometric: no datum"),
        *_several("acceleration_{}_g", "xyz", 20, "<f4", "g"),
        *_several("rotation_{}_rad_s", "xyz", 32, "<f4", "rad/s"),
        Field("altitude_baro_smooth_m", 44, "<f4", "m", 1, "barometric: no datum"),
        *_several("attitude_{}", "wxyz", 48, "<f4", "", "of a quaternion"),
        Field("speed_north_mps", 76, "<f4", "m/s"),
        Field("speed_east_mps", 80, "<f4", "m/s"),
        Field("speed_down_mps", 84, "<f4", "m/s"),
        *_several("magnetic_{}", "xyz", 100, "<i2"),
        Field("temperature_c", 106, "<i2", "deg C", 0.01),
        Field("satellites", 116, "u1"),
    ),
)

OSD = Layout(
    "OSD",
    f"{_DC} record 12; {_OGS} dji-dumlv1-flyc.lua OSD General",
    (
        *controller.MOTION,
        Field("state", 32, "<u4"),
        Field("satellites", 36, "u1"),
        Field("flight_action", 37, "u1", words=controller.FLIGHT_ACTION),
        Field("refusal", 38, "u1"),
        Field("gps_state", 39, "u1"),
        Field("battery_40", 40, "u1", "", 1, "charge in other readers; see the notes"),
        *controller.COUNTS,
        Field("version_match", 47, "u1"),
        Field("product_type", 48, "u1"),
        Field("imu_init_failure", 49, "u1"),
        Field("motor_failure", 50, "u1"),
    ),
    (
        Bits("flight_mode", "state_30", 0x7F, words=controller.FLIGHT_MODE),
        Bits("rc_out_of_control", "state_30", 0x80, "controller signal lost"),
        Bits("on_ground", "state", 0x2),
        Bits("in_air", "state", 0x4),
        Bits("motors_on", "state", 0x8),
        Bits("ultrasonic", "state", 0x10, "the sonar measures"),
        Bits("go_home_status", "state", 0xE0),
        Bits("vision_used", "state", 0x100),
        Bits("battery_asks_go_home", "state", 0x200),
        Bits("battery_asks_landing", "state", 0x400),
        Bits("mode_switch", "state", 0x6000),
        Bits("gps_used", "state", 0x8000),
        Bits("compass_error", "state", 0x10000),
        Bits("gps_level", "state", 0x3C0000),
        Bits("battery_type", "state", 0xC00000),
        Bits("out_of_limit", "state", 0x80000000, "beyond a distance or height limit"),
        Bits("refusal_cause", "refusal", 0x7F, words=controller.MOTOR_REFUSAL),
        Bits("refused", "refusal", 0x80, "the refusal happened"),
    ),
    notes="Byte 40 is called the charge, but in the same record of the app's log it is none, "
    "so it is not taken for it. Of the last bytes no real file was at hand.",
)

HOME = Layout(
    "HOME",
    f"{_OGS} dji-dumlv1-flyc.lua OSD Home",
    (
        Field("longitude_deg", 0, "<f8", "deg", controller.DEGREES, "WGS 84; radians on the wire"),
        Field("latitude_deg", 8, "<f8", "deg", controller.DEGREES, "WGS 84; radians on the wire"),
        Field("altitude_m", 16, "<f4", "m", 1, "its datum is not known"),
        Field("state", 20, "<u2"),
        Field("go_home_height_m", 22, "<u2", "m"),
        Field("status", 32, "<u4"),
        Field("state_36", 36, "u1"),
        Field("height_limit_m", 37, "<f4", "m"),
    ),
    (
        Bits("home_set", "state", 0x01),
        Bits("dynamic", "state", 0x08, "home follows the controller"),
        Bits("at_distance_limit", "state", 0x10),
        Bits("at_height_limit", "state", 0x20),
        Bits("beginner_mode", "state", 0x800),
        Bits("ioc", "state", 0x1000),
        Bits("simulator", "status", 0x01),
        Bits("height_limit_reason", "state_36", 0x1F, words=controller.HEIGHT_LIMIT_REASON),
    ),
)

CONTROLLER = Layout(
    "CONTROLLER",
    f"{_OGS} dji-mavic-flyrec-proto.lua",
    (
        Field("control_tick", 0, "<u4"),
        Field("pitch", 4, "<i2"),
        Field("roll", 6, "<i2"),
        Field("yaw", 8, "<i2"),
        Field("throttle", 10, "<i2"),
        Field("control_mode", 12, "u1"),
        Field("mode_switch", 13, "u1"),
        Field("motor_state", 14, "u1"),
        Field("signal_level", 15, "u1"),
        Field("control_level", 16, "u1"),
        Field("simulator_model", 17, "u1"),
        Field("max_height_m", 18, "<u2", "m"),
        Field("max_radius_m", 20, "<u2", "m"),
        Field("home_x", 22, "<f4"),
        Field("home_y", 26, "<f4"),
    ),
)

AIRPORT_LIMIT = Layout(
    "AIRPORT_LIMIT",
    f"{_OGS} dji-p3-flyrec-proto.lua type 40",
    (
        Field("area_state", 0, "u1", words=words.AREA_STATE),
        Field("action_state", 1, "u1", words=words.AREA_ACTION),
        Field("points", 2, "u1"),
        *(
            row
            for n in range(3)
            for at in (3 + 27 * n,)
            for row in (
                Field(f"latitude_raw_{n + 1}", at, "<i4", "", 1, "scale not known"),
                Field(f"longitude_raw_{n + 1}", at + 4, "<i4", "", 1, "scale not known"),
                Field(f"from_where_{n + 1}", at + 8, "u1"),
                Field(f"radius_limited_{n + 1}", at + 9, "u1"),
                Field(f"height_limited_{n + 1}", at + 10, "u1"),
                Field(f"to_edge_m_{n + 1}", at + 11, "<f4", "m"),
                Field(f"to_height_m_{n + 1}", at + 15, "<f4", "m"),
                Field(f"direction_x_{n + 1}", at + 19, "<f4"),
                Field(f"direction_y_{n + 1}", at + 23, "<f4"),
            )
        ),
    ),
)

AIRPORT_DEBUG = Layout(
    "AIRPORT_LIMIT_DEBUG",
    f"{_OGS} type 0x4e22",
    (
        Field("flag", 0, "u1"),
        Field("uid", 1, "<u4"),
        Field("north", 5, "i1"),
        Field("east", 6, "i1"),
        Field("down", 7, "i1"),
        Field("norm", 8, "u1"),
    ),
)

_FLAGS = (
    "airport_disabled", "position_enabled", "whitelist_enabled", "whitelist_state",
    "ground_enabled", "ground_state", "takeoff_enabled", "takeoff_state", "final_state",
)  # fmt: skip
AIRPORT_DATA = Layout(
    "AIRPORT_LIMIT_DATA",
    f"{_OGS} type 0x500a",
    (
        *_several("{}", _FLAGS, 0, "u1", "", "meaning inferred from its name"),
        *(
            row
            for n in range(3)
            for at in (9 + 18 * n,)
            for row in (
                Field(f"direction_x_{n + 1}", at, "<f4"),
                Field(f"direction_y_{n + 1}", at + 4, "<f4"),
                Field(f"height_enabled_{n + 1}", at + 8, "u1"),
                Field(f"to_height_m_{n + 1}", at + 9, "<f4", "m"),
                Field(f"radius_enabled_{n + 1}", at + 13, "u1"),
                Field(f"to_radius_m_{n + 1}", at + 14, "<f4", "m"),
            )
        ),
        Field("height_limit_m", 63, "<f4", "m"),
    ),
)

ADVANCED_LIMIT = Layout(
    "ADVANCED_LIMIT_DATA",
    f"{_OGS} type 0x500b",
    (
        Field("records", 0, "<u4"),
        Field("zones", 4, "u1", "", 1, "zones near"),
        Field("in_warning_zone", 5, "u1"),
        Field("nearest_zone", 6, "<u2", "", 1, "distance of the nearest zone, taken for metres"),
        Field("reserved", 8, "<u4"),
        *(
            row
            for n in range(5)
            for at in (12 + 15 * n,)
            for row in (
                Field(f"zone_{n + 1}", at, "<u4", "", 1, "number of the zone"),
                Field(f"inside_{n + 1}", at + 4, "u1", "", 1, "the aircraft is inside it"),
                Field(f"north_{n + 1}", at + 5, "<f4"),
                Field(f"east_{n + 1}", at + 9, "<f4"),
                Field(f"height_limit_{n + 1}", at + 13, "<u2"),
            )
        ),
    ),
)

ZONE_DATABASE = Layout(
    "ZONE_DATABASE",
    f"{_OGS} type 0x0888 db_subscription",
    (Field("tick_sent", 0, "<u4"), Field("gps_level_sent", 4, "u1")),
)

LINK = Layout(
    "LINK",
    f"{_OGS} types 0x092a to 0x092f",
    (
        Field("sent_bytes", 0, "<u4", "byte"),
        Field("received_bytes", 4, "<u4", "byte"),
        Field("sent_packets", 8, "<u2"),
        Field("received_packets", 10, "<u2"),
        Field("send_errors", 12, "<u2"),
        Field("receive_errors", 14, "<u2"),
        Field("receive_route", 16, "<u2"),
        Field("send_route", 18, "<u2"),
    ),
)

TABLET = Layout(
    "FOLLOW_ME",
    f"{_DC} record 43 of V1",
    (
        Field("latitude_deg", 155, "<f8", "deg", controller.DEGREES, "of the operator's tablet"),
        Field("longitude_deg", 163, "<f8", "deg", controller.DEGREES, "of the operator's tablet"),
    ),
)

#: Every layout, for the documentation.
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        row.name: row
        for row in (
            GPS, IMU, OSD, HOME, CONTROLLER, AIRPORT_LIMIT, AIRPORT_DEBUG, AIRPORT_DATA,
            ADVANCED_LIMIT, ZONE_DATABASE, LINK, TABLET,
        )
    }
)  # fmt: skip

Kinds = Mapping[int, tuple[str, Layout]]
_COMMON: dict[int, tuple[str, Layout]] = {
    12: ("OSD", OSD),
    13: ("HOME", HOME),
    40: ("AIRPORT_LIMIT", AIRPORT_LIMIT),
    1000: ("CONTROLLER", CONTROLLER),
    0x0888: ("ZONE_DATABASE", ZONE_DATABASE),
    0x4E22: ("AIRPORT_LIMIT_DEBUG", AIRPORT_DEBUG),
    0x500A: ("AIRPORT_LIMIT_DATA", AIRPORT_DATA),
    0x500B: ("ADVANCED_LIMIT_DATA", ADVANCED_LIMIT),
    **{kind: (f"LINK_{kind:04x}", LINK) for kind in words.LINKS},
}
_SEVERAL = (("", 0), ("_1", 1), ("_2", 2))
#: Record type -> name and layout, of V3.
V3_KINDS: Kinds = MappingProxyType(
    _COMMON
    | {2096 + n: (f"GPS{suffix}", GPS) for suffix, n in _SEVERAL}
    | {2048 + n: (f"IMU{suffix}", IMU) for suffix, n in _SEVERAL}
)
#: The same, of V1.
V1_KINDS: Kinds = MappingProxyType(
    _COMMON | {1: ("IMU", IMU), 5: ("GPS", GPS), 43: ("FOLLOW_ME", TABLET)}
)
