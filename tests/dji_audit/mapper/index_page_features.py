"""What a reviewer does on the index of a run, or on the map of many flights, by either hand."""

import re

from tests.dji_audit.mapper.driven_page import PAINTED, DrivenPage, FeatureList

INDEX_PAGE = FeatureList()
_feature = INDEX_PAGE.either_hand

ROWS = "#flights tbody tr"


def shown_count(driven: DrivenPage) -> int:
    """Return how many flights the filters leave."""
    return int(driven.page.evaluate("window.__indexPage.indexState.shown.reduce((a, b) => a + b)"))


def flight_count(driven: DrivenPage) -> int:
    """Return how many flights there are."""
    return int(driven.page.evaluate("window.__indexPage.indexState.shown.length"))


def clear_filters(driven: DrivenPage) -> None:
    """Take back everything that is chosen."""
    if driven.has("#clear"):
        driven.activate("#clear")
    assert shown_count(driven) == flight_count(driven)


@_feature("the skip link leads to the table of flights")
def _skip_link(driven: DrivenPage) -> None:
    if driven.uses_keyboard:
        driven.follow_skip_link("flights")


@_feature("links lead to the parts of the page")
def _parts(driven: DrivenPage) -> None:
    links = driven.page.locator("#parts a")
    for number in range(links.count()):
        name = str(links.nth(number).get_attribute("href")).removeprefix("#")
        driven.activate(f"#parts a:nth-of-type({number + 1})")
        assert driven.page.evaluate("document.activeElement.id") == name


@_feature("flights whose logs do not tell are counted apart, and shown on demand")
def _unsure(driven: DrivenPage) -> None:
    clear_filters(driven)
    driven.choose("#filter_recorded", "thermal")
    count = shown_count(driven)
    if driven.has("#may_fit"):
        words = driven.text("#may_fit_words")
        assert "not shown: the logs do not tell everything that was recorded" in words
        unsure = int(words.split()[0].replace(",", ""))
        driven.activate("#show_may_fit")
        assert shown_count(driven) == count + unsure
        assert "shown too" in driven.text("#may_fit_words")
        assert "unsure=shown" in driven.page.evaluate("document.URL")
        driven.activate("#show_may_fit")
        assert shown_count(driven) == count
    clear_filters(driven)
    assert not driven.has("#may_fit")


@_feature("every list filters the flights, and the choice is taken back")
def _lists(driven: DrivenPage) -> None:
    lists = driven.page.locator("#filters label:not([hidden]) select").evaluate_all(
        "(all) => all.map((one) => [one.id, [...one.options].map((option) => option.value)])"
    )
    assert len(lists) >= 3
    for name, values in lists:
        driven.choose(f"#{name}", values[1])
        assert 0 <= shown_count(driven) <= flight_count(driven)
        assert driven.page.locator("#choices button").count() == 1
        driven.activate("#choices button")
        assert driven.page.locator(f"#{name}").input_value() == ""
        assert shown_count(driven) == flight_count(driven)


@_feature("a date, ISO or as it is shown, filters, and what is none is said")
def _dates(driven: DrivenPage) -> None:
    words = driven.page.evaluate(
        "() => { const { indexState } = window.__indexPage;"
        " const dated = indexState.rows.map((row) => row.querySelector('td.time').textContent)"
        ".find((text) => /\\d{4}/.test(text)); return dated; }"
    )
    driven.write("#filter_date", "someday")
    assert "not a date" in driven.text("#date_wrong")
    if words:
        year = re.findall(r"(?<!\d)\d{4}(?!\d)", words)[0]
        driven.write("#filter_date", year)
        assert 1 <= shown_count(driven) <= flight_count(driven)
        assert driven.text("#date_wrong") == ""
    driven.write("#filter_date", "1903-01-01")
    assert shown_count(driven) == 0
    clear_filters(driven)


@_feature("words are found in the flights")
def _find(driven: DrivenPage) -> None:
    name = driven.page.evaluate(
        "window.__indexPage.indexState.rows[0].querySelector('td.file').textContent.trim()"
        ".split(/[^\\w]+/).find((word) => word.length > 3) || ''"
    )
    driven.write("#find", name)
    assert 1 <= shown_count(driven) <= flight_count(driven)
    driven.write("#find", "no flight says this")
    assert shown_count(driven) == 0
    assert driven.page.locator(ROWS).count() == 0
    clear_filters(driven)


@_feature("only the flights in a part of the map are shown", "#flights_map:not([hidden])")
def _box(driven: DrivenPage) -> None:
    driven.tick("#filter_box")
    assert driven.page.locator("#choices button", has_text="part of the map").count() == 1
    driven.tick("#filter_box")
    assert shown_count(driven) == flight_count(driven)


@_feature("each number leads to its flights", "#counts a")
def _numbers(driven: DrivenPage) -> None:
    text = driven.text("#counts a")
    driven.activate("#counts a")
    # A browser follows a link when its turn comes.
    driven.wait_until(
        "(n) => window.__indexPage.indexState.shown.reduce((a, b) => a + b) === n",
        int(text.split(":")[1].replace(",", "")),
    )
    clear_filters(driven)


