"""Contacts of a flight: time window, network coverage, and what each contact claims.

Contacts of the network logs of a run are matched to a flight by device and by a time
window around the flight.  The share of the window that was recorded decides whether the
absence of a contact is conclusive; without a network log no rule passes.

Import from this package only, not from its private modules.
"""

from dji_audit.compliance.network._classify_uploads import CatalogueMatch, CatalogueMatcher
from dji_audit.compliance.network._contact_attribution import OTHER_AIRCRAFT, drone_makers_named_in
from dji_audit.compliance.network._flight_contacts import (
    FlightContacts,
    collect_contacts,
    collect_contacts_without_flight,
    is_log_of_auditors_key_requests,
)
from dji_audit.compliance.network._flight_time_window import (
    ContactMatchSettings,
    ContactTimeWindow,
    time_window_for_contacts,
)
from dji_audit.compliance.network._host_contacts import (
    ContactAsEvidence,
    HostContacts,
    clear_host_cache,
    contacts_by_host,
)
from dji_audit.compliance.network._network_coverage import (
    NetworkCoverage,
    NetworkLogCoverageOfTimeWindow,
)
from dji_audit.flights import clear_flight_caches

__all__ = [
    "OTHER_AIRCRAFT",
    "CatalogueMatch",
    "CatalogueMatcher",
    "ContactAsEvidence",
    "ContactMatchSettings",
    "ContactTimeWindow",
    "FlightContacts",
    "HostContacts",
    "NetworkCoverage",
    "NetworkLogCoverageOfTimeWindow",
    "clear_contact_caches",
    "collect_contacts",
    "collect_contacts_without_flight",
    "contacts_by_host",
    "is_log_of_auditors_key_requests",
    "time_window_for_contacts",
]


def clear_contact_caches() -> None:
    """Empty the caches of contacts and flights, so that no evidence stays in memory after a run."""
    collect_contacts.cache_clear()
    clear_host_cache()
    drone_makers_named_in.cache_clear()
    clear_flight_caches()
