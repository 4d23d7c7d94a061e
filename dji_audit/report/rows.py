"""The rows of a run as typed objects: what report.json, flights.csv, index and terminal show."""

import datetime as dt
import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import JsonValue

import parsers
from dji_audit.camera_view import CameraPoses
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.declared_tracks import DeclaredTrackFlightComparison
from dji_audit.compliance.findings import (
    Acknowledgement,
    DataNeedObservation,
    Evidence,
    Finding,
    RuleResult,
    share_suffices,
)
from dji_audit.compliance.outcomes import NEEDS_LOOK, REMARK, Outcome, Severity
from dji_audit.flights import ClockDrift, Disagreement, Flight, FlightSource, LogToFlightMatch
from dji_audit.media_files import MediaFilesOfOneCapture
from dji_audit.report.declared_clock_rows import DeclaredClockRow, LogClockTextsForReport
from dji_audit.report.event_rows import EventRow
from dji_audit.report.file_status import FileStatus
from dji_audit.report.flight_location import (
    DEFAULT_TIME_ZONE,
    FlightLocation,
    TimeZoneBasis,
)
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.json_values import (
    as_json_value,
    build_dataclass_from_attributes,
    rounded_fraction,
    rounded_or_none,
)
from dji_audit.report.media_capture_rows import (
    ListedCaptureRowsAndLeftOutCount,
    media_capture_rows_and_left_out_count,
)
from dji_audit.report.network_contact_rows import ContactRow, NetworkCoverageOfFlightRow
from dji_audit.report.quarantine import QuarantineCause

#: How the reason begins for a zone file, which is not a log.
ZONE_FILE = "a zone file"
#: How the reason begins for a track that does not say whose it is.
UNDECLARED_TRACK = "a track whose owner is not declared"
#: Words in the reason for a file that decide what can be done about it.
TIME_LIMIT = "the time limit"
INTERNAL_FAULT = "this is a fault of dji-audit"
PAGE_NOT_WRITTEN = "page not written"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogToFlightMatchRow:
    """How well a log fits a flight; ``None``: could not be compared."""

    serials_agree: bool | None
    overlap: float | None
    distance_m: float | None
    power_on_difference_s: float | None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeFlightRow(LogToFlightMatchRow):
    """How well a log fits another flight that it may belong to as well."""

    flight: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDriftRow:
    """How fast a clock runs against the flight's."""

    s_per_h: float
    uncertainty_s_per_h: float
    reference_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAlignmentRow:
    """How the clock of a source was aligned with the flight's."""

    source: str | None
    method: str
    offset_s: float | None
    uncertainty_s: float | None
    timezone_s: float | None
    reason: str
    drift: ClockDriftRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightLogRow:
    """One log of a flight: its time span, its clock and its fit."""

    file: str
    sha256: str
    format: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    fixes: int
    clock: ClockAlignmentRow
    match: LogToFlightMatchRow | None
    alternatives: tuple[AlternativeFlightRow, ...]
    copy_of: int | None
    #: SHA-256 of the file on the disk that a member of a container lies in; ``None``: no member.
    container_sha256: str | None = None
    #: Whether it holds what another device received of the aircraft, such as Remote ID.
    received: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTrackRow:
    """A track that the unit supplied, beside a flight; ``None``: not known."""

    file: str
    sha256: str
    #: One of ``declared_tracks.OWNERS``.
    owner: str
    used: bool
    text: str
    clock: str
    error_basis: str
    #: Share of the fixes in the air for which it says where its owner was.
    share: float
    least_distance_m: float | None
    greatest_distance_m: float | None
    error_m: float | None
    #: Of a device on the aircraft, whether it was where the aircraft was.
    agrees: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyAircraftRow:
    """An aircraft near a flight that only receivers recorded; ``None``: it did not state it."""

    #: What it calls itself, and the flight that it is by itself; empty: a log of this flight
    #: received it.
    identity: str
    flight_id: str
    file: str
    #: ``Remote ID`` or ``ADS-B``; call sign and kind of aircraft, empty where not stated.
    means: str
    description: str
    start: pd.Timestamp
    end: pd.Timestamp
    #: Least distance to the aircraft of the flight; when, and where it was then.
    distance_m: float
    nearest: pd.Timestamp
    latitude_deg: float
    longitude_deg: float
    height_m: float | None
    altitude_amsl_m: float | None
    operator_latitude_deg: float | None
    operator_longitude_deg: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraViewBasisRow:
    """What the camera view of a flight was computed from."""

    field_of_view: str | None
    grade: str | None
    ground: str
    ground_coverage: float | None
    unknown_reason: str | None


