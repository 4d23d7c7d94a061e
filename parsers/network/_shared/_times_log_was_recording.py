"""When a network log shows that it was recording, from the times of its records.

A log that spans a week need not have recorded all of it.  Records that follow one another show
that it did, up to a silence that their own rhythm does not explain: ten times the usual pause
between bursts of records, at least one minute and at most five.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import NetworkRecordingInterval, NetworkRecordingTimes
from .._text._parse_timestamps import NO_TIME

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Records less than this apart are one burst.
BURST_NS = 10**9
#: How many usual pauses a silence may last, and pauses by which one is known to be usual.
_PAUSES, _MIN_PAUSES = 10, 5
_SHORTEST_SILENCE_NS, _LONGEST_SILENCE_NS = 60 * 10**9, 300 * 10**9
#: Intervals that are kept of one series of records, and of all devices together.
_MAX_INTERVALS, _MAX_DEVICE_INTERVALS = 2_000, 20_000
#: Devices that are kept.
_MAX_DEVICES = 1_000


@dataclass(frozen=True, slots=True)
class RecordTimeBursts:
    """Records that follow one another within a second, or single ones; shape ``(n,)`` each."""

    #: Nanoseconds since 1970; none without a time.
    starts: Ints
    #: Not before the start.
    ends: Ints
    #: Number of records.
    counts: Ints

    def __len__(self) -> int:
        """Return the number of bursts."""
        return len(self.starts)

    def subset(self, chosen: Flags | Ints | slice) -> "RecordTimeBursts":
        """Return some of the bursts."""
        return RecordTimeBursts(self.starts[chosen], self.ends[chosen], self.counts[chosen])


def one_burst_for_each_record(starts: Ints, ends: Ints | None = None) -> RecordTimeBursts:
    """Return each record that has a time as one burst; an end that is missing is the start."""
    timed = starts != NO_TIME
    begin = starts[timed]
    end = begin if ends is None else np.maximum(ends[timed], begin)
    return RecordTimeBursts(begin, end, np.ones(len(begin), np.int64))


def recording_times_from_record_bursts(
    read: RecordTimeBursts, unread: RecordTimeBursts, untimed: int = 0, untimed_unread: int = 0
) -> NetworkRecordingTimes:
    """Return when a series of records shows that it was recorded.

    Args:
        read: Records that were understood; only they show anything.
        unread: Records that were not.
        untimed: Further records that were understood and have no time.
        untimed_unread: The same of those that were not.
    """
    edges, counts, silence_ns = _intervals_counts_and_bridged_silence(read)
    hidden = _count_records_in_intervals(edges, unread)
    kept = np.arange(len(edges))
    if len(kept) > _MAX_INTERVALS:
        lengths = edges[:, 1] - edges[:, 0]
        kept = np.sort(np.argsort(-lengths, kind="stable")[:_MAX_INTERVALS])
    return NetworkRecordingTimes(
        intervals=tuple(
            NetworkRecordingInterval(
                _timestamp_from_ns(start), _timestamp_from_ns(end), count, missed
            )
            for (start, end), count, missed in zip(
                edges[kept].tolist(), counts[kept].tolist(), hidden[kept].tolist(), strict=True
            )
        ),
        longest_silence_s=silence_ns / 1e9,
        read_count=int(read.counts.sum()) + untimed,
        unread_count=int(unread.counts.sum()) + untimed_unread,
        omitted_interval_count=len(edges) - len(kept),
    )


def recording_times_by_device(
    devices: Sequence[str | None], codes: Ints, bursts: RecordTimeBursts, is_read: Flags
) -> dict[str, NetworkRecordingTimes]:
    """Return when each device was recorded, those with most records first.

    Args:
        devices: Their names; bursts of ``None`` are of no device.
        codes: Index into ``devices`` of each burst.
        bursts: Bursts of records.
        is_read: Which of them were understood.
    """
    totals = np.zeros(len(devices), np.int64)
    np.add.at(totals, codes, bursts.counts)
    by_code = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[by_code], np.arange(len(devices) + 1))
    recorded: dict[str, NetworkRecordingTimes] = {}
    budget = _MAX_DEVICE_INTERVALS
    for code in np.argsort(-totals, kind="stable")[:_MAX_DEVICES].tolist():
        name = devices[code]
        rows = by_code[bounds[code] : bounds[code + 1]]
        if name is None or not len(rows):
            continue
        read = is_read[rows]
        times = recording_times_from_record_bursts(
            bursts.subset(rows[read]), bursts.subset(rows[~read])
        )
        budget -= len(times.intervals)
        if budget < 0:
            break
        recorded[name] = times
    return recorded


def burst_code_sets_between_long_silences(
    read: RecordTimeBursts, codes: Ints, apart_ns: int
) -> Iterator[set[int]]:
    """Yield the codes of the bursts of each stretch of time; a long silence parts two of them."""
    order = np.argsort(read.starts, kind="stable")
    if not len(order):
        return
    reach = np.maximum.accumulate(read.ends[order])
    cuts = np.flatnonzero(read.starts[order][1:] - reach[:-1] > apart_ns) + 1
    for rows in np.split(codes[order], cuts):
        yield set(np.unique(rows).tolist())


def _intervals_counts_and_bridged_silence(bursts: RecordTimeBursts) -> tuple[Ints, Ints, int]:
    """Return the joined intervals, shape ``(n, 2)``, records in each, and the silence bridged."""
    if not len(bursts):
        return np.empty((0, 2), np.int64), np.empty(0, np.int64), 0
    order = np.argsort(bursts.starts, kind="stable")
    starts, reach = bursts.starts[order], np.maximum.accumulate(bursts.ends[order])
    silences = starts[1:] - reach[:-1]
    bound = _longest_usual_silence_ns(silences)
    first = np.flatnonzero(np.concatenate([[True], silences > bound]))
    last = np.append(first[1:], len(order)) - 1
    counts = np.add.reduceat(bursts.counts[order], first)
    return np.column_stack([starts[first], reach[last]]), counts, bound


def _longest_usual_silence_ns(silences: Ints) -> int:
    """Return the longest silence that the rhythm of the records explains."""
    pauses = silences[silences > BURST_NS]
    usual = int(np.median(pauses)) if len(pauses) >= _MIN_PAUSES else 0
    return min(max(_PAUSES * usual, _SHORTEST_SILENCE_NS), _LONGEST_SILENCE_NS)


def _count_records_in_intervals(edges: Ints, bursts: RecordTimeBursts) -> Ints:
    """Return how many records of some bursts lie in each interval."""
    counts = np.zeros(len(edges), np.int64)
    if len(edges) and len(bursts):
        index = np.searchsorted(edges[:, 0], bursts.starts, "right") - 1
        inside = (index >= 0) & (bursts.starts <= edges[index, 1])
        np.add.at(counts, index[inside], bursts.counts[inside])
    return counts


def _timestamp_from_ns(time_ns: int) -> pd.Timestamp:
    return pd.Timestamp(time_ns, unit="ns", tz="UTC")
