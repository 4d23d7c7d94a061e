"""Each log holds everything that its own counts say was written, to the end of the flight.

Loggers count what they write: ArduPilot the bytes between two of its records, PX4 its events, and
every MAVLink frame carries a number of its sender.  Where a count says more than the file holds,
and nothing is damaged there, something is missing.  A radio link loses frames by itself, and then
many: only where hardly one of the others is missing do those that are tell anything.  A log on
board writes all the time in the air: that it holds nothing for seconds is a lack as well, unless
the logger says that it could not keep up.  A log that ends while the aircraft is in the air is not
complete either; a power failure, a crash or a lost link does that as well as a cut.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import parsers
from dji_audit.common.plain_english import percent_text, pluralised_count
from dji_audit.common.time_columns_to_unix_numbers import NO_TIME_NS, unix_ns_of_times
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, observation_of_encrypted_flight
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import (
    Parameters,
    fraction_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    AirborneLogTrack,
    LogCitedAsEvidence,
    airborne_track_of_each_log,
    logs_judged_by_rules_about_whole_logs,
    logs_that_begin_with_this_flight,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._sensors._sensor_reading_comparisons import (
    sensor_readings_in_air,
)
from dji_audit.flights import Flight
from parsers import Log, LoggerStatedAndFoundCounts

#: Places that stand as evidence of one finding.
_MAX_EVIDENCE = 10
#: Text of an issue of a logger that could not keep up.
_DROPOUT = "dropout"
#: Usual steps of a log within which it is no pause, and seconds from which on it is a wrong time.
_USUAL_STEPS, _LONGEST_SILENCE_S = 8.0, 1e5


class LogCompletenessParameters(Parameters):
    """Parameters of the rule."""

    link_share: float = fraction_parameter_field(
        0.001, "Share of the frames of a link from which on a radio may have lost them by itself."
    )
    silence_s: float = positive_parameter_field(
        1.5, "Seconds in the air without any record of a log on board."
    )
    height_m: float = positive_parameter_field(
        5.0, "Height above take-off from which on a log ends in the air."
    )


def check(flight: Flight, parameters: LogCompletenessParameters, inputs: RuleInputs) -> CheckResult:
    """Compare the counts of each log with what it holds, and look at its end."""
    findings = list[Finding]()
    for flight_log in logs_that_begin_with_this_flight(flight):
        for count in flight_log.log.logger_counts:
            findings += _logger_count_exceeds_records_findings(
                flight_log, count, parameters, inputs
            )
    # Damage gives times of any size.
    with np.errstate(all="ignore"):
        for track in airborne_track_of_each_log(flight):
            findings += _silence_of_all_sensors_findings(track, parameters, inputs)
    findings += _ends_in_air_findings(flight, parameters, inputs)
    if not findings:
        # Counts are judged with the first flight of their log.
        logs_judged_by_rules_about_whole_logs(flight)
    return CheckResult.from_findings(
        findings,
        f"Compared, and complete: {_compared_counts_text(flight)}.",
        f"{pluralised_count(len(findings), 'sign')} that records are missing.",
    )


def _logger_count_exceeds_records_findings(
    flight_log: LogCitedAsEvidence,
    count: LoggerStatedAndFoundCounts,
    parameters: LogCompletenessParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield that a count says more than the log holds, all its places as one finding."""
    missing = count.stated - count.found
    places = np.flatnonzero(
        (missing > 0) & ~_count_interval_has_undecoded_bytes_mask(flight_log.log, count)
    )
    total = int(missing[places].sum())
    if not total:
        return
    if count.is_of_link and total >= parameters.link_share * (count.total + total):
        return
    name = f"{count.record}.{count.field}"
    at_least = "at least " if count.period is not None else ""
    where = f"in {pluralised_count(len(places), 'place')}"
    if count.is_of_link:
        text = (
            f"inconsistent: {total:,} {count.unit} of {count.sender} are missing by their number, "
            f"{where}, of a link that lost none of the other {count.total:,}: sent over another "
            "link, lost, or taken out"
        )
    else:
        text = (
            f"inconsistent: by {name}, {at_least}{total:,} {count.unit} more were written than "
            f"{flight_log.log.source.name} holds, {where}"
        )
    first = int(places[np.argmax(missing[places])])
    start = _time_of_last_row_before_offset(flight_log, int(count.begins[first]))
    yield inputs.finding(
        finding_sentence(f"{text}; the largest", flight_log.flight, start, None)
        if start is not None
        else text,
        grade="measured",
        evidence=[
            flight_log.evidence(
                offset=int(count.ends[place]),
                record=count.record,
                field=count.field,
                value=f"{count.stated[place]:.0f} stated, {count.found[place]:.0f} there",
            )
            for place in places[:_MAX_EVIDENCE].tolist()
        ],
        start=start,
        subject=f"{name} of {flight_log.log.source.name}",
    )


