"""The members that a ZIP archive lists, and those that it holds and does not list.

Layout: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.  An archive is read by its central
directory at the end.  Where that is missing or damaged, and in bytes between the members that it
lists, local headers are followed, so that what a cut archive still holds, and what the directory
hides, is found.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .._file_content import Content
from .._model import Issue

LOCAL_MAGIC, CENTRAL_MAGIC = b"PK\x03\x04", b"PK\x01\x02"
_END_MAGIC, _END_64_MAGIC, _LOCATOR_64_MAGIC = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_DESCRIPTOR_MAGIC = b"PK\x07\x08"
#: Signature, version, flags, method, time, date, CRC-32, packed size, size, name and extra sizes.
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCATOR_64 = struct.Struct("<4sIQI")
_END_64 = struct.Struct("<4sQ2H2I4Q")
#: The end record and the longest comment behind it.
_TAIL_SIZE = _END.size + 0xFFFF
_APK_SIGNATURE = b"APK Sig Block 42"
_MAX_DESCRIPTOR_SIZE = 24

STORED, DEFLATED, BZIP2, LZMA, ZSTD, XZ, AES = 0, 8, 12, 14, 93, 95, 99
#: Methods that are known by name and not unpacked.
UNREAD_METHODS = {
    1: "shrink", 2: "reduce", 3: "reduce", 4: "reduce", 5: "reduce", 6: "implode",
    9: "deflate64", 10: "PKWARE DCL implode", 16: "IBM CMPSC", 18: "IBM TERSE", 19: "IBM LZ77",
    20: "zstd of an early draft", 94: "MP3", 96: "JPEG", 97: "WavPack", 98: "PPMd",
}  # fmt: skip
_FLAG_ENCRYPTED, _FLAG_DESCRIPTOR, _FLAG_STRONG, _FLAG_UTF8, _FLAG_MASKED = (
    1 << 0, 1 << 3, 1 << 6, 1 << 11, 1 << 13,
)  # fmt: skip
#: Extra fields: sizes of ZIP64, AES of WinZip, names in UTF-8 of Info-ZIP.
_EXTRA_ZIP64, _EXTRA_AES, _EXTRA_NAME = 0x0001, 0x9901, 0x7075
_UNIX, _MACOS = 3, 19
_UNKNOWN_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One member as its header states it."""

    name: str
    flags: int
    #: Compression; of a member encrypted with AES that beneath the encryption.
    method: int
    crc32: int
    packed_size: int
    size: int
    #: Offset of its local header.
    offset: int
    #: Offset of its packed bytes; ``None``: not looked up yet.
    data_offset: int | None = None
    #: Bits of the AES key; ``None``: it is not encrypted with AES.
    aes_bits: int | None = None
    #: Whether AES leaves the checksum out (AE-2).
    has_no_crc: bool = False
    #: Whether it is encrypted with AES.
    method_is_aes: bool = False
    #: Type and permissions as of Unix; 0: not stated.
    unix_mode: int = 0
    #: High byte of the time of change: what an encrypted member without a checksum is tried with.
    time_check: int = 0
    #: Whether its header states no sizes: they follow the data, or are lost.
    has_unknown_sizes: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, which holds no bytes."""
        return self.name.endswith("/") and not self.packed_size

    @property
    def is_encrypted(self) -> bool:
        """Whether its data needs a password."""
        return bool(self.flags & (_FLAG_ENCRYPTED | _FLAG_STRONG))

    @property
    def has_pkware_strong_encryption(self) -> bool:
        """Whether PKWARE's own encryption protects it, or the directory itself."""
        return bool(self.flags & (_FLAG_STRONG | _FLAG_MASKED))


@dataclass(slots=True)
class ZipDirectory:
    """What an archive lists, in order of offset, and what is wrong with it."""

    entries: list[ZipEntry]
    issues: list[Issue] = field(default_factory=list)
    #: Spans of the members' packed bytes, in order.
    spans: list[tuple[int, int]] = field(default_factory=list)


def begins_as_zip(content: Content) -> bool:
    """Return whether a file begins with a local header that can be true, or is an empty archive."""
    head = content.head
    if head.startswith(_END_MAGIC):
        return _find_and_parse_end_record(content) is not None
    if head.startswith(b"PK\x07\x08PK\x03\x04") or head.startswith(b"PK00PK\x03\x04"):
        return True
    return head.startswith(LOCAL_MAGIC) and (
        _is_plausible_local_header(content, 0) or ends_as_zip(content)
    )


