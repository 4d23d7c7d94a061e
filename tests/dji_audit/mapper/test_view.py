"""What the camera saw, on the page: the same as the package finds, and used by hand and by keys."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import parsers
from dji_audit.camera_view import (
    MIN_DEPRESSION_DEG,
    CameraPoses,
    ElevationModel,
    camera_poses,
    footprint_outline_m_and_whether_clipped,
    read_elevation_model,
    sightings_of_point,
)
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.geo.local_plane import position_from_east_north
from dji_audit.mapper import render_flight_page_html
from tests.dji_audit.mapper.conftest import Make, Open, Visit

#: In the middle of the survey, at its edge, beside the way home, and far away.
PLACES = [
    (54.6436, -2.2210), (54.6431, -2.2230), (54.6450, -2.2205), (54.6412, -2.2275),
    (54.6462, -2.2250), (54.6440, -2.2262), (54.6600, -2.2000),
]  # fmt: skip
HOVER = {"latitude_deg": 54.6436, "longitude_deg": -2.2210, "height_ato_m": 60.0}


@pytest.fixture(scope="session")
def hills(tmp_path_factory: pytest.TempPathFactory) -> ElevationModel:
    """Return rolling ground, up to 40 m high and steep enough to hide a place."""
    row, column = np.meshgrid(np.arange(1201), np.arange(1201), indexing="ij")
    path = tmp_path_factory.mktemp("hills") / "N54W003.hgt"
    (220 + 40 * np.sin(row * 1.7) * np.cos(column * 0.9)).astype(">i2").tofile(path)
    return read_elevation_model(path)


def told(found: CameraPoses, place: tuple[float, float]) -> list[dict[str, Any]]:
    return [
        {
            "start": one.start_ms,
            "end": one.end_ms,
            "sensor": one.sensor,
            "recorded": one.recorded,
            "certainty": one.certainty,
            "error": one.error_m,
            "range": one.range_m,
            "depression": one.depression_deg,
        }
        for one in sightings_of_point(found, *place)
    ]


def looking(audit: FlightAudit, **columns: Any) -> FlightAudit:
    """Return the flight with other values in some columns of its track."""
    flight = replace(audit.flight, track=audit.flight.track.assign(**columns))
    return replace(audit, flight=flight)


def zoomed(found: CameraPoses) -> CameraPoses:
    """Return the same look, whose first video sees half as wide in its middle third."""
    first = next(one for one in found.captures if one.kind == "video")
    wide = float(found.half_fov[0][0]), float(found.half_fov[1][0])
    narrow = round(wide[0] / 2, 6), round(wide[1] / 2, 6)
    third = (first.end_ms - first.start_ms) // 3
    edges = [(first.start_ms + third * n, *half) for n, half in enumerate((wide, narrow, wide))]
    others = [one for one in found.captures if one is not first]
    recordings = (replace(first, half_fov=wide, zoom_steps=tuple(edges)), *others)
    return replace(found, captures=recordings)


@pytest.mark.browser
@pytest.mark.parametrize("ground", ["plane", "hills"])
def test_the_page_finds_what_the_package_finds(
    made: Make,
    audit_basis: AuditInputProvenance,
    open_page: Open,
    hills: ElevationModel,
    ground: str,
) -> None:
    audit = made(fixes=3000)
    rng = np.random.default_rng(4)
    audit = looking(
        audit,
        gimbal_pitch_deg=np.linspace(-95, -5, 3000),
        gimbal_roll_deg=rng.normal(0, 4, 3000),
        gimbal_yaw_deg=(audit.flight.track["heading_deg"] + 30 * rng.normal(size=3000)) % 360,
    )
    elevation = hills if ground == "hills" else None
    found = zoomed(camera_poses(audit.flight, elevation))
    seen = open_page(
        render_flight_page_html(audit, basis=audit_basis, generated=None, camera_poses=found)
    )
    kinds = set()
    for place in PLACES:
        mine = told(found, place)
        theirs = seen.page.evaluate(
            "([lat, lon]) => window.__flightPage.findSightings(lat, lon)", place
        )
        exact = ("start", "end", "sensor", "recorded", "certainty")
        for name in exact:
            assert [one[name] for one in theirs] == [one[name] for one in mine], (place, name)
        for name in ("error", "range", "depression"):
            pairs = [(a[name], b[name]) for a, b in zip(theirs, mine, strict=True)]
            assert all((a is None) == (b is None) for a, b in pairs)
            known = np.array([pair for pair in pairs if None not in pair], np.float64)
            theirs_there, mine_there = known.reshape(-1, 2).T
            np.testing.assert_allclose(theirs_there, mine_there, rtol=1e-9)
        kinds |= {(one["recorded"], one["certainty"]) for one in mine}
    assert kinds >= {("video", "inside"), ("video", "bearing"), ("photo", "inside"), (None, "edge")}


@pytest.mark.browser
@pytest.mark.parametrize("pitch", [-90.0, -62.5, -38.0, -24.0])
def test_the_outline_on_the_map_is_that_of_the_package(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open, pitch: float
) -> None:
    pose = {"gimbal_pitch_deg": pitch, "gimbal_yaw_deg": 33.0, "gimbal_roll_deg": 2.5}
    audit = looking(made(fixes=600), **HOVER, **pose)
    found = camera_poses(audit.flight)
    seen = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None))
    drawn = seen.page.evaluate(
        "window.__flightPage.footprintOutlineAt(window.__flightPage.start + 1000)"
    )
    half = float(found.half_fov[0][0]), float(found.half_fov[1][0])
    outline, clipped = footprint_outline_m_and_whether_clipped(60.0, 33.0, pitch, 2.5, half)
    assert clipped == (pitch > -60)
    places = position_from_east_north(HOVER["latitude_deg"], HOVER["longitude_deg"], *outline.T)
    np.testing.assert_allclose(np.array(drawn), np.stack(places, axis=1), atol=1e-9)


@pytest.fixture
def survey(made: Make, audit_basis: AuditInputProvenance, open_page: Open) -> Visit:
    """Return the opened page of a long survey."""
    return open_page(render_flight_page_html(made(fixes=3000), basis=audit_basis, generated=None))


@pytest.mark.browser
def test_a_click_on_the_map_says_when_the_place_was_in_view(survey: Visit) -> None:
    page = survey.page
    page.locator("#pick").click()
    drawn = page.locator(".folium-map").bounding_box()
    assert drawn is not None
    page.mouse.click(drawn["x"] + drawn["width"] / 2, drawn["y"] + drawn["height"] / 2)
    assert page.locator("#tab_view").get_attribute("aria-selected") == "true"
    rows = page.locator("#view_table tbody tr")
    assert rows.count() == int(survey.text("#view_count")) > 1
    assert "in view" in survey.text("#view_answer .answer")
    rows.nth(1).click()
    assert rows.nth(1).locator("td.time").text_content()[:8] in survey.text("#clock b")
    page.locator("#view_clear").click()
    assert rows.count() == 0
    assert survey.complaints == survey.violations == []
    assert len(survey.requests) == 1


@pytest.mark.browser
def test_a_place_is_asked_for_by_keys_alone(survey: Visit) -> None:
    page = survey.page
    page.locator("#tab_events").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.locator("#view").is_visible()
    page.locator("#view_text").focus()
    page.keyboard.type("54.6436, -2.2210")
    page.keyboard.press("Enter")
    asked = survey.text("#view_answer")
    assert page.locator("#view_table tbody tr").count() > 1
    # The same place by its grid reference, as the page itself gives it, to a metre.
    page.locator("#view_text").fill("NY " + asked.split("NY ")[1].strip())
    page.keyboard.press("Enter")
    again = survey.text("#view_answer")
    assert again.split("·")[1] == asked.split("·")[1]
    page.locator("#view_text").fill("nowhere")
    page.keyboard.press("Enter")
    assert "latitude, longitude" in survey.text("#view_wrong")


@pytest.mark.browser
def test_without_angles_there_is_no_picture_and_the_page_says_why(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    audit = looking(made(fixes=600), gimbal_pitch_deg=np.nan, gimbal_yaw_deg=np.nan)
    seen = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None))
    assert (
        seen.page.evaluate(
            "window.__flightPage.footprintOutlineAt(window.__flightPage.start + 9000)"
        )
        is None
    )
    assert not seen.page.locator("#pick").is_visible()
    seen.page.locator("#tab_view").click()
    assert seen.text("#view_why") == "The log does not record where the camera pointed."


@pytest.mark.browser
def test_a_flat_look_is_a_bearing_without_an_outline(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    audit = looking(made(fixes=600), **HOVER, gimbal_pitch_deg=-MIN_DEPRESSION_DEG + 1)
    seen = open_page(render_flight_page_html(audit, basis=audit_basis, generated=None))
    seen.page.evaluate("window.__flightPage.seekTo(window.__flightPage.start + 9000)")
    assert (
        seen.page.evaluate(
            "window.__flightPage.footprintOutlineAt(window.__flightPage.start + 9000)"
        )
        is None
    )
    assert "direction only" in seen.text("#readout .view dd")


def test_a_page_made_for_a_place_says_it_without_scripts_too(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=3000)
    place = PLACES[0]
    page = render_flight_page_html(audit, basis=audit_basis, generated=None, target=place)
    assert page == render_flight_page_html(audit, basis=audit_basis, generated=None, target=place)
    assert page.count('<tr class="inside">') + page.count('<tr class="edge">') > 1
    count = len(sightings_of_point(camera_poses(audit.flight), *place))
    assert f"54.643600, -2.221000: in the picture or its direction {count} times." in page
    never = render_flight_page_html(audit, basis=audit_basis, generated=None, target=PLACES[-1])
    assert "in the picture or its direction never." in never


def test_an_unknown_camera_is_said_and_nothing_is_drawn(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=600, aircraft=parsers.Aircraft(model="unheard of"))
    page = render_flight_page_html(audit, basis=audit_basis, generated=None, target=PLACES[0])
    assert "Neither the log nor the table of cameras gives the field of view" in page


def test_what_the_page_carries_of_the_ground_is_bounded(
    made: Make, hills: ElevationModel, tmp_path: Path
) -> None:
    ground = camera_poses(made(fixes=600).flight, hills).ground
    assert ground is not None
    assert ground.height_ato_m.shape < (251, 251)
    assert np.isfinite(ground.height_ato_m).all()
