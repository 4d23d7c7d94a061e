"""Of which flights pages are drawn, and what is said of the others; the report row by row."""

import json
from pathlib import Path

import pytest

from dji_audit.api import audit
from dji_audit.cli.audit._run_summary_lines import MAX_LINES, run_summary_lines
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.rows_on_disk import RowKind, rows_of_kind
from dji_audit.fleet.run import FinishedRun, PagesToDraw, RunOptions, audit_paths
from dji_audit.fleet.stages import audit_flights
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.json_text import indented_json_text, indented_json_text_to_one_line
from dji_audit.report.json_values import as_json_value
from dji_audit.report.report_json_and_csv import ROW_KIND_OF_LIST
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_logs"
#: A flight that needs a look.
LOG = SAMPLES / "00000042.BIN"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return that flight, and one of another day that needs no look."""
    subtitles = (SAMPLES / "DJI_20260514100443_0001_D.SRT").read_text()
    later = tmp_path_factory.mktemp("logs") / "DJI_20260520100443_0001_D.SRT"
    later.write_text(subtitles.replace("2026-05-14", "2026-05-20"))
    return [LOG, later]


def run(logs: list[Path], out: Path, pages: PagesToDraw | None) -> FinishedRun:
    return audit_paths(logs, RunOptions(load_policy("default"), out=out, pages=pages))


@pytest.fixture(scope="module")
def every_page(
    logs: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[FinishedRun, Path]:
    out = tmp_path_factory.mktemp("pages") / "all"
    return run(logs, out, None), out


def pages_in(out: Path) -> set[str]:
    return {path.name for path in (out / "flights").glob("*.html")}


def test_few_flights_each_have_a_page(every_page: tuple[FinishedRun, Path]) -> None:
    finished, out = every_page
    assert len(pages_in(out)) == len(finished.contents.flights) > 1
    assert finished.flights_without_page == 0
    assert 'id="no_page"' not in (out / "index.html").read_text()
    assert not any(line.startswith("PAGES") for line in run_summary_lines(finished, [LOG], out))


def test_a_page_that_links_past_flights_without_one_is_known_to_the_next_run(
    logs: list[Path], tmp_path: Path
) -> None:
    options = RunOptions(
        load_policy("default"),
        out=tmp_path / "out",
        state=tmp_path / "state",
        pages=PagesToDraw.FINDINGS,
    )
    audit_paths(logs, options)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")}
    again = audit_paths(logs, options)
    assert again.kept is not None
    assert again.kept.audited_flights == 0
    assert again.flights_without_page > 0
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")} == before


def test_of_many_flights_those_that_need_a_look_have_a_page(
    logs: list[Path],
    every_page: tuple[FinishedRun, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, _ = every_page
    monkeypatch.setattr(audit_flights, "MAX_FLIGHTS_ALL_DRAWN", 1)
    finished = run(logs, tmp_path, None)
    urgent = {it.id for it in whole.contents.flights if it.verdict is FlightVerdict.NEEDS_LOOK}
    assert {it.id for it in finished.contents.flights if it.page} == urgent
    assert len(pages_in(tmp_path)) == len(urgent)
    without = len(whole.contents.flights) - len(urgent)
    assert finished.flights_without_page == without > 0
    index = (tmp_path / "index.html").read_text()
    assert "no page, and no link in the table" in index
    assert "dji-audit map LOG" in index
    lines = run_summary_lines(finished, [LOG], tmp_path)
    assert any(line.startswith(f"PAGES    {without} flight") for line in lines)
    assert len(lines) <= MAX_LINES
    # Nothing but the pages differs.
    assert finished.verdict == whole.verdict
    assert list(finished.contents.findings) == list(whole.contents.findings)


def test_without_pages_the_rest_is_written(logs: list[Path], tmp_path: Path) -> None:
    finished = run(logs, tmp_path, PagesToDraw.NONE)
    assert pages_in(tmp_path) == set()
    assert finished.flights_without_page == len(finished.contents.flights)
    assert {"index.html", "report.json", "report.jsonl", "flights.csv"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_lines_hold_every_row_of_the_report_with_its_kind(
    every_page: tuple[FinishedRun, Path],
) -> None:
    _, out = every_page
    report = json.loads((out / "report.json").read_text())
    lines = [json.loads(line) for line in (out / "report.jsonl").read_text().splitlines()]
    head, rows = lines[0], lines[1:]
    assert head["kind"] == "run"
    for key, kind in ROW_KIND_OF_LIST.items():
        assert [it["row"] for it in rows if it["kind"] == kind] == report.pop(key)
    assert head["row"] == report
    assert {it["kind"] for it in rows} <= {*RowKind}
    assert {*ROW_KIND_OF_LIST.values()} <= {*RowKind}


def test_the_report_has_the_bytes_that_the_standard_library_gives(
    every_page: tuple[FinishedRun, Path],
) -> None:
    finished, out = every_page
    text = (out / "report.json").read_text()
    whole = json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=True)
    assert text == whole + "\n"
    assert finished.report_json_text == text
    for kind in RowKind:
        for row in rows_of_kind(finished.contents, kind):
            plain = json.dumps(as_json_value(row), indent=1, sort_keys=True)
            assert indented_json_text(row) == plain
            assert json.loads(indented_json_text_to_one_line(plain)) == as_json_value(row)


@pytest.mark.parametrize(
    "value",
    [
        {"b": [1, 2.5, None, True, {"é\n": "\u2028"}], "a": {}, "c": []},
        [[], [{}], ""],
        Severity.HIGH,
        -0.0,
        1e-7,
        10**20,
    ],
)
def test_values_are_written_as_the_standard_library_writes_them(value: object) -> None:
    assert indented_json_text(value) == json.dumps(as_json_value(value), indent=1, sort_keys=True)


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        indented_json_text({"a": [float("nan")]})


def test_the_interface_for_python_has_tables_of_rows_on_disk() -> None:
    found = audit([LOG])
    assert len(found.flights) == len(found.run.contents.flights) == 1
    assert found.typed_findings == tuple(found.run.contents.findings)
