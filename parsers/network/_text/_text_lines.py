"""The lines of a text: in batches, each line with its offset in the file.

A text may have hundreds of megabytes, so it is never held in memory as a whole.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._byte_coverage import ByteCoverage, coverage_kind_code
from ..._file_content import Content
from ..._model import Issue

Ints = npt.NDArray[np.int64]
#: What a line is read as.
Parsed = TypeVar("Parsed")
Flags = npt.NDArray[np.bool_]
LineKinds = npt.NDArray[np.uint8]

#: Bytes of text that are looked at together.
_TEXT_CHUNK = 1 << 20
#: No line is longer; a text of more lines is read in part.
_MAX_LINE, _MAX_LINES = 1 << 20, 8_000_000
#: Equal lines one after another that may be a log's own; of more the first alone is read.
_MAX_EQUAL_LINES = 100
#: Issues listed one by one; further ones are merged.
_MAX_ISSUES = 10_000


class LineCoverageKind(IntEnum):
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
    #: Where each line begins in the file, and ends with its line end.
    offsets: Ints
    ends: Ints
    #: The lines without their ends; one that is no text is empty.
    lines: list[str]
    #: Lines that are too long, or hold control characters: no text.
    not_text: Flags
    #: Whether the last line has no line end.
    unterminated: bool

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.lines)

    def kinds_all_set_to(self, kind: LineCoverageKind = LineCoverageKind.GAP) -> LineKinds:
        """Return a kind for each line, all of them the same to begin with."""
        return np.full(len(self), kind, np.uint8)


@dataclass(frozen=True, slots=True)
class LineKindsAndParsedRecords(Generic[Parsed]):
    """The lines of a batch of which each is a record by itself, or none."""

    kinds: LineKinds
    #: Index in the batch of each record, and the record.
    rows: list[int]
    records: list[Parsed]


def parse_lines(
    batch: LineBatch, parse: Callable[[str], Parsed | None]
) -> LineKindsAndParsedRecords[Parsed]:
    """Return what each line is; ``parse`` returns its record, or ``None``."""
    parsed: LineKindsAndParsedRecords[Parsed] = LineKindsAndParsedRecords(
        batch.kinds_all_set_to(), [], []
    )
    for row, text in enumerate(batch.lines):
        record = parse(text)
        if record is not None:
            parsed.kinds[row] = LineCoverageKind.RECORD
            parsed.rows.append(row)
            parsed.records.append(record)
        elif not text.strip():
            parsed.kinds[row] = LineCoverageKind.PADDING
    return parsed


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text in a file."""

    content: Content

    def line_batches(self) -> Iterator[LineBatch]:
        """Yield the lines in order, every byte of the text in one of them."""
        number, offset, rest, broken = 0, 0, b"", False
        for raw in self._raw_byte_chunks():
            data = rest + raw
            stop = data.rfind(b"\n") + 1
            if not stop and len(data) <= _MAX_LINE:
                rest = data
                continue
            # A line without an end in sight is cut; what follows of it is no line of its own.
            text = data[: stop or len(data)]
            batch = _build_line_batch(text, number, offset, broken)
            broken, rest = not stop, data[len(text) :]
            number, offset = number + len(batch), offset + len(text)
            yield batch
        if rest:
            yield _build_line_batch(rest, number, offset, broken)

    def _raw_byte_chunks(self) -> Iterator[bytes]:
        for offset in range(0, len(self.content), _TEXT_CHUNK):
            yield self.content.data[offset : offset + _TEXT_CHUNK]
            self.content.release_pages()


def _build_line_batch(raw: bytes, number: int, offset: int, broken: bool) -> LineBatch:
    """Return the lines in some bytes, the first of which is a rest of a line if ``broken``."""
    bytes_ = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(bytes_ == 10).astype(np.int64) + 1
    unterminated = not raw.endswith(b"\n")
    if unterminated:
        ends = np.append(ends, len(raw))
    begins = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    controls = np.flatnonzero(_CONTROL[bytes_])
    bad = np.searchsorted(controls, ends) > np.searchsorted(controls, begins)
    bad |= ends - begins > _MAX_LINE
    bad[0] |= broken
    lines = raw.decode("utf-8", "backslashreplace").split("\n")[: len(ends)]
    if number == 0:
        lines[0] = lines[0].removeprefix("\ufeff")
    for row in np.flatnonzero(bad).tolist():
        lines[row] = ""
    lines = [line[:-1] if line.endswith("\r") else line for line in lines]
    return LineBatch(number, begins + offset, ends + offset, lines, bad, unterminated)


