"""Find host names in any file: as UTF-8 and as UTF-16LE, with their offsets.

A host name in a file is not a contact.  ``parsers.find_hosts`` decides what counts as a
name.  Members of a ZIP archive (an APK is one) are unpacked while they are read; their
offsets are those in the member.  A file is read in chunks, so large files take time but not
memory.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

import parsers

#: Bytes per chunk, and the context before and after the first byte of a name that decides on it.
_CHUNK_BYTES = 4 << 20
_OVERLAP_BEFORE, _OVERLAP_AFTER = 2048, 8192
#: The largest unpacked size of an archive member; the rest is reported as skipped.
_MAX_MEMBER_BYTES = 1 << 30
#: The unpacked size of all members together: so many bytes, and for each byte of the archive so
#: many.  Apps unpack to at most ten times their size; a bomb to a thousand times.
_LEAST_ARCHIVE_BYTES, _MAX_UNPACK_RATIO = 16 << 20, 100


@dataclass(frozen=True, slots=True, order=True)
class HostOccurrence:
    """One occurrence of a host name in a file."""

    #: The offset in the file or in the archive member.
    offset: int
    #: ``utf-8`` or ``utf-16le``.
    encoding: str
    host: str
    #: The URL, or only the host.
    text: str
    #: The archive member; empty for the file itself.
    member: str = ""


def scan_file(path: Path, report_skipped: Callable[[str], None]) -> Iterator[HostOccurrence]:
    """Yield each occurrence of a host name in a file, in order of member and offset.

    Args:
        path: A regular file.
        report_skipped: Told of each part of an archive that could not be looked at.

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as stream:
        yield from _scan_byte_stream(stream, "")
    if not zipfile.is_zipfile(path):
        return
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        report_skipped(f"not unpacked: {error}")
        return
    left = _LEAST_ARCHIVE_BYTES + _MAX_UNPACK_RATIO * path.stat().st_size
    with archive:
        for member in archive.infolist():
            # A name in an uncompressed member may be reported twice, at two offsets.
            if not member.is_dir():
                most = min(left, _MAX_MEMBER_BYTES)
                yield from _scan_archive_member(archive, member, most, report_skipped)
                left -= min(member.file_size, most)


def _scan_archive_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    max_bytes: int,
    report_skipped: Callable[[str], None],
) -> Iterator[HostOccurrence]:
    if max_bytes <= 0:
        report_skipped(f"{member.filename}: not unpacked: the archive unpacks to too many bytes")
        return
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Of other methods Python unpacks a whole block at once, however large it becomes.
        report_skipped(f"{member.filename}: not unpacked: packed by a method other than deflate")
        return
    try:
        with archive.open(member) as unpacked:
            yield from _scan_byte_stream(unpacked, member.filename, max_bytes)
            if unpacked.read(1):
                report_skipped(
                    f"{member.filename}: only the first {max_bytes:,} bytes were searched"
                )
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        # Encrypted, damaged, or packed with an unsupported method.
        report_skipped(f"{member.filename}: {error}")


def _scan_byte_stream(
    stream: IO[bytes], member: str, max_bytes: int | None = None
) -> Iterator[HostOccurrence]:
    """Yield the host names of a stream, chunk by chunk; of a member, up to a limit."""
    base, reported_to, overlap, done = 0, 0, b"", False
    while not done:
        room = _CHUNK_BYTES if max_bytes is None else max_bytes - base - len(overlap)
        chunk = stream.read(max(0, min(_CHUNK_BYTES, room)))
        data = overlap + chunk
        done = not chunk
        # Names near the end of a chunk are searched again with the data that follow.
        end = base + (len(data) if done else max(0, len(data) - _OVERLAP_AFTER))
        for occurrence in _hosts_in_chunk(data, base, member):
            if reported_to <= occurrence.offset < end:
                yield occurrence
        reported_to = max(reported_to, end)
        # The next chunk begins with data that were searched already, so that a name is never cut,
        # and at an even offset, so that 16-bit characters stay aligned.
        back = max(0, end - base - _OVERLAP_BEFORE) & ~1
        base, overlap = base + back, data[back:]


def _hosts_in_chunk(data: bytes, base: int, member: str) -> list[HostOccurrence]:
    occurrences = [
        HostOccurrence(base + at, "utf-8", host, text, member)
        for at, host, text in parsers.find_hosts(data)
    ]
    for odd in (0, 1):
        units = np.frombuffer(data, "<u2", max(0, len(data) - odd) // 2, odd if data else 0)
        narrow = np.where(units < 0x80, units, 0).astype(np.uint8).tobytes()
        occurrences += [
            HostOccurrence(base + 2 * at + odd, "utf-16le", host, text, member)
            for at, host, text in parsers.find_hosts(narrow)
        ]
    return sorted(occurrences)
