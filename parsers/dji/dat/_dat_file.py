"""One DAT, or the DATs of one container, indexed: records by type, and the instant of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._bytes import Content
from ..._coverage import Span
from ..._layout import Layout, LayoutRecords
from ..._model import Issue, Records
from . import _enums as words
from ._clock import NAT, Times, times_of, utc_seconds
from ._families import family_of
from ._frames import HEADER, TRAILER, Frames, Ints, find_frames, groups
from ._gaps import Explained, explain
from ._kinds import FRAMES, V1, DatHeader
from ._records import V1_KINDS, V3_KINDS, Kinds
from ._spans import RECORDS, UNKNOWN, Spans
from ._stream import Stream, open_stream

_POSITIONS = ("GPS", "GPS_1", "GPS_2")


@dataclass(frozen=True, slots=True)
class Typed:
    """The records of one name, and which of all records they are."""

    rows: Ints
    records: LayoutRecords

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)


@dataclass(eq=False)
class DatFile:
    """A DAT whose records are found and whose payloads are read when asked for."""

    stream: Stream
    frames: Frames
    explained: Explained
    _typed: dict[str, Typed] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, content: Content) -> "DatFile":
        """Index a file."""
        stream = open_stream(content)
        frames = find_frames(stream.data)
        explained = explain(stream, frames)
        return cls(stream, frames, explained)

    @cached_property
    def version(self) -> str:
        """V1 or V3, as the first header says or, without one, as the types of records show."""
        headers = self.explained.headers
        return headers[0].kind if headers else FRAMES

    @cached_property
    def kinds(self) -> Kinds:
        """Record type -> name and layout, of this version."""
        if self.version == V1:
            return V1_KINDS
        seen = np.unique(self.frames.kinds)
        of_v3 = np.isin([kind for kind in V3_KINDS if kind >= 2048], seen).any()
        return V3_KINDS if of_v3 or self.version != FRAMES else V1_KINDS

    @cached_property
    def offsets(self) -> Ints:
        """Where each record begins, in the file that was opened."""
        return self.stream.distinct_places(self.frames.starts)

    def rows(self, kind: int) -> Ints:
        """Return which records are of a type."""
        return np.flatnonzero(self.frames.kinds == kind)

    def of(self, name: str) -> Typed:
        """Return the records of a name that the tables tell of; none where the log has none."""
        if name not in self._typed:
            kind, layout = self._layout(name)
            rows = self.rows(kind)
            self._typed[name] = self.typed(layout, rows[self.told[rows]])
        return self._typed[name]

    def forget(self) -> None:
        """Let go of the fields decoded so far; they are decoded again when asked for."""
        self._typed.clear()

    def _layout(self, name: str) -> tuple[int, Layout]:
        return next(
            ((kind, layout) for kind, (known, layout) in self.kinds.items() if known == name),
            (-1, Layout(name, "")),
        )

    def typed(self, layout: Layout, rows: Ints) -> Typed:
        """Return some records under a layout."""
        found = list(groups(self.stream.data, self.frames, rows))
        return Typed(rows, LayoutRecords(layout, self.offsets[rows], found))

    @cached_property
    def gps_name(self) -> str:
        """The name of the records of the receiver that has most of them."""
        return max(_POSITIONS, key=lambda name: len(self.rows(self._layout(name)[0])))

    @cached_property
    def headers(self) -> tuple[tuple[int, DatHeader], ...]:
        """Each header with the number of the first record after it."""
        starts = self.frames.starts
        return tuple((int(np.searchsorted(starts, one.at)), one) for one in self.explained.headers)

    @cached_property
    def times(self) -> Times:
        """The instant of every record."""
        kind, layout = self._layout(self.gps_name)
        gps = self.typed(layout, self.rows(kind))
        rows, utc_s = gps.rows, np.zeros(0, np.int64)
        if len(gps):
            utc_s = utc_seconds(gps.records["date"], gps.records["time_of_day"])
            # Without a position the date is the receiver's own guess.
            placed = gps.records["latitude_deg"] != 0
            placed |= gps.records["longitude_deg"] != 0
            rows, utc_s = rows[placed & (utc_s != NAT)], utc_s[placed & (utc_s != NAT)]
        begun = np.searchsorted(self.frames.starts, [one.at for one in self.stream.entries])
        breaks = [*begun.tolist(), *(row for row, _ in self.headers)]
        return times_of(self.frames.ticks, breaks, self.headers, rows, utc_s)

    @cached_property
    def told(self) -> npt.NDArray[np.bool_]:
        """Which records the tables tell of: all but those of a copy."""
        told = np.ones(len(self.frames), bool)
        for segment in self.times.copies():
            told[segment.first : segment.end] = False
        return told

    @cached_property
    def texts(self) -> tuple[tuple[int, int, str], ...]:
        """Record, type and text of every line of the text records that the tables tell of."""
        rows = np.flatnonzero(np.isin(self.frames.kinds, list(words.TEXTS)) & self.told)
        kinds = self.frames.kinds[rows].tolist()
        return tuple(
            (row, kind, line)
            for row, kind in zip(rows.tolist(), kinds, strict=True)
            for line in self.lines(row)
        )

    def lines(self, row: int) -> list[str]:
        """Return the lines of a text record."""
        begin = int(self.frames.starts[row]) + HEADER
        end = begin + int(self.frames.lengths[row]) - HEADER - TRAILER
        plain = self.stream.data[begin:end] ^ np.uint8(self.frames.ticks[row] & 0xFF)
        text = plain.tobytes().replace(b"\0", b"\n").decode("utf-8", "replace")
        return [line.strip("\r ") for line in text.split("\n") if line.strip("\r ")]

    def name_of(self, kind: int) -> str:
        """Return the name of a record type."""
        if kind in self.kinds:
            return self.kinds[kind][0]
        return words.TEXTS.get(kind) or words.TYPES.get(kind) or f"type {kind}"

    def records(self) -> Mapping[str, Records]:
        """Return every record by name; those of no known layout as bytes."""
        return {
            self.name_of(kind): DatRecords(self, kind, int(count))
            for kind, count in zip(*_counted(self.frames.kinds), strict=True)
        }

    def issues(self) -> tuple[Issue, ...]:
        """Return what was not decoded; places are those of the file opened."""
        moved = (
            Issue(*self._moved(one.offset, one.size), one.reason) for one in self.explained.issues
        )
        found = (*self.stream.issues, *moved, *self._copies())
        return tuple(sorted(found, key=lambda one: (one.offset, one.size)))

    def _copies(self) -> Iterator[Issue]:
        """Yield a remark for each run that tells what another has told."""
        for segment in self.times.copies():
            count = segment.end - segment.first
            inside = self.stream.entry_of(int(self.frames.starts[segment.first])).name
            reason = (
                f"{count} records tell the same time as others before them: left out of the tables"
            )
            reason = f"{inside}: {reason}" if inside else reason
            yield Issue(int(self.offsets[segment.first]), 0, reason)

    def coverage(self) -> tuple[Span, ...]:
        """Return what every byte of the file opened is, as spans that lie end to end."""
        known = np.isin(self.frames.kinds, [*self.kinds, *words.TEXTS])
        spans = Spans.of(self.explained.spans)
        spans += Spans(self.frames.starts, self.frames.ends, np.where(known, RECORDS, UNKNOWN))
        packing = self.stream.packing
        if packing is not None:
            spans = Spans(
                self.stream.places(spans.begins), self.stream.places(spans.ends), spans.kinds
            )
            spans += Spans.of(
                (
                    Span(0, int(packing.packed[0]), "header"),
                    Span(packing.stop, packing.end - packing.stop, "header"),
                    Span(packing.end, self.stream.size - packing.end, "gap"),
                )
            )
        return spans.end_to_end()

    def _moved(self, offset: int, size: int) -> tuple[int, int]:
        begin, end = self.stream.places(np.array([offset, offset + size])).tolist()
        return int(begin), int(end - begin)


@dataclass(frozen=True, slots=True)
class DatRecords:
    """The records of one type, with instant and tick; read when asked for."""

    file: DatFile
    kind: int
    count: int

    def __len__(self) -> int:
        """Return the number of records."""
        return self.count

    def frame(self) -> pd.DataFrame:
        """Return one row for each record, or for each line of a text, in file order."""
        file, name = self.file, self.file.name_of(self.kind)
        rows = file.rows(self.kind)
        if self.kind in words.TEXTS:
            rows, frame = self._lines(rows)
        else:
            layout = file.kinds[self.kind][1] if self.kind in file.kinds else Layout(name, "")
            frame = file.typed(layout, rows).records.frame()
        frame.insert(2, "tick", file.frames.ticks[rows])
        frame.insert(2, "time", pd.to_datetime(file.times.ns[rows], utc=True))
        if file.stream.contained:
            starts = file.frames.starts[rows]
            entries = file.stream.entries
            inside = np.searchsorted([one.at for one in entries], starts, "right") - 1
            begins = np.array([one.begin for one in entries], np.int64)[inside]
            frame.insert(2, "entry_offset", starts - begins)
            frame.insert(2, "entry", [entries[number].name for number in inside.tolist()])
        return frame

    def _lines(self, rows: Ints) -> tuple[Ints, pd.DataFrame]:
        """Return one row for each line of text records, and which record each is of."""
        file = self.file
        found = [(row, line) for row in rows.tolist() for line in file.lines(row) or [""]]
        of = np.array([row for row, _ in found], np.int64)
        families = [family_of(line) for _, line in found]
        columns: dict[str, Any] = {
            "offset": file.offsets[of],
            "length": file.frames.lengths[of].astype(np.int64) - HEADER - TRAILER,
            "family": [family[0] if family else None for family in families],
            "text": [line or None for _, line in found],
        }
        return of, pd.DataFrame(columns)


def _counted(kinds: np.ndarray[Any, np.dtype[np.uint16]]) -> tuple[list[int], list[int]]:
    values, counts = np.unique(kinds, return_counts=True)
    return values.tolist(), counts.tolist()
