"""Records that hold a text or a list: few of them, decoded one by one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ..._record_layout import EqualLengthRecords, LayoutRecords
from .._layout_builders import decode_record
from . import _enum_names as enum_names
from ._record_layouts import ADSB
from ._walk_record_frames import Ints

ListRow = dict[str, Any]
Decoder = Callable[[bytes], Iterator[ListRow]]
#: Different bodies of a type whose rows are remembered while all are gone through.
_MOST_KNOWN_BODIES = 1000


@dataclass(frozen=True, slots=True)
class RecordsOfSeveralRowsEach:
    """Records that each give several rows; a body without rows keeps its bytes."""

    decode: Decoder
    raw: LayoutRecords

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.raw)

    def rows(self) -> Iterator[tuple[int, int, ListRow]]:
        """Yield the number of a record, its offset, and one row of it."""
        rows_of_body: dict[bytes, list[ListRow]] = {}
        for number, offset, body in self.raw.iterate_rows_offsets_and_bodies():
            rows = rows_of_body.get(body)
            if rows is None:
                rows = list(self.decode(body))
                # The app repeats what does not change every second.
                if len(rows_of_body) < _MOST_KNOWN_BODIES:
                    rows_of_body[body] = rows
            for row in rows:
                yield number, offset, row

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each row of each record."""
        out: list[ListRow] = []
        for number, offset, body in self.raw.iterate_rows_offsets_and_bodies():
            head = {"offset": offset, "length": int(self.raw.lengths[number])}
            list_rows = list(self.decode(body)) or [{"raw": body.hex()}]
            out += [head | row for row in list_rows]
        return pd.DataFrame(out)


def decode_text(body: bytes) -> str:
    """Return the text of a body: UTF-8 up to the first NUL, whatever else it holds."""
    return body.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def _decode_text_record(body: bytes) -> Iterator[ListRow]:
    yield {"text": decode_text(body)}


def _decode_firmware(body: bytes) -> Iterator[ListRow]:
    for at in range(0, len(body) - 5, 6):
        part, sub = body[at], body[at + 1]
        yield {
            "part": enum_names.FIRMWARE_PART.get(part, f"unknown {part}"),
            "sub": sub,
            "version": ".".join(str(byte) for byte in body[at + 2 : at + 6]),
        }


def _decode_component(body: bytes) -> Iterator[ListRow]:
    if len(body) >= 3:
        part = enum_names.COMPONENT.get(body[0], f"unknown {body[0]}")
        yield {"part": part, "sequence": body[1], "serial": decode_text(body[3 : 3 + body[2]])}


def _decode_identity_of_recover_record(body: bytes) -> Iterator[ListRow]:
    """Identity, with serial numbers of 10 bytes (85 in all) or 16 (110 and more)."""
    size = 10 if len(body) < 101 else 16
    if len(body) < 5 + size + 32 + 8:
        return
    at = 5 + size + 32 + 8
    serials = [decode_text(body[at + n * size : at + (n + 1) * size]) for n in range(3)]
    yield {
        "product": enum_names.PRODUCT.get(body[0], f"unknown {body[0]}"),
        "platform": enum_names.PLATFORM.get(body[1], f"unknown {body[1]}"),
        "app_version": ".".join(str(byte) for byte in body[2:5]),
        "aircraft_serial": decode_text(body[5 : 5 + size]),
        "aircraft_name": decode_text(body[5 + size : 5 + size + 32]),
        "time_s": int.from_bytes(body[at - 8 : at], "little", signed=True),
        "camera_serial": serials[0],
        "controller_serial": serials[1],
        "battery_serial": serials[2],
    }


#: MCAvoidStatus, sub-block 8 of VisionGroup: bit -> meaning.
AVOID_BITS: Mapping[str, int] = MappingProxyType(
    {
        "avoidance_enabled": 0x01,
        "user_avoidance": 0x02,
        "emergency_brake": 0x08,
        "go_home_avoidance": 0x10,
        "force_landing": 0x20,
        "radius_limit": 0x40,
        "airport_limit": 0x80,
        "avoidance_working": 0x100,
        "horizontal_near_boundary": 0x200,
        "vertical_low_limit": 0x800,
        "vertical_airport_limit": 0x1000,
        "roof_limit": 0x2000,
        "hit_ground_limit": 0x4000,
    }
)
VISION_GROUP = 17
_AVOID_STATUS = 8
#: No battery of an aircraft has 200 V.
_HIGHEST_MV = 200_000


def _iterate_vision_group_sub_blocks(body: bytes) -> Iterator[ListRow]:
    """Yield the sub-blocks: type (one byte, or four from version 11 on), size, inside, 0xFE."""
    wide = len(body) >= 4 and body[1:4] == b"\0\0\0"
    at = 0
    while at + (6 if wide else 3) <= len(body):
        kind = body[at]
        head = at + (4 if wide else 1)
        size = body[head]
        inside = body[head + 1 : head + 1 + size]
        end = head + 1 + size
        if end >= len(body) or body[end] != 0xFE:
            yield {"block": None, "inside": body[at:].hex()}
            return
        row: ListRow = {"block": kind, "inside": inside.hex()}
        if kind == _AVOID_STATUS and size >= 2:
            status = int.from_bytes(inside[:2], "little")
            row |= {name: bool(status & bit) for name, bit in AVOID_BITS.items()}
        yield row
        at = end + 1


