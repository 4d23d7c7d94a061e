"""How long questions take over a state of 20,000 flights, and whether what they say is right.

``python benchmarks/fleet_questions.py [--flights N]`` writes the rows of a made-up fleet straight
into the tables, without logs, and asks. The fleet flies over a county: 60 km by 60 km, three years,
40 aircraft, tracks of ten minutes with about 90 kept fixes.

``--state STATE`` asks the state of a run instead and writes nothing into it; ``--place LAT,LON``
names the place, which is where most flights were if it is not given.

Each question is asked twice: as a command, which is what somebody waits for, and of the open
database. Every figure of the summary is counted a second time by pandas; the exit code is 1 where
one differs.
"""

import argparse
import hashlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._summary_by_pandas import (
    summary_figures_by_pandas,
    tables_of_database,
)
from dji_audit.compliance.findings import Evidence
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.fleet.dashboard import draw_fleet_page
from dji_audit.fleet.questions.answer import Answer
from dji_audit.fleet.questions.fleet_summary import fleet_summary_answer
from dji_audit.fleet.questions.in_the_air_together import flights_together_answer
from dji_audit.fleet.questions.place_near_or_in_view import answer_when_place_near_or_in_view
from dji_audit.fleet.tables.flight_hardware_and_track_rows import (
    FlightHardwareRow,
    FlightTrackRow,
)
from dji_audit.fleet.tables.open_database import open_fleet_database_read_only
from dji_audit.fleet.tables.pack_track import pack_track
from dji_audit.fleet.tables.write_tables import write_fleet_tables_and_return_run_number
from dji_audit.mapper import FlightMapTrack
from dji_audit.mapper.flight_page._delta_encoding import encode_column
from dji_audit.mapper.html._escape import json_text_for_script_element
from dji_audit.mapper.html._folium import Bounds
from dji_audit.report.event_rows import EventRow
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.media_capture_rows import FlightCaptureRow, ListedCaptureRowsAndLeftOutCount
from dji_audit.report.network_contact_rows import (
    ContactEvidenceRow,
    ContactMatchSettingsRow,
    ContactRow,
    NetworkCoverageOfFlightRow,
)
from dji_audit.report.rows import FileRow, FindingRow, FlightRow, PolicyRuleRow, RuleResultRow

#: Seconds that each question may take.
GOALS_S = {"summary": 1.0, "place": 2.0, "together": 5.0}
_SOUTH, _WEST = 51.0, -1.0
_FIRST = pd.Timestamp("2023-11-01T06:00:00Z")
_RULES = tuple(f"rule_{number:02d}" for number in range(1, 31))
_APPLIED = {"rule_30": "local_data_mode", "rule_29": "missing_log"}
_AIRCRAFT = 40


def rows_of_fleet(flights: int, seed: int = 1) -> Iterator[object]:
    """Yield the rows of a made-up fleet; the same for the same numbers."""
    random = np.random.default_rng(seed)
    for rule in _RULES:
        yield PolicyRuleRow(
            rule=rule,
            applied_rule=_APPLIED.get(rule, rule),
            title=f"Title of {rule}",
            status="local policy",
            citation="",
            parameters={},
            parameter_sources={},
        )
    starts = np.sort(random.integers(0, 3 * 365 * 86_400, flights))
    for number in range(flights):
        yield from _rows_of_flight(number, int(starts[number]), random)


