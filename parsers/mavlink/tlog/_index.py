"""Where the frames of a MAVLink stream lie, which are intact, and who sent them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..._bytes import forget
from ..._coverage import Coverage
from ..._layout import Bytes
from .._shared import _dialect
from .._shared._framing import Flags, Offsets, candidates, cover, follow, groups
from ._crc import seeds
from ._frames import (
    AROUND_1,
    DAMAGED,
    FOREIGN,
    GOOD,
    LONGEST_FRAME,
    STAMP,
    TIMED,
    UNKNOWN,
    VERSION_2,
    Frames,
    frames_at,
    joined,
    looks,
    numbers,
    runs,
)
from ._stamps import STRAY_US, Stamps, astray

#: Bytes that are looked at in one go, which bounds the memory this takes.
WINDOW = 1 << 22
#: Frames of one number that must agree on a seed to be believed without a definition.
AGREEING = 3
#: Stands for the number of a frame that is not intact: no definition has it.
NONE = 0xFFFF


@dataclass(eq=False)
class Index:
    """The frames of a stream, in file order."""

    array: Bytes
    frames: Frames

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frames)

    @property
    def starts(self) -> Offsets:
        """First byte of each frame, or of the time before it."""
        return self.frames.starts

    @property
    def status(self) -> npt.NDArray[np.uint8]:
        """``GOOD``, ``FOREIGN``, ``UNKNOWN`` or ``DAMAGED``."""
        return self.frames.status

    @cached_property
    def timed(self) -> bool:
        """Whether the ground station's time stands before frames."""
        return bool(self.frames.has(TIMED).any())

    @cached_property
    def imperfect(self) -> Offsets:
        """Rows of the frames that are not ``GOOD``."""
        return np.flatnonzero(self.status != GOOD)

    def of_status(self, status: int) -> Offsets:
        """Return the rows of the frames that are ``FOREIGN``, ``UNKNOWN`` or ``DAMAGED``."""
        rows: Offsets = self.imperfect[self.status[self.imperfect] == status]
        return rows

    def numbers(self, rows: Offsets) -> npt.NDArray[np.uint32]:
        """Return the message numbers of some frames."""
        return numbers(self.array, self.frames, rows)

    @cached_property
    def good(self) -> Mapping[int, Offsets]:
        """Message number to the rows of the intact frames that carry it."""
        # Every number with a definition fits 16 bits, which sort far faster.
        keys = self.frames.number.astype(np.uint16)
        keys[self.imperfect] = NONE
        return {number: rows for number, rows in groups(keys).items() if number != NONE}

    def spans(self) -> Coverage:
        """Return what every byte of the file is; damaged frames are gaps."""
        kept = self.status != DAMAGED
        frames = self.frames if kept.all() else self.frames.copy(kept)
        starts, ends, known = runs(frames)
        return cover(starts, ends, len(self.array), known)


def index(array: Bytes, stamp: int) -> Index:
    """Find the frames of a stream.

    Every place that looks like a frame is checked by its checksum first, so
    that no intact frame is lost to a look-alike before it.  Frames without an
    intact checksum are kept only where they fill the room between those.

    Args:
        array: The bytes of the file.
        stamp: Bytes of time before each frame: ``STAMP`` or 0.
    """
    found = _looked(array, stamp)
    _chain(found, len(array), strict=not stamp)
    if stamp:
        _shed(found, array)
    if stamp and (gaps := _gaps(found, len(array))):
        found = _with_bare(found, _bare(array, gaps))
    return Index(array, found)


def _looked(array: Bytes, stamp: int) -> Frames:
    """Return every place that looks like a frame, and what its checksum says."""
    # Any byte of a raw stream can look like the beginning of a frame.
    width = WINDOW if stamp else WINDOW // 8
    actual: list[npt.NDArray[np.int16]] = []

    def windows() -> Iterator[tuple[Frames, float]]:
        for begin in range(0, max(len(array), 1), width):
            found, under = _look(array, stamp, begin, width)
            forget(array, begin, begin + width)
            actual.append(under)
            yield found, min(1.0, (begin + width) / max(len(array), 1))

    found = joined(windows())
    _accept_foreign(array, found, np.concatenate(actual))
    return found


def _look(array: Bytes, stamp: int, begin: int, width: int) -> tuple[Frames, npt.NDArray[np.int16]]:
    """Return the places of one window, and the seed under which each is intact."""
    window = array[begin : begin + width + stamp]
    starts = candidates(window, stamp + 1, looks(stamp)) + begin
    found = frames_at(array, starts[starts + stamp + AROUND_1 <= len(array)], stamp)
    covered = found.payload.astype(np.uint16) + np.where(
        found.has(VERSION_2), np.uint16(9), np.uint16(5)
    )
    actual = seeds(array, found.starts.astype(np.int64) + stamp + 1, covered)
    wanted = _dialect.seeds()[np.minimum(found.number, 1 << 16)]
    # A frame that is intact under no seed at all is damaged, whatever its number.
    found.status[(wanted < 0) & (actual >= 0)] = UNKNOWN
    found.status[(actual == wanted) & (actual >= 0)] = GOOD
    found.number = found.number.astype(np.uint16)
    # Most look-alikes lie inside an intact frame of the same window.
    good = found.status == GOOD
    free = _free(found, good)
    if not stamp:
        # In a raw stream one byte in 128 looks like a frame: one that no seed
        # explains is believed only right behind an intact one.
        free &= (actual >= 0) | np.isin(found.starts, found.ends[good])
    if not free.all():
        found.keep(free)
        actual = actual[free]
    return found, actual


