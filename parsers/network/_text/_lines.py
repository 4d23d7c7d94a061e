"""The lines of a text, plain or gzip: in batches, each line with its offset in the file.

A text may have hundreds of megabytes, so it is never held in memory as a whole.  In gzip the
offset of a line is known to within a chunk of compressed bytes, and interpolated within it.
"""

import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._coverage import ByteCoverage, coverage_kind_code
from ..._file_content import Content
from ..._model import Issue

Ints = npt.NDArray[np.int64]
#: What a line is read as.
Parsed = TypeVar("Parsed")
Flags = npt.NDArray[np.bool_]
LineKinds = npt.NDArray[np.uint8]

GZIP = b"\x1f\x8b\x08"
#: Bytes of text that are looked at together, and packed bytes that are unpacked together.
_TEXT_CHUNK, _GZIP_CHUNK = 1 << 20, 1 << 12
#: No line is longer; a text that unpacks to more is read in part, and so is one of more lines.
_MAX_LINE, _MAX_TEXT, _MAX_LINES = 1 << 20, 1 << 30, 8_000_000
#: Equal lines one after another that may be a log's own; of more the first alone is read.
_MAX_EQUAL_LINES = 100
#: Issues listed one by one; further ones are merged.
_MAX_ISSUES = 10_000


class LineKind(IntEnum):
    """What a line is; ``_COVERAGE_CODES`` has the number of its kind of coverage."""

    GAP, RECORD, HEADER, PADDING, OPAQUE = range(5)


_COVERAGE_CODES = np.array(
    [coverage_kind_code(kind) for kind in ("gap", "records", "header", "padding", "opaque")]
)
_CONTROL = np.array([byte < 32 and byte not in (9, 10, 13) for byte in range(256)])


@dataclass(frozen=True, slots=True)
class LineBatch:
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

    def kinds_all_set_to(self, kind: LineKind = LineKind.GAP) -> LineKinds:
        """Return a kind for each line, all of them the same to begin with."""
        return np.full(len(self), kind, np.uint8)


@dataclass(frozen=True, slots=True)
class ParsedLines(Generic[Parsed]):
    """The lines of a batch of which each is a record by itself, or none."""

    kinds: LineKinds
    #: Index in the batch of each record, and the record.
    rows: list[int]
    records: list[Parsed]


def parse_lines(batch: LineBatch, parse: Callable[[str], Parsed | None]) -> ParsedLines[Parsed]:
    """Return what each line is; ``parse`` returns its record, or ``None``."""
    parsed: ParsedLines[Parsed] = ParsedLines(batch.kinds_all_set_to(), [], [])
    for row, text in enumerate(batch.lines):
        record = parse(text)
        if record is not None:
            parsed.kinds[row] = LineKind.RECORD
            parsed.rows.append(row)
            parsed.records.append(record)
        elif not text.strip():
            parsed.kinds[row] = LineKind.PADDING
    return parsed


@dataclass(frozen=True, slots=True)
class ReadExtent:
    """How far a text was read, and why not further."""

    read_to: int
    reason: str | None = None


