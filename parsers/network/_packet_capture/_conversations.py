"""Conversations: packets between two ends, cut where one begins anew, and what they add up to."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ._captured_packets import NO_TIME, BoolArray, CapturedPackets, IntArray
from ._ip_headers import ACK, IPV4_MAPPED, RST, SYN, TCP, UDP
from ._packet_table import PacketTable, endpoint_ports_of_each_conversation

#: Gap after which the same two ends begin a new conversation; TCP marks its beginning itself.
_UDP_GAP_NS = 300 * 10**9
_SYN_GAP_NS = 10**9
#: Sequence numbers count modulo 2 to the 32nd.
_HALF = 1 << 31
#: Below this, or in it, a port is that of a service.
_SERVICES = 1024
_OTHER_SERVICES = (1194, 1883, 1935, 3478, 5222, 5228, 5353, 5355, 8000, 8080, 8443, 8554, 8883)


@dataclass(eq=False)
class FlowTable:
    """One row a conversation, in the order in which they begin in the file."""

    capture: CapturedPackets
    packets_table: PacketTable
    #: Packets sorted by conversation, then as they stand in the file.
    order: IntArray
    #: Conversation ``n`` has the packets ``order[bounds[n]:bounds[n + 1]]``.
    bounds: IntArray
    #: Whether the first of the two ends is the device that is looked at.
    device_first: BoolArray
    #: Whether the device began it.
    device_initiated: BoolArray

    def __len__(self) -> int:
        """Return the number of conversations."""
        return len(self.bounds) - 1

    @cached_property
    def first_packet_of_each_flow(self) -> IntArray:
        """The first packet of each."""
        return self.order[self.bounds[:-1]]

    @cached_property
    def ip_protocol_numbers(self) -> npt.NDArray[np.uint8]:
        """The protocol above IP of each."""
        return self.packets_table.protocol[self.first_packet_of_each_flow]

    @cached_property
    def endpoints(self) -> npt.NDArray[np.uint64]:
        """The two ends of each."""
        return self.packets_table.endpoints[
            self.packets_table.conversation[self.first_packet_of_each_flow]
        ]

    @cached_property
    def device_ip_address_of_each_flow(self) -> npt.NDArray[np.uint64]:
        """The address of the device, in halves."""
        return np.where(self.device_first[:, None], self.endpoints[:, 0:2], self.endpoints[:, 2:4])

    @cached_property
    def remote_ip_address_of_each_flow(self) -> npt.NDArray[np.uint64]:
        """The address of the other end, in halves."""
        return np.where(self.device_first[:, None], self.endpoints[:, 2:4], self.endpoints[:, 0:2])

    @cached_property
    def device_and_remote_ports(self) -> tuple[IntArray, IntArray]:
        """The ports of the device and of the other end."""
        lesser, greater = endpoint_ports_of_each_conversation(self.endpoints)
        return (
            np.where(self.device_first, lesser, greater),
            np.where(self.device_first, greater, lesser),
        )

    @cached_property
    def flow_index_of_each_packet(self) -> npt.NDArray[np.int32]:
        """The conversation of each packet in ``order``."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.bounds))

    @cached_property
    def sent_by_device_mask(self) -> BoolArray:
        """Whether the device sent each packet in ``order``."""
        return np.asarray(
            self.packets_table.forward[self.order]
            == self.device_first[self.flow_index_of_each_packet]
        )

    @cached_property
    def packet_times_ns(self) -> IntArray:
        """The time of each packet in ``order``."""
        return self.capture.times[self.order]

    @cached_property
    def first_and_last_times_of_each_flow(self) -> tuple[IntArray, IntArray]:
        """The first and last time of each, or ``NO_TIME``."""
        times = self.packet_times_ns
        last = np.maximum.reduceat(times, self.bounds[:-1])
        begun = np.where(times == NO_TIME, np.iinfo(np.int64).max, times)
        return np.where(last == NO_TIME, last, np.minimum.reduceat(begun, self.bounds[:-1])), last

    def packet_indexes_of_flow(self, flow: int) -> IntArray:
        """Return the packets of a conversation."""
        return self.order[self.bounds[flow] : self.bounds[flow + 1]]

    @cached_property
    def payload_size_without_repeats_of_each_packet(self) -> npt.NDArray[np.int64]:
        """Payload bytes of each packet in ``order`` that were not sent before."""
        return _new_payload_sizes(self)

    @cached_property
    def sent_and_received_payload_bytes(
        self,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Payload bytes that the device sent in each conversation, and those it received."""
        begin = self.bounds[:-1]
        return (
            np.add.reduceat(
                np.where(
                    self.sent_by_device_mask, self.payload_size_without_repeats_of_each_packet, 0
                ),
                begin,
            ),
            np.add.reduceat(
                np.where(
                    self.sent_by_device_mask, 0, self.payload_size_without_repeats_of_each_packet
                ),
                begin,
            ),
        )

    @cached_property
    def answered_flow_mask(self) -> BoolArray:
        """In which conversations the other end answered, as far as one can see."""
        return _answered_flow_mask(self)

    def flows_with_chosen_packets_mask(self, chosen: BoolArray) -> BoolArray:
        """Return which conversations have a chosen packet."""
        return np.asarray(np.logical_or.reduceat(chosen, self.bounds[:-1]))


def flow_table_of_capture(capture: CapturedPackets, traffic: PacketTable) -> FlowTable | None:
    """Return the conversations of a capture; ``None``: it has none."""
    order = np.flatnonzero(traffic.conversation >= 0)
    order = order[np.argsort(traffic.conversation[order], kind="stable")]
    if not len(order):
        return None
    cut = _flow_start_mask(capture, traffic, order)
    begin = np.append(np.flatnonzero(cut), len(order))
    # In the order in which they begin in the file.
    rank = np.argsort(order[begin[:-1]])
    sizes = np.diff(begin)[rank]
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    within = np.arange(len(order)) - np.repeat(bounds[:-1], sizes)
    order = order[np.repeat(begin[:-1][rank], sizes) + within]
    numbers = np.repeat(np.arange(len(sizes)), sizes)
    client = _first_end_is_client_mask(traffic, order, bounds[:-1], numbers)
    ends = traffic.endpoints[traffic.conversation[order[bounds[:-1]]]]
    first, second = private_address_mask(ends[:, 0:2]), private_address_mask(ends[:, 2:4])
    device = np.where(first == second, client, first)
    return FlowTable(capture, traffic, order, bounds, device, device == client)


def _flow_start_mask(capture: CapturedPackets, traffic: PacketTable, order: IntArray) -> BoolArray:
    """Return at which packets, sorted by their two ends, a conversation begins."""
    ends, times = traffic.conversation[order], capture.times[order]
    cut = np.ones(len(order), np.bool_)
    cut[1:] = ends[1:] != ends[:-1]
    timed = (times[1:] != NO_TIME) & (times[:-1] != NO_TIME)
    silence = np.where(timed & ~cut[1:], times[1:] - np.where(timed, times[:-1], 0), 0)
    protocol = traffic.protocol[order]
    cut[1:] |= (protocol[1:] == UDP) & (silence > _UDP_GAP_NS)
    opening = np.flatnonzero((protocol == TCP) & (traffic.flags[order] & (SYN | ACK) == SYN))
    if len(opening):
        # Another number than the last of the same sender, or the first after silence.
        sender = ends[opening].astype(np.int64) * 2 + traffic.forward[order[opening]]
        by = np.argsort(sender, kind="stable")
        again = np.zeros(len(opening), np.bool_)
        same = sender[by][1:] == sender[by][:-1]
        number = traffic.sequence[order[opening]][by]
        again[by[1:]] = same & (number[1:] != number[:-1])
        first = np.ones(len(opening), np.bool_)
        first[by[1:]] = ~same
        late = np.concatenate([[0], silence])[opening] > _SYN_GAP_NS
        cut[opening] |= again | (first & late)
    return cut


def _first_end_is_client_mask(
    traffic: PacketTable, order: IntArray, begin: IntArray, numbers: IntArray
) -> BoolArray:
    """Return of each conversation whether its first end is the one that began it."""
    forward, flags = traffic.forward[order], traffic.flags[order]
    client = forward[begin].copy()
    first_port, second_port = endpoint_ports_of_each_conversation(
        traffic.endpoints[traffic.conversation[order[begin]]]
    )
    service = _service_port_mask(first_port), _service_port_mask(second_port)
    # Whoever is seen first is taken for the one that asks, unless only it has a service's port.
    client = np.where(service[0] == service[1], client, service[1])
    tcp = traffic.protocol[order] == TCP
    for mask, expected, sender in ((SYN | ACK, SYN | ACK, False), (SYN | ACK, SYN, True)):
        rows = np.flatnonzero(tcp & (flags & mask == expected))[::-1]
        client[numbers[rows]] = forward[rows] == sender
    return client


def _service_port_mask(port: IntArray) -> BoolArray:
    return np.asarray(((port < _SERVICES) & (port > 0)) | np.isin(port, _OTHER_SERVICES))


def _new_payload_sizes(flows: FlowTable) -> npt.NDArray[np.int64]:
    """Return how many payload bytes of each packet were not sent before.

    Of TCP by sequence numbers, so that what is sent again counts once; positions of
    all conversations are laid end to end, and one running maximum serves for all.
    """
    traffic, order = flows.packets_table, flows.order
    fresh = traffic.payload_size[order].astype(np.int64)
    rows = np.flatnonzero((traffic.protocol[order] == TCP) & (fresh > 0))
    if not len(rows):
        return fresh
    side = (
        flows.flow_index_of_each_packet[rows].astype(np.int64) * 2 + flows.sent_by_device_mask[rows]
    )
    rows = rows[np.argsort(side, kind="stable")]
    side = np.sort(side, kind="stable")
    number = traffic.sequence[order[rows]].astype(np.int64)
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = side[1:] != side[:-1]
    step = np.zeros(len(rows), np.int64)
    step[1:] = (number[1:] - number[:-1] + _HALF) % (2 * _HALF) - _HALF
    step[begins] = 0
    position, side_begins = np.cumsum(step), np.flatnonzero(begins)
    group = np.cumsum(begins) - 1
    low = np.minimum.reduceat(position, side_begins)
    high = np.maximum.reduceat(position + fresh[rows], side_begins)
    position += (np.concatenate([[0], np.cumsum(high - low)])[:-1] - low)[group]
    by = np.argsort(position, kind="stable")
    end = np.maximum.accumulate((position + fresh[rows])[by])
    before = np.concatenate([[np.iinfo(np.int64).min], end[:-1]])
    fresh[rows[by]] = np.maximum(end - np.maximum(position[by], before), 0)
    return fresh


def _answered_flow_mask(flows: FlowTable) -> BoolArray:
    """Return in which conversations the other end answered, as far as one can see.

    Of TCP: it sent something, or agreed to the connection and did not reset it, or
    the device went on as it could only have done after that.  Of others: it sent
    a packet.
    """
    traffic, up = flows.packets_table, flows.sent_by_device_mask
    flags, size = traffic.flags[flows.order], traffic.payload_size[flows.order]
    spoke, came = (
        flows.flows_with_chosen_packets_mask(~up & (size > 0)),
        flows.flows_with_chosen_packets_mask(~up),
    )
    reset = flows.flows_with_chosen_packets_mask(~up & (flags & RST != 0))
    agreed = flows.flows_with_chosen_packets_mask(~up & (flags & (SYN | ACK) == SYN | ACK))
    sent = flows.flows_with_chosen_packets_mask(up & (size > 0) & (flags & SYN == 0))
    tcp = spoke | (
        ~reset & (agreed | sent | (came & ~flows.flows_with_chosen_packets_mask(flags & SYN != 0)))
    )
    return np.where(flows.ip_protocol_numbers == TCP, tcp, came)


def private_address_mask(address: npt.NDArray[np.uint64]) -> BoolArray:
    """Return which addresses are of a local network (RFC 1918, 6598, 3927, 4193, 4291)."""
    high, low = address[:, 0], address[:, 1]
    four = (high == 0) & (low >> np.uint64(32) == IPV4_MAPPED >> 32)
    inside = np.zeros(len(address), np.bool_)
    number = low & np.uint64(0xFFFFFFFF)
    for base, bits in _LOCAL:
        inside |= four & (number >> np.uint64(32 - bits) == base >> (32 - bits))
    unique = high >> np.uint64(57) == 0xFC >> 1
    link = high >> np.uint64(54) == 0xFE80 >> 6
    return np.asarray(inside | (~four & (unique | link | ((high == 0) & (low == 1)))))


_LOCAL = (
    (0x0A000000, 8), (0xAC100000, 12), (0xC0A80000, 16), (0x64400000, 10), (0xA9FE0000, 16),
    (0x7F000000, 8),
)  # fmt: skip


def multicast_or_broadcast_address_mask(address: npt.NDArray[np.uint64]) -> BoolArray:
    """Return which addresses are those of many or of none: multicast, broadcast, unspecified."""
    high, low = address[:, 0], address[:, 1]
    four = (high == 0) & (low >> np.uint64(32) == IPV4_MAPPED >> 32)
    number = low & np.uint64(0xFFFFFFFF)
    is_group = (number >> np.uint64(28) == 0xE) | (number == 0xFFFFFFFF) | (number == 0)
    # The broadcast address of most local networks.
    is_group |= private_address_mask(address) & (number & np.uint64(0xFF) == 0xFF)
    return np.asarray(
        np.where(four, is_group, (high >> np.uint64(56) == 0xFF) | ((high == 0) & (low == 0)))
    )
