"""No sign that flight data went to a server.

A log is not a network capture.  What it can hold is contacts that it recorded,
names of hosts as text, and marks such as an upload flag or a logged-in
account.  Only a contact fails the rule; a name or a mark is listed as an
indicator, and without network evidence the rule stays ``not_assessable``.
"""

from collections.abc import Iterator

import pandas as pd

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
    signs = [*_names(flight, inputs, low), *_marks(flight)]
    if contacts:
        return judged(
            [*contacts, *signs], "", f"{len(contacts)} recorded contacts with a known endpoint."
        )
    seen = f" {len(signs)} indicator{'s' * (len(signs) != 1)} found; none is a proof."
    return unknowable(
        "No network evidence covers this flight, and a flight log alone cannot show "
        "which computers were talked to." + (seen if signs else ""),
        signs,
    )


def _contacts(flight: Flight, inputs: Inputs, low: bool) -> Iterator[Finding]:
    columns = flight.contacts.columns
    for values in flight.contacts.itertuples(index=False):
        row = dict(zip(columns, values, strict=True))
        # A setting or a wish is no contact, whatever host it names.
        if row["grade"] not in ("measured", "reported"):
            continue
        host = next((str(row[name]) for name in ("host", "address") if row[name] == row[name]), "")
        known = inputs.catalogue.match(host, low_confidence=low) if host else ()
        if any(entry.specificity != "generic" for entry in known):
            roles = ", ".join(dict.fromkeys(entry.category for entry in known))
            time = row["time"] if isinstance(row["time"], pd.Timestamp) else None
            yield Finding(
                RULE.id,
                inputs.severity,
                f"contact with {host} ({known[0].operator}: {roles})",
                "contact",
                (evidence(flight, int(row["source_offset"]), str(row["evidence"]), "host", host),),
                time,
                time,
            )


def _names(flight: Flight, inputs: Inputs, low: bool) -> Iterator[Finding]:
    """Yield the hosts that stand as text in the log: known ones, and the number of others."""
    for mention in flight.log.mentions:
        known = inputs.catalogue.match(mention.host, low_confidence=low)
        # A shared host supports a finding but never makes one.
        vendor = any(entry.specificity != "generic" for entry in known)
        if vendor:
            roles = ", ".join(dict.fromkeys(entry.category for entry in known))
            text = f"the log names {mention.host} ({known[0].operator}: {roles})"
        else:
            text = f"the log names {mention.host}, which the catalogue does not know"
        yield Finding(
            RULE.id,
            Severity.LOW if vendor else Severity.INFO,
            text,
            INDICATOR,
            (evidence(flight, mention.source_offset, mention.record, "text", mention.text),),
        )


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
