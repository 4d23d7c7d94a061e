"""A flight made by hand, and a browser to look at its page with."""

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Evidence, Finding, RuleResult
from dji_audit.compliance.network import ContactMatchSettings, collect_contacts
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.flights import (
    ClockAlignment,
    Disagreement,
    FileNumberGapInFlight,
    ValueInLog,
    assemble_flights,
)
from parsers import _tables as tables

START = pd.Timestamp("2025-05-17T12:00:00Z")
NAME = "DJIFlightRecord_2025-05-17_[13-00-00].txt"
SHA = "9f2c41d07be3a65f0e1d2c3b4a5968778695a4b3c2d1e0f0123456789abce71a"

Make = Callable[..., FlightAudit]


def second(after: float) -> pd.Timestamp:
    """Return the instant some seconds after the first fix."""
    return START + pd.Timedelta(milliseconds=round(after * 1000))


def made_track(fixes: int, hertz: float, latitude: float, longitude: float) -> pd.DataFrame:
    """Return a survey: out, legs to and fro with a climb above 120 m, and home."""
    corners = [(0, 0), (0, 0), (140, 120), (140, 420)]
    for leg in range(8):
        x = 140 + 55 * leg
        corners += [(x, 420), (x, 120)] if leg % 2 else [(x, 120), (x, 420)]
    corners += [(640, 500), (300, 560), (-140, 380), (0, 0), (0, 0)]
    along = np.linspace(0, len(corners) - 1, fixes)
    east = np.interp(along, np.arange(len(corners)), [c[0] for c in corners])
    north = np.interp(along, np.arange(len(corners)), [c[1] for c in corners])
    bend = np.sin(along * 9) * 1.5
    seconds = np.arange(fixes) / hertz
    share = np.linspace(0, 1, fixes)
    height = np.interp(
        share, [0, 0.04, 0.3, 0.62, 0.66, 0.7, 0.95, 1], [0, 60, 62, 65, 131, 65, 50, 0]
    )
    heading = np.degrees(np.arctan2(np.gradient(east), np.gradient(north) + 1e-9)) % 360
    speed = np.hypot(np.gradient(east), np.gradient(north)) * hertz
    return tables.build_table(
        tables.TRACK,
        {
            "time": START.value + (seconds * 1e9).astype(np.int64),
            "latitude_deg": latitude + (north + bend) / 111_195,
            "longitude_deg": longitude + (east + bend) / (111_195 * np.cos(np.radians(latitude))),
            "height_ato_m": height,
            "altitude_amsl_m": height + 212.4,
            "ground_speed_mps": speed,
            "vertical_speed_mps": np.gradient(height) * hertz,
            "heading_deg": heading,
            "gimbal_yaw_deg": (heading + 25) % 360,
            "gimbal_pitch_deg": -60 + 20 * np.sin(along),
            "satellites": 14 + (np.sin(along) > 0),
            "fix_ok": np.ones(fixes, bool),
            "battery_pct": np.round(98 - 60 * share),
            "flight_mode": np.where(
                share < 0.03,
                "AutoTakeoff",
                np.where(share < 0.2, "P-GPS", np.where(share < 0.8, "Waypoint", "GoHome")),
            ),
            "source_offset": 512 + 347 * np.arange(fixes),
        },
        fixes,
    )


def made_events(span: float) -> list[dict[str, Any]]:
    """Return the events of the survey; ``span`` is its length in seconds."""

    def event(at: float, kind: str, text: str, **more: Any) -> dict[str, Any]:
        return {
            "time": second(at * span),
            "kind": kind,
            "severity": "info",
            "grade": "reported",
            "text": text,
            "record": "AppWarn.text" if "warning" in kind else "OSD.state",
            "source_offset": 512 + int(at * 2_000_000),
        } | more

    warn = {"severity": "warning"}
    rows = [
        event(0.0, "component", "Flight controller 0AXDF8C0030021"),
        event(0.0, "firmware", "Aircraft 01.04.0500"),
        event(0.0, "limit.config", "Height limit 120 m", value=120.0),
        event(0.0, "geofence.config", "Zone database 2025-04-30"),
        event(0.0, "home", "Home point set"),
        event(0.01, "arm", "Motors started"),
        event(0.02, "takeoff", "Took off"),
        event(0.31, "geofence.warning", "GEO: You are approaching an authorization zone.", **warn),
        event(
            0.34,
            "geofence.breach",
            "In authorization zone for 21 s",
            end=second(0.34 * span + 21),
            severity="serious",
        ),
        event(0.45, "warning", "Strong wind. Fly with caution.", **warn),
        event(0.47, "tip", "Video is being cached."),
        event(0.64, "limit.height", "Height limit reached", end=second(0.67 * span), **warn),
        event(0.72, "battery", "Battery at 55 %"),
        event(0.8, "action", "Return to home begun by the pilot"),
        event(0.85, "sync", "Flight record marked as not yet uploaded (needsUpload = 1)"),
        event(0.99, "landing", "Landed"),
        event(0.995, "disarm", "Motors stopped"),
    ]
    modes = {0.03: "P-GPS", 0.2: "Waypoint", 0.8: "GoHome"}
    rows += [event(at, "mode", f"Mode: {mode}") for at, mode in modes.items()]
    rows += [event(0.1 + n / 200, "param", f"g_config.flying_limit_{n} = {n}") for n in range(20)]
    return rows


