"""The lines of a text, packed with gzip or not: in blocks, each with its place in the file.

A text may be hundreds of megabytes, so it is never held whole.  Of a packed text the place in
the file is known to within the piece that was unpacked at once; how far into that is estimated.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._bytes import Content
from ..._coverage import CoverageSpan
from ..._model import Issue
from ..._secrets import redact_fields

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
LineKinds = npt.NDArray[np.uint8]

GZIP = b"\x1f\x8b\x08"
#: Bytes of text that are looked at together, and packed bytes that are unpacked together.
_PIECE, _PACKED = 1 << 22, 1 << 12
#: No line is longer; a text that unpacks to more is read in part, and so is one of more lines.
_LONGEST, _MOST_TEXT, _MOST_LINES = 1 << 20, 1 << 30, 8_000_000
#: Issues told one by one; further ones are told together.
_MOST_ISSUES = 10_000


class LineKind(IntEnum):
    """What a line is; `_COVERAGE` has the word for it."""

    GAP, RECORD, HEADER, PADDING, OPAQUE = range(5)


_COVERAGE = ("gap", "records", "header", "padding", "opaque")
_CONTROL = np.array([byte < 32 and byte not in (9, 10, 13) for byte in range(256)])


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Lines that follow each other."""

    #: Number of the first line in the text.
    first: int
    #: Where each line begins in the text, and ends with its line end; where it lies in the file.
    begins: Ints
    ends: Ints
    offsets: Ints
    #: The lines without their ends; one that is no text is empty.
    lines: list[str]
    #: Lines that are too long, or hold control characters: no text.
    not_text: Flags
    #: Whether the last line has no line end.
    unterminated: bool

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.lines)

    def kinds(self, kind: LineKind = LineKind.GAP) -> LineKinds:
        """Return a kind for each line, all of them the same to begin with."""
        return np.full(len(self), kind, np.uint8)


@dataclass(frozen=True, slots=True)
class ReadExtent:
    """What became of a text as a whole: up to where it was read, and why not further."""

    read_to: int
    reason: str | None = None


@dataclass(eq=False)
class TextFile:
    """A text in a file."""

    content: Content
    #: Known once all blocks were read.
    read_extent: ReadExtent = field(init=False, default=ReadExtent(0))

    @property
    def is_gzip(self) -> bool:
        """Whether the text is packed with gzip."""
        return self.content.head.startswith(GZIP)

    def blocks(self) -> Iterator[LineBlock]:
        """Yield the lines in order, every byte of the text in one of them."""
        number, at, rest, broken = 0, 0, b"", False
        knots: list[tuple[int, int]] = []
        for raw in self._pieces(knots):
            data = rest + raw
            stop = data.rfind(b"\n") + 1
            if not stop and len(data) <= _LONGEST:
                rest = data
                continue
            # A line without an end in sight is cut; what follows of it is no line of its own.
            whole = data[: stop or len(data)]
            block = self._block(whole, number, at, knots, broken)
            broken, rest = not stop, data[len(whole) :]
            number, at = number + len(block), at + len(whole)
            del knots[: max(0, len(knots) - 2048)]
            yield block
        if rest:
            yield self._block(rest, number, at, knots, broken)

    def _pieces(self, knots: list[tuple[int, int]]) -> Iterator[bytes]:
        if self.is_gzip:
            yield from self._unpacked(knots)
            return
        size = len(self.content)
        for at in range(0, size, _PIECE):
            yield self.content.data[at : at + _PIECE]
            self.content.release_pages()
        self.read_extent = ReadExtent(size)

    def _unpacked(self, knots: list[tuple[int, int]]) -> Iterator[bytes]:
        """Yield the unpacked text; ``knots`` get places in it and where those lie in the file."""
        size, at, told = len(self.content), 0, 0
        engine = zlib.decompressobj(31)
        held: list[bytes] = []
        waiting = 0
        reason = None
        while at < size and reason is None:
            piece = self.content.data[at : at + _PACKED]
            knots.append((told, at))
            try:
                out = engine.decompress(piece, _PIECE)
            except zlib.error:
                reason = "the packed text is damaged here"
                break
            at += len(piece) - len(engine.unconsumed_tail) - len(engine.unused_data)
            told += len(out)
            held.append(out)
            waiting += len(out)
            if engine.eof:
                if not self.content.data[at : at + 3].startswith(GZIP):
                    reason = None if at == size else "bytes after the end of the packed text"
                    break
                engine = zlib.decompressobj(31)
            elif told > _MOST_TEXT:
                reason = "the packed text is too long to be read whole"
            if waiting >= _PIECE:
                yield b"".join(held)
                held, waiting = [], 0
        else:
            if reason is None and not engine.eof:
                reason = "the packed text is cut short"
        knots.append((told, at))
        self.read_extent = ReadExtent(at, reason)
        yield b"".join(held)

    def _block(
        self, raw: bytes, number: int, at: int, knots: list[tuple[int, int]], broken: bool
    ) -> LineBlock:
        array = np.frombuffer(raw, np.uint8)
        ends = np.flatnonzero(array == 10).astype(np.int64) + 1
        open_ = not raw.endswith(b"\n")
        if open_:
            ends = np.append(ends, len(raw))
        begins = np.concatenate([[0], ends[:-1]]).astype(np.int64)
        controls = np.flatnonzero(_CONTROL[array])
        bad = np.searchsorted(controls, ends) > np.searchsorted(controls, begins)
        bad |= ends - begins > _LONGEST
        bad[0] |= broken
        lines = raw.decode("utf-8", "backslashreplace").split("\n")[: len(ends)]
        if number == 0:
            lines[0] = lines[0].removeprefix("\ufeff")
        for row in np.flatnonzero(bad).tolist():
            lines[row] = ""
        lines = [line[:-1] if line.endswith("\r") else line for line in lines]
        return LineBlock(
            number, begins + at, ends + at, self._offsets(begins + at, knots), lines, bad, open_
        )

    def _offsets(self, places: Ints, knots: list[tuple[int, int]]) -> Ints:
        if not self.is_gzip:
            return places
        text, file = np.array(knots, np.int64).T
        last = len(self.content) - 1
        found: Ints = np.minimum(np.interp(places, text, file).astype(np.int64), last)
        return found


