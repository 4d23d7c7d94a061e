"""Results by key in a folder: each in a file of its own, whole or not there at all."""

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

from pydantic import JsonValue

from dji_audit.fleet.store._value_file import StoredValueError, read_value, write_value

_SUFFIX = ".value"
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

    def path(self, stage: str, key: str) -> Path:
        """Return the file of a result; it may not exist."""
        return self.folder / stage / key[:2] / f"{key}{_SUFFIX}"

    def has(self, stage: str, key: str) -> bool:
        """Return whether there is a result, and its file has the end that it was given.

        Whether what lies before the end is whole shows when it is read.
        """
        try:
            with self.path(stage, key).open("rb") as stream:
                size = stream.seek(0, os.SEEK_END) - _END.size
                stream.seek(max(size, 0))
                return _crc_stated_at_end(stream.read(), size) is not None
        except OSError:
            return False

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
        if _crc_stated_at_end(data[size:], size) == zlib.crc32(data[:size]):
            with suppress(StoredValueError):
                return read_value(data[:size])
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None

    def put(self, stage: str, key: str, value: object) -> None:
        """Keep a result; one of the same key is replaced.

        Raises:
            OSError: If it cannot be written.
        """
        path = self.path(stage, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without the name of a result until it is whole.
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as stream:
            try:
                write_value(value, cast(BinaryIO, stream))
                stream.write(_end_of_file(cast(BinaryIO, stream)))
                stream.flush()
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
        Path(stream.name).replace(path)


def _end_of_file(stream: BinaryIO) -> bytes:
    """Return the end for what was written so far; the stream stands behind that again."""
    size, crc = stream.tell(), 0
    stream.seek(0)
    while chunk := stream.read(_CHUNK_BYTES):
        crc = zlib.crc32(chunk, crc)
    return _END.pack(_END_MARK, size, crc)


def _crc_stated_at_end(end: bytes | memoryview, size: int) -> int | None:
    """Return the checksum of the bytes before an end; ``None``: it is none of that many bytes."""
    if len(end) != _END.size:
        return None
    mark, stated_size, crc = _END.unpack(end)
    return int(crc) if mark == _END_MARK and stated_size == size else None
