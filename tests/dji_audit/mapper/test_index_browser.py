"""The index in a browser: filters, the map of all flights, one clock, and the view of a place."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dji_audit.camera_view import camera_poses, sightings_of_point
from dji_audit.compliance.audit import FlightAudit
from dji_audit.flights import assemble_flights
from dji_audit.mapper import (
    FlightMapTrack,
    IndexPageOptions,
    flight_map_track,
    render_index_page_html,
)
from dji_audit.report.flight_location import locate_flight
from dji_audit.report.flight_rows import (
    finding_rows_of_flight,
    row_of_audited_flight,
    rule_result_rows_of_flight,
    rule_rows_of_policy,
)
from dji_audit.report.rows import PolicyRuleRow, RunContents
from tests.dji_audit.mapper.conftest import (
    AUDIT_BASIS,
    START,
    Visit,
    made_log,
    made_results,
    wait_for_address,
)

pytestmark = pytest.mark.browser

SHEERNESS, MINSTER, HEXHAM = (51.4405, 0.7650), (51.4260, 0.8080), (54.9710, -2.1010)
OWN, OTHER = "1581F5BKD221E00A", "1581F5BKD229C00B"
#: When each flight of the fleet begins, where, with which aircraft, and which sensors record.
FLEET = (
    ("2025-05-14T10:00:00Z", SHEERNESS, OWN, {"thermal", "visible"}),
    ("2025-06-14T09:00:00Z", SHEERNESS, OWN, {"thermal", "visible"}),
    ("2025-06-14T09:00:40Z", SHEERNESS, OTHER, {"thermal"}),
    ("2025-06-20T10:00:00Z", HEXHAM, OWN, {"thermal"}),
    ("2025-06-21T10:00:00Z", SHEERNESS, OWN, {"visible"}),
    ("2025-06-28T10:00:00Z", MINSTER, OWN, {"thermal"}),
)
FIXES = 1200


def made_flight(start: str, place: tuple[float, float], serial: str, sensors: set[str]) -> Any:
    """Return the survey of `made_log`, flown at another time and place with other sensors."""
    log = made_log(FIXES, 10.0, *place)
    later = pd.Timestamp(start) - START
    tables = {
        name: getattr(log, name).assign(
            **{column: getattr(log, name)[column] + later for column in columns}
        )
        for name, columns in {
            "track": ["time"],
            "events": ["time", "end"],
            "captures": ["start", "end"],
        }.items()
    }
    captures = tables["captures"]
    tables["captures"] = captures[captures["sensor"].isin(sensors)].reset_index(drop=True)
    sha256 = hashlib.sha256(f"{start} {serial}".encode()).hexdigest()
    source = replace(log.source, name=f"{start[:10]}_{serial[-4:]}.txt", sha256=sha256)
    log = replace(log, source=source, aircraft=replace(log.aircraft, serial=serial), **tables)
    (flight,) = assemble_flights(log)
    return flight


@dataclass(frozen=True, slots=True)
class Fleet:
    """The flights of the sample fleet, in the order of the index, and its page."""

    flights: tuple[Any, ...]
    html: str


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    """Return the index of the sample fleet."""
    flights = tuple(made_flight(*each) for each in FLEET)
    rows, results, findings = [], [], []
    rules: tuple[PolicyRuleRow, ...] = ()
    tracks: dict[str, FlightMapTrack] = {}
    for number, flight in enumerate(flights):
        audit = FlightAudit(flight, made_results(FIXES / 10, flight.log.source.name))
        poses, location = camera_poses(flight), locate_flight(flight)
        rows.append(row_of_audited_flight(audit, f"flights/{number}.html", poses, location))
        results += rule_result_rows_of_flight(audit)
        findings += finding_rows_of_flight(audit, location.timezone)
        rules = tuple(rule_rows_of_policy(audit))
        track = flight_map_track(flight, poses)
        assert track is not None
        tracks[flight.id] = track
    contents = RunContents((), tuple(rows), tuple(results), tuple(findings), rules=rules)
    html = render_index_page_html(
        contents,
        IndexPageOptions(
            basis=AUDIT_BASIS, generated=None, verdict_line="6 flights", tracks=tracks
        ),
    )
    return Fleet(flights, html)


@pytest.fixture(scope="module")
def seen(browser: Any, fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Return the index of the sample fleet, opened once."""
    path = tmp_path_factory.mktemp("index") / "index.html"
    path.write_text(fleet.html, encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(8000)
    visit = Visit(page)
    page.goto(path.as_uri())
    yield visit
    page.close()


@pytest.fixture(autouse=True)
def opened_anew(seen: Visit) -> Iterator[None]:
    """Begin each test with nothing chosen, and complain of nothing at its end."""
    page = seen.page
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(page.url.partition("#")[0])
    page.reload()
    seen.requests.clear()
    seen.complaints.clear()
    yield
    assert seen.complaints == seen.violations == []
    assert [url for url in seen.requests if not url.startswith("file:")] == []


def shown_numbers(page: Any) -> list[int]:
    """Return the numbers of the flights in the table."""
    cells = page.locator("#flights tbody tr:visible td:first-child").all_text_contents()
    return [int(cell) for cell in cells]


def choose_by_keys(page: Any, field: str, begin: str) -> None:
    """Choose a word of a list with the arrow keys."""
    page.locator(field).focus()
    for _ in range(20):
        chosen = page.locator(field).evaluate("(list) => list.selectedOptions[0].textContent")
        if chosen.startswith(begin):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{field} has no {begin}")


def test_thermal_of_one_aircraft_near_a_place_in_june_is_found_in_three_steps(seen: Visit) -> None:
    page = seen.page
    # 1. The aircraft.
    choose_by_keys(page, "#filter_aircraft", f"Matrice 30T, Unit 3, {OWN}")
    assert shown_numbers(page) == [1, 2, 4, 5, 6]
    # 2. What was recorded.
    choose_by_keys(page, "#filter_recorded", "thermal")
    assert shown_numbers(page) == [1, 2, 4, 6]
    # 3. Where and when, in words.
    page.locator("#find").focus()
    page.keyboard.type("sheerness june")
    # The last one is named by Minster and began 3 km from Sheerness.
    assert shown_numbers(page) == [2, 6]
    assert seen.text("#shown") == "2 shown"


def test_the_choice_is_in_the_address_and_opens_again_from_it(seen: Visit) -> None:
    page = seen.page
    page.locator("#filter_place").select_option("Sheerness, Kent")
    page.locator("#filter_date").fill("14 Jun 2025")
    address = page.evaluate("document.URL")
    assert shown_numbers(page) == [2, 3]
    page.locator("#clear").click()
    assert shown_numbers(page) == [1, 2, 3, 4, 5, 6]
    page.goto(address)
    page.reload()
    assert shown_numbers(page) == [2, 3]
    choices = page.locator("#choices button").all_text_contents()
    assert choices == [
        "Within 5 km of: Sheerness, Kent",
        "Date: 14 Jun 2025",
    ]
    page.locator("#choices button").first.click()
    assert page.locator("#filter_place").input_value() == ""


def test_a_date_that_is_none_is_said_and_chooses_nothing(seen: Visit) -> None:
    seen.page.locator("#filter_date").fill("someday")
    assert "not a date" in seen.text("#date_wrong")
    assert seen.page.locator("#filter_date").get_attribute("aria-invalid") == "true"
    assert len(shown_numbers(seen.page)) == 6


def test_each_number_leads_to_its_flights_and_findings(seen: Visit, fleet: Fleet) -> None:
    page = seen.page
    page.locator("#filter_aircraft").select_option(index=2)
    before = page.locator("#findings tbody tr").count()
    page.locator("#clear").click()
    number = page.locator("#rules .chip.fail").first
    rule = number.locator("xpath=ancestor::tr").locator(".sub").first.text_content()
    number.click()
    assert len(shown_numbers(page)) == int(str(number.text_content()))
    rules = page.locator("#findings tbody tr td:last-child .sub").all_text_contents()
    assert rules
    assert all(str(rule).startswith(each) for each in rules)
    assert 0 < before < len(rules) * 6
    link = page.locator("#findings tbody a").first.get_attribute("href")
    assert link.startswith("flights/0.html#t=2025-05-17T12:")


def test_heads_sort_and_rows_are_walked_with_arrows(seen: Visit) -> None:
    page = seen.page
    page.locator("th button", has_text="Take-off").click()
    page.locator("th button", has_text="Take-off").click()
    assert shown_numbers(page) == [6, 5, 4, 3, 2, 1]
    assert "sort=-takeoff" in page.evaluate("document.URL")
    page.locator("#flights tbody tr").first.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.locator("#flights tr[aria-current=true] td:first-child").text_content() == "4"
    assert "Flight 4" in seen.text("#card_list a")
    page.locator("#next_flight").press("Enter")
    assert "Flight 3" in seen.text("#card_list a")
    assert page.locator("#card_list a").get_attribute("href") == "flights/2.html"
    # It is brought into sight: the flights lie in Kent and in Northumberland.
    inside = "__indexPage.map.getBounds().contains([51.4405, 0.765])"
    assert page.evaluate(inside)
    assert page.evaluate("__indexPage.map.getZoom()") > 13


def test_a_click_on_the_map_leads_to_the_flights_that_pass_there(seen: Visit, fleet: Fleet) -> None:
    page = seen.page
    page.locator("#filter_place").select_option("Hexham, Northumberland")
    page.locator("#fit").click()
    middle = fleet.flights[3].track.iloc[FIXES // 2]
    x, y = page.evaluate(
        "(p) => { const q = __indexPage.map.latLngToContainerPoint(p); return [q.x, q.y]; }",
        [float(middle["latitude_deg"]), float(middle["longitude_deg"])],
    )
    page.locator("#stage .folium-map").click(position={"x": x, "y": y})
    assert "Flight 4" in seen.text("#card_list a")
    assert page.locator("#flights tr[aria-current=true] td:first-child").text_content() == "4"
    page.locator("#card_close").click()
    assert page.locator("#card").is_hidden()


def test_one_clock_plays_flights_that_were_in_the_air_together(seen: Visit, fleet: Fleet) -> None:
    page = seen.page
    assert page.locator("#group optgroup").first.get_attribute("label") == "In the air together"
    assert "2 flights, up to 2 at once" in seen.text("#group option")
    assert page.locator("#aloft li").count() == 1
    page.locator("#slider").focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    assert page.locator("#aloft li").count() == 2
    assert "14 Jun 2025, 09:00:50 UTC" in seen.text("#clock b")
    assert "10:00:50 BST" in seen.text("#clock")
    before = seen.text("#clock b")
    page.locator("#play").click()
    page.wait_for_function(
        "(before) => document.querySelector('#clock b').textContent > before", arg=before
    )
    page.locator("#play").click()
    page.locator("#next_group").click()
    assert "20 Jun 2025" in seen.text("#clock b")
    page.locator("#slider").press("PageUp")
    wait_for_address(page, "2025-06-20T10")
    page.reload()
    assert "20 Jun 2025, 10:00:10 UTC" in seen.text("#clock b")


def test_tracks_are_told_apart_by_recording_too_and_the_address_says_so(seen: Visit) -> None:
    page = seen.page
    choose_by_keys(page, "#colour", "Recording")
    key = page.locator("#legend_list li").all_text_contents()
    assert key == [
        "Video, visible light (3)",
        "Video, thermal (5)",
        "no video shown by the logs",
    ]
    page.reload()
    assert seen.text("#legend_title") == "Recording"
    page.locator("#filter_recorded").select_option("thermal")
    assert page.locator("#legend_list li").first.text_content() == "Video, visible light (2)"
    page.locator("#colour").select_option("day")
    days = page.locator("#legend_list button").all_text_contents()
    assert days[-1] == "28 Jun 2025 (1)"
    page.locator("#legend_list button").last.click()
    assert shown_numbers(page) == [6]


def test_when_a_place_was_in_view_is_what_python_says_from_every_fix(
    seen: Visit, fleet: Fleet
) -> None:
    latitude, longitude = SHEERNESS[0] + 0.0022, SHEERNESS[1] + 0.004
    found = seen.page.evaluate("(p) => __indexPage.sightingsOfFlights(p)", [latitude, longitude])
    assert found["checked"] == 6
    compared = 0
    for number, flight in enumerate(fleet.flights):
        exact = sightings_of_point(camera_poses(flight), latitude, longitude)
        mine = [one for one in found["found"] if one["flight"] == number]
        for sensor in ("thermal", "visible"):
            # What was recorded, within the steps of a second; photos are single instants.
            truth = sum(
                one.end_ms - one.start_ms
                for one in exact
                if one.recorded == "video" and one.sensor == sensor and one.certainty != "bearing"
            )
            shown = sum(
                one["end"] - one["start"]
                for one in mine
                if one["recorded"] == "video"
                and one["sensor"] == sensor
                and one["certainty"] != "bearing"
            )
            stretches = 1 + sum(one.recorded == "video" for one in exact)
            assert abs(truth - shown) <= 2000 * stretches, (number, sensor)
            compared += truth > 0
    assert compared >= 2


def test_the_answer_names_flights_and_what_is_not_known(seen: Visit) -> None:
    page = seen.page
    page.locator("#view_text").fill("nowhere")
    page.locator("#view_find").click()
    assert "latitude, longitude" in seen.text("#view_wrong")
    page.locator("#view_text").fill(f"{SHEERNESS[0] + 0.0022}, {SHEERNESS[1] + 0.004}")
    page.locator("#view_text").press("Enter")
    assert "of 6 flights" in seen.text("#view_answer")
    page.locator("#view_table button").first.click()
    assert page.locator("#card").is_visible()
    # Only the flights that are shown are asked.
    page.locator("#filter_place").select_option("Hexham, Northumberland")
    assert "in view in 0 of 1 flight" in seen.text("#view_answer")
    page.locator("#pick").click()
    page.locator("#stage .folium-map").click(position={"x": 300, "y": 200})
    assert page.locator("#pick").get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844), (683, 384)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_and_nothing_is_against_the_rules_of_access(
    seen: Visit, width: int, height: int, scheme: Any
) -> None:
    page = seen.page
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.locator("#filter_recorded").select_option("thermal")
    page.locator("#flights tbody tr").first.click()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    edges = page.locator("#controls > *").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).map((one) => [one.left, one.right])"
    )
    assert all(left >= 0 and right <= width for left, right in edges)
    page.emulate_media(color_scheme="light")


def test_without_scripts_every_flight_is_in_the_table_and_a_still_map(
    fleet: Fleet, browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "index.html"
    path.write_text(fleet.html, encoding="utf-8")
    page = browser.new_page()
    session = browser.new_cdp_session(page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.goto(path.as_uri())
    assert page.locator("#flights tbody tr").count() == 6
    assert page.locator("#findings tbody tr:visible").count() > 6
    assert page.locator("#still svg").is_visible()
    for hidden in ("#filters", "#flights_map", "#pager"):
        assert not page.locator(hidden).is_visible()
    page.close()
