"""EUROCAE ED-269 UAS geographical zones (JSON).

Facts: the samples of InterUSS (Apache-2.0) and its model ``uas_standards``; ED-269
itself is not free to read.  Variants in known files: the list under ``UASZoneList``, under
``features`` or by itself; limits as numbers or as text; a limit that is null, which means not
stated and never 0; feet and metres; hours under ``schedule`` or ``dailyPeriod``,
with every value null where there are none; circles as ``center`` and ``radius``
(metres).  One zone may have several volumes with limits of their own: each becomes
a zone.  A restriction that the standard does not know is kept, its meaning not stated.  A zone
whose place, height or time cannot be read is left out, with its path.  Not used:
``regulationExemption``, ``uSpaceClass``, ``region``.
"""

from typing import Any

from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import build_valid_circle
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._ed269_applicability import (
    Ed269ApplicabilityPeriod,
    schedule_from_ed269,
)
from dji_audit.zones.formats._json_validation import (
    JsonModel,
    JsonNumber,
    JsonPosition,
    JsonWords,
    UtcTime,
    authority_names_text,
    first_object_or_empty,
    geometry_bounds,
    is_ed269_list,
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


class _Ed269HorizontalProjection(JsonModel):
    type: str | None = None
    coordinates: Any = None
    center: JsonPosition | None = None
    radius: JsonNumber | None = None


class _Ed269Volume(JsonModel):
    unit: Any = Field(default=None, alias="uomDimensions")
    lower: Any = Field(default=None, alias="lowerLimit")
    lower_reference: Any = Field(default=None, alias="lowerVerticalReference")
    upper: Any = Field(default=None, alias="upperLimit")
    upper_reference: Any = Field(default=None, alias="upperVerticalReference")
    projection: _Ed269HorizontalProjection = Field(alias="horizontalProjection")


class _Ed269Zone(JsonModel):
    identifier: JsonWords = ""
    name: JsonWords = ""
    restriction: JsonWords = ""
    message: JsonWords = ""
    other_reason: JsonWords = Field(default="", alias="otherReasonInfo")
    applicability: list[Ed269ApplicabilityPeriod] | None = None
    #: Authorities of any form: only their names are shown.
    authority: Any = Field(default=None, alias="zoneAuthority")
    geometry: list[dict[str, Any]] = Field(min_length=1)


class _Ed269FileHead(JsonModel):
    version: JsonWords = Field(default="", alias="formatVersion")
    created: UtcTime | None = Field(default=None, alias="createdAt")
    title: JsonWords = ""


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether a file has a list of zones under one of the two keys."""
    return _find_list_key_and_zones(file.json) is not None


def _find_list_key_and_zones(data: Any) -> tuple[str, list[Any]] | None:
    """Return the zones with the path of their list; ``None``: the file is of another form."""
    if isinstance(data, list):
        return ("", data) if is_ed269_list(data) else None
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("UASZoneList"), list):
        return "UASZoneList", data["UASZoneList"]
    features = data.get("features")
    if not isinstance(features, list):
        return None
    # ArcGIS has features of another form: attributes beside one geometry.
    is_arcgis = "attributes" in first_object_or_empty(features) or "geometryType" in data
    is_other = is_arcgis or "spatialReference" in data or data.get("type") == "FeatureCollection"
    return None if is_other and not is_ed269_list(features) else ("features", features)


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every volume of every zone; one that cannot be read is skipped, with its path."""
    key, zones = _find_list_key_and_zones(file.json) or ("", [])
    members = {name: value for name, value in file.json.items() if name != key} if key else {}
    head, remarks = validated_non_zone_members_and_remarks(_Ed269FileHead, members)
    source = file.build_zone_source(
        FORMAT.name, edition=head.title or head.version, issued=head.created
    )
    items: list[model.Zone | model.SkippedItem] = []
    for number, data in enumerate(zones):
        path = f"{key}[{number}]"
        try:
            zone = validate_json(_Ed269Zone, data, path)
            schedule = schedule_from_ed269(zone.applicability or (), f"{path}.applicability")
        except model.ZoneError as error:
            items.append(_skipped_item(data, path, error))
            continue
        for at, volume in enumerate(zone.geometry):
            where = f"{path}.geometry[{at}]"
            try:
                items.append(_build_zone(zone, schedule, volume, where, source))
            except model.ZoneError as error:
                items.append(_skipped_item({**data, "geometry": [volume]}, where, error))
    return model.build_zone_file(source, items, remarks)


def _skipped_item(data: Any, path: str, error: model.ZoneError) -> model.SkippedItem:
    """Return a zone or volume that cannot be read, with its place as far as that is known."""
    data = data if isinstance(data, dict) else {}
    name = text_of_value(data.get("name")) or text_of_value(data.get("identifier"))
    volumes = data.get("geometry")
    projections = [
        volume.get("horizontalProjection")
        for volume in (volumes if isinstance(volumes, list) else [])
        if isinstance(volume, dict)
    ]
    # Of a circle only the middle is known for certain: it may be its radius that is at fault.
    is_certain = all(isinstance(each, dict) and "coordinates" in each for each in projections)
    bounds = geometry_bounds(projections) if is_certain else None
    return model.SkippedItem(path, error.message_without_path(path), name, bounds)


def _build_zone(
    zone: _Ed269Zone,
    schedule: tuple[model.ActivePeriod, ...],
    data: dict[str, Any],
    path: str,
    source: model.ZoneSource,
) -> model.Zone:
    volume = validate_json(_Ed269Volume, data, path)
    return model.Zone(
        id=zone.identifier or zone.name or path,
        name=zone.name or zone.identifier or path,
        kind=zone.restriction,
        effect=effect_of_restriction(zone.restriction),
        shape=_parse_shapes(volume.projection, f"{path}.horizontalProjection"),
        lower=limit_from_value_unit_and_datum(
            volume.lower, volume.unit, volume.lower_reference, f"{path}.lowerLimit"
        ),
        upper=limit_from_value_unit_and_datum(
            volume.upper, volume.unit, volume.upper_reference, f"{path}.upperLimit"
        ),
        source=source,
        path=path,
        authority=authority_names_text(zone.authority),
        schedule=schedule,
        schedule_stated=bool(zone.applicability),
        remarks=join_zone_remarks(zone.message, zone.other_reason),
    )


def _parse_shapes(projection: _Ed269HorizontalProjection, path: str) -> tuple[model.Shape, ...]:
    kind = (projection.type or "").upper()
    if kind == "CIRCLE" or (not kind and projection.center is not None):
        if projection.center is None or projection.radius is None:
            raise model.ZoneError(f"{path}: expected center and radius of a circle")
        centre = parse_position(projection.center, f"{path}.center")
        return (build_valid_circle(centre, projection.radius, f"{path}.radius"),)
    if kind in ("", "POLYGON", "MULTIPOLYGON"):
        kind = "MultiPolygon" if kind == "MULTIPOLYGON" else "Polygon"
        areas = parse_polygons({"type": kind, "coordinates": projection.coordinates}, path)
        if areas:
            return areas
    raise model.ZoneError(f"{path}.type: expected Polygon or Circle, found {kind[:20]!r}")


FORMAT = ZoneFormat(
    name="ed-269",
    title="EUROCAE ED-269 UAS geographical zones (JSON)",
    reference="samples of InterUSS monitoring and uas_standards (Apache-2.0)",
    claims=claims,
    read=read,
)
