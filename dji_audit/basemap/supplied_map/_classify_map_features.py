"""What a feature of a vector map is: road, water, wood, building or name.

Makers of vector maps name their layers and attributes differently.  Known here are those of
OS Open Zoomstack (Ordnance Survey, layer names of 2018), Protomaps basemaps (version 4) and
OpenMapTiles (version 3); another map is drawn as far as its names are like theirs.
"""

from collections.abc import Mapping

from dji_audit.basemap.supplied_map._vector_tile import AREA, LINE, POINT, AttributeValue

#: Classes in the order in which they are drawn, areas first.
AREA_CLASSES = ("land", "wood", "green", "built_up", "water", "building")
LINE_CLASSES = ("boundary", "stream", "path", "minor_road", "road", "main_road", "rail")
FEATURE_CLASSES = (*AREA_CLASSES, *LINE_CLASSES)

#: Parts of the names of layers and of kinds, and the class of an area: the first that fits.
_AREAS = (
    ("wood", ("wood", "forest")),
    ("building", ("building",)),
    ("water", ("water", "ocean", "sea", "lake", "river", "foreshore", "reservoir")),
    ("green", ("park", "green", "grass", "garden", "meadow", "scrub", "heath", "recreation")),
    ("built_up", ("urban", "residential", "industrial", "commercial", "retail")),
    ("land", ("earth", "land")),
)
_LINES = (
    ("rail", ("rail", "transit", "subway", "tram")),
    ("stream", ("water", "river", "stream", "canal", "ditch")),
    ("boundary", ("boundar", "admin")),
)
#: Layers whose lines are roads.
_ROAD_LAYERS = ("road", "transportation", "highway", "street")
#: Kinds of roads, and their class: the first that fits.
_ROADS = (
    ("rail", ("rail", "transit", "subway", "tram")),
    ("main_road", ("motorway", "trunk", "primary", "a road", "major", "highway")),
    ("road", ("secondary", "tertiary", "b road", "medium")),
    ("path", ("path", "foot", "cycle", "track", "steps", "bridleway", "pedestrian")),
)
#: Layers that are drawn by none of the classes.
_NOT_DRAWN = ("contour", "housenumber", "mask")
#: Lines of road layers that are no roads.
_NO_ROADS = ("ferry", "aeroway", "runway")
_KIND_KEYS = ("kind", "class", "type", "Type", "kind_detail", "subclass", "highway")
_NAME_KEYS = ("name:en", "name", "name:latin", "name1", "NAME")
#: Parts of layer names that hold the names of places, and the weight of a name: 0 is the first.
_PLACE_LAYERS = ("place", "name", "settlement")
_PLACE_WEIGHTS = (
    (0, ("city", "capital")),
    (1, ("town", "locality")),
    (2, ("village", "suburb", "hamlet", "neighbourhood")),
)
_ROAD_NAME_WEIGHT, _OTHER_NAME_WEIGHT = 5, 4


def feature_class_text(attributes: Mapping[str, AttributeValue]) -> str:
    """Return what a feature states of its kind, in small letters."""
    words = (str(attributes[key]) for key in _KIND_KEYS if key in attributes)
    return " ".join(words).lower()


def feature_class(layer: str, kind: int, attributes: Mapping[str, AttributeValue]) -> str | None:
    """Return the class of `FEATURE_CLASSES` of a line or area; ``None``: it is not drawn."""
    name, words = layer.lower(), feature_class_text(attributes)
    if any(part in name for part in _NOT_DRAWN):
        return None
    if "building" in name:
        return "building" if kind == AREA else None
    if kind == AREA:
        return _first_class_with_keyword_in_text(
            _AREAS, words
        ) or _first_class_with_keyword_in_text(_AREAS, name)
    if kind != LINE:
        return None
    if any(part in name for part in _ROAD_LAYERS) and "name" not in name:
        if any(part in words for part in _NO_ROADS):
            return None
        return _first_class_with_keyword_in_text(_ROADS, words) or "minor_road"
    return _first_class_with_keyword_in_text(_LINES, name)


def feature_name_and_rank(
    layer: str, kind: int, attributes: Mapping[str, AttributeValue]
) -> tuple[str, int] | None:
    """Return the name of a feature and its weight, 0 for a city; ``None``: it is not named."""
    text = next((str(attributes[key]) for key in _NAME_KEYS if attributes.get(key)), "")
    name, words = layer.lower(), feature_class_text(attributes)
    if not text:
        return None
    if kind == LINE:
        is_road = any(part in name for part in (*_ROAD_LAYERS, "road_name"))
        return (text, _ROAD_NAME_WEIGHT) if is_road else None
    if kind != POINT or not any(part in name for part in _PLACE_LAYERS):
        return None
    for weight, parts in _PLACE_WEIGHTS:
        if any(part in words for part in parts):
            return text, weight
    return text, _OTHER_NAME_WEIGHT - 1


def _first_class_with_keyword_in_text(
    table: tuple[tuple[str, tuple[str, ...]], ...], words: str
) -> str | None:
    return next((name for name, parts in table if any(part in words for part in parts)), None)
