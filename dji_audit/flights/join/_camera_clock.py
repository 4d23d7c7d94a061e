"""A camera's wall clock, as files that state UTC beside it show it: how far ahead, how fast."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.flights.clock._clock_alignment import ClockAlignment, ClockDrift
from dji_audit.flights.clock._drift import DriftLine, fit_drift_line
from dji_audit.flights.join._local_time import format_utc_offset, nearest_timezone_s
from dji_audit.flights.join._log_summary import LogSummary

#: A reading of a camera's clock holds for so long before and after it.
_MAX_AGE_S = 86_400.0
#: A wall clock that is read to the second, against UTC that is, is known no better; read
#: often, the steps of its seconds even out to this.
_COMPARISON_UNCERTAINTY_S, _STEP_S = 1.0, 0.3
#: Readings farther apart are of two days' work: the clock may have been set between.
_MAX_PAUSE_S = 6 * 3600.0
#: Readings of one line, and those beside an instant of which the nearest is sought.
_MAX_COMPARISONS, _NEIGHBOURS = 256, 4


@dataclass(frozen=True, slots=True)
class ClockComparison:
    """How far a camera's wall clock was ahead of UTC, as one file shows."""

    summary: LogSummary
    wall_s: float
    lead_s: float

    @property
    def uncertainty_s(self) -> float:
        """Seconds within which it is known."""
        return max(_COMPARISON_UNCERTAINTY_S, self.summary.uncertainty_s or 0.0)


class CameraClock:
    """The readings of one clock in order."""

    def __init__(self, readings: Iterable[ClockComparison]) -> None:
        """Sort readings, and find the runs of them without a long pause."""
        self._readings = sorted(readings, key=lambda it: (it.wall_s, it.summary.name))
        self._walls = [reading.wall_s for reading in self._readings]
        self._runs = np.concatenate([[0], np.cumsum(np.diff(self._walls) > _MAX_PAUSE_S)])
        self._lines: dict[int, tuple[DriftLine, int] | None] = {}

    def nearest(self, wall: float) -> ClockComparison | None:
        """Return the reading nearest to an instant by the clock; ``None``: none is near."""
        place = self._nearest(wall)
        return None if place is None else self._readings[place]

    def drift_line(self, wall: float) -> tuple[DriftLine, int] | None:
        """Return the drift about an instant, and how many files show it; ``None``: none shows."""
        place = self._nearest(wall)
        if place is None:
            return None
        run = int(self._runs[place])
        if run not in self._lines:
            self._lines[run] = self._fit_run(np.flatnonzero(self._runs == run))
        found = self._lines[run]
        return (
            found if found is not None and found[0].is_significant and found[0].is_steady else None
        )

    def _fit_run(self, rows: npt.NDArray[np.intp]) -> tuple[DriftLine, int] | None:
        most = min(len(rows), _MAX_COMPARISONS)
        some = [self._readings[row] for row in rows[np.arange(most) * len(rows) // most]]
        at = np.array([reading.wall_s for reading in some])
        line = fit_drift_line(at, np.array([-reading.lead_s for reading in some]), _STEP_S)
        return None if line is None else (line, len(rows))

    def _nearest(self, wall: float) -> int | None:
        middle = bisect_left(self._walls, wall)
        near = [
            place
            for place in range(
                max(0, middle - _NEIGHBOURS), min(len(self._walls), middle + _NEIGHBOURS)
            )
            if abs(self._walls[place] - wall) <= _MAX_AGE_S
        ]
        return min(
            near,
            key=lambda at: (round(abs(self._walls[at] - wall)), self._readings[at].summary.name),
            default=None,
        )


def camera_clocks(media: Iterable[LogSummary]) -> dict[str, CameraClock]:
    """Return the clocks of cameras and of single captures, by what tells these apart."""
    readings: dict[str, list[ClockComparison]] = defaultdict(list)
    for summary in media:
        if summary.wall_clock_lead_s is None or summary.start is None:
            continue
        reading = ClockComparison(
            summary, summary.start + summary.wall_clock_lead_s, summary.wall_clock_lead_s
        )
        for key in (f"capture {summary.capture_name}", *summary.camera_keys):
            readings[key].append(reading)
    return {key: CameraClock(told) for key, told in readings.items()}


def alignments_by_camera(
    summary: LogSummary, clocks: dict[str, CameraClock]
) -> Sequence[tuple[ClockAlignment, int]]:
    """Return how files of its own capture, and of its camera, place a file; with their log."""
    start = summary.start or 0.0
    out: list[tuple[ClockAlignment, int]] = []
    clock = clocks.get(f"capture {summary.capture_name}")
    own = clock.nearest(start) if clock is not None else None
    if own is not None:
        out.append((_align_by_comparison(summary, "same_capture", own), own.summary.log_index))
    for camera in summary.camera_keys:
        clock = clocks.get(camera)
        found = clock.nearest(start) if clock is not None else None
        if clock is not None and found is not None and found is not own:
            line = clock.drift_line(start)
            if line is None:
                out.append(
                    (_align_by_comparison(summary, "same_camera", found), found.summary.log_index)
                )
            else:
                out.append((_align_by_drift(summary, *line), found.summary.log_index))
            break
    return out


def _align_by_comparison(
    summary: LogSummary, method: str, reading: ClockComparison
) -> ClockAlignment:
    zone, what = _describe_lead(reading.lead_s)
    why = f"{reading.summary.name} shows that the camera's clock is {what}"
    return ClockAlignment(
        summary.clock_source, method, -reading.lead_s, reading.uncertainty_s, zone, why
    )


def _align_by_drift(summary: LogSummary, line: DriftLine, count: int) -> ClockAlignment:
    """Return how a file is placed by a clock of which many readings show the drift."""
    start = summary.start or 0.0
    offset_s = line.offset_s + line.slope * (start - line.reference_s)
    unsure = line.offset_uncertainty_s + line.slope_uncertainty * abs(start - line.reference_s)
    drift = ClockDrift(
        round(-3600 * line.slope, 4), round(3600 * line.slope_uncertainty, 4), round(start, 3)
    )
    zone, what = _describe_lead(-offset_s)
    why = f"{count} files show that the camera's clock is {what} at this time; it {drift.description}"
    # Seconds are cut, not rounded, so that many readings are no nearer than one.
    unsure = round(max(unsure, _COMPARISON_UNCERTAINTY_S), 3)
    return ClockAlignment(
        summary.clock_source, "same_camera", round(offset_s, 3), unsure, zone, why, drift
    )


def _describe_lead(ahead_s: float) -> tuple[float | None, str]:
    """Return the zone of a clock, and that and by how much it is off in words."""
    zone = nearest_timezone_s(ahead_s)
    what = format_utc_offset(zone) if zone is not None else f"{ahead_s:.0f} s ahead of UTC"
    off = ahead_s - zone if zone is not None else 0.0
    how = f" and {abs(off):.1f} s {'fast' if off > 0 else 'slow'}" if abs(off) >= 1.0 else ""
    return zone, what + how
