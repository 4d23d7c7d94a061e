"""One flight as plain values: what the table, the CSV, the index and the JSON all show."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.findings import Finding, Outcome, RuleResult, Severity
from dji_audit.flights import ClockDrift, Disagreement, Flight, FlightSource, LogMatch
from dji_audit.media import MediaCapture
from dji_audit.view import CameraPoses

Plain = dict[str, Any]


def flight_row(audit: FlightAudit, page: str | None, camera_poses: CameraPoses) -> Plain:
    """Return a flight as plain values; ``None`` is "the log does not say"."""
    flight, log = audit.flight, audit.flight.log
    aircraft, captures = flight.aircraft, flight.captures
    video = captures[captures["kind"] == "video"]
    photos = captures[captures["kind"] == "photo"]
    # Nothing recorded, and nothing known of recording, are not the same.
    told = flight.covers("captures")
    issues = [issue for each in flight.logs for issue in each.issues]
    outcomes = Counter(result.outcome for result in audit.results)
    # What somebody allowed stays listed and weighs nothing.
    weighs = [finding.severity.rank for finding in audit.findings if not finding.is_authorised]
    worst = max(weighs, default=None)
    return {
        "id": flight.id,
        "file": log.source.name,
        "sha256": log.source.sha256,
        "page": page,
        "start": iso_utc(flight.start or (flight.stated.start if flight.stated else None)),
        "takeoff": iso_utc(flight.takeoff),
        "landing": iso_utc(flight.landing),
        "duration_s": rounded(flight.duration_s, 1),
        "aircraft": aircraft.model,
        "aircraft_name": aircraft.name,
        "serial": aircraft.serial,
        "app": aircraft.app,
        "distance_m": rounded(flight.distance_m, 1),
        "max_height_ato_m": rounded(flight.max_height_ato_m, 1),
        "max_home_distance_m": rounded(flight.max_home_distance_m, 1),
        "home_latitude_deg": rounded(flight.home.latitude_deg if flight.home else None, 6),
        "home_longitude_deg": rounded(flight.home.longitude_deg if flight.home else None, 6),
        "fixes": len(flight.track),
        "videos": len(video) if told else None,
        "video_s": rounded(_video_seconds(video), 1) if told else None,
        # One press of a button may be a photo by several sensors.
        "photos": _photo_count(photos) if told else None,
        "thermal": thermal_recorded(captures, told),
        "geofence_reports": int(flight.events["kind"].str.startswith("geofence.").sum()),
        "findings": len(audit.findings),
        "worst": None if worst is None else list(Severity)[worst].value,
        **{outcome.value: outcomes[outcome] for outcome in Outcome},
        "encrypted": any(each.encrypted for each in flight.logs),
        "issues": len(issues),
        "bytes_not_decoded": sum(issue.size for issue in issues),
        "cut_short": any(each.cut_short for each in flight.logs),
        "clock": log.clock.source,
        "clock_uncertainty_s": log.clock.uncertainty_s,
        "files": len(flight.logs),
        "disagreements": len(flight.disagreements),
        **source_details(flight, camera_poses),
    }


def source_details(flight: Flight, camera_poses: CameraPoses) -> Plain:
    """Return what of a flight comes from which log, and its view from what, as plain values."""
    return {
        "logs": [source_row(telling) for telling in flight.sources],
        "columns_from": {
            column: flight.logs[place].source.name
            for column, place in sorted(flight.column_sources.items())
        },
        "view": view_row(camera_poses),
    }


def view_row(camera_poses: CameraPoses) -> Plain:
    """Return what the view of a flight's camera is worked out from, as plain values."""
    return {
        "field_of_view": camera_poses.fov_source or None,
        "grade": camera_poses.fov_grade or None,
        "ground": camera_poses.ground_source,
        "ground_share": fraction(camera_poses.ground_coverage),
        "why_not": camera_poses.unknown_reason or None,
    }


def flight_details(flight: Flight, camera_poses: CameraPoses) -> Plain:
    """Return who tells of a flight and what they disagree on, as plain values."""
    return {
        "id": flight.id,
        "takeoff": iso_utc(flight.takeoff),
        "landing": iso_utc(flight.landing),
        "start": iso_utc(flight.start),
        "end": iso_utc(flight.end),
        **source_details(flight, camera_poses),
        "disagreements": [disagreement_row(flight, one) for one in flight.disagreements],
        "remarks": [remark.text for remark in flight.sequence_gaps],
    }


def disagreement_row(flight: Flight, one: Disagreement) -> Plain:
    """Return one disagreement as plain values, with the bytes of all sides."""
    sides = [
        {
            "file": flight.logs[said.source_index].source.name,
            "sha256": flight.logs[said.source_index].source.sha256,
            "offset": said.offset,
            "record": said.record,
            "field": said.field,
            "value": said.value,
        }
        for said in one.sides
    ]
    return {
        "what": one.kind,
        "text": one.text,
        "between": sides,
        "apart": one.difference,
        "allowed": one.tolerance,
        "unit": one.unit,
        "allowance": one.tolerance_basis,
        "start": iso_utc(one.start),
        "end": iso_utc(one.end),
        "count": one.count,
    }


