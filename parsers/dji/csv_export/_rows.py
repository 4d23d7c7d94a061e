"""The columns of a table by what they mean: numbers in our units, flags, texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ._header import Header
from ._kinds import Kind
from ._lines import Ints, Lines, plain

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: What a role is measured in -> unit as written, in lower case -> factor to ours.
_UNITS: Mapping[str, Mapping[str, float]] = {
    "m": {"m": 1.0, "meters": 1.0, "metres": 1.0, "meter": 1.0, "ft": 0.3048, "feet": 0.3048},
    "mps": {
        "m/s": 1.0, "mps": 1.0, "meters/sec": 1.0, "mph": 0.44704, "km/h": 1 / 3.6,
        "kmh": 1 / 3.6, "kph": 1 / 3.6, "kmph": 1 / 3.6, "knots": 1852 / 3600, "kn": 1852 / 3600,
        "kt": 1852 / 3600, "kts": 1852 / 3600,
    },
    "s": {"": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "millisecond": 1e-3, "ms": 1e-3},
}  # fmt: skip
_TRUE = {"true", "1", "yes", "recording", "ground"}
#: Numbers beyond are damage.
_MOST = 1e12


@dataclass(frozen=True, slots=True)
class Whole:
    """All rows with all their columns as text, as the record ``Row``."""

    rows: "Rows"
    wall_ns: Ints | None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def frame(self) -> pd.DataFrame:
        """Return offset, the wall clock where no zone is known, and every column by its title."""
        header = self.rows.header
        text = self.rows.lines.frame(range(len(header.columns)))
        columns: dict[str, object] = {"offset": self.rows.offsets}
        if self.wall_ns is not None:
            columns["wall_clock"] = self.wall_ns.view("datetime64[ns]")
        for number, column in enumerate(header.columns):
            title = column.title or f"column {number + 1}"
            while title in columns:
                title += "'"
            columns[title] = text[number].str.replace("\x1f", header.separator.decode())
        return pd.DataFrame(columns)


@dataclass(eq=False)
class Rows:
    """The rows of a table of a known kind."""

    header: Header
    kind: Kind
    lines: Lines
    #: Columns that could not be used, and why.
    issues: list[Issue] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines.offsets)

    @property
    def offsets(self) -> Ints:
        """The byte where each row begins."""
        return self.lines.offsets

    def has(self, role: str) -> bool:
        """Return whether the table has a column for a role."""
        return self._index(role) is not None

    def numbers(self, role: str) -> Floats | None:
        """Return the numbers of a role in the unit of its name; ``None``: there are none.

        What is empty, no number, or out of all bounds is NaN.
        """
        index = self._index(role)
        if index is None:
            return None
        factor = 1.0
        of = role.rpartition("_")[2]
        if of in _UNITS:
            unit = self.header.columns[index].unit
            if unit not in _UNITS[of]:
                title = self.header.columns[index].title
                why = f"column {title!r} is left out: its unit is not known"
                issue = Issue(self.header.begin, 0, why)
                if issue not in self.issues:
                    self.issues.append(issue)
                return None
            factor = _UNITS[of][unit]
        return self.numbers_of(index) * factor

    def numbers_of(self, index: int) -> Floats:
        """Return a column as numbers, as they are written."""
        texts: pd.Series = self._wanted[index]
        if self.header.separator != b",":
            texts = texts.str.replace(",", ".")
        values = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64, copy=True)
        with np.errstate(invalid="ignore"):
            values[~(abs(values) < _MOST)] = np.nan
        return values

    def flags(self, role: str) -> Flags | None:
        """Return where a role is true; ``None``: the table does not say anywhere."""
        index = self._index(role)
        return None if index is None else self.flags_of(index)

    def flags_of(self, index: int) -> Flags | None:
        """Return where a column is true; ``None``: it is empty throughout."""
        texts = self.texts_of(index).str.lower()
        if (texts == "").all():
            return None
        return texts.isin(_TRUE).to_numpy(bool)

    def stated(self, role: str) -> Flags | None:
        """Return where a role is not empty."""
        index = self._index(role)
        return None if index is None else (self.texts_of(index) != "").to_numpy(bool)

    def texts(self, role: str) -> pd.Series | None:
        """Return a role as text."""
        index = self._index(role)
        return None if index is None else self.texts_of(index)

    def texts_of(self, index: int) -> pd.Series:
        """Return a column as text, without the blanks around; empty where it is missing."""
        texts: pd.Series = self._wanted[index].str.strip()
        return texts

    def column(self, *names: str) -> int | None:
        """Return the number of the first column of some names."""
        return self.header.index(names)

    def plain(self, text: str) -> str:
        """Return a field with the separators that stood inside its quotes."""
        return plain(text, self.header.separator.decode())

    def whole(self, wall_ns: Ints | None) -> Whole:
        """Return the raw record of all rows."""
        return Whole(self, wall_ns)

    def _index(self, role: str) -> int | None:
        return self.header.index(self.kind.roles.get(role, ()))

    @cached_property
    def _wanted(self) -> pd.DataFrame:
        """The columns that any table of the log is made from."""
        kind = self.kind
        groups = [*kind.roles.values(), *kind.identity.values(), *kind.places.values()]
        single = [*kind.messages, *kind.flags]
        found = {self.header.index((name,)) for group in groups for name in group}
        found |= {self.header.index((name,)) for name in single}
        return self.lines.frame(sorted(index for index in found if index is not None))
