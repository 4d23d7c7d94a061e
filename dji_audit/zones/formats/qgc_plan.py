"""The fence in a QGroundControl plan (``.plan``, JSON).

Facts: QGroundControl's plan file format and its tests, MAVSDK's test plans.  ``geoFence``
of version 1 has one ``polygon`` to stay within, as ``[latitude, longitude]``; version 2
has ``polygons`` and ``circles``, each to stay within or out of (``inclusion``).  Fences of
a plan have no limits of height.  With PX4 (``firmwareType`` 12) the aircraft may be
within any of the shapes to stay within, so that they are one zone; with others each holds
by itself.  ``breachReturn``, mission and rally points are no areas.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    SURFACE,
    UNLIMITED,
    Circle,
    Effect,
    LeftOut,
    Polygon,
    Shape,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
)
from dji_audit.zones._outside import Number, Outside, validated
from dji_audit.zones._shapes import checked_circle, checked_point, open_ring

_PX4 = 12


class _RoundShape(Outside):
    center: list[Number] = Field(min_length=2)
    radius: Number


class _Circle(Outside):
    circle: _RoundShape
    inclusion: bool


class _Polygon(Outside):
    polygon: list[list[Number]]
    inclusion: bool


class _Fence1(Outside):
    version: Literal[1]
    polygon: list[list[Number]] = Field(default_factory=list)


class _Fence2(Outside):
    version: Literal[2]
    polygons: list[_Polygon]
    circles: list[_Circle]


class _Fence(Outside):
    version: Literal[1, 2]


class _Mission(Outside):
    firmware: int = Field(default=0, alias="firmwareType")
    items: list[Any] = Field(default_factory=list)


class _Plan(Outside):
    version: Literal[1]
    fence: dict[str, Any] = Field(alias="geoFence")
    mission: _Mission = _Mission()


def claims(document: Document) -> bool:
    """Return whether a document says it is a plan."""
    return isinstance(document.json, dict) and document.json.get("fileType") == "Plan"


def read(document: Document) -> ZoneFile:
    """Read every shape of the fence.

    Raises:
        ZoneError: With the path of what is wrong, also where the version is another.
    """
    plan = validated(_Plan, document.json)
    source = document.source(FORMAT.name, edition="plan version 1")
    found = list(_shapes(plan.fence))
    within = [(path, shape) for path, shape, inclusion in found if inclusion]
    if plan.mission.firmware == _PX4 and len(within) > 1:
        zones = [_zone(within[0][0], tuple(shape for _, shape in within), True, source)]
        zones += [_zone(path, (shape,), False, source) for path, shape, use in found if not use]
    else:
        zones = [_zone(path, (shape,), use, source) for path, shape, use in found]
    left = [LeftOut("mission", "mission items are no areas")] if plan.mission.items else []
    return ZoneFile(source, tuple(zones), tuple(left))


def _shapes(fence: dict[str, Any]) -> Iterator[tuple[str, Shape, bool]]:
    """Yield path, shape and whether to stay within."""
    version = validated(_Fence, fence, "geoFence").version
    if version == 1:
        corners = validated(_Fence1, fence, "geoFence").polygon
        if corners:
            yield "geoFence.polygon", _polygon(corners, "geoFence.polygon"), True
        return
    second = validated(_Fence2, fence, "geoFence")
    for number, each in enumerate(second.polygons):
        path = f"geoFence.polygons[{number}]"
        yield path, _polygon(each.polygon, f"{path}.polygon"), each.inclusion
    for number, one in enumerate(second.circles):
        path = f"geoFence.circles[{number}]"
        yield path, _circle(one.circle, f"{path}.circle"), one.inclusion


def _polygon(corners: list[list[float]], path: str) -> Polygon:
    points = []
    for number, corner in enumerate(corners):
        if len(corner) < 2:
            raise ZoneError(f"{path}[{number}]: expected latitude and longitude")
        points.append(checked_point(corner[0], corner[1], f"{path}[{number}]"))
    return Polygon(open_ring(points, path))


def _circle(found: _RoundShape, path: str) -> Circle:
    centre = checked_point(found.center[0], found.center[1], f"{path}.center")
    return checked_circle(centre, found.radius, f"{path}.radius")


def _zone(path: str, shape: tuple[Shape, ...], inclusion: bool, source: ZoneSource) -> Zone:
    use = "inclusion" if inclusion else "exclusion"
    what = "fence" if len(shape) > 1 else type(shape[0]).__name__.lower()
    return Zone(
        id=path,
        name=f"{use} {what}",
        kind=f"{use} {what}",
        effect=Effect.FENCE,
        shape=shape,
        lower=SURFACE,
        upper=UNLIMITED,
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
