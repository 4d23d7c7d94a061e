"""Paths as numbers: where something was when, and how one path is laid on another in time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights._split import NAT_NS, Ints
from dji_audit.geo.geodesy import METRES_PER_DEGREE

Floats = npt.NDArray[np.float64]

#: Of the height only half a difference counts: barometers drift.
_HEIGHT_WEIGHT = 0.5
#: Fixes that are tried first; paths farther apart than this at every offset are of two flights,
#: and an offset at which they lie so much farther apart than at the best is not tried again.
_COARSE_FIXES, _MAX_DISTANCE_M, _MAX_WORSE_M = 24, 60.0, 20.0
#: Fixes of a path that are laid on another while flights are looked for.
TRIAL_FIXES = 96
#: Part of a path that must lie within the time of the other for the two to be compared.
_MIN_COVERED = 0.6
#: A path tells the time if it reaches farther than so many times what the two lie
#: apart, and than so many of the steps in which either is written.
_MIN_EXTENT_PER_MISFIT, _MIN_EXTENT_PER_STEP = 4.0, 3.0
_MIN_EXTENT_M = 0.5
#: Paths do not tell the time better than this: fixes are tenths of a second apart.
MIN_UNCERTAINTY_S = 0.1
#: An offset that is not known exactly is tried so finely, and at most so often to each side.
_STEP_S, _MAX_STEPS = 0.25, 20
#: Offsets are as good as the best if the paths lie apart no more than this part more, and
#: this part of their reach, but no more than twice as far, a decimetre at least, a metre at most.
_EQUAL_FACTOR, _EQUAL_PER_EXTENT, _EQUAL_LIMITS_M = 1.15, 0.05, (0.1, 1.0)


@dataclass(frozen=True, eq=False)
class TimedTrack:
    """Fixes in order of time.  Seconds by some clock, degrees, metres above take-off or NaN."""

    seconds: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats

    def __len__(self) -> int:
        """Return the number of fixes."""
        return len(self.seconds)

    @property
    def start(self) -> float:
        """The first instant."""
        return float(self.seconds[0])

    @property
    def end(self) -> float:
        """The last instant."""
        return float(self.seconds[-1])

    def thinned_to(self, most: int) -> "TimedTrack":
        """Return at most so many fixes, evenly over the rows, first and last among them."""
        if len(self) <= most:
            return self
        rows = np.arange(most) * (len(self) - 1) // (most - 1)
        return TimedTrack(
            self.seconds[rows], self.latitude_deg[rows], self.longitude_deg[rows],
            self.height_m[rows],
        )  # fmt: skip

    def shifted(self, offset_s: float) -> "TimedTrack":
        """Return it on a clock that is so much ahead."""
        if not offset_s:
            return self
        return TimedTrack(
            self.seconds + offset_s, self.latitude_deg, self.longitude_deg, self.height_m
        )

    @cached_property
    def position_step_m(self) -> float:
        """Metres of the smallest step in which the positions are written."""
        steps = abs(np.diff(np.unique(self.latitude_deg)))
        steps = np.sort(steps[steps > 1e-9])
        # The tenth of the steps, not the least: rounding makes smaller ones.
        return float(steps[len(steps) // 10]) * METRES_PER_DEGREE if len(steps) else 0.0

    @cached_property
    def median_latitude_deg(self) -> float:
        """The latitude of half-way up."""
        return float(np.median(self.latitude_deg))


EMPTY_TRACK = TimedTrack(*[np.empty(0)] * 4)


@dataclass(frozen=True, slots=True)
class TrackFit:
    """One path laid on another."""

    #: Seconds added to the clock of the one to give that of the other.
    offset_s: float
    #: Offsets within so many seconds fit as well.
    uncertainty_s: float
    #: Median distance over the ground at that offset.
    distance_m: float
    #: Whether it moves enough that the offset means something.
    is_informative: bool


def timed_track(track: pd.DataFrame, times_ns: Ints) -> TimedTrack:
    """Return the fixes of a track that have a time and a position on Earth, in order of time.

    Args:
        track: Rows with the columns of a track.
        times_ns: Time of each row, nanoseconds; ``NAT`` for none.
    """
    latitude = track["latitude_deg"].to_numpy(np.float64)
    longitude = track["longitude_deg"].to_numpy(np.float64)
    height = track["height_ato_m"].to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        on_earth = (abs(latitude) <= 90) & (abs(longitude) <= 360)
    known = np.flatnonzero((times_ns != NAT_NS) & on_earth)
    seconds = times_ns[known] / 1e9
    order = known[np.argsort(seconds, kind="stable")]
    seconds = times_ns[order] / 1e9
    fresh = np.ones(len(order), bool)
    fresh[1:] = np.diff(seconds) > 0
    order = order[fresh]
    return TimedTrack(seconds[fresh], latitude[order], longitude[order], height[order])


def concatenate_tracks(tracks: Sequence[TimedTrack]) -> TimedTrack:
    """Return paths that follow one another as one."""
    return TimedTrack(
        np.concatenate([path.seconds for path in tracks]),
        np.concatenate([path.latitude_deg for path in tracks]),
        np.concatenate([path.longitude_deg for path in tracks]),
        np.concatenate([path.height_m for path in tracks]),
    )


def align_tracks(
    track: TimedTrack, reference: TimedTrack, offsets_s: Floats, max_fixes: int
) -> TrackFit | None:
    """Lay a path on another: the offset in time at which the two lie nearest.

    Args:
        one: The path whose clock is to be placed.
        other: The path on whose clock it is to be placed.
        offsets: Seconds to try, ascending; the best is then searched for more finely.
        most: Fixes of the shorter that are laid on the longer.

    Returns:
        ``None`` if at no offset enough of the shorter lies within the time of the longer.
    """
    if len(track) < 2 or len(reference) < 2 or not len(offsets_s):
        return None
    if track.end - track.start > reference.end - reference.start:
        # The shorter is laid on the longer: no more of the longer can lie within the shorter.
        swapped = _align_shorter(reference.thinned_to(max_fixes), track, 0.0 - offsets_s[::-1])
        return None if swapped is None else replace(swapped, offset_s=0.0 - swapped.offset_s)
    return _align_shorter(track.thinned_to(max_fixes), reference, offsets_s)


def _align_shorter(track: TimedTrack, reference: TimedTrack, offsets_s: Floats) -> TrackFit | None:
    here, there, _ = to_local_metres(track, reference)
    reach = float(np.ptp(here, axis=1).max())
    cost = _coarse_costs(track, here, reference, there, offsets_s)
    if not np.isfinite(cost).any():
        return None
    slack = min(0.05, 0.01 * reach)
    best = _centre_of_best(offsets_s, cost, slack)
    step = float(np.min(np.diff(offsets_s))) if len(offsets_s) > 1 else 1.0
    tried, costs = [offsets_s], [cost]
    for _ in range(2):
        fine = best + np.linspace(-step, step, 21)
        cost_fine, covered = _costs(track.seconds, here, reference.seconds, there, fine)
        cost_fine = np.where(covered >= _MIN_COVERED, cost_fine, np.inf)
        if np.isfinite(cost_fine).any():
            best = _centre_of_best(fine, cost_fine, slack)
        tried.append(fine)
        costs.append(cost_fine)
        step /= 10
    at, _ = _costs(track.seconds, here[:2], reference.seconds, there[:2], np.array([best]))
    every = np.concatenate(costs)
    least = float(np.min(every))
    fewest, most = _EQUAL_LIMITS_M
    tolerated = least * _EQUAL_FACTOR + min(most, _EQUAL_PER_EXTENT * reach, max(least, fewest))
    width = float(np.max(abs(np.concatenate(tried) - best)[every <= tolerated]))
    steps = max(track.position_step_m, reference.position_step_m)
    moving = reach > max(
        _MIN_EXTENT_PER_MISFIT * least, _MIN_EXTENT_PER_STEP * steps, _MIN_EXTENT_M
    )
    return TrackFit(round(best, 3), round(max(width, MIN_UNCERTAINTY_S), 3), float(at[0]), moving)


def _coarse_costs(
    track: TimedTrack, here: Floats, reference: TimedTrack, there: Floats, offsets: Floats
) -> Floats:
    """Return how far apart two paths lie at each offset; infinite where they cannot be one."""
    # A few fixes tell whether it is worth while to look at all.
    some = np.linspace(0, len(track) - 1, min(len(track), _COARSE_FIXES)).round().astype(np.int64)
    cost, covered = _costs(track.seconds[some], here[:, some], reference.seconds, there, offsets)
    cost[covered < _MIN_COVERED] = np.inf
    least = float(cost.min())
    out = np.full(len(offsets), np.inf)
    if least <= _MAX_DISTANCE_M:
        near = np.flatnonzero(cost <= least + _MAX_WORSE_M)
        cost, covered = _costs(track.seconds, here, reference.seconds, there, offsets[near])
        out[near] = np.where(covered >= _MIN_COVERED, cost, np.inf)
    return out


def median_distance_m(
    track: TimedTrack, reference: TimedTrack, offset_s: float, uncertainty_s: float = 0.0
) -> float:
    """Return the median distance between two paths at an offset, in metres.

    Args:
        one: A path.
        other: The path on whose clock it is placed.
        offset_s: Seconds added to the clock of the one.
        within_s: Seconds within which that is known; the least distance within is returned.

    Returns:
        NaN if no fix of the one lies within the time of the other.
    """
    if not len(track) or not len(reference):
        return float("nan")
    here, there, _ = to_local_metres(track, reference)
    steps = min(int(np.ceil(uncertainty_s / _STEP_S)), _MAX_STEPS)
    offsets = offset_s + uncertainty_s * np.linspace(-1, 1, 2 * steps + 1) if steps else [offset_s]
    cost, covered = _costs(
        track.seconds, here[:2], reference.seconds, there[:2], np.asarray(offsets, np.float64)
    )
    least = float(np.min(np.where(covered > 0, cost, np.inf)))
    return least if np.isfinite(least) else float("nan")


def _centre_of_best(offsets: Floats, cost: Floats, tolerance_m: float) -> float:
    """Return the middle of the run of offsets that are as good as the best."""
    least = float(np.min(cost))
    row = int(np.argmin(cost))
    alike = cost <= least + tolerance_m
    first = last = row
    while first > 0 and alike[first - 1]:
        first -= 1
    while last + 1 < len(cost) and alike[last + 1]:
        last += 1
    return float(offsets[first] + offsets[last]) / 2


def _costs(
    seconds: Floats, here: Floats, reference: Floats, there: Floats, offsets: Floats
) -> tuple[Floats, Floats]:
    """Return for each offset the median distance and the part of the path that is covered."""
    at = seconds[None, :] + offsets[:, None]
    inside = (at >= reference[0]) & (at <= reference[-1])
    square = np.zeros(at.shape)
    for mine, theirs, weight in zip(here, there, (1.0, 1.0, _HEIGHT_WEIGHT), strict=False):
        apart = np.interp(at, reference, theirs) - mine[None, :]
        square += (weight * apart) ** 2
    counts = inside.sum(axis=1)
    # The median of those inside: what is outside sorts to the end.
    square[~inside] = np.inf
    rows = np.arange(len(offsets))
    lower, upper = np.maximum(counts - 1, 0) // 2, counts // 2
    upper = np.minimum(upper, at.shape[1] - 1)
    square.partition(np.unique([lower, upper]), axis=1)
    cost = (np.sqrt(square[rows, lower]) + np.sqrt(square[rows, upper])) / 2
    return np.where(counts > 0, cost, np.inf), counts / at.shape[1]


def to_local_metres(track: TimedTrack, reference: TimedTrack) -> tuple[Floats, Floats, bool]:
    """Return both paths in metres about a common point: east, north and, if both say, height."""
    middle, west = reference.median_latitude_deg, float(reference.longitude_deg[0])
    wide = METRES_PER_DEGREE * np.cos(np.radians(middle))
    out = []
    tall = bool(np.isfinite(track.height_m).all() and np.isfinite(reference.height_m).all())
    for path in (track, reference):
        east = ((path.longitude_deg - west + 540) % 360 - 180) * wide
        north = (path.latitude_deg - middle) * METRES_PER_DEGREE
        rows = [east, north, path.height_m] if tall else [east, north]
        out.append(np.stack(rows))
    return out[0], out[1], tall
