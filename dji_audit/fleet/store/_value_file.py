"""One value in one file: objects of the packages as JSON, arrays and columns as they are.

A file is no pickle: it names classes, and only dataclasses, enumerations and named tuples of
``parsers`` and ``dji_audit`` are made from it.  Whoever writes into a store can change results,
but can run nothing.

Layout: the magic, the length of the JSON (8 bytes, little-endian), the JSON, then the blobs that
it refers to by offset and size, each beginning at a multiple of 64 bytes.
"""

import datetime as dt
import importlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

MAGIC = b"dji-audit value 1\n"
_ALIGNMENT = 64
_PACKAGES = ("parsers", "dji_audit")
#: The dtypes of arrays: whole numbers, fractions, times, texts and bytes.
_DTYPE = re.compile(r"[<>|=]?(?:[biu]\d|f[248]|c\d{1,2}|[mM]8\[[a-zA-Z]{1,2}\]|[SU]\d{1,9})")
#: Kind, unit and zone of a column of times.
_TIMES = re.compile(r"(datetime64|timedelta64)\[(ns|us|ms|s)(?:, (.+))?\]")
#: Numbers that JSON has no word for.
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class StoredValueError(Exception):
    """A file holds no value that was written by this version; the message says why."""


def encode_value_to_stream(value: object, stream: BinaryIO) -> None:
    """Write a value.

    Args:
        value: None, booleans, numbers, texts, bytes, times, paths, tuples, lists, sets, mappings,
            numpy arrays, tables, and dataclasses, enumerations and named tuples of the packages.
        stream: Where to.

    Raises:
        TypeError: If the value holds anything else.
        OSError: If it cannot be written.
    """
    blobs = _BlobsToWrite()
    text = json.dumps(
        _encode_as_json_value(value, blobs), separators=(",", ":"), allow_nan=False
    ).encode()
    stream.write(MAGIC)
    stream.write(len(text).to_bytes(8, "little"))
    stream.write(text)
    at = len(MAGIC) + 8 + len(text)
    stream.write(bytes(-at % _ALIGNMENT))
    for blob in blobs.pieces:
        stream.write(blob)
        stream.write(bytes(-len(blob) % _ALIGNMENT))


def decode_stored_value(data: bytes | memoryview) -> Any:
    """Return the value in the bytes of a file.

    Raises:
        StoredValueError: If they are no such value.
    """
    view = memoryview(data)
    head = len(MAGIC) + 8
    if bytes(view[: len(MAGIC)]) != MAGIC or len(view) < head:
        raise StoredValueError("no value of this version")
    size = int.from_bytes(view[len(MAGIC) : head], "little")
    if size > len(view) - head:
        raise StoredValueError("cut short")
    begin = head + size
    begin += -begin % _ALIGNMENT
    try:
        tree = json.loads(bytes(view[head : head + size]))
        return _decode_tree(tree, view[begin:])
    except StoredValueError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise StoredValueError(f"damaged: {type(error).__name__}") from error


