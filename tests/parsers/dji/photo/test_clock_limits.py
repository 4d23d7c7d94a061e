"""The numbers of the clock of photos: zones, errors of the camera's clock, leap seconds, years."""

import pandas as pd
import pytest

from parsers.dji.photo import _clock
from parsers.dji.photo._exif import Exif
from parsers.dji.photo._photo_file import Photo
from parsers.dji.photo._xmp import Xmp


def photo(tags: dict[str, str | tuple[float, ...]], properties: dict[str, str]) -> Photo:
    return Photo("DJI_0001.JPG", "jpeg", Exif(dict(tags)), 12, Xmp(100, properties))


def exposed(utc: str, local: str) -> _clock.PhotoTime:
    tags: dict[str, str | tuple[float, ...]] = {"DateTimeOriginal": local}
    return _clock.photo_time(photo(tags, {"UTCAtExposure": utc}))


@pytest.mark.parametrize(
    ("local", "zone_s", "ending"),
    [
        ("2025:03:01 02:27:54", 900, "UTC+00:15"),
        ("2025:03:01 05:57:54", 13_500, "UTC+03:45"),
        ("2025:03:01 02:12:56", 0, "UTC+00:00"),
        ("2025:03:01 02:12:52", 0, "UTC+00:00"),
        ("2025:03:01 02:12:57", 0, "UTC+00:00 and 3.0 s fast"),
        ("2025:03:01 02:12:51", 0, "UTC+00:00 and 3.0 s slow"),
    ],
)
def test_a_zone_is_of_quarters_and_an_error_more_than_two_seconds(
    local: str, zone_s: int, ending: str
) -> None:
    time = exposed("2025-03-01T02:12:54", local)
    assert time.zone_s == zone_s
    assert time.clock.notes[0].endswith(ending)


def test_an_error_just_above_two_seconds_is_stated() -> None:
    time = exposed("2025-03-01T02:12:54.1", "2025:03:01 02:12:52")
    assert time.clock.notes[0].endswith("and 2.1 s slow")


@pytest.mark.parametrize(
    ("second", "expected"), [(59.0, "10:00:59"), (60.0, "10:00:59"), (61.0, None)]
)
def test_a_leap_second_of_the_gps_is_the_second_before(second: float, expected: str | None) -> None:
    tags: dict[str, str | tuple[float, ...]] = {
        "GPSDateStamp": "2025:03:01",
        "GPSTimeStamp": (10.0, 0.0, second),
    }
    time = _clock.photo_time(photo(tags, {}))
    assert time.utc == (None if expected is None else pd.Timestamp(f"2025-03-01T{expected}Z"))
    assert time.clock.uncertainty_s == (None if expected is None else 1.0)


@pytest.mark.parametrize(
    ("text", "is_stamp"),
    [
        ("2005:01:01 00:00:00", False),
        ("2005:01:01 00:00:01", True),
        ("2099:12:31 23:59:59", True),
        ("2100:01:01 00:00:00", False),
    ],
)
def test_photos_are_of_2005_to_2100(text: str, is_stamp: bool) -> None:
    assert (_clock._parse_datetime(text) is not None) == is_stamp
