"""A flight is outside of several areas together only while it is outside of each of them."""

import datetime as dt

import numpy as np
import pytest

from dji_audit.zones import _model as model
from dji_audit.zones.engine._comparison_result import ZoneTolerance
from dji_audit.zones.engine._excursions_outside_areas import find_excursions_outside_all_areas
from tests.dji_audit.zones.made import (
    START,
    at,
    away,
    make_track,
    places,
    seconds,
    straight,
    zone,
)

PLACE = (52.0, -1.5)


def rectangle(west_m: float, east_m: float) -> model.Polygon:
    """Return an area 400 m high between two distances east of the place."""
    west, east = at(PLACE, 90.0, west_m), at(PLACE, 90.0, east_m)
    corners = (at(west, 180, 200), at(east, 180, 200), at(east, 0, 200), at(west, 0, 200))
    return model.Polygon(model.Ring(corners))


def limits(top_m: float) -> dict[str, model.Limit]:
    return {"upper": model.Limit(model.VerticalDatum.AGL, top_m, "m")}


@places
def test_overlapping_circles_are_one_area(place: model.Point) -> None:
    other = at(place, 60.0, 150.0)
    flown = straight(place, 60.0, 90.0, 240.0, step=10.0)
    areas = [zone(model.Circle(place, 100.0)), zone(model.Circle(other, 100.0))]
    inside = find_excursions_outside_all_areas(flown, areas)
    assert not inside.crossings
    assert not inside.undetermined
    (left,) = find_excursions_outside_all_areas(straight(place, 60.0, 90.0, 300.0), areas).crossings
    assert left.certain
    assert left.depth_m == pytest.approx(50.0, abs=0.5)
    assert seconds(left.time_in) == pytest.approx((90.0 + 250.0) / 10, abs=0.1)


def test_a_gap_between_two_areas_is_outside() -> None:
    areas = [zone(rectangle(-100, 50)), zone(rectangle(90, 300))]
    (crossing,) = find_excursions_outside_all_areas(
        straight(PLACE, 90.0, 90.0, 200.0), areas
    ).crossings
    assert crossing.certain
    assert crossing.depth_m == pytest.approx(20.0, abs=1.0)
    assert crossing.time_inside_s == pytest.approx(4.0, abs=0.1)


def test_a_gap_narrower_than_the_error_of_the_fixes_is_perhaps_outside() -> None:
    areas = [zone(rectangle(-100, 50)), zone(rectangle(56, 300))]
    (crossing,) = find_excursions_outside_all_areas(
        straight(PLACE, 90.0, 90.0, 200.0), areas
    ).crossings
    assert not crossing.certain


@pytest.mark.parametrize("edge_m", [50.0, 55.5, 61.7])
def test_parts_that_touch_leave_no_slit(edge_m: float) -> None:
    areas = [zone(rectangle(-100, edge_m)), zone(rectangle(edge_m, 300))]
    for step in (3.1, 10.0):
        result = find_excursions_outside_all_areas(straight(PLACE, 90.0, 90.0, 200.0, step), areas)
        assert not result.crossings
        assert not result.undetermined


def test_areas_of_other_heights_cover_what_each_of_them_covers() -> None:
    """Up to 50 m in the west, up to 120 m in the east: a climb in the east is inside."""
    areas = [
        zone(rectangle(-100, 60), id="low", **limits(50.0)),
        zone(rectangle(40, 300), id="high", **limits(120.0)),
    ]
    metres = np.arange(-90.0, 200.0, 10.0)
    points = [at(PLACE, 90.0, each) for each in metres]
    climbs_late = np.where(metres > 45.0, 100.0, 30.0)
    assert not find_excursions_outside_all_areas(
        make_track(points, height_agl_m=climbs_late), areas
    ).crossings
    climbs_early = np.where(metres > -45.0, 100.0, 30.0)
    (early,) = find_excursions_outside_all_areas(
        make_track(points, height_agl_m=climbs_early), areas
    ).crossings
    assert early.certain
    assert early.vertical_depth_m == pytest.approx(50.0, abs=1.0)
    assert early.zone.id == "high and low"
    assert seconds(early.time_out) == pytest.approx(13.0, abs=0.1)


def test_the_boundary_between_areas_of_other_heights_is_no_stay_outside() -> None:
    areas = [
        zone(rectangle(-100, 50), **limits(100.0)),
        zone(rectangle(50, 300), **limits(120.0)),
    ]
    flown = straight(PLACE, 90.0, 93.0, 200.0)
    flown.heights_m[model.VerticalDatum.AGL][:] = 60.0
    result = find_excursions_outside_all_areas(flown, areas)
    assert not result.crossings
    assert not result.undetermined


def test_a_height_that_is_not_known_in_one_area_does_not_matter_within_another() -> None:
    """Only the lower area needs the height: within the unlimited one the aircraft is inside."""
    areas = [zone(rectangle(-100, 300)), zone(rectangle(-100, 60), **limits(50.0))]
    flown = straight(PLACE, 90.0, 90.0, 200.0)
    assert not find_excursions_outside_all_areas(flown, areas).undetermined
    result = find_excursions_outside_all_areas(flown, areas[1:])
    assert result.undetermined


def test_an_area_that_is_not_active_holds_nothing() -> None:
    begin = START.to_pydatetime()
    period = model.ActivePeriod(begin - dt.timedelta(days=2), begin - dt.timedelta(days=1))
    idle = zone(rectangle(-100, 300), schedule=(period,), schedule_stated=True)
    flown = straight(PLACE, 90.0, 90.0, 200.0)
    (period_unknown,) = find_excursions_outside_all_areas(flown, [idle]).undetermined
    assert "do not cover" in period_unknown.reason
    always = zone(rectangle(-100, 300))
    assert not find_excursions_outside_all_areas(flown, [idle, always]).undetermined


def test_random_circles_agree_with_the_distances_of_every_fix() -> None:
    random = np.random.default_rng(20261130)
    for _ in range(25):
        centres = [
            at(PLACE, float(random.uniform(0, 360)), float(random.uniform(0, 300)))
            for _ in range(int(random.integers(2, 5)))
        ]
        tops = random.choice([60.0, 90.0], len(centres))
        radius = 140.0
        areas = [
            zone(model.Circle(centre, radius), **limits(float(top)))
            for centre, top in zip(centres, tops, strict=True)
        ]
        bearing = float(random.uniform(0, 360))
        metres = np.arange(-400.0, 400.0, 5.0)
        points = [at(PLACE, bearing, each) for each in metres]
        heights = np.full(len(points), float(random.choice([40.0, 75.0, 100.0])))
        inside = np.array(
            [
                any(
                    away(point, centre) <= radius and height <= top
                    for centre, top in zip(centres, tops, strict=True)
                )
                for point, height in zip(points, heights, strict=True)
            ]
        )
        # A re-entry by less than the hysteresis does not end a stay outside.
        tolerance = ZoneTolerance(hysteresis_m=0.0)
        flown = make_track(points, height_agl_m=heights)
        result = find_excursions_outside_all_areas(flown, areas, tolerance)
        told = np.zeros(len(points), bool)
        for crossing in result.crossings:
            first, last = seconds(crossing.time_in), seconds(crossing.time_out)
            told |= (np.arange(len(points)) >= first) & (np.arange(len(points)) <= last)
        assert (told == ~inside).all()
