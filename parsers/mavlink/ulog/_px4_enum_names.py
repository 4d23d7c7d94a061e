"""Enumerations of PX4, by version of the firmware.

Sources: ``msg/vehicle_status.msg`` (to v1.12), ``msg/VehicleStatus.msg`` and
``msg/versioned/VehicleStatus.msg`` (from v1.13), ``msg/GeofenceResult.msg``,
``msg/TelemetryStatus.msg`` of PX4-Autopilot; commands: MAVLink's common.xml.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: Flight modes (``nav_state``) that kept their number.
_MODES: Mapping[int, str] = MappingProxyType(
    {
        0: "Manual",
        1: "Altitude",
        2: "Position",
        3: "Mission",
        4: "Hold",
        5: "Return",
        10: "Acro",
        12: "Descend",
        13: "Termination",
        14: "Offboard",
        15: "Stabilized",
        17: "Takeoff",
        18: "Land",
        19: "Follow Target",
        20: "Precision Land",
        21: "Orbit",
        22: "VTOL Takeoff",
        23: "External 1",
        24: "External 2",
        25: "External 3",
        26: "External 4",
        27: "External 5",
        28: "External 6",
        29: "External 7",
        30: "External 8",
    }
)

#: First version, first version without -> modes whose number was reused.
_MODES_BETWEEN: tuple[tuple[tuple[int, int], tuple[int, int], Mapping[int, str]], ...] = (
    (
        (0, 0),
        (1, 12),
        {
            6: "RC Recovery",
            7: "Return to Ground Station",
            8: "Land (engine failure)",
            9: "Land (GPS failure)",
            16: "Rattitude",
        },
    ),
    ((1, 12), (1, 14), {8: "Land (engine failure)"}),
    ((1, 15), (99, 0), {6: "Position Slow"}),
    ((1, 17), (99, 0), {8: "Altitude Cruise"}),
)

#: Modes in which the aircraft goes home or down by itself.
RETURNING_MODES = frozenset({"Return", "Land", "Descend", "Termination", "Precision Land"})

#: ``latest_arming_reason`` and ``latest_disarming_reason`` up to v1.12.
_REASONS_TO_1_12: Mapping[int, str] = MappingProxyType(
    {
        1: "stick gesture",
        2: "switch of the controller",
        3: "internal command",
        4: "command from outside",
        5: "start of a mission",
        6: "safety button",
        7: "automatic after landing",
        8: "automatic before take-off",
        9: "kill switch",
        10: "lockdown",
        11: "failure detector",
        12: "shutdown",
        13: "unit test",
    }
)

#: The same from v1.14 on, where the numbers are those of the events' enumeration
#: ``arm_disarm_reason_t`` (the logs say so; the message's own constants do not).
_REASONS_FROM_1_14: Mapping[int, str] = MappingProxyType(
    {
        1: "stick gesture",
        2: "switch of the controller",
        3: "internal command",
        4: "command from outside",
        5: "start of a mission",
        6: "automatic after landing",
        7: "automatic before take-off",
        8: "kill switch",
        9: "lockdown",
        10: "failure detector",
        11: "shutdown",
        12: "unit test",
        13: "button of the controller",
        14: "fail-safe",
    }
)

#: ``GF_ACTION`` and ``geofence_action``.
FENCE_ACTIONS: Mapping[int, str] = MappingProxyType(
    {0: "none", 1: "warning", 2: "hold", 3: "return", 4: "terminate", 5: "land"}
)

#: Commands that concern the tables.
COMMAND_NAMES: Mapping[int, str] = MappingProxyType(
    {
        200: "DO_CONTROL_VIDEO",
        202: "DO_DIGICAM_CONFIGURE",
        203: "DO_DIGICAM_CONTROL",
        206: "DO_SET_CAM_TRIGG_DIST",
        207: "DO_FENCE_ENABLE",
        214: "DO_SET_CAM_TRIGG_INTERVAL",
        526: "STORAGE_FORMAT",
        530: "SET_CAMERA_MODE",
        531: "SET_CAMERA_ZOOM",
        532: "SET_CAMERA_FOCUS",
        534: "SET_CAMERA_SOURCE",
        2000: "IMAGE_START_CAPTURE",
        2001: "IMAGE_STOP_CAPTURE",
        2003: "DO_TRIGGER_CONTROL",
        2500: "VIDEO_START_CAPTURE",
        2501: "VIDEO_STOP_CAPTURE",
        2502: "VIDEO_START_STREAMING",
        2503: "VIDEO_STOP_STREAMING",
        2510: "LOGGING_START",
        2511: "LOGGING_STOP",
    }
)

#: ``vehicle_command_ack.result``.
COMMAND_RESULTS: Mapping[int, str] = MappingProxyType(
    {
        0: "accepted",
        1: "temporarily rejected",
        2: "denied",
        3: "unsupported",
        4: "failed",
        5: "in progress",
        6: "cancelled",
    }
)

#: ``telemetry_status.type`` from v1.9 on.
TELEMETRY_TYPES: Mapping[int, str] = MappingProxyType(
    {0: "generic", 1: "Ubiquity Bullet", 2: "wire", 3: "USB", 4: "Iridium"}
)

#: Value of ``MAV_n_CONFIG`` -> port.
MAVLINK_PORTS: Mapping[int, str] = MappingProxyType(
    {
        0: "disabled",
        6: "UART 6",
        101: "TELEM 1",
        102: "TELEM 2",
        103: "TELEM 3",
        104: "TELEM/SERIAL 4",
        201: "GPS 1",
        202: "GPS 2",
        300: "Radio Controller",
        1000: "Ethernet",
    }
)

#: Severity by the level of a text: emergency to debug.
SEVERITIES = ("serious", "serious", "serious", "serious", "warning", "notice", "info", "info")


def mode_name(number: int, version: tuple[int, int]) -> str:
    """Return the name of a flight mode in a version of the firmware, or its number."""
    for first, without, names in _MODES_BETWEEN:
        if first <= version < without and number in names:
            return names[number]
    return _MODES.get(number, f"nav_state {number}")


def arming_reason_name(number: int, version: tuple[int, int]) -> str:
    """Return why an aircraft was armed or disarmed, or the number of the reason."""
    if version <= (1, 12):
        return _REASONS_TO_1_12.get(number, f"reason {number}")
    if version >= (1, 14):
        return _REASONS_FROM_1_14.get(number, f"reason {number}")
    return f"reason {number}"


def firmware_version_text(number: int) -> str:
    """Return a version as the firmware packs it: three numbers and the kind of release."""
    kind = number & 0xFF
    kinds = ((255, ""), (192, " (release candidate)"), (128, " (beta)"), (64, " (alpha)"))
    word = next((word for least, word in kinds if kind >= least), " (development)")
    return f"{number >> 24 & 0xFF}.{number >> 16 & 0xFF}.{number >> 8 & 0xFF}{word}"
