"""Fences as they went between vehicle and ground station: whole plans, and when each held.

A plan is sent item by item after its MISSION_COUNT; items may be sent again.  One
that the vehicle sends was in force before; one that is sent to it takes the place
of the one before, and so does an empty one (MISSION_CLEAR_ALL).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ._clock import Vehicle
from ._records import Messages, Stream

#: MAV_MISSION_TYPE: the items of a fence; those of every kind.
FENCE, ALL = 1, 255
#: Nanoseconds without an item after which another one belongs to another plan.
PAUSE_NS = 30_000_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """The items of one fence, as they were sent in one go."""

    found: Messages
    #: Of each item, by its place in the plan, the row that holds it.
    rows: dict[int, int]
    #: Number of items that were announced; ``None``: not in the log.
    announced: int | None
    #: Row of the index at which the last of it was sent.
    at: int
    #: UTC of that, nanoseconds; NaT's value if it is not known.
    time: int
    sender: int
    target: int

    @property
    def whole(self) -> bool:
        """Whether each item that was announced is in the log."""
        return self.announced == len(self.rows)

    def concerns(self, vehicle: Vehicle) -> bool:
        """Return whether the vehicle sent it or was sent it."""
        return self.sender == vehicle.system or self.target in (0, vehicle.system)


def plans(stream: Stream) -> list[Plan]:
    """Return the fences that were sent, in file order."""
    told = list(_emptied(stream))
    for name in ("MISSION_ITEM_INT", "MISSION_ITEM"):
        found = stream[name]
        told += _plans(found.where(found["mission_type"] == FENCE), stream["MISSION_COUNT"])
    return sorted(told, key=lambda one: one.at)


def _plans(found: Messages, counts: Messages) -> Iterator[Plan]:
    announced = counts.where(counts["mission_type"] == FENCE)
    open_: dict[tuple[int, int], dict[int, int]] = {}
    targets, places = found["target_system"].tolist(), found["seq"].tolist()
    for row, sender in enumerate(found.system.tolist()):
        key = sender, targets[row]
        held = open_.setdefault(key, {})
        last = max(held.values(), default=row)
        again = places[row] == 0 and max(held, default=0) > 0
        if again or int(found.time[row]) - int(found.time[last]) > PAUSE_NS:
            yield _plan(found, held, key, announced)
            held = open_[key] = {}
        held[places[row]] = row
    for key, held in open_.items():
        yield _plan(found, held, key, announced)


def _plan(found: Messages, held: dict[int, int], key: tuple[int, int], counts: Messages) -> Plan:
    first, last = min(held.values()), max(held.values())
    before = int(np.searchsorted(counts.rows, found.rows[first])) - 1
    announced = int(counts["count"][before]) if before >= 0 else None
    rows = {place: held[place] for place in sorted(held)}
    return Plan(found, rows, announced, int(found.rows[last]), int(found.time[last]), *key)


def _emptied(stream: Stream) -> Iterator[Plan]:
    """Yield when a fence was taken away."""
    orders, counts = stream["MISSION_CLEAR_ALL"], stream["MISSION_COUNT"]
    for found in (
        orders.where(np.isin(orders["mission_type"], (FENCE, ALL))),
        counts.where((counts["mission_type"] == FENCE) & (counts["count"] == 0)),
    ):
        each = zip(found.system.tolist(), found["target_system"].tolist(), strict=True)
        for row, (sender, target) in enumerate(each):
            at, time = int(found.rows[row]), int(found.time[row])
            yield Plan(found, {}, 0, at, time, sender, target)
