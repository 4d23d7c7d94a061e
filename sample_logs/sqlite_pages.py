"""Write an SQLite database of leaf pages, from "Database File Format" of sqlite.org.

Python's own SQLite would write its version into the file, so that no two computers write the same.
"""

import struct
from collections.abc import Sequence
from typing import Any

PAGE = 4096


def database(pages: Sequence[bytes], free_page: int = 0) -> bytes:
    """Return a database of some pages, the first of them the schema; ``free_page``: 0 for none."""
    # Size of a page, versions, space kept, shares of a payload, changes; then 28 bytes from the
    # number of pages to the encoding: 4 is the form of the schema, 1 is UTF-8.
    numbers = (1, len(pages), free_page, int(free_page > 0), 1, 4, 0, 0, 1, 0, 0, 0)
    head = b"SQLite format 3\0" + struct.pack(">H6B12I", PAGE, 1, 1, 0, 64, 32, 32, *numbers)
    head += bytes(20) + struct.pack(">II", 1, 3_045_000)
    return b"".join([head + pages[0][100:], *pages[1:]])


def leaf_page(rows: Sequence[Sequence[Any]], at: int = 0) -> bytes:
    """Return a leaf page of a table; the first page has room for the header before it."""
    page, end, places = bytearray(PAGE), PAGE, []
    for number, row in enumerate(rows, 1):
        payload = _record(row)
        cell = _varint(len(payload)) + _varint(number) + payload
        end -= len(cell)
        page[end : end + len(cell)] = cell
        places.append(end)
    struct.pack_into(">BHHHB", page, at, 0x0D, 0, len(rows), end, 0)
    struct.pack_into(f">{len(places)}H", page, at + 8, *places)
    return bytes(page)


def _record(row: Sequence[Any]) -> bytes:
    kinds, body = b"", b""
    for value in row:
        if value is None:
            kinds += _varint(0)
        elif isinstance(value, int):
            kinds, body = kinds + _varint(4), body + struct.pack(">i", value)
        elif isinstance(value, float):
            kinds, body = kinds + _varint(7), body + struct.pack(">d", value)
        else:
            text = value.encode()
            kinds, body = kinds + _varint(13 + 2 * len(text)), body + text
    return _varint(len(kinds) + 1) + kinds + body


def _varint(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))
