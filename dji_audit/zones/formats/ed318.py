"""EUROCAE ED-318 UAS geographical zones (layered GeoJSON).

Facts: the JSON Schemas and examples of the UASGeoZones group (MIT), which the models
below follow rule by rule: what the schemas refuse is refused here, with its path.  A
circle is a point with an ``extent``; each geometry has a ``layer`` with limits and
may stand in a collection.  A limit that is not given is not stated.  Lines and points
without extent are no areas and are left out, with their path.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import ConfigDict, Field

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    Effect,
    LeftOut,
    Period,
    Shape,
    Zone,
    ZoneFile,
    ZoneSource,
    zone_file,
)
from dji_audit.zones._outside import (
    Instant,
    Number,
    Outside,
    Position,
    areas_of,
    is_layered,
    limit_of,
    point,
    validated,
)
from dji_audit.zones._schedule import Daily, hours_of
from dji_audit.zones._shapes import checked_circle

_EFFECTS = {
    "PROHIBITED": Effect.PROHIBITED,
    "REQ_AUTHORIZATION": Effect.AUTHORISATION,
    "CONDITIONAL": Effect.CONDITIONAL,
    "USPACE": Effect.CONDITIONAL,
    "NO_RESTRICTION": Effect.NONE,
}

Reference = Literal["AGL", "AMSL", "WGS84"]
Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "ANY"]
Event = Literal["BMCT", "SR", "SS", "EECT"]


class _Text(Outside):
    text: str = Field(default="", max_length=200)
    lang: str = Field(max_length=5)


class _Layer(Outside):
    lower: Number | None = None
    lower_reference: Reference | None = Field(default=None, alias="lowerReference")
    upper: Number | None = None
    upper_reference: Reference | None = Field(default=None, alias="upperReference")
    uom: Literal["m", "ft"] = "m"


class _Extent(Outside):
    sub_type: Literal["Circle"] = Field(alias="subType")
    radius: Number


class _Geometry(Outside):
    type: Literal["Point", "Polygon", "MultiPolygon"]
    layer: _Layer = _Layer()


class _Round(_Geometry):
    coordinates: Position
    extent: _Extent


class _Hours(Daily):
    model_config = ConfigDict(extra="forbid")
    day: list[Day]  # type: ignore[assignment] # narrower: other words are refused
    start_event: Event | None = Field(default=None, alias="startEvent")
    end_event: Event | None = Field(default=None, alias="endEvent")


class _Limited(Outside):
    model_config = ConfigDict(extra="forbid")
    start: Instant | None = Field(default=None, alias="startDateTime")
    end: Instant | None = Field(default=None, alias="endDateTime")
    schedule: list[_Hours] = Field(default_factory=list)


class _Authority(Outside):
    name: list[_Text] = Field(default_factory=list)
    purpose: Literal["AUTHORIZATION", "NOTIFICATION", "INFORMATION"]


class _Properties(Outside):
    model_config = ConfigDict(extra="forbid")
    identifier: str = Field(max_length=7)
    country: str = Field(min_length=3, max_length=3)
    name: list[_Text] = Field(default_factory=list)
    type: Literal["USPACE", "PROHIBITED", "REQ_AUTHORIZATION", "CONDITIONAL", "NO_RESTRICTION"]
    variant: Literal["COMMON", "CUSTOMIZED"]
    conditions: str = Field(default="", alias="restrictionConditions")
    region: int | None = None
    reason: list[str] = Field(default_factory=list, max_length=9)
    other_reason: list[_Text] = Field(default_factory=list, alias="otherReasonInfo")
    exemption: Literal["YES", "NO"] | None = Field(default=None, alias="regulationExemption")
    message: list[_Text] = Field(default_factory=list)
    authority: list[_Authority] = Field(alias="zoneAuthority", min_length=1)
    limited: list[_Limited] = Field(default_factory=list, alias="limitedApplicability")
    source: dict[str, Any] | None = Field(default=None, alias="dataSource")
    extended: dict[str, Any] | None = Field(default=None, alias="extendedProperties")


class _Feature(Outside):
    type: Literal["Feature"]
    properties: _Properties
    geometry: dict[str, Any] | None


class _Metadata(Outside):
    valid_from: Instant | None = Field(default=None, alias="validFrom")
    valid_to: Instant | None = Field(default=None, alias="validTo")
    issued: Instant | None = None


class _Collection(Outside):
    name: str = Field(default="", max_length=200)
    title: str = ""
    metadata: _Metadata = _Metadata()


def claims(document: Document) -> bool:
    """Return whether a document is GeoJSON whose features are of this standard."""
    return is_layered(document.json)


def read(document: Document) -> ZoneFile:
    """Read every layer of every feature.

    Raises:
        ZoneError: With the path of what the schemas refuse.
    """
    head = validated(_Collection, {**document.json, "features": None})
    source = document.source(
        FORMAT.name,
        edition=head.name or head.title,
        issued=head.metadata.issued,
        effective_from=head.metadata.valid_from,
        effective_to=head.metadata.valid_to,
    )
    found: list[Zone | LeftOut] = []
    for number, data in enumerate(document.json["features"]):
        path = f"features[{number}]"
        feature = validated(_Feature, data, path)
        for where, geometry in _geometries(feature.geometry, f"{path}.geometry"):
            kind = geometry.get("type") if isinstance(geometry, dict) else None
            if kind == "Point" and "extent" not in geometry:
                found.append(LeftOut(where, "a point without extent is no area"))
            elif kind in ("LineString", "MultiLineString", "MultiPoint", None):
                found.append(LeftOut(where, f"{kind or 'null'} is no area"))
            else:
                found.append(_zone(feature.properties, geometry, where, path, source))
    return zone_file(source, found)


def _geometries(geometry: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(geometry, dict) and geometry.get("type") == "GeometryCollection":
        found = validated(_Collected, geometry, path)
        for number, one in enumerate(found.geometries):
            yield f"{path}.geometries[{number}]", one
    else:
        yield path, geometry


class _Collected(Outside):
    geometries: list[dict[str, Any]]


def _zone(
    found: _Properties, geometry: dict[str, Any], where: str, path: str, source: ZoneSource
) -> Zone:
    layer = validated(_Geometry, geometry, where).layer
    return Zone(
        id=found.identifier,
        name=_english(found.name) or found.identifier,
        kind=found.type,
        effect=_EFFECTS[found.type],
        shape=_shape(geometry, where),
        lower=limit_of(layer.lower, layer.uom, layer.lower_reference),
        upper=limit_of(layer.upper, layer.uom, layer.upper_reference),
        source=source,
        path=where,
        authority=", ".join(filter(None, (_english(one.name) for one in found.authority))),
        schedule=_schedule(found.limited, f"{path}.properties.limitedApplicability"),
        # The schema: what has no limited applicability applies all the time.
        schedule_stated=True,
        remarks=". ".join(
            filter(None, (found.conditions, _english(found.message), _english(found.other_reason)))
        ),
    )


def _shape(geometry: dict[str, Any], path: str) -> tuple[Shape, ...]:
    if areas := areas_of(geometry, path):
        return areas
    found = validated(_Round, geometry, path)
    centre = point(found.coordinates, f"{path}.coordinates")
    return (checked_circle(centre, found.extent.radius, f"{path}.extent.radius"),)


def _english(texts: list[_Text]) -> str:
    """Return a text in English if there is one, else the first."""
    english = [one.text for one in texts if one.lang.lower().startswith("en")]
    return next(iter((*english, *(one.text for one in texts))), "")


def _schedule(found: list[_Limited], path: str) -> tuple[Period, ...]:
    return tuple(
        Period(one.start, one.end, hours_of(one.schedule, f"{path}[{number}].schedule"))
        for number, one in enumerate(found)
    )


FORMAT = ZoneFormat(
    name="ed-318",
    title="EUROCAE ED-318 UAS geographical zones (layered GeoJSON)",
    reference="schemas and examples of UASGeoZones/ED-318 (MIT), commit e98b292",
    claims=claims,
    read=read,
)
