"""Which facts subtitles carry: what their cues state, while the recording ran."""

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration
from .._shared_fact_declarations import (
    IDENTITY_FACTS,
    fact_declarations_of_track_columns,
    has_known_sensor_for_every_picture,
)


def _has_recordings(log: Log) -> bool:
    return len(log.captures) > 0


FACTS = (
    *fact_declarations_of_track_columns("cues", "latitude_deg", "longitude_deg", "height_ato_m"),
    FactDeclaration("video", "cues of a recording", when=_has_recordings),
    FactDeclaration(
        "sensor", "cues that show which sensor recorded", when=has_known_sensor_for_every_picture
    ),
    *IDENTITY_FACTS,
)
