"""Find out which kind of DAT a file is: by its content, by its name only where nothing else can.

Facts: BudWalkerJava/DatCon 2a51562 (headers), FOSEGU/Fodogu ddeb4b7 (encrypted payloads),
D3VL/DJI-DAT-Decryptor (``LOGH``), o-gs/dji-firmware-tools df0b9c5 (framing).
"""

import re
import zlib
from dataclasses import dataclass

import numpy as np

from ..._file_content import HEAD_SIZE, Content
from ..._record_layout import ByteArray
from .._layout_builders import decode_record
from ._enum_names import AIRCRAFT
from ._find_record_frames import find_record_frames
from ._record_layouts import FILE_HEADER

#: Kinds that are read; an empty kind means "not a DAT".
V3, V1, RECORDS_ONLY, BLANK, CIPHERTEXT = "V3", "V1", "carved", "blank", "encrypted"
LOGH, ZLIB, EXPORT = "LOGH", "zlib", "export"

BUILD_MARK, BUILD_MARK_OFFSET = b"BUILD", 16
_V3_MARK, _V3_MARK_OFFSET = b"DJI_LOG_V3", 242
HEADER_SIZE = {V3: 256, V1: 128}
#: An entry of an export: this byte, the length, product and path, and then the data.
ENTRY_MARK, ENTRY_HEADER_SIZE = 0xA4, 283
_FLIGHT_NAME = re.compile(r"FLY\d{2,10}[^/\\]{0,200}\.DAT$", re.IGNORECASE)
_PATH = re.compile(rb"[\x20-\x7e]{3,255}\x00|[\x20-\x7e]{255}")
#: Bits a byte from which on bytes are as even as cipher text.
CIPHER_ENTROPY_BITS = 7.5
#: Different values among 256 even bytes: 162 on average, and hardly ever fewer than this.
_CIPHER_DISTINCT_VALUES = 135
#: What other files of even bytes begin with: archives, pictures, videos, documents.
_OTHER_MAGICS = re.compile(
    rb"PK|\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|\xff\xd8\xff|\x89PNG|%PDF|RIFF"
    rb"|....(ftyp|moov|mdat|free|wide)",
    re.DOTALL,
)
_ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


@dataclass(frozen=True, slots=True)
class DatHeader:
    """The header of a V1 or V3 DAT: where it lies, and what it says of the aircraft."""

    offset: int
    kind: str
    aircraft: int
    #: Date and time at which the firmware was built, as text.
    build_date: str

    @property
    def model(self) -> str:
        """The name of the aircraft; its number where no name is known."""
        return AIRCRAFT.get(self.aircraft, f"unknown ({self.aircraft})")

    @property
    def has_build_year(self) -> bool:
        """Whether text after the mark is the date of a build, such as ``May 24 2017``."""
        return any(word.isdigit() and len(word) == 4 for word in self.build_date.split())


def dat_file_kind(head: bytes, name: str = "") -> str:
    """Return the kind of some bytes from their first; empty: they are no DAT."""
    if head.startswith(LOGH.encode()) and len(head) >= 0x38:
        return LOGH
    header = parse_header(head, 0)
    # The mark alone is a word that may stand anywhere: the date of a build proves the header.
    if header is not None and (header.kind == V3 or header.has_build_year):
        return header.kind
    if head.startswith(_ZLIB_HEADS):
        inside = inflate_head(head)
        return (
            ZLIB if inside and dat_file_kind(inside) in (V3, V1, RECORDS_ONLY, LOGH, EXPORT) else ""
        )
    if _is_export_entry(head):
        return EXPORT
    if len(find_record_frames(np.frombuffer(head, np.uint8))) >= 2:
        return RECORDS_ONLY
    if head and _FLIGHT_NAME.search(name):
        return _kind_of_file_only_named_dat(head)
    return ""


def claims(content: Content) -> bool:
    """Return whether a file is an on-board DAT, an export of some, or blank under their name."""
    return dat_file_kind(content.head, content.base_name) != ""


def parse_header(data: bytes, at: int, base: int = 0) -> DatHeader | None:
    """Return the header that begins at an offset; ``None`` if there is none."""
    if (
        at < 0
        or data[at + BUILD_MARK_OFFSET : at + BUILD_MARK_OFFSET + len(BUILD_MARK)] != BUILD_MARK
    ):
        return None
    head = data[at : at + HEADER_SIZE[V3]]
    fields = decode_record(FILE_HEADER, head)
    built = fields["build_date"].split(b"\0")[0].decode("ascii", "replace")
    kind = V3 if _is_v3(head) else V1
    return DatHeader(base + at, kind, fields["aircraft"], " ".join(built.split()))


def is_zlib(head: bytes) -> bool:
    """Return whether bytes begin as a zlib stream does."""
    return head.startswith(_ZLIB_HEADS)


def inflate_head(head: bytes) -> bytes:
    """Return the first bytes inflated from a zlib stream; empty if it is not one."""
    try:
        return zlib.decompressobj().decompress(head, HEAD_SIZE)
    except zlib.error:
        return b""


def byte_entropy_bits(data: ByteArray) -> float:
    """Return the bits of information of a byte, 0 to 8, by the frequencies of the values."""
    counts = np.bincount(data, minlength=256)
    share = counts[counts > 0] / max(1, len(data))
    return float(-(share * np.log2(share)).sum()) + 0.0


def _is_v3(head: bytes) -> bool:
    return head[_V3_MARK_OFFSET : _V3_MARK_OFFSET + len(_V3_MARK)] == _V3_MARK


def _is_export_entry(head: bytes) -> bool:
    if len(head) < ENTRY_HEADER_SIZE or head[0] != ENTRY_MARK:
        return False
    inside = head[ENTRY_HEADER_SIZE:]
    has_known_content = parse_header(inside, 0) is not None or inside.startswith(LOGH.encode())
    return has_known_content or bool(
        _PATH.search(head[7:ENTRY_HEADER_SIZE]) and b".DAT" in head[:300].upper()
    )


def _kind_of_file_only_named_dat(head: bytes) -> str:
    """Return what bytes are that only their name makes a DAT: blank, even, or no DAT."""
    if len(set(head)) == 1 and head[0] in (0, 0xFF):
        return BLANK
    even = (
        len(head) == HEAD_SIZE
        and byte_entropy_bits(np.frombuffer(head, np.uint8)) >= CIPHER_ENTROPY_BITS
    )
    if even and len(set(head[:256])) >= _CIPHER_DISTINCT_VALUES and not _OTHER_MAGICS.match(head):
        return CIPHERTEXT
    return ""
