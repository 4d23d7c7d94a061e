"""Questions to a fleet: every figure equals one found in another way."""

import ast
import csv
import inspect
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from benchmarks._summary_by_pandas import summary_figures_by_pandas, tables_of_database
from dji_audit.fleet.questions import sql_question
from dji_audit.fleet.questions.answer import DOCUMENT_FORMATS, Answer, AnswerColumn, QuestionError
from dji_audit.fleet.questions.answer_documents import encode_answer_in_file_format
from dji_audit.fleet.questions.fleet_summary import fleet_summary_answer
from dji_audit.fleet.questions.random_sample import random_flight_sample_answer
from dji_audit.fleet.questions.row_filter_by_time_serial_and_flight import (
    PeriodSerialAndFlightFilter,
)
from dji_audit.fleet.questions.run_differences import list_of_runs_answer, run_differences_answer
from dji_audit.fleet.questions.sql_question import sql_answer
from dji_audit.fleet.questions.table_questions import TABLE_QUESTIONS, table_answer
from dji_audit.fleet.questions.time_span import start_and_end_texts_of_time_span
from dji_audit.fleet.tables.open_database import TABLES_FOLDER, open_fleet_database_read_only
from tests.dji_audit.fleet.made_fleet import write_made_fleet


@pytest.fixture
def base(made_state: Path) -> Iterator[sqlite3.Connection]:
    with open_fleet_database_read_only(made_state) as connection:
        yield connection


def column(answer: Answer, name: str) -> list[Any]:
    index = answer.column_names.index(name)
    return [row[index] for row in answer.rows]


def test_every_figure_of_the_summary_equals_one_by_pandas(
    made_state: Path, base: sqlite3.Connection
) -> None:
    answer = fleet_summary_answer(base)
    stated = dict(zip(column(answer, "figure"), column(answer, "value"), strict=True))
    assert stated == summary_figures_by_pandas(tables_of_database(made_state))
    assert (stated["flights"], stated["flights declared"], stated["aircraft"]) == (4, 1, 2)
    assert stated["thermal video"] == 0.05
    assert all(column(answer, "meaning"))