def made_captures(span: float) -> list[dict[str, Any]]:
    """Return a video of each sensor and a row of photos."""

    def video(sensor: str, start: float, end: float) -> dict[str, Any]:
        return {
            "start": second(start * span),
            "end": second(end * span),
            "sensor": sensor,
            "kind": "video",
            "source": "Custom.camera_shoot, Camera.state",
            "grade": "reported",
            "file": "DJI_0001.MP4" if sensor == "visible" else None,
            "source_offset": 512 + int(start * 2_000_000),
        }

    rows = [
        video("visible", 0.1, 0.22),
        video("unknown", 0.25, 0.42),
        video("thermal", 0.46, 0.6),
        video("thermal", 0.75, 0.8),
    ]
    for number in range(24):
        at = second((0.2 + number * 0.025) * span)
        rows.append(
            {
                "start": at,
                "end": at,
                "sensor": "visible",
                "kind": "photo",
                "source": "Custom.camera_shoot",
                "grade": "reported",
                "file": f"DJI_{number + 2:04d}.JPG",
                "source_offset": 40_000 + 900 * number,
            }
        )
    return rows


#: Rule -> what binds it and where that stands.
BASES = {
    "geofence_event": (
        "manufacturer's zone, not law",
        "DJI FlySafe zones are the maker's own, not the restrictions of the state.",
    ),
    "height_limit": (
        "sector guidance",
        "UK Regulation (EU) 2019/947 UAS.OPEN.010(2); police flights: guidance.",
    ),
    "data_sync_endpoint": ("indicator only", "Catalogue edition 2026-01"),
    "distance_limit": ("unit policy", "Unit operations manual"),
    "log_integrity": ("integrity check", ""),
}


def made_result(
    rule: str, title: str, outcome: Outcome, reason: str, *findings: Finding, **parameters: int
) -> RuleResult:
    """Return the result of one of the rules of ``BASES``."""
    status, citation = BASES[rule]
    return RuleResult(
        rule=rule,
        title=title,
        outcome=outcome,
        reason=reason,
        status=status,
        citation=citation,
        parameters=parameters,
        findings=findings,
    )


def made_results(span: float, name: str = NAME) -> tuple[RuleResult, ...]:
    """Return a result of each outcome, and three findings."""

    def evidence(record: str, field: str, value: str, offset: int | None) -> Evidence:
        return Evidence(
            file=name, sha256=SHA, offset=offset, record=record, field=field, value=value
        )

    fence = Finding(
        rule="geofence_event",
        severity=Severity.HIGH,
        summary="In an authorization zone for 21 s",
        grade="reported",
        evidence=(
            evidence("FlySafe", "state", "1", 680_512),
            evidence("AppWarn", "text", "GEO: You are approaching a zone", 620_512),
        ),
        start=second(0.34 * span),
        end=second(0.34 * span + 21),
    )
    height = replace(
        fence,
        rule="height_limit",
        severity=Severity.MEDIUM,
        summary="131.0 m above take-off, limit 120 m, for 19 s",
        grade="measured",
        evidence=(evidence("OSD", "height", "131.0", 1_340_000),),
        start=second(0.64 * span),
        end=second(0.68 * span),
    )
    upload = Finding(
        rule="data_sync_endpoint",
        severity=Severity.REMARK,
        grade="indicator",
        summary="needsUpload is set: the record was waiting to be uploaded",
        evidence=(evidence("Details", "needsUpload", "1", None),),
    )
    zone_reason = "The aircraft reported 2 boundary events in flight."
    high_reason = "Above 120 m for 19 s; at most 131.0 m."
    sync_reason = "A flight record names no computer it talked to; one indicator was found."
    sync_title = "Named computers and upload flags"
    unknown, unused = Outcome.NOT_ASSESSABLE, Outcome.NOT_APPLICABLE
    return (
        made_result("geofence_event", "Boundary events", Outcome.FAIL, zone_reason, fence),
        made_result(
            "height_limit", "Height above take-off", Outcome.FAIL, high_reason, height,
            limit_m=120, margin_m=5,
        ),
        made_result("data_sync_endpoint", sync_title, unknown, sync_reason, upload),
        made_result(
            "distance_limit", "Distance from home", Outcome.PASS, "At most 801 m from home.",
            limit_m=1000,
        ),
        made_result(
            "log_integrity", "The log agrees with itself", unused, "The header holds no totals."
        ),
    )  # fmt: skip