def _count_interval_has_undecoded_bytes_mask(
    log: Log, count: LoggerStatedAndFoundCounts
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return between which counts bytes could not be decoded: what is missing there is known."""
    lost = np.sort(np.array([issue.offset for issue in log.issues if issue.size], np.int64))
    before, after = np.searchsorted(lost, count.begins), np.searchsorted(lost, count.ends, "right")
    return np.asarray(after > before)


def _time_of_last_row_before_offset(
    flight_log: LogCitedAsEvidence, offset: int
) -> pd.Timestamp | None:
    """Return the time of the last row before a byte; ``None``: there is none."""
    track = flight_log.flight.sources[flight_log.source_index].track
    before = track[(track["source_offset"] <= offset) & track["time"].notna()]
    return pd.Timestamp(before["time"].iloc[-1]) if len(before) else None


def _silence_of_all_sensors_findings(
    track: AirborneLogTrack, parameters: LogCompletenessParameters, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield the longest time in the air for which a log on board holds no reading of any sensor."""
    flight_log, log = track.flight_log, track.flight_log.log
    is_on_board = any(counter.begins_new_log for counter in log.monotonic_counters)
    if not is_on_board or any(_DROPOUT in issue.reason for issue in log.issues):
        return
    readings = [
        each
        for each in sensor_readings_in_air(track.flight_log.flight, track)
        if np.isfinite(each.seconds).all()
    ]
    if not readings:
        return
    offsets = np.concatenate([each.offsets for each in readings])
    seconds = np.concatenate([each.seconds for each in readings])
    order = np.argsort(offsets, kind="stable")
    offsets, seconds = offsets[order], seconds[order]
    steps = np.diff(seconds)
    lost = np.sort(np.array([issue.offset for issue in log.issues if issue.size], np.int64))
    is_damaged = np.searchsorted(lost, offsets[1:]) > np.searchsorted(lost, offsets[:-1])
    usual_s = float(np.quantile(steps[steps >= 0], 0.99)) if (steps >= 0).any() else 0.0
    least_s = max(parameters.silence_s, _USUAL_STEPS * usual_s)
    silent = np.flatnonzero((steps >= least_s) & (steps < _LONGEST_SILENCE_S) & ~is_damaged)
    if not len(silent):
        return
    row = int(silent[np.argmax(steps[silent])])
    silence_s, start = (
        float(steps[row]),
        _time_of_last_row_before_offset(flight_log, int(offsets[row])),
    )
    more = f"; {pluralised_count(len(silent) - 1, 'further such pause')}" if len(silent) > 1 else ""
    yield inputs.finding(
        finding_sentence(
            f"inconsistent: {log.source.name} holds no record of any sensor for {silence_s:.1f} s "
            f"in the air, where it usually writes one within {max(usual_s, 0.01):.2f} s,",
            flight_log.flight,
            start,
            None,
        )
        + more,
        grade="measured",
        evidence=[
            flight_log.evidence(
                offset=int(offsets[at]),
                record="any",
                field="time",
                value=f"{seconds[at]:.3f} s",
            )
            for at in (row, row + 1)
        ],
        start=start,
        subject=f"pauses of {log.source.name}",
    )


@cache
def _formats_that_never_show_landing() -> frozenset[str]:
    """Return the formats that never show a landing: a recording begins and ends in the air."""
    return frozenset(
        known.name
        for known in parsers.formats()
        if known.facts and not any(each.fact == "takeoff_landing" for each in known.facts)
    )


def _ends_in_air_findings(
    flight: Flight, parameters: LogCompletenessParameters, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield that the logs of a flight end in the air, by the last height that they hold."""
    if not flight.ends_in_air or flight.end is None:
        return
    for index, source in enumerate(flight.sources):
        if source.end != flight.end or source.is_media:
            continue
        is_timed = unix_ns_of_times(source.track["time"]) != NO_TIME_NS
        if not is_timed.any():
            continue
        if source.log.source.format in _formats_that_never_show_landing():
            continue
        heights = source.track["height_ato_m"].to_numpy(np.float64)[is_timed]
        heights = heights[~np.isnan(heights)]
        height_m = float(heights[-1]) if len(heights) else None
        if height_m is not None and height_m < parameters.height_m:
            continue
        last = int(np.flatnonzero(is_timed)[-1])
        above = "" if height_m is None else f", {height_m:.0f} m above take-off"
        text = (
            f"{source.log.source.name} ends in the air{above}, and shows no landing: what followed "
            "is not in it,"
        )
        yield inputs.finding(
            finding_sentence(text, flight, flight.end, None),
            grade="measured",
            evidence=[
                LogCitedAsEvidence(flight, index, source.log).evidence(
                    offset=int(source.track["source_offset"].iloc[last]),
                    record=source.log.track_record,
                    field="time" if height_m is None else "height_ato_m",
                    value=str(source.track["time"].iloc[last])
                    if height_m is None
                    else f"{height_m:.1f}",
                )
            ],
            start=flight.end,
            end=flight.end,
            subject=f"end of {source.log.source.name}",
        )
        return


def _compared_counts_text(flight: Flight) -> str:
    """Return which counts were compared, and how much of what they counted."""
    texts = []
    for flight_log in logs_that_begin_with_this_flight(flight):
        for count in flight_log.log.logger_counts:
            text = f"{count.total:,} {count.unit} by {count.record}.{count.field}"
            missing = float(np.maximum(count.stated - count.found, 0).sum())
            if count.is_of_link and missing:
                lost = percent_text(missing / (count.total + missing))
                text += f", of which the link lost {lost}"
            texts.append(text)
    return "; ".join(texts) or "nothing"


def _availability_of_logger_counts(
    flight: Flight, parameters: LogCompletenessParameters, _context: AuditContext
) -> DataNeedObservation:
    """Return whether a log counts what it wrote, so that a lack shows."""
    subject = "a count of what the log wrote"
    if encrypted := observation_of_encrypted_flight(flight, subject):
        return encrypted
    logs = logs_that_begin_with_this_flight(flight)
    names = [
        each.log.source.name
        for each in logs
        if any(
            _can_count_reveal_missing_records(count, parameters) for count in each.log.logger_counts
        )
    ]
    if names:
        return DataNeedObservation.for_subject_seen_in_full(subject, *names)
    reason = "No log of the flight counts what it wrote in a way that would show a lack."
    return DataNeedObservation.for_subject_not_seen(subject, reason)


def _can_count_reveal_missing_records(
    count: LoggerStatedAndFoundCounts, parameters: LogCompletenessParameters
) -> bool:
    """Return whether a lack would show: not in a link that loses frames by itself."""
    missing = float(np.maximum(count.stated - count.found, 0).sum())
    return not count.is_of_link or missing < parameters.link_share * (count.total + missing)


def _example_log_with_byte_counts(*missing: float, **fields: Any) -> dict[str, Any]:
    """Return a log whose logger counted its bytes, with what is missing between two counts."""
    ends = np.arange(1000, 1000 * (len(missing) + 1), 1000)
    found = np.full(len(missing), 1000.0)
    values: dict[str, Any] = {
        "record": "DSF", "field": "Bytes", "unit": "bytes", "begins": ends - 1000, "ends": ends,
        "stated": found + np.array(missing), "found": found, "total": 1000 * len(missing),
    }  # fmt: skip
    return {"logger_counts": (LoggerStatedAndFoundCounts(**values | fields),)}


_HOVER = hover_example_track_at_heights(1.0, 20.0, 20.0, 1.0)
_FROM_GROUND_TO_GROUND = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 3})
_NEEDS = (
    DataNeed(
        "own counts",
        _availability_of_logger_counts,
        words="a count of what the log wrote, in the log",
    ),
)
_CASES: tuple[tuple[Outcome, str, dict[str, Any]], ...] = (
    (
        Outcome.PASS,
        "a logger whose counts are the bytes of the file",
        _example_log_with_byte_counts(0.0, 0.0, 0.0),
    ),
    (
        Outcome.FAIL,
        "a logger that wrote 400 bytes more than are there",
        _example_log_with_byte_counts(0.0, 400.0, 0.0),
    ),
    (
        Outcome.FAIL,
        "three frames missing of a link that lost no other of 50,000",
        _example_log_with_byte_counts(
            3.0,
            record="frame",
            field="sequence",
            unit="frames",
            total=50_000,
            is_of_link=True,
            sender="system 1",
            found=np.zeros(1),
            stated=np.array([3.0]),
            period=256,
        ),
    ),
    (
        Outcome.NOT_ASSESSABLE,
        "a radio link that lost one frame of ten",
        _example_log_with_byte_counts(
            1000.0,
            total=9_000,
            is_of_link=True,
            found=np.zeros(1),
            stated=np.array([1000.0]),
        ),
    ),
    (Outcome.NOT_ASSESSABLE, "a log that counts nothing", {}),
)  # fmt: skip
_EXAMPLES = (
    *(
        ExampleFlight(outcome, title, _HOVER, events=_FROM_GROUND_TO_GROUND, log_fields=log_fields)
        for outcome, title, log_fields in _CASES
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a log that ends 30 m above take-off",
        hover_example_track_at_heights(1.0, 20.0, 30.0),
        events=_FROM_GROUND_TO_GROUND[:1],
        log_fields=_example_log_with_byte_counts(0.0),
    ),
)
RULE = Rule(
    id="log_completeness",
    title="Each log holds everything that its own counts say was written",
    parameters=LogCompletenessParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Bytes, events and frames that the logger or the sender counted; pauses in the air; the "
        "last height of a log."
    ),
    not_assessable=(
        "No log of the flight counts what it wrote, or the link lost too many frames by itself."
    ),
)
