"""Areas in plain GeoJSON (RFC 7946), such as an AIS or a map editor exports.

GeoJSON does not define limits and times, so files use properties of their own.  The
properties read here, in upper or lower case, are: ``id`` or ``identifier``; ``name`` or
``title``; ``type``,
``class`` or ``kind``; ``lower``, ``floor`` or ``lowerLimit`` and ``upper``, ``ceiling``
or ``upperLimit`` as a text with its datum ("SFC", "120 m AGL", "FL65", "2000 ft AMSL");
``timeBegin`` or ``validFrom`` and ``timeEnd`` or ``validTo``; ``active``, with the
only known value ``H24``; ``authority``; ``radius_m``, which makes a point a circle;
``description``.  The collection itself may have ``name``,
``edition``, ``issued`` and ``effective``, and as ``extent`` the west, south, east and north of
the area for which it is complete.  (The ``bbox`` of RFC 7946 says only where its features lie.)
A missing limit is not stated.
Edges are read as geodesics, although RFC 7946 defines them as straight in degrees:
the two differ by 0.1 m over 2 km at 55 degrees, and by 100 m over 60 km.  Points and
lines are not areas and are skipped, with their path.
"""

from typing import Any, Literal

from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._extent import valid_box
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._validated_shapes import valid_circle
from dji_audit.zones._zone_file_content import ZoneFileContent
from dji_audit.zones.formats._aviation_text import parse_limit
from dji_audit.zones.formats._json import (
    JsonModel,
    JsonNumber,
    JsonPosition,
    UtcTime,
    geometry_bounds,
    is_ed318,
    parse_polygons,
    parse_position,
    validate_json,
)

#: Value of the file, upper case -> effect.
_EFFECTS = {
    "P": model.Effect.PROHIBITED,
    "PROHIBITED": model.Effect.PROHIBITED,
    "R": model.Effect.AUTHORISATION,
    "RESTRICTED": model.Effect.AUTHORISATION,
    "REQ_AUTHORISATION": model.Effect.AUTHORISATION,
    "REQ_AUTHORIZATION": model.Effect.AUTHORISATION,
    "D": model.Effect.ADVISORY,
    "DANGER": model.Effect.ADVISORY,
    "CONDITIONAL": model.Effect.CONDITIONAL,
    "NO_RESTRICTION": model.Effect.NONE,
}


class _GeoJsonPoint(JsonModel):
    coordinates: JsonPosition


class _GeoJsonFeature(JsonModel):
    type: Literal["Feature"]
    id: str | int | None = None
    geometry: dict[str, Any] | None
    properties: dict[str, Any] | None = None


class _GeoJsonCollection(JsonModel):
    name: str = ""
    edition: str = ""
    issued: UtcTime | None = None
    effective: UtcTime | None = None
    extent: list[JsonNumber] | None = Field(default=None, min_length=4, max_length=4)


class _GeoJsonProperties(JsonModel):
    """The properties that are read, by the first of their aliases."""

    id: str | int | None = None
    name: str | None = None
    type: str | None = None
    lower: str | None = None
    upper: str | None = None
    begin: UtcTime | None = Field(default=None, alias="timebegin")
    end: UtcTime | None = Field(default=None, alias="timeend")
    active: Literal["H24"] | None = None
    authority: str | None = None
    radius_m: JsonNumber | None = None
    description: str | None = None


_PROPERTY_ALIASES = {
    "identifier": "id",
    "title": "name",
    "class": "type",
    "kind": "type",
    "floor": "lower",
    "lowerlimit": "lower",
    "ceiling": "upper",
    "upperlimit": "upper",
    "validfrom": "timebegin",
    "validto": "timeend",
}


def claims(file: ZoneFileContent) -> bool:
    """Return whether a document is a feature collection that no other format claims."""
    data = file.json
    return (
        isinstance(data, dict)
        and data.get("type") == "FeatureCollection"
        and isinstance(data.get("features"), list)
        and not is_ed318(data)
    )


