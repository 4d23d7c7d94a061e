"""DJI's GEO zone database as a table (CSV), as extracted from its apps.

Columns by name, in any order; ``_dji_geo_rows`` describes the rows.  The file states no date;
the newest ``updated_at`` is used instead.
"""

import csv

from dji_audit.zones._model import SkippedItem, ZoneError, ZoneFile
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._dji_geo_rows import (
    GEO_COLUMNS,
    GeoZoneRow,
    geo_row_or_skipped_item,
    utc_time_from_epoch_s,
    zones_from_geo_rows,
)


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether the first line names the columns."""
    first = file.content.head.split(b"\n", 1)[0].decode("utf-8", "replace")
    return set(first.strip().split(",")) >= GEO_COLUMNS


def read(file: ZoneFileAsTextJsonAndXml) -> ZoneFile:
    """Read every row; one that cannot be read is among the skipped items, with its line.

    Raises:
        ZoneError: If the file is not a table at all.
    """
    if file.text is None:
        raise ZoneError("expected text, found bytes that no text holds")
    table = csv.reader(file.text.splitlines())
    rows: list[tuple[str, GeoZoneRow | SkippedItem]] = []
    try:
        names = next(table)
        for cells in table:
            path = f"line {table.line_num}"
            if len(cells) != len(names):
                reason = f"expected {len(names)} cells, found {len(cells)}"
                rows.append((path, SkippedItem(path, reason)))
            else:
                rows.append(
                    (path, geo_row_or_skipped_item(dict(zip(names, cells, strict=True)), path))
                )
    except csv.Error as error:
        raise ZoneError(f"line {table.line_num}: not a valid table: {error}") from error
    updates = (row.updated_at or 0 for _, row in rows if isinstance(row, GeoZoneRow))
    source = file.build_zone_source(
        FORMAT.name, issued=utc_time_from_epoch_s(max(updates, default=0))
    )
    return zones_from_geo_rows(rows, source)


FORMAT = ZoneFormat(
    name="dji-geo-table",
    title="DJI GEO zone database (CSV)",
    reference="MAVProxyUser/dji.nfzdb; FlyZoneCategory of DJI Mobile SDK 5",
    claims=claims,
    read=read,
)
