"""Which facts a flight record of the app carries, and what in the file shows that it does.

Never carried: altitudes above sea level, sound, live streams, contacts, and the identity of the
operator.  A record that needs a key carries nothing of these (see ``find_carried_facts``).
"""

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration
from .._app_messages import reason_messages_not_understood_text
from .._shared_fact_declarations import (
    COUNTER_FACTS,
    IDENTITY_FACTS,
    fact_declarations_of_track_columns,
    has_known_sensor_for_every_picture,
)

#: Records of the app's messages.
MESSAGE_RECORDS = ("AppTip", "AppWarn", "AppSeriousWarn", "VisionWarning")
#: One Home record for so many of OSD: less often, a limit that was reached may stand in none.
_OSD_PER_HOME = 100


def _app_writes_zone_messages(log: Log) -> bool:
    """Return whether the app is one that is known to write of zones, or did so here.

    DJI GO 4 on Android writes a zone state and the name of its database of zones.  Of the other
    apps (DJI GO, DJI GO 4 on iOS and on screen controllers) no record that speaks of a zone is
    known, so their silence tells nothing.
    """
    counts = log.record_counts
    if any(counts.get(name) for name in ("FlySafeLimitInfo", "FlyForbidDatabase")):
        return True
    is_zone_warning = log.events["kind"].to_numpy() == "geofence.warning"
    return not set(MESSAGE_RECORDS).isdisjoint(log.events["record"].to_numpy()[is_zone_warning])


def _explain_missing_messages(log: Log) -> str:
    return reason_messages_not_understood_text(log, MESSAGE_RECORDS)


def _writes_home_records_regularly(log: Log) -> bool:
    counts = log.record_counts
    return counts.get("Home", 0) * _OSD_PER_HOME >= counts.get("OSD", 0) > 0


def _states_needs_upload_value(log: Log) -> bool:
    return "Details.needs_upload" in log.events["record"].tolist()


def _states_flight_totals(log: Log) -> bool:
    stated = log.header_summary
    return stated is not None and bool(stated.fix_count or stated.duration_s)


FACTS = (
    *fact_declarations_of_track_columns(
        "OSD records", "time", "latitude_deg", "longitude_deg", "height_ato_m", "height_agl_m",
        "ground_speed_mps",
    ),
    FactDeclaration("takeoff_landing", "OSD records", records=("OSD",)),
    FactDeclaration("motor_state", "OSD records", records=("OSD",)),
    FactDeclaration(
        "zone_warning",
        "messages about zones from an app that is known to write them",
        when=_app_writes_zone_messages,
        not_understood=_explain_missing_messages,
    ),
    FactDeclaration(
        "zone_restriction", "OSD records, which state refusals because of a zone", records=("OSD",)
    ),
    FactDeclaration(
        "limit_reached", "Home records that state limits throughout", records=("Home",),
        when=_writes_home_records_regularly,
    ),
    FactDeclaration("motor_fault", "OSD records", records=("OSD",)),
    FactDeclaration("sensor_fault", "OSD records", records=("OSD",)),
    FactDeclaration("link_loss", "OSD records", records=("OSD",)),
    FactDeclaration("failsafe", "OSD records", records=("OSD",)),
    FactDeclaration("photo", "Camera records", records=("Camera",)),
    FactDeclaration("video", "Camera records", records=("Camera",)),
    FactDeclaration(
        "sensor", "camera that is known to have one sensor only", records=("Camera",),
        when=has_known_sensor_for_every_picture,
    ),
    FactDeclaration("record_framing", "length and end byte of each record"),
    FactDeclaration("flight_totals", "totals in its header", when=_states_flight_totals),
    FactDeclaration("upload_mark", "upload mark in its header", when=_states_needs_upload_value),
    FactDeclaration(
        "host_name", "texts", records=(*MESSAGE_RECORDS, "Details"),
    ),
    *IDENTITY_FACTS,
    *COUNTER_FACTS,
)  # fmt: skip
