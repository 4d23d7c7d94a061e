"""The orders to a camera in a DataFlash log: commands that came, and mission items as flown.

``MAVC`` is a command that came over a link, with what it was answered.  ``MISE``
is a mission item at the moment it begins; firmware that does not know ``MISE``
writes ``CMD`` for it, which also lists the whole mission when the aircraft is
armed.  A listing begins with item 0, which is home and never flown, and counts up.
"""

from dataclasses import dataclass

import numpy as np

from .._shared._camera_commands import NUMBERS, SET_SOURCE
from .._shared._framing import Flags
from ._context import Context
from ._messages import Messages, whole

#: Items of a listing stand this close, microseconds.
LISTED_US = 1_000_000
#: MAV_RESULT: what was asked for has begun.
IN_PROGRESS = 5


@dataclass(frozen=True, slots=True)
class Order:
    """One order, and where it stands."""

    found: Messages
    row: int
    #: `MAV_CMD`.
    number: int
    #: param1 to param7.
    params: tuple[float, ...]
    #: Grows in the order in which messages were written.
    place: float
    #: UTC, nanoseconds.
    time: int
    refused: bool

    @property
    def source(self) -> str:
        """The record and field that holds it."""
        label = "Cmd" if self.found.name == "MAVC" else "CId"
        return f"{self.found.name}.{label} {self.number}"

    @property
    def offset(self) -> int:
        """The byte at which it stands."""
        return int(self.found.offsets[self.row])


def orders(log: Context) -> list[Order]:
    """Return the orders to record, and those that choose a sensor, as they were given."""
    commands = log.named("MAVC")
    labels = ("P1", "P2", "P3", "P4", "X", "Y", "Z")
    told = list(_orders(log, commands, np.ones(len(commands), np.bool_), "Cmd", labels))
    items = flown(log)
    labels = ("Prm1", "Prm2", "Prm3", "Prm4", "Lat", "Lng", "Alt")
    told += _orders(log, *items, "CId", labels)
    return sorted(told, key=lambda order: (order.place, order.offset))


def _orders(
    log: Context, found: Messages, chosen: Flags, label: str, labels: tuple[str, ...]
) -> list[Order]:
    # A log may hold a hundred thousand commands to move.
    rows = np.flatnonzero(chosen & np.isin(found.numbers(label), (*NUMBERS, SET_SOURCE)))
    if not len(rows):
        return []
    columns = [found.numbers(name)[rows] for name in labels]
    if label == "CId":
        # What an item says beside a place is scaled as if it were one.
        columns[4:6] = [np.round(column * 1e7) for column in columns[4:6]]
    numbers, denied = found.numbers(label)[rows].tolist(), refused(found)[rows].tolist()
    where = log.order(found)[rows].tolist()
    utc = log.utc_ns(found)[rows].tolist()
    params = zip(*(column.tolist() for column in columns), strict=True)
    each = zip(rows.tolist(), numbers, params, where, utc, denied, strict=True)
    return [Order(found, row, whole(number), *rest) for row, number, *rest in each]


def refused(found: Messages) -> Flags:
    """Return which commands were answered with a no; items of a mission have no answer."""
    results = found.numbers("Res")
    return np.asarray((results > 0) & (results != IN_PROGRESS))


def flown(log: Context) -> tuple[Messages, Flags]:
    """Return the messages that tell of mission items as flown, and which of them do."""
    if "MISE" in log.named("FMT").texts("Name"):
        found = log.named("MISE")
        return found, np.ones(len(found), np.bool_)
    found = log.named("CMD")
    return found, ~listed(log, found)


def listed(log: Context, found: Messages) -> Flags:
    """Return which items are part of a listing of the mission."""
    inside = np.zeros(len(found), np.bool_)
    places, boots = found.numbers("CNum").tolist(), log.times.boot_us(found).tolist()
    for row, place in enumerate(places):
        goes_on = row > 0 and inside[row - 1] and place > places[row - 1]
        inside[row] = place == 0 or (goes_on and boots[row] - boots[row - 1] < LISTED_US)
    return inside
