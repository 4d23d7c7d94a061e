"""A camera's local clock, from files that state UTC beside it: its lead on UTC, and its drift."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.flights.clock._clock_alignment_result import ClockAlignment, ClockDrift
from dji_audit.flights.clock._clock_drift import DriftLine, fit_drift_line
from dji_audit.flights.join._align_local_clocks import format_utc_offset, nearest_utc_offset_s
from dji_audit.flights.join._log_summary import LogSummary

#: A comparison of a camera's clock with UTC counts for this long before and after it.
_MAX_AGE_S = 86_400.0
#: Uncertainty of one comparison, since both clocks are written in whole seconds; and of one
#: among many, where these steps average out.
_COMPARISON_UNCERTAINTY_S, _STEP_S = 1.0, 0.3
#: Comparisons farther apart are of two days: the clock may have been set in between.
_MAX_PAUSE_S = 6 * 3600.0
#: Comparisons of one line, and those around an instant of which the nearest is sought.
_MAX_COMPARISONS, _NEIGHBOURS = 256, 4


@dataclass(frozen=True, slots=True)
class CameraClockLeadOverUtc:
    """How far a camera's local clock was ahead of UTC, as one file shows."""

    summary: LogSummary
    wall_s: float
    lead_s: float

    @property
    def uncertainty_s(self) -> float:
        """Seconds within which it is known."""
        return max(_COMPARISON_UNCERTAINTY_S, self.summary.uncertainty_s or 0.0)


