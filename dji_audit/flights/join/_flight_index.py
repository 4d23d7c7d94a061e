"""An index of flights by time and position, so that a log is not compared with all of them."""

import sqlite3
from collections.abc import Iterable

from dji_audit.flights.join._flight_assembly import FlightCandidate
from dji_audit.flights.join._flights_along_track import FlightsByTrackCellAndDay
from dji_audit.flights.join._grid_cells import add_neighbouring_grid_cells, grid_cells_of_track
from dji_audit.flights.join._log_summary import LogSummary

#: Seconds of a cell in time, and the clock error within which two logs are compared.
_CELL_S, MAX_CLOCK_ERROR_S = 900.0, 150.0
#: Degrees of a cell: about a kilometre.
_CELL_DEG = 0.01
#: A local clock is at most this many days from UTC, even if set to no time zone.
_TIMEZONE_DAYS = 2
_DAY_S = 86_400.0

#: Cells that one question names: a damaged track may lie in very many.
_CELLS_AT_A_TIME = 500
#: Kilobytes of the index that stay in memory; the rest is in a temporary file.
_CACHE_KB = 8_000
_TABLES = """
CREATE TABLE times (time INTEGER, flight INTEGER, PRIMARY KEY (time, flight)) WITHOUT ROWID;
CREATE TABLE dated (serial TEXT, time INTEGER, flight INTEGER,
    PRIMARY KEY (serial, time, flight)) WITHOUT ROWID;
CREATE TABLE places (cell INTEGER, time INTEGER, flight INTEGER,
    PRIMARY KEY (cell, time, flight)) WITHOUT ROWID;
CREATE TABLE trackless (serial TEXT, flight INTEGER, PRIMARY KEY (serial, flight)) WITHOUT ROWID;
"""


class FlightIndex:
    """Flights by cells of time and position, and by serial number.

    Most of it is a temporary database, which grows on the disk and not in memory, so that looking
    flights up among a million costs little more than among a hundred.
    """

    def __init__(self) -> None:
        """Start empty.

        Raises:
            sqlite3.Error: If there is no room for temporary files.
        """
        self._candidates: list[FlightCandidate] = []
        #: Which few logs need: flights before that one are in it.
        self._along_tracks, self._along_tracks_until = FlightsByTrackCellAndDay(), 0
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
        cells = grid_cells_of_track(candidate.summary.track, _CELL_DEG)
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
        cells = grid_cells_of_track(summary.track, _CELL_DEG)
        found: set[int] = set()
        for serial in summary.serial_prefix_keys:
            found |= self._select_flight_numbers(
                "dated WHERE serial = ? AND time BETWEEN ? AND ?", (serial, times[0], times[-1])
            )
        near = add_neighbouring_grid_cells(cells)
        for at in range(0, len(near), _CELLS_AT_A_TIME):
            asked = near[at : at + _CELLS_AT_A_TIME]
            found |= self._select_flight_numbers(
                f"places WHERE cell IN ({', '.join('?' * len(asked))}) AND time BETWEEN ? AND ?",
                (*asked, times[0], times[-1]),
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
        days = (
            _days_spanned(summary.start, summary.end, _TIMEZONE_DAYS)
            if summary.clock_kind == "wall"
            else None
        )
        self._add_tracks_of_new_flights()
        found |= self._along_tracks.flights_along_track(summary.track, days)
        return self._flights_of_other_logs(found, summary)

    def _add_tracks_of_new_flights(self) -> None:
        """Add the tracks of those flights that were added since the last time."""
        first = self._along_tracks_until
        self._along_tracks.add_flights(
            (flight, it.summary.track, _days_spanned(it.start, it.end, 0))
            for flight, it in enumerate(self._candidates[first:], first)
        )
        self._along_tracks_until = len(self._candidates)

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
