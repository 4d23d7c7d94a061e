"""The flights that a survey counts, out of the results of audits.

They come from a ``report.json``, from the folder of a finished audit, or from a state.  Nothing is
audited here.
"""

import datetime as dt
import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dji_audit.common.hashed_file import file_sha256
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import validation_fault_text
from dji_audit.compliance.outcomes import Outcome
from dji_audit.endpoints import CLAIMS
from dji_audit.fleet.output_folder import REPORT_FILE, OutputError
from dji_audit.fleet.state.state_folder import MARK_FILE
from dji_audit.fleet.survey.declared_return import SurveyError
from dji_audit.fleet.tables.open_database import database_path, open_fleet_database_read_only
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.run_verdict import INCOMPLETE_STATUSES
from dji_audit.report.schema_version import SCHEMA

#: Bytes of the largest report that is read into memory.
_LARGEST_REPORT = 2 << 30
_AUDIO_RULE = "audio_recorded"


class RecordedOrUnknown(StrEnum):
    """Whether a flight recorded something; that its logs cannot show it is no ``no``."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedFlight:
    """One flight that logs record, or that a person entered; ``None``: not known."""

    id: str
    #: UTC; by the clock of its log where that is all there is.
    day: dt.date | None
    maker: str | None
    model: str | None
    serial: str | None
    #: Apps and controllers that its logs name.
    ground_stations: tuple[str, ...]
    #: Part -> version.
    firmware: Mapping[str, str]
    photos: RecordedOrUnknown
    video: RecordedOrUnknown
    thermal: RecordedOrUnknown
    audio: RecordedOrUnknown
    video_s: float | None
    #: Rules that apply to it, and those of them that were checked.
    rules: int
    rules_checked: int
    #: Whether at least half of the rules that apply to it were checked.
    is_checked: bool
    #: Findings that break a rule and that nobody has settled.
    open_findings: int
    #: Whether a person entered it, and no log records it.
    is_entered_by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactedInternetHost:
    """A host on the internet that the devices of a flight contacted."""

    #: ``None``: in network logs that record no time of a flight.
    flight: str | None
    day: dt.date | None
    host: str
    #: What it proves: a key of ``CLAIMS``.
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightsAndContactsOfAudits:
    """What one audit or several found out, as far as a survey asks."""

    #: Name and SHA-256 of each report or database.
    sources: tuple[tuple[str, str], ...] = ()
    flights: tuple[SurveyedFlight, ...] = ()
    contacts: tuple[ContactedInternetHost, ...] = ()
    #: Flights of which network logs recorded enough that no contact means none.
    conclusive_flights: frozenset[str] = frozenset()
    #: Ids of flights of a simulator.
    simulated_flights: frozenset[str] = frozenset()
    #: Files that may hold flights and were not read in full, by SHA-256, else by name.
    unread_files: frozenset[str] = frozenset()


def read_flights_and_contacts_of_audits(paths: list[Path]) -> FlightsAndContactsOfAudits:
    """Return the flights of reports, folders of finished audits, and states; each flight once.

    Raises:
        SurveyError: If a path is none of these, is damaged, or is of another version.
    """
    return _merge_flights_and_contacts_of_audits(
        [_load_flights_and_contacts_of_audits(path) for path in paths]
    )


def _load_flights_and_contacts_of_audits(path: Path) -> FlightsAndContactsOfAudits:
    try:
        if path.is_dir():
            if (path / MARK_FILE).is_file():
                return _load_flights_and_contacts_of_state(path)
            if not (path / REPORT_FILE).is_file():
                raise SurveyError(
                    f"{path} holds no {REPORT_FILE} and is not a state: name a finished audit"
                )
            path = path / REPORT_FILE
        if path.stat().st_size > _LARGEST_REPORT:
            raise SurveyError(f"{path}: too large; name the --state of the audit instead")
        data = path.read_bytes()
    except OSError as error:
        raise SurveyError(f"{path}: {os_error_reason(error)}") from error
    return parse_flights_and_contacts_of_report(data, path.name)


def _merge_flights_and_contacts_of_audits(
    parts: list[FlightsAndContactsOfAudits],
) -> FlightsAndContactsOfAudits:
    """Return several as one: a flight that two audits hold counts once, as the last has it."""
    flights = {flight.id: flight for part in parts for flight in part.flights}
    return FlightsAndContactsOfAudits(
        sources=tuple(source for part in parts for source in part.sources),
        flights=tuple(sorted(flights.values(), key=lambda it: (it.day or dt.date.min, it.id))),
        contacts=tuple(dict.fromkeys(contact for part in parts for contact in part.contacts)),
        conclusive_flights=frozenset().union(*(part.conclusive_flights for part in parts)),
        simulated_flights=frozenset().union(*(part.simulated_flights for part in parts)),
        unread_files=frozenset().union(*(part.unread_files for part in parts)),
    )


class _SurveyedReportPartBase(BaseModel):
    """A part of a report, of which a survey needs some keys."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _MediaCaptureOfReport(_SurveyedReportPartBase):
    kind: str | None = None