class CameraClockComparisonsWithUtc:
    """The comparisons of one camera's clock with UTC, in order of time."""

    def __init__(self, comparisons: Iterable[CameraClockLeadOverUtc]) -> None:
        """Sort the comparisons, and find the runs of them without a long pause."""
        self._comparisons = sorted(comparisons, key=lambda it: (it.wall_s, it.summary.name))
        self._walls = [comparison.wall_s for comparison in self._comparisons]
        self._runs = np.concatenate([[0], np.cumsum(np.diff(self._walls) > _MAX_PAUSE_S)])
        self._lines: dict[int, tuple[DriftLine, int] | None] = {}

    def nearest_offset(self, wall: float) -> CameraClockLeadOverUtc | None:
        """Return the comparison nearest to an instant by the clock; ``None``: none is near."""
        row = self._nearest_comparison_index(wall)
        return None if row is None else self._comparisons[row]

    def drift_line_and_file_count(self, wall: float) -> tuple[DriftLine, int] | None:
        """Return the drift around an instant, and how many files show it; ``None``: none."""
        row = self._nearest_comparison_index(wall)
        if row is None:
            return None
        run = int(self._runs[row])
        if run not in self._lines:
            self._lines[run] = self._drift_line_and_comparison_count(
                np.flatnonzero(self._runs == run)
            )
        found = self._lines[run]
        return (
            found if found is not None and found[0].is_significant and found[0].is_steady else None
        )

    def _drift_line_and_comparison_count(
        self, rows: npt.NDArray[np.intp]
    ) -> tuple[DriftLine, int] | None:
        most = min(len(rows), _MAX_COMPARISONS)
        some = [self._comparisons[row] for row in rows[np.arange(most) * len(rows) // most]]
        at = np.array([comparison.wall_s for comparison in some])
        line = fit_drift_line(at, np.array([-comparison.lead_s for comparison in some]), _STEP_S)
        return None if line is None else (line, len(rows))

    def _nearest_comparison_index(self, wall: float) -> int | None:
        middle = bisect_left(self._walls, wall)
        near = [
            row
            for row in range(
                max(0, middle - _NEIGHBOURS), min(len(self._walls), middle + _NEIGHBOURS)
            )
            if abs(self._walls[row] - wall) <= _MAX_AGE_S
        ]
        return min(
            near,
            key=lambda at: (round(abs(self._walls[at] - wall)), self._comparisons[at].summary.name),
            default=None,
        )


def camera_clock_by_key(media: Iterable[LogSummary]) -> dict[str, CameraClockComparisonsWithUtc]:
    """Return the clocks of cameras and of single captures, by the key of each."""
    comparisons: dict[str, list[CameraClockLeadOverUtc]] = defaultdict(list)
    for summary in media:
        if summary.wall_clock_lead_s is None or summary.start is None:
            continue
        comparison = CameraClockLeadOverUtc(
            summary, summary.start + summary.wall_clock_lead_s, summary.wall_clock_lead_s
        )
        for key in (f"capture {summary.shared_capture_file_name}", *summary.camera_identity_keys):
            comparisons[key].append(comparison)
    return {key: CameraClockComparisonsWithUtc(known) for key, known in comparisons.items()}


def utc_alignments_by_files_of_same_camera(
    summary: LogSummary, clocks: Mapping[str, CameraClockComparisonsWithUtc]
) -> Sequence[tuple[ClockAlignment, int]]:
    """Return the alignments of a file by files of its capture and camera, each with their log."""
    start = summary.start or 0.0
    out: list[tuple[ClockAlignment, int]] = []
    clock = clocks.get(f"capture {summary.shared_capture_file_name}")
    own = clock.nearest_offset(start) if clock is not None else None
    if own is not None:
        out.append(
            (_align_by_camera_clock_comparison(summary, "same_capture", own), own.summary.log_index)
        )
    for camera in summary.camera_identity_keys:
        clock = clocks.get(camera)
        nearest = clock.nearest_offset(start) if clock is not None else None
        if clock is not None and nearest is not None and nearest is not own:
            line = clock.drift_line_and_file_count(start)
            if line is None:
                out.append(
                    (
                        _align_by_camera_clock_comparison(summary, "same_camera", nearest),
                        nearest.summary.log_index,
                    )
                )
            else:
                out.append(
                    (_align_by_camera_clock_drift(summary, *line), nearest.summary.log_index)
                )
            break
    return out


def _align_by_camera_clock_comparison(
    summary: LogSummary, method: str, comparison: CameraClockLeadOverUtc
) -> ClockAlignment:
    """Return the alignment of a file by one comparison of a camera's clock with UTC."""
    zone, what = _timezone_and_clock_error_text(comparison.lead_s)
    why = f"{comparison.summary.name} shows that the camera's clock is {what}"
    return ClockAlignment(
        summary.clock_source, method, -comparison.lead_s, comparison.uncertainty_s, zone, why
    )


def _align_by_camera_clock_drift(
    summary: LogSummary, line: DriftLine, count: int
) -> ClockAlignment:
    """Return the alignment of a file by a clock of which many comparisons show the drift."""
    start = summary.start or 0.0
    offset_s = line.offset_s + line.slope * (start - line.reference_s)
    unsure = line.offset_uncertainty_s + line.slope_uncertainty * abs(start - line.reference_s)
    drift = ClockDrift(
        round(-3600 * line.slope, 4), round(3600 * line.slope_uncertainty, 4), round(start, 3)
    )
    zone, what = _timezone_and_clock_error_text(-offset_s)
    why = (
        f"{count} files show that the camera's clock is {what} at this time; it {drift.description}"
    )
    # Seconds are truncated, not rounded, so that many comparisons are no better than one.
    unsure = round(max(unsure, _COMPARISON_UNCERTAINTY_S), 3)
    return ClockAlignment(
        summary.clock_source, "same_camera", round(offset_s, 3), unsure, zone, why, drift
    )


def _timezone_and_clock_error_text(ahead_s: float) -> tuple[float | None, str]:
    """Return the time zone of a clock, and in words the zone and how far the clock is off."""
    zone = nearest_utc_offset_s(ahead_s)
    what = format_utc_offset(zone) if zone is not None else f"{ahead_s:.0f} s ahead of UTC"
    off = ahead_s - zone if zone is not None else 0.0
    how = f" and {abs(off):.1f} s {'fast' if off > 0 else 'slow'}" if abs(off) >= 1.0 else ""
    return zone, what + how
