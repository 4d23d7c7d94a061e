"""The dashboard: its figures are those of the tables, and each leads to its flights and bytes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dji_audit.fleet.dashboard import draw_fleet_page
from dji_audit.fleet.dashboard._charts import (
    StackedBarPartKind,
    months_or_years_spanned,
    stacked_bar_chart_html,
)
from dji_audit.fleet.dashboard._page_data import flight_page_address_function
from dji_audit.fleet.tables.write_tables import write_fleet_tables_and_return_run_number
from dji_audit.mapper.html._csp import external_addresses_in_page
from tests.conftest import ROOT, required
from tests.dji_audit.fleet.made_fleet import (
    contact_row,
    flight_row,
    instant,
    write_made_fleet,
)

CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return results of a run: pages of two flights, and the dashboard beside them."""
    folder = tmp_path_factory.mktemp("results")
    (folder / "flights").mkdir()
    for flight in ("aa-1", "bb-1"):
        (folder / "flights" / f"{flight}.html").write_text(f"<h1>{flight}</h1>", "utf-8")
    state = tmp_path_factory.mktemp("state")
    write_made_fleet(state, results_folder=str(folder.resolve()))
    (folder / "fleet.html").write_text(draw_fleet_page(state, folder), "utf-8")
    return folder


@pytest.fixture(scope="module")
def page_text(results: Path) -> str:
    return (results / "fleet.html").read_text("utf-8")


def section(page: str, identifier: str) -> str:
    found = re.search(rf'<section id="{identifier}".*?</section>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"&#(\d+);", lambda it: chr(int(it[1])), found[0])


def test_the_page_is_sealed_and_the_same_for_the_same_tables(
    made_state: Path, page_text: str
) -> None:
    assert external_addresses_in_page(page_text) == []
    assert draw_fleet_page(made_state) == draw_fleet_page(made_state)


def test_text_from_logs_is_never_markup(tmp_path: Path) -> None:
    evil = "</script><img src=x onerror=alert(1)>{{7*7}}"
    rows = [
        flight_row(
            "aa-1", instant("05-01T10:00"), serial=evil, aircraft=evil, region=evil,
            firmware={evil: evil}, file=evil,
        ),
        contact_row("aa-1", evil, "contact", instant("05-01T10:00")),
    ]  # fmt: skip
    write_fleet_tables_and_return_run_number(tmp_path, rows, {"policy": evil})
    page = draw_fleet_page(tmp_path)
    assert "<img" not in page
    assert "{{7" not in page
    assert "u007b\\u007b7*7" in page


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (
            "sync",
            (
                '>2</a> of 4 flights, for <a href="#network=full">1</a>',
                "absence of a contact proves nothing",
                'href="#ldm=against&list=contacts">1</a>',
            ),
        ),
        ("coverage", ("Of 12 checks that apply to these flights, 7 could be made (58 %)",)),
        ("missing", ("Op 7", "none, as declared", 'href="#flight=cc-1"')),
    ],
    ids=["local data mode", "coverage", "declared flights and missing logs"],
)
def test_a_section_says_it(page_text: str, name: str, texts: tuple[str, ...]) -> None:
    said = section(page_text, name)
    assert [text for text in texts if text not in said] == []


def test_months_without_flights_are_shown_and_many_become_years() -> None:
    assert months_or_years_spanned(["2025-11", "2026-02"]) == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert months_or_years_spanned(["2019-11", "2026-02"]) == [
        str(year) for year in range(2019, 2027)
    ]
    assert months_or_years_spanned([]) == []


@pytest.mark.parametrize("value", [0.3, 1, 7, 48, 999, 123_456])
def test_bars_never_leave_their_chart(value: float) -> None:
    parts = [StackedBarPartKind("clean", "Clean", {}), StackedBarPartKind("note", "Note", {})]
    values = {("2026-05", "clean"): value, ("2026-05", "note"): value / 2}
    drawn = stacked_bar_chart_html(["2026-05"], parts, values, "flights", "A chart")
    tops = [float(it) for it in re.findall(r'<rect class="\w+" x="[\d.]+" y="([\d.-]+)"', drawn)]
    assert len(tops) == 2
    assert all(0 <= top <= 156 for top in tops)
    assert '<text class="axis middle" x="402.0"' in drawn
    months = [f"2026-{number:02d}" for number in range(1, 10)]
    many = stacked_bar_chart_html(
        months, parts, {(it, "clean"): value for it in months}, "flights", "A"
    )
    assert '<text class="axis end" x="760.0" y="172">Sep 2026</text>' in many
    assert "None." in stacked_bar_chart_html([], parts, {}, "flights", "A chart")