def appended_zip_offset(content: Content) -> int | None:
    """Return where an archive begins that stands behind something else and ends the file."""
    end = _find_and_parse_end_record(content)
    if end is None or not end.count or not end.prefix_size or not ends_as_zip(content):
        return None
    comment = int.from_bytes(content.data[end.offset + 20 : end.offset + 22], "little")
    return end.prefix_size if end.offset + _END.size + comment == len(content) else None


def ends_as_zip(content: Content) -> bool:
    """Return whether a file ends with a directory whose first member is where it says."""
    end = _find_and_parse_end_record(content)
    if end is None or not end.count:
        return False
    entry = next(iter(_central_directory_entries(content, end, [])), None)
    if entry is None:
        return False
    return content.data[entry.offset : entry.offset + 4] == LOCAL_MAGIC


def _is_plausible_local_header(content: Content, offset: int) -> bool:
    header = content.data[offset : offset + _LOCAL.size]
    if len(header) < _LOCAL.size or not header.startswith(LOCAL_MAGIC):
        return False
    _, version, _, method, _, _, _, _, _, name_size, _ = _LOCAL.unpack(header)
    known = {STORED, DEFLATED, BZIP2, LZMA, ZSTD, XZ, AES, *UNREAD_METHODS}
    return method in known and (version & 0xFF) <= 100 and 0 < name_size <= 0x7FFF


@dataclass(frozen=True, slots=True)
class _EndOfCentralDirectory:
    """The end record: where the directory is; offsets are those in this file."""

    count: int
    directory_offset: int
    directory_size: int
    #: Bytes before the archive, as of a program that unpacks it.
    prefix_size: int
    offset: int


def _find_and_parse_end_record(content: Content) -> _EndOfCentralDirectory | None:
    start = max(0, len(content) - _TAIL_SIZE)
    tail = content.data[start:]
    at = len(tail)
    while (at := tail.rfind(_END_MAGIC, 0, at)) >= 0:
        if (end := _parse_end_record(content, tail, start, at)) is not None:
            return end
    return None


def _parse_end_record(
    content: Content, tail: bytes, start: int, at: int
) -> _EndOfCentralDirectory | None:
    if len(tail) - at < _END.size:
        return None
    _, _, _, _, count, size, offset, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment > len(tail):
        return None
    end = start + at
    locator = content.data[max(0, end - _LOCATOR_64.size) : end]
    if locator.startswith(_LOCATOR_64_MAGIC) and len(locator) == _LOCATOR_64.size:
        record_offset = _LOCATOR_64.unpack(locator)[2]
        # What stands before the archive shifts all offsets; the record then stands just before.
        for record_at in (record_offset, end - _LOCATOR_64.size - _END_64.size):
            record = content.data[record_at : record_at + _END_64.size]
            if len(record) == _END_64.size and record.startswith(_END_64_MAGIC):
                count, size, offset = _END_64.unpack(record)[7:]
                end = record_at
                break
    prefix = end - size - offset
    if prefix < 0 or offset + size > len(content):
        return None
    begin = content.data[prefix + offset : prefix + offset + 4]
    if count and begin != CENTRAL_MAGIC:
        return None
    return _EndOfCentralDirectory(count, prefix + offset, size, prefix, start + at)


def read_directory(content: Content) -> ZipDirectory:
    """Return the members of an archive, in order of their offset."""
    issues: list[Issue] = []
    end = _find_and_parse_end_record(content)
    if end is None:
        entries = list(_entries_found_by_local_headers(content, 0, len(content), issues))
        reason = "the archive is cut short: its directory is missing; members were found one by one"
        issues.insert(0, Issue(0, 0, reason))
    else:
        entries = [*_central_directory_entries(content, end, issues)]
    entries.sort(key=lambda entry: entry.offset)
    entries = [_zip_entry_with_data_offset(content, entry) for entry in entries]
    if end is not None:
        entries += _entries_missing_from_directory(content, entries, end, issues)
        entries.sort(key=lambda entry: entry.offset)
    spans = [
        (entry.data_offset, min(entry.packed_size, len(content) - entry.data_offset))
        for entry in entries
        if entry.data_offset is not None
    ]
    return ZipDirectory(entries, issues, spans)


def indices_of_overlapping_entries(entries: list[ZipEntry]) -> set[int]:
    """Return the indices of members, sorted by offset, whose bytes belong to another member too."""
    overlapping: set[int] = set()
    last, last_end = -1, -1
    for index, entry in enumerate(entries):
        end = (entry.data_offset or entry.offset) + entry.packed_size
        if entry.offset < last_end:
            overlapping |= {index, last}
        if end > last_end:
            last, last_end = index, end
    return overlapping


