"""A camera's wall clock, as files that state UTC beside it show it: how far ahead, how fast."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.flights._clock_alignment import Drift, Placing
from dji_audit.flights.clock._drift import Line, line_through
from dji_audit.flights.join._local_time import say_zone, zone_of
from dji_audit.flights.join._log_summary import Digest

#: A reading of a camera's clock holds for so long before and after it.
_HOLDS_S = 86_400.0
#: A wall clock that is read to the second, against UTC that is, is known no better; read
#: often, the steps of its seconds even out to this.
_READ_S, _STEP_S = 1.0, 0.3
#: Readings farther apart are of two days' work: the clock may have been set between.
_PAUSE_S = 6 * 3600.0
#: Readings of one line, and those beside an instant of which the nearest is sought.
_MOST, _BESIDE = 256, 4


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a camera's wall clock was ahead of UTC, as one file shows."""

    digest: Digest
    wall: float
    ahead_s: float

    @property
    def uncertainty_s(self) -> float:
        """Seconds within which it is known."""
        return max(_READ_S, self.digest.uncertainty_s or 0.0)


class CameraClock:
    """The readings of one clock in order."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        """Sort readings, and find the runs of them without a long pause."""
        self._readings = sorted(readings, key=lambda it: (it.wall, it.digest.name))
        self._walls = [reading.wall for reading in self._readings]
        self._runs = np.concatenate([[0], np.cumsum(np.diff(self._walls) > _PAUSE_S)])
        self._lines: dict[int, tuple[Line, int] | None] = {}

    def nearest(self, wall: float) -> Reading | None:
        """Return the reading nearest to an instant by the clock; ``None``: none is near."""
        place = self._nearest(wall)
        return None if place is None else self._readings[place]

    def line(self, wall: float) -> tuple[Line, int] | None:
        """Return the drift about an instant, and how many files show it; ``None``: none shows."""
        place = self._nearest(wall)
        if place is None:
            return None
        run = int(self._runs[place])
        if run not in self._lines:
            self._lines[run] = self._line_of(np.flatnonzero(self._runs == run))
        found = self._lines[run]
        return found if found is not None and found[0].significant and found[0].even else None

    def _line_of(self, rows: npt.NDArray[np.intp]) -> tuple[Line, int] | None:
        most = min(len(rows), _MOST)
        some = [self._readings[row] for row in rows[np.arange(most) * len(rows) // most]]
        at = np.array([reading.wall for reading in some])
        line = line_through(at, np.array([-reading.ahead_s for reading in some]), _STEP_S)
        return None if line is None else (line, len(rows))

    def _nearest(self, wall: float) -> int | None:
        middle = bisect_left(self._walls, wall)
        near = [
            place
            for place in range(max(0, middle - _BESIDE), min(len(self._walls), middle + _BESIDE))
            if abs(self._walls[place] - wall) <= _HOLDS_S
        ]
        return min(
            near,
            key=lambda at: (round(abs(self._walls[at] - wall)), self._readings[at].digest.name),
            default=None,
        )


def camera_clocks(media: Iterable[Digest]) -> dict[str, CameraClock]:
    """Return the clocks of cameras and of single captures, by what tells these apart."""
    readings: dict[str, list[Reading]] = defaultdict(list)
    for digest in media:
        if digest.ahead_s is None or digest.start is None:
            continue
        reading = Reading(digest, digest.start + digest.ahead_s, digest.ahead_s)
        for key in (f"capture {digest.capture_name}", *digest.cameras):
            readings[key].append(reading)
    return {key: CameraClock(told) for key, told in readings.items()}


def lent(digest: Digest, clocks: dict[str, CameraClock]) -> Sequence[tuple[Placing, int]]:
    """Return how files of its own capture, and of its camera, place a file; with their log."""
    start = digest.start or 0.0
    out: list[tuple[Placing, int]] = []
    clock = clocks.get(f"capture {digest.capture_name}")
    own = clock.nearest(start) if clock is not None else None
    if own is not None:
        out.append((_by_reading(digest, "exposure", own), own.digest.log))
    for camera in digest.cameras:
        clock = clocks.get(camera)
        found = clock.nearest(start) if clock is not None else None
        if clock is not None and found is not None and found is not own:
            line = clock.line(start)
            if line is None:
                out.append((_by_reading(digest, "camera", found), found.digest.log))
            else:
                out.append((_by_line(digest, *line), found.digest.log))
            break
    return out


def _by_reading(digest: Digest, method: str, reading: Reading) -> Placing:
    zone, what = _words(reading.ahead_s)
    why = f"{reading.digest.name} shows the camera's clock to be {what}"
    return Placing(digest.source, method, -reading.ahead_s, reading.uncertainty_s, zone, why)


def _by_line(digest: Digest, line: Line, count: int) -> Placing:
    """Return how a file is placed by a clock of which many readings show the drift."""
    start = digest.start or 0.0
    offset_s = line.offset_s + line.slope * (start - line.at_s)
    unsure = line.offset_within_s + line.within * abs(start - line.at_s)
    drift = Drift(round(-3600 * line.slope, 4), round(3600 * line.within, 4), round(start, 3))
    zone, what = _words(-offset_s)
    why = f"{count} files show the camera's clock to be {what} then; it {drift.words}"
    # Seconds are cut, not rounded, so that many readings are no nearer than one.
    unsure = round(max(unsure, _READ_S), 3)
    return Placing(digest.source, "camera", round(offset_s, 3), unsure, zone, why, drift)


def _words(ahead_s: float) -> tuple[float | None, str]:
    """Return the zone of a clock, and that and by how much it is off in words."""
    zone = zone_of(ahead_s)
    what = say_zone(zone) if zone is not None else f"{ahead_s:.0f} s ahead of UTC"
    off = ahead_s - zone if zone is not None else 0.0
    how = f" and {abs(off):.1f} s {'fast' if off > 0 else 'slow'}" if abs(off) >= 1.0 else ""
    return zone, what + how
