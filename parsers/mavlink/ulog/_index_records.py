"""The index of a ULog: where its records are, and which topic each data record belongs to.

A record is ``<u2 size, u1 type, size bytes``; nothing marks where one begins.
So an offset is a candidate because of what stands there: a data record names
a message id whose subscription fixes its size, and each other type has a shape of
its own (`_record_signatures`).  Records of no such shape (data without a subscription,
types of a later version of the format) are found between the others by their
length alone, where that leads exactly to the next record.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..._file_content import Content, release_array_pages
from ..._model import Issue
from ..._record_layout import ByteArray
from .._shared._record_framing import (
    Flags,
    Offsets,
    bytes_at_offsets,
    issue_of_records_right_before_damage,
    rows_of_each_key,
    select_chained_records_and_gaps,
)
from ._message_formats import MessageFormat, RecordStructure, build_structure, parse_format
from ._record_signatures import (
    SHAPE_BYTES,
    known_record_shape_mask,
    read_u16_at_offsets,
    record_types_at_offsets,
)
from ._topic_series import RecordsOfSubscription, TopicSubscription, split_by_subscription

#: Message types of the format as far as it is known.
KNOWN_TYPES = frozenset(b"ABCDFILMOPQRS")
#: Bytes searched at a time: few enough to stay in the processor's cache, and for
#: their flags to come from the heap; larger ones are mapped again each time.
SEARCH_BYTES = 96 << 10

#: The same where one comparison is all that is made of them.
_DATA_SEARCH_BYTES = 1 << 20
#: Places whose shapes are tested together, and the bytes that these may lie apart.
_TOGETHER, _FAR = 1 << 18, 1 << 26
#: Bytes of the shortest record whose shape is known.
_SHORTEST_RECORD = 5
_DATA_TYPE = ord("D")
_FIRST_TYPE, _LAST_TYPE = ord("A"), ord("S")
#: Longest record but data that is looked for by its shape: 2,047 bytes; longer
#: ones are found by their length.
_LARGEST_HIGH_BYTE = 7


class DataRecordSizes:
    """Which size a data record of each message id has, from its subscriptions."""

    #: Sizes of one id; more than one only where an id was subscribed again.
    MOST = 16

    def __init__(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Take pairs of message id and size."""
        self._tables = [np.full(0x10000, -1, np.int32)]
        for mid, size in sorted(pairs):
            for table in self._tables:
                if table[mid] in (-1, size):
                    table[mid] = size
                    break
            else:
                if len(self._tables) < self.MOST:
                    self._tables.append(np.full(0x10000, -1, np.int32))
                    self._tables[-1][mid] = size

    def expected_size_mask(
        self, ids: npt.NDArray[np.uint16], sizes: npt.NDArray[np.uint16]
    ) -> Flags:
        """Return which of some ids and sizes belong together."""
        hit: Flags = self._tables[0][ids] == sizes
        for table in self._tables[1:]:
            missed = np.flatnonzero(~hit)
            hit[missed] = table[ids[missed]] == sizes[missed]
        return hit


@dataclass(frozen=True, slots=True)
class RecordCandidates:
    """Places where a record could begin, in file order."""

    starts: Offsets
    sizes: npt.NDArray[np.uint16]
    #: Message ids; 0 of what is no data.
    ids: npt.NDArray[np.uint16]
    types: ByteArray

    def __getitem__(self, rows: "Flags | slice") -> "RecordCandidates":
        """Return some of them."""
        return RecordCandidates(
            self.starts[rows], self.sizes[rows], self.ids[rows], self.types[rows]
        )

    def merge_in_file_order(self, others: "RecordCandidates") -> "RecordCandidates":
        """Return these and some others, in file order."""
        if not len(others.starts):
            return self
        at = np.searchsorted(self.starts, others.starts)
        return RecordCandidates(
            np.insert(self.starts, at, others.starts),
            np.insert(self.sizes, at, others.sizes),
            np.insert(self.ids, at, others.ids),
            np.insert(self.types, at, others.types),
        )

    @property
    def ends(self) -> Offsets:
        """The bytes after the last."""
        return self.starts + 3 + self.sizes


def concatenate_candidates(parts: list[RecordCandidates]) -> RecordCandidates:
    """Return the records of sections that follow one another."""
    names = [column.name for column in fields(RecordCandidates)]
    return RecordCandidates(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )


