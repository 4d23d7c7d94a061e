"""Positions and angles that nothing measured are missing, each kind with one remark."""

import time

import numpy as np
import pytest

from parsers._track_values._mask_false_positions import replace_false_positions_with_nan
from parsers.dji._implausible_gimbal_angles import masked_gimbal_columns_and_issues

OFFSETS = np.arange(0, 1000, 10)
NAT = np.iinfo(np.int64).min
DEGREE_M = 111_195.0


def times(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64) * 100_000_000


def line(count: int, latitude: float = 52.0) -> np.ndarray:
    """Return latitudes that move north by a metre each."""
    return latitude + np.arange(count) * 9e-6


def test_a_filter_that_wanders_about_0_n_0_e_has_no_position() -> None:
    latitude, longitude = line(20), np.full(20, 5.0)
    latitude[:8] = np.linspace(-3e-6, 3e-6, 8)
    longitude[:8] = 2e-6
    latitude[9] = longitude[9] = 0.0
    fixes = replace_false_positions_with_nan(latitude, longitude, times(20))
    assert np.isnan(fixes.latitude_deg).tolist() == [True] * 8 + [False, True] + [False] * 10
    (remark,) = fixes.issues("rows", OFFSETS)
    assert remark.reason.startswith("8 rows hold a position near 0 N 0 E")
    assert (remark.offset, remark.size) == (0, 0)


def test_a_position_on_the_equator_or_the_meridian_of_greenwich_is_one() -> None:
    fixes = replace_false_positions_with_nan([0.0, 51.5], [9.4, 0.0])
    assert np.isfinite(fixes.latitude_deg).all()


def test_a_position_that_is_not_on_earth_is_none() -> None:
    fixes = replace_false_positions_with_nan([91.0, 52.0, np.inf], [5.0, 5.0, 5.0])
    assert np.isfinite(fixes.latitude_deg).tolist() == [False, True, False]
    (remark,) = fixes.issues("OSD records", OFFSETS)
    assert remark.reason == "2 OSD records hold a position that is not on Earth"


@pytest.mark.parametrize("clocked", [True, False])
def test_a_first_position_left_over_from_another_place_is_no_part_of_the_flight(
    clocked: bool,
) -> None:
    latitude = line(30)
    latitude[:5] = 49.1
    instants = times(30) if clocked else np.full(30, NAT)
    fixes = replace_false_positions_with_nan(latitude, np.full(30, 5.0), instants)
    assert np.flatnonzero(fixes.stale).tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(fixes.longitude_deg[:5]).all()
    assert np.isfinite(fixes.longitude_deg[5:]).all()
    assert [issue.reason for issue in fixes.issues("rows", OFFSETS)] == [
        "5 rows hold a position left over from another place: left out"
    ]


def test_several_positions_left_over_one_after_the_other_are_none_of_the_flight() -> None:
    latitude = line(30)
    latitude[:5], latitude[5:9] = 49.1, 48.0
    fixes = replace_false_positions_with_nan(latitude, np.full(30, 5.0), times(30))
    assert np.flatnonzero(fixes.stale).tolist() == list(range(9))


def test_a_first_position_that_wanders_slowly_was_not_measured_either() -> None:
    """A metre a second, as a filter does without a fix; 11 km from where the flight goes on."""
    latitude, seconds = line(300), times(300) * 10
    latitude[:60] = latitude[60] + 0.1 + np.arange(60) * 0.9 / DEGREE_M
    fixes = replace_false_positions_with_nan(latitude, np.full(300, 5.0), seconds)
    assert np.flatnonzero(fixes.stale).tolist() == list(range(60))
    # What is faster, or gets farther, is an aircraft.
    latitude[:60] = latitude[60] + 0.1 + np.arange(60) * 1.2 / DEGREE_M
    assert not replace_false_positions_with_nan(latitude, np.full(300, 5.0), seconds).stale.any()
    latitude[:120] = latitude[120] + 0.1 + np.arange(120) * 0.9 / DEGREE_M
    assert not replace_false_positions_with_nan(latitude, np.full(300, 5.0), seconds).stale.any()


