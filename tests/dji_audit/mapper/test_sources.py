"""A flight that several files tell: which, how each clock was placed, and where they disagree."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import parsers
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.flights import Flight, assemble_flights
from dji_audit.mapper import render_flight_page_html
from dji_audit.mapper.flight_page._source_sections import aircraft_labelled_values_html

Open = Callable[..., Any]

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
NAMES = (RECORD, "FLY042.DAT", "DJI_20260514100443_0001_D.MP4", "DJI_20260514100443_0001_D.SRT")


@pytest.fixture(scope="module")
def told(sample_logs: Path) -> Flight:
    """Return the synthetic flight as record, on-board log, video and subtitles tell it."""
    (flight,) = assemble_flights(*(parsers.read(sample_logs / name) for name in NAMES))
    assert {log.source.name for log in flight.logs} == set(NAMES)
    return flight


@pytest.fixture(scope="module")
def page(told: Flight, audit_basis: AuditInputProvenance) -> str:
    return render_flight_page_html(FlightAudit(told, ()), basis=audit_basis, generated=None)


@pytest.mark.browser
def test_the_sources_name_each_file_its_clock_and_its_fit(page: str, open_page: Open) -> None:
    seen = open_page(page)
    assert "4 files; 1 disagreement between them" in seen.text("#top .facts")
    assert seen.text("#tab_file") == "Sources 4"
    seen.page.locator("#tab_file").click()
    rows = seen.page.locator("#files tbody tr")
    assert rows.count() == 4
    texts = rows.all_text_contents()
    assert RECORD in texts[0]
    (srt,) = [text for text in texts if ".SRT" in text]
    assert "another file of the same capture states both UTC and this local clock" in srt
    assert re.search(r"-3,(599\.\d|600\.\d) s", srt)
    (dat,) = [text for text in texts if "FLY042.DAT" in text]
    assert "height above sea level" in dat
    disagreed = seen.text("#disagreements tbody")
    assert "Mavic 2" in disagreed
    assert "Mavic Pro" in disagreed
    details = seen.page.locator("details.source")
    assert details.count() == 4
    details.first.locator("summary").first.click()
    assert "SHA-256" in details.first.text_content()
    assert seen.complaints == seen.violations == []


@pytest.mark.browser
def test_each_row_says_which_file_tells_it(page: str, told: Flight, open_page: Open) -> None:
    seen = open_page(page)
    rows = seen.page.locator("#event_table tbody tr")
    files = {log.source.name for log in told.logs}
    named = [any(name in text for name in files) for text in rows.all_text_contents()]
    assert all(named)
    seen.page.locator("#filters .find").fill("fly042.dat")
    shown = seen.page.locator("#event_table tbody tr:visible").all_text_contents()
    assert shown
    assert all("FLY042.DAT" in text for text in shown)


def test_a_part_is_listed_with_every_name_it_is_given(told: Flight) -> None:
    text = aircraft_labelled_values_html(told.logs)
    assert "<dt>Model</dt><dd>Mavic 2 &#40;file 1" in text
    assert "<dt>Model</dt><dd>Mavic Pro &#40;file 2" in text


def test_one_file_is_told_without_numbers_and_fits() -> None:
    log = parsers.Log(parsers.Source("a.txt", 0, "0" * 64, "dji-txt"))
    assert (
        aircraft_labelled_values_html([log])
        == "<div><dt>Nothing</dt><dd>no source names it</dd></div>"
    )
