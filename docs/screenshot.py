"""Take the pictures of the documents in headless Chromium: a flight page, and an index."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

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
#: The place that is asked for, and how far into the flight the picture is taken.
PLACE, SHARE = "50.61725,-3.96610", 0.387
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def main() -> None:
    """Draw the page, open it, move to the video, take the picture."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "flight.html"
        command = Path(sys.executable).with_name("dji-audit")
        logs = [SAMPLES / name for name in LOGS]
        options = ["--place", PLACE, "--out", page_file]
        subprocess.run([command, "map", *logs, *options], check=True)  # noqa: S603
        browser = playwright.chromium.launch_persistent_context(
            Path(folder) / "profile",
            executable_path="/usr/bin/chromium",
            args=list(FLAGS),
            viewport={"width": 1600, "height": 950},
        )
        page = browser.new_page()
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready='1']")
        page.locator("#tab_view").click()
        page.locator("input[type=range]").evaluate(f"s => s.value = Number(s.max) * {SHARE}")
        page.locator("input[type=range]").dispatch_event("input")
        page.wait_for_timeout(400)
        page.screenshot(path=HERE / "images" / "flight.png")
        take_index(page, Path(folder) / "index.html")
        browser.close()


def take_index(page: Any, path: Path) -> None:
    """Take the picture of the index of the synthetic flights of its benchmark."""
    from benchmarks.index_page import made_index

    path.write_text(made_index(36, 36), encoding="utf-8")
    page.set_viewport_size({"width": 1366, "height": 900})
    page.goto(f"{path.as_uri()}#place=Hexham%2C+Northumberland")
    page.locator("#flight_section").evaluate("(part) => part.scrollIntoView()")
    page.wait_for_timeout(400)
    page.screenshot(path=HERE / "images" / "index.png")


if __name__ == "__main__":
    main()
