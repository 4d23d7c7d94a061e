"""The parts of a page, one by one."""

import hashlib
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.common.safe_text import MAX_TEXT, truncated_visible_text
from dji_audit.compliance.audit import FlightAudit, audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.flights import assemble_flights
from dji_audit.geo.map_projection_lookup_table import POINTS_PER_SIDE
from dji_audit.geo.national_grid import (
    best_national_grid_transformation,
    is_in_britain,
    national_grid_easting_northing_table_of_box,
)
from dji_audit.mapper.flight_page._byte_coverage import byte_coverage_of_log, coverage_percent_text
from dji_audit.mapper.flight_page._delta_encoding import EncodedColumn, encode_column
from dji_audit.mapper.flight_page._page_track import build_page_track
from dji_audit.mapper.flight_page._static_html import finding_cards_html
from dji_audit.mapper.flight_page._timeline_rows import (
    GROUPS,
    timeline_group_of_event_kind,
    timeline_rows,
)
from dji_audit.mapper.html._csp import (
    CspSealError,
    external_addresses_in_page,
    seal_document_with_csp,
)
from dji_audit.mapper.html._escape import escape_html, json_text_for_script_element
from dji_audit.mapper.html._folium import Bounds, empty_map_element_and_script
from dji_audit.mapper.html._times import time_zone_offsets_between

Make = Callable[..., FlightAudit]

LEAFLET = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    "LICENSE": "53e8dc25862014e4324741ca18fbe3611e11d42ef69f59f86ea8c5389647d4cb",
}


@pytest.mark.parametrize(("name", "digest"), LEAFLET.items())
def test_the_vendored_leaflet_is_the_published_one(name: str, digest: str) -> None:
    found = files("dji_audit.mapper") / "vendor" / "leaflet-1.9.4" / name
    assert hashlib.sha256(found.read_bytes()).hexdigest() == digest


def decoded(column: EncodedColumn | None, count: int) -> list[float]:
    """Return what the viewer makes of a column."""
    values: list[float] = [float("nan")] * count
    if column is None:
        return values
    per = column["per"]
    assert isinstance(per, int)
    runs, steps = column.get("runs"), column.get("delta")
    if isinstance(runs, list):
        spread = [v for v, n in zip(runs[::2], runs[1::2], strict=True) for _ in range(n or 0)]
        return [float("nan") if v is None else v / per for v in spread]
    assert isinstance(steps, list)
    total = 0
    for place, step in enumerate(steps):
        if step is not None:
            total += step
            values[place] = total / per
    return values


@pytest.mark.parametrize(
    "values",
    [
        [1.2, 1.3, np.nan, -4.0, np.nan, np.nan, 0.0],
        [5.0] * 40,
        [np.nan] * 3 + [7.0] * 30 + [np.nan] * 9,
        [],
        [np.inf, 1.0, -np.inf, 1e300, 2.0],
    ],
)
def test_a_column_comes_back_as_it_was_and_missing_stays_missing(values: list[float]) -> None:
    usable = [v if abs(v) < 1e14 else np.nan for v in values]
    np.testing.assert_allclose(decoded(encode_column(values, 10), len(values)), usable, atol=0.051)


def test_a_column_without_any_value_is_absent_not_zero() -> None:
    assert encode_column([np.nan, np.nan], 10) is None


def test_every_character_that_is_not_plain_is_a_reference() -> None:
    assert escape_html("a{{b}}<'\"`") == "a&#123;&#123;b&#125;&#125;&#60;&#39;&#34;&#96;"


@pytest.mark.parametrize("code", ["\u202e", "\u2028", "\x00", "\x1b", "\udc80", "\ue000", "\u200b"])
def test_unseen_characters_are_spelt_out(code: str) -> None:
    assert truncated_visible_text(f"a{code}b") == f"a⟨U+{ord(code):04X}⟩b"


def test_text_without_end_is_cut_and_says_so() -> None:
    assert truncated_visible_text("x" * (MAX_TEXT + 7)).endswith("x … [7 more characters]")


def test_the_data_block_is_inert_and_still_json(canary: str) -> None:
    block = json_text_for_script_element({"b": [canary, 1, None], "a": "é"})
    inside = block[1:-1]
    assert not set("<>&{}") & set(inside)
    assert block.isascii()
    assert json.loads(block) == {"a": "é", "b": [canary, 1, None]}


def test_the_data_block_refuses_a_number_that_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text_for_script_element([float("nan")])


def test_local_time_changes_at_the_second_the_clocks_do() -> None:
    night = pd.Timestamp("2025-10-26T00:30:00Z").value // 10**6
    change = pd.Timestamp("2025-10-26T01:00:00Z").value // 10**6
    london = time_zone_offsets_between("Europe/London", night, night + 3_600_000)
    assert london.offsets == ((night, 3600, "BST"), (change, 0, "GMT"))
    assert london.local_time_text(change - 1000) == "01:59:59 BST"
    assert london.local_time_text(change) == "01:00:00 GMT"


