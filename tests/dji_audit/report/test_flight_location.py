"""Where a flight was: which of its positions stands for it, its place, and whose local time."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import parsers
from dji_audit.api import read_flights
from dji_audit.cli.audit._print_all_tables import flight_table
from dji_audit.flights import Flight
from dji_audit.report.flight_location import (
    TimeZoneBasis,
    local_time_zone_names_text,
    locate_flight,
)
from dji_audit.report.report_json_and_csv import flights_csv
from dji_audit.report.rows import FlightRow
from tests.dji_audit.basemap.test_nearest_place import all_places

NOUMEA, SHEERNESS, NOWHERE = (-22.26, 166.46), (51.455, 0.78), (np.nan, np.nan)


@cache
def sample_flight(sample_logs: Path) -> Flight:
    """Return the flight of one synthetic record."""
    (flight,) = read_flights([sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt"])
    return flight


def named(position: tuple[float, float], kind: str = "home") -> parsers.NamedPosition:
    return parsers.NamedPosition(
        kind, pd.Timestamp("2026-05-14T09:00:00Z"), *position, None, "x", 1
    )


def flight_at(
    flight: Flight,
    fixes: Sequence[tuple[float, float]] = (),
    takeoff: tuple[float, float] | None = None,
    home: tuple[float, float] | None = None,
) -> Flight:
    """Return a flight whose only positions are these."""
    track = flight.track.head(len(fixes)).copy()
    track["latitude_deg"] = [latitude for latitude, _ in fixes]
    track["longitude_deg"] = [longitude for _, longitude in fixes]
    sources = tuple(
        replace(source, log=replace(source.log, named_positions=())) for source in flight.sources
    )
    return replace(
        flight,
        sources=sources,
        track=track,
        takeoff_position=None if takeoff is None else named(takeoff, "takeoff"),
        home=None if home is None else named(home),
    )


def test_the_take_off_stands_for_a_flight_then_its_first_fix_then_home(sample_logs: Path) -> None:
    flight = sample_flight(sample_logs)
    cases = {
        NOUMEA: flight_at(flight, [SHEERNESS], NOUMEA, SHEERNESS),
        SHEERNESS: flight_at(flight, [NOWHERE, (91.0, 0.0), SHEERNESS], None, NOUMEA),
        (57.478, -4.224): flight_at(flight, [NOWHERE], None, (57.478, -4.224)),
    }
    for position, made in cases.items():
        assert locate_flight(made).position == position


def test_local_time_is_that_of_the_place_unless_the_user_chose_another(sample_logs: Path) -> None:
    flown = flight_at(sample_flight(sample_logs), [NOUMEA], NOUMEA)
    here = locate_flight(flown)
    assert (here.timezone, here.timezone_basis) == ("Pacific/Noumea", TimeZoneBasis.POSITION)
    assert here.nearest_place_text == "1.9 km NE of Nouméa, New Caledonia"
    assert here.grid_reference == "58K FA 50437 37668"
    chosen = locate_flight(flown, "America/Denver")
    assert (chosen.timezone, chosen.timezone_basis) == ("America/Denver", TimeZoneBasis.OPTION)
    assert "which the user chose" in chosen.timezone_text


def test_without_a_position_the_zone_is_the_default_and_is_said_to_be(sample_logs: Path) -> None:
    lost = locate_flight(flight_at(sample_flight(sample_logs)))
    assert (lost.position, lost.nearest_place_text, lost.grid_reference) == (None, None, None)
    assert (lost.timezone, lost.timezone_basis) == ("Europe/London", TimeZoneBasis.DEFAULT)
    assert "it may be another there" in lost.timezone_text


def test_positions_that_were_moved_name_no_place_and_no_square(sample_logs: Path) -> None:
    moved = replace(flight_at(sample_flight(sample_logs), [NOUMEA], NOUMEA), positions_moved=True)
    located = locate_flight(moved)
    assert (located.nearest_place_text, located.grid_reference, located.timezone) == (
        None,
        None,
        "UTC",
    )


@pytest.mark.parametrize(
    ("zones", "words"),
    [
        ((), "Europe/London"),
        (("Asia/Tokyo", "Asia/Tokyo"), "Asia/Tokyo"),
        (("B", "A", "B"), "the place of each flight (A, B)"),
        (tuple("ABCDEFGH"), "the place of each flight (A, B, C, D, E, F …)"),
    ],
)
def test_the_zones_of_many_flights_are_named_and_not_without_end(
    zones: tuple[str, ...], words: str
) -> None:
    assert local_time_zone_names_text(zones) == words


@pytest.mark.slow
def test_real_flights_have_the_place_that_a_search_over_all_places_gives(samples: Path) -> None:
    names, latitude, longitude = all_places()
    checked = 0
    for folder in ("dji_srt", "dji_txt", "dji_csv", "mavlink"):
        for path in sorted(each for each in (samples / folder).rglob("*") if each.is_file()):
            if path.stat().st_size > 3_000_000 or checked >= 40:
                continue
            for flight in read_flights([path]):
                located = locate_flight(flight)
                if located.position is None:
                    continue
                _, _, metres = Geod(ellps="WGS84").inv(
                    longitude,
                    latitude,
                    np.full(len(names), located.position[1]),
                    np.full(len(names), located.position[0]),
                )
                assert located.place is not None
                assert located.place.place.name == names[int(np.argmin(metres))]
                checked += 1
    assert checked >= 30


def test_place_and_time_zone_stand_in_table_csv_and_report() -> None:
    row = FlightRow(
        id="1",
        file="a.txt",
        sha256="0" * 64,
        start=pd.Timestamp("2026-05-14T09:00:00Z"),
        place="1.9 km NE of Nouméa, New Caledonia",
        region="New Caledonia",
        grid_reference="58K FA 50437 37668",
        timezone="Pacific/Noumea",
        timezone_basis=TimeZoneBasis.POSITION,
    )
    head, line = flights_csv([row]).splitlines()
    assert {"place", "region", "grid_reference", "timezone"} <= set(head.split(","))
    assert '"1.9 km NE of Nouméa, New Caledonia",New Caledonia,58K FA 50437 37668' in line
    assert row.to_json_row()["timezone_basis"] == "position"
    table = flight_table([row], 180)
    assert "START (Pacific/Noumea)" in table and "2026-05-14 20:00 +11" in table
    assert "1.9 km NE of Nouméa, New Caledonia" in table
    both = flight_table([row, replace(row, timezone="Europe/London")], 180)
    assert "START (local time)" in both and "10:00 BST" in both
