"""Compressed streams: gzip, xz, bzip2, zstd and bare deflate, unpacked in small pieces.

Layouts: RFC 1952 (gzip), RFC 1950 (zlib), the .xz file format 1.2.1, bzip2 1.0.8's own source for
its two magics, RFC 8878 (zstd).  Several streams one after another are one, as the tools do it.
"""

import bz2
import lzma
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from ._container_types import UnpackingError
from ._forward_only_stream import ForwardOnlyStream
from ._unpacking_budget import MAX_DICTIONARY_SIZE, UnpackingBudget

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_XZ_MAGIC = b"\xfd7zXZ\x00"
#: First bytes of the block, or of the end, of a bzip2 stream.
_BZIP2_BLOCK, _BZIP2_END = bytes.fromhex("314159265359"), bytes.fromhex("177245385090")
#: Bytes packed that are given to a decompressor at a time.
_INPUT_SIZE = 1 << 16
#: Bytes unpacked that are asked of it at a time: those of the step that meets damage are lost.
_OUTPUT_SIZE = 1 << 14


class Decompressor(Protocol):
    """One stream: packed bytes in, at most so many unpacked bytes out."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without further input."""

    @property
    def unused_data(self) -> bytes:
        """Input behind the end of the stream."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return the next unpacked bytes; more may come for no further input."""


class _ZlibDecompressor:
    """A zlib decompressor with the manners of the others: it keeps the input that it has left."""

    def __init__(self, window_bits: int) -> None:
        self._zlib = zlib.decompressobj(window_bits)
        self._left = b""
        self._is_full = False

    @property
    def needs_input(self) -> bool:
        return not self._left and not self._is_full

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        out = self._zlib.decompress(self._left + data, max_length)
        self._left = self._zlib.unconsumed_tail
        self._is_full = len(out) == max_length
        return out


def _gzip_decompressor() -> Decompressor:
    return _ZlibDecompressor(31)


def zlib_decompressor() -> Decompressor:
    """Return a decompressor of deflate with zlib's header and checksum."""
    return _ZlibDecompressor(15)


def deflate_decompressor() -> Decompressor:
    """Return a decompressor of deflate without a header, as in ZIP archives."""
    return _ZlibDecompressor(-15)


