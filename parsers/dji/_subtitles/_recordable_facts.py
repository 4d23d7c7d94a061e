"""Which facts subtitles carry: what their cues state, while the recording ran."""

from ..._model import Log
from ..._recordable_facts import FactDeclaration
from .._shared_fact_declarations import IDENTITY_FACTS, knows_sensor, track_declarations


def _has_recordings(log: Log) -> bool:
    return len(log.captures) > 0


FACTS = (
    *track_declarations("cues", "latitude_deg", "longitude_deg", "height_ato_m"),
    FactDeclaration("video", "cues of a recording", when=_has_recordings),
    FactDeclaration("sensor", "cues that show which sensor recorded", when=knows_sensor),
    *IDENTITY_FACTS,
)
