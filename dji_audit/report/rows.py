"""The rows of a run as typed objects: what report.json, flights.csv, index and terminal show."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import pandas as pd
from pydantic import JsonValue

import parsers
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Acknowledgement, Evidence, share_suffices
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.report.declared_clock_rows import DeclaredClockRow, LogClockTextsForReport
from dji_audit.report.event_rows import EventRow
from dji_audit.report.file_status import FileStatus
from dji_audit.report.flight_location import DEFAULT_TIME_ZONE, TimeZoneBasis
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.json_values import as_json_value
from dji_audit.report.media_capture_rows import ListedCaptureRowsAndLeftOutCount
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
