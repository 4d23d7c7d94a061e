"""Take the pictures of the documents in headless Chromium: flight, index, fleet, server.

The server shows whole paths.  For its picture two plain folders are made and removed again, which
takes the rights to do so: ``python docs/screenshot.py --without serve`` leaves it out.
"""

import argparse
import contextlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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
#: What the page of the server shows, and where it lies; none of it may be there before.
EVIDENCE, STATE = Path("/evidence"), Path("/srv/dji-audit")
CARDS = {
    "2026-05 cards/aircraft 1": ("DJIFlightRecord_2026-05-14_[10-01-58].txt", "FLY042.DAT"),
    "2026-05 cards/tablet": ("2026-05-14 12-01-58.tlog",),
}  # fmt: skip
DROPPED = ("DJIFlightRecord_2026-05-14_[10-01-58]_damaged.txt", "DJI_20260514100443_0001_D.MP4")
#: Flights of the made-up fleet, and an address that leads to the contacts of one aircraft.
FLEET_FLIGHTS, FLEET_CONTACTS = 1500, "list=contacts&host=host3.example&serial=SERIAL000033"
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
    """Take the pictures of each page."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", choices=("flight", "index", "fleet", "serve"), action="append")
    left_out = parser.parse_args().without or []
    command = Path(sys.executable).with_name("dji-audit")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            Path(folder) / "profile",
            executable_path="/usr/bin/chromium",
            args=list(FLAGS),
            viewport={"width": 1600, "height": 950},
        )
        page = browser.new_page()
        if "flight" not in left_out:
            page_file = Path(folder) / "flight.html"
            logs = [SAMPLES / name for name in LOGS]
            options = ["--place", PLACE, "--plot", "OSD", "--out", page_file]
            subprocess.run([command, "map", *logs, *options], check=True)  # noqa: S603
            for picture in PICTURES:
                take_flight(page, page_file, picture)
            take_footage(page, page_file)
        if "index" not in left_out:
            take_index(page, Path(folder) / "index.html")
        if "fleet" not in left_out:
            take_fleet(page, Path(folder))
        if "serve" not in left_out:
            with served_state(command) as address:
                take_serve(page, address)
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


def save_screenshot(page: Any, name: str, *, full_page: bool = False) -> None:
    """Save what the page shows now, with a palette of 192 colours: a third of the bytes."""
    picture = Image.open(BytesIO(page.screenshot(full_page=full_page))).convert("RGB")
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


def take_fleet(page: Any, folder: Path) -> None:
    """Take the pictures of the dashboard of the made-up fleet of its benchmark."""
    from benchmarks.fleet_questions import rows_of_fleet
    from dji_audit.fleet.dashboard import draw_fleet_page
    from dji_audit.fleet.tables.write_tables import write_fleet_tables_and_return_run_number

    write_fleet_tables_and_return_run_number(
        folder, rows_of_fleet(FLEET_FLIGHTS), {"tool_version": "made up"}
    )
    page_file = folder / "fleet.html"
    page_file.write_text(draw_fleet_page(folder), encoding="utf-8")
    for name, height, scheme, fragment in (
        ("fleet.png", 1000, "light", ""),
        ("fleet-contacts-dark.png", 620, "dark", FLEET_CONTACTS),
    ):
        page.set_viewport_size({"width": 1366, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.goto("about:blank")
        page.goto(f"{page_file.as_uri()}#{fragment}")
        page.wait_for_timeout(600)
        if fragment:
            page.locator("#result").evaluate("(part) => part.scrollIntoView()")
        save_screenshot(page, name)


@contextlib.contextmanager
def served_state(command: Path) -> Iterator[str]:
    """Yield the address of a server over the plain folders, which are removed at the end."""
    for folder in (EVIDENCE, STATE):
        if folder.exists():
            raise SystemExit(f"{folder} is there: its contents are not touched")
    try:
        for name, logs in CARDS.items():
            (EVIDENCE / name).mkdir(parents=True)
            for log in logs:
                shutil.copy(SAMPLES / log, EVIDENCE / name)
        order = [command, "serve", STATE, "--evidence", EVIDENCE / "2026-05 cards"]
        with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
            told = server.stdout.readline() if server.stdout is not None else ""
            address = re.search(r"http://\S+", told)
            if address is None:
                raise SystemExit(f"the server gave no address: {told}")
            yield address[0]
            server.send_signal(signal.SIGINT)
    finally:
        for folder in (EVIDENCE, STATE):
            shutil.rmtree(folder, ignore_errors=True)


def take_serve(page: Any, address: str) -> None:
    """Add files, audit, acknowledge a finding, and take the pictures of the page of the server."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    page.locator("#files").set_input_files([SAMPLES / name for name in DROPPED])
    wait_for_words(page, "#delivered", f"{len(DROPPED)} files added")
    page.click("#audit")
    wait_for_words(page, "#run_state", "Audit ended")
    page.locator("#open_table input").nth(1).check()
    page.fill("#by", "Insp 12")
    page.fill("#reason", "Live video to the command vehicle, log 4711")
    page.click("#acknowledge")
    wait_for_words(page, "#run_state", "Judging again ended")
    page.click("#settled summary")
    page.locator("#open_table input").first.check()
    page.fill("#reason", "Wind gust; pilot briefed")
    save_screenshot(page, "serve.png", full_page=True)
    page.click("#settled summary")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#look").evaluate("(part) => part.scrollIntoView()")
    save_screenshot(page, "serve-phone.png")


def wait_for_words(page: Any, selector: str, words: str) -> None:
    """Wait until an element of the page shows some words."""
    page.wait_for_function(
        "([selector, words]) => document.querySelector(selector).textContent.includes(words)",
        arg=[selector, words],
        timeout=120_000,
    )


if __name__ == "__main__":
    main()
