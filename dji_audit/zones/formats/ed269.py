"""EUROCAE ED-269 UAS geographical zones (JSON).

Facts: the samples of InterUSS (Apache-2.0) and its model ``uas_standards``; ED-269
itself is not free to read.  Seen in files: the list under ``UASZoneList`` or under
``features``; limits as numbers or as texts; a limit that is null, which is not
stated and never 0; feet and metres; hours under ``schedule`` or ``dailyPeriod``,
with every value null where there are none; circles as ``center`` and ``radius``
(metres).  One zone may have several volumes with limits of their own: each becomes
a zone.  Not used: ``regulationExemption``, ``uSpaceClass``, ``region``.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    Circle,
    Effect,
    Period,
    Polygon,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
)
from dji_audit.zones._outside import (
    Instant,
    Number,
    Outside,
    Position,
    Rings,
    limit_of,
    point,
    polygon_of,
    validated,
)
from dji_audit.zones._schedule import Daily, hours_of
from dji_audit.zones._shapes import checked_circle

_EFFECTS = {
    "PROHIBITED": Effect.PROHIBITED,
    "REQ_AUTHORISATION": Effect.AUTHORISATION,
    "REQ_AUTHORIZATION": Effect.AUTHORISATION,
    "CONDITIONAL": Effect.CONDITIONAL,
    "NO_RESTRICTION": Effect.NONE,
}


class _Projection(Outside):
    type: Literal["Polygon", "Circle"]
    coordinates: Rings | None = None
    center: Position | None = None
    radius: Number | None = None


class _Volume(Outside):
    unit: Literal["M", "FT"] = Field(alias="uomDimensions")
    lower: Number | None = Field(default=None, alias="lowerLimit")
    lower_reference: Literal["AGL", "AMSL", "WGS84"] | None = Field(
        default=None, alias="lowerVerticalReference"
    )
    upper: Number | None = Field(default=None, alias="upperLimit")
    upper_reference: Literal["AGL", "AMSL", "WGS84"] | None = Field(
        default=None, alias="upperVerticalReference"
    )
    projection: _Projection = Field(alias="horizontalProjection")


class _Applicability(Outside):
    permanent: Literal["YES", "NO"] | None = None
    start: Instant | None = Field(default=None, alias="startDateTime")
    end: Instant | None = Field(default=None, alias="endDateTime")
    schedule: list[Daily] | None = None
    daily: list[Daily] | None = Field(default=None, alias="dailyPeriod")


class _Authority(Outside):
    name: str | None = None


class _Zone(Outside):
    identifier: str
    country: str = ""
    name: str | None = None
    restriction: str
    message: str | None = None
    other_reason: str | None = Field(default=None, alias="otherReasonInfo")
    applicability: list[_Applicability] = Field(default_factory=list)
    authority: list[_Authority] = Field(default_factory=list, alias="zoneAuthority")
    geometry: list[_Volume] = Field(min_length=1)


class _File(Outside):
    version: str = Field(default="", alias="formatVersion")
    created: Instant | None = Field(default=None, alias="createdAt")
    title: str = ""


def claims(document: Document) -> bool:
    """Return whether a document has a list of zones under one of the two keys."""
    return _key(document.json) is not None


def _key(data: Any) -> str | None:
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("UASZoneList"), list):
        return "UASZoneList"
    if isinstance(data.get("features"), list) and data.get("type") != "FeatureCollection":
        return "features"
    return None


def read(document: Document) -> ZoneFile:
    """Read every volume of every zone.

    Raises:
        ZoneError: With the path of what is wrong.
    """
    key = _key(document.json) or ""
    head = validated(_File, {**document.json, key: None})
    source = document.source(FORMAT.name, edition=head.title or head.version, issued=head.created)
    zones: list[Zone] = []
    for number, data in enumerate(document.json[key]):
        path = f"{key}[{number}]"
        zones += _zones(validated(_Zone, data, path), path, source)
    return ZoneFile(source, tuple(zones))


def _zones(found: _Zone, path: str, source: ZoneSource) -> Iterator[Zone]:
    effect = _EFFECTS.get(found.restriction)
    if effect is None:
        raise ZoneError(
            f"{path}.restriction: expected one of {', '.join(_EFFECTS)}, "
            f"found {found.restriction!r}"
        )
    schedule = _schedule(found.applicability, f"{path}.applicability")
    for number, volume in enumerate(found.geometry):
        where = f"{path}.geometry[{number}]"
        yield Zone(
            id=found.identifier,
            name=found.name or found.identifier,
            kind=found.restriction,
            effect=effect,
            shape=(_shape(volume.projection, f"{where}.horizontalProjection"),),
            lower=limit_of(volume.lower, volume.unit, volume.lower_reference),
            upper=limit_of(volume.upper, volume.unit, volume.upper_reference),
            source=source,
            path=where,
            authority=", ".join(one.name for one in found.authority if one.name),
            schedule=schedule,
            schedule_stated=bool(found.applicability),
            remarks=". ".join(one for one in (found.message, found.other_reason) if one),
        )


def _shape(found: _Projection, path: str) -> Circle | Polygon:
    if found.type == "Polygon":
        if found.coordinates is None:
            raise ZoneError(f"{path}.coordinates: expected the rings of a polygon, found none")
        return polygon_of(found.coordinates, f"{path}.coordinates")
    if found.center is None or found.radius is None:
        raise ZoneError(f"{path}: expected center and radius of a circle")
    return checked_circle(point(found.center, f"{path}.center"), found.radius, f"{path}.radius")


def _schedule(found: list[_Applicability], path: str) -> tuple[Period, ...]:
    periods = []
    for number, one in enumerate(found):
        daily = [*(one.schedule or ()), *(one.daily or ())]
        start, end = (None, None) if one.permanent == "YES" else (one.start, one.end)
        periods.append(Period(start, end, hours_of(daily, f"{path}[{number}].schedule")))
    return tuple(periods)


FORMAT = ZoneFormat(
    name="ed-269",
    title="EUROCAE ED-269 UAS geographical zones (JSON)",
    reference="samples of InterUSS monitoring and uas_standards (Apache-2.0)",
    claims=claims,
    read=read,
)
