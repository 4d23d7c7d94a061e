"""Find the records of a DAT: framing and two checksums, computed in columns.

A record is ``55``, a length of 10 bits (bits 10 to 15 are 0), the CRC-8 of
these three bytes, type, tick, payload, and the CRC-16 of all before it.  The
payload is XORed with the low byte of the tick.  Nothing else is trusted: a
record is found wherever both checksums hold, in a file, a damaged copy or an
image.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray, EqualLengthRecords

Ints = npt.NDArray[np.int64]

#: Bytes of a record before its payload, and after it.
HEADER, TRAILER = 10, 2
SHORTEST_RECORD, LONGEST_RECORD = HEADER + TRAILER, 1023
_SYNC = 0x55
_CRC8_START, _CRC16_START = 0x77, 0x3692
#: Bytes looked at together, and bytes of records checked together: both fit the caches.
_WINDOW, _BATCH = 8 << 20, 1 << 20


def _shift_crc_registers(
    values: npt.NDArray[np.uint16], polynomial: int, bits: int
) -> npt.NDArray[np.uint16]:
    """Return the registers of a reflected CRC after some bits."""
    for _ in range(bits):
        values = np.where(values & 1, (values >> 1) ^ np.uint16(polynomial), values >> 1)
    return values


_CRC8 = _shift_crc_registers(np.arange(256, dtype=np.uint16), 0x8C, 8)
#: Register XOR two bytes -> register after them; and the same for one byte.
_CRC16_PAIR = _shift_crc_registers(np.arange(65536, dtype=np.uint16), 0x8408, 16)
_CRC16_BYTE = _shift_crc_registers(np.arange(256, dtype=np.uint16), 0x8408, 8)


def _crc8_of_every_record_length() -> ByteArray:
    """Return the CRC-8 of a record's first three bytes, for every length."""
    lengths = np.arange(LONGEST_RECORD + 1)
    crc = _CRC8[np.full(len(lengths), _CRC8_START ^ _SYNC)]
    crc = _CRC8[crc ^ (lengths & 0xFF)]
    return np.asarray(_CRC8[crc ^ (lengths >> 8)], np.uint8)


_LENGTH_CRC = _crc8_of_every_record_length()


@dataclass(frozen=True, slots=True)
class DatRecordFrames:
    """The records of some bytes, in order, without overlaps.

    ``starts`` and ``lengths`` include header and checksums.
    """

    starts: Ints
    lengths: npt.NDArray[np.uint16]
    record_types: npt.NDArray[np.uint16]
    ticks: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.starts)

    @property
    def ends(self) -> Ints:
        """Where each ends."""
        return self.starts + self.lengths


def find_record_frames(data: ByteArray) -> DatRecordFrames:
    """Return every record of some bytes."""
    parts = [
        _filter_records_by_crc16(
            data, *_record_offsets_and_lengths_by_header_crc8(data, begin, begin + _WINDOW)
        )
        for begin in range(0, len(data), _WINDOW)
    ]
    starts = np.concatenate([np.zeros(0, np.int64), *(start for start, _ in parts)])
    lengths = np.concatenate([np.zeros(0, np.uint16), *(length for _, length in parts)])
    apart = _non_overlapping_record_mask(starts, lengths)
    starts, lengths = starts[apart], lengths[apart]
    kinds = np.asarray(_read_numbers_at_offsets(data, starts + 4, "<u2"), np.uint16)
    ticks = np.asarray(_read_numbers_at_offsets(data, starts + 6, "<u4"), np.uint32)
    return DatRecordFrames(starts, lengths, kinds, ticks)


def record_length_at_offset(data: ByteArray, at: int) -> int:
    """Return the length of the record whose first four bytes stand at an offset; 0 if none."""
    if data[at] != _SYNC:
        return 0
    starts, lengths = _record_offsets_and_lengths_by_header_crc8(
        data, at, at + 1, complete_only=False
    )
    return int(lengths[0]) if len(starts) else 0


