"""Fences that went between vehicle and ground station, and for how long each held."""

import pandas as pd

from parsers import Geofence, Log
from tests.parsers.mavlink.tlog.test_log import Station, heard, when

CORNERS = [(51.0, -1.0), (51.1, -1.0), (51.1, -0.9), (51.0, -0.9)]
VEHICLE, GROUND = (1, 1), (255, 190)


def count(station: Station, sender: tuple[int, int], items: int, target: int = 1) -> None:
    station.hear("mission_count", *sender, target_system=target, count=items, mission_type=1)


def circle(station: Station, sender: tuple[int, int], radius: float, **more: int) -> None:
    fields = {"seq": 0, "target_system": 1} | more
    station.hear("mission_item_int", *sender, command=5003, param1=radius, x=510000000,
                 y=-10000000, mission_type=1, **fields)  # fmt: skip


def corner(station: Station, number: int) -> None:
    latitude, longitude = CORNERS[number]
    station.hear("mission_item_int", *GROUND, seq=number, command=5001, param1=4.0,
                 x=int(latitude * 1e7), y=int(longitude * 1e7), mission_type=1,
                 target_system=1)  # fmt: skip


def held(log: Log) -> list[tuple[float | None, pd.Timestamp | None, pd.Timestamp | None]]:
    return [(one.radius_m, one.start, one.end) for one in log.fences]


def test_a_fence_that_is_sent_to_the_vehicle_takes_the_place_of_the_one_before() -> None:
    station = heard()
    count(station, VEHICLE, 1, target=255)
    circle(station, VEHICLE, 50, target_system=255)
    station.wait(60)
    count(station, GROUND, 1)
    at = when(station.boot_ms)
    circle(station, GROUND, 80)
    station.wait(60)
    gone = when(station.boot_ms)
    station.hear("mission_clear_all", *GROUND, target_system=1, mission_type=1)
    assert held(station.read()) == [(50.0, None, at), (80.0, at, gone)]


def test_reading_the_same_fence_again_changes_nothing_and_half_of_it_ends_nothing() -> None:
    station = heard()
    for _ in range(2):
        count(station, VEHICLE, 2, target=255)
        circle(station, VEHICLE, 50, target_system=255)
        circle(station, VEHICLE, 60, target_system=255, seq=1)
        station.wait(60)
    count(station, VEHICLE, 2, target=255)
    circle(station, VEHICLE, 50, target_system=255)
    assert held(station.read()) == [(50.0, None, None), (60.0, None, None)]


def test_an_item_that_is_sent_again_is_one_corner() -> None:
    station = heard()
    count(station, GROUND, 4)
    for number in (0, 1, 1, 2, 3):
        corner(station, number)
    (fence,) = station.read().fences
    assert isinstance(fence, Geofence)
    assert list(fence.points) == CORNERS


def test_a_corner_that_was_lost_makes_no_fence_and_is_told() -> None:
    station = heard()
    count(station, GROUND, 4)
    for number in (0, 1, 3):
        corner(station, number)
    log = station.read()
    assert log.fences == ()
    texts = log.events[log.events.kind == "geofence.config"]["text"].tolist()
    assert "only 2 of 4 vertices are in the log" in texts[0]


def test_the_fence_of_another_vehicle_is_not_this_ones() -> None:
    station = heard()
    count(station, GROUND, 1, target=2)
    circle(station, GROUND, 50, target_system=2)
    assert station.read().fences == ()
