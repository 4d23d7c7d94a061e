"""How fast a clock runs compared with another: from the time shift of two tracks over time.

A track is cut into windows, each is time-shifted to match the other track, and the slope of
a line through their offsets is the drift.  Within a window the mean of position and speed
is left out, so that position errors of some metres, even if they change slowly, cause no
false time shift: only what changes with the aircraft's speed counts.  A window without a
turn or a stop shows no offset.

Method: outlying windows are found with the slope of Theil and Sen (1968,
doi:10.1080/01621459.1968.10480934), the line is that of least squares through the rest,
and its error that of the residuals, which are correlated and so count for fewer.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dji_audit.flights.clock._track_alignment import (
    Floats,
    TimedTrack,
    local_metres_of_both_tracks_and_has_height,
)

Bools = npt.NDArray[np.bool_]

#: Least duration of a window, and least and greatest number of windows.
_WINDOW_S, _MIN_WINDOWS, _MAX_WINDOWS = 30.0, 8, 40
#: Fixes that a window needs, and the change of speed in it, metres a second.
_MIN_FIXES, _MIN_SPEED_CHANGE_MPS = 8, 1.0
#: Fixes that are used.
_MAX_FIXES = 3000
#: Speed is taken over this time before and after; a gap wider than the second is not crossed.
_SPEED_SPAN_S, _MAX_GAP_S = 1.0, 3.0
#: Fixes farther apart than this differ by more than a clock error.
_MAX_DISTANCE_M = 60.0
#: No offset is known better: times have steps, and tracks are interpolated between fixes.
_OFFSET_STEP_S = 0.01
#: Part of the windows with an offset that must lie on the line.
_MIN_INLIERS = 0.75
#: A drift of more than one part in a hundred is no clock drift.
_MAX_DRIFT = 0.01
#: Standard errors that bound a slope: more than for random errors, since the errors of
#: receivers wander.
_STANDARD_ERRORS = 4.0
#: Residuals from the line may be this many times the difference from one offset to the next.
_MAX_SCATTER = 4.0
_MAD_TO_SIGMA = 1.4826
_MAX_ROUNDS, _CONVERGED_S = 5, 1e-3


@dataclass(frozen=True, slots=True)
class DriftLine:
    """A straight line through offsets: seconds to add to a clock, and how they grow."""

    #: The instant in the middle, seconds by the aligned clock.
    reference_s: float
    #: To add at that instant, and its uncertainty.
    offset_s: float
    offset_uncertainty_s: float
    #: Seconds more for each second, and its uncertainty.
    slope: float
    slope_uncertainty: float
    #: Whether the offsets lie on the line; if not, the clock was set, or wandered.
    is_steady: bool

    @property
    def is_significant(self) -> bool:
        """Whether the offsets change by more than their errors."""
        return abs(self.slope) > self.slope_uncertainty


def estimate_drift(track: TimedTrack, reference: TimedTrack) -> DriftLine | None:
    """Return the drift of the clock of a track against that of another.

    Args:
        track: The track, its clock within a second or two of the reference.
        reference: The track on whose clock it is aligned.

    Returns:
        ``None`` if the two share too little, or too few turns.
    """
    track = track.thinned_to(_MAX_FIXES)
    if len(track) < _MIN_FIXES * _MIN_WINDOWS or len(reference) < 2:
        return None
    here, there, _ = local_metres_of_both_tracks_and_has_height(track, reference)
    here, there = here[:2], there[:2]
    middle = (track.start + track.end) / 2
    offset = slope = 0.0
    found: DriftLine | None = None
    for _ in range(_MAX_ROUNDS):
        moved = track.seconds + offset + slope * (track.seconds - middle)
        at, delta = _window_middles_and_clock_offsets(moved, here, reference.seconds, there)
        step = fit_drift_line(at - middle, delta, _OFFSET_STEP_S)
        if step is None or abs(slope + step.slope) > _MAX_DRIFT:
            return None
        offset += step.offset_s - step.slope * step.reference_s
        slope += step.slope
        found = replace(step, reference_s=middle, offset_s=offset, slope=slope)
        change = abs(step.offset_s) + abs(step.slope) * (track.end - track.start) / 2
        if change < _CONVERGED_S:
            break
    return found


def _window_middles_and_clock_offsets(
    seconds: Floats, here: Floats, reference: Floats, there: Floats
) -> tuple[Floats, Floats]:
    """Return the middle of each window that shows an offset, and that offset."""
    usable = _mask_of_instants_between_near_fixes(seconds, reference)
    seconds, here = seconds[usable], here[:, usable]
    lasts = float(seconds[-1] - seconds[0]) if len(seconds) else 0.0
    count = min(int(lasts // _WINDOW_S), _MAX_WINDOWS)
    if count < _MIN_WINDOWS:
        return np.empty(0), np.empty(0)
    speed, apart = np.empty(here.shape), np.empty(here.shape)
    for axis, values in enumerate(there):
        speed[axis] = np.interp(seconds + _SPEED_SPAN_S, reference, values)
        speed[axis] -= np.interp(seconds - _SPEED_SPAN_S, reference, values)
        apart[axis] = here[axis] - np.interp(seconds, reference, values)
    speed /= 2 * _SPEED_SPAN_S
    near = np.hypot(*apart) <= _MAX_DISTANCE_M
    window = np.minimum(((seconds - seconds[0]) / lasts * count).astype(np.int64), count - 1)[near]
    seconds, speed, apart = seconds[near], speed[:, near], apart[:, near]

    def window_sums(values: Floats) -> Floats:
        return np.bincount(window, values, count).astype(np.float64)

    fixes = np.maximum(np.bincount(window, minlength=count), 1)
    change, along = np.zeros(count), np.zeros(count)
    for mine, theirs in zip(apart, speed, strict=True):
        turns = theirs - (window_sums(theirs) / fixes)[window]
        change += window_sums(turns**2)
        along += window_sums(turns * mine)
    middle = window_sums(seconds) / fixes
    is_informative = (fixes >= _MIN_FIXES) & (change >= fixes * _MIN_SPEED_CHANGE_MPS**2)
    return middle[is_informative], along[is_informative] / change[is_informative]


def _mask_of_instants_between_near_fixes(seconds: Floats, reference: Floats) -> Bools:
    """Return which instants, and the span of their speed, lie between fixes near in time."""
    after = np.searchsorted(reference, seconds)
    inside = (seconds - _SPEED_SPAN_S >= reference[0]) & (seconds + _SPEED_SPAN_S <= reference[-1])
    after = np.clip(after, 1, len(reference) - 1)
    usable: Bools = inside & (reference[after] - reference[after - 1] <= _MAX_GAP_S)
    return usable


def fit_drift_line(seconds: Floats, offsets_s: Floats, step_s: float) -> DriftLine | None:
    """Return the line through offsets that nearly all of them lie on.

    Args:
        seconds: Instants.
        offsets_s: Seconds to add to a clock at each of them.
        step_s: How well each offset is known at best.

    Returns:
        ``None`` if they are too few, or too many of them lie elsewhere.
    """
    if len(seconds) < _MIN_WINDOWS:
        return None
    one, two = np.triu_indices(len(seconds), 1)
    apart = seconds[two] - seconds[one]
    rises = (offsets_s[two] - offsets_s[one])[apart > 0] / apart[apart > 0]
    if not len(rises):
        return None
    rest = offsets_s - float(np.median(rises)) * seconds
    rest = abs(rest - np.median(rest))
    keep = rest <= 3 * _MAD_TO_SIGMA * max(float(np.median(rest)), step_s)
    least = max(_MIN_WINDOWS, int(np.ceil(_MIN_INLIERS * len(seconds))))
    if keep.sum() < least or np.ptp(seconds[keep]) <= 0:
        return None
    return _least_squares_line(seconds[keep], offsets_s[keep], step_s)


def _least_squares_line(seconds: Floats, offsets_s: Floats, step_s: float) -> DriftLine:
    middle, level = float(seconds.mean()), float(offsets_s.mean())
    turned = seconds - middle
    wide = float((turned**2).sum())
    slope = float((turned * offsets_s).sum()) / wide
    rest = offsets_s - level - slope * turned
    free = len(seconds) - 2
    sigma = max(float(np.sqrt((rest**2).sum() / free)), step_s)
    # Correlated residuals count for fewer.
    like = float((rest[1:] * rest[:-1]).sum()) / max(float((rest**2).sum()), 1e-12)
    like = min(max(like, 0.0), 0.9)
    sigma *= np.sqrt((1 + like) / (1 - like))
    # Student's bound is wider for few offsets; good to 2 % from six degrees of freedom on.
    bound = _STANDARD_ERRORS * (1 + 3.5 / free) * sigma
    # From one to the next they differ by random errors; a clock that was set shifts them all.
    chance = max(_MAD_TO_SIGMA * float(np.median(abs(np.diff(rest)))) / np.sqrt(2), step_s)
    even = float(np.sqrt((rest**2).mean())) <= _MAX_SCATTER * chance
    within = float(bound / np.sqrt(wide))
    return DriftLine(middle, level, float(bound / np.sqrt(len(seconds))), slope, within, bool(even))
