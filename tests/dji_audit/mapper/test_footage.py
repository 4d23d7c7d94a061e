"""Videos beside the map, thumbnails of photos and the verify box, in a browser."""

import hashlib
import random
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.policy import load_policy
from dji_audit.flights import ClockAlignment, assemble_flights
from dji_audit.mapper import (
    FlightPageOptions,
    IndexPageOptions,
    audit_flight_and_draw_page,
    render_flight_page_html,
    render_index_page_html,
)
from dji_audit.report.rows import FileRow, RunContents
from parsers import _tables as tables
from sample_logs.jpeg import blocks
from tests.dji_audit.mapper.clock_videos import STILL, burnt_in, dropped, milliseconds, video_of
from tests.dji_audit.mapper.conftest import (
    START,
    Make,
    Open,
    Visit,
    made_captures,
    rectangles,
    second,
)

pytestmark = pytest.mark.browser

VIDEO = "DJI_20260514100443_0001_D.MP4"
#: The files of the demonstration that belong to the page's flight, without its other copies.
CASE = (
    "DJIFlightRecord_2026-05-14_[10-01-58].txt", "DJI_20260514100443_0001_D.MP4",
    "DJI_20260514100443_0001_D.SRT", "DJI_20260514100915_0002_T.JPG",
    "DJI_20260514100915_0002_W.JPG", "FLY042.DAT",
)  # fmt: skip
SEEK = "(ms) => window.__flightPage.seekTo(ms)"
PLAYS_ON = (
    "(second) => { const video = document.querySelector('video');"
    " return !video.paused && video.currentTime > second + 0.3; }"
)


