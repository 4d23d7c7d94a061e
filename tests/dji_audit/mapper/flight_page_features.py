"""What a reviewer does on the page of a flight, by keyboard or by pointer, and what comes of it."""

from typing import Any

from tests.dji_audit.mapper.clock_videos import STILL, burnt_in, milliseconds, video_of
from tests.dji_audit.mapper.driven_page import PAINTED, DrivenPage, FeatureList

FLIGHT_PAGE = FeatureList()
_feature = FLIGHT_PAGE.either_hand

DATA = "JSON.parse(document.getElementById('flight').textContent)"


def seek_share(driven: DrivenPage, share: float) -> str:
    """Set the moment at a share of the flight, and return the clock: what a test begins from."""
    driven.page.evaluate(
        "(share) => { const { start, end, seekTo } = window.__flightPage;"
        " seekTo(Math.round((start + (end - start) * share) / 100) * 100); }",
        share,
    )
    return driven.text("#clock b")


def open_tab(driven: DrivenPage, name: str) -> None:
    """Open a tab: with the arrow keys from the one that is open, or with a click."""
    if driven.uses_keyboard:
        driven.reach("#tabs [aria-selected=true]")
        driven.press("Home")
        for _ in range(20):
            if driven.page.evaluate("document.activeElement.id") == f"tab_{name}":
                break
            driven.press("ArrowRight")
    else:
        driven.page.locator(f"#tab_{name}").click()
    assert driven.has(f"#{name}"), f"the tab {name} is not open"


@_feature("the skip link leads past the map to the tables")
def _skip_link(driven: DrivenPage) -> None:
    if driven.uses_keyboard:
        driven.follow_skip_link("panel")


@_feature("facts of the flight name the place and its local time")
def _facts(driven: DrivenPage) -> None:
    if driven.has("#facts summary"):
        was_open = driven.has("#facts dl")
        driven.activate("#facts summary")
        assert driven.has("#facts dl") != was_open
        if was_open:
            driven.activate("#facts summary")
    assert "Place" in driven.text("#facts dl") or not driven.has(".folium-map")


@_feature("the map is moved, zoomed in and shown whole again", ".folium-map")
def _map_moves(driven: DrivenPage) -> None:
    driven.move_and_zoom_map(".folium-map", "__flightPage", "out")


@_feature("every colouring states its classes in the key", ".folium-map")
def _colourings(driven: DrivenPage) -> None:
    names = driven.page.locator("#colour option").evaluate_all("(all) => all.map((o) => o.value)")
    assert {"recording", "sensor", "source"} <= set(names)
    painted = set()
    for name in [*names[1:6], "recording"]:
        driven.choose("#colour", name)
        words = driven.page.locator("#key_list li span").all_text_contents()
        assert words[0].startswith("by "), words
        assert len(words) >= 2
        painted.add(driven.page.evaluate(PAINTED))
    assert len(painted) >= 3, "the path is painted in the same way whatever it is coloured by"


@_feature("the key opens and closes", ".folium-map")
def _key(driven: DrivenPage) -> None:
    driven.open_and_close("#key", "#key_list")


@_feature("the inset opens and closes, and names the place", "#where")
def _inset(driven: DrivenPage) -> None:
    place = driven.text("#where summary").strip()
    assert place in driven.text("#facts dl")
    driven.open_and_close("#where", "#where svg")


@_feature("what the map shows is chosen", ".folium-map")
def _layers(driven: DrivenPage) -> None:
    driven.activate("#layers summary")
    count = driven.page.locator("#layer_list input").count()
    assert count >= 1
    for number in range(count):
        box = f"#layer_list label:nth-child({number + 1}) input"
        if driven.page.locator(box).is_disabled():
            assert "the path shows them" in driven.text("#layer_list")
            continue
        before = (driven.page.evaluate(PAINTED), driven.text("#key_list"))
        driven.tick(box)
        changed = (driven.page.evaluate(PAINTED), driven.text("#key_list"))
        driven.tick(box)
        name = driven.text(f"#layer_list label:nth-child({number + 1})").strip()
        assert before != changed or name == "Home point", f"{name} changes nothing"
        assert driven.text("#key_list") == before[1]
    for kind in ("degrees", "none", "metres"):
        if driven.page.locator(f"#grid option[value={kind}]").count():
            driven.choose("#grid", kind)
    driven.activate("#layers summary")


