"""Where clocks of a log stop to agree: with a counter of the aircraft, and with each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules.clock_jump import _utc_of_clock_or_none
from parsers import MonotonicCounter, OtherClockReadings
from tests.dji_audit.compliance.hand_made_values import other_clock
from tests.dji_audit.compliance.one_rule import apply_rule, hover
from tests.dji_audit.conftest import BEGIN, MakeLog

BEGIN_S = BEGIN.value / 1e9
SECONDS = np.arange(60.0)


def counter_of(
    record: str, kind: str, seconds: Sequence[float], *, first: int = 100, **more: Any
) -> MonotonicCounter:
    """Return a counter with a value in every twentieth byte."""
    offsets = np.arange(first, first + 20 * len(seconds), 20)
    values: dict[str, Any] = {"record": record, "field": "T", "kind": kind} | more
    return MonotonicCounter(offsets=offsets, seconds=np.array(seconds, np.float64), **values)


def jumps(make_log: MakeLog, *counters: MonotonicCounter, **changes: Any) -> RuleResult:
    log = make_log(hover([0.5, 20.0, 0.5]), monotonic_counters=counters)
    return apply_rule(log, "clock_jump", **changes)


def compared(
    make_log: MakeLog, clock: Sequence[float], counter: Sequence[float], **changes: Any
) -> RuleResult:
    """Return the result for a clock, and a counter ten bytes before each of its values."""
    return jumps(
        make_log,
        counter_of("GPS", "clock", (BEGIN_S + np.array(clock)).tolist()),
        counter_of("OSD", "count", counter, first=90),
        **changes,
    )


def in_steps(*steps: tuple[float, float]) -> tuple[Sequence[float], Sequence[float]]:
    """Return a clock and a counter, by how much each goes on; a second before and after each."""
    around = [(1.0, 1.0)] * 5
    moved = [(0.0, 0.0), *around]
    for step in steps:
        moved += [step, *around]
    clock, counter = np.cumsum(moved, axis=0).T
    return clock.tolist(), counter.tolist()


# a clock beside a counter


@pytest.mark.parametrize(
    ("step_s", "outcome"), [(63.0, "pass"), (63.5, "fail"), (-63.0, "pass"), (-63.5, "fail")]
)
def test_over_a_pause_of_a_minute_a_clock_may_step_by_a_minute_and_a_twentieth(
    make_log: MakeLog, step_s: float, outcome: str
) -> None:
    assert compared(make_log, *in_steps((60.0 + step_s, 60.0))).outcome == outcome


@pytest.mark.parametrize(
    ("clock_s", "counter_s", "words"),
    [
        (1.0, 3.0, None),
        (1.0, 3.25, "counts 3.2 s while the clock GPS.T advances by 1.0 s"),
        (1.0, 60.5, "counts 60.5 s while"),
        (1.0, 61.0, None),
        (0.5, 4.0, "advances by 0.5 s"),
        (0.0, 4.0, "advances by 0.0 s"),
        (-0.5, 4.0, None),
        (2.0, 4.5, "counts 4.5 s while the clock GPS.T advances by 2.0 s"),
        (2.25, 4.75, "the clock GPS.T steps by -2.5 s while the aircraft counts 4.8 s"),
    ],
)
def test_a_counter_runs_ahead_by_two_to_sixty_seconds_of_a_clock_that_hardly_moves(
    make_log: MakeLog, clock_s: float, counter_s: float, words: str | None
) -> None:
    result = compared(make_log, *in_steps((clock_s, counter_s)))
    assert len(result.findings) == (words is not None)
    if words is not None:
        (finding,) = result.findings
        assert words in finding.summary
        assert finding.start == finding.end == BEGIN + pd.Timedelta(seconds=5)
        assert [each.offset for each in finding.evidence] == [200, 220]


@pytest.mark.parametrize(
    ("clock_s", "outcome"),
    # 10.1 s are missing from the counter, and it counts 0.4 s besides.
    [(10.5, "pass"), (12.25, "pass"), (12.75, "fail"), (0.25, "fail")],
)
def test_where_records_of_the_counter_are_missing_the_clock_may_have_run_on_as_it_did(
    make_log: MakeLog, clock_s: float, outcome: str
) -> None:
    # Ten values a second, of which ten seconds are missing: the clock's first value after them
    # lies before the counter's.
    counter = np.concatenate([np.arange(100) * 0.1, 20 + np.arange(100) * 0.1])
    offsets = 1000 + 20 * np.arange(200)
    clock = np.concatenate([np.arange(10) * 1.0, 9 + clock_s + np.arange(10) * 1.0])
    clock_offsets = np.concatenate([offsets[5:100:10] + 10, offsets[100::10] - 10])
    result = jumps(
        make_log,
        MonotonicCounter("GPS", "T", "clock", clock_offsets, BEGIN_S + clock),
        MonotonicCounter("OSD", "T", "count", offsets, counter),
    )
    assert result.outcome == outcome, [it.summary for it in result.findings]


@pytest.mark.parametrize(("stood_s", "outcome"), [(1.5, "fail"), (1.75, "pass")])
def test_a_counter_that_stood_still_for_more_than_half_of_its_lead_has_caught_up(
    make_log: MakeLog, stood_s: float, outcome: str
) -> None:
    assert compared(make_log, *in_steps((1.0 + stood_s, 1.0), (1.0, 4.0))).outcome == outcome


@pytest.mark.parametrize(("later", "outcome"), [(599, "pass"), (600, "fail")])
def test_a_counter_catches_up_within_six_hundred_values(
    make_log: MakeLog, later: int, outcome: str
) -> None:
    number = np.arange(700)
    clock = 0.125 * number + 1.75 * (number > 10)
    counter = 0.125 * number + 2.25 * (number > 10 + later)
    assert compared(make_log, clock.tolist(), counter.tolist()).outcome == outcome


def test_a_counter_ahead_weighs_no_more_than_the_policy_says(make_log: MakeLog) -> None:
    steps = in_steps((1.0, 4.0))
    for given, found in ((Severity.HIGH, Severity.LOW), (Severity.REMARK, Severity.REMARK)):
        (finding,) = compared(make_log, *steps, severity=given).findings
        assert finding.severity is found


@pytest.mark.parametrize(
    ("step_s", "words"), [(0.0, None), (10.0, "steps by +10.0 s"), (-10.0, "steps by -10.0 s")]
)
def test_a_clock_that_begins_anew_after_its_period_does_not_step(
    make_log: MakeLog, step_s: float, words: str | None
) -> None:
    of_clock = (50.0 + SECONDS + step_s * (SECONDS >= 55)) % 100.0
    clock = counter_of("GPS", "clock", of_clock.tolist(), period_s=100.0)
    result = jumps(make_log, clock, counter_of("OSD", "count", SECONDS.tolist(), first=90))
    assert len(result.findings) == (words is not None)
    for finding in result.findings:
        assert words is not None and words in finding.summary
        # It does not count from 1970, so it says nothing of the time.
        assert finding.start is None


@pytest.mark.parametrize(
    ("seconds", "time"),
    [
        (999_999_999, None), (1_000_000_001, "2001-09-09T01:46:41Z"),
        (1_100_000_000.25, "2004-11-09T11:33:20.250Z"), (3_999_999_999, "2096-10-02T07:06:39Z"),
        (4_000_000_001, None), (4_500_000_000, None),
    ],
)  # fmt: skip
def test_a_clock_of_the_years_2001_to_2096_counts_from_1970(
    seconds: float, time: str | None
) -> None:
    assert _utc_of_clock_or_none(seconds) == (None if time is None else pd.Timestamp(time))


def test_each_of_two_steps_has_its_bytes_and_they_are_counted(make_log: MakeLog) -> None:
    clock = SECONDS + 10.0 * (SECONDS >= 11) + 100.0 * (SECONDS >= 12)
    result = compared(make_log, clock.tolist(), SECONDS.tolist())
    assert result.reason == "2 clock steps."
    assert [[part.offset for part in it.evidence] for it in result.findings] == [
        [300, 320],
        [320, 340],
    ]
    assert "steps by +10.0 s" in result.findings[0].summary
    one = compared(make_log, (SECONDS + 10.0 * (SECONDS >= 11)).tolist(), SECONDS.tolist())
    assert one.reason == "1 clock step."


def test_a_step_while_the_counter_stands_still_is_where_the_clock_steps(make_log: MakeLog) -> None:
    clock = SECONDS + 50.0 * (SECONDS >= 13)
    counter = np.where((SECONDS > 10) & (SECONDS < 15), 10.0, SECONDS)
    (finding,) = compared(make_log, clock.tolist(), counter.tolist()).findings
    assert [part.offset for part in finding.evidence] == [340, 360]
    assert "steps by +50.0 s while the aircraft counts 5.0 s" in finding.summary


def test_the_first_two_values_of_a_clock_are_compared(make_log: MakeLog) -> None:
    result = compared(make_log, [0.0, 3600.0], [0.0, 1.0])
    assert result.outcome is Outcome.FAIL
    assert [part.offset for part in result.findings[0].evidence] == [100, 120]


NOTHING_BESIDE = "No log of the flight has both a clock and a counter to compare it with."


@pytest.mark.parametrize(
    ("counters", "reason"),
    [
        ((counter_of("GPS", "clock", SECONDS.tolist()),), NOTHING_BESIDE),
        ((counter_of("OSD", "count", SECONDS.tolist()),), NOTHING_BESIDE),
        # Of another sender.
        (
            (
                counter_of("GPS", "clock", SECONDS.tolist(), sender="a"),
                counter_of("GPS", "count", SECONDS.tolist(), sender="b"),
            ),
            NOTHING_BESIDE,
        ),
        # One value only.
        (
            (
                counter_of("GPS", "clock", [5.0]),
                counter_of("OSD", "count", SECONDS.tolist(), first=90),
            ),
            NOTHING_BESIDE,
        ),
        # The clock ends before the counter begins.
        (
            (
                counter_of("GPS", "clock", SECONDS.tolist()),
                counter_of("OSD", "count", SECONDS.tolist(), first=2_000),
            ),
            NOTHING_BESIDE,
        ),
        # The counter never counts up by five seconds or less.
        (
            (
                counter_of("GPS", "clock", (5.125 * SECONDS).tolist()),
                counter_of("OSD", "count", (5.125 * SECONDS).tolist(), first=90),
            ),
            "In no log of the flight does a counter run beside a clock.",
        ),
    ],
)
def test_a_step_would_not_show_without_a_counter_that_runs_beside_the_clock(
    make_log: MakeLog, counters: tuple[MonotonicCounter, ...], reason: str
) -> None:
    result = jumps(make_log, *counters)
    assert (result.outcome, result.reason) == (Outcome.NOT_ASSESSABLE, reason)


def test_a_counter_that_counts_up_by_five_seconds_runs(make_log: MakeLog) -> None:
    slow = (5.0 * SECONDS).tolist()
    assert compared(make_log, slow, slow).outcome is Outcome.PASS


STANDS, RUNS = [7.0] * 60, SECONDS.tolist()


@pytest.mark.parametrize(
    ("others", "outcome"),
    [
        # That of the same record, whichever comes first.
        ([("CTUN", STANDS), ("GPS", RUNS)], "pass"),
        ([("GPS", RUNS), ("CTUN", STANDS)], "pass"),
        ([("CTUN", RUNS), ("GPS", STANDS)], "not_assessable"),
        # Else the first.
        ([("CTUN", RUNS), ("ATT", STANDS)], "pass"),
        ([("CTUN", STANDS), ("ATT", RUNS)], "not_assessable"),
    ],
)
def test_a_clock_is_compared_with_the_counter_of_its_own_record_or_else_with_the_first(
    make_log: MakeLog, others: Sequence[tuple[str, list[float]]], outcome: str
) -> None:
    counters = [counter_of(record, "count", seconds) for record, seconds in others]
    assert jumps(make_log, counter_of("GPS", "clock", RUNS), *counters).outcome == outcome


# two clocks


def consistency(make_log: MakeLog, *clocks: OtherClockReadings, **parameters: float) -> RuleResult:
    log = make_log(hover([0.5, 20.0, 0.5]), other_clocks=clocks)
    return apply_rule(log, "clock_consistency", parameters=parameters)


LOCAL = {"can_be_set": False, "is_utc": False}
HOUR_S, DAY_S = 3600.0, 86_400.0


@pytest.mark.parametrize(
    ("ahead_s", "fields", "outcome"),
    [
        # A computer: ten minutes; another clock: one.
        (600.0, {}, "pass"), (601.0, {}, "fail"), (-600.0, {}, "pass"),
        (60.0, {"can_be_set": False}, "pass"), (60.5, {"can_be_set": False}, "fail"),
        # Local time: whole quarters of an hour aside, up to 14 hours.
        (960.0, LOCAL, "pass"), (961.0, LOCAL, "fail"), (-930.0, LOCAL, "pass"),
        (14 * HOUR_S, LOCAL, "pass"), (-14 * HOUR_S, LOCAL, "pass"),
        (14 * HOUR_S + 60, LOCAL, "pass"), (14 * HOUR_S + 61, LOCAL, "fail"),
        (-14 * HOUR_S - 60, LOCAL, "pass"), (14.25 * HOUR_S, LOCAL, "fail"),
    ],
)  # fmt: skip
def test_a_second_clock_may_differ_by_minutes_and_by_its_time_zone(
    make_log: MakeLog, ahead_s: float, fields: dict[str, Any], outcome: str
) -> None:
    result = consistency(make_log, other_clock([ahead_s] * 9, **fields))
    assert result.outcome == outcome
    assert len(result.findings) == (outcome == "fail")


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [
        (2 * DAY_S, "is 2.0 days ahead of the clock of the log"),
        (-2.5 * DAY_S, "is 2.5 days behind the clock of the log"),
        (2 * DAY_S - HOUR_S, " h ahead of the clock of the log"),
        (-1200.0, "is 20 min behind the clock of the log, more than 10 min allowed"),
    ],
)
def test_a_difference_is_told_in_days_from_two_days_on(
    make_log: MakeLog, ahead_s: float, words: str
) -> None:
    (finding,) = consistency(make_log, other_clock([ahead_s] * 9)).findings
    assert words in finding.summary


def test_a_clock_less_than_a_second_ahead_is_ahead(make_log: MakeLog) -> None:
    (finding,) = consistency(make_log, other_clock([0.75] * 9), computer_s=0.5).findings
    assert " ahead of the clock of the log" in finding.summary


def test_a_difference_shows_the_first_reading_that_is_usual(make_log: MakeLog) -> None:
    result = consistency(make_log, other_clock([700.0, 800.0, 900.0]))
    assert result.reason == (
        "1 inconsistency between clocks; compared with the clock of the log: the clock of the "
        "ground station (frame.time stamp)."
    )
    (finding,) = result.findings
    (part,) = finding.evidence
    assert (part.offset, part.value) == (
        110,
        "2026-05-14 09:13:21; the clock of the log 2026-05-14 09:00:01",
    )
    assert finding.start == finding.end == BEGIN + pd.Timedelta(seconds=1)


@pytest.mark.parametrize(
    ("steps_s", "words"),
    [
        ([300.0], None),
        ([-300.0], None),
        ([301.0], "steps by +301 s against the clock of the log, more than 300 s allowed"),
        ([300.0, -301.0], "steps by -301 s against the clock of the log, more than 300 s allowed"),
        ([400.0, -500.0], "more than 300 s allowed; 1 further such step"),
        ([400.0, -500.0, 400.0], "more than 300 s allowed; 2 further such steps"),
    ],
)
def test_the_largest_step_against_the_clock_of_the_log_is_told_and_the_others_counted(
    make_log: MakeLog, steps_s: Sequence[float], words: str | None
) -> None:
    ahead_s = [*np.cumsum([0.0, 0.0, *steps_s]).tolist(), sum(steps_s)]
    result = consistency(make_log, other_clock(ahead_s))
    assert len(result.findings) == (words is not None)
    if words is not None:
        (finding,) = result.findings
        assert finding.summary.endswith(words)
        row = 1 + int(np.argmax(np.abs(steps_s)))
        assert [part.offset for part in finding.evidence] == [100 + 10 * row, 110 + 10 * row]
        assert finding.start == BEGIN + pd.Timedelta(seconds=row)


def test_one_reading_of_a_clock_is_compared_and_cannot_step(make_log: MakeLog) -> None:
    assert consistency(make_log, other_clock([0.0])).outcome is Outcome.PASS
    (finding,) = consistency(make_log, other_clock([601.0])).findings
    assert "ahead of" in finding.summary


def test_each_clock_is_named_once(make_log: MakeLog) -> None:
    one, other = other_clock([0.0] * 9), other_clock([0.0] * 9, record="beacon")
    name = "the clock of the ground station"
    assert consistency(make_log, one, one, other).reason == (
        "Compared with the clock of the log, and in agreement: "
        f"{name} (frame.time stamp), {name} (beacon.time stamp)."
    )
    late = other_clock([2 * DAY_S] * 9)
    assert consistency(make_log, late, late).reason == (
        "2 inconsistencies between clocks; compared with the clock of the log: "
        f"{name} (frame.time stamp)."
    )
