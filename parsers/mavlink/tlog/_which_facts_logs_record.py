"""What shows that a MAVLink stream carries a fact.

The autopilot reports its state in ``HEARTBEAT`` about once a second, and tells what fails in
``STATUSTEXT`` to everybody, so that a stream with the one would hold the other.
"""

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration, field_values_of_all_records
from .._shared import _which_facts_logs_record as shared_facts
from ._remote_id._own_broadcast import TRANSMITTER

#: MAV_TYPE of a camera.
_CAMERA_TYPE = 30
_REPORTS = ("HEARTBEAT", "STATUSTEXT")
_CAMERA_RECORDS = (
    "CAMERA_CAPTURE_STATUS", "CAMERA_FEEDBACK", "CAMERA_IMAGE_CAPTURED", "CAMERA_INFORMATION",
    "CAMERA_SETTINGS", "CAMERA_TRIGGER",
)  # fmt: skip
_STREAMS = ("VIDEO_STREAM_INFORMATION", "VIDEO_STREAM_STATUS")


def _has_camera(log: Log) -> bool:
    """Return whether a camera sends heartbeats, or the autopilot is set up for one."""
    types = field_values_of_all_records(log, "HEARTBEAT", "type")
    if types is not None and (types == _CAMERA_TYPE).any():
        return True
    return shared_facts.is_camera_configured_by_parameters(
        shared_facts.last_parameter_values(log, "PARAM_VALUE", "param_id", "param_value")
    )


def _has_messages_of_remote_id_transmitter(log: Log) -> bool:
    """Return whether a transmitter states what it broadcasts; others only tell it what to."""
    return bool(log.events["record"].str.endswith(f".{TRANSMITTER}").any())


def _would_log_motor_fault(log: Log) -> bool:
    options = shared_facts.last_parameter_values(log, "PARAM_VALUE", "param_id", "param_value")
    return shared_facts.would_report_lost_thrust(log, options.get("FLIGHT_OPTIONS", 0.0))


FACTS = (
    *shared_facts.TRACK_FACTS,
    *shared_facts.LOG_FACTS,
    FactDeclaration(
        "takeoff_landing", "HEARTBEAT or EXTENDED_SYS_STATE messages",
        records=("HEARTBEAT", "EXTENDED_SYS_STATE"),
    ),
    FactDeclaration("motor_state", "HEARTBEAT messages", records=("HEARTBEAT",)),
    FactDeclaration("failsafe", "HEARTBEAT or STATUSTEXT messages", records=_REPORTS),
    FactDeclaration(
        "motor_fault", "STATUSTEXT messages of a firmware that looks for lost thrust",
        records=_REPORTS, when=_would_log_motor_fault,
    ),
    FactDeclaration("sensor_fault", "HEARTBEAT or STATUSTEXT messages", records=_REPORTS),
    FactDeclaration("link_loss", "HEARTBEAT or STATUSTEXT messages", records=_REPORTS),
    FactDeclaration("record_framing", "length and checksum of each message"),
    FactDeclaration("fence_breach", "FENCE_STATUS messages", records=("FENCE_STATUS",)),
    FactDeclaration(
        "fence_breach", "FENCE_STATUS messages, or a fence that is on",
        when=shared_facts.has_enabled_fence,
    ),
    FactDeclaration(
        "limit_reached", "a greatest height or distance that is on",
        when=shared_facts.has_enabled_height_or_distance_limit,
    ),
    FactDeclaration("photo", "camera messages", records=_CAMERA_RECORDS),
    FactDeclaration("photo", "camera messages, or a camera that is set up", when=_has_camera),
    FactDeclaration(
        "video", "camera messages", records=("CAMERA_CAPTURE_STATUS", "CAMERA_INFORMATION")
    ),
    FactDeclaration("sensor", "messages about video streams", records=_STREAMS),
    FactDeclaration("live_stream", "messages about video streams", records=_STREAMS),
    FactDeclaration(
        "remote_id_broadcast", "OPEN_DRONE_ID messages of the transmitter",
        when=_has_messages_of_remote_id_transmitter,
    ),
    FactDeclaration(
        "operator_identity", "OPEN_DRONE_ID_OPERATOR_ID messages",
        records=("OPEN_DRONE_ID_OPERATOR_ID", "OPEN_DRONE_ID_MESSAGE_PACK"),
    ),
    FactDeclaration(
        "host_name", "addresses in messages of the autopilot and its cameras",
        records=("STATUSTEXT", "CAMERA_INFORMATION", *_STREAMS),
    ),
)  # fmt: skip
