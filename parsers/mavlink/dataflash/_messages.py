"""Messages of a DataFlash log: their definitions, and their fields in columns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._layout import Array, Bytes
from .._shared._framing import Offsets, view

#: Format character -> numpy type on the wire.
WIRE: Mapping[str, str] = {
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

_SIZES: Mapping[str, int] = {char: np.dtype(wire).itemsize for char, wire in WIRE.items()}

#: Format character -> what the number on the wire is divided by.  A log may
#: state the same factor once more in its MULT message; it is applied once.
DIVISOR: Mapping[str, float] = {"c": 100.0, "C": 100.0, "e": 100.0, "E": 100.0, "L": 1e7}

TEXT = "nNZ"
#: Bytes before the fields: A3 95 and the type.
HEADER = 3


@dataclass(frozen=True, slots=True)
class Definition:
    """What a FMT message says of a type: how long, which fields."""

    type: int
    #: Bytes of a record with its header.
    length: int
    name: str
    chars: str
    labels: tuple[str, ...]
    #: Where it stands.
    offset: int = 0

    @property
    def known(self) -> bool:
        """Whether every field can be decoded."""
        return all(char in WIRE for char in self.chars) and self.length == HEADER + sum(
            _SIZES[char] for char in self.chars
        )

    @property
    def dtype(self) -> np.dtype[np.void]:
        """The structure of a record with its header."""
        if not self.known:
            return np.dtype([("header", "V3"), ("raw", f"V{max(self.length - HEADER, 0)}")])
        fields = [
            # What a file message holds is bytes: trailing zeros are part of it.
            (label, "V64" if char == "Z" and self.name == "FILE" else WIRE[char])
            for label, char in zip(self.labels, self.chars, strict=True)
        ]
        return np.dtype([("\0header", "V3"), *fields])

    def same(self, other: "Definition") -> bool:
        """Return whether another definition says the same."""
        return (self.length, self.name, self.chars, self.labels) == (
            other.length,
            other.name,
            other.chars,
            other.labels,
        )


def labels_for(chars: str, listed: str) -> tuple[str, ...]:
    """Return one label for each field; those missing or doubled are numbered.

    Firmware 3.1 lists four labels for the five fields of FMT itself.
    """
    given = [label.strip() for label in listed.split(",")]
    labels: list[str] = []
    for index in range(len(chars)):
        label = given[index] if index < len(given) and given[index] else f"field{index}"
        labels.append(label if label not in labels else f"{label}.{index}")
    return tuple(labels)


class Part(Protocol):
    """Messages of one definition."""

    @property
    def definition(self) -> Definition:
        """What they hold."""

    @property
    def offsets(self) -> Offsets:
        """Where each begins."""

    @property
    def lengths(self) -> Offsets:
        """Bytes of each."""

    def value(self, label: str) -> Array:
        """Return a field of each, in the unit its format character implies."""

    def values(self) -> Mapping[str, Array]:
        """Return every field of each."""


@dataclass(frozen=True, slots=True, eq=False)
class BinaryPart:
    """Messages of one definition in a binary log; a field is read when asked for."""

    array: Bytes
    definition: Definition
    offsets: Offsets

    @property
    def lengths(self) -> Offsets:
        """Bytes of each, header included."""
        return np.full(len(self.offsets), self.definition.length, np.int64)

    def value(self, label: str) -> Array:
        """Return a field of each, in the unit its format character implies."""
        fields = self.definition.dtype.fields
        dtype, at = fields[label][:2] if fields else (np.dtype("V0"), 0)
        wire = np.dtype([("value", dtype)])
        return self._scaled(label, view(self.array, self.offsets + at, wire)["value"])

    def values(self) -> Mapping[str, Array]:
        """Return every field of each, from one copy of the records."""
        rows = view(self.array, self.offsets, self.definition.dtype)
        return {label: self._scaled(label, rows[label]) for label in labels_of(self)}

    def _scaled(self, label: str, raw: Array) -> Array:
        kind = raw.dtype.kind
        if kind == "V":
            return _objects([row.tobytes() for row in raw])
        if kind == "S":
            return _texts(raw.tolist())
        char = self.definition.chars[self.definition.labels.index(label)]
        return raw / DIVISOR[char] if char in DIVISOR else np.ascontiguousarray(raw)


def whole(value: float) -> int:
    """Return a number as an integer, -1 where it is none."""
    return int(value) if abs(value) < 2.0**62 else -1


def _texts(values: Iterable[bytes]) -> Array:
    """Return texts up to their first zero byte."""
    return np.array([decode(value) for value in values], object)


def decode(value: bytes) -> str:
    """Return a text up to its first zero byte; what is not UTF-8 is Western European."""
    value = value.split(b"\0", 1)[0]
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


@dataclass(eq=False)
class Messages:
    """All messages of one name, in file order."""

    name: str
    parts: Sequence[Part]
    #: Label -> unit, as far as the log says.
    units: Mapping[str, str] = field(default_factory=dict)
    #: The field that numbers the sensor, where there are several.
    instance: str | None = None
    _values: dict[str, Array] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of messages."""
        return sum(len(part.offsets) for part in self.parts)

    @cached_property
    def _order(self) -> Offsets | None:
        if len(self.parts) == 1:
            return None
        return np.argsort(np.concatenate([part.offsets for part in self.parts]), kind="stable")

    @cached_property
    def offsets(self) -> Offsets:
        """Where each begins, shape ``(n,)``, 64 bits."""
        return self._joined([part.offsets for part in self.parts]).astype(np.int64, copy=False)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label that any of them has."""
        return tuple(dict.fromkeys(label for part in self.parts for label in labels_of(part)))

    def first(self, *labels: str) -> str | None:
        """Return the first of some labels that there is."""
        return next((label for label in labels if label in self.labels), None)

    def value(self, label: str) -> Array:
        """Return a field of every message, shape ``(n,)``; missing where one lacks it.

        Raises:
            KeyError: If none has it.
        """
        if label not in self._values:
            if label not in self.labels:
                raise KeyError(label)
            self._values[label] = self._joined(
                [
                    part.value(label) if label in labels_of(part) else _missing(part)
                    for part in self.parts
                ]
            )
        return self._values[label]

    def numbers(self, *labels: str) -> npt.NDArray[np.float64]:
        """Return the first of some fields there is as numbers, or all missing."""
        label = self.first(*labels)
        if label is None:
            return np.full(len(self), np.nan)
        values = self.value(label)
        if values.dtype == object:
            values = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy()
        if values.ndim != 1:
            return np.full(len(self), np.nan)
        return values.astype(np.float64)

    def picked(self, rows: Offsets) -> "Messages | None":
        """Return some of the messages, or ``None`` where that costs as much as all."""
        part = self.parts[0] if len(self.parts) == 1 else None
        if not isinstance(part, BinaryPart) or self._values:
            return None
        fewer = BinaryPart(part.array, part.definition, part.offsets[rows])
        return Messages(self.name, [fewer], self.units, self.instance)

    def texts(self, *labels: str) -> list[str]:
        """Return the first of some fields there is as texts, or all empty."""
        label = self.first(*labels)
        if label is None:
            return [""] * len(self)
        return [
            decode(value) if isinstance(value, bytes) else str(value)
            for value in self.value(label).tolist()
        ]

    def frame(self) -> pd.DataFrame:
        """Return offset, length and every field; units are in ``attrs["units"]``.

        A field that is itself called so (``XKF5.offset``) is ``offset_field``.
        """
        columns: dict[str, Any] = {
            "offset": self.offsets,
            "length": self._joined([part.lengths for part in self.parts]),
        }
        # From one copy of the records; what was replaced stays so.
        whole = self.parts[0].values() if len(self.parts) == 1 else {}
        for label in self.labels:
            known = label in self._values or label not in whole
            values = self.value(label) if known else whole[label]
            if values.ndim > 1:
                values = _objects(values.tolist())
            elif values.dtype == object and any(isinstance(one, bytes) for one in values):
                values = _objects(
                    [one.hex() if isinstance(one, bytes) else one for one in values.tolist()]
                )
            columns[label if label not in columns else f"{label}_field"] = values
        frame = pd.DataFrame(columns, copy=False)
        frame.attrs["units"] = dict(self.units)
        frame.attrs["instance"] = self.instance
        return frame

    def some(self, names: Collection[str]) -> pd.DataFrame:
        """Return offset, and some fields where there are such, as plain numbers."""
        columns: dict[str, Any] = {"offset": self.offsets}
        for label in self.labels:
            if label in names and label not in columns:
                values = self.value(label)
                plain = values.dtype != object and values.ndim == 1
                columns[label] = values if plain else self.numbers(label)
        return pd.DataFrame(columns, copy=False)

    def replaced(self, label: str, instead: Mapping[str, str]) -> "Messages":
        """Return the same messages with some texts of a field replaced, wherever it is read."""
        other = Messages(self.name, self.parts, self.units, self.instance)
        texts = [instead.get(one, one) for one in self.texts(label)]
        other._values[label] = np.array(texts, object)
        return other

    def _joined(self, values: Sequence[Array]) -> Array:
        if len(values) == 1:
            return values[0]
        if any(value.ndim > 1 for value in values):
            values = [_objects(value.tolist()) for value in values]
        return np.asarray(np.concatenate(values)[self._order])


def labels_of(part: Part) -> tuple[str, ...]:
    """Return the labels of the fields, or "raw" if they cannot be told apart."""
    return part.definition.labels if part.definition.known else ("raw",)


def _missing(part: Part) -> Array:
    return np.full(len(part.offsets), np.nan)


def _objects(values: Sequence[Any]) -> Array:
    out = np.empty(len(values), object)
    out[:] = values if values else None
    for index, value in enumerate(values):
        out[index] = value
    return out


class NoMessages(Messages):
    """What a log has of a name it does not have."""

    def __init__(self, name: str) -> None:
        """Hold nothing."""
        super().__init__(name, ())

    def _joined(self, values: Sequence[Array]) -> Array:
        return np.empty(0, np.int64)
