"""Containers of every kind, made for tests by the standard library and by hand."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from parsers import (
    ContainerWalk,
    Content,
    OpenedMember,
    SkippedMember,
    WalkedContainer,
    identify_container,
)

Members = Mapping[str, bytes]
#: Name, bytes, and the bytes as they are packed.
PackedMember = tuple[str, bytes, bytes]


def zipped(members: Members, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return out.getvalue()


def zip_of_packed_members(members: Sequence[PackedMember], method: int, flags: int = 0) -> bytes:
    """Return a ZIP archive whose members were packed by hand, written after APPNOTE."""
    out, directory = b"", b""
    for name, data, body in members:
        sizes = (zlib.crc32(data), len(body), len(data), len(name), 0)
        fields = (20, flags, method, 0, 0, *sizes)
        offset = len(out)
        out += struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + name.encode() + body
        directory += struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, offset)
        directory += name.encode()
    end = (0, 0, len(members), len(members), len(directory), len(out), 0)
    return out + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", *end)


def tarred(members: Members, layout: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a TAR archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=layout) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_entry(archive: zipfile.ZipFile, name: str, mode: int, data: bytes = b"") -> None:
    """Add an entry of a Unix type, such as a link."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    archive.writestr(info, data)


def tar_entry(archive: tarfile.TarFile, name: str, kind: bytes, target: str = "") -> None:
    """Add an entry that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    archive.addfile(info)


def android_backup(members: Members, *, compressed: bool = True, encryption: str = "none") -> bytes:
    """Return an Android backup."""
    data = tarred(members)
    head = f"ANDROID BACKUP\n5\n{int(compressed)}\n{encryption}\n".encode()
    return head + (zlib.compress(data) if compressed else data)


def zstd_compressed(data: bytes) -> bytes:
    """Return a zstd file."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return zstd.compress(data)


COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd_compressed,
}


def noise(size: int, seed: int = 1) -> bytes:
    """Return bytes that do not pack."""
    return np.random.default_rng(seed).bytes(size)


class Walked:
    """Everything that a walk through some bytes gives."""

    def __init__(
        self, data: bytes, name: str = "case.bin", passwords: Sequence[bytes] = ()
    ) -> None:
        """Walk through some bytes; they must be a container."""
        content = Content(name, data)
        kind = identify_container(content)
        assert kind is not None, "no container"
        self.members: dict[str, bytes] = {}
        self.remarks: dict[str, tuple[str, ...]] = {}
        self.errors: dict[str, str] = {}
        self.containers: dict[str, WalkedContainer] = {}
        for item in ContainerWalk(content, kind, passwords=passwords):
            if isinstance(item, OpenedMember):
                self.members[item.path] = b"".join(item.data.chunks())
                self.remarks[item.path] = item.member.remarks
                if item.data.error is not None:
                    self.errors[item.path] = item.data.error.kind
            else:
                self.containers[item.path or ""] = item

    @property
    def whole(self) -> WalkedContainer:
        """The outermost container."""
        return self.containers[""]

    @property
    def left(self) -> list[SkippedMember]:
        """What was left, in all containers."""
        return [left for container in self.containers.values() for left in container.left]

    @property
    def left_kinds(self) -> dict[str, str]:
        """Name of what was left -> its kind."""
        return {left.name: left.kind for left in self.left}


LINK = stat.S_IFLNK | 0o777
DEVICE = stat.S_IFCHR | 0o600
