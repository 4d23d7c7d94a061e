"""KML keeps its schema, plays along UTC, has the right altitudes, and loads and obeys nothing."""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyogrio
import pytest
from defusedxml.ElementTree import fromstring
from fastkml import kml

from dji_audit.compliance.context import AuditContext
from dji_audit.exports import ExportedFlight
from dji_audit.zones import Circle, Limit, VerticalDatum
from tests.dji_audit.exports.conftest import (
    HOSTILE,
    ExportOf,
    exported_bytes,
    flown_track,
)
from tests.dji_audit.zones.made import zone

KML, GX = "{http://www.opengis.net/kml/2.2}", "{http://www.google.com/kml/ext/2.2}"
SECONDS = np.arange(0, 60, 0.2)
GROUND, TO_120_M = Limit(VerticalDatum.AGL, 0.0, "m"), Limit(VerticalDatum.AGL, 120.0, "m")
ZONES = (
    zone(Circle((50.6005, -3.8995), 300.0), id="agl", lower=GROUND, upper=TO_120_M),
    zone(
        Circle((50.6005, -3.8995), 300.0),
        id="raised",
        lower=TO_120_M,
        upper=Limit(VerticalDatum.AMSL),
    ),
    zone(
        Circle((50.6005, -3.8995), 300.0),
        id="home",
        upper=Limit(VerticalDatum.HOME, 50.0, "m"),
        name="H",
    ),
)


def tree_of(*flights: Any) -> ElementTree.Element:
    tree: ElementTree.Element = fromstring(exported_bytes("kml", *flights))
    return tree


def placemarks(tree: ElementTree.Element, style: str) -> list[ElementTree.Element]:
    return [
        each
        for each in tree.iter(f"{KML}Placemark")
        if each.findtext(f"{KML}styleUrl") == f"#{style}"
    ]


def coordinates(element: ElementTree.Element) -> list[tuple[float, ...]]:
    return [
        tuple(map(float, point.split(",")))
        for each in element.iter(f"{KML}coordinates")
        for point in (each.text or "").split()
    ]


def gx_points(tree: ElementTree.Element) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([list(map(float, (it.text or "").split())) for it in tree.iter(f"{GX}coord")])


def altitude_modes(element: ElementTree.Element) -> set[str | None]:
    return {each.text for each in element.iter(f"{KML}altitudeMode")}


def test_the_document_keeps_the_schemas_and_fastkml_reads_it(
    export_of: ExportOf, tmp_path: Path
) -> None:
    path = tmp_path / "flights.kml"
    path.write_bytes(exported_bytes("kml", export_of(zones=ZONES), export_of(name="b.txt")))
    document: Any = kml.KML.parse(path, strict=True, validate=True)
    (flights,) = document.features
    assert len(flights.features) == 2
    assert {"Recordings, thermal", "Recordings, visible light", "Photos"} <= {
        each.name for each in flights.features[0].features
    }


def test_gdal_reads_both_the_document_and_the_archive(export_of: ExportOf, tmp_path: Path) -> None:
    flight = export_of(zones=ZONES)
    for suffix in ("kml", "kmz"):
        path = tmp_path / f"flights.{suffix}"
        path.write_bytes(exported_bytes(suffix, flight))
        layers = [name for name, _ in pyogrio.list_layers(path)]
        assert "Zones near the track" in layers
        zones = pyogrio.read_dataframe(path, layer="Zones near the track")
        assert list(zones["Name"]) == ["Z", "Z", "H"]
        assert zones.geometry.is_valid.all()


def test_the_track_plays_with_the_times_and_positions_of_the_fixes(export_of: ExportOf) -> None:
    flight = export_of()
    tree, fixes = tree_of(flight), flight.track.fixes
    parts = tree.iter(f"{GX}Track")
    whens = [each.text or "" for part in parts for each in part.iter(f"{KML}when")]
    assert (pd.to_datetime(whens) == fixes["time"].dt.floor("ms")).all()
    points = gx_points(tree)
    assert np.allclose(points[:, 0], fixes["longitude_deg"], rtol=0, atol=1e-8)
    assert np.allclose(points[:, 1], fixes["latitude_deg"], rtol=0, atol=1e-8)
    values = tree.find(f".//{GX}SimpleArrayData[@name='height_ato_m']")
    assert values is not None
    heights = [float(each.text or "nan") for each in values]
    assert np.allclose(heights, fixes["height_ato_m"], atol=0.05)


