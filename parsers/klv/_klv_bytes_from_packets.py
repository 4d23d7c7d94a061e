"""The bytes of a metadata stream from its transport packets, and where each stands in the file.

Facts: ISO/IEC 13818-1 (PES, metadata access units of five bytes); MISB ST 1402.
"""

import mmap
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .._file_content import PartToCarrierByteRanges, release_array_pages
from .._model import Issue
from .._record_layout import ByteArray
from .._track_values._value_runs import sorted_distinct_integers
from ._decode_item_values import Ints
from ._find_local_sets import LABEL_PREFIX
from ._transport_stream_packets import PACKET_SIZE, copy_packets_at, payload_begin_of_each_packet

_CELL_HEADER = 5
_MOST_CELLS = 10_000
#: Packets whose units are put together at a time; a unit of more is no metadata.
_AT_ONCE = 1 << 14
#: Bytes of a stream up to which it is held in memory, beyond in a file that nobody else can open.
_MOST_IN_MEMORY = 1 << 24
_MOST_ISSUES = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class KlvBytesFromPackets:
    """What the units of a metadata stream hold, end to end."""

    data: mmap.mmap | bytes
    runs: PartToCarrierByteRanges
    #: First byte of each packet whose payload is left out because it is damaged, or packets
    #: before it are missing.
    left_out: Ints
    issues: tuple[Issue, ...]


@dataclass(eq=False)
class _PesPayloadsOfPackets:
    """What some packets that begin with a unit hold."""

    data: bytes
    run_offsets: Ints
    run_sizes: Ints
    left_out: Ints


@dataclass(eq=False)
class _RepeatedPacketDropperAndLossFinder:
    """Which packets repeat the one before, and before which some are missing."""

    #: The last packet, and the counter of the last with a payload that was not repeated.
    last_packet: ByteArray | None = None
    last_counter: int | None = None
    issues: list[Issue] = field(default_factory=list)
    loss_count: int = 0

    def drop_repeated_packets_and_flag_losses(
        self, offsets: Ints, packets: ByteArray
    ) -> tuple[Ints, ByteArray, Ints, npt.NDArray[np.bool_]]:
        """Return what has a payload of its own: offsets, packets, where it begins, what is lost."""
        begins = payload_begin_of_each_packet(packets)
        counters = (packets[:, 3] & 0xF).astype(np.int64)
        has_payload = begins < PACKET_SIZE
        is_repeated = np.zeros(len(packets), bool)
        is_repeated[1:] = (packets[1:] == packets[:-1]).all(axis=1)
        if self.last_packet is not None:
            is_repeated[0] = bool((packets[0] == self.last_packet).all())
        self.last_packet = packets[-1].copy()
        rows = np.flatnonzero(has_payload & ~is_repeated)
        offsets, packets = offsets[rows], packets[rows]
        begins, counters = begins[rows], counters[rows]
        is_lost = np.zeros(len(rows), bool)
        is_lost[1:] = (counters[:-1] + 1) & 0xF != counters[1:]
        if len(rows):
            if self.last_counter is not None:
                is_lost[0] = (self.last_counter + 1) & 0xF != counters[0]
            self.last_counter = int(counters[-1])
        # A stream may say that its counter begins anew.
        is_lost &= ~(
            (packets[:, 3] & 0x20 != 0) & (packets[:, 4] > 0) & (packets[:, 5] & 0x80 != 0)
        )
        self._add_lost_packet_issues(offsets[is_lost])
        return offsets, packets, begins, is_lost

    def _add_lost_packet_issues(self, lost: Ints) -> None:
        self.loss_count += len(lost)
        for offset in lost[: max(_MOST_ISSUES - len(self.issues), 0)].tolist():
            self.issues.append(Issue(offset, 0, "packets of the metadata are missing before"))


