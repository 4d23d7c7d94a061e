"""No position was disclosed to an RTK correction service.

A network RTK service computes corrections for the position of the receiver, so the receiver
sends its position repeatedly.  A contact with a known caster, an NTRIP conversation, or any
bytes sent to the NTRIP port (2101) show this.  List the caster that the unit has chosen in
``allowed_hosts``.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._shared._example import (
    CAPTURE_TOO_SHORT,
    example_tls_contact,
    example_with_contacts,
)
from dji_audit.compliance.rules._shared._network_rules import (
    CONTACTS_AND_PORTS,
    NetworkParameters,
    hosts_text,
    network_rule,
    network_rule_inputs,
    port_findings,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, RuleInputs
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"ntrip", "rtcm"})


class RtkPositionDisclosureParameters(NetworkParameters):
    """Parameters of the rule."""


def check(
    flight: Flight, parameters: RtkPositionDisclosureParameters, inputs: RuleInputs
) -> CheckResult:
    """List each contact with an RTK caster."""
    host_check = network_rule_inputs(flight, parameters, inputs)
    breaches, informational = port_findings(host_check, "ntrip_rtk", _PROTOCOLS, 1)
    return host_check.check_result(
        breaches,
        informational,
        "There was no contact with an RTK caster.",
        f"The position may have been disclosed to {hosts_text(breaches)}.",
    )


_CASTER = example_tls_contact("dps.djiservice.org", port=2101, protocol="tcp")
_CHOSEN_CASTER = {"allowed_hosts": ["djiservice.org"]}

_EXAMPLES = (
    example_with_contacts(Outcome.FAIL, "a contact with the caster of the maker", _CASTER),
    example_with_contacts(
        Outcome.PASS,
        "a contact with the caster that the unit has chosen",
        _CASTER,
        parameters=_CHOSEN_CASTER,
    ),
    CAPTURE_TOO_SHORT,
)
RULE = network_rule(
    "rtk_position_disclosure",
    "No position was disclosed to an RTK correction service",
    RtkPositionDisclosureParameters,
    check,
    _EXAMPLES,
    CONTACTS_AND_PORTS,
)
