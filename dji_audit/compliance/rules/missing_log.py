"""Records cover the whole time in the air.

A record is a log of the app or of the aircraft itself.  Media files and exports also show
flights: where they, or another record, show the aircraft in the air and a record has no data, a
part of that record is missing from the files.  Where only media files or exports show a flight,
its record is missing.  A log may be missing because nobody copied it, because an app crashed, or
because it was deleted: the rule cannot distinguish these.

Aircraft number their own logs, and apps store that number.  A gap in the numbers is listed as a
remark and never as proof: cards are formatted, and other units fly the aircraft.
"""

from collections.abc import Iterator

import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Evidence, Finding, Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example, ExampleLog, northbound_track
from dji_audit.compliance.rules._flight_facts import log_evidence, position_at
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import Source, formats

#: Number of files named one by one.
_SHOWN = 5

Span = tuple[pd.Timestamp, pd.Timestamp]


class MissingLogParameters(Parameters):
    """Parameters of the rule."""

    tolerance_s: float = Field(
        10.0, ge=0, description="Seconds that a record may lack at either end."
    )


def check(flight: Flight, parameters: MissingLogParameters, inputs: RuleInputs) -> CheckResult:
    """List each interval in the air that a record lacks, and gaps in the log numbers."""
    remarks = [*_number_gap_findings(flight, inputs)]
    records = [
        (index, source)
        for index, source in enumerate(flight.sources)
        if not source.is_media and not _is_export(source.log.source) and source.copy_of is None
    ]
    if not records:
        findings = [_only_media_or_export_finding(flight, inputs)]
        why = "No record of the flight is among the files."
        return CheckResult(Outcome.FAIL, why, (*findings, *remarks))
    timed_records = [(index, source) for index, source in records if source.start is not None]
    air = _airborne_span(flight)
    if not timed_records or air is None:
        why = "No log that could be read shows when the aircraft was in the air."
        return CheckResult.not_assessable(why, remarks)
    if why := _no_other_log_reason(flight):
        return CheckResult.not_assessable(why, remarks)
    tolerance = pd.Timedelta(seconds=parameters.tolerance_s)
    findings = [
        finding
        for index, _ in timed_records
        for finding in _truncated_log_findings(
            flight, index, air=air, tolerance=tolerance, inputs=inputs
        )
    ]
    if findings:
        several = len(findings) > 1
        why = f"{len(findings)} interval{'s' * several} in the air that a record lacks."
        return CheckResult(Outcome.FAIL, why, (*findings, *remarks))
    clean = "No log shows time in the air that a record lacks."
    if len(timed_records) < len(records):
        clean += " One record could not be read far enough to compare."
    return CheckResult(Outcome.PASS, clean, tuple(remarks))


def _is_export(source: Source) -> bool:
    return any(known.export for known in formats() if known.name == source.format)


def _no_other_log_reason(flight: Flight) -> str:
    """Return why no other log can show what a record lacks; empty: one can."""
    if sum(len(one.track) > 0 and one.copy_of is None for one in flight.sources) > 1:
        return ""
    shown = (flight.takeoff, "take-off"), (flight.landing, "landing")
    lacks = " and no ".join(word for time, word in shown if time is None)
    return f"The flight has only one log, and it shows no {lacks}." if lacks else ""


def _airborne_span(flight: Flight) -> Span | None:
    """Return start and end of the time in the air, from all logs together.

    Without a take-off or landing in a log, the first or last fix replaces it.
    """
    tracked = [one for one in flight.sources if len(one.track)]
    starts = [one.start for one in tracked if one.start is not None]
    ends = [one.end for one in tracked if one.end is not None]
    start = flight.takeoff or min(starts, default=None)
    end = flight.landing or max(ends, default=None)
    return (start, end) if start is not None and end is not None and start < end else None


