"""Findings that are what aircraft or app reported: one event, one finding."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dji_audit.compliance.findings import Finding, Severity
from dji_audit.compliance.rules._rule import evidence, position_at
from dji_audit.flights import Flight

Event = Mapping[str, Any]


def events_of(flight: Flight, kinds: Sequence[str]) -> list[Event]:
    """Return the events of some kinds, in time order."""
    told = flight.events[flight.events["kind"].isin(list(kinds))]
    return [
        dict(zip(told.columns, row, strict=True)) for row in told.itertuples(index=False, name=None)
    ]


def in_the_air(flight: Flight, event: Event, after_s: float = 0.0) -> bool:
    """Return whether an event began between take-off and landing.

    Where the log shows no take-off or no landing, nothing bounds that side; an
    event without a time may have been in the air.

    Args:
        flight: The flight.
        event: One of its events.
        after_s: Seconds after the landing that count too.
    """
    time = instant(event["time"])
    if time is None:
        return True
    if flight.takeoff is not None and time < flight.takeoff:
        return False
    return flight.landing is None or time <= flight.landing + pd.Timedelta(seconds=after_s)


def event_finding(
    flight: Flight, event: Event, rule: str, severity: Severity, summary: str | None = None
) -> Finding:
    """Return a finding that is an event; its text is the summary unless another is given."""
    start, end = instant(event["time"]), instant(event["end"])
    record, _, field = str(event["record"]).partition(".")
    value = str(event["text"])
    told_by = int(event["told_by"])
    shown = evidence(flight, int(event["source_offset"]), record, field or "text", value, told_by)
    return Finding(
        rule,
        severity,
        summary or value,
        str(event["grade"]),
        (shown,),
        start,
        end if end is not None else start,
        *(position_at(flight, start) or (None, None)),
    )


def silence(flight: Flight) -> str:
    """Return why a flight's events cannot show that a thing did not happen; empty if they can."""
    if flight.is_sealed:
        return "The log is encrypted and no key for it was given."
    if not len(flight.track):
        return "The log holds no flight data that would show one."
    if not len(flight.events):
        # Subtitles, shutter marks, most tables: their silence says nothing at all.
        return "The log holds no events of any kind, so that it cannot tell."
    return ""


def instant(value: object) -> pd.Timestamp | None:
    """Return an instant of a table; ``None`` where it is missing."""
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
