"""Checksums of many MAVLink frames at once, in columns of 64-bit words.

CRC-16/MCRF4XX is what is left of a division by ``x^16 + x^12 + x^5 + 1``, where bits are
coefficients, the first bit sent is that of the highest power, and addition is exclusive-or.
Squaring such a polynomial only doubles the powers of its terms.  So its fourth power,
``x^64 + x^48 + x^20 + 1``, has four terms too: bytes are divided by it eight at a time, with
a few shifts, and what is left of that has the same remainder.

Frames are aligned at their ends, and what precedes them in a row is set to zero, which
contributes nothing.  So there is a loop over the words of a row, and none over frames.
"""

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray
from ._mavlink_message_definitions import accumulate_x25_checksum
from ._record_framing import Offsets, bytes_at_offsets, rows_of_each_key

Checksums = npt.NDArray[np.uint16]
#: Words of the rows of many frames, shape ``(words, frames)``.
Words = npt.NDArray[np.uint64]
Polynomials = TypeVar("Polynomials", Words, npt.NDArray[np.uint32], Checksums)

#: Bytes that a checksum may cover: 9 of the header and the longest payload.
LONGEST_CHECKED = 9 + 255
WORD_SIZE, CHECKSUM_SIZE = 8, 2
#: Words of a row: few widths, so that many frames go together.
ROW_WIDTHS = (2, 3, 4, 5, 6, 8, 11, 16, 23, 34)
#: Bytes of frames handled at a time: few enough to stay in the processor's cache.
CHECKED_AT_ONCE_BYTES = 1 << 20


def matching_crc_extras_of_frames(
    array: ByteArray, starts: Offsets, lengths: Checksums
) -> npt.NDArray[np.int16]:
    """Return the CRC_EXTRA under which each frame is intact; below 0: there is none.

    A frame of random bytes has one by chance in 1 of 256 cases, and a given one
    in 1 of 65,536.

    Args:
        array: The bytes of the file.
        starts: The byte after each frame's first, 64 bits, ascending, shape ``(n,)``.
        lengths: Bytes from there to the checksum, which lies inside the file as they do.
    """
    longest_row = ROW_WIDTHS[-1] * WORD_SIZE
    early = int(np.searchsorted(starts, longest_row))
    if early:
        # Rows of the first frames may begin before the file does.
        head = np.concatenate([np.zeros(longest_row, np.uint8), array[: 2 * longest_row]])
        first = _crc_extra_of_each_frame(head, starts[:early] + longest_row, lengths[:early])
        rest = _crc_extra_of_each_frame(array, starts[early:], lengths[early:])
        return np.concatenate([first, rest])
    return _crc_extra_of_each_frame(array, starts, lengths)


def _crc_extra_of_each_frame(
    array: ByteArray, starts: Offsets, lengths: Checksums
) -> npt.NDArray[np.int16]:
    """Return the CRC_EXTRA of frames before each of which the array holds the longest row."""
    extras = np.empty(len(starts), np.int16)
    ends = starts + lengths + CHECKSUM_SIZE
    for width, frames in rows_of_each_key(_padded_row_width_table_by_byte_count()[lengths]).items():
        size = width * WORD_SIZE
        step = CHECKED_AT_ONCE_BYTES // size
        for first in range(0, len(frames), step):
            some = frames[first : first + step]
            rows = bytes_at_offsets(array, ends[some] - size, size).view("<u8")
            words = np.ascontiguousarray(rows.T, np.uint64)
            # Of the type that picks from tables fastest.
            checked = lengths[some].astype(np.intp)
            extras[some] = _recover_crc_extra_of_each_frame_from_words(words, checked)
    return extras


@cache
def _padded_row_width_table_by_byte_count() -> npt.NDArray[np.uint8]:
    """Return the words of a row by the bytes that the checksum in it covers."""
    sizes = np.arange(LONGEST_CHECKED + 1) + CHECKSUM_SIZE
    widths = np.array(ROW_WIDTHS, np.uint8)
    return widths[np.searchsorted(widths * np.int64(WORD_SIZE), sizes)]


