"""Grid references are those of the Ordnance Survey's squares; elsewhere they are those of MGRS."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from pyproj import Transformer

from dji_audit.geo import national_grid
from dji_audit.geo.national_grid import best_national_grid_transformation, grid_reference
from dji_audit.geo.utm_grid import mgrs_reference, utm_easting_northing_table_of_box, utm_zone
from tests.conftest import required

#: Squares at the edges of the grid and in its middle, and the middle of each.
SQUARES = {
    "TG 5140 1317": (651_405, 313_175),
    "NN 1666 7128": (216_665, 771_285),
    "SV 9200 1000": (92_005, 10_005),
    "HU 4732 4142": (447_325, 1_141_425),
    "HP 6096 1909": (460_965, 1_219_095),
}
#: The Ordnance Survey's own test points of OSTN15: ETRS89 degrees -> easting, northing.
OSTN15_POINTS = {
    (49.92226393730, -6.29977752014): (91_492.146, 11_318.804),
    (52.65800783, 1.71607397): (651_409.804, 313_177.450),
}


@pytest.fixture
def only_proj(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the package with OSTN15 be absent."""
    monkeypatch.setitem(sys.modules, "convertbng.cutil", None)
    best_national_grid_transformation.cache_clear()
    yield
    best_national_grid_transformation.cache_clear()


@pytest.mark.parametrize("reference", SQUARES)
def test_a_reference_names_the_square_of_ten_metres(reference: str, only_proj: None) -> None:
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326")
    assert grid_reference(*to_degrees.transform(*SQUARES[reference])) == reference


@pytest.mark.parametrize("point", [(48.85, 2.35), (53.35, -6.26), (54.597, -5.93), (0.0, 0.0)])
def test_there_is_none_outside_great_britain(point: tuple[float, float]) -> None:
    assert grid_reference(*point) is None


@pytest.mark.parametrize("point", OSTN15_POINTS)
def test_with_ostn15_a_position_is_that_of_the_ordnance_survey(point: tuple[float, float]) -> None:
    method = best_national_grid_transformation().method
    required("OSTN15", "OSTN15" in method)
    assert "within 1 m" in method
    east, north = best_national_grid_transformation().to_grid(*(np.array([axis]) for axis in point))
    assert (east[0], north[0]) == pytest.approx(OSTN15_POINTS[point], abs=0.01)


@pytest.mark.parametrize("point", OSTN15_POINTS)
def test_without_it_the_shift_is_named_and_within_five_metres(
    point: tuple[float, float], only_proj: None
) -> None:
    transformation = best_national_grid_transformation()
    if "grid file of PROJ" in transformation.method:
        pytest.skip("PROJ has the table itself")
    assert transformation.method == "OSGB36 by the Helmert shift of PROJ, within 5 m"
    found = transformation.to_grid(*(np.array([axis]) for axis in point))
    error = np.hypot(
        *(axis[0] - true for axis, true in zip(found, OSTN15_POINTS[point], strict=True))
    )
    assert 0.5 < error < 5


def test_beyond_the_table_of_ostn15_there_is_still_a_position() -> None:
    east, north = best_national_grid_transformation().to_grid(
        np.array([60.0, 54.0]), np.array([2.0, -2.0])
    )
    assert np.isfinite(east).all() and np.isfinite(north).all()
    grid = national_grid.national_grid_easting_northing_table_of_box(54.60, -2.30, 54.68, -2.15)
    assert grid is not None
    assert (grid["system"], grid["method"]) == (
        "national",
        best_national_grid_transformation().method,
    )


#: Made with the package mgrs 1.6.0, which is GEOTRANS of the US National Geospatial-Intelligence
#: Agency; 3,000 random positions gave no difference.
MGRS = {
    (-22.26, 166.46): "58K FA 50437 37668",
    (48.8584, 2.2945): "31U DQ 48252 11954",
    (60.0, 5.0): "32V KM 76979 58157",
    (78.2, 15.6): "33X WG 13696 80760",
    (-54.8, -68.3): "19F EV 45000 27239",
}


@pytest.mark.parametrize("point", MGRS)
def test_outside_great_britain_the_reference_is_that_of_mgrs(point: tuple[float, float]) -> None:
    assert mgrs_reference(*point) == MGRS[point]


def test_near_the_poles_there_is_no_zone() -> None:
    assert utm_zone(84.1, 0) is None and utm_zone(-80.1, 0) is None
    assert mgrs_reference(85, 10) is None
    assert utm_easting_northing_table_of_box(84.9, 0, 85, 0.1) is None


def test_the_table_of_utm_is_that_of_its_zone_across_the_antimeridian() -> None:
    grid = utm_easting_northing_table_of_box(-17.31, 179.99, -17.29, 180.01)
    assert grid is not None
    assert (grid["system"], grid["zone"]) == ("utm", 1)
    truth = Transformer.from_crs("EPSG:4326", "EPSG:32701")
    latitude, longitude = grid["south"], grid["west"] + 8 * grid["dlon"]
    east, north = truth.transform(latitude, longitude)
    assert (grid["east"][8] / 10, grid["north"][8] / 10) == pytest.approx((east, north), abs=0.06)
    steps = np.diff(np.array(grid["east"]).reshape(9, 9), axis=1)
    assert (steps > 0).all()