@_feature("heads sort the table both ways")
def _sort(driven: DrivenPage) -> None:
    driven.activate("#flights th[data-column=takeoff] button")
    first = driven.text(f"{ROWS} td:first-child")
    assert "sort=takeoff" in driven.page.evaluate("location.hash")
    driven.activate("#flights th[data-column=takeoff] button")
    assert "sort=-takeoff" in driven.page.evaluate("location.hash")
    count = driven.page.locator(ROWS).count()
    assert driven.text(f"{ROWS} td:first-child") != first or count < 2
    driven.activate("#flights th[data-column=takeoff] button")


@_feature("a row is chosen; previous and next go on from it; its page is a link")
def _rows(driven: DrivenPage) -> None:
    count = min(driven.page.locator(ROWS).count(), 3)
    driven.choose_row(ROWS, count - 1)
    assert driven.page.locator("#flights tr[aria-current=true]").count() == 1
    chosen = driven.page.evaluate("window.__indexPage.indexState.chosen")
    if driven.has("#card"):
        driven.activate("#previous_flight")
        if count > 1:
            assert driven.page.evaluate("window.__indexPage.indexState.chosen") != chosen
        driven.activate("#next_flight")
        assert driven.page.evaluate("window.__indexPage.indexState.chosen") == chosen
        assert ".html" in driven.page.locator("#card_list a").first.get_attribute("href")
        driven.activate("#to_row")
        assert driven.page.evaluate("document.activeElement.ariaCurrent") == "true"
        driven.activate("#card_close")
        assert not driven.has("#card")


@_feature("the map is moved, zoomed in and shown whole", "#stage .folium-map")
def _map_moves(driven: DrivenPage) -> None:
    driven.move_and_zoom_map("#stage .folium-map", "__indexPage", "in")


@_feature("tracks are coloured, and the key filters", "#stage .folium-map")
def _colours(driven: DrivenPage) -> None:
    painted = set()
    for name in ("verdict", "day", "recording", "aircraft"):
        driven.choose("#colour", name)
        assert driven.page.locator("#legend_list li").count() >= 1
        painted.add(driven.page.evaluate(PAINTED))
    assert len(painted) >= 2
    if driven.page.locator("#legend_list button").count():
        driven.activate("#legend_list button")
        assert 1 <= shown_count(driven) <= flight_count(driven)
        clear_filters(driven)
    driven.activate("#legend summary")
    assert not driven.has("#legend_list")
    driven.activate("#legend summary")


@_feature("a click on the map leads to the flights that pass there", "#stage .folium-map")
def _click(driven: DrivenPage) -> None:
    place = driven.page.evaluate(
        """() => {
          const { map, trackOfFlight } = window.__indexPage;
          const track = trackOfFlight.find(Boolean);
          if (!track) return null;
          const middle = track.lat.length >> 1;
          map.setView([track.lat[middle], track.lon[middle]], 17, { animate: false });
          const point = map.latLngToContainerPoint([track.lat[middle], track.lon[middle]]);
          return [point.x, point.y];
        }"""
    )
    if place is None:
        return
    if driven.uses_keyboard:
        # By keyboard a flight is chosen by its row, which the map then shows.
        driven.choose_row(ROWS, 0)
    else:
        driven.page.locator("#stage .folium-map").click(position={"x": place[0], "y": place[1]})
    driven.page.locator("#card_list li").first.wait_for()
    assert "Flight" in driven.text("#card_list li")
    driven.activate("#card_close")
    driven.activate("#fit")


@_feature("one clock plays the flights", "#group option")
def _clock(driven: DrivenPage) -> None:
    before = driven.text("#clock b")
    driven.choose("#rate", "60")
    driven.activate("#play")
    driven.wait_until("(b) => document.querySelector('#clock b').textContent !== b", before)
    driven.activate("#play")
    # A short flight is over by then.
    assert driven.text("#play") in ("Play", "Pause")
    if driven.text("#play") == "Pause":
        driven.activate("#play")
    driven.slide("#slider", 0.4, "PageUp")
    if driven.page.locator("#group option").count() > 1:
        held = driven.text("#clock b")
        for way in ("#next_group", "#previous_group", "#previous_group", "#next_group"):
            driven.activate(way)
        assert driven.text("#clock b")
        values = driven.page.locator("#group option").evaluate_all("(a) => a.map((o) => o.value)")
        driven.choose("#group", values[-1])
        assert driven.text("#clock b") != held
        driven.choose("#group", values[0])
    assert driven.page.locator("#aloft li").count() >= 1


