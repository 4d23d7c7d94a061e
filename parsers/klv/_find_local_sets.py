"""UAS datalink local sets in a stream of bytes: where each lies, its items, and what is damaged.

Facts: SMPTE ST 336 (key, BER length, value); MISB ST 0107 for local sets; MISB ST 0601 for the key
and the checksum, a 16-bit sum of pairs of bytes from the key up to the checksum's length.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .._file_content import release_array_pages
from .._record_layout import ByteArray
from ._decode_item_values import Ints, read_unsigned_integers

#: Begins every universal label.
LABEL_PREFIX = bytes.fromhex("060e2b34")
UAS_KEY = bytes.fromhex("060e2b34020b01010e01030101000000")
_KEY_SIZE = 16
#: Bytes searched for keys at a time, and bytes of local sets whose items are found at a time.
_SEARCHED, _BATCH_BYTES, _BATCH_SETS = 1 << 22, 1 << 21, 1 << 12
_MOST_ITEMS = 2000
#: Bytes of the largest local set: real ones have some hundreds.
_MOST_SET_BYTES = 1 << 24
#: Reasons why a local set is not read, by their number less one.
REFUSALS = (
    "a UAS datalink local set whose length is damaged",
    "a UAS datalink local set that is cut short: another begins within it, or the bytes end",
    "a UAS datalink local set with an item that reaches beyond its end",
    "a UAS datalink local set with more items than any has",
)
_BAD_LENGTH, _CUT, _BAD_ITEM, _TOO_MANY = range(1, 5)


@dataclass(eq=False)
class LocalSets:
    """The local sets of a stream, in the order of its bytes; every array has the shape ``(n,)``."""

    data: ByteArray = field(repr=False)
    #: Where the key begins, where the value begins, and the byte after the last.
    begins: Ints
    value_begins: Ints
    ends: Ints
    #: 0: readable; else the number of the reason in ``REFUSALS``, plus one.
    refusals: npt.NDArray[np.uint8]
    #: Begin and end of packets of other keys, shape ``(m, 2)``.
    others: Ints

    def __len__(self) -> int:
        """Return the number of local sets."""
        return len(self.begins)


@dataclass(frozen=True, slots=True, eq=False)
class ItemsOfSeveralLocalSets:
    """The items of some local sets, by tag and then in the order of the bytes."""

    #: Of the first local set, and the one after the last.
    first: int
    last: int
    #: Of each item: the local set, among all; its tag; where its value begins; its bytes.
    sets: Ints
    tags: npt.NDArray[np.int32]
    offsets: Ints
    sizes: Ints

    def rows_of_tag(self, tag: int) -> slice:
        """Return where the items of a tag lie."""
        begin, end = np.searchsorted(self.tags, [tag, tag + 1])
        return slice(int(begin), int(end))

    def distinct_tags(self) -> list[int]:
        """Return the tags that occur."""
        return [int(each) for each in np.unique(self.tags)]


@dataclass(frozen=True, slots=True, eq=False)
class ChecksumMismatches:
    """Local sets whose checksum does not fit, in the order of the bytes; shapes ``(n,)``."""

    rows: Ints
    #: The checksum that is stated, -1: none; and the sum of the bytes.
    stated: npt.NDArray[np.int32]
    found: npt.NDArray[np.int32]


def find_local_sets(data: ByteArray) -> LocalSets:
    """Return every local set by its key, whatever lies between them.

    A key begins a local set even where the one before says that it lasts longer: what lengths say
    may be damaged, and the key stands nowhere else.
    """
    labels, is_uas = _universal_label_offsets_and_uas_mask(data)
    lengths, length_sizes = decode_ber_lengths_and_their_sizes(data, labels + _KEY_SIZE)
    value_begins = labels + _KEY_SIZE + length_sizes
    stated_ends = value_begins + lengths
    next_uas = np.full(len(labels), len(data), np.int64)
    own = np.flatnonzero(is_uas)
    following = np.searchsorted(own, np.arange(len(labels)), "right")
    has_next = following < len(own)
    next_uas[has_next] = labels[own[following[has_next]]]
    is_damaged = (lengths < 0) | (lengths > _MOST_SET_BYTES) | (value_begins > len(data))
    ends = np.where(is_damaged, next_uas, np.minimum(stated_ends, next_uas))
    refusals = np.zeros(len(labels), np.uint8)
    refusals[stated_ends > ends] = _CUT
    refusals[is_damaged] = _BAD_LENGTH
    # A key within a packet is part of it, unless it is that of a local set.
    reached = np.maximum.accumulate(np.append(0, ends))[:-1] if len(ends) else ends
    is_other = ~is_uas & (labels >= reached) & ~is_damaged & (refusals == 0)
    return LocalSets(
        data,
        labels[is_uas],
        np.minimum(value_begins, ends)[is_uas],
        ends[is_uas],
        refusals[is_uas],
        np.column_stack([labels[is_other], ends[is_other]]),
    )


def _universal_label_offsets_and_uas_mask(data: ByteArray) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return where universal labels begin, and whether each is the key of a local set."""
    found: list[Ints] = []
    prefix = np.frombuffer(LABEL_PREFIX, np.uint8)
    for start in range(0, len(data), _SEARCHED):
        window = data[start : start + _SEARCHED + len(prefix) - 1]
        at = np.flatnonzero(window[: len(window) - len(prefix) + 1] == prefix[0])
        for place in range(1, len(prefix)):
            at = at[window[at + place] == prefix[place]]
        found.append(at + start)
        release_array_pages(data, start, start + _SEARCHED)
    labels = np.concatenate(found) if found else np.zeros(0, np.int64)
    labels = labels[labels + _KEY_SIZE < len(data)]
    is_uas = np.ones(len(labels), bool)
    for place in range(len(prefix), _KEY_SIZE):
        is_uas &= data[labels + place] == UAS_KEY[place]
    return labels, is_uas


