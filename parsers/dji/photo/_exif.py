"""EXIF: the directories of a TIFF structure, every length and pointer bounded.

Only the tags listed here are decoded.  A tag whose value lies outside the structure is
missing, and is reported as damage.
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

#: TIFF type -> letter of ``struct`` and size; 2 is text, 7 is bytes.
_TYPES = {1: ("B", 1), 2: ("s", 1), 3: ("H", 2), 4: ("I", 4), 5: ("II", 8), 7: ("s", 1),
          8: ("h", 2), 9: ("i", 4), 10: ("ii", 8)}  # fmt: skip
#: Limits: no directory has more entries, no decoded value has more bytes.
_MOST_ENTRIES, _MOST_BYTES = 512, 1 << 20

EXIF_IFD, GPS_IFD, XMP_TAG = 0x8769, 0x8825, 0x02BC

#: Directory -> tag -> name.
TAGS: Mapping[str, Mapping[int, str]] = {
    "IFD0": {
        0x010E: "ImageDescription", 0x010F: "Make", 0x0110: "Model", 0x0131: "Software",
        0x0132: "DateTime", 0xC614: "UniqueCameraModel", XMP_TAG: "XMP",
        EXIF_IFD: "ExifIFD", GPS_IFD: "GPSIFD",
    },
    "ExifIFD": {
        0x829A: "ExposureTime", 0x829D: "FNumber", 0x8827: "ISO", 0x9003: "DateTimeOriginal",
        0x9011: "OffsetTimeOriginal", 0x9291: "SubSecTimeOriginal", 0x920A: "FocalLength",
        0xA002: "PixelXDimension", 0xA003: "PixelYDimension", 0xA404: "DigitalZoomRatio",
        0xA405: "FocalLengthIn35mmFilm", 0xA431: "BodySerialNumber",
    },
    "GPSIFD": {
        0x01: "GPSLatitudeRef", 0x02: "GPSLatitude", 0x03: "GPSLongitudeRef",
        0x04: "GPSLongitude", 0x05: "GPSAltitudeRef", 0x06: "GPSAltitude",
        0x07: "GPSTimeStamp", 0x1D: "GPSDateStamp",
    },
}  # fmt: skip

ExifValue = str | bytes | tuple[float, ...]
Data = mmap.mmap | bytes


@dataclass(eq=False)
class Exif:
    """The tags found, by name, and which bytes of the structure they stand in."""

    tags: dict[str, ExifValue] = field(default_factory=dict)
    #: Start and end in the structure of header, directories and values read.
    read_spans: list[tuple[int, int]] = field(default_factory=list)
    #: Where in the structure a directory or value is broken, and how.
    damage: list[tuple[int, str]] = field(default_factory=list)
    #: Where in the structure the value of XMP begins, in a TIFF.
    xmp_offset: int | None = None

    def text(self, name: str) -> str | None:
        """Return a text without its padding; ``None`` if it is empty or not there."""
        value = self.tags.get(name)
        return (value.strip() or None) if isinstance(value, str) else None

    def number(self, name: str) -> float | None:
        """Return the first number of a tag; ``None`` if there is no number."""
        value = self.tags.get(name)
        if not isinstance(value, tuple) or not value or value[0] != value[0]:
            return None
        return value[0]

    def numbers(self, name: str, count: int) -> tuple[float, ...] | None:
        """Return the numbers of a tag if it has that many and all are numbers (not 0/0)."""
        value = self.tags.get(name)
        if not isinstance(value, tuple) or len(value) != count:
            return None
        return None if any(number != number for number in value) else value


def read_exif(data: Data, begin: int, end: int) -> Exif:
    """Read a TIFF structure that lies in ``data[begin:end]``; damage is noted."""
    exif = Exif()
    head = bytes(data[begin : min(begin + 8, end)])
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
    if order is None or len(head) < 8:
        exif.damage.append((0, "no TIFF header"))
        return exif
    exif.read_spans.append((0, 8))
    reader = _ExifReader(data, begin, end, order, exif)
    reader.read_directory("IFD0", struct.unpack(order + "I", head[4:])[0])
    for name in ("ExifIFD", "GPSIFD"):
        at = exif.number(name)
        if at is not None:
            reader.read_directory(name, int(at))
    return exif


@dataclass(frozen=True, slots=True)
class _ExifReader:
    data: Data
    begin: int
    end: int
    order: str
    exif: Exif

    def read_directory(self, name: str, at: int) -> None:
        head = self._read_bytes(at, 2)
        if head is None:
            self.exif.damage.append((at, f"{name} lies outside"))
            return
        count = struct.unpack(self.order + "H", head)[0]
        most_entries = (self.end - self.begin - at - 2) // 12
        if count > min(most_entries, _MOST_ENTRIES):
            self.exif.damage.append((at, f"{name} has no room for its {count} entries"))
            count = min(most_entries, _MOST_ENTRIES)
        # Its entries, and the pointer to the next directory.
        self.exif.read_spans.append((at, min(at + 6 + 12 * count, self.end - self.begin)))
        for number in range(count):
            self._read_entry(name, at + 2 + 12 * number)

    def _read_entry(self, directory: str, at: int) -> None:
        entry = self._read_bytes(at, 12)
        if entry is None:
            return
        tag, kind, count = struct.unpack(self.order + "HHI", entry[:8])
        name = TAGS[directory].get(tag)
        if name is None or kind not in _TYPES:
            return
        letter, size = _TYPES[kind]
        length, value_offset = size * count, at + 8
        if length > 4:
            value_offset = struct.unpack(self.order + "I", entry[8:])[0]
        value = self._read_bytes(value_offset, length) if length <= _MOST_BYTES else None
        if value is None:
            self.exif.damage.append((at, f"{name} lies outside"))
            return
        self.exif.read_spans.append((value_offset, value_offset + length))
        if name == "XMP":
            self.exif.xmp_offset = value_offset
            self.exif.tags[name] = value
        else:
            self.exif.tags.setdefault(name, self._decode_value(letter, count, value))

    def _decode_value(self, letter: str, count: int, value: bytes) -> ExifValue:
        if letter == "s":
            return value.split(b"\0")[0].decode("utf-8", "replace")
        numbers = struct.unpack(f"{self.order}{count * len(letter)}{letter[0]}", value)
        if len(letter) == 1:
            return tuple(float(number) for number in numbers)
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return tuple(top / below if below else float("nan") for top, below in pairs)

    def _read_bytes(self, at: int, size: int) -> bytes | None:
        if at < 0 or at + size > self.end - self.begin:
            return None
        return bytes(self.data[self.begin + at : self.begin + at + size])
