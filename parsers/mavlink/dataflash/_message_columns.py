"""Messages of a DataFlash log: definitions, fields in columns, units and instances.

FMTU, UNIT and MULT give the units.  The factor of a MULT message belongs to the number on
the wire.  A format character that implies hundredths (or 1e-7 degrees) states the same
factor again, so only one of the two is applied: values are divided as the character
says, and for other characters the factor becomes a prefix of the unit (``TimeUS`` is
in "µs").
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._record_layout import Array, ByteArray
from .._shared._record_framing import Offsets, structures_at_offsets

#: Format character -> numpy type on the wire.
WIRE_TYPES: Mapping[str, str] = {
    "a": "(32,)<i2",
    "b": "i1",
    "B": "u1",
    "h": "<i2",
    "H": "<u2",
    "i": "<i4",
    "I": "<u4",
    "q": "<i8",
    "Q": "<u8",
    "g": "<f2",
    "f": "<f4",
    "d": "<f8",
    "n": "S4",
    "N": "S16",
    "Z": "S64",
    "c": "<i2",
    "C": "<u2",
    "e": "<i4",
    "E": "<u4",
    "L": "<i4",
    "M": "u1",
}

_SIZES: Mapping[str, int] = {char: np.dtype(wire).itemsize for char, wire in WIRE_TYPES.items()}

#: Format character -> what the number on the wire is divided by.  A log may
#: state the same factor once more in its MULT message; it is applied once.
DIVISORS: Mapping[str, float] = {"c": 100.0, "C": 100.0, "e": 100.0, "E": 100.0, "L": 1e7}

TEXT_CHARS = "nNZ"
#: Bytes before the fields: A3 95 and the type.
HEADER_SIZE = 3


@dataclass(frozen=True)
class FmtDefinition:
    """The definition of a message type (FMT): its length and its fields."""

    type: int
    #: Bytes of a record with its header.
    length: int
    name: str
    chars: str
    labels: tuple[str, ...]
    #: Byte at which it begins.
    offset: int = 0

    @cached_property
    def can_decode_every_field(self) -> bool:
        """Whether every field can be decoded."""
        return all(char in WIRE_TYPES for char in self.chars) and self.length == HEADER_SIZE + sum(
            _SIZES[char] for char in self.chars
        )

    @cached_property
    def dtype(self) -> np.dtype[np.void]:
        """The structure of a record with its header."""
        if not self.can_decode_every_field:
            return np.dtype([("header", "V3"), ("raw", f"V{max(self.length - HEADER_SIZE, 0)}")])
        fields = [
            # What a file message holds is bytes: trailing zeros are part of it.
            (label, "V64" if char == "Z" and self.name == "FILE" else WIRE_TYPES[char])
            for label, char in zip(self.labels, self.chars, strict=True)
        ]
        return np.dtype([("\0header", "V3"), *fields])

    def is_same(self, other: "FmtDefinition") -> bool:
        """Return whether another definition is the same."""
        return (self.length, self.name, self.chars, self.labels) == (
            other.length,
            other.name,
            other.chars,
            other.labels,
        )


def distinct_field_labels(chars: str, listed: str) -> tuple[str, ...]:
    """Return one label for each field; those missing or doubled are numbered.

    Firmware 3.1 lists four labels for the five fields of FMT itself.
    """
    given = [label.strip() for label in listed.split(",")]
    labels: list[str] = []
    for index in range(len(chars)):
        label = given[index] if index < len(given) and given[index] else f"field{index}"
        labels.append(label if label not in labels else f"{label}.{index}")
    return tuple(labels)


class MessagesOfDefinition(Protocol):
    """Messages of one definition."""

    @property
    def definition(self) -> FmtDefinition:
        """What they hold."""

    def values_of_label(self, label: str) -> Array:
        """Return a field of each, in the unit its format character implies."""

    def values_by_field(self) -> Mapping[str, Array]:
        """Return every field of each."""

    @property
    def offsets(self) -> Offsets:
        """Where each begins."""

    @property
    def lengths(self) -> Offsets:
        """Bytes of each."""


@dataclass(frozen=True, slots=True, eq=False)
class BinaryMessagesOfDefinition:
    """Messages of one definition in a binary log; a field is read when asked for."""

    array: ByteArray
    definition: FmtDefinition
    offsets: Offsets

    @property
    def lengths(self) -> Offsets:
        """Bytes of each, header included."""
        return np.full(len(self.offsets), self.definition.length, np.int64)

    def values_of_label(self, label: str) -> Array:
        """Return a field of each, in the unit its format character implies."""
        fields = self.definition.dtype.fields
        dtype, at = fields[label][:2] if fields else (np.dtype("V0"), 0)
        wire = np.dtype([("value", dtype)])
        return self._decode_raw_field(
            label, structures_at_offsets(self.array, self.offsets + at, wire)["value"]
        )

    def values_by_field(self) -> Mapping[str, Array]:
        """Return every field of each, from one copy of the records."""
        return self.values_of_fields(field_labels_or_raw_if_undecodable(self))

    def values_of_fields(self, labels: Iterable[str]) -> Mapping[str, Array]:
        """Return some fields of each, from one copy of the records."""
        rows = structures_at_offsets(self.array, self.offsets, self.definition.dtype)
        return {label: self._decode_raw_field(label, rows[label]) for label in labels}

    def _decode_raw_field(self, label: str, raw: Array) -> Array:
        kind = raw.dtype.kind
        if kind == "V":
            return _object_array([row.tobytes() for row in raw])
        if kind == "S":
            return _decode_zero_terminated_texts(raw.tolist())
        char = self.definition.chars[self.definition.labels.index(label)]
        return raw / DIVISORS[char] if char in DIVISORS else np.ascontiguousarray(raw)


def integer_or_minus_one(value: float) -> int:
    """Return a number as an integer, -1 where it is none."""
    return int(value) if abs(value) < 2.0**62 else -1


def _decode_zero_terminated_texts(values: Sequence[bytes]) -> Array:
    """Return texts up to their first zero byte."""
    texts = {value: decode_text_to_first_zero_byte(value) for value in set(values)}
    return np.array([texts[value] for value in values], object)


def decode_text_to_first_zero_byte(value: bytes) -> str:
    """Return a text up to its first zero byte; what is not UTF-8 is Western European."""
    value = value.split(b"\0", 1)[0]
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


@dataclass(eq=False)
class DataflashMessages:
    """All messages of one name, in file order."""

    name: str
    parts: Sequence[MessagesOfDefinition]
    #: Label -> unit, as far as the log states it.
    units: Mapping[str, str] = field(default_factory=dict)
    #: The field that numbers the sensor, where there are several.
    instance: str | None = None
    _values: dict[str, Array] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of messages."""
        return sum(len(part.offsets) for part in self.parts)

    @cached_property
    def _indices_into_file_order(self) -> Offsets | None:
        if len(self.parts) == 1:
            return None
        return np.argsort(np.concatenate([part.offsets for part in self.parts]), kind="stable")

    @cached_property
    def offsets(self) -> Offsets:
        """Where each begins, shape ``(n,)``, 64 bits."""
        return self._merge_values_into_file_order([part.offsets for part in self.parts]).astype(
            np.int64, copy=False
        )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label that any of them has."""
        return tuple(
            dict.fromkeys(
                label for part in self.parts for label in field_labels_or_raw_if_undecodable(part)
            )
        )

    def first_present_label(self, *labels: str) -> str | None:
        """Return the first of some labels that there is."""
        return next((label for label in labels if label in self.labels), None)

    def values_of_label(self, label: str) -> Array:
        """Return a field of every message, shape ``(n,)``; missing where one lacks it.

        Raises:
            KeyError: If none has it.
        """
        if label not in self._values:
            if label not in self.labels:
                raise KeyError(label)
            self._values[label] = self._merge_values_into_file_order(
                [
                    part.values_of_label(label)
                    if label in field_labels_or_raw_if_undecodable(part)
                    else _nan_for_each_message(part)
                    for part in self.parts
                ]
            )
        return self._values[label]

    def field_values(self, name: str) -> Array:
        """Return a field of every message, as ``value`` does."""
        return self.values_of_label(name)

    def decode_and_cache_fields(self, labels: Iterable[str]) -> None:
        """Decode some fields together, for which each record is copied once."""
        part = self.parts[0] if len(self.parts) == 1 else None
        missing = [label for label in labels if label not in self._values]
        if isinstance(part, BinaryMessagesOfDefinition) and len(missing) > 1:
            self._values |= part.values_of_fields(missing)

    def numbers_of_field(self, *labels: str) -> npt.NDArray[np.float64]:
        """Return the first of some fields there is as numbers, or all missing."""
        label = self.first_present_label(*labels)
        if label is None:
            return np.full(len(self), np.nan)
        values = self.values_of_label(label)
        if values.dtype == object:
            values = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy()
        if values.ndim != 1:
            return np.full(len(self), np.nan)
        return values.astype(np.float64)

    def select(self, rows: Offsets) -> "DataflashMessages | None":
        """Return some of the messages, or ``None`` where that costs as much as all."""
        part = self.parts[0] if len(self.parts) == 1 else None
        if not isinstance(part, BinaryMessagesOfDefinition) or self._values:
            return None
        fewer = BinaryMessagesOfDefinition(part.array, part.definition, part.offsets[rows])
        return DataflashMessages(self.name, [fewer], self.units, self.instance)

    def first_present_field_as_texts(self, *labels: str) -> list[str]:
        """Return the first of some fields there is as texts, or all empty."""
        label = self.first_present_label(*labels)
        if label is None:
            return [""] * len(self)
        return [
            decode_text_to_first_zero_byte(value) if isinstance(value, bytes) else str(value)
            for value in self.values_of_label(label).tolist()
        ]

    def to_dataframe(self) -> pd.DataFrame:
        """Return offset, length and every field; units are in ``attrs["units"]``.

        A field that is itself called so (``XKF5.offset``) is ``offset_field``.
        """
        columns: dict[str, Any] = {
            "offset": self.offsets,
            "length": self._merge_values_into_file_order([part.lengths for part in self.parts]),
        }
        # From one copy of the records; what was replaced stays so.
        fields = self.parts[0].values_by_field() if len(self.parts) == 1 else {}
        for label in self.labels:
            known = label in self._values or label not in fields
            values = self.values_of_label(label) if known else fields[label]
            if values.ndim > 1:
                values = _object_array(values.tolist())
            elif values.dtype == object and any(isinstance(value, bytes) for value in values):
                values = _object_array(
                    [
                        value.hex() if isinstance(value, bytes) else value
                        for value in values.tolist()
                    ]
                )
            columns[label if label not in columns else f"{label}_field"] = values
        frame = pd.DataFrame(columns, copy=False)
        frame.attrs["units"] = dict(self.units)
        frame.attrs["instance"] = self.instance
        return frame

    def numeric_columns(self, names: Collection[str]) -> dict[str, Array]:
        """Return offset, and some fields where there are such, as plain numbers."""
        columns: dict[str, Array] = {"offset": self.offsets}
        wanted = [label for label in self.labels if label in names and label not in columns]
        self.decode_and_cache_fields(wanted)
        for label in wanted:
            values = self.values_of_label(label)
            plain = values.dtype != object and values.ndim == 1
            columns[label] = values if plain else self.numbers_of_field(label)
        return columns

    def with_texts_of_field_replaced(
        self, label: str, instead: Mapping[str, str]
    ) -> "DataflashMessages":
        """Return the same messages with some texts of a field replaced, wherever it is read."""
        other = DataflashMessages(self.name, self.parts, self.units, self.instance)
        texts = [instead.get(text, text) for text in self.first_present_field_as_texts(label)]
        other._values[label] = np.array(texts, object)
        return other

    def _merge_values_into_file_order(self, values: Sequence[Array]) -> Array:
        if len(values) == 1:
            return values[0]
        if any(value.ndim > 1 for value in values):
            values = [_object_array(value.tolist()) for value in values]
        return np.asarray(np.concatenate(values)[self._indices_into_file_order])


def field_labels_or_raw_if_undecodable(part: MessagesOfDefinition) -> tuple[str, ...]:
    """Return the labels of the fields, or "raw" if they cannot be told apart."""
    return part.definition.labels if part.definition.can_decode_every_field else ("raw",)


def _nan_for_each_message(part: MessagesOfDefinition) -> Array:
    return np.full(len(part.offsets), np.nan)


def _object_array(values: Sequence[Any]) -> Array:
    return np.fromiter(values, object, len(values))


class NoMessagesOfName(DataflashMessages):
    """What a log has of a name it does not have."""

    def __init__(self, name: str) -> None:
        """Hold nothing."""
        super().__init__(name, ())

    def _merge_values_into_file_order(self, values: Sequence[Array]) -> Array:
        return np.empty(0, np.int64)


#: Factor of a MULT message -> prefix of the unit, for a field given as it is on the wire.
UNIT_PREFIXES: Mapping[float, str] = {
    1.0: "",
    1e-1: "d",
    1e-2: "c",
    1e-3: "m",
    1e-6: "µ",
    1e-9: "n",
}

#: The unit that marks the field which numbers the sensor.
INSTANCE_UNIT = "#"


def messages_with_stated_units(
    messages: Mapping[str, DataflashMessages],
) -> Mapping[str, DataflashMessages]:
    """Return the messages with the units and the instance field that the log states."""
    stated = _unit_ids_by_type(messages)
    if not stated:
        return messages
    units = _unit_names(messages.get("UNIT"), "Label")
    factors = _mult_factors_by_id(messages.get("MULT"))
    out = {}
    for name, same_name in messages.items():
        definition = same_name.parts[-1].definition
        ids, mults = stated.get(definition.type, ("", ""))
        at = ids.find(INSTANCE_UNIT)
        out[name] = DataflashMessages(
            name,
            same_name.parts,
            _field_units(definition, ids, mults, units, factors),
            definition.labels[at] if 0 <= at < len(definition.labels) else None,
        )
    return out


def _unit_ids_by_type(messages: Mapping[str, DataflashMessages]) -> Mapping[int, tuple[str, str]]:
    fmtu = messages.get("FMTU")
    if fmtu is None:
        return {}
    kinds = fmtu.numbers_of_field("FmtType").tolist()
    pairs = zip(
        fmtu.first_present_field_as_texts("UnitIds"),
        fmtu.first_present_field_as_texts("MultIds"),
        strict=True,
    )
    return {int(kind): pair for kind, pair in zip(kinds, pairs, strict=True) if kind == kind}


def _unit_names(messages: DataflashMessages | None, label: str) -> Mapping[str, str]:
    if messages is None:
        return {}
    ids = messages.numbers_of_field("Id").tolist()
    return {
        chr(int(number)): text
        for number, text in zip(ids, messages.first_present_field_as_texts(label), strict=True)
        if 0 <= number < 128
    }


def _mult_factors_by_id(messages: DataflashMessages | None) -> Mapping[str, float]:
    if messages is None:
        return {}
    ids, factors = (
        messages.numbers_of_field("Id").tolist(),
        messages.numbers_of_field("Mult").tolist(),
    )
    return {
        # Written as double, made from single precision: seven digits are meant.
        chr(int(number)): float(f"{factor:.7g}")
        for number, factor in zip(ids, factors, strict=True)
        if 0 <= number < 128
    }


def _field_units(
    definition: FmtDefinition,
    ids: str,
    mults: str,
    units: Mapping[str, str],
    factors: Mapping[str, float],
) -> Mapping[str, str]:
    out = {}
    for index, (label, char) in enumerate(zip(definition.labels, definition.chars, strict=False)):
        unit = units.get(ids[index], "") if index < len(ids) else ""
        if not unit or ids[index] == INSTANCE_UNIT:
            continue
        factor = factors.get(mults[index], 1.0) if index < len(mults) else 1.0
        if char not in DIVISORS and factor:
            unit = (
                UNIT_PREFIXES[factor] + unit if factor in UNIT_PREFIXES else f"{factor:.4g} {unit}"
            )
        out[label] = unit
    return out
