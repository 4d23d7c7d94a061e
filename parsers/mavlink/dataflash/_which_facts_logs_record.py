"""What shows that a DataFlash log carries a fact.

``ERR`` is written only when something fails, so a log without such a record says that nothing did
only where it defines ``ERR`` and holds other reports of the same logger (events, modes, texts), and
only of what its firmware looks for.
"""

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration, field_values_of_all_records
from .._shared import _which_facts_logs_record as shared_facts

#: Records of the same logger as ``ERR``, of which any flight has some.
_REPORTS = ("ERR", "EV", "ARM", "MODE", "MSG")
#: Records that give the state of arming, or whether the vehicle flies.
_ARMING = ("ARM", "EV", "STAT")


def _would_log_errors(log: Log) -> bool:
    if log.record_counts.get("ERR"):
        return True
    defined = field_values_of_all_records(log, "FMT", "Name")
    return defined is not None and "ERR" in defined.tolist()


def _would_log_fence_breach(log: Log) -> bool:
    return shared_facts.has_enabled_fence(log) and _would_log_errors(log)


def _would_log_height_or_distance_limit(log: Log) -> bool:
    return shared_facts.has_enabled_height_or_distance_limit(log) and _would_log_errors(log)


def _would_log_motor_fault(log: Log) -> bool:
    options = shared_facts.last_parameter_values(log, "PARM", "Name", "Value").get(
        "FLIGHT_OPTIONS", 0.0
    )
    return _would_log_errors(log) and shared_facts.would_report_lost_thrust(log, options)


def _is_binary(log: Log) -> bool:
    """Return whether messages have a frame; a log in lines of text has none."""
    return log.source.format_version == "binary"


def _has_camera(log: Log) -> bool:
    return shared_facts.is_camera_configured_by_parameters(
        shared_facts.last_parameter_values(log, "PARM", "Name", "Value")
    )


FACTS = (
    *shared_facts.TRACK_FACTS,
    *shared_facts.LOG_FACTS,
    FactDeclaration("takeoff_landing", "ARM, EV or STAT records", records=_ARMING),
    FactDeclaration("motor_state", "ARM, EV or STAT records", records=_ARMING),
    FactDeclaration("failsafe", "ERR records", records=_REPORTS, when=_would_log_errors),
    FactDeclaration(
        "motor_fault", "ERR records of a firmware that looks for lost thrust", records=_REPORTS,
        when=_would_log_motor_fault,
    ),
    FactDeclaration("sensor_fault", "ERR records", records=_REPORTS, when=_would_log_errors),
    FactDeclaration("link_loss", "ERR records", records=_REPORTS, when=_would_log_errors),
    FactDeclaration(
        "fence_breach", "ERR records with a fence that is on", records=_REPORTS,
        when=_would_log_fence_breach,
    ),
    FactDeclaration(
        "limit_reached", "ERR records with a greatest height or distance", records=_REPORTS,
        when=_would_log_height_or_distance_limit,
    ),
    FactDeclaration(
        "record_framing", "first bytes and length of each message", when=_is_binary
    ),
    FactDeclaration("photo", "CAM or TRIG records", records=("CAM", "TRIG")),
    FactDeclaration("photo", "CAM or TRIG records, or a camera that is set up", when=_has_camera),
    FactDeclaration("host_name", "addresses in MSG texts", records=("MSG",)),
)  # fmt: skip