@_feature("when a place was in view is asked of all flights", "#view_text")
def _in_view(driven: DrivenPage) -> None:
    driven.write("#view_text", "nowhere", "Enter")
    assert "latitude, longitude" in driven.text("#view_wrong")
    position = driven.page.evaluate(
        """() => {
          const track = window.__indexPage.trackOfFlight.find((one) => one?.timed && !one.camera.why_not)
            || window.__indexPage.trackOfFlight.find(Boolean);
          if (!track) return '54.0, -2.0';
          const middle = track.lat.length >> 1;
          return `${track.lat[middle].toFixed(6)}, ${track.lon[middle].toFixed(6)}`;
        }"""  # noqa: E501
    )
    driven.write("#view_text", position)
    driven.activate("#view_find")
    assert "flight" in driven.text("#view_answer")
    if driven.page.locator("#view_table tbody button").count():
        driven.activate("#view_table tbody button")
        assert driven.has("#card")
        driven.activate("#card_close")
    driven.activate("#view_clear")
    assert not driven.has("#view_result")


@_feature("a place of the map is asked for", "#pick:not(:disabled)")
def _pick(driven: DrivenPage) -> None:
    driven.activate("#fit")
    driven.activate("#pick")
    assert driven.page.locator("#pick").get_attribute("aria-pressed") == "true"
    if driven.uses_keyboard:
        driven.press("Escape")
    else:
        stage = driven.page.locator("#stage .folium-map")
        size = stage.evaluate("(one) => [one.clientWidth, one.clientHeight]")
        stage.click(position={"x": size[0] * 0.5, "y": size[1] * 0.6})
        assert "flight" in driven.text("#view_answer")
        driven.activate("#view_clear")
    assert driven.page.locator("#pick").get_attribute("aria-pressed") == "false"


@_feature("a link to what is chosen is copied, says so, and opens again")
def _link(driven: DrivenPage) -> None:
    driven.write("#find", "html")
    driven.write("#find", "a")
    count = shown_count(driven)
    driven.activate("#copy_link")
    driven.page.locator("#copied_words", has_text="Find: a").wait_for()
    link = driven.close_copied_link()
    clear_filters(driven)
    driven.write("#find", "")
    driven.press("Control+V")
    assert driven.page.locator("#find").input_value() == link
    clear_filters(driven)
    driven.follow_link(link)
    driven.page.locator("#choices button").first.wait_for()
    assert shown_count(driven) == count
    clear_filters(driven)


@_feature("findings are shown a part at a time", "#finding_pager:not([hidden]) button")
def _findings(driven: DrivenPage) -> None:
    first = driven.text("#findings tbody tr")
    driven.activate("#finding_pager button:text-is('Next rows')")
    assert driven.text("#findings tbody tr") != first
    driven.activate("#finding_pager button:text-is('Previous rows')")
    assert driven.text("#findings tbody tr") == first


@_feature("a finding is a link to its moment", "#findings tbody a")
def _finding_link(driven: DrivenPage) -> None:
    href = driven.page.locator("#findings tbody a").first.get_attribute("href")
    assert ".html" in href
    if driven.uses_keyboard:
        driven.reach("#findings tbody a")
    else:
        driven.page.locator("#findings tbody a").first.click(trial=True)


@_feature("lists that are folded open", "details summary")
def _details(driven: DrivenPage) -> None:
    found = driven.page.locator("main section:not(#stage) > details > summary")
    for number in range(min(found.count(), 4)):
        found.nth(number).evaluate("(one) => { one.id = 'summary_of_this_test'; }")
        was_open = driven.page.evaluate("summary_of_this_test.parentElement.open")
        driven.activate("#summary_of_this_test")
        assert driven.page.evaluate("summary_of_this_test.parentElement.open") != was_open
        wide = driven.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, driven.text("#summary_of_this_test")
        driven.activate("#summary_of_this_test")
        found.nth(number).evaluate("(one) => one.removeAttribute('id')")


@_feature("any file is compared with the files of the run", "#verify_files")
def _verify(driven: DrivenPage) -> None:
    driven.compare_file("h1", "unknown.bin", b"not a file of the case", "unlisted")
    log = driven.audited_file
    if log is not None:
        same = driven.compare_file("h1", log.name, log.read_bytes(), "same")
        assert "It belongs to: Flight" in same.text_content()


@_feature("an address that asks for a file is answered with its flight")
def _asked_file(driven: DrivenPage) -> None:
    page = driven.page
    page.evaluate("location.hash = 'file=nothing_of_this_name.MP4&size=12'")
    page.locator("#asked_answer", has_text="No flight on this page").wait_for()
    named = page.evaluate(
        "() => { const { recordings } = JSON.parse(document.getElementById('index').textContent);"
        " return recordings.find(([, name]) => name) || null; }"
    )
    if named:
        page.evaluate("(name) => { location.hash = `file=${encodeURIComponent(name)}`; }", named[1])
        page.locator("#asked_list a").first.wait_for()
        hrefs = page.locator("#asked_list a").evaluate_all("(all) => all.map((a) => a.href)")
        assert all("#tab=captures" in href for href in hrefs)
        driven.reach("#asked_list a") if driven.uses_keyboard else page.locator(
            "#asked_list a"
        ).first.click(trial=True)
    page.evaluate("location.hash = ''")