def _accept_foreign(array: Bytes, found: Frames, actual: npt.NDArray[np.int16]) -> None:
    """Mark as ``FOREIGN`` the frames that are intact under another definition.

    Senders have dialects of their own: the frames of one message number that
    agree on a seed among themselves are whole, although this reader does not
    know (or knows another) layout for that number.
    """
    rows = np.flatnonzero((found.status != GOOD) & (actual >= 0))
    keys = numbers(array, found, rows).astype(np.int64) << 8 | actual[rows]
    _, place, count = np.unique(keys, return_inverse=True, return_counts=True)
    found.status[rows[count[place] >= AGREEING]] = FOREIGN


def _chain(found: Frames, size: int, *, strict: bool) -> None:
    """Keep only frames among the places that look like one."""
    whole = found.status >= FOREIGN
    if not whole.all():
        free = _free(found, whole)
        if not free.all():
            found.keep(free)
            whole = whole[free]
    chain = follow(found.starts, found.ends, 0, size, sure=whole)
    if isinstance(chain.kept, slice):
        return
    kept = chain.kept
    if strict:
        # One that neither its checksum nor a follower confirms is not believed.
        loose = np.array(chain.doubtful, np.int64)
        kept[loose[~whole[loose]]] = False
    if not kept.all():
        found.keep(kept)


def _shed(found: Frames, array: Bytes) -> None:
    """Take from frames behind a gap a time that is none.

    Where a station wrote frames without times, or a time was lost, the eight bytes before a
    frame may pass for one although they are the last of an intact frame before it.
    """
    behind = np.flatnonzero(found.starts[1:] != found.ends[:-1]) + 1
    if len(found) and found.starts[0] > 0:
        behind = np.append(0, behind)
    if not len(behind):
        return
    wrong, _ = astray(Stamps(array, found.starts), STRAY_US)
    loose = np.intersect1d(behind, wrong)
    found.starts[loose] += STAMP
    found.kind[loose] ^= TIMED


def _gaps(found: Frames, size: int) -> list[tuple[int, int]]:
    """Return the runs of bytes that no whole frame holds and that are long enough for one."""
    whole = found.status != DAMAGED
    solid = found if whole.all() else found.copy(whole)
    starts, ends, _ = runs(solid)
    begins, stops = np.append(0, ends), np.append(starts, size)
    wide = np.flatnonzero(stops - begins >= AROUND_1)
    return list(zip(begins[wide].tolist(), stops[wide].tolist(), strict=True))


def _bare(array: Bytes, gaps: list[tuple[int, int]]) -> Frames:
    """Return the intact frames within gaps that have no time before them."""
    found = joined((_bare_in(array, batch), 1.0) for batch in _batches(gaps))
    # Pieces of one gap overlap.
    found.keep(np.unique(found.starts, return_index=True)[1])
    return found


def _batches(gaps: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the gaps in portions of at most about ``WINDOW`` bytes; long ones in pieces."""
    batch: list[tuple[int, int]] = []
    room = WINDOW
    for start, end in gaps:
        for at in range(start, end, WINDOW):
            piece = at, min(at + WINDOW + LONGEST_FRAME, end)
            if batch and room < piece[1] - at:
                yield batch
                batch, room = [], WINDOW
            batch.append(piece)
            room -= piece[1] - at
    yield batch


def _bare_in(array: Bytes, gaps: list[tuple[int, int]]) -> Frames:
    pieces = np.concatenate([array[a:b] for a, b in gaps])
    sizes = np.array([b - a for a, b in gaps])
    first = np.cumsum(sizes) - sizes
    found = _looked(pieces, 0)
    gap = np.searchsorted(first, found.starts, "right") - 1
    found.keep((found.status == GOOD) & (found.ends <= first[gap] + sizes[gap]))
    _chain(found, len(pieces), strict=True)
    gap = np.searchsorted(first, found.starts, "right") - 1
    found.starts = found.starts + (np.array([a for a, _ in gaps])[gap] - first[gap])
    return found


def _with_bare(found: Frames, bare: Frames) -> Frames:
    """Return both in file order, without the damaged frames that hold an intact one."""
    if not len(bare):
        return found
    both = joined([(found, 1.0), (bare, 1.0)])
    both.keep(np.argsort(both.starts, kind="stable"))
    solid = both.status != DAMAGED
    if not solid.all():
        both.keep(_free(both, solid))
    return both


def _free(found: Frames, good: Flags) -> Flags:
    """Return the intact candidates, and those that share no byte with one."""
    free = np.ones(len(found), np.bool_)
    rest = np.flatnonzero(~good)
    # Runs of intact candidates and of others: right before and behind a run are such as it is not.
    edges = np.concatenate([[0], np.flatnonzero(good[1:] != good[:-1]) + 1, [len(found)]])
    run = np.searchsorted(edges, rest, "right")
    before, after = edges[run - 1] - 1, edges[run]
    starts, sizes = found.starts[rest], found.sizes_of(rest)
    behind = after < len(found)
    free[rest[behind]] &= found.starts[after[behind]] >= (starts + sizes)[behind]
    inside = before[before >= 0]
    ends = found.starts[inside] + found.sizes_of(inside)
    free[rest[before >= 0]] &= ends <= starts[before >= 0]
    return free
