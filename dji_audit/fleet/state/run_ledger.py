"""The ledger of a state: which files each run found, in SQLite, so that nothing goes in silence."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError
from dji_audit.report.quarantine import QuarantinedFile
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
CREATE TABLE IF NOT EXISTS shards (
    run INTEGER PRIMARY KEY REFERENCES runs (number),
    number INTEGER NOT NULL,
    count INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS quarantine (
    run INTEGER NOT NULL REFERENCES runs (number),
    name TEXT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    stage TEXT NOT NULL,
    key TEXT NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (stage, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hashed_files (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;
"""
#: Runs of which the files are kept.
_RUNS_KEPT = 20
#: Runs over the same paths that may leave a result unused before it is removed, and how many
#: results are removed at the end of one run: it shall not take long.
_RUNS_WITHOUT_USE, _MAX_REMOVED = 3, 50_000
#: The tables that belong to a run, with their columns, and the columns by which rows are ordered.
_TABLES_OF_RUN = {
    "files": ("name", "status", "reason", "size", "sha256"),
    "shards": ("number", "count"),
    "quarantine": ("name", "cause", "reason"),
}


@dataclass(frozen=True, slots=True)
class ShardNumberAndCount:
    """One of several parts of the same paths, each read by a run of its own."""

    #: From 1.
    number: int
    count: int

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        return f"{self.number}/{self.count}"

    def is_file_in_shard(self, name: str) -> bool:
        """Return whether a file, or a container with all its members, is in this part.

        It is decided by the name alone, so that all machines agree, whatever each of them sees.
        """
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1


