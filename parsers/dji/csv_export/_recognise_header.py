"""The header of a table: where it is, its columns, their units, and which kind it is."""

import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

from ..._file_content import HEAD_SIZE, Content
from ..._shared._remote_id_column_names import has_remote_id_column_names
from ._known_export_programs import EXPORTERS, ExportProgram

BOM = b"\xef\xbb\xbf"
#: No header is longer: DatCon's longest has some thousand columns.
_LONGEST_HEADER, _MOST_COLUMNS = 1 << 17, 4096
_SEP = re.compile(rb"\"?sep=(?P<sep>[,;\t|])\"?[ \t\r]*\n", re.IGNORECASE)
_TITLE = re.compile(
    r"(?P<name>[^\[]{0,200}?)\s{0,8}+"
    r"(?:\[(?P<unit>.{0,60})\]|(?<![:)])\((?P<round>[^()]{0,60})\))?$"
)
#: What stands between fields: a comma, or what spreadsheets write where that is a decimal mark.
_SEPARATORS = (b",", b";", b"\t", b"|")
_LEAST_COLUMNS = 4
#: What JSON and XML begin with: their names of values are no titles of columns.
_NO_TABLE = (b"{", b"[", b"<")
#: Column names of a table of flown positions: position and height.
_POSITION = re.compile(r"(?:^|[.:_ ])(lat(?:itude)?|lon(?:g|gitude)?)$", re.IGNORECASE)
_HEIGHT = re.compile(r"alt(?:itude)?|height|elevation", re.IGNORECASE)
#: What a title says in brackets of times in UTC.
UTC_UNITS = frozenset({"utc", "gmt", "z", "zulu"})
_PRINTABLE = bytes([9, 10, 13, *range(32, 256)])


class ExportColumn(NamedTuple):
    """A column: as it is titled, its name and its unit."""

    title: str
    name: str
    #: As written, in lower case; empty if none is written.
    unit: str


class ExportHeader(NamedTuple):
    """Where the header lies, and what it says."""

    #: Byte where its line begins, and where the first row does.
    begin: int
    end: int
    separator: bytes
    columns: tuple[ExportColumn, ...]
    exporter: ExportProgram | None
    #: Of the file; a date in it may settle how those of the table are meant.
    file_name: str = ""

    def column_index(self, names: Sequence[str]) -> int | None:
        """Return the number of the first column of some names.

        Of columns of one name, one in UTC is better than another, and one with a unit than none.
        """
        for name in names:
            indexes = [number for number, column in enumerate(self.columns) if column.name == name]
            if indexes:
                return min(indexes, key=self._preference_of_unit)
        return None

    def _preference_of_unit(self, index: int) -> tuple[bool, bool]:
        """Return what sorts the columns of one name, the best first."""
        unit = self.columns[index].unit
        return unit not in UTC_UNITS, not unit


def claims(content: Content) -> bool:
    """Return whether the first line is the header of a flight's table, known or not."""
    header = _parse_header(content.head, len(content) <= HEAD_SIZE)
    if header is None:
        return False
    if header.exporter is not None:
        return True
    names = [column.name for column in header.columns]
    if has_remote_id_column_names(names):
        return False
    sides = {match[1][:2].lower() for name in names if (match := _POSITION.search(name))}
    return sides == {"la", "lo"} and any(_HEIGHT.search(name) for name in names)


def read_header(content: Content) -> ExportHeader | None:
    """Return the header of a table; ``None`` if the file has none."""
    head = content.data[: _LONGEST_HEADER + HEAD_SIZE]
    header = _parse_header(head, is_complete=True)
    return None if header is None else header._replace(file_name=content.base_name)


def _parse_header(head: bytes, is_complete: bool) -> ExportHeader | None:
    """Return the header at the start of a file, or as much of it as lies in ``head``."""
    at = len(BOM) if head.startswith(BOM) else 0
    separators: tuple[bytes, ...] = _SEPARATORS
    if (match := _SEP.match(head, at)) is not None:
        separators, at = (match["sep"],), match.end()
    end = head.find(b"\n", at) + 1
    if not end:
        end = len(head)
    line = head[at:end]
    if len(line) > _LONGEST_HEADER or line.translate(None, _PRINTABLE):
        return None
    if line.lstrip().startswith(_NO_TABLE):
        return None
    is_cut = end == len(head) and not is_complete
    found = [
        ExportHeader(at, end, separator, columns, _find_export_program(columns))
        for separator in separators
        if (columns := _columns_of_line(line, separator, is_cut))
    ]
    # A header that an exporter is known by, else the one with most columns.
    return max(found, key=lambda it: (it.exporter is not None, len(it.columns)), default=None)


def _columns_of_line(line: bytes, separator: bytes, is_cut: bool) -> tuple[ExportColumn, ...]:
    """Return the columns that a header has with a separator; empty: it is none with that."""
    if line.count(separator) < _LEAST_COLUMNS - 1:
        return ()
    if is_cut:
        line = line[: line.rfind(separator)]  # the last title may be cut
    text = line.decode("utf-8", "replace").strip("\r\n")
    try:
        fields = csv.reader([text], delimiter=separator.decode(), skipinitialspace=True)
        titles = next(fields, [])
    except csv.Error:
        return ()
    if not _LEAST_COLUMNS <= len(titles) <= _MOST_COLUMNS:
        return ()
    return tuple(_parse_column_title(title.strip()) for title in titles)


def _parse_column_title(title: str) -> ExportColumn:
    match = _TITLE.fullmatch(title)
    if match is None:
        return ExportColumn(title, title, "")
    unit = match["unit"] if match["unit"] is not None else match["round"]
    name = match["name"].removesuffix(":C").removesuffix(":D")
    return ExportColumn(title, name, (unit or "").strip().lower())


def _find_export_program(columns: Sequence[ExportColumn]) -> ExportProgram | None:
    """Return the kind of a header; CsvView writes ``Clock:`` before what DatCon begins with."""
    names = {column.name.removeprefix("Clock:") for column in columns}
    return next((kind for kind in EXPORTERS if kind.required_columns <= names), None)
