"""What lies behind the path: drawn from the page alone, credited, the same bytes each time."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from dji_audit.basemap.supplied_map import read_supplied_maps
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.mapper import render_flight_page_html
from dji_audit.mapper.basemap import (
    basemap_as_json_data,
    basemap_attribution,
    coast_and_places_svg,
    locator_maps_svg,
)
from dji_audit.mapper.html._folium import Bounds
from tests.dji_audit.basemap.unit_map_files import (
    ATTRIBUTION,
    coloured_tiles,
    tiles_around,
    vector_tile,
    write_mbtiles,
    write_pmtiles,
)
from tests.dji_audit.mapper.conftest import Make, Open

#: British flights without a base map: position, town and county that must show.
TOWNS = {
    (51.455, 0.78): ("Sheerness", "Kent"),
    (53.481, -2.243): ("Manchester", "Manchester"),
    (57.478, -4.224): ("Inverness", "Highland"),
}
MANCHESTER = (53.481, -2.243)


def data_of(page: str) -> Any:
    """Return the block of data of a page."""
    found = re.search(r'<script type="application/json" id="flight">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("position", TOWNS)
def test_town_and_county_stand_on_the_page_without_a_base_map(
    made: Make, audit_basis: AuditInputProvenance, position: tuple[float, float]
) -> None:
    audit = made(fixes=600, latitude=position[0], longitude=position[1])
    page = render_flight_page_html(audit, basis=audit_basis, generated=None)
    town, county = TOWNS[position]
    summary = re.search(r'<details class="where"[^>]*><summary>(.*?)</summary>', page)
    assert summary and town in summary[1] and county in summary[1]
    assert f"<dt>Place</dt><dd>{summary[1]}</dd>" in page
    assert "Lines true to about 1 km: not for distances." in page
    assert "GeoNames, CC BY 4.0" in page


@pytest.mark.parametrize(
    "box",
    [Bounds(51.44, 0.76, 51.45, 0.77), Bounds(53.48, -2.25, 53.49, -2.24),
     Bounds(57.1, -5.9, 57.2, -5.8), Bounds(-22.3, 166.4, -22.2, 166.5),
     Bounds(-17.4, 179.9, -17.3, 180.1), Bounds(40.7, -74.1, 40.8, -74.0),
     Bounds(52.5, 13.3, 52.6, 13.4)],
)  # fmt: skip
def test_what_is_always_there_takes_at_most_60_kb_of_a_page(box: Bounds) -> None:
    data = json.dumps(basemap_as_json_data(box), separators=(",", ":"))
    inset = locator_maps_svg(box.south, box.west)

    def project(latitude: Any, longitude: Any) -> tuple[Any, Any]:
        return (longitude - box.west) * 6000, (box.north - latitude) * 9000

    still = "".join(coast_and_places_svg(box, project, 1000, 640))
    assert len(data) + len(inset) + len(still) <= 60_000
    assert len(data) > 2000


def test_the_same_flight_gives_the_same_background() -> None:
    box = Bounds(51.44, 0.76, 51.45, 0.77)
    assert basemap_as_json_data(box) == basemap_as_json_data(box)
    assert locator_maps_svg(51.44, 0.76) == locator_maps_svg(51.44, 0.76)


def test_abroad_the_lines_are_said_to_be_coarser() -> None:
    assert "about 5 km" in basemap_attribution(Bounds(40.7, -74.1, 40.8, -74.0))
    assert "about 1 km" in basemap_attribution(Bounds(51.4, 0.7, 51.5, 0.8))


def test_a_flight_abroad_is_shown_in_the_time_of_its_place(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=600, latitude=-22.26, longitude=166.46)
    page = html.unescape(render_flight_page_html(audit, basis=audit_basis, generated=None))
    assert "BST" not in page
    assert "UTC+11" in page
    assert "Local time is that of Pacific/Noumea, in which the flight" in page
    chosen = render_flight_page_html(
        audit, basis=audit_basis, generated=None, local_zone="Europe/London"
    )
    assert "BST" in chosen and "which the user chose" in chosen


def test_the_units_map_is_in_the_page_once_with_its_name_hash_and_attribution(
    made: Make, audit_basis: AuditInputProvenance, tmp_path: Path
) -> None:
    tiles = coloured_tiles(range(13, 18))
    path = write_pmtiles(tmp_path / "unit <map>.pmtiles", tiles, attribution=ATTRIBUTION)
    maps = read_supplied_maps(path)
    audit = made(fixes=600, latitude=MANCHESTER[0], longitude=MANCHESTER[1])
    pages = [
        render_flight_page_html(audit, basis=audit_basis, generated=None, basemaps=maps)
        for _ in range(2)
    ]
    assert pages[0] == pages[1]
    page = pages[0]
    assert maps[0].sha256 in page
    assert "© Unit & Sons" in html.unescape(page)
    assert "<map>" not in page
    embedded = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page)
    assert len(embedded) == len(set(embedded)) > 8
    pictures = data_of(page)["basemap"]["unit"]["pictures"]
    assert len(pictures) == len(embedded)
    stills = [index for index, picture in enumerate(pictures) if picture[5] is None]
    assert stills
    for index in stills:
        assert f'id="map_tile_{index}"' in page


def test_a_map_of_another_place_is_said_to_have_nothing_here(
    made: Make, audit_basis: AuditInputProvenance, tmp_path: Path
) -> None:
    maps = read_supplied_maps(write_mbtiles(tmp_path / "m.mbtiles", coloured_tiles([14])))
    audit = made(fixes=600, latitude=50.6, longitude=-3.9)
    page = render_flight_page_html(audit, basis=audit_basis, generated=None, basemaps=maps)
    assert "The base map m.mbtiles has nothing near the path." in page


@pytest.mark.browser
def test_land_and_the_units_tiles_are_painted_under_the_path(
    made: Make, audit_basis: AuditInputProvenance, tmp_path: Path, open_page: Open
) -> None:
    maps = read_supplied_maps(write_mbtiles(tmp_path / "m.mbtiles", coloured_tiles(range(13, 18))))
    audit = made(fixes=600, latitude=MANCHESTER[0], longitude=MANCHESTER[1])
    page = render_flight_page_html(audit, basis=audit_basis, generated=None, basemaps=maps)
    seen = open_page(page)
    probe = """() => {
      const layer = document.querySelector('.canvas_layer');
      const ratio = layer.width / layer.clientWidth;
      const [x, y] = [layer.clientWidth / 2 + 60, layer.clientHeight / 2];
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [1, 1];
      const ctx = copy.getContext('2d', { willReadFrequently: true });
      ctx.drawImage(layer, -Math.round(x * ratio), -Math.round(y * ratio));
      return [...ctx.getImageData(0, 0, 1, 1).data];
    }"""
    # A browser decodes tiles in its own time.
    seen.page.wait_for_function(
        f"(reds) => reds.includes(({probe})()[0])", arg=[10 * zoom for zoom in range(13, 18)]
    )
    colour = seen.page.evaluate(probe)
    # Red of a tile is ten times its zoom, green and blue are its column and row.
    assert colour[0] in {10 * zoom for zoom in range(13, 18)}
    assert {tuple(colour[1:3])} <= {
        (column % 256, row % 256)
        for zoom, column, row in tiles_around(range(13, 18))
        if 10 * zoom == colour[0]
    }
    assert len(seen.requests) == 1
    assert seen.complaints == [] and seen.violations == []
    assert "Unit" not in seen.text(".leaflet-control-attribution")
    assert "Map: m.mbtiles" in seen.text(".leaflet-control-attribution")


@pytest.mark.browser
def test_roads_and_hostile_names_of_a_vector_map_are_painted_and_never_run(
    made: Make, audit_basis: AuditInputProvenance, tmp_path: Path, open_page: Open
) -> None:
    tiles = dict.fromkeys(tiles_around([14]), vector_tile())
    attribution = "<img src=x onerror=alert(1)>© Us"
    maps = read_supplied_maps(write_mbtiles(tmp_path / "v.mbtiles", tiles, attribution=attribution))
    audit = made(fixes=600, latitude=53.478, longitude=-2.245)
    page = render_flight_page_html(audit, basis=audit_basis, generated=None, basemaps=maps)
    seen = open_page(page)
    assert "© Us" in seen.text(".leaflet-control-attribution")
    assert seen.page.locator("img").count() == 0
    # The lake, the wood and the roads have colours of their own.
    colours = seen.page.evaluate(
        """() => {
      const map = window.__flightPage.map;
      map.setView([53.4785, -2.2445], 14, { animate: false });
      return new Promise((done) => setTimeout(() => {
        const layer = document.querySelector('.canvas_layer');
        const { data } = layer.getContext('2d').getImageData(0, 0, layer.width, layer.height);
        const found = new Set();
        for (let i = 0; i < data.length; i += 4) found.add(data.slice(i, i + 3).join(','));
        done([...found]);
      }, 300));
    }"""
    )
    for wanted in ("196,217,234", "211,226,203", "197,143,106"):
        assert wanted in colours
    assert seen.complaints == [] and seen.violations == []


@pytest.mark.browser
def test_the_place_can_be_closed_and_opened_by_keyboard(
    made: Make, audit_basis: AuditInputProvenance, open_page: Open
) -> None:
    seen = open_page(render_flight_page_html(made(fixes=600), basis=audit_basis, generated=None))
    where = seen.page.locator("#where")
    assert where.get_attribute("open") is not None
    seen.page.locator("#where summary").focus()
    seen.page.keyboard.press("Enter")
    assert where.get_attribute("open") is None
    assert seen.complaints == []
