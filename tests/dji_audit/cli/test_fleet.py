"""``fleet STATE …`` and ``report STATE --template monthly`` on the command line."""

import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

from dji_audit.fleet.dashboard.monthly_report import MONTHLY_FORMATS, gather_monthly_report_figures
from dji_audit.fleet.questions.answer import QuestionError
from dji_audit.mapper.html._csp import external_addresses_in_page
from tests.conftest import ROOT
from tests.dji_audit.cli.conftest import Invoke, error_of_use
from tests.dji_audit.fleet.made_fleet import write_made_fleet


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet") / "state"
    write_made_fleet(folder)
    write_made_fleet(folder)
    return folder


@pytest.mark.parametrize(
    "question",
    ["summary", "flights", "aircraft", "batteries", "payloads", "captures", "contacts", "findings",
     "firmware", "gaps", "quarantine", "sample --rate 5% --seed 1", "runs", "diff 1 2", "diff",
     "place 51.4405,0.7650", "place -51.4405,0.7650", "together", "sql SELECT\u00a01"],
)  # fmt: skip
def test_every_question_is_answered_in_both_orders(
    invoke: Invoke, state: Path, question: str
) -> None:
    name, *rest = question.split(" ")
    rest = [word.replace("\u00a0", " ") for word in rest]
    first = invoke("fleet", state, name, *rest)
    second = invoke("fleet", name, state, *rest)
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert first.stdout == second.stdout
    assert first.stdout
    document = json.loads(invoke("fleet", state, name, *rest, "--format", "json").stdout)
    assert {"schema", "question", "columns", "rows", "notes"} == document.keys()


def test_a_table_says_what_is_left_out(
    invoke: Invoke, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = invoke("fleet", state, "flights", "--rows", "2").stdout
    assert "4 more rows: name a larger --rows" in shown
    assert "Not shown for want of room" in shown
    assert "2026-05-01 10:00:00Z" in shown


def test_the_name_of_the_file_says_how_an_answer_is_written(
    invoke: Invoke, state: Path, tmp_path: Path
) -> None:
    for name in ("a.csv", "a.json", "a.xlsx", "a.parquet", "a.txt"):
        done = invoke("fleet", state, "flights", "-o", tmp_path / name)
        assert done.exit_code == 0
        assert "6 rows in" in done.stderr
    assert len(pd.read_csv(tmp_path / "a.csv")) == 6
    assert len(pd.read_parquet(tmp_path / "a.parquet")) == 6
    assert len(json.loads((tmp_path / "a.json").read_text())["rows"]) == 6
    assert len(pd.read_excel(tmp_path / "a.xlsx")) == 6
    assert "FLIGHT" in (tmp_path / "a.txt").read_text()


def test_text_of_a_log_is_no_formula_in_a_spreadsheet(invoke: Invoke, state: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(
        invoke("fleet", state, "findings", "--format", "csv").stdout
    )))  # fmt: skip
    assert {row["summary"][0] for row in rows} == {"'"}


def test_wrong_calls_say_what_is_right(invoke: Invoke, state: Path, tmp_path: Path) -> None:
    assert "Name one of: merge, " in error_of_use(invoke("fleet", state))
    assert "no tables of a fleet" in error_of_use(invoke("fleet", tmp_path, "summary"))
    wrong_place = invoke("fleet", state, "place", "here")
    assert "latitude,longitude" in error_of_use(wrong_place)
    wrong_rate = invoke("fleet", state, "sample", "--rate", "many", "--seed", 1)
    assert "--rate many" in error_of_use(wrong_rate)
    assert "--between" in error_of_use(invoke("fleet", state, "flights", "--between", "May"))
    assert "no run 9" in error_of_use(invoke("fleet", state, "diff", 1, 9))
    assert "only SELECT" in error_of_use(
        invoke("fleet", state, "sql", "DROP TABLE flights", "--engine", "sqlite")
    )
    assert "No such command" in error_of_use(invoke("fleet", state, "everything"))


def test_merging_states_keeps_its_own_form(invoke: Invoke, tmp_path: Path) -> None:
    none = tmp_path / "none"
    message = error_of_use(invoke("fleet", "merge", none, "-o", tmp_path / "merged"))
    assert str(none) in message


def test_the_dashboard_is_written(invoke: Invoke, state: Path, tmp_path: Path) -> None:
    done = invoke("fleet", state, "page", "-o", tmp_path / "fleet.html")
    assert done.exit_code == 0
    assert external_addresses_in_page((tmp_path / "fleet.html").read_text("utf-8")) == []


def test_a_run_with_a_state_writes_its_tables_and_counts_what_was_declared(
    invoke: Invoke, tmp_path: Path
) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    for path in (ROOT / "sample_logs").glob("*.tlog"):
        # A name that is no Unicode, as another system left it.
        shutil.copy(path, evidence / os.fsdecode(b"card\xff.tlog"))
    operations = tmp_path / "operations.csv"
    operations.write_text(
        "operation,start,end,aircraft,no_log\n"
        "Op 9,2026-05-20T09:00:00Z,2026-05-20T09:30:00Z,SERIAL9,true\n",
        "utf-8",
    )
    own = tmp_path / "state"
    audited = ("audit", evidence, "--state", own, "--operations", operations)
    assert invoke(*audited).exit_code in (0, 1)
    answer = json.loads(invoke("fleet", own, "flights", "--format", "json").stdout)
    entries = {row["entry"]: row for row in answer["rows"]}
    assert set(entries) == {"log", "declared"}
    assert entries["declared"]["operation"] == "Op 9"
    flight = entries["log"]
    place = invoke("fleet", own, "place", "50.6170,-3.9660", "--format", "json")
    near = json.loads(place.stdout)["rows"]
    assert {row["flight"] for row in near} == {flight["flight"]}
    # Nothing changes from run to run, and what goes is said.
    assert invoke(*audited).exit_code in (0, 1)
    assert json.loads(invoke("fleet", own, "diff", "--format", "json").stdout)["rows"] == []
    next(evidence.glob("*.tlog")).unlink()
    (evidence / "note.txt").write_text("nothing", "utf-8")
    invoke(*audited)
    gone = json.loads(invoke("fleet", own, "diff", 2, "--format", "json").stdout)["rows"]
    assert ("flight", "gone", flight["flight"]) in {
        (row["what"], row["change"], row["id"]) for row in gone
    }


