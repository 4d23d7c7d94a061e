"""Each packet's conversation, direction and payload, as columns over the whole capture."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._ip_headers import TCP, UDP, PacketHeaders, read_headers
from ._link_layer import ARP, IP_4, IP_6, find_network_layer
from ._packet_capture import PACKETS_PER_BLOCK, BoolArray, IntArray, PacketCapture, read_numbers

#: A packet is no longer than this, and no more pieces are kept at all.
_MAX_REASSEMBLED_SIZE, _MAX_FRAGMENTS = 65_535, 200_000
_LOOKUPS = {53, 5353, 5355}


@dataclass(frozen=True, slots=True)
class _Fragment:
    packet: int
    place: int
    last: bool
    #: Of all that stands behind the IP header: first byte in the file, size in the file.
    start: int
    size: int


@dataclass(eq=False, slots=True)
class FragmentReassembly:
    """The pieces seen so far, by the packet they belong to."""

    fragments: dict[bytes, list[_Fragment]] = field(default_factory=dict)
    count: int = 0
    dropped_count: int = 0

    def add(self, one: PacketHeaders, first: int, ends: IntArray) -> None:
        """Keep the pieces among the packets of a block."""
        for row in np.flatnonzero(one.more_fragments | (one.fragment_offset > 0)).tolist():
            protocol = int(one.protocol[row])
            if protocol not in (TCP, UDP):
                continue
            if self.count >= _MAX_FRAGMENTS:
                self.dropped_count += 1
                continue
            self.count += 1
            place = int(one.fragment_offset[row])
            start = int(one.payload_offset[row])
            if place == 0 and protocol == UDP:
                start -= 8
            end = min(
                int(ends[one.rows[row]]), int(one.payload_offset[row] + one.payload_size[row])
            )
            key = b"".join(
                (one.source[row].tobytes(), one.target[row].tobytes(),
                 one.identity[row].tobytes(), bytes([protocol]))
            )  # fmt: skip
            packet, last = first + int(one.rows[row]), not one.more_fragments[row]
            piece = _Fragment(
                packet, place, last, start, max(0, min(end - start, _MAX_REASSEMBLED_SIZE))
            )
            self.fragments.setdefault(key, []).append(piece)

    def reassemble(self, capture: PacketCapture, out: "PacketTable") -> int:
        """Give the pieces to the conversation of the first, and to the first its whole payload.

        Only lookups get theirs: of nothing else that comes in pieces more is read than the first.

        Returns:
            How many packets lack a piece.
        """
        torn = self.dropped_count
        for pieces in self.fragments.values():
            head: _Fragment | None = None
            parts: list[_Fragment] = []
            for piece in pieces:
                if piece.place:
                    parts.append(piece)
                    continue
                if head is not None:  # the number is used again
                    torn += not _reassemble_packet(capture, out, head, parts)
                    parts = []
                head = piece
            torn += not _reassemble_packet(capture, out, head, parts)
        return torn


def _reassemble_packet(
    capture: PacketCapture, out: "PacketTable", head: _Fragment | None, parts: list[_Fragment]
) -> bool:
    """Put one packet together; return whether it is complete."""
    if head is None:
        return False
    for part in parts:
        out.conversation[part.packet] = out.conversation[head.packet]
        out.forward[part.packet] = out.forward[head.packet]
    size, complete, data = head.size, head.last, bytearray()
    wanted = _is_lookup(out, head.packet)
    if wanted:
        data += capture.read_bytes(head.start, head.size)
    for part in sorted(parts, key=lambda one: (one.place, one.packet)):
        if part.place > size or part.place + part.size > _MAX_REASSEMBLED_SIZE:
            complete = False
            break
        if wanted:
            data[part.place : part.place + part.size] = capture.read_bytes(part.start, part.size)
        size = max(size, part.place + part.size)
        complete |= part.last
    if wanted:
        out.reassembled[head.packet] = bytes(data[8:])
    return complete or out.protocol[head.packet] == TCP


def _is_lookup(out: "PacketTable", packet: int) -> bool:
    packed = int(out.endpoints[out.conversation[packet], 4])
    return out.protocol[packet] == UDP and bool({packed >> 32, packed >> 16 & 0xFFFF} & _LOOKUPS)


#: What a packet is, for the coverage: a link type without IP, no IP inside, ARP, IP, cut short.
FOREIGN, OTHER, ADDRESSING, INTERNET, SHORT = range(5)


_BITS = np.uint64(8)


@dataclass(eq=False, slots=True)
class PacketTable:
    """One row a packet, in file order."""

    kind: npt.NDArray[np.uint8]
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
    #: First piece of a lookup that came in pieces -> its payload put together.
    reassembled: dict[int, bytes] = field(default_factory=dict)
    #: Packets that came in pieces of which some are missing.
    incomplete_count: int = 0

    def payload_bytes(self, capture: PacketCapture, packet: int, most: int) -> bytes:
        """Return the payload of a packet as far as the file holds it, or a part of it."""
        if packet in self.reassembled:
            return self.reassembled[packet][:most]
        return capture.read_bytes(
            int(self.payload_offset[packet]), min(int(self.captured_payload_size[packet]), most)
        )


def decode_packets(capture: PacketCapture) -> PacketTable:
    """Return the conversation, direction and payload of every packet."""
    count = len(capture)
    out = PacketTable(
        kind=np.zeros(count, np.uint8),
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
    pieces = FragmentReassembly()
    for first in range(0, count, PACKETS_PER_BLOCK):
        rows = slice(first, min(first + PACKETS_PER_BLOCK, count))
        starts = capture.packet_offsets[rows]
        ends = starts + capture.captured_sizes[rows]
        link = links[capture.interface_indexes[rows]]
        found = find_network_layer(capture.array, starts, ends, link)
        internet = (found.ethertype == IP_4) | (found.ethertype == IP_6)
        out.kind[rows] = np.select(
            [internet, found.ethertype == ARP, found.ethertype != 0],
            [SHORT, ADDRESSING, OTHER],
            FOREIGN,
        )
        one = read_headers(capture.array, found, ends, starts + capture.wire_sizes[rows])
        _note(out, capture, one, first, ends, known)
        pieces.add(one, first, ends)
        capture.content.release_pages(0, int(ends[-1]))
    out.endpoints = np.frombuffer(b"".join(known), np.uint64).reshape(-1, 5)
    out.incomplete_count = pieces.reassemble(capture, out)
    return out


def _note(
    out: PacketTable,
    capture: PacketCapture,
    one: PacketHeaders,
    first: int,
    ends: IntArray,
    known: dict[bytes, int],
) -> None:
    """Write the rows of one block."""
    packets = one.rows + first
    keys, forward = _keys(one)
    out.kind[packets] = INTERNET
    # Later pieces of a packet have no ports; they are given to the first.
    rest = (one.fragment_offset > 0) & np.isin(one.protocol, (TCP, UDP))
    out.conversation[packets[~rest]] = _numbered(keys[~rest], known)
    out.forward[packets] = forward
    out.protocol[packets] = one.protocol
    out.flags[packets] = one.flags
    out.sequence[packets] = one.sequence
    out.payload_offset[packets] = one.payload_offset
    out.payload_size[packets] = np.minimum(one.payload_size, np.iinfo(np.int32).max)
    out.captured_payload_size[packets] = np.clip(
        ends[one.rows] - one.payload_offset, 0, out.payload_size[packets]
    )
    out.payload_prefix[packets] = _begins(capture, one, out.captured_payload_size[packets])


def _begins(
    capture: PacketCapture, one: PacketHeaders, held: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint64]:
    """Return the first eight bytes of each payload as a number, with zeros for those not there."""
    beyond = np.clip(one.payload_offset - (len(capture.array) - 8), 0, 7).astype(np.uint64)
    found = (
        read_numbers(capture.array, one.payload_offset, ">u8").astype(np.uint64) << beyond * _BITS
    )
    missing = np.maximum(8 - held, 0).astype(np.uint64)
    found[missing == 8] = 0  # no number can be shifted by all of its bits
    missing %= np.uint64(8)
    return np.asarray(found >> missing * _BITS << missing * _BITS)


def _keys(one: PacketHeaders) -> tuple[npt.NDArray[np.uint64], BoolArray]:
    """Return the key of each packet's conversation, and whether its first end is the sender.

    The lesser of the two ends comes first, so that both directions have one key.
    """
    source, target = one.source, one.target
    forward = one.source_port <= one.target_port
    for half in (1, 0):
        less, same = source[:, half] < target[:, half], source[:, half] == target[:, half]
        forward = less | (same & forward)
    keys = np.empty((len(one), 5), np.uint64)
    keys[:, 0:2] = np.where(forward[:, None], source, target)
    keys[:, 2:4] = np.where(forward[:, None], target, source)
    lesser = np.where(forward, one.source_port, one.target_port).astype(np.uint64)
    other = np.where(forward, one.target_port, one.source_port).astype(np.uint64)
    keys[:, 4] = lesser << np.uint64(32) | other << np.uint64(16) | one.protocol.astype(np.uint64)
    return keys, forward


#: Odd numbers to mix the parts of a key with; any would do.
_MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
     0xA0761D6478BD642F], np.uint64,
)  # fmt: skip


def _numbered(keys: npt.NDArray[np.uint64], known: dict[bytes, int]) -> npt.NDArray[np.int32]:
    """Return the number of each key, and give one to those not known so far."""
    if not len(keys):
        return np.zeros(0, np.int32)
    mixed = (keys ^ keys >> np.uint64(29)) * _MIX
    _, first, place = np.unique(
        np.bitwise_xor.reduce(mixed ^ mixed >> np.uint64(32), 1),
        return_index=True,
        return_inverse=True,
    )
    if (keys[first][place] != keys).any():  # two keys with one hash: compare them whole
        _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        place = place.reshape(-1)
    numbered = np.empty(len(first), np.int32)
    for at in np.argsort(first).tolist():
        numbered[at] = known.setdefault(keys[first[at]].tobytes(), len(known))
    return numbered[place]


def endpoint_ports(
    ends: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the ports of both ends of each conversation."""
    packed = ends[:, 4]
    sixteen = np.uint64(0xFFFF)
    return (
        (packed >> np.uint64(32)).astype(np.int64),
        (packed >> np.uint64(16) & sixteen).astype(np.int64),
    )
