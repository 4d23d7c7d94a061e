"""Fence shapes and plans that vehicle and ground station exchanged, and when each held.

Each shape is one event: inclusion or exclusion, then well-known text (longitude
before latitude, degrees); its value is a circle's radius in metres.

A plan is sent item by item after its MISSION_COUNT; items may be sent again.  A plan
that the vehicle sends was in force before; one that is sent to it replaces
the one before, and so does an empty one (MISSION_CLEAR_ALL).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...._model import Geofence
from ..._shared._event_rows import EventRow
from ..._shared._fence_messages import (
    POLYGON,
    fence_circle_text,
    fence_polygon_text,
    wkt_point_text_with_fence_use_prefix,
)
from ..._shared._fences_from_parameters import (
    TimedFenceParameterValue,
    fences_from_settings,
    split_drawn_fences_by_switching,
)
from ..._shared._timestamps import NAT, timestamp_or_none
from .._choose_vehicle import VehicleOfStream
from .._event_rows import event_row
from .._message_columns import MavlinkMessages, TlogMessages

#: MAV_MISSION_TYPE: the items of a fence; those of every kind.
MISSION_TYPE_FENCE, MISSION_TYPE_ALL = 1, 255
#: Nanoseconds without an item after which another one belongs to another plan.
SAME_PLAN_NS = 30_000_000_000


@dataclass(frozen=True, slots=True)
class FencePlan:
    """The items of one fence, as they were sent in one go."""

    messages: MavlinkMessages
    #: Of each item, by its number in the plan, the row that holds it.
    rows: dict[int, int]
    #: Number of items that were announced; ``None``: not in the log.
    announced: int | None
    #: Row of the index at which the last of it was sent.
    last_row: int
    #: UTC of that, nanoseconds; NaT's value if it is not known.
    time: int
    sender: int
    target: int

    @property
    def is_complete(self) -> bool:
        """Whether each item that was announced is in the log."""
        return self.announced == len(self.rows)

    def was_sent_by_or_to_vehicle(self, vehicle: VehicleOfStream) -> bool:
        """Return whether the vehicle sent it or was sent it."""
        return self.sender == vehicle.system or self.target in (0, vehicle.system)


def fence_plans(stream: TlogMessages) -> list[FencePlan]:
    """Return the fences that were sent, in file order."""
    plans = list(_fence_clearings_as_empty_plans(stream))
    for name in ("MISSION_ITEM_INT", "MISSION_ITEM"):
        messages = stream[name]
        plans += _fence_plans_of_messages(
            messages.select(messages["mission_type"] == MISSION_TYPE_FENCE), stream["MISSION_COUNT"]
        )
    return sorted(plans, key=lambda plan: plan.last_row)


def _fence_plans_of_messages(
    messages: MavlinkMessages, counts: MavlinkMessages
) -> Iterator[FencePlan]:
    announced = counts.select(counts["mission_type"] == MISSION_TYPE_FENCE)
    open_: dict[tuple[int, int], dict[int, int]] = {}
    targets, item_numbers = messages["target_system"].tolist(), messages["seq"].tolist()
    for row, sender in enumerate(messages.system.tolist()):
        key = sender, targets[row]
        held = open_.setdefault(key, {})
        last = max(held.values(), default=row)
        again = item_numbers[row] == 0 and max(held, default=0) > 0
        if again or int(messages.time[row]) - int(messages.time[last]) > SAME_PLAN_NS:
            yield _build_fence_plan(messages, held, key, announced)
            held = open_[key] = {}
        held[item_numbers[row]] = row
    for key, held in open_.items():
        yield _build_fence_plan(messages, held, key, announced)


def _build_fence_plan(
    messages: MavlinkMessages, held: dict[int, int], key: tuple[int, int], counts: MavlinkMessages
) -> FencePlan:
    first, last = min(held.values()), max(held.values())
    before = int(np.searchsorted(counts.rows, messages.rows[first])) - 1
    announced = int(counts["count"][before]) if before >= 0 else None
    rows = {item_number: held[item_number] for item_number in sorted(held)}
    return FencePlan(
        messages, rows, announced, int(messages.rows[last]), int(messages.time[last]), *key
    )


def _fence_clearings_as_empty_plans(stream: TlogMessages) -> Iterator[FencePlan]:
    """Yield when a fence was taken away."""
    orders, counts = stream["MISSION_CLEAR_ALL"], stream["MISSION_COUNT"]
    for messages in (
        orders.select(np.isin(orders["mission_type"], (MISSION_TYPE_FENCE, MISSION_TYPE_ALL))),
        counts.select((counts["mission_type"] == MISSION_TYPE_FENCE) & (counts["count"] == 0)),
    ):
        each = zip(messages.system.tolist(), messages["target_system"].tolist(), strict=True)
        for row, (sender, target) in enumerate(each):
            at, time = int(messages.rows[row]), int(messages.time[row])
            yield FencePlan(messages, {}, 0, at, time, sender, target)


#: MAV_CMD of fence items.
RETURN, POLYGON_IN, POLYGON_OUT, CIRCLE_IN, CIRCLE_OUT, HOME_CIRCLE = range(5000, 5006)
#: MAV_CMD -> inclusion or exclusion, as `_fence_messages` words them.
_USES = {
    RETURN: "return",
    POLYGON_IN: "inclusion",
    POLYGON_OUT: "exclusion",
    CIRCLE_IN: "inclusion",
    CIRCLE_OUT: "exclusion",
    HOME_CIRCLE: "inclusion",
}


@dataclass(frozen=True, slots=True)
class FenceItem:
    """One item of a fence."""

    row: int
    command: int
    #: Vertices of the polygon, or radius in metres.
    size: float
    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True, slots=True)
class _SentFenceShape:
    """One shape, and the first message that holds it."""

    messages: MavlinkMessages
    row: int
    use: str
    shape: str
    points: tuple[tuple[float, float], ...]
    radius_m: float | None
    label: str
    #: A remark that follows the text.
    note: str = ""

    @property
    def text(self) -> str:
        """The shape in words."""
        if self.shape == "polygon":
            return fence_polygon_text(self.use, self.points) + self.note
        if self.shape == "point":
            return wkt_point_text_with_fence_use_prefix(self.use, *self.points[0])
        if not self.points:
            return f"{self.use} CIRCLE (around home, {self.radius_m:g} m)"
        return fence_circle_text(self.use, *self.points[0], self.radius_m or 0.0)


def fence_shape_events(stream: TlogMessages) -> list[EventRow]:
    """Return the fences that were sent to or from the vehicle; the same shape once."""
    return [
        event_row(
            shape.messages,
            shape.row,
            "geofence.config",
            shape.text,
            label=shape.label,
            value=shape.radius_m,
        )
        for shape in _distinct_fence_shapes(stream)
    ]


def fences_of_stream(
    stream: TlogMessages, vehicle: VehicleOfStream, settings: Sequence[TimedFenceParameterValue]
) -> tuple[Geofence, ...]:
    """Return the fences of the log, as shapes, each for as long as it applied."""
    drawn = [
        *_fences_of_plans(stream, vehicle),
        *map(_fence_from_shape, _fence_point_shapes(stream["FENCE_POINT"])),
    ]
    drawn = [fence for fence in drawn if fence.shape != "point"]
    return (
        *fences_from_settings(settings),
        *split_drawn_fences_by_switching(drawn, settings, POLYGON),
    )


def _fences_of_plans(stream: TlogMessages, vehicle: VehicleOfStream) -> Iterator[Geofence]:
    """Yield the shapes of each plan, from when it applied to when another replaced it."""
    current: dict[str, tuple[int, _SentFenceShape]] = {}
    first = True
    for plan in fence_plans(stream):
        if not plan.was_sent_by_or_to_vehicle(vehicle):
            continue
        # A polygon of which vertices are missing would be another one.
        shapes = {shape.text: shape for shape in _fence_shapes_of_plan(plan) if not shape.note}
        start = NAT if first and plan.sender == vehicle.system else plan.time
        first = False
        if plan.is_complete and plan.time != NAT:
            for text in [text for text in current if text not in shapes]:
                since, shape = current.pop(text)
                yield _fence_from_shape(shape, since, plan.time)
        for text, shape in shapes.items():
            current.setdefault(text, (start, shape))
    for since, shape in current.values():
        yield _fence_from_shape(shape, since, NAT)


def _fence_from_shape(shape: _SentFenceShape, since: int = NAT, until: int = NAT) -> Geofence:
    return Geofence(
        use=shape.use,
        shape=shape.shape,
        points=shape.points,
        radius_m=shape.radius_m,
        start=timestamp_or_none(since),
        end=timestamp_or_none(until),
        height_m=None,
        enabled=None,
        record=f"{shape.messages.message.name}.{shape.label}",
        source_offset=int(shape.messages.offsets[shape.row]),
    )


def _distinct_fence_shapes(stream: TlogMessages) -> list[_SentFenceShape]:
    """Return the shapes that were sent to or from a vehicle; the same one once."""
    seen: set[str] = set()
    distinct = []
    for shapes in (
        *map(_fence_shapes_of_plan, fence_plans(stream)),
        _fence_point_shapes(stream["FENCE_POINT"]),
    ):
        for shape in shapes:
            if shape.text not in seen:
                seen.add(shape.text)
                distinct.append(shape)
    return distinct


def _fence_shapes_of_plan(plan: FencePlan) -> Iterator[_SentFenceShape]:
    if not plan.rows:
        return
    messages = plan.messages.select(np.array(list(plan.rows.values()), np.int64))
    scale = 1e7 if messages.message.name.endswith("INT") else 1.0
    columns = (messages["command"], messages["param1"], messages["x"], messages["y"])
    items = [
        FenceItem(row, int(command), float(size), float(x) / scale, float(y) / scale)
        for row, (command, size, x, y) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    ]
    item_numbers = list(plan.rows)
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
                and item_numbers[at + count] == item_numbers[at] + count
            ):
                count += 1
        part = items[at : at + count]
        at += count
        if first.command in _USES:
            yield _fence_shape_of_items(messages, part)


def _fence_shape_of_items(messages: MavlinkMessages, part: list[FenceItem]) -> _SentFenceShape:
    first = part[0]
    use, points = (
        _USES[first.command],
        tuple((item.latitude_deg, item.longitude_deg) for item in part),
    )
    if first.command in (POLYGON_IN, POLYGON_OUT):
        note = ""
        if len(part) != first.size:
            note = f" (only {len(part)} of {first.size:.0f} vertices are in the log)"
        return _SentFenceShape(messages, first.row, use, "polygon", points, None, "command", note)
    if first.command == RETURN:
        return _SentFenceShape(messages, first.row, use, "point", points, None, "command")
    centre = () if first.command == HOME_CIRCLE else points
    return _SentFenceShape(messages, first.row, use, "circle", centre, first.size, "command")


def _fence_point_shapes(messages: MavlinkMessages) -> Iterator[_SentFenceShape]:
    """Yield the fences of ArduPilot before 4.0: point 0 is the return point."""
    held: dict[int, tuple[int, float, float]] = {}
    rows = zip(
        messages["idx"].tolist(),
        messages["count"].tolist(),
        messages["lat"].tolist(),
        messages["lng"].tolist(),
        strict=True,
    )
    for row, (number, count, latitude, longitude) in enumerate(rows):
        held[number] = (row, latitude, longitude)
        if not count or any(index not in held for index in range(count)):
            continue
        back = held[0]
        yield _SentFenceShape(messages, back[0], "return", "point", (back[1:],), None, "idx")
        ring = [held[index][1:] for index in range(1, count)]
        if ring and ring[-1] == ring[0]:
            ring.pop()
        if ring:
            yield _SentFenceShape(
                messages, held[1][0], "inclusion", "polygon", tuple(ring), None, "idx"
            )
        held = {}
