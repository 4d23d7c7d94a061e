"""GeoJSON is read by GDAL, keeps RFC 7946, and holds the positions and times of the track."""

import io
import json
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from dji_audit.exports import ExportedFlight
from dji_audit.zones import Circle, Corridor, Polygon, Ring
from tests.dji_audit.conftest import BEGIN
from tests.dji_audit.exports.conftest import (
    HOSTILE,
    ExportOf,
    capture,
    exported_bytes,
    flown_track,
)
from tests.dji_audit.zones.made import zone

NEAR = (50.6005, -3.8995)
SQUARE = Polygon(
    Ring(((50.6, -3.9), (50.601, -3.9), (50.601, -3.899), (50.6, -3.899))),
    (Ring(((50.6002, -3.8998), (50.6002, -3.8996), (50.6004, -3.8996))),),
)
ZONES = (
    zone(Circle(NEAR, 300.0), id="circle"),
    zone(SQUARE, id="square"),
    zone(Corridor((NEAR, (50.602, -3.897)), 50.0), id="corridor"),
    zone(Circle((52.0, 1.0), 10.0), id="far"),
)


def document_of(*flights: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(exported_bytes("geojson", *flights))
    return document


def features_of(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in document["features"] if each["properties"]["feature"] == kind]


def positions(coordinates: Any) -> list[list[float]]:
    if not coordinates:
        return []
    if isinstance(coordinates[0], int | float):
        return [coordinates]
    return [position for each in coordinates for position in positions(each)]


def assert_rfc_7946(document: dict[str, Any]) -> None:
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    ids = [feature["id"] for feature in document["features"]]
    assert len(ids) == len(set(ids))
    for feature in document["features"]:
        assert set(feature) == {"type", "id", "properties", "geometry"}
        geometry = feature["geometry"]
        if geometry is None:
            continue
        for position in positions(geometry["coordinates"]):
            assert len(position) == 2
            assert -180 <= position[0] <= 180
            assert -90 <= position[1] <= 90
        drawn = shape(geometry)
        assert drawn.is_valid, feature["id"]
        # Nothing crosses the antimeridian: no part is wider than half the earth.
        for part in shapely.get_parts(drawn):
            assert part.bounds[2] - part.bounds[0] <= 180
            if part.geom_type == "Polygon":
                assert part.exterior.is_ccw
                assert not any(hole.is_ccw for hole in part.interiors)


def test_gdal_reads_every_feature(export_of: ExportOf) -> None:
    data = exported_bytes("geojson", export_of(zones=ZONES))
    frame = geopandas.read_file(io.BytesIO(data))
    assert frame.crs.to_epsg() == 4326
    counts = frame["feature"].value_counts()
    assert counts["track"] == counts["home"] == 1
    assert counts["recording"] == 2
    assert counts["photo"] == 1
    assert counts["zone"] == 3
    assert counts["event"] == 5
    assert counts["footprint"] > 5
    assert_rfc_7946(json.loads(data))


def test_the_line_has_the_positions_times_and_heights_of_the_fixes(export_of: ExportOf) -> None:
    flight = export_of()
    (track,) = features_of(document_of(flight), "track")
    (line,), fixes = track["geometry"]["coordinates"], flight.track.fixes
    assert len(line) == len(fixes) == 300
    assert np.allclose(np.array(line)[:, 0], fixes["longitude_deg"], rtol=0, atol=1e-8)
    assert np.allclose(np.array(line)[:, 1], fixes["latitude_deg"], rtol=0, atol=1e-8)
    (times,) = track["properties"]["coordTimes"]
    assert (pd.to_datetime(times) == fixes["time"]).all()
    assert np.allclose(track["properties"]["height_ato_m"][0], fixes["height_ato_m"])
    assert np.allclose(track["properties"]["altitude_amsl_m"][0], fixes["altitude_amsl_m"])


def test_a_gap_parts_the_line_and_a_fix_alone_is_a_point(export_of: ExportOf) -> None:
    seconds = [*np.arange(0, 10, 0.2), 20.0, *np.arange(40, 60, 0.2)]
    document = document_of(export_of(flown_track(seconds), events=(), captures=()))
    (track,) = features_of(document, "track")
    assert [len(line) for line in track["geometry"]["coordinates"]] == [50, 100]
    (single,) = features_of(document, "single_fixes")
    assert len(single["geometry"]["coordinates"]) == 1
    assert single["properties"]["coordTimes"] == ["2026-05-14T09:00:20.000000Z"]


def test_an_aircraft_that_stands_still_is_points_and_no_line(export_of: ExportOf) -> None:
    still = flown_track(
        np.arange(0, 60, 0.2), latitude_deg=np.full(300, 50.6), longitude_deg=np.full(300, -3.9)
    )
    document = document_of(export_of(still))
    assert_rfc_7946(document)
    (points,) = features_of(document, "single_fixes")
    assert len(points["geometry"]["coordinates"]) == len(points["properties"]["coordTimes"]) == 300
    assert {each["geometry"]["type"] for each in features_of(document, "recording")} == {"Point"}


def test_recordings_without_end_at_once_are_points_and_said_to_be(export_of: ExportOf) -> None:
    many = [capture(0.1 + n / 1000, 59.0, "visible") for n in range(30)]
    recordings = features_of(document_of(export_of(captures=many)), "recording")
    cut = [each for each in recordings if each["properties"].get("is_cut")]
    assert len(recordings) == 30
    # Each of them covers nearly all of the track, which is drawn 20 times at most.
    assert len(cut) == 10
    assert all(each["geometry"]["type"] == "Point" for each in cut)
    drawn = [each for each in recordings if each not in cut]
    assert all(each["geometry"]["type"] == "MultiLineString" for each in drawn)


def test_what_crosses_the_antimeridian_is_cut(export_of: ExportOf) -> None:
    seconds = np.arange(0, 60, 0.2)
    across = flown_track(seconds, -17.0, 179.9975)
    zones = [zone(Circle((-17.0, 180.0), 500.0), id="circle"), zone(id="everywhere")]
    document = document_of(export_of(across, zones=zones))
    assert_rfc_7946(document)
    (track,) = features_of(document, "track")
    east, west = track["geometry"]["coordinates"]
    assert east[-1][0] == 180.0
    assert west[0] == [-180.0, east[-1][1]]
    assert len(east) + len(west) == len(seconds) + 2
    times = track["properties"]["coordTimes"]
    # The points of the cut are no fixes.
    assert times[0][-1] is times[1][0] is None
    assert None not in times[0][:-1] + times[1][1:]
    circle, everywhere = features_of(document, "zone")
    assert circle["geometry"]["type"] == "MultiPolygon"
    assert everywhere["geometry"] is None
    assert all(abs(x) > 179 for x, _ in positions(circle["geometry"]["coordinates"]))


def test_a_hole_stays_a_hole(export_of: ExportOf) -> None:
    (square,) = [
        each
        for each in features_of(document_of(export_of(zones=ZONES)), "zone")
        if each["properties"]["zone_id"] == "square"
    ]
    assert len(square["geometry"]["coordinates"]) == 2
    assert not shape(square["geometry"]).contains(shapely.Point(-3.8997, 50.6003 - 1e-5))


def test_a_flight_without_utc_has_times_by_its_own_clock(export_of: ExportOf) -> None:
    track = flown_track(np.arange(0, 60, 0.2), time=None)
    rows = len(track["latitude_deg"])
    local = BEGIN.tz_localize(None).to_datetime64() + np.arange(rows) * np.timedelta64(200, "ms")
    nothing = np.array([], "datetime64[ns]")
    import parsers

    untimed = {**track, "time": [None] * rows}
    own = parsers.LocalTimes("wall", local.astype("datetime64[ns]"), *[nothing] * 4)
    flight = export_of(
        untimed, events=(), captures=(), local_times=own, clock=parsers.Clock("own clock")
    )
    (feature,) = features_of(document_of(flight), "track")
    assert "coordTimes" not in feature["properties"]
    (times,) = feature["properties"]["local_times"]
    assert times[0] == "2026-05-14T09:00:00.000"
    assert "Z" not in "".join(times)
    assert len(feature["geometry"]["coordinates"][0]) == rows


def test_a_flight_without_a_position_is_there_without_a_line(export_of: ExportOf) -> None:
    nowhere = flown_track(np.arange(0, 60, 0.2), latitude_deg=None, longitude_deg=None)
    document = document_of(export_of(nowhere))
    assert_rfc_7946(document)
    (track,) = features_of(document, "track")
    assert track["geometry"] is None
    assert track["properties"]["fixes_without_position"] == 300
    assert len(features_of(document, "event")) == 5
    assert all(each["geometry"] is None for each in features_of(document, "event"))


def test_a_hostile_text_is_text(hostile_flight: ExportedFlight) -> None:
    data = exported_bytes("geojson", hostile_flight)
    assert data.isascii()
    document = json.loads(data)
    assert_rfc_7946(document)
    assert len(features_of(document, "event")) == len(features_of(document, "zone")) == len(HOSTILE)
    for feature in document["features"]:
        for value in feature["properties"].values():
            assert not isinstance(value, str) or value.isprintable()


def test_every_feature_says_by_what_it_is_known(export_of: ExportOf) -> None:
    document = document_of(export_of(zones=ZONES))
    for feature in document["features"]:
        properties = feature["properties"]
        if properties["feature"] != "home":
            assert len(properties["source_sha256"]) == 64, feature["id"]
            assert properties["source_file"]
    about = document["dji_audit"]
    assert about["case"] == {"reference": "CASE <1>", "exhibit": "EX/2", "made_by": "PC 3"}
    assert about["policy"]["name"] == "default"
    (flight,) = document["flights"]
    assert flight["zones_compared"] == 4
    assert flight["zones_here"] == 3
    assert flight["sources"][0]["clock"] == "GPS"
