"""The time of each frame of a stream, computed for the frames that are asked for.

A log of some hours has tens of millions of frames, of which an audit looks at few.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..._file_content import stays_in_memory
from .._shared._record_framing import Offsets
from .._shared._timestamps import NAT
from ._frame_header_columns import (
    OUTLIER_US,
    TIMED,
    FrameTimestamps,
    outlier_indices_and_running_medians,
)
from ._index_frames import TlogIndex

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FramesWithBothClocks:
    """Frames of which both clocks are known."""

    #: Rows of the index, ascending, at least one.
    rows: Offsets
    #: Their own times, microseconds.
    station_us: Numbers
    #: UTC of each, microseconds; ``NAT`` where that is not known.
    vehicle_us: Numbers
    #: What is added to the own time of those without; ``NAT``: they have no UTC.
    shift_where_unknown_us: int

    @cached_property
    def station_to_utc_shifts_us(self) -> Numbers:
        """What to add to the own time of each to get UTC; ``NAT``: not known."""
        return np.where(
            self.vehicle_us != NAT, self.vehicle_us - self.station_us, self.shift_where_unknown_us
        )

    @cached_property
    def us_to_next_frame(self) -> Numbers:
        """From the own time of each to that of the next; of the last 0."""
        return np.diff(self.station_us, append=self.station_us[-1:])

    @cached_property
    def us_to_next_frame_or_1(self) -> Numbers:
        """The same, and 1 where that is less: what a share of it is computed with."""
        return np.maximum(self.us_to_next_frame, 1)

    @cached_property
    def shift_changes_to_next_frame_us(self) -> Numbers:
        """By how much the shift changes from each to the next, where it goes from one to the other.

        That is where both are known and time goes on; else 0.
        """
        shifts = self.station_to_utc_shifts_us
        is_between = (shifts[:-1] != NAT) & (shifts[1:] != NAT) & (self.us_to_next_frame[:-1] > 0)
        return np.append(np.where(is_between, np.diff(shifts), 0), 0)


#: Frames whose times are worked out in one go, which bounds the memory this takes.
FRAMES_AT_ONCE = 1 << 16


class TimesOfTlogFrames:
    """When each frame of a stream was sent."""

    def __init__(self, index: TlogIndex) -> None:
        """Begin with the ground station's times."""
        timed = index.frames.frame_kind_bit_mask(TIMED)
        #: Rows of frames that have a time; ``None``: all have.
        self._timed = None if timed.all() else np.flatnonzero(timed)
        starts = index.starts if self._timed is None else index.starts[self._timed]
        stamps = FrameTimestamps(index.array, starts)
        # All are looked at here, and then those of each kind of message; of a file that is too
        # large to stay in memory they are read again instead.
        self._stamps = stamps[:] if stays_in_memory(index.array) else stamps
        self._stray, self._instead = outlier_indices_and_running_medians(self._stamps, OUTLIER_US)
        #: What UTC follows from; ``None``: the ground station's times are UTC.
        self.anchors: FramesWithBothClocks | None = None

    def station_timestamps_us(self, rows: Offsets) -> Numbers:
        """Return the ground station's time of some frames, microseconds since 1970; 0: none.

        A frame that lost its own time has that of the frame before it, and those
        before the first that has one take its.
        """
        if not len(self._stamps):
            return np.zeros(len(rows), np.int64)
        if self._timed is not None:
            rows = np.maximum(np.searchsorted(self._timed, rows, "right") - 1, 0)
        times = self._stamps[rows]
        if len(self._stray):
            index = np.minimum(np.searchsorted(self._stray, rows), len(self._stray) - 1)
            stray = self._stray[index] == rows
            times[stray] = self._instead[index[stray]]
        return times

    def utc_ns_of_frames(self, rows: Offsets) -> Numbers:
        """Return UTC of some frames, nanoseconds since 1970, ``NAT`` where unknown."""
        out = np.empty(len(rows), np.int64)
        for first in range(0, len(rows), FRAMES_AT_ONCE):
            some = rows[first : first + FRAMES_AT_ONCE]
            out[first : first + FRAMES_AT_ONCE] = self._utc_ns(some)
        return out

    def utc_ns_of_frame(self, row: int) -> int:
        """Return UTC of one frame, nanoseconds since 1970, ``NAT`` where unknown."""
        return int(self._utc_ns(np.array([row]))[0])

    def _utc_ns(self, rows: Offsets) -> Numbers:
        own = self.station_timestamps_us(rows)
        if self.anchors is None:
            return own * 1000 if len(self._stamps) else np.full(len(rows), NAT, np.int64)
        anchors = self.anchors
        before = np.maximum(np.searchsorted(anchors.rows, rows, "right") - 1, 0)
        shift = anchors.station_to_utc_shifts_us[before]
        share = (own - anchors.station_us[before]) / anchors.us_to_next_frame_or_1[before]
        drifted = (np.clip(share, 0, 1) * anchors.shift_changes_to_next_frame_us[before]).astype(
            np.int64
        )
        return np.where(shift != NAT, (own + shift + drifted) * 1000, NAT)
