"""Zone files in JSON: validated against models; errors name the JSON path.

What neither place, height nor time needs never costs a zone: names, messages and authorities are
`JsonWords`, which take whatever the file holds there.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from dji_audit.zones import _model as model
from dji_audit.zones._completeness_area import bounds_despite_unread_points
from dji_audit.zones._validated_shapes import (
    build_valid_point,
    build_valid_polygon,
    does_ring_go_either_way_round,
    ring_from_closed,
)
from dji_audit.zones._zone_file_content import ConflictingDuplicateJsonValue
from dji_audit.zones.formats._aviation_text import parse_limit_field
from dji_audit.zones.formats._stated_times import in_time_zone, parse_stated_time


class JsonModel(BaseModel):
    """An object of a zone file; keys that the model does not name are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def _refuse_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004 - pydantic wants ValueError
    return value


#: A number, or text that holds a number; true and false are refused.
JsonNumber = Annotated[float, BeforeValidator(_refuse_bool)]


def _horizontal_part_of_position(value: Any) -> Any:
    """Return the horizontal part of a position: its height, which may be null, is not used."""
    return value[:2] if isinstance(value, list) else value


JsonPosition = Annotated[list[JsonNumber], BeforeValidator(_horizontal_part_of_position)]
JsonRings = list[list[JsonPosition]]

JsonModelT = TypeVar("JsonModelT", bound=BaseModel)

#: Characters of one text that are kept.
_MAX_WORDS = 4000


