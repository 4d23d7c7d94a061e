"""What look-ups in one log say of the rows of another: names, and refusals.

A connection log has no names and a log of look-ups no conversations; the two
meet in the address.  A look-up names a conversation of the same device with an
address of its answer, begun within the hour that follows it.  A look-up whose answer
a log does not hold is no contact if another log shows that it was refused.
"""

import numpy as np
import pandas as pd

#: How long a look-up stands for the conversations behind it, and how far clocks may differ.
_REMEMBERED = pd.Timedelta(hours=1)
_TOLERANCE = pd.Timedelta(seconds=2)


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """Return contacts whose hosts are filled in from others, with where each name stands.

    Adds ``name_log`` and ``name_offset``: -1 where the row itself names its host
    or nothing does.
    """
    rows = rows.assign(name_log=np.int64(-1), name_offset=np.int64(-1))
    bare = rows["host"].isna() & rows["address"].notna() & rows["time"].notna()
    # Only what answers a look-up can lend its name; a conversation's own name is its own.
    lending = rows["host"].notna() & rows["address"].notna() & rows["time"].notna()
    if not bare.any() or not lending.any():
        return rows
    keys = ["device", "address"]
    lenders = rows.loc[lending, [*keys, "time", "host", "log", "source_offset"]].sort_values(
        "time", kind="stable"
    )
    borrowers = rows.loc[bare, [*keys, "time"]].sort_values("time", kind="stable")
    found = pd.merge_asof(
        borrowers.assign(until=borrowers["time"] + _TOLERANCE, row=borrowers.index),
        lenders.rename(columns={"time": "asked"}),
        left_on="until",
        right_on="asked",
        by=keys,
        tolerance=_REMEMBERED + _TOLERANCE,
    )
    found = found[found["host"].notna()]
    rows.loc[found["row"], "host"] = found["host"].to_numpy()
    rows.loc[found["row"], "name_log"] = found["log"].to_numpy(np.int64)
    rows.loc[found["row"], "name_offset"] = found["source_offset"].to_numpy(np.int64)
    return rows


def refused(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return which look-ups without an answer another log shows to have been refused."""
    lookup = (rows["protocol"] == "dns") & rows["host"].notna() & rows["time"].notna()
    lookup &= rows["address"].isna()
    tried = rows["grade"] == "attempted"
    out = pd.Series(False, rows.index)
    if not (lookup & tried).any() or not (lookup & ~tried).any():
        return out
    keys = ["device", "host", "time"]
    told = rows.loc[lookup & ~tried, keys].sort_values("time", kind="stable")
    by = rows.loc[lookup & tried, keys].sort_values("time", kind="stable")
    found = pd.merge_asof(
        told.assign(row=told.index),
        by.assign(refused=True),
        on="time",
        by=["device", "host"],
        direction="nearest",
        tolerance=_TOLERANCE,
    )
    out[found.loc[found["refused"].notna(), "row"]] = True
    return out
