"""The numbers on which the clock of a DataFlash log depends, each at its limit."""

import numpy as np
import pandas as pd
import pytest

from parsers.mavlink._shared._timestamps import NAT
from parsers.mavlink.dataflash._boot_time_to_utc import (
    DataflashClock,
    boot_us_of_messages,
    gps_weeks_to_utc_us,
    utc_us_of_gps_messages,
)
from parsers.mavlink.dataflash._index_binary_log import index_binary
from tests.parsers.mavlink.dataflash.test_log import NOON_MS, WEEK, Writer, flight

SECOND_US = 1_000_000
EPOCH_US = pd.Timestamp("1980-01-06").value // 1000


def day_us(day: str) -> int:
    return pd.Timestamp(day).value // 1000


def utc_us(gps_us: int) -> float:
    """Return UTC of an instant that GPS counts without leap seconds."""
    week, rest = divmod(gps_us - EPOCH_US, 7 * 86_400 * SECOND_US)
    return float(gps_weeks_to_utc_us(np.array([float(week)]), np.array([rest / 1000]))[0])


@pytest.mark.parametrize(
    ("day", "before"),
    [("2009-01-01", 14), ("2012-07-01", 15), ("2015-07-01", 16), ("2017-01-01", 17)],
)
def test_a_leap_second_counts_from_the_first_second_of_its_day(day: str, before: int) -> None:
    after = before + 1
    midnight = day_us(day)
    assert utc_us(midnight - SECOND_US + before * SECOND_US) == midnight - SECOND_US
    # The leap second itself, 23:59:60, has no number of its own.
    assert utc_us(midnight + after * SECOND_US - 1000) == midnight + SECOND_US - 1000
    assert utc_us(midnight + after * SECOND_US) == midnight
    assert utc_us(midnight + 86_400 * SECOND_US + after * SECOND_US) == day_us(day) + 86_400 * (
        SECOND_US
    )


def test_fixes_before_2006_and_from_2100_on_have_no_time() -> None:
    first, last = day_us("2006-01-01"), day_us("2100-01-01")
    assert np.isnan(utc_us(first + 14 * SECOND_US))
    assert utc_us(first + 14 * SECOND_US + 1000) == first + 1000
    assert utc_us(last + 18 * SECOND_US - 1000) == last - 1000
    assert np.isnan(utc_us(last + 18 * SECOND_US))


def power_ons(log: Writer) -> list[int]:
    """Return the offsets at which the log begins anew."""
    array = np.frombuffer(bytes(log.data), np.uint8)
    clock = DataflashClock(index_binary(array).trusted, len(array))
    return [power_on.offset for power_on in clock.power_on_periods]


def boots(*times_us: int) -> Writer:
    log = Writer()
    log.define("ATT", "QB", "TimeUS,Roll")
    for time_us in times_us:
        log.write("ATT", time_us, 0)
    return log


@pytest.mark.parametrize(
    ("times_ms", "restart"),
    [
        # Back by one second, and by more.
        ((5000, 6000, 7000, 8000, 7000, 7100, 7200, 7300), None),
        ((5000, 6000, 7000, 8000, 6999, 7100, 7200, 7300), 4),
        # Low for two messages, and for three.
        ((5000, 6000, 7000, 8000, 1000, 1100, 9000, 9100), None),
        ((5000, 6000, 7000, 8000, 1000, 1100, 1200, 9100), 4),
        ((5000, 6000, 7000, 8000, 1000, 1100, 8000, 8100), None),
        # One damaged time that is too high.
        ((5000, 5100, 60_000, 5200, 5300, 5400), None),
        # The fewest messages that show a restart.
        ((5000, 1000, 1100, 1200), 1),
        ((5000, 1000, 1100), None),
    ],
)
def test_a_restart_is_a_clock_that_falls_back_by_more_than_a_second_and_stays_low(
    times_ms: tuple[int, ...], restart: int | None
) -> None:
    log = boots(*(time * 1000 for time in times_ms))
    # Two definitions stand before the messages.
    expected = [0] if restart is None else [0, log.offsets[2 + restart]]
    assert power_ons(log) == expected


def fix(log: Writer, at_ms: int, later_ms: int = 0, *, status: int = 3) -> None:
    """Write a fix whose GPS time is so much later than that of a clock that is right."""
    log.write(
        "GPS", at_ms * 1000, 0, status, NOON_MS + at_ms + later_ms, WEEK, 14, 80, 520_000_000,
        130_000_000, 100, 0.0, 0.0, 0.0, 0.0, 1,
    )  # fmt: skip


