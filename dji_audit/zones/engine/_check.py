"""Whether a place lies in zones, at a height and a time."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dji_audit.zones._model import Limit, Point, Zone
from dji_audit.zones.engine._active import active
from dji_audit.zones.engine._rtree import PlacedZone, ZoneIndex
from dji_audit.zones.engine._vertical import is_out_of_reach


@dataclass(frozen=True, slots=True)
class Answer:
    """A zone that a place lies in sideways while it is active."""

    zone: Zone
    #: Whether it lies in it by its height, too; ``None``: that cannot be told.
    within: bool | None
    #: How far the zone's edge is, metres.
    depth_m: float
    #: Why it cannot be told; else empty.
    reason: str


def zones_at(
    zones: ZoneIndex, place: Point, height: Limit | None, time: dt.datetime
) -> Iterator[Answer]:
    """Yield the zones that a place lies in sideways at a time, in their order.

    Args:
        zones: The zones.
        place: Latitude and longitude.
        height: With what it counts from; ``None``: not known.
        time: Aware.
    """
    instant = np.datetime64(time.astimezone(dt.UTC).replace(tzinfo=None), "ns")
    for placed in zones.about(place, 0.0):
        depth = placed.signed_m(np.array([place[0]]), np.array([place[1]]))[0]
        if depth >= 0 and len(active(placed.zone, placed.middle, instant, 0.0)):
            yield _answer(placed, height, float(depth))


def _answer(placed: PlacedZone, height: Limit | None, depth_m: float) -> Answer:
    zone = placed.zone
    below = _is_on_side(zone.lower, height, lower=True)
    above = _is_on_side(zone.upper, height, lower=False)
    if below is False or above is False:
        return Answer(zone, within=False, depth_m=depth_m, reason="")
    if below and above:
        return Answer(zone, within=True, depth_m=depth_m, reason="")
    given = f"a height of {height}" if height is not None else "no height"
    reason = f"{zone.limits_text} is not comparable with {given}"
    return Answer(zone, within=None, depth_m=depth_m, reason=reason)


def _is_on_side(limit: Limit, height: Limit | None, *, lower: bool) -> bool | None:
    """Return whether a height is on the zone's side of a limit; ``None``: not comparable."""
    if is_out_of_reach(limit, lower=lower):
        return True
    metres = limit.metres
    if height is None or height.metres is None or metres is None or height.datum != limit.datum:
        return None
    return height.metres >= metres if lower else height.metres <= metres
