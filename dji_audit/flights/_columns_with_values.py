"""Columns of tables as arrays: times in nanoseconds, and which columns hold values."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
#: A time that is not known, in nanoseconds.
NAT_NS = np.iinfo(np.int64).min


def column_has_values(frame: pd.DataFrame, column: str) -> bool:
    """Return whether a column of a table has any value."""
    if not len(frame):
        return False
    values = frame[column]
    if values.dtype == np.float64:
        return not bool(np.isnan(values.to_numpy()).all())
    return not bool(values.array.isna().all())


def names_of_non_empty_columns(frame: pd.DataFrame) -> frozenset[str]:
    """Return which columns of a table have any value."""
    return frozenset(name for name in frame.columns if column_has_values(frame, name))