def made_log(fixes: int, hertz: float, latitude: float, longitude: float) -> parsers.Log:
    """Return the log of the survey."""
    span = fixes / hertz
    size = 2_400_000
    return parsers.Log(
        source=parsers.Source(NAME, size, SHA, "dji_txt", "11"),
        aircraft=parsers.Aircraft(
            maker="DJI",
            model="Matrice 30T",
            name="Unit 3",
            serial="1581F5BKD221E00A",
            battery_serial="4ER0K1A0B",
            app="DJI Pilot 2 10.1.2",
            firmware={"aircraft": "01.04.0500", "camera": "02.00.0131"},
        ),
        clock=parsers.Clock("GPS", 0.4, 0.0, ()),
        track=made_track(fixes, hertz, latitude, longitude),
        events=tables.event_table_from_rows(made_events(span)),
        captures=tables.media_capture_table_from_rows(made_captures(span)),
        named_positions=(
            parsers.NamedPosition("home", START, latitude, longitude, None, "Home", 700),
            parsers.NamedPosition("pilot", START, latitude - 0.0003, longitude, 4.0, "AppGPS", 900),
        ),
        issues=(parsers.Issue(1_000_000, 0, "the counter of records starts again"),),
        coverage=(
            parsers.CoverageSpan(0, 412, "header"),
            parsers.CoverageSpan(412, size - 40_412, "records"),
            parsers.CoverageSpan(size - 40_000, 40_000, "unknown"),
        ),
    )


@pytest.fixture(scope="session")
def made() -> Make:
    """Return a function that makes an audited survey flight."""

    def make(
        fixes: int = 600,
        hertz: float = 10.0,
        latitude: float = 54.6412,
        longitude: float = -2.2275,
        **change: Any,
    ) -> FlightAudit:
        log = replace(made_log(fixes, hertz, latitude, longitude), **change)
        (flight, *_) = assemble_flights(log)
        return FlightAudit(flight, made_results(fixes / hertz))

    return make


