"""No position was disclosed to an RTK correction service.

A network RTK service computes corrections for the position of the receiver, so the receiver
sends its position repeatedly.  A contact with a known caster, an NTRIP conversation, or any
bytes sent to the NTRIP port (2101) show this.  List the caster that the unit has chosen in
``allowed_hosts``.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.network import HostContacts
from dji_audit.compliance.rules._example import (
    FLIGHT_FIELDS,
    MAPS,
    Example,
    example_contact,
    example_network,
)
from dji_audit.compliance.rules._network import (
    NetworkParameters,
    host_findings,
    hosts_text,
    network_check,
    port_text,
    text_with,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"ntrip", "rtcm"})


class RtkPositionDisclosure(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: RtkPositionDisclosure, inputs: RuleInputs) -> CheckResult:
    """List each contact with an RTK caster."""
    host_check = network_check(flight, parameters, inputs)
    known = inputs.context.catalogue

    def shown(contact: HostContacts) -> str:
        return port_text(
            contact, category="ntrip_rtk", protocols=_PROTOCOLS, catalogue=known, min_bytes=1
        )

    broken, listed = host_findings(
        host_check,
        lambda contact: (
            contact.is_external
            and (
                contact.catalogue_match.has_category(frozenset({"ntrip_rtk"}))
                or bool(shown(contact))
            )
        ),
        text_with(shown),
    )
    return host_check.result(
        broken,
        listed,
        "There was no contact with an RTK caster.",
        f"The position may have been disclosed to {hosts_text(broken)}.",
    )


_CASTER = example_contact("dps.djiservice.org", port=2101, protocol="tcp")

RULE = Rule(
    id="rtk_position_disclosure",
    title="No position was disclosed to an RTK correction service",
    looks_at="Contacts of network logs and of the logs of the flight: hosts, protocols, ports.",
    not_assessable=(
        "Too little of the window was recorded, or names were hidden; findings stay listed."
    ),
    parameters=RtkPositionDisclosure,
    check=check,
    authorisable=True,
    examples=(
        Example(
            Outcome.FAIL,
            "a contact with the caster of the maker",
            **FLIGHT_FIELDS,
            context=example_network(_CASTER),
        ),
        Example(
            Outcome.PASS,
            "a contact with the caster that the unit has chosen",
            **FLIGHT_FIELDS,
            context=example_network(_CASTER),
            parameters={"allowed_hosts": ["djiservice.org"]},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a capture of half an hour",
            **FLIGHT_FIELDS,
            context=example_network(MAPS, hours=0.5),
        ),
    ),
)
