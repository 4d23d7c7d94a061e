"""Runs of equal values in a column: the basis of modes, states and intervals."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class RowRun:
    """Consecutive rows of equal value: rows ``first`` to ``last``, both included."""

    value: float
    first: int
    last: int

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return self.last - self.first + 1


def sorted_distinct_integers(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return each value once, ascending.

    Of many integers that ascend for long stretches, as times of records do, numpy's own
    ``unique`` takes 80 times as long: it puts each into a table.
    """
    ordered = np.sort(values, kind="stable")
    is_first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    distinct: npt.NDArray[np.int64] = ordered[is_first]
    return distinct


def find_runs(values: npt.NDArray[np.generic]) -> Iterator[RowRun]:
    """Yield the runs of a column in order; NaN equals NaN."""
    column = np.asarray(values, np.float64)
    if not len(column):
        return
    same = (column[1:] == column[:-1]) | (np.isnan(column[1:]) & np.isnan(column[:-1]))
    firsts = np.concatenate([[0], np.flatnonzero(~same) + 1])
    lasts = np.concatenate([firsts[1:] - 1, [len(column) - 1]])
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        yield RowRun(float(column[first]), first, last)


def find_true_runs(flags: npt.NDArray[np.generic]) -> list[RowRun]:
    """Return the runs in which a flag, or a number that is not 0, holds; NaN does not."""
    column = np.asarray(flags)
    if column.dtype.kind not in "biuf":
        column = column.astype(np.float64)
    is_true = column if column.dtype == bool else (column != 0) & (column == column)
    if not is_true.any():  # as most flags of most logs
        return []
    edges = np.flatnonzero(is_true[1:] != is_true[:-1]) + 1
    bounds = [0, *edges.tolist()] if is_true[0] else edges.tolist()
    if is_true[-1]:
        bounds.append(len(is_true))
    pairs = zip(bounds[::2], bounds[1::2], strict=True)
    return [RowRun(1.0, first, end - 1) for first, end in pairs]


def merge_close_runs(runs: list[RowRun], most_rows_between: int) -> list[RowRun]:
    """Return runs, merged where only a few rows lie between them."""
    merged: list[RowRun] = []
    for run in runs:
        if merged and run.first - merged[-1].last - 1 <= most_rows_between:
            merged[-1] = RowRun(merged[-1].value, merged[-1].first, run.last)
        else:
            merged.append(run)
    return merged
