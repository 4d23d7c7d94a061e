"""The numbers on which the clock of a telemetry log depends, each at its limit."""

import pandas as pd
import pytest

from parsers import Clock, Log
from parsers.mavlink.tlog._fit_vehicle_clock import TlogClockFit
from tests.parsers.mavlink.tlog.test_log import BEHIND_US, START_US, Station, events, heard


def notes(log: Log) -> str:
    return "; ".join(log.clock.notes)


@pytest.mark.parametrize(("back_ms", "restarted"), [(2000, False), (2001, True)])
def test_a_restart_is_a_clock_that_falls_back_by_more_than_two_seconds(
    back_ms: int, restarted: bool
) -> None:
    station = heard()
    station.wait(5)
    station.tell_time()
    station.boot_ms -= 10 + back_ms
    for _ in range(4):
        station.tell_time()
    log = station.read()
    assert ("restarted once" in notes(log)) == restarted
    assert len(events(log, "clock")) == restarted


@pytest.mark.parametrize(("off_ms", "restarted"), [(59_999, True), (60_000, False)])
def test_one_time_a_minute_off_is_an_outlier(off_ms: int, restarted: bool) -> None:
    station = Station()
    for number in range(9):
        station.beat()
        boot_ms = station.boot_ms
        if number == 4:
            # The median of the five around it is that of the next one.
            boot_ms += 20 + off_ms
        unix = START_US + boot_ms * 1000
        station.hear("system_time", time_boot_ms=boot_ms, time_unix_usec=unix)
    assert ("restarted" in notes(station.read())) == restarted


@pytest.mark.parametrize(
    ("unix", "known"),
    [
        (1_100_000_000_000_000, False),
        (1_100_000_000_000_001, True),
        (4_099_999_999_999_999, True),
        (4_100_000_000_000_000, False),
    ],
)
def test_a_vehicle_states_utc_only_from_2004_to_2099(unix: int, known: bool) -> None:
    station = Station()
    for _ in range(3):
        station.beat()
        station.hear("system_time", time_unix_usec=unix)
    source = station.read().clock.source
    assert source is not None
    assert source.startswith("vehicle") == known


@pytest.mark.parametrize(("frames", "used"), [(100, False), (101, True)])
def test_further_messages_are_anchors_where_less_than_two_of_a_hundred_are(
    frames: int, used: bool
) -> None:
    station = Station()
    station.tell_time()
    station.tell_time()
    for boot_ms in (*range(50_000, 50_500, 100), *range(10_000, 10_500, 100)):
        station.hear("attitude_quaternion", time_boot_ms=boot_ms)
    for _ in range(frames - 12):
        station.beat()
    assert ("restarted" in notes(station.read())) == used


def shifted(shift_us: int, count: int = 20) -> Log:
    """Return a log of a station whose clock is so much behind the vehicle's."""
    station = Station()
    station.beat()
    for _ in range(count):
        unix = START_US + station.boot_ms * 1000 - BEHIND_US + shift_us
        station.hear("system_time", time_unix_usec=unix)
    return station.read()


@pytest.mark.parametrize(
    ("shift_us", "note"),
    [
        (999_000, ""),
        (1_000_000, "the ground station's clock was 1.0 s behind the vehicle's"),
        (-1_000_000, "the ground station's clock was 1.0 s ahead of the vehicle's"),
        (86_399_000_000, "the ground station's clock was 86399.0 s behind the vehicle's"),
        (86_400_000_000, "the ground station's clock differs by -1.0 days from the vehicle's: "
         "a simulation, a replay, or a wrong clock"),
        (-86_400_000_000, "the ground station's clock differs by 1.0 days from the vehicle's: "
         "a simulation, a replay, or a wrong clock"),
    ],
)  # fmt: skip
def test_a_difference_of_the_clocks_is_noted_from_a_second_on(shift_us: int, note: str) -> None:
    log = shifted(shift_us)
    assert notes(log) == note
    assert log.clock.offset_s == shift_us / 1e6


