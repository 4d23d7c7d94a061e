"""Remote ID of other aircraft in a telemetry log: a receiver on the ground station heard them.

Messages OPEN_DRONE_ID_* whose ``id_or_mac`` is set came from another aircraft.  Packs hold the
messages as they went over the air; of single messages MAVLink has the values, which are written
down here as the message that they were read from (ASTM F3411-22a), so that the family
``remote_id`` reads both.  Offsets are those of the MAVLink frames.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...._file_content import Content, PartToCarrierByteRanges
from ...._shared._remote_id_frame_stream import (
    BLUETOOTH,
    CHECKSUM_FITS,
    MAGIC,
    NO_SIGNAL,
    OPEN_DRONE_ID,
    pack_frame_header,
)
from .._message_columns import TlogMessages
from ._own_broadcast import AIR_MESSAGE_SIZE, MOST_IN_PACK, PACK, messages_from_other_aircraft_mask

#: Version of the protocol that the messages are written down in: F3411-22a.
_VERSION = 2
_NO_SPEED_CMPS, _NO_CLIMB_CMPS, _NO_DIRECTION_CDEG = 25_500, 6_300, 36_100
_UNKNOWN_M, _HOUR_S = -1000.0, 3600.0


def received_remote_id_as_frame_stream(content: Content, stream: TlogMessages) -> Content | None:
    """Return what other aircraft broadcast as a stream of frames; ``None``: nothing was heard."""
    frames = sorted(_rebuilt_remote_id_broadcasts_heard(stream), key=lambda frame: frame[0])
    if not frames:
        return None
    data = bytearray(MAGIC)
    runs = [(0, frames[0][0], 0)]
    for offset, time_ns, address, body in frames:
        runs.append((len(data), offset, 0))
        data += pack_frame_header(
            time_ns, address, BLUETOOTH, NO_SIGNAL, OPEN_DRONE_ID, CHECKSUM_FITS, b"", len(body)
        )
        data += body
    starts, offsets, sizes = (column.copy() for column in np.array(runs, np.int64).T)
    return content.sub_content(
        stream="remote-id",
        data=bytes(data),
        carried_runs=PartToCarrierByteRanges(starts, offsets, sizes),
    )


def _rebuilt_remote_id_broadcasts_heard(
    stream: TlogMessages,
) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield offset, time, transmitter and messages of each frame that came from elsewhere."""
    for name, write in _WRITERS.items():
        messages = stream[name]
        if not len(messages):
            continue
        messages = messages.select(messages_from_other_aircraft_mask(messages))
        columns = {label: messages[label].tolist() for label in messages.message.fields}
        for row in range(len(messages)):
            values = {label: column[row] for label, column in columns.items()}
            body = write(values)
            if body:
                address = bytes(values["id_or_mac"])[:6]
                yield int(messages.offsets[row]), int(messages.time[row]), address, b"\0" + body


def _padded_text_bytes(value: Any, size: int) -> bytes:
    data = value.encode() if isinstance(value, str) else bytes(value)
    return data[:size].ljust(size, b"\0")


def _astm_message_header_byte(kind: int) -> bytes:
    return bytes([kind << 4 | _VERSION])


def _encode_half_metres(value: float) -> int:
    """Return metres as half metres above -1000 m; 0: not known, or beyond what the field holds."""
    if not np.isfinite(value) or not _UNKNOWN_M < value <= 31_767.5:
        return 0
    return round((value - _UNKNOWN_M) * 2)


def _encode_basic_id_message(values: dict[str, Any]) -> bytes:
    types = (values["id_type"] & 0xF) << 4 | values["ua_type"] & 0xF
    return (
        _astm_message_header_byte(0)
        + bytes([types])
        + _padded_text_bytes(values["uas_id"], 20)
        + bytes(3)
    )


def _encode_location_message(values: dict[str, Any]) -> bytes:
    direction, speed = values["direction"], values["speed_horizontal"]
    climb, seconds = values["speed_vertical"], values["timestamp"]
    degrees = 361 if direction >= _NO_DIRECTION_CDEG else round(direction / 100) % 360
    west = degrees >= 180
    if speed >= _NO_SPEED_CMPS:
        fast, coded = True, 255
    else:
        fast = speed > 255 * 25
        coded = min(254, round((speed - 255 * 25) / 75)) if fast else round(speed / 25)
    flags = (values["status"] & 0xF) << 4 | (values["height_reference"] & 1) << 2 | west << 1 | fast
    up = 126 if abs(climb) >= _NO_CLIMB_CMPS else round(climb / 50)
    tenths = round(seconds * 10) if np.isfinite(seconds) and 0 <= seconds <= _HOUR_S else 0xFFFF
    accuracy = (values["vertical_accuracy"] & 0xF) << 4 | values["horizontal_accuracy"] & 0xF
    return _astm_message_header_byte(1) + struct.pack(
        "<BBBbiiHHHBBHBB", flags, degrees - 180 * west, coded, up, values["latitude"],
        values["longitude"], _encode_half_metres(values["altitude_barometric"]),
        _encode_half_metres(values["altitude_geodetic"]), _encode_half_metres(values["height"]),
        accuracy, (values["barometer_accuracy"] & 0xF) << 4 | values["speed_accuracy"] & 0xF,
        tenths,
        values["timestamp_accuracy"] & 0xF, 0,
    )  # fmt: skip


def _encode_self_id_message(values: dict[str, Any]) -> bytes:
    return (
        _astm_message_header_byte(3)
        + bytes([values["description_type"]])
        + _padded_text_bytes(values["description"], 23)
    )


def _encode_system_message(values: dict[str, Any]) -> bytes:
    flags = values["operator_location_type"] & 3 | (values["classification_type"] & 7) << 2
    category = (values["category_eu"] & 0xF) << 4 | values["class_eu"] & 0xF
    return _astm_message_header_byte(4) + struct.pack(
        "<BiiHBHHBHIB", flags, values["operator_latitude"], values["operator_longitude"],
        values["area_count"], min(255, values["area_radius"] // 10),
        _encode_half_metres(values["area_ceiling"]), _encode_half_metres(values["area_floor"]),
        category, _encode_half_metres(values["operator_altitude_geo"]), values["timestamp"], 0,
    )  # fmt: skip


def _encode_operator_id_message(values: dict[str, Any]) -> bytes:
    kind = bytes([values["operator_id_type"]])
    return (
        _astm_message_header_byte(5)
        + kind
        + _padded_text_bytes(values["operator_id"], 20)
        + bytes(3)
    )


def _encode_message_pack(values: dict[str, Any]) -> bytes:
    count = min(values["msg_pack_size"], MOST_IN_PACK)
    held = bytes(values["messages"])[: count * AIR_MESSAGE_SIZE]
    return bytes([0xF0 | _VERSION, AIR_MESSAGE_SIZE, count]) + held if count else b""


#: Message -> the message over the air that has its values.
_WRITERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "OPEN_DRONE_ID_BASIC_ID": _encode_basic_id_message,
    "OPEN_DRONE_ID_LOCATION": _encode_location_message,
    "OPEN_DRONE_ID_SELF_ID": _encode_self_id_message,
    "OPEN_DRONE_ID_SYSTEM": _encode_system_message,
    "OPEN_DRONE_ID_OPERATOR_ID": _encode_operator_id_message,
    PACK: _encode_message_pack,
}
