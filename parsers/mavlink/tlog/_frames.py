"""MAVLink frames in columns: headers, checksums and the ground station's timestamps.

CRC-16/MCRF4XX is linear over exclusive-or: what a byte contributes depends only
on its value and its distance from the end, and a zero contributes nothing.
With one table for each distance the checksums of many frames, aligned at their
ends, are one look-up for each column of bytes, without a loop over frames.
"""

import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import byte_kind_code
from ..._layout import ByteArray
from .._shared._dialect import x25_accumulate
from .._shared._framing import Flags, Offsets, bytes_at_offsets, narrowest_offset_dtype, rows_by_key

#: First byte of a frame of MAVLink 1 and of MAVLink 2.
START_BYTES = (0xFE, 0xFD)
#: Bytes of a frame around its payload, by version; those of a signature.
FRAME_1_OVERHEAD, FRAME_2_OVERHEAD, SIGNATURE_SIZE = 8, 12, 13
#: Bytes of the longest frame.
LONGEST_FRAME = FRAME_2_OVERHEAD + 255 + SIGNATURE_SIZE
#: Bytes of the time before each frame of a telemetry log.
TIMESTAMP_SIZE = 8
#: Second byte of a time: 8 would be the year 2041; 0 is a clock that starts in 1970.
LAST_TIMESTAMP_BYTE = 8
#: Bytes of a header of MAVLink 2, the longer one.
HEADER_2_SIZE = 10
#: Frames looked at in one go, where that saves memory.
FRAMES_AT_ONCE = 1 << 18
#: What surrounds a payload, as bits of a number: the time before the frame, the
#: header of MAVLink 2, a signature.
TIMED, VERSION_2, SIGNED = 1, 2, 4
#: By that number: bytes of a frame before its payload, and all that are not payload.
_PAYLOAD_OFFSET = np.array(
    [TIMESTAMP_SIZE * (k & TIMED) + (10 if k & VERSION_2 else 6) for k in range(8)], np.uint8
)
_OVERHEAD = np.array(
    [
        TIMESTAMP_SIZE * (k & TIMED)
        + (FRAME_2_OVERHEAD if k & VERSION_2 else FRAME_1_OVERHEAD)
        + (SIGNATURE_SIZE if k & SIGNED else 0)
        for k in range(8)
    ],
    np.uint16,
)
#: What a frame is: its checksum is wrong; its number has no definition; it is
#: intact under a definition that is not ours; it is intact and its layout known.
DAMAGED, UNKNOWN, FOREIGN, GOOD = range(4)


@dataclass(eq=False, slots=True)
class FrameColumns:
    """Frames, or offsets that look like one, in file order; each shape ``(n,)``.

    A long log has tens of millions: columns are narrow, and are narrowed down
    in place, one after the other.
    """

    #: First byte of each frame, or of the time before it.
    starts: Offsets
    #: ``TIMED``, ``VERSION_2`` and ``SIGNED``.
    kind: npt.NDArray[np.uint8]
    #: Bytes of the payload as sent.
    payload: npt.NDArray[np.uint8]
    #: Message number; of many frames its lower 16 bits, and `numbers` reads the rest.
    number: npt.NDArray[np.uint32] | npt.NDArray[np.uint16]
    sequence: npt.NDArray[np.uint8]
    system: npt.NDArray[np.uint8]
    component: npt.NDArray[np.uint8]
    #: ``GOOD``, ``FOREIGN``, ``UNKNOWN`` or ``DAMAGED``.
    status: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.starts)

    @property
    def sizes(self) -> npt.NDArray[np.uint16]:
        """Bytes of each, with the time before it."""
        return self.sizes_of(slice(None))

    def sizes_of(self, rows: Offsets | slice) -> npt.NDArray[np.uint16]:
        """Return the bytes of some, each with the time before it."""
        return _OVERHEAD[self.kind[rows]] + self.payload[rows]

    @property
    def ends(self) -> Offsets:
        """The byte after the last of each."""
        return self.starts + self.sizes

    def payload_offsets(self, rows: Offsets) -> Offsets:
        """Return the first byte of the payload of some."""
        return self.starts[rows].astype(np.int64) + _PAYLOAD_OFFSET[self.kind[rows]]

    def has_flag(self, bit: int) -> Flags:
        """Return which have the time, the header of MAVLink 2, or a signature."""
        flags: Flags = (self.kind & np.uint8(bit)) != 0
        return flags

    def keep_only_rows(self, rows: Offsets | Flags) -> None:
        """Drop all but some, which stay in the order they are named."""
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name)[rows])

    def select(self, rows: Offsets | Flags) -> "FrameColumns":
        """Return some."""
        return FrameColumns(*(getattr(self, column.name)[rows] for column in fields(self)))


