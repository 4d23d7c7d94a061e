"""Fences as parameters set them: circles around home, ceilings and floors, and from when on.

ArduPilot: ``FENCE_ENABLE``; ``FENCE_TYPE``, a bit mask of which of ``FENCE_ALT_MAX``,
``FENCE_RADIUS`` and ``FENCE_ALT_MIN`` hold (``AC_Fence.cpp``); of ArduPlane up to 4.0
``FENCE_MAXALT`` and ``FENCE_MINALT``, none where the one is not above the other
(``geofence.cpp``).  PX4: ``GF_ACTION``, 0 for
none; ``GF_MAX_HOR_DIST`` and ``GF_MAX_VER_DIST``, 0 for no limit (``geofence_params.c``).
All count from the home point.  The first value that a log tells of a parameter was in
force before.  A fence may also be switched without a parameter, by a pilot's switch, a
command or at take-off; that counts like another value of ``FENCE_ENABLE``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from ..._model import Fence
from ._fence import CEILING, CIRCLE, FLOOR

#: The mark of a missing time among nanoseconds.
_NAT = -(1 << 63)
#: Half the Earth's girth: what is more is no distance.
_MOST_M = 20_000_000.0


@dataclass(frozen=True, slots=True)
class Setting:
    """One statement of a parameter."""

    name: str
    value: float
    #: UTC, nanoseconds.
    time: int
    record: str
    source_offset: int
    #: Whether it was an act, before which it was otherwise.
    act: bool = False


def switch(on: bool, time: int, record: str, source_offset: int) -> Setting:
    """Return that the fence was switched on or off."""
    return Setting("FENCE_ENABLE", float(on), time, record, source_offset, act=True)


#: Shape, metres, whether it is on, and the parameter that gives the metres.
_Held = tuple[str, float, bool | None, str]


def set_fences(settings: Iterable[Setting]) -> tuple[Fence, ...]:
    """Return the fences that parameters set, each for as long as it was in force.

    Args:
        settings: Statements of ``FENCE_*`` or ``GF_*``, in the order in which they
            were made; of one that is repeated, the repetitions do not matter.
    """
    known, later = _before(settings)
    began: dict[_Held, tuple[int | None, Setting]] = {
        held: (None, known[held[3]]) for held in _in_force(known)
    }
    fences = []
    for one in later:
        known[one.name] = one
        now = _in_force(known)
        for held in [held for held in began if held not in now]:
            fences.append(_fence(held, *began.pop(held), one.time))
        for held in now:
            began.setdefault(held, (one.time, known[held[3]]))
    fences += [_fence(held, since, told, None) for held, (since, told) in began.items()]
    return tuple(fences)


def drawn_fences(
    drawn: Iterable[Fence], settings: Iterable[Setting], kind: int
) -> tuple[Fence, ...]:
    """Return fences that were drawn, each cut where such fences were switched on or off.

    Args:
        drawn: The fences; what is said of their being on does not matter.
        settings: As for `set_fences`.
        kind: Bit of ``FENCE_TYPE``.
    """
    first, later = _before(settings)
    values = {name: one.value for name, one in first.items()}
    steps: list[tuple[pd.Timestamp, bool | None]] = []
    start = on = is_on(values, kind)
    for one in later:
        values[one.name] = one.value
        now, at = is_on(values, kind), _instant(one.time)
        if now != on and at is not None:
            steps.append((at, now))
            on = now
    return tuple(part for fence in drawn for part in _cut(fence, start, steps))


def _cut(
    fence: Fence, on: bool | None, steps: Iterable[tuple[pd.Timestamp, bool | None]]
) -> Iterator[Fence]:
    since = fence.start
    for at, now in steps:
        if fence.end is not None and at >= fence.end:
            break
        if since is None or at > since:
            yield replace(fence, enabled=on, start=since, end=at)
            since = at
        on = now
    yield replace(fence, enabled=on, start=since)


def _before(settings: Iterable[Setting]) -> tuple[dict[str, Setting], list[Setting]]:
    """Return what was in force before the log, by name, and what came later."""
    first: dict[str, Setting] = {}
    later: list[Setting] = []
    for one in settings:
        if one.act or one.name in first:
            later.append(one)
        else:
            first[one.name] = one
    return first, later


def is_on(settings: Mapping[str, float], kind: int) -> bool | None:
    """Return whether fences of a kind were switched on; ``None``: it is not told.

    Args:
        settings: Last value of each parameter.
        kind: Bit of ``FENCE_TYPE``.
    """
    if "GF_ACTION" in settings:
        return settings["GF_ACTION"] != 0
    enabled, types = settings.get("FENCE_ENABLE"), settings.get("FENCE_TYPE")
    if enabled is None:
        return None
    return enabled != 0 and (types is None or bool(_mask(types) & kind))


def _in_force(known: Mapping[str, Setting]) -> list[_Held]:
    values = {name: one.value for name, one in known.items()}
    held: list[_Held] = []
    mask = _mask(values.get("FENCE_TYPE", 0))
    for bit, shape, name in (
        (CIRCLE, "circle", "FENCE_RADIUS"),
        (CEILING, "ceiling", "FENCE_ALT_MAX"),
        (FLOOR, "floor", "FENCE_ALT_MIN"),
    ):
        # A floor may lie below home; a radius or ceiling of 0 is none.
        least = -_MOST_M if shape == "floor" else 0
        if mask & bit and least < values.get(name, -_MOST_M) < _MOST_M:
            held.append((shape, values[name], is_on(values, bit), name))
    held += _of_old_planes(values)
    for shape, name in (("circle", "GF_MAX_HOR_DIST"), ("ceiling", "GF_MAX_VER_DIST")):
        if 0 < values.get(name, 0) < _MOST_M:
            held.append((shape, values[name], is_on(values, 0), name))
    return held


def _of_old_planes(values: Mapping[str, float]) -> list[_Held]:
    """Return ceiling and floor of ArduPlane up to 4.0; a switch or the take-off puts them on."""
    floor, ceiling = values.get("FENCE_MINALT", 0), values.get("FENCE_MAXALT", 0)
    if not floor < ceiling < _MOST_M:
        return []
    on = is_on(values, 0)
    if on is None and values.get("FENCE_ACTION") == 0:
        on = False
    held: list[_Held] = [("ceiling", ceiling, on, "FENCE_MAXALT")]
    if floor > -_MOST_M and floor != 0:
        held.append(("floor", floor, on, "FENCE_MINALT"))
    return held


def _mask(value: float) -> int:
    return int(value) if 0 <= value < 1 << 16 else 0


def _fence(held: _Held, since: int | None, told: Setting, until: int | None) -> Fence:
    shape, metres, enabled, _ = held
    return Fence(
        use="inclusion",
        shape=shape,
        points=(),
        radius_m=metres if shape == "circle" else None,
        height_m=metres if shape != "circle" else None,
        enabled=enabled,
        start=_instant(since),
        end=_instant(until),
        record=told.record,
        source_offset=told.source_offset,
    )


def _instant(time: int | None) -> pd.Timestamp | None:
    return None if time is None or time == _NAT else pd.Timestamp(time, tz="UTC")
