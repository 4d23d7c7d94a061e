"""Text files as UTF-8, whatever Unicode they are stored in, with the way back to their own bytes.

A spreadsheet saves a table as UTF-16, an editor saves subtitles so; a Mac's ends lines with a lone
CR.  Readers of text see UTF-8 and LF; offsets of what they read become those of the file again.

Facts: The Unicode Standard 15.0, sections 3.9 (UTF-16) and 23.8 (byte order mark).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._byte_coverage import CoverageSpan
from .._file_content import HEAD_SIZE, Content
from .._model import TABLES, Issue, Log, RecordsOfType

Ints = npt.NDArray[np.int64]

#: Byte order mark -> encoding.
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_REPLACEMENT = 0xFFFD
#: Bytes that show whether a text without a mark is UTF-16; all Latin letters, as a header is.
_PROBE = 64
#: A longer file is no table or subtitle file: it is taken as it is.
_MOST_BYTES = 1 << 29


@dataclass(frozen=True, slots=True)
class RecordsAtFileOffsets:
    """Records that were read from a decoded text, with the offsets of the file itself."""

    decoded: RecordsOfType
    text: "Utf8Text"

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.decoded)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the rows of the decoded records, ``offset`` being that in the file."""
        frame = self.decoded.to_dataframe()
        if "offset" not in frame:
            return frame
        return frame.assign(offset=self.text.file_offsets(frame["offset"].to_numpy(np.int64)))


def unwrap_records_at_file_offsets(records: RecordsOfType) -> RecordsOfType:
    """Return records as their format made them, whatever text they were read from."""
    return records.decoded if isinstance(records, RecordsAtFileOffsets) else records


@dataclass(eq=False)
class Utf8Text:
    """A text file as UTF-8 with lines that end with LF."""

    #: The file, and its text as UTF-8; the same where it is stored so.
    file: Content
    content: Content
    #: Code units of the file that are no character, as issues of the file.
    issues: tuple[Issue, ...] = ()
    #: Bytes of one code unit: 2 in UTF-16.
    unit_size: int = 1

    def file_offsets(self, offsets: Ints) -> Ints:
        """Return where bytes of the UTF-8 text stand in the file, shape as ``offsets``."""
        if self.unit_size == 1:
            return offsets
        # A character of two to three bytes is one code unit, one of four bytes is two.
        units = offsets - np.searchsorted(self._continuation_byte_offsets, offsets)
        units += np.searchsorted(self._four_byte_character_offsets, offsets)
        return np.asarray(np.minimum(units * self.unit_size, len(self.file)), np.int64)

    def log_with_file_offsets(self, log: Log) -> Log:
        """Return a log that was read from ``content`` as one of the file, with its offsets."""
        if self.content is self.file:
            return log
        source = replace(log.source, size=len(self.file), sha256=self.file.sha256, file_sha256="")
        if self.unit_size == 1:
            return replace(log, source=source)
        tables: dict[str, Any] = {
            name: _table_with_source_offsets_in_file(getattr(log, name), self.file_offsets)
            for name in TABLES
        }
        issues = [self._issue_with_file_offset(issue) for issue in log.issues]
        records: Mapping[str, RecordsOfType] = {
            name: RecordsAtFileOffsets(each, self) for name, each in log._records.items()
        }
        return replace(
            log,
            source=source,
            **tables,
            named_positions=self._items_with_file_offsets(log.named_positions),
            host_references=self._items_with_file_offsets(log.host_references),
            fields_of_view=self._items_with_file_offsets(log.fields_of_view),
            issues=tuple(sorted([*issues, *self.issues], key=lambda each: each.offset)),
            coverage=self._spans_with_file_offsets(log),
            _records=records,
        )

    def _items_with_file_offsets(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            replace(item, source_offset=self._file_offset(item.source_offset)) for item in items
        )

    def _issue_with_file_offset(self, issue: Issue) -> Issue:
        begin = self._file_offset(issue.offset)
        end = self._file_offset(issue.offset + issue.size)
        return replace(issue, offset=begin, size=end - begin)

    def _spans_with_file_offsets(self, log: Log) -> tuple[CoverageSpan, ...]:
        spans = list(log.coverage)
        edges = [self._file_offset(span.offset) for span in spans] + [len(self.file)]
        return tuple(
            CoverageSpan(begin, end - begin, span.kind)
            for span, begin, end in zip(spans, edges[:-1], edges[1:], strict=True)
            if end > begin
        )

    def _file_offset(self, offset: int) -> int:
        return int(self.file_offsets(np.array([offset], np.int64))[0])

    @cached_property
    def _continuation_byte_offsets(self) -> Ints:
        """Where a byte stands that continues a character."""
        return np.flatnonzero((self.content.array & 0xC0) == 0x80)

    @cached_property
    def _four_byte_character_offsets(self) -> Ints:
        """Where a character of four bytes is past its first: it takes two code units."""
        return np.flatnonzero(self.content.array >= 0xF0)


