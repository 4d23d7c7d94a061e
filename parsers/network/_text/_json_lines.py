"""Lines that are a JSON object each."""

import json
from typing import Any


def json_object_of_line(line: str) -> dict[str, Any] | None:
    """Return the object of a line; ``None``: it holds none, or more than one.

    A number with a point stays text, so that no digit of a time is lost.
    """
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line, parse_float=str, parse_constant=_reject_nan_or_infinity)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def flatten_json_object(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return an object without objects in it: their names joined by dots; lists stay."""
    flat: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            flat |= flatten_json_object(inner, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = inner
    return flat


def nested_json_object_or_empty(value: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object within another; an empty one if it holds none of that name."""
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _reject_nan_or_infinity(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
