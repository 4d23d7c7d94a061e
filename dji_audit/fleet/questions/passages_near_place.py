"""When aircraft came within a distance of a place, of many tracks at once.

A track is straight and even in time between its kept fixes, so that its nearest point to a place,
and when it comes within a distance, follow from one quadratic equation a segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.fleet.tables.unpack_simplified_tracks import SimplifiedTrack
from dji_audit.geo.local_plane import east_north_m

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PassageNearPlace:
    """A stretch of a track within a distance of a place."""

    start_ms: int
    end_ms: int
    nearest_m: float
    #: Above take-off, when it was nearest; NaN: not known.
    height_ato_m: float


@dataclass(frozen=True, slots=True, eq=False)
class _FixesRelativeToPlace:
    """The fixes of tracks one after another, and where they lie from the place."""

    ms: Longs
    east_m: Floats
    north_m: Floats
    height_ato_m: Floats
    #: Whether the track goes on straight to the next fix.
    goes_on: npt.NDArray[np.bool_]


def passages_near_place(
    tracks: Sequence[SimplifiedTrack], latitude_deg: float, longitude_deg: float, near_m: float
) -> list[list[PassageNearPlace]]:
    """Return the stretches of each track within a distance of a place, in order of time.

    Args:
        tracks: The tracks.
        latitude_deg: Of the place, WGS 84.
        longitude_deg: The same.
        near_m: The distance along the ground.
    """
    found: list[list[PassageNearPlace]] = [[] for _ in tracks]
    if not tracks:
        return found
    counts = np.array([len(it.ms) for it in tracks], np.int64)
    ends = np.cumsum(counts)
    fixes = _fixes_relative_to_place(tracks, counts, latitude_deg, longitude_deg)
    first, passages = _first_near_fixes_and_passages_on_segments(fixes, near_m)
    alone, visits = _near_lone_fixes_and_their_passages(fixes, near_m)
    of_fix = sorted(zip([*first, *alone], [*passages, *visits], strict=True), key=lambda it: it[0])
    owners = np.searchsorted(ends, [index for index, _ in of_fix], "right")
    for owner, (_, passage) in zip(owners.tolist(), of_fix, strict=True):
        found[owner].append(passage)
    return found


def longitude_unwrapped_to_track_deg(track: SimplifiedTrack, longitude_deg: float) -> float:
    """Return a longitude by the same count of turns as a track, which may cross the date line."""
    turns = round((float(track.longitude_deg[0]) - longitude_deg) / 360.0)
    return longitude_deg + 360.0 * turns


def _fixes_relative_to_place(
    tracks: Sequence[SimplifiedTrack], counts: Longs, latitude_deg: float, longitude_deg: float
) -> _FixesRelativeToPlace:
    ms = np.concatenate([it.ms for it in tracks])
    places = np.array([longitude_unwrapped_to_track_deg(it, longitude_deg) for it in tracks])
    east, north = east_north_m(
        latitude_deg,
        np.repeat(places, counts),
        np.concatenate([it.latitude_deg for it in tracks]),
        np.concatenate([it.longitude_deg for it in tracks]),
    )
    goes_on = np.ones(len(ms), bool)
    starts = (np.cumsum(counts) - counts).tolist()
    goes_on[
        [
            start + part.stop - 1
            for start, it in zip(starts, tracks, strict=True)
            for part in it.parts
        ]
    ] = False
    return _FixesRelativeToPlace(
        ms, east, north, np.concatenate([it.height_ato_m for it in tracks]), goes_on
    )


def _near_lone_fixes_and_their_passages(
    fixes: _FixesRelativeToPlace, near_m: float
) -> tuple[list[int], list[PassageNearPlace]]:
    """Return the fixes of no segment that are near, and a passage for each."""
    begins = np.append(True, ~fixes.goes_on[:-1])
    away = np.hypot(fixes.east_m, fixes.north_m)
    near = np.flatnonzero(begins & ~fixes.goes_on & (away <= near_m)).tolist()
    return near, [
        PassageNearPlace(
            int(fixes.ms[it]), int(fixes.ms[it]), float(away[it]), float(fixes.height_ato_m[it])
        )
        for it in near
    ]


def _first_near_fixes_and_passages_on_segments(
    fixes: _FixesRelativeToPlace, near_m: float
) -> tuple[list[int], list[PassageNearPlace]]:
    """Return the first fix of each stretch within the distance, and the stretches."""
    east, north = fixes.east_m[:-1], fixes.north_m[:-1]
    to_east, to_north = np.diff(fixes.east_m), np.diff(fixes.north_m)
    squared = to_east**2 + to_north**2
    dot = east * to_east + north * to_north
    moves = squared > 0
    safe = np.where(moves, squared, 1.0)
    nearest_share = np.clip(np.where(moves, -dot / safe, 0.0), 0.0, 1.0)
    nearest = np.hypot(east + nearest_share * to_east, north + nearest_share * to_north)
    within = np.flatnonzero((nearest <= near_m) & fixes.goes_on[:-1])
    if not len(within):
        return [], []
    moves, dot, safe, squared = moves[within], dot[within], safe[within], squared[within]
    outside = east[within] ** 2 + north[within] ** 2 - near_m**2
    rest = np.sqrt(np.maximum(dot**2 - squared * outside, 0))
    enters = np.clip(np.where(moves, (-dot - rest) / safe, 0.0), 0.0, 1.0)
    leaves = np.clip(np.where(moves, (-dot + rest) / safe, 1.0), 0.0, 1.0)
    # It may leave and come back where one segment ends outside.
    breaks = (np.diff(within) > 1) | (leaves[:-1] < 1.0) | (enters[1:] > 0.0)
    starts = np.flatnonzero(np.append(True, breaks))
    lasts = np.append(starts[1:], len(within)) - 1
    best = within[_index_of_least_value_per_stretch(nearest[within], starts)]
    span_ms = np.diff(fixes.ms)
    first, last = within[starts], within[lasts]
    start_ms = fixes.ms[first] + np.rint(enters[starts] * span_ms[first]).astype(np.int64)
    end_ms = fixes.ms[last] + np.rint(leaves[lasts] * span_ms[last]).astype(np.int64)
    share, height = nearest_share[best], fixes.height_ato_m
    climbed = np.where(share > 0, share * (height[best + 1] - height[best]), 0.0)
    values = (start_ms, end_ms, nearest[best], height[best] + climbed)
    columns = (it.tolist() for it in values)
    return first.tolist(), [PassageNearPlace(*row) for row in zip(*columns, strict=True)]


def _index_of_least_value_per_stretch(
    values: Floats, starts: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Return where the least value of each stretch is, the first of several."""
    stretch = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values))))
    least = np.flatnonzero(values == np.minimum.reduceat(values, starts)[stretch])
    _, first = np.unique(stretch[least], return_index=True)
    return least[first]