def _recover_crc_extra_of_each_frame_from_words(
    words: Words, lengths: npt.NDArray[np.intp]
) -> npt.NDArray[np.int16]:
    """Return the CRC_EXTRA of frames whose checksums end their rows; changes the words."""
    sent = (words[-1] >> 48).astype(np.uint16)
    words[-1] &= np.uint64((1 << 48) - 1)
    for column, masks in zip(
        words, _zeroing_word_masks_by_checked_byte_count(len(words)), strict=False
    ):
        column &= masks[lengths]
    crc = _crc_remainders(words) ^ _crc_start_contribution()[lengths]
    extras: npt.NDArray[np.int16] = _inverse_crc_byte_table()[sent ^ (crc >> 8)]
    # Of the byte there is none, and it stays below 0, or it is one of 8 bits.
    extras ^= (crc & 0xFF).view(np.int16)
    return extras


def _crc_remainders(words: Words) -> Checksums:
    """Return what is left of each row, whose last two bytes are zero, by the polynomial."""
    rest = words[0]
    for column in words[1:]:
        rest = _append_zero_bits_modulo_crc_polynomial(rest) ^ column
    # What is left of 64 bits, then of 32: the lower half has the higher powers.
    half = _append_zero_bits_modulo_crc_polynomial(rest.astype(np.uint32))
    half ^= (rest >> np.uint64(32)).astype(np.uint32)
    crc: Checksums = _append_zero_bits_modulo_crc_polynomial(half.astype(np.uint16))
    crc ^= (half >> np.uint32(16)).astype(np.uint16)
    return crc


def _append_zero_bits_modulo_crc_polynomial(values: Polynomials) -> Polynomials:
    """Return what is left of values with as many zero bits behind them as they have bits.

    Divided by ``x^16 + x^12 + x^5 + 1`` if they have 16 bits, by its square if they have 32, and by
    its fourth power if they have 64.  The lowest bit is that of the highest power.
    """
    one = values.itemsize // 2
    quotient: Polynomials = values << values.dtype.type(4 * one)
    quotient ^= values
    quotient ^= quotient << values.dtype.type(8 * one)
    quotient ^= values << values.dtype.type(11 * one)
    rest: Polynomials = quotient >> values.dtype.type(12 * one)
    rest ^= quotient >> values.dtype.type(5 * one)
    rest ^= quotient
    return rest


@cache
def _zeroing_word_masks_by_checked_byte_count(words: int) -> Sequence[Words]:
    """Return what sets to zero all that precedes a frame in its row, for the words where that is.

    Args:
        words: Words of the row.

    Returns:
        For each word from the first on its masks, by the bytes that the checksum covers.
    """
    size = words * WORD_SIZE - CHECKSUM_SIZE
    before = size - np.arange(size + 1)
    shortest = np.flatnonzero(_padded_row_width_table_by_byte_count() == words)[0]
    clear = np.array([-1 << 8 * count & (1 << 64) - 1 for count in range(WORD_SIZE + 1)], np.uint64)
    return [
        clear[np.clip(before - begin, 0, WORD_SIZE)]
        for begin in range(0, int(before[shortest]), WORD_SIZE)
    ]


@cache
def _crc_start_contribution() -> Checksums:
    """Return what the start value contributes, by the number of bytes after it."""
    bases = [0xFFFF]
    for _ in range(LONGEST_CHECKED):
        bases.append(accumulate_x25_checksum(bases[-1], b"\0"))
    return np.array(bases, np.uint16)


@cache
def _inverse_crc_byte_table() -> npt.NDArray[np.int16]:
    """Return the byte that contributes each checksum as the last one; -1: none does."""
    table = np.full(1 << 16, -1, np.int16)
    table[[accumulate_x25_checksum(0, bytes([value])) for value in range(256)]] = np.arange(256)
    return table
