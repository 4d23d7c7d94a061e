"""Tracks and zones for the tests of the engine, placed by geodesics."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from dji_audit.zones import _model as model
from dji_audit.zones.engine._comparison_result import ZoneComparisonResult, ZoneCrossing
from dji_audit.zones.engine._zone_crossings import find_zone_crossings
from dji_audit.zones.engine._zone_index import ZoneIndex
from dji_audit.zones.engine._zone_track import ZoneTrack, build_zone_track
from parsers import _tables

GEOD = Geod(ellps="WGS84")
START = pd.Timestamp("2026-05-14T09:00:00Z")
SOURCE = model.ZoneSource("made", "ab" * 32, "made")
#: Near the equator, in Scotland, a kilometre and 110 km from the pole, across the antimeridian.
PLACES = [(0.0, 10.0), (56.0, -3.0), (89.0, 77.0), (89.99, 0.0), (-17.0, 179.9999), (0.0, -180.0)]

places = pytest.mark.parametrize("place", PLACES, ids=str)


def zone(*shape: model.Shape, **changes: Any) -> model.Zone:
    made = model.Zone(
        "Z",
        "Z",
        "",
        model.ZoneEffect.PROHIBITED,
        shape,
        model.SURFACE,
        model.UNLIMITED,
        SOURCE,
        "1",
    )
    return replace(made, **changes)


def at(place: model.Point, bearing: float, metres: float) -> model.Point:
    longitude, latitude, _ = GEOD.fwd(place[1], place[0], bearing, metres)
    return float(latitude), float(longitude)


def away(first: model.Point, second: model.Point) -> float:
    return float(GEOD.inv(first[1], first[0], second[1], second[0])[2])


def make_track(
    points: list[model.Point], times: list[float] | None = None, **columns: Any
) -> ZoneTrack:
    rows = len(points)
    seconds = np.array(times if times is not None else range(rows), np.float64)
    filled = {
        "time": START + pd.to_timedelta(seconds, unit="s").as_unit("ns"),
        "latitude_deg": [latitude for latitude, _ in points],
        "longitude_deg": [longitude for _, longitude in points],
        "source_offset": np.arange(rows) * 10,
    }
    for name, value in columns.items():
        filled[name] = np.full(rows, value) if np.isscalar(value) else value
    return build_zone_track(_tables.build_table(_tables.TRACK, filled, rows), gap_s=10.0)


def straight(
    through: model.Point, bearing: float, before: float, after: float, step: float = 10.0
) -> ZoneTrack:
    """Return a path along a geodesic: it flies ``step`` metres a second, past a point."""
    metres = np.arange(-before, after + step / 2, step)
    return make_track([at(through, bearing, distance) for distance in metres])


def seconds(instant: pd.Timestamp) -> float:
    return float((instant - START).total_seconds())


def cross(flown: ZoneTrack, *zones: model.Zone, **options: Any) -> ZoneComparisonResult:
    return find_zone_crossings(flown, ZoneIndex(zones), **options)


def only_crossing(flown: ZoneTrack, area: model.Zone, **options: Any) -> ZoneCrossing:
    (crossing,) = cross(flown, area, **options).crossings
    return crossing


def ring(place: model.Point, metres: float, corners: int = 5, turn: float = 11.0) -> model.Ring:
    return model.Ring(tuple(at(place, turn + 360 * n / corners, metres) for n in range(corners)))


def on_edge(first: model.Point, second: model.Point, share: float) -> model.Point:
    """Return a point of a geodesic."""
    azimuth, _, whole = GEOD.inv(first[1], first[0], second[1], second[0])
    return at(first, azimuth, share * whole)
