"""Distances, azimuths and scales on the ellipsoid, and the rule that they stand in one place."""

import re
from itertools import pairwise

import numpy as np
import pytest
from pyproj import Geod

from dji_audit.geo.geodesy import (
    approximate_ground_distances_m,
    bearings_from_point_deg,
    distance_m,
    distances_between_point_pairs_m,
    distances_exact_if_far_m,
    longitude_degrees_per_latitude_degree,
    metres_per_latitude_and_longitude_degree,
    points_at_bearings_and_one_distance,
    points_between,
)
from dji_audit.geo.local_plane import east_north_m
from tests.conftest import ROOT

OTHER = Geod(a=6378137.0, rf=298.257223563)
HERE, THERE = (54.6436, -2.2210), (54.7, -2.1)

#: Radii, lengths of degrees and circumferences of the earth, and the formulas that need them.
EARTH = re.compile(
    r"6_?371(_?\d{3}|\b)|6_?37[78]_?\d{3}|6_?356_?\d{3}|11[01]_?[1-9]\d\d(\.|\b)|40_?07\d_?\d{3}"
    r"|0\.0066943|haversine|\bGeod\(|\b(?:np|math)\.cos\((?:np|math)\.radians\([^)]*(?:lat|south)",
    re.IGNORECASE,
)


def test_no_geometry_of_the_earth_stands_outside_geo() -> None:
    paths = [
        path
        for path in (ROOT / "dji_audit").rglob("*.py")
        if "geo" not in path.relative_to(ROOT).parts
        # The reference system of a table, in the words of its standard.
        and path.name != "write_tables.py"
    ]
    assert len(paths) > 100
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in paths
        for match in EARTH.finditer(path.read_text("utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize("text", ["6371008.8", "111_320.0", "40_075_017", "6_378_137.0"])
def test_the_numbers_of_the_earth_are_recognised(text: str) -> None:
    assert EARTH.search(f"x = {text}")


def test_distances_are_those_of_the_geodesic_for_one_point_or_many() -> None:
    latitude, longitude = np.array([54.7, np.nan, -33.0]), np.array([-2.1, 0.0, 151.0])
    expected = [
        OTHER.inv(HERE[1], HERE[0], lon, lat)[2]
        for lat, lon in zip(latitude, longitude, strict=True)
    ]
    found = distances_between_point_pairs_m(latitude, longitude, *HERE)
    assert found == pytest.approx(expected, abs=1e-6, nan_ok=True)
    assert distance_m(HERE, THERE) == pytest.approx(expected[0], abs=1e-6)
    assert distances_between_point_pairs_m(*THERE, *HERE).tolist() == [distance_m(THERE, HERE)]
    # On a sphere it would be 24.7 m less.
    assert distance_m(HERE, THERE) == pytest.approx(10_017.805, abs=0.001)


def test_destinations_lie_at_the_bearing_and_the_distance() -> None:
    bearings = np.array([0.0, 90.0, 200.0])
    latitude, longitude = points_at_bearings_and_one_distance(HERE, bearings, 1500.0)
    assert distances_between_point_pairs_m(latitude, longitude, *HERE) == pytest.approx(
        [1500.0] * 3, abs=1e-6
    )
    assert bearings_from_point_deg(HERE, latitude, longitude) % 360 == pytest.approx(
        bearings, abs=1e-9
    )


def test_points_between_divide_a_geodesic_evenly() -> None:
    points = [HERE, *points_between(HERE, THERE, 3), THERE]
    steps = [distance_m(a, b) for a, b in pairwise(points)]
    assert steps == pytest.approx([distance_m(HERE, THERE) / 4] * 4, abs=1e-4)


@pytest.mark.parametrize("latitude", [0.0, 35.0, 54.6, 80.0, -54.6])
def test_the_length_of_a_degree_is_that_of_the_ellipsoid(latitude: float) -> None:
    north, east = metres_per_latitude_and_longitude_degree(latitude)
    half = 1e-3
    assert north * 2 * half == pytest.approx(
        distance_m((latitude - half, 0.0), (latitude + half, 0.0)), rel=1e-7
    )
    assert east * 2 * half == pytest.approx(
        distance_m((latitude, -half), (latitude, half)), rel=1e-7
    )


def test_a_rough_distance_is_good_to_a_hundredth_across_the_date_line() -> None:
    latitude, longitude = np.array([54.0, 54.1, 54.3]), np.array([179.9, -179.9, -179.5])
    rough = approximate_ground_distances_m(latitude, longitude, 54.0, 179.95)
    assert rough == pytest.approx(
        distances_between_point_pairs_m(latitude, longitude, 54.0, 179.95), rel=0.01
    )


def test_the_tangent_plane_shortens_sixty_kilometres_by_a_metre() -> None:
    latitude, longitude = points_at_bearings_and_one_distance(HERE, np.array([0.0, 77.0]), 60_000.0)
    east, north = east_north_m(*HERE, latitude, longitude)
    shorter = 60_000.0 - np.hypot(east, north)
    assert shorter == pytest.approx([0.9, 0.9], abs=0.15)


@pytest.mark.parametrize("latitude", [0.0, 51.5, -22.3, 70.0])
def test_degrees_of_longitude_are_stretched_to_the_length_of_one_of_latitude(
    latitude: float,
) -> None:
    across = distance_m(
        (latitude, 0.0), (latitude, longitude_degrees_per_latitude_degree(latitude) * 0.01)
    )
    up = distance_m((latitude - 0.005, 0.0), (latitude + 0.005, 0.0))
    assert across == pytest.approx(up, rel=1e-4)
    assert longitude_degrees_per_latitude_degree(90.0) == pytest.approx(10.0)


@pytest.mark.parametrize("limit_m", [50.0, 500.0, 5e6])
@pytest.mark.parametrize("away_deg", [0.003, 0.3, 30.0])
def test_a_distance_is_exact_if_it_reaches_the_limit_or_none_is_greater(
    away_deg: float, limit_m: float
) -> None:
    latitude = np.array([54.0, 54.0 + away_deg, 54.0 - away_deg / 2, np.nan, 54.0, 400.0])
    longitude = np.array([-3.0, -3.0, -3.0 + away_deg, -3.0, 1e9, -3.0])
    home = np.full(6, 54.0), np.full(6, -3.0)
    exact = distances_between_point_pairs_m(latitude, longitude, *home)
    found = distances_exact_if_far_m(latitude, longitude, *home, limit_m)
    assert np.isfinite(found).tolist() == np.isfinite(exact).tolist()
    far = exact >= min(limit_m, np.nanmax(exact))
    assert found[far].tolist() == exact[far].tolist()
    assert (found[np.isfinite(exact) & ~far] < min(limit_m, np.nanmax(exact))).all()
    assert found[:3].tolist() == pytest.approx(exact[:3].tolist(), rel=0.05)


def test_distances_of_few_points_of_many_are_exact() -> None:
    latitude = 54.0 + np.linspace(0.0, 0.004, 100)
    at = latitude, np.full(100, -3.0), np.full(100, 54.0), np.full(100, -3.0)
    exact = distances_between_point_pairs_m(*at)
    is_exact = distances_exact_if_far_m(*at, 1000.0) == exact
    assert is_exact[-10:].all()
    assert is_exact[1:85].mean() < 0.2
