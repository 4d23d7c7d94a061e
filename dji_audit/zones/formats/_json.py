"""Zone files in JSON: validated against models; errors name the JSON path."""

import datetime as dt
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from dji_audit.zones import _model as model
from dji_audit.zones._extent import box_of_points
from dji_audit.zones._validated_shapes import ring_from_closed, valid_point, valid_polygon


class JsonModel(BaseModel):
    """An object of a zone file; keys that the model does not name are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def _refuse_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004 - pydantic wants ValueError
    return value


#: A number, or text that holds a number; true and false are refused.
JsonNumber = Annotated[float, BeforeValidator(_refuse_bool)]
JsonPosition = list[JsonNumber]
JsonRings = list[list[JsonPosition]]

JsonModelT = TypeVar("JsonModelT", bound=BaseModel)


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
            f"{json_path(path, *fault['loc'])}: {_error_text(fault)}" for fault in faults[:3]
        ]
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise model.ZoneError("; ".join(messages) + more) from error
    except RecursionError as error:
        raise model.ZoneError(f"{path}: nested too deeply") from error


def json_path(start: str, *parts: int | str) -> str:
    """Return a path such as ``features[0].properties.name``."""
    path = start
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "the document"


def _error_text(fault: Any) -> str:
    value = fault.get("input")
    shown = "" if isinstance(value, dict | list) else f", found {str(value)[:40]!r}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:] + ("" if fault["type"] == "missing" else shown)


def _parse_utc(value: Any) -> Any:
    """Read a time without a zone as UTC, as all these formats define it."""
    if not isinstance(value, str):
        raise ValueError("expected a date and time as text")  # noqa: TRY004 - pydantic wants ValueError
    try:
        time = dt.datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise ValueError("expected a date and time as in 2024-05-31T12:00:00Z") from error
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


#: A date and time; without a time zone it is UTC.
UtcTime = Annotated[dt.datetime, BeforeValidator(_parse_utc)]


def parse_position(position: JsonPosition, path: str) -> model.Point:
    """Return a GeoJSON position, longitude first, as a point; its height is not used.

    Raises:
        ZoneError: If it is not a valid position.
    """
    if len(position) < 2:
        raise model.ZoneError(
            f"{path}: expected longitude and latitude, found {len(position)} numbers"
        )
    return valid_point(position[1], position[0], path)


def parse_rings(rings: JsonRings, path: str) -> model.Polygon:
    """Return the polygon of GeoJSON rings.

    Raises:
        ZoneError: If a ring is not closed or a point is out of range.
    """
    polygon_rings = []
    for number, ring in enumerate(rings):
        where = f"{path}[{number}]"
        polygon_rings.append(
            ring_from_closed(
                [
                    parse_position(position, f"{where}[{index}]")
                    for index, position in enumerate(ring)
                ],
                where,
            )
        )
    return valid_polygon(polygon_rings, path)


_DATUMS = {"AGL": model.Datum.AGL, "AMSL": model.Datum.AMSL, "WGS84": model.Datum.ELLIPSOID}


def parse_eurocae_limit(value: float | None, unit: str, reference: str | None) -> model.Limit:
    """Return a limit as ED-269 and ED-318 write it; a missing value is "not stated".

    Args:
        value: Its height.
        unit: ``m`` or ``ft``, in upper or lower case.
        reference: ``AGL``, ``AMSL`` or ``WGS84``; ``None`` where the file states none.
    """
    if value is None:
        return model.NOT_STATED
    return model.Limit(
        _DATUMS[reference] if reference else model.Datum.NOT_STATED, value, unit.lower()
    )


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
        return (parse_rings(area.coordinates, f"{path}.coordinates"),)
    if kind == "MultiPolygon":
        parts = enumerate(validate_json(_MultiPolygonGeometry, geometry, path).coordinates)
        return tuple(parse_rings(rings, f"{path}.coordinates[{at}]") for at, rings in parts)
    return ()


def geometry_bounds(geometry: Any) -> model.LatLonBox | None:
    """Return the box around whatever positions a GeoJSON geometry holds; ``None``: none is valid.

    For geometries that are not read as areas, so that a fault in them refuses no file.
    """
    points: list[model.Point] = []
    stack = [geometry]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            stack += [part.get("coordinates"), part.get("geometries")]
        elif isinstance(part, list):
            try:
                points.append(parse_position(part, ""))
            except (model.ZoneError, TypeError):
                stack += part
    return box_of_points(points)


def is_ed318(data: Any) -> bool:
    """Return whether GeoJSON follows ED-318: a feature names its authority or variant."""
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        return False
    features = data.get("features")
    if not isinstance(features, list):
        return False
    properties = [feature.get("properties") for feature in features if isinstance(feature, dict)]
    return any(
        isinstance(feature, dict) and {"zoneAuthority", "variant"} & feature.keys()
        for feature in properties
    )
