"""Rules that compare what one log states more than once: sensors, counts, clocks, serials."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import parsers
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules import (
    CheckResult,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    northbound_example_track,
)
from parsers import (
    AirborneSpan,
    AirborneTime,
    Aircraft,
    Issue,
    LifetimeTotal,
    LoggerStatedAndFoundCounts,
    MonotonicCounter,
    SensorReadings,
    StatedSerial,
)
from tests.dji_audit.compliance.hand_made_values import other_clock
from tests.dji_audit.compliance.one_rule import apply_rule, flown, hover, result_on_track
from tests.dji_audit.conftest import MakeLog

DEGREE_M = 111_320.0
SECONDS = [float(second) for second in range(121)]


def readings(
    quantity: str,
    source: str,
    record: str,
    numbers: Sequence[Sequence[float]],
    seconds: Sequence[float] = SECONDS,
) -> SensorReadings:
    """Return readings at the bytes of the rows of the track, once a second."""
    offsets = np.array([100 + 10 * round(each) for each in seconds])
    return SensorReadings(
        quantity, source, record, "Value", offsets, np.array(seconds), np.array(numbers, float)
    )


def positions(source: str, record: str, north_m: Sequence[float]) -> SensorReadings:
    return readings("position", source, record, [(51.5 + m / DEGREE_M, -1.0) for m in north_m])


def heights(source: str, record: str, metres: Sequence[float]) -> SensorReadings:
    return readings("height", source, record, [(m,) for m in metres])


def velocities(north_mps: Sequence[float], up_mps: Sequence[float] = ()) -> SensorReadings:
    up = up_mps or [0.0] * len(north_mps)
    return readings(
        "velocity", "filter", "XKF1", [(n, 0.0, u) for n, u in zip(north_mps, up, strict=True)]
    )


def sensors(make_log: MakeLog, *found: SensorReadings) -> RuleResult:
    log = make_log(hover([50.0] * 121), events=flown(120), sensor_readings=found)
    return apply_rule(log, "sensor_consistency")


def test_positions_may_differ_by_their_errors_and_the_lag_at_their_speed(
    make_log: MakeLog,
) -> None:
    """25 m, and a second at 10 m/s."""
    flown_m = [10.0 * second for second in SECONDS]
    for extra_m, outcome in ((34.0, Outcome.PASS), (36.0, Outcome.FAIL)):
        other = positions("fused position", "POS", [each + extra_m for each in flown_m])
        found = sensors(make_log, positions("satellite receiver", "GPS", flown_m), other)
        assert found.outcome is outcome


def test_a_finding_shows_the_bytes_of_both_sides(make_log: MakeLog) -> None:
    still = [0.0] * 121
    moved = [200.0 * (second > 60) for second in SECONDS]
    result = sensors(
        make_log,
        positions("satellite receiver", "GPS", moved),
        positions("fused position", "POS", still),
    )
    (finding,) = result.findings
    assert {each.record for each in finding.evidence} == {"GPS", "POS"}
    assert finding.peak == pytest.approx(200.0, abs=1.0)
    assert "200 m apart, more than 25 m allowed, for 59 s" in finding.summary


def test_one_wrong_reading_is_no_inconsistency(make_log: MakeLog) -> None:
    spike = [500.0 * (second in (60, 61)) for second in SECONDS]
    other = positions("fused position", "POS", [0.0] * 121)
    assert sensors(make_log, positions("satellite receiver", "GPS", spike), other).outcome is (
        Outcome.PASS
    )


def test_a_sensor_that_always_says_the_same_is_not_there(make_log: MakeLog) -> None:
    climb = heights("barometer", "BARO", SECONDS)
    off = heights("second filter", "AHR2", [0.0] * 121)
    assert sensors(make_log, climb, off).outcome is Outcome.NOT_ASSESSABLE


@pytest.mark.parametrize(("limit_m", "outcome"), [(118.0, Outcome.PASS), (60.0, Outcome.FAIL)])
def test_a_clamped_height_shows_by_the_barometer(
    make_log: MakeLog, limit_m: float, outcome: Outcome
) -> None:
    clamped = heights("height above take-off", "POS", [min(each, limit_m) for each in SECONDS])
    assert sensors(make_log, clamped, heights("barometer", "BARO", SECONDS)).outcome is outcome


def test_a_height_that_is_held_shows_though_the_difference_is_small(make_log: MakeLog) -> None:
    """A climb of 12 m of which 4 m are cut: less than two heights may differ by."""
    climb = [min(0.2 * second, 12.0) + 0.01 * (second % 3) for second in SECONDS]
    held = heights("filter", "CTUN", [min(each, 8.0) for each in climb])
    result = sensors(make_log, held, heights("barometer", "BARO", climb))
    assert result.outcome is Outcome.FAIL
    assert "stays at exactly 8.0 m, its greatest value" in result.findings[0].summary


def test_a_level_that_is_set_anew_is_no_climb(make_log: MakeLog) -> None:
    level = [5.0 + 0.01 * (second % 3) for second in SECONDS[:20]] + [8.0] * 101
    stepped = [5.0 + 0.01 * (second % 3) + 4.0 * (second > 60) for second in SECONDS]
    result = sensors(
        make_log, heights("filter", "CTUN", level), heights("fused position", "POS", stepped)
    )
    assert result.outcome is Outcome.PASS


def test_a_clamped_height_shows_by_the_vertical_speed(make_log: MakeLog) -> None:
    clamped = heights("height above take-off", "OSD", [min(each, 60.0) for each in SECONDS])
    assert sensors(make_log, clamped, velocities([0.0] * 121, [1.0] * 121)).outcome is Outcome.FAIL
    climb = heights("height above take-off", "OSD", SECONDS)
    assert sensors(make_log, climb, velocities([0.0] * 121, [1.0] * 121)).outcome is Outcome.PASS


@pytest.mark.parametrize(("drift_mps", "outcome"), [(0.2, Outcome.PASS), (1.0, Outcome.FAIL)])
def test_a_slow_drift_of_the_position_shows_over_long_windows(
    make_log: MakeLog, drift_mps: float, outcome: Outcome
) -> None:
    drifting = positions("fused position", "POS", [drift_mps * second for second in SECONDS])
    assert sensors(make_log, drifting, velocities([0.01] * 121)).outcome is outcome


def test_nothing_is_compared_across_a_hole_of_the_velocity(make_log: MakeLog) -> None:
    """The velocity pauses for twenty seconds in which the aircraft flies 200 m."""
    flown_m = [10.0 * min(max(second - 40, 0.0), 20.0) for second in SECONDS]
    known = [second for second in SECONDS if not 40 < second < 60]
    paused = readings(
        "velocity", "filter", "XKF1", [(0.01 * (s == 0), 0.0, 0.0) for s in known], known
    )
    assert sensors(make_log, positions("fused position", "POS", flown_m), paused).outcome is not (
        Outcome.FAIL
    )


def test_a_charge_that_rises_again_is_inconsistent(make_log: MakeLog) -> None:
    used = [10.0 * second - 600.0 * (second > 60) for second in SECONDS]
    charge = readings("charge used", "battery monitor", "BAT", [(each,) for each in used])
    result = sensors(make_log, charge)
    assert result.outcome is Outcome.FAIL
    assert "steps by 590 mAh" in result.findings[0].summary


# counts


def count(missing: float, **fields: Any) -> LoggerStatedAndFoundCounts:
    values: dict[str, Any] = {
        "record": "DSF", "field": "Bytes", "unit": "bytes", "begins": np.array([1000]),
        "ends": np.array([2000]), "stated": np.array([1000.0 + missing]),
        "found": np.array([1000.0]), "total": 50_000,
    }  # fmt: skip
    return LoggerStatedAndFoundCounts(**values | fields)


def completeness(make_log: MakeLog, **fields: Any) -> RuleResult:
    log = make_log(hover([0.5, 20.0, 20.0, 0.5]), events=flown(3), **fields)
    return apply_rule(log, "log_completeness")


def test_bytes_that_could_not_be_decoded_explain_what_is_missing(make_log: MakeLog) -> None:
    assert completeness(make_log, logger_counts=(count(400),)).outcome is Outcome.FAIL
    damaged = (Issue(1500, 30, "bytes that are no record"),)
    result = completeness(make_log, logger_counts=(count(400),), issues=damaged)
    assert result.outcome is Outcome.PASS


def test_more_bytes_than_the_logger_counted_are_no_lack(make_log: MakeLog) -> None:
    assert completeness(make_log, logger_counts=(count(-400),)).outcome is Outcome.PASS


@pytest.mark.parametrize(("lost", "outcome"), [(40, "fail"), (60, "not_assessable")])
def test_a_link_that_loses_more_than_one_frame_of_a_thousand_shows_nothing(
    make_log: MakeLog, lost: int, outcome: str
) -> None:
    link = count(0, stated=np.array([float(lost)]), found=np.array([0.0]), is_of_link=True)
    assert completeness(make_log, logger_counts=(link,)).outcome == outcome


@pytest.mark.parametrize(("last_m", "outcome"), [(4.0, Outcome.PASS), (6.0, Outcome.FAIL)])
def test_a_log_that_ends_in_the_air_lacks_what_followed(
    make_log: MakeLog, last_m: float, outcome: Outcome
) -> None:
    log = make_log(hover([0.5, 20.0, last_m]), events=flown(3)[:1], logger_counts=(count(0),))
    assert apply_rule(log, "log_completeness").outcome is outcome


@pytest.mark.parametrize(("pause_s", "outcome"), [(1.0, Outcome.PASS), (4.0, Outcome.FAIL)])
def test_a_log_on_board_does_not_pause_in_the_air(
    make_log: MakeLog, pause_s: float, outcome: Outcome
) -> None:
    seconds = [0.1 * n + pause_s * (n > 60) for n in range(121)]
    offsets = np.array([100 + 10 * n for n in range(121)])
    numbers = np.array([(51.5 + 1e-6 * n, -1.0) for n in range(121)])
    found = SensorReadings(
        "position", "satellite receiver", "GPS", "Lat, Lng", offsets, np.array(seconds), numbers
    )
    rising = MonotonicCounter(
        "GPS", "TimeUS", "count", offsets, np.array(seconds), begins_new_log=True
    )
    log = make_log(
        hover([50.0] * 121, time=seconds),
        events=flown(seconds[-1]),
        sensor_readings=(found,),
        monotonic_counters=(rising,),
        logger_counts=(count(0),),
    )
    assert apply_rule(log, "log_completeness").outcome is outcome


LINK = {"record": "frame", "field": "sequence", "unit": "frames", "is_of_link": True,
        "sender": "system 1", "found": np.array([0.0])}  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "size", "outcome"),
    [
        (999, 30, "fail"), (1000, 30, "pass"), (2000, 30, "pass"), (2001, 30, "fail"),
        (1500, 0, "fail"),
    ],
)  # fmt: skip
def test_damage_explains_a_lack_from_one_count_to_the_next(
    make_log: MakeLog, offset: int, size: int, outcome: str
) -> None:
    issues = (Issue(offset, size, "bytes that are no record"),)
    result = completeness(make_log, logger_counts=(count(400),), issues=issues)
    assert result.outcome == outcome
    if outcome == "pass":
        assert result.reason.startswith("Compared, and complete: 50,000 bytes by DSF.Bytes. ")


@pytest.mark.parametrize(("lost", "outcome"), [(49, "fail"), (50, "not_assessable")])
def test_a_link_shows_nothing_from_one_frame_of_a_thousand_on(
    make_log: MakeLog, lost: int, outcome: str
) -> None:
    link = count(0, **LINK | {"stated": np.array([float(lost)]), "total": 49_950})
    result = completeness(make_log, logger_counts=(link,))
    assert result.outcome == outcome
    if outcome == "fail":
        assert result.findings[0].summary.startswith(
            "inconsistent: 49 frames of system 1 are missing by their number, in 1 place, of a "
            "link that lost none of the other 49,950: sent over another link, lost, or taken out"
        )


def test_what_a_link_lost_by_itself_is_said_beside_what_was_counted(make_log: MakeLog) -> None:
    link = count(0, **LINK | {"stated": np.array([1000.0]), "total": 9_000})
    result = completeness(make_log, logger_counts=(count(0), link))
    assert (result.outcome, result.reason) == (
        Outcome.PASS,
        "Compared, and complete: 50,000 bytes by DSF.Bytes; 9,000 frames by frame.sequence, of "
        "which the link lost 10 %.",
    )
    whole = count(0, **LINK | {"stated": np.array([0.0])})
    (_, told) = completeness(make_log, logger_counts=(count(0), whole)).reason.split("; ")
    assert told == "50,000 frames by frame.sequence."


def places(*missing: float, **fields: Any) -> LoggerStatedAndFoundCounts:
    """Return counts from the byte 95 on, ten bytes apart, with what is missing before each."""
    begins = 95 + 10 * np.arange(len(missing))
    found = np.full(len(missing), 1000.0)
    return count(0, **{"begins": begins, "ends": begins + 10, "found": found,
                       "stated": found + np.array(missing)} | fields)  # fmt: skip


def test_all_places_of_a_lack_are_one_finding_with_the_time_of_the_largest(
    make_log: MakeLog,
) -> None:
    result = completeness(make_log, logger_counts=(places(-50.0, 5.0, 0.0, 7.0),))
    (finding,) = result.findings
    assert finding.summary.startswith(
        "inconsistent: by DSF.Bytes, 12 bytes more were written than flight.txt holds, in 2 "
        "places; the largest at 09:00:02 UTC"
    )
    assert [(each.offset, each.value) for each in finding.evidence] == [
        (115, "1005 stated, 1000 there"), (135, "1007 stated, 1000 there"),
    ]  # fmt: skip
    assert finding.subject == "DSF.Bytes of flight.txt"
    assert result.reason == "1 sign that records are missing."


def test_a_lack_before_the_first_row_has_no_time_and_a_counter_that_wraps_shows_the_least(
    make_log: MakeLog,
) -> None:
    first, wrapped = places(7.0, 5.0), places(3.0, record="EV", period=256)
    result = completeness(make_log, logger_counts=(first, wrapped))
    assert [each.summary for each in result.findings] == [
        "inconsistent: by DSF.Bytes, 12 bytes more were written than flight.txt holds, in 2 places",
        "inconsistent: by EV.Bytes, at least 3 bytes more were written than flight.txt holds, in 1 "
        "place",
    ]
    assert [each.start for each in result.findings] == [None, None]
    assert result.reason == "2 signs that records are missing."
    # A row at the very byte counts.
    (finding,) = completeness(
        make_log, logger_counts=(places(7.0, begins=np.array([110])),)
    ).findings
    assert "in 1 place; the largest at 09:00:01 UTC" in finding.summary


def test_the_first_ten_places_of_a_lack_are_its_evidence(make_log: MakeLog) -> None:
    result = completeness(make_log, logger_counts=(places(*[5.0] * 12),))
    (finding,) = result.findings
    assert [each.offset for each in finding.evidence] == list(range(105, 205, 10))
    assert "60 bytes more were written than flight.txt holds, in 12 places" in finding.summary


@pytest.mark.parametrize(
    ("last_m", "told"),
    [
        (4.9, None), (5.0, "ends in the air, 5 m above take-off, and shows no landing: what"),
        (np.nan, "ends in the air, 20 m above take-off, and shows no landing: what"),
    ],
)  # fmt: skip
def test_a_log_ends_in_the_air_from_five_metres_on(
    make_log: MakeLog, last_m: float, told: str | None
) -> None:
    log = make_log(hover([0.5, 20.0, last_m]), events=flown(3)[:1], logger_counts=(count(0),))
    result = apply_rule(log, "log_completeness")
    assert len(result.findings) == (told is not None)
    for finding in result.findings:
        assert finding.summary.startswith(f"flight.txt {told} followed is not in it, at 09:00:02")
        assert [(each.offset, each.field) for each in finding.evidence] == [(120, "height_ato_m")]
        assert finding.evidence[0].value == ("20.0" if np.isnan(last_m) else f"{last_m:.1f}")


def test_the_end_of_a_log_without_heights_is_shown_by_its_time(make_log: MakeLog) -> None:
    log = make_log(hover([np.nan] * 3), events=flown(3)[:1], logger_counts=(count(0),))
    (finding,) = apply_rule(log, "log_completeness").findings
    assert finding.summary.startswith("flight.txt ends in the air, and shows no landing")
    assert (finding.evidence[0].field, finding.evidence[0].value) == (
        "time", "2026-05-14 09:00:02+00:00",
    )  # fmt: skip


def on_board(
    make_log: MakeLog,
    steps: Sequence[float],
    *,
    begins_new_log: bool = True,
    issues: Sequence[Issue] = (),
) -> RuleResult:
    """Return what is said of a log on board whose readings follow each other in such steps."""
    seconds = np.cumsum([0.0, *steps])
    offsets = 100 + 10 * np.arange(len(seconds))
    numbers = np.array([(51.5 + 1e-6 * n, -1.0) for n in range(len(seconds))])
    found = SensorReadings("position", "receiver", "GPS", "Lat, Lng", offsets, seconds, numbers)
    rising = MonotonicCounter(
        "GPS", "TimeUS", "count", offsets, seconds, begins_new_log=begins_new_log
    )
    log = make_log(
        hover([50.0] * len(seconds)), events=flown(len(seconds) - 1), sensor_readings=(found,),
        monotonic_counters=(rising,), logger_counts=(count(0),), issues=tuple(issues),
    )  # fmt: skip
    return apply_rule(log, "log_completeness")


@pytest.mark.parametrize(
    ("usual_s", "pause_s", "count"),
    [
        (0.125, 1.5, 1), (0.125, 1.375, 0),
        # A slow log pauses from eight usual steps on.
        (0.5, 4.0, 1), (0.5, 3.875, 0),
        # Beyond a day it is a wrong time, and so is one that goes back.
        (0.125, 1e5, 0), (0.125, 1e5 - 1, 1), (0.125, -9.0, 0),
    ],
)  # fmt: skip
def test_a_pause_is_a_second_and_a_half_and_eight_usual_steps(
    make_log: MakeLog, usual_s: float, pause_s: float, count: int
) -> None:
    result = on_board(make_log, [*[usual_s] * 60, pause_s, *[usual_s] * 120])
    assert len(result.findings) == count
    for finding in result.findings:
        assert finding.summary.startswith(
            f"inconsistent: flight.txt holds no record of any sensor for {pause_s:.1f} s in the "
            f"air, where it usually writes one within {usual_s:.2f} s, at 09:01:00 UTC"
        )
        assert [each.offset for each in finding.evidence] == [700, 710]
        assert finding.evidence[0].value == f"{60 * usual_s:.3f} s"


def test_the_longest_of_several_pauses_is_told(make_log: MakeLog) -> None:
    steps = [0.125] * 300
    steps[20], steps[40], steps[60] = 2.0, 3.0, 2.0
    (finding,) = on_board(make_log, steps).findings
    assert "for 3.0 s in the air" in finding.summary
    assert finding.summary.endswith("; 2 further such pauses")
    assert [each.offset for each in finding.evidence] == [500, 510]
    steps[20] = steps[40] = 0.125
    (alone,) = on_board(make_log, steps).findings
    assert "further" not in alone.summary


@pytest.mark.parametrize(
    ("issue", "count"),
    [
        (Issue(705, 4, "torn"), 0), (Issue(700, 4, "torn"), 0), (Issue(710, 4, "torn"), 1),
        (Issue(699, 4, "torn"), 1), (Issue(705, 0, "odd"), 1), (Issue(9, 0, "2 dropouts"), 0),
    ],
)  # fmt: skip
def test_damage_and_a_logger_that_could_not_keep_up_explain_a_pause(
    make_log: MakeLog, issue: Issue, count: int
) -> None:
    steps = [*[0.125] * 60, 2.0, *[0.125] * 120]
    assert len(on_board(make_log, steps, issues=[issue]).findings) == count


def test_only_a_log_on_board_writes_all_the_time(make_log: MakeLog) -> None:
    steps = [*[0.125] * 60, 2.0, *[0.125] * 120]
    assert on_board(make_log, steps, begins_new_log=False).findings == ()


# clocks


@pytest.mark.parametrize(
    ("ahead_s", "fields", "outcome"),
    [
        (599.0, {}, "pass"),
        (-601.0, {}, "fail"),
        (61.0, {"can_be_set": False}, "fail"),
        (3601.0, {"can_be_set": False, "is_utc": False}, "pass"),
        (3700.0, {"can_be_set": False, "is_utc": False}, "fail"),
        (86_400.0, {"can_be_set": False, "is_utc": False}, "fail"),
    ],
)
def test_clocks_may_differ_by_what_their_owner_may_have_set(
    make_log: MakeLog, ahead_s: float, fields: dict[str, Any], outcome: str
) -> None:
    log = make_log(hover([0.5, 20.0, 0.5]), other_clocks=(other_clock([ahead_s] * 9, **fields),))
    assert apply_rule(log, "clock_consistency").outcome == outcome


def test_a_step_of_an_hour_gives_both_readings(make_log: MakeLog) -> None:
    log = make_log(hover([0.5, 20.0, 0.5]), other_clocks=(other_clock([0.0] * 20 + [3600.0] * 4),))
    (finding,) = apply_rule(log, "clock_consistency").findings
    assert "steps by +3600 s" in finding.summary
    assert [each.offset for each in finding.evidence] == [290, 300]


def counted_clock(steps: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """A clock and a counter, by how much each goes on from record to record."""
    of_clock, of_counter = np.cumsum([(0.0, 0.0), *steps], axis=0).T
    offsets = np.arange(100, 100 + 20 * len(of_clock), 20)
    return {
        "monotonic_counters": (
            MonotonicCounter("GPS", "GMS", "clock", offsets, 1_778_749_200 + of_clock),
            MonotonicCounter("GPS", "TimeUS", "count", offsets, of_counter),
        )
    }


@pytest.mark.parametrize(
    ("step_s", "outcome"), [(0.0, "pass"), (40.0, "pass"), (3600.0, "fail"), (-3600.0, "fail")]
)
def test_a_clock_that_was_set_while_the_log_paused_steps(
    make_log: MakeLog, step_s: float, outcome: str
) -> None:
    """The log pauses for a minute, over which clock and counter must go on alike."""
    steps = [(1.0, 1.0)] * 20 + [(60.0 + step_s, 60.0)] + [(1.0, 1.0)] * 20
    log = make_log(hover([0.5, 20.0, 0.5]), **counted_clock(steps))
    assert apply_rule(log, "clock_jump").outcome == outcome


# order


def chain(
    make_log: MakeLog, seconds: Sequence[float], *, begins_new_log: bool = False
) -> RuleResult:
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    rising = MonotonicCounter(
        "POS", "TimeUS", "count", offsets, np.array(seconds), begins_new_log=begins_new_log
    )
    fall = int(np.argmin(np.diff(seconds)))
    events = [{"kind": "clock", "time": 1, "source_offset": int(offsets[fall + 1])}]
    log = make_log(hover([0.5, 20.0, 0.5]), events=events, monotonic_counters=(rising,))
    return apply_rule(log, "record_chain")


def test_exchanged_parts_are_no_restart(make_log: MakeLog) -> None:
    """A reader takes the fall of a counter for a restart; it falls to where it had leapt ahead."""
    rising = [50.0 + each for each in range(60)]
    exchanged = [*rising[:20], *rising[40:50], *rising[20:40], *rising[50:]]
    assert chain(make_log, exchanged).outcome is Outcome.FAIL
    restarted = [*rising, *(float(each) for each in range(20))]
    assert chain(make_log, restarted).outcome is Outcome.PASS
    assert chain(make_log, restarted, begins_new_log=True).outcome is Outcome.FAIL


# serial numbers


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("002E0029 30345101 37383933", "002e00293034510137383933", "pass"),
        ("4476519027854cc9b", "4476519027854cc9bbf8c668f8bf6bcd", "pass"),
        ("4476519027854cc9b", "4476519027854cc9abf8c668f8bf6bcd", "fail"),
        ("S1", "S12", "fail"),
    ],
)
def test_a_number_that_a_text_cuts_is_the_same(
    make_log: MakeLog, one: str, other: str, outcome: str
) -> None:
    serials = (
        StatedSerial("flight controller", one, "AUTOPILOT_VERSION", 100),
        StatedSerial("flight controller", other, "MSG", 200),
    )
    log = make_log(hover([0.5, 20.0, 0.5]), stated_serials=serials)
    assert apply_rule(log, "serial_consistency").outcome == outcome


def test_the_log_of_a_sample_agrees_with_itself(sample_logs: Any) -> None:
    log = parsers.read(sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt")
    assert apply_rule(log, "serial_consistency").outcome is Outcome.PASS
    assert apply_rule(log, "sensor_consistency").outcome is Outcome.PASS


def stated(*numbers: tuple[str, str, str]) -> tuple[StatedSerial, ...]:
    """Return serial numbers: part, number and record of each, ten bytes apart."""
    return tuple(StatedSerial(*each, 100 + 10 * n) for n, each in enumerate(numbers))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("ABCDEFGHIJKL", "ABCDEFGHIJKLM", True), ("ABCDEFGHIJK", "ABCDEFGHIJKL", False),
        ("ABCDEFGHIJKLM", "ABCDEFGHIJKL", True), ("S1", "s 1", True),
        ("BCDEFGHIJKLM", "ABCDEFGHIJKLM", False), ("S1\0\0", "S1", True),
        # The maker's own within that of ANSI/CTA-2063-A, which states its length.
        ("1581F5BKD232500001ZY", "5BKD232500001ZY", True),
        ("1581E5BKD232500001ZY", "5BKD232500001ZY", False),
    ],
)  # fmt: skip
def test_twelve_characters_are_enough_of_a_number_that_was_cut(
    make_log: MakeLog, one: str, other: str, is_same: bool
) -> None:
    serials = stated(("battery", one, "A"), ("battery", other, "B"))
    result = apply_rule(make_log(hover([0.5, 9.0]), stated_serials=serials), "serial_consistency")
    assert (result.outcome is Outcome.PASS) == is_same


@pytest.mark.parametrize(
    ("numbers", "offsets", "reason"),
    [
        ([("aircraft", "S1", "A"), ("aircraft", "S2", "B")], [[100, 110]],
         "1 serial number differs from place to place; compared: aircraft in A, B."),
        # Of an aircraft there is one; batteries are exchanged.
        ([("aircraft", "S1", "A"), ("aircraft", "S2", "A"), ("aircraft", "S1", "B")], [[100, 110]],
         "1 serial number differs from place to place; compared: aircraft in A, B."),
        ([("battery", "S1", "A"), ("battery", "S2", "A"), ("battery", "S1", "B")], [],
         "Compared, and the same: battery in A, B."),
        ([("battery", "S1", "A"), ("battery", "S2", "A")], [],
         "No log of the flight states a serial number in more than one place."),
        ([("battery", "S1", "A"), ("battery", "S2", "B"), ("flight controller", "F1", "A"),
          ("flight controller", "F2", "B"), ("flight controller", "F2", "C")],
         [[100, 110], [120, 130, 140]],
         "2 serial numbers differ from place to place; compared: battery in A, B; flight "
         "controller in A, B, C."),
    ],
)  # fmt: skip
def test_serial_numbers_are_compared_part_by_part(
    make_log: MakeLog,
    numbers: list[tuple[str, str, str]],
    offsets: list[list[int]],
    reason: str,
) -> None:
    log = make_log(hover([0.5, 9.0]), stated_serials=stated(*numbers))
    result = apply_rule(log, "serial_consistency")
    assert result.reason == reason
    assert [[each.offset for each in found.evidence] for found in result.findings] == offsets
    for finding in result.findings[:1]:
        part, one, other = numbers[0][0], numbers[0], numbers[1]
        assert finding.summary == (
            f"inconsistent serial number of the {part}: {one[2]} states {one[1]}, {other[2]} "
            f"states {other[1]}"
        )


# totals of a vehicle's life


def with_totals(minutes: float, **totals: float) -> dict[str, Any]:
    """Return what a log states of its vehicle, and that it was in the air for some minutes."""
    start_ns = 1_778_749_200 * 10**9
    span = AirborneSpan(start_ns, start_ns + round(minutes * 60e9), True, True)
    kinds = tuple(
        LifetimeTotal(kind.replace("_", " "), value, kind.upper(), 200 + 20 * n)
        for n, (kind, value) in enumerate(totals.items())
    )
    return {
        "aircraft": Aircraft(serial="A1"),
        "airborne": AirborneTime((span,)) if minutes else None,
        "lifetime_totals": kinds,
    }


def totals_result(minutes: float, own: dict[str, float], later: dict[str, float]) -> CheckResult:
    track, hour_later = northbound_example_track(60), northbound_example_track(60, 3600)
    other = FurtherExampleLog("b.bin", track=hour_later, log_fields=with_totals(0, **later))
    return result_on_track(
        "lifetime_totals", track, log_fields=with_totals(minutes, **own), other_logs=(other,)
    )


@pytest.mark.parametrize(
    ("boots", "grown_s", "count"),
    [
        # Ten minutes in the air: a minute is allowed, and a tenth of it besides.
        (8, 600, 0), (8, 720, 0), (8, 721, 1), (8, 480, 0), (8, 479, 1), (8, 0, 1),
        # Between other boots other flights may lie; a total that falls is a finding of its own.
        (9, 5000, 0), (7, 5000, 0), (8, -1, 1), (6, 600, 1), (6, -1, 2),
    ],
)  # fmt: skip
def test_the_time_flown_grows_by_what_the_log_shows(boots: int, grown_s: int, count: int) -> None:
    later = {"boots": float(boots), "flight_time": 5000.0 + grown_s}
    result = totals_result(10, {"boots": 7.0, "flight_time": 5000.0}, later)
    assert len(result.findings) == count
    compared = "number of boots, time flown with those of b.bin."
    if count:
        grew = f"{count} total{'s' if count > 1 else ''} of the vehicle's life did not grow as the"
        assert result.reason == f"{grew} log shows; compared: {compared}"
    else:
        assert result.reason == f"Compared, and as they must have grown: {compared}"


def test_a_total_that_does_not_fit_is_told_with_the_bytes_of_both_logs() -> None:
    own = {"boots": 7.0, "flight_time": 5000.0}
    (finding,) = totals_result(10, own, {"boots": 8.0, "flight_time": 5800.0}).findings
    assert finding.summary == (
        "inconsistent total of the vehicle's life: the time flown grew by 13 min 20 s until the "
        "next boot, in b.bin, and example.txt shows 10 min in the air; 2 min allowed"
    )
    assert [(each.file, each.offset, each.value) for each in finding.evidence] == [
        ("example.txt", 220, "5000 s"), ("b.bin", 220, "5800 s"),
    ]  # fmt: skip
    boots, flown = totals_result(10, own, {"boots": 6.0, "flight_time": 4999.0}).findings
    fallen = "inconsistent total of the vehicle's life: the"
    assert boots.summary == f"{fallen} number of boots falls from 7 to 6 in the next log, b.bin"
    assert (
        flown.summary == f"{fallen} time flown falls from 5000 s to 4999 s in the next log, b.bin"
    )


def test_totals_that_one_log_lacks_are_not_compared() -> None:
    flights = {"flights": 7.0, "boots": 7.0}
    result = totals_result(10, flights, {"flights": 7.0, "flight_time": 9.0})
    assert result.reason == (
        "Compared, and as they must have grown: number of flights with those of b.bin."
    )
    # A log that does not show the time in the air says nothing of how a total must grow.
    own = {"boots": 7.0, "flight_time": 5000.0}
    assert totals_result(0, own, {"boots": 8.0, "flight_time": 9000.0}).findings == ()
    assert totals_result(10, own, {"flights": 1.0}).outcome is Outcome.NOT_ASSESSABLE
