"""Hosts that the devices of a flight contacted: moments for the time line, lane and section.

Several logs may record one contact: contacts of one host close in time are one moment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.plain_english import duration_text, pluralised_count, sentence_case
from dji_audit.compliance.network import (
    OTHER_AIRCRAFT,
    FlightContacts,
    HostContacts,
    NetworkCoverage,
    NetworkLogCoverageOfTimeWindow,
    contacts_by_host,
)
from dji_audit.endpoints import CLAIMS
from dji_audit.flights import Flight
from dji_audit.mapper.html._escape import escape_html, small_print_html, table_html
from dji_audit.mapper.html._times import (
    TimeZone,
    date_text,
    time_of_day_text,
    time_of_day_text_with_other_date,
    unix_ms,
)

#: Contacts of one host that are closer in time than this are one moment.
_MOMENT_GAP = pd.Timedelta(seconds=2)
#: Moments that are drawn: no browser opens a page with hundreds of thousands of rows.
MAX_MOMENTS = 4_000

#: Claim -> what it is called; none is called more than it shows.
CLAIM_WORDS = {
    "confirmed_upload": "Confirmed upload",
    "probable_upload": "Probable upload",
    "contact": "Contact",
    "attempted": "Attempted, no contact",
    "other_aircraft": "Not shown to be of this aircraft",
    "indicator": "Named only",
}


@dataclass(frozen=True, slots=True)
class StrongestContactOfMoment:
    """The contact that has the strongest claim of its moment; empty: its log does not say."""

    #: One of ``CLAIMS``.
    claim: str
    port: int | None
    path: str
    app: str
    grade: str
    #: The record that shows it.
    record: str
    #: Index of its log in ``FlightContacts.logs``, and the byte in it.
    source_index: int
    offset: int


@dataclass(frozen=True, slots=True)
class ContactMoment:
    """Contacts with one host at one moment, from all logs."""

    host: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: The most bytes that one of them gives; ``None``: none gives any.
    bytes_up: int | None
    strongest: StrongestContactOfMoment
    #: How many logs record it.
    log_count: int


@dataclass(frozen=True, slots=True)
class ContactMoments:
    """The moments that are drawn, host by host in order of the first, and how many there are."""

    drawn: tuple[ContactMoment, ...]
    total: int


@lru_cache(maxsize=2)
def contact_moments(seen: FlightContacts) -> ContactMoments:
    """Return the moments of contact, at most ``MAX_MOMENTS``.

    Of more, those of the strongest claims are drawn, and of one claim the first moment of each
    host before the second of any.
    """
    if not len(seen.rows):
        return ContactMoments((), 0)
    numbered = _contacts_numbered_by_moment(seen)
    groups = numbered.groupby("moment")
    each = pd.DataFrame(
        {
            # The first of equals, as they stand.
            "best": numbered.sort_values("strength", ascending=False, kind="stable")
            .drop_duplicates("moment")
            .sort_values("moment")
            .index,
            "strength": groups["strength"].max(),
            "start": groups["time"].min(),
            "end": groups["ends"].max(),
            "sent": groups["bytes_up"].max(),
            "logs": numbered[["moment", "log"]].drop_duplicates()["moment"].value_counts(),
        }
    )
    count = len(each)
    if count > MAX_MOMENTS:
        host = numbered["code"].to_numpy()[each["best"]]
        turn = each.groupby([host, each["strength"]]).cumcount()
        order = each.assign(turn=turn).sort_values(
            ["strength", "turn", "start"], ascending=[False, True, True], kind="stable"
        )
        each = order.iloc[:MAX_MOMENTS].sort_index()
    best = rows_as_mappings(numbered.loc[each["best"]])
    moments = zip(best, each["start"], each["end"], each["sent"], each["logs"], strict=True)
    return ContactMoments(tuple(_build_contact_moment(*one) for one in moments), count)


def _contacts_numbered_by_moment(seen: FlightContacts) -> pd.DataFrame:
    """Return the contacts by host and time, each with the number of its moment."""
    # What another aircraft sent to a host is no moment of this one.
    is_other = seen.rows["claim"] == OTHER_AIRCRAFT
    codes, _ = pd.factorize(pd.MultiIndex.from_arrays([seen.rows["label"], is_other]))
    rows = seen.rows.assign(code=codes).sort_values(
        ["code", "time"], kind="stable", na_position="last", ignore_index=True
    )
    ends = rows["end"].fillna(rows["time"])
    before = ends.groupby(rows["code"]).cummax().groupby(rows["code"]).shift()
    apart = (rows["time"] - before) > _MOMENT_GAP
    # A row without a time stands alone with its like.
    apart |= rows["time"].isna() & rows.groupby("code")["time"].shift().notna()
    apart |= rows["code"] != rows["code"].shift()
    strength = rows["claim"].map({claim: place for place, claim in enumerate(CLAIMS)})
    return rows.assign(moment=apart.cumsum(), strength=strength, ends=ends)


def _build_contact_moment(
    row: dict[Any, Any], start: Any, end: Any, sent: Any, logs: int
) -> ContactMoment:
    return ContactMoment(
        row["label"],
        None if pd.isna(start) else start,
        None if pd.isna(end) else end,
        None if pd.isna(sent) else int(sent),
        StrongestContactOfMoment(
            claim=row["claim"],
            port=None if pd.isna(row["port"]) else int(row["port"]),
            path="" if pd.isna(row["path"]) else str(row["path"]),
            app="" if pd.isna(row["app"]) else str(row["app"]),
            grade="" if pd.isna(row["grade"]) else str(row["grade"]),
            record="" if pd.isna(row["evidence"]) else str(row["evidence"]),
            source_index=int(row["log"]),
            offset=int(row["source_offset"]),
        ),
        int(logs),
    )


def claim_host_and_bytes_sent_text(moment: ContactMoment) -> str:
    """Return a moment in words: claim, host and bytes sent."""
    contact = moment.strongest
    port = "" if contact.port is None else f":{contact.port}"
    words = f"{CLAIM_WORDS[contact.claim]}: {moment.host}{port}{contact.path}"
    if contact.app and contact.app != moment.host:
        words += f", by {contact.app}"
    if moment.bytes_up is not None:
        words += f", {byte_count_words(moment.bytes_up)} sent"
    return words + (f", in {moment.log_count} logs" if moment.log_count > 1 else "")


def byte_count_words(count: int) -> str:
    """Return bytes in words."""
    if count >= 1_000_000:
        return f"{count / 1e6:.1f} MB"
    return f"{count / 1000:.0f} kB" if count >= 10_000 else pluralised_count(count, "byte")


#: Hosts listed on a page, those with the strongest claims.
MAX_HOSTS = 2_000
#: Stretches of recording that a page lists.
MAX_STRETCHES = 20
#: Claim -> its sign in the time line, as the viewer draws it.
CLAIM_SIGNS = {
    "confirmed_upload": "a disc",
    "probable_upload": "a half-filled ring",
    "contact": "a ring",
    "attempted": "a cross",
    "other_aircraft": "a dot",
    "indicator": "a dot",
}


def network_recording_times_as_json_data(seen: FlightContacts | None) -> dict[str, object] | None:
    """Return when the network was recorded, for the lane; ``None``: it was not evaluated."""
    if seen is None:
        return None
    return {
        "capture_windows": [
            [unix_ms(start), unix_ms(end)] for start, end in seen.coverage.intervals
        ]
    }


def network_section_html_and_host_count(
    seen: FlightContacts | None, flight: Flight, local: TimeZone
) -> tuple[str, int]:
    """Return the network section and the number of hosts in it."""
    if seen is None:
        return "<p>Network logs were not evaluated.</p>", 0
    cover = seen.coverage
    hosts = contacts_by_host(seen)
    lead = escape_html(cover.insufficient_reason or f"{sentence_case(cover.text)}.")
    parts = [
        f'<p class="answer">{lead}</p>',
        _network_recording_periods_html(cover, local),
        _network_log_list_html(cover, local),
    ]
    if hosts:
        parts += [_host_table_html(hosts, "hosts", flight, local), *_truncation_notes(seen, hosts)]
    used = {one.claim for one in hosts}
    parts += [
        f'<p class="note"><b>{CLAIM_WORDS[claim]}</b> ({CLAIM_SIGNS[claim]} in the time line): '
        f"{escape_html(CLAIMS[claim])}.</p>"
        for claim in CLAIM_WORDS
        if claim in used
    ]
    if seen.auditor is not None:
        parts.append(_auditor_key_requests_section_html(seen.auditor, flight, local))
    return "".join(parts), len(hosts)


def _host_table_html(
    hosts: Sequence[HostContacts], name: str, flight: Flight, local: TimeZone
) -> str:
    """Return the table of hosts, the strongest claim first."""
    strongest_first = sorted(hosts, key=lambda one: -list(CLAIMS).index(one.claim))
    rows = "".join(_host_row_html(one, flight, local) for one in strongest_first[:MAX_HOSTS])
    return table_html(
        {"First": "t", "Host": "", "What it shows": "s"},
        rows,
        f'id="{name}" aria-label="Hosts, the strongest claim first"',
    )


def _truncation_notes(seen: FlightContacts, hosts: Sequence[HostContacts]) -> Iterator[str]:
    """Yield a sentence where not every host is listed, and where not every moment is drawn."""
    if len(hosts) > MAX_HOSTS:
        yield (
            f'<p class="note"><b>{MAX_HOSTS:,} of {len(hosts):,} hosts are listed</b>, those '
            "with the strongest claims. The report lists all.</p>"
        )
    numbered = contact_moments(seen)
    if len(numbered.drawn) < numbered.total:
        yield (
            f'<p class="note"><b>Events and time line show {len(numbered.drawn):,} of '
            f"{numbered.total:,} moments of contact</b>: the strongest claims, and the first "
            "of each host.</p>"
        )


def _auditor_key_requests_section_html(own: FlightContacts, flight: Flight, local: TimeZone) -> str:
    """Return the hosts that the auditor asked for the keys of the flight's logs."""
    return (
        "<h2>Hosts that the auditor contacted</h2><p>The auditor requested keys to decrypt "
        "this flight's logs. The aircraft, its controller and its app took no part in these "
        "contacts, and no rule counts them.</p>"
    ) + _host_table_html(contacts_by_host(own), "auditor_hosts", flight, local)


