"""Redact values of any shape: texts, tables, and what is made of them."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar, cast

import pandas as pd

from dji_audit.redaction._moved_positions import PositionMover
from dji_audit.redaction._sensitive_texts import SensitiveTexts

Value = TypeVar("Value")


def redact_value(value: Value, texts: SensitiveTexts, moved: PositionMover | None = None) -> Value:
    """Return a value in which every text is redacted and every named position is moved.

    Positions are the fields ``latitude_deg`` and ``longitude_deg`` of objects and tables; they
    stay without ``moved``: there they are moved already, or there is none.
    """
    return cast(Value, _redact_by_type(value, texts, moved))


def _redact_by_type(value: object, texts: SensitiveTexts, moved: PositionMover | None) -> object:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return texts.redacted(value)
    if isinstance(value, pd.DataFrame):
        return redact_table(value, texts, moved)
    if isinstance(value, tuple | list):
        kept = [_redact_by_type(item, texts, moved) for item in value]
        return kept if isinstance(value, list) else _rebuild_tuple_of_same_class(value, kept)
    if isinstance(value, Mapping):
        return {
            _redact_by_type(name, texts, moved): _redact_by_type(item, texts, moved)
            for name, item in value.items()
        }
    if is_dataclass(value) and not isinstance(value, type):
        return _redact_object(value, texts, moved)
    return value


def _rebuild_tuple_of_same_class(value: tuple[object, ...], items: list[object]) -> object:
    """Return a tuple, or a named tuple of the same class."""
    make = getattr(value, "_make", tuple)
    return make(items)


def _redact_object(value: object, texts: SensitiveTexts, moved: PositionMover | None) -> object:
    changed: dict[str, object] = {}
    for field in fields(value):  # type: ignore[arg-type]
        if not field.init:
            continue
        before = getattr(value, field.name)
        after = _redact_by_type(before, texts, moved)
        if after is not before:
            changed[field.name] = after
    latitude = getattr(value, "latitude_deg", None)
    longitude = getattr(value, "longitude_deg", None)
    if moved is not None and isinstance(latitude, float) and isinstance(longitude, float):
        place = moved.move_position(latitude, longitude)
        changed["latitude_deg"], changed["longitude_deg"] = place
    return replace(value, **changed) if changed else value  # type: ignore[type-var]


def redact_table(
    frame: pd.DataFrame, texts: SensitiveTexts, moved: PositionMover | None
) -> pd.DataFrame:
    """Return a table with its texts redacted and its positions moved; dtypes stay."""
    changed: dict[str, pd.Series] = {}
    for name in frame.columns:
        column = frame[name]
        if not pd.api.types.is_string_dtype(column.dtype):
            continue
        replaced = {
            text: kept
            for text in column.dropna().unique()
            if (kept := texts.redacted(text)) != text
        }
        if replaced:
            changed[str(name)] = column.map(lambda text, new=replaced: new.get(text, text)).astype(
                column.dtype
            )
    redacted = frame.assign(**changed) if changed else frame
    return moved.move_position_columns_of_table(redacted) if moved is not None else redacted