AUDIT_BASIS = AuditInputProvenance(
    tool_version="0.1.0",
    policy_name="uk-police",
    policy_version="2026.1",
    policy_sha256="ab" * 32,
    catalogue_edition="2026-01-15",
    catalogue_sha256="cd" * 32,
)
GENERATED = datetime(2026, 1, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def audit_basis() -> AuditInputProvenance:
    """Return what the flights were measured against."""
    return AUDIT_BASIS


@pytest.fixture(scope="session")
def generated() -> datetime:
    """Return when the pages were made."""
    return GENERATED


#: Text that would run in a template, in a script, in an attribute or in markup.
CANARY = (
    "{{7*7*1001}}{% set x = 1 %}{# #}<script>alert(1)</script></script></title>"
    "\"><img src=x onerror=alert(1)>'${alert(1)}`\u2028\u202e--><!-- &lt;"
)


@pytest.fixture(scope="session")
def canary() -> str:
    """Return text that would run wherever it is not treated as text."""
    return CANARY


def poisoned(value: Any) -> Any:
    """Return a value with the canary in place of every text in it."""
    if isinstance(value, Enum) or value is None:
        return value
    if isinstance(value, str):
        return CANARY
    if isinstance(value, parsers.CoverageSpan):
        return value  # its kind is one of a closed set
    if isinstance(value, tuple):
        return tuple(poisoned(item) for item in value)
    if isinstance(value, dict):
        return {poisoned(name): poisoned(item) for name, item in value.items()}
    if isinstance(value, pd.DataFrame):
        return poisoned_table(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [item.name for item in dataclasses.fields(value) if item.init]
        return replace(value, **{name: poisoned(getattr(value, name)) for name in names})
    return value


def poisoned_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the canary in every text, and rows of each kind kept whole.

    A row whose kind is the canary is of no kind that the page knows, so the
    rows are there twice: once with their kind, once without.
    """
    texts = [name for name in frame if frame[name].dtype == "str"]
    kept = [name for name in texts if name in ("kind", "sensor")]
    known, unknown = frame.copy(), frame.copy()
    for name in texts:
        unknown[name] = CANARY
        if name not in kept:
            known[name] = CANARY
    both = pd.concat([known, unknown], ignore_index=True) if kept else unknown
    return both.astype(frame.dtypes.to_dict())


@pytest.fixture(scope="session")
def poisoned_audit(made: Make) -> FlightAudit:
    """Return a flight whose every text, in the log and in the audit, is the canary."""
    clean = made()
    contacts = tables.contact_table_from_rows(
        [
            {
                "time": START,
                "host": "x",
                "address": "x",
                "port": 443,
                "protocol": "x",
                "path": "x",
                "evidence": "x",
                "grade": "x",
                "source_offset": 1,
            }
        ]
    )
    log = replace(clean.flight.log, contacts=contacts)
    log = replace(
        poisoned(log),
        named_positions=tuple(replace(p, record=CANARY) for p in clean.flight.log.named_positions),
    )
    (flight, *_) = assemble_flights(log)
    said = ValueInLog(0, 7, CANARY, CANARY, CANARY)
    apart = Disagreement("position", CANARY, (said, said), 9.0, 1.0, CANARY, CANARY, START)
    flight = replace(
        flight,
        sources=(
            *flight.sources,
            replace(flight.sources[0], alignment=_poisoned_placing()),
        ),
        disagreements=(apart,),
        sequence_gaps=(FileNumberGapInFlight("media_number", CANARY, 0),),
    )
    watch = parsers.NetworkCaptureWindow(START, second(3600), None, 2, 1, {CANARY: 1})
    met = log.contacts.assign(grade=pd.Series(["measured"] * len(log.contacts), dtype="str"))
    source = replace(log.source, sha256="1" * 64)
    network = replace(log, capture_window=watch, source=source, contacts=met)
    seen = collect_contacts(flight, AuditContext(network=(network,)), ContactMatchSettings())
    assert (seen.rows["claim"] == "contact").any()
    return FlightAudit(flight, poisoned(clean.results), seen)


def _poisoned_placing() -> ClockAlignment:
    return ClockAlignment(CANARY, "track", -3600.0, 1.0, 3600.0, CANARY)


@pytest.fixture(scope="session")
def poison() -> Callable[[Any], Any]:
    """Return the function that puts the canary in place of every text of a value."""
    return poisoned


CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


class Visit:
    """A page that was opened, and everything it asked for or complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._dialog)
        page.add_init_script(
            "window.violations = []; document.addEventListener('securitypolicyviolation',"
            "(event) => window.violations.push(event.violatedDirective + event.blockedURI));"
        )

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return str(self.page.locator(selector).first.text_content())

    @property
    def violations(self) -> list[str]:
        """What the page's own policy refused."""
        return list(self.page.evaluate("window.violations"))


Open = Callable[..., Visit]


def rectangles(page: Any, *selectors: str) -> list[dict[str, float]]:
    """Return where elements stand on the screen, all at one instant: a page may be scrolling.

    The first element that fits each selector, as ``left``, ``right``, ``top``, ``bottom``,
    ``width`` and ``height`` in CSS pixels.
    """
    read = "(all) => all.map((one) => document.querySelector(one).getBoundingClientRect().toJSON())"
    return list(page.evaluate(read, list(selectors)))


def wait_for_address(page: Any, part: str) -> str:
    """Wait until the fragment of the address holds a text, and return the fragment."""
    page.wait_for_function("(part) => location.hash.includes(part)", arg=part)
    return str(page.evaluate("location.hash"))


@pytest.fixture(scope="session")
def browser(playwright_driver: Any) -> Iterator[Any]:
    """Return a browser with a new, empty profile."""
    playwright = playwright_driver
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=str(CHROMIUM), headless=True, args=SWITCHES.split()
        )
        yield context
        context.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a page from a file and waits until it is ready."""
    opened: list[Any] = []

    def visit(html: str, width: int = 1600, height: int = 950) -> Visit:
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        page = browser.new_page()
        page.set_default_timeout(8000)
        page.set_viewport_size({"width": width, "height": height})
        found = Visit(page)
        opened.append(page)
        page.goto(path.as_uri())
        page.wait_for_function(
            "() => document.documentElement.dataset.ready === '1'", timeout=15_000
        )
        return found

    yield visit
    for page in opened:
        page.close()
