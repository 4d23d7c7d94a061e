"""Areas in plain GeoJSON (RFC 7946), such as an AIS, a map server or a map editor exports.

GeoJSON does not define limits and times; ``_feature_properties`` holds the words of known
publishers.  Of our own, in upper or lower case: ``id`` or ``identifier``; ``name`` or ``title``;
``type``, ``class`` or ``kind``; ``lower``, ``floor`` or ``lowerLimit`` and ``upper``, ``ceiling``
or ``upperLimit`` as a text with its datum ("SFC", "120 m AGL", "FL65", "2000 ft AMSL");
``timeBegin`` or ``validFrom`` and ``timeEnd`` or ``validTo``; ``active``, with the
only known value ``H24``; ``authority``; ``radius_m``, which makes a point a circle;
``description``.  The collection itself may have ``name``,
``edition``, ``issued`` and ``effective``, and as ``extent`` the west, south, east and north of
the area for which it is complete.  (The ``bbox`` of RFC 7946 says only where its features lie.)
A missing limit is not stated.
Edges are read as geodesics, although RFC 7946 defines them as straight in degrees:
the two differ by 0.1 m over 2 km at 55 degrees, and by 100 m over 60 km.  An edge of 180 degrees
of longitude and more may go either way round the Earth; such an area is left out, unless it turns
as a strip across the antimeridian does.  Points and
lines are not areas and are skipped, with their path; so is a feature whose place or limit cannot
be read.  A single feature is read too, a list of features, and the answer of openAIP's interface
(``items``); so is another reference system (``crs`` of the format of 2008).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._completeness_area import build_valid_lat_lon_box
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import build_valid_circle
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._convert_to_wgs84 import (
    PositionConverter,
    converter_to_wgs84,
    positions_in_wgs84,
)
from dji_audit.zones.formats._feature_properties import FeatureProperties
from dji_audit.zones.formats._json_validation import (
    JsonModel,
    JsonNumber,
    JsonPosition,
    JsonWords,
    UtcTime,
    geometry_bounds,
    is_ed269_list,
    is_ed318,
    parse_polygons,
    parse_position,
    text_of_value,
    validate_json,
    validated_non_zone_members_and_remarks,
)


class _GeoJsonPoint(JsonModel):
    coordinates: JsonPosition


class _CircleRadius(JsonModel):
    radius: JsonNumber


class _GeoJsonCollection(JsonModel):
    name: JsonWords = ""
    edition: JsonWords = ""
    issued: UtcTime | None = None
    effective: UtcTime | None = None


class _GeoJsonExtent(JsonModel):
    extent: list[JsonNumber] | None = Field(default=None, min_length=4, max_length=4)


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether a file holds features that no other format claims."""
    return _feature_list_path_and_features(file.json) is not None and not is_ed318(file.json)


def _feature_list_path_and_features(data: Any) -> tuple[str, list[Any]] | None:
    """Return the features with the path of their list; ``None``: the file is of another form."""
    if isinstance(data, list):
        return (
            ("", [_feature_from_openaip_item(entry) for entry in data])
            if _any_entry_has_geometry(data)
            else None
        )
    if not isinstance(data, dict):
        return None
    features, items = data.get("features"), data.get("items")
    if data.get("type") == "FeatureCollection" and isinstance(features, list):
        return None if is_ed269_list(features) else ("features", features)
    if data.get("type") == "Feature" and "geometry" in data:
        return "", [data]
    if isinstance(items, list) and _any_entry_has_geometry(items):
        return "items", [_feature_from_openaip_item(item) for item in items]
    return None


def _any_entry_has_geometry(entries: list[Any]) -> bool:
    return any(
        isinstance(entry, dict) and isinstance(entry.get("geometry"), dict) for entry in entries
    )


