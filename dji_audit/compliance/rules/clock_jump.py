"""No clock of a log jumped while a counter of the aircraft ran on.

The clock of a phone, or the time of a satellite receiver, is compared with a counter of the
aircraft in the same log: flight time, or time since power-on.  A step of the clock without a
step of the counter is inconsistent.  Phones set their clocks automatically, so a step does not
show who made it.  Where the counter runs ahead while the clock stands, records came late, or the
clock was set back: the log does not show which.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    LogCitedAsEvidence,
    logs_judged_by_rules_about_whole_logs,
    logs_that_begin_with_this_flight,
)
from dji_audit.compliance.rules._shared._example_flights import HALF_MINUTE, ExampleFlight
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    carries_fact_in_understood_form,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import MonotonicCounter

#: Steps listed; the reason counts all.
_MAX_LISTED = 20
#: Values before a lead of the counter in which it may have stood still, a minute at ten a second,
#: and the seconds from which a lead is that of a counter that was set.
_CATCH_UP_VALUES, _MOST_LEAD_S = 600, 60.0
#: Seconds.  A counter that advances more than this between two records shows only a step that is
#: larger than a minute and a share of that time.
_STEADY_S, _LEAST_PAUSE_STEP_S, _DRIFT = 5.0, 60.0, 0.05
#: Times the usual advance of a counter to its next record from which records between are missing.
_USUAL_ADVANCES = 4.0


class ClockJumpParameters(Parameters):
    """Parameters of the rule."""

    step_s: float = positive_parameter_field(
        2.0, "Largest step of a clock that is allowed, seconds."
    )


def check(flight: Flight, parameters: ClockJumpParameters, inputs: RuleInputs) -> CheckResult:
    """Look for the steps of each clock of each log."""
    logs = logs_judged_by_rules_about_whole_logs(flight)
    pairs = [pair for flight_log in logs for pair in _clock_counter_pairs(flight_log)]
    findings = [
        finding
        for pair in pairs
        for jumps in (_clock_jump_findings, _counter_ahead_of_clock_findings)
        for finding in jumps(pair, parameters, inputs)
    ]
    return CheckResult.from_findings(
        findings[:_MAX_LISTED],
        f"No clock jumped by more than {parameters.step_s:g} s.",
        f"{pluralised_count(len(findings), 'clock step')}.",
    )


def _availability_of_counter_beside_clock(
    flight: Flight, _parameters: Any, _context: AuditContext
) -> DataNeedObservation:
    """Return whether a counter runs beside a clock, so that a step of the clock shows."""
    subject = "a clock beside a counter of the aircraft"
    pairs_of_all_logs = [
        pair
        for flight_log in logs_that_begin_with_this_flight(flight)
        for pair in _clock_counter_pairs(flight_log)
    ]
    pairs = [
        pair
        for pair in pairs_of_all_logs
        if carries_fact_in_understood_form(pair.flight_log.log, "record_sequence")
    ]
    if not pairs:
        reason = "No log of the flight has both a clock and a counter to compare it with."
        if pairs_of_all_logs:
            reason = (
                "The clock and the counter stand in a table that another program wrote, which may "
                "have made one from the other."
            )
        return DataNeedObservation.for_subject_not_seen(subject, reason)
    running = [
        pair.flight_log.log.source.name for pair in pairs if _counter_ever_counts_up_steadily(pair)
    ]
    if not running:
        reason = "In no log of the flight does a counter run beside a clock."
        return DataNeedObservation.for_subject_not_seen(subject, reason)
    return DataNeedObservation.for_subject_seen_in_full(subject, *dict.fromkeys(running))


@dataclass(frozen=True, slots=True, eq=False)
class _ClockCounterPair:
    """A clock, and the counter of the aircraft at the same bytes of the log."""

    flight_log: LogCitedAsEvidence
    #: The values of the clock at which the counter is known.
    clock: MonotonicCounter
    #: The counter in its last record before each value of the clock.
    counter_s: npt.NDArray[np.float64]
    #: How far it had advanced in the next one, where records between the two are missing, so that
    #: the last one tells little of that instant; else 0.
    missing_advance_s: npt.NDArray[np.float64]


def _clock_counter_pairs(flight_log: LogCitedAsEvidence) -> Iterator[_ClockCounterPair]:
    """Yield each clock with a counter of its sender, from the same record if possible."""
    counters = flight_log.log.monotonic_counters
    for clock in counters:
        of_sender = [
            counter
            for counter in counters
            if counter.kind == "count" and counter.sender == clock.sender
        ]
        if clock.kind != "clock" or not of_sender:
            continue
        counter = next(
            (counter for counter in of_sender if counter.record == clock.record), of_sender[0]
        )
        # The last value of the counter at each byte of the clock.
        last = np.searchsorted(counter.offsets, clock.offsets, "right") - 1
        known = last >= 0
        if known.sum() > 1:
            common = replace(clock, offsets=clock.offsets[known], seconds=clock.seconds[known])
            counter_s = counter.seconds[last[known]]
            following = np.searchsorted(counter.offsets, common.offsets, "left")
            next_s = counter.seconds[np.minimum(following, len(counter.seconds) - 1)]
            yield _ClockCounterPair(
                flight_log, common, counter_s, _unusual_advances_s(next_s - counter_s)
            )


def _unusual_advances_s(advances_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return advances of a counter that are several times the usual one, and 0 for all others."""
    running = advances_s[advances_s > 0]
    usual_s = float(np.median(running)) if len(running) else 0.0
    return np.where(advances_s > _USUAL_ADVANCES * usual_s, advances_s, 0.0)


