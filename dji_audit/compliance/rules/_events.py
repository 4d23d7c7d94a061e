"""Findings from events that the aircraft or the app reported: one event, one finding."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dji_audit.compliance.findings import Finding, Severity
from dji_audit.compliance.rules._flight import log_evidence, position_at
from dji_audit.compliance.rules._rule import RuleInputs
from dji_audit.flights import Flight

Event = Mapping[str, Any]


def events_of(flight: Flight, kinds: Sequence[str]) -> list[Event]:
    """Return the events of some kinds, in time order."""
    events = flight.events[flight.events["kind"].isin(list(kinds))]
    return [
        dict(zip(events.columns, row, strict=True))
        for row in events.itertuples(index=False, name=None)
    ]


def is_airborne(flight: Flight, event: Event, margin_s: float = 0.0) -> bool:
    """Return whether an event began between take-off and landing.

    Where the log shows no take-off or no landing, that side has no limit; an event without
    a time counts as airborne.

    Args:
        flight: The flight.
        event: One of its events.
        margin_s: Seconds after the landing that also count.
    """
    time = timestamp_or_none(event["time"])
    if time is None:
        return True
    if flight.takeoff is not None and time < flight.takeoff:
        return False
    return flight.landing is None or time <= flight.landing + pd.Timedelta(seconds=margin_s)


def event_finding(
    flight: Flight,
    event: Event,
    inputs: RuleInputs,
    *,
    summary: str | None = None,
    severity: Severity | None = None,
) -> Finding:
    """Return an event as a finding; the text of the event is the summary unless one is given."""
    start, end = timestamp_or_none(event["time"]), timestamp_or_none(event["end"])
    record, _, field = str(event["record"]).partition(".")
    value = str(event["text"])
    source_index = int(event["source_index"])
    log_bytes = log_evidence(
        flight,
        offset=int(event["source_offset"]),
        record=record,
        field=field or "text",
        value=value,
        source_index=source_index,
    )
    return inputs.finding(
        summary or value,
        severity=severity,
        grade=str(event["grade"]),
        evidence=(log_bytes,),
        start=start,
        end=end if end is not None else start,
        position=position_at(flight, start),
    )


def no_event_reason(flight: Flight) -> str:
    """Return why the events of a flight cannot show that nothing happened; empty: they can."""
    if flight.is_encrypted:
        return "The log is encrypted and no key for it was given."
    if not len(flight.track):
        return "The log holds no flight data that would show one."
    if not len(flight.events):
        # Subtitles, shutter marks and most tables: the absence of events proves nothing.
        return "The log holds no events of any kind, so it cannot show one."
    return ""


def timestamp_or_none(value: object) -> pd.Timestamp | None:
    """Return a time of a table; ``None`` where it is missing."""
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
