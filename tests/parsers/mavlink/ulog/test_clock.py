"""The numbers on which the clock of a ULog depends, each at its limit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Clock, Log
from parsers.mavlink._shared._timestamps import NAT
from parsers.mavlink.ulog._fit_boot_clock import (
    UlogClock,
    boot_clock_with_offset_of_each_run,
    find_clock_restarts_and_step_count,
)
from parsers.mavlink.ulog._non_data_records import LoggedText
from parsers.mavlink.ulog._topic_series import RESTART_TICKS
from tests.parsers.mavlink.ulog.test_writer import BOOT_US, GPS, GPS_PACKED, Writer, flight

SECOND_US = 1_000_000


def receiver(*fixes: tuple[int, int, int]) -> Log:
    """Return a log of fixes: time since boot and UTC in microseconds, and type of fix."""
    made = Writer()
    made.flags()
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    for at, utc, fix_type in fixes:
        made.add("vehicle_gps_position", at, utc, 50.0, 8.0, 100.0, 0.0, 0.0, 0.0, fix_type, 14)
    return made.log()


@pytest.mark.parametrize(
    ("utc", "known"),
    [
        (1_104_537_600_000_000, False),
        (1_104_537_600_000_001, True),
        (4_102_444_799_999_999, True),
        (4_102_444_800_000_000, False),
    ],
)
def test_a_receiver_gives_utc_only_from_2005_to_2099(utc: int, known: bool) -> None:
    log = receiver((SECOND_US, utc, 3))
    assert log.clock.source == ("satellite receiver" if known else None)


@pytest.mark.parametrize(("fix_type", "known"), [(1, False), (2, True), (3, True)])
def test_a_receiver_gives_utc_from_a_fix_in_two_dimensions_on(fix_type: int, known: bool) -> None:
    log = receiver((SECOND_US, BOOT_US + SECOND_US, fix_type))
    assert (log.clock.source is not None) == known


def restarts(*times_ms: int) -> list[int]:
    """Return which records of a topic are the first after a restart."""
    times = np.array(times_ms, np.uint64) * np.uint64(1000)
    rows, _ = find_clock_restarts_and_step_count(times, np.arange(len(times)))
    return [int(row) for row in rows]


def test_a_restart_is_a_clock_that_falls_back_by_more_than_ten_seconds() -> None:
    assert restarts(*[50_000] * 5, *[40_000] * 5) == []
    assert restarts(*[50_000] * 5, *[39_999] * 5) == [5]
    times = np.array([50_000_000] * 5 + [39_999_999] * 5, np.uint64)
    rows, _ = find_clock_restarts_and_step_count(times, np.arange(10))
    assert rows.tolist() == [5]


def test_one_wrong_time_is_no_restart() -> None:
    assert restarts(*[50_000] * 5, 10_000, *[50_000] * 5) == []
    assert restarts(*[10_000] * 5, 50_000, *[10_000] * 5) == []
    # Two of the five after, and three.
    assert restarts(*[50_000] * 5, *[10_000] * 2, *[50_000] * 3) == []
    assert restarts(*[50_000] * 5, *[10_000] * 3, *[50_000] * 2) == [5]
    # Two of the five before, and three.
    assert restarts(*[10_000] * 3, *[50_000] * 2, *[10_000] * 5) == []
    assert restarts(*[10_000] * 2, *[50_000] * 3, *[10_000] * 5) == [5]


@pytest.mark.parametrize(
    ("times_s", "found"),
    [
        # Fifteen seconds back: half of that would be none, as of three high times in six.
        ([35, 35, 50, 50, 50, 35, 35, 35, 35, 35], [5]),
        ([35, 35, 35, 50, 50, 50, 35, 35, 35, 35, 35], [6]),
        ([50, 50, 50, 50, 50, 35, 35, 35, 50, 50], [5]),
        ([50, 50, 50, 50, 50, 35, 35, 35, 50, 50, 50], [5]),
        # The first times of a log are fewer than five.
        ([50, 50, 35, 35, 50, 35, 35, 35, 35, 35], [2, 5]), ([50, 35, 35], [1]), ([50, 35], [1]),
    ],
)  # fmt: skip
def test_five_times_before_and_five_after_a_step_are_compared(
    times_s: list[int], found: list[int]
) -> None:
    assert restarts(*(1000 * each for each in times_s)) == found


@pytest.mark.parametrize(("step_us", "noted"), [(1_000_000, False), (1_000_001, True)])
def test_a_step_of_the_receivers_time_by_more_than_a_second_is_noted(
    step_us: int, noted: bool
) -> None:
    fixes = [(number * SECOND_US, BOOT_US + number * SECOND_US, 3) for number in range(1, 10)]
    last = 10 * SECOND_US
    log = receiver(*fixes, (last, BOOT_US + last + step_us, 3))
    assert any("1 fix differs by more than 1 s" in note for note in log.clock.notes) == noted
    assert log.clock.notes[0].endswith("largest residual 1.000 s")


def test_the_uncertainty_is_the_standard_deviation_that_the_median_deviation_implies() -> None:
    off = (0, 1000, -1000, 2000, -2000)
    fixes = [(at * SECOND_US, BOOT_US + at * SECOND_US + us, 3) for at, us in enumerate(off, 1)]
    log = receiver(*fixes)
    assert log.clock.uncertainty_s == pytest.approx(1.4826 * 1000 / 1e6)
    assert log.clock.notes == ("5 fixes of vehicle_gps_position; largest residual 0.002 s",)
    assert log.clock.offset_s == BOOT_US / 1e6


@pytest.mark.parametrize(("ahead_min", "hour"), [(0, 10), (60, 9), (-90, 11.5)])
def test_the_name_of_the_file_is_local_time_by_its_parameter(ahead_min: int, hour: float) -> None:
    made = Writer()
    made.flags()
    made.parameter("SDLOG_UTC_OFFSET", ahead_min)
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    made.add("vehicle_gps_position", SECOND_US, 0, 50.0, 8.0, 100.0, 0.0, 0.0, 0.0, 0, 0)
    made.text(2 * SECOND_US, 6, "[logger] Opened full log file: /fs/microsd/log/2024-05-01/"
              "10_00_00.ulg")  # fmt: skip
    log = made.log()
    midnight = BOOT_US / 1e6 - 10 * 3600
    assert log.clock.offset_s == midnight + hour * 3600 - 2
    assert log.clock.uncertainty_s == 1.0


@pytest.mark.parametrize(("moved_deg", "count"), [(9.9e-6, 1), (1.01e-5, 2), (-1.01e-5, 2)])
@pytest.mark.parametrize("axis", ["lat", "lon"])
def test_home_is_another_when_it_moves_by_a_metre(axis: str, moved_deg: float, count: int) -> None:
    made = flight()
    made.topic("home_position", "uint64_t timestamp;double lat;double lon;", "<Qdd")
    made.add("home_position", 2 * SECOND_US, 50.0, 8.0)
    north, east = (moved_deg, 0.0) if axis == "lat" else (0.0, moved_deg)
    made.add("home_position", 3 * SECOND_US, 50.0 + north, 8.0 + east)
    log = made.log()
    assert int((log.events["kind"] == "home").sum()) == count


def test_five_hundred_restarts_are_looked_at() -> None:
    """A clock that falls back by 20 s after each five records, 501 times and 500."""
    for count in (501, 500):
        levels = np.arange(count + 1)[::-1] * 20_000 + 20_000
        times = np.repeat(levels, 5).astype(np.uint64) * np.uint64(1000)
        rows, steps = find_clock_restarts_and_step_count(times, np.arange(len(times)))
        assert (len(rows), steps) == (500, count)


def test_times_of_nought_and_beyond_a_run_are_no_part_of_the_clock() -> None:
    times = np.array([50_000_000] * 3 + [0, RESTART_TICKS] + [50_000_001] * 3, np.uint64)
    rows, steps = find_clock_restarts_and_step_count(times, np.arange(len(times)))
    assert (len(rows), steps) == (0, 0)


@pytest.mark.parametrize(
    ("shifts", "tick", "at_us"),
    [
        # Without UTC times count from the start, and there is no time 0.
        ((0,), 0, None), ((0,), 1, 1), ((0,), 1_000_000, 1_000_000), ((0,), -1, None),
        ((1000,), 5, 1005), ((-5,), 5, None), ((-5,), 6, 1),
        ((4_102_444_799_999_998,), 1, 4_102_444_799_999_999),
        ((4_102_444_799_999_998,), 2, None),
        # The second run has a shift of its own, or none.
        ((1000, 2000), 5, 1005), ((1000, 2000), RESTART_TICKS + 5, 2005),
        ((1000, None), RESTART_TICKS + 5, None), ((None, 2000), RESTART_TICKS + 5, 2005),
        # Beyond the last run its shift goes on.
        ((1000,), RESTART_TICKS + 5, 1005),
    ],
)  # fmt: skip
def test_a_time_of_the_log_is_moved_by_the_shift_of_its_run(
    shifts: tuple[int | None, ...], tick: int, at_us: int | None
) -> None:
    """One time and a column of times are the same."""
    clock = UlogClock(shifts, Clock())
    expected = NAT if at_us is None else at_us * 1000
    assert clock.utc_ns_of_tick(tick) == expected
    assert clock.utc(np.array([tick])).view(np.int64).tolist() == [expected]


def opened(*lines: str) -> Log:
    """Return a log of a receiver without a fix, and of some lines of its logger."""
    made = Writer()
    made.flags()
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    made.add("vehicle_gps_position", SECOND_US, 0, 50.0, 8.0, 100.0, 0.0, 0.0, 0.0, 0, 0)
    for number, name in enumerate(lines):
        made.text((2 + number) * SECOND_US, 6, f"[logger] Opened full log file: {name}")
    return made.log()


@pytest.mark.parametrize(
    ("name", "utc"),
    [
        ("/fs/microsd/log/2024-05-01/10_20_30.ulg", "2024-05-01T10:20:30"),
        ("/fs/microsd/log/2024-05-01/10_20_30_replayed.ulg", "2024-05-01T10:20:30"),
        ("/fs/microsd/log/2005-01-01/00_00_00.ulg", None),
        ("/fs/microsd/log/2005-01-01/00_00_01.ulg", "2005-01-01T00:00:01"),
        ("/fs/microsd/log/2099-12-31/23_59_59.ulg", "2099-12-31T23:59:59"),
        ("/fs/microsd/log/2100-01-01/00_00_00.ulg", None),
        ("/fs/microsd/log/2024-13-01/10_20_30.ulg", None),
        ("/fs/microsd/log/sess001/log001.ulg", None),
    ],
)
def test_the_name_of_the_file_gives_the_time_it_was_opened(name: str, utc: str | None) -> None:
    clock = opened(name).clock
    if utc is None:
        assert (clock.source, clock.offset_s) == (None, None)
    else:
        assert clock.offset_s == np.datetime64(utc, "us").astype(np.int64) / 1e6 - 2


def test_the_first_name_that_is_a_date_counts() -> None:
    clock = opened("/log/2024-13-01/10_20_30.ulg", "/log/2024-05-01/10_20_30.ulg").clock
    assert clock.offset_s == np.datetime64("2024-05-01T10:20:30", "s").astype(np.int64) - 3


def test_without_any_date_one_run_counts_from_its_start_and_of_several_none_is_known() -> None:
    one, two = (
        boot_clock_with_offset_of_each_run([], 1, [], 0),
        boot_clock_with_offset_of_each_run([], 2, [], 0),
    )
    assert (one.shifts_us, one.counts_from_start) == ((0,), True)
    assert (two.shifts_us, two.counts_from_start) == ((None, None), False)


@pytest.mark.parametrize(
    ("time_us", "is_used"),
    [(0, False), (1, True), (RESTART_TICKS - 1, True), (RESTART_TICKS, False)],
)
def test_a_name_of_the_file_dates_the_run_it_was_logged_in(time_us: int, is_used: bool) -> None:
    line = LoggedText(0, time_us, 6, None, "log file: /log/2024-05-01/10_20_30.ulg")
    found = boot_clock_with_offset_of_each_run([], 2, [line], 0)
    opened_us = int(np.datetime64("2024-05-01T10:20:30", "us").astype(np.int64))
    assert found.shifts_us == ((opened_us - time_us, None) if is_used else (None, None))


def test_the_start_is_known_where_the_clock_ran_once() -> None:
    start = np.datetime64(BOOT_US, "us")
    once = receiver((SECOND_US, BOOT_US + SECOND_US, 3)).clock.power_on
    assert once is not None
    assert once.to_datetime64() == start


@pytest.mark.parametrize("restart_count", [0, 1, 2])
def test_a_clock_that_restarted_says_so_and_has_no_start(restart_count: int) -> None:
    """Five fixes of each run, 50 s after its start; each run begins a minute after the other."""
    log = receiver(
        *(
            ((50 + number - 20 * run) * SECOND_US, BOOT_US + (60 * run + number) * SECOND_US, 3)
            for run in range(restart_count + 1)
            for number in range(5)
        )
    )
    said = [note for note in log.clock.notes if "restarted" in note]
    times = {0: [], 1: ["the clock restarted once"], 2: ["the clock restarted 2 times"]}
    assert said == times[restart_count]
    assert (log.clock.power_on is None) == (restart_count > 0)
    assert log.clock.notes[0] == (
        f"{5 * (restart_count + 1)} fixes of vehicle_gps_position; largest residual 0.000 s"
    )
    assert log.clock.offset_s == BOOT_US / 1e6 - 50


def test_the_stated_time_of_boot_dates_the_first_run_where_no_receiver_does() -> None:
    line = LoggedText(0, 3 * SECOND_US, 6, None, "log file: /log/2024-05-01/10_20_30.ulg")
    found = boot_clock_with_offset_of_each_run([], 2, [line], 0, BOOT_US)
    assert found.shifts_us == (BOOT_US, None)
    assert (found.clock.source, found.clock.from_gnss) == ("stated time of boot", False)
    assert found.clock.power_on == pd.Timestamp(BOOT_US, unit="us", tz="UTC")


@pytest.mark.parametrize("stated", [None, 0, -1, 1 << 63, "2024", 1.7e15, 1_700_000_000])
def test_what_is_no_time_of_boot_dates_nothing(stated: object) -> None:
    assert boot_clock_with_offset_of_each_run([], 1, [], 0, stated).counts_from_start


def test_the_shared_case_has_the_times_that_its_boot_time_says(samples: Path) -> None:
    path = samples.parent / "cases" / "mav_px4_boot_time_utc" / "log.ulg"
    if not path.is_file():
        pytest.skip("the shared cases are not here")
    log = parsers.read(path)
    # The header says that the log began 1.16 s after the boot.
    assert log.clock.offset_s == 1_700_000_000.0
    assert log.clock.offset_s + 1.16 == pytest.approx(1_700_000_001.16)
    assert log.track["time"].min() == pd.Timestamp("2023-11-14T22:13:21.084Z")
