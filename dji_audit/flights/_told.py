"""Which columns of a table say anything: asked of every table, so without a series for each."""

from collections.abc import Iterable

import numpy as np
import pandas as pd


def says(frame: pd.DataFrame, column: str) -> bool:
    """Return whether a column of a table has any value."""
    if not len(frame):
        return False
    values = frame[column]
    kind = values.dtype.kind
    if isinstance(values.dtype, np.dtype) and kind == "f":
        return not bool(np.isnan(values.to_numpy()).all())
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return not bool(np.isnat(values.to_numpy("datetime64[ns]")).all())
    return (isinstance(values.dtype, np.dtype) and kind in "iu") or bool(values.notna().any())


def told(frame: pd.DataFrame, columns: Iterable[str] | None = None) -> frozenset[str]:
    """Return which columns of a table, of all or of some, have any value."""
    return frozenset(name for name in columns or frame.columns if says(frame, name))
