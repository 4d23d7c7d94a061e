"""Shared by the network rules: parameters, one finding per host, the outcome, ports."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

import pandas as pd
from pydantic import AfterValidator, Field

from dji_audit.common.plain_english import as_sentence, pluralised_count
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import Evidence, Finding
from dji_audit.compliance.network import (
    CatalogueMatch,
    ContactAsEvidence,
    ContactMatchSettings,
    ContactTimeWindow,
    FlightContacts,
    HostContacts,
    collect_contacts,
    contacts_by_host,
)
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import fraction_parameter_field
from dji_audit.compliance.rules._shared._example_flights import ExampleFlight
from dji_audit.compliance.rules._shared._finding_sentences import interval_text
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_in_flight_or_network_log,
    evidence_of_record_in_flight_log,
    lat_lon_of_last_fix_before,
)
from dji_audit.compliance.rules._shared._network_recording_data_needs import (
    network_recording_data_needs,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.endpoints import CATEGORIES, CLAIMS, Catalogue
from dji_audit.flights import Flight, events_by_kind

N = TypeVar("N", bound="NetworkRuleParameters")

_STRENGTH = list(CLAIMS)
#: Claim -> beginning of a finding; the host follows.
_WORDS = {
    "indicator": "Not shown to belong to this flight: a trace of",
    "other_aircraft": "Not shown to be of this aircraft: a trace of",
    "attempted": "Attempted contact with",
    "contact": "Contact with",
    "probable_upload": "Probable upload to",
    "confirmed_upload": "Confirmed upload to",
}
#: The same of a host whose name alone was looked up.
_ONLY_LOOKED_UP = "Look-up, and no connection shown, of"


#: What most network rules look at, and when they are not assessable.
CONTACTS = "Contacts of network logs and of the logs of the flight."
CONTACTS_AND_PORTS = (
    "Contacts of network logs and of the logs of the flight: hosts, protocols, ports."
)
NOT_ASSESSABLE = (
    "Too little of the window was recorded and understood, or names were hidden; findings stay "
    "listed."
)


def _refuse_unknown_categories(given: list[str]) -> list[str]:
    if unknown := set(given) - set(CATEGORIES):
        raise ValueError(f"no such category: {', '.join(sorted(unknown))}")
    return given


#: Categories of hosts, as in the catalogue.
HostCategories = Annotated[list[str], AfterValidator(_refuse_unknown_categories)]


class NetworkRuleParameters(ContactMatchSettings):
    """Parameters of every network rule."""

    max_unnamed: float = fraction_parameter_field(
        0.25, "Share of conversations that may have no name for a pass."
    )
    allowed_hosts: list[str] = Field(
        default_factory=list,
        description="Hosts, with all subdomains, that the unit accepts: listed, and not a failure.",
    )

    @property
    def match_settings(self) -> ContactMatchSettings:
        """How contacts are matched to a flight; equal for rules that match in the same way."""
        return ContactMatchSettings(
            **self.model_dump(include=set(ContactMatchSettings.model_fields))
        )


def network_rule_data_needs(parameters: NetworkRuleParameters) -> tuple[DataNeed, ...]:
    """Return what every network rule needs."""
    return network_recording_data_needs(
        parameters.match_settings,
        max_unnamed=parameters.max_unnamed,
        allowed_hosts=tuple(parameters.allowed_hosts),
    )


@dataclass(frozen=True, slots=True, eq=False)
class NetworkRuleInputs:
    """The data of one network rule on one flight."""

    flight: Flight
    parameters: NetworkRuleParameters
    inputs: RuleInputs
    contacts: FlightContacts
    hosts: tuple[HostContacts, ...]

    def finding(
        self, contact: HostContacts, text: str, severity: Severity | None = None
    ) -> Finding:
        """Return the finding of one host, with its strongest claim, bytes, times and evidence."""
        allowed = "; the unit accepts this host" if contact.is_allowed else ""
        link = f"{contact.aircraft_link}; " if contact.aircraft_link else ""
        words = _ONLY_LOOKED_UP if contact.is_only_looked_up else _WORDS[contact.claim]
        return self.inputs.finding(
            f"{words} {contact.host}{text}"
            f"{_describe_contacts(contact, self.contacts)}; {link}"
            f"{_record_and_log_counts_of_contact_text(contact, self.contacts)}"
            f"{_text_of_clock_that_user_declared(contact, self.contacts)}{allowed}.",
            severity=severity,
            grade=contact.claim,
            evidence=[
                part
                for evidence_row in contact.best_evidence
                for part in _contact_evidence(evidence_row, self.contacts)
            ],
            start=contact.first,
            end=contact.last,
            position=lat_lon_of_last_fix_before(self.flight, contact.first),
            subject=contact.host,
        )

    def check_result(
        self,
        breaches: Sequence[Finding],
        informational: Sequence[Finding],
        pass_reason: str,
        fail_reason: str,
    ) -> CheckResult:
        """Return what the check found; whether nothing found is a pass, the needs decide."""
        findings = (*breaches, *(replace(finding, informational=True) for finding in informational))
        if breaches:
            return CheckResult(Outcome.FAIL, fail_reason, findings)
        reason = f"{pass_reason} {as_sentence(self.contacts.coverage.text)}"
        return CheckResult(Outcome.PASS, reason, findings)


def network_rule_inputs(
    flight: Flight, parameters: NetworkRuleParameters, inputs: RuleInputs
) -> NetworkRuleInputs:
    """Return the contacts of a flight by host, in order of the first contact."""
    contacts = collect_contacts(flight, inputs.context, parameters.match_settings)
    return NetworkRuleInputs(
        flight, parameters, inputs, contacts, contacts_by_host(contacts, parameters.allowed_hosts)
    )


def build_network_rule(
    rule_id: str,
    title: str,
    parameters: type[N],
    check: Callable[[Flight, N, RuleInputs], CheckResult],
    examples: tuple[ExampleFlight, ...],
    looks_at: str = CONTACTS,
) -> Rule[N]:
    """Return a rule about contacts alone; an authorisation can cover its findings."""
    return Rule(
        id=rule_id,
        title=title,
        looks_at=looks_at,
        not_assessable=NOT_ASSESSABLE,
        parameters=parameters,
        check=check,
        needs=network_rule_data_needs,
        examples=examples,
        authorisable=True,
    )


def build_streaming_service_rule(
    rule_id: str,
    title: str,
    *,
    category: str,
    protocols: frozenset[str],
    min_bytes: Callable[[NetworkRuleParameters], int],
    no_contact_reason: str,
    contact_reason: str,
    examples: tuple[ExampleFlight, ...],
) -> Rule[NetworkRuleParameters]:
    """Return a rule about one kind of server, which its name, a protocol or a port may show.

    Args:
        rule_id: Id of the rule.
        title: Its title.
        category: Category of the catalogue rows, for hosts and for ports.
        protocols: Names of protocols that are sufficient by themselves.
        min_bytes: Bytes that must be sent where only the port shows it.
        no_contact_reason: Reason of a pass, a sentence.
        contact_reason: Reason of a failure, up to the names of the hosts.
        examples: Its examples.
    """

    def check(flight: Flight, parameters: NetworkRuleParameters, inputs: RuleInputs) -> CheckResult:
        host_check = network_rule_inputs(flight, parameters, inputs)
        breaches, informational = breach_and_informational_streaming_findings(
            host_check, category, protocols, min_bytes(parameters)
        )
        failure = f"{contact_reason} {host_list_text(breaches)}."
        return host_check.check_result(breaches, informational, no_contact_reason, failure)

    return build_network_rule(
        rule_id, title, NetworkRuleParameters, check, examples, CONTACTS_AND_PORTS
    )


def catalogue_operator_and_purpose_text(match: CatalogueMatch) -> str:
    """Return operator and purpose of a host, as the catalogue gives them."""
    if not match.rows:
        return ", which the catalogue does not know"
    text = f" ({', '.join(match.operators)}: {', '.join(match.categories)})"
    return text if match.non_generic_catalogue_rows else f"{text}, a host that many services share"


def host_operator_and_purpose_text(contact: HostContacts) -> str:
    """Return operator and purpose of a host, or what is known of a computer without a name."""
    if contact.unnamed_host_text:
        return f", {contact.unnamed_host_text}"
    return catalogue_operator_and_purpose_text(contact.catalogue_match)


def breach_and_informational_host_findings(
    host_check: NetworkRuleInputs,
    is_relevant_host: Callable[[HostContacts], bool],
    text_of: Callable[[HostContacts], str] = lambda host: catalogue_operator_and_purpose_text(
        host.catalogue_match
    ),
) -> tuple[list[Finding], list[Finding]]:
    """Return a finding for each host that concerns a rule: breaches, and informational ones.

    Attempts, and hosts that the unit accepts, are informational and break nothing.
    """
    breaches, informational = list[Finding](), list[Finding]()
    for contact in host_check.hosts:
        if not is_relevant_host(contact):
            continue
        fails = contact.is_contacted and not contact.is_allowed
        severity = None if fails else Severity.REMARK
        (breaches if fails else informational).append(
            host_check.finding(contact, text_of(contact), severity)
        )
    # The strongest claim first; equal claims in order of the first contact.
    return sorted(breaches, key=lambda finding: -_STRENGTH.index(finding.grade)), informational


def host_list_text(findings: Sequence[Finding]) -> str:
    """Return the hosts of some findings, at most four by name."""
    names = list(dict.fromkeys(str(finding.subject) for finding in findings))
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


#: Record and field -> what a mark there means, and the sentence in which a run says it once.
_MARKS = {
    "Details.needs_upload": (
        "The app marked this flight record as still to be sent, as far as the name of the field "
        "says (needs_upload is {value:.0f}); that it was sent is not shown.",
        "Flights whose record the app marked as still to be sent (needs_upload; it does not show "
        "that it was): {{count}}.",
    ),
    "Details.account_hash": (
        "The app was logged in to an account of the maker when it wrote this flight record; the "
        "record keeps part of the account's hash.",
        "Flights recorded while the app was logged in to an account of the maker: {{count}}.",
    ),
}


def logged_network_setting_remarks(
    flight: Flight, kinds: Sequence[str], inputs: RuleInputs, grade: str
) -> Iterator[Finding]:
    """Yield remarks about marks of some kinds in the logs: settings, and no contacts.

    A mark that is off says nothing.
    """
    events = events_by_kind(flight)
    rows = events.rows_of_kinds(*kinds)
    columns = ("text", "value", "record", "source_offset", "source_index")
    for text, value, name, offset, log in zip(
        *(events.column_values(column, rows) for column in columns), strict=True
    ):
        if _upload_flag_value_means_off(str(name), value) or str(text).startswith("not "):
            continue
        record, _, field = str(name).partition(".")
        log_bytes = evidence_of_record_in_flight_log(
            flight,
            offset=int(offset),
            record=record,
            field=field or "text",
            value=str(text),
            source_index=int(log),
        )
        summary, run_remark = _MARKS.get(str(name), ("", ""))
        yield inputs.finding(
            summary.format(value=value) or as_sentence(str(text)),
            severity=Severity.REMARK,
            grade=grade,
            evidence=(log_bytes,),
            informational=True,
            run_remark=run_remark.format(),
        )


def _upload_flag_value_means_off(name: str, value: float) -> bool:
    """Return whether a mark is off; of ``needs_upload`` the lowest bit is the mark."""
    if name == "Details.needs_upload" and not pd.isna(value):
        return not int(value) & 1
    return value == 0


def _describe_contacts(contact: HostContacts, contacts: FlightContacts) -> str:
    """Return bytes, times and path of the contacts with a host, in words."""
    sent = contact.bytes_up
    parts = [] if sent is None else [f"{pluralised_count(sent, 'byte')} sent"]
    # The strongest claim comes first; the text gives its time.
    time, window = contact.best_evidence[0].time, contacts.contact_time_window
    if time is not None and window is not None:
        when = _contact_times_text(contact, window.flight_start)
        parts.append(f"{when}, {_contact_time_before_or_after_flight_text(contact, time, window)}")
    if contact.paths and contact.catalogue_match.rows:
        parts.append(f"path {' and '.join(sorted(contact.paths)[:2])}")
    return f": {', '.join(parts)}" if parts else ""


def _contact_times_text(contact: HostContacts, flight_start: pd.Timestamp) -> str:
    """Return when there were contacts with a host, with the date where it is another."""
    if contact.row_count == 1:
        return _date_prefix_if_other_day(contact.first, flight_start) + interval_text(
            contact.first, contact.last
        )
    first, last = contact.first, contact.last
    if first is None or last is None or first.floor("s") == last.floor("s"):
        return _date_prefix_if_other_day(first, flight_start) + interval_text(first, None)
    if first.date() != last.date():
        return f"between {first:%Y-%m-%d %H:%M:%S} and {last:%Y-%m-%d %H:%M:%S} UTC"
    date = _date_prefix_if_other_day(first, flight_start)
    return f"{date}between {first:%H:%M:%S} and {last:%H:%M:%S} UTC"


def _date_prefix_if_other_day(time: pd.Timestamp | None, flight_start: pd.Timestamp) -> str:
    """Return the date of a time before its words; empty: it is the date of the flight."""
    if time is None or time.date() == flight_start.date():
        return ""
    return f"on {time:%Y-%m-%d} "


def _record_and_log_counts_of_contact_text(contact: HostContacts, contacts: FlightContacts) -> str:
    """Return how many records of which logs show the contacts with a host, and how many do not."""
    name = contacts.logs[contact.best_evidence[0].log].source.name
    if contact.log_count > 1:
        known = f"known from {contact.row_count:,} records of {contact.log_count} logs"
    elif contact.row_count > 1:
        known = f"known from {contact.row_count:,} records of {name}"
    else:
        known = f"known from {name} ({contact.best_evidence[0].evidence})"
    if not contact.indicator_row_count:
        return known
    further = pluralised_count(contact.indicator_row_count, "further record")
    logs = pluralised_count(contact.indicator_log_count, "log")
    why = (
        "does not count: it has no time, or is only a setting"
        if contact.indicator_row_count == 1
        else "do not count: they have no time, or are only settings"
    )
    return f"{known}; {further} of {logs} {why}"


def _text_of_clock_that_user_declared(contact: HostContacts, contacts: FlightContacts) -> str:
    """Return that the times of a contact are by a clock that a person declared, or empty."""
    declared = dict.fromkeys(
        clock.declared
        for evidence in contact.best_evidence
        if evidence.time is not None and (clock := contacts.logs[evidence.log].clock).declared
    )
    return f"; by a declared clock ({next(iter(declared))})" if declared else ""


def _contact_time_before_or_after_flight_text(
    contact: HostContacts, strongest: pd.Timestamp, window: ContactTimeWindow
) -> str:
    """Return in words how long before or after the flight the contacts with a host were.

    Args:
        contact: The host.
        strongest: When the contact was that makes the claim.
        window: The window of the flight.
    """
    first, last = contact.first, contact.last
    began, ended = window.flight_start, window.flight_end
    if first is not None and last is not None and first < began and last > ended:
        before, after = (began - first).total_seconds(), (last - ended).total_seconds()
        until = f"{_contact_duration_text(after)} after it"
        return f"from {_contact_duration_text(before)} before the flight until {until}"
    return _time_before_or_after_flight_text(strongest, began, ended)


def _time_before_or_after_flight_text(
    time: pd.Timestamp, began: pd.Timestamp, ended: pd.Timestamp
) -> str:
    """Return in words how long before or after the flight a contact was."""
    if time < began:
        return f"{_contact_duration_text((began - time).total_seconds())} before the flight"
    if time > ended:
        return f"{_contact_duration_text((time - ended).total_seconds())} after the flight"
    return "during the flight"


def _contact_duration_text(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _contact_evidence(
    evidence_row: ContactAsEvidence, contacts: FlightContacts
) -> Iterator[Evidence]:
    """Yield the bytes that show a contact, and the bytes that name its host."""
    source, value = contacts.logs[evidence_row.log].source, evidence_row.value
    # The existence of an empty file is the evidence.
    offset = evidence_row.offset if source.size else None
    yield evidence_in_flight_or_network_log(source, offset, evidence_row.evidence, "host", value)
    if evidence_row.name_log >= 0:
        source, offset = contacts.logs[evidence_row.name_log].source, evidence_row.name_offset
        yield evidence_in_flight_or_network_log(source, offset, "look-up", "name", value)


def breach_and_informational_streaming_findings(
    host_check: NetworkRuleInputs, category: str, protocols: frozenset[str], min_bytes: int
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings of external hosts of a category, by name, protocol or port.

    Args:
        host_check: The contacts of a flight.
        category: Category of the catalogue rows, for hosts and for ports.
        protocols: Names of protocols that are sufficient by themselves.
        min_bytes: Bytes that must be sent where only the port shows it.
    """
    catalogue = host_check.inputs.context.catalogue

    def port_evidence_text(contact: HostContacts) -> str:
        return text_of_what_shows_conversation_kind(
            contact,
            category=category,
            protocols=protocols,
            catalogue=catalogue,
            min_bytes=min_bytes,
        )

    def is_relevant_host(contact: HostContacts) -> bool:
        is_named = contact.catalogue_match.has_any_of_categories(frozenset({category}))
        return contact.is_external and (is_named or bool(port_evidence_text(contact)))

    return breach_and_informational_host_findings(
        host_check, is_relevant_host, contact_describing_function(port_evidence_text)
    )


