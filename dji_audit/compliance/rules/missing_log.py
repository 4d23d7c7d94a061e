"""Records cover the whole time in the air.

A record is a log of the app or of the aircraft itself.  Media files and exports also show
flights: where they, or another record, show the aircraft in the air and a record has no data, a
part of that record is missing from the files.  Where another record holds that part, nothing is
missing from the case.  The same record in another version of its format, and a log that needs a
key, show nothing beside it.  A single log cannot show that another is missing, and cards hold media
files and exports without their records: both are not assessable.  A log may be missing because
nobody copied it, because an app crashed, or because it was deleted: the rule cannot distinguish
these.

Aircraft number their own logs, and apps store that number.  A gap in the numbers is listed as a
remark and never as proof: cards are formatted, and other units fly the aircraft.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dji_audit.common.plain_english import duration_text, percent_text
from dji_audit.common.time_intervals import interval_intersection, interval_union, total_duration_s
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, observation_of_encrypted_flight
from dji_audit.compliance.findings import DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters, non_negative_parameter_field
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    FurtherExampleLog,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._finding_sentences import position_relative_to_takeoff_text
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_record_in_flight_log,
    lat_lon_of_last_fix_before,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    is_neither_copy_nor_export,
    is_reencoded_copy_of_log,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight, FlightSource, names_of_formats_made_from_other_logs

Span = tuple[pd.Timestamp, pd.Timestamp]


class MissingLogParameters(Parameters):
    """Parameters of the rule."""

    tolerance_s: float = non_negative_parameter_field(
        10.0, "Seconds that a record may lack at either end."
    )


def check(flight: Flight, parameters: MissingLogParameters, inputs: RuleInputs) -> CheckResult:
    """List each interval in the air that a record lacks, and gaps in the log numbers."""
    remarks = [*_log_number_gap_findings(flight, inputs)]
    if not _count_of_flight_record_logs(flight):
        remarks.append(_only_media_or_export_remark(flight, inputs))
    air = _airborne_span(flight)
    tolerance = pd.Timedelta(seconds=parameters.tolerance_s)
    findings = [
        finding
        for index in _iterate_indices_of_original_dated_logs(flight)
        if air is not None
        for finding in _truncated_log_findings(
            flight, index, air=air, tolerance=tolerance, inputs=inputs
        )
    ]
    if findings:
        several = len(findings) > 1
        why = f"{len(findings)} interval{'s' * several} in the air that a record lacks."
        return CheckResult(Outcome.FAIL, why, (*findings, *remarks))
    clean = "No log shows time in the air that a record lacks."
    if len([*_iterate_indices_of_original_dated_logs(flight)]) < _count_of_flight_record_logs(
        flight
    ):
        clean += " One record could not be read far enough to compare."
    return CheckResult(Outcome.PASS, clean, tuple(remarks))


def _is_original_app_or_aircraft_record(source: FlightSource) -> bool:
    """Return whether a log is a record of the app or the aircraft, and no copy of another."""
    return (
        not source.is_media
        and not source.is_from_receiver
        and source.log.source.format not in names_of_formats_made_from_other_logs()
        and source.copy_of is None
    )


def _count_of_flight_record_logs(flight: Flight) -> int:
    return sum(_is_original_app_or_aircraft_record(source) for source in flight.sources)


def _iterate_indices_of_original_dated_logs(flight: Flight) -> Iterator[int]:
    """Yield the index of each record that was read and whose start and end are known."""
    for index, source in enumerate(flight.sources):
        if (
            _is_original_app_or_aircraft_record(source)
            and source.start is not None
            and not source.log.encrypted
        ):
            yield index


def _airborne_span(flight: Flight) -> Span | None:
    """Return start and end of the time in the air; ``None``: no log shows both."""
    start, end = flight.takeoff, flight.landing
    if start is None and flight.begins_in_air:
        start = flight.start
    if end is None and flight.ends_in_air:
        end = flight.end
    return (start, end) if start is not None and end is not None and start < end else None


def _availability_of_other_logs_while_airborne(
    flight: Flight, parameters: MissingLogParameters, _context: AuditContext
) -> DataNeedObservation:
    """Return for how much of the time in the air another log would have shown a lack.

    What a log may lack at its ends counts as covered.
    """
    subject = "a second log of the flight"
    if encrypted := observation_of_encrypted_flight(flight, subject):
        return encrypted
    if not _count_of_flight_record_logs(flight):
        return DataNeedObservation.for_subject_not_seen(
            subject,
            "No record of the flight is among the files, only exports or media files.",
            "add the flight record from the app or the aircraft",
        )
    records, air = [*_iterate_indices_of_original_dated_logs(flight)], _airborne_span(flight)
    if not records or air is None:
        return DataNeedObservation.for_subject_not_seen(
            subject, "No log that could be read shows when the aircraft was in the air."
        )
    others = [
        source
        for index, source in enumerate(flight.sources)
        if index != records[0]
        and _could_show_flight_beyond_record(source, flight.sources[records[0]])
    ]
    if not others:
        reason = "No second log of the flight could have shown that a record lacks a part"
        if len(flight.sources) > 1:
            reason += ": the others are copies or exports of it, or need a key"
        return DataNeedObservation.for_subject_not_seen(subject, f"{reason}.")
    start_s, end_s = (time.value / 1e9 for time in air)
    allowed_s = parameters.tolerance_s
    spans = [
        np.array([[source.start.value / 1e9 - allowed_s, source.end.value / 1e9 + allowed_s]])
        for source in others
        if source.start is not None and source.end is not None
    ]
    seen = interval_intersection(interval_union(*spans), np.array([[start_s, end_s]]))
    share = min(1.0, total_duration_s(seen) / (end_s - start_s))
    return DataNeedObservation(
        subject=subject,
        share=share,
        sources=tuple(source.log.source.name for source in others),
        reason=""
        if share == 1
        else f"A second log covers {percent_text(share)} of the time in the air, so a lack could "
        "not have been seen in the rest.",
    )


def _could_show_flight_beyond_record(source: FlightSource, record: FlightSource) -> bool:
    """Return whether a log could show what a record lacks: no copy or export, and readable."""
    return (
        is_neither_copy_nor_export(source)
        and not source.log.encrypted
        and len(source.track) > 0
        and not is_reencoded_copy_of_log(source, record)
    )


def _truncated_log_findings(
    flight: Flight, index: int, *, air: Span, tolerance: pd.Timedelta, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield what a record lacks at its beginning and at its end."""
    start, end = flight.sources[index].start, flight.sources[index].end
    if start is None or end is None:
        return
    for begin, until, edge in ((air[0], min(start, air[1]), 0), (max(end, air[0]), air[1], -1)):
        if until - begin <= tolerance:
            continue
        other_index = _index_of_other_log_overlapping_interval(
            flight, index, begin=begin, until=until, tolerance=tolerance
        )
        if other_index is not None:
            yield _truncated_log_finding(
                flight,
                index=index,
                other_index=other_index,
                span=(begin, until),
                edge=edge,
                inputs=inputs,
            )


