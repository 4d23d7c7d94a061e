"""One flight as plain values: what the table, the CSV, the index and the JSON all show."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.media import Capture

Plain = dict[str, Any]


def flight_row(audit: FlightAudit, page: str | None) -> Plain:
    """Return a flight as plain values; ``None`` is "the log does not say"."""
    flight, log = audit.flight, audit.flight.log
    captures = flight.captures
    video = captures[captures["kind"] == "video"]
    # Nothing recorded, and nothing known of recording, are not the same.
    told = not log.encrypted and "captures" not in log.cannot_tell
    outcomes = Counter(result.outcome for result in audit.results)
    # What somebody allowed stays listed and weighs nothing.
    weighs = [finding.severity.rank for finding in audit.findings if not finding.is_authorised]
    worst = max(weighs, default=None)
    return {
        "id": flight.id,
        "file": log.source.name,
        "sha256": log.source.sha256,
        "page": page,
        "start": iso(flight.start or (log.stated.start if log.stated else None)),
        "takeoff": iso(flight.takeoff),
        "landing": iso(flight.landing),
        "duration_s": rounded(flight.duration_s, 1),
        "aircraft": log.aircraft.model,
        "aircraft_name": log.aircraft.name,
        "serial": log.aircraft.serial,
        "app": log.aircraft.app,
        "distance_m": rounded(flight.distance_m, 1),
        "max_height_ato_m": rounded(flight.max_height_ato_m, 1),
        "max_home_distance_m": rounded(flight.max_home_distance_m, 1),
        "home_latitude_deg": rounded(flight.home.latitude_deg if flight.home else None, 6),
        "home_longitude_deg": rounded(flight.home.longitude_deg if flight.home else None, 6),
        "fixes": len(flight.track),
        "videos": len(video) if told else None,
        "video_s": rounded(_seconds(video), 1) if told else None,
        "photos": int((captures["kind"] == "photo").sum()) if told else None,
        "thermal": thermal(captures, told),
        "geofence_reports": int(flight.events["kind"].str.startswith("geofence.").sum()),
        "findings": len(audit.findings),
        "worst": None if worst is None else list(Severity)[worst].value,
        **{outcome.value: outcomes[outcome] for outcome in Outcome},
        "encrypted": log.encrypted,
        "issues": len(log.issues),
        "bytes_not_decoded": sum(issue.size for issue in log.issues),
        "cut_short": log.cut_short,
        "clock": log.clock.source,
        "clock_uncertainty_s": log.clock.uncertainty_s,
    }


def _seconds(video: pd.DataFrame) -> float:
    return float((video["end"] - video["start"]).dt.total_seconds().sum())


def thermal(captures: pd.DataFrame, told: bool) -> str:
    """Return ``yes``, ``no`` or ``unknown``: whether heat was recorded."""
    sensors = set(captures["sensor"])
    if "thermal" in sensors:
        return "yes"
    return "unknown" if "unknown" in sensors or not told else "no"


def finding_rows(audit: FlightAudit) -> list[Plain]:
    """Return the findings of a flight as plain values, in order of their rule and time."""
    return [
        finding_row(finding, audit.flight.id, result.coverage)
        for result in audit.results
        for finding in result.findings
    ]


def finding_row(finding: Finding, flight_id: str, coverage: float | None = None) -> Plain:
    """Return a finding as plain values; ``coverage`` is that of its rule's result."""
    return {
        "flight": flight_id,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "grade": finding.grade,
        "summary": finding.summary,
        "start": iso(finding.start),
        "end": iso(finding.end),
        "latitude_deg": rounded(finding.latitude_deg, 6),
        "longitude_deg": rounded(finding.longitude_deg, 6),
        "peak": rounded(finding.peak, 3),
        "subject": finding.subject,
        "coverage": share(coverage),
        "authorisation": None
        if finding.cover is None
        else {
            "covers": "whole" if finding.cover.whole else "part",
            "references": list(finding.cover.references),
            "text": finding.cover.text,
        },
        "evidence": [
            {
                "file": part.file,
                "sha256": part.sha256,
                "offset": part.offset,
                "record": part.record,
                "field": part.field,
                "value": part.value,
            }
            for part in finding.evidence
        ],
    }


