"""The page of a flight in a browser: what it asks for, and what it does when it is used."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.geo.national_grid import best_national_grid_transformation
from dji_audit.mapper import render_flight_page_html
from parsers import _tables as tables
from tests.dji_audit.mapper.conftest import Make, Open

pytestmark = pytest.mark.browser


@pytest.fixture
def seen(
    made: Make, audit_basis: AuditInputProvenance, generated: datetime, open_page: Open
) -> Any:
    """Return the page of the survey flight, opened."""
    return open_page(
        render_flight_page_html(made(fixes=3000), basis=audit_basis, generated=generated)
    )


def place(page: Any) -> tuple[float, float]:
    """Return where the aircraft stands on the screen."""
    box = page.locator(".aircraft").bounding_box()
    return box["x"], box["y"]


def test_the_page_asks_for_itself_and_for_nothing_else(seen: Any) -> None:
    page = seen.page
    page.locator("#play").click()
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -300)
    page.locator("#colour").select_option("height")
    page.locator("#tab_rules").click()
    page.wait_for_timeout(300)
    assert len(seen.requests) == 1
    assert seen.requests[0].startswith("file:")
    assert seen.complaints == []
    assert seen.violations == []


def test_the_slider_moves_the_aircraft_and_marks_the_row(seen: Any) -> None:
    page = seen.page
    before = place(page)
    page.locator("#slider").evaluate(
        "(s) => { s.value = 96000; s.dispatchEvent(new Event('input')); }"
    )
    assert place(page) != before
    assert page.locator("#clock b").text_content() == "12:01:36.0 UTC"
    marked = page.locator("#event_table tr[aria-current=true]")
    assert marked.count() == 1
    assert "12:01:33" in marked.text_content()
    assert "62.2 m above take-off" in seen.text("#readout .height dd")


def test_the_slider_answers_to_keys(seen: Any) -> None:
    page = seen.page
    page.locator("#slider").focus()
    for key in ("PageUp", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.locator("#clock b").text_content() == "12:00:11.0 UTC"
    assert "13:00:11 BST" in page.locator("#slider").get_attribute("aria-valuetext")


def test_rows_are_walked_with_arrows_and_chosen_with_enter(seen: Any) -> None:
    page = seen.page
    rows = page.locator("#event_table tbody tr")
    assert rows.evaluate_all("(all) => all.filter((row) => row.tabIndex === 0).length") == 1
    page.locator("#event_table tbody tr:visible").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    focused = page.locator(":focus")
    assert focused.get_attribute("aria-current") == "true"
    assert focused.locator("td.time").text_content()[:8] in seen.text("#clock b")


def test_tabs_are_walked_with_arrows(seen: Any) -> None:
    page = seen.page
    page.locator("#tab_events").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#rules").is_visible()
    assert not page.locator("#events").is_visible()
    page.keyboard.press("End")
    assert page.locator("#file").is_visible()


def test_next_and_previous_go_from_event_to_event(seen: Any) -> None:
    page = seen.page
    page.locator("#next").click()
    first = seen.text("#clock b")
    page.locator("#next").click()
    assert seen.text("#clock b") > first
    page.locator("#previous").click()
    assert seen.text("#clock b") == first


def test_filters_hide_rows_and_the_search_finds_one(seen: Any) -> None:
    page = seen.page
    shown = page.locator("#event_table tbody tr:visible")
    assert not page.locator("#event_table", has_text="x").locator("tr.setting:visible").count()
    page.locator("#filters input[value=recording]").uncheck()
    assert not page.locator("tr.recording:visible").count()
    page.locator("#filters .find").fill("strong wind")
    assert shown.count() == 1


def test_a_finding_leads_to_its_moment(seen: Any) -> None:
    seen.page.locator("#tab_rules").click()
    seen.page.locator(".card").nth(1).click()
    assert seen.text("#clock b") == "12:03:12.0 UTC"


def test_a_click_on_the_path_goes_there(seen: Any) -> None:
    page = seen.page
    page.evaluate("window.__flightPage.seekTo(window.__flightPage.start + 150000)")
    x, y = place(page)
    page.evaluate("window.__flightPage.seekTo(window.__flightPage.start)")
    page.mouse.click(x + 85, y + 85)
    assert "12:02:" in seen.text("#clock b")


def test_pilot_is_not_shown_until_asked_for(seen: Any) -> None:
    page = seen.page
    assert "Pilot" not in seen.text("#key_list")
    page.locator("#layers summary").click()
    page.locator("#layer_list label", has_text="Pilot").locator("input").check()
    assert "Pilot" in seen.text("#key_list")


def test_grid_references_agree_with_the_projection(seen: Any) -> None:
    to_grid = best_national_grid_transformation().to_grid
    east, north = (float(axis[0]) for axis in to_grid(np.array([54.6412]), np.array([-2.2275])))
    letters, e, n = seen.text("#readout .grid dd").split()
    assert letters == "NY"
    assert abs(int(e) - east % 100_000) <= 1.5
    assert abs(int(n) - north % 100_000) <= 1.5


def test_what_runs_elsewhere_is_shown_as_text_here(
    poisoned_audit: FlightAudit,
    audit_basis: AuditInputProvenance,
    poison: Callable[[Any], Any],
    canary: str,
    open_page: Open,
) -> None:
    seen = open_page(
        render_flight_page_html(poisoned_audit, basis=poison(audit_basis), generated=None)
    )
    page = seen.page
    readable = canary[:60]
    assert readable in seen.text("h1")
    assert readable in seen.text("#event_table tbody")
    assert readable in page.title()
    page.locator("#colour").select_option("mode")
    assert readable in seen.text("#key_list")
    for tab in ("rules", "captures", "network", "file"):
        page.locator(f"#tab_{tab}").click()
        assert readable in seen.text(f"#{tab}")
    # Pointing at every sign opens its tooltip.
    for x in range(200, 900, 60):
        for y in range(150, 700, 60):
            page.mouse.move(x, y)
    page.evaluate("window.__flightPage.seekTo(window.__flightPage.end)")
    assert "⟨U+202E⟩" in seen.text("h1")
    assert "49049" not in page.content()
    assert page.locator("img").count() == 0
    assert seen.complaints == seen.violations == []
    assert len(seen.requests) == 1


STRANGE: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no fix": lambda track: track.iloc[:0],
    "one fix": lambda track: track.iloc[50:51].reset_index(drop=True),
    "no positions": lambda track: track.assign(latitude_deg=np.nan),
    "no times": lambda track: track.assign(
        time=pd.Series([pd.NaT] * len(track), dtype=track["time"].dtype)
    ),
    "a gap": lambda track: track.drop(index=range(1000, 1400)).reset_index(drop=True),
    "only positions": lambda track: tables.build_table(
        tables.TRACK,
        {
            name: track[name].to_numpy()
            for name in ("time", "latitude_deg", "longitude_deg", "source_offset")
        },
        len(track),
    ),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_track_opens_without_complaint(
    name: str, made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    audit = made(fixes=3000, track=STRANGE[name](made(fixes=3000).flight.track))
    seen = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None))
    seen.page.locator("#next").click() if name != "no times" else None
    seen.page.evaluate("window.__flightPage.seekTo(window.__flightPage.end)")
    seen.page.locator("#event_table tbody tr:visible").nth(3).click()
    assert seen.complaints == seen.violations == []
    assert len(seen.requests) == 1


def test_a_flight_across_the_antimeridian_is_in_one_piece(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    page = render_flight_page_html(
        made(latitude=-17.0, longitude=179.999), basis=audit_basis, generated=None
    )
    seen = open_page(page)
    assert seen.page.evaluate("window.__flightPage.map.getZoom()") > 14
    seen.page.evaluate("window.__flightPage.seekTo(window.__flightPage.start + 30000)")
    assert "\u2212179.99" in seen.text("#readout .position dd")


def test_a_long_flight_answers_at_once(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    seen = open_page(render_flight_page_html(made(fixes=60_000), basis=audit_basis, generated=None))
    step = (
        "(() => { const { seekTo, start } = window.__flightPage; const began = performance.now();"
        "for (let i = 0; i < 50; i += 1) seekTo(start + i * 90000);"
        "return (performance.now() - began) / 50; })()"
    )
    # The bound is for a busy machine; on a quiet one it is a tenth of this.
    assert min(seen.page.evaluate(step) for _ in range(3)) < 30


def test_a_narrow_screen_needs_no_sideways_scrolling(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    seen = open_page(
        render_flight_page_html(made(), basis=audit_basis, generated=None), width=390, height=844
    )
    wide = seen.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_on_paper_there_is_the_still_picture_and_every_table(seen: Any) -> None:
    page = seen.page
    page.emulate_media(media="print")
    for part in ("#still svg.picture", "#events", "#rules", "#captures", "#file"):
        assert page.locator(part).is_visible(), part
    for part in (".folium-map", "#bar", "#tabs"):
        assert not page.locator(part).is_visible(), part


def test_without_scripts_the_page_still_tells_everything(
    made: Make, audit_basis: AuditInputProvenance, browser: Any, tmp_path: Any
) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        render_flight_page_html(made(), basis=audit_basis, generated=None), encoding="utf-8"
    )
    other = browser.browser
    context = (other or browser).new_context(java_script_enabled=False) if other else None
    if context is None:
        pytest.skip("this browser opens no second context")
    page = context.new_page()
    page.goto(path.as_uri())
    for part in ("svg.picture", "#event_table", "#rules", "#captures", "#file"):
        assert page.locator(part).is_visible(), part
    assert not page.locator("#bar").is_visible()
    context.close()


def test_reading_order_puts_the_map_before_the_tables(seen: Any) -> None:
    order = seen.page.evaluate(
        "[...document.querySelectorAll('header, main, #stage, #bar, #panel')].map((e) => e.id)"
    )
    assert order == ["top", "", "stage", "bar", "panel"]


def test_playing_moves_on(seen: Any) -> None:
    page = seen.page
    page.locator("#rate").select_option("60")
    page.locator("#play").click()
    page.wait_for_function("() => document.querySelector('#clock b').textContent > '12:00:05'")
    page.locator("#play").click()
    assert page.locator("#play").text_content() == "Play"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1440, 900), (1920, 1080)])
def test_tabs_stand_in_two_rows_at_most_and_the_table_has_room_on_common_screens(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open, width: int, height: int
) -> None:
    page = open_page(
        render_flight_page_html(made(fixes=600), basis=audit_basis, generated=None), width, height
    ).page
    panel, head, *tabs = page.evaluate(
        "[...document.querySelectorAll('#panel, #event_table thead, [role=tab]')]"
        ".sort((a, b) => a.matches('[role=tab]') - b.matches('[role=tab]'))"
        ".map((one) => one.getBoundingClientRect().toJSON())"
    )
    assert len({tab["top"] for tab in tabs}) <= 2
    assert all(tab["right"] <= panel["right"] for tab in tabs)
    assert height - head["top"] >= 280
    assert page.evaluate("document.documentElement.scrollWidth") <= width
