"""What the documents of the last run say of rows that this run has too: it is copied from them.

Most of a large report says of known flights what the last report said.  For each block of rows the
state keeps where its text lies in each document, under a digest of the block.  Nothing is copied
from a document that anybody has touched since.
"""

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from dji_audit.fleet.result_keys import digest_of_program
from dji_audit.fleet.rows_on_disk import (
    EncodedRows,
    RowsOnDisk,
    load_checked_rows_by_name,
    save_named_rows_in_file,
)
from dji_audit.fleet.store import StoredValueError

_PLACES = "places"
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class _TextPositionsInDocuments:
    """Where texts lie in some documents, and what the disk stated of those."""

    #: One for each text, one after the other.
    digests: bytes
    #: Of each document the offset and the size of each text, numbers of eight bytes.
    places: tuple[bytes, ...]
    documents: tuple[tuple[str, tuple[int, ...]], ...]


class ReportTextsOfLastRun:
    """Texts that the last run wrote into some documents, and where this one writes its own."""

    def __init__(self, index: Path | None, documents: Sequence[Path]) -> None:
        """Begin with no texts.

        Args:
            index: The file of the state that says where texts lie; ``None``: none are kept.
            documents: The documents that hold each text, in their own form.
        """
        self._index = index
        self._documents = documents
        self._numbers: dict[bytes, int] = {}
        self._places: list[array[int]] = []
        self._streams: Sequence[BinaryIO] = ()
        self._open = ExitStack()
        self._new_digests: list[bytes] = []
        self._new_places = [array("Q") for _ in documents]

    def __enter__(self) -> Self:
        """Open the documents of the last run, if they are as it left them."""
        if self._index is None:
            return self
        rows = load_checked_rows_by_name(self._index, (_PLACES,), digest_of_program())
        if rows is None:
            return self
        with suppress(StoredValueError, ValueError, OSError):
            (known,) = rows[_PLACES]
            if isinstance(known, _TextPositionsInDocuments):
                self._open_documents_and_load_known_places(known)
        return self

    def _open_documents_and_load_known_places(self, known: _TextPositionsInDocuments) -> None:
        streams = [self._open.enter_context(path.open("rb")) for path in self._documents]
        if known.documents != tuple(map(_path_and_lstat_values, self._documents)):
            return
        self._streams = streams
        for data in known.places:
            self._places.append(array("Q"))
            self._places[-1].frombytes(data)
        digests = known.digests
        self._numbers = {
            digests[at : at + _DIGEST_BYTES]: at // _DIGEST_BYTES
            for at in range(0, len(digests), _DIGEST_BYTES)
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the documents of the last run."""
        self._open.close()

    def text_of_row_block_in_each_document(self, digest: bytes) -> list[bytes] | None:
        """Return what each document says of a block of rows; ``None``: it is not known.

        Raises:
            OSError: If a document cannot be read.
        """
        number = self._numbers.get(digest)
        if number is None:
            return None
        found = []
        for stream, places in zip(self._streams, self._places, strict=True):
            offset, size = places[2 * number : 2 * number + 2]
            stream.seek(offset)
            found.append(stream.read(size))
        return found

    def note_places_of_block_in_documents(
        self, digest: bytes, places: Sequence[tuple[int, int]]
    ) -> None:
        """Note where the text of a block begins in each new document, and its size."""
        self._new_digests.append(digest)
        for kept, place in zip(self._new_places, places, strict=True):
            kept.extend(place)

    def save(self) -> None:
        """Keep where the texts lie; the documents are in their places.

        Raises:
            OutputError: If it cannot be written.
            OSError: If a document is not there.
        """
        if self._index is None:
            return
        kept = _TextPositionsInDocuments(
            b"".join(self._new_digests),
            tuple(places.tobytes() for places in self._new_places),
            tuple(map(_path_and_lstat_values, self._documents)),
        )
        save_named_rows_in_file(self._index, {_PLACES: (kept,)}, digest_of_program())


def block_numbers_and_digests(name: str, rows: RowsOnDisk[Any]) -> Iterator[tuple[int, bytes]]:
    """Yield the number of each block that has rows, and what tells its text from any other.

    Args:
        name: The list that the rows stand in.
        rows: The rows.
    """
    for number in range(rows.block_count):
        block = rows.encoded_block(number)
        if block.count:
            yield number, _digest_of_rows(name, block)


def _digest_of_rows(name: str, rows: EncodedRows) -> bytes:
    return hashlib.blake2b(
        rows.data, digest_size=_DIGEST_BYTES, person=name.encode()[: hashlib.blake2b.PERSON_SIZE]
    ).digest()


def _path_and_lstat_values(path: Path) -> tuple[str, tuple[int, ...]]:
    """Return a path and what the disk states of it: when it last changed cannot be set.

    Raises:
        OSError: If it is not there.
    """
    it = path.lstat()
    return str(path.resolve()), (it.st_size, it.st_mtime_ns, it.st_ctime_ns, it.st_ino, it.st_mode)
