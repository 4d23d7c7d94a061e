"""Unpacking with a limit: a small file may not become a large one in memory."""

import zlib

from dji_audit.basemap.unit_map._model import UnitMapError


def gunzip(data: bytes, most: int) -> bytes:
    """Return gzip or zlib data unpacked.

    Raises:
        UnitMapError: If they are damaged, cut short, or more than so many bytes.
    """
    unpacker = zlib.decompressobj(wbits=47)
    try:
        unpacked = unpacker.decompress(data, most + 1)
    except zlib.error as error:
        raise UnitMapError(f"its compressed data are damaged: {error}") from error
    if len(unpacked) > most:
        raise UnitMapError(f"its data unpack to more than {most:,} bytes")
    if not unpacker.eof:
        raise UnitMapError("its compressed data are cut short")
    return unpacked


def unzstd(data: bytes, most: int) -> bytes:
    """Return one frame of zstd unpacked.

    Raises:
        UnitMapError: If it is damaged, cut short, or more than so many bytes.
    """
    # Python has it from 3.14 on.
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from backports import zstd
    unpacker = zstd.ZstdDecompressor()
    try:
        unpacked: bytes = unpacker.decompress(data, most + 1)
    except zstd.ZstdError as error:
        raise UnitMapError(f"its compressed data are damaged: {error}") from error
    if len(unpacked) > most:
        raise UnitMapError(f"its data unpack to more than {most:,} bytes")
    if not unpacker.eof:
        raise UnitMapError("its compressed data are cut short")
    return unpacked
