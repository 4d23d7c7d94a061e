"""What shows that a ULog carries a fact."""

from collections.abc import Mapping, Sequence

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration
from .._shared._which_facts_logs_record import (
    LOG_FACTS,
    TRACK_FACTS,
    has_enabled_fence,
    has_enabled_height_or_distance_limit,
    last_parameter_values,
)

#: Topic -> fields of which any reports a breach of a fence.
_BREACH_FIELDS: Mapping[str, Sequence[str]] = {
    "geofence_result": ("",),
    "failsafe_flags": ("geofence_breached", "primary_geofence_breached"),
    "vehicle_status": ("geofence_violated",),
}
#: The same for the failure of a motor.
_MOTOR_FIELDS: Mapping[str, Sequence[str]] = {
    "failsafe_flags": ("fd_motor_failure",),
    "vehicle_status": ("engine_failure",),
}
_LINK_FIELDS: Mapping[str, Sequence[str]] = {
    "failsafe_flags": ("manual_control_signal_lost",),
    "vehicle_status": ("gcs_connection_lost", "data_link_lost", "rc_signal_lost"),
}
_REPORTS = ("TEXT", "event")


def _has_records_with_any_of_fields(log: Log, fields: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a topic with one of some fields has records."""
    return any(
        any(not name or name in log.records(topic) for name in names)
        for topic, names in fields.items()
        if log.record_counts.get(topic)
    )


def _would_log_fence_breach(log: Log) -> bool:
    return has_enabled_fence(log) and _has_records_with_any_of_fields(log, _BREACH_FIELDS)


def _would_log_height_or_distance_limit(log: Log) -> bool:
    return has_enabled_height_or_distance_limit(log) and _has_records_with_any_of_fields(
        log, _BREACH_FIELDS
    )


FACTS = (
    *TRACK_FACTS,
    *LOG_FACTS,
    FactDeclaration(
        "takeoff_landing", "vehicle_land_detected or vehicle_status records",
        records=("vehicle_land_detected", "vehicle_status"),
    ),
    FactDeclaration(
        "motor_state", "vehicle_status records", records=("vehicle_status",),
        when=lambda log: _has_records_with_any_of_fields(
            log, {"vehicle_status": ("arming_state",)}
        ),
    ),
    FactDeclaration(
        "failsafe", "vehicle_status records", records=("vehicle_status",),
        when=lambda log: _has_records_with_any_of_fields(log, {"vehicle_status": ("failsafe",)}),
    ),
    FactDeclaration(
        "motor_fault", "failsafe_flags or vehicle_status records",
        when=lambda log: _has_records_with_any_of_fields(log, _MOTOR_FIELDS),
    ),
    FactDeclaration("sensor_fault", "logged texts or events", records=_REPORTS),
    FactDeclaration(
        "link_loss", "failsafe_flags or vehicle_status records",
        when=lambda log: _has_records_with_any_of_fields(log, _LINK_FIELDS),
    ),
    FactDeclaration(
        "fence_breach", "breach flags with a fence that is on", when=_would_log_fence_breach,
    ),
    FactDeclaration(
        "limit_reached",
        "breach flags with a greatest height or distance",
        when=_would_log_height_or_distance_limit,
    ),
    FactDeclaration(
        "photo", "camera_capture or camera_trigger records",
        records=("camera_capture", "camera_trigger"),
    ),
    FactDeclaration(
        "photo", "camera_capture or camera_trigger records, or a trigger that is set up",
        when=lambda log: (
            last_parameter_values(log, "PARAMETER", "key", "value").get("TRIG_MODE", 0) > 0
        ),
    ),
    FactDeclaration(
        "operator_identity", "open_drone_id_operator_id records",
        records=("open_drone_id_operator_id",),
    ),
    FactDeclaration("record_framing", "length of each message"),
    FactDeclaration("host_name", "addresses in logged texts", records=("TEXT", "INFO_MULTIPLE")),
)  # fmt: skip