def join_frames(parts: Iterable[tuple[FrameColumns, float]]) -> FrameColumns:
    """Return the frames of all parts, one after the other.

    Args:
        parts: Frames, and the share of all bytes that was looked at with them,
            from which the room for the rest is estimated: pages that are never
            written take no memory.
    """
    columns: dict[str, npt.NDArray[Any]] = {}
    size = 0
    for part, share in parts:
        end = size + len(part)
        for column in fields(FrameColumns):
            values = getattr(part, column.name)
            room = columns.get(column.name)
            if room is None or len(room) < end:
                larger = np.empty(int(end / share * 1.1) + 64, values.dtype)
                if room is not None:
                    larger[:size] = room[:size]
                columns[column.name] = room = larger
            room[size:end] = values
        size = end
    return FrameColumns(*(columns[column.name][:size] for column in fields(FrameColumns)))


def frame_run_starts_ends_kinds(
    frames: FrameColumns, without: Collection[int] = ()
) -> tuple[Offsets, Offsets, npt.NDArray[np.uint8]]:
    """Return runs of frames of one kind that follow one another without a break.

    Args:
        frames: The frames; those that are not ``GOOD`` are of unknown layout.
        without: Systems whose frames are another log's.

    Returns:
        First byte of each run, byte after its last, and the code of its kind of coverage.
    """
    first = []
    for begin in range(0, len(frames), FRAMES_AT_ONCE):
        end = min(begin + FRAMES_AT_ONCE, len(frames))
        before = max(begin, 1) - 1
        starts, kinds = (
            frames.starts[before:end],
            _coverage_kinds(frames, slice(before, end), without),
        )
        cut = starts[1:] != (starts + frames.sizes_of(slice(before, end)))[:-1]
        cut |= kinds[1:] != kinds[:-1]
        first.append(np.flatnonzero(cut) + before + 1)
    heads = np.concatenate([np.zeros(min(1, len(frames)), np.int64), *first])
    tails = np.append(heads[1:], len(frames))[: len(heads)] - 1
    ends = frames.starts[tails] + frames.sizes_of(tails)
    return frames.starts[heads], ends, _coverage_kinds(frames, heads, without)


def _coverage_kinds(
    frames: FrameColumns, rows: Offsets | slice, without: Collection[int]
) -> npt.NDArray[np.uint8]:
    known = frames.status[rows] == GOOD
    kinds = np.where(known, byte_kind_code("records"), byte_kind_code("unknown"))
    if without:
        kinds[np.isin(frames.system[rows], list(without))] = byte_kind_code("other_log")
    return kinds


def read_frame_headers(array: ByteArray, starts: Offsets, stamp: int) -> FrameColumns:
    """Return those of some offsets at which a frame that may be read would fit.

    Args:
        array: The bytes of the file.
        starts: Offsets with at least ``stamp + AROUND_1`` bytes behind them.
        stamp: Bytes of time before each frame.
    """
    rows = _header_bytes(array, starts + stamp)
    two = rows[:, 0] == START_BYTES[1]
    flags = rows[:, 2]
    signed = two & ((flags & 1) == 1)
    kind = two * np.uint8(VERSION_2) | signed * np.uint8(SIGNED)
    kind |= np.uint8(TIMED if stamp else 0)
    number = rows[:, 7].astype(np.uint32)
    number |= rows[:, 8].astype(np.uint32) << 8
    number |= rows[:, 9].astype(np.uint32) << 16
    frames = FrameColumns(
        starts=starts,
        kind=kind,
        payload=rows[:, 1],
        number=np.where(two, number, rows[:, 5]),
        sequence=np.where(two, rows[:, 4], rows[:, 2]),
        system=np.where(two, rows[:, 5], rows[:, 3]),
        component=np.where(two, rows[:, 6], rows[:, 4]),
        status=np.zeros(len(starts), np.uint8),
    )
    # A frame with a flag that the reader does not know must not be read.
    frames.keep_only_rows((~two | (flags <= 1)) & (frames.ends <= len(array)))
    frames.starts = frames.starts.astype(narrowest_offset_dtype(len(array)), copy=False)
    return frames


