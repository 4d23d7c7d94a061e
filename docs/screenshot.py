"""Take the pictures of the documents in headless Chromium: a flight page, and an index."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
SAMPLES = HERE.parent / "sample_logs"
#: The files that tell the flight, and two captures of the network around it.
LOGS = (
    "DJIFlightRecord_2026-05-14_[10-01-58].txt", "FLY042.DAT", "DJI_20260514100443_0001_D.MP4",
    "DJI_20260514100443_0001_D.SRT", "DJI_20260514100915_0002_T.JPG",
    "DJI_20260514100915_0002_W.JPG", "network/2026-05-14_router_wlan0.pcap",
    "network/PCAPdroid_14_May_09_40_11.pcapng",
)  # fmt: skip
#: The place that is asked for, and the moment that is shown.
PLACE, MOMENT = "50.61725,-3.96610", "2026-05-14T09:05:42.000Z"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture of the page of the flight: what it shows, and on what screen."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]
    #: The address after the ``#``.
    fragment: str


PICTURES = (
    Picture("flight.png", 1600, 950, "light", f"tab=view&t={MOMENT}"),
    Picture(
        "plots-dark.png", 1366, 900, "dark",
        f"tab=plots&colour=height&plots=height,OSD.speed_down_mps,OFDM.signal_pct&t={MOMENT}",
    ),
    Picture("flight-phone.png", 390, 844, "light", f"t={MOMENT}"),
)  # fmt: skip


def main() -> None:
    """Draw the page, open it, take its pictures and that of the index."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "flight.html"
        command = Path(sys.executable).with_name("dji-audit")
        logs = [SAMPLES / name for name in LOGS]
        options = ["--place", PLACE, "--plot", "OSD", "--out", page_file]
        subprocess.run([command, "map", *logs, *options], check=True)  # noqa: S603
        browser = playwright.chromium.launch_persistent_context(
            Path(folder) / "profile",
            executable_path="/usr/bin/chromium",
            args=list(FLAGS),
            viewport={"width": 1600, "height": 950},
        )
        page = browser.new_page()
        for picture in PICTURES:
            take_flight(page, page_file, picture)
        take_footage(page, page_file)
        take_index(page, Path(folder) / "index.html")
        browser.close()


def take_flight(page: Any, path: Path, picture: Picture) -> None:
    """Take one picture of the page of the flight."""
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.emulate_media(color_scheme=picture.scheme)
    page.goto("about:blank")
    page.goto(f"{path.as_uri()}#{picture.fragment}")
    page.wait_for_selector("html[data-ready='1']")
    page.wait_for_timeout(400)
    save_screenshot(page, picture.name)


def save_screenshot(page: Any, name: str) -> None:
    """Save what the page shows now, with a palette of 192 colours: a third of the bytes."""
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    reduced = picture.quantize(192, dither=Image.Dither.NONE)
    reduced.save(HERE / "images" / name, optimize=True)


def take_footage(page: Any, path: Path) -> None:
    """Take the picture of the page with the video of the flight beside the map."""
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(color_scheme="light")
    page.goto("about:blank")
    page.goto(f"{path.as_uri()}#tab=captures&t={MOMENT}")
    page.wait_for_selector("html[data-ready='1']")
    page.locator("#video_files").set_input_files(SAMPLES / "DJI_20260514100443_0001_D.MP4")
    page.locator("#video_list .card", has_text="SHA-256 is the same").wait_for()
    page.wait_for_timeout(600)
    save_screenshot(page, "footage.png")


def take_index(page: Any, path: Path) -> None:
    """Take the picture of the index of the synthetic flights of its benchmark."""
    from benchmarks.index_page import made_index

    path.write_text(made_index(36, 36), encoding="utf-8")
    page.set_viewport_size({"width": 1366, "height": 900})
    page.goto(f"{path.as_uri()}#place=Hexham%2C+Northumberland")
    page.locator("#flight_section").evaluate("(part) => part.scrollIntoView()")
    page.wait_for_timeout(400)
    save_screenshot(page, "index.png")


if __name__ == "__main__":
    main()
