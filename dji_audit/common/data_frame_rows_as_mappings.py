"""Rows of a table as mappings of plain values."""

from typing import Any

import numpy as np
import pandas as pd


def rows_as_mappings(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each row: column -> value, as ``DataFrame.to_dict("records")`` gives it.

    That takes several times as long, most of it for tables of no or few rows.

    Returns:
        Numbers and texts of Python, times as ``pandas.Timestamp``; missing values as the column
        has them: ``NaN``, ``NaT`` or ``NA``.
    """
    if not len(table):
        return []
    names = [str(name) for name in table.columns]
    columns = [_column_as_python_values(column) for _, column in table.items()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _column_as_python_values(column: "pd.Series[Any]") -> list[Any]:
    values: list[Any] = column.tolist()
    if column.dtype == object:
        return [value.item() if isinstance(value, np.generic) else value for value in values]
    return values
