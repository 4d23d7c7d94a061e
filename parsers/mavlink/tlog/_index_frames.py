"""The index of a MAVLink stream: the offset, status and sender of every frame."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import ByteCoverage, CoverageSpan
from ..._file_content import release_array_pages
from ..._record_layout import ByteArray
from .._shared._frame_checksums import matching_crc_extras_of_frames
from .._shared._mavlink_message_definitions import crc_extras
from .._shared._record_framing import (
    Flags,
    Offsets,
    find_candidate_offsets,
    record_coverage,
    rows_of_each_key,
    select_chained_records_and_gaps,
)
from ._frame_header_columns import (
    DAMAGED,
    FOREIGN,
    FRAME_1_OVERHEAD,
    GOOD,
    LONGEST_FRAME,
    OUTLIER_US,
    TIMED,
    TIMESTAMP_SIZE,
    UNKNOWN,
    VERSION_2,
    FrameColumns,
    FrameTimestamps,
    frame_run_starts_ends_kinds,
    headers_of_frames_that_fit,
    join_frames,
    make_frame_start_test,
    message_ids_of_frames,
    outlier_indices_and_running_medians,
)

#: Bytes that are looked at in one go, which bounds the memory this takes.
WINDOW_BYTES = 1 << 22
#: Frames of one number that must agree on a CRC_EXTRA to be accepted without a definition.
LEAST_AGREEING_FRAMES = 3
#: Systems from which ground stations take their number (mavlink.io, routing).
FIRST_GROUND_SYSTEM = 250
#: Bytes of a text between frames: fewer may be those of a torn frame, more are another file.
SHORTEST_TEXT, LONGEST_TEXT = 4, 1 << 16
#: Numbers of messages beyond this are in use by nobody.
LARGEST_MESSAGE_NUMBER = 0xFFFF
#: Stands for the number of a frame that is not intact: no definition has it.
NO_MESSAGE = 0xFFFF


@dataclass(eq=False)
class TlogIndex:
    """The frames of a stream, in file order."""

    array: ByteArray
    frames: FrameColumns

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frames)

    @property
    def starts(self) -> Offsets:
        """First byte of each frame, or of the time before it."""
        return self.frames.starts

    @property
    def status(self) -> npt.NDArray[np.uint8]:
        """``GOOD``, ``FOREIGN``, ``UNKNOWN`` or ``DAMAGED``."""
        return self.frames.status

    @cached_property
    def has_timestamps(self) -> bool:
        """Whether the ground station's time precedes frames."""
        return bool(self.frames.frame_kind_bit_mask(TIMED).any())

    @cached_property
    def rows_of_frames_not_good(self) -> Offsets:
        """Rows of the frames that are not ``GOOD``."""
        return np.flatnonzero(self.status != GOOD)

    def rows_with_frame_status(self, status: int) -> Offsets:
        """Return the rows of the frames that are ``FOREIGN``, ``UNKNOWN`` or ``DAMAGED``."""
        rows: Offsets = self.rows_of_frames_not_good[
            self.status[self.rows_of_frames_not_good] == status
        ]
        return rows

    def message_ids_of_rows(self, rows: Offsets) -> npt.NDArray[np.uint32]:
        """Return the message numbers of some frames."""
        return message_ids_of_frames(self.array, self.frames, rows)

    @cached_property
    def intact_rows_by_message_id(self) -> Mapping[int, Offsets]:
        """Message number to the rows of the intact frames that carry it."""
        # Every number with a definition fits 16 bits, which sort far faster.
        keys = self.frames.number.astype(np.uint16)
        keys[self.rows_of_frames_not_good] = NO_MESSAGE
        return {
            number: rows for number, rows in rows_of_each_key(keys).items() if number != NO_MESSAGE
        }

    @cached_property
    def damaged_ground_station_rows(self) -> Offsets:
        """Damaged frames of a ground station that stand whole between two intact frames.

        A proxy writes its own frames into the log, with a checksum or without.  No report of a
        vehicle is lost with them.
        """
        rows = self.rows_with_frame_status(DAMAGED)
        rows = rows[(rows > 0) & (rows < len(self) - 1)]
        rows = rows[self.frames.system[rows] >= FIRST_GROUND_SYSTEM]
        if not len(rows):
            return rows
        # What stands in the place of sender and number in a torn frame is neither.
        senders = self.frames.system.astype(np.uint16) << 8 | self.frames.component
        known = np.isin(senders[rows], np.unique(senders[self.status == GOOD]))
        known &= crc_extras()[np.minimum(self.message_ids_of_rows(rows), 1 << 16)] >= 0
        known &= (self.status[rows - 1] != DAMAGED) & (self.status[rows + 1] != DAMAGED)
        known &= self.frames.ends[rows - 1] == self.starts[rows]
        known &= self.frames.ends[rows] == self.starts[rows + 1]
        ground_rows: Offsets = rows[known]
        return ground_rows

    def coverage_spans(
        self, without: Collection[int] = (), *, damage_is_elsewhere: bool = False
    ) -> ByteCoverage:
        """Return what every byte of the file is; damaged frames are gaps.

        Args:
            without: Systems whose frames are another log's.
            damage_is_elsewhere: Whether the gaps are those of another log of the file.
        """
        is_intact = self.status != DAMAGED
        is_intact[self.damaged_ground_station_rows] = True
        frames = self.frames if is_intact.all() else self.frames.select(is_intact)
        starts, ends, kinds = frame_run_starts_ends_kinds(frames, without)
        spans = record_coverage(starts, ends, len(self.array), kinds)
        gaps = spans.indexes_of_kind("gap")
        if not len(gaps):
            return spans
        is_text = np.array(
            [self._is_console_text(spans[index]) for index in gaps.tolist()], np.bool_
        )
        gaps_of_another = gaps[~is_text] if damage_is_elsewhere else gaps[:0]
        kinds_of_gaps = [(gaps[is_text], "opaque"), (gaps_of_another, "other_log")]
        return spans.with_changed_kinds(
            {kind: indexes for indexes, kind in kinds_of_gaps if len(indexes)}
        )

    def _is_console_text(self, span: CoverageSpan) -> bool:
        """Return whether a gap holds text such as a console prints, and nothing else."""
        if span.size < SHORTEST_TEXT:
            return False
        some = self.array[span.offset : span.offset + min(span.size, LONGEST_TEXT + 1)]
        printable = ((some >= 32) & (some < 127)) | (some == 9) | (some == 10) | (some == 13)
        return len(some) <= LONGEST_TEXT and bool(printable.all())


