"""A flight is outside of several areas together only while it is outside of each of them."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from dji_audit.zones import _model as model
from dji_audit.zones.engine._comparison_result import ZoneTolerance
from dji_audit.zones.engine._excursions_outside_areas import find_excursions_outside_all_areas
from dji_audit.zones.engine._zone_track import ZoneTrack
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


# Slits, names and bounds


def touching(slit_m: float, *, same_limits: bool = True) -> list[model.Zone]:
    """Return two areas side by side with a slit between them, 50 m east of the place."""
    east = limits(100.0 if same_limits else 120.0)
    return [
        zone(rectangle(-100, 50), id="west", name="West", **limits(100.0)),
        zone(rectangle(50 + slit_m, 300), id="east", name="East", **east),
    ]


def at_60_m(**columns: Any) -> ZoneTrack:
    """Return a flight east at 10 m/s, which is on the edge between two fixes, at 14.3 s."""
    metres = np.arange(-93.0, 200.0, 10.0)
    return make_track([at(PLACE, 90.0, each) for each in metres], height_agl_m=60.0, **columns)


def test_whether_an_area_was_active_is_in_doubt_inside_of_it_and_outside() -> None:
    until = model.ActivePeriod(None, START.to_pydatetime() + dt.timedelta(seconds=5))
    doubtful = zone(
        rectangle(-100, 50),
        schedule=(until,),
        other_schedules=((model.ActivePeriod(),),),
        schedule_doubt="why",
    )
    result = find_excursions_outside_all_areas(at_60_m(), [doubtful])
    assert [each.reason for each in result.undetermined] == [
        "whether it was active is not known, because why"
    ]


@pytest.mark.parametrize(("slit_m", "is_outside"), [(0.098, False), (0.102, True)])
def test_a_slit_of_ten_centimetres_between_parts_of_one_area_is_no_way_out(
    slit_m: float, is_outside: bool
) -> None:
    """In the middle of it the aircraft is 5 cm from either part."""
    found = find_excursions_outside_all_areas(at_60_m(), touching(slit_m)).crossings
    assert (len(found) == 1) == is_outside
    # If the fixes are known to a centimetre, so is the way out.
    exact = find_excursions_outside_all_areas(
        at_60_m(horizontal_error_m=0.01, vertical_error_m=0.01), touching(slit_m)
    ).crossings
    assert [each.certain for each in exact] == [True]


def test_two_centimetres_out_of_an_area_of_one_part_are_outside_of_it() -> None:
    flown = make_track([at(PLACE, 90.0, each) for each in (40.0, 50.02, 40.0)])
    (found,) = find_excursions_outside_all_areas(flown, [zone(rectangle(-100, 50))]).crossings
    assert found.depth_m == pytest.approx(0.02, abs=0.002)
    assert not found.certain


def test_above_a_slit_the_aircraft_is_as_far_outside_as_above_its_parts() -> None:
    flown = at_60_m()
    flown.heights_m[model.VerticalDatum.AGL][14:16] = 104.0
    (found,) = find_excursions_outside_all_areas(flown, touching(0.04)).crossings
    assert found.vertical_depth_m == pytest.approx(4.0)


@pytest.mark.parametrize(("slit_m", "is_outside"), [(0.0162, False), (0.0172, True)])
def test_between_areas_of_other_heights_a_stay_of_five_centimetres_counts(
    slit_m: float, is_outside: bool
) -> None:
    """As far as an aircraft flies at 30 m/s in the time outside: 16.7 mm at 10 m/s."""
    areas = touching(slit_m, same_limits=False)
    found = find_excursions_outside_all_areas(at_60_m(), areas).crossings
    assert (len(found) == 1) == is_outside


def test_a_stay_outside_of_all_areas_is_described_as_a_whole() -> None:
    areas = touching(40.0, same_limits=False)
    flown = at_60_m()
    result = find_excursions_outside_all_areas(flown, areas)
    (found,) = result.crossings
    assert (found.zone.id, found.zone.name) == ("west and east", "West and East")
    assert (found.zone.inclusion, found.zone.effect) == (True, model.ZoneEffect.FENCE)
    assert seconds(found.time_in) == pytest.approx(14.3, abs=0.01)
    assert seconds(found.time_out) == pytest.approx(18.3, abs=0.01)
    assert found.time_inside_s == pytest.approx(4.0, abs=0.01)
    assert (found.entry_observed, found.exit_observed, found.track_row) == (True, True, 14)
    assert away(found.position_in, at(PLACE, 90.0, 50.0)) < 0.1
    assert away(found.position_out, at(PLACE, 90.0, 90.0)) < 0.1
    # It is as deep as it is out of the nearer of the two; each is certain by itself.
    assert found.depth_m == pytest.approx(40.0, abs=0.1)
    assert found.certain
    assert {each.id for each in result.entered_horizontally} == {"west", "east"}
    # A flight that begins and ends outside was not seen to leave or to come back.
    outside = make_track([at(PLACE, 90.0, each) for each in (60.0, 65.0, 70.0)], height_agl_m=60.0)
    (found,) = find_excursions_outside_all_areas(outside, areas).crossings
    assert (found.entry_observed, found.exit_observed) == (False, False)
    assert (seconds(found.time_in), seconds(found.time_out)) == (0.0, 2.0)


@pytest.mark.parametrize(("slit_m", "certain"), [(10.3, True), (9.7, False)])
def test_a_stay_is_certain_where_it_is_beyond_twice_the_error_for_each_area(
    slit_m: float, certain: bool
) -> None:
    """Fixes are good to 5 m; at an edge of the slit the aircraft is its width from the other."""
    areas = touching(slit_m, same_limits=False)
    (found,) = find_excursions_outside_all_areas(at_60_m(), areas).crossings
    assert found.certain == certain


def test_an_area_everywhere_makes_the_areas_of_its_limits_everywhere() -> None:
    areas = [zone(rectangle(-100, 50), **limits(50.0)), zone(id="all", **limits(50.0))]
    flown = at_60_m()
    (found,) = find_excursions_outside_all_areas(flown, areas).crossings
    assert found.depth_m is None
    assert found.vertical_depth_m == pytest.approx(10.0)
    assert found.zone.id == "Z and all"
    assert (seconds(found.time_in), seconds(found.time_out)) == (0.0, 29.0)


def test_areas_of_one_name_are_named_once() -> None:
    areas = [zone(rectangle(-100, 0)), zone(rectangle(0, 50))]
    (found,) = find_excursions_outside_all_areas(at_60_m(), areas).crossings
    assert (found.zone.id, found.zone.name) == ("Z", "Z")


@pytest.mark.parametrize(("begin_s", "end_s"), [(5.0, 9.0), (0.0, 9.0), (5.0, 29.0)])
def test_the_time_in_which_an_area_is_not_active_is_undetermined(
    begin_s: float, end_s: float
) -> None:
    """Within the other area it does not matter."""
    begin = START.to_pydatetime()
    periods = (
        model.ActivePeriod(None, begin + dt.timedelta(seconds=begin_s)),
        model.ActivePeriod(begin + dt.timedelta(seconds=end_s), None),
    )
    sleeps = zone(rectangle(-300, 300), schedule=periods, schedule_stated=True)
    (found,) = find_excursions_outside_all_areas(at_60_m(), [sleeps]).undetermined
    assert (seconds(found.start), seconds(found.end)) == (begin_s, end_s)
    assert found.track_row == begin_s
    assert found.reason == "the times stated for it do not cover this part of the flight"
    west = zone(rectangle(-300, -93 + 10 * (begin_s + 1)), id="W")
    (part,) = find_excursions_outside_all_areas(at_60_m(), [west, sleeps]).undetermined
    assert seconds(part.start) == pytest.approx(begin_s + 1, abs=0.01)
    assert seconds(part.end) == end_s


def test_a_period_that_ends_as_the_aircraft_leaves_another_area_is_no_instant() -> None:
    """One area sleeps from 5 to 9 s; the other is left upwards at 9 s, not before."""
    begin = START.to_pydatetime()
    periods = (
        model.ActivePeriod(None, begin + dt.timedelta(seconds=5)),
        model.ActivePeriod(begin + dt.timedelta(seconds=9), None),
    )
    sleeps = zone(rectangle(-100, -50), schedule=periods, schedule_stated=True)
    flown = at_60_m()
    flown.heights_m[model.VerticalDatum.AGL][:] = [40.0] * 9 + [50.0] + [60.0] * 20
    result = find_excursions_outside_all_areas(
        flown, [sleeps, zone(rectangle(-300, 300), **limits(50.0))]
    )
    assert result.undetermined == ()
    (found,) = result.crossings
    assert (seconds(found.time_in), seconds(found.time_out)) == (9.0, 29.0)


@pytest.mark.parametrize("areas", [1, 2])
@pytest.mark.parametrize(("distance_m", "is_outside"), [(300.0, True), (60.0, False)])
def test_a_flight_of_one_fix_is_outside_or_inside(
    areas: int, distance_m: float, is_outside: bool
) -> None:
    """Of a photo alone nothing else is known."""
    photo = make_track([at(PLACE, 90.0, distance_m)])
    circles = [zone(model.Circle(PLACE, 100.0)), zone(model.Circle(at(PLACE, 0.0, 900.0), 50.0))]
    result = find_excursions_outside_all_areas(photo, circles[:areas])
    assert len(result.crossings) == is_outside
    assert not result.undetermined
    if is_outside:
        (crossing,) = result.crossings
        assert crossing.certain
        assert crossing.depth_m == pytest.approx(200.0, abs=0.5)
        assert crossing.time_inside_s == 0.0
