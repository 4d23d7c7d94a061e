"""Protocol buffers without their schema: fields by number, and a plan of those to decode.

A path such as ``3-3-4-1`` names a field by the numbers of the messages around it and its own.
"""

import struct
from collections.abc import Iterator, Mapping

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
ProtobufValue = int | float | bytes
_DEEPEST = 8
_MOST_FIELDS = 4096

#: Number of a field -> the name of its value, or the plan of the message that it is.
FieldPlan = Mapping[int, "str | FieldPlan"]


class MalformedProtobufError(ValueError):
    """Bytes that are no message."""


def iterate_field_numbers_types_and_spans(
    data: bytes, begin: int, end: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, and begin and end of the value of each field.

    Raises:
        MalformedError: If the bytes are no message, or one of very many fields.
    """
    at = begin
    for _ in range(_MOST_FIELDS):
        if at >= end:
            return
        key, at = read_varint_and_end(data, at, end)
        number, wire = key >> 3, key & 7
        first = at
        if not number:
            raise MalformedProtobufError("field 0")
        if wire == VARINT:
            _, at = read_varint_and_end(data, at, end)
        elif wire == FIXED64:
            at += 8
        elif wire == FIXED32:
            at += 4
        elif wire == BYTES:
            size, first = read_varint_and_end(data, at, end)
            at = first + size
        else:
            raise MalformedProtobufError(f"wire type {wire}")
        if at > end:
            raise MalformedProtobufError("a field beyond the end")
        yield number, wire, first, at
    raise MalformedProtobufError("too many fields")


def read_varint_and_end(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a variable-length number and where it ends.

    Raises:
        MalformedError: If it does not end within ten bytes.
    """
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise MalformedProtobufError("a number that does not end")


def decode_protobuf_value(data: bytes, wire: int, begin: int, end: int) -> ProtobufValue:
    """Return a value; a whole number as signed 64 bits, a message or text as bytes."""
    if wire == VARINT:
        number = read_varint_and_end(data, begin, end)[0] & (1 << 64) - 1
        return number - (1 << 64) if number >> 63 else number
    if wire == FIXED64:
        return float(struct.unpack_from("<d", data, begin)[0])
    if wire == FIXED32:
        return float(struct.unpack_from("<f", data, begin)[0])
    return data[begin:end]


def add_decoded_planned_fields_to_mapping(
    data: bytes,
    begin: int,
    end: int,
    plan: FieldPlan,
    into: dict[str, ProtobufValue],
    path: str = "",
) -> None:
    """Put the values that a plan names into ``into``, and ``True`` under the path of each message.

    Raises:
        MalformedError: If the bytes are no message.
    """
    for number, wire, first, last in iterate_field_numbers_types_and_spans(data, begin, end):
        target = plan.get(number)
        if target is None:
            continue
        if isinstance(target, str):
            into.setdefault(target, decode_protobuf_value(data, wire, first, last))
        elif wire == BYTES:
            inner = f"{path}-{number}" if path else str(number)
            into[inner] = True
            add_decoded_planned_fields_to_mapping(data, first, last, target, into, inner)


def protobuf_fields_by_path(
    data: bytes, begin: int, end: int, path: str = "", depth: int = 0
) -> dict[str, ProtobufValue]:
    """Return every value by its path; what is neither text nor message stays bytes.

    Raises:
        MalformedError: If the bytes are no message.
    """
    out: dict[str, ProtobufValue] = {}
    for number, wire, first, last in iterate_field_numbers_types_and_spans(data, begin, end):
        inner = f"{path}-{number}" if path else str(number)
        if (
            wire != BYTES
            or depth >= _DEEPEST
            or last == first
            or _is_printable_ascii(data[first:last])
        ):
            out.setdefault(inner, decode_protobuf_value(data, wire, first, last))
            continue
        try:
            below = protobuf_fields_by_path(data, first, last, inner, depth + 1)
        except MalformedProtobufError:
            out.setdefault(inner, data[first:last])
            continue
        for inner_path, inner_value in below.items():
            out.setdefault(inner_path, inner_value)
    return out


def _is_printable_ascii(raw: bytes) -> bool:
    return all(32 <= byte < 127 for byte in raw)
