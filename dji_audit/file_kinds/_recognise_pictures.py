"""Pictures, and whether their Exif gives a position (JPEG, TIFF, DNG, HEIC, PNG, WebP).

Facts: Exif 2.32 (tag 8825 of the first directory points to the directory of the position, whose
tags 2 and 4 are latitude and longitude; 010F and 0110 are maker and model).
"""

import struct

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    FileKind,
    make_evidence_file_kind,
    make_harmless_file_kind,
)

_PICTURES = (
    (b"\xff\xd8\xff", "JPEG picture"),
    (b"\x89PNG\r\n\x1a\n", "PNG picture"),
    (b"II*\x00", "TIFF picture"),
    (b"MM\x00*", "TIFF picture"),
    (b"II+\x00", "TIFF picture"),
    (b"MM\x00+", "TIFF picture"),
    (b"II\x55\x00", "raw picture (Panasonic)"),
    (b"IIRO", "raw picture (Olympus)"),
    (b"FUJIFILMCCD-RAW", "raw picture (Fujifilm)"),
    (b"BM", "BMP picture"),
)
_TIFF_HEADS = (b"II*\x00", b"MM\x00*")
#: Brands of pictures in the container that videos use too.
_HEIF_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif", b"crx ")
#: Bytes within which the metadata of most pictures lie; a block of Exif is no larger.
_METADATA_SIZE = 1 << 16
#: What stands before the directories in JPEG and HEIC, in PNG and in WebP, and its bytes.
_EXIF_MARKS = ((b"Exif\x00\x00", 6), (b"eXIf", 4), (b"EXIF", 8))
#: Such marks that are followed; a picture has one, and perhaps one of its thumbnail.
_MOST_MARKS = 8
_GPS_DIRECTORY, _LATITUDE, _LONGITUDE, _MAKER, _MODEL = 0x8825, 2, 4, 0x010F, 0x0110
#: Entries of a directory that are looked at, and letters of a maker's name.
_MOST_ENTRIES, _MOST_LETTERS = 256, 40
_ASCII, _ENTRY_SIZE = 2, 12


def recognise_picture(sample: FileSample) -> FileKind | None:
    """Return the kind of a picture, with its maker where it states a position; ``None``: none."""
    name = next(
        (name for magic, name in _PICTURES if sample.first_4096_bytes.startswith(magic)), None
    )
    if name == "BMP picture" and not _is_bitmap(sample):
        return None
    if sample.first_4096_bytes[4:8] == b"ftyp" and sample.first_4096_bytes[8:12] in _HEIF_BRANDS:
        name = "HEIC picture"
    if sample.first_4096_bytes.startswith(b"RIFF") and sample.first_4096_bytes[8:12] == b"WEBP":
        name = "WebP picture"
    if name is None:
        return None
    maker = _camera_maker_if_picture_has_position(sample)
    if maker is None:
        return make_harmless_file_kind(name, "its Exif gives no position")
    by = f" by {maker}" if maker else ""
    return make_evidence_file_kind(
        f"{name} with a position{by}", "a program that shows Exif", "its Exif gives a position"
    )


def _is_bitmap(sample: FileSample) -> bool:
    """Return whether a file that begins with BM states its own size and a known header."""
    if len(sample.first_4096_bytes) < 18:
        return False
    size, _, _, header = struct.unpack_from("<IIII", sample.first_4096_bytes, 2)
    return size in (0, sample.size) and header in (12, 40, 52, 56, 64, 108, 124)


def _camera_maker_if_picture_has_position(sample: FileSample) -> str | None:
    """Return the maker that a picture with a position names; ``None``: it has no position."""
    beginning = sample.bytes_at(0, _METADATA_SIZE)
    if beginning.startswith(_TIFF_HEADS):
        return _camera_maker_if_directory_has_position(beginning, 0)
    for mark, size in _EXIF_MARKS:
        at = -1
        for _ in range(_MOST_MARKS):
            at = beginning.find(mark, at + 1)
            if at < 0:
                break
            if (maker := _camera_maker_if_directory_has_position(beginning, at + size)) is not None:
                return maker
    return None


def _camera_maker_if_directory_has_position(data: bytes, base: int) -> str | None:
    """Return the maker of a picture whose directory at ``base`` gives a position, else ``None``."""
    order = {b"II": "<", b"MM": ">"}.get(data[base : base + 2])
    if order is None or len(data) < base + 8:
        return None
    first = _exif_directory_entries(
        data, base, struct.unpack_from(f"{order}I", data, base + 4)[0], order
    )
    if _GPS_DIRECTORY not in first:
        return None
    gps = _exif_directory_entries(data, base, first[_GPS_DIRECTORY][2], order)
    if not {_LATITUDE, _LONGITUDE} <= gps.keys():
        return None
    texts = [_exif_ascii_value(data, base, first[tag]) for tag in (_MAKER, _MODEL) if tag in first]
    return " ".join(text for text in texts if text)


def _exif_directory_entries(
    data: bytes, base: int, offset: int, order: str
) -> dict[int, tuple[int, int, int]]:
    """Return kind, count and value of each tag of a directory, as far as the bytes reach."""
    at = base + offset
    if offset < 8 or at + 2 > len(data):
        return {}
    found = {}
    count = min(struct.unpack_from(f"{order}H", data, at)[0], _MOST_ENTRIES)
    for place in range(
        at + 2, min(at + 2 + count * _ENTRY_SIZE, len(data) - _ENTRY_SIZE + 1), _ENTRY_SIZE
    ):
        tag, kind, number, value = struct.unpack_from(f"{order}HHII", data, place)
        found[tag] = kind, number, value
    return found


def _exif_ascii_value(data: bytes, base: int, entry: tuple[int, int, int]) -> str:
    """Return a text that stands elsewhere than in its entry, shortened; empty: none."""
    kind, number, value = entry
    if kind != _ASCII or number <= 4:
        return ""
    raw = data[base + value : base + value + min(number, _MOST_LETTERS)].split(b"\0")[0]
    return "".join(letter for letter in raw.decode("latin-1") if letter.isprintable()).strip()
