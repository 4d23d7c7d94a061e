"""Whom the devices of a flight talked to, as far as it was watched: rows, lane and section."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dji_audit.compliance.findings import CLAIMS
from dji_audit.compliance.network import Coverage, Met, Observation, Watching, hosts_met
from dji_audit.flights import Flight
from dji_audit.mapper._text import escaped
from dji_audit.mapper._times import Zone, clock, day, lasting, milliseconds

#: Contacts of one host that are closer than this are one: several logs tell the same.
_APART = pd.Timedelta(seconds=2)

#: Claim -> what it is called; none is called more than it shows.
CLAIM_WORDS = {
    "confirmed_upload": "Confirmed upload",
    "probable_upload": "Probable upload",
    "contact": "Contact",
    "attempted": "Attempted, no contact",
    "indicator": "Named only",
}
#: Claim -> its sign in the time line, as the viewer draws it.
SIGNS = {
    "confirmed_upload": "a disc",
    "probable_upload": "a half-filled ring",
    "contact": "a ring",
    "attempted": "a cross",
    "indicator": "a dot",
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


def moments(seen: Observation) -> Iterator[Moment]:
    """Yield the moments of contact, host by host in order of the first."""
    # In columns: a busy network shows hundreds of thousands of contacts.
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
    told = rows.assign(moment=apart.cumsum(), strength=strength, ends=ends)
    grouped = told.groupby("moment")
    best = told.loc[grouped["strength"].idxmax()].to_dict("records")
    for row, start, end, sent, logs in zip(
        best, grouped["time"].min(), grouped["ends"].max(), grouped["bytes_up"].max(),
        grouped["log"].nunique(), strict=True,
    ):  # fmt: skip
        yield Moment(
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


def network_data(seen: Observation | None) -> dict[str, Any] | None:
    """Return what was watched, for the lane; ``None``: the network was not looked at."""
    if seen is None:
        return None
    spans = [
        [milliseconds(log.start), milliseconds(log.end)]
        for log in seen.coverage.logs
        if not log.not_counted
    ]
    return {"watched": sorted(span for span in spans if None not in span)}


def network_section(seen: Observation | None, flight: Flight, local: Zone) -> tuple[str, int]:
    """Return the section about the network, and how many hosts were met."""
    if seen is None:
        return "<p>The network was not looked at.</p>", 0
    cover = seen.coverage
    met = hosts_met(seen)
    lead = escaped(cover.lacking or f"{cover.text[:1].upper()}{cover.text[1:]}.")
    parts = [f'<p class="answer">{lead}</p>', _watchers(cover, local)]
    if met:
        strongest_first = sorted(met, key=lambda one: -list(CLAIMS).index(one.claim))
        rows = "".join(_host(one, flight, local) for one in strongest_first)
        parts.append(
            '<table id="hosts" aria-label="Computers, the strongest claim first"><thead><tr>'
            '<th scope="col" class="t">First</th><th scope="col">Whom</th>'
            '<th scope="col" class="s">What it shows</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )
    used = {one.claim for one in met}
    parts += [
        f'<p class="note"><b>{CLAIM_WORDS[claim]}</b> ({SIGNS[claim]} in the time line): '
        f"{escaped(CLAIMS[claim])}.</p>"
        for claim in CLAIM_WORDS
        if claim in used
    ]
    return "".join(parts), len(met)


def _host(met: Met, flight: Flight, local: Zone) -> str:
    first = milliseconds(met.first)
    at = "" if first is None else f' data-at="{first}"'
    whose = " · ".join(filter(None, [", ".join(met.known.operators), _roles(met)]))
    apps = sorted(met.apps - {met.host})
    used = f"by {', '.join(apps)}" if apps else ""
    sent = "" if met.sent is None else f"{amount(met.sent)} sent"
    told = f"told by {met.logs} log{'s' * (met.logs != 1)}"
    return (
        f'<tr{at}><td class="time">{_first(first, flight, local)}</td>'
        f"<td><b>{escaped(met.host)}</b>{_sub(whose)}{_sub(used)}</td>"
        f'<td class="source"><span class="chip {met.claim}">{CLAIM_WORDS[met.claim]}</span>'
        f"{_sub(sent)}{_sub(told)}</td></tr>"
    )


def _roles(met: Met) -> str:
    return ", ".join(role.replace("_", " ") for role in met.known.categories)


def _sub(text: str) -> str:
    return f'<span class="sub">{escaped(text)}</span>' if text else ""


def _first(ms: int | None, flight: Flight, local: Zone) -> str:
    if ms is None:
        return "not given"
    start, end = milliseconds(flight.start), milliseconds(flight.end)
    when = "during the flight"
    if start is not None and ms < start:
        when = f"{lasting((start - ms) / 1000)} before"
    elif end is not None and ms > end:
        when = f"{lasting((ms - end) / 1000)} after"
    return f"{clock(ms)}{_sub(local.local(ms))}{_sub(when)}"


def _watchers(cover: Coverage, local: Zone) -> str:
    """Return which network logs watched, from when to when, and which do not count."""
    if not cover.logs:
        return ""
    items = "".join(f"<li>{_watcher(log, local)}</li>" for log in cover.logs)
    counted = sum(not log.not_counted for log in cover.logs)
    return (
        f"<details><summary>{counted} of {len(cover.logs)} network logs count as watching"
        f'</summary><ul class="evidence">{items}</ul></details>'
    )


def _watcher(log: Watching, local: Zone) -> str:
    start, end = milliseconds(log.start), milliseconds(log.end)
    span = "does not say from when to when it watched"
    if start is not None and end is not None:
        span = f"watched from {day(start)} {clock(start)} to {clock(end)} UTC"
        span += f" ({local.local(start)} to {local.local(end)})"
    parts: Sequence[str] = (
        span,
        "" if log.flow_count is None else f"{log.flow_count:,} conversations",
        "" if not log.unnamed_flow_count else f"{log.unnamed_flow_count:,} of them without a name",
        ", ".join(f"{name} {count:,}" for name, count in sorted(log.blind_spots.items())),
    )
    does = f"does not count: {log.not_counted}" if log.not_counted else "counts"
    return f"<b>{escaped(log.file)}</b> ({escaped(log.format)}), {does}" + _sub(
        "; ".join(filter(None, parts))
    )
