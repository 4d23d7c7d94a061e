"""Areas in the JSON of ArcGIS servers ("ESRI JSON"), as their queries answer by default.

Facts: Esri's description of geometry objects.  Each of ``features`` has ``attributes`` and a
``geometry`` of ``rings``: clockwise ones are outer rings, the others are holes.  The reference
system is ``wkid`` or ``latestWkid`` of ``spatialReference``, in the answer or in the geometry;
``_feature_properties`` reads the attributes, as for GeoJSON.  Points and lines are not areas and
are skipped, with their path; so is a feature whose place or limit cannot be read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import shapely
from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import build_valid_ring, does_ring_go_either_way_round
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._convert_to_wgs84 import converter_to_wgs84, positions_in_wgs84
from dji_audit.zones.formats._feature_properties import FeatureProperties
from dji_audit.zones.formats._json_validation import (
    EITHER_WAY_ROUND,
    JsonModel,
    JsonRings,
    first_object_or_empty,
    geometry_bounds,
    parse_position,
    validate_json,
)

#: Rings that lie around one hole, on average; real ones have one.
_MAX_RINGS_AROUND = 20


class _ArcGisPolygon(JsonModel):
    rings: JsonRings = Field(min_length=1)


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether a file is the answer to a query: features with attributes."""
    data = file.json
    if not isinstance(data, dict) or "type" in data:
        return False
    features = data.get("features")
    if not isinstance(features, list):
        return False
    return (
        "attributes" in first_object_or_empty(features)
        or "geometryType" in data
        or "spatialReference" in data
    )


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every area; a feature that cannot be read is among the skipped items, with its path."""
    features = [
        (f"features[{number}]", data if isinstance(data, dict) else {})
        for number, data in enumerate(file.json["features"])
    ]
    properties = [
        FeatureProperties(_object_or_empty(data.get("attributes")), path) for path, data in features
    ]
    dates = filter(None, (each.map_effective_date for each in properties))
    source = file.build_zone_source(FORMAT.name, effective_from=max(dates, default=None))
    of_file = _stated_crs_wkid(file.json)
    items: list[model.Zone | model.SkippedItem] = []
    for (path, data), feature in zip(features, properties, strict=True):
        items += _zones_and_skipped_items_of_feature(
            data.get("geometry"), feature, path, of_file, source
        )
    remarks = [remark for feature in properties for remark in feature.remarks]
    return model.build_zone_file(source, items, remarks)


def _object_or_empty(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _stated_crs_wkid(data: Mapping[str, Any]) -> Any:
    system = _object_or_empty(data.get("spatialReference"))
    return system.get("latestWkid") or system.get("wkid")


def _zones_and_skipped_items_of_feature(
    geometry: Any,
    properties: FeatureProperties,
    path: str,
    code: Any,
    source: model.ZoneSource,
) -> Iterator[model.Zone | model.SkippedItem]:
    where, geometry = f"{path}.geometry", dict(_object_or_empty(geometry))
    try:
        if "rings" not in geometry:
            # "curveRings" too: what its curves enclose is not known.
            reason = f"{', '.join(geometry)[:40] or 'null'} is not an area"
        else:
            to_wgs84 = converter_to_wgs84(_stated_crs_wkid(geometry) or code)
            rings = positions_in_wgs84(geometry.pop("rings"), to_wgs84, where)
            geometry["rings"] = rings
            shape = _polygons_from_rings(
                validate_json(_ArcGisPolygon, geometry, where).rings, where
            )
            yield from list(properties.build_zones(shape, source))
            return
    except model.ZoneError as error:
        reason = error.message_without_path(path)
    yield model.SkippedItem(path, reason, properties.name, geometry_bounds(geometry))


def _polygons_from_rings(rings: JsonRings, path: str) -> tuple[model.Polygon, ...]:
    """Return the polygons of clockwise rings, each with the other rings that lie in it."""
    outer: list[tuple[model.Ring, shapely.Polygon]] = []
    holes: list[model.Ring] = []
    for number, positions in enumerate(rings):
        where = f"{path}.rings[{number}]"
        points = [
            parse_position(position, f"{where}[{index}]")
            for index, position in enumerate(positions)
        ]
        if does_ring_go_either_way_round(positions, clockwise=True):
            raise model.ZoneError(f"{where}: {EITHER_WAY_ROUND}")
        ring = build_valid_ring(points, where)
        plane = shapely.Polygon([point[::-1] for point in ring.points])
        # A single ring that turns the wrong way can be no hole.
        if shapely.is_ccw(plane.exterior) and len(rings) > 1:
            holes.append(ring)
        else:
            outer.append((ring, plane))
    if not outer:
        raise model.ZoneError(f"{path}: expected a clockwise ring, found {len(rings)} holes")
    inner: list[list[model.Ring]] = [[] for _ in outer]
    tree = shapely.STRtree([plane for _, plane in outer])
    met = 0
    for ring in holes:
        around = tree.query(shapely.Point(ring.points[0][::-1]), predicate="intersects")
        if not len(around):
            raise model.ZoneError(f"{path}: a hole outside of every ring")
        met += len(around)
        if met > _MAX_RINGS_AROUND * (len(holes) + 100):
            raise model.ZoneError(f"{path}: holes in more than {_MAX_RINGS_AROUND} rings each")
        inner[int(around[0])].append(ring)
    return tuple(
        model.Polygon(ring, tuple(its_holes))
        for (ring, _), its_holes in zip(outer, inner, strict=True)
    )


FORMAT = ZoneFormat(
    name="arcgis-json",
    title="areas in ArcGIS JSON (ESRI JSON)",
    reference="Esri, ArcGIS REST API: geometry objects; FAA UAS facility maps",
    claims=claims,
    read=read,
)
