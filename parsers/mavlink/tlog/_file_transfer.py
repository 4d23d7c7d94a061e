"""Logs and files that were read from a vehicle, erased, or streamed from it."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..._record_layout import Array
from .._shared._event_rows import EventRow
from .._shared._mavlink_message_definitions import enum_names
from .._shared._record_framing import rows_of_each_key
from .._shared._timestamps import NAT
from ._event_rows import event_row, sender_name, sender_name_of_message
from ._message_columns import MavlinkMessages, TlogMessages

#: Operations of MAVLink FTP whose data is a path.
FTP_OPERATIONS_WITH_PATH = (3, 4, 6, 8, 9, 10, 11, 12, 13, 14)
#: Those that change what is stored.
FTP_CHANGING_OPERATIONS = frozenset({6, 8, 9, 10, 11, 12, 13})
ACKNOWLEDGED, READ, BURST_READ, WRITE = 128, 5, 15, 7
#: Place of the fields in a payload of FILE_TRANSFER_PROTOCOL.
OPCODE, SIZE, REQUESTED_OPCODE, DATA = 3, 4, 5, 12


def file_and_log_transfer_events(stream: TlogMessages) -> list[EventRow]:
    """Return who read, wrote or erased what, and how much."""
    return [
        *_log_download_events(stream),
        *_log_erasure_events(stream["LOG_ERASE"]),
        *_file_transfer_events(stream["FILE_TRANSFER_PROTOCOL"]),
        *_streamed_log_events(stream["REMOTE_LOG_DATA_BLOCK"], 200),
        *_streamed_log_events(stream["LOGGING_DATA"], None),
        *_streamed_log_events(stream["LOGGING_DATA_ACKED"], None),
    ]


def _log_download_events(stream: TlogMessages) -> Iterator[EventRow]:
    """Yield each log that was read or requested, by the vehicle it belongs to and its number."""
    requests, data = stream["LOG_REQUEST_DATA"], stream["LOG_DATA"]
    none = np.empty(0, np.int64)
    asked_rows = rows_of_each_key(
        _combined_vehicle_and_log_numbers(requests["target_system"], requests["id"])
    )
    data_rows = rows_of_each_key(_combined_vehicle_and_log_numbers(data.system, data["id"]))
    sent = {key & 0xFFFF for key in data_rows}
    for key in sorted({*asked_rows, *data_rows}):
        system, number = key >> 16, key & 0xFFFF
        if system == 0 and number in sent and key not in data_rows:
            continue  # requested of all: listed under those who sent it
        mine = {key: asked_rows.get(key, none), number: asked_rows.get(number, none)}
        wishes = requests.select(np.sort(np.concatenate(list(mine.values()))))
        parts = data.select(data_rows.get(key, none))
        who = ", ".join(_distinct_sender_names(wishes)) or "somebody"
        what = f"log {number} of {f'system {system}' if system else 'any system'}"
        if not len(parts):
            text = f"{what} requested by {who}; no data in this stream"
            yield event_row(wishes, 0, "log.transfer", text, label="id", grade="commanded")
            continue
        first = np.unique(parts["ofs"], return_index=True)[1]
        size = int(parts["count"][first].sum())
        text = f"{what}: {size} bytes were sent to {who}"
        yield _transfer_size_event(parts, 0, text, size, int(parts.time[-1]), "count")


def _combined_vehicle_and_log_numbers(system: Array, number: Array) -> npt.NDArray[np.uint32]:
    """Return one number for a vehicle and the number of a log on it."""
    return system.astype(np.uint32) << np.uint32(16) | number.astype(np.uint32)


def _distinct_sender_names(messages: MavlinkMessages) -> list[str]:
    keys = np.unique(messages.system.astype(np.uint16) << 8 | messages.component).tolist()
    return [sender_name(key >> 8, key & 0xFF) for key in keys]


def _log_erasure_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    for row in range(len(messages)):
        yield event_row(
            messages,
            row,
            "log.transfer",
            f"all logs of system {messages['target_system'][row]} ordered erased "
            f"by {sender_name_of_message(messages, row)}",
            severity="serious",
            grade="commanded",
        )


def _file_transfer_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    if not len(messages):
        return
    payload = messages["payload"]
    operation = payload[:, OPCODE]
    seen: set[tuple[str, int, str]] = set()
    for row in np.flatnonzero(np.isin(operation, FTP_OPERATIONS_WITH_PATH)).tolist():
        number, size = int(operation[row]), int(payload[row, SIZE])
        raw = payload[row, DATA : DATA + size].tobytes().rstrip(b"\0")
        path = raw.decode("utf-8", "replace").replace("\0", " to ")
        key = sender_name_of_message(messages, row), number, path
        if key in seen:
            continue
        seen.add(key)
        name = enum_names("MAV_FTP_OPCODE").get(number, f"operation {number}")
        severity = "warning" if number in FTP_CHANGING_OPERATIONS else "notice"
        if path.startswith("@PARAM"):
            severity = "info"  # how ground stations read parameters
        text = f"file transfer: {name} {path} by {key[0]}"
        yield event_row(messages, row, "log.transfer", text, label="payload", severity=severity)
    yield from _transferred_bytes_events(messages, payload)


def _transferred_bytes_events(
    messages: MavlinkMessages, payload: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
) -> Iterator[EventRow]:
    answered = payload[:, OPCODE] == ACKNOWLEDGED
    for chosen, vehicles, what in (
        (
            answered & np.isin(payload[:, REQUESTED_OPCODE], (READ, BURST_READ)),
            messages.system,
            "read from",
        ),
        (payload[:, OPCODE] == WRITE, messages["target_system"], "written to"),
    ):
        every = np.flatnonzero(chosen)
        for system, indexes in rows_of_each_key(vehicles[every]).items():
            rows = every[indexes]
            if size := int(payload[rows, SIZE].sum()):
                text = f"file transfer: {size} bytes {what} system {system}"
                first, end = int(rows[0]), int(messages.time[rows[-1]])
                yield _transfer_size_event(messages, first, text, size, end, "payload")


def _streamed_log_events(every: MavlinkMessages, block: int | None) -> Iterator[EventRow]:
    """Yield that a vehicle sent its log while it was written, and how much of it."""
    for system, rows in rows_of_each_key(every.system).items():
        messages = every.select(rows)
        size = len(messages) * block if block else int(messages["length"].sum())
        target = f"{messages['target_system'][0]}/{messages['target_component'][0]}"
        text = (
            f"the log of system {system} was streamed to {target} as it was written: {size} bytes"
        )
        end = int(messages.time[-1]) if len(messages) > 1 else NAT
        yield _transfer_size_event(messages, 0, text, size, end)


def _transfer_size_event(
    messages: MavlinkMessages, row: int, text: str, size: int, end: int, label: str = ""
) -> EventRow:
    """Return how many bytes were transferred from a message on."""
    return event_row(
        messages,
        row,
        "log.transfer",
        text,
        label=label,
        end=end,
        value=float(size),
        severity="notice",
        grade="measured",
    )
