"""Tables with a line of names first: what parts the fields, and the fields of a line."""

import csv
import re
from collections.abc import Sequence

from ..._model import Issue

_SEPARATORS = (",", ";", "\t", "|")
_PLAIN = re.compile(r"[^a-z0-9]")


def split_csv_fields(line: str, separator: str) -> list[str]:
    """Return the fields of a line; none if its quotes are broken."""
    if '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return []


def detect_csv_separator(line: str) -> str:
    """Return what parts the fields of a line of names: what stands in it most often."""
    return max(_SEPARATORS, key=line.count)


def normalise_column_names(line: str, separator: str) -> list[str]:
    """Return names of columns as small letters and digits only."""
    return [_PLAIN.sub("", name.lower()) for name in split_csv_fields(line, separator)]


def issue_of_rows_without_time(count: int) -> list[Issue]:
    """Return the issue that some rows of a table have no time; none where all have one."""
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    return [Issue(0, 0, f"{rows} no time that could be used")] if count else []


def index_of_first_candidate(names: Sequence[str], candidates: Sequence[str]) -> int | None:
    """Return the place of the first name that is there."""
    return next((names.index(name) for name in candidates if name in names), None)
