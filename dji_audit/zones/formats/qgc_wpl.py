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
from dji_audit.zones._completeness_area import bounds_despite_unread_points
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import (
    build_valid_circle,
    build_valid_point,
    build_valid_ring,
)
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml

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

    @property
    def line_label(self) -> str:
        return f"line {self.line}"


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether the first line names the format."""
    return file.content.head.startswith(_HEADER.encode())


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every fence item; one that cannot be read is among the skipped items, with its line.

    Raises:
        ZoneError: If the file is of another version.
    """
    if file.text is None:
        raise model.ZoneError("expected text, found bytes that no text holds")
    if file.text_lines[0].strip() != "QGC WPL 110":
        raise model.ZoneError(f"line 1: expected 'QGC WPL 110', found {file.text_lines[0][:40]!r}")
    items = list(_parse_items(file.text_lines))
    source = file.build_zone_source(FORMAT.name)
    zones: list[model.Zone | model.SkippedItem] = []
    index = 0
    while index < len(items):
        item = items[index]
        count = 1
        if isinstance(item, model.SkippedItem):
            zones.append(item)
        elif item.command in _POLYGONS:
            corners = _polygon_corner_items(items, index)
            count = len(corners)
            zones.append(_polygon_fence(corners, source))
        elif item.command in _CIRCLES:
            zones.append(_circle_fence(item, source))
        else:
            reason = f"command {item.command} is not an area"
            zones.append(model.SkippedItem(item.line_label, reason, may_be_zone=False))
        index += count
    return model.build_zone_file(source, zones)


def _parse_items(lines: Sequence[str]) -> Iterator[_WaypointItem | model.SkippedItem]:
    for number, line in enumerate(lines[1:], 2):
        cells = line.split()
        if not cells:
            continue
        try:
            numbers = [float(cell) for cell in cells]
        except ValueError:
            numbers = []
        if len(numbers) != _COLUMNS or not all(map(math.isfinite, numbers)):
            reason = f"expected {_COLUMNS} numbers, found {line[:60]!r}"
            yield model.SkippedItem(f"line {number}", reason)
        else:
            yield _WaypointItem(number, int(numbers[3]), numbers[4], numbers[8], numbers[9])


def _polygon_corner_items(
    items: Sequence[_WaypointItem | model.SkippedItem], index: int
) -> Sequence[_WaypointItem]:
    """Return the corners of the polygon that begins at an index: at most as many as it states."""
    first = items[index]
    corners: list[_WaypointItem] = []
    while index < len(items):
        item = items[index]
        if (
            isinstance(first, model.SkippedItem)
            or isinstance(item, model.SkippedItem)
            or item.command != first.command
            or item.size != first.size
            or len(corners) >= max(first.size, 1)
        ):
            break
        corners.append(item)
        index += 1
    return corners


def _polygon_fence(
    corners: Sequence[_WaypointItem], source: model.ZoneSource
) -> model.Zone | model.SkippedItem:
    first = corners[0]
    name = f"{_POLYGONS[first.command]} polygon"
    try:
        polygon = _build_polygon_shape(corners)
    except model.ZoneError as error:
        points = [(each.latitude_deg, each.longitude_deg) for each in corners]
        known = [each for each in points if abs(each[0]) <= 90 and abs(each[1]) <= 180]
        bounds = bounds_despite_unread_points(known, max(1, len(points) - len(known)))
        return model.SkippedItem(
            first.line_label, error.message_without_path(first.line_label), name, bounds
        )
    return _build_zone(polygon, _POLYGONS[first.command], "polygon", first.line_label, source)


def _circle_fence(item: _WaypointItem, source: model.ZoneSource) -> model.Zone | model.SkippedItem:
    use = _CIRCLES[item.command]
    try:
        centre = build_valid_point(item.latitude_deg, item.longitude_deg, item.line_label)
        circle = build_valid_circle(centre, item.size, item.line_label)
    except model.ZoneError as error:
        return model.SkippedItem(
            item.line_label, error.message_without_path(item.line_label), f"{use} circle"
        )
    return _build_zone(circle, use, "circle", item.line_label, source)


def _build_polygon_shape(part: Sequence[_WaypointItem]) -> model.Polygon:
    first = part[0]
    if len(part) != first.size or first.size < 3:
        raise model.ZoneError(
            f"{first.line_label}: expected {first.size:g} corners of command {first.command}, 3 or "
            f"more, in a row, found {len(part)}"
        )
    points = [
        build_valid_point(item.latitude_deg, item.longitude_deg, item.line_label) for item in part
    ]
    return model.Polygon(build_valid_ring(points, first.line_label))


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
        effect=model.ZoneEffect.FENCE,
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
