"""Layouts of the records, one table each; the length of a payload decides which fields it has.

Facts: [DC] BudWalkerJava/DatCon 2a51562 ``DatConRecs``; [OGS] o-gs/
dji-firmware-tools df0b9c5 ``dji-{p3,mavic,spark}-flyrec-proto.lua`` and
``dji-dumlv1-flyc.lua`` (facts only).  Positions in radians come as degrees.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from ..._layout import BitField, LayoutField, Layout
from .. import _flight_controller as controller
from . import _enums as words

_DC = "BudWalkerJava/DatCon 2a51562"
_OGS = "o-gs/dji-firmware-tools df0b9c5 (facts only)"


def _adjacent_fields(
    name: str, parts: Iterable[str], at: int, wire: str, unit: str = "", meaning: str = ""
) -> Iterator[LayoutField]:
    """Yield like fields that lie side by side, from ``at`` on."""
    for number, part in enumerate(parts):
        place = at + number * np.dtype(wire).itemsize
        yield LayoutField(name.format(part), place, wire, unit, 1.0, meaning)


GPS = Layout(
    "GPS",
    f"{_DC} GpsGroup.java; longitude and latitude as whole numbers, as ALEAPP too reads them",
    (
        LayoutField("date", 0, "<u4", "", 1, "UTC, the digits YYYYMMDD; 0: none yet"),
        LayoutField("time_of_day", 4, "<u4", "", 1, "UTC, the digits HHMMSS"),
        LayoutField("longitude_deg", 8, "<i4", "deg", 1e-7, "WGS 84"),
        LayoutField("latitude_deg", 12, "<i4", "deg", 1e-7, "WGS 84"),
        LayoutField("altitude_amsl_m", 16, "<i4", "m", 0.001, "above mean sea level, by the receiver"),
        LayoutField("speed_north_mps", 20, "<f4", "m/s", 0.01),
        LayoutField("speed_east_mps", 24, "<f4", "m/s", 0.01),
        LayoutField("speed_down_mps", 28, "<f4", "m/s", 0.01),
        LayoutField("hdop", 32, "<f4"),
        LayoutField("pdop", 36, "<f4"),
        LayoutField("horizontal_accuracy", 40, "<f4", "", 1, "its unit is not known"),
        LayoutField("speed_accuracy", 44, "<f4", "", 1, "its unit is not known"),
        LayoutField("satellites_gps", 56, "<u4"),
        LayoutField("satellites_glonass", 60, "<u4"),
        LayoutField("satellites", 64, "<u2", "", 1, "satellites in use"),
    ),
)

IMU = Layout(
    "IMU",
    f"{_DC} RecIMU.java",
    (
        LayoutField("longitude_deg", 0, "<f8", "deg", controller.DEGREES_PER_RADIAN, "WGS 84; radians on the wire"),
        LayoutField("latitude_deg", 8, "<f8", "deg", controller.DEGREES_PER_RADIAN, "WGS 84; radians on the wire"),
        LayoutField("altitude_baro_m", 16, "<f4", "m", 1, "barometric: no datum"),
        *_adjacent_fields("acceleration_{}_g", "xyz", 20, "<f4", "g"),
        *_adjacent_fields("rotation_{}_rad_s", "xyz", 32, "<f4", "rad/s"),
        LayoutField("altitude_baro_smooth_m", 44, "<f4", "m", 1, "barometric: no datum"),
        *_adjacent_fields("attitude_{}", "wxyz", 48, "<f4", "", "of a quaternion"),
        LayoutField("speed_north_mps", 76, "<f4", "m/s"),
        LayoutField("speed_east_mps", 80, "<f4", "m/s"),
        LayoutField("speed_down_mps", 84, "<f4", "m/s"),
        *_adjacent_fields("magnetic_{}", "xyz", 100, "<i2"),
        LayoutField("temperature_c", 106, "<i2", "deg C", 0.01),
        LayoutField("satellites", 116, "u1"),
    ),
)

OSD = Layout(
    "OSD",
    f"{_DC} record 12; {_OGS} dji-dumlv1-flyc.lua OSD General",
    (
        *controller.MOTION_FIELDS,
        LayoutField("state", 32, "<u4"),
        LayoutField("satellites", 36, "u1"),
        LayoutField("flight_action", 37, "u1", enum=controller.FLIGHT_ACTION),
        LayoutField("refusal", 38, "u1"),
        LayoutField("gps_state", 39, "u1"),
        LayoutField("battery_40", 40, "u1", "", 1, "charge in other readers; see the notes"),
        *controller.COUNTER_FIELDS,
        LayoutField("version_match", 47, "u1"),
        LayoutField("product_type", 48, "u1"),
        LayoutField("imu_init_failure", 49, "u1"),
        LayoutField("motor_failure", 50, "u1"),
    ),
    (
        BitField("flight_mode", "state_30", 0x7F, enum=controller.FLIGHT_MODE),
        BitField("rc_out_of_control", "state_30", 0x80, "controller signal lost"),
        BitField("on_ground", "state", 0x2),
        BitField("in_air", "state", 0x4),
        BitField("motors_on", "state", 0x8),
        BitField("ultrasonic", "state", 0x10, "the sonar measures"),
        BitField("go_home_status", "state", 0xE0),
        BitField("vision_used", "state", 0x100),
        BitField("battery_asks_go_home", "state", 0x200),
        BitField("battery_asks_landing", "state", 0x400),
        BitField("mode_switch", "state", 0x6000),
        BitField("gps_used", "state", 0x8000),
        BitField("compass_error", "state", 0x10000),
        BitField("gps_level", "state", 0x3C0000),
        BitField("battery_type", "state", 0xC00000),
        BitField("out_of_limit", "state", 0x80000000, "beyond a distance or height limit"),
        BitField("refusal_cause", "refusal", 0x7F, enum=controller.MOTOR_REFUSAL),
        BitField("refused", "refusal", 0x80, "the refusal happened"),
    ),
    notes="Byte 40 is called the charge, but in the same record of the app's log it is none, "
    "so it is not taken for it. Of the last bytes no real file was at hand.",
)

HOME = Layout(
    "HOME",
    f"{_OGS} dji-dumlv1-flyc.lua OSD Home",
    (
        LayoutField("longitude_deg", 0, "<f8", "deg", controller.DEGREES_PER_RADIAN, "WGS 84; radians on the wire"),
        LayoutField("latitude_deg", 8, "<f8", "deg", controller.DEGREES_PER_RADIAN, "WGS 84; radians on the wire"),
        LayoutField("altitude_m", 16, "<f4", "m", 1, "its datum is not known"),
        LayoutField("state", 20, "<u2"),
        LayoutField("go_home_height_m", 22, "<u2", "m"),
        LayoutField("status", 32, "<u4"),
        LayoutField("state_36", 36, "u1"),
        LayoutField("height_limit_m", 37, "<f4", "m"),
    ),
    (
        BitField("home_set", "state", 0x01),
        BitField("dynamic", "state", 0x08, "home follows the controller"),
        BitField("at_distance_limit", "state", 0x10),
        BitField("at_height_limit", "state", 0x20),
        BitField("beginner_mode", "state", 0x800),
        BitField("ioc", "state", 0x1000),
        BitField("simulator", "status", 0x01),
        BitField("height_limit_reason", "state_36", 0x1F, enum=controller.HEIGHT_LIMIT_REASON),
    ),
)

CONTROLLER = Layout(
    "CONTROLLER",
    f"{_OGS} dji-mavic-flyrec-proto.lua",
    (
        LayoutField("control_tick", 0, "<u4"),
        LayoutField("pitch", 4, "<i2"),
        LayoutField("roll", 6, "<i2"),
        LayoutField("yaw", 8, "<i2"),
        LayoutField("throttle", 10, "<i2"),
        LayoutField("control_mode", 12, "u1"),
        LayoutField("mode_switch", 13, "u1"),
        LayoutField("motor_state", 14, "u1"),
        LayoutField("signal_level", 15, "u1"),
        LayoutField("control_level", 16, "u1"),
        LayoutField("simulator_model", 17, "u1"),
        LayoutField("max_height_m", 18, "<u2", "m"),
        LayoutField("max_radius_m", 20, "<u2", "m"),
        LayoutField("home_x", 22, "<f4"),
        LayoutField("home_y", 26, "<f4"),
    ),
)

AIRPORT_LIMIT = Layout(
    "AIRPORT_LIMIT",
    f"{_OGS} dji-p3-flyrec-proto.lua type 40",
    (
        LayoutField("area_state", 0, "u1", enum=words.AREA_STATE),
        LayoutField("action_state", 1, "u1", enum=words.AREA_ACTION),
        LayoutField("points", 2, "u1"),
        *(
            row
            for n in range(3)
            for at in (3 + 27 * n,)
            for row in (
                LayoutField(f"latitude_raw_{n + 1}", at, "<i4", "", 1, "scale not known"),
                LayoutField(f"longitude_raw_{n + 1}", at + 4, "<i4", "", 1, "scale not known"),
                LayoutField(f"from_where_{n + 1}", at + 8, "u1"),
                LayoutField(f"radius_limited_{n + 1}", at + 9, "u1"),
                LayoutField(f"height_limited_{n + 1}", at + 10, "u1"),
                LayoutField(f"to_edge_m_{n + 1}", at + 11, "<f4", "m"),
                LayoutField(f"to_height_m_{n + 1}", at + 15, "<f4", "m"),
                LayoutField(f"direction_x_{n + 1}", at + 19, "<f4"),
                LayoutField(f"direction_y_{n + 1}", at + 23, "<f4"),
            )
        ),
    ),
)

AIRPORT_DEBUG = Layout(
    "AIRPORT_LIMIT_DEBUG",
    f"{_OGS} type 0x4e22",
    (
        LayoutField("flag", 0, "u1"),
        LayoutField("uid", 1, "<u4"),
        LayoutField("north", 5, "i1"),
        LayoutField("east", 6, "i1"),
        LayoutField("down", 7, "i1"),
        LayoutField("norm", 8, "u1"),
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
        *_adjacent_fields("{}", _FLAGS, 0, "u1", "", "meaning inferred from its name"),
        *(
            row
            for n in range(3)
            for at in (9 + 18 * n,)
            for row in (
                LayoutField(f"direction_x_{n + 1}", at, "<f4"),
                LayoutField(f"direction_y_{n + 1}", at + 4, "<f4"),
                LayoutField(f"height_enabled_{n + 1}", at + 8, "u1"),
                LayoutField(f"to_height_m_{n + 1}", at + 9, "<f4", "m"),
                LayoutField(f"radius_enabled_{n + 1}", at + 13, "u1"),
                LayoutField(f"to_radius_m_{n + 1}", at + 14, "<f4", "m"),
            )
        ),
        LayoutField("height_limit_m", 63, "<f4", "m"),
    ),
)

ADVANCED_LIMIT = Layout(
    "ADVANCED_LIMIT_DATA",
    f"{_OGS} type 0x500b",
    (
        LayoutField("records", 0, "<u4"),
        LayoutField("zones", 4, "u1", "", 1, "zones near"),
        LayoutField("in_warning_zone", 5, "u1"),
        LayoutField("nearest_zone", 6, "<u2", "", 1, "distance of the nearest zone, taken for metres"),
        LayoutField("reserved", 8, "<u4"),
        *(
            row
            for n in range(5)
            for at in (12 + 15 * n,)
            for row in (
                LayoutField(f"zone_{n + 1}", at, "<u4", "", 1, "number of the zone"),
                LayoutField(f"inside_{n + 1}", at + 4, "u1", "", 1, "the aircraft is inside it"),
                LayoutField(f"north_{n + 1}", at + 5, "<f4"),
                LayoutField(f"east_{n + 1}", at + 9, "<f4"),
                LayoutField(f"height_limit_{n + 1}", at + 13, "<u2"),
            )
        ),
    ),
)

ZONE_DATABASE = Layout(
    "ZONE_DATABASE",
    f"{_OGS} type 0x0888 db_subscription",
    (LayoutField("tick_sent", 0, "<u4"), LayoutField("gps_level_sent", 4, "u1")),
)

LINK = Layout(
    "LINK",
    f"{_OGS} types 0x092a to 0x092f",
    (
        LayoutField("sent_bytes", 0, "<u4", "byte"),
        LayoutField("received_bytes", 4, "<u4", "byte"),
        LayoutField("sent_packets", 8, "<u2"),
        LayoutField("received_packets", 10, "<u2"),
        LayoutField("send_errors", 12, "<u2"),
        LayoutField("receive_errors", 14, "<u2"),
        LayoutField("receive_route", 16, "<u2"),
        LayoutField("send_route", 18, "<u2"),
    ),
)

FOLLOW_ME = Layout(
    "FOLLOW_ME",
    f"{_DC} record 43 of V1",
    (
        LayoutField("latitude_deg", 155, "<f8", "deg", controller.DEGREES_PER_RADIAN, "of the operator's tablet"),
        LayoutField("longitude_deg", 163, "<f8", "deg", controller.DEGREES_PER_RADIAN, "of the operator's tablet"),
    ),
)

#: Every layout, for the documentation.
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        row.name: row
        for row in (
            GPS, IMU, OSD, HOME, CONTROLLER, AIRPORT_LIMIT, AIRPORT_DEBUG, AIRPORT_DATA,
            ADVANCED_LIMIT, ZONE_DATABASE, LINK, FOLLOW_ME,
        )
    }
)  # fmt: skip

RecordTypes = Mapping[int, tuple[str, Layout]]
_COMMON: dict[int, tuple[str, Layout]] = {
    12: ("OSD", OSD),
    13: ("HOME", HOME),
    40: ("AIRPORT_LIMIT", AIRPORT_LIMIT),
    1000: ("CONTROLLER", CONTROLLER),
    0x0888: ("ZONE_DATABASE", ZONE_DATABASE),
    0x4E22: ("AIRPORT_LIMIT_DEBUG", AIRPORT_DEBUG),
    0x500A: ("AIRPORT_LIMIT_DATA", AIRPORT_DATA),
    0x500B: ("ADVANCED_LIMIT_DATA", ADVANCED_LIMIT),
    **{kind: (f"LINK_{kind:04x}", LINK) for kind in words.LINK_BUSES},
}
_RECEIVERS = (("", 0), ("_1", 1), ("_2", 2))
#: Record type -> name and layout, of V3.
V3_TYPES: RecordTypes = MappingProxyType(
    _COMMON
    | {2096 + n: (f"GPS{suffix}", GPS) for suffix, n in _RECEIVERS}
    | {2048 + n: (f"IMU{suffix}", IMU) for suffix, n in _RECEIVERS}
)
#: The same, of V1.
V1_TYPES: RecordTypes = MappingProxyType(
    _COMMON | {1: ("IMU", IMU), 5: ("GPS", GPS), 43: ("FOLLOW_ME", FOLLOW_ME)}
)