def text_of_value(value: Any) -> str:
    """Return the words of a value of any kind; empty where it holds none.

    Texts in several languages, as a list of ``text`` and ``lang`` or as an object of languages,
    give the English one, else the first.  Other lists give their words, divided by commas.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(value[:_MAX_WORDS].split())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    if isinstance(value, dict):
        return _text_or_english_text_of_object(value)
    if isinstance(value, list):
        objects = [entry for entry in value if isinstance(entry, Mapping) and "text" in entry]
        if objects:
            return _first_text_english_preferred(
                [(str(entry.get("lang") or ""), entry["text"]) for entry in objects]
            )
        words = (text_of_value(entry) for entry in value[:20] if not isinstance(entry, list))
        return ", ".join(filter(None, words))[:_MAX_WORDS]
    return ""


def _text_or_english_text_of_object(value: Mapping[str, Any]) -> str:
    for name in ("text", "name", "value"):
        if isinstance(value.get(name), str):
            return text_of_value(value[name])
    return _first_text_english_preferred(
        [(name, text) for name, text in value.items() if isinstance(text, str)]
    )


def _first_text_english_preferred(texts: Sequence[tuple[str, Any]]) -> str:
    """Return the first English text that has words, else the first that has any."""
    english = [text for language, text in texts if language.lower().startswith("en")]
    others = [text for _, text in texts]
    words = (text_of_value(text) for text in (*english, *others) if isinstance(text, str))
    return next(filter(None, words), "")


#: Words of any kind; what is null or missing gives an empty text.
JsonWords = Annotated[str, BeforeValidator(text_of_value)]


def validate_json(schema: type[JsonModelT], data: Any, path: str = "") -> JsonModelT:
    """Return data as a model.

    Raises:
        ZoneError: With the path of each error, up to three, and what was expected.
    """
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        messages = [
            f"{json_member_path(path, *fault['loc'])}: {_validation_error_text(fault)}"
            for fault in faults[:3]
        ]
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise model.ZoneError("; ".join(messages) + more) from error
    except RecursionError as error:
        raise model.ZoneError(f"{path}: nested too deeply") from error


def validated_non_zone_members_and_remarks(
    schema: type[JsonModelT], data: Mapping[str, Any]
) -> tuple[JsonModelT, tuple[model.ReadingRemark, ...]]:
    """Return the members of a file beside its zones, and a remark on each that is not usable.

    A member that is not what it should be, as a date that is none, costs no zone: it counts as
    missing.
    """
    usable = dict(data)
    remarks: list[model.ReadingRemark] = []
    for _ in range(len(schema.model_fields) + 1):
        try:
            return schema.model_validate(usable), tuple(remarks)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False):
                usable.pop(str(fault["loc"][0]), None)
                path = json_member_path("", *fault["loc"])
                remarks.append(
                    model.ReadingRemark(path, f"not usable: {_validation_error_text(fault)}")
                )
    raise model.ZoneError("the document: its head cannot be read")


def authority_names_text(value: Any) -> str:
    """Return the names of authorities, whatever form the file gives them."""
    entries = value if isinstance(value, list) else [value]
    names = (
        text_of_value(entry.get("name")) if isinstance(entry, Mapping) else text_of_value(entry)
        for entry in entries
    )
    return ", ".join(filter(None, names))


def json_member_path(start: str, *parts: int | str) -> str:
    """Return a path such as ``features[0].properties.name``."""
    path = start
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "the document"


def _validation_error_text(fault: Any) -> str:
    value = fault.get("input")
    if isinstance(value, ConflictingDuplicateJsonValue):
        return "the name is given twice in one object, with different values"
    shown = "" if isinstance(value, dict | list) else f", found {str(value)[:40]!r}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:] + ("" if fault["type"] == "missing" else shown)


def _parse_json_time(value: Any, *, is_end: bool) -> dt.datetime:
    if not isinstance(value, str):
        raise ValueError("expected a date and time as text")  # noqa: TRY004 - pydantic wants ValueError
    try:
        return parse_stated_time(value, is_end=is_end)
    except ValueError as error:
        raise ValueError("expected a date and time as in 2024-05-31T12:00:00Z") from error


def _parse_stated_begin(value: Any) -> Any:
    return _parse_json_time(value, is_end=False)


def _parse_stated_end(value: Any) -> Any:
    return _parse_json_time(value, is_end=True)


def _parse_begin_assuming_utc(value: Any) -> Any:
    return in_time_zone(_parse_stated_begin(value), dt.UTC)


def _parse_end_assuming_utc(value: Any) -> Any:
    return in_time_zone(_parse_stated_end(value), dt.UTC)


#: A date and time, with a time zone only where one is stated.
StatedTime = Annotated[dt.datetime, BeforeValidator(_parse_stated_begin)]
#: The same as an end: a date is the end of that day.
StatedEndTime = Annotated[dt.datetime, BeforeValidator(_parse_stated_end)]
#: A date and time in UTC; without a time zone it is UTC, as the standards of these formats say.
UtcTime = Annotated[dt.datetime, BeforeValidator(_parse_begin_assuming_utc)]
#: The same as an end: a date is the end of that day.
UtcEndTime = Annotated[dt.datetime, BeforeValidator(_parse_end_assuming_utc)]


def parse_position(position: JsonPosition, path: str) -> model.Point:
    """Return a GeoJSON position, longitude first, as a point; its height is not used.

    Raises:
        ZoneError: If it is not a valid position.
    """
    if len(position) < 2:
        raise model.ZoneError(
            f"{path}: expected longitude and latitude, found {len(position)} numbers"
        )
    return build_valid_point(position[1], position[0], path)


#: Why a ring is not read, where it has an edge of 180 degrees and more.
EITHER_WAY_ROUND = (
    "an edge spans 180 degrees of longitude or more, so it is not clear on which side the area "
    "lies; cut the area into smaller parts"
)


def polygon_from_rings(rings: JsonRings, path: str) -> model.Polygon:
    """Return the polygon of GeoJSON rings.

    Raises:
        ZoneError: If a ring is not closed or a point is out of range, or if the outer ring may go
            either way round the Earth.
    """
    polygon_rings = []
    for number, ring in enumerate(rings):
        where = f"{path}[{number}]"
        points = [
            parse_position(position, f"{where}[{index}]") for index, position in enumerate(ring)
        ]
        if number == 0 and does_ring_go_either_way_round(ring):
            raise model.ZoneError(f"{where}: {EITHER_WAY_ROUND}")
        polygon_rings.append(ring_from_closed(points, where))
    return build_valid_polygon(polygon_rings, path)


#: Codes of openAIP -> what they mean.
_OPENAIP_UNITS = {0: "m", 1: "ft", 6: "FL"}
_OPENAIP_DATUMS = {0: "AGL", 1: "AMSL", 2: "STD"}
_UNITS = {
    "M": "m",
    "METER": "m",
    "METERS": "m",
    "METRE": "m",
    "METRES": "m",
    "MTR": "m",
    "FT": "ft",
    "FEET": "ft",
    "FOOT": "ft",
    "FL": "FL",
}
#: Heights beyond which a number stands for "none": FAA data write -9998.
_LEAST_HEIGHT, _GREATEST_HEIGHT = -9000.0, 1e6


def limit_from_value_unit_and_datum(
    value: Any, unit: Any, reference: Any, path: str
) -> model.Limit:
    """Return a limit from its height, unit and datum; "not stated" where there is no height.

    Args:
        value: A number, a text such as "50", "SFC" or "120 m AGL", an object of value, unit and
            datum, or ``None``.
        unit: Metres, feet or flight levels, in words or as openAIP numbers them; ``None`` where
            the file does not say: the limit is then not stated, except at the surface.
        reference: The datum in words, or as openAIP numbers it.  One that is not known is not
            stated.
        path: The position in the file.

    Raises:
        ZoneError: If the height or its unit is not understood.
    """
    if isinstance(value, Mapping):
        parts = {name.lower(): part for name, part in value.items()}
        height = next(
            (parts[each] for each in ("value", "limit", "altitude") if each in parts), None
        )
        if isinstance(height, Mapping):
            raise model.ZoneError(f"{path}: expected a number, found an object")
        return limit_from_value_unit_and_datum(
            height,
            parts.get("unit", parts.get("uom", unit)),
            parts.get("referencedatum", parts.get("reference", parts.get("datum", reference))),
            path,
        )
    if value is None:
        return model.NOT_STATED
    number = _finite_number_or_none(value)
    if number is None:
        limit = parse_limit_field(value) if isinstance(value, str) else None
        if limit is None:
            raise model.ZoneError(
                f'{path}: expected a limit as in "120 m AGL", found {str(value)[:40]!r}'
            )
        return limit
    if not _LEAST_HEIGHT < number < _GREATEST_HEIGHT:
        return model.NOT_STATED
    return _limit_from_number(number, unit, reference, path)


def _finite_number_or_none(value: Any) -> float | None:
    """Return a value as a finite number; ``None`` if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value) if len(str(value)) < 400 else float("nan")
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def _limit_from_number(number: float, unit: Any, reference: Any, path: str) -> model.Limit:
    unit_words = _OPENAIP_UNITS.get(unit, "") if isinstance(unit, int) else text_of_value(unit)
    unit_name = _UNITS.get(unit_words.upper().rstrip("."), "")
    if unit_words and not unit_name:
        raise model.ZoneError(f"{path}: expected a unit of m, ft or FL, found {unit_words[:20]!r}")
    words = (
        _OPENAIP_DATUMS.get(reference, "")
        if isinstance(reference, int)
        else (text_of_value(reference))
    )
    if unit_name == "FL":
        return model.Limit(model.VerticalDatum.FLIGHT_LEVEL, number, "FL")
    described = parse_limit_field(f"1 {unit_name or 'ft'} {words}") if words else None
    datum = model.VerticalDatum.NOT_STATED if described is None else described.datum
    if number == 0 and datum is model.VerticalDatum.NOT_STATED:
        return model.SURFACE
    if not unit_name:
        return (
            model.SURFACE if number == 0 and datum is model.VerticalDatum.AGL else model.NOT_STATED
        )
    if datum is model.VerticalDatum.FLIGHT_LEVEL:
        feet = number if unit_name == "ft" else number / model.FEET_M
        return model.Limit(datum, feet / 100, "FL")
    return model.Limit(datum, number, unit_name)


