"""Where the parts of a photo lie: segments of a JPEG, directories of a TIFF, a bare packet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ..._byte_coverage import CoverageSpan
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._model import Issue
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._xmp import MOST_BYTES, Xmp, read_xmp
from ._exif import Data, Exif, read_exif
from ._metadata_beyond_first_exif_and_xmp import (
    EXIF_MARK,
    XMP_MARK,
    MetadataBeyondFirstExifAndXmp,
    contradicting_xmp_packet_issues,
    find_metadata_beyond_first_exif_and_xmp,
)

_DJI_MARKS = (b"http://www.dji.com", b"drone-dji:")
_SOS, _EOI, _APP0, _APP1, _APP15 = 0xDA, 0xD9, 0xE0, 0xE1, 0xEF
#: A JPEG of DJI has about 30 segments before its picture; H30T's has 60.
_MOST_SEGMENTS = 4096


@dataclass(frozen=True, slots=True)
class JpegSegment:
    """A segment of a JPEG: its marker, where it begins, and what it carries."""

    marker: int
    offset: int
    #: Marker, length and content, as far as the file reaches.
    size: int
    #: The first bytes of its content.
    head: bytes


@dataclass(frozen=True, slots=True)
class Photo:
    """The parts of a photo, and what every byte of the file is."""

    name: str
    #: ``jpeg``, ``tiff`` or ``xmp``.
    container: str
    exif: Exif
    exif_offset: int
    xmp: Xmp
    segments: tuple[JpegSegment, ...] = ()
    #: Width and height of the main picture, pixels; ``None``: not seen.
    pixels: tuple[int, int] | None = None
    coverage: tuple[CoverageSpan, ...] = ()
    issues: tuple[Issue, ...] = ()
    #: Metadata beside the first EXIF and XMP; what these lack is taken from it.
    embedded: MetadataBeyondFirstExifAndXmp = field(default_factory=MetadataBeyondFirstExifAndXmp)

    def numeric_value(self, *names: str, maker_note: str | None = None) -> float | None:
        """Return the first of some DJI properties that is a number, else one of maker's notes."""
        stated = self.xmp.numeric_value(*names)
        if stated is None and maker_note is not None:
            return self.exif.numeric_value(f"MakerNote.{maker_note}")
        return stated

    def value_of_bracketed_name(self, name: str) -> str | None:
        """Return a value of the form ``[name:value]``, of maker's notes or of segments of text."""
        texts = [self.exif.tag_text(f"MakerNote.{name}")]
        texts += [each.values.get(name) for each in self.embedded.texts]
        return next((text for text in texts if text), None)

    @property
    def main_metadata_offset(self) -> int:
        """The byte where the strongest part begins: XMP, else EXIF."""
        return self.xmp.offset if self.xmp.dji else self.exif_offset


def claims(content: Content) -> bool:
    """Return whether the first bytes are of a picture or packet that bears DJI's mark."""
    head = content.head
    if head.startswith(b"\xff\xd8\xff"):
        for segment in _iterate_segments(head, len(head)):
            if segment.marker == _APP1 and segment.head.startswith(EXIF_MARK):
                return _is_dji_camera(read_exif(head, segment.offset + 10, len(head)), head)
        return any(mark in head for mark in _DJI_MARKS)
    if head[:4] in (b"II*\0", b"MM\0*"):
        return _is_dji_camera(read_exif(head, 0, len(head)), head)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_xmp = text.startswith((b"<x:xmpmeta", b"<?xpacket"))
    return is_xmp and any(mark in head for mark in _DJI_MARKS)


def open_photo(content: Content) -> Photo:
    """Return the parts of a photo.

    Raises:
        CorruptLogError: If neither EXIF nor XMP of a DJI camera can be read.
    """
    head = content.head
    if head.startswith(b"\xff\xd8"):
        photo = _open_jpeg(content)
    elif head[:4] in (b"II*\0", b"MM\0*"):
        photo = _open_tiff(content)
    else:
        packet = content.data[:MOST_BYTES]
        size = len(content)
        spans = [CoverageSpan(0, min(size, MOST_BYTES), "header")]
        if size > MOST_BYTES:
            spans.append(CoverageSpan(MOST_BYTES, size - MOST_BYTES, "opaque"))
        photo = Photo(
            content.base_name, "xmp", Exif(), 0, read_xmp(packet, 0), coverage=tuple(spans)
        )
    if not photo.xmp.dji and photo.exif.tag_text("Make") is None:
        raise CorruptLogError(photo.exif_offset, "EXIF or XMP of a DJI camera", "neither")
    return photo


