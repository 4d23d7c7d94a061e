"""Signs that a capture holds several networks one after another.

Who watches one network all day sees the hardware address of its router, and addresses of its
devices, in the morning and in the evening.  Captures of two stations that were joined, or one of a
computer that was carried from one to the other, show some before an instant and others after it,
and none on both sides.  Such a capture did not watch either network the whole time.

Compared are hardware addresses of all who spoke, those that packets from outside come from (the
routers), and the local networks of the devices (24 bits of IPv4: RFC 1918, 3927, 6598, and those of
RFC 5737, which are nobody's).  Public addresses change by themselves and show nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from ._captured_packets import NO_TIME, CapturedPackets, IntArray, read_numbers_at_distances
from ._conversations import FlowTable, multicast_or_broadcast_address_mask, private_address_mask
from ._flow_contacts import DetailsOfAllFlows
from ._ip_headers import IPV4_MAPPED
from ._link_layer import ETHERNET, LINUX_SLL, LINUX_SLL2
from ._packet_table import INTERNET, PacketTable

#: Link type -> where the hardware addresses of receiver and sender stand in a packet; ``None``:
#: the link states no receiver.
_ADDRESS_DISTANCES: dict[int, tuple[int | None, int]] = {
    ETHERNET: (0, 6),
    LINUX_SLL: (None, 6),
    LINUX_SLL2: (None, 12),
}
#: A network that was watched for less than this shows nothing of it.
_SHORTEST_STRETCH_NS = 60 * 10**9
_GROUP_BIT = 1 << 40
#: Networks for documentation (RFC 5737): 24 bits of each.
_DOCUMENTATION = (0xC00002, 0xC63364, 0xCB0071)

Stretch = tuple[int, int]


def successive_network_signs(
    capture: CapturedPackets, packets: PacketTable, details: DetailsOfAllFlows | None
) -> tuple[str, ...]:
    """Return why a capture seems to hold several networks one after another, sentences."""
    if details is None:
        return ()
    receivers, senders, times = _mac_addresses_and_times_of_ip_packets(capture, packets)
    everybody = np.concatenate([receivers, senders]), np.concatenate([times, times])
    signs = (
        ("hardware address", *everybody),
        ("router", *_router_mac_addresses_and_times(capture, details.flows)),
        ("local network", *_local_networks_and_times_of_packets(details.flows)),
    )
    return tuple(
        sign
        for what, values, seen in signs
        for sign in _describe_successive_networks(
            what, _stretches_without_common_value(values, seen)
        )
    )


def _describe_successive_networks(what: str, stretches: list[Stretch]) -> Iterator[str]:
    if len(stretches) > 1:
        end, start = (_utc_seconds_text(time) for time in (stretches[0][1], stretches[1][0]))
        yield (
            f"It shows {len(stretches)} networks one after another: no {what} that is seen until "
            f"{end} is seen from {start} on."
        )


def _utc_seconds_text(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _stretches_without_common_value(values: IntArray, times: IntArray) -> list[Stretch]:
    """Return stretches of time that have no value in common, those that are long enough.

    Args:
        values: What was seen, as numbers; negative: nothing.
        times: When, nanoseconds since 1970.
    """
    chosen = (values >= 0) & (times != NO_TIME)
    if not chosen.any():
        return []
    known, numbers = np.unique(values[chosen], return_inverse=True)
    first = np.full(len(known), np.iinfo(np.int64).max)
    last = np.full(len(known), np.iinfo(np.int64).min)
    np.minimum.at(first, numbers, times[chosen])
    np.maximum.at(last, numbers, times[chosen])
    order = np.argsort(first, kind="stable")
    reach = np.maximum.accumulate(last[order])
    begins = np.flatnonzero(np.append(True, first[order][1:] > reach[:-1]))
    ends = np.append(begins[1:], len(order)) - 1
    return [
        (start, end)
        for start, end in zip(first[order][begins].tolist(), reach[ends].tolist(), strict=True)
        if end - start >= _SHORTEST_STRETCH_NS
    ]


def _mac_addresses_and_times_of_ip_packets(
    capture: CapturedPackets, packets: PacketTable
) -> tuple[IntArray, IntArray, IntArray]:
    """Return receiver and sender of each IP packet, and when it was; -1: nobody's address."""
    rows = np.flatnonzero(packets.kind == INTERNET)
    receivers, senders = (
        _hardware_addresses_of_packets(capture, rows, sender) for sender in (False, True)
    )
    return receivers, senders, capture.times[rows]


def _hardware_addresses_of_packets(
    capture: CapturedPackets, rows: IntArray, is_sender: bool
) -> IntArray:
    links = np.array([interface.link_type for interface in capture.interfaces] or [0], np.int64)
    link = links[capture.interface_indexes[rows]]
    addresses = np.full(len(rows), -1, np.int64)
    for kind, (to, by) in _ADDRESS_DISTANCES.items():
        distance = by if is_sender else to
        own = np.flatnonzero(link == kind)
        if distance is None or not len(own):
            continue
        offsets = capture.packet_offsets[rows[own]]
        (high,) = read_numbers_at_distances(capture.content, offsets, [distance], ">u4")
        (low,) = read_numbers_at_distances(capture.content, offsets, [distance + 4], ">u2")
        number = high << 16 | low
        addresses[own] = np.where((number > 0) & (number & _GROUP_BIT == 0), number, -1)
    return addresses


def _router_mac_addresses_and_times(
    capture: CapturedPackets, flows: FlowTable
) -> tuple[IntArray, IntArray]:
    """Return the hardware address that each packet from outside came from, and when."""
    outside = ~(
        private_address_mask(flows.remote_ip_address_of_each_flow)
        | multicast_or_broadcast_address_mask(flows.remote_ip_address_of_each_flow)
    )
    inward = flows.order[outside[flows.flow_index_of_each_packet] & ~flows.sent_by_device_mask]
    return _hardware_addresses_of_packets(capture, inward, True), capture.times[inward]


def _local_networks_and_times_of_packets(flows: FlowTable) -> tuple[IntArray, IntArray]:
    """Return the local network of the device of each packet, and when it was; -1: it has none."""
    high, low = (
        flows.device_ip_address_of_each_flow[:, 0],
        flows.device_ip_address_of_each_flow[:, 1],
    )
    is_four = (high == 0) & (low >> np.uint64(32) == IPV4_MAPPED >> 32)
    network: npt.NDArray[np.int64] = (low >> np.uint64(8) & np.uint64(0xFFFFFF)).astype(np.int64)
    is_local = private_address_mask(flows.device_ip_address_of_each_flow) | np.isin(
        network, _DOCUMENTATION
    )
    is_local &= is_four & ~multicast_or_broadcast_address_mask(flows.device_ip_address_of_each_flow)
    networks = np.where(is_local, network, -1)
    return networks[flows.flow_index_of_each_packet], flows.packet_times_ns
