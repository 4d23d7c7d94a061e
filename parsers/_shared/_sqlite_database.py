"""The tables of an SQLite database, read from its bytes: each row with its place in the file.

The database is never opened by SQLite itself, which may write beside it.  Source: "Database File
Format" of sqlite.org (header, b-trees, records, overflow pages).  Read are the rows of tables with
a row number; what is deleted, and what a write-ahead log beside the file holds, is not.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pandas as pd

from .._byte_coverage import CoverageSpan
from .._errors import CorruptLogError, UnsupportedVersionError
from .._file_content import Content
from .._model import Issue, RecordsCountedBeforeDecoding

MAGIC = b"SQLite format 3\x00"
_ENCODINGS = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_INTERIOR, _LEAF = 0x05, 0x0D
#: A row is no longer; a tree is no deeper; a database has no more pages that are looked at.
_MAX_ROW_SIZE, _MAX_DEPTH, _MAX_PAGES = 1 << 20, 24, 1 << 20
#: Damaged rows of a page after which it is left, and issues that are listed one by one.
_MAX_DAMAGED_ROWS, _MAX_ISSUES = 32, 10_000
_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_COLUMN = re.compile(r'\s*(?:"([^"]+)"|\[([^\]]+)\]|`([^`]+)`|([^\s(,]+))')
_CONSTRAINTS = ("constraint", "primary", "unique", "check", "foreign")
WAL_REASON = (
    "written with a write-ahead log: the latest rows may stand in a file of the same name with "
    "-wal at its end, which is not read"
)


@dataclass(frozen=True, slots=True)
class SqliteRow:
    """One row: where it lies, how long it is, and its values by column."""

    offset: int
    length: int
    cells: dict[str, Any]

    def location_and_cell_values(self) -> dict[str, Any]:
        """Return its place and its values by column; bytes in hexadecimal."""
        return {"offset": self.offset, "length": self.length} | {
            name: value.hex() if isinstance(value, bytes) else value
            for name, value in self.cells.items()
        }


@dataclass(frozen=True, slots=True)
class SqliteTableRecords(RecordsCountedBeforeDecoding):
    """The rows of a table as records, read again when asked for."""

    content: Content
    table: str

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record, in order of its place in the file."""
        rows = islice(
            SqliteDatabase.open(self.content).table_rows_in_rowid_order(self.table), self.count
        )
        return pd.DataFrame(
            [row.location_and_cell_values() for row in sorted(rows, key=lambda row: row.offset)]
        )


