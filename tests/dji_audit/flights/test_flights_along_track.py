"""Which flights passed along a track, beside counting fix by fix without any index."""

from collections.abc import Sequence

import numpy as np
import pytest

from dji_audit.flights.clock._track_alignment import TimedTrack
from dji_audit.flights.join._flights_along_track import _LAST_DAY, FlightsByTrackCellAndDay

#: Degrees of a fine cell.
CELL = 2e-4


def track(rows: Sequence[float], columns: Sequence[float]) -> TimedTrack:
    """Return fixes in the middle of the cells of some rows and columns."""
    seconds = np.arange(len(rows), dtype=float)
    north, east = (CELL * (np.array(it, float) + 0.5) for it in (rows, columns))
    return TimedTrack(seconds, north, east, seconds * 0)


def flights_counted_fix_by_fix(
    flights: Sequence[tuple[int, TimedTrack, Sequence[int]]],
    asked: TimedTrack,
    days: Sequence[int] | None,
) -> set[int]:
    """Return the flights that lie in or beside the cells of at least half of the fixes."""

    def cells(of: TimedTrack) -> list[tuple[int, int]]:
        return [
            (int(np.floor(north / CELL)), int(np.floor(east / CELL)))
            for north, east in zip(of.latitude_deg, of.longitude_deg, strict=True)
        ]

    fixes = cells(asked.thinned_to(32))
    found = set()
    for number, passed, own_days in flights:
        if days is not None and not set(own_days) & set(days):
            continue
        near = {
            (north + up, east + right)
            for north, east in cells(passed)
            for up in (-1, 0, 1)
            for right in (-1, 0, 1)
        }
        if 2 * sum(it in near for it in fixes) >= len(fixes):
            found.add(number)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_index_finds_the_flights_that_counting_finds(seed: int) -> None:
    random = np.random.default_rng(seed)

    def walk(fixes: int) -> TimedTrack:
        steps = random.integers(-1, 2, (2, fixes)).cumsum(axis=1)
        begin = random.integers(-12, 13, (2, 1))
        return track(*(steps + begin))

    flights: list[tuple[int, TimedTrack, Sequence[int]]] = []
    index = FlightsByTrackCellAndDay()
    hits = 0
    for number in range(120):
        first = int(random.integers(-3, 4))
        flight = (
            number,
            walk(int(random.integers(1, 60))),
            range(first, first + int(random.integers(0, 3))),
        )
        flights.append(flight)
        index.add_flights([flight])
        asked = walk(int(random.integers(1, 80)))
        day = int(random.integers(-4, 5))
        for days in (None, range(day, day + 2)):
            expected = flights_counted_fix_by_fix(flights, asked, days)
            assert index.flights_along_track(asked, days) == expected
            hits += len(expected)
    assert hits > 100
    # A block is longer than the one after it, so that there are few.
    lengths = [len(keys) for keys, _ in index._blocks]
    assert lengths == sorted(set(lengths), reverse=True)


def test_flights_at_the_same_place_are_found_by_their_day_alone() -> None:
    index = FlightsByTrackCellAndDay()
    here = track([5] * 40, [-7] * 40)
    index.add_flights((day, here, (day,)) for day in range(3000))
    index.add_flights([(3000, here, ())])
    assert index.flights_along_track(here, range(10, 13)) == {10, 11, 12}
    assert index.flights_along_track(here, None) == set(range(3001))
    assert index.flights_along_track(here, range(0)) == set()


@pytest.mark.parametrize("day", [-_LAST_DAY - 50, _LAST_DAY + 50])
def test_days_beyond_all_calendars_stay_in_their_cell(day: int) -> None:
    """Times of damaged logs: such a flight is found at its place, and at no other."""
    index = FlightsByTrackCellAndDay()
    here = track([5] * 4, [5] * 4)
    index.add_flights([(1, here, (day,))])
    assert index.flights_along_track(here, None) == {1}
    for column in (3, 7, -400_000, 900_000):
        assert index.flights_along_track(track([5] * 4, [column] * 4), None) == set()


@pytest.mark.parametrize("degrees", [np.nan, np.inf, -np.inf, 1e300])
def test_positions_that_are_none_are_no_error(degrees: float) -> None:
    index = FlightsByTrackCellAndDay()
    lost = TimedTrack(*(np.array(it) for it in ([0.0, 1.0], [degrees] * 2, [1.0] * 2, [0.0] * 2)))
    index.add_flights([(1, lost, (0,))])
    assert index.flights_along_track(track([5] * 4, [5] * 4), None) == set()


def test_empty_track_is_along_no_flight() -> None:
    index = FlightsByTrackCellAndDay()
    index.add_flights([])
    index.add_flights([(1, track([], []), (0,))])
    assert index.flights_along_track(track([], []), None) == set()
    assert index.flights_along_track(track([1], [1]), None) == set()