@dataclass(eq=False)
class LineCoverage:
    """What every byte of a text is, kept line by line."""

    text: TextFile
    #: Begin, end and kind of runs of lines, in the text.
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    lines: int = 0

    def add(self, block: LineBlock, kinds: LineKinds, reason: str) -> None:
        """Take down what the lines of a block are; ``reason`` says of those that are none why."""
        first = np.concatenate([[0], np.flatnonzero(kinds[1:] != kinds[:-1]) + 1])
        last = np.concatenate([first[1:] - 1, [len(kinds) - 1]])
        for begin, end, kind, offset in zip(
            block.begins[first].tolist(), block.ends[last].tolist(), kinds[first].tolist(),
            block.offsets[first].tolist(), strict=True,
        ):  # fmt: skip
            if kind == LineKind.GAP:
                cut = block.unterminated and end == int(block.ends[-1])
                size = 0 if self.text.is_gzip else end - begin
                self._miss(offset, size, "the last line is cut short" if cut else reason)
            if self.runs and self.runs[-1][2] == kind:
                self.runs[-1] = (self.runs[-1][0], end, kind)
            else:
                self.runs.append((begin, end, kind))
        self.lines += len(block)

    def _miss(self, offset: int, size: int, reason: str) -> None:
        last = self.issues[-1] if self.issues else None
        if last is not None and last.offset + last.size == offset and last.reason == reason:
            self.issues[-1] = Issue(last.offset, last.size + size, reason)
        elif last is not None and len(self.issues) >= _MOST_ISSUES:
            self.issues[-1] = Issue(last.offset, offset + size - last.offset, last.reason)
        else:
            self.issues.append(Issue(offset, size, reason))

    def spans(self) -> tuple[CoverageSpan, ...]:
        """Return what every byte of the file is; an issue is added for what was not read."""
        size, shape = len(self.text.content), self.text.read_extent
        if self.text.is_gzip:
            laid = [(0, shape.read_to, "records")]
        else:
            laid = [(begin, end, _COVERAGE[kind]) for begin, end, kind in self.runs]
        end = laid[-1][1] if laid else 0
        if end < size or shape.reason is not None:
            reason = shape.reason or "the text is too long to be read whole"
            self.issues.append(Issue(end, size - end, reason))
            laid.append((end, size, "gap"))
        return tuple(
            CoverageSpan(begin, end - begin, kind) for begin, end, kind in laid if end > begin
        )


def read_lines(text: TextFile, take: Callable[[LineBlock], LineKinds], reason: str) -> LineCoverage:
    """Hand every block of a text to ``take``, which says what each line is."""
    ledger = LineCoverage(text)
    for block in text.blocks():
        kinds = take(block)
        kinds[block.not_text] = LineKind.GAP
        ledger.add(block, kinds, reason)
        if ledger.lines >= _MOST_LINES:
            if text.is_gzip:
                read_to = int(block.offsets[-1])
                text.read_extent = ReadExtent(read_to, "the text is too long to be read whole")
            break
    return ledger


def head_text(content: Content) -> str:
    """Return the beginning of a text, unpacked if it is packed; empty if it is none."""
    head = content.head
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, 4096)
        except zlib.error:
            return ""
    head = head.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in head[:512]:
        return ""
    return head.decode("utf-8", "replace")


def head_lines(content: Content, most: int = 8) -> list[str]:
    """Return the first lines of a text, at most so many, without their ends."""
    lines = head_text(content).split("\n")[:most]
    return [line.rstrip("\r") for line in lines]


@dataclass(frozen=True, slots=True)
class LineRecords:
    """The records of one name: lines of a text, taken apart again when asked for."""

    text: TextFile
    #: Numbers of the lines, rising.
    numbers: Ints
    #: Returns the fields of a line; it was a record when it was first read.
    fields: Callable[[int, str], dict[str, Any]]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.numbers)

    def frame(self) -> pd.DataFrame:
        """Return one row for each record, in file order, without the secrets in it."""
        rows: list[dict[str, Any]] = []
        for block in self.text.blocks():
            low, high = np.searchsorted(self.numbers, [block.first, block.first + len(block)])
            for row in (self.numbers[low:high] - block.first).tolist():
                place = {
                    "offset": int(block.offsets[row]),
                    "length": int(block.ends[row] - block.begins[row]),
                }
                if self.text.is_gzip:
                    place["text_offset"] = int(block.begins[row])
                told = redact_fields(self.fields(block.first + row, block.lines[row]))
                rows.append(place | {_free(name, place): told[name] for name in told})
            if high == len(self.numbers):
                break
        return pd.DataFrame(rows)


def _free(name: str, taken: dict[str, int]) -> str:
    return f"{name}'" if name in taken else name


#: What is said of every format of this family: it does not tell of flights.
FLIGHT_TABLES = ("track", "events", "captures")