def _rows_of_flight(number: int, start_s: int, random: np.random.Generator) -> Iterator[object]:
    flight = f"{hashlib.sha256(str(number).encode()).hexdigest()[:8]}-1"
    sha256 = hashlib.sha256(f"log {number}".encode()).hexdigest()
    craft = int(random.integers(_AIRCRAFT))
    start = _FIRST + pd.Timedelta(seconds=start_s)
    latitude = _SOUTH + random.random() * 0.54
    longitude = _WEST + random.random() * 0.86
    track = _track_of_flight(start, latitude, longitude, random)
    outcomes = random.choice([*Outcome], len(_RULES), p=[0.45, 0.05, 0.01, 0.01, 0.3, 0.18])
    failed = int((outcomes == Outcome.FAIL).sum())
    verdict = FlightVerdict.NEEDS_LOOK if failed > 2 else FlightVerdict.CLEAN_IN_PART
    file = f"cards/{start:%Y-%m}/DJIFlightRecord_{number:05d}.txt"
    is_thermal = craft % 3 == 0
    captures = [
        FlightCaptureRow(
            start=start + pd.Timedelta(minutes=2), end=start + pd.Timedelta(minutes=6),
            sensor="thermal" if is_thermal else "visible", kind="video", grade="measured",
            source="record", media_file=None, file=file, sha256=sha256, offset=512,
        )
    ]  # fmt: skip
    if number % 150 == 7:
        yield FileRow(f"{file}.part", "unread", "cut short", 1000, "1" * 64, "dji_txt")
    if number % 5 == 0:
        yield _coverage_of_flight(flight, start, (number % 20) / 19)
    if number % 60 == 3:
        yield EventRow(
            flight=flight, time=start, end=None, kind="fault", severity="high", grade="reported",
            text=("Motor 2 stalled", "Vibration too high", "Compass error")[number % 3],
            value=None, latitude_deg=None, longitude_deg=None, record="APP_WARN", file=file,
            sha256=sha256, container_sha256=None, offset=2048,
        )  # fmt: skip
    yield FileRow(file, "read", size=1_000_000, sha256=sha256, format="dji_txt", flights=(flight,))
    yield FlightRow(
        id=flight,
        file=file,
        sha256=sha256,
        page=f"flights/{number:05d}.html",
        start=start,
        takeoff=start,
        landing=start + pd.Timedelta(minutes=10),
        duration_s=600.0,
        maker="DJI",
        aircraft=f"Model {craft % 5}",
        serial=f"SERIAL{craft:06d}",
        firmware={"aircraft": f"1.0.{start.year - 2020}"},
        app="Made-up app",
        distance_m=3000.0,
        max_height_ato_m=100.0,
        start_latitude_deg=latitude,
        start_longitude_deg=longitude,
        region=f"County {craft % 3}",
        fixes=600,
        videos=1,
        video_s=240.0,
        photos=3,
        thermal="yes" if is_thermal else "no",
        captures=ListedCaptureRowsAndLeftOutCount(rows=tuple(captures), left_out=0),
        verdict=verdict,
        findings=failed,
        worst=Severity.MEDIUM if failed else None,
        outcomes=Counter(Outcome(it) for it in outcomes),
    )
    for rule, outcome in zip(_RULES, outcomes, strict=True):
        yield RuleResultRow(flight=flight, rule=rule, outcome=Outcome(outcome), reason="A reason.")
        if outcome == Outcome.FAIL:
            yield FindingRow(
                flight=flight,
                rule=rule,
                outcome="fail",
                severity=Severity.MEDIUM,
                grade="measured",
                summary=f"{rule} was broken.",
                start=start,
                fingerprint=f"{number:06d}{rule}",
                evidence=(
                    Evidence(
                        file=file,
                        sha256=sha256,
                        offset=4096,
                        record="OSD",
                        field="height",
                        value="130",
                    ),
                ),
            )
    if number % 4 == 0:
        yield _contact_of_flight(flight, start, number)
    yield FlightHardwareRow(
        flight=flight,
        part="battery",
        serial=f"BATTERY{craft * 3 + number % 3:05d}",
        model=None,
        file=file,
        sha256=sha256,
    )
    packed = pack_track(track)
    ms = start.value // 1_000_000
    yield FlightTrackRow(
        flight=flight, timed=True, start_ms=ms, end_ms=ms + 600_000,
        south_deg=track.bounds.south, west_deg=track.bounds.west,
        north_deg=track.bounds.north, east_deg=track.bounds.east,
        fixes=600, kept=track.kept, tolerance_m=0.5, fix_error_m=2.0, clock_uncertainty_s=0.5,
        view_range_m=None, view_unknown_reason="Made up.", least_battery_pct=40.0,
        geometry=None, track=packed,
    )  # fmt: skip


def _track_of_flight(
    start: pd.Timestamp, latitude: float, longitude: float, random: np.random.Generator
) -> FlightMapTrack:
    count = 90
    ms = start.value // 1_000_000 + np.linspace(0, 600_000, count).astype(np.int64)
    north = latitude + np.cumsum(random.normal(0, 0.0004, count))
    east = longitude + np.cumsum(random.normal(0, 0.0006, count))
    data: dict[str, object] = {
        "timed": True, "kept": count, "fixes": 600, "ms": encode_column(ms, 1),
        "lat": encode_column(north, 10**6), "lon": encode_column(east, 10**6),
        "height": encode_column(np.full(count, 80.0), 10), "recording": None, "breaks": [],
        "camera": None,
    }  # fmt: skip
    bounds = Bounds(float(north.min()), float(east.min()), float(north.max()), float(east.max()))
    return FlightMapTrack(json_text_for_script_element(data), bounds, 600, count)


def _contact_of_flight(flight: str, start: pd.Timestamp, number: int) -> ContactRow:
    claims = ("contact", "probable_upload", "confirmed_upload")
    shown_by = ContactEvidenceRow(
        file="network.pcap", sha256="0" * 64, container_sha256=None, offset=24 + number,
        record="tls.server_name", time=start, time_grade="stated", claim=claims[number % 3],
    )  # fmt: skip
    return ContactRow(
        flight=flight, contacted_by="device", host=f"host{number % 7}.example", has_name=True,
        is_local=False, claim=claims[number % 3], first=start, last=start, row_count=2,
        bytes_up=1000, bytes_down=None, devices=("192.0.2.20",), apps=("Made-up app",),
        addresses=(), ports=(443,), protocols=("tls",), paths=(), operators=("Example",),
        categories=(), specificities=(), ldm_modules=(), jurisdictions=("CN",), hosting="",
        evidence=(shown_by,),
    )  # fmt: skip


