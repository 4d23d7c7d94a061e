"""The flight page in use: recordings, colours, plots, links, small screens, keyboard, paper."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.mapper import NeighbourPages, PageLink, render_flight_page_html
from parsers import _tables as tables
from tests.conftest import AXE, required
from tests.dji_audit.mapper.conftest import (
    START,
    Make,
    Visit,
    made_captures,
    second,
    wait_for_address,
)

pytestmark = pytest.mark.browser

SPAN = 300.0
#: Width and height of the screen: common, a phone, and the common one zoomed to 200 %.
SCREENS = ((1366, 768), (390, 844), (683, 384))


def capture(kind: str, sensor: str, start: float, end: float | None) -> dict[str, Any]:
    return {
        "start": second(start),
        "end": pd.NaT if end is None else second(end),
        "sensor": sensor,
        "kind": kind,
        "source": "made",
        "grade": "reported",
        "file": None,
        "source_offset": round(1000 * start),
    }


def captures_of_every_class() -> pd.DataFrame:
    """Return videos of each sensor, two at once, an open one, sound, and photos of each sensor."""
    rows = [row for row in made_captures(SPAN) if row["kind"] == "video"]
    rows += [
        capture("video", "visible", 140, 160),
        capture("audio", "unknown", 20, 50),
        capture("video", "visible", 285, None),
        *(capture("photo", sensor, 62, 62) for sensor in ("visible", "thermal", "unknown")),
    ]
    return tables.media_capture_table_from_rows(rows)


@pytest.fixture(scope="module")
def html(made: Make, audit_basis: AuditInputProvenance, generated: datetime) -> str:
    """Return the page of a flight with recordings of every class, between two others."""
    return render_flight_page_html(
        made(fixes=3000, captures=captures_of_every_class()),
        basis=audit_basis,
        generated=generated,
        index_link="../index.html",
        neighbours=NeighbourPages(
            PageLink("before.html", "13 May"), PageLink("after.html", "15 May")
        ),
    )


@pytest.fixture(scope="module")
def opened(html: str, browser: Any, tmp_path_factory: Any) -> Iterator[Visit]:
    """Return the page, opened once for all tests of this module."""
    path = tmp_path_factory.mktemp("page") / "flight.html"
    path.write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(8000)
    visit = Visit(page)
    page.goto(path.as_uri())
    page.wait_for_function("() => document.documentElement.dataset.ready === '1'")
    yield visit
    page.close()


@pytest.fixture
def page(opened: Visit) -> Iterator[Any]:
    """Return the page on a common screen; what it asked for and complained of is checked after."""
    opened.page.emulate_media(color_scheme="light", media="screen")
    opened.page.set_viewport_size({"width": 1366, "height": 768})
    yield opened.page
    assert opened.complaints == opened.violations == []
    assert len(opened.requests) == 1


def settle(page: Any, *parts: str) -> str:
    """Wait until the address says what is shown, and return its fragment."""
    for part in parts:
        wait_for_address(page, part)
    return str(page.evaluate("location.hash"))


def go_to(page: Any, fragment: str) -> None:
    """Change the fragment of the address, and wait until the page was told."""
    page.evaluate(
        "(text) => new Promise((told) => {"
        " if (location.hash.replace(/^#/, '') === text) { told(); return; }"
        " window.addEventListener('hashchange', () => told(), { once: true });"
        " location.hash = text; })",
        fragment,
    )


def colour_by(page: Any, name: str) -> list[str]:
    """Colour the path and return the words of the key."""
    page.locator("#colour").select_option(name)
    return list(page.locator("#key_list li span").all_text_contents())


def test_the_key_names_every_class_of_recording_that_there_is(page: Any) -> None:
    words = colour_by(page, "recording")
    for expected in (
        "No video shown by the logs", "Video, visible light", "Video, thermal",
        "Video, sensor not stated", "Video, visible light and thermal at once", "Sound on its own",
        "Photo, visible light", "Photo, thermal", "Photo, sensor not stated",
        "Recording began, its end is not shown",
    ):  # fmt: skip
        assert expected in words


def test_each_class_of_recording_has_a_look_of_its_own_without_its_colour(page: Any) -> None:
    colour_by(page, "recording")
    # A sign that is filled with ink differs from one that is hollow.
    looks = page.locator("#key_list li:has(span:text-matches('^(Video|Sound|Photo|No video)'))")
    shapes = looks.evaluate_all(
        "(all) => all.map((item) => item.querySelector('svg').outerHTML"
        '.replace(/(stroke|fill)="(var.--(?!paper)|#(?!fff))[^"]*"/g, \'\'))'
    )
    assert len(shapes) == len(set(shapes)) >= 9


def test_lanes_have_a_row_for_each_class(page: Any) -> None:
    inks = page.evaluate(
        """() => {
          const canvas = document.getElementById('lanes');
          const style = getComputedStyle(document.documentElement);
          const copy = document.createElement('canvas');
          [copy.width, copy.height] = [canvas.width, canvas.height];
          const ctx = copy.getContext('2d', { willReadFrequently: true });
          ctx.drawImage(canvas, 0, 0);
          const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
          const seen = (name) => {
            const [r, g, b] = style.getPropertyValue(name).trim().match(/\\w\\w/g)
              .map((hex) => parseInt(hex, 16));
            const rows = new Set();
            for (let i = 0; i < data.length; i += 4) {
              if (data[i] === r && data[i + 1] === g && data[i + 2] === b) {
                rows.add(Math.floor((i / 4 / canvas.width / devicePixelRatio - 50) / 15));
              }
            }
            return [...rows];
          };
          return Object.fromEntries(['--visible', '--thermal', '--unstated', '--sound']
            .map((name) => [name, seen(name)]));
        }"""
    )
    rows = [inks[name] for name in ("--visible", "--thermal", "--unstated", "--sound")]
    assert all(rows)
    assert len({row[0] for row in rows}) == 4


def test_every_colouring_states_its_classes(page: Any) -> None:
    names = page.locator("#colour option").evaluate_all("(all) => all.map((one) => one.value)")
    assert {"recording", "sensor", "height", "speed", "mode", "source"} <= set(names)
    for name in names:
        assert len(colour_by(page, name)) >= 1, name
    assert "60 to 80 m" in colour_by(page, "height")
    colour_by(page, "recording")


def test_numbers_are_told_apart_by_width_too(page: Any) -> None:
    colour_by(page, "height")
    widths = page.locator("#key_list li:has(span:text-matches(' m$'))").evaluate_all(
        "(all) => all.map((item) => Number([...item.querySelectorAll('path')].at(-1)"
        ".getAttribute('stroke-width')))"
    )
    assert widths == sorted(set(widths))
    assert len(widths) > 3
    colour_by(page, "recording")


def test_a_moment_a_tab_and_a_colour_stand_in_the_address(page: Any) -> None:
    page.locator("#tab_network").click()
    page.locator("#colour").select_option("speed")
    page.evaluate("window.__flightPage.seekTo(window.__flightPage.start + 61500)")
    fragment = settle(page, "tab=network", "colour=speed", "t=2025-05-17T12:01:01.500Z")
    page.locator("#colour").select_option("recording")
    page.locator("#tab_events").click()
    settle(page, "tab=events")
    go_to(page, fragment)
    assert page.locator("#network").is_visible()
    assert page.locator("#colour").input_value() == "speed"
    assert page.locator("#clock b").text_content() == "12:01:01.5 UTC"
    colour_by(page, "recording")


def test_a_finding_can_be_sent_as_a_link(page: Any) -> None:
    page.locator("#tab_rules").click()
    page.locator("#next_finding").click()
    page.locator("#next_finding").click()
    assert page.locator("#finding_number").text_content() == "2 of 3"
    fragment = settle(page, "finding=", "t=2025-05-17T12:03:12.000Z")
    name = re.search(r"finding=(\w+)", fragment)
    assert name
    page.locator("#next_finding").click()
    page.locator("#tab_events").click()
    settle(page, "tab=events")
    go_to(page, f"finding={name[1]}")
    assert page.locator("#rules").is_visible()
    current = page.locator(".card[aria-current=true]")
    assert current.get_attribute("data-finding") == name[1]
    assert page.locator("#clock b").text_content() == "12:03:12.0 UTC"
    page.locator("#previous_finding").click()
    assert page.locator("#finding_number").text_content() == "1 of 3"


def test_an_address_that_means_nothing_changes_nothing(page: Any) -> None:
    before = page.locator("#clock b").text_content()
    go_to(page, "t=yesterday&tab=__proto__&finding=%22%3E%3Cimg%3E&colour=%3Cb%3E&plots=a,b&x=%E0")
    assert page.locator("#clock b").text_content() == before
    assert page.locator("#colour").input_value() == "recording"


def test_previous_and_next_step_to_findings_and_recordings(page: Any) -> None:
    page.evaluate("window.__flightPage.seekTo(window.__flightPage.start)")
    page.locator("#step").select_option("finding")
    page.locator("#next").click()
    assert page.locator("#clock b").text_content() == "12:01:42.0 UTC"
    page.locator("#step").select_option("recording")
    page.locator("#previous").click()
    assert page.locator("#clock b").text_content() == "12:01:15.0 UTC"
    page.locator("#step").select_option("event")


def test_links_lead_to_the_neighbours_and_nowhere_else(page: Any) -> None:
    links = page.locator("a").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
    assert {"before.html", "../index.html", "after.html"} <= set(links)
    for link in links:
        assert link.startswith("#") or re.fullmatch(r"[\w./-]+\.html", link), link


def test_plots_and_the_time_line_follow_each_other(page: Any) -> None:
    page.locator("#tab_plots").click()
    page.locator("#plot_choice").select_option("battery")
    page.locator("#plot_add").click()
    plotted = page.locator("#plot_list li")
    assert "Battery" in plotted.last.text_content()
    page.evaluate("window.__flightPage.seekTo(window.__flightPage.start + 150000)")
    assert "68 %" in plotted.last.text_content()
    box = page.locator("#plot_frame").bounding_box()
    page.mouse.click(box["x"] + 54 + (box["width"] - 62) / 4, box["y"] + 40)
    assert page.locator("#clock b").text_content()[:8] in ("12:01:14", "12:01:15")
    page.locator("#plot_frame").focus()
    page.keyboard.press("ArrowRight")
    assert "12:01:17" <= page.locator("#clock b").text_content()[:8] <= "12:01:18"
    settle(page, "plots=height,amsl,battery")
    page.locator("#plot_in").click()
    assert re.match(r"12:0\d:\d\d to 12:0\d:\d\d UTC", page.locator("#plot_span").text_content())
    page.locator("#plot_all").click()
    plotted.last.locator("button").click()
    assert page.locator("#plot_list li").count() == 2


def show_on_screen(page: Any, screen: tuple[int, int]) -> None:
    """Give a page another size, and wait until it has laid itself out: nothing overflows."""
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    page.wait_for_function(
        "(width) => document.documentElement.scrollWidth <= width", arg=screen[0], timeout=20_000
    )


@pytest.mark.parametrize("screen", SCREENS)
def test_on_every_screen_the_map_is_usable_and_nothing_covers_anything(
    page: Any, screen: tuple[int, int]
) -> None:
    show_on_screen(page, screen)
    assert page.locator(".folium-map").bounding_box()["height"] >= 300
    controls = "#controls > *, #key, .leaflet-control-zoom, .leaflet-control-scale, #where, "
    boxes = page.locator(f"{controls} #bar button, #bar select, #tabs button").evaluate_all(
        "(all) => all.map((one) => [one.id || one.className, one.getBoundingClientRect().toJSON()])"
    )
    for number, (name, one) in enumerate(boxes):
        for other_name, other in boxes[number + 1 :]:
            apart = (
                one["right"] <= other["left"] + 0.5 or other["right"] <= one["left"] + 0.5
                or one["bottom"] <= other["top"] + 0.5 or other["bottom"] <= one["top"] + 0.5
            )  # fmt: skip
            assert apart, (name, other_name)
    tabs = page.locator("#tabs button").evaluate_all(
        "(all) => all.map((one) => one.scrollWidth <= one.clientWidth + 1)"
    )
    assert all(tabs)
    assert page.locator("#events_count").is_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_no_head_of_a_table_breaks_within_a_word(page: Any, screen: tuple[int, int]) -> None:
    show_on_screen(page, screen)
    for tab in page.locator("#tabs button").evaluate_all("(all) => all.map((one) => one.id)"):
        page.locator(f"#{tab}").click()
        broken = page.locator("th:visible").evaluate_all(
            "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1)"
            ".map((one) => one.textContent)"
        )
        assert broken == [], tab
    page.locator("#tab_events").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_violation(page: Any, screen: tuple[int, int], scheme: str) -> None:
    assert violations(page, screen, scheme, ["tab_plots"]) == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_violation_on_any_tab(page: Any, screen: tuple[int, int], scheme: str) -> None:
    tabs = page.locator("#tabs button").evaluate_all("(all) => all.map((one) => one.id)")
    assert violations(page, screen, scheme, tabs) == []


def violations(page: Any, screen: tuple[int, int], scheme: str, tabs: list[str]) -> list[Any]:
    """Return what axe complains of on some tabs, on a screen, in light or dark."""
    required("axe-core of npm", AXE.exists())
    show_on_screen(page, screen)
    page.emulate_media(color_scheme=scheme)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = []
    for tab in tabs:
        page.locator(f"#{tab}").click()
        result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        found += [(tab, one["id"], one["nodes"][0]["target"]) for one in result["violations"]]
    page.locator("#tab_events").click()
    return found


def test_dark_repaints_the_map_and_the_lanes(page: Any) -> None:
    def brightness(selector: str) -> float:
        """Return the mean of the pixels of a canvas, 0 to 255."""
        mean = page.locator(selector).first.evaluate(
            """(canvas) => {
              const copy = document.createElement('canvas');
              [copy.width, copy.height] = [40, 40];
              const ctx = copy.getContext('2d', { willReadFrequently: true });
              ctx.fillStyle = getComputedStyle(document.body).backgroundColor;
              ctx.fillRect(0, 0, 40, 40);
              ctx.drawImage(canvas, 0, 0, 40, 40);
              const { data } = ctx.getImageData(0, 0, 40, 40);
              return data.reduce((sum, each, i) => sum + (i % 4 === 3 ? 0 : each), 0) / 4800;
            }"""
        )
        return float(mean)

    bright = [brightness(".canvas_layer"), brightness("#lanes")]
    page.emulate_media(color_scheme="dark")
    # The canvases are painted in the next frame.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    dark = [brightness(".canvas_layer"), brightness("#lanes")]
    assert min(bright) > 170
    assert max(dark) < 90


def test_the_whole_page_is_used_by_keyboard(page: Any) -> None:
    page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.id || document.activeElement.closest('[id]')?.id || ''"
            )
        )
    for name in ("colour", "layers", "fit", "pick", "key", "play", "step", "next", "slider"):
        assert name in reached, name
    assert any(name.startswith("tab_") for name in reached)


def test_paper_has_a_running_head_and_few_sheets(page: Any, html: str, tmp_path: Path) -> None:
    style = re.search(r"@page \{\n(.*?)\n\}", html, re.S)
    assert style
    assert "counter(page)" in style[1]
    assert "counter(pages)" in style[1]
    assert "9f2c41d07be3" in style[1]
    path = tmp_path / "page.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    assert 2 <= count_sheets(path) <= 5


def count_sheets(path: Path) -> int:
    """Return how many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page[^s]", path.read_bytes()))


@pytest.mark.slow
def test_the_flight_of_the_demonstration_needs_twelve_sheets_at_most(
    browser: Any, tmp_path: Path
) -> None:
    command = [str(Path(sys.executable).with_name("dji-audit")), "demo", str(tmp_path / "demo")]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = (tmp_path / "demo" / "flights").glob("DJIFlightRecord*.html")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("() => document.documentElement.dataset.ready === '1'")
    page.pdf(path=tmp_path / "flight.pdf", prefer_css_page_size=True)
    page.close()
    assert count_sheets(tmp_path / "flight.pdf") <= 12


def test_the_flight_begins_where_the_track_does(page: Any) -> None:
    go_to(page, "")
    page.evaluate("window.__flightPage.seekTo(window.__flightPage.start)")
    assert page.locator("#clock b").text_content().startswith(f"{START:%H:%M:%S}")
