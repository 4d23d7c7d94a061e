"""A Parquet file for each table of a fleet, from the database: needs the extra ``parquet``.

Flights and tracks are GeoParquet 1.1: geometry is WKB in WGS 84, longitude first.  What the
columns mean stands in the metadata of each field.  pyarrow writes the files.
"""

import io
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dji_audit.fleet.tables.column_description import ColumnType, TableDescription
from dji_audit.fleet.tables.schema import FLEET_TABLES, SCHEMA

if TYPE_CHECKING:
    import pyarrow as pa

#: What a user is told who wants such files where they cannot be written.
PARQUET_NEEDS_PYARROW = 'Parquet needs pyarrow: pip install "dji-audit[parquet]"'
#: Rows that are in memory at a time; of tables with tracks, which take kilobytes each.
_ROW_GROUP, _ROW_GROUP_WITH_TRACKS = 5_000, 500


def write_parquet_files(database: Path, folder: Path) -> None:
    """Write a file for each table; where pyarrow is not installed, remove those that are there.

    Raises:
        OSError: If one cannot be written.
        sqlite3.Error: If the database cannot be read.
    """
    for old in folder.glob("*.parquet"):
        if not can_write_parquet() or old not in existing_parquet_table_paths(folder):
            old.unlink()
    if not can_write_parquet():
        return
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for table in FLEET_TABLES:
            _write_table(connection, table, folder / f"{table.name}.parquet")


def can_write_parquet() -> bool:
    """Return whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def existing_parquet_table_paths(folder: Path) -> list[Path]:
    """Return the files of the tables of a fleet that lie in a folder."""
    paths = [folder / f"{table.name}.parquet" for table in FLEET_TABLES]
    return [path for path in paths if path.is_file()]


def _write_table(connection: sqlite3.Connection, table: TableDescription, path: Path) -> None:
    import pyarrow.parquet as pq

    schema = _arrow_schema(table)
    order = ", ".join(f'"{name}"' for name in table.order)
    names = ", ".join(f'"{name}"' for name in table.column_names)
    cursor = connection.execute(
        f'SELECT {names} FROM "{table.name}" ORDER BY {order}, rowid'  # noqa: S608 - of the schema
    )
    has_tracks = any(column.type is ColumnType.BYTES for column in table.columns)
    count = _ROW_GROUP_WITH_TRACKS if has_tracks else _ROW_GROUP
    unfinished = path.with_name(f".{path.name}")
    try:
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            while rows := cursor.fetchmany(count):
                writer.write_batch(_record_batch(table, rows, schema), row_group_size=count)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _record_batch(
    table: TableDescription, rows: Sequence[Sequence[Any]], schema: "pa.Schema"
) -> "pa.RecordBatch":
    import pyarrow as pa

    # pyarrow reads texts of times, and flags that SQLite holds as numbers, many at a time.
    read_as = {ColumnType.TIME: pa.string(), ColumnType.FLAG: pa.int64()}
    arrays = [
        pa.array(values, read_as.get(column.type, field.type)).cast(field.type)
        for column, values, field in zip(
            table.columns, zip(*rows, strict=True), schema, strict=True
        )
    ]
    return pa.record_batch(arrays, schema=schema)


def _arrow_schema(table: TableDescription) -> "pa.Schema":
    import pyarrow as pa

    types = {
        ColumnType.TEXT: pa.string(),
        ColumnType.INTEGER: pa.int64(),
        ColumnType.NUMBER: pa.float64(),
        ColumnType.FLAG: pa.bool_(),
        ColumnType.TIME: pa.timestamp("us", tz="UTC"),
        ColumnType.GEOMETRY: pa.binary(),
        ColumnType.BYTES: pa.binary(),
    }
    fields = [
        pa.field(
            column.name,
            types[column.type],
            metadata={"meaning": column.meaning, "unit": column.unit, "missing": column.missing},
        )
        for column in table.columns
    ]
    metadata = {"dji_audit_schema": SCHEMA, "meaning": table.meaning}
    shapes = {
        column.name: {"encoding": "WKB", "geometry_types": [column.geometry_type_name_and_code[0]]}
        for column in table.geometry_columns
    }
    if shapes:
        geo = {"version": "1.1.0", "primary_column": next(iter(shapes)), "columns": shapes}
        metadata["geo"] = json.dumps(geo, sort_keys=True)
    return pa.schema(fields, metadata=metadata)


def parquet_of_columns(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Return columns as a Parquet file, of the types that their values show.

    Raises:
        ModuleNotFoundError: If pyarrow is not installed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: pa.array(_mixed_values_as_texts(values)) for name, values in columns.items()}
    stream = io.BytesIO()
    pq.write_table(pa.table(arrays), stream, compression="zstd")
    return stream.getvalue()


def _mixed_values_as_texts(values: Sequence[Any]) -> Sequence[Any]:
    """Return values of one type: texts, where texts and numbers stand in one column."""
    kinds = {type(it) for it in values if it is not None}
    if len(kinds) < 2 or kinds <= {int, float}:
        return values
    return [None if it is None else str(it) for it in values]
