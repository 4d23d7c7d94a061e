"""Text files as readers expect them, with the way back to their own bytes.

A spreadsheet saves a table as UTF-16, and so does PowerShell what is sent to a file; a Mac's text
ends lines with a lone CR; what was copied from a window may begin with blank lines.  Readers of
text see UTF-8 and LF from the first line that holds something; offsets of what they read become
those of the file again.

Facts: The Unicode Standard 15.0, sections 3.9 (UTF-16) and 23.8 (byte order mark).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .._byte_coverage import CoverageSpan
from .._file_content import HEAD_SIZE, Content
from .._model import FileReading, Issue
from ._shift_log_offsets import file_account_with_replaced_offsets, log_with_replaced_offsets

Ints = npt.NDArray[np.int64]

#: Byte order mark -> encoding.
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_REPLACEMENT = 0xFFFD
#: Bytes that show whether a text without a mark is UTF-16; all Latin letters, as a header is.
_PROBE = 64
#: A longer file is taken as it is: it would lie in memory several times.
_MOST_BYTES = 1 << 29
_UTF8_MARK = b"\xef\xbb\xbf"
#: Blank lines before the first that holds something, with the byte order mark before them.
_BLANK_LINES = re.compile(rb"(?:\xef\xbb\xbf)?+(?:[ \t]*+\r?\n)++")


@dataclass(eq=False)
class Utf8Text:
    """A text file as UTF-8 with lines that end with LF, from its first line that is not blank."""

    file: Content
    content: Content
    #: Code units of the file before those of ``content``.
    lead: int
    #: Code units of the file that are no character, as issues of the file.
    issues: tuple[Issue, ...] = ()
    #: Bytes of one code unit: 2 in UTF-16.
    unit_size: int = 1

    def mapped_offset(self, offset: int) -> int:
        """Return where a byte of ``content`` stands in the file."""
        return int(self.mapped_offsets(np.array([offset], np.int64))[0])

    def mapped_offsets(self, offsets: Ints) -> Ints:
        """Return where bytes of ``content`` stand in the file, shape as ``offsets``."""
        if self.unit_size == 1:
            return offsets + self.lead
        # A character of two to three bytes is one code unit, one of four bytes is two.
        units = offsets - np.searchsorted(self._continuation_byte_offsets, offsets) + self.lead
        units += np.searchsorted(self._four_byte_character_offsets, offsets)
        return np.asarray(np.minimum(units * self.unit_size, len(self.file)), np.int64)

    def mapped_issue(self, issue: Issue) -> Issue:
        """Return an issue at its offset in the file."""
        begin = self.mapped_offset(issue.offset)
        return replace(
            issue, offset=begin, size=self.mapped_offset(issue.offset + issue.size) - begin
        )

    def mapped_spans(self, spans: Sequence[CoverageSpan]) -> tuple[CoverageSpan, ...]:
        """Return what every byte of the file is."""
        edges = [self.mapped_offset(span.offset) for span in spans] + [len(self.file)]
        lead = self.lead * self.unit_size
        return (
            *((CoverageSpan(0, lead, "padding"),) if lead else ()),
            *(
                CoverageSpan(begin, end - begin, span.kind)
                for span, begin, end in zip(spans, edges[:-1], edges[1:], strict=True)
                if end > begin
            ),
        )

    def reading_with_file_offsets(self, reading: FileReading) -> FileReading:
        """Return the reading of ``content`` as one of the file."""
        account = reading.account
        spans = self.mapped_spans(account.coverage)
        return FileReading(
            file_account_with_replaced_offsets(account, self, self.file, spans, self.issues),
            tuple(
                log_with_replaced_offsets(
                    log, self, self.file, self.mapped_spans(log.coverage), self.issues
                )
                for log in reading.logs
            ),
        )

    @cached_property
    def _continuation_byte_offsets(self) -> Ints:
        """Where a byte stands that continues a character."""
        return np.flatnonzero((self.content.array & 0xC0) == 0x80)

    @cached_property
    def _four_byte_character_offsets(self) -> Ints:
        """Where a character of four bytes is past its first: it takes two code units."""
        return np.flatnonzero(self.content.array >= 0xF0)


def text_stored_otherwise(content: Content) -> Utf8Text | None:
    """Return a text that is not stored as readers expect it; ``None``: it is read as it is.

    Bytes that are not UTF-16 become U+FFFD, and are issues.  An XML document states its own
    encoding, and is read as it is.
    """
    encoding = _utf16_encoding(content.head)
    if len(content) > _MOST_BYTES or (encoding is None and not _needs_other_lines(content.head)):
        return None
    unit_size, mark, text, issues = 1, 0, content.data[:], tuple[Issue, ...]()
    if encoding is not None:
        unit_size, mark = 2, 2 if content.head[:2] in _MARKS else 0
        text, damage = _utf16_as_utf8_and_invalid_ranges(text[mark:], encoding)
        issues = tuple(
            Issue(
                mark + begin,
                0,
                f"{end - begin} bytes that are not UTF-16 text: each stands as U+FFFD",
            )
            for begin, end in damage
        )
    if _has_lone_carriage_returns(text[:HEAD_SIZE]):
        text = text.replace(b"\r", b"\n")
    blank = _BLANK_LINES.match(text, 0, HEAD_SIZE)
    lead = 0 if blank is None else blank.end()
    if text[lead : lead + 4].removeprefix(_UTF8_MARK).startswith(b"<"):
        return None
    read = replace(content, data=text[lead:])
    return Utf8Text(content, read, mark // unit_size + lead, issues, unit_size)


def text_head_stored_otherwise(content: Content) -> Content | None:
    """Return the first bytes of such a text as UTF-8, by which a format claims it; else ``None``.

    Whatever begins as a text does may be anything, and is not decoded whole to find that out.
    """
    text = text_stored_otherwise(replace(content, data=content.head))
    return None if text is None else text.content


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


def _needs_other_lines(head: bytes) -> bool:
    """Return whether the first bytes are of a text with blank lines first, or lines ended by CR."""
    if b"\0" in head:
        return False
    return _has_lone_carriage_returns(head) or _BLANK_LINES.match(head) is not None


def _has_lone_carriage_returns(head: bytes) -> bool:
    return b"\r" in head and b"\n" not in head


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