@pytest.mark.parametrize(
    ("early", "late", "ms", "noted"),
    [(3, 3, 500, True), (3, 3, 499, False), (1, 1, 500, False)],
)
def test_clocks_that_run_apart_by_a_second_are_noted(
    early: int, late: int, ms: int, noted: bool
) -> None:
    station = Station()
    station.beat()
    for number in range(200):
        own = station.boot_ms
        if 20 <= number < 20 + early:
            own -= ms
        elif 120 <= number < 120 + late:
            own += ms
        unix = START_US + own * 1000 - BEHIND_US
        station.hear("system_time", time_boot_ms=own, time_unix_usec=unix)
    found = notes(station.read())
    assert ("ran apart" in found) == noted
    if noted:
        assert "the two clocks ran apart: -0.5 s to 0.5 s between them (late delivery," in found


@pytest.mark.parametrize(("late", "uncertainty_s"), [(6, 0.2), (4, 0.001)])
def test_the_uncertainty_is_the_residual_of_95_of_100_and_at_least_a_millisecond(
    late: int, uncertainty_s: float
) -> None:
    station = Station()
    station.beat()
    for number in range(100):
        unix = START_US + station.boot_ms * 1000 + (200_000 if number < late else 0)
        station.hear("system_time", time_unix_usec=unix)
    assert station.read().clock.uncertainty_s == pytest.approx(uncertainty_s, rel=0.06)


@pytest.mark.parametrize(("off_us", "kept"), [(3_599_999_999, True), (3_600_000_000, False)])
def test_a_time_before_a_frame_that_is_an_hour_off_is_an_outlier(off_us: int, kept: bool) -> None:
    station = Station()
    for _ in range(9):
        station.beat()
    at = station.offsets[4]
    stamp = int.from_bytes(station.data[at : at + 8], "big")
    # The median of the five around it is that of the next frame.
    station.data[at : at + 8] = (stamp + 10_000 + off_us).to_bytes(8, "big")
    times = station.read().records("HEARTBEAT")["time"]
    shift = times[4] - times[3]
    assert (shift > pd.Timedelta(minutes=1)) == kept


@pytest.mark.parametrize(("moved", "count"), [(450, 1), (451, 2), (-450, 1), (-451, 2)])
@pytest.mark.parametrize("field", ["latitude", "longitude"])
def test_home_is_another_when_it_moves_by_more_than_5_m(field: str, moved: int, count: int) -> None:
    station = heard()
    position = {"latitude": 515_000_000, "longitude": -1_000_000}
    station.hear("home_position", **position)
    station.hear("home_position", **(position | {field: position[field] + moved}))
    log = station.read()
    assert len(events(log, "home")) == count


@pytest.mark.parametrize(("silent_ms", "lost"), [(10_000, 0), (10_001, 1)])
def test_a_link_is_lost_after_more_than_ten_silent_seconds(silent_ms: int, lost: int) -> None:
    station = heard()
    station.beat()
    station.boot_ms += silent_ms - 10
    station.beat()
    station.tell_time()
    found = events(station.read(), "link.lost")
    assert len(found) == lost
    if lost:
        assert found["value"][0] == pytest.approx(10.001)


@pytest.mark.parametrize(
    ("row", "utc_us"), [(0, 4_500), (5, 4_500), (9, 4_500), (10, 12_500), (99, 12_500)]
)
def test_a_time_since_the_start_is_of_the_start_before_its_row(row: int, utc_us: int) -> None:
    """The first start is known from row 5 on; what stands before it is of that start as well."""
    fit = TlogClockFit(Clock(), boot_times=((5, 1_000), (10, 9_000)))
    assert not fit.counts_from_start
    assert fit.boot_time_to_utc_us(row, 3.5) == utc_us
    assert TlogClockFit(Clock()).boot_time_to_utc_us(row, 3.5) is None


def test_a_vehicle_that_was_restarted_twice_has_each_start_on_its_own() -> None:
    station = Station()
    station.beat()
    for station.boot_ms in (20_000, 10_000, 5_000):
        for _ in range(5):
            station.tell_time()
    assert "the vehicle was restarted 2 times" in notes(station.read())
