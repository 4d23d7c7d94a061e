"""The sample logs are reproducible, independent of our readers, and say what truth.json says."""

import ast
import base64
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pydjirecord
import pytest

from sample_logs import dji_txt, jpeg
from sample_logs.dji_details import Details
from tests.parsers.dji.txt.made import pydjirecord_keys

FOLDER = Path(__file__).resolve().parent.parent / "sample_logs"
STEM = "DJIFlightRecord_2026-05-14_[10-01-58]"
V11, V14, DAMAGED = f"{STEM}.txt", f"{STEM}_v14.txt", f"{STEM}_damaged.txt"
SAMPLES = (V11, V14, DAMAGED)
UNIT = tuple(f"unit/{name}.toml" for name in ("inventory", "operations", "authorisations"))
OUTPUTS = (*SAMPLES, f"{V14}.keychains.json", "truth.json", *UNIT)
SIZE_LIMIT = 3_000_000
CASE_LIMIT = 500_000


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    files: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))["files"]
    return files


def run_make(folder: Path, hash_seed: str) -> dict[str, bytes]:
    command = [sys.executable, str(FOLDER / "make.py"), str(folder)]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, check=True, cwd=folder.parent, env=environment)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_two_runs_give_the_same_bytes_and_they_are_the_committed_ones(tmp_path: Path) -> None:
    first = run_make(tmp_path / "first", "1")
    assert first == run_make(tmp_path / "second", "2")
    for name in OUTPUTS:
        assert first[name] == (FOLDER / name).read_bytes(), f"{name}: run sample_logs/make.py"
    for within in ("network", "remote_id", "zones", "case"):
        made = {name for name in first if name.startswith(f"{within}/")}
        paths = [path for path in (FOLDER / within).rglob("*") if path.is_file()]
        kept = {path.relative_to(FOLDER).as_posix() for path in paths}
        assert kept == made != set(), "files that make.py does not write"
        for name in made:
            assert first[name] == (FOLDER / name).read_bytes(), f"{name}: run sample_logs/make.py"
    assert sum(len(first[name]) for name in OUTPUTS) < SIZE_LIMIT
    assert sum(len(first[name]) for name in first if name.startswith("case/")) < CASE_LIMIT


def test_the_writers_import_no_reader() -> None:
    scripts = sorted(FOLDER.glob("*.py"))
    assert FOLDER / "make.py" in scripts
    for script in scripts:
        imported: set[str] = set()
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
        assert not imported & {"parsers", "dji_audit", "importlib", "runpy"}, script.name


def test_pydjirecord_reads_the_v14_record_with_its_keys_as_truth_tells_it(
    truth: dict[str, Any],
) -> None:
    log = pydjirecord.DJILog.from_bytes((FOLDER / V14).read_bytes())
    keys = pydjirecord_keys(FOLDER / V14)
    told = truth[V14]
    records = [record.data for record in log.records(keys)]
    fixes = [data for data in records if type(data).__name__ == "OSD"]
    assert len(fixes) == told["osd_records"] == log.details.record_line_count
    assert max(fix.altitude for fix in fixes) == told["max_height"]["height_m"]
    assert sum(fix.altitude > 120 for fix in fixes) == told["above_120_m"]["fixes"]
    assert log.details.capture_num == len(told["photo_times"])
    for fix, true in zip(fixes[::500], told["fixes"], strict=True):
        assert fix.latitude == pytest.approx(true["latitude_deg"], abs=1e-9)
        assert fix.longitude == pytest.approx(true["longitude_deg"], abs=1e-9)
        assert fix.altitude == true["height_m"]
    said = [data.message for data in records if type(data).__name__ in {"AppTip", "AppWarn"}]
    assert said == [row["text"] for row in told["texts"]]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_offset_in_truth_is_that_of_a_whole_record(truth: dict[str, Any], name: str) -> None:
    data, told = (FOLDER / name).read_bytes(), truth[name]
    head = "<BH" if told["version"] >= 13 else "<BB"
    rows = {1: [*told["fixes"], told["takeoff"], told["max_height"]], 5: told["captures"]}
    rows[9] = [row for row in told["texts"] if row["record"] == "AppTip"]
    rows[10] = [row for row in told["texts"] if row["record"] == "AppWarn"]
    assert all(rows.values())
    for kind, places in rows.items():
        for place in places:
            found, length = struct.unpack_from(head, data, place["offset"])
            assert found == kind
            assert data[place["offset"] + struct.calcsize(head) + length] == 0xFF


