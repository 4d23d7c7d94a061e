"""The distance from home is that from the home point that was in force at the fix."""

import math

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.camera_view import camera_poses
from dji_audit.compliance.audit import FlightAudit
from dji_audit.exports import flight_for_export
from dji_audit.flights import assemble_flights, home_distances_m
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
from tests.dji_audit.conftest import MakeLog
from tests.dji_audit.flights.test_flights import line, moves

#: Metres of a step of the line: a hundred-thousandth of a degree of latitude at the equator.
STEP_M = float(metres_per_latitude_and_longitude_degree(0.0)[0]) * 1e-5


def home(time: pd.Timestamp | None, steps: int, offset: int = 7) -> parsers.NamedPosition:
    return parsers.NamedPosition("home", time, steps * 1e-5, 0.0, None, "Home", offset)


def steps_from_home(log: parsers.Log) -> tuple[list[float], float | None]:
    (flight,) = assemble_flights(log)
    greatest = flight.max_home_distance_m
    steps = home_distances_m(flight) / STEP_M
    return steps.round(2).tolist(), None if greatest is None else round(greatest / STEP_M, 2)


def test_each_home_point_counts_from_when_it_was_set_and_the_take_off_before(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    at = [start + pd.Timedelta(seconds=second) for second in (20, 60)]
    log = make_log(
        line(90),
        events=moves((5, "takeoff")),
        named_positions=(home(at[0], 19), home(at[1], 60)),
    )
    steps, greatest = steps_from_home(log)
    # Standing where it took off it is at home, wherever the pilot set the home point later.
    assert steps[5] == 0
    assert steps[19:21] == [14, 1]
    assert steps[59:61] == [40, 0]
    assert steps[89] == 29
    assert greatest == 40


def test_a_home_point_set_after_the_landing_is_not_that_of_the_flight(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    after = start + pd.Timedelta(seconds=80)
    log = make_log(
        line(90), events=moves((5, "takeoff"), (70, "landing")), named_positions=(home(after, 70),)
    )
    steps, greatest = steps_from_home(log)
    assert (steps[6], steps[69], steps[85], greatest) == (1, 64, 15, 64)


def test_before_the_first_home_point_of_a_log_without_take_off_the_distance_is_not_known(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    log = make_log(line(30), named_positions=(home(start + pd.Timedelta(seconds=20), 20),))
    steps, greatest = steps_from_home(log)
    assert all(math.isnan(each) for each in steps[:20])
    assert (steps[20], steps[29], greatest) == (0, 9, 9)


def test_without_times_the_order_in_the_file_says_which_home_point_was_in_force(
    make_log: MakeLog,
) -> None:
    track = line(30) | {"time": [None] * 30}
    # The fixes stand at byte 100, 110 and so on.
    log = make_log(track, named_positions=(home(None, 0, 100), home(None, 20, 300)))
    steps, greatest = steps_from_home(log)
    assert (steps[0], steps[19], steps[20], steps[29]) == (0, 19, 0, 9)
    assert greatest == 19


def test_a_home_point_without_a_time_is_that_of_the_whole_flight(make_log: MakeLog) -> None:
    log = make_log(line(30), events=moves((5, "takeoff")), named_positions=(home(None, 0, 9000),))
    steps, greatest = steps_from_home(log)
    assert steps == pytest.approx(np.arange(30), abs=0.01)
    assert greatest == 29


def test_exports_hold_the_same_distances(make_log: MakeLog, start: pd.Timestamp) -> None:
    later = start + pd.Timedelta(seconds=60)
    (flight,) = assemble_flights(
        make_log(line(90), named_positions=(home(start, 0), home(later, 60)))
    )
    exported = flight_for_export(FlightAudit(flight, ()), camera_poses(flight), ())
    told = exported.track.table_home_distances_m
    assert np.array_equal(told, home_distances_m(flight))
    assert told.max() == flight.max_home_distance_m == pytest.approx(59 * STEP_M)
