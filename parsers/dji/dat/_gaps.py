"""What lies between the records: headers, filling, damage, cipher text.

Filling is a run of ``00`` or ``FF`` (memory never written, or erased).  What
is left is a gap with an issue, and the issue says what can be told of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..._coverage import Span
from ..._layout import Bytes
from ..._model import Issue
from . import _enums as words
from ._frames import Frames, may_begin
from ._kinds import (
    BUILD,
    BUILD_AT,
    EVEN,
    HEADER_SIZE,
    LOCKED,
    DatHeader,
    entropy,
    header_at,
    kind_of,
)
from ._stream import Entry, Stream

#: A run of one value, 00 or FF, this long is filling.
_FILLING = 32
_WINDOW = 1 << 22
#: Records that are fewer than this share of a body are chance; and how much tells it is even.
_FEW, _ENOUGH = 0.05, 4096
_SAMPLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Explained:
    """What the bytes that are no record are; places are those of the stream."""

    spans: tuple[Span, ...]
    issues: tuple[Issue, ...]
    headers: tuple[DatHeader, ...]
    #: Files of which nothing could be read for want of a key.
    locked: tuple[Entry, ...]


def explain(stream: Stream, frames: Frames) -> Explained:
    """Return what the bytes between the records are."""
    spans: list[Span] = []
    issues: list[Issue] = []
    headers: list[DatHeader] = []
    locked: list[Entry] = []
    # What is inflated from damaged bytes is as even as cipher text, and is none.
    damaged = stream.packing is not None and bool(stream.packing.issues)
    for entry in stream.entries:
        spans.append(Span(entry.at, entry.begin - entry.at, "header"))
        if (
            kind_of(stream.data[entry.begin : min(entry.end, entry.begin + 256)].tobytes())
            == LOCKED
        ):
            spans += locked_spans(stream.data, entry)
            issues.append(Issue(entry.begin, entry.end - entry.begin, LOCKED_REASON))
            locked.append(entry)
            continue
        found = _Part(stream.data, entry)
        for begin, end in _between(frames, entry):
            found.explain(begin, end)
        headers += found.headers
        if not damaged and found.is_cipher(frames):
            locked.append(entry)
            spans += [_as_encrypted(span) for span in found.spans]
            issues.append(found.cipher_issue())
        else:
            spans += found.spans
            issues += found.issues
    return Explained(tuple(spans), tuple(issues), tuple(headers), tuple(locked))


LOCKED_REASON = "encrypted (LOGH): only the maker can read it; model and serial are in clear"


def locked_spans(data: Bytes, entry: Entry) -> Iterator[Span]:
    """Yield what a LOGH file is: its header, and the cipher text to which the header points."""
    size = entry.end - entry.begin
    stated = int.from_bytes(data[entry.begin + 8 : entry.begin + 16].tobytes(), "little")
    header = stated if 0x38 <= stated <= size else min(0x38, size)
    yield Span(entry.begin, header, "header")
    yield Span(entry.begin + header, size - header, "encrypted")


class _Part:
    """One file of the stream, as it is explained region by region."""

    def __init__(self, data: Bytes, entry: Entry) -> None:
        self.data, self.entry = data, entry
        self.spans: list[Span] = []
        self.issues: list[Issue] = []
        self.headers: list[DatHeader] = []

    def explain(self, begin: int, end: int) -> None:
        """Say what the bytes from one record to the next are."""
        at = begin
        for header in _headers(self.data, begin, end):
            self._explain_rest(at, header.at)
            self.headers.append(header)
            at = min(end, header.at + HEADER_SIZE[header.kind])
            self.spans.append(Span(header.at, at - header.at, "header"))
        self._explain_rest(at, end)

    def _explain_rest(self, begin: int, end: int) -> None:
        if begin == end:
            return
        at = begin
        for first, last in filling(self.data, begin, end):
            self._gap(at, first)
            self.spans.append(Span(first, last - first, "padding"))
            cuts = first > begin or last < end
            if cuts and end < self.entry.end:
                value = int(self.data[first])
                reason = f"{last - first} bytes {value:02x} that cut into records: a lost block"
                self.issues.append(Issue(first, last - first, reason))
            at = last
        self._gap(at, end)

    def _gap(self, begin: int, end: int) -> None:
        if begin < end:
            self.spans.append(Span(begin, end - begin, "gap"))
            self.issues.append(Issue(begin, end - begin, self._reason(begin, end)))

    def _reason(self, begin: int, end: int) -> str:
        inside = (
            f"{self.entry.name} at byte {begin - self.entry.begin}: " if self.entry.name else ""
        )
        length = may_begin(self.data, begin)
        if not length:
            return f"{inside}{end - begin} bytes that are no record whose checksums hold"
        name = "a record"
        if begin + 6 <= len(self.data):
            kind = int(self.data[begin + 4]) | int(self.data[begin + 5]) << 8
            name = (
                f"a record of type {kind}{f' ({words.TEXTS[kind]})' if kind in words.TEXTS else ''}"
            )
        if begin + length > self.entry.end:
            return f"{inside}{name}, {length} bytes, is cut short: {end - begin} are here"
        return f"{inside}{name}, {length} bytes, whose checksum does not hold"

    def is_cipher(self, frames: Frames) -> bool:
        """Return whether hardly a record holds, and the bytes are as even as cipher text.

        Without a header one record is enough to show an image: chance makes none.
        """
        unread = sum(span.size for span in self.spans if span.kind == "gap")
        first, last = np.searchsorted(frames.starts, [self.entry.begin, self.entry.end])
        if unread < _ENOUGH or (first < last and not self.headers):
            return False
        framed = int(frames.lengths[first:last].sum(dtype=np.int64))
        return framed < _FEW * (framed + unread) and self._entropy() >= EVEN

    def _entropy(self) -> float:
        largest = max((span for span in self.spans if span.kind == "gap"), key=lambda one: one.size)
        return entropy(self.data[largest.offset : largest.offset + min(largest.size, _SAMPLE)])

    def cipher_issue(self) -> Issue:
        """Return the issue that stands for all of a file whose payload is cipher text."""
        gaps = [span for span in self.spans if span.kind == "gap"]
        first, last = gaps[0].offset, gaps[-1].offset + gaps[-1].size
        start = self.data[first : first + 32].tobytes().hex(" ")
        inside = f"{self.entry.name}: " if self.entry.name else ""
        where = "its header is in clear, its records are not" if self.headers else "no header"
        reason = (
            f"{inside}encrypted, or of a kind that is not known: {where}; "
            f"{self._entropy():.2f} bits a byte; it begins {start}"
        )
        return Issue(first, last - first, reason)


def _between(frames: Frames, entry: Entry) -> Iterator[tuple[int, int]]:
    """Yield the runs of bytes of a file that no record covers."""
    first, last = np.searchsorted(frames.starts, [entry.begin, entry.end])
    begins = np.concatenate([[entry.begin], frames.ends[first:last]])
    ends = np.concatenate([frames.starts[first:last], [entry.end]])
    if first and frames.ends[first - 1] > entry.begin:
        begins[0] = min(entry.end, frames.ends[first - 1])
    open_ = np.flatnonzero(begins < ends)
    yield from zip(begins[open_].tolist(), ends[open_].tolist(), strict=True)


def _headers(data: Bytes, begin: int, end: int) -> Iterator[DatHeader]:
    """Yield the headers of DATs that begin in some bytes, each after the one before."""
    reached = begin
    for window in range(begin, end, _WINDOW):
        piece = data[window : min(end, window + _WINDOW + 256)].tobytes()
        at = piece.find(BUILD)
        while 0 <= at < _WINDOW + BUILD_AT:
            header = header_at(piece, at - BUILD_AT, window)
            if header is not None and header.at >= reached and _plausible(header):
                yield header
                reached = header.at + HEADER_SIZE[header.kind]
            at = piece.find(BUILD, at + 1)


def _plausible(header: DatHeader) -> bool:
    """Return whether text after the mark is the date of a build, such as ``May 24 2017``."""
    return any(word.isdigit() and len(word) == 4 for word in header.built.split())


def filling(data: Bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of 00 or FF in some bytes: long ones, and any that is all of them."""
    runs: list[list[int]] = []
    for window in range(begin, end, _WINDOW):
        piece = data[window : min(end, window + _WINDOW)]
        cuts = np.flatnonzero(piece[1:] != piece[:-1]) + 1
        firsts = np.concatenate([[0], cuts])
        lasts = np.concatenate([cuts, [len(piece)]])
        value = piece[firsts]
        edge = (firsts == 0) | (lasts == len(piece))
        keep = ((value == 0) | (value == 0xFF)) & ((lasts - firsts >= _FILLING) | edge)
        for row in np.flatnonzero(keep).tolist():
            first, last = window + int(firsts[row]), window + int(lasts[row])
            if runs and runs[-1][1] == first and runs[-1][2] == value[row]:
                runs[-1][1] = last
            else:
                runs.append([first, last, int(value[row])])
    for first, last, _ in runs:
        if last - first >= _FILLING or (first, last) == (begin, end):
            yield first, last


def _as_encrypted(span: Span) -> Span:
    return Span(span.offset, span.size, "encrypted") if span.kind == "gap" else span
