"""A small JPEG inside a file, checked and stripped of metadata, so that it can be shown.

A file may hold anything where a thumbnail should be, so nothing of it is passed on but what draws a
picture: a frame of the baseline process with its tables and its one scan.  Every length is checked;
application segments and comments are left out.  The picture is not decoded: damage within the scan
shows as damage.

Facts: ISO 10918-1 B for the segments.
"""

from .._model import Thumbnail

#: Pixels of a side of a thumbnail, and bytes of the whole.
SHORTEST_SIDE_PX, LONGEST_SIDE_PX, MOST_BYTES = 8, 320, 48 * 1024
_SOI, _EOI, _SOS, _DQT, _DHT, _SOF0, _DRI = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xC0, 0xDD
_APPLICATION, _COMMENT = range(0xE0, 0xF0), 0xFE
_RESTARTS = range(0xD0, 0xD8)
_TABLES = 4
_MOST_SEGMENTS = 64


class InvalidThumbnailError(ValueError):
    """The bytes are not a picture of the kind that is passed on; the message is half a sentence."""


def thumbnail_without_metadata(jpeg: bytes, offset: int) -> Thumbnail:
    """Return a picture with nothing in it but what draws it.

    Args:
        jpeg: The bytes that the file points to, cut at the most that is read.
        offset: Where in the file they begin.

    Raises:
        InvalidThumbnailError: If it is no baseline JPEG, or one too large, with the reason.
    """
    if jpeg[:2] != bytes((0xFF, _SOI)):
        raise InvalidThumbnailError("it is not a JPEG")
    kept, at, frame = [jpeg[:2]], 2, None
    for _ in range(_MOST_SEGMENTS):
        marker, body, after = _read_jpeg_marker_content_and_end(jpeg, at)
        if marker == _SOF0 and frame is None:
            frame = _jpeg_width_height_and_component_count(body)
        elif marker == _DQT:
            _refuse_broken_quantisation_tables(body)
        elif marker == _DHT:
            _refuse_broken_huffman_tables(body)
        elif marker == _SOS and frame is not None:
            _refuse_incomplete_scan_header(body, frame[2])
            end = _end_of_picture(jpeg, after)
            picture = b"".join((*kept, jpeg[at:end]))
            return Thumbnail(picture, frame[0], frame[1], offset, end)
        elif marker not in _APPLICATION and marker != _COMMENT and marker != _DRI:
            raise InvalidThumbnailError(f"it has a segment 0x{marker:02x} that no thumbnail has")
        if marker not in _APPLICATION and marker != _COMMENT:
            kept.append(jpeg[at:after])
        at = after
    raise InvalidThumbnailError("it has very many segments before its picture")


def _read_jpeg_marker_content_and_end(jpeg: bytes, at: int) -> tuple[int, bytes, int]:
    """Return the marker of a segment, its content, and where the next one begins."""
    length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
    if jpeg[at : at + 1] != b"\xff" or length < 2 or at + 2 + length > len(jpeg):
        raise InvalidThumbnailError("it is cut short, larger than 48 kB, or broken")
    return jpeg[at + 1], jpeg[at + 4 : at + 2 + length], at + 2 + length


def _jpeg_width_height_and_component_count(body: bytes) -> tuple[int, int, int]:
    """Return width, height and number of components."""
    count = body[5] if len(body) > 5 else 0
    if count not in (1, 3) or len(body) != 6 + 3 * count or body[0] != 8:
        raise InvalidThumbnailError("it is not a picture of 8 bits in grey or colour")
    sampling = body[7::3]
    if any(not (1 <= each >> 4 <= 4 and 1 <= each & 15 <= 4) for each in sampling):
        raise InvalidThumbnailError("its components are broken")
    high, wide = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if not all(SHORTEST_SIDE_PX <= side <= LONGEST_SIDE_PX for side in (wide, high)):
        raise InvalidThumbnailError(
            f"its size of {wide} x {high} pixels is not {SHORTEST_SIDE_PX} to {LONGEST_SIDE_PX}"
        )
    return wide, high, count


def _refuse_broken_quantisation_tables(body: bytes) -> None:
    at = 0
    while at < len(body):
        precision, number = body[at] >> 4, body[at] & 15
        at += 1 + 64 * (1 + precision)
        if precision > 1 or number >= _TABLES or at > len(body):
            raise InvalidThumbnailError("its quantisation tables are broken")


def _refuse_broken_huffman_tables(body: bytes) -> None:
    at = 0
    while at < len(body):
        counts = body[at + 1 : at + 17]
        used = sum(count << (16 - length) for length, count in enumerate(counts, 1))
        kind, number = body[at] >> 4, body[at] & 15
        at += 17 + sum(counts)
        if kind > 1 or number >= _TABLES or len(counts) < 16 or used > 1 << 16 or at > len(body):
            raise InvalidThumbnailError("its Huffman tables are broken")


def _refuse_incomplete_scan_header(body: bytes, components: int) -> None:
    whole = bytes((0, 63, 0))
    if len(body) != 4 + 2 * components or body[0] != components or body[-3:] != whole:
        raise InvalidThumbnailError("its scan does not hold the whole picture")


def _end_of_picture(jpeg: bytes, at: int) -> int:
    """Return where a picture ends, its last marker included."""
    begin = at
    while True:
        at = jpeg.find(b"\xff", at)
        if at < 0 or at + 1 >= len(jpeg):
            raise InvalidThumbnailError("it has no end, or is larger than 48 kB")
        marker = jpeg[at + 1]
        if marker == _EOI and at > begin:
            return at + 2
        if marker == _SOI:
            raise InvalidThumbnailError("it breaks off where another picture begins")
        if marker != 0 and marker not in _RESTARTS:
            raise InvalidThumbnailError("its picture is broken")
        at += 2