@_feature("the slider moves the moment")
def _slider(driven: DrivenPage) -> None:
    before = seek_share(driven, 0.2)
    driven.slide("#slider", 0.7, "PageUp")
    assert driven.text("#clock b") != before


@_feature("the flight plays and stands still")
def _plays(driven: DrivenPage) -> None:
    before = seek_share(driven, 0.3)
    driven.choose("#rate", "5")
    driven.activate("#play")
    driven.wait_until("(b) => document.querySelector('#clock b').textContent !== b", before)
    driven.activate("#play")
    assert driven.text("#play") == "Play"
    held = driven.text("#clock b")
    driven.page.wait_for_timeout(60)
    assert driven.text("#clock b") == held
    driven.choose("#rate", "10")


@_feature("next and previous step from event to event, finding and recording")
def _steps(driven: DrivenPage) -> None:
    kinds = driven.page.locator("#step option:not(:disabled)").evaluate_all(
        "(all) => all.map((one) => one.value)"
    )
    assert "event" in kinds
    for kind in [*kinds[1:], "event"]:
        driven.choose("#step", kind)
        seek_share(driven, 1.0)
        driven.activate("#previous")
        last = driven.text("#clock b")
        seek_share(driven, 0.0)
        first = driven.text("#clock b")
        driven.activate("#next")
        assert driven.text("#clock b") > first or last == first, kind


@_feature("a place on the path leads to its moment", ".folium-map")
def _path(driven: DrivenPage) -> None:
    driven.activate("#fit")
    there = seek_share(driven, 0.5)
    if driven.uses_keyboard:
        # By keyboard the way to a moment is the slider; the map says where that is.
        position = driven.text("#readout .position dd")
        driven.slide("#slider", 0, "PageUp")
        driven.wait_until(
            "(b) => document.querySelector('#readout .position dd').textContent !== b"
            " || document.querySelector('#clock b').textContent !== b",
            position,
        )
        return
    driven.page.locator(".folium-map").scroll_into_view_if_needed()
    found = driven.page.evaluate(
        """() => {
          const marker = document.querySelector('.aircraft').getBoundingClientRect();
          const [x, y] = [marker.left + marker.width / 2, marker.top + marker.height / 2];
          const hit = document.elementFromPoint(x, y);
          return [x, y, Boolean(hit && hit.closest('.folium-map'))];
        }"""
    )
    before = seek_share(driven, 0.0)
    if not found[2]:
        driven.page.mouse.wheel(0, found[1] - 200)
        return
    driven.page.mouse.click(found[0], found[1])
    # Another pass over the same ground may be nearer to the pointer.
    assert driven.text("#clock b") != before or there == before


@_feature("lanes lead to a moment", "#lanes")
def _lanes(driven: DrivenPage) -> None:
    before = seek_share(driven, 0.1)
    if driven.uses_keyboard:
        driven.slide("#slider", 0, "PageUp")
    else:
        lanes = driven.page.locator("#lanes")
        width = lanes.evaluate("(one) => one.clientWidth")
        lanes.click(position={"x": width * 0.6, "y": 60})
    assert driven.text("#clock b") != before


@_feature("every tab opens and nothing in it is wider than the screen")
def _tabs(driven: DrivenPage) -> None:
    names = driven.page.locator("#tabs button").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('aria-controls'))"
    )
    assert len(names) >= 7
    for name in names:
        open_tab(driven, name)
        wide = driven.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} px wider than the screen"
        broken = driven.page.locator("th:visible").evaluate_all(
            "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1)"
            ".map((one) => one.textContent)"
        )
        assert broken == [], name
    open_tab(driven, "events")


@_feature("groups of events are hidden and shown, and words are found")
def _event_filters(driven: DrivenPage) -> None:
    open_tab(driven, "events")
    rows = driven.page.locator("#event_table tbody tr:not([hidden])")
    before = rows.count()
    box = "#filters label:nth-of-type(1) input"
    driven.tick(box)
    assert rows.count() != before
    driven.tick(box)
    assert rows.count() == before
    kind = rows.last.locator(".what .sub").first.evaluate("(one) => one.firstChild.textContent")
    word = kind.split(" · ")[-1]
    driven.write("#filters .find", word)
    assert 1 <= rows.count() <= before
    assert all(word.lower() in text.lower() for text in rows.all_text_contents())
    driven.write("#filters .find", "no row says this")
    assert rows.count() == 0
    driven.write("#filters .find", "")
    assert rows.count() == before


