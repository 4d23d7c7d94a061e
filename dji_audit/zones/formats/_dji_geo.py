"""Rows of DJI's GEO zone database, whichever file they stand in.

Facts: the databases of 2017 in MAVProxyUser/dji.nfzdb, and the categories of DJI's
Mobile SDK 5 (``FlyZoneCategory``).  A row is a circle: ``lat``, ``lng``, ``radius``
(metres).  ``level`` 0 warns, 1 wants an unlocking, 2 lets nothing fly, 3 warns twice.
DJI gives these zones no height: they reach from the ground up without end.  ``begin_at``
and ``end_at`` are seconds since 1970, 0 where there are none.

A row of ``shape`` 12 holds parts with heights in ``polygon_shape``, decoded from all 240
rows of one database, which it explains to the byte: a count of parts, then for each

| bytes | meaning |
|---|---|
| u1 | 1 a circle, 0 a polygon |
| u2 | size of what follows after the number: 8 and 8 for each point |
| u1 | number of the part |
| u2 | 125, 65, 35 or 0, the smaller the nearer to the runway: the greatest height of flight |
| u4 | radius of a circle, metres |
| u1 | number of points |
| i4 i4 | for each point longitude and latitude, millionths of a degree |

From where the height counts is not stated.  ``points`` is empty in every file seen.
"""

import datetime as dt
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from dji_audit.zones._model import (
    SURFACE,
    UNLIMITED,
    Datum,
    Effect,
    LeftOut,
    Limit,
    Period,
    Polygon,
    Shape,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
    zone_file,
)
from dji_audit.zones._outside import Number, Outside, validated
from dji_audit.zones._shapes import checked_circle, checked_point, open_ring

COLUMNS = frozenset({"area_id", "lat", "lng", "radius", "level", "shape", "name"})
_LEVELS = {
    0: ("warning", Effect.ADVISORY),
    1: ("authorization", Effect.AUTHORISATION),
    2: ("restricted", Effect.PROHIBITED),
    3: ("enhanced warning", Effect.ADVISORY),
}
_ROUND, _TIERED = 0, 12
_PART = struct.Struct("<BHBHIB")
#: 2100-01-01: what is later is no time of a zone.
_LATEST = 4_102_444_800


class Row(Outside):
    """One row, its numbers checked."""

    area_id: int
    lat: Number
    lng: Number
    radius: Number
    level: int
    shape: int
    name: str | None = None
    city: str | None = None
    type: int | None = None
    disable: int | None = None
    points: str | None = None
    polygon_shape: bytes | None = None
    begin_at: int | None = Field(default=None, ge=0, le=_LATEST)
    end_at: int | None = Field(default=None, ge=0, le=_LATEST)
    updated_at: int | None = Field(default=None, ge=0, le=_LATEST)


def row_of(cells: Mapping[str, Any], path: str) -> Row:
    """Return a row of a table.

    Raises:
        ZoneError: If a cell is none of its column.
    """
    return validated(Row, {name: _cell(value) for name, value in cells.items()}, path)


def _zones_of(row: Row, path: str, source: ZoneSource) -> Iterator[Zone | LeftOut]:
    """Yield the zones of a row; one that is switched off is left out.

    Raises:
        ZoneError: If its shape or level is not known.
    """
    if row.disable:
        yield LeftOut(path, "the row is switched off")
        return
    if row.shape == _TIERED and row.polygon_shape:
        for number, (shape, lower) in enumerate(_tiers(row.polygon_shape, path)):
            yield _zone(row, shape, lower, f"{path}, part {number}", source)
        return
    if row.shape != _ROUND or row.points:
        raise ZoneError(f"{path}: expected a circle (shape 0, no points), found shape {row.shape}")
    circle = checked_circle(checked_point(row.lat, row.lng, path), row.radius, path)
    yield _zone(row, circle, SURFACE, path, source)


def _tiers(data: bytes, path: str) -> Iterator[tuple[Shape, Limit]]:
    """Yield the parts of a row, each with the height above which it restricts."""
    at = 1
    for number in range(data[0]):
        where = f"{path}, part {number}"
        try:
            kind, size, _, height, radius, count = _PART.unpack_from(data, at)
            at += _PART.size
            pairs = struct.unpack_from(f"<{2 * count}i", data, at)
        except struct.error as error:
            raise ZoneError(f"{where}: expected a part, found the end of the row") from error
        at += 8 * count
        if size != 8 + 8 * count or kind not in (0, 1) or (kind == 1 and count != 1):
            raise ZoneError(f"{where}: expected a circle or polygon, found type {kind} of {size}")
        points = [
            checked_point(latitude / 1e6, longitude / 1e6, where)
            for longitude, latitude in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        lower = Limit(Datum.NOT_STATED, float(height), "m") if height else SURFACE
        if kind == 1:
            yield checked_circle(points[0], float(radius), where), lower
        else:
            yield Polygon(open_ring(points, where)), lower
    if at != len(data):
        raise ZoneError(f"{path}: expected {at} bytes of parts, found {len(data)}")


def _zone(row: Row, shape: Shape, lower: Limit, path: str, source: ZoneSource) -> Zone:
    if row.level not in _LEVELS:
        raise ZoneError(f"{path}: expected a level of 0 to 3, found {row.level}")
    kind, effect = _LEVELS[row.level]
    named = " ".join(part for part in (row.name, row.city) if part)
    timed = bool(row.begin_at or row.end_at)
    return Zone(
        id=str(row.area_id),
        name=named or f"DJI zone {row.area_id}",
        kind=kind,
        effect=effect,
        shape=(shape,),
        lower=lower,
        upper=UNLIMITED,
        source=source,
        path=path,
        authority="DJI",
        schedule=(Period(instant(row.begin_at), instant(row.end_at)),) if timed else (),
        schedule_stated=timed,
    )


def zones_of_rows(rows: Sequence[tuple[str, Row]], source: ZoneSource) -> ZoneFile:
    """Return the zones of all rows, each given with its path."""
    return zone_file(source, [one for path, row in rows for one in _zones_of(row, path, source)])


def instant(seconds: int | None) -> dt.datetime | None:
    """Return a time that is given in seconds since 1970; 0 is none."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def _cell(value: Any) -> Any:
    return None if value in ("", "NULL") else value
