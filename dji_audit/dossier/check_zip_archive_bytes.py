"""Read an archive strictly: every byte must be the one that a dossier has at that place.

A dossier is members without gaps, a directory, an end.  Where its members are known, each header
is built again and compared; so a change of any byte is named by the member that it belongs to.
Members are found twice, from the headers before them and from the directory, so that a change of
one does not hide the others.  Nothing is unpacked: members are stored, and read in pieces.
"""

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from dji_audit.common.plain_english import pluralised_count
from dji_audit.dossier.stored_zip import (
    DIRECTORY,
    DIRECTORY_SIGNATURE,
    END,
    END_64_SIZE,
    END_SIGNATURE,
    EXTRA_64,
    LOCAL,
    LOCAL_SIGNATURE,
    LOCATOR_64_SIZE,
    StoredMember,
    central_directory_entry,
    end_of_central_directory,
    local_file_header,
    read_file_in_pieces,
)

#: Members that are read; more are not in a dossier.
MAX_MEMBERS = 2_000_000
#: Bytes of a directory that is read.
_MAX_DIRECTORY_BYTES = 512 << 20
_MAX_32 = 0xFFFFFFFF
#: Where in an archive a change lies that belongs to no member.
DIRECTORY_PART, END_PART = "(directory of the archive)", "(end of the archive)"


@dataclass(frozen=True, slots=True)
class ArchiveFault:
    """One thing that is not as it must be: the member or part, and what differs."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A member of an archive as its bytes are."""

    name: str
    #: First byte of its content, and how many there are.
    offset: int
    size: int
    sha256: str
    crc32: int


@dataclass(frozen=True, slots=True)
class CheckedArchive:
    """The members of an archive, and what of its structure is not as it must be."""

    members: tuple[ArchiveMember, ...]
    faults: tuple[ArchiveFault, ...]


@dataclass(frozen=True, slots=True)
class _MemberPosition:
    """Where a member lies by one of the two lists."""

    name: str
    header: int
    size: int


def check_archive(stream: BinaryIO, size: int) -> CheckedArchive:
    """Return the members of an archive, and every part of it that is not as it must be.

    Args:
        stream: The archive.
        size: Its size in bytes.

    Raises:
        OSError: If it cannot be read.
    """
    by_headers, headers_end = _members_and_end_by_local_headers(stream, size)
    by_directory = _members_by_central_directory(stream, size)
    headers_fit = _sizes_fill_archive(by_headers, headers_end, size)
    places = by_headers
    if not headers_fit and by_directory is not None:
        places = by_directory
    members, faults = _hash_members_and_find_header_faults(stream, places)
    directory_offset = _end_of_last_member(places)
    faults += _central_directory_faults(stream, members, places, directory_offset, size)
    if not places:
        faults.append(ArchiveFault("(beginning of the archive)", "no member begins here"))
    return CheckedArchive(tuple(members), tuple(dict.fromkeys(faults)))


def iterate_member_chunks(stream: BinaryIO, member: ArchiveMember) -> Iterator[bytes]:
    """Yield the content of a member in pieces."""
    stream.seek(member.offset)
    yield from read_file_in_pieces(stream, member.size)


def _members_and_end_by_local_headers(
    stream: BinaryIO, size: int
) -> tuple[list[_MemberPosition], int]:
    """Return the members that follow one another from the first byte on, and where they end."""
    places: list[_MemberPosition] = []
    at = 0
    while len(places) < MAX_MEMBERS:
        stream.seek(at)
        fixed = stream.read(LOCAL.size)
        if len(fixed) < LOCAL.size or not fixed.startswith(LOCAL_SIGNATURE):
            break
        values = LOCAL.unpack(fixed)
        stored, name_size, extra_size = values[8], values[9], values[10]
        rest = stream.read(name_size + extra_size)
        if stored == _MAX_32:
            numbers = _zip64_extra_numbers(rest[name_size:], 2)
            stored = numbers[0] if numbers else size
        end = at + LOCAL.size + name_size + extra_size + stored
        if len(rest) < name_size + extra_size or end > size:
            break
        places.append(
            _MemberPosition(rest[:name_size].decode("utf-8", "backslashreplace"), at, stored)
        )
        at = end
    return places, at


def _members_by_central_directory(stream: BinaryIO, size: int) -> list[_MemberPosition] | None:
    """Return the members by the directory; ``None``: it is damaged, or leaves gaps."""
    found = _central_directory_bounds(stream, size)
    if found is None:
        return None
    begin, end = found
    if not 0 <= begin <= end <= size or end - begin > _MAX_DIRECTORY_BYTES:
        return None
    stream.seek(begin)
    data = stream.read(end - begin)
    places: list[_MemberPosition] = []
    at = expected = 0
    while at < len(data) and len(places) < MAX_MEMBERS:
        if len(data) - at < DIRECTORY.size or not data.startswith(DIRECTORY_SIGNATURE, at):
            return None
        values = DIRECTORY.unpack_from(data, at)
        stored, name_size, extra_size = values[9], values[10], values[11]
        header = values[16]
        at += DIRECTORY.size
        name, extra = data[at : at + name_size], data[at + name_size : at + name_size + extra_size]
        at += name_size + extra_size + values[12]
        large = (stored == _MAX_32) * 2 + (header == _MAX_32)
        numbers = _zip64_extra_numbers(extra, large) if large else ()
        if numbers is None:
            return None
        if stored == _MAX_32:
            stored = numbers[0]
        if header == _MAX_32:
            header = numbers[-1]
        text = name.decode("utf-8", "backslashreplace")
        if header != expected:
            return None
        places.append(_MemberPosition(text, header, stored))
        expected = _end_of_last_member(places[-1:])
    return places if expected == begin else None


