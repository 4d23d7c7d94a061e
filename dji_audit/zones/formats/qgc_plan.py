"""The fence in a QGroundControl plan (``.plan``, JSON).

Facts: QGroundControl's plan file format and its tests, MAVSDK's test plans.  ``geoFence``
of version 1 has one inclusion ``polygon`` of ``[latitude, longitude]``; version 2
has ``polygons`` and ``circles``, each an inclusion or exclusion fence (``inclusion``).  The
fences of a plan have no height limits.  With PX4 (``firmwareType`` 12) the aircraft may be
within any of the inclusion shapes, so they form one zone; with other firmware each holds
separately.  ``breachReturn``, mission and rally points are not areas.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import (
    build_valid_circle,
    build_valid_point,
    build_valid_ring,
)
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._json_validation import (
    JsonModel,
    JsonNumber,
    validate_json,
)

_PX4 = 12


class _PlanCircleGeometry(JsonModel):
    center: list[JsonNumber] = Field(min_length=2)
    radius: JsonNumber


class _PlanCircle(JsonModel):
    circle: _PlanCircleGeometry
    inclusion: bool


class _PlanPolygon(JsonModel):
    polygon: list[list[JsonNumber]]
    inclusion: bool


class _FenceVersion1(JsonModel):
    version: Literal[1]
    polygon: list[list[JsonNumber]] = Field(default_factory=list)


class _FenceVersion2(JsonModel):
    version: Literal[2]
    polygons: list[Any]
    circles: list[Any]


class _FenceVersion(JsonModel):
    version: Literal[1, 2]


class _PlanMission(JsonModel):
    firmware: int = Field(default=0, alias="firmwareType")
    items: list[Any] = Field(default_factory=list)


class _QgcPlan(JsonModel):
    version: Literal[1]
    fence: dict[str, Any] = Field(alias="geoFence")
    mission: _PlanMission = _PlanMission()


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether a document states that it is a plan."""
    return isinstance(file.json, dict) and file.json.get("fileType") == "Plan"


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every shape of the fence; one that cannot be read is skipped, with its path.

    Raises:
        ZoneError: With the path of the error, where the version or the form is another.
    """
    plan = validate_json(_QgcPlan, file.json)
    source = file.build_zone_source(FORMAT.name, edition="plan version 1")
    found = list(_fence_shapes(plan.fence))
    shapes = [each for each in found if isinstance(each, _FenceShape)]
    inclusions = [each for each in shapes if each.is_inclusion]
    is_together = plan.mission.firmware == _PX4 and len(inclusions) > 1
    together = inclusions if is_together else []
    apart = [each for each in shapes if not (is_together and each.is_inclusion)]
    zones = [_build_zone(together, source)] if together else []
    zones += [_build_zone([each], source) for each in apart]
    skipped = [each for each in found if isinstance(each, model.SkippedItem)]
    if plan.mission.items:
        reason = "mission items are not areas"
        skipped.append(model.SkippedItem("mission", reason, may_be_zone=False))
    return model.build_zone_file(source, [*zones, *skipped])


@dataclass(frozen=True, slots=True)
class _FenceShape:
    """One shape of a fence."""

    path: str
    shape: model.Shape
    is_inclusion: bool


def _fence_shapes(fence: dict[str, Any]) -> Iterator[_FenceShape | model.SkippedItem]:
    """Yield each shape, or why it is skipped.

    Raises:
        ZoneError: If the version or the form of the fence is not known.
    """
    version = validate_json(_FenceVersion, fence, "geoFence").version
    if version == 1:
        corners = validate_json(_FenceVersion1, fence, "geoFence").polygon
        if corners:
            path = "geoFence.polygon"
            yield _FenceShape(path, _build_polygon_shape(corners, path), is_inclusion=True)
        return
    second = validate_json(_FenceVersion2, fence, "geoFence")
    for kind, entries in (("polygons", second.polygons), ("circles", second.circles)):
        for number, data in enumerate(entries):
            path = f"geoFence.{kind}[{number}]"
            try:
                yield _fence_shape(data, path, is_circle=kind == "circles")
            except model.ZoneError as error:
                yield model.SkippedItem(path, error.message_without_path(path))


def _fence_shape(data: Any, path: str, *, is_circle: bool) -> _FenceShape:
    """Return one shape of a fence of version 2.

    Raises:
        ZoneError: If it cannot be read.
    """
    if is_circle:
        circle = validate_json(_PlanCircle, data, path)
        return _FenceShape(
            path, _build_circle_shape(circle.circle, f"{path}.circle"), circle.inclusion
        )
    polygon = validate_json(_PlanPolygon, data, path)
    area = _build_polygon_shape(polygon.polygon, f"{path}.polygon")
    return _FenceShape(path, area, polygon.inclusion)


def _build_polygon_shape(corners: list[list[float]], path: str) -> model.Polygon:
    points = []
    for number, corner in enumerate(corners):
        if len(corner) < 2:
            raise model.ZoneError(f"{path}[{number}]: expected latitude and longitude")
        points.append(build_valid_point(corner[0], corner[1], f"{path}[{number}]"))
    return model.Polygon(build_valid_ring(points, path))


def _build_circle_shape(geometry: _PlanCircleGeometry, path: str) -> model.Circle:
    centre = build_valid_point(geometry.center[0], geometry.center[1], f"{path}.center")
    return build_valid_circle(centre, geometry.radius, f"{path}.radius")


def _build_zone(shapes: Sequence[_FenceShape], source: model.ZoneSource) -> model.Zone:
    """Return the zone of one shape, or of several of which the aircraft may be within any."""
    first = shapes[0]
    use = "inclusion" if first.is_inclusion else "exclusion"
    what = "fence" if len(shapes) > 1 else type(first.shape).__name__.lower()
    return model.Zone(
        id=first.path,
        name=f"{use} {what}",
        kind=f"{use} {what}",
        effect=model.ZoneEffect.FENCE,
        shape=tuple(each.shape for each in shapes),
        lower=model.SURFACE,
        upper=model.UNLIMITED,
        source=source,
        path=first.path,
        inclusion=first.is_inclusion,
    )


FORMAT = ZoneFormat(
    name="qgc-plan",
    title="fence in a QGroundControl plan",
    reference="QGroundControl developer guide, plan file format; MAVSDK test plans (BSD-3-Clause)",
    claims=claims,
    read=read,
)
