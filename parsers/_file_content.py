"""The bytes of one file: memory-mapped, read-only, every read bounded."""

import errno
import hashlib
import mmap
import os
import stat
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ._declared_clock import DeclaredClock
from ._errors import CorruptLogError
from ._record_layout import ByteArray

#: Bytes from the start of the file that a format may look at to claim it.
HEAD_SIZE = 4096
#: Bytes of a file that stay in memory once they were read: to fetch the pages of a column
#: again and again takes a third more time, which only long logs are worth.
RESIDENT_SIZE = 1 << 27
#: Between a container and the path of a member in it.
MEMBER_SEPARATOR = "!/"
#: Bytes read at a time where all are read.
READ_SIZE = 1 << 22


@dataclass(frozen=True, eq=False)
class PartToCarrierByteRanges:
    """Where the bytes of a part stand in the bytes that carry it, a row for each run of them.

    A reader may need what the carrier holds in another form, such as the time of a packet before
    each message: such bytes are a run of size 0 in the carrier, and belong to what follows.
    """

    #: First byte of each run in the part, rising, from 0 on.
    starts: npt.NDArray[np.int64]
    #: Its first byte in the carrier.
    offsets: npt.NDArray[np.int64]
    #: Bytes of it that the carrier holds: all of the run, or 0.
    sizes: npt.NDArray[np.int64]


