"""Fields and enumerations that the app's record and the aircraft's own log have in common.

The two files carry the same state record ("OSD"), but for a few bytes; what
they share stands here once.

Facts: lvauvillier/dji-log-parser 88fcfc96 ``record/osd.rs`` and ``home.rs``;
o-gs/dji-firmware-tools df0b9c60 (facts only); reason 7 of the height limit from
real files.
"""

from collections.abc import Mapping
from types import MappingProxyType

from .._record_layout import BitField, LayoutField
from ._layout_builders import iterate_adjacent_fields_of_one_type

#: Radians on the wire to degrees.
DEGREES_PER_RADIAN = 57.29577951308232


def read_only_mapping(rows: dict[int, str]) -> Mapping[int, str]:
    """Return the words of an enumeration by number, which nothing changes."""
    return MappingProxyType(rows)


#: Number of a product, as the app's record and DJI's own reader of it write it.
PRODUCT = read_only_mapping(
    {
        1: "Inspire 1", 2: "Phantom 3 Standard", 3: "Phantom 3 Advanced",
        4: "Phantom 3 Professional", 5: "Osmo", 6: "Matrice 100", 7: "Phantom 4",
        8: "Lightbridge 2", 9: "Inspire 1 Pro", 10: "A3", 11: "Matrice 600", 12: "Phantom 3 4K",
        13: "Mavic Pro", 14: "Zenmuse XT", 15: "Inspire 1 RAW", 16: "A2", 17: "Inspire 2",
        18: "Osmo Pro", 19: "Osmo Raw", 20: "Osmo+", 21: "Mavic", 22: "Osmo Mobile",
        23: "Orange CV600", 24: "Phantom 4 Pro", 25: "N3", 26: "Spark", 27: "Matrice 600 Pro",
        28: "Phantom 4 Advanced", 29: "Phantom 3 SE", 30: "AG405", 31: "Matrice 200",
        33: "Matrice 210", 34: "Matrice 210 RTK", 38: "Mavic Air", 42: "Mavic 2",
        44: "Phantom 4 Pro V2", 46: "Phantom 4 RTK", 57: "Phantom 4 Multispectral",
        58: "Mavic 2 Enterprise", 59: "Mavic Mini", 60: "Matrice 200 V2", 61: "Matrice 210 V2",
        62: "Matrice 210 RTK V2", 67: "Mavic Air 2", 70: "Matrice 300 RTK", 73: "FPV",
        75: "Air 2S", 76: "Mini 2", 77: "Mavic 3", 96: "Mini SE", 103: "Mini 3 Pro",
        111: "Mavic 3 Pro", 113: "Mini 2 SE", 116: "Matrice 30", 118: "Mavic 3 Enterprise",
        120: "Air 3", 121: "Avata", 126: "Mini 4 Pro", 152: "Avata 2", 170: "Matrice 350 RTK",
    }
)  # fmt: skip

FLIGHT_MODE = read_only_mapping(
    {
        0: "Manual", 1: "Atti", 2: "Atti course lock", 3: "Atti hover", 4: "Hover",
        5: "GPS brake", 6: "GPS Atti", 7: "Course lock", 8: "Home lock", 9: "Hot point",
        10: "Assisted take-off", 11: "Automatic take-off", 12: "Automatic landing",
        13: "Atti landing", 14: "Waypoint", 15: "Go home", 16: "Click and go", 17: "Joystick",
        18: "Wristband", 19: "Cinematic", 23: "Atti limited", 24: "Draw", 25: "Follow me",
        26: "ActiveTrack", 27: "TapFly", 28: "Panorama", 29: "Farming", 30: "FPV", 31: "Sport",
        32: "Novice", 33: "Force landing", 35: "Terrain tracking", 36: "Advanced go home",
        37: "Advanced landing", 38: "Tripod", 39: "Track headlock", 41: "Engine start",
        43: "Gentle",
    }
)  # fmt: skip

