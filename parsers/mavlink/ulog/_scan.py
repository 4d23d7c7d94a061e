"""Where a record of a ULog could begin: every place whose bytes have the shape of a record.

A data record names a message id, and its subscription fixes its size; what the
other types look like is in `_ulog_shapes`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._bytes import Content, forget
from ..._layout import Bytes
from .._shared._framing import Flags, Offsets
from ._shapes import WIDTH, letters_at, shaped, u16

#: Message types of the format as far as it is known.
KNOWN = frozenset(b"ABCDFILMOPQRS")
#: Bytes searched at a time: few enough to stay in the processor's cache, and for
#: their flags to come from the heap; larger ones are mapped anew each time.
BLOCK = 96 << 10

#: The same where one comparison is all that is made of them.
_LARGER = 1 << 20
#: Places whose shapes are tested together, and the bytes that these may lie apart.
_TOGETHER, _FAR = 1 << 18, 1 << 26
#: Bytes of the shortest record whose shape is known.
_LEAST = 5
_DATA = ord("D")
_FIRST, _LAST = ord("A"), ord("S")
#: Longest record but data that is looked for by its shape: 2,047 bytes; longer
#: ones are found by their length.
_HIGH = 7


class Sizes:
    """Which size a data record of each message id has, from its subscriptions."""

    #: Sizes of one id; more than one only where an id was subscribed anew.
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

    def match(self, ids: npt.NDArray[np.uint16], sizes: npt.NDArray[np.uint16]) -> Flags:
        """Return which of some ids and sizes belong together."""
        hit: Flags = self._tables[0][ids] == sizes
        for table in self._tables[1:]:
            missed = np.flatnonzero(~hit)
            hit[missed] = table[ids[missed]] == sizes[missed]
        return hit


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places where a record could begin, in file order."""

    starts: Offsets
    sizes: npt.NDArray[np.uint16]
    #: Message ids; 0 of what is no data.
    ids: npt.NDArray[np.uint16]
    types: Bytes

    def __getitem__(self, rows: "Flags | slice") -> "Candidates":
        """Return some of them."""
        return Candidates(self.starts[rows], self.sizes[rows], self.ids[rows], self.types[rows])

    def with_others(self, others: "Candidates") -> "Candidates":
        """Return these and some others, in file order."""
        if not len(others.starts):
            return self
        at = np.searchsorted(self.starts, others.starts)
        return Candidates(
            np.insert(self.starts, at, others.starts),
            np.insert(self.sizes, at, others.sizes),
            np.insert(self.ids, at, others.ids),
            np.insert(self.types, at, others.types),
        )

    @property
    def ends(self) -> Offsets:
        """The bytes after the last."""
        return self.starts + 3 + self.sizes


def joined(parts: list[Candidates]) -> Candidates:
    """Return the records of sections that follow one another."""
    return Candidates(
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.sizes for part in parts]),
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.types for part in parts]),
    )


def find_others(array: Bytes, begin: int) -> Offsets:
    """Return every place from a byte on where a record that is no data could begin."""
    found: list[Offsets] = []
    pending: list[Offsets] = [np.empty(0, np.int64)]
    waiting, done = 0, begin
    for start in range(begin, len(array) - _LEAST + 1, BLOCK):
        block = array[start : start + BLOCK + _LEAST - 1]
        letters = block[2 : len(block) - _LEAST + 3]
        flags = block[1 : len(letters) + 1] <= _HIGH
        flags &= (letters - np.uint8(_FIRST)) <= _LAST - _FIRST
        flags &= letters != _DATA
        pending.append(np.flatnonzero(flags) + start)
        waiting += len(pending[-1])
        # The shapes are tested in parts: large ones, for each costs some calls.
        if waiting > _TOGETHER or start - done > _FAR:
            found.append(_shaped_of(array, np.concatenate(pending)))
            forget(array, done, start)
            pending, waiting, done = [np.empty(0, np.int64)], 0, start
    return np.concatenate([*found, _shaped_of(array, np.concatenate(pending))])


def find(array: Bytes, begin: int, sizes: Sizes, others: Offsets) -> Candidates:
    """Return every place where a record could begin.

    Args:
        array: The bytes of the file.
        begin: Where data is looked for.
        sizes: What data can be.
        others: The places of records that are no data.
    """
    starts: list[Offsets] = [np.empty(0, np.int64)]
    found: list[npt.NDArray[np.uint16]] = [np.empty(0, np.uint16)]
    ids: list[npt.NDArray[np.uint16]] = [np.empty(0, np.uint16)]
    for start in range(begin, len(array) - _LEAST + 1, _LARGER):
        block = array[start : start + _LARGER + _LEAST - 1]
        at = np.flatnonzero(block[2 : len(block) - _LEAST + 3] == _DATA)
        size, mid = u16(block, at), u16(block, at + 3)
        fits = sizes.match(mid, size)
        starts.append(at[fits] + start)
        found.append(size[fits])
        ids.append(mid[fits])
        forget(array, start, start + _LARGER)
    data = np.concatenate(starts)
    starts.clear()
    types = np.full(len(data), _DATA, np.uint8)
    whole = Candidates(data, np.concatenate(found), np.concatenate(ids), types)
    no_ids = np.zeros(len(others), np.uint16)
    return whole.with_others(
        Candidates(others, u16(array, others), no_ids, letters_at(array, others))
    )


def _shaped_of(array: Bytes, at: Offsets) -> Offsets:
    """Return the places that have the shape of their type, also near the end of the file."""
    near = int(np.searchsorted(at, len(array) - WIDTH))
    kept = at[:near][shaped(array, at[:near])]
    if near == len(at):
        return kept
    first = int(at[near])
    block = np.concatenate([array[first:], np.zeros(WIDTH, np.uint8)])
    return np.concatenate([kept, at[near:][shaped(block, at[near:] - first)]])


def walk(content: Content, begin: int, stop: int) -> tuple[list[int], int]:
    """Return the records between two places that their lengths alone reveal.

    They are believed if the last of them ends where the region does; otherwise
    as far as each has the shape of its type.

    Returns:
        Where they start, and the byte after the last of them.
    """
    data, at = content.data, begin
    found: list[int] = []
    while at + 3 <= stop:
        size, letter = data[at] | data[at + 1] << 8, data[at + 2]
        if size == 0 or letter == 0 or at + 3 + size > stop:
            break
        found.append(at)
        at += 3 + size
    if at == stop or not found:
        return found, at
    head = whole(content, found)
    at = begin if head == 0 else found[head - 1] + 3 + content.unpack("<H", found[head - 1], "a")[0]
    return found[:head], at


def whole(content: Content, places: list[int]) -> int:
    """Return how many records have the shape of their type, up to the first that has not."""
    at = np.array(places, np.int64)
    fits = np.isin(at, _shaped_of(content.array, at))
    return len(fits) if fits.all() else int(np.argmin(fits))