@dataclass(frozen=True, slots=True)
class RunLedger:
    """The ledger in a folder of states."""

    path: Path

    def removed_files(self, roots: Sequence[Path], names: frozenset[str]) -> tuple[str, ...]:
        """Return the files that the last run over the same paths found, and this one did not.

        Runs that read one part each count as one with the whole run before them.

        Raises:
            OutputError: If the ledger cannot be read.
        """
        with self._connection() as connection:
            known = connection.execute(
                "SELECT name FROM files JOIN runs ON run = number WHERE roots = :roots"
                " AND run >= (SELECT coalesce(max(number), 0) FROM runs WHERE roots = :roots"
                " AND number NOT IN (SELECT run FROM shards))",
                {"roots": _evidence_paths_json(roots)},
            )
            return tuple(sorted({name for (name,) in known} - names))

    def add_run(
        self,
        roots: Sequence[Path],
        files: Iterable[FileRow],
        shard: ShardNumberAndCount | None = None,
        quarantined: Sequence[QuarantinedFile] = (),
    ) -> None:
        """Add a run that is finished, and forget the oldest.

        Raises:
            OutputError: If the ledger cannot be written.
        """
        rows: _RowsOfRun = {
            # Those of a large run are not in memory together.
            "files": ((it.name, str(it.status), it.reason, it.size, it.sha256) for it in files),
            "shards": [(shard.number, shard.count)] if shard is not None else [],
            "quarantine": [(it.name, str(it.cause), it.reason) for it in quarantined],
        }
        with self._connection() as connection:
            _insert_run(connection, _evidence_paths_json(roots), rows)
            _delete_oldest_runs(connection)

    def forget_and_return_outdated_results(
        self, used: Iterable[tuple[str, str]], stored: Iterable[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Forget the results that none of the last runs over the same paths used; return them.

        Args:
            used: Stage and key of each result that the last run in the ledger used.
            stored: Those of every result that there is.

        Raises:
            OutputError: If the ledger cannot be written.
        """
        with self._connection() as connection:
            (run,) = connection.execute("SELECT max(number) FROM runs").fetchone()
            connection.executemany(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?)", ((*it, run) for it in used)
            )
            # What a killed or a merged run left counts as used now.
            connection.executemany(
                "INSERT OR IGNORE INTO results VALUES (?, ?, ?)", ((*it, run) for it in stored)
            )
            recent = connection.execute(
                "SELECT number FROM runs WHERE ? > (SELECT count(*) FROM runs AS later"
                " WHERE later.roots = runs.roots AND later.number > runs.number"
                " AND later.number NOT IN (SELECT run FROM shards))",
                (_RUNS_WITHOUT_USE,),
            ).fetchall()
            marks = ", ".join("?" * len(recent))
            outdated: list[tuple[str, str]] = connection.execute(
                f"SELECT stage, key FROM results WHERE run NOT IN ({marks}) LIMIT ?",  # noqa: S608 - question marks
                (*(number for (number,) in recent), _MAX_REMOVED),
            ).fetchall()
            connection.executemany("DELETE FROM results WHERE stage = ? AND key = ?", outdated)
            return outdated

    def file_hashes_by_resolved_path(self) -> Mapping[str, FileHashAndStat]:
        """Return what is known of files by their resolved paths.

        Raises:
            OutputError: If the ledger cannot be read.
        """
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT path, size, mtime_ns, inode, sha256 FROM hashed_files"
            )
            return {path: FileHashAndStat(*values) for path, *values in rows}

    def file_hashes_by_path_or_empty(self) -> Mapping[str, FileHashAndStat]:
        """Return what is known of files; nothing where there is no ledger yet.

        Raises:
            OutputError: If the ledger cannot be read.
        """
        return self.file_hashes_by_resolved_path() if self.path.is_file() else {}

    def add_hashed_files(self, files: Iterable[tuple[str, FileHashAndStat]]) -> None:
        """Keep what is known of files by their resolved paths; what was known is replaced.

        Raises:
            OutputError: If the ledger cannot be written.
        """
        with self._connection() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO hashed_files VALUES (?, ?, ?, ?, ?)",
                (
                    (path, it.size, it.mtime_ns, it.inode, it.sha256)
                    for path, it in files
                    if _can_sqlite_hold_path(path)
                ),
            )

    def merge_other_ledger_and_count_added_runs(self, other: "RunLedger") -> int:
        """Add the runs of another ledger that this one does not hold, and return how many.

        Raises:
            OutputError: If one of them cannot be read or written.
        """
        if not other.path.is_file():
            return 0
        with other._connection() as connection:
            theirs = list(_roots_and_rows_of_runs(connection))
            hashed = list(connection.execute("SELECT * FROM hashed_files"))
        added = 0
        with self._connection() as connection:
            known = {
                _digest_of_run_roots_and_rows(roots, rows)
                for roots, rows in _roots_and_rows_of_runs(connection)
            }
            for roots, rows in theirs:
                if (digest := _digest_of_run_roots_and_rows(roots, rows)) not in known:
                    known.add(digest)
                    added += 1
                    _insert_run(connection, roots, rows)
            connection.executemany(
                "INSERT OR IGNORE INTO hashed_files VALUES (?, ?, ?, ?, ?)", hashed
            )
        return added

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


_RowsOfRun = Mapping[str, Iterable[tuple[str | int | None, ...]]]


def _can_sqlite_hold_path(path: str) -> bool:
    """Return whether SQLite can hold a path; the file of another one is hashed in every run."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _evidence_paths_json(roots: Sequence[Path]) -> str:
    return json.dumps(sorted(str(path.resolve()) for path in roots))


def _roots_and_rows_of_runs(connection: sqlite3.Connection) -> Iterator[tuple[str, _RowsOfRun]]:
    """Yield the roots of each run, and its rows in each table that belongs to runs."""
    for run, roots in connection.execute("SELECT number, roots FROM runs ORDER BY number"):
        yield (
            roots,
            {
                table: connection.execute(
                    f"SELECT {', '.join(columns)} FROM {table} WHERE run = ? ORDER BY 1",  # noqa: S608 - names from here
                    (run,),
                ).fetchall()
                for table, columns in _TABLES_OF_RUN.items()
            },
        )


def _digest_of_run_roots_and_rows(roots: str, rows: _RowsOfRun) -> str:
    return hashlib.sha256(json.dumps([roots, rows], sort_keys=True).encode()).hexdigest()


def _insert_run(connection: sqlite3.Connection, roots: str, rows: _RowsOfRun) -> None:
    run = connection.execute("INSERT INTO runs (roots) VALUES (?)", (roots,)).lastrowid
    for table, columns in _TABLES_OF_RUN.items():
        names, marks = ", ".join(("run", *columns)), ", ".join("?" * (len(columns) + 1))
        connection.executemany(
            f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names from here
            ((run, *row) for row in rows[table]),
        )


def _delete_oldest_runs(connection: sqlite3.Connection) -> None:
    """Keep the last runs alone; those of one part each count as one."""
    kept = connection.execute(
        "SELECT number FROM runs WHERE number NOT IN (SELECT run FROM shards)"
        " ORDER BY number DESC LIMIT 1 OFFSET ?",
        (_RUNS_KEPT,),
    ).fetchone()
    if kept is None:
        return
    for table in _TABLES_OF_RUN:
        connection.execute(f"DELETE FROM {table} WHERE run <= ?", kept)  # noqa: S608 - names from here
    connection.execute("DELETE FROM runs WHERE number <= ?", kept)
