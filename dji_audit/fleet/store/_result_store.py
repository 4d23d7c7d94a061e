"""Results by key in a folder: each in a file of its own, whole or not there at all."""

import hashlib
import json
import os
import shutil
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

from pydantic import JsonValue

from dji_audit.fleet.store._value_file import (
    StoredValueError,
    decode_stored_value,
    encode_value_to_stream,
)

_SUFFIX = ".value"
#: How the name of a file begins that is not whole yet.
_PREFIX_OF_NEW = "."
#: What a file ends with: a mark, the bytes before it, and their CRC-32.
_END = struct.Struct("<8sQI")
_END_MARK = b"dj-whole"
_CHUNK_BYTES = 1 << 20


def result_key(basis: Mapping[str, JsonValue]) -> str:
    """Return the key of a result: the SHA-256 of everything that it depends on."""
    text = json.dumps(basis, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ResultStore:
    """Results in a folder.  Several processes may read and write it at the same time."""

    folder: Path
    #: Whether a result counts as there only if all of its bytes are: those that were written before
    #: a power cut may have any length and hold anything.
    checks_whole: bool = False

    def path(self, stage: str, key: str) -> Path:
        """Return the file of a result; it may not exist."""
        return self.folder / stage / key[:2] / f"{key}{_SUFFIX}"

    def has(self, stage: str, key: str) -> bool:
        """Return whether there is a result, and its file has the end that it was given.

        Whether what lies before the end is whole shows when it is read, unless it is checked.
        """
        if self.checks_whole:
            return self.holds_intact_result(stage, key)
        try:
            with self.path(stage, key).open("rb") as stream:
                size = stream.seek(0, os.SEEK_END) - _END.size
                stream.seek(max(size, 0))
                return _crc_in_trailer(stream.read(), size) is not None
        except OSError:
            return False

    def holds_intact_result(self, stage: str, key: str) -> bool:
        """Return whether there is a result, and each of its bytes is what was written."""
        try:
            with self.path(stage, key).open("rb") as stream:
                return _matches_trailer_crc(cast(BinaryIO, stream))
        except OSError:
            return False

    def stages_and_keys(self) -> Iterator[tuple[str, str]]:
        """Yield the stage and the key of each result, damaged ones too.

        Raises:
            OSError: If the folder cannot be read.
        """
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob(f"*/??/*{_SUFFIX}")):
            if not path.name.startswith("."):
                yield path.parts[-3], path.name.removesuffix(_SUFFIX)

    def remove(self, stage: str, key: str) -> None:
        """Remove a result, if it is there."""
        with suppress(OSError):
            self.path(stage, key).unlink(missing_ok=True)

    def remove_unfinished_files(self) -> None:
        """Remove what writers left that were killed; nobody may be writing."""
        for path in self.folder.glob(f"*/??/{_PREFIX_OF_NEW}*"):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def copy_result_if_whole(self, other: "ResultStore", stage: str, key: str) -> bool:
        """Copy a result of another store; return whether it was whole there.

        Raises:
            OSError: If it cannot be read or written.
        """
        if not other.holds_intact_result(stage, key):
            return False
        with (
            other.path(stage, key).open("rb") as source,
            self._open_result_file_renamed_when_whole(stage, key) as target,
        ):
            shutil.copyfileobj(source, target)
        return True

    def get(self, stage: str, key: str) -> Any:
        """Return a result; ``None``: there is none, or its file is damaged or of another version.

        A damaged file is what a power cut leaves behind: it is removed, so that the next who asks
        finds its result out again.
        """
        path = self.path(stage, key)
        try:
            data = memoryview(path.read_bytes())
        except FileNotFoundError:
            return None
        size = max(len(data) - _END.size, 0)
        if _crc_in_trailer(data[size:], size) == zlib.crc32(data[:size]):
            with suppress(StoredValueError):
                return decode_stored_value(data[:size])
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None

    def put(self, stage: str, key: str, value: object) -> None:
        """Keep a result; one of the same key is replaced.

        Raises:
            OSError: If it cannot be written.
        """
        with self._open_result_file_renamed_when_whole(stage, key) as stream:
            encode_value_to_stream(value, stream)
            stream.write(_trailer_with_size_and_crc(stream))

    @contextmanager
    def _open_result_file_renamed_when_whole(self, stage: str, key: str) -> Iterator[BinaryIO]:
        """Yield a file that gets the name of a result when it is whole."""
        path = self.path(stage, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=_PREFIX_OF_NEW, delete=False) as stream:
            try:
                yield cast(BinaryIO, stream)
                stream.flush()
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
        Path(stream.name).replace(path)


def _trailer_with_size_and_crc(stream: BinaryIO) -> bytes:
    """Return the end for what was written so far; the stream stands behind that again."""
    size = stream.tell()
    return _END.pack(_END_MARK, size, _crc_of_first_bytes(stream, size))


def _matches_trailer_crc(stream: BinaryIO) -> bool:
    """Return whether the bytes of a file are those that its end states."""
    size = stream.seek(0, os.SEEK_END) - _END.size
    stream.seek(max(size, 0))
    stated = _crc_in_trailer(stream.read(), size)
    return stated is not None and stated == _crc_of_first_bytes(stream, size)


def _crc_of_first_bytes(stream: BinaryIO, size: int) -> int:
    """Return the CRC-32 of the first bytes of a file; it stands behind them then."""
    crc = 0
    stream.seek(0)
    while size and (chunk := stream.read(min(size, _CHUNK_BYTES))):
        crc = zlib.crc32(chunk, crc)
        size -= len(chunk)
    return crc


def _crc_in_trailer(end: bytes | memoryview, size: int) -> int | None:
    """Return the checksum of the bytes before an end; ``None``: it is none of that many bytes."""
    if len(end) != _END.size:
        return None
    mark, stated_size, crc = _END.unpack(end)
    return int(crc) if mark == _END_MARK and stated_size == size else None