@_feature("a row of the table leads to its moment, and is marked")
def _event_row(driven: DrivenPage) -> None:
    open_tab(driven, "events")
    rows = "#event_table tbody tr.pick:not([hidden])"
    number = min(3, driven.page.locator(rows).count() - 1)
    said = driven.choose_row(rows, number)
    shown = driven.text("#clock")
    assert said[:8] in shown or "Fix" in shown, f"{said[:8]} leads to {shown}"
    marked = driven.page.locator("#event_table tr[aria-current=true]").count()
    assert marked == 1, f"{marked} rows are marked"


@_feature("a long path is shown whole in the row that is chosen", "#event_table .path_start")
def _long_path(driven: DrivenPage) -> None:
    open_tab(driven, "events")
    driven.choose_row("#event_table tbody tr.pick:not([hidden])", 0)
    wrapped = driven.page.locator("#event_table tr[aria-current=true] .path_start").evaluate_all(
        "(all) => all.every((one) => getComputedStyle(one).whiteSpace === 'normal')"
    )
    assert wrapped


@_feature("findings are stepped through, and each leads to its moment", "#cards .card")
def _findings(driven: DrivenPage) -> None:
    open_tab(driven, "rules")
    driven.activate("#next_finding")
    number = driven.text("#finding_number")
    assert number
    driven.activate("#previous_finding")
    driven.activate("#next_finding")
    assert driven.text("#finding_number") == number
    driven.activate("#cards .card")
    assert driven.text("#finding_number").startswith("1 of")
    at = driven.page.locator("#cards .card").first.get_attribute("data-at")
    if at:
        assert driven.page.evaluate("document.querySelector('#slider').valueAsNumber") >= 0


def pasted(driven: DrivenPage) -> str:
    """Paste the clipboard into the search of the table, and return what came."""
    open_tab(driven, "events")
    driven.write("#filters .find", "")
    driven.press("Control+V")
    text = driven.page.locator("#filters .find").input_value()
    driven.press("Control+A", "Delete")
    return str(text)


@_feature("a link to a finding is copied and leads there again", "#cards .card[data-finding]")
def _finding_link(driven: DrivenPage) -> None:
    open_tab(driven, "rules")
    driven.activate("#next_finding")
    number = driven.text("#finding_number")
    driven.activate("#copy_finding")
    driven.page.locator("#copied_words", has_text="Copied: the link to the finding").wait_for()
    link = driven.page.locator("#copied_link").input_value()
    assert "#finding=" in link
    driven.activate("#copied_close")
    assert not driven.has("#copied")
    assert pasted(driven) == link
    driven.follow_link(link)
    driven.page.locator("#rules .card[aria-current=true]").wait_for()
    assert driven.text("#finding_number") == number


@_feature("a link to the moment is copied, says what it leads to, and leads there again")
def _moment_link(driven: DrivenPage) -> None:
    there = seek_share(driven, 0.4)
    if driven.has(".folium-map"):
        driven.choose("#colour", "height" if _has_option(driven, "height") else "source")
    driven.activate("#copy_link")
    driven.page.locator("#copied_words", has_text="Copied: the link to").wait_for()
    words = driven.text("#copied_words")
    assert there[:10] in words or "fix" in words
    link = driven.close_copied_link()
    seek_share(driven, 0.9)
    if driven.has(".folium-map"):
        driven.choose("#colour", "recording")
    assert driven.text("#clock b") != there
    driven.follow_link(link)
    driven.wait_until("(t) => document.querySelector('#clock b').textContent === t", there)
    if driven.has(".folium-map"):
        assert driven.page.locator("#colour").input_value() != "recording"
        driven.choose("#colour", "recording")


def _has_option(driven: DrivenPage, name: str) -> bool:
    return bool(driven.page.locator(f"#colour option[value={name}]").count())


@_feature("a recording of the table leads to its beginning", "#captures tbody tr[data-at]")
def _recordings(driven: DrivenPage) -> None:
    open_tab(driven, "captures")
    seek_share(driven, 1.0)
    said = driven.choose_row("#captures tbody tr[data-at]", 0)
    assert said.strip()[:8] in driven.text("#clock b")


