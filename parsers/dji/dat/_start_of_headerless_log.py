"""Where the records of an on-board log begin in a file that does not begin with them."""

from ..._file_content import Content
from ..._log_in_file._log_start_offset import LogStartOffset, windows_to_search_with_offsets
from ._find_record_frames import LONGEST_RECORD, find_record_frames

#: Records with two valid checksums each that prove a log.
LEAST_RECORDS = 3


def find_log_start(content: Content) -> LogStartOffset | None:
    """Return where records with valid checksums begin; ``None``: nowhere.

    The reader finds them in the whole file by itself.
    """
    for begin, window in windows_to_search_with_offsets(
        content.array, LEAST_RECORDS * LONGEST_RECORD
    ):
        frames = find_record_frames(window)
        if len(frames) >= LEAST_RECORDS:
            share = float(frames.lengths.sum()) / (len(window) - int(frames.starts[0]))
            return LogStartOffset(begin + int(frames.starts[0]), min(1.0, share))
    return None
