"""One pass over the frames of a record file: where each lies, and what lies between.

A frame is ``type, length (one byte, two from version 13 on), payload, 0xFF``.
Behind every 0xFF a frame may begin: all these are checked in columns, and the
walk goes along those that follow one another.  Where a frame does not hold, the
index looks for pictures and markers, and else for the next offset from which
three frames chain.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import CoverageSpan
from ..._file_content import Content
from ..._log_in_file._filler_bytes import leading_filler_size_and_period
from ..._model import Issue
from ..._record_layout import ByteArray
from ._file_layout import MARKER, FileLayout
from ._unscramble_bodies import payload_trailer_match_mask

Ints = npt.NDArray[np.int64]

TERMINATOR = 0xFF
#: Record types that exist; anything else is a frame by chance.
_KNOWN_TYPES = np.zeros(256, bool)
_KNOWN_TYPES[1:64] = True
_KNOWN_TYPES[[253, 254]] = True
#: Bytes whose frames are checked together: their columns stay in the processor's cache.
_BLOCK = 1 << 18
#: Bytes searched at a time for the next chain of frames.
_FIRST_WINDOW, _SEARCH_WINDOW = 1 << 9, 1 << 16
_CHAIN_LENGTH = 3
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
#: What FPV goggles append after the marker; of unknown use.
_EXTENSION = bytes.fromhex("0203000101ad")
#: Bytes of the two texts that versions 9 and 10 append.
_HEX_DIGESTS = 128


@dataclass(frozen=True, slots=True)
class RecordFrameIndex:
    """Every frame that holds, in file order, and an account of all other bytes."""

    #: Byte in the file where each payload begins.
    payload_offsets: Ints
    record_types: ByteArray
    #: Bytes of each payload.
    payload_sizes: Ints
    #: For each frame, how many gaps lie before it: a chain of ciphertext breaks there.
    gaps_before: Ints
    #: Bytes of type and length before each payload.
    header_size: int
    spans: tuple[CoverageSpan, ...]
    issues: tuple[Issue, ...]

    def frame_offset(self, frame: "int | np.integer") -> int:
        """Return the byte in the file where a frame begins."""
        return int(self.payload_offsets[frame]) - self.header_size


@dataclass(slots=True)
class RecordFrameWalk:
    """A walk over the frames of some bytes, and what it has found so far."""

    data: bytes
    base: int
    has_wide_lengths: bool
    is_scrambled: bool
    starts: list[Ints] = field(default_factory=list)
    gaps: list[tuple[int, int, str]] = field(default_factory=list)
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    _next_offsets: dict[bytes, int] = field(default_factory=dict)

    def next_offset_of_bytes(self, mark: bytes, begin: int) -> int:
        """Return where some bytes stand next, from ever later offsets on; the end: nowhere."""
        known = self._next_offsets.get(mark, -1)
        if known < begin:
            found = self.data.find(mark, begin)
            known = self._next_offsets[mark] = found if found >= 0 else len(self.data)
        return known

    @property
    def header_size(self) -> int:
        """Bytes of type and length before each payload."""
        return 3 if self.has_wide_lengths else 2


def index_record_frames(
    content: Content, anatomy: FileLayout, pictures: tuple[int, ...]
) -> RecordFrameIndex:
    """Index the records of a file, and whatever the app appended after Details.

    Args:
        content: The file.
        anatomy: Its parts.
        pictures: Bytes of each JPEG, as Details state them.
    """
    regions = [(anatomy.records_begin, anatomy.records_end)]
    if anatomy.version < 12 and anatomy.details:
        appended = anatomy.details_offset + len(anatomy.details)
        regions.append((appended, len(content)))
    walks = []
    for begin, end in regions:
        walk = RecordFrameWalk(
            content.data[begin:end], begin, anatomy.has_wide_lengths, anatomy.is_scrambled
        )
        add_frames_in_region_to_walk(walk, pictures)
        walks.append(walk)
    return _build_frame_index(content, walks)


def add_frames_in_region_to_walk(walk: RecordFrameWalk, pictures: tuple[int, ...]) -> None:
    """Find the frames of a region, and account for the bytes between them.

    Args:
        walk: The region; takes what is found.
        pictures: Bytes of each JPEG, as Details state them.
    """
    array = np.frombuffer(walk.data, np.uint8)
    starts, ends = _frame_starts_and_ends_behind_terminators(walk, array)
    # The last frame of each run of frames that follow one another.
    lasts = np.flatnonzero(np.append(starts[1:] != ends[:-1], True)[: len(starts)])
    at, end = 0, len(walk.data)
    while at < end:
        first = int(np.searchsorted(starts, at))
        if first < len(starts) and starts[first] == at:
            last = int(lasts[np.searchsorted(lasts, first)])
            walk.starts.append(starts[first : last + 1])
            at = int(ends[last])
            continue
        # Behind something else than a terminator.
        start, follow = _starts_and_ends_of_valid_frames(walk, array, np.array([at], np.int64))
        if len(start):
            walk.starts.append(start)
            at = int(follow[0])
        else:
            at = _skip_non_frame(walk, at, pictures)


def _frame_starts_and_ends_behind_terminators(
    walk: RecordFrameWalk, array: ByteArray
) -> tuple[Ints, Ints]:
    """Return every frame that holds and begins behind a byte 0xFF, ascending, and its end.

    By chance some lie within others.
    """
    starts, ends = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for begin in range(0, len(array), _BLOCK):
        behind = np.flatnonzero(array[begin : begin + _BLOCK] == TERMINATOR) + (begin + 1)
        start, end = _starts_and_ends_of_valid_frames(walk, array, behind)
        starts.append(start)
        ends.append(end)
    return np.concatenate(starts), np.concatenate(ends)


def _starts_and_ends_of_valid_frames(
    walk: RecordFrameWalk, array: ByteArray, at: Ints
) -> tuple[Ints, Ints]:
    """Return those of some offsets that hold a frame, and where each of these frames ends."""
    at = at[at + walk.header_size < len(array)]
    ends = at + (walk.header_size + 1) + _payload_sizes(walk, array, at)
    is_inside = ends <= len(array)
    at, ends = at[is_inside], ends[is_inside]
    is_ended = array[ends - 1] == TERMINATOR
    at, ends = at[is_ended], ends[is_ended]
    is_valid = _valid_frame_mask(walk, at)
    return at[is_valid], ends[is_valid]


def _payload_sizes(walk: RecordFrameWalk, array: ByteArray, starts: Ints) -> Ints:
    sizes = array[starts + 1].astype(np.int64)
    return sizes | (array[starts + 2].astype(np.int64) << 8) if walk.has_wide_lengths else sizes


def _valid_frame_mask(walk: RecordFrameWalk, starts: Ints) -> npt.NDArray[np.bool_]:
    """Return which frames have a type that exists and a trailer that fits."""
    array = np.frombuffer(walk.data, np.uint8)
    kinds = array[starts]
    is_valid = _KNOWN_TYPES[kinds]
    if walk.is_scrambled and len(starts):
        sizes = _payload_sizes(walk, array, starts)
        payloads = starts + walk.header_size
        is_valid = is_valid & payload_trailer_match_mask(
            kinds, array[payloads], array[payloads + sizes - 1], sizes
        )
    return np.asarray(is_valid, bool)


def _skip_non_frame(walk: RecordFrameWalk, at: int, pictures: tuple[int, ...]) -> int:
    """Return where to go on after bytes that are no frame, having accounted for them."""
    data, end = walk.data, len(walk.data)
    if data.startswith(MARKER, at):
        walk.spans.append((at, 4, "header"))
        return at + 4
    if data.startswith(_JPEG, at):
        size = _jpeg_byte_count(data, at, pictures)
        walk.spans.append((at, size, "media"))
        return at + size
    if walk.has_wide_lengths and _is_only_fpv_goggles_trailer(data, at):
        walk.spans.append((at, end - at, "opaque"))
        return end
    # The rest is copied only where it may be these texts: damage has many ends.
    is_first = not walk.starts and not walk.spans
    if is_first and end - at == _HEX_DIGESTS and _is_two_padded_hex_digests(data[at:]):
        walk.spans.append((at, _HEX_DIGESTS, "opaque"))
        return end
    next_offset = _find_next_frame_chain(walk, at + 1)
    walk.gaps.append((at, next_offset - at, _gap_reason(walk, at, next_offset)))
    return next_offset


def _is_only_fpv_goggles_trailer(data: bytes, at: int) -> bool:
    """Return whether all bytes from an offset on are what FPV goggles append."""
    size, block = len(data) - at, len(_EXTENSION)
    if size % block or not data.startswith(_EXTENSION, at):
        return False
    if size <= 4 * block:
        return data[at:] == _EXTENSION * (size // block)
    # Stops at the first difference, and copies nothing.
    return leading_filler_size_and_period(np.frombuffer(data, np.uint8)[at:]) == (size, block)


def _jpeg_byte_count(data: bytes, at: int, pictures: tuple[int, ...]) -> int:
    """Return the bytes of a JPEG: one that Details state and that ends as a JPEG, else by scan."""
    for size in pictures:
        if size > 4 and data[at + size - 2 : at + size] == _JPEG_END:
            return size
    stop = data.find(_JPEG_END, at)
    return (stop + 2 if stop >= 0 else len(data)) - at


def _is_two_padded_hex_digests(rest: bytes) -> bool:
    """Return whether bytes are the two NUL-padded texts of 40 hex digits that v9/v10 append."""
    texts = rest.replace(b"\0", b"")
    return len(texts) == 80 and not texts.strip(b"0123456789ABCDEF")


def _gap_reason(walk: RecordFrameWalk, at: int, next_offset: int) -> str:
    data, end = walk.data, len(walk.data)
    if not any(data[at:next_offset]):
        return "zeros where a record should be"
    size = int.from_bytes(data[at + 1 : at + walk.header_size], "little")
    last = at + walk.header_size + size
    if next_offset == end and last >= end:
        return f"record of type {data[at]} cut short by the end of the records"
    if last < end and data[last] == TERMINATOR and _KNOWN_TYPES[data[at]]:
        return f"record of type {data[at]} has an invalid trailer"
    return "bytes that are not a record; the next valid records follow"


def _find_next_frame_chain(walk: RecordFrameWalk, begin: int) -> int:
    """Return the first offset from ``begin`` on where frames, a picture or the marker follow."""
    data, end = walk.data, len(walk.data)
    array = np.frombuffer(data, np.uint8)
    other = min(
        walk.next_offset_of_bytes(_JPEG, begin), walk.next_offset_of_bytes(MARKER, begin), end
    )
    size, window_end = _FIRST_WINDOW, begin
    while window_end < other:
        # The next frame is near as a rule; a window twice as large each time finds it anyway.
        window, window_end = window_end, min(window_end + size, other)
        size = min(2 * size, _SEARCH_WINDOW)
        if (
            leading_filler_size_and_period(array[window:window_end])[0]
            == window_end - window
            > _FIRST_WINDOW
        ):
            continue
        starts = np.arange(window, window_end, dtype=np.int64)
        alive, offsets = starts, starts
        for _ in range(_CHAIN_LENGTH):
            keep, follow = frame_start_mask_and_frame_ends(walk, array, offsets)
            alive, offsets = alive[keep], follow[keep]
        if len(alive):
            return int(alive[0])
    return other


def frame_start_mask_and_frame_ends(
    walk: RecordFrameWalk, array: ByteArray, at: Ints
) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return which offsets hold a frame, and where each of those frames ends.

    The end of the region and the marker count as a frame that leads to itself,
    so that the last records before them can chain.
    """
    end = len(array)
    follow = at.copy()
    keep = at == end
    marked = at + 4 <= end
    marked[marked] = marker_mask_at_offsets(array, at[marked])
    keep |= marked
    inside = np.flatnonzero(~keep & (at + walk.header_size < end))
    starts = at[inside]
    lasts = starts + walk.header_size + _payload_sizes(walk, array, starts)
    fits = lasts < end
    inside, starts, lasts = inside[fits], starts[fits], lasts[fits]
    good = array[lasts] == TERMINATOR
    inside, starts, lasts = inside[good], starts[good], lasts[good]
    good = _valid_frame_mask(walk, starts) & (lasts - starts > walk.header_size)
    keep[inside[good]] = True
    follow[inside[good]] = lasts[good] + 1
    return keep, follow