def _index_of_other_log_overlapping_interval(
    flight: Flight, index: int, *, begin: pd.Timestamp, until: pd.Timestamp, tolerance: pd.Timedelta
) -> int | None:
    """Return the index of the first other log with data for an interval, records first."""
    found = None
    for other_source, source in enumerate(flight.sources):
        start, end = source.start, source.end
        if other_source == index or source.copy_of is not None or start is None or end is None:
            continue
        if min(end, until) - max(start, begin) > tolerance:
            if _is_original_app_or_aircraft_record(source):
                return other_source
            found = other_source if found is None else found
    return found


def _truncated_log_finding(
    flight: Flight, *, index: int, other_index: int, span: Span, edge: int, inputs: RuleInputs
) -> Finding:
    record, other_source = flight.sources[index], flight.sources[other_index]
    begin, until = span
    verb, edge_time = ("begins", record.start) if edge == 0 else ("ends", record.end)
    # Where another record holds the part, nothing is missing from the case.
    is_held = _is_original_app_or_aircraft_record(other_source)
    what = (
        f"{record.log.source.name} {verb} at {edge_time:%H:%M:%S} UTC and lacks "
        f"{duration_text((until - begin).total_seconds())} in the air that "
        f"{other_source.log.source.name} shows"
    )
    where = position_relative_to_takeoff_text(flight, begin)
    return inputs.finding(
        f"{what}{f', beginning {where}' if where else ''}; "
        + ("that record holds it" if is_held else "no record holds it"),
        severity=min(Severity.LOW, inputs.severity, key=lambda it: it.rank) if is_held else None,
        grade="inferred",
        evidence=(
            _first_or_last_row_evidence(flight, index, edge),
            _first_or_last_row_evidence(flight, other_index, edge),
        ),
        start=begin,
        end=until,
        position=lat_lon_of_last_fix_before(flight, begin),
    )


