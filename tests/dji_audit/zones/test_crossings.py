"""Crossings are where and when geodesy puts them, to the centimetre and the tenth of a second."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.zones import _model as model
from dji_audit.zones._log_fences import read_log_fences
from dji_audit.zones.engine._comparison_result import ZoneComparisonResult, ZoneTolerance
from dji_audit.zones.engine._zone_crossings import find_zone_crossings
from dji_audit.zones.engine._zone_index import ZoneIndex
from dji_audit.zones.engine._zone_track import ZoneTrack, build_zone_track
from tests.dji_audit.zones.made import (
    GEOD,
    PLACES,
    START,
    at,
    away,
    cross,
    make_track,
    on_edge,
    only_crossing,
    places,
    ring,
    seconds,
    straight,
    zone,
)

# Circles


@places
@pytest.mark.parametrize("aside", [0.0, 200.0, 480.0])
def test_a_circle_is_passed_within_a_centimetre_of_its_geodesic(
    place: model.Point, aside: float
) -> None:
    nearest = at(place, 40.0 + 90.0, aside)
    # The line that passes the centre at this distance: at right angles to the way there.
    back = GEOD.inv(nearest[1], nearest[0], place[1], place[0])[0] if aside else 130.0
    flown = straight(nearest, back + 90.0, 1003.3, 1000.0)
    crossing = only_crossing(flown, zone(model.Circle(place, 500.0)))
    assert abs(away(place, crossing.position_in) - 500.0) < 0.01
    assert abs(away(place, crossing.position_out) - 500.0) < 0.01
    half = np.sqrt(500.0**2 - aside**2)
    assert seconds(crossing.time_in) == pytest.approx((1003.3 - half) / 10, abs=0.1)
    assert seconds(crossing.time_out) == pytest.approx((1003.3 + half) / 10, abs=0.1)
    assert crossing.time_inside_s == pytest.approx(2 * half / 10, abs=0.1)
    assert crossing.depth_m == pytest.approx(500.0 - aside, abs=0.01)
    assert crossing.certain
    assert crossing.entry_observed
    assert crossing.exit_observed


@places
def test_two_fixes_either_side_of_a_thin_zone_are_a_crossing(place: model.Point) -> None:
    flown = make_track([at(place, 90, 60.0), at(place, 270, 60.0)])
    crossing = only_crossing(flown, zone(model.Circle(place, 0.5)))
    assert crossing.time_inside_s == pytest.approx(1.0 / 120, rel=1e-3)
    assert crossing.depth_m == pytest.approx(0.5, abs=0.01)
    assert seconds(crossing.time_in) == pytest.approx(59.5 / 120, abs=1e-3)


# Polygons


@places
@pytest.mark.parametrize("size", [300.0, 5_000.0, 60_000.0])
@pytest.mark.parametrize("share", [0.07, 0.5, 0.81])
def test_a_polygon_is_passed_within_10_cm_of_its_geodesic_edge(
    place: model.Point, size: float, share: float
) -> None:
    outer = ring(place, size)
    gate = on_edge(outer.points[0], outer.points[1], share)
    inwards = GEOD.inv(gate[1], gate[0], place[1], place[0])[0]
    flown = straight(gate, inwards, 103.3, 105.0)
    crossing = only_crossing(flown, zone(model.Polygon(outer)))
    assert away(crossing.position_in, gate) < 0.1
    assert seconds(crossing.time_in) == pytest.approx(10.33, abs=0.1)
    assert not crossing.exit_observed


@places
def test_depth_in_a_polygon_is_the_geodesic_distance_from_its_edge(place: model.Point) -> None:
    outer = ring(place, 5_000.0)
    gate = on_edge(outer.points[0], outer.points[1], 0.5)
    # At right angles to the edge in its middle.
    along = GEOD.inv(gate[1], gate[0], outer.points[1][1], outer.points[1][0])[0]
    flown = straight(gate, along + 90, 100.0, 1000.0)
    back = straight(gate, along - 90, 100.0, 1000.0)
    depths = [
        crossing.depth_m or 0.0
        for way in (flown, back)
        for crossing in cross(way, zone(model.Polygon(outer))).crossings
    ]
    assert max(depths) == pytest.approx(1000.0, abs=0.1)


@places
def test_a_hole_is_a_hole(place: model.Point) -> None:
    area = zone(model.Polygon(ring(place, 1000.0), (ring(place, 300.0),)))
    hovering = make_track([at(place, 0, 5.0 * n) for n in range(10)])
    assert not cross(hovering, area).crossings
    across = straight(place, 20.0, 2003.3, 2000.0)
    first, second = cross(across, area).crossings
    assert first.time_out < second.time_in
    gap = seconds(second.time_in) - seconds(first.time_out)
    hole = only_crossing(across, zone(model.Polygon(ring(place, 300.0))))
    assert gap == pytest.approx(hole.time_inside_s, abs=0.1)


@places
def test_an_arc_is_passed_within_10_cm(place: model.Point) -> None:
    north, south = at(place, 0, 3704.0), at(place, 180, 3704.0)
    half = model.Polygon(model.Ring((south, north), (model.Arc(1, place, 3704.0, clockwise=True),)))
    for bearing in (30.0, 90.0, 171.0):
        crossing = only_crossing(straight(place, bearing, -3600.7, 3810.0), zone(half))
        assert abs(away(place, crossing.position_out) - 3704.0) < 0.1
    west = straight(place, 270.0, -900.0, 1100.0)
    assert not cross(west, zone(half)).crossings


@places
def test_a_corridor_is_as_wide_as_it_says(place: model.Point) -> None:
    corridor = model.Corridor((at(place, 0, 4000.0), at(place, 180, 4000.0)), 500.0)
    crossing = only_crossing(straight(place, 90.0, 1003.3, 1000.0), zone(corridor))
    assert seconds(crossing.time_in) == pytest.approx(50.33, abs=0.1)
    assert seconds(crossing.time_out) == pytest.approx(150.33, abs=0.1)
    assert crossing.depth_m == pytest.approx(500.0, abs=0.1)


def test_a_zone_of_several_parts_is_one_zone() -> None:
    place = (56.0, -3.0)
    parts = (model.Circle(at(place, 270, 100.0), 150.0), model.Circle(at(place, 90, 100.0), 150.0))
    crossing = only_crossing(straight(place, 90.0, 503.3, 500.0), zone(*parts))
    assert crossing.time_inside_s == pytest.approx(50.0, abs=0.1)


def test_a_zone_around_the_pole_holds_the_pole() -> None:
    around = zone(model.Polygon(model.Ring(tuple((89.5, 60.0 * n) for n in range(6)))))
    crossing = only_crossing(make_track([(89.9, 0.0), (89.95, 90.0), (89.95, 180.0)]), around)
    assert crossing.time_inside_s == pytest.approx(2.0)


def test_a_zone_across_the_antimeridian_is_not_the_rest_of_the_world() -> None:
    box = zone(
        model.Polygon(
            model.Ring(((-17.0, 179.9), (-17.0, -179.9), (-16.8, -179.9), (-16.8, 179.9)))
        )
    )
    assert not cross(straight((-16.9, 0.0), 90.0, 1000.0, 1000.0), box).crossings
    assert only_crossing(straight((-16.9, 180.0), 90.0, 1000.0, 1000.0), box).time_inside_s == 200.0


# Heights: only of the same datum


def climbing(**columns: Any) -> ZoneTrack:
    """Return a path that stands in one place for 101 s."""
    return make_track([(56.0, -3.0)] * 101, **columns)


HERE = model.Circle((56.0, -3.0), 100.0)
RISE = np.arange(101.0)


@pytest.mark.parametrize(
    "datum, column",
    [
        (model.VerticalDatum.AMSL, "altitude_amsl_m"),
        (model.VerticalDatum.AGL, "height_agl_m"),
        (model.VerticalDatum.HOME, "height_ato_m"),
    ],
)
def test_heights_are_compared_with_limits_of_the_same_datum(
    datum: model.VerticalDatum, column: str
) -> None:
    area = zone(HERE, lower=model.Limit(datum, 20.5, "m"), upper=model.Limit(datum, 60.25, "m"))
    crossing = only_crossing(climbing(**{column: RISE}), area)
    assert seconds(crossing.time_in) == pytest.approx(20.5)
    assert seconds(crossing.time_out) == pytest.approx(60.25)
    assert crossing.vertical_depth_m == pytest.approx((60.25 - 20.5) / 2)
    others = {"altitude_amsl_m", "height_agl_m", "height_ato_m"} - {column}
    for other in others:
        came = cross(climbing(**{other: RISE}), area)
        assert not came.crossings
        (unknown,) = came.undetermined
        assert "lower limit is 20.5 m" in unknown.reason
        assert came.entered_horizontally == (area,)


@pytest.mark.parametrize(
    "upper, reason",
    [
        (model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 65, "FL"), "no pressure altitude"),
        (model.Limit(model.VerticalDatum.ELLIPSOID, 100, "m"), "no height above the ellipsoid"),
        (model.Limit(model.VerticalDatum.NOT_STATED, 100, "m"), "datum not stated"),
        (model.NOT_STATED, "upper limit is not stated"),
    ],
)
def test_a_limit_that_nothing_can_be_compared_with_leaves_the_zone_untold(
    upper: model.Limit, reason: str
) -> None:
    flown = climbing(altitude_amsl_m=RISE, height_agl_m=RISE, height_ato_m=RISE)
    came = cross(flown, zone(HERE, upper=upper))
    assert not came.crossings
    assert reason in came.undetermined[0].reason


def test_what_is_known_of_one_limit_may_be_enough() -> None:
    area = zone(
        HERE,
        lower=model.Limit(model.VerticalDatum.AMSL, 80.5, "m"),
        upper=model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 65, "FL"),
    )
    came = cross(climbing(altitude_amsl_m=RISE), area)
    # Below the lower limit it was not in the zone, whatever the upper one is.
    (unknown,) = came.undetermined
    assert seconds(unknown.start) == pytest.approx(80.5)


def test_a_limit_above_the_sky_is_no_limit_whatever_it_counts_from() -> None:
    area = zone(HERE, upper=model.Limit(model.VerticalDatum.AGL, 99_999, "m"))
    assert only_crossing(climbing(), area).time_inside_s == 100


def test_a_height_that_is_missing_for_a_while_leaves_that_while_untold() -> None:
    heights = np.where((RISE >= 30) & (RISE < 40), np.nan, 50.0)
    came = cross(
        climbing(altitude_amsl_m=heights),
        zone(HERE, upper=model.Limit(model.VerticalDatum.AMSL, 60, "m")),
    )
    assert [round(seconds(each.time_out)) for each in came.crossings] == [29, 100]
    assert "at some fixes" in came.undetermined[0].reason


def test_a_start_on_the_ground_is_in_a_zone_that_begins_there() -> None:
    flown = climbing(height_ato_m=RISE)
    area = zone(HERE, upper=model.Limit(model.VerticalDatum.AGL, 2000, "ft"))
    takeoff = START + pd.Timedelta(seconds=5)
    came = cross(flown, area, on_ground=(takeoff,))
    (crossing,) = came.crossings
    assert crossing.time_in == crossing.time_out == takeoff
    assert crossing.certain
    assert came.undetermined


# Time


def test_a_zone_is_crossed_only_while_it_is_active() -> None:
    nine = START.to_pydatetime()
    period = model.ActivePeriod(nine + dt.timedelta(seconds=10), nine + dt.timedelta(seconds=25))
    crossing = only_crossing(climbing(), zone(HERE, schedule=(period,)))
    assert (seconds(crossing.time_in), seconds(crossing.time_out)) == (10, 25)
    earlier = model.ActivePeriod(None, nine - dt.timedelta(days=1))
    assert not cross(climbing(), zone(HERE, schedule=(earlier,))).crossings


@pytest.mark.parametrize(
    "hours, inside",
    [
        (model.DailyHours(frozenset({4}), dt.time(9, 0, 20), dt.time(9, 0, 50)), 30),  # a Thursday
        (model.DailyHours(frozenset({5}), dt.time(9, 0, 20), dt.time(9, 0, 50)), 0),
        (model.DailyHours(frozenset(), dt.time(8), dt.time(17)), 100),
        (
            model.DailyHours(frozenset({3}), dt.time(22), dt.time(9, 0, 40)),
            40,
        ),  # from Wednesday night on
        (model.DailyHours(frozenset({4}), dt.time(22), dt.time(9, 0, 40)), 0),
        (model.DailyHours(frozenset(), model.SunEvent.RISE, model.SunEvent.SET), 100),
        (model.DailyHours(frozenset(), model.SunEvent.SET, model.SunEvent.RISE), 0),
        (model.DailyHours(frozenset(), model.SunEvent.DUSK, model.SunEvent.DAWN), 0),
        (model.DailyHours(frozenset({4})), 100),
    ],
)
def test_hours_hold_on_their_days(hours: model.DailyHours, inside: float) -> None:
    crossings = cross(
        climbing(), zone(HERE, schedule=(model.ActivePeriod(hours=(hours,)),))
    ).crossings
    assert sum(each.time_inside_s for each in crossings) == pytest.approx(inside)


def test_while_it_is_in_doubt_whether_a_zone_is_active_an_entry_is_not_determined() -> None:
    """Active from the first fix to second 40 by one reading, and from second 30 on by another."""
    begin = START.to_pydatetime()
    readings = [
        (model.ActivePeriod(None, begin + dt.timedelta(seconds=40)),),
        (model.ActivePeriod(begin + dt.timedelta(seconds=30)),),
    ]
    doubtful: dict[str, Any] = {
        "schedule": readings[0],
        "other_schedules": (readings[1],),
        "schedule_doubt": "why",
    }
    found = cross(climbing(), zone(HERE, **doubtful))
    assert [each.time_inside_s for each in found.crossings] == [10]
    assert [(seconds(each.start), seconds(each.end)) for each in found.undetermined] == [
        (0, 30),
        (40, 100),
    ]
    assert {each.reason for each in found.undetermined} == {
        "whether it was active is not known, because why"
    }
    # Where the readings agree, and outside of the zone, there is no doubt.
    agreed = {**doubtful, "other_schedules": (readings[0],)}
    assert not cross(climbing(), zone(HERE, **agreed)).undetermined
    far = model.Circle((10.0, 10.0), 100.0)
    assert not cross(climbing(), zone(far, **doubtful)).undetermined
    # Out of a fence that must not be left, only the doubtful time is undetermined.
    fence = cross(climbing(), zone(far, inclusion=True, **doubtful))
    assert [each.time_inside_s for each in fence.crossings] == [10]
    assert len(fence.undetermined) == 2


def test_under_the_midnight_sun_a_zone_by_day_is_active_all_day() -> None:
    daylight = model.ActivePeriod(
        hours=(model.DailyHours(frozenset(), model.SunEvent.RISE, model.SunEvent.SET),)
    )
    area = zone(model.Circle((78.2, 15.6), 100.0), schedule=(daylight,))
    rows = [(78.2, 15.6)] * 3
    summer = make_track(rows)
    assert only_crossing(summer, area).time_inside_s == 2
    winter = replace(summer, start=np.datetime64("2026-12-21T11:00:00", "ns"))
    assert not cross(winter, area).crossings


def test_where_there_are_no_fixes_the_crossing_is_unknown() -> None:
    place = (56.0, -3.0)
    points = [at(place, 270, 400.0), at(place, 270, 390.0), at(place, 90, 390.0)]
    came = cross(make_track(points, [0.0, 1.0, 31.0]), zone(model.Circle(place, 100.0)))
    assert not came.crossings
    (unknown,) = came.undetermined
    assert unknown.reason == "no fix for 30 s, enough time to reach the zone"
    assert (seconds(unknown.start), seconds(unknown.end)) == (1.0, 31.0)


def test_a_gap_in_which_the_zone_could_not_be_reached_says_nothing() -> None:
    place = (56.0, -3.0)
    points = [at(place, 270, 5000.0), at(place, 270, 4990.0), at(place, 270, 4900.0)]
    assert cross(
        make_track(points, [0.0, 1.0, 31.0]), zone(model.Circle(place, 100.0))
    ) == ZoneComparisonResult((), (), ())


def test_a_crossing_that_a_gap_cuts_off_says_that_its_end_was_not_seen() -> None:
    flown = make_track([(56.0, -3.0)] * 4, [0.0, 1.0, 60.0, 61.0])
    first, second = cross(flown, zone(HERE)).crossings
    assert not first.exit_observed
    assert not second.entry_observed
    assert first.time_inside_s + second.time_inside_s == 2


# Jitter and error


def test_jitter_on_the_line_is_one_crossing() -> None:
    place = (56.0, -3.0)
    jitter = [500.0 + (1.5 if n % 2 else -1.5) for n in range(60)]
    metres = [450.0, 470.0, *jitter, 470.0, 450.0]
    flown = make_track([at(place, 90, distance) for distance in metres])
    assert len(cross(flown, zone(model.Circle(place, 500.0))).crossings) == 1
    strict = ZoneTolerance(hysteresis_m=0.1)
    assert len(cross(flown, zone(model.Circle(place, 500.0)), tolerance=strict).crossings) > 20
    wide = [450.0, *(500.0 + (20.0 if n % 2 else -20.0) for n in range(6)), 450.0]
    flown = make_track([at(place, 90, distance) for distance in wide])
    assert len(cross(flown, zone(model.Circle(place, 500.0))).crossings) > 2


@pytest.mark.parametrize(
    "depth, error, certain",
    [(50.0, 1.0, True), (1.5, 1.0, False), (12.0, np.nan, True), (8.0, np.nan, False)],
)
def test_a_crossing_no_deeper_than_the_error_of_its_fixes_is_only_possible(
    depth: float, error: float, certain: bool
) -> None:
    place = (56.0, -3.0)
    flown = make_track([at(place, 90, 500.0 - depth)] * 3, horizontal_error_m=error)
    crossing = only_crossing(flown, zone(model.Circle(place, 500.0)))
    assert crossing.certain == certain
    assert crossing.horizontal_error_stated == np.isfinite(error)


def test_an_error_of_the_height_counts_where_a_height_decides() -> None:
    area = zone(HERE, lower=model.Limit(model.VerticalDatum.AMSL, 95, "m"))
    unsure = only_crossing(climbing(altitude_amsl_m=RISE, vertical_error_m=6.0), area)
    sure = only_crossing(climbing(altitude_amsl_m=RISE, vertical_error_m=0.5), area)
    assert (unsure.certain, sure.certain) == (False, True)


# Inclusion zones


def test_of_a_zone_to_stay_within_the_crossing_is_the_time_outside() -> None:
    place = (56.0, -3.0)
    fence = zone(model.Circle(place, 500.0), inclusion=True)
    crossing = only_crossing(straight(place, 90.0, 403.3, 700.0), fence)
    assert seconds(crossing.time_in) == pytest.approx(90.33, abs=0.1)
    assert crossing.depth_m == pytest.approx(196.7, abs=0.2)
    far = straight(at(place, 90, 9000.0), 0.0, 100.0, 100.0)
    assert only_crossing(far, fence).time_inside_s == 20
    assert not cross(straight(place, 90.0, 300.0, 300.0), fence).crossings


def test_a_ceiling_is_passed_upwards_everywhere() -> None:
    ceiling = zone(inclusion=True, upper=model.Limit(model.VerticalDatum.HOME, 60.5, "m"))
    crossing = only_crossing(climbing(height_ato_m=RISE), ceiling)
    assert seconds(crossing.time_in) == pytest.approx(60.5)
    assert crossing.vertical_depth_m == pytest.approx(39.5)
    assert crossing.depth_m is None


@pytest.mark.parametrize("ending", ["BIN", "tlog"])
def test_the_breach_of_the_simulated_fence_is_where_its_own_parameters_put_it(
    samples: FilePath, ending: str
) -> None:
    """The autopilot's own report is the other decoder: when it said the breach began and ended."""
    log = parsers.read(samples / "mavlink" / "sitl" / f"sitl_copter357_fence_cam.{ending}")
    (flight,) = assemble_flights(log)
    assert flight.home is not None
    fences = read_log_fences(log, (flight.home.latitude_deg, flight.home.longitude_deg))
    crossings = cross(build_zone_track(flight.track, 10.0), *fences.zones).crossings
    reported = flight.events[flight.events.kind == "geofence.breach"].iloc[0]
    (crossing,) = [each for each in crossings if "circle" in each.zone.kind]
    assert crossing.zone.name == "inclusion circle around home of 60 m"
    assert abs((crossing.time_in - reported.time).total_seconds()) < 1
    assert abs((crossing.time_out - reported.end).total_seconds()) < 1
    assert crossing.certain
    assert not [each for each in crossings if "circle" not in each.zone.kind]


