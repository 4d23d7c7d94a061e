"""Where two sensors of a log stop to agree, and where nothing can be compared: from both sides."""

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared._sensors._sensor_reading_comparisons import (
    SensorComparisonsOfLog,
    SensorComparisonTolerances,
    SensorReadingDifference,
    SensorReadingDifferences,
    _integrate_velocity_and_count_gaps_so_far,
    _is_sensor_present,
    _TimeWindowsFromEachReading,
    _usual_speed_mps,
    sensor_readings_in_air,
    values_interpolated_at_readings,
)
from parsers import SensorReadings
from tests.dji_audit.compliance.one_rule import apply_rule, flown, hover
from tests.dji_audit.conftest import MakeLog

DEGREE_M = 111_320.0
TOLERANCES = SensorComparisonTolerances(
    position_m=25.0, lag_s=1.0, height_m=6.0, satellite_height_m=18.0, height_share=0.1,
    held_height_m=2.5, motion_m=20.0, velocity_mps=0.3, charge_mah=150.0,
)  # fmt: skip


def readings(
    quantity: str,
    numbers: Sequence[Sequence[float]],
    seconds: Sequence[float] | None = None,
    *,
    source: str = "filter",
    record: str = "POS",
    offsets: Sequence[int] | None = None,
) -> SensorReadings:
    """Return readings at the bytes of the rows of the track, once a second."""
    times = np.arange(float(len(numbers))) if seconds is None else np.array(seconds, float)
    at = 100 + 10 * np.arange(len(numbers)) if offsets is None else np.array(offsets)
    return SensorReadings(quantity, source, record, "Value", at, times, np.array(numbers, float))


def heights(*metres: float, **more: Any) -> SensorReadings:
    return readings("height", [(each,) for each in metres], **more)


# How long a difference must last


@pytest.mark.parametrize(
    ("metres", "step_s", "is_step", "runs"),
    [
        ([11, 11, 11, 0, 0], 0.45, False, [(0, 2)]),
        ([11, 11, 11, 0, 0], 0.44, False, []),
        ([0, 11, 11, 0, 0], 2.0, False, []),
        ([0, 10, 10, 10, 0], 1.0, False, []),
        ([11, 11, 11, np.nan, 11], 1.0, False, [(0, 2)]),
        ([0, 11, 0, 0, 0], 1.0, True, [(1, 1)]),
        ([0, 10, 0, 0, 0], 1.0, True, []),
    ],
)
def test_a_difference_lasts_for_three_readings_and_nine_tenths_of_a_second(
    metres: list[float], step_s: float, is_step: bool, runs: list[tuple[int, int]]
) -> None:
    one = heights(*[0.0] * 5, seconds=step_s * np.arange(5))
    found = SensorReadingDifference(
        "height",
        one,
        one,
        np.array(metres, float),
        np.full(5, 10.0),
        **({"is_step": True} if is_step else {}),
    )
    assert list(found.runs_beyond_tolerance()) == runs
    assert found.greatest_ratio_to_tolerance == np.nanmax(metres) / 10
    assert found.ratios_to_tolerance.tolist() == (np.nan_to_num(metres) / 10).tolist()


# Which readings count


