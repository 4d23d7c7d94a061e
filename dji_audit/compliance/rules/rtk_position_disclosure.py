"""No position was told to a caster of corrections.

A network RTK service computes corrections for where the receiver is, so the
receiver tells it, again and again.  A host that is known for it, a conversation by
NTRIP, or the port of casters (2101) with anything sent to it shows one.  The
caster that the unit has chosen belongs among ``allowed_hosts``.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.network import Met
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._network import (
    NetworkParameters,
    hosts_of,
    look,
    named_in,
)
from dji_audit.compliance.rules._network_example import FLIGHT, MAPS, network, talk
from dji_audit.compliance.rules._ports import by_port, told_with
from dji_audit.compliance.rules._rule import Inputs, Parameters, Rule, Verdict
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"ntrip", "rtcm"})


class RtkPositionDisclosure(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each caster of corrections that was met."""
    if not isinstance(parameters, RtkPositionDisclosure):
        raise TypeError("rtk_position_disclosure takes RtkPositionDisclosure")
    seen = look(flight, parameters, inputs)
    known = inputs.case.catalogue

    def shown(met: Met) -> str:
        return by_port(met, "ntrip_rtk", _PROTOCOLS, known, 1)

    broken, listed = hosts_of(
        seen,
        RULE.id,
        lambda met: met.outside and (met.known.has(frozenset({"ntrip_rtk"})) or bool(shown(met))),
        told_with(shown),
    )
    return seen.verdict(
        broken,
        listed,
        "No caster of corrections was met.",
        f"The position may have been told to {named_in(broken)}.",
    )


_CASTER = talk("dps.djiservice.org", port=2101, protocol="tcp")

RULE = Rule(
    "rtk_position_disclosure",
    "No position was told to a caster of corrections",
    "Contacts of network logs and of the flight's own logs: hosts, protocols, ports.",
    "Too little of the window was watched, or names were hidden; what was seen is listed.",
    RtkPositionDisclosure,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.FAIL, "the maker's caster", **FLIGHT, case=network(_CASTER)),
        Example(
            Outcome.PASS, "the caster that the unit has chosen", **FLIGHT, case=network(_CASTER),
            parameters={"allowed_hosts": ["djiservice.org"]},
        ),
        Example(
            Outcome.NOT_ASSESSABLE, "a capture of half an hour", **FLIGHT,
            case=network(MAPS, hours=0.5),
        ),
    ),
)  # fmt: skip
