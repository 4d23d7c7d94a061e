"""EUROCAE ED-318 UAS geographical zones (layered GeoJSON).

Facts: the JSON Schemas and examples of the UASGeoZones group (MIT).  Published files depart from
them: the Irish one has names as text, nulls and no authorities, the Swedish one authorities
without purpose.  So a departure is a remark, and costs a zone only where its place, height or
time cannot be read; it is then left out, with its path.  A circle is a point with an ``extent``;
each geometry has a ``layer`` with limits and may be in a collection.  A missing limit is not
stated.  Lines and points without extent are not areas and are skipped, with their path.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from pydantic import ConfigDict, Field

from dji_audit.zones import _model as model
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import build_valid_circle
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._daily_periods import DailyPeriodJson, parse_daily_hours
from dji_audit.zones.formats._json_validation import (
    JsonModel,
    JsonNumber,
    JsonPosition,
    JsonWords,
    UtcEndTime,
    UtcTime,
    authority_names_text,
    geometry_bounds,
    is_ed318,
    limit_from_value_unit_and_datum,
    parse_polygons,
    parse_position,
    text_of_value,
    validate_json,
    validated_non_zone_members_and_remarks,
)
from dji_audit.zones.formats._zone_effect_from_restriction_words import (
    effect_of_restriction,
    join_zone_remarks,
)

#: Remarks on features that do not follow the schemas; of more the number is told.
_MAX_SCHEMA_REMARKS = 50


class _Ed318TextWithLanguage(JsonModel):
    text: str = Field(default="", max_length=200)
    lang: str = Field(max_length=5)


class _SchemaAuthority(JsonModel):
    name: list[_Ed318TextWithLanguage] = Field(default_factory=list)
    purpose: Literal["AUTHORIZATION", "NOTIFICATION", "INFORMATION"]


class _SchemaProperties(JsonModel):
    """The properties as the schemas want them: what departs from them is remarked on."""

    model_config = ConfigDict(extra="forbid")
    identifier: str = Field(max_length=7)
    country: str = Field(min_length=3, max_length=3)
    name: list[_Ed318TextWithLanguage] = Field(default_factory=list)
    type: Literal["USPACE", "PROHIBITED", "REQ_AUTHORIZATION", "CONDITIONAL", "NO_RESTRICTION"]
    variant: Literal["COMMON", "CUSTOMIZED"]
    conditions: str = Field(default="", alias="restrictionConditions")
    region: int | None = None
    reason: list[str] = Field(default_factory=list, max_length=9)
    other_reason: list[_Ed318TextWithLanguage] = Field(
        default_factory=list, alias="otherReasonInfo"
    )
    exemption: Literal["YES", "NO"] | None = Field(default=None, alias="regulationExemption")
    message: list[_Ed318TextWithLanguage] = Field(default_factory=list)
    authority: list[_SchemaAuthority] = Field(alias="zoneAuthority", min_length=1)
    limited: list[dict[str, Any]] = Field(default_factory=list, alias="limitedApplicability")
    source: dict[str, Any] | None = Field(default=None, alias="dataSource")
    extended: dict[str, Any] | None = Field(default=None, alias="extendedProperties")


class _SchemaFeature(JsonModel):
    type: Literal["Feature"]
    properties: _SchemaProperties


class _Ed318Layer(JsonModel):
    lower: Any = None
    lower_reference: Any = Field(default=None, alias="lowerReference")
    upper: Any = None
    upper_reference: Any = Field(default=None, alias="upperReference")
    uom: Any = "m"


class _Ed318CircleExtent(JsonModel):
    sub_type: Literal["Circle"] = Field(alias="subType")
    radius: JsonNumber


class _Ed318Geometry(JsonModel):
    type: Literal["Point", "Polygon", "MultiPolygon"]
    layer: _Ed318Layer | None = None


class _Ed318Circle(_Ed318Geometry):
    coordinates: JsonPosition
    extent: _Ed318CircleExtent


class _Ed318Applicability(JsonModel):
    start: UtcTime | None = Field(default=None, alias="startDateTime")
    end: UtcEndTime | None = Field(default=None, alias="endDateTime")
    schedule: list[DailyPeriodJson] | None = None


class _Ed318Properties(JsonModel):
    """What is read of the properties of a feature; only its times can be at fault."""

    identifier: JsonWords = ""
    name: JsonWords = ""
    type: JsonWords = ""
    conditions: JsonWords = Field(default="", alias="restrictionConditions")
    message: JsonWords = ""
    other_reason: JsonWords = Field(default="", alias="otherReasonInfo")
    #: Authorities of any form: only their names are shown.
    authority: Any = Field(default=None, alias="zoneAuthority")
    limited: list[_Ed318Applicability] | None = Field(default=None, alias="limitedApplicability")


class _Ed318Metadata(JsonModel):
    valid_from: UtcTime | None = Field(default=None, alias="validFrom")
    valid_to: UtcEndTime | None = Field(default=None, alias="validTo")
    issued: UtcTime | None = None


class _Ed318Collection(JsonModel):
    name: JsonWords = ""
    title: JsonWords = ""


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether a file is GeoJSON with features of this standard."""
    return is_ed318(file.json)


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every layer of every feature; one that cannot be read is skipped, with its path."""
    head, remarks = validated_non_zone_members_and_remarks(
        _Ed318Collection, {**file.json, "features": None}
    )
    # The Irish file calls it "datasetMetadata".
    stated = file.json.get("metadata") or file.json.get("datasetMetadata")
    metadata, date_remarks = validated_non_zone_members_and_remarks(
        _Ed318Metadata, stated if isinstance(stated, dict) else {}
    )
    source = file.build_zone_source(
        FORMAT.name,
        edition=head.name or head.title,
        issued=metadata.issued,
        effective_from=metadata.valid_from,
        effective_to=metadata.valid_to,
    )
    date_remarks = tuple(replace(each, path=f"metadata.{each.path}") for each in date_remarks)
    items: list[model.Zone | model.SkippedItem] = []
    for number, data in enumerate(file.json["features"]):
        items += _zones_and_skipped_items_of_feature(data, f"features[{number}]", source)
    schema_remarks = _schema_remarks(file.json["features"])
    return model.build_zone_file(source, items, (*remarks, *date_remarks, *schema_remarks))


def _schema_remarks(features: list[Any]) -> Iterator[model.ReadingRemark]:
    """Yield in what features depart from the schemas; the zones are read all the same."""
    count = 0
    for number, data in enumerate(features):
        try:
            validate_json(_SchemaFeature, data, path := f"features[{number}]")
        except model.ZoneError as error:
            count += 1
            if count <= _MAX_SCHEMA_REMARKS:
                text = f"not as the schemas want it: {error.message_without_path(path)}"
                yield model.ReadingRemark(path, text)
    if count > _MAX_SCHEMA_REMARKS:
        text = f"{count - _MAX_SCHEMA_REMARKS:,} more features are not as the schemas want them"
        yield model.ReadingRemark("features", text)


def _zones_and_skipped_items_of_feature(
    data: Any, path: str, source: model.ZoneSource
) -> Iterator[model.Zone | model.SkippedItem]:
    feature = data if isinstance(data, dict) else {}
    geometry = feature.get("geometry")
    try:
        properties = validate_json(_Ed318Properties, feature.get("properties"), path)
        schedule = _parse_schedule(properties.limited or [], f"{path}.limitedApplicability")
    except model.ZoneError as error:
        yield _skipped_item(feature, geometry, path, error.message_without_path(path))
        return
    for where, part in _paths_and_geometries_of_collection(geometry, f"{path}.geometry"):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "Point" and "extent" not in part:
            reason = "a point without extent is not an area"
            yield _skipped_item(feature, part, where, reason)
        elif kind in ("LineString", "MultiLineString", "MultiPoint", None):
            yield _skipped_item(feature, part, where, f"{kind or 'null'} is not an area")
        else:
            try:
                yield _build_zone(properties, schedule, part, where, source)
            except model.ZoneError as error:
                reason = error.message_without_path(where)
                # The radius of a circle may be what is not known.
                place = None if kind == "Point" else part
                yield _skipped_item(feature, place, where, reason)


def _skipped_item(
    feature: dict[str, Any], geometry: Any, path: str, reason: str
) -> model.SkippedItem:
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    name = text_of_value(properties.get("name")) or text_of_value(properties.get("identifier"))
    return model.SkippedItem(path, reason, name, geometry_bounds(geometry))


def _paths_and_geometries_of_collection(geometry: Any, path: str) -> Iterator[tuple[str, Any]]:
    members = geometry.get("geometries") if isinstance(geometry, dict) else None
    if isinstance(members, list) and geometry.get("type") == "GeometryCollection":
        for number, member in enumerate(members):
            yield f"{path}.geometries[{number}]", member
    else:
        yield path, geometry


def _build_zone(
    properties: _Ed318Properties,
    schedule: tuple[model.ActivePeriod, ...],
    geometry: dict[str, Any],
    path: str,
    source: model.ZoneSource,
) -> model.Zone:
    layer = validate_json(_Ed318Geometry, geometry, path).layer or _Ed318Layer()
    return model.Zone(
        id=properties.identifier or properties.name or path,
        name=properties.name or properties.identifier or path,
        kind=properties.type,
        effect=effect_of_restriction(properties.type),
        shape=_parse_shapes(geometry, path),
        lower=limit_from_value_unit_and_datum(
            layer.lower, layer.uom or "m", layer.lower_reference, f"{path}.layer.lower"
        ),
        upper=limit_from_value_unit_and_datum(
            layer.upper, layer.uom or "m", layer.upper_reference, f"{path}.layer.upper"
        ),
        source=source,
        path=path,
        authority=authority_names_text(properties.authority),
        schedule=schedule,
        # By the schema, a zone without limited applicability applies all the time.
        schedule_stated=True,
        remarks=join_zone_remarks(
            properties.conditions, properties.message, properties.other_reason
        ),
    )


def _parse_shapes(geometry: dict[str, Any], path: str) -> tuple[model.Shape, ...]:
    if areas := parse_polygons(geometry, path):
        return areas
    circle = validate_json(_Ed318Circle, geometry, path)
    centre = parse_position(circle.coordinates, f"{path}.coordinates")
    return (build_valid_circle(centre, circle.extent.radius, f"{path}.extent.radius"),)


def _parse_schedule(
    applicabilities: list[_Ed318Applicability], path: str
) -> tuple[model.ActivePeriod, ...]:
    return tuple(
        model.ActivePeriod(
            applicability.start,
            applicability.end,
            parse_daily_hours(applicability.schedule or (), f"{path}[{number}].schedule"),
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
