"""What the page knows of videos, photos and files before a reviewer opens any."""

import hashlib
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import parsers
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.flights import Flight, assemble_flights
from dji_audit.mapper.flight_page._input_file_hashes import (
    input_file_count_text,
    input_files_as_json_data,
)
from dji_audit.mapper.flight_page._photo_thumbnails import (
    MAX_THUMBNAIL_BYTES,
    MAX_THUMBNAILS,
    CapturedPhoto,
    choose_shown_photos,
    photo_section_html,
    photos_of_flight,
)
from dji_audit.mapper.flight_page._recorded_videos import (
    recorded_videos,
    recorded_videos_as_json_data,
)
from dji_audit.mapper.html._times import time_zone_offsets_between
from parsers import PhotoPreview, Thumbnail
from tests.dji_audit.mapper.conftest import START, Make

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
STEM = "DJI_20260514100443_0001_D"
BEGINS_MS = 1778749483044
LONDON = time_zone_offsets_between("Europe/London", 0, 0)


def flight_of(folder: Path, *names: str) -> Flight:
    logs = [log for name in names for log in parsers.read_file(folder / name).logs]
    (flight, *_) = assemble_flights(*logs)
    return flight


@pytest.fixture(scope="module")
def record(sample_logs: Path) -> tuple[parsers.Log, ...]:
    return parsers.read_file(sample_logs / RECORD).logs


def test_a_video_that_was_audited_is_known_by_its_hash_and_timed_by_the_best_clock(
    sample_logs: Path,
) -> None:
    names = RECORD, "FLY042.DAT", f"{STEM}.MP4", f"{STEM}.SRT"
    (video,) = recorded_videos(flight_of(sample_logs, *names))
    data = (sample_logs / f"{STEM}.MP4").read_bytes()
    assert (video.name, video.size) == (f"{STEM}.MP4", len(data))
    assert video.sha256 == hashlib.sha256(data).hexdigest()
    assert abs(video.start_ms - BEGINS_MS) <= 10, "by the subtitles, not by the whole second"
    assert video.end_ms is not None
    assert video.end_ms - video.start_ms == 234_700
    assert video.start_error_ms == 100
    assert video.recorded_ms is not None
    assert abs(video.recorded_ms - 234_700) <= 200
    assert video.clock.startswith(f"{STEM}.SRT: ")
    assert video.sensor == "visible"


def test_a_file_beside_the_video_gives_its_name_and_a_log_alone_none(
    sample_logs: Path, record: tuple[parsers.Log, ...]
) -> None:
    (beside,) = recorded_videos(flight_of(sample_logs, RECORD, f"{STEM}.SRT"))
    assert (beside.name, beside.size, beside.sha256) == (f"{STEM}.SRT", None, None)
    (flight,) = assemble_flights(*record)
    (logged,) = recorded_videos(flight)
    assert (logged.name, logged.size, logged.sha256) == (None, None, None)
    assert abs(logged.start_ms - BEGINS_MS) <= 100
    error_s = flight.sources[0].alignment.uncertainty_s
    assert error_s is not None
    assert logged.start_error_ms == round(1000 * error_s) + 1000


def test_a_flight_without_video_has_none(made: Make) -> None:
    log = made(fixes=50).flight.log
    (flight, *_) = assemble_flights(replace(log, captures=log.captures[:0]))
    assert recorded_videos_as_json_data(flight) == []


def test_two_recordings_of_one_file_are_two_videos_each_with_its_own_start(made: Make) -> None:
    videos = recorded_videos(made().flight)
    assert [video.sensor for video in videos] == ["visible", "unknown", "thermal", "thermal"]
    assert [video.start_ms - START.value // 10**6 for video in videos] == [
        6000, 15000, 27600, 45000,
    ]  # fmt: skip
    assert videos[0].name == "DJI_0001.MP4"


def picture(size: int, at: int = 100) -> PhotoPreview:
    return PhotoPreview(Thumbnail(b"\xff\xd8" + bytes(size - 4) + b"\xff\xd9", 160, 120, at, size))


def photo(number: int, found: PhotoPreview, sensor: str = "visible") -> CapturedPhoto:
    return CapturedPhoto(1000 * number, sensor, f"DJI_{number:04}.JPG", found)


def test_of_very_many_photos_so_many_are_shown_evenly_with_the_first_and_the_last() -> None:
    photos = [photo(number, picture(50)) for number in range(1000)]
    chosen = choose_shown_photos(photos)
    assert len(chosen.shown) == MAX_THUMBNAILS
    assert chosen.left_out == 1000 - MAX_THUMBNAILS
    times = [each.ms or 0 for each, _ in chosen.shown]
    assert (times[0], times[-1]) == (0, 999_000)
    steps = {later - earlier for earlier, later in pairwise(times)}
    assert steps == {8000, 9000}
    html = photo_section_html(chosen, LONDON)
    assert "120 of 1,000 thumbnails are here" in html
    assert "a page holds at most 120 thumbnails and 0.7 MB of them" in html


