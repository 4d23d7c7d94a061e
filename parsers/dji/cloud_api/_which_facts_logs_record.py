"""Which facts messages of the Cloud API carry: those of whose fields any is stated."""

from collections.abc import Callable

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration
from .._records_from_dicts import RecordsFromDicts
from .._shared_fact_declarations import (
    IDENTITY_FACTS,
    fact_declarations_of_track_columns,
    has_known_sensor_for_every_picture,
)


def _make_test_whether_osd_states_any_field(*names: str) -> Callable[[Log], bool]:
    """Return whether any OSD message states one of some fields."""

    def states_one(log: Log) -> bool:
        records = log._records["Osd"]
        return isinstance(records, RecordsFromDicts) and any(
            name in row for row in records.rows for name in names
        )

    return states_one


FACTS = (
    *fact_declarations_of_track_columns(
        "OSD messages", "time", "latitude_deg", "longitude_deg", "height_ato_m", "ground_speed_mps"
    ),
    FactDeclaration(
        "takeoff_landing", "flight modes", when=_make_test_whether_osd_states_any_field("mode_code")
    ),
    FactDeclaration(
        "limit_reached",
        "flags near limits",
        when=_make_test_whether_osd_states_any_field("is_near_height_limit"),
    ),
    FactDeclaration(
        "zone_restriction",
        "flag near an area",
        when=_make_test_whether_osd_states_any_field("is_near_area_limit"),
    ),
    FactDeclaration(
        "failsafe", "flight modes", when=_make_test_whether_osd_states_any_field("mode_code")
    ),
    FactDeclaration(
        "photo",
        "state of each camera",
        when=_make_test_whether_osd_states_any_field("cameras.0.photo_state"),
    ),
    FactDeclaration(
        "video",
        "state of each camera",
        when=_make_test_whether_osd_states_any_field("cameras.0.recording_state"),
    ),
    FactDeclaration(
        "sensor", "cameras whose sensor is known", when=has_known_sensor_for_every_picture
    ),
    FactDeclaration(
        "lights",
        "state of the night lights",
        when=_make_test_whether_osd_states_any_field("night_lights_state"),
    ),
    *IDENTITY_FACTS,
)
