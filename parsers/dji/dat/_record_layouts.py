"""Layouts of the records, one table each; the length of a payload decides which fields it has.

Facts: [DC] BudWalkerJava/DatCon 2a51562 ``DatConRecs``; [OGS] o-gs/
dji-firmware-tools df0b9c5 ``dji-{p3,mavic,spark}-flyrec-proto.lua`` and
``dji-dumlv1-flyc.lua`` (facts only).  Positions in radians come as degrees.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..._record_layout import BitField, Layout, LayoutField
from .. import _shared_fields_and_enum_names as flight_controller
from .._layout_builders import flag_bits, iterate_adjacent_fields_of_one_type, repeated_fields
from . import _enum_names as enum_names

_DC = "BudWalkerJava/DatCon 2a51562"
_OGS = "o-gs/dji-firmware-tools df0b9c5 (facts only)"


GPS = Layout(
    "GPS",
    f"{_DC} GpsGroup.java; longitude and latitude as whole numbers, as ALEAPP too reads them",
    (
        LayoutField("date", 0, "<u4", "", 1, "UTC, the digits YYYYMMDD; 0: none yet"),
        LayoutField("time_of_day", 4, "<u4", "", 1, "UTC, the digits HHMMSS"),
        *iterate_adjacent_fields_of_one_type(
            8, "<i4", "longitude_deg latitude_deg", "deg", 1e-07, "WGS 84"
        ),
        LayoutField(
            "altitude_amsl_m", 16, "<i4", "m", 0.001, "above mean sea level, by the receiver"
        ),
        *iterate_adjacent_fields_of_one_type(
            20, "<f4", "speed_north_mps speed_east_mps speed_down_mps", "m/s", 0.01
        ),
        *iterate_adjacent_fields_of_one_type(32, "<f4", "hdop pdop"),
        *iterate_adjacent_fields_of_one_type(
            40, "<f4", "horizontal_accuracy speed_accuracy", "", 1, "its unit is not known"
        ),
        *iterate_adjacent_fields_of_one_type(56, "<u4", "satellites_gps satellites_glonass"),
        LayoutField("satellites", 64, "<u2", "", 1, "satellites in use"),
    ),
)

IMU = Layout(
    "IMU",
    f"{_DC} RecIMU.java",
    (
        *flight_controller.POSITION_FIELDS,
        LayoutField("altitude_baro_m", 16, "<f4", "m", 1, "barometric: no datum"),
        *iterate_adjacent_fields_of_one_type(
            20, "<f4", "acceleration_x_g acceleration_y_g acceleration_z_g", "g"
        ),
        *iterate_adjacent_fields_of_one_type(
            32, "<f4", "rotation_x_rad_s rotation_y_rad_s rotation_z_rad_s", "rad/s"
        ),
        LayoutField("altitude_baro_smooth_m", 44, "<f4", "m", 1, "barometric: no datum"),
        *iterate_adjacent_fields_of_one_type(
            48, "<f4", "attitude_w attitude_x attitude_y attitude_z", meaning="of a quaternion"
        ),
        *iterate_adjacent_fields_of_one_type(
            76, "<f4", "speed_north_mps speed_east_mps speed_down_mps", "m/s"
        ),
        *iterate_adjacent_fields_of_one_type(100, "<i2", "magnetic_x magnetic_y magnetic_z"),
        LayoutField("temperature_c", 106, "<i2", "deg C", 0.01),
        LayoutField("satellites", 116, "u1"),
    ),
)

OSD = Layout(
    "OSD",
    f"{_DC} record 12; {_OGS} dji-dumlv1-flyc.lua OSD General",
    (
        *flight_controller.MOTION_FIELDS,
        LayoutField("state", 32, "<u4"),
        LayoutField("satellites", 36, "u1"),
        LayoutField("flight_action", 37, "u1", enum=flight_controller.FLIGHT_ACTION),
        *iterate_adjacent_fields_of_one_type(38, "u1", "refusal gps_state"),
        LayoutField("battery_40", 40, "u1", "", 1, "charge in other readers; see the notes"),
        *flight_controller.COUNTER_FIELDS,
        *iterate_adjacent_fields_of_one_type(
            47, "u1", "version_match product_type imu_init_failure motor_failure"
        ),
    ),
    (
        *flight_controller.STATE_30_BITS,
        *flag_bits("state", "on_ground in_air motors_on", 1),
        BitField("ultrasonic", "state", 0x10, "the sonar measures"),
        BitField("go_home_status", "state", 0xE0),
        *flag_bits("state", "vision_used battery_asks_go_home battery_asks_landing", 8),
        BitField("mode_switch", "state", 0x6000),
        *flag_bits("state", "gps_used compass_error", 15),
        BitField("gps_level", "state", 0x3C0000),
        BitField("battery_type", "state", 0xC00000),
        BitField("out_of_limit", "state", 0x80000000, "beyond a distance or height limit"),
        BitField("refusal_cause", "refusal", 0x7F, enum=flight_controller.MOTOR_REFUSAL),
        BitField("refused", "refusal", 0x80, "the refusal happened"),
    ),
    notes="Byte 40 is called the charge, but in the same record of the app's log it is not, "
    "so it is not taken for it. Of the last bytes no real file was at hand.",
)

HOME = Layout(
    "HOME",
    f"{_OGS} dji-dumlv1-flyc.lua OSD Home",
    (
        *flight_controller.POSITION_FIELDS,
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
        *flag_bits("state", "at_distance_limit at_height_limit", 4),
        *flag_bits("state", "beginner_mode ioc", 11),
        BitField("simulator", "status", 0x01),
        BitField(
            "height_limit_reason", "state_36", 0x1F, enum=flight_controller.HEIGHT_LIMIT_REASON
        ),
    ),
)

CONTROLLER = Layout(
    "CONTROLLER",
    f"{_OGS} dji-mavic-flyrec-proto.lua",
    (
        LayoutField("control_tick", 0, "<u4"),
        *iterate_adjacent_fields_of_one_type(4, "<i2", "pitch roll yaw throttle"),
        *iterate_adjacent_fields_of_one_type(
            12,
            "u1",
            "control_mode mode_switch motor_state signal_level control_level simulator_model",
        ),
        *iterate_adjacent_fields_of_one_type(18, "<u2", "max_height_m max_radius_m", "m"),
        *iterate_adjacent_fields_of_one_type(22, "<f4", "home_x home_y"),
    ),
)

AIRPORT_LIMIT = Layout(
    "AIRPORT_LIMIT",
    f"{_OGS} dji-p3-flyrec-proto.lua type 40",
    (
        LayoutField("area_state", 0, "u1", enum=enum_names.AREA_STATE),
        LayoutField("action_state", 1, "u1", enum=enum_names.AREA_ACTION),
        LayoutField("points", 2, "u1"),
        *repeated_fields(
            3,
            3,
            (
                *iterate_adjacent_fields_of_one_type(
                    0, "<i4", "latitude_raw longitude_raw", "", 1, "scale not known"
                ),
                *iterate_adjacent_fields_of_one_type(
                    8, "u1", "from_where radius_limited height_limited"
                ),
                *iterate_adjacent_fields_of_one_type(11, "<f4", "to_edge_m to_height_m", "m"),
                *iterate_adjacent_fields_of_one_type(19, "<f4", "direction_x direction_y"),
            ),
        ),
    ),
)

AIRPORT_DEBUG = Layout(
    "AIRPORT_LIMIT_DEBUG",
    f"{_OGS} type 0x4e22",
    (
        LayoutField("flag", 0, "u1"),
        LayoutField("uid", 1, "<u4"),
        *iterate_adjacent_fields_of_one_type(5, "i1", "north east down"),
        LayoutField("norm", 8, "u1"),
    ),
)

_FLAGS = (
    "airport_disabled position_enabled whitelist_enabled whitelist_state ground_enabled "
    "ground_state takeoff_enabled takeoff_state final_state"
)
AIRPORT_DATA = Layout(
    "AIRPORT_LIMIT_DATA",
    f"{_OGS} type 0x500a",
    (
        *iterate_adjacent_fields_of_one_type(
            0, "u1", _FLAGS, meaning="meaning inferred from its name"
        ),
        *repeated_fields(
            9,
            3,
            (
                *iterate_adjacent_fields_of_one_type(0, "<f4", "direction_x direction_y"),
                LayoutField("height_enabled", 8, "u1"),
                LayoutField("to_height_m", 9, "<f4", "m"),
                LayoutField("radius_enabled", 13, "u1"),
                LayoutField("to_radius_m", 14, "<f4", "m"),
            ),
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
        LayoutField(
            "nearest_zone", 6, "<u2", "", 1, "distance of the nearest zone, taken for metres"
        ),
        LayoutField("reserved", 8, "<u4"),
        *repeated_fields(
            12,
            5,
            (
                LayoutField("zone", 0, "<u4", "", 1, "number of the zone"),
                LayoutField("inside", 4, "u1", "", 1, "the aircraft is inside it"),
                *iterate_adjacent_fields_of_one_type(5, "<f4", "north east"),
                LayoutField("height_limit", 13, "<u2"),
            ),
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
        *iterate_adjacent_fields_of_one_type(0, "<u4", "sent_bytes received_bytes", "byte"),
        *iterate_adjacent_fields_of_one_type(
            8,
            "<u2",
            "sent_packets received_packets send_errors receive_errors receive_route send_route",
        ),
    ),
)

FOLLOW_ME = Layout(
    "FOLLOW_ME",
    f"{_DC} record 43 of V1",
    (
        *iterate_adjacent_fields_of_one_type(
            155,
            "<f8",
            "latitude_deg longitude_deg",
            "deg",
            flight_controller.DEGREES_PER_RADIAN,
            "of the operator's tablet",
        ),
    ),
)

#: The first bytes of a V1 or V3 file.
FILE_HEADER = Layout(
    "file header",
    f"{_DC} headers",
    (
        LayoutField("aircraft", 0, "u1", enum=enum_names.AIRCRAFT),
        LayoutField("mark", 16, "S5", meaning="BUILD"),
        LayoutField("build_date", 21, "S21", meaning="date and time of the firmware, as text"),
    ),
    notes="V1 has 128 bytes, V3 256 with DJI_LOG_V3 at byte 242.",
)

LOGH_HEADER = Layout(
    "LOGH header",
    "D3VL/DJI-DAT-Decryptor",
    (
        LayoutField("mark", 0, "S4", meaning="LOGH"),
        LayoutField("size", 8, "<u8", "byte", meaning="of this header; cipher text follows"),
        LayoutField("model", 0x18, "S16"),
        LayoutField("serial", 0x28, "S16"),
    ),
    notes="In clear; all that follows is encrypted.",
)

ENTRY_HEADER = Layout(
    "export entry",
    "FOSEGU/Fodogu ddeb4b7",
    (
        LayoutField("mark", 0, "u1", meaning="0xA4"),
        LayoutField("length", 1, "<u4", "byte", meaning="of the data, or with the header"),
        LayoutField("path", 12, "S271", meaning="of the file of the aircraft"),
    ),
    notes="Stands before each file in the zlib stream of an export.",
)

#: Every layout, for the documentation.
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        row.name: row
        for row in (
            FILE_HEADER, LOGH_HEADER, ENTRY_HEADER, GPS, IMU, OSD, HOME, CONTROLLER,
            AIRPORT_LIMIT, AIRPORT_DEBUG, AIRPORT_DATA,
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
    **{kind: (f"LINK_{kind:04x}", LINK) for kind in enum_names.LINK_BUSES},
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
