r"""Zeek's logs (``conn.log``, ``dns.log``, ``ssl.log``, ``http.log``, ``quic.log``, …).

Who writes it: Zeek (Bro until 2018), a sensor that watches a network and writes a line for each
connection, look-up, handshake or request it sees; one file a kind of record, rotated by the hour
and packed with gzip.  Both of its forms are read, plain or packed:

* tables: lines that begin with ``#`` state the separator (``#separator \x09``), what stands for
  a missing or empty one, its kind (``#path conn``), and names and types of the fields;
* JSON: one object per line; ``_path`` or, without it, the fields give its kind.

Facts: Zeek's documentation of its logs and of the states of a connection; seven real files of
SuperCowPowers/zat 00a2373.

Contacts.  ``conn``: the address, with the bytes of the payload both ways; a connection that was
refused or left without an answer (S0, REJ, SH, RSTOS0) is *attempted*.  ``dns``: the name that was
asked for, once for each address in the answer; *attempted* if there was none, a refusal, or an
address of no computer.  ``ssl`` and ``quic``: the name in the ClientHello.  ``http``: host and
path, and the bytes of the bodies; what stands in a path by way of a password, a key or the like
is masked, there and in the records.  Every other kind that shows a conversation gives its
address.  ``x509``: the names in certificates, which are names and no contacts.

``conn`` holds no host names and ``dns`` no conversations, so that the logs of a sensor together
show more than each of them.  Times are the sensor's clock, UTC, to the microsecond.

Not decoded: nothing; fields that no column has a place for are in the records, as text.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._file_content import Content
from ..._model import Clock
from .._shared._line_log_reader import (
    OTHER_KIND,
    ClockVersionAndIssuesOfLineLog,
    LineLogReader,
    build_line_log_format,
)
from .._text._columnar_records import (
    ColumnarRecords,
    ColumnsOfJsonObjects,
    LazilyCleanedTextColumns,
)
from .._text._json_lines import json_object_of_line
from .._text._text_lines import LineBatch, LineCoverageKind, LineKinds, first_lines_of_text
from ._contacts import CONTACT_READERS, ZeekContacts

#: A table of more fields is none.
_MAX_FIELDS = 1000
#: Changes of the schema that are followed; a file has one header, or a few that were joined.
_MAX_HEADERS = 10_000
#: Characters of a value of the header that are kept.
_LONGEST_VALUE = 64
#: Kinds of record that are told apart.
_MAX_PATHS = 500
#: Fields of which one is in every record of a kind and in no other kind.
_DISTINCTIVE_FIELDS = (
    ("conn", "conn_state"),
    ("dns", "qtype"),
    ("dns", "query"),
    ("http", "trans_depth"),
    ("quic", "client_initial_dcid"),
    ("ssl", "cipher"),
    ("ssl", "server_name"),
    ("x509", "certificate.serial"),
)


@dataclass(frozen=True, slots=True)
class _TableHeader:
    """How a table is written, according to the lines of its header so far."""

    separator: str = "\t"
    empty: str = "(empty)"
    unset: str = "-"
    path: str = ""
    fields: tuple[str, ...] = ()

    def with_header_line(self, line: str) -> "_TableHeader":
        """Return the schema after one more line of the header."""
        # The first line is separated by a blank, for it states the separator of the others.
        if line.startswith("#separator"):
            return _TableHeader(_parse_separator_escape(line.split(None, 1)[-1]))
        name, _, value = line.partition(self.separator)
        changed = {"#path": "path", "#empty_field": "empty", "#unset_field": "unset"}.get(name)
        known = {"empty": self.empty, "unset": self.unset, "path": self.path}
        if changed:
            return _TableHeader(
                self.separator,
                **known | {changed: value.strip()[:_LONGEST_VALUE]},
                fields=self.fields,
            )
        if name == "#fields":
            names = tuple(value.split(self.separator)[:_MAX_FIELDS])
            return _TableHeader(self.separator, **known, fields=names)
        return self

    def field_value(self, text: str) -> str | None:
        """Return the value of a field; one that is unset or empty is missing."""
        return None if text in (self.unset, self.empty) else text


def _parse_separator_escape(text: str) -> str:
    if text.startswith("\\x") and len(text) == 4:
        try:
            return chr(int(text[2:], 16))
        except ValueError:
            return "\t"
    return text[:1] or "\t"


@dataclass(eq=False)
class _ZeekReader(LineLogReader):
    expected = "a record of Zeek"
    not_a_record = "not a record: wrong number of fields, or not a JSON object"

    #: The kind of record that the name of the file suggests.
    guess: str = "zeek"
    header: _TableHeader = field(default_factory=_TableHeader)
    #: Lines from which on each schema holds, rising, and the schemas.
    header_lines: list[int] = field(default_factory=list)
    headers: list[_TableHeader] = field(default_factory=list)
    has_header: bool = False

    def __post_init__(self) -> None:
        self.kinds = ZeekContacts(self.contacts, self.blind_spots)

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        rows: list[int] = []
        fields: list[list[str]] = []
        objects: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for row, line in enumerate(batch.lines):
            if line.startswith("#"):
                self._read_table(batch, rows, fields)
                rows, fields = [], []
                header = self.header.with_header_line(line)
                if header is not self.header and len(self.header_lines) < _MAX_HEADERS:
                    self.header = header
                    self.header_lines.append(batch.first + row)
                    self.headers.append(header)
                self.has_header = True
                kinds[row] = LineCoverageKind.HEADER
            elif not line.strip():
                kinds[row] = LineCoverageKind.PADDING
            elif self.header.fields:
                values = line.split(self.header.separator)
                if len(values) == len(self.header.fields):
                    kinds[row] = LineCoverageKind.RECORD
                    rows.append(row)
                    fields.append(values)
            elif (record := json_object_of_line(line)) is not None and "ts" in record:
                kinds[row] = LineCoverageKind.RECORD
                objects.setdefault(self._zeek_log_type_of_record(record), []).append((row, record))
        self._read_table(batch, rows, fields)
        for path, records in sorted(objects.items()):
            columns = ColumnsOfJsonObjects([record for _, record in records])
            self._add_records(path, batch, [row for row, _ in records], columns)
        return kinds

    def _zeek_log_type_of_record(self, record: dict[str, Any]) -> str:
        stated_path = record.get("_path")
        if isinstance(stated_path, str) and stated_path:
            path = stated_path[:64]
            # A kind that the log is full of is no kind of its own.
            known = path in self.lines or path in CONTACT_READERS or len(self.lines) < _MAX_PATHS
            return path if known else OTHER_KIND
        return next((path for path, name in _DISTINCTIVE_FIELDS if name in record), self.guess)

    def _read_table(self, batch: LineBatch, rows: list[int], fields: list[list[str]]) -> None:
        if not rows:
            return
        texts = dict(zip(self.header.fields, zip(*fields, strict=True), strict=True))
        columns = LazilyCleanedTextColumns(texts, (self.header.unset, self.header.empty))
        self._add_records(self.header.path or self.guess, batch, rows, columns)

    def _add_records(
        self, path: str, batch: LineBatch, rows: list[int], columns: Mapping[str, Sequence[Any]]
    ) -> None:
        self.add_record_lines(path, (batch.first + row for row in rows))
        self.kinds.add_records(path, ColumnarRecords(batch.offsets[rows], columns))

    def has_no_records(self) -> bool:
        return not self.lines and not self.has_header

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        kinds = self.kinds
        return ClockVersionAndIssuesOfLineLog(
            clock=Clock("clock of the sensor"),
            version="table" if self.has_header else "JSON",
            flow_count=kinds.flows or None,
            unnamed_flow_count=kinds.unnamed if kinds.flows else None,
            excluded_traffic="" if "conn" in self.lines else "conversations of other kinds",
            host_references=[kinds.host_references[host] for host in sorted(kinds.host_references)],
        )

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        index = bisect_right(self.header_lines, number) - 1
        schema = self.headers[index] if index >= 0 else _TableHeader()
        if not schema.fields:
            return json_object_of_line(line) or {}
        values = line.split(schema.separator)
        return dict(zip(schema.fields, map(schema.field_value, values), strict=True))


def claims(content: Content) -> bool:
    """Return whether the first lines are the header of a table, or objects of Zeek."""
    lines = first_lines_of_text(content)
    if lines[0].startswith(("#separator ", "#separator\t")):
        return True
    first = lines[0]
    return (
        first.startswith(("{", "[{"))
        and '"ts":' in first
        and any(name in first for name in ('"uid":', '"id.orig_h":', '"certificate.', '"fuid":'))
        and '"event_type"' not in first
    )


def _zeek_reader_for_content(content: Content) -> _ZeekReader:
    return _ZeekReader(guess=content.base_name.partition(".")[0].lower() or "zeek")


FORMAT = build_line_log_format(
    "zeek",
    "Zeek log",
    "Zeek's documentation of its logs; real files of SuperCowPowers/zat",
    claims,
    _zeek_reader_for_content,
)
