"""IP packets that came in pieces, put together (RFC 791 section 3.2, RFC 8200 section 4.5).

Pieces are rare, so they are looked at one by one.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ._ip import TCP, UDP, Headers
from ._packets import Capture, Numbers

if TYPE_CHECKING:
    from ._traffic import Traffic

#: A packet is no longer than this, and no more pieces are kept at all.
_LONGEST, _MOST = 65_535, 200_000
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

    def add(self, one: Headers, first: int, ends: Numbers) -> None:
        """Keep the pieces among the packets of a block."""
        for row in np.flatnonzero(one.more | (one.fragment > 0)).tolist():
            protocol = int(one.protocol[row])
            if protocol not in (TCP, UDP):
                continue
            if self.count >= _MOST:
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
            piece = _Piece(packet, place, last, start, max(0, min(end - start, _LONGEST)))
            self.pieces.setdefault(key, []).append(piece)

    def put_together(self, capture: Capture, out: "Traffic") -> int:
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


def _close(capture: Capture, out: "Traffic", head: _Piece | None, parts: list[_Piece]) -> bool:
    """Put one packet together; return whether it is complete."""
    if head is None:
        return False
    for part in parts:
        out.conversation[part.packet] = out.conversation[head.packet]
        out.forward[part.packet] = out.forward[head.packet]
    size, complete, data = head.size, head.last, bytearray()
    wanted = _is_lookup(out, head.packet)
    if wanted:
        data += capture.part(head.start, head.size)
    for part in sorted(parts, key=lambda one: (one.place, one.packet)):
        if part.place > size or part.place + part.size > _LONGEST:
            complete = False
            break
        if wanted:
            data[part.place : part.place + part.size] = capture.part(part.start, part.size)
        size = max(size, part.place + part.size)
        complete |= part.last
    if wanted:
        out.whole[head.packet] = bytes(data[8:])
    return complete or out.protocol[head.packet] == TCP


def _is_lookup(out: "Traffic", packet: int) -> bool:
    packed = int(out.ends[out.conversation[packet], 4])
    return out.protocol[packet] == UDP and bool({packed >> 32, packed >> 16 & 0xFFFF} & _LOOKUPS)
