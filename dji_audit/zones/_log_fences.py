"""The fences that a log records, as zones."""

from dji_audit.zones import _model as model
from dji_audit.zones._validated_shapes import (
    build_valid_circle,
    build_valid_point,
    build_valid_ring,
)
from parsers import Geofence, Log


def read_log_fences(log: Log, home: model.Point | None) -> model.ZoneFile:
    """Return the fences of a log as zones, each active while the fence was in force.

    Args:
        log: The log.
        home: The centre of fences around home; without it those fences are skipped.

    A fence that was not enabled is skipped too.  Where the log does not say whether a fence
    was enabled, the remarks of its zone say so.
    """
    source = model.ZoneSource(log.source.name, log.source.sha256, log.source.format)
    return model.build_zone_file(
        source,
        [
            _zone_or_skipped_item_of_fence(fence, n, home, source)
            for n, fence in enumerate(log.fences, 1)
        ],
    )


def _zone_or_skipped_item_of_fence(
    fence: Geofence, number: int, home: model.Point | None, source: model.ZoneSource
) -> model.Zone | model.SkippedItem:
    if fence.enabled is False:
        return model.SkippedItem(fence.record, f"a {fence.shape} that was not enabled")
    try:
        shape = _shapes_of_one_fence(fence, home)
    except model.ZoneError as error:
        return model.SkippedItem(fence.record, str(error))
    lower, upper = model.SURFACE, model.UNLIMITED
    if fence.shape == "ceiling":
        upper = model.Limit(model.VerticalDatum.HOME, fence.height_m, "m")
    elif fence.shape == "floor":
        lower = model.Limit(model.VerticalDatum.HOME, fence.height_m, "m")
    size = fence.radius_m if fence.radius_m is not None else fence.height_m
    around = " around home" if fence.shape == "circle" and not fence.points else ""
    name = f"{fence.use} {fence.shape}{around}" + (f" of {size:g} m" if size is not None else "")
    return model.Zone(
        id=f"fence {number}",
        name=name,
        kind=f"{fence.use} {fence.shape}",
        effect=model.ZoneEffect.FENCE,
        shape=shape,
        lower=lower,
        upper=upper,
        source=source,
        path=fence.record,
        offset=fence.source_offset,
        inclusion=fence.use == "inclusion",
        schedule=(model.ActivePeriod(fence.start, fence.end),) if fence.start or fence.end else (),
        schedule_stated=True,
        remarks="" if fence.enabled else "the log does not say whether it was enabled",
    )


def _shapes_of_one_fence(fence: Geofence, home: model.Point | None) -> tuple[model.Shape, ...]:
    """Return the shape of a fence; a ceiling or floor has none, because it holds everywhere."""
    if fence.shape in ("ceiling", "floor"):
        return ()
    points = [
        build_valid_point(latitude, longitude, fence.record) for latitude, longitude in fence.points
    ]
    if fence.shape == "polygon":
        return (model.Polygon(build_valid_ring(points, fence.record)),)
    centre = points[0] if points else home
    if centre is None:
        raise model.ZoneError(
            f"{fence.record}: a circle around a home point, but the log gives no home point"
        )
    return (build_valid_circle(centre, fence.radius_m or 0.0, fence.record),)
