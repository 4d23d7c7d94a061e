"""The lines of a table: which are rows, and what every byte is.

A row is one line: no exporter known writes a line end into a field.  Lines are found and
their fields counted for all at once; only lines with a quote are looked at one by one.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._byte_coverage import CoverageSpan
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._model import Issue
from .._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues
from ._recognise_header import ExportHeader
from ._text_encoding import detect_encoding_with_issues

Ints = npt.NDArray[np.int64]

#: A table of an hour at 10 Hz with 200 columns is some 30 MB; more than these are not read.
_MOST_BYTES, _MOST_LINES = 1 << 28, 2_000_000
#: No row is longer.
_LONGEST_LINE = 1 << 20
#: Stands for a separator inside quotes; as a control character it is in no row.
QUOTED_SEPARATOR = "\x1f"
_CONTROL = np.array([byte < 32 and byte not in (9, 10, 13) for byte in range(256)])
#: Issues reported one by one; further ones are reported together.
_MOST_ISSUES = 10_000


@dataclass(frozen=True, slots=True)
class ExportLines:
    """The rows of a table: the byte where each begins, and their text.

    ``text`` has one row a line, without quotes; ``issues`` are lines that are not rows.
    """

    offsets: Ints
    spans: tuple[CoverageSpan, ...]
    issues: tuple[Issue, ...]
    text: bytes
    encoding: str
    separator: str
    #: Number of columns.
    width: int
    #: Whether fields stood in quotes, and may have held separators.
    has_quotes: bool = False

    def to_dataframe(self, columns: Sequence[int]) -> pd.DataFrame:
        """Return some columns as text, by their number; an empty field is an empty text."""
        frame = pd.read_csv(
            io.BytesIO(self.text),
            sep=self.separator,
            header=None,
            names=list(range(self.width)),
            usecols=list(columns),
            dtype="str",
            na_filter=False,
            quoting=csv.QUOTE_NONE,
            lineterminator="\n",
            skipinitialspace=True,
            skip_blank_lines=False,
            index_col=False,
            encoding=self.encoding,
            encoding_errors="replace",
        )
        if len(frame) != len(self.offsets):
            raise CorruptLogError(0, f"{len(self.offsets)} rows", str(len(frame)))
        return frame


def read_lines(content: Content, header: ExportHeader) -> ExportLines:
    """Return the rows of a table.

    Raises:
        CorruptLogError: If it has none.
    """
    size = len(content)
    stop = size if size <= _MOST_BYTES else content.data.rfind(b"\n", 0, _MOST_BYTES) + 1
    raw = content.data[:stop]
    begins, ends = _line_starts_and_ends(raw, header.end)
    if len(begins) > _MOST_LINES:
        begins, ends = begins[:_MOST_LINES], ends[:_MOST_LINES]
        stop = int(ends[-1])
        raw = raw[:stop]
    good, blank, again = _unquoted_blank_and_header_line_masks(raw, begins, ends, header)
    quoted = _rows_rewritten_without_quotes(raw, begins, ends, header)
    good |= np.isin(np.arange(len(begins)), list(quoted))
    if not good.any():
        raise CorruptLogError(min(header.end, size), "a row of the table", "none")
    bad = ~(good | blank | again)
    kinds = np.select([good, blank, again], ["records", "padding", "header"], "gap")
    issues = _unparsed_line_issues(begins[bad], ends[bad])
    if stop < size:
        issues.append(Issue(stop, size - stop, "the table is too long: only its beginning is read"))
    spans = _line_coverage_spans(size, header.end, begins, ends, kinds, stop)
    rows = np.flatnonzero(good).tolist()
    is_uniform = not quoted and bool(good.all())
    parts = (quoted.get(row) or raw[begins[row] : ends[row]].rstrip(b"\r\n") for row in rows)
    text = raw[header.end :].replace(b"\r\n", b"\n") if is_uniform else b"\n".join(parts) + b"\n"
    separator, width = header.separator.decode(), len(header.columns)
    encoding, doubts = detect_encoding_with_issues(raw)
    issues = sorted([*issues, *doubts], key=lambda issue: issue.offset)
    return ExportLines(
        begins[good], spans, tuple(issues), text, encoding, separator, width, bool(quoted)
    )


def _line_coverage_spans(
    size: int, at: int, begins: Ints, ends: Ints, kinds: npt.NDArray[np.str_], stop: int
) -> tuple[CoverageSpan, ...]:
    """Return what every byte is; lines of one kind that follow each other are one piece."""
    first = np.concatenate([[0], np.flatnonzero(kinds[1:] != kinds[:-1]) + 1])
    last = np.concatenate([first[1:] - 1, [len(kinds) - 1]])
    pieces = [(0, at, "header")]
    pieces += zip(begins[first].tolist(), ends[last].tolist(), kinds[first].tolist(), strict=True)
    if stop < size:
        pieces.append((stop, size, "gap"))
    return spans_covering_bytes_and_gap_issues(size, pieces)[0]


def _line_starts_and_ends(raw: bytes, at: int) -> tuple[Ints, Ints]:
    """Return where each line after the header begins, and ends with its line end."""
    array = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(array[at:] == ord("\n")).astype(np.int64) + at + 1
    if at < len(raw) and (not len(ends) or ends[-1] < len(raw)):
        ends = np.append(ends, len(raw))
    return np.concatenate([[at], ends[:-1]]).astype(np.int64)[: len(ends)], ends


def _unquoted_blank_and_header_line_masks(
    raw: bytes, begins: Ints, ends: Ints, header: ExportHeader
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which lines are rows without quotes, which are blank, which are the header again."""
    array = np.frombuffer(raw, np.uint8)
    separators = _count_flags_set_in_each_line(array == header.separator[0], begins, ends)
    clean = _count_flags_set_in_each_line(_CONTROL[array], begins, ends) == 0
    bare = _count_flags_set_in_each_line(array == ord('"'), begins, ends) == 0
    lengths = ends - begins
    good = clean & bare & (separators == len(header.columns) - 1) & (lengths <= _LONGEST_LINE)
    title = raw[header.begin : header.end].strip()
    blank, again = np.zeros(len(begins), bool), np.zeros(len(begins), bool)
    like = np.flatnonzero((lengths <= 8) | (abs(lengths - len(title)) <= 2))
    for row in like.tolist():
        line = raw[begins[row] : ends[row]].strip()
        blank[row], again[row] = not line, line == title
    return good & ~blank & ~again, blank, again


