"""An index of flights by time and position, so that a log is not compared with all of them."""

import sqlite3
from collections import Counter
from collections.abc import Iterable

import numpy as np

from dji_audit.flights.clock._track_alignment import TimedTrack
from dji_audit.flights.join._flight_assembly import FlightCandidate
from dji_audit.flights.join._log_summary import LogSummary

#: Seconds of a cell in time, and the clock error within which two logs are compared.
_CELL_S, MAX_CLOCK_ERROR_S = 900.0, 150.0
#: Degrees of a cell: about a kilometre; and of a fine cell that a track passes through.
_CELL_DEG, _STEP_DEG = 0.01, 2e-4
#: Fixes of a track that are looked up, and the part of them that a flight must pass by.
_LOOKUP_FIXES, _MIN_SHARED = 32, 0.5
#: A local clock is at most this many days from UTC, even if set to no time zone.
_TIMEZONE_DAYS = 2
_DAY_S = 86_400.0

#: More cells than there are round the earth.  The number of a cell is that of its row times those
#: of a row, plus that of its column.
_CELLS_ROUND = 1 << 22
_CELLS_OF_ROW = 2 * _CELLS_ROUND
#: From the number of a cell to its own, and to those of the cells that touch it.
_STEPS_TO_NEIGHBOURS = tuple(
    row * _CELLS_OF_ROW + column for row in (-1, 0, 1) for column in (-1, 0, 1)
)
#: A flight whose time is not known, among days.
_NO_DAY = -(1 << 40)
#: Flights whose fine cells are in memory at a time.
_FLIGHTS_STORED_TOGETHER = 2000
#: Kilobytes of the index that stay in memory; the rest is in a temporary file.
_CACHE_KB = 8_000
_TABLES = """
CREATE TABLE times (time INTEGER, flight INTEGER, PRIMARY KEY (time, flight)) WITHOUT ROWID;
CREATE TABLE dated (serial TEXT, time INTEGER, flight INTEGER,
    PRIMARY KEY (serial, time, flight)) WITHOUT ROWID;
CREATE TABLE places (cell INTEGER, time INTEGER, flight INTEGER,
    PRIMARY KEY (cell, time, flight)) WITHOUT ROWID;
CREATE TABLE passed (cell INTEGER, day INTEGER, flight INTEGER,
    PRIMARY KEY (cell, day, flight)) WITHOUT ROWID;
CREATE TABLE trackless (serial TEXT, flight INTEGER, PRIMARY KEY (serial, flight)) WITHOUT ROWID;
"""


