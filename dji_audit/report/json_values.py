"""Typed rows, made from objects and written as JSON: one way for every document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
from pydantic import JsonValue

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


def build_dataclass_from_attributes(row_type: type[R], source: object, **values: object) -> R:
    """Return a row with the fields of ``values``, and all others as ``source`` names them.

    Raises:
        AttributeError: If ``source`` lacks a field that ``values`` do not give.
    """
    build: Callable[..., R] = row_type
    names = (item.name for item in fields(row_type) if item.name not in values)
    return build(**{name: getattr(source, name) for name in names}, **values)


def as_json_value(value: object) -> JsonValue:
    """Return a typed value as JSON: rows as objects, times as ISO 8601 UTC, enumerations by value.

    Raises:
        TypeError: If JSON has no form for a value.
    """
    if isinstance(value, Enum):
        return as_json_value(value.value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, pd.Timestamp):
        return iso_utc_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): as_json_value(item) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [as_json_value(item) for item in value]
    if is_dataclass(value):
        return {item.name: as_json_value(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(f"no JSON for {type(value).__name__}")


def rows_as_json_objects(rows: Iterable[object]) -> list[dict[str, JsonValue]]:
    """Return typed rows as JSON objects.

    Raises:
        TypeError: If one is no row.
    """
    objects = []
    for row in rows:
        if not isinstance(value := as_json_value(row), dict):
            raise TypeError(f"{type(row).__name__} is not a row")
        objects.append(value)
    return objects


def iso_utc_text(time: pd.Timestamp | None) -> str | None:
    """Return an instant as ISO 8601 UTC to the millisecond."""
    if time is None or pd.isna(time):
        return None
    if time.tzinfo is not UTC:
        time = time.tz_convert("UTC")
    return time.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def rounded_fraction(part: float | None) -> float | None:
    """Return a fraction to a millionth, never rounded up to 1; ``None``: not known."""
    return None if part is None else int(part * 1_000_000) / 1_000_000


def rounded_or_none(value: float | None, digits: int) -> float | None:
    """Return a number to some digits, or ``None``; never NaN."""
    return None if value is None or value != value else round(float(value), digits)