def message_ids(array: ByteArray, frames: FrameColumns, rows: Offsets) -> npt.NDArray[np.uint32]:
    """Return the whole message numbers of some frames of the file."""
    full_numbers = frames.number[rows].astype(np.uint32)
    two = (frames.kind[rows] & np.uint8(VERSION_2)) != 0
    # The last byte of a header of MAVLink 2.
    last = bytes_at_offsets(array, frames.payload_offsets(rows[two]) - 1, 1).ravel()
    full_numbers[two] |= last.astype(np.uint32) << 16
    return full_numbers


def _header_bytes(array: ByteArray, at: Offsets) -> ByteArray:
    """Return ``HEADER`` bytes from each offset on, zeros beyond the end."""
    inside = at + HEADER_2_SIZE <= len(array)
    if inside.all():
        return bytes_at_offsets(array, at, HEADER_2_SIZE)
    rows = np.zeros((len(at), HEADER_2_SIZE), np.uint8)
    rows[inside] = bytes_at_offsets(array, at[inside], HEADER_2_SIZE)
    for row in np.flatnonzero(~inside).tolist():
        tail = array[at[row] :]
        rows[row, : len(tail)] = tail
    return rows


def frame_start_test(stamp: int) -> Callable[[ByteArray], Flags]:
    """Return the test of whether a frame could begin at each offset of a block."""
    return _has_timestamp_and_start_byte if stamp else _has_start_byte


def _has_start_byte(block: ByteArray) -> Flags:
    test: Flags = (block == START_BYTES[0]) | (block == START_BYTES[1])
    return test


def _has_timestamp_and_start_byte(block: ByteArray) -> Flags:
    count = len(block) - TIMESTAMP_SIZE
    mark = block[TIMESTAMP_SIZE:]
    test: Flags = (mark == START_BYTES[0]) | (mark == START_BYTES[1])
    test &= block[:count] == 0
    test &= block[1 : count + 1] <= LAST_TIMESTAMP_BYTE
    return test


Checksums = npt.NDArray[np.uint16]

#: Bytes that a checksum may cover: 9 of the header and the longest payload.
LONGEST_CHECKED = 9 + 255
#: Lengths are rounded up to this, so that there are few of them.
LENGTH_STEP = 8
#: Bytes of frames handled at a time: few enough to stay in the processor's cache.
CHECKED_AT_ONCE_BYTES = 1 << 19


@cache
def _last_byte_crc_contribution() -> Checksums:
    """Return the contribution of the last byte, by its value."""
    return np.array([x25_accumulate(0, bytes([value])) for value in range(256)], np.uint16)


@cache
def _crc_contribution_tables() -> tuple[Checksums, ...]:
    """Return the contributions of a byte by its distance from the end."""
    step = _last_byte_crc_contribution()
    tables = [step]
    for _ in range(LONGEST_CHECKED - 1):
        last = tables[-1]
        tables.append((last >> 8) ^ step[last & 0xFF])
    return tuple(tables)


@cache
def _crc_start_contribution() -> Checksums:
    """Return what the start value contributes, by the number of bytes after it."""
    bases = [0xFFFF]
    for _ in range(LONGEST_CHECKED):
        bases.append((bases[-1] >> 8) ^ int(_last_byte_crc_contribution()[bases[-1] & 0xFF]))
    return np.array(bases, np.uint16)


