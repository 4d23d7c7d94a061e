"""Hosts that the devices of a flight contacted: one row a host, and how much was recorded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from dji_audit.compliance import network as network_findings
from dji_audit.compliance.audit import FlightAudit
from dji_audit.report.json_values import (
    build_dataclass_from_attributes,
    rounded_fraction,
    rounded_or_none,
)

#: Devices, apps, addresses, ports, protocols and paths of a host that are listed.
_MAX_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEvidenceRow:
    """The record that shows a contact."""

    file: str
    sha256: str
    #: SHA-256 of the file on the disk that a member of a container lies in; ``None``: no member.
    container_sha256: str | None
    offset: int
    record: str
    time: pd.Timestamp | None
    #: ``stated`` by the log, or ``declared`` by a person; empty: it has no time.
    time_grade: str
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One host that the devices of a flight, or its auditor, contacted."""

    #: ``None``: a contact in network logs that record no time of a flight.
    flight: str | None
    #: ``device`` or ``auditor``.
    contacted_by: str
    host: str
    has_name: bool
    is_local: bool
    claim: str
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    row_count: int
    bytes_up: int | None
    bytes_down: int | None
    devices: tuple[str, ...]
    apps: tuple[str, ...]
    addresses: tuple[str, ...]
    ports: tuple[int, ...]
    protocols: tuple[str, ...]
    paths: tuple[str, ...]
    operators: tuple[str, ...]
    categories: tuple[str, ...]
    specificities: tuple[str, ...]
    ldm_modules: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    #: Of an address without a name: the hosting company that publishes it, in words; empty: none,
    #: or it has a name.  The company is not who used it.
    hosting: str
    evidence: tuple[ContactEvidenceRow, ...]

    @property
    def what_is_shown(self) -> str:
        """What is shown of a host outside the local network, in words; else where it is."""
        if self.is_local:
            return "in the local network"
        return _SHORT_CLAIMS.get(self.claim, "contacted")


#: Claims weaker than a contact, in the fewest words.
_SHORT_CLAIMS = {
    "other_aircraft": "not shown to be of its aircraft",
    "attempted": "only attempted",
    "indicator": "only named",
}


