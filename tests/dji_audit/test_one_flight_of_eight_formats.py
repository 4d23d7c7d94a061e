"""A case of eight kinds of file is one flight, and what is done to one file is found and named."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.flights import Flight, assemble_flights
from sample_logs import case, dji_bodies
from sample_logs.story import Story, tell

#: Rules that hold files against one another.
ACROSS = ("sources_disagree", "missing_log", "recording_files")


@pytest.fixture(scope="session")
def story() -> Story:
    return tell()


@pytest.fixture(scope="session")
def folder(sample_logs: Path) -> Path:
    """Return the case; never written."""
    return sample_logs / "case"


@pytest.fixture(scope="session")
def truth(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="session")
def logs(folder: Path) -> dict[str, parsers.Log]:
    return {
        path.relative_to(folder).as_posix(): parsers.read(
            path, name=path.relative_to(folder).as_posix()
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "truth.json"
    }


@pytest.fixture(scope="session")
def flight(logs: dict[str, parsers.Log]) -> Flight:
    (found,) = assemble_flights(*logs.values())
    return found


def findings(whole: FinishedRun) -> list[tuple[str, str]]:
    """Rule and summary of what the rules across files found, remarks apart."""
    return [
        (row.rule, row.summary)
        for row in whole.contents.findings
        if row.rule in ACROSS and row.severity != "remark"
    ]


def audited(folder: Path) -> FinishedRun:
    return audit_paths([folder], RunOptions(load_policy()))


@pytest.fixture(scope="session")
def usual(folder: Path) -> list[tuple[str, str]]:
    return findings(audited(folder))


@pytest.fixture
def changed(folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the case that a test may change."""
    place = tmp_path / "changed"
    shutil.copytree(folder, place)
    return place


def new(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one for one in after if one not in before]


def test_all_files_tell_of_one_flight(flight: Flight, truth: dict[str, Any]) -> None:
    assert sorted(log.source.name for log in flight.logs) == truth["files"]
    assert flight.log.source.name == case.RECORD
    assert flight.takeoff is not None
    assert flight.landing is not None
    assert flight.column_sources == {
        "altitude_amsl_m": [log.source.name for log in flight.logs].index(case.GROUND_STATION)
    }


def test_zone_and_offset_of_every_clock_are_found_to_a_second(
    flight: Flight, truth: dict[str, Any]
) -> None:
    placed = {telling.log.source.name: telling.alignment for telling in flight.sources}
    subtitles = next(found for name, found in placed.items() if name.endswith(".SRT"))
    assert subtitles.timezone_s == truth["subtitles_zone_s"]
    assert subtitles.offset_s == pytest.approx(-truth["subtitles_zone_s"], abs=1)
    station = placed[case.GROUND_STATION]
    assert station.offset_s == pytest.approx(-truth["ground_station_ahead_s"], abs=1)
    assert station.method == "track"
    for name, placing in placed.items():
        assert placing.is_aligned, name


def test_the_path_alone_tells_zone_and_second_of_the_subtitles(
    logs: dict[str, parsers.Log], truth: dict[str, Any]
) -> None:
    srt = next(log for name, log in logs.items() if name.endswith(".SRT"))
    (flight,) = assemble_flights(logs[case.RECORD], srt)
    placing = flight.sources[1].alignment
    assert placing.method == "track"
    assert placing.timezone_s == truth["subtitles_zone_s"]
    assert placing.offset_s == pytest.approx(-truth["subtitles_zone_s"], abs=1)


def test_captures_of_all_files_come_to_what_was_recorded(
    flight: Flight, truth: dict[str, Any]
) -> None:
    rows = flight.captures
    told = zip(rows["kind"], rows["sensor"], rows["start"], rows["end"], strict=True)
    for (kind, sensor, start, end), wanted in zip(
        sorted(told), sorted(truth["captures"], key=_key), strict=True
    ):
        assert (kind, sensor) == (wanted["kind"], wanted["sensor"])
        # Sound is told by the video alone, whose clock counts whole seconds.
        within = pd.Timedelta(seconds=1 if kind == "audio" else 0)
        assert abs(start - pd.Timestamp(wanted["start"])) <= within
        assert abs(end - pd.Timestamp(wanted["end"])) <= within


