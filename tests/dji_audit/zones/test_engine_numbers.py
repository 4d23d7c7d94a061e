"""The thresholds and boundaries of the zone engine, each pinned from both sides."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.geo.geodesy import densify_geodesics
from dji_audit.zones import (
    ZoneComparisonResult,
    ZoneIndex,
    ZoneTolerance,
    ZoneTrack,
    zones_at_position,
)
from dji_audit.zones import _model as model
from dji_audit.zones.engine._active_intervals import active_intervals
from dji_audit.zones.engine._densify_outlines import densify_ring
from dji_audit.zones.engine._intervals_between_limits import (
    intervals_between_limits,
    is_limit_beyond_any_aircraft,
    non_negative_and_unknown_intervals,
)
from dji_audit.zones.engine._penetration_depth import (
    deepest_point_horizontally,
    deepest_point_vertically,
    penetration_at_times_m,
)
from dji_audit.zones.engine._projected_shapes import bounding_circle, project_shape
from dji_audit.zones.engine._zone_index import MAX_REACH_M, ProjectedZone
from dji_audit.zones.engine._zone_track import build_zone_track
from parsers import _tables
from tests.dji_audit.zones.made import (
    START,
    at,
    away,
    cross,
    make_track,
    only_crossing,
    seconds,
    straight,
    zone,
)

HERE: model.Point = (56.0, -3.0)
DISC = model.Circle(HERE, 500.0)
NINE = START.to_pydatetime()


def standing(count: int = 101, **columns: Any) -> ZoneTrack:
    """Return a track that stays at one position, one fix a second."""
    return make_track([HERE] * count, **columns)


def jitter(amplitude: float) -> ZoneTrack:
    """Return a track along a radius that swings about the edge of ``DISC``."""
    swings = [500.0 + (amplitude if number % 2 else -amplitude) for number in range(6)]
    return make_track([at(HERE, 90, distance) for distance in [450.0, *swings, 450.0]])


# Tolerances


def test_the_tolerances_are_those_of_the_documents() -> None:
    assert ZoneTolerance() == ZoneTolerance(
        hysteresis_m=3.0,
        max_speed_mps=30.0,
        horizontal_error_m=5.0,
        vertical_error_m=10.0,
        error_factor=2.0,
    )


@pytest.mark.parametrize("inclusion", [False, True])
@pytest.mark.parametrize("amplitude, joined", [(2.9, True), (3.1, False)])
def test_an_excursion_of_up_to_3_m_does_not_end_a_crossing(
    inclusion: bool, amplitude: float, joined: bool
) -> None:
    crossings = cross(jitter(amplitude), zone(DISC, inclusion=inclusion)).crossings
    assert (len(crossings) == 1) == joined


def test_an_excursion_while_the_zone_sleeps_ends_a_crossing() -> None:
    pause = (
        model.ActivePeriod(None, NINE + dt.timedelta(seconds=40)),
        model.ActivePeriod(NINE + dt.timedelta(seconds=60), None),
    )
    first, second = cross(standing(), zone(DISC, schedule=pause)).crossings
    assert (seconds(first.time_out), seconds(second.time_in)) == (40, 60)


@pytest.mark.parametrize(
    "columns, depth, certain",
    [
        ({}, 10.1, True),
        ({}, 9.9, False),
        ({"horizontal_error_m": 2.0}, 4.1, True),
        ({"horizontal_error_m": 2.0}, 3.9, False),
    ],
)
def test_a_crossing_is_certain_beyond_twice_the_error(
    columns: dict[str, Any], depth: float, certain: bool
) -> None:
    flown = make_track([at(HERE, 90, 500.0 - depth)] * 3, **columns)
    crossing = only_crossing(flown, zone(DISC))
    assert crossing.certain == certain
    assert crossing.horizontal_error_m == columns.get("horizontal_error_m", 5.0)
    assert crossing.horizontal_error_stated == bool(columns)


@pytest.mark.parametrize("depth, certain", [(10.1, True), (9.9, False)])
def test_a_breach_of_an_inclusion_zone_is_certain_beyond_twice_the_error(
    depth: float, certain: bool
) -> None:
    flown = make_track([at(HERE, 90, 500.0 + depth)] * 3)
    assert only_crossing(flown, zone(DISC, inclusion=True)).certain == certain


@pytest.mark.parametrize(
    "error_m, height, certain",
    [(None, 20.1, True), (None, 19.9, False), (1.0, 2.1, True), (1.0, 1.9, False)],
)
def test_a_height_is_certain_beyond_twice_its_error(
    error_m: float | None, height: float, certain: bool
) -> None:
    columns = {} if error_m is None else {"vertical_error_m": error_m}
    flown = standing(3, altitude_amsl_m=100.0 + height, **columns)
    crossing = only_crossing(
        flown, zone(DISC, lower=model.Limit(model.VerticalDatum.AMSL, 100, "m"))
    )
    assert crossing.certain == certain
    assert crossing.vertical_depth_m == pytest.approx(height)


def test_the_deeper_of_position_and_height_makes_a_crossing_certain() -> None:
    flown = make_track(
        [at(HERE, 90, 520.0), at(HERE, 90, 480.0), HERE], altitude_amsl_m=[105.0, 105.0, 150.0]
    )
    area = zone(DISC, lower=model.Limit(model.VerticalDatum.AMSL, 100, "m"))
    assert only_crossing(flown, area).certain


# Gaps


@pytest.mark.parametrize("distance, reachable", [(949.0, True), (951.0, False)])
def test_a_zone_is_reachable_at_30_m_a_second(distance: float, reachable: bool) -> None:
    # Out and back: 2 x 449 m or 2 x 451 m in 30 s, of which 900 m are possible.
    ends = [at(HERE, 270, distance), at(HERE, 90, distance)]
    assert bool(cross(make_track(ends, [0.0, 30.0]), zone(DISC)).undetermined) == reachable


def test_in_a_zone_at_one_end_of_a_gap_only_the_way_out_counts() -> None:
    ends = [at(HERE, 0, 100.0), at(HERE, 0, 1390.0)]
    near = cross(make_track([ends[0], ends[0], ends[1], ends[1]], [0, 1, 31, 32]), zone(DISC))
    assert [period.reason for period in near.undetermined] == [
        "no fix for 30 s, enough time to reach the zone"
    ]
    assert near.undetermined[0].position == pytest.approx(ends[0])
    assert near.undetermined[0].track_row == 1


@pytest.mark.parametrize("outside, reachable", [(899.7, True), (900.3, False)])
def test_the_way_within_a_zone_does_not_count_in_a_gap(outside: float, reachable: bool) -> None:
    """However deep it is in the zone at one end, 900 m are possible in 30 s."""
    for inside in (0.0, 300.0, 499.0):
        ends = [at(HERE, 0, inside), at(HERE, 0, 500.0 + outside)]
        for points in (ends, ends[::-1]):
            found = cross(make_track(points, [0.0, 30.0]), zone(DISC)).undetermined
            assert bool(found) == reachable


@pytest.mark.parametrize("inside, reachable", [(450.0, False), (445.0, True)])
def test_an_inclusion_zone_may_be_left_in_a_gap_if_its_edge_is_within_reach(
    inside: float, reachable: bool
) -> None:
    # The edge is 500 - distance away at both ends: 450 m and 450 m leave nothing of 900 m.
    small = make_track([at(HERE, 0, 49.0), at(HERE, 180, 49.0)], [0.0, 30.0])
    assert not cross(small, zone(DISC, inclusion=True)).undetermined
    wide = make_track([at(HERE, 0, 500 - inside), at(HERE, 180, 500 - inside)], [0.0, 30.0])
    found = cross(wide, zone(DISC, inclusion=True)).undetermined
    assert bool(found) == (2 * inside <= 900 and reachable)


@pytest.mark.parametrize("gap, observed", [(10.0, True), (10.001, False)])
def test_fixes_up_to_10_s_apart_leave_no_gap(gap: float, observed: bool) -> None:
    flown = make_track([HERE, HERE], [0.0, gap])
    assert len(flown.gap_intervals) == (0 if observed else 1)
    assert len(cross(flown, zone(DISC)).crossings) == (1 if observed else 0)


def test_a_zone_that_sleeps_is_not_reachable_in_a_gap() -> None:
    ends = make_track([at(HERE, 270, 600.0), at(HERE, 90, 600.0)], [0.0, 30.0])
    earlier = model.ActivePeriod(None, NINE - dt.timedelta(seconds=1))
    assert cross(ends, zone(DISC)).undetermined
    assert not cross(ends, zone(DISC, schedule=(earlier,))).undetermined


def test_a_zone_of_more_than_5000_km_is_not_compared() -> None:
    assert MAX_REACH_M == 5_000_000.0
    huge = cross(standing(), zone(model.Circle(HERE, 5_000_000.0)))
    assert [period.reason for period in huge.undetermined] == ["reaches further than 5000 km"]
    assert (seconds(huge.undetermined[0].start), seconds(huge.undetermined[0].end)) == (0, 100)
    assert not huge.crossings
    assert cross(standing(), zone(model.Circle(HERE, 4_999_000.0))).crossings


# Tracks


def test_between_fixes_a_track_is_straight_and_even() -> None:
    corner = at(HERE, 0, 100.0)
    flown = make_track([HERE, corner, at(corner, 90, 200.0)], [0.0, 10.0, 20.0])
    assert away(flown.position_at(2.5), at(HERE, 0, 25.0)) < 1e-3
    assert away(flown.position_at(15.0), at(corner, 90, 100.0)) < 1e-3
    assert away(flown.position_at(-5.0), HERE) < 1e-6
    assert away(flown.position_at(99.0), at(corner, 90, 200.0)) < 1e-6
    assert flown.max_distances_flown_until_times_m(np.array([5.0, 10.0, 20.0])) == pytest.approx(
        [50.0, 100.0, 300.0], rel=0.01
    )


def test_the_fix_of_a_time_is_the_last_at_or_before_it() -> None:
    flown = make_track([HERE] * 3, [0.0, 10.0, 20.0])
    times = (-5.0, 0.0, 9.9, 10.0, 19.0, 20.0, 99.0)
    assert [flown.fix_index_at(time) for time in times] == [0, 0, 0, 1, 1, 2, 2]
    assert flown.seconds_since_first_fix(flown.to_timestamp(12.5)) == 12.5


def test_a_track_is_built_of_valid_fixes_in_time_order() -> None:
    table = _tables.build_table(
        _tables.TRACK,
        {
            "time": START
            + pd.to_timedelta([4.0, 1.0, np.nan, 2.0, 3.0, 0.0], unit="s").as_unit("ns"),
            "latitude_deg": [56.4, 56.1, 56.9, np.nan, 56.3, 56.0],
            "longitude_deg": [-3.0] * 6,
            "fix_ok": [True, True, True, True, False, None],
            "source_offset": np.arange(6),
        },
        6,
    )
    flown = build_zone_track(table, gap_s=10.0)
    assert flown.track_rows.tolist() == [5, 1, 0]
    assert flown.latitude_deg.tolist() == [56.0, 56.1, 56.4]
    part = build_zone_track(table, 10.0, after=START + pd.Timedelta(seconds=2))
    assert part.track_rows.tolist() == [1, 0]
    part = build_zone_track(table, 10.0, before=START + pd.Timedelta(seconds=0.5))
    assert part.track_rows.tolist() == [5, 1]
    exact = build_zone_track(table, 10.0, after=START + pd.Timedelta(seconds=1))
    assert exact.track_rows.tolist() == [1, 0]
    exact = build_zone_track(table, 10.0, before=START + pd.Timedelta(seconds=1))
    assert exact.track_rows.tolist() == [5, 1]


def test_blocks_hold_64_fixes_and_share_their_ends() -> None:
    flown = straight(HERE, 90.0, 0.0, 1300.0)
    assert len(flown) == 131
    assert flown.consecutive_fix_blocks.first.tolist() == [0, 64, 128]
    assert flown.consecutive_fix_blocks.last.tolist() == [64, 128, 130]
    # Half of 640 m, with what the box around a slanting line adds.
    assert flown.consecutive_fix_blocks.radii_m[0] == pytest.approx(320.0, rel=0.02)
    assert flown.consecutive_fix_blocks.groups_of_blocks.first.tolist() == [0]
    assert flown.consecutive_fix_blocks.groups_of_blocks.last.tolist() == [2]
    assert flown.consecutive_fix_blocks.groups_of_blocks.radii_m[0] == pytest.approx(
        650.0, rel=0.02
    )


# Shapes


def test_edges_are_cut_at_1_km() -> None:
    east = at(HERE, 90, 2500.0)
    latitude, longitude = densify_geodesics(
        np.array([HERE[0], east[0]]), np.array([HERE[1], east[1]]), closed=False
    )
    points = list(zip(latitude.tolist(), longitude.tolist(), strict=True))
    assert len(points) == 4
    assert (points[0], points[-1]) == (HERE, east)
    assert away(points[0], points[1]) == pytest.approx(2500.0 / 3)
    assert away(points[1], points[2]) == pytest.approx(2500.0 / 3)
    square = [HERE, at(HERE, 90, 990.0), at(HERE, 45, 990.0)]
    corners = np.array(square)
    latitude, _ = densify_geodesics(corners[:, 0], corners[:, 1], closed=True)
    assert len(latitude) == 3


@pytest.mark.parametrize("clockwise, side", [(True, 90.0), (False, 270.0)])
def test_an_arc_runs_its_own_way_and_leaves_its_circle_by_2_cm_at_most(
    clockwise: bool, side: float
) -> None:
    north, south = at(HERE, 0, 1000.0), at(HERE, 180, 1000.0)
    drawn = densify_ring(model.Ring((north, south), (model.Arc(0, HERE, 1000.0, clockwise),)))
    points = list(zip(*map(np.ndarray.tolist, drawn), strict=True))
    distances = [away(HERE, point) for point in points]
    arc = [point for point, distance in zip(points, distances, strict=True) if distance > 999.9]
    assert min(away(point, at(HERE, side, 1000.0)) for point in arc) < 10.0
    assert min(away(point, at(HERE, side + 180, 1000.0)) for point in arc) > 1000.0
    # A chord of 2 cm sagitta on 1000 m is 12.6 m long: 249 of them make the half circle.
    assert len(arc) == pytest.approx(249, abs=3)


def test_a_bounding_circle_holds_its_shape_closely() -> None:
    square = model.Polygon(
        model.Ring(tuple(at(HERE, bearing, 1000.0) for bearing in (45, 135, 225, 315)))
    )
    centre, reach = bounding_circle(square)
    assert np.linalg.norm(centre) == pytest.approx(1.0)
    # To the corners, and half of the longest edge for geodesics that bulge.
    assert reach == pytest.approx(1000.0 + 2000.0 / np.sqrt(2) / 2, rel=0.01)
    corridor = model.Corridor((at(HERE, 0, 1000.0), at(HERE, 180, 1000.0)), 100.0)
    assert bounding_circle(corridor)[1] == pytest.approx(1000.0 + 1000.0 + 100.0, rel=0.01)
    bent = model.Polygon(
        model.Ring(
            (at(HERE, 180, 100.0), at(HERE, 0, 100.0)),
            (model.Arc(1, at(HERE, 0, 400.0), 500.0, True),),
        )
    )
    assert bounding_circle(bent)[1] == pytest.approx(400 + 500 * 1.01 + 100, rel=0.01)


def test_distances_from_a_polygon_are_signed() -> None:
    square = project_shape(
        model.Polygon(
            model.Ring(tuple(at(HERE, bearing, 1000.0) for bearing in (45, 135, 225, 315)))
        )
    )
    side = 1000.0 / np.sqrt(2)
    positions = np.array([[0.0, 0.0], [side - 10, 0.0], [side + 10, 0.0], [side + 30, side + 40]])
    assert square.signed_depths_inside_m(positions) == pytest.approx(
        [side, 10.0, -10.0, -50.0], abs=0.05
    )
    assert square.nearest_boundary_point(positions[2]) == pytest.approx([side, 0.0], abs=0.05)
    # Boxes around the circles are compared, which is enough to exclude most.
    radii = np.array([side - 1, 9.0, 9.0, 39.0])
    assert not square.circles_that_may_touch_boundary_mask(positions, radii).any()
    assert square.circles_that_may_touch_boundary_mask(positions, radii + 2).all()


def test_distances_from_a_circle_are_signed() -> None:
    disc = project_shape(DISC)
    positions = np.array([[0.0, 0.0], [490.0, 0.0], [0.0, 510.0], [300.0, 400.0]])
    assert disc.signed_depths_inside_m(positions) == pytest.approx([500.0, 10.0, -10.0, 0.0])
    assert disc.positions_inside_mask(positions).tolist() == [True, True, False, True]
    assert disc.nearest_boundary_point(positions[2]) == pytest.approx([0.0, 500.0])
    assert disc.nearest_boundary_point(positions[0]) == pytest.approx([0.0, 500.0])
    assert disc.circles_that_may_touch_boundary_mask(
        positions, np.array([499.0, 10.0, 9.0, 0.0])
    ).tolist() == [
        False,
        True,
        False,
        True,
    ]
    lines, shares = disc.boundary_crossing_lines_and_shares(
        np.array([[-1000.0, 0.0], [0.0, 0.0], [600.0, 0.0], [-1000.0, 500.1]]),
        np.array([[1000.0, 0.0], [1000.0, 0.0], [900.0, 0.0], [1000.0, 500.1]]),
    )
    assert (lines.tolist(), shares.tolist()) == ([0, 0, 1], pytest.approx([0.25, 0.75, 0.5]))


def test_the_scale_of_a_plane_grows_with_its_size() -> None:
    assert ProjectedZone(zone(DISC), 500.0).max_scale == pytest.approx(1.001, abs=1e-6)
    wide = ProjectedZone(zone(DISC), 3_000_000.0)
    angle = 3_000_000.0 / 6_335_000.0
    assert wide.max_scale == pytest.approx(1.001 * angle / np.sin(angle))
    angle = 2.5
    assert ProjectedZone(zone(DISC), 3e7).max_scale == pytest.approx(1.001 * angle / np.sin(angle))


# Limits


@pytest.mark.parametrize(
    "limit, lower, out_of_reach",
    [
        (model.SURFACE, True, True),
        (model.SURFACE, False, False),
        (model.UNLIMITED, False, True),
        (model.UNLIMITED, True, False),
        (model.Limit(model.VerticalDatum.AGL, 0, "m"), True, True),
        (model.Limit(model.VerticalDatum.AGL, 1, "m"), True, False),
        (model.Limit(model.VerticalDatum.AMSL, 0, "m"), True, False),
        (model.Limit(model.VerticalDatum.AMSL, 30_000, "m"), False, True),
        (model.Limit(model.VerticalDatum.AMSL, 29_999, "m"), False, False),
        (model.Limit(model.VerticalDatum.AMSL, 30_000, "m"), True, False),
        (model.Limit(model.VerticalDatum.NOT_STATED, 40_000, "m"), False, False),
        (model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 985, "FL"), False, True),
        (model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 984, "FL"), False, False),
    ],
)
def test_a_limit_that_no_aircraft_passes(
    limit: model.Limit, lower: bool, out_of_reach: bool
) -> None:
    assert is_limit_beyond_any_aircraft(limit, lower=lower) == out_of_reach


@pytest.mark.parametrize(
    "values, inside, unknown",
    [
        ([0.0], [[5.0, 5.0]], []),
        ([-0.1], [], []),
        ([np.nan], [], [[5.0, 5.0]]),
        ([-1.0, 3.0], [[5.25, 6.0]], []),
        ([3.0, -1.0], [[5.0, 5.75]], []),
        ([0.0, 0.0], [[5.0, 6.0]], []),
        ([1.0, -1.0, 1.0], [[5.0, 5.5], [6.5, 7.0]], []),
        ([1.0, np.nan, 1.0, 1.0], [[7.0, 8.0]], [[5.0, 7.0]]),
        ([-1.0, -1.0], [], []),
    ],
)
def test_a_quantity_is_positive_between_its_roots(
    values: list[float], inside: list[list[float]], unknown: list[list[float]]
) -> None:
    times = np.arange(5.0, 5.0 + len(values))
    positive, missing = non_negative_and_unknown_intervals(times, np.array(values, np.float64))
    assert (positive.tolist(), missing.tolist()) == (inside, unknown)


def test_without_fixes_nothing_is_positive_and_nothing_unknown() -> None:
    positive, missing = non_negative_and_unknown_intervals(np.empty(0), np.empty(0))
    assert (len(positive), len(missing)) == (0, 0)


@pytest.mark.parametrize("heights, depth", [([100.0] * 3, 0.0), ([100.5] * 3, 0.5)])
def test_a_height_on_the_limit_is_in_the_zone(heights: list[float], depth: float) -> None:
    flown = standing(3, altitude_amsl_m=heights)
    area = zone(DISC, lower=model.Limit(model.VerticalDatum.AMSL, 100, "m"))
    crossing = only_crossing(flown, area)
    assert crossing.vertical_depth_m == pytest.approx(depth)
    upper = zone(DISC, upper=model.Limit(model.VerticalDatum.AMSL, heights[0], "m"))
    assert only_crossing(flown, upper).vertical_depth_m == 0.0


def disc_from_100_to_180_m() -> model.Zone:
    return zone(
        DISC,
        lower=model.Limit(model.VerticalDatum.AMSL, 100, "m"),
        upper=model.Limit(model.VerticalDatum.AMSL, 180, "m"),
    )


def test_the_nearer_of_two_limits_gives_the_depth() -> None:
    flown = make_track([HERE] * 2, [0.0, 10.0], altitude_amsl_m=[90.0, 190.0])
    area = disc_from_100_to_180_m()
    limits = intervals_between_limits(area, flown, np.array([[0.0, 10.0]]))
    assert limits.within.tolist() == [[1.0, 9.0]]
    deepest = deepest_point_vertically(area, limits, flown, np.array([[1.0, 9.0]]))
    assert deepest is not None
    assert deepest.time_s == pytest.approx(5.0)
    assert deepest.depth_m == pytest.approx(40.0)
    assert limits.signed_margins_inside_limits_m(
        flown, np.array([0.0, 3.0, 10.0])
    ) == pytest.approx([-10.0, 20.0, -10.0])
    projected = ZoneIndex([area]).projected_zone(0)
    assert penetration_at_times_m(projected, limits, flown, np.array([3.0, 5.0])) == pytest.approx(
        [20.0, 40.0]
    )


def test_out_of_an_inclusion_zone_the_depth_counts_outwards() -> None:
    flown = make_track([at(HERE, 90, 450.0), at(HERE, 90, 530.0)], altitude_amsl_m=100.0)
    fence = zone(DISC, inclusion=True, upper=model.Limit(model.VerticalDatum.AMSL, 110, "m"))
    limits = intervals_between_limits(fence, flown, np.array([[0.0, 1.0]]))
    projected = ZoneIndex([fence]).projected_zone(0)
    depths = penetration_at_times_m(projected, limits, flown, np.array([0.0, 0.25, 1.0]))
    assert depths == pytest.approx([-10.0, -10.0, 30.0], abs=0.1)
    assert deepest_point_vertically(fence, limits, flown, np.array([[0.0, 1.0]])) is None


def test_a_breach_of_a_ceiling_is_deepest_where_it_is_highest() -> None:
    points = [at(HERE, 90, 10.0 * step) for step in range(5)]
    ceiling = zone(inclusion=True, upper=model.Limit(model.VerticalDatum.HOME, 60, "m"))
    flown = make_track(points, height_ato_m=[50.0, 70.0, 90.0, 70.0, 50.0])
    crossing = only_crossing(flown, ceiling)
    assert (seconds(crossing.time_in), seconds(crossing.time_out)) == (0.5, 3.5)
    assert crossing.vertical_depth_m == pytest.approx(30.0)
    assert crossing.depth_m is None
    assert away(crossing.deepest_position, flown.position_at(0.5)) < 1e-3
    assert crossing.track_row == 0


@pytest.mark.parametrize(
    "lower, upper, stood",
    [
        (model.SURFACE, model.Limit(model.VerticalDatum.AGL, 100, "m"), True),
        (
            model.Limit(model.VerticalDatum.AGL, 0, "m"),
            model.Limit(model.VerticalDatum.AGL, 100, "m"),
            True,
        ),
        (
            model.Limit(model.VerticalDatum.AGL, 1, "m"),
            model.Limit(model.VerticalDatum.AGL, 100, "m"),
            False,
        ),
        (
            model.Limit(model.VerticalDatum.AMSL, 0, "m"),
            model.Limit(model.VerticalDatum.AGL, 100, "m"),
            False,
        ),
        (model.SURFACE, model.Limit(model.VerticalDatum.AGL, 0, "m"), False),
        (model.SURFACE, model.Limit(model.VerticalDatum.AMSL, 100, "m"), False),
    ],
)
def test_on_the_ground_the_height_above_ground_is_0(
    lower: model.Limit, upper: model.Limit, stood: bool
) -> None:
    flown = standing(height_ato_m=5.0)
    takeoff = START + pd.Timedelta(seconds=5)
    crossings = cross(flown, zone(DISC, lower=lower, upper=upper), on_ground=(takeoff,)).crossings
    assert [crossing.time_in for crossing in crossings] == ([takeoff] if stood else [])


@pytest.mark.parametrize("before, stood", [(10.0, True), (10.5, False)])
def test_a_takeoff_counts_up_to_a_gap_before_the_first_fix(before: float, stood: bool) -> None:
    area = zone(DISC, upper=model.Limit(model.VerticalDatum.AGL, 100, "m"))
    takeoff = START - pd.Timedelta(seconds=before)
    crossings = cross(standing(height_ato_m=5.0), area, on_ground=(takeoff,)).crossings
    assert [seconds(crossing.time_in) for crossing in crossings] == ([0.0] if stood else [])


# Times


def active(
    area: model.Zone, seconds_long: float, start: str = "2026-05-14T09:00:00"
) -> list[list[float]]:
    found = active_intervals(area, HERE, np.datetime64(start, "ns"), seconds_long)
    assert not len(found.doubtful)
    return [[round(edge, 3) for edge in pair] for pair in found.certain.tolist()]


@pytest.mark.parametrize(
    "hours, expected",
    [
        (model.DailyHours(frozenset(), dt.time(9, 1, 2, 500_000), dt.time(9, 3)), [[62.5, 180.0]]),
        (model.DailyHours(frozenset(), dt.time(9, 1), dt.time(9, 1)), [[0.0, 600.0]]),
        (model.DailyHours(frozenset(), None, dt.time(9, 2)), [[0.0, 120.0]]),
        (model.DailyHours(frozenset(), dt.time(9, 2), None), [[120.0, 600.0]]),
        (model.DailyHours(frozenset({4}), None, None), [[0.0, 600.0]]),
        (model.DailyHours(frozenset({3}), dt.time(9, 2), dt.time(9, 1)), [[0.0, 60.0]]),
        (model.DailyHours(frozenset({2}), dt.time(9, 2), dt.time(9, 1)), []),
    ],
)
def test_hours_are_hours_minutes_and_seconds(
    hours: model.DailyHours, expected: list[list[float]]
) -> None:
    area = zone(DISC, schedule=(model.ActivePeriod(hours=(hours,)),))
    assert active(area, 600.0) == expected


def test_hours_return_every_day_of_a_long_track() -> None:
    hours = model.DailyHours(frozenset(), dt.time(8), dt.time(10))
    area = zone(DISC, schedule=(model.ActivePeriod(hours=(hours,)),))
    day = 86_400.0
    assert active(area, 3 * day) == [
        [0.0, 3600.0],
        [day - 3600, day + 3600],
        [2 * day - 3600, 2 * day + 3600],
        [3 * day - 3600, 3 * day],
    ]


def test_a_period_is_within_its_dates_and_hours() -> None:
    period = model.ActivePeriod(
        NINE + dt.timedelta(seconds=30),
        NINE + dt.timedelta(seconds=200),
        (
            model.DailyHours(frozenset(), dt.time(9, 0), dt.time(9, 1)),
            model.DailyHours(frozenset(), dt.time(9, 2), dt.time(9, 5)),
        ),
    )
    assert active(zone(DISC, schedule=(period,)), 600.0) == [[30.0, 60.0], [120.0, 200.0]]
    offset = dt.timezone(dt.timedelta(hours=1))
    later = model.ActivePeriod(dt.datetime(2026, 5, 14, 10, 1, tzinfo=offset), None)
    assert active(zone(DISC, schedule=(later,)), 600.0) == [[60.0, 600.0]]
    assert active(zone(DISC), 600.0) == [[0.0, 600.0]]


@pytest.mark.parametrize(
    "event, expected",
    [
        # By the sunrise equation: declination 18.6 degrees, equation of time 3.7 minutes, so noon
        # at 12:08; the sun is at -0.83 degrees 8 h 07 min and at -6 degrees 8 h 57 min from it.
        (model.SunEvent.DAWN, "03:12"),
        (model.SunEvent.RISE, "04:01"),
        (model.SunEvent.SET, "20:15"),
        (model.SunEvent.DUSK, "21:05"),
    ],
)
def test_the_sun_begins_and_ends_hours_at_the_zone(event: model.SunEvent, expected: str) -> None:
    hours = model.DailyHours(frozenset({4}), event, dt.time(23, 59))
    area = zone(DISC, schedule=(model.ActivePeriod(hours=(hours,)),))
    ((begin, _),) = active(area, 86_400.0, "2026-05-14T00:00:00")
    hour, minute = map(int, expected.split(":"))
    assert begin == pytest.approx(hour * 3600 + minute * 60, abs=120)


@pytest.mark.parametrize("day, inside", [("2026-06-21", [[0.0, 86_400.0]]), ("2026-12-21", [])])
def test_under_a_sun_that_does_not_set_daylight_lasts_from_midnight_to_midnight(
    day: str, inside: list[list[float]]
) -> None:
    daylight = model.ActivePeriod(
        hours=(model.DailyHours(frozenset(), model.SunEvent.RISE, model.SunEvent.SET),)
    )
    area = zone(model.Circle((78.2, 15.6), 100.0), schedule=(daylight,))
    found = active_intervals(area, (78.2, 15.6), np.datetime64(f"{day}T00:00:00", "ns"), 86_400.0)
    assert found.certain.tolist() == inside
    assert not len(found.doubtful)


# Points


@pytest.mark.parametrize(
    "height, within",
    [
        (model.Limit(model.VerticalDatum.AMSL, 50, "m"), False),
        (model.Limit(model.VerticalDatum.AMSL, 100, "m"), True),
        (model.Limit(model.VerticalDatum.AMSL, 150, "m"), True),
        (model.Limit(model.VerticalDatum.AMSL, 200, "m"), True),
        (model.Limit(model.VerticalDatum.AMSL, 250, "m"), False),
        (model.Limit(model.VerticalDatum.AGL, 150, "m"), None),
        (None, None),
    ],
)
def test_a_point_is_in_a_zone_by_its_height(
    height: model.Limit | None, within: bool | None
) -> None:
    area = zone(
        DISC,
        lower=model.Limit(model.VerticalDatum.AMSL, 100, "m"),
        upper=model.Limit(model.VerticalDatum.AMSL, 200, "m"),
    )
    (answer,) = zones_at_position(ZoneIndex([area]), HERE, height, NINE)
    assert answer.within is within
    assert answer.depth_m == pytest.approx(500.0)
    given = "no height" if height is None else f"a height of {height}"
    text = f"100 m AMSL to 200 m AMSL is not comparable with {given}"
    assert answer.reason == ("" if within is not None else text)


def test_one_limit_that_is_passed_is_enough_to_be_outside() -> None:
    area = zone(
        DISC,
        lower=model.Limit(model.VerticalDatum.AMSL, 100, "m"),
        upper=model.Limit(model.VerticalDatum.AGL, 200, "m"),
    )
    (below,) = zones_at_position(
        ZoneIndex([area]), HERE, model.Limit(model.VerticalDatum.AMSL, 50, "m"), NINE
    )
    (above,) = zones_at_position(
        ZoneIndex([area]), HERE, model.Limit(model.VerticalDatum.AMSL, 150, "m"), NINE
    )
    assert (below.within, above.within) == (False, None)


@pytest.mark.parametrize("distance, inside", [(499.5, True), (500.5, False), (510.0, False)])
def test_a_point_beside_a_zone_is_not_in_it(distance: float, inside: bool) -> None:
    answers = list(zones_at_position(ZoneIndex([zone(DISC)]), at(HERE, 90, distance), None, NINE))
    assert bool(answers) == inside


def test_a_point_is_in_a_zone_only_while_the_zone_is_active() -> None:
    period = model.ActivePeriod(None, NINE)
    index = ZoneIndex([zone(DISC, schedule=(period,))])
    assert list(zones_at_position(index, HERE, None, NINE))
    assert not list(zones_at_position(index, HERE, None, NINE + dt.timedelta(seconds=1)))


def test_zones_near_a_point_have_a_shape_of_bounded_size() -> None:
    zones = [
        zone(DISC),
        zone(),
        zone(model.Circle(HERE, 6_000_000.0)),
        zone(model.Circle(HERE, 50.0)),
    ]
    index = ZoneIndex(zones)
    near = [candidate.zone for candidate in index.zones_near_point(at(HERE, 90, 300.0), 0.0)]
    assert near == [zones[0]]
    near = [candidate.zone for candidate in index.zones_near_point(at(HERE, 90, 300.0), 260.0)]
    assert near == [zones[0], zones[3]]
    near = [candidate.zone for candidate in index.zones_near_point(at(HERE, 90, 300.0), 245.0)]
    assert near == [zones[0]]
    assert len(index) == 4


def test_a_zone_of_several_parts_reaches_around_all_of_them() -> None:
    """From the first: 1000 m to the second, and its 50 m; a tenth more at most."""
    parts = (model.Circle(HERE, 100.0), model.Circle(at(HERE, 90, 1000.0), 50.0))
    index = ZoneIndex([zone(*parts), zone(*parts[:1]), zone(model.Circle(HERE, 2000.0), *parts)])
    assert 1050.0 <= index.projected_zone(0).reach_m <= 1155.0
    assert index.projected_zone(1).reach_m == 100.0
    assert index.projected_zone(2).reach_m == pytest.approx(2000.0, abs=2.0)


def test_one_fix_is_in_a_zone_for_an_instant() -> None:
    crossing = only_crossing(make_track([HERE]), zone(DISC))
    assert (seconds(crossing.time_in), seconds(crossing.time_out)) == (0, 0)
    assert crossing.time_inside_s == 0
    assert not cross(make_track([at(HERE, 90, 501.0)]), zone(DISC)).crossings


def test_a_corridor_follows_all_of_its_points() -> None:
    bend = at(HERE, 90, 1000.0)
    corridor = zone(model.Corridor((HERE, bend, at(bend, 0, 1000.0)), 100.0))
    first = only_crossing(straight(at(HERE, 90, 500.0), 0.0, 200.0, 200.0), corridor)
    assert first.time_inside_s == pytest.approx(20.0, abs=0.1)
    second = only_crossing(straight(at(bend, 0, 500.0), 90.0, 200.0, 200.0), corridor)
    assert second.time_inside_s == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize("inclusion", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_deepest_position_is_found_to_1_m(seed: int, inclusion: bool) -> None:
    rng = np.random.default_rng(seed)
    corners = [at(HERE, 72.0 * number, float(rng.uniform(200, 600))) for number in range(5)]
    area = zone(model.Polygon(model.Ring(tuple(corners))), inclusion=inclusion)
    hops = [at(HERE, float(rng.uniform(0, 360)), float(rng.uniform(0, 900))) for _ in range(8)]
    flown = make_track(hops, [float(10 * number) for number in range(8)])
    projected = ZoneIndex([area]).projected_zone(0)
    deepest = deepest_point_horizontally(projected, flown, np.array([[0.0, 70.0]]))
    times = np.linspace(0.0, 70.0, 70_001)
    sign = -1.0 if inclusion else 1.0
    best = float((sign * projected.signed_depths_inside_m(*flown.positions_at(times))).max())
    assert deepest.depth_m is not None
    assert best - 1.0 <= deepest.depth_m <= best + 0.1


def test_an_empty_track_begins_in_1970_and_crosses_nothing() -> None:
    table = _tables.build_table(_tables.TRACK, {}, 0)
    flown = build_zone_track(table, gap_s=10.0)
    assert flown.start == np.datetime64("1970-01-01", "ns")
    assert (len(flown), flown.end_s) == (0, 0.0)
    assert cross(flown, zone(DISC)) == ZoneComparisonResult((), (), ())


def test_of_a_ring_that_crosses_itself_both_lobes_are_inside() -> None:
    east, west = at(HERE, 90, 500.0), at(HERE, 270, 500.0)
    corners = (at(west, 0, 200.0), at(east, 180, 200.0), at(east, 0, 200.0), at(west, 180, 200.0))
    shape = project_shape(model.Polygon(model.Ring(corners)))
    assert "Self-intersection" in shape.boundary_fault
    positions = np.array([[-400.0, 0.0], [400.0, 0.0], [0.0, 150.0]])
    assert shape.positions_inside_mask(positions).tolist() == [True, True, False]


def test_among_many_fixes_the_depth_is_largest_where_both_limits_are_equally_far() -> None:
    flown = make_track(
        [HERE] * 4, [0.0, 4.0, 6.0, 10.0], altitude_amsl_m=[100.0, 110.0, 120.0, 180.0]
    )
    area = disc_from_100_to_180_m()
    limits = intervals_between_limits(area, flown, np.array([[0.0, 10.0]]))
    deepest = deepest_point_vertically(area, limits, flown, np.array([[0.0, 10.0]]))
    assert deepest is not None
    assert deepest.depth_m == pytest.approx(40.0)
    assert deepest.time_s == pytest.approx(6.0 + 4.0 / 3.0)


def test_a_quantity_that_leaves_zero_downwards_is_positive_for_an_instant() -> None:
    positive, missing = non_negative_and_unknown_intervals(
        np.array([5.0, 6.0]), np.array([0.0, -1.0])
    )
    assert (positive.tolist(), missing.tolist()) == ([[5.0, 5.0]], [])