def marker_mask_at_offsets(array: ByteArray, at: Ints) -> npt.NDArray[np.bool_]:
    """Return which offsets hold the marker; each must leave four bytes."""
    is_marked = np.ones(len(at), bool)
    for index, byte in enumerate(MARKER):
        is_marked &= array[at + index] == byte
    return is_marked


def _build_frame_index(content: Content, walks: list[RecordFrameWalk]) -> RecordFrameIndex:
    header = walks[0].header_size
    starts = np.concatenate(
        [part + walk.base for walk in walks for part in walk.starts] or [np.array([], np.int64)]
    )
    gaps = [(walk.base + at, size, why) for walk in walks for at, size, why in walk.gaps if size]
    spans = [
        CoverageSpan(walk.base + at, size, kind) for walk in walks for at, size, kind in walk.spans
    ]
    spans += [CoverageSpan(at, size, "gap") for at, size, _ in gaps]
    gap_starts = np.array(sorted(at for at, _, _ in gaps), np.int64)
    array = content.array
    return RecordFrameIndex(
        payload_offsets=starts + header,
        record_types=array[starts],
        payload_sizes=_payload_sizes(walks[0], array, starts),
        gaps_before=np.searchsorted(gap_starts, starts),
        header_size=header,
        spans=tuple(spans),
        issues=tuple(Issue(at, size, why) for at, size, why in gaps),
    )
