"""Geofences that parameters set, and when each was in force.

ArduPilot: ``FENCE_ENABLE``; ``FENCE_TYPE``, a bit mask of which of
``FENCE_ALT_MAX``, ``FENCE_RADIUS`` and ``FENCE_ALT_MIN`` apply (``AC_Fence.cpp``);
ArduPlane up to 4.0: ``FENCE_MAXALT`` and ``FENCE_MINALT``, neither of which applies unless
the first is above the second (``geofence.cpp``).  PX4: ``GF_ACTION``, 0 for
none; ``GF_MAX_HOR_DIST`` and ``GF_MAX_VER_DIST``, 0 for no limit (``geofence_params.c``).
All are measured from the home point.  The first value that a log gives for a parameter
was in force before the log began.  A fence may also be switched without a parameter: by
the pilot's switch, by a command, or at take-off.  That counts like a new value of
``FENCE_ENABLE``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from ..._model import Geofence
from ._fence_messages import CEILING, CIRCLE, FLOOR
from ._timestamps import timestamp_or_none

#: Half the Earth's girth: what is more is no distance.
_LARGEST_DISTANCE_M = 20_000_000.0


@dataclass(frozen=True, slots=True)
class TimedFenceParameterValue:
    """One statement of a parameter."""

    name: str
    value: float
    #: UTC, nanoseconds.
    time: int
    record: str
    source_offset: int
    #: Whether it was an act, before which it was otherwise.
    is_switch: bool = False


def build_fence_switch_setting(
    on: bool, time: int, record: str, source_offset: int
) -> TimedFenceParameterValue:
    """Return that the fence was switched on or off."""
    return TimedFenceParameterValue(
        "FENCE_ENABLE", float(on), time, record, source_offset, is_switch=True
    )


#: Shape, metres, whether it is on, and the parameter that gives the metres.
_Limit = tuple[str, float, bool | None, str]


def fences_from_settings(settings: Iterable[TimedFenceParameterValue]) -> tuple[Geofence, ...]:
    """Return the fences that parameters set, each for as long as it was in force.

    Args:
        settings: Statements of ``FENCE_*`` or ``GF_*``, in the order in which they
            were made; of one that is repeated, the repetitions do not matter.
    """
    known, later = _split_initial_and_later_settings(settings)
    began: dict[_Limit, tuple[int | None, TimedFenceParameterValue]] = {
        held: (None, known[held[3]]) for held in _fence_limits_in_force(known)
    }
    fences = []
    for setting_ in later:
        known[setting_.name] = setting_
        now = _fence_limits_in_force(known)
        for held in [held for held in began if held not in now]:
            fences.append(_fence_from_limit(held, *began.pop(held), setting_.time))
        for held in now:
            began.setdefault(held, (setting_.time, known[held[3]]))
    fences += [
        _fence_from_limit(held, since, setting, None) for held, (since, setting) in began.items()
    ]
    return tuple(fences)


def split_drawn_fences_by_switching(
    fences: Iterable[Geofence], settings: Iterable[TimedFenceParameterValue], type_bit: int
) -> tuple[Geofence, ...]:
    """Return fences that were drawn, each cut where such fences were switched on or off.

    Args:
        fences: The fences; their ``enabled`` does not matter.
        settings: As for ``fences_from_settings``.
        type_bit: Bit of ``FENCE_TYPE``.
    """
    first, later = _split_initial_and_later_settings(settings)
    values = {name: setting.value for name, setting in first.items()}
    steps: list[tuple[pd.Timestamp, bool | None]] = []
    start = on = is_fence_on(values, type_bit)
    for setting in later:
        values[setting.name] = setting.value
        now, at = is_fence_on(values, type_bit), timestamp_or_none(setting.time)
        if now != on and at is not None:
            steps.append((at, now))
            on = now
    return tuple(
        part for fence in fences for part in _split_fence_at_enable_changes(fence, start, steps)
    )


def _split_fence_at_enable_changes(
    fence: Geofence, on: bool | None, steps: Iterable[tuple[pd.Timestamp, bool | None]]
) -> Iterator[Geofence]:
    since = fence.start
    for at, now in steps:
        if fence.end is not None and at >= fence.end:
            break
        if since is None or at > since:
            yield replace(fence, enabled=on, start=since, end=at)
            since = at
        on = now
    yield replace(fence, enabled=on, start=since)


def _split_initial_and_later_settings(
    settings: Iterable[TimedFenceParameterValue],
) -> tuple[dict[str, TimedFenceParameterValue], list[TimedFenceParameterValue]]:
    """Return what was in force before the log, by name, and what came later."""
    first: dict[str, TimedFenceParameterValue] = {}
    later: list[TimedFenceParameterValue] = []
    for setting in settings:
        if setting.is_switch or setting.name in first:
            later.append(setting)
        else:
            first[setting.name] = setting
    return first, later


def is_fence_on(settings: Mapping[str, float], type_bit: int) -> bool | None:
    """Return whether fences of a kind were switched on; ``None``: not known.

    Args:
        settings: Last value of each parameter.
        type_bit: Bit of ``FENCE_TYPE``.
    """
    if "GF_ACTION" in settings:
        return settings["GF_ACTION"] != 0
    enabled, types = settings.get("FENCE_ENABLE"), settings.get("FENCE_TYPE")
    if enabled is None:
        return None
    return enabled != 0 and (types is None or bool(_bit_mask_or_zero(types) & type_bit))


def _fence_limits_in_force(known: Mapping[str, TimedFenceParameterValue]) -> list[_Limit]:
    values = {name: setting.value for name, setting in known.items()}
    limits: list[_Limit] = []
    mask = _bit_mask_or_zero(values.get("FENCE_TYPE", 0))
    for bit, shape, name in (
        (CIRCLE, "circle", "FENCE_RADIUS"),
        (CEILING, "ceiling", "FENCE_ALT_MAX"),
        (FLOOR, "floor", "FENCE_ALT_MIN"),
    ):
        # A floor may lie below home; a radius or ceiling of 0 is none.
        least = -_LARGEST_DISTANCE_M if shape == "floor" else 0
        if mask & bit and least < values.get(name, -_LARGEST_DISTANCE_M) < _LARGEST_DISTANCE_M:
            limits.append((shape, values[name], is_fence_on(values, bit), name))
    limits += _old_arduplane_fence_limits(values)
    for shape, name in (("circle", "GF_MAX_HOR_DIST"), ("ceiling", "GF_MAX_VER_DIST")):
        if 0 < values.get(name, 0) < _LARGEST_DISTANCE_M:
            limits.append((shape, values[name], is_fence_on(values, 0), name))
    return limits


def _old_arduplane_fence_limits(values: Mapping[str, float]) -> list[_Limit]:
    """Return ceiling and floor of ArduPlane up to 4.0; a switch or the take-off puts them on."""
    floor, ceiling = values.get("FENCE_MINALT", 0), values.get("FENCE_MAXALT", 0)
    if not floor < ceiling < _LARGEST_DISTANCE_M:
        return []
    on = is_fence_on(values, 0)
    if on is None and values.get("FENCE_ACTION") == 0:
        on = False
    limits: list[_Limit] = [("ceiling", ceiling, on, "FENCE_MAXALT")]
    if floor > -_LARGEST_DISTANCE_M and floor != 0:
        limits.append(("floor", floor, on, "FENCE_MINALT"))
    return limits


def _bit_mask_or_zero(value: float) -> int:
    return int(value) if 0 <= value < 1 << 16 else 0


def _fence_from_limit(
    limit: _Limit, since: int | None, setting: TimedFenceParameterValue, until: int | None
) -> Geofence:
    shape, metres, enabled, _ = limit
    return Geofence(
        use="inclusion",
        shape=shape,
        points=(),
        radius_m=metres if shape == "circle" else None,
        height_m=metres if shape != "circle" else None,
        enabled=enabled,
        start=timestamp_or_none(since),
        end=timestamp_or_none(until),
        record=setting.record,
        source_offset=setting.source_offset,
    )
