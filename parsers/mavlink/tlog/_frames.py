"""What the first bytes of many MAVLink frames say, in columns."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._layout import Bytes
from .._shared._framing import Flags, Offsets, gather, offset_type

#: First byte of a frame of MAVLink 1 and of MAVLink 2.
MARKS = (0xFE, 0xFD)
#: Bytes of a frame around its payload, by version; those of a signature.
AROUND_1, AROUND_2, SIGNATURE = 8, 12, 13
#: Bytes of the longest frame.
LONGEST_FRAME = AROUND_2 + 255 + SIGNATURE
#: Bytes of the time before each frame of a telemetry log.
STAMP = 8
#: Second byte of a time: 8 would be the year 2041; 0 is a clock that starts in 1970.
LAST_ERA = 8
#: Bytes of a header of MAVLink 2, the longer one.
HEADER = 10
#: Frames looked at in one go, where that saves memory.
BLOCK = 1 << 18
#: What stands around a payload, as bits of a number: the time before the frame, the
#: header of MAVLink 2, a signature.
TIMED, VERSION_2, SIGNED = 1, 2, 4
#: By that number: bytes of a frame before its payload, and all that are not payload.
_BEFORE = np.array([STAMP * (k & TIMED) + (10 if k & VERSION_2 else 6) for k in range(8)], np.uint8)
_AROUND = np.array(
    [
        STAMP * (k & TIMED)
        + (AROUND_2 if k & VERSION_2 else AROUND_1)
        + (SIGNATURE if k & SIGNED else 0)
        for k in range(8)
    ],
    np.uint16,
)
#: What a frame is: its checksum is wrong; its number has no definition; it is
#: intact under a definition that is not ours; it is intact and its layout known.
DAMAGED, UNKNOWN, FOREIGN, GOOD = range(4)


@dataclass(eq=False, slots=True)
class Frames:
    """Frames, or places that look like one, in file order; each shape ``(n,)``.

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
        return _AROUND[self.kind[rows]] + self.payload[rows]

    @property
    def ends(self) -> Offsets:
        """The byte after the last of each."""
        return self.starts + self.sizes

    def payload_at(self, rows: Offsets) -> Offsets:
        """Return the first byte of the payload of some."""
        return self.starts[rows].astype(np.int64) + _BEFORE[self.kind[rows]]

    def has(self, bit: int) -> Flags:
        """Return which have the time, the header of MAVLink 2, or a signature."""
        flags: Flags = (self.kind & np.uint8(bit)) != 0
        return flags

    def keep(self, kept: Offsets | Flags) -> None:
        """Drop all but some, which stay in the order they are named."""
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name)[kept])

    def copy(self, kept: Offsets | Flags) -> "Frames":
        """Return some."""
        return Frames(*(getattr(self, column.name)[kept] for column in fields(self)))


def joined(parts: Iterable[tuple[Frames, float]]) -> Frames:
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
        for column in fields(Frames):
            values = getattr(part, column.name)
            room = columns.get(column.name)
            if room is None or len(room) < end:
                larger = np.empty(int(end / share * 1.1) + 64, values.dtype)
                if room is not None:
                    larger[:size] = room[:size]
                columns[column.name] = room = larger
            room[size:end] = values
        size = end
    return Frames(*(columns[column.name][:size] for column in fields(Frames)))


def runs(frames: Frames) -> tuple[Offsets, Offsets, Flags]:
    """Return runs of frames that follow one another without a break and are all good or not.

    Returns:
        First byte of each run, byte after its last, and whether its frames are good.
    """
    first = []
    for begin in range(0, len(frames), BLOCK):
        end = min(begin + BLOCK, len(frames))
        before = max(begin, 1) - 1
        starts, status = frames.starts[before:end], frames.status[before:end] == GOOD
        cut = starts[1:] != (starts + frames.sizes_of(slice(before, end)))[:-1]
        cut |= status[1:] != status[:-1]
        first.append(np.flatnonzero(cut) + before + 1)
    heads = np.concatenate([np.zeros(min(1, len(frames)), np.int64), *first])
    tails = np.append(heads[1:], len(frames))[: len(heads)] - 1
    ends = frames.starts[tails] + frames.sizes_of(tails)
    return frames.starts[heads], ends, frames.status[heads] == GOOD


def frames_at(array: Bytes, starts: Offsets, stamp: int) -> Frames:
    """Return those of some places at which a frame that may be read would fit.

    Args:
        array: The bytes of the file.
        starts: Places with at least ``stamp + AROUND_1`` bytes behind them.
        stamp: Bytes of time before each frame.
    """
    rows = _headers(array, starts + stamp)
    two = rows[:, 0] == MARKS[1]
    flags = rows[:, 2]
    signed = two & ((flags & 1) == 1)
    kind = two * np.uint8(VERSION_2) | signed * np.uint8(SIGNED)
    kind |= np.uint8(TIMED if stamp else 0)
    number = rows[:, 7].astype(np.uint32)
    number |= rows[:, 8].astype(np.uint32) << 8
    number |= rows[:, 9].astype(np.uint32) << 16
    found = Frames(
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
    found.keep((~two | (flags <= 1)) & (found.ends <= len(array)))
    found.starts = found.starts.astype(offset_type(len(array)), copy=False)
    return found


def numbers(array: Bytes, frames: Frames, rows: Offsets) -> npt.NDArray[np.uint32]:
    """Return the whole message numbers of some frames of the file."""
    found = frames.number[rows].astype(np.uint32)
    two = (frames.kind[rows] & np.uint8(VERSION_2)) != 0
    # The last byte of a header of MAVLink 2.
    last = gather(array, frames.payload_at(rows[two]) - 1, 1).ravel()
    found[two] |= last.astype(np.uint32) << 16
    return found


def _headers(array: Bytes, at: Offsets) -> Bytes:
    """Return ``HEADER`` bytes from each place on, zeros beyond the end."""
    inside = at + HEADER <= len(array)
    if inside.all():
        return gather(array, at, HEADER)
    rows = np.zeros((len(at), HEADER), np.uint8)
    rows[inside] = gather(array, at[inside], HEADER)
    for row in np.flatnonzero(~inside).tolist():
        tail = array[at[row] :]
        rows[row, : len(tail)] = tail
    return rows


def looks(stamp: int) -> Callable[[Bytes], Flags]:
    """Return the test of whether a frame could begin at each place of a block."""
    return _stamped if stamp else _marked


def _marked(block: Bytes) -> Flags:
    test: Flags = (block == MARKS[0]) | (block == MARKS[1])
    return test


def _stamped(block: Bytes) -> Flags:
    places = len(block) - STAMP
    mark = block[STAMP:]
    test: Flags = (mark == MARKS[0]) | (mark == MARKS[1])
    test &= block[:places] == 0
    test &= block[1 : places + 1] <= LAST_ERA
    return test
