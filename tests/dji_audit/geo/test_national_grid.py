"""Grid references are those of the Ordnance Survey's squares, and none outside Great Britain."""

import pytest
from pyproj import Transformer

from dji_audit.geo.national_grid import grid_reference

#: The Ordnance Survey's own example of its letters, and squares at the edges of the grid.
SQUARES = {
    "TG 5140 1317": (651_409, 313_177),
    "NN 1666 7128": (216_665, 771_285),
    "SV 9200 1000": (92_005, 10_005),
    "HU 4732 4142": (447_325, 1_141_425),
    "HP 6096 1909": (460_965, 1_219_095),
}


@pytest.mark.parametrize("reference", SQUARES)
def test_a_reference_names_the_square_of_ten_metres(reference: str) -> None:
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326")
    assert grid_reference(*to_degrees.transform(*SQUARES[reference])) == reference


@pytest.mark.parametrize("point", [(48.85, 2.35), (53.35, -6.26), (54.597, -5.93), (0.0, 0.0)])
def test_there_is_none_outside_great_britain(point: tuple[float, float]) -> None:
    assert grid_reference(*point) is None