def test_the_damaged_record_differs_from_the_whole_one_only_where_truth_says(
    truth: dict[str, Any],
) -> None:
    whole, broken = (FOLDER / V11).read_bytes(), (FOLDER / DAMAGED).read_bytes()
    flip, zeros, cut = truth[DAMAGED]["damage"]
    repaired = bytearray(broken)
    repaired[flip["offset"]] = whole[flip["offset"]]
    hole = slice(zeros["offset"], zeros["offset"] + zeros["size"])
    assert broken[hole] == bytes(zeros["size"])
    repaired[hole] = whole[hole]
    assert bytes(repaired) == whole[: cut["offset"]]
    assert len(broken) == cut["offset"] < struct.unpack_from("<Q", broken)[0] < len(whole)
    assert (flip["size"], zeros["size"], cut["size"]) == (1, 4096, len(whole) - len(broken))
    assert (whole[flip["offset"]] ^ broken[flip["offset"]]).bit_count() == 1
    assert broken[flip["offset"] + 1 + broken[flip["offset"]]] != 0xFF


def test_version_11_and_14_tell_the_same_flight(truth: dict[str, Any]) -> None:
    def without_offsets(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_offsets(row) for key, row in value.items() if key != "offset"}
        return [without_offsets(row) for row in value] if isinstance(value, list) else value

    different = {"version", "size", "sha256"}
    old, new = (
        {key: row for key, row in truth[name].items() if key not in different}
        for name in (V11, V14)
    )
    assert without_offsets(old) == without_offsets(new)
    assert len(old["photo_times"]) == 12
    assert 30 < old["above_120_m"]["seconds"] < 40


@pytest.mark.parametrize("version", range(1, 15))
def test_any_version_can_be_written_with_hostile_text(version: int) -> None:
    records = [(1, bytes(55)), (10, b"{{7*7*1001}}\0"), (1, bytes(55))]
    keys = [dji_txt.fake_keys(version, (1, 10))] if version >= 13 else []
    laid_out = dji_txt.lay_out(
        version, records, details=Details(aircraft_name="<script>"), keys=keys
    )
    data = laid_out.data
    assert data[10] == version
    for (kind, _), frame in zip(records, laid_out.frames, strict=True):
        assert data[frame.offset] == kind
        assert data[frame.offset + frame.size - 1] == 0xFF
    assert (b"{{7*7*1001}}" in data) == (version <= 6)
    assert (b"<script>" in data) == (version <= 12)
    assert data == dji_txt.encode(
        version, records, details=Details(aircraft_name="<script>"), keys=keys
    )


def test_a_record_of_type_50_begins_the_next_group_of_keys() -> None:
    groups = [dji_txt.fake_keys(14, (1,), "a"), dji_txt.fake_keys(14, (1,), "b")]
    records = [(1, bytes(55)), (50, bytes(8)), (1, bytes(55))]
    log = pydjirecord.DJILog.from_bytes(dji_txt.encode(14, records, keys=groups))
    keys = [
        [
            pydjirecord.KeychainFeaturePoint(
                point, base64.b64encode(key.key).decode(), base64.b64encode(key.iv).decode()
            )
            for point, key in group.items()
        ]
        for group in groups
    ]
    kinds = [(record.record_type, type(record.data).__name__) for record in log.records(keys)][:5]
    assert [kind for kind, _ in kinds] == [56, 1, 50, 56, 1]
    assert [name for kind, name in kinds if kind == 1] == ["OSD", "OSD"]


def test_a_body_that_its_length_field_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="v11 holds 255"):
        dji_txt.encode(11, [(9, bytes(254))])
    assert dji_txt.encode(13, [(9, bytes(254))])


def test_the_pictures_are_framed_as_jpeg() -> None:
    data = (FOLDER / V11).read_bytes()
    picture, thumbnail = jpeg.tiny(8, 8), jpeg.tiny(1, 1)
    details = struct.unpack_from("<Q", data)[0]
    assert data[:details].endswith(struct.pack("<i", 12345) + picture + thumbnail)
    assert picture.startswith(b"\xff\xd8\xff")
    assert picture.endswith(b"\xff\xd9")
    assert struct.unpack_from("<i12xi", data, details + 147) == (len(picture), len(thumbnail))
