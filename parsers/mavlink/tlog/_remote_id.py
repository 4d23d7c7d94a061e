"""Remote ID in a MAVLink stream: what was broadcast, or given to a transmitter to broadcast.

Messages OPEN_DRONE_ID_*; those with an ``id_or_mac`` were received from another
aircraft.  A pack holds up to nine messages of 25 bytes as they go over the air
(ASTM F3411): type in the upper half of byte 0, then as in `_AIR`.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..._model import Place
from .._shared._framing import Flags
from ._clock import Vehicle
from ._event import Event, event, word
from ._flight import place
from ._records import Messages, Stream

#: MAV_ODID_ID_TYPE: the aircraft's serial number.
SERIAL = 1
#: Bytes of a message over the air, and how many a pack holds.
AIR, MOST = 25, 9
BASIC, SELF, SYSTEM, OPERATOR = 0, 3, 4, 5
#: Type of a message over the air -> the words for its text, and the bytes of that.
_AIR = {SELF: ("description", slice(2, 25)), OPERATOR: ("operator id", slice(2, 22))}
PACK = "OPEN_DRONE_ID_MESSAGE_PACK"


@dataclass(frozen=True, slots=True)
class _Said:
    """A message of a pack, and the first row that holds it."""

    row: int
    type: int
    data: bytes


def broadcast_serial(stream: Stream, vehicle: Vehicle) -> str | None:
    """Return the serial number that the vehicle last broadcast of itself."""
    basic = vehicle.owns(_own(stream["OPEN_DRONE_ID_BASIC_ID"]))
    basic = basic.where(basic["id_type"] == SERIAL)
    if len(basic):
        return text_of(basic["uas_id"][-1])
    packs = vehicle.owns(_own(stream[PACK]))
    told = [
        one.data for one in _unpacked(packs) if one.type == BASIC and one.data[1] >> 4 == SERIAL
    ]
    return _text(told[-1][2:22]) if told else None


def remote_id_events(stream: Stream) -> list[Event]:
    """Return what was broadcast, each different value once, over which time, and by whom else."""
    return [*_texts(stream), *_packed(_own(stream[PACK])), *_lasting(stream), *_others(stream)]


def remote_places(stream: Stream) -> list[Place]:
    """Return where Remote ID said the operator was, each position once."""
    found = []
    for name in ("OPEN_DRONE_ID_SYSTEM", "OPEN_DRONE_ID_SYSTEM_UPDATE"):
        told = _own(stream[name])
        labels = "operator_latitude", "operator_longitude"
        keys = list(zip(*(told[label].tolist() for label in labels), strict=True))
        found += [(told, row, keys[row]) for row in _new(keys) if _somewhere(*keys[row])]
    seen: set[tuple[int, int]] = set()
    places = []
    for told, row, key in sorted(found, key=lambda each: int(each[0].rows[each[1]])):
        if key not in seen:
            seen.add(key)
            places.append(place(told, row, "pilot", "operator_latitude", "operator_longitude"))
    packs = _own(stream[PACK])
    for one in _unpacked(packs):
        key = struct.unpack_from("<ii", one.data, 2)
        if one.type == SYSTEM and _somewhere(*key) and key not in seen:
            seen.add(key)
            places.append(_placed(packs, one.row, key))
    return places


def _placed(packs: Messages, row: int, key: tuple[int, int]) -> Place:
    import pandas as pd

    time = int(packs.time[row])
    return Place(
        kind="pilot",
        time=None if time == np.iinfo(np.int64).min else pd.Timestamp(time, tz="UTC"),
        latitude_deg=key[0] / 1e7,
        longitude_deg=key[1] / 1e7,
        accuracy_m=None,
        record=f"{PACK}.messages",
        source_offset=int(packs.offsets[row]),
    )


def _somewhere(latitude: int, longitude: int) -> bool:
    inside = abs(latitude) <= 900_000_000 and abs(longitude) <= 1_800_000_000
    return inside and (latitude, longitude) != (0, 0)


def _own(found: Messages) -> Messages:
    """Return what was not received from another aircraft."""
    if "id_or_mac" not in found.message.fields:
        return found
    return found.where(~_elsewhere(found))


def _elsewhere(found: Messages) -> Flags:
    """Return which messages were received from another aircraft."""
    return np.asarray(found["id_or_mac"].any(axis=1))


def _texts(stream: Stream) -> Iterator[Event]:
    basic = _own(stream["OPEN_DRONE_ID_BASIC_ID"])
    names = [text_of(value) for value in basic["uas_id"]]
    kinds = basic["id_type"].tolist()
    for row in _new(list(zip(names, kinds, strict=True))):
        yield _basic(basic, row, kinds[row], names[row], "uas_id")
    for name, label in (
        ("OPEN_DRONE_ID_OPERATOR_ID", "operator_id"),
        ("OPEN_DRONE_ID_SELF_ID", "description"),
        ("OPEN_DRONE_ID_ARM_STATUS", "error"),
    ):
        found = _own(stream[name])
        for row in _new(found[label].tolist()):
            text = f"{label.replace('_', ' ')}: {found[label][row] or 'empty'}"
            yield event(found, row, "remote_id", text, label=label)


def _basic(found: Messages, row: int, kind: int, name: str | None, label: str) -> Event:
    text = f"{word('MAV_ODID_ID_TYPE', kind)}: {name or 'empty'}"
    return event(found, row, "remote_id", text, label=label)


def _packed(packs: Messages) -> Iterator[Event]:
    for one in _unpacked(packs):
        if one.type == BASIC:
            yield _basic(packs, one.row, one.data[1] >> 4, _text(one.data[2:22]), "messages")
        elif one.type in _AIR:
            what, where = _AIR[one.type]
            text = f"{what}: {_text(one.data[where]) or 'empty'}"
            yield event(packs, one.row, "remote_id", text, label="messages")


def _unpacked(packs: Messages) -> list[_Said]:
    """Return each different message that packs hold, in file order."""
    if not len(packs):
        return []
    sizes, rows = packs["msg_pack_size"].tolist(), packs["messages"]
    _, first = np.unique(rows, axis=0, return_index=True)
    seen: dict[bytes, _Said] = {}
    for row in np.sort(first).tolist():
        data = rows[row].tobytes()
        for number in range(min(sizes[row], MOST)):
            one = data[number * AIR : (number + 1) * AIR]
            seen.setdefault(one, _Said(row, one[0] >> 4, one))
    return list(seen.values())


def _lasting(stream: Stream) -> Iterator[Event]:
    for name, what in (
        ("LOCATION", "position"),
        ("SYSTEM", "operator and area"),
        ("MESSAGE_PACK", "pack"),
    ):
        found = _own(stream[f"OPEN_DRONE_ID_{name}"])
        if len(found):
            text = f"Remote ID {what}: {len(found)} messages"
            end = int(found.time[-1])
            yield event(found, 0, "remote_id", text, value=float(len(found)), end=end)


def _others(stream: Stream) -> Iterator[Event]:
    """Yield each other aircraft whose broadcast was received."""
    found = stream["OPEN_DRONE_ID_BASIC_ID"]
    found = found.where(_elsewhere(found))
    names = [text_of(value) for value in found["uas_id"]]
    for row in _new(names):
        text = f"Remote ID of another aircraft was received: {names[row] or 'empty'}"
        yield event(found, row, "traffic", text, label="uas_id")


def _new(values: Sequence[object]) -> list[int]:
    seen: dict[object, int] = {}
    for row, value in enumerate(values):
        seen.setdefault(value, row)
    return list(seen.values())


def text_of(values: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> str | None:
    """Return a text that travels as numbers."""
    return _text(values.tobytes())


def _text(value: bytes) -> str | None:
    return value.split(b"\0")[0].decode("utf-8", "replace").strip() or None
