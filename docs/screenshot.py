"""Take the picture of the README: the page of the first synthetic log, in headless Chromium."""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LOG = HERE.parent / "sample_logs" / "DJIFlightRecord_2026-05-14_[10-01-58].txt"
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
        subprocess.run([command, "map", LOG, "--out", page_file], check=True)  # noqa: S603
        browser = playwright.chromium.launch_persistent_context(
            Path(folder) / "profile",
            executable_path="/usr/bin/chromium",
            args=list(FLAGS),
            viewport={"width": 1600, "height": 950},
        )
        page = browser.new_page()
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready='1']")
        middle = "s => s.value = (Number(s.min) + Number(s.max)) / 2.2"
        page.locator("input[type=range]").evaluate(middle)
        page.locator("input[type=range]").dispatch_event("input")
        page.wait_for_timeout(400)
        page.screenshot(path=HERE / "images" / "flight.png")
        browser.close()


if __name__ == "__main__":
    main()
