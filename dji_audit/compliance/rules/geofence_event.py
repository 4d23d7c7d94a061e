"""What the aircraft or the app said of zones, boundaries and limits, each with its grade.

This is the aircraft's own report.  What our geometry says is another rule, and
where the two disagree is a third.  Silence proves little: apps built with
DJI's SDK write no zone messages at all.
"""

import pandas as pd

from dji_audit.compliance.findings import Finding, Severity
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    position_at,
    unknowable,
)
from dji_audit.flights import Flight

#: Kinds of event that this rule lists, and how far below the policy's severity each weighs.
_STEPS_DOWN = {
    "geofence.breach": 0,
    "geofence.refused": 0,
    "geofence.action": 0,
    "geofence.disable": 1,
    "geofence.limit": 1,
    "geofence.warning": 1,
    "limit.distance": 1,
    "limit.height": 1,
}


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each report of a zone, a boundary or a limit."""
    told = flight.events[flight.events["kind"].isin(list(_STEPS_DOWN))]
    found = [_finding(flight, event, inputs.severity) for event in told.itertuples(index=False)]
    if not found and flight.log.encrypted:
        return unknowable("The log is encrypted and no key for it was given.")
    if not found and not len(flight.track):
        return unknowable("The log holds no flight data that would show one.")
    if not found and not len(flight.log.events):
        # Subtitles, shutter marks, most tables: their silence says nothing at all.
        return unknowable("The log holds no events of any kind, so that it cannot tell.")
    return judged(
        found,
        "Neither aircraft nor app reported a zone, boundary or limit; their silence is no proof.",
        f"{len(found)} report{'s' * (len(found) > 1)} of a zone, boundary or limit.",
    )


def _finding(flight: Flight, event: tuple[object, ...], severity: Severity) -> Finding:
    row = dict(zip(flight.events.columns, event, strict=True))
    rank = max(0, severity.rank - _STEPS_DOWN[str(row["kind"])])
    # What follows only from other values, or weighs nothing to who reported it, weighs less.
    if row["grade"] == "inferred" or row["severity"] == "info":
        rank = min(rank, Severity.LOW.rank)
    start, end = _instant(row["time"]), _instant(row["end"])
    record, _, field = str(row["record"]).partition(".")
    value = str(row["text"])
    place = position_at(flight, start)
    return Finding(
        RULE.id,
        list(Severity)[rank],
        value,
        str(row["grade"]),
        (evidence(flight, int(str(row["source_offset"])), record, field or "text", value),),
        start,
        end if end is not None else start,
        *(place or (None, None)),
    )


def _instant(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


RULE = Rule(
    "geofence_event",
    "Aircraft and app reported no zone, boundary or limit",
    "Events that the aircraft or the app reported.",
    "The log is encrypted, or holds no flight data or no events.",
    Parameters,
    check,
)
