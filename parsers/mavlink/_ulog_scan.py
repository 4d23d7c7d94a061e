"""Where a record of a ULog could begin: the shape of each type, tested in columns.

A record is ``<u2 size, u1 type, size bytes``.  Nothing marks its first byte, so
a place is a candidate if what stands there has the shape of its type:

| type | shape |
|---|---|
| `D` data | size and message id are those of a subscription |
| `A` subscription | multi id, message id, a name |
| `F` format | begins with a letter |
| `I` `P` info, parameter | length of the key, then a key that begins with a type |
| `M` `Q` more info, default | one byte, then the same |
| `L` `C` text, tagged text | a level of 0 to 7, a time below 2^56, a text |
| `O` `R` dropout, end of a subscription | two bytes |
| `S` synchronisation | its eight bytes |
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from .._bytes import Content
from .._layout import Bytes
from ._chain import Flags, Offsets, view

#: Message types of the format as far as it is known.
KNOWN = frozenset(b"ABCDFILMOPQRS")
SYNC = np.frombuffer(bytes.fromhex("2f731320250cbb12"), np.uint8)
#: Bytes from a candidate on that its test looks at.
WIDTH = 16

#: Two bytes, as the structure that `view` copies.
_U2 = np.dtype((np.void, 2))
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

    def match(self, ids: Offsets, sizes: Offsets) -> Flags:
        """Return which of some ids and sizes belong together."""
        hit: Flags = self._tables[0][ids] == sizes
        for table in self._tables[1:]:
            hit |= table[ids] == sizes
        return hit


def u16(array: Bytes, at: Offsets) -> Offsets:
    """Return the 16-bit numbers at some places, as 64-bit ones."""
    return view(array, at, _U2).view("<u2").astype(np.int64)


def test(block: Bytes, sizes: Sizes) -> Flags:
    """Return for each place of a block but the last 15 whether a record could begin there."""
    count = len(block) - WIDTH + 1
    letters = block[2 : 2 + count]
    flags: Flags = (letters - np.uint8(_FIRST)) <= _LAST - _FIRST
    flags &= block[1 : 1 + count] <= _HIGH
    flags |= letters == _DATA
    at = np.flatnonzero(flags)
    data = letters[at] == _DATA
    fits = np.empty(len(at), bool)
    fits[data] = sizes.match(u16(block, at[data] + 3), u16(block, at[data]))
    fits[~data] = shaped(block, at[~data])
    flags[at] = fits
    return flags


def tail(array: Bytes, begin: int, sizes: Sizes) -> Offsets:
    """Return the candidates among the last bytes of a file, which are too few for a block."""
    begin = max(begin, len(array) - WIDTH + 1)
    block = np.concatenate([array[begin:], np.zeros(WIDTH - 1, np.uint8)])
    return np.flatnonzero(test(block, sizes)).astype(np.int64) + begin


def shaped(block: Bytes, at: Offsets) -> Flags:
    """Return which places hold what has the shape of its type, data apart.

    Args:
        block: Bytes, at least `WIDTH` from each place on.
        at: Places in it.
    """
    flags = np.zeros(len(at), bool)
    letters = block[at + 2]
    sizes = u16(block, at)
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
    fits = (size >= 3) & _letter(block[at])
    return np.asarray(fits & _of_name(block[at + 1]) & _of_name(block[at + 2]))


def _flag_bits(_block: Bytes, _at: Offsets, size: Offsets) -> Flags:
    return np.asarray((size >= 40) & (size <= 64))


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
    return ((byte | 0x20) >= ord("a")) & ((byte | 0x20) <= ord("z"))


def _of_name(byte: Bytes) -> Flags:
    """Return whether a byte stands in a name, or in the list of fields behind it."""
    sign = (byte >= ord("-")) & (byte <= ord(";"))
    return np.asarray(_letter(byte) | sign | (byte == ord("_")))


def _printed(byte: Bytes) -> Flags:
    """Return whether a byte begins a text: an escape that sets a colour may."""
    return (byte >= ord(" ")) | np.isin(byte, np.frombuffer(b"\t\n\r\x1b", np.uint8))


def _type(byte: Bytes) -> Flags:
    """Return whether a byte begins the name of a type: bool, char, double, float, int, uint."""
    return np.isin(byte, np.frombuffer(b"bcdfiu", np.uint8))


def _level(byte: Bytes) -> Flags:
    return (byte >= ord("0")) & (byte <= ord("7"))


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
    block = content.array
    if len(at) and at[-1] + WIDTH > len(block):
        first = int(at[0])
        block = np.concatenate([block[first:], np.zeros(WIDTH, np.uint8)])
        at = at - first
    fits = shaped(block, at)
    return len(fits) if fits.all() else int(np.argmin(fits))
