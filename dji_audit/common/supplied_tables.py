"""Tables that a unit supplies: CSV or TOML files that hold one kind of row each.

A CSV file begins with a header of column names.  Each row keeps the byte at which it
begins, so that a finding leads back to it.  A TOML file holds the same rows as an array
of tables under one name.  An empty cell counts as not given.  A fault in a file is
reported with its line, and no row of that file is used.
"""

import csv
import datetime as dt
import difflib
import hashlib
import io
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError

import parsers
from dji_audit.common.os_errors import os_error_reason

#: Bytes.  A list of aircraft or operations is never larger than this.
_LARGEST = 64 << 20


class SuppliedFileError(Exception):
    """A supplied file cannot be used; the message names the file, the line and the fault."""

    def __init__(self, message: str) -> None:
        """Say why, without a secret that the file may hold by mistake."""
        super().__init__(parsers.redact_secrets(message))


class RowModel(BaseModel):
    """The columns of one kind of row; a subclass declares them."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def refuse_end_before_start(start: dt.datetime, end: dt.datetime) -> None:
    """Refuse an interval that ends before it starts.

    Raises:
        ValueError: If it does.
    """
    if end < start:
        raise ValueError("end is before start")


def _parse_instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        time = dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(
            f"{value!r} is not a time; use YYYY-MM-DDThh:mm:ssZ, as in 2026-05-14T09:00:00Z"
        ) from error
    if time.tzinfo is None:
        raise ValueError(f"{value} has no UTC offset; add Z or +01:00")
    return time


def _parse_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date; use YYYY-MM-DD") from error


def _split_at_semicolons(value: object) -> object:
    """Split the text of a cell at semicolons."""
    if not isinstance(value, str):
        return value
    return [word.strip() for word in value.split(";") if word.strip()]


#: ISO 8601 with a UTC offset.
Instant = Annotated[AwareDatetime, BeforeValidator(_parse_instant)]
#: ISO 8601.
Day = Annotated[dt.date, BeforeValidator(_parse_day)]
#: In CSV separated by semicolons.
WordList = Annotated[tuple[str, ...], BeforeValidator(_split_at_semicolons)]

L = TypeVar("L", bound=RowModel)


@dataclass(frozen=True, slots=True)
class SuppliedRow(Generic[L]):
    """One row of a supplied table and its position in the file."""

    record: L
    #: Byte in the file; ``None``: the position of a TOML table is not known.
    offset: int | None
    #: Number of its line (CSV) or of its table (TOML), from 1.
    number: int


@dataclass(frozen=True, slots=True)
class SuppliedFileProvenance:
    """A file that the unit supplied, as a report states it."""

    kind: str
    name: str
    sha256: str
    #: Number of its rows; of a height model, number of its grids.
    count: int
    #: Vertical datum of its heights; ``None``: it holds no heights.
    datum: str | None = None
    #: Of a zone file: its edition, where it is complete, and what was left out; of a base map:
    #: what it is, and whose; else empty.
    note: str = ""


@dataclass(frozen=True, slots=True)
class SuppliedTable(Generic[L]):
    """A table as read, with the name and hash that a report states."""

    #: What the rows are: ``aircraft``, ``operation`` or ``authorisation``.
    kind: str
    name: str
    sha256: str
    rows: tuple[SuppliedRow[L], ...]

    @property
    def provenance(self) -> SuppliedFileProvenance:
        """The file as a report states it."""
        return SuppliedFileProvenance(self.kind, self.name, self.sha256, len(self.rows))


def read_supplied_bytes(
    path: Path, what: str, max_bytes: int, error_type: type[SuppliedFileError]
) -> bytes:
    """Return the bytes of a supplied file.

    Raises:
        SuppliedFileError: Of the given type, if the file cannot be read or is too large.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise error_type(f"{path}: {size:,} bytes are too many for {what}")
        return path.read_bytes()
    except OSError as error:
        raise error_type(f"{path}: {os_error_reason(error)}") from error


def read_supplied_table(path: Path, kind: str, model: type[L]) -> SuppliedTable[L]:
    """Return the rows of a CSV or TOML file.

    Args:
        path: The file; the suffix ``.toml`` marks TOML, any other CSV.
        kind: Name of one row, and of the tables in TOML.
        model: The columns.

    Raises:
        SuppliedFileError: If it cannot be read, or a row or column is not as declared.
    """
    data = read_supplied_bytes(path, f"a list of {kind}s", _LARGEST, SuppliedFileError)
    return parse_supplied_table(data, path.name, kind, model, toml=path.suffix.lower() == ".toml")