def find_non_data_candidates(array: ByteArray, begin: int) -> Offsets:
    """Return every offset from a byte on at which a record other than data could begin."""
    parts: list[Offsets] = []
    pending: list[Offsets] = [np.empty(0, np.int64)]
    waiting, done = 0, begin
    for start in range(begin, len(array) - _SHORTEST_RECORD + 1, SEARCH_BYTES):
        block = array[start : start + SEARCH_BYTES + _SHORTEST_RECORD - 1]
        letters = block[2 : len(block) - _SHORTEST_RECORD + 3]
        flags = block[1 : len(letters) + 1] <= _LARGEST_HIGH_BYTE
        flags &= (letters - np.uint8(_FIRST_TYPE)) <= _LAST_TYPE - _FIRST_TYPE
        flags &= letters != _DATA_TYPE
        pending.append(np.flatnonzero(flags) + start)
        waiting += len(pending[-1])
        # The shapes are tested in parts: large ones, for each costs some calls.
        if waiting > _TOGETHER or start - done > _FAR:
            parts.append(_offsets_with_known_shape(array, np.concatenate(pending)))
            release_array_pages(array, done, start)
            pending, waiting, done = [np.empty(0, np.int64)], 0, start
    return np.concatenate([*parts, _offsets_with_known_shape(array, np.concatenate(pending))])


def find_record_candidates(
    array: ByteArray, begin: int, sizes: DataRecordSizes, others: Offsets
) -> RecordCandidates:
    """Return every offset at which a record could begin.

    Args:
        array: The bytes of the file.
        begin: Where data is looked for.
        sizes: What data can be.
        others: The offsets of records other than data.
    """
    starts: list[Offsets] = [np.empty(0, np.int64)]
    record_sizes: list[npt.NDArray[np.uint16]] = [np.empty(0, np.uint16)]
    ids: list[npt.NDArray[np.uint16]] = [np.empty(0, np.uint16)]
    for start in range(begin, len(array) - _SHORTEST_RECORD + 1, _DATA_SEARCH_BYTES):
        block = array[start : start + _DATA_SEARCH_BYTES + _SHORTEST_RECORD - 1]
        at = np.flatnonzero(block[2 : len(block) - _SHORTEST_RECORD + 3] == _DATA_TYPE)
        size, mid = read_u16_at_offsets(block, at), read_u16_at_offsets(block, at + 3)
        fits = sizes.expected_size_mask(mid, size)
        starts.append(at[fits] + start)
        record_sizes.append(size[fits])
        ids.append(mid[fits])
        release_array_pages(array, start, start + _DATA_SEARCH_BYTES)
    data = np.concatenate(starts)
    starts.clear()
    types = np.full(len(data), _DATA_TYPE, np.uint8)
    data_records = RecordCandidates(data, np.concatenate(record_sizes), np.concatenate(ids), types)
    no_ids = np.zeros(len(others), np.uint16)
    return data_records.merge_in_file_order(
        RecordCandidates(
            others,
            read_u16_at_offsets(array, others),
            no_ids,
            record_types_at_offsets(array, others),
        )
    )


def _offsets_with_known_shape(array: ByteArray, at: Offsets) -> Offsets:
    """Return the offsets that have the shape of their type, also near the end of the file."""
    near = int(np.searchsorted(at, len(array) - SHAPE_BYTES))
    offsets = at[:near][known_record_shape_mask(array, at[:near])]
    if near == len(at):
        return offsets
    first = int(at[near])
    block = np.concatenate([array[first:], np.zeros(SHAPE_BYTES, np.uint8)])
    return np.concatenate([offsets, at[near:][known_record_shape_mask(block, at[near:] - first)]])


def record_starts_by_lengths_and_end_offset(
    content: Content, begin: int, stop: int
) -> tuple[list[int], int]:
    """Return the records between two offsets that their lengths alone reveal.

    They are accepted if the last of them ends where the region does; otherwise
    as far as each has the shape of its type.

    Returns:
        Where they start, and the byte after the last of them.
    """
    data, at = content.data, begin
    starts: list[int] = []
    while at + 3 <= stop:
        size, letter = data[at] | data[at + 1] << 8, data[at + 2]
        if size == 0 or letter == 0 or at + 3 + size > stop:
            break
        starts.append(at)
        at += 3 + size
    if at == stop or not starts:
        return starts, at
    head = count_intact_records_before_first_damaged(content, starts)
    at = (
        begin
        if head == 0
        else starts[head - 1] + 3 + content.unpack("<H", starts[head - 1], "a")[0]
    )
    return starts[:head], at


