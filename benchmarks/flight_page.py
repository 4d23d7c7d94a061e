"""How large, how soon ready and how quick the page of an hour at 10 Hz is, in headless Chromium.

``python benchmarks/flight_page.py`` draws 36,000 fixes with the noise of real sensors, three
recordings and 40 photos, opens the page five times and prints the best of each figure beside its
budget and beside its peer: the same positions as plain Leaflet lines in the same browser, and as
lines of plain folium.  It fails if a budget is not kept.  A shared machine is noisy: read the
ratios.
"""

import math
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1]))
import parsers
from benchmarks._audit_basis import BASIS_OF_BENCHMARKS
from dji_audit.compliance.audit import FlightAudit
from dji_audit.flights import assemble_flights
from dji_audit.mapper import render_flight_page_html
from parsers import _tables as tables

FIXES, HERTZ = 36_000, 10
ROUNDS = 5
START_NS = 1_778_749_318_000_000_000
CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
#: What is measured in an open page, in milliseconds: the mean of steps, the best of repaints.
STEP = """() => {
  const { seekTo, start, end } = window.__flightPage;
  const count = 200;
  const began = performance.now();
  for (let i = 0; i < count; i += 1) seekTo(start + (end - start) * ((i * 37) % count) / count);
  return (performance.now() - began) / count;
}"""
REDRAW = """() => {
  const { redraw } = window.__flightPage;
  // Reading a pixel waits until all is painted.
  const sheets = [...document.querySelectorAll('canvas.canvas_layer')];
  const paint = () => {
    redraw();
    for (const sheet of sheets) sheet.getContext('2d').getImageData(0, 0, 1, 1);
  };
  let best = Infinity;
  for (let i = 0; i < 20; i += 1) {
    const began = performance.now();
    paint();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}"""
#: The same fixes as Leaflet draws them: a line for each tenth of the path, on its own canvas.
LEAFLET_REDRAW = """(positions) => {
  const { map } = window.__flightPage;
  const renderer = L.canvas();
  const runs = [];
  for (let i = 0; i < 10; i += 1) runs.push(positions.slice(i * 3600, (i + 1) * 3600 + 1));
  const lines = runs.flatMap((run) => [
    L.polyline(run, { renderer, weight: 13, opacity: 0.3 }),
    L.polyline(run, { renderer, weight: 3 }),
  ]);
  lines.forEach((line) => line.addTo(map));
  let best = Infinity;
  for (let i = 0; i < 20; i += 1) {
    const began = performance.now();
    lines.forEach((line) => line._reset());
    renderer._draw();
    renderer._ctx.getImageData(0, 0, 1, 1);
    best = Math.min(best, performance.now() - began);
  }
  lines.forEach((line) => line.remove());
  return best;
}"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure with its budget and what a peer needs for the same."""

    name: str
    value: float
    budget: float
    unit: str
    peer: float | None = None
    peer_name: str = ""

    def line(self) -> str:
        """Return the row of the table."""
        kept = "kept" if self.value <= self.budget else "NOT KEPT"
        row = f"{self.name:34}{self.value:9.2f} {self.unit:3} of {self.budget:g} {kept:9}"
        if self.peer is not None:
            row += f"  {self.peer_name}: {self.peer:.2f} ({self.peer / self.value:.1f} times)"
        return row


def made_flight() -> FlightAudit:
    """Return an hour of survey at 10 Hz with noise, three recordings and 40 photos."""
    rng = np.random.default_rng(1)
    seconds = np.arange(FIXES) / HERTZ
    lane = np.floor(seconds / 120)
    along = seconds / 120 - lane
    east = 600 * np.where(lane % 2 == 0, along, 1 - along)
    north = 25 * (lane + np.clip((along - 0.92) / 0.08, 0, 1))
    latitude = 52.2 + (north + _wander(rng)) / 111_195
    longitude = 0.12 + (east + _wander(rng)) / (111_195 * math.cos(math.radians(52.2)))
    height = np.clip(seconds, 0, 60) + rng.normal(0, 0.1, FIXES)
    heading = (np.where(lane % 2 == 0, 90, 270) + rng.normal(0, 1, FIXES)) % 360
    track = tables.build_table(
        tables.TRACK,
        {
            "time": START_NS + (seconds * 1e9).astype(np.int64),
            "latitude_deg": latitude,
            "longitude_deg": longitude,
            "height_ato_m": height,
            "altitude_amsl_m": height + 20,
            "ground_speed_mps": 5 + rng.normal(0, 0.2, FIXES),
            "vertical_speed_mps": rng.normal(0, 0.1, FIXES),
            "heading_deg": heading,
            "pitch_deg": rng.normal(-4, 1.5, FIXES),
            "roll_deg": rng.normal(0, 1.5, FIXES),
            "gimbal_yaw_deg": (heading + rng.normal(0, 0.3, FIXES)) % 360,
            "gimbal_pitch_deg": np.round(-60 + rng.normal(0, 0.2, FIXES), 1),
            "satellites": 15 + (rng.random(FIXES) > 0.9),
            "fix_ok": np.ones(FIXES, bool),
            "battery_pct": np.round(98 - 70 * seconds / 3600),
            "flight_mode": np.where(seconds < 40, "Takeoff", "Waypoint"),
            "source_offset": 512 + 347 * np.arange(FIXES),
        },
        FIXES,
    )
    log = parsers.Log(
        parsers.Source("hour_at_10_hz.txt", 12_500_000, "a" * 64, "dji-txt"),
        track=track,
        captures=_captures(),
    )
    return FlightAudit(assemble_flights(log)[0], ())


