"""Every computer that was talked to is known, or accepted by the unit.

The inventory: whatever host or address was met and stands neither in the
catalogue nor among ``allowed_hosts``.  That a host is not known says nothing bad
of it; the catalogue holds what a source named.  Addresses of the local network
are counted and not listed.
"""

from dataclasses import replace

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.network import Met
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._network import (
    Look,
    NetworkParameters,
    look,
)
from dji_audit.compliance.rules._network_example import FLIGHT, MAPS, network, talk
from dji_audit.compliance.rules._rule import Inputs, Parameters, Rule, Verdict
from dji_audit.flights import Flight

#: Hosts listed one by one; the rest are counted, and stand in the report's contacts.
_LISTED = 100


class UnknownHost(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each host that is neither known nor accepted."""
    if not isinstance(parameters, UnknownHost):
        raise TypeError("unknown_host takes UnknownHost")
    seen = look(flight, parameters, inputs)
    met = [one for one in seen.met if one.outside and one.talked and not one.known.rows]
    unknown = [one for one in met if not one.allowed]
    listed, rest = unknown[:_LISTED], unknown[_LISTED:]
    findings = [seen.finding(RULE.id, one, inputs.severity, _told(one)) for one in listed]
    if rest:
        findings.append(_counted(rest, seen))
    accepted = [one for one in met if one.allowed][:_LISTED]
    return seen.verdict(
        findings,
        [seen.finding(RULE.id, one, Severity.INFO, _told(one)) for one in accepted],
        f"Every computer met is known or accepted. Inventory: {_inventory(seen)}.",
        f"Computers that nobody knows were met. Inventory: {_inventory(seen)}.",
    )


def _told(met: Met) -> str:
    return ", which the catalogue does not know" if met.named else ", an address without a name"


def _inventory(seen: Look) -> str:
    outside = [met for met in seen.met if met.talked and met.outside]
    known = sum(bool(met.known.rows) for met in outside)
    accepted = sum(met.allowed and not met.known.rows for met in outside)
    bare = sum(not (met.named or met.known.rows or met.allowed) for met in outside)
    local = sum(met.talked and met.local for met in seen.met)
    counts = (
        (len(outside), "met"),
        (known, "in the catalogue"),
        (accepted, "accepted"),
        (len(outside) - known - accepted - bare, "unknown names"),
        (bare, "addresses without a name"),
        (local, "of the local network"),
        (sum(met.claim == "attempted" for met in seen.met), "only attempted"),
    )
    return ", ".join(f"{what} {count}" for count, what in counts)


def _counted(rest: list[Met], seen: Look) -> Finding:
    """Return one finding for the hosts that are not listed one by one."""
    first = seen.finding(RULE.id, rest[0], seen.inputs.severity, _told(rest[0]))
    told = f"{len(rest)} further hosts that nobody knows, from {rest[0].host} on"
    return replace(first, summary=told, subject=None)


RULE = Rule(
    "unknown_host",
    "Every computer that was talked to is known or accepted",
    "Contacts of network logs and of the flight's own logs.",
    "Too little of the window was watched, or names were hidden; what was seen is listed.",
    UnknownHost,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.FAIL, "a host that nobody knows", **FLIGHT,
            case=network(MAPS, talk("shop.example.org")),
        ),
        Example(
            Outcome.PASS, "a host that the unit accepts", **FLIGHT,
            case=network(MAPS, talk("shop.example.org")),
            parameters={"allowed_hosts": ["example.org"]},
        ),
        Example(
            Outcome.NOT_ASSESSABLE, "a capture of half an hour", **FLIGHT,
            case=network(MAPS, hours=0.5),
        ),
    ),
)  # fmt: skip