def test_pages_of_flights_are_reached_from_where_the_dashboard_lies(results: Path) -> None:
    from_beside = flight_page_address_function(str(results.resolve()), results)
    assert from_beside("flights/aa-1.html") == "flights/aa-1.html"
    assert from_beside("flights/gone.html") is None
    below = results / "reports" / "june"
    assert flight_page_address_function(str(results.resolve()), below)("flights/aa-1.html") == (
        "../../flights/aa-1.html"
    )
    assert flight_page_address_function(None, results)("flights/aa-1.html") is None


@pytest.fixture(scope="module")
def visit(results: Path, playwright_driver: Any) -> Iterator[tuple[Any, list[str], list[str]]]:
    """Yield the dashboard in a browser, with what it said on the console and what it asked for."""
    said: list[str] = []
    asked: list[str] = []
    browser = playwright_driver.chromium.launch(
        executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
    )
    page = browser.new_context(viewport={"width": 1366, "height": 900}, bypass_csp=True).new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((results / "fleet.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    yield page, said, asked
    browser.close()


def wait_for_head(page: Any, words: str) -> None:
    page.wait_for_function(f"document.querySelector('#result_head').textContent === '{words}'")


@pytest.mark.browser
def test_from_an_aircraft_that_talked_to_a_cloud_to_the_bytes_in_three_steps(
    visit: tuple[Any, list[str], list[str]],
) -> None:
    page, said, asked = visit
    # One: who talked to whom.
    page.click("#parts a[href='#sync']")
    row = page.locator("#sync > .scroll tbody tr", has_text="upload.example")
    assert "SERIAL1" in row.inner_text()
    # Two: its contacts.
    row.locator("a").first.click()
    page.wait_for_function("document.activeElement.id === 'result'")
    listed = page.locator("#result_table tbody tr")
    assert listed.count() == 1
    text = listed.inner_text()
    assert "against Local Data Mode" in text
    # Three: the bytes.
    assert "network.pcap, byte 1,234" in text
    assert "ab" * 32 in text
    link = listed.locator("td").first.locator("a")
    assert link.get_attribute("href") == "flights/aa-1.html#tab=network"
    page.click("#other_list")
    page.wait_for_function(
        "document.querySelector('#result_head').textContent === 'List of flights'"
    )
    assert listed.count() == 1
    page.go_back()
    page.wait_for_function(
        "document.querySelector('#result_head').textContent === 'List of contacts'"
    )
    assert said == []
    assert len(asked) == 1


@pytest.mark.browser
def test_every_number_that_is_a_link_lists_as_many_flights_or_contacts(
    visit: tuple[Any, list[str], list[str]],
) -> None:
    page, _, _ = visit
    wrong = page.evaluate(
        """() => {
          const wrong = [];
          const counts = 'main section:not(#result) td.number a, #counts a, .cards a';
          for (const link of document.querySelectorAll(counts)) {
            const words = link.textContent;
            if (!/^[\\d,]+$/.test(words) || link.closest('#recorded')) continue;
            if (!link.getAttribute('href').includes('=')) continue;
            history.replaceState(null, '', link.getAttribute('href'));
            window.dispatchEvent(new HashChangeEvent('hashchange'));
            const head = link.closest('td') && link.closest('td').dataset.head;
            const listed = document.querySelector('#result_words').textContent.split(':')[0];
            const found = [...document.querySelectorAll('#result_table td.number')]
              .filter((cell) => cell.dataset.head === 'Findings')
              .reduce((sum, cell) => sum + Number(cell.textContent), 0);
            // These count findings, bytes and warnings of the flights that they lead to.
            const counted = head === 'Findings' ? String(found) : listed;
            const isSum = head === 'Bytes sent' || head === 'Warnings';
            if (isSum ? listed === '0' : counted !== words)
              wrong.push([link.getAttribute('href'), words, counted]);
          }
          return wrong;
        }"""
    )
    assert wrong == []


@pytest.mark.browser
def test_the_keyboard_reaches_the_list_and_finds_in_it(
    visit: tuple[Any, list[str], list[str]],
) -> None:
    page, _, _ = visit
    page.evaluate("location.hash = 'result'; document.querySelector('#counts a').focus()")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'result'")
    assert "verdict=needs_look" in page.url
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("nothing like it")
    assert page.locator("#result_table tbody tr").count() == 0
    page.fill("#find", "")
    page.locator("#clear").press("Enter")
    page.wait_for_function("document.querySelectorAll('#result_table tbody tr').length === 5")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    visit: tuple[Any, list[str], list[str]], scheme: str
) -> None:
    required("axe", AXE.is_file())
    page, said, _ = visit
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "axe.run().then((it) => it.violations.map((one) => [one.id, one.nodes[0].html]))"
    )
    assert found == []
    page.set_viewport_size({"width": 1366, "height": 900})
    assert said == []