@dataclass(eq=False)
class Content:
    """A file's name and bytes.

    Slices are views where that is safe and copies where a caller keeps them;
    nothing can be written through them.
    """

    #: ``file[!/member][#stream]``.
    name: str
    data: mmap.mmap | bytes = field(repr=False)
    #: Path of a member in its container; members within members are joined by ``!/``.
    member: str | None = None
    #: Name of one stream of a capture, or of a log of several aircraft.
    stream: str | None = None
    #: The file itself, of a part of one; ``None``: this is the file.
    file: "Content | None" = field(default=None, repr=False)
    #: The file that is mapped, where it is one: so that a part of it can be mapped alone.
    path: Path | None = field(default=None, repr=False)
    #: Clocks that a person declared, of the file itself; parts are looked up in their file's.
    declared_clocks: tuple[DeclaredClock, ...] = field(default=(), repr=False)

    #: SHA-256 of the file on the disk that a member lies in, where that file is not at hand.
    container_sha256: str | None = None
    #: The bytes that carry these, such as those of a capture, where offsets are told as offsets in
    #: them; ``None``: offsets are those in these bytes.
    carrier: "Content | None" = field(default=None, repr=False)
    carried_runs: PartToCarrierByteRanges | None = field(default=None, repr=False)

    def sub_content(
        self,
        ranges: Sequence[tuple[int, int]] = (),
        *,
        member: str | None = None,
        stream: str | None = None,
        data: mmap.mmap | bytes | None = None,
        carried_runs: PartToCarrierByteRanges | None = None,
    ) -> "Content":
        """Return a part of these bytes that is, or may be, a log of its own.

        Offsets in the part count from its own first byte; those that its logs tell count from the
        first byte of this carrier where ``carried_runs`` says how one becomes the other.

        Args:
            ranges: Offset and size of each run of bytes that the part is made of, in order.
            member: Its path in this container.
            stream: Its name among the streams of this file.
            data: Its bytes, where they are packed here; by default those of the ranges.
            carried_runs: Where ``data`` stands in these bytes; ``None``: nowhere as it is.

        Raises:
            CorruptLogError: If a range does not lie within these bytes.
        """
        if data is None:
            data = b"".join(self.read_bytes(at, size, "a part") for at, size in ranges)
        name = self.name + ("" if member is None else f"{MEMBER_SEPARATOR}{member}")
        name += "" if stream is None else f"#{stream}"
        path = MEMBER_SEPARATOR.join(each for each in (self.member, member) if each) or None
        streams = "#".join(each for each in (self.stream, stream) if each is not None) or None
        carrier = None if carried_runs is None else self
        return Content(
            name, data, path, streams, self.file or self, carrier=carrier, carried_runs=carried_runs
        )

    @property
    def file_sha256(self) -> str:
        """SHA-256 of the file on the disk that these bytes are, or lie in."""
        return self.container_sha256 or (self.file.file_sha256 if self.file else self.sha256)

    @property
    def base_name(self) -> str:
        """The name that formats look at: of a member its own path, without that of containers."""
        if self.member is None:
            return (self.file or self).name
        return self.member.rpartition(MEMBER_SEPARATOR)[2]

    @property
    def declared_clock(self) -> DeclaredClock | None:
        """The clock that a person declared for these bytes; ``None``: for them there is none."""
        clocks = (self.file or self).declared_clocks
        return next((clock for clock in clocks if clock.applies_to_file_name(self.name)), None)

    def __len__(self) -> int:
        """Return the size in bytes."""
        return len(self.data)

    @cached_property
    def array(self) -> ByteArray:
        """All bytes, read-only, shape ``(size,)``."""
        return np.frombuffer(self.data, np.uint8)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all bytes, in hexadecimal."""
        digest = hashlib.sha256()
        with memoryview(self.data) as data:
            for start in range(0, len(data), READ_SIZE):
                digest.update(data[start : start + READ_SIZE])
                self.release_pages(start, READ_SIZE)
        return digest.hexdigest()

    def release_pages(self, start: int = 0, size: int | None = None) -> None:
        """Let the system take back the memory of bytes that were read, so that it stays flat.

        They can be read again.  Where that is not possible nothing happens.
        """
        if isinstance(self.data, mmap.mmap):
            _release_mapped_memory_range(
                self.data, start, len(self.data) if size is None else start + size
            )

    @property
    def head(self) -> bytes:
        """The first ``HEAD`` bytes, or all of a smaller file."""
        return self.data[:HEAD_SIZE]

    def truncated_to_first_bytes(self, size: int) -> "Content":
        """Return the content of the first bytes alone, under the hash of all of them.

        A file is mapped again, so that nothing is copied.

        Raises:
            OSError: If the file is no longer what it was.
        """
        if self.path is None or not isinstance(self.data, mmap.mmap):
            short = replace(self, data=self.data[:size])
        else:
            short = replace(self, data=_map_first_bytes(self.path, size, len(self.data)))
        short.sha256 = self.sha256
        return short

    def read_bytes(self, offset: int, size: int, what: str) -> bytes:
        """Return ``size`` bytes at ``offset``.

        Raises:
            CorruptLogError: If the file does not hold them all.
        """
        if offset < 0 or size < 0 or offset + size > len(self.data):
            left = max(0, len(self.data) - offset)
            raise CorruptLogError(offset, f"{size} bytes of {what}", f"{left}")
        return self.data[offset : offset + size]

    def unpack(self, layout: str, offset: int, what: str) -> tuple[int, ...]:
        """Return the numbers of a ``struct`` layout at ``offset``.

        Raises:
            CorruptLogError: If the file does not hold them all.
        """
        return struct.unpack(layout, self.read_bytes(offset, struct.calcsize(layout), what))


def stays_in_memory(array: ByteArray) -> bool:
    """Return whether all bytes of a file stay in memory once they were read."""
    return len(array) <= RESIDENT_SIZE


def release_array_pages(array: ByteArray, start: int, end: int) -> None:
    """Let the system take back the memory of some bytes of a file, as `Content.forget` does.

    For a caller that has the array and not the ``Content``.  Nothing happens to a slice, to a
    copy, or to a file that is not large.
    """
    base = array.base
    data = base.obj if isinstance(base, memoryview) else base
    if isinstance(data, mmap.mmap) and len(data) == len(array) > RESIDENT_SIZE:
        _release_mapped_memory_range(data, start, end)


def _release_mapped_memory_range(data: mmap.mmap, start: int, end: int) -> None:
    first, end = start // mmap.PAGESIZE * mmap.PAGESIZE, min(end, len(data))
    if first < end and hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED, first, end - first)


def open_keeping_access_time(path: Path, flags: int = 0) -> int:
    """Return a descriptor for reading; where the system allows it, the file keeps its access time.

    When evidence was last opened by somebody else is evidence too.  Only the owner of a file may
    ask for that, and only on Linux; for others the file is opened as usual.

    Raises:
        OSError: If it cannot be opened.
    """
    flags |= os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        return os.open(path, flags)


def _map_first_bytes(path: Path, size: int, whole_size: int) -> mmap.mmap:
    """Map the first bytes of a file that is open already."""
    descriptor = open_keeping_access_time(path)
    try:
        if os.fstat(descriptor).st_size != whole_size:
            raise OSError(errno.ESTALE, "the file changed while it was read", str(path))
        return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)


def open_content(
    path: Path, name: str | None = None, clocks: Sequence[DeclaredClock] = ()
) -> Content:
    """Map a regular file for reading.

    Args:
        path: The file; taken as it is, never as a pattern.
        name: What to call it in every output; the path's last part by default.
        clocks: Clocks that a person declared; the first that means the file is used.

    Raises:
        OSError: If it cannot be opened, or is no regular file (a directory, a
            device, a pipe: opening one of those never blocks).
    """
    descriptor = open_keeping_access_time(path, getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        data: mmap.mmap | bytes = b""
        if status.st_size:
            data = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)
    mapped = path if isinstance(data, mmap.mmap) else None
    called = name if name is not None else path.name
    return Content(called, data, path=mapped, declared_clocks=tuple(clocks))
