"""Cues of a subtitle file: where each begins, its time code, and where its text lies.

A cue begins with a line that holds its number and a line that holds its time code.  The text may
hold empty lines and a line of a lone 0, so a cue ends only where the next begins.  WebVTT (W3C,
2019) leaves out the number, may leave out the hours, and may put settings behind the time code;
editors drop numbers too.  Some files have no time codes at all: there the number is followed by the
wall clock.
"""

import mmap
import re
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from ._vectorised_parsing import (
    Bytes,
    Floats,
    Ints,
    byte_matrix_of_texts_at_offsets,
    match_pattern_by_text_shape,
    timecodes_to_seconds,
)

Buffer = mmap.mmap | bytes

BOM = b"\xef\xbb\xbf"
#: More than nine hours of a cue for every one of 60 frames a second.
MOST_CUES = 2_000_000

#: What a WebVTT file begins with.
VTT_MARK = b"WEBVTT"

_TIMECODE = rb"(?:(\d{1,4}):)?(\d\d):(\d\d)[,.:](\d{1,4})"
#: Bytes that are searched at once; blocks much smaller cost more than they save.
_BLOCK = 1 << 23
#: The most bytes of a heading before its arrow with the newline before, and from its arrow on.
_BEFORE_ARROW, _FROM_ARROW = 36, 136
#: Headings that are looked at together.
_HEADINGS_AT_ONCE = 1 << 14
#: A file that was copied in text mode twice ends its lines with CR CR LF.
_NUMBER = rb"(\d{1,9})[ \t]{0,4}\r{0,2}\n"
_TIMES = (
    _TIMECODE + rb"[ \t]{0,4}-->[ \t]{0,4}" + _TIMECODE + rb"(?:[ \t][^\n]{0,99})?[ \t]{0,8}\r{0,2}"
)
#: The two lines with which a cue begins, each without its last newline.
_NUMBER_LINE, _TIMES_LINE = re.compile(_NUMBER), re.compile(_TIMES)
_NUMBER_AND_DATE = re.compile(rb"(?:(?<=\n)|\A)" + _NUMBER + rb"(?=\d{4}[./-]\d)")
_ANY_HEADING = re.compile(
    rb"(?:(?<=\n)|\A)(?:" + _TIMES + rb"(?=\n|\Z)|" + _NUMBER + rb"(?=\d{4}[./-]\d))"
)


@dataclass(frozen=True, slots=True)
class SubtitleCues:
    """Cues in file order; ``data[bodies[i]:ends[i]]`` is the text of cue ``i``."""

    #: Byte where each cue begins, and where the next begins or nothing is known.
    offsets: Ints
    ends: Ints
    text_begins: Ints
    #: Where the text ends; before ``ends`` only where a cue carries more than text.
    text_ends: Ints
    numbers: Ints
    #: Time code, seconds; NaN if missing.
    start_s: Floats
    end_s: Floats
    #: The bytes of the file.
    data: Buffer = field(repr=False)

    def __len__(self) -> int:
        """Return the number of cues."""
        return len(self.offsets)

    @property
    def file_bytes(self) -> Bytes:
        """All bytes of the file, read-only."""
        return np.frombuffer(self.data, np.uint8)

    def text(self, row: int) -> bytes:
        """Return the text of a cue as it stands in the file."""
        return bytes(self.data[int(self.text_begins[row]) : int(self.text_ends[row])])


def has_cue_heading(head: bytes) -> bool:
    """Return whether some bytes hold the beginning of a cue."""
    return bool(_ANY_HEADING.search(head.removeprefix(BOM)))


def find_cues(data: Buffer) -> SubtitleCues:
    """Return the cues of a subtitle file."""
    columns = _columns_of_timecode_cues(data) or _columns_of_dated_cues(data)
    offsets, bodies, numbers, start_s, end_s = columns
    ends = np.append(offsets[1:], len(data))[: len(offsets)]
    bodies = np.minimum(bodies, ends)
    return SubtitleCues(
        offsets,
        ends,
        bodies,
        _end_offsets_of_untruncated_cue_texts(data, ends),
        numbers,
        start_s,
        end_s,
        data,
    )