@dataclass(eq=False)
class SqliteDatabase:
    """A database: its tables, and what every page of it is."""

    content: Content
    page_size: int = 0
    usable: int = 0
    encoding: str = "utf-8"
    #: Name of a table, in capitals -> root page and names of its columns.
    tables: dict[str, tuple[int, tuple[str, ...], str | None]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    #: Page -> what it is; pages of other tables, indexes and free ones are not in it.
    pages: dict[int, str] = field(default_factory=dict)

    @classmethod
    def open(cls, content: Content) -> "SqliteDatabase":
        """Read header and schema.

        Raises:
            CorruptLogError: If the header or the schema is damaged.
            UnsupportedVersionError: If it is in a form that is not known.
        """
        head = content.read_bytes(0, 100, "header of a database")
        if not head.startswith(MAGIC):
            raise CorruptLogError(0, "an SQLite database", repr(head[:16]))
        size = int.from_bytes(head[16:18], "big")
        size = 65_536 if size == 1 else size
        if size < 512 or size & (size - 1):
            raise CorruptLogError(16, "the size of a page", str(size))
        encoding = _ENCODINGS.get(int.from_bytes(head[56:60], "big"))
        if head[18] > 2 or head[19] > 2 or encoding is None:
            raise UnsupportedVersionError("an SQLite database in a form that is not known")
        database = cls(content, size, size - head[20], encoding)
        if database.usable < 480:
            raise CorruptLogError(20, "space on a page", str(database.usable))
        if head[18] == 2 or head[19] == 2:
            database.issues.append(Issue(18, 0, WAL_REASON))
        database._read_schema()
        return database

    @property
    def page_count(self) -> int:
        """Whole pages that are in the file."""
        return min(len(self.content) // self.page_size, _MAX_PAGES)

    def rows(self, table: str) -> Iterator[SqliteRow]:
        """Yield the rows of a table in order of their place; a table that is not there has none."""
        yield from sorted(self.table_rows_in_rowid_order(table), key=lambda row: row.offset)

    def table_rows_in_rowid_order(self, table: str) -> Iterator[SqliteRow]:
        """Yield the rows of a table in order of their number, holding a page of them at a time.

        A table can be read once: a page that is met again is damage.
        """
        root, columns, key = self.tables.get(table.upper(), (0, (), None))
        if root:
            yield from self._iterate_tree_rows(root, columns, key)

    def _read_schema(self) -> None:
        names = ("type", "name", "tbl_name", "rootpage", "sql")
        for row in self._iterate_tree_rows(1, names, None):
            kind, name, root, sql = (
                row.cells[column] for column in ("type", "name", "rootpage", "sql")
            )
            if kind == "table" and isinstance(name, str) and isinstance(sql, str):
                columns, key = _column_names_and_rowid_column(sql)
                if isinstance(root, int) and columns:
                    self.tables[name.upper()] = (root, columns, key)

    def _iterate_tree_rows(
        self, root: int, columns: tuple[str, ...], key: str | None
    ) -> Iterator[SqliteRow]:
        """Yield the rows of a tree; a page of it that is damaged is an issue."""
        waiting = [(root, 0)]
        while waiting:
            page, depth = waiting.pop()
            if page in self.pages or not 1 <= page <= self.page_count or depth > _MAX_DEPTH:
                self._add_page_issue(
                    page, "a pointer to a missing page, or a second one to the same page"
                )
                continue
            page_offset = (page - 1) * self.page_size
            raw = self.content.data[page_offset : page_offset + self.page_size]
            self.pages[page] = "records"
            header_offset = 100 if page == 1 else 0
            kind, count = (
                raw[header_offset],
                int.from_bytes(raw[header_offset + 3 : header_offset + 5], "big"),
            )
            if kind not in (_INTERIOR, _LEAF) or count * 2 > self.usable:
                self.pages[page] = "gap"
                self._add_issue(Issue(page_offset, self.page_size, "a damaged page of a table"))
                continue
            cells = header_offset + (12 if kind == _INTERIOR else 8)
            cell_offsets = struct.unpack_from(
                f">{min(count, (len(raw) - cells) // 2)}H", raw, cells
            )
            if kind == _INTERIOR:
                children = [
                    int.from_bytes(raw[pointer : pointer + 4], "big") for pointer in cell_offsets
                ]
                children.append(int.from_bytes(raw[header_offset + 8 : header_offset + 12], "big"))
                waiting += [(child, depth + 1) for child in reversed(children)]
                continue
            left = len(raw)
            for cell_offset in cell_offsets:
                row = self._build_row(raw, page_offset, cell_offset, columns, key)
                # Rows share no bytes: thousands of pointers to one row would cost the square.
                left -= len(raw) // _MAX_DAMAGED_ROWS if row is None else row.length
                if left < 0:
                    self._add_issue(
                        Issue(page_offset, self.page_size, "a page with rows that overlap")
                    )
                    break
                if row is not None:
                    yield row

    def _build_row(
        self,
        raw: bytes,
        page_offset: int,
        cell_offset: int,
        columns: tuple[str, ...],
        key: str | None,
    ) -> SqliteRow | None:
        try:
            size, offset = _read_varint_and_end(raw, cell_offset)
            number, offset = _read_varint_and_end(raw, offset)
            payload, end = self._row_payload_and_end_offset(raw, offset, size)
            values = _decode_row(payload, self.encoding)
        except (IndexError, ValueError) as error:
            self._add_issue(
                Issue(page_offset + min(cell_offset, len(raw)), 0, f"a damaged row: {error}")
            )
            return None
        cells = dict.fromkeys(columns) | dict(zip(columns, values, strict=False))
        if key is not None:
            # The key of rows is not written twice.
            cells[key] = _to_signed_integer(number, 8)
        return SqliteRow(page_offset + cell_offset, end - cell_offset, cells)

    def _row_payload_and_end_offset(self, raw: bytes, offset: int, size: int) -> tuple[bytes, int]:
        """Return a row's bytes, which may go on in pages of their own."""
        largest_local = self.usable - 35
        if size > _MAX_ROW_SIZE:
            raise ValueError("it is longer than any")
        if size <= largest_local:
            if offset + size > len(raw):
                raise ValueError("it reaches past its page")
            return raw[offset : offset + size], offset + size
        smallest_local = (self.usable - 12) * 32 // 255 - 23
        local_size = smallest_local + (size - smallest_local) % (self.usable - 4)
        local_size = local_size if local_size <= largest_local else smallest_local
        parts, left = [raw[offset : offset + local_size]], size - local_size
        next_page = int.from_bytes(raw[offset + local_size : offset + local_size + 4], "big")
        while left > 0:
            if not 1 <= next_page <= self.page_count or next_page in self.pages:
                raise ValueError("its further pages are lost")
            self.pages[next_page] = "records"
            start = (next_page - 1) * self.page_size
            more = self.content.data[start : start + self.usable]
            parts.append(more[4 : 4 + left])
            left -= self.usable - 4
            next_page = int.from_bytes(more[:4], "big")
        return b"".join(parts), offset + local_size + 4

    def _add_page_issue(self, page: int, reason: str) -> None:
        offset = min(max(0, page - 1) * self.page_size, len(self.content) - 1)
        self._add_issue(Issue(offset, 0, f"{reason} (page {page}); rows are cut short"))

    def _add_issue(self, issue: Issue) -> None:
        """Add an issue; of very many the last stands for all that follow."""
        if len(self.issues) < _MAX_ISSUES:
            self.issues.append(issue)
            return
        last = self.issues[-1]
        end = max(last.offset + last.size, issue.offset + issue.size)
        self.issues[-1] = Issue(last.offset, max(0, end - last.offset), last.reason)

    def coverage_spans(self) -> tuple[CoverageSpan, ...]:
        """Return what every byte is; pages that no table read is in are kept as they are."""
        size, page_size = len(self.content), self.page_size
        spans = [CoverageSpan(0, 100, "header")]
        for page in range(1, self.page_count + 1):
            begin = 100 if page == 1 else (page - 1) * page_size
            kind = self.pages.get(page, "opaque")
            spans.append(CoverageSpan(begin, page * page_size - begin, kind))
        offset = max(100, self.page_count * page_size)
        stated = int.from_bytes(self.content.data[28:32], "big") * page_size
        if offset < size:
            self.issues.append(
                Issue(offset, size - offset, "an incomplete page: the file is cut short")
            )
            spans.append(CoverageSpan(offset, size - offset, "gap"))
        elif stated > size:
            self.issues.append(Issue(size, 0, "the database is cut short: pages are missing"))
        return tuple(spans)


def _column_names_and_rowid_column(sql: str) -> tuple[tuple[str, ...], str | None]:
    """Return the names of a table's columns, and of the one that is its row number."""
    body = sql[sql.find("(") + 1 : sql.rfind(")")]
    if "WITHOUT ROWID" in sql.upper()[sql.rfind(")") :] or "(" not in sql:
        return (), None
    names: list[str] = []
    key = None
    for part in _split_column_definitions(body[:_MAX_ROW_SIZE]):
        match = _COLUMN.match(part)
        if match is None:
            continue
        bare = match[4]
        if bare and bare.lower() in _CONSTRAINTS:
            continue
        name = next(group for group in match.groups() if group)
        names.append(name.upper())
        if re.search(r"\bINTEGER\s+PRIMARY\s+KEY\b", part, re.IGNORECASE):
            key = name.upper()
    return tuple(names), key


def _split_column_definitions(body: str) -> Iterator[str]:
    """Yield what commas part that stand in no brackets."""
    depth = begin = 0
    for index, letter in enumerate(body):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield body[begin:index]
            begin = index + 1
    yield body[begin:]


def _read_varint_and_end(raw: bytes, offset: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where it ends."""
    value = 0
    for index in range(8):
        byte = raw[offset + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset + index + 1
    return value << 8 | raw[offset + 8], offset + 9


def _to_signed_integer(value: int, size: int) -> int:
    """Return the bits of a number of so many bytes as a number with a sign."""
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value


def _decode_row(payload: bytes, encoding: str) -> list[Any]:
    """Return the values of a row."""
    head, offset = _read_varint_and_end(payload, 0)
    if head > len(payload):
        raise ValueError("its header is longer than the row")
    kinds: list[int] = []
    while offset < head:
        kind, offset = _read_varint_and_end(payload, offset)
        kinds.append(kind)
    values: list[Any] = []
    offset = head
    for kind in kinds:
        size = _NUMBERS.get(kind, 8 if kind == 7 else max(0, kind - 12) // 2 if kind >= 12 else 0)
        raw = payload[offset : offset + size]
        if len(raw) < size:
            raise ValueError("it is shorter than its values")
        values.append(_decode_value_by_serial_type(kind, raw, encoding))
        offset += size
    return values


def _decode_value_by_serial_type(kind: int, raw: bytes, encoding: str) -> Any:
    if kind in _NUMBERS:
        return int.from_bytes(raw, "big", signed=True)
    if kind == 7:
        return struct.unpack(">d", raw)[0]
    if kind in (8, 9):
        return kind - 8
    if kind >= 12:
        return raw.decode(encoding, "replace") if kind % 2 else raw
    return None
