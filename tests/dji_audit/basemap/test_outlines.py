"""Coast, county lines and borders: right where a flight is, small everywhere else."""

import numpy as np
import pytest
import shapely

from dji_audit.basemap import CoastAndBorders, coast_and_borders_around_box, is_box_in_british_isles

BOXES = {
    "kent": (51.44, 0.76, 51.45, 0.77),
    "new_caledonia": (-22.27, 166.45, -22.25, 166.47),
    "fiji": (-17.31, 179.99, -17.29, 180.01),
    "north": (83.0, 10.0, 83.1, 10.1),
    "fleet": (50.0, -5.0, 58.0, 1.0),
    "world": (-60.0, -170.0, 70.0, 170.0),
}


def is_land(outlines: CoastAndBorders, latitude: float, longitude: float) -> bool:
    """Return whether a point is on land by the even-odd rule over all rings."""
    point = shapely.Point(longitude, latitude)
    polygons = (shapely.Polygon(np.column_stack(ring)) for ring in outlines.land)
    return sum(bool(shapely.make_valid(each).contains(point)) for each in polygons) % 2 == 1


BRITISH = (
    (51.27, 0.52, True), (51.6, 1.4, False), (57.0, -4.5, True), (54.0, -4.9, False),
    (53.4, -7.0, True), (60.3, -1.3, True), (59.6, -2.2, False), (54.6, -7.7, True),
)  # fmt: skip
#: On either side of the antimeridian too.
ABROAD = (
    (-21.5, 165.5, True), (-22.8, 165.5, False), (-17.8, 178.0, True), (66.5, 181.5, True),
    (66.5, -178.5, True), (40.0, -100.0, True), (30.0, -40.0, False),
)  # fmt: skip


@pytest.mark.parametrize(
    ("latitude", "longitude", "land", "accuracy_m"),
    [*((*each, 1000) for each in BRITISH), *((*each, 5000) for each in ABROAD)],
)
def test_land_is_land_and_sea_is_sea(
    latitude: float, longitude: float, land: bool, accuracy_m: float
) -> None:
    outlines = coast_and_borders_around_box(latitude, longitude, latitude, longitude)
    assert outlines.accuracy_m == accuracy_m
    assert is_land(outlines, latitude, longitude) is land


def test_a_flight_in_kent_has_the_county_line_to_medway() -> None:
    outlines = coast_and_borders_around_box(51.35, 0.5, 51.36, 0.51)
    near = [np.hypot(line[0] - 0.53, line[1] - 51.33).min() for line in outlines.lines]
    assert min(near) < 0.1
    assert {"Kent", "Medway", "Essex"} <= {name for name, _, _ in outlines.names}


@pytest.mark.parametrize("name", BOXES)
def test_lines_are_full_near_the_box_and_few_beyond(name: str) -> None:
    outlines = coast_and_borders_around_box(*BOXES[name])
    points = sum(len(line[0]) for line in (*outlines.land, *outlines.lines))
    assert 20 < points < 30_000
    for longitude, latitude in (*outlines.land, *outlines.lines):
        assert len(longitude) == len(latitude) >= 2
        # No line crosses the map from one edge to the other, except round the pole.
        if latitude.min() > -60:
            assert np.abs(np.diff(longitude)).max() < 60


def test_every_point_of_the_coast_near_a_flight_is_kept() -> None:
    south, west, north, east = box = (51.40, 0.70, 51.50, 0.95)
    near = coast_and_borders_around_box(*box)
    far = coast_and_borders_around_box(57.0, -4.0, 57.0, -4.0)

    def inside(outlines: CoastAndBorders) -> int:
        return sum(
            int(((ring[1] > south) & (ring[1] < north) & (ring[0] > west) & (ring[0] < east)).sum())
            for ring in outlines.land
        )

    assert inside(near) >= 8 > 2 * inside(far)


@pytest.mark.parametrize(
    ("box", "served"),
    [((51, 0, 51.1, 0.1), True), ((60.7, -1, 60.8, -0.9), True), ((48.8, 2.2, 48.9, 2.3), False),
     ((40, -74, 41, -73), False), ((50, -30, 51, 1), False)],
)  # fmt: skip
def test_the_fine_outlines_serve_the_british_isles_only(
    box: tuple[float, float, float, float], served: bool
) -> None:
    assert is_box_in_british_isles(*box) is served


def test_a_box_of_half_the_world_has_the_land_out_to_its_edges_and_beyond() -> None:
    land = coast_and_borders_around_box(-40, -120, 60, 150).land
    widest = [(float(longitude.min()), float(longitude.max())) for longitude, _ in land]
    # America in the west, and Australia in the east.
    assert min(west for west, _ in widest) < -140
    assert max(east for _, east in widest) > 150
    assert sum(west > 100 for west, _ in widest) > 20