def _host_row_html(host: HostContacts, flight: Flight, local: TimeZone) -> str:
    first = unix_ms(host.first)
    at = "" if first is None else f' data-at="{first}"'
    operators = " · ".join(
        filter(None, [", ".join(host.catalogue_match.operators), _host_category_words(host)])
    )
    apps = sorted(host.apps - {host.host})
    used = f"by {', '.join(apps)}" if apps else ""
    sent = "" if host.bytes_up is None else f"{byte_count_words(host.bytes_up)} sent"
    logs = f"in {pluralised_count(host.log_count, 'log')}"
    return (
        f'<tr{at}><td class="time">{_first_contact_cell_html(first, flight, local)}</td>'
        f"<td><b>{escape_html(host.host)}</b>"
        f"{small_print_html(operators or host.unnamed_host_text)}{small_print_html(used)}</td>"
        f'<td class="source"><span class="chip {host.claim}">{CLAIM_WORDS[host.claim]}</span>'
        f"{small_print_html(sent)}{small_print_html(logs)}</td></tr>"
    )


def _host_category_words(host: HostContacts) -> str:
    return ", ".join(role.replace("_", " ") for role in host.catalogue_match.categories)


def _first_contact_cell_html(ms: int | None, flight: Flight, local: TimeZone) -> str:
    if ms is None:
        return "not given"
    start, end = unix_ms(flight.start), unix_ms(flight.end)
    when = "during the flight"
    if start is not None and ms < start:
        when = f"{duration_text((start - ms) / 1000)} before"
    elif end is not None and ms > end:
        when = f"{duration_text((ms - end) / 1000)} after"
    small = f"{small_print_html(local.local_time_text(ms))}{small_print_html(when)}"
    return f"{time_of_day_text_with_other_date(ms, start)}{small}"