@dataclass(eq=False)
class LineByteCoverage:
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
        for begin, end, kind in zip(
            batch.offsets[first].tolist(), batch.ends[last].tolist(), kinds[first].tolist(),
            strict=True,
        ):  # fmt: skip
            if kind == LineCoverageKind.GAP:
                cut = batch.unterminated and end == int(batch.ends[-1])
                self._add_gap(begin, end - begin, "the last line is cut short" if cut else reason)
            if self.run_kinds and self.run_kinds[-1] == kind:
                self.run_ends[-1] = end
            else:
                self.run_ends.append(end)
                self.run_kinds.append(kind)
        self.lines += len(batch)

    def add_repeated_line_remark(self, batch: LineBatch, rows: Sequence[int]) -> None:
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
        size = len(self.text.content)
        ends, kinds = np.array(self.run_ends, np.int64), np.array(self.run_kinds, np.uint8)
        codes = _COVERAGE_CODES[kinds]
        end = int(ends[-1]) if len(ends) else 0
        if end < size:
            reason = "the text is too long to be read whole"
            self.issues.append(Issue(end, size - end, reason))
            ends, codes = (
                np.append(ends, size),
                np.append(codes, _COVERAGE_CODES[LineCoverageKind.GAP]),
            )
        edges = np.concatenate([[0], ends]).astype(np.int64)
        filled = edges[1:] > edges[:-1]
        return ByteCoverage(np.append(edges[:-1][filled], edges[-1]), codes[filled])


def classify_lines_into_byte_coverage(
    text: TextFile,
    kinds_of_lines: Callable[[LineBatch], LineKinds],
    reason: str,
    is_enough: Callable[[], bool],
) -> LineByteCoverage:
    """Pass every batch of a text to ``kinds_of_lines``, which returns the kind of each line.

    Of very many equal lines one after another only the first is passed: the others are empty.

    Args:
        text: The text.
        kinds_of_lines: Returns the kind of each line of a batch.
        reason: Why a line is no record, for an issue.
        is_enough: Whether no more can be held, so that the rest of the text is not read.
    """
    coverage = LineByteCoverage(text)
    last_line = None
    for batch in text.line_batches():
        repeated = _indices_of_lines_in_long_equal_runs(batch.lines, last_line)
        last_line = batch.lines[-1]
        for row in repeated:
            batch.lines[row] = ""
        kinds = kinds_of_lines(batch)
        kinds[batch.not_text] = LineCoverageKind.GAP
        kinds[repeated] = LineCoverageKind.OPAQUE
        coverage.add_lines(batch, kinds, reason)
        coverage.add_repeated_line_remark(batch, repeated)
        if coverage.lines >= _MAX_LINES or is_enough():
            break
    return coverage


def _indices_of_lines_in_long_equal_runs(lines: Sequence[str], before: str | None) -> list[int]:
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


def beginning_of_text_file(content: Content) -> str:
    """Return the beginning of a text; empty if it is none."""
    head = content.head.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in head[:512]:
        return ""
    return head.decode("utf-8", "replace")


def first_lines_of_text(content: Content, count: int = 8) -> list[str]:
    """Return the first lines of a text, at most so many, without their ends."""
    lines = beginning_of_text_file(content).split("\n")[:count]
    return [line.rstrip("\r") for line in lines]


@dataclass(frozen=True, slots=True)
class RecordsParsedFromLinesOnDemand:
    """The records of one name: lines of a text, taken apart again when asked for."""

    text: TextFile
    #: Numbers of the lines, rising.
    numbers: Ints
    #: Returns the fields of a line that was a record.
    fields: Callable[[int, str], dict[str, Any]]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.numbers)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record, in file order."""
        rows: list[dict[str, Any]] = []
        for batch in self.text.line_batches():
            low, high = np.searchsorted(self.numbers, [batch.first, batch.first + len(batch)])
            for row in (self.numbers[low:high] - batch.first).tolist():
                position = {
                    "offset": int(batch.offsets[row]),
                    "length": int(batch.ends[row] - batch.offsets[row]),
                }
                values = self.fields(batch.first + row, batch.lines[row])
                rows.append(
                    position
                    | {_unused_column_name(name, position): values[name] for name in values}
                )
            if high == len(self.numbers):
                break
        return pd.DataFrame(rows)


def _unused_column_name(name: str, taken: dict[str, int]) -> str:
    return f"{name}'" if name in taken else name


#: Tables that no format of this family fills: these logs hold no flights.
FLIGHT_TABLES = ("track", "events", "captures")
