"""Remote ID in a MAVLink stream: what was broadcast, or sent to a transmitter to broadcast.

Messages OPEN_DRONE_ID_*; those with an ``id_or_mac`` were received from another
aircraft.  A pack holds up to nine messages of 25 bytes in the broadcast layout
(ASTM F3411): type in the upper half of byte 0, then as in `_AIR_TEXTS`.

Autopilot and ground station send the same messages to the transmitter, so only what a component
that is a transmitter sends shows what it had to broadcast.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...._model import NamedPosition
from ..._shared._event_rows import EventRow
from ..._shared._record_framing import Flags
from ..._shared._timestamps import timestamp_or_none
from .._choose_vehicle import VehicleOfStream
from .._event_rows import enum_words_or_number, event_row
from .._flight_events import build_named_position
from .._message_columns import MavlinkMessages, TlogMessages


@dataclass(frozen=True, slots=True)
class _MessageOfPack:
    """A message of a pack, and the first row that holds it."""

    row: int
    type: int
    data: bytes


#: MAV_ODID_ID_TYPE: the aircraft's serial number.
ID_TYPE_SERIAL = 1
#: Bytes of a message over the air, and how many a pack holds.
AIR_MESSAGE_SIZE, MOST_IN_PACK = 25, 9
BASIC, SELF, SYSTEM, OPERATOR = 0, 3, 4, 5
#: Type of a message over the air -> the words for its text, and the bytes of that.
_AIR_TEXTS = {SELF: ("description", slice(2, 25)), OPERATOR: ("operator id", slice(2, 22))}
PACK = "OPEN_DRONE_ID_MESSAGE_PACK"
#: MAV_COMP_ID_ODID_TXRX_1 to _3: transmitters of Remote ID.
_TRANSMITTERS = (236, 237, 238)
#: What stands behind the record in events of what a transmitter sent.
TRANSMITTER = "transmitter"
#: Nanoseconds between two messages, due once a second, from which the transmitter was silent.
_SILENCE_NS = 3_000_000_000


def broadcast_serial(stream: TlogMessages, vehicle: VehicleOfStream) -> str | None:
    """Return the serial number that the vehicle last broadcast of itself."""
    basic = vehicle.messages_from_any_component(
        _messages_of_own_aircraft(stream["OPEN_DRONE_ID_BASIC_ID"])
    )
    basic = basic.select(basic["id_type"] == ID_TYPE_SERIAL)
    if len(basic):
        return text_of_bytes(basic["uas_id"][-1])
    packs = vehicle.messages_from_any_component(_messages_of_own_aircraft(stream[PACK]))
    serials = [
        message.data
        for message in _unpack_messages(packs)
        if message.type == BASIC and message.data[1] >> 4 == ID_TYPE_SERIAL
    ]
    return _zero_terminated_text_or_none(serials[-1][2:22]) if serials else None


def remote_id_events(stream: TlogMessages) -> list[EventRow]:
    """Return what was broadcast, each different value once, over which time, and by whom else."""
    return [
        *_identity_text_events(stream),
        *_message_pack_events(_messages_of_own_aircraft(stream[PACK])),
        *_remote_id_message_count_events(stream),
        *_unbroken_transmission_events(stream),
        *_first_event_per_other_aircraft(stream),
    ]


def operator_positions(stream: TlogMessages) -> list[NamedPosition]:
    """Return the positions of the operator in Remote ID, each position once."""
    candidates = []
    for name in ("OPEN_DRONE_ID_SYSTEM", "OPEN_DRONE_ID_SYSTEM_UPDATE"):
        messages = _messages_of_own_aircraft(stream[name])
        labels = "operator_latitude", "operator_longitude"
        keys = list(zip(*(messages[label].tolist() for label in labels), strict=True))
        candidates += [
            (messages, row, keys[row])
            for row in _first_row_of_each_value(keys)
            if _is_valid_position_e7(*keys[row])
        ]
    seen: set[tuple[int, int]] = set()
    positions = []
    for messages, row, key in sorted(candidates, key=lambda each: int(each[0].rows[each[1]])):
        if key not in seen:
            seen.add(key)
            positions.append(
                build_named_position(
                    messages, row, "pilot", "operator_latitude", "operator_longitude"
                )
            )
    packs = _messages_of_own_aircraft(stream[PACK])
    for message in _unpack_messages(packs):
        key = struct.unpack_from("<ii", message.data, 2)
        if message.type == SYSTEM and _is_valid_position_e7(*key) and key not in seen:
            seen.add(key)
            positions.append(_operator_position_of_pack(packs, message.row, key))
    return positions


def _operator_position_of_pack(
    packs: MavlinkMessages, row: int, key: tuple[int, int]
) -> NamedPosition:
    return NamedPosition(
        kind="pilot",
        time=timestamp_or_none(int(packs.time[row])),
        latitude_deg=key[0] / 1e7,
        longitude_deg=key[1] / 1e7,
        accuracy_m=None,
        record=f"{PACK}.messages",
        source_offset=int(packs.offsets[row]),
    )


def _is_valid_position_e7(latitude: int, longitude: int) -> bool:
    inside = abs(latitude) <= 900_000_000 and abs(longitude) <= 1_800_000_000
    return inside and (latitude, longitude) != (0, 0)


def _messages_of_own_aircraft(messages: MavlinkMessages) -> MavlinkMessages:
    """Return what was not received from another aircraft."""
    if "id_or_mac" not in messages.message.fields:
        return messages
    return messages.select(~messages_from_other_aircraft_mask(messages))


def messages_from_other_aircraft_mask(messages: MavlinkMessages) -> Flags:
    """Return which messages were received from another aircraft."""
    return np.asarray(messages["id_or_mac"].any(axis=1))


def _identity_text_events(stream: TlogMessages) -> Iterator[EventRow]:
    basic = _messages_of_own_aircraft(stream["OPEN_DRONE_ID_BASIC_ID"])
    names = [text_of_bytes(value) for value in basic["uas_id"]]
    kinds = basic["id_type"].tolist()
    for row in _first_row_of_each_value(list(zip(names, kinds, strict=True))):
        yield _basic_id_event(basic, row, kinds[row], names[row], "uas_id")
    for name, label, choose_rows in (
        ("OPEN_DRONE_ID_OPERATOR_ID", "operator_id", _first_row_of_each_value),
        ("OPEN_DRONE_ID_SELF_ID", "description", _first_row_of_each_value),
        # A state, of which one must know when it ended.
        ("OPEN_DRONE_ID_ARM_STATUS", "error", _row_of_each_change),
    ):
        messages = _messages_of_own_aircraft(stream[name])
        for row in choose_rows(messages[label].tolist()):
            text = f"{label.replace('_', ' ')}: {messages[label][row] or 'empty'}"
            yield event_row(messages, row, "remote_id", text, label=label)


def _basic_id_event(
    messages: MavlinkMessages, row: int, kind: int, name: str | None, label: str
) -> EventRow:
    text = f"{enum_words_or_number('MAV_ODID_ID_TYPE', kind)}: {name or 'empty'}"
    return event_row(messages, row, "remote_id", text, label=label)


def _message_pack_events(packs: MavlinkMessages) -> Iterator[EventRow]:
    for message in _unpack_messages(packs):
        if message.type == BASIC:
            yield _basic_id_event(
                packs,
                message.row,
                message.data[1] >> 4,
                _zero_terminated_text_or_none(message.data[2:22]),
                "messages",
            )
        elif message.type in _AIR_TEXTS:
            what, where = _AIR_TEXTS[message.type]
            text = f"{what}: {_zero_terminated_text_or_none(message.data[where]) or 'empty'}"
            yield event_row(packs, message.row, "remote_id", text, label="messages")


def _unpack_messages(packs: MavlinkMessages) -> list[_MessageOfPack]:
    """Return each different message that packs hold, in file order."""
    if not len(packs):
        return []
    sizes, rows = packs["msg_pack_size"].tolist(), packs["messages"]
    _, first = np.unique(rows, axis=0, return_index=True)
    seen: dict[bytes, _MessageOfPack] = {}
    for row in np.sort(first).tolist():
        data = rows[row].tobytes()
        for number in range(min(sizes[row], MOST_IN_PACK)):
            message = data[number * AIR_MESSAGE_SIZE : (number + 1) * AIR_MESSAGE_SIZE]
            seen.setdefault(message, _MessageOfPack(row, message[0] >> 4, message))
    return list(seen.values())


def _remote_id_message_count_events(stream: TlogMessages) -> Iterator[EventRow]:
    for name, what in (
        ("LOCATION", "position"),
        ("SYSTEM", "operator and area"),
        ("MESSAGE_PACK", "pack"),
    ):
        messages = _messages_of_own_aircraft(stream[f"OPEN_DRONE_ID_{name}"])
        if len(messages):
            text = f"Remote ID {what}: {len(messages)} messages"
            end = int(messages.time[-1])
            yield event_row(messages, 0, "remote_id", text, value=float(len(messages)), end=end)


def _unbroken_transmission_events(stream: TlogMessages) -> Iterator[EventRow]:
    """Yield the stretches in which a transmitter stated positions, or packs, without silence."""
    for name in ("OPEN_DRONE_ID_LOCATION", PACK):
        messages = _messages_of_own_aircraft(stream[name])
        messages = messages.select(np.isin(messages.component, _TRANSMITTERS))
        times = messages.time
        breaks = np.flatnonzero(np.abs(np.diff(times)) > _SILENCE_NS) + 1
        for first, after in pairwise([0, *breaks.tolist(), len(messages)] if len(messages) else []):
            yield event_row(
                messages,
                first,
                "remote_id",
                f"Remote ID transmitter: {after - first} messages without a break",
                label=TRANSMITTER,
                value=float(after - first),
                end=int(times[after - 1]),
            )


def _first_event_per_other_aircraft(stream: TlogMessages) -> Iterator[EventRow]:
    """Yield each other aircraft whose broadcast was received."""
    messages = stream["OPEN_DRONE_ID_BASIC_ID"]
    messages = messages.select(messages_from_other_aircraft_mask(messages))
    names = [text_of_bytes(value) for value in messages["uas_id"]]
    for row in _first_row_of_each_value(names):
        text = f"Remote ID of another aircraft was received: {names[row] or 'empty'}"
        yield event_row(messages, row, "traffic", text, label="uas_id")


def _first_row_of_each_value(values: Sequence[object]) -> list[int]:
    seen: dict[object, int] = {}
    for row, value in enumerate(values):
        seen.setdefault(value, row)
    return list(seen.values())


def _row_of_each_change(values: Sequence[object]) -> list[int]:
    return [row for row, value in enumerate(values) if not row or value != values[row - 1]]


def text_of_bytes(values: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> str | None:
    """Return a text that travels as numbers."""
    return _zero_terminated_text_or_none(values.tobytes())


def _zero_terminated_text_or_none(value: bytes) -> str | None:
    return value.split(b"\0")[0].decode("utf-8", "replace").strip() or None
