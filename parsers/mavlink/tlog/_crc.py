"""Checksums of many MAVLink frames at once.

CRC-16/MCRF4XX is linear over exclusive-or: what a byte contributes depends only
on its value and its distance from the end, and a zero contributes nothing.
With one table for each distance the checksums of many frames, aligned at their
ends, are one look-up for each column of bytes, without a loop over frames.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from ..._layout import Bytes
from .._shared._dialect import accumulate
from .._shared._framing import Offsets, gather, groups

Words = npt.NDArray[np.uint16]

#: Bytes that a checksum may cover: 9 of the header and the longest payload.
LONGEST = 9 + 255
#: Lengths are rounded up to this, so that there are few of them.
ROUND = 8
#: Bytes of frames handled at a time: few enough to stay in the processor's cache.
BLOCK = 1 << 19


@cache
def _first() -> Words:
    """Return the contribution of the last byte, by its value."""
    return np.array([accumulate(0, bytes([value])) for value in range(256)], np.uint16)


@cache
def _tables() -> tuple[Words, ...]:
    """Return the contributions of a byte by its distance from the end."""
    step = _first()
    tables = [step]
    for _ in range(LONGEST - 1):
        last = tables[-1]
        tables.append((last >> 8) ^ step[last & 0xFF])
    return tuple(tables)


@cache
def _bases() -> Words:
    """Return what the start value contributes, by the number of bytes after it."""
    bases = [0xFFFF]
    for _ in range(LONGEST):
        bases.append((bases[-1] >> 8) ^ int(_first()[bases[-1] & 0xFF]))
    return np.array(bases, np.uint16)


def checksums(rows: Bytes, before: Bytes) -> Words:
    """Return the checksum of each row, before its seed.

    Args:
        rows: Bytes that end where the checksum stands, shape ``(n, length)``.
        before: How many of them come before the bytes that it covers, shape ``(n,)``.
    """
    length = rows.shape[1]
    columns = np.ascontiguousarray(rows.T)
    for place in range(int(before.max(initial=0))):
        # A zero contributes nothing wherever it stands.
        columns[place][before > place] = 0
    crc: Words = _bases()[length - before.astype(np.int64)]
    for table, column in zip(reversed(_tables()[:length]), columns, strict=True):
        crc ^= table.take(column, mode="clip")
    return crc


def seeds(array: Bytes, starts: Offsets, lengths: Words) -> npt.NDArray[np.int16]:
    """Return the CRC_EXTRA under which each frame is intact; -1: there is none.

    A frame of random bytes has one by chance in 1 of 256 cases, and a given one
    in 1 of 65,536.

    Args:
        array: The bytes of the file.
        starts: The byte after each frame's first, shape ``(n,)``.
        lengths: Bytes from there to the checksum, all inside the file.
    """
    found = np.empty(len(starts), np.int16)
    inverse = _inverse()
    # Frames of about one length go together, with the bytes before the shorter ones.
    rounded = -(-lengths // ROUND) * ROUND
    rounded = np.where(starts + lengths < rounded, lengths, rounded).astype(np.uint16)
    for size, rows in groups(rounded).items():
        step = max(64, BLOCK // (size + 2))
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            before = size - lengths[some]
            frames = gather(array, starts[some] - before, size + 2)
            told = frames[:, size] | (frames[:, size + 1].astype(np.uint16) << 8)
            crc = checksums(frames[:, :size], before.astype(np.uint8))
            index = inverse[told ^ (crc >> 8)]
            found[some] = np.where(index < 0, index, index ^ (crc & 0xFF).astype(np.int16))
    return found


@cache
def _inverse() -> npt.NDArray[np.int16]:
    """Return the byte that contributes each checksum; -1: none does."""
    table = np.full(1 << 16, -1, np.int16)
    table[_first()] = np.arange(256)
    return table
