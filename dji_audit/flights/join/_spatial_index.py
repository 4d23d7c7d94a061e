"""Which flights could a log tell of: found by time and place, not by trying all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from dji_audit.flights.clock._track_alignment import Path
from dji_audit.flights.join._log_summary import Digest
from dji_audit.flights.join._plan import Seed

#: Seconds of a cell in time, and by how much clocks may be off for two logs to meet.
_CELL_S, SLACK_S = 900.0, 150.0
#: Degrees of a cell in place: about a kilometre; and of one that a path passes through.
_CELL_DEG, _STEP_DEG = 0.01, 2e-4
#: Fixes of a path that are looked up, and the part of them that another must pass by.
_LOOKED_UP, _LEAST_SHARED = 32, 0.5
#: A wall clock is at most so many days from UTC, one of no zone at all included.
_DAYS = 2
_DAY_S = 86_400.0

Cell = tuple[int, int]


class Index:
    """Flights by cells of time and place, by serial number and by capture."""

    def __init__(self) -> None:
        """Begin without any."""
        self._times: dict[int, list[Seed]] = defaultdict(list)
        self._passed: dict[Cell, list[Seed]] = defaultdict(list)
        self._passed_on: dict[tuple[int, Cell], list[Seed]] = defaultdict(list)
        self._both: dict[tuple[int, Cell], list[Seed]] = defaultdict(list)
        self._pathless: dict[str, list[Seed]] = defaultdict(list)
        self._dated: dict[tuple[int, str], list[Seed]] = defaultdict(list)

    def add(self, seed: Seed) -> None:
        """Take in a flight."""
        times = list(_time_cells(seed.start, seed.end))
        places = place_cells(seed.digest.path)
        for time in times:
            self._times[time].append(seed)
            for serial in seed.digest.serials:
                self._dated[time, serial].append(seed)
            for place in places:
                self._both[time, place].append(seed)
        for cell in place_cells(seed.digest.path, _STEP_DEG):
            self._passed[cell].append(seed)
            for day in _days(seed.start, seed.end, 0):
                self._passed_on[day, cell].append(seed)
        if len(seed.digest.path) < 2:
            for serial in seed.digest.serials:
                self._pathless[serial].append(seed)

    def met(self, digest: Digest, offset_s: float) -> list[Seed]:
        """Return flights near in time that are near in place too or of the same serial.

        A log that says neither where nor which aircraft meets every flight of its time.
        """
        if digest.start is None or digest.end is None:
            return []
        start, end = digest.start + offset_s - SLACK_S, digest.end + offset_s + SLACK_S
        times, places = list(_time_cells(start, end)), around(place_cells(digest.path))
        found: list[Seed] = []
        for time in times:
            for serial in sorted(digest.serials):
                found += self._dated.get((time, serial), ())
            for place in places:
                found += self._both.get((time, place), ())
            if not places and not digest.serials:
                found += self._times.get(time, ())
        return _others(found, digest)

    def near(self, digest: Digest) -> list[Seed]:
        """Return flights that passed by most of a path, and those of its serial without a path.

        Of a log with a wall clock, flights within two days; of one without a date, all.
        """
        found: list[Seed] = []
        for serial in sorted(digest.serials):
            found += self._pathless.get(serial, ())
        path = (digest.path if len(digest.path) else digest.way).thinned(_LOOKED_UP)
        days = _days(digest.start, digest.end, _DAYS) if digest.kind == "wall" else None
        shared: dict[int, tuple[int, Seed]] = {}
        for cell in cells_of(path, _STEP_DEG):
            for seed in self._past(cell, days):
                count, _ = shared.get(id(seed), (0, seed))
                shared[id(seed)] = count + 1, seed
        least = _LEAST_SHARED * len(path)
        found += [seed for count, seed in shared.values() if count >= least]
        return _others(found, digest)

    def _past(self, cell: Cell, days: range | None) -> list[Seed]:
        """Return the flights that passed through a cell or one beside it, each once."""
        seen: dict[int, Seed] = {}
        for near in around((cell,)):
            if days is None:
                found = self._passed.get(near, [])
            else:
                found = [seed for day in days for seed in self._passed_on.get((day, near), ())]
            seen |= {id(seed): seed for seed in found}
        return list(seen.values())


def place_cells(path: Path, cell_deg: float = _CELL_DEG) -> set[Cell]:
    """Return the cells that a path lies in."""
    return set(cells_of(path, cell_deg))


def cells_of(path: Path, cell_deg: float) -> list[Cell]:
    """Return the cell that each fix of a path lies in."""
    rows = np.floor(path.latitude_deg / cell_deg).astype(np.int64)
    columns = np.floor(path.longitude_deg / cell_deg).astype(np.int64)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def around(cells: Iterable[Cell]) -> list[Cell]:
    """Return cells and those that touch them, in order."""
    steps = (-1, 0, 1)
    return sorted({(row + i, column + j) for row, column in cells for i in steps for j in steps})


def _time_cells(start: float | None, end: float | None) -> Iterator[int]:
    if start is None or end is None:
        return
    # No flight lasts longer than a day; a log that says so is damaged.
    last = min(end, start + 86_400.0)
    yield from range(int(start // _CELL_S), int(last // _CELL_S) + 1)


def _days(start: float | None, end: float | None, around_: int) -> range:
    if start is None or end is None:
        return range(0)
    last = min(end, start + _DAY_S)
    return range(int(start // _DAY_S) - around_, int(last // _DAY_S) + around_ + 1)


def _others(found: list[Seed], digest: Digest) -> list[Seed]:
    """Return flights that other logs began, each once: one log's flights are not one another."""
    seen: dict[int, Seed] = {id(seed): seed for seed in found if seed.digest.log != digest.log}
    return sorted(seen.values(), key=lambda seed: (seed.digest.log, seed.digest.number))
