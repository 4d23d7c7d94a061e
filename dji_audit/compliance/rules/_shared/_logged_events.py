"""Events that the aircraft or the app reported, and their bytes as evidence of findings."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.time_columns_to_unix_numbers import NO_TIME_NS
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_record_in_flight_log,
    lat_lon_of_last_fix_before,
)
from dji_audit.compliance.rules._shared._rule import RuleInputs
from dji_audit.flights import (
    EventsByKind,
    Flight,
    cache_for_last_flight,
    events_by_kind,
    log_events_by_kind,
)

_NUMBER = re.compile(r"\d+(\.\d+)?")
#: Texts that state whether the fence is on, as a setting or as its state.
_SWITCH = re.compile(r"fence (on|off)\b|FENCE_ENABLE = ")


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
    #: How long it lasted, seconds, by whatever clock the log has; ``None``: not known.
    duration_s: float | None = None
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


def logged_settings_of_kinds(flight: Flight, kinds: Sequence[str]) -> list[LoggedEvent]:
    """Return the settings that held at the take-off, and the events of some kinds after it.

    A log states most settings once, before the first of its flights.  Of each setting the last
    value before the take-off counts.  What was no setting and came before it is left out.
    """
    earlier = list(_last_settings_before_flight(flight, kinds))
    held = dict[tuple[int, str], LoggedEvent]()
    after = list[LoggedEvent]()
    for at, event in enumerate((*earlier, *logged_events_of_kinds(flight, kinds))):
        is_before = at < len(earlier) or (
            flight.takeoff is not None and event.time is not None and event.time < flight.takeoff
        )
        if not is_before:
            after.append(event)
        elif name := _setting_name(event.kind, event.text):
            # The one that was stated last stands last.
            held.pop((event.source_index, name), None)
            held[event.source_index, name] = event
    return [*held.values(), *after]


def _last_settings_before_flight(flight: Flight, kinds: Sequence[str]) -> Iterator[LoggedEvent]:
    """Yield the last statement of each setting that its logs hold before the flight, on its clock.

    A log of many flights holds very many before its last one, of which few count.
    """
    for index, source in enumerate(flight.sources):
        if source.is_first_of_log or source.copy_of is not None:
            continue
        begin = _first_offset_of_flight_in_log(flight, index)
        events = log_events_by_kind(flight, index)
        rows = events.rows_of_kinds(*kinds)
        rows = rows[events.column_values("source_offset", rows).astype(np.int64) < begin]
        rows = _last_row_of_each_setting(events, rows)
        for event in _events_of_rows(events, rows, np.full(len(rows), index)):
            time, end = map(source.alignment.aligned_instant, (event.time, event.end))
            yield replace(event, time=time, end=end)


def _last_row_of_each_setting(
    events: EventsByKind, rows: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Return, of rows in the order of their table, the last one of each setting, in that order."""
    stated = zip(
        events.column_values("kind", rows), events.column_values("text", rows), strict=True
    )
    names = dict[tuple[str, str], str]()
    last = dict[str, int]()
    for row, (kind, text) in zip(rows.tolist(), stated, strict=True):
        if (name := names.get((kind, text))) is None:
            name = names[kind, text] = _setting_name(str(kind), str(text))
        if name:
            last[name] = row
    return np.array(sorted(last.values()), np.intp)


def _first_offset_of_flight_in_log(flight: Flight, source_index: int) -> int:
    """Return the first byte of the flight in one of its logs; 0: the log shows no row of it."""
    own_events = flight.events["source_index"] == source_index
    offsets = pd.concat(
        [
            flight.sources[source_index].track["source_offset"],
            flight.events["source_offset"][own_events],
        ]
    )
    return int(offsets.min()) if len(offsets) else 0


def _setting_name(kind: str, text: str) -> str:
    """Return the name of the setting that an event states; empty: it states none."""
    if kind.endswith((".enable", ".disable")) or _SWITCH.match(text):
        return "switch"
    name, is_stated, _ = text.partition(" = ")
    return _NUMBER.sub("", name) if is_stated or kind.endswith(".config") else ""


@cache_for_last_flight
def _rows_and_events_of_kind(flight: Flight, kind: str) -> tuple[tuple[int, LoggedEvent], ...]:
    """Return the events of one kind, each with its row."""
    events = events_by_kind(flight)
    rows = events.rows_of_kinds(kind)
    found = _events_of_rows(events, rows, events.column_values("source_index", rows))
    return tuple(
        (row, replace(event, duration_s=_event_duration_s(flight, event)))
        for row, event in zip(rows.tolist(), found, strict=True)
    )


def _event_duration_s(flight: Flight, event: LoggedEvent) -> float | None:
    if event.time is not None and event.end is not None:
        return (event.end - event.time).total_seconds()
    own = _durations_by_own_clock_s(flight, event.source_index)
    return own.get((event.kind, event.text, event.source_offset))


@cache_for_last_flight
def _durations_by_own_clock_s(
    flight: Flight, source_index: int
) -> Mapping[tuple[str, str, int], float]:
    """Return how long events of a log without UTC lasted, by kind, text and byte."""
    log = flight.sources[source_index].log
    if log.local_times is None:
        return {}
    lasted = (log.local_times.events_end - log.local_times.events) / np.timedelta64(1, "s")
    names = zip(log.events["kind"], log.events["text"], log.events["source_offset"], strict=True)
    return {
        (str(kind), str(text), int(offset)): seconds
        for (kind, text, offset), seconds in zip(names, lasted.tolist(), strict=True)
        if math.isfinite(seconds)
    }


def _events_of_rows(
    events: EventsByKind, rows: npt.NDArray[np.intp], source_indices: npt.NDArray[np.integer]
) -> list[LoggedEvent]:
    """Return the events in some rows of a table, each of a log."""
    if not len(rows):
        return []
    kind, severity, text, grade, record = (
        [str(each) for each in events.column_values(name, rows)]
        for name in ("kind", "severity", "text", "grade", "record")
    )
    source_offset, value = (
        events.column_values(name, rows).tolist() for name in ("source_offset", "value")
    )
    time, end = (
        [_utc_or_none(ns) for ns in events.column_values(name, rows)] for name in ("time", "end")
    )
    return [
        LoggedEvent(
            kind=kind[at],
            severity=severity[at],
            text=text[at],
            grade=grade[at],
            record=record[at],
            source_offset=source_offset[at],
            source_index=source_index,
            time=time[at],
            end=end[at],
            value=None if math.isnan(value[at]) else value[at],
        )
        for at, source_index in enumerate(source_indices.tolist())
    ]


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