def _columns_of_timecode_cues(data: Buffer) -> tuple[Ints, Ints, Ints, Floats, Floats] | None:
    """Return offset, body, number, start and end of cues; ``None``: no cue has a time code."""
    array = np.frombuffer(data, np.uint8)
    arrows = _find_timecode_arrows(array)[:MOST_CUES]
    if not len(arrows):
        return None
    first = len(BOM) if data[: len(BOM)] == BOM else 0
    begins, line_begins, ends = _cue_number_and_time_line_bounds(array, arrows, first)
    start_s, end_s, sizes = *np.full((2, len(begins)), np.nan), ends - line_begins
    for rows, match, times in match_pattern_by_text_shape(
        byte_matrix_of_texts_at_offsets(array, line_begins, sizes), sizes, _TIMES_LINE
    ):
        start_s[rows] = timecodes_to_seconds(times[:4], len(match[4]))
        end_s[rows] = timecodes_to_seconds(times[4:], len(match[8]))
    is_cue = np.isfinite(start_s)
    if not is_cue.any():
        return None
    begins, line_begins, ends = begins[is_cue], line_begins[is_cue], ends[is_cue]
    numbers = _cue_numbers(array, begins, line_begins)
    begins = np.where(numbers >= 0, begins, line_begins)
    # A cue without a number has its place as one.
    numbers = np.where(numbers >= 0, numbers, np.arange(1, len(numbers) + 1))
    return begins, ends + 1, numbers, start_s[is_cue], end_s[is_cue]


def _cue_numbers(array: Bytes, begins: Ints, ends: Ints) -> Ints:
    """Return the numbers that stand in the lines before the time codes; -1: none stands there."""
    numbers, sizes = np.full(len(begins), -1, np.int64), ends - begins
    for rows, _, (number,) in match_pattern_by_text_shape(
        byte_matrix_of_texts_at_offsets(array, begins, sizes), sizes, _NUMBER_LINE
    ):
        numbers[rows] = number
    return numbers


def _find_timecode_arrows(array: Bytes) -> Ints:
    """Return where ``-->`` stands."""
    out = [np.zeros(0, np.int64)]
    for begin in range(0, len(array) - 2, _BLOCK):
        block = array[begin : begin + _BLOCK + 2]
        at = np.flatnonzero(block[2:] == 62)
        out.append(begin + at[(block[at] == 45) & (block[at + 1] == 45)])
    return np.concatenate(out)


def _cue_number_and_time_line_bounds(
    array: Bytes, arrows: Ints, first: int
) -> tuple[Ints, Ints, Ints]:
    """Return where the line before that of each arrow begins, that of the arrow, and its end.

    ``first`` is where the first line begins.  Arrows in lines that are too long are left out; where
    the line before is too long to hold a number, the heading begins with that of the arrow.
    """
    parts = [
        _cue_number_and_time_line_bounds_of_chunk(array, arrows[at : at + _HEADINGS_AT_ONCE], first)
        for at in range(0, len(arrows), _HEADINGS_AT_ONCE)
    ]
    before, line, end = (np.concatenate(each) for each in zip(*parts, strict=True))
    return before, line, end


def _cue_number_and_time_line_bounds_of_chunk(
    array: Bytes, arrows: Ints, first: int
) -> tuple[Ints, Ints, Ints]:
    """Return ``_cue_number_and_time_line_bounds`` of arrows whose lines fit in memory."""
    size = _BEFORE_ARROW + _FROM_ARROW
    newlines = (
        byte_matrix_of_texts_at_offsets(array, arrows - _BEFORE_ARROW, np.full(len(arrows), size))
        == 10
    )
    for row in np.flatnonzero(
        (arrows < _BEFORE_ARROW + first) | (arrows + _FROM_ARROW > len(array))
    ).tolist():
        at = np.arange(size) + arrows[row] - _BEFORE_ARROW
        newlines[row] |= (at == first - 1) | (at == len(array))  # as if a line ended there
    every = np.arange(len(arrows))
    before, after = newlines[:, _BEFORE_ARROW - 1 :: -1].copy(), newlines[:, _BEFORE_ARROW:size]
    line = before.argmax(axis=1)  # backwards: the line of the arrow begins there
    end = after.argmax(axis=1)
    is_complete = before[every, line] & after[every, end]
    before[every, line] = False
    above = before.argmax(axis=1)
    above = np.where(before[every, above], above, line)
    starts = arrows - above, arrows - line, arrows + end
    return starts[0][is_complete], starts[1][is_complete], starts[2][is_complete]


def _columns_of_dated_cues(data: Buffer) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Return the same columns for cues with a date after their number."""
    bom = len(BOM) if data[: len(BOM)] == BOM else 0
    matches = list(islice(_NUMBER_AND_DATE.finditer(data[bom:]), MOST_CUES))
    offsets = np.array([match.start() + bom for match in matches], np.int64)
    bodies = np.array([match.end() + bom for match in matches], np.int64)
    numbers = np.array([int(match[1]) for match in matches], np.int64)
    unknown = np.full(len(matches), np.nan)
    return offsets, bodies, numbers, unknown, unknown


def _end_offsets_of_untruncated_cue_texts(data: Buffer, ends: Ints) -> Ints:
    """Return where each text ends; the last one before a value that the end of the file may cut."""
    text_ends = ends.copy()
    if len(text_ends):
        tail = bytes(data[max(0, len(data) - 64) :])
        cut = re.search(rb"(?<![^\s>\])])[^\s>\])]*+\Z", tail)
        text_ends[-1] -= len(cut[0]) if cut else 0
    return text_ends
