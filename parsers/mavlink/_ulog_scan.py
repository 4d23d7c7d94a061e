"""Where a record of a ULog could begin: the shape of each type, tested in columns.

A record is ``<u2 size, u1 type, size bytes``.  Nothing marks its first byte, so
a place is a candidate if what stands there has the shape of its type:

| type | shape |
|---|---|
| `D` data | size and message id are those of a subscription |
| `A` subscription | multi id, message id, a name |
| `B` flag bits | 40 bytes or little more, no flag but of the first eight |
| `F` format | begins with a name |
| `I` `P` info, parameter | length of the key, then a key that begins with a type |
| `M` `Q` more info, default | one byte, then the same |
| `L` `C` text, tagged text | a level of 0 to 7, a time below 2^56, a text |
| `O` `R` dropout, end of a subscription | two bytes |
| `S` synchronisation | its eight bytes |
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._bytes import Content
from .._layout import Bytes
from ._chain import Flags, Offsets, view

#: Message types of the format as far as it is known.
KNOWN = frozenset(b"ABCDFILMOPQRS")
SYNC = np.frombuffer(bytes.fromhex("2f731320250cbb12"), np.uint8)
#: Bytes from a candidate on that the test of its shape looks at.
WIDTH = 16
#: Bytes searched at a time: few enough to stay in the processor's cache.
BLOCK = 1 << 18

#: Two bytes, as the structure that `view` copies.
_U2 = np.dtype((np.void, 2))
#: Bytes of the shortest record whose shape is known.
_LEAST = 5
_DATA = ord("D")
_FIRST, _LAST = ord("A"), ord("S")
#: Longest record but data that is looked for by its shape: 4,095 bytes; longer
#: ones are found by their length.
_HIGH = 15


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
            hit |= table[ids] == sizes
        return hit


def u16(array: Bytes, at: Offsets) -> npt.NDArray[np.uint16]:
    """Return the 16-bit numbers at some places."""
    return view(array, at, _U2).view("<u2")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places where a record could begin, in file order."""

    starts: Offsets
    sizes: npt.NDArray[np.uint16]
    #: Message ids; 0 of what is no data.
    ids: npt.NDArray[np.uint16]
    types: Bytes

    def __getitem__(self, rows: "Offsets | slice") -> "Candidates":
        """Return some of them."""
        return Candidates(self.starts[rows], self.sizes[rows], self.ids[rows], self.types[rows])

    @property
    def ends(self) -> Offsets:
        """The bytes after the last."""
        return self.starts + 3 + self.sizes


