"""Which zones contain a position, at a height and a time."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dji_audit.zones._model import Limit, Point, Zone
from dji_audit.zones.engine._active_intervals import active_intervals
from dji_audit.zones.engine._intervals_between_limits import is_limit_beyond_any_aircraft
from dji_audit.zones.engine._zone_index import ZoneIndex


@dataclass(frozen=True, slots=True)
class ZoneAtPoint:
    """An active zone that contains a position horizontally."""

    zone: Zone
    #: Whether the height is within its limits too; ``None`` where this cannot be determined.
    within: bool | None
    #: Distance to the boundary of the zone, metres.
    depth_m: float
    #: Why this cannot be determined; else empty.
    reason: str


def zones_at_position(
    zones: ZoneIndex, position: Point, height: Limit | None, time: dt.datetime
) -> Iterator[ZoneAtPoint]:
    """Yield the active zones that contain a position horizontally, in their order.

    Args:
        zones: The zones.
        position: Latitude and longitude.
        height: A height with its datum; ``None`` where it is not known.
        time: With a time zone.
    """
    instant = np.datetime64(time.astimezone(dt.UTC).replace(tzinfo=None), "ns")
    for projected in zones.zones_near_point(position, 0.0):
        depth = projected.signed_depths_inside_m(np.array([position[0]]), np.array([position[1]]))[
            0
        ]
        if depth < 0:
            continue
        times = active_intervals(projected.zone, projected.sunrise_reference_point, instant, 0.0)
        if len(times.possible):
            yield _zone_at_point(projected.zone, height, float(depth), times.reason)


def _zone_at_point(
    zone: Zone, height: Limit | None, depth_m: float, activity_doubt: str
) -> ZoneAtPoint:
    if zone.limits_fault:
        return ZoneAtPoint(zone, within=None, depth_m=depth_m, reason=zone.limits_fault)
    below = _is_on_zone_side_of_limit(zone.lower, height, lower=True)
    above = _is_on_zone_side_of_limit(zone.upper, height, lower=False)
    if below is False or above is False:
        return ZoneAtPoint(zone, within=False, depth_m=depth_m, reason="")
    reasons = []
    if below is None or above is None:
        given = f"a height of {height}" if height is not None else "no height"
        reasons.append(f"{zone.limits_text} is not comparable with {given}")
    if activity_doubt:
        reasons.append(activity_doubt)
    return ZoneAtPoint(
        zone, within=None if reasons else True, depth_m=depth_m, reason="; ".join(reasons)
    )


def _is_on_zone_side_of_limit(limit: Limit, height: Limit | None, *, lower: bool) -> bool | None:
    """Return whether a height is on the zone's side of a limit; ``None`` if not comparable."""
    if is_limit_beyond_any_aircraft(limit, lower=lower):
        return True
    metres = limit.metres
    if height is None or height.metres is None or metres is None or height.datum != limit.datum:
        return None
    return height.metres >= metres if lower else height.metres <= metres
