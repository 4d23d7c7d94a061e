"""Events that the aircraft or the app reported, and their bytes as evidence of findings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import pandas as pd

from dji_audit.common.time_columns_to_unix_numbers import NO_TIME_NS
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_record_in_flight_log,
    lat_lon_of_last_fix_before,
)
from dji_audit.compliance.rules._shared._rule import RuleInputs
from dji_audit.flights import Flight, cache_for_last_flight, events_by_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """One event of a flight."""

    kind: str
    severity: str
    text: str
    #: How the event is known, one of ``parsers.GRADES``.
    grade: str
    #: Record and field of the log that hold it.
    record: str
    source_offset: int
    source_index: int
    #: ``None``: not known.
    time: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Number that the log gives with it, such as a limit; ``None``: none.
    value: float | None = None

    @property
    def start(self) -> pd.Timestamp | None:
        """Its time, as the start of an interval."""
        return self.time


@dataclass(frozen=True, slots=True)
class ClassifiedEvent:
    """One event, and what a rule takes it for; a subclass says that."""

    event: LoggedEvent

    @property
    def start(self) -> pd.Timestamp | None:
        """When it began; ``None``: not known."""
        return self.event.time

    @property
    def end(self) -> pd.Timestamp | None:
        """When it ended; ``None``: not known, or at its start."""
        return self.event.end


def logged_events_of_kinds(flight: Flight, kinds: Sequence[str]) -> list[LoggedEvent]:
    """Return the events of some kinds, in time order."""
    # Those of one kind are in the order of the table, which is that of time.
    of_each = [_rows_and_events_of_kind(flight, kind) for kind in dict.fromkeys(kinds)]
    found = of_each[0] if len(of_each) == 1 else sorted(sum(of_each, ()), key=itemgetter(0))
    return [event for _, event in found]


@cache_for_last_flight
def _rows_and_events_of_kind(flight: Flight, kind: str) -> tuple[tuple[int, LoggedEvent], ...]:
    """Return the events of one kind, each with its row."""
    events = events_by_kind(flight)
    rows = events.rows_of_kinds(kind)
    if not len(rows):
        return ()
    severity, text, grade, record = (
        [str(each) for each in events.column_values(name, rows)]
        for name in ("severity", "text", "grade", "record")
    )
    source_offset, source_index, value = (
        events.column_values(name, rows).tolist()
        for name in ("source_offset", "source_index", "value")
    )
    time, end = (
        [_utc_or_none(ns) for ns in events.column_values(name, rows)] for name in ("time", "end")
    )
    return tuple(
        (
            row,
            LoggedEvent(
                kind=kind,
                severity=severity[at],
                text=text[at],
                grade=grade[at],
                record=record[at],
                source_offset=source_offset[at],
                source_index=source_index[at],
                time=time[at],
                end=end[at],
                value=None if math.isnan(value[at]) else value[at],
            ),
        )
        for at, row in enumerate(rows.tolist())
    )


def _utc_or_none(ns: np.int64) -> pd.Timestamp | None:
    return None if ns == NO_TIME_NS else pd.Timestamp(int(ns), tz="UTC")


def event_began_in_air(flight: Flight, event: LoggedEvent) -> bool:
    """Return whether an event began between take-off and landing.

    Where the log shows no take-off or no landing, that side has no limit; an event without
    a time counts as airborne.
    """
    time = event.time
    if time is None:
        return True
    if flight.takeoff is not None and time < flight.takeoff:
        return False
    return flight.landing is None or time <= flight.landing


def event_finding(
    flight: Flight,
    event: LoggedEvent,
    inputs: RuleInputs,
    *,
    summary: str | None = None,
    severity: Severity | None = None,
) -> Finding:
    """Return an event as a finding; the text of the event is the summary unless one is given."""
    start, end = event.time, event.end
    record, _, field = event.record.partition(".")
    value = event.text
    source_index = event.source_index
    log_bytes = evidence_of_record_in_flight_log(
        flight,
        offset=event.source_offset,
        record=record,
        field=field or "text",
        value=value,
        source_index=source_index,
    )
    return inputs.finding(
        summary or value,
        severity=severity,
        grade=event.grade,
        evidence=(log_bytes,),
        start=start,
        end=end if end is not None else start,
        position=lat_lon_of_last_fix_before(flight, start),
    )
