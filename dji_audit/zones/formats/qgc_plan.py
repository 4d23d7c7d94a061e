"""The fence in a QGroundControl plan (``.plan``, JSON).

Facts: QGroundControl's plan file format and its tests, MAVSDK's test plans.  ``geoFence``
of version 1 has one inclusion ``polygon`` of ``[latitude, longitude]``; version 2
has ``polygons`` and ``circles``, each an inclusion or exclusion fence (``inclusion``).  The
fences of a plan have no height limits.  With PX4 (``firmwareType`` 12) the aircraft may be
within any of the inclusion shapes, so they form one zone; with other firmware each holds
separately.  ``breachReturn``, mission and rally points are not areas.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._validated_shapes import valid_circle, valid_point, valid_ring
from dji_audit.zones._zone_file_content import ZoneFileContent
from dji_audit.zones.formats._json import JsonModel, JsonNumber, validate_json

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
    polygons: list[_PlanPolygon]
    circles: list[_PlanCircle]


class _FenceVersion(JsonModel):
    version: Literal[1, 2]


class _PlanMission(JsonModel):
    firmware: int = Field(default=0, alias="firmwareType")
    items: list[Any] = Field(default_factory=list)


class _QgcPlan(JsonModel):
    version: Literal[1]
    fence: dict[str, Any] = Field(alias="geoFence")
    mission: _PlanMission = _PlanMission()


def claims(file: ZoneFileContent) -> bool:
    """Return whether a document states that it is a plan."""
    return isinstance(file.json, dict) and file.json.get("fileType") == "Plan"


def read(file: ZoneFileContent) -> model.ZoneFile:
    """Read every shape of the fence.

    Raises:
        ZoneError: With the path of the error, also where the version is not supported.
    """
    plan = validate_json(_QgcPlan, file.json)
    source = file.source(FORMAT.name, edition="plan version 1")
    shapes = list(_fence_shapes(plan.fence))
    inclusions = [(path, shape) for path, shape, inclusion in shapes if inclusion]
    if plan.mission.firmware == _PX4 and len(inclusions) > 1:
        zones = [
            _build_zone(inclusions[0][0], tuple(shape for _, shape in inclusions), True, source)
        ]
        zones += [
            _build_zone(path, (shape,), False, source) for path, shape, use in shapes if not use
        ]
    else:
        zones = [_build_zone(path, (shape,), use, source) for path, shape, use in shapes]
    skipped = (
        [model.SkippedItem("mission", "mission items are not areas", may_be_zone=False)]
        if plan.mission.items
        else []
    )
    return model.ZoneFile(source, tuple(zones), tuple(skipped))


def _fence_shapes(fence: dict[str, Any]) -> Iterator[tuple[str, model.Shape, bool]]:
    """Yield path, shape and whether it is an inclusion fence."""
    version = validate_json(_FenceVersion, fence, "geoFence").version
    if version == 1:
        corners = validate_json(_FenceVersion1, fence, "geoFence").polygon
        if corners:
            yield "geoFence.polygon", _build_polygon(corners, "geoFence.polygon"), True
        return
    second = validate_json(_FenceVersion2, fence, "geoFence")
    for number, each in enumerate(second.polygons):
        path = f"geoFence.polygons[{number}]"
        yield path, _build_polygon(each.polygon, f"{path}.polygon"), each.inclusion
    for number, circle in enumerate(second.circles):
        path = f"geoFence.circles[{number}]"
        yield path, _build_circle(circle.circle, f"{path}.circle"), circle.inclusion


def _build_polygon(corners: list[list[float]], path: str) -> model.Polygon:
    points = []
    for number, corner in enumerate(corners):
        if len(corner) < 2:
            raise model.ZoneError(f"{path}[{number}]: expected latitude and longitude")
        points.append(valid_point(corner[0], corner[1], f"{path}[{number}]"))
    return model.Polygon(valid_ring(points, path))


def _build_circle(geometry: _PlanCircleGeometry, path: str) -> model.Circle:
    centre = valid_point(geometry.center[0], geometry.center[1], f"{path}.center")
    return valid_circle(centre, geometry.radius, f"{path}.radius")


def _build_zone(
    path: str, shape: tuple[model.Shape, ...], inclusion: bool, source: model.ZoneSource
) -> model.Zone:
    use = "inclusion" if inclusion else "exclusion"
    what = "fence" if len(shape) > 1 else type(shape[0]).__name__.lower()
    return model.Zone(
        id=path,
        name=f"{use} {what}",
        kind=f"{use} {what}",
        effect=model.Effect.FENCE,
        shape=shape,
        lower=model.SURFACE,
        upper=model.UNLIMITED,
        source=source,
        path=path,
        inclusion=inclusion,
    )


FORMAT = ZoneFormat(
    name="qgc-plan",
    title="fence in a QGroundControl plan",
    reference="QGroundControl developer guide, plan file format; MAVSDK test plans (BSD-3-Clause)",
    claims=claims,
    read=read,
)
