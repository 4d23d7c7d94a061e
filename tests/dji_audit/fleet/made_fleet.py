"""A small fleet, written straight into the tables of a state: every figure of it is known."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dji_audit.compliance.findings import Evidence
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.fleet.tables.flight_hardware_and_track_rows import (
    FlightHardwareRow,
    FlightTrackRow,
)
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

SHA = "ab" * 32
#: Where the first flight takes off: Sheerness.
PLACE = (51.4405, 0.7650)
#: Metres of a degree of latitude and of longitude there, to 0.1 %.
NORTH_M, EAST_M = 111_270.0, 69_560.0


def instant(text: str) -> pd.Timestamp:
    """Return an instant of 2026."""
    return pd.Timestamp(f"2026-{text}Z")


def packed_track(
    start: pd.Timestamp,
    seconds: list[float],
    east_m: list[float],
    north_m: list[float],
    *,
    origin: tuple[float, float] = PLACE,
    breaks: tuple[int, ...] = (),
    height_m: float = 80.0,
    timed: bool = True,
) -> FlightMapTrack:
    """Return a track on the map of all flights through points east and north of an origin."""
    latitude = origin[0] + np.array(north_m) / NORTH_M
    longitude = origin[1] + np.array(east_m) / EAST_M
    ms = (np.array(seconds) * 1000).astype(np.int64) + (start.value // 10**6 if timed else 0)
    count = len(seconds)
    data: dict[str, object] = {
        "timed": timed, "kept": count, "fixes": 10 * count, "ms": encode_column(ms, 1),
        "lat": encode_column(latitude, 10**6), "lon": encode_column(longitude, 10**6),
        "height": encode_column(np.full(count, height_m), 10), "recording": None,
        "breaks": list(breaks), "camera": None,
    }  # fmt: skip
    bounds = Bounds(
        float(latitude.min()), float(longitude.min()), float(latitude.max()), float(longitude.max())
    )
    return FlightMapTrack(json_text_for_script_element(data), bounds, 10 * count, count)


def track_row(flight: str, track: FlightMapTrack, **changed: Any) -> FlightTrackRow:
    """Return the row of a track without a camera."""
    import json

    data = json.loads(track.json)
    ms = np.cumsum(data["ms"]["delta"])
    values: dict[str, Any] = {
        "flight": flight, "timed": data["timed"],
        "start_ms": int(ms[0]) if data["timed"] else None,
        "end_ms": int(ms[-1]) if data["timed"] else None,
        "south_deg": track.bounds.south, "west_deg": track.bounds.west,
        "north_deg": track.bounds.north, "east_deg": track.bounds.east,
        "fixes": track.fixes, "kept": track.kept, "tolerance_m": 0.5, "fix_error_m": 2.0,
        "clock_uncertainty_s": 0.5, "view_range_m": None, "view_unknown_reason": "No camera.",
        "least_battery_pct": 37.0, "geometry": None, "track": pack_track(track),
    }  # fmt: skip
    return FlightTrackRow(**{**values, **changed})


def flight_row(flight: str, start: pd.Timestamp | None, **changed: Any) -> FlightRow:
    """Return a flight of ten minutes that was checked in part."""
    values: dict[str, Any] = {
        "id": flight, "file": f"card/{flight}.txt", "sha256": SHA, "page": f"flights/{flight}.html",
        "start": start, "takeoff": start,
        "landing": None if start is None else start + pd.Timedelta(minutes=10),
        "duration_s": 600.0, "maker": "DJI", "aircraft": "Matrice 30T", "serial": "SERIAL1",
        "app": "Pilot 2", "fixes": 600, "region": "Kent", "place": "Sheerness, Kent",
        "start_latitude_deg": PLACE[0], "start_longitude_deg": PLACE[1],
        "verdict": FlightVerdict.CLEAN_IN_PART, "firmware": {"aircraft": "1.0"},
        "outcomes": {Outcome.PASS: 2, Outcome.NOT_ASSESSABLE: 1},
    }  # fmt: skip
    return FlightRow(**{**values, **changed})


def contact_row(flight: str | None, host: str, claim: str, at: pd.Timestamp) -> ContactRow:
    """Return a contact with the bytes that show it."""
    shown_by = ContactEvidenceRow(
        file="network.pcap", sha256=SHA, container_sha256=None, offset=1234,
        record="tls.server_name", time=at, time_grade="stated", claim=claim,
    )  # fmt: skip
    return ContactRow(
        flight=flight, contacted_by="device", host=host, has_name=True, is_local=False,
        claim=claim, first=at, last=at, row_count=2, bytes_up=1000, bytes_down=None,
        devices=("192.0.2.20",), apps=("Pilot 2",), addresses=(), ports=(443,),
        protocols=("tls",), paths=(), operators=("DJI",), categories=("upload",),
        specificities=(), ldm_modules=(), jurisdictions=("CN",), hosting="", evidence=(shown_by,),
    )  # fmt: skip


def coverage_row(flight: str, share: float) -> NetworkCoverageOfFlightRow:
    """Return how much of a flight's window was recorded."""
    return NetworkCoverageOfFlightRow(
        flight=flight, window_start=instant("05-01T10:00"), window_end=instant("05-01T10:20"),
        covered_fraction=share, text="", insufficient_reason="", gaps=(), devices=(),
        by_device={}, blind_spots={"vpn": 2, "doh": 0}, logs=(),
        match_settings=ContactMatchSettingsRow(
            before_takeoff_s=300.0, after_landing_s=300.0, min_coverage=0.95, clock_offset_s=0.0,
            upload_bytes=1000, low_confidence=False,
        ),
    )  # fmt: skip


