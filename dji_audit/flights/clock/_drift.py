"""How fast a clock runs against another: from paths laid on one another piece by piece.

A path is cut into windows, each is laid on the other path by itself, and a line through
their offsets is the drift.  Within a window the mean of position and speed is left out, so
that two receivers that put the aircraft some metres apart, and drift apart, tell no false
time: only what changes with the aircraft's speed does.  A window without a turn or a stop
tells nothing.

Method: windows that the others gainsay are found with the slope of Theil and Sen (1968,
doi:10.1080/01621459.1968.10480934), the line is that of least squares through the rest,
and its error that of the residuals, which follow one another and so count for fewer.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dji_audit.flights.clock._track_alignment import Floats, Path, in_metres

Bools = npt.NDArray[np.bool_]

#: Seconds of a window at least, and windows at least and at most.
_WINDOW_S, _LEAST_WINDOWS, _MOST_WINDOWS = 30.0, 8, 40
#: Fixes that a window needs, and the change of speed in it, metres a second.
_LEAST_FIXES, _LEAST_CHANGE_MPS = 8, 1.0
#: Fixes that are looked at.
_FIXES = 3000
#: Speed is taken over so many seconds before and after; a gap that is wider is not crossed.
_SPEED_S, _GAP_S = 1.0, 3.0
#: Fixes farther apart than this are no error of a clock.
_FAR_M = 60.0
#: An offset is known no better: times are written in steps, and between fixes paths are straight.
_STEP_S = 0.01
#: Of the windows that tell anything, the part that one line must explain.
_MOST_OF_THEM = 0.75
#: Clocks that are worse than one part in a hundred are none.
_MOST_DRIFT = 0.01
_ROUNDS, _SETTLED_S = 5, 1e-3
#: Standard errors that bound a slope: more than chance asks for, for the errors of receivers
#: wander and are no chance.
_BOUND = 4.0
#: What is left about the line may be so many times what one offset differs from the next.
_UNEVEN = 4.0
_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through offsets: seconds to add to a clock, and how they grow."""

    #: The instant in the middle, seconds by the clock that is placed.
    at_s: float
    #: To add at that instant, and within how much that is known.
    offset_s: float
    offset_within_s: float
    #: Seconds more for each second, and within how much that is known.
    slope: float
    within: float
    #: Whether the offsets lie about the line; if not, the clock was set, or wandered.
    even: bool

    @property
    def significant(self) -> bool:
        """Whether the offsets change by more than chance would have it."""
        return abs(self.slope) > self.within


def drift_of(one: Path, other: Path) -> Line | None:
    """Return how the clock of a path runs against that of another that it was laid on.

    Args:
        one: The path, its clock set to within a second or two of the other's.
        other: The path on whose clock it is placed.

    Returns:
        ``None`` if too little of it lies on the other, or too little of that turns.
    """
    one = one.thinned(_FIXES)
    if len(one) < _LEAST_FIXES * _LEAST_WINDOWS or len(other) < 2:
        return None
    here, there, _ = in_metres(one, other)
    here, there = here[:2], there[:2]
    middle = (one.start + one.end) / 2
    offset = slope = 0.0
    found: Line | None = None
    for _ in range(_ROUNDS):
        moved = one.seconds + offset + slope * (one.seconds - middle)
        at, delta = _window_offsets(moved, here, other.seconds, there)
        step = line_through(at - middle, delta, _STEP_S)
        if step is None or abs(slope + step.slope) > _MOST_DRIFT:
            return None
        offset += step.offset_s - step.slope * step.at_s
        slope += step.slope
        found = replace(step, at_s=middle, offset_s=offset, slope=slope)
        change = abs(step.offset_s) + abs(step.slope) * (one.end - one.start) / 2
        if change < _SETTLED_S:
            break
    return found


