"""DJI's GEO zone database as a table (CSV), as extracted from its apps.

Columns by name, in any order; ``_dji_geo_rows`` describes the rows.  The file states no date;
the newest ``updated_at`` is used instead.
"""

import csv

from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import ZoneError, ZoneFile
from dji_audit.zones._zone_file_content import ZoneFileContent
from dji_audit.zones.formats._dji_geo_rows import (
    GEO_COLUMNS,
    parse_geo_row,
    time_from_epoch,
    zones_from_geo_rows,
)


def claims(file: ZoneFileContent) -> bool:
    """Return whether the first line names the columns."""
    first = file.content.head.split(b"\n", 1)[0].decode("utf-8", "replace")
    return set(first.strip().split(",")) >= GEO_COLUMNS


def read(file: ZoneFileContent) -> ZoneFile:
    """Read every row.

    Raises:
        ZoneError: With the line of a row that is invalid.
    """
    if file.text is None:
        raise ZoneError("not UTF-8 text")
    table = csv.reader(file.text.splitlines(), strict=True)
    rows = []
    try:
        names = next(table)
        for cells in table:
            path = f"line {table.line_num}"
            if len(cells) != len(names):
                raise ZoneError(f"{path}: expected {len(names)} cells, found {len(cells)}")
            rows.append((path, parse_geo_row(dict(zip(names, cells, strict=True)), path)))
    except csv.Error as error:
        raise ZoneError(f"line {table.line_num}: not a valid table: {error}") from error
    newest = max((row.updated_at or 0 for _, row in rows), default=0)
    source = file.source(FORMAT.name, issued=time_from_epoch(newest))
    return zones_from_geo_rows(rows, source)


FORMAT = ZoneFormat(
    name="dji-geo-table",
    title="DJI GEO zone database (CSV)",
    reference="MAVProxyUser/dji.nfzdb; FlyZoneCategory of DJI Mobile SDK 5",
    claims=claims,
    read=read,
)