def parse_supplied_table(
    data: bytes, name: str, kind: str, model: type[L], *, toml: bool
) -> SuppliedTable[L]:
    """Return the rows in the bytes of a CSV or TOML file.

    Raises:
        SuppliedFileError: If a row or column is not as declared.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SuppliedFileError(f"{name}: not UTF-8 at byte {error.start}") from error
    numbered = (
        _numbered_toml_rows(text, name, kind)
        if toml
        else _numbered_csv_rows(text, data, name, model)
    )
    rows = tuple(_validate_table_row(model, name, row, toml=toml) for row in numbered)
    return SuppliedTable(kind, name, hashlib.sha256(data).hexdigest(), rows)


def _validate_table_row(
    model: type[L], name: str, numbered: "_NumberedRow", *, toml: bool
) -> SuppliedRow[L]:
    values, offset, number = numbered
    values = parsers.redact_secrets(values)
    try:
        return SuppliedRow(model.model_validate(values), offset, number)
    except ValidationError as error:
        unit = "table" if toml else "line"
        raise SuppliedFileError(
            f"{name}: {unit} {number}: {validation_fault_text(error, model)}"
        ) from error


#: Values by column, offset in the file, number from 1.
_NumberedRow = tuple[dict[str, Any], int | None, int]  # Any: values of TOML
_NumberedRows = Iterator[_NumberedRow]


def _numbered_toml_rows(text: str, name: str, kind: str) -> _NumberedRows:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "; a CSV needs a name that ends in .csv" if "," in text.partition("\n")[0] else ""
        raise SuppliedFileError(f"{name}: not TOML: {error}{hint}") from error
    tables = document.pop(kind, [])
    heads = [match.start() for match in re.finditer(rf"^[ \t]*\[\[ *{kind} *\]\]", text, re.M)]
    if not isinstance(tables, list):
        raise SuppliedFileError(f"{name}: write each {kind} as a table [[{kind}]], in two brackets")
    if document:
        found = ", ".join(f"{key}{spelling_hint(key, [kind])}" for key in document)
        raise SuppliedFileError(f"{name}: expected [[{kind}]] tables only, found {found}")
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict):
            raise SuppliedFileError(f"{name}: {kind} {number} is not a table")
        # A multi-line text may look like a table head; then the positions are not known.
        known = len(heads) == len(tables)
        yield table, len(text[: heads[number - 1]].encode()) if known else None, number


def _numbered_csv_rows(text: str, data: bytes, name: str, model: type[RowModel]) -> _NumberedRows:
    """Yield each row of a CSV with the byte and the line at which it begins."""
    lines = list(io.StringIO(text, newline=""))
    mark_size = len(data) - len(text.encode())
    # Byte at which each line begins; a byte order mark comes before the first.
    starts = [mark_size]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    # In many countries spreadsheets separate cells with a semicolon.
    delimiter = ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        lines_read = 0
        for cells in reader:
            number, offset = lines_read + 1, starts[lines_read]
            lines_read = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _checked_column_names(cells, name, model)
                continue
            if len(cells) > len(header):
                raise SuppliedFileError(
                    f"{name}: line {number}: {len(cells)} cells, {len(header)} columns"
                )
            given = {
                column: cell.strip()
                for column, cell in zip(header, cells, strict=False)
                if cell.strip()
            }
            yield given, offset, number
    except csv.Error as error:
        fault = str(error).replace("unexpected end of data", "a quotation mark is never closed")
        raise SuppliedFileError(f"{name}: line {reader.line_num}: {fault}") from error
    if header is None:
        raise SuppliedFileError(f"{name}: empty; the first line must name the columns")


def _checked_column_names(cells: list[str], name: str, model: type[RowModel]) -> list[str]:
    """Return the column names; the error names each column that is not known."""
    header = [cell.strip().lower().replace(" ", "_") for cell in cells]
    known = list(model.model_fields)
    unknown = [
        f"{it or 'without a name'}{spelling_hint(it, known)}" for it in header if it not in known
    ]
    if unknown:
        is_toml = cells[0].lstrip().startswith("[[")
        hint = "; a TOML file needs a name that ends in .toml" if is_toml else ""
        raise SuppliedFileError(f"{name}: line 1: no such column: {', '.join(unknown)}{hint}")
    if len(set(header)) < len(header):
        raise SuppliedFileError(f"{name}: line 1: a column appears twice")
    needed = [it for it, field in model.model_fields.items() if field.is_required()]
    if missing := [it for it in needed if it not in header]:
        raise SuppliedFileError(f"{name}: line 1: no column {', '.join(missing)}")
    return header


def validation_fault_text(error: ValidationError, *models: type[BaseModel]) -> str:
    """Return the first fault of a validation in a line, with a suggestion for a mistyped key.

    A key that is not known is named before one that is missing: the first is
    most often the second, mistyped.
    """
    faults = error.errors()
    fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "missing":
        return f"{place}: must be given"
    if fault["type"] != "extra_forbidden":
        return f"{place}: {fault['msg'].removeprefix('Value error, ')}".removeprefix(": ")
    names = [name for model in models for name in model.model_fields]
    return f"{place}: no such key{spelling_hint(str(fault['loc'][-1]), names)}"


def spelling_hint(word: str, known: Iterable[str]) -> str:
    """Return the end of a message that names the known word most like a mistyped one."""
    close = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
