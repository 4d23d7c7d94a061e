"""``dji-audit zones``, and audits that hold flights against zones."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.dji_audit.cli.conftest import error_of_use

Invoke = Callable[..., Result]
HERE = "50.6164,-3.9667"
NOON = "2026-05-14T12:00:00Z"


@pytest.fixture
def dartmoor(sample_logs: Path) -> Path:
    return sample_logs / "zones" / "dartmoor.geojson"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def test_list_tells_every_zone_with_its_limits_and_place(invoke: Invoke, dartmoor: Path) -> None:
    result = invoke("zones", "list", dartmoor)
    assert result.exit_code == 0
    assert "SFC to 400 ft AGL" in result.stdout
    assert "features[2]" in result.stdout
    assert "geojson, 3 zones" in result.stderr
    rows = json.loads(invoke("zones", "list", dartmoor, "--format", "json").stdout)
    assert [row["id"] for row in rows] == ["SYN-P1", "SYN-R2", "SYN-R3"]
    assert rows[2]["upper"] == "400 ft AGL"
    table = list(
        csv.DictReader(io.StringIO(invoke("zones", "list", dartmoor, "--format", "csv").stdout))
    )
    assert len(table) == 3


def test_what_is_imported_is_kept_as_it_is_and_used_without_being_named(
    invoke: Invoke, dartmoor: Path, store: Path
) -> None:
    assert invoke("zones", "import", dartmoor, "--zone-store", store).exit_code == 0
    (kept,) = store.iterdir()
    assert kept.read_bytes() == dartmoor.read_bytes()
    listed = invoke("zones", "list", "--zone-store", store)
    assert "SYN-R2" in listed.stdout


def test_a_broken_file_is_not_kept_and_neither_are_its_neighbours(
    invoke: Invoke, dartmoor: Path, store: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"UASZoneList": [{}]}')
    result = invoke("zones", "import", dartmoor, broken, "--zone-store", store)
    assert result.exit_code == 2
    assert "UASZoneList[0]: geometry: field required; nothing was stored" in result.stderr
    assert not list(store.iterdir())


@pytest.mark.parametrize(
    "altitude, code, answer",
    [("100m AGL", 1, "inside"), ("150m AGL", 0, ""), ("100m AMSL", 4, "undetermined"),
     ("", 4, "undetermined")],
)  # fmt: skip
def test_check_compares_heights_of_the_same_datum_only(
    invoke: Invoke, dartmoor: Path, altitude: str, code: int, answer: str
) -> None:
    result = invoke("zones", "check", f"{HERE},{altitude},{NOON}", "--zones", dartmoor)
    assert result.exit_code == code
    assert answer in result.stdout


@pytest.mark.parametrize(
    "asked, told",
    [
        ("50.6,-3.9", "is not LAT,LON,ALT,TIME"),
        (f"95,-3.9,,{NOON}", "not a position on Earth"),
        (f"{HERE},120,{NOON}", "not a height with its datum"),
        (f"{HERE},,2026-05-14T12:00", "has no time zone"),
        (f"{HERE},,noon", "is not LAT,LON,ALT,TIME"),
    ],
)
def test_check_says_what_is_wrong_with_a_question(
    invoke: Invoke, dartmoor: Path, asked: str, told: str
) -> None:
    result = invoke("zones", "check", asked, "--zones", dartmoor)
    assert result.exit_code == 2
    assert told in result.stderr


def test_without_zones_there_is_nothing_to_check(invoke: Invoke) -> None:
    for asked in (("lint",), ("check", f"{HERE},,{NOON}")):
        result = invoke("zones", *asked)
        assert result.exit_code == 2
        assert "zones import" in result.stderr


def test_lint_says_what_an_audit_could_not_tell(invoke: Invoke, sample_logs: Path) -> None:
    result = invoke("zones", "lint", sample_logs / "zones")
    assert result.exit_code == 1
    assert "FL065: logs are not compared with it" in result.stdout
    assert "skipped: the return point is not an area" in result.stdout
    assert "crosses itself" not in result.stdout


def test_lint_names_a_boundary_that_crosses_itself(invoke: Invoke, tmp_path: Path) -> None:
    bow = tmp_path / "bow.waypoints"
    corners = ((50.0, -4.0), (50.1, -3.9), (50.0, -3.9), (50.1, -4.0))
    rows = [f"{n} 0 0 5002 4 0 0 0 {lat} {lon} 0 0" for n, (lat, lon) in enumerate(corners)]
    bow.write_text("\n".join(["QGC WPL 110", *rows]))
    assert "its boundary crosses itself" in invoke("zones", "lint", bow).stdout


def test_an_audit_holds_flights_against_the_zones_and_names_their_file(
    invoke: Invoke, whole: Path, dartmoor: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = invoke("audit", whole, "--zones", dartmoor, "--out", out, "--jobs", "1")
    assert result.exit_code == 1, result.stderr
    report = json.loads((out / "report.json").read_text())
    found = {row["subject"]: row for row in report["findings"] if row["rule"] == "zone_entry"}
    assert not found["SYN-P1"]["inconclusive"]
    assert found["SYN-R3"]["inconclusive"]
    assert found["SYN-R3"]["severity"] == "remark"
    assert "400 ft AGL" in found["SYN-R3"]["summary"]
    places = [part["file"] for part in found["SYN-P1"]["evidence"]]
    assert places == [whole.name, "dartmoor.geojson"]
    supplied = [row for row in report["run"]["context_files"] if row["kind"] == "zone"]
    assert supplied[0]["count"] == 3
    stale = next(row for row in report["results"] if row["rule"] == "zones_stale")
    assert stale["outcome"] == "pass"


def test_an_audit_refuses_zones_that_cannot_be_read(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "zones.json"
    broken.write_text("{}")
    assert "zones.json" in error_of_use(invoke("audit", whole, "--zones", broken))


def test_a_zone_file_among_the_evidence_is_named_and_is_no_log(
    invoke: Invoke, whole: Path, sample_logs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    for path in (whole, sample_logs / "zones" / "airspace.txt"):
        (folder / path.name).write_bytes(path.read_bytes())
    result = invoke("audit", folder, "--format", "json", "--jobs", "1")
    rows = {row["name"]: row for row in json.loads(result.stdout)["inputs"]}
    assert rows["airspace.txt"]["status"] == "no_evidence"
    assert "a zone file (openair)" in rows["airspace.txt"]["reason"]


def test_a_folder_without_a_zone_is_refused_and_never_reads_as_a_clear_sky(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "zones"
    folder.mkdir()
    (folder / "README.txt").write_text("Put the zones here.")
    assert "dji-audit: zones: zones: holds no zone" in error_of_use(
        invoke("audit", whole, "--zones", folder)
    )


def test_a_folder_of_zones_is_kept_file_by_file_and_a_second_time_not_again(
    invoke: Invoke, sample_logs: Path, tmp_path: Path
) -> None:
    given, store = tmp_path / "given", tmp_path / "store"
    given.mkdir()
    store.mkdir()
    for name in ("dartmoor.geojson", "airspace.kml"):
        (given / name).write_bytes((sample_logs / "zones" / name).read_bytes())
    first = invoke("zones", "import", given, "--zone-store", store)
    assert (first.exit_code, len(list(store.iterdir()))) == (0, 2)
    assert "stored dartmoor.geojson: 3 zones" in first.stderr
    again = invoke("zones", "import", given, "--zone-store", store)
    assert again.stderr.count("already stored ") == 2


def test_where_no_zones_are_stored_the_list_is_empty_and_that_is_no_error(
    invoke: Invoke, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    result = invoke("zones", "list", "--zone-store", tmp_path / "store", "--format", "json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert "0 zones are stored" in result.stderr


def test_import_and_list_say_where_a_file_is_complete(
    invoke: Invoke, dartmoor: Path, store: Path
) -> None:
    first = invoke("zones", "import", dartmoor, "--zone-store", store)
    assert "the hull of its zones; nothing states where it is complete" in first.stderr
    arguments = ("zones", "import", dartmoor, "--zone-store", store, "--extent")
    again = invoke(*arguments, "50.2,-4.3,50.9,-3.4")
    assert again.exit_code == 0
    told = "complete for 50.20 N 4.30 W to 50.90 N 3.40 W (stated by the unit)"
    assert told in again.stderr
    assert told in invoke("zones", "list", "--zone-store", store).stderr
    assert invoke(*arguments, "50.2").exit_code == 2


AREAS = (
    "AC P\nAN KEPT\nAL SFC\nAH UNL\nV X=50:37:00N 003:58:00W\nDC 1\n"
    "AC R\nAN TORN\nAL SFC\nAH high\nV X=50:37:00N 003:58:00W\nDC 1\n"
    "AC R\nAN TWO CORNERS\nAL SFC\nAH UNL\nDP 50:75:00N 003:58:00W\nDP 50:38:00N 003:58:00W\n"
)
TOLD = (
    "TORN, line 10: expected a limit as in 2000ft AMSL, found 'high'",
    "TWO CORNERS, line 17: expected minutes of less than 60, found 75",
)


@pytest.fixture
def partly_torn(tmp_path: Path) -> Path:
    path = tmp_path / "areas.txt"
    path.write_text(AREAS)
    return path


def test_import_keeps_the_good_areas_and_names_each_that_is_left_out_with_its_line(
    invoke: Invoke, partly_torn: Path, store: Path
) -> None:
    result = invoke("zones", "import", partly_torn, "--zone-store", store)
    assert result.exit_code == 0
    assert "stored areas.txt: 1 zone; " in result.stderr
    assert "2 features left out, which may stand for zones" in result.stderr
    for told in TOLD:
        assert f"left out {told}" in result.stderr


def test_import_names_the_first_20_and_counts_the_rest(
    invoke: Invoke, store: Path, tmp_path: Path
) -> None:
    path = tmp_path / "areas.txt"
    path.write_text(AREAS + "AC R\nAN X\nDP nowhere\n" * 40)
    result = invoke("zones", "import", path, "--zone-store", store)
    assert result.stderr.count("left out X, line") == 18
    assert "left out … and 22 more, each named by zones lint" in result.stderr


def test_lint_names_each_area_that_is_left_out(invoke: Invoke, partly_torn: Path) -> None:
    result = invoke("zones", "lint", partly_torn, "--format", "json")
    assert result.exit_code == 1
    rows = {row["path"]: row for row in json.loads(result.stdout)}
    assert rows["line 10"]["zone"] == "TORN"
    assert rows["line 10"]["remark"].startswith("left out: expected a limit")
    assert rows["line 17"]["zone"] == "TWO CORNERS"


def test_an_audit_says_what_was_left_out_and_passes_no_flight_near_it(
    invoke: Invoke, whole: Path, partly_torn: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    text = AREAS.replace("003:58:00W\nDC 1\nAC R\nAN TORN", "005:58:00W\nDC 1\nAC R\nAN TORN")
    partly_torn.write_text(text)
    result = invoke("audit", whole, "--zones", partly_torn, "--out", out, "--jobs", "1")
    assert "zones    areas.txt: " in result.stderr
    for told in TOLD:
        assert told in result.stderr
    report = json.loads((out / "report.json").read_text())
    (entry,) = (row for row in report["results"] if row["rule"] == "zone_entry")
    assert entry["outcome"] == "not_assessable"
    (file,) = (row for row in report["run"]["context_files"] if row["kind"] == "zone")
    assert "TORN, line 10" in file["note"]


def test_a_file_of_which_all_is_left_out_is_refused_with_the_reason(
    invoke: Invoke, whole: Path, store: Path, tmp_path: Path
) -> None:
    path = tmp_path / "areas.txt"
    path.write_text("AC R\nAN ONLY\nDP 50:75:00N 003:58:00W\n")
    told = "areas.txt: holds no zone; 1 item in it is not a zone: ONLY, line 3: expected minutes"
    assert told in error_of_use(invoke("audit", whole, "--zones", path))
    result = invoke("zones", "import", path, "--zone-store", store)
    assert (result.exit_code, list(store.iterdir())) == (2, [])
    assert told in result.stderr


def test_a_position_near_what_was_left_out_or_beyond_the_files_is_undetermined(
    invoke: Invoke, partly_torn: Path, dartmoor: Path
) -> None:
    # The file's only zone was active in 2020; TORN lies around the position.
    kept = "AC P\nAN KEPT\nAA 2020-01-01/2020-01-01\nV X=50:40:00N 004:30:00W\nDC 60\n"
    text = kept + AREAS[AREAS.index("AC R\nAN TORN") :]
    partly_torn.write_text(text)
    asked = f"{HERE},100m AGL,{NOON}"
    result = invoke("zones", "check", asked, "--zones", partly_torn)
    assert result.exit_code == 4
    assert "in 0 of 1 zone" in result.stderr
    assert "undetermined: areas.txt holds what was left out near it: TORN, line" in result.stderr
    far = invoke("zones", "check", f"10.0,10.0,100m AGL,{NOON}", "--zones", dartmoor)
    assert far.exit_code == 4
    assert "outside of where the files are complete" in far.stderr
