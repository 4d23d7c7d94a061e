"""Columns of all local sets of a stream: numbers, instants, and texts where they change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._record_layout import ByteArray
from ._decode_item_values import NO_TIME, Floats, Ints, decode_numeric_values, timestamps_as_unix_ns
from ._find_local_sets import (
    ChecksumMismatches,
    ItemsOfSeveralLocalSets,
    LocalSets,
    find_mismatched_checksums_of_local_sets,
    iterate_item_batches,
)
from ._misb_st0601_tags import TAGS, LocalSetTag

_NUMERIC = frozenset({"uint", "sint", "mapped", "signed mapped", "imap"})
#: Changes of one text that are kept, and bytes of a value that are compared.
_MOST_CHANGES, _COMPARED = 10_000, 127
_MOST_VALUE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class ChangedItemValue:
    """A value of bytes from a local set on, up to the next change."""

    row: int
    value: bytes


@dataclass(eq=False)
class LocalSetColumns:
    """What some local sets of a stream state, a row for each; refused ones state nothing."""

    sets: LocalSets
    #: The first local set, and the one after the last.
    first: int
    last: int
    #: Tag -> values, NaN: not given.
    numbers: dict[int, Floats] = field(default_factory=dict)
    #: Tag -> instants, nanoseconds since 1970, ``NO_TIME``: not given.
    instants: dict[int, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of local sets."""
        return self.last - self.first

    def values_of_tag(self, tag: int) -> Floats:
        """Return the values of a tag, all NaN where it does not occur."""
        values = self.numbers.get(tag)
        return np.full(len(self), np.nan) if values is None else values

    def first_stated_number_of_tags(self, *tags: int) -> Floats:
        """Return the value of the first of some tags that a local set gives."""
        values = self.values_of_tag(tags[0])
        for tag in tags[1:]:
            if tag in self.numbers:
                values = np.where(np.isnan(values), self.numbers[tag], values)
        return values

    def timestamps_ns_of_tag(self, tag: int) -> Ints:
        """Return the instants of a tag."""
        instants = self.instants.get(tag)
        return np.full(len(self), NO_TIME, np.int64) if instants is None else instants


@dataclass(eq=False)
class LocalSetSummary:
    """What a stream states that is no column: texts where they change, counts, what is wrong."""

    #: Tag -> changes of a text or of a nested set.
    changes: dict[int, list[ChangedItemValue]] = field(default_factory=dict)
    #: Tag -> how many local sets carry it.
    counts: dict[int, int] = field(default_factory=dict)
    #: Tag -> first local set and number of values that are not given: out of range, or damaged.
    not_given: dict[int, tuple[int, int]] = field(default_factory=dict)
    _mismatches: list[ChecksumMismatches] = field(default_factory=list)

    @property
    def wrong_checksums_stated_and_found(self) -> ChecksumMismatches:
        """The local sets whose checksum does not fit."""
        parts = self._mismatches or [
            ChecksumMismatches(np.zeros(0, np.int64), *(np.zeros(0, np.int32),) * 2)
        ]
        self._mismatches = [
            ChecksumMismatches(
                np.concatenate([each.rows for each in parts]),
                np.concatenate([each.stated for each in parts]),
                np.concatenate([each.found for each in parts]),
            )
        ]
        return self._mismatches[0]

    def add_checksum_mismatches(self, mismatches: ChecksumMismatches) -> None:
        """Add those of the local sets that follow."""
        if len(mismatches.rows):
            self._mismatches.append(mismatches)


def iterate_set_columns(
    sets: LocalSets, tags: Sequence[int], summary: LocalSetSummary
) -> Iterator[LocalSetColumns]:
    """Yield some tags of the local sets, some thousands of these at a time.

    All of them at once would take eight bytes for each item of each local set.
    """
    for batch in iterate_item_batches(sets):
        columns = LocalSetColumns(sets, batch.first, batch.last)
        summary.add_checksum_mismatches(find_mismatched_checksums_of_local_sets(sets, batch))
        for number in batch.distinct_tags():
            rows = batch.rows_of_tag(number)
            summary.counts[number] = summary.counts.get(number, 0) + rows.stop - rows.start
            if number in tags and number in TAGS:
                _add_items_to_columns_and_summary(columns, summary, TAGS[number], batch, rows)
        yield columns