class _CapturesFieldOfReportedFlight(_SurveyedReportPartBase):
    rows: tuple[_MediaCaptureOfReport, ...] = ()


class _FlightOfReport(_SurveyedReportPartBase):
    id: str
    maker: str | None = None
    aircraft: str | None = None
    serial: str | None = None
    app: str | None = None
    firmware: dict[str, str] = {}
    start: str | None = None
    local_start: str | None = None
    photos: int | None = None
    videos: int | None = None
    video_s: float | None = None
    thermal: str = "unknown"
    verdict: str
    simulated: bool = False
    #: Only heard by receivers: it may be anybody's aircraft.
    received_only: bool = False
    findings: int = 0
    captures: _CapturesFieldOfReportedFlight | None = None


class _RuleOfReport(_SurveyedReportPartBase):
    rule: str
    applied_rule: str


class _RuleOutcomeOfReport(_SurveyedReportPartBase):
    flight: str
    rule: str
    outcome: str


class _ContactOfReport(_SurveyedReportPartBase):
    flight: str | None = None
    contacted_by: str
    host: str
    is_local: bool
    claim: str
    first: str | None = None


class _NetworkCoverageOfReport(_SurveyedReportPartBase):
    flight: str
    covered_fraction: float | None = None
    insufficient_reason: str


class _FileOfReport(_SurveyedReportPartBase):
    name: str
    sha256: str | None = None
    status: str


class _SurveyedReport(_SurveyedReportPartBase):
    form: str = Field(alias="schema")
    inputs: tuple[_FileOfReport, ...]
    flights: tuple[_FlightOfReport, ...]
    rules: tuple[_RuleOfReport, ...]
    results: tuple[_RuleOutcomeOfReport, ...]
    contacts: tuple[_ContactOfReport, ...]
    network: tuple[_NetworkCoverageOfReport, ...]


def parse_flights_and_contacts_of_report(data: bytes, name: str) -> FlightsAndContactsOfAudits:
    """Return the flights in the bytes of a ``report.json``.

    Raises:
        SurveyError: If it is no report of this version.
    """
    try:
        report = _SurveyedReport.model_validate_json(data)
    except ValidationError as error:
        raise SurveyError(f"{name}: no report of dji-audit: {validation_fault_text(error)}") from (
            error
        )
    if report.form != SCHEMA:
        raise SurveyError(f"{name}: its form is {report.form[:60]!r}, not {SCHEMA!r}")
    counts = _CheckedRuleCountsByFlight.of_results(
        ((it.flight, it.rule, it.outcome) for it in report.results),
        {it.rule for it in report.rules if it.applied_rule == _AUDIO_RULE},
    )
    flights = [
        _surveyed_flight_of_row(
            row,
            counts,
            has_audio=row.captures is not None
            and any(capture.kind == "audio" for capture in row.captures.rows),
            ground_stations=(row.app,) if row.app else (),
        )
        for row in report.flights
        if not row.simulated and not row.received_only
    ]
    return FlightsAndContactsOfAudits(
        sources=((name, hashlib.sha256(data).hexdigest()),),
        flights=tuple(flights),
        contacts=tuple(
            ContactedInternetHost(
                flight=row.flight, day=_day_of_iso_time(row.first), host=row.host, claim=row.claim
            )
            for row in report.contacts
            if row.contacted_by == "device" and not row.is_local and row.claim in CLAIMS
        ),
        conclusive_flights=frozenset(
            row.flight
            for row in report.network
            if row.covered_fraction is not None and not row.insufficient_reason
        ),
        simulated_flights=frozenset(row.id for row in report.flights if row.simulated),
        unread_files=frozenset(
            row.sha256 or row.name for row in report.inputs if row.status in INCOMPLETE_STATUSES
        ),
    )


