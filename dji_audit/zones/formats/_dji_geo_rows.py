"""Rows of DJI's GEO zone database, in whichever kind of file.

Facts: the databases of 2017 in MAVProxyUser/dji.nfzdb, and the categories of DJI's
Mobile SDK 5 (``FlyZoneCategory``).  A row is a circle: ``lat``, ``lng``, ``radius``
(metres).  ``level`` 0 is a warning, 1 needs an unlocking, 2 is a no-fly zone, 3 is an
enhanced warning.
DJI gives these zones no height: they reach from the ground up without limit.  ``begin_at``
and ``end_at`` are seconds since 1970; 0 means none.

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

The datum of the height is not stated.  ``points`` is empty in every file seen.
"""

import datetime as dt
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._validated_shapes import (
    build_valid_circle,
    build_valid_point,
    build_valid_ring,
)
from dji_audit.zones.formats._json_validation import (
    JsonModel,
    JsonNumber,
    JsonWords,
    text_of_value,
    validate_json,
)

GEO_COLUMNS = frozenset({"area_id", "lat", "lng", "radius", "level", "shape", "name"})
_LEVELS = {
    0: ("warning", model.ZoneEffect.ADVISORY),
    1: ("authorization", model.ZoneEffect.AUTHORISATION),
    2: ("restricted", model.ZoneEffect.PROHIBITED),
    3: ("enhanced warning", model.ZoneEffect.ADVISORY),
}
_ROUND, _TIERED = 0, 12
_PART = struct.Struct("<BHBHIB")
#: 2100-01-01: later times are invalid.
_LATEST = 4_102_444_800


class GeoZoneRow(JsonModel):
    """One row with validated values."""

    area_id: int
    lat: JsonNumber
    lng: JsonNumber
    radius: JsonNumber
    level: int
    shape: int
    name: JsonWords = ""
    city: JsonWords = ""
    disable: int | None = None
    points: str | None = None
    polygon_shape: bytes | None = None
    begin_at: int | None = Field(default=None, ge=0, le=_LATEST)
    end_at: int | None = Field(default=None, ge=0, le=_LATEST)
    updated_at: int | None = Field(default=None, ge=0, le=_LATEST)


def geo_row_or_skipped_item(cells: Mapping[str, Any], path: str) -> GeoZoneRow | model.SkippedItem:
    """Return a row of a table; if a cell is not valid in its column, why it is skipped."""
    values = {name: _empty_to_none(value) for name, value in cells.items()}
    try:
        return validate_json(GeoZoneRow, values, path)
    except model.ZoneError as error:
        name = text_of_value(values.get("name")) or text_of_value(values.get("area_id"))
        return model.SkippedItem(path, error.message_without_path(path), name)


def _zones_of_row(
    row: GeoZoneRow, path: str, source: model.ZoneSource
) -> Iterator[model.Zone | model.SkippedItem]:
    """Yield the zones of a row; a row that is switched off is skipped.

    Raises:
        ZoneError: If its shape or level is not known.
    """
    if row.disable:
        yield model.SkippedItem(path, "the row is switched off", may_be_zone=False)
        return
    if row.shape == _TIERED and row.polygon_shape:
        for number, (shape, lower) in enumerate(
            _parse_shapes_and_limits_of_row(row.polygon_shape, path)
        ):
            yield _build_zone(row, shape, lower, f"{path}, part {number}", source)
        return
    if row.shape != _ROUND or row.points:
        raise model.ZoneError(
            f"{path}: expected a circle (shape 0, no points), found shape {row.shape}"
        )
    circle = build_valid_circle(build_valid_point(row.lat, row.lng, path), row.radius, path)
    yield _build_zone(row, circle, model.SURFACE, path, source)


def _parse_shapes_and_limits_of_row(
    data: bytes, path: str
) -> Iterator[tuple[model.Shape, model.Limit]]:
    """Yield the parts of a row, each with the height above which it restricts."""
    offset = 1
    for number in range(data[0]):
        where = f"{path}, part {number}"
        try:
            kind, size, _, height, radius, count = _PART.unpack_from(data, offset)
            offset += _PART.size
            pairs = struct.unpack_from(f"<{2 * count}i", data, offset)
        except struct.error as error:
            raise model.ZoneError(f"{where}: expected a part, found the end of the row") from error
        offset += 8 * count
        if size != 8 + 8 * count or kind not in (0, 1) or (kind == 1 and count != 1):
            raise model.ZoneError(
                f"{where}: expected a circle or polygon, found type {kind} of {size}"
            )
        points = [
            build_valid_point(latitude / 1e6, longitude / 1e6, where)
            for longitude, latitude in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        lower = (
            model.Limit(model.VerticalDatum.NOT_STATED, float(height), "m")
            if height
            else model.SURFACE
        )
        if kind == 1:
            yield build_valid_circle(points[0], float(radius), where), lower
        else:
            yield model.Polygon(build_valid_ring(points, where)), lower
    if offset != len(data):
        raise model.ZoneError(f"{path}: expected {offset} bytes of parts, found {len(data)}")


def _build_zone(
    row: GeoZoneRow, shape: model.Shape, lower: model.Limit, path: str, source: model.ZoneSource
) -> model.Zone:
    if row.level not in _LEVELS:
        raise model.ZoneError(f"{path}: expected a level of 0 to 3, found {row.level}")
    kind, effect = _LEVELS[row.level]
    named = " ".join(part for part in (row.name, row.city) if part)
    timed = bool(row.begin_at or row.end_at)
    return model.Zone(
        id=str(row.area_id),
        name=named or f"DJI zone {row.area_id}",
        kind=kind,
        effect=effect,
        shape=(shape,),
        lower=lower,
        upper=model.UNLIMITED,
        source=source,
        path=path,
        authority="DJI",
        schedule=(
            model.ActivePeriod(
                utc_time_from_epoch_s(row.begin_at), utc_time_from_epoch_s(row.end_at)
            ),
        )
        if timed
        else (),
        schedule_stated=timed,
    )


def zones_from_geo_rows(
    rows: Sequence[tuple[str, GeoZoneRow | model.SkippedItem]], source: model.ZoneSource
) -> model.ZoneFile:
    """Return the zones of all rows, which come with their positions in the file."""
    items: list[model.Zone | model.SkippedItem] = []
    for path, row in rows:
        if isinstance(row, model.SkippedItem):
            items.append(row)
            continue
        try:
            items += list(_zones_of_row(row, path, source))
        except model.ZoneError as error:
            # How far it reaches may be what is at fault, so its place is not known.
            items.append(model.SkippedItem(path, error.message_without_path(path), row.name or ""))
    return model.build_zone_file(source, items)


def utc_time_from_epoch_s(seconds: int | None) -> dt.datetime | None:
    """Return a time from seconds since 1970; 0 means none."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def _empty_to_none(value: Any) -> Any:
    return None if value in ("", "NULL") else value
