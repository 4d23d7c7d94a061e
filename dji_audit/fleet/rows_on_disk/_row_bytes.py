"""Rows as bytes and back: as JSON in which an object is the list of its values.

Rows are read again and again, so this is made for reading: a class is named once for all rows, and
texts, numbers and missing values stand as they are.  What JSON has no form for stands behind it:
bytes and columns of numbers as they are, anything else as any other value of the store.  As there,
nothing but dataclasses and enumerations of the packages is made from the bytes, and nothing in them
is run.

Layout: the length of the JSON (4 bytes, little-endian), the JSON, then what stands behind it.
"""

import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dji_audit.fleet.store import (
    StoredValueError,
    class_of_name,
    decode_stored_value,
    encode_value_to_stream,
    name_of_class,
)

#: What a list begins with that is no object; an object begins with the number of its class.
_TUPLE, _LIST, _MAPPING, _UTC, _ENUM, _OTHER, _BYTES, _NUMBERS = -1, -2, -3, -4, -5, -6, -7, -8
#: The form of a column of numbers.
_FLOAT64 = np.dtype("<f8")
_PLAIN = (type(None), bool, int, str)
#: Returns the value of what JSON holds a list for.
_Decode = Callable[[list[Any]], Any]


class _RowJsonEncoder:
    """What is behind the JSON of some rows, and which classes they are of."""

    def __init__(self) -> None:
        self.classes: dict[type, int] = {}
        self.behind = bytearray()

    def _append_data_and_return_reference(self, tag: int, data: bytes) -> list[int]:
        place = [tag, len(self.behind), len(data)]
        self.behind += data
        return place

    def encode(self, value: Any) -> Any:
        """Return a value as JSON has it.

        Raises:
            TypeError: If it holds what a store does not keep.
        """
        kind: Any = type(value)
        if kind in _PLAIN or (kind is float and math.isfinite(value)):
            return value
        if kind is tuple or kind is list:
            return [_TUPLE if kind is tuple else _LIST, *map(self.encode, value)]
        if kind is dict:
            return [_MAPPING, *(self.encode(it) for pair in value.items() for it in pair)]
        if kind is pd.Timestamp and value.unit == "ns" and str(value.tzinfo) == "UTC":
            return [_UTC, value.value]
        if kind is bytes:
            return self._append_data_and_return_reference(_BYTES, value)
        if kind is np.ndarray and value.dtype == _FLOAT64 and value.ndim == 1:
            return self._append_data_and_return_reference(_NUMBERS, value.tobytes())
        if isinstance(value, Enum):
            return [_ENUM, self.classes.setdefault(kind, len(self.classes)), value.name]
        if is_dataclass(value):
            number = self.classes.setdefault(kind, len(self.classes))
            return [number, *(self.encode(getattr(value, it)) for it in _field_names(kind))]
        stream = io.BytesIO()
        encode_value_to_stream(value, stream)
        return self._append_data_and_return_reference(_OTHER, stream.getvalue())


def encode_rows_as_bytes(rows: Sequence[object]) -> bytes:
    """Return rows as bytes.

    Raises:
        TypeError: If a row holds what a store does not keep.
    """
    encoder = _RowJsonEncoder()
    values = [encoder.encode(row) for row in rows]
    named = [[name_of_class(kind), _field_names(kind)] for kind in encoder.classes]
    text = json.dumps([named, values], separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # Names of files may hold bytes that are no text.
    data = text.encode("utf-8", "surrogatepass")
    return b"".join((len(data).to_bytes(4, "little"), data, encoder.behind))


def decode_rows(data: bytes) -> tuple[object, ...]:
    """Return the rows in some bytes.

    Raises:
        StoredValueError: If the bytes are no rows that this version wrote.
    """
    begin = 4 + int.from_bytes(data[:4], "little")
    try:
        named, values = json.loads(data[4:begin].decode("utf-8", "surrogatepass"))
        decode = _decoder_of_classes(
            [_class_and_field_setters(name, tuple(names)) for name, names in named], data[begin:]
        )
        return tuple([decode(value) if type(value) is list else value for value in values])
    except StoredValueError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise StoredValueError(f"damaged: {type(error).__name__}") from error


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    """Return the fields of a dataclass; those of an enumeration are its members."""
    if issubclass(kind, Enum):
        return ()
    return tuple(item.name for item in fields(kind))


@cache
def _class_and_field_setters(name: str, names: tuple[str, ...]) -> tuple[type, tuple[Any, ...]]:
    """Return a class with what sets each of its fields.

    Raises:
        StoredValueError: If it has other fields in this version.
    """
    kind = class_of_name(name)
    if not (is_dataclass(kind) or issubclass(kind, Enum)) or _field_names(kind) != names:
        raise StoredValueError(f"{name!r:.80} of another version")
    return kind, tuple(_field_setter(kind, it) for it in names)


def _field_setter(kind: type, name: str) -> Callable[[Any, Any], None]:
    """Return what sets a field of a new object: a frozen one has no other way."""
    slot: Any = getattr(kind, name, None)
    if hasattr(slot, "__set__") and hasattr(slot, "__objclass__"):
        setter: Callable[[Any, Any], None] = slot.__set__
        return setter
    return lambda made, value: object.__setattr__(made, name, value)


def _decoder_of_classes(classes: Sequence[tuple[type, tuple[Any, ...]]], behind: bytes) -> _Decode:
    """Return what decodes lists that name these classes by number.

    Args:
        classes: Each class with what sets each of its fields.
        behind: What stands behind the JSON.
    """

    def decode(values: list[Any]) -> Any:
        tag = values[0]
        if tag >= 0:
            kind, setters = classes[tag]
            if len(values) != len(setters) + 1:
                raise StoredValueError("an object of another number of fields")
            # As it was written: nothing is checked or changed a second time.
            made = object.__new__(kind)
            for at, set_field in enumerate(setters, 1):
                value = values[at]
                set_field(made, decode(value) if type(value) is list else value)
            return made
        if tag == _UTC:
            return pd.Timestamp(values[1], unit="ns", tz="UTC")
        if tag == _ENUM:
            members: Any = classes[values[1]][0]
            return members[values[2]]
        if tag in (_OTHER, _BYTES, _NUMBERS):
            _, offset, size = values
            own = behind[offset : offset + size]
            if offset < 0 or len(own) != size:
                raise StoredValueError("cut short")
            if tag == _BYTES:
                return own
            return (
                decode_stored_value(own)
                if tag == _OTHER
                else np.frombuffer(own, _FLOAT64).astype(np.float64)
            )
        inner = [decode(it) if type(it) is list else it for it in values[1:]]
        if tag == _TUPLE:
            return tuple(inner)
        if tag == _LIST:
            return inner
        if tag == _MAPPING:
            return dict(zip(inner[::2], inner[1::2], strict=True))
        raise StoredValueError(f"an unknown kind of value: {tag!r:.40}")

    return decode
