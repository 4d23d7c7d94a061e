"""The smallest picture that is still a JPEG: one grey block, by hand."""

import struct


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


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
