"""The numbers of the clock of on-board logs: holes, strays, copies, drift, dates."""

import numpy as np
import pytest

from parsers import Clock
from parsers.dji._event_rows import NAT
from parsers.dji.dat import _times_of_records
from parsers.dji.dat._recognise_dat_file import DatHeader

SECOND = 4_500_000
NOT_FITTED = _times_of_records.SegmentClockToUtc(0, 0.0, 0.0, 0.0, 1)


def segments(*ticks: int) -> int:
    return len(_times_of_records._power_on_segment_bounds(np.array(ticks, np.uint32), [], []))


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
    out, count = _times_of_records._replace_and_count_stray_ticks(ticks, rates)
    assert count == replaced
    assert out[1] == (0 if replaced else 400 * SECOND)


@pytest.mark.parametrize(("after", "replaced"), [(5 * SECOND, 1), (5 * SECOND + 1, 0)])
def test_a_stray_lies_between_records_of_five_seconds(after: int, replaced: int) -> None:
    ticks = np.array([0, 400 * SECOND, after], np.uint32)
    assert (
        _times_of_records._replace_and_count_stray_ticks(ticks, np.full(3, float(SECOND)))[1]
        == replaced
    )


@pytest.mark.parametrize(("begin", "copies"), [(51, 0), (50, 0), (49, 1)])
def test_a_segment_of_which_more_than_half_is_covered_is_a_copy(begin: int, copies: int) -> None:
    ns = np.array([0, 100, begin, begin + 100], np.int64)
    parts = tuple(
        _times_of_records.RecordsOfOnePowerOn(n, n + 2, 1.0, 1.0, NOT_FITTED) for n in (0, 2)
    )
    assert len(_times_of_records.TimesOfRecords(ns, parts, Clock()).duplicate_segments()) == copies


def drift(edges: int, span_s: float, rate: float) -> float:
    at = np.linspace(0, span_s, edges)
    return _times_of_records._clock_drift(at, at * rate)


def test_a_drift_takes_ten_edges_over_a_minute_and_is_less_than_one_in_a_thousand() -> None:
    assert drift(10, 60.0, 0.0009) == pytest.approx(0.0009)
    assert drift(9, 60.0, 0.0009) == 0
    assert drift(10, 59.9, 0.0009) == 0
    assert drift(10, 60.0, -0.0009) == pytest.approx(-0.0009)
    assert drift(10, 60.0, 0.0011) == 0
    late = np.linspace(30.0, 89.9, 10)
    assert _times_of_records._clock_drift(late, 0.0009 * late) == 0


def fit(seconds: list[float], utc_s: list[int]) -> _times_of_records.SegmentClockToUtc:
    fitted = _times_of_records._fit_segment_clock_to_utc(
        np.array(seconds), np.array(utc_s, np.int64)
    )
    assert fitted is not None
    return fitted


def test_an_edge_is_a_change_of_second_within_less_than_one_and_a_half() -> None:
    """Without an edge the date is known to a second."""
    assert fit([0.0, 1.4], [100, 101]).residual_s == pytest.approx(1.4)
    for later_s, utc_s in ((1.5, 101), (0.2, 102), (0.0, 101)):
        assert fit([0.0, later_s], [100, utc_s]).residual_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("seconds", "last_utc_s", "shift_s"),
    [
        ((0.0, 0.3, 0.6), 100, 0.0),
        ((0.0, 0.5, 0.5), 102, 1.5),
        ((0.0, 0.0, 0.0), 102, 0.0),
        ((0.9, 0.9, 0.9), 102, -0.9),
    ],
)
def test_without_an_edge_the_latest_date_within_two_seconds_counts(
    seconds: tuple[float, ...], last_utc_s: int, shift_s: float
) -> None:
    assert fit(list(seconds), [100, 100, last_utc_s]).shift_s == shift_s


def rate_hz(aircraft: int | None, ticks: list[int], utc_s: list[int]) -> float:
    headers = [] if aircraft is None else [(0, DatHeader(0, "V3", aircraft, ""))]
    return _times_of_records._segment_tick_rate_hz(0, headers, np.array(ticks), np.array(utc_s))


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
    (20260014, 0), (20991231, 235960),
)  # fmt: skip


@pytest.mark.parametrize(
    ("date", "time_of_day", "known"),
    [(*valid, True) for valid in VALID] + [(*invalid, False) for invalid in INVALID],
)
def test_dates_are_read_up_to_their_limits(date: int, time_of_day: int, known: bool) -> None:
    (second,) = _times_of_records.parse_utc_seconds(
        np.array([date]), np.array([time_of_day])
    ).tolist()
    assert (second != NAT) == known


def test_a_date_is_the_seconds_since_1970() -> None:
    found = _times_of_records.parse_utc_seconds(np.array([20260514]), np.array([90443]))
    assert found.tolist() == [1_778_749_483]


def test_two_pieces_before_a_copy_do_not_add_up_beyond_what_they_cover() -> None:
    """Half of the third is covered by the first and nothing of it by the second."""
    ns = np.array([0, 100, 500, 600, 50, 150], np.int64)
    parts = tuple(
        _times_of_records.RecordsOfOnePowerOn(n, n + 2, 1.0, 1.0, NOT_FITTED) for n in (0, 2, 4)
    )
    assert _times_of_records.TimesOfRecords(ns, parts, Clock()).duplicate_segments() == ()


