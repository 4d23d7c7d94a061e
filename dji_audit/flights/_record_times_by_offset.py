"""When each record of a log was written, where the records themselves state no instant.

Aircraft and apps write their records in the order in which they come, so a record lies in
time between the fixes before and after it in the file.  Records state their time in many ways or
not at all; their place among the fixes is the one that all formats share.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights._model import FlightSource

#: Seconds between two fixes above which nothing is placed between them.
MAX_FIX_GAP_S = 5.0


def times_of_records_at_offsets(source: FlightSource, offsets: npt.ArrayLike) -> pd.DatetimeIndex:
    """Return the instants of records by their bytes, on the flight's clock.

    Args:
        source: The log that holds the records, as a source of a flight.
        offsets: Byte in the log of each record, in any order.

    Returns:
        ``datetime64[ns, UTC]``, one for each record: on the line between the fixes before and
        after it.  ``NaT`` before the first fix, after the last, and between fixes that are more
        than ``MAX_FIX_GAP_S`` apart or whose bytes are not in the order of their times.
    """
    asked = np.atleast_1d(np.asarray(offsets, np.int64))
    timed = source.track[source.track["time"].notna()]
    instants = timed["time"].to_numpy("datetime64[ns]").astype(np.int64)
    bytes_of_fixes = timed["source_offset"].to_numpy(np.int64)
    if len(timed) < 2:
        return pd.DatetimeIndex(np.full(len(asked), np.datetime64("NaT", "ns")), tz="UTC")
    order = np.argsort(bytes_of_fixes, kind="stable")
    bytes_of_fixes, instants = bytes_of_fixes[order], instants[order]
    after = np.clip(np.searchsorted(bytes_of_fixes, asked, "right"), 1, len(timed) - 1)
    before = after - 1
    step_ns = instants[after] - instants[before]
    step_bytes = np.maximum(bytes_of_fixes[after] - bytes_of_fixes[before], 1)
    share = (asked - bytes_of_fixes[before]) / step_bytes
    placed = instants[before] + (share * step_ns).astype(np.int64)
    is_placed = (
        (asked >= bytes_of_fixes[0])
        & (asked <= bytes_of_fixes[-1])
        & (step_ns >= 0)
        & (step_ns <= MAX_FIX_GAP_S * 1e9)
    )
    times = np.where(is_placed, placed.astype("datetime64[ns]"), np.datetime64("NaT", "ns"))
    return pd.DatetimeIndex(times, tz="UTC")
