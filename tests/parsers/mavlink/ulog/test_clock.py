"""The numbers on which the clock of a ULog depends, each at its limit."""

import numpy as np
import pytest

from parsers import Log
from parsers.mavlink.ulog._clock import find_restarts_and_step_count
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
    rows, _ = find_restarts_and_step_count(times, np.arange(len(times)))
    return [int(row) for row in rows]


def test_a_restart_is_a_clock_that_falls_back_by_more_than_ten_seconds() -> None:
    assert restarts(*[50_000] * 5, *[40_000] * 5) == []
    assert restarts(*[50_000] * 5, *[39_999] * 5) == [5]


def test_one_wrong_time_is_no_restart() -> None:
    assert restarts(*[50_000] * 5, 10_000, *[50_000] * 5) == []
    assert restarts(*[10_000] * 5, 50_000, *[10_000] * 5) == []
    # Two of the five after, and three.
    assert restarts(*[50_000] * 5, *[10_000] * 2, *[50_000] * 3) == []
    assert restarts(*[50_000] * 5, *[10_000] * 3, *[50_000] * 2) == [5]
    # Two of the five before, and three.
    assert restarts(*[10_000] * 3, *[50_000] * 2, *[10_000] * 5) == []
    assert restarts(*[10_000] * 2, *[50_000] * 3, *[10_000] * 5) == [5]


@pytest.mark.parametrize(("step_us", "noted"), [(1_000_000, False), (1_000_001, True)])
def test_a_step_of_the_receivers_time_by_more_than_a_second_is_noted(
    step_us: int, noted: bool
) -> None:
    fixes = [(number * SECOND_US, BOOT_US + number * SECOND_US, 3) for number in range(1, 10)]
    last = 10 * SECOND_US
    log = receiver(*fixes, (last, BOOT_US + last + step_us, 3))
    assert any("1 fixes differ by more than 1 s" in note for note in log.clock.notes) == noted


def test_the_uncertainty_is_the_standard_deviation_that_the_median_deviation_implies() -> None:
    off = (0, 1000, -1000, 2000, -2000)
    fixes = [(at * SECOND_US, BOOT_US + at * SECOND_US + us, 3) for at, us in enumerate(off, 1)]
    log = receiver(*fixes)
    assert log.clock.uncertainty_s == pytest.approx(1.4826 * 1000 / 1e6)
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
