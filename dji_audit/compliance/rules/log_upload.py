"""No log was sent to a service that analyses logs or crashes.

Ground stations upload autopilot logs to public analysis sites automatically once an e-mail
address is entered, and apps send reports of crashes to their makers.  A mark on the disk, such as
the file that QGroundControl leaves beside an uploaded log, is a *confirmed upload* without any
capture.  A service for crashes that is built into many apps, such as Crashlytics, proves no report
of a flight app: `third_party_sdk` lists it.
"""

from dji_audit.compliance.network import HostContacts
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared import _network_rules as network_rules
from dji_audit.compliance.rules._shared._example_flights import (
    CAPTURE_TOO_SHORT,
    MAPS,
    example_flight_with_contacts,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, RuleInputs
from dji_audit.flights import Flight


def _host_accepts_logs(contact: HostContacts) -> bool:
    """Return whether a service accepts logs, or the crash reports of its own apps."""
    return any(
        row.category == "log_upload"
        or (row.category == "crash_reporting" and row.specificity == "vendor")
        for row in contact.catalogue_match.rows
    )


def check(
    flight: Flight, parameters: network_rules.NetworkRuleParameters, inputs: RuleInputs
) -> CheckResult:
    """List each contact with a service for logs or crashes."""
    host_check = network_rules.network_rule_inputs(flight, parameters, inputs)
    breaches, informational = network_rules.breach_and_informational_host_findings(
        host_check,
        lambda contact: (
            _host_accepts_logs(contact)
            or (
                contact.claim == "confirmed_upload"
                and not contact.is_external
                and not contact.is_local
            )
        ),
        lambda contact: (
            network_rules.catalogue_operator_and_purpose_text(contact.catalogue_match)
            if contact.is_external
            else ", to a server without a name"
        ),
    )
    return host_check.check_result(
        breaches,
        informational,
        "There was no contact with a service that accepts logs or crashes.",
        f"Logs or crash reports may have been sent to: {network_rules.host_list_text(breaches)}.",
    )


_LOGS = example_tls_contact("logs.px4.io", path="/upload", protocol="https", bytes_up=9_000_000)

_EXAMPLES = (
    example_flight_with_contacts(Outcome.FAIL, "a log sent to a public analysis site", _LOGS),
    example_flight_with_contacts(
        Outcome.PASS,
        "a crash report to a service that is built into many apps",
        example_tls_contact("app.crashlytics.com"),
    ),
    example_flight_with_contacts(Outcome.PASS, "a map fetched, and nothing else", MAPS),
    CAPTURE_TOO_SHORT,
)
RULE = network_rules.build_network_rule(
    "log_upload",
    "No log was sent to a service that analyses logs",
    network_rules.NetworkRuleParameters,
    check,
    _EXAMPLES,
)
