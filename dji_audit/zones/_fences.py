"""The fences that a log tells of, as zones like any other."""

from dji_audit.zones._model import (
    SURFACE,
    UNLIMITED,
    Datum,
    Effect,
    LeftOut,
    Limit,
    Period,
    Point,
    Polygon,
    Shape,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
    zone_file,
)
from dji_audit.zones._shapes import checked_circle, checked_point, open_ring
from parsers import Fence, Log


def fences_of(log: Log, home: Point | None) -> ZoneFile:
    """Return the fences of a log as zones, each active for as long as it was in force.

    Args:
        log: The log.
        home: Where fences around home lie; without it they are left out.

    A fence that was not switched on is left out, too; of one of which the log does not
    say whether it was, the remarks do.
    """
    source = ZoneSource(log.source.name, log.source.sha256, log.source.format)
    return zone_file(source, [_zone(one, n, home, source) for n, one in enumerate(log.fences, 1)])


def _zone(fence: Fence, number: int, home: Point | None, source: ZoneSource) -> Zone | LeftOut:
    if fence.enabled is False:
        return LeftOut(fence.record, f"a {fence.shape} that was not switched on")
    try:
        shape = _shape(fence, home)
    except ZoneError as error:
        return LeftOut(fence.record, str(error))
    lower, upper = SURFACE, UNLIMITED
    if fence.shape == "ceiling":
        upper = Limit(Datum.HOME, fence.height_m, "m")
    elif fence.shape == "floor":
        lower = Limit(Datum.HOME, fence.height_m, "m")
    size = fence.radius_m if fence.radius_m is not None else fence.height_m
    around = " around home" if fence.shape == "circle" and not fence.points else ""
    name = f"{fence.use} {fence.shape}{around}" + (f" of {size:g} m" if size is not None else "")
    return Zone(
        id=f"fence {number}",
        name=name,
        kind=f"{fence.use} {fence.shape}",
        effect=Effect.FENCE,
        shape=shape,
        lower=lower,
        upper=upper,
        source=source,
        path=fence.record,
        offset=fence.source_offset,
        inclusion=fence.use == "inclusion",
        schedule=(Period(fence.start, fence.end),) if fence.start or fence.end else (),
        schedule_stated=True,
        remarks="" if fence.enabled else "the log does not say whether it was switched on",
    )


def _shape(fence: Fence, home: Point | None) -> tuple[Shape, ...]:
    """Return where a fence holds; everywhere for a ceiling or floor."""
    if fence.shape in ("ceiling", "floor"):
        return ()
    points = [
        checked_point(latitude, longitude, fence.record) for latitude, longitude in fence.points
    ]
    if fence.shape == "polygon":
        return (Polygon(open_ring(points, fence.record)),)
    centre = points[0] if points else home
    if centre is None:
        raise ZoneError(f"{fence.record}: a circle around a home point that the log does not give")
    return (checked_circle(centre, fence.radius_m or 0.0, fence.record),)