def _count_flags_set_in_each_line(flags: npt.NDArray[np.bool_], begins: Ints, ends: Ints) -> Ints:
    """Return how many flags are set in each line."""
    positions = np.flatnonzero(flags)
    return np.searchsorted(positions, ends) - np.searchsorted(positions, begins)


def _rows_rewritten_without_quotes(
    raw: bytes, begins: Ints, ends: Ints, header: ExportHeader
) -> dict[int, bytes]:
    """Return the rows with quotes, rewritten without quotes."""
    array = np.frombuffer(raw, np.uint8)
    quotes = np.flatnonzero(array == ord('"'))
    quotes = quotes[quotes >= header.end]
    rows: dict[int, bytes] = {}
    lines = np.unique(np.searchsorted(ends, quotes, side="right"))
    separator = header.separator.decode()
    for row in lines.tolist():
        line = raw[begins[row] : ends[row]]
        if len(line) > _LONGEST_LINE or _CONTROL[np.frombuffer(line, np.uint8)].any():
            continue
        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        try:
            fields = next(csv.reader([text], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:
            continue
        if len(fields) == len(header.columns):
            clean = separator.join(field.replace(separator, QUOTED_SEPARATOR) for field in fields)
            rows[row] = clean.encode("utf-8", "surrogateescape")
    return rows


def _unparsed_line_issues(begins: Ints, ends: Ints) -> list[Issue]:
    """Return an issue for each run of lines that are not rows."""
    issues: list[Issue] = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        last = issues[-1] if issues else None
        if last is not None and (last.offset + last.size == begin or len(issues) >= _MOST_ISSUES):
            issues[-1] = Issue(last.offset, end - last.offset, last.reason)
        else:
            why = "not a row of the table: wrong number of fields, or bytes that are not text"
            issues.append(Issue(begin, end - begin, why))
    return issues


def text_with_quoted_separators_restored(text: str, separator: str) -> str:
    """Return a field with the separators that stood inside its quotes."""
    return text.replace(QUOTED_SEPARATOR, separator)
