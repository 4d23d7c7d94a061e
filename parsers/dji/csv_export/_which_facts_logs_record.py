"""Which facts a table of another program carries: those of which it fills the columns.

Never carried: altitudes above sea level, but of DatCon (those of the others are the height and a
constant), totals (tables leave out rows), sound, contacts, and counters.
"""

import re
from collections.abc import Callable

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration
from .._app_messages import reason_messages_not_understood_text
from .._shared_fact_declarations import (
    IDENTITY_FACTS,
    fact_declarations_of_track_columns,
    has_known_sensor_for_every_picture,
)
from ._events import METADATA_MESSAGES
from ._export_rows import ExportRowsAsTextRecords
from ._known_export_programs import EXPORTERS

_MESSAGE_COLUMNS = tuple(dict.fromkeys(name for each in EXPORTERS for name in each.message_columns))
_MESSAGE_COLUMNS += (METADATA_MESSAGES,)
#: Apps that are known to write of zones: DJI GO 4 on Android from 4.3.4 on.
_ZONE_APP = re.compile(r"Android 4\.(3\.([4-9]|\d\d)|[4-9]\.)")


def _make_test_whether_any_column_has_flags(*names: str) -> Callable[[Log], bool]:
    """Return whether a table says in one of some columns whether something holds."""

    def fills_one_column(log: Log) -> bool:
        records = log._records["Row"]
        if not isinstance(records, ExportRowsAsTextRecords):
            return False
        indexes = (records.rows.column_index(name) for name in names)
        return any(
            index is not None and records.rows.column_as_flags(index) is not None
            for index in indexes
        )

    return fills_one_column


def _make_test_whether_role_column_has_flags(role: str) -> Callable[[Log], bool]:
    """Return whether a table says by the column of a role whether something holds."""

    def has_column_of_role(log: Log) -> bool:
        records = log._records["Row"]
        return (
            isinstance(records, ExportRowsAsTextRecords)
            and records.rows.flags_of_role(role) is not None
        )

    return has_column_of_role


def _make_test_whether_camera_filled_role_column(role: str) -> Callable[[Log], bool]:
    """Return whether a column of the camera was filled from records of a camera.

    Flight Reader writes "False" too where the record of the flight holds none; a camera that is
    there has a card, or records.
    """

    def is_filled_from_camera(log: Log) -> bool:
        records = log._records["Row"]
        if (
            not isinstance(records, ExportRowsAsTextRecords)
            or records.rows.flags_of_role(role) is None
        ):
            return False
        signs = [records.rows.flags_of_role(sign) for sign in ("card", "photo", "video")]
        return signs[0] is None or any(sign is not None and sign.any() for sign in signs)

    return is_filled_from_camera


def _states_flight_limits(log: Log) -> bool:
    """Return whether the columns of limits were filled from records of the home point."""
    has_home = any(position.kind == "home" for position in log.named_positions)
    return has_home and _make_test_whether_any_column_has_flags(
        "HOME.isReachedLimitDistance", "HOME.isReachedLimitHeight"
    )(log)


def _is_datcon_export(log: Log) -> bool:
    return log.source.format_version == "datcon"


def _make_test_whether_messages_tell_event_kind(kind: str) -> Callable[[Log], bool]:
    """Return whether a message of the table tells an event of a kind: its app writes of such."""

    def has_message(log: Log) -> bool:
        told = (log.events["kind"] == kind) & log.events["record"].isin(_MESSAGE_COLUMNS)
        return bool(told.any())

    return has_message


def _app_writes_zone_messages(log: Log) -> bool:
    is_known = _ZONE_APP.match(log.aircraft.app or "") is not None
    return is_known or _make_test_whether_messages_tell_event_kind("geofence.warning")(log)


def _has_messages(log: Log) -> bool:
    return bool(log.events["record"].isin(_MESSAGE_COLUMNS).any())


def _explain_missing_messages(log: Log) -> str:
    return reason_messages_not_understood_text(log, _MESSAGE_COLUMNS)


FACTS = (
    *fact_declarations_of_track_columns(
        "rows", "time", "latitude_deg", "longitude_deg", "height_ato_m", "height_agl_m",
        "ground_speed_mps",
    ),
    FactDeclaration(
        "altitude_amsl", "altitudes of the satellite receiver", ("altitude_amsl_m",),
        when=_is_datcon_export,
    ),
    FactDeclaration(
        "takeoff_landing",
        "column that says whether it is on the ground",
        when=_make_test_whether_role_column_has_flags("on_ground"),
    ),
    FactDeclaration(
        "takeoff_landing", "column that says whether it is flying",
        when=_make_test_whether_role_column_has_flags("flying"),
    ),
    FactDeclaration("takeoff_landing", "heights above take-off", ("height_ato_m",)),
    FactDeclaration(
        "motor_state", "column that says whether motors run",
        when=_make_test_whether_role_column_has_flags("motors_on"),
    ),
    FactDeclaration(
        "zone_warning", "messages about zones from an app that is known to write them",
        when=_app_writes_zone_messages, not_understood=_explain_missing_messages,
    ),
    FactDeclaration(
        "zone_restriction", "columns about the zones of airports",
        when=_make_test_whether_any_column_has_flags(
            "MC.atAirportAltitudeLimit", "MC.atAirportBoundary"
        ),
    ),
    FactDeclaration(
        "limit_reached", "columns about limits that were reached",
        when=_states_flight_limits,
    ),
    FactDeclaration(
        "motor_fault", "columns of faults of motors",
        when=_make_test_whether_any_column_has_flags("OSD.isNotEnoughForce", "OSD.isMotorBlocked"),
    ),
    FactDeclaration(
        "sensor_fault", "column of faults of the compass",
        when=_make_test_whether_any_column_has_flags("OSD.isCompassError", "OSD.compassError"),
    ),
    FactDeclaration(
        "link_loss", "messages about the control link",
        when=_make_test_whether_messages_tell_event_kind("link.lost"),
    ),
    FactDeclaration(
        "failsafe", "messages about fail-safes",
        when=_make_test_whether_messages_tell_event_kind("failsafe"),
    ),
    FactDeclaration(
        "photo", "column of photos of a camera",
        when=_make_test_whether_camera_filled_role_column("photo"),
    ),
    FactDeclaration(
        "video", "column of video of a camera",
        when=_make_test_whether_camera_filled_role_column("video"),
    ),
    FactDeclaration(
        "sensor", "camera or aircraft that is known to have one sensor only",
        when=has_known_sensor_for_every_picture,
    ),
    FactDeclaration("host_name", "messages of the app", when=_has_messages),
    *IDENTITY_FACTS,
)  # fmt: skip
