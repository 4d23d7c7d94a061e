"""Fence items in a waypoint list (``QGC WPL 110``), as ground stations save them.

Facts: the MAVLink file format "QGC WPL", MAV_CMD 5000 to 5004 and 5100, samples of
pymavlink and MAVProxy.  Twelve columns, separated by tabs or spaces: number, current,
frame, command, four parameters, latitude, longitude, height, autocontinue.  5001 and
5002 are corners of an inclusion or exclusion polygon, with the number of corners in the first
parameter; 5003 and 5004 are inclusion and exclusion circles, with the radius there.  5000 is
the return point, 5100 a rally point, and other commands belong to a mission: these are not
areas.  Each inclusion shape holds separately, as in ArduPilot by default.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dji_audit.zones import _model as model
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._validated_shapes import valid_circle, valid_point, valid_ring
from dji_audit.zones._zone_file_content import ZoneFileContent

_HEADER = "QGC WPL "
_COLUMNS = 12
_POLYGONS = {5001: "inclusion", 5002: "exclusion"}
_CIRCLES = {5003: "inclusion", 5004: "exclusion"}


@dataclass(frozen=True, slots=True)
class _WaypointItem:
    """One line of a waypoint list."""

    line: int
    command: int
    size: float
    latitude_deg: float
    longitude_deg: float


def claims(file: ZoneFileContent) -> bool:
    """Return whether the first line names the format."""
    return file.content.head.startswith(_HEADER.encode())


def read(file: ZoneFileContent) -> model.ZoneFile:
    """Read every fence item.

    Raises:
        ZoneError: With the line that is not an item, or where a polygon ends too early.
    """
    if file.text is None:
        raise model.ZoneError("not UTF-8 text")
    if file.lines[0].strip() != "QGC WPL 110":
        raise model.ZoneError(f"line 1: expected 'QGC WPL 110', found {file.lines[0][:40]!r}")
    items = list(_parse_items(file.lines))
    source = file.source(FORMAT.name)
    zones: list[model.Zone | model.SkippedItem] = []
    index = 0
    while index < len(items):
        item = items[index]
        position = f"line {item.line}"
        if item.command in _POLYGONS:
            part = _polygon_items(items[index:])
            zones.append(
                _build_zone(
                    _build_polygon(part), _POLYGONS[item.command], "polygon", position, source
                )
            )
            index += len(part) - 1
        elif item.command in _CIRCLES:
            centre = valid_point(item.latitude_deg, item.longitude_deg, position)
            circle = valid_circle(centre, item.size, position)
            zones.append(_build_zone(circle, _CIRCLES[item.command], "circle", position, source))
        else:
            zones.append(
                model.SkippedItem(
                    position, f"command {item.command} is not an area", may_be_zone=False
                )
            )
        index += 1
    return model.build_zone_file(source, zones)


def _parse_items(lines: Sequence[str]) -> Iterator[_WaypointItem]:
    for number, line in enumerate(lines[1:], 2):
        cells = line.split()
        if not cells:
            continue
        try:
            numbers = [float(cell) for cell in cells]
        except ValueError:
            numbers = []
        if len(numbers) != _COLUMNS or not all(map(math.isfinite, numbers)):
            raise model.ZoneError(
                f"line {number}: expected {_COLUMNS} numbers, found {line[:60]!r}"
            )
        yield _WaypointItem(number, int(numbers[3]), numbers[4], numbers[8], numbers[9])


def _polygon_items(items: Sequence[_WaypointItem]) -> Sequence[_WaypointItem]:
    """Return the corner items of the polygon that begins with the first item."""
    first = items[0]
    count = int(first.size) if 3 <= first.size <= len(items) else 0
    part = items[:count]
    if not count or any(
        other.command != first.command or other.size != first.size for other in part
    ):
        raise model.ZoneError(
            f"line {first.line}: expected {first.size:g} corners of command {first.command}, "
            "3 or more, in a row"
        )
    return part


def _build_polygon(part: Sequence[_WaypointItem]) -> model.Polygon:
    points = [
        valid_point(item.latitude_deg, item.longitude_deg, f"line {item.line}") for item in part
    ]
    return model.Polygon(valid_ring(points, f"line {part[0].line}"))


def _build_zone(
    shape: model.Circle | model.Polygon,
    use: str,
    what: str,
    position: str,
    source: model.ZoneSource,
) -> model.Zone:
    return model.Zone(
        id=f"fence {position}",
        name=f"{use} {what}",
        kind=f"{use} {what}",
        effect=model.Effect.FENCE,
        shape=(shape,),
        lower=model.SURFACE,
        upper=model.UNLIMITED,
        source=source,
        path=position,
        inclusion=use == "inclusion",
    )


FORMAT = ZoneFormat(
    name="qgc-wpl",
    title="fence items in a waypoint list (QGC WPL 110)",
    reference="MAVLink file formats and MAV_CMD 5000 to 5004; ArduPilot/pymavlink tests",
    claims=claims,
    read=read,
)
