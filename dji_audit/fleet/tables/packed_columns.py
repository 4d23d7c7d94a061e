"""Columns of numbers as the map of all flights packs them: differences, or runs of one value."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PackedColumn = Mapping[str, Any]
_WRONG_LENGTH = "a column has another length than its track"


def unpack_column(packed: PackedColumn | None, count: int) -> Floats:
    """Return the values of a column, shape ``(count,)``; NaN is missing.

    Raises:
        ValueError: If it has another number of values.
    """
    if packed is None:
        return np.full(count, np.nan)
    if "runs" in packed:
        runs: Sequence[int | None] = packed["runs"]
        counts = np.array(runs[1::2], np.int64)
        if counts.sum() != count or (counts < 0).any():
            raise ValueError(_WRONG_LENGTH)
        values = np.repeat(_with_nan(runs[0::2]), counts)
    else:
        steps = _with_nan(packed["delta"])
        if len(steps) != count:
            raise ValueError(_WRONG_LENGTH)
        known = np.isfinite(steps)
        values = np.full(count, np.nan)
        values[known] = np.cumsum(steps[known])
    scaled: Floats = values / int(packed["per"])
    return scaled


def _with_nan(values: Sequence[int | None]) -> Floats:
    return np.array([np.nan if it is None else it for it in values], np.float64)


def unpack_columns(packed: Sequence[PackedColumn | None], counts: npt.NDArray[np.int64]) -> Floats:
    """Return the values of many columns one after another, as `unpack_column` gives each.

    Differences without a gap, and runs, which most columns are, are unpacked together.

    Args:
        packed: The columns.
        counts: How many values each has.

    Raises:
        ValueError: If one has another number of values.
    """
    ends = np.cumsum(counts)
    values = np.full(int(ends[-1]) if len(ends) else 0, np.nan)
    steps, runs = _StepsTogether(), _RunsTogether()
    for index, (column, count) in enumerate(zip(packed, counts.tolist(), strict=True)):
        if column is None:
            continue
        if "runs" in column:
            runs.add(index, column, count)
        elif None in column["delta"]:
            end = int(ends[index])
            values[end - count : end] = unpack_column(column, count)
        else:
            steps.add(index, column, count)
    for together in (steps, runs):
        if together.columns:
            own = counts[together.columns]
            # Where the values of each column stand among all, less where they stand here.
            shift = ends[together.columns] - np.cumsum(own)
            places = np.arange(int(own.sum())) + np.repeat(shift, own)
            values[places] = together.values() / np.repeat(together.per, own)
    return values


class _StepsTogether:
    """Columns of differences, of which none is missing."""

    def __init__(self) -> None:
        self.columns: list[int] = []
        self.per: list[int] = []
        self._counts: list[int] = []
        self._steps: list[int] = []

    def add(self, index: int, column: PackedColumn, count: int) -> None:
        if len(column["delta"]) != count:
            raise ValueError(_WRONG_LENGTH)
        self.columns.append(index)
        self.per.append(int(column["per"]))
        self._counts.append(count)
        self._steps += column["delta"]

    def values(self) -> npt.NDArray[np.int64]:
        """Return the sums of the differences of each column."""
        whole = np.asarray(self._steps, np.int64 if not self._steps else None)
        if whole.dtype != np.int64:
            raise ValueError("a column holds what is no whole number")
        sums, counts = np.cumsum(whole), np.array(self._counts)
        first = np.cumsum(counts) - counts
        # What was summed up before a column is no part of it.
        before = np.zeros(len(counts), np.int64)
        filled = counts > 0
        before[filled] = sums[first[filled]] - whole[first[filled]]
        found: npt.NDArray[np.int64] = sums - np.repeat(before, counts)
        return found


class _RunsTogether:
    """Columns of runs of one value."""

    def __init__(self) -> None:
        self.columns: list[int] = []
        self.per: list[int] = []
        self._values: list[int | None] = []
        self._counts: list[int] = []

    def add(self, index: int, column: PackedColumn, count: int) -> None:
        runs: Sequence[int | None] = column["runs"]
        counts = [int(it) for it in runs[1::2] if it is not None]
        if sum(counts) != count or min(counts, default=0) < 0 or len(runs) != 2 * len(counts):
            raise ValueError(_WRONG_LENGTH)
        self.columns.append(index)
        self.per.append(int(column["per"]))
        self._values += runs[0::2]
        self._counts += counts

    def values(self) -> Floats:
        """Return the value of each place of each column; NaN is missing."""
        return np.repeat(_with_nan(self._values), self._counts)