def _first_or_last_row_evidence(flight: Flight, index: int, edge: int) -> Evidence:
    """Return the first or the last row of a log, and its time."""
    source = flight.sources[index]
    edge_time = source.start if edge == 0 else source.end
    offset = int(source.track["source_offset"].iloc[edge]) if len(source.track) else None
    return evidence_of_record_in_flight_log(
        flight,
        offset=offset,
        record=source.log.track_record,
        field="time",
        value=str(edge_time),
        source_index=index,
    )


def _only_media_or_export_remark(flight: Flight, inputs: RuleInputs) -> Finding:
    """Return the remark that only media files or exports show a flight; the run says it once."""
    return inputs.finding(
        "no record of the flight is among the files, only exports or media files show it",
        severity=Severity.REMARK,
        grade="inferred",
        evidence=(
            evidence_of_record_in_flight_log(
                flight,
                offset=None,
                record=flight.log.track_record,
                field="format",
                value=flight.log.source.format,
            ),
        ),
        start=flight.start,
        end=flight.end,
        informational=True,
        run_remark="Flights that only exports or media files show, without a record: {count}.",
    )


def _log_number_gap_findings(flight: Flight, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield gaps in the numbers that the aircraft gave its logs."""
    for remark in flight.sequence_gaps:
        if remark.kind == "log_number":
            number = str(flight.logs[remark.source_index].aircraft_log_number)
            shown = evidence_of_record_in_flight_log(
                flight,
                offset=None,
                record="log",
                field="aircraft_log_number",
                value=number,
                source_index=remark.source_index,
            )
            yield inputs.finding(
                remark.text,
                severity=Severity.REMARK,
                grade="reported",
                evidence=(shown,),
                start=flight.start,
                informational=True,
            )


_FLOWN = ({"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 58})

#: The same flight by another clock, half a second between the fixes of the first.
_SECOND_RECORD = northbound_example_track(
    60,
    time=[second + 0.5 for second in range(60)],
    latitude_deg=[51.5 + 9e-5 * (second + 0.5) for second in range(60)],
)

_NEEDS = (DataNeed("other log", _availability_of_other_logs_while_airborne),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "two records from take-off to landing",
        northbound_example_track(60),
        events=_FLOWN,
        other_logs=(FurtherExampleLog("b.txt", track=_SECOND_RECORD),),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "one record in two versions of its format",
        northbound_example_track(60),
        events=_FLOWN,
        other_logs=(FurtherExampleLog("b.txt", track=northbound_example_track(60)),),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "one record from take-off to landing",
        northbound_example_track(60),
        events=_FLOWN,
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a record that ends in the air while another goes on",
        northbound_example_track(120),
        events=({"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 118}),
        other_logs=(FurtherExampleLog("b.txt", track=northbound_example_track(60)),),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "only subtitles",
        northbound_example_track(60),
        format="dji-srt",
        file_name="DJI_0001.SRT",
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "an encrypted record", log_fields={"encrypted": True}),
)
RULE = Rule(
    id="missing_log",
    title="Records cover the whole time in the air",
    parameters=MissingLogParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Start and end of every log of the flight; the numbers that the aircraft gave its logs."
    ),
    not_assessable=(
        "No second log of the flight could have shown a lack, no record is among the files, or no "
        "log that could be read shows when the aircraft was in the air."
    ),
)