class _PolygonGeometry(JsonModel):
    coordinates: JsonRings


class _MultiPolygonGeometry(JsonModel):
    coordinates: list[JsonRings]


def parse_polygons(geometry: Any, path: str) -> tuple[model.Polygon, ...]:
    """Return the polygons of a GeoJSON geometry; empty for other types of geometry.

    Raises:
        ZoneError: If a polygon is invalid.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        area = validate_json(_PolygonGeometry, geometry, path)
        return (polygon_from_rings(area.coordinates, f"{path}.coordinates"),)
    if kind == "MultiPolygon":
        parts = enumerate(validate_json(_MultiPolygonGeometry, geometry, path).coordinates)
        return tuple(polygon_from_rings(rings, f"{path}.coordinates[{at}]") for at, rings in parts)
    return ()


def geometry_bounds(geometry: Any) -> model.LatLonBox | None:
    """Return the box around whatever positions a GeoJSON geometry holds; ``None``: none is valid.

    For geometries that are not read as areas, so that a fault in them refuses no file.  A ring that
    may go either way round the Earth reaches all round it.
    """
    points: list[model.Point] = []
    unknown = 0
    reaches_round = False
    is_arcgis = isinstance(geometry, dict) and "rings" in geometry
    stack = [geometry]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            stack += [part.get("coordinates"), part.get("geometries"), part.get("rings")]
            # How far a circle reaches is not asked here; its middle is known.
        elif isinstance(part, list):
            if not part or isinstance(part[0], list | dict):
                reaches_round |= _is_closed_ring(part) and does_ring_go_either_way_round(
                    part, clockwise=is_arcgis
                )
                stack += part
                continue
            try:
                points.append(parse_position(part, ""))
            except (model.ZoneError, TypeError):
                unknown += 1
    if reaches_round and points:
        latitudes = [latitude for latitude, _ in points]
        return model.LatLonBox(min(latitudes), -180.0, max(latitudes), 180.0)
    return bounds_despite_unread_points(points, unknown)


def _is_closed_ring(value: list[Any]) -> bool:
    """Return whether an unchecked list is one of valid positions of which the last is the first."""
    try:
        points = [parse_position(position, "") for position in value]
    except (model.ZoneError, TypeError, LookupError):
        return False
    return len(points) > 1 and points[0] == points[-1]


def first_object_or_empty(entries: Any) -> Mapping[str, Any]:
    """Return the first object of a list; empty: there is none."""
    entries = entries if isinstance(entries, list) else []
    return next((entry for entry in entries if isinstance(entry, dict)), {})


def is_ed269_list(entries: Any) -> bool:
    """Return whether the entries of a list have volumes for their geometry, as ED-269 writes it."""
    geometry = first_object_or_empty(entries).get("geometry")
    return isinstance(geometry, list) and "horizontalProjection" in first_object_or_empty(geometry)


def is_ed318(data: Any) -> bool:
    """Return whether GeoJSON follows ED-318.

    A feature names its variant, or its authority beside a geometry with layers.  Authorities
    alone also stand in the exports of ED-269 as GeoJSON.
    """
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        return False
    return any(_is_ed318_feature(feature) for feature in features if isinstance(feature, dict))


def _is_ed318_feature(feature: Mapping[str, Any]) -> bool:
    properties, geometry = feature.get("properties"), feature.get("geometry")
    if not isinstance(properties, dict):
        return False
    if "variant" in properties:
        return True
    parts = geometry.get("geometries", [geometry]) if isinstance(geometry, dict) else []
    has_layer = any(isinstance(part, dict) and "layer" in part for part in parts or ())
    return has_layer and "zoneAuthority" in properties
