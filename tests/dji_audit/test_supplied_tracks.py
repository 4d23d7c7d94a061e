"""Tracks of people in all that an audit gives: report, page, files, scan, doctor, dossier."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dji_audit.cli._app import app
from dji_audit.mapper.flight_page._people_and_aircraft_nearby import SUPPLIED_TRACK_COLOUR
from sample_logs.tracks import COUNT, FOLDER, PHONE, WATCH

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"


def _run(*command: object, codes: tuple[int, ...] = (0, 1, 4)) -> str:
    ended = CliRunner().invoke(app, [str(part) for part in command])
    assert ended.exit_code in codes, ended.output
    return ended.output


@pytest.fixture(scope="module")
def folder(sample_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the record of a flight and the tracks of two people."""
    folder = tmp_path_factory.mktemp("tracks")
    for path in (sample_logs / RECORD, *(sample_logs / FOLDER / name for name in (WATCH, PHONE))):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "run"
    declared = f"{folder / WATCH}=pilot"
    _run("audit", folder, "--track", declared, "--out", out, "--jobs", "1", "--config", "none")
    return out


@pytest.fixture(scope="module")
def report(out: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    return read


def test_a_track_is_no_flight(report: dict[str, Any]) -> None:
    (flight,) = report["flights"]
    assert [source["file"] for source in flight["sources"]] == [RECORD]


def test_the_report_states_what_the_track_of_the_pilot_says(report: dict[str, Any]) -> None:
    (flight,) = report["flights"]
    (track,) = flight["declared_tracks"]
    assert (track["file"], track["owner"], track["used"]) == (WATCH, "pilot", True)
    assert track["share"] == 1
    assert track["error_basis"] == "HDOP x 10 m"
    assert 100 < track["greatest_distance_m"] < 500
    (result,) = [row for row in report["results"] if row["rule"] == "distance_limit"]
    assert "from the pilot's own track" in result["reason"]
    (supplied,) = report["run"]["context_files"]
    assert (supplied["kind"], supplied["name"], supplied["count"]) == (
        "supplied track",
        WATCH,
        COUNT,
    )


def test_a_track_that_nobody_declared_is_listed_and_used_for_nothing(
    report: dict[str, Any],
) -> None:
    rows = {row["name"]: row for row in report["inputs"]}
    assert rows[WATCH]["kind"] == "supplied track"
    assert rows[PHONE]["status"] == "read"
    assert rows[PHONE]["reason"] == (
        "a track whose owner is not declared, 132 positions: say whose it is with "
        "--track FILE=pilot"
    )
    assert rows[PHONE]["flights"] == []


def test_the_page_says_whose_track_it_is_and_draws_it(out: Path, report: dict[str, Any]) -> None:
    page = (out / report["flights"][0]["page"]).read_text("utf-8")
    assert "Supplied tracks (1)" in page
    assert "The pilot" in page
    block = page.split('id="flight">', 1)[1].split("</script>", 1)[0]
    (drawn,) = json.loads(block)["declared_tracks"]
    assert (drawn["owner"], drawn["words"], drawn["file"]) == ("pilot", "the pilot", WATCH)
    # One fix before the flight and one behind it, and all between.
    assert 100 < drawn["count"] <= COUNT
    lines = [one.split("/>", 1)[0] for one in page.split("<polyline")[1:]]
    assert len([one for one in lines if SUPPLIED_TRACK_COLOUR in one]) == 1
    assert f"Track of the pilot ({WATCH})" in page


def test_the_summary_and_the_scan_name_what_nobody_declared(folder: Path) -> None:
    told = _run("scan", folder)
    assert "track in GPX" in told
    assert "TRACKS 2 tracks of a device" in " ".join(told.split())


def test_a_configuration_declares_tracks_beside_it(folder: Path, tmp_path: Path) -> None:
    written = tmp_path / "dji-audit.toml"
    (tmp_path / WATCH).write_bytes((folder / WATCH).read_bytes())
    written.write_text(f'track = ["{WATCH}=pilot", "nowhere.gpx=observer"]\n')
    told = _run("doctor", "--config", written)
    assert "track of the pilot; 132 fixes" in " ".join(told.split())
    assert "nowhere.gpx" in told


@pytest.mark.parametrize("text", ["watch.gpx", "watch.gpx=somebody"])
def test_a_wrong_declaration_is_wrong_usage(folder: Path, text: str) -> None:
    told = _run("audit", folder, "--track", text, "--config", "none", codes=(2,))
    assert "write FILE=OWNER" in " ".join(told.split())


@pytest.mark.slow
def test_a_dossier_holds_the_track_and_repeats_the_audit(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "case.zip"
    declared = f"{folder / WATCH}=pilot"
    _run(
        "dossier", folder, "--track", declared, "-o", archive, "--with-originals", "-j", "1",
        "--config", "none", codes=(0,),
    )  # fmt: skip
    # The audit is repeated with the track as its owner's.
    told = _run("verify", archive, codes=(0,))
    assert "differ" not in told