@dataclass(eq=False)
class TextFile:
    """A text in a file."""

    content: Content
    #: Known once all batches were read.
    read_extent: ReadExtent = field(init=False, default=ReadExtent(0))

    @property
    def is_gzip(self) -> bool:
        """Whether the text is packed with gzip."""
        return self.content.head.startswith(GZIP)

    def line_batches(self) -> Iterator[LineBatch]:
        """Yield the lines in order, every byte of the text in one of them."""
        number, text_offset, rest, broken = 0, 0, b"", False
        offset_map: list[tuple[int, int]] = []
        for raw in self._text_chunks(offset_map):
            data = rest + raw
            stop = data.rfind(b"\n") + 1
            if not stop and len(data) <= _MAX_LINE:
                rest = data
                continue
            # A line without an end in sight is cut; what follows of it is no line of its own.
            text = data[: stop or len(data)]
            batch = self._build_batch(text, number, text_offset, offset_map, broken)
            broken, rest = not stop, data[len(text) :]
            number, text_offset = number + len(batch), text_offset + len(text)
            del offset_map[: max(0, len(offset_map) - 2048)]
            yield batch
        if rest:
            yield self._build_batch(rest, number, text_offset, offset_map, broken)

    def _text_chunks(self, offset_map: list[tuple[int, int]]) -> Iterator[bytes]:
        if self.is_gzip:
            yield from self._gzip_chunks(offset_map)
            return
        size = len(self.content)
        for offset in range(0, size, _TEXT_CHUNK):
            yield self.content.data[offset : offset + _TEXT_CHUNK]
            self.content.release_pages()
        self.read_extent = ReadExtent(size)

    def _gzip_chunks(self, offset_map: list[tuple[int, int]]) -> Iterator[bytes]:
        """Yield the unpacked text; ``offset_map`` gets pairs of offsets, in text and file."""
        size, offset, text_size = len(self.content), 0, 0
        engine = zlib.decompressobj(31)
        chunks: list[bytes] = []
        chunk_bytes = 0
        reason = None
        while offset < size and reason is None:
            piece = self.content.data[offset : offset + _GZIP_CHUNK]
            offset_map.append((text_size, offset))
            try:
                out = engine.decompress(piece, _TEXT_CHUNK)
            except zlib.error:
                reason = "the packed text is damaged here"
                break
            offset += len(piece) - len(engine.unconsumed_tail) - len(engine.unused_data)
            text_size += len(out)
            chunks.append(out)
            chunk_bytes += len(out)
            if engine.eof:
                if not self.content.data[offset : offset + 3].startswith(GZIP):
                    reason = None if offset == size else "bytes after the end of the packed text"
                    break
                engine = zlib.decompressobj(31)
            elif text_size > _MAX_TEXT:
                reason = "the packed text is too long to be read whole"
            if chunk_bytes >= _TEXT_CHUNK:
                yield b"".join(chunks)
                chunks, chunk_bytes = [], 0
        else:
            if reason is None and not engine.eof:
                reason = "the packed text is cut short"
        offset_map.append((text_size, offset))
        self.read_extent = ReadExtent(offset, reason)
        yield b"".join(chunks)

    def _build_batch(
        self,
        raw: bytes,
        number: int,
        text_offset: int,
        offset_map: list[tuple[int, int]],
        broken: bool,
    ) -> LineBatch:
        array = np.frombuffer(raw, np.uint8)
        ends = np.flatnonzero(array == 10).astype(np.int64) + 1
        open_ = not raw.endswith(b"\n")
        if open_:
            ends = np.append(ends, len(raw))
        begins = np.concatenate([[0], ends[:-1]]).astype(np.int64)
        controls = np.flatnonzero(_CONTROL[array])
        bad = np.searchsorted(controls, ends) > np.searchsorted(controls, begins)
        bad |= ends - begins > _MAX_LINE
        bad[0] |= broken
        lines = raw.decode("utf-8", "backslashreplace").split("\n")[: len(ends)]
        if number == 0:
            lines[0] = lines[0].removeprefix("\ufeff")
        for row in np.flatnonzero(bad).tolist():
            lines[row] = ""
        lines = [line[:-1] if line.endswith("\r") else line for line in lines]
        return LineBatch(
            number,
            begins + text_offset,
            ends + text_offset,
            self._file_offsets(begins + text_offset, offset_map),
            lines,
            bad,
            open_,
        )

    def _file_offsets(self, text_offsets: Ints, offset_map: list[tuple[int, int]]) -> Ints:
        if not self.is_gzip:
            return text_offsets
        text, file = np.array(offset_map, np.int64).T
        last = len(self.content) - 1
        offsets: Ints = np.minimum(np.interp(text_offsets, text, file).astype(np.int64), last)
        return offsets


@dataclass(eq=False)
class LineCoverage:
    """What every byte of a text is, line by line."""

    text: TextFile
    #: End in the text, and kind, of each run of lines: a text may have one a line.
    run_ends: "array[int]" = field(default_factory=lambda: array("q"))
    run_kinds: bytearray = field(default_factory=bytearray)
    issues: list[Issue] = field(default_factory=list)
    lines: int = 0

    def add_lines(self, batch: LineBatch, kinds: LineKinds, reason: str) -> None:
        """Add the kinds of the lines of a batch; ``reason`` is that of lines that are no record."""
        first = np.concatenate([[0], np.flatnonzero(kinds[1:] != kinds[:-1]) + 1])
        last = np.concatenate([first[1:] - 1, [len(kinds) - 1]])
        for begin, end, kind, offset in zip(
            batch.begins[first].tolist(), batch.ends[last].tolist(), kinds[first].tolist(),
            batch.offsets[first].tolist(), strict=True,
        ):  # fmt: skip
            if kind == LineKind.GAP:
                cut = batch.unterminated and end == int(batch.ends[-1])
                size = 0 if self.text.is_gzip else end - begin
                self._add_gap(offset, size, "the last line is cut short" if cut else reason)
            if self.run_kinds and self.run_kinds[-1] == kind:
                self.run_ends[-1] = end
            else:
                self.run_ends.append(end)
                self.run_kinds.append(kind)
        self.lines += len(batch)

    def add_repeated_lines(self, batch: LineBatch, rows: Sequence[int]) -> None:
        """Add a remark where a line stands very often, one after another, and is read once."""
        if rows:
            what = f"{len(rows):,} lines are equal to the one before them and are not read again"
            self._add_gap(int(batch.offsets[rows[0]]), 0, what)

    def _add_gap(self, offset: int, size: int, reason: str) -> None:
        last = self.issues[-1] if self.issues else None
        if last is not None and last.offset + last.size == offset and last.reason == reason:
            self.issues[-1] = Issue(last.offset, last.size + size, reason)
        elif last is not None and len(self.issues) >= _MAX_ISSUES:
            self.issues[-1] = Issue(last.offset, offset + size - last.offset, last.reason)
        else:
            self.issues.append(Issue(offset, size, reason))

    def coverage_spans(self) -> ByteCoverage:
        """Return what every byte of the file is; an issue is added for what was not read."""
        size, shape = len(self.text.content), self.text.read_extent
        ends, kinds = np.array(self.run_ends, np.int64), np.array(self.run_kinds, np.uint8)
        codes = _COVERAGE_CODES[kinds]
        if self.text.is_gzip:
            ends, codes = np.array([shape.read_to]), _COVERAGE_CODES[[LineKind.RECORD]]
        end = int(ends[-1]) if len(ends) else 0
        if end < size or shape.reason is not None:
            reason = shape.reason or "the text is too long to be read whole"
            self.issues.append(Issue(end, size - end, reason))
            ends, codes = np.append(ends, size), np.append(codes, _COVERAGE_CODES[LineKind.GAP])
        edges = np.concatenate([[0], ends]).astype(np.int64)
        filled = edges[1:] > edges[:-1]
        return ByteCoverage(np.append(edges[:-1][filled], edges[-1]), codes[filled])


