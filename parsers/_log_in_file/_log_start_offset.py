"""Where the log in a file begins, of which the first bytes are no head of any format.

A head may be lost (overwritten, or cut off) or lie behind junk, such as the zeros and ``ff`` of
an erased flash.  Each format of chained records looks for its own records
(``Format.find_start_offset``) by what proves them: a checksum, or many records of which each begins
where the one before ends.
Text formats prove themselves at the first whole line, all formats behind filling.

Every search is linear and bounded: all of the first ``MOST_SEARCHED`` bytes and, of a larger file,
``SPREAD_WINDOWS`` windows that lie evenly over the rest, one after another, so that neither time
nor memory grow with the file beyond that.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .._file_content import Content, release_array_pages
from .._record_layout import ByteArray
from ._filler_bytes import leading_filler_size_and_period

#: Bytes from the start of a file in which the records of a log are searched for, and the windows
#: of a larger file beyond them.
MOST_SEARCHED, SPREAD_WINDOWS = 1 << 26, 64
#: Bytes that are searched at a time.
SEARCH_WINDOW = 1 << 20
#: A log behind junk is copied to be read, if it has no more bytes than this.
MOST_COPIED = 1 << 28
#: A log behind zeros may itself begin with so many.
_LEADING_ZEROS = 8
#: Bytes in which the first whole line of a text is looked for, and printable bytes that make it.
_TEXT_SEARCHED, _LEAST_TEXT = 1 << 17, 64


@dataclass(frozen=True, slots=True)
class LogStartOffset:
    """Where records of one format begin that prove themselves."""

    #: First byte of the first such record, or of the head behind junk.
    offset: int
    #: Share of the searched bytes from there on that its records explain, 0 to 1.
    share: float
    #: Bytes that stand for the lost head, from which the reader reads on as if they preceded
    #: ``offset``; empty where the head is whole; ``None``: the reader finds the records in the
    #: whole file by itself.
    assumed_head: bytes | None = None
    #: What is not known of the format version for want of the head; ``None``: it is known.
    version: str | None = None


def windows_to_search_with_offsets(
    array: ByteArray, overlap: int
) -> Iterator[tuple[int, ByteArray]]:
    """Yield first byte and bytes of each window to search, without those that only repeat a block.

    Args:
        array: The bytes of the file.
        overlap: Bytes by which each reaches into the next, so that what lies across is found.
    """
    rest = range(MOST_SEARCHED, len(array), SEARCH_WINDOW)
    begins = [
        *range(0, min(len(array), MOST_SEARCHED), SEARCH_WINDOW),
        *rest[:: max(1, -(-len(rest) // SPREAD_WINDOWS))],
    ]
    for begin in begins:
        window = array[begin : begin + SEARCH_WINDOW + overlap]
        if leading_filler_size_and_period(window)[0] < len(window):
            yield begin, window
        release_array_pages(array, begin, begin + SEARCH_WINDOW)


def offsets_of_byte_pattern(content: Content, mark: bytes, first: int = 0) -> Iterator[int]:
    """Yield where a mark stands in the first ``MOST_SEARCHED`` bytes, in order.

    Args:
        content: The file.
        mark: Bytes to find.
        first: Where to begin.
    """
    end = min(len(content), MOST_SEARCHED)
    for begin in range(first, end, SEARCH_WINDOW):
        stop = min(begin + SEARCH_WINDOW + len(mark) - 1, end)
        at = content.data.find(mark, begin, stop)
        while at >= 0:
            yield at
            at = content.data.find(mark, at + 1, stop)
        release_array_pages(content.array, begin, begin + SEARCH_WINDOW)


def possible_log_start_offsets(content: Content) -> Iterator[int]:
    """Yield the bytes at which a log may begin with its head or, of a text, its first whole line.

    None of them is 0.
    """
    array = content.array
    filled, period = leading_filler_size_and_period(array)
    if filled == len(array):
        return
    if filled:
        yield filled
        # The first bytes of a log may be filling too.
        fewest = filled - min(_LEADING_ZEROS, filled - 1) if period == 1 else filled
        yield from range(filled - 1, fewest - 1, -1)
    line = _first_whole_line_offset(array, filled)
    if line is not None:
        yield line


def _first_whole_line_offset(array: ByteArray, begin: int) -> int | None:
    """Return where the first whole line begins of a text whose first bytes are none."""
    some = array[begin : begin + _TEXT_SEARCHED]
    is_text = (some >= 32) | (some == 9) | (some == 10) | (some == 13)
    is_text &= some != 127
    torn = np.flatnonzero(~is_text)
    first = int(torn[-1]) + 1 if len(torn) else 0
    ends = np.flatnonzero(some[first:] == 10)
    if not len(ends):
        return None
    line = begin + first + int(ends[0]) + 1
    return line if line > 0 and len(array) - line >= _LEAST_TEXT else None
