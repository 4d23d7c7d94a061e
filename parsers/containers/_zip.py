"""Members of a ZIP archive, one after the other in the order of their offsets."""

import bz2
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence

from .._file_content import Content
from .._model import Issue
from ._compressed_streams import (
    Decompressor,
    deflate_decompressor,
    lzma_decompressor,
    unpack_one_stream,
    xz_decompressor,
    zstd_decompressor,
)
from ._container_types import ListedContainerMember, UnpackingError
from ._forward_only_stream import ForwardOnlyStream, iterate_chunks_of_content_range
from ._member_names import UniqueMemberNames, printable_path
from ._unpacking_budget import UnpackingBudget
from ._zip_directory import (
    BZIP2,
    DEFLATED,
    LZMA,
    STORED,
    UNREAD_METHODS,
    XZ,
    ZSTD,
    ZipEntry,
    indices_of_overlapping_entries,
    read_directory,
)
from ._zip_encryption import NONE_OPENS, decrypted_chunks, possible_zipcrypto_passwords

#: Packed bytes of a member that several passwords are tried on as a whole.
_MAX_TRIAL_SIZE = 1 << 20
_DECOMPRESSORS = {
    DEFLATED: deflate_decompressor,
    BZIP2: bz2.BZ2Decompressor,
    ZSTD: zstd_decompressor,
    XZ: xz_decompressor,
}


class ZipMembers:
    """The members of one archive."""

    def __init__(
        self, content: Content, passwords: Sequence[bytes], budget: UnpackingBudget
    ) -> None:
        """Read the directory of an archive."""
        self._content, self._passwords, self._budget = content, passwords, budget
        directory = read_directory(content)
        self._entries = directory.entries
        #: Damage to the archive itself.
        self.issues: list[Issue] = directory.issues
        #: Offset and size of each member's packed bytes, in order.
        self.spans: list[tuple[int, int]] = directory.spans
        #: Paths of folders, as they are listed.
        self.folders = [printable_path(it.name) for it in directory.entries if it.is_folder]

    def __iter__(self) -> Iterator[tuple[ListedContainerMember, ForwardOnlyStream]]:
        """Yield each member that is a file or a link, with its bytes.

        Raises:
            UnpackingError: If the archive holds too many members.
        """
        overlapping = indices_of_overlapping_entries(self._entries)
        names, count = UniqueMemberNames(), self._budget.new_member_totals()
        # All at once, so that no member of a flood is opened before the flood is known.
        for entry in self._entries:
            if not entry.is_folder:
                count.add_member(entry.size)
        for index, entry in enumerate(self._entries):
            if entry.is_folder:
                continue
            path, odd = names.unique_path_and_remarks(entry.name)
            kind, reason = self._skipped_kind_and_reason(entry, index in overlapping)
            member = ListedContainerMember(
                path,
                None if entry.has_unknown_sizes else entry.size,
                entry.offset,
                kind,
                reason,
                (*odd, *entry.remarks),
            )
            yield member, ForwardOnlyStream(_member_chunks(
                self._content, entry, self._passwords, self._budget
            ))  # fmt: skip

    def _skipped_kind_and_reason(self, entry: ZipEntry, overlaps: bool) -> tuple[str | None, str]:
        """Return why a member cannot be opened at all, by its header."""
        mode = entry.unix_mode
        if stat.S_ISLNK(mode):
            return "link", "a link; not followed"
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            return "device", "a device, pipe or socket; not opened"
        if overlaps:
            return "bomb", "its bytes belong to another member as well, as in a decompression bomb"
        if entry.data_offset is None:
            return "damaged", f"no member stands at byte {entry.offset:,}, where the archive says"
        if entry.data_offset > len(self._content):
            return "damaged", f"the archive is cut short before it (byte {entry.data_offset:,})"
        try:
            if entry.method in _DECOMPRESSORS and not entry.has_unknown_sizes:
                self._budget.check_stated_sizes(entry.size, entry.packed_size)
        except UnpackingError as error:
            return error.kind, error.reason
        return None, ""


