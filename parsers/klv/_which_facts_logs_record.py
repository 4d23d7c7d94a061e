"""Which facts KLV metadata carries: those whose items it states.

A recording begins and ends in the air, so that it carries neither take-off and landing nor that
nothing else was recorded.  A file with the video carries that it was recorded, while it lasted, and
whether there is sound.
"""

from .._model import Log
from .._which_facts_logs_record import FactDeclaration, field_values_of_all_records

#: The streams that the tables of a transport stream list.
STREAM_RECORD = "ElementaryStream"


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


def _holds_video(log: Log) -> bool:
    return bool(((log.captures["kind"] == "video") & log.captures["file"].notna()).any())


def _lists_every_stream(log: Log) -> bool:
    """Return whether sound would show: the whole list was read, and each stream is of a known kind.

    A stream of private data may be of sound.
    """
    contents = field_values_of_all_records(log, STREAM_RECORD, "content")
    complete = field_values_of_all_records(log, STREAM_RECORD, "is_list_complete")
    if contents is None or complete is None or not complete.all():
        return False
    return "sound" in contents or "unknown" not in contents


TRANSPORT_STREAM_FACTS = (
    *FACTS,
    FactDeclaration("video", "stream of picture", when=_holds_video),
    FactDeclaration("audio", "list of its streams", when=_lists_every_stream),
)