def utf8_text(content: Content) -> Utf8Text:
    """Return a file as UTF-8 text; bytes that are no UTF-16 become U+FFFD, and are issues."""
    encoding = _utf16_encoding(content.head)
    if len(content) > _MOST_BYTES:
        return Utf8Text(content, content)
    if encoding is None:
        if not _has_lone_carriage_returns(content.head):
            return Utf8Text(content, content)
        return Utf8Text(
            content, _content_with_text(content, _normalise_line_ends_to_lf(content.data[:]))
        )
    text, damage = _utf16_as_utf8_and_invalid_ranges(content.data[:], encoding)
    issues = [
        Issue(begin, 0, f"{end - begin} bytes that are not UTF-16 text: each stands as U+FFFD")
        for begin, end in damage
    ]
    decoded = _content_with_text(content, _normalise_line_ends_to_lf(text))
    return Utf8Text(content, decoded, tuple(issues), unit_size=2)


def utf8_head(content: Content) -> bytes:
    """Return the first bytes of a file as UTF-8 text, as ``utf8_text`` reads them."""
    head = content.head
    encoding = _utf16_encoding(head)
    return _normalise_line_ends_to_lf(
        head if encoding is None else _utf16_as_utf8_and_invalid_ranges(head, encoding)[0]
    )


def _content_with_text(content: Content, text: bytes) -> Content:
    return replace(content, data=text)


def _utf16_encoding(head: bytes) -> str | None:
    """Return the UTF-16 encoding of a text by its mark, or by its zero bytes; ``None``: another."""
    marked = _MARKS.get(head[:2])
    if marked is not None:
        return marked
    probe = np.frombuffer(head[: min(len(head), _PROBE) // 2 * 2], np.uint8)
    even, odd = probe[::2], probe[1::2]
    if len(probe) < 16:
        return None
    if even.all() and not odd.any():
        return "utf-16-le"
    return "utf-16-be" if odd.all() and not even.any() else None


def _has_lone_carriage_returns(head: bytes) -> bool:
    return b"\r" in head and b"\n" not in head


def _normalise_line_ends_to_lf(text: bytes) -> bytes:
    return text.replace(b"\r", b"\n") if _has_lone_carriage_returns(text[:HEAD_SIZE]) else text


def _utf16_as_utf8_and_invalid_ranges(
    data: bytes, encoding: str
) -> tuple[bytes, list[tuple[int, int]]]:
    """Return UTF-16 as UTF-8, and where bytes of it are no text: begin and end of each run."""
    order = "<" if encoding == "utf-16-le" else ">"
    units = np.frombuffer(data[: len(data) // 2 * 2], f"{order}u2").astype(np.uint16)
    high, low = (units & 0xFC00) == 0xD800, (units & 0xFC00) == 0xDC00
    paired_low = np.zeros(len(units), bool)
    paired_low[1:] = low[1:] & high[:-1]
    paired_high = np.zeros(len(units), bool)
    paired_high[:-1] = paired_low[1:]
    lone = (high & ~paired_high) | (low & ~paired_low)
    units[lone] = _REPLACEMENT
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lone, [False]])))
    damage = [(2 * int(begin), 2 * int(end)) for begin, end in edges.reshape(-1, 2)]
    if len(data) % 2:
        damage.append((len(data) - 1, len(data)))
    return units.astype("<u2").tobytes().decode("utf-16-le").encode("utf-8"), damage


def _table_with_source_offsets_in_file(frame: pd.DataFrame, file_offsets: Any) -> pd.DataFrame:
    if frame.empty:
        return frame
    return frame.assign(source_offset=file_offsets(frame["source_offset"].to_numpy(np.int64)))
