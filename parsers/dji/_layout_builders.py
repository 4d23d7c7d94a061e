"""Layout tables in short form, and single records decoded by their layout."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .._record_layout import BitField, Layout, LayoutField


def iterate_adjacent_fields_of_one_type(
    offset: int, wire_type: str, names: str, unit: str = "", scale: float = 1.0, meaning: str = ""
) -> Iterator[LayoutField]:
    """Yield fields of one type that lie side by side.

    Args:
        offset: Byte of the first one.
        wire_type: Type of each, as numpy writes it.
        names: The names, separated by blanks.
        unit: Unit of each after scaling.
        scale: Factor from the stored number to the unit.
        meaning: What each means.
    """
    size = np.dtype(wire_type).itemsize
    for number, name in enumerate(names.split()):
        yield LayoutField(name, offset + number * size, wire_type, unit, scale, meaning)


def flag_bits(field_name: str, names: str, first_bit: int = 0) -> Iterator[BitField]:
    """Yield flags of one bit each, from ``first_bit`` up; a name of ``-`` leaves a bit out."""
    for bit, name in enumerate(names.split(), first_bit):
        if name != "-":
            yield BitField(name, field_name, 1 << bit)


def repeated_fields(
    offset: int, count: int, fields: Sequence[LayoutField]
) -> Iterator[LayoutField]:
    """Yield a group of fields several times, end to end; names get the numbers ``_1``, ``_2`` …

    Args:
        offset: Byte where the first group begins.
        count: Number of groups.
        fields: The group, with offsets from its own begin; the last field ends it.
    """
    size = max(field.offset + field.size for field in fields)
    for number in range(count):
        for field in fields:
            begin = offset + number * size + field.offset
            yield replace(field, name=f"{field.name}_{number + 1}", offset=begin)


def decode_record(layout: Layout, data: bytes) -> dict[str, Any]:
    """Return the fields of one record by name: numbers in their unit, text as bytes.

    Bytes that are missing at the end count as 0.
    """
    values = np.frombuffer(data[: layout.size].ljust(layout.size, b"\0"), layout.record_dtype)[
        0
    ].item()
    return {
        row.name: value * row.scale if row.scale != 1.0 else value
        for row, value in zip(layout.fields, values, strict=True)
    }
