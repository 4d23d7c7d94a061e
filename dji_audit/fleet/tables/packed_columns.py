"""Columns of whole numbers as bytes: of each value the difference from the last one known.

A column has a head of one size, which says how its values are kept, and its bytes elsewhere, so
that columns of many tracks are unpacked together.  The bytes are ``items`` whole numbers, least
byte first, of ``width`` bytes each: the difference from the last value known, of the first of them
from ``base``, and the least number of that width where the value is missing.  A column that seldom
changes is kept in runs: then follows for each item, in 4 bytes, how often it is repeated.  Values
are in units of ``1 / per``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
#: A column of JSON of the map of all flights: ``per``, and either ``delta`` or ``runs``.
EncodedColumn = Mapping[str, Any]
#: An array of heads or of other records, as one of the types below says.
Records = npt.NDArray[np.void]

#: The head of a column.
COLUMN_HEAD = np.dtype(
    [("base", "<i8"), ("per", "<u4"), ("items", "<u4"), ("width", "u1"), ("in_runs", "u1")]
)
_WIDTHS = (1, 2, 4, 8)
_IS_WIDTH = np.isin(np.arange(256), _WIDTHS)
_RUN_LENGTH = np.dtype("<u4")
#: Whole numbers up to this are exact as floating-point numbers; no time is beyond.
EXACT_BELOW = 2**53
#: No column that is kept value by value has more: a flight with so many fixes fits in no memory.
_MOST_VALUES = 1 << 23


class PackedTrackError(ValueError):
    """The bytes of a table are no track; the message says why."""


def column_head_and_packed_bytes(
    column: EncodedColumn | None, count: int, *, may_be_in_runs: bool = True
) -> tuple[Records, bytes]:
    """Return the head of a column, shape ``()``, and its bytes.

    Args:
        column: The column as the map of all flights has it; ``None``: every value is missing.
        count: How many values it has.
        may_be_in_runs: Else it takes at least one byte a value, which bounds what a reader makes
            of so many bytes.

    Raises:
        PackedTrackError: If it has another number of values.
    """
    repeats: Longs | None = None
    if column is None:
        values: list[int | None] = [None]
        repeats = np.array([count], np.int64)
    elif "runs" in column:
        values, repeats = column["runs"][0::2], np.array(column["runs"][1::2], np.int64)
    else:
        values = column["delta"]
    known = np.array([it is not None for it in values], bool)
    steps = np.array([0 if it is None else it for it in values], np.int64)
    if repeats is not None:
        if not may_be_in_runs:
            known, steps, repeats = np.repeat(known, repeats), np.repeat(steps, repeats), None
        steps[known] = np.diff(steps[known], prepend=0)
    if (len(steps) if repeats is None else int(repeats.sum())) != count or not count:
        raise PackedTrackError("a column has another length than its track")
    head = np.zeros((), COLUMN_HEAD)
    if known.any():
        first = int(np.argmax(known))
        head["base"], steps[first] = steps[first], 0
    largest = int(np.abs(steps).max())
    width = next(it for it in _WIDTHS if largest <= np.iinfo(f"i{it}").max)
    steps[~known] = np.iinfo(f"i{width}").min
    head["per"] = 1 if column is None else column["per"]
    head["items"], head["width"], head["in_runs"] = len(steps), width, repeats is not None
    packed = steps.astype(f"<i{width}").tobytes()
    return head, packed if repeats is None else packed + repeats.astype(_RUN_LENGTH).tobytes()


def packed_column_sizes_bytes(heads: Records) -> Longs:
    """Return how many bytes the columns with these heads take, in the shape of the heads.

    Raises:
        PackedTrackError: If one is no head.
    """
    widths = heads["width"]
    is_head = _IS_WIDTH[widths] & (heads["items"] > 0) & (heads["per"] > 0)
    if not (is_head & (heads["in_runs"] <= 1)).all():
        raise PackedTrackError("the head of a column is damaged")
    each = widths.astype(np.int64) + heads["in_runs"].astype(np.int64) * _RUN_LENGTH.itemsize
    lengths: Longs = heads["items"].astype(np.int64) * each
    return lengths


def refuse_run_length_encoded_columns(heads: Records, counts: Longs) -> None:
    """Check that columns are not in runs: so many values are there, and not merely said to be.

    Raises:
        PackedTrackError: If one has another number of values, or more than any flight.
    """
    if (counts > _MOST_VALUES).any():
        raise PackedTrackError("a column has more values than any flight")
    if (heads["in_runs"] != 0).any() or (heads["items"] != counts).any():
        raise PackedTrackError("a column of times has another length than its track")


def unpack_columns(heads: Records, counts: Longs, packed: Sequence[bytes]) -> Floats:
    """Return the values of many columns one after another; NaN is missing.

    Args:
        heads: Of the columns, shape ``(n,)``, for which ``packed_column_sizes_bytes`` was asked.
        counts: How many values each has.
        packed: The bytes of each, as many as ``packed_column_sizes_bytes`` says.

    Raises:
        PackedTrackError: If one has another number of values.
    """
    items, widths = heads["items"].astype(np.int64), heads["width"]
    steps = np.empty(int(items.sum()), np.int64)
    missing = np.zeros(len(steps), bool)
    sizes = (items * widths).tolist()
    for width in np.unique(widths).tolist():
        own = widths == width
        chosen = zip(packed, sizes, own.tolist(), strict=True)
        joined = b"".join([it[:size] for it, size, is_own in chosen if is_own])
        found = np.frombuffer(joined, f"<i{width}")
        places = slice(None) if own.all() else np.repeat(own, items)
        steps[places] = found
        missing[places] = found == np.iinfo(found.dtype).min
    has_missing = bool(missing.any())
    if has_missing:
        steps[missing] = 0
    first = np.cumsum(items) - items
    sums = np.cumsum(steps)
    # What was summed up before a column is no part of it.
    sums += np.repeat(heads["base"] - (sums[first] - steps[first]), items)
    values = sums.astype(np.float64)
    if has_missing:
        values[missing] = np.nan
    in_runs = heads["in_runs"] == 1
    repeats = np.ones(len(steps), np.int64)
    if in_runs.any():
        chosen = zip(packed, sizes, in_runs.tolist(), strict=True)
        lengths = b"".join([it[size:] for it, size, is_own in chosen if is_own])
        repeats[np.repeat(in_runs, items)] = np.frombuffer(lengths, _RUN_LENGTH)
    if len(heads) and (np.add.reduceat(repeats, first) != counts).any():
        raise PackedTrackError("a column has another length than its track")
    if in_runs.any():
        values = np.repeat(values, repeats)
    per = heads["per"].astype(np.float64)
    values /= per[0] if len(per) and (per == per[0]).all() else np.repeat(per, counts)
    return values


def slice_each_byte_string(packed: Sequence[bytes], starts: Longs, ends: Longs) -> list[bytes]:
    """Return a stretch of each of several bytes."""
    between = zip(packed, starts.tolist(), ends.tolist(), strict=True)
    return [it[start:end] for it, start, end in between]


def refuse_inexact_times(ms: Floats) -> None:
    """Check that times are known, and numbers of milliseconds that are exact.

    Raises:
        PackedTrackError: If one is not.
    """
    if not (np.abs(ms) < EXACT_BELOW).all():
        raise PackedTrackError("a time is missing, or none that a clock shows")
