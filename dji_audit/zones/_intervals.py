"""Sets of instants as intervals: arrays of ``(start, end)`` in seconds, ordered, apart."""

import numpy as np
import numpy.typing as npt

#: Shape ``(n, 2)``: starts and ends, each end before the next start.
Intervals = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]

NEVER: Intervals = np.empty((0, 2))


def whole(start: float, end: float) -> Intervals:
    """Return one interval; none where it would end before it starts."""
    return np.array([[start, end]]) if end >= start else NEVER


def runs(starts: Floats, ends: Floats, chosen: npt.NDArray[np.bool_]) -> Intervals:
    """Return the chosen ones of pieces in time order, those that touch joined.

    Args:
        starts: When each piece begins, shape ``(n,)``, rising.
        ends: When it ends; no later than the next begins.
        chosen: Which pieces count.
    """
    first, last = starts[chosen], ends[chosen]
    if not len(first):
        return NEVER
    apart = first[1:] > last[:-1]
    return np.column_stack([first[np.r_[True, apart]], last[np.r_[apart, True]]])


def union(*sets: Intervals) -> Intervals:
    """Return the instants that are in any of some sets."""
    together = np.concatenate(sets) if sets else NEVER
    if not len(together):
        return NEVER
    together = together[np.argsort(together[:, 0], kind="stable")]
    reach = np.maximum.accumulate(together[:, 1])
    apart = together[1:, 0] > reach[:-1]
    return np.column_stack([together[np.r_[True, apart], 0], reach[np.r_[apart, True]]])


def intersection(one: Intervals, other: Intervals) -> Intervals:
    """Return the instants that are in both of two sets."""
    if not len(one) or not len(other):
        return NEVER
    # Each interval of one meets a run of neighbours in the other.
    low = np.searchsorted(other[:, 1], one[:, 0], "left")
    high = np.searchsorted(other[:, 0], one[:, 1], "right")
    count = np.maximum(high - low, 0)
    mine = np.repeat(np.arange(len(one)), count)
    theirs = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + low[mine]
    starts = np.maximum(one[mine, 0], other[theirs, 0])
    ends = np.minimum(one[mine, 1], other[theirs, 1])
    both: Intervals = np.column_stack([starts, ends])[ends >= starts]
    return both


def complement(of: Intervals, start: float, end: float) -> Intervals:
    """Return what of a span is not in a set; single instants are nothing."""
    cut = np.clip(of, start, end).ravel()
    edges: Intervals = np.concatenate([[start], cut, [end]]).reshape(-1, 2)
    return edges[edges[:, 1] > edges[:, 0]]


def total_s(of: Intervals) -> float:
    """Return how long a set lasts."""
    return float((of[:, 1] - of[:, 0]).sum())


def covers(of: Intervals, instants: Floats) -> npt.NDArray[np.bool_]:
    """Return which of some instants are in a set."""
    if not len(of):
        return np.zeros(len(instants), np.bool_)
    place = np.searchsorted(of[:, 0], instants, "right") - 1
    within: npt.NDArray[np.bool_] = (place >= 0) & (instants <= of[np.maximum(place, 0), 1])
    return within


def numbers(first: npt.NDArray[np.int64], end: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the whole numbers of some ranges, one range after the other."""
    each = [np.arange(a, b) for a, b in zip(first.tolist(), end.tolist(), strict=True)]
    return np.concatenate(each) if each else np.empty(0, np.int64)
