"""Remote ID that a receiver recorded joins the flight of its aircraft, and is never its path."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import parsers
from dji_audit.flights import Flight, assemble_flights
from parsers import Log
from sample_logs.remote_id import STRANGER
from sample_logs.story import AIRCRAFT_SERIAL

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
RECEIVED = ("receiver_mon0.pcap", "receiver_ble.pcap", "receiver_remoteID_log.csv")


def logs_of(*paths: Path) -> list[Log]:
    return [log for path in paths for log in parsers.read_file(path).logs]


@pytest.fixture(scope="module")
def received(sample_logs: Path) -> list[Log]:
    logs = logs_of(*(sample_logs / "remote_id" / name for name in RECEIVED))
    return [log for log in logs if log.source.format.startswith("remote-id")]


@pytest.fixture(scope="module")
def record(sample_logs: Path) -> Log:
    return parsers.read(sample_logs / RECORD)


def flight_of(record: Log, flights: tuple[Flight, ...]) -> Flight:
    return next(
        flight for flight in flights if record.source in [log.source for log in flight.logs]
    )


def test_a_broadcast_joins_by_serial_time_and_path_and_gives_none_of_it(
    record: Log, received: list[Log]
) -> None:
    flights = assemble_flights(record, *received)
    flight = flight_of(record, flights)
    assert flight.log.source.name == RECORD
    assert not flight.is_known_only_from_receivers
    from_receivers = [source for source in flight.sources if source.is_from_receiver]
    assert len(from_receivers) == 2
    assert {source.log.aircraft.serial for source in from_receivers} == {AIRCRAFT_SERIAL}
    for source in from_receivers:
        assert source.match is not None
        assert source.match.serials_agree
        assert source.match.distance_m is not None
        assert source.match.distance_m < 3.0
    assert set(flight.column_sources.values()) <= {0}
    assert not flight.disagreements
    assert flight.takeoff == assemble_flights(record)[0].takeoff


def test_a_stranger_is_a_flight_of_its_own_and_is_listed_beside_the_other(
    record: Log, received: list[Log]
) -> None:
    flights = assemble_flights(record, *received)
    stranger = next(flight for flight in flights if flight.is_known_only_from_receivers)
    assert stranger.aircraft.serial == STRANGER
    (nearby,) = flight_of(record, flights).nearby_aircraft
    assert (nearby.identity, nearby.flight_id) == (STRANGER, stranger.id)
    assert 250 < nearby.distance_m < 450
    assert nearby.height_m == 45.0
    assert nearby.operator_position == pytest.approx((50.6171, -3.9582))
    assert nearby.start <= nearby.nearest <= nearby.end
    assert stranger.nearby_aircraft == ()


def test_without_any_log_of_the_aircraft_the_broadcast_gives_the_path(received: list[Log]) -> None:
    flight = next(
        flight
        for flight in assemble_flights(*received)
        if flight.aircraft.serial == AIRCRAFT_SERIAL
    )
    assert flight.is_known_only_from_receivers
    assert len(flight.track) == 580
    assert flight.pilot is not None


def moved(log: Log, **columns: float) -> Log:
    """Return a log with a number added to columns of its track."""
    track = log.track.assign(**{name: log.track[name] + more for name, more in columns.items()})
    return replace(log, track=track)


def test_a_broadcast_of_the_same_serial_from_elsewhere_is_of_the_flight_and_contradicts_it(
    record: Log, received: list[Log]
) -> None:
    far = moved(received[0], latitude_deg=0.05)
    flight = flight_of(record, assemble_flights(record, far))
    assert [source.is_from_receiver for source in flight.sources] == [False, True]
    (position,) = [each for each in flight.disagreements if each.kind == "position"]
    assert position.difference == pytest.approx(5560, abs=30)
    assert flight.track["latitude_deg"].max() < 50.63


def test_a_broadcast_on_the_path_with_another_serial_joins_and_disagrees_on_identity(
    record: Log, received: list[Log]
) -> None:
    other = replace(received[0], aircraft=parsers.Aircraft(serial="1581FANOTHERNUMBER00"))
    flight = flight_of(record, assemble_flights(record, other))
    assert len(flight.sources) == 2
    assert [each.kind for each in flight.disagreements] == ["identity"]


def test_a_serial_by_the_standard_is_that_of_older_logs_without_its_first_five(
    record: Log, received: list[Log]
) -> None:
    own = replace(record, aircraft=parsers.Aircraft(serial="163CGA1R0A12F5"))
    air = replace(received[0], aircraft=parsers.Aircraft(serial="1581E163CGA1R0A12F5"))
    flight = flight_of(own, assemble_flights(own, air))
    assert flight.sources[1].match is not None
    assert flight.sources[1].match.serials_agree
    assert not flight.disagreements


def test_the_clock_of_a_receiver_that_is_wrong_is_put_right_by_the_path(
    record: Log, received: list[Log]
) -> None:
    late = replace(
        received[0], track=received[0].track.assign(
            time=received[0].track["time"] + pd.Timedelta(seconds=40)
        ),
    )  # fmt: skip
    flight = flight_of(record, assemble_flights(record, late))
    assert flight.sources[1].alignment.offset_s == pytest.approx(-40.3, abs=0.5)
    assert flight.sources[0].alignment.offset_s == 0.0
