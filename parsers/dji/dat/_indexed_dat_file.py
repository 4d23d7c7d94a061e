"""One DAT, or the DATs of one container, indexed: records by type, and the instant of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._byte_coverage import CoverageSpan
from ..._file_content import Content
from ..._model import Issue, RecordsCountedBeforeDecoding, RecordsOfType
from ..._record_layout import Layout, LayoutRecords
from .._event_rows import NAT
from .._records_of_one_type import RecordsOfOneType
from . import _enum_names as enum_names
from ._byte_ranges_by_kind import RECORDS, UNKNOWN, CoverageSpanArrays
from ._classify_gaps import ClassifiedGaps, classify_gaps_between_records
from ._classify_text_line import family_kind_and_severity_of_line
from ._export_container import UnpackedDat, unpack_dat
from ._find_record_frames import (
    HEADER,
    TRAILER,
    DatRecordFrames,
    Ints,
    find_record_frames,
    payloads_by_length,
)
from ._recognise_dat_file import RECORDS_ONLY, V1, DatHeader
from ._record_layouts import V1_TYPES, V3_TYPES, RecordTypes
from ._times_of_records import TimesOfRecords, parse_utc_seconds, times_of_records

_GPS_RECORDS = ("GPS", "GPS_1", "GPS_2")


@dataclass(eq=False)
class DatFile:
    """A DAT with its records indexed; payloads are decoded on demand."""

    stream: UnpackedDat
    frames: DatRecordFrames
    gaps: ClassifiedGaps
    _typed_cache: dict[str, RecordsOfOneType] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, content: Content) -> "DatFile":
        """Index a file."""
        stream = unpack_dat(content)
        frames = find_record_frames(stream.data)
        explained = classify_gaps_between_records(stream, frames)
        return cls(stream, frames, explained)

    @cached_property
    def version(self) -> str:
        """V1 or V3, as the first header says or, without one, as the types of records show."""
        headers = self.gaps.headers
        return headers[0].kind if headers else RECORDS_ONLY

    @cached_property
    def record_names_and_layouts_by_type(self) -> RecordTypes:
        """Record type -> name and layout, of this version."""
        if self.version == V1:
            return V1_TYPES
        seen = np.unique(self.frames.record_types)
        of_v3 = np.isin([kind for kind in V3_TYPES if kind >= 2048], seen).any()
        return V3_TYPES if of_v3 or self.version != RECORDS_ONLY else V1_TYPES

    @cached_property
    def offsets(self) -> Ints:
        """Where each record begins, in the file that was opened."""
        return self.stream.stream_to_distinct_file_offsets(self.frames.starts)

    def rows_of_type(self, kind: int) -> Ints:
        """Return which records are of a type."""
        return np.flatnonzero(self.frames.record_types == kind)

    def records_of_type(self, name: str) -> RecordsOfOneType:
        """Return the records of a name that go into the tables; empty if the log has none."""
        if name not in self._typed_cache:
            kind, layout = self._type_and_layout_of_record_name(name)
            rows = self.rows_of_type(kind)
            self._typed_cache[name] = self.records_of_rows_under_layout(
                layout, rows[self.non_duplicate_record_mask[rows]]
            )
        return self._typed_cache[name]

    def clear_cache(self) -> None:
        """Release the fields decoded so far; they are decoded again on demand."""
        self._typed_cache.clear()

    def _type_and_layout_of_record_name(self, name: str) -> tuple[int, Layout]:
        return next(
            (
                (kind, layout)
                for kind, (known, layout) in self.record_names_and_layouts_by_type.items()
                if known == name
            ),
            (-1, Layout(name, "")),
        )

    def records_of_rows_under_layout(self, layout: Layout, rows: Ints) -> RecordsOfOneType:
        """Return some records under a layout."""
        groups = list(payloads_by_length(self.stream.data, self.frames, rows))
        return RecordsOfOneType(rows, LayoutRecords(layout, self.offsets[rows], groups))

    @cached_property
    def main_gps_record_name(self) -> str:
        """The name of the records of the receiver that has most of them."""
        return max(
            _GPS_RECORDS,
            key=lambda name: len(self.rows_of_type(self._type_and_layout_of_record_name(name)[0])),
        )

    @cached_property
    def headers_with_next_record_number(self) -> tuple[tuple[int, DatHeader], ...]:
        """Each header with the number of the first record after it."""
        starts = self.frames.starts
        return tuple(
            (int(np.searchsorted(starts, header.offset)), header) for header in self.gaps.headers
        )

    @cached_property
    def times(self) -> TimesOfRecords:
        """The instant of every record."""
        kind, layout = self._type_and_layout_of_record_name(self.main_gps_record_name)
        gps = self.records_of_rows_under_layout(layout, self.rows_of_type(kind))
        rows, utc_s = gps.rows, np.zeros(0, np.int64)
        if len(gps):
            utc_s = parse_utc_seconds(gps.records["date"], gps.records["time_of_day"])
            # Without a position the date is the receiver's own guess.
            position_mask = gps.records["latitude_deg"] != 0
            position_mask |= gps.records["longitude_deg"] != 0
            rows, utc_s = (
                rows[position_mask & (utc_s != NAT)],
                utc_s[position_mask & (utc_s != NAT)],
            )
        entry_rows = np.searchsorted(
            self.frames.starts, [entry.header_offset for entry in self.stream.entries]
        )
        breaks = [*entry_rows.tolist(), *(row for row, _ in self.headers_with_next_record_number)]
        return times_of_records(
            self.frames.ticks, breaks, self.headers_with_next_record_number, rows, utc_s
        )

    @cached_property
    def non_duplicate_record_mask(self) -> npt.NDArray[np.bool_]:
        """Which records go into the tables: all but those of a duplicate."""
        in_tables = np.ones(len(self.frames), bool)
        for segment in self.times.duplicate_segments():
            in_tables[segment.first : segment.end] = False
        return in_tables

    @cached_property
    def text_lines_with_record_and_type(self) -> tuple[tuple[int, int, str], ...]:
        """Record, type and text of every line of the text records that go into the tables."""
        rows = np.flatnonzero(
            np.isin(self.frames.record_types, list(enum_names.TEXT_RECORDS))
            & self.non_duplicate_record_mask
        )
        kinds = self.frames.record_types[rows].tolist()
        return tuple(
            (row, kind, line)
            for row, kind in zip(rows.tolist(), kinds, strict=True)
            for line in self.lines_of_record(row)
        )

    def lines_of_record(self, row: int) -> list[str]:
        """Return the lines of a text record."""
        begin = int(self.frames.starts[row]) + HEADER
        end = begin + int(self.frames.lengths[row]) - HEADER - TRAILER
        plain = self.stream.data[begin:end] ^ np.uint8(self.frames.ticks[row] & 0xFF)
        text = plain.tobytes().replace(b"\0", b"\n").decode("utf-8", "replace")
        return [line.strip("\r ") for line in text.split("\n") if line.strip("\r ")]

    def record_name(self, kind: int) -> str:
        """Return the name of a record type."""
        if kind in self.record_names_and_layouts_by_type:
            return self.record_names_and_layouts_by_type[kind][0]
        return (
            enum_names.TEXT_RECORDS.get(kind) or enum_names.RECORD_NAMES.get(kind) or f"type {kind}"
        )

    def records_by_name(self) -> Mapping[str, RecordsOfType]:
        """Return every record by name; those of no known layout as bytes."""
        return {
            self.record_name(kind): DatRecords(int(count), self, kind)
            for kind, count in zip(*_types_and_counts(self.frames.record_types), strict=True)
        }

    def issues(self) -> tuple[Issue, ...]:
        """Return what was not decoded; offsets are those of the file opened."""
        moved = (
            Issue(*self._offset_and_size_in_file(issue.offset, issue.size), issue.reason)
            for issue in self.gaps.issues
        )
        issues = (*self.stream.issues, *moved, *self._duplicate_issues())
        return tuple(sorted(issues, key=lambda issue: (issue.offset, issue.size)))

    def _duplicate_issues(self) -> Iterator[Issue]:
        """Yield an issue for each run that repeats another."""
        for segment in self.times.duplicate_segments():
            count = segment.end - segment.first
            inside = self.stream.entry_at(int(self.frames.starts[segment.first])).name
            reason = (
                f"{count} records cover the same time as earlier records: left out of the tables"
            )
            reason = f"{inside}: {reason}" if inside else reason
            yield Issue(int(self.offsets[segment.first]), 0, reason)

    def coverage(self) -> tuple[CoverageSpan, ...]:
        """Return what every byte of the file opened is, as spans that lie end to end."""
        known = np.isin(
            self.frames.record_types,
            [*self.record_names_and_layouts_by_type, *enum_names.TEXT_RECORDS],
        )
        spans = CoverageSpanArrays.from_spans(self.gaps.spans)
        spans += CoverageSpanArrays(
            self.frames.starts, self.frames.ends, np.where(known, RECORDS, UNKNOWN)
        )
        packing = self.stream.deflate_map
        if packing is not None:
            spans = CoverageSpanArrays(
                self.stream.file_offsets(spans.begins),
                self.stream.file_offsets(spans.ends),
                spans.kinds,
            )
            spans += CoverageSpanArrays.from_spans(
                (
                    CoverageSpan(0, int(packing.packed[0]), "header"),
                    CoverageSpan(packing.stop, packing.end - packing.stop, "header"),
                    CoverageSpan(packing.end, self.stream.size - packing.end, "gap"),
                )
            )
        return spans.merged_spans_in_order()

    def _offset_and_size_in_file(self, offset: int, size: int) -> tuple[int, int]:
        begin, end = self.stream.file_offsets(np.array([offset, offset + size])).tolist()
        return int(begin), int(end - begin)


@dataclass(frozen=True, slots=True)
class DatRecords(RecordsCountedBeforeDecoding):
    """The records of one type, with time and tick, decoded on demand."""

    file: DatFile
    record_type: int

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record, or for each line of a text, in file order."""
        file, name = self.file, self.file.record_name(self.record_type)
        rows = file.rows_of_type(self.record_type)
        if self.record_type in enum_names.TEXT_RECORDS:
            rows, frame = self._record_of_each_text_line_and_line_table(rows)
        else:
            layout = (
                file.record_names_and_layouts_by_type[self.record_type][1]
                if self.record_type in file.record_names_and_layouts_by_type
                else Layout(name, "")
            )
            frame = file.records_of_rows_under_layout(layout, rows).records.to_dataframe()
        frame.insert(2, "tick", file.frames.ticks[rows])
        frame.insert(2, "time", pd.to_datetime(file.times.ns[rows], utc=True))
        if file.stream.is_from_export_container:
            starts = file.frames.starts[rows]
            entries = file.stream.entries
            inside = (
                np.searchsorted([entry.header_offset for entry in entries], starts, "right") - 1
            )
            begins = np.array([entry.begin for entry in entries], np.int64)[inside]
            frame.insert(2, "entry_offset", starts - begins)
            frame.insert(2, "entry", [entries[number].name for number in inside.tolist()])
        return frame

    def _record_of_each_text_line_and_line_table(self, rows: Ints) -> tuple[Ints, pd.DataFrame]:
        """Return one row for each line of text records, and which record each is of."""
        file = self.file
        lines = [(row, line) for row in rows.tolist() for line in file.lines_of_record(row) or [""]]
        of = np.array([row for row, _ in lines], np.int64)
        families = [family_kind_and_severity_of_line(line) for _, line in lines]
        columns: dict[str, Any] = {
            "offset": file.offsets[of],
            "length": file.frames.lengths[of].astype(np.int64) - HEADER - TRAILER,
            "family": [family[0] if family else None for family in families],
            "text": [line or None for _, line in lines],
        }
        return of, pd.DataFrame(columns)


def _types_and_counts(kinds: np.ndarray[Any, np.dtype[np.uint16]]) -> tuple[list[int], list[int]]:
    values, counts = np.unique(kinds, return_counts=True)
    return values.tolist(), counts.tolist()