@pytest.mark.parametrize(
    ("away_m", "seconds", "is_stale"),
    [
        (1500.0, 1, True), (510.0, 1, True), (490.0, 1, False),
        # From a standstill: 5 m for each second squared, then 150 m for each second.
        (1500.0, 17, True), (1500.0, 18, False), (4900.0, 32, True), (4900.0, 33, False),
    ],
)  # fmt: skip
def test_a_jump_is_one_that_no_aircraft_makes_from_a_standstill(
    away_m: float, seconds: int, is_stale: bool
) -> None:
    latitude, instants = line(30), times(30) * 10
    latitude[:5] = latitude[5] - away_m / DEGREE_M
    instants[5:] += (seconds - 1) * 10**9
    assert (
        replace_false_positions_with_nan(latitude, np.full(30, 5.0), instants).stale.any()
        == is_stale
    )


def test_many_places_one_after_another_are_no_cost() -> None:
    """Each row jumps: only the first few places are looked at."""
    latitude = np.where(np.arange(200_000) % 2, 51.0, 52.0)
    began = time.perf_counter()
    fixes = replace_false_positions_with_nan(
        latitude, np.full(len(latitude), 5.0), times(len(latitude))
    )
    assert time.perf_counter() - began < 5.0
    assert fixes.stale.sum() == 8


def test_a_flight_that_really_moves_or_was_really_paused_keeps_its_beginning() -> None:
    moving = line(30)
    moving[:5] = line(5, 49.1)  # it moves there: it is no left-over
    assert not replace_false_positions_with_nan(moving, np.full(30, 5.0), times(30)).stale.any()
    paused, instants = line(30), times(30)
    paused[:5] = 51.9
    instants[5:] += 3600 * 10**9  # an hour in which 11 km can be flown
    assert not replace_false_positions_with_nan(paused, np.full(30, 5.0), instants).stale.any()
    # A jump later in the flight is for the rules to judge.
    later = line(30)
    later[25:] = 49.1
    assert not replace_false_positions_with_nan(later, np.full(30, 5.0), times(30)).stale.any()


def test_angles_of_exactly_0_throughout_were_not_measured() -> None:
    zero = np.zeros(5)
    columns, issues = masked_gimbal_columns_and_issues(zero, zero, zero, "rows", OFFSETS)
    assert all(np.isnan(values).all() for values in columns.values())
    assert [issue.reason for issue in issues] == [
        "gimbal angles of exactly 0 in all rows, as where none is measured: left out"
    ]


def test_a_level_camera_that_turns_was_measured() -> None:
    yaw, zero = np.array([0.0, 0.0, -1.5]), np.zeros(3)
    columns, issues = masked_gimbal_columns_and_issues(yaw, zero, zero, "rows", OFFSETS)
    assert columns["gimbal_yaw_deg"].tolist() == [0.0, 0.0, 358.5]
    assert columns["gimbal_pitch_deg"].tolist() == [0.0, 0.0, 0.0]
    assert issues == ()


def test_angles_that_no_gimbal_can_reach_are_missing() -> None:
    yaw = np.array([10.0, 1955.0, 20.0, -531.0])
    pitch = np.array([-90.0, -30.0, 160.0, -20.0])
    columns, issues = masked_gimbal_columns_and_issues(
        yaw, pitch, np.full(4, np.nan), "rows", OFFSETS
    )
    assert np.isnan(columns["gimbal_pitch_deg"]).tolist() == [False, True, True, False]
    assert columns["gimbal_yaw_deg"][3] == 189.0
    assert len(issues) == 1
    assert issues[0].offset == 10


def test_no_gimbal_at_all_needs_no_remark() -> None:
    nothing = np.full(3, np.nan)
    assert masked_gimbal_columns_and_issues(nothing, nothing, nothing, "rows", OFFSETS)[1] == ()


@pytest.mark.parametrize(
    ("rows_away", "degrees_away", "is_left_out"),
    [
        (10, 60.0, True),  # a second on another continent
        (98, 60.0, True),  # just under ten seconds, by the fixes around it
        (100, 60.0, False),  # long enough to be a place of its own
        (10, 0.5, False),  # 56 km: a rule judges it
    ],
)
def test_a_place_far_off_and_back_again_is_that_of_a_damaged_record(
    rows_away: int, degrees_away: float, is_left_out: bool
) -> None:
    latitude = line(400)
    latitude[150 : 150 + rows_away] -= degrees_away
    fixes = replace_false_positions_with_nan(latitude, np.full(400, 5.0), times(400))
    assert int(fixes.far_off.sum()) == (rows_away if is_left_out else 0)
    assert np.isnan(fixes.latitude_deg).sum() == (rows_away if is_left_out else 0)
    reasons = [issue.reason for issue in fixes.issues("rows", np.arange(400) * 10)]
    expected = f"{rows_away} rows hold a position over 100 km from its neighbours: left out"
    assert reasons == ([expected] if is_left_out else [])
