"""Layouts of the records, one table each; the length of a body decides which fields it has.

Facts: [RS] lvauvillier/dji-log-parser 88fcfc96 ``record/*.rs``; [C++] dji-sdk/
FlightRecordParsingLib dc4bb0df ``fr_protocol.h``; [OGS] o-gs/dji-firmware-tools
df0b9c60 (facts only); and measurement on 72 real files, which wins where they
disagree.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..._record_layout import BitField, Layout, LayoutField
from .. import _shared_fields_and_enum_names as flight_controller
from .._layout_builders import flag_bits, iterate_adjacent_fields_of_one_type
from . import _enum_names as enum_names
from ._details_section import details_layout

_RS, _CPP = "lvauvillier/dji-log-parser 88fcfc96", "dji-sdk/FlightRecordParsingLib dc4bb0df"
_MEASURED = "measured on real files"

OSD = Layout(
    "OSD",
    f"{_RS} record/osd.rs; byte 35 as {_MEASURED} and by o-gs/dji-firmware-tools df0b9c60",
    (
        *flight_controller.MOTION_FIELDS,
        *iterate_adjacent_fields_of_one_type(
            32, "u1", "state_32 state_33 state_34 state_35 satellites"
        ),
        LayoutField("flight_action", 37, "u1", enum=flight_controller.FLIGHT_ACTION),
        LayoutField("motor_refusal", 38, "u1", enum=flight_controller.MOTOR_REFUSAL),
        LayoutField("state_39", 39, "u1"),
        LayoutField(
            "battery_40", 40, "u1", "", 1, "charge in other readers; in real files it is not"
        ),
        *flight_controller.COUNTER_FIELDS,
        LayoutField("version_c", 47, "u1"),
        LayoutField("drone_type", 48, "u1", "", 1, "another numbering than the product's"),
        *iterate_adjacent_fields_of_one_type(49, "u1", "imu_init_failure motor_failure unknown_51"),
        LayoutField("control_device", 52, "u1", enum=enum_names.CONTROL_DEVICE),
    ),
    (
        *flight_controller.STATE_30_BITS,
        BitField("ioc", "state_32", 0x01),
        BitField("ground_or_sky", "state_32", 0x06, "2 and more: in the air"),
        *flag_bits("state_32", "motors_on ultrasonic", 3),
        BitField("go_home_status", "state_32", 0xE0, enum=enum_names.GO_HOME_STATUS),
        *flag_bits(
            "state_33", "vision_used low_voltage_go_home low_voltage_landing - imu_preheated"
        ),
        BitField("mode_channel", "state_33", 0x60),
        BitField("gps_valid", "state_33", 0x80),
        *flag_bits("state_34", "compass_error wave_error"),
        BitField("gps_level", "state_34", 0x3C),
        BitField("battery_type", "state_34", 0xC0),
        *flag_bits(
            "state_35",
            "accelerometer_over_range vibrating barometer_dead motor_stall not_enough_force "
            "propeller_catapult go_home_height_modified",
        ),
        BitField("out_of_limit", "state_35", 0x80, "beyond a distance or height limit"),
        BitField("non_gps_cause", "state_39", 0x0F),
        BitField("waypoint_limit_mode", "state_39", 0x10),
    ),
    notes="Byte 40 is 0 or runs through all of 0 to 255 on every real file of versions 4 to 11, "
    "while SmartBattery states the charge. Every public reader takes byte 35 in the reverse order "
    "of bits and so prints an "
    "accelerometer over range where the aircraft says that it is out of its limit: on the one "
    "public flight where the bit is set, all 117 frames are at the distance limit.",
)

HOME = Layout(
    "Home",
    f"{_RS} record/home.rs to byte 36; {_CPP} and {_MEASURED} beyond",
    (
        *flight_controller.POSITION_FIELDS,
        LayoutField("altitude_baro_m", 16, "<f4", "m", 0.1, "barometric, uncorrected: no datum"),
        *iterate_adjacent_fields_of_one_type(20, "u1", "state_20 state_21"),
        LayoutField("go_home_height_m", 22, "<u2", "m"),
        LayoutField("ioc_course_deg", 24, "<i2", "deg", 0.1),
        LayoutField("fc_storage_state", 26, "u1"),
        LayoutField("fc_storage_pct", 27, "u1", "%"),
        LayoutField("fc_storage_left", 28, "<u2"),
        LayoutField("fc_log_index", 30, "<u2", "", 1, "number of the FLYnnn.DAT of the aircraft"),
        LayoutField("status", 32, "<u4"),
        LayoutField("state_36", 36, "u1"),
        LayoutField("height_limit_m", 37, "<f4", "m"),
        LayoutField("force_landing_height_m", 45, "<f4", "m"),
        LayoutField("flight_controller_serial", 52, "S16"),
    ),
    (
        *flag_bits(
            "state_20",
            "home_set go_home_mode heading_direction dynamic near_distance_limit near_height_limit "
            "multi_mode has_go_home",
        ),
        BitField("compass_calibration", "state_21", 0x07),
        *flag_bits("state_21", "beginner_mode ioc_on", 3),
        BitField("ioc_mode", "state_21", 0xE0),
        BitField("simulator", "status", 0x01),
        BitField("gale", "status", 0x4000),
        BitField("gale_warning", "status", 0x100000),
        BitField(
            "height_limit_reason", "state_36", 0x1F, enum=flight_controller.HEIGHT_LIMIT_REASON
        ),
        BitField("height_limit_relative", "state_36", 0x20),
    ),
)

GIMBAL = Layout(
    "Gimbal",
    f"{_RS} record/gimbal.rs",
    (
        *iterate_adjacent_fields_of_one_type(0, "<i2", "pitch_deg roll_deg", "deg", 0.1),
        LayoutField("yaw_deg", 4, "<i2", "deg", 0.1, "from north, -180 to 180"),
        LayoutField("state_6", 6, "u1"),
        LayoutField("roll_adjust_deg", 7, "i1", "deg", 0.1),
        LayoutField("yaw_relative_deg", 8, "<i2", "deg", 0.1, "from the nose"),
        *iterate_adjacent_fields_of_one_type(10, "u1", "state_10 state_11"),
    ),
    (
        BitField("reset", "state_6", 0x20),
        BitField("mode", "state_6", 0xC0, enum=enum_names.GIMBAL_MODE),
        *flag_bits(
            "state_10",
            "at_pitch_limit at_roll_limit at_yaw_limit auto_calibration auto_calibration_result "
            "installed_wrongly stuck",
        ),
    ),
)

RC = Layout(
    "RC",
    f"{_RS} record/rc.rs",
    (
        LayoutField("aileron", 0, "<u2", "", 1, "364 to 1684, centre 1024"),
        *iterate_adjacent_fields_of_one_type(2, "<u2", "elevator throttle rudder gimbal"),
        *iterate_adjacent_fields_of_one_type(
            10, "u1", "wheel state_11 state_12 bandwidth gimbal_control"
        ),
    ),
    (
        BitField("go_home_button", "state_11", 0x08),
        BitField("mode_switch", "state_11", 0x30),
        *flag_bits("state_12", "playback_button shutter_button record_button", 5),
    ),
)

CUSTOM = Layout(
    "Custom",
    f"{_CPP} fr_protocol.h",
    (
        LayoutField("camera_shoot", 0, "i1", "", 1, "1: the app took a photo"),
        LayoutField("video_shoot", 1, "i1", enum=enum_names.VIDEO_COMMAND),
        LayoutField("speed_mps", 2, "<f4", "m/s"),
        LayoutField("distance_m", 6, "<f4", "m"),
        LayoutField(
            "time_ms", 10, "<i8", "ms", 1, "UTC since 1970, by the clock of the app's device"
        ),
    ),
)

DEFORM = Layout(
    "Deform",
    f"{_RS} record/mc_tripod.rs",
    (LayoutField("state_0", 0, "u1"),),
    (
        BitField("protected", "state_0", 0x01),
        BitField("status", "state_0", 0x0E),
        BitField("mode", "state_0", 0x30),
    ),
)

CENTER_BATTERY = Layout(
    "CenterBattery",
    f"{_RS} record/center_battery.rs",
    (
        LayoutField("battery_pct", 0, "u1", "%"),
        LayoutField("voltage_v", 1, "<u2", "V", 0.001),
        *iterate_adjacent_fields_of_one_type(3, "<u2", "capacity_mah full_capacity_mah", "mAh"),
        LayoutField("life_pct", 7, "u1", "%"),
        LayoutField("discharges", 8, "<u2"),
        LayoutField("error", 10, "<u4"),
        LayoutField("current_a", 14, "<i2", "A", 0.001),
        *(LayoutField(f"cell_{n + 1}_v", 16 + 2 * n, "<u2", "V", 0.001) for n in range(6)),
        *iterate_adjacent_fields_of_one_type(28, "<u2", "serial_number product_date"),
        LayoutField("temperature_k", 32, "<u2", "K", 0.1),
        LayoutField("connection", 34, "u1"),
    ),
)

SMART_BATTERY = Layout(
    "SmartBattery",
    f"{_RS} record/smart_battery.rs",
    (
        *iterate_adjacent_fields_of_one_type(
            0, "<u2", "useful_time_s go_home_time_s land_time_s", "s"
        ),
        *iterate_adjacent_fields_of_one_type(6, "<u2", "go_home_pct land_pct", "%"),
        LayoutField("safe_radius_m", 10, "<f4", "m"),
        LayoutField("consumption", 14, "<f4"),
        LayoutField("status", 18, "<u4"),
        LayoutField("go_home_status", 22, "u1", enum=enum_names.BATTERY_GO_HOME),
        LayoutField("go_home_countdown_s", 23, "u1", "s"),
        LayoutField("voltage_v", 24, "<u2", "V", 0.001),
        LayoutField("battery_pct", 26, "u1", "%"),
        *iterate_adjacent_fields_of_one_type(27, "u1", "low_warning serious_warning unknown_29"),
    ),
    (
        BitField("low_warning_pct", "low_warning", 0x7F),
        BitField("low_warning_go_home", "low_warning", 0x80),
        BitField("serious_warning_pct", "serious_warning", 0x7F),
        BitField("serious_warning_landing", "serious_warning", 0x80),
    ),
)

RC_GPS = Layout(
    "RCGPS",
    f"{_RS} record/rc_gps.rs",
    (
        *iterate_adjacent_fields_of_one_type(0, "u1", "hour minute second"),
        LayoutField("year", 3, "<u2"),
        *iterate_adjacent_fields_of_one_type(5, "u1", "month day"),
        *iterate_adjacent_fields_of_one_type(7, "<i4", "latitude_deg longitude_deg", "deg", 1e-07),
        *iterate_adjacent_fields_of_one_type(15, "<i4", "speed_x_mps speed_y_mps", "m/s", 0.001),
        LayoutField("satellites", 23, "u1"),
        LayoutField("accuracy_m", 24, "<f4", "m"),
        LayoutField("valid", 28, "<u2"),
    ),
    notes="Position of the controller, which is the pilot's: sensitive.",
)

APP_GPS = Layout(
    "AppGPS",
    f"order and third value {_MEASURED}: on 27 files latitude comes first",
    (
        *iterate_adjacent_fields_of_one_type(
            0, "<f8", "latitude_deg longitude_deg", "deg", 1, "WGS 84; degrees on the wire"
        ),
        LayoutField("accuracy_or_altitude_m", 16, "<f4", "m", 1, "altitude in GO 4 on Android"),
    ),
    notes="Position of the app's device, which is the pilot's: sensitive. Public readers take "
    "longitude for the first value, which puts a pilot in Puerto Rico into Antarctica. The device "
    "may give a position that it remembered: one file has it 94 km from the flight.",
)

CAMERA = Layout(
    "Camera",
    f"{_RS} record/camera.rs; {_CPP}",
    (
        *iterate_adjacent_fields_of_one_type(0, "u1", "state_0 state_1 state_2 state_3"),
        LayoutField("work_mode", 4, "u1", enum=enum_names.WORK_MODE),
        *iterate_adjacent_fields_of_one_type(5, "<u4", "storage_total_mb storage_left_mb", "MB"),
        LayoutField("photos_left", 13, "<u4"),
        LayoutField("video_left_s", 17, "<u4", "s"),
        LayoutField("record_time_s", 21, "<u2", "s", 1, "often 0 while recording"),
        LayoutField("camera_type", 23, "u1", enum=enum_names.CAMERA),
    ),
    (
        *flag_bits("state_0", "connected usb time_synchronised"),
        BitField("capture_state", "state_0", 0x38, enum=enum_names.CAPTURE_STATE),
        BitField("record_state", "state_0", 0xC0, enum=enum_names.RECORD_STATE),
        BitField("storage_inserted", "state_1", 0x02),
        BitField("storage_state", "state_1", 0x3C),
        BitField("hot", "state_2", 0x02),
        BitField("continuous", "state_2", 0x10),
    ),
)

MC_PARAM = Layout(
    "MCParam",
    f"{_CPP} fr_protocol.h",
    (LayoutField("fail_safe", 0, "u1", enum=enum_names.FAIL_SAFE), LayoutField("state_1", 1, "u1")),
    (*flag_bits("state_1", "mvo obstacle_avoidance user_avoidance"),),
)

APP_OPERATION = Layout(
    "AppOperation",
    f"{_CPP} fr_protocol.h",
    (LayoutField("operation", 0, "<u4"), LayoutField("value", 4, "u1")),
)

VIRTUAL_STICK = Layout(
    "VirtualStick",
    f"{_RS} record/virtual_stick.rs",
    (
        LayoutField("mode", 0, "u1"),
        *iterate_adjacent_fields_of_one_type(1, "<f4", "pitch roll yaw throttle"),
    ),
)

OFDM = Layout(
    "OFDM",
    f"{_RS} record/ofdm.rs",
    (LayoutField("state_0", 0, "u1"),),
    (BitField("signal_pct", "state_0", 0x7F), BitField("uplink", "state_0", 0x80)),
)

RC_DISPLAY = Layout(
    "RCDisplay",
    f"{_RS} record/rc_display_field.rs",
    (
        LayoutField("aileron", 7, "<u2", "", 1, "364 to 1684, centre 1024"),
        *iterate_adjacent_fields_of_one_type(9, "<u2", "elevator throttle rudder gimbal"),
    ),
)

FLY_SAFE_LIMIT = Layout(
    "FlySafeLimitInfo",
    f"{_MEASURED}; meaning not proven",
    (LayoutField("state", 0, "u1", "", 1, "1 coincides with the app's warning-zone message"),),
    notes="Longer bodies hold what look like numbers of areas; they stay as bytes.",
)

PREFIX = Layout(
    "Prefix",
    f"{_RS} layout/prefix.rs",
    (
        LayoutField("details_offset", 0, "<u8", "byte", meaning="of the first record from 12 on"),
        LayoutField("details_size", 8, "<u2", "byte"),
        LayoutField("version", 10, "u1", meaning="1 to 14"),
        LayoutField("flag", 11, "u1", meaning="not known"),
    ),
    notes="The first bytes of the file. From version 6 on the prefix has 100 bytes.",
)

ADSB = Layout(
    "ADSB",
    f"{_CPP} fr_protocol.h",
    (
        LayoutField("icao", 0, "S7", meaning="address of the transponder"),
        *iterate_adjacent_fields_of_one_type(
            7, "<i4", "latitude_deg longitude_deg", "deg", 1e-6, "WGS 84"
        ),
        LayoutField("altitude", 15, "<u2", meaning="unit and datum not known"),
        LayoutField("heading_deg", 17, "<u2", "deg", 0.1),
        LayoutField("speed_mps", 19, "u1", "m/s"),
        LayoutField("vertical_speed", 20, "i1", meaning="unit not known"),
    ),
    notes="A message of another aircraft's transponder, each byte XORed with 0xA5.",
)

#: Record type -> layout, for records that are a table of fields.
LAYOUTS: Mapping[int, Layout] = MappingProxyType(
    {
        1: OSD, 2: HOME, 3: GIMBAL, 4: RC, 5: CUSTOM, 6: DEFORM, 7: CENTER_BATTERY,
        8: SMART_BATTERY, 11: RC_GPS, 14: APP_GPS, 19: MC_PARAM, 20: APP_OPERATION, 25: CAMERA,
        33: VIRTUAL_STICK, 49: OFDM, 51: FLY_SAFE_LIMIT, 62: RC_DISPLAY,
    }
)  # fmt: skip

#: What the documentation shows: the layouts above, of the file's parts too.
DOCUMENTED_LAYOUTS = (PREFIX, details_layout(11), *LAYOUTS.values(), ADSB)

#: Record type -> its name; a type that is not here is called ``type N``.
NAMES: Mapping[int, str] = MappingProxyType(
    {kind: layout.name for kind, layout in LAYOUTS.items()}
    | {
        9: "AppTip", 10: "AppWarn", 12: "RCDebug", 13: "Recover", 15: "Firmware",
        16: "OFDMDebug", 17: "VisionGroup", 18: "VisionWarning", 21: "AGOSD",
        22: "SmartBatteryGroup", 24: "AppSeriousWarn", 26: "ADSBFlightData", 27: "ADSB",
        28: "FlyForbidDatabase", 29: "AppJoystick", 30: "AppLowFrequencyCustom",
        31: "NavigationMode", 32: "MissionStatus", 34: "MissionEvent", 35: "WaypointUpload",
        36: "WaypointDownload", 38: "WaypointUploadExtra", 39: "WaypointDownloadExtra",
        40: "ComponentSerial", 45: "RTKDifference", 48: "GroundStation",
        50: "FlightRecordRecover", 52: "FlySafeUnlock", 53: "FlightHub", 54: "GoBusiness",
        55: "Security", 56: "KeyStorage", 57: "AirLink", 58: "Health", 59: "FCIMU",
        60: "Navigation", 61: "Perception", 63: "FCCommonOSD", 253: "Summary", 254: "FrameData",
    }
)  # fmt: skip