def test_heights_above_the_sea_are_drawn_as_such(export_of: ExportOf) -> None:
    flight = export_of()
    tree = tree_of(flight)
    (track,) = placemarks(tree, "track")
    assert altitude_modes(track) == {"absolute"}
    assert np.allclose(gx_points(tree)[:, 2], flight.track.fixes["altitude_amsl_m"], atol=0.005)


def test_a_height_above_take_off_alone_is_never_drawn_as_another_height(
    export_of: ExportOf,
) -> None:
    tree = tree_of(export_of(flown_track(SECONDS, altitude_amsl_m=None)))
    for style in ("track", "video-visible", "video-thermal", "photo-visible"):
        (drawn,) = placemarks(tree, style)
        assert altitude_modes(drawn) == {"clampToGround"}
    assert (gx_points(tree)[:, 2] == 0).all()
    assert "take-off point only" in (tree.findtext(f".//{KML}Folder/{KML}description") or "")


@dataclass(frozen=True)
class SlopingGround:
    """An elevation model that rises northwards from 100 m at the take-off."""

    datum: str
    name: str = "made.tif"
    files: tuple[Path, ...] = ()

    def save_for_other_processes(self, folder: Path) -> "SlopingGround":
        return self

    def height_m(self, latitude_deg: Any, longitude_deg: Any) -> Any:
        return 100 + (np.asarray(latitude_deg) - 50.6) * 1e4 + 0 * np.asarray(longitude_deg)


@pytest.mark.parametrize(
    ("datum", "mode"),
    [
        ("geoid EGM96", "absolute"),
        ("ODN height (EPSG:5701)", "absolute"),
        ("EPSG:5030", "clampToGround"),
        ("not stated", "clampToGround"),
    ],
)
def test_with_the_elevation_of_the_take_off_heights_above_it_are_drawn(
    export_of: ExportOf, datum: str, mode: str
) -> None:
    context = AuditContext(elevation=SlopingGround(datum))
    flight = export_of(flown_track(SECONDS, altitude_amsl_m=None), context=context)
    tree = tree_of(flight)
    (track,) = placemarks(tree, "track")
    assert altitude_modes(track) == {mode}
    if mode == "absolute":
        height = flight.track.fixes["height_ato_m"].to_numpy()
        ground = flight.takeoff_elevation_m
        assert ground is not None
        assert 100 <= ground <= 104
        assert np.allclose(gx_points(tree)[:, 2], height + ground, atol=0.005)


def test_fixes_without_an_altitude_lie_on_the_ground_apart(export_of: ExportOf) -> None:
    amsl = np.where(SECONDS < 20, 212.4, np.nan)
    tree = tree_of(export_of(flown_track(SECONDS, altitude_amsl_m=amsl), captures=()))
    (track,) = placemarks(tree, "track")
    parts = list(track.iter(f"{GX}Track"))
    assert [part.findtext(f"{KML}altitudeMode") for part in parts] == ["absolute", "clampToGround"]
    assert [len(list(part.iter(f"{KML}when"))) for part in parts] == [100, 200]


def test_recordings_of_each_sensor_stand_apart_with_their_time(export_of: ExportOf) -> None:
    tree = tree_of(export_of())
    (visible,), (thermal,) = placemarks(tree, "video-visible"), placemarks(tree, "video-thermal")
    begin, end = f"{KML}TimeSpan/{KML}begin", f"{KML}TimeSpan/{KML}end"
    assert visible.findtext(begin) == "2026-05-14T09:00:20.000Z"
    assert visible.findtext(end) == "2026-05-14T09:00:50.000Z"
    assert thermal.findtext(begin) == "2026-05-14T09:00:30.000Z"
    assert len(coordinates(visible)) == 151
    assert len(coordinates(thermal)) == 101
    styles = {
        each.get("id"): (
            each.findtext(f"{KML}LineStyle/{KML}color"),
            float(each.findtext(f"{KML}LineStyle/{KML}width") or 0),
        )
        for each in tree.iter(f"{KML}Style")
        if (each.get("id") or "").startswith("video-")
    }
    assert len({colour for colour, _ in styles.values()}) == 4
    assert styles["video-visible"][1] > styles["video-thermal"][1]


