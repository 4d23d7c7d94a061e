"""Which facts the metadata of a photo carries, at the instant of the photo."""

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration
from .._shared_fact_declarations import (
    IDENTITY_FACTS,
    fact_declarations_of_track_columns,
    has_known_sensor_for_every_picture,
)


def _has_rtk_host(log: Log) -> bool:
    return len(log.contacts) > 0


FACTS = (
    *fact_declarations_of_track_columns(
        "metadata", "time", "latitude_deg", "longitude_deg", "altitude_amsl_m", "height_ato_m",
        "ground_speed_mps",
    ),
    FactDeclaration("record_framing", "segments of stated lengths"),
    FactDeclaration("photo", "photo", records=("Photo",)),
    FactDeclaration(
        "sensor", "metadata that name the sensor", when=has_known_sensor_for_every_picture
    ),
    FactDeclaration("rtk_service", "metadata that name a correction service", when=_has_rtk_host),
    *IDENTITY_FACTS,
)  # fmt: skip
