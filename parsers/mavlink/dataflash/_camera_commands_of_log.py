"""Commands to cameras in a DataFlash log: commands received, and mission items executed.

``MAVC`` is a command that came over a link, with its result.  ``MISE``
is a mission item at the moment it begins.  Firmware that does not know ``MISE``
writes ``CMD`` for it, and also lists the whole mission as ``CMD`` when the aircraft is
armed.  A listing begins with item 0, which is home and never executed, and counts up.
"""

from dataclasses import dataclass

import numpy as np

from .._shared._camera_commands import (
    IN_PROGRESS,
    RECORDING_COMMANDS,
    SET_CAMERA_SOURCE,
    CameraCommandWithParameters,
)
from .._shared._record_framing import Flags
from ._dataflash_messages_clock_and_modes import DataflashMessagesClockAndModes
from ._message_columns import DataflashMessages, integer_or_minus_one


@dataclass(frozen=True, slots=True)
class CameraCommand(CameraCommandWithParameters):
    """One command to a camera, and its position in the log."""

    messages: DataflashMessages
    row: int
    #: Grows in the order in which messages were written.
    position: float
    #: UTC, nanoseconds.
    time: int
    refused: bool

    @property
    def source(self) -> str:
        """The record and field that holds it."""
        label = "Cmd" if self.messages.name == "MAVC" else "CId"
        return f"{self.messages.name}.{label} {self.number}"

    @property
    def offset(self) -> int:
        """The byte at which its record begins."""
        return int(self.messages.offsets[self.row])


def camera_commands(log: DataflashMessagesClockAndModes) -> list[CameraCommand]:
    """Return the commands to record, and those that choose a sensor, in the order given."""
    commands = log.messages_named("MAVC")
    labels = ("P1", "P2", "P3", "P4", "X", "Y", "Z")
    camera_commands_ = list(
        _camera_commands_of_messages(log, commands, np.ones(len(commands), np.bool_), "Cmd", labels)
    )
    items = mission_item_messages_and_executed_flags(log)
    labels = ("Prm1", "Prm2", "Prm3", "Prm4", "Lat", "Lng", "Alt")
    camera_commands_ += _camera_commands_of_messages(log, *items, "CId", labels)
    return sorted(camera_commands_, key=lambda order: (order.position, order.offset))


def _camera_commands_of_messages(
    log: DataflashMessagesClockAndModes,
    messages: DataflashMessages,
    chosen: Flags,
    label: str,
    labels: tuple[str, ...],
) -> list[CameraCommand]:
    # A log may hold a hundred thousand commands to move.
    rows = np.flatnonzero(
        chosen & np.isin(messages.numbers_of_field(label), (*RECORDING_COMMANDS, SET_CAMERA_SOURCE))
    )
    if not len(rows):
        return []
    columns = [messages.numbers_of_field(name)[rows] for name in labels]
    if label == "CId":
        # In an item without a position these two are scaled as if they were one.
        columns[4:6] = [np.round(column * 1e7) for column in columns[4:6]]
    numbers, denied = (
        messages.numbers_of_field(label)[rows].tolist(),
        refused_command_mask(messages)[rows].tolist(),
    )
    where = log.write_order_numbers(messages)[rows].tolist()
    utc = log.utc_ns_of_messages(messages)[rows].tolist()
    params = zip(*(column.tolist() for column in columns), strict=True)
    each = zip(rows.tolist(), numbers, params, where, utc, denied, strict=True)
    return [
        CameraCommand(integer_or_minus_one(number), values, messages, row, *rest)
        for row, number, values, *rest in each
    ]


def refused_command_mask(messages: DataflashMessages) -> Flags:
    """Return which commands were answered with a no; items of a mission have no answer."""
    results = messages.numbers_of_field("Res")
    return np.asarray((results > 0) & (results != IN_PROGRESS))


def mission_item_messages_and_executed_flags(
    log: DataflashMessagesClockAndModes,
) -> tuple[DataflashMessages, Flags]:
    """Return the messages that hold executed mission items, and which of them do."""
    if "MISE" in log.messages_named("FMT").first_present_field_as_texts("Name"):
        messages = log.messages_named("MISE")
        return messages, np.ones(len(messages), np.bool_)
    messages = log.messages_named("CMD")
    return messages, ~mission_listing_item_mask(log, messages)


#: Items of one listing are this close, microseconds.
SAME_LISTING_US = 1_000_000


def mission_listing_item_mask(
    log: DataflashMessagesClockAndModes, messages: DataflashMessages
) -> Flags:
    """Return which items are part of a listing of the mission."""
    inside = np.zeros(len(messages), np.bool_)
    item_numbers, boots = (
        messages.numbers_of_field("CNum").tolist(),
        log.clock.boot_us_of_messages(messages).tolist(),
    )
    for row, item_number in enumerate(item_numbers):
        goes_on = row > 0 and inside[row - 1] and item_number > item_numbers[row - 1]
        inside[row] = item_number == 0 or (
            goes_on and boots[row] - boots[row - 1] < SAME_LISTING_US
        )
    return inside