def test_large_thumbnails_are_fewer() -> None:
    photos = [photo(number, picture(48_000)) for number in range(100)]
    chosen = choose_shown_photos(photos)
    total = sum(len(thumbnail.jpeg) for _, thumbnail in chosen.shown)
    assert 0.8 * MAX_THUMBNAIL_BYTES < total <= MAX_THUMBNAIL_BYTES
    assert len(chosen.shown) + chosen.left_out == 100


def test_photos_without_a_thumbnail_are_named_with_the_reason() -> None:
    reasons = ["it is not a JPEG"] * 5 + [f"reason {number}" for number in range(7)]
    photos = [photo(n, PhotoPreview(None, reason)) for n, reason in enumerate(reasons)]
    html = photo_section_html(choose_shown_photos(photos), LONDON)
    assert "<figure" not in html
    assert "No thumbnail of DJI_0000.JPG, DJI_0001.JPG, DJI_0002.JPG and 2 more: it is no" in html
    assert "3 more photos have no thumbnail for other reasons" in html


def test_a_flight_without_photos_says_nothing_of_them() -> None:
    assert photo_section_html(choose_shown_photos([]), LONDON) == ""


def test_what_a_photo_states_is_shown_as_text(canary: str) -> None:
    found = replace(picture(50), palette=canary, temperature_range_c=(-25.0, 135.0))
    hostile = CapturedPhoto(None, canary, f"{canary}.JPG", found)
    html = photo_section_html(choose_shown_photos([hostile]), LONDON)
    assert re.findall(r"<(\w+)", html) == [
        "h2", "div", "figure", "img", "figcaption", "span", "span", "span", "span", "p",
    ]  # fmt: skip
    assert re.findall(r'src="([^"]{23})', html) == ["data:image/jpeg;base64,"]
    assert "time not stated" in html
    assert "camera set to measure -25 to 135 &#176;C" in html
    assert "bytes 100 to 149 of the file" in html


def test_a_picture_inside_a_flight_record_has_a_position_and_no_time() -> None:
    placed = replace(picture(50), number=2, latitude_deg=-22.1617757, longitude_deg=166.8784624)
    html = photo_section_html(
        choose_shown_photos([CapturedPhoto(None, "unknown", "a", placed)]), LONDON
    )
    assert 'data-lat="-22.1617757" data-lon="166.8784624"' in html
    assert "data-at" not in html
    assert "time not stated" in html
    assert "at -22.161776, 166.878462" in html
    assert "1 of them stand in flight records" in html
    lost = replace(picture(50), number=1)
    html = photo_section_html(
        choose_shown_photos([CapturedPhoto(None, "unknown", "a", lost)]), LONDON
    )
    assert "position not stated" in html
    assert "data-lat" not in html


def test_thermal_photos_say_that_no_temperature_is_stated() -> None:
    thermal = [photo(1, picture(50), "thermal")]
    words = "No thermal photo states in its metadata which temperatures were measured"
    assert words in photo_section_html(choose_shown_photos(thermal), LONDON)
    visible = [photo(1, picture(50))]
    assert words not in photo_section_html(choose_shown_photos(visible), LONDON)


def test_a_photo_stands_at_the_moment_of_its_capture(sample_logs: Path) -> None:
    names = [f"DJI_20260514100915_0002_{side}.JPG" for side in "TW"]
    flight = flight_of(sample_logs, RECORD, *names)
    *photos, inside_record = photos_of_flight(flight)
    assert inside_record.name == f"{RECORD}, picture 1"
    assert inside_record.ms is None
    assert [(each.name, each.sensor, each.picture.palette) for each in photos] == [
        (names[1], "visible", None), (names[0], "thermal", "WhiteHot"),
    ]  # fmt: skip
    captures = flight.captures[flight.captures["file"].isin(names)]
    starts = {int(start.value // 10**6) for start in captures["start"]}
    assert {each.ms for each in photos} == starts


def test_files_are_listed_once_by_hash_with_what_they_are(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=50)
    (row, *_) = input_files_as_json_data(audit, audit_basis)
    source = audit.flight.log.source
    assert (row["base"], row["size"], row["sha256"]) == (source.name, source.size, source.sha256)
    inner: Any = replace(
        source, name="card.zip!/DCIM/log.txt", member="DCIM/log.txt", file_sha256="ee" * 32
    )
    log = replace(audit.flight.log, source=inner)
    (flight, *_) = assemble_flights(log, replace(log, source=replace(inner, name="copy.txt")))
    rows = input_files_as_json_data(FlightAudit(flight, ()), audit_basis)
    assert [(each["base"], each["role"], each["sha256"]) for each in rows] == [
        ("card.zip", "container of a source", "ee" * 32),
        ("log.txt", "source, in a container", source.sha256),
    ]
    assert input_file_count_text(rows) == "2 files of this audit"
    assert input_file_count_text(rows[:1]) == "1 file of this audit"
