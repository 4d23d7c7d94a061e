"""When a path is within an area of a plane, to the point where it passes the boundary.

The path is taken in blocks.  A block whose circle the boundary does not pass through
lies on one side of it; only the others are looked at fix by fix.
"""

import numpy as np

from dji_audit.zones._intervals import NEVER, Floats, Intervals, numbers, runs, whole
from dji_audit.zones.engine._projection import Area, Flags, Ints, to_plane
from dji_audit.zones.engine._track import Path


def inside(area: Area, path: Path, candidates: Ints, stretch: float) -> Intervals:
    """Return when a path is within an area.

    Args:
        area: The area.
        path: The path.
        candidates: Blocks of the path that may touch it, in order; others do not.
        stretch: How much longer a distance may be in the plane than on the ground.
    """
    if not len(candidates):
        return NEVER
    if len(path) == 1:
        at = to_plane(area.middle, path.latitude_deg, path.longitude_deg)
        return whole(0.0, 0.0) if area.holds(at)[0] else NEVER
    blocks = path.blocks
    first, last = blocks.first[candidates], blocks.last[candidates]
    middle = first + (last - first) // 2
    at = to_plane(area.middle, path.latitude_deg[middle], path.longitude_deg[middle])
    # The circle is around the block's middle direction; the fix chosen lies within it.
    mixed = area.near(at, 2 * blocks.radius_m[candidates] * stretch + 0.01)
    flags = area.holds(at)
    starts = [path.times_s[first[~mixed]]]
    ends = [path.times_s[last[~mixed]]]
    chosen = [flags[~mixed]]
    fixes = numbers(first[mixed], last[mixed])
    if len(fixes):
        begins, stops, within = _closely(area, path, fixes)
        starts.append(begins)
        ends.append(stops)
        chosen.append(within)
    begin, end = np.concatenate(starts), np.concatenate(ends)
    order = np.lexsort((end, begin))
    return runs(begin[order], end[order], np.concatenate(chosen)[order])


def _closely(area: Area, path: Path, fixes: Ints) -> tuple[Floats, Floats, Flags]:
    """Return the pieces of segments between the boundary's crossings, and which lie within."""
    known, place = np.unique(np.concatenate([fixes, fixes + 1]), return_inverse=True)
    at = to_plane(area.middle, path.latitude_deg[known], path.longitude_deg[known])
    begin, end = at[place[: len(fixes)]], at[place[len(fixes) :]]
    lines, shares = area.cuts(begin, end)
    every = np.arange(len(fixes))
    line = np.concatenate([every, lines])
    share = np.concatenate([np.zeros(len(fixes)), shares])
    order = np.lexsort((share, line))
    line, share = line[order], share[order]
    until = np.append(share[1:], 1.0)
    until[np.append(line[1:] != line[:-1], True)] = 1.0
    half = ((share + until) / 2)[:, None]
    within = area.holds(begin[line] + half * (end[line] - begin[line]))
    since = path.times_s[fixes[line]]
    lasts = path.times_s[fixes[line] + 1] - since
    return since + share * lasts, since + until * lasts, within
