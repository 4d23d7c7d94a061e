"""Whom the devices of a flight talked to, as far as it was watched: rows, lane and section."""

from collections.abc import Iterator, Sequence
from typing import Any

from dji_audit.compliance.findings import CLAIMS
from dji_audit.compliance.network import Coverage, Met, Observation, Watching, hosts_met
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._contact_timeline import CLAIM_WORDS, amount, moments
from dji_audit.mapper.html._escape import escaped
from dji_audit.mapper.html._times import Zone, clock, day, lasting, milliseconds

#: So many hosts are listed on a page, those of the strongest claims.
MOST_HOSTS = 2_000
#: Claim -> its sign in the time line, as the viewer draws it.
SIGNS = {
    "confirmed_upload": "a disc",
    "probable_upload": "a half-filled ring",
    "contact": "a ring",
    "attempted": "a cross",
    "indicator": "a dot",
}


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
        parts += [_hosts(met, "hosts", flight, local), *_left_out(seen, met)]
    used = {one.claim for one in met}
    parts += [
        f'<p class="note"><b>{CLAIM_WORDS[claim]}</b> ({SIGNS[claim]} in the time line): '
        f"{escaped(CLAIMS[claim])}.</p>"
        for claim in CLAIM_WORDS
        if claim in used
    ]
    if seen.auditor is not None:
        parts.append(_auditor(seen.auditor, flight, local))
    return "".join(parts), len(met)


def _hosts(met: Sequence[Met], name: str, flight: Flight, local: Zone) -> str:
    """Return the table of hosts, the strongest claim first."""
    strongest_first = sorted(met, key=lambda one: -list(CLAIMS).index(one.claim))
    rows = "".join(_host(one, flight, local) for one in strongest_first[:MOST_HOSTS])
    return (
        f'<table id="{name}" aria-label="Computers, the strongest claim first"><thead><tr>'
        '<th scope="col" class="t">First</th><th scope="col">Whom</th>'
        '<th scope="col" class="s">What it shows</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _left_out(seen: Observation, met: Sequence[Met]) -> Iterator[str]:
    """Yield a sentence where not every host is listed, and where not every moment is drawn."""
    if len(met) > MOST_HOSTS:
        yield (
            f'<p class="note"><b>Listed are {MOST_HOSTS:,} of {len(met):,} computers</b>, those '
            "with the strongest claims. The report lists all.</p>"
        )
    told = moments(seen)
    if len(told.drawn) < told.count:
        yield (
            f'<p class="note"><b>Events and time line show {len(told.drawn):,} of {told.count:,} '
            "moments of contact</b>: the strongest claims, and of each computer the first.</p>"
        )


def _auditor(own: Observation, flight: Flight, local: Zone) -> str:
    """Return whom the auditor asked for the keys of the flight's logs."""
    return (
        "<h2>Whom the auditor talked to</h2><p>To have this flight's logs decrypted, whoever "
        "audited them asked for their keys. The aircraft, its controller and its app had no "
        "part in it, and no rule counts it.</p>"
    ) + _hosts(hosts_met(own), "auditor_hosts", flight, local)


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
