"""EXIF: the directories of a TIFF structure, every length and pointer bounded.

All directories are followed: the chain of the first, those of EXIF, GPS and interoperability, those
of further pictures, and the maker's notes.  A tag of the first directories has its name alone, one
of others the name of its directory before it (``IFD1.Make``); a tag that is not listed here has its
number for a name (``GPSIFD.0x0019``).  A tag whose value lies outside the structure is missing, and
is reported as damage.

Facts: CIPA DC-008-2019 (EXIF 2.32); TIFF 6.0 with its first supplement (SubIFDs); ExifTool 12.57
``DJI.pm`` for the maker's notes.
"""

import mmap
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

#: TIFF type -> letter of ``struct`` and size; 2 is text, 7 is bytes, 13 a directory.
_TYPES = {1: ("B", 1), 2: ("s", 1), 3: ("H", 2), 4: ("I", 4), 5: ("II", 8), 6: ("b", 1),
          7: ("s", 1), 8: ("h", 2), 9: ("i", 4), 10: ("ii", 8), 11: ("f", 4), 12: ("d", 8),
          13: ("I", 4)}  # fmt: skip
#: Limits: no directory has more entries, no decoded value has more bytes, no file more directories.
_MOST_ENTRIES, _MOST_BYTES, _MOST_DIRECTORIES = 512, 1 << 20, 32
#: Numbers and characters of a value of a tag that is not listed.
_MOST_UNLISTED = 64
#: Directories that the chain of the first may hold, and pictures that one may point to.
_LONGEST_CHAIN = 8

EXIF_IFD, GPS_IFD, INTEROP_IFD, SUB_IFDS = 0x8769, 0x8825, 0xA005, 0x014A
MAKER_NOTE, XMP_TAG = 0x927C, 0x02BC
_POINTERS = {EXIF_IFD: "ExifIFD", GPS_IFD: "GPSIFD", INTEROP_IFD: "InteropIFD", SUB_IFDS: "SubIFD"}

#: Directory -> tag -> name.
TAGS: Mapping[str, Mapping[int, str]] = {
    "IFD": {
        0x010E: "ImageDescription", 0x010F: "Make", 0x0110: "Model", 0x0112: "Orientation",
        0x0131: "Software", 0x0132: "DateTime", 0x013B: "Artist", 0x8298: "Copyright",
        0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords",
        0x9C9F: "XPSubject", 0xC614: "UniqueCameraModel", 0xC62F: "CameraSerialNumber",
        XMP_TAG: "XMP",
    },
    "ExifIFD": {
        0x829A: "ExposureTime", 0x829D: "FNumber", 0x8827: "ISO", 0x9003: "DateTimeOriginal",
        0x9004: "DateTimeDigitized", 0x9010: "OffsetTime", 0x9011: "OffsetTimeOriginal",
        0x9012: "OffsetTimeDigitized", 0x9290: "SubSecTime", 0x9291: "SubSecTimeOriginal",
        0x9292: "SubSecTimeDigitized", 0x9206: "SubjectDistance", 0x920A: "FocalLength",
        0x9286: "UserComment", 0x9402: "Pressure", 0x9405: "CameraElevationAngle",
        0xA002: "PixelXDimension", 0xA003: "PixelYDimension", 0xA404: "DigitalZoomRatio",
        0xA405: "FocalLengthIn35mmFilm", 0xA420: "ImageUniqueID", 0xA430: "CameraOwnerName",
        0xA431: "BodySerialNumber", 0xA434: "LensModel", 0xA435: "LensSerialNumber",
        MAKER_NOTE: "MakerNote",
    },
    "GPSIFD": {
        0x00: "GPSVersionID", 0x01: "GPSLatitudeRef", 0x02: "GPSLatitude",
        0x03: "GPSLongitudeRef", 0x04: "GPSLongitude", 0x05: "GPSAltitudeRef",
        0x06: "GPSAltitude", 0x07: "GPSTimeStamp", 0x08: "GPSSatellites", 0x09: "GPSStatus",
        0x0A: "GPSMeasureMode", 0x0B: "GPSDOP", 0x0C: "GPSSpeedRef", 0x0D: "GPSSpeed",
        0x0E: "GPSTrackRef", 0x0F: "GPSTrack", 0x10: "GPSImgDirectionRef",
        0x11: "GPSImgDirection", 0x12: "GPSMapDatum", 0x13: "GPSDestLatitudeRef",
        0x14: "GPSDestLatitude", 0x15: "GPSDestLongitudeRef", 0x16: "GPSDestLongitude",
        0x17: "GPSDestBearingRef", 0x18: "GPSDestBearing", 0x19: "GPSDestDistanceRef",
        0x1A: "GPSDestDistance", 0x1B: "GPSProcessingMethod", 0x1D: "GPSDateStamp",
        0x1F: "GPSHPositioningError",
    },
    "InteropIFD": {0x01: "InteropIndex"},
    # DJI writes a directory of its own, or text of the form [name:value].
    "MakerNote": {
        0x01: "Make", 0x03: "SpeedX", 0x04: "SpeedY", 0x05: "SpeedZ", 0x06: "Pitch", 0x07: "Yaw",
        0x08: "Roll", 0x09: "CameraPitch", 0x0A: "CameraYaw", 0x0B: "CameraRoll",
    },
}  # fmt: skip
#: Tags of place, time and camera that are taken from another directory where the first has none.
_BORROWED = (
    tuple(name for name in TAGS["GPSIFD"].values() if name != "GPSVersionID"),
    ("DateTimeOriginal", "OffsetTimeOriginal", "SubSecTimeOriginal"),
    ("BodySerialNumber",),
    ("Make", "Model"),
)
#: ``[gimbal_pitch:-90.0]`` in maker's notes and in segments of text.
_BRACKETED = re.compile(rb"\[([A-Za-z_][\w .(),/-]{0,60}):([^\[\]]{0,32768})\]")
_MOST_TEXT = 400
_MOST_BRACKETED = 256

