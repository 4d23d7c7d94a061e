"""Boxes of MP4 and MOV files (ISO 14496-12): a lazy walk that reads headers and nothing else.

A box is a size, a type and a content; some hold boxes.  Sizes are taken only as far as the box
around them reaches; depth and number are bounded, whatever a file says.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..._file_content import Content
from .._records_from_dicts import RecordsFromDicts

MOST_BOXES = 20_000
_CONTAINERS = {"moov", "trak", "mdia", "minf", "stbl", "udta"}
#: Boxes whose content is useful although their end is missing.
_KNOWN_TYPES = {
    *_CONTAINERS,
    "ftyp",
    "mdat",
    "free",
    "skip",
    "wide",
    "moof",
    "stsz",
    "stco",
    "co64",
}
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Mp4Box:
    """One box: where it begins, where its content begins, and where it ends in the file."""

    kind: str
    #: Types of the boxes around it, and its own: ``moov/trak/mdia``.
    path: str
    offset: int
    content_offset: int
    end: int
    #: Bytes that its size says and that are not there.
    missing_bytes: int

    @property
    def size(self) -> int:
        """Bytes of it that are there, its header included."""
        return self.end - self.offset


def boxes_and_damaged_spans(content: Content) -> tuple[list[Mp4Box], list[tuple[int, int]]]:
    """Return the boxes of a file, outer before inner, and stretches that are no boxes."""
    boxes: list[Mp4Box] = []
    nonsense: list[tuple[int, int]] = []
    _append_nested_boxes_and_unread_spans(content, None, boxes, nonsense)
    return boxes, nonsense


def _append_nested_boxes_and_unread_spans(
    content: Content, outer: Mp4Box | None, boxes: list[Mp4Box], nonsense: list[tuple[int, int]]
) -> None:
    path = f"{outer.path}/" if outer else ""
    at, end = (outer.content_offset, outer.end) if outer else (0, len(content))
    for box in _iterate_boxes(content, at, end, path):
        if len(boxes) >= MOST_BOXES:
            break
        boxes.append(box)
        at = box.end
        if box.kind in _CONTAINERS and path.count("/") < _DEEPEST:
            _append_nested_boxes_and_unread_spans(content, box, boxes, nonsense)
    if at < end:
        nonsense.append((at, end))


def _iterate_boxes(content: Content, begin: int, end: int, path: str) -> Iterator[Mp4Box]:
    """Yield the boxes that lie end to end in a stretch, up to the first that cannot be one."""
    at = begin
    while at + 8 <= end:
        head = content.data[at : min(at + 16, end)]
        size, code = struct.unpack_from(">I4s", head)
        header = 8
        if not _is_box_type(code):
            return
        if size == 1:
            if len(head) < 16:
                return
            size, header = struct.unpack_from(">Q", head, 8)[0], 16
        elif size == 0 and not path:
            size = end - at
        if size < header:
            return
        kind = code.decode("latin-1")
        reach = min(at + size, end)
        if at + size > end and kind not in _KNOWN_TYPES:
            return
        yield Mp4Box(kind, path + kind, at, at + header, reach, at + size - reach)
        at = reach


def _is_box_type(code: bytes) -> bool:
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in code)


def boxes_as_records(boxes: Sequence[Mp4Box]) -> RecordsFromDicts:
    """Return every box of a file."""
    return RecordsFromDicts(
        [
            {"offset": box.offset, "length": box.size, "kind": box.kind, "path": box.path,
             "missing": box.missing_bytes}
            for box in boxes
        ]
    )  # fmt: skip
