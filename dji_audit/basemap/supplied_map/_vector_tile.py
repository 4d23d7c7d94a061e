"""Vector tiles: points, lines and areas with their attributes, in layers.

Source: Mapbox Vector Tile specification, version 2.1.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.basemap.supplied_map._supplied_map_types import SuppliedMapError
from dji_audit.basemap.supplied_map._varints import decode_varints, decode_zigzag_numbers

#: Kinds of geometry, by number.
POINT, LINE, AREA = 1, 2, 3
_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 7
#: Wire types of Protocol Buffers.
_VARINT, _EIGHT_BYTES, _COUNTED, _FOUR_BYTES = 0, 1, 2, 5
_MAX_LAYERS = 100
_MAX_FEATURES = 200_000
_MAX_EXTENT = 1 << 20
_DEFAULT_EXTENT = 4096

Longs = npt.NDArray[np.int64]
AttributeValue = str | float | int | bool


@dataclass(frozen=True, slots=True)
class VectorFeature:
    """One thing of a layer."""

    #: `POINT`, `LINE` or `AREA`.
    kind: int
    attributes: Mapping[str, AttributeValue]
    #: Its points, lines or rings: steps right and down in a tile of `VectorLayer.extent`,
    #: each of shape ``(n, 2)``.
    parts: tuple[Longs, ...]


@dataclass(frozen=True, slots=True)
class VectorLayer:
    """One layer of a tile."""

    name: str
    extent: int
    features: tuple[VectorFeature, ...]


@dataclass(frozen=True, slots=True)
class _ProtobufField:
    """A field of a message: its number, and its value or bytes."""

    number: int
    value: int
    data: bytes


def decode_vector_tile(data: bytes) -> tuple[VectorLayer, ...]:
    """Return the layers of a tile.

    Raises:
        SuppliedMapError: If it is damaged.
    """
    layers: list[VectorLayer] = []
    for field in _protobuf_fields(data):
        if field.number != 3:
            continue
        if len(layers) >= _MAX_LAYERS:
            raise SuppliedMapError(f"a vector tile has more than {_MAX_LAYERS} layers")
        layers.append(_decode_layer(field.data))
    return tuple(layers)


def _decode_layer(data: bytes) -> VectorLayer:
    name, extent = "", _DEFAULT_EXTENT
    keys: list[str] = []
    values: list[AttributeValue] = []
    packed: list[bytes] = []
    for field in _protobuf_fields(data):
        match field.number:
            case 1:
                name = field.data.decode("utf-8", "replace")
            case 2:
                packed.append(field.data)
            case 3:
                keys.append(field.data.decode("utf-8", "replace"))
            case 4:
                values.append(_decode_attribute_value(field.data))
            case 5:
                extent = field.value
    if not 0 < extent <= _MAX_EXTENT:
        raise SuppliedMapError(f"a layer of a vector tile states an extent of {extent:,}")
    if len(packed) > _MAX_FEATURES:
        raise SuppliedMapError(f"a layer of a vector tile has {len(packed):,} features")
    return VectorLayer(name, extent, tuple(_decode_feature(each, keys, values) for each in packed))


def _decode_feature(data: bytes, keys: list[str], values: list[AttributeValue]) -> VectorFeature:
    kind, tags, commands = 0, np.zeros(0, np.int64), np.zeros(0, np.int64)
    for field in _protobuf_fields(data):
        match field.number:
            case 2:
                tags = decode_varints(field.data)
            case 3:
                kind = field.value
            case 4:
                commands = decode_varints(field.data)
    attributes = {}
    for key, value in zip(tags[::2].tolist(), tags[1::2].tolist(), strict=False):
        if not (0 <= key < len(keys) and 0 <= value < len(values)):
            raise SuppliedMapError(
                "a feature of a vector tile names an attribute that is not there"
            )
        attributes[keys[key]] = values[value]
    return VectorFeature(kind, attributes, tuple(_decode_geometry(commands, kind)))


def _decode_geometry(commands: Longs, kind: int) -> Iterator[Longs]:
    """Yield the points, lines or rings that some commands draw."""
    at, here, current = 0, np.zeros(2, np.int64), np.zeros((0, 2), np.int64)
    while at < len(commands):
        word = int(commands[at])
        command, count = word & 7, word >> 3
        at += 1
        if command == _CLOSE_PATH:
            continue
        if command not in (_MOVE_TO, _LINE_TO) or count < 1 or 2 * count > len(commands) - at:
            raise SuppliedMapError("the geometry of a vector tile is damaged")
        steps = decode_zigzag_numbers(commands[at : at + 2 * count]).reshape(-1, 2)
        at += 2 * count
        points = here + np.cumsum(steps, axis=0)
        here = points[-1]
        if command == _LINE_TO:
            current = np.concatenate([current, points])
            continue
        if kind == POINT:
            yield points
            continue
        if len(current):
            yield current
        current = points[-1:]
    if len(current):
        yield current


def _decode_attribute_value(data: bytes) -> AttributeValue:
    for field in _protobuf_fields(data):
        match field.number:
            case 1:
                return field.data.decode("utf-8", "replace")
            case 2 if len(field.data) == 4:
                return float(struct.unpack("<f", field.data)[0])
            case 3 if len(field.data) == 8:
                return float(struct.unpack("<d", field.data)[0])
            case 4 | 5:
                return field.value
            case 6:
                return (field.value >> 1) ^ -(field.value & 1)
            case 7:
                return bool(field.value)
    return ""


def _protobuf_fields(data: bytes) -> Iterator[_ProtobufField]:
    """Yield the fields of a message.

    Raises:
        SuppliedMapError: If one reaches beyond its end, or is of an unknown type.
    """
    at = 0
    while at < len(data):
        start = at
        key, at = _decode_varint_and_end(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _decode_varint_and_end(data, at)
            yield _ProtobufField(number, value, b"")
            continue
        if wire == _COUNTED:
            length, at = _decode_varint_and_end(data, at)
        elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if wire == _EIGHT_BYTES else 4
        else:
            raise SuppliedMapError(f"a vector tile is damaged at byte {start:,}")
        if length > len(data) - at:
            raise SuppliedMapError(f"a vector tile is cut short at byte {start:,}")
        yield _ProtobufField(number, 0, data[at : at + length])
        at += length


def _decode_varint_and_end(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where the next one begins."""
    value = shift = 0
    for index in range(at, min(at + 10, len(data))):
        octet = data[index]
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            return value, index + 1
        shift += 7
    raise SuppliedMapError(f"a number in a vector tile is damaged at byte {at:,}")
