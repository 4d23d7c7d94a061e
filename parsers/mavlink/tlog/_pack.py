"""Parameters that a vehicle sent as one packed file (``@PARAM/param.pck``).

Ground stations read it over MAVLink FTP since ArduPilot 4.1 instead of asking
for each parameter.  Layout (ArduPilot, ``AP_Filesystem_Param``): two bytes of
magic, the number of parameters in the file and in all (two bytes each), then
for each parameter: type in the low and flags in the high half of a byte; in
the next byte how many characters it shares with the name before (low half) and
how many follow, less one (high half); those characters; the value; and the
default value where flag 1 is set.  Zeros between parameters are filling.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ._records import Messages

PATH = b"@PARAM/param.pck"
MAGIC, MAGIC_DEFAULTS = 0x671B, 0x671C
#: Type -> how the value is packed.
_VALUES = {1: "<b", 2: "<h", 3: "<i", 4: "<f"}
#: Bytes of a file of parameters; real ones have some 15,000.
LARGEST = 1 << 20
#: MAVLink FTP: operations, and where the fields of a payload lie.
OPEN, READ, BURST_READ, ACKNOWLEDGED = 4, 5, 15, 128
OPCODE, SIZE, ASKED, PLACE, DATA = 3, 4, 5, 8, 12


@dataclass(frozen=True, slots=True)
class Packed:
    """One parameter of such a file."""

    name: str
    value: float
    #: ``None``: the file does not say, or the value is the default.
    default: float | None
    #: Row of the message that holds the beginning of it.
    row: int


def packed(found: Messages, system: int) -> list[Packed]:
    """Return the parameters in the files that a system sent; damaged files give none."""
    if not len(found):
        return []
    payload = found["payload"]
    opened = np.flatnonzero(payload[:, OPCODE] == OPEN)
    sent = (found.system == system) & (payload[:, OPCODE] == ACKNOWLEDGED)
    sent &= np.isin(payload[:, ASKED], (READ, BURST_READ))
    result: list[Packed] = []
    for turn, row in enumerate(opened.tolist()):
        if not payload[row, DATA:].tobytes().startswith(PATH):
            continue
        same = [other for other in opened[turn + 1 : turn + 9].tolist()
                if found.system[other] == found.system[row]]  # fmt: skip
        stop = same[0] if same else len(found)
        rows = np.flatnonzero(sent[row:stop]) + row
        rows = rows[found["target_system"][rows] == found.system[row]]
        result += _decoded(*_file(payload, rows))
    return result


def _file(
    payload: np.ndarray[tuple[int, int], np.dtype[np.uint8]],
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the bytes up to the first hole, and where in them each message begins."""
    places = np.ascontiguousarray(payload[rows, PLACE : PLACE + 4]).view("<u4").ravel()
    data = bytearray()
    begins = []
    for turn in np.argsort(places, kind="stable").tolist():
        place, row = int(places[turn]), int(rows[turn])
        piece = payload[row, DATA : DATA + int(payload[row, SIZE])].tobytes()
        if place > len(data) or len(data) > LARGEST:
            break
        if place + len(piece) > len(data):
            begins.append((place, row))
            data[place:] = piece
    return bytes(data), begins


def _decoded(data: bytes, begins: list[tuple[int, int]]) -> list[Packed]:
    if len(data) < 6:
        return []
    magic, number, _ = struct.unpack_from("<HHH", data)
    if magic not in (MAGIC, MAGIC_DEFAULTS):
        return []
    starts = [place for place, _ in begins]
    found = []
    for at, name, value, default in _entries(data, defaults=magic == MAGIC_DEFAULTS):
        row = begins[int(np.searchsorted(starts, at, "right")) - 1][1]
        found.append(Packed(name, value, default, row))
        if len(found) == number:
            break
    return found


def _entries(data: bytes, *, defaults: bool) -> Iterator[tuple[int, str, float, float | None]]:
    at, name = 6, b""
    while at + 2 < len(data):
        if data[at] == 0:
            at += 1
            continue
        kind, lengths = data[at], data[at + 1]
        layout = _VALUES.get(kind & 0x0F)
        if layout is None:
            return
        begin = at + 2
        at = begin + (lengths >> 4) + 1
        told = defaults and bool(kind & 0x10)
        size = struct.calcsize(layout)
        if at + size * (2 if told else 1) > len(data):
            return
        name = name[: lengths & 0x0F] + data[begin:at]
        value = float(struct.unpack_from(layout, data, at)[0])
        default = float(struct.unpack_from(layout, data, at + size)[0]) if told else None
        at += size * (2 if told else 1)
        yield begin - 2, name.decode("ascii", "replace"), value, default
