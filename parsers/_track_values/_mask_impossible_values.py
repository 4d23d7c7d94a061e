"""Values beyond all that an aircraft can do: what a damaged row, or a mark for "none", holds."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def values_with_nan_beyond_bound(values: Floats, most: float) -> Floats:
    """Return values, those further from 0 than a bound as NaN; shape as given."""
    return np.where(abs(values) <= most, values, np.nan)