def assemble_klv_bytes(data: ByteArray, offsets: Ints) -> KlvBytesFromPackets:
    """Return the payload of all whole units; what follows a loss in a unit is left out.

    Packets are fetched some at a time, and the payload goes to a file where it is large, so that
    memory holds some bytes a packet.

    Args:
        data: The file.
        offsets: Sync byte of each packet of the stream, rising, shape ``(n,)``.
    """
    order = _RepeatedPacketDropperAndLossFinder()
    sizes, places, left_out = list[Ints](), list[Ints](), list[Ints]()
    with tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY) as file:
        for first, packets in _packet_runs_of_whole_pes_units(data, offsets):
            part = _join_pes_payloads_of_packets(
                offsets[first : first + len(packets)], packets, order
            )
            file.write(part.data)
            sizes.append(part.run_sizes)
            places.append(part.run_offsets)
            left_out.append(part.left_out)
        size = file.tell()
        held: mmap.mmap | bytes
        if size > _MOST_IN_MEMORY:
            file.flush()
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        else:
            file.seek(0)
            held = file.read()
    issues = tuple(order.issues)
    if order.loss_count > len(issues):
        words = f"packets of the metadata are missing {order.loss_count} times: the rest unlisted"
        issues = (*issues, Issue(issues[-1].offset, 0, words))
    run_sizes = _concatenate_or_empty(sizes)
    runs = PartToCarrierByteRanges(
        np.cumsum(run_sizes) - run_sizes, _concatenate_or_empty(places), run_sizes
    )
    return KlvBytesFromPackets(held, runs, _concatenate_or_empty(left_out), issues)


def _concatenate_or_empty(pieces: list[Ints]) -> Ints:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def _packet_runs_of_whole_pes_units(
    data: ByteArray, offsets: Ints
) -> Iterator[tuple[int, ByteArray]]:
    """Yield runs of packets, of which each but the first begins with a unit: first, and packets.

    Where so many packets hold no begin of a unit, what follows them is left out up to the next.
    """
    first = 0
    while first < len(offsets):
        packets = copy_packets_at(data, offsets[first : first + _AT_ONCE])
        if first + len(packets) < len(offsets):
            heads = np.flatnonzero(packets[1:, 1] & 0x40)
            if len(heads):
                packets = packets[: int(heads[-1]) + 1]
        yield first, packets
        last = first + len(packets) - 1
        release_array_pages(data, int(offsets[first]), int(offsets[last]))
        first = last + 1


def _join_pes_payloads_of_packets(
    offsets: Ints, packets: ByteArray, order: _RepeatedPacketDropperAndLossFinder
) -> _PesPayloadsOfPackets:
    offsets, packets, begins, is_lost = order.drop_repeated_packets_and_flag_losses(
        offsets, packets
    )
    is_unit = packets[:, 1] & 0x40 != 0
    is_damaged = (packets[:, 1] & 0x80 != 0) | (packets[:, 3] & 0xC0 != 0)
    begins, ends, header_damaged = _payload_ranges_and_damaged_pes_headers(packets, begins, is_unit)
    is_bad = is_damaged | (is_lost & ~is_unit) | header_damaged
    number = np.arange(len(offsets))
    unit_start = np.maximum.accumulate(np.where(is_unit, number, -1))
    last_bad = np.maximum.accumulate(np.where(is_bad, number, -1))
    is_left_out = (unit_start < 0) | (last_bad >= np.maximum(unit_start, 0))
    keep = ~is_left_out
    data, run_offsets, run_sizes = _bytes_of_units_with_piece_offsets_and_sizes(
        offsets[keep], packets[keep], begins[keep], ends[keep], unit_start[keep]
    )
    return _PesPayloadsOfPackets(data, run_offsets, run_sizes, offsets[is_left_out])


