"""Record framing: find the records of a file, and read on behind damage.

The three MAVLink formats share this method.  None of them has a table of contents: a
record states only its own length.  Walking the records one by one in Python is slow, and
a walk that stops at the first surprise loses the rest of a flight.  So:

1. `find_candidate_offsets` finds every offset at which a record could begin (a candidate), by
   comparing whole blocks of the file;
2. the format computes the end of each candidate from its own length, in columns;
3. nearly everywhere each candidate ends at the start of the next one, and one comparison
   proves the chain; Python looks only at the breaks (`select_chained_records_and_gaps`).  A
   look-alike inside a payload is skipped because a record ends beyond it; real damage becomes a
   gap, and reading goes on behind it;
4. records are copied out by length (`bytes_at_offsets`) or by structure (`structures_at_offsets`).

Files may be longer than 4 GB.  Offsets in shorter files take 32 bits, which
halves the memory of a long index (`narrowest_offset_dtype`).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import ByteCoverage, coverage_kind_code
from ..._file_content import RESIDENT_SIZE, release_array_pages
from ..._model import Issue
from ..._record_layout import Array, ByteArray

#: Places in a file, or rows of an index: 64 bits, or 32 where that is enough.
Offsets = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]

#: Bytes compared at a time: few enough to stay in the processor's cache.
BLOCK = 1 << 18

#: Bytes of a large file that are copied from in one go: so many of them stay in memory.
COPY_BYTES = 1 << 23

#: A page that is read brings those around it into memory, as the system sees fit: of records
#: that lie far apart at least so many are copied in one go.
_READ_AROUND_BYTES, _LEAST_ROWS = 1 << 21, 128

#: Records that must follow one another, each beginning where the one before
#: ends, before the first of them is accepted after a gap.
CONFIRMING_RECORDS = 2

#: Beyond the end of a file of 32-bit offsets there is room for the longest record, so
#: that the end of a record that was cut off does not wrap around.
_LONGEST_RECORD = 1 << 17
_AT_END = -1  # a record that ends where the records end
_NOWHERE = -2  # a record that ends where no record begins


@dataclass(frozen=True, slots=True)
class ChainedRecordsAndGaps:
    """Which candidates are records, and the bytes that belong to none."""

    #: Which candidates those are: a flag for each, or the slice of them.
    is_record: Flags | slice
    #: ``(first byte, byte after the last)``, in file order, none of them empty.
    gaps: tuple[tuple[int, int], ...]
    #: Candidates that are kept although nothing begins where they end: their
    #: last bytes may be part of the damage.
    doubtful: tuple[int, ...] = ()


def narrowest_offset_dtype(size: int) -> type[np.uint32 | np.int64]:
    """Return the narrowest type that holds every offset in a file of that size."""
    return np.uint32 if size < (1 << 32) - _LONGEST_RECORD else np.int64


def find_candidate_offsets(
    array: ByteArray, width: int, test: Callable[[ByteArray], Flags]
) -> Offsets:
    """Return every offset at which a record could begin.

    Args:
        array: The bytes of the file.
        width: Bytes that the test looks at from an offset on.
        test: Given a block of ``n + width - 1`` bytes, return for each of its
            first ``n`` offsets whether a record could begin there.
    """
    parts = [
        start + rows for start, _, rows in chunks_with_offset_and_candidates(array, width, test)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def chunks_with_offset_and_candidates(
    array: ByteArray, width: int, test: Callable[[ByteArray], Flags]
) -> Iterator[tuple[int, ByteArray, Offsets]]:
    """Yield where a block begins, its bytes, and the offsets in it at which a record could begin.

    The arguments are those of `candidates`.
    """
    for start in range(0, len(array) - width + 1, BLOCK):
        block = array[start : start + BLOCK + width - 1]
        yield start, block, np.flatnonzero(test(block)).astype(np.int64, copy=False)
        if (start + BLOCK) % COPY_BYTES == 0:
            release_array_pages(array, start + BLOCK - COPY_BYTES, start + BLOCK)


def select_chained_records_and_gaps(
    starts: Offsets,
    ends: Offsets,
    begin: int,
    stop: int,
    *,
    confirming: int = CONFIRMING_RECORDS,
    proven: Flags | None = None,
) -> ChainedRecordsAndGaps:
    """Return which candidates are records.

    Args:
        starts: First byte of each candidate, strictly ascending, shape ``(n,)``.
        ends: Byte after its last, above ``starts``, shape ``(n,)``.
        begin: Where records begin; before it is what the format knows otherwise.
        stop: Where records end: mostly the size of the file.
        confirming: After a gap, a candidate is accepted when this many records
            follow it without a break, or all that are left.
        proven: Candidates that are proven in themselves, by a checksum: they
            need no followers, and nothing inside them is considered.  Where this
            is given, no other candidate is accepted after a gap.

    Raises:
        ValueError: If a candidate does not end beyond its start.
    """
    if not (ends > starts).all():
        raise ValueError("a record without a length")
    # Of the same type, or the whole column would be copied for the search.
    first, last = np.searchsorted(starts, np.array([begin, stop], starts.dtype)).tolist()
    if first == last:
        none = np.zeros(len(starts), np.bool_)
        return ChainedRecordsAndGaps(none, ((begin, stop),) if begin < stop else ())
    broken = np.flatnonzero(ends[first : last - 1] != starts[first + 1 : last]) + first
    if len(broken) == 0 and starts[first] == begin and ends[last - 1] == stop:
        return ChainedRecordsAndGaps(slice(first, last), ())
    return _RecordChainFollower(
        starts, ends, begin, stop, confirming, proven, broken, last
    ).chained_records_and_gaps_from(first)


@dataclass(eq=False, slots=True)
class _RecordChainFollower:
    """The walk from break to break."""

    starts: Offsets
    ends: Offsets
    begin: int
    stop: int
    confirming: int
    proven: Flags | None
    break_rows: Offsets
    last: int
    #: Candidates that are not followed by the next candidate, ascending.
    breaks: list[int] = field(init=False)
    #: For each of them: the candidate that begins where it ends.
    targets: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Find, for all breaks at once, where they lead."""
        breaks = np.append(self.break_rows, self.last - 1)
        ends = self.ends[breaks]
        index = np.searchsorted(self.starts, ends)
        there = self.starts[np.minimum(index, self.last - 1)] == ends
        targets = np.where(there, index, _NOWHERE)
        targets[ends == self.stop] = _AT_END
        self.breaks, self.targets = breaks.tolist(), targets.tolist()

    def chained_records_and_gaps_from(self, first: int) -> ChainedRecordsAndGaps:
        """Return the records from a candidate on."""
        is_record = np.zeros(len(self.starts), np.bool_)
        gaps: list[tuple[int, int]] = []
        doubtful: list[int] = []
        row = (
            first
            if self.starts[first] == self.begin
            else self._first_confirmed_candidate(first, self.last)
        )
        if row is None:
            return ChainedRecordsAndGaps(is_record, ((self.begin, self.stop),))
        if self.starts[row] > self.begin:
            gaps.append((self.begin, int(self.starts[row])))
        while True:
            index = bisect_left(self.breaks, row)
            end, target = self.breaks[index], self.targets[index]
            if target != _NOWHERE:
                is_record[row : end + 1] = True
                if target == _AT_END:
                    break
                row = target
                continue
            is_intact, resume = self._end_is_intact_and_resume_candidate(end)
            if is_intact:
                doubtful.append(end)
            is_record[row : end + 1 if is_intact else end] = True
            lost = int(self.ends[end] if is_intact else self.starts[end])
            if resume is None:
                gaps.append((lost, self.stop))
                break
            gaps.append((lost, int(self.starts[resume])))
            row = resume
        return ChainedRecordsAndGaps(
            is_record, tuple(gap for gap in gaps if gap[0] < gap[1]), tuple(doubtful)
        )

    def _end_is_intact_and_resume_candidate(self, end: int) -> tuple[bool, int | None]:
        """Return whether a record that leads nowhere is whole, and where to go on.

        A record of which a piece is lost reaches into those behind it: if a
        believable record begins inside it, that one is taken and it is not.
        """
        beyond = int(np.searchsorted(self.starts, self.ends[end]))
        fits = bool(self.ends[end] <= self.stop)
        if not (fits and self.proven is not None and self.proven[end]):
            inside = self._first_confirmed_candidate(end + 1, min(beyond, self.last))
            if inside is not None:
                return False, inside
        return fits, self._first_confirmed_candidate(beyond, self.last)

    def _first_confirmed_candidate(self, first: int, last: int) -> int | None:
        """Return the first of some candidates that enough others follow."""
        row = first
        while row < last:
            index = bisect_left(self.breaks, row)
            run = self.breaks[index]
            if self.proven is not None:
                proven = self.proven[row : min(run + 1, last)]
                if len(rows := np.flatnonzero(proven)):
                    return row + int(rows[0])
            elif run - row >= self.confirming or self._is_followed_by_records(row):
                return row
            else:
                row += 1
                continue
            row = run + 1
        return None

    def _is_followed_by_records(self, at: int) -> bool:
        left = self.confirming
        while True:
            here = bisect_left(self.breaks, at)
            run, target = self.breaks[here], self.targets[here]
            left -= run - at
            if left <= 0 or target == _AT_END:
                return True
            if target == _NOWHERE:
                return False
            left -= 1
            if left <= 0:
                return True
            at = target


