"""A run as workbook, Markdown and CSV: the rows of the report, and no text that is obeyed."""

import csv
import io
import json
from typing import Any

import openpyxl
import pytest

from dji_audit.common.case_details import CaseDetails
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.report.flat_tables import flat_tables_of_run
from dji_audit.report.markdown import run_markdown
from dji_audit.report.report_json_and_csv import flights_csv
from dji_audit.report.workbook import WorkbookError, run_workbook
from tests.dji_audit.fleet.test_run import small

#: Names of aircraft and of files; a name of an aircraft has at most 32 bytes.
NAMES = ("=1+1", "\u202ecod.exe", "<b>x</b>", "0012", "[a](http://b)", "|x|")
CASE = CaseDetails(reference="=CASE/1", exhibit="EX", made_by="PC 3")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Return a run over logs whose names would do harm, and over one that cannot be read."""
    folder = tmp_path_factory.mktemp("evidence")
    for number, name in enumerate(NAMES):
        below = folder / str(number)
        below.mkdir()
        path = below / f"{name.replace('/', '')}.txt"
        path.write_bytes(small(name, start_s=1_780_000_000 + 1000 * number, height_m=130.0))
    (folder / "FLY001.DAT").write_bytes(b"LOGH" + bytes(2000))
    return audit_paths([folder], RunOptions(load_policy()))


def workbook(run: FinishedRun) -> Any:
    data = run_workbook(
        run.contents, basis=run.basis, generated=None, verdict_line=run.verdict.line, case=CASE
    )
    return openpyxl.load_workbook(io.BytesIO(data))


def markdown(run: FinishedRun) -> str:
    return run_markdown(
        run.contents, basis=run.basis, generated=None, verdict_line=run.verdict.line, case=CASE
    )


def cells(sheet: Any) -> list[dict[str, Any]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_workbook_has_a_sheet_for_each_kind_of_row(run: FinishedRun) -> None:
    book = workbook(run)
    tables = flat_tables_of_run(run.contents)
    assert book.sheetnames == ["About", *(table.title for table in tables)]
    for table in tables:
        assert len(cells(book[table.title])) == len(table.rows), table.title
    assert book["Contacts"]["A1"].value == "none"
    report = json.loads(run.report_json_text)
    for title, key in (("Flights", "flights"), ("Findings", "findings"), ("Events", "events")):
        assert len(cells(book[title])) == len(report[key]) > 0
    about = {row["what"]: row["value"] for row in cells(book["About"])}
    assert about["Verdict"] == run.verdict.line
    assert about["Case"] == "'=CASE/1"


def test_no_cell_of_the_workbook_is_a_formula_or_holds_what_is_unseen(run: FinishedRun) -> None:
    book = workbook(run)
    texts = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]
    for cell in texts:
        assert cell.data_type == "s"
        assert cell.hyperlink is None
        assert cell.value.isprintable()
        assert not cell.value.startswith(("=", "+", "-", "@"))
    assert any("⟨U+202E⟩" in cell.value for cell in texts)


def test_numbers_are_numbers_and_serials_are_texts(run: FinishedRun) -> None:
    rows = cells(workbook(run)["Flights"])
    named = {row["aircraft_name"]: row for row in rows}
    assert "'0012" in named
    heights = [row["max_height_ato_m"] for row in rows]
    assert heights.count(130) == len(NAMES)
    # Of the log that could not be read it is not known: no cell, and not zero.
    assert heights.count(None) == 1
    assert all(isinstance(row["simulated"], bool) for row in rows)
    assert all(row["start"].endswith("Z") for row in rows if row["start"])
    findings = cells(workbook(run)["Findings"])
    assert all(isinstance(row["source_offset"], int) for row in findings)


def test_the_workbook_has_the_same_bytes_again(run: FinishedRun) -> None:
    first, second = (
        run_workbook(run.contents, basis=run.basis, generated=None, verdict_line="v", case=CASE)
        for _ in range(2)
    )
    assert first == second


def test_without_xlsxwriter_it_is_said_how_to_get_it(
    run: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dji_audit.report.workbook.find_spec", lambda name: None)
    with pytest.raises(WorkbookError, match=r'pip install "dji-audit\[excel\]"'):
        workbook(run)


def test_the_table_of_flights_shows_names_of_files_and_obeys_none(run: FinishedRun) -> None:
    text = flights_csv(run.contents.flights)
    assert text.replace("\r\n", "").isprintable()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(NAMES) + 1
    for row in rows:
        for name in ("aircraft_name", "file", "file_names"):
            assert not row[name].startswith(("=", "+", "-", "@"))
    assert any("⟨U+202E⟩cod.exe" in row["file_names"] for row in rows)


def test_markdown_tells_verdict_flights_findings_checks_and_files(run: FinishedRun) -> None:
    text = markdown(run)
    for head in ("# Audit of flights", "## Flights", "## Findings", "## Files"):
        assert f"{head}\n" in text
    assert "## What was not checked" in text
    for flight in run.contents.flights:
        assert f"| {flight.id} |" in text
    for file in run.contents.files:
        if file.sha256 is not None:
            assert file.sha256 in text


def test_markdown_obeys_no_text(run: FinishedRun) -> None:
    text = markdown(run)
    assert text.replace("\n", "").isprintable()
    assert "<b>" not in text.replace("\\<b", "")
    assert "](http" not in text
    # A bar in a text does not begin a cell.
    heads = [line.count("|") - line.count("\\|") for line in text.splitlines() if line[:1] == "|"]
    assert len(set(heads)) <= 4
    assert r"\|x\|" in text


def test_events_are_in_the_report_with_their_bytes(run: FinishedRun) -> None:
    report = json.loads(run.report_json_text)
    assert report["events"]
    flights = {flight["id"]: flight for flight in report["flights"]}
    for event in report["events"]:
        files = {source["file"] for source in flights[event["flight"]]["sources"]}
        assert event["file"] in files
        assert event["offset"] >= 0
    located = [event for event in report["events"] if event["latitude_deg"] is not None]
    assert located
    assert all(abs(event["latitude_deg"] - 50.0) < 1e-6 for event in located)
