"""No sign that flight data went to a server.

A log is not a network capture.  What it can hold is contacts that it recorded,
names of hosts as text, and marks such as an upload flag or a logged-in
account.  Only a contact fails the rule; a name or a mark is listed as an
indicator, and without network evidence the rule stays ``not_assessable``.
"""

from collections.abc import Iterator

from dji_audit.compliance.findings import Finding, Severity
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
)
from dji_audit.flights import Flight

#: Grade of a name or a mark in a log: weaker than any contact.
INDICATOR = "indicator"
#: Rows of a contact that are given as its evidence; the tables hold all.
_SHOWN = 5


class DataSyncEndpoint(Parameters):
    """Parameters of the rule."""

    #: Whether endpoints whose catalogue row rests on a guess count.
    low_confidence: bool = False


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Match contacts and names with the catalogue, and list the marks of a sync."""
    if not isinstance(parameters, DataSyncEndpoint):
        raise TypeError("data_sync_endpoint takes DataSyncEndpoint")
    low = parameters.low_confidence
    contacts = list(_contacts(flight, inputs, low))
    signs = [finding for _, finding in contacts]
    signs += [*_names(flight, inputs, low), *_marks(flight)]
    if known := sum(vendor for vendor, _ in contacts):
        told = f"{known} recorded contact{'s' * (known > 1)} with a known endpoint."
        return judged(signs, "", told)
    seen = f" {len(signs)} indicator{'s' * (len(signs) != 1)} found; none is a proof."
    return unknowable(
        "No network evidence covers this flight, and a flight log alone cannot show "
        "which computers were talked to." + (seen if signs else ""),
        signs,
    )


def _contacts(flight: Flight, inputs: Inputs, low: bool) -> Iterator[tuple[bool, Finding]]:
    """Yield one finding for each host that the log recorded, and whether it is a known one's."""
    rows = flight.contacts
    # A setting or a wish is no contact, whatever host it names.
    rows = rows[rows["grade"].isin(["measured", "reported"])]
    hosts = rows["host"].fillna(rows["address"])
    for host, told in rows.groupby(hosts, sort=False):
        vendor, whose = _whose(str(host), inputs, low)
        times = told["time"].dropna()
        often = f", {len(told)} times" if len(told) > 1 else ""
        yield (
            vendor,
            Finding(
                RULE.id,
                inputs.severity if vendor else Severity.INFO,
                f"contact with {host}{whose}{often}",
                "contact",
                tuple(
                    evidence(flight, int(offset), str(record), "host", str(host))
                    for offset, record in zip(
                        told["source_offset"][:_SHOWN], told["evidence"][:_SHOWN], strict=True
                    )
                ),
                times.min() if len(times) else None,
                times.max() if len(times) else None,
            ),
        )


def _names(flight: Flight, inputs: Inputs, low: bool) -> Iterator[Finding]:
    """Yield the hosts that stand as text in the log, known or not."""
    # What the log names, it names once: with its first flight.
    for mention in flight.log.mentions if flight.is_first else ():
        vendor, whose = _whose(mention.host, inputs, low)
        yield Finding(
            RULE.id,
            Severity.LOW if vendor else Severity.INFO,
            f"the log names {mention.host}{whose}",
            INDICATOR,
            (evidence(flight, mention.source_offset, mention.record, "text", mention.text),),
        )


def _whose(host: str, inputs: Inputs, low: bool) -> tuple[bool, str]:
    """Return whether a host is a known vendor's, and what to say of it."""
    known = inputs.case.catalogue.match(host, low_confidence=low)
    if not known:
        return False, ", which the catalogue does not know"
    # A host that many share supports a finding but never makes one.
    owned = [entry for entry in known if entry.specificity != "generic"]
    entries = owned or known
    roles = ", ".join(dict.fromkeys(entry.category for entry in entries))
    text = f" ({entries[0].operator}: {roles})"
    return bool(owned), text if owned else f"{text}, a host that many share"


def _marks(flight: Flight) -> Iterator[Finding]:
    """Yield upload marks, accounts and business services that the log states."""
    told = flight.events[flight.events["kind"].isin(["sync", "account"])]
    for text, value, name, offset in zip(
        told["text"], told["value"], told["record"], told["source_offset"], strict=True
    ):
        record, _, field = str(name).partition(".")
        off = value == 0 or str(text).startswith("not ")
        yield Finding(
            RULE.id,
            Severity.INFO if off else Severity.LOW,
            str(text),
            INDICATOR,
            (evidence(flight, int(offset), record, field or "text", str(text)),),
        )


RULE = Rule(
    "data_sync_endpoint",
    "No sign that flight data went to a server",
    "Contacts that the log recorded, host names in it, upload and account marks.",
    "No network evidence covers the flight; names and marks are listed all the same.",
    DataSyncEndpoint,
    check,
)