def _wander(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return the error of a receiver in metres: it wanders, and it trembles."""
    return np.cumsum(rng.normal(0, 0.01, FIXES)) + rng.normal(0, 0.02, FIXES)


def _captures() -> Any:
    spans = [(300, 900, "visible"), (600, 1500, "thermal"), (2000, 2600, "unknown")]
    rows = [(start, end, "video", sensor) for start, end, sensor in spans]
    rows += [(1600 + 8 * number, 1600 + 8 * number, "photo", "visible") for number in range(40)]
    columns: Mapping[str, Any] = {
        "start": [START_NS + start * 10**9 for start, *_ in rows],
        "end": [START_NS + end * 10**9 for _, end, *_ in rows],
        "kind": [kind for _, _, kind, _ in rows],
        "sensor": [sensor for *_, sensor in rows],
        "source": ["made"] * len(rows),
        "grade": ["reported"] * len(rows),
        "source_offset": list(range(len(rows))),
    }
    return tables.build_table(tables.CAPTURES, columns, len(rows))


def folium_megabytes(positions: list[list[float]]) -> float:
    """Return the size of plain folium's page of the same path, coloured by height."""
    import folium
    from folium.features import ColorLine

    drawing = folium.Map(location=positions[0], tiles=None)
    colours = list(np.linspace(0, 1, len(positions) - 1))
    ColorLine(positions, colours, nb_steps=8).add_to(drawing)
    return len(drawing.get_root().render()) / 1e6


def main() -> int:
    """Measure, print, and return 1 if a budget is not kept."""
    if not CHROMIUM.exists():
        sys.stdout.write("not run: chromium is not here\n")
        return 0
    audit = made_flight()
    began = time.process_time()
    html = render_flight_page_html(audit, basis=BASIS_OF_BENCHMARKS, generated=None)
    drawn_s = time.process_time() - began
    table = audit.flight.track
    positions = table[["latitude_deg", "longitude_deg"]].to_numpy().tolist()
    ready, step, redraw, leaflet = _measure_in_browser(html, positions)
    figures = [
        Measured("page without a base map", len(html.encode()) / 1e6, 2.5, "MB",
                 folium_megabytes(positions), "plain folium"),
        Measured("from opening to ready", ready, 1500, "ms"),
        Measured("a step of the time line", step, 5, "ms"),
        Measured("a redraw of the whole map", redraw, 20, "ms", leaflet, "Leaflet's lines"),
    ]  # fmt: skip
    sys.stdout.write(f"{FIXES:,} fixes; drawn by Python in {drawn_s:.2f} s of processor time\n")
    for figure in figures:
        sys.stdout.write(f"{figure.line()}\n")
    return int(any(figure.value > figure.budget for figure in figures))


def _measure_in_browser(
    html: str, positions: list[list[float]]
) -> tuple[float, float, float, float]:
    """Return the best of: opening, a step, a redraw, and a redraw by Leaflet; milliseconds."""
    from playwright.sync_api import sync_playwright

    ready, step, redraw, leaflet = [], [], [], []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(html, encoding="utf-8")
        browser = playwright.chromium.launch_persistent_context(
            Path(folder) / "profile",
            executable_path=str(CHROMIUM),
            args=SWITCHES.split(),
            viewport={"width": 1366, "height": 768},
        )
        for _ in range(ROUNDS):
            page = browser.new_page()
            began = time.perf_counter()
            page.goto(path.as_uri())
            page.wait_for_function("() => document.documentElement.dataset.ready === '1'")
            ready.append(1000 * (time.perf_counter() - began))
            page.wait_for_timeout(300)
            step.append(page.evaluate(STEP))
            redraw.append(page.evaluate(REDRAW))
            leaflet.append(page.evaluate(LEAFLET_REDRAW, positions))
            page.close()
        browser.close()
    return min(ready), min(step), min(redraw), min(leaflet)


if __name__ == "__main__":
    sys.exit(main())