def _truncated_log_findings(
    flight: Flight, index: int, *, air: Span, tolerance: pd.Timedelta, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield what a record lacks at its beginning and at its end."""
    start, end = flight.sources[index].start, flight.sources[index].end
    if start is None or end is None:
        return
    for begin, until, edge in ((air[0], min(start, air[1]), 0), (max(end, air[0]), air[1], -1)):
        witness = _index_of_log_covering(
            flight, index, begin=begin, until=until, tolerance=tolerance
        )
        if until - begin > tolerance and witness is not None:
            yield _finding(
                flight, index=index, witness=witness, span=(begin, until), edge=edge, inputs=inputs
            )


def _index_of_log_covering(
    flight: Flight, index: int, *, begin: pd.Timestamp, until: pd.Timestamp, tolerance: pd.Timedelta
) -> int | None:
    """Return the index of the first other log with data for an interval."""
    for other_source, source in enumerate(flight.sources):
        start, end = source.start, source.end
        if other_source == index or source.copy_of is not None or start is None or end is None:
            continue
        if min(end, until) - max(start, begin) > tolerance:
            return other_source
    return None


def _finding(
    flight: Flight, *, index: int, witness: int, span: Span, edge: int, inputs: RuleInputs
) -> Finding:
    record, other_source = flight.sources[index], flight.sources[witness]
    begin, until = span
    verb, edge_time = ("begins", record.start) if edge == 0 else ("ends", record.end)
    return inputs.finding(
        f"{record.log.source.name} {verb} at {edge_time:%H:%M:%S} and lacks "
        f"{(until - begin).total_seconds():.0f} s in the air that "
        f"{other_source.log.source.name} shows",
        grade="inferred",
        evidence=(
            _first_or_last_row_evidence(flight, index, edge),
            _first_or_last_row_evidence(flight, witness, edge),
        ),
        start=begin,
        end=until,
        position=position_at(flight, begin),
    )


def _first_or_last_row_evidence(flight: Flight, index: int, edge: int) -> Evidence:
    """Return the first or the last row of a log, and its time."""
    source = flight.sources[index]
    edge_time = source.start if edge == 0 else source.end
    offset = int(source.track["source_offset"].iloc[edge]) if len(source.track) else None
    return log_evidence(
        flight,
        offset=offset,
        record=source.log.track_record,
        field="time",
        value=str(edge_time),
        source_index=index,
    )


def _only_media_or_export_finding(flight: Flight, inputs: RuleInputs) -> Finding:
    """Return the finding that a flight has only media files or exports."""
    names = ", ".join(log.source.name for log in flight.logs[:_SHOWN])
    more = f" and {len(flight.logs) - _SHOWN} more" if len(flight.logs) > _SHOWN else ""
    return inputs.finding(
        f"no record of the flight is among the files; only {names}{more} show it",
        grade="inferred",
        evidence=(
            log_evidence(
                flight,
                offset=None,
                record=flight.log.track_record,
                field="format",
                value=flight.log.source.format,
            ),
        ),
        start=flight.start,
        end=flight.end,
    )


def _number_gap_findings(flight: Flight, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield gaps in the numbers that the aircraft gave its logs."""
    for remark in flight.sequence_gaps:
        if remark.kind == "log_number":
            number = str(flight.logs[remark.source_index].aircraft_log_number)
            shown = log_evidence(
                flight,
                offset=None,
                record="log",
                field="aircraft_log_number",
                value=number,
                source_index=remark.source_index,
            )
            yield inputs.finding(
                remark.text,
                severity=Severity.INFO,
                grade="reported",
                evidence=(shown,),
                start=flight.start,
            )


RULE = Rule(
    id="missing_log",
    title="Records cover the whole time in the air",
    looks_at=(
        "Start and end of every log of the flight; the numbers that the aircraft gave its logs."
    ),
    not_assessable=(
        "No log that could be read shows when the aircraft was in the air, or there is only "
        "one log and it shows no take-off or no landing."
    ),
    parameters=MissingLogParameters,
    check=check,
    examples=(
        Example(
            Outcome.PASS,
            "one record from take-off to landing",
            northbound_track(60),
            events=({"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 58}),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "one record that begins and ends in the air",
            northbound_track(60),
        ),
        Example(
            Outcome.FAIL,
            "a record that ends in the air while another goes on",
            northbound_track(120),
            other_logs=(ExampleLog("b.txt", track=northbound_track(60)),),
        ),
        Example(
            Outcome.FAIL,
            "only subtitles",
            northbound_track(60),
            format="dji-srt",
            file_name="DJI_0001.SRT",
        ),
        Example(Outcome.NOT_ASSESSABLE, "an encrypted record", log_fields={"encrypted": True}),
    ),
)
