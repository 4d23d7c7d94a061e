"""Logs and files that were read from a vehicle, erased, or streamed from it."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..._layout import Array
from .._shared._dialect import words
from .._shared._framing import groups
from ._event import NAT, Event, event, sender, sender_of
from ._records import Messages, Stream, redacted

#: Operations of MAVLink FTP whose data is a path.
WITH_PATH = (3, 4, 6, 8, 9, 10, 11, 12, 13, 14)
#: Those that change what is stored.
CHANGING = frozenset({6, 8, 9, 10, 11, 12, 13})
ACKNOWLEDGED, READ, BURST_READ, WRITE = 128, 5, 15, 7
#: Place of the fields in a payload of FILE_TRANSFER_PROTOCOL.
OPCODE, SIZE, ASKED, DATA = 3, 4, 5, 12


def transfer_events(stream: Stream) -> list[Event]:
    """Return who read, wrote or erased what, and how much."""
    return [
        *_downloads(stream),
        *_erasures(stream["LOG_ERASE"]),
        *_files(stream["FILE_TRANSFER_PROTOCOL"]),
        *_streamed(stream["REMOTE_LOG_DATA_BLOCK"], 200),
        *_streamed(stream["LOGGING_DATA"], None),
        *_streamed(stream["LOGGING_DATA_ACKED"], None),
    ]


def _downloads(stream: Stream) -> Iterator[Event]:
    """Yield each log that was read or asked for, by the vehicle it is of and its number."""
    asked, data = stream["LOG_REQUEST_DATA"], stream["LOG_DATA"]
    none = np.empty(0, np.int64)
    asked_rows = groups(_key(asked["target_system"], asked["id"]))
    data_rows = groups(_key(data.system, data["id"]))
    sent = {key & 0xFFFF for key in data_rows}
    for key in sorted({*asked_rows, *data_rows}):
        system, number = key >> 16, key & 0xFFFF
        if system == 0 and number in sent and key not in data_rows:
            continue  # asked of all: it stands at those who sent it
        mine = {key: asked_rows.get(key, none), number: asked_rows.get(number, none)}
        wishes = asked.where(np.sort(np.concatenate(list(mine.values()))))
        parts = data.where(data_rows.get(key, none))
        who = ", ".join(_senders(wishes)) or "somebody"
        what = f"log {number} of {f'system {system}' if system else 'any system'}"
        if not len(parts):
            text = f"{what} asked for by {who}; no data in this stream"
            yield event(wishes, 0, "log.transfer", text, label="id", grade="commanded")
            continue
        first = np.unique(parts["ofs"], return_index=True)[1]
        size = int(parts["count"][first].sum())
        yield event(
            parts,
            0,
            "log.transfer",
            f"{what}: {size} bytes were sent to {who}",
            label="count",
            severity="notice",
            grade="measured",
            value=float(size),
            end=int(parts.time[-1]),
        )


def _key(system: Array, number: Array) -> npt.NDArray[np.uint32]:
    """Return one number for a vehicle and the number of a log on it."""
    return system.astype(np.uint32) << np.uint32(16) | number.astype(np.uint32)


def _senders(found: Messages) -> list[str]:
    keys = np.unique(found.system.astype(np.uint16) << 8 | found.component).tolist()
    return [sender(key >> 8, key & 0xFF) for key in keys]


def _erasures(found: Messages) -> Iterator[Event]:
    for row in range(len(found)):
        yield event(
            found,
            row,
            "log.transfer",
            f"all logs of system {found['target_system'][row]} ordered erased "
            f"by {sender_of(found, row)}",
            severity="serious",
            grade="commanded",
        )


def _files(found: Messages) -> Iterator[Event]:
    if not len(found):
        return
    payload = found["payload"]
    operation = payload[:, OPCODE]
    seen: set[tuple[str, int, str]] = set()
    for row in np.flatnonzero(np.isin(operation, WITH_PATH)).tolist():
        number, size = int(operation[row]), int(payload[row, SIZE])
        raw = payload[row, DATA : DATA + size].tobytes().rstrip(b"\0")
        path = redacted(raw.decode("utf-8", "replace").replace("\0", " to "))
        key = sender_of(found, row), number, path
        if key in seen:
            continue
        seen.add(key)
        name = words("MAV_FTP_OPCODE").get(number, f"operation {number}")
        severity = "warning" if number in CHANGING else "notice"
        if path.startswith("@PARAM"):
            severity = "info"  # how ground stations read parameters
        text = f"file transfer: {name} {path} by {key[0]}"
        yield event(found, row, "log.transfer", text, label="payload", severity=severity)
    yield from _moved(found, payload)


def _moved(
    found: Messages, payload: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
) -> Iterator[Event]:
    answered = payload[:, OPCODE] == ACKNOWLEDGED
    for chosen, vehicles, what in (
        (
            answered & np.isin(payload[:, ASKED], (READ, BURST_READ)),
            found.system,
            "read from",
        ),
        (payload[:, OPCODE] == WRITE, found["target_system"], "written to"),
    ):
        every = np.flatnonzero(chosen)
        for system, places in groups(vehicles[every]).items():
            rows = every[places]
            if size := int(payload[rows, SIZE].sum()):
                yield event(
                    found,
                    int(rows[0]),
                    "log.transfer",
                    f"file transfer: {size} bytes {what} system {system}",
                    label="payload",
                    severity="notice",
                    grade="measured",
                    value=float(size),
                    end=int(found.time[rows[-1]]),
                )


def _streamed(every: Messages, block: int | None) -> Iterator[Event]:
    """Yield that a vehicle sent its log while it was written, and how much of it."""
    for system, rows in groups(every.system).items():
        found = every.where(rows)
        size = len(found) * block if block else int(found["length"].sum())
        target = f"{found['target_system'][0]}/{found['target_component'][0]}"
        yield event(
            found,
            0,
            "log.transfer",
            f"the log of system {system} was streamed to {target} as it was written: {size} bytes",
            severity="notice",
            grade="measured",
            value=float(size),
            end=int(found.time[-1]) if len(found) > 1 else NAT,
        )
