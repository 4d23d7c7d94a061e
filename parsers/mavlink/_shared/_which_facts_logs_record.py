"""What shows that a MAVLink log carries a fact, in so far as the three formats share it.

A fact is carried only where a failure would stand in the log: a fence can be breached only where
one is set, and a photo is recorded only where a camera is known to the autopilot.
"""

import re
from collections.abc import Mapping

import pandas as pd

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration, field_values_of_all_records
from ._ardupilot_names import FRAME_CLASSES

#: Facts that are columns of the track, or totals over the whole log.
TRACK_FACTS = (
    FactDeclaration("position", "positions", ("latitude_deg", "longitude_deg")),
    FactDeclaration("height_above_takeoff", "heights above take-off", ("height_ato_m",)),
    FactDeclaration("height_above_ground", "rangefinder or terrain heights", ("height_agl_m",)),
    FactDeclaration("altitude_amsl", "altitudes above sea level", ("altitude_amsl_m",)),
    FactDeclaration("velocity", "velocities", ("ground_speed_mps",)),
    FactDeclaration("clock_utc", "times in UTC", ("time",)),
)

#: Event kinds by which the settings of a fence show.
_FENCE_KINDS = ("geofence.config", "geofence.enable", "geofence.disable")


def has_enabled_fence(log: Log) -> bool:
    """Return whether a fence was set and switched on, at any time of the log."""
    return any(fence.enabled for fence in log.fences)


def has_enabled_height_or_distance_limit(log: Log) -> bool:
    """Return whether a greatest height or distance was set and switched on."""
    return any(fence.enabled and fence.shape != "polygon" for fence in log.fences)


def states_fence_setting(log: Log) -> bool:
    """Return whether the log states how its fence is set, be it off."""
    return bool(log.fences) or bool(log.events["kind"].isin(_FENCE_KINDS).any())


def has_home_or_pilot_position(log: Log) -> bool:
    """Return whether the log gives the home point or the pilot's position."""
    return any(position.kind in ("home", "pilot") for position in log.named_positions)


def has_serial_number(log: Log) -> bool:
    """Return whether the log gives a serial number."""
    return (log.aircraft.serial or log.aircraft.flight_controller_serial) is not None


def has_firmware_version(log: Log) -> bool:
    """Return whether the log gives a firmware version."""
    return bool(log.aircraft.firmware)


def log_has_record_counter(log: Log) -> bool:
    """Return whether records are counted, so that a missing one shows."""
    return any(each.kind == "count" and len(each.offsets) > 1 for each in log.monotonic_counters)


#: Facts that stand in no table.
LOG_FACTS = (
    FactDeclaration(
        "pilot_position", "home point or operator's position", when=has_home_or_pilot_position
    ),
    FactDeclaration("aircraft_identity", "serial number", when=has_serial_number),
    FactDeclaration("firmware", "firmware version", when=has_firmware_version),
    FactDeclaration(
        "record_sequence", "records with a time since start-up", when=log_has_record_counter
    ),
    FactDeclaration("fence_setting", "settings of a fence", when=states_fence_setting),
)


def last_parameter_values(log: Log, record: str, name: str, value: str) -> Mapping[str, float]:
    """Return the last value of each parameter that a log lists, NaN where that is no number.

    Empty: it lists none.

    Args:
        log: The log.
        record: The records that hold parameters.
        name: Their column of names.
        value: Their column of values.
    """
    names, values = (field_values_of_all_records(log, record, field) for field in (name, value))
    if names is None or values is None:
        return {}
    # Damage leaves bytes of no known type where a number was.
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").astype(float).tolist()
    return dict(zip(map(str, names.tolist()), numbers, strict=True))


def is_camera_configured_by_parameters(parameters: Mapping[str, float]) -> bool:
    """Return whether ArduPilot is set up for a camera, by its parameters.

    ``CAM1_TYPE`` (4.4 and later) is 0 without a camera; before, ``CAM_TRIGG_TYPE`` 0 is the
    setting of every vehicle, so that only a relay or a mount (1 and above), a shutter on a servo
    (``SERVOn_FUNCTION`` 10) or a feedback pin shows that there is one.
    """
    return any(
        (name in ("CAM1_TYPE", "CAM2_TYPE", "CAM_TRIGG_TYPE") and value > 0)
        or (name in ("CAM_FEEDBACK_PIN", "CAM1_FEEDBAK_PIN") and value > 0)
        or (name.startswith("SERVO") and name.endswith("_FUNCTION") and value == _CAMERA_TRIGGER)
        for name, value in parameters.items()
    )


def would_report_lost_thrust(log: Log, flight_options: float) -> bool:
    """Return whether the firmware looks for a motor without thrust, and would report it.

    ArduPilot does so in Copter only, since the version after 3.6 (development 3.7, released as
    4.0): github.com/ArduPilot/ardupilot/pull/9381, of September 2018, added the check, and the
    notes of the candidates of 3.6 (``ArduCopter/ReleaseNotes.txt``) list none.  Before, a crash is
    all that such a failure leaves in a log.  Bit 0 of ``FLIGHT_OPTIONS`` switches the check off
    (ardupilot.org/copter/docs/flight-options.html).

    Args:
        log: The log.
        flight_options: Value of the parameter ``FLIGHT_OPTIONS``; 0 where the log has none.
    """
    version = log.aircraft.firmware.get("autopilot", "")
    stated = _COPTER_VERSION.search(version)
    if stated is None and log.aircraft.model in FRAME_CLASSES.values():
        # A stream may give the number alone; that of PX4, which has no such check, is below 2.
        stated = _BARE_VERSION.match(version)
    if stated is None or (int(stated[1]), int(stated[2])) < _FIRST_WITH_THRUST_CHECK:
        return False
    return not int(flight_options) & 1


_COPTER_VERSION = re.compile(r"Copter V(\d{1,3})\.(\d{1,3})")
_BARE_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})\.")
_FIRST_WITH_THRUST_CHECK = (3, 7)

#: ``SERVOn_FUNCTION`` of a camera's shutter (ArduPilot, ``SRV_Channel.h``).
_CAMERA_TRIGGER = 10
