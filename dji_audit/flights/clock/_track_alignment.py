"""Tracks as arrays, and the time shift at which one track matches another."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights._columns_with_values import NAT_NS, Ints
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
from dji_audit.geo.local_plane import east_north_m

Floats = npt.NDArray[np.float64]
#: What comes of a comparison of two tracks: a ``TrackTimeShift``, a number or nothing.
C = TypeVar("C")

#: Of the height only half a difference counts: barometers drift.
_HEIGHT_WEIGHT = 0.5
#: Fixes of a first trial.  Tracks farther apart than this at every offset are of two flights;
#: an offset at which they are this much farther apart than at the best is not tried again.
_COARSE_FIXES, _MAX_DISTANCE_M, _MAX_WORSE_M = 24, 60.0, 20.0
#: Fixes of a track that are compared with another in the search for flights.
TRIAL_FIXES = 96
#: Part of a track that must lie within the time of the other for the two to be compared.
_MIN_COVERED = 0.6
#: A fit is informative if the track extends farther than this many times the distance
#: between the two, and than this many position steps of either.
_MIN_EXTENT_PER_MISFIT, _MIN_EXTENT_PER_STEP = 4.0, 3.0
_MIN_EXTENT_M = 0.5
#: No time shift is known better than this: fixes are tenths of a second apart.
MIN_UNCERTAINTY_S = 0.1
#: Step in which an uncertain offset is tried, and the most steps to each side.
_STEP_S, _MAX_STEPS = 0.25, 20
#: An offset is as good as the best if the distance grows by no more than this factor and this
#: part of the extent; the latter at most the best distance itself, or 0.1 m, and at most 1 m.
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
        """Return it with an offset added to its times."""
        if not offset_s:
            return self
        return TimedTrack(
            self.seconds + offset_s, self.latitude_deg, self.longitude_deg, self.height_m
        )

    def compare_with_or_recall_result(
        self, other: "TimedTrack", question: bytes, compare: Callable[[], C]
    ) -> C:
        """Compare it with another track; tracks of a file remember what came of it.

        Args:
            other: The other track.
            question: What tells this comparison from any other of the same two tracks.
            compare: Compares them.
        """
        return compare()

    @cached_property
    def position_resolution_m(self) -> float:
        """Step size of the positions in metres."""
        return self.compare_with_or_recall_result(
            self, b"resolution", self._measure_position_resolution_m
        )

    def _measure_position_resolution_m(self) -> float:
        steps = abs(np.diff(np.unique(self.latitude_deg)))
        steps = np.sort(steps[steps > 1e-9])
        # The lowest tenth of the steps, not the least: rounding makes smaller ones.
        if not len(steps):
            return 0.0
        degree_m, _ = metres_per_latitude_and_longitude_degree(self.median_latitude_deg)
        return float(steps[len(steps) // 10] * degree_m)

    @cached_property
    def median_latitude_deg(self) -> float:
        """The median latitude."""
        return float(np.median(self.latitude_deg))


@dataclass(frozen=True, slots=True)
class TrackTimeShift:
    """The time shift at which one track matches another."""

    #: Seconds added to the clock of the track to give that of the reference.
    offset_s: float
    #: Offsets within this many seconds match as well.
    uncertainty_s: float
    #: Median distance over the ground at that offset.
    distance_m: float
    #: Whether the track extends far enough to show a time shift.
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
    """Return tracks that follow one another as one."""
    return TimedTrack(
        np.concatenate([path.seconds for path in tracks]),
        np.concatenate([path.latitude_deg for path in tracks]),
        np.concatenate([path.longitude_deg for path in tracks]),
        np.concatenate([path.height_m for path in tracks]),
    )


def align_tracks(
    track: TimedTrack, reference: TimedTrack, offsets_s: Floats, max_fixes: int
) -> TrackTimeShift | None:
    """Return the time shift at which two tracks are nearest.

    Args:
        track: The track whose clock is to be aligned.
        reference: The track with whose clock it is to be aligned.
        offsets_s: Seconds to try, ascending; the best is then searched for more finely.
        max_fixes: Fixes of the shorter that are compared with the longer.

    Returns:
        ``None`` if at no offset enough of the shorter lies within the time of the longer.
    """
    if len(track) < 2 or len(reference) < 2 or not len(offsets_s):
        return None
    return track.compare_with_or_recall_result(
        reference,
        b"shift" + struct.pack("<q", max_fixes) + offsets_s.tobytes(),
        lambda: _align_shorter_to_longer_track(track, reference, offsets_s, max_fixes),
    )


def _align_shorter_to_longer_track(
    track: TimedTrack, reference: TimedTrack, offsets_s: Floats, max_fixes: int
) -> TrackTimeShift | None:
    if track.end - track.start > reference.end - reference.start:
        # The shorter is compared with the longer, since the longer cannot lie within the shorter.
        swapped = _time_shift_to_longer_track_with_uncertainty(
            reference.thinned_to(max_fixes), track, 0.0 - offsets_s[::-1]
        )
        return None if swapped is None else replace(swapped, offset_s=0.0 - swapped.offset_s)
    return _time_shift_to_longer_track_with_uncertainty(
        track.thinned_to(max_fixes), reference, offsets_s
    )


def _time_shift_to_longer_track_with_uncertainty(
    track: TimedTrack, reference: TimedTrack, offsets_s: Floats
) -> TrackTimeShift | None:
    here, there, _ = local_metres_of_both_tracks_and_has_height(track, reference)
    reach = float(np.ptp(here, axis=1).max())
    cost = _coarse_distance_at_each_offset_m(track, here, reference, there, offsets_s)
    if not np.isfinite(cost).any():
        return None
    slack = min(0.05, 0.01 * reach)
    best = _centre_of_best_time_offsets(offsets_s, cost, slack)
    step = float(np.min(np.diff(offsets_s))) if len(offsets_s) > 1 else 1.0
    tried, costs = [offsets_s], [cost]
    for _ in range(2):
        fine = best + np.linspace(-step, step, 21)
        cost_fine, covered = _distance_and_overlap_at_each_offset(
            track.seconds, here, reference.seconds, there, fine
        )
        cost_fine = np.where(covered >= _MIN_COVERED, cost_fine, np.inf)
        if np.isfinite(cost_fine).any():
            best = _centre_of_best_time_offsets(fine, cost_fine, slack)
        tried.append(fine)
        costs.append(cost_fine)
        step /= 10
    at, _ = _distance_and_overlap_at_each_offset(
        track.seconds, here[:2], reference.seconds, there[:2], np.array([best])
    )
    every = np.concatenate(costs)
    least = float(np.min(every))
    fewest, most = _EQUAL_LIMITS_M
    tolerated = least * _EQUAL_FACTOR + min(most, _EQUAL_PER_EXTENT * reach, max(least, fewest))
    width = float(np.max(abs(np.concatenate(tried) - best)[every <= tolerated]))
    steps = max(track.position_resolution_m, reference.position_resolution_m)
    moving = reach > max(
        _MIN_EXTENT_PER_MISFIT * least, _MIN_EXTENT_PER_STEP * steps, _MIN_EXTENT_M
    )
    return TrackTimeShift(
        round(best, 3), round(max(width, MIN_UNCERTAINTY_S), 3), float(at[0]), moving
    )


def _coarse_distance_at_each_offset_m(
    track: TimedTrack, here: Floats, reference: TimedTrack, there: Floats, offsets: Floats
) -> Floats:
    """Return the distance between two tracks at each offset; infinite where they cannot match."""
    # A few fixes show whether the tracks can match at all.
    some = np.linspace(0, len(track) - 1, min(len(track), _COARSE_FIXES)).round().astype(np.int64)
    cost, covered = _distance_and_overlap_at_each_offset(
        track.seconds[some], here[:, some], reference.seconds, there, offsets
    )
    cost[covered < _MIN_COVERED] = np.inf
    least = float(cost.min())
    out = np.full(len(offsets), np.inf)
    if least <= _MAX_DISTANCE_M:
        near = np.flatnonzero(cost <= least + _MAX_WORSE_M)
        cost, covered = _distance_and_overlap_at_each_offset(
            track.seconds, here, reference.seconds, there, offsets[near]
        )
        out[near] = np.where(covered >= _MIN_COVERED, cost, np.inf)
    return out


def median_distance_m(
    track: TimedTrack, reference: TimedTrack, offset_s: float, uncertainty_s: float = 0.0
) -> float:
    """Return the median distance between two tracks at an offset, in metres.

    Args:
        track: A track.
        reference: The track on whose clock it is aligned.
        offset_s: Seconds added to the clock of the track.
        uncertainty_s: Seconds within which that is known; the least distance within is returned.

    Returns:
        NaN if no fix of the track lies within the time of the reference.
    """
    if not len(track) or not len(reference):
        return float("nan")
    return track.compare_with_or_recall_result(
        reference,
        b"median" + struct.pack("<dd", offset_s, uncertainty_s),
        lambda: _least_median_distance_m(track, reference, offset_s, uncertainty_s),
    )


def _least_median_distance_m(
    track: TimedTrack, reference: TimedTrack, offset_s: float, uncertainty_s: float
) -> float:
    here, there, _ = local_metres_of_both_tracks_and_has_height(track, reference)
    steps = min(int(np.ceil(uncertainty_s / _STEP_S)), _MAX_STEPS)
    offsets = offset_s + uncertainty_s * np.linspace(-1, 1, 2 * steps + 1) if steps else [offset_s]
    cost, _ = _distance_and_overlap_at_each_offset(
        track.seconds, here[:2], reference.seconds, there[:2], np.asarray(offsets, np.float64)
    )
    least = float(np.min(cost))
    return least if np.isfinite(least) else float("nan")


def _centre_of_best_time_offsets(offsets: Floats, cost: Floats, tolerance_m: float) -> float:
    """Return the centre of the run of offsets that are as good as the best."""
    least = float(np.min(cost))
    row = int(np.argmin(cost))
    alike = cost <= least + tolerance_m
    first = last = row
    while first > 0 and alike[first - 1]:
        first -= 1
    while last + 1 < len(cost) and alike[last + 1]:
        last += 1
    return float(offsets[first] + offsets[last]) / 2


def _distance_and_overlap_at_each_offset(
    seconds: Floats, here: Floats, reference: Floats, there: Floats, offsets: Floats
) -> tuple[Floats, Floats]:
    """Return for each offset the median distance and the part of the track that is covered.

    The distance is infinite where none of it is.
    """
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
    square.partition(np.unique([lower, upper]), axis=1)
    cost = (np.sqrt(square[rows, lower]) + np.sqrt(square[rows, upper])) / 2
    return cost, counts / at.shape[1]


def local_metres_of_both_tracks_and_has_height(
    track: TimedTrack, reference: TimedTrack
) -> tuple[Floats, Floats, bool]:
    """Return two tracks in metres east and north of a common point, with height if both have it."""
    origin = reference.median_latitude_deg, float(reference.longitude_deg[0])
    has_height = bool(np.isfinite(track.height_m).all() and np.isfinite(reference.height_m).all())
    local = []
    for each in (track, reference):
        axes = [*east_north_m(*origin, each.latitude_deg, each.longitude_deg)]
        local.append(np.stack([*axes, each.height_m] if has_height else axes))
    return local[0], local[1], has_height