def _network_recording_periods_html(cover: NetworkCoverage, local: TimeZone) -> str:
    """Return when the network was recorded, the longest stretches of many; empty: never."""
    if not cover.intervals:
        return ""
    longest = sorted(cover.intervals, key=lambda span: span[0] - span[1])[:MAX_STRETCHES]
    total_s = sum((end - start).total_seconds() for start, end in cover.intervals)
    count = len(cover.intervals)
    items = "".join(f"<li>{_time_span_text(*span, local)}</li>" for span in sorted(longest))
    more = (
        f"; the {MAX_STRETCHES} longest are listed, the report lists all"
        if count > MAX_STRETCHES
        else ""
    )
    return (
        f"<p>Recorded for {duration_text(total_s)} in {count:,} stretch{'es' * (count != 1)}: "
        f"between packets or records that follow one another without a long silence{more}.</p>"
        f'<ul class="evidence" id="recorded">{items}</ul>'
    )


def _time_span_text(start: pd.Timestamp, end: pd.Timestamp, local: TimeZone) -> str:
    """Return a stretch of time in UTC and local time."""
    first, last = unix_ms(start) or 0, unix_ms(end) or 0
    until = time_of_day_text(last)
    if date_text(first) != date_text(last):
        until = f"{date_text(last)} {until}"
    return (
        f"{date_text(first)} {time_of_day_text(first)} to {until} UTC "
        f"({local.local_time_text(first)} to {local.local_time_text(last)}), "
        f"{duration_text((end - start).total_seconds())}"
    )