def _key(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["kind"], one["sensor"], one["start"]


def test_every_capture_says_which_files_show_it(flight: Flight) -> None:
    names = [log.source.name for log in flight.logs]
    rows = flight.captures
    for kind, sensor, told_by in zip(
        rows["kind"], rows["sensor"], flight.log_offsets_of_captures, strict=True
    ):
        shown = {names[place] for place, _ in told_by}
        letter = {"thermal": "_T.JPG", "visible": "_W.JPG"}.get(str(sensor), ".MP4")
        if kind == "photo":
            # The record's camera has one sensor: what else its shutter wrote only the file shows.
            assert (case.RECORD in shown) == (sensor == "visible")
            assert any(name.endswith(letter) for name in shown)
        if kind == "video":
            assert {name[-4:] for name in shown} == {".txt", ".MP4", ".SRT"}
        if kind == "audio":
            assert {name[-4:] for name in shown} == {".MP4"}


def test_the_clock_that_is_off_is_all_that_the_rules_find(
    usual: list[tuple[str, str]],
) -> None:
    ((rule, text),) = usual
    assert rule == "sources_disagree"
    assert case.GROUND_STATION in text
    assert "40" in text


def test_two_runs_over_a_case_say_the_same(folder: Path, usual: list[tuple[str, str]]) -> None:
    again = audit_paths([folder], RunOptions(load_policy(), jobs=2))
    assert findings(again) == usual
    assert again.report_json_text == audited(folder).report_json_text


def test_subtitles_shifted_by_an_hour_are_named(
    changed: Path, story: Story, usual: list[tuple[str, str]]
) -> None:
    shifted = dict(case.video(story, clock_ahead=case.ZONE + timedelta(hours=1)))
    (name,) = (name for name in shifted if name.endswith(".SRT"))
    (changed / name).write_bytes(shifted[name])
    ((rule, text),) = new(usual, findings(audited(changed)))
    assert rule == "sources_disagree"
    assert text.startswith(f"inconsistent time: the clock of {name} ")
    assert "differ by 3600 s" in text
    assert "UTC+02:00" in text
    assert "UTC+01:00" in text


@pytest.mark.parametrize("letters", ["T", "W", "WT"])
def test_a_photo_that_was_deleted_is_named(
    changed: Path, story: Story, usual: list[tuple[str, str]], letters: str
) -> None:
    stems = sorted(path.name[:-6] for path in changed.rglob("*_W.JPG"))
    gone = stems[4]
    for letter in letters:
        (changed / case.CARD / f"{gone}_{letter}.JPG").unlink()
    ((rule, text),) = new(usual, findings(audited(changed)))
    assert rule == "recording_files"
    if letters == "WT":
        taken = story.samples[story.photos[4]]
        at = pd.Timestamp(taken.utc_ms, unit="ms", tz="UTC")
        assert text.startswith(f"A photo was taken at {at:%H:%M:%S} UTC, ")
    else:
        assert gone in text
        assert f"no _{letters} file beside it" in text


def test_a_record_that_was_cut_is_named(changed: Path, usual: list[tuple[str, str]]) -> None:
    path = changed / case.RECORD
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    ((rule, text),) = new(usual, findings(audited(changed)))
    assert rule == "missing_log"
    assert text.startswith(f"{case.RECORD} ends at ")
    assert case.GROUND_STATION in text


def test_a_position_that_was_edited_is_named(
    changed: Path, story: Story, usual: list[tuple[str, str]]
) -> None:
    tick = story.starts["to survey"] + 100
    moved = case.told_by_app(story)
    place = next(
        number
        for number, entry in enumerate(moved)
        if entry.tick == tick and entry.type == dji_bodies.OSD
    )
    body = bytearray(moved[place].body)
    longitude = np.frombuffer(body, "<f8", 1, 0)[0] + np.radians(0.003)
    body[:8] = np.float64(longitude).tobytes()
    moved[place] = type(moved[place])(tick, dji_bodies.OSD, bytes(body))
    (changed / case.RECORD).write_bytes(case.record(story, moved))
    ((rule, text),) = new(usual, findings(audited(changed)))
    assert rule == "sources_disagree"
    assert text.startswith(f"inconsistent position: {case.RECORD} and {case.GROUND_STATION}")
    assert "in 1 row " in text
    assert "m apart" in text


def test_a_copy_of_a_file_under_another_name_adds_nothing(
    changed: Path, usual: list[tuple[str, str]]
) -> None:
    shutil.copyfile(changed / case.RECORD, changed / "again.txt")
    whole = audited(changed)
    assert findings(whole) == usual
    assert {row.name: row.status for row in whole.contents.files}[case.RECORD] in ("read", "copy")
    assert len(whole.contents.flights) == 1
