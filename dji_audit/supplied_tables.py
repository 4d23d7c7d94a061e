"""Tables that a unit brings along: CSV or TOML files of one kind of row each.

A CSV has a header of column names; its rows keep the byte they begin at, so
that a finding leads back to them.  A TOML file holds the same rows as an array
of tables under one name.  Empty cells are not given.  What a file gets wrong is
said with its line, and nothing of it is used.
"""

import csv
import datetime as dt
import hashlib
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError

from dji_audit.compliance.findings import Evidence
from dji_audit.compliance.policy_entries import explain, suggest

#: A list of aircraft or operations is never larger; what is, is something else.
_LARGEST = 64 << 20


class CaseError(Exception):
    """What a unit brought cannot be used; the message says file, line and fault."""


class Line(BaseModel):
    """One row; a subclass declares its columns."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        time = dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no time; write 2026-05-14T09:00:00Z") from error
    if time.tzinfo is None:
        raise ValueError(f"{value} has no zone; write Z or +01:00")
    return time


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no day; write 2026-05-14") from error


def _words(value: object) -> object:
    """Part the text of a cell at semicolons."""
    if not isinstance(value, str):
        return value
    return [word.strip() for word in value.split(";") if word.strip()]


#: ISO 8601 with a zone.
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
#: ISO 8601.
Day = Annotated[dt.date, BeforeValidator(_day)]
#: In CSV parted by semicolons.
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]

L = TypeVar("L", bound=Line)


@dataclass(frozen=True, slots=True)
class Row(Generic[L]):
    """One row and where it stands."""

    said: L
    #: Byte in the file; ``None`` where a table of a TOML file has no known place.
    offset: int | None
    #: Number of its line, or of its table; from 1.
    number: int


@dataclass(frozen=True, slots=True)
class Document:
    """A file that a unit brought: what a report must state of it."""

    kind: str
    name: str
    sha256: str
    #: How many rows it holds; grids of heights, where it holds these.
    count: int
    #: What its heights count from; ``None``: it holds none.
    datum: str | None = None


@dataclass(frozen=True, slots=True)
class Brought(Generic[L]):
    """A table as read, with the name and hash that a report must state."""

    #: What the rows are: ``aircraft``, ``operation`` or ``authorisation``.
    kind: str
    name: str
    sha256: str
    rows: tuple[Row[L], ...]

    @property
    def document(self) -> Document:
        """What a report must state of it."""
        return Document(self.kind, self.name, self.sha256, len(self.rows))

    def evidence(self, row: Row[L], field: str, value: object) -> Evidence:
        """Return the bytes of a row as evidence."""
        where = f"{self.kind} {row.number}"
        return Evidence(self.name, self.sha256, row.offset, where, field, str(value))


def read_rows(path: Path, kind: str, model: type[L]) -> Brought[L]:
    """Return the rows of a CSV or TOML file.

    Args:
        path: The file; its ending says which of the two it is.
        kind: What a row is called; the name of the tables in TOML.
        model: The columns.

    Raises:
        CaseError: If it cannot be read, or a row or column is not as declared.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise CaseError(f"{path}: {path.stat().st_size:,} bytes are no list of {kind}s")
        data = path.read_bytes()
    except OSError as error:
        raise CaseError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return parse_rows(data, path.name, kind, model, toml=path.suffix.lower() == ".toml")


def parse_rows(data: bytes, name: str, kind: str, model: type[L], *, toml: bool) -> Brought[L]:
    """Return the rows in the bytes of a CSV or TOML file.

    Raises:
        CaseError: If a row or column is not as declared.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(f"{name}: not UTF-8 at byte {error.start}") from error
    found = _tables(text, name, kind) if toml else _csv_rows(text, data, name, model)
    rows = tuple(_row(model, name, *each, toml=toml) for each in found)
    return Brought(kind, name, hashlib.sha256(data).hexdigest(), rows)


def _row(
    model: type[L],
    name: str,
    values: dict[str, Any],
    offset: int | None,
    number: int,
    *,
    toml: bool,
) -> Row[L]:
    try:
        return Row(model.model_validate(values), offset, number)
    except ValidationError as error:
        place = "table" if toml else "line"
        raise CaseError(f"{name}: {place} {number}: {explain(error, model)}") from error


_Found = Iterator[tuple[dict[str, Any], int | None, int]]


def _tables(text: str, name: str, kind: str) -> _Found:
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{name}: not TOML: {error}") from error
    tables = whole.pop(kind, [])
    heads = [found.start() for found in re.finditer(rf"^[ \t]*\[\[ *{kind} *\]\]", text, re.M)]
    if whole or not isinstance(tables, list):
        raise CaseError(f"{name}: expected [[{kind}]] tables, found {', '.join(whole) or kind}")
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict):
            raise CaseError(f"{name}: {kind} {number} is no table")
        # A text of many lines may look like a head: then where a table begins is not known.
        known = len(heads) == len(tables)
        yield table, len(text[: heads[number - 1]].encode()) if known else None, number


def _csv_rows(text: str, data: bytes, name: str, model: type[Line]) -> _Found:
    """Yield each row of a CSV with the byte and the line at which it begins."""
    lines = list(io.StringIO(text, newline=""))
    mark = len(data) - len(text.encode())
    # Where each line begins, in bytes; a mark of UTF-8 at the start is one of them.
    starts = [mark]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    # Spreadsheets of many countries part cells with a semicolon.
    parting = ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    reader = csv.reader(lines, delimiter=parting, strict=True)
    header: list[str] | None = None
    try:
        before = 0
        for cells in reader:
            number, offset = before + 1, starts[before]
            before = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells, name, model)
                continue
            if len(cells) > len(header):
                raise CaseError(f"{name}: line {number}: {len(cells)} cells, {len(header)} columns")
            given = {
                column: cell.strip()
                for column, cell in zip(header, cells, strict=False)
                if cell.strip()
            }
            yield given, offset, number
    except csv.Error as error:
        raise CaseError(f"{name}: line {reader.line_num}: {error}") from error
    if header is None:
        raise CaseError(f"{name}: empty; the first line must name the columns")


def _header(cells: list[str], name: str, model: type[Line]) -> list[str]:
    """Return the names of the columns; each that is not known is named."""
    header = [cell.strip().lower().replace(" ", "_") for cell in cells]
    known = list(model.model_fields)
    unknown = [f"{it or 'without a name'}{suggest(it, known)}" for it in header if it not in known]
    if unknown:
        raise CaseError(f"{name}: line 1: no such column: {', '.join(unknown)}")
    if len(set(header)) < len(header):
        raise CaseError(f"{name}: line 1: a column stands there twice")
    needed = [it for it, field in model.model_fields.items() if field.is_required()]
    if missing := [it for it in needed if it not in header]:
        raise CaseError(f"{name}: line 1: no column {', '.join(missing)}")
    return header