def _central_directory_entries(
    content: Content, end: _EndOfCentralDirectory, issues: list[Issue]
) -> Iterator[ZipEntry]:
    at, stop = end.directory_offset, end.directory_offset + end.directory_size
    number = 0
    while at + _CENTRAL.size <= stop:
        header = content.data[at : at + _CENTRAL.size]
        if not header.startswith(CENTRAL_MAGIC):
            break
        fields = _CENTRAL.unpack(header)
        made_by, flags, method, clock = fields[1], fields[3], fields[4], fields[5]
        crc32, packed, size, name_size, extra_size, comment_size = fields[7:13]
        attributes, offset = fields[15], fields[16]
        rest = content.data[at + _CENTRAL.size : at + _CENTRAL.size + name_size + extra_size]
        at += _CENTRAL.size + name_size + extra_size + comment_size
        if at > stop:
            at = stop
            break
        extra = _extra_field_bytes_by_id(rest[name_size:])
        size, packed, offset = _zip64_sizes_and_offset(extra, size, packed, offset)
        yield _build_entry(
            rest[:name_size], flags, method, crc32, packed, size, end.prefix_size + offset, clock,
            extra, attributes >> 16 if made_by >> 8 in (_UNIX, _MACOS) else 0,
        )  # fmt: skip
        number += 1
    # The count of the older end record is kept modulo 65,536.
    if at < stop or number & 0xFFFF != end.count & 0xFFFF:
        reason = f"the directory lists {number:,} of {end.count:,} members and is damaged there"
        issues.append(Issue(at, stop - at, reason))


def _build_entry(
    raw_name: bytes, flags: int, method: int, crc32: int, packed: int, size: int, offset: int,
    clock: int, extra: dict[int, bytes], unix_mode: int = 0,
) -> ZipEntry:  # fmt: skip
    aes_bits, has_no_crc, is_aes = None, False, method == AES
    if is_aes and len(aes := extra.get(_EXTRA_AES, b"")) >= 7:
        version, _, strength, method = struct.unpack("<H2sBH", aes[:7])
        aes_bits, has_no_crc = {1: 128, 2: 192, 3: 256}.get(strength), version == 2
    return ZipEntry(
        _decode_name(raw_name, flags, extra), flags, method, crc32, packed, size, offset,
        None, aes_bits, has_no_crc, is_aes, unix_mode,
        clock >> 8 if flags & _FLAG_DESCRIPTOR else crc32 >> 24,
    )  # fmt: skip


def _decode_name(raw: bytes, flags: int, extra: dict[int, bytes]) -> str:
    better = extra.get(_EXTRA_NAME, b"")
    if len(better) > 5 and struct.unpack("<I", better[1:5])[0] == zlib.crc32(raw):
        name = better[5:].decode("utf-8", "backslashreplace")
    else:
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("utf-8", "backslashreplace") if flags & _FLAG_UTF8 else ""
            name = name or raw.decode("cp437")
    # Some programs on Windows write its separator.
    return name if "/" in name else name.replace("\\", "/")


