"""Which flights passed along most of a track: their fine cells and days, in sorted columns."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from dji_audit.flights.clock._track_alignment import TimedTrack
from dji_audit.flights.join._grid_cells import STEPS_TO_NEIGHBOURING_CELLS, grid_cell_of_each_fix

#: Degrees of a fine cell, about 22 m from south to north.
_CELL_DEG = 2e-4
#: Fixes of a track that are looked up, and the part of them that a flight must pass by.
_LOOKUP_FIXES, _MIN_SHARED = 32, 0.5
#: Fixes looked up together: at a crowded place each finds every flight there.
_FIXES_AT_A_TIME = 4
#: A key holds a cell and a day; days are counted from 1970 and no further away than this.
_LAST_DAY = 1 << 17
_KEYS_OF_CELL = 4 * _LAST_DAY
#: A flight whose time is not known lies on this day, which no other has.
_NO_DAY = -_LAST_DAY - 1

_Longs = npt.NDArray[np.int64]


class FlightsByTrackCellAndDay:
    """Flights by the fine cells that they passed through and the days on which they did.

    Rows lie in sorted blocks.  A block that comes is merged with those before it that are no
    longer, so that there are few, and a row is sorted anew only as often as its block doubles.
    """

    def __init__(self) -> None:
        """Start empty."""
        #: Keys in order, and the number of the flight of each.
        self._blocks: list[tuple[_Longs, npt.NDArray[np.int32]]] = []

    def add_flights(self, flights: Iterable[tuple[int, TimedTrack, Sequence[int]]]) -> None:
        """Add flights: the number of each, its track, and its days; without a day it has none."""
        keys: list[_Longs] = []
        numbers: list[int] = []
        for number, track, days in flights:
            cells = _sorted_distinct_numbers(grid_cell_of_each_fix(track, _CELL_DEG))
            for day in days or (_NO_DAY,):
                keys.append(_keys_of_cells_on_day(cells, day))
                numbers.append(number)
        if not keys:
            return
        counts = [len(it) for it in keys]
        block = np.concatenate(keys), np.repeat(np.array(numbers, np.int32), counts)
        while self._blocks and len(self._blocks[-1][0]) <= len(block[0]):
            last = self._blocks.pop()
            block = np.concatenate((last[0], block[0])), np.concatenate((last[1], block[1]))
        order = np.argsort(block[0], kind="stable")
        self._blocks.append((block[0][order], block[1][order]))

    def flights_along_track(self, track: TimedTrack, days: Sequence[int] | None) -> set[int]:
        """Return the flights that passed by most of the fixes of a track.

        Args:
            track: The track.
            days: The days, one after the other, on which they may have; ``None``: on any or none.
        """
        track = track.thinned_to(_LOOKUP_FIXES)
        if not len(track) or (days is not None and not len(days)):
            return set()
        first, last = (_NO_DAY, _LAST_DAY) if days is None else (days[0], days[-1])
        cells = grid_cell_of_each_fix(track, _CELL_DEG)
        found: set[int] = set()
        for block in self._blocks:
            passed = [
                _numbers_of_flights_near_each_fix(
                    block, cells[at : at + _FIXES_AT_A_TIME], first, last
                )
                for at in range(0, len(cells), _FIXES_AT_A_TIME)
            ]
            flights = np.sort(np.concatenate(passed))
            starts = np.flatnonzero(np.diff(flights, prepend=-1))
            counts = np.diff(starts, append=len(flights))
            found.update(flights[starts[counts >= _MIN_SHARED * len(track)]].tolist())
        return found


def _numbers_of_flights_near_each_fix(
    block: tuple[_Longs, npt.NDArray[np.int32]], cells: _Longs, first_day: int, last_day: int
) -> npt.NDArray[np.int32]:
    """Return the flights of a block that passed by some fixes, each once for each of them."""
    keys, flights = block
    near = np.add.outer(cells, np.array(STEPS_TO_NEIGHBOURING_CELLS)).ravel()
    begins = np.searchsorted(keys, _keys_of_cells_on_day(near, first_day))
    counts = np.searchsorted(keys, _keys_of_cells_on_day(near, last_day), "right") - begins
    total = int(counts.sum())
    if not total:
        return flights[:0]
    rows = np.repeat(begins - np.cumsum(counts) + counts, counts) + np.arange(total)
    fixes = np.repeat(np.arange(len(near)) // len(STEPS_TO_NEIGHBOURING_CELLS), counts)
    pairs = _sorted_distinct_numbers(fixes << 32 | flights[rows])
    return (pairs & 0xFFFFFFFF).astype(np.int32)


def _keys_of_cells_on_day(cells: _Longs, day: int) -> _Longs:
    """Return the keys of cells on a day, in the order of cell and day."""
    within = min(max(day, _NO_DAY), _LAST_DAY)
    keys: _Longs = cells * _KEYS_OF_CELL + (within - _NO_DAY)
    return keys


def _sorted_distinct_numbers(numbers: _Longs) -> _Longs:
    """Return whole numbers in order, each once: numpy's ``unique`` takes many times as long."""
    ordered = np.sort(numbers)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))]
