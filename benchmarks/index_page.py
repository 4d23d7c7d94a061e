"""Open the index of many flights in a browser, beside a bare table of as many rows.

    python benchmarks/index_page.py [--flights 10000] [--tracks 1000] [--rounds 3]

Two pages are made of synthetic flights: an index of ``--flights`` of which a map shows the tracks
of as many as one map draws, and an index of ``--tracks`` flights with all their tracks.  Each is
opened in Debian's Chromium without a graphics card, in a new tab, and the time until it is ready
to be used is the shortest of the rounds.  The bare table has the same rows and no script: what a
browser needs to lay them out.  Wanted, on a computer that does nothing else, are 2 s for 10,000
flights and 3 s for the map of 1,000; as ratios, which hold on a busy one too, an index that is
ready in a quarter of the time of the bare table, and a map in an eighth of it.  Last figures: 0.14
and 0.06.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks._audit_basis import BASIS_OF_BENCHMARKS
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.geo.track_simplification import ValuesWithTolerance, indices_of_fixes_to_keep
from dji_audit.mapper import FlightMapTrack, IndexPageOptions, render_index_page_html
from dji_audit.mapper.flight_page._delta_encoding import encode_column
from dji_audit.mapper.html._escape import json_text_for_script_element
from dji_audit.mapper.html._folium import Bounds
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.rows import FindingRow, FlightRow, RunContents

_WANTED_INDEX_RATIO, _WANTED_MAP_RATIO = 0.25, 0.125
_TOWNS = (
    ("2.1 km NE of Sheerness, Kent", 51.455, 0.79),
    ("1.4 km S of Hexham, Northumberland", 54.955, -2.10),
    ("3.0 km W of Swaffham, Norfolk", 52.648, 0.645),
)
_CHROMIUM = "/usr/bin/chromium"


def made_row(number: int, random: np.random.Generator) -> FlightRow:
    """Return the row of a flight."""
    place, latitude, longitude = _TOWNS[number % len(_TOWNS)]
    hours = int(random.integers(0, 24 * 200))
    start = pd.Timestamp("2025-03-01T09:00:00Z") + pd.Timedelta(hours=hours, minutes=number % 60)
    seconds = float(random.integers(240, 1500))
    has_failed = random.random() < 0.2
    verdicts = (FlightVerdict.CLEAN, FlightVerdict.CLEAN_IN_PART, FlightVerdict.NOT_CHECKED)
    return FlightRow(
        id=f"{number:08x}-1",
        file=f"2025/DJIFlightRecord_{start:%Y-%m-%d_[%H-%M-%S]}.txt",
        sha256="ab" * 32,
        page=f"flights/{number}.html",
        start=start,
        takeoff=start,
        landing=start + pd.Timedelta(seconds=seconds),
        maker="DJI",
        aircraft="Matrice 30T",
        aircraft_name=f"Unit {number % 8}",
        serial=f"1581F5BKD{number % 12:03d}",
        firmware={"aircraft": f"01.04.{number % 5:04d}"},
        duration_s=seconds,
        distance_m=4 * seconds,
        max_height_ato_m=60 + 60 * random.random(),
        max_home_distance_m=400.0,
        videos=2,
        video_s=122.0,
        photos=1,
        thermal=("yes", "no", "unknown")[number % 3],
        outcomes={Outcome.FAIL: int(has_failed), Outcome.NOT_ASSESSABLE: 1, Outcome.PASS: 2},
        worst=Severity.HIGH if has_failed else None,
        verdict=FlightVerdict.NEEDS_LOOK if has_failed else verdicts[number % 3],
        start_latitude_deg=latitude + random.normal() * 0.02,
        start_longitude_deg=longitude + random.normal() * 0.03,
        place=place,
    )


def made_track(row: FlightRow, random: np.random.Generator) -> FlightMapTrack:
    """Return the simplified track of a flight at 5 Hz that turns now and then."""
    fixes = int((row.duration_s or 0) * 5)
    seconds = np.arange(fixes) / 5
    heading = np.cumsum((random.random(fixes) < 0.02) * random.normal(0, 1.2, fixes))
    east, north = (np.cumsum(turn(heading) * 0.8) for turn in (np.sin, np.cos))
    kept = indices_of_fixes_to_keep(seconds, [ValuesWithTolerance((east, north), 0.42)])
    start = 0 if row.start is None else row.start.value // 1_000_000
    latitude = (row.start_latitude_deg or 0) + north[kept] / 111_200
    longitude = (row.start_longitude_deg or 0) + east[kept] / 68_000
    flat = np.full(len(kept), 60.0)
    times = encode_column(start + np.round(seconds[kept] * 1000), 1)
    camera: dict[str, Any] = {
        "why_not": "", "sensor": "visible", "captures": [], "photos": [], "ground": None,
        "errors": {}, "farthest_m": 2000.0, "kept": len(kept), "ms": times,
        "yaw": encode_column(np.degrees(heading[kept]), 10),
    }  # fmt: skip
    data: dict[str, Any] = {
        "timed": True,
        "kept": len(kept),
        "fixes": fixes,
        "ms": times,
        "lat": encode_column(latitude, 10**6),
        "lon": encode_column(longitude, 10**6),
        "height": encode_column(flat, 10),
        "recording": encode_column(np.arange(len(kept)) % 9 // 5 * 4, 1),
        "breaks": [],
        "camera": camera,
    }
    box = Bounds(*(float(f(axis)) for f in (np.min, np.max) for axis in (latitude, longitude)))
    return FlightMapTrack(json_text_for_script_element(data), box, fixes, len(kept))


def made_index(flights: int, tracks: int) -> str:
    """Return the index of so many flights, of which so many have a track."""
    random = np.random.default_rng(1)
    rows = sorted(
        (made_row(number, random) for number in range(flights)), key=lambda row: str(row.start)
    )
    findings = [
        FindingRow(
            flight=row.id,
            rule="height_limit",
            outcome=Outcome.FAIL,
            severity=Severity.HIGH,
            grade="measured",
            summary="131.2 m above take-off, 11.2 m over 120 m",
            start=row.start,
        )
        for row in rows
        if row.worst
    ]
    return render_index_page_html(
        RunContents((), tuple(rows), findings=tuple(findings)),
        IndexPageOptions(
            basis=BASIS_OF_BENCHMARKS,
            generated=None,
            verdict_line=f"{flights:,} flights",
            tracks={row.id: made_track(row, random) for row in rows[:tracks]},
        ),
    )


def bare_table(index: str) -> str:
    """Return the table of flights of an index with its styles and without any script."""
    styles = "".join(re.findall(r"<style>.*?</style>", index, re.DOTALL))
    table = index[index.index('<table id="flights">') :]
    table = table[: table.index("</table>")]
    return f"<!DOCTYPE html><meta charset=utf-8>{styles}{table}</table>"


def seconds_until_ready(pages: dict[str, Path], rounds: int) -> Iterator[tuple[str, float]]:
    """Yield the shortest time in which a browser has each page ready to be used, and painted."""
    from playwright.sync_api import sync_playwright

    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=switches)
        for name, path in pages.items():
            spent = []
            for _ in range(1 if name == "bare table" else rounds):
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                begin = time.perf_counter()
                page.goto(path.as_uri())
                # Asked for the place of an element, the browser must have laid the page out.
                page.evaluate("document.body.lastElementChild.getBoundingClientRect().top")
                is_ready = page.evaluate("document.documentElement.dataset.ready")
                spent.append(time.perf_counter() - begin)
                if name != "bare table" and is_ready != "1":
                    raise RuntimeError(f"{name} is not ready when it has been loaded")
                page.close()
            yield name, min(spent)
        browser.close()


def main() -> int:
    """Print the times and their ratios; return 1 if a page takes too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--flights", type=int, default=10_000)
    parser.add_argument("--tracks", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if not Path(_CHROMIUM).exists():
        sys.stdout.write(f"not run: {_CHROMIUM} is not here\n")
        return 0
    index = made_index(given.flights, given.tracks)
    texts = {
        "bare table": bare_table(index),
        "index": index,
        "map": made_index(given.tracks, given.tracks),
    }
    with tempfile.TemporaryDirectory() as folder:
        pages = {name: Path(folder) / f"{name}.html" for name in texts}
        for name, text in texts.items():
            pages[name].write_text(text, encoding="utf-8")
        spent = dict(seconds_until_ready(pages, given.rounds))
    bare = spent["bare table"]
    wanted = {"bare table": np.inf, "index": _WANTED_INDEX_RATIO, "map": _WANTED_MAP_RATIO}
    counts = {"bare table": given.flights, "index": given.flights, "map": given.tracks}
    for name, seconds in spent.items():
        sys.stdout.write(
            f"{name:<10} {counts[name]:>6,} flights {len(texts[name]) / 1e6:5.1f} MB "
            f"{seconds:6.2f} s, {seconds / bare:.2f} of the bare table\n"
        )
    return int(any(spent[name] / bare > wanted[name] for name in spent))


if __name__ == "__main__":
    sys.exit(main())
