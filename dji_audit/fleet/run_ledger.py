"""The ledger of a state: which files each run found, in SQLite, so that nothing goes in silence."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError
from dji_audit.report.rows import FileRow

LEDGER_FILE = "ledger.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    roots TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS files (
    run INTEGER NOT NULL REFERENCES runs (number),
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    size INTEGER,
    sha256 TEXT,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
"""
#: Runs of which the files are kept.
_RUNS_KEPT = 20


@dataclass(frozen=True, slots=True)
class RunLedger:
    """The ledger in a folder of states."""

    path: Path

    def removed_files(self, roots: Sequence[Path], names: frozenset[str]) -> tuple[str, ...]:
        """Return the files that the last run over the same paths found, and this one did not.

        Raises:
            OutputError: If the ledger cannot be read.
        """
        with self._connection() as connection:
            last = connection.execute(
                "SELECT max(number) FROM runs WHERE roots = ?", (_roots_text(roots),)
            ).fetchone()[0]
            known = connection.execute("SELECT name FROM files WHERE run = ?", (last,))
            return tuple(sorted({name for (name,) in known} - names))

    def add_run(self, roots: Sequence[Path], files: Sequence[FileRow]) -> None:
        """Add a run that is finished, and forget the oldest.

        Raises:
            OutputError: If the ledger cannot be written.
        """
        with self._connection() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (roots) VALUES (?)", (_roots_text(roots),)
            )
            run = cursor.lastrowid or 0
            connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (run, row.name, str(row.status), row.reason, row.size, row.sha256)
                    for row in files
                ),
            )
            for table, column in (("files", "run"), ("runs", "number")):
                connection.execute(
                    f"DELETE FROM {table} WHERE {column} <= ?",  # noqa: S608 - names from here
                    (run - _RUNS_KEPT,),
                )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self.path, timeout=30)
            try:
                # A run that is killed leaves the ledger as the last finished one left it.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(_TABLES)
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise OutputError(f"{self.path}: {error}") from error
        except OSError as error:
            raise OutputError(f"{self.path}: {os_error_reason(error)}") from error


def _roots_text(roots: Sequence[Path]) -> str:
    return json.dumps(sorted(str(path.resolve()) for path in roots))
