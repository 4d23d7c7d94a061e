"""An index of flights by time and position, so that a log is not compared with all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

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

Cell = tuple[int, int]


class FlightIndex:
    """Flights by cells of time and position, and by serial number."""

    def __init__(self) -> None:
        """Start empty."""
        self._times: dict[int, list[FlightCandidate]] = defaultdict(list)
        self._passed: dict[Cell, list[FlightCandidate]] = defaultdict(list)
        self._passed_on: dict[tuple[int, Cell], list[FlightCandidate]] = defaultdict(list)
        self._both: dict[tuple[int, Cell], list[FlightCandidate]] = defaultdict(list)
        self._trackless: dict[str, list[FlightCandidate]] = defaultdict(list)
        self._dated: dict[tuple[int, str], list[FlightCandidate]] = defaultdict(list)

    def add_flight(self, candidate: FlightCandidate) -> None:
        """Add a flight."""
        times = list(_time_cells(candidate.start, candidate.end))
        cells = cells_of_track(candidate.summary.track)
        for time in times:
            self._times[time].append(candidate)
            for serial in candidate.summary.serial_keys:
                self._dated[time, serial].append(candidate)
            for cell in cells:
                self._both[time, cell].append(candidate)
        for cell in cells_of_track(candidate.summary.track, _STEP_DEG):
            self._passed[cell].append(candidate)
            for day in _days_spanned(candidate.start, candidate.end, 0):
                self._passed_on[day, cell].append(candidate)
        if len(candidate.summary.track) < 2:
            for serial in candidate.summary.serial_keys:
                self._trackless[serial].append(candidate)

    def candidates_by_time(self, summary: LogSummary, offset_s: float) -> list[FlightCandidate]:
        """Return flights near in time that are also near in position or of the same serial number.

        For a log that states neither position nor aircraft, every flight of its time.
        """
        if summary.start is None or summary.end is None:
            return []
        start, end = (
            summary.start + offset_s - MAX_CLOCK_ERROR_S,
            summary.end + offset_s + MAX_CLOCK_ERROR_S,
        )
        times, cells = (
            list(_time_cells(start, end)),
            neighbouring_cells(cells_of_track(summary.track)),
        )
        candidates: list[FlightCandidate] = []
        for time in times:
            for serial in sorted(summary.serial_keys):
                candidates += self._dated.get((time, serial), ())
            for cell in cells:
                candidates += self._both.get((time, cell), ())
            if not cells and not summary.serials:
                candidates += self._times.get(time, ())
        return _flights_of_other_logs(candidates, summary)

    def candidates_by_track(self, summary: LogSummary) -> list[FlightCandidate]:
        """Return flights that passed by most of a track, and those of its serial without a track.

        Of a log with a local clock, flights within two days; of one without a date, all.
        """
        candidates: list[FlightCandidate] = []
        for serial in sorted(summary.serial_keys):
            candidates += self._trackless.get(serial, ())
        track = summary.track.thinned_to(_LOOKUP_FIXES)
        days = (
            _days_spanned(summary.start, summary.end, _TIMEZONE_DAYS)
            if summary.clock_kind == "wall"
            else None
        )
        shared: dict[int, tuple[int, FlightCandidate]] = {}
        for cell in cell_of_each_fix(track, _STEP_DEG):
            for candidate in self._flights_passing_cell(cell, days):
                count, _ = shared.get(id(candidate), (0, candidate))
                shared[id(candidate)] = count + 1, candidate
        least = _MIN_SHARED * len(track)
        candidates += [candidate for count, candidate in shared.values() if count >= least]
        return _flights_of_other_logs(candidates, summary)

    def _flights_passing_cell(self, cell: Cell, days: range | None) -> list[FlightCandidate]:
        """Return the flights that passed through a cell or one beside it, each once."""
        seen: dict[int, FlightCandidate] = {}
        for near in neighbouring_cells((cell,)):
            if days is None:
                candidates = self._passed.get(near, [])
            else:
                candidates = [
                    candidate for day in days for candidate in self._passed_on.get((day, near), ())
                ]
            seen |= {id(candidate): candidate for candidate in candidates}
        return list(seen.values())


def cells_of_track(path: TimedTrack, cell_deg: float = _CELL_DEG) -> set[Cell]:
    """Return the cells that a track lies in."""
    return set(cell_of_each_fix(path, cell_deg))


def cell_of_each_fix(path: TimedTrack, cell_deg: float) -> list[Cell]:
    """Return the cell that each fix of a track lies in."""
    rows = np.floor(path.latitude_deg / cell_deg).astype(np.int64)
    columns = np.floor(path.longitude_deg / cell_deg).astype(np.int64)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def neighbouring_cells(cells: Iterable[Cell]) -> list[Cell]:
    """Return cells and those that touch them, in order."""
    steps = (-1, 0, 1)
    return sorted({(row + i, column + j) for row, column in cells for i in steps for j in steps})


def _time_cells(start: float | None, end: float | None) -> Iterator[int]:
    if start is None or end is None:
        return
    # No flight lasts longer than a day; a log that states so is damaged.
    last = min(end, start + 86_400.0)
    yield from range(int(start // _CELL_S), int(last // _CELL_S) + 1)


def _days_spanned(start: float | None, end: float | None, margin_days: int) -> range:
    if start is None or end is None:
        return range(0)
    last = min(end, start + _DAY_S)
    return range(int(start // _DAY_S) - margin_days, int(last // _DAY_S) + margin_days + 1)


def _flights_of_other_logs(
    candidates: list[FlightCandidate], summary: LogSummary
) -> list[FlightCandidate]:
    """Return the flights that other logs started, each once."""
    seen: dict[int, FlightCandidate] = {
        id(candidate): candidate
        for candidate in candidates
        if candidate.summary.log_index != summary.log_index
    }
    return sorted(
        seen.values(),
        key=lambda candidate: (candidate.summary.log_index, candidate.summary.segment_number),
    )
