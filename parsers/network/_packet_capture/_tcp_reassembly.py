"""Reassembly of the first bytes that one side of a TCP connection sends.

Only as much as a ClientHello or the head of a request needs: segments out of order and
sent twice are expected, gaps end the text.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ._captured_packets import IntArray
from ._conversations import FlowTable
from ._ip_headers import SYN

#: Segments before and behind that are looked at.
_PACKETS_BEFORE, _PACKETS_BEHIND = 32, 192
_HALF = 1 << 31
#: How often the segments of one conversation are joined in vain.
_MAX_FRUITLESS = 64


@dataclass(frozen=True, slots=True)
class StreamReassembly:
    """Joins segments of conversations, and gives up a conversation where that never helps.

    Every packet may begin like a request: to join two hundred others to each would take minutes.
    """

    flows: FlowTable
    #: Conversation -> how often segments were joined, and what was sought was not whole.
    fruitless: Counter[int] = field(default_factory=Counter)

    def read_stream(
        self, position: int, max_size: int, is_whole: Callable[[bytes], bool] | None = None
    ) -> bytes:
        """Return the bytes that a side sends from a packet on, up to the first gap.

        Args:
            position: Index of the packet in ``flows.order``.
            max_size: Bytes that are enough.
            is_whole: Whether some bytes hold all that is sought; ``None``: ``max_size`` of them do.
        """
        flows = self.flows
        traffic, packet = flows.packets_table, int(flows.order[position])
        data = traffic.payload_of_packet(flows.capture, packet, max_size)
        is_complete = len(data) == int(traffic.payload_size[packet])
        if not is_complete or len(data) >= max_size or (is_whole is not None and is_whole(data)):
            return data
        flow = int(flows.flow_index_of_each_packet[position])
        if self.fruitless[flow] >= _MAX_FRUITLESS:
            return data
        joined = _join_segments(flows, position, max_size)
        if is_whole is not None and not is_whole(joined):
            self.fruitless[flow] += 1
        return joined


def _join_segments(flows: FlowTable, position: int, max_size: int) -> bytes:
    traffic, flow = flows.packets_table, int(flows.flow_index_of_each_packet[position])
    first = max(int(flows.bounds[flow]), position - _PACKETS_BEFORE)
    last = min(int(flows.bounds[flow + 1]), position + _PACKETS_BEHIND)
    nearby = flows.order[first:last]
    side = flows.sent_by_device_mask[first:last] == flows.sent_by_device_mask[position]
    begin = _tcp_stream_offsets_of_payloads(flows, flows.order[position : position + 1])[0]
    positions = (_tcp_stream_offsets_of_payloads(flows, nearby) - begin + _HALF) % (
        2 * _HALF
    ) - _HALF
    chosen = side & (traffic.payload_size[nearby] > 0) & (positions >= 0) & (positions < max_size)
    packets, positions = nearby[chosen], positions[chosen]
    stream = bytearray()
    for row in np.lexsort((-traffic.payload_size[packets], positions)).tolist():
        stream_position, packet = int(positions[row]), int(packets[row])
        if stream_position > len(stream):
            break
        if stream_position + int(traffic.payload_size[packet]) <= len(stream):
            continue
        payload = traffic.payload_of_packet(flows.capture, packet, max_size)
        stream[stream_position : stream_position + len(payload)] = payload
        if len(payload) < int(traffic.payload_size[packet]):
            break
    return bytes(stream[:max_size])


def _tcp_stream_offsets_of_payloads(flows: FlowTable, packets: IntArray) -> IntArray:
    """Return where in the stream a packet's payload stands: behind the SYN, if it carries one."""
    traffic = flows.packets_table
    opening = traffic.flags[packets] & SYN != 0
    return np.asarray(traffic.sequence[packets].astype(np.int64) + opening)