@pytest.mark.parametrize(
    ("latitude", "longitude", "there"),
    [(54.64, -2.23, True), (50.07, -5.71, True), (60.8, -0.8, True), (57.8, -8.57, True),
     (54.6, -5.93, False), (53.35, -6.26, False), (50.95, 1.85, False), (39.96, -106.2, False)],
)  # fmt: skip
def test_the_grid_is_for_great_britain(latitude: float, longitude: float, there: bool) -> None:
    assert is_in_britain(latitude, longitude) is there


def test_the_table_of_the_grid_stands_in_for_the_projection() -> None:
    grid = national_grid_easting_northing_table_of_box(54.60, -2.30, 54.68, -2.15)
    assert grid is not None
    rng = np.random.default_rng(7)
    latitude = rng.uniform(54.60, 54.68, 200)
    longitude = rng.uniform(-2.30, -2.15, 200)
    row, column = (
        (latitude - grid["south"]) / grid["dlat"],
        (longitude - grid["west"]) / grid["dlon"],
    )
    i, j = row.astype(int), column.astype(int)
    u, v = row - i, column - j
    truth = best_national_grid_transformation().to_grid(latitude, longitude)
    for name, exact in zip(("east", "north"), truth, strict=True):
        t = np.array(grid[name]).reshape(POINTS_PER_SIDE, POINTS_PER_SIDE) / 10
        mixed = (1 - u) * ((1 - v) * t[i, j] + v * t[i, j + 1])
        mixed += u * ((1 - v) * t[i + 1, j] + v * t[i + 1, j + 1])
        assert np.abs(mixed - exact).max() < 0.5


def test_folium_gives_the_same_container_twice_and_no_address() -> None:
    first, second = (empty_map_element_and_script(Bounds(54, -2, 54.1, -1.9)) for _ in range(2))
    assert first == second
    assert "http" not in first.element + first.script
    assert first.element == '<div class="folium-map" id="map_0004" ></div>'


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://tile.openstreetmap.org/1/1/1.png">',
        "<a href=//evil.test>x</a>",
        '<link rel=x href="http://evil.test/x.css">',
        '<a href="javascript:alert(1)">x</a>',
        "<style>a{background:url(http://evil.test/x)}</style>",
        '<style>@import "//evil.test/x.css"</style>',
        '<p style="color:red">x</p>',
        "<p onclick=x()>x</p>",
    ],
)
def test_the_gate_refuses_a_page_that_names_what_is_outside_it(body: str) -> None:
    with pytest.raises(CspSealError):
        seal_document_with_csp("<title>x</title>", f"<body>{body}</body>")


def test_the_gate_lets_a_page_point_into_itself_and_beside_itself() -> None:
    page = seal_document_with_csp(
        "", '<body><a href="#x">x</a><a href="../index.html">y</a></body>'
    )
    assert external_addresses_in_page(page) == []


def test_every_kind_of_event_has_a_group() -> None:
    assert {timeline_group_of_event_kind(kind) for kind in parsers._tables.EVENT_KINDS} <= set(
        GROUPS
    )


def test_rows_are_in_time_order_and_hold_everything_that_happened(made: Make) -> None:
    audit = made()
    found = timeline_rows(audit)
    flight = audit.flight
    assert len(found) == len(flight.events) + len(flight.captures) + len(audit.findings)
    times = [row.start for row in found if row.start is not None]
    assert times == sorted(times)
    # What has no time stands below what has one.
    assert all(row.start is None for row in found[len(times) :])


def test_a_path_across_the_antimeridian_is_in_one_piece(made: Make) -> None:
    course = build_page_track(made(latitude=-17.0, longitude=179.999).flight)
    assert float(np.ptp(course.longitude)) < 0.02


def test_a_log_read_in_part_says_so(made: Make) -> None:
    log = made(
        coverage=(parsers.CoverageSpan(0, 90, "records"), parsers.CoverageSpan(90, 10, "gap")),
        issues=(parsers.Issue(90, 10, "no record begins here"),),
    ).flight.log
    assert byte_coverage_of_log(log).warnings == (
        "Only part of this log could be read: 10 bytes in 1 place were not.",
    )


@pytest.mark.parametrize(
    ("share", "words"), [(100, "100"), (99.999, "99.9"), (0.01, "under 0.1"), (None, "not stated")]
)
def test_only_all_is_a_hundred_per_cent(share: float | None, words: str) -> None:
    assert coverage_percent_text(share) == words


def test_findings_that_weigh_most_come_first_and_remarks_last(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt")
    audit = audit_flight(assemble_flights(log)[0], load_policy("default"), AuditContext())
    cards = re.findall(
        r'class="card (\w+) (\w+)"',
        finding_cards_html(audit, time_zone_offsets_between("Europe/London", 0, 0)),
    )
    weights = [(outcome == "remark", -list(Severity).index(Severity(it))) for outcome, it in cards]
    assert len(cards) == len(audit.findings)
    assert {"fail", "remark"} <= {outcome for outcome, _ in cards}
    assert weights == sorted(weights)
