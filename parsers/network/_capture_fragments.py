"""IP packets that came in pieces, put together (RFC 791 section 3.2, RFC 8200 section 4.5).

Pieces are rare, so they are looked at one by one.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ._capture import Capture, Numbers
from ._capture_ip import TCP, UDP, Headers

if TYPE_CHECKING:
    from ._capture_traffic import Traffic

#: A packet is no longer than this, and no more pieces are kept at all.
_LONGEST, _MOST = 65_535, 200_000


@dataclass(frozen=True, slots=True)
class _Piece:
    packet: int
    place: int
    last: bool
    #: Of all that stands behind the IP header.
    data: bytes


@dataclass(eq=False, slots=True)
class Fragments:
    """The pieces seen so far, by the packet they belong to."""

    pieces: dict[bytes, list[_Piece]] = field(default_factory=dict)
    count: int = 0
    left_out: int = 0

    def add(self, capture: Capture, one: Headers, first: int, ends: Numbers) -> None:
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
            data = capture.part(start, max(0, min(end - start, _LONGEST)))
            piece = _Piece(first + int(one.rows[row]), place, not one.more[row], data)
            self.pieces.setdefault(key, []).append(piece)

    def put_together(self, out: "Traffic") -> int:
        """Give the pieces to the conversation of the first, and the first the whole payload.

        Returns:
            How many packets lack a piece.
        """
        torn = self.left_out
        whole: dict[int, bytes] = {}
        for pieces in self.pieces.values():
            head: _Piece | None = None
            parts: list[_Piece] = []
            for piece in pieces:
                if piece.place:
                    parts.append(piece)
                    continue
                if head is not None:  # the number is used again
                    torn += not _close(out, head, parts, whole)
                    parts = []
                head = piece
            torn += not _close(out, head, parts, whole)
        out.whole = whole
        return torn


def _close(
    out: "Traffic", head: _Piece | None, parts: list[_Piece], whole: dict[int, bytes]
) -> bool:
    """Put one packet together; return whether it is complete."""
    if head is None:
        return False
    for part in parts:
        out.conversation[part.packet] = out.conversation[head.packet]
        out.forward[part.packet] = out.forward[head.packet]
    if out.protocol[head.packet] != UDP:
        return True  # a TCP segment is read from its first piece alone
    data, complete = bytearray(head.data), head.last
    for part in sorted(parts, key=lambda one: (one.place, one.packet)):
        if part.place > len(data) or part.place + len(part.data) > _LONGEST:
            complete = False
            break
        data[part.place : part.place + len(part.data)] = part.data
        complete |= part.last
    whole[head.packet] = bytes(data[8:])
    return complete
