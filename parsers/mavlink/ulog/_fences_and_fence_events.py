"""PX4's geofence in a ULog: its settings, and when it was breached.

Which field reports that the aircraft is beyond its fence depends on the version of
the firmware; of the sources that a log has, the first of this table is used:

| source | version | reports |
|---|---|---|
| `geofence_result` | any, where a logger was set to keep it | which fence, and the action |
| `failsafe_flags.geofence_breached` | from v1.15 on | that there is a breach |
| `failsafe_flags.primary_geofence_breached` | v1.14 | the same |
| `vehicle_status.geofence_violated` | v1.12, v1.13 | the same |

Polygons are never logged: a later comparison can use only the ``GF_*``
parameters, with their values.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._model import Geofence
from .._shared._fence_messages import CEILING, CIRCLE, POLYGON, severity_of_mode_chosen_by_fence
from .._shared._fences_from_parameters import TimedFenceParameterValue, fences_from_settings
from ._flight_events import iterate_set_flag_spans_and_whether_ended
from ._px4_enum_names import FENCE_ACTIONS, mode_name
from ._topic_series import TopicSeries
from ._ulog_context import (
    ParameterHistory,
    UlogContext,
    event_row,
    field_change_events,
    series_event,
)

TableRow = Mapping[str, Any]

#: Field of `geofence_result` -> the boundary it is about, and its bit of a breach.
_BOUNDARY_FIELDS: Mapping[str, tuple[str, int]] = {
    "geofence_max_dist_triggered": ("maximum distance from home", CIRCLE),
    "geofence_max_alt_triggered": ("maximum altitude above home", CEILING),
    "geofence_custom_fence_triggered": ("polygon or circle", POLYGON),
    "max_distance_exceeded": ("maximum distance from home", CIRCLE),
    "max_altitude_exceeded": ("maximum altitude above home", CEILING),
}
_ANY_BREACH_FIELDS = (
    "primary_geofence_breached",
    "secondary_geofence_breached",
    "geofence_violated",
)
_ACTION_FIELDS = ("geofence_action", "primary_geofence_action")

#: Numbers of an action that ends the flight there and then: terminate, land.
_ACTIONS_ENDING_FLIGHT = (4, 5)

#: Time after a breach began in which a change of mode counts as its consequence.
_REACTION_US = 3_000_000

_UNITS: Mapping[str, str] = {"GF_MAX_HOR_DIST": " m", "GF_MAX_VER_DIST": " m"}


def fence_events(log: UlogContext) -> Iterator[TableRow]:
    """Yield the configuration of the fence and its breaches."""
    yield from _fence_setting_events(log)
    yield from _changed_fence_id_events(log)
    for series, fields in _fence_breach_series_and_fields(log):
        yield from _breach_events(log, series, fields)
        break


def fences_set_by_parameters(log: UlogContext) -> tuple[Geofence, ...]:
    """Return the fences that the parameters set."""
    settings: list[tuple[int, TimedFenceParameterValue]] = []
    for name, parameter in log.parameters.items():
        if name.startswith("GF_"):
            stated = [(parameter.offset, parameter.value), *parameter.changes]
            for number, (offset, value) in enumerate(stated):
                at = log.last_record_time_us_before_offset(offset) if number else log.first_tick
                setting = TimedFenceParameterValue(
                    name, value, log.tick_to_utc_ns(at), f"PARAMETER {name}", offset
                )
                settings.append((offset, setting))
    return fences_from_settings(
        setting for _, setting in sorted(settings, key=lambda each: each[0])
    )


def breach_intervals(log: UlogContext) -> list[tuple[int, int]]:
    """Return first and last time of each breach that the flags report."""
    intervals_ = []
    for series, fields in _fence_breach_series_and_fields(log)[:1]:
        flag = _any_flag_set_mask(series, fields)
        for first, last, _ in iterate_set_flag_spans_and_whether_ended(log, series, flag):
            intervals_.append((int(series.ticks[first]), int(series.ticks[last])))
    return intervals_


def _fence_breach_series_and_fields(log: UlogContext) -> list[tuple[TopicSeries, list[str]]]:
    made = []
    for topic, names in (
        ("geofence_result", (*_BOUNDARY_FIELDS, *_ANY_BREACH_FIELDS)),
        ("failsafe_flags", ("geofence_breached", "primary_geofence_breached")),
        ("vehicle_status", ("geofence_violated",)),
    ):
        series = log.series(topic)
        fields = [name for name in names if series is not None and name in series]
        if series is not None and fields:
            made.append((series, fields))
    return made


def _any_flag_set_mask(
    series: TopicSeries, fields: list[str]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    flag = np.zeros(len(series), bool)
    for name in fields:
        each = series.flags_of_field(name)
        if each is not None:
            flag |= each
    return flag


def _breach_events(log: UlogContext, series: TopicSeries, fields: list[str]) -> Iterator[TableRow]:
    for first, last, ended in iterate_set_flag_spans_and_whether_ended(
        log, series, _any_flag_set_mask(series, fields)
    ):
        during = slice(first, max(last, first + 1))
        true = [
            name
            for name in fields
            if (flag := series.flags_of_field(name)) is not None and flag[during].any()
        ]
        types = sorted({_BOUNDARY_FIELDS[name][0] for name in true if name in _BOUNDARY_FIELDS})
        text = "Geofence breached"
        text += f" ({', '.join(types)})" if types else " (which fence is not logged)"
        text += "" if ended else "; not cleared before the end of the log"
        at, offset = int(series.ticks[first]), int(series.offsets[first])
        yield event_row(
            log,
            at,
            "geofence.breach",
            text,
            f"{series.name}.{true[0] if true else fields[0]}",
            offset,
            severity="serious",
            value=float(
                sum({_BOUNDARY_FIELDS[name][1] for name in true if name in _BOUNDARY_FIELDS})
            )
            or None,
            end=int(series.ticks[last]),
        )
        yield from _fence_action_event(log, series, during, at, offset)
        yield from _mode_change_after_breach_events(log, at)


def _fence_action_event(
    log: UlogContext, series: TopicSeries, during: slice, at: int, offset: int
) -> Iterator[TableRow]:
    actions = series.integers_of_field(*_ACTION_FIELDS)
    number = 0 if actions is None else int(actions[during].max())
    if number <= 0:
        return
    yield event_row(
        log,
        at,
        "geofence.action",
        f"Action of the geofence: {FENCE_ACTIONS.get(number, number)}",
        f"{series.name}.{next(name for name in _ACTION_FIELDS if name in series)}",
        offset,
        severity="serious" if number in _ACTIONS_ENDING_FLIGHT else "warning",
        value=number,
    )


def _mode_change_after_breach_events(log: UlogContext, at: int) -> Iterator[TableRow]:
    """Yield the change of mode that followed a breach, where the fence was to change it."""
    status = log.series("vehicle_status")
    state = None if status is None else status.integers_of_field("nav_state")
    if status is None or state is None or (log.parameter_value_at_log_start("GF_ACTION") or 0) < 2:
        return
    rows = np.flatnonzero((status.ticks >= at) & (status.ticks <= at + _REACTION_US))
    for row in rows.tolist():
        if row and state[row] != state[row - 1]:
            name = mode_name(int(state[row]), log.firmware_version)
            later = (int(status.ticks[row]) - at) / 1e6
            yield series_event(
                log,
                status,
                row,
                "geofence.action",
                f"Mode became {name} {later:.1f} s after the breach",
                "nav_state",
                severity=severity_of_mode_chosen_by_fence(name),
                grade="inferred",
                value=state[row],
            )
            return


def _fence_setting_events(log: UlogContext) -> Iterator[TableRow]:
    for name, parameter in log.parameters.items():
        if not name.startswith("GF_"):
            continue
        yield _fence_setting_event(log, name, parameter.value, parameter.offset, log.first_tick)
        yield from _fence_setting_change_events(log, parameter)


def _fence_setting_change_events(
    log: UlogContext, parameter: ParameterHistory
) -> Iterator[TableRow]:
    before = parameter.value
    for offset, value in parameter.changes:
        at = log.last_record_time_us_before_offset(offset)
        yield _fence_setting_event(log, parameter.name, value, offset, at)
        if parameter.name == "GF_ACTION" and bool(before) != bool(value):
            yield event_row(
                log,
                at,
                "geofence.enable" if value else "geofence.disable",
                "An action was set for the geofence"
                if value
                else "The action of the geofence was removed",
                "PARAMETER GF_ACTION",
                offset,
                severity="info" if value else "warning",
                value=value,
            )
        before = value


def _fence_setting_event(
    log: UlogContext, name: str, value: float, offset: int, at: int | None
) -> TableRow:
    text = f"{name} = {value:g}{_UNITS.get(name, '')}"
    if name == "GF_ACTION":
        text += f" ({FENCE_ACTIONS.get(_integer_or_minus_one(value), 'unknown')})"
    elif name in _UNITS and value <= 0:
        text += " (no limit)"
    return event_row(log, at, "geofence.config", text, f"PARAMETER {name}", offset, value=value)


def _integer_or_minus_one(value: float) -> int:
    return int(value) if np.isfinite(value) else -1


def _changed_fence_id_events(log: UlogContext) -> Iterator[TableRow]:
    """Yield each number of the fence in force: another number is another fence."""
    text = "Fence number {} is in force; its shape is not logged"
    yield from field_change_events(log, "mission_result", "geofence_id", "geofence.config", text)
