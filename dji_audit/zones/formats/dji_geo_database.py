"""DJI's GEO zone database as its apps keep it (SQLite, table ``airmap_geofence_infos``).

``_dji_geo_rows`` describes the rows; ``geofence_version`` gives edition and date.  Newer
apps encrypt the file (SQLCipher); an encrypted file is not SQLite and is not claimed.  The
file is read from memory, only the two tables are queried, and what their columns may compute is
bounded.
"""

import sqlite3
from contextlib import closing
from itertools import count
from typing import Any

from dji_audit.zones._model import ZoneError, ZoneFile
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._dji_geo_rows import (
    GEO_COLUMNS,
    geo_row_or_skipped_item,
    utc_time_from_epoch_s,
    zones_from_geo_rows,
)

_MAGIC = b"SQLite format 3\0"
_MOST_ROWS = 200_000
#: Bytes of one value, and steps of SQLite's machine: a column may be an expression.
_MAX_VALUE_BYTES, _MAX_STEPS = 1 << 20, 200_000_000
_STEPS_AT_ONCE = 100_000
_TABLE = "airmap_geofence_infos"


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether a file is SQLite and declares the table."""
    content = file.content
    return content.head.startswith(_MAGIC) and content.data.find(_TABLE.encode()) >= 0


def read(file: ZoneFileAsTextJsonAndXml) -> ZoneFile:
    """Read every row; one that cannot be read is among the skipped items, with its number.

    Raises:
        ZoneError: If the database is damaged.
    """
    try:
        rows, version = _read_zone_rows_and_database_version(bytes(file.content.data))
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        raise ZoneError(f"database that cannot be read: {error}") from error
    stamp = version.get("data_timestamp")
    source = file.build_zone_source(
        FORMAT.name,
        edition=str(version.get("version") or ""),
        issued=utc_time_from_epoch_s(stamp)
        if isinstance(stamp, int) and 0 <= stamp < 1 << 32
        else None,
    )
    paths = [f"{_TABLE}, row {number}" for number in range(1, len(rows) + 1)]
    named = [
        (path, geo_row_or_skipped_item(cells, path))
        for path, cells in zip(paths, rows, strict=True)
    ]
    return zones_from_geo_rows(named, source)


def _read_zone_rows_and_database_version(
    data: bytes,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(data)
        base.execute("PRAGMA query_only = 1")
        base.execute("PRAGMA trusted_schema = 0")
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        rounds = count()
        base.set_progress_handler(
            lambda: next(rounds) > _MAX_STEPS // _STEPS_AT_ONCE, _STEPS_AT_ONCE
        )
        kinds = dict(base.execute("SELECT name, type FROM sqlite_master").fetchall())
        if kinds.get(_TABLE) != "table":
            raise ZoneError(f"expected a table {_TABLE}, found none")
        base.row_factory = sqlite3.Row
        cursor = base.execute(f"SELECT * FROM {_TABLE} ORDER BY rowid")  # noqa: S608 - a constant
        rows = [dict(row) for row in cursor.fetchmany(_MOST_ROWS + 1)]
        if len(rows) > _MOST_ROWS:
            raise ZoneError(f"{_TABLE}: expected at most {_MOST_ROWS:,} rows")
        if rows and not rows[0].keys() >= GEO_COLUMNS:
            raise ZoneError(f"{_TABLE}: expected the columns {', '.join(sorted(GEO_COLUMNS))}")
        version: dict[str, Any] = {}
        if kinds.get("geofence_version") == "table":
            first = base.execute("SELECT * FROM geofence_version").fetchone()
            version = dict(first) if first is not None else {}
    return rows, version


FORMAT = ZoneFormat(
    name="dji-geo-database",
    title="DJI GEO zone database (SQLite)",
    reference="MAVProxyUser/dji.nfzdb; FlyZoneCategory of DJI Mobile SDK 5",
    claims=claims,
    read=read,
)