@pytest.mark.parametrize(
    ("words", "may_load_numpy"),
    [
        (["summary"], False), (["summary", "--format", "json"], False),
        (["flights", "--format", "csv"], False), (["place", "51.44,0.765"], True),
    ],
)  # fmt: skip
def test_a_question_loads_what_answers_it_and_nothing_else(
    made_state: Path, words: list[str], may_load_numpy: bool
) -> None:
    # Loading the whole program takes longer than the answer: a second and more.
    script = (
        "import sys\n"
        "from dji_audit.cli._app import app\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "print([it for it in ('numpy', 'pandas', 'parsers', 'dji_audit.mapper') "
        "if it in sys.modules])"
    )
    answered = subprocess.run(
        [sys.executable, "-c", script, "fleet", str(made_state), *words],
        check=True,
        capture_output=True,
        text=True,
    )
    *answer, loaded = answered.stdout.splitlines()
    assert answer
    assert ast.literal_eval(loaded) == (["numpy"] if may_load_numpy else [])


def test_every_question_has_a_meaning_for_each_column_and_filters_its_rows(
    base: sqlite3.Connection,
) -> None:
    for name in TABLE_QUESTIONS:
        answer = table_answer(base, name)
        assert all(it.meaning for it in answer.columns), name
        for chosen in (
            PeriodSerialAndFlightFilter(between=("2030", "2031")),
            PeriodSerialAndFlightFilter(serial="NONE"),
            PeriodSerialAndFlightFilter(flight="none"),
        ):  # fmt: skip
            try:
                assert table_answer(base, name, chosen).rows == []
            except QuestionError as error:
                assert name in str(error)


def test_flights_of_a_month_and_an_aircraft_are_those(base: sqlite3.Connection) -> None:
    chosen = PeriodSerialAndFlightFilter(
        between=start_and_end_texts_of_time_span("2026-05"), serial="SERIAL1"
    )
    answer = table_answer(base, "flights", chosen)
    assert column(answer, "flight") == ["aa-1", "declared-1"]
    assert column(answer, "entry") == ["log", "declared"]
    assert column(answer, "simulated") == [False, False]
    assert answer.notes == ()
    month = table_answer(
        base,
        "flights",
        PeriodSerialAndFlightFilter(between=start_and_end_texts_of_time_span("2026-05")),
    )
    assert month.notes == ("Left out 1 row without UTC, which could be of any time.",)
    assert column(table_answer(base, "contacts", chosen), "host") == ["upload.example"]


def test_a_contact_leads_to_its_bytes(base: sqlite3.Connection) -> None:
    answer = table_answer(base, "contacts", PeriodSerialAndFlightFilter(flight="aa-1"))
    row = dict(zip(answer.column_names, answer.rows[0], strict=True))
    assert (row["file"], row["offset"], row["record"]) == ("network.pcap", 1234, "tls.server_name")
    assert row["local_data_mode"] == "fail"


def test_findings_leave_out_remarks_and_begin_with_the_gravest(base: sqlite3.Connection) -> None:
    assert column(table_answer(base, "findings"), "severity") == ["high", "medium", "low"]


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
        ("2026-12", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
        ("2026-02-28", "2026-02-28T00:00:00.000Z", "2026-03-01T00:00:00.000Z"),
        ("2026-05..2026-06", "2026-05-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z"),
        ("2026-05-14T09:00+01:00..2026-05-14T09:00Z", "2026-05-14T08:00:00.000Z",
         "2026-05-14T09:00:00.000Z"),
    ],
)  # fmt: skip
def test_a_span_of_time_ends_after_its_last_day(text: str, first: str, after: str) -> None:
    assert start_and_end_texts_of_time_span(text) == (first, after)


@pytest.mark.parametrize(
    "text", ["", "May", "2026-13", "2026-02-30", "2026-06..2026-05", "2026-05-14T09:00..2027"]
)
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(QuestionError, match="--between"):
        start_and_end_texts_of_time_span(text)


def test_a_sample_is_the_same_for_the_same_seed_and_rounds_up(base: sqlite3.Connection) -> None:
    first = random_flight_sample_answer(base, 0.3, 7)
    assert len(first.rows) == 2
    assert first.rows == random_flight_sample_answer(base, 0.3, 7).rows
    assert set(column(random_flight_sample_answer(base, 1.0, 1), "flight")) == {
        "aa-1",
        "bb-1",
        "cc-1",
        "dd-1",
    }
    picks = {
        tuple(column(random_flight_sample_answer(base, 0.25, seed), "flight")) for seed in range(30)
    }
    assert len(picks) == 4
    for rate in (0.0, -1.0, 1.01):
        with pytest.raises(QuestionError, match="--rate"):
            random_flight_sample_answer(base, rate, 1)


def test_a_difference_between_runs_names_each_value(tmp_path: Path) -> None:
    write_made_fleet(tmp_path, paths="/a")
    write_made_fleet(tmp_path, paths="/b")
    answer = run_differences_answer(tmp_path, 1, 2)
    assert answer.rows == []
    assert answer.notes == ("Nothing differs.", "The two runs audited different paths.")
    assert column(list_of_runs_answer(tmp_path), "flights") == [6, 6]
    with pytest.raises(QuestionError, match="no run 3 in the history; there is 1 to 2"):
        run_differences_answer(tmp_path, 1, 3)


SELECTS = [
    "SELECT serial, sum(duration_s) AS s FROM logged_flights GROUP BY serial ORDER BY serial",
    "WITH may AS (SELECT * FROM flights WHERE month = '2026-05') SELECT count(*) AS n FROM may",
    "SELECT rule, outcome, flights FROM rule_outcomes ORDER BY rule, outcome",
    "SELECT count(*) AS n FROM unchecked",
]


@pytest.mark.parametrize("statement", SELECTS)
def test_duckdb_and_sqlite_give_the_same_answers(made_state: Path, statement: str) -> None:
    one, other = (sql_answer(made_state, statement, it) for it in ("duckdb", "sqlite"))
    assert one.column_names == other.column_names
    assert sorted(map(str, one.rows)) == sorted(map(str, other.rows))
    assert one.notes == ("Answered by DuckDB.",)
    assert other.notes == ("Answered by SQLite.",)


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM flights",
        "CREATE TABLE x (a INTEGER)",
        "ATTACH '{file}' AS other",
        "PRAGMA query_only = OFF",
        "SELECT 1; DELETE FROM flights",
        "COPY (SELECT 1) TO '{file}'",
        "SELECT load_extension('{file}')",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT writefile('{file}', 'x')",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "",
        "nonsense",
    ],
)
def test_sql_writes_and_reads_nothing_else(
    made_state: Path, tmp_path: Path, engine: str, statement: str
) -> None:
    before = {it.name: it.read_bytes() for it in (made_state / TABLES_FOLDER).iterdir()}
    file = tmp_path / "other.csv"
    file.write_text("secret\n1\n", "utf-8")
    with pytest.raises(QuestionError):
        sql_answer(made_state, statement.format(file=file), engine)
    assert file.read_text("utf-8") == "secret\n1\n"
    assert {it.name: it.read_bytes() for it in (made_state / TABLES_FOLDER).iterdir()} == before


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_table_that_is_not_there_is_answered_with_those_that_are(
    made_state: Path, engine: str
) -> None:
    with pytest.raises(QuestionError, match=r"there are about, files, logs, flights"):
        sql_answer(made_state, "SELECT * FROM flight", engine)


