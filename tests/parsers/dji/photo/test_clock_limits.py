"""The numbers of the clock of photos: zones, errors of the camera's clock, leap seconds, years."""

import pandas as pd
import pytest

from parsers.dji._xmp import Xmp
from parsers.dji.photo import _time_of_photo
from parsers.dji.photo._exif import Exif
from parsers.dji.photo._photo_file import Photo


def photo(tags: dict[str, str | tuple[float, ...]], properties: dict[str, str]) -> Photo:
    return Photo("DJI_0001.JPG", "jpeg", Exif(dict(tags)), 12, Xmp(100, properties))


def exposed(utc: str, local: str) -> _time_of_photo.PhotoUtcAndWallClock:
    tags: dict[str, str | tuple[float, ...]] = {"DateTimeOriginal": local}
    return _time_of_photo.time_of_photo(photo(tags, {"UTCAtExposure": utc}))


@pytest.mark.parametrize(
    ("local", "zone_s", "ending"),
    [
        ("2025:03:01 02:27:54", 900, "UTC+00:15"),
        ("2025:03:01 05:57:54", 13_500, "UTC+03:45"),
        ("2025:03:01 02:12:56", 0, "UTC+00:00"),
        ("2025:03:01 02:12:52", 0, "UTC+00:00"),
        ("2025:03:01 02:12:57", 0, "UTC+00:00 and 3.0 s fast"),
        ("2025:03:01 02:12:51", 0, "UTC+00:00 and 3.0 s slow"),
        ("2025:02:28 22:42:54", -12_600, "UTC-03:30"),
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
    time = _time_of_photo.time_of_photo(photo(tags, {}))
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
    assert (_time_of_photo._parse_datetime(text) is not None) == is_stamp


@pytest.mark.parametrize(
    ("zone", "zone_s"),
    [("Z", 0.0), ("+02:30", 9_000.0), ("+0230", 9_000.0), ("-03:45", -13_500.0), ("", None)],
)
def test_a_zone_beside_a_stamp_is_in_hours_and_minutes(zone: str, zone_s: float | None) -> None:
    stamp = _time_of_photo._parse_datetime(f"2025-03-01T12:00:00{zone}")
    assert stamp is not None
    assert stamp.zone_s == zone_s
    assert stamp.utc == pd.Timestamp("2025-03-01T12:00:00") - pd.Timedelta(seconds=zone_s or 0)


@pytest.mark.parametrize(
    ("fraction", "ns"),
    [("", 0), (".5", 500_000_000), (".05", 50_000_000), (".123456789", 123_456_789)],
)
def test_a_fraction_of_a_second_is_read_to_the_nanosecond(fraction: str, ns: int) -> None:
    stamp = _time_of_photo._parse_datetime(f"2025-03-01T12:00:00{fraction}")
    assert stamp is not None
    assert stamp.wall_clock.value == pd.Timestamp("2025-03-01T12:00:00").value + ns


@pytest.mark.parametrize(
    ("second", "part", "expected"),
    [
        ("54", "25", "54.25"), ("54", "025", "54.025"), ("54", "1234567", "54.123456"),
        ("54", "x", "54"), ("54.5", "25", "54.5"),
    ],
)  # fmt: skip
def test_a_part_of_a_second_beside_the_stamp_counts_where_the_stamp_has_none(
    second: str, part: str, expected: str
) -> None:
    tags: dict[str, str | tuple[float, ...]] = {
        "DateTimeOriginal": f"2025:03:01 02:12:{second}", "SubSecTimeOriginal": part,
    }  # fmt: skip
    assert _time_of_photo.time_of_photo(photo(tags, {})).wall_clock == pd.Timestamp(
        f"2025-03-01T02:12:{expected}"
    )


@pytest.mark.parametrize(
    ("clock", "is_used"),
    [((0.0, 0.0, 0.0), True), ((23.0, 59.0, 59.0), True), ((-1.0, 0.0, 0.0), False)],
)
def test_gps_time_has_no_part_below_nought(clock: tuple[float, ...], is_used: bool) -> None:
    tags: dict[str, str | tuple[float, ...]] = {
        "GPSDateStamp": "2025:03:01", "GPSTimeStamp": clock,
    }  # fmt: skip
    assert (_time_of_photo.time_of_photo(photo(tags, {})).utc is not None) == is_used


@pytest.mark.parametrize(("zone", "is_used"), [("", False), ("+02:00", True)])
@pytest.mark.parametrize("name", ["xmp:CreateDate", "xmp:ModifyDate"])
def test_a_date_of_the_file_is_utc_only_with_its_zone(name: str, zone: str, is_used: bool) -> None:
    xmp = Xmp(100, {}, {name: f"2025-03-01T12:00:00{zone}"})
    taken = Photo("DJI_0001.JPG", "jpeg", Exif({}), 12, xmp)
    expected = pd.Timestamp("2025-03-01T10:00:00Z") if is_used else None
    assert _time_of_photo.time_of_photo(taken).utc == expected