@_feature("a thumbnail leads to its photo", "#photos figure.pick")
def _thumbnails(driven: DrivenPage) -> None:
    open_tab(driven, "captures")
    seek_share(driven, 0.0)
    driven.choose_row("#photos figure.pick", 0)
    assert driven.page.locator("#photos figure").first.evaluate(
        "(one) => one.dataset.at === undefined || one.ariaCurrent === 'true'"
    )
    at = driven.page.locator("#photos figure").first.get_attribute("data-at")
    if at and not driven.uses_keyboard:
        tips = driven.page.evaluate(
            "() => { const hand = document.querySelector('#playhead').getBoundingClientRect();"
            " const lanes = document.querySelector('#lanes');"
            " lanes.scrollIntoView({ block: 'end' });"
            " const box = lanes.getBoundingClientRect();"
            " lanes.dispatchEvent(new PointerEvent('pointermove',"
            " { clientX: hand.left + 1, clientY: box.top + 60, bubbles: true }));"
            " return document.querySelectorAll('#photo_tip img').length; }"
        )
        assert tips >= 1
        driven.page.locator("#lanes").dispatch_event("pointerleave")


@_feature("plots are added, zoomed in, walked through and taken away", "#plot_choice option")
def _plots(driven: DrivenPage) -> None:
    open_tab(driven, "plots")
    listed = driven.page.locator("#plot_list li")
    before = listed.count()
    unused = driven.page.evaluate(
        "() => { const used = document.querySelector('#plot_list').textContent;"
        " return [...document.querySelectorAll('#plot_choice option')]"
        ".find((one) => !used.includes(one.textContent.replace(/ \\(.*/, ''))).value; }"
    )
    driven.choose("#plot_choice", unused)
    driven.activate("#plot_add")
    assert listed.count() == before + 1
    seek_share(driven, 0.5)
    driven.activate("#plot_in")
    assert "to" in driven.text("#plot_span") or "Fix" in driven.text("#clock b")
    driven.activate("#plot_out")
    driven.activate("#plot_in")
    driven.activate("#plot_all")
    assert driven.text("#plot_span") == ""
    driven.tick("#plot_share")
    driven.tick("#plot_share")
    moment = driven.text("#clock b")
    driven.slide("#plot_frame", 0.8, "PageUp")
    assert driven.text("#clock b") != moment
    driven.activate(f"#plot_list li:nth-child({before + 1}) button")
    assert listed.count() == before


@_feature("a position that is written down is looked for", "#view_text")
def _view_by_text(driven: DrivenPage) -> None:
    open_tab(driven, "view")
    if not driven.has("#view_form"):
        assert len(driven.text("#view_why")) > 20
        assert not driven.has("#pick")
        return
    driven.write("#view_text", "nowhere", "Enter")
    assert "Write latitude, longitude" in driven.text("#view_wrong")
    seek_share(driven, 0.5)
    position = driven.text("#readout .position dd").split(" (")[0]
    driven.write("#view_text", position, "Enter")
    answer = driven.text("#view_answer .answer")
    assert "position" in answer
    rows = driven.page.locator("#view_table tbody tr.pick")
    if rows.count():
        said = driven.choose_row("#view_table tbody tr.pick", min(1, rows.count() - 1))
        assert said[:8] in driven.text("#clock b")
    driven.activate("#view_clear")
    assert not driven.has("#view_answer .answer")


@_feature("a position of the map is looked for", "#pick")
def _view_by_map(driven: DrivenPage) -> None:
    if not driven.has("#pick"):
        return
    driven.activate("#fit")
    driven.activate("#pick")
    assert driven.page.locator("#pick").get_attribute("aria-pressed") == "true"
    if driven.uses_keyboard:
        driven.press("Escape")
        assert driven.page.locator("#pick").get_attribute("aria-pressed") == "false"
        driven.activate("#view_middle")
    else:
        stage = driven.page.locator(".folium-map")
        size = stage.evaluate("(one) => [one.clientWidth, one.clientHeight]")
        stage.click(position={"x": size[0] * 0.55, "y": size[1] * 0.45})
    assert "position" in driven.text("#view_answer .answer")
    driven.activate("#view_clear")


@_feature("a zone of the table is shown on the map", "#zone_table tr.pick")
def _zones(driven: DrivenPage) -> None:
    open_tab(driven, "zones")
    rows = driven.page.locator("#zone_table tr.pick")
    driven.choose_row("#zone_table tr.pick", 0)
    assert "now" in rows.first.get_attribute("class")
    driven.choose_row("#zone_table tr.pick", 0)
    assert "now" not in rows.first.get_attribute("class")
    driven.activate("#fit")


@_feature("a contact of the table leads to its moment", "#hosts tr[data-at]")
def _contacts(driven: DrivenPage) -> None:
    open_tab(driven, "network")
    seek_share(driven, 0.0)
    before = driven.text("#clock b")
    driven.choose_row("#hosts tr[data-at]", 0)
    assert driven.text("#clock b") >= before
    assert driven.page.locator("#hosts tr").count() >= 1


