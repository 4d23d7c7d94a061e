"""Shapes in their planes: whatever is drawn, something sane comes of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from dji_audit.geo.local_plane import lat_lon_to_plane, plane_to_lat_lon
from dji_audit.zones import ZoneIndex
from dji_audit.zones import _model as model
from dji_audit.zones.engine._projected_shapes import bounding_circle, project_shape
from tests.dji_audit.zones.made import PLACES, at, away, cross, make_track, zone

GEOD = Geod(ellps="WGS84")
corners = st.tuples(st.integers(0, 7), st.integers(0, 3)).map(
    lambda one: (56.0 + one[0] / 1000, -3.0 + one[1] / 1000)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(corners, min_size=3, max_size=9).filter(lambda ring: len(set(ring)) > 2))
def test_any_ring_however_it_crosses_itself_can_be_flown_across(
    ring: list[tuple[float, float]],
) -> None:
    area = model.Polygon(model.Ring(tuple(ring)))
    flown = make_track([(55.999, -2.9995), (56.0035, -2.9985), (56.008, -2.998), (55.999, -3.001)])
    came = cross(flown, zone(area))
    for crossing in came.crossings:
        assert crossing.time_in <= crossing.time_out
        assert crossing.depth_m is not None
        assert 0 <= crossing.depth_m < 2000
    plane = project_shape(area)
    grid = lat_lon_to_plane(plane.origin, *(np.array(axis) for axis in zip(*ring, strict=True)))
    assert np.isfinite(plane.signed_depths_inside_m(grid)).all()
    # A corner lies on the boundary that is drawn, or where two edges hide it.
    assert np.isfinite(plane.nearest_boundary_point(grid[0])).all()


@pytest.mark.parametrize(
    "ring",
    [
        ((56.0, -3.0), (56.001, -3.0), (56.002, -3.0)),
        ((56.0, -3.0), (56.001, -3.0), (56.0, -3.0), (56.002, -3.0)),
    ],
)
def test_a_ring_that_encloses_nothing_holds_nothing(ring: tuple[tuple[float, float], ...]) -> None:
    area = zone(model.Polygon(model.Ring(ring)))
    across = make_track([(56.0005, -3.001), (56.0005, -2.999)])
    crossings = cross(across, area).crossings
    # What digits leave of a line is no area that anything could be in for certain.
    assert sum(each.time_inside_s for each in crossings) < 1e-6
    assert not any(each.certain for each in crossings)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLACES), st.floats(0, 360), st.floats(1, 90_000))
def test_a_plane_keeps_distance_and_direction_from_its_middle(
    place: tuple[float, float], bearing: float, metres: float
) -> None:
    point = at(place, bearing, metres)
    (flat,) = lat_lon_to_plane(place, np.array([point[0]]), np.array([point[1]]))
    assert np.hypot(*flat) == pytest.approx(metres, abs=1e-6)
    latitude, longitude = plane_to_lat_lon(place, flat[None])
    assert away(point, (float(latitude[0]), float(longitude[0]))) < 1e-6


def reaching(place: tuple[float, float]) -> list[model.Shape]:
    north, south = at(place, 0, 3000.0), at(place, 180, 3000.0)
    return [
        model.Circle(place, 3000.0),
        model.Corridor((north, south), 400.0),
        model.Polygon(model.Ring((north, at(place, 120, 3000.0), at(place, 240, 3000.0)))),
        model.Polygon(model.Ring((south, north), (model.Arc(1, place, 3000.0, clockwise=True),))),
    ]


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("number", range(4))
def test_nothing_of_a_shape_lies_outside_of_its_bounds(
    place: tuple[float, float], number: int
) -> None:
    shape = reaching(place)[number]
    _, reach = bounding_circle(shape)
    area = project_shape(shape)
    index = ZoneIndex([zone(shape)])
    for bearing in range(0, 360, 15):
        for metres in (100.0, 1500.0, 2990.0, 3300.0):
            point = at(place, bearing, metres)
            here = lat_lon_to_plane(area.origin, np.array([point[0]]), np.array([point[1]]))
            if area.positions_inside_mask(here)[0]:
                assert list(index.zones_near_point(point, 0.0))
    assert reach < 20_000
