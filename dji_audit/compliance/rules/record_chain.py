"""The records of each log are in order, without repetition, and their checksums are correct.

In the order of the bytes, a rising counter must not fall.  Records out of order or repeated were
written by storage that returned a wrong block, or by a person.  A chained cipher shows that whole
records were taken out: the record after them cannot be decoded.  One satellite time at several
places shows that two vehicles wrote into one log.  A counter that starts again because the aircraft
was restarted is a remark, unless the aircraft begins a new log at each start.  Failed checks
(checksum, trailer, cipher) are counted; a noisy radio link also causes them.  Logs without a
counter are not judged.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from dji_audit.common.plain_english import joined_with_and, pluralised_count, sentence_case
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters, parameter_field, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    LogCitedAsEvidence,
    logs_judged_by_rules_about_whole_logs,
    runs_of_true_values,
)
from dji_audit.compliance.rules._shared._example_flights import ExampleFlight
from dji_audit.compliance.rules._shared._log_completeness_data_needs import record_counter_data_need
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import Issue, Log, MonotonicCounter

#: Text of an issue about a failed check.
_CHECK = re.compile(r"checksum|\bCRC\b|trailer|decrypt|implausible time", re.I)
#: Text of an issue about a record that is missing though no byte is.
_CHAIN_BREAK = re.compile(r"chain of (?:its|the) cipher is broken|cipher chain", re.I)
#: Text of an issue about records of another vehicle.
_SECOND_WRITER = re.compile(r"two vehicles wrote")
#: Seconds of a counter beyond which no vehicle was ever switched on for so long: ten years.
_IMPLAUSIBLE_S = 3.2e8
#: Seconds since 1970 from 2005 to 2100: simulators count from then.
_SINCE_1970_S = (1.1e9, 4.1e9)
#: Usual steps of a counter from which on it leaps.
_LEAP = 5.0
#: Findings of one kind listed for a log; the last gives the number of further ones.
_MAX_LISTED = 10
#: Places that stand as evidence of one finding.
_MAX_EVIDENCE = 20


class RecordChainParameters(Parameters):
    """Parameters of the rule."""

    back_s: float = positive_parameter_field(2.0, "Seconds by which a counter may fall.")
    repeated_records: int = parameter_field(
        10, "Number of repeated records in a row that count as a repetition.", ge=2
    )


def check(flight: Flight, parameters: RecordChainParameters, inputs: RuleInputs) -> CheckResult:
    """Check the counters and the issues of each log."""
    logs = logs_judged_by_rules_about_whole_logs(flight)
    findings = list[Finding]()
    for flight_log in logs:
        findings += _failed_checksum_findings(flight_log, inputs)
        findings += _cipher_chain_break_findings(flight_log, inputs)
        findings += _two_vehicles_in_one_log_findings(flight_log, inputs)
        counters = flight_log.log.monotonic_counters
        for counter in counters:
            # The rule clock_jump checks clocks.
            if counter.kind == "count":
                findings += _time_going_back_findings(flight_log, counter, parameters, inputs)
        for counter in _distinct_counters_by_record_and_sender(counters):
            findings += _repeated_record_findings(flight_log, counter, parameters, inputs)
    mixed = sum(finding.subject is not None for finding in findings)
    breach_count = sum(not finding.informational for finding in findings)
    if breach_count and breach_count == mixed:
        whose = "the log holds" if len(logs) == 1 else f"{mixed} of {len(logs)} logs hold"
        return CheckResult(
            Outcome.FAIL, f"{sentence_case(whose)} records of two vehicles.", tuple(findings)
        )
    if breach_count:
        positions = pluralised_count(breach_count, "position")
        reason = f"{positions} with records out of order, repeated or missing."
        return CheckResult(Outcome.FAIL, reason, tuple(findings))
    remarks = f" {pluralised_count(len(findings), 'remark')}." if findings else ""
    counted = _counters_read_text(logs, parameters.back_s)
    return CheckResult(
        Outcome.PASS, f"{counted}, and no record is repeated.{remarks}", tuple(findings)
    )


def _counters_read_text(logs: Iterable[LogCitedAsEvidence], back_s: float) -> str:
    """Return which counters were read, and how they fall by less than is allowed."""
    counters = [
        counter
        for flight_log in logs
        for counter in flight_log.log.monotonic_counters
        if counter.kind == "count"
    ]
    names = dict.fromkeys(f"{counter.record}.{counter.field}" for counter in counters)
    notes = []
    for name in names:
        values = [each.seconds for each in counters if f"{each.record}.{each.field}" == name]
        plausible = [
            each[(each < _IMPLAUSIBLE_S) | _counted_from_1970_mask(each)] for each in values
        ]
        left_out = sum(map(len, values)) - sum(map(len, plausible))
        falls = np.concatenate([-np.diff(each) for each in plausible])
        falls = falls[falls > 0]
        if len(falls):
            times = "once" if len(falls) == 1 else f"{len(falls):,} times"
            notes.append(f"{name} falls {times}, by at most {falls.max():.1f} s")
        if left_out:
            notes.append(f"{pluralised_count(left_out, 'value')} of {name} cannot be true")
    which = "No counter is read" if not names else f"{joined_with_and([*names])} rise"
    if len(names) == 1:
        which += "s"
    return which + (f" but for falls of up to {back_s:g} s ({'; '.join(notes)})" if notes else "")


def _counted_from_1970_mask(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return which values of a counter are those of a simulator, which counts from 1970."""
    first, last = _SINCE_1970_S
    return np.asarray((seconds > first) & (seconds < last))


