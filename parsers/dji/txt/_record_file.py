"""One record file, indexed: its records by type, and the instant of each."""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..._bytes import Content
from ..._coverage import Span
from ..._keys import Keychains
from ..._layout import Group, Layout, LayoutRecords
from ..._model import Issue, Records
from ._clock import Times, times_of
from ._details import layout as details_layout
from ._file_layout import Anatomy, dissect
from ._index import Index, Ints, index
from ._lists import LISTS, ListedRecords
from ._payloads import Bodies, read_bodies
from ._records import LAYOUTS, NAMES
from ._request import KEY_STORAGE

_PICTURES_AT = 147
#: What bytes can be; the first four are what those of a frame can be.
_WORDS = ("records", "unknown", "encrypted", "gap", "header", "media", "opaque", "padding")


@dataclass(frozen=True, slots=True)
class Typed:
    """The readable records of one type, and which frames of the file they are."""

    rows: Ints
    records: LayoutRecords

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)


@dataclass(eq=False)
class RecordFile:
    """A record file whose frames are indexed and whose bodies are read when asked for."""

    content: Content
    anatomy: Anatomy
    index: Index
    bodies: Bodies
    _typed: dict[int, Typed] = field(default_factory=dict, repr=False)
    _groups: dict[int, list[Group]] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, content: Content, keys: Sequence[Keychains]) -> "RecordFile":
        """Index a file.

        Raises:
            LogError: If its prefix is not that of a record file.
        """
        anatomy = dissect(content)
        pictures: tuple[int, ...] = ()
        if len(anatomy.details) >= _PICTURES_AT + 32:
            pictures = struct.unpack_from("<8i", anatomy.details, _PICTURES_AT)
        found = index(content, anatomy, pictures)
        return cls(content, anatomy, found, read_bodies(content.array, found, anatomy, keys))

    def of(self, kind: int) -> Typed:
        """Return the readable records of a type that has a layout."""
        if kind not in self._typed:
            rows = self.clear(kind)
            offsets = self.index.payloads[rows] - self.index.header
            records = LayoutRecords(LAYOUTS[kind], offsets, self.groups(kind))
            self._typed[kind] = Typed(rows, records)
        return self._typed[kind]

    def groups(self, kind: int) -> list[Group]:
        """Return the readable bodies of a type, grouped by length."""
        if kind not in self._groups:
            self._groups[kind] = list(self.bodies.groups(kind, self.clear(kind)))
        return self._groups[kind]

    def listed(self, kind: int) -> tuple[Ints, ListedRecords]:
        """Return the readable records of a type whose inside is a text or a list."""
        rows = self.clear(kind)
        return rows, ListedRecords(LISTS[kind], self._raw(kind, rows, self.groups(kind)))

    def clear(self, kind: int) -> Ints:
        """Return the numbers of the frames of a type whose bodies are in clear."""
        rows = self.bodies.frames(kind)
        locked = self.bodies.locked
        return rows if locked is None else rows[~locked[rows]]

    def _raw(self, kind: int, rows: Ints, groups: list[Group]) -> LayoutRecords:
        """Return records of a type as bytes only."""
        offsets = self.index.payloads[rows] - self.index.header
        return LayoutRecords(Layout(name_of(kind), ""), offsets, groups)

    @cached_property
    def details(self) -> LayoutRecords:
        """Details, as one record or none."""
        body = np.frombuffer(self.anatomy.details, np.uint8)
        groups = [Group(np.array([0]), body[None, :])] if len(body) else []
        at = np.array([self.anatomy.details_at][: len(groups)], np.int64)
        return LayoutRecords(details_layout(self.anatomy.version), at, groups)

    @cached_property
    def times(self) -> Times:
        """The instant of every frame."""
        custom = self.of(5)
        appended = self.anatomy.version < 12 and self.anatomy.details_at >= 0
        until = self.anatomy.details_at if appended else len(self.content)
        in_flight = self.index.payloads < until
        return times_of(custom.rows, custom.records, self.of(1), self.details, in_flight)

    @property
    def records_sha256(self) -> str:
        """SHA-256 of the records of the flight, without what the app appends after Details."""
        begin, end = self.anatomy.records_begin, self.anatomy.records_end
        return hashlib.sha256(self.content.data[begin:end]).hexdigest()

    @property
    def aircraft_log_number(self) -> int | None:
        """The number that the aircraft gave its own log; ``None``: not said, or it changes."""
        numbers = np.asarray(self.of(2).records["fc_log_index"], np.float64)
        known = np.unique(numbers[numbers > 0])
        return int(known[0]) if len(known) == 1 else None

    @property
    def encrypted(self) -> bool:
        """Whether some bodies could not be read for want of a key."""
        return self.bodies.locked is not None and bool(self.bodies.locked.any())

    def records(self) -> Mapping[str, Records]:
        """Return every record of the file by name; ciphertext stays bytes."""
        named: dict[str, Records] = {}
        if len(self.details):
            named["Details"] = self.details
        for kind in np.unique(self.index.kinds).tolist():
            rows = self.clear(kind)
            if len(rows) and kind in LAYOUTS:
                named[name_of(kind)] = self.of(kind).records
            elif len(rows) and kind in LISTS:
                named[name_of(kind)] = self.listed(kind)[1]
            elif len(rows):
                named[name_of(kind)] = self._raw(kind, rows, self.groups(kind))
            if self.bodies.locked is None:
                continue
            frames = self.bodies.frames(kind)
            ciphertext = frames[self.bodies.locked[frames]]
            if len(ciphertext):
                locked = list(self.bodies.groups(kind, ciphertext))
                named[f"{name_of(kind)} (encrypted)"] = self._raw(kind, ciphertext, locked)
        return named

    def issues(self) -> tuple[Issue, ...]:
        """Return what was not decoded, in order of the file."""
        found = [*self.anatomy.issues, *self.index.issues]
        if self._ends_early:
            last, _ = self._frame(len(self.index.payloads) - 1)
            found.append(Issue(last, 0, "cut short: no marker closes the records"))
        for unread in self.bodies.unread:
            for row in unread.rows.tolist():
                offset, size = self._frame(row)
                name = name_of(int(self.index.kinds[row]))
                found.append(Issue(offset, size, f"{name} record {unread.reason}"))
        return tuple(sorted(found, key=lambda issue: (issue.offset, issue.size)))

    def coverage(self) -> tuple[Span, ...]:
        """Return what every byte of the file is, as spans that lie end to end."""
        index = self.index
        known = np.zeros(256, bool)
        known[[*LAYOUTS, *LISTS, KEY_STORAGE]] = True
        kinds = np.where(known[index.kinds], 0, 1)
        if self.bodies.locked is not None:
            kinds[self.bodies.locked] = 2
        for unread in self.bodies.unread:
            kinds[unread.rows] = 3
        starts = index.payloads - index.header
        ends = index.payloads + index.sizes + 1
        others = [span for span in (*self.anatomy.spans, *index.spans) if span.size]
        begins = np.array([span.offset for span in others], np.int64)
        sizes = np.array([span.size for span in others], np.int64)
        words = np.array([_WORDS.index(span.kind) for span in others], np.int64)
        return _end_to_end(
            np.concatenate([starts, begins]),
            np.concatenate([ends, begins + sizes]),
            np.concatenate([kinds, words]),
        )

    @property
    def _ends_early(self) -> bool:
        """Whether the records of a file without Details after them end without the marker.

        Every real file of version 14 has it; of version 12 none is known.
        """
        marked = any(span.kind == "header" for span in self.index.spans)
        return self.anatomy.wide and len(self.index.payloads) > 0 and not marked

    def _frame(self, row: int) -> tuple[int, int]:
        offset = int(self.index.payloads[row]) - self.index.header
        return offset, self.index.header + int(self.index.sizes[row]) + 1


def name_of(kind: int) -> str:
    """Return the name of a record type."""
    return NAMES.get(kind, f"type {kind}")


def _end_to_end(starts: Ints, ends: Ints, kinds: Ints) -> tuple[Span, ...]:
    """Return runs of bytes in order, neighbours of one kind joined; kinds are places in _WORDS."""
    if not len(starts):
        return ()
    order = np.argsort(starts, kind="stable")
    starts, ends, kinds = starts[order], ends[order], kinds[order]
    cut = np.flatnonzero((starts[1:] != ends[:-1]) | (kinds[1:] != kinds[:-1])) + 1
    firsts, lasts = np.concatenate([[0], cut]), np.concatenate([cut, [len(starts)]]) - 1
    begins = starts[firsts]
    words = np.array(_WORDS, object)[kinds[firsts]]
    columns = begins.tolist(), (ends[lasts] - begins).tolist(), words.tolist()
    return tuple(map(Span._make, zip(*columns, strict=True)))
