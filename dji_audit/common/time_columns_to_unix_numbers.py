"""Times of a table as whole numbers: one comparison of integers is as fast as ten of times."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

#: What stands for a missing time, as in ``NaT``.
NO_TIME_NS = int(np.iinfo(np.int64).min)


def unix_ns_of_times(times: "pd.Series[Any]") -> npt.NDArray[np.int64]:
    """Return nanoseconds since 1970 UTC of each time; ``NO_TIME_NS`` where it is missing."""
    return times.to_numpy("datetime64[ns]").astype(np.int64)


def unix_seconds_of_times(times: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    """Return seconds since 1970 UTC of each time; NaN where it is missing."""
    ns = unix_ns_of_times(times)
    return np.where(ns != NO_TIME_NS, ns / 1e9, np.nan)