def _network_log_list_html(cover: NetworkCoverage, local: TimeZone) -> str:
    """Return the network logs with their capture windows, and which do not count."""
    if not cover.logs:
        return ""
    items = "".join(f"<li>{_network_log_item_html(log, local)}</li>" for log in cover.logs)
    counted = sum(not log.not_counted for log in cover.logs)
    return (
        f"<details><summary>{counted} of {len(cover.logs)} network logs count as coverage"
        f'</summary><ul class="evidence">{items}</ul></details>'
    )


def _network_log_item_html(log: NetworkLogCoverageOfTimeWindow, local: TimeZone) -> str:
    span = "does not state when its capture began and ended"
    if log.start is not None and log.end is not None:
        span = f"first to last record {_time_span_text(log.start, log.end, local)}"
    unread = ", ".join(f"{what} {count:,}" for what, count in log.unread.items())
    parts: Sequence[str] = (
        span,
        f"recorded {duration_text(log.recorded_s)} of the window" if log.recorded_s else "",
        f"clock declared: {log.clock_declared}" if log.clock_declared else "",
        "" if log.flow_count is None else f"{log.flow_count:,} flows",
        "" if not log.unnamed_flow_count else f"{log.unnamed_flow_count:,} of them without a name",
        f"not understood: {unread}" if unread else "",
        ", ".join(f"{name} {count:,}" for name, count in sorted(log.blind_spots.items())),
    )
    does = f"does not count: {log.not_counted}" if log.not_counted else "counts"
    return f"<b>{escape_html(log.file)}</b> ({escape_html(log.format)}), {does}" + small_print_html(
        "; ".join(filter(None, parts))
    )