class _BlobsToWrite:
    """Blobs in the order in which they are written, and where each will begin."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._at = 0

    def add(self, data: bytes) -> list[int]:
        """Add a blob, and return its offset and size."""
        place = [self._at, len(data)]
        self.pieces.append(data)
        self._at += len(data) + (-len(data) % _ALIGNMENT)
        return place


# A value that JSON has is written as it is; any other as an object with one key, its kind.


def _encode_as_json_value(value: object, blobs: _BlobsToWrite) -> Any:
    if value is None or (isinstance(value, bool | str) and not isinstance(value, Enum)):
        return value
    for types, kind, encode in _ENCODERS:
        if isinstance(value, types):
            return {kind: encode(value, blobs)}
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return {"object": [name_of_class(type(value)), _encode_dataclass_fields(value, blobs)]}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {
            "named": [
                name_of_class(type(value)),
                [_encode_as_json_value(item, blobs) for item in value],
            ]
        }
    if isinstance(value, tuple):
        return {"tuple": [_encode_as_json_value(item, blobs) for item in value]}
    if isinstance(value, list):
        return [_encode_as_json_value(item, blobs) for item in value]
    if isinstance(value, Mapping):
        pairs = [
            [_encode_as_json_value(k, blobs), _encode_as_json_value(v, blobs)]
            for k, v in value.items()
        ]
        return {"frozen" if isinstance(value, MappingProxyType) else "map": pairs}
    if slots := _slot_names_of_package_class(type(value)):
        values = {name: _encode_as_json_value(getattr(value, name), blobs) for name in slots}
        return {"slots": [name_of_class(type(value)), values]}
    raise TypeError(f"a store keeps no {type(value).__module__}.{type(value).__qualname__}")


def _slot_names_of_package_class(kind: type) -> tuple[str, ...]:
    """Return the slots of a class that holds nothing else; none for any other class."""
    slots = kind.__dict__.get("__slots__", ())
    is_ours = kind.__module__.split(".")[0] in _PACKAGES
    return slots if is_ours and isinstance(slots, tuple) else ()


def _encode_dataclass_fields(value: object, blobs: _BlobsToWrite) -> dict[str, Any]:
    """Return the fields of an object; those that count for nothing are made anew."""
    return {
        field.name: _encode_as_json_value(getattr(value, field.name), blobs)
        for field in fields(value)  # type: ignore[arg-type]
        if field.compare or (field.default is MISSING and field.default_factory is MISSING)
    }


def _encode_array_and_add_its_blob(value: Any, blobs: _BlobsToWrite) -> Any:
    if value.dtype.hasobject:
        raise TypeError("a store keeps no array of objects")
    whole = np.ascontiguousarray(value)
    return [whole.dtype.str, list(value.shape), blobs.add(whole.tobytes())]


def _encode_table(value: Any, blobs: _BlobsToWrite) -> Any:
    """Return the columns of a table, each as its bare values: Arrow takes twenty times as long."""
    frame: pd.DataFrame = value
    columns = [
        [str(name), str(frame[name].dtype), _encode_column(frame[name].array, blobs)]
        for name in frame.columns
    ]
    return [len(frame), columns]


def _encode_column(array: Any, blobs: _BlobsToWrite) -> Any:
    if isinstance(array.dtype, pd.StringDtype):
        codes, texts = pd.factorize(array)
        return [
            "texts",
            _encode_array_and_add_its_blob(codes.astype(np.int32), blobs),
            [*map(str, texts)],
        ]
    if isinstance(array, pd.arrays.DatetimeArray | pd.arrays.TimedeltaArray):
        return ["times", _encode_array_and_add_its_blob(array.view("i8"), blobs)]
    if isinstance(array, pd.arrays.NumpyExtensionArray):
        values = array.to_numpy()
        if not values.dtype.hasobject:
            return ["plain", _encode_array_and_add_its_blob(values, blobs)]
        return ["items", [_encode_as_json_value(item, blobs) for item in values.tolist()]]
    if hasattr(array, "_mask") and hasattr(array, "_data"):
        return [
            "masked",
            _encode_array_and_add_its_blob(array._data, blobs),
            _encode_array_and_add_its_blob(array._mask, blobs),
        ]
    raise TypeError(f"a store keeps no column of {array.dtype}")


_ENCODERS: tuple[tuple[type | tuple[type, ...], str, Callable[[Any, _BlobsToWrite], Any]], ...] = (
    (Enum, "enum", lambda value, _: [name_of_class(type(value)), value.name]),
    (pd.DataFrame, "table", _encode_table),
    (np.ndarray, "array", _encode_array_and_add_its_blob),
    (np.bool_, "scalar", lambda value, _: ["|b1", bool(value)]),
    (np.integer, "scalar", lambda value, _: [value.dtype.str, int(value)]),
    (np.floating, "scalar", lambda value, _: [value.dtype.str, float(value).hex()]),
    (type(pd.NaT), "missing", lambda _value, _: "NaT"),
    (type(pd.NA), "missing", lambda _value, _: "NA"),
    (
        pd.Timestamp,
        "time",
        lambda value, _: [value.as_unit("ns").value, str(value.tzinfo) if value.tzinfo else None],
    ),
    (pd.Timedelta, "delta", lambda value, _: value.as_unit("ns").value),
    (dt.datetime, "datetime", lambda value, _: value.isoformat()),
    (dt.date, "date", lambda value, _: value.isoformat()),
    (Path, "path", lambda value, _: str(value)),
    (bytes, "bytes", lambda value, blobs: blobs.add(value)),
    (
        frozenset,
        "set",
        lambda value, blobs: sorted(
            (_encode_as_json_value(item, blobs) for item in value), key=json.dumps
        ),
    ),
)


def name_of_class(kind: type) -> str:
    """Return the name by which a class of the packages is written.

    Raises:
        TypeError: If it is no class of theirs.
    """
    if kind.__module__.split(".")[0] not in _PACKAGES or "<" in kind.__qualname__:
        raise TypeError(f"a store keeps no {kind.__module__}.{kind.__qualname__}")
    return f"{kind.__module__}:{kind.__qualname__}"


@dataclass(frozen=True, slots=True)
class _BlobReader:
    """What decoders need: the blobs."""

    blobs: memoryview

    def blob_at(self, place: Sequence[int]) -> memoryview:
        offset, size = place
        if offset < 0 or size < 0 or offset + size > len(self.blobs):
            raise StoredValueError("cut short")
        return self.blobs[offset : offset + size]


def _decode_tree(tree: Any, blobs: memoryview) -> Any:
    return _decode(tree, _BlobReader(blobs))


def _decode(tree: Any, reader: _BlobReader) -> Any:
    if isinstance(tree, list):
        return [_decode(item, reader) for item in tree]
    if not isinstance(tree, dict):
        return tree
    ((kind, content),) = tree.items()
    decode = _DECODERS.get(kind)
    if decode is None:
        raise StoredValueError(f"an unknown kind of value: {kind!r:.40}")
    return decode(content, reader)


def _decode_object(content: Any, reader: _BlobReader) -> Any:
    name, values = content
    kind = class_of_name(name)
    if not is_dataclass(kind):
        raise StoredValueError(f"{name!r:.80} is not a dataclass")
    # As it was written: nothing is checked, changed or redacted a second time.
    made: Any = object.__new__(kind)
    for field in fields(kind):
        if field.name in values:
            value = _decode(values[field.name], reader)
        elif field.default is not MISSING:
            value = field.default
        elif field.default_factory is not MISSING:
            value = field.default_factory()
        else:
            raise StoredValueError(f"{name!r:.80} without {field.name}")
        object.__setattr__(made, field.name, value)
    return made


def _decode_slotted_object(content: Any, reader: _BlobReader) -> Any:
    name, values = content
    kind = class_of_name(name)
    slots = _slot_names_of_package_class(kind)
    if is_dataclass(kind) or set(values) != set(slots):
        raise StoredValueError(f"{name!r:.80} is not a class of those slots")
    made: Any = object.__new__(kind)
    for slot in slots:
        object.__setattr__(made, slot, _decode(values[slot], reader))
    return made


def _decode_named_tuple(content: Any, reader: _BlobReader) -> Any:
    name, values = content
    kind: Any = class_of_name(name)
    if not (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        raise StoredValueError(f"{name!r:.80} is not a named tuple")
    return kind(*(_decode(value, reader) for value in values))


def _decode_enum(content: Any, _: _BlobReader) -> Any:
    name, member = content
    kind: Any = class_of_name(name)
    if not issubclass(kind, Enum):
        raise StoredValueError(f"{name!r:.80} is not an enumeration")
    return kind[member]


def _decode_array(content: Any, reader: _BlobReader) -> Any:
    name, shape, place = content
    if not _DTYPE.fullmatch(name):
        raise StoredValueError(f"an array of {name!r:.40}")
    dtype = np.dtype(name)
    # A copy: a result must not change with the file, nor keep it open.
    return np.frombuffer(reader.blob_at(place), dtype).reshape(shape).copy()


def _decode_table(content: Any, reader: _BlobReader) -> pd.DataFrame:
    count, columns = content
    arrays = {name: _decode_column(dtype, column, count, reader) for name, dtype, column in columns}
    return pd.DataFrame(arrays, index=pd.RangeIndex(count), copy=False)


def _decode_column(dtype: str, column: Any, count: int, reader: _BlobReader) -> Any:
    form, values, *more = column
    if form == "items":
        return pd.Series([_decode(item, reader) for item in values], dtype="object").array
    array = _decode_array(values, reader)
    if array.shape != (count,):
        raise StoredValueError("a column of another length")
    if form == "plain":
        return array
    if form == "times":
        kind, unit, zone = _TIMES.fullmatch(dtype).groups()  # type: ignore[union-attr]
        times = array.view(f"{kind}[{unit}]")
        return pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone) if zone else times
    if form == "masked":
        mask = _decode_array(more[0], reader)
        kind = pd.arrays.BooleanArray if dtype == "boolean" else pd.arrays.IntegerArray
        return (pd.arrays.FloatingArray if dtype.startswith("Float") else kind)(array, mask)
    if form == "texts":
        texts = np.array([*more[0], None], dtype=object)
        return pd.array(texts[array], dtype=pd.StringDtype("python", na_value=np.nan))
    raise StoredValueError(f"an unknown form of column: {form!r:.40}")


@cache
def class_of_name(name: str) -> type:
    """Return a class of the packages by its name; nothing else is ever imported.

    Raises:
        StoredValueError: If there is no such class in this version.
    """
    module, _, path = name.partition(":")
    if module.split(".")[0] not in _PACKAGES:
        raise StoredValueError(f"{name!r:.80} is not a class of dji-audit")
    try:
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise StoredValueError(f"{name!r:.80} is not in this version") from error
    if not isinstance(found, type) or found.__module__ != module:
        raise StoredValueError(f"{name!r:.80} is not a class of dji-audit")
    return found


def _decode_dict_of_pairs(content: Any, reader: _BlobReader) -> dict[Any, Any]:
    return {_decode(key, reader): _decode(value, reader) for key, value in content}


def _decode_numpy_scalar(content: Any, _: _BlobReader) -> Any:
    name, value = content
    if not _DTYPE.fullmatch(name):
        raise StoredValueError(f"a number of {name!r:.40}")
    kind = np.dtype(name).type
    return kind(float.fromhex(value)) if isinstance(value, str) else kind(value)


_DECODERS: dict[str, Callable[[Any, _BlobReader], Any]] = {
    "object": _decode_object,
    "slots": _decode_slotted_object,
    "named": _decode_named_tuple,
    "enum": _decode_enum,
    "array": _decode_array,
    "table": _decode_table,
    "scalar": _decode_numpy_scalar,
    "missing": lambda content, _: {"NaT": pd.NaT, "NA": pd.NA}[content],
    "time": lambda content, _: pd.Timestamp(content[0], unit="ns", tz=content[1]),
    "delta": lambda content, _: pd.Timedelta(content, unit="ns"),
    "datetime": lambda content, _: dt.datetime.fromisoformat(content),
    "date": lambda content, _: dt.date.fromisoformat(content),
    "path": lambda content, _: Path(content),
    "bytes": lambda content, reader: bytes(reader.blob_at(content)),
    "set": lambda content, reader: frozenset(_decode(item, reader) for item in content),
    "tuple": lambda content, reader: tuple(_decode(item, reader) for item in content),
    "map": _decode_dict_of_pairs,
    "frozen": lambda content, reader: MappingProxyType(_decode_dict_of_pairs(content, reader)),
    "float": lambda content, _: _NOT_FINITE[content],
}
