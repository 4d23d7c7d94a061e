"""The tables of a fleet: what a run found out, for people and programs that ask.

``FLEET_TABLES`` describes every column; ``write_fleet_tables`` writes them into a state as SQLite
and Parquet, ``open_fleet_database`` reads them.  ``docs/fleet_tables.md`` is made from here.
"""

from dji_audit.fleet.tables._column_description import (
    ColumnDescription,
    ColumnType,
    TableDescription,
)
from dji_audit.fleet.tables._database_views import FLEET_VIEWS, ViewDescription
from dji_audit.fleet.tables._declared_flights import declared_flight_rows
from dji_audit.fleet.tables._flight_part_rows import (
    FlightPartRow,
    FlightTrackRow,
    flight_part_rows,
    flight_track_row,
)
from dji_audit.fleet.tables._parquet_files import parquet_of_columns
from dji_audit.fleet.tables._read_tables import database_path, open_fleet_database
from dji_audit.fleet.tables._run_history import (
    RunChange,
    RunOfHistory,
    UnknownRunError,
    changes_between_runs,
    runs_of_history,
)
from dji_audit.fleet.tables._schema import FLEET_TABLES, SCHEMA
from dji_audit.fleet.tables._simplified_track import (
    PackedTrackError,
    SimplifiedTrack,
    unpack_track,
)
from dji_audit.fleet.tables._write_run import write_tables_of_run
from dji_audit.fleet.tables._write_tables import (
    DATABASE_FILE,
    TABLES_FOLDER,
    FleetTablesWriter,
    write_fleet_tables,
)

__all__ = [
    "DATABASE_FILE",
    "FLEET_TABLES",
    "FLEET_VIEWS",
    "SCHEMA",
    "TABLES_FOLDER",
    "ColumnDescription",
    "ColumnType",
    "FleetTablesWriter",
    "FlightPartRow",
    "FlightTrackRow",
    "PackedTrackError",
    "RunChange",
    "RunOfHistory",
    "SimplifiedTrack",
    "TableDescription",
    "UnknownRunError",
    "ViewDescription",
    "changes_between_runs",
    "database_path",
    "declared_flight_rows",
    "flight_part_rows",
    "flight_track_row",
    "open_fleet_database",
    "parquet_of_columns",
    "runs_of_history",
    "unpack_track",
    "write_fleet_tables",
    "write_tables_of_run",
]
