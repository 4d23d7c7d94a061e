"""MAVLink frames in columns: headers and the ground station's timestamps."""

import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import coverage_kind_code
from ..._record_layout import ByteArray
from .._shared._record_framing import (
    Flags,
    Offsets,
    bytes_at_offsets,
    narrowest_offset_dtype,
    structures_at_offsets,
)

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
#: The first bytes of a frame; in MAVLink 1 there are no flags.
_FIRST_BYTES = np.dtype([("mark", "u1"), ("payload", "u1"), ("flags", "u1")])
#: What ends a header; in MAVLink 1 the number has one byte, and the payload follows.
_SENDER_AND_NUMBER = np.dtype(
    [
        ("sequence", "u1"),
        ("system", "u1"),
        ("component", "u1"),
        ("number", "<u2"),
        ("number_high", "u1"),
    ]
)
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
        return self.sizes_of_rows(slice(None))

    def sizes_of_rows(self, rows: Offsets | slice) -> npt.NDArray[np.uint16]:
        """Return the bytes of some, each with the time before it."""
        return _OVERHEAD[self.kind[rows]] + self.payload[rows]

    @property
    def ends(self) -> Offsets:
        """The byte after the last of each."""
        return self.starts + self.sizes

    def payload_offsets(self, rows: Offsets) -> Offsets:
        """Return the first byte of the payload of some."""
        return self.starts[rows].astype(np.int64) + self.bytes_before_payload(rows)

    def bytes_before_payload(self, rows: Offsets) -> npt.NDArray[np.uint8]:
        """Return how many bytes of some precede their payload."""
        return _PAYLOAD_OFFSET[self.kind[rows]]

    def frame_kind_bit_mask(self, bit: int) -> Flags:
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
            _byte_kind_code_per_frame(frames, slice(before, end), without),
        )
        cut = starts[1:] != (starts + frames.sizes_of_rows(slice(before, end)))[:-1]
        cut |= kinds[1:] != kinds[:-1]
        first.append(np.flatnonzero(cut) + before + 1)
    heads = np.concatenate([np.zeros(min(1, len(frames)), np.int64), *first])
    tails = np.append(heads[1:], len(frames))[: len(heads)] - 1
    ends = frames.starts[tails] + frames.sizes_of_rows(tails)
    return frames.starts[heads], ends, _byte_kind_code_per_frame(frames, heads, without)


def _byte_kind_code_per_frame(
    frames: FrameColumns, rows: Offsets | slice, without: Collection[int]
) -> npt.NDArray[np.uint8]:
    known = frames.status[rows] == GOOD
    kinds = np.where(known, coverage_kind_code("records"), coverage_kind_code("unknown"))
    if without:
        kinds[np.isin(frames.system[rows], list(without))] = coverage_kind_code("other_log")
    return kinds


def headers_of_frames_that_fit(array: ByteArray, starts: Offsets, stamp: int) -> FrameColumns:
    """Return those of some offsets at which a frame that may be read would fit.

    Args:
        array: The bytes of the file.
        starts: Offsets with at least ``stamp + AROUND_1`` bytes behind them.
        stamp: Bytes of time before each frame.
    """
    first = structures_at_offsets(array, starts + stamp, _FIRST_BYTES)
    two = first["mark"] == START_BYTES[1]
    flags = np.where(two, first["flags"], 0)
    kind = two * np.uint8(VERSION_2) | (flags & 1) * np.uint8(SIGNED)
    kind |= np.uint8(TIMED if stamp else 0)
    # A frame with a flag that the reader does not know must not be read.
    fits = (flags <= 1) & (starts + _OVERHEAD[kind] + first["payload"] <= len(array))
    starts, kind, two, payload = starts[fits], kind[fits], two[fits], first["payload"][fits]
    rest = structures_at_offsets(array, starts + (stamp + np.where(two, 4, 2)), _SENDER_AND_NUMBER)
    number = rest["number"].astype(np.uint32) | rest["number_high"].astype(np.uint32) << 16
    return FrameColumns(
        starts=starts.astype(narrowest_offset_dtype(len(array)), copy=False),
        kind=kind,
        payload=payload,
        number=np.where(two, number, number & 0xFF),
        sequence=rest["sequence"].copy(),
        system=rest["system"].copy(),
        component=rest["component"].copy(),
        status=np.zeros(len(starts), np.uint8),
    )


def message_ids_of_frames(
    array: ByteArray, frames: FrameColumns, rows: Offsets
) -> npt.NDArray[np.uint32]:
    """Return the whole message numbers of some frames of the file."""
    full_numbers = frames.number[rows].astype(np.uint32)
    two = (frames.kind[rows] & np.uint8(VERSION_2)) != 0
    # The last byte of a header of MAVLink 2.
    last = bytes_at_offsets(array, frames.payload_offsets(rows[two]) - 1, 1).ravel()
    full_numbers[two] |= last.astype(np.uint32) << 16
    return full_numbers


def make_frame_start_test(stamp: int) -> Callable[[ByteArray], Flags]:
    """Return the test of whether a frame could begin at each offset of a block."""
    return _timestamp_and_start_byte_mask if stamp else _start_byte_mask


def _start_byte_mask(block: ByteArray) -> Flags:
    # One number follows the other, and those below them wrap around: one comparison will do.
    test: Flags = block - np.uint8(START_BYTES[1]) <= START_BYTES[0] - START_BYTES[1]
    return test


def _timestamp_and_start_byte_mask(block: ByteArray) -> Flags:
    count = len(block) - TIMESTAMP_SIZE
    test = _start_byte_mask(block[TIMESTAMP_SIZE:])
    test &= block[:count] == 0
    test &= block[1 : count + 1] <= LAST_TIMESTAMP_BYTE
    return test


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


def outlier_indices_and_running_medians(
    values: IndexableIntegers, limit: int
) -> tuple[Offsets, Microseconds]:
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
