"""Typed rows as JSON text in one go: the text that ``json.dumps`` gives, several times faster.

The standard library writes indented JSON value by value in Python, and needs plain objects first.
"""

import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii
from re import compile as compile_pattern

from dji_audit.report.json_values import as_json_value

_LINE_BREAK = compile_pattern(r"\n *")
_WORDS = {None: "null", True: "true", False: "false"}


def indented_json_text(value: object, depth: int = 0) -> str:
    """Return a typed value as JSON, each level indented by one space, keys sorted, in ASCII.

    Args:
        value: Anything that ``as_json_value`` takes.
        depth: Levels that it stands in; the first line is not indented.

    Raises:
        TypeError: If JSON has no form for a value.
        ValueError: If a number is not finite.
    """
    kind = type(value)
    if kind is str and isinstance(value, str):
        return encode_basestring_ascii(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if kind is int and isinstance(value, int):
        return int.__repr__(value)
    if kind is float and isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value!r} is not finite: JSON has no word for it")
        return float.__repr__(value)
    if kind in (tuple, list) and isinstance(value, tuple | list):
        return _json_array_text(value, depth)
    if kind is dict and isinstance(value, dict):
        return _json_object_text(_sorted_items(value), depth)
    names = _sorted_json_key_field_pairs_of_dataclass(kind)  # type: ignore[arg-type]  # mypy takes `__hash__` of instances
    if names is not None:
        return _json_object_text([(key, getattr(value, name)) for key, name in names], depth)
    if isinstance(value, Enum):
        return indented_json_text(value.value, depth)
    # Plain by now, unless a class of its own kind of text or number.
    plain = as_json_value(value)
    if isinstance(plain, str | int | float):
        return json.dumps(plain, ensure_ascii=True, allow_nan=False)
    return indented_json_text(plain, depth)


def indented_json_text_to_one_line(indented: str) -> str:
    """Return indented JSON as one line: a text in it has no line break, JSON escapes it."""
    return _LINE_BREAK.sub("", indented)


def _json_array_text(values: Sequence[object], depth: int) -> str:
    if not values:
        return "[]"
    gap = "\n" + " " * (depth + 1)
    texts = [indented_json_text(item, depth + 1) for item in values]
    return f"[{gap}{f',{gap}'.join(texts)}\n{' ' * depth}]"


def _json_object_text(items: Sequence[tuple[str, object]], depth: int) -> str:
    if not items:
        return "{}"
    gap = "\n" + " " * (depth + 1)
    texts = [f"{key}{indented_json_text(item, depth + 1)}" for key, item in items]
    return f"{{{gap}{f',{gap}'.join(texts)}\n{' ' * depth}}}"


def _sorted_items(values: Mapping[object, object]) -> list[tuple[str, object]]:
    named = sorted((str(name), item) for name, item in values.items())
    return [(f"{encode_basestring_ascii(name)}: ", item) for name, item in named]


@cache
def _sorted_json_key_field_pairs_of_dataclass(kind: Hashable) -> tuple[tuple[str, str], ...] | None:
    """Return the fields of a class of rows as keys of JSON; ``None``: it is none."""
    if not isinstance(kind, type) or issubclass(kind, Mapping | Sequence | Enum):
        return None
    if not is_dataclass(kind):
        return None
    names = sorted(item.name for item in fields(kind))
    encode: Callable[[str], str] = encode_basestring_ascii
    return tuple((f"{encode(name)}: ", name) for name in names)
