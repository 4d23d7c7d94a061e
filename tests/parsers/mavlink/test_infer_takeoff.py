"""Flights of logs that state neither take-off nor landing."""

import numpy as np
import pandas as pd
import pytest

from dji_audit.flights import assemble_flights
from parsers.mavlink._shared._infer_takeoff import infer_takeoff_landing
from tests.parsers.mavlink.dataflash.test_log import Writer
from tests.parsers.mavlink.tlog.test_log import Station

SECOND = 1_000_000_000


def track(heights: list[float], speeds: list[float] | None = None) -> pd.DataFrame:
    """Return a fix each second."""
    count = len(heights)
    return pd.DataFrame(
        {
            "time": pd.to_datetime(np.arange(count) * SECOND, utc=True),
            "height_ato_m": heights,
            "ground_speed_mps": [0.0] * count if speeds is None else speeds,
            "source_offset": np.arange(count) * 10,
        }
    )


def told(*rows: tuple[str, int]) -> list[dict[str, object]]:
    return [{"kind": kind, "time": second * SECOND} for kind, second in rows]


def found(rows: list[dict[str, object]]) -> list[tuple[object, int]]:
    return [(row["kind"], int(str(row["time"])) // SECOND) for row in rows]


UP_AND_DOWN = [0.0] * 10 + [20.0] * 20 + [0.0] * 20


def test_an_armed_aircraft_at_a_height_flies_until_it_rests() -> None:
    rows = infer_takeoff_landing(track(UP_AND_DOWN), told(("arm", 5), ("disarm", 45)))
    assert found(rows) == [("takeoff", 10), ("landing", 30)]
    assert {row["grade"] for row in rows} == {"inferred"}
    assert [row["source_offset"] for row in rows] == [100, 300]


def test_disarming_is_a_landing_and_the_end_of_the_log_is_none() -> None:
    high = track([0.0] * 10 + [20.0] * 40)
    assert found(infer_takeoff_landing(high, told(("arm", 5), ("disarm", 40)))) == [
        ("takeoff", 10),
        ("landing", 40),
    ]
    assert found(infer_takeoff_landing(high, told(("arm", 5)))) == [("takeoff", 10)]


def test_a_log_that_begins_armed_and_high_begins_in_the_air() -> None:
    rows = infer_takeoff_landing(track([20.0] * 30), told(("disarm", 20)))
    assert found(rows) == [("takeoff", 0), ("landing", 20)]
    assert "in the air at the first position" in str(rows[0]["text"])


def test_without_a_height_speed_tells_and_a_low_pass_is_no_landing() -> None:
    fast = track([np.nan] * 30, [0.0] * 10 + [20.0] * 15 + [0.0] * 5)
    assert found(infer_takeoff_landing(fast, told(("arm", 1)))) == [
        ("takeoff", 10),
        ("landing", 25),
    ]
    low = [20.0] * 10 + [1.0] * 3 + [20.0] * 10
    assert found(infer_takeoff_landing(track(low), told(("arm", 0)))) == [("takeoff", 0)]


@pytest.mark.parametrize(
    "events",
    [[], [("arm", 5), ("takeoff", 8)], [("arm", 5), ("landing", 30)], [("arm", 48)]],
)
def test_nothing_is_inferred_unarmed_or_where_the_log_says_more(
    events: list[tuple[str, int]],
) -> None:
    assert infer_takeoff_landing(track(UP_AND_DOWN), told(*events)) == []


def test_a_jump_of_the_height_is_no_flight() -> None:
    jump = track([0.0] * 10 + [20.0] * 2 + [0.0] * 20)
    assert infer_takeoff_landing(jump, told(("arm", 1))) == []


@pytest.mark.parametrize(("kind", "flights"), [(1, 1), (10, 0)])
def test_a_telemetry_log_of_a_plane_has_its_flight_and_a_rover_none(
    kind: int, flights: int
) -> None:
    station = Station()
    for second in range(60):
        station.beat(armed=10 <= second < 50, type=kind)
        station.tell_time()
        height = 30_000 if 20 <= second < 40 else 0
        station.hear("global_position_int", lat=515000000, lon=-1000000, relative_alt=height)
        station.wait(1)
    log = station.read()
    assert (log.events["kind"] == "takeoff").sum() == flights
    flight = assemble_flights(log)[0]
    assert (flight.takeoff is not None) == bool(flights)
    if flights:
        assert flight.duration_s == pytest.approx(20, abs=2)


@pytest.mark.parametrize(("firmware", "flights"), [("ArduPlane V4.5.7", 1), ("ArduRover V4.5", 0)])
def test_a_dataflash_log_of_a_plane_has_its_flight(firmware: str, flights: int) -> None:
    log = Writer()
    log.define("POS", "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt")
    log.define(
        "GPS", "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"
    )
    log.define("MSG", "QZ", "TimeUS,Message")
    log.define("ARM", "QBIBB", "TimeUS,ArmState,ArmChecks,Forced,Method")
    log.write("MSG", 1, firmware)
    for second in range(60):
        at = 1_000_000 * (second + 1)
        if second in (10, 50):
            log.write("ARM", at - 1, second == 10, 0, 0, 0)
        log.write(
            "GPS", at, 0, 3, 1000 * second, 2300, 14, 80, 520_000_000, 130_000_000, 100, 0.0, 0.0,
            0.0, 0.0, 1,
        )  # fmt: skip
        height = 30.0 if 20 <= second < 40 else 0.0
        log.write("POS", at, 520_000_000, 130_000_000, 100.0, height, height)
    assert (log.read().events["kind"] == "takeoff").sum() == flights


def flights_of(heights: list[float], speeds: list[float] | None = None) -> list[tuple[object, int]]:
    """Return take-offs and landings of an aircraft that is armed all the time."""
    return found(infer_takeoff_landing(track(heights, speeds), told(("arm", 0))))


def test_an_aircraft_is_airborne_from_5_m_on() -> None:
    assert flights_of([0.0] * 5 + [5.0] * 20) == [("takeoff", 5)]
    assert flights_of([0.0] * 5 + [4.99] * 20) == []


def test_without_a_height_it_is_airborne_from_12_m_per_second_on() -> None:
    missing = [np.nan] * 25
    assert flights_of(missing, [0.0] * 5 + [12.0] * 20) == [("takeoff", 5)]
    assert flights_of(missing, [0.0] * 5 + [11.99] * 20) == []


def test_it_has_landed_below_2_m_and_slower_than_3_m_per_second() -> None:
    heights = [0.0] * 5 + [20.0] * 10 + [1.99] * 10
    up, down = ("takeoff", 5), ("landing", 15)
    assert flights_of(heights) == [up, down]
    assert flights_of([0.0] * 5 + [20.0] * 10 + [2.0] * 10) == [up]
    assert flights_of(heights, [0.0] * 15 + [2.99] * 10) == [up, down]
    assert flights_of(heights, [0.0] * 15 + [3.0] * 10) == [up]


def test_less_than_5_seconds_in_the_air_are_noise() -> None:
    assert flights_of([0.0] * 5 + [20.0] * 5 + [0.0] * 10) == [("takeoff", 5), ("landing", 10)]
    assert flights_of([0.0] * 5 + [20.0] * 4 + [0.0] * 10) == []


def test_less_than_5_seconds_of_rest_are_no_landing() -> None:
    before, after = [0.0] * 5 + [20.0] * 10, [20.0] * 10
    assert flights_of([*before, *[0.0] * 6, *after]) == [
        ("takeoff", 5),
        ("landing", 15),
        ("takeoff", 21),
    ]
    assert flights_of([*before, *[0.0] * 5, *after]) == [("takeoff", 5)]
