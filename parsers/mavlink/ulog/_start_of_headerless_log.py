"""Where the records of a ULog begin whose header is lost.

A record states its own length, so many records of known types, each of which begins where the one
before it ends, prove themselves.  Where the header lies behind junk, it is found by its magic.
"""

import numpy as np

from ..._file_content import Content
from ..._log_in_file._log_start_offset import (
    SEARCH_WINDOW,
    LogStartOffset,
    offsets_of_byte_pattern,
    windows_to_search_with_offsets,
)
from ..._record_layout import ByteArray
from .._shared._record_framing import Offsets
from ._index_records import KNOWN_TYPES
from ._record_signatures import known_record_shape_mask, read_u16_at_offsets

#: Records that must follow one another; bytes of other files do so by chance, or by repetition.
LEAST_RECORDS = 24
#: Of these, so many must differ in size or type, and so many must have the shape of their type.
LEAST_DIFFERENT, LEAST_SHAPED = 4, 1
#: The first records of the chain are no longer than 2,047 bytes, which spares most offsets; so
#: many are followed for all offsets together, the others for those that are judged.
_LARGEST_HIGH_BYTE, _FOLLOWED_TOGETHER = 7, 8
#: Offsets of one window that are judged one by one: repetition gives a million.
_MOST_JUDGED = 256
_OVERLAP = 1 << 17
_IS_KNOWN = np.isin(np.arange(256), list(KNOWN_TYPES))
_DATA = ord("D")
_SHAPE_ROOM = 64


def find_log_start(content: Content, magic: bytes) -> LogStartOffset | None:
    """Return where a log begins behind junk, or its records behind a header that is lost.

    Args:
        content: The file.
        magic: The first bytes of a header.
    """
    at = _find_magic(content, magic)
    if at is not None:
        return LogStartOffset(at, 1.0, b"")
    for begin, window in windows_to_search_with_offsets(content.array, _OVERLAP):
        found = _first_record_chain_offset(window)
        if found is None:
            continue
        header = magic.ljust(16, b"\0")
        return LogStartOffset(begin + found, 0.9, header, "not known (its header is lost)")
    return None


def _find_magic(content: Content, magic: bytes) -> int | None:
    """Return where a header lies that a record of a known type follows; ``None``: nowhere."""
    for at in offsets_of_byte_pattern(content, magic, 1):
        if at + 19 <= len(content) and content.data[at + 18] in KNOWN_TYPES:
            return at
    return None


def _first_record_chain_offset(window: ByteArray) -> int | None:
    """Return the first offset in a window from which enough records follow one another."""
    room = len(window) - _SHAPE_ROOM
    letters = window[2 : max(2, min(SEARCH_WINDOW, room))]
    may_begin = window[1 : len(letters) + 1] <= _LARGEST_HIGH_BYTE
    may_begin &= _IS_KNOWN[letters]
    starts = np.flatnonzero(may_begin).astype(np.int64)
    ends = starts
    for _ in range(_FOLLOWED_TOGETHER):
        fits = (ends + 3 <= room) & (ends >= 0)
        starts, ends = starts[fits], ends[fits]
        sizes = read_u16_at_offsets(window, ends).astype(np.int64)
        is_record = _IS_KNOWN[window[ends + 2]] & (sizes > 0)
        starts, ends = starts[is_record], (ends + 3 + sizes)[is_record]
    judged = starts[:_MOST_JUDGED].tolist()
    return next((at for at in judged if _is_believable_record_chain(window, at)), None)


def _is_believable_record_chain(window: ByteArray, at: int) -> bool:
    """Return whether records that follow one another are those of a log, and not a repetition."""
    followed: list[int] = []
    while at + 3 <= len(window) - _SHAPE_ROOM and len(followed) < LEAST_RECORDS:
        size = int(window[at]) + 256 * int(window[at + 1])
        if not size or not _IS_KNOWN[window[at + 2]]:
            break
        followed.append(at)
        at += 3 + size
    if len(followed) < LEAST_RECORDS:
        return False
    offsets = np.array(followed, np.int64)
    different = {(int(window[each + 2]), int(window[each])) for each in followed}
    others = offsets[window[offsets + 2] != _DATA]
    shaped = int(known_record_shape_mask(window, others).sum()) if len(others) else 0
    is_shaped = shaped == len(others) and (shaped >= LEAST_SHAPED)
    return len(different) >= LEAST_DIFFERENT and (
        is_shaped or _has_one_data_size_per_message_id(window, offsets)
    )


def _has_one_data_size_per_message_id(window: ByteArray, offsets: Offsets) -> bool:
    """Return whether every message id has data of one size, as in a log without its formats."""
    sizes: dict[int, int] = {}
    data = [at for at in offsets.tolist() if window[at + 2] == _DATA]
    for at in data:
        message_id = int(window[at + 3]) + 256 * int(window[at + 4])
        size = int(window[at]) + 256 * int(window[at + 1])
        if sizes.setdefault(message_id, size) != size:
            return False
    return len(data) >= len(offsets) // 2 and len(sizes) < len(data)
