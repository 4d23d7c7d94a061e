"""A run writes the same bytes twice, only where it may, and nothing into the evidence."""

import csv
import datetime as dt
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

import parsers
from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.compliance.context import ContextFiles
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import output_folder
from dji_audit.fleet.output_folder import (
    OutputError,
    prepare_pages_folder_and_list_earlier_pages,
    remove_unfinished_marker_file,
)
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.report import media_capture_rows as report_captures
from dji_audit.report.report_json_and_csv import flights_csv, report_json_schema
from dji_audit.report.rows import (
    ClockAlignmentRow,
    FileRow,
    FindingRow,
    FlightLogRow,
    FlightRow,
    RunContents,
)
from dji_audit.report.run_verdict import verdict_of_run
from parsers import GRADES
from sample_logs import dji_bodies
from sample_logs.dji_txt import Details, encode

NOW = dt.datetime(2026, 5, 15, 8, tzinfo=dt.UTC)


def small(
    name: str = "TRAINING 01", *, height_m: float = 10.0, start_s: int = 1_780_000_000
) -> bytes:
    """A version 11 record of ten seconds over one place."""
    records: list[tuple[int, bytes]] = []
    for step in range(100):
        records.append(
            (dji_bodies.CUSTOM, dji_bodies.custom(False, 0, 0, 0, start_s * 1000 + step * 100))
        )
        records.append(
            (
                dji_bodies.OSD,
                dji_bodies.osd(
                    50.0, -4.0, height_m, (0, 0, 0), (0, 0, 0), mode=6, action=0, airborne=True,
                    motors_on=True, go_home=0, satellites=12, battery_pct=80,
                    flight_time_s=step / 10,
                ),
            )
        )  # fmt: skip
    details = Details(
        aircraft_name=name, start_ms=start_s * 1000, total_time_ms=10_000, max_height_m=height_m
    )
    return encode(11, records, details=details)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """Return a folder of two small logs and a text."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "DJIFlightRecord_[1].txt").write_bytes(small())
    (folder / "DJIFlightRecord_[2].txt").write_bytes(small("TRAINING 02", start_s=1_780_009_999))
    (folder / "notes.md").write_text("# notes")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    out = {}
    for path in (folder, *folder.rglob("*")):
        status = path.lstat()
        out[str(path)] = (status.st_mtime_ns, status.st_size, status.st_mode)
    return out


SCHEMA = json.loads(report_json_schema())


def go(*paths: Path, **more: Any) -> FinishedRun:
    """Return a run; its report keeps to the schema, whatever the run was of."""
    finished = audit_paths(paths, RunOptions(load_policy(), **more))
    jsonschema.validate(json.loads(finished.report_json_text), SCHEMA)
    return finished


def test_a_report_keeps_to_its_schema(sample_logs: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    schema = json.loads(report_json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    for paths in ([sample_logs], [tmp_path], [tmp_path / "gone"], []):
        whole = go(*paths, generated=NOW)
        report = json.loads(whole.report_json_text)
        jsonschema.validate(report, schema)
        assert report["schema"] == "dji-audit/report/0.2"
        assert report["run"]["generated"] == "2026-05-15T08:00:00+00:00"


def test_a_report_of_a_real_folder_keeps_to_its_schema(samples: Path) -> None:
    whole = go(*sorted((samples / "dji_txt").rglob("*2018-06*.txt")))
    jsonschema.validate(json.loads(whole.report_json_text), json.loads(report_json_schema()))
    assert whole.contents.flights


def test_a_report_lists_whom_the_devices_met_and_how_that_was_watched(
    whole: Path, sample_logs: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.csv"
    own.write_text("indicator,operator,source\ntime.android.com,Google,own list\n")
    brief = ContextFiles(endpoints=(own,), devices=("192.0.2.20",))
    capture = sample_logs / "network" / "2026-05-14_router_wlan0.pcap"
    report = json.loads(go(whole, capture, context_files=brief).report_json_text)
    jsonschema.validate(report, json.loads(report_json_schema()))
    contacts = {row["host"]: row for row in report["contacts"]}
    upload = contacts["mydjiflight.dji.com"]
    assert (upload["claim"], upload["bytes_up"]) == ("probable_upload", 3_145_728)
    assert "flight_record_sync" in upload["categories"]
    assert "www.bbc.co.uk" not in contacts
    assert contacts["time.android.com"]["operators"] == ["Google"]
    assert contacts["198.51.100.99"]["operators"] == []
    (network,) = report["network"]
    # Of the two hours from its first packet to its last, its packets show two minutes.
    assert network["covered_fraction"] == 0.001189
    assert network["devices"] == ["192.0.2.20"]
    assert [log["not_counted"] for log in network["logs"]] == [""]
    (overlay,) = report["run"]["catalogue"]["overlays"]
    assert overlay["sha256"] == hashlib.sha256(own.read_bytes()).hexdigest()
    (finding,) = (one for one in report["findings"] if one["grade"] == "probable_upload")
    assert finding["coverage"] == 0.001189
    (result,) = (one for one in report["results"] if one["rule"] == "live_stream")
    recorded = result["observations"][0]
    times = [
        [pd.Timestamp(one[edge]) for edge in ("start", "end")] for one in recorded["intervals"]
    ]
    assert len(times) > 1
    assert sum((b - a).total_seconds() for a, b in times) == pytest.approx(
        0.001189 * _window_s(network), rel=1e-3
    )
    # What the app marks in every record, the run says once.
    remarks = [one["text"] for one in report["verdict"]["remarks"]]
    assert [text.rpartition(":")[2] for text in remarks] == [" 1."] * len(remarks)
    assert any("still to be sent" in text for text in remarks)
    assert set(report["claims"]) >= {finding["grade"] for finding in report["findings"]} - set(
        GRADES
    )


def _window_s(network: dict[str, Any]) -> float:
    """Return the length of the window of a flight, seconds."""
    edges = (pd.Timestamp(network[name]) for name in ("window_start", "window_end"))
    return -float((next(edges) - next(edges)).total_seconds())


def test_a_report_lists_the_captures_of_a_flight_with_the_bytes_that_show_them(
    whole: Path,
) -> None:
    report = json.loads(go(whole).report_json_text)
    jsonschema.validate(report, json.loads(report_json_schema()))
    (flight,) = report["flights"]
    rows = flight["captures"]["rows"]
    assert flight["captures"]["left_out"] == 0
    log = parsers.read(whole)
    assert [row["offset"] for row in rows] == log.captures["source_offset"].tolist()
    assert [row["sensor"] for row in rows] == log.captures["sensor"].tolist()
    assert {row["sha256"] for row in rows} == {log.source.sha256}
    assert sum(row["kind"] == "video" for row in rows) == flight["videos"] > 0
    starts = [row["start"] for row in rows]
    assert starts == sorted(starts)


def test_a_report_says_how_many_captures_it_does_not_list(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = json.loads(go(whole).report_json_text)["flights"][0]["captures"]["rows"]
    monkeypatch.setattr(report_captures, "MAX_CAPTURES", 1)
    (flight,) = json.loads(go(whole).report_json_text)["flights"]
    assert flight["captures"] == {"rows": every[:1], "left_out": len(every) - 1}


def test_captures_of_which_no_log_can_tell_are_not_an_empty_list(
    sealed: Path, tmp_path: Path
) -> None:
    # Without the keychains that lie beside the sample.
    log = Path(shutil.copyfile(sealed, tmp_path / sealed.name))
    report = json.loads(go(log).report_json_text)
    jsonschema.validate(report, json.loads(report_json_schema()))
    (flight,) = report["flights"]
    assert flight["encrypted"]
    assert flight["captures"] is None


def test_the_schema_refuses_a_report_that_lost_a_part(evidence: Path) -> None:
    report = json.loads(go(evidence).report_json_text)
    schema = json.loads(report_json_schema())
    for part in sorted(report):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({key: report[key] for key in report if key != part}, schema)


def test_what_a_report_counts_is_what_it_holds(three_logs: Path) -> None:
    whole = go(three_logs)
    report = json.loads(whole.report_json_text)
    verdict = report["verdict"]
    assert verdict["flights"] == len(report["flights"]) == 1
    assert sum(verdict["files_by_status"].values()) == len(report["inputs"])
    assert sum(verdict["rule_outcomes"].values()) == len(report["results"])
    assert len(report["results"]) == len(load_policy().rules)
    assert sum(verdict["findings_by_severity"].values()) == len(report["findings"])
    read = [row for row in report["inputs"] if row["coverage"] is not None]
    for row in read:
        assert sum(row["coverage"].values()) == row["size"], row["name"]
    assert report["coverage"]["bytes"] == sum(row["size"] for row in read)
    assert sum(report["coverage"]["bytes_by_kind"].values()) == report["coverage"]["bytes"]
    ids = {flight["id"] for flight in report["flights"]}
    assert {row["flight"] for row in (*report["results"], *report["findings"])} <= ids
    hashes = {row["sha256"] for row in read}
    assert {part["sha256"] for row in report["findings"] for part in row["evidence"]} <= hashes


def test_two_runs_write_the_same_bytes_whatever_the_machine_is_set_to(
    evidence: Path, tmp_path: Path
) -> None:
    trees = []
    for number, (seed, zone, jobs) in enumerate(
        (("1", "Pacific/Kiritimati", "1"), ("2", "America/Anchorage", "2"))
    ):
        out = tmp_path / f"out{number}"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"}
        environment.pop("SOURCE_DATE_EPOCH", None)
        command = [Path(sys.executable).with_name("dji-audit"), "audit", evidence]
        options = ["--out", out, "--jobs", jobs]
        done = subprocess.run(
            [str(word) for word in (*command, *options)],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        # The summary names the folder, where its path is short.
        trees.append((tree(out), done.stdout.replace(str(out).encode(), b"OUT")))
        os.utime(evidence / "notes.md", (number, number))
    assert trees[0] == trees[1]
    assert sum(name.startswith("flights/") for name in trees[0][0]) == 2
    assert {"index.html", "flights.csv", "report.json"} <= set(trees[0][0])


def test_a_second_run_into_the_same_folder_gives_the_same_bytes(
    evidence: Path, tmp_path: Path
) -> None:
    go(evidence, out=tmp_path / "out", generated=NOW)
    before = tree(tmp_path / "out")
    go(evidence, out=tmp_path / "out", generated=NOW)
    assert tree(tmp_path / "out") == before


def test_pages_of_logs_that_are_gone_are_removed_and_nothing_else(
    evidence: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    go(evidence, out=out)
    (out / "flights" / "mine.html").write_text("mine")
    (out / "notes.txt").write_text("mine")
    (evidence / "DJIFlightRecord_[2].txt").unlink()
    whole = go(evidence, out=out)
    (flight,) = whole.contents.flights
    assert set(tree(out)) == {
        "flights.csv", "index.html", "report.json", "report.jsonl", "notes.txt",
        "flights/mine.html", str(flight.page),
    }  # fmt: skip


def test_results_of_a_large_run_are_known_without_reading_their_report_whole(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    go(evidence, out=out)
    pages = {path.name for path in (out / "flights").iterdir()}
    monkeypatch.setattr(output_folder, "_MAX_REPORT_READ_WHOLE", 40_000)
    assert prepare_pages_folder_and_list_earlier_pages(out, []) == (
        out / "flights",
        frozenset(pages),
    )
    (out / "UNFINISHED.txt").unlink()
    (out / "report.jsonl").write_text('{"kind": "run", "row": {"schema": "other/1"}}\n')
    with pytest.raises(OutputError, match="not empty and not an earlier result"):
        prepare_pages_folder_and_list_earlier_pages(out, [])


def test_a_forged_report_removes_nothing_outside_the_folder_of_pages(
    evidence: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / "flights").mkdir(parents=True)
    (tmp_path / "precious.html").write_text("keep")
    pages = ["../../precious.html", str(tmp_path / "precious.html"), "../index.html", 7, None]
    flights: list[object] = [{"page": page} for page in pages]
    forged = {"schema": "dji-audit/report/0.1", "flights": flights}
    (out / "report.json").write_text(json.dumps(forged))
    go(evidence, out=out)
    assert (tmp_path / "precious.html").read_text() == "keep"


@pytest.mark.parametrize(
    "report",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"schema": "other/1"}',
        '{"schema": "dji-audit/report/0.1", "flights": null}',
        '{"schema": "dji-audit/report/0.1", "flights": [3]}',
    ],
)
def test_a_folder_of_something_else_is_refused_and_left_as_it_is(
    evidence: Path, tmp_path: Path, report: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.json").write_text(report)
    before = stamps(out)
    with pytest.raises(OutputError, match="not empty and not an earlier result"):
        go(evidence, out=out)
    assert stamps(out) == before


@pytest.mark.parametrize("below", ["", "out", "deep/er/out", "../evidence/out"])
def test_results_are_never_written_inside_the_evidence(evidence: Path, below: str) -> None:
    before = stamps(evidence)
    with pytest.raises(OutputError, match="nothing is written into evidence"):
        go(evidence, out=evidence / below)
    assert stamps(evidence) == before


def test_results_are_never_written_into_the_evidence_through_a_link(
    evidence: Path, tmp_path: Path
) -> None:
    before = stamps(evidence)
    (tmp_path / "link").symlink_to(evidence)
    with pytest.raises(OutputError, match="nothing is written into evidence"):
        go(evidence, out=tmp_path / "link" / "out")
    out = tmp_path / "out"
    out.mkdir()
    (out / "flights").symlink_to(evidence)
    (out / "report.json").write_text('{"schema": "dji-audit/report/0.1", "flights": []}')
    with pytest.raises(OutputError, match="nothing is written into evidence"):
        go(evidence, out=out)
    assert stamps(evidence) == before


def test_a_file_is_no_folder_for_results(evidence: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        go(evidence, out=tmp_path / "out")
    with pytest.raises(OutputError, match="not a directory"):
        go(evidence, out=tmp_path / "out" / "below")
    assert (tmp_path / "out").read_text() == "mine"


def test_evidence_is_as_it_was_after_a_run(three_logs: Path, tmp_path: Path) -> None:
    copy = tmp_path / "evidence"
    shutil.copytree(three_logs, copy)
    before = stamps(copy), tree(copy)
    go(copy, out=tmp_path / "out", jobs=2)
    assert (stamps(copy), tree(copy)) == before


def test_nothing_half_written_is_left_beside_the_results(evidence: Path, tmp_path: Path) -> None:
    go(evidence, out=tmp_path / "out")
    assert not [name for name in tree(tmp_path / "out") if name.endswith(".part")]


def test_every_flight_has_its_page_and_every_page_its_flight(
    three_logs: Path, tmp_path: Path
) -> None:
    whole = go(three_logs, out=tmp_path / "out")
    pages = {name for name in tree(tmp_path / "out") if name.startswith("flights/")}
    assert pages == {flight.page for flight in whole.contents.flights}
    index = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert all(page in index for page in pages)


def test_the_table_of_flights_has_one_row_for_each_flight(evidence: Path, tmp_path: Path) -> None:
    whole = go(evidence, out=tmp_path / "out")
    text = (tmp_path / "out" / "flights.csv").read_bytes().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == [flight.id for flight in whole.contents.flights]
    assert [row["aircraft_name"] for row in rows] == ["TRAINING 01", "TRAINING 02"]
    # Coordinates stay numbers: a sign is no formula.
    assert all(float(row["home_longitude_deg"] or -4) < 0 for row in rows)


def test_the_table_of_flights_has_one_heading_whatever_they_can_tell(evidence: Path) -> None:
    flight = go(evidence).contents.flights[0]
    silent = replace(flight, captures=None)
    heads = [
        csv.DictReader(io.StringIO(flights_csv(rows), newline="")).fieldnames
        for rows in ([flight], [silent], [silent, flight], [flight, silent])
    ]
    assert heads[0]
    assert heads[1:] == heads[:1] * 3
    nested = {
        name for name, value in flight.to_json_row().items() if isinstance(value, list | dict)
    }
    assert nested
    assert not nested & set(heads[0])


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(tmp_path: Path, begin: str) -> None:
    shown = begin if begin.isprintable() else " "
    assert spreadsheet_safe_cell(f"{begin}cmd|' /C calc'!A0") == f"'{shown}cmd|' /C calc'!A0"
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "a.txt").write_bytes(small(f"{begin}1+1"))
    whole = go(folder)
    (row,) = csv.DictReader(io.StringIO(flights_csv(whole.contents.flights), newline=""))
    assert not row["aircraft_name"].startswith(begin)
    assert row["aircraft_name"].startswith("'") or begin in "\t\r"


@pytest.mark.parametrize("value", [-1.5, 0, None, "plain", "a=b", ""])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert spreadsheet_safe_cell(value) == value


def verdict_of(
    *statuses: str, severities: tuple[str, ...] = (), fail_on: Severity = Severity.MEDIUM,
    allow_partial: bool = False, flights: int = 1,
) -> tuple[int, str]:  # fmt: skip
    files = [FileRow(f"{n}.txt", status) for n, status in enumerate(statuses)]
    clock = ClockAlignmentRow(
        source=None, method="reference", offset_s=None, uncertainty_s=None, timezone_s=None,
        reason="", drift=None,
    )  # fmt: skip
    source = FlightLogRow(
        file="0.txt", sha256="", format="", start=None, end=None, fixes=0, clock=clock,
        match=None, alternatives=(), copy_of=None,
    )  # fmt: skip
    flight = FlightRow(id="a-1", file="0.txt", sha256="", sources=(source,))
    found = [
        FindingRow(
            flight="a-1", rule="", outcome="fail", severity=Severity(severity), grade="", summary=""
        )
        for severity in severities
    ]
    contents = RunContents(files=tuple(files), flights=(flight,) * flights, findings=tuple(found))
    verdict = verdict_of_run(contents, fail_on, allow_partial)
    return verdict.exit_code, verdict.line


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (verdict_of("read"), 0),
        (verdict_of("read", "copy", "other"), 0),
        (verdict_of("read", severities=("low", "remark")), 0),
        (verdict_of("read", severities=("low",), fail_on=Severity.LOW), 1),
        (verdict_of("read", severities=("medium",)), 1),
        (verdict_of("read", severities=("medium",), fail_on=Severity.HIGH), 0),
        (verdict_of("partial", severities=("high",)), 4),
        (verdict_of("read", "unread"), 4),
        (verdict_of("encrypted"), 3),
        (verdict_of("encrypted", allow_partial=True), 3),
        (verdict_of("read", "encrypted"), 4),
        (verdict_of("partial", allow_partial=True), 0),
        (verdict_of("partial", severities=("high",), allow_partial=True), 1),
        (verdict_of("unread", flights=0), 3),
        (verdict_of("other", flights=0, allow_partial=True), 3),
        (verdict_of(flights=0), 3),
    ],
)
def test_the_exit_code_follows_from_findings_and_from_what_was_not_read(
    told: tuple[int, str], code: int
) -> None:
    assert told[0] == code


def test_the_verdict_says_how_much_was_not_checked() -> None:
    line = verdict_of("partial", "encrypted", "unread", "unread", severities=("high", "low"))[1]
    assert line == (
        "0 of 1 flights need a look. 1 clean and checked. "
        "Not read in full: 1 encrypted, 1 in part, 2 not at all (of 4 files)"
    )
    assert verdict_of("read")[1].endswith("1 file read in full")
    assert verdict_of("unread", flights=0)[1].endswith("1 file could not be read")
    assert verdict_of(flights=0)[1] == "Nothing was audited: no log was found"


def test_every_rule_that_could_not_be_assessed_is_counted_in_the_verdict(evidence: Path) -> None:
    whole = go(evidence)
    unknown = sum(row.outcome == "not_assessable" for row in whole.contents.results)
    assert whole.verdict.outcomes["not_assessable"] == unknown > 0
    assert " clean and checked, " not in whole.verdict.line.replace("0 clean and checked, ", "")


def test_what_killed_workers_left_half_written_goes_with_the_mark_of_the_unfinished_run(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    pages, _ = prepare_pages_folder_and_list_earlier_pages(out, [])
    for folder in (out, pages):
        for name in (".15m2q5a9.part", ".sy9_w56j.part", "page.html", ".kept.part"):
            (folder / name).touch()
    remove_unfinished_marker_file(out)
    for folder in (out, pages):
        left = {it.name for it in folder.iterdir() if it.is_file()}
        assert left == {"page.html", ".kept.part"}