def decode_ber_lengths_and_their_sizes(data: ByteArray, offsets: Ints) -> tuple[Ints, Ints]:
    """Return BER lengths at some offsets, and the bytes of each length itself.

    A length is -1 where it is none, or reaches beyond the bytes.
    """
    last = len(data) - 1
    first = data[np.minimum(offsets, last)].astype(np.int64) if last >= 0 else offsets * 0
    lengths, sizes = first.copy(), np.ones(len(offsets), np.int64)
    is_long = first >= 0x80
    if is_long.any():
        rows = np.flatnonzero(is_long)
        sizes[rows] += first[rows] - 0x80
        lengths[rows] = -1
        for count in range(1, 5):
            these = rows[(first[rows] == 0x80 + count) & (offsets[rows] + count <= last)]
            lengths[these] = read_unsigned_integers(data, offsets[these] + 1, count).astype(
                np.int64
            )
    lengths[offsets > last] = -1
    return lengths, sizes


def iterate_item_batches(sets: LocalSets) -> Iterator[ItemsOfSeveralLocalSets]:
    """Yield the items of all readable local sets; those that are damaged become refused."""
    first = 0
    while first < len(sets):
        reach = sets.begins[first] + _BATCH_BYTES
        last = int(np.searchsorted(sets.begins, reach))
        last = min(max(last, first + 1), first + _BATCH_SETS)
        yield _find_items_of_sets(sets, first, last)
        release_array_pages(sets.data, int(sets.begins[first]), int(sets.ends[last - 1]))
        first = last