def _feature_from_openaip_item(item: Any) -> Any:
    """Return a feature, or an entry of openAIP with its properties beside the geometry as one."""
    if not isinstance(item, dict) or item.get("type") == "Feature":
        return item
    properties = {name: value for name, value in item.items() if name != "geometry"}
    return {"type": "Feature", "geometry": item.get("geometry"), "properties": properties}


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every area; a feature that cannot be read is among the skipped items, with its path.

    Raises:
        ZoneError: If the extent or the reference system that the file states cannot be read.
    """
    root, features = _feature_list_path_and_features(file.json) or ("", [])
    head_of_file = file.json if isinstance(file.json, dict) else {}
    members = {name: value for name, value in head_of_file.items() if name != root}
    is_single = isinstance(file.json, dict) and not root
    head, remarks = validated_non_zone_members_and_remarks(_GeoJsonCollection, members)
    extent = validate_json(_GeoJsonExtent, members).extent
    to_wgs84 = converter_to_wgs84(_stated_reference_system(members.get("crs")))
    read_features = [
        _FeatureInWgs84(data, "feature" if is_single else f"{root}[{number}]", to_wgs84)
        for number, data in enumerate(features)
    ]
    map_dates = [feature.properties.map_effective_date for feature in read_features]
    source = file.build_zone_source(
        FORMAT.name,
        edition=head.edition or head.name,
        issued=head.issued,
        effective_from=head.effective or max(filter(None, map_dates), default=None),
        extent=None if extent is None else _parse_completeness_box(extent),
    )
    items = [item for feature in read_features for item in feature.zones_or_skipped_items(source)]
    feature_remarks = [remark for feature in read_features for remark in feature.properties.remarks]
    return model.build_zone_file(source, items, (*remarks, *feature_remarks))


def _parse_completeness_box(numbers: list[float]) -> model.LatLonBox:
    """Return where the file says that it is complete."""
    west, south, east, north = numbers
    return build_valid_lat_lon_box(south, west, north, east, "extent")


def _stated_reference_system(crs: Any) -> Any:
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    return properties.get("name") if isinstance(properties, Mapping) else None


class _FeatureInWgs84:
    """One feature, with its geometry in WGS 84."""

    def __init__(self, data: Any, path: str, to_wgs84: PositionConverter | None) -> None:
        feature = data if isinstance(data, dict) else {}
        self.path = path
        self.is_feature = isinstance(data, dict)
        properties = feature.get("properties")
        self.properties = FeatureProperties(
            properties if isinstance(properties, dict) else {},
            path,
            text_of_value(feature.get("id")),
        )
        geometry = feature.get("geometry")
        self.geometry = dict(geometry) if isinstance(geometry, dict) else None
        self.to_wgs84 = to_wgs84

    def zones_or_skipped_items(
        self, source: model.ZoneSource
    ) -> Iterator[model.Zone | model.SkippedItem]:
        """Yield the zones of the feature, or why there are none."""
        try:
            self._convert_positions_to_wgs84()
            shape = tuple(self._shapes(self.geometry, f"{self.path}.geometry"))
            if shape:
                yield from list(self.properties.build_zones(shape, source))
                return
            kind = "null" if self.geometry is None else text_of_value(self.geometry.get("type"))
            reason = f"{kind or 'no geometry'} is not an area"
            if not self.is_feature:
                reason = "not a feature"
        except model.ZoneError as error:
            reason = error.message_without_path(self.path)
        bounds = geometry_bounds(self.geometry)
        yield model.SkippedItem(self.path, reason, self.properties.name, bounds)

    def _convert_positions_to_wgs84(self) -> None:
        if self.to_wgs84 is None or self.geometry is None:
            return
        coordinates = self.geometry.pop("coordinates", None)
        path = f"{self.path}.geometry"
        self.geometry["coordinates"] = positions_in_wgs84(coordinates, self.to_wgs84, path)

    def _shapes(self, geometry: Any, path: str) -> Iterator[model.Shape]:
        """Yield the areas of a geometry, or of each in a collection.

        Raises:
            ZoneError: If one cannot be read.
        """
        if not isinstance(geometry, dict):
            return
        members = geometry.get("geometries")
        if geometry.get("type") == "GeometryCollection" and isinstance(members, list):
            for number, member in enumerate(members):
                where = f"{path}.geometries[{number}]"
                # A collection within a collection is not read: RFC 7946 advises against it.
                if isinstance(member, dict) and "geometries" in member:
                    raise model.ZoneError(f"{where}: a collection within a collection")
                yield from self._shapes(member, where)
            return
        yield from parse_polygons(geometry, path)
        if geometry.get("type") == "Point":
            yield from self._circle_around_point(geometry, path)

    def _circle_around_point(self, geometry: dict[str, Any], path: str) -> Iterator[model.Circle]:
        radius_m, extent = self.properties.radius_m(), geometry.get("extent")
        if radius_m is None and isinstance(extent, Mapping):
            radius_m = extent.get("radius")
        if radius_m is None:
            return
        where = f"{path}: radius_m"
        radius = validate_json(_CircleRadius, {"radius": radius_m}, where).radius
        point = validate_json(_GeoJsonPoint, geometry, path)
        centre = parse_position(point.coordinates, f"{path}.coordinates")
        yield build_valid_circle(centre, radius, where)


FORMAT = ZoneFormat(
    name="geojson",
    title="areas in plain GeoJSON",
    reference="RFC 7946; openAIP core API; FAA UAS facility maps; zones of EANS, DIPUL and FOCA",
    claims=claims,
    read=read,
)
