"""There is no contact with third-party services that are built into apps.

Analytics, crash reports, push messages and maps of other companies than the maker are part of
the app.  They learn who uses it, when, and often where.  Many apps contain the same services,
so a contact from a tablet may come from another app than the one that flies; where the capture
names the app, the finding names it too.
"""

from pydantic import Field

from dji_audit.compliance.network import HostContacts
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared import _network_rules as network_rules
from dji_audit.compliance.rules._shared._example_flights import (
    MAPS,
    UPLOAD,
    example_flight_with_contacts,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, RuleInputs
from dji_audit.flights import Flight


class ThirdPartySdkParameters(network_rules.NetworkRuleParameters):
    """Parameters of the rule."""

    allowed_categories: network_rules.HostCategories = Field(
        default_factory=list,
        description="Categories of third-party services that the unit accepts, such as ``maps``.",
    )


def check(flight: Flight, parameters: ThirdPartySdkParameters, inputs: RuleInputs) -> CheckResult:
    """List each contact with a third-party service."""
    host_check = network_rules.network_rule_inputs(flight, parameters, inputs)
    allowed = frozenset(parameters.allowed_categories)
    breaches, informational = network_rules.breach_and_informational_host_findings(
        host_check,
        lambda contact: any(
            row.specificity == "shared_sdk" and row.category not in allowed
            for row in contact.catalogue_match.rows
        ),
        _what_sdk_discloses_text,
    )
    return host_check.check_result(
        breaches,
        informational,
        "There was no contact with a third-party service.",
        f"Contacts with third-party services: {network_rules.host_list_text(breaches)}.",
    )


def _what_sdk_discloses_text(contact: HostContacts) -> str:
    """Return operator, app, and what a service may disclose, in words."""
    by = f", by {', '.join(sorted(contact.apps))}" if contact.apps else ", the app is not known"
    carries = sorted(
        {row.carries for row in contact.catalogue_match.non_generic_catalogue_rows if row.carries}
    )
    what = f", which may disclose {' and '.join(carries)}" if carries else ""
    return f"{network_rules.catalogue_operator_and_purpose_text(contact.catalogue_match)}{by}{what}"


_EXAMPLES = (
    example_flight_with_contacts(Outcome.FAIL, "a map fetched from a third party", MAPS),
    example_flight_with_contacts(
        Outcome.PASS,
        "a map fetched where maps are accepted",
        MAPS,
        parameters={"allowed_categories": ["maps"]},
    ),
    example_flight_with_contacts(
        Outcome.NOT_ASSESSABLE, "a capture of half an hour", UPLOAD, hours=0.5
    ),
)
RULE = network_rules.build_network_rule(
    "third_party_sdk",
    "There was no contact with a third-party service",
    ThirdPartySdkParameters,
    check,
    _EXAMPLES,
)
