"""Moments of contact for time line and table: what several logs tell of one time is one."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from dji_audit.compliance.findings import CLAIMS
from dji_audit.compliance.network import Observation

#: Contacts of one host that are closer than this are one: several logs tell the same.
_APART = pd.Timedelta(seconds=2)
#: So many moments are drawn: a page with hundreds of thousands of rows nobody can open.
MOST_MOMENTS = 4_000

#: Claim -> what it is called; none is called more than it shows.
CLAIM_WORDS = {
    "confirmed_upload": "Confirmed upload",
    "probable_upload": "Probable upload",
    "contact": "Contact",
    "attempted": "Attempted, no contact",
    "indicator": "Named only",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Contacts with one host that several logs tell of one moment."""

    host: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: The strongest of ``CLAIMS`` among them.
    claim: str
    #: The most bytes that one of them gives; ``None``: none gives any.
    sent: int | None
    #: The row of the strongest claim.
    row: dict[str, Any]
    #: How many logs tell of it.
    logs: int


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments that are drawn, host by host in order of the first, and how many there are."""

    drawn: tuple[Moment, ...]
    count: int


@lru_cache(maxsize=2)
def moments(seen: Observation) -> Moments:
    """Return the moments of contact, at most ``MOST_MOMENTS``.

    Of more, those of the strongest claims are drawn, and of one claim the first moment of each
    host before the second of any.
    """
    told = _told(seen)
    groups = told.groupby("moment")
    each = pd.DataFrame(
        {
            # The first of equals, as they stand.
            "best": told.sort_values("strength", ascending=False, kind="stable")
            .drop_duplicates("moment")
            .sort_values("moment")
            .index,
            "strength": groups["strength"].max(),
            "start": groups["time"].min(),
            "end": groups["ends"].max(),
            "sent": groups["bytes_up"].max(),
            "logs": told[["moment", "log"]].drop_duplicates()["moment"].value_counts(),
        }
    )
    count = len(each)
    if count > MOST_MOMENTS:
        host = told["code"].to_numpy()[each["best"]]
        turn = each.groupby([host, each["strength"]]).cumcount()
        order = each.assign(turn=turn).sort_values(
            ["strength", "turn", "start"], ascending=[False, True, True], kind="stable"
        )
        each = order.iloc[:MOST_MOMENTS].sort_index()
    best = told.loc[each["best"]].to_dict("records")
    told_of = zip(best, each["start"], each["end"], each["sent"], each["logs"], strict=True)
    return Moments(tuple(_moment(*one) for one in told_of), count)


def _told(seen: Observation) -> pd.DataFrame:
    """Return the contacts by host and time, each with the number of its moment."""
    codes, _ = pd.factorize(seen.rows["label"])
    rows = seen.rows.assign(code=codes).sort_values(
        ["code", "time"], kind="stable", na_position="last", ignore_index=True
    )
    ends = rows["end"].fillna(rows["time"])
    before = ends.groupby(rows["code"]).cummax().groupby(rows["code"]).shift()
    apart = (rows["time"] - before) > _APART
    # A row without a time stands alone with its like.
    apart |= rows["time"].isna() & rows.groupby("code")["time"].shift().notna()
    apart |= rows["code"] != rows["code"].shift()
    strength = rows["claim"].map({claim: place for place, claim in enumerate(CLAIMS)})
    return rows.assign(moment=apart.cumsum(), strength=strength, ends=ends)


def _moment(row: dict[Any, Any], start: Any, end: Any, sent: Any, logs: int) -> Moment:
    return Moment(
        row["label"],
        None if pd.isna(start) else start,
        None if pd.isna(end) else end,
        row["claim"],
        None if pd.isna(sent) else int(sent),
        {str(name): value for name, value in row.items()},
        int(logs),
    )


def said_of(moment: Moment) -> str:
    """Return a moment in words: what it was, with whom, how much was sent."""
    row = moment.row
    port = "" if pd.isna(row["port"]) else f":{int(row['port'])}"
    path = "" if pd.isna(row["path"]) else str(row["path"])
    words = f"{CLAIM_WORDS[moment.claim]}: {moment.host}{port}{path}"
    if not pd.isna(row["app"]) and str(row["app"]) != moment.host:
        words += f", by {row['app']}"
    if moment.sent is not None:
        words += f", {amount(moment.sent)} sent"
    return words + (f", told by {moment.logs} logs" if moment.logs > 1 else "")


def amount(count: int) -> str:
    """Return bytes in words."""
    if count >= 1_000_000:
        return f"{count / 1e6:.1f} MB"
    return f"{count / 1000:.0f} kB" if count >= 10_000 else f"{count:,} bytes"
