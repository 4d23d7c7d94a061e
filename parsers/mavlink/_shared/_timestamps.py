"""UTC in nanoseconds since 1970, as the tables of the MAVLink formats are built from it."""

import numpy as np
import pandas as pd

#: How NaT is written among nanoseconds.
NAT = int(np.iinfo(np.int64).min)


def timestamp_or_none(utc_ns: int | None) -> pd.Timestamp | None:
    """Return an instant, or ``None`` where it is not known (``NAT``)."""
    return None if utc_ns is None or utc_ns == NAT else pd.Timestamp(utc_ns, tz="UTC")
