"""Conditions that several formats share for the facts that a file of theirs carries."""

from .._model import Log
from .._which_facts_logs_record import FactDeclaration
from ._camera_sensors import UNKNOWN, first_sensor_of_camera_or_aircraft_names

_PILOT_KINDS = frozenset({"home", "pilot", "controller"})


def has_pilot_or_home_position(log: Log) -> bool:
    """Return whether the log holds a position of pilot, controller or home point."""
    return any(position.kind in _PILOT_KINDS for position in log.named_positions)


def has_aircraft_serial(log: Log) -> bool:
    """Return whether the log says which aircraft it is of: by a serial number."""
    return bool(log.aircraft.serial or log.aircraft.flight_controller_serial)


def has_firmware(log: Log) -> bool:
    """Return whether the log states a firmware."""
    return bool(log.aircraft.firmware)


def log_has_record_counter(log: Log) -> bool:
    """Return whether a counter runs through the log."""
    return any(counter.kind == "count" for counter in log.monotonic_counters)


def has_known_sensor_for_every_picture(log: Log) -> bool:
    """Return whether the sensor of every picture is known, or that of the only camera."""
    kinds, sensors = (log.captures[name].to_numpy() for name in ("kind", "sensor"))
    sensors_of_pictures = sensors[kinds != "audio"]
    if len(sensors_of_pictures):
        return UNKNOWN not in sensors_of_pictures.tolist()
    return (
        first_sensor_of_camera_or_aircraft_names(log.aircraft.camera_model, log.aircraft.model)
        != UNKNOWN
    )


def fact_declarations_of_track_columns(source: str, *columns: str) -> tuple[FactDeclaration, ...]:
    """Return the declarations of facts that columns of the track carry.

    Args:
        source: What the rows are made of, such as "OSD records".
        columns: Names in ``TRACK`` that rows of this format may fill with measured values.
    """
    return tuple(
        FactDeclaration(fact, f"{what} in its {source}", needed)
        for fact, what, needed in _TRACK_FACTS
        if set(needed) <= set(columns)
    )


_TRACK_FACTS = (
    ("position", "positions", ("latitude_deg", "longitude_deg")),
    ("height_above_takeoff", "heights above take-off", ("height_ato_m",)),
    ("height_above_ground", "heights above ground that a sensor measured", ("height_agl_m",)),
    ("altitude_amsl", "altitudes above sea level", ("altitude_amsl_m",)),
    ("velocity", "speeds", ("ground_speed_mps",)),
    ("clock_utc", "times in UTC", ("time",)),
)

#: Facts that the name plate of a log carries, whatever the format.
IDENTITY_FACTS = (
    FactDeclaration("aircraft_identity", "serial number of the aircraft", when=has_aircraft_serial),
    FactDeclaration("firmware", "firmware versions", when=has_firmware),
    FactDeclaration(
        "pilot_position", "position of the pilot, the controller or the home point",
        when=has_pilot_or_home_position,
    ),
)  # fmt: skip
#: Facts of a log of which one or more counters run through the records.
COUNTER_FACTS = (
    FactDeclaration(
        "record_sequence", "counter that runs through the records", when=log_has_record_counter
    ),
)