def find_others(array: Bytes, begin: int) -> Offsets:
    """Return every place from a byte on where a record that is no data could begin."""
    found: list[Offsets] = []
    pending: list[Offsets] = [np.empty(0, np.int64)]
    waiting = 0
    for start in range(begin, len(array) - _LEAST + 1, BLOCK):
        block = array[start : start + BLOCK + _LEAST - 1]
        letters = block[2 : len(block) - _LEAST + 3]
        flags = (letters - np.uint8(_FIRST)) <= _LAST - _FIRST
        flags &= block[1 : len(letters) + 1] <= _HIGH
        flags &= letters != _DATA
        pending.append(np.flatnonzero(flags) + start)
        waiting += len(pending[-1])
        # The shapes are tested in parts: large ones, for each costs some calls.
        if waiting > BLOCK:
            found.append(_shaped_of(array, np.concatenate(pending)))
            pending, waiting = [np.empty(0, np.int64)], 0
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
    for start in range(begin, len(array) - _LEAST + 1, BLOCK):
        block = array[start : start + BLOCK + _LEAST - 1]
        at = np.flatnonzero(block[2 : len(block) - _LEAST + 3] == _DATA)
        size, mid = u16(block, at), u16(block, at + 3)
        fits = sizes.match(mid, size)
        starts.append(at[fits] + start)
        found.append(size[fits])
        ids.append(mid[fits])
    data = np.concatenate(starts)
    starts.clear()
    at = np.searchsorted(data, others)
    return Candidates(
        np.insert(data, at, others),
        np.insert(np.concatenate(found), at, u16(array, others)),
        np.insert(np.concatenate(ids), at, np.zeros(len(others), np.uint16)),
        np.insert(np.full(len(data), _DATA, np.uint8), at, array[others + 2]),
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


def shaped(block: Bytes, at: Offsets) -> Flags:
    """Return which places hold what has the shape of its type, data apart.

    Args:
        block: Bytes, at least `WIDTH` from each place on.
        at: Places in it.
    """
    flags = np.zeros(len(at), bool)
    letters = block[at + 2]
    sizes = u16(block, at).astype(np.int64)
    for letter, shape in _SHAPES.items():
        rows = np.flatnonzero(letters == letter)
        if len(rows):
            flags[rows] = shape(block, at[rows] + 3, sizes[rows])
    return flags


def _subscription(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    fits = (size >= 4) & (size < 259) & _letter(block[at + 3])
    fits &= _of_name(block[at + 4]) | (size < 5)
    return np.asarray(fits & (_of_name(block[at + 5]) | (size < 6)))


def _format(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    flags: Flags = (size >= 3) & _letter(block[at])
    for place in range(1, 6):
        flags &= _of_name(block[at + place]) | (size <= place)
    return flags


def _flag_bits(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    flags: Flags = (size >= 40) & (size <= 64)
    for place in range(1, 8):
        flags &= block[at + place] == 0
    return flags


def _text(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    fits = (size >= 9) & _level(block[at]) & (block[at + 8] == 0)
    return np.asarray(fits & ((size < 10) | _printed(block[at + 9])))


def _tagged(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    fits = (size >= 11) & _level(block[at]) & (block[at + 10] == 0)
    return np.asarray(fits & ((size < 12) | _printed(block[at + 11])))


def _info(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    fits = (size > block[at].astype(np.int64) + 1) & (block[at] > 3)
    return np.asarray(fits & _type(block[at + 1]))


def _parameter(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    fits = (size == block[at].astype(np.int64) + 5) & (block[at] > 3)
    return np.asarray(fits & _type(block[at + 1]))


def _more_info(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    return (block[at] <= 1) & (size > 2) & _info(block, at + 1, size - 1)


def _default(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    return (block[at] < 16) & (size > 2) & _parameter(block, at + 1, size - 1)


def _two(_block: Bytes, _at: Offsets, size: Offsets) -> Flags:
    return np.asarray(size == 2)


def _sync(block: Bytes, at: Offsets, size: Offsets) -> Flags:
    flags: Flags = size == 8
    for place, byte in enumerate(SYNC):
        flags &= block[at + place] == byte
    return flags


def _letter(byte: Bytes) -> Flags:
    return _LETTERS[byte]


def _of_name(byte: Bytes) -> Flags:
    """Return whether a byte stands in a name, or in the list of fields behind it."""
    return _NAMES[byte]


def _printed(byte: Bytes) -> Flags:
    """Return whether a byte begins a text: an escape that sets a colour may."""
    return _PRINTED[byte]


def _type(byte: Bytes) -> Flags:
    """Return whether a byte begins the name of a type: bool, char, double, float, int, uint."""
    return _TYPES[byte]


def _level(byte: Bytes) -> Flags:
    return (byte >= ord("0")) & (byte <= ord("7"))


def _among(*bytes_: bytes) -> Flags:
    """Return for each of the 256 bytes whether it is among some."""
    flags = np.zeros(256, bool)
    flags[list(b"".join(bytes_))] = True
    return flags


_LETTERS = _among(bytes(range(ord("A"), ord("Z") + 1)), bytes(range(ord("a"), ord("z") + 1)))
_NAMES = _LETTERS | _among(bytes(range(ord("-"), ord(";") + 1)), b"_[] ")
_TYPES = _among(b"bcdfiu")
_PRINTED = _among(bytes(range(ord(" "), 256)), b"\t\n\r\x1b")

_SHAPES: Mapping[int, Callable[[Bytes, Offsets, Offsets], Flags]] = {
    ord("A"): _subscription,
    ord("B"): _flag_bits,
    ord("C"): _tagged,
    ord("F"): _format,
    ord("I"): _info,
    ord("L"): _text,
    ord("M"): _more_info,
    ord("O"): _two,
    ord("P"): _parameter,
    ord("Q"): _default,
    ord("R"): _two,
    ord("S"): _sync,
}


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