@dataclass(frozen=True, slots=True)
class MissingInAppLogFolderRow:
    """What the folder where an app keeps its logs says by what is missing there."""

    #: The folder, as it is named in every output.
    folder: str
    #: The app, such as "DJI GO 4 on Android".
    app: str
    text: str


#: Needs of rules that the unit meets, and no log of a flight: fields of ``AuditContext``, and a
#: second log to compare the first one with.
SUPPLIED_INPUTS = frozenset({*(item.name for item in fields(AuditContext)), "other log"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightRow:
    """One flight; ``None``: its logs do not state it."""

    id: str
    #: The file that gives its track, and the hash of that file.
    file: str
    sha256: str
    #: Its page, relative to the index; ``None``: no page was drawn.
    page: str | None = None
    start: pd.Timestamp | None = None
    takeoff: pd.Timestamp | None = None
    landing: pd.Timestamp | None = None
    #: Whether its logs begin after its take-off, or end before its landing; ``None``: not known.
    begins_in_air: bool | None = None
    ends_in_air: bool | None = None
    #: Without UTC: by the clock of its log, without a zone.
    local_start: str | None = None
    local_takeoff: str | None = None
    local_landing: str | None = None
    duration_s: float | None = None
    maker: str | None = None
    aircraft: str | None = None
    aircraft_name: str | None = None
    serial: str | None = None
    #: Part -> firmware version.
    firmware: Mapping[str, str] = field(default_factory=dict)
    app: str | None = None
    distance_m: float | None = None
    max_height_ato_m: float | None = None
    max_home_distance_m: float | None = None
    home_latitude_deg: float | None = None
    home_longitude_deg: float | None = None
    #: Where it took off, else where the header of a log states that it began.
    start_latitude_deg: float | None = None
    start_longitude_deg: float | None = None
    #: Where it was by the nearest place, such as ``2.1 km NE of Sheerness, Kent``.
    place: str | None = None
    #: County of that place in Britain; elsewhere its country, with the state where that helps.
    region: str | None = None
    #: Of the position whose place it is: National Grid in Great Britain, elsewhere MGRS.
    grid_reference: str | None = None
    #: IANA name of the time zone whose local time is shown, and why that one.
    timezone: str = DEFAULT_TIME_ZONE
    timezone_basis: TimeZoneBasis = TimeZoneBasis.DEFAULT
    fixes: int = 0
    #: ``None``: its logs record no captures of any kind.
    videos: int | None = None
    video_s: float | None = None
    photos: int | None = None
    #: ``yes``, ``no`` or ``unknown``.
    thermal: str = "unknown"
    geofence_reports: int = 0
    verdict: FlightVerdict = FlightVerdict.CLEAN
    #: Whether its logs state that a simulator made them.
    simulated: bool = False
    #: Columns whose value is that of a log's header and was not compared with any record.
    stated_by_header: tuple[str, ...] = ()
    #: Findings that break a rule, and are neither authorised nor acknowledged.
    findings: int = 0
    remarks: int = 0
    #: Worst severity among those findings.
    worst: Severity | None = None
    #: How many rules had each outcome; one column for each outcome in the documents.
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    encrypted: bool = False
    issues: int = 0
    bytes_not_decoded: int = 0
    cut_short: bool = False
    clock: str | None = None
    clock_uncertainty_s: float | None = None
    files: int = 1
    disagreements: int = 0
    sources: tuple[FlightLogRow, ...] = ()
    #: Column of the track -> file that gives it, where that is not the first source.
    column_sources: Mapping[str, str] = field(default_factory=dict)
    view: CameraViewBasisRow | None = None
    captures: ListedCaptureRowsAndLeftOutCount | None = None
    #: Whether its path is what receivers recorded: no log of the aircraft is among those given.
    received_only: bool = False
    #: Who else was there: aircraft that only receivers recorded, the nearest first.
    nearby_aircraft: tuple[NearbyAircraftRow, ...] = ()
    #: Tracks of people and of other aircraft that the unit supplied, while it flew.
    declared_tracks: tuple[DeclaredTrackRow, ...] = ()

    def to_json_row(self) -> dict[str, JsonValue]:
        """Return the row as JSON with a column for each outcome."""
        row: dict[str, JsonValue] = {}
        for item in fields(self):
            if item.name == "outcomes":
                row |= {outcome.value: self.outcomes.get(outcome, 0) for outcome in Outcome}
            else:
                row[item.name] = as_json_value(getattr(self, item.name))
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRuleRow:
    """One entry of the policy, stated once for all flights."""

    rule: str
    applied_rule: str
    title: str
    status: str
    citation: str
    parameters: Mapping[str, JsonValue]
    parameter_sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """A stretch of time in which something was observed."""

    start: pd.Timestamp
    end: pd.Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNeedObservationRow:
    """One thing that a rule needs, and how much of it was observed."""

    #: Facts, or what the unit supplies, by name, and in words.
    need: str
    subject: str
    share: float
    #: Share that a pass needs.
    min_share: float
    #: The files that show it.
    sources: tuple[str, ...]
    intervals: tuple[IntervalRow, ...]
    #: Why it was not observed in full, and what the unit can do about it; empty: nothing.
    reason: str
    remedy: str

    @property
    def is_met(self) -> bool:
        """Whether it suffices for a pass."""
        return share_suffices(self.share, self.min_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResultRow:
    """The result of one rule on one flight; the rule itself is a `PolicyRuleRow`."""

    flight: str
    rule: str
    outcome: Outcome
    reason: str
    #: The texts that the rule rests on and that were in force on the date of the flight.
    legal_basis: tuple[str, ...] = ()
    #: Smallest share of what the rule needs that was observed; ``None``: no need is declared.
    coverage: float | None = None
    #: What the result rests on, one for each need of the rule.
    observations: tuple[DataNeedObservationRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmetNeedRow:
    """Something that a rule needs of a flight and that is not there, with what can be done."""

    rule: str
    remedy: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightRuleOutcomes:
    """What came of the rules on a flight, as verdict, triage and index of a run ask it.

    The results are most of what a large run holds: few can afford to go through them all.
    """

    id: str
    verdict: FlightVerdict
    simulated: bool
    #: Its page, relative to the index; ``None``: no page was drawn.
    page: str | None
    #: The files of its logs.
    files: tuple[str, ...]
    #: How many rules had each outcome, and which they are, in the order of the policy.
    outcomes: Mapping[Outcome, int]
    rules_by_outcome: Mapping[Outcome, tuple[str, ...]]
    #: Rule that is not assessable -> why.
    not_assessable_reasons: Mapping[str, str]
    #: What rules that are not assessable lack, where something can be done about it.
    unmet_needs: tuple[UnmetNeedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationRow:
    """What authorises a finding: all of it (``whole``) or a part."""

    covers: str
    references: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding, with the bytes that show it."""

    flight: str
    rule: str
    outcome: str
    severity: Severity
    grade: str
    summary: str
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: The start by the time zone shown beside UTC: ISO 8601 to the second, with its offset.
    start_local: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    peak: float | None = None
    subject: str | None = None
    inconclusive: bool = False
    coverage: float | None = None
    authorisation: AuthorisationRow | None = None
    acknowledgement: Acknowledgement | None = None
    #: What tells it from all others, in every run and version.
    fingerprint: str = ""
    #: Of a remark that many flights share: the sentence that the run says once; empty: none.
    run_remark: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def local_time_text(self) -> str:
        """Day, clock and offset of its start in local time; empty: it has no time."""
        if self.start_local is None:
            return ""
        local = dt.datetime.fromisoformat(self.start_local)
        minutes = int((local.utcoffset() or dt.timedelta()).total_seconds()) // 60
        hours, rest = divmod(abs(minutes), 60)
        offset = f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"
        return f"{local:%Y-%m-%d %H:%M:%S} {offset}"

    @property
    def is_authorised(self) -> bool:
        """Whether all of it is authorised: it is listed, and counts for nothing."""
        return self.authorisation is not None and self.authorisation.covers == "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCaptureFileRow:
    """What one file of a capture holds; ``None``: the file does not state it."""

    kind: str | None
    sensor: str | None
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    latitude_deg: float | None
    longitude_deg: float | None
    height_ato_m: float | None
    file: str
    sha256: str
    format: str
    hosts: tuple[str, ...]
    source: str
    source_offset: int
    flights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediaFilesCaptureRow:
    """One capture recorded in media files."""

    name: str
    streams: tuple[MediaCaptureFileRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreeingValueRow:
    """The value that one source gives in a disagreement, and where it stands."""

    file: str
    sha256: str
    offset: int | None
    record: str
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreementRow:
    """One disagreement between sources of a flight."""

    kind: str
    text: str
    values: tuple[DisagreeingValueRow, ...]
    difference: float | None
    tolerance: float | None
    unit: str
    tolerance_basis: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    count: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """One input file: what it is and what became of it."""

    name: str
    #: One of ``FileStatus``.
    status: str
    reason: str = ""
    size: int | None = None
    sha256: str | None = None
    format: str | None = None
    format_version: str | None = None
    #: Kind of bytes (``parsers.COVERAGE``) -> how many.
    coverage: Mapping[str, int] | None = None
    issues: tuple[parsers.Issue, ...] = ()
    #: SHA-256 of the key request, and of the keychains file that opened it.
    key_request: str | None = None
    keychain: str | None = None
    #: Flights that it belongs to.
    flights: tuple[str, ...] = ()
    #: What it is, or looks like by its content, such as ``GPX track``; ``None``: nobody looked.
    kind: str | None = None
    #: What a unit can do about it if it was not read; empty: nothing special.
    advice: str = ""
    #: SHA-256 of the file on the disk that a member of a container lies in; ``None``: no member.
    container_sha256: str | None = None
    #: Name under which a phone's backup keeps it; ``None``: under its own.
    stored_as: str | None = None
    #: App in whose folder of logs it lies, such as "DJI Fly on Android"; ``None``: in none.
    app: str | None = None
    #: What went wrong while it was read; ``None``: nothing.
    quarantine: QuarantineCause | None = None
    #: Whether it was not hashed in this run, because the disk states that it did not change.
    is_hash_trusted: bool = False

    @property
    def is_possible_evidence(self) -> bool:
        """Whether it was not read and its content shows that it may hold evidence.

        A file that a person named and whose content shows nothing was not read either.
        """
        return self.status == FileStatus.UNREAD and bool(self.advice or self.format)

    @property
    def is_left_out_evidence(self) -> bool:
        """Whether the unit leaves it out and its content shows that it may hold evidence."""
        return self.status == FileStatus.LEFT_OUT and bool(self.advice)

    @property
    def why_not_read(self) -> str:
        """Why it was not read in the fewest words: its kind where that is the reason."""
        return self.kind if self.advice and self.kind else self.reason


@dataclass(frozen=True, slots=True)
class RunContents:
    """All rows of a run: what every document and page of it is made from.

    Rows of a large run lie on disk (``dji_audit.fleet.rows_on_disk``): whoever needs several of
    their columns goes through them once and keeps no more than is shown.
    """

    files: Sequence[FileRow]
    flights: Sequence[FlightRow] = ()
    results: Sequence[RuleResultRow] = ()
    findings: Sequence[FindingRow] = ()
    #: Captures in media files.
    captures: Sequence[MediaFilesCaptureRow] = ()
    #: Hosts that the devices of flights contacted, and how much of the time was recorded.
    contacts: Sequence[ContactRow] = ()
    network: Sequence[NetworkCoverageOfFlightRow] = ()
    #: The entries of the policy that were applied, in the order of the policy.
    rules: Sequence[PolicyRuleRow] = ()
    #: Clocks that a person declared, and the logs whose times lack what could be declared.
    clocks: Sequence[DeclaredClockRow] = ()
    undeclared_clocks: Sequence[LogClockTextsForReport] = ()
    #: Which acknowledgements match no finding, a sentence; empty: each matches one.
    unmatched_acknowledgements: str = ""
    #: Folders of apps that hold no log, or whose logs' numbers have gaps.
    app_folders: Sequence[MissingInAppLogFolderRow] = ()
    #: What happened in the flights, as their logs state it.
    events: Sequence[EventRow] = ()
    #: What came of the rules on each of the flights, in the same order, where that is kept
    #: (``rule_outcomes_of_flights``).
    rule_outcomes: Sequence[FlightRuleOutcomes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightWithLogsAndDisagreements:
    """One flight with its sources and their disagreements, for ``inspect --flight``."""

    id: str
    takeoff: pd.Timestamp | None
    landing: pd.Timestamp | None
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    sources: tuple[FlightLogRow, ...]
    column_sources: Mapping[str, str]
    disagreements: tuple[DisagreementRow, ...]
    sequence_gaps: tuple[str, ...]
    view: CameraViewBasisRow


def row_of_audited_flight(
    audit: FlightAudit, page: str | None, camera_poses: CameraPoses, location: FlightLocation
) -> FlightRow:
    """Return the row of an audited flight; the location is that of `locate_flight`."""
    flight, log = audit.flight, audit.flight.log
    aircraft, captures = flight.aircraft, flight.captures
    video = captures[captures["kind"] == "video"]
    photos = captures[captures["kind"] == "photo"]
    # Nothing recorded, and nothing known of recording, are not the same.
    has_captures = flight.would_show_recordings
    issues = [issue for each in flight.logs for issue in each.issues]
    counted = severities_of_unsettled_rule_breaches(audit)
    stated = flight_values_from_header(flight)
    start = flight.takeoff_position or stated.position
    return FlightRow(
        id=flight.id,
        file=log.source.name,
        sha256=log.source.sha256,
        page=page,
        start=flight.start or stated.start,
        takeoff=flight.takeoff,
        landing=flight.landing,
        begins_in_air=flight.begins_in_air,
        ends_in_air=flight.ends_in_air,
        local_start=_iso_local_time(flight.local_start),
        local_takeoff=_iso_local_time(flight.local_takeoff),
        local_landing=_iso_local_time(flight.local_landing),
        duration_s=rounded_or_none(_first_not_none(flight.duration_s, stated.duration_s), 1),
        maker=aircraft.maker,
        aircraft=aircraft.model,
        aircraft_name=aircraft.name,
        serial=aircraft.serial,
        firmware=dict(sorted(aircraft.firmware.items())),
        app=aircraft.app,
        distance_m=rounded_or_none(_first_not_none(flight.distance_m, stated.distance_m), 1),
        max_height_ato_m=rounded_or_none(
            _first_not_none(flight.max_height_ato_m, stated.max_height_ato_m), 1
        ),
        max_home_distance_m=rounded_or_none(flight.max_home_distance_m, 1),
        home_latitude_deg=rounded_or_none(flight.home.latitude_deg if flight.home else None, 6),
        home_longitude_deg=rounded_or_none(flight.home.longitude_deg if flight.home else None, 6),
        start_latitude_deg=rounded_or_none(start.latitude_deg if start else None, 6),
        start_longitude_deg=rounded_or_none(start.longitude_deg if start else None, 6),
        place=location.nearest_place_text,
        region=None if location.place is None else location.place.place.region,
        grid_reference=location.grid_reference,
        timezone=location.timezone,
        timezone_basis=location.timezone_basis,
        fixes=len(flight.track),
        videos=len(video) if has_captures else None,
        video_s=rounded_or_none(_recorded_video_seconds(video), 1) if has_captures else None,
        photos=_count_photos(photos) if has_captures else None,
        thermal=thermal_recorded_yes_no_unknown(captures, has_captures),
        geofence_reports=int(flight.events["kind"].str.startswith("geofence.").sum()),
        verdict=verdict_of_flight(audit),
        simulated=flight.is_simulated,
        stated_by_header=stated.known_flight_column_names,
        findings=len(counted),
        remarks=sum(
            result.outcome_of_finding(finding) == REMARK
            for result in audit.results
            for finding in result.findings
        ),
        worst=max(counted, key=lambda severity: severity.rank, default=None),
        outcomes=Counter(result.outcome for result in audit.results),
        encrypted=any(each.encrypted for each in flight.logs),
        issues=len(issues),
        bytes_not_decoded=sum(issue.size for issue in issues),
        cut_short=any(each.is_truncated for each in flight.logs),
        clock=log.clock.source,
        clock_uncertainty_s=log.clock.uncertainty_s,
        files=len(flight.logs),
        disagreements=len(flight.disagreements),
        sources=_flight_log_rows(flight),
        column_sources=_file_giving_each_track_column(flight),
        view=camera_view_basis_row(camera_poses),
        captures=media_capture_rows_and_left_out_count(flight),
        received_only=flight.is_known_only_from_receivers,
        nearby_aircraft=_nearby_aircraft_rows(flight),
        declared_tracks=tuple(map(_declared_track_row, audit.declared_tracks)),
    )


def severities_of_unsettled_rule_breaches(audit: FlightAudit) -> list[Severity]:
    """Return the severity of each finding that breaks a rule and is not settled."""
    # What is authorised, acknowledged or a remark stays listed and does not count.
    return [
        finding.severity
        for result in audit.results
        for finding in result.findings
        if result.outcome_of_finding(finding) == Outcome.FAIL
    ]


def verdict_of_flight(audit: FlightAudit) -> FlightVerdict:
    """Return whether a flight needs somebody."""
    failing = severities_of_unsettled_rule_breaches(audit)
    if audit.flight.is_simulated:
        return FlightVerdict.SIMULATED
    if any(severity.rank >= NEEDS_LOOK.rank for severity in failing):
        return FlightVerdict.NEEDS_LOOK
    if failing:
        return FlightVerdict.NOTE
    concerned = [
        result.outcome is Outcome.NOT_ASSESSABLE
        for result in audit.results
        if result.outcome is not Outcome.NOT_APPLICABLE and not result_lacks_supplied_input(result)
    ]
    if not concerned or 2 * sum(concerned) > len(concerned):
        return FlightVerdict.NOT_CHECKED
    return FlightVerdict.CLEAN_IN_PART if any(concerned) else FlightVerdict.CLEAN


def result_lacks_supplied_input(result: RuleResult) -> bool:
    """Return whether a rule was not checked only because the unit supplied nothing for it."""
    unmet = {each.need for each in result.observations if not each.is_met}
    return (
        result.outcome is Outcome.NOT_ASSESSABLE
        and bool(unmet)
        and all(SUPPLIED_INPUTS.issuperset(need.split(" or ")) for need in unmet)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightValuesFromHeader:
    """What the header of a log states of a flight of which no record was read."""

    start: pd.Timestamp | None = None
    duration_s: float | None = None
    distance_m: float | None = None
    max_height_ato_m: float | None = None
    position: parsers.NamedPosition | None = None

    @property
    def known_flight_column_names(self) -> tuple[str, ...]:
        """The columns of the flight that it gives."""
        names = [item.name for item in fields(self) if getattr(self, item.name) is not None]
        if "position" in names:
            names[names.index("position") :] = ["start_latitude_deg", "start_longitude_deg"]
        return tuple(names)


def flight_values_from_header(flight: Flight) -> FlightValuesFromHeader:
    """Return what a header states of a flight that no record shows: all, where there is no track.

    Of a flight with a track only a start that no record gives is taken from the header.
    """
    summary = flight.header_summary
    if summary is None:
        return FlightValuesFromHeader()
    if len(flight.track):
        return FlightValuesFromHeader(start=summary.start if flight.start is None else None)
    named = (position for log in flight.logs for position in log.named_positions)
    return build_dataclass_from_attributes(
        FlightValuesFromHeader,
        summary,
        position=next((position for position in named if position.kind == "start"), None),
    )


def _first_not_none(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def flight_with_logs_and_disagreements(
    flight: Flight, camera_poses: CameraPoses
) -> FlightWithLogsAndDisagreements:
    """Return a flight with its sources and their disagreements."""
    return build_dataclass_from_attributes(
        FlightWithLogsAndDisagreements,
        flight,
        sources=_flight_log_rows(flight),
        column_sources=_file_giving_each_track_column(flight),
        view=camera_view_basis_row(camera_poses),
        disagreements=tuple(disagreement_row(flight, each) for each in flight.disagreements),
        sequence_gaps=tuple(gap.text for gap in flight.sequence_gaps),
    )


def _nearby_aircraft_rows(flight: Flight) -> tuple[NearbyAircraftRow, ...]:
    rows = []
    for each in flight.nearby_aircraft:
        operator = each.operator_position or (None, None)
        rows.append(
            build_dataclass_from_attributes(
                NearbyAircraftRow,
                each,
                file=each.source_name,
                operator_latitude_deg=operator[0],
                operator_longitude_deg=operator[1],
            )
        )
    return tuple(rows)


def _declared_track_row(beside: DeclaredTrackFlightComparison) -> DeclaredTrackRow:
    return DeclaredTrackRow(
        file=beside.track.source.name,
        sha256=beside.track.source.sha256,
        owner=beside.track.owner,
        used=beside.is_used,
        text=beside.text,
        clock=beside.track.clock,
        error_basis=beside.track.error_basis,
        share=rounded_or_none(beside.share, 6) or 0.0,
        least_distance_m=_finite_or_none(beside.least_distance_m),
        greatest_distance_m=_finite_or_none(beside.greatest_distance_m),
        error_m=_finite_or_none(beside.error_m),
        agrees=beside.agrees,
    )


def _finite_or_none(metres: float) -> float | None:
    return round(metres, 1) if math.isfinite(metres) else None


def _flight_log_rows(flight: Flight) -> tuple[FlightLogRow, ...]:
    return tuple(flight_log_row(source) for source in flight.sources)


def _file_giving_each_track_column(flight: Flight) -> dict[str, str]:
    return {
        column: flight.logs[index].source.name
        for column, index in sorted(flight.column_sources.items())
    }


def camera_view_basis_row(camera_poses: CameraPoses) -> CameraViewBasisRow:
    """Return what the camera view of a flight was computed from."""
    return CameraViewBasisRow(
        field_of_view=camera_poses.fov_source or None,
        grade=camera_poses.fov_grade or None,
        ground=camera_poses.ground_height_source_text,
        ground_coverage=rounded_fraction(camera_poses.elevation_model_coverage_fraction),
        unknown_reason=camera_poses.unknown_view_reason or None,
    )


def disagreement_row(flight: Flight, disagreement: Disagreement) -> DisagreementRow:
    """Return one disagreement, with the bytes of every source that takes part."""
    values = []
    for side in disagreement.sides:
        source = flight.logs[side.source_index].source
        values.append(
            build_dataclass_from_attributes(
                DisagreeingValueRow, side, file=source.name, sha256=source.sha256
            )
        )
    return build_dataclass_from_attributes(DisagreementRow, disagreement, values=tuple(values))


def flight_log_row(source: FlightSource) -> FlightLogRow:
    """Return the row of one log of a flight, and how it was joined."""
    log, alignment = source.log, source.alignment
    return FlightLogRow(
        file=log.source.name,
        sha256=log.source.sha256,
        container_sha256=log.source.container_sha256,
        received=source.is_from_receiver,
        format=log.source.format,
        start=source.start,
        end=source.end,
        fixes=len(source.track),
        clock=ClockAlignmentRow(
            source=alignment.source,
            method=alignment.method,
            offset_s=rounded_or_none(alignment.offset_s, 3),
            uncertainty_s=rounded_or_none(alignment.uncertainty_s, 3),
            timezone_s=alignment.timezone_s,
            reason=alignment.reason,
            drift=None if alignment.drift is None else _clock_drift_row(alignment.drift),
        ),
        match=None if source.match is None else _log_to_flight_match_row(source.match),
        alternatives=tuple(
            AlternativeFlightRow(
                flight=other.flight_id, **asdict(_log_to_flight_match_row(other.match))
            )
            for other in source.alternative_flights
        ),
        copy_of=source.copy_of,
    )


def _clock_drift_row(drift: ClockDrift) -> ClockDriftRow:
    return build_dataclass_from_attributes(ClockDriftRow, drift)


def _log_to_flight_match_row(match: LogToFlightMatch) -> LogToFlightMatchRow:
    return build_dataclass_from_attributes(LogToFlightMatchRow, match)


def _iso_local_time(time: pd.Timestamp | None) -> str | None:
    """Return a date and time of day without a zone."""
    return None if time is None else time.isoformat(timespec="milliseconds")


def _recorded_video_seconds(video: pd.DataFrame) -> float | None:
    """Return how long video was recorded, by whatever sensors; ``None``: no times are known."""
    timed = video.dropna(subset=["start", "end"]).sort_values("start")
    if not len(timed):
        return None if len(video) else 0.0
    starts, ends = timed["start"].to_numpy(), timed["end"].to_numpy()
    latest_ends = np.maximum.accumulate(ends)
    begins = np.maximum(starts[1:], latest_ends[:-1])
    first = float((ends[0] - starts[0]) / np.timedelta64(1, "s"))
    rest = np.maximum((ends[1:] - begins) / np.timedelta64(1, "s"), 0.0)
    return first + float(rest.sum())


def _count_photos(photos: pd.DataFrame) -> int:
    """Return how often the shutter was released: one photo by several sensors counts once."""
    each = photos.groupby(["start", "sensor"]).size().groupby(level="start").max()
    return int(each.sum() + photos["start"].isna().sum())


def thermal_recorded_yes_no_unknown(captures: pd.DataFrame, has_captures: bool) -> str:
    """Return ``yes``, ``no`` or ``unknown``: whether thermal images were recorded."""
    sensors = set(captures["sensor"])
    if "thermal" in sensors:
        return "yes"
    return "unknown" if "unknown" in sensors or not has_captures else "no"


def rule_rows_of_policy(audit: FlightAudit) -> list[PolicyRuleRow]:
    """Return the policy entries that were applied to a flight; the same for every flight."""
    return [
        build_dataclass_from_attributes(
            PolicyRuleRow,
            result,
            parameters=dict(result.parameters),
            parameter_sources=dict(result.parameter_sources),
        )
        for result in audit.results
    ]


def rule_result_rows_of_flight(audit: FlightAudit) -> list[RuleResultRow]:
    """Return the result of each rule on a flight."""
    return [
        build_dataclass_from_attributes(
            RuleResultRow,
            result,
            flight=audit.flight.id,
            coverage=rounded_fraction(result.coverage),
            observations=tuple(map(_row_of_data_need_availability, result.observations)),
        )
        for result in audit.results
    ]


def _row_of_data_need_availability(observation: DataNeedObservation) -> DataNeedObservationRow:
    return build_dataclass_from_attributes(
        DataNeedObservationRow,
        observation,
        share=rounded_fraction(observation.share),
        intervals=tuple(IntervalRow(*span) for span in observation.intervals),
    )


def finding_rows_of_flight(audit: FlightAudit, timezone: str) -> list[FindingRow]:
    """Return the findings of a flight in order of their rule and time.

    Args:
        audit: The audit of the flight.
        timezone: The IANA time zone shown beside UTC.
    """
    zone = ZoneInfo(timezone)
    return [
        finding_row(finding, audit.flight.id, result, zone)
        for result in audit.results
        for finding in result.findings
    ]


def finding_row(finding: Finding, flight_id: str, result: RuleResult, zone: ZoneInfo) -> FindingRow:
    """Return the row of one finding of a rule's result; the zone is shown beside UTC."""
    authorisation, acknowledgement = finding.authorisation, finding.acknowledgement
    return build_dataclass_from_attributes(
        FindingRow,
        finding,
        flight=flight_id,
        outcome=str(result.outcome_of_finding(finding)),
        start_local=None
        if finding.start is None
        else finding.start.tz_convert(zone).isoformat(timespec="seconds"),
        latitude_deg=rounded_or_none(finding.latitude_deg, 6),
        longitude_deg=rounded_or_none(finding.longitude_deg, 6),
        peak=rounded_or_none(finding.peak, 3),
        coverage=rounded_fraction(result.coverage),
        authorisation=None
        if authorisation is None
        else AuthorisationRow(
            covers="whole" if authorisation.is_complete else "part",
            references=tuple(authorisation.references),
            text=authorisation.text,
        ),
        acknowledgement=acknowledgement,
    )


def media_capture_row(capture: MediaFilesOfOneCapture) -> MediaFilesCaptureRow:
    """Return the row of one capture in media files."""
    return MediaFilesCaptureRow(
        capture.name,
        tuple(
            build_dataclass_from_attributes(
                MediaCaptureFileRow,
                stream,
                latitude_deg=rounded_or_none(stream.latitude_deg, 7),
                longitude_deg=rounded_or_none(stream.longitude_deg, 7),
                height_ato_m=rounded_or_none(stream.height_ato_m, 2),
                flights=stream.flight_ids,
            )
            for stream in capture.streams
        ),
    )


def page_file_name(audit: FlightAudit) -> str:
    """Return the file name of a flight's page."""
    return page_file_name_of_flight(audit.flight.log.source.name, audit.flight.id)


def page_file_name_of_flight(name: str, flight_id: str) -> str:
    """Return the file name of a flight's page: readable, safe everywhere, and unique.

    Two logs of one name lie in different folders, so the name carries part of
    the hash of the log's full name too.

    Args:
        name: The full name of the log that is its first source.
        flight_id: The id of the flight.
    """
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", name.rsplit("/", 1)[-1]).strip("._-")[:60]
    name_hash = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:4]
    return f"{stem}-{flight_id}-{name_hash}.html"
