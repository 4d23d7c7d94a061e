"""Instants, gaps and edges at which the zone engine changes its answer."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from dji_audit.zones import ZoneIndex, zones_at_position
from dji_audit.zones import _model as model
from dji_audit.zones.engine._active_intervals import active_intervals
from dji_audit.zones.engine._densify_outlines import densify_ring
from dji_audit.zones.engine._intervals_inside_shape import intervals_inside_shape
from dji_audit.zones.engine._penetration_depth import deepest_point_horizontally
from dji_audit.zones.engine._projected_shapes import bounding_circle, project_shape
from tests.dji_audit.zones.made import (
    START,
    at,
    away,
    cross,
    make_track,
    only_crossing,
    ring,
    seconds,
    straight,
    zone,
)

HERE: model.Point = (56.0, -3.0)
SVALBARD: model.Point = (78.2, 15.6)
DISC = model.Circle(HERE, 500.0)
NINE = START.to_pydatetime()
DAY_S = 86_400.0


def second(offset: float) -> dt.datetime:
    """Return the instant so many seconds after the first fix."""
    return NINE + dt.timedelta(seconds=offset)


def active(
    *periods: model.ActivePeriod, start: str, end_s: float, place: model.Point = HERE
) -> list[list[float]]:
    area = zone(DISC, schedule=periods)
    found = active_intervals(area, place, np.datetime64(start, "ns"), end_s)
    assert not len(found.doubtful)
    return [[float(begin), float(end)] for begin, end in found.certain]


def daily(
    start: dt.time | model.SunEvent | None, end: dt.time | model.SunEvent | None, *days: int
) -> model.ActivePeriod:
    return model.ActivePeriod(hours=(model.DailyHours(frozenset(days), start, end),))


# Schedules


def test_a_period_that_began_before_the_flight_is_active_from_the_first_fix_on() -> None:
    before = model.ActivePeriod(second(-3600), second(3600))
    assert active(before, start="2026-05-14T09:00:00", end_s=600.0) == [[0.0, 600.0]]


def test_hours_without_a_start_begin_at_midnight_and_without_an_end_last_until_midnight() -> None:
    morning, evening = daily(None, dt.time(9), 4), daily(dt.time(21), None, 4)
    found = active(morning, evening, start="2026-05-14T00:00:00", end_s=2 * DAY_S)
    assert found == [[0.0, 9 * 3600.0], [21 * 3600.0, DAY_S]]


def test_the_solar_day_of_a_sun_that_does_not_set_is_around_noon_at_the_zone() -> None:
    """On Sunday 21 June, of which the solar midnights are 62.4 minutes before those of UTC."""
    sunday = daily(model.SunEvent.RISE, model.SunEvent.SET, 7)
    found = active(sunday, start="2026-06-20T00:00:00", end_s=3 * DAY_S, place=SVALBARD)
    assert found == [[pytest.approx(DAY_S - 15.6 * 240), pytest.approx(2 * DAY_S - 15.6 * 240)]]


@pytest.mark.parametrize(
    "hours",
    [daily(model.SunEvent.RISE, dt.time(23)), daily(dt.time(1), model.SunEvent.SET)],
    ids=["from sunrise", "until sunset"],
)
def test_whether_hours_from_or_until_an_event_that_does_not_occur_run_is_not_known(
    hours: model.ActivePeriod,
) -> None:
    area = zone(DISC, schedule=(hours,))
    day = np.datetime64("2026-12-21T00:00:00", "ns")
    found = active_intervals(area, SVALBARD, day, DAY_S)
    assert not len(found.certain)
    assert found.doubtful.tolist() == [[0.0, DAY_S]]
    assert found.reason == (
        "whether it was active is not known, because its hours begin or end with the sun, which "
        "did not rise that day"
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (model.SunEvent.SET, model.SunEvent.RISE, [[0.0, 4 * DAY_S]]),
        (model.SunEvent.RISE, model.SunEvent.SET, []),
    ],
)
def test_in_the_polar_night_it_is_night_all_the_time(
    start: model.SunEvent, end: model.SunEvent, expected: list[list[float]]
) -> None:
    hours = daily(start, end)
    assert active(hours, start="2026-12-20T00:00:00", end_s=4 * DAY_S, place=SVALBARD) == expected


def test_no_minute_is_lost_where_the_polar_night_begins_and_ends() -> None:
    """Between the last sunset of October and the first sunrise of February, in Svalbard."""
    night = daily(model.SunEvent.SET, model.SunEvent.RISE)
    ((begin, end),) = [
        pair
        for pair in active(night, start="2026-10-15T00:00:00", end_s=150 * DAY_S, place=SVALBARD)
        if pair[1] - pair[0] > DAY_S
    ]
    assert 10 * DAY_S < begin < 13 * DAY_S
    assert 122 * DAY_S < end < 126 * DAY_S


# Crossings


def test_a_crossing_is_interpolated_by_time_between_fixes() -> None:
    """Fixes are four seconds apart: 100 m of 400 m are flown in one of them."""
    flown = make_track([at(HERE, 90, metres) for metres in (600, 200, 150)], [0.0, 4.0, 8.0])
    projected = ZoneIndex([zone(DISC)]).projected_zone(0)
    inside = intervals_inside_shape(
        projected.projected_parts[0], flown, np.array([0]), projected.max_scale
    )
    assert inside == pytest.approx(np.array([[1.0, 8.0]]), abs=1e-3)
    leaving = make_track([at(HERE, 90, metres) for metres in (200, 600)], [10.0, 14.0])
    crossing = only_crossing(leaving, zone(DISC))
    assert crossing.time_inside_s == pytest.approx(3.0, abs=1e-3)


def test_a_zone_that_ends_with_the_first_of_two_fixes_is_not_crossed() -> None:
    area = zone(DISC, schedule=(model.ActivePeriod(None, NINE),))
    assert cross(make_track([HERE, HERE]), area).crossings == ()
    # Of one fix there is nothing longer than its instant.
    assert len(cross(make_track([HERE]), area).crossings) == 1


def u_shape() -> model.Zone:
    """Return a zone of two prongs north, each 100 m wide, 200 m apart, and a bar below them."""
    west, east = -200.0, 200.0
    outline = [
        (west, -100), (east, -100), (east, 500), (east - 100, 500), (east - 100, 0),
        (west + 100, 0), (west + 100, 500), (west, 500),
    ]  # fmt: skip
    corners = tuple(at(at(HERE, 90, x), 0, y) for x, y in outline)
    return zone(model.Polygon(model.Ring(corners)))


def test_a_way_out_of_the_zone_between_two_fixes_inside_ends_a_crossing() -> None:
    west, east = (at(at(HERE, 90, x), 0, 400.0) for x in (-150.0, 150.0))
    flown = make_track([west] * 30 + [east] * 30)
    first, then = cross(flown, u_shape()).crossings
    assert seconds(first.time_out) == pytest.approx(29 + 50 / 300, abs=0.01)
    assert seconds(then.time_in) == pytest.approx(29 + 250 / 300, abs=0.01)


def test_one_fix_beyond_the_hysteresis_ends_a_crossing_wherever_the_others_lie() -> None:
    """In the middle of the excursion the track is 2 m out, near its beginning 20 m."""
    flown = make_track(
        [at(HERE, 90, metres) for metres in (450, 520, 502, 502, 450)],
        [0.0, 1.0, 2.0, 10.0, 11.0],
    )
    assert len(cross(flown, zone(DISC)).crossings) == 2


@pytest.mark.parametrize("inclusion", [False, True])
@pytest.mark.parametrize(("beyond_m", "certain"), [(20.0, False), (20.5, True)])
def test_twice_the_error_itself_is_not_certain(
    inclusion: bool, beyond_m: float, certain: bool
) -> None:
    limit = model.Limit(model.VerticalDatum.AMSL, 100, "m")
    area = zone(DISC, inclusion=True, upper=limit) if inclusion else zone(DISC, lower=limit)
    flown = make_track([HERE] * 3, altitude_amsl_m=100.0 + beyond_m)
    assert only_crossing(flown, area).certain == certain


def test_a_straight_way_past_the_centre_is_deepest_there() -> None:
    """The centre lies between two of the nine samples that are taken first."""
    flown = make_track([at(HERE, 270, 500.0), at(HERE, 90, 430.0)], [0.0, 9.3])
    projected = ZoneIndex([zone(DISC)]).projected_zone(0)
    deepest = deepest_point_horizontally(projected, flown, np.array([[0.0, 9.3]]))
    assert deepest.time_s == pytest.approx(5.0, abs=0.02)
    assert deepest.depth_m == pytest.approx(500.0, abs=1.0)


# On the ground


@pytest.mark.parametrize(
    ("offset_s", "stood_s"), [(50.0, 50.0), (110.0, 100.0), (110.5, None), (-10.5, None)]
)
def test_a_landing_counts_up_to_a_gap_after_the_last_fix(
    offset_s: float, stood_s: float | None
) -> None:
    area = zone(DISC, upper=model.Limit(model.VerticalDatum.AGL, 1, "m"))
    landing = START + pd.Timedelta(seconds=offset_s)
    crossings = cross(make_track([HERE] * 101), area, on_ground=(landing,)).crossings
    expected = [] if stood_s is None else [stood_s]
    assert [seconds(crossing.time_in) for crossing in crossings] == expected


def test_a_take_off_and_a_landing_of_one_stay_are_one_crossing() -> None:
    area = zone(DISC, upper=model.Limit(model.VerticalDatum.AGL, 1, "m"))
    ends = (START, START + pd.Timedelta(seconds=100))
    (crossing,) = cross(make_track([HERE] * 101), area, on_ground=ends).crossings
    assert (crossing.time_in, crossing.time_out) == ends
    assert crossing.time_inside_s == 0
    # One that flies out of the disc in between comes back to it.
    away = [HERE, *[at(HERE, 90, 300.0 * min(it, 100 - it)) for it in range(1, 100)], HERE]
    out, back = cross(make_track(away), area, on_ground=ends).crossings
    assert (out.time_in, out.time_out) == (ends[0], ends[0])
    assert (back.time_in, back.time_out) == (ends[1], ends[1])


# Gaps


def gap_of_the_track(gap_s: float, before_m: float, after_m: float, first: int = 100) -> list[str]:
    """Return why a disc is undetermined, of a track that stands west of it, then east of it."""
    points = [at(HERE, 270, before_m)] * (first + 1) + [at(HERE, 90, after_m)] * 2
    times = [*map(float, range(first + 1)), first + gap_s, first + gap_s + 1]
    return [period.reason for period in cross(make_track(points, times), zone(DISC)).undetermined]


@pytest.mark.parametrize(("gap_s", "is_gap"), [(10.0, False), (10.5, True)])
def test_fixes_ten_seconds_apart_leave_no_time_to_reach_a_zone(gap_s: float, is_gap: bool) -> None:
    assert len(gap_of_the_track(gap_s, 510.0, 510.0)) == is_gap


def test_only_the_time_of_the_gap_itself_counts_for_the_way_out_and_back() -> None:
    """A gap of 30 s in the middle of a track: 900 m from one fix by the zone to the other."""
    for before_m, after_m in ((949.0, 949.0), (1390.0, 510.0)):
        assert len(gap_of_the_track(30.0, before_m, after_m)) == 1
    for before_m, after_m in ((951.0, 951.0), (1390.0, 515.0)):
        assert not gap_of_the_track(30.0, before_m, after_m)


def test_a_zone_that_is_active_for_a_second_of_the_gap_is_reachable() -> None:
    ends = make_track([at(HERE, 270, 600.0), at(HERE, 90, 600.0)], [0.0, 30.0])
    blink = model.ActivePeriod(second(10), second(11))
    assert len(cross(ends, zone(DISC, schedule=(blink,))).undetermined) == 1


@pytest.mark.parametrize("radius_m", [5_000_000.0, 6_000_000.0])
def test_a_zone_too_large_to_compare_is_undetermined_once_for_the_whole_flight(
    radius_m: float,
) -> None:
    """The gap in the track is no second reason."""
    points = [at(HERE, 90, 10.0 * number) for number in range(4)]
    flown = make_track(points, [0.0, 1.0, 31.0, 32.0])
    (period,) = cross(flown, zone(model.Circle(HERE, radius_m))).undetermined
    assert (seconds(period.start), seconds(period.end)) == (0.0, 32.0)
    assert away(period.position, points[0]) < 1e-3
    assert period.track_row == 0


# Points


@pytest.mark.parametrize("offset_s", [-1.0, -0.5, 0.0, 0.5])
def test_a_point_is_asked_for_one_instant(offset_s: float) -> None:
    area = zone(DISC, schedule=(model.ActivePeriod(NINE, None),))
    found = list(zones_at_position(ZoneIndex([area]), HERE, None, second(offset_s)))
    assert bool(found) == (offset_s >= 0)


def test_a_point_between_the_ground_and_no_limit_is_inside_at_any_height() -> None:
    index = ZoneIndex([zone(DISC)])
    for height in (None, model.Limit(model.VerticalDatum.AGL, 5_000, "m")):
        (found,) = zones_at_position(index, HERE, height, NINE)
        assert found.within is True


def test_a_point_on_the_edge_is_in_the_zone() -> None:
    """A circle of no size has one point, and its centre lies on its edge."""
    (found,) = zones_at_position(ZoneIndex([zone(model.Circle(HERE, 0.0))]), HERE, None, NINE)
    assert found.depth_m == 0.0


# Shapes


def as_points(drawn: tuple[np.ndarray, np.ndarray]) -> list[tuple[float, float]]:
    return sorted(
        (round(latitude, 8), round(longitude, 8))
        for latitude, longitude in zip(*drawn, strict=True)
    )


def test_a_ring_may_begin_at_any_of_its_corners() -> None:
    corners = ring(HERE, 5_000.0).points
    drawn = [
        as_points(densify_ring(model.Ring(corners[first:] + corners[:first])))
        for first in range(len(corners))
    ]
    assert len(drawn[0]) == len({*drawn[0]}) == 5 * 6
    assert all(points == drawn[0] for points in drawn)


@pytest.mark.parametrize("bearing", [315.0, 135.0], ids=["over north", "over south"])
@pytest.mark.parametrize("clockwise", [True, False])
def test_a_ring_with_an_arc_may_begin_at_any_of_its_corners(
    clockwise: bool, bearing: float
) -> None:
    """Three corners of a square, the fourth cut off or rounded out by an arc around its centre."""
    corners = tuple(at(HERE, (bearing + 90 * n) % 360, 2_000.0) for n in range(4))
    drawn = [
        as_points(
            densify_ring(
                model.Ring(
                    corners[first:] + corners[:first],
                    (model.Arc((4 - first) % 4, HERE, 2_000.0, clockwise),),
                )
            )
        )
        for first in range(4)
    ]
    assert all(points == drawn[0] for points in drawn)
    assert len({*drawn[0]}) == len(drawn[0])
    # The arc covers a quarter of the circle; the other way round, the rest of it.
    on_circle = [point for point in drawn[0] if abs(away(HERE, point) - 2_000.0) < 0.1]
    step_m = 2_000.0 * np.sqrt(8 * 0.02 / 2_000.0)
    share = 0.25 if clockwise else 0.75
    expected = share * 2 * np.pi * 2_000.0 / step_m
    assert len(on_circle) == pytest.approx(expected, abs=5)


def test_a_short_arc_is_drawn_by_two_pieces() -> None:
    corners = (at(HERE, 0, 100.0), at(HERE, 2, 100.0), HERE)
    drawn = as_points(densify_ring(model.Ring(corners, (model.Arc(0, HERE, 100.0, True),))))
    middle = at(HERE, 1, 100.0)
    assert len(drawn) == 4
    assert min(away(middle, point) for point in drawn) < 0.01


def test_a_polygon_takes_no_width_and_a_shape_around_the_earth_has_any_centre() -> None:
    corners = tuple(at(HERE, bearing, 1_000.0) for bearing in (0, 120, 240))
    line, area = model.Corridor(corners, 0.0), model.Polygon(model.Ring(corners))
    assert bounding_circle(area)[1] == pytest.approx(bounding_circle(line)[1], abs=0.5)
    around = model.Polygon(model.Ring(((0.0, 0.0), (0.0, 120.0), (0.0, -120.0))))
    centre, reach_m = bounding_circle(around)
    assert centre == pytest.approx([1.0, 0.0, 0.0])
    assert reach_m > 13_000_000.0


def test_a_line_meets_every_edge_that_it_passes_at_its_own_share() -> None:
    square = project_shape(
        model.Polygon(
            model.Ring(tuple(at(HERE, bearing, 1_000.0) for bearing in (45, 135, 225, 315)))
        )
    )
    side = 1_000.0 / np.sqrt(2)
    lines, shares = square.boundary_crossing_lines_and_shares(
        np.array([[-2 * side, 0.3 * side], [0.0, 0.0]]),
        np.array([[2 * side, 0.3 * side], [0.1 * side, 4 * side]]),
    )
    found = sorted(zip(lines.tolist(), shares.tolist(), strict=True))
    assert [line for line, _ in found] == [0, 0, 1]
    assert [share for _, share in found] == pytest.approx([0.25, 0.75, 0.25], abs=1e-3)


@pytest.mark.parametrize(
    ("fixes", "ends"), [(1, [0]), (2, [1]), (65, [64]), (66, [64, 65]), (129, [64, 128])]
)
def test_the_blocks_of_a_track_end_with_its_last_fix(fixes: int, ends: list[int]) -> None:
    assert make_track([HERE] * fixes).consecutive_fix_blocks.last.tolist() == ends


def test_long_tracks_are_searched_in_blocks_without_a_difference() -> None:
    """10,000 fixes are 157 blocks in three groups; only one block touches the zone."""
    flown = straight(HERE, 90.0, 60_000.0, 40_000.0)
    assert len(flown.consecutive_fix_blocks.groups_of_blocks.first) == 3
    crossing = only_crossing(flown, zone(model.Circle(HERE, 100.0)))
    assert seconds(crossing.time_in) == pytest.approx(5_990.0, abs=0.01)
    assert seconds(crossing.time_out) == pytest.approx(6_010.0, abs=0.01)
