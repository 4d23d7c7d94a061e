"""The numbers of the clock of on-board logs: holes, strays, copies, drift, dates."""

import numpy as np
import pytest

from parsers import Clock
from parsers.dji._event_rows import NAT
from parsers.dji.dat import _clock
from parsers.dji.dat._file_kind import DatHeader

SECOND = 4_500_000
NOT_FITTED = _clock.ClockFit(0, 0.0, 0.0, 0.0, 1)


def segments(*ticks: int) -> int:
    return len(_clock._split_segments(np.array(ticks, np.uint32), [], []))


@pytest.mark.parametrize(
    ("step", "count"),
    [
        (-5 * SECOND, 1),
        (-5 * SECOND - 1, 2),
        (5 * SECOND + 1, 1),
        (120 * SECOND, 1),
        (120 * SECOND + 1, 2),
    ],
)
def test_a_segment_ends_at_a_jump_back_or_at_a_hole_of_two_minutes(step: int, count: int) -> None:
    assert segments(10 * SECOND, 10 * SECOND + step) == count


@pytest.mark.parametrize(("strays", "replaced"), [(1, 1), (8, 8), (9, 0)])
def test_at_most_eight_strays_in_a_row_are_replaced(strays: int, replaced: int) -> None:
    ticks = np.array([0, *[400 * SECOND] * strays, SECOND, 2 * SECOND], np.uint32)
    rates = np.full(len(ticks), float(SECOND))
    out, count = _clock._replace_and_count_stray_ticks(ticks, rates)
    assert count == replaced
    assert out[1] == (0 if replaced else 400 * SECOND)


@pytest.mark.parametrize(("after", "replaced"), [(5 * SECOND, 1), (5 * SECOND + 1, 0)])
def test_a_stray_lies_between_records_of_five_seconds(after: int, replaced: int) -> None:
    ticks = np.array([0, 400 * SECOND, after], np.uint32)
    assert _clock._replace_and_count_stray_ticks(ticks, np.full(3, float(SECOND)))[1] == replaced


@pytest.mark.parametrize(("begin", "copies"), [(51, 0), (50, 0), (49, 1)])
def test_a_segment_of_which_more_than_half_is_covered_is_a_copy(begin: int, copies: int) -> None:
    ns = np.array([0, 100, begin, begin + 100], np.int64)
    parts = tuple(_clock.ClockSegment(n, n + 2, 1.0, 1.0, NOT_FITTED) for n in (0, 2))
    assert len(_clock.RecordTimes(ns, parts, Clock()).duplicate_segments()) == copies


def drift(edges: int, span_s: float, rate: float) -> float:
    at = np.linspace(0, span_s, edges)
    return _clock._clock_drift(at, at * rate)


def test_a_drift_takes_ten_edges_over_a_minute_and_is_less_than_one_in_a_thousand() -> None:
    assert drift(10, 60.0, 0.0009) == pytest.approx(0.0009)
    assert drift(9, 60.0, 0.0009) == 0
    assert drift(10, 59.9, 0.0009) == 0
    assert drift(10, 60.0, -0.0009) == pytest.approx(-0.0009)
    assert drift(10, 60.0, 0.0011) == 0


def fit(seconds: list[float], utc_s: list[int]) -> _clock.ClockFit:
    fitted = _clock._fit_clock(np.array(seconds), np.array(utc_s, np.int64))
    assert fitted is not None
    return fitted


@pytest.mark.parametrize(
    ("later_s", "utc_s", "residual_s"), [(1.4, 101, 1.4), (1.5, 101, 1.0), (0.2, 102, 1.0)]
)
def test_an_edge_is_a_change_of_second_within_less_than_one_and_a_half(
    later_s: float, utc_s: int, residual_s: float
) -> None:
    """Without an edge the date is known to a second."""
    assert fit([0.0, later_s], [100, utc_s]).residual_s == pytest.approx(residual_s)


@pytest.mark.parametrize(
    ("seconds", "last_utc_s", "shift_s"),
    [((0.0, 0.3, 0.6), 100, 0.0), ((0.0, 0.5, 0.5), 102, 1.5), ((0.0, 0.0, 0.0), 102, 0.0)],
)
def test_without_an_edge_the_latest_date_within_two_seconds_counts(
    seconds: tuple[float, ...], last_utc_s: int, shift_s: float
) -> None:
    assert fit(list(seconds), [100, 100, last_utc_s]).shift_s == shift_s


def rate_hz(aircraft: int | None, ticks: list[int], utc_s: list[int]) -> float:
    headers = [] if aircraft is None else [(0, DatHeader(0, "V3", aircraft, ""))]
    return _clock._segment_rate_hz(0, headers, np.array(ticks), np.array(utc_s))


def test_ticks_run_at_the_rate_of_the_header_or_as_the_gps_measures() -> None:
    assert rate_hz(5, [], []) == 85_000_000.0
    assert rate_hz(6, [], []) == 600.0
    assert rate_hz(18, [], []) == 4_500_000.0
    assert rate_hz(None, [0, 1200], [100, 102]) == 600.0
    assert rate_hz(None, [0, 600], [100, 101]) == 4_500_000.0, "a second is too short to measure"


#: Dates and times of day that there are, and ones that there are not.
VALID = ((20120101, 0), (20991231, 235959), (20260514, 235960), (20261201, 0), (20260531, 0))
INVALID = (
    (20111231, 235959), (21000101, 0), (20260514, 240000), (20260514, 235961),
    (20260514, 126000), (20261301, 0), (20260500, 0), (20260532, 0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("date", "time_of_day", "known"),
    [(*valid, True) for valid in VALID] + [(*invalid, False) for invalid in INVALID],
)
def test_dates_are_read_up_to_their_limits(date: int, time_of_day: int, known: bool) -> None:
    (second,) = _clock.parse_utc_seconds(np.array([date]), np.array([time_of_day])).tolist()
    assert (second != NAT) == known


def test_a_date_is_the_seconds_since_1970() -> None:
    found = _clock.parse_utc_seconds(np.array([20260514]), np.array([90443]))
    assert found.tolist() == [1_778_749_483]
