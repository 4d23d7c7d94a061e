"""A question in SQL: by DuckDB over the Parquet files, or by SQLite over the database.

Nothing can be written.  DuckDB (extra ``fleet``) is loaded when it is needed; where it is not
installed, SQLite answers.
"""

import datetime as dt
import decimal
import sqlite3
import time
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dji_audit.fleet.questions.answer import Answer, AnswerColumn, Cell, QuestionError
from dji_audit.fleet.tables.database_views import FLEET_VIEWS
from dji_audit.fleet.tables.instant_texts import instant_text_of_datetime
from dji_audit.fleet.tables.open_database import TABLES_FOLDER, open_fleet_database_read_only
from dji_audit.fleet.tables.schema import FLEET_TABLES

#: Rows of an answer; of more the number that is left out is not known.
MAX_SQL_ROWS = 1_000_000
#: The longest that a question may take.
MAX_SQL_S = 300.0
_OPERATIONS_BETWEEN_CHECKS = 100_000
_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)


def choose_sql_engine(state: Path, engine: str | None = None) -> str:
    """Return which engine answers: that which is asked for, else DuckDB where it can, else SQLite.

    Raises:
        QuestionError: If DuckDB is asked for and is not installed, or there are no Parquet files.
    """
    has_files = (state / TABLES_FOLDER / "flights.parquet").is_file()
    has_duckdb = find_spec("duckdb") is not None
    if engine == "duckdb" and not has_duckdb:
        raise QuestionError('DuckDB is not installed: pip install "dji-audit[fleet]"')
    if engine == "duckdb" and not has_files:
        raise QuestionError(
            f"{state} has no Parquet files: install pyarrow (dji-audit[fleet]) and audit again"
        )
    return engine or ("duckdb" if has_duckdb and has_files else "sqlite")


def sql_answer(state: Path, statement: str, engine: str | None = None) -> Answer:
    """Return the answer to one statement that selects.

    Args:
        state: The folder of the state.
        statement: One SELECT.
        engine: ``duckdb`` or ``sqlite``; ``None``: as `choose_sql_engine` chooses.

    Raises:
        QuestionError: If it is no SELECT, is wrong, takes too long, or the engine is missing.
        OutputError: If the state has no tables.
    """
    used = choose_sql_engine(state, engine)
    if used == "duckdb":
        names, rows, is_cut = _query_duckdb_columns_rows_and_is_cut(state, statement)
    else:
        names, rows, is_cut = _sqlite_column_names_rows_and_truncation(state, statement)
    notes = [f"Answered by {'DuckDB' if used == 'duckdb' else 'SQLite'}."]
    if is_cut:
        notes.append(f"Only the first {MAX_SQL_ROWS:,} rows are given.")
    columns = tuple(AnswerColumn(name) for name in _distinct_column_names(names))
    return Answer(
        statement.strip(), columns, [tuple(map(_answer_cell, row)) for row in rows], tuple(notes)
    )


def _sqlite_column_names_rows_and_truncation(
    state: Path, statement: str
) -> tuple[Sequence[str], Sequence[Any], bool]:
    deadline = time.monotonic() + MAX_SQL_S
    with open_fleet_database_read_only(state) as connection:
        connection.set_authorizer(
            lambda action, first, second, *_: (
                sqlite3.SQLITE_OK
                if action in _ALLOWED and second != "load_extension"
                else sqlite3.SQLITE_DENY
            )
        )
        connection.set_progress_handler(
            lambda: time.monotonic() > deadline, _OPERATIONS_BETWEEN_CHECKS
        )
        try:
            cursor = connection.execute(statement)
            rows = cursor.fetchmany(MAX_SQL_ROWS + 1)
        except (sqlite3.Error, sqlite3.Warning) as error:
            if "not authorized" in str(error) or "prohibited" in str(error):
                raise QuestionError("only SELECT is answered: nothing is written") from error
            if "interrupted" in str(error):
                raise QuestionError(f"this takes more than {MAX_SQL_S:.0f} s") from error
            raise QuestionError(f"SQLite: {error}{_missing_table_hint(str(error))}") from error
        names = [column[0] for column in cursor.description or ()]
    if not names:
        raise QuestionError("write one SELECT")
    return names, rows[:MAX_SQL_ROWS], len(rows) > MAX_SQL_ROWS


def _query_duckdb_columns_rows_and_is_cut(
    state: Path, statement: str
) -> tuple[Sequence[str], Sequence[Any], bool]:
    import duckdb

    folder = (state / TABLES_FOLDER).resolve()
    with open_fleet_database_read_only(state), duckdb.connect(":memory:") as connection:
        try:
            found = duckdb.extract_statements(statement)
        except duckdb.Error as error:
            raise _question_error_of_duckdb(error) from error
        if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
            raise QuestionError("only one SELECT is answered: nothing is written")
        files = [folder / f"{table.name}.parquet" for table in FLEET_TABLES]
        for table, file in zip(FLEET_TABLES, files, strict=True):
            source = f"read_parquet({_quote_path_for_sql(file)})"
            connection.execute(f'CREATE VIEW "{table.name}" AS SELECT * FROM {source}')  # noqa: S608 - names of the schema and of our files
        for view in FLEET_VIEWS:
            connection.execute(view.create_statement)
        allowed = ", ".join(map(_quote_path_for_sql, files))
        # From here on only these files can be opened, and no setting changed.
        connection.execute(f"SET allowed_paths = [{allowed}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET lock_configuration = true")
        try:
            connection.execute(statement)
            rows = connection.fetchmany(MAX_SQL_ROWS + 1)
        except duckdb.Error as error:
            raise _question_error_of_duckdb(error) from error
        names = [column[0] for column in connection.description or ()]
    return names, rows[:MAX_SQL_ROWS], len(rows) > MAX_SQL_ROWS


def _question_error_of_duckdb(error: Exception) -> QuestionError:
    """Return a fault of DuckDB in one line: below it are the statement and a mark."""
    text = str(error).partition("\n")[0]
    return QuestionError(f"DuckDB: {text}{_missing_table_hint(text)}")


def _quote_path_for_sql(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _missing_table_hint(message: str) -> str:
    """Return the names of the tables, where a message says that one is not there."""
    lowered = message.lower()
    if "no such table" not in lowered and not ("table" in lowered and "does not exist" in lowered):
        return ""
    names = ", ".join([*(it.name for it in FLEET_TABLES), *(it.name for it in FLEET_VIEWS)])
    return f"; there are {names}"


def _distinct_column_names(names: Iterable[str]) -> list[str]:
    """Return names of columns, each once: a second one of a name gets a number."""
    found: list[str] = []
    for name in names:
        distinct, number = name, 2
        while distinct in found:
            distinct, number = f"{name}_{number}", number + 1
        found.append(distinct)
    return found


def _answer_cell(value: Any) -> Cell:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC) if value.tzinfo is not None else value
        return instant_text_of_datetime(utc)
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return str(value)
