"""Zone files in JSON: checked against a model, faults named by their path."""

import datetime as dt
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from dji_audit.zones._model import NOT_STATED, Datum, Limit, Point, Polygon, ZoneError
from dji_audit.zones._shapes import checked_point, closed_ring, polygon


class Outside(BaseModel):
    """An object of a zone file; what the model does not name is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004 - pydantic wants ValueError
    return value


#: A number, or a text that is one; true and false are none.
Number = Annotated[float, BeforeValidator(_no_flag)]
Position = list[Number]
Rings = list[list[Position]]

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], data: Any, path: str = "") -> Model:
    """Return data as a model.

    Raises:
        ZoneError: With the path of each fault, up to three, and what was expected.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        told = [f"{json_path(path, *one['loc'])}: {_expected(one)}" for one in faults[:3]]
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise ZoneError("; ".join(told) + more) from error
    except RecursionError as error:
        raise ZoneError(f"{path}: nested too deeply") from error


def json_path(start: str, *parts: int | str) -> str:
    """Return a path such as ``features[0].properties.name``."""
    path = start
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "the document"


def _expected(fault: Any) -> str:
    found = fault.get("input")
    shown = "" if isinstance(found, dict | list) else f", found {str(found)[:40]!r}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:] + ("" if fault["type"] == "missing" else shown)


def _aware(value: Any) -> Any:
    """Read a time without a zone as UTC, which all these formats say it is."""
    if not isinstance(value, str):
        raise ValueError("expected a date and time as text")  # noqa: TRY004 - pydantic wants ValueError
    try:
        found = dt.datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise ValueError("expected a date and time as in 2024-05-31T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


#: A date and time; one without a zone is UTC.
Instant = Annotated[dt.datetime, BeforeValidator(_aware)]


def point(position: Position, path: str) -> Point:
    """Return a GeoJSON position, longitude first, as a point; a height in it is not used.

    Raises:
        ZoneError: If it is none, or not on the Earth.
    """
    if len(position) < 2:
        raise ZoneError(f"{path}: expected longitude and latitude, found {len(position)} numbers")
    return checked_point(position[1], position[0], path)


def polygon_of(rings: Rings, path: str) -> Polygon:
    """Return the polygon of GeoJSON rings.

    Raises:
        ZoneError: If a ring is not closed or a point not on the Earth.
    """
    made = []
    for number, ring in enumerate(rings):
        where = f"{path}[{number}]"
        made.append(
            closed_ring([point(one, f"{where}[{at}]") for at, one in enumerate(ring)], where)
        )
    return polygon(made, path)


_DATUMS = {"AGL": Datum.AGL, "AMSL": Datum.AMSL, "WGS84": Datum.ELLIPSOID}


def limit_of(value: float | None, unit: str, reference: str | None) -> Limit:
    """Return a limit as both standards of EUROCAE write it; one that is not given is not stated.

    Args:
        value: Its height.
        unit: ``m`` or ``ft``, in upper or lower case.
        reference: ``AGL``, ``AMSL`` or ``WGS84``; ``None``: the file does not say.
    """
    if value is None:
        return NOT_STATED
    return Limit(_DATUMS[reference] if reference else Datum.NOT_STATED, value, unit.lower())


class _Area(Outside):
    coordinates: Rings


class _Areas(Outside):
    coordinates: list[Rings]


def areas_of(geometry: Any, path: str) -> tuple[Polygon, ...]:
    """Return the polygons of a GeoJSON geometry; none where it is of another type.

    Raises:
        ZoneError: If it says it is a polygon and is none.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        area = validated(_Area, geometry, path)
        return (polygon_of(area.coordinates, f"{path}.coordinates"),)
    if kind == "MultiPolygon":
        parts = enumerate(validated(_Areas, geometry, path).coordinates)
        return tuple(polygon_of(rings, f"{path}.coordinates[{at}]") for at, rings in parts)
    return ()


def is_layered(data: Any) -> bool:
    """Return whether GeoJSON is that of ED-318: a feature names its authority or variant."""
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        return False
    features = data.get("features")
    if not isinstance(features, list):
        return False
    found = [one.get("properties") for one in features if isinstance(one, dict)]
    return any(isinstance(one, dict) and {"zoneAuthority", "variant"} & one.keys() for one in found)
