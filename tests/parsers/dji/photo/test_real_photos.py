"""Real photos against what ExifTool 12.57 says of them (``exiftool.json`` tells how it was made).

The pictures that the maker gives away with its thermal kit have lost their XMP and position.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import parsers
from parsers import Log
from sample_logs import dji_photo

GOLDEN = json.loads((Path(__file__).parent / "exiftool.json").read_text("utf-8"))["photos"]
#: Camera -> the number of its sensor in ``[sensor_id:…]``, as the bytes of the file hold it.
SENSOR_IDS = {
    "H20N": "4WYAK1C02AA02J", "H30T": "7JBSL97100000H", "M30T": "4X9SJBK02AA04M",
    "M3TD": "5L4HM3201AA083", "M2EA": "1TCLHAA03BJ0GH", "M4T": "8AVSM9112AA0QZ",
}  # fmt: skip
RANGED = [name for name in GOLDEN if name.startswith("h20t_leipzig")]
#: XMP tag of ExifTool -> column of the track.
COLUMNS = {
    "XMP:RelativeAltitude": "height_ato_m",
    "XMP:GimbalPitchDegree": "gimbal_pitch_deg",
    "XMP:GimbalRollDegree": "gimbal_roll_deg",
    "XMP:FlightPitchDegree": "pitch_deg",
    "XMP:FlightRollDegree": "roll_deg",
}
TURNS = {"XMP:GimbalYawDegree": "gimbal_yaw_deg", "XMP:FlightYawDegree": "heading_deg"}


@pytest.fixture(params=sorted(GOLDEN))
def pair(request: pytest.FixtureRequest, samples: Path) -> tuple[Log, dict[str, Any]]:
    return parsers.read(samples / "dji_media" / request.param), GOLDEN[request.param]


def test_every_photo_of_the_folder_is_held_against_exiftool(samples: Path) -> None:
    folder = samples / "dji_media"
    assert {path.name for path in folder.iterdir() if path.suffix.lower() == ".jpg"} == set(GOLDEN)


def test_every_radiometric_photo_is_thermal_and_one_capture(
    pair: tuple[Log, dict[str, Any]],
) -> None:
    log, _ = pair
    row = log.captures.iloc[0]
    assert len(log.captures) == 1
    assert (row.sensor, row.kind, row.file) == ("thermal", "photo", log.source.name)


def test_position_height_and_angles_are_those_of_exiftool(pair: tuple[Log, dict[str, Any]]) -> None:
    log, golden = pair
    if "EXIF:GPSLatitude" not in golden:
        assert log.track.empty
        return
    (row,) = log.track.to_dict("records")
    for side in ("Latitude", "Longitude"):
        exact = float(golden.get(f"XMP:GPS{side}", golden[f"EXIF:GPS{side}"]))
        assert row[f"{side.lower()}_deg"] == pytest.approx(exact, abs=1e-12)
    for tag, column in COLUMNS.items():
        assert row[column] == float(golden[tag])
    for tag, column in TURNS.items():
        assert row[column] == float(golden[tag]) % 360


def test_camera_lens_and_wall_clock_are_those_of_exiftool(
    pair: tuple[Log, dict[str, Any]],
) -> None:
    log, golden = pair
    photo = log.records("Photo").iloc[0]
    assert log.aircraft.camera_model == golden["EXIF:Model"]
    assert log.aircraft.firmware == {"camera": golden["EXIF:Software"]}
    serial = str(golden["EXIF:SerialNumber"])
    # Where EXIF says 0, the maker's text names the sensor; where both say it, they agree.
    named = SENSOR_IDS.get(log.source.name.split("_")[1])
    assert log.aircraft.camera_serial == (named if serial == "0" else serial)
    stamp = pd.to_datetime(golden["EXIF:DateTimeOriginal"], format="%Y:%m:%d %H:%M:%S")
    assert photo.wall_clock.floor("s") == stamp
    assert (photo.width_px, photo.height_px) == (
        golden["File:ImageWidth"],
        golden["File:ImageHeight"],
    )
    if "EXIF:FocalLength" in golden:
        assert photo.focal_length_mm == golden["EXIF:FocalLength"]
    if "EXIF:FocalLengthIn35mmFormat" in golden:
        assert photo.focal_length_35mm_mm == golden["EXIF:FocalLengthIn35mmFormat"]


def test_a_wall_clock_becomes_utc_only_where_its_zone_stands_with_it(
    pair: tuple[Log, dict[str, Any]],
) -> None:
    log, golden = pair
    created = golden.get("XMP:CreateDate", "")
    if "+" in created:
        utc = pd.to_datetime(created, format="%Y:%m:%d %H:%M:%S%z").tz_convert("UTC")
        assert log.captures.start[0] == utc == log.track.time[0]
        assert log.clock.source == "xmp:CreateDate with its zone, the camera's own clock"
    else:
        assert log.captures.start.isna().all()
        assert log.track.time.isna().all()
        assert log.clock.source == "local wall clock, zone not known"
        wall = log.records("Photo").wall_clock[0]
        assert f"{wall:%Y-%m-%d %H:%M:%S}" in log.clock.notes[0]


def test_an_altitude_stands_only_where_its_datum_is_told(samples: Path) -> None:
    folder = samples / "dji_media"
    fused = parsers.read(folder / "thermalparser_DJI_H20T.jpg").track
    assert fused.altitude_amsl_m[0] == 221.404
    untold = parsers.read(folder / "thermalparser_DJI_XTS.jpg")
    assert untold.track.altitude_amsl_m.isna().all()
    assert untold.records("Photo").altitude_absolute_m[0] == -29.44


def test_a_packet_that_declares_its_namespace_twice_is_read(samples: Path) -> None:
    path = samples / "dji_media" / "thermalparser_DJI_XTS.jpg"
    assert path.read_bytes().count(b'xmlns:DJI="http://www.dji.com"') == 2
    xmp = parsers.read(path).records("XMP").iloc[0]
    assert (xmp.GimbalYawDegree, xmp.BandName, xmp.CentralWavelength) == ("+91.30", "LWIR", "10000")


@pytest.mark.parametrize("name", RANGED)
def test_the_view_meets_the_laser_target_in_height_within_a_decimetre(
    samples: Path, name: str
) -> None:
    """And in place within a hundredth of the range: the gimbal is told to a tenth of a degree."""
    log = parsers.read(samples / "dji_media" / name)
    row, laser = log.track.iloc[0], log.records("Laser").iloc[0]
    assert laser.status == "Normal"
    assert laser.distance_m == GOLDEN[name]["XMP:LRFTargetDistance"]
    pitch = np.radians(row.gimbal_pitch_deg)
    drop = laser.distance_m * np.sin(-pitch)
    assert row.altitude_amsl_m - laser.altitude_absolute_m == pytest.approx(drop, abs=0.1)
    away = laser.distance_m * np.cos(pitch)
    longitude, latitude, _ = Geod(ellps="WGS84").fwd(
        row.longitude_deg, row.latitude_deg, row.gimbal_yaw_deg, away
    )
    off = Geod(ellps="WGS84").inv(longitude, latitude, laser.longitude_deg, laser.latitude_deg)[2]
    assert off < 0.01 * laser.distance_m


def quoted_wide(samples: Path) -> bytes:
    return (samples / "dji_media" / "xmp_excerpts" / "M30T_oblique_wide.xmp").read_bytes()


def check_wide(log: Log) -> None:
    (row,) = log.track.to_dict("records")
    assert log.captures.sensor[0] == "visible"
    assert (row["latitude_deg"], row["longitude_deg"]) == (49.726349021, 13.350951205)
    assert row["height_ato_m"] == 36.28
    assert np.isnan(row["altitude_amsl_m"]), "with RTK the datum is not the sea"
    assert (row["gimbal_yaw_deg"], row["gimbal_pitch_deg"]) == (84.1, -24.5)
    assert log.aircraft.model == "M30T"
    laser = log.records("Laser").iloc[0]
    azimuth, _, away = Geod(ellps="WGS84").inv(
        row["longitude_deg"], row["latitude_deg"], laser.longitude_deg, laser.latitude_deg
    )
    assert azimuth == pytest.approx(row["gimbal_yaw_deg"], abs=0.2), "yaw is from true north"
    assert away == pytest.approx(laser.distance_m * np.cos(np.radians(24.5)), abs=0.2)


def test_the_quoted_wide_photo_is_visible_as_a_side_car(samples: Path) -> None:
    log = parsers.read(samples / "dji_media" / "xmp_excerpts" / "M30T_oblique_wide.xmp")
    check_wide(log)
    assert log.captures.file.isna().all()


def test_the_quoted_wide_photo_is_visible_inside_a_jpeg(samples: Path, tmp_path: Path) -> None:
    packet = b"http://ns.adobe.com/xap/1.0/\0" + quoted_wide(samples)
    path = tmp_path / "DJI_0001_W.JPG"
    path.write_bytes(dji_photo.photo([dji_photo.segment(0xE1, packet)]))
    check_wide(parsers.read(path))
