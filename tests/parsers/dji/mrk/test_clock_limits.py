"""The numbers of the clock of shutter marks: leap seconds, weeks, seconds of a week."""

import numpy as np
import pytest

from parsers.dji import mrk

MICROSECOND = np.timedelta64(1, "us")
#: The day from which GPS is so many seconds ahead of UTC (IERS Bulletin C).
LEAP_SECONDS = [
    ("2006-01-01", 14), ("2009-01-01", 15), ("2012-07-01", 16), ("2015-07-01", 17),
    ("2017-01-01", 18),
]  # fmt: skip


def utc(gps: np.datetime64) -> np.datetime64:
    since_us = int((gps - np.datetime64("1980-01-06T00:00:00", "us")) / MICROSECOND)
    week, of_week_us = divmod(since_us, 7 * 86_400 * 10**6)
    return mrk._utc_from_gps(week, of_week_us / 1e6)


@pytest.mark.parametrize(("day", "ahead"), LEAP_SECONDS)
def test_a_leap_second_counts_from_its_instant_of_gps_time_on(day: str, ahead: int) -> None:
    midnight = np.datetime64(day, "us")
    first = midnight + np.timedelta64(ahead, "s")
    assert utc(first) == midnight
    if ahead > 14:  # a microsecond before, GPS is one second less ahead
        assert utc(first - MICROSECOND) == midnight + np.timedelta64(999_999, "us")


def mark(week: int, tow_s: str) -> bool:
    line = f"1\t{tow_s}\t[{week}]\t50.5,Lat\t-3.5,Lon\n".encode()
    return mrk._parse_mark(line, 0) is not None


@pytest.mark.parametrize(
    ("week", "is_mark"), [(1981, False), (1982, True), (6261, True), (6262, False)]
)
def test_a_week_before_such_cameras_or_after_2100_is_damage(week: int, is_mark: bool) -> None:
    assert mark(week, "1.0") == is_mark


@pytest.mark.parametrize(
    ("tow_s", "is_mark"), [("604799.999999", True), ("604800", False), ("604800.5", False)]
)
def test_a_week_ends_with_its_last_second(tow_s: str, is_mark: bool) -> None:
    assert mark(2000, tow_s) == is_mark
