"""A binary log that was copied as if it were text."""

from collections.abc import Iterator

import numpy as np

from ..._file_content import release_array_pages
from ..._model import Issue
from ..._record_layout import ByteArray

_LINE_FEED, _CARRIAGE_RETURN = 10, 13
#: Line feeds that must all follow a carriage return; by chance one in 256 does.
_FEWEST = 32
#: Bytes that are looked at in one go.
_WINDOW_BYTES = 1 << 22


def issues_if_log_was_copied_as_text(array: ByteArray) -> Iterator[Issue]:
    """Yield the remark that a damaged log was copied as text, where its bytes show it.

    Such a copy puts a carriage return before each line feed, so that records grow and their
    checksums are wrong.
    """
    count, first = 0, None
    for begin in range(0, len(array), _WINDOW_BYTES):
        end = min(begin + _WINDOW_BYTES, len(array))
        feeds = np.flatnonzero(array[begin:end] == _LINE_FEED) + begin
        if len(feeds) and (feeds[0] == 0 or (array[feeds - 1] != _CARRIAGE_RETURN).any()):
            return
        count += len(feeds)
        if first is None and len(feeds):
            first = int(feeds[0]) - 1
        release_array_pages(array, begin, end)
    if count >= _FEWEST and first is not None:
        text = (
            f"each of {count:,} line feeds follows a carriage return: the file was copied as text, "
            "which damages it; copy the original again, as binary"
        )
        yield Issue(first, 0, text)