def _member_chunks(
    content: Content, entry: ZipEntry, passwords: Sequence[bytes], budget: UnpackingBudget
) -> Iterator[bytes]:
    """Yield the unpacked bytes of a member; raise ``UnpackingError`` where they end early."""
    if not entry.is_encrypted or entry.method_is_aes:
        yield from _checksum_verified_chunks(content, entry, passwords, budget)
        return
    try:
        chosen = _narrow_down_zipcrypto_passwords(content, entry, passwords, budget)
        yield from _checksum_verified_chunks(content, entry, chosen, budget)
    except UnpackingError as error:
        # The cipher itself cannot tell a wrong password from damage.
        if error.kind == "damaged" and passwords:
            raise UnpackingError("locked", f"{NONE_OPENS}, or it is damaged") from error
        raise


def _narrow_down_zipcrypto_passwords(
    content: Content, entry: ZipEntry, passwords: Sequence[bytes], budget: UnpackingBudget
) -> Sequence[bytes]:
    """Return the password that opens a member, of several the one whose data fits its checksum."""
    start = entry.data_offset or 0
    found = possible_zipcrypto_passwords(
        content, start, start + entry.packed_size, entry.time_check, passwords
    )
    if len(found) < 2 or entry.packed_size > _MAX_TRIAL_SIZE:
        return found[:1] or passwords
    for password in found:
        trial = ForwardOnlyStream(_checksum_verified_chunks(content, entry, [password], budget))
        trial.skip()
        if trial.error is None:
            return [password]
    return found[:1]


def _checksum_verified_chunks(
    content: Content, entry: ZipEntry, passwords: Sequence[bytes], budget: UnpackingBudget
) -> Iterator[bytes]:
    """Yield the unpacked bytes of a member, held against the size and checksum of the archive."""
    if entry.data_offset is None:
        raise UnpackingError("damaged", f"no member stands at byte {entry.offset:,}")
    start, end = entry.data_offset, min(entry.data_offset + entry.packed_size, len(content))
    packed = (
        decrypted_chunks(content, entry, start, end, passwords)
        if entry.is_encrypted
        else iterate_chunks_of_content_range(content, start, end)
    )
    crc32 = size = 0
    for chunk in _unpacked_chunks(ForwardOnlyStream(packed), entry, budget):
        held = chunk if entry.has_unknown_sizes else chunk[: entry.size - size]
        crc32, size = zlib.crc32(held, crc32), size + len(held)
        yield held
        if len(held) < len(chunk):
            # LZMA without a mark at its end goes on; its size alone says where it ends.
            if entry.method == LZMA and crc32 == entry.crc32:
                return
            raise UnpackingError(
                "damaged",
                f"it holds more than the {entry.size:,} bytes that the archive states, so it is "
                "cut short there",
            )
    if entry.has_unknown_sizes:
        return
    if size < entry.size:
        raise UnpackingError("damaged", f"cut short: {size:,} of {entry.size:,} bytes are there")
    if crc32 != entry.crc32 and not entry.has_no_crc:
        raise UnpackingError(
            "damaged", "its checksum in the archive does not fit: it is altered or cut short"
        )


def _unpacked_chunks(
    packed: ForwardOnlyStream, entry: ZipEntry, budget: UnpackingBudget
) -> Iterator[bytes]:
    if entry.method == STORED:
        yield from packed.chunks()
        if packed.error is not None:
            raise packed.error
        return
    if entry.method in UNREAD_METHODS or entry.method not in (*_DECOMPRESSORS, LZMA):
        name = UNREAD_METHODS.get(entry.method, f"method {entry.method}")
        raise UnpackingError(
            "unsupported",
            f"its compression ({name}) is not read: unpack it with 7-Zip and name the folder",
        )
    yield from unpack_one_stream(
        packed,
        _decompressor_of_entry(packed, entry),
        budget.new_stream_budget().count_bytes_against_limits,
    )
    # What follows the end of the compression is read too: a code at the end proves the rest.
    packed.skip()
    if packed.error is not None:
        raise packed.error


def _decompressor_of_entry(packed: ForwardOnlyStream, entry: ZipEntry) -> Decompressor:
    if entry.method != LZMA:
        return _DECOMPRESSORS[entry.method]()
    # Two bytes of the version, the size of the properties, the properties (APPNOTE 5.8.8).
    head = packed.read(4)
    if packed.error is not None:
        raise packed.error
    size = struct.unpack("<2xH", head)[0] if len(head) == 4 else 0
    return lzma_decompressor(packed.read(size))
