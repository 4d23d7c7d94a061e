"""From contacts to what they show of a flight: the window, how much of it was watched, the claims.

Contacts of the run's network logs are joined to a flight by device and by a
window around it.  How much of the window was watched decides what silence is
worth: absence of a capture is never a pass.

This is the only import surface: the modules with an underscore are its parts.
"""

from dji_audit.compliance.network._claims import Known, Reader
from dji_audit.compliance.network._collect import Observation, observe
from dji_audit.compliance.network._coverage import Coverage, Watching
from dji_audit.compliance.network._host_contacts import Contact, Met, hosts_met
from dji_audit.compliance.network._match_settings import Terms, Window, window_of

__all__ = [
    "Contact",
    "Coverage",
    "Known",
    "Met",
    "Observation",
    "Reader",
    "Terms",
    "Watching",
    "Window",
    "hosts_met",
    "observe",
    "window_of",
]
