"""The index of a text DataFlash log: one message a line, its values already scaled.

Lines before the first definition name the firmware that wrote the log.  Text is not
quoted; the last field of a message may hold commas.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._byte_coverage import CoverageSpan
from ..._model import Issue
from ..._record_layout import Array, ByteArray
from .._shared._record_framing import Flags, Offsets, rows_of_each_key
from ._decimal_commas import with_decimal_points_and_issues
from ._index_binary_log import FMT_DEFINITION, DataflashIndex
from ._message_columns import (
    HEADER_SIZE,
    TEXT_CHARS,
    WIRE_TYPES,
    DataflashMessages,
    FmtDefinition,
    decode_text_to_first_zero_byte,
    distinct_field_labels,
    messages_with_stated_units,
)
from ._text_line_offsets import NEWLINE, TextLines, find_lines, message_name_as_integer

#: A longer line is not one of a log: the longest message has 16 fields or 64 letters.
LONGEST_LINE = 1024
#: Bytes of lines that are copied out at a time.
COPY_BYTES = 1 << 24

#: As many lines of one first word and as many commas are messages whose definition is lost.
LEAST_LINES_OF_LOST_NAME = 3
_RECORDS, _HEADER, _GAP, _PADDING, _UNKNOWN = range(5)
_KINDS = ("records", "header", "gap", "padding", "unknown")
_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,3}")


@dataclass(eq=False)
class TextMessagesOfDefinition:
    """Messages of one definition in a text log; parsed when a field is asked for."""

    array: ByteArray
    definition: FmtDefinition
    offsets: Offsets
    ends: Offsets
    _columns: dict[str, Array] = field(default_factory=dict, repr=False)

    @property
    def lengths(self) -> Offsets:
        """Bytes of each line without its break."""
        return self.ends - self.offsets

    def values_of_label(self, label: str) -> Array:
        """Return a field of each, as written."""
        return self.values_by_field()[label]

    def values_by_field(self) -> Mapping[str, Array]:
        """Return every field of each."""
        if not self._columns:
            self._columns = self._parse_columns()
        return self._columns

    def _parse_columns(self) -> dict[str, Array]:
        made = self.definition
        if not made.can_decode_every_field:
            return {"raw": np.array(list(self._iterate_lines()), object)}
        if any(char in TEXT_CHARS or char in "Ma" for char in made.chars):
            return self._parse_line_by_line()
        if not made.labels:
            return {}
        parts = [self._parse_numeric_lines(rows) for rows in self._row_chunks()]
        return {
            label: np.concatenate([part[label].to_numpy() for part in parts])
            for label in made.labels
        }

    def _parse_numeric_lines(self, rows: slice) -> pd.DataFrame:
        labels = list(self.definition.labels)
        read = pd.read_csv(
            io.BytesIO(_concatenate_line_bytes(self.array, self.offsets[rows], self.ends[rows])),
            header=None,
            names=["\0name", *labels],
            usecols=labels,
            skipinitialspace=True,
            engine="c",
            lineterminator="\n",
            quoting=csv.QUOTE_NONE,
            encoding="latin-1",
            low_memory=False,
        )
        for label in labels:
            if read[label].dtype.kind not in "iuf":
                read[label] = pd.to_numeric(read[label], errors="coerce")
        return read

    def _parse_line_by_line(self) -> dict[str, Array]:
        fields = len(self.definition.chars)
        # A definition may have been cut short.
        rows = [(line.split(",", fields) + [""] * fields)[1:] for line in self._iterate_lines()]
        columns = {}
        for index, (label, char) in enumerate(
            zip(self.definition.labels, self.definition.chars, strict=True)
        ):
            texts = [row[index].strip() for row in rows]
            if char in TEXT_CHARS or (char in "Ma" and not all(_is_number(text) for text in texts)):
                columns[label] = np.array(texts, object)
            else:
                columns[label] = np.asarray(pd.to_numeric(pd.Series(texts), errors="coerce"))
        return columns

    def _iterate_lines(self) -> Iterator[str]:
        for start, end in zip(self.offsets.tolist(), self.ends.tolist(), strict=True):
            yield decode_text_to_first_zero_byte(self.array[start:end].tobytes())

    def _row_chunks(self) -> Iterator[slice]:
        total = np.cumsum(self.ends - self.offsets + 1)
        first = 0
        while first < len(total):
            base = int(total[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(total, base + COPY_BYTES, "right")))
            yield slice(first, last)
            first = last


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()


def _concatenate_line_bytes(array: ByteArray, starts: Offsets, ends: Offsets) -> bytes:
    """Return lines one after another, each with its break, without a loop over them."""
    sizes = ends - starts + 1
    total = np.cumsum(sizes)
    # For each byte of the result, how far it was moved.
    moved = np.repeat(starts - (total - sizes), sizes)
    moved += np.arange(len(moved))
    moved[total - 1] = 0
    out: ByteArray = array[moved]
    out[total - 1] = NEWLINE
    return out.tobytes()


def index_text(array: ByteArray) -> DataflashIndex:
    """Return the messages of a text log."""
    lines = find_lines(array)
    defined = _read_definitions(lines)
    lines, notes = with_decimal_points_and_issues(lines, defined)
    kinds = np.full(len(lines.starts), _GAP, np.uint8)
    kinds[lines.ends == lines.starts] = _PADDING
    written = np.flatnonzero(lines.words == message_name_as_integer("FMT"))
    kinds[: int(written[0]) if len(written) else 0] = _HEADER
    messages: dict[str, DataflashMessages] = {}
    for word, rows in rows_of_each_key(lines.words).items():
        made = defined.get(word)
        if made is None:
            notes += _mark_undefined_lines_and_list_issues(lines, word, rows, kinds)
            continue
        rows = rows[_complete_line_mask(lines, rows, made)]
        if len(rows) == 0:
            continue
        kinds[rows] = _RECORDS
        part = TextMessagesOfDefinition(lines.array, made, lines.starts[rows], lines.ends[rows])
        messages[made.name] = DataflashMessages(made.name, (part,))
    known = messages_with_stated_units(messages)
    issues, spans = _issues_and_coverage(lines, kinds)
    return DataflashIndex(known, (*notes, *issues), spans, known)


def _mark_undefined_lines_and_list_issues(
    lines: TextLines, word: int, rows: Offsets, kinds: npt.NDArray[np.uint8]
) -> list[Issue]:
    """Return a remark on lines that are messages without a definition, and mark them as such."""
    name = word.to_bytes(4, "little").rstrip(b"\0").decode("latin-1")
    rows = rows[kinds[rows] == _GAP]
    if not _NAME.fullmatch(name) or len(rows) < LEAST_LINES_OF_LOST_NAME:
        return []
    counts, numbers = np.unique(lines.commas[rows], return_counts=True)
    rows = rows[lines.commas[rows] == counts[numbers.argmax()]]
    if len(rows) < LEAST_LINES_OF_LOST_NAME:
        return []
    kinds[rows] = _UNKNOWN
    what = f"{len(rows):,} messages {name} have no definition in the log; kept as bytes"
    return [Issue(int(lines.starts[rows[0]]), 0, what)]


def _complete_line_mask(lines: TextLines, rows: Offsets, definition: FmtDefinition) -> Flags:
    """Return which lines have as many fields as their definition lists."""
    commas = lines.commas[rows]
    is_complete = lines.ends[rows] - lines.starts[rows] <= LONGEST_LINE
    if definition.name == "FMT":
        return np.asarray(is_complete & (commas >= 4))
    if not definition.can_decode_every_field or not definition.chars:
        return is_complete
    if definition.chars[-1] in TEXT_CHARS:
        return np.asarray(is_complete & (commas >= len(definition.chars)))
    return np.asarray(is_complete & (commas == len(definition.chars)))


def _read_definitions(lines: TextLines) -> Mapping[int, FmtDefinition]:
    defined = {message_name_as_integer("FMT"): FMT_DEFINITION}
    for row in np.flatnonzero(lines.words == message_name_as_integer("FMT")).tolist():
        start, end = int(lines.starts[row]), int(lines.ends[row])
        if end - start > LONGEST_LINE:
            continue
        text = decode_text_to_first_zero_byte(lines.array[start:end].tobytes())
        fields = [part.strip() for part in text.split(",", 5)[1:]] + [""] * 5
        kind, _, name, chars, listed = fields[:5]
        if not kind.isdigit() or not 0 < len(name) <= 4 or not name.isascii() or name == "FMT":
            continue
        size = HEADER_SIZE + sum(
            np.dtype(WIRE_TYPES[char]).itemsize for char in chars if char in WIRE_TYPES
        )
        labels = distinct_field_labels(chars, listed)
        defined[message_name_as_integer(name)] = FmtDefinition(
            int(kind) & 0xFF, size, name, chars, labels, start
        )
    return defined


def _issues_and_coverage(
    lines: TextLines, kinds: npt.NDArray[np.uint8]
) -> tuple[tuple[Issue, ...], tuple[CoverageSpan, ...]]:
    if len(kinds) == 0:
        return (), ()
    cuts = [0, *(np.flatnonzero(kinds[1:] != kinds[:-1]) + 1).tolist()]
    edges = [*lines.starts[cuts].tolist(), len(lines.array)]
    spans = tuple(
        CoverageSpan(start, end - start, _KINDS[kinds[cut]])
        for cut, start, end in zip(cuts, edges[:-1], edges[1:], strict=True)
    )
    issues = tuple(
        Issue(span.offset, span.size, "not a message, or not as its definition says")
        for span in spans
        if span.kind == "gap"
    )
    return issues, spans


def lines_before_first_definition(index: DataflashIndex, array: ByteArray) -> list[str]:
    """Return the lines before the first definition."""
    head = index.coverage[0] if index.coverage else None
    if head is None or head.kind != "header":
        return []
    text = decode_text_to_first_zero_byte(array[: min(head.size, 4096)].tobytes())
    return [line.strip() for line in text.splitlines() if line.strip()]
