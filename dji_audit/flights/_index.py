"""Which flights could a log tell of: found by time and place, not by trying all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from dji_audit.flights._digest import Digest
from dji_audit.flights._path import Path
from dji_audit.flights._plan import Seed

#: Seconds of a cell in time, and by how much clocks may be off for two logs to meet.
_CELL_S, SLACK_S = 900.0, 150.0
#: Degrees of a cell in place: about a kilometre.
_CELL_DEG = 0.01

Cell = tuple[int, int]


class Index:
    """Flights by cells of time and place, by serial number and by capture."""

    def __init__(self) -> None:
        """Begin without any."""
        self._times: dict[int, list[Seed]] = defaultdict(list)
        self._places: dict[Cell, list[Seed]] = defaultdict(list)
        self._both: dict[tuple[int, Cell], list[Seed]] = defaultdict(list)
        self._serials: dict[str, list[Seed]] = defaultdict(list)
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
        for place in places:
            self._places[place].append(seed)
        for serial in seed.digest.serials:
            self._serials[serial].append(seed)

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
        """Return flights over the same place or of the same serial, whenever they were."""
        found: list[Seed] = []
        for serial in sorted(digest.serials):
            found += self._serials.get(serial, ())
        if not found:
            for place in sorted(place_cells(digest.path.thinned(8))):
                found += self._places.get(place, ())
        return _others(found, digest)


def place_cells(path: Path) -> set[Cell]:
    """Return the cells that a path lies in."""
    rows = np.floor(path.latitude_deg / _CELL_DEG).astype(np.int64)
    columns = np.floor(path.longitude_deg / _CELL_DEG).astype(np.int64)
    return set(zip(rows.tolist(), columns.tolist(), strict=True))


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


def _others(found: list[Seed], digest: Digest) -> list[Seed]:
    """Return flights that other logs began, each once: one log's flights are not one another."""
    seen: dict[int, Seed] = {id(seed): seed for seed in found if seed.digest.log != digest.log}
    return sorted(seen.values(), key=lambda seed: (seed.digest.log, seed.digest.number))
