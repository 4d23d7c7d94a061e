"""Layouts of the records, one table each; the length of a body decides which fields it has.

Facts: [RS] lvauvillier/dji-log-parser 88fcfc96 ``record/*.rs``; [C++] dji-sdk/
FlightRecordParsingLib dc4bb0df ``fr_protocol.h``; [OGS] o-gs/dji-firmware-tools
df0b9c60 (facts only); and measurement on 72 real files, which wins where they
disagree.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..._layout import Bits, Field, Layout
from .. import _flight_controller as controller
from . import _enums as words

_RS, _CPP = "lvauvillier/dji-log-parser 88fcfc96", "dji-sdk/FlightRecordParsingLib dc4bb0df"
_MEASURED = "measured on real files"

OSD = Layout(
    "OSD",
    f"{_RS} record/osd.rs; byte 35 as {_MEASURED} and by o-gs/dji-firmware-tools df0b9c60",
    (
        *controller.MOTION,
        Field("state_32", 32, "u1"),
        Field("state_33", 33, "u1"),
        Field("state_34", 34, "u1"),
        Field("state_35", 35, "u1"),
        Field("satellites", 36, "u1"),
        Field("flight_action", 37, "u1", words=controller.FLIGHT_ACTION),
        Field("motor_refusal", 38, "u1", words=controller.MOTOR_REFUSAL),
        Field("state_39", 39, "u1"),
        Field("battery_40", 40, "u1", "", 1, "charge in other readers; in real files it is none"),
        *controller.COUNTS,
        Field("version_c", 47, "u1"),
        Field("drone_type", 48, "u1", "", 1, "another numbering than the product's"),
        Field("imu_init_failure", 49, "u1"),
        Field("motor_failure", 50, "u1"),
        Field("unknown_51", 51, "u1"),
        Field("control_device", 52, "u1", words=words.CONTROL_DEVICE),
    ),
    (
        Bits("flight_mode", "state_30", 0x7F, words=controller.FLIGHT_MODE),
        Bits("rc_out_of_control", "state_30", 0x80, "controller signal lost"),
        Bits("ioc", "state_32", 0x01),
        Bits("ground_or_sky", "state_32", 0x06, "2 and more: in the air"),
        Bits("motors_on", "state_32", 0x08),
        Bits("ultrasonic", "state_32", 0x10),
        Bits("go_home_status", "state_32", 0xE0, words=words.GO_HOME_STATUS),
        Bits("vision_used", "state_33", 0x01),
        Bits("low_voltage_go_home", "state_33", 0x02),
        Bits("low_voltage_landing", "state_33", 0x04),
        Bits("imu_preheated", "state_33", 0x10),
        Bits("mode_channel", "state_33", 0x60),
        Bits("gps_valid", "state_33", 0x80),
        Bits("compass_error", "state_34", 0x01),
        Bits("wave_error", "state_34", 0x02),
        Bits("gps_level", "state_34", 0x3C),
        Bits("battery_type", "state_34", 0xC0),
        Bits("accelerometer_over_range", "state_35", 0x01),
        Bits("vibrating", "state_35", 0x02),
        Bits("barometer_dead", "state_35", 0x04),
        Bits("motor_stall", "state_35", 0x08),
        Bits("not_enough_force", "state_35", 0x10),
        Bits("propeller_catapult", "state_35", 0x20),
        Bits("go_home_height_modified", "state_35", 0x40),
        Bits("out_of_limit", "state_35", 0x80, "beyond a distance or height limit"),
        Bits("non_gps_cause", "state_39", 0x0F),
        Bits("waypoint_limit_mode", "state_39", 0x10),
    ),
    notes="Byte 40 is 0 or runs through all of 0 to 255 on every real file of versions 4 to 11, "
    "while SmartBattery tells the charge. Every public reader takes byte 35 in the reverse order "
    "of bits and so prints an "
    "accelerometer over range where the aircraft says that it is out of its limit: on the one "
    "public flight where the bit is set, all 117 frames are at the distance limit.",
)

HOME = Layout(
    "Home",
    f"{_RS} record/home.rs to byte 36; {_CPP} and {_MEASURED} beyond",
    (
        Field("longitude_deg", 0, "<f8", "deg", controller.DEGREES, "WGS 84; radians on the wire"),
        Field("latitude_deg", 8, "<f8", "deg", controller.DEGREES, "WGS 84; radians on the wire"),
        Field("altitude_baro_m", 16, "<f4", "m", 0.1, "barometric, uncorrected: no datum"),
        Field("state_20", 20, "u1"),
        Field("state_21", 21, "u1"),
        Field("go_home_height_m", 22, "<u2", "m"),
        Field("ioc_course_deg", 24, "<i2", "deg", 0.1),
        Field("fc_storage_state", 26, "u1"),
        Field("fc_storage_pct", 27, "u1", "%"),
        Field("fc_storage_left", 28, "<u2"),
        Field("fc_log_index", 30, "<u2", "", 1, "number of the FLYnnn.DAT of the aircraft"),
        Field("status", 32, "<u4"),
        Field("state_36", 36, "u1"),
        Field("height_limit_m", 37, "<f4", "m"),
        Field("force_landing_height_m", 45, "<f4", "m"),
        Field("flight_controller_serial", 52, "S16"),
    ),
    (
        Bits("home_set", "state_20", 0x01),
        Bits("go_home_mode", "state_20", 0x02),
        Bits("heading_direction", "state_20", 0x04),
        Bits("dynamic", "state_20", 0x08),
        Bits("near_distance_limit", "state_20", 0x10),
        Bits("near_height_limit", "state_20", 0x20),
        Bits("multi_mode", "state_20", 0x40),
        Bits("has_go_home", "state_20", 0x80),
        Bits("compass_calibration", "state_21", 0x07),
        Bits("beginner_mode", "state_21", 0x08),
        Bits("ioc_on", "state_21", 0x10),
        Bits("ioc_mode", "state_21", 0xE0),
        Bits("simulator", "status", 0x01),
        Bits("gale", "status", 0x4000),
        Bits("gale_warning", "status", 0x100000),
        Bits("height_limit_reason", "state_36", 0x1F, words=controller.HEIGHT_LIMIT_REASON),
        Bits("height_limit_relative", "state_36", 0x20),
    ),
)

GIMBAL = Layout(
    "Gimbal",
    f"{_RS} record/gimbal.rs",
    (
        Field("pitch_deg", 0, "<i2", "deg", 0.1),
        Field("roll_deg", 2, "<i2", "deg", 0.1),
        Field("yaw_deg", 4, "<i2", "deg", 0.1, "from north, -180 to 180"),
        Field("state_6", 6, "u1"),
        Field("roll_adjust_deg", 7, "i1", "deg", 0.1),
        Field("yaw_relative_deg", 8, "<i2", "deg", 0.1, "from the nose"),
        Field("state_10", 10, "u1"),
        Field("state_11", 11, "u1"),
    ),
    (
        Bits("reset", "state_6", 0x20),
        Bits("mode", "state_6", 0xC0, words=words.GIMBAL_MODE),
        Bits("at_pitch_limit", "state_10", 0x01),
        Bits("at_roll_limit", "state_10", 0x02),
        Bits("at_yaw_limit", "state_10", 0x04),
        Bits("auto_calibration", "state_10", 0x08),
        Bits("auto_calibration_result", "state_10", 0x10),
        Bits("installed_wrongly", "state_10", 0x20),
        Bits("stuck", "state_10", 0x40),
    ),
)

RC = Layout(
    "RC",
    f"{_RS} record/rc.rs",
    (
        Field("aileron", 0, "<u2", "", 1, "364 to 1684, centre 1024"),
        Field("elevator", 2, "<u2"),
        Field("throttle", 4, "<u2"),
        Field("rudder", 6, "<u2"),
        Field("gimbal", 8, "<u2"),
        Field("wheel", 10, "u1"),
        Field("state_11", 11, "u1"),
        Field("state_12", 12, "u1"),
        Field("bandwidth", 13, "u1"),
        Field("gimbal_control", 14, "u1"),
    ),
    (
        Bits("go_home_button", "state_11", 0x08),
        Bits("mode_switch", "state_11", 0x30),
        Bits("playback_button", "state_12", 0x20),
        Bits("shutter_button", "state_12", 0x40),
        Bits("record_button", "state_12", 0x80),
    ),
)

CUSTOM = Layout(
    "Custom",
    f"{_CPP} fr_protocol.h",
    (
        Field("camera_shoot", 0, "i1", "", 1, "1: the app took a photo"),
        Field("video_shoot", 1, "i1", words=words.VIDEO_COMMAND),
        Field("speed_mps", 2, "<f4", "m/s"),
        Field("distance_m", 6, "<f4", "m"),
        Field("time_ms", 10, "<i8", "ms", 1, "UTC since 1970, by the clock of the app's device"),
    ),
)

DEFORM = Layout(
    "Deform",
    f"{_RS} record/mc_tripod.rs",
    (Field("state_0", 0, "u1"),),
    (
        Bits("protected", "state_0", 0x01),
        Bits("status", "state_0", 0x0E),
        Bits("mode", "state_0", 0x30),
    ),
)

CENTER_BATTERY = Layout(
    "CenterBattery",
    f"{_RS} record/center_battery.rs",
    (
        Field("battery_pct", 0, "u1", "%"),
        Field("voltage_v", 1, "<u2", "V", 0.001),
        Field("capacity_mah", 3, "<u2", "mAh"),
        Field("full_capacity_mah", 5, "<u2", "mAh"),
        Field("life_pct", 7, "u1", "%"),
        Field("discharges", 8, "<u2"),
        Field("error", 10, "<u4"),
        Field("current_a", 14, "<i2", "A", 0.001),
        *(Field(f"cell_{n + 1}_v", 16 + 2 * n, "<u2", "V", 0.001) for n in range(6)),
        Field("serial_number", 28, "<u2"),
        Field("product_date", 30, "<u2"),
        Field("temperature_k", 32, "<u2", "K", 0.1),
        Field("connection", 34, "u1"),
    ),
)

SMART_BATTERY = Layout(
    "SmartBattery",
    f"{_RS} record/smart_battery.rs",
    (
        Field("useful_time_s", 0, "<u2", "s"),
        Field("go_home_time_s", 2, "<u2", "s"),
        Field("land_time_s", 4, "<u2", "s"),
        Field("go_home_pct", 6, "<u2", "%"),
        Field("land_pct", 8, "<u2", "%"),
        Field("safe_radius_m", 10, "<f4", "m"),
        Field("consumption", 14, "<f4"),
        Field("status", 18, "<u4"),
        Field("go_home_status", 22, "u1", words=words.BATTERY_GO_HOME),
        Field("go_home_countdown_s", 23, "u1", "s"),
        Field("voltage_v", 24, "<u2", "V", 0.001),
        Field("battery_pct", 26, "u1", "%"),
        Field("low_warning", 27, "u1"),
        Field("serious_warning", 28, "u1"),
        Field("unknown_29", 29, "u1"),
    ),
    (
        Bits("low_warning_pct", "low_warning", 0x7F),
        Bits("low_warning_go_home", "low_warning", 0x80),
        Bits("serious_warning_pct", "serious_warning", 0x7F),
        Bits("serious_warning_landing", "serious_warning", 0x80),
    ),
)

RC_GPS = Layout(
    "RCGPS",
    f"{_RS} record/rc_gps.rs",
    (
        Field("hour", 0, "u1"),
        Field("minute", 1, "u1"),
        Field("second", 2, "u1"),
        Field("year", 3, "<u2"),
        Field("month", 5, "u1"),
        Field("day", 6, "u1"),
        Field("latitude_deg", 7, "<i4", "deg", 1e-7),
        Field("longitude_deg", 11, "<i4", "deg", 1e-7),
        Field("speed_x_mps", 15, "<i4", "m/s", 0.001),
        Field("speed_y_mps", 19, "<i4", "m/s", 0.001),
        Field("satellites", 23, "u1"),
        Field("accuracy_m", 24, "<f4", "m"),
        Field("valid", 28, "<u2"),
    ),
    notes="Position of the controller, which is the pilot's: sensitive.",
)

APP_GPS = Layout(
    "AppGPS",
    f"order and third value {_MEASURED}: on 27 files latitude comes first",
    (
        Field("latitude_deg", 0, "<f8", "deg", 1, "WGS 84; degrees on the wire"),
        Field("longitude_deg", 8, "<f8", "deg", 1, "WGS 84; degrees on the wire"),
        Field("accuracy_or_altitude_m", 16, "<f4", "m", 1, "altitude in GO 4 on Android"),
    ),
    notes="Position of the app's device, which is the pilot's: sensitive. Public readers take "
    "longitude for the first value, which puts a pilot in Puerto Rico into Antarctica. The device "
    "may give a place that it remembered: one file has it 94 km from the flight.",
)

CAMERA = Layout(
    "Camera",
    f"{_RS} record/camera.rs; {_CPP}",
    (
        Field("state_0", 0, "u1"),
        Field("state_1", 1, "u1"),
        Field("state_2", 2, "u1"),
        Field("state_3", 3, "u1"),
        Field("work_mode", 4, "u1", words=words.WORK_MODE),
        Field("storage_total_mb", 5, "<u4", "MB"),
        Field("storage_left_mb", 9, "<u4", "MB"),
        Field("photos_left", 13, "<u4"),
        Field("video_left_s", 17, "<u4", "s"),
        Field("record_time_s", 21, "<u2", "s", 1, "often 0 while recording"),
        Field("camera_type", 23, "u1", words=words.CAMERA),
    ),
    (
        Bits("connected", "state_0", 0x01),
        Bits("usb", "state_0", 0x02),
        Bits("time_synchronised", "state_0", 0x04),
        Bits("capture_state", "state_0", 0x38, words=words.CAPTURE_STATE),
        Bits("record_state", "state_0", 0xC0, words=words.RECORD_STATE),
        Bits("storage_inserted", "state_1", 0x02),
        Bits("storage_state", "state_1", 0x3C),
        Bits("hot", "state_2", 0x02),
        Bits("continuous", "state_2", 0x10),
    ),
)

MC_PARAM = Layout(
    "MCParam",
    f"{_CPP} fr_protocol.h",
    (Field("fail_safe", 0, "u1", words=words.FAIL_SAFE), Field("state_1", 1, "u1")),
    (
        Bits("mvo", "state_1", 0x01),
        Bits("obstacle_avoidance", "state_1", 0x02),
        Bits("user_avoidance", "state_1", 0x04),
    ),
)

APP_OPERATION = Layout(
    "AppOperation",
    f"{_CPP} fr_protocol.h",
    (Field("operation", 0, "<u4"), Field("value", 4, "u1")),
)

VIRTUAL_STICK = Layout(
    "VirtualStick",
    f"{_RS} record/virtual_stick.rs",
    (
        Field("mode", 0, "u1"),
        Field("pitch", 1, "<f4"),
        Field("roll", 5, "<f4"),
        Field("yaw", 9, "<f4"),
        Field("throttle", 13, "<f4"),
    ),
)

OFDM = Layout(
    "OFDM",
    f"{_RS} record/ofdm.rs",
    (Field("state_0", 0, "u1"),),
    (Bits("signal_pct", "state_0", 0x7F), Bits("uplink", "state_0", 0x80)),
)

RC_DISPLAY = Layout(
    "RCDisplay",
    f"{_RS} record/rc_display_field.rs",
    (
        Field("aileron", 7, "<u2", "", 1, "364 to 1684, centre 1024"),
        Field("elevator", 9, "<u2"),
        Field("throttle", 11, "<u2"),
        Field("rudder", 13, "<u2"),
        Field("gimbal", 15, "<u2"),
    ),
)

FLY_SAFE_LIMIT = Layout(
    "FlySafeLimitInfo",
    f"{_MEASURED}; meaning not proven",
    (Field("state", 0, "u1", "", 1, "1 coincides with the app's warning-zone message"),),
    notes="Longer bodies hold what look like numbers of areas; they stay as bytes.",
)

#: Record type -> layout, for records that are a table of fields.
LAYOUTS: Mapping[int, Layout] = MappingProxyType(
    {
        1: OSD, 2: HOME, 3: GIMBAL, 4: RC, 5: CUSTOM, 6: DEFORM, 7: CENTER_BATTERY,
        8: SMART_BATTERY, 11: RC_GPS, 14: APP_GPS, 19: MC_PARAM, 20: APP_OPERATION, 25: CAMERA,
        33: VIRTUAL_STICK, 49: OFDM, 51: FLY_SAFE_LIMIT, 62: RC_DISPLAY,
    }
)  # fmt: skip

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
