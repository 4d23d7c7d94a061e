"""Conversation, direction and payload of each packet, as columns over the whole capture.

Fragmented IP packets (RFC 791 section 3.2, RFC 8200 section 4.5) are reassembled.  They are
rare, so they are handled one by one.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._captured_packets import (
    PACKETS_PER_BLOCK,
    BoolArray,
    CapturedPackets,
    IntArray,
    read_numbers_at_offsets,
)
from ._ip_headers import TCP, UDP, IpHeaderTable, read_ip_headers
from ._link_layer import ARP, IP_4, IP_6, find_network_layer_of_each_packet

#: Longest packet, and most fragments that are stored.
_MAX_REASSEMBLED_SIZE, _MAX_FRAGMENTS = 65_535, 200_000
_LOOKUPS = {53, 5353, 5355}


@dataclass(frozen=True, slots=True)
class _IpFragment:
    packet: int
    place: int
    last: bool
    #: Of all that stands behind the IP header: first byte in the file, size in the file.
    start: int
    size: int


@dataclass(eq=False, slots=True)
class FragmentReassembly:
    """The fragments read so far, by the packet that they belong to."""

    fragments: dict[bytes, list[_IpFragment]] = field(default_factory=dict)
    count: int = 0
    dropped_count: int = 0

    def store_fragments_of_block(self, headers: IpHeaderTable, first: int, ends: IntArray) -> None:
        """Store the fragments among the packets of a block."""
        for row in np.flatnonzero(headers.more_fragments | (headers.fragment_offset > 0)).tolist():
            protocol = int(headers.protocol[row])
            if protocol not in (TCP, UDP):
                continue
            if self.count >= _MAX_FRAGMENTS:
                self.dropped_count += 1
                continue
            self.count += 1
            fragment_offset = int(headers.fragment_offset[row])
            start = int(headers.payload_offset[row])
            if fragment_offset == 0 and protocol == UDP:
                start -= 8
            end = min(
                int(ends[headers.rows[row]]),
                int(headers.payload_offset[row] + headers.payload_size[row]),
            )
            key = b"".join(
                (headers.source[row].tobytes(), headers.target[row].tobytes(),
                 headers.identity[row].tobytes(), bytes([protocol]))
            )  # fmt: skip
            packet, last = first + int(headers.rows[row]), not headers.more_fragments[row]
            fragment = _IpFragment(
                packet,
                fragment_offset,
                last,
                start,
                max(0, min(end - start, _MAX_REASSEMBLED_SIZE)),
            )
            self.fragments.setdefault(key, []).append(fragment)

    def reassemble_and_count_incomplete_packets(
        self, capture: CapturedPackets, table: "PacketTable"
    ) -> int:
        """Assign fragments to the conversation of the first, and reassemble its payload.

        Only look-ups are reassembled: of other fragmented packets the first fragment is enough.

        Returns:
            How many packets lack a fragment.
        """
        incomplete = self.dropped_count
        for fragments in self.fragments.values():
            head: _IpFragment | None = None
            parts: list[_IpFragment] = []
            for fragment in fragments:
                if fragment.place:
                    parts.append(fragment)
                    continue
                if head is not None:  # the number is used again
                    incomplete += not _reassemble_packet_and_tell_if_complete(
                        capture, table, head, parts
                    )
                    parts = []
                head = fragment
            incomplete += not _reassemble_packet_and_tell_if_complete(capture, table, head, parts)
        return incomplete


def _reassemble_packet_and_tell_if_complete(
    capture: CapturedPackets,
    table: "PacketTable",
    head: _IpFragment | None,
    parts: list[_IpFragment],
) -> bool:
    """Reassemble one packet; return whether it is complete."""
    if head is None:
        return False
    for part in parts:
        table.conversation[part.packet] = table.conversation[head.packet]
        table.forward[part.packet] = table.forward[head.packet]
    size, complete, data = head.size, head.last, bytearray()
    is_lookup = _is_dns_lookup_packet(table, head.packet)
    if is_lookup:
        data += capture.read_bytes(head.start, head.size)
    for part in sorted(parts, key=lambda fragment: (fragment.place, fragment.packet)):
        if part.place > size or part.place + part.size > _MAX_REASSEMBLED_SIZE:
            complete = False
            break
        if is_lookup:
            data[part.place : part.place + part.size] = capture.read_bytes(part.start, part.size)
        size = max(size, part.place + part.size)
        complete |= part.last
    if is_lookup:
        table.reassembled[head.packet] = bytes(data[8:])
    return complete or table.protocol[head.packet] == TCP


def _is_dns_lookup_packet(table: "PacketTable", packet: int) -> bool:
    packed = int(table.endpoints[table.conversation[packet], 4])
    return table.protocol[packet] == UDP and bool({packed >> 32, packed >> 16 & 0xFFFF} & _LOOKUPS)


#: What a packet is, for the coverage: a link type without IP, no IP inside, ARP, IP, cut short.
FOREIGN, OTHER, ADDRESSING, INTERNET, SHORT = range(5)


_BITS = np.uint64(8)


@dataclass(eq=False, slots=True)
class PacketTable:
    """One row a packet, in file order."""

    kind: npt.NDArray[np.uint8]
    #: Of what the link layer carries; 0: not known.
    ethertype: npt.NDArray[np.uint16]
    #: Row of ``ends``, or -1 for a packet without IP.
    conversation: npt.NDArray[np.int32]
    #: Whether the first end of the conversation sent it.
    forward: BoolArray
    protocol: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    sequence: npt.NDArray[np.uint32]
    #: First byte of the payload in the file; its size on the wire and in the file.
    payload_offset: IntArray
    payload_size: npt.NDArray[np.int32]
    captured_payload_size: npt.NDArray[np.int32]
    #: The first eight bytes of it as a number; zeros for those that the file does not hold.
    payload_prefix: npt.NDArray[np.uint64]
    #: Two addresses in halves, then ports and protocol, one row a conversation.
    endpoints: npt.NDArray[np.uint64]
    #: First fragment of a look-up -> its reassembled payload.
    reassembled: dict[int, bytes] = field(default_factory=dict)
    #: Fragmented packets of which a fragment is missing.
    incomplete_count: int = 0

    def payload_of_packet(self, capture: CapturedPackets, packet: int, most: int) -> bytes:
        """Return the payload of a packet as far as the file holds it, or a part of it."""
        if packet in self.reassembled:
            return self.reassembled[packet][:most]
        return capture.read_bytes(
            int(self.payload_offset[packet]), min(int(self.captured_payload_size[packet]), most)
        )


def decode_packets(capture: CapturedPackets) -> PacketTable:
    """Return the conversation, direction and payload of every packet."""
    count = len(capture)
    table = PacketTable(
        kind=np.zeros(count, np.uint8),
        ethertype=np.zeros(count, np.uint16),
        conversation=np.full(count, -1, np.int32),
        forward=np.zeros(count, np.bool_),
        protocol=np.zeros(count, np.uint8),
        flags=np.zeros(count, np.uint8),
        sequence=np.zeros(count, np.uint32),
        payload_offset=np.zeros(count, np.int64),
        payload_size=np.zeros(count, np.int32),
        captured_payload_size=np.zeros(count, np.int32),
        payload_prefix=np.zeros(count, np.uint64),
        endpoints=np.zeros((0, 5), np.uint64),
    )
    links = np.array([interface.link_type for interface in capture.interfaces] or [0], np.int64)
    known: dict[bytes, int] = {}
    reassembly = FragmentReassembly()
    for first in range(0, count, PACKETS_PER_BLOCK):
        rows = slice(first, min(first + PACKETS_PER_BLOCK, count))
        starts = capture.packet_offsets[rows]
        ends = starts + capture.captured_sizes[rows]
        link = links[capture.interface_indexes[rows]]
        network = find_network_layer_of_each_packet(capture.array, starts, ends, link)
        internet = (network.ethertype == IP_4) | (network.ethertype == IP_6)
        table.ethertype[rows] = network.ethertype
        table.kind[rows] = np.select(
            [internet, network.ethertype == ARP, network.ethertype != 0],
            [SHORT, ADDRESSING, OTHER],
            FOREIGN,
        )
        packet_headers = read_ip_headers(
            capture.array, network, ends, starts + capture.wire_sizes[rows]
        )
        _fill_packet_table_chunk(table, capture, packet_headers, first, ends, known)
        reassembly.store_fragments_of_block(packet_headers, first, ends)
        capture.content.release_pages(0, int(ends[-1]))
    table.endpoints = np.frombuffer(b"".join(known), np.uint64).reshape(-1, 5)
    table.incomplete_count = reassembly.reassemble_and_count_incomplete_packets(capture, table)
    return table


def _fill_packet_table_chunk(
    table: PacketTable,
    capture: CapturedPackets,
    packet_headers: IpHeaderTable,
    first: int,
    ends: IntArray,
    known: dict[bytes, int],
) -> None:
    """Write the rows of one block."""
    packets = packet_headers.rows + first
    keys, forward = _conversation_keys_and_direction_mask(packet_headers)
    table.kind[packets] = INTERNET
    # Later pieces of a packet have no ports; they are given to the first.
    rest = (packet_headers.fragment_offset > 0) & np.isin(packet_headers.protocol, (TCP, UDP))
    table.conversation[packets[~rest]] = _assign_conversation_ids(keys[~rest], known)
    table.forward[packets] = forward
    table.protocol[packets] = packet_headers.protocol
    table.flags[packets] = packet_headers.flags
    table.sequence[packets] = packet_headers.sequence
    table.payload_offset[packets] = packet_headers.payload_offset
    table.payload_size[packets] = np.minimum(packet_headers.payload_size, np.iinfo(np.int32).max)
    table.captured_payload_size[packets] = np.clip(
        ends[packet_headers.rows] - packet_headers.payload_offset, 0, table.payload_size[packets]
    )
    table.payload_prefix[packets] = _first_8_payload_bytes_as_integers(
        capture, packet_headers, table.captured_payload_size[packets]
    )


def _first_8_payload_bytes_as_integers(
    capture: CapturedPackets, packet_headers: IpHeaderTable, held: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint64]:
    """Return the first eight bytes of each payload as a number, with zeros for those not there."""
    beyond = np.clip(packet_headers.payload_offset - (len(capture.array) - 8), 0, 7).astype(
        np.uint64
    )
    prefix = (
        read_numbers_at_offsets(capture.array, packet_headers.payload_offset, ">u8").astype(
            np.uint64
        )
        << beyond * _BITS
    )
    missing = np.maximum(8 - held, 0).astype(np.uint64)
    prefix[missing == 8] = 0  # no number can be shifted by all of its bits
    missing %= np.uint64(8)
    return np.asarray(prefix >> missing * _BITS << missing * _BITS)


def _conversation_keys_and_direction_mask(
    packet_headers: IpHeaderTable,
) -> tuple[npt.NDArray[np.uint64], BoolArray]:
    """Return the key of each packet's conversation, and whether its first end is the sender.

    The lesser of the two ends comes first, so that both directions have one key.
    """
    source, target = packet_headers.source, packet_headers.target
    forward = packet_headers.source_port <= packet_headers.target_port
    for half in (1, 0):
        less, same = source[:, half] < target[:, half], source[:, half] == target[:, half]
        forward = less | (same & forward)
    keys = np.empty((len(packet_headers), 5), np.uint64)
    keys[:, 0:2] = np.where(forward[:, None], source, target)
    keys[:, 2:4] = np.where(forward[:, None], target, source)
    lesser = np.where(forward, packet_headers.source_port, packet_headers.target_port).astype(
        np.uint64
    )
    other = np.where(forward, packet_headers.target_port, packet_headers.source_port).astype(
        np.uint64
    )
    keys[:, 4] = (
        lesser << np.uint64(32) | other << np.uint64(16) | packet_headers.protocol.astype(np.uint64)
    )
    return keys, forward


#: Odd numbers to mix the parts of a key with; any would do.
_MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
     0xA0761D6478BD642F], np.uint64,
)  # fmt: skip


def _assign_conversation_ids(
    keys: npt.NDArray[np.uint64], known: dict[bytes, int]
) -> npt.NDArray[np.int32]:
    """Return the number of each key, and give one to those not known so far."""
    if not len(keys):
        return np.zeros(0, np.int32)
    mixed = (keys ^ keys >> np.uint64(29)) * _MIX
    _, first, inverse = np.unique(
        np.bitwise_xor.reduce(mixed ^ mixed >> np.uint64(32), 1),
        return_index=True,
        return_inverse=True,
    )
    if (keys[first][inverse] != keys).any():  # two keys with one hash: compare them whole
        _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        inverse = inverse.reshape(-1)
    numbered = np.empty(len(first), np.int32)
    for index in np.argsort(first).tolist():
        numbered[index] = known.setdefault(keys[first[index]].tobytes(), len(known))
    return numbered[inverse]


def endpoint_ports_of_each_conversation(
    ends: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the ports of both ends of each conversation."""
    packed = ends[:, 4]
    sixteen = np.uint64(0xFFFF)
    return (
        (packed >> np.uint64(32)).astype(np.int64),
        (packed >> np.uint64(16) & sixteen).astype(np.int64),
    )
