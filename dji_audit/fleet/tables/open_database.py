"""The database of a state, open for reading only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.tables.schema import SCHEMA

TABLES_FOLDER = "tables"
DATABASE_FILE = "fleet.sqlite"


def database_path(state: Path) -> Path:
    """Return the database of a state; it may not exist."""
    return state / TABLES_FOLDER / DATABASE_FILE


@contextmanager
def open_fleet_database_read_only(state: Path) -> Iterator[sqlite3.Connection]:
    """Yield the database of a state; nothing can be written through it.

    Raises:
        OutputError: If the state has no tables, or they are damaged or of another version.
    """
    path = database_path(state)
    if not path.is_file():
        raise OutputError(
            f"{state} has no tables of a fleet: run `dji-audit audit … --state {state}` first"
        )
    try:
        # It never changes once it is there: a new one takes its place.
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("PRAGMA query_only = ON")
            row = connection.execute("SELECT value FROM about WHERE name = 'schema'").fetchone()
            if row is None or row[0] != SCHEMA:
                raise OutputError(
                    f"{path} was written by another version of dji-audit: run the audit again"
                )
            yield connection
    except sqlite3.DatabaseError as error:
        raise OutputError(f"{path}: {error}") from error