def crc_of_rows(rows: ByteArray, before: ByteArray) -> Checksums:
    """Return the checksum of each row, before its seed.

    Args:
        rows: Bytes that end where the checksum begins, shape ``(n, length)``.
        before: How many of them come before the bytes that it covers, shape ``(n,)``.
    """
    length = rows.shape[1]
    columns = np.ascontiguousarray(rows.T)
    # A zero contributes nothing at any distance.
    most = int(before.max(initial=0))
    columns[:most] *= np.arange(most, dtype=np.uint8)[:, None] >= before
    crc: Checksums = _crc_start_contribution()[length - before.astype(np.int64)]
    for table, column in zip(reversed(_crc_contribution_tables()[:length]), columns, strict=True):
        crc ^= table.take(column, mode="clip")
    return crc


def crc_extras_of(array: ByteArray, starts: Offsets, lengths: Checksums) -> npt.NDArray[np.int16]:
    """Return the CRC_EXTRA under which each frame is intact; -1: there is none.

    A frame of random bytes has one by chance in 1 of 256 cases, and a given one
    in 1 of 65,536.

    Args:
        array: The bytes of the file.
        starts: The byte after each frame's first, shape ``(n,)``.
        lengths: Bytes from there to the checksum, all inside the file.
    """
    extras = np.empty(len(starts), np.int16)
    inverse = _byte_by_crc_contribution()
    # Frames of about one length go together, with the bytes before the shorter ones.
    rounded = -(-lengths // LENGTH_STEP) * LENGTH_STEP
    rounded = np.where(starts + lengths < rounded, lengths, rounded).astype(np.uint16)
    for size, rows in rows_by_key(rounded).items():
        step = max(64, CHECKED_AT_ONCE_BYTES // (size + 2))
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            before = size - lengths[some]
            frames = bytes_at_offsets(array, starts[some] - before, size + 2)
            sent = frames[:, size] | (frames[:, size + 1].astype(np.uint16) << 8)
            crc = crc_of_rows(frames[:, :size], before.astype(np.uint8))
            index = inverse[sent ^ (crc >> 8)]
            extras[some] = np.where(index < 0, index, index ^ (crc & 0xFF).astype(np.int16))
    return extras


@cache
def _byte_by_crc_contribution() -> npt.NDArray[np.int16]:
    """Return the byte that contributes each checksum; -1: none does."""
    table = np.full(1 << 16, -1, np.int16)
    table[_last_byte_crc_contribution()] = np.arange(256)
    return table


Microseconds = npt.NDArray[np.int64]

#: A time this far from those around it is an outlier: no checksum covers it.
OUTLIER_US = 3_600_000_000


class IndexableIntegers(Protocol):
    """Numbers that are read on demand: an array, or `FrameTimestamps`."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __getitem__(self, rows: Any, /) -> Microseconds:
        """Return some."""


class FrameTimestamps:
    """Times at some offsets of a file, microseconds since 1970; read on demand, not kept."""

    def __init__(self, array: ByteArray, starts: Offsets) -> None:
        """Look at the 8 bytes that begin at each offset."""
        self._array, self._starts = array, starts

    def __len__(self) -> int:
        """Return the number of times."""
        return len(self._starts)

    def __getitem__(self, rows: slice | Offsets) -> Microseconds:
        """Return some of the times."""
        starts = self._starts[rows]
        times = bytes_at_offsets(self._array, starts.ravel(), TIMESTAMP_SIZE).view(np.int64)
        if sys.byteorder == "little":
            times.byteswap(inplace=True)
        return times.reshape(starts.shape)


def find_outliers_and_median(values: IndexableIntegers, limit: int) -> tuple[Offsets, Microseconds]:
    """Return where values differ by a limit from the median of five, and that median.

    At either end the five are the first or the last: a value that counted twice
    would outweigh its neighbours.
    """
    parts = [
        np.flatnonzero(np.abs(np.diff(values[first : first + FRAMES_AT_ONCE + 1])) >= limit) + first
        for first in range(0, len(values), FRAMES_AT_ONCE)
    ]
    jumps = np.concatenate([np.empty(0, np.int64), *parts])
    if len(values) < 5 or not len(jumps):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    near = np.unique(np.concatenate([jumps, jumps + 1]))
    around = np.clip(near - 2, 0, len(values) - 5)[:, None] + np.arange(5)
    middle = np.median(values[around], axis=1).astype(np.int64)
    stray = np.abs(values[near] - middle) >= limit
    return near[stray], middle[stray]
