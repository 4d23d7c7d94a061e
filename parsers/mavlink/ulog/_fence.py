"""The fence of PX4 in a ULog: what was configured, and when it was breached.

Which field says that the aircraft is beyond its fence depends on the version of
the firmware; of the sources that a log has, the most telling is used:

| source | version | says |
|---|---|---|
| `geofence_result` | any, where a logger was told to | which fence, and the action |
| `failsafe_flags.geofence_breached` | from v1.15 on | that there is a breach |
| `failsafe_flags.primary_geofence_breached` | v1.14 | the same |
| `vehicle_status.geofence_violated` | v1.12, v1.13 | the same |

Polygons are never logged: what a later comparison can use is the ``GF_*``
parameters, with their values.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._model import Fence
from .._shared._fence import CEILING, CIRCLE, POLYGON, action_severity
from .._shared._fence_settings import Setting, set_fences
from . import _enums as _ulog_names
from ._recording import Parameter, Recording, event
from ._state import intervals
from ._topics import Series

Row = Mapping[str, Any]

#: Field of `geofence_result` -> the fence it speaks of, and its bit of a breach.
_TYPES: Mapping[str, tuple[str, int]] = {
    "geofence_max_dist_triggered": ("maximum distance from home", CIRCLE),
    "geofence_max_alt_triggered": ("maximum altitude above home", CEILING),
    "geofence_custom_fence_triggered": ("polygon or circle", POLYGON),
    "max_distance_exceeded": ("maximum distance from home", CIRCLE),
    "max_altitude_exceeded": ("maximum altitude above home", CEILING),
}
_ANY = ("primary_geofence_breached", "secondary_geofence_breached", "geofence_violated")
_ACTIONS = ("geofence_action", "primary_geofence_action")

#: Numbers of an action that ends the flight there and then: terminate, land.
_ENDING = (4, 5)

#: Time after a breach began in which a change of mode counts as its consequence.
_REACTION_US = 3_000_000

_UNITS: Mapping[str, str] = {"GF_MAX_HOR_DIST": " m", "GF_MAX_VER_DIST": " m"}


def draw(recording: Recording) -> Iterator[Row]:
    """Yield the configuration of the fence and its breaches."""
    yield from _configured(recording)
    yield from _numbered(recording)
    for found, fields in _sources(recording):
        yield from _breaches(recording, found, fields)
        break


def fences(recording: Recording) -> tuple[Fence, ...]:
    """Return the fences that the parameters set."""
    told: list[tuple[int, Setting]] = []
    for name, parameter in recording.parameters.items():
        if name.startswith("GF_"):
            stated = [(parameter.offset, parameter.value), *parameter.changes]
            for number, (offset, value) in enumerate(stated):
                at = recording.tick_before(offset) if number else recording.first
                one = Setting(name, value, recording.instant(at), f"PARAMETER {name}", offset)
                told.append((offset, one))
    return set_fences(one for _, one in sorted(told, key=lambda each: each[0]))


def breached(recording: Recording) -> list[tuple[int, int]]:
    """Return first and last time of each breach that the flags tell."""
    told = []
    for found, fields in _sources(recording)[:1]:
        flag = _any(found, fields)
        for first, last, _ in intervals(recording, found, flag):
            told.append((int(found.ticks[first]), int(found.ticks[last])))
    return told


def _sources(recording: Recording) -> list[tuple[Series, list[str]]]:
    made = []
    for topic, names in (
        ("geofence_result", (*_TYPES, *_ANY)),
        ("failsafe_flags", ("geofence_breached", "primary_geofence_breached")),
        ("vehicle_status", ("geofence_violated",)),
    ):
        found = recording.series(topic)
        fields = [name for name in names if found is not None and name in found]
        if found is not None and fields:
            made.append((found, fields))
    return made


def _any(found: Series, fields: list[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    flag = np.zeros(len(found), bool)
    for name in fields:
        each = found.flags(name)
        if each is not None:
            flag |= each
    return flag


def _breaches(recording: Recording, found: Series, fields: list[str]) -> Iterator[Row]:
    for first, last, ended in intervals(recording, found, _any(found, fields)):
        during = slice(first, max(last, first + 1))
        true = [
            name
            for name in fields
            if (flag := found.flags(name)) is not None and flag[during].any()
        ]
        types = sorted({_TYPES[name][0] for name in true if name in _TYPES})
        text = "Geofence breached"
        text += f" ({', '.join(types)})" if types else " (which fence is not logged)"
        text += "" if ended else "; not cleared before the end of the log"
        at, offset = int(found.ticks[first]), int(found.offsets[first])
        yield event(
            recording,
            at,
            "geofence.breach",
            text,
            f"{found.name}.{true[0] if true else fields[0]}",
            offset,
            severity="serious",
            value=float(sum({_TYPES[name][1] for name in true if name in _TYPES})) or None,
            end=int(found.ticks[last]),
        )
        yield from _action(recording, found, during, at, offset)
        yield from _reaction(recording, at)


def _action(
    recording: Recording, found: Series, during: slice, at: int, offset: int
) -> Iterator[Row]:
    actions = found.numbers(*_ACTIONS)
    number = 0 if actions is None else int(actions[during].max())
    if number <= 0:
        return
    yield event(
        recording,
        at,
        "geofence.action",
        f"Action of the geofence: {_ulog_names.FENCE_ACTIONS.get(number, number)}",
        f"{found.name}.{next(name for name in _ACTIONS if name in found)}",
        offset,
        severity="serious" if number in _ENDING else "warning",
        value=number,
    )


def _reaction(recording: Recording, at: int) -> Iterator[Row]:
    """Yield the change of mode that followed a breach, where the fence was to change it."""
    status = recording.series("vehicle_status")
    state = None if status is None else status.numbers("nav_state")
    if status is None or state is None or (recording.value("GF_ACTION") or 0) < 2:
        return
    rows = np.flatnonzero((status.ticks >= at) & (status.ticks <= at + _REACTION_US))
    for row in rows.tolist():
        if row and state[row] != state[row - 1]:
            name = _ulog_names.mode(int(state[row]), recording.version)
            later = (int(status.ticks[row]) - at) / 1e6
            yield event(
                recording,
                int(status.ticks[row]),
                "geofence.action",
                f"Mode became {name} {later:.1f} s after the breach",
                "vehicle_status.nav_state",
                int(status.offsets[row]),
                severity=action_severity(name),
                grade="inferred",
                value=state[row],
            )
            return


def _configured(recording: Recording) -> Iterator[Row]:
    for name, parameter in recording.parameters.items():
        if not name.startswith("GF_"):
            continue
        yield _config(recording, name, parameter.value, parameter.offset, recording.first)
        yield from _changed(recording, parameter)


def _changed(recording: Recording, parameter: Parameter) -> Iterator[Row]:
    before = parameter.value
    for offset, value in parameter.changes:
        at = recording.tick_before(offset)
        yield _config(recording, parameter.name, value, offset, at)
        if parameter.name == "GF_ACTION" and bool(before) != bool(value):
            yield event(
                recording,
                at,
                "geofence.enable" if value else "geofence.disable",
                "The geofence was given an action" if value else "The geofence lost its action",
                "PARAMETER GF_ACTION",
                offset,
                severity="info" if value else "warning",
                value=value,
            )
        before = value


def _config(recording: Recording, name: str, value: float, offset: int, at: int | None) -> Row:
    text = f"{name} = {value:g}{_UNITS.get(name, '')}"
    if name == "GF_ACTION":
        text += f" ({_ulog_names.FENCE_ACTIONS.get(_whole(value), 'unknown')})"
    elif name in _UNITS and value <= 0:
        text += " (no limit)"
    return event(recording, at, "geofence.config", text, f"PARAMETER {name}", offset, value=value)


def _whole(value: float) -> int:
    return int(value) if np.isfinite(value) else -1


def _numbered(recording: Recording) -> Iterator[Row]:
    """Yield each number of the fence in force: another number is another fence."""
    found = recording.series("mission_result")
    number = None if found is None else found.numbers("geofence_id")
    if found is None or number is None:
        return
    for row in recording.changes(found, number):
        yield event(
            recording,
            int(found.ticks[row]),
            "geofence.config",
            f"Fence number {int(number[row])} is in force; its shape is not logged",
            "mission_result.geofence_id",
            int(found.offsets[row]),
            value=number[row],
        )