def test_where_a_sentence_has_no_room_it_stands_whole_below_its_row(
    invoke: Invoke, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = invoke("fleet", state, "findings").stdout
    monkeypatch.setattr("dji_audit.cli.fleet._print_answer.output_width", lambda: 60)
    narrow = invoke("fleet", state, "findings").stdout
    assert max(map(len, narrow.splitlines()[:-2])) <= 60
    sentence = "=cmd|' /C calc'!A0"
    assert sentence in wide
    assert f"\n    {sentence}" in narrow
    # A column that holds nothing takes no room.
    assert "AUTHORISATION" not in wide


def test_a_month_for_publication_has_counts_and_what_could_not_be_established(
    invoke: Invoke, state: Path, tmp_path: Path
) -> None:
    done = invoke("report", state, "--template", "monthly", "--month", "2026-05")
    assert done.exit_code == 0
    text = done.stdout
    assert "# Drone flights in May 2026" in text
    assert "| flights that logs record | 2 |" in text
    assert "| flights entered by hand, without a log | 1 |" in text
    # A confirmed upload is a contact too.
    assert "| flights with a contact, of whatever grade, as far as recorded | 2 |" in text
    assert "| of these, flights with a confirmed upload | 1 |" in text
    assert "| flights with a contact against a claimed Local Data Mode | 1 |" in text
    assert "could not be established in full for 1 of 2 flights" in text
    assert "3 of 6 checks could not be made" in text
    for name in MONTHLY_FORMATS:
        out = tmp_path / f"month.{name}"
        done = invoke(
            "report", state, "--template", "monthly", "--month", "2026-05", "--format", name,
            "--out", out,
        )  # fmt: skip
        assert done.exit_code == 0
        document = pdf_text(out.read_bytes()) if name == "pdf" else out.read_text("utf-8")
        assert "flights that logs record" in document
        # No positions, places, serial numbers, files or ids.
        assert not re.search(r"51\.4|0\.765|Sheerness|SERIAL\d|BAT\d|card/|aa-1|Op 7", document)
    assert external_addresses_in_page((tmp_path / "month.html").read_text("utf-8")) == []


def test_a_month_is_printed_on_upright_sheets_the_same_bytes_always(
    invoke: Invoke, state: Path, tmp_path: Path
) -> None:
    # The name of the file says which document is meant.
    outs = [tmp_path / "first.pdf", tmp_path / "second.PDF"]
    for out in outs:
        done = invoke(
            "report", state, "--template", "monthly", "--month", "2026-05", "--out", out,
            "--now", "2026-06-02T08:00:00Z",
        )  # fmt: skip
        assert done.exit_code == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    document = pypdfium2.PdfDocument(outs[0].read_bytes())
    width, height = document[0].get_size()
    document.close()
    assert width < height
    text = pdf_text(outs[0].read_bytes())
    assert "2026-06-02 08:00:00 UTC" in text
    assert "Page 1 of" in text
    assert "could not be established in full for 1 of 2 flights" in " ".join(text.split())


def pdf_text(pdf: bytes) -> str:
    """Return the text of all pages, as a program that copies it reads it."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return "\n".join(pages).replace("\r\n", "\n")


def test_what_is_no_text_is_never_printed_to_a_terminal(invoke: Invoke, state: Path) -> None:
    said = error_of_use(invoke("report", state, "--template", "monthly", "--format", "pdf"))
    assert said == "dji-audit: a PDF is not text: name the file to write with --out\n"


def test_a_format_that_is_asked_for_is_written(invoke: Invoke, state: Path) -> None:
    done = invoke("report", state, "--template", "monthly", "--format", "json")
    assert json.loads(done.stdout)["month"] == "2026-06"


def test_the_month_is_that_of_the_last_flight_where_none_is_named(state: Path) -> None:
    assert gather_monthly_report_figures(state).month == "2026-06"
    empty = gather_monthly_report_figures(state, "2026-01")
    assert dict(empty.sections[0].figures)["flights that logs record"] == 0
    # Nothing was recorded of the network: that there was no contact is not known.
    (contacts,) = (it for it in empty.sections if it.heading.startswith("Contacts"))
    assert [value for _, value in contacts.figures] == [0, None, None, None, None]
    for wrong in ("2026", "2026-13", "May", "2026-5", "2026-05-01"):
        with pytest.raises(QuestionError):
            gather_monthly_report_figures(state, wrong)


def test_a_monthly_report_needs_one_state(invoke: Invoke, state: Path, tmp_path: Path) -> None:
    assert "needs one path" in error_of_use(invoke("report", state, state, "--template", "monthly"))
    assert "is written as" in error_of_use(
        invoke("report", state, "--template", "monthly", "--format", "xlsx")
    )
    assert "belongs to --template monthly" in error_of_use(
        invoke("report", state, "--month", "2026-05")
    )
