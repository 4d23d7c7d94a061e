"""Which facts a video carries, while it lasted."""

from ..._model import Log
from ..._recordable_facts import FactDeclaration
from .._shared_fact_declarations import IDENTITY_FACTS, knows_sensor, track_declarations


def _has_index(log: Log) -> bool:
    """Return whether the file lists its tracks: without an index, sound could not be seen."""
    return bool(log.record_counts.get("track"))


def _has_picture(log: Log) -> bool:
    return bool((log.captures["kind"] == "video").any())


FACTS = (
    *track_declarations("telemetry", "time", "latitude_deg", "longitude_deg", "height_ato_m"),
    FactDeclaration("video", "track of picture", when=_has_picture),
    FactDeclaration("record_framing", "boxes of stated lengths"),
    FactDeclaration("audio", "list of its tracks", when=_has_index),
    FactDeclaration(
        "sensor", "name, telemetry or subtitles that show the sensor", when=knows_sensor
    ),
    *IDENTITY_FACTS,
)
