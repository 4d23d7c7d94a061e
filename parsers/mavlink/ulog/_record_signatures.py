"""The shapes of the records of a ULog, by which they are told from other bytes.

A record is ``<u2 size, u1 type, size bytes``.  Nothing marks its first byte, so
an offset is a candidate if the bytes there have the shape of their type:

| type | shape |
|---|---|
| `D` data | size and message id are those of a subscription |
| `A` subscription | multi id, message id, a name |
| `B` flag bits | 40 bytes or little more, no flag but of the first eight |
| `F` format | begins with a name |
| `I` `P` info, parameter | length of the key, then a key that begins with a type |
| `M` `Q` more info, default | one byte, then the same |
| `L` `C` text, tagged text | a level of 0 to 7, a time below 2^56, a text |
| `O` `R` dropout, end of a subscription | two bytes |
| `S` synchronisation | its eight bytes |
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray
from .._shared._record_framing import Flags, Offsets, bytes_at_offsets, structures_at_offsets

SYNC = np.frombuffer(bytes.fromhex("2f731320250cbb12"), np.uint8)
#: Bytes from a candidate on that the test of its shape looks at.
SHAPE_BYTES = 16

#: Two bytes, as the structure that `view` copies.
_U2 = np.dtype((np.void, 2))


def read_u16_at_offsets(array: ByteArray, at: Offsets) -> npt.NDArray[np.uint16]:
    """Return the 16-bit numbers at some offsets."""
    return structures_at_offsets(array, at, _U2).view("<u2")


def record_types_at_offsets(array: ByteArray, at: Offsets) -> ByteArray:
    """Return the types of the records at some offsets."""
    return bytes_at_offsets(array, at + 2, 1).ravel()


def known_record_shape_mask(block: ByteArray, at: Offsets) -> Flags:
    """Return which offsets hold a record with the shape of its type, except data.

    Args:
        block: Bytes, at least `SHAPE_BYTES` from each offset on.
        at: Places in it.
    """
    flags = np.zeros(len(at), bool)
    letters = block[at + 2]
    sizes = read_u16_at_offsets(block, at).astype(np.int64)
    for letter, shape in _SHAPES.items():
        rows = np.flatnonzero(letters == letter)
        if len(rows):
            flags[rows] = shape(block, at[rows] + 3, sizes[rows])
    return flags


def _subscription_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    fits = (size >= 4) & (size < 259) & _letter_mask(block[at + 3])
    fits &= _name_byte_mask(block[at + 4]) | (size < 5)
    return np.asarray(fits & (_name_byte_mask(block[at + 5]) | (size < 6)))


def _format_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    flags: Flags = (size >= 3) & _letter_mask(block[at])
    for index in range(1, 6):
        flags &= _name_byte_mask(block[at + index]) | (size <= index)
    return flags


def _flag_bits_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    flags: Flags = (size >= 40) & (size <= 64)
    for index in range(1, 8):
        flags &= block[at + index] == 0
    return flags


def _logged_text_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    fits = (size >= 9) & _log_level_byte_mask(block[at]) & (block[at + 8] == 0)
    return np.asarray(fits & ((size < 10) | _first_byte_of_text_mask(block[at + 9])))


def _tagged_logged_text_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    fits = (size >= 11) & _log_level_byte_mask(block[at]) & (block[at + 10] == 0)
    return np.asarray(fits & ((size < 12) | _first_byte_of_text_mask(block[at + 11])))


def _info_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    fits = (size > block[at].astype(np.int64) + 1) & (block[at] > 3)
    return np.asarray(fits & _first_byte_of_value_type_name_mask(block[at + 1]))


def _parameter_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    fits = (size == block[at].astype(np.int64) + 5) & (block[at] > 3)
    return np.asarray(fits & _first_byte_of_value_type_name_mask(block[at + 1]))


def _multi_part_info_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    return (block[at] <= 1) & (size > 2) & _info_shape_mask(block, at + 1, size - 1)


def _parameter_default_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    return (block[at] < 16) & (size > 2) & _parameter_shape_mask(block, at + 1, size - 1)


def _two_byte_body_mask(_block: ByteArray, _at: Offsets, size: Offsets) -> Flags:
    return np.asarray(size == 2)


def _sync_shape_mask(block: ByteArray, at: Offsets, size: Offsets) -> Flags:
    flags: Flags = size == 8
    for index, byte in enumerate(SYNC):
        flags &= block[at + index] == byte
    return flags


def _letter_mask(byte: ByteArray) -> Flags:
    return _LETTERS[byte]


def _name_byte_mask(byte: ByteArray) -> Flags:
    """Return whether a byte can be in a name, or in the list of fields behind it."""
    return _NAMES[byte]


def _first_byte_of_text_mask(byte: ByteArray) -> Flags:
    """Return whether a byte begins a text: an escape that sets a colour may."""
    return _PRINTED[byte]


def _first_byte_of_value_type_name_mask(byte: ByteArray) -> Flags:
    """Return whether a byte begins the name of a type: bool, char, double, float, int, uint."""
    return _TYPES[byte]


def _log_level_byte_mask(byte: ByteArray) -> Flags:
    return (byte >= ord("0")) & (byte <= ord("7"))


def _byte_membership_table(*bytes_: bytes) -> Flags:
    """Return for each of the 256 bytes whether it is among some."""
    flags = np.zeros(256, bool)
    flags[list(b"".join(bytes_))] = True
    return flags


_LETTERS = _byte_membership_table(
    bytes(range(ord("A"), ord("Z") + 1)), bytes(range(ord("a"), ord("z") + 1))
)
_NAMES = _LETTERS | _byte_membership_table(bytes(range(ord("-"), ord(";") + 1)), b"_[] ")
_TYPES = _byte_membership_table(b"bcdfiu")
_PRINTED = _byte_membership_table(bytes(range(ord(" "), 256)), b"\t\n\r\x1b")

_SHAPES: Mapping[int, Callable[[ByteArray, Offsets, Offsets], Flags]] = {
    ord("A"): _subscription_shape_mask,
    ord("B"): _flag_bits_shape_mask,
    ord("C"): _tagged_logged_text_shape_mask,
    ord("F"): _format_shape_mask,
    ord("I"): _info_shape_mask,
    ord("L"): _logged_text_shape_mask,
    ord("M"): _multi_part_info_shape_mask,
    ord("O"): _two_byte_body_mask,
    ord("P"): _parameter_shape_mask,
    ord("Q"): _parameter_default_shape_mask,
    ord("R"): _two_byte_body_mask,
    ord("S"): _sync_shape_mask,
}
