"""Rows of a return or of the national table as CSV."""

import csv
import io
from collections.abc import Sequence

from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.mapper.sectioned_document import cell_text


def rows_csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows as CSV; text that a spreadsheet would run is quoted, missing values are empty."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(
        [spreadsheet_safe_cell(_value_as_number_or_cell_text(cell)) for cell in row] for row in rows
    )
    return stream.getvalue()


def _value_as_number_or_cell_text(value: object) -> object:
    return (
        value
        if isinstance(value, int | float) and not isinstance(value, bool)
        else cell_text(value)
    )
