"""What a picture is and how large, by its header, before a browser unpacks it.

Sources: W3C PNG (third edition) 11.2.1; ITU-T T.81, B.2.2, for JPEG; RFC 9649 for WebP.
"""

import struct

from dji_audit.basemap.supplied_map._supplied_map_types import SuppliedMapError

_PNG = b"\x89PNG\r\n\x1a\n"
#: Markers of JPEG that begin a frame: SOF0 to SOF15 without DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def picture_media_type(data: bytes) -> str | None:
    """Return the media type of a picture that every browser shows; ``None``: it is none."""
    if data.startswith(_PNG):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def picture_width_and_height(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, JPEG or WebP in pixels.

    Raises:
        SuppliedMapError: If its header is damaged.
    """
    try:
        match picture_media_type(data):
            case "image/png":
                return struct.unpack_from(">II", data, 16)
            case "image/jpeg":
                return _jpeg_width_and_height(data)
            case "image/webp":
                return _webp_width_and_height(data)
            case _:
                raise SuppliedMapError("a tile is neither PNG, JPEG nor WebP")
    except struct.error as error:
        raise SuppliedMapError("the header of a picture is cut short") from error


def _jpeg_width_and_height(data: bytes) -> tuple[int, int]:
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise SuppliedMapError(f"a JPEG is damaged at byte {at:,}")
        (marker,) = struct.unpack_from("B", data, at + 1)
        if marker == 0xFF:
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + max(length, 2)
    raise SuppliedMapError("a JPEG has no frame")


def _webp_width_and_height(data: bytes) -> tuple[int, int]:
    chunk = data[12:16]
    if chunk == b"VP8X":
        wide, high = data[24:27], data[27:30]
        if len(high) < 3:
            raise SuppliedMapError("the header of a picture is cut short")
        return 1 + int.from_bytes(wide, "little"), 1 + int.from_bytes(high, "little")
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise SuppliedMapError("a WebP has no frame")
