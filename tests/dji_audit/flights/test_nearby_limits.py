"""Who else was near a flight: how near, at what time, how many, and what is said of each."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.flights._model import NearbyAircraft
from dji_audit.flights.clock._track_alignment import TimedTrack
from dji_audit.flights.join._flight_assembly import FlightCandidate
from dji_audit.flights.join._nearby_aircraft import (
    LISTED,
    nearby_aircraft_by_flight_index,
    thin_path_positions_for_map,
)
from tests.dji_audit.conftest import BEGIN, MakeLog
from tests.dji_audit.flights.test_thresholds import flight, straight, summary


def own(start: float = 0.0, end: float = 100.0, **more: Any) -> FlightCandidate:
    """Return a flight north at 10 m/s, of a log of the aircraft itself."""
    track = straight(np.arange(start, end + 1).tolist())
    return flight(**({"start": start, "end": end, "track": track, "id": "own"} | more))


def heard(
    start: float = 0.0, end: float = 100.0, east_m: float = 300.0, **more: Any
) -> FlightCandidate:
    """Return an aircraft that another device received, beside the same way."""
    track = straight(np.arange(start, end + 1).tolist(), east_m=east_m)
    values: dict[str, Any] = {
        "start": start, "end": end, "track": track, "id": "other", "name": "receiver",
        "is_from_receiver": True,
    }  # fmt: skip
    return flight(**(values | more))


def listed(*candidates: FlightCandidate) -> list[tuple[str, Any]]:
    """Return what the first flight lists: the flight of each other aircraft, and its distance."""
    found = nearby_aircraft_by_flight_index(candidates)
    assert set(found) <= {0}
    return [(each.flight_id, each.distance_m) for each in found.get(0, ())]


# Place and time


@pytest.mark.parametrize(("east_m", "is_near"), [(4990.0, True), (5010.0, False)])
def test_an_aircraft_within_five_kilometres_is_listed(east_m: float, is_near: bool) -> None:
    found = listed(own(), heard(east_m=east_m))
    assert found == ([("other", pytest.approx(east_m, rel=1e-3))] if is_near else [])


@pytest.mark.parametrize(
    ("start", "end", "is_near"),
    [
        (160.0, 200.0, True), (160.1, 200.0, False), (-100.0, -60.0, True),
        (-100.0, -60.1, False), (20.0, 30.0, True), (-200.0, 300.0, True),
    ],
)  # fmt: skip
def test_an_aircraft_within_a_minute_is_listed(start: float, end: float, is_near: bool) -> None:
    """The flight lasts from 0 to 100 s."""
    track = straight(np.linspace(start, end, 11).tolist(), east_m=300.0)
    assert bool(listed(own(), heard(start, end, track=track))) == is_near


def test_an_aircraft_that_was_heard_for_hours_is_found_among_brief_ones() -> None:
    """It began long before the flight, and others since then have come and gone."""
    hovers = replace(straight([0, 9050, 10_000]), latitude_deg=np.full(3, 50.0))
    long = heard(0.0, 10_000.0, id="long", track=hovers)
    brief = [heard(at, at + 5, id=f"brief {at}") for at in (3000.0, 9020.0)]
    late = own(9000.0, 9100.0)
    assert {flight_id for flight_id, _ in listed(late, *brief, long)} == {"long", "brief 9020.0"}


def test_each_flight_lies_on_the_clock_of_its_offset() -> None:
    late = FlightCandidate(summary(track=straight(range(101))), 1000.0, [], [summary()])
    other = heard(900.0, 1000.0).summary
    moved = FlightCandidate(other, 100.0, [], [other])
    ((_, distance_m),) = listed(late, moved)
    assert distance_m == pytest.approx(300.0, abs=1.0)
    (found,) = nearby_aircraft_by_flight_index([late, moved])[0]
    assert (found.start.timestamp(), found.end.timestamp()) == (1000.0, 1100.0)
    assert found.nearest.timestamp() in np.arange(1000.0, 1101.0)
    assert listed(late, FlightCandidate(other, -900.0, [], [other])) == []


# Which flights


def test_the_nearest_stands_first_and_of_two_as_near_the_first_by_name() -> None:
    others = [
        heard(id="far", east_m=900.0), heard(id="b", identity="B"), heard(id="a", identity="A"),
        heard(id="near", east_m=20.0),
    ]  # fmt: skip
    assert [flight_id for flight_id, _ in listed(own(), *others)] == ["near", "a", "b", "far"]


def test_only_what_is_known_from_receivers_alone_is_listed_and_only_by_other_flights() -> None:
    first = own()
    mixed = heard(id="mixed")
    mixed.add_log_segment(summary(), flight().members[0])
    for other in (
        own(id="another"), mixed, heard(track=straight([])),
        FlightCandidate(heard().summary, None, [], [heard().summary]),
    ):  # fmt: skip
        assert nearby_aircraft_by_flight_index([first, other]) == {}
    # Two that were received list one another no more than themselves.
    assert nearby_aircraft_by_flight_index([heard(), heard(id="second")]) == {}
    # A flight of a log and of a receiver lists the others.
    joined = own()
    joined.add_log_segment(heard().summary, heard().members[0])
    assert listed(joined, heard()) == [("other", pytest.approx(300.0, abs=1.0))]
    for nowhere in (
        own(track=straight([])),
        FlightCandidate(own().summary, None, [], [own().summary]),
    ):
        assert nearby_aircraft_by_flight_index([nowhere, heard()]) == {}
    found = nearby_aircraft_by_flight_index([heard(), own(id="a"), own(5000.0, 5100.0), own()])
    assert sorted(found) == [1, 3]


def test_of_very_many_the_last_two_thousand_are_looked_at_and_fifty_listed() -> None:
    """Each is a metre farther than the one before, and received a millisecond later."""
    track = straight([50.0])
    others = [
        heard(0.001 * n, 100.0, id=f"{n:04}", track=replace(track, longitude_deg=east))
        for n, east in enumerate(-4 + np.arange(1.0, 2002.0)[:, None] / 71_696.0)
    ]
    far = straight([50.0])
    found = [flight_id for flight_id, _ in listed(own(track=far, start=50.0, end=50.0), *others)]
    assert LISTED == 50
    assert found == [f"{n:04}" for n in range(1, 51)]


# What is said


def test_an_aircraft_is_described_where_it_was_nearest() -> None:
    """It flies north twice as fast beside a way that begins at 40 s.

    So both are as far north at 60 s: 20 x 60 - 1000 = 10 x (60 - 40).
    """
    seconds = np.arange(0.0, 301.0)
    latitude = 50 + (20 * seconds - 1000) / 111_229.0
    track = TimedTrack(
        seconds, latitude, np.full(301, -4 + 300 / 71_696.0), np.where(seconds < 50, np.nan, 45.0)
    )
    other = heard(
        0.0, 300.0, track=track, identity="1581F", operator_position=(50.5, -4.5), name="receiver"
    )
    late = own(40.0, 140.0)
    (found,) = nearby_aircraft_by_flight_index([late, other])[0]
    assert found == NearbyAircraft(
        identity="1581F", flight_id="other", source_name="receiver",
        start=pd.Timestamp(0, tz="UTC"), end=pd.Timestamp(300, unit="s", tz="UTC"),
        distance_m=found.distance_m, nearest=pd.Timestamp(60, unit="s", tz="UTC"),
        latitude_deg=latitude[60], longitude_deg=-4 + 300 / 71_696.0, height_m=45.0,
        operator_position=(50.5, -4.5), path=found.path,
    )  # fmt: skip
    assert found.distance_m == round(found.distance_m, 1) == pytest.approx(300.0, abs=1.0)
    # A minute before and after the flight is on the map.
    assert [row[0] for row in (found.path[0], found.path[-1])] == [0, 200_000]
    assert len(found.path) == 201


@pytest.mark.parametrize(("height_m", "stated"), [(45.0, 45.0), (0.0, 0.0), (np.nan, None)])
def test_an_aircraft_that_states_no_name_or_height_has_none(
    height_m: float, stated: float | None
) -> None:
    track = replace(straight([50.0], east_m=300.0), height_m=np.array([height_m]))
    (found,) = nearby_aircraft_by_flight_index([own(), heard(50.0, 50.0, track=track)])[0]
    assert (found.identity, found.height_m) == ("receiver", stated)
    assert (found.means, found.altitude_amsl_m, found.operator_position) == (
        "Remote ID", None, None,
    )  # fmt: skip


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (2, 2), (500, 500), (501, 500), (2000, 500)])
def test_of_a_path_five_hundred_positions_are_shown(count: int, shown: int) -> None:
    ms = 10 * np.arange(count)
    path = thin_path_positions_for_map(ms, 50 + ms / 1e7, -4 - ms / 1e7 + 1e-9)
    assert len(path) == shown
    assert path[0] == (0, 50.0, -4.0)
    assert path[-1][0] == 10 * (count - 1)
    assert {(at, round((latitude - 50) * 1e7), round((-4 - longitude) * 1e7))
            for at, latitude, longitude in path} == {(at, at, at) for at, _, _ in path}  # fmt: skip


# By ADS-B


def received(
    *reports: tuple[float, float], identity: str = "4CA1", altitude_m: float = 900.0, **more: Any
) -> parsers.ReceivedAdsbAircraft:
    """Return an aircraft that stands so many metres east of the start at some seconds."""
    seconds, east_m = np.array(reports).T
    values: dict[str, Any] = {"name": "EI-ABC", "kind": "light", "means": "ADS-B"} | more
    return parsers.ReceivedAdsbAircraft(
        identity=identity, record="ADSB_VEHICLE", offsets=np.arange(len(reports)),
        times_ns=BEGIN.value + np.round(seconds * 1e9).astype(np.int64),
        latitude_deg=np.full(len(reports), 50.0), longitude_deg=-4 + east_m / 71_696.0,
        altitude_m=np.full(len(reports), altitude_m), **values,
    )  # fmt: skip


def near_flight(
    make_log: MakeLog, *aircraft: parsers.ReceivedAdsbAircraft
) -> tuple[NearbyAircraft, ...]:
    """Return what a flight of ten seconds on one spot lists."""
    rows = {
        "time": list(range(11)), "latitude_deg": [50.0] * 11, "longitude_deg": [-4.0] * 11,
    }  # fmt: skip
    log = replace(make_log(rows), received_aircraft=aircraft)
    (found,) = assemble_flights(log)
    return found.nearby_aircraft


@pytest.mark.parametrize(
    ("at", "east_m", "is_near"),
    [
        (5.0, 4990.0, True), (5.0, 5010.0, False), (70.0, 300.0, True), (70.001, 300.0, False),
        (-60.0, 300.0, True), (-60.001, 300.0, False),
    ],
)  # fmt: skip
def test_an_aircraft_that_the_flight_received_is_listed_within_reach_and_a_minute(
    make_log: MakeLog, at: float, east_m: float, is_near: bool
) -> None:
    assert bool(near_flight(make_log, received((at, east_m)))) == is_near


@pytest.mark.parametrize(
    ("name", "kind", "description"),
    [("EI-ABC", "light", "EI-ABC, light"), ("", "light", "light"), ("EI-ABC", "", "EI-ABC"),
     ("", "", "")],
)  # fmt: skip
def test_a_report_is_described_where_it_was_nearest(
    make_log: MakeLog, name: str, kind: str, description: str
) -> None:
    """Of its first report, an hour before, nothing is said."""
    reports = ((-3600.0, 10.0), (2.0, 800.0), (3.0, 600.0), (20.0, 700.0))
    (found,) = near_flight(make_log, received(*reports, name=name, kind=kind))
    assert (found.identity, found.description, found.means) == ("4CA1", description, "ADS-B")
    assert found.distance_m == round(found.distance_m, 1) == pytest.approx(600.0, abs=1.0)
    at = [(each - BEGIN).total_seconds() for each in (found.start, found.nearest, found.end)]
    assert at == [2.0, 3.0, 20.0]
    assert found.longitude_deg == pytest.approx(-4 + 600 / 71_696.0)
    assert (found.altitude_amsl_m, found.height_m, found.flight_id) == (900.0, None, "")
    assert [ms for ms, _, _ in found.path] == [
        BEGIN.value // 10**6 + 1000 * second for second in (2, 3, 20)
    ]
    (unknown,) = near_flight(make_log, received((2.0, 800.0), altitude_m=np.nan))
    assert unknown.altitude_amsl_m is None


def test_the_nearest_of_two_reports_of_one_aircraft_counts_and_fifty_are_listed(
    make_log: MakeLog,
) -> None:
    one, again = received((2.0, 800.0)), received((4.0, 300.0))
    for pair in ((one, again), (again, one)):
        (found,) = near_flight(make_log, *pair)
        assert found.distance_m == pytest.approx(300.0, abs=1.0)
    many = [received((2.0, 1000.0 - 10 * n), identity=f"{n:04}") for n in range(51)]
    listed_ = near_flight(make_log, *many)
    assert [each.identity for each in listed_] == [f"{n:04}" for n in range(50, 0, -1)]
    alike = [received((2.0, 100.0), identity=name) for name in ("B", "A")]
    assert [each.identity for each in near_flight(make_log, *alike)] == ["A", "B"]