class Stub(SimpleNamespace):
    """What a function sees of a flight or a track; known by itself."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


def in_air(*found: SensorReadings) -> tuple[SensorReadings, ...]:
    """Return the readings that count in a log whose fixes in the air are at bytes 100 to 190."""
    track: Any = Stub(
        offsets=np.arange(190, 90, -10),
        seconds=np.arange(20.0, 10.0, -1.0),
        flight_log=SimpleNamespace(log=SimpleNamespace(sensor_readings=found)),
    )
    flight: Any = Stub()
    return sensor_readings_in_air(flight, track)


@pytest.mark.parametrize(
    ("offsets", "count"),
    [
        ([99, 100, 145, 190, 191], 3), ([99, 100, 190, 191, 192], None),
        ([100, 110, 120, 130, 190], 5), ([191, 192, 193, 194, 195], None),
    ],
)  # fmt: skip
def test_three_readings_between_the_first_and_the_last_fix_in_the_air_are_compared(
    offsets: list[int], count: int | None
) -> None:
    found = in_air(heights(1.0, 2.0, 3.0, 4.0, 5.0, offsets=offsets))
    assert [len(each.offsets) for each in found] == ([] if count is None else [count])


@pytest.mark.parametrize(
    ("quantity", "value", "count"),
    [
        ("height", 99_999.0, 5), ("height", 1e5, 4), ("height", -1e5, 4),
        ("local position", 1e5, 4), ("home distance", 1e6, 5),
    ],
)  # fmt: skip
def test_a_height_of_a_hundred_kilometres_is_damage(
    quantity: str, value: float, count: int
) -> None:
    numbers = [(1.0,) * 3, (2.0,) * 3, (3.0,) * 3, (4.0,) * 3, (1.0, 1.0, value)]
    (found,) = in_air(readings(quantity, numbers))
    assert len(found.numbers) == count


def test_readings_without_a_counter_take_the_time_of_those_beside_them() -> None:
    timed = heights(1.0, 2.0, 3.0, 4.0, seconds=[50, 60, 70, 80], offsets=[100, 120, 140, 160])
    shorter = heights(1.0, 2.0, 3.0, seconds=[0.0, 0.0, 0.0], offsets=[100, 120, 190])
    untimed = heights(1.0, 2.0, 3.0, seconds=[np.nan] * 3, offsets=[110, 125, 140])
    assert in_air(timed, untimed)[1].seconds.tolist() == [55.0, 62.5, 70.0]
    assert in_air(timed, shorter, untimed)[2].seconds.tolist() == [55.0, 62.5, 70.0]
    # Without any counter the track tells the time.
    assert in_air(untimed)[0].seconds.tolist() == [12.0, 13.5, 15.0]
    assert in_air() == ()


def test_readings_of_the_same_records_share_their_offsets_and_seconds() -> None:
    one, other = in_air(heights(1.0, 2.0, 3.0), heights(3.0, 4.0, 6.0))
    assert one.offsets is other.offsets
    assert one.seconds is other.seconds


@pytest.mark.parametrize(
    ("quantity", "values", "is_present"),
    [
        ("height", [[5.0], [5.0]], False), ("height", [[5.0], [5.1]], True),
        ("velocity", [[0.0, np.nan], [0.0, np.nan]], False),
        ("velocity", [[0.1, np.nan], [0.1, np.nan]], True),
        ("position", [[51.0, 1.0], [51.0, 1.0]], True),
        ("position", [[0.0, 0.0], [0.0, 0.0]], False),
        ("charge used", [[9.0], [9.0]], False), ("attitude", [[0.0, 1.0], [0.0, 2.0]], True),
    ],
)  # fmt: skip
def test_a_sensor_is_there_if_its_value_moves_or_is_a_place_or_a_speed(
    quantity: str, values: list[list[float]], is_present: bool
) -> None:
    assert _is_sensor_present(quantity, np.array(values)) == is_present


# Holes


@pytest.mark.parametrize(("hole_s", "is_known"), [(2.5, True), (2.6, False), (-2.6, False)])
def test_between_readings_more_than_two_and_a_half_seconds_apart_nothing_is_known(
    hole_s: float, is_known: bool
) -> None:
    seconds = [0.0, 1.0, 1.0 + hole_s, 2.0 + hole_s]
    other = heights(0.0, 10.0, 20.0, 30.0, seconds=seconds)
    here = heights(*[0.0] * 6, offsets=[99, 100, 105, 115, 130, 131])
    found = values_interpolated_at_readings(here, other)[:, 0]
    expected = [np.nan, 0.0, 5.0, 15.0 if is_known else np.nan, 30.0, np.nan]
    assert found.tolist() == pytest.approx(expected, nan_ok=True)
    # The same of a window of changes, and of the way of a velocity.
    windows = _TimeWindowsFromEachReading.windows_of_lengths(np.array(seconds), (1.0, 3.0))
    assert windows.is_whole[0].tolist() == [True, is_known and hole_s > 0, hole_s > 0, False]
    velocity = readings("velocity", [(2.0, -4.0, 1.0)] * 4, seconds)
    way = _integrate_velocity_and_count_gaps_so_far(velocity).numbers
    assert way[2].tolist() == ([7.0, -14.0, 0.0] if is_known else [2.0, -4.0, 1.0])
    assert way[3].tolist() == pytest.approx([9.0, -18.0, 0.0] if is_known else [4.0, -8.0, 1.0])


def test_between_two_readings_the_value_changes_with_the_byte() -> None:
    other = heights(10.0, 20.0, offsets=[100, 104])
    here = heights(*[0.0] * 5, offsets=[99, 100, 101, 104, 105])
    found = values_interpolated_at_readings(here, other)[:, 0]
    assert found.tolist() == pytest.approx([np.nan, 10.0, 12.5, 20.0, np.nan], nan_ok=True)
    beside = heights(10.0, 20.0, offsets=[100, 101])
    assert values_interpolated_at_readings(here, beside)[1:3, 0].tolist() == [10.0, 20.0]


@pytest.mark.parametrize(("last_s", "is_whole"), [(19.0, True), (18.9, False), (25.0, True)])
def test_a_window_is_whole_if_at_least_95_per_cent_of_it_lie_within(
    last_s: float, is_whole: bool
) -> None:
    seconds = np.array([*np.arange(0.0, 18.5, 2.0), last_s, last_s + 0.0])
    if last_s > 20.5:
        seconds = np.array([*np.arange(0.0, 24.5, 2.0), last_s])
    windows = _TimeWindowsFromEachReading.windows_of_lengths(seconds, (20.0, 60.0))
    assert windows.is_whole[0, 0] == is_whole
    assert not windows.is_whole[1].any()
    changes = windows.changes_over_windows(3 * seconds)
    assert changes[0, 0] == pytest.approx(
        3 * min(last_s, 20.0) if is_whole else np.nan, nan_ok=True
    )


def test_the_way_of_a_velocity_is_the_mean_of_both_ends_times_the_step() -> None:
    velocity = readings(
        "velocity", [(0.0, 2.0, 1.0), (4.0, 2.0, 3.0), (4.0, np.nan, 5.0)], [0.0, 1.0, 3.0]
    )
    way = _integrate_velocity_and_count_gaps_so_far(velocity).numbers
    assert way[:, 0].tolist() == [0.0, 2.0, 10.0]
    assert way[:, 1].tolist() == pytest.approx([0.0, 2.0, np.nan], nan_ok=True)
    climbed = _integrate_velocity_and_count_gaps_so_far(velocity, slice(2, 3)).numbers
    assert climbed.tolist() == [[0.0, 0.0], [2.0, 0.0], [10.0, 0.0]]
    # Readings of one instant are no hole, and one before its predecessor is.
    again = _integrate_velocity_and_count_gaps_so_far(
        readings("velocity", [(1.0, 0.0, 0.0)] * 4, [0.0, 1.0, 1.0, 0.5])
    ).numbers
    assert again[:, 2].tolist() == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("seconds", "metres", "speed_mps"),
    [
        ([0.0, 2.0, 4.0], [0.0, 10.0, 20.0], 5.0),
        ([0.0, 1.0, 2.0], [0.0, 99.0, 198.0], 99.0),
        ([0.0, 1.0, 2.0], [0.0, 101.0, 202.0], 100.0),
        ([0.0, 0.0, 2.0], [0.0, 10.0, 20.0], 5.0),
        ([2.0, 1.0, 3.0], [0.0, 90.0, 100.0], 5.0),
        ([0.0, 1.0, np.nan], [0.0, 0.0, 20.0], 0.0),
        ([0.0], [0.0], 0.0),
    ],
)
def test_the_usual_speed_is_that_of_steps_forward_in_time(
    seconds: list[float], metres: list[float], speed_mps: float
) -> None:
    one = readings("position", [(0.0, 0.0)] * len(seconds), seconds)
    way = np.column_stack([np.array(metres), np.zeros(len(metres))])
    assert _usual_speed_mps(one, way) == pytest.approx(speed_mps)


def test_one_step_of_twenty_may_be_faster_than_the_usual_speed() -> None:
    one = readings("position", [(0.0, 0.0)] * 42)
    metres = np.zeros((42, 2))
    metres[1:, 1] = np.cumsum([*[3.0] * 39, 50.0, 50.0])
    assert _usual_speed_mps(one, metres) == pytest.approx(3.0)
    metres[1:, 1] = np.cumsum([*[3.0] * 38, 50.0, 50.0, 50.0])
    assert _usual_speed_mps(one, metres) == pytest.approx(50.0)


# How much is allowed


def compared(*found: SensorReadings) -> SensorComparisonsOfLog:
    return SensorComparisonsOfLog(found, TOLERANCES)


def singly(differences: Iterable[SensorReadingDifferences]) -> list[SensorReadingDifference]:
    return [each for together in differences for each in together]


def test_positions_may_differ_by_a_distance_and_by_the_lag_at_the_slower_readings() -> None:
    seldom = readings("position", [(51.5 + 20 * n / DEGREE_M, -1.0) for n in range(3)],
                      offsets=[100, 120, 140], seconds=[0.0, 2.0, 4.0])  # fmt: skip
    often = readings("position", [(51.5 + (10 * n + 30) / DEGREE_M, -1.0) for n in range(5)])
    (found,) = singly(compared(often, seldom).differences_of_each_two_positions())
    assert found.one.offsets.tolist() == [100, 120, 140]
    assert found.metres.tolist() == pytest.approx([30.0] * 3, rel=1e-2)
    assert found.allowed_m.tolist() == pytest.approx([35.0] * 3, rel=1e-2)
    aside = readings("position", [(51.5, -1.0 + 0.001)] * 5)
    stood = readings("position", [(51.5, -1.0)] * 5)
    (east,) = singly(compared(stood, aside).differences_of_each_two_positions())
    assert east.metres.tolist() == pytest.approx([69.4] * 5, abs=0.1)
    assert east.allowed_m.tolist() == [25.0] * 5
    three = compared(stood, aside, often)
    assert len(singly(three.differences_of_each_two_positions())) == 3


@pytest.mark.parametrize(
    ("source", "other_climb_m", "metres", "allowed_m"),
    [
        ("barometer", 1.5, 20.0, 12.0), ("barometer", 0.5, 20.0, 10.0),
        ("satellite receiver", 1.5, 20.0, 24.0),
    ],
)  # fmt: skip
def test_changes_of_height_may_differ_by_a_share_of_the_larger(
    source: str, other_climb_m: float, metres: float, allowed_m: float
) -> None:
    """One climbs by 40 m in the 40 s of the window."""
    one = heights(*np.arange(50.0))
    other = heights(*(other_climb_m * np.arange(50.0)), source=source, record="BARO")
    (found,) = singly(compared(one, other).height_change_differences((40.0,)))
    assert found.metres[0] == pytest.approx(metres)
    assert found.allowed_m[0] == pytest.approx(allowed_m)
    assert (found.subject, found.window_s) == ("height", 40.0)
    # Of a window that ends after the last reading nothing is known.
    assert np.isfinite(found.metres).sum() == 12
    assert found.allowed_m[-1] == (18.0 if "satellite" in source else 6.0)


def test_two_heights_of_one_sensor_are_not_compared() -> None:
    one, other = heights(*np.arange(50.0)), heights(*np.arange(50.0))
    assert not list(singly(compared(one, other).height_change_differences((20.0,))))
    for more in ({"source": "barometer"}, {"record": "BARO"}):
        other = heights(*np.arange(50.0), **more)
        assert len(singly(compared(one, other).height_change_differences((20.0,)))) == 1
    local = readings("local position", [(0.0, 0.0, float(n)) for n in range(50)], record="NED")
    (found,) = singly(compared(one, local).height_change_differences((20.0,)))
    assert found.metres[0] == 0.0


@pytest.mark.parametrize(
    ("held_s", "is_held"), [(3.0, True), (2.9, False)]
)  # fmt: skip
def test_a_height_is_held_that_stays_at_its_greatest_for_three_seconds(
    held_s: float, is_held: bool
) -> None:
    seconds = [0.0, 1.0, 2.0, 2.0 + held_s / 2, 2.0 + held_s, 6.0]
    held = heights(1.0, 2.0, 9.0, 9.0, 9.0, 3.0, seconds=seconds)
    other = heights(1.0, 2.0, 10.0, 13.0, 15.0, 16.0, seconds=seconds, source="barometer")
    found = [
        each
        for each in singly(compared(held, other).height_change_differences((2.0,)))
        if each.subject == "held height"
    ]
    assert len(found) == is_held
    if found:
        # It changes by 5 m while the other is held, of which one step of 3 m does not count.
        assert found[0].metres.tolist() == pytest.approx([*[np.nan] * 2, *[2.0] * 3, np.nan],
                                                         nan_ok=True)  # fmt: skip
        assert found[0].allowed_m.tolist() == [2.5] * 6
        assert found[0].one is held


def test_of_a_held_height_one_value_beside_it_shows_no_change() -> None:
    seconds = [0.0, 1.0, 2.0, 6.0, 7.0]
    held = heights(1.0, 2.0, 9.0, 9.0, 3.0, seconds=seconds)
    other = heights(1.0, 2.0, 3.0, source="barometer", seconds=[0.0, 1.0, 2.0])
    found = list(singly(compared(held, other).height_change_differences((2.0,))))
    assert [each.subject for each in found] == ["height"]
    both = heights(1.0, 2.0, 3.0, 9.0, source="barometer", seconds=[0.0, 1.0, 2.0, 4.0])
    _, of_two = singly(
        compared(
            heights(1.0, 2.0, 9.0, 9.0, seconds=[0.0, 1.0, 2.0, 5.0]), both
        ).height_change_differences((2.0,))
    )
    # One step is no climb.
    assert of_two.metres[2:].tolist() == [0.0, 0.0]


def test_a_height_and_a_vertical_speed_may_differ_by_the_drift_of_the_speed() -> None:
    one = heights(*(2.0 * np.arange(50.0)))
    velocity = readings("velocity", [(0.0, 0.0, 1.0)] * 50, record="XKF1")
    (found,) = singly(compared(one, velocity).height_and_vertical_speed_differences((40.0,)))
    assert found.metres[0] == pytest.approx(40.0)
    # 6 m, 0.3 m/s over 40 s, and a quarter of the 80 m.
    assert found.allowed_m[0] == pytest.approx(6.0 + 12.0 + 20.0)
    assert (found.subject, found.window_s) == ("climb", 40.0)
    unknown = readings("velocity", [(1.0, 1.0, np.nan)] * 50)
    assert not list(singly(compared(one, unknown).height_and_vertical_speed_differences((40.0,))))
    paused = readings(
        "velocity", [(0.0, 0.0, 1.0)] * 50, [*np.arange(25.0), *np.arange(30.0, 55.0)]
    )
    (unseen,) = singly(compared(one, paused).height_and_vertical_speed_differences((40.0,)))
    assert np.isnan(unseen.metres[0])


def test_a_position_and_a_velocity_may_differ_by_the_lag_and_the_drift() -> None:
    one = readings("position", [(51.5 + 4 * n / DEGREE_M, -1.0) for n in range(50)])
    velocity = readings("velocity", [(1.0, 0.0, 0.0)] * 50, record="XKF1")
    local = readings("local position", [(n * 1.0, 0.0, 0.0) for n in range(50)], record="NED")
    by_speed, by_way, between = singly(
        compared(one, velocity, local).position_and_velocity_differences((40.0,))
    )
    assert by_speed.metres[0] == pytest.approx(120.0, rel=1e-2)
    assert by_speed.allowed_m[0] == pytest.approx(20.0 + 4.0 + 12.0, rel=1e-2)
    # Two positions do not drift apart.
    assert by_way.metres[0] == pytest.approx(120.0, rel=1e-2)
    assert by_way.allowed_m[0] == pytest.approx(20.0 + 4.0, rel=1e-2)
    assert between.metres[0] == pytest.approx(0.0)
    assert between.allowed_m[0] == pytest.approx(20.0 + 1.0 + 12.0)
    paused = readings(
        "velocity", [(4.0, 0.0, 0.0)] * 50, [*np.arange(25.0), *np.arange(30.0, 55.0)]
    )
    (unseen,) = singly(compared(one, paused).position_and_velocity_differences((40.0,)))
    assert np.isnan(unseen.metres[0])


@pytest.mark.parametrize("quantity", ["charge used", "charge left"])
def test_a_charge_steps_by_what_exceeds_its_usual_step_or_falls_back(quantity: str) -> None:
    sign = 1 if quantity == "charge used" else -1
    steps = [10.0] * 20 + [200.0, -30.0, 0.0]
    seconds = [*np.arange(21.0), 30.0, 40.1, 41.0]
    used = np.cumsum([500.0, *steps])
    one = readings(quantity, [(sign * each,) for each in used], seconds)
    (found,) = singly(compared(one).battery_charge_step_differences())
    assert found.metres[:21].tolist() == pytest.approx([-10.0, *[0.0] * 20])
    # Over more than ten seconds nothing is known.
    assert found.metres[21:].tolist() == pytest.approx([190.0, np.nan, -10.0], nan_ok=True)
    assert found.allowed_m.tolist() == [150.0] * 24
    assert found.is_step
    fallen = readings(quantity, [(sign * each,) for each in (9.0, 9.0, 5.0)])
    (found,) = singly(compared(fallen).battery_charge_step_differences())
    assert found.metres.tolist() == [0.0, 0.0, 4.0]


# What the rule says


def sensors(make_log: MakeLog, *found: SensorReadings, seconds: int = 120) -> RuleResult:
    log = make_log(
        hover([50.0] * (seconds + 1)), events=flown(seconds), sensor_readings=found
    )  # fmt: skip
    return apply_rule(log, "sensor_consistency")


def positions(source: str, north_m: Sequence[float]) -> SensorReadings:
    record = source[:3].upper()
    numbers = [(51.5 + m / DEGREE_M, -1.0) for m in north_m]
    return readings("position", numbers, source=source, record=record)


@pytest.mark.parametrize(
    ("spans", "more"),
    [
        ([(40, 60)], ""),
        ([(40, 60), (80, 90)], "; 1 further such interval"),
        ([(10, 20), (40, 60), (80, 90)], "; 2 further such intervals"),
    ],
)
def test_a_finding_shows_the_interval_of_the_largest_difference_and_counts_the_others(
    make_log: MakeLog, spans: list[tuple[int, int]], more: str
) -> None:
    north_m = np.zeros(121)
    for first, end in spans:
        north_m[first:end] = 60.0
    north_m[45], north_m[50] = 200.0, 150.0
    result = sensors(
        make_log, positions("fused", [0.0] * 121), positions("satellite receiver", north_m.tolist())
    )
    assert result.outcome is Outcome.FAIL
    assert result.reason.startswith("1 inconsistency between sensors; compared: positions by ")
    (finding,) = result.findings
    assert finding.summary.partition(";")[2] == more[1:]
    assert finding.start is not None and finding.end is not None
    assert (finding.start.second + 60 * finding.start.minute) == 40
    assert (finding.end - finding.start).total_seconds() == 19
    assert finding.peak == pytest.approx(200.0, rel=1e-2)
    values = {each.record: each.value for each in finding.evidence}
    assert values["FUS"] == "51.5000000, -1.0000000"
    assert [each.offset for each in finding.evidence] == [550, 550]
    assert finding.subject == "position of flight.txt"
    assert "200 m apart, more than 25 m allowed" in finding.summary


def test_the_evidence_of_a_charge_is_the_reading_before_and_after_its_step(
    make_log: MakeLog,
) -> None:
    used = [10.0 * second + 400.0 * (second > 60) for second in range(121)]
    charge = readings("charge used", [(each,) for each in used], record="BAT")
    (finding,) = sensors(make_log, charge).findings
    assert [(each.offset, each.value) for each in finding.evidence] == [
        (700, "600.00"),
        (710, "1010.00"),
    ]
    assert "steps by 400 mAh between two records, more than 150 mAh allowed" in finding.summary


def test_the_evidence_of_a_change_is_both_ends_of_its_window(make_log: MakeLog) -> None:
    level = [5.0 + 0.01 * (second % 3) for second in range(121)]
    risen = [each + 40.0 * (second > 60) for second, each in enumerate(level)]
    (finding,) = sensors(
        make_log,
        heights(*risen, source="barometer", record="BARO"),
        heights(*level, record="POS"),
    ).findings
    assert [(each.record, each.offset) for each in finding.evidence] == [
        ("BARO", 510), ("BARO", 710), ("POS", 510),
    ]  # fmt: skip
    assert "over 20 s differ by 40.0 m, more than 10 m allowed" in finding.summary


def test_a_source_that_names_its_quantity_is_not_named_twice(make_log: MakeLog) -> None:
    result = sensors(
        make_log,
        positions("position of the aircraft", [0.0] * 121),
        positions("satellite receiver", [60.0] * 121),
    )
    (finding,) = result.findings
    assert finding.summary.startswith(
        "inconsistent position: the position of the aircraft (POS) and the position of the "
        "satellite receiver (SAT) are 60 m apart, more than 25 m allowed"
    )


def test_two_kinds_of_difference_are_two_inconsistencies(make_log: MakeLog) -> None:
    used = [10.0 * second + 400.0 * (second > 60) for second in range(121)]
    charge = readings("charge used", [(each,) for each in used], record="BAT", source="battery")
    north_m = [60.0 * (second > 60) for second in range(121)]
    result = sensors(
        make_log, charge, positions("satellite receiver", north_m), positions("fused", [0.0] * 121)
    )
    assert result.reason == (
        "2 inconsistencies between sensors; compared: positions by fused (FUS), satellite receiver "
        "(SAT); counted charges by battery (BAT)."
    )


@pytest.mark.parametrize(
    ("last", "outcome", "text"),
    [
        (96, Outcome.PASS, ""),
        (95, Outcome.NOT_ASSESSABLE, "Two sensors could be compared for 79.1 % of the time"),
    ],
)
def test_two_sensors_are_compared_for_four_fifths_of_the_time_in_the_air(
    make_log: MakeLog, last: int, outcome: Outcome, text: str
) -> None:
    still = [0.0] * 121
    result = sensors(
        make_log, positions("satellite receiver", still), positions("fused", still[: last + 1])
    )
    assert result.outcome is outcome
    assert text in result.reason
