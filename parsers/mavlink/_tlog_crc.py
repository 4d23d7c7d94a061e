"""Checksums of many MAVLink frames at once.

CRC-16/MCRF4XX is linear over exclusive-or: what a byte contributes depends only
on its value and its distance from the end.  With one table for each distance
the checksums of all frames of one length are a few table look-ups for each
column of bytes, without a loop over frames.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from .._layout import Bytes
from ._chain import Offsets, gather, groups
from ._dialect import accumulate

Words = npt.NDArray[np.uint16]

#: Bytes of frames handled at a time: few enough to stay in the processor's cache.
BLOCK = 1 << 18


@cache
def _first() -> Words:
    """Return the contribution of the last byte, by its value."""
    return np.array([accumulate(0, bytes([value])) for value in range(256)], np.uint16)


@cache
def _tables(length: int) -> tuple[tuple[Words, ...], int]:
    """Return a table for each of ``length`` bytes, and what the start value contributes."""
    step = _first()
    tables = [step]
    base = 0xFFFF
    for _ in range(length - 1):
        last = tables[-1]
        tables.append((last >> 8) ^ step[last & 0xFF])
    for _ in range(length):
        base = (base >> 8) ^ int(step[base & 0xFF])
    return tuple(reversed(tables[:length])), base


def checksums(rows: Bytes) -> Words:
    """Return the checksum of each row, before its seed.

    Args:
        rows: Frames of one length without their first byte and their checksum,
            shape ``(n, length)``.
    """
    tables, base = _tables(rows.shape[1])
    columns = np.ascontiguousarray(rows.T)
    crc = np.full(len(rows), base, np.uint16)
    for table, column in zip(tables, columns, strict=True):
        crc ^= table[column]
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
    for length, rows in groups(lengths).items():
        step = max(64, BLOCK // (length + 2))
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            frames = gather(array, starts[some], length + 2)
            told = frames[:, length] | (frames[:, length + 1].astype(np.uint16) << 8)
            crc = checksums(frames[:, :length])
            index = inverse[told ^ (crc >> 8)]
            found[some] = np.where(index < 0, index, index ^ (crc & 0xFF).astype(np.int16))
    return found


@cache
def _inverse() -> npt.NDArray[np.int16]:
    """Return the byte that contributes each checksum; -1: none does."""
    table = np.full(1 << 16, -1, np.int16)
    table[_first()] = np.arange(256)
    return table
