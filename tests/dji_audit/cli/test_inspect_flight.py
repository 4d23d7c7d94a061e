"""``inspect --flight`` shows who tells of a flight, how clocks were placed, what disagrees."""

import json
import shutil
from pathlib import Path

import pytest

from tests.dji_audit.cli.conftest import Invoke

DAT, SRT, WIDE = "FLY042.DAT", "DJI_20260514100443_0001_D.SRT", "DJI_20260514100915_0002_W.JPG"
RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
ID = "998e9f4e-1"


@pytest.fixture
def files(sample_logs: Path) -> list[Path]:
    return [sample_logs / name for name in (RECORD, DAT, SRT, WIDE)]


def test_a_flight_is_shown_with_its_files_clocks_and_disagreements(
    invoke: Invoke, files: list[Path]
) -> None:
    result = invoke("inspect", "--flight", ID, *files)
    assert result.exit_code == 0
    for name in (RECORD, DAT, SRT, WIDE):
        assert name in result.stdout
    assert "its clock is the reference clock of the flight" in result.stdout
    assert "UTC+01:00" in result.stdout
    assert "Disagreements (1)" in result.stdout
    assert "identity: " in result.stdout
    assert "altitude_amsl_m" in result.stdout


def test_the_beginning_of_an_id_is_enough_if_it_is_of_one_flight(
    invoke: Invoke, files: list[Path]
) -> None:
    assert invoke("inspect", "--flight", ID[:4], *files).exit_code == 0
    result = invoke("inspect", "--flight", "zz", *files)
    assert result.exit_code == 3
    assert f"no flight with id zz; the ids are {ID}" in result.stderr


def test_a_flight_as_json_holds_the_bytes_of_both_sides(invoke: Invoke, files: list[Path]) -> None:
    result = invoke("inspect", "--flight", ID, *files, "--format", "json")
    document = json.loads(result.stdout)
    assert [log["file"] for log in document["sources"]] == [RECORD, DAT, SRT, WIDE]
    (found,) = document["disagreements"]
    assert {side["value"] for side in found["values"]} == {"Mavic 2", "Mavic Pro"}
    srt = document["sources"][2]
    assert srt["clock"]["timezone_s"] == 3600
    assert abs(srt["clock"]["offset_s"] + 3600) < 1
    assert 0 <= srt["match"]["score"] <= 1


def test_a_table_of_a_flight_says_who_tells_each_row(invoke: Invoke, files: list[Path]) -> None:
    result = invoke("inspect", "--flight", ID, *files, "--table", "captures", "--format", "csv")
    head, *rows = result.stdout.splitlines()
    assert head.endswith("source_index")
    assert len(rows) == 13


def test_without_a_flight_one_log_is_inspected_and_not_two(
    invoke: Invoke, files: list[Path]
) -> None:
    assert invoke("inspect", files[0]).exit_code == 0
    result = invoke("inspect", *files[:2])
    assert result.exit_code == 2
    result = invoke("inspect", "--flight", ID, files[0], "--records", "OSD")
    assert result.exit_code == 2


def test_the_table_of_an_audit_shows_flights_and_how_many_files_tell_of_each(
    invoke: Invoke, files: list[Path]
) -> None:
    result = invoke("audit", *files, "--jobs", "1", "--all")
    (row,) = [line for line in result.stdout.splitlines() if line.startswith(ID)]
    assert row.rstrip().endswith("+3")


def test_an_audit_of_a_folder_shows_flights_and_inspect_who_tells_of_one(
    invoke: Invoke, files: list[Path], tmp_path: Path
) -> None:
    for file in files:
        shutil.copyfile(file, tmp_path / file.name)
    shown = invoke("audit", tmp_path, "--jobs", "1", "--all").stdout
    table = shown[: shown.index("\n\n")]
    lines = [line for line in table.splitlines() if "-1  2026-05-14" in line]
    assert len(lines) == 1
    assert lines[0].startswith(ID)
    assert not any(line.startswith(file.name) for file in files for line in table.splitlines())
    told = invoke("inspect", "--flight", ID, tmp_path).stdout
    for heading in ("Sources", "Clocks", "Disagreements (1)"):
        assert f"\n{heading}\n" in told
    for file in files:
        assert file.name in told
