"""Values of a cell of a table, with ``None`` where it has none."""

import pandas as pd


def time_of_table_cell_or_none(value: object) -> pd.Timestamp | None:
    """Return a time of a table; ``None`` where it is missing."""
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


def text_of_table_cell_or_none(value: object) -> str | None:
    """Return a text of a table; ``None`` where it is missing."""
    return value if isinstance(value, str) else None