def _is_dji_camera(exif: Exif, head: bytes) -> bool:
    make, model = exif.tag_text("Make") or "", exif.tag_text("Model") or ""
    if make.upper() == "DJI" or any(mark in head for mark in _DJI_MARKS):
        return True
    # The cameras of Mavic 2 Pro and Mavic 3 bear Hasselblad's name, Zenmuse XT and XT2 FLIR's.
    flown = model.endswith("D-20c") or model.startswith("L2D")
    return (make == "Hasselblad" and flown) or (
        make.upper().startswith("FLIR") and model.upper().startswith(("XT", "ZENMUSE"))
    )


def _iterate_segments(data: Data, end: int) -> Iterator[JpegSegment]:
    """Yield the segments from the start of a JPEG to its picture, which is the last one."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > end or data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:  # filling before a marker
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (0x00, _EOI) or length < 2:
            return
        size = end - at if marker == _SOS else min(2 + length, end - at)
        yield JpegSegment(
            marker, at, size, bytes(data[at + 4 : min(at + 40, at + 2 + length, end)])
        )
        if marker == _SOS or at + 2 + length > end:
            return
        at += 2 + length


@dataclass
class _FoundPhotoParts:
    """What has been found of a photo."""

    exif: Exif = field(default_factory=Exif)
    exif_offset: int = 0
    xmp: Xmp = field(default_factory=lambda: Xmp(0))
    pixels: tuple[int, int] | None = None
    issues: list[Issue] = field(default_factory=list)


def _open_jpeg(content: Content) -> Photo:
    data, size = content.data, len(content)
    segments = tuple(_iterate_segments(content.data, size))
    parts, spans = _FoundPhotoParts(), [CoverageSpan(0, min(2, size), "header")]
    for segment in segments:
        spans.append(CoverageSpan(segment.offset, segment.size, _segment_coverage_kind(segment)))
        _add_segment_to_photo_parts(content, segment, parts)
    end = segments[-1].offset + segments[-1].size if segments else 2
    spans = list(_with_padding_spans(spans, size if end >= size else end))
    if end < size:
        spans.append(CoverageSpan(end, size - end, "gap"))
        parts.issues.append(Issue(end, size - end, "no JPEG segment where one is expected"))
    elif not segments or segments[-1].marker != _SOS:
        parts.issues.append(Issue(size, 0, "cut short before the picture"))
    elif data.rfind(b"\xff\xd9", segments[-1].offset) < 0:
        parts.issues.append(Issue(size, 0, "cut short: the picture has no end"))
    spans = [span for span in spans if span.size]
    embedded = find_metadata_beyond_first_exif_and_xmp(
        data,
        [(each.marker, each.offset, each.size) for each in segments if each.marker != _SOS],
        {parts.exif_offset, parts.xmp.offset},
        segments[-1].offset if segments and segments[-1].marker == _SOS else size,
    )
    _fill_exif_and_xmp_from_further_pictures(parts, embedded)
    return Photo(
        content.base_name, "jpeg", parts.exif, parts.exif_offset, parts.xmp, segments, parts.pixels,
        tuple(spans), tuple(parts.issues), embedded,
    )  # fmt: skip


def _fill_exif_and_xmp_from_further_pictures(
    parts: _FoundPhotoParts, embedded: MetadataBeyondFirstExifAndXmp
) -> None:
    """Take EXIF and XMP from elsewhere in the file where the photo has none before its picture."""
    if not parts.exif.tags and embedded.structures:
        parts.exif_offset, parts.exif = embedded.structures.pop(0)
        reason = "the photo has no EXIF of its own: that of a further picture in it is used"
        parts.issues.append(Issue(parts.exif_offset, 0, reason))
    for at, structure in embedded.structures:
        taken = parts.exif.take_missing_tags_and_return_names(structure.tags)
        if taken:
            reason = f"{', '.join(taken)} stand in the EXIF of a further picture only: used"
            parts.issues.append(Issue(at, 0, reason))
    row = next((row for row, packet in enumerate(embedded.packets) if packet.dji), None)
    if not parts.xmp.dji and row is not None:
        parts.xmp = embedded.packets.pop(row)
        reason = "the photo has no XMP of DJI before its picture: a packet further on is used"
        parts.issues.append(Issue(parts.xmp.offset, 0, reason))
    parts.issues += [*embedded.issues, *contradicting_xmp_packet_issues(parts.xmp, embedded)]


def _add_segment_to_photo_parts(
    content: Content, segment: JpegSegment, parts: _FoundPhotoParts
) -> None:
    body, end = segment.offset + 4, segment.offset + segment.size
    if segment.marker == _APP1 and segment.head.startswith(EXIF_MARK) and not parts.exif_offset:
        parts.exif_offset = body + len(EXIF_MARK)
        parts.exif = read_exif(content.data, parts.exif_offset, end)
        parts.issues += [
            Issue(min(parts.exif_offset + at, len(content)), 0, f"EXIF: {why}")
            for at, why in parts.exif.damage
        ]
    elif segment.marker == _APP1 and segment.head.startswith(XMP_MARK[:20]) and not parts.xmp.dji:
        at = body + len(XMP_MARK)
        parts.xmp = read_xmp(content.data[at:end], at)
    elif segment.marker in (0xC0, 0xC1, 0xC2) and len(segment.head) >= 5:
        height, width = (int.from_bytes(segment.head[n : n + 2], "big") for n in (1, 3))
        parts.pixels = (width, height)


def _segment_coverage_kind(segment: JpegSegment) -> str:
    if segment.marker == _APP1 and segment.head.startswith((EXIF_MARK, XMP_MARK[:20])):
        return "header"
    return "opaque" if _APP0 <= segment.marker <= _APP15 else "media"


def _with_padding_spans(spans: list[CoverageSpan], end: int) -> Iterator[CoverageSpan]:
    """Yield spans and, between them, the filling before markers."""
    for before, after in pairwise([*spans, CoverageSpan(end, 0, "padding")]):
        yield before
        hole = after.offset - before.offset - before.size
        if hole > 0:
            yield CoverageSpan(before.offset + before.size, hole, "padding")


def _open_tiff(content: Content) -> Photo:
    size = len(content)
    exif = read_exif(content.data, 0, size)
    packet, at = exif.tags.get("XMP"), exif.xmp_offset or 0
    xmp = read_xmp(packet, at) if isinstance(packet, bytes) else Xmp(0)
    issues = [Issue(min(at, size), 0, f"EXIF: {why}") for at, why in exif.damage]
    main_packet = (at, at + len(packet)) if isinstance(packet, bytes) else (0, 0)
    embedded = find_metadata_beyond_first_exif_and_xmp(content.data, (), set(), 0, main_packet)
    parts = _FoundPhotoParts(exif, 0, xmp, None, issues)
    _fill_exif_and_xmp_from_further_pictures(parts, embedded)
    coverage: list[CoverageSpan] = []
    done = 0
    for begin, end in sorted(exif.read_spans):
        if end <= done:
            continue
        if begin > done:
            coverage.append(CoverageSpan(done, begin - done, "media"))
        begin = max(begin, done)
        if coverage and coverage[-1].kind == "header":
            last = coverage.pop()
            coverage.append(CoverageSpan(last.offset, end - last.offset, "header"))
        else:
            coverage.append(CoverageSpan(begin, end - begin, "header"))
        done = end
    if done < size:
        coverage.append(CoverageSpan(done, size - done, "media"))
    return Photo(
        content.base_name,
        "tiff",
        parts.exif,
        parts.exif_offset,
        parts.xmp,
        pixels=None,
        coverage=tuple(coverage),
        issues=tuple(parts.issues),
        embedded=embedded,
    )


def photo_position_by_column_name(photo: Photo) -> Mapping[str, float | None]:
    """Return latitude and longitude in degrees: of XMP, else of EXIF; whole or missing."""
    latitude = photo.xmp.numeric_value("GpsLatitude")
    longitude = photo.xmp.numeric_value("GpsLongitude", "GpsLongtitude")
    if latitude is None or longitude is None:
        latitude, longitude = _exif_latitude_longitude(photo.exif)
    if latitude is None or longitude is None:
        return {"latitude_deg": None, "longitude_deg": None}
    if np.isnan(replace_false_positions_with_nan([latitude], [longitude]).latitude_deg[0]):
        return {"latitude_deg": None, "longitude_deg": None}
    return {"latitude_deg": latitude, "longitude_deg": longitude}


def _exif_latitude_longitude(exif: Exif) -> tuple[float | None, float | None]:
    out: list[float | None] = []
    for name, negative in (("GPSLatitude", "S"), ("GPSLongitude", "W")):
        parts, side = exif.tag_numbers(name, 3), exif.tag_text(f"{name}Ref")
        if parts is None or side is None:
            return None, None
        degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
        out.append(-degrees if side == negative else degrees)
    return out[0], out[1]