def _window_offsets(
    at: Floats, here: Floats, reference: Floats, there: Floats
) -> tuple[Floats, Floats]:
    """Return the middle of each window that tells anything, and the offset that it needs."""
    usable = _between_fixes(at, reference)
    at, here = at[usable], here[:, usable]
    lasts = float(at[-1] - at[0]) if len(at) else 0.0
    count = min(int(lasts // _WINDOW_S), _MOST_WINDOWS)
    if count < _LEAST_WINDOWS:
        return np.empty(0), np.empty(0)
    speed, apart = np.empty(here.shape), np.empty(here.shape)
    for axis, values in enumerate(there):
        speed[axis] = np.interp(at + _SPEED_S, reference, values)
        speed[axis] -= np.interp(at - _SPEED_S, reference, values)
        apart[axis] = here[axis] - np.interp(at, reference, values)
    speed /= 2 * _SPEED_S
    near = np.hypot(*apart) <= _FAR_M
    window = np.minimum(((at - at[0]) / lasts * count).astype(np.int64), count - 1)[near]
    at, speed, apart = at[near], speed[:, near], apart[:, near]

    def total(values: Floats) -> Floats:
        return np.bincount(window, values, count).astype(np.float64)

    fixes = np.maximum(np.bincount(window, minlength=count), 1)
    change, along = np.zeros(count), np.zeros(count)
    for mine, theirs in zip(apart, speed, strict=True):
        turns = theirs - (total(theirs) / fixes)[window]
        change += total(turns**2)
        along += total(turns * mine)
    middle = total(at) / fixes
    tells = (fixes >= _LEAST_FIXES) & (change >= fixes * _LEAST_CHANGE_MPS**2)
    return middle[tells], along[tells] / change[tells]


def _between_fixes(at: Floats, reference: Floats) -> Bools:
    """Return which instants lie between two fixes that are near in time, and their speed too."""
    after = np.searchsorted(reference, at)
    inside = (at - _SPEED_S >= reference[0]) & (at + _SPEED_S <= reference[-1])
    after = np.clip(after, 1, len(reference) - 1)
    usable: Bools = inside & (reference[after] - reference[after - 1] <= _GAP_S)
    return usable


def line_through(at: Floats, offsets: Floats, step_s: float) -> Line | None:
    """Return the line through offsets that nearly all of them lie on.

    Args:
        at: Instants, seconds.
        offsets: Seconds to add to a clock at each of them.
        step_s: How well each offset is known at best.

    Returns:
        ``None`` if they are too few, or too many of them lie elsewhere.
    """
    if len(at) < _LEAST_WINDOWS:
        return None
    one, two = np.triu_indices(len(at), 1)
    apart = at[two] - at[one]
    rises = (offsets[two] - offsets[one])[apart > 0] / apart[apart > 0]
    if not len(rises):
        return None
    rest = offsets - float(np.median(rises)) * at
    rest = abs(rest - np.median(rest))
    keep = rest <= 3 * _MAD * max(float(np.median(rest)), step_s)
    least = max(_LEAST_WINDOWS, int(np.ceil(_MOST_OF_THEM * len(at))))
    if keep.sum() < least or np.ptp(at[keep]) <= 0:
        return None
    return _least_squares(at[keep], offsets[keep], step_s)


def _least_squares(at: Floats, offsets: Floats, step_s: float) -> Line:
    middle, level = float(at.mean()), float(offsets.mean())
    turned = at - middle
    wide = float((turned**2).sum())
    slope = float((turned * offsets).sum()) / wide
    rest = offsets - level - slope * turned
    free = len(at) - 2
    sigma = max(float(np.sqrt((rest**2).sum() / free)), step_s)
    # Residuals that follow one another are fewer than they look.
    like = float((rest[1:] * rest[:-1]).sum()) / max(float((rest**2).sum()), 1e-12)
    like = min(max(like, 0.0), 0.9)
    sigma *= np.sqrt((1 + like) / (1 - like))
    # Of few, Student's bound lies farther out; to 2 % from six degrees of freedom on.
    bound = _BOUND * (1 + 3.5 / free) * sigma
    # From one to the next they differ by chance alone; a clock that was set moves them all.
    chance = max(_MAD * float(np.median(abs(np.diff(rest)))) / np.sqrt(2), step_s)
    even = float(np.sqrt((rest**2).mean())) <= _UNEVEN * chance
    within = float(bound / np.sqrt(wide))
    return Line(middle, level, float(bound / np.sqrt(len(at))), slope, within, bool(even))