def source_row(telling: FlightSource) -> Plain:
    """Return what one log tells of a flight, and how it was joined, as plain values."""
    log, placing, match = telling.log, telling.alignment, telling.match
    return {
        "file": log.source.name,
        "sha256": log.source.sha256,
        "format": log.source.format,
        "start": iso_utc(telling.start),
        "end": iso_utc(telling.end),
        "fixes": len(telling.track),
        "clock": {
            "source": placing.source,
            "method": placing.method,
            "offset_s": rounded(placing.offset_s, 3),
            "uncertainty_s": rounded(placing.uncertainty_s, 3),
            "zone_s": placing.timezone_s,
            "reason": placing.reason,
            "drift": None if placing.drift is None else drift_row(placing.drift),
        },
        "match": None if match is None else match_row(match),
        "rivals": [
            {"flight": one.flight_id, **match_row(one.match)} for one in telling.alternative_flights
        ],
        "copy_of": telling.copy_of,
    }


def drift_row(drift: ClockDrift) -> Plain:
    """Return how fast a clock runs against the flight's as plain values."""
    return {
        "s_per_h": drift.s_per_h,
        "uncertainty_s_per_h": drift.uncertainty_s_per_h,
        "at_s": drift.reference_s,
    }


def match_row(match: LogMatch) -> Plain:
    """Return how well a log fits a flight as plain values."""
    return {
        "serial": match.serials_agree,
        "overlap": match.overlap,
        "distance_m": match.distance_m,
        "power_on_s": match.power_on_difference_s,
        "score": match.score,
    }


def _video_seconds(video: pd.DataFrame) -> float:
    """Return how long video was recorded, by whatever sensors."""
    timed = video.dropna(subset=["start", "end"]).sort_values("start")
    if not len(timed):
        return 0.0
    starts, ends = timed["start"].to_numpy(), timed["end"].to_numpy()
    until = np.maximum.accumulate(ends)
    begun = np.maximum(starts[1:], until[:-1])
    first = float((ends[0] - starts[0]) / np.timedelta64(1, "s"))
    rest = np.maximum((ends[1:] - begun) / np.timedelta64(1, "s"), 0.0)
    return first + float(rest.sum())


def _photo_count(photos: pd.DataFrame) -> int:
    """Return how often a photo was taken: one by several sensors at once is one."""
    each = photos.groupby(["start", "sensor"]).size().groupby(level="start").max()
    return int(each.sum() + photos["start"].isna().sum())


def thermal_recorded(captures: pd.DataFrame, can_tell: bool) -> str:
    """Return ``yes``, ``no`` or ``unknown``: whether heat was recorded."""
    sensors = set(captures["sensor"])
    if "thermal" in sensors:
        return "yes"
    return "unknown" if "unknown" in sensors or not can_tell else "no"


def finding_rows(audit: FlightAudit) -> list[Plain]:
    """Return the findings of a flight as plain values, in order of their rule and time."""
    return [
        finding_row(finding, audit.flight.id, result)
        for result in audit.results
        for finding in result.findings
    ]


def finding_row(finding: Finding, flight_id: str, result: RuleResult) -> Plain:
    """Return a finding of a rule's result as plain values."""
    return {
        "flight": flight_id,
        "rule": finding.rule,
        "outcome": str(result.outcome_of(finding)),
        "severity": finding.severity.value,
        "grade": finding.grade,
        "summary": finding.summary,
        "start": iso_utc(finding.start),
        "end": iso_utc(finding.end),
        "latitude_deg": rounded(finding.latitude_deg, 6),
        "longitude_deg": rounded(finding.longitude_deg, 6),
        "peak": rounded(finding.peak, 3),
        "subject": finding.subject,
        "untold": finding.inconclusive,
        "coverage": fraction(result.coverage),
        "authorisation": None
        if finding.authorisation is None
        else {
            "covers": "whole" if finding.authorisation.is_complete else "part",
            "references": list(finding.authorisation.references),
            "text": finding.authorisation.text,
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
            "applies": result.applied_rule,
            "title": result.title,
            "outcome": result.outcome.value,
            "reason": result.reason,
            "status": result.status,
            "citation": result.citation,
            "parameters": dict(result.parameters),
            "sources": dict(result.parameter_sources),
            "coverage": fraction(result.coverage),
        }
        for result in audit.results
    ]


def capture_row(capture: MediaCapture) -> Plain:
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
                "start": iso_utc(stream.start),
                "end": iso_utc(stream.end),
                "source": stream.source,
                "source_offset": stream.source_offset,
                "latitude_deg": rounded(stream.latitude_deg, 7),
                "longitude_deg": rounded(stream.longitude_deg, 7),
                "height_ato_m": rounded(stream.height_ato_m, 2),
                "hosts": list(stream.hosts),
                "flights": list(stream.flight_ids),
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


def iso_utc(time: pd.Timestamp | None) -> str | None:
    """Return an instant as ISO 8601 UTC to the millisecond."""
    if time is None or pd.isna(time):
        return None
    return time.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def fraction(part: float | None) -> float | None:
    """Return a part of a whole to a millionth, never rounded up to the whole; ``None``: none."""
    return None if part is None else int(part * 1_000_000) / 1_000_000


def rounded(value: float | None, digits: int) -> float | None:
    """Return a number to some digits, or ``None``; never NaN."""
    return None if value is None or value != value else round(float(value), digits)


@dataclass(frozen=True, slots=True)
class RunContents:
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
    #: Flights that it tells of.
    flights: tuple[str, ...] = ()

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
            "flights": list(self.flights),
        }
