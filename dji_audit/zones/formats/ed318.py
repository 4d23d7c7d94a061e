"""EUROCAE ED-318 UAS geographical zones (layered GeoJSON).

Facts: the JSON Schemas and examples of the UASGeoZones group (MIT), which the models
below follow rule by rule: data that violate the schemas are refused here, with their path.  A
circle is a point with an ``extent``; each geometry has a ``layer`` with limits and
may be in a collection.  A missing limit is not stated.  Lines and points
without extent are not areas and are skipped, with their path.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import ConfigDict, Field

from dji_audit.zones import _model as model
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._validated_shapes import valid_circle
from dji_audit.zones._zone_file_content import ZoneFileContent
from dji_audit.zones.formats._daily_periods import DailyPeriod, parse_daily_hours
from dji_audit.zones.formats._json import (
    JsonModel,
    JsonNumber,
    JsonPosition,
    UtcTime,
    geometry_bounds,
    is_ed318,
    parse_eurocae_limit,
    parse_polygons,
    parse_position,
    validate_json,
)

_EFFECTS = {
    "PROHIBITED": model.Effect.PROHIBITED,
    "REQ_AUTHORIZATION": model.Effect.AUTHORISATION,
    "CONDITIONAL": model.Effect.CONDITIONAL,
    "USPACE": model.Effect.CONDITIONAL,
    "NO_RESTRICTION": model.Effect.NONE,
}

Ed318Reference = Literal["AGL", "AMSL", "WGS84"]
Ed318Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "ANY"]
Ed318Event = Literal["BMCT", "SR", "SS", "EECT"]


class _Ed318Text(JsonModel):
    text: str = Field(default="", max_length=200)
    lang: str = Field(max_length=5)


class _Ed318Layer(JsonModel):
    lower: JsonNumber | None = None
    lower_reference: Ed318Reference | None = Field(default=None, alias="lowerReference")
    upper: JsonNumber | None = None
    upper_reference: Ed318Reference | None = Field(default=None, alias="upperReference")
    uom: Literal["m", "ft"] = "m"


class _Ed318CircleRadius(JsonModel):
    sub_type: Literal["Circle"] = Field(alias="subType")
    radius: JsonNumber


class _Ed318Geometry(JsonModel):
    type: Literal["Point", "Polygon", "MultiPolygon"]
    layer: _Ed318Layer = _Ed318Layer()


class _Ed318Circle(_Ed318Geometry):
    coordinates: JsonPosition
    extent: _Ed318CircleRadius


class _Ed318Hours(DailyPeriod):
    model_config = ConfigDict(extra="forbid")
    day: list[Ed318Day]  # type: ignore[assignment] # narrower: other words are refused
    start_event: Ed318Event | None = Field(default=None, alias="startEvent")
    end_event: Ed318Event | None = Field(default=None, alias="endEvent")


class _Ed318Applicability(JsonModel):
    model_config = ConfigDict(extra="forbid")
    start: UtcTime | None = Field(default=None, alias="startDateTime")
    end: UtcTime | None = Field(default=None, alias="endDateTime")
    schedule: list[_Ed318Hours] = Field(default_factory=list)


class _Ed318Authority(JsonModel):
    name: list[_Ed318Text] = Field(default_factory=list)
    purpose: Literal["AUTHORIZATION", "NOTIFICATION", "INFORMATION"]


class _Ed318Properties(JsonModel):
    model_config = ConfigDict(extra="forbid")
    identifier: str = Field(max_length=7)
    country: str = Field(min_length=3, max_length=3)
    name: list[_Ed318Text] = Field(default_factory=list)
    type: Literal["USPACE", "PROHIBITED", "REQ_AUTHORIZATION", "CONDITIONAL", "NO_RESTRICTION"]
    variant: Literal["COMMON", "CUSTOMIZED"]
    conditions: str = Field(default="", alias="restrictionConditions")
    region: int | None = None
    reason: list[str] = Field(default_factory=list, max_length=9)
    other_reason: list[_Ed318Text] = Field(default_factory=list, alias="otherReasonInfo")
    exemption: Literal["YES", "NO"] | None = Field(default=None, alias="regulationExemption")
    message: list[_Ed318Text] = Field(default_factory=list)
    authority: list[_Ed318Authority] = Field(alias="zoneAuthority", min_length=1)
    limited: list[_Ed318Applicability] = Field(default_factory=list, alias="limitedApplicability")
    source: dict[str, Any] | None = Field(default=None, alias="dataSource")
    extended: dict[str, Any] | None = Field(default=None, alias="extendedProperties")


class _Ed318Feature(JsonModel):
    type: Literal["Feature"]
    properties: _Ed318Properties
    geometry: dict[str, Any] | None


class _Ed318Metadata(JsonModel):
    valid_from: UtcTime | None = Field(default=None, alias="validFrom")
    valid_to: UtcTime | None = Field(default=None, alias="validTo")
    issued: UtcTime | None = None


class _Ed318Collection(JsonModel):
    name: str = Field(default="", max_length=200)
    title: str = ""
    metadata: _Ed318Metadata = _Ed318Metadata()


def claims(file: ZoneFileContent) -> bool:
    """Return whether a document is GeoJSON with features of this standard."""
    return is_ed318(file.json)


def read(file: ZoneFileContent) -> model.ZoneFile:
    """Read every layer of every feature.

    Raises:
        ZoneError: With the path of the data that violate the schemas.
    """
    head = validate_json(_Ed318Collection, {**file.json, "features": None})
    source = file.source(
        FORMAT.name,
        edition=head.name or head.title,
        issued=head.metadata.issued,
        effective_from=head.metadata.valid_from,
        effective_to=head.metadata.valid_to,
    )
    items: list[model.Zone | model.SkippedItem] = []
    for number, data in enumerate(file.json["features"]):
        path = f"features[{number}]"
        feature = validate_json(_Ed318Feature, data, path)
        for where, geometry in _geometries(feature.geometry, f"{path}.geometry"):
            kind = geometry.get("type") if isinstance(geometry, dict) else None
            if kind == "Point" and "extent" not in geometry:
                reason = "a point without extent is not an area"
                items.append(_skipped_item(feature, geometry, where, reason))
            elif kind in ("LineString", "MultiLineString", "MultiPoint", None):
                reason = f"{kind or 'null'} is not an area"
                items.append(_skipped_item(feature, geometry, where, reason))
            else:
                items.append(_build_zone(feature.properties, geometry, where, path, source))
    return model.build_zone_file(source, items)


def _skipped_item(
    feature: _Ed318Feature, geometry: Any, path: str, reason: str
) -> model.SkippedItem:
    properties = feature.properties
    name = next((each.text for each in properties.name if each.text), properties.identifier)
    return model.SkippedItem(path, reason, name, geometry_bounds(geometry))


def _geometries(geometry: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(geometry, dict) and geometry.get("type") == "GeometryCollection":
        collection = validate_json(_GeometryCollection, geometry, path)
        for number, member in enumerate(collection.geometries):
            yield f"{path}.geometries[{number}]", member
    else:
        yield path, geometry


class _GeometryCollection(JsonModel):
    geometries: list[dict[str, Any]]


def _build_zone(
    properties: _Ed318Properties,
    geometry: dict[str, Any],
    where: str,
    path: str,
    source: model.ZoneSource,
) -> model.Zone:
    layer = validate_json(_Ed318Geometry, geometry, where).layer
    return model.Zone(
        id=properties.identifier,
        name=_english_text(properties.name) or properties.identifier,
        kind=properties.type,
        effect=_EFFECTS[properties.type],
        shape=_parse_shape(geometry, where),
        lower=parse_eurocae_limit(layer.lower, layer.uom, layer.lower_reference),
        upper=parse_eurocae_limit(layer.upper, layer.uom, layer.upper_reference),
        source=source,
        path=where,
        authority=", ".join(
            filter(None, (_english_text(authority.name) for authority in properties.authority))
        ),
        schedule=_parse_schedule(properties.limited, f"{path}.properties.limitedApplicability"),
        # By the schema, a zone without limited applicability applies all the time.
        schedule_stated=True,
        remarks=". ".join(
            filter(
                None,
                (
                    properties.conditions,
                    _english_text(properties.message),
                    _english_text(properties.other_reason),
                ),
            )
        ),
    )


def _parse_shape(geometry: dict[str, Any], path: str) -> tuple[model.Shape, ...]:
    if areas := parse_polygons(geometry, path):
        return areas
    circle = validate_json(_Ed318Circle, geometry, path)
    centre = parse_position(circle.coordinates, f"{path}.coordinates")
    return (valid_circle(centre, circle.extent.radius, f"{path}.extent.radius"),)


def _english_text(texts: list[_Ed318Text]) -> str:
    """Return the English text if there is one, else the first text."""
    english = [candidate.text for candidate in texts if candidate.lang.lower().startswith("en")]
    return next(iter((*english, *(candidate.text for candidate in texts))), "")


def _parse_schedule(
    applicabilities: list[_Ed318Applicability], path: str
) -> tuple[model.ActivePeriod, ...]:
    return tuple(
        model.ActivePeriod(
            applicability.start,
            applicability.end,
            parse_daily_hours(applicability.schedule, f"{path}[{number}].schedule"),
        )
        for number, applicability in enumerate(applicabilities)
    )


FORMAT = ZoneFormat(
    name="ed-318",
    title="EUROCAE ED-318 UAS geographical zones (layered GeoJSON)",
    reference="schemas and examples of UASGeoZones/ED-318 (MIT), commit e98b292",
    claims=claims,
    read=read,
)
