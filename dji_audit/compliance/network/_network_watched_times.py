"""When something was watched, and how much of what passed then was understood.

A network log in which a tenth of the packets could not be read watched nine tenths of what
passed.  Several logs together watched what the best of them did at each instant; several devices
at once were watched as well as the one of which least is known.
"""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.time_intervals import NO_INTERVALS, Intervals, interval_union
from parsers import NetworkRecordingTimes

Floats = npt.NDArray[np.float64]
_NO_SHARES: Floats = np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkWatchedTimes:
    """Stretches of time, in order and disjoint, each with the share that was understood in it."""

    #: Seconds since the start of the window of a flight, shape ``(n, 2)``.
    intervals: Intervals
    #: Share of the records in it that were understood, above 0 and at most 1; shape ``(n,)``.
    shares: Floats

    @property
    def watched_and_understood_s(self) -> float:
        """Seconds that were watched, those understood in part by their share."""
        lengths = self.intervals[:, 1] - self.intervals[:, 0]
        return float((lengths * self.shares).sum())

    @property
    def joined_intervals(self) -> Intervals:
        """The stretches, those that touch as one."""
        return interval_union(self.intervals)


NOT_WATCHED = NetworkWatchedTimes(NO_INTERVALS, _NO_SHARES)


def watched_times_of_log(
    recorded: NetworkRecordingTimes,
    start: pd.Timestamp,
    end: pd.Timestamp,
    clock_offset_s: float = 0.0,
) -> NetworkWatchedTimes:
    """Return what a log watched between two instants, with its times shifted by an offset."""
    origin_ns = start.value - round(clock_offset_s * 1e9)
    last_s = (end.value - start.value) / 1e9
    # They are in time order and disjoint: most of a long log is of other flights.
    shift = pd.Timedelta(round(clock_offset_s * 1e9), "ns")
    first = bisect_left(recorded.intervals, start - shift, key=lambda each: each.end)
    after = bisect_right(recorded.intervals, end - shift, key=lambda each: each.start)
    rows = [
        (
            max((each.start.value - origin_ns) / 1e9, 0.0),
            min((each.end.value - origin_ns) / 1e9, last_s),
            each.read_count / (each.read_count + each.unread_count),
        )
        for each in recorded.intervals[first:after]
    ]
    return _watched_times_from_rows(rows)


def merge_watched_times(parts: Iterable[NetworkWatchedTimes]) -> NetworkWatchedTimes:
    """Return what several watched together: at each instant, the best of them."""
    waiting = sorted(
        (start, end, share)
        for part in parts
        for (start, end), share in zip(part.intervals.tolist(), part.shares.tolist(), strict=True)
    )
    edges = sorted({edge for start, end, _ in waiting for edge in (start, end)})
    best = list[tuple[float, float, float]]()
    # Those that have begun, the largest share first.
    begun = list[tuple[float, float]]()
    count = 0
    for edge, following in pairwise(edges):
        while count < len(waiting) and waiting[count][0] <= edge:
            _, end, share = waiting[count]
            heapq.heappush(begun, (-share, end))
            count += 1
        while begun and begun[0][1] <= edge:
            heapq.heappop(begun)
        if begun:
            best.append((edge, following, -begun[0][0]))
    return _watched_times_from_rows(best)


def times_watched_by_all(parts: Iterable[NetworkWatchedTimes]) -> NetworkWatchedTimes:
    """Return when all of several were watched, with the smallest share of them."""
    result: NetworkWatchedTimes | None = None
    for part in parts:
        result = part if result is None else _intersection_with_smaller_share(result, part)
    return NOT_WATCHED if result is None else result


def _intersection_with_smaller_share(
    first: NetworkWatchedTimes, second: NetworkWatchedTimes
) -> NetworkWatchedTimes:
    """Return when both were watched, with the smaller share; both in one pass."""
    rows = list[tuple[float, float, float]]()
    left = right = 0
    while left < len(first.shares) and right < len(second.shares):
        start = max(first.intervals[left, 0], second.intervals[right, 0])
        end = min(first.intervals[left, 1], second.intervals[right, 1])
        if start <= end:
            rows.append((start, end, min(first.shares[left], second.shares[right])))
        if first.intervals[left, 1] < second.intervals[right, 1]:
            left += 1
        else:
            right += 1
    return _watched_times_from_rows(rows)


def _watched_times_from_rows(rows: Iterable[tuple[float, float, float]]) -> NetworkWatchedTimes:
    table = np.array(list(rows), np.float64).reshape(-1, 3)
    return NetworkWatchedTimes(table[:, :2], table[:, 2])
