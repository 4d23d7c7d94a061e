"""No position was disclosed to an RTK correction service.

A network RTK service computes corrections for the position of the receiver, so the receiver
sends its position repeatedly.  A contact with a known caster, an NTRIP conversation, or any
bytes sent to the NTRIP port (2101) show this.  List the caster that the unit has chosen in
``allowed_hosts``.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._example import CAPTURE_TOO_SHORT, example_contact, network_example
from dji_audit.compliance.rules._network import (
    CONTACTS_AND_PORTS,
    NOT_ASSESSABLE,
    NetworkParameters,
    hosts_text,
    network_check,
    port_findings,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"ntrip", "rtcm"})


class RtkPositionDisclosureParameters(NetworkParameters):
    """Parameters of the rule."""


def check(
    flight: Flight, parameters: RtkPositionDisclosureParameters, inputs: RuleInputs
) -> CheckResult:
    """List each contact with an RTK caster."""
    host_check = network_check(flight, parameters, inputs)
    breaches, informational = port_findings(host_check, "ntrip_rtk", _PROTOCOLS, 1)
    return host_check.result(
        breaches,
        informational,
        "There was no contact with an RTK caster.",
        f"The position may have been disclosed to {hosts_text(breaches)}.",
    )


_CASTER = example_contact("dps.djiservice.org", port=2101, protocol="tcp")

RULE = Rule(
    id="rtk_position_disclosure",
    title="No position was disclosed to an RTK correction service",
    looks_at=CONTACTS_AND_PORTS,
    not_assessable=NOT_ASSESSABLE,
    parameters=RtkPositionDisclosureParameters,
    check=check,
    authorisable=True,
    examples=(
        network_example(
            Outcome.FAIL,
            "a contact with the caster of the maker",
            _CASTER,
        ),
        network_example(
            Outcome.PASS,
            "a contact with the caster that the unit has chosen",
            _CASTER,
            parameters={"allowed_hosts": ["djiservice.org"]},
        ),
        CAPTURE_TOO_SHORT,
    ),
)