@dataclass(frozen=True, slots=True)
class _CheckedRuleCountsByFlight:
    """Of each flight: how many rules apply, how many of them were checked, and of sound."""

    applicable: Mapping[str, int]
    checked: Mapping[str, int]
    #: Flights of which it would have been seen that sound was recorded.
    audio_checked: frozenset[str]

    @classmethod
    def of_results(
        cls, results: Iterator[tuple[str, str, str]], audio_rules: set[str]
    ) -> "_CheckedRuleCountsByFlight":
        """Return the counts from flight, rule and outcome of each result."""
        applicable: dict[str, int] = defaultdict(int)
        checked: dict[str, int] = defaultdict(int)
        audio_checked = set()
        for flight, rule, outcome in results:
            if outcome == Outcome.NOT_APPLICABLE:
                continue
            applicable[flight] += 1
            if outcome != Outcome.NOT_ASSESSABLE:
                checked[flight] += 1
                if rule in audio_rules:
                    audio_checked.add(flight)
        return cls(applicable, checked, frozenset(audio_checked))


def _surveyed_flight_of_row(
    row: Any,
    counts: _CheckedRuleCountsByFlight,
    *,
    has_audio: bool,
    ground_stations: tuple[str, ...],
) -> SurveyedFlight:
    """Return a flight from the row of a report or of a table, whose columns have one name."""
    return SurveyedFlight(
        id=row.id,
        day=_day_of_iso_time(row.start) or _day_of_iso_time(row.local_start),
        maker=row.maker,
        model=row.aircraft,
        serial=row.serial,
        ground_stations=ground_stations,
        firmware=row.firmware,
        photos=_recorded_if_count_positive(row.photos),
        video=_recorded_if_count_positive(row.videos),
        thermal=RecordedOrUnknown(row.thermal)
        if row.thermal in set(RecordedOrUnknown)
        else RecordedOrUnknown.UNKNOWN,
        audio=RecordedOrUnknown.YES
        if has_audio
        else RecordedOrUnknown.NO
        if row.id in counts.audio_checked
        else RecordedOrUnknown.UNKNOWN,
        video_s=row.video_s,
        rules=counts.applicable.get(row.id, 0),
        rules_checked=counts.checked.get(row.id, 0),
        is_checked=row.verdict != FlightVerdict.NOT_CHECKED
        and 0 < counts.applicable.get(row.id, 0) <= 2 * counts.checked.get(row.id, 0),
        open_findings=row.findings,
    )


def _recorded_if_count_positive(number: int | None) -> RecordedOrUnknown:
    if number is None:
        return RecordedOrUnknown.UNKNOWN
    return RecordedOrUnknown.YES if number else RecordedOrUnknown.NO