def two_power_ons(apart_ms: int) -> Writer:
    """Return a log whose clock falls back, with UTC of power-on that differs so much."""
    log = flight(fixes=0)
    for boot_s, later_ms in ((20, 0), (10, apart_ms)):
        for number in range(10):
            at_ms = boot_s * 1000 + number * 200
            fix(log, at_ms, later_ms)
    return log


@pytest.mark.parametrize(("apart_ms", "count"), [(499, 1), (500, 2), (-499, 1), (-500, 2)])
def test_power_ons_at_nearly_the_same_instant_are_one(apart_ms: int, count: int) -> None:
    assert len(power_ons(two_power_ons(apart_ms))) == count


@pytest.mark.parametrize(("late", "uncertainty_s"), [(6, 0.3), (4, 0.0)])
def test_the_uncertainty_is_the_residual_of_95_of_100_fixes(
    late: int, uncertainty_s: float
) -> None:
    log = flight(fixes=0)
    for number in range(100):
        at_ms = 10_000 + number * 200
        fix(log, at_ms, 300 if number < late else 0)
    # Between the 95th and the 96th of 100, at 0.05 of the way.
    assert log.read().clock.uncertainty_s == pytest.approx(uncertainty_s, abs=1e-6)


@pytest.mark.parametrize(("status", "source"), [(2, None), (3, "GPS"), (4, "GPS")])
def test_only_a_fix_in_three_dimensions_gives_utc(status: int, source: str | None) -> None:
    log = flight(fixes=0)
    log.write("POS", 10_000_000, 520_000_000, 130_000_000, 1.0, 1.0, 1.0)
    for number in range(5):
        at_ms = 10_000 + number * 200
        fix(log, at_ms, status=status)
    assert log.read().clock.source == source


def clock_of(log: Writer) -> DataflashClock:
    array = np.frombuffer(bytes(log.data), np.uint8)
    return DataflashClock(index_binary(array).trusted, len(array))


def test_a_fix_belongs_to_the_power_on_that_begins_with_it() -> None:
    """The first fix after the restart is no fix of the run before, whose error it would be."""
    first, second = clock_of(two_power_ons(500)).power_on_periods
    assert (first.residual_s, second.residual_s) == (0.0, 0.0)
    assert first.utc_us is not None
    assert second.utc_us == first.utc_us + 500_000


def test_a_restart_begins_with_the_first_message_of_any_kind_that_is_low_again() -> None:
    """Of three kinds of messages, one is low before ATT falls back and one after."""
    log = Writer()
    for name in ("ATT", "BARO", "CTUN"):
        log.define(name, "QB", "TimeUS,Roll")
    for name, at_ms in (
        ("ATT", 5000), ("BARO", 5001), ("CTUN", 5002), ("ATT", 5100), ("BARO", 100),
        ("ATT", 200), ("CTUN", 201), ("ATT", 300), ("ATT", 400),
    ):  # fmt: skip
        log.write(name, at_ms * 1000, 0)
    # Four definitions stand before the messages.
    assert power_ons(log) == [0, log.offsets[4 + 4]]


def test_utc_is_the_time_since_power_on_and_its_utc() -> None:
    log = flight(fixes=0)
    for at_ms in (10_000, 10_200, 10_400):
        fix(log, at_ms)
    clock = clock_of(log)
    noon_us = gps_weeks_to_utc_us(np.array([float(WEEK)]), np.array([float(NOON_MS)]))[0]
    assert clock.clock.offset_s == noon_us / 1e6
    assert clock.clock.power_on == pd.Timestamp(int(noon_us), unit="us", tz="UTC")
    expected = [(int(noon_us) + at_ms * 1000) * 1000 for at_ms in (10_000, 10_200, 10_400)]
    assert clock.utc_ns_of_messages(clock.messages["GPS"]).tolist() == expected


def test_without_a_fix_times_count_from_power_on() -> None:
    clock = clock_of(boots(1_000_000, 1_500_000, 2_000_001))
    assert clock.is_time_since_power_on_only
    assert clock.clock.offset_s is None
    found = clock.utc_ns_of_messages(clock.messages["ATT"])
    assert found.tolist() == [1_000_000_000, 1_500_000_000, 2_000_001_000]


@pytest.mark.parametrize(("boot_us", "is_known"), [(0, True), (10**13 - 1, True), (10**13, False)])
def test_a_flight_lasts_no_hundred_days(boot_us: int, is_known: bool) -> None:
    """Ten million seconds are 115 days; a greater time since power-on is damage."""
    clock = clock_of(boots(1_000_000, boot_us))
    assert (clock.utc_ns_of_messages(clock.messages["ATT"])[1] == NAT) != is_known


