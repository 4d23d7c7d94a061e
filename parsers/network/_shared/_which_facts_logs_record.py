"""What shows that a network log carries a fact."""

from ..._model import Log
from ..._which_facts_logs_record import FactDeclaration


def _has_flows_and_recording_times(log: Log) -> bool:
    """Return whether the log holds conversations, and at some time was recording."""
    window = log.capture_window
    if window is None or window.flow_count is None or window.recorded is None:
        return False
    return bool(window.recorded.intervals)


def _has_contacted_host_names(log: Log) -> bool:
    return bool(log.contacts["host"].notna().any())


def _has_times(log: Log) -> bool:
    return bool(log.contacts["time"].notna().any())


#: Facts of every log of contacts.  A log of look-ups alone carries names and no contact.
CONTACT_FACTS = (
    FactDeclaration(
        "contact", "conversations with other computers", when=_has_flows_and_recording_times
    ),
    FactDeclaration(
        "host_name", "names of hosts that were contacted", when=_has_contacted_host_names
    ),
    FactDeclaration("clock_utc", "times of contacts", when=_has_times),
)
#: Facts of the marks that a ground station leaves beside a log that it sent.
UPLOAD_MARK_FACTS = (FactDeclaration("upload_mark", "marks of logs that were sent"),)
