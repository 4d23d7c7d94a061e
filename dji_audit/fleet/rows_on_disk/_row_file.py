"""Rows in a file, in blocks: in memory is only where each block lies and how many rows it has."""

import io
import os
import sys
import tempfile
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar, cast, overload

from dji_audit.fleet.rows_on_disk._row_bytes import decode_rows, encode_rows_as_bytes
from dji_audit.fleet.store import StoredValueError

R = TypeVar("R")

#: Rows of a block that are added one by one: few enough to be read for the sake of one.
_ROWS_PER_BLOCK = 64
#: Rows repeat the same names and texts: the fastest level makes them a tenth.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """Rows of one kind as bytes, as a worker sends them and a file holds them."""

    count: int
    data: bytes = field(repr=False)

    def decode(self) -> tuple[object, ...]:
        """Return the rows.

        Raises:
            StoredValueError: If the bytes are damaged, or were written by another version.
        """
        if not self.count and not self.data:
            # Those of a flight that could not be audited.
            return ()
        try:
            rows = decode_rows(zlib.decompress(self.data))
        except zlib.error as error:
            raise StoredValueError(f"damaged: {error}") from error
        if len(rows) != self.count:
            raise StoredValueError("another number of rows")
        return rows


#: Of what has none: they take no bytes.
NO_ROWS = EncodedRows(0, b"")


def encode_rows(rows: Iterable[object]) -> EncodedRows:
    """Return rows as bytes.

    Args:
        rows: Dataclasses of the packages, of which nothing is left out.

    Raises:
        TypeError: If one holds what a store does not keep.
    """
    kept = tuple(rows)
    return EncodedRows(len(kept), zlib.compress(encode_rows_as_bytes(kept), _LEVEL))


def encode_rows_in_blocks(rows: Iterable[object]) -> Iterator[EncodedRows]:
    """Yield rows as bytes, some to a block: few are in memory at a time."""
    each = iter(rows)
    while batch := tuple(islice(each, _ROWS_PER_BLOCK)):
        yield encode_rows(batch)


class RowFile:
    """A file of blocks of rows, which only grows.

    Without a folder it is a temporary file without a name, which is gone with the process however
    that ends.  Its folder is that of all temporary files, never evidence: a run checks it.  One in
    a folder has a name, so that another process can be given rows that lie in it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Make a new file.

        Args:
            folder: Where it lies, such as the spool of a run, with which it goes; ``None``: among
                the temporary files, without a name.

        Raises:
            OSError: If it cannot be made.
        """
        self._path: Path | None = None
        if folder is None:
            self._stream = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed when nothing refers to its rows any more
        else:
            descriptor, name = tempfile.mkstemp(prefix="rows-", dir=folder)
            self._stream, self._path = os.fdopen(descriptor, "w+b"), Path(name)
        self._end = 0

    @classmethod
    def open_with_known_blocks(cls, path: Path, *, may_grow: bool = False) -> "RowFile":
        """Open a file with blocks that are known from elsewhere.

        Args:
            path: The file.
            may_grow: Whether blocks may be added.

        Raises:
            OSError: If it cannot be opened.
        """
        opened = cls.__new__(cls)
        opened._stream = path.open("r+b" if may_grow else "rb")
        opened._path = path
        opened._end = opened._stream.seek(0, io.SEEK_END)
        return opened

    def __reduce__(self) -> tuple[object, ...]:
        """Send the path alone to another process, which opens the file.

        Raises:
            TypeError: If it has no name.
            OSError: If what was added cannot be written.
        """
        if self._path is None:
            raise TypeError("rows in a file without a name cannot be sent to another process")
        may_grow = self._stream.writable()
        if may_grow:
            # A folder that several computers see shows them what was written when it is closed.
            self._stream.close()
            self._stream = self._path.open("r+b")
        return _open_row_file, (self._path, may_grow)

    def __del__(self) -> None:
        """Close the file with the last rows that lie in it."""
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.close()

    def append_block_and_return_extent(self, rows: EncodedRows) -> tuple[int, int, int]:
        """Add a block at the end, and return its offset, size and number of rows.

        Raises:
            OSError: If it cannot be written.
        """
        self._stream.seek(self._end)
        self._stream.write(rows.data)
        block = self._end, len(rows.data), rows.count
        self._end += len(rows.data)
        return block

    def read_block(self, offset: int, size: int, count: int) -> EncodedRows:
        """Return a block as it was added.

        Raises:
            OSError: If it cannot be read.
            StoredValueError: If the file ends before.
        """
        self._stream.seek(offset)
        data = self._stream.read(size)
        if len(data) != size:
            raise StoredValueError("cut short")
        return EncodedRows(count, data)


def _open_row_file(path: Path, may_grow: bool) -> RowFile:
    return RowFile.open_with_known_blocks(path, may_grow=may_grow)