def count_intact_records_before_first_damaged(content: Content, starts: list[int]) -> int:
    """Return how many records have the shape of their type, up to the first that has not."""
    at = np.array(starts, np.int64)
    fits = np.isin(at, _offsets_with_known_shape(content.array, at))
    return len(fits) if fits.all() else int(np.argmin(fits))


HEADER = 16
#: Fields of all structures together; a log of PX4 has a few thousand.
MOST_FIELDS = 400_000

_IS_KNOWN_TYPE = np.isin(np.arange(256), list(KNOWN_TYPES))
_DATA, _SUBSCRIBE, _FORMAT, _FLAGS = b"DAFB"


@dataclass(frozen=True)
class UlogIndex:
    """Every record of a log."""

    #: First byte, size without the head, and type of every record, in file order.
    starts: Offsets
    sizes: npt.NDArray[np.uint16]
    types: ByteArray
    #: Records that are framed and not understood.
    unknown: Flags
    formats: Mapping[str, MessageFormat]
    subscriptions: tuple[TopicSubscription, ...]
    #: All data records that are understood, by subscription.
    streams: tuple[RecordsOfSubscription, ...]
    issues: tuple[Issue, ...]
    #: Where records begin that damage may reach into: kept, and used in no table.  No checksum
    #: guards a record, and one that lost a piece ends in bytes of a later one.
    offsets_before_damage: frozenset[int] = frozenset()

    @cached_property
    def undamaged_streams(self) -> tuple[RecordsOfSubscription, ...]:
        """The data records that no damage reaches into, by subscription."""
        if not self.offsets_before_damage:
            return self.streams
        doubtful = np.array(sorted(self.offsets_before_damage), np.int64)
        parts = (
            replace(stream, offsets=stream.offsets[~np.isin(stream.offsets, doubtful)])
            for stream in self.streams
        )
        return tuple(stream for stream in parts if len(stream.offsets))

    @property
    def ends(self) -> Offsets:
        """The byte after the last of every record."""
        return self.starts + 3 + self.sizes

    def iterate_record_spans_of_type(self, letter: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of every record of a type."""
        rows = np.flatnonzero(self.types == ord(letter))
        for start, size in zip(self.starts[rows].tolist(), self.sizes[rows].tolist(), strict=True):
            yield start, start + 3 + size

    def count_of_type(self, letter: str) -> int:
        """Return the number of records of a type."""
        return int((self.types == ord(letter)).sum())


def build_ulog_index(content: Content) -> UlogIndex:
    """Find every record of a log; damage becomes issues."""
    return _IndexBuilder(content).build()


class _IndexBuilder:
    """What is learned on the way to an index."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.array = content.array
        self.size = len(content)
        self.formats: dict[str, MessageFormat] = {}
        self.issues: list[Issue] = []
        self._offsets_before_damage: list[int] = []
        self._structures: dict[str, RecordStructure | str] = {}
        self._fields = 0

    def build(self) -> UlogIndex:
        head, begin = self._definition_starts_and_end()
        others = find_non_data_candidates(self.array, begin)
        # After damage, and in logs of other writers, formats may follow data.
        for start in others[record_types_at_offsets(self.array, others) == _FORMAT].tolist():
            self._add_format(start, quiet=True)
        sizes = DataRecordSizes(
            self._subscribed_id_and_record_size_pairs(head)
            | self._subscribed_id_and_record_size_pairs(self._distinct_subscription_offsets(others))
        )
        others = np.concatenate([np.array(head, np.int64), others])
        candidates = find_record_candidates(self.array, begin, sizes, others)
        ends = candidates.ends
        sections: list[RecordCandidates] = []
        between: list[int] = []
        bounds = [HEADER, *self._appended_data_offsets(head, begin), self.size]
        for first, last in pairwise(bounds):
            sections.append(self._find_records_of_section(candidates, ends, first, last, between))
        del candidates, ends
        records = sections[0] if len(sections) == 1 else concatenate_candidates(sections)
        return self._build_index_by_subscription(
            records.merge_in_file_order(self._candidates_at(sorted(between)))
        )

    def _candidates_at(self, offsets: list[int]) -> RecordCandidates:
        """Return records that were found one by one."""
        starts = np.array(offsets, np.int64)
        ids = np.zeros(len(starts), np.uint16)
        data = np.flatnonzero(self.array[starts + 2] == _DATA)
        # A data record of less than two bytes has no id; its size shows that later.
        data = data[starts[data] + 5 <= self.size]
        ids[data] = read_u16_at_offsets(self.array, starts[data] + 3)
        return RecordCandidates(
            starts, read_u16_at_offsets(self.array, starts), ids, self.array[starts + 2]
        )

    def _definition_starts_and_end(self) -> tuple[list[int], int]:
        """Return the records before the first data record, and where they end."""
        at, starts = HEADER, []
        data = self.content.data
        while at + 3 <= self.size:
            size, letter = data[at] | data[at + 1] << 8, data[at + 2]
            if (
                letter == _DATA
                or letter not in KNOWN_TYPES
                or size == 0
                or at + 3 + size > self.size
            ):
                break
            starts.append(at)
            at += 3 + size
        if (shaped := count_intact_records_before_first_damaged(self.content, starts)) < len(
            starts
        ):
            at = starts[shaped]
            del starts[shaped:]
        for start in starts:
            if data[start + 2] == _FORMAT:
                self._add_format(start)
        return starts, at

    def _add_format(self, offset: int, *, quiet: bool = False) -> None:
        size = int.from_bytes(self.content.data[offset : offset + 2], "little")
        body = self.content.data[offset + 3 : offset + 3 + size]
        try:
            known = parse_format(body.decode("utf-8", "replace"), offset)
        except ValueError as error:
            if not quiet:
                self.issues.append(Issue(offset, 0, f"a format cannot be parsed: {error}"))
            return
        self.formats.setdefault(known.name, known)

    def structure_of_topic_or_reason(self, topic: str) -> RecordStructure | str:
        """Return the structure of a topic, or why it has none."""
        if topic not in self._structures:
            try:
                made = build_structure(topic, self.formats)
            except ValueError as error:
                self._structures[topic] = str(error)
            else:
                self._fields += len(made.fields)
                full = self._fields > MOST_FIELDS
                self._structures[topic] = "the formats have too many fields" if full else made
        return self._structures[topic]

    def _subscribed_id_and_record_size_pairs(self, starts: list[int]) -> set[tuple[int, int]]:
        """Return id and size of what some subscriptions subscribe."""
        pairs: set[tuple[int, int]] = set()
        for start in starts:
            if self.content.data[start + 2] == _SUBSCRIBE:
                mid, _, topic = _parse_subscription(self.content, start)
                pairs.update(self._message_id_with_each_possible_record_size(mid, topic))
        return pairs

    def _message_id_with_each_possible_record_size(
        self, mid: int, topic: str
    ) -> Iterator[tuple[int, int]]:
        made = self.structure_of_topic_or_reason(topic)
        if isinstance(made, RecordStructure):
            yield mid, made.size + 2
            if made.padded != made.size and made.padded <= 0xFFFF - 2:
                yield mid, made.padded + 2

    def _distinct_subscription_offsets(self, others: Offsets) -> list[int]:
        """Return one offset for each different subscription to a topic that has a format."""
        candidates = others[record_types_at_offsets(self.array, others) == _SUBSCRIBE]
        starts: list[int] = []
        for size, rows in rows_of_each_key(read_u16_at_offsets(self.array, candidates)).items():
            inside = candidates[rows][candidates[rows] + 3 + size <= self.size]
            bodies = bytes_at_offsets(self.array, inside + 3, int(size))
            _, first = np.unique(bodies, axis=0, return_index=True)
            starts.extend(inside[first].tolist())
        return [
            start for start in starts if _parse_subscription(self.content, start)[2] in self.formats
        ]

    def _appended_data_offsets(self, head: list[int], begin: int) -> list[int]:
        """Return where data was appended, according to the flag bits."""
        if not head or self.array[head[0] + 2] != _FLAGS:
            return []
        end = head[1] if len(head) > 1 else begin
        body = self.content.data[head[0] + 3 : end]
        if len(body) < 40 or not body[8] & 1:
            return []
        offsets = [int.from_bytes(body[at : at + 8], "little") for at in (16, 24, 32)]
        section_starts: list[int] = []
        for offset in offsets:
            if offset == 0:
                break
            if offset <= max([begin, *section_starts]) or offset >= self.size:
                self.issues.append(
                    Issue(head[0], 0, f"appended data should begin at {offset}; it does not")
                )
                continue
            section_starts.append(offset)
        return section_starts

    def _find_records_of_section(
        self, candidates: RecordCandidates, ends: Offsets, begin: int, stop: int, between: list[int]
    ) -> RecordCandidates:
        """Return the records of a section; what is between them is walked, or an issue."""
        chain = select_chained_records_and_gaps(candidates.starts, ends, begin, stop)
        before_gap = {int(ends[row]): int(candidates.starts[row]) for row in chain.doubtful}
        for first, last in chain.gaps:
            walked, left = record_starts_by_lengths_and_end_offset(self.content, first, last)
            between.extend(walked)
            if left < last:
                torn = last == self.size and _is_cut_short(self.content, left, last)
                # Where a record was begun behind it, one was written to its end.
                if left == first and not torn and first in before_gap:
                    self._offsets_before_damage.append(before_gap[first])
                reason = "the file ends within a record" if torn else "damaged: no records here"
                self.issues.append(Issue(left, last - left, reason))
        return candidates[chain.is_record]

    def _build_index_by_subscription(self, records: RecordCandidates) -> UlogIndex:
        types = records.types
        subscriptions = tuple(self._parse_subscriptions(records.starts[types == _SUBSCRIBE]))
        unknown = np.zeros(len(types), bool)
        plain = np.flatnonzero(types != _DATA)
        unknown[plain] = ~_IS_KNOWN_TYPE[types[plain]]
        rows = np.flatnonzero((types == _DATA) & (records.sizes >= 2))
        by_id: dict[int, list[TopicSubscription]] = {}
        for subscription in subscriptions:
            by_id.setdefault(subscription.id, []).append(subscription)
        streams = []
        for mid, those in rows_of_each_key(records.ids[rows]).items():
            mine = rows[those]
            starts, lengths = records.starts[mine], records.sizes[mine].astype(np.int64) - 2
            understood = np.zeros(len(those), bool)
            for stream, part in split_by_subscription(by_id.get(mid, []), starts, lengths):
                streams.append(stream)
                understood[part] = True
            if not understood.all():
                unknown[mine[~understood]] = True
                self._add_not_understood_issue(mid, starts[~understood], by_id.get(mid))
        streams.sort(key=lambda stream: stream.subscription.offset)
        if len(rows) and not streams:
            count = f"{len(rows):,} data records"
            what = f"the format definitions are gone: none of {count} can be decoded"
            self.issues.append(Issue(int(records.starts[rows[0]]), 0, what))
        others = records.starts[unknown & (types != _DATA)]
        if len(others):
            kinds = ", ".join(f"0x{kind:02x}" for kind in np.unique(self.array[others + 2]))
            what = f"{len(others)} records of unknown types ({kinds})"
            self.issues.append(Issue(int(others[0]), 0, what))
        if self._offsets_before_damage:
            self.issues.append(issue_of_records_right_before_damage(self._offsets_before_damage))
        return UlogIndex(
            records.starts,
            records.sizes,
            types,
            unknown,
            self.formats,
            subscriptions,
            tuple(streams),
            tuple(sorted(self.issues, key=lambda issue: issue.offset)),
            frozenset(self._offsets_before_damage),
        )

    def _add_not_understood_issue(
        self, mid: int, offsets: Offsets, those: list[TopicSubscription] | None
    ) -> None:
        first = those[0].offset if those else self.size
        early = int(np.searchsorted(offsets, first))
        for part, why in (
            (offsets[:early], "without a subscription"),
            (offsets[early:], "whose size does not fit the format, or without a format"),
        ):
            if len(part):
                what = f"{len(part)} data records of message id {mid}, {why}"
                self.issues.append(Issue(int(part[0]), 0, what))

    def _parse_subscriptions(self, starts: Offsets) -> Iterator[TopicSubscription]:
        for start in starts.tolist():
            mid, multi_id, topic = _parse_subscription(self.content, start)
            made = self.structure_of_topic_or_reason(topic)
            if isinstance(made, str):
                self.issues.append(Issue(start, 0, f"topic {topic[:80]!r} is not decoded: {made}"))
            yield TopicSubscription(
                start, mid, multi_id, topic, made if isinstance(made, RecordStructure) else None
            )


def _parse_subscription(content: Content, start: int) -> tuple[int, int, str]:
    """Return message id, instance and topic of a subscription."""
    size = int.from_bytes(content.data[start : start + 2], "little")
    body = content.data[start + 3 : start + 3 + size]
    if len(body) < 4:
        return -1, 0, ""
    name = body[3:].split(b"\0")[0].decode("utf-8", "replace")
    return int.from_bytes(body[1:3], "little"), body[0], name


def _is_cut_short(content: Content, begin: int, stop: int) -> bool:
    """Return whether the bytes at the end of a file are the first of a record."""
    if stop < begin + 3:
        return True
    size, letter = content.unpack("<HB", begin, "the head of a record")
    return letter in KNOWN_TYPES and begin + 3 + size > stop
