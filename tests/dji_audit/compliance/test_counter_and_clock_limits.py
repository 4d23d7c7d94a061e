"""Where a counter leaps, a clock is off, a position is a spike and a record lacks a part."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.rules._shared._pilot_and_home_positions import (
    _without_outlying_positions,
)
from dji_audit.compliance.rules.clock_consistency import (
    ClockConsistencyParameters,
    _clock_lead_text,
    _differences_less_time_zone,
)
from dji_audit.compliance.rules.missing_log import MissingLogParameters
from dji_audit.compliance.rules.record_chain import (
    _falls_into_skipped_values,
    _record_counts_since_first_equal_value,
)
from dji_audit.compliance.rules.spoofing_signs import (
    _integrate_rate_over_fixes,
    _window_end_indices_and_gapless_mask,
)
from parsers import Issue, MonotonicCounter, NamedPosition, OtherClockReadings
from tests.dji_audit.compliance.hand_made_values import other_clock
from tests.dji_audit.compliance.one_rule import apply_rule, hover
from tests.dji_audit.compliance.test_log_comparisons import of_flight
from tests.dji_audit.conftest import MakeLog
from tests.dji_audit.flights.test_join import path, serial, sha

# Counters


def counter(seconds: Sequence[float], name: str = "TimeUS") -> MonotonicCounter:
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    return MonotonicCounter("POS", name, "count", offsets, np.array(seconds, float))


@pytest.mark.parametrize(
    ("seconds", "falls_into_skipped"),
    [
        # Five usual steps are no leap, and what follows a longer one may be missing.
        ([0, 1, 2, 3, 8, 9, 5, 6], False), ([0, 1, 2, 3, 8.1, 9, 5, 6], True),
        # It falls before or behind what it had skipped, or to either end of it.
        ([0, 1, 2, 3, 9, 10, 3, 4], False), ([0, 1, 2, 3, 9, 10, 3.1, 4], True),
        ([0, 1, 2, 3, 9, 10, 8.9, 9], True), ([0, 1, 2, 3, 9, 10, 9, 10], False),
        ([0, 1, 2, 3, 9, 20, 2, 3], False),
    ],
)  # fmt: skip
def test_a_counter_that_falls_to_where_it_had_leapt_shows_exchanged_parts(
    seconds: list[float], falls_into_skipped: bool
) -> None:
    assert _falls_into_skipped_values(counter(seconds), 5, 2.0) == falls_into_skipped


@pytest.mark.parametrize(("leap_s", "is_leap"), [(2.0, False), (2.1, True)])
def test_a_leap_of_a_quick_counter_is_one_of_more_than_it_may_fall(
    leap_s: float, is_leap: bool
) -> None:
    seconds = [0.0, 0.1, 0.2, 0.3, 0.3 + leap_s, 0.4 + leap_s, 1.0, 1.1, 1.2]
    assert _falls_into_skipped_values(counter(seconds), 5, 2.0) == is_leap


def test_a_counter_that_never_rises_leaps_nowhere() -> None:
    assert not _falls_into_skipped_values(counter([5.0, 4.0, 3.0]), 1, 2.0)
    assert not _falls_into_skipped_values(counter([5.0, 5.0]), 0, 2.0)
    assert _record_counts_since_first_equal_value(np.array([1.0, 2, 1, 2, 3, 1])).tolist() == [
        0, 0, 2, 2, 0, 5,
    ]  # fmt: skip


def chained(make_log: MakeLog, *counters: MonotonicCounter, **fields: Any) -> RuleResult:
    log = make_log(hover([0.5, 20.0, 0.5]), monotonic_counters=counters, **fields)
    return apply_rule(log, "record_chain")


RISING = [float(second) for second in range(40)]


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (RISING, "POS.TimeUS rises"),
        ([*RISING, 38.0, 40.0], "POS.TimeUS rises but for falls of up to 2 s (POS.TimeUS falls "
         "once, by at most 1.0 s)"),
        ([*RISING, 38.0, 40.0, 38.0, 41.0], "POS.TimeUS rises but for falls of up to 2 s "
         "(POS.TimeUS falls 2 times, by at most 2.0 s)"),
        ([*RISING[:20], 3.2e8, *RISING[20:]], "POS.TimeUS rises but for falls of up to 2 s (1 "
         "value of POS.TimeUS cannot be true)"),
        ([*RISING[:20], 3.2e8, *RISING[20:30], 4.2e9, *RISING[30:]], "POS.TimeUS rises but for "
         "falls of up to 2 s (2 values of POS.TimeUS cannot be true)"),
        # Simulators count from 1970.
        ([1.2e9 + each for each in RISING], "POS.TimeUS rises"),
        ([4.0e9 + each for each in RISING], "POS.TimeUS rises"),
    ],
)  # fmt: skip
def test_a_pass_says_which_counters_rose_and_what_was_left_out(
    make_log: MakeLog, seconds: list[float], reason: str
) -> None:
    found = chained(make_log, counter(seconds))
    assert found.outcome == "pass"
    assert found.reason.startswith(f"{reason}, and no record is repeated.")


def test_two_counters_rise(make_log: MakeLog) -> None:
    found = chained(make_log, counter(RISING), counter(RISING, "Count"))
    assert found.reason.startswith("POS.TimeUS and POS.Count rise, and no record is repeated.")


def test_each_place_at_which_a_counter_falls_is_listed_up_to_ten(make_log: MakeLog) -> None:
    one = chained(make_log, counter([*RISING, *RISING[30:36]]))
    assert one.reason == "1 position with records out of order, repeated or missing."
    (finding,) = one.findings
    assert finding.summary == "inconsistent: the counter POS.TimeUS falls by 9.0 s"
    assert [each.offset for each in finding.evidence] == [490, 500]
    for falls, listed in ((2, 2), (10, 10), (11, 11), (13, 11)):
        # Each time it goes on a little differently, so that no record is repeated.
        parts = [each + 0.01 * part for part in range(falls + 1) for each in RISING[:20]]
        found = chained(make_log, counter(parts))
        count = f"{listed} position{'s' * (listed > 1)}"
        assert found.reason == f"{count} with records out of order, repeated or missing."
        last = found.findings[-1].summary
        more = {11: "falls once more", 13: "falls 3 more times"}
        assert more.get(falls, " falls by ") in last


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [
        ([*RISING[:30], 28.0, *RISING[30:]], "pass"),
        ([30.0, 28.0, *RISING[29:]], "pass"), ([30.0, 27.9, *RISING[29:]], "fail"),
        # Or from the value before the last one.
        ([*RISING[:30], 26.0, *RISING[30:]], "pass"), ([*RISING[:30], 25.9, 27.0], "fail"),
        # A single record is damaged, unless the log begins with it.
        ([*RISING[:30], 90.0, *RISING[30:]], "pass"), ([90.0, *RISING], "fail"),
        ([*RISING[:30], 90.0, 27.0, 28.0], "pass"), ([*RISING[:30], 90.0, 26.9, 28.0], "fail"),
        # Ten records in a row that appeared before are repeated.
        ([*RISING, *RISING[38:], 40.0], "pass"),
    ],
)  # fmt: skip
def test_a_counter_may_fall_by_two_seconds(
    make_log: MakeLog, seconds: list[float], outcome: str
) -> None:
    assert chained(make_log, counter(seconds)).outcome == outcome


@pytest.mark.parametrize(("repeated", "outcome"), [(9, "pass"), (10, "fail")])
def test_ten_records_in_a_row_that_appeared_before_are_repeated(
    make_log: MakeLog, repeated: int, outcome: str
) -> None:
    quick = [0.1 * n for n in range(60)]
    seconds = [*quick[:40], *quick[40 - repeated :]]
    found = chained(make_log, counter(seconds))
    assert found.outcome == outcome
    if outcome == "fail":
        (finding,) = found.findings
        assert finding.summary == (
            "inconsistent: 10 POS records repeat the records from byte 400 on"
        )
        assert [each.offset for each in finding.evidence] == [500, 400]


@pytest.mark.parametrize("standing", [2, 11, 40])
def test_a_counter_that_stands_still_repeats_no_records(make_log: MakeLog, standing: int) -> None:
    seconds = [*RISING[:20], *[RISING[19]] * standing, *RISING[20:]]
    assert chained(make_log, counter(seconds)).outcome == "pass"


@pytest.mark.parametrize(("count", "checks"), [(1, "1 failed check"), (2, "2 failed checks")])
def test_failed_checks_are_one_remark(make_log: MakeLog, count: int, checks: str) -> None:
    issues = tuple(Issue(100 + 9 * n, 700, "checksum of a record is wrong") for n in range(count))
    found = chained(make_log, counter(RISING), issues=issues)
    assert found.outcome == "pass"
    assert ", and no record is repeated. 1 remark." in found.reason
    (finding,) = found.findings
    assert finding.summary.startswith(f"{checks}, {700 * count:,} bytes in all; first: checksum")


@pytest.mark.parametrize(("count", "places"), [(1, "1 place"), (2, "2 places")])
def test_breaks_of_a_cipher_are_one_finding(make_log: MakeLog, count: int, places: str) -> None:
    issues = tuple(
        Issue(100 + 9 * n, 16, "the chain of the cipher is broken") for n in range(count)
    )
    (finding,) = chained(make_log, counter(RISING), issues=issues).findings
    assert finding.summary.startswith(f"inconsistent: records are missing at {places} of flight.")
    assert len(finding.evidence) == count


# Clocks


# A clock that nobody can set.
fixed_clock = partial(other_clock, can_be_set=False)


def clocks(make_log: MakeLog, *found: OtherClockReadings) -> RuleResult:
    log = make_log(hover([0.5, 20.0, 0.5]), other_clocks=found)
    return apply_rule(log, "clock_consistency")


@pytest.mark.parametrize(
    ("ahead_s", "can_be_set", "outcome"),
    [
        (60.0, False, "pass"), (60.1, False, "fail"), (-60.1, False, "fail"),
        (600.0, True, "pass"), (600.1, True, "fail"), (-600.1, True, "fail"),
    ],
)  # fmt: skip
def test_clocks_may_differ_by_a_minute_and_that_of_a_computer_by_ten(
    make_log: MakeLog, ahead_s: float, can_be_set: bool, outcome: str
) -> None:
    assert clocks(make_log, fixed_clock([ahead_s] * 9, can_be_set=can_be_set)).outcome == outcome


@pytest.mark.parametrize(
    ("steps_s", "more"),
    [
        ([300.0], None), ([300.1], ""), ([-301.0], ""), ([400.0, -500.0], "; 1 further such step"),
        ([400.0, -500.0, 400.0], "; 2 further such steps"), ([400.0, 100.0, -500.0],
         "; 1 further such step"),
    ],
)  # fmt: skip
def test_a_clock_may_step_by_five_minutes_and_the_largest_step_is_shown(
    make_log: MakeLog, steps_s: list[float], more: str | None
) -> None:
    ahead_s, level = [0.0] * 40, 0.0
    for step_s in steps_s:
        level += step_s
        ahead_s += [level] * 2
    found = clocks(make_log, fixed_clock(ahead_s))
    assert found.outcome == ("pass" if more is None else "fail")
    if more is not None:
        assert found.reason.startswith("1 inconsistency between clocks; compared with the clock ")
        (finding,) = found.findings
        largest = max(steps_s, key=abs)
        assert finding.summary == (
            f"inconsistent: the clock of the ground station steps by {largest:+.0f} s against the "
            f"clock of the log, more than 300 s allowed{more}"
        )
        row = 39 + 2 * steps_s.index(largest)
        assert [each.offset for each in finding.evidence] == [100 + 10 * row, 110 + 10 * row]
        assert finding.start == pd.Timestamp(1_778_749_200 + row, unit="s", tz="UTC")


def test_a_lasting_difference_shows_the_reading_nearest_to_the_median(make_log: MakeLog) -> None:
    found = clocks(
        make_log, fixed_clock([90.0, 95.0, 91.0, 99.0, 93.0]), fixed_clock([-7200.0] * 3)
    )
    assert found.reason.startswith("2 inconsistencies between clocks; compared with the clock of")
    ahead, behind = found.findings
    assert [each.offset for each in ahead.evidence] == [140]
    assert ahead.evidence[0].value == (
        "2026-05-14 09:01:37; the clock of the log 2026-05-14 09:00:04"
    )
    assert "ahead of the clock of the log, more than 60 s allowed" in ahead.summary
    assert "behind the clock of the log" in behind.summary


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (172_800.0, "2.0 days ahead of"), (-259_200.0, "3.0 days behind"),
        (172_700.0, "47 h 58 min ahead of"),
    ],
)  # fmt: skip
def test_a_lead_is_told_in_days_from_two_on(seconds: float, text: str) -> None:
    assert _clock_lead_text(seconds) == text


def test_a_clock_without_a_zone_is_compared_within_a_quarter_of_an_hour() -> None:
    ahead_s = np.array([0.0, 449.0, 451.0, 900.0, -3590.0, 50_400.0, 50_401.0])
    local = fixed_clock([0.0], is_utc=False)
    assert _differences_less_time_zone(ahead_s, local).tolist() == [
        0.0, 449.0, -449.0, 0.0, 10.0, 0.0, 1.0,
    ]  # fmt: skip
    utc = fixed_clock([0.0], is_utc=True)
    assert _differences_less_time_zone(ahead_s, utc).tolist() == ahead_s.tolist()
    parameters = ClockConsistencyParameters()
    assert (parameters.difference_s, parameters.computer_s, parameters.step_s) == (60, 600, 300)


# Rates, windows and heights


def test_the_integral_of_a_rate_takes_the_known_end_of_a_step() -> None:
    nan = np.nan
    for rate, expected in (
        ([1.0, 3.0, 5.0], [0.0, 2.0, 10.0]),
        ([1.0, 3.0, 9.0], [0.0, 2.0, 14.0]),
        ([nan, 3.0, 5.0], [nan, 3.0, 11.0]),
        ([1.0, nan, 5.0], [0.0, nan, 13.0]),
        ([1.0, 3.0, nan], [0.0, 2.0, nan]),
        ([nan, 4.0, nan], [nan, 4.0, nan]),
        ([nan, nan, nan], [nan, nan, nan]),
    ):
        found = _integrate_rate_over_fixes(np.array([0.0, 1.0, 3.0]), np.array(rate))
        assert found.tolist() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("gap_s", "is_whole"), [(2.5, True), (2.6, False)])
def test_no_window_has_a_gap_of_more_than_two_and_a_half_seconds(
    gap_s: float, is_whole: bool
) -> None:
    seconds = np.array([0.0, 2.0, 4.0, 4.0 + gap_s, 6.0 + gap_s, 8.0 + gap_s])
    later, mask = _window_end_indices_and_gapless_mask(seconds, 4.0)
    assert later[[0, 3, 4, 5]].tolist() == [2, 5, 5, 5]
    assert mask.tolist() == [True, is_whole, is_whole, True, False, False]


# Positions of the pilot


def kept(*north_m: float) -> list[int]:
    positions = tuple(
        NamedPosition("pilot", None, metres / 111_195.0, 0.0, None, "APP", row)
        for row, metres in enumerate(north_m)
    )
    return [each.source_offset for each in _without_outlying_positions(positions)]


def test_a_single_position_far_from_both_neighbours_is_left_out() -> None:
    # Neighbours that lie together within 50 m: a spike is more than 200 m from both.
    assert kept(0, 195, 0) == [0, 1, 2]
    assert kept(0, 205, 0) == [0, 2]
    assert kept(0, 230, 40) == [0, 1, 2]
    assert kept(0, 245, 40) == [0, 2]
    # Neighbours farther apart: a spike is more than four times as far.
    assert kept(0, -395, 100) == [0, 1, 2]
    assert kept(0, -410, 100) == [0, 2]
    # The first and the last have one neighbour.
    assert kept(900, 0, 0) == [0, 1, 2]
    assert kept(0, 0, 900) == [0, 1, 2]
    assert kept(0, 900) == [0, 1]


# Parts that a record lacks


def records(make_log: MakeLog, *lasts_s: int) -> RuleResult:
    """Return what the rule says of records that begin at once, and of a whole one beside them."""
    moves = [{"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 398}]
    more = {"aircraft": serial("A1"), "clock": parsers.Clock("GPS", 0.0, from_gnss=True)}
    whole = path(400)
    logs = [make_log(whole, name="whole", sha256=sha(9), events=moves, **more)]
    for number, last in enumerate(lasts_s, 1):
        cut = {name: values[:last] for name, values in whole.items()}
        logs.append(make_log(cut, name=f"part{number}", sha256=sha(number), **more))
    return of_flight("missing_log", *logs)


@pytest.mark.parametrize(
    ("lasts_s", "reason"),
    [
        ((389,), None),
        ((388,), "1 interval in the air that a record lacks."),
        ((300, 200), "2 intervals in the air that a record lacks."),
    ],
)
def test_a_record_may_lack_ten_seconds_at_its_end(
    make_log: MakeLog, lasts_s: tuple[int, ...], reason: str | None
) -> None:
    """The last row of one of 389 seconds is at 388 s, the landing at 398 s."""
    found = records(make_log, *lasts_s)
    assert (found.outcome == "fail") == (reason is not None)
    assert MissingLogParameters().tolerance_s == 10.0
    if reason:
        assert found.reason.startswith(reason)
        finding = found.findings[0]
        assert f"lacks {398 - lasts_s[0] + 1}" in finding.summary or len(lasts_s) > 1
        assert finding.summary.endswith("; that record holds it")
        assert finding.severity is Severity.LOW
        assert "ends at 09:0" in finding.summary
