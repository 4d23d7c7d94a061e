"""The bytes of a file that are looked at to tell its kind: few, whatever the size of the file."""

from functools import cached_property

import parsers

#: Bytes from the beginning of a file.
BEGINNING_SIZE = 1 << 14
#: Bytes from its middle and from its end.
WINDOW_SIZE = 1 << 13
#: Most bytes of a file that are looked at.
MAX_LOOKED_AT = BEGINNING_SIZE + 2 * WINDOW_SIZE

#: Bytes that a text does not hold.
_CONTROL_BYTES = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))
#: Byte order mark -> encoding; that of UTF-32 begins as one of UTF-16 does.
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
#: Least share of characters of a text that are ASCII where its encoding is not UTF-8.
_LEAST_ASCII = 0.7


class FileSample:
    """A file's name, size, and the bytes of it that tell its kind.

    Each window is read when it is first asked for, so that the kind of most files is told from
    their first 4,096 bytes.
    """

    def __init__(self, content: parsers.Content, size: int | None = None) -> None:
        """Take the bytes of a file; only the first 4,096 are read yet.

        Args:
            content: The file, or its beginning.
            size: Bytes of the file where only its beginning is at hand.
        """
        self._content = content
        self.name = content.base_name
        self.size = len(content) if size is None else size
        self._head = bytes(content.head)
        #: Bytes that were looked at so far.
        self.looked_at = len(self._head)

    @property
    def content(self) -> parsers.Content:
        """The file, or its beginning."""
        return self._content

    @property
    def first_4096_bytes(self) -> bytes:
        """The first 4,096 bytes, or all of a smaller file."""
        return self._head

    @cached_property
    def first_16384_bytes(self) -> bytes:
        """The first 16,384 bytes, or all of a smaller file."""
        if self.size <= len(self._head):
            return self._head
        self.looked_at = max(self.looked_at, min(self.size, BEGINNING_SIZE))
        return bytes(self._content.data[:BEGINNING_SIZE])

    def bytes_at(self, offset: int, size: int) -> bytes:
        """Return some bytes of the file, fewer where it ends or only its beginning is at hand."""
        self.looked_at = min(self.size, self.looked_at + size)
        return bytes(self._content.data[offset : offset + size])

    @cached_property
    def windows_at_start_middle_end(self) -> tuple[bytes, ...]:
        """The beginning, and where the file is larger, some of its middle and its end."""
        if len(self._content) <= BEGINNING_SIZE or len(self._content) < self.size:
            return (self.first_16384_bytes,)
        data = self._content.data
        beginning = self.first_16384_bytes
        self.looked_at = min(self.size, MAX_LOOKED_AT)
        middle = max(BEGINNING_SIZE, (self.size - WINDOW_SIZE) // 2)
        end = max(middle + WINDOW_SIZE, self.size - WINDOW_SIZE)
        return beginning, bytes(data[middle : middle + WINDOW_SIZE]), bytes(data[end:])

    @cached_property
    def encoding(self) -> str | None:
        """The encoding of a text; ``None``: the beginning of the file is no text."""
        return _text_encoding(self.first_16384_bytes)

    @cached_property
    def text_of_start_middle_and_end(self) -> str:
        """The windows as text, each on lines of its own; empty: the file is no text."""
        if self.encoding is None:
            return ""
        texts = [_decode_window_to_text(self.first_16384_bytes, self.encoding)]
        # A character of UTF-16 or UTF-32 may not begin where a window does.
        if not self.encoding.startswith(("utf-16", "utf-32")):
            texts += [
                _decode_window_to_text(window, self.encoding)
                for window in self.windows_at_start_middle_end[1:]
            ]
        return "\n".join(texts).removeprefix("\ufeff")

    @cached_property
    def text_of_first_16384_bytes(self) -> str:
        """The beginning of a text; empty: the file is no text."""
        if self.encoding is None:
            return ""
        return _decode_window_to_text(self.first_16384_bytes, self.encoding).removeprefix("\ufeff")


def _decode_window_to_text(window: bytes, encoding: str) -> str:
    return window.decode(encoding, "replace")


def _text_encoding(beginning: bytes) -> str | None:
    """Return the encoding of bytes that are a text, else ``None``."""
    if not beginning:
        return None
    for mark, encoding in _BYTE_ORDER_MARKS:
        if beginning.startswith(mark):
            text = beginning[len(mark) :].decode(encoding, "replace")
            return encoding if _is_mostly_ascii(text) or encoding == "utf-8" else None
    for letter, encoding in ((0, "utf-32-le"), (3, "utf-32-be")):
        others = [beginning[place:4096:4] for place in range(4) if place != letter]
        # Of a text in UTF-32 three bytes of each character are zero, or nearly so.
        if len(beginning) >= 32 and not any(map(any, others)) and beginning[letter]:
            return encoding if _is_mostly_ascii(beginning.decode(encoding, "replace")) else None
    even, odd = beginning[0:4096:2], beginning[1:4096:2]
    for zeros, letters, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        # Most letters of a text in UTF-16 are ASCII, and every second byte is zero.
        if len(zeros) >= 8 and zeros.count(0) >= 0.9 * len(zeros) and not letters.count(0):
            return encoding if _is_mostly_ascii(beginning.decode(encoding, "replace")) else None
    if len(beginning.translate(None, _CONTROL_BYTES)) < len(beginning):
        return None
    try:
        # The last character may be cut.
        beginning[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252" if _is_mostly_ascii(beginning.decode("latin-1")) else None
    return "utf-8"


def _is_mostly_ascii(text: str) -> bool:
    printable = sum(character.isprintable() or character in "\t\r\n" for character in text[:4096])
    ascii_count = len(text[:4096].encode("ascii", "ignore"))
    return min(printable, ascii_count) >= _LEAST_ASCII * len(text[:4096])
