"""Columns of numbers as JSON that is small and that a person can still check.

A column is whole numbers, each the difference from the last one known, in
units of ``1 / per``; ``null`` is a missing value.  A column that seldom
changes is written as runs: value, how often, value, how often.
"""

from typing import TypedDict

import numpy as np
import numpy.typing as npt

# Beyond this a whole number is not exact in the page's arithmetic.
_EXACT = float(2**53)


class EncodedColumn(TypedDict, total=False):
    """A column as the page holds it: ``per``, and either ``delta`` or ``runs``."""

    per: int
    delta: list[int | None]
    runs: list[int | None]


def encode_column(values: npt.ArrayLike, per: int) -> EncodedColumn | None:
    """Return a column in units of ``1 / per``; ``None`` if every value is missing.

    Args:
        values: Numbers, shape ``(n,)``; NaN and infinities are missing.
        per: How many units make one.
    """
    exact = np.asarray(values, np.float64) * per
    known = np.isfinite(exact) & (np.abs(np.where(np.isfinite(exact), exact, 0)) < _EXACT)
    if not known.any():
        return None
    whole = np.round(np.where(known, exact, 0)).astype(np.int64)
    changes = np.flatnonzero((np.diff(whole) != 0) | (np.diff(known.astype(np.int8)) != 0)) + 1
    starts = np.concatenate([[0], changes])
    if 3 * len(starts) < len(whole):
        counts = np.diff(np.append(starts, len(whole)))
        runs: list[int | None] = []
        for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
            runs += [int(whole[start]) if known[start] else None, count]
        return {"per": per, "runs": runs}
    steps = np.diff(whole[known], prepend=0)
    if known.all():
        return {"per": per, "delta": steps.tolist()}
    column = np.full(len(whole), None, object)
    column[known] = steps
    return {"per": per, "delta": column.tolist()}