def index_frames(array: ByteArray, stamp: int) -> TlogIndex:
    """Find the frames of a stream.

    Every offset that looks like a frame is checked by its checksum first, so
    that no intact frame is lost to a look-alike before it.  Frames without an
    intact checksum are kept only where they fill the room between those.

    Args:
        array: The bytes of the file.
        stamp: Bytes of time before each frame: ``TIMESTAMP_SIZE`` or 0.
    """
    frames = _find_frame_candidates(array, stamp)
    _drop_unchained_frames_in_place(frames, len(array), strict=not stamp)
    if stamp:
        _remove_false_timestamps_in_place(frames, array)
    if stamp and (gaps := _find_byte_gaps_without_frames(frames, len(array))):
        frames = _merge_frames_with_and_without_time(frames, _find_untimed_frames(array, gaps))
    return TlogIndex(array, frames)


def _find_frame_candidates(array: ByteArray, stamp: int) -> FrameColumns:
    """Return every offset that looks like a frame, with the status of its checksum."""
    # Any byte of a raw stream can look like the beginning of a frame.
    width = WINDOW_BYTES if stamp else WINDOW_BYTES // 8
    actual: list[npt.NDArray[np.int16]] = []

    def candidate_windows() -> Iterator[tuple[FrameColumns, float]]:
        for begin in range(0, max(len(array), 1), width):
            frames, under = _frame_candidates_and_crc_extras_in_window(array, stamp, begin, width)
            release_array_pages(array, begin, begin + width)
            actual.append(under)
            yield frames, min(1.0, (begin + width) / max(len(array), 1))

    frames = join_frames(candidate_windows())
    _mark_frames_of_other_definitions(array, frames, np.concatenate(actual))
    return frames


