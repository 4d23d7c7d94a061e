"""Exports of a run: into a file or a folder, the same bytes again, and never into evidence."""

import hashlib
import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from dji_audit import exports
from dji_audit.exports import (
    EXPORT_FORMATS,
    FORMAT_NAMES,
    ExportError,
    ExportTarget,
    FlightWithStoredExportParts,
    MissingExtraError,
    save_document_parts_of_flight,
    stored_document_parts_of_flight,
    write_exports,
)
from tests.conftest import ROOT
from tests.dji_audit.exports.conftest import BASIS, ExportOf, exported_bytes, flown_track

#: Writes every export of some evidence into a folder.
SCRIPT = """
import sys
from functools import partial
from pathlib import Path
from dji_audit.compliance.policy import load_policy
from dji_audit.exports import FORMAT_NAMES, ExportTarget
from dji_audit.fleet.run import RunOptions, audit_paths
target = ExportTarget(formats=FORMAT_NAMES, path=Path(sys.argv[2]), is_folder=True)
audit_paths([Path(sys.argv[1])], RunOptions(load_policy(), exports=target))
"""


def stored(export_of: ExportOf, folder: Path, *names: str) -> list[FlightWithStoredExportParts]:
    flights = []
    for number, name in enumerate(names):
        flight = export_of(name=name, sha256=f"{number:02x}" * 32)
        save_document_parts_of_flight(folder, flight.id, flight, FORMAT_NAMES)
        parts = partial(stored_document_parts_of_flight, folder, flight.id)
        flights.append(FlightWithStoredExportParts(flight.id, flight.file_stem, parts))
    return flights


def test_every_format_has_a_name_a_title_and_a_suffix_of_its_own() -> None:
    assert list(EXPORT_FORMATS) == ["geojson", "kml", "kmz", "gpx", "csv-airdata", "geoparquet"]
    chosen = [exports.export_format_by_name(name) for name in FORMAT_NAMES]
    assert len({each.suffix for each in chosen}) == len(FORMAT_NAMES)
    assert all(each.title for each in chosen)


def test_a_folder_gets_one_file_for_each_format(export_of: ExportOf, tmp_path: Path) -> None:
    flights = [export_of(name="a.txt"), export_of(name="b.txt", sha256="cd" * 32)]
    written = write_exports(flights, tmp_path, FORMAT_NAMES, BASIS)
    assert [path.name for path in written] == [
        "flights.geojson",
        "flights.kml",
        "flights.kmz",
        "flights.gpx",
        # A table of Airdata holds one flight.
        *(f"{flight.file_stem}-airdata.csv" for flight in flights),
        "flights.parquet",
        "timeline.jsonl",
        "timeline.csv",
    ]
    assert (tmp_path / "flights.geojson").read_bytes() == exported_bytes("geojson", *flights)


def test_what_waits_on_the_disk_gives_the_same_document(
    export_of: ExportOf, tmp_path: Path
) -> None:
    flights = stored(export_of, tmp_path, "a.txt", "b.txt")
    out = tmp_path / "out.kml"
    target = ExportTarget(formats=("kml",), path=out, is_folder=False)
    assert target.write(flights, BASIS) == (out,)
    again = [export_of(name="a.txt", sha256="00" * 32), export_of(name="b.txt", sha256="01" * 32)]
    assert out.read_bytes() == exported_bytes("kml", *again)


def test_each_flight_can_have_a_file_of_its_own(export_of: ExportOf, tmp_path: Path) -> None:
    flights = stored(export_of, tmp_path, "a.txt", "b.txt")
    target = ExportTarget(formats=("gpx",), path=tmp_path / "out", is_folder=True, each_flight=True)
    written = target.write(flights, BASIS)
    assert sorted(path.name for path in written) == sorted(
        f"{flight.file_stem}.gpx" for flight in flights
    )


def test_one_flight_can_be_chosen_by_the_beginning_of_its_id(
    export_of: ExportOf, tmp_path: Path
) -> None:
    flights = stored(export_of, tmp_path, "a.txt", "b.txt")
    out = tmp_path / "out.geojson"
    target = ExportTarget(formats=("geojson",), path=out, is_folder=False, flight="0101")
    target.write(flights, BASIS)
    assert [each["id"] for each in json.loads(out.read_bytes())["flights"]] == [flights[1].id]


