"""An index of many zones: which of them a track may touch, and their projected shapes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import sin

import numpy as np

from dji_audit.common.time_intervals import FloatArray
from dji_audit.geo.local_plane import lat_lon_to_plane
from dji_audit.geo.unit_vectors import (
    SMALLEST_RADIUS_M,
    lat_lon_to_vectors,
    min_ground_metres_from_chord_lengths,
)
from dji_audit.zones._model import Point, Zone
from dji_audit.zones.engine._index_ranges import concatenate_index_ranges
from dji_audit.zones.engine._projected_shapes import (
    BoolArray,
    IntArray,
    ProjectedShape,
    bounding_circle,
    project_shape,
)
from dji_audit.zones.engine._zone_track import TrackBlocks, ZoneTrack

#: A larger zone has no plane in which distances are meaningful.
MAX_REACH_M = 5_000_000.0
#: Zones whose distances from all blocks are computed in one batch.
_ZONES_PER_BATCH = 128


@dataclass(eq=False)
class ProjectedZone:
    """A zone with its projected shapes, which are computed on first use."""

    zone: Zone
    #: Radius of its bounding circle, metres.
    reach_m: float

    @cached_property
    def projected_parts(self) -> tuple[ProjectedShape, ...]:
        """The projected parts of the zone; empty where the zone is everywhere."""
        return tuple(project_shape(shape) for shape in self.zone.shape)

    @property
    def sunrise_reference_point(self) -> Point:
        """A point of the zone, for sunrise and sunset."""
        return self.projected_parts[0].origin if self.projected_parts else (0.0, 0.0)

    @property
    def max_scale(self) -> float:
        """The largest ratio of a distance in its plane to the distance on the ground."""
        angle = min(self.reach_m / SMALLEST_RADIUS_M, 2.5)
        return 1.001 * (angle / sin(angle) if angle > 1e-9 else 1.0)

    def signed_depths_inside_m(
        self, latitude_deg: FloatArray, longitude_deg: FloatArray
    ) -> FloatArray:
        """Return how deep positions lie in the zone, metres; negative outside."""
        depth = np.full(len(latitude_deg), -np.inf)
        for area in self.projected_parts:
            at = lat_lon_to_plane(area.origin, latitude_deg, longitude_deg)
            depth = np.maximum(depth, area.signed_depths_inside_m(at))
        return depth


@dataclass(eq=False)
class ZoneIndex:
    """Zones with their bounding circles."""

    zones: Sequence[Zone]
    _projected: dict[int, ProjectedZone] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of zones."""
        return len(self.zones)

    @cached_property
    def _bounding_circles(self) -> tuple[FloatArray, FloatArray]:
        """Centre and radius of each bounding circle; infinite for a zone that is everywhere."""
        middles, reaches = np.zeros((len(self.zones), 3)), np.full(len(self.zones), np.inf)
        for number, zone in enumerate(self.zones):
            if zone.shape:
                middles[number], reaches[number] = _circle_enclosing_circles(
                    [bounding_circle(one) for one in zone.shape]
                )
        return middles, reaches

    def projected_zone(self, number: int) -> ProjectedZone:
        """Return a zone with its projected shapes."""
        if number not in self._projected:
            reach = float(self._bounding_circles[1][number])
            self._projected[number] = ProjectedZone(self.zones[number], reach)
        return self._projected[number]

    def candidate_zones_and_blocks(self, track: ZoneTrack) -> Iterator[tuple[int, IntArray]]:
        """Yield the index of each zone that a track may touch, and the blocks that may touch it.

        Inclusion zones are always yielded, even without a block.
        """
        middles, reaches = self._bounding_circles
        groups = track.consecutive_fix_blocks.groups_of_blocks
        for first in range(0, len(self.zones), _ZONES_PER_BATCH):
            batch = slice(first, first + _ZONES_PER_BATCH)
            close = _zone_by_track_block_may_touch_mask(middles[batch], reaches[batch], groups)
            for row, groups_near in enumerate(close):
                number = first + row
                blocks = self._candidate_blocks(
                    number, track.consecutive_fix_blocks, np.flatnonzero(groups_near)
                )
                if len(blocks) or self.zones[number].inclusion:
                    yield number, blocks

    def _candidate_blocks(self, number: int, blocks: TrackBlocks, groups: IntArray) -> IntArray:
        """Return the blocks of the given groups that a zone may touch."""
        middles, reaches = self._bounding_circles
        if not len(groups):
            return groups
        indices = concatenate_index_ranges(
            blocks.groups_of_blocks.first[groups], blocks.groups_of_blocks.last[groups] + 1
        )
        candidates = TrackBlocks(
            blocks.first[indices],
            blocks.last[indices],
            blocks.minimum[indices],
            blocks.maximum[indices],
        )
        close = _zone_by_track_block_may_touch_mask(
            middles[number : number + 1], reaches[number : number + 1], candidates
        )
        return np.asarray(indices[close[0]])

    def zones_reachable_between(
        self, start: FloatArray, end: FloatArray, reach_m: float
    ) -> IntArray:
        """Return the zones that may be reached between two positions by flying this distance."""
        middles, reaches = self._bounding_circles
        outward = np.maximum(
            pairwise_min_metres_between_unit_vectors(middles, start[None])[:, 0] - reaches, 0
        )
        onward = np.maximum(
            pairwise_min_metres_between_unit_vectors(middles, end[None])[:, 0] - reaches, 0
        )
        return np.flatnonzero(outward + onward <= reach_m + 1.0)

    def zones_near_point(self, position: Point, distance_m: float) -> Iterator[ProjectedZone]:
        """Yield the zones with a shape that may lie within a distance of a position."""
        vector = lat_lon_to_vectors(np.array([position[0]]), np.array([position[1]]))[0]
        for number in self.zones_reachable_between(vector, vector, 2 * distance_m).tolist():
            candidate = self.projected_zone(number)
            if candidate.zone.shape and candidate.reach_m < MAX_REACH_M:
                yield candidate


def _zone_by_track_block_may_touch_mask(
    middles: FloatArray, reaches: FloatArray, blocks: TrackBlocks
) -> BoolArray:
    """Return which zones may touch which blocks, shape ``(zones, blocks)``."""
    away = pairwise_min_metres_between_unit_vectors(middles, blocks.centres)
    return np.asarray(away <= reaches[:, None] + blocks.radii_m + 1.0)


def pairwise_min_metres_between_unit_vectors(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the least possible ground distances between unit vectors, shape ``(n, m)``."""
    return min_ground_metres_from_chord_lengths(np.sqrt(np.maximum(2 - 2 * first @ second.T, 0)))


def _circle_enclosing_circles(bounds: list[tuple[FloatArray, float]]) -> tuple[FloatArray, float]:
    """Return a circle that encloses the circles."""
    middle, reach = bounds[0]
    if len(bounds) == 1:
        return middle, reach
    # The largest possible distance is less than a tenth more than the least.
    distances = [
        float(pairwise_min_metres_between_unit_vectors(middle[None], point[None])[0, 0]) * 1.1 + 1
        for point, _ in bounds
    ]
    return middle, max(away + size for away, (_, size) in zip(distances, bounds, strict=True))