def _central_directory_bounds(stream: BinaryIO, size: int) -> tuple[int, int] | None:
    """Return where the directory begins and ends by the last bytes of the archive."""
    if size < END.size:
        return None
    stream.seek(size - END.size)
    tail = stream.read(END.size)
    if not tail.startswith(END_SIGNATURE):
        return None
    _, _, _, _, count, length, offset, _ = END.unpack(tail)
    end = size - END.size
    if length == _MAX_32 or offset == _MAX_32 or count == 0xFFFF:
        end -= END_64_SIZE + LOCATOR_64_SIZE
        if end < 0:
            return None
        stream.seek(end)
        large = stream.read(END_64_SIZE)
        length = int.from_bytes(large[40:48], "little")
        offset = int.from_bytes(large[48:56], "little")
    return (offset, end) if offset + length == end else None


def _zip64_extra_numbers(extra: bytes, count: int) -> tuple[int, ...] | None:
    """Return the numbers in the extra field of ZIP64; ``None``: it has not so many."""
    if len(extra) != 4 + 8 * count or int.from_bytes(extra[:2], "little") != EXTRA_64:
        return None
    return tuple(int.from_bytes(extra[at : at + 8], "little") for at in range(4, 4 + 8 * count, 8))


def _end_of_last_member(places: Sequence[_MemberPosition]) -> int:
    """Return the byte behind the last member, with the header that it must have."""
    if not places:
        return 0
    last = places[-1]
    return last.header + len(_expected_local_header(last, 0)) + last.size


def _expected_local_header(place: _MemberPosition, crc32: int) -> bytes:
    return local_file_header(StoredMember(place.name, place.size, crc32))


def _sizes_fill_archive(places: Sequence[_MemberPosition], end: int, size: int) -> bool:
    """Return whether members, a directory and an end of their size fill an archive."""
    if not places or len(places) >= MAX_MEMBERS:
        return False
    length = sum(
        len(central_directory_entry(StoredMember(it.name, it.size, 0), it.header)) for it in places
    )
    return end + length + len(end_of_central_directory(len(places), length, end)) == size


def _hash_members_and_find_header_faults(
    stream: BinaryIO, places: Sequence[_MemberPosition]
) -> tuple[list[ArchiveMember], list[ArchiveFault]]:
    """Hash the content of each member, and compare its header with the one that it must have."""
    members: list[ArchiveMember] = []
    faults: list[ArchiveFault] = []
    for place in places:
        begin = place.header + len(_expected_local_header(place, 0))
        sha256, crc32 = hashlib.sha256(), 0
        stream.seek(begin)
        for piece in read_file_in_pieces(stream, place.size):
            sha256.update(piece)
            crc32 = zlib.crc32(piece, crc32)
        members.append(ArchiveMember(place.name, begin, place.size, sha256.hexdigest(), crc32))
        expected = _expected_local_header(place, crc32)
        stream.seek(place.header)
        if stream.read(len(expected)) != expected:
            faults.append(
                ArchiveFault(place.name, "its header in the archive does not agree with its bytes")
            )
    return members, faults


def _central_directory_faults(
    stream: BinaryIO,
    members: Sequence[ArchiveMember],
    places: Sequence[_MemberPosition],
    begin: int,
    size: int,
) -> list[ArchiveFault]:
    """Compare everything behind the last member with the directory that the members must have."""
    faults: list[ArchiveFault] = []
    at, is_cut = begin, False
    for member, place in zip(members, places, strict=True):
        stored = StoredMember(member.name, member.size, member.crc32)
        entry = central_directory_entry(stored, place.header)
        stream.seek(at)
        found = stream.read(len(entry))
        if found != entry:
            is_cut = is_cut or len(found) < len(entry)
            reason = "its entry in the directory of the archive does not agree with its bytes"
            faults.append(ArchiveFault(member.name, reason))
        at += len(entry)
        if is_cut:
            break
    if faults and len(faults) == len(members) > 1:
        faults = [ArchiveFault(DIRECTORY_PART, "it is not that of the members")]
    end = end_of_central_directory(len(members), at - begin, begin)
    stream.seek(at)
    found = stream.read(len(end))
    if found != end:
        faults.append(ArchiveFault(END_PART, "it is not that of the members"))
    if at + len(end) < size:
        more = size - at - len(end)
        faults.append(ArchiveFault(END_PART, f"{pluralised_count(more, 'byte')} behind it"))
    return faults
