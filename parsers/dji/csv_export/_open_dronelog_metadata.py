"""What Open DroneLog writes as JSON into the first row of a table: start, aircraft, messages.

Facts: arpanghosh8453/open-dronelog f3089cda, ``exportUtils.ts`` (names and units; facts only).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

#: A longer text is not decoded.
_MOST_TEXT = 1 << 20
_MOST_MESSAGES = 10_000
#: Part of ``Aircraft`` -> name in the metadata.
_AIRCRAFT_NAMES = {
    "model": "drone_model",
    "name": "aircraft_name",
    "serial": "drone_serial",
    "controller_serial": "rc_serial",
    "battery_serial": "battery_serial",
}


class ExportedAppMessage(NamedTuple):
    """A message of the app: milliseconds since the start, its rank and its text."""

    since_start_ms: float
    rank: str
    text: str


@dataclass(frozen=True, slots=True)
class ExportMetadata:
    """What the first row of a table says of the flight; empty and ``None``: it does not say."""

    #: In UTC, without a zone.
    start: pd.Timestamp | None = None
    aircraft: Mapping[str, str] | None = None
    home: tuple[float, float] | None = None
    messages: tuple[ExportedAppMessage, ...] = ()
    #: Whether the flight came from a table of Litchi, whose heights stand in other columns.
    is_from_litchi: bool = False
    #: Why part of it could not be read; empty: it could.
    damage: str = ""


def parse_open_dronelog_metadata(metadata: str, messages: str) -> ExportMetadata:
    """Return what the two fields of JSON in the first row of a table say."""
    values, damage = _parse_json_value_and_fault(metadata, dict, "metadata")
    listed, damage_of_messages = _parse_json_value_and_fault(messages, list, "messages")
    latitude, longitude = (number_or_none(values.get(name)) for name in ("home_lat", "home_lon"))
    tags = [each.get("tag") for each in values.get("tags") or () if isinstance(each, dict)]
    aircraft = {
        part: str(values[name]).strip()
        for part, name in _AIRCRAFT_NAMES.items()
        if isinstance(values.get(name), str) and values[name].strip()
    }
    return ExportMetadata(
        _parse_start_time(values.get("start_time")),
        aircraft,
        None if latitude is None or longitude is None else (latitude, longitude),
        tuple(_app_messages(listed)),
        "Litchi" in tags,
        damage or damage_of_messages,
    )


def _parse_json_value_and_fault(text: str, kind: type[Any], what: str) -> tuple[Any, str]:
    """Return a value of JSON, an empty one where there is none, and why it could not be read."""
    if not text:
        return kind(), ""
    if len(text) > _MOST_TEXT:
        return kind(), f"its {what} are too long and were not read"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return kind(), f"its {what} are not JSON"
    return (value, "") if isinstance(value, kind) else (kind(), f"its {what} are of another form")


def _app_messages(listed: list[Any]) -> list[ExportedAppMessage]:
    out = []
    for each in listed[:_MOST_MESSAGES]:
        if isinstance(each, dict) and isinstance(each.get("message"), str):
            at_ms = number_or_none(each.get("timestamp_ms"))
            rank = str(each.get("type") or "")[:40]
            out.append(
                ExportedAppMessage(float("nan") if at_ms is None else at_ms, rank, each["message"])
            )
    return out


def _parse_start_time(value: object) -> pd.Timestamp | None:
    """Return the start, in UTC without a zone; ``None`` if it is none or its zone is not stated."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        start = pd.Timestamp(value)
    except (ValueError, OverflowError):
        return None
    if pd.isna(start) or start.tzinfo is None or not 2010 <= start.year < 2100:
        return None
    return start.tz_convert("UTC").tz_localize(None).as_unit("ns")


def number_or_none(value: object) -> float | None:
    """Return a number of JSON; ``None`` if it is none, or beyond all bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None