def _add_items_to_columns_and_summary(
    columns: LocalSetColumns,
    summary: LocalSetSummary,
    tag: LocalSetTag,
    batch: ItemsOfSeveralLocalSets,
    rows: slice,
) -> None:
    data, owners = columns.sets.data, batch.sets[rows]
    offsets, sizes = batch.offsets[rows], batch.sizes[rows]
    if tag.form in _NUMERIC:
        values = decode_numeric_values(data, tag, offsets, sizes)
        column = columns.numbers[tag.number] = np.full(len(columns), np.nan)
        column[owners - columns.first] = values
        _add_count_of_items_marked_not_given(
            summary, tag.number, owners[np.isnan(values) & (sizes > 0)]
        )
    elif tag.form == "time":
        instants = timestamps_as_unix_ns(data, tag, offsets, sizes)
        times = columns.instants[tag.number] = np.full(len(columns), NO_TIME, np.int64)
        times[owners - columns.first] = instants
        _add_count_of_items_marked_not_given(
            summary, tag.number, owners[(instants == NO_TIME) & (sizes > 0)]
        )
    else:
        changes = summary.changes.setdefault(tag.number, [])
        _append_value_changes(changes, data, owners, offsets, sizes)


def _add_count_of_items_marked_not_given(summary: LocalSetSummary, tag: int, owners: Ints) -> None:
    if len(owners):
        first, count = summary.not_given.get(tag, (int(owners[0]), 0))
        summary.not_given[tag] = first, count + len(owners)


def _append_value_changes(
    changes: list[ChangedItemValue], data: ByteArray, owners: Ints, offsets: Ints, sizes: Ints
) -> None:
    is_changed = np.ones(len(owners), bool)
    if len(owners) > 1:
        is_changed[1:] = sizes[1:] != sizes[:-1]
        # Bytes are compared in columns, of those whose size did not change.
        same = np.flatnonzero(~is_changed)
        compared = min(int(sizes[same].max(initial=0)), _COMPARED)
        for place in range(compared):
            rows = same[sizes[same] > place]
            differs = data[offsets[rows] + place] != data[offsets[rows - 1] + place]
            is_changed[rows[differs]] = True
        is_changed[sizes > _COMPARED] = True
    for row in np.flatnonzero(is_changed).tolist():
        if len(changes) >= _MOST_CHANGES:
            return
        begin = int(offsets[row])
        value = bytes(data[begin : begin + min(int(sizes[row]), _MOST_VALUE_BYTES)])
        if not changes or changes[-1].value != value:
            changes.append(ChangedItemValue(int(owners[row]), value))


def utf8_text_replacing_invalid_bytes(value: bytes) -> str:
    """Return a text as it stands; bytes that are no UTF-8 are replaced."""
    return value.decode("utf-8", "replace").strip("\0 ")


@dataclass(frozen=True, eq=False)
class LocalSetRecords:
    """Every readable local set with every item; decoded when asked for."""

    sets: LocalSets

    def __len__(self) -> int:
        """Return the number of local sets that can be read."""
        return int((self.sets.refusals == 0).sum())

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each, a column for each item that occurs, in the order of tags.

        Nested sets and packs are bytes; a value that is not given is missing.
        """
        summary = LocalSetSummary()
        tags = [tag.number for tag in TAGS.values() if tag.form in _NUMERIC | {"time"}]
        batches = list(iterate_set_columns(self.sets, tags, summary))
        rows = np.flatnonzero(self.sets.refusals == 0)
        table: dict[str, Any] = {
            "offset": self.sets.begins[rows],
            "length": (self.sets.ends - self.sets.begins)[rows],
            "checksum_fits": ~np.isin(rows, summary.wrong_checksums_stated_and_found.rows),
        }
        others = self._byte_and_text_columns_by_tag()
        for number, tag in TAGS.items():
            if tag.form in _NUMERIC and number in summary.counts:
                table[tag.name] = np.concatenate([each.values_of_tag(number) for each in batches])[
                    rows
                ]
            elif tag.form == "time" and number in summary.counts:
                instants = np.concatenate([each.timestamps_ns_of_tag(number) for each in batches])[
                    rows
                ]
                table[tag.name] = pd.DatetimeIndex(instants.view("datetime64[ns]"), tz="UTC")
            elif number in others:
                table[tag.name] = others[number][rows]
        return pd.DataFrame(table)

    def _byte_and_text_columns_by_tag(self) -> Mapping[int, npt.NDArray[np.object_]]:
        found: dict[int, npt.NDArray[np.object_]] = {}
        data = self.sets.data
        for batch in iterate_item_batches(self.sets):
            for number in batch.distinct_tags():
                form = TAGS[number].form if number in TAGS else ""
                if form not in ("text", "bytes"):
                    continue
                column = found.setdefault(number, np.full(len(self.sets), None, object))
                where = batch.rows_of_tag(number)
                for owner, begin, size in zip(
                    batch.sets[where].tolist(),
                    batch.offsets[where].tolist(),
                    batch.sizes[where].tolist(),
                    strict=True,
                ):
                    value = bytes(data[begin : begin + size])
                    column[owner] = (
                        (utf8_text_replacing_invalid_bytes(value) or None)
                        if form == "text"
                        else value
                    )
        return found