def _failed_checksum_findings(
    flight_log: LogCitedAsEvidence, inputs: RuleInputs
) -> Iterator[Finding]:
    failed = [issue for issue in flight_log.log.issues if _CHECK.search(issue.reason)]
    if failed:
        first = failed[0]
        size = pluralised_count(sum(issue.size for issue in failed), "byte")
        yield inputs.finding(
            f"{pluralised_count(len(failed), 'failed check')}, {size} in all; "
            f"first: {first.reason}",
            severity=Severity.REMARK,
            grade="measured",
            evidence=[
                flight_log.evidence(
                    offset=first.offset, record="bytes", field="size", value=str(first.size)
                )
            ],
            informational=True,
        )


def _cipher_chain_break_findings(
    flight_log: LogCitedAsEvidence, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield the places at which records are missing though no byte is, as one finding."""
    breaks = [issue for issue in flight_log.log.issues if _CHAIN_BREAK.search(issue.reason)]
    if breaks:
        places = pluralised_count(len(breaks), "place")
        yield inputs.finding(
            f"inconsistent: records are missing at {places} of {flight_log.log.source.name}, "
            f"though no byte is; first: {breaks[0].reason}",
            grade="measured",
            evidence=[
                flight_log.evidence(
                    offset=issue.offset, record="bytes", field="size", value=str(issue.size)
                )
                for issue in breaks[:_MAX_EVIDENCE]
            ],
        )


def _two_vehicles_in_one_log_findings(
    flight_log: LogCitedAsEvidence, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield that records of two vehicles stand in one log: its track is of neither."""
    for issue in flight_log.log.issues:
        if _SECOND_WRITER.search(issue.reason):
            yield inputs.finding(
                f"inconsistent: {flight_log.log.source.name} holds records of two vehicles, so "
                f"that its values are of neither: {issue.reason}",
                grade="measured",
                evidence=[
                    flight_log.evidence(
                        offset=issue.offset, record="GPS", field="GMS", value=issue.reason
                    )
                ],
                subject=flight_log.log.source.name,
            )


def _time_going_back_findings(
    flight_log: LogCitedAsEvidence,
    counter: MonotonicCounter,
    parameters: RecordChainParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield each position at which a counter falls."""
    falls = np.flatnonzero(np.diff(counter.seconds) < -parameters.back_s)
    # Where the counter continues as before the fall, a single record is damaged.
    spikes = (falls > 0) & (
        counter.seconds[falls + 1] >= counter.seconds[np.maximum(falls - 1, 0)] - parameters.back_s
    )
    falls = falls[~spikes]
    name = f"the counter {counter.record}.{counter.field}"
    for row in falls[:_MAX_LISTED].tolist():
        fell = float(counter.seconds[row] - counter.seconds[row + 1])
        restarted = (
            not counter.begins_new_log
            and _restarted_between_values(flight_log.log, counter, row)
            and not _falls_into_skipped_values(counter, row, parameters.back_s)
        )
        fall = f"{name} falls by {fell:.1f} s"
        yield inputs.finding(
            f"{fall}; the aircraft was restarted" if restarted else f"inconsistent: {fall}",
            severity=Severity.REMARK if restarted else None,
            grade="measured",
            evidence=flight_log.evidence_of_counter(counter, row, row + 1),
            informational=restarted,
        )
    if more := len(falls[_MAX_LISTED:]):
        times = "once more" if more == 1 else f"{more} more times"
        yield inputs.finding(
            f"inconsistent: {name} falls {times}",
            grade="measured",
            evidence=flight_log.evidence_of_counter(counter, int(falls[_MAX_LISTED]) + 1),
        )


def _restarted_between_values(log: Log, counter: MonotonicCounter, row: int) -> bool:
    """Return whether an event shows a restart of the aircraft between a value and the next."""
    first, last = counter.offsets[row], counter.offsets[row + 1]
    offsets = log.events[log.events["kind"] == "clock"]["source_offset"].to_numpy(np.int64)
    return bool(((offsets >= first) & (offsets <= last)).any())


def _falls_into_skipped_values(counter: MonotonicCounter, row: int, back_s: float) -> bool:
    """Return whether a counter falls to where it had leapt ahead: parts that were exchanged.

    A vehicle that was restarted counts from nought, and not from where records are missing.
    """
    before = counter.seconds[: row + 1]
    steps = np.diff(counter.seconds)
    usual_s = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    ahead = np.flatnonzero(np.diff(before) > max(back_s, _LEAP * usual_s))
    fallen_to = counter.seconds[row + 1]
    return bool(((before[ahead] < fallen_to) & (fallen_to < before[ahead + 1])).any())


def _repeated_record_findings(
    flight_log: LogCitedAsEvidence,
    counter: MonotonicCounter,
    parameters: RecordChainParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield each run of records whose counter values appear earlier in the file."""
    lag = _record_counts_since_first_equal_value(counter.seconds)
    same = np.concatenate(([False], (lag[1:] == lag[:-1]) & (lag[1:] > 0)))
    for first, last in runs_of_true_values(same):
        begin = first - 1
        count = last - begin + 1
        if count < parameters.repeated_records:
            continue
        earlier = begin - int(lag[begin])
        yield inputs.finding(
            f"inconsistent: {count} {counter.record} records repeat the records from byte "
            f"{int(counter.offsets[earlier]):,} on",
            grade="measured",
            evidence=flight_log.evidence_of_counter(counter, begin, earlier),
        )


def _record_counts_since_first_equal_value(
    seconds: npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """Return for each record how many records earlier its value first appeared; 0: never.

    A counter that stands still is of another number at each record, and so repeats no records.
    """
    _, first, inverse = np.unique(seconds, return_index=True, return_inverse=True)
    lag: npt.NDArray[np.int64] = np.arange(len(seconds)) - first[inverse]
    return lag


def _distinct_counters_by_record_and_sender(
    counters: Iterable[MonotonicCounter],
) -> Iterable[MonotonicCounter]:
    """Return one counter of each record and sender, so that a repetition is listed once."""
    return {(counter.record, counter.sender): counter for counter in counters}.values()


_RISING = [float(second) for second in range(40)]


def _example_log_fields_with_counter(seconds: list[float], kind: str = "count") -> dict[str, Any]:
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    return {
        "monotonic_counters": (MonotonicCounter("POS", "TimeUS", kind, offsets, np.array(seconds)),)
    }


_NEEDS = (record_counter_data_need(),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS, "a counter that rises", log_fields=_example_log_fields_with_counter(_RISING)
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a log with twelve repeated records",
        log_fields=_example_log_fields_with_counter([*_RISING[:20], *_RISING[8:]]),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a log with two exchanged parts",
        log_fields=_example_log_fields_with_counter(
            [*_RISING[:10], *_RISING[25:], *_RISING[10:25]]
        ),
    ),
    ExampleFlight(
        Outcome.PASS,
        "an aircraft that was restarted",
        log_fields=_example_log_fields_with_counter([*_RISING, *_RISING[:5]]),
        events=({"kind": "clock", "source_offset": 500},),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log with only a clock",
        log_fields=_example_log_fields_with_counter(_RISING, "clock"),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a cipher that shows a record that was taken out",
        log_fields=_example_log_fields_with_counter(_RISING)
        | {"issues": (Issue(500, 16, "the chain of the cipher is broken"),)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a log into which two vehicles wrote",
        log_fields=_example_log_fields_with_counter(_RISING)
        | {"issues": (Issue(500, 0, "two vehicles wrote into this log"),)},
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "a log without a counter"),
)
RULE = Rule(
    id="record_chain",
    title="The records of each log are in order, not repeated and not missing",
    parameters=RecordChainParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Counters in the order of the bytes; issues about checksums and ciphers.",
    not_assessable="No log of the flight has a counter that rises through it.",
)
