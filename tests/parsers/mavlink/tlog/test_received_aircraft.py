"""Aircraft that the vehicle received by ADS-B, each with its path as it broadcast it."""

from html import unescape
from typing import Any

import numpy as np
import pytest

from dji_audit.flights import assemble_flights
from dji_audit.mapper.flight_page._people_and_aircraft_nearby import nearby_aircraft_section_html
from dji_audit.mapper.html._times import TimeZone
from tests.parsers.mavlink.tlog.test_log import Station, heard


def receive(station: Station, address: int, **fields: int | bytes) -> None:
    """Let the station record a report of another aircraft, by default of one 2 km to the north."""
    stated: dict[str, Any] = {
        "lat": 515_180_000, "lon": -1_000_000, "altitude": 450_000, "altitude_type": 1,
        "callsign": b"NPAS21", "emitter_type": 7, "flags": 0x13, "heading": 0,
        "hor_velocity": 4000, "ver_velocity": 0, "tslc": 1, "squawk": 32,
    } | fields  # fmt: skip
    station.hear("adsb_vehicle", 1, 156, ICAO_address=address, **stated)


def test_a_path_for_each_aircraft_without_places_that_are_not_valid() -> None:
    station = heard()
    for number in range(3):
        receive(station, 0x406B2F, lat=515_180_000 + number * 1000)
    receive(station, 0x406B2F, flags=0x10)
    receive(station, 0x4CA123, flags=0x11, callsign=b"")
    first, second = station.read().received_aircraft
    assert (first.identity, first.name, first.means) == ("406B2F", "NPAS21", "ADS-B")
    assert "rotor" in first.kind
    assert first.latitude_deg.tolist() == pytest.approx([51.518, 51.5181, 51.5182])
    assert first.altitude_m.tolist() == [450.0] * 3
    assert (second.identity, second.name) == ("4CA123", "")
    assert np.isnan(second.altitude_m).all(), "an altitude that is not valid is not given"


def test_near_the_flight_it_is_listed_with_its_means_and_its_path() -> None:
    station = heard()
    latitude, longitude = 515_000_000, -1_000_000
    for number in range(4):
        receive(station, 0x406B2F, lat=latitude + 200_000 - 1000 * number, lon=longitude)
        receive(station, 0x400DEF, lat=latitude + 2_000_000, lon=longitude)
        station.hear("global_position_int", lat=latitude, lon=longitude, alt=80_000, hdg=9000)
    (flight,) = assemble_flights(station.read())
    (near,) = flight.nearby_aircraft
    assert (near.identity, near.means, near.flight_id) == ("406B2F", "ADS-B", "")
    assert near.distance_m == pytest.approx(2190, abs=20)
    assert near.altitude_amsl_m == 450.0
    assert near.height_m is None
    assert len(near.path) == 4
    section = unescape(nearby_aircraft_section_html(flight, TimeZone("UTC", ((0, 0, "UTC"),))))
    assert "406B2F</b> (NPAS21, rotorcraft)" in section
    assert "ADS-B, reported" in section
    assert "450 m above mean sea level" in section
    assert "received by this flight" in section
