"""Many zones at once: which of them a path comes near, and their shapes in their planes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import sin

import numpy as np

from dji_audit.zones._intervals import Floats, numbers
from dji_audit.zones._model import Point, Zone
from dji_audit.zones.engine._projection import Area, Flags, Ints, area_of, bounds_of, to_plane
from dji_audit.zones.engine._track import (
    SMALLEST_RADIUS_M,
    Blocks,
    Path,
    at_least_m,
    unit_vectors,
)

#: A zone that reaches further than this has no plane in which distances mean anything.
FURTHEST_M = 5_000_000.0
#: Zones whose distances from all blocks are worked out at once.
_TOGETHER = 128


@dataclass(eq=False)
class PlacedZone:
    """A zone with its shape in planes, made when first asked for."""

    zone: Zone
    #: How far it reaches from its middle, metres.
    reach_m: float

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """Its parts; none where it is everywhere."""
        return tuple(area_of(shape) for shape in self.zone.shape)

    @property
    def middle(self) -> Point:
        """A point of it, for the sun."""
        return self.areas[0].middle if self.areas else (0.0, 0.0)

    @property
    def stretch(self) -> float:
        """How much longer a distance may be in its plane than on the ground."""
        angle = min(self.reach_m / SMALLEST_RADIUS_M, 2.5)
        return 1.001 * (angle / sin(angle) if angle > 1e-9 else 1.0)

    def signed_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return how deep positions lie in it, metres; negative outside of it."""
        depth = np.full(len(latitude_deg), -np.inf)
        for area in self.areas:
            at = to_plane(area.middle, latitude_deg, longitude_deg)
            depth = np.maximum(depth, area.signed_m(at))
        return depth


@dataclass(eq=False)
class ZoneIndex:
    """Zones, and the circle that each lies in."""

    zones: Sequence[Zone]
    _placed: dict[int, PlacedZone] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of zones."""
        return len(self.zones)

    @cached_property
    def _bounds(self) -> tuple[Floats, Floats]:
        """Direction of each zone's middle, and its reach; of one that is everywhere, all."""
        middles, reaches = np.zeros((len(self.zones), 3)), np.full(len(self.zones), np.inf)
        for number, zone in enumerate(self.zones):
            if zone.shape:
                middles[number], reaches[number] = _around([bounds_of(one) for one in zone.shape])
        return middles, reaches

    def placed(self, number: int) -> PlacedZone:
        """Return a zone with its shape in planes."""
        if number not in self._placed:
            reach = float(self._bounds[1][number])
            self._placed[number] = PlacedZone(self.zones[number], reach)
        return self._placed[number]

    def near(self, path: Path) -> Iterator[tuple[int, Ints]]:
        """Yield the number of each zone that a path may touch, and the blocks that may.

        Of a zone to stay within, that is every zone and its blocks.
        """
        middles, reaches = self._bounds
        groups = path.blocks.groups
        for first in range(0, len(self.zones), _TOGETHER):
            some = slice(first, first + _TOGETHER)
            close = _touch(middles[some], reaches[some], groups)
            for row, groups_near in enumerate(close):
                number = first + row
                blocks = self._blocks(number, path.blocks, np.flatnonzero(groups_near))
                if len(blocks) or self.zones[number].inclusion:
                    yield number, blocks

    def _blocks(self, number: int, blocks: Blocks, groups: Ints) -> Ints:
        """Return which blocks of some groups a zone may touch."""
        middles, reaches = self._bounds
        if not len(groups):
            return groups
        those = numbers(blocks.groups.first[groups], blocks.groups.last[groups] + 1)
        some = Blocks(
            blocks.first[those], blocks.last[those], blocks.least[those], blocks.most[those]
        )
        close = _touch(middles[number : number + 1], reaches[number : number + 1], some)
        return np.asarray(those[close[0]])

    def within_reach(self, one: Floats, other: Floats, reach_m: float) -> Ints:
        """Return the zones that may be touched between two places, flying this far in all."""
        middles, reaches = self._bounds
        there = np.maximum(away_m(middles, one[None])[:, 0] - reaches, 0)
        back = np.maximum(away_m(middles, other[None])[:, 0] - reaches, 0)
        return np.flatnonzero(there + back <= reach_m + 1.0)

    def about(self, place: Point, metres: float) -> Iterator[PlacedZone]:
        """Yield the zones with a shape that may be no further from a place than some metres."""
        here = unit_vectors(np.array([place[0]]), np.array([place[1]]))[0]
        for number in self.within_reach(here, here, 2 * metres).tolist():
            placed = self.placed(number)
            if placed.zone.shape and placed.reach_m < FURTHEST_M:
                yield placed


def _touch(middles: Floats, reaches: Floats, blocks: Blocks) -> Flags:
    """Return which zones may touch which blocks, shape ``(zones, blocks)``."""
    away = away_m(middles, blocks.centres)
    return np.asarray(away <= reaches[:, None] + blocks.radius_m + 1.0)


def away_m(one: Floats, other: Floats) -> Floats:
    """Return the least that directions may be apart on the ground, shape ``(n, m)``."""
    return at_least_m(np.sqrt(np.maximum(2 - 2 * one @ other.T, 0)))


def _around(bounds: list[tuple[Floats, float]]) -> tuple[Floats, float]:
    """Return a circle around circles."""
    middle, reach = bounds[0]
    if len(bounds) == 1:
        return middle, reach
    # The greatest distance is less than a tenth more than the least.
    apart = [float(away_m(middle[None], one[None])[0, 0]) * 1.1 + 1 for one, _ in bounds]
    return middle, max(away + size for away, (_, size) in zip(apart, bounds, strict=True))
