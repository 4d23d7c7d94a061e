"""Tables in JSON: a list of names, and a list of rows of values, each at its byte in the file.

A row that is damaged, or a file that ends within one, costs no other row: rows are read one by
one, and what stands around them as one document, or name by name where that is damaged.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .._clocks._move_local_times_out_of_tables import (
    elapsed_seconds_to_ns,
    log_with_elapsed_times_as_local,
)
from .._errors import CorruptLogError
from .._file_content import Content
from .._model import Aircraft, Clock, Issue, Log, NamedPosition, Source
from .._tables import TRACK, build_table, event_table_from_rows, sort_by_time
from ..dji._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues
from ..dji._event_rows import NAT
from ..dji._records_from_dicts import RecordsFromDicts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: A row: values that are no lists; or an object of such values.  It is looked for in so many bytes.
_ROW = re.compile(rb'\[(?:[^\[\]"{}]|"(?:[^"\\]|\\.)*+")*+\]')
_OBJECT = re.compile(rb'\{(?:[^\[\]"{}]|"(?:[^"\\]|\\.)*+")*+\}')
_LONGEST_ROW = 1 << 14
_SCALAR = re.compile(
    rb'"([a-z_]{1,40})"\s{0,20}:\s{0,20}("(?:[^"\\\n]|\\.){0,200}+"|-?\d{1,15}(?:\.\d{1,9})?)'
)
_BETWEEN_ROWS = re.compile(rb"[\s,]*+")
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,15})?")
_LARGEST = 1e15
_MOST_ROWS, _MOST_NAMES = 2_000_000, 512
#: Bytes around the rows that are read.
_LONGEST_DOCUMENT = 1 << 22


@dataclass(eq=False, slots=True)
class JsonTable:
    """What was read of a table."""

    names: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    #: What stands around the rows; where it is damaged, its values by name.
    document: Mapping[str, Any] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def numbers_of_column(self, name: str) -> Floats:
        """Return a column, NaN where a row has no number; shape ``(rows,)``."""
        if name not in self.names:
            return np.full(len(self.rows), np.nan)
        column = self.names.index(name)
        return np.array([_number_or_nan(row[column]) for row in self.rows], np.float64)

    def records(self) -> list[dict[str, Any]]:
        """Return a mapping of name to value for each row, with its ``offset``."""
        return [
            dict(zip(self.names, row, strict=True)) | {"offset": offset}
            for row, offset in zip(self.rows, self.offsets, strict=True)
        ]


def begins_as_json_object_with_words(content: Content, *words: bytes) -> bool:
    """Return whether a file begins with a JSON object, and all these words are in its first bytes.

    A byte order mark may stand before it.
    """
    head = content.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"{") and all(word in head for word in words)


def read_json_table(content: Content, names_key: str, rows_key: str) -> JsonTable:
    """Read the rows under a key, whose columns the list under another key names.

    Raises:
        CorruptLogError: If no row can be read.
    """
    table = JsonTable()
    found, head, tail = _row_spans_and_bytes_around_them(content, rows_key, table)
    table.names = _column_names(names_key, head) or _column_names(names_key, tail)

    def cells_of_row(value: Any) -> list[Any] | None:
        return value if isinstance(value, list) and len(value) == len(table.names) else None

    expected = f"rows under {rows_key!r} with a value for each column"
    _add_rows(table, content, found, cells_of_row, expected)
    return table


def read_json_objects_as_table(content: Content, rows_key: str, names: Sequence[str]) -> JsonTable:
    """Read the objects under a key as rows: some of their values, by name.

    Raises:
        CorruptLogError: If no object can be read.
    """
    table = JsonTable(list(names))
    found, _head, _tail = _row_spans_and_bytes_around_them(content, rows_key, table, _OBJECT)

    def cells_of_row(value: Any) -> list[Any] | None:
        return [value.get(name) for name in names] if isinstance(value, dict) else None

    _add_rows(table, content, found, cells_of_row, f"objects under {rows_key!r}")
    return table


def _row_spans_and_bytes_around_them(
    content: Content, rows_key: str, table: JsonTable, pattern: re.Pattern[bytes] = _ROW
) -> tuple[list[tuple[int, int]], bytes, bytes]:
    """Return where the rows under a key stand, and the bytes before and after them.

    What stands around the rows becomes the document of the table.

    Raises:
        CorruptLogError: If there is no list under the key.
    """
    data = content.data
    opened = _json_list_opening_pattern(rows_key).search(data)
    if opened is None:
        raise CorruptLogError(0, f"a list {rows_key!r}", "none")
    end, found = _end_and_ranges_of_table_rows(content, opened.end(), table, pattern)
    head = bytes(data[: min(opened.end(), _LONGEST_DOCUMENT)])
    tail = bytes(data[end : end + _LONGEST_DOCUMENT])
    table.document = _document_around_rows(head, tail)
    return found, head, tail


def _add_rows(
    table: JsonTable,
    content: Content,
    found: Iterable[tuple[int, int]],
    cells_of_row: Callable[[Any], list[Any] | None],
    expected: str,
) -> None:
    """Add the rows of a table to it, those that cannot be read as damage.

    Args:
        table: The table.
        content: The file.
        found: From where to where each row reaches.
        cells_of_row: Returns the cells of a row from its JSON; ``None``: it is no row.
        expected: What there must be at least one of.

    Raises:
        CorruptLogError: If no row can be read.
    """
    for begin, after in found:
        cells = cells_of_row(_json_value_or_none(bytes(content.data[begin:after])))
        if cells is None:
            _add_damaged_row(table, begin, after)
        else:
            table.offsets.append(begin)
            table.rows.append(cells)
    if not table.rows:
        raise CorruptLogError(0, expected, "none")
    table.issues.sort(key=lambda issue: issue.offset)


def row_times_ns(seconds: Floats, start_ns: int | None) -> Ints:
    """Return the time of each row, nanoseconds since 1970, from seconds since the start.

    Args:
        seconds: Since the start, NaN where a row states none; shape ``(rows,)``.
        start_ns: The start; ``None``: not known, and times are those since it, as if since 1970.
    """
    elapsed = elapsed_seconds_to_ns(seconds)
    return np.where(elapsed == NAT, NAT, elapsed + (start_ns or 0))


def log_of_json_rows(
    source: Source,
    table: JsonTable,
    record: str,
    *,
    aircraft: Aircraft,
    clock_source: str | None,
    track: Mapping[str, Any],
    events: Iterable[dict[str, Any]],
    named_positions: Iterable[NamedPosition] = (),
    issues: Sequence[Issue] = (),
) -> Log:
    """Return the log of a flight of which each row of a table is a row of the track.

    Args:
        source: The bytes of the file.
        table: What was read of it.
        record: Name of the record that its rows are.
        aircraft: What the document around the rows says of the aircraft.
        clock_source: Whose clock gives UTC; ``None``: none, and times are those since the start.
        track: Columns of ``TRACK``, ``time`` among them.
        events: Rows of ``EVENTS``.
        named_positions: Positions other than the track's.
        issues: Remarks besides those on the rows.
    """
    columns = {**track, "source_offset": np.array(table.offsets, np.int64)}
    spans, gaps = spans_covering_bytes_and_gap_issues(
        source.size, [(0, source.size, "records")], table.issues
    )
    log = Log(
        source,
        aircraft,
        Clock(clock_source),
        sort_by_time(build_table(TRACK, columns, len(table.rows)), "time"),
        event_table_from_rows(events),
        named_positions=tuple(named_positions),
        issues=(*table.issues, *issues, *gaps),
        coverage=spans,
        unrecorded_tables=("captures", "contacts"),
        track_record=record,
        _records={record: RecordsFromDicts(table.records(), None)},
    )
    return log if clock_source is not None else log_with_elapsed_times_as_local(log)


def _json_list_opening_pattern(key: str) -> re.Pattern[bytes]:
    return re.compile(rb'"' + key.encode() + rb'"\s{0,100}:\s{0,100}\[')


def _end_and_ranges_of_table_rows(
    content: Content, at: int, table: JsonTable, pattern: re.Pattern[bytes] = _ROW
) -> tuple[int, list[tuple[int, int]]]:
    """Return where the rows end, and where each whole one begins and ends."""
    opening = b"[" if pattern is _ROW else b"{"
    data, size = content.data, len(content)
    found: list[tuple[int, int]] = []
    while len(found) < _MOST_ROWS:
        between = _BETWEEN_ROWS.match(data, at)
        at = between.end() if between else at
        if at < size and data[at : at + 1] == b"]":
            return at, found
        row = pattern.match(bytes(data[at : at + _LONGEST_ROW]))
        if row is not None:
            found.append((at, at + row.end()))
            at += row.end()
            continue
        following = data.find(opening, at + 1)
        if following < 0:
            break
        _add_damaged_row(table, at, following)
        at = following
    if at < size:
        table.issues.append(Issue(at, size - at, "cut short: the rows do not end here"))
    return size, found


def _add_damaged_row(table: JsonTable, begin: int, end: int) -> None:
    last = table.issues[-1] if table.issues else None
    if last is not None and last.offset + last.size == begin:
        begin = table.issues.pop().offset
    table.issues.append(Issue(begin, end - begin, "a row that cannot be read"))


def _json_value_or_none(text: bytes) -> Any:
    """Return the value of a text in JSON; ``None``: it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _document_around_rows(head: bytes, tail: bytes) -> Mapping[str, Any]:
    """Return what stands around the rows: as one document, else its texts and numbers by name."""
    whole = _json_value_or_none(head.removeprefix(b"\xef\xbb\xbf") + tail)
    if isinstance(whole, dict):
        return whole
    return {
        name.decode(): _json_value_or_none(value)
        for text in (tail, head)
        for name, value in _SCALAR.findall(text)
    }


def _column_names(key: str, text: bytes) -> list[str]:
    """Return the names of columns: texts, or objects with a name."""
    opened = _json_list_opening_pattern(key).search(text)
    if opened is None:
        return []
    listed = _json_value_or_none(b"[" + text[opened.end() : text.find(b"]", opened.end()) + 1])
    if not isinstance(listed, list) or len(listed) > _MOST_NAMES:
        return []
    names = [each.get("name") if isinstance(each, dict) else each for each in listed]
    return [each if isinstance(each, str) else f"column {row}" for row, each in enumerate(names)]


def text_at_document_path(document: Mapping[str, Any], *path: str) -> str | None:
    """Return a text of a document, or of a flat one by its last name; ``None``: not stated."""
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None and path:
        value = document.get(path[-1])
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}"
    return value[:200].strip() or None if isinstance(value, str) else None


def _number_or_nan(value: object) -> float:
    if isinstance(value, int | float) and abs(value) < _LARGEST:
        return float(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return float("nan")
