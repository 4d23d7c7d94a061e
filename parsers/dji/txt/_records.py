"""Layouts of the records, one table each; the length of a body decides which fields it has.

Facts: [RS] lvauvillier/dji-log-parser 88fcfc96 ``record/*.rs``; [C++] dji-sdk/
FlightRecordParsingLib dc4bb0df ``fr_protocol.h``; [OGS] o-gs/dji-firmware-tools
df0b9c60 (facts only); and measurement on 72 real files, which wins where they
disagree.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..._layout import BitField, LayoutField, Layout
from .. import _flight_controller as controller
from . import _enums as words

_RS, _CPP = "lvauvillier/dji-log-parser 88fcfc96", "dji-sdk/FlightRecordParsingLib dc4bb0df"
_MEASURED = "measured on real files"

OSD = Layout(
    "OSD",
    f"{_RS} record/osd.rs; byte 35 as {_MEASURED} and by o-gs/dji-firmware-tools df0b9c60",
    (
        *controller.MOTION_FIELDS,
        LayoutField("state_32", 32, "u1"),
        LayoutField("state_33", 33, "u1"),
        LayoutField("state_34", 34, "u1"),
        LayoutField("state_35", 35, "u1"),
        LayoutField("satellites", 36, "u1"),
        LayoutField("flight_action", 37, "u1", enum=controller.FLIGHT_ACTION),
        LayoutField("motor_refusal", 38, "u1", enum=controller.MOTOR_REFUSAL),
        LayoutField("state_39", 39, "u1"),
        LayoutField("battery_40", 40, "u1", "", 1, "charge in other readers; in real files it is none"),
        *controller.COUNTER_FIELDS,
        LayoutField("version_c", 47, "u1"),
        LayoutField("drone_type", 48, "u1", "", 1, "another numbering than the product's"),
        LayoutField("imu_init_failure", 49, "u1"),
        LayoutField("motor_failure", 50, "u1"),
        LayoutField("unknown_51", 51, "u1"),
        LayoutField("control_device", 52, "u1", enum=words.CONTROL_DEVICE),
    ),
    (
        BitField("flight_mode", "state_30", 0x7F, enum=controller.FLIGHT_MODE),
        BitField("rc_out_of_control", "state_30", 0x80, "controller signal lost"),
        BitField("ioc", "state_32", 0x01),
        BitField("ground_or_sky", "state_32", 0x06, "2 and more: in the air"),
        BitField("motors_on", "state_32", 0x08),
        BitField("ultrasonic", "state_32", 0x10),
        BitField("go_home_status", "state_32", 0xE0, enum=words.GO_HOME_STATUS),
        BitField("vision_used", "state_33", 0x01),
        BitField("low_voltage_go_home", "state_33", 0x02),
        BitField("low_voltage_landing", "state_33", 0x04),
        BitField("imu_preheated", "state_33", 0x10),
        BitField("mode_channel", "state_33", 0x60),
        BitField("gps_valid", "state_33", 0x80),
        BitField("compass_error", "state_34", 0x01),
        BitField("wave_error", "state_34", 0x02),
        BitField("gps_level", "state_34", 0x3C),
        BitField("battery_type", "state_34", 0xC0),
        BitField("accelerometer_over_range", "state_35", 0x01),
        BitField("vibrating", "state_35", 0x02),
        BitField("barometer_dead", "state_35", 0x04),
        BitField("motor_stall", "state_35", 0x08),
        BitField("not_enough_force", "state_35", 0x10),
        BitField("propeller_catapult", "state_35", 0x20),
        BitField("go_home_height_modified", "state_35", 0x40),
        BitField("out_of_limit", "state_35", 0x80, "beyond a distance or height limit"),
        BitField("non_gps_cause", "state_39", 0x0F),
        BitField("waypoint_limit_mode", "state_39", 0x10),
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
        LayoutField("longitude_deg", 0, "<f8", "deg", controller.DEGREES_PER_RADIAN, "WGS 84; radians on the wire"),
        LayoutField("latitude_deg", 8, "<f8", "deg", controller.DEGREES_PER_RADIAN, "WGS 84; radians on the wire"),
        LayoutField("altitude_baro_m", 16, "<f4", "m", 0.1, "barometric, uncorrected: no datum"),
        LayoutField("state_20", 20, "u1"),
        LayoutField("state_21", 21, "u1"),
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
        BitField("home_set", "state_20", 0x01),
        BitField("go_home_mode", "state_20", 0x02),
        BitField("heading_direction", "state_20", 0x04),
        BitField("dynamic", "state_20", 0x08),
        BitField("near_distance_limit", "state_20", 0x10),
        BitField("near_height_limit", "state_20", 0x20),
        BitField("multi_mode", "state_20", 0x40),
        BitField("has_go_home", "state_20", 0x80),
        BitField("compass_calibration", "state_21", 0x07),
        BitField("beginner_mode", "state_21", 0x08),
        BitField("ioc_on", "state_21", 0x10),
        BitField("ioc_mode", "state_21", 0xE0),
        BitField("simulator", "status", 0x01),
        BitField("gale", "status", 0x4000),
        BitField("gale_warning", "status", 0x100000),
        BitField("height_limit_reason", "state_36", 0x1F, enum=controller.HEIGHT_LIMIT_REASON),
        BitField("height_limit_relative", "state_36", 0x20),
    ),
)

GIMBAL = Layout(
    "Gimbal",
    f"{_RS} record/gimbal.rs",
    (
        LayoutField("pitch_deg", 0, "<i2", "deg", 0.1),
        LayoutField("roll_deg", 2, "<i2", "deg", 0.1),
        LayoutField("yaw_deg", 4, "<i2", "deg", 0.1, "from north, -180 to 180"),
        LayoutField("state_6", 6, "u1"),
        LayoutField("roll_adjust_deg", 7, "i1", "deg", 0.1),
        LayoutField("yaw_relative_deg", 8, "<i2", "deg", 0.1, "from the nose"),
        LayoutField("state_10", 10, "u1"),
        LayoutField("state_11", 11, "u1"),
    ),
    (
        BitField("reset", "state_6", 0x20),
        BitField("mode", "state_6", 0xC0, enum=words.GIMBAL_MODE),
        BitField("at_pitch_limit", "state_10", 0x01),
        BitField("at_roll_limit", "state_10", 0x02),
        BitField("at_yaw_limit", "state_10", 0x04),
        BitField("auto_calibration", "state_10", 0x08),
        BitField("auto_calibration_result", "state_10", 0x10),
        BitField("installed_wrongly", "state_10", 0x20),
        BitField("stuck", "state_10", 0x40),
    ),
)

RC = Layout(
    "RC",
    f"{_RS} record/rc.rs",
    (
        LayoutField("aileron", 0, "<u2", "", 1, "364 to 1684, centre 1024"),
        LayoutField("elevator", 2, "<u2"),
        LayoutField("throttle", 4, "<u2"),
        LayoutField("rudder", 6, "<u2"),
        LayoutField("gimbal", 8, "<u2"),
        LayoutField("wheel", 10, "u1"),
        LayoutField("state_11", 11, "u1"),
        LayoutField("state_12", 12, "u1"),
        LayoutField("bandwidth", 13, "u1"),
        LayoutField("gimbal_control", 14, "u1"),
    ),
    (
        BitField("go_home_button", "state_11", 0x08),
        BitField("mode_switch", "state_11", 0x30),
        BitField("playback_button", "state_12", 0x20),
        BitField("shutter_button", "state_12", 0x40),
        BitField("record_button", "state_12", 0x80),
    ),
)

CUSTOM = Layout(
    "Custom",
    f"{_CPP} fr_protocol.h",
    (
        LayoutField("camera_shoot", 0, "i1", "", 1, "1: the app took a photo"),
        LayoutField("video_shoot", 1, "i1", enum=words.VIDEO_COMMAND),
        LayoutField("speed_mps", 2, "<f4", "m/s"),
        LayoutField("distance_m", 6, "<f4", "m"),
        LayoutField("time_ms", 10, "<i8", "ms", 1, "UTC since 1970, by the clock of the app's device"),
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
        LayoutField("capacity_mah", 3, "<u2", "mAh"),
        LayoutField("full_capacity_mah", 5, "<u2", "mAh"),
        LayoutField("life_pct", 7, "u1", "%"),
        LayoutField("discharges", 8, "<u2"),
        LayoutField("error", 10, "<u4"),
        LayoutField("current_a", 14, "<i2", "A", 0.001),
        *(LayoutField(f"cell_{n + 1}_v", 16 + 2 * n, "<u2", "V", 0.001) for n in range(6)),
        LayoutField("serial_number", 28, "<u2"),
        LayoutField("product_date", 30, "<u2"),
        LayoutField("temperature_k", 32, "<u2", "K", 0.1),
        LayoutField("connection", 34, "u1"),
    ),
)

SMART_BATTERY = Layout(
    "SmartBattery",
    f"{_RS} record/smart_battery.rs",
    (
        LayoutField("useful_time_s", 0, "<u2", "s"),
        LayoutField("go_home_time_s", 2, "<u2", "s"),
        LayoutField("land_time_s", 4, "<u2", "s"),
        LayoutField("go_home_pct", 6, "<u2", "%"),
        LayoutField("land_pct", 8, "<u2", "%"),
        LayoutField("safe_radius_m", 10, "<f4", "m"),
        LayoutField("consumption", 14, "<f4"),
        LayoutField("status", 18, "<u4"),
        LayoutField("go_home_status", 22, "u1", enum=words.BATTERY_GO_HOME),
        LayoutField("go_home_countdown_s", 23, "u1", "s"),
        LayoutField("voltage_v", 24, "<u2", "V", 0.001),
        LayoutField("battery_pct", 26, "u1", "%"),
        LayoutField("low_warning", 27, "u1"),
        LayoutField("serious_warning", 28, "u1"),
        LayoutField("unknown_29", 29, "u1"),
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
        LayoutField("hour", 0, "u1"),
        LayoutField("minute", 1, "u1"),
        LayoutField("second", 2, "u1"),
        LayoutField("year", 3, "<u2"),
        LayoutField("month", 5, "u1"),
        LayoutField("day", 6, "u1"),
        LayoutField("latitude_deg", 7, "<i4", "deg", 1e-7),
        LayoutField("longitude_deg", 11, "<i4", "deg", 1e-7),
        LayoutField("speed_x_mps", 15, "<i4", "m/s", 0.001),
        LayoutField("speed_y_mps", 19, "<i4", "m/s", 0.001),
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
        LayoutField("latitude_deg", 0, "<f8", "deg", 1, "WGS 84; degrees on the wire"),
        LayoutField("longitude_deg", 8, "<f8", "deg", 1, "WGS 84; degrees on the wire"),
        LayoutField("accuracy_or_altitude_m", 16, "<f4", "m", 1, "altitude in GO 4 on Android"),
    ),
    notes="Position of the app's device, which is the pilot's: sensitive. Public readers take "
    "longitude for the first value, which puts a pilot in Puerto Rico into Antarctica. The device "
    "may give a place that it remembered: one file has it 94 km from the flight.",
)

CAMERA = Layout(
    "Camera",
    f"{_RS} record/camera.rs; {_CPP}",
    (
        LayoutField("state_0", 0, "u1"),
        LayoutField("state_1", 1, "u1"),
        LayoutField("state_2", 2, "u1"),
        LayoutField("state_3", 3, "u1"),
        LayoutField("work_mode", 4, "u1", enum=words.WORK_MODE),
        LayoutField("storage_total_mb", 5, "<u4", "MB"),
        LayoutField("storage_left_mb", 9, "<u4", "MB"),
        LayoutField("photos_left", 13, "<u4"),
        LayoutField("video_left_s", 17, "<u4", "s"),
        LayoutField("record_time_s", 21, "<u2", "s", 1, "often 0 while recording"),
        LayoutField("camera_type", 23, "u1", enum=words.CAMERA),
    ),
    (
        BitField("connected", "state_0", 0x01),
        BitField("usb", "state_0", 0x02),
        BitField("time_synchronised", "state_0", 0x04),
        BitField("capture_state", "state_0", 0x38, enum=words.CAPTURE_STATE),
        BitField("record_state", "state_0", 0xC0, enum=words.RECORD_STATE),
        BitField("storage_inserted", "state_1", 0x02),
        BitField("storage_state", "state_1", 0x3C),
        BitField("hot", "state_2", 0x02),
        BitField("continuous", "state_2", 0x10),
    ),
)

MC_PARAM = Layout(
    "MCParam",
    f"{_CPP} fr_protocol.h",
    (LayoutField("fail_safe", 0, "u1", enum=words.FAIL_SAFE), LayoutField("state_1", 1, "u1")),
    (
        BitField("mvo", "state_1", 0x01),
        BitField("obstacle_avoidance", "state_1", 0x02),
        BitField("user_avoidance", "state_1", 0x04),
    ),
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
        LayoutField("pitch", 1, "<f4"),
        LayoutField("roll", 5, "<f4"),
        LayoutField("yaw", 9, "<f4"),
        LayoutField("throttle", 13, "<f4"),
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
        LayoutField("elevator", 9, "<u2"),
        LayoutField("throttle", 11, "<u2"),
        LayoutField("rudder", 13, "<u2"),
        LayoutField("gimbal", 15, "<u2"),
    ),
)

FLY_SAFE_LIMIT = Layout(
    "FlySafeLimitInfo",
    f"{_MEASURED}; meaning not proven",
    (LayoutField("state", 0, "u1", "", 1, "1 coincides with the app's warning-zone message"),),
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
