"""Which columns of a table hold values, without making a series of each."""

import numpy as np
import pandas as pd


def has_values(frame: pd.DataFrame, column: str) -> bool:
    """Return whether a column of a table has any value."""
    if not len(frame):
        return False
    values = frame[column]
    if values.dtype == np.float64:
        return not bool(np.isnan(values.to_numpy()).all())
    return not bool(values.array.isna().all())


def non_empty_columns(frame: pd.DataFrame) -> frozenset[str]:
    """Return which columns of a table have any value."""
    return frozenset(name for name in frame.columns if has_values(frame, name))