def xz_decompressor() -> Decompressor:
    """Return a decompressor of xz that takes bounded memory."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DICTIONARY_SIZE + (1 << 24))


def zstd_decompressor() -> Decompressor:
    """Return a decompressor of zstd that takes bounded memory."""
    bits = MAX_DICTIONARY_SIZE.bit_length() - 1
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: bits})


def lzma_decompressor(properties: bytes) -> Decompressor:
    """Return a decompressor of LZMA without a header, by the five bytes of its properties.

    Raises:
        UnpackingError: If they are none, or ask for more memory than is allowed.
    """
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise UnpackingError("damaged", "the properties of its LZMA compression are damaged")
    rest, literal_context = divmod(properties[0], 9)
    position, literal_position = divmod(rest, 5)
    (size,) = struct.unpack("<I", properties[1:])
    if size > MAX_DICTIONARY_SIZE:
        raise UnpackingError("unsupported", _TOO_MUCH_MEMORY)
    return lzma.LZMADecompressor(
        lzma.FORMAT_RAW,
        filters=[
            {
                "id": lzma.FILTER_LZMA1,
                "dict_size": max(size, 1 << 12),
                "lc": literal_context,
                "lp": literal_position,
                "pb": position,
            }
        ],
    )


def _is_gzip(head: bytes) -> bool:
    if head[:3] != b"\x1f\x8b\x08" or len(head) <= 10 or head[3] & 0xE0:
        return False
    try:
        _gzip_decompressor().decompress(head, 1)
    except zlib.error:
        return False
    return True


def _is_xz(head: bytes) -> bool:
    return head[:6] == _XZ_MAGIC and head[8:12] == struct.pack("<I", zlib.crc32(head[6:8]))


def _is_bzip2(head: bytes) -> bool:
    return (
        head[:3] == b"BZh"
        and head[3:4] in b"123456789"
        and head[4:10] in (_BZIP2_BLOCK, _BZIP2_END)
    )


def _is_zstd(head: bytes) -> bool:
    if head[:4] != _ZSTD_MAGIC:
        return False
    try:
        zstd.get_frame_info(head)
    except zstd.ZstdError:
        return False
    return True


#: Kind -> does a stream begin so, a new decompressor, the suffixes that tools add for it.
CODECS: dict[str, tuple[Callable[[bytes], bool], Callable[[], Decompressor], tuple[str, ...]]] = {
    "gz": (_is_gzip, _gzip_decompressor, (".gz", ".gzip")),
    "xz": (_is_xz, xz_decompressor, (".xz",)),
    "bz2": (_is_bzip2, bz2.BZ2Decompressor, (".bz2",)),
    "zst": (_is_zstd, zstd_decompressor, (".zst", ".zstd")),
}


def identify_codec(head: bytes) -> str | None:
    """Return the kind of compressed stream that begins so, by a header that proves itself."""
    return next((codec for codec, (begins, _, _) in CODECS.items() if begins(head)), None)


def name_without_compression_suffix(name: str, codec: str) -> str:
    """Return the name of what a compressed file holds: without the suffix of the compression."""
    for suffix in CODECS[codec][2]:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    for short in (".tgz", ".txz", ".tbz", ".tbz2", ".tzst"):
        if name.lower().endswith(short) and len(name) > len(short):
            return f"{name[: -len(short)]}.tar"
    return f"{name}.unpacked"


_TOO_MUCH_MEMORY = (
    f"unpacking it needs a dictionary of more than {MAX_DICTIONARY_SIZE >> 20} MB: unpack it "
    "yourself and name the folder"
)
#: What decompressors raise for bytes that are none of theirs.
DECOMPRESSION_ERRORS = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, EOFError, ValueError)


def iterate_decompressed_chunks(
    packed: ForwardOnlyStream, codec: str, budget: UnpackingBudget
) -> Iterator[bytes]:
    """Yield what a compressed file holds; streams one after another are one.

    Raises:
        UnpackingError: If it is damaged, cut short or a bomb, after all that could be unpacked.
    """
    begins, decompressor, _ = CODECS[codec]
    spent = budget.new_stream_budget()
    while True:
        yield from unpack_one_stream(packed, decompressor(), spent.count_bytes_against_limits)
        padding = _skip_and_count_zero_padding(packed)
        head = packed.peek(12)
        if not head:
            return
        if not begins(head):
            at = packed.position
            left = packed.skip()
            raise UnpackingError(
                "not_reached",
                f"{left:,} bytes from byte {at:,} on follow the end of the compressed data"
                + (f" and {padding:,} zeros" if padding else ""),
            )


def unpack_one_stream(
    packed: ForwardOnlyStream, decompressor: Decompressor, count: Callable[[int, int], None]
) -> Iterator[bytes]:
    """Yield what one stream holds; ``packed`` then stands behind its end.

    Args:
        packed: The bytes, from the first of the stream on.
        decompressor: A new one.
        count: Told the bytes unpacked and packed of each step; may raise ``UnpackingError``.

    Raises:
        UnpackingError: If it is damaged or cut short, after all that could be unpacked.
    """
    while not decompressor.eof:
        start = packed.position
        data = packed.read(_INPUT_SIZE) if decompressor.needs_input else b""
        if not data and decompressor.needs_input:
            raise packed.error or UnpackingError(
                "damaged", f"the packed data is cut short at byte {start:,}"
            )
        try:
            out = decompressor.decompress(data, _OUTPUT_SIZE)
        except DECOMPRESSION_ERRORS as error:
            if "emory" in str(error):
                raise UnpackingError("unsupported", _TOO_MUCH_MEMORY) from error
            raise UnpackingError(
                "damaged",
                f"the packed data is damaged at or after byte {start:,}, so it is cut short there "
                f"({error})",
            ) from error
        count(len(out), len(data))
        yield out
    packed.push_back_bytes(decompressor.unused_data)


def _skip_and_count_zero_padding(packed: ForwardOnlyStream) -> int:
    """Pass over zeros, as fill a tape or a sector; return how many there were."""
    skipped = 0
    while (data := packed.peek(_INPUT_SIZE)[:_INPUT_SIZE]) and data[0] == 0:
        zeros = len(data) - len(data.lstrip(b"\x00"))
        skipped += packed.skip(zeros)
        if zeros < len(data):
            break
    return skipped
