"""The start of what one side of a TCP connection says, put together from its segments.

Only as much as a ClientHello or the head of a request needs: segments out of order and
sent twice are expected, gaps end the text.
"""

from collections.abc import Callable

import numpy as np

from ._flows import Flows
from ._ip import SYN
from ._packets import IntArray

#: Segments before and behind that are looked at.
_BEFORE, _BEHIND = 32, 192
_HALF = 1 << 31


def text_from(
    flows: Flows, position: int, most: int, enough: Callable[[bytes], bool] | None = None
) -> bytes:
    """Return what a side says from a packet on, as far as nothing is missing.

    Args:
        flows: The conversations.
        position: Place of the packet in ``flows.order``.
        most: Bytes that are enough.
        enough: Whether the payload of the packet alone is enough.
    """
    traffic, packet = flows.traffic, int(flows.order[position])
    data = traffic.text(flows.capture, packet, most)
    whole = len(data) == int(traffic.size[packet])
    if not whole or len(data) >= most or (enough is not None and enough(data)):
        return data
    return _joined(flows, position, most)


def _joined(flows: Flows, position: int, most: int) -> bytes:
    traffic, flow = flows.traffic, int(flows.numbers[position])
    first = max(int(flows.bounds[flow]), position - _BEFORE)
    last = min(int(flows.bounds[flow + 1]), position + _BEHIND)
    near = flows.order[first:last]
    side = flows.up[first:last] == flows.up[position]
    begin = _place(flows, flows.order[position : position + 1])[0]
    places = (_place(flows, near) - begin + _HALF) % (2 * _HALF) - _HALF
    chosen = side & (traffic.size[near] > 0) & (places >= 0) & (places < most)
    packets, places = near[chosen], places[chosen]
    said = bytearray()
    for at in np.lexsort((-traffic.size[packets], places)).tolist():
        place, packet = int(places[at]), int(packets[at])
        if place > len(said):
            break
        if place + int(traffic.size[packet]) <= len(said):
            continue
        piece = traffic.text(flows.capture, packet, most)
        said[place : place + len(piece)] = piece
        if len(piece) < int(traffic.size[packet]):
            break
    return bytes(said[:most])


def _place(flows: Flows, packets: IntArray) -> IntArray:
    """Return where in the stream a packet's payload stands: behind the SYN, if it carries one."""
    traffic = flows.traffic
    opening = traffic.flags[packets] & SYN != 0
    return np.asarray(traffic.sequence[packets].astype(np.int64) + opening)
