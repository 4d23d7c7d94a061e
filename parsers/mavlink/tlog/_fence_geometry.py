"""Fences as a vehicle holds them: shapes that a later comparison can use.

Each shape is one event in the words of `_fence`: inclusion or exclusion, then
well-known text (longitude before latitude, degrees); its value is a circle's
radius in metres.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._model import Fence
from .._shared._fence import POLYGON, circle_text, point_text, polygon_text
from .._shared._fence_settings import Setting, drawn_fences, set_fences
from ._clock import Vehicle
from ._event import NAT, Event, event
from ._fence_protocol import Plan, plans
from ._records import Messages, Stream

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


@dataclass(frozen=True, slots=True)
class _Shape:
    """One shape, and the message that tells of it first."""

    found: Messages
    row: int
    use: str
    shape: str
    points: tuple[tuple[float, float], ...]
    radius_m: float | None
    label: str
    #: What is to be said besides.
    note: str = ""

    @property
    def text(self) -> str:
        """The shape in words."""
        if self.shape == "polygon":
            return polygon_text(self.use, self.points) + self.note
        if self.shape == "point":
            return point_text(self.use, *self.points[0])
        if not self.points:
            return f"{self.use} CIRCLE (around home, {self.radius_m:g} m)"
        return circle_text(self.use, *self.points[0], self.radius_m or 0.0)


def shape_events(stream: Stream) -> list[Event]:
    """Return the fences that were sent to or from the vehicle; the same shape once."""
    return [
        event(
            one.found,
            one.row,
            "geofence.config",
            one.text,
            label=one.label,
            value=one.radius_m,
        )
        for one in _told(stream)
    ]


def fences(stream: Stream, vehicle: Vehicle, settings: Sequence[Setting]) -> tuple[Fence, ...]:
    """Return the fences that the log tells of, as shapes, each for as long as it held."""
    drawn = [*_held(stream, vehicle), *map(_fence, _points(stream["FENCE_POINT"]))]
    drawn = [one for one in drawn if one.shape != "point"]
    return (*set_fences(settings), *drawn_fences(drawn, settings, POLYGON))


def _held(stream: Stream, vehicle: Vehicle) -> Iterator[Fence]:
    """Yield what was drawn of each plan, from when it held to when another took its place."""
    current: dict[str, tuple[int, _Shape]] = {}
    first = True
    for plan in plans(stream):
        if not plan.concerns(vehicle):
            continue
        # A polygon of which vertices are missing would be another one.
        shapes = {one.text: one for one in _shapes(plan) if not one.note}
        start = NAT if first and plan.sender == vehicle.system else plan.time
        first = False
        if plan.whole and plan.time != NAT:
            for text in [text for text in current if text not in shapes]:
                since, one = current.pop(text)
                yield _fence(one, since, plan.time)
        for text, one in shapes.items():
            current.setdefault(text, (start, one))
    for since, one in current.values():
        yield _fence(one, since, NAT)


def _fence(one: _Shape, since: int = NAT, until: int = NAT) -> Fence:
    return Fence(
        use=one.use,
        shape=one.shape,
        points=one.points,
        radius_m=one.radius_m,
        height_m=None,
        enabled=None,
        start=None if since == NAT else pd.Timestamp(since, tz="UTC"),
        end=None if until == NAT else pd.Timestamp(until, tz="UTC"),
        record=f"{one.found.message.name}.{one.label}",
        source_offset=int(one.found.offsets[one.row]),
    )


def _told(stream: Stream) -> list[_Shape]:
    """Return the shapes that were sent to or from a vehicle; the same one once."""
    seen: set[str] = set()
    told = []
    for shapes in (*map(_shapes, plans(stream)), _points(stream["FENCE_POINT"])):
        for one in shapes:
            if one.text not in seen:
                seen.add(one.text)
                told.append(one)
    return told


def _shapes(plan: Plan) -> Iterator[_Shape]:
    if not plan.rows:
        return
    found = plan.found.where(np.array(list(plan.rows.values()), np.int64))
    scale = 1e7 if found.message.name.endswith("INT") else 1.0
    columns = (found["command"], found["param1"], found["x"], found["y"])
    items = [
        Item(row, int(command), float(size), float(x) / scale, float(y) / scale)
        for row, (command, size, x, y) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    ]
    places = list(plan.rows)
    at = 0
    while at < len(items):
        first = items[at]
        count = 1
        if first.command in (POLYGON_IN, POLYGON_OUT):
            # An item that is lost would bend the polygon.
            while (
                at + count < len(items)
                and count < first.size
                and items[at + count].command == first.command
                and places[at + count] == places[at] + count
            ):
                count += 1
        part = items[at : at + count]
        at += count
        if first.command in _USES:
            yield _shape(found, part)


def _shape(found: Messages, part: list[Item]) -> _Shape:
    first = part[0]
    use, points = _USES[first.command], tuple((one.latitude_deg, one.longitude_deg) for one in part)
    if first.command in (POLYGON_IN, POLYGON_OUT):
        note = ""
        if len(part) != first.size:
            note = f" (only {len(part)} of {first.size:.0f} vertices are in the log)"
        return _Shape(found, first.row, use, "polygon", points, None, "command", note)
    if first.command == RETURN:
        return _Shape(found, first.row, use, "point", points, None, "command")
    centre = () if first.command == HOME_CIRCLE else points
    return _Shape(found, first.row, use, "circle", centre, first.size, "command")


def _points(found: Messages) -> Iterator[_Shape]:
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
        yield _Shape(found, back[0], "return", "point", (back[1:],), None, "idx")
        ring = [held[one][1:] for one in range(1, count)]
        if ring and ring[-1] == ring[0]:
            ring.pop()
        if ring:
            yield _Shape(found, held[1][0], "inclusion", "polygon", tuple(ring), None, "idx")
        held = {}