def issue_of_records_right_before_damage(offsets: Sequence[int]) -> Issue:
    """Return the issue for records that damage may reach into, given where they begin."""
    count = "1 record" if len(offsets) == 1 else f"{len(offsets):,} records"
    what = f"{count} right before damage, which may reach back: not used in any table"
    return Issue(min(offsets), 0, what)


def rows_of_each_key(keys: npt.NDArray[np.unsignedinteger]) -> Mapping[int, Offsets]:
    """Return for each key, ascending, the rows that have it, ascending.

    Keys of 8 and 16 bits are sorted fastest, by radix.
    """
    rows_of_each_key: dict[int, list[Offsets]] = {}
    for first in range(0, len(keys), BLOCK):
        some = keys[first : first + BLOCK]
        order = np.argsort(some, kind="stable")
        ranked = some[order]
        rows: Offsets = (order + first).astype(narrowest_offset_dtype(len(keys)))
        cuts = [0, *(np.flatnonzero(ranked[1:] != ranked[:-1]) + 1).tolist(), len(ranked)]
        for a, b in pairwise(cuts):
            rows_of_each_key.setdefault(int(ranked[a]), []).append(rows[a:b])
    return {
        key: parts[0] if len(parts) == 1 else np.concatenate(parts)
        for key, parts in sorted(rows_of_each_key.items())
    }