def text_of_what_shows_conversation_kind(
    contact: HostContacts,
    *,
    category: str,
    protocols: frozenset[str],
    catalogue: Catalogue,
    min_bytes: int,
) -> str:
    """Return how protocol or port show the kind of a conversation; empty: they do not.

    Args:
        contact: The host.
        category: Category of the catalogue rows for ports.
        protocols: Names of protocols that are sufficient by themselves.
        catalogue: The catalogue.
        min_bytes: Bytes that must be sent where only the port shows it.
    """
    if contact.is_local:
        return ""
    if used := sorted(contact.protocols & protocols):
        return f", by {' and '.join(used)}"
    if contact.is_contacted and contact.max_bytes_up < min_bytes:
        return ""
    for port in sorted(contact.ports):
        for row in catalogue.match_port(port):
            if row.category == category:
                listeners = row.operator.removeprefix("any ")
                return f", on port {port}, the port of {listeners}s"
    return ""


def contact_describing_function(
    kind_text: Callable[[HostContacts], str],
) -> Callable[[HostContacts], str]:
    """Return a function that gives operator, purpose, how the kind is shown, and who hosts."""

    def contact_text(contact: HostContacts) -> str:
        match, hosting = contact.catalogue_match, contact.hosting_range_publisher
        operator = catalogue_operator_and_purpose_text(match) if match.rows else ""
        holder = "" if hosting is None else f", {hosting.address_owner_text}"
        return f"{operator}{kind_text(contact)}{holder}"

    return contact_text
