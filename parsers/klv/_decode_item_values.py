"""Values of items of local sets, as columns: integers, mapped ranges, ST 1201, instants."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .._record_layout import ByteArray
from ._misb_st0601_tags import LocalSetTag

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NO_TIME = np.iinfo(np.int64).min
#: Microseconds from which, and up to which, an instant fits nanoseconds since 1970.
_LAST_US = np.iinfo(np.int64).max // 1000


def read_unsigned_integers(data: ByteArray, offsets: Ints, size: int) -> npt.NDArray[np.uint64]:
    """Return big-endian integers of ``size`` bytes (at most 8) at some offsets."""
    numbers = np.zeros(len(offsets), np.uint64)
    for place in range(size):
        numbers = (numbers << np.uint64(8)) | data[offsets + place]
    return numbers


def decode_numeric_values(data: ByteArray, tag: LocalSetTag, offsets: Ints, sizes: Ints) -> Floats:
    """Return the values of one numeric item in its unit, shape as ``offsets``.

    NaN: not given, because it is empty, of a wrong length, marked as out of range or off the
    earth, or outside the range that the item may have.
    """
    values = np.full(len(offsets), np.nan)
    for size, rows in _rows_of_each_allowed_size(tag, sizes):
        values[rows] = _decode_values_of_size(
            read_unsigned_integers(data, offsets[rows], size), tag, size
        )
    return values


def _rows_of_each_allowed_size(tag: LocalSetTag, sizes: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield each size that an item may have, with the rows that have it."""
    fewest = 1 if tag.is_shorter_allowed else tag.size
    for size in np.unique(sizes).tolist():
        if fewest <= size <= tag.size:
            yield size, np.flatnonzero(sizes == size)


def _decode_values_of_size(raw: npt.NDArray[np.uint64], tag: LocalSetTag, size: int) -> Floats:
    bits = 8 * size
    if tag.form == "mapped":
        return tag.low + raw.astype(np.float64) * ((tag.high - tag.low) / float((1 << bits) - 1))
    if tag.form == "imap":
        return _decode_imap_values(raw, tag, bits)
    if tag.form == "uint":
        values = raw.astype(np.float64)
    else:
        shift = np.uint64(64 - bits)
        signed = (raw << shift).view(np.int64) >> np.int64(64 - bits)
        values = signed.astype(np.float64)
        if tag.form == "signed mapped":
            most = float((1 << (bits - 1)) - 1)
            # The one integer beyond the range says that the value is out of it.
            return np.where(values < -most, np.nan, values * (tag.high / most))
    return np.where((values >= tag.low) & (values <= tag.high), values, np.nan)


def _decode_imap_values(raw: npt.NDArray[np.uint64], tag: LocalSetTag, bits: int) -> Floats:
    exponent = math.ceil(math.log2(tag.high - tag.low)) - (bits - 1)
    step = 2.0**exponent
    zero = tag.low / step - math.floor(tag.low / step) if tag.low < 0 < tag.high else 0.0
    values = step * (raw.astype(np.float64) - zero) + tag.low
    # With the highest bit set it is one of the special values, such as "below the range".
    is_special = raw > np.uint64(1 << (bits - 1))
    is_within = (values >= tag.low) & (values <= tag.high)
    return np.where(is_within & ~is_special, values, np.nan)


def timestamps_as_unix_ns(data: ByteArray, tag: LocalSetTag, offsets: Ints, sizes: Ints) -> Ints:
    """Return instants, nanoseconds since 1970; ``NO_TIME``: not given."""
    instants = np.full(len(offsets), NO_TIME, np.int64)
    for size, rows in _rows_of_each_allowed_size(tag, sizes):
        raw = read_unsigned_integers(data, offsets[rows], size)
        is_known = (raw > 0) & (raw <= np.uint64(_LAST_US))
        instants[rows[is_known]] = raw[is_known].astype(np.int64) * 1000
    return instants
