"""Fences as a vehicle holds them: shapes that a later comparison can use.

Each shape is one event whose text ends in well-known text (WKT, longitude
before latitude, degrees), and whose value is a circle's radius in metres.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ._tlog_event import Event, event
from ._tlog_records import Messages, Stream

#: MAV_MISSION_TYPE: the items of a fence.
FENCE = 1
#: MAV_CMD of fence items.
RETURN, POLYGON_IN, POLYGON_OUT, CIRCLE_IN, CIRCLE_OUT, HOME_CIRCLE = range(5000, 5006)
_WORDS = {
    RETURN: "return point",
    POLYGON_IN: "polygon to stay inside",
    POLYGON_OUT: "polygon to stay outside",
    CIRCLE_IN: "circle to stay inside",
    CIRCLE_OUT: "circle to stay outside",
    HOME_CIRCLE: "circle around home to stay inside",
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
        if first.command in _WORDS:
            yield _shape(found, part)


def _shape(found: Messages, part: list[Item]) -> Event:
    first = part[0]
    what = _WORDS[first.command]
    value = None
    if first.command in (POLYGON_IN, POLYGON_OUT):
        text = f"fence {what}: {_polygon([(p.latitude_deg, p.longitude_deg) for p in part])}"
        if len(part) != first.size:
            text += f" (only {len(part)} of {first.size:.0f} vertices are in the log)"
    elif first.command == RETURN:
        text = f"fence {what}: POINT ({first.longitude_deg:.7f} {first.latitude_deg:.7f})"
    else:
        value = first.size
        text = f"fence {what}, radius {value:g} m"
        if first.command != HOME_CIRCLE:
            text += f": POINT ({first.longitude_deg:.7f} {first.latitude_deg:.7f})"
    return event(found, first.row, "geofence.config", text, label="command", value=value)


def _polygon(vertices: list[tuple[float, float]]) -> str:
    ring = [*vertices, vertices[0]]
    return "POLYGON ((" + ", ".join(f"{lon:.7f} {lat:.7f}" for lat, lon in ring) + "))"


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
        text = f"fence return point: POINT ({back[2]:.7f} {back[1]:.7f})"
        yield event(found, back[0], "geofence.config", text, label="idx")
        ring = [held[one][1:] for one in range(1, count)]
        if ring and ring[-1] == ring[0]:
            ring.pop()
        if ring:
            text = f"fence polygon to stay inside: {_polygon(ring)}"
            yield event(found, held[1][0], "geofence.config", text, label="idx")
        held = {}
