"""The start of what one side of a TCP connection says, put together from its segments.

Only as much as a ClientHello or the head of a request needs: segments out of order and
sent twice are expected, gaps end the text.
"""

from collections.abc import Callable

import numpy as np

from ._flows import Flows
from ._ip_headers import SYN
from ._packet_capture import IntArray

#: Segments before and behind that are looked at.
_BEFORE, _BEHIND = 32, 192
_HALF = 1 << 31


def reassemble(
    flows: Flows, position: int, most: int, enough: Callable[[bytes], bool] | None = None
) -> bytes:
    """Return what a side says from a packet on, as far as nothing is missing.

    Args:
        flows: The conversations.
        position: Place of the packet in ``flows.order``.
        most: Bytes that are enough.
        enough: Whether the payload of the packet alone is enough.
    """
    traffic, packet = flows.packets_table, int(flows.order[position])
    data = traffic.payload_bytes(flows.capture, packet, most)
    whole = len(data) == int(traffic.payload_size[packet])
    if not whole or len(data) >= most or (enough is not None and enough(data)):
        return data
    return _joined(flows, position, most)


def _joined(flows: Flows, position: int, most: int) -> bytes:
    traffic, flow = flows.packets_table, int(flows.flow_indexes[position])
    first = max(int(flows.bounds[flow]), position - _BEFORE)
    last = min(int(flows.bounds[flow + 1]), position + _BEHIND)
    near = flows.order[first:last]
    side = flows.from_device[first:last] == flows.from_device[position]
    begin = _place(flows, flows.order[position : position + 1])[0]
    places = (_place(flows, near) - begin + _HALF) % (2 * _HALF) - _HALF
    chosen = side & (traffic.payload_size[near] > 0) & (places >= 0) & (places < most)
    packets, places = near[chosen], places[chosen]
    said = bytearray()
    for at in np.lexsort((-traffic.payload_size[packets], places)).tolist():
        place, packet = int(places[at]), int(packets[at])
        if place > len(said):
            break
        if place + int(traffic.payload_size[packet]) <= len(said):
            continue
        piece = traffic.payload_bytes(flows.capture, packet, most)
        said[place : place + len(piece)] = piece
        if len(piece) < int(traffic.payload_size[packet]):
            break
    return bytes(said[:most])


def _place(flows: Flows, packets: IntArray) -> IntArray:
    """Return where in the stream a packet's payload stands: behind the SYN, if it carries one."""
    traffic = flows.packets_table
    opening = traffic.flags[packets] & SYN != 0
    return np.asarray(traffic.sequence[packets].astype(np.int64) + opening)