def host_counts_text(hosts: Iterable[ContactRow]) -> str:
    """Return how many hosts were contacted, and of how many less is shown; empty: there are none.

    Everything that counts hosts says it with this: "5 hosts contacted, 2 only attempted, 1 in the
    local network".
    """
    counts = Counter(host.what_is_shown for host in hosts)
    order = ("contacted", *_SHORT_CLAIMS.values(), "in the local network")
    parts = [f"{counts[words]:,} {words}" for words in order if counts[words]]
    if not parts:
        return ""
    number, _, words = parts[0].partition(" ")
    noun = "host" if number == "1" else "hosts"
    return ", ".join([f"{number} {noun} {words}", *parts[1:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLogRow:
    """One network log: its capture window, and whether it counts as coverage."""

    file: str
    format: str
    clock: str | None
    clock_uncertainty_s: float | None
    #: What a person declared of its clock; empty: nothing.
    clock_declared: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Why it does not count; empty: it does.
    not_counted: str
    flows: int | None
    unnamed_flows: int | None
    blind_spots: Mapping[str, int]
    snap_length: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class UnrecordedSpanRow:
    """A time span of the window that no network log recorded."""

    start: pd.Timestamp
    end: pd.Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMatchSettingsRow:
    """How contacts were matched to the flight."""

    before_takeoff_s: float
    after_landing_s: float
    min_coverage: float
    clock_offset_s: float
    upload_bytes: int
    low_confidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCoverageOfFlightRow:
    """How much of the time window of a flight the network logs recorded."""

    flight: str
    window_start: pd.Timestamp | None
    window_end: pd.Timestamp | None
    covered_fraction: float | None
    text: str
    #: Why the absence of a contact is not conclusive; empty: it is.
    insufficient_reason: str
    gaps: tuple[UnrecordedSpanRow, ...]
    devices: tuple[str, ...]
    by_device: Mapping[str, float | None]
    blind_spots: Mapping[str, int]
    match_settings: ContactMatchSettingsRow
    logs: tuple[NetworkLogRow, ...]


def contact_rows_of_flight(audit: FlightAudit) -> list[ContactRow]:
    """Return a row for each host that a flight's devices contacted, by time of first contact.

    Hosts that the auditor contacted to have its logs decrypted come last, marked as such.
    """
    contacts = audit.network
    if contacts is None:
        return []
    return [
        _contact_row(host, part, audit.flight.id, contacted_by)
        for part, contacted_by in ((contacts, "device"), (contacts.auditor, "auditor"))
        if part is not None
        for host in network_findings.contacts_by_host(part)
    ]


def contact_rows_of_logs_without_flight(
    contacts: network_findings.FlightContacts,
) -> tuple[ContactRow, ...]:
    """Return a row for each host in network logs that record no time of a flight."""
    return tuple(
        _contact_row(host, contacts, None, "device")
        for host in network_findings.contacts_by_host(contacts)
    )


def network_coverage_row(audit: FlightAudit) -> NetworkCoverageOfFlightRow | None:
    """Return how much of a flight's window was recorded; ``None``: it was not evaluated."""
    if audit.network is None:
        return None
    coverage = audit.network.coverage
    window = coverage.window
    return NetworkCoverageOfFlightRow(
        flight=audit.flight.id,
        window_start=window.start if window else None,
        window_end=window.end if window else None,
        covered_fraction=rounded_fraction(coverage.share),
        text=coverage.text,
        insufficient_reason=coverage.insufficient_reason,
        gaps=tuple(UnrecordedSpanRow(start, end) for start, end in coverage.gaps),
        devices=tuple(coverage.devices),
        by_device={device: rounded_fraction(part) for device, part in coverage.by_device.items()},
        blind_spots=coverage.blind_spots,
        match_settings=_contact_match_settings_row(audit.network.settings),
        logs=tuple(_network_log_row(log) for log in coverage.logs),
    )


def _contact_match_settings_row(
    settings: network_findings.ContactMatchSettings,
) -> ContactMatchSettingsRow:
    return build_dataclass_from_attributes(ContactMatchSettingsRow, settings)


def _contact_row(
    host: network_findings.HostContacts,
    contacts: network_findings.FlightContacts,
    flight: str | None,
    contacted_by: str,
) -> ContactRow:
    catalogue_rows = host.catalogue_match.rows
    return build_dataclass_from_attributes(
        ContactRow,
        host,
        flight=flight,
        contacted_by=contacted_by,
        devices=_alphabetically_first_names(host.devices),
        apps=_alphabetically_first_names(host.apps),
        addresses=_alphabetically_first_names(host.addresses),
        ports=tuple(sorted(host.ports)[:_MAX_LISTED]),
        protocols=_alphabetically_first_names(host.protocols),
        paths=_alphabetically_first_names(host.paths),
        operators=tuple(host.catalogue_match.operators),
        categories=tuple(host.catalogue_match.categories),
        specificities=tuple(sorted({row.specificity for row in catalogue_rows})),
        ldm_modules=tuple(sorted({row.ldm_exempt_module for row in catalogue_rows} - {""})),
        jurisdictions=tuple(sorted({row.jurisdiction for row in catalogue_rows} - {""})),
        hosting=""
        if host.hosting_range_publisher is None
        else host.hosting_range_publisher.address_owner_text,
        evidence=tuple(
            build_dataclass_from_attributes(
                ContactEvidenceRow,
                contact,
                file=contacts.logs[contact.log].source.name,
                sha256=contacts.logs[contact.log].source.sha256,
                container_sha256=contacts.logs[contact.log].source.container_sha256,
                record=contact.evidence,
                time_grade=_time_declared_or_stated_word(contact, contacts),
            )
            for contact in host.best_evidence
        ),
    )


def _time_declared_or_stated_word(
    contact: network_findings.ContactAsEvidence, contacts: network_findings.FlightContacts
) -> str:
    if contact.time is None:
        return ""
    return "declared" if contacts.logs[contact.log].clock.declared else "stated"


def _network_log_row(log: network_findings.NetworkLogCoverageOfTimeWindow) -> NetworkLogRow:
    return build_dataclass_from_attributes(
        NetworkLogRow,
        log,
        flows=log.flow_count,
        unnamed_flows=log.unnamed_flow_count,
        blind_spots=dict(sorted(log.blind_spots.items())),
        clock_uncertainty_s=rounded_or_none(log.clock_uncertainty_s, 6),
    )


def _alphabetically_first_names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts)[:_MAX_LISTED])