def _find_items_of_sets(sets: LocalSets, first: int, last: int) -> ItemsOfSeveralLocalSets:
    """Find the items of some local sets, of all of them in step: first, second, third."""
    data = sets.data
    rows = first + np.flatnonzero(sets.refusals[first:last] == 0)
    at, ends = sets.value_begins[rows], sets.ends[rows]
    found: list[tuple[Ints, Ints, Ints, Ints]] = []
    for _ in range(_MOST_ITEMS):
        is_open = at < ends
        if not is_open.all():
            rows, at, ends = rows[is_open], at[is_open], ends[is_open]
        if not len(rows):
            break
        tags, begins = _decode_ber_oid_tags_and_ends(data, at)
        sizes, size_sizes = decode_ber_lengths_and_their_sizes(data, begins)
        begins = begins + size_sizes
        is_damaged = (sizes < 0) | (tags < 0) | (begins + sizes > ends)
        if is_damaged.any():
            sets.refusals[rows[is_damaged]] = _BAD_ITEM
            keep = ~is_damaged
            rows, ends, tags, sizes, begins = (
                each[keep] for each in (rows, ends, tags, sizes, begins)
            )
        found.append((rows, tags, begins, sizes))
        at = begins + sizes
    else:
        sets.refusals[rows[at < ends]] = _TOO_MANY
    if not found:
        empty = np.zeros(0, np.int64)
        return ItemsOfSeveralLocalSets(first, last, empty, empty.astype(np.int32), empty, empty)
    owners, tags, offsets, sizes = (
        np.concatenate([step[part] for step in found]) for part in range(4)
    )
    is_kept = sets.refusals[owners] == 0
    owners, tags, offsets, sizes = (each[is_kept] for each in (owners, tags, offsets, sizes))
    order = np.lexsort((offsets, tags))
    return ItemsOfSeveralLocalSets(
        first, last, owners[order], tags[order].astype(np.int32), offsets[order], sizes[order]
    )


def _decode_ber_oid_tags_and_ends(data: ByteArray, offsets: Ints) -> tuple[Ints, Ints]:
    """Return the tags at some offsets, BER-OID of at most 2 bytes, and where each ends."""
    first = data[offsets].astype(np.int64)
    tags, ends = first.copy(), offsets + 1
    is_long = first >= 0x80
    if is_long.any():
        rows = np.flatnonzero(is_long)
        second = data[np.minimum(ends[rows], len(data) - 1)].astype(np.int64)
        tags[rows] = ((first[rows] & 0x7F) << 7) | second
        tags[rows[(second >= 0x80) | (ends[rows] >= len(data))]] = -1
        ends[rows] += 1
    return tags, ends


def find_mismatched_checksums_of_local_sets(
    sets: LocalSets, batch: ItemsOfSeveralLocalSets
) -> ChecksumMismatches:
    """Return the local sets whose checksum does not fit.

    A local set without a checksum as its last item states -1.
    """
    rows = batch.first + np.flatnonzero(sets.refusals[batch.first : batch.last] == 0)
    stated = np.full(len(rows), -1, np.int64)
    sums = stated
    if len(rows):
        begins, ends = sets.begins[rows], sets.ends[rows]
        own = batch.rows_of_tag(1)
        is_last = (batch.sizes[own] == 2) & (batch.offsets[own] + 2 == sets.ends[batch.sets[own]])
        places = batch.offsets[own][is_last]
        stated[np.searchsorted(rows, batch.sets[own][is_last])] = read_unsigned_integers(
            sets.data, places, 2
        ).astype(np.int64)
        sums = byte_pair_checksum_of_each_range(sets.data, begins, np.maximum(ends - 2, begins))
    wrong = np.flatnonzero(sums != stated)
    return ChecksumMismatches(
        rows[wrong], stated[wrong].astype(np.int32), sums[wrong].astype(np.int32)
    )


def byte_pair_checksum_of_each_range(data: ByteArray, begins: Ints, ends: Ints) -> Ints:
    """Return the 16-bit sums of the pairs of bytes of some stretches, in order and apart."""
    start, end = int(begins[0]), int(ends[-1])
    window = data[start:end].astype(np.uint32)
    edges = np.column_stack([begins, ends]).ravel() - start
    edges = np.minimum(edges, max(len(window) - 1, 0))
    totals = np.zeros((2, len(begins)), np.int64)
    if len(window):
        for parity in range(2):
            weighted = window.copy()
            weighted[parity::2] <<= 8
            # Bytes of a stretch that ends with the window are all summed; others stop before.
            totals[parity] = np.add.reduceat(weighted, edges)[::2]
            if int(ends[-1]) - start == len(window) and edges[-1] == len(window) - 1:
                totals[parity, -1] += int(weighted[-1])
    is_odd = (begins - start) % 2
    summed = totals[is_odd, np.arange(len(begins))] % 65536
    return np.asarray(summed, np.int64)