def bytes_at_offsets(array: ByteArray, offsets: Offsets, size: int) -> ByteArray:
    """Return ``size`` bytes from each offset on, shape ``(len(offsets), size)``.

    Raises:
        IndexError: If the file does not hold them all.
    """
    if len(offsets) == 0 or size == 0:
        return np.empty((len(offsets), size), np.uint8)
    return (
        structures_at_offsets(array, offsets, np.dtype((np.void, size)))
        .view(np.uint8)
        .reshape(-1, size)
    )


def structures_at_offsets(array: ByteArray, offsets: Offsets, dtype: np.dtype[np.void]) -> Array:
    """Return a copy of the structures that begin at each offset, shape ``(len(offsets),)``.

    Raises:
        IndexError: If the file does not hold them all.
    """
    size = dtype.itemsize
    if len(offsets) == 0:
        return np.empty(0, dtype)
    first, last = int(offsets.min()), int(offsets.max())
    if first < 0 or last + size > len(array):
        raise IndexError(f"no {size} bytes there")
    # One structure at every byte, overlapping: picking from it copies each
    # record once, without an index for every byte of it.
    every = np.ndarray((len(array) - size + 1,), (np.void, size), array, strides=(1,))
    if len(array) <= RESIDENT_SIZE or last - first <= COPY_BYTES:
        return np.asarray(every[offsets]).view(dtype)
    if (offsets[1:] < offsets[:-1]).any():
        # In the order of the file, so that a portion is read once.
        order = np.argsort(offsets, kind="stable")
        rows = np.empty(len(offsets), (np.void, size))
        rows[order] = structures_at_offsets(array, offsets[order], np.dtype((np.void, size)))
        return rows.view(dtype)
    out = np.empty(len(offsets), (np.void, size))
    step = max(_LEAST_ROWS, len(offsets) * COPY_BYTES // (last - first))
    done = max(0, first - _READ_AROUND_BYTES)
    for begin in range(0, len(offsets), step):
        some = offsets[begin : begin + step]
        out[begin : begin + step] = every[some]
        release_array_pages(array, done, int(some[-1]) + size + _READ_AROUND_BYTES)
        done = max(0, int(some[-1]) - _READ_AROUND_BYTES)
    return out.view(dtype)


def record_coverage(
    starts: Offsets, ends: Offsets, size: int, kinds: npt.NDArray[np.uint8] | None = None
) -> ByteCoverage:
    """Return spans of the records, and of the gaps between them, from 0 to ``size``.

    Args:
        starts: First byte of each record, ascending.
        ends: Byte after its last, none beyond the next start.
        size: The size of the file.
        kinds: Code of the kind of each (`coverage_kind_code`); "records" if not given.
    """
    cut = starts[1:] != ends[:-1]
    if kinds is not None:
        cut |= kinds[1:] != kinds[:-1]
    heads = np.append(np.zeros(min(1, len(starts)), np.int64), np.flatnonzero(cut) + 1)
    tails = np.append(heads[1:], len(starts))[: len(heads)] - 1
    # Between any two runs, before the first and behind the last there may be a gap.
    edges = np.empty(2 * len(heads) + 2, np.int64)
    edges[0], edges[-1] = 0, size
    edges[1:-1:2], edges[2:-1:2] = starts[heads], ends[tails]
    codes = np.full(2 * len(heads) + 1, coverage_kind_code("gap"))
    codes[1::2] = coverage_kind_code("records") if kinds is None else kinds[heads]
    some = edges[1:] > edges[:-1]
    return ByteCoverage(np.append(edges[:-1][some], size), codes[some])


def byte_kind_code_per_record(known: Flags) -> npt.NDArray[np.uint8]:
    """Return the code of the kind of each record: "records" if its layout is known."""
    return np.where(known, coverage_kind_code("records"), coverage_kind_code("unknown"))
