"""Fence items in a waypoint list (``QGC WPL 110``), as ground stations save them.

Facts: the MAVLink file format "QGC WPL", MAV_CMD 5000 to 5004 and 5100, samples of
pymavlink and MAVProxy.  Twelve columns, separated by tabs or spaces: number, current,
frame, command, four parameters, latitude, longitude, height, autocontinue.  5001 and
5002 are corners of a polygon to stay within or out of, its count of corners in the first
parameter; 5003 and 5004 are circles, their radius there.  5000 is the return point, 5100
a rally point, and other commands are a mission's: no areas.  Shapes to stay within hold
each by itself, as ArduPilot has it unless told otherwise.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    SURFACE,
    UNLIMITED,
    Circle,
    Effect,
    LeftOut,
    Polygon,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
    zone_file,
)
from dji_audit.zones._shapes import checked_circle, checked_point, open_ring

_HEADER = "QGC WPL "
_COLUMNS = 12
_POLYGONS = {5001: "inclusion", 5002: "exclusion"}
_CIRCLES = {5003: "inclusion", 5004: "exclusion"}


@dataclass(frozen=True, slots=True)
class _Item:
    line: int
    command: int
    size: float
    latitude_deg: float
    longitude_deg: float


def claims(document: Document) -> bool:
    """Return whether the first line names the format."""
    return document.content.head.startswith(_HEADER.encode())


def read(document: Document) -> ZoneFile:
    """Read every fence item.

    Raises:
        ZoneError: With the line that is no item, or where a polygon ends too early.
    """
    if document.text is None:
        raise ZoneError("no text in UTF-8")
    if document.lines[0].strip() != "QGC WPL 110":
        raise ZoneError(f"line 1: expected 'QGC WPL 110', found {document.lines[0][:40]!r}")
    items = list(_items(document.lines))
    source = document.source(FORMAT.name)
    found: list[Zone | LeftOut] = []
    at = 0
    while at < len(items):
        item = items[at]
        where = f"line {item.line}"
        if item.command in _POLYGONS:
            part = _corners(items[at:])
            found.append(_zone(_polygon(part), _POLYGONS[item.command], "polygon", where, source))
            at += len(part) - 1
        elif item.command in _CIRCLES:
            centre = checked_point(item.latitude_deg, item.longitude_deg, where)
            circle = checked_circle(centre, item.size, where)
            found.append(_zone(circle, _CIRCLES[item.command], "circle", where, source))
        else:
            found.append(LeftOut(where, f"command {item.command} is no area"))
        at += 1
    return zone_file(source, found)


def _items(lines: Sequence[str]) -> Iterator[_Item]:
    for number, line in enumerate(lines[1:], 2):
        cells = line.split()
        if not cells:
            continue
        try:
            numbers = [float(cell) for cell in cells]
        except ValueError:
            numbers = []
        if len(numbers) != _COLUMNS or not all(map(math.isfinite, numbers)):
            raise ZoneError(f"line {number}: expected {_COLUMNS} numbers, found {line[:60]!r}")
        yield _Item(number, int(numbers[3]), numbers[4], numbers[8], numbers[9])


def _corners(items: Sequence[_Item]) -> Sequence[_Item]:
    """Return the corners of the polygon that the first item begins."""
    first = items[0]
    count = int(first.size) if 3 <= first.size <= len(items) else 0
    part = items[:count]
    if not count or any(one.command != first.command or one.size != first.size for one in part):
        raise ZoneError(
            f"line {first.line}: expected {first.size:g} corners of command {first.command}, "
            "3 or more, in a row"
        )
    return part


def _polygon(part: Sequence[_Item]) -> Polygon:
    points = [
        checked_point(one.latitude_deg, one.longitude_deg, f"line {one.line}") for one in part
    ]
    return Polygon(open_ring(points, f"line {part[0].line}"))


def _zone(shape: Circle | Polygon, use: str, what: str, where: str, source: ZoneSource) -> Zone:
    return Zone(
        id=f"fence {where}",
        name=f"{use} {what}",
        kind=f"{use} {what}",
        effect=Effect.FENCE,
        shape=(shape,),
        lower=SURFACE,
        upper=UNLIMITED,
        source=source,
        path=where,
        inclusion=use == "inclusion",
    )


FORMAT = ZoneFormat(
    name="qgc-wpl",
    title="fence items in a waypoint list (QGC WPL 110)",
    reference="MAVLink file formats and MAV_CMD 5000 to 5004; ArduPilot/pymavlink tests",
    claims=claims,
    read=read,
)