def _frame_candidates_and_crc_extras_in_window(
    array: ByteArray, stamp: int, begin: int, width: int
) -> tuple[FrameColumns, npt.NDArray[np.int16]]:
    """Return the candidates of one window, and the CRC_EXTRA under which each is intact."""
    window = array[begin : begin + width + stamp]
    starts = find_candidate_offsets(window, stamp + 1, make_frame_start_test(stamp)) + begin
    # They ascend: those without room for a frame behind them are the last.
    room = int(np.searchsorted(starts, len(array) - stamp - FRAME_1_OVERHEAD, "right"))
    frames = headers_of_frames_that_fit(array, starts[:room], stamp)
    covered = frames.payload.astype(np.uint16) + np.where(
        frames.frame_kind_bit_mask(VERSION_2), np.uint16(9), np.uint16(5)
    )
    actual = matching_crc_extras_of_frames(
        array, frames.starts.astype(np.int64) + stamp + 1, covered
    )
    expected = crc_extras()[np.minimum(frames.number, 1 << 16)]
    # A frame that is intact under no seed at all is damaged, whatever its number; torn bytes pass
    # under one of the seeds now and then, with a number that nobody uses.
    is_used = frames.number <= LARGEST_MESSAGE_NUMBER
    frames.status[(expected < 0) & (actual >= 0) & is_used] = UNKNOWN
    frames.status[(actual == expected) & (actual >= 0)] = GOOD
    frames.number = frames.number.astype(np.uint16)
    # Most look-alikes lie inside an intact frame of the same window.
    good = frames.status == GOOD
    free = _intact_or_overlapping_no_intact_mask(frames, good)
    if not stamp:
        # In a raw stream one byte in 128 looks like a frame: one that no seed
        # explains is accepted only right behind an intact one.
        free &= (actual >= 0) | np.isin(frames.starts, frames.ends[good])
    if not free.all():
        frames.keep_only_rows(free)
        actual = actual[free]
    return frames, actual


def _mark_frames_of_other_definitions(
    array: ByteArray, frames: FrameColumns, actual: npt.NDArray[np.int16]
) -> None:
    """Mark as ``FOREIGN`` the frames that are intact under another definition.

    Senders have dialects of their own: the frames of one message number that
    agree on a seed among themselves are whole, although this reader does not
    know (or knows another) layout for that number.
    """
    rows = np.flatnonzero((frames.status != GOOD) & (actual >= 0))
    keys = message_ids_of_frames(array, frames, rows).astype(np.int64) << 8 | actual[rows]
    _, index, count = np.unique(keys, return_inverse=True, return_counts=True)
    frames.status[rows[count[index] >= LEAST_AGREEING_FRAMES]] = FOREIGN


def _drop_unchained_frames_in_place(frames: FrameColumns, size: int, *, strict: bool) -> None:
    """Keep only frames among the offsets that look like one."""
    is_intact = frames.status >= FOREIGN
    if not is_intact.all():
        free = _intact_or_overlapping_no_intact_mask(frames, is_intact)
        if not free.all():
            frames.keep_only_rows(free)
            is_intact = is_intact[free]
    chain = select_chained_records_and_gaps(frames.starts, frames.ends, 0, size, proven=is_intact)
    if isinstance(chain.is_record, slice):
        return
    is_record = chain.is_record
    if strict:
        # One that neither its checksum nor a follower confirms is dropped.
        loose = np.array(chain.doubtful, np.int64)
        is_record[loose[~is_intact[loose]]] = False
    if not is_record.all():
        frames.keep_only_rows(is_record)


def _remove_false_timestamps_in_place(frames: FrameColumns, array: ByteArray) -> None:
    """Take from frames behind a gap a time that is none.

    Where a station wrote frames without times, or a time was lost, the eight bytes before a
    frame may pass for one although they are the last of an intact frame before it.
    """
    behind = np.flatnonzero(frames.starts[1:] != frames.ends[:-1]) + 1
    if len(frames) and frames.starts[0] > 0:
        behind = np.append(0, behind)
    if not len(behind):
        return
    wrong, _ = outlier_indices_and_running_medians(
        FrameTimestamps(array, frames.starts), OUTLIER_US
    )
    loose = np.intersect1d(behind, wrong)
    frames.starts[loose] += TIMESTAMP_SIZE
    frames.kind[loose] ^= TIMED


