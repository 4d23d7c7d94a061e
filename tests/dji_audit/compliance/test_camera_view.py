"""What a unit brings to say where its cameras looked: heights of the ground, and cameras."""

import hashlib
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import dji_audit
import parsers
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.camera_poses_with_declared_cameras import (
    camera_poses_over_terrain,
    declared_cameras_of_flight,
)
from dji_audit.compliance.context import AuditContext, ContextFiles, load_audit_context
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.temporary_files_for_workers import (
    load_saved_audit_context as load_saved_audit_context,
)
from dji_audit.fleet.temporary_files_for_workers import save_audit_context
from dji_audit.flights import Flight
from dji_audit.report.report_json_and_csv import report_json_schema

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
#: A log that names its aircraft by no model that the table of cameras has.
TLOG = "2026-05-14 12-01-58.tlog"


@pytest.fixture(scope="module")
def tile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a slope over the moor of the synthetic flights."""
    path = tmp_path_factory.mktemp("heights") / "N50W004.hgt"
    row = np.arange(1201)[:, None] + np.zeros((1, 1201))
    (300 + row / 4).astype(">i2").tofile(path)
    return path


def flown(sample_logs: Path, name: str) -> Flight:
    (flight,) = dji_audit.read_flights(sample_logs / name)
    return flight


def test_an_audit_of_several_jobs_looks_over_the_same_ground_as_one(
    sample_logs: Path, tile: Path, tmp_path: Path
) -> None:
    paths = [sample_logs / RECORD, sample_logs / TLOG]
    reports = []
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        options = RunOptions(
            load_policy(), out=out, jobs=jobs, context_files=ContextFiles(elevation=tile)
        )
        done = audit_paths(paths, options)
        pages = {page.name: page.read_bytes() for page in (out / "flights").iterdir()}
        reports.append((done.report_json_text, pages))
    assert reports[0] == reports[1]
    report = json.loads(reports[0][0])
    jsonschema.validate(report, json.loads(report_json_schema()))
    (supplied,) = report["run"]["context_files"]
    assert supplied["name"] == "N50W004.hgt"
    assert supplied["sha256"] == hashlib.sha256(tile.read_bytes()).hexdigest()
    assert supplied["datum"] == "geoid EGM96"
    told = {flight["file"]: flight["view"] for flight in report["flights"]}
    assert told[RECORD]["ground"] == "elevation model N50W004.hgt"
    assert told[RECORD]["ground_coverage"] == 1
    (page,) = (page for name, page in reports[0][1].items() if name.startswith("DJIFlight"))
    assert b"Ground: elevation model N50W004.hgt" in page


def test_a_model_that_lacks_the_flight_is_said_not_to_be_used(
    sample_logs: Path, tile: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "N10E010.hgt"
    elsewhere.write_bytes(tile.read_bytes())
    found = camera_poses_over_terrain(
        flown(sample_logs, RECORD), load_audit_context(ContextFiles(elevation=elsewhere))
    )
    assert found.ground_height_source_text == (
        "take-off plane; elevation model N10E010.hgt is not used: it does not cover the take-off"
    )
    assert found.elevation_model_coverage_fraction is None


def test_a_model_that_knows_a_part_says_for_how_much_of_the_flight(
    sample_logs: Path, tile: Path, tmp_path: Path
) -> None:
    flight = flown(sample_logs, RECORD)
    assert flight.takeoff_position is not None
    grid = np.fromfile(tile, ">i2").reshape(1201, 1201)
    # North of a line a little beyond the take-off nothing is known.
    row = int((51 - flight.takeoff_position.latitude_deg) * 1200) - 1
    grid[:row] = -32768
    holed = tmp_path / tile.name
    grid.tofile(holed)
    found = camera_poses_over_terrain(flight, load_audit_context(ContextFiles(elevation=holed)))
    assert found.elevation_model_coverage_fraction is not None
    assert 0 < found.elevation_model_coverage_fraction < 1
    assert "% of the fixes, otherwise the take-off plane" in found.ground_height_source_text


def test_tiles_that_lie_among_the_logs_are_known_for_what_they_are(
    sample_logs: Path, tile: Path, tmp_path: Path
) -> None:
    for path in (tile, sample_logs / TLOG):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    done = audit_paths(
        [tmp_path], RunOptions(load_policy(), context_files=ContextFiles(elevation=tmp_path))
    )
    told = {row.name: (row.status, row.reason) for row in done.contents.files}
    assert told == {tile.name: ("no_evidence", "elevation"), TLOG: ("read", "")}


def test_what_workers_take_up_of_a_model_is_small_and_the_same(tile: Path, tmp_path: Path) -> None:
    case = load_audit_context(ContextFiles(elevation=tile))
    save_audit_context(tmp_path, case)
    taken = load_saved_audit_context(tmp_path)
    assert len(pickle.dumps(taken.elevation)) < 2000
    here = np.array([50.3, 50.7]), np.array([-3.5, -3.2])
    assert case.elevation is not None
    assert taken.elevation is not None
    np.testing.assert_array_equal(taken.elevation.height_m(*here), case.elevation.height_m(*here))


def test_a_declared_camera_gives_a_field_of_view_and_says_that_it_was_declared(
    sample_logs: Path,
) -> None:
    flight = flown(sample_logs, TLOG)
    assert not camera_poses_over_terrain(flight, AuditContext()).fov_source
    found = camera_poses_over_terrain(flight, load_audit_context(ContextFiles(cameras=("M30T",))))
    assert found.fov_grade == "declared"
    assert found.fov_source.startswith("declared by the unit: Matrice 30 wide camera")
    assert np.isfinite(found.half_fov[0]).all()
    written = camera_poses_over_terrain(
        flight, load_audit_context(ContextFiles(cameras=("90x60",)))
    )
    assert written.half_fov[0][0] == pytest.approx(1.0)


def named(flight: Flight, **aircraft: Any) -> Flight:
    """Return a flight told by its first log alone, which names its aircraft so."""
    log = replace(flight.log, aircraft=parsers.Aircraft(**aircraft))
    return replace(flight, sources=(replace(flight.sources[0], log=log),))


def test_a_serial_goes_before_a_model_the_inventory_and_a_camera_for_all(
    sample_logs: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "inventory.csv"
    listed.write_text("serial,camera_model\nAB 12,Spark\nCD34,60x45\n")
    texts = ("ab12=M30T", "Matrice 210=FC6510", "H20")
    case = load_audit_context(ContextFiles(inventory=listed, cameras=texts))
    flight = flown(sample_logs, TLOG)

    def declared(**aircraft: Any) -> list[str]:
        return [one.name for one in declared_cameras_of_flight(named(flight, **aircraft), case)]

    assert declared(serial="AB12", model="Matrice 210")[0].startswith("Matrice 30")
    assert declared(serial="X", model="MATRICE 210") == ["Zenmuse X4S"]
    assert declared(serial="CD34", model="Quadrotor") == ["60 by 45 degrees"]
    assert declared(serial="X") == ["Zenmuse H20 wide camera"]
    # The table knows this aircraft's camera: one for all does not go before it.
    assert declared(serial="X", model="Spark") == []


def test_what_the_log_itself_says_goes_before_what_is_declared(sample_logs: Path) -> None:
    flight = named(flown(sample_logs, TLOG), model="Matrice 210", camera_model="FC6510")
    found = camera_poses_over_terrain(
        flight, load_audit_context(ContextFiles(cameras=("Matrice 210=M30T",)))
    )
    assert "Zenmuse X4S" in found.fov_source
    assert found.fov_grade != "declared"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("M30X", "did you mean M30"),
        ("AB12=", "no camera ''"),
        ("=M30T", "there is no aircraft before"),
        ("200x20", "lies between 0 and 170"),
    ],
)
def test_what_is_no_camera_is_refused(text: str, words: str) -> None:
    with pytest.raises(SuppliedFileError, match=words):
        load_audit_context(ContextFiles(cameras=(text,)))


def test_an_inventory_with_an_unknown_camera_is_refused(tmp_path: Path) -> None:
    listed = tmp_path / "inventory.csv"
    listed.write_text("serial,camera_model\nAB12,Polaroid\n")
    with pytest.raises(SuppliedFileError, match=r"line 2: .*Polaroid"):
        load_audit_context(ContextFiles(inventory=listed))


def test_python_says_when_a_place_was_in_view_of_a_declared_camera(sample_logs: Path) -> None:
    place = 50.6180, -3.9660
    log = sample_logs / TLOG
    assert dji_audit.in_view(log, *place)["unknown_reason"].notna().all()
    rows = dji_audit.in_view(log, *place, cameras=["90x60"])
    assert rows["unknown_reason"].isna().all()
    assert set(rows["fov_grade"]) <= {"declared"}


@pytest.mark.parametrize(
    ("rise_m", "outcome", "words"),
    [
        # The moor falls away by so much below the path, of which the highest fix is at 131 m.
        (-60, "fail", "at least "),
        (0, "fail", "over 120 m"),
        (-5, "fail", "at least "),
        (9, "not_assessable", "does not show whether"),
        (60, "pass", "m above the ground (by elevation model N50W004.hgt, within 8.5 m)"),
    ],
)
def test_a_limit_above_the_ground_is_held_against_the_model_beyond_its_error(
    sample_logs: Path, tmp_path: Path, rise_m: int, outcome: str, words: str
) -> None:
    flight = flown(sample_logs, RECORD)
    start = flight.takeoff_position
    assert start is not None
    # All of the ground lies so much higher than the take-off, but for the cell of that.
    grid = np.full((1201, 1201), 300 + rise_m, ">i2")
    row = round((51 - start.latitude_deg) * 1200)
    column = round((start.longitude_deg + 4) * 1200)
    grid[row - 1 : row + 2, column - 1 : column + 2] = 300
    tile = tmp_path / "N50W004.hgt"
    grid.tofile(tile)
    entry = load_policy("uk-open").rules["height_above_ground"]
    result = apply_policy_entry_to_flight(
        flight, entry, load_audit_context(ContextFiles(elevation=tile))
    )
    assert result.outcome.value == outcome
    told = [result.reason, *(finding.summary for finding in result.findings)]
    assert any(words in text for text in told), told
    assert {finding.grade for finding in result.findings} <= {"inferred"}
