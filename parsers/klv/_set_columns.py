"""Columns of all local sets of a stream: numbers, instants, and texts where they change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._item_values import NO_TIME, Floats, Ints, instants_ns, numeric_values
from ._local_sets import ItemBatch, LocalSets, checksum_mismatches, iterate_item_batches
from ._tags import TAGS, Tag

_NUMERIC = frozenset({"uint", "sint", "mapped", "signed mapped", "imap"})
#: Changes of one text that are kept, and bytes of a value that are compared.
_MOST_CHANGES, _COMPARED = 10_000, 127
_MOST_VALUE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value of bytes from a local set on, up to the next change."""

    row: int
    value: bytes


@dataclass(eq=False)
class SetColumns:
    """What the local sets of a stream state, a row for each; refused ones state nothing."""

    sets: LocalSets
    #: Tag -> values, NaN: not given.
    numbers: dict[int, Floats] = field(default_factory=dict)
    #: Tag -> instants, nanoseconds since 1970, ``NO_TIME``: not given.
    instants: dict[int, Ints] = field(default_factory=dict)
    #: Tag -> changes of a text or of a nested set.
    changes: dict[int, list[ValueChange]] = field(default_factory=dict)
    #: Tag -> how many local sets carry it.
    counts: dict[int, int] = field(default_factory=dict)
    #: Local set -> stated checksum (-1: none) and the sum of its bytes.
    mismatches: dict[int, tuple[int, int]] = field(default_factory=dict)
    #: Tag -> first local set and number of values that are not given: out of range, or damaged.
    not_given: dict[int, tuple[int, int]] = field(default_factory=dict)

    def number(self, tag: int) -> Floats:
        """Return the values of a tag, all NaN where it does not occur."""
        values = self.numbers.get(tag)
        return np.full(len(self.sets), np.nan) if values is None else values

    def first_number(self, *tags: int) -> Floats:
        """Return the value of the first of some tags that a local set gives."""
        values = self.number(tags[0])
        for tag in tags[1:]:
            values = np.where(np.isnan(values), self.number(tag), values)
        return values

    def instant(self, tag: int) -> Ints:
        """Return the instants of a tag."""
        instants = self.instants.get(tag)
        return np.full(len(self.sets), NO_TIME, np.int64) if instants is None else instants


def read_columns(sets: LocalSets, tags: Sequence[int]) -> SetColumns:
    """Read some tags of all local sets, and their checksums."""
    columns = SetColumns(sets)
    for batch in iterate_item_batches(sets):
        for row, stated, found in checksum_mismatches(sets, batch):
            columns.mismatches[row] = stated, found
        for number in batch.distinct_tags():
            rows = batch.rows_of_tag(number)
            columns.counts[number] = columns.counts.get(number, 0) + rows.stop - rows.start
            if number in tags and number in TAGS:
                _add_batch(columns, TAGS[number], batch, rows)
    return columns


def _add_batch(columns: SetColumns, tag: Tag, batch: ItemBatch, rows: slice) -> None:
    data, owners = columns.sets.data, batch.sets[rows]
    offsets, sizes = batch.offsets[rows], batch.sizes[rows]
    if tag.form in _NUMERIC:
        values = numeric_values(data, tag, offsets, sizes)
        column = columns.numbers.setdefault(tag.number, np.full(len(columns.sets), np.nan))
        column[owners] = values
        _count_not_given(columns, tag.number, owners[np.isnan(values) & (sizes > 0)])
    elif tag.form == "time":
        instants = instants_ns(data, tag, offsets, sizes)
        times = columns.instants.setdefault(
            tag.number, np.full(len(columns.sets), NO_TIME, np.int64)
        )
        times[owners] = instants
        _count_not_given(columns, tag.number, owners[(instants == NO_TIME) & (sizes > 0)])
    else:
        _add_changes(columns, tag, owners, offsets, sizes)


def _count_not_given(columns: SetColumns, tag: int, owners: Ints) -> None:
    if len(owners):
        first, count = columns.not_given.get(tag, (int(owners[0]), 0))
        columns.not_given[tag] = first, count + len(owners)


def _add_changes(columns: SetColumns, tag: Tag, owners: Ints, offsets: Ints, sizes: Ints) -> None:
    data = columns.sets.data
    changes = columns.changes.setdefault(tag.number, [])
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
            changes.append(ValueChange(int(owners[row]), value))


def text_of(value: bytes) -> str:
    """Return a text as it stands; bytes that are no UTF-8 are replaced."""
    return value.decode("utf-8", "replace").strip("\0 ")


@dataclass(frozen=True, eq=False)
class LocalSetRecords:
    """Every readable local set with every item; decoded when asked for."""

    sets: LocalSets

    def __len__(self) -> int:
        """Return the number of local sets that can be read."""
        return int((self.sets.refusals == 0).sum())

    def frame(self) -> pd.DataFrame:
        """Return one row for each, a column for each item that occurs, in the order of tags.

        Nested sets and packs are bytes; a value that is not given is missing.
        """
        rows = np.flatnonzero(self.sets.refusals == 0)
        columns = read_columns(
            self.sets, [tag.number for tag in TAGS.values() if tag.form in _NUMERIC | {"time"}]
        )
        table: dict[str, Any] = {
            "offset": self.sets.begins[rows],
            "length": (self.sets.ends - self.sets.begins)[rows],
            "checksum_fits": ~np.isin(rows, list(columns.mismatches)),
        }
        others = self._bytes_and_texts()
        for number, tag in TAGS.items():
            if number in columns.numbers:
                table[tag.name] = columns.numbers[number][rows]
            elif number in columns.instants:
                instants = columns.instants[number][rows].view("datetime64[ns]")
                table[tag.name] = pd.DatetimeIndex(instants).tz_localize("UTC")
            elif number in others:
                table[tag.name] = others[number][rows]
        return pd.DataFrame(table)

    def _bytes_and_texts(self) -> Mapping[int, npt.NDArray[np.object_]]:
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
                    column[owner] = (text_of(value) or None) if form == "text" else value
        return found
