"""Which facts an on-board log carries, and what in the file shows that it does.

Never carried: what the camera did, and what the app told its pilot.
"""

from ..._which_facts_logs_record import FactDeclaration
from .._shared_fact_declarations import (
    COUNTER_FACTS,
    IDENTITY_FACTS,
    fact_declarations_of_track_columns,
)

FACTS = (
    *fact_declarations_of_track_columns(
        "OSD and GPS records", "time", "latitude_deg", "longitude_deg", "altitude_amsl_m",
        "height_ato_m", "height_agl_m", "ground_speed_mps",
    ),
    FactDeclaration("takeoff_landing", "OSD records", records=("OSD",)),
    FactDeclaration("motor_state", "OSD records", records=("OSD",)),
    FactDeclaration(
        "zone_warning", "ADVANCED_LIMIT_DATA records", records=("ADVANCED_LIMIT_DATA",)
    ),
    FactDeclaration(
        "zone_restriction", "records that state refusals and limits because of a zone",
        records=("OSD", "AIRPORT_LIMIT", "AIRPORT_LIMIT_DATA"),
    ),
    FactDeclaration("limit_reached", "HOME records", records=("HOME",)),
    FactDeclaration("motor_fault", "OSD records", records=("OSD",)),
    FactDeclaration("sensor_fault", "OSD records", records=("OSD",)),
    FactDeclaration("link_loss", "OSD records", records=("OSD",)),
    FactDeclaration("failsafe", "OSD records", records=("OSD",)),
    FactDeclaration("record_framing", "length and checksum of each record"),
    FactDeclaration("host_name", "text records", records=("fly_log",)),
    *IDENTITY_FACTS,
    *COUNTER_FACTS,
)  # fmt: skip
