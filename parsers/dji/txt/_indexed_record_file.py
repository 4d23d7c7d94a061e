"""One record file, indexed: its records by type, and the instant of each."""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..._byte_coverage import ByteCoverage, coverage_kind_code
from ..._dji_keychains import Keychains
from ..._file_content import Content
from ..._model import Issue, RecordsOfType
from ..._record_layout import EqualLengthRecords, Layout, LayoutRecords
from .._records_of_one_type import RecordsOfOneType
from ._details_section import details_layout
from ._file_layout import FileLayout
from ._layout_of_unknown_version import read_layout_of_any_version
from ._record_bodies import KEY_STORAGE, DecryptedRecordBodies, read_and_decrypt_bodies
from ._record_layouts import LAYOUTS, NAMES
from ._text_and_list_records import LIST_DECODERS, RecordsOfSeveralRowsEach
from ._times_of_record_frames import TimesOfRecordFrames, times_of_frames
from ._walk_record_frames import Ints, RecordFrameIndex, index_record_frames

_PICTURE_SIZES_OFFSET = 147
#: What bytes can be; the first four are what those of a frame can be.
_COVERAGE_KINDS = ("records", "unknown", "encrypted", "gap", "header", "media", "opaque", "padding")


@dataclass(eq=False)
class RecordFile:
    """A record file with its frames indexed; bodies are decoded on demand."""

    content: Content
    layout: FileLayout
    index: RecordFrameIndex
    bodies: DecryptedRecordBodies
    _typed_cache: dict[int, RecordsOfOneType] = field(default_factory=dict, repr=False)
    _group_cache: dict[int, list[EqualLengthRecords]] = field(default_factory=dict, repr=False)
    _frames_cache: dict[int, Ints] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, content: Content, keys: Sequence[Keychains]) -> "RecordFile":
        """Index a file.

        Raises:
            LogError: If its prefix is not that of a record file, or its version is not known.
        """
        anatomy = read_layout_of_any_version(content)
        pictures: tuple[int, ...] = ()
        if len(anatomy.details) >= _PICTURE_SIZES_OFFSET + 32:
            pictures = struct.unpack_from("<8i", anatomy.details, _PICTURE_SIZES_OFFSET)
        frame_index = index_record_frames(content, anatomy, pictures)
        return cls(
            content,
            anatomy,
            frame_index,
            read_and_decrypt_bodies(content.array, frame_index, anatomy, keys),
        )

    def records_of_type(self, kind: int) -> RecordsOfOneType:
        """Return the readable records of a type that has a layout."""
        if kind not in self._typed_cache:
            rows = self.readable_frame_indices(kind)
            offsets = self.index.payload_offsets[rows] - self.index.header_size
            records = LayoutRecords(LAYOUTS[kind], offsets, self.bodies_by_length(kind))
            self._typed_cache[kind] = RecordsOfOneType(rows, records)
        return self._typed_cache[kind]

    def bodies_by_length(self, kind: int) -> list[EqualLengthRecords]:
        """Return the readable bodies of a type, grouped by length."""
        if kind not in self._group_cache:
            self._group_cache[kind] = list(
                self.bodies.bodies_by_length(kind, self.readable_frame_indices(kind))
            )
        return self._group_cache[kind]

    def frame_indices_and_list_records(self, kind: int) -> tuple[Ints, RecordsOfSeveralRowsEach]:
        """Return the readable records of a type that holds a text or a list."""
        rows = self.readable_frame_indices(kind)
        return rows, RecordsOfSeveralRowsEach(
            LIST_DECODERS[kind],
            self._layout_records_left_as_raw_bytes(kind, rows, self.bodies_by_length(kind)),
        )

    def readable_frame_indices(self, kind: int) -> Ints:
        """Return the numbers of the frames of a type with bodies in clear."""
        if kind not in self._frames_cache:
            rows = self.bodies.numbers_of_frames_with_readable_body(kind)
            locked = self.bodies.is_encrypted
            self._frames_cache[kind] = rows if locked is None else rows[~locked[rows]]
        return self._frames_cache[kind]

    def _layout_records_left_as_raw_bytes(
        self, kind: int, rows: Ints, groups: list[EqualLengthRecords]
    ) -> LayoutRecords:
        """Return records of a type as bytes only."""
        offsets = self.index.payload_offsets[rows] - self.index.header_size
        return LayoutRecords(Layout(record_name(kind), ""), offsets, groups)

    @cached_property
    def details(self) -> LayoutRecords:
        """Details, as one record or none."""
        body = np.frombuffer(self.layout.details, np.uint8)
        groups = [EqualLengthRecords(np.array([0]), body[None, :])] if len(body) else []
        at = np.array([self.layout.details_offset][: len(groups)], np.int64)
        return LayoutRecords(details_layout(self.layout.version), at, groups)

    @cached_property
    def times(self) -> TimesOfRecordFrames:
        """The instant of every frame."""
        custom = self.records_of_type(5)
        appended = self.layout.version < 12 and self.layout.details_offset >= 0
        until = self.layout.details_offset if appended else len(self.content)
        in_flight = self.index.payload_offsets < until
        return times_of_frames(
            custom.rows, custom.records, self.records_of_type(1), self.details, in_flight
        )

    @cached_property
    def product_number(self) -> int | None:
        """The number of the product that Details name; ``None``: none."""
        details = self.details
        named = len(details) > 0 and bool(details.records_holding_field_mask("product")[0])
        return int(details["product"][0]) if named else None

    @property
    def records_sha256(self) -> str:
        """SHA-256 of the records of the flight, without what the app appends after Details."""
        begin, end = self.layout.records_begin, self.layout.records_end
        with memoryview(self.content.data) as data, data[begin:end] as records:
            return hashlib.sha256(records).hexdigest()

    @property
    def aircraft_log_number(self) -> int | None:
        """The number that the aircraft gave its own log; ``None`` if not stated or not constant."""
        numbers = np.asarray(self.records_of_type(2).records["fc_log_index"], np.float64)
        known = np.unique(numbers[numbers > 0])
        return int(known[0]) if len(known) == 1 else None

    @property
    def has_undecrypted_bodies(self) -> bool:
        """Whether some bodies could not be read for want of a key."""
        return self.bodies.is_encrypted is not None and bool(self.bodies.is_encrypted.any())

    def records_by_name(self) -> Mapping[str, RecordsOfType]:
        """Return every record of the file by name; ciphertext stays bytes."""
        named: dict[str, RecordsOfType] = {}
        if len(self.details):
            named["Details"] = self.details
        for kind in self.bodies.present_record_types:
            rows = self.readable_frame_indices(kind)
            if len(rows) and kind in LAYOUTS:
                named[record_name(kind)] = self.records_of_type(kind).records
            elif len(rows) and kind in LIST_DECODERS:
                named[record_name(kind)] = self.frame_indices_and_list_records(kind)[1]
            elif len(rows):
                named[record_name(kind)] = self._layout_records_left_as_raw_bytes(
                    kind, rows, self.bodies_by_length(kind)
                )
            if self.bodies.is_encrypted is None:
                continue
            frames = self.bodies.numbers_of_frames_with_readable_body(kind)
            ciphertext = frames[self.bodies.is_encrypted[frames]]
            if len(ciphertext):
                locked = list(self.bodies.bodies_by_length(kind, ciphertext))
                named[f"{record_name(kind)} (encrypted)"] = self._layout_records_left_as_raw_bytes(
                    kind, ciphertext, locked
                )
        return named

    def issues(self) -> tuple[Issue, ...]:
        """Return what was not decoded, in order of the file."""
        issues = [*self.layout.issues, *self.index.issues]
        if self._is_marker_after_last_record_missing:
            last, _ = self._frame_span(len(self.index.payload_offsets) - 1)
            issues.append(Issue(last, 0, "cut short: the end marker of the records is missing"))
        for unread in self.bodies.unreadable:
            for row in unread.rows.tolist():
                offset, size = self._frame_span(row)
                name = record_name(int(self.index.record_types[row]))
                issues.append(Issue(offset, size, f"{name} record {unread.reason}"))
        return tuple(sorted(issues, key=lambda issue: (issue.offset, issue.size)))

    def coverage(self) -> ByteCoverage:
        """Return what every byte of the file is, as spans that lie end to end."""
        index = self.index
        kind_of_type = np.ones(256, np.int64)
        kind_of_type[[*LAYOUTS, *LIST_DECODERS, KEY_STORAGE]] = 0
        kinds = kind_of_type[index.record_types]
        if self.bodies.is_encrypted is not None:
            kinds[self.bodies.is_encrypted] = 2
        for unread in self.bodies.unreadable:
            kinds[unread.rows] = 3
        starts = index.payload_offsets - index.header_size
        ends = index.payload_offsets + index.payload_sizes + 1
        # Frames that follow one another as one run: few runs are left to be put in order.
        is_first = np.append(True, (kinds[1:] != kinds[:-1]) | (starts[1:] != ends[:-1]))
        firsts = np.flatnonzero(is_first[: len(starts)])
        lasts = np.append(firsts[1:], len(starts))[: len(firsts)] - 1
        others = [span for span in (*self.layout.spans, *index.spans) if span.size]
        begins = np.array([span.offset for span in others], np.int64)
        sizes = np.array([span.size for span in others], np.int64)
        words = np.array([_COVERAGE_KINDS.index(span.kind) for span in others], np.int64)
        return _coverage_with_adjacent_same_kinds_joined(
            np.concatenate([starts[firsts], begins]),
            np.concatenate([ends[lasts], begins + sizes]),
            np.concatenate([kinds[firsts], words]),
        )

    @property
    def _is_marker_after_last_record_missing(self) -> bool:
        """Whether the records of a file without Details after them end without the marker.

        Every real file of version 14 has it; no real file of version 12 is known.
        """
        marked = any(span.kind == "header" for span in self.index.spans)
        return self.layout.has_wide_lengths and len(self.index.payload_offsets) > 0 and not marked

    def _frame_span(self, row: int) -> tuple[int, int]:
        offset = self.index.frame_offset(row)
        return offset, self.index.header_size + int(self.index.payload_sizes[row]) + 1


def record_name(kind: int) -> str:
    """Return the name of a record type."""
    return NAMES.get(kind, f"type {kind}")


def _coverage_with_adjacent_same_kinds_joined(
    starts: Ints, ends: Ints, kinds: Ints
) -> ByteCoverage:
    """Return runs of bytes that lie end to end in order, neighbours of one kind joined.

    Args:
        starts: First byte of each run, in any order.
        ends: Byte after the last of each.
        kinds: Index of each in ``_COVERAGE_KINDS``.
    """
    order = np.argsort(starts, kind="stable")
    starts, ends, kinds = starts[order], ends[order], kinds[order]
    firsts = np.flatnonzero(np.append(True, kinds[1:] != kinds[:-1])[: len(kinds)])
    codes = np.array([coverage_kind_code(kind) for kind in _COVERAGE_KINDS])
    return ByteCoverage(np.append(starts[firsts], ends[-1:]), codes[kinds[firsts]])
