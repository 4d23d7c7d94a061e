"""Sets of times as intervals: arrays of ``(start, end)`` in seconds, ordered and disjoint."""

import numpy as np
import numpy.typing as npt

#: Shape ``(n, 2)``: starts and ends in seconds, each end before the next start.
Intervals = npt.NDArray[np.float64]
FloatArray = npt.NDArray[np.float64]

NO_INTERVALS: Intervals = np.empty((0, 2))


def one_time_interval(start: float, end: float) -> Intervals:
    """Return one interval; an empty set if it would end before it starts."""
    return np.array([[start, end]]) if end >= start else NO_INTERVALS


def join_touching_intervals(
    starts: FloatArray, ends: FloatArray, chosen: npt.NDArray[np.bool_]
) -> Intervals:
    """Return the chosen pieces of a sequence in time order; pieces that touch are joined.

    Args:
        starts: Start of each piece, shape ``(n,)``, rising.
        ends: End of each piece; not later than the start of the next.
        chosen: Which pieces to return.
    """
    first, last = starts[chosen], ends[chosen]
    if not len(first):
        return NO_INTERVALS
    apart = first[1:] > last[:-1]
    return np.column_stack([first[np.r_[True, apart]], last[np.r_[apart, True]]])


def interval_union(*sets: Intervals) -> Intervals:
    """Return the times that lie in any of the sets."""
    intervals = np.concatenate(sets) if sets else NO_INTERVALS
    if not len(intervals):
        return NO_INTERVALS
    intervals = intervals[np.argsort(intervals[:, 0], kind="stable")]
    reach = np.maximum.accumulate(intervals[:, 1])
    apart = intervals[1:, 0] > reach[:-1]
    return np.column_stack([intervals[np.r_[True, apart], 0], reach[np.r_[apart, True]]])


def interval_intersection(first: Intervals, second: Intervals) -> Intervals:
    """Return the times that lie in both sets."""
    if not len(first) or not len(second):
        return NO_INTERVALS
    # Each interval of one set overlaps a run of consecutive intervals of the other.
    low = np.searchsorted(second[:, 1], first[:, 0], "left")
    high = np.searchsorted(second[:, 0], first[:, 1], "right")
    count = np.maximum(high - low, 0)
    left = np.repeat(np.arange(len(first)), count)
    right = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + low[left]
    starts = np.maximum(first[left, 0], second[right, 0])
    ends = np.minimum(first[left, 1], second[right, 1])
    both: Intervals = np.column_stack([starts, ends])[ends >= starts]
    return both


def interval_complement(of: Intervals, start: float, end: float) -> Intervals:
    """Return the parts of a span that are not in a set.

    Single instants do not count, unless the span is one.
    """
    if start == end:
        is_covered = times_in_intervals_mask(of, np.array([start]))[0]
        return NO_INTERVALS if is_covered else one_time_interval(start, end)
    cut = np.clip(of, start, end).ravel()
    edges: Intervals = np.concatenate([[start], cut, [end]]).reshape(-1, 2)
    return edges[edges[:, 1] > edges[:, 0]]


def total_duration_s(of: Intervals) -> float:
    """Return the total duration of a set, seconds."""
    return float((of[:, 1] - of[:, 0]).sum())


def times_in_intervals_mask(of: Intervals, instants: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which of the given times lie in a set."""
    if not len(of):
        return np.zeros(len(instants), np.bool_)
    index = np.searchsorted(of[:, 0], instants, "right") - 1
    within: npt.NDArray[np.bool_] = (index >= 0) & (instants <= of[np.maximum(index, 0), 1])
    return within
