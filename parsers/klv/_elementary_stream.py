"""The bytes of a metadata stream from its transport packets, and where each stands in the file.

Facts: ISO/IEC 13818-1 (PES, metadata access units of five bytes); MISB ST 1402.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._file_content import CarriedByteRanges
from .._layout import ByteArray
from .._model import Issue
from ._item_values import Ints
from ._local_sets import LABEL_PREFIX
from ._transport_packets import PACKET_SIZE, KeptPackets, payload_begins

_CELL_HEADER = 5
_MOST_CELLS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class ElementaryStream:
    """What the units of a metadata stream hold, end to end."""

    data: bytes
    runs: CarriedByteRanges
    #: First byte of each packet whose payload is left out because it is damaged, or packets
    #: before it are missing.
    left_out: Ints
    issues: tuple[Issue, ...]


def assemble_stream(kept: KeptPackets) -> ElementaryStream:
    """Return the payload of all whole units; what follows a loss in a unit is left out."""
    issues: list[Issue] = []
    offsets, packets = kept.offsets, kept.packets
    begins = payload_begins(packets)
    counters = packets[:, 3] & 0xF
    has_payload = begins < PACKET_SIZE
    is_repeated = np.zeros(len(packets), bool)
    is_repeated[1:] = (
        (counters[1:] == counters[:-1])
        & has_payload[1:]
        & (packets[1:] == packets[:-1]).all(axis=1)
    )
    rows = np.flatnonzero(has_payload & ~is_repeated)
    offsets, packets = offsets[rows], packets[rows]
    begins, counters = begins[rows], counters[rows]
    is_unit = packets[:, 1] & 0x40 != 0
    is_lost = np.zeros(len(rows), bool)
    is_lost[1:] = (counters[:-1] + 1) & 0xF != counters[1:]
    # A stream may say that its counter begins anew.
    is_new = (packets[:, 3] & 0x20 != 0) & (packets[:, 4] > 0) & (packets[:, 5] & 0x80 != 0)
    is_lost &= ~is_new
    is_damaged = (packets[:, 1] & 0x80 != 0) | (packets[:, 3] & 0xC0 != 0)
    for row in np.flatnonzero(is_lost).tolist():
        issues.append(Issue(int(offsets[row]), 0, "packets of the metadata are missing before"))
    begins, ends, header_damaged = _without_unit_headers(packets, begins, is_unit)
    is_bad = is_damaged | (is_lost & ~is_unit) | header_damaged
    number = np.arange(len(rows))
    unit_start = np.maximum.accumulate(np.where(is_unit, number, -1))
    last_bad = np.maximum.accumulate(np.where(is_bad, number, -1))
    is_left_out = (unit_start < 0) | (last_bad >= np.maximum(unit_start, 0))
    left_out = offsets[is_left_out]
    keep = ~is_left_out
    return _joined(
        offsets[keep], packets[keep], begins[keep], ends[keep], unit_start[keep], left_out, issues
    )


def _without_unit_headers(
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


def _joined(
    offsets: Ints,
    packets: ByteArray,
    begins: Ints,
    ends: Ints,
    units: Ints,
    left_out: Ints,
    issues: list[Issue],
) -> ElementaryStream:
    column = np.arange(PACKET_SIZE)
    is_held = (column >= begins[:, None]) & (column < ends[:, None])
    data = packets[is_held]
    sizes = ends - begins
    starts = np.cumsum(sizes) - sizes
    heads = np.flatnonzero(np.append(True, units[1:] != units[:-1])[: len(units)])
    unit_begins = starts[heads]
    unit_ends = np.append(unit_begins[1:], len(data))
    is_kept = _without_cell_headers(data, unit_begins, unit_ends)
    edges = np.flatnonzero(is_kept[1:] != is_kept[:-1]) + 1
    cuts = np.unique(np.concatenate([starts[sizes > 0], edges]))
    row = np.searchsorted(starts, cuts, "right") - 1
    ends_of_cuts = np.append(cuts[1:], len(data)) if len(cuts) else cuts
    is_run = is_kept[cuts] if len(cuts) else np.zeros(0, bool)
    run_sizes = (ends_of_cuts - cuts)[is_run]
    run_offsets = (offsets[row] + begins[row] + cuts - starts[row])[is_run]
    run_starts = np.cumsum(run_sizes) - run_sizes
    return ElementaryStream(
        data[is_kept].tobytes(),
        CarriedByteRanges(run_starts, run_offsets, run_sizes),
        left_out,
        tuple(issues),
    )


def _without_cell_headers(data: ByteArray, begins: Ints, ends: Ints) -> npt.NDArray[np.bool_]:
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
