"""Which facts KLV metadata carries: those whose items it states.

A recording begins and ends in the air, so that it carries neither take-off and landing nor that
nothing else was recorded.
"""

from .._model import Log
from .._which_facts_logs_record import FactDeclaration


def _has_known_sensor_for_every_capture(log: Log) -> bool:
    return bool(len(log.captures)) and bool((log.captures["sensor"] != "unknown").all())


def _has_aircraft_serial(log: Log) -> bool:
    return bool(log.aircraft.serial)


FACTS = (
    FactDeclaration("position", "positions of the sensor", ("latitude_deg", "longitude_deg")),
    FactDeclaration("altitude_amsl", "altitudes of the sensor", ("altitude_amsl_m",)),
    FactDeclaration("height_above_ground", "radar altimeter", ("height_agl_m",)),
    FactDeclaration("velocity", "speeds", ("ground_speed_mps",)),
    FactDeclaration(
        "sensor", "names of the image source", when=_has_known_sensor_for_every_capture
    ),
    FactDeclaration("aircraft_identity", "tail number", when=_has_aircraft_serial),
    FactDeclaration("record_framing", "checksums of local sets", records=("UasDatalink",)),
    FactDeclaration("clock_utc", "time stamps of local sets", ("time",)),
)
