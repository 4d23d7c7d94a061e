"""Everything that happened in a flight as one list of rows in time order.

Events, captures, contacts and findings come from different tables; a reviewer
reads them as one story.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

import parsers
from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.plain_english import as_sentence, duration_text
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.findings import Finding, RuleResult
from dji_audit.compliance.network import FlightContacts
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._network_contacts import (
    claim_host_and_bytes_sent_text,
    contact_moments,
)
from dji_audit.mapper.html._times import unix_ms
from dji_audit.report.sensor_words import SENSOR_WORDS

#: Group -> what it is called, in the order of the filters.
GROUPS = {
    "finding": "Findings",
    "geofence": "Geofence",
    "limit": "Limits",
    "warning": "Warnings",
    "recording": "Recording",
    "flight": "Flight",
    "network": "Network",
    "tip": "Tips",
    "setting": "Parts, settings",
}
#: Groups that are long and seldom asked for: not shown until they are chosen.
HIDDEN_GROUPS = ("tip", "setting")

_GROUP_OF = {
    "geofence.config": "setting",
    "geofence.enable": "geofence",
    "limit.config": "setting",
    "link.config": "setting",
    "link.lost": "warning",
    "link.signal": "setting",
    "warning": "warning",
    "fault": "warning",
    "failsafe": "warning",
    "battery": "warning",
    "traffic": "warning",
    "tip": "tip",
    "sync": "network",
    "account": "network",
    "log.transfer": "network",
}
_GROUP_OF |= dict.fromkeys(("takeoff", "landing", "arm", "disarm", "mode", "action"), "flight")
_GROUP_OF |= dict.fromkeys(("home", "simulator", "clock", "log.pause"), "flight")
_FAMILY = {"geofence": "geofence", "limit": "limit", "capture": "recording"}


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that happened; ``None`` where the log does not say."""

    start: int | None
    end: int | None
    group: str
    kind: str
    severity: str
    text: str
    grade: str
    record: str
    offset: int | None
    latitude: float | None = None
    longitude: float | None = None
    #: The outcome of the rule, for a finding.
    outcome: str = ""
    #: Place of the file that says so among the flight's; ``None``: of none of them.
    source_index: int | None = 0
    #: What a finding is about, such as the id of a zone.
    subject: str | None = None


def timeline_rows(audit: FlightAudit) -> list[TimelineRow]:
    """Return the rows of a flight in time order; those without a time come last."""
    flight = audit.flight
    rows = [*_timeline_rows_of_media_captures(flight), *_timeline_rows_of_events(flight)]
    if audit.network is not None:
        rows += _timeline_rows_of_contacts(audit.network)
    index_of = {
        log.source.sha256: index
        for index, log in reversed([*enumerate(source_logs_of_timeline(audit))])
    }
    rows += [
        _timeline_row_of_finding(result, item, index_of)
        for result in audit.results
        for item in result.findings
    ]
    return sorted(rows, key=lambda row: (row.start is None, row.start or 0))


def source_logs_of_timeline(audit: FlightAudit) -> tuple[parsers.Log, ...]:
    """Return the logs that rows may come from: the flight's, then those of the network."""
    return audit.flight.logs if audit.network is None else audit.network.logs


def timeline_group_of_event_kind(kind: str) -> str:
    """Return the group of a kind of event; a kind that is not known is a setting."""
    return _GROUP_OF.get(kind) or _FAMILY.get(kind.split(".")[0], "setting")


def text_or_empty(value: Any) -> str:
    """Return text, empty where it is missing."""
    return "" if value is None or pd.isna(value) else str(value)


def _timeline_rows_of_events(flight: Flight) -> Iterator[TimelineRow]:
    # A capture that stands in the captures too is listed once, there.
    listed = {
        (f"capture.{capture['kind']}", unix_ms(capture["start"]), capture["source_offset"])
        for capture in rows_as_mappings(flight.captures)
    }
    for event in rows_as_mappings(flight.events):
        start, kind = unix_ms(event["time"]), text_or_empty(event["kind"])
        if (kind, start, event["source_offset"]) in listed:
            continue
        yield TimelineRow(
            start=start,
            end=unix_ms(event["end"]),
            group=timeline_group_of_event_kind(kind),
            kind=kind,
            severity=text_or_empty(event["severity"]),
            text=text_or_empty(event["text"]) or _event_value_text(event["value"]) or kind,
            grade=text_or_empty(event["grade"]),
            record=text_or_empty(event["record"]),
            offset=int(event["source_offset"]),
            source_index=int(event["source_index"]),
        )


def _event_value_text(value: float) -> str:
    return "" if pd.isna(value) else f"{value:g}"


def _timeline_rows_of_media_captures(flight: Flight) -> Iterator[TimelineRow]:
    for capture in rows_as_mappings(flight.captures):
        start, end = unix_ms(capture["start"]), unix_ms(capture["end"])
        kind, sensor = text_or_empty(capture["kind"]), text_or_empty(capture["sensor"])
        what = f"{kind.capitalize()}, {SENSOR_WORDS.get(sensor, sensor)}"
        # Of one without a time in UTC the source may state an end by the clock of its log.
        if kind != "photo" and start is not None:
            what += ", end not shown" if end is None else f", {duration_text((end - start) / 1000)}"
        if text_or_empty(capture["file"]):
            what += f": {text_or_empty(capture['file'])}"
        yield TimelineRow(
            start=start,
            end=end if end != start else None,
            group="recording",
            kind=f"{kind} {sensor}",
            severity="",
            text=what,
            grade=text_or_empty(capture["grade"]),
            record=text_or_empty(capture["source"]),
            offset=int(capture["source_offset"]),
            source_index=int(capture["source_index"]),
        )


def _timeline_rows_of_contacts(seen: FlightContacts) -> Iterator[TimelineRow]:
    for moment in contact_moments(seen).drawn:
        start, end = unix_ms(moment.start), unix_ms(moment.end)
        yield TimelineRow(
            start=start,
            end=end if end != start else None,
            group="network",
            kind=moment.strongest.claim,
            severity="",
            text=claim_host_and_bytes_sent_text(moment),
            grade=moment.strongest.grade,
            record=moment.strongest.record,
            offset=moment.strongest.offset,
            source_index=moment.strongest.source_index,
        )


def _timeline_row_of_finding(
    result: RuleResult, finding: Finding, places: Mapping[str, int]
) -> TimelineRow:
    first = finding.evidence[0] if finding.evidence else None
    return TimelineRow(
        start=unix_ms(finding.start),
        end=unix_ms(finding.end),
        group="finding",
        kind=f"{finding.rule} · {result.status_text}",
        severity=str(finding.severity),
        text=as_sentence(
            f"{finding.summary.rstrip('.')}; {finding.authorisation.text}"
            if finding.authorisation
            else finding.summary
        ),
        grade=finding.grade,
        record=f"{first.record}.{first.field}" if first else "",
        offset=first.offset if first else None,
        latitude=finding.latitude_deg,
        longitude=finding.longitude_deg,
        outcome=str(result.outcome_of_finding(finding)),
        source_index=places.get(first.sha256) if first else None,
        subject=finding.subject,
    )