def test_without_duckdb_sqlite_answers(made_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_question, "find_spec", lambda _: None)
    assert sql_answer(made_state, "SELECT 1 AS one").notes == ("Answered by SQLite.",)
    with pytest.raises(QuestionError, match="pip install"):
        sql_answer(made_state, "SELECT 1 AS one", "duckdb")


def test_duckdb_is_loaded_only_for_sql() -> None:
    tree = ast.parse(inspect.getsource(sql_question))
    loaded = {
        name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names
    }
    assert "sqlite3" in loaded
    assert "duckdb" not in loaded
    assert any(
        isinstance(node, ast.Import) and node.names[0].name == "duckdb" for node in ast.walk(tree)
    )


def an_answer() -> Answer:
    columns = (AnswerColumn("text", "A text."), AnswerColumn("number", "A number.", "m"))
    rows = [("=1+1", 1.5), ("0012", 2), (None, None), ("plain", 3)]
    return Answer("What?", columns, rows, ("A note.",))


def test_an_answer_is_the_same_in_every_document() -> None:
    answer = an_answer()
    document = json.loads(encode_answer_in_file_format(answer, "json"))
    assert document["rows"][0] == {"text": "=1+1", "number": 1.5}
    assert document["columns"][1] == {"name": "number", "meaning": "A number.", "unit": "m"}
    table = list(
        csv.reader(io.StringIO(encode_answer_in_file_format(answer, "csv").decode("utf-8")))
    )
    assert table == [["text", "number"], ["'=1+1", "1.5"], ["'0012", "2"], ["", ""], ["plain", "3"]]
    book = openpyxl.load_workbook(io.BytesIO(encode_answer_in_file_format(answer, "xlsx")))
    sheet = book["Answer"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=3)] == [
        ["text", "number"], ["'=1+1", 1.5], ["'0012", 2],
    ]  # fmt: skip
    assert {row[0].value for row in book["About"].iter_rows()} >= {"question", "note", "text"}
    frame = pd.read_parquet(io.BytesIO(encode_answer_in_file_format(answer, "parquet")))
    assert frame["text"].iloc[[0, 1, 3]].tolist() == ["=1+1", "0012", "plain"]
    assert np.isnan(frame["number"].iloc[2])
    for name in DOCUMENT_FORMATS:
        assert encode_answer_in_file_format(answer, name) == encode_answer_in_file_format(
            answer, name
        )


def test_parquet_of_texts_and_numbers_in_one_column_is_text() -> None:
    answer = Answer("What?", (AnswerColumn("value"),), [(1,), ("2026",), (None,)])
    frame = pd.read_parquet(io.BytesIO(encode_answer_in_file_format(answer, "parquet")))
    assert frame["value"].iloc[:2].tolist() == ["1", "2026"]