def payloads_by_length(
    data: ByteArray, frames: DatRecordFrames, rows: Ints
) -> Iterator[EqualLengthRecords]:
    """Yield the plain payloads of some records, those of one length together."""
    lengths = frames.lengths[rows]
    for length in np.unique(lengths).tolist():
        chosen = np.flatnonzero(lengths == length)
        starts = frames.starts[rows[chosen]]
        if length == SHORTEST_RECORD:
            yield EqualLengthRecords(chosen, np.zeros((len(chosen), 0), np.uint8))
            continue
        payloads = np.lib.stride_tricks.sliding_window_view(data, length - HEADER - TRAILER)
        key = (frames.ticks[rows[chosen]] & 0xFF).astype(np.uint8)
        yield EqualLengthRecords(chosen, payloads[starts + HEADER] ^ key[:, None])


def _record_offsets_and_lengths_by_header_crc8(
    data: ByteArray, begin: int, end: int, complete_only: bool = True
) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Return where records may begin: sync byte, length and its CRC-8 agree.

    ``complete_only``: leave out records that the data do not hold to their end.
    """
    end = min(end, len(data) - 3)
    at = begin + np.flatnonzero(data[begin : max(begin, end)] == _SYNC)
    at = at[data[at + 2] <= LONGEST_RECORD >> 8]
    lengths = data[at + 1] | (data[at + 2].astype(np.uint16) << 8)
    good = (lengths >= SHORTEST_RECORD) & (_LENGTH_CRC[lengths] == data[at + 3])
    if complete_only:
        good &= at + lengths <= len(data)
    return at[good], lengths[good]


def _filter_records_by_crc16(
    data: ByteArray, at: Ints, lengths: npt.NDArray[np.uint16]
) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Return the candidates whose CRC-16 holds."""
    good = np.zeros(len(at), bool)
    order = np.argsort(lengths, kind="stable")
    cuts = np.flatnonzero(np.diff(lengths[order])) + 1
    for same in np.split(order, cuts):
        if not len(same):
            continue
        length = int(lengths[same[0]])
        windows = np.lib.stride_tricks.sliding_window_view(data, length)
        step = max(1, _BATCH // length)
        for first in range(0, len(same), step):
            some = same[first : first + step]
            good[some] = _valid_crc16_mask(windows[at[some]])
    return at[good], lengths[good]


def _valid_crc16_mask(records: ByteArray) -> npt.NDArray[np.bool_]:
    """Return whether the CRC-16 holds of each row, two bytes of all of them at a time."""
    count, length = records.shape
    covered = length - TRAILER
    even = covered & ~1
    pairs = np.ascontiguousarray(np.ascontiguousarray(records[:, :even]).view("<u2").T)
    crc: npt.NDArray[np.uint16] = np.full(count, _CRC16_START, np.uint16)
    for pair in pairs:
        crc = _CRC16_PAIR.take(crc ^ pair)
    if covered > even:
        last = _CRC16_BYTE.take((crc ^ records[:, even]) & 0xFF)
        crc = np.asarray((crc >> 8) ^ last, np.uint16)
    stated = records[:, -2] | (records[:, -1].astype(np.uint16) << 8)
    return np.asarray(crc == stated)


def _non_overlapping_record_mask(
    starts: Ints, lengths: npt.NDArray[np.uint16]
) -> npt.NDArray[np.bool_]:
    """Return which records to keep so that no two overlap: of two, the one that begins first."""
    is_kept = np.ones(len(starts), bool)
    ends = starts + lengths
    if not len(starts) or (starts[1:] >= ends[:-1]).all():
        return is_kept
    reached = 0
    for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if start < reached:
            is_kept[row] = False
        else:
            reached = end
    return is_kept


def _read_numbers_at_offsets(data: ByteArray, at: Ints, wire: str) -> npt.NDArray[np.generic]:
    size = np.dtype(wire).itemsize
    if not len(at):
        return np.zeros(0, wire)
    return np.lib.stride_tricks.sliding_window_view(data, size)[at].view(wire)[:, 0]