class FlightIndex:
    """Flights by cells of time and position, and by serial number.

    It is a temporary database, which grows on the disk and not in memory, so that looking flights
    up among a million costs little more than among a hundred.
    """

    def __init__(self) -> None:
        """Start empty.

        Raises:
            sqlite3.Error: If there is no room for temporary files.
        """
        self._candidates: list[FlightCandidate] = []
        #: Flights before this one are in the table of cells passed, which few logs need.
        self._passed_until = 0
        # A database without a name is gone with its connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Give up the index."""
        self._database.close()

    def add_flight(self, candidate: FlightCandidate) -> None:
        """Add a flight."""
        flight = len(self._candidates)
        self._candidates.append(candidate)
        times = _time_cells(candidate.start, candidate.end)
        cells = grid_cells_of_track(candidate.summary.track)
        serials = candidate.summary.serial_prefix_keys
        insert = self._database.executemany
        insert("INSERT INTO times VALUES (?, ?)", [(time, flight) for time in times])
        insert(
            "INSERT INTO dated VALUES (?, ?, ?)",
            [(serial, time, flight) for serial in serials for time in times],
        )
        insert(
            "INSERT INTO places VALUES (?, ?, ?)",
            [(cell, time, flight) for cell in cells for time in times],
        )
        if len(candidate.summary.track) < 2:
            insert("INSERT INTO trackless VALUES (?, ?)", [(serial, flight) for serial in serials])

    def candidates_near_in_time_and_place(
        self, summary: LogSummary, offset_s: float
    ) -> list[FlightCandidate]:
        """Return flights near in time that are also near in position or of the same serial number.

        For a log that states neither position nor aircraft, every flight of its time.
        """
        if summary.start is None or summary.end is None:
            return []
        start, end = (
            summary.start + offset_s - MAX_CLOCK_ERROR_S,
            summary.end + offset_s + MAX_CLOCK_ERROR_S,
        )
        if not (times := _time_cell_range(start, end)):
            return []
        cells = grid_cells_of_track(summary.track)
        found: set[int] = set()
        for serial in summary.serial_prefix_keys:
            found |= self._select_flight_numbers(
                "dated WHERE serial = ? AND time BETWEEN ? AND ?", (serial, times[0], times[-1])
            )
        for cell in add_neighbouring_grid_cells(cells):
            found |= self._select_flight_numbers(
                "places WHERE cell = ? AND time BETWEEN ? AND ?", (cell, times[0], times[-1])
            )
        if not cells and not summary.serials:
            found |= self._select_flight_numbers(
                "times WHERE time BETWEEN ? AND ?", (times[0], times[-1])
            )
        return self._flights_of_other_logs(found, summary)

    def candidates_near_track(self, summary: LogSummary) -> list[FlightCandidate]:
        """Return flights that passed by most of a track, and those of its serial without a track.

        Of a log with a local clock, flights within two days; of one without a date, all.
        """
        found: set[int] = set()
        for serial in summary.serial_prefix_keys:
            found |= self._select_flight_numbers("trackless WHERE serial = ?", (serial,))
        track = summary.track.thinned_to(_LOOKUP_FIXES)
        days = (
            _days_spanned(summary.start, summary.end, _TIMEZONE_DAYS)
            if summary.clock_kind == "wall"
            else None
        )
        shared: Counter[int] = Counter()
        self._store_grid_cells_of_new_flights()
        for cell in grid_cell_of_each_fix(track, _STEP_DEG):
            shared.update(self._flights_passing_grid_cell(cell, days))
        least = _MIN_SHARED * len(track)
        found.update(flight for flight, count in shared.items() if count >= least)
        return self._flights_of_other_logs(found, summary)

    def _store_grid_cells_of_new_flights(self) -> None:
        """Add the fine cells of those flights that were added since the last time."""
        for first in range(self._passed_until, len(self._candidates), _FLIGHTS_STORED_TOGETHER):
            batch = self._candidates[first : first + _FLIGHTS_STORED_TOGETHER]
            rows = [
                (cell, day, flight)
                for flight, candidate in enumerate(batch, first)
                for day in _days_spanned(candidate.start, candidate.end, 0) or (_NO_DAY,)
                for cell in grid_cells_of_track(candidate.summary.track, _STEP_DEG)
            ]
            # In the order in which they lie in the table they are added several times as fast.
            rows.sort()
            self._database.executemany("INSERT INTO passed VALUES (?, ?, ?)", rows)
        self._passed_until = len(self._candidates)

    def _flights_passing_grid_cell(self, cell: int, days: range | None) -> set[int]:
        """Return the flights that passed through a cell or one beside it, each once."""
        if days is not None and not days:
            return set()
        near = tuple(add_neighbouring_grid_cells((cell,)))
        where = f"passed WHERE cell IN ({', '.join('?' * len(near))})"
        if days is None:
            return self._select_flight_numbers(where, near)
        return self._select_flight_numbers(
            f"{where} AND day BETWEEN ? AND ?", (*near, days[0], days[-1])
        )

    def _select_flight_numbers(self, where: str, values: tuple[object, ...]) -> set[int]:
        rows = self._database.execute(
            f"SELECT flight FROM {where}",  # noqa: S608 - the conditions above
            values,
        )
        return {flight for (flight,) in rows}

    def _flights_of_other_logs(
        self, flights: Iterable[int], summary: LogSummary
    ) -> list[FlightCandidate]:
        """Return the flights that other logs started, in the order of their logs."""
        candidates = map(self._candidates.__getitem__, flights)
        return sorted(
            (it for it in candidates if it.summary.log_index != summary.log_index),
            key=lambda it: (it.summary.log_index, it.summary.segment_number),
        )


def grid_cells_of_track(path: TimedTrack, cell_deg: float = _CELL_DEG) -> set[int]:
    """Return the numbers of the cells that a track lies in."""
    return set(grid_cell_of_each_fix(path, cell_deg))


def grid_cell_of_each_fix(path: TimedTrack, cell_deg: float) -> list[int]:
    """Return the number of the cell that each fix of a track lies in."""
    # Numbers of the database have 64 bits; a position that is none may have any cell.
    row, column = (
        np.fmax(np.fmin(np.floor(degrees / cell_deg), _CELLS_ROUND), -_CELLS_ROUND).astype(np.int64)
        for degrees in (path.latitude_deg, path.longitude_deg)
    )
    numbers: list[int] = (row * _CELLS_OF_ROW + column).tolist()
    return numbers


def add_neighbouring_grid_cells(cells: Iterable[int]) -> list[int]:
    """Return cells and those that touch them, in order."""
    return sorted({cell + step for cell in cells for step in _STEPS_TO_NEIGHBOURS})


def _time_cells(start: float | None, end: float | None) -> range:
    """Return the cells of time of a flight; none where its time is not known."""
    return range(0) if start is None or end is None else _time_cell_range(start, end)


def _time_cell_range(start: float, end: float) -> range:
    # No flight lasts longer than a day; a log that states so is damaged.
    last = min(end, start + _DAY_S)
    return range(int(start // _CELL_S), int(last // _CELL_S) + 1)


def _days_spanned(start: float | None, end: float | None, margin_days: int) -> range:
    if start is None or end is None:
        return range(0)
    last = min(end, start + _DAY_S)
    return range(int(start // _DAY_S) - margin_days, int(last // _DAY_S) + margin_days + 1)
