"""GeoParquet is read by geopandas, keeps the metadata of 1.1, and holds every fix."""

import io
import json
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from dji_audit.exports import ExportedFlight
from dji_audit.exports._flight_map_features import flight_features
from dji_audit.exports.geoparquet import FORMAT
from dji_audit.zones import Circle
from tests.dji_audit.exports.conftest import (
    BASIS,
    HOSTILE,
    ExportOf,
    exported_bytes,
    flown_track,
)
from tests.dji_audit.zones.made import zone

ZONES = (zone(Circle((50.6005, -3.8995), 300.0), id="circle"),)


def frame_of(*flights: Any) -> Any:
    return geopandas.read_parquet(io.BytesIO(exported_bytes("geoparquet", *flights)))


def test_every_fix_is_a_row_with_its_position_time_and_bytes(export_of: ExportOf) -> None:
    flight = export_of()
    rows, fixes = frame_of(flight), flight.track.fixes
    read = rows[rows["feature"] == "fix"].reset_index(drop=True)
    assert len(read) == len(fixes)
    assert np.allclose(read.geometry.x, fixes["longitude_deg"], rtol=0, atol=0)
    assert np.allclose(read.geometry.y, fixes["latitude_deg"], rtol=0, atol=0)
    assert (read["start"] == fixes["time"]).all()
    for name in ("height_ato_m", "altitude_amsl_m", "gimbal_pitch_deg", "source_offset"):
        assert (read[name] == fixes[name]).all(), name
    # What no log states is missing, never zero.
    assert read["height_agl_m"].isna().all()
    assert set(read["source_sha256"]) == {flight.sources[0].sha256}


def test_features_and_properties_are_those_of_geojson(export_of: ExportOf) -> None:
    flight = export_of(zones=ZONES)
    rows = frame_of(flight).set_index("id")
    features = list(flight_features(flight))
    assert len(rows) == len(features) + len(flight.track)
    for feature in features:
        row = rows.loc[feature.id]
        for name, value in feature.properties.items():
            if isinstance(value, list):
                continue
            if name in ("start", "end"):
                assert row[name] == pd.Timestamp(str(value))
            else:
                assert row[name] == value, name


def test_the_metadata_are_those_of_version_1_1(export_of: ExportOf) -> None:
    data = exported_bytes("geoparquet", export_of(zones=ZONES), export_of(name="b.txt"))
    metadata = pq.read_metadata(io.BytesIO(data)).metadata
    geo = json.loads(metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert set(column["geometry_types"]) == {"MultiLineString", "Point", "Polygon"}
    assert column["edges"] == "planar"
    assert column["orientation"] == "counterclockwise"
    west, south, east, north = column["bbox"]
    assert -4 < west < east < -3.8
    assert 50.59 < south < north < 50.61
    about = json.loads(metadata[b"dji_audit"])
    assert about["case"]["reference"] == "CASE <1>"
    assert [flight["sources"][0]["file"] for flight in about["flights"]] == ["flight.txt", "b.txt"]


def test_a_flight_without_a_position_has_rows_without_geometry(export_of: ExportOf) -> None:
    track = flown_track(np.arange(0, 60, 0.2), latitude_deg=None, longitude_deg=None)
    data = exported_bytes("geoparquet", export_of(track))
    rows = geopandas.read_parquet(io.BytesIO(data))
    assert rows.geometry.isna().all()
    assert not (rows["feature"] == "fix").any()
    assert (
        "bbox"
        not in json.loads(pq.read_metadata(io.BytesIO(data)).metadata[b"geo"])["columns"][
            "geometry"
        ]
    )


def test_texts_are_visible(hostile_flight: ExportedFlight) -> None:
    rows = frame_of(hostile_flight)
    texts = rows.loc[rows["feature"] == "event", "name"]
    assert len(texts) == len(HOSTILE)
    assert all(text.isprintable() for text in texts)


def test_without_flights_there_is_a_table_without_rows() -> None:
    data = b"".join(FORMAT.document([], BASIS))
    assert len(geopandas.read_parquet(io.BytesIO(data))) == 0
