"""The logs of a flight on the flight's clock: the first step of a merge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

import parsers
from dji_audit.flights._columns_with_values import NAT_NS, Ints
from dji_audit.flights._split_logs import (
    LogSegment,
    all_receiver_format_names,
    names_of_media_formats,
    split_by_flight,
)
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.clock._refine_alignment import refine_alignment
from dji_audit.flights.clock._track_alignment import Floats, TimedTrack, timed_track
from dji_audit.flights.join._flight_assembly import AssembledFlight, LogPartInFlight


@dataclass(eq=False)
class AlignedSegment:
    """One member of a flight with its rows, on the flight's clock."""

    member: LogPartInFlight
    segment: LogSegment
    alignment: ClockAlignment
    _rows: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    _complete_rows: dict[tuple[str, ...], tuple[Floats, list[Floats]]] = field(
        default_factory=dict, repr=False
    )

    @property
    def log(self) -> parsers.Log:
        """The log."""
        return self.segment.log

    @property
    def is_media(self) -> bool:
        """Whether it is a recording, or a file beside one."""
        return self.log.source.format in names_of_media_formats()

    @property
    def is_from_receiver(self) -> bool:
        """Whether it holds what another device received of the aircraft."""
        return self.log.source.format in all_receiver_format_names()

    @property
    def is_copy(self) -> bool:
        """Whether its records are those of another log of the flight."""
        return self.member.copy_of is not None

    @property
    def uncertainty_s(self) -> float:
        """Seconds within which its times are known on the flight's clock; 1 if not stated."""
        known = self.alignment.uncertainty_s
        return 1.0 if known is None else known

    def aligned_rows(self, table: str) -> pd.DataFrame:
        """Return its rows of a table with times on the flight's clock."""
        if table not in self._rows:
            self._rows[table] = self.segment.aligned_rows(table, self.alignment)
        return self._rows[table]

    def non_missing_times_ns(self, table: str, column: str) -> Ints:
        """Return the known times of a column of a table, nanoseconds since 1970."""
        times = self.aligned_rows(table)[column].to_numpy("datetime64[ns]").view(np.int64)
        known: Ints = times[times != NAT_NS]
        return known

    def times_and_columns_of_complete_rows(
        self, columns: tuple[str, ...]
    ) -> tuple[Floats, list[Floats]]:
        """Return the rows of the track that have some columns, in order of time.

        Returns:
            Seconds since 1970 and row of the track, shape ``(n, 2)``; the columns.
        """
        if columns not in self._complete_rows:
            self._complete_rows[columns] = _times_and_columns_of_complete_rows(self.track, columns)
        return self._complete_rows[columns]

    @cached_property
    def track(self) -> pd.DataFrame:
        """Its rows of the track."""
        return self.aligned_rows("track")

    @cached_property
    def timed_track(self) -> TimedTrack:
        """Its fixes that have a time."""
        times = self.track["time"].to_numpy("datetime64[ns]").view(np.int64)
        return timed_track(self.track, times)


def align_segments(
    assembly: AssembledFlight, logs: Mapping[int, parsers.Log]
) -> tuple[AlignedSegment, ...]:
    """Return the members of a flight with their logs, all on the flight's clock."""
    parted = {index: split_by_flight(logs[index]) for index in assembly.log_indices}
    found = [
        AlignedSegment(
            member,
            parted[member.log_index][member.segment_number - 1].part_between_instants(
                *member.window
            ),
            member.alignment,
        )
        for member in assembly.members
    ]
    anchor = next((one for one in found if one.alignment.method == "reference"), found[0])
    first = _segment_realigned_by_track(found[0], anchor) or found[0]
    # What the log of the reference clock does not cover may still match the first one's track.
    others = (anchor,) if anchor is found[0] else (anchor, first)
    rest = [
        next(
            (it for other in others if (it := _segment_realigned_by_track(aligned, other))), aligned
        )
        for aligned in found[1:]
    ]
    return tuple(_give_copies_alignment_of_original([first, *rest]))


def _times_and_columns_of_complete_rows(
    track: pd.DataFrame, columns: tuple[str, ...]
) -> tuple[Floats, list[Floats]]:
    """Return times with row numbers, and columns, of rows without missing values."""
    times = track["time"].to_numpy("datetime64[ns]")
    values = [track[name].to_numpy(np.float64) for name in columns]
    known = ~np.isnat(times)
    for column in values:
        known &= np.isfinite(column)
    rows = np.flatnonzero(known)
    seconds = times[rows].view(np.int64) / 1e9
    order = np.argsort(seconds, kind="stable")
    rows, seconds = rows[order], seconds[order]
    return np.stack([seconds, rows.astype(np.float64)], axis=1), [column[rows] for column in values]


def _give_copies_alignment_of_original(segments: Sequence[AlignedSegment]) -> list[AlignedSegment]:
    """Give each copy the alignment of its original."""
    placed = {
        (aligned.member.log_index, aligned.member.segment_number): aligned.alignment
        for aligned in segments
    }
    out = []
    for aligned in segments:
        if aligned.member.copy_of is not None:
            original = placed[aligned.member.copy_of]
            alignment = replace(
                aligned.alignment,
                offset_s=original.offset_s,
                uncertainty_s=original.uncertainty_s,
                drift=original.drift,
            )
            aligned = AlignedSegment(aligned.member, aligned.segment, alignment)
        out.append(aligned)
    return out


def _segment_realigned_by_track(
    aligned: AlignedSegment, other: AlignedSegment
) -> AlignedSegment | None:
    """Return a segment with its clock aligned by its track; ``None``: the tracks show nothing."""
    alignment = aligned.alignment
    if aligned.is_copy or alignment.method == "reference" or aligned.member is other.member:
        return aligned
    if alignment.offset_s is None or other.alignment.offset_s is None:
        return aligned
    settled = refine_alignment(alignment, aligned.timed_track, other.timed_track)
    if settled is None:
        return None
    return (
        aligned
        if settled == alignment
        else AlignedSegment(aligned.member, aligned.segment, settled)
    )
