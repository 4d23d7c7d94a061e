"""Photos made for one point each."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from parsers import Content, Log
from sample_logs import jpeg
from sample_logs.dji_photo import Tags, Value, exif, photo, segment, tiff, xmp
from tests.parsers.read_as_file import read_as_file

DJI: dict[int, Value] = {0x010F: "DJI", 0x0110: "M4E"}
PLACE = {"GpsLatitude": "+50.5", "GpsLongitude": "-3.5"}


def read(data: bytes, name: str = "DJI_0001.JPG") -> Log:
    return read_as_file(data, name)


def made(properties: Mapping[str, str], *more: bytes, stamp: str | None = None) -> bytes:
    tags: Tags = {"IFD0": DJI, "Exif": {0x9003: stamp} if stamp else {}}
    return photo([exif(tags), xmp(properties), *more])


@pytest.mark.parametrize("side", ["W", "T"])
def test_the_sample_photos_say_what_truth_says(
    sample_logs: Path, truths: dict[str, Any], side: str
) -> None:
    name = f"DJI_20260514100915_0002_{side}.JPG"
    told = truths[name]
    log = parsers.read(sample_logs / name)
    (row,), (capture,) = log.track.to_dict("records"), log.captures.to_dict("records")
    (fix,), (true,) = told["fixes"], told["captures"]
    assert (row["latitude_deg"], row["longitude_deg"]) == (
        fix["latitude_deg"],
        fix["longitude_deg"],
    )
    assert (row["height_ato_m"], row["source_offset"]) == (fix["height_m"], fix["offset"])
    assert (capture["sensor"], capture["source_offset"]) == (true["sensor"], true["offset"])
    local = pd.Timestamp(told["clock"]["first_local"])
    assert log.records("Photo").wall_clock[0] == local
    if side == "W":
        assert capture["start"] == pd.Timestamp(true["start"])
        assert log.records("Photo").zone_s[0] == 3600
    else:
        assert pd.isna(capture["start"])
    assert not log.issues


def test_a_picture_without_a_mark_of_dji_is_called_a_picture() -> None:
    other = exif({"IFD0": {0x010F: "Canon", 0x0110: "EOS R5"}})
    for data in (jpeg.tiny(8, 8), photo([other])):
        with pytest.raises(parsers.UnknownFormatError, match="a JPEG picture"):
            read(data, "DJI_0001_T.JPG")


def test_the_camera_clock_is_held_against_utc_at_exposure() -> None:
    data = made({"UTCAtExposure": "2025-03-01T02:12:54.02"}, stamp="2025:03:01 10:12:34")
    log = read(data)
    assert log.clock.source == "UTCAtExposure"
    assert log.captures.start[0] == pd.Timestamp("2025-03-01T02:12:54.020Z")
    assert "UTC+08:00 and 20.0 s slow" in log.clock.notes[0]
    assert log.records("Photo").zone_s[0] == 8 * 3600


def test_two_dates_of_the_camera_that_no_zone_explains_are_said() -> None:
    stated = (
        '    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreateDate="2025:10:01 13:27:03+08:00"\n'
    )
    tags: Tags = {"IFD0": DJI, "Exif": {0x9003: "2026:04:16 11:22:33"}}
    log = read(photo([exif(tags), xmp(PLACE, others=stated)]))
    assert str(log.captures.start[0]) == "2025-10-01 05:27:03+00:00"
    assert pd.isna(log.records("Photo").zone_s[0])
    assert log.local_times is None
    (issue,) = log.issues
    assert issue.reason.endswith("the camera's clock is 197 days slow")
    assert (issue.reason,) == log.clock.notes


@pytest.mark.parametrize(
    ("wall", "error"),
    [
        ("2026:05:14 22:59:00", ""),
        ("2026:05:15 00:20:00", "15.3 h fast"),
        ("2026:05:13 20:00:00", "13.0 h slow"),
        ("2026:01:14 09:00:00", "120 days slow"),
    ],
)
def test_a_wall_clock_further_from_utc_than_any_zone_is_wrong_and_of_none(
    wall: str, error: str
) -> None:
    log = read(made(PLACE | {"UTCAtExposure": "2026-05-14T09:00:00.000000"}, stamp=wall))
    assert pd.isna(log.records("Photo").zone_s[0]) == bool(error)
    assert [issue.reason.partition(": it is ")[2] for issue in log.issues] == [error] * bool(error)


def test_a_wall_clock_without_a_zone_is_no_utc() -> None:
    log = read(made(PLACE, stamp="2025:03:01 10:12:34"))
    assert log.track.time.isna().all()
    assert log.captures[["start", "end"]].isna().all(axis=None)
    assert log.records("Photo").wall_clock[0] == pd.Timestamp("2025-03-01 10:12:34")


def test_the_zone_of_exif_gives_utc() -> None:
    tags: Tags = {"IFD0": DJI, "Exif": {0x9003: "2025:03:01 10:12:34", 0x9011: "-03:30"}}
    log = read(photo([exif(tags)]))
    assert log.captures.start[0] == pd.Timestamp("2025-03-01T13:42:34Z")


@pytest.mark.parametrize(
    "stamp", ["2025:13:01 10:12:34", "2025:02:30 10:00:00", "0000:00:00 00:00:00"]
)
def test_a_date_that_is_none_is_missing(stamp: str) -> None:
    assert read(made(PLACE, stamp=stamp)).clock.source is None


@pytest.mark.parametrize(
    ("given", "yaw", "roll"),
    [
        (("+10.0", "+180.0"), 190.0, 0.0),
        (("-100.0", "-179.5"), 80.0, 0.5),
        (("+10.0", "+90.0"), 10.0, 90.0),
    ],
)
def test_a_camera_upside_down_is_turned(given: tuple[str, str], yaw: float, roll: float) -> None:
    properties = {
        "GimbalYawDegree": given[0],
        "GimbalRollDegree": given[1],
        "GimbalPitchDegree": "-90",
    }
    row = read(made(properties)).track.iloc[0]
    assert (row.gimbal_yaw_deg, row.gimbal_roll_deg, row.gimbal_pitch_deg) == (yaw, roll, -90)


@pytest.mark.parametrize(
    ("properties", "altitude"),
    [
        ({"AltitudeType": "GpsFusionAlt"}, 100.5),
        ({"AltitudeType": "GpsFusionAlt", "RtkFlag": "0"}, 100.5),
        ({"AltitudeType": "RtkAlt", "RtkFlag": "50"}, None),
        ({"AltitudeType": "GpsFusionAlt", "GpsStatus": "RTK"}, None),
        ({"AltitudeType": "PressureAlt"}, None),
        ({}, None),
    ],
)
def test_an_altitude_of_another_datum_is_missing(
    properties: dict[str, str], altitude: float | None
) -> None:
    row = read(made({**PLACE, "AbsoluteAltitude": "+100.5", **properties})).track.iloc[0]
    assert row.altitude_amsl_m == altitude if altitude else pd.isna(row.altitude_amsl_m)


def test_the_caster_of_a_solution_in_use_is_a_contact_that_the_file_reports() -> None:
    network = {"NTRIPHost": "RTK.Example.org", "NTRIPPort": "2101", "NTRIPMountPoint": "AUTO"}
    exposed = {"UTCAtExposure": "2025-03-01T02:12:54"}
    row = read(made({**network, **exposed, "RtkFlag": "34"})).contacts.iloc[0]
    assert (row.host, row.port, row.protocol, row.path) == (
        "rtk.example.org",
        2101,
        "ntrip",
        "/AUTO",
    )
    assert (row.grade, row.time) == ("reported", pd.Timestamp("2025-03-01T02:12:54Z"))
    assert pd.isna(row.address)
    unused = read(made({**network, "RtkFlag": "16"})).contacts.iloc[0]
    assert unused.grade == "commanded", "a setting is not a contact"
    numeric = read(made({"NTRIPHost": "203.0.113.9", "RtkFlag": "50"})).contacts.iloc[0]
    assert numeric.address == "203.0.113.9"
    assert pd.isna(numeric.host)
    assert read(made({"NTRIPHost": "", "RtkFlag": "50"})).contacts.empty


def raw_frame(marker: int, size: int) -> list[bytes]:
    most = 65_533
    return [segment(marker, bytes(min(most, size - at))) for at in range(0, size, most)]


@pytest.mark.parametrize(
    ("properties", "more", "name", "sensor"),
    [
        ({"ImageSource": "ZoomCamera"}, [], "a.JPG", "visible"),
        ({"ImageSource": "Visible"}, [], "a.JPG", "visible"),
        ({"ImageSource": "InfraredCamera"}, [], "a.JPG", "thermal"),
        ({"BandName": "NIR"}, [], "a.JPG", "multispectral"),
        ({}, raw_frame(0xE3, 655_360), "a.JPG", "thermal"),
        ({}, raw_frame(0xE4, 655_360), "a.JPG", "thermal"),
        ({}, raw_frame(0xE3, 655_362), "a.JPG", "unknown"),
        ({}, [segment(0xE4, b"\xff\xd2\xd1\xffhirp" + bytes(40))], "a.JPG", "thermal"),
        ({}, [segment(0xE1, b"FLIR\0\1\0\0" + bytes(40))], "a.JPG", "thermal"),
        ({}, [], "DJI_0001_T.JPG", "thermal"),
        ({}, [], "DJI_0001_W.JPG", "visible"),
        ({}, [], "DJI_0001_MS_NIR.TIF", "multispectral"),
        ({}, [], "DJI_0001_S.JPG", "unknown"),
        ({}, [], "DJI_0001.JPG", "unknown"),
    ],
)  # fmt: skip
def test_the_sensor_is_told_by_each_sign_alone(
    properties: dict[str, str], more: list[bytes], name: str, sensor: str
) -> None:
    log = read(made(properties, *more), name)
    assert log.captures.sensor[0] == sensor
    assert not log.issues


def test_signs_that_disagree_are_told_and_the_strongest_counts() -> None:
    log = read(made({"ImageSource": "WideCamera"}, *raw_frame(0xE3, 655_360)), "DJI_0001_T.JPG")
    assert log.captures.sensor[0] == "visible"
    assert [issue.size for issue in log.issues] == [0, 0]
    assert "a raw frame of 640 x 512 in APP3" in log.issues[1].reason
    assert "the end of the file's name (T)" in log.issues[0].reason


def test_exposure_in_exif_speaks_for_a_visible_camera_and_a_palette_for_a_thermal_one() -> None:
    exposed: Tags = {"IFD0": DJI, "Exif": {0x829A: (1, 500), 0x8827: 100}}
    assert read(photo([exif(exposed)])).captures.sensor[0] == "visible"
    hot = {"IFD0": {**DJI, 0x010E: "IronRed"}}
    assert read(photo([exif(hot)])).captures.sensor[0] == "thermal"


def test_the_old_spelling_of_longitude_is_read() -> None:
    row = read(made({"GpsLatitude": "50.5", "GpsLongtitude": "-3.5"})).track.iloc[0]
    assert (row.latitude_deg, row.longitude_deg) == (50.5, -3.5)


@pytest.mark.parametrize(
    "place", [("0.000000", "0.000000"), ("91.0", "3.0"), ("nan", "3.0"), ("50.0", "")]
)
def test_a_position_that_is_none_is_missing(place: tuple[str, str]) -> None:
    log = read(made({"GpsLatitude": place[0], "GpsLongitude": place[1], "RelativeAltitude": "+3"}))
    assert log.track[["latitude_deg", "longitude_deg"]].isna().all(axis=None)
    assert log.track.height_ato_m[0] == 3


GPS: dict[int, Value] = {
    0x01: "S", 0x02: [(33, 1), (30, 1), (18, 1)],
    0x03: "W", 0x04: [(70, 1), (15, 1), (36, 1)],
}  # fmt: skip


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_gives_the_position_where_xmp_has_none(order: str) -> None:
    row = read(photo([exif({"IFD0": DJI, "GPS": GPS}, order)])).track.iloc[0]
    assert row.latitude_deg == pytest.approx(-33.505)
    assert row.longitude_deg == pytest.approx(-70.26)
    broken: dict[int, Value] = {**GPS, 0x02: [(33, 0), (30, 1), (18, 1)]}
    assert read(photo([exif({"IFD0": DJI, "GPS": broken}, order)])).track.empty


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_is_read_and_every_byte_is_accounted_for(order: str) -> None:
    data = tiff({"IFD0": DJI, "Exif": {0x9003: "2025:03:01 10:12:34"}, "GPS": GPS}, order)
    log = read(data + bytes(5000), "DJI_0001.DNG")
    assert log.source.format_version == "tiff"
    assert log.track.latitude_deg[0] == pytest.approx(-33.505)
    assert [span.kind for span in log.coverage] == ["header", "media"]
    assert sum(span.size for span in log.coverage) == len(data) + 5000


def test_a_pointer_out_of_the_file_is_told_and_the_rest_is_read() -> None:
    whole = bytearray(tiff({"IFD0": DJI, "GPS": GPS}))
    at = whole.index((0x8825).to_bytes(2, "little")) + 8
    whole[at : at + 4] = (1 << 30).to_bytes(4, "little")
    log = read(bytes(whole), "DJI_0001.TIF")
    assert [issue.reason for issue in log.issues] == ["EXIF: GPSIFD lies outside"]
    assert log.aircraft.camera_model == "M4E"


def test_a_photo_cut_short_says_so() -> None:
    data = made({"ImageSource": "WideCamera"})
    for cut in (len(data) - 2, len(data) - 100, len(data) - 160):
        log = read(data[:cut])
        assert any("cut short" in issue.reason for issue in log.issues)
        assert log.captures.sensor[0] == "visible"


def test_bytes_that_are_no_segment_are_a_gap() -> None:
    data = made(PLACE)
    hole = data.index(b"\xff\xdb")
    log = read(data[:hole] + bytes(50) + data[hole:])
    assert log.coverage[-1].kind == "gap"
    assert log.issues[-1].offset == hole
    assert log.track.latitude_deg[0] == 50.5


def test_a_packet_made_to_be_slow_is_read_quickly() -> None:
    slow = b"drone-dji:a " * 2000 + b"<drone-dji:b>" * 2000 + b" " * 9000 + b"drone-dji:c=" * 900
    packet = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + slow[:65_000])
    begun = time.perf_counter()
    read(photo([exif({"IFD0": DJI}), packet]))
    assert time.perf_counter() - begun < 2


def test_only_the_segments_are_looked_at_and_never_the_picture() -> None:
    """A megabyte of picture takes no longer to read than none."""
    data = made({"ImageSource": "WideCamera"})
    content = Content("a.JPG", data[:-2] + b"\x55" * 30_000_000 + b"\xff\xd9")
    assert content.sha256
    begun = time.perf_counter()
    parsers.identify(content).read(content, ())
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("focal", "zoom", "across", "up"),
    [
        (24.0, 1.0, 71.5916, 56.8119),  # 84.1 degrees from corner to corner
        (24.0, 2.0, 39.6541, 30.2636),
        (240.0, 2.0, 8.249, 6.1915),  # of a zoom lens, that may count it already
    ],
)
def test_the_field_of_view_follows_from_the_focal_length(
    focal: float, zoom: float, across: float, up: float
) -> None:
    tags: Tags = {"IFD0": DJI, "Exif": {0xA405: int(focal), 0xA404: (int(zoom), 1)}}
    (lens,) = read(photo([exif(tags), xmp(PLACE)])).fields_of_view
    assert (lens.horizontal_fov_deg, lens.vertical_fov_deg) == pytest.approx((across, up), abs=1e-3)
    assert lens.record == "EXIF.FocalLengthIn35mmFilm"


def test_a_laser_that_measured_nothing_gives_no_target() -> None:
    target = {
        "LRFStatus": "Normal",
        "LRFTargetDistance": "93.945",
        "LRFTargetLat": "51.3663940",
        "LRFTargetLon": "12.3089724",
        "LRFTargetAlt": "1.017",
    }
    (found,) = read(made(PLACE | target)).rangefinder_points
    assert (found.distance_m, found.height_ato_m) == (93.945, 1.017)
    assert read(made(PLACE | target | {"LRFStatus": "TooFar"})).rangefinder_points == ()
    assert read(made(PLACE)).rangefinder_points == ()
