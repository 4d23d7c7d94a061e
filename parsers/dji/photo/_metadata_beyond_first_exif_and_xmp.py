"""Metadata that lies elsewhere in a photo than in its first EXIF and XMP.

A preview or second picture behind the first one may bear metadata of its own (CIPA DC-007, Multi-
Picture Format); XMP that is too long for a segment goes on in others (Adobe, XMP Specification
Part 3, 1.1.3.1); the maker writes text into segments; what is none of these is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..._model import Issue
from .._xmp import MOST_BYTES, Xmp, read_xmp
from ._exif import Data, Exif, parse_bracketed_name_values, read_exif

EXIF_MARK, XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_EXTENSION_MARK = b"http://ns.adobe.com/xmp/extension/\0"
#: Before a part of extended XMP: a digest, the length of the whole, and where the part begins.
_EXTENSION_HEAD = len(_EXTENSION_MARK) + 32 + 8
_PACKETS = (b"<x:xmpmeta", b"<?xpacket begin")
_TIFF_HEADS = (b"II*\0", b"MM\0*")
#: Metadata that are found at most; extended XMP is read up to as many bytes.
_MOST_FOUND, _MOST_EXTENDED = 32, 1 << 20
#: Bytes of a packet or structure in a further picture.
_MOST_STRUCTURE = 1 << 18
#: What segments hold whose form is known and that state nothing of place and time.
_KNOWN_HEADS = (
    b"JFIF\0", b"JFXX\0", b"ICC_PROFILE\0", b"MPF\0", b"FLIR\0", b"PADDING", b"Plug\0", b"Adobe\0",
    EXIF_MARK, XMP_MARK, _EXTENSION_MARK,
)  # fmt: skip
#: Segments 3 to 6 of a radiometric picture hold raw frames, parameters and calibration.
_THERMAL_MARKERS = frozenset(range(0xE3, 0xE7))
#: A segment is text if so many of its bytes are printable.
_TEXT_SHARE, _LEAST_TEXT = 0.9, 8
_MOST_TEXT = 4096
_APP0, _APP15, _COMMENT = 0xE0, 0xEF, 0xFE
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])
#: Two statements of a place in degrees, of a height in metres and of an angle in degrees that
#: differ by more are not of the same moment.
_LARGEST_DIFFERENCES = {"latitude": 1e-4, "longitude": 1e-4, "height": 1.0, "angle": 1.0}
_COMPARED = {
    "GpsLatitude": "latitude", "GpsLongitude": "longitude", "RelativeAltitude": "height",
    "AbsoluteAltitude": "height", "GimbalPitchDegree": "angle", "GimbalYawDegree": "angle",
    "FlightYawDegree": "angle",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class JpegSegmentText:
    """Text that a segment holds."""

    offset: int
    marker: int
    text: str
    #: Values of the form ``[name:value]``.
    values: dict[str, str]


@dataclass
class MetadataBeyondFirstExifAndXmp:
    """What was found beside the first EXIF and XMP of a photo."""

    packets: list[Xmp] = field(default_factory=list)
    #: Where each structure begins, and its tags.
    structures: list[tuple[int, Exif]] = field(default_factory=list)
    texts: list[JpegSegmentText] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def find_metadata_beyond_first_exif_and_xmp(
    data: Data,
    segments: Iterable[tuple[int, int, int]],
    used: set[int],
    picture: int,
    main_packet: tuple[int, int] = (0, 0),
) -> MetadataBeyondFirstExifAndXmp:
    """Return the metadata of a photo beside those that stand at the offsets ``used``.

    Args:
        data: The file.
        segments: Marker, offset and size of each segment before the picture.
        used: Where EXIF and XMP begin that were read already.
        picture: Where the first picture begins; what follows it is searched through.
        main_packet: Begin and end of XMP that was read already, if that follows too.
    """
    found = MetadataBeyondFirstExifAndXmp()
    extended: list[tuple[int, int, bytes]] = []
    for marker, offset, size in segments:
        body = bytes(data[offset + 4 : min(offset + size, offset + 4 + _MOST_STRUCTURE)])
        if body.startswith(_EXTENSION_MARK) and len(body) > _EXTENSION_HEAD:
            place = int.from_bytes(body[_EXTENSION_HEAD - 4 : _EXTENSION_HEAD], "big")
            extended.append((place, offset + 4 + _EXTENSION_HEAD, body[_EXTENSION_HEAD:]))
        elif body.startswith(EXIF_MARK) and offset + 4 + len(EXIF_MARK) not in used:
            _add_exif_structure(found, data, offset + 4 + len(EXIF_MARK), offset + size)
        elif body.startswith(XMP_MARK[:20]) and offset + 4 + len(XMP_MARK) not in used:
            found.packets.append(read_xmp(body[len(XMP_MARK) :], offset + 4 + len(XMP_MARK)))
        elif _APP0 <= marker <= _APP15 or marker == _COMMENT:
            _collect_metadata_of_segment(found, marker, offset, body)
    if extended:
        text = b"".join(part for _, _, part in sorted(extended))
        if len(text) > _MOST_EXTENDED:
            reason = f"extended XMP of {len(text)} bytes: only its beginning was read"
            found.issues.append(Issue(extended[0][1], 0, reason))
        at = min(place for _, place, _ in extended)
        found.packets.append(read_xmp(text[:_MOST_EXTENDED], at, _MOST_EXTENDED))
    for mark, offset in _metadata_kinds_and_offsets_after_picture(data, picture, found):
        if main_packet[0] <= offset < main_packet[1]:
            continue
        if mark is EXIF_MARK:
            _add_exif_structure(found, data, offset, min(len(data), offset + _MOST_STRUCTURE))
        else:
            packet = bytes(data[offset : offset + MOST_BYTES])
            found.packets.append(read_xmp(packet, offset))
    return found


def contradicting_xmp_packet_issues(
    main: Xmp, found: MetadataBeyondFirstExifAndXmp
) -> Iterator[Issue]:
    """Yield an issue for further XMP that states another place, height or angle than the first."""
    for other in found.packets:
        for name, kind in _COMPARED.items():
            first, second = main.numeric_value(name), other.numeric_value(name)
            if first is None or second is None:
                continue
            apart = abs(first - second)
            apart = min(apart, 360 - apart) if kind == "angle" else apart
            if apart > _LARGEST_DIFFERENCES[kind]:
                reason = f"further XMP states {name} {second:g}, the first {first:g}: not used"
                yield Issue(other.offset, 0, reason)
                break


def _add_exif_structure(
    found: MetadataBeyondFirstExifAndXmp, data: Data, begin: int, end: int
) -> None:
    exif = read_exif(data, begin, end)
    if exif.tags:
        found.structures.append((begin, exif))


def _collect_metadata_of_segment(
    found: MetadataBeyondFirstExifAndXmp, marker: int, offset: int, body: bytes
) -> None:
    if body.startswith(_KNOWN_HEADS) or not body.strip(b"\0"):
        return
    printable = len(body) - len(body.translate(None, _PRINTABLE))
    label = "a comment" if marker == _COMMENT else f"APP{marker - _APP0}"
    values = parse_bracketed_name_values(body[:_MOST_TEXT])
    is_text = len(body) >= _LEAST_TEXT and printable >= _TEXT_SHARE * len(body)
    if values or (is_text and marker not in _THERMAL_MARKERS):
        text = body[:_MOST_TEXT].decode("utf-8", "replace").strip("\0 ")
        found.texts.append(JpegSegmentText(offset, marker, text, values))
        if not values and marker != _COMMENT:
            reason = f"{label} holds text of an unknown form: kept, and not looked into"
            found.issues.append(Issue(offset, 0, reason))
    elif body.startswith(_TIFF_HEADS):
        _add_exif_of_segment(found, offset, body)
    elif marker not in _THERMAL_MARKERS:
        reason = f"{label} begins {body[:12]!r}, which is not known: not looked into"
        found.issues.append(Issue(offset, 0, reason))


def _add_exif_of_segment(found: MetadataBeyondFirstExifAndXmp, offset: int, body: bytes) -> None:
    exif = read_exif(body, 0, len(body))
    if exif.tags:
        found.structures.append((offset + 4, exif))


def _metadata_kinds_and_offsets_after_picture(
    data: Data, begin: int, found: MetadataBeyondFirstExifAndXmp
) -> Iterator[tuple[bytes, int]]:
    """Yield each kind of metadata behind the first picture, and where it begins."""
    hits: list[tuple[int, bytes]] = []
    for mark in (EXIF_MARK, _PACKETS[0]):
        at = data.find(mark, begin)
        while at >= 0 and len(hits) < _MOST_FOUND:
            if mark is not EXIF_MARK:
                hits.append((at, mark))
            elif bytes(data[at + len(mark) : at + len(mark) + 4]) in _TIFF_HEADS:
                hits.append((at + len(mark), mark))
            at = data.find(mark, at + len(mark))
        if at >= 0:
            reason = "very many further packets of metadata: those from here on are not looked into"
            found.issues.append(Issue(at, 0, reason))
    for at, mark in sorted(hits):
        yield mark, at
