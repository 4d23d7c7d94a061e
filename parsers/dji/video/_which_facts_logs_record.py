"""Which facts a video carries, while it lasted."""

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration
from .._shared_fact_declarations import (
    IDENTITY_FACTS,
    fact_declarations_of_track_columns,
    has_known_sensor_for_every_picture,
)


def _has_track_index(log: Log) -> bool:
    """Return whether the file lists its tracks: without an index, sound could not be seen."""
    return bool(log.record_counts.get("track"))


def _has_video_recording(log: Log) -> bool:
    return bool((log.captures["kind"] == "video").any())


FACTS = (
    *fact_declarations_of_track_columns(
        "telemetry", "time", "latitude_deg", "longitude_deg", "height_ato_m"
    ),
    FactDeclaration("video", "track of picture", when=_has_video_recording),
    FactDeclaration("record_framing", "boxes of stated lengths"),
    FactDeclaration("audio", "list of its tracks", when=_has_track_index),
    FactDeclaration(
        "sensor",
        "name, telemetry or subtitles that show the sensor",
        when=has_known_sensor_for_every_picture,
    ),
    *IDENTITY_FACTS,
)