def _extra_field_bytes_by_id(data: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        fields.setdefault(kind, data[at + 4 : at + 4 + size])
        at += 4 + size
    return fields


def _zip64_sizes_and_offset(
    extra: dict[int, bytes], size: int, packed: int, offset: int
) -> tuple[int, int, int]:
    """Return sizes and offset, those that do not fit 32 bits from the extra field."""
    wide = extra.get(_EXTRA_ZIP64, b"")
    values = [size, packed, offset]
    at = 0
    for index, value in enumerate(values):
        if value == _UNKNOWN_32 and at + 8 <= len(wide):
            (values[index],) = struct.unpack_from("<Q", wide, at)
            at += 8
    return values[0], values[1], values[2]


def _zip_entry_with_data_offset(content: Content, entry: ZipEntry) -> ZipEntry:
    """Return an entry with where its packed bytes are, by its local header."""
    if entry.data_offset is not None:
        return entry
    header = content.data[entry.offset : entry.offset + _LOCAL.size]
    if len(header) < _LOCAL.size or not header.startswith(LOCAL_MAGIC):
        return entry
    fields = _LOCAL.unpack(header)
    name_size, extra_size = fields[9], fields[10]
    begin = entry.offset + _LOCAL.size
    raw = content.data[begin : begin + name_size]
    remarks = entry.remarks
    extra = _extra_field_bytes_by_id(
        content.data[begin + name_size : begin + name_size + extra_size]
    )
    if (local_name := _decode_name(raw, fields[2], extra)) != entry.name:
        remarks = (*remarks, f"the header before its data names it {local_name[:200]!r}")
    return replace(entry, data_offset=begin + name_size + extra_size, remarks=remarks)


def _entries_missing_from_directory(
    content: Content, entries: list[ZipEntry], end: _EndOfCentralDirectory, issues: list[Issue]
) -> list[ZipEntry]:
    """Return members between those that the directory lists; other bytes there are issues."""
    hidden: list[ZipEntry] = []
    at = end.prefix_size
    if at and not any(entry.offset < at for entry in entries):
        issues.append(Issue(0, at, "bytes before the archive, such as a program that unpacks it"))
    for entry in [*entries, None]:
        start = entry.offset if entry is not None else end.directory_offset
        if start > at:
            hidden += _entries_in_gap(content, at, start, issues)
        if entry is not None:
            data = entry.data_offset if entry.data_offset is not None else entry.offset
            at = max(at, data + entry.packed_size)
    return hidden


def _entries_in_gap(
    content: Content, start: int, stop: int, issues: list[Issue]
) -> Iterator[ZipEntry]:
    begin = content.data[start : min(stop, start + _MAX_DESCRIPTOR_SIZE + 4)]
    local = begin.find(LOCAL_MAGIC)
    if local >= 0 and _is_plausible_local_header(content, start + local):
        remark = ("the directory of the archive does not list it",)
        for entry in _entries_found_by_local_headers(content, start + local, stop, issues):
            yield replace(entry, remarks=(*entry.remarks, *remark))
    elif stop - start > _MAX_DESCRIPTOR_SIZE and (
        content.data[max(start, stop - len(_APK_SIGNATURE)) : stop] != _APK_SIGNATURE
    ):
        reason = "bytes between the members that the archive does not list"
        if content.array[start:stop].any():
            issues.append(Issue(start, stop - start, reason))


def _entries_found_by_local_headers(
    content: Content, start: int, stop: int, issues: list[Issue]
) -> Iterator[ZipEntry]:
    """Yield the members whose local headers follow one another, past damage between them."""
    at = start
    while at < stop:
        found = _next_local_header_offset(content, at, stop)
        if found > at:
            tail = content.data[at : at + 4]
            if tail in (CENTRAL_MAGIC, _END_MAGIC, _END_64_MAGIC):
                return
            if not (tail == _DESCRIPTOR_MAGIC and found - at <= _MAX_DESCRIPTOR_SIZE):
                issues.append(Issue(at, found - at, "bytes that belong to no member"))
        if found >= stop:
            return
        entry, at = _entry_and_end_at_local_header(content, found, stop)
        yield entry


def _next_local_header_offset(content: Content, at: int, stop: int) -> int:
    """Return the offset of the next local header that can be true; ``stop``: there is none."""
    while (at := content.data.find(LOCAL_MAGIC, at, stop)) >= 0:
        if _is_plausible_local_header(content, at):
            return at
        at += 1
    return stop


def _entry_and_end_at_local_header(content: Content, at: int, stop: int) -> tuple[ZipEntry, int]:
    """Return the member at a local header, and the offset behind its packed bytes."""
    fields = _LOCAL.unpack(content.data[at : at + _LOCAL.size])
    flags, method, clock = fields[2], fields[3], fields[4]
    crc32, packed, size, name_size, extra_size = fields[6:]
    begin = at + _LOCAL.size
    rest = content.data[begin : begin + name_size + extra_size]
    extra = _extra_field_bytes_by_id(rest[name_size:])
    size, packed, _ = _zip64_sizes_and_offset(extra, size, packed, 0)
    data = begin + name_size + extra_size
    entry = _build_entry(rest[:name_size], flags, method, crc32, packed, size, at, clock, extra)
    if flags & _FLAG_DESCRIPTOR and not packed:
        packed, size, crc32, end = _sizes_crc_and_end_of_data_descriptor(content, data, stop)
        known = end is not None
        if not known:
            end = stop
        entry = replace(
            entry, data_offset=data, packed_size=packed, size=size, crc32=crc32,
            has_unknown_sizes=not known,
        )  # fmt: skip
        return entry, end if end is not None else stop
    return replace(entry, data_offset=data), min(data + packed, stop)


def _sizes_crc_and_end_of_data_descriptor(
    content: Content, data: int, stop: int
) -> tuple[int, int, int, int | None]:
    """Return packed size, size, CRC-32 and end of a member whose sizes follow its data.

    The descriptor is the first that states just the distance to it.
    """
    at = data
    while (at := content.data.find(_DESCRIPTOR_MAGIC, at, stop)) >= 0:
        for layout in ("<3I", "<I2Q"):
            values = content.data[at + 4 : at + 4 + struct.calcsize(layout)]
            if len(values) == struct.calcsize(layout):
                crc32, packed, size = struct.unpack(layout, values)
                if packed == at - data:
                    return packed, size, crc32, at + 4 + len(values)
        at += 1
    return stop - data, 0, 0, None
