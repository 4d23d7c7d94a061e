"""Names for ArduPilot's numbers: modes, reasons, events, errors and frame classes.

From ArduPilot's public sources (``ModeReason.h``, ``LogEvent`` and
``LogErrorSubsystem`` of ``AP_Logger.h``, ``AP_Arming.h``, each vehicle's ``mode.h``).
"""

import re
from collections.abc import Mapping

#: A message that names the board and ends in its number, or is nothing else.
BOARD_MESSAGE = re.compile(r"(?P<serial>(?:\b[0-9A-F]{8}\b ?){3}|^[0-9a-f]{32})$")

#: Parameter of ArduPilot's statistics -> the total of the vehicle's life that it is.
LIFETIME_PARAMETERS: Mapping[str, str] = {
    "STAT_BOOTCNT": "boots",
    "STAT_FLTCNT": "flights",
    "STAT_FLTTIME": "flight time",
    "STAT_RUNTIME": "time switched on",
}


def _mode_names_by_number(words: str) -> Mapping[int, str]:
    return dict(enumerate(words.split()))


#: Vehicle -> number -> mode; a dash is a number that is not in use.
MODES: Mapping[str, Mapping[int, str]] = {
    "Copter": _mode_names_by_number(
        "STABILIZE ACRO ALT_HOLD AUTO GUIDED LOITER RTL CIRCLE POSITION LAND OF_LOITER DRIFT"
        " - SPORT FLIP AUTOTUNE POSHOLD BRAKE THROW AVOID_ADSB GUIDED_NOGPS SMART_RTL FLOWHOLD"
        " FOLLOW ZIGZAG SYSTEMID AUTOROTATE AUTO_RTL TURTLE RATE_ACRO"
    ),
    "Plane": _mode_names_by_number(
        "MANUAL CIRCLE STABILIZE TRAINING ACRO FBWA FBWB CRUISE AUTOTUNE - AUTO RTL LOITER"
        " TAKEOFF AVOID_ADSB GUIDED INITIALISING QSTABILIZE QHOVER QLOITER QLAND QRTL QAUTOTUNE"
        " QACRO THERMAL LOITERALTQLAND AUTOLAND"
    ),
    "Rover": _mode_names_by_number(
        "MANUAL ACRO LEARNING STEERING HOLD LOITER FOLLOW SIMPLE DOCK CIRCLE AUTO RTL SMART_RTL"
        " - - GUIDED INITIALISING"
    ),
    "Sub": _mode_names_by_number(
        "STABILIZE ACRO ALT_HOLD AUTO GUIDED - - CIRCLE - SURFACE - - - - - - POSHOLD - - MANUAL"
    ),
    "Tracker": _mode_names_by_number(
        "MANUAL STOP SCAN - GUIDED - - - - - AUTO - - - - - INITIALISING"
    ),
    "Blimp": _mode_names_by_number("LAND MANUAL VELOCITY LOITER RTL AUTO HOLD"),
}

MODE_REASON_FENCE_BREACH = 10

#: Why a mode changed, by number.
MODE_REASONS: tuple[str, ...] = (
    "unknown",
    "remote control",
    "ground station",
    "radio fail-safe",
    "battery fail-safe",
    "ground station fail-safe",
    "EKF fail-safe",
    "GPS glitch",
    "mission end",
    "throttle escape from landing",
    "fence breached",
    "terrain fail-safe",
    "brake timeout",
    "flip complete",
    "avoidance",
    "avoidance recovery",
    "throw complete",
    "termination",
    "toy mode",
    "crash fail-safe",
    "soaring with motor running",
    "soaring thermal detected",
    "soaring thermal lost",
    "VTOL transition failed",
    "VTOL take-off failed",
    "fail-safe",
    "initialised",
    "surface complete",
    "bad depth",
    "leak fail-safe",
    "servo test",
    "start-up",
    "script",
    "mode unavailable",
    "autorotation start",
    "autorotation bail-out",
    "soaring too high",
    "soaring too low",
    "soaring drift exceeded",
    "return complete, VTOL landing",
    "return complete, fixed-wing landing",
    "mission command",
    "FrSky command",
    "fence return, previous mode",
    "VTOL return instead of return",
    "automatic return left",
    "loiter altitude reached",
    "loiter altitude in VTOL",
    "radio fail-safe recovery",
    "VTOL landing instead of return",
    "dead reckoning fail-safe",
    "take-off mode fail-safe",
    "DDS command",
    "auxiliary switch",
    "automatic fixed-wing landing",
    "fence enabled again",
)

#: How the aircraft was armed or disarmed, by number (`AP_Arming.h`).
ARMING_METHODS: tuple[str, ...] = (
    "stick",
    "MAVLink",
    "auxiliary switch",
    "motor test",
    "script",
    "termination",
    "processor fail-safe",
    "battery fail-safe",
    "pause when landed",
    "advanced fail-safe",
    "traffic avoidance",
    "parachute release",
    "crash",
    "landed",
    "mission end",
    "fence breach",
    "radio fail-safe",
    "delay on the ground",
    "ground station fail-safe",
    "terrain fail-safe",
    "termination by fail-safe",
    "terrain fail-safe",
    "motor detection done",
    "bad flow of control",
    "EKF fail-safe",
    "ground station fail-safe, no surfacing",
    "ground station fail-safe, no hold",
    "take-off timeout",
    "landed automatically",
    "pilot input fail-safe",
)
ARMING_METHOD_FENCE_BREACH = 15