class RowsOnDisk(Sequence[R], Generic[R]):
    """Rows of one kind in a file, read block by block whenever they are gone through.

    It can be gone through as often as is wanted, and by several readers at a time.  One that is
    asked for by its index costs the reading of its block.  Where the file has a name, another
    process can be given the rows: only where they lie goes to it.
    """

    def __init__(self, file: RowFile) -> None:
        """Start without rows."""
        self._file = file
        self._offsets, self._sizes, self._counts = array("Q"), array("Q"), array("Q")
        self._ends: array[int] | None = None
        self._last: tuple[int, tuple[R, ...]] | None = None

    def __getstate__(self) -> tuple[RowFile, bytes]:
        """Return where the rows lie."""
        return self._file, self.block_positions_as_bytes()

    def __setstate__(self, state: tuple[RowFile, bytes]) -> None:
        """Take where the rows lie."""
        file, places = state
        self.__init__(file)  # type: ignore[misc]
        self.add_known_blocks(places)

    def add_block(self, rows: EncodedRows) -> None:
        """Add encoded rows, such as those of one flight; without rows the block takes no bytes.

        Raises:
            OSError: If they cannot be written.
        """
        self.add_block_already_in_file(
            *(self._file.append_block_and_return_extent(rows) if rows.count else (0, 0, 0))
        )

    def add_block_already_in_file(self, offset: int, size: int, count: int) -> None:
        """Add a block that the file holds already."""
        self._offsets.append(offset)
        self._sizes.append(size)
        self._counts.append(count)
        self._ends = None

    def block_positions_as_bytes(self) -> bytes:
        """Return where the blocks lie, for ``add_known_blocks`` of other rows in the same file.

        All offsets, all sizes, all numbers of rows; each number has eight bytes, the low one first.
        """
        places = self._offsets + self._sizes + self._counts
        if sys.byteorder == "big":
            places.byteswap()
        return places.tobytes()

    def add_known_blocks(self, places: bytes) -> None:
        """Add blocks that the file holds already.

        Raises:
            ValueError: If the bytes are no places of blocks.
        """
        numbers = array("Q")
        numbers.frombytes(places)
        if sys.byteorder == "big":
            numbers.byteswap()
        count, rest = divmod(len(numbers), 3)
        if rest:
            raise ValueError("no places of blocks")
        self._offsets += numbers[:count]
        self._sizes += numbers[count : 2 * count]
        self._counts += numbers[2 * count :]
        self._ends = None

    def add_rows(self, rows: Iterable[R]) -> None:
        """Add rows, some to a block.

        Raises:
            OSError: If they cannot be written.
        """
        for block in encode_rows_in_blocks(rows):
            self.add_block(block)

    def with_blocks_reordered(self, order: Iterable[int]) -> "RowsOnDisk[R]":
        """Return the rows with their blocks in another order, some left out: nothing is copied.

        Args:
            order: Indices of blocks, in the order in which they were added.
        """
        ordered: RowsOnDisk[R] = RowsOnDisk(self._file)
        for index in order:
            ordered.add_block_already_in_file(
                self._offsets[index], self._sizes[index], self._counts[index]
            )
        return ordered

    @property
    def block_count(self) -> int:
        """The number of blocks."""
        return len(self._counts)

    def blocks(self) -> Iterator[EncodedRows]:
        """Yield the blocks as they lie in the file, but those without rows.

        Raises:
            OSError: If one cannot be read.
        """
        for place in zip(self._offsets, self._sizes, self._counts, strict=True):
            if place[2]:
                yield self._file.read_block(*place)

    def encoded_block(self, index: int) -> EncodedRows:
        """Return one block as it lies in the file; one without rows takes no bytes.

        Raises:
            OSError: If it cannot be read.
        """
        place = self._offsets[index], self._sizes[index], self._counts[index]
        return self._file.read_block(*place) if place[2] else NO_ROWS

    def rows_of_block(self, index: int) -> tuple[R, ...]:
        """Return the rows of one block.

        Raises:
            OSError: If it cannot be read.
        """
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        place = self._offsets[index], self._sizes[index], self._counts[index]
        if not place[2]:
            return ()
        rows = cast(tuple[R, ...], self._file.read_block(*place).decode())
        # Who asks for one row asks for the next of the same block soon.
        self._last = index, rows
        return rows

    def __len__(self) -> int:
        """Return the number of rows."""
        ends = self._row_counts_up_to_each_block()
        return ends[-1] if ends else 0

    def __iter__(self) -> Iterator[R]:
        """Yield every row."""
        for index in range(len(self._counts)):
            yield from self.rows_of_block(index)

    @overload
    def __getitem__(self, index: int) -> R: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[R, ...]: ...

    def __getitem__(self, index: int | slice) -> R | tuple[R, ...]:
        """Return one row by its index, or some: blocks that hold none of them are not read."""
        if isinstance(index, slice):
            wanted = range(*index.indices(len(self)))
            return tuple(self[number] for number in wanted)
        number = index + len(self) if index < 0 else index
        ends = self._row_counts_up_to_each_block()
        if not 0 <= number < len(self):
            raise IndexError("no row of that index")
        block = bisect_right(ends, number)
        return self.rows_of_block(block)[number - ends[block]]

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same rows in the same order."""
        if isinstance(other, str) or not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return how many rows there are."""
        return f"<{len(self):,} stored rows>"

    def _row_counts_up_to_each_block(self) -> "array[int]":
        """Return the number of rows up to and with each block."""
        if self._ends is None:
            self._ends = array("Q", accumulate(self._counts))
        return self._ends


def write_rows_to_disk(rows: Iterable[R]) -> RowsOnDisk[R]:
    """Return rows in a file of their own, some to a block.

    Raises:
        OSError: If they cannot be written.
    """
    stored: RowsOnDisk[R] = RowsOnDisk(RowFile())
    stored.add_rows(rows)
    return stored
