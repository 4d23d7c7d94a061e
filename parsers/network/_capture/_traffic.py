"""Each packet's conversation, direction and payload, as columns over the whole capture."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._ip import TCP, UDP, Headers, headers
from ._link import ARP, IP_4, IP_6, carried
from ._packets import PACKETS_PER_BLOCK, PacketCapture, BoolArray, IntArray, numbers

#: A packet is no longer than this, and no more pieces are kept at all.
_MAX_REASSEMBLED_SIZE, _MAX_FRAGMENTS = 65_535, 200_000
_LOOKUPS = {53, 5353, 5355}


@dataclass(frozen=True, slots=True)
class _Piece:
    packet: int
    place: int
    last: bool
    #: Of all that stands behind the IP header: first byte in the file, size in the file.
    start: int
    size: int


@dataclass(eq=False, slots=True)
class Fragments:
    """The pieces seen so far, by the packet they belong to."""

    pieces: dict[bytes, list[_Piece]] = field(default_factory=dict)
    count: int = 0
    left_out: int = 0

    def add(self, one: Headers, first: int, ends: IntArray) -> None:
        """Keep the pieces among the packets of a block."""
        for row in np.flatnonzero(one.more | (one.fragment > 0)).tolist():
            protocol = int(one.protocol[row])
            if protocol not in (TCP, UDP):
                continue
            if self.count >= _MAX_FRAGMENTS:
                self.left_out += 1
                continue
            self.count += 1
            place = int(one.fragment[row])
            start = int(one.payload[row])
            if place == 0 and protocol == UDP:
                start -= 8
            end = min(int(ends[one.rows[row]]), int(one.payload[row] + one.size[row]))
            key = b"".join(
                (one.source[row].tobytes(), one.target[row].tobytes(),
                 one.identity[row].tobytes(), bytes([protocol]))
            )  # fmt: skip
            packet, last = first + int(one.rows[row]), not one.more[row]
            piece = _Piece(
                packet, place, last, start, max(0, min(end - start, _MAX_REASSEMBLED_SIZE))
            )
            self.pieces.setdefault(key, []).append(piece)

    def put_together(self, capture: PacketCapture, out: "Traffic") -> int:
        """Give the pieces to the conversation of the first, and to the first its whole payload.

        Only lookups get theirs: of nothing else that comes in pieces more is read than the first.

        Returns:
            How many packets lack a piece.
        """
        torn = self.left_out
        for pieces in self.pieces.values():
            head: _Piece | None = None
            parts: list[_Piece] = []
            for piece in pieces:
                if piece.place:
                    parts.append(piece)
                    continue
                if head is not None:  # the number is used again
                    torn += not _close(capture, out, head, parts)
                    parts = []
                head = piece
            torn += not _close(capture, out, head, parts)
        return torn


def _close(capture: PacketCapture, out: "Traffic", head: _Piece | None, parts: list[_Piece]) -> bool:
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
        out.whole[head.packet] = bytes(data[8:])
    return complete or out.protocol[head.packet] == TCP


def _is_lookup(out: "Traffic", packet: int) -> bool:
    packed = int(out.ends[out.conversation[packet], 4])
    return out.protocol[packet] == UDP and bool({packed >> 32, packed >> 16 & 0xFFFF} & _LOOKUPS)


#: What a packet is, for the coverage: a link type without IP, no IP inside, ARP, IP, cut short.
FOREIGN, OTHER, ADDRESSING, INTERNET, SHORT = range(5)


_BITS = np.uint64(8)


@dataclass(eq=False, slots=True)
class Traffic:
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
    payload: IntArray
    size: npt.NDArray[np.int32]
    held: npt.NDArray[np.int32]
    #: The first eight bytes of it as a number; zeros for those that the file does not hold.
    begins: npt.NDArray[np.uint64]
    #: Two addresses in halves, then ports and protocol, one row a conversation.
    ends: npt.NDArray[np.uint64]
    #: First piece of a lookup that came in pieces -> its payload put together.
    whole: dict[int, bytes] = field(default_factory=dict)
    #: Packets that came in pieces of which some are missing.
    torn: int = 0

    def text(self, capture: PacketCapture, packet: int, most: int) -> bytes:
        """Return the payload of a packet as far as the file holds it, or a part of it."""
        if packet in self.whole:
            return self.whole[packet][:most]
        return capture.read_bytes(int(self.payload[packet]), min(int(self.held[packet]), most))


def traffic(capture: PacketCapture) -> Traffic:
    """Return the conversation, direction and payload of every packet."""
    count = len(capture)
    out = Traffic(
        kind=np.zeros(count, np.uint8),
        conversation=np.full(count, -1, np.int32),
        forward=np.zeros(count, np.bool_),
        protocol=np.zeros(count, np.uint8),
        flags=np.zeros(count, np.uint8),
        sequence=np.zeros(count, np.uint32),
        payload=np.zeros(count, np.int64),
        size=np.zeros(count, np.int32),
        held=np.zeros(count, np.int32),
        begins=np.zeros(count, np.uint64),
        ends=np.zeros((0, 5), np.uint64),
    )
    links = np.array([interface.link for interface in capture.interfaces] or [0], np.int64)
    known: dict[bytes, int] = {}
    pieces = Fragments()
    for first in range(0, count, PACKETS_PER_BLOCK):
        rows = slice(first, min(first + PACKETS_PER_BLOCK, count))
        starts = capture.starts[rows]
        ends = starts + capture.captured[rows]
        link = links[capture.sources[rows]]
        found = carried(capture.array, starts, ends, link)
        internet = (found.kind == IP_4) | (found.kind == IP_6)
        out.kind[rows] = np.select(
            [internet, found.kind == ARP, found.kind != 0], [SHORT, ADDRESSING, OTHER], FOREIGN
        )
        one = headers(capture.array, found, ends, starts + capture.wire[rows])
        _note(out, capture, one, first, ends, known)
        pieces.add(one, first, ends)
        capture.content.release_pages(0, int(ends[-1]))
    out.ends = np.frombuffer(b"".join(known), np.uint64).reshape(-1, 5)
    out.torn = pieces.put_together(capture, out)
    return out


def _note(
    out: Traffic,
    capture: PacketCapture,
    one: Headers,
    first: int,
    ends: IntArray,
    known: dict[bytes, int],
) -> None:
    """Write the rows of one block."""
    packets = one.rows + first
    keys, forward = _keys(one)
    out.kind[packets] = INTERNET
    # Later pieces of a packet have no ports; they are given to the first.
    rest = (one.fragment > 0) & np.isin(one.protocol, (TCP, UDP))
    out.conversation[packets[~rest]] = _numbered(keys[~rest], known)
    out.forward[packets] = forward
    out.protocol[packets] = one.protocol
    out.flags[packets] = one.flags
    out.sequence[packets] = one.sequence
    out.payload[packets] = one.payload
    out.size[packets] = np.minimum(one.size, np.iinfo(np.int32).max)
    out.held[packets] = np.clip(ends[one.rows] - one.payload, 0, out.size[packets])
    out.begins[packets] = _begins(capture, one, out.held[packets])


def _begins(capture: PacketCapture, one: Headers, held: npt.NDArray[np.int32]) -> npt.NDArray[np.uint64]:
    """Return the first eight bytes of each payload as a number, with zeros for those not there."""
    beyond = np.clip(one.payload - (len(capture.array) - 8), 0, 7).astype(np.uint64)
    found = numbers(capture.array, one.payload, ">u8").astype(np.uint64) << beyond * _BITS
    missing = np.maximum(8 - held, 0).astype(np.uint64)
    found[missing == 8] = 0  # no number can be shifted by all of its bits
    missing %= np.uint64(8)
    return np.asarray(found >> missing * _BITS << missing * _BITS)


def _keys(one: Headers) -> tuple[npt.NDArray[np.uint64], BoolArray]:
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


def ports(ends: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the ports of both ends of each conversation."""
    packed = ends[:, 4]
    sixteen = np.uint64(0xFFFF)
    return (
        (packed >> np.uint64(32)).astype(np.int64),
        (packed >> np.uint64(16) & sixteen).astype(np.int64),
    )
