"""The words for the numbers that records carry.  A number without a word stays a number.

Facts: BudWalkerJava/DatCon 2a51562 and FOSEGU/Fodogu ddeb4b7 (aircraft);
o-gs/dji-firmware-tools df0b9c5 (record types and enumerations; facts only).
"""

from collections.abc import Mapping
from types import MappingProxyType


def _words(rows: dict[int, str]) -> Mapping[int, str]:
    return MappingProxyType(rows)


#: First byte of the header.
AIRCRAFT = _words(
    {
        5: "Matrice 100", 6: "Phantom 3 or Inspire 1", 11: "Phantom 4", 14: "Matrice 600",
        16: "Mavic Pro", 17: "Inspire 2", 18: "Phantom 4 Pro", 20: "N3 or S900", 21: "Spark",
        23: "Matrice 600 Pro", 24: "Mavic Air", 25: "Matrice 200", 27: "Phantom 4 Advanced",
        63: "Mini 2",
    }
)  # fmt: skip

#: Model in the header of an encrypted log -> product.
LOCKED_MODEL: Mapping[str, str] = MappingProxyType(
    {"e3t_zv900": "Goggles 2", "e3t_wm169": "Avata or O3 Air Unit"}
)

FLIGHT_MODE = _words(
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
FLIGHT_ACTION = _words(
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
#: Actions that a zone or a boundary causes.
ZONE_ACTIONS = frozenset({20})

#: Why the motors would not start (OSD byte 38, 7 bits), as far as a boundary, a licence or
#: somebody's command is the cause.
MOTOR_REFUSAL = _words(
    {
        0: "none", 3: "device locked", 4: "distance limit", 10: "novice protection",
        19: "simulator", 22: "not activated", 23: "in a no-fly zone", 27: "system upgrade",
        28: "simulator", 41: "invalid serial number", 46: "outside the area allowed",
        115: "locked by the app", 116: "start height error", 119: "stopped by the app",
    }
)  # fmt: skip
ZONE_REFUSALS = frozenset({4, 10, 23, 46, 115})

HEIGHT_LIMIT_REASON = _words(
    {
        0: "none", 1: "no GPS", 2: "orientation needs calibration", 3: "orientation",
        4: "avoiding the ground", 5: "normal",
    }
)  # fmt: skip

#: Record 40: where the aircraft is, seen from an airport zone, and what it does.
AREA_STATE = _words(
    {
        0: "none", 1: "near the limit", 2: "in the area of half limits", 3: "in the slow-down area",
        4: "inside the limit", 5: "inside, without limit",
    }
)  # fmt: skip
AREA_ACTION = _words(
    {0: "none", 1: "exit landing", 2: "collision", 3: "starts landing", 4: "stops the motors"}
)

#: Record type -> name, of types that have no layout.
TYPES = _words(
    {
        112: "ERR_CODE", 1001: "AIRCRAFT_CONDITION", 1002: "SERIAL_API_INPUTS",
        1004: "GO_HOME_INFO", 1005: "FMU_DEVICES_RUN_TIME", 1012: "CFG_ERRS",
        1710: "BATTERY_INFO", 1711: "BATTERY_STATUS", 1712: "SMART_BATTERY_INFO",
        1800: "STATISTICAL_INFO", 2064: "IMU_EX", 2065: "IMU_EX_1", 2066: "IMU_EX_2",
        2208: "ATTI_MINI", 2209: "ATTI_MINI_1", 2210: "ATTI_MINI_2", 10090: "ESC_DATA",
        10094: "RC_GPS", 20000: "BATTERY_INFO_2", 20001: "PWM_OUTPUT", 20005: "SYS_ERR",
        20557: "ADSB_OSD_INFO", 52702: "CAN_MONITOR", 52703: "UART_MONITOR",
        52704: "SYSTEM_MONITOR", 53234: "RTK_DATA",
    }
)  # fmt: skip
#: Record type -> name, of types whose payload is text.
TEXTS = _words(
    {
        0x8000: "fly_log", 0xFF00: "sd_logs", 0xFFFC: "module_name", 0xFFFD: "cfg_log",
        0xFFFE: "uno_log", 0xFFFF: "sys_cfg",
    }
)  # fmt: skip
#: Record type -> the bus whose bytes it counts.
LINKS = _words(
    {
        0x092A: "host", 0x092B: "computer (PC)", 0x092C: "vision", 0x092D: "on-board SDK",
        0x092E: "radio (OFDM)", 0x092F: "battery",
    }
)  # fmt: skip
