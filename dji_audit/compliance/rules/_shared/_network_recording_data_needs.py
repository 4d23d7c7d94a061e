"""What the network rules rest on: that the network was recorded, and that hosts had names."""

from typing import Any

from dji_audit.common.plain_english import percent_text
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.compliance.network import (
    ContactMatchSettings,
    FlightContacts,
    HostContacts,
    collect_contacts,
    contacts_by_host,
)
from dji_audit.flights import Flight

_RECORD_ALL = (
    "Give a capture of all traffic of the devices, from {before} before take-off to {after} after "
    "landing, and name each device with --device."
)
#: Addresses that are listed by name.
_MAX_LISTED = 3


def network_recording_data_needs(
    settings: ContactMatchSettings, *, max_unnamed: float, allowed_hosts: tuple[str, ...]
) -> tuple[DataNeed, DataNeed]:
    """Return the needs that the network was recorded, and that the hosts contacted had names.

    Args:
        settings: How contacts are matched to a flight, and the share that must be recorded.
        max_unnamed: Share of the conversations with other computers that may have no name.
        allowed_hosts: Hosts that the unit accepts: they need no name.
    """

    def collected(flight: Flight, context: AuditContext) -> FlightContacts:
        return collect_contacts(flight, context, settings)

    def observe_recording(
        flight: Flight, _parameters: Any, context: AuditContext
    ) -> DataNeedObservation:
        return _availability_of_network_recording(collected(flight, context))

    def observe_names(
        flight: Flight, _parameters: Any, context: AuditContext
    ) -> DataNeedObservation:
        return _availability_of_host_names(collected(flight, context), allowed_hosts)

    window = (
        f"from {_period_in_policy_units_text(settings.before_takeoff_s)} before take-off to "
        f"{_period_in_policy_units_text(settings.after_landing_s)} after landing"
    )
    return (
        DataNeed(
            "network",
            observe_recording,
            settings.min_coverage,
            "conversations of the devices with other computers, in records that were understood, "
            f"for {percent_text(settings.min_coverage)} of the time {window}, and as much of the "
            "flight itself",
        ),
        DataNeed(
            "network",
            observe_names,
            1 - max_unnamed,
            "names of the computers contacted, for "
            f"{percent_text(1 - max_unnamed)} of the conversations",
        ),
    )


def _availability_of_network_recording(contacts: FlightContacts) -> DataNeedObservation:
    """Return how much of the window of a flight was recorded and understood."""
    coverage = contacts.coverage
    reason = coverage.insufficient_reason
    share = min(coverage.share, coverage.flight_share)
    settings = contacts.settings
    return DataNeedObservation(
        subject="conversations of the devices",
        # A tunnel may have carried everything, however long it was recorded.
        share=0.0 if reason and share >= settings.min_coverage else share,
        intervals=coverage.intervals,
        sources=tuple(log.file for log in coverage.logs_that_count_as_coverage),
        reason=reason,
        remedy=_RECORD_ALL.format(
            before=_period_in_policy_units_text(settings.before_takeoff_s),
            after=_period_in_policy_units_text(settings.after_landing_s),
        )
        if reason
        else "",
    )


def _availability_of_host_names(
    contacts: FlightContacts, allowed_hosts: tuple[str, ...]
) -> DataNeedObservation:
    """Return for how many of the conversations it is known with whom they were."""
    subject = "names of the computers contacted"
    hosts = [
        host
        for host in contacts_by_host(contacts, allowed_hosts)
        if host.is_contacted and host.is_external
    ]
    total = sum(host.conversation_count for host in hosts)
    unnamed = sum(
        host.conversation_count
        for host in hosts
        if not _is_host_named_allowed_or_in_catalogue(host)
    )
    counted = contacts.coverage.logs_that_count_as_coverage
    sources = tuple(log.file for log in counted)
    if not counted and not hosts:
        return DataNeedObservation.for_subject_not_seen(
            subject, contacts.coverage.insufficient_reason
        )
    if large := _large_unnamed_uploads_text(contacts, hosts):
        return DataNeedObservation.for_subject_not_seen(
            subject, large, "Record the look-ups of the devices as well."
        )
    if total:
        share = 1 - unnamed / total
        reason = (
            f"{unnamed:,} of {total:,} conversations have no name, so the absence of a name "
            "proves nothing."
            if unnamed
            else ""
        )
        return DataNeedObservation(subject=subject, share=share, sources=sources, reason=reason)
    flows = sum(log.flow_count or 0 for log in counted)
    if flows and flows == sum(log.unnamed_flow_count or 0 for log in counted):
        return DataNeedObservation.for_subject_not_seen(
            subject,
            f"None of the {flows:,} conversations in the network logs has a name, so the absence "
            "of a name proves nothing.",
        )
    return DataNeedObservation.for_subject_seen_in_full(subject, *sources)


def _is_host_named_allowed_or_in_catalogue(host: HostContacts) -> bool:
    return host.has_name or host.is_allowed or bool(host.catalogue_match.rows)


def _large_unnamed_uploads_text(contacts: FlightContacts, hosts: list[HostContacts]) -> str:
    """Return that more bytes than a request needs went to hosts without a public name, or "".

    All conversations with a host count together: many small ones carry as much as a large one.
    """
    min_bytes = contacts.settings.upload_bytes
    addresses = [
        host.host
        if host.hosting_range_publisher is None
        else f"{host.host} ({host.hosting_range_publisher.company})"
        for host in hosts
        if not _is_host_named_allowed_or_in_catalogue(host) and (host.bytes_up or 0) >= min_bytes
    ]
    if not addresses:
        return ""
    more = f" and {len(addresses) - _MAX_LISTED} more" if len(addresses) > _MAX_LISTED else ""
    return (
        f"More than {min_bytes:,} bytes went to {', '.join(addresses[:_MAX_LISTED])}{more}, "
        "without a public name: their operator is not known."
    )


def _period_in_policy_units_text(seconds: float) -> str:
    """Return a period in the unit in which policies give it: "10 min", "24 h"."""
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
