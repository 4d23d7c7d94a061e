"""Positions that nobody measured are no part of a track, and a remark says so."""

from collections.abc import Callable

import pytest

from parsers import Log
from tests.parsers.mavlink.dataflash.test_log import Writer as DataflashWriter
from tests.parsers.mavlink.dataflash.test_log import flight
from tests.parsers.mavlink.tlog.test_log import Station
from tests.parsers.mavlink.ulog.test_writer import Writer as UlogWriter

GLOBAL = "uint64_t timestamp;double lat;double lon;float alt;"
#: Degrees: first some at a place of another kind, then a flight.
FLOWN = [(52.0 + number * 1e-5, 13.0) for number in range(20)]


def dataflash(positions: list[tuple[float, float]]) -> Log:
    log: DataflashWriter = flight(0)
    for number, (latitude, longitude) in enumerate(positions):
        at = 10_000_000 + number * 200_000
        log.write("POS", at, round(latitude * 1e7), round(longitude * 1e7), 123.5, 30.25, 30.0)
    return log.read()


def tlog(positions: list[tuple[float, float]]) -> Log:
    station = Station()
    station.beat()
    for latitude, longitude in positions:
        station.hear(
            "global_position_int", lat=round(latitude * 1e7), lon=round(longitude * 1e7), alt=1000
        )
        station.wait(0.19)
    return station.read()


def ulog(positions: list[tuple[float, float]]) -> Log:
    made = UlogWriter()
    made.topic("vehicle_global_position", GLOBAL, "<Qddf")
    for number, (latitude, longitude) in enumerate(positions):
        made.add("vehicle_global_position", 1_000_000 + number * 200_000, latitude, longitude, 99.0)
    return made.log()


READERS = pytest.mark.parametrize("read", [dataflash, tlog, ulog])
Read = Callable[[list[tuple[float, float]]], Log]


def measured(log: Log) -> list[float]:
    latitudes = log.track["latitude_deg"]
    return [round(float(each), 6) for each in latitudes[latitudes.notna()]]


def remarks(log: Log) -> list[str]:
    return [issue.reason for issue in log.issues if "hold a position" in issue.reason]


@READERS
def test_what_drifts_from_zero_without_a_fix_is_missing_and_said(read: Read) -> None:
    log = read([(0.0004 * number, 0.002) for number in range(1, 6)] + FLOWN)
    assert measured(log) == [round(latitude, 6) for latitude, _ in FLOWN]
    (remark,) = remarks(log)
    assert remark.startswith("5 ")
    assert remark.endswith("hold a position near 0 N 0 E, as without a fix: left out")


@READERS
def test_zero_and_zero_is_how_none_is_written_and_needs_no_remark(read: Read) -> None:
    log = read([(0.0, 0.0)] * 5 + FLOWN)
    assert len(measured(log)) == len(FLOWN)
    assert remarks(log) == []


@READERS
def test_a_first_fix_left_over_from_another_place_is_missing_and_said(read: Read) -> None:
    log = read([(48.0, 11.0)] * 4 + FLOWN)
    assert measured(log) == [round(latitude, 6) for latitude, _ in FLOWN]
    (remark,) = remarks(log)
    assert remark.startswith("4 ")
    assert "left over from another place" in remark


@READERS
def test_a_flight_near_zero_degrees_of_longitude_is_one(read: Read) -> None:
    log = read([(latitude, 0.0005) for latitude, _ in FLOWN])
    assert len(measured(log)) == len(FLOWN)
    assert remarks(log) == []
