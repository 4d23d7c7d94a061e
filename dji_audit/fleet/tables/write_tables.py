"""The tables of a state: one SQLite database and a Parquet file for each table.

Rows are written as they come, some thousand at a time.  The database is made beside the one that
is there and takes its place when it is whole, so that who reads it sees the one or the other.
"""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.tables.database_views import FLEET_VIEWS
from dji_audit.fleet.tables.derived_tables import fill_derived_tables
from dji_audit.fleet.tables.open_database import DATABASE_FILE, TABLES_FOLDER
from dji_audit.fleet.tables.parquet_files import write_parquet_files
from dji_audit.fleet.tables.run_history import record_run_and_return_its_number
from dji_audit.fleet.tables.schema import FLEET_TABLES, SCHEMA
from dji_audit.fleet.tables.table_rows import (
    COLUMNS_OF_TABLES,
    RowsOfOneTable,
    TableRow,
    rows_of_each_table,
    values_in_column_order,
)

#: Rows that are written together.
_BATCH = 5000
_ROLE_OF_LOG = COLUMNS_OF_TABLES["logs"].index("role")
#: How GDAL, and so QGIS, finds geometry in SQLite: the tables of the FDO format.
_GEOMETRY_TABLES = """
CREATE TABLE spatial_ref_sys (srid INTEGER PRIMARY KEY, auth_name TEXT, auth_srid INTEGER,
  srtext TEXT);
CREATE TABLE geometry_columns (f_table_name TEXT, f_geometry_column TEXT, geometry_type INTEGER,
  coord_dimension INTEGER, srid INTEGER, geometry_format TEXT);
INSERT INTO spatial_ref_sys VALUES (4326, 'EPSG', 4326,
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
  || 'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]');
"""


class FleetTablesWriter:
    """Writes the tables of a state; rows of any kind may come in any order."""

    def __init__(self, database: Path) -> None:
        """Make the database.

        Raises:
            sqlite3.Error: If it cannot be made.
        """
        self.connection = sqlite3.connect(database)
        # It is no result until it is whole: nothing has to survive a power cut.
        self.connection.execute("PRAGMA journal_mode = MEMORY")
        self.connection.execute("PRAGMA synchronous = OFF")
        for table in FLEET_TABLES:
            self.connection.execute(table.create_statement)
        self._waiting: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._network_logs: set[tuple[object, ...]] = set()

    def add_rows(self, rows: Iterable[object]) -> None:
        """Add rows of a run: dataclasses of ``dji_audit.report``, or rows as they go into tables.

        Raises:
            TypeError: If one is of no kind that the tables hold.
            sqlite3.Error: If they cannot be written.
        """
        for row in rows:
            for own in (row,) if isinstance(row, RowsOfOneTable) else rows_of_each_table((row,)):
                self._add_rows_of_table(own)

    def add_table_row(self, table_row: TableRow) -> None:
        """Add one row of a table."""
        self._add_rows_of_table(RowsOfOneTable(table_row[0], values_in_column_order(table_row)))

    def _add_rows_of_table(self, added: RowsOfOneTable) -> None:
        rows = self._logs_not_added_before(added.rows) if added.table == "logs" else added.rows
        waiting = self._waiting[added.table]
        waiting += rows
        if len(waiting) >= _BATCH:
            self._insert_waiting_rows(added.table)

    def _logs_not_added_before(
        self, logs: Iterable[tuple[object, ...]]
    ) -> Iterator[tuple[object, ...]]:
        """Yield logs; each network log once, though every flight of its time names it."""
        for log in logs:
            if log[_ROLE_OF_LOG] == "network":
                if log in self._network_logs:
                    continue
                self._network_logs.add(log)
            yield log

    def finish(self, about: Mapping[str, str]) -> None:
        """Write what waits, fill what follows from it, and close the database.

        Args:
            about: What the tables were made with.
        """
        for name, value in sorted({"schema": SCHEMA, **about}.items()):
            self.add_table_row(("about", {"name": name, "value": value}))
        for table in list(self._waiting):
            self._insert_waiting_rows(table)
        for described in FLEET_TABLES:
            for number, columns in enumerate(described.indexes):
                named = ", ".join(f'"{name}"' for name in columns)
                self.connection.execute(
                    f'CREATE INDEX "{described.name}_{number}" ON "{described.name}" ({named})'
                )
        fill_derived_tables(self.connection)
        for view in FLEET_VIEWS:
            self.connection.execute(view.create_statement)
        self.connection.executescript(_GEOMETRY_TABLES)
        self.connection.executemany(
            "INSERT INTO geometry_columns VALUES (?, ?, ?, 2, 4326, 'WKB')",
            [
                (table.name, column.name, column.geometry_type_name_and_code[1])
                for table in FLEET_TABLES
                for column in table.geometry_columns
            ],
        )
        self.connection.execute("ANALYZE")
        self.connection.commit()
        self.connection.close()

    def _insert_waiting_rows(self, table: str) -> None:
        rows = self._waiting[table]
        places = ", ".join("?" * len(COLUMNS_OF_TABLES[table]))
        statement = f'INSERT INTO "{table}" VALUES ({places})'  # noqa: S608 - names of the schema
        try:
            self.connection.executemany(statement, rows)
        except UnicodeEncodeError:
            # Names of files need not be Unicode.  What came before such a row was written.
            self.connection.rollback()
            self.connection.executemany(statement, map(_escape_invalid_unicode_in_row, rows))
        self.connection.commit()
        rows.clear()


def _escape_invalid_unicode_in_row(row: tuple[object, ...]) -> tuple[object, ...]:
    """Return a row whose texts are Unicode: what is not is spelt out, such as ``\\udcff``."""
    return tuple(
        it.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(it, str) else it
        for it in row
    )


def write_fleet_tables_and_return_run_number(
    state: Path,
    rows: Iterable[object],
    about: Mapping[str, str],
    declared: Iterable[TableRow] = (),
) -> int:
    """Write the tables of a run into a state, and add the run to its history.

    Args:
        state: The folder of the state.
        rows: All rows of the run, of any kind, in any order.
        about: What they were made with.
        declared: Flights that a person declared (``rows_of_flights_without_log``).

    Returns:
        The number of the run in the history, from 1.

    Raises:
        OutputError: If they cannot be written.
    """
    folder = state / TABLES_FOLDER
    try:
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        # Who was killed left half a database, or half a table.
        for unfinished in folder.glob(".*"):
            unfinished.unlink()
        with NamedTemporaryFile(dir=folder, prefix=".fleet-", delete=False) as stream:
            path = Path(stream.name)
        try:
            writer = FleetTablesWriter(path)
            writer.add_rows(rows)
            for table_row in declared:
                writer.add_table_row(table_row)
            writer.finish(about)
            with path.open("rb") as whole:
                os.fsync(whole.fileno())
            write_parquet_files(path, folder)
            number = record_run_and_return_its_number(state, path)
            path.replace(folder / DATABASE_FILE)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except sqlite3.Error as error:
        raise OutputError(f"{folder}: {error}") from error
    except OSError as error:
        raise OutputError(f"{folder}: {os_error_reason(error)}") from error
    return number
