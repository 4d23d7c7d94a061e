"""The XOR scramble of record bodies (file version 7 and later), for whole columns.

The first byte of a payload is a seed.  With the record type it gives eight key
bytes that repeat over the rest; the last byte of the unscrambled payload is a
trailer that must equal seed + type.  So a body is two bytes shorter than its
payload, and every record carries a check of its own framing.

Facts: dji-sdk/FlightRecordParsingLib dc4bb0df, ``FlightRecordEncryptUtils.cpp``
and ``FlightRecordCRC64.cpp``; the trailer held on 1,370,383 real records.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray

_POLYNOMIAL = np.uint64(0x95AC9329AC4BC9B5)  # CRC-64/Jones, reflected
_MULTIPLIER = np.uint64(0x123456789ABCDEF0)


def _crc64_table() -> npt.NDArray[np.uint64]:
    table = np.arange(256, dtype=np.uint64)
    for _ in range(8):
        table = np.where(table & np.uint64(1), (table >> np.uint64(1)) ^ _POLYNOMIAL, table >> 1)
    return table


@cache
def scramble_key_table() -> ByteArray:
    """Return the key bytes, indexed ``[type, seed, position modulo 8]``.

    A CRC is linear: that of a message from a start is that of the message from
    nought, XOR that of nought from the start.  So 512 of them give all 65,536.
    """
    seed = np.arange(256, dtype=np.uint64)
    with np.errstate(over="ignore"):
        of_seed = _crc64_of_each_message(np.zeros(256, np.uint64), _MULTIPLIER * seed)
    of_start = _crc64_of_each_message(seed, np.zeros(256, np.uint64))
    start = np.add.outer(np.arange(256), np.arange(256)) & 0xFF
    crc = np.asarray(of_start[start] ^ of_seed, "<u8")
    out = crc.view(np.uint8).reshape(256, 256, 8)
    out.flags.writeable = False
    return out


def _crc64_of_each_message(
    start: npt.NDArray[np.uint64], message: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """Return the CRC of each message of eight bytes, the lowest first, from each start."""
    table, crc = _crc64_table(), start
    for index in range(8):
        byte = (message >> np.uint64(8 * index)) & np.uint64(0xFF)
        crc = table[((crc ^ byte) & np.uint64(0xFF)).astype(np.intp)] ^ (crc >> np.uint64(8))
    return crc


def payload_trailer_match_mask(
    kinds: ByteArray, seeds: ByteArray, lasts: ByteArray, sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return for each payload whether its trailer is what its seed and type demand.

    Args:
        kinds: Record types.
        seeds: First byte of each payload.
        lasts: Last byte of each payload, as it stands in the file.
        sizes: Bytes of each payload; one of fewer than two bytes carries no
            trailer and holds.
    """
    trailer = lasts ^ scramble_key_table()[kinds, seeds, (sizes - 2) & 7]
    return np.asarray((trailer == seeds + kinds) | (sizes < 2))


def unscramble_payloads(payloads: ByteArray, kind: int) -> ByteArray:
    """Return the bodies of payloads of one type and size, shape ``(n, size - 2)``."""
    starts = np.arange(len(payloads)) * payloads.shape[1]
    return unscrambled_bodies_at(payloads.reshape(-1), starts, payloads.shape[1], kind)


def unscrambled_bodies_at(
    data: ByteArray, starts: npt.NDArray[np.integer], size: int, kind: int
) -> ByteArray:
    """Return the bodies of payloads of one type and size in some bytes, shape ``(n, size - 2)``.

    Args:
        data: The bytes that hold them.
        starts: Where each payload begins.
        size: Bytes of each payload.
        kind: Their record type.
    """
    width = max(0, size - 2)
    if not width or not len(starts):
        return np.zeros((len(starts), width), np.uint8)
    # Eight bytes at a time, as one number; those behind a body are cut off again.
    padded = -(-width // 8) * 8
    if int(starts.max()) + 1 + padded > len(data):  # nothing stands behind the last one
        data = np.append(data, np.zeros(padded, np.uint8))
    bodies = rows_of_bytes(data, starts + 1, padded)
    key = scramble_key_table()[kind][data[starts]]
    bodies.view(np.uint64)[:] ^= np.ascontiguousarray(key).view(np.uint64)
    return bodies[:, :width]


def rows_of_bytes(data: ByteArray, starts: npt.NDArray[np.integer], width: int) -> ByteArray:
    """Return so many bytes from each start on, shape ``(n, width)``; ``width`` is not 0."""
    # One row at every byte, overlapping: picking from it copies each once.
    every = np.ndarray((len(data) - width + 1,), f"V{width}", data, strides=(1,))
    rows: ByteArray = every[starts].view(np.uint8).reshape(-1, width)
    return rows
