"""Reassembly of the first bytes that one side of a TCP connection sends.

Only as much as a ClientHello or the head of a request needs: segments out of order and
sent twice are expected, gaps end the text.
"""

from collections.abc import Callable

import numpy as np

from ._flows import FlowTable
from ._ip_headers import SYN
from ._packets import IntArray

#: Segments before and behind that are looked at.
_PACKETS_BEFORE, _PACKETS_BEHIND = 32, 192
_HALF = 1 << 31


def reassemble(
    flows: FlowTable, position: int, max_size: int, enough: Callable[[bytes], bool] | None = None
) -> bytes:
    """Return the bytes that a side sends from a packet on, up to the first gap.

    Args:
        flows: The conversations.
        position: Index of the packet in ``flows.order``.
        most: Bytes that are enough.
        enough: Whether the payload of the packet alone is enough.
    """
    traffic, packet = flows.packets_table, int(flows.order[position])
    data = traffic.payload_bytes(flows.capture, packet, max_size)
    is_complete = len(data) == int(traffic.payload_size[packet])
    if not is_complete or len(data) >= max_size or (enough is not None and enough(data)):
        return data
    return _join_segments(flows, position, max_size)


def _join_segments(flows: FlowTable, position: int, max_size: int) -> bytes:
    traffic, flow = flows.packets_table, int(flows.flow_indexes[position])
    first = max(int(flows.bounds[flow]), position - _PACKETS_BEFORE)
    last = min(int(flows.bounds[flow + 1]), position + _PACKETS_BEHIND)
    nearby = flows.order[first:last]
    side = flows.is_from_device[first:last] == flows.is_from_device[position]
    begin = _stream_positions(flows, flows.order[position : position + 1])[0]
    positions = (_stream_positions(flows, nearby) - begin + _HALF) % (2 * _HALF) - _HALF
    chosen = side & (traffic.payload_size[nearby] > 0) & (positions >= 0) & (positions < max_size)
    packets, positions = nearby[chosen], positions[chosen]
    stream = bytearray()
    for row in np.lexsort((-traffic.payload_size[packets], positions)).tolist():
        stream_position, packet = int(positions[row]), int(packets[row])
        if stream_position > len(stream):
            break
        if stream_position + int(traffic.payload_size[packet]) <= len(stream):
            continue
        payload = traffic.payload_bytes(flows.capture, packet, max_size)
        stream[stream_position : stream_position + len(payload)] = payload
        if len(payload) < int(traffic.payload_size[packet]):
            break
    return bytes(stream[:max_size])


def _stream_positions(flows: FlowTable, packets: IntArray) -> IntArray:
    """Return where in the stream a packet's payload stands: behind the SYN, if it carries one."""
    traffic = flows.packets_table
    opening = traffic.flags[packets] & SYN != 0
    return np.asarray(traffic.sequence[packets].astype(np.int64) + opening)
