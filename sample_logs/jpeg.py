"""JPEGs by hand: the smallest there is, one grey block, and pictures of coloured blocks."""

import struct
from collections.abc import Sequence

Colour = tuple[int, int, int]


def tiny(width: int, height: int) -> bytes:
    """Return a valid baseline JPEG of one grey of up to 8 x 8 pixels."""
    huffman = bytes([1] + [0] * 15 + [0])  # a single code, "0", for the symbol 0
    scan = struct.pack(">7B", 1, 1, 0, 0, 63, 0, 0b00111111)  # DC 0, end of block, ones
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xDB, bytes([0]) + bytes([1]) * 64),
            _segment(0xC0, struct.pack(">BHH4B", 8, height, width, 1, 1, 0x11, 0)),
            _segment(0xC4, b"\x00" + huffman),
            _segment(0xC4, b"\x10" + huffman),
            _segment(0xDA, scan[:6]) + scan[6:],
            b"\xff\xd9",
        )
    )


def blocks(rows: Sequence[Sequence[Colour]]) -> bytes:
    """Return a valid baseline JPEG of blocks of 8 x 8 pixels, each of one colour.

    Args:
        rows: Red, green and blue of each block, 0 to 255, row by row.
    """
    wide, high = 8 * len(rows[0]), 8 * len(rows)
    # Codes of four bits for the lengths of a difference, 0 to 11; one of one bit: no more.
    lengths = bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))
    ends = bytes([1] + [0] * 15 + [0])
    parts = b"".join(struct.pack(">BBB", number, 0x11, 0) for number in (1, 2, 3))
    chosen = b"".join(struct.pack(">BB", number, 0) for number in (1, 2, 3))
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xDB, bytes([0]) + bytes([8]) * 64),
            _segment(0xC0, struct.pack(">BHHB", 8, high, wide, 3) + parts),
            _segment(0xC4, b"\x00" + lengths),
            _segment(0xC4, b"\x10" + ends),
            _segment(0xDA, b"\3" + chosen + b"\0\x3f\0"),
            _scan(rows).replace(b"\xff", b"\xff\0"),
            b"\xff\xd9",
        )
    )


def _scan(rows: Sequence[Sequence[Colour]]) -> bytes:
    """Return the blocks as bits: of each the difference of its mean from that of the last one."""
    bits, before = [], [0, 0, 0]
    for row in rows:
        for colour in row:
            for part, level in enumerate(_levels(colour)):
                difference, before[part] = level - before[part], level
                length = abs(difference).bit_length()
                rest = difference if difference > 0 else difference + (1 << length) - 1
                bits.append(f"{length:04b}" + (f"{rest:0{length}b}" if length else "") + "0")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def _levels(colour: Colour) -> tuple[int, int, int]:
    """Return brightness and two differences of colour, less 128: 8 times a mean, in steps of 8."""
    red, green, blue = colour
    return (
        round(0.299 * red + 0.587 * green + 0.114 * blue) - 128,
        round(-0.1687 * red - 0.3313 * green + 0.5 * blue),
        round(0.5 * red - 0.4187 * green - 0.0813 * blue),
    )


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