def vision_group_has_whole_sub_blocks(body: bytes) -> bool:
    """Return whether a body of a VisionGroup is divided into sub-blocks up to its end."""
    kinds = [row["block"] for row in _iterate_vision_group_sub_blocks(body)]
    return bool(kinds) and None not in kinds


def decode_obstacle_avoidance_rows_and_statuses(
    groups: Sequence[EqualLengthRecords],
) -> tuple[Ints, Ints]:
    """Return the row of each MCAvoidStatus in some VisionGroup bodies, in order, and the status.

    The same walk over sub-blocks as that of the rows, for all bodies at once.
    """
    groups = [group for group in groups if group.bodies.shape[1] >= 3]
    if not groups:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    data = np.concatenate([group.bodies.reshape(-1) for group in groups])
    rows = np.concatenate([group.rows for group in groups])
    lengths = np.concatenate([np.full(*group.bodies.shape) for group in groups])
    ends = np.cumsum(lengths)
    at = ends - lengths
    is_wide = lengths >= 4
    starts = at[is_wide]
    is_wide[is_wide] = (data[starts + 1] | data[starts + 2] | data[starts + 3]) == 0
    kind_sizes = np.where(is_wide, 4, 1)
    found: list[tuple[Ints, Ints]] = []
    while True:
        inside = at + kind_sizes + 2 <= ends
        rows, at, ends, kind_sizes = (part[inside] for part in (rows, at, ends, kind_sizes))
        if not len(rows):
            break
        head = at + kind_sizes
        size = data[head]
        end = head + 1 + size
        is_complete = end < ends
        is_complete[is_complete] = data[end[is_complete]] == 0xFE
        is_status = is_complete & (data[at] == _AVOID_STATUS) & (size >= 2)
        if is_status.any():
            inner = head[is_status] + 1
            status = data[inner].astype(np.int64) | data[inner + 1].astype(np.int64) << 8
            found.append((rows[is_status], status))
        rows, ends, kind_sizes = (part[is_complete] for part in (rows, ends, kind_sizes))
        at = end[is_complete] + 1
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    row_of_status, statuses = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(row_of_status, kind="stable")
    return row_of_status[order], statuses[order]


def _decode_battery_group(body: bytes) -> Iterator[ListRow]:
    """Sub-record 1 is what does not change, 2 what does, 3 the cells.

    Version 10 has a byte more before 2 and 3, which shows: the voltage would be
    256 times too high, the number of cells would not fit the length.
    """
    if len(body) >= 27 and body[0] == 2:
        at = 2 if int.from_bytes(body[2:6], "little", signed=True) < _HIGHEST_MV else 3
        volts, amperes, full, left = (
            int.from_bytes(body[at + 4 * n : at + 4 + 4 * n], "little", signed=True)
            for n in range(4)
        )
        yield {
            "sub": 2,
            "battery": body[1],
            "voltage_v": volts / 1000,
            "current_a": amperes / 1000,
            "full_capacity_mah": full,
            "capacity_mah": left,
            "temperature_c": int.from_bytes(body[at + 16 : at + 18], "little", signed=True) / 10,
            "cells": body[at + 18],
            "battery_pct": body[at + 19],
        }
    elif len(body) >= 4 and body[0] == 3:
        at = 3 if 4 + 2 * body[3] == len(body) and 3 + 2 * body[2] != len(body) else 2
        cells = np.frombuffer(body[at + 1 : len(body) - (len(body) - at - 1) % 2], "<u2")
        yield {
            "sub": 3,
            "battery": body[1],
            "cells_v": [int(cell) / 1000 for cell in cells[: body[at]]],
        }
    elif len(body) >= 14 and body[0] == 1:
        yield {
            "sub": 1,
            "battery": body[1],
            "designed_capacity_mah": int.from_bytes(body[2:6], "little"),
            "cycles": int.from_bytes(body[6:8], "little"),
            "full_voltage_v": int.from_bytes(body[8:12], "little") / 1000,
            "raw": body.hex(),
        }


#: Byte of a transponder message as it stands in a record -> byte of the message.
_UNMASKED = bytes(byte ^ 0xA5 for byte in range(256))


def _decode_adsb(body: bytes) -> Iterator[ListRow]:
    """A transponder message as relayed, hidden under XOR with 0xA5."""
    if len(body) >= ADSB.size:
        row = decode_record(ADSB, body.translate(_UNMASKED))
        yield row | {"icao": decode_text(row["icao"])}


def _decode_key_storage(body: bytes) -> Iterator[ListRow]:
    if len(body) >= 4:
        size = int.from_bytes(body[2:4], "little")
        yield {
            "feature_point": int.from_bytes(body[:2], "little"),
            "ciphertext": body[4 : 4 + size].hex(),
        }


#: Record type -> how its inside is read.
LIST_DECODERS: Mapping[int, Decoder] = MappingProxyType(
    {
        9: _decode_text_record, 10: _decode_text_record, 13: _decode_identity_of_recover_record,
        15: _decode_firmware,
        VISION_GROUP: _iterate_vision_group_sub_blocks, 18: _decode_text_record,
        22: _decode_battery_group,
        24: _decode_text_record, 27: _decode_adsb, 28: _decode_text_record, 40: _decode_component,
        56: _decode_key_storage,
    }
)  # fmt: skip
