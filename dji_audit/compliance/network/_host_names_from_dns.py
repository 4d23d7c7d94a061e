"""Host names for contacts of one log from the DNS look-ups of another, and refused look-ups.

A connection log has no names, and a DNS log no conversations; the address links the two.
A look-up names a conversation of the same device with an address in its answer, if the
conversation begins within one hour after the look-up.  A look-up without an answer is not a
contact if another log shows that it was refused.
"""

import numpy as np
import pandas as pd

#: How long a look-up names later conversations, and how far clocks may differ.
_REMEMBERED = pd.Timedelta(hours=1)
_TOLERANCE = pd.Timedelta(seconds=2)


def fill_host_names(rows: pd.DataFrame) -> pd.DataFrame:
    """Return contacts with host names filled in from look-ups, and the position of each name.

    Adds ``name_log`` and ``name_offset``: -1 where the row itself names its host, or where
    no look-up does.
    """
    rows = rows.assign(name_log=np.int64(-1), name_offset=np.int64(-1))
    unnamed = rows["host"].isna() & rows["address"].notna() & rows["time"].notna()
    # Rows with name and address answer a look-up; the name of a conversation stays its own.
    named = rows["host"].notna() & rows["address"].notna() & rows["time"].notna()
    if not unnamed.any() or not named.any():
        return rows
    keys = ["device", "address"]
    lookups = rows.loc[named, [*keys, "time", "host", "log", "source_offset"]].sort_values(
        "time", kind="stable"
    )
    conversations = rows.loc[unnamed, [*keys, "time"]].sort_values("time", kind="stable")
    matches = pd.merge_asof(
        conversations.assign(until=conversations["time"] + _TOLERANCE, row=conversations.index),
        lookups.rename(columns={"time": "lookup_time"}),
        left_on="until",
        right_on="lookup_time",
        by=keys,
        tolerance=_REMEMBERED + _TOLERANCE,
    )
    matches = matches[matches["host"].notna()]
    rows.loc[matches["row"], "host"] = matches["host"].to_numpy()
    rows.loc[matches["row"], "name_log"] = matches["log"].to_numpy(np.int64)
    rows.loc[matches["row"], "name_offset"] = matches["source_offset"].to_numpy(np.int64)
    return rows


def refused_dns_lookup_mask(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return which look-ups without an answer were refused, as another log shows."""
    is_lookup = (rows["protocol"] == "dns") & rows["host"].notna() & rows["time"].notna()
    is_lookup &= rows["address"].isna()
    is_attempt = rows["grade"] == "attempted"
    is_refused = pd.Series(False, rows.index)
    if not (is_lookup & is_attempt).any() or not (is_lookup & ~is_attempt).any():
        return is_refused
    keys = ["device", "host", "time"]
    unanswered = rows.loc[is_lookup & ~is_attempt, keys].sort_values("time", kind="stable")
    refusals = rows.loc[is_lookup & is_attempt, keys].sort_values("time", kind="stable")
    matches = pd.merge_asof(
        unanswered.assign(row=unanswered.index),
        refusals.assign(refused=True),
        on="time",
        by=["device", "host"],
        direction="nearest",
        tolerance=_TOLERANCE,
    )
    is_refused[matches.loc[matches["refused"].notna(), "row"]] = True
    return is_refused