def _day_of_iso_time(text: str | None) -> dt.date | None:
    """Return the day of a time as ISO 8601; ``None``: it has none, or is damaged."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _load_flights_and_contacts_of_state(state: Path) -> FlightsAndContactsOfAudits:
    """Return the flights in the tables of a state.

    Raises:
        SurveyError: If it has none, or they are damaged or of another version.
    """
    try:
        with open_fleet_database_read_only(state) as connection:
            connection.row_factory = sqlite3.Row
            records = _query_flights_and_contacts(connection)
            sha256 = file_sha256(database_path(state))
    except OutputError as error:
        raise SurveyError(str(error)) from error
    except OSError as error:
        raise SurveyError(f"{state}: {os_error_reason(error)}") from error
    return FlightsAndContactsOfAudits(
        sources=((f"tables of the state {state.name}", sha256),),
        flights=records.flights,
        contacts=records.contacts,
        conclusive_flights=records.conclusive_flights,
        simulated_flights=records.simulated_flights,
        unread_files=records.unread_files,
    )


def _query_flights_and_contacts(connection: sqlite3.Connection) -> FlightsAndContactsOfAudits:
    firmware: dict[str, dict[str, str]] = defaultdict(dict)
    for row in connection.execute("SELECT flight, part, version FROM flight_firmware"):
        firmware[row["flight"]][row["part"]] = row["version"]
    controllers: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(
        "SELECT DISTINCT flight, coalesce(model || ' ', '') || coalesce(serial, '') AS name "
        "FROM parts WHERE part = 'controller' ORDER BY flight, name"
    ):
        controllers[row["flight"]].append(row["name"].strip())
    counts = _CheckedRuleCountsByFlight.of_results(
        iter(connection.execute("SELECT flight, rule, outcome FROM results")),
        {
            row["rule"]
            for row in connection.execute(
                "SELECT rule FROM rules WHERE applied_rule = ?", (_AUDIO_RULE,)
            )
        },
    )
    with_audio = {
        row["flight"]
        for row in connection.execute("SELECT DISTINCT flight FROM captures WHERE kind = 'audio'")
    }
    flights, simulated = [], set()
    for row in connection.execute("SELECT * FROM flights"):
        if row["simulated"]:
            simulated.add(row["flight"])
            continue
        if row["received_only"]:
            continue
        if row["entry"] == "declared":
            flights.append(_surveyed_flight_entered_by_hand(row))
            continue
        keys = set(row.keys())
        surveyed = _FlightOfReport.model_construct(
            **{
                name: row[name]
                for name in _FlightOfReport.model_fields
                if name in keys and name not in ("id", "captures", "firmware")
            },
            id=row["flight"],
            firmware=firmware.get(row["flight"], {}),
        )
        flights.append(
            _surveyed_flight_of_row(
                surveyed,
                counts,
                has_audio=row["flight"] in with_audio,
                ground_stations=tuple(
                    name for name in (row["app"], *controllers[row["flight"]]) if name
                ),
            )
        )
    marks = ", ".join("?" * len(INCOMPLETE_STATUSES))
    unread = connection.execute(
        f"SELECT coalesce(sha256, name) AS file FROM files WHERE status IN ({marks})",  # noqa: S608 - marks only
        [str(status) for status in INCOMPLETE_STATUSES],
    )
    return FlightsAndContactsOfAudits(
        flights=tuple(flights),
        contacts=tuple(
            ContactedInternetHost(
                flight=row["flight"],
                day=_day_of_iso_time(row["first"]),
                host=row["host"],
                claim=row["claim"],
            )
            for row in connection.execute(
                "SELECT * FROM contacts WHERE contacted_by = 'device' AND NOT is_local"
            )
            if row["claim"] in CLAIMS
        ),
        conclusive_flights=frozenset(
            row["flight"]
            for row in connection.execute(
                "SELECT flight FROM coverage WHERE share IS NOT NULL AND insufficient_reason = ''"
            )
        ),
        simulated_flights=frozenset(simulated),
        unread_files=frozenset(row["file"] for row in unread),
    )


def _surveyed_flight_entered_by_hand(row: sqlite3.Row) -> SurveyedFlight:
    return SurveyedFlight(
        id=row["flight"],
        day=_day_of_iso_time(row["start"]),
        maker=row["maker"],
        model=row["aircraft"],
        serial=row["serial"],
        ground_stations=(),
        firmware={},
        photos=RecordedOrUnknown.UNKNOWN,
        video=RecordedOrUnknown.UNKNOWN,
        thermal=RecordedOrUnknown.UNKNOWN,
        audio=RecordedOrUnknown.UNKNOWN,
        video_s=None,
        rules=0,
        rules_checked=0,
        is_checked=False,
        open_findings=0,
        is_entered_by_hand=True,
    )
