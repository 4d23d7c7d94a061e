"""Which fixes of a track suffice to say where the aircraft was at every instant.

The method is TD-TR, the top-down time-ratio algorithm (Meratnia and de By, "Spatiotemporal
compression techniques for moving point objects", EDBT 2004): as Douglas-Peucker, but the error of
a fix is its distance from where the simplified track is *at the same instant*, not from its
nearest point. Douglas-Peucker drops the fixes of a hover, and so moves an aircraft along its own
line by many metres; this does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class ValuesWithTolerance:
    """Values that vary evenly between fixes, and how far they may be off at any of them.

    Several columns, shape ``(n,)`` each, are the axes of one quantity, such as metres east and
    north: their errors count together, as a distance. NaN: not known.
    """

    columns: Sequence[Floats]
    tolerance: float


def indices_of_fixes_to_keep(
    times: npt.ArrayLike, values: Sequence[ValuesWithTolerance], keep: npt.ArrayLike | None = None
) -> Indices:
    """Return the indices of the fixes that suffice, in order.

    Between two neighbours of the result every value is within its tolerance of the straight line
    in time from one to the other, at every fix in between. The first and the last fix are kept,
    and both fixes wherever a value begins or ceases to be known. The cost is of order n log n.

    Args:
        times: Instants, shape ``(n,)``, which ascend; equal ones may follow one another.
        values: What must be kept within a tolerance.
        keep: Further fixes to keep, booleans of shape ``(n,)``; ``None``: none.

    Raises:
        ValueError: If the shapes differ, a time is missing or earlier than the one before, or a
            tolerance is not positive.
    """
    instants = np.asarray(times, np.float64)
    kept = np.zeros(len(instants), np.bool_)
    if keep is not None:
        kept |= np.asarray(keep, np.bool_)
    if not len(instants):
        return np.flatnonzero(kept)
    _check_arguments(instants, values)
    kept[[0, -1]] = True
    for each in values:
        known = np.isfinite(np.sum(each.columns, axis=0))
        changes = np.flatnonzero(known[1:] != known[:-1])
        kept[changes] = kept[changes + 1] = True
    # Halving from this level on bounds the number of levels, whatever the track is like.
    levels = 2 * int(np.log2(len(instants)) + 1)
    level = 0
    while len(
        wrong := _fixes_farthest_beyond_tolerance(instants, values, kept, halve=level >= levels)
    ):
        kept[wrong] = True
        level += 1
    return np.flatnonzero(kept)


def _check_arguments(instants: Floats, values: Sequence[ValuesWithTolerance]) -> None:
    if not np.isfinite(instants).all() or (np.diff(instants) < 0).any():
        raise ValueError("the times of a track must be known and ascend")
    for each in values:
        if not each.tolerance > 0:
            raise ValueError(f"a tolerance of {each.tolerance} is not positive")
        if any(column.shape != instants.shape for column in each.columns):
            raise ValueError("a column of a track has another length than its times")


def _fixes_farthest_beyond_tolerance(
    instants: Floats, values: Sequence[ValuesWithTolerance], kept: Booleans, *, halve: bool
) -> Indices:
    """Return the fix to keep in each part between kept fixes that has one beyond a tolerance."""
    ends = np.flatnonzero(kept)
    parts = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    before, after = ends[:-1][parts], ends[1:][parts]
    span = instants[after] - instants[before]
    share = np.where(span > 0, (instants[:-1] - instants[before]) / np.where(span > 0, span, 1), 0)
    error = np.zeros(len(instants) - 1)
    for each in values:
        squares = np.zeros(len(error))
        for column in each.columns:
            there = column[before] + share * (column[after] - column[before])
            squares += (column[:-1] - there) ** 2
        error = np.fmax(error, np.sqrt(squares) / each.tolerance)
    worst = np.maximum.reduceat(error, ends[:-1]) if len(ends) > 1 else np.zeros(0)
    wrong = np.flatnonzero(worst > 1)
    if halve:
        middles: Indices = (ends[:-1] + np.diff(ends) // 2)[wrong]
        return middles
    # The first fix of each such part whose error is the greatest there.
    is_worst = np.flatnonzero((error == worst[parts]) & (worst[parts] > 1))
    _, first = np.unique(parts[is_worst], return_index=True)
    found: Indices = is_worst[first]
    return found
