"""Where the chain of the cipher is broken: records were taken out though no byte is missing.

In cipher block chaining the last block of a record is needed to decrypt the first of the next with
the same key.  Where a record between them was lost, the first block of the next one comes out as
even as noise, whatever its other blocks say.  Noise is told from a record by what a record has in
common with its neighbours:

* padding: all bytes of it are its length (PKCS7), also in a record of a single block;
* bytes: at least ``_SHARED_BYTES`` of sixteen equal those of a record of the same kind and size
  shortly before or after it, which noise gives once in some hundred thousand blocks;
* of kinds of which there are few records: two numbers that can be a position, a text that can be
  read, numbers that are mostly small, or sub-blocks that end where they say;
* of records of a single block: as much padding as nearly all others of the kind have, for one byte
  of noise in 256 is padding of one byte.

A block of which several bytes are equal is never taken for noise.
"""

import codecs
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray
from ._walk_record_frames import Ints

Flags = npt.NDArray[np.bool_]

BLOCK_SIZE = 16
#: Record type -> the largest two numbers of its position, in the unit on the wire.
_POSITIONS: Mapping[int, tuple[float, float]] = MappingProxyType(
    {1: (np.pi, np.pi / 2), 2: (np.pi, np.pi / 2), 14: (90.0, 180.0)}
)
#: A number that is smaller and not 0 is no angle of a position, nor of one before the first fix.
_SMALLEST_ANGLE = 1e-20
#: Part of the largest angle by which a position from noise differs from those around it.
_FAR_SHARE = 1e-3
#: Record types that are a text, and those that are small numbers and serial numbers.
_TEXTS, _SMALL_NUMBERS = frozenset({9, 10, 18, 24, 28}), frozenset({13, 15, 40})
#: So many bytes beyond ASCII make a block of numbers noise.
_HIGH_BYTES = 4
_SHARED_BYTES = 4
#: Records of a kind and size, before and after, with which one is compared.
_NEIGHBOURS = 6
#: Fewer records of a kind and size say too little of what they have in common.
_FEWEST_RECORDS = 32
#: So many records of a single block with the same padding tell what padding their kind has.
_FEWEST_PADDED = 3
#: Share of them that must resemble a neighbour before it counts that one does not.
_ALIKE_SHARE = 0.75


def blocks_with_valid_padding_mask(last_blocks: ByteArray) -> Flags:
    """Return which blocks end in PKCS7 padding, shape ``(n,)``."""
    padding = last_blocks[:, -1].astype(np.int64)
    is_padding = np.arange(BLOCK_SIZE) >= BLOCK_SIZE - padding[:, None]
    is_equal = last_blocks == last_blocks[:, -1:]
    is_whole = (is_equal | ~is_padding).all(axis=1)
    return np.asarray((padding >= 1) & (padding <= BLOCK_SIZE) & is_whole)


def cipher_chain_break_mask(
    record_types: ByteArray,
    sizes: Ints,
    first_blocks: ByteArray,
    is_malformed: Flags | None = None,
) -> Flags:
    """Return which records do not follow the one before them in the chain, shape ``(n,)``.

    Args:
        record_types: Type of each record of one key, in file order, shape ``(n,)``.
        sizes: Bytes of each as encrypted.
        first_blocks: The first block of each as decrypted, shape ``(n, 16)``.
        is_malformed: Which records cannot be divided into the sub-blocks that their type has, shape
            ``(n,)``; ``None``: of none that is known.
    """
    malformed = np.zeros(len(sizes), bool) if is_malformed is None else is_malformed
    broken = np.zeros(len(sizes), bool)
    keys = record_types.astype(np.int64) << 32 | sizes
    for key in np.unique(keys):
        rows = np.flatnonzero(keys == key)
        kind, blocks = int(key) >> 32, first_blocks[rows]
        alike = _blocks_resembling_neighbours_mask(blocks)
        if kind in _POSITIONS:
            is_noise = ~alike & ~_possible_position_mask(blocks, *_POSITIONS[kind])
        elif len(rows) >= _FEWEST_RECORDS and alike.mean() >= _ALIKE_SHARE:
            is_noise = ~alike
        else:
            is_noise = ~alike & _block_impossible_for_record_type_mask(kind, blocks)
        is_noise |= ~alike & malformed[rows]
        if int(key) & 0xFFFFFFFF == BLOCK_SIZE:
            is_noise |= ~alike & _unusual_padding_mask(blocks)
        broken[rows] = is_noise & ~_blocks_with_byte_four_times_mask(blocks)
    return broken


def _unusual_padding_mask(blocks: ByteArray) -> Flags:
    """Return which records of a single block have another padding than nearly all of their kind."""
    paddings, counts = np.unique(blocks[:, -1], return_counts=True)
    if counts.max(initial=0) < max(_FEWEST_PADDED, _ALIKE_SHARE * len(blocks)):
        return np.zeros(len(blocks), bool)
    return np.asarray(blocks[:, -1] != paddings[counts.argmax()])


def _block_impossible_for_record_type_mask(kind: int, blocks: ByteArray) -> Flags:
    """Return which blocks cannot be the begin of a record of a type, where that can be told."""
    if kind in _SMALL_NUMBERS:
        return np.asarray((blocks >= 0x80).sum(axis=1) >= _HIGH_BYTES)
    if kind in _TEXTS:
        return np.array(
            [not _is_possible_text_beginning(block.tobytes()) for block in blocks], bool
        )
    return np.zeros(len(blocks), bool)


def _possible_position_mask(
    blocks: ByteArray, largest_first: float, largest_second: float
) -> Flags:
    """Return which blocks hold two angles of a position, and not one far from both neighbours."""
    angles = np.ascontiguousarray(blocks).view("<f8")
    most = np.array([largest_first, largest_second])
    with np.errstate(invalid="ignore", over="ignore"):
        sizes = np.abs(angles)
        can_be = (sizes == 0) | ((sizes >= _SMALLEST_ANGLE) & (sizes <= most * (1 + 1e-9)))
        is_far = np.any(np.abs(np.diff(angles, axis=0)) > _FAR_SHARE * most, axis=1)
    is_lone = np.zeros(len(blocks), bool)
    is_lone[1:-1] = is_far[:-1] & is_far[1:]
    return np.asarray(can_be.all(axis=1) & ~is_lone)


def _is_possible_text_beginning(block: bytes) -> bool:
    """Return whether bytes begin a text: UTF-8, or GBK without control characters."""
    text = block.split(b"\0", 1)[0]
    for encoding in ("utf-8", "gbk"):
        try:
            # Not final: a character may be cut by the end of the block.
            codecs.getincrementaldecoder(encoding)().decode(text)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or all(byte >= 0x20 or byte in b"\t\r\n" for byte in text):
            return True
    return False


def _blocks_with_byte_four_times_mask(blocks: ByteArray) -> Flags:
    """Return which blocks hold one byte four times or more: noise does once in ten thousand."""
    ordered = np.sort(blocks, axis=1)
    return np.asarray((ordered[:, 3:] == ordered[:, :-3]).any(axis=1))


def _blocks_resembling_neighbours_mask(blocks: ByteArray) -> Flags:
    """Return which of some blocks of one kind and size share bytes with one nearby."""
    alike = np.zeros(len(blocks), bool)
    for step in range(1, min(_NEIGHBOURS + 1, len(blocks))):
        shares = (blocks[step:] == blocks[:-step]).sum(axis=1) >= _SHARED_BYTES
        alike[step:] |= shares
        alike[:-step] |= shares
    return alike