def classify_lines(
    text: TextFile,
    kinds_of_lines: Callable[[LineBatch], LineKinds],
    reason: str,
    is_enough: Callable[[], bool],
) -> LineCoverage:
    """Pass every batch of a text to ``kinds_of_lines``, which returns the kind of each line.

    Of very many equal lines one after another only the first is passed: the others are empty.

    Args:
        text: The text.
        kinds_of_lines: Returns the kind of each line of a batch.
        reason: Why a line is no record, for an issue.
        is_enough: Whether no more can be held, so that the rest of the text is not read.
    """
    coverage = LineCoverage(text)
    last_line = None
    for batch in text.line_batches():
        repeated = _repeated_lines(batch.lines, last_line)
        last_line = batch.lines[-1]
        for row in repeated:
            batch.lines[row] = ""
        kinds = kinds_of_lines(batch)
        kinds[batch.not_text] = LineKind.GAP
        kinds[repeated] = LineKind.OPAQUE
        coverage.add_lines(batch, kinds, reason)
        coverage.add_repeated_lines(batch, repeated)
        if coverage.lines >= _MAX_LINES or is_enough():
            if text.is_gzip:
                read_to = int(batch.offsets[-1])
                text.read_extent = ReadExtent(read_to, "the text is too long to be read whole")
            break
    return coverage


def _repeated_lines(lines: Sequence[str], before: str | None) -> list[int]:
    """Return which lines repeat the one before, in runs that are too long to be a log's own.

    Args:
        lines: The lines of a batch.
        before: The line before them.
    """
    repeated: list[int] = []
    run: list[int] = []
    for row, line in enumerate(lines):
        if line == before and line:
            run.append(row)
            continue
        if len(run) > _MAX_EQUAL_LINES:
            repeated += run
        run, before = [], line
    return repeated + run if len(run) > _MAX_EQUAL_LINES else repeated


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


def head_lines(content: Content, count: int = 8) -> list[str]:
    """Return the first lines of a text, at most so many, without their ends."""
    lines = head_text(content).split("\n")[:count]
    return [line.rstrip("\r") for line in lines]


@dataclass(frozen=True, slots=True)
class LineRecords:
    """The records of one name: lines of a text, taken apart again when asked for."""

    text: TextFile
    #: Numbers of the lines, rising.
    numbers: Ints
    #: Returns the fields of a line that was a record.
    fields: Callable[[int, str], dict[str, Any]]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.numbers)

    def frame(self) -> pd.DataFrame:
        """Return one row for each record, in file order."""
        rows: list[dict[str, Any]] = []
        for batch in self.text.line_batches():
            low, high = np.searchsorted(self.numbers, [batch.first, batch.first + len(batch)])
            for row in (self.numbers[low:high] - batch.first).tolist():
                position = {
                    "offset": int(batch.offsets[row]),
                    "length": int(batch.ends[row] - batch.begins[row]),
                }
                if self.text.is_gzip:
                    position["text_offset"] = int(batch.begins[row])
                values = self.fields(batch.first + row, batch.lines[row])
                rows.append(
                    position | {_unused_name(name, position): values[name] for name in values}
                )
            if high == len(self.numbers):
                break
        return pd.DataFrame(rows)


def _unused_name(name: str, taken: dict[str, int]) -> str:
    return f"{name}'" if name in taken else name


#: Tables that no format of this family fills: these logs hold no flights.
FLIGHT_TABLES = ("track", "events", "captures")
