"""Zones on the page: drawn as numbers, named as text, those that a finding is about in front."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

import parsers
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.mapper import render_flight_page_html
from dji_audit.mapper.flight_page._nearby_zones import (
    find_nearby_zones,
    nearby_zones_as_json_data,
    zone_names_svg,
)
from dji_audit.mapper.flight_page._timeline_rows import timeline_rows
from dji_audit.mapper.html._folium import Bounds
from dji_audit.zones import _model as model
from dji_audit.zones import active_times_text
from tests.dji_audit.mapper.conftest import Make, Open

WGS84 = Geod(ellps="WGS84")
HOME = (54.6412, -2.2275)
AROUND = Bounds(54.641, -2.23, 54.647, -2.217)
SOURCE = model.ZoneSource("zones.geojson", "ab" * 32, "geojson", "2026-01")


def zone(name: str, *shape: model.Shape, **more: Any) -> model.Zone:
    given: dict[str, Any] = {
        "id": name,
        "name": f"The {name}",
        "kind": "REQ_AUTHORISATION",
        "effect": model.ZoneEffect.AUTHORISATION,
        "lower": model.SURFACE,
        "upper": model.Limit(model.VerticalDatum.AGL, 400, "ft"),
        "source": SOURCE,
        "path": f"features[{name}]",
    }
    return model.Zone(shape=shape, **(given | more))


def square(middle: tuple[float, float], half: float) -> model.Polygon:
    lat, lon = middle
    return model.Polygon(
        model.Ring(((lat - half, lon - half), (lat + half, lon - half), (lat + half, lon + half),
              (lat - half, lon + half)))
    )  # fmt: skip


NEAR = zone("near", model.Circle((54.6440, -2.2210), 90))
FAR = zone("far", model.Circle((55.5, -2.2), 500))
FENCE = zone(
    "fence",
    square((54.644, -2.223), 0.006),
    effect=model.ZoneEffect.FENCE,
    inclusion=True,
    upper=model.UNLIMITED,
)
MORNINGS = model.DailyHours(frozenset({1, 5}), model.SunEvent.RISE, None)
ROAD = zone(
    "road",
    model.Corridor(((54.640, -2.230), (54.648, -2.215)), 25.0),
    effect=model.ZoneEffect.ADVISORY,
)


def test_a_circle_is_drawn_at_its_radius_and_an_arc_on_its_circle() -> None:
    corners = ((54.650, -2.22), (54.645, -2.2122))
    arc = model.Arc(0, (54.645, -2.22), 556.6, clockwise=True)
    sector = zone("arc", model.Polygon(model.Ring((*corners, (54.645, -2.22)), (arc,))))
    found = find_nearby_zones([NEAR, sector], AROUND, [])
    ring, circle = (one.rings[0] for one in found.zones)
    away = [WGS84.inv(-2.2210, 54.6440, lon, lat)[2] for lat, lon in circle]
    assert away == pytest.approx([90.0] * 96, abs=0.01)
    on_arc = [WGS84.inv(-2.22, 54.645, lon, lat)[2] for lat, lon in ring[1:-2]]
    assert len(on_arc) > 20
    assert on_arc == pytest.approx([556.6] * len(on_arc), abs=0.01)
    assert all(lat > 54.645 and lon > -2.2201 for lat, lon in ring[1:-2])


def test_only_zones_near_the_path_are_drawn_the_crossed_ones_first(made: Make) -> None:
    audit = crossing(made(fixes=600), "far")
    found = find_nearby_zones([NEAR, FAR, FENCE, ROAD], AROUND, timeline_rows(audit))
    assert [one.zone.id for one in found.zones] == ["far", "fence", "near", "road"]
    assert [one.is_in_finding for one in found.zones] == [True, False, False, False]
    assert found.zones[0].distance_m > 90_000
    assert [one.zone.id for one in find_nearby_zones([NEAR, FAR], AROUND, []).zones] == ["near"]
    assert find_nearby_zones([NEAR, FAR], None, []).zones == ()


def test_a_zone_across_the_antimeridian_is_in_one_piece() -> None:
    bounds = Bounds(-17.01, 179.99, -16.99, 180.01)
    (drawn,) = find_nearby_zones(
        [zone("x", model.Circle((-17.0, -179.999), 300))], bounds, []
    ).zones
    assert float(np.ptp(np.array(drawn.rings[0])[:, 1])) < 0.02
    assert drawn.rings[0][0][1] > 179


def test_a_long_edge_bends_as_it_does_on_earth() -> None:
    long = zone("long", model.Polygon(model.Ring(((54.6, -3.5), (54.6, -1.5), (54.7, -2.5)))))
    (drawn,) = find_nearby_zones([long], AROUND, []).zones
    assert max(lat for lat, lon in drawn.rings[0] if -2.6 < lon < -2.4) > 54.605


def test_the_still_map_names_the_zones_of_findings_and_none_over_another() -> None:
    near = find_nearby_zones([NEAR, replace(NEAR, id="twin", name="<b>Twin</b>"), ROAD], AROUND, [])
    drawn = [replace(one, outcome="fail" * (one.zone.id != "road")) for one in near.zones]
    named = "".join(
        zone_names_svg(lambda lat, lon: (lon * 0 + 300, (54.65 - lat) * 4e4), drawn, 1000, 640)
    )
    assert "The near" in named
    assert "<b>" not in named
    assert "Twin" in named
    assert "The road" not in named
    levels = [float(level) for level in re.findall(r'y="([\d.]+)"', named)]
    assert len(levels) == 2
    assert abs(levels[0] - levels[1]) > 18
    # Out of sight there is nothing to name.
    assert not [*zone_names_svg(lambda lat, _: (lat * 0 - 9e3, lat * 0), drawn, 1000, 640)]


@pytest.mark.parametrize(
    ("schedule", "stated", "words"),
    [
        ((), True, "always active"),
        ((), False, "times not stated: treated as always"),
        ((model.ActivePeriod(hours=(MORNINGS,)),), True,
         "active Mon, Fri sunrise to 24:00 UTC"),
    ],
)  # fmt: skip
def test_when_a_zone_is_active_is_said(
    schedule: tuple[model.ActivePeriod, ...], stated: bool, words: str
) -> None:
    assert active_times_text(replace(NEAR, schedule=schedule, schedule_stated=stated)) == words


def crossing(audit: FlightAudit, subject: str) -> FlightAudit:
    """Return the audit with a finding that is about a zone."""
    first = audit.results[0].findings[0]
    findings = (replace(first, subject=subject),)
    result = replace(audit.results[0], rule="zone_entered", title="Zones", findings=findings)
    return replace(audit, results=(*audit.results, result))


@pytest.mark.browser
def test_zones_are_drawn_named_and_listed(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    audit = crossing(made(fixes=600), "near")
    everywhere = zone("everywhere", upper=model.Limit(model.VerticalDatum.HOME, 120, "m"))
    zones = [NEAR, FAR, FENCE, ROAD, everywhere]
    seen = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None, zones=zones))
    page = seen.page
    assert seen.text("#tab_zones") == "Zones 4"
    page.locator("#tab_zones").click()
    table = page.locator("#zone_table tbody tr")
    assert "The near" in table.first.text_content()
    assert "SFC to 400 ft AGL" in table.first.text_content()
    assert "finding" in table.first.text_content()
    assert "everywhere: not drawn" in seen.text("#zone_table")
    key = seen.text("#key_list")
    assert "Zone: prohibited, or by authorisation" in key
    assert "Inclusion zone" in key
    table.last.click()
    assert "now" in table.last.get_attribute("class")
    # Pointing at the middle of a zone says what it is.
    x, y = page.evaluate(
        "(() => { const p = window.__flightPage.map.latLngToContainerPoint([54.6440, -2.2205]);"
        " const b = window.__flightPage.map.getContainer().getBoundingClientRect();"
        " return [p.x + b.left, p.y + b.top]; })()"
    )
    page.mouse.move(x, y)
    assert "A finding is about this zone." in seen.text(".leaflet-tooltip")
    assert "400 ft AGL" in seen.text(".leaflet-tooltip")
    assert seen.complaints == seen.violations == []
    assert len(seen.requests) == 1


@pytest.mark.browser
def test_words_of_a_zone_are_text_and_nothing_else(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open, canary: str
) -> None:
    hostile = replace(
        NEAR, name=canary, kind=canary, remarks=canary, path=canary,
        source=replace(SOURCE, name=canary, edition=canary),
    )  # fmt: skip
    seen = open_page(
        render_flight_page_html(made(fixes=600), basis=audit_basis, generated=None, zones=[hostile])
    )
    seen.page.locator("#tab_zones").click()
    assert canary[:60] in seen.text("#zone_table")
    assert "49049" not in seen.page.content()
    assert seen.page.locator("img").count() == 0
    assert seen.complaints == seen.violations == []


def test_without_zones_the_page_says_that_none_were_compared(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    page = render_flight_page_html(made(fixes=600), basis=audit_basis, generated=None)
    assert "<b>No zones were supplied.</b>" in page


def test_what_the_page_carries_of_a_zone_leads_back_to_it() -> None:
    (data,) = nearby_zones_as_json_data(find_nearby_zones([NEAR], AROUND, []))
    assert data["limits"] == "SFC to 400 ft AGL"
    (count, latitude, longitude), *more = data["rings"]
    assert (count, more, data["lines"]) == (96, [], [])
    assert latitude is not None
    assert longitude is not None
    # The first corner lies due north of the middle.
    assert latitude["delta"][0] == pytest.approx(1e6 * (54.6440 + 90 / 111_320), abs=5)
    assert longitude["delta"][0] == pytest.approx(-2_221_000, abs=1)


def test_a_finding_names_the_file_that_shows_it(made: Make, sample_logs: Path) -> None:
    other = parsers.read(sample_logs / "FLY042.DAT")
    audit = made(fixes=600)
    flight = audit.flight
    told = replace(flight.sources[0], log=other)
    flight = replace(flight, sources=(*flight.sources, told))
    result = audit.results[0]
    moved = tuple(
        replace(one, evidence=(replace(one.evidence[0], sha256=other.source.sha256),))
        for one in result.findings
    )
    audit = replace(audit, flight=flight, results=(replace(result, findings=moved),))
    (row,) = [row for row in timeline_rows(audit) if row.group == "finding"]
    assert row.source_index == 1