@pytest.mark.parametrize(("step_s", "count"), [(4, 1), (6, 2)])
def test_beyond_five_seconds_a_counter_that_starts_again_is_a_power_up(
    step_s: int, count: int
) -> None:
    before = 2**32 - SECOND
    assert segments(before, (before + step_s * SECOND) % 2**32) == count


def test_a_segment_begins_at_a_break_within_the_records() -> None:
    ticks = np.arange(4, dtype=np.uint32)
    assert _times_of_records._power_on_segment_bounds(ticks, [0, 2, 4], []) == [(0, 2), (2, 4)]
    assert _times_of_records._power_on_segment_bounds(ticks[:0], [0], []) == []


def test_the_wait_before_a_new_second_bounds_how_well_it_is_known() -> None:
    """The seconds change at 0.9 and at 1.9 s, after 0.7 and 0.8 s without a record."""
    fitted = fit([0.0, 0.2, 0.9, 1.1, 1.9], [100, 100, 101, 101, 102])
    assert fitted.residual_s == pytest.approx(0.75)
    assert fitted.base_s + fitted.shift_s == pytest.approx(100.1)


def test_a_header_counts_for_the_records_after_it() -> None:
    headers = [(0, DatHeader(0, "V3", 6, "")), (5, DatHeader(9, "V3", 5, ""))]
    nothing = np.zeros(0, np.int64)
    rates = [
        _times_of_records._segment_tick_rate_hz(row, headers, nothing, nothing) for row in (0, 4, 5)
    ]
    assert rates == [600.0, 600.0, 85_000_000.0]
    assert _times_of_records._header_tick_rate_hz_of_each_record(6, headers).tolist() == [
        600.0
    ] * 5 + [85_000_000.0]


def test_a_rate_without_a_header_is_the_nearest_of_those_there_are() -> None:
    assert rate_hz(None, [0, 2 * 80_000_000], [100, 102]) == 85_000_000.0
    assert rate_hz(None, [0, 2 * 4_400_000], [100, 102]) == 4_500_000.0
    assert rate_hz(None, [0, 0], [100, 102]) == 600.0


def test_the_fit_turns_ticks_into_utc_exactly() -> None:
    """A clock that was started 10.25 s before, and loses 500 microseconds in a second."""
    since = np.arange(0, 120, 0.1)
    ticks = np.round((10.25 + since / 1.0005) * SECOND).astype(np.uint32)
    utc_s = 1_700_000_000 + np.floor(since + 1e-9).astype(np.int64)
    times = _times_of_records.times_of_records(ticks, [], [], np.arange(len(ticks)), utc_s)
    error_s = (times.ns - 1_700_000_000 * 10**9) / 1e9 - since
    assert abs(error_s).max() < 1e-5
    began = 1_700_000_000 - 10.25 * 1.0005
    assert times.clock.offset_s == pytest.approx(began, abs=1e-3)
    assert times.clock.power_on is not None
    assert times.clock.power_on.timestamp() == pytest.approx(began, abs=1e-3)
    assert times.clock.uncertainty_s == pytest.approx(0.1, abs=1e-3)
    assert times.clock.notes == (
        "run 1: 1200 records over 119.8 s; 1200 GPS dates, drift +500.0 ppm, residual 0.100 s",
    )


def undated(breaks: int) -> _times_of_records.TimesOfRecords:
    """Return the times of a record for each segment, none of them dated."""
    ticks = np.arange(breaks + 1, dtype=np.uint32)
    nothing = np.zeros(0, np.int64)
    return _times_of_records.times_of_records(ticks, range(1, breaks + 1), [], nothing, nothing)


def test_ticks_that_break_off_ten_thousand_times_are_no_clock() -> None:
    assert len(undated(9_999).segments) == 10_000
    broken = undated(10_000)
    assert broken.segments == (
        _times_of_records.RecordsOfOnePowerOn(0, 10_001, 4_500_000.0, 0.0, None),
    )
    assert broken.clock.notes[0].startswith("ticks break off 10001 times")
    assert broken.ns.tolist() == [NAT] * 10_001


def test_twenty_runs_are_described() -> None:
    assert [note.split(":")[0] for note in undated(30).clock.notes] == [
        f"run {number}" for number in range(1, 21)
    ]


def test_the_worst_of_two_runs_bounds_the_error_and_the_first_gives_the_offset() -> None:
    """One with a date each tenth of a second, one with one date, after ten minutes."""
    since = np.arange(0, 5, 0.1)
    ticks = np.append(np.round(since * SECOND), 600 * SECOND).astype(np.uint32)
    utc_s = np.append(1_700_000_000 + np.floor(since + 1e-9), 1_700_000_600).astype(np.int64)
    clock = _times_of_records.times_of_records(ticks, [], [], np.arange(len(ticks)), utc_s).clock
    assert clock.uncertainty_s == 1.0
    assert clock.offset_s == 1_700_000_000
    assert clock.power_on is None
