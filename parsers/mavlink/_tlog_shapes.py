"""Fences as a vehicle holds them: shapes that a later comparison can use.

Each shape is one event in the words of `_fence`: inclusion or exclusion, then
well-known text (longitude before latitude, degrees); its value is a circle's
radius in metres.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ._fence import circle_text, polygon_text
from ._tlog_event import Event, event
from ._tlog_records import Messages, Stream

#: MAV_MISSION_TYPE: the items of a fence.
FENCE = 1
#: MAV_CMD of fence items.
RETURN, POLYGON_IN, POLYGON_OUT, CIRCLE_IN, CIRCLE_OUT, HOME_CIRCLE = range(5000, 5006)
#: MAV_CMD -> inclusion or exclusion, as `_fence` words them.
_USES = {
    RETURN: "return",
    POLYGON_IN: "inclusion",
    POLYGON_OUT: "exclusion",
    CIRCLE_IN: "inclusion",
    CIRCLE_OUT: "exclusion",
    HOME_CIRCLE: "inclusion",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a fence."""

    row: int
    command: int
    #: Vertices of the polygon, or radius in metres.
    size: float
    latitude_deg: float
    longitude_deg: float


def shape_events(stream: Stream) -> list[Event]:
    """Return the fences that were sent to or from the vehicle; the same shape once."""
    seen: set[str] = set()
    events = []
    for name in ("MISSION_ITEM_INT", "MISSION_ITEM"):
        found = stream[name]
        found = found.where(found["mission_type"] == FENCE)
        for one in _shapes(found, name.endswith("INT")):
            if one["text"] not in seen:
                seen.add(one["text"])
                events.append(one)
    for one in _points(stream["FENCE_POINT"]):
        if one["text"] not in seen:
            seen.add(one["text"])
            events.append(one)
    return events


def _shapes(found: Messages, integer: bool) -> Iterator[Event]:
    scale = 1e7 if integer else 1.0
    columns = (found["command"], found["param1"], found["x"], found["y"])
    items = [
        Item(row, int(command), float(size), float(x) / scale, float(y) / scale)
        for row, (command, size, x, y) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    ]
    at = 0
    while at < len(items):
        first = items[at]
        count = 1
        if first.command in (POLYGON_IN, POLYGON_OUT):
            # An item that is sent again, or lost, would bend the polygon.
            while (
                at + count < len(items)
                and count < first.size
                and items[at + count].command == first.command
            ):
                count += 1
        part = items[at : at + count]
        at += count
        if first.command in _USES:
            yield _shape(found, part)


def _shape(found: Messages, part: list[Item]) -> Event:
    first = part[0]
    use, value = _USES[first.command], None
    if first.command in (POLYGON_IN, POLYGON_OUT):
        text = polygon_text(use, [(item.latitude_deg, item.longitude_deg) for item in part])
        if len(part) != first.size:
            text += f" (only {len(part)} of {first.size:.0f} vertices are in the log)"
    elif first.command == RETURN:
        text = _point(first.latitude_deg, first.longitude_deg)
    elif first.command == HOME_CIRCLE:
        value = first.size
        text = f"{use} CIRCLE (around home, {value:g} m)"
    else:
        value = first.size
        text = circle_text(use, first.latitude_deg, first.longitude_deg, value)
    return event(found, first.row, "geofence.config", text, label="command", value=value)


def _point(latitude: float, longitude: float) -> str:
    return f"return POINT ({longitude:.7f} {latitude:.7f})"


def _points(found: Messages) -> Iterator[Event]:
    """Yield the fences of ArduPilot before 4.0: point 0 is the return point."""
    held: dict[int, tuple[int, float, float]] = {}
    rows = zip(
        found["idx"].tolist(),
        found["count"].tolist(),
        found["lat"].tolist(),
        found["lng"].tolist(),
        strict=True,
    )
    for row, (number, count, latitude, longitude) in enumerate(rows):
        held[number] = (row, latitude, longitude)
        if not count or any(one not in held for one in range(count)):
            continue
        back = held[0]
        yield event(found, back[0], "geofence.config", _point(back[1], back[2]), label="idx")
        ring = [held[one][1:] for one in range(1, count)]
        if ring and ring[-1] == ring[0]:
            ring.pop()
        if ring:
            text = polygon_text("inclusion", ring)
            yield event(found, held[1][0], "geofence.config", text, label="idx")
        held = {}
