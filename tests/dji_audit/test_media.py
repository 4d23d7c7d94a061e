"""Media files are captures, not flights; files of one name are one capture."""

import json
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.flights import shared_name_of_capture_files
from dji_audit.report.json_values import as_json_value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DCIM/DJI_0001_T.JPG", "DCIM/DJI_0001_W.JPG"),
        ("DJI_0001.MP4", "DJI_0001.SRT"),
        ("a/DJI_20220602143541_0196_Z.MP4", "a/DJI_20220602143541_0196_Z.LRF"),
        ("a/DJI_20220602143541_0196_T.MP4", "a/DJI_20220602143541_0196_W.SRT"),
    ],
)
def test_files_of_one_name_are_one_capture(one: str, other: str) -> None:
    assert shared_name_of_capture_files(one) == shared_name_of_capture_files(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/DJI_0001.JPG", "b/DJI_0001.JPG"),
        ("DJI_0001.JPG", "DJI_0002.JPG"),
        ("DJI_0001_T.JPG", "DJI_0011_T.JPG"),
    ],
)
def test_other_names_and_other_folders_are_other_captures(one: str, other: str) -> None:
    assert shared_name_of_capture_files(one) != shared_name_of_capture_files(other)


def test_photos_are_captures_of_two_sensors_and_no_flights(
    sample_logs: Path, tmp_path: Path
) -> None:
    photos = sorted(sample_logs.glob("DJI_*_[TW].JPG"))
    assert len(photos) == 2
    folder = tmp_path / "card"
    folder.mkdir()
    for photo in photos:
        (folder / photo.name).write_bytes(photo.read_bytes())
    whole = audit_paths([folder], RunOptions(load_policy(), out=tmp_path / "out"))
    assert whole.contents.flights == ()
    (capture,) = whole.contents.captures
    assert {stream.sensor for stream in capture.streams} == {"thermal", "visible"}
    assert whole.verdict.exit_code == 0
    assert "1 capture in media files" in whole.verdict.line
    index = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "1 capture in media files" in index
    report = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert report["captures"] == as_json_value(whole.contents.captures)