# Properties

bearings = st.floats(0, 360)
spots = st.sampled_from(PLACES)


@settings(max_examples=25, deadline=None)
@given(spots, st.floats(5, 2000), bearings, st.floats(-0.95, 0.95), st.floats(0.05, 0.9))
def test_the_time_in_a_circle_is_its_chord(
    place: model.Point, radius: float, bearing: float, aside: float, step: float
) -> None:
    nearest = at(place, bearing + 90, aside * radius)
    back = GEOD.inv(nearest[1], nearest[0], place[1], place[0])[0] if aside else bearing + 270
    flown = straight(nearest, back + 90, 1.3 * radius, 2.3 * radius, step * radius)
    crossing = only_crossing(flown, zone(model.Circle(place, radius)))
    chord = 2 * np.sqrt(1 - aside**2)
    assert crossing.time_inside_s * step == pytest.approx(chord, abs=2e-3 + 1e-4 * radius / 1000)
    assert abs(away(place, crossing.position_in) - radius) < 0.01 + 1e-7 * radius
    assert crossing.depth_m == pytest.approx(radius * (1 - abs(aside)), abs=0.01 + 1e-5 * radius)


@settings(max_examples=25, deadline=None)
@given(
    spots,
    st.lists(st.tuples(bearings, st.floats(0, 3000)), min_size=2, max_size=30),
    st.floats(100, 2000),
    st.integers(3, 9),
)
def test_a_fix_is_in_a_polygon_while_a_crossing_lasts_and_at_no_other_time(
    place: model.Point, hops: list[tuple[float, float]], size: float, corners: int
) -> None:
    points = [at(place, bearing, metres) for bearing, metres in hops]
    outer = ring(place, size, corners)
    strict = ZoneTolerance(hysteresis_m=0.0)
    crossings = cross(make_track(points), zone(model.Polygon(outer)), tolerance=strict).crossings
    for number, point in enumerate(points):
        inside, edge = winding(point, outer)
        if edge > 0.2:
            within = any(
                seconds(each.time_in) <= number <= seconds(each.time_out) for each in crossings
            )
            assert within == inside, (number, edge)
    assert all(each.time_in <= each.time_out for each in crossings)
    ends = [seconds(each.time_out) for each in crossings]
    begins = [seconds(each.time_in) for each in crossings]
    assert all(end <= begin for end, begin in zip(ends[:-1], begins[1:], strict=True))