ExifValue = str | bytes | tuple[float, ...]
Data = mmap.mmap | bytes


@dataclass(eq=False)
class Exif:
    """The tags found, by name, and which bytes of the structure they stand in."""

    tags: dict[str, ExifValue] = field(default_factory=dict)
    #: Start and end in the structure of header, directories and values read.
    read_spans: list[tuple[int, int]] = field(default_factory=list)
    #: Where in the structure a directory or value is broken or was not read, and how.
    damage: list[tuple[int, str]] = field(default_factory=list)
    #: Where in the structure the value of XMP begins, in a TIFF.
    xmp_offset: int | None = None

    def tag_text(self, name: str) -> str | None:
        """Return a text without its padding; ``None`` if it is empty or not there."""
        value = self.tags.get(name)
        return (value.strip() or None) if isinstance(value, str) else None

    def numeric_value(self, name: str) -> float | None:
        """Return the first number of a tag; ``None`` if there is no number."""
        value = self.tags.get(name)
        if not isinstance(value, tuple) or not value or value[0] != value[0]:
            return None
        return value[0]

    def take_missing_tags_and_return_names(
        self, other: Mapping[str, ExifValue], prefix: str = ""
    ) -> list[str]:
        """Take tags of another directory that the first ones lack, and return their names.

        Tags that say one thing together are taken together, where the first ones have none of them.

        Args:
            other: Tags by name.
            prefix: What stands before the names of that directory.
        """
        taken = {
            name: other[prefix + name]
            for names in _BORROWED
            if self.tags.keys().isdisjoint(names)
            for name in names
            if prefix + name in other
        }
        self.tags |= taken
        return list(taken)

    def tag_numbers(self, name: str, count: int) -> tuple[float, ...] | None:
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
    _ExifReader(data, begin, end, order, exif).read_directory_chain(
        struct.unpack(order + "I", head[4:])[0]
    )
    prefixes = dict.fromkeys(label.rpartition(".")[0] + "." for label in exif.tags if "." in label)
    for prefix in prefixes:
        taken = exif.take_missing_tags_and_return_names(exif.tags, prefix)
        if taken:
            what = ", ".join(taken)
            exif.damage.append((0, f"{what} stand in the directory {prefix[:-1]} only: used"))
    return exif


def parse_bracketed_name_values(text: bytes) -> dict[str, str]:
    """Return the values of a text of the form ``[name:value]``, the first of each name."""
    values: dict[str, str] = {}
    for match in _BRACKETED.finditer(text):
        # A field is filled up with NULs; one that is all NULs or no text holds nothing to read.
        value = match[2].split(b"\0")[0][:_MOST_TEXT].decode("utf-8", "replace").strip()
        values.setdefault(match[1].decode(), value if value.isprintable() else "")
        if len(values) >= _MOST_BRACKETED:
            break
    return values


