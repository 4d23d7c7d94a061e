"""Members of a TAR archive, read once from its first byte to its last.

Layout: POSIX.1-2017, ``pax`` ("ustar Interchange Format", "pax Interchange Format"); GNU tar's
manual, "Basic Tar Format", for long names, sizes in base 256 and sparse files.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from .._model import Issue
from ._container_types import ListedContainerMember, UnpackingError
from ._forward_only_stream import ForwardOnlyStream
from ._member_names import UniqueMemberNames, printable_path
from ._unpacking_budget import UnpackingBudget

BLOCK = 512
_CHECKSUM = slice(148, 156)
#: Magic of POSIX and of GNU at byte 257.
_USTAR = b"ustar"
_HARD_LINK, _LINK, _DEVICES, _FOLDER = b"1", b"2", b"346", b"5"
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _SPARSE = b"L", b"K", b"x", b"g", b"S"
#: Volume labels and lists of folders of GNU: names, not files.
_LABELS = b"VMDN"
#: Bytes of a header that lengthens the next one; a name needs no more.
_MAX_EXTENSION_SIZE = 1 << 20
_PAX_RECORD = re.compile(rb"(\d{1,8}) ([^=\n]{1,64})=")


def is_tar_header(block: bytes) -> bool:
    """Return whether a block is the header of a member: its checksum is that of its bytes.

    Archives older than POSIX have no magic; of those the name must print as well.
    """
    if len(block) < BLOCK or not block[0]:
        return False
    stated = _parse_octal(block[_CHECKSUM])
    if stated is None:
        return False
    rest = block[:148] + b" " * 8 + block[156:BLOCK]
    if stated not in (sum(rest), sum(struct.unpack(f"{BLOCK}b", rest))):
        return False
    if block[257:262] == _USTAR:
        return True
    name = block[:100].rstrip(b"\x00")
    return min(name) >= 0x20 and _parse_octal(block[124:136]) is not None


@dataclass(slots=True)
class _TarHeader:
    """One header, lengthened by those before it."""

    name: str
    size: int
    type: bytes
    link: str
    offset: int
    #: Whether its data has holes that are not stored.
    is_sparse: bool = False


class TarMembers:
    """The members of one archive."""

    def __init__(self, archive: ForwardOnlyStream, budget: UnpackingBudget) -> None:
        """Take the bytes of an archive, from the first on."""
        self._archive, self._count = archive, budget.new_member_totals()
        self._names = UniqueMemberNames()
        self._has_end = False
        #: Damage to the archive itself.
        self.issues: list[Issue] = []
        #: Offset and size of each member's bytes, in order.
        self.spans: list[tuple[int, int]] = []
        #: Paths of folders, as they are listed.
        self.folders: list[str] = []

    def __iter__(self) -> Iterator[tuple[ListedContainerMember, ForwardOnlyStream]]:
        """Yield each member that is a file or a link, with its bytes, which the next step passes.

        Raises:
            UnpackingError: If the archive holds too many members.
        """
        for header in self._iterate_headers():
            start = self._archive.position
            if header.type == _FOLDER:
                self._count.add_member(BLOCK)
                self.folders.append(printable_path(header.name))
            elif header.type not in _LABELS:
                self._count.add_member(header.size)
                path, remarks = self._names.unique_path_and_remarks(header.name)
                kind, reason = _skipped_kind_and_reason(header)
                yield (
                    ListedContainerMember(path, header.size, header.offset, kind, reason, remarks),
                    ForwardOnlyStream(_member_chunks(self._archive, header.size)),
                )
            passed = self._archive.position - start
            passed += self._archive.skip(header.size - passed)
            if passed:
                self.spans.append((start, passed))
            self._archive.skip(-passed % BLOCK)
        if not self._has_end and self._archive.error is None:
            reason = "the archive is cut short: the mark of its end is missing"
            self.issues.append(Issue(self._archive.position, 0, reason))

    def _iterate_headers(self) -> Iterator[_TarHeader]:
        extension: dict[str, str] = {}
        common: dict[str, str] = {}
        while block := self._next_header_block():
            offset = self._archive.position - BLOCK
            kind, size = block[156:157], _parse_size(block[124:136])
            if size is None:
                self.issues.append(Issue(offset, BLOCK, "a header states no size that can be read"))
                continue
            if kind in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL):
                data = self._read_extension_header_bytes(size, offset)
                if kind in (_PAX, _PAX_GLOBAL):
                    records = _pax_records(data)
                    (common if kind == _PAX_GLOBAL else extension).update(records)
                else:
                    key = "path" if kind == _LONG_NAME else "linkpath"
                    extension[key] = _decode_text(data)
                continue
            yield _parse_header(block, size, offset, common | extension)
            extension = {}

    def _read_extension_header_bytes(self, size: int, offset: int) -> bytes:
        data = self._archive.read(min(size, _MAX_EXTENSION_SIZE))
        if size > len(data):
            reason = f"a header of {size:,} bytes lengthens another; {len(data):,} of it were read"
            self.issues.append(Issue(offset, 0, reason))
            self._archive.skip(size - len(data))
        self._archive.skip(-size % BLOCK)
        return data

    def _next_header_block(self) -> bytes | None:
        """Return the next header, past zeros and damage; ``None``: there is no other."""
        damage_start: int | None = None
        while True:
            block = self._archive.read(BLOCK)
            start = self._archive.position - len(block)
            is_header = is_tar_header(block)
            is_empty = not block.strip(b"\x00")
            self._has_end |= is_empty and len(block) == BLOCK
            if damage_start is not None and (is_header or not block):
                reason = "no header of a member stands here: damage, or bytes behind the archive"
                self.issues.append(Issue(damage_start, start - damage_start, reason))
            if is_header:
                return block
            if not block:
                return None
            if not is_empty and damage_start is None:
                damage_start = start


def _parse_header(block: bytes, size: int, offset: int, extension: dict[str, str]) -> _TarHeader:
    prefix = block[345:500] if block[257:263] == b"ustar\x00" else b""
    name, prefix = block[:100].split(b"\x00", 1)[0], prefix.split(b"\x00", 1)[0]
    short = _decode_text(prefix + b"/" + name if prefix else name)
    kind = block[156:157]
    if (longer := extension.get("size", "")).isdecimal() and len(longer) < 20:
        size = int(longer)
    link = extension.get("linkpath") or _decode_text(block[157:257].split(b"\x00", 1)[0])
    path = extension.get("GNU.sparse.name") or extension.get("path") or short
    is_sparse = kind == _SPARSE or any(key.startswith("GNU.sparse") for key in extension)
    if path.endswith("/") and kind in (b"0", b"\x00") and not size:
        kind = _FOLDER
    if kind in (*(bytes([it]) for it in _DEVICES), _LINK, _FOLDER):
        size = 0
    return _TarHeader(path, size, kind, link, offset, is_sparse)


def _skipped_kind_and_reason(header: _TarHeader) -> tuple[str | None, str]:
    if header.type == _LINK:
        return "link", f"a link to {header.link[:200]!r}; not followed"
    if header.type == _HARD_LINK and not header.size:
        return "link", f"another name of {header.link[:200]!r} in the archive"
    if header.type in _DEVICES:
        return "device", "a device, pipe or socket; not opened"
    if header.is_sparse:
        return (
            "unsupported",
            "a sparse file, of which the archive stores only parts: unpack it with GNU tar and "
            "name the folder",
        )
    return None, ""


def _member_chunks(archive: ForwardOnlyStream, size: int) -> Iterator[bytes]:
    have = 0
    for chunk in archive.chunks(size):
        have += len(chunk)
        yield chunk
    if have < size:
        if archive.error is not None:
            raise archive.error
        raise UnpackingError("damaged", f"cut short: {have:,} of {size:,} bytes are there")


def _pax_records(data: bytes) -> dict[str, str]:
    """Return the records of an extended header; what follows damage in it is not read."""
    records, at = {}, 0
    while (found := _PAX_RECORD.match(data, at)) is not None:
        end = at + int(found[1])
        if end <= found.end() or end > len(data) or data[end - 1 : end] != b"\n":
            break
        records[found[2].decode("utf-8", "replace")] = _decode_text(data[found.end() : end - 1])
        at = end
    return records


def _decode_text(data: bytes) -> str:
    return data.rstrip(b"\x00").decode("utf-8", "backslashreplace")


def _parse_octal(field: bytes) -> int | None:
    digits = field.strip(b" \x00")
    if not digits or any(byte not in b"01234567" for byte in digits):
        return None
    return int(digits, 8)


def _parse_size(field: bytes) -> int | None:
    """Return a size, octal or of GNU in base 256; ``None``: it is neither."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _parse_octal(field) if field.strip(b" \x00") else 0
