"""Geofences of ArduPilot and PX4: names, shapes, settings, and when each was in force.

In all three formats the ``value`` of a ``geofence.breach`` is ArduPilot's bit
mask of the boundaries crossed: 1 the maximum altitude, 2 a circle (PX4: the
maximum distance), 4 a polygon (PX4: any fence that was drawn), 8 the
minimum altitude; 6 where the log does not tell circle from polygon, and
missing where it names no boundary.

In all three formats a ``geofence.action`` is a warning.  It is serious where the fence
ends the flight, because it lands or stops the vehicle where it is.

**Settings.**  ArduPilot: ``FENCE_ENABLE``; ``FENCE_TYPE``, a bit mask of which of
``FENCE_ALT_MAX``, ``FENCE_RADIUS`` and ``FENCE_ALT_MIN`` apply (``AC_Fence.cpp``);
ArduPlane up to 4.0: ``FENCE_MAXALT`` and ``FENCE_MINALT``, neither of which applies unless
the first is above the second (``geofence.cpp``).  PX4: ``GF_ACTION``, 0 for
none; ``GF_MAX_HOR_DIST`` and ``GF_MAX_VER_DIST``, 0 for no limit (``geofence_params.c``).
All are measured from the home point.  The first value that a log gives for a parameter
was in force before the log began.  A fence may also be switched without a parameter: by
the pilot's switch, by a command, or at take-off.  That counts like a new value of
``FENCE_ENABLE``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ..._model import Fence
from ._utc import timestamp_or_none

#: `MAV_CMD` that switches the fence.
DO_FENCE_ENABLE = 207
#: Bit of a breach, of ``FENCE_TYPE`` and of ``ERR.ECode`` -> boundary (``AC_Fence.h``).
CEILING, CIRCLE, POLYGON, FLOOR = 1, 2, 4, 8
BOUNDARIES = (
    (CEILING, "maximum altitude"),
    (CIRCLE, "circle"),
    (POLYGON, "polygon"),
    (FLOOR, "minimum altitude"),
)

#: `FENCE_ACTION` of a copter; other vehicles number them otherwise.
COPTER_FENCE_ACTIONS = (
    "report only",
    "return or land",
    "always land",
    "smart return, return or land",
    "brake or land",
    "smart return or land",
)

#: Number of a fence item -> inclusion or exclusion, shape (``AC_PolyFenceType``).
POLYFENCE_ITEMS = {
    98: ("inclusion", "polygon"),
    97: ("exclusion", "polygon"),
    96: ("exclusion", "circle"),
    95: ("return", "point"),
    94: ("inclusion", "circle"),
    93: ("exclusion", "circle"),
    92: ("inclusion", "circle"),
}


@dataclass(frozen=True, slots=True)
class BreachRows:
    """From the first report of a breach to the first that it is over, as rows."""

    start: int
    #: ``None``: never reported as over.
    end: int | None
    boundaries: int


def breached_boundaries_text(mask: int) -> str:
    """Return the boundaries of a bit mask in words."""
    names = [name for bit, name in BOUNDARIES if mask & bit]
    rest = mask & ~sum(bit for bit, _ in BOUNDARIES)
    return ", ".join([*names, *([f"unknown 0x{rest:x}"] if rest else [])]) or "none"


def breach_rows(masks: Sequence[int]) -> Iterator[BreachRows]:
    """Yield the breaches in a row of reports; 0 is "over", and both may repeat."""
    start, current = 0, 0
    for row, mask in enumerate(masks):
        if mask == current:
            continue
        if current:
            yield BreachRows(start, row, current)
        start, current = row, mask
    if current:
        yield BreachRows(start, None, current)


def polygon_text(use: str, points: Sequence[tuple[float, float]]) -> str:
    """Return a polygon of ``(latitude, longitude)`` as "inclusion POLYGON ((lon lat, ...))"."""
    ring = [*points, *points[:1]]
    return f"{use} POLYGON (({', '.join(f'{lon:.7f} {lat:.7f}' for lat, lon in ring)}))"


def circle_text(use: str, latitude: float, longitude: float, radius_m: float) -> str:
    """Return a circle as "inclusion CIRCLE (lon lat, radius m)"."""
    return f"{use} CIRCLE ({longitude:.7f} {latitude:.7f}, {radius_m:g} m)"


def point_text(use: str, latitude: float, longitude: float) -> str:
    """Return a point as "return POINT (lon lat)"."""
    return f"{use} POINT ({longitude:.7f} {latitude:.7f})"


def fence_switch_kind(state: float, *, refused: bool) -> str:
    """Return the kind of event of a command to switch the fence (`DO_FENCE_ENABLE`).

    Args:
        state: param1: 0 off, 1 on, 2 its floor off.
        refused: Whether it was answered with a no, which changes nothing.
    """
    if refused:
        return "geofence.warning"
    return "geofence.enable" if state == 1 else "geofence.disable"


#: Names of modes by which a fence ends a flight there and then.
_MODES_ENDING_FLIGHT = re.compile(r"(^|[._ ])(Q?LAND|AUTOLAND|TERMINATION|SURFACE)$", re.I)


def fence_action_severity(mode: str) -> str:
    """Return how severe it is that a fence chose a mode."""
    return "serious" if _MODES_ENDING_FLIGHT.search(mode) else "warning"


_FENCE_WORD = re.compile(r"\b(?:geo)?fence|\bbreach", re.IGNORECASE)
_TEXT_KINDS = (
    (re.compile(r"outside fence|dest", re.I), "geofence.refused"),
    (re.compile(r"breached|triggered|violat", re.I), "geofence.breach"),
    (re.compile(r"\bdisabled?\b", re.I), "geofence.disable"),
    (re.compile(r"\benabled?\b", re.I), "geofence.enable"),
    (re.compile(r"new fence|loaded|indexed|fence received", re.I), "geofence.config"),
)


_BEFORE_START = re.compile(r"pre-?arm|\barm(ing)?( denied)?:|preflight", re.I)
_BOUNDARY_CROSSED = re.compile(r"outside|breach|violat|contain", re.I)
_NEEDS_POSITION = re.compile(
    r"(requires?|needs?|no|waiting for)\b.*\b(position|fix|home|gps|estimate)", re.I
)
_BREACH_CLEARED = re.compile(r"fences?( breach)? cleared|breach cleared", re.I)


def harmless_fence_kind_and_severity(text: str) -> tuple[str, str] | None:
    """Return kind and severity of a text about a fence that reports no crossed boundary.

    That a check wants a position before a start, or that a breach is over, is
    worth no alarm; a start is refused by a fence only where one is crossed.
    ``None``: the text is of another sort.
    """
    if not _FENCE_WORD.search(text):
        return None
    if _BREACH_CLEARED.search(text) or (
        _NEEDS_POSITION.search(text) and not _BOUNDARY_CROSSED.search(text)
    ):
        return "geofence.warning", "info"
    if _BEFORE_START.search(text):
        crossed = _BOUNDARY_CROSSED.search(text) is not None
        return ("geofence.refused", "warning") if crossed else ("geofence.warning", "notice")
    return None


def fence_text_kind(text: str) -> str | None:
    """Return the kind of event a message about a fence reports, ``None`` for any other message."""
    if not _FENCE_WORD.search(text):
        return None
    if (plain := harmless_fence_kind_and_severity(text)) is not None:
        return plain[0]
    return next((kind for pattern, kind in _TEXT_KINDS if pattern.search(text)), "geofence.warning")


#: Half the Earth's girth: what is more is no distance.
_LARGEST_DISTANCE_M = 20_000_000.0


@dataclass(frozen=True, slots=True)
class FenceSetting:
    """One statement of a parameter."""

    name: str
    value: float
    #: UTC, nanoseconds.
    time: int
    record: str
    source_offset: int
    #: Whether it was an act, before which it was otherwise.
    is_switch: bool = False


def fence_switch_setting(on: bool, time: int, record: str, source_offset: int) -> FenceSetting:
    """Return that the fence was switched on or off."""
    return FenceSetting("FENCE_ENABLE", float(on), time, record, source_offset, is_switch=True)


#: Shape, metres, whether it is on, and the parameter that gives the metres.
_Limit = tuple[str, float, bool | None, str]


def fences_from_settings(settings: Iterable[FenceSetting]) -> tuple[Fence, ...]:
    """Return the fences that parameters set, each for as long as it was in force.

    Args:
        settings: Statements of ``FENCE_*`` or ``GF_*``, in the order in which they
            were made; of one that is repeated, the repetitions do not matter.
    """
    known, later = _initial_and_later(settings)
    began: dict[_Limit, tuple[int | None, FenceSetting]] = {
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


def split_by_switching(
    fences: Iterable[Fence], settings: Iterable[FenceSetting], type_bit: int
) -> tuple[Fence, ...]:
    """Return fences that were drawn, each cut where such fences were switched on or off.

    Args:
        fences: The fences; their ``enabled`` does not matter.
        settings: As for `set_fences`.
        type_bit: Bit of ``FENCE_TYPE``.
    """
    first, later = _initial_and_later(settings)
    values = {name: setting.value for name, setting in first.items()}
    steps: list[tuple[pd.Timestamp, bool | None]] = []
    start = on = is_fence_on(values, type_bit)
    for setting in later:
        values[setting.name] = setting.value
        now, at = is_fence_on(values, type_bit), timestamp_or_none(setting.time)
        if now != on and at is not None:
            steps.append((at, now))
            on = now
    return tuple(part for fence in fences for part in _split_fence_at(fence, start, steps))


def _split_fence_at(
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


def _initial_and_later(
    settings: Iterable[FenceSetting],
) -> tuple[dict[str, FenceSetting], list[FenceSetting]]:
    """Return what was in force before the log, by name, and what came later."""
    first: dict[str, FenceSetting] = {}
    later: list[FenceSetting] = []
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


def _fence_limits_in_force(known: Mapping[str, FenceSetting]) -> list[_Limit]:
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
    limit: _Limit, since: int | None, setting: FenceSetting, until: int | None
) -> Fence:
    shape, metres, enabled, _ = limit
    return Fence(
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