def read(file: ZoneFileContent) -> model.ZoneFile:
    """Read every area.

    Raises:
        ZoneError: With the path of the error.
    """
    head = validate_json(_GeoJsonCollection, {**file.json, "features": None})
    source = file.source(
        FORMAT.name,
        edition=head.edition or head.name,
        issued=head.issued,
        effective_from=head.effective,
        extent=None if head.extent is None else _parse_extent(head.extent),
    )
    items: list[model.Zone | model.SkippedItem] = []
    for number, data in enumerate(file.json["features"]):
        path = f"features[{number}]"
        feature = validate_json(_GeoJsonFeature, data, path)
        properties = _parse_properties(feature, path)
        shape = _parse_shape(feature.geometry, properties, f"{path}.geometry")
        if shape:
            items.append(_build_zone(feature, properties, shape, path, source))
        else:
            kind = (feature.geometry or {}).get("type", "null")
            name = properties.name or str(properties.id or feature.id or "")
            bounds = geometry_bounds(feature.geometry)
            items.append(model.SkippedItem(path, f"{kind} is not an area", name, bounds))
    return model.build_zone_file(source, items)


def _parse_extent(numbers: list[float]) -> model.LatLonBox:
    """Return where the file says that it is complete."""
    west, south, east, north = numbers
    return valid_box(south, west, north, east, "extent")


def _parse_properties(feature: _GeoJsonFeature, path: str) -> _GeoJsonProperties:
    values = {}
    for name, value in (feature.properties or {}).items():
        lower = name.lower()
        key = _PROPERTY_ALIASES.get(lower, lower)
        # The proper name of a property takes precedence over an alias.
        if key not in values or key == lower:
            values[key] = value
    return validate_json(_GeoJsonProperties, values, f"{path}.properties")


def _parse_shape(
    geometry: dict[str, Any] | None, properties: _GeoJsonProperties, path: str
) -> tuple[model.Shape, ...]:
    if areas := parse_polygons(geometry, path):
        return areas
    if (geometry or {}).get("type") == "Point" and properties.radius_m is not None:
        geojson_point = validate_json(_GeoJsonPoint, geometry, path)
        centre = parse_position(geojson_point.coordinates, f"{path}.coordinates")
        return (valid_circle(centre, properties.radius_m, f"{path}: radius_m"),)
    return ()


def _build_zone(
    feature: _GeoJsonFeature,
    properties: _GeoJsonProperties,
    shape: tuple[model.Shape, ...],
    path: str,
    source: model.ZoneSource,
) -> model.Zone:
    id_ = properties.id if properties.id is not None else feature.id
    named = str(id_) if id_ is not None else properties.name or path
    timed = properties.begin is not None or properties.end is not None
    return model.Zone(
        id=named,
        name=properties.name or named,
        kind=properties.type or "",
        effect=_EFFECTS.get((properties.type or "").upper(), model.Effect.NOT_STATED),
        shape=shape,
        lower=_parse_stated_limit(properties.lower, f"{path}.properties: lower limit"),
        upper=_parse_stated_limit(properties.upper, f"{path}.properties: upper limit"),
        source=source,
        path=path,
        authority=properties.authority or "",
        schedule=(model.ActivePeriod(properties.begin, properties.end),) if timed else (),
        schedule_stated=timed or properties.active is not None,
        remarks=properties.description or "",
    )


def _parse_stated_limit(text: str | None, path: str) -> model.Limit:
    if text is None:
        return model.NOT_STATED
    limit = parse_limit(text)
    if limit is None:
        raise model.ZoneError(f'{path}: expected a limit as in "120 m AGL", found {text[:40]!r}')
    return limit


FORMAT = ZoneFormat(
    name="geojson",
    title="areas in plain GeoJSON",
    reference="RFC 7946",
    claims=claims,
    read=read,
)
