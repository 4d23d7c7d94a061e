"""Names of hosts in any file: as UTF-8 and as UTF-16LE, with their offsets.

A text in a file is no contact.  What counts as a name is what
``parsers.find_hosts`` says.  Members of a ZIP archive (an APK is one) are
unpacked in passing; offsets are then those in the member.  A file is read in
pieces, so that its size costs time and no memory.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

import parsers

#: Bytes read at a time, and how far before and after its first byte what decides on a name lies.
_PIECE = 4 << 20
_BEFORE, _AFTER = 2048, 8192
#: What a member of an archive may unpack to; the rest is said to be left out.
_LARGEST_MEMBER = 1 << 30


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """One place at which a file names a host."""

    #: In the file, or in the member of an archive.
    offset: int
    #: ``utf-8`` or ``utf-16le``.
    encoding: str
    host: str
    #: The URL, or the host alone.
    text: str
    #: The member of an archive; empty: the file itself.
    member: str = ""


def scan(path: Path, left_out: Callable[[str], None]) -> Iterator[Named]:
    """Yield each place at which a file names a host, in order of member and offset.

    Args:
        path: A regular file.
        left_out: Told of each part of an archive that could not be looked at.

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as stream:
        yield from _through(stream, "")
    if not zipfile.is_zipfile(path):
        return
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        left_out(f"not unpacked: {error}")
        return
    with archive:
        for member in archive.infolist():
            # Of what is stored without compression a name may be told twice, at two places.
            if not member.is_dir():
                yield from _member(archive, member, left_out)


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, left_out: Callable[[str], None]
) -> Iterator[Named]:
    try:
        with archive.open(member) as unpacked:
            yield from _through(unpacked, member.filename)
            if unpacked.read(1):
                left_out(f"{member.filename}: looked at up to {_LARGEST_MEMBER:,} bytes")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        # Encrypted, damaged, or packed in a way that is not known here.
        left_out(f"{member.filename}: {error}")


def _through(stream: IO[bytes], member: str) -> Iterator[Named]:
    """Yield what a stream names, piece by piece; of a member, up to a limit."""
    base, told, carried, done = 0, 0, b"", False
    while not done:
        piece = stream.read(_PIECE)
        data = carried + piece
        done = not piece or (bool(member) and base + len(data) >= _LARGEST_MEMBER)
        # What begins near the end of a piece is looked at again, with what follows it.
        end = base + (len(data) if done else max(0, len(data) - _AFTER))
        for named in _names(data, base, member):
            if told <= named.offset < end:
                yield named
        told = max(told, end)
        # The next begins with what was looked at, so that a name is never taken from its middle,
        # and at an even place, so that 16-bit letters stay in step.
        back = max(0, end - base - _BEFORE) & ~1
        base, carried = base + back, data[back:]


def _names(data: bytes, base: int, member: str) -> list[Named]:
    found = [
        Named(base + at, "utf-8", host, text, member) for at, host, text in parsers.find_hosts(data)
    ]
    for odd in (0, 1):
        units = np.frombuffer(data, "<u2", max(0, len(data) - odd) // 2, odd if data else 0)
        narrow = np.where(units < 0x80, units, 0).astype(np.uint8).tobytes()
        found += [
            Named(base + 2 * at + odd, "utf-16le", host, text, member)
            for at, host, text in parsers.find_hosts(narrow)
        ]
    return sorted(found)
