"""What boxes other than the tables of tracks say: places, angles and texts.

Facts: Apple QuickTime File Format (user data, metadata); ISO 6709; ExifTool 12.57 ``QuickTime.pm``
for the user data of older aircraft of DJI (``©xsp`` to ``©grl``); Adobe XMP Specification Part 3
for the box of XMP.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..._file_content import Content
from ..._model import Issue
from .._records_from_dicts import RecordsFromDicts
from .._xmp import Xmp, read_xmp
from ._mp4_boxes import Mp4Box

#: Boxes whose content is read elsewhere, or is a table of the standards that states no place.
_KNOWN_LEAVES = frozenset(
    {
        "ftyp", "styp", "mdat", "free", "skip", "wide", "moof", "mfra", "mvex", "mvhd", "tkhd",
        "mdhd", "hdlr", "vmhd", "smhd", "nmhd", "gmhd", "dinf", "dref", "stsd", "stts", "stss",
        "stps", "ctts", "stsc", "stsz", "stz2", "stco", "co64", "edts", "elst", "sgpd", "sbgp",
        "sdtp", "cslg", "load", "tref", "iods", "pnot", "PICT", "sidx", "prft", "pdin", "moov",
        "trak", "mdia", "minf", "stbl", "udta", "clip", "matt", "kmat", "imap",
    }
)  # fmt: skip
_XMP_BOXES = ("XMP_",)
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
#: Bytes of one box that are looked at, and boxes that are.
_MOST_BYTES, _MOST_TEXT, _MOST_LOOKED_AT = 1 << 16, 400, 2_000
_PRINTABLE_RUN = re.compile(rb"[\x20-\x7e\t]{4,400}")
#: ``+51.4778-000.0014+120.5/`` in degrees and metres.
_ISO_6709 = re.compile(
    rb"([+-]\d{1,2}\.\d{1,10})([+-]\d{1,3}\.\d{1,10})(?:[+-]\d{1,5}(?:\.\d{1,6})?)?"
)
#: User data of older aircraft -> column of the track, each a decimal number.
ANGLE_BOXES = {
    "\xa9fyw": "heading_deg", "\xa9fpt": "pitch_deg", "\xa9frl": "roll_deg",
    "\xa9gyw": "gimbal_yaw_deg", "\xa9gpt": "gimbal_pitch_deg", "\xa9grl": "gimbal_roll_deg",
}  # fmt: skip
SPEED_BOXES = ("\xa9xsp", "\xa9ysp")


class BoxText(NamedTuple):
    """What a box says in words."""

    offset: int
    path: str
    text: str


#: A number in a text.
_NUMBER = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class BoxTextsXmpAndPlaces:
    """What the boxes of a video say beside its tracks."""

    texts: tuple[BoxText, ...]
    packets: tuple[Xmp, ...]
    #: Latitude, longitude, path and offset of each place.
    places: tuple[tuple[float, float, str, int], ...]
    issues: tuple[Issue, ...]

    def number(self, kind: str) -> float | None:
        """Return the number that a box of a type states; ``None``: there is none."""
        for each in self.texts:
            if each.path.rpartition("/")[2] == kind and _NUMBER.fullmatch(each.text):
                return float(each.text)
        return None

    @property
    def records(self) -> RecordsFromDicts:
        """Every text as a record."""
        return RecordsFromDicts(
            [{"offset": it.offset, "path": it.path, "text": it.text} for it in self.texts]
        )


def find_texts_xmp_and_places_in_boxes(
    content: Content, boxes: Sequence[Mp4Box]
) -> BoxTextsXmpAndPlaces:
    """Return what boxes say that are no tables; those of an unknown form are issues."""
    texts: list[BoxText] = []
    packets: list[Xmp] = []
    places: list[tuple[float, float, str, int]] = []
    issues: list[Issue] = []
    looked_at = 0
    for box in boxes:
        if box.kind in _KNOWN_LEAVES:
            continue
        looked_at += 1
        if looked_at > _MOST_LOOKED_AT:
            reason = "very many boxes of unknown types: those from here on are not looked into"
            issues.append(Issue(box.offset, 0, reason))
            break
        raw = content.data[box.content_offset : min(box.end, box.content_offset + _MOST_BYTES)]
        if box.kind in _XMP_BOXES or raw.startswith(_XMP_UUID) or b"<x:xmpmeta" in raw:
            packet = read_xmp(raw, box.content_offset)
            if packet.dji or packet.others:
                packets.append(packet)
                continue
        places += [(*place, box.path, box.offset) for place in _iterate_iso_6709_positions(raw)]
        found = list(_find_printable_texts(raw, box))
        texts += found
        if (
            not found
            and box.path not in ("moov/udta/meta", "moov/meta", "meta")
            and raw.strip(b"\0")
        ):
            reason = f"a box {box.kind!r} of {box.size} bytes: not looked into, its form is unknown"
            issues.append(Issue(box.offset, 0, reason))
    return BoxTextsXmpAndPlaces(tuple(texts), tuple(packets), tuple(places), tuple(issues))


def _iterate_iso_6709_positions(raw: bytes) -> Iterator[tuple[float, float]]:
    for match in _ISO_6709.finditer(raw):
        yield float(match[1]), float(match[2])


def _find_printable_texts(raw: bytes, box: Mp4Box) -> Iterator[BoxText]:
    """Yield the texts in a box: each run of printable bytes."""
    if box.kind.startswith("\xa9") and len(raw) > 4:
        # User data: the length of the text and its language stand before it.
        stated = int.from_bytes(raw[:2], "big")
        text = raw[4 : 4 + min(stated, _MOST_TEXT)]
        yield BoxText(box.offset, box.path, text.decode("utf-8", "replace").strip("\0 "))
        return
    for match in _PRINTABLE_RUN.finditer(raw):
        yield BoxText(box.content_offset + match.start(), box.path, match[0].decode("ascii"))
