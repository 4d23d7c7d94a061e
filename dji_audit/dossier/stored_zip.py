"""The bytes of a ZIP archive whose members are stored, each field fixed by name, size and CRC.

A dossier is written with these functions and checked by building the same bytes again, so that
no byte of an archive is free: neither a header, nor a date, nor a gap between members.  Members
are not compressed: what a compressor gives differs from one version to the next.  ZIP64 is used
only where a number does not fit.  Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

LOCAL_SIGNATURE, DIRECTORY_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02"
#: signature, version needed, flags, method, time, date, CRC-32, two sizes, lengths of name, extra
LOCAL = struct.Struct("<4s5H3I2H")
#: signature, versions, flags, method, time, date, CRC-32, two sizes, lengths of name, extra and
#: comment, disk, attributes (2), offset
DIRECTORY = struct.Struct("<4s6H3I5H2I")
#: signature, disks (2), entries (2), size and offset of the directory, length of the comment
END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64 = struct.Struct("<4sIQI")
END_SIGNATURE = b"PK\x05\x06"
END_64_SIZE, LOCATOR_64_SIZE = _END_64.size, _LOCATOR_64.size

_UTF8_NAME = 0x800
#: 1 January 1980, midnight: the first day that ZIP knows, and the same for every member.
_DATE = 0x21
_VERSION, _VERSION_64 = 20, 45
_MADE_ON_UNIX = 3 << 8
#: A regular file that everybody may read.
_ATTRIBUTES = 0o100644 << 16
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF
#: Id of the extra field that holds numbers of 64 bits.
EXTRA_64 = 1
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredMember:
    """One member: its name, its size in bytes and its CRC-32."""

    name: str
    size: int
    crc32: int


def local_file_header(member: StoredMember) -> bytes:
    """Return what stands before the bytes of a member."""
    name, extra = member.name.encode(), b""
    size, version = member.size, _VERSION
    if size >= _MAX_32:
        extra = struct.pack("<2H2Q", EXTRA_64, 16, size, size)
        size, version = _MAX_32, _VERSION_64
    fixed = LOCAL.pack(
        LOCAL_SIGNATURE, version, _UTF8_NAME, 0, 0, _DATE, member.crc32, size, size,
        len(name), len(extra),
    )  # fmt: skip
    return fixed + name + extra


def central_directory_entry(member: StoredMember, offset: int) -> bytes:
    """Return the entry of a member whose header begins at an offset."""
    name, large = member.name.encode(), []
    size, at, version = member.size, offset, _VERSION
    if size >= _MAX_32:
        large += [size, size]
        size, version = _MAX_32, _VERSION_64
    if at >= _MAX_32:
        large.append(at)
        at, version = _MAX_32, _VERSION_64
    extra = struct.pack(f"<2H{len(large)}Q", EXTRA_64, 8 * len(large), *large) if large else b""
    fixed = DIRECTORY.pack(
        DIRECTORY_SIGNATURE, _MADE_ON_UNIX | version, version, _UTF8_NAME, 0, 0, _DATE,
        member.crc32, size, size, len(name), len(extra), 0, 0, 0, _ATTRIBUTES, at,
    )  # fmt: skip
    return fixed + name + extra


def end_of_central_directory(count: int, directory_size: int, directory_offset: int) -> bytes:
    """Return what stands behind the directory of an archive, to its last byte."""
    large = b""
    if count >= _MAX_16 or directory_size >= _MAX_32 or directory_offset >= _MAX_32:
        large = _END_64.pack(
            b"PK\x06\x06", END_64_SIZE - 12, _MADE_ON_UNIX | _VERSION_64, _VERSION_64, 0, 0,
            count, count, directory_size, directory_offset,
        ) + _LOCATOR_64.pack(b"PK\x06\x07", 0, directory_offset + directory_size, 1)  # fmt: skip
    entries = min(count, _MAX_16)
    size, offset = min(directory_size, _MAX_32), min(directory_offset, _MAX_32)
    return large + END.pack(END_SIGNATURE, 0, 0, entries, entries, size, offset, 0)


class StoredZipWriter:
    """Writes an archive member by member into a file that can be searched."""

    def __init__(self, stream: BinaryIO) -> None:
        """Begin an archive at the beginning of a file."""
        self._stream = stream
        self._members: list[tuple[StoredMember, int]] = []

    def add(self, name: str, size: int, pieces: Iterable[bytes]) -> StoredMember:
        """Write a member piece by piece.

        Args:
            name: Its path in the archive.
            size: Its size in bytes, known beforehand.
            pieces: Its bytes.

        Raises:
            ValueError: If the pieces do not have the size.
            OSError: If the file cannot be written.
        """
        offset, crc, written = self._stream.tell(), 0, 0
        self._stream.write(local_file_header(StoredMember(name, size, 0)))
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
            written += len(piece)
            if written > size:
                break
            self._stream.write(piece)
        if written != size:
            raise ValueError(f"{name}: {size:,} bytes were announced, {written:,} came")
        end = self._stream.tell()
        member = StoredMember(name, size, crc)
        self._stream.seek(offset)
        self._stream.write(local_file_header(member))
        self._stream.seek(end)
        self._members.append((member, offset))
        return member

    def finish(self) -> None:
        """Write the directory and the end of the archive."""
        begin = self._stream.tell()
        for member, offset in self._members:
            self._stream.write(central_directory_entry(member, offset))
        end = self._stream.tell()
        self._stream.write(end_of_central_directory(len(self._members), end - begin, begin))


def read_file_in_pieces(stream: BinaryIO, size: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file from where it stands, at most so many, in pieces of 1 MiB."""
    left = size
    while left is None or left > 0:
        piece = stream.read(_CHUNK_BYTES if left is None else min(left, _CHUNK_BYTES))
        if not piece:
            return
        if left is not None:
            left -= len(piece)
        yield piece