def test_a_message_without_a_time_has_that_of_the_last_before_it() -> None:
    log = Writer()
    log.define("ATT", "QB", "TimeUS,Roll")
    log.define("BARO", "QB", "TimeUS,Alt")
    log.define("PARM", "NB", "Name,Value")
    for name in ("PARM", "ATT", "PARM", "BARO", "PARM", "PARM", "ATT", "PARM"):
        log.write(name, *(("X", 0) if name == "PARM" else (1000 * len(log.offsets), 0)))
    clock = clock_of(log)
    # Four definitions are messages 0 to 3; the first parameter takes the first time there is.
    found = clock.boot_us_of_messages(clock.messages["PARM"]) / 1000
    assert found.tolist() == [5, 5, 7, 7, 10]


def test_a_log_without_any_time_is_in_file_order() -> None:
    log = Writer()
    log.define("PARM", "NB", "Name,Value")
    for _ in range(3):
        log.write("PARM", "X", 0)
    clock = clock_of(log)
    messages = clock.messages["PARM"]
    assert np.isnan(clock.boot_us_of_messages(messages)).all()
    assert clock.write_order_numbers(messages).tolist() == messages.offsets.tolist()


def test_the_write_order_is_by_power_on_first_and_then_by_time() -> None:
    clock = clock_of(boots(*(1000 * ms for ms in (5000, 6000, 5500, 1000, 1100, 1200))))
    order = clock.write_order_numbers(clock.messages["ATT"])
    assert np.argsort(order).tolist() == [0, 2, 1, 3, 4, 5]
    assert (order[3:] - order[0]).min() > 1e12


def test_power_ons_are_noted_where_there_are_several_or_one_is_not_dated() -> None:
    one = clock_of(two_power_ons(0)).clock
    assert one.notes == ()
    log = two_power_ons(500)
    first, second = log.offsets[0], clock_of(log).power_on_periods[1].offset
    two = clock_of(log).clock
    assert two.notes == (
        f"power-on 1 begins at byte {first}",
        f"power-on 2 begins at byte {second}",
    )
    assert two.power_on is None
    none = clock_of(boots(1_000_000, 2_000_000)).clock
    assert none.notes == (
        "no GPS fix with time: UTC is not known", "power-on 1 begins at byte 0; it has no GPS time",
    )  # fmt: skip


def test_a_restart_shows_in_the_longest_of_unusual_messages() -> None:
    log = Writer()
    for name in ("AAA", "XYZ"):
        log.define(name, "QB", "TimeUS,Value")
    log.write("AAA", 1_000_000, 0)
    for at_ms in (5000, 5100, 1000, 1100, 1200):
        log.write("XYZ", at_ms * 1000, 0)
    assert power_ons(log) == [0, log.offsets[3 + 1 + 2]]


@pytest.mark.parametrize(
    ("name", "labels", "boot_us"),
    [
        ("ATT", "TimeUS,A,B", 3.0),
        ("ATT", "TimeMS,A,B", 3_000.0),
        ("GPS", "T,TimeMS,Week", 3_000.0),
        ("GPS2", "T,TimeMS,Week", 3_000.0),
        ("CAM", "T,TimeMS,GPSWeek", 5_000.0),
        ("GPS", "Time,A,B", 3_000.0),
        ("ATT", "Time,A,B", None),
        ("TIME", "StartTime,A,B", 3.0),
        ("ATT", "StartTime,A,B", None),
        ("CAM", "A,TimeMS,Week", None),
    ],
)
def test_the_time_since_power_on_is_in_the_field_of_the_firmware(
    name: str, labels: str, boot_us: float | None
) -> None:
    """A message with the values 3, 5 and 7."""
    log = Writer()
    log.define(name, "QII", labels)
    log.write(name, 3, 5, 7)
    clock = clock_of(log)
    found = boot_us_of_messages(clock.messages[name])
    assert (None if found is None else found.tolist()) == (None if boot_us is None else [boot_us])


@pytest.mark.parametrize(
    ("utc_us", "is_known"),
    [
        (1_136_073_600_000_000, False), (1_136_073_600_000_001, True),
        (4_102_444_799_999_999, True), (4_102_444_800_000_000, False),
    ],
)  # fmt: skip
def test_a_receiver_may_state_utc_in_microseconds(utc_us: int, is_known: bool) -> None:
    log = Writer()
    for name in ("GPS", "GPS2"):
        log.define(name, "QQ", "TimeUS,GPSTime")
        log.write(name, 0, utc_us)
    messages = clock_of(log).messages
    assert np.isfinite(utc_us_of_gps_messages(messages["GPS"])).tolist() == [is_known]
    assert np.isnan(utc_us_of_gps_messages(messages["GPS2"])).all()