def _coverage_of_flight(
    flight: str, start: pd.Timestamp, share: float
) -> NetworkCoverageOfFlightRow:
    return NetworkCoverageOfFlightRow(
        flight=flight, window_start=start, window_end=start + pd.Timedelta(minutes=15),
        covered_fraction=share, text="", insufficient_reason="" if share > 0.95 else "too little",
        gaps=(), devices=("192.0.2.20",), by_device={}, blind_spots={},
        match_settings=ContactMatchSettingsRow(
            before_takeoff_s=300.0, after_landing_s=300.0, min_coverage=0.95, clock_offset_s=0.0,
            upload_bytes=1000, low_confidence=False,
        ),
        logs=(),
    )  # fmt: skip


def main() -> int:
    """Ask, print the times, and check the summary; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flights", type=int, default=20_000, help="of a made-up fleet")
    parser.add_argument("--state", type=Path, help="a state of a run, which is only read")
    parser.add_argument("--place", help="latitude,longitude")
    chosen = parser.parse_args()
    if chosen.state is not None:
        return ask_state(chosen.state, chosen.place)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        began = time.perf_counter()
        write_fleet_tables_and_return_run_number(
            state, rows_of_fleet(chosen.flights), {"tool_version": "made up"}
        )
        print(f"write     {time.perf_counter() - began:6.2f} s for {chosen.flights:,} flights")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak      {peak:6.0f} MB while writing")
        return ask_state(state, chosen.place or f"{_SOUTH + 0.27},{_WEST + 0.43}")


def ask_state(state: Path, place: str | None) -> int:
    """Ask a state, and check its summary; return the exit code."""
    with open_fleet_database_read_only(state) as base:
        where = place or _most_visited_place(base)
        latitude, longitude = map(float, where.split(","))
        questions: dict[str, tuple[list[str], Callable[[], Answer]]] = {
            "summary": ([], lambda: fleet_summary_answer(base)),
            "place": (
                [where],
                lambda: answer_when_place_near_or_in_view(base, latitude, longitude),
            ),
            "together": ([], lambda: flights_together_answer(base)),
        }
        print(f"place     {where}")
        for name, (words, ask) in questions.items():
            wall_s, processor_s = _command_seconds(["fleet", str(state), name, *words])
            began = time.perf_counter()
            answer = ask()
            took = time.perf_counter() - began
            verdict = "holds" if wall_s <= GOALS_S[name] else "DOES NOT HOLD"
            print(
                f"{name:9} {wall_s:6.2f} s as a command, goal {GOALS_S[name]:g} s: {verdict} "
                f"({processor_s:.2f} s of the processor); {took:.2f} s with the database open, "
                f"{len(answer.rows):,} rows"
            )
        stated = {str(row[0]): row[1] for row in fleet_summary_answer(base).rows}
    began = time.perf_counter()
    page_mb = len(draw_fleet_page(state)) / 1e6
    print(f"page      {time.perf_counter() - began:6.2f} s, {page_mb:.1f} MB")
    counted = summary_figures_by_pandas(tables_of_database(state))
    differing = [name for name in {**stated, **counted} if stated.get(name) != counted.get(name)]
    for name in differing:
        print(f"DIFFERS   {name}: {stated.get(name)}, by pandas {counted.get(name)}")
    print(f"figures   {len(stated)} of the summary, {len(differing)} other than by pandas")
    return 1 if differing else 0


def _most_visited_place(base: sqlite3.Connection) -> str:
    """Return a place in the area of the most tracks."""
    boxes = pd.read_sql_query("SELECT south_deg, west_deg, north_deg, east_deg FROM tracks", base)
    middles = pd.DataFrame(
        {
            "latitude": (boxes["south_deg"] + boxes["north_deg"]) / 2,
            "longitude": (boxes["west_deg"] + boxes["east_deg"]) / 2,
        }
    )
    cells = middles.round(2)
    most = cells.value_counts().index[0]
    in_cell = (cells["latitude"] == most[0]) & (cells["longitude"] == most[1])
    near = middles[in_cell].median()
    return f"{near['latitude']:.5f},{near['longitude']:.5f}"


def _command_seconds(words: Sequence[str]) -> tuple[float, float]:
    """Return the time by the clock and of the processor that a command takes, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("dji-audit"), *words],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


if __name__ == "__main__":
    sys.exit(main())
