"""``report``, ``export``, ``timeline``: what they write and say is missing; their exit codes."""

import csv
import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import get_args

import pypdfium2
import pytest

from dji_audit.cli.export._options import ExportFormatName
from dji_audit.exports import EXPORT_FORMATS, TIMELINE_FORMATS
from tests.dji_audit.cli.conftest import Invoke, error_of_use
from tests.dji_audit.fleet.test_run import small

BIDI = "\u202e"


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """Return a folder of two small logs, and of a table without UTC."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "DJIFlightRecord_[1].txt").write_bytes(small())
    (folder / f"{BIDI}=2.txt").write_bytes(small("TRAINING 02", start_s=1_780_009_999))
    return folder


def untimed_table(folder: Path) -> None:
    """Write a table of Flight Reader, whose clock is of no known zone."""
    head = "CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime [s],OSD.latitude,"
    head += "OSD.longitude,OSD.height [m],APP.tip\n"
    rows = [
        f"5/14/2026,10:00:{second:02d}.0,{second},51.{500000 + second},-0.12,{second},"
        f"{'Took off' if second == 1 else ''}\n"
        for second in range(40)
    ]
    (folder / "flight.csv").write_text(head + "".join(rows))


def test_every_format_of_the_command_is_there() -> None:
    assert list(get_args(ExportFormatName)) == list(EXPORT_FORMATS)
    assert list(TIMELINE_FORMATS) == ["jsonl", "csv"]


def test_a_file_holds_all_flights_and_its_name_is_printed(
    invoke: Invoke, evidence: Path, tmp_path: Path
) -> None:
    out = tmp_path / "week.geojson"
    result = invoke("export", "geojson", evidence, "--out", out, "--jobs", 1)
    assert result.exit_code == 0
    assert result.stdout == f"{out}\n"
    assert len(json.loads(out.read_bytes())["flights"]) == 2


def test_a_folder_gets_a_file_of_each_flight(
    invoke: Invoke, evidence: Path, tmp_path: Path
) -> None:
    out = tmp_path / "tables"
    result = invoke("export", "csv-airdata", evidence, "--out", out, "--jobs", 1)
    assert result.exit_code == 0
    names = sorted(path.name for path in out.iterdir())
    assert len(names) == 2
    assert all(name.endswith("-airdata.csv") and name.isprintable() for name in names)
    for name in names:
        assert BIDI not in (out / name).read_text("utf-8")


def test_one_flight_is_chosen_with_the_option(
    invoke: Invoke, evidence: Path, tmp_path: Path
) -> None:
    whole, out = tmp_path / "all.geojson", tmp_path / "one.geojson"
    invoke("export", "geojson", evidence, "-o", whole, "-j", 1)
    ids = [flight["id"] for flight in json.loads(whole.read_bytes())["flights"]]
    assert invoke("export", "geojson", evidence, "-o", out, "-j", 1, "-f", ids[1]).exit_code == 0
    assert [flight["id"] for flight in json.loads(out.read_bytes())["flights"]] == ids[1:]
    missing = error_of_use(invoke("export", "geojson", evidence, "-o", out, "-j", 1, "-f", "x"))
    assert missing == f"dji-audit: no flight x; there are {', '.join(ids)}\n"


def test_a_single_log_is_exported_too(invoke: Invoke, evidence: Path, tmp_path: Path) -> None:
    log, out = evidence / "DJIFlightRecord_[1].txt", tmp_path / "one.gpx"
    assert invoke("export", "gpx", log, "-o", out, "-j", 1).exit_code == 0
    assert out.read_text().count("<trk>") == 1


@pytest.mark.parametrize("command", [("export", "kml"), ("timeline",), ("report",)])
def test_nothing_is_written_into_evidence(
    invoke: Invoke, evidence: Path, command: tuple[str, ...]
) -> None:
    before = sorted(evidence.iterdir())
    result = invoke(*command, evidence, "--out", evidence / "o.kml", "--jobs", 1)
    assert "nothing is written into evidence" in error_of_use(result)
    log = evidence / "DJIFlightRecord_[1].txt"
    data = log.read_bytes()
    assert invoke(*command, log, "--out", log, "--jobs", 1).exit_code == 2
    assert sorted(evidence.iterdir()) == before
    assert log.read_bytes() == data


def test_the_exit_code_says_that_something_was_not_read(
    invoke: Invoke, evidence: Path, tmp_path: Path
) -> None:
    (evidence / "DJIFlightRecord_[3].txt").write_bytes(small()[:-2000])
    out = tmp_path / "o.kml"
    result = invoke("export", "kml", evidence, "-o", out, "-j", 1)
    assert result.exit_code == 4
    assert "DJIFlightRecord_[3].txt" in result.stderr
    assert out.is_file()
    assert invoke("export", "kml", evidence, "-o", out, "-j", 1, "--allow-partial").exit_code == 0


def test_without_a_flight_the_exit_code_is_3(invoke: Invoke, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.md").write_text("# notes")
    result = invoke("timeline", empty, "-o", tmp_path / "t.jsonl", "-j", 1)
    assert result.exit_code == 3
    assert "no flight was found" in result.stderr


def test_a_time_line_says_what_has_no_utc(invoke: Invoke, evidence: Path, tmp_path: Path) -> None:
    untimed_table(evidence)
    out = tmp_path / "t.jsonl"
    result = invoke("timeline", evidence, "--out", out, "--jobs", 1)
    assert "left out 2 events of 1 flight: their logs state no UTC" in result.stderr
    rows = [json.loads(line) for line in out.read_text("ascii").splitlines()]
    assert rows
    assert not any(row["source_file"] == "flight.csv" for row in rows)
    dated = ("--camera-timezone", "UTC")
    result = invoke("timeline", evidence, "--out", out, "--jobs", 1, *dated)
    assert "left out" not in result.stderr


def test_a_time_line_holds_the_contacts_of_network_logs_outside_flights(
    invoke: Invoke, sample_logs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    shutil.copy(sample_logs / "network" / "pihole.log", folder)
    out = tmp_path / "t.csv"
    clock = ("--clock", "pihole.log=2026-05-14T10:00:00+01:00")
    invoke("timeline", folder, "--out", out, "--format", "csv", "--jobs", 1, *clock)
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"), newline="")))
    assert rows
    assert {row["data_type"] for row in rows} == {"dji-audit:contact"}
    assert {row["source_file"] for row in rows} == {"pihole.log"}
    assert [int(row["timestamp"]) for row in rows] == sorted(int(row["timestamp"]) for row in rows)


@pytest.mark.parametrize("format_", ["csv", "html", "md"])
def test_a_report_is_written_into_a_file(
    invoke: Invoke, evidence: Path, tmp_path: Path, format_: str
) -> None:
    out = tmp_path / f"report.{format_}"
    written = invoke("report", evidence, "--format", format_, "--out", out, "--jobs", 1)
    assert written.stdout == f"{out}\n"
    assert "VERDICT" in written.stderr
    text = out.read_text("utf-8")
    assert BIDI not in text
    assert "TRAINING 02" in text


def test_a_workbook_needs_a_file(invoke: Invoke, evidence: Path, tmp_path: Path) -> None:
    said = error_of_use(invoke("report", evidence, "--format", "xlsx", "--jobs", 1))
    assert said == "dji-audit: a workbook is not text: name the file to write with --out\n"
    out = tmp_path / "week.xlsx"
    invoke("report", evidence, "--format", "xlsx", "--out", out, "--jobs", 1)
    assert out.read_bytes().startswith(b"PK")


def test_a_file_named_as_a_pdf_is_one_and_names_the_hash_of_the_report(
    invoke: Invoke, evidence: Path, tmp_path: Path
) -> None:
    out = tmp_path / "week.pdf"
    report = invoke("report", evidence, "--jobs", 1).stdout
    assert invoke("report", evidence, "--out", out, "--jobs", 1).stdout == f"{out}\n"
    document = pypdfium2.PdfDocument(out.read_bytes())
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    assert hashlib.sha256(report.encode()).hexdigest() in text


def test_the_report_in_json_is_that_of_the_audit(
    invoke: Invoke, evidence: Path, tmp_path: Path
) -> None:
    report = invoke("report", evidence, "--jobs", 1)
    audit = invoke("audit", evidence, "--format", "json", "--jobs", 1)
    assert report.stdout == audit.stdout
    assert report.exit_code == audit.exit_code


def test_a_case_is_named_in_each_document(invoke: Invoke, evidence: Path, tmp_path: Path) -> None:
    case = ("--case-ref", "ABC/123", "--exhibit", "EX1", "--by", "PC 7", "--jobs", 1)
    out = tmp_path / "o.kml"
    invoke("export", "kml", evidence, "--out", out, *case)
    assert "Case: ABC&amp;#47;123." in out.read_text("utf-8")
    assert "- Case: ABC/123" in invoke("report", evidence, "--format", "md", *case).stdout