class Canary:
    """A server on this computer that nothing should ever reach."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.calls.append(connection.recv(200))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.close()


@pytest.fixture(scope="module")
def demo_page(sample_logs: Path) -> str:
    """Return the page of the flight of the demonstration."""
    logs = [log for name in CASE for log in parsers.read_file(sample_logs / name).logs]
    (flight, *_) = assemble_flights(*logs)
    page = FlightPageOptions(generated=None, timezone=None)
    html = audit_flight_and_draw_page(flight, load_policy(), AuditContext(), page).html
    assert html is not None
    return html


@pytest.fixture(scope="module")
def demo(browser: Any, demo_page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Return that page opened, for all tests that leave it as it was."""
    path = tmp_path_factory.mktemp("footage") / "page.html"
    path.write_text(demo_page, encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(8000)
    page.set_viewport_size({"width": 1366, "height": 768})
    visit = Visit(page)
    page.goto(path.as_uri())
    page.wait_for_function("() => document.documentElement.dataset.ready === '1'", timeout=15_000)
    page.locator("#tab_captures").click()
    yield visit
    page.close()


@pytest.fixture(scope="module")
def played(demo: Visit, sample_logs: Path) -> Visit:
    """Return the page with the video of the flight opened by keyboard, and known by its hash."""
    page = demo.page
    page.locator("#tab_captures").focus()
    with page.expect_file_chooser() as chooser:
        while page.evaluate("document.activeElement.id") != "video_files":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    chooser.value.set_files(sample_logs / VIDEO)
    page.locator("#video_list .card", has_text="its SHA-256 is the same").wait_for()
    page.wait_for_function(STILL)
    return demo


def shown(visit: Visit) -> int:
    """Return the time of day of the moment that the page shows, in milliseconds."""
    return milliseconds(visit.text("#clock b"))


def video_start(page: Any) -> int:
    data = "JSON.parse(document.getElementById('flight').textContent)"
    return int(page.evaluate(f"{data}.videos[0].start"))


def test_the_file_field_is_reached_by_keyboard_and_the_video_is_known_by_its_hash(
    played: Visit,
) -> None:
    card = played.text("#video_list .card")
    assert "This is the file that was audited" in card
    assert "H.264" in card
    assert "First picture 09:04:43.0 UTC ± 0.1 s, by the clock of DJI_20260514100443" in card
    assert "same SHA-256" in played.text(".clip figcaption")


def test_map_and_video_show_the_same_second_after_ten_seeks_of_the_map(played: Visit) -> None:
    page, draw = played.page, random.Random(16)  # noqa: S311
    start = video_start(page)
    for _ in range(10):
        page.evaluate(SEEK, start + draw.randrange(234_600))
        assert abs(burnt_in(page) - shown(played)) <= 100


def test_map_and_video_show_the_same_second_after_ten_seeks_of_the_video(played: Visit) -> None:
    page, draw = played.page, random.Random(61)  # noqa: S311
    positions = set()
    for _ in range(10):
        page.locator("video").evaluate(
            "(video, seconds) => { video.currentTime = seconds; }", draw.uniform(0, 234.6)
        )
        assert abs(burnt_in(page) - shown(played)) <= 100
        positions.add(played.text("#readout .position dd"))
    assert len(positions) >= 9, "the aircraft moves with the video"


def test_a_click_on_path_lane_or_table_seeks_the_video(played: Visit) -> None:
    page = played.page
    lanes = page.locator("#lanes").bounding_box()
    for share in (0.42, 0.55):
        page.mouse.click(lanes["x"] + share * lanes["width"], lanes["y"] + 60)
        assert abs(burnt_in(page) - shown(played)) <= 100
    before = burnt_in(page)
    page.evaluate(SEEK, video_start(page) + 150_000)
    marker = page.locator(".aircraft").bounding_box()
    page.evaluate(SEEK, video_start(page) + 20_000)
    page.mouse.click(marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2)
    assert abs(burnt_in(page) - shown(played)) <= 100
    assert burnt_in(page) != before
    page.locator("#tab_captures").click()
    page.locator("#captures tbody tr", has_text="Video, visible light").click()
    assert abs(burnt_in(page) - shown(played)) <= 100
    assert 0 <= shown(played) - milliseconds("09:04:43.0") <= 100


def test_slider_keys_seek_the_video(played: Visit) -> None:
    page = played.page
    page.evaluate(SEEK, video_start(page) + 60_000)
    before = burnt_in(page)
    page.locator("#slider").focus()
    for key in ("PageUp", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert burnt_in(page) - before == 11_100


def test_play_moves_map_and_video_together_from_either_side(played: Visit) -> None:
    page = played.page
    video = page.locator("video")
    page.evaluate(SEEK, video_start(page) + 30_000)
    page.locator("#rate").select_option("1")
    page.wait_for_function(STILL)
    before, shown_second = shown(played), video.evaluate("(video) => video.currentTime")
    page.locator("#play").click()
    page.wait_for_function(PLAYS_ON, arg=shown_second)
    page.locator("#play").click()
    assert video.evaluate("(video) => video.paused")
    assert shown(played) > before
    assert abs(burnt_in(page) - shown(played)) <= 100
    before, shown_second = shown(played), video.evaluate("(video) => video.currentTime")
    video.evaluate("(video) => { void video.play(); }")
    page.wait_for_function(PLAYS_ON, arg=shown_second)
    assert page.locator("#play").text_content() == "Play"
    video.evaluate("(video) => video.pause()")
    assert shown(played) > before
    assert abs(burnt_in(page) - shown(played)) <= 100


def test_the_error_of_the_clock_is_a_band_beside_the_moment(played: Visit) -> None:
    page = played.page
    page.evaluate(SEEK, video_start(page) + 30_000)
    assert "± 0.1 s" in played.text(".clip figcaption")
    band, hand = rectangles(page, "#clock_error", "#playhead")
    assert band["left"] <= hand["left"] <= band["right"]
    assert band["width"] >= 6
    page.evaluate(SEEK, video_start(page) - 30_000)
    assert page.locator("#clock_error").is_hidden()
    assert "It begins at 09:04:43.0 UTC, 30 s after" in played.text(".clip_note")
    page.evaluate(SEEK, video_start(page) + 264_700)
    assert "30 s before the selected moment" in played.text(".clip_note")


def close_all(page: Any) -> None:
    page.locator("#tab_captures").click()
    while page.locator("#video_list button", has_text="Close").count():
        page.locator("#video_list button", has_text="Close").first.click()


@pytest.fixture
def empty(demo: Visit) -> Iterator[Visit]:
    """Return the page of the demonstration without a video in it."""
    close_all(demo.page)
    yield demo
    close_all(demo.page)


def card(visit: Visit, words: str) -> str:
    """Return the card of a video once it says so."""
    found = visit.page.locator("#video_list .card", has_text=words).first
    found.wait_for()
    return str(found.text_content())


def test_a_video_of_another_name_is_known_by_its_hash(empty: Visit, sample_logs: Path) -> None:
    dropped(empty.page, "#stage", ("holiday.mov", (sample_logs / VIDEO).read_bytes()))
    assert "holiday.mov" in card(empty, "This is the file that was audited")


def test_a_changed_file_of_the_same_name_is_not_the_one_that_was_audited(
    empty: Visit, sample_logs: Path
) -> None:
    data = bytearray((sample_logs / VIDEO).read_bytes())
    data[len(data) // 2] ^= 1
    dropped(empty.page, "#stage", (VIDEO, bytes(data)))
    text = card(empty, "This is not the file that was audited")
    assert "its name is the same, its SHA-256 is not" in text
    assert empty.page.locator("#video_list .card.warned").count() == 1


def test_a_video_that_matches_nothing_is_placed_by_hand(empty: Visit) -> None:
    page = empty.page
    dropped(page, "#stage", ("other.mp4", video_of(9000)))
    assert "not by SHA-256, name or length" in card(empty, "matches no recording of this flight")
    assert "It does not move with the map" in empty.text(".clip_note")
    page.locator("#video_list summary").click()
    field = page.locator("#video_list input[type=text]")
    field.fill("9 o'clock")
    field.press("Enter")
    assert "Write hours, minutes and seconds" in empty.text("#video_list .wrong")
    field.fill("09:06:00.0")
    field.press("Enter")
    text = card(empty, "Placed by hand.")
    assert "It matches no recording of this flight" in text
    assert "First picture 09:06:00.0 UTC, by hand" in text
    assert "placed by hand" in empty.text(".clip figcaption")
    page.wait_for_function(STILL)
    assert "± not known" in page.evaluate(
        "() => { window.__flightPage.seekTo(Date.UTC(2026, 4, 14, 9, 6, 5));"
        " return document.querySelector('.clip figcaption').textContent; }"
    )
    assert burnt_in(page) == 5000
    page.locator("#video_list button", has_text="+0.1 s").click()
    assert burnt_in(page) == 4900
    page.locator("#video_list label", has_text="Moves with the map").locator("input").uncheck()
    page.evaluate(SEEK, video_start(page))
    page.locator("video").evaluate("(video) => { video.currentTime = 2; }")
    assert shown(empty) == milliseconds("09:04:43.0")
    page.locator("#video_list button", has_text="The picture shown is the selected").click()
    assert "First picture 09:04:41.0 UTC, by hand" in card(empty, "Placed by hand.")
    page.locator("#video_list button", has_text="As it was matched").click()
    card(empty, "You can place it by hand")


def test_a_codec_that_the_browser_cannot_play_is_named(empty: Visit, sample_logs: Path) -> None:
    data = (sample_logs / VIDEO).read_bytes()
    data = data.replace(b"avc1", b"hvc1").replace(b"avcC", b"hvcC")
    dropped(empty.page, "#stage", ("hevc.MP4", data))
    card(empty, "its codec is H.265 (HEVC)")
    assert "Open it in another player or browser" in empty.text(".clip_note")
    assert empty.page.locator("video").is_hidden()


def test_nothing_leaves_whatever_a_file_holds(empty: Visit, canary: Canary) -> None:
    page, address = empty.page, f"http://{canary.address}"
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/a"/></svg>'.encode()
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{address}/b.ts\n".encode()
    name = f'"><img src={address}/c onerror=alert(1)>.mp4'
    dropped(page, "#stage", (name, drawing), ("list.mp4", playlist), ("list.m3u8", playlist))
    page.locator("#verify_list .card").wait_for(state="attached")
    page.locator("#video_list .card", has_text="cannot").nth(1).wait_for()
    page.wait_for_timeout(300)
    assert not page.locator("#video_list img").count()
    assert canary.calls == []
    close_all(page)
    assert {request.partition(":")[0] for request in empty.requests} <= {"file", "blob", "data"}
    assert len([request for request in empty.requests if request.startswith("file:")]) == 1
    assert empty.violations == []
    assert not [text for text in empty.complaints if "alert" in text or "dialog" in text]


def test_the_verify_box_compares_any_file_with_the_list(empty: Visit, sample_logs: Path) -> None:
    page = empty.page
    page.locator("#tab_file").click()
    log = (sample_logs / CASE[0]).read_bytes()
    page.locator("#verify_files").set_input_files(
        [sample_logs / CASE[0], sample_logs / "README.md"]
    )
    same = page.locator(".verified", has_text="Unchanged: the list holds the same bytes (source)")
    same.wait_for()
    assert "same" in same.locator(".chip").text_content()
    page.locator(".verified", has_text="README.md not listed").wait_for()
    dropped(page, "#verify", (CASE[0], log[:-1] + b"!"), (VIDEO, b"nothing"))
    changed = page.locator(".verified[data-verdict=other]")
    changed.nth(1).wait_for()
    words = " ".join(changed.all_text_contents())
    assert f"one file of this name, with another content (source, {len(log):,} bytes)" in words
    assert "one file of this name, with another content (source, 195,968 bytes)" in words
    assert not page.locator("#video_list .card").count(), "dropped on the box, it is verified"


def test_thumbnails_are_shown_in_panel_on_map_and_on_lanes(empty: Visit) -> None:
    page = empty.page
    images = page.locator("#photos img")
    assert images.evaluate_all("(all) => all.map((i) => [i.naturalWidth, i.naturalHeight])") == [
        [160, 120], [160, 120],
    ]  # fmt: skip
    assert "palette WhiteHot" in empty.text("#photos figure[data-sensor=thermal]")
    page.locator("#photos figure").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert empty.text("#clock b") == "09:09:15.9 UTC"
    assert page.locator("#photos figure[aria-current=true]").count() == 2
    # The thermal photo stands beside the visible one, and nothing may cover it.
    page.evaluate("document.getElementById('where').open = false")
    marker = page.locator(".aircraft").bounding_box()
    page.mouse.move(marker["x"] + marker["width"] / 2 + 13, marker["y"] + marker["height"] / 2)
    assert page.locator(".map_tip img.thumbnail").count() == 1
    hand, lanes = rectangles(page, "#playhead", "#lanes")
    page.mouse.move(hand["left"] + 1, lanes["top"] + 70)
    assert page.locator("#photo_tip img").count() == 2


@pytest.fixture
def logged(made: Make, audit_basis: AuditInputProvenance, open_page: Open) -> Visit:
    """Return a flight whose videos only its log shows: two sensors at once, then one of parts."""
    one = made_captures(60)[0]
    rows = [
        one | {"start": second(5), "end": second(25), "file": "DJI_0007_V.MP4"},
        one | {"start": second(5), "end": second(25), "file": "DJI_0007_T.MP4",
               "sensor": "thermal"},
        one | {"start": second(30), "end": second(44), "file": None},
    ]  # fmt: skip
    audit = made(fixes=600, captures=tables.media_capture_table_from_rows(rows))
    visit = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None), 1600, 900)
    visit.page.locator("#tab_captures").click()
    return visit


def test_two_sensors_play_side_by_side_and_parts_one_after_another(logged: Visit) -> None:
    page = logged.page
    twenty, ten, four = video_of(20_000), video_of(10_000), video_of(4_000)
    dropped(page, "#stage", ("DJI_0007_V.MP4", twenty), ("DJI_0007_T.MP4", twenty))
    card(logged, "Matched by name and length")
    assert "The audit did not have this file" in logged.text("#video_list .card")
    start = int(START.timestamp() * 1000)
    page.evaluate(SEEK, start + 15_000)
    assert [burnt_in(page, 0), burnt_in(page, 1)] == [10_000, 10_000]
    assert page.locator(".clip:visible").count() == 2
    dropped(page, "#stage", ("b.mp4", four), ("a.mp4", ten))
    page.locator("#video_list .card", has_text="length of 2 parts together only").nth(1).wait_for()
    for at, name, time in ((35_000, "a.mp4", 5_000), (41_500, "b.mp4", 1_500)):
        page.evaluate(SEEK, start + at)
        names = page.locator(".clip:visible b").all_text_contents()
        assert [each for each in names if each.endswith(".mp4")] == [name]
        index = page.locator("video").evaluate_all(
            "(all, name) => all.findIndex((v) => v.ariaLabel === `Video ${name}`)", name
        )
        assert burnt_in(page, index) == time


def test_the_index_compares_any_file_with_the_files_of_the_run(
    audit_basis: AuditInputProvenance, open_page: Open, canary: Canary
) -> None:
    data, hostile = b"log of a flight", f"<img src=http://{canary.address}/>/log.txt"
    files = (
        FileRow("DCIM/x.MP4", "read", size=9, sha256="ab" * 32),
        FileRow(hostile, "partial", size=15, sha256=hashlib.sha256(data).hexdigest()),
        FileRow("unhashed.txt", "unread", "it could not be opened"),
    )
    html = render_index_page_html(
        RunContents(files=files),
        IndexPageOptions(basis=audit_basis, generated=None, verdict_line=""),
    )
    visit = open_page(html)
    page = visit.page
    assert "compared with the 2 files of this run" in visit.text("#verify_note")
    with page.expect_file_chooser() as chooser:
        page.locator("#verify_files").focus()
        page.keyboard.press("Enter")
    file = {"name": "log.txt", "mimeType": "text/plain", "buffer": data}
    chooser.value.set_files([file, {**file, "buffer": data[:-1]}, {**file, "name": "y.txt"}])
    page.locator(".verified[data-verdict]").nth(2).wait_for()
    found = page.locator(".verified").evaluate_all("(all) => all.map((e) => e.dataset.verdict)")
    assert found == ["same", "other", "same"]
    dropped(page, "h1", ("z.bin", b"z"))
    page.locator(".verified[data-verdict=unlisted]").wait_for()
    assert not page.locator(".verified img").count()
    assert canary.calls == []
    assert visit.violations == []
    assert len(visit.requests) == 1


def test_a_flight_without_times_says_that_no_video_can_move_with_it(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    track = made(fixes=50).flight.log.track
    track = track.assign(time=pd.DatetimeIndex([pd.NaT] * 50, tz="UTC").as_unit("ns"))
    audit = made(fixes=50, track=track)
    visit = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None))
    visit.page.locator("#tab_captures").click()
    assert "cannot move with the map" in visit.text("#video_known")
    dropped(visit.page, "#stage", ("x.mp4", video_of(2000)))
    assert "have no times" in card(visit, "so a video cannot move with the map")


