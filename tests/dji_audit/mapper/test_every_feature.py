"""Every feature of the pages, used by keyboard alone and by pointer, on every screen.

The pages of the demonstration and of real logs are opened as a reviewer opens them. The whole
matrix is slow; by default a spread of it is used: every feature, each hand, and each screen once.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AXE, required
from tests.dji_audit.mapper.conftest import Visit
from tests.dji_audit.mapper.driven_page import (
    SCREENS,
    DrivenPage,
    Feature,
    Hand,
    Screen,
    use_features,
)
from tests.dji_audit.mapper.flight_page_features import FLIGHT_PAGE
from tests.dji_audit.mapper.index_page_features import INDEX_PAGE

pytestmark = pytest.mark.browser

HANDS: tuple[Hand, ...] = ("keyboard", "pointer")
THEMES = ("light", "dark")

#: Real logs: a folder of several flights of one aircraft, and one with videos and photos in it.
DJI_FOLDER = "dji_txt/se0wtf+go-djilogs"
DJI_RECORD = "testv3.txt"
ARDUPILOT_LOG = "mavlink/sitl/sitl_copter357_fence_cam.BIN"


@dataclass(frozen=True, slots=True)
class PageUnderTest:
    """A page as the product wrote it, and a log that it was made from."""

    path: Path
    log: Path


Write = Callable[[str], PageUnderTest]


def run_product(*arguments: object) -> None:
    """Run a command; that flights need a look is no failure."""
    command = [Path(sys.executable).with_name("dji-audit"), *arguments]
    done = subprocess.run([str(each) for each in command], capture_output=True, check=False)
    assert done.returncode in (0, 1, 4), done.stderr.decode()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Write:
    """Return a function that writes a page and what it needs, once."""
    folder = tmp_path_factory.mktemp("driven")
    pages: dict[str, PageUnderTest] = {}

    def folder_of_run(name: str, *arguments: object) -> Path:
        out = folder / name
        if not out.exists():
            run_product(*arguments, out)
        return out

    def page_of(run: Path, log_name: str) -> Path:
        stem = Path(log_name).stem.replace("[", "_").replace("]", "_")
        (page,) = (run / "flights").glob(f"{stem}*.html")
        return page

    def write(name: str) -> PageUnderTest:
        if name in pages:
            return pages[name]
        sample_logs: Path = request.getfixturevalue("sample_logs")
        demo_log = sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt"
        if name.startswith("demo"):
            run = folder_of_run("demo", "demo")
            page = {"demo flight": page_of(run, demo_log.name), "demo index": run / "index.html"}
            found = PageUnderTest(page[name], demo_log) if name in page else None
            if found is None:
                out = folder / "demo_map.html"
                logs = [demo_log, *sorted(sample_logs.glob("FLY*.DAT")), *_mavlink(sample_logs)]
                run_product("map", *logs, "--out", out)
                found = PageUnderTest(out, demo_log)
        else:
            samples: Path = request.getfixturevalue("samples")
            record = samples / DJI_FOLDER / DJI_RECORD
            if name == "real ArduPilot flight":
                out = folder / "ardupilot.html"
                run_product("map", samples / ARDUPILOT_LOG, "--out", out)
                found = PageUnderTest(out, samples / ARDUPILOT_LOG)
            elif name == "real map":
                out = folder / "real_map.html"
                run_product("map", samples / DJI_FOLDER, samples / ARDUPILOT_LOG, "--out", out)
                found = PageUnderTest(out, record)
            else:
                run = folder_of_run("real", "audit", samples / DJI_FOLDER, "--out")
                index = run / "index.html"
                path = index if name == "real index" else page_of(run, DJI_RECORD)
                found = PageUnderTest(path, record)
        pages[name] = found
        return found

    return write


def _mavlink(sample_logs: Path) -> list[Path]:
    return sorted(sample_logs.glob("*.BIN"))[:2] + sorted(sample_logs.glob("*.ulg"))[:1]


FLIGHT_PAGES = ("demo flight", "real DJI flight", "real ArduPilot flight")
INDEX_PAGES = ("demo index", "demo map", "real index", "real map")


@pytest.fixture
def open_driven(browser: Any) -> Iterator[Callable[..., DrivenPage]]:
    """Return a function that opens a page on a screen, in light or dark, for one hand."""
    pages: list[Any] = []

    def open_(found: PageUnderTest, hand: Hand, screen: Screen, theme: Any) -> DrivenPage:
        page = browser.new_page()
        pages.append(page)
        # Other work on the same processors may keep a browser waiting.
        page.set_default_timeout(20_000)
        page.set_viewport_size({"width": screen.width, "height": screen.height})
        page.emulate_media(color_scheme=theme)
        session = browser.new_cdp_session(page)
        size = {"width": screen.width, "height": screen.height}
        metrics = {**size, "deviceScaleFactor": screen.scale, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", metrics)
        driven = DrivenPage(Visit(page), hand, found.log)
        page.goto(found.path.as_uri())
        page.wait_for_function("() => document.documentElement.dataset.ready === '1'")
        assert page.evaluate("devicePixelRatio") == screen.scale
        return driven

    yield open_
    for page in pages:
        page.close()


def check_whole_use(driven: DrivenPage, features: Sequence[Feature]) -> None:
    """Use features, and check that nothing was asked for, complained of or refused meanwhile."""
    failed, absent = use_features(driven, features)
    requests = [url for url in driven.visit.requests if not url.startswith(("blob:", "data:"))]
    if len(requests) != 1 or not requests[0].startswith("file:"):
        failed.append(f"asked for {requests}")
    failed += [f"axe: {one}" for one in violations_of_access(driven)]
    assert failed == [], f"not on this page: {absent}"
    assert len(absent) < len(features) / 2


def violations_of_access(driven: DrivenPage) -> list[Any]:
    """Return what axe complains of, of the page and of each of its tabs."""
    required("axe-core of npm", AXE.exists())
    page, found = driven.page, []
    page.evaluate(AXE.read_text("utf-8"))
    tabs = page.locator("#tabs button").evaluate_all("(all) => all.map((one) => one.id)")
    for tab in tabs or [""]:
        if tab:
            page.evaluate("(tab) => document.getElementById(tab).click()", tab)
        result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        found += [(tab, one["id"], one["nodes"][0]["target"]) for one in result["violations"]]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("name", [*FLIGHT_PAGES, *INDEX_PAGES])
def test_every_feature_is_used(
    written: Write, open_driven: Callable[..., DrivenPage], name: str, hand: Hand, screen: Screen,
    theme: str,
) -> None:  # fmt: skip
    features = FLIGHT_PAGE.features if name in FLIGHT_PAGES else INDEX_PAGE.features
    check_whole_use(open_driven(written(name), hand, screen, theme), features)


#: One page of each kind by each hand, on every screen: a third of the features each.
SPREAD = (
    ("demo flight", "keyboard", SCREENS[1], "dark", 0),
    ("demo flight", "pointer", SCREENS[2], "light", 1),
    ("demo index", "pointer", SCREENS[1], "light", 0),
    ("demo index", "keyboard", SCREENS[0], "dark", 1),
)


@pytest.mark.parametrize(("name", "hand", "screen", "theme", "part"), SPREAD)
def test_a_spread_of_features_is_used(
    written: Write, open_driven: Callable[..., DrivenPage], name: str, hand: Hand, screen: Screen,
    theme: str, part: int,
) -> None:  # fmt: skip
    features = FLIGHT_PAGE.features if name in FLIGHT_PAGES else INDEX_PAGE.features
    driven = open_driven(written(name), hand, screen, theme)
    failed, _ = use_features(driven, features[part::3])
    assert failed == []
    assert [url for url in driven.visit.requests if not url.startswith(("blob:", "data:"))] == [
        driven.page.url.partition("#")[0]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("name", ["demo flight", "real DJI flight"])
def test_links_lead_to_the_other_flights_and_to_the_index(
    written: Write, open_driven: Callable[..., DrivenPage], name: str, hand: Hand
) -> None:
    driven = open_driven(written(name), hand, SCREENS[0], "light")
    ready = "() => document.documentElement.dataset.ready === '1'"
    title = driven.text("h1")
    way = "a[rel=next]" if driven.has("a[rel=next]") else "a[rel=prev]"
    driven.activate(way)
    driven.wait_until("(before) => document.querySelector('h1').textContent !== before", title)
    driven.wait_until(ready)
    driven.activate("#to_index")
    driven.wait_until("() => document.querySelector('#flights')")
    driven.wait_until(ready)
    assert driven.text("h1") == "Flights audited"
    # From a finding or a row back to a page.
    driven.activate("#flights td.file a")
    driven.wait_until("() => document.querySelector('#lanes')")
    driven.wait_until(ready)
    # A video that this flight does not know is asked for on the index.
    driven.activate("#tab_captures") if hand == "pointer" else None
    assert driven.visit.complaints == []
