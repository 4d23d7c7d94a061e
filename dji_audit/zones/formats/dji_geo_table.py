"""DJI's GEO zone database as a table (CSV), as extracted from its apps.

Columns by name, in any order; what a row means is in ``_dji_geo``.  The newest
``updated_at`` stands in for the date of the file, which names none.
"""

import csv

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import ZoneError, ZoneFile
from dji_audit.zones.formats._dji_geo import COLUMNS, instant, row_of, zones_of_rows


def claims(document: Document) -> bool:
    """Return whether the first line names the columns."""
    first = document.content.head.split(b"\n", 1)[0].decode("utf-8", "replace")
    return set(first.strip().split(",")) >= COLUMNS


def read(document: Document) -> ZoneFile:
    """Read every row.

    Raises:
        ZoneError: With the line of a row that is none.
    """
    if document.text is None:
        raise ZoneError("no text in UTF-8")
    table = csv.reader(document.text.splitlines(), strict=True)
    rows = []
    try:
        names = next(table)
        for cells in table:
            path = f"line {table.line_num}"
            if len(cells) != len(names):
                raise ZoneError(f"{path}: expected {len(names)} cells, found {len(cells)}")
            rows.append((path, row_of(dict(zip(names, cells, strict=True)), path)))
    except csv.Error as error:
        raise ZoneError(f"line {table.line_num}: no table: {error}") from error
    newest = max((row.updated_at or 0 for _, row in rows), default=0)
    source = document.source(FORMAT.name, issued=instant(newest))
    return zones_of_rows(rows, source)


FORMAT = ZoneFormat(
    name="dji-geo-table",
    title="DJI GEO zone database (CSV)",
    reference="MAVProxyUser/dji.nfzdb; FlyZoneCategory of DJI Mobile SDK 5",
    claims=claims,
    read=read,
)