def test_an_audited_video_whose_clock_was_not_aligned_is_known_and_placed_by_hand(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    data = video_of(3000)
    content = parsers.Content("unaligned.mp4", data)
    audit = made(fixes=300)
    first = audit.flight.sources[0]
    source = replace(
        first,
        log=parsers.identify(content).read(content, ()),
        alignment=ClockAlignment(None, "unaligned", None, None),
        track=first.track[:0],
        is_media=True,
    )
    flight = replace(audit.flight, sources=(*audit.flight.sources, source))
    page = render_flight_page_html(replace(audit, flight=flight), basis=audit_basis, generated=None)
    visit = open_page(page)
    visit.page.locator("#tab_captures").click()
    dropped(visit.page, "#stage", ("renamed.mp4", data))
    text = card(visit, "This is the file that was audited: its SHA-256 is the same.")
    assert "Its clock could not be aligned with that of the flight" in text
    assert "You can place it by hand" in text


def test_a_picture_inside_a_flight_record_stands_where_the_record_says(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    jpeg = blocks([[(200, 60, 30)] * 4] * 3)
    thumbnail = parsers.Thumbnail(jpeg, 32, 24, 900, len(jpeg))
    picture = parsers.PhotoPreview(thumbnail, number=1, latitude_deg=54.6405, longitude_deg=-2.2262)
    audit = made(fixes=300, pictures=(picture,))
    visit = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None))
    page = visit.page
    page.locator("#tab_captures").click()
    assert "time not stated" in visit.text("#photos figure")
    page.locator("#photos figure").focus()
    page.keyboard.press("Enter")
    stage = page.locator(".folium-map").bounding_box()
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    tip = page.locator(".map_tip")
    assert tip.locator("img.thumbnail").evaluate("(image) => image.naturalWidth") == 32
    assert "picture 1, sensor not stated; time not stated" in tip.text_content()
    assert visit.complaints == []


def test_on_a_narrow_screen_the_video_stands_under_the_map(
    demo_page: str, open_page: Open, sample_logs: Path
) -> None:
    page = open_page(demo_page, 390, 844).page
    page.locator("#tab_captures").click()
    page.locator("#video_files").set_input_files(sample_logs / VIDEO)
    page.locator("#video_list .card", has_text="SHA-256 is the same").wait_for()
    stage, player = rectangles(page, "#stage", "#player")
    assert player["top"] >= stage["bottom"] - 1
    wide = "[...document.querySelectorAll('#footage *, #player *, #photos *, #verify *')]"
    wide += ".filter((e) => e.getBoundingClientRect().right > 390.5).map((e) => e.outerHTML)"
    assert page.evaluate(wide) == []
