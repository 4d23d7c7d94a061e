"""Occurrences: what was reported in the air, how long, how high, and what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules._shared._finding_sentences import height_text
from tests.conftest import required
from tests.dji_audit.compliance.one_rule import DEGREE_M, apply_rule, flown, hover
from tests.dji_audit.conftest import MakeLog


def event(kind: str, time: float | None, text: str, **more: Any) -> dict[str, Any]:
    return {
        "time": time, "kind": kind, "severity": "warning", "text": text, "record": "X.flag",
        "source_offset": 100,
    } | more  # fmt: skip


def occurrences(log: parsers.Log) -> RuleResult:
    return apply_rule(log, "occurrence")


def texts(result: RuleResult) -> list[str]:
    return [finding.summary for finding in result.findings if not finding.informational]


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    # One record alone states it for 0 s.
    [(0.0, Outcome.PASS), (0.1, Outcome.PASS), (2.9, Outcome.PASS), (3.0, Outcome.FAIL)],
)
def test_a_fault_counts_from_so_many_seconds_in_the_air(
    make_log: MakeLog, seconds: float, outcome: Outcome
) -> None:
    fault = event("fault", 10, "not enough force", end=10 + seconds)
    result = occurrences(make_log(hover([20.0] * 40), events=[*flown(39), fault]))
    assert result.outcome is outcome
    (finding,) = result.findings
    assert finding.informational is (outcome is Outcome.PASS)
    assert result.reason.startswith(
        "What was reported in the air was too brief for an occurrence (1 remark); this is "
        "not proof."
        if outcome is Outcome.PASS
        else "1 occurrence in the air."
    )


@pytest.mark.parametrize(("seconds", "count"), [(0.0, 0), (2.9, 0), (3.0, 1), (None, 1)])
def test_in_a_log_without_utc_a_fault_lasts_as_long_as_its_own_clock_says(
    make_log: MakeLog, seconds: float | None, count: int
) -> None:
    """A flag that stands in one row of a table is as brief as in the record of that flight."""
    log = make_log(
        hover([20.0] * 5, time=[None] * 5),
        events=[*_STATES, event("fault", None, "not enough force", source_offset=500)],
    )
    none = np.full(len(log.events), np.datetime64("NaT"), "datetime64[ns]")
    begins, ends = none.copy(), none.copy()
    at = int(np.flatnonzero(log.events["kind"] == "fault")[0])
    begins[at] = np.datetime64("2026-05-14T10:00:00", "ns")
    if seconds is not None:
        ends[at] = begins[at] + np.timedelta64(round(seconds * 1000), "ms")
    nothing = np.full(5, np.datetime64("NaT"), "datetime64[ns]")
    own = parsers.LocalTimes("wall", nothing, begins, ends, nothing[:0], nothing[:0])
    result = occurrences(replace(log, local_times=own))
    assert len(texts(result)) == count
    (finding,) = result.findings
    lasted = f", for {seconds:.1f} s" if seconds else ""
    assert finding.summary == f"not enough force{lasted}; reported by aircraft or app"


def test_happenings_of_two_kinds_in_one_minute_have_fingerprints_of_their_own(
    make_log: MakeLog,
) -> None:
    lost = event("link.lost", 5, "radio fail-safe", end=20)
    crash = event("fault", 20, "crash check")
    both = occurrences(make_log(hover([20.0] * 40), events=[*flown(39), lost, crash]))
    alone = occurrences(make_log(hover([20.0] * 40), events=[*flown(39), crash]))
    assert len({finding.subject for finding in both.findings}) == 2
    (left,) = alone.findings
    # A row that acknowledges the fail-safe never finds the crash, whatever else is found.
    assert left.fingerprint == both.findings[1].fingerprint
    assert "-" not in left.fingerprint


def test_a_crash_that_two_records_state_in_their_own_words_is_one(make_log: MakeLog) -> None:
    texts = [event("fault", 20, "crash check, code 1"), event("fault", 20.1, "Crash: Disarming")]
    (finding,) = occurrences(make_log(hover([20.0] * 40), events=[*flown(39), *texts])).findings
    assert "crash check, code 1, 20 m above take-off, then Crash: Disarming" in finding.summary


@pytest.mark.parametrize(
    ("height_m", "words"),
    [(-3.2, "3 m below take-off"), (0.4, "at the height of take-off"), (7, "7 m above take-off")],
)
def test_a_height_is_said_as_people_say_it(height_m: float, words: str) -> None:
    assert height_text(height_m) == words


def test_only_the_part_of_a_fault_in_the_air_counts(make_log: MakeLog) -> None:
    landed = event("fault", 38, "compass error", end=50)
    result = occurrences(make_log(hover([20.0] * 60), events=[*flown(39), landed]))
    assert result.outcome is Outcome.PASS
    on_the_ground = event("fault", 45, "compass error", end=55)
    result = occurrences(make_log(hover([20.0] * 60), events=[*flown(39), on_the_ground]))
    assert (result.outcome, result.findings) == (Outcome.PASS, ())


def test_reports_of_one_kind_that_follow_one_another_are_one_finding(make_log: MakeLog) -> None:
    reports = [event("failsafe", second, "sensor fail-safe") for second in (5, 20, 35)]
    result = occurrences(make_log(hover([20.0] * 60), events=[*flown(59), *reports]))
    (finding,) = result.findings
    assert finding.summary.startswith(
        "sensor fail-safe, 20 m above take-off, the first of 3 such reports, for 30 s from "
        "09:00:05 UTC"
    )


def test_a_crash_explains_the_motors_that_stop_with_it(make_log: MakeLog) -> None:
    heights = [20.0] * 30
    crash = event("fault", 28, "crash check, code 1")
    off = event("disarm", 28.5, "disarmed", severity="info")
    result = occurrences(make_log(hover(heights), events=[*flown(29), crash, off]))
    (text,) = texts(result)
    assert text.startswith("crash check")


def test_an_aircraft_that_stands_above_its_take_off_did_not_stop_in_the_air(
    make_log: MakeLog,
) -> None:
    still = {"ground_speed_mps": [0.0] * 30, "vertical_speed_mps": [0.0] * 30}
    off = event("disarm", 25, "disarmed", severity="info")
    standing = make_log(hover([5.57] * 30, **still), events=[*flown(26), off])
    assert occurrences(standing).outcome is Outcome.PASS
    heights = [6.0 + 0.4 * (second % 2) for second in range(30)]
    hovering = make_log(hover(heights, **still), events=[*flown(26), off])
    assert occurrences(hovering).outcome is Outcome.FAIL


def test_a_forced_landing_is_one_where_no_landing_was_under_way(make_log: MakeLog) -> None:
    forced = event("failsafe", 25, "forced landing")
    landing = event("mode", 20, "flight mode: Automatic landing", severity="info")
    ordinary = make_log(hover([20.0] * 40), events=[*flown(39), landing, forced])
    assert texts(occurrences(ordinary)) == []
    sudden = make_log(hover([20.0] * 40), events=[*flown(39), forced])
    assert len(texts(occurrences(sudden))) == 1


def test_a_battery_landing_counts_in_the_air_and_not_near_the_ground(make_log: MakeLog) -> None:
    action = event("action", 25, "smart power, landing", severity="notice")
    for height, count in ((20.0, 1), (3.0, 0)):
        log = make_log(hover([height] * 40), events=[*flown(39), action])
        assert len(texts(occurrences(log))) == count


def test_what_was_so_before_the_take_off_is_no_event_of_the_flight(make_log: MakeLog) -> None:
    lost = event("link.lost", -1, "no signal of the controller", end=39)
    result = occurrences(make_log(hover([20.0] * 40), events=[*flown(39), lost]))
    assert (result.outcome, result.findings) == (Outcome.PASS, ())


#: Bytes of a log without a clock: armed at 100, off the ground at 200, disarmed at 900.
_STATES = [
    event("arm", None, "armed", severity="info", source_offset=100),
    event("airborne.report", None, "begins", severity="info", source_offset=200, value=1.0),
    event("disarm", None, "disarmed", severity="info", source_offset=900),
]


@pytest.mark.parametrize(
    ("offset", "mode_offset", "count"),
    [(50, 60, 0), (110, None, 0), (110, 120, 1), (500, None, 1), (950, None, 0)],
)
def test_a_log_without_a_clock_is_judged_by_the_order_of_its_bytes(
    make_log: MakeLog, offset: int, mode_offset: int | None, count: int
) -> None:
    events = [*_STATES, event("failsafe", None, "GPS fail-safe", source_offset=offset)]
    if mode_offset is not None:
        events.append(event("mode", None, "LAND", severity="info", source_offset=mode_offset))
    log = make_log(hover([20.0] * 5, time=[None] * 5), events=events)
    assert len(texts(occurrences(log))) == count


def away(metres: Sequence[float]) -> dict[str, Any]:
    return hover([30.0] * len(metres), longitude_deg=[each / DEGREE_M for each in metres])


def test_an_aircraft_that_cannot_return_is_one_finding_that_tells_it(make_log: MakeLog) -> None:
    """It is blown away from the home point while it is to fly home."""
    home = parsers.NamedPosition("home", None, 0.0, 0.0, None, "Home.latitude_deg", 77)
    metres = [500.0] * 10 + [500.0 + 5 * second for second in range(90)]
    events = [
        event("takeoff", 0, "took off"),
        event("mode", 10, "flight mode: Go home", end=40, severity="info"),
        event("fault", 12, "not enough force", end=18),
        event("fault", 22, "not enough force", end=26),
    ]
    result = occurrences(make_log(away(metres), events=events, named_positions=(home,)))
    (text,) = texts(result)
    assert text == (
        "the aircraft could not return: 500 m from its home point when the return began at "
        "09:00:10 UTC, 945 m from it 89 s later, 30 m above take-off; reported meanwhile: "
        "not enough force; the log ends in the air"
    )
    (finding,) = result.findings
    assert finding.severity is Severity.MEDIUM
    assert finding.peak == pytest.approx(945, abs=1)
    assert len(finding.evidence) >= 1


def test_a_return_that_the_pilot_ends_to_fly_on_is_no_fly_away(make_log: MakeLog) -> None:
    home = parsers.NamedPosition("home", None, 0.0, 0.0, None, "Home.latitude_deg", 77)
    metres = [500.0 - 5 * second for second in range(20)] + [405.0 + 8 * s for s in range(60)]
    events = [*flown(79), event("mode", 1, "flight mode: Go home", end=19, severity="info")]
    result = occurrences(make_log(away(metres), events=events, named_positions=(home,)))
    assert texts(result) == []


def test_a_home_point_that_is_moved_during_a_return_makes_no_fly_away(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    """The pilot sets it 900 m farther away: the aircraft did not come farther from home."""
    homes = tuple(
        parsers.NamedPosition(
            "home", start + pd.Timedelta(seconds=second), 0.0, metres / DEGREE_M, None, "Home", 7
        )
        for second, metres in ((0, 0.0), (30, -900.0))
    )
    metres = [500.0 - 4 * second for second in range(60)]
    events = [
        *flown(59),
        event("mode", 10, "flight mode: Go home", end=55, severity="info"),
        event("fault", 12, "not enough force", end=18),
    ]
    result = occurrences(make_log(away(metres), events=events, named_positions=homes))
    assert not any("could not return" in text for text in texts(result))


def test_the_real_fly_away_is_told_once(samples: Path) -> None:
    path = next((samples / "dji_txt").rglob("testair.txt"), None)
    required("testair.txt", path is not None)
    (text,) = texts(occurrences(parsers.read(Path(str(path)))))
    assert text.startswith(
        "the aircraft could not return: 532 m from its home point when the return began at "
        "16:14:52 UTC, 858 m from it 77 s later"
    )


def test_a_real_radio_fail_safe_of_a_moment_and_the_crash_are_told(samples: Path) -> None:
    path = next((samples / "mavlink").rglob("mechanical_fail.log"), None)
    required("mechanical_fail.log", path is not None)
    fail_safe, crash = texts(occurrences(parsers.read(Path(str(path)))))
    assert fail_safe.startswith("radio fail-safe, code 1, 107 m above take-off")
    assert crash.startswith("crash check, code 1")


@pytest.mark.parametrize(
    "name",
    ["2443-*.txt", "*2017-08-29_[[]12-59-22].txt", "279-*.txt", "mavic2_14.txt", "phantom3_0.txt"],
)
def test_ordinary_real_landings_are_no_occurrence(samples: Path, name: str) -> None:
    path = next((samples / "dji_txt").rglob(name), None)
    required(name, path is not None)
    assert texts(occurrences(parsers.read(Path(str(path))))) == []


def test_facts_that_a_log_cannot_carry_are_named(make_log: MakeLog) -> None:
    log = make_log(hover([20.0] * 40), events=flown(39), facts={})
    result = occurrences(log)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    for words in ("Faults of motors", "Losses of the control link", "Fail-safes"):
        assert words in result.reason


def test_a_log_that_ends_in_the_air_does_not_pass(make_log: MakeLog) -> None:
    result = occurrences(make_log(hover([20.0] * 40), events=flown(39)[:1]))
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert "The logs end before the landing" in result.reason


def test_a_lost_link_and_the_fail_safe_that_answers_it_are_one(make_log: MakeLog) -> None:
    events = [
        event("link.lost", 10, "RC signal lost.", end=24),
        event("failsafe", 16, "Failsafe RTH.", end=21),
    ]
    result = occurrences(make_log(hover([20.0] * 60), events=[*flown(59), *events]))
    (text,) = texts(result)
    assert text.startswith(
        "RC signal lost, 20 m above take-off, then Failsafe RTH, for 14 s from 09:00:10 UTC"
    )


# Where a report becomes an occurrence


def reported(
    make_log: MakeLog, *events: dict[str, Any], height_m: float = 20.0, takeoff: float = 10.0
) -> RuleResult:
    """Return what is said of reports between a take-off and a landing at second 100."""
    ends = [event("takeoff", takeoff, "took off"), event("landing", 100, "landed")]
    return occurrences(make_log(hover([height_m] * 130), events=[*ends, *events]))


@pytest.mark.parametrize(
    ("what", "height_m", "count"),
    [
        # The motors carry part of the weight for two seconds before the take-off.
        (event("failsafe", 8, "GPS fail-safe"), 20, 1),
        (event("failsafe", 7.9, "GPS fail-safe"), 20, 0),
        (event("fault", 9.9, "motor 1 failed"), 20, 0),
        (event("fault", 100, "motor 1 failed"), 20, 1),
        (event("fault", 100.1, "motor 1 failed"), 20, 0),
        # What the aircraft does by itself counts more than five metres above take-off.
        (event("action", 50, "smart power, landing"), 5.0, 0),
        (event("action", 50, "smart power, landing"), 5.1, 1),
        (event("action", 50, "landing gear up"), 20, 0),
        (event("failsafe", 50, "forced landing"), 5.0, 0),
        (event("failsafe", 50, "forced landing"), 5.1, 1),
        (event("failsafe", 50, "GPS fail-safe"), 1.0, 1),
        (event("battery", 50, "low", severity="serious"), 20, 1),
        (event("battery", 50, "low"), 20, 0),
        (event("fault", 50, "motor 1 failed", severity="notice"), 20, 0),
        (event("fault", 50, "motor 1 failed", severity="info"), 20, 0),
        (event("fault", 50, "motor 1 failed", grade="inferred"), 20, 0),
        (event("fault", 50, "PreArm: motor 1 failed"), 20, 0),
        (event("disarm", 99.9, "off", severity="info"), 20, 1),
        (event("disarm", 100, "off", severity="info"), 20, 0),
    ],
)
def test_a_report_counts_by_its_kind_its_time_and_its_height(
    make_log: MakeLog, what: dict[str, Any], height_m: float, count: int
) -> None:
    result = reported(make_log, what, height_m=height_m)
    assert len(texts(result)) == count
    assert result.reason.startswith("1 occurrence in the air." if count else "No occurrence was")


@pytest.mark.parametrize(("begins", "remarks"), [(99.0, 1), (100.0, 0)])
def test_a_fault_of_which_a_moment_was_in_the_air_is_a_remark(
    make_log: MakeLog, begins: float, remarks: int
) -> None:
    result = reported(make_log, event("fault", begins, "compass error", end=105))
    assert result.outcome is Outcome.PASS
    assert [each.informational for each in result.findings] == [True] * remarks


def test_a_lost_link_and_its_fail_safe_are_one_sentence_without_times_too(
    make_log: MakeLog,
) -> None:
    told = [
        event("link.lost", None, "RC signal lost", source_offset=500),
        event("failsafe", None, "Failsafe RTH", source_offset=510),
    ]
    (text,) = texts(
        occurrences(make_log(hover([20.0] * 5, time=[None] * 5), events=[*_STATES, *told]))
    )
    assert text == (
        "RC signal lost, for how long is not known, then Failsafe RTH; reported by aircraft or app"
    )


def test_a_link_of_which_no_end_is_known_counts_and_says_so(make_log: MakeLog) -> None:
    (text,) = texts(reported(make_log, event("link.lost", 50, "controller signal lost.")))
    assert text.startswith(
        "controller signal lost, 20 m above take-off, for how long is not known, at 09:00:50 UTC"
    )


def test_motors_that_stop_say_how_high_or_that_it_is_not_known(make_log: MakeLog) -> None:
    off = event("disarm", 50, "motors off", severity="info")
    (text,) = texts(reported(make_log, off))
    assert text.startswith("motors off, 20 m above take-off at 09:00:50 UTC")
    (unknown,) = texts(reported(make_log, off, height_m=float("nan")))
    assert unknown.startswith("motors off, before the landing, at an unknown height at 09:00:50 ")


@pytest.mark.parametrize(("began", "count"), [(48.0, 0), (48.1, 1)])
def test_a_landing_that_was_under_way_for_two_seconds_was_not_forced(
    make_log: MakeLog, began: float, count: int
) -> None:
    mode = event("mode", began, "flight mode: Automatic landing", severity="info")
    result = reported(make_log, mode, event("failsafe", 50, "forced landing"))
    assert len(texts(result)) == count


@pytest.mark.parametrize(("stopped", "count"), [(60.0, 1), (60.1, 2)])
def test_a_crash_explains_the_motors_that_stop_within_ten_seconds(
    make_log: MakeLog, stopped: float, count: int
) -> None:
    crash = event("fault", 50, "crash check, code 1")
    result = reported(make_log, crash, event("disarm", stopped, "off", severity="info"))
    assert len(texts(result)) == count
    occurrence = "1 occurrence" if count == 1 else "2 occurrences"
    assert result.reason.startswith(f"{occurrence} in the air.")


@pytest.mark.parametrize(("between", "count"), [(60.0, 1), (60.5, 2)])
def test_reports_within_a_minute_are_one_happening(
    make_log: MakeLog, between: float, count: int
) -> None:
    reports = [event("failsafe", second, "GPS fail-safe") for second in (20, 20 + between)]
    told = texts(reported(make_log, *reports))
    assert len(told) == count
    assert ("the first of 2 such reports, for 60 s from" in told[0]) == (count == 1)


def test_reports_that_differ_in_their_seconds_are_of_one_kind(make_log: MakeLog) -> None:
    reports = [
        event("fault", start, f"compass error for {length} s.", end=start + length)
        for start, length in ((20, 4), (30, 7), (40, 5))
    ]
    (text,) = texts(reported(make_log, *reports))
    assert text.startswith(
        "compass error for 4 s, 20 m above take-off, the first of 3 such reports, at most 7.0 s "
        "long, for 25 s from 09:00:20 UTC"
    )
    # A brief one is a remark, and never part of an occurrence.
    brief = event("fault", 25, "compass error for 1 s", end=26)
    result = reported(make_log, *reports, brief)
    assert [each.informational for each in result.findings] == [False, True]


def test_remarks_in_several_words_are_counted(make_log: MakeLog) -> None:
    lost = [event("link.lost", n, text, end=n + 3) for n, text in ((20, "RC lost"), (30, "link"))]
    (remark,) = reported(make_log, *lost).findings
    assert remark.informational
    assert remark.summary.startswith("RC lost, 20 m above take-off, the first of 2 such reports, ")
    longer = [event("link.lost", n, text, end=n + 10) for n, text in ((20, "RC lost"), (35, "x"))]
    (text,) = texts(reported(make_log, *longer))
    assert text.startswith("RC lost, 20 m above take-off, then x, for 25 s from 09:00:20 UTC")


def test_the_first_twenty_reports_of_a_happening_are_its_evidence(make_log: MakeLog) -> None:
    reports = [event("failsafe", 20 + n, "GPS fail-safe", source_offset=n) for n in range(25)]
    (finding,) = reported(make_log, *reports).findings
    assert [each.offset for each in finding.evidence] == list(range(20))
    assert "the first of 25 such reports" in finding.summary