def winding(point: model.Point, outer: model.Ring) -> tuple[bool, float]:
    """Return whether a ring goes around a point, and how near it comes, in tenths of its metres.

    By bearings from the point itself to points along the edges: no plane is involved.
    """
    parts: list[tuple[float, float]] = []
    for first, second in pairwise([*outer.points, outer.points[0]]):
        between = GEOD.npts(first[1], first[0], second[1], second[0], 150)
        parts += [(first[1], first[0]), *between]
    longitude, latitude = np.array([*parts, parts[0]]).T
    count = len(latitude)
    bearing, _, metres = GEOD.inv(
        np.full(count, point[1]), np.full(count, point[0]), longitude, latitude
    )
    turns = (np.diff(bearing) + 180) % 360 - 180
    return abs(float(turns.sum())) > 180, float(metres.min()) / 10


@settings(max_examples=10, deadline=None)
@given(spots, st.integers(600, 1500), st.integers(40, 500))
def test_a_long_path_is_in_a_zone_as_long_as_its_parts_are(
    place: model.Point, fixes: int, cut: int
) -> None:
    steps = np.random.default_rng(fixes).normal(0, 40, (fixes, 2)).cumsum(axis=0)
    points = [at(place, float(np.degrees(np.arctan2(x, y))), np.hypot(x, y)) for x, y in steps]
    area = ZoneIndex([zone(model.Polygon(ring(place, 400.0)))])
    strict = ZoneTolerance(hysteresis_m=0.0)
    parts = [(0, fixes), *((n, min(n + cut + 1, fixes)) for n in range(0, fixes - 1, cut))]
    whole, *others = [
        sum(
            each.time_inside_s
            for each in find_zone_crossings(
                make_track(points[first:last], list(range(first, last))), area, tolerance=strict
            ).crossings
        )
        for first, last in parts
    ]
    assert whole == pytest.approx(sum(others), abs=1e-6)
