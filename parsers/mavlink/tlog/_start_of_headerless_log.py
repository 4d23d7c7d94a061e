"""Where the frames of a telemetry log begin in a file that does not begin with them."""

import numpy as np

from ..._file_content import Content
from ..._log_in_file._log_start_offset import LogStartOffset, windows_to_search_with_offsets
from ..._record_layout import ByteArray
from .._shared._record_framing import find_candidate_offsets
from ._frame_header_columns import (
    FRAME_1_OVERHEAD,
    GOOD,
    LONGEST_FRAME,
    TIMED,
    TIMESTAMP_SIZE,
    headers_of_frames_that_fit,
    make_frame_start_test,
)
from ._index_frames import index_frames

#: What looks like so many frames that follow one another is looked at more closely.
_LOOK_ALIKES = 4
#: Such places of a window and of a file that are looked at, and the bytes behind each.
_MOST_JUDGED, _MOST_JUDGED_OF_FILE, _JUDGED_BYTES = 4, 32, 1 << 14


def has_consecutive_intact_frames(array: ByteArray, stamp: int, *, is_whole_file: bool) -> bool:
    """Return whether intact frames follow one another in some bytes.

    Args:
        array: The bytes.
        stamp: Bytes of time before each frame: ``TIMESTAMP_SIZE`` or 0.
        is_whole_file: Whether these are all bytes of a file: a short one has few frames, but
            little else.
    """
    starts = find_candidate_offsets(array, stamp + 1, make_frame_start_test(stamp))
    candidates = headers_of_frames_that_fit(
        array, starts[starts + stamp + FRAME_1_OVERHEAD <= len(array)], stamp
    )
    if not (
        np.isin(candidates.ends, candidates.starts).any() or (is_whole_file and len(candidates))
    ):
        return False  # without the cost of the definitions
    frames = index_frames(array, stamp).frames
    frames.keep_only_rows(
        (frames.status == GOOD) & (frames.frame_kind_bit_mask(TIMED) == bool(stamp))
    )
    if not len(frames):
        return False
    linked = frames.starts[1:] == frames.ends[:-1]
    # Three linked frames are two links in a row.
    return bool((linked[:-1] & linked[1:]).any()) or (
        is_whole_file and 2 * int(frames.sizes.sum()) >= len(array)
    )


def find_log_start(content: Content) -> LogStartOffset | None:
    """Return where frames begin that follow one another; ``None``: nowhere."""
    found = find_start_and_timestamp_size(content)
    return None if found is None else LogStartOffset(found[0], 0.9)


def find_start_and_timestamp_size(content: Content) -> tuple[int, int] | None:
    """Return where frames begin that follow one another, and the bytes of time before each."""
    judged = 0
    for begin, window in windows_to_search_with_offsets(
        content.array, _LOOK_ALIKES * LONGEST_FRAME
    ):
        for stamp in (TIMESTAMP_SIZE, 0):
            look_alikes = _chained_look_alike_offsets(window, stamp)
            judged += len(look_alikes)
            if judged > _MOST_JUDGED_OF_FILE:
                return None
            for at in look_alikes:
                some = window[at : at + _JUDGED_BYTES]
                if has_consecutive_intact_frames(some, stamp, is_whole_file=False):
                    return begin + at, stamp
    return None


def _chained_look_alike_offsets(window: ByteArray, stamp: int) -> list[int]:
    """Return the first offsets at which as many look-alikes of frames follow one another."""
    starts = find_candidate_offsets(window, stamp + 1, make_frame_start_test(stamp))
    frames = headers_of_frames_that_fit(
        window, starts[starts + stamp + FRAME_1_OVERHEAD <= len(window)], stamp
    )
    if not len(frames):
        return []
    starts = frames.starts.astype(np.int64)
    following = np.searchsorted(starts, frames.ends)
    leads = starts[np.minimum(following, len(starts) - 1)] == frames.ends
    rows, ends = np.arange(len(starts)), np.arange(len(starts))
    for _ in range(_LOOK_ALIKES - 1):
        is_followed = leads[ends]
        rows, ends = rows[is_followed], following[ends[is_followed]]
    return [int(at) for at in starts[rows[:_MOST_JUDGED]]]
