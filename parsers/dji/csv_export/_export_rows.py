"""The columns of a table by what they mean: numbers in our units, flags, texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ._known_export_programs import ExportProgram
from ._open_dronelog_metadata import ExportMetadata, parse_open_dronelog_metadata
from ._parse_numbers import Floats, decimal_mark_of_positions, parse_numbers, unreadable_number_mask
from ._read_export_lines import (
    QUOTED_SEPARATOR,
    ExportLines,
    Ints,
    text_with_quoted_separators_restored,
)
from ._recognise_header import UTC_UNITS, ExportHeader

Flags = npt.NDArray[np.bool_]

#: What a role is measured in -> unit as written, in lower case -> factor to ours.
_UNITS: Mapping[str, Mapping[str, float]] = {
    "m": {"m": 1.0, "meters": 1.0, "metres": 1.0, "meter": 1.0, "ft": 0.3048, "feet": 0.3048,
          "foot": 0.3048, "km": 1e3, "mi": 1609.344, "miles": 1609.344},
    "mps": {
        "m/s": 1.0, "mps": 1.0, "meters/sec": 1.0, "mph": 0.44704, "km/h": 1 / 3.6,
        "kmh": 1 / 3.6, "kph": 1 / 3.6, "kmph": 1 / 3.6, "knots": 1852 / 3600, "kn": 1852 / 3600,
        "kt": 1852 / 3600, "kts": 1852 / 3600, "ft/s": 0.3048, "fps": 0.3048, "feet/sec": 0.3048,
    },
    "s": {"": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "millisecond": 1e-3, "ms": 1e-3},
}  # fmt: skip
_TRUE = {"true", "1", "yes", "recording", "ground"}
#: What spreadsheets of other countries make of TRUE: German, French, Spanish, Portuguese, Italian,
#: Dutch, Polish, Swedish, Danish, Norwegian, Czech, Finnish, Hungarian, Turkish, Russian.
_TRUE |= {
    "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "prawda", "sant", "sand", "sann",
    "pravda", "tosi", "igaz", "doğru", "истина",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportRowsAsTextRecords:
    """All rows with all their columns as text, as the record ``Row``."""

    rows: "ExportRows"
    wall_ns: Ints | None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def to_dataframe(self) -> pd.DataFrame:
        """Return offset, the wall clock where no zone is known, and every column by its title."""
        header = self.rows.header
        text = self.rows.lines.to_dataframe(range(len(header.columns)))
        columns: dict[str, object] = {"offset": self.rows.offsets}
        if self.wall_ns is not None:
            columns["wall_clock"] = self.wall_ns.view("datetime64[ns]")
        for number, column in enumerate(header.columns):
            title = column.title or f"column {number + 1}"
            while title in columns:
                title += "'"
            columns[title] = text[number].str.replace(QUOTED_SEPARATOR, header.separator.decode())
        return pd.DataFrame(columns)


@dataclass(eq=False)
class ExportRows:
    """The rows of a table of a known kind."""

    header: ExportHeader
    exporter: ExportProgram
    lines: ExportLines
    #: What stands beside the rows, where it is not in a column of them.
    stated_metadata: ExportMetadata | None = None
    #: Columns that could not be used, and why.
    issues: list[Issue] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines.offsets)

    @property
    def offsets(self) -> Ints:
        """The byte where each row begins."""
        return self.lines.offsets

    @property
    def file_name(self) -> str:
        """The name of the file; a date in it may settle how those of the table are meant."""
        return self.header.file_name

    def has_column(self, role: str) -> bool:
        """Return whether the table has a column for a role."""
        return self._column_index_of_role(role) is not None

    def title_of_role(self, role: str) -> str | None:
        """Return the title of a role's column; ``None``: the table has none."""
        index = self._column_index_of_role(role)
        return None if index is None else self.header.columns[index].title

    def is_utc_by_title(self, role: str) -> bool:
        """Return whether the title of a role's column does not name another zone than UTC."""
        index = self._column_index_of_role(role)
        return index is None or self.header.columns[index].unit in {"", *UTC_UNITS}

    def numbers_of_role(self, role: str) -> Floats | None:
        """Return the numbers of a role in the unit of its name; ``None`` if the table has none.

        What is empty, no number, or out of all bounds is NaN.
        """
        index = self._column_index_of_role(role)
        if index is None:
            return None
        factor = 1.0
        of = role.rpartition("_")[2]
        if of in _UNITS:
            unit = self.header.columns[index].unit
            if not unit:
                unit = self.exporter.column_units.get(self.header.columns[index].name, unit)
            if unit not in _UNITS[of]:
                title = self.header.columns[index].title
                why = f"column {title!r} is left out: its unit is not known"
                issue = Issue(self.header.begin, 0, why)
                if issue not in self.issues:
                    self.issues.append(issue)
                return None
            factor = _UNITS[of][unit]
        factor *= self.exporter.column_factors.get(self.header.columns[index].name, 1.0)
        values = self.column_as_numbers(index)
        self._report_unreadable_numbers(index, values)
        return values * factor

    def _report_unreadable_numbers(self, index: int, values: Floats) -> None:
        """Add an issue for a column with texts that are no numbers."""
        unread = np.flatnonzero(unreadable_number_mask(self.column_as_texts(index), values))
        if not len(unread):
            return
        title = self.header.columns[index].title
        first = self.text_with_quoted_separators_restored(
            str(self.column_as_texts(index).iloc[unread[0]])
        )[:40]
        why = f"column {title!r}: {len(unread)} of its fields are not numbers, such as {first!r}"
        issue = Issue(int(self.offsets[unread[0]]), 0, why)
        if issue not in self.issues:
            self.issues.append(issue)

    def column_as_numbers(self, index: int) -> Floats:
        """Return a column as numbers, as they are written."""
        return parse_numbers(self._column_as_texts_with_separators(index), self.decimal_mark)

    @cached_property
    def decimal_mark(self) -> str:
        """The decimal mark of all numbers of the table, ``.`` or ``,``, by its positions."""
        if self.exporter.decimal_mark is not None:
            return self.exporter.decimal_mark
        mark = "." if self.header.separator == b"," else ","
        for role in ("latitude_deg", "longitude_deg"):
            index = self._column_index_of_role(role)
            if index is not None:
                mark = decimal_mark_of_positions(self._column_as_texts_with_separators(index), mark)
        return mark

    def _column_as_texts_with_separators(self, index: int) -> pd.Series:
        """Return a column as text, with the separators that stood inside its quotes."""
        texts: pd.Series = self._used_columns_as_texts[index]
        if self.lines.has_quotes:
            texts = texts.str.replace(QUOTED_SEPARATOR, self.lines.separator)
        return texts

    @cached_property
    def metadata(self) -> ExportMetadata:
        """What JSON in the first row says of the flight; nothing of an exporter without."""
        if self.stated_metadata is not None:
            return self.stated_metadata
        if not self.exporter.states_start_in_metadata:
            return ExportMetadata()
        fields = []
        for role in ("metadata", "messages"):
            texts = self.texts_of_role(role)
            stated = [] if texts is None else texts[texts != ""].tolist()[:1]
            fields.append(
                self.text_with_quoted_separators_restored(str(stated[0])) if stated else ""
            )
        metadata = parse_open_dronelog_metadata(*fields)
        if metadata.damage:
            self.issues.append(Issue(int(self.offsets[0]), 0, metadata.damage))
        return metadata

    def flags_of_role(self, role: str) -> Flags | None:
        """Return where a role is true; ``None``: the table does not say anywhere."""
        index = self._column_index_of_role(role)
        return None if index is None else self.column_as_flags(index)

    def column_as_flags(self, index: int) -> Flags | None:
        """Return where a column is true; ``None``: it is empty throughout."""
        texts = self.column_as_texts(index).str.lower()
        if (texts == "").all():
            return None
        return texts.isin(_TRUE).to_numpy(bool)

    def filled_rows_mask(self, role: str) -> Flags | None:
        """Return where a role is not empty."""
        index = self._column_index_of_role(role)
        return None if index is None else (self.column_as_texts(index) != "").to_numpy(bool)

    def texts_of_role(self, role: str) -> pd.Series | None:
        """Return a role as text."""
        index = self._column_index_of_role(role)
        return None if index is None else self.column_as_texts(index)

    def column_as_texts(self, index: int) -> pd.Series:
        """Return a column as text, without the blanks around; empty where it is missing."""
        texts: pd.Series = self._used_columns_as_texts[index].str.strip()
        return texts

    def column_index(self, *names: str) -> int | None:
        """Return the number of the first column of some names."""
        return self.header.column_index(names)

    def text_with_quoted_separators_restored(self, text: str) -> str:
        """Return a field with the separators that stood inside its quotes."""
        return text_with_quoted_separators_restored(text, self.header.separator.decode())

    def records(self, wall_ns: Ints | None) -> ExportRowsAsTextRecords:
        """Return the raw record of all rows."""
        return ExportRowsAsTextRecords(self, wall_ns)

    def _column_index_of_role(self, role: str) -> int | None:
        return self.header.column_index(self.exporter.role_columns.get(role, ()))

    @cached_property
    def _used_columns_as_texts(self) -> pd.DataFrame:
        """The columns that any table of the log is made from."""
        kind = self.exporter
        groups = [
            *kind.role_columns.values(),
            *kind.identity_columns.values(),
            *kind.position_columns.values(),
        ]
        single = [*kind.message_columns, *kind.flag_columns]
        indexes = {self.header.column_index((name,)) for group in groups for name in group}
        indexes |= {self.header.column_index((name,)) for name in single}
        return self.lines.to_dataframe(sorted(index for index in indexes if index is not None))
