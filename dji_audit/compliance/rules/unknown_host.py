"""Every computer that was contacted is in the catalogue, or accepted by the unit.

The rule lists every host or address with a contact that is neither in the catalogue nor among
``allowed_hosts``.  An unknown host is not a bad host: the catalogue holds only hosts that a
source names.  Addresses of the local network are counted and not listed.

An address without a name is described by the hosting company that publishes its range, if one
does.  The company is not who used it, and the range does not make the address known.
"""

from dataclasses import replace

from dji_audit.compliance.findings import Finding
from dji_audit.compliance.network import OTHER_AIRCRAFT, HostContacts
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules._shared import _network_rules as network_rules
from dji_audit.compliance.rules._shared._example_flights import (
    CAPTURE_TOO_SHORT,
    MAPS,
    example_flight_with_contacts,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, RuleInputs
from dji_audit.flights import Flight

#: Hosts listed one by one; the rest are counted, and are in the contacts of the report.
_LISTED = 100


def check(
    flight: Flight, parameters: network_rules.NetworkRuleParameters, inputs: RuleInputs
) -> CheckResult:
    """List each host that is neither known nor accepted."""
    host_check = network_rules.network_rule_inputs(flight, parameters, inputs)
    contacts = [
        contact
        for contact in host_check.hosts
        if contact.is_external and contact.is_contacted and not contact.catalogue_match.rows
    ]
    unknown = [contact for contact in contacts if not contact.is_allowed]
    listed_hosts, further_hosts = unknown[:_LISTED], unknown[_LISTED:]
    findings = [
        host_check.finding(contact, _why_host_unknown_text(contact)) for contact in listed_hosts
    ]
    if further_hosts:
        findings.append(_finding_for_hosts_beyond_listed_number(further_hosts, host_check))
    accepted = [contact for contact in contacts if contact.is_allowed][:_LISTED]
    return host_check.check_result(
        findings,
        [
            host_check.finding(contact, _why_host_unknown_text(contact), severity=Severity.REMARK)
            for contact in accepted
        ],
        "Every computer contacted is known or accepted. "
        f"Hosts: {_contacted_host_numbers_text(host_check)}.",
        f"Unknown computers were contacted. Hosts: {_contacted_host_numbers_text(host_check)}.",
    )


def _why_host_unknown_text(contact: HostContacts) -> str:
    return (
        f", {contact.unnamed_host_text}{_apps_that_contacted_text(contact)}"
        if contact.unnamed_host_text
        else ", which the catalogue does not know"
    )


def _apps_that_contacted_text(contact: HostContacts) -> str:
    """Return the apps that used an address, which with its bytes are all that is known of it."""
    return f"; used by {', '.join(sorted(contact.apps))}" if contact.apps else ""


def _contacted_host_numbers_text(host_check: network_rules.NetworkRuleInputs) -> str:
    external = [
        contact for contact in host_check.hosts if contact.is_contacted and contact.is_external
    ]
    known_count = sum(bool(contact.catalogue_match.rows) for contact in external)
    accepted_count = sum(
        contact.is_allowed and not contact.catalogue_match.rows for contact in external
    )
    unnamed_count = sum(
        not (contact.has_name or contact.catalogue_match.rows or contact.is_allowed)
        for contact in external
    )
    local_count = sum(contact.is_contacted and contact.is_local for contact in host_check.hosts)
    counts = [
        (len(external), "contacted"),
        (known_count, "in the catalogue"),
        (accepted_count, "accepted"),
        (len(external) - known_count - accepted_count - unnamed_count, "unknown names"),
        (unnamed_count, "addresses without a name"),
        (local_count, "of the local network"),
        (sum(contact.claim == "attempted" for contact in host_check.hosts), "only attempted"),
    ]
    if other_count := sum(contact.claim == OTHER_AIRCRAFT for contact in host_check.hosts):
        counts.append((other_count, "not shown to be of this aircraft"))
    return ", ".join(f"{what} {count}" for count, what in counts)


def _finding_for_hosts_beyond_listed_number(
    further_hosts: list[HostContacts], host_check: network_rules.NetworkRuleInputs
) -> Finding:
    """Return one finding for the hosts beyond the number listed."""
    first = host_check.finding(further_hosts[0], _why_host_unknown_text(further_hosts[0]))
    summary = (
        f"Contact with {len(further_hosts)} further hosts that the catalogue does not know, from "
        f"{further_hosts[0].host} on; all are in the list of contacts."
    )
    return replace(first, summary=summary, subject=None)


_EXAMPLES = (
    example_flight_with_contacts(
        Outcome.FAIL, "an unknown host", MAPS, example_tls_contact("shop.example.org")
    ),
    example_flight_with_contacts(
        Outcome.PASS,
        "a host that the unit accepts",
        MAPS,
        example_tls_contact("shop.example.org"),
        parameters={"allowed_hosts": ["example.org"]},
    ),
    CAPTURE_TOO_SHORT,
)
RULE = network_rules.build_network_rule(
    "unknown_host",
    "Every computer contacted is known or accepted",
    network_rules.NetworkRuleParameters,
    check,
    _EXAMPLES,
)
