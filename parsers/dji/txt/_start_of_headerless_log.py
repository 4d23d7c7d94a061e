"""Where the records of a flight record begin whose prefix is lost, and how they are written.

A frame ends with ``ff``, so one begins behind such a byte: the frames of each way of writing
(plain up to version 6; scrambled with a trailer; from version 13 on with lengths of two bytes) are
followed from there.  Only many frames in a row, each of a type that exists and with a trailer that
fits, count as proof.
"""

import struct
from typing import NamedTuple

import numpy as np

from ..._file_content import Content
from ..._log_in_file._log_start_offset import (
    SEARCH_WINDOW,
    LogStartOffset,
    windows_to_search_with_offsets,
)
from ..._record_layout import ByteArray
from ._file_layout import DETAILS_NEW, DETAILS_OLD, PREFIX, PREFIX_SMALL, find_details_offset
from ._walk_record_frames import (
    TERMINATOR,
    RecordFrameWalk,
    add_frames_in_region_to_walk,
    frame_start_mask_and_frame_ends,
)

#: Frames that must follow one another, and the share of the bytes behind them that such frames
#: must fill: what is in clear is read only where it proves itself.
LEAST_FRAMES, LEAST_SHARE = 24, 0.5
#: Types and lengths that must occur among them: repetition has one.
_LEAST_DIFFERENT = 3
#: Bytes behind the first frame over which the share is measured.
_MEASURED = 1 << 18
#: Places of a file at which it is measured.
_MOST_MEASURED = 32
_OVERLAP = 1 << 14
#: Of the Details of version 6 to 11: where text stands up to version 5 only.
_OLD_SERIAL = slice(267, 277)


class AssumedFraming(NamedTuple):
    """How records are written, and the version whose prefix is assumed for them."""

    has_wide_lengths: bool
    is_scrambled: bool
    version: int
    shown: str

    def start_record_frame_walk(self, data: bytes) -> RecordFrameWalk:
        """Return a walk over some bytes, written so."""
        return RecordFrameWalk(data, 0, self.has_wide_lengths, self.is_scrambled)


#: Scrambled ones first: their frames hold as plain ones too.
_ASSUMPTIONS = (
    AssumedFraming(True, True, 14, "13 or 14"),
    AssumedFraming(False, True, 11, "7 to 12"),
    AssumedFraming(False, False, 6, "1 to 6"),
)


#: How the newest known version is written.
NEWEST_FRAMES = _ASSUMPTIONS[0]


def find_log_start(content: Content) -> LogStartOffset | None:
    """Return where frames of one way of writing begin that prove themselves."""
    measured = 0
    for begin, window in windows_to_search_with_offsets(content.array, _OVERLAP):
        for assumption in _ASSUMPTIONS:
            found = _first_frame_chain_offset(window, assumption)
            if found is None:
                continue
            measured += 1
            if measured > _MOST_MEASURED:
                return None
            at = begin + found
            share = share_of_framed_bytes(content.data[at : at + _MEASURED], assumption)
            if share >= LEAST_SHARE:
                return _log_start_with_assumed_prefix(content, at, share, assumption)
    return None


def _first_frame_chain_offset(window: ByteArray, assumption: AssumedFraming) -> int | None:
    """Return the first offset behind a terminator from which enough frames follow."""
    walk = assumption.start_record_frame_walk(window.tobytes())
    starts = np.flatnonzero(window[:SEARCH_WINDOW] == TERMINATOR).astype(np.int64) + 1
    offsets = starts
    for _ in range(LEAST_FRAMES):
        is_frame, ends = frame_start_mask_and_frame_ends(walk, window, offsets)
        # The marker and the end of the window lead nowhere: they prove nothing.
        is_frame &= ends > offsets
        starts, offsets = starts[is_frame], ends[is_frame]
    return int(starts[0]) if len(starts) else None


def share_of_framed_bytes(data: bytes, assumption: AssumedFraming) -> float:
    """Return which share of some bytes frames fill, those behind damage included."""
    walk = assumption.start_record_frame_walk(data)
    add_frames_in_region_to_walk(walk, ())
    frames = np.concatenate([*walk.starts, np.empty(0, np.int64)])
    kinds_and_sizes = np.frombuffer(data, np.uint8)[frames[:, None] + np.arange(2)]
    if min(len(np.unique(column)) for column in kinds_and_sizes.T) < _LEAST_DIFFERENT:
        return 0.0
    others = sum(size for _, size, _ in walk.gaps) + sum(size for _, size, _ in walk.spans)
    return 1.0 - others / len(data)


def _log_start_with_assumed_prefix(
    content: Content, at: int, share: float, assumption: AssumedFraming
) -> LogStartOffset:
    version, details_at, details_size = assumption.version, 0, 0
    if version < 12:
        found = find_details_offset(content, at)
        details_at = found if found >= 0 else 0
        details_size = DETAILS_OLD
        if version == 6 and found >= 0 and _has_details_of_version_5_or_older(content, found):
            version = 5
    elif version >= 13:
        details_size = DETAILS_NEW
    size = PREFIX_SMALL if version < 6 else PREFIX
    moved = details_at - at + size if details_at else 0
    prefix = struct.pack("<QHBB", moved, details_size, version, 0).ljust(size, b"\0")
    return LogStartOffset(at, share, prefix, f"{assumption.shown} (its prefix is lost)")


def _has_details_of_version_5_or_older(content: Content, at: int) -> bool:
    """Return whether Details have the serial number where those up to version 5 have it."""
    serial = content.data[at : at + DETAILS_OLD][_OLD_SERIAL].rstrip(b"\0")
    return len(serial) >= 4 and serial.isalnum()
