"""No sign that flight data went to a server.

What shows it is a contact with a host that takes flight records, media or
telemetry, a broker (MQTT) of a fleet service that is not among ``allowed_hosts``, or
more than asking takes sent to a maker's host of which nobody says what it is for.
A name alone is a *contact*; bytes sent once the flight had begun make it a *probable
upload*; a path that takes uploads, seen in decrypted traffic, a *confirmed* one.  The
finding never says more.

A flight log is not a network capture: names of hosts in it, upload flags and
accounts are *indicators* and fail nothing.  Without network logs that watched the
window, silence is ``not_assessable``, never a pass.
"""

from collections.abc import Iterator

from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.network import Met, Reader
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._network import (
    NetworkParameters,
    Roles,
    hosts_of,
    look,
    marks,
    named_in,
    whose,
)
from dji_audit.compliance.rules._network_example import FLIGHT, MAPS, UPLOAD, network
from dji_audit.compliance.rules._ports import by_port, told_with
from dji_audit.compliance.rules._rule import Inputs, Parameters, Rule, Verdict, evidence
from dji_audit.flights import Flight

#: Grade of a name or a mark in a log: weaker than any contact.
INDICATOR = "indicator"
#: What pilots' apps and docks speak with a fleet service of the unit's choosing.
_BROKERS = frozenset({"mqtt", "mqtts"})


class DataSyncEndpoint(NetworkParameters):
    """Parameters of the rule."""

    #: Roles of hosts that take flight data.
    categories: Roles = Field(
        default_factory=lambda: [
            "cloud_storage",
            "fleet_cloud",
            "flight_record_sync",
            "media_sync",
            "regulator_reporting",
            "telemetry_analytics",
        ]
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Match contacts and names with the catalogue, and list the marks of a sync."""
    if not isinstance(parameters, DataSyncEndpoint):
        raise TypeError("data_sync_endpoint takes DataSyncEndpoint")
    seen = look(flight, parameters, inputs)
    taking = frozenset(parameters.categories)

    def brokered(met: Met) -> str:
        known, least = inputs.case.catalogue, parameters.upload_bytes
        return by_port(met, "fleet_cloud", _BROKERS, known, least) if met.outside else ""

    def syncs(met: Met) -> bool:
        much = met.most_sent >= parameters.upload_bytes
        return met.known.has(taking) or (met.known.unclear and much) or bool(brokered(met))

    broken, listed = hosts_of(seen, RULE.id, syncs, told_with(brokered))
    listed += [
        seen.finding(RULE.id, met, Severity.INFO, whose(met.known))
        for met in seen.met
        if not syncs(met) and taking & set(met.known.categories)
    ]
    listed += _names(flight, Reader(inputs.case.catalogue, parameters.low_confidence))
    listed += marks(flight, ("sync", "account"), RULE.id, INDICATOR)
    return seen.verdict(
        broken,
        listed,
        "No host that takes flight data was met.",
        f"Hosts that take flight data were met: {named_in(broken)}.",
    )


def _names(flight: Flight, reader: Reader) -> Iterator[Finding]:
    """Yield the hosts that stand as text in the flight's logs, known or not."""
    # What a log names, it names once: with its first flight.
    for number, telling in enumerate(flight.tellings):
        for mention in telling.log.mentions if telling.number == 1 else ():
            known = reader.read(mention.host, None)
            shown = evidence(
                flight, mention.source_offset, mention.record, "text", mention.text, number
            )
            yield Finding(
                RULE.id,
                Severity.LOW if known.owned else Severity.INFO,
                f"the log names {mention.host}{whose(known)}",
                INDICATOR,
                (shown,),
                subject=mention.host,
            )


RULE = Rule(
    "data_sync_endpoint",
    "No sign that flight data went to a server",
    "Contacts of network logs and of the flight's own logs; host names, upload and account marks.",
    "Too little of the window was watched, or names were hidden; what was seen is listed.",
    DataSyncEndpoint,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.FAIL, "a flight record sent after landing", **FLIGHT, case=network(UPLOAD)),
        Example(Outcome.PASS, "a map fetched, and nothing else", **FLIGHT, case=network(MAPS)),
        Example(
            Outcome.NOT_ASSESSABLE, "a capture that ends with the flight", **FLIGHT,
            case=network(MAPS, hours=0.5),
        ),
    ),
)  # fmt: skip
