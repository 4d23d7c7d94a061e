"""Some records of one kind, as columns, whether they were lines of fields or JSON objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LazilyCleanedTextColumns(Mapping[str, Sequence[Any]]):
    """Columns of texts, each of them cleaned when it is asked for: most are not."""

    texts: Mapping[str, Sequence[str]]
    #: Texts that mean that nothing is there.
    missing: tuple[str, ...]

    def __getitem__(self, name: str) -> list[str | None]:
        """Return a column with what is missing as ``None``."""
        missing = self.missing
        return [None if text in missing else text for text in self.texts[name]]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the columns."""
        return iter(self.texts)

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class ColumnsOfJsonObjects(Mapping[str, Sequence[Any]]):
    """Columns of objects: each may have names of its own, so that a column is made when asked."""

    objects: Sequence[Mapping[str, Any]]

    def __getitem__(self, name: str) -> list[Any]:
        """Return the value of each object; ``None``: it has none of that name."""
        return [one.get(name) for one in self.objects]

    def __contains__(self, name: object) -> bool:
        """Return whether an object has a value of that name."""
        return any(name in one for one in self.objects)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(dict.fromkeys(name for one in self.objects for name in one))

    def __len__(self) -> int:
        """Return the number of names."""
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class _SelectedRowsOfColumns(Mapping[str, Sequence[Any]]):
    """Some rows of columns, which are made when asked for."""

    columns: Mapping[str, Sequence[Any]]
    keep: Sequence[int]

    def __getitem__(self, name: str) -> list[Any]:
        values = self.columns[name]
        return [values[row] for row in self.keep]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


@dataclass(frozen=True, slots=True)
class ColumnarRecords:
    """Records of one kind: every value of a field, text, number, list or ``None``."""

    offsets: Ints
    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.offsets)

    def column_values(self, name: str) -> Sequence[Any]:
        """Return a field as it stands."""
        return self.columns[name] if name in self.columns else [None] * len(self)

    def column_as_texts(self, name: str) -> list[str | None]:
        """Return a field as text; what is no text or number is missing."""
        return [non_empty_text_or_none(value) for value in self.column_values(name)]

    def column_as_counts(self, name: str) -> list[int | None]:
        """Return a field as whole numbers; what is none is missing."""
        return [as_count(value) for value in self.column_values(name)]

    def column_as_numbers(self, name: str) -> list[float | None]:
        """Return a field as numbers; what is none is missing."""
        return [as_number_or_none(value) for value in self.column_values(name)]

    def column_as_text_lists(self, name: str) -> list[list[str]]:
        """Return a field of several texts."""
        return [texts_of_list_or_comma_separated_text(value) for value in self.column_values(name)]

    def subset_at_indices(self, keep: Sequence[int]) -> "ColumnarRecords":
        """Return some of the records, by their number."""
        return ColumnarRecords(self.offsets[list(keep)], _SelectedRowsOfColumns(self.columns, keep))


def non_empty_text_or_none(value: Any) -> str | None:
    """Return a value as text; what is no text or number, or empty, is missing."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or value is None or not isinstance(value, (int, float)):
        return None
    return str(value)


def as_count(value: Any) -> int | None:
    """Return a value as a whole number that is not negative, or ``None``."""
    if isinstance(value, str):
        is_number = len(value) <= 18 and value.isascii() and value.isdigit()
        return int(value) if is_number else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None


def as_number_or_none(value: Any) -> float | None:
    """Return a value as a number, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def texts_of_list_or_comma_separated_text(value: Any) -> list[str]:
    """Return a value as texts: a list of them, or one with commas."""
    if isinstance(value, str):
        return value.split(",") if value else []
    if isinstance(value, list):
        return [text for text in map(non_empty_text_or_none, value) if text is not None]
    return []