def _payload_ranges_and_damaged_pes_headers(
    packets: ByteArray, begins: Ints, is_unit: npt.NDArray[np.bool_]
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return begin and end of what each packet holds of a unit, and which headers are damaged."""
    begins = begins.copy()
    ends = np.full(len(begins), PACKET_SIZE, np.int64)
    is_damaged = np.zeros(len(begins), bool)
    heads = np.flatnonzero(is_unit)
    at = begins[heads]
    is_damaged[heads[at > PACKET_SIZE - 9]] = True
    heads = heads[at <= PACKET_SIZE - 9]
    at = begins[heads]
    fixed = packets[heads[:, None], at[:, None] + np.arange(9)].astype(np.int64)
    is_pes = (fixed[:, 0] == 0) & (fixed[:, 1] == 0) & (fixed[:, 2] == 1)
    after = at + 9 + fixed[:, 8]
    is_damaged[heads[~is_pes | (after > PACKET_SIZE)]] = True
    begins[heads] = np.minimum(after, PACKET_SIZE)
    stated = (fixed[:, 4] << 8 | fixed[:, 5]) - 3 - fixed[:, 8]
    has_length = (fixed[:, 4] | fixed[:, 5]) > 0
    is_damaged[heads[has_length & (stated < 0)]] = True
    # What a unit holds beyond its length is filling.
    unit = np.cumsum(is_unit) - 1
    sizes = ends - begins
    before = np.cumsum(sizes) - sizes
    lengths = np.full(int(is_unit.sum()), np.iinfo(np.int64).max, np.int64)
    order = np.searchsorted(np.flatnonzero(is_unit), heads)
    lengths[order[has_length]] = np.maximum(stated[has_length], 0)
    rows = np.flatnonzero(unit >= 0)
    first = before[np.flatnonzero(is_unit)][unit[rows]]
    left = lengths[unit[rows]] - (before[rows] - first)
    ends[rows] = begins[rows] + np.clip(left, 0, sizes[rows])
    return begins, ends, is_damaged


def _bytes_of_units_with_piece_offsets_and_sizes(
    offsets: Ints, packets: ByteArray, begins: Ints, ends: Ints, units: Ints
) -> tuple[bytes, Ints, Ints]:
    """Return the bytes of whole units without headers, and place and size of each run of them."""
    column = np.arange(PACKET_SIZE)
    is_held = (column >= begins[:, None]) & (column < ends[:, None])
    data = packets[is_held]
    sizes = ends - begins
    starts = np.cumsum(sizes) - sizes
    heads = np.flatnonzero(np.append(True, units[1:] != units[:-1])[: len(units)])
    unit_begins = starts[heads]
    unit_ends = np.append(unit_begins[1:], len(data))
    is_kept = _bytes_outside_au_cell_headers_mask(data, unit_begins, unit_ends)
    edges = np.flatnonzero(is_kept[1:] != is_kept[:-1]) + 1
    cuts = sorted_distinct_integers(np.concatenate([starts[sizes > 0], edges]))
    row = np.searchsorted(starts, cuts, "right") - 1
    ends_of_cuts = np.append(cuts[1:], len(data)) if len(cuts) else cuts
    is_run = is_kept[cuts] if len(cuts) else np.zeros(0, bool)
    run_sizes = (ends_of_cuts - cuts)[is_run]
    run_offsets = (offsets[row] + begins[row] + cuts - starts[row])[is_run]
    return data[is_kept].tobytes(), run_offsets, run_sizes


def _bytes_outside_au_cell_headers_mask(
    data: ByteArray, begins: Ints, ends: Ints
) -> npt.NDArray[np.bool_]:
    """Return which bytes belong to no header of a metadata access unit.

    A unit that begins with a universal label has no such headers.
    """
    is_kept = np.ones(len(data), bool)
    has_room = ends - begins >= _CELL_HEADER
    first = np.where(has_room, begins, 0)
    if not len(data):
        return is_kept
    is_label = np.ones(len(begins), bool)
    for place, byte in enumerate(LABEL_PREFIX):
        is_label &= data[np.minimum(first + place, len(data) - 1)] == byte
    last = len(data) - 1
    lengths = data[np.minimum(first + 3, last)].astype(np.int64) << 8
    lengths |= data[np.minimum(first + 4, last)]
    is_one = has_room & ~is_label & (begins + _CELL_HEADER + lengths == ends)
    places = begins[is_one][:, None] + np.arange(_CELL_HEADER)
    is_kept[places.ravel()] = False
    for unit in np.flatnonzero(has_room & ~is_label & ~is_one).tolist():
        at, end = int(begins[unit]), int(ends[unit])
        for _ in range(_MOST_CELLS):
            if at + _CELL_HEADER > end:
                break
            is_kept[at : at + _CELL_HEADER] = False
            at += _CELL_HEADER + (int(data[at + 3]) << 8 | int(data[at + 4]))
    return is_kept