def result_rows(audit: FlightAudit) -> list[Plain]:
    """Return what came of each rule as plain values."""
    return [
        {
            "flight": audit.flight.id,
            "rule": result.rule,
            "applies": result.applies,
            "title": result.title,
            "outcome": result.outcome.value,
            "reason": result.reason,
            "status": result.status,
            "citation": result.citation,
            "parameters": dict(result.parameters),
            "sources": dict(result.sources),
            "coverage": share(result.coverage),
        }
        for result in audit.results
    ]


def capture_row(capture: Capture) -> Plain:
    """Return the files of one capture as plain values."""
    return {
        "name": capture.name,
        "streams": [
            {
                "file": stream.file,
                "sha256": stream.sha256,
                "format": stream.format,
                "kind": stream.kind,
                "sensor": stream.sensor,
                "start": iso(stream.start),
                "end": iso(stream.end),
                "source": stream.source,
                "source_offset": stream.source_offset,
                "latitude_deg": rounded(stream.latitude_deg, 7),
                "longitude_deg": rounded(stream.longitude_deg, 7),
                "height_ato_m": rounded(stream.height_ato_m, 2),
                "hosts": list(stream.hosts),
            }
            for stream in capture.streams
        ],
    }


def page_name(audit: FlightAudit) -> str:
    """Return the file name of a flight's page: readable, safe everywhere, and its own.

    Two logs of one name lie in different folders, so the name carries part of
    the hash of the log's whole name too.
    """
    name = audit.flight.log.source.name
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", name.rsplit("/", 1)[-1]).strip("._-")[:60]
    where = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:4]
    return f"{stem}-{audit.flight.id}-{where}.html"


def iso(time: pd.Timestamp | None) -> str | None:
    """Return an instant as ISO 8601 UTC to the millisecond."""
    if time is None or pd.isna(time):
        return None
    return time.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def share(part: float | None) -> float | None:
    """Return a part of a whole to a millionth, never rounded up to the whole; ``None``: none."""
    return None if part is None else int(part * 1_000_000) / 1_000_000


def rounded(value: float | None, digits: int) -> float | None:
    """Return a number to some digits, or ``None``; never NaN."""
    return None if value is None or value != value else round(float(value), digits)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a run holds, as plain values: what every report of it is made from."""

    files: tuple["FileRow", ...]
    flights: tuple[Plain, ...] = ()
    results: tuple[Plain, ...] = ()
    findings: tuple[Plain, ...] = ()
    #: Captures told by media files, from ``capture_row``.
    captures: tuple[Plain, ...] = ()
    #: Hosts that flights' devices met, and how they were watched, from ``report.contacts``.
    contacts: tuple[Plain, ...] = ()
    network: tuple[Plain, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRow:
    """One input file: what it is and what became of it."""

    name: str
    #: ``read``, ``partial``, ``encrypted``, ``unread``, ``unopened``, ``copy`` or ``other``.
    status: str
    reason: str = ""
    size: int | None = None
    sha256: str | None = None
    format: str | None = None
    format_version: str | None = None
    #: Kind of bytes (``parsers.COVERAGE``) -> how many.
    coverage: Mapping[str, int] | None = None
    issues: tuple[tuple[int, int, str], ...] = ()
    #: SHA-256 of what its keys are asked for with, and of the keychains that opened it.
    key_request: str | None = None
    keychain: str | None = None

    def plain(self) -> Plain:
        """Return the row for a document."""
        return {
            "name": self.name,
            "status": self.status,
            "reason": self.reason,
            "size": self.size,
            "sha256": self.sha256,
            "format": self.format,
            "format_version": self.format_version,
            "coverage": dict(self.coverage) if self.coverage is not None else None,
            "issues": [
                {"offset": offset, "size": size, "reason": reason}
                for offset, size, reason in self.issues
            ],
            "key_request": self.key_request,
            "keychain": self.keychain,
        }
