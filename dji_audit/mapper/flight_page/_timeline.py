"""Everything that happened in a flight as one list of rows in time order.

Events, captures, contacts and findings come from different tables; a reviewer
reads them as one story.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

import parsers
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.findings import Finding, RuleResult
from dji_audit.compliance.network import Observation
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._contact_timeline import moments, said_of
from dji_audit.mapper.html._times import lasting, milliseconds

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
QUIET = ("tip", "setting")

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
_GROUP_OF |= dict.fromkeys(("home", "simulator", "clock"), "flight")
_FAMILY = {"geofence": "geofence", "limit": "limit", "capture": "recording"}

#: Sensor -> what a video or photo of it is called.
SENSOR_WORDS = {
    "visible": "visible light",
    "thermal": "thermal",
    "multispectral": "multispectral",
    "unknown": "sensor not stated",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened; ``None`` where the log does not say."""

    start: int | None
    end: int | None
    group: str
    kind: str
    severity: str
    what: str
    grade: str
    record: str
    offset: int | None
    latitude: float | None = None
    longitude: float | None = None
    #: The outcome of the rule, for a finding.
    outcome: str = ""
    #: Place of the file that says so among the flight's; ``None``: of none of them.
    told_by: int | None = 0
    #: What a finding is about, such as the id of a zone.
    subject: str | None = None


def rows(audit: FlightAudit) -> list[Row]:
    """Return the rows of a flight in time order; those without a time come last."""
    flight = audit.flight
    found = [*_captures(flight), *_events(flight)]
    if audit.network is not None:
        found += _contacts(audit.network)
    places = {log.source.sha256: place for place, log in reversed([*enumerate(logs_of(audit))])}
    found += [
        _finding(result, item, places) for result in audit.results for item in result.findings
    ]
    return sorted(found, key=lambda row: (row.start is None, row.start or 0))


def logs_of(audit: FlightAudit) -> tuple[parsers.Log, ...]:
    """Return the logs that rows may come from: the flight's, then those of the network."""
    return audit.flight.logs if audit.network is None else audit.network.logs


def group_of(kind: str) -> str:
    """Return the group of a kind of event; a kind that is not known is a setting."""
    return _GROUP_OF.get(kind) or _FAMILY.get(kind.split(".")[0], "setting")


def said(value: Any) -> str:
    """Return text, empty where it is missing."""
    return "" if value is None or pd.isna(value) else str(value)


def _events(flight: Flight) -> Iterator[Row]:
    # A capture that the captures hold too is told once, there.
    told = {
        (f"capture.{capture['kind']}", milliseconds(capture["start"]), capture["source_offset"])
        for capture in flight.captures.to_dict("records")
    }
    for event in flight.events.to_dict("records"):
        start, kind = milliseconds(event["time"]), said(event["kind"])
        if (kind, start, event["source_offset"]) in told:
            continue
        yield Row(
            start=start,
            end=milliseconds(event["end"]),
            group=group_of(kind),
            kind=kind,
            severity=said(event["severity"]),
            what=said(event["text"]) or _value(event["value"]) or kind,
            grade=said(event["grade"]),
            record=said(event["record"]),
            offset=int(event["source_offset"]),
            told_by=int(event["told_by"]),
        )


def _value(value: float) -> str:
    return "" if pd.isna(value) else f"{value:g}"


def _captures(flight: Flight) -> Iterator[Row]:
    for capture in flight.captures.to_dict("records"):
        start, end = milliseconds(capture["start"]), milliseconds(capture["end"])
        kind, sensor = said(capture["kind"]), said(capture["sensor"])
        what = f"{kind.capitalize()}, {SENSOR_WORDS.get(sensor, sensor)}"
        if kind != "photo":
            known = start is not None and end is not None
            what += f", {lasting((end - start) / 1000)}" if known else ", end not shown"  # type: ignore[operator]
        if said(capture["file"]):
            what += f": {said(capture['file'])}"
        yield Row(
            start=start,
            end=end if end != start else None,
            group="recording",
            kind=f"{kind} {sensor}",
            severity="",
            what=what,
            grade=said(capture["grade"]),
            record=said(capture["source"]),
            offset=int(capture["source_offset"]),
            told_by=int(capture["told_by"]),
        )


def _contacts(seen: Observation) -> Iterator[Row]:
    for moment in moments(seen).drawn:
        start, end = milliseconds(moment.start), milliseconds(moment.end)
        yield Row(
            start=start,
            end=end if end != start else None,
            group="network",
            kind=moment.claim,
            severity="",
            what=said_of(moment),
            grade=said(moment.row["grade"]),
            record=said(moment.row["evidence"]),
            offset=int(moment.row["source_offset"]),
            told_by=int(moment.row["log"]),
        )


def _finding(result: RuleResult, finding: Finding, places: Mapping[str, int]) -> Row:
    first = finding.evidence[0] if finding.evidence else None
    return Row(
        start=milliseconds(finding.start),
        end=milliseconds(finding.end),
        group="finding",
        kind=f"{finding.rule} · {result.status_words}",
        severity=str(finding.severity),
        what=finding.summary + (f"; {finding.cover.text}" if finding.cover else ""),
        grade=finding.grade,
        record=f"{first.record}.{first.field}" if first else "",
        offset=first.offset if first else None,
        latitude=finding.latitude_deg,
        longitude=finding.longitude_deg,
        outcome=str(result.outcome_of(finding)),
        told_by=places.get(first.sha256) if first else None,
        subject=finding.subject,
    )
