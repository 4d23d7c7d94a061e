"""Texts that differ in nothing but their digits, read as matrices: numbers, clocks, time codes.

A matrix holds one text in each row, zeros after its end; ``sizes`` says where that is.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]

#: Shapes in one file; the dates ``2017.8.5`` and ``2017.10.15`` are two.
_MOST_SHAPES = 64
#: Digits that a float64 holds exactly.
_EXACT = 15
#: ``2021-12-25 12:27:52.373``, ``2017.8.5 14:11:51``, ``2020-04-02 15:19:58,720,764``: milliseconds
#: and microseconds apart.  What may follow those says the same again and is not read.
CLOCK = (
    rb"(\d{4})[-./](\d{1,2})[-./](\d{1,2})[ T](\d{1,2}):(\d\d):(\d\d)"
    rb"(?:[.,](\d{1,6}))?(?:,(\d{3}))?(?:,\d{3}){0,4}"
)
_CLOCK = re.compile(CLOCK)
_EARLIEST, _LATEST = np.datetime64("2010-01-01"), np.datetime64("2100-01-01")
#: A decimal number with at most a unit after it, or the F of a stop before it.
_DECIMAL = re.compile(rb"F?[-+]?(\d{1,15})(?:\.(\d{1,15}))?(?:ms|m/s|m|M|V|%|Mbps|\xc2\xb0)?")


def byte_matrix_of_texts_at_offsets(array: Bytes, begins: Ints, sizes: Ints) -> Bytes:
    """Return the texts that begin at some bytes of an array; what is outside of it is zero."""
    width = max(1, int(sizes.max(initial=0)))
    if len(array) < width:
        array = np.pad(array, (0, width - len(array)))
    last = len(array) - width
    windows = np.ndarray((last + 1,), f"V{width}", array, strides=(1,))
    matrix = windows[np.clip(begins, 0, last)].view(np.uint8).reshape(len(begins), width)
    for row in np.flatnonzero((begins < 0) | (begins > last)).tolist():
        begin = int(begins[row])
        text = array[max(begin, 0) : begin + width]
        matrix[row] = 0
        matrix[row, max(-begin, 0) :][: len(text)] = text
    if (sizes != width).any():
        matrix[np.arange(width) >= sizes[:, None]] = 0
    return matrix


def text_matrix_and_sizes(texts: Sequence[bytes | None]) -> tuple[Bytes, Ints]:
    """Return a matrix of texts, and their sizes."""
    sizes = np.array([len(text or b"") for text in texts], np.int64)
    joined = np.frombuffer(b"".join(text or b"" for text in texts), np.uint8)
    return byte_matrix_of_texts_at_offsets(joined, np.cumsum(sizes) - sizes, sizes), sizes


def group_rows_by_text_shape(matrix: Bytes, sizes: Ints) -> Iterator[Ints]:
    """Yield the rows of each shape, in order: texts that differ in nothing but their digits."""
    count, width = matrix.shape
    plain = np.zeros((count, width + -width % 8), np.uint8)
    np.subtract(matrix, 48, out=plain[:, :width])
    plain *= (plain > 9).view(np.uint8)  # digits are 0 to 9 by now: all become 0
    words = np.vstack([plain.view(np.int64).T, sizes])  # eight bytes at once
    left = np.arange(count)
    for _ in range(_MOST_SHAPES):
        if not len(left):
            return
        same = (words == words[:, :1]).all(axis=0)
        if same.all():
            yield left
            return
        yield left[same]
        left, words = left[~same], words[:, ~same]
    yield from left[:, None]


def match_pattern_by_text_shape(
    matrix: Bytes, sizes: Ints, pattern: re.Pattern[bytes]
) -> Iterator[tuple[Ints, re.Match[bytes], list[Ints]]]:
    """Yield for each shape that a pattern reads its rows, one match, and the number of each group.

    Args:
        matrix: Texts.
        sizes: Their sizes.
        pattern: Says nothing of a digit but that it is one; its groups hold digits only.
    """
    for rows in group_rows_by_text_shape(matrix, sizes):
        first = rows[0]
        match = pattern.fullmatch(matrix[first, : sizes[first]].tobytes())
        if match is not None:
            spans = [match.span(group) for group in range(1, pattern.groups + 1)]
            digits = np.ascontiguousarray(matrix[rows].T)
            yield (
                rows,
                match,
                [_numbers_from_digits(digits[begin:end], len(rows)) for begin, end in spans],
            )


def timecodes_to_seconds(time: Sequence[Ints], digits: int) -> Floats:
    """Return hours, minutes, seconds and a fraction of some digits in seconds."""
    hours, minutes, seconds, fraction = time
    whole_s = hours * 3600 + minutes * 60 + seconds
    return np.asarray(whole_s + fraction / 10.0**digits)


def parse_decimals(matrix: Bytes, sizes: Ints) -> Floats:
    """Return decimal numbers, to the last bit, without their units; NaN for any other text."""
    out = np.full(len(matrix), np.nan)
    for rows, match, (integer, fraction) in match_pattern_by_text_shape(matrix, sizes, _DECIMAL):
        decimals = len(match[2] or b"")
        if len(match[1]) + decimals <= _EXACT:
            values = (integer * 10**decimals + fraction) / 10.0**decimals
            out[rows] = -values if b"-" in match[0] else values
    return out


def parse_wall_clocks(texts: Sequence[bytes | None]) -> Instants:
    """Return wall clocks as they stand, without a zone, shape ``(n,)``; NaT where invalid."""
    return parse_wall_clock_matrix(*text_matrix_and_sizes(texts))


def parse_wall_clock_matrix(matrix: Bytes, sizes: Ints) -> Instants:
    """Return the wall clocks in a matrix, as ``parse_wall_clocks`` does."""
    out = np.full(len(matrix), np.datetime64("NaT"), "datetime64[us]")
    for rows, match, parts in match_pattern_by_text_shape(matrix, sizes, _CLOCK):
        year, month, day, hour, minute, second = parts[:6]
        digits = len(match[7] or b"")
        micro = parts[6] * 10 ** (6 - digits) + (parts[7] if digits == 3 else 0)
        months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
        dates = months.astype("datetime64[D]") + (day - 1)
        known = (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 61)
        known &= (dates.astype("datetime64[M]") == months) & (dates >= _EARLIEST)
        known &= dates < _LATEST
        since = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
        instants = dates.astype("datetime64[us]") + since.astype("timedelta64[us]")
        out[rows[known]] = instants[known]
    return out


def _numbers_from_digits(digits: Bytes, count: int) -> Ints:
    """Return the numbers that decimal digits write; one row for each digit; 0 without rows."""
    value = np.zeros(count, np.int64)
    for digit in digits:
        value *= 10
        value += digit - np.uint8(48)
    return value