def _counter_ever_counts_up_steadily(pair: _ClockCounterPair) -> bool:
    """Return whether the counter runs, so that a step of the clock shows."""
    counted = np.diff(pair.counter_s)
    return bool(((counted > 0) & (counted <= _STEADY_S)).any())


def _clock_jump_findings(
    pair: _ClockCounterPair, parameters: ClockJumpParameters, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield each step of a clock without a step of its counter.

    A counter may stand still for a while and then catch up.  So both are compared between
    the records at which the counter changes, and only a step of the clock between two
    neighbouring records counts.
    """
    moved = np.flatnonzero(np.diff(pair.counter_s, prepend=-np.inf) != 0)
    counted = np.diff(pair.counter_s[moved])
    step_s = np.diff(pair.clock.seconds[moved]) - counted
    if pair.clock.period_s is not None:
        step_s = (step_s + pair.clock.period_s / 2) % pair.clock.period_s - pair.clock.period_s / 2
    # After missing records the counter may be further on than its last record says.
    least_step_s = np.where(step_s > 0, step_s - pair.missing_advance_s[moved[1:]], -step_s)
    # A counter that falls or leaps cannot measure a step.
    is_step = (counted > 0) & (counted <= _STEADY_S) & (least_step_s > parameters.step_s)
    # Across a pause of the log both run on: only what no drift explains is a step.
    is_step |= (counted > _STEADY_S) & (least_step_s > _LEAST_PAUSE_STEP_S + _DRIFT * counted)
    steps = abs(np.diff(pair.clock.seconds))
    for index in np.flatnonzero(is_step).tolist():
        first, last = int(moved[index]), int(moved[index + 1])
        row = first + int(np.argmax(steps[first:last]))
        if steps[row] > parameters.step_s:
            clock, step, counted_s = pair.clock, float(step_s[index]), float(counted[index])
            start = _utc_of_clock_or_none(clock.seconds[row])
            yield inputs.finding(
                finding_sentence(
                    f"inconsistent: the clock {clock.record}.{clock.field} steps by {step:+.1f} s "
                    f"while the aircraft counts {counted_s:.1f} s, more than "
                    f"{parameters.step_s:g} s allowed,",
                    pair.flight_log.flight,
                    start,
                    None,
                ).removesuffix(","),
                grade="measured",
                evidence=pair.flight_log.evidence_of_counter(clock, row, row + 1),
                start=start,
                end=start,
            )


def _counter_ahead_of_clock_findings(
    pair: _ClockCounterPair, parameters: ClockJumpParameters, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield where the counter runs ahead of a clock that hardly moves, and stays ahead.

    A counter that stood still, and then catches up, runs ahead only of where it stood.
    """
    clock_s, counter_s = pair.clock.seconds, pair.counter_s
    ahead_s = np.diff(counter_s) - np.diff(clock_s)
    lag_s = clock_s - counter_s
    least_lag_s = pd.Series(lag_s).rolling(_CATCH_UP_VALUES, min_periods=1).min().to_numpy()
    had_stood_still = (lag_s - least_lag_s)[:-1] > ahead_s / 2
    is_lead = (
        (ahead_s > parameters.step_s)
        & ~had_stood_still
        & (ahead_s < _MOST_LEAD_S)
        & (np.diff(clock_s) >= 0)
        & (np.diff(clock_s) <= parameters.step_s)
    )
    for row in np.flatnonzero(is_lead).tolist():
        clock = pair.clock
        start = _utc_of_clock_or_none(clock_s[row])
        counted_s, passed_s = (float(np.diff(each)[row]) for each in (counter_s, clock_s))
        yield inputs.finding(
            finding_sentence(
                f"inconsistent: the aircraft counts {counted_s:.1f} s while the clock "
                f"{clock.record}.{clock.field} advances by {passed_s:.1f} s: late records that "
                "caught up, or a clock that was set back,",
                pair.flight_log.flight,
                start,
                None,
            ).removesuffix(","),
            severity=min(Severity.LOW, inputs.severity, key=lambda it: it.rank),
            grade="measured",
            evidence=pair.flight_log.evidence_of_counter(clock, row, row + 1),
            start=start,
            end=start,
        )


def _utc_of_clock_or_none(seconds: float) -> pd.Timestamp | None:
    """Return the time of a clock that counts from 1970; ``None`` for a clock of GPS weeks."""
    if not 1e9 < seconds < 4e9:
        return None
    return pd.Timestamp(round(seconds * 1e3), unit="ms", tz="UTC")


def _example_log_with_clock_and_counter(clock: list[float], counter: list[float]) -> dict[str, Any]:
    """Return a log with a clock and, at the bytes between, a counter."""
    offsets = np.arange(100, 100 + 20 * len(clock), 20)
    return {
        "monotonic_counters": (
            MonotonicCounter(
                "Custom", "time_ms", "clock", offsets, 1_778_749_200 + np.array(clock)
            ),
            MonotonicCounter("OSD", "flight_time_s", "count", offsets - 10, np.array(counter)),
        )
    }


_NEEDS = (DataNeed("record_sequence", _availability_of_counter_beside_clock),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a clock and a counter that run alike",
        log_fields=_example_log_with_clock_and_counter(HALF_MINUTE, HALF_MINUTE),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a clock that is set forward by an hour",
        log_fields=_example_log_with_clock_and_counter(
            [each + 3600 * (each > 15) for each in HALF_MINUTE], HALF_MINUTE
        ),
    ),
    ExampleFlight(
        Outcome.PASS,
        "a counter that stands still for ten seconds and then catches up",
        log_fields=_example_log_with_clock_and_counter(
            HALF_MINUTE, [each if each < 8 or each > 18 else 8.0 for each in HALF_MINUTE]
        ),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a counter that runs on by ten seconds while the clock stands",
        log_fields=_example_log_with_clock_and_counter(
            HALF_MINUTE, [each + 10 * (each > 15) for each in HALF_MINUTE]
        ),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a clock beside a counter that never moves",
        log_fields=_example_log_with_clock_and_counter(HALF_MINUTE, [7.0] * len(HALF_MINUTE)),
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "a log with neither"),
)
RULE = Rule(
    id="clock_jump",
    title="No clock jumped while a counter of the aircraft ran on",
    parameters=ClockJumpParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="In each log, the clock of the device or receiver and a counter of the aircraft.",
    not_assessable="No log of the flight holds both a clock and a running counter.",
)
