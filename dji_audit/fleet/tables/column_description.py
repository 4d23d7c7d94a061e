"""How the tables of a fleet are described: columns with type, unit, meaning and missing value."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class ColumnType(Enum):
    """What the values of a column are, and how each program that opens it holds them."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    #: In SQLite 1 or 0.
    FLAG = "flag"
    #: In SQLite text, ISO 8601 in UTC to the millisecond, so that texts sort as times.
    TIME = "time"
    #: Well-known binary, WGS 84, longitude first.
    GEOMETRY = "geometry"
    #: Bytes that only dji-audit reads.
    BYTES = "bytes"


#: Type -> its name in SQLite.
SQLITE_TYPES: Mapping[ColumnType, str] = MappingProxyType(
    {
        ColumnType.TEXT: "TEXT",
        ColumnType.INTEGER: "INTEGER",
        ColumnType.NUMBER: "REAL",
        ColumnType.FLAG: "INTEGER",
        ColumnType.TIME: "TEXT",
        ColumnType.GEOMETRY: "BLOB",
        ColumnType.BYTES: "BLOB",
    }
)


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """One column of a table of a fleet."""

    name: str
    type: ColumnType
    unit: str
    meaning: str
    #: What a missing value means; empty: there is always a value.
    missing: str

    @property
    def geometry_type_name_and_code(self) -> tuple[str, int]:
        """The name of its shapes and their number, as simple features have it."""
        return ("Point", 1) if self.unit.startswith("points") else ("MultiLineString", 5)


@dataclass(frozen=True, slots=True)
class TableDescription:
    """One table of a fleet."""

    name: str
    meaning: str
    columns: tuple[ColumnDescription, ...]
    #: The columns by which its rows are ordered.
    order: tuple[str, ...]
    #: Columns that are looked up often, an index each.
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def geometry_columns(self) -> tuple[ColumnDescription, ...]:
        """The columns that hold shapes."""
        return tuple(it for it in self.columns if it.type is ColumnType.GEOMETRY)

    @property
    def create_statement(self) -> str:
        """The SQL that makes the table in SQLite."""
        columns = ", ".join(
            f'"{it.name}" {SQLITE_TYPES[it.type]}{"" if it.missing else " NOT NULL"}'
            for it in self.columns
        )
        return f'CREATE TABLE "{self.name}" ({columns})'


def text_column(name: str, meaning: str, missing: str = "") -> ColumnDescription:
    """Return a column of texts."""
    return ColumnDescription(name, ColumnType.TEXT, "", meaning, missing)


def whole_number_column(
    name: str, meaning: str, missing: str = "", unit: str = ""
) -> ColumnDescription:
    """Return a column of whole numbers."""
    return ColumnDescription(name, ColumnType.INTEGER, unit, meaning, missing)


def number_column(name: str, unit: str, meaning: str, missing: str = "") -> ColumnDescription:
    """Return a column of numbers with a unit."""
    return ColumnDescription(name, ColumnType.NUMBER, unit, meaning, missing)


def boolean_column(name: str, meaning: str, missing: str = "") -> ColumnDescription:
    """Return a column of true and false."""
    return ColumnDescription(name, ColumnType.FLAG, "", meaning, missing)


def time_column(name: str, meaning: str, missing: str = "not known") -> ColumnDescription:
    """Return a column of instants."""
    return ColumnDescription(name, ColumnType.TIME, "UTC", meaning, missing)


def geometry_column(name: str, shapes: str, meaning: str, missing: str) -> ColumnDescription:
    """Return a column of shapes: ``points`` or ``lines``."""
    return ColumnDescription(name, ColumnType.GEOMETRY, f"{shapes}, WGS 84", meaning, missing)


def packed_bytes_column(name: str, meaning: str, missing: str) -> ColumnDescription:
    """Return a column of bytes that only dji-audit reads."""
    return ColumnDescription(name, ColumnType.BYTES, "", meaning, missing)