@pytest.mark.parametrize(
    ("flight", "said"), [("ff", "no flight ff; there are "), ("0", "0 begins the ids of several")]
)
def test_a_flight_that_is_not_one_is_refused(
    export_of: ExportOf, tmp_path: Path, flight: str, said: str
) -> None:
    flights = stored(export_of, tmp_path, "a.txt", "b.txt")
    target = ExportTarget(formats=("kml",), path=tmp_path / "o.kml", is_folder=False, flight=flight)
    with pytest.raises(ExportError, match=said):
        target.write(flights, BASIS)
    assert not (tmp_path / "o.kml").exists()


def test_a_table_of_airdata_for_several_flights_needs_a_folder(
    export_of: ExportOf, tmp_path: Path
) -> None:
    flights = stored(export_of, tmp_path, "a.txt", "b.txt")
    target = ExportTarget(formats=("csv-airdata",), path=tmp_path / "o.csv", is_folder=False)
    with pytest.raises(ExportError, match="holds one flight, and there are 2"):
        target.write(flights, BASIS)


def test_nothing_is_written_into_evidence_or_over_it(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    log = tmp_path / "log.txt"
    log.write_bytes(b"")
    for path, given in ((evidence / "o.kml", evidence), (log, log)):
        with pytest.raises(ExportError, match="evidence"):
            ExportTarget(formats=("kml",), path=path, is_folder=False).refuse_unwritable_target(
                [given]
            )
    with pytest.raises(ExportError, match="is not a folder"):
        ExportTarget(
            formats=("kml",), path=tmp_path / "no" / "o.kml", is_folder=False
        ).refuse_unwritable_target([])
    with pytest.raises(ExportError, match="is a file"):
        ExportTarget(formats=("kml",), path=log, is_folder=True).refuse_unwritable_target([])


def test_a_format_whose_package_is_missing_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    target = ExportTarget(formats=("geoparquet",), path=tmp_path / "o", is_folder=True)
    with pytest.raises(MissingExtraError, match=r'pip install "dji-audit\[parquet\]"'):
        target.refuse_unwritable_target([])


def test_no_flight_gives_documents_without_flights(tmp_path: Path) -> None:
    written = write_exports([], tmp_path, FORMAT_NAMES, BASIS)
    assert len(written) == len(FORMAT_NAMES) - 1
    assert json.loads((tmp_path / "flights.geojson").read_bytes())["features"] == []


def test_a_flight_of_no_fix_is_exported_in_every_format(
    export_of: ExportOf, tmp_path: Path
) -> None:
    empty: dict[str, list[float]] = {name: [] for name in flown_track([])}
    flight = export_of(empty, events=(), captures=())
    for path in write_exports([flight], tmp_path, FORMAT_NAMES, BASIS):
        assert path.stat().st_size > 0 or path.suffix == ".jsonl"


def test_the_same_flights_have_the_same_bytes_again(export_of: ExportOf) -> None:
    flight = export_of()
    for name in FORMAT_NAMES:
        assert exported_bytes(name, flight) == exported_bytes(name, flight), name


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    """With other hash seeds, time zones and locales."""
    evidence, hashes = tmp_path / "evidence", []
    evidence.mkdir()
    for name in ("case/ground station/2026-05-14 10-02-38.tlog", "DJI_20260514100443_0001_D.SRT"):
        shutil.copy(ROOT / "sample_logs" / name, evidence)
    for seed, zone, locale in (("1", "UTC", "C"), ("2", "Asia/Kolkata", "de_DE.UTF-8")):
        out = tmp_path / seed
        env = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SCRIPT, str(evidence), str(out)]
        subprocess.run(command, env=env, check=True, capture_output=True, timeout=120)
        hashes.append(
            {path.name: hashlib.sha256(path.read_bytes()).digest() for path in out.iterdir()}
        )
    assert len(hashes[0]) == len(FORMAT_NAMES)
    assert hashes[0] == hashes[1]
