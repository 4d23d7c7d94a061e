"""Enumerations of the records.  A number without a name stays a number.

Facts: lvauvillier/dji-log-parser 88fcfc96 ``record/*.rs`` and
``layout/details.rs``; o-gs/dji-firmware-tools df0b9c60; dji-sdk/
FlightRecordParsingLib dc4bb0df; product 120, platform 5, cameras 19 to 29 and
height-limit reasons 7 and 8 from real files.
"""

from .._shared_fields_and_enum_names import PRODUCT as PRODUCT
from .._shared_fields_and_enum_names import read_only_mapping

PLATFORM = read_only_mapping(
    {
        1: "iOS", 2: "Android", 5: "DJI screen controller", 6: "DJI Fly", 10: "Windows",
        11: "macOS", 12: "Linux",
    }
)  # fmt: skip

DEPARTMENT = read_only_mapping(
    {
        1: "SDK", 2: "DJI GO", 3: "DJI Fly", 4: "Agriculture", 5: "Terra", 6: "DJI goggles",
        7: "DJI Pilot", 8: "Ground Station Pro",
    }
)  # fmt: skip

CAMERA = read_only_mapping(
    {
        0: "FC350", 1: "FC550", 2: "FC260", 3: "FC300S", 4: "FC300X", 5: "FC550 RAW", 6: "FC330X",
        7: "Zenmuse XT (Tau 640)", 8: "Zenmuse XT (Tau 336)", 9: "FC220", 10: "FC300XW",
        11: "CV600", 13: "FC6310", 14: "FC6510", 15: "FC6520", 18: "FC220S", 20: "GD600",
        19: "Spark", 23: "Mavic Air", 25: "Mavic 2", 28: "Phantom 4 Pro V2", 29: "Mavic 2",
    }
)  # fmt: skip

GO_HOME_STATUS = read_only_mapping(
    {
        0: "standby", 1: "before ascent", 2: "aligning", 3: "ascending", 4: "cruising",
        5: "braking", 6: "bypassing", 7: "other",
    }
)  # fmt: skip

WORK_MODE = read_only_mapping(
    {
        0: "photo", 1: "video", 2: "playback", 3: "transcoding", 4: "tuning", 5: "power saving",
        6: "download", 7: "playback transcoding", 8: "broadcast",
    }
)  # fmt: skip
CAPTURE_STATE = read_only_mapping({0: "idle", 1: "single", 2: "burst"})
RECORD_STATE = read_only_mapping({0: "idle", 1: "starting", 2: "recording", 3: "stopping"})
VIDEO_COMMAND = read_only_mapping({0: "none", 1: "start", 2: "stop"})
FAIL_SAFE = read_only_mapping({0: "hover", 1: "land", 2: "go home"})
GIMBAL_MODE = read_only_mapping({0: "free", 1: "FPV", 2: "follow"})
CONTROL_DEVICE = read_only_mapping({0: "controller", 1: "app", 2: "onboard computer", 3: "camera"})
FIRMWARE_PART = read_only_mapping(
    {1: "camera", 3: "flight controller", 4: "gimbal", 6: "controller", 11: "battery"}
)
COMPONENT = read_only_mapping(
    {
        1: "camera", 2: "flight controller", 3: "controller", 4: "battery", 5: "SSD", 6: "gimbal",
    }
)  # fmt: skip
#: Appearance of a battery in the records: why a smart battery asks to go home.
BATTERY_GO_HOME = read_only_mapping({0: "none", 1: "recommended", 2: "confirmed"})
