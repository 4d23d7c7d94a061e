"""The intervals in which a track is within a projected shape, to the point of each crossing.

The track is divided into blocks.  If the boundary does not pass through the bounding circle
of a block, the block lies on one side of it; only the other blocks are tested fix by fix.
"""

import numpy as np

from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    FloatArray,
    Intervals,
    join_touching_intervals,
    one_time_interval,
)
from dji_audit.geo.local_plane import lat_lon_to_plane
from dji_audit.zones.engine._index_ranges import concatenate_index_ranges
from dji_audit.zones.engine._projected_shapes import BoolArray, IntArray, ProjectedShape
from dji_audit.zones.engine._zone_track import ZoneTrack


def intervals_inside_shape(
    area: ProjectedShape, track: ZoneTrack, candidates: IntArray, max_scale: float
) -> Intervals:
    """Return the intervals in which a track is within a projected shape.

    Args:
        area: The shape.
        track: The track.
        candidates: The blocks of the track that may touch the shape, in order.
        stretch: The largest ratio of a distance in the plane to the distance on the ground.
    """
    if not len(candidates):
        return NO_INTERVALS
    if len(track) == 1:
        at = lat_lon_to_plane(area.origin, track.latitude_deg, track.longitude_deg)
        return one_time_interval(0.0, 0.0) if area.positions_inside_mask(at)[0] else NO_INTERVALS
    blocks = track.consecutive_fix_blocks
    first, last = blocks.first[candidates], blocks.last[candidates]
    middle = first + (last - first) // 2
    at = lat_lon_to_plane(area.origin, track.latitude_deg[middle], track.longitude_deg[middle])
    # The bounding circle is around the centre of the block; the chosen fix lies within it.
    mixed = area.circles_that_may_touch_boundary_mask(
        at, 2 * blocks.radii_m[candidates] * max_scale + 0.01
    )
    flags = area.positions_inside_mask(at)
    starts = [track.times_s[first[~mixed]]]
    ends = [track.times_s[last[~mixed]]]
    chosen = [flags[~mixed]]
    fixes = concatenate_index_ranges(first[mixed], last[mixed])
    if len(fixes):
        begins, stops, within = _pieces_between_crossings_and_inside_mask(area, track, fixes)
        starts.append(begins)
        ends.append(stops)
        chosen.append(within)
    begin, end = np.concatenate(starts), np.concatenate(ends)
    order = np.lexsort((end, begin))
    return join_touching_intervals(begin[order], end[order], np.concatenate(chosen)[order])


def _pieces_between_crossings_and_inside_mask(
    area: ProjectedShape, track: ZoneTrack, fixes: IntArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the pieces of segments between boundary crossings, and which lie within the shape."""
    fixes_needed, index = np.unique(np.concatenate([fixes, fixes + 1]), return_inverse=True)
    at = lat_lon_to_plane(
        area.origin, track.latitude_deg[fixes_needed], track.longitude_deg[fixes_needed]
    )
    begin, end = at[index[: len(fixes)]], at[index[len(fixes) :]]
    lines, shares = area.boundary_crossing_lines_and_shares(begin, end)
    every = np.arange(len(fixes))
    line = np.concatenate([every, lines])
    share = np.concatenate([np.zeros(len(fixes)), shares])
    order = np.lexsort((share, line))
    line, share = line[order], share[order]
    until = np.roll(share, -1)
    until[np.append(line[1:] != line[:-1], True)] = 1.0
    half = ((share + until) / 2)[:, None]
    within = area.positions_inside_mask(begin[line] + half * (end[line] - begin[line]))
    since = track.times_s[fixes[line]]
    lasts = track.times_s[fixes[line] + 1] - since
    return since + share * lasts, since + until * lasts, within
