"""Logs are cut into flights at landings, and measured on the ellipsoid."""

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.geo.geodesy import distances_from_home_m, track_length_m
from tests.dji_audit.conftest import MakeLog


def moves(*pairs: tuple[float | None, str]) -> list[dict[str, Any]]:
    return [{"time": time, "kind": kind, "text": kind} for time, kind in pairs]


def line(seconds: int) -> dict[str, list[float]]:
    """A track of one fix a second, northward from the equator."""
    return {
        "time": [float(second) for second in range(seconds)],
        "latitude_deg": [second * 1e-5 for second in range(seconds)],
        "longitude_deg": [0.0] * seconds,
        "height_ato_m": [float(second) for second in range(seconds)],
    }


def place(kind: str, latitude: float, longitude: float, time: Any = None) -> parsers.NamedPosition:
    return parsers.NamedPosition(kind, time, latitude, longitude, None, "Home", 7)


def test_a_log_without_a_take_off_is_one_flight_without_duration(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(make_log(line(5)))
    assert flight.takeoff is None
    assert flight.landing is None
    assert flight.duration_s is None
    assert len(flight.track) == 5


def test_a_log_without_any_row_is_still_one_flight(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(make_log())
    assert (flight.start, flight.end, flight.distance_m, flight.max_height_ato_m) == (None,) * 4
    assert flight.max_home_distance_m is None


def test_one_take_off_and_landing_are_one_flight_with_their_times(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    (flight,) = assemble_flights(
        make_log(line(100), events=moves((10, "takeoff"), (70, "landing")))
    )
    assert flight.takeoff == start + pd.Timedelta(seconds=10)
    assert flight.landing == start + pd.Timedelta(seconds=70)
    assert flight.duration_s == 60.0
    # What is measured is measured in the air: the fixes on the ground count for nothing.
    assert flight.max_height_ato_m == 69.0
    assert len(flight.track) == 100


def test_two_flights_are_cut_half_way_between_landing_and_take_off(make_log: MakeLog) -> None:
    events = moves((10, "takeoff"), (30, "landing"), (50, "takeoff"), (80, "landing"))
    first, second = assemble_flights(make_log(line(100), events=events))
    assert (len(first.track), len(second.track)) == (40, 60)
    assert (first.duration_s, second.duration_s) == (20.0, 30.0)
    assert [flight.id for flight in (first, second)] == ["abababab-1", "abababab-2"]


def test_a_log_that_begins_in_the_air_has_a_landing_and_no_take_off(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(make_log(line(100), events=moves((60, "landing"))))
    assert flight.takeoff is None
    assert flight.landing is not None
    assert (flight.begins_in_air, flight.ends_in_air) == (True, False)
    # What the log shows of it.
    assert flight.duration_s == 60.0
    assert flight.max_height_ato_m == 59.0


def test_a_log_that_ends_in_the_air_lasts_until_its_last_fix(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(make_log(line(100), events=moves((10, "takeoff"))))
    assert flight.landing is None
    assert flight.duration_s == 89.0


def test_two_take_offs_in_a_row_are_two_flights_and_the_first_has_no_landing(
    make_log: MakeLog,
) -> None:
    events = moves((10, "takeoff"), (50, "takeoff"), (80, "landing"))
    first, second = assemble_flights(make_log(line(100), events=events))
    assert first.landing is None
    assert (len(first.track), len(second.track)) == (50, 50)


def test_two_landings_in_a_row_make_no_second_flight(make_log: MakeLog) -> None:
    events = moves((10, "takeoff"), (50, "landing"), (51, "landing"))
    (flight,) = assemble_flights(make_log(line(100), events=events))
    assert flight.duration_s == 40.0


@settings(max_examples=60, deadline=None)
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 59), st.sampled_from(["takeoff", "landing"])), max_size=8
    ),
    times=st.lists(st.one_of(st.none(), st.integers(0, 59)), max_size=12),
)
def test_every_row_of_a_log_belongs_to_exactly_one_flight(
    make_log: MakeLog, cuts: list[tuple[int, str]], times: list[int | None]
) -> None:
    events = moves(*cuts, *((time, "tip") for time in times))
    log = make_log(
        line(60),
        events=[row | {"source_offset": 500 + n} for n, row in enumerate(events)],
        captures=[
            {"start": time, "end": time, "kind": "photo", "sensor": "unknown", "source_offset": n}
            for n, time in enumerate(times)
        ],
        contacts=[
            {"time": time, "host": "a.b", "source_offset": n} for n, time in enumerate(times)
        ],
    )
    flights = assemble_flights(log)
    assert flights
    for name in parsers.TABLES:
        told = [offset for flight in flights for offset in getattr(flight, name)["source_offset"]]
        assert sorted(told) == sorted(getattr(log, name)["source_offset"]), name


# C. F. F. Karney, Algorithms for geodesics (2013), tables 4 and 5; the worked
# examples and the first test case of GeographicLib.  None comes from pyproj.
PUBLISHED = [
    (-30.12345, 0.0, -30.12344, 0.00005, 4.944208),
    (-30.0, 0.0, 29.9, 179.8, 19_989_832.82761),
    (-41.32, 174.81, 40.96, -5.50, 19_959_679.267),
    (35.60777, -139.44815, -11.17491, -69.95921, 8_935_244.5604818305),
]


@pytest.mark.parametrize(("lat1", "lon1", "lat2", "lon2", "metres"), PUBLISHED)
def test_distances_are_those_published_for_the_ellipsoid(
    make_log: MakeLog, lat1: float, lon1: float, lat2: float, lon2: float, metres: float
) -> None:
    track = make_log({"latitude_deg": [lat1, lat2], "longitude_deg": [lon1, lon2]}).track
    near, far = distances_from_home_m(track, place("home", lat1, lon1))
    assert near == 0.0
    tolerance = 5e-4 if metres > 1e6 else 5e-7
    assert far == pytest.approx(metres, rel=0, abs=tolerance)
    assert track_length_m(track) == pytest.approx(metres, rel=0, abs=tolerance)


def test_a_flight_over_the_antimeridian_is_as_short_as_it_is(make_log: MakeLog) -> None:
    # One degree of the equator is 111 319.4908 m: 2 pi times 6 378 137 m by 360.
    track = {"latitude_deg": [0.0, 0.0], "longitude_deg": [179.9995, -179.9995]}
    log = make_log(track, named_positions=(place("home", 0.0, 179.9995),))
    (flight,) = assemble_flights(log)
    assert flight.distance_m == pytest.approx(111.3194908, abs=1e-6)
    assert flight.max_home_distance_m == pytest.approx(111.3194908, abs=1e-6)


def test_fixes_without_a_position_have_no_distance_and_break_nothing(make_log: MakeLog) -> None:
    nan = math.nan
    track = {
        "latitude_deg": [0.0, nan, 0.0, 0.0],
        "longitude_deg": [0.0, nan, 0.001, nan],
        "height_ato_m": [1.0, 2.0, nan, 3.0],
    }
    (flight,) = assemble_flights(make_log(track, named_positions=(place("home", 0.0, 0.0),)))
    away = distances_from_home_m(flight.track, place("home", 0.0, 0.0))
    assert [math.isnan(metres) for metres in away] == [False, True, False, True]
    assert flight.distance_m == pytest.approx(111.3194908, abs=1e-6)
    assert flight.max_home_distance_m == pytest.approx(111.3194908, abs=1e-6)
    assert flight.max_height_ato_m == 3.0


def test_a_flight_without_any_position_has_no_distance_rather_than_zero(make_log: MakeLog) -> None:
    track = {"height_ato_m": [1.0, 2.0]}
    (flight,) = assemble_flights(make_log(track, named_positions=(place("home", 0.0, 0.0),)))
    assert flight.distance_m is None
    assert flight.max_home_distance_m is None


def test_a_flight_takes_the_home_point_that_was_set_before_it_ended(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    events = moves((10, "takeoff"), (30, "landing"), (50, "takeoff"), (80, "landing"))
    homes = (
        place("home", 1.0, 1.0, start + pd.Timedelta(seconds=5)),
        place("home", 2.0, 2.0, start + pd.Timedelta(seconds=45)),
        place("pilot", 3.0, 3.0, start),
    )
    first, second = assemble_flights(make_log(line(100), events=events, named_positions=homes))
    assert (first.home, second.home) == homes[:2]
    assert first.pilot == second.pilot == homes[2]


def test_a_log_that_names_neither_home_nor_pilot_has_neither(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(make_log(line(3), named_positions=(place("start", 0.0, 0.0),)))
    assert flight.home is None
    assert flight.pilot is None
    assert flight.max_home_distance_m is None


def test_a_flight_is_where_its_logs_say_and_names_the_one_of_its_track(make_log: MakeLog) -> None:
    log = make_log(line(5))
    (flight,) = assemble_flights(log)
    assert not flight.positions_moved
    assert flight.log is log
    assert flight.logs == (log,)
