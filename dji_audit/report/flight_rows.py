"""Make the rows of an audited flight: its values, logs, rule results, findings and captures."""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

import parsers
from dji_audit.camera_view import CameraPoses
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.declared_tracks import DeclaredTrackFlightComparison
from dji_audit.compliance.findings import DataNeedObservation, Finding, RuleResult
from dji_audit.compliance.outcomes import NEEDS_LOOK, REMARK, Outcome, Severity
from dji_audit.flights import ClockDrift, Disagreement, Flight, FlightSource, LogToFlightMatch
from dji_audit.media_files import MediaFilesOfOneCapture
from dji_audit.report.flight_location import FlightLocation
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.json_values import (
    build_dataclass_from_attributes,
    rounded_fraction,
    rounded_or_none,
)
from dji_audit.report.media_capture_rows import media_capture_rows_and_left_out_count
from dji_audit.report.rows import (
    SUPPLIED_INPUTS,
    AlternativeFlightRow,
    AuthorisationRow,
    CameraViewBasisRow,
    ClockAlignmentRow,
    ClockDriftRow,
    DataNeedObservationRow,
    DeclaredTrackRow,
    DisagreeingValueRow,
    DisagreementRow,
    FindingRow,
    FlightLogRow,
    FlightRow,
    IntervalRow,
    LogToFlightMatchRow,
    MediaCaptureFileRow,
    MediaFilesCaptureRow,
    NearbyAircraftRow,
    PolicyRuleRow,
    RuleResultRow,
)


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
