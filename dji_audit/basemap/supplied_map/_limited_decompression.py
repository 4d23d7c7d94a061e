"""Unpacking with a limit: a small file may not become a large one in memory."""

import zlib
from typing import Protocol

from dji_audit.basemap.supplied_map._supplied_map_types import SuppliedMapError


class _Decompressor(Protocol):
    """What ``zlib`` and ``zstd`` have in common."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def gunzip(data: bytes, most: int) -> bytes:
    """Return gzip or zlib data unpacked.

    Raises:
        SuppliedMapError: If they are damaged, cut short, or more than so many bytes.
    """
    return _decompress_within_limit(zlib.decompressobj(wbits=47), zlib.error, data, most)


def unzstd(data: bytes, most: int) -> bytes:
    """Return one frame of zstd unpacked.

    Raises:
        SuppliedMapError: If it is damaged, cut short, or more than so many bytes.
    """
    # Python has it from 3.14 on.
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from backports import zstd
    return _decompress_within_limit(zstd.ZstdDecompressor(), zstd.ZstdError, data, most)


def _decompress_within_limit(
    unpacker: _Decompressor, damage: type[Exception], data: bytes, most: int
) -> bytes:
    try:
        unpacked = unpacker.decompress(data, most + 1)
    except damage as error:
        raise SuppliedMapError(f"its compressed data are damaged: {error}") from error
    if len(unpacked) > most:
        raise SuppliedMapError(f"its data unpack to more than {most:,} bytes")
    if not unpacker.eof:
        raise SuppliedMapError("its compressed data are cut short")
    return unpacked