#: Why the aircraft does something by itself (OSD byte 37).
FLIGHT_ACTION = read_only_mapping(
    {
        0: "none", 1: "low power warning, go home", 2: "low power warning, landing",
        3: "smart power, go home", 4: "smart power, landing", 5: "low voltage, landing",
        6: "low voltage, go home", 7: "seriously low voltage, landing",
        8: "go-home button of the controller", 9: "assisted take-off by the controller",
        10: "automatic take-off by the controller", 11: "automatic landing by the controller",
        12: "go home by the app", 13: "automatic landing by the app",
        14: "automatic take-off by the app", 15: "controller signal lost, go home",
        16: "automatic take-off by the SDK", 17: "automatic landing by the SDK",
        18: "go home by the SDK", 19: "landing to avoid the ground",
        20: "landing to leave an airport zone", 21: "landing, too close to go home",
        22: "landing, too far to go home", 23: "waypoint mission by the app",
        24: "automatic take-off for a waypoint mission", 25: "avoiding while going home",
        26: "go home finished", 27: "landing at the vertical low limit",
        28: "forced landing, battery", 29: "go home, flight controller protection",
        30: "landing, motor blocked", 31: "forced landing by the app",
        32: "landing, counterfeit battery", 33: "landing, obstacle on the way home",
        34: "go home, IMU error",
    }
)  # fmt: skip
#: Actions that a zone or a boundary causes; the rest have other causes.
ZONE_ACTIONS = frozenset({20})

#: Why the motors would not start (OSD byte 38), as far as a boundary, a licence or
#: somebody's command is the cause.
MOTOR_REFUSAL = read_only_mapping(
    {
        0: "none", 3: "device locked", 4: "distance limit", 10: "novice protection",
        19: "simulator", 22: "not activated", 23: "in a no-fly zone", 27: "system upgrade",
        28: "simulator",
        41: "invalid serial number", 46: "outside the area allowed", 115: "locked by the app",
        116: "start height error", 119: "stopped by the app",
    }
)  # fmt: skip
ZONE_REFUSALS = frozenset({4, 10, 23, 46, 115})

HEIGHT_LIMIT_REASON = read_only_mapping(
    {
        0: "none", 1: "no GPS", 2: "orientation needs calibration", 3: "orientation",
        4: "avoiding the ground", 5: "normal", 7: "beginner mode",
    }
)  # fmt: skip

#: Bytes 0 to 15 of the records of state and home.
POSITION_FIELDS = tuple(
    LayoutField(name, at, "<f8", "deg", DEGREES_PER_RADIAN, "WGS 84; radians on the wire")
    for name, at in (("longitude_deg", 0), ("latitude_deg", 8))
)
#: Bytes 0 to 31 of the state record.
MOTION_FIELDS = (
    *POSITION_FIELDS,
    LayoutField("height_ato_m", 16, "<i2", "m", 0.1, "above take-off, barometric"),
    *iterate_adjacent_fields_of_one_type(
        18, "<i2", "speed_north_mps speed_east_mps speed_down_mps", "m/s", 0.1
    ),
    LayoutField("pitch_deg", 24, "<i2", "deg", 0.1),
    LayoutField("roll_deg", 26, "<i2", "deg", 0.1),
    LayoutField("yaw_deg", 28, "<i2", "deg", 0.1, "nose from north, -180 to 180"),
    LayoutField("state_30", 30, "u1"),
    LayoutField("app_command", 31, "u1", "", 1, "last command of the app"),
)
#: Bytes 41 to 46 of the state record.
COUNTER_FIELDS = (
    LayoutField("vps_height_m", 41, "u1", "m", 0.1, "above the ground, by sonar"),
    LayoutField("flight_time_s", 42, "<u2", "s", 0.1, "since the motors started"),
    LayoutField("motor_starts", 44, "u1"),
    LayoutField("battery_warning_1", 45, "u1"),
    LayoutField("battery_warning_2", 46, "u1"),
)
#: Byte 30 of the state record.
STATE_30_BITS = (
    BitField("flight_mode", "state_30", 0x7F, enum=FLIGHT_MODE),
    BitField("rc_out_of_control", "state_30", 0x80, "controller signal lost"),
)