@dataclass(slots=True)
class _ExifReader:
    data: Data
    begin: int
    end: int
    order: str
    exif: Exif
    #: Where the directories begin that were read, so that none is read twice.
    directories: set[int] = field(default_factory=set)

    def read_directory_chain(self, at: int) -> None:
        """Read the first directory, those it points to, and those that follow it."""
        for number in range(_LONGEST_CHAIN):
            following = self.read_directory_and_return_next_offset(
                "IFD", "" if not number else f"IFD{number}.", at
            )
            if not following:
                return
            at = following
        self.exif.damage.append((at, "a chain of very many directories: the rest was not read"))

    def read_directory_and_return_next_offset(self, kind: str, prefix: str, at: int) -> int:
        """Read one directory and those it points to; return where the next of its chain begins."""
        name = f"{prefix}{kind}"
        head = self._read_bytes(at, 2)
        if head is None:
            self.exif.damage.append((at, f"{name} lies outside"))
            return 0
        if at in self.directories or len(self.directories) >= _MOST_DIRECTORIES:
            self.exif.damage.append((at, f"{name} is not read: it was before, or there are many"))
            return 0
        self.directories.add(at)
        count = struct.unpack(self.order + "H", head)[0]
        most_entries = (self.end - self.begin - at - 2) // 12
        if count > min(most_entries, _MOST_ENTRIES):
            self.exif.damage.append((at, f"{name} has no room for its {count} entries"))
            count = min(most_entries, _MOST_ENTRIES)
        # Its entries, and the pointer to the next directory.
        after = at + 2 + 12 * count
        self.exif.read_spans.append((at, min(after + 4, self.end - self.begin)))
        for number in range(count):
            self._add_entry_to_exif(kind, prefix, at + 2 + 12 * number)
        following = self._read_bytes(after, 4)
        return struct.unpack(self.order + "I", following)[0] if following else 0

    def _add_entry_to_exif(self, directory: str, prefix: str, at: int) -> None:
        entry = self._read_bytes(at, 12)
        if entry is None:
            return
        tag, kind, count = struct.unpack(self.order + "HHI", entry[:8])
        name = TAGS[directory].get(tag)
        is_listed = name is not None
        label = f"{prefix}{name or f'{directory}.0x{tag:04x}'}"
        if kind not in _TYPES:
            if is_listed or tag in _POINTERS:
                self.exif.damage.append((at, f"{label} is of the unknown type {kind}"))
            return
        letter, size = _TYPES[kind]
        length, value_offset = size * count, at + 8
        if length > 4:
            value_offset = struct.unpack(self.order + "I", entry[8:])[0]
        if not is_listed and length > _MOST_BYTES:
            return
        value = self._read_bytes(value_offset, length) if length <= _MOST_BYTES else None
        if value is None:
            self.exif.damage.append((at, f"{label} lies outside"))
            return
        self.exif.read_spans.append((value_offset, value_offset + length))
        if tag in _POINTERS and directory in ("IFD", "ExifIFD"):
            self._follow_pointers(tag, prefix, self._decode_value("I", count, value), letter)
        elif label == "XMP":
            self.exif.xmp_offset = value_offset
            self.exif.tags[label] = value
        elif name == "MakerNote":
            self._read_maker_note(prefix, value_offset, value)
        elif is_listed or count <= _MOST_UNLISTED:
            text = name is not None and name.startswith("XP") and letter == "B"
            decoded = _utf16_text(value) if text else self._decode_value(letter, count, value)
            self.exif.tags.setdefault(label, decoded)

    def _follow_pointers(self, tag: int, prefix: str, value: ExifValue, letter: str) -> None:
        if letter != "I" or not isinstance(value, tuple):
            return
        name = _POINTERS[tag]
        for number, place in enumerate(value[:_LONGEST_CHAIN]):
            if name == "SubIFD":
                self.read_directory_and_return_next_offset(
                    "IFD", f"{prefix}{name}{number}.", int(place)
                )
            else:
                self.read_directory_and_return_next_offset(name, prefix, int(place))

    def _read_maker_note(self, prefix: str, at: int, value: bytes) -> None:
        """Read the maker's notes: text in brackets, or a directory; else say that they are not."""
        texts = parse_bracketed_name_values(value)
        for name, text in texts.items():
            self.exif.tags.setdefault(f"{prefix}MakerNote.{name}", text)
        if texts or not value.strip(b"\0"):
            return
        count = struct.unpack(self.order + "H", value[:2])[0] if len(value) >= 2 else 0
        kinds = [
            struct.unpack_from(self.order + "H", value, 4 + 12 * number)[0]
            for number in range(count)
            if 6 + 12 * number <= len(value)
        ]
        if 0 < count == len(kinds) <= _MOST_ENTRIES and set(kinds) <= set(_TYPES):
            self.read_directory_and_return_next_offset("MakerNote", f"{prefix}MakerNote.", at)
        else:
            self.exif.damage.append(
                (at, "the maker's notes are of an unknown form: not looked into")
            )

    def _decode_value(self, letter: str, count: int, value: bytes) -> ExifValue:
        if letter == "s":
            return value.split(b"\0")[0].decode("utf-8", "replace")
        if len(letter) == 1:
            count = len(value) // struct.calcsize(letter)
        numbers = struct.unpack(f"{self.order}{count * len(letter)}{letter[0]}", value)
        if len(letter) == 1:
            return tuple(float(number) for number in numbers)
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return tuple(top / below if below else float("nan") for top, below in pairs)

    def _read_bytes(self, at: int, size: int) -> bytes | None:
        if at < 0 or at + size > self.end - self.begin:
            return None
        return bytes(self.data[self.begin + at : self.begin + at + size])


def _utf16_text(value: bytes) -> str:
    """Return the text of the tags that Windows adds; its NULs end it."""
    return value[: len(value) // 2 * 2].decode("utf-16-le", "replace").split("\0")[0]
