"""Whom the devices talked to, on the page: never more than what was seen, and what was watched."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit, audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.policy import load_policy
from dji_audit.endpoints import CLAIMS
from dji_audit.flights import assemble_flights
from dji_audit.mapper import render_flight_page_html
from dji_audit.mapper.flight_page import _network_contacts
from dji_audit.mapper.flight_page._network_contacts import (
    CLAIM_SIGNS,
    CLAIM_WORDS,
    byte_count_words,
    contact_moments,
    network_recording_times_as_json_data,
    network_section_html_and_host_count,
)
from dji_audit.mapper.flight_page._static_html import event_table_rows_html
from dji_audit.mapper.flight_page._timeline_rows import timeline_rows
from dji_audit.mapper.html._times import TimeZone, time_of_day_text_with_other_date, unix_ms

Open = Callable[..., Any]

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
DISCLOSED = "keychains.json.disclosed.jsonl"
BRITISH = TimeZone("Europe/London", ((0, 3600, "BST"),))
CAPTURES = ("2026-05-14_router_wlan0.pcap", "PCAPdroid_14_May_09_40_11.pcapng")


@pytest.fixture(scope="module")
def audited(sample_logs: Path) -> Callable[..., FlightAudit]:
    """Return a function that audits the synthetic flight with some network logs."""
    (flight,) = assemble_flights(parsers.read(sample_logs / RECORD))
    pack = load_policy("default")

    def audit(*names: str) -> FlightAudit:
        logs = tuple(parsers.read(sample_logs / "network" / name) for name in names)
        return audit_flight(flight, pack, AuditContext(network=logs))

    return audit


def test_every_claim_has_a_word_and_a_sign() -> None:
    assert set(CLAIM_WORDS) == set(CLAIM_SIGNS) == set(CLAIMS)


@pytest.mark.parametrize(
    ("count", "words"), [(40, "40 bytes"), (12_345, "12 kB"), (3_145_728, "3.1 MB")]
)
def test_bytes_in_words(count: int, words: str) -> None:
    assert byte_count_words(count) == words


def test_what_several_logs_tell_of_one_moment_is_one_row(
    audited: Callable[..., FlightAudit],
) -> None:
    audit = audited(*CAPTURES)
    assert audit.network is not None
    found = contact_moments(audit.network).drawn
    assert len(found) < len(audit.network.rows)
    upload = max((one for one in found if one.host == "mydjiflight.dji.com"), key=_strength)
    assert (upload.strongest.claim, upload.bytes_up) == ("probable_upload", 3_145_728)
    assert upload.log_count == 2
    told = [row for row in timeline_rows(audit) if row.group == "network" and row.kind in CLAIMS]
    assert len(told) == len(found)
    assert not any("Confirmed" in row.text for row in told)


def test_of_very_many_moments_the_strongest_are_drawn_and_the_page_says_so(
    audited: Callable[..., FlightAudit],
    audit_basis: AuditInputProvenance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    audit = audited(*CAPTURES)
    assert audit.network is not None
    whole = contact_moments(audit.network).drawn
    strong = [one for one in whole if one.strongest.claim == "probable_upload"]
    hosts = len({one.host for one in whole if one.strongest.claim == "contact"})
    most = len(strong) + hosts
    assert most < len(whole)
    contact_moments.cache_clear()
    monkeypatch.setattr(_network_contacts, "MAX_MOMENTS", most)
    monkeypatch.setattr(_network_contacts, "MAX_HOSTS", 2)
    cut = contact_moments(audit.network)
    assert (len(cut.drawn), cut.total) == (most, len(whole))
    assert all(one in cut.drawn for one in strong)
    drawn = [one.host for one in cut.drawn if one.strongest.claim == "contact"]
    assert len(drawn) == len(set(drawn)) == hosts
    page = render_flight_page_html(audit, basis=audit_basis, generated=None)
    contact_moments.cache_clear()
    assert f"Events and time line show {most} of {len(whole)} moments of contact" in page
    assert "<b>2 of" in page
    (table,) = re.findall(r'<table id="hosts".*?</table>', page, re.S)
    assert table.count('<td class="time">') == 2
    assert "mydjiflight.dji.com" in table


def test_the_auditors_own_contacts_stand_apart_from_those_of_the_devices(
    sample_logs: Path, sealed: Path, audit_basis: AuditInputProvenance
) -> None:
    (flight,) = assemble_flights(parsers.read(sealed))
    logs = tuple(parsers.read(sample_logs / "network" / name) for name in (*CAPTURES, DISCLOSED))
    audit = audit_flight(flight, load_policy("default"), AuditContext(network=logs))
    page = render_flight_page_html(audit, basis=audit_basis, generated=None)
    devices, auditor = page.split("Hosts that the auditor contacted")
    assert '<table id="hosts"' in devices
    (table,) = re.findall(r'<table id="auditor_hosts".*?</table>', auditor, re.S)
    assert "dev.dji.com" in table
    assert "dev.dji.com" not in devices.split('<section id="network"')[1]


def _strength(one: Any) -> int:
    return list(CLAIMS).index(one.strongest.claim)


@pytest.mark.browser
def test_the_page_shows_hosts_claims_and_what_was_watched(
    audited: Callable[..., FlightAudit], audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    audit = audited(*CAPTURES)
    seen = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None))
    page = seen.page
    page.locator("#tab_network").click()
    first = page.locator("#hosts tbody tr").first.text_content()
    assert "mydjiflight.dji.com" in first
    assert "Probable upload" in first
    assert "of the window" in seen.text("#network .answer")
    assert "2 of 2 network logs count as coverage" in seen.text("#network details summary")
    page.locator("#tab_events").click()
    page.locator("#filters .find").fill("probable_upload")
    shown = page.locator("#event_table tbody tr.network:visible")
    assert shown.count() >= 1
    assert ".pcap" in shown.first.text_content()
    # The upload came 20 minutes later: the axis is that of the flight.
    span = page.evaluate("(window.__flightPage.end - window.__flightPage.start) / 1000")
    assert 540 < span < 620
    assert seen.complaints == seen.violations == []
    assert len(seen.requests) == 1


def test_without_network_logs_the_page_says_that_no_contact_proves_nothing(
    audited: Callable[..., FlightAudit], audit_basis: AuditInputProvenance
) -> None:
    page = render_flight_page_html(audited(), basis=audit_basis, generated=None)
    (section,) = re.findall(r'<section id="network".*?</section>', page, re.DOTALL)
    assert "work log covers this flight" in section
    assert "<table" not in section


def test_the_page_lists_when_the_network_was_recorded_and_what_was_not_understood(
    audited: Callable[..., FlightAudit],
) -> None:
    audit = audited(CAPTURES[0])
    seen = audit.network
    assert seen is not None
    section, _ = network_section_html_and_host_count(seen, audit.flight, BRITISH)
    intervals = seen.coverage.intervals
    assert section.count("<li>") == len(intervals) + 1
    for start, end in intervals:
        assert f"14 May 2026 {start:%H:%M:%S} to {end:%H:%M:%S} UTC (" in section
    assert network_recording_times_as_json_data(seen) == {
        "capture_windows": [[a.value // 10**6, b.value // 10**6] for a, b in intervals]
    }
    # Of very many stretches the longest are listed, in order of time.
    first = intervals[0][0]
    minute = pd.Timedelta(minutes=1)
    spans = tuple(
        (first + 60 * number * minute, first + (60 * number + 1 + number) * minute)
        for number in range(50)
    )
    (log,) = seen.coverage.logs
    odd = replace(log, unread={"link type 105 (Wi-Fi)": 5_795}, not_counted="none understood")
    many = replace(seen, coverage=replace(seen.coverage, intervals=spans, logs=(odd,)))
    section, _ = network_section_html_and_host_count(many, audit.flight, BRITISH)
    assert "in 50 stretches" in section
    assert "the 20 longest are listed" in section
    assert section.count("<li>") == 20 + 1
    assert "not understood: link type 105 &#40;Wi-Fi&#41; 5,795" in section
    assert "0 of 1 network logs count as coverage" in section


def test_what_was_on_another_day_than_the_flight_has_its_date(
    audited: Callable[..., FlightAudit],
) -> None:
    audit = audited(*CAPTURES)
    assert audit.network is not None
    rows = audit.network.rows
    day = pd.Timedelta(days=1)
    next_day = replace(
        audit.network, rows=rows.assign(time=rows["time"] + day, end=rows["time"] + day)
    )
    happened = timeline_rows(replace(audit, network=next_day))
    began = unix_ms(audit.flight.start)
    table = event_table_rows_html(happened, BRITISH, ["a.txt"], began)
    assert (
        '<td class="time">15 May 2026 09:31:29<span class="sub">10:31:29 BST</span></td>' in table
    )
    # What the flight itself did is of its own day, and a page does not repeat that.
    assert re.search(r'<td class="time">09:\d\d:\d\d<', table)
    assert "14 May 2026" not in table
    section, _ = network_section_html_and_host_count(next_day, audit.flight, BRITISH)
    assert "15 May 2026 09:31:29" in section


@pytest.mark.parametrize(
    ("ms", "day_ms", "text"),
    [
        (3_600_000, 0, "01:00:00"),
        (86_400_000, 0, "2 Jan 1970 00:00:00"),
        (86_399_999, 0, "23:59:59"),
        (-1, 0, "31 Dec 1969 23:59:59"),
        (3_600_000, None, "1 Jan 1970 01:00:00"),
    ],
)
def test_a_time_of_another_day_has_its_date(ms: int, day_ms: int | None, text: str) -> None:
    assert time_of_day_text_with_other_date(ms, day_ms) == text
