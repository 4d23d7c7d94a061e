"""One pass over the frames of a record file: where each lies, and what lies between.

A frame is ``type, length (one byte, two from version 13 on), payload, 0xFF``.
The fast walk follows the lengths; the trailers of what it found are checked in
bulk.  Where a frame does not hold, the index looks for pictures and markers,
and else for the next place from which three frames chain.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
import numpy.typing as npt

from ..._bytes import Content
from ..._coverage import Span
from ..._layout import Bytes
from ..._model import Issue
from ._file_layout import MARKER, Anatomy
from ._scramble import trailers_hold

Ints = npt.NDArray[np.int64]

TERMINATOR = 0xFF
#: Record types that exist; anything else is a frame by chance.
_KNOWN = np.zeros(256, bool)
_KNOWN[1:64] = True
_KNOWN[[253, 254]] = True
#: Frames walked between two bulk checks, so that much damage stays cheap.
_STRIDE = 4096
#: As many behind damage, where the next may be near.
_FIRST = 256
#: Bytes searched at a time for the next chain of frames.
_WINDOW = 1 << 16
_CHAIN = 3
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
#: What FPV goggles append after the marker; of unknown use.
_EXTENSION = bytes.fromhex("0203000101ad")


@dataclass(frozen=True, slots=True)
class Index:
    """Every frame that holds, in file order, and an account of all other bytes."""

    #: Byte in the file where each payload begins.
    payloads: Ints
    kinds: Bytes
    #: Bytes of each payload.
    sizes: Ints
    #: For each frame, how many gaps lie before it: a chain of ciphertext breaks there.
    gaps_before: Ints
    #: Bytes of type and length before each payload.
    header: int
    spans: tuple[Span, ...]
    issues: tuple[Issue, ...]


@dataclass(slots=True)
class _Walk:
    """What a walk has found so far."""

    data: bytes
    base: int
    wide: bool
    scrambled: bool
    starts: list[Ints] = field(default_factory=list)
    gaps: list[tuple[int, int, str]] = field(default_factory=list)
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def header(self) -> int:
        return 3 if self.wide else 2


def index(content: Content, anatomy: Anatomy, pictures: tuple[int, ...]) -> Index:
    """Index the records of a file, and whatever the app appended after Details.

    Args:
        content: The file.
        anatomy: Its parts.
        pictures: Bytes of each JPEG, as Details state them.
    """
    regions = [(anatomy.records_begin, anatomy.records_end)]
    if anatomy.version < 12 and anatomy.details:
        appended = anatomy.details_at + len(anatomy.details)
        regions.append((appended, len(content)))
    walks = []
    for begin, end in regions:
        walk = _Walk(content.data[begin:end], begin, anatomy.wide, anatomy.scrambled)
        _follow(walk, pictures)
        walks.append(walk)
    return _collect(content, walks)


def _follow(walk: _Walk, pictures: tuple[int, ...]) -> None:
    at, end, stride = 0, len(walk.data), _FIRST
    while at < end:
        starts, at = _walk(walk, at, stride)
        held = _holding(walk, starts)
        if not held.all():
            first = int(np.argmin(held))
            at = int(starts[first])
            starts = starts[:first]
        if len(starts):
            walk.starts.append(starts)
        if held.all() and at < end and len(held) == stride:
            stride = _STRIDE
            continue
        stride = _FIRST
        if at < end:
            at = _step_over(walk, at, pictures)


def _walk(walk: _Walk, at: int, stride: int) -> tuple[Ints, int]:
    """Follow lengths from ``at`` for up to ``stride`` frames; return them and where they end.

    The one loop over every frame of a file: it tests nothing that the end of the
    bytes does not tell by itself.
    """
    data = walk.data
    places = [at]
    append = places.append
    with suppress(IndexError):
        if walk.wide:
            for _ in repeat(None, stride):
                at += 4 + data[at + 1] + (data[at + 2] << 8)
                append(at)
        else:
            for _ in repeat(None, stride):
                at += 3 + data[at + 1]
                append(at)
    if places[-1] > len(data):
        places.pop()
    starts = np.array(places, np.int64)
    ends = np.frombuffer(data, np.uint8)[starts[1:] - 1] != TERMINATOR
    last = int(np.argmax(ends)) if ends.any() else len(ends)
    return starts[:last], places[last]


def _sizes(walk: _Walk, array: Bytes, starts: Ints) -> Ints:
    sizes = array[starts + 1].astype(np.int64)
    return sizes | (array[starts + 2].astype(np.int64) << 8) if walk.wide else sizes


def _holding(walk: _Walk, starts: Ints) -> npt.NDArray[np.bool_]:
    """Return which frames have a type that exists and a trailer that fits."""
    array = np.frombuffer(walk.data, np.uint8)
    kinds = array[starts]
    held = _KNOWN[kinds]
    if walk.scrambled and len(starts):
        sizes = _sizes(walk, array, starts)
        payloads = starts + walk.header
        held = held & trailers_hold(kinds, array[payloads], array[payloads + sizes - 1], sizes)
    return np.asarray(held, bool)


def _step_over(walk: _Walk, at: int, pictures: tuple[int, ...]) -> int:
    """Return where to go on after bytes that are no frame, having accounted for them."""
    data, end = walk.data, len(walk.data)
    if data.startswith(MARKER, at):
        walk.spans.append((at, 4, "header"))
        return at + 4
    if data.startswith(_JPEG, at):
        size = _picture_size(data, at, pictures)
        walk.spans.append((at, size, "media"))
        return at + size
    rest = data[at:]
    if walk.wide and rest == _EXTENSION * (len(rest) // 6):
        walk.spans.append((at, len(rest), "opaque"))
        return end
    if not walk.starts and not walk.spans and _is_digest(rest):
        walk.spans.append((at, len(rest), "opaque"))
        return end
    found = _next_chain(walk, at + 1)
    walk.gaps.append((at, found - at, _reason(walk, at, found)))
    return found


def _picture_size(data: bytes, at: int, pictures: tuple[int, ...]) -> int:
    """Return the bytes of a JPEG: one that Details state and that ends as a JPEG, else by scan."""
    for size in pictures:
        if size > 4 and data[at + size - 2 : at + size] == _JPEG_END:
            return size
    stop = data.find(_JPEG_END, at)
    return (stop + 2 if stop >= 0 else len(data)) - at


def _is_digest(rest: bytes) -> bool:
    """Return whether bytes are the two NUL-padded texts of 40 hex digits that v9/v10 append."""
    texts = rest.replace(b"\0", b"")
    return len(rest) == 128 and len(texts) == 80 and not texts.strip(b"0123456789ABCDEF")


def _reason(walk: _Walk, at: int, found: int) -> str:
    data, end = walk.data, len(walk.data)
    if not any(data[at:found]):
        return "zeros where a record should be"
    size = int.from_bytes(data[at + 1 : at + walk.header], "little")
    last = at + walk.header + size
    if found == end and last >= end:
        return f"record of type {data[at]} cut short by the end of the records"
    if last < end and data[last] == TERMINATOR and _KNOWN[data[at]]:
        return f"record of type {data[at]} whose trailer does not fit"
    return "no record here; the next whole records follow"


def _next_chain(walk: _Walk, begin: int) -> int:
    """Return the first place from ``begin`` on where frames, a picture or the marker follow."""
    data, end = walk.data, len(walk.data)
    array = np.frombuffer(data, np.uint8)
    picture = data.find(_JPEG, begin)
    marker = data.find(MARKER, begin)
    other = min((place for place in (picture, marker) if place >= 0), default=end)
    for window in range(begin, other, _WINDOW):
        starts = np.arange(window, min(window + _WINDOW, other), dtype=np.int64)
        alive, places = starts, starts
        for _ in range(_CHAIN):
            keep, follow = _frames_at(walk, array, places)
            alive, places = alive[keep], follow[keep]
        if len(alive):
            return int(alive[0])
    return other


def _frames_at(walk: _Walk, array: Bytes, at: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return which places hold a frame, and where each of those frames ends.

    The end of the region and the marker count as a frame that leads to itself,
    so that the last records before them can chain.
    """
    end = len(array)
    follow = at.copy()
    keep = at == end
    marked = at + 4 <= end
    marked[marked] = walk_marker(array, at[marked])
    keep |= marked
    inside = np.flatnonzero(~keep & (at + walk.header < end))
    starts = at[inside]
    lasts = starts + walk.header + _sizes(walk, array, starts)
    fits = lasts < end
    inside, starts, lasts = inside[fits], starts[fits], lasts[fits]
    good = array[lasts] == TERMINATOR
    inside, starts, lasts = inside[good], starts[good], lasts[good]
    good = _holding(walk, starts) & (lasts - starts > walk.header)
    keep[inside[good]] = True
    follow[inside[good]] = lasts[good] + 1
    return keep, follow


def walk_marker(array: Bytes, at: Ints) -> npt.NDArray[np.bool_]:
    """Return which places hold the marker; each must leave four bytes."""
    held = np.ones(len(at), bool)
    for place, byte in enumerate(MARKER):
        held &= array[at + place] == byte
    return held


def _collect(content: Content, walks: list[_Walk]) -> Index:
    header = walks[0].header
    starts = np.concatenate(
        [part + walk.base for walk in walks for part in walk.starts] or [np.array([], np.int64)]
    )
    gaps = [(walk.base + at, size, why) for walk in walks for at, size, why in walk.gaps if size]
    spans = [Span(walk.base + at, size, kind) for walk in walks for at, size, kind in walk.spans]
    spans += [Span(at, size, "gap") for at, size, _ in gaps]
    gap_starts = np.array(sorted(at for at, _, _ in gaps), np.int64)
    array = content.array
    return Index(
        payloads=starts + header,
        kinds=array[starts],
        sizes=_sizes(walks[0], array, starts),
        gaps_before=np.searchsorted(gap_starts, starts),
        header=header,
        spans=tuple(spans),
        issues=tuple(Issue(at, size, why) for at, size, why in gaps),
    )
