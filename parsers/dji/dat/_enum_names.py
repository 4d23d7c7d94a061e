"""Enumerations of the records.  A number without a name stays a number.

Facts: BudWalkerJava/DatCon 2a51562 and FOSEGU/Fodogu ddeb4b7 (aircraft);
o-gs/dji-firmware-tools df0b9c5 (record types and enumerations; facts only).
"""

from collections.abc import Mapping
from types import MappingProxyType

from .._shared_fields_and_enum_names import read_only_mapping

#: First byte of the header.
AIRCRAFT = read_only_mapping(
    {
        5: "Matrice 100", 6: "Phantom 3 or Inspire 1", 11: "Phantom 4", 14: "Matrice 600",
        16: "Mavic Pro", 17: "Inspire 2", 18: "Phantom 4 Pro", 20: "N3 or S900", 21: "Spark",
        23: "Matrice 600 Pro", 24: "Mavic Air", 25: "Matrice 200", 27: "Phantom 4 Advanced",
        63: "Mini 2",
    }
)  # fmt: skip

#: Model in the header of an encrypted log -> product.
ENCRYPTED_MODELS: Mapping[str, str] = MappingProxyType(
    {"e3t_zv900": "Goggles 2", "e3t_wm169": "Avata or O3 Air Unit"}
)

#: First five letters of the board that a line of the log names -> aircraft: DJI's own numbers of
#: projects, as firmware files carry them.
BOARD_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "wm100": "Spark", "wm220": "Mavic Pro", "wm230": "Mavic Air", "wm240": "Mavic 2",
        "wm330": "Phantom 4", "wm331": "Phantom 4 Pro", "wm332": "Phantom 4 Advanced",
        "wm335": "Phantom 4 Pro V2", "wm610": "Inspire 1", "wm620": "Inspire 2",
    }
)  # fmt: skip

#: Record 40: where the aircraft is, seen from an airport zone, and what it does.
AREA_STATE = read_only_mapping(
    {
        0: "none", 1: "near the limit", 2: "in the area of half limits", 3: "in the slow-down area",
        4: "inside the limit", 5: "inside, without limit",
    }
)  # fmt: skip
AREA_ACTION = read_only_mapping(
    {0: "none", 1: "exit landing", 2: "collision", 3: "starts landing", 4: "stops the motors"}
)

#: Record type -> name, of types that have no layout.
RECORD_NAMES = read_only_mapping(
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
TEXT_RECORDS = read_only_mapping(
    {
        0x8000: "fly_log", 0xFF00: "sd_logs", 0xFFFC: "module_name", 0xFFFD: "cfg_log",
        0xFFFE: "uno_log", 0xFFFF: "sys_cfg",
    }
)  # fmt: skip
#: Record type -> the bus whose bytes it counts.
LINK_BUSES = read_only_mapping(
    {
        0x092A: "host", 0x092B: "computer (PC)", 0x092C: "vision", 0x092D: "on-board SDK",
        0x092E: "radio (OFDM)", 0x092F: "battery",
    }
)  # fmt: skip
