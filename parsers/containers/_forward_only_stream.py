"""Bytes that are read once, from the first to the last: a member, or an unpacked stream."""

import hashlib
from collections.abc import Iterator

from .._file_content import Content
from ._container_types import UnpackingError
from ._unpacking_budget import CHUNK_SIZE


class ForwardOnlyStream:
    """Bytes read once; how they ended is known afterwards.

    The source may raise ``UnpackingError`` after any chunk: what came before is handed out, and
    ``error`` says how the bytes ended.
    """

    def __init__(self, chunks: Iterator[bytes], *, hashed: bool = False) -> None:
        """Begin at the first byte.

        Args:
            chunks: The bytes, in pieces of any size.
            hashed: Whether ``sha256`` is wanted.
        """
        self._chunks = chunks
        self._buffer = b""
        self._at = 0
        self._hash = hashlib.sha256() if hashed else None
        #: Bytes handed out or passed over so far.
        self.position = 0
        #: Why the bytes ended early; ``None``: they did not, so far.
        self.error: UnpackingError | None = None

    def peek(self, size: int) -> bytes:
        """Return the next bytes without passing them; fewer only at the end."""
        while len(self._buffer) - self._at < size and (chunk := self._next_chunk()):
            self._buffer, self._at = self._buffer[self._at :] + chunk, 0
        return self._buffer[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """Return the next bytes; fewer only at the end."""
        data = self.peek(size)
        self._at += len(data)
        self.position += len(data)
        return data

    def push_back_bytes(self, data: bytes) -> None:
        """Put back the last bytes that were read."""
        self._buffer, self._at = data + self._buffer[self._at :], 0
        self.position -= len(data)

    def chunks(self, size: int | None = None) -> Iterator[bytes]:
        """Yield the next bytes in pieces, to the end or so many."""
        while size is None or size > 0:
            if self._at >= len(self._buffer):
                self._buffer, self._at = self._next_chunk(), 0
            end = len(self._buffer) if size is None else min(len(self._buffer), self._at + size)
            piece = self._buffer[self._at : end]
            if not piece:
                return
            self._at = end
            self.position += len(piece)
            size = None if size is None else size - len(piece)
            yield piece

    def skip(self, size: int | None = None) -> int:
        """Pass over the next bytes; return how many there were."""
        return sum(len(piece) for piece in self.chunks(size))

    @property
    def sha256(self) -> str | None:
        """SHA-256 of all bytes, once all were passed; ``None``: not wanted."""
        return self._hash.hexdigest() if self._hash is not None else None

    def _next_chunk(self) -> bytes:
        if self.error is not None:
            return b""
        try:
            for chunk in self._chunks:
                if chunk:
                    if self._hash is not None:
                        self._hash.update(chunk)
                    return chunk
        except UnpackingError as error:
            self.error = error
        return b""


class ForwardOnlyStreamOverFileBytes(ForwardOnlyStream):
    """Bytes of a file from an offset on; those that are passed over are not read."""

    def __init__(self, content: Content, start: int = 0) -> None:
        """Begin at an offset of a file."""
        super().__init__(iter(()))
        self._content, self._start = content, start

    def skip(self, size: int | None = None) -> int:
        """Pass over the next bytes; return how many there were."""
        left = len(self._content) - self._start - self.position
        passed = left if size is None else min(left, size)
        buffered = len(self._buffer) - self._at
        if passed <= buffered:
            self._at += passed
        else:
            self._buffer, self._at = b"", 0
        self.position += passed
        return passed

    def _next_chunk(self) -> bytes:
        at = self._start + self.position + len(self._buffer) - self._at
        chunk = self._content.data[at : at + CHUNK_SIZE]
        self._content.release_pages(at, len(chunk))
        return chunk


def iterate_chunks_of_content_range(content: Content, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes of a file between two offsets, in pieces."""
    for at in range(start, end, CHUNK_SIZE):
        yield content.data[at : min(at + CHUNK_SIZE, end)]
        content.release_pages(at, CHUNK_SIZE)
