"""Binary records declared as tables, decoded in columns.

A ``Layout`` lists each field of a record once: place, wire type, unit, scale
and meaning.  Decoding, size checks and the documentation come from that list.
A record that is shorter than its layout has the fields that fit; the others
are missing, never zero.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

ByteArray = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class LayoutField:
    """A field: where in the body it begins, its numpy type there, what it means."""

    name: str
    offset: int
    wire_type: str
    unit: str = ""
    scale: float = 1.0
    meaning: str = ""
    #: Number -> word, for a field that enumerates; others are given as numbers.
    enum: Mapping[int, str] | None = None

    @cached_property
    def size(self) -> int:
        """Bytes on the wire."""
        return np.dtype(self.wire_type).itemsize


@dataclass(frozen=True, slots=True)
class BitField:
    """Some bits of a field, shifted down to bit 0; one bit decodes to a truth value."""

    name: str
    field_name: str
    mask: int
    meaning: str = ""
    enum: Mapping[int, str] | None = None

    @property
    def shift(self) -> int:
        """Number of bits below the lowest bit of the mask."""
        return (self.mask & -self.mask).bit_length() - 1

    @property
    def is_single_bit(self) -> bool:
        """Whether the mask has one bit."""
        return self.mask & (self.mask - 1) == 0


@dataclass(frozen=True)
class Layout:
    """A record: its fields by place, and the bits that are packed into some of them."""

    name: str
    reference: str
    fields: tuple[LayoutField, ...] = ()
    bits: tuple[BitField, ...] = ()
    #: What a reader should know that the rows do not say.
    notes: str = ""

    def __post_init__(self) -> None:
        """Refuse fields that overlap and bits of a field that does not exist."""
        end = 0
        for row in self.fields:
            if row.offset < end:
                raise ValueError(f"{self.name}.{row.name} overlaps the field before it")
            end = row.offset + row.size
        if missing := {row.field_name for row in self.bits} - {row.name for row in self.fields}:
            raise ValueError(f"{self.name} has bits of unknown fields: {missing}")

    @cached_property
    def size(self) -> int:
        """Bytes of the longest record that the layout explains."""
        return max((row.offset + row.size for row in self.fields), default=0)

    @cached_property
    def fields_by_name(self) -> Mapping[str, tuple[LayoutField, BitField | None]]:
        """Name -> the field that holds it, and its bits if it is some of them."""
        fields_by_name: dict[str, tuple[LayoutField, BitField | None]] = {}
        for row in self.fields:
            fields_by_name[row.name] = (row, None)
        for bits in self.bits:
            fields_by_name[bits.name] = (fields_by_name[bits.field_name][0], bits)
        return fields_by_name

    @cached_property
    def record_dtype(self) -> "np.dtype[np.void]":
        """The numpy type of one record, with all fields at their place."""
        return np.dtype(
            {
                "names": [row.name for row in self.fields],
                "formats": [row.wire_type for row in self.fields],
                "offsets": [row.offset for row in self.fields],
                "itemsize": self.size,
            }
        )

    @property
    def fields_and_bits(self) -> tuple[LayoutField | BitField, ...]:
        """All fields, then all bits."""
        return (*self.fields, *self.bits)

    def unpack_record(self, data: bytes, order: Literal["<", ">"] = "<") -> dict[str, Any]:
        """Return the fields of one record by name, unscaled.

        Args:
            data: The record, at least ``size`` bytes.
            order: Byte order of its numbers, ``<`` or ``>``; a file may state its own.
        """
        return {
            row.name: np.frombuffer(
                data, np.dtype(row.wire_type).newbyteorder(order), 1, row.offset
            )[0].item()
            for row in self.fields
        }

    def to_markdown(self) -> str:
        """Return the layout as a Markdown table."""
        lines = ["| byte | type | field | unit | meaning |", "|---|---|---|---|---|"]
        for row in self.fields:
            unit = f"{row.scale:g} {row.unit}" if row.scale != 1.0 else row.unit
            lines.append(
                f"| {row.offset} | `{row.wire_type}` | `{row.name}` | {unit} | {row.meaning} |"
            )
            lines += [
                f"| | `0x{bits.mask:02x}` | `{bits.name}` | | {bits.meaning} |"
                for bits in self.bits
                if bits.field_name == row.name
            ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class EqualLengthRecords:
    """Records of one length: their bodies as a matrix, and their rows among all."""

    rows: npt.NDArray[np.int64]
    #: Shape ``(len(rows), length)``.
    bodies: ByteArray


@dataclass(eq=False)
class LayoutRecords:
    """All records of one layout, in file order; a column is decoded when asked for."""

    layout: Layout
    #: Byte in the file where each record begins, shape ``(n,)``.
    offsets: npt.NDArray[np.int64]
    groups: Sequence[EqualLengthRecords]
    _columns: dict[str, Array] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.offsets)

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Bytes of each body, shape ``(n,)``."""
        lengths = np.zeros(len(self), np.int64)
        for group in self.groups:
            lengths[group.rows] = group.bodies.shape[1]
        return lengths

    def __getitem__(self, name: str) -> Array:
        """Return a field of every record in its unit, shape ``(n,)``.

        Numbers that some records lack come as ``float64`` with NaN; text comes
        as ``object`` with ``None``.  Bits come from their whole field.
        """
        if name not in self._columns:
            self._columns[name] = self._decode_column(name)
        return self._columns[name]

    def records_holding_field_mask(self, name: str) -> npt.NDArray[np.bool_]:
        """Return which records are long enough to hold a field."""
        row, _ = self.layout.fields_by_name[name]
        return self.lengths >= row.offset + row.size

    def enum_words_of_field(self, name: str) -> list[str | None]:
        """Return an enumerated field as words; numbers without a word as ``unknown N``."""
        words: list[str | None] = self.enum_word_array_of_field(name).tolist()
        return words

    def enum_word_array_of_field(self, name: str) -> npt.NDArray[np.object_]:
        """Return the same words as an array, shape ``(n,)``: quicker where few are looked at."""
        words = next(row.enum for row in self.layout.fields_and_bits if row.name == name) or {}
        column = self[name]
        if column.dtype == np.uint8:
            # The values there are, found without a sort of the column.
            values, positions = np.arange(int(column.max(initial=0)) + 1), column
        else:
            values, positions = np.unique(column, return_inverse=True)
        name_of_value = [words.get(int(v), f"unknown {int(v)}") if v == v else None for v in values]
        return np.array(name_of_value, object)[positions]

    def iterate_rows_offsets_and_bodies(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield row, offset and body of every record, in file order.

        For records whose inside is a list or a text, and which are few.
        """
        body_of_row = {
            int(row): body.tobytes()
            for group in self.groups
            for row, body in zip(group.rows, group.bodies, strict=True)
        }
        for row in range(len(self)):
            yield row, int(self.offsets[row]), body_of_row[row]

    def to_dataframe(self) -> pd.DataFrame:
        """Return offset, length, every field, words of enumerations, and unread bytes."""
        columns: dict[str, Any] = {"offset": self.offsets, "length": self.lengths}
        for row in self.layout.fields_and_bits:
            columns[row.name] = self[row.name]
            if row.enum is not None:
                columns[f"{row.name}_word"] = self.enum_words_of_field(row.name)
        if (self.lengths > self.layout.size).any():
            columns["raw"] = [
                body[self.layout.size :].hex()
                for _, _, body in self.iterate_rows_offsets_and_bodies()
            ]
        return pd.DataFrame(columns)

    def numeric_columns(self, names: Collection[str]) -> dict[str, Array]:
        """Return offset, and some fields where there are such, without decoding the others."""
        columns: dict[str, Array] = {"offset": self.offsets}
        columns |= {name: self[name] for name in self.layout.fields_by_name if name in names}
        return columns

    def _decode_column(self, name: str) -> Array:
        row, bits = self.layout.fields_by_name[name]
        if len(self.groups) == 1 and self.groups[0].bodies.shape[1] >= row.offset + row.size:
            return _decode_values_of_one_field(self.groups[0].bodies, row, bits)
        all_present = bool(self.records_holding_field_mask(name).all())
        kind = np.dtype(row.wire_type).kind
        values: Array
        if kind == "S":
            values = np.full(len(self), None, object)
        elif not all_present:
            values = np.full(len(self), np.nan)
        else:
            values = np.zeros(
                len(self), np.float64 if row.scale != 1.0 else np.dtype(row.wire_type)
            )
            values = values.astype(bool) if bits is not None and bits.is_single_bit else values
        for group in self.groups:
            if group.bodies.shape[1] >= row.offset + row.size:
                values[group.rows] = _decode_values_of_one_field(group.bodies, row, bits)
        return values


def _decode_values_of_one_field(
    bodies: ByteArray, row: LayoutField, bits: BitField | None
) -> Array:
    wire = np.dtype(row.wire_type)
    # Seen as numbers first, so that whole ones are copied and not each byte by itself.
    raw: Array = np.ascontiguousarray(
        bodies[:, row.offset : row.offset + row.size].view(wire)[:, 0]
    )
    if wire.kind == "S":
        texts = [value.split(b"\0")[0].decode("utf-8", "replace") for value in raw.tolist()]
        return np.array(texts, object)
    if bits is not None:
        shifted = (raw & wire.type(bits.mask)) >> wire.type(bits.shift)
        return np.asarray(shifted.astype(bool) if bits.is_single_bit else shifted)
    if row.scale == 1.0:
        return np.asarray(raw)
    with np.errstate(over="ignore", invalid="ignore"):  # a damaged number may be anything
        return np.asarray(raw * row.scale)
