"""Typed netstrings, in which mitmproxy writes its flows: ``<length>:<value><type>``.

Source: the specification at tnetstrings.info and mitmproxy's own (``io/tnetstring.py``), which
adds ``;`` for text.
"""

import mmap
import re
from typing import Any

from ..._errors import CorruptLogError

_LENGTH = re.compile(rb"(\d{1,12}):")
#: Values within values; a flow has five levels.
_MAX_DEPTH = 32
#: A value is longer only if it is a body, of which the length alone is kept.
_MAX_KEPT_SIZE = 1 << 16


class OmittedBodySize(int):
    """A value that is not kept: its length."""


def read_value_and_end(
    data: mmap.mmap | bytes, offset: int, stop: int, depth: int = 0
) -> tuple[Any, int]:
    """Return the value at a place, and where it ends.

    Raises:
        CorruptLogError: If there is none before ``stop``.
    """
    match = _LENGTH.match(data, offset, min(stop, offset + 14))
    if match is None:
        raise CorruptLogError(
            offset, "the length of a value", repr(bytes(data[offset : offset + 12]))
        )
    begin = match.end()
    end = begin + int(match[1])
    if end >= stop:
        raise CorruptLogError(offset, f"a value of {int(match[1])} bytes", f"{stop - begin} bytes")
    return _decode_value_in_span(data, begin, end, data[end : end + 1], depth), end + 1


def _decode_value_in_span(
    data: mmap.mmap | bytes, begin: int, end: int, kind: bytes, depth: int
) -> Any:
    if kind in b"}]" and depth > _MAX_DEPTH:
        raise CorruptLogError(begin, "values not so deep in each other", f"{depth} levels")
    if kind == b"}":
        return _decode_dictionary(data, begin, end, depth)
    if kind == b"]":
        return _decode_list(data, begin, end, depth)
    if kind in (b",", b";"):
        if end - begin > _MAX_KEPT_SIZE:
            return OmittedBodySize(end - begin)
        raw = bytes(data[begin:end])
        return raw.decode("utf-8", "replace") if kind == b";" else raw
    return _decode_scalar(bytes(data[begin : min(end, begin + 64)]), kind, begin)


def _decode_scalar(raw: bytes, kind: bytes, offset: int) -> Any:
    try:
        if kind == b"#":
            return int(raw)
        if kind == b"^":
            return float(raw)
    except ValueError:
        raise CorruptLogError(offset, "a number", repr(raw[:20])) from None
    if kind == b"!":
        return raw == b"true"
    if kind == b"~":
        return None
    raise CorruptLogError(offset, "the type of a value", repr(kind))


def _decode_list(data: mmap.mmap | bytes, offset: int, end: int, depth: int) -> list[Any]:
    values: list[Any] = []
    while offset < end:
        value, offset = read_value_and_end(data, offset, end, depth + 1)
        values.append(value)
    return values


def _decode_dictionary(
    data: mmap.mmap | bytes, offset: int, end: int, depth: int
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    while offset < end:
        name, offset = read_value_and_end(data, offset, end, depth + 1)
        value, offset = read_value_and_end(data, offset, end, depth + 1)
        # Before version 6 of mitmproxy the names were bytes.
        key = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
        if key == "content" and isinstance(value, (bytes, str)):
            value = OmittedBodySize(len(value))
        values[key] = value
    return values