#: `EV.Id` -> kind of event, what happened.
LOG_EVENTS: Mapping[int, tuple[str, str]] = {
    17: ("tip", "may have landed"),
    18: ("airborne.report", "reports to have landed"),
    19: ("fault", "GPS lost"),
    21: ("action", "flip started"),
    25: ("home", "home was set"),
    28: ("airborne.report", "reports to have left the ground"),
    41: ("geofence.enable", "fence enabled"),
    42: ("geofence.disable", "fence disabled"),
    46: ("action", "gripper closed"),
    47: ("action", "gripper opened"),
    49: ("param", "parachute disabled"),
    50: ("param", "parachute enabled"),
    51: ("action", "parachute released"),
    54: ("warning", "motors stopped in emergency"),
    55: ("warning", "emergency stop of the motors ended"),
    60: ("fault", "EKF altitude reset"),
    62: ("tip", "EKF yaw reset"),
    67: ("tip", "another GPS receiver is in use"),
    80: ("geofence.enable", "fence floor enabled"),
    81: ("geofence.disable", "fence floor disabled"),
}
EVENT_ARMED, EVENT_DISARMED = 10, 11
EVENT_TAKEOFF_BEGUN, EVENT_LANDED, EVENT_TOOK_OFF = 16, 18, 28

SUBSYSTEM_FENCE, SUBSYSTEM_NAVIGATION, ERROR_OUTSIDE_FENCE = 9, 22, 5

#: `ERR.Subsys` -> kind of event, what failed.  Code 0 is always "no longer".
ERROR_SUBSYSTEMS: Mapping[int, tuple[str, str]] = {
    1: ("fault", "main"),
    2: ("fault", "radio"),
    3: ("fault", "compass"),
    4: ("fault", "optical flow"),
    5: ("link.lost", "radio fail-safe"),
    6: ("battery", "battery fail-safe"),
    7: ("failsafe", "GPS fail-safe"),
    8: ("link.lost", "ground station fail-safe"),
    10: ("warning", "flight mode could not be entered"),
    11: ("fault", "GPS"),
    12: ("fault", "crash check"),
    13: ("fault", "flip"),
    14: ("fault", "autotune"),
    15: ("fault", "parachute"),
    16: ("fault", "EKF check"),
    17: ("failsafe", "EKF fail-safe"),
    18: ("fault", "barometer"),
    19: ("fault", "processor"),
    20: ("failsafe", "traffic fail-safe"),
    21: ("fault", "terrain data"),
    22: ("warning", "navigation"),
    23: ("failsafe", "terrain fail-safe"),
    24: ("tip", "EKF primary changed"),
    25: ("fault", "thrust loss"),
    26: ("failsafe", "sensor fail-safe"),
    27: ("failsafe", "leak fail-safe"),
    28: ("warning", "pilot input"),
    29: ("failsafe", "vibration fail-safe"),
    30: ("fault", "internal error"),
    31: ("failsafe", "dead reckoning fail-safe"),
}

#: `FRAME_CLASS` of a copter -> what it is (`AP_Motors_Class.h`), in the words of MAVLink.
FRAME_CLASSES: Mapping[int, str] = {
    1: "quadrotor",
    2: "hexarotor",
    3: "octorotor",
    4: "octorotor",
    5: "hexarotor",
    6: "helicopter",
    7: "tricopter",
    9: "coaxial",
    11: "helicopter",
    12: "dodecarotor",
    14: "decarotor",
}
_OTHER_VEHICLES = {
    "Plane": "fixed wing",
    "Rover": "ground rover",
    "Sub": "submarine",
    "Blimp": "airship",
}


def vehicle_and_frame_class_name(vehicle: str | None, frame_class: int | None) -> str | None:
    """Return what kind of vehicle it is, as far as firmware and frame class state it."""
    return (
        FRAME_CLASSES.get(frame_class or 0)
        if vehicle == "Copter"
        else _OTHER_VEHICLES.get(vehicle or "")
    )


def mode_name(vehicle: str | None, number: int) -> str:
    """Return the name of a mode, or its number if it is not known."""
    name = MODES.get(vehicle or "", {}).get(number, "-")
    return name if name != "-" else f"mode {number}"


def mode_reason_name(number: int) -> str:
    """Return why a mode changed."""
    return MODE_REASONS[number] if 0 <= number < len(MODE_REASONS) else f"reason {number}"


def arming_method_name(number: int) -> str:
    """Return how the aircraft was armed or disarmed."""
    return ARMING_METHODS[number] if 0 <= number < len(ARMING_METHODS) else f"method {number}"


def vehicle_type_in_firmware_text(text: str) -> str | None:
    """Return the vehicle that a firmware's message names."""
    return next((vehicle for vehicle in MODES if vehicle in text), None)
