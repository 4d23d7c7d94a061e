"""Flights made by hand for the tests of exports, and the bytes that they are exported as."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import parsers
from dji_audit.common.case_details import CaseDetails
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.camera_poses_with_declared_cameras import camera_poses_over_terrain
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.compliance.policy import load_policy
from dji_audit.exports import (
    ExportedFlight,
    ExportProvenance,
    export_format_by_name,
    flight_for_export,
)
from dji_audit.flights import assemble_flights
from dji_audit.zones import Circle, SuppliedZones, Zone
from dji_audit.zones._model import build_zone_file
from tests.dji_audit.conftest import BEGIN, MakeLog
from tests.dji_audit.zones.made import zone

#: Names that would do harm where a text is obeyed.
HOSTILE = (
    '=HYPERLINK("http://evil.example")',
    "\u202etxt.exe",
    "\x1b[2J\x07",
    "<img src=http://evil.example/a.png onerror=alert(1)>",
    "]]><Placemark/>&amp;",
    "{{ 7*7*1001 }}",
    "a\r\nb\tc",
    "\udcff",
)
BASIS = ExportProvenance(
    tool_version="0.0.0",
    policy_name="default",
    policy_version="2026",
    case=CaseDetails(reference="CASE <1>", exhibit="EX/2", made_by="PC 3"),
)

ExportOf = Callable[..., ExportedFlight]
Rows = Sequence[dict[str, Any]]


def flown_track(
    seconds: npt.ArrayLike, latitude: float = 50.6, longitude: float = -3.9, **more: Any
) -> dict[str, Any]:
    """Return columns of a flight north-east at 10 m/s that climbs to 40 m, looking down ahead."""
    after = np.asarray(seconds, np.float64)
    height = np.minimum(after * 2, 40.0)
    track = {
        "time": after.tolist(),
        "latitude_deg": latitude + after * 6e-5,
        "longitude_deg": (longitude + after * 9e-5 + 180) % 360 - 180,
        "height_ato_m": height,
        "altitude_amsl_m": height + 212.4,
        "ground_speed_mps": np.full(len(after), 10.0),
        "heading_deg": np.full(len(after), 45.0),
        "gimbal_yaw_deg": np.full(len(after), 45.0),
        "gimbal_pitch_deg": np.full(len(after), -60.0),
        "satellites": np.full(len(after), 14),
        "battery_pct": np.round(90 - after / 10),
        "flight_mode": ["P-GPS"] * len(after),
    }
    return {name: values for name, values in (track | more).items() if values is not None}


def event(time: float | None, kind: str, text: str, **more: Any) -> dict[str, Any]:
    """Return a row of the table of events."""
    return {
        "time": time,
        "kind": kind,
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": "AppTip.text",
        "source_offset": 700,
    } | more


def capture(
    start: float | None, end: float | None, sensor: str, kind: str = "video", **more: Any
) -> dict[str, Any]:
    """Return a row of the table of captures."""
    return {
        "start": start,
        "end": end,
        "sensor": sensor,
        "kind": kind,
        "source": "Camera.state",
        "grade": "reported",
        "file": f"DJI_0001_{sensor[0].upper()}.MP4",
        "source_offset": 800,
    } | more


#: A video of each sensor at once, then a photo.
CAPTURES = (
    capture(20.0, 50.0, "visible"),
    capture(30.0, 50.0, "thermal"),
    capture(55.0, 55.0, "visible", "photo", file="DJI_0002.JPG"),
)
EVENTS = (
    event(5.0, "takeoff", "Took off"),
    event(40.0, "warning", "Strong wind", severity="warning"),
    event(45.0, "geofence.warning", "In a warning zone", end=48.0, severity="warning"),
    event(1.0, "param", "g_config.flying_limit = 120", value=120.0),
    event(58.5, "landing", "Landed"),
)
FIELD_OF_VIEW = parsers.FieldOfView(None, "visible", 60.0, 45.0, "Camera.fov", 900)


@pytest.fixture(scope="session")
def export_of(make_log: MakeLog) -> ExportOf:
    """Return a maker of what exports hold of one flight, from the columns of its track."""
    policy = load_policy("default")
    # Most tests look at the same flight.
    known: dict[str, ExportedFlight] = {}

    def make(
        track: dict[str, Any] | None = None,
        *,
        zones: Sequence[Zone] = (),
        events: Rows = EVENTS,
        captures: Rows = CAPTURES,
        context: AuditContext | None = None,
        **rest: Any,
    ) -> ExportedFlight:
        is_usual = track is None and context is None and events is EVENTS and captures is CAPTURES
        key = repr((zones, sorted(rest.items())))
        if is_usual and key in known:
            return known[key]
        rest.setdefault("fields_of_view", (FIELD_OF_VIEW,))
        rest.setdefault("clock", parsers.Clock("GPS", 0.1))
        rest.setdefault("aircraft", parsers.Aircraft(model="M30T", name="UNIT 7", serial="0012"))
        columns = flown_track(np.arange(0, 60, 0.2)) if track is None else track
        log = make_log(columns, events=events, captures=captures, **rest)
        (flight,) = assemble_flights(log)
        context = context or AuditContext()
        if zones:
            file = build_zone_file(zones[0].source, zones)
            context = replace(context, zones=SuppliedZones((file,)))
        audit = audit_flight(flight, policy, context)
        compared = supplied_zones_then_fences_of_flight(flight, context)
        made = flight_for_export(
            audit, camera_poses_over_terrain(flight, context), compared, context.elevation
        )
        return known.setdefault(key, made) if is_usual else made

    return make


@pytest.fixture(scope="session")
def hostile_flight(export_of: ExportOf) -> ExportedFlight:
    """Return a flight whose every text would do harm."""
    return export_of(
        flown_track(np.arange(0, 60, 0.2), flight_mode=[HOSTILE[n % 8] for n in range(300)]),
        events=[
            event(5.0 + n, "warning", name, severity="warning") for n, name in enumerate(HOSTILE)
        ],
        captures=[
            capture(5.0 * n, 5.0 * n + 3, "visible", file=name) for n, name in enumerate(HOSTILE)
        ],
        zones=[
            zone(Circle((50.6, -3.9), 100.0 + n), id=name, name=name, remarks=name)
            for n, name in enumerate(HOSTILE)
        ],
        name="".join(HOSTILE) + ".txt",
        aircraft=parsers.Aircraft(model=HOSTILE[0], name=HOSTILE[3], serial=HOSTILE[1]),
    )


def exported_bytes(name: str, *flights: ExportedFlight) -> bytes:
    """Return some flights in a format."""
    chosen = export_format_by_name(name)
    parts = [chosen.flight_parts(flight).__getitem__ for flight in flights]
    return b"".join(chosen.document(parts, BASIS))


def seconds_after_start(flight: ExportedFlight) -> list[float]:
    """Return the times of the fixes, in seconds after the first instant of flights made by hand."""
    return [(time - BEGIN).total_seconds() for time in flight.track.fixes["time"]]