def files_of_page(driven: DrivenPage) -> list[dict[str, Any]]:
    """Return the files that the flight was audited from."""
    return list(driven.page.evaluate(f"{DATA}.inputs"))


@_feature("any file is compared with the list of files", "#verify_files")
def _verify(driven: DrivenPage) -> None:
    open_tab(driven, "file")
    listed = driven.page.locator("#verify_list .verified")
    before = listed.count()
    driven.compare_file("#verify", "unknown.bin", b"not a file of the case", "unlisted")
    log = driven.audited_file
    if log is not None:
        driven.compare_file("#verify", log.name, log.read_bytes(), "same")
        driven.compare_file("#verify", log.name, log.read_bytes() + b".", "other")
    assert listed.count() == before + (3 if log else 1)


@_feature("a video plays in step with the map, is placed by hand, and is closed")
def _video(driven: DrivenPage) -> None:
    page = driven.page
    start_ms, length_ms = page.evaluate(
        f"() => {{ const {{ videos }} = {DATA}; const {{ start, end }} = window.__flightPage;"
        " const one = videos.find((v) => v.end !== null && v.end - v.start > 9000);"
        " if (one) return [one.start, Math.min(one.end - one.start, 20000)];"
        " return [start, Math.min(end - start, 20000)]; }"
    )
    length_ms = max(4000, length_ms // 100 * 100)
    day = 86_400_000
    data = video_of(length_ms, start_ms % day)
    open_tab(driven, "captures")
    driven.open_or_drop("#video_files", "#stage", "VID_of_a_test.mp4", data)
    card = "#video_list .card"
    page.locator(card, has_text="VID_of_a_test.mp4").wait_for()
    page.wait_for_function(STILL)
    open_tab(driven, "captures")
    if "have no times" in driven.text(card):
        driven.activate(f"{card} button:text-is('Close')")
        return
    driven.activate(f"{card} details summary")
    begins = page.evaluate("(ms) => new Date(ms).toISOString().slice(11, 23)", start_ms)
    driven.write(f"{card} input[type=text]", begins, "Enter")
    page.locator(card, has_text="Placed by hand").wait_for()
    # The map leads.
    page.evaluate("(ms) => window.__flightPage.seekTo(ms)", start_ms + 1500)
    assert abs(burnt_in(page) - milliseconds(driven.text("#clock b"))) <= 100
    driven.slide("#slider", 0, "ArrowRight") if driven.uses_keyboard else None
    if driven.uses_keyboard:
        assert abs(burnt_in(page) - milliseconds(driven.text("#clock b"))) <= 100
    # The video leads.
    page.locator("video").evaluate("(video) => { video.currentTime = 0.73; }")
    assert abs(burnt_in(page) - milliseconds(driven.text("#clock b"))) <= 100
    driven.activate(f"{card} button:text-is('+0.1 s')")
    page.wait_for_function(STILL)
    driven.tick(f"{card} input[type=checkbox]")
    assert "not linked" in driven.text(".clip figcaption")
    driven.tick(f"{card} input[type=checkbox]")
    assert "not linked" not in driven.text(".clip figcaption")
    driven.activate(f"{card} button:text-is('Go to its beginning')")
    shown = milliseconds(driven.text("#clock b"))
    assert abs(shown - (start_ms + 100) % day) <= 100
    driven.activate(f"{card} button:text-is('As it was matched')")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    driven.activate(f"{card} button:text-is('Close')")
    assert not driven.has("#player")


@_feature("a video of another flight says of which one it may be")
def _other_video(driven: DrivenPage) -> None:
    page = driven.page
    data = video_of(3000)
    open_tab(driven, "captures")
    driven.open_or_drop("#video_files", "#stage", "DJI_20310101101010_0001_V.mp4", data)
    words = page.locator("#video_list .other_flight", has_text="1 Jan 2031 at 10:10:10")
    words.wait_for()
    assert "It may be of another flight" in words.text_content()
    link = page.locator("#video_list .other_flight a:not([hidden])")
    assert link.count() == page.locator("#to_index").count()
    if link.count():
        assert "#file=DJI_20310101101010_0001_V.mp4&size=" in link.get_attribute("href")
        if driven.uses_keyboard:
            driven.reach("#video_list .other_flight a")
        else:
            link.click(trial=True)
    driven.activate("#video_list .card button:text-is('Close')")