def finding_row(flight: str, rule: str, **changed: Any) -> FindingRow:
    """Return a finding of medium severity."""
    shown_by = Evidence(
        file=f"card/{flight}.txt", sha256=SHA, offset=4096, record="OSD", field="height",
        value="130",
    )  # fmt: skip
    values: dict[str, Any] = {
        "flight": flight, "rule": rule, "outcome": "fail", "severity": Severity.MEDIUM,
        "grade": "measured", "summary": "=cmd|' /C calc'!A0", "start": instant("05-01T10:05"),
        "fingerprint": f"{flight}-{rule}", "evidence": (shown_by,),
    }  # fmt: skip
    return FindingRow(**{**values, **changed})


def rows_of_fleet() -> Iterator[object]:
    """Yield the rows of the fleet: five flights of two aircraft, one of them simulated."""
    for rule, applied in (
        ("height", "height_limit"), ("ldm", "local_data_mode"), ("missing", "missing_log"),
    ):  # fmt: skip
        yield PolicyRuleRow(
            rule=rule, applied_rule=applied, title=f"Title of {rule}", status="local policy",
            citation="", parameters={}, parameter_sources={},
        )  # fmt: skip
    yield FileRow("card/aa-1.txt", "read", size=10, sha256=SHA, format="dji_txt", flights=("aa-1",))
    yield FileRow("card/bb-1.txt", "partial", "cut short at 9", 10, SHA, "dji_txt")
    yield FileRow("card/x.bin", "unread", "no key")
    thermal = FlightCaptureRow(
        start=instant("05-01T10:01"), end=instant("05-01T10:04"), sensor="thermal", kind="video",
        grade="measured", source="record", media_file=None, file="card/aa-1.txt", sha256=SHA,
        offset=77,
    )  # fmt: skip
    yield flight_row(
        "aa-1", instant("05-01T10:00"), verdict=FlightVerdict.NEEDS_LOOK, findings=1,
        worst=Severity.MEDIUM, outcomes={Outcome.FAIL: 1, Outcome.NOT_ASSESSABLE: 2},
        videos=1, video_s=180.0, photos=0, thermal="yes",
        captures=ListedCaptureRowsAndLeftOutCount(rows=(thermal,), left_out=0),
    )  # fmt: skip
    yield flight_row("bb-1", instant("05-01T10:05"), serial="SERIAL2", firmware={"aircraft": "2.0"})
    yield flight_row("cc-1", instant("06-02T09:00"), firmware={"aircraft": "1.1"})
    yield flight_row(
        "dd-1", None, serial=None, aircraft=None, duration_s=None, region=None,
        local_start="2026-06-03T08:00:00.000",
    )  # fmt: skip
    yield flight_row(
        "ee-1", instant("06-04T09:00"), simulated=True, verdict=FlightVerdict.SIMULATED
    )
    for flight in ("aa-1", "bb-1", "cc-1", "dd-1"):
        yield RuleResultRow(
            flight=flight, rule="ldm", outcome=Outcome.NOT_ASSESSABLE, reason="No log."
        )
        yield RuleResultRow(
            flight=flight, rule="height",
            outcome=Outcome.FAIL if flight == "aa-1" else Outcome.PASS, reason="Measured.",
        )  # fmt: skip
        yield RuleResultRow(
            flight=flight, rule="missing",
            outcome=Outcome.NOT_ASSESSABLE if flight == "aa-1" else Outcome.PASS,
            reason="Numbered.",
        )  # fmt: skip
    yield finding_row("aa-1", "height")
    yield finding_row(
        "aa-1", "ldm", outcome="fail", subject="upload.example", severity=Severity.HIGH
    )
    yield finding_row("cc-1", "missing", outcome="fail", severity=Severity.LOW, evidence=())
    yield finding_row("cc-1", "height", outcome="remark", severity=Severity.REMARK)
    yield contact_row("aa-1", "upload.example", "confirmed_upload", instant("05-01T10:05"))
    yield contact_row("bb-1", "maps.example", "contact", instant("05-01T10:06"))
    yield contact_row(None, "late.example", "contact", instant("07-01T10:06"))
    yield coverage_row("aa-1", 1.0)
    yield coverage_row("bb-1", 0.25)
    for flight, battery in (("aa-1", "BAT1"), ("bb-1", "BAT1"), ("cc-1", "BAT2")):
        yield FlightHardwareRow(
            flight=flight, part="battery", serial=battery, model=None,
            file=f"card/{flight}.txt", sha256=SHA,
        )  # fmt: skip
    yield EventRow(
        flight="aa-1", time=instant("05-01T10:03"), end=None, kind="fault", severity="high",
        grade="reported", text="Motor 2 stalled", value=None, latitude_deg=None,
        longitude_deg=None, record="OSD", file="card/aa-1.txt", sha256=SHA,
        container_sha256=None, offset=5,
    )  # fmt: skip
    # The first flies 1,000 m east, then back; the second crosses its way from north to south.
    yield track_row(
        "aa-1",
        packed_track(instant("05-01T10:00"), [0, 300, 600], [0, 1000, 0], [0, 0, 0]),
    )
    yield track_row(
        "bb-1",
        packed_track(instant("05-01T10:05"), [0, 300, 600], [400, 400, 400], [600, 100, 600]),
    )
    yield track_row(
        "dd-1", packed_track(instant("06-03T08:00"), [0, 60], [0, 50], [0, 0], timed=False)
    )


def write_made_fleet(state: Path, **about: str) -> int:
    """Write the fleet into a state, and return the number of the run."""
    state.mkdir(exist_ok=True)
    declared = {
        "flight": "declared-1", "entry": "declared", "start": "2026-05-20T09:00:00.000Z",
        "takeoff": "2026-05-20T09:00:00.000Z", "landing": "2026-05-20T09:30:00.000Z",
        "month": "2026-05", "duration_s": 1800.0, "serial": "SERIAL1", "thermal": "unknown",
        "operation": "Op 7",
    }  # fmt: skip
    counts = (
        "fixes", "simulated", "received_only", "findings", "remarks", "encrypted", "issues",
        "bytes_not_decoded",
        "cut_short", "files", "disagreements", *map(str, Outcome),
    )  # fmt: skip
    row: tuple[str, dict[str, object]] = ("flights", declared | dict.fromkeys(counts, 0))
    return write_fleet_tables_and_return_run_number(
        state, rows_of_fleet(), {"tool_version": "test", **about}, [row]
    )