def _find_byte_gaps_without_frames(frames: FrameColumns, size: int) -> list[tuple[int, int]]:
    """Return the runs of bytes that no whole frame holds and that are long enough for one."""
    is_intact = frames.status != DAMAGED
    solid = frames if is_intact.all() else frames.select(is_intact)
    starts, ends, _ = frame_run_starts_ends_kinds(solid)
    begins, stops = np.append(0, ends), np.append(starts, size)
    wide = np.flatnonzero(stops - begins >= FRAME_1_OVERHEAD)
    return list(zip(begins[wide].tolist(), stops[wide].tolist(), strict=True))


def _find_untimed_frames(array: ByteArray, gaps: list[tuple[int, int]]) -> FrameColumns:
    """Return the intact frames within gaps that have no time before them."""
    frames = join_frames(
        (_find_untimed_frames_in_gap_batch(array, batch), 1.0) for batch in _gap_batches(gaps)
    )
    # Pieces of one gap overlap.
    frames.keep_only_rows(np.unique(frames.starts, return_index=True)[1])
    return frames


def _gap_batches(gaps: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the gaps in portions of at most about ``WINDOW`` bytes; long ones in pieces."""
    batch: list[tuple[int, int]] = []
    room = WINDOW_BYTES
    for start, end in gaps:
        for at in range(start, end, WINDOW_BYTES):
            piece = at, min(at + WINDOW_BYTES + LONGEST_FRAME, end)
            if batch and room < piece[1] - at:
                yield batch
                batch, room = [], WINDOW_BYTES
            batch.append(piece)
            room -= piece[1] - at
    yield batch


def _find_untimed_frames_in_gap_batch(
    array: ByteArray, gaps: list[tuple[int, int]]
) -> FrameColumns:
    pieces = np.concatenate([array[a:b] for a, b in gaps])
    sizes = np.array([b - a for a, b in gaps])
    first = np.cumsum(sizes) - sizes
    frames = _find_frame_candidates(pieces, 0)
    gap = np.searchsorted(first, frames.starts, "right") - 1
    frames.keep_only_rows((frames.status == GOOD) & (frames.ends <= first[gap] + sizes[gap]))
    _drop_unchained_frames_in_place(frames, len(pieces), strict=True)
    gap = np.searchsorted(first, frames.starts, "right") - 1
    frames.starts = frames.starts + (np.array([a for a, _ in gaps])[gap] - first[gap])
    return frames


def _merge_frames_with_and_without_time(
    frames: FrameColumns, untimed: FrameColumns
) -> FrameColumns:
    """Return both in file order, without the damaged frames that hold an intact one."""
    if not len(untimed):
        return frames
    both = join_frames([(frames, 1.0), (untimed, 1.0)])
    both.keep_only_rows(np.argsort(both.starts, kind="stable"))
    solid = both.status != DAMAGED
    if not solid.all():
        both.keep_only_rows(_intact_or_overlapping_no_intact_mask(both, solid))
    return both


def _intact_or_overlapping_no_intact_mask(frames: FrameColumns, good: Flags) -> Flags:
    """Return the intact candidates, and those that share no byte with one."""
    free = np.ones(len(frames), np.bool_)
    rest = np.flatnonzero(~good)
    # Runs of intact candidates and of others: right before and behind a run are such as it is not.
    edges = np.concatenate([[0], np.flatnonzero(good[1:] != good[:-1]) + 1, [len(frames)]])
    run = np.searchsorted(edges, rest, "right")
    before, after = edges[run - 1] - 1, edges[run]
    starts, sizes = frames.starts[rest], frames.sizes_of_rows(rest)
    behind = after < len(frames)
    free[rest[behind]] &= frames.starts[after[behind]] >= (starts + sizes)[behind]
    inside = before[before >= 0]
    ends = frames.starts[inside] + frames.sizes_of_rows(inside)
    free[rest[before >= 0]] &= ends <= starts[before >= 0]
    return free
