"""What the last report says of the same rows is copied from it, unless somebody touched it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dji_audit.fleet.stages import write_index_and_report
from dji_audit.report.report_json_and_csv import (
    RowsAsIndentedJsonAndLines,
    report_rows_as_json_and_json_lines,
)
from tests.dji_audit.fleet.stages.run_in_folder import copy_sample_logs, cut_short, run_in_folder

INDEX = "report-texts-of-last-run"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    copy_sample_logs(tmp_path, "*.tlog", "*.BIN", "*.ulg", "*_T.JPG")
    run_in_folder(tmp_path)
    (tmp_path / "evidence" / "notes.txt").write_text("nothing")
    return tmp_path


@pytest.fixture
def lists_made_anew(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the keys of lists of the report of which rows were made into text."""
    keys: set[str] = set()

    def note(key: str, rows: object) -> RowsAsIndentedJsonAndLines:
        keys.add(key)
        return report_rows_as_json_and_json_lines(key, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(write_index_and_report, "report_rows_as_json_and_json_lines", note)
    return keys


def documents(folder: Path) -> dict[str, bytes]:
    names = ("report.json", "report.jsonl", "flights.csv")
    return {name: (folder / name).read_bytes() for name in names}


def assert_documents_are_those_of_a_new_run(home: Path) -> None:
    run_in_folder(home, state=None, out=home / "new")
    assert documents(home / "out") == documents(home / "new")
    json.loads(documents(home / "out")["report.json"])


def test_only_what_is_new_is_made_into_text(home: Path, lists_made_anew: set[str]) -> None:
    run_in_folder(home)
    assert lists_made_anew == {"inputs"}
    # What was copied can be copied again.
    (home / "evidence" / "more.txt").write_text("nothing more")
    lists_made_anew.clear()
    run_in_folder(home)
    assert lists_made_anew == {"inputs"}
    assert_documents_are_those_of_a_new_run(home)


def test_flights_that_went_are_in_no_document(home: Path, lists_made_anew: set[str]) -> None:
    for path in (home / "evidence").glob("*.ulg"):
        path.unlink()
    run_in_folder(home)
    assert "results" not in lists_made_anew
    assert_documents_are_those_of_a_new_run(home)


def write_into(name: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        path = home / "out" / name
        data = bytearray(path.read_bytes())
        at = next(at for at in range(len(data) // 2, len(data)) if data[at] == ord("1"))
        data[at] = ord("2")
        # In the same file, of the same size.
        with path.open("r+b") as stream:
            stream.write(data)

    return change


def cut_index_short(home: Path) -> None:
    cut_short(home / "state" / INDEX)


def remove_lines(home: Path) -> None:
    (home / "out" / "report.jsonl").unlink()


@pytest.mark.parametrize(
    "change",
    [write_into("report.json"), write_into("report.jsonl"), cut_index_short, remove_lines],
    ids=["report", "lines", "index", "removed"],
)
def test_nothing_is_copied_from_what_was_touched(
    home: Path, lists_made_anew: set[str], change: Callable[[Path], None]
) -> None:
    change(home)
    run_in_folder(home)
    assert {"flights", "results", "events"} <= lists_made_anew
    assert_documents_are_those_of_a_new_run(home)


def test_a_table_that_was_touched_is_made_anew(home: Path) -> None:
    write_into("flights.csv")(home)
    run_in_folder(home)
    assert_documents_are_those_of_a_new_run(home)


def test_another_folder_gets_a_report_of_its_own(home: Path) -> None:
    run_in_folder(home, out=home / "other")
    run_in_folder(home, state=None, out=home / "new")
    assert documents(home / "other") == documents(home / "new")