def test_a_gap_is_not_bridged(export_of: ExportOf) -> None:
    seconds = [*np.arange(0, 10, 0.2), *np.arange(40, 60, 0.2)]
    tree = tree_of(export_of(flown_track(seconds), events=(), captures=()))
    assert len(list(tree.iter(f"{GX}Track"))) == 2
    assert tree.findtext(f".//{GX}interpolate") == "0"


def test_a_zone_stands_up_only_where_kml_knows_its_limits(export_of: ExportOf) -> None:
    tree = tree_of(export_of(zones=ZONES))
    drawn = [*placemarks(tree, "zone"), *placemarks(tree, "zone-finding")]
    by_limits = {
        limits: each
        for each in drawn
        for limits in ("to 120 m AGL", "120 m AGL to", "above home")
        if limits in (each.findtext(f"{KML}description") or "")
    }
    stand = by_limits["to 120 m AGL"]
    raised, home = by_limits["120 m AGL to"], by_limits["above home"]
    assert altitude_modes(stand) == {"relativeToGround"}
    assert stand.find(f".//{KML}extrude") is not None
    assert {point[2] for point in coordinates(stand)} == {120.0}
    for lying in (raised, home):
        assert altitude_modes(lying) == {"clampToGround"}
        assert lying.find(f".//{KML}extrude") is None


def test_a_flight_without_utc_is_a_line_that_does_not_play(export_of: ExportOf) -> None:
    track = {**flown_track(SECONDS), "time": [None] * len(SECONDS)}
    tree = tree_of(export_of(track, events=(), captures=()))
    assert not list(tree.iter(f"{GX}Track"))
    assert not list(tree.iter(f"{KML}when"))
    (line,) = placemarks(tree, "track")
    assert len(coordinates(line)) == len(SECONDS)


def test_a_hostile_text_is_neither_markup_nor_an_address(
    hostile_flight: ExportedFlight, tmp_path: Path
) -> None:
    data = exported_bytes("kml", hostile_flight)
    path = tmp_path / "flights.kml"
    path.write_bytes(data)
    kml.KML.parse(path, strict=True, validate=True)
    tree = fromstring(data)
    assert len(placemarks(tree, "event")) == len(HOSTILE)
    for element in tree.iter():
        assert (element.text or "").replace("\n", "").isprintable()
        if element.tag == f"{KML}description":
            # What Google Earth shows as HTML holds line breaks and nothing else.
            assert set(re.findall(r"<[^>]*>", element.text or "")) <= {"<br>"}


def test_nothing_is_loaded_from_anywhere(export_of: ExportOf) -> None:
    data = exported_bytes("kml", export_of(zones=ZONES)).decode()
    assert set(re.findall(r"https?://[^\"<\s]+", data)) == {
        "http://www.opengis.net/kml/2.2",
        "http://www.google.com/kml/ext/2.2",
    }
    tags = {element.tag for element in fromstring(data).iter()}
    assert not tags & {f"{KML}{name}" for name in ("href", "NetworkLink", "Icon", "Link")}


def test_the_archive_holds_the_same_document_and_no_time_of_making(export_of: ExportOf) -> None:
    flight = export_of()
    with zipfile.ZipFile(io.BytesIO(exported_bytes("kmz", flight))) as archive:
        (member,) = archive.infolist()
        assert member.filename == "doc.kml"
        assert member.date_time == (1980, 1, 1, 0, 0, 0)
        assert archive.read(member) == exported_bytes("kml", flight)
