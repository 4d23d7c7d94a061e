"""GPX is read by gpxpy and by GDAL, in UTC, and holds heights above the sea only."""

from pathlib import Path
from typing import Any

import gpxpy
import numpy as np
import pandas as pd
import pyogrio
from defusedxml.ElementTree import fromstring

from dji_audit.exports import ExportedFlight
from dji_audit.zones import Circle
from tests.dji_audit.exports.conftest import (
    HOSTILE,
    ExportOf,
    exported_bytes,
    flown_track,
)
from tests.dji_audit.zones.made import zone

GPX = "{http://www.topografix.com/GPX/1/1}"
SECONDS = np.arange(0, 60, 0.2)
ZONES = (zone(Circle((50.6005, -3.8995), 300.0), id="circle", name="Circle"),)


def gpx_of(*flights: Any) -> Any:
    return gpxpy.parse(exported_bytes("gpx", *flights).decode())


def test_the_track_has_the_times_positions_and_altitudes_of_the_fixes(export_of: ExportOf) -> None:
    flight = export_of()
    (track,) = gpx_of(flight).tracks
    points, fixes = [point for part in track.segments for point in part.points], flight.track.fixes
    assert (pd.to_datetime([point.time for point in points], utc=True) == fixes["time"]).all()
    for name, values in (("latitude", "latitude_deg"), ("longitude", "longitude_deg")):
        read = [getattr(point, name) for point in points]
        assert np.allclose(read, fixes[values], rtol=0, atol=1e-8)
    elevations = [point.elevation for point in points]
    assert np.allclose(elevations, fixes["altitude_amsl_m"], atol=0.0005)
    extensions = {each.tag.rpartition("}")[2]: each.text for each in points[50].extensions}
    assert float(extensions["height_ato_m"]) == fixes["height_ato_m"].iloc[50]
    assert int(extensions["source_offset"]) == fixes["source_offset"].iloc[50]


def test_a_height_above_take_off_is_no_elevation(export_of: ExportOf) -> None:
    gpx = gpx_of(export_of(flown_track(SECONDS, altitude_amsl_m=None)))
    assert not gpx.has_elevations()
    assert not any(point.elevation is not None for point in gpx.waypoints)


def test_captures_events_and_areas_are_way_points_and_closed_routes(export_of: ExportOf) -> None:
    gpx = gpx_of(export_of(zones=ZONES))
    named = {point.name: point for point in gpx.waypoints}
    thermal = named["Video, thermal: DJI_0001_T.MP4"]
    assert thermal.time == pd.Timestamp("2026-05-14T09:00:30Z")
    assert thermal.type == "video thermal"
    assert "Strong wind" in named
    # A setting has no place.
    assert not any(point.type == "param" for point in gpx.waypoints)
    kinds = [route.type for route in gpx.routes]
    assert kinds.count("zone") == 1
    assert kinds.count("footprint") == 1
    for route in gpx.routes:
        first, last = route.points[0], route.points[-1]
        assert (first.latitude, first.longitude) == (last.latitude, last.longitude)


def test_elements_stand_in_the_order_of_the_schema_over_several_flights(
    export_of: ExportOf, tmp_path: Path
) -> None:
    flights = export_of(zones=ZONES), export_of(name="b.txt", sha256="cd" * 32, zones=ZONES)
    data = exported_bytes("gpx", *flights)
    names = [element.tag.removeprefix(GPX) for element in fromstring(data)]
    order = ["metadata", "wpt", "rte", "trk"]
    assert names == sorted(names, key=order.index)
    assert names.count("trk") == 2
    path = tmp_path / "flights.gpx"
    path.write_bytes(data)
    assert len(pyogrio.read_dataframe(path, layer="tracks")) == 2
    assert len(pyogrio.read_dataframe(path, layer="track_points")) == 600


def test_a_track_is_cut_at_the_antimeridian_and_at_gaps(export_of: ExportOf) -> None:
    across = flown_track(SECONDS, -17.0, 179.9975)
    (track,) = gpx_of(export_of(across, events=(), captures=())).tracks
    assert len(track.segments) == 2
    assert sum(len(part.points) for part in track.segments) == len(SECONDS)
    for part in track.segments:
        assert len({point.longitude > 0 for point in part.points}) == 1
    seconds = [*np.arange(0, 10, 0.2), 20.0, *np.arange(40, 60, 0.2)]
    (track,) = gpx_of(export_of(flown_track(seconds), events=(), captures=())).tracks
    assert [len(part.points) for part in track.segments] == [50, 1, 100]


def test_no_longitude_is_180(export_of: ExportOf) -> None:
    still = flown_track(SECONDS, longitude_deg=np.full(len(SECONDS), 180.0))
    data = exported_bytes("gpx", export_of(still, events=(), captures=()))
    assert b'lon="180' not in data
    assert b'lon="-180.00000000"' in data


def test_a_fix_without_utc_has_no_time(export_of: ExportOf) -> None:
    track = {**flown_track(SECONDS), "time": [None] * len(SECONDS)}
    gpx = gpx_of(export_of(track, events=(), captures=()))
    assert not gpx.has_times()
    assert gpx.get_track_points_no() == len(SECONDS)


def test_a_flight_without_a_position_leaves_a_document_without_a_track(export_of: ExportOf) -> None:
    nowhere = flown_track(SECONDS, latitude_deg=None, longitude_deg=None)
    gpx = gpx_of(export_of(nowhere))
    assert not gpx.tracks
    assert not gpx.waypoints


def test_a_hostile_text_is_text(hostile_flight: ExportedFlight) -> None:
    gpx = gpx_of(hostile_flight)
    assert len(gpx.tracks) == 1
    assert len(gpx.waypoints) >= 2 * len(HOSTILE)
    for thing in (*gpx.waypoints, *gpx.routes, *gpx.tracks):
        assert thing.name.isprintable()
