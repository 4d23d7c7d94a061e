"""Where the frames of a MAVLink stream lie, which are intact, and who sent them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .._layout import Bytes
from .._model import Span
from . import _dialect
from ._chain import Flags, Offsets, candidates, cover, follow, gather, groups
from ._tlog_crc import seeds

#: First byte of a frame of MAVLink 1 and of MAVLink 2.
MARKS = (0xFE, 0xFD)
#: Bytes of a frame around its payload, by version; those of a signature.
AROUND_1, AROUND_2, SIGNATURE = 8, 12, 13
#: Bytes of the time before each frame of a telemetry log.
STAMP = 8
#: Second byte of a time: 8 would be the year 2041; 0 is a clock that starts in 1970.
LAST_ERA = 8
#: A time this far from those around it is not believed.
STRAY_US = 3_600_000_000
#: Bytes of a header of MAVLink 2, the longer one.
HEADER = 10

#: Bytes that are looked at in one go, which bounds the memory this takes.
WINDOW = 1 << 24
#: What a frame is: its checksum is wrong; its number has no definition; it is
#: intact under a definition that is not ours; it is intact and its layout known.
DAMAGED, UNKNOWN, FOREIGN, GOOD = range(4)
#: Frames of one number that must agree on a seed to be believed without a definition.
AGREEING = 3


@dataclass(frozen=True, slots=True)
class Heads:
    """What the first bytes of many frames say; each shape ``(n,)``."""

    version_2: Flags
    #: Bytes of the payload as sent.
    payload: npt.NDArray[np.uint8]
    signed: Flags
    #: Message number.
    number: npt.NDArray[np.uint32]
    sequence: npt.NDArray[np.uint8]
    system: npt.NDArray[np.uint8]
    component: npt.NDArray[np.uint8]
    #: Whether the header is one that a reader may accept.
    valid: Flags

    def sizes(self) -> npt.NDArray[np.int64]:
        """Return the bytes of each frame, without a time before it."""
        sizes = np.where(self.version_2, AROUND_2, AROUND_1) + self.payload.astype(np.int64)
        sizes[self.signed] += SIGNATURE
        return sizes

    def take(self, kept: Offsets | Flags | slice) -> "Heads":
        """Return those of some frames."""
        return Heads(*(getattr(self, name)[kept] for name in Heads.__slots__))

    @classmethod
    def concatenated(cls, parts: Sequence["Heads"]) -> "Heads":
        """Return those of all parts, one after the other."""
        names = cls.__slots__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(eq=False)
class Index:
    """The frames of a stream, in file order."""

    array: Bytes
    #: First byte of each frame or of the time before it, shape ``(n,)``.
    starts: Offsets
    #: The byte after the last of each.
    ends: Offsets
    #: Bytes of time before each frame: 8 in a telemetry log, 0 in a raw stream.
    stamps: npt.NDArray[np.uint8]
    heads: Heads
    #: ``GOOD``, ``FOREIGN``, ``UNKNOWN`` or ``DAMAGED``, shape ``(n,)``.
    status: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.starts)

    @cached_property
    def stamps_us(self) -> npt.NDArray[np.int64]:
        """The ground station's time of each frame, microseconds since 1970; 0: none.

        A frame that lost its own time has that of the frame before it.
        """
        own = self.stamps > 0
        if not own.any():
            return np.zeros(len(self), np.int64)
        told = gather(self.array, self.starts[own], STAMP).view(">i8").ravel().astype(np.int64)
        told = _steady(told)
        return told if own.all() else np.append(0, told)[np.cumsum(own)]

    @cached_property
    def good(self) -> Mapping[int, Offsets]:
        """Message number to the rows of the intact frames that carry it."""
        rows = np.flatnonzero(self.status == GOOD)
        # Every number with a definition fits 16 bits, which sort far faster.
        found = groups(self.heads.number[rows].astype(np.uint16))
        return {number: rows[places] for number, places in found.items()}

    def payload_at(self, rows: Offsets) -> Offsets:
        """Return the first byte of the payload of some frames."""
        head = np.where(self.heads.version_2[rows], 10, 6)
        return self.starts[rows] + self.stamps[rows] + head

    def spans(self) -> tuple[Span, ...]:
        """Return what every byte of the file is; damaged frames are gaps."""
        kept = self.status != DAMAGED
        known = self.status[kept] == GOOD
        return cover(self.starts[kept], self.ends[kept], len(self.array), known)


def index(array: Bytes, stamp: int) -> Index:
    """Find the frames of a stream.

    Every place that looks like a frame is checked by its checksum first, so
    that no intact frame is lost to a look-alike before it.  Frames without an
    intact checksum are kept only where they fill the room between those.

    Args:
        array: The bytes of the file.
        stamp: Bytes of time before each frame: ``STAMP`` or 0.
    """
    found = _chained(_looked(array, stamp), len(array), strict=not stamp)
    if stamp:
        whole = found.status != DAMAGED
        solid = found if whole.all() else found.take(whole)
        if gaps := _gaps(solid.starts, solid.ends, len(array)):
            found = _joined(found, _bare(array, gaps))
    return Index(array, found.starts, found.ends, found.stamps, found.heads, found.status)


@dataclass(frozen=True, slots=True)
class _Found:
    """Places that look like frames, ascending; each shape ``(n,)``."""

    starts: Offsets
    ends: Offsets
    stamps: npt.NDArray[np.uint8]
    heads: Heads
    status: npt.NDArray[np.uint8]

    def take(self, kept: Offsets | Flags | slice) -> "_Found":
        return _Found(
            self.starts[kept],
            self.ends[kept],
            self.stamps[kept],
            self.heads.take(kept),
            self.status[kept],
        )


def _looked(array: Bytes, stamp: int) -> _Found:
    """Return every place that looks like a frame, and what its checksum says."""
    parts = [_look(array, stamp, begin) for begin in range(0, len(array), WINDOW)]
    found = _concatenated([part for part, _ in parts])
    actual = np.concatenate([seeds for _, seeds in parts])
    _accept_foreign(found.status, actual, found.heads.number)
    return found


def _look(array: Bytes, stamp: int, begin: int) -> tuple[_Found, npt.NDArray[np.int16]]:
    """Return the places of one window, and the seed under which each is intact."""
    window = array[begin : begin + WINDOW + stamp]
    starts = candidates(window, stamp + 1, looks(stamp)) + begin
    starts = starts[starts + stamp + AROUND_1 <= len(array)]
    heads = heads_at(array, starts + stamp)
    ends = starts + stamp + heads.sizes()
    fit = heads.valid & (ends <= len(array))
    if not fit.all():
        starts, ends, heads = starts[fit], ends[fit], heads.take(fit)
    covered = heads.payload.astype(np.uint16) + np.where(heads.version_2, 9, 5).astype(np.uint16)
    actual = seeds(array, starts + stamp + 1, covered)
    wanted = _dialect.seeds()[np.minimum(heads.number, 1 << 16)]
    # A frame that is intact under no seed at all is damaged, whatever its number.
    status = np.where((wanted < 0) & (actual >= 0), UNKNOWN, DAMAGED).astype(np.uint8)
    status[(actual == wanted) & (actual >= 0)] = GOOD
    return _Found(starts, ends, np.full(len(starts), stamp, np.uint8), heads, status), actual


def _concatenated(parts: Sequence[_Found]) -> _Found:
    return _Found(
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.stamps for part in parts]),
        Heads.concatenated([part.heads for part in parts]),
        np.concatenate([part.status for part in parts]),
    )


def _accept_foreign(
    status: npt.NDArray[np.uint8], actual: npt.NDArray[np.int16], number: npt.NDArray[np.uint32]
) -> None:
    """Mark as ``FOREIGN`` the frames that are intact under another definition.

    Senders have dialects of their own: the frames of one message number that
    agree on a seed among themselves are whole, although this reader does not
    know (or knows another) layout for that number.
    """
    rows = np.flatnonzero((status != GOOD) & (actual >= 0))
    keys = number[rows].astype(np.int64) << 8 | actual[rows]
    _, place, count = np.unique(keys, return_inverse=True, return_counts=True)
    status[rows[count[place] >= AGREEING]] = FOREIGN


def _chained(found: _Found, size: int, *, strict: bool) -> _Found:
    """Return the frames among the places that look like one."""
    whole = found.status >= FOREIGN
    if not whole.all():
        free = _free(found.starts, found.ends, whole)
        if not free.all():
            found, whole = found.take(free), whole[free]
    chain = follow(found.starts, found.ends, 0, size, sure=whole)
    if isinstance(chain.kept, slice):
        return found
    kept = chain.kept
    if strict:
        # In a raw stream one byte in 128 looks like a frame: one that neither
        # its checksum nor a follower confirms is not believed.
        loose = np.array(chain.doubtful, np.int64)
        kept = np.setdiff1d(kept, loose[~whole[loose]])
    return found.take(kept)


def _gaps(starts: Offsets, ends: Offsets, size: int) -> list[tuple[int, int]]:
    """Return the runs of bytes that no frame holds and that are long enough for one."""
    begins, stops = np.append(0, ends), np.append(starts, size)
    wide = np.flatnonzero(stops - begins >= AROUND_1)
    return list(zip(begins[wide].tolist(), stops[wide].tolist(), strict=True))


def _bare(array: Bytes, gaps: list[tuple[int, int]]) -> _Found:
    """Return the intact frames within gaps that have no time before them."""
    joined = np.concatenate([array[a:b] for a, b in gaps])
    sizes = np.array([b - a for a, b in gaps])
    first = np.cumsum(sizes) - sizes
    found = _looked(joined, 0)
    gap = np.searchsorted(first, found.starts, "right") - 1
    one = (found.status == GOOD) & (found.ends <= first[gap] + sizes[gap])
    found, gap = found.take(one), gap[one]
    found = _chained(found, len(joined), strict=True)
    gap = np.searchsorted(first, found.starts, "right") - 1
    shift = np.array([a for a, _ in gaps], np.int64)[gap] - first[gap]
    return replace(found, starts=found.starts + shift, ends=found.ends + shift)


def _joined(found: _Found, bare: _Found) -> _Found:
    """Return both in file order, without the damaged frames that hold an intact one."""
    if not len(bare.starts):
        return found
    both = _concatenated([found, bare])
    both = both.take(np.argsort(both.starts, kind="stable"))
    solid = both.status != DAMAGED
    return both if solid.all() else both.take(_free(both.starts, both.ends, solid))


def heads_at(array: Bytes, at: Offsets) -> Heads:
    """Return the headers that begin at some places, at least 8 bytes before the end."""
    inside = at + HEADER <= len(array)
    rows = np.zeros((len(at), HEADER), np.uint8)
    if inside.all():
        rows = gather(array, at, HEADER)
    else:
        rows[inside] = gather(array, at[inside], HEADER)
        for row in np.flatnonzero(~inside).tolist():
            tail = array[at[row] :]
            rows[row, : len(tail)] = tail
    two = rows[:, 0] == MARKS[1]
    wide = rows[:, 7].astype(np.uint32)
    wide |= rows[:, 8].astype(np.uint32) << 8
    wide |= rows[:, 9].astype(np.uint32) << 16
    flags = rows[:, 2]
    return Heads(
        version_2=two,
        payload=rows[:, 1].copy(),
        signed=two & ((flags & 1) == 1),
        number=np.where(two, wide, rows[:, 5]).astype(np.uint32),
        sequence=np.where(two, rows[:, 4], rows[:, 2]),
        system=np.where(two, rows[:, 5], rows[:, 3]),
        component=np.where(two, rows[:, 6], rows[:, 4]),
        # A frame with a flag that the reader does not know must not be read.
        valid=~two | (flags <= 1),
    )


def _steady(stamps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return times without those that stray from both sides; no checksum covers them."""
    if len(stamps) < 5 or int(np.abs(np.diff(stamps)).max()) < STRAY_US:
        return stamps
    around = np.lib.stride_tricks.sliding_window_view(np.pad(stamps, 2, "edge"), 5)
    middle = np.median(around, axis=1).astype(np.int64)
    return np.where(np.abs(stamps - middle) < STRAY_US, stamps, middle)


def _free(starts: Offsets, ends: Offsets, good: Flags) -> Flags:
    """Return the intact candidates, and those that share no byte with one."""
    free = np.ones(len(starts), np.bool_)
    proven, proven_ends = starts[good], np.maximum.accumulate(ends[good])
    rest = np.flatnonzero(~good)
    if len(proven) and len(rest):
        before = np.searchsorted(proven, starts[rest], "right")
        inside = (before > 0) & (proven_ends[np.maximum(before - 1, 0)] > starts[rest])
        after = np.minimum(before, len(proven) - 1)
        reaches = (before < len(proven)) & (proven[after] < ends[rest])
        free[rest] = ~inside & ~reaches
    return free


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
