"""The history of the runs of a state: which flights, findings and files each of them had.

What does not change from run to run is kept once, with the first and the last run that had it, so
that the history grows by what changes.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError

HISTORY_FILE = "history.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    tool_version TEXT, policy TEXT, generated TEXT, paths TEXT,
    files INTEGER NOT NULL, flights INTEGER NOT NULL, findings INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    first_run INTEGER NOT NULL, last_run INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS kept_of_key ON kept (kind, key, last_run);
"""
#: What is compared from run to run: kind, key and value of each row of the tables.
_ROWS_NOW = """
CREATE TEMP TABLE now AS
SELECT 'flight' AS kind, flight AS key, json_object(
    'start', start, 'serial', serial, 'aircraft', aircraft, 'entry', entry, 'verdict', verdict,
    'findings', findings, 'file', file) AS value FROM fleet.flights
UNION ALL
SELECT 'finding', flight || ' ' || rule || ' ' || fingerprint, json_object(
    'flight', flight, 'rule', rule, 'outcome', min(outcome), 'severity', severity,
    'summary', summary) FROM fleet.findings WHERE outcome <> 'remark'
    GROUP BY flight, rule, fingerprint
UNION ALL
SELECT 'file', name, json_object('status', status, 'reason', reason, 'sha256', sha256)
    FROM fleet.files GROUP BY name;
CREATE INDEX temp.now_key ON now (kind, key);
"""


@dataclass(frozen=True, slots=True)
class RunOfHistory:
    """One run of the history; ``None``: not stated."""

    number: int
    tool_version: str | None
    policy: str | None
    generated: str | None
    paths: str | None
    files: int
    flights: int
    findings: int


@dataclass(frozen=True, slots=True)
class RunChange:
    """What differs between two runs; ``None``: it was not there."""

    #: ``flight``, ``finding`` or ``file``.
    kind: str
    key: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None


class UnknownRunError(Exception):
    """There is no run of that number; the message says which there are."""


def record_run_and_return_its_number(state: Path, database: Path) -> int:
    """Add the run whose tables a database holds; return its number, from 1.

    Raises:
        sqlite3.Error: If the history or the database cannot be used.
    """
    with closing(sqlite3.connect(state / HISTORY_FILE, timeout=30)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_TABLES)
        connection.execute("ATTACH ? AS fleet", (str(database),))
        connection.executescript(_ROWS_NOW)
        with connection:
            last = connection.execute("SELECT coalesce(max(number), 0) FROM runs").fetchone()[0]
            number = int(last) + 1
            connection.execute(
                "UPDATE kept SET last_run = ? WHERE last_run = ? AND EXISTS (SELECT 1 FROM now "
                "WHERE now.kind = kept.kind AND now.key = kept.key AND now.value = kept.value)",
                (number, last),
            )
            connection.execute(
                "INSERT INTO kept SELECT kind, key, value, ?1, ?1 FROM now WHERE NOT EXISTS "
                "(SELECT 1 FROM kept WHERE kept.kind = now.kind AND kept.key = now.key "
                "AND kept.last_run = ?1)",
                (number,),
            )
            about = dict(connection.execute("SELECT name, value FROM fleet.about"))
            counts = dict(connection.execute("SELECT kind, count(*) FROM now GROUP BY kind"))
            connection.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    *map(about.get, ("tool_version", "policy", "generated", "paths")),
                    *(counts.get(kind, 0) for kind in ("file", "flight", "finding")),
                ),
            )
    return number


def runs_of_history(state: Path) -> tuple[RunOfHistory, ...]:
    """Return the runs of a state, the first one first.

    Raises:
        OutputError: If the history cannot be read.
    """
    with _open_history_read_only(state) as connection:
        return tuple(
            RunOfHistory(*row) for row in connection.execute("SELECT * FROM runs ORDER BY number")
        )


def changes_between_two_runs(state: Path, before: int, after: int) -> tuple[RunChange, ...]:
    """Return what differs between two runs, flights first, then findings, then files.

    Raises:
        UnknownRunError: If there is no run of one of the numbers.
        OutputError: If the history cannot be read.
    """
    known = [run.number for run in runs_of_history(state)]
    for number in (before, after):
        if number not in known:
            there = f"1 to {known[-1]}" if len(known) > 1 else "1" if known else "none"
            raise UnknownRunError(f"no run {number} in the history; there is {there}")
    with _open_history_read_only(state) as connection:
        rows = connection.execute(
            "WITH old AS (SELECT * FROM kept WHERE ?1 BETWEEN first_run AND last_run), "
            "new AS (SELECT * FROM kept WHERE ?2 BETWEEN first_run AND last_run) "
            "SELECT old.kind, old.key, old.value, new.value FROM old LEFT JOIN new "
            "ON new.kind = old.kind AND new.key = old.key WHERE old.value IS NOT new.value "
            "UNION ALL SELECT new.kind, new.key, NULL, new.value FROM new WHERE NOT EXISTS "
            "(SELECT 1 FROM old WHERE old.kind = new.kind AND old.key = new.key)",
            (before, after),
        ).fetchall()
    order = ("flight", "finding", "file")
    rows.sort(key=lambda row: (order.index(row[0]), row[1]))
    return tuple(
        RunChange(kind, key, _decode_json_object(old), _decode_json_object(new))
        for kind, key, old, new in rows
    )


def _decode_json_object(value: str | None) -> Mapping[str, object] | None:
    if value is None:
        return None
    decoded: Mapping[str, object] = json.loads(value)
    return decoded


@contextmanager
def _open_history_read_only(state: Path) -> Iterator[sqlite3.Connection]:
    path = state / HISTORY_FILE
    if not path.is_file():
        raise OutputError(f"{state} has no history: run `audit --state {state}` first")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise OutputError(f"{path}: {error}") from error
    except OSError as error:
        raise OutputError(f"{path}: {os_error_reason(error)}") from error
