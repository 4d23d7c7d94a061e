"""Geofences of ArduPilot and PX4 as records and texts report them: names, shapes, breaches.

In all three formats the ``value`` of a ``geofence.breach`` is ArduPilot's bit
mask of the boundaries crossed: 1 the maximum altitude, 2 a circle (PX4: the
maximum distance), 4 a polygon (PX4: any fence that was drawn), 8 the
minimum altitude; 6 where the log does not tell circle from polygon, and
missing where it names no boundary.

In all three formats a ``geofence.action`` is a warning.  It is serious where the fence
ends the flight, because it lands or stops the vehicle where it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
class FenceBreachRowSpan:
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


def iterate_breach_row_spans(masks: Sequence[int]) -> Iterator[FenceBreachRowSpan]:
    """Yield the breaches in a row of reports; 0 is "over", and both may repeat."""
    start, current = 0, 0
    for row, mask in enumerate(masks):
        if mask == current:
            continue
        if current:
            yield FenceBreachRowSpan(start, row, current)
        start, current = row, mask
    if current:
        yield FenceBreachRowSpan(start, None, current)


def fence_polygon_text(use: str, points: Sequence[tuple[float, float]]) -> str:
    """Return a polygon of ``(latitude, longitude)`` as "inclusion POLYGON ((lon lat, ...))"."""
    ring = [*points, *points[:1]]
    return f"{use} POLYGON (({', '.join(f'{lon:.7f} {lat:.7f}' for lat, lon in ring)}))"


def fence_circle_text(use: str, latitude: float, longitude: float, radius_m: float) -> str:
    """Return a circle as "inclusion CIRCLE (lon lat, radius m)"."""
    return f"{use} CIRCLE ({longitude:.7f} {latitude:.7f}, {radius_m:g} m)"


def wkt_point_text_with_fence_use_prefix(use: str, latitude: float, longitude: float) -> str:
    """Return a point as "return POINT (lon lat)"."""
    return f"{use} POINT ({longitude:.7f} {latitude:.7f})"


def fence_switch_event_kind(state: float, *, refused: bool) -> str:
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


def severity_of_mode_chosen_by_fence(mode: str) -> str:
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
    r"(requires?|needs?|no|waiting for)\b.{0,200}\b(position|fix|home|gps|estimate)", re.I
)
_BREACH_CLEARED = re.compile(r"fences?( breach)? cleared|breach cleared", re.I)


def harmless_fence_text_event_kind_and_severity(text: str) -> tuple[str, str] | None:
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


def fence_text_event_kind(text: str) -> str | None:
    """Return the kind of event a message about a fence reports, ``None`` for any other message."""
    if not _FENCE_WORD.search(text):
        return None
    if (plain := harmless_fence_text_event_kind_and_severity(text)) is not None:
        return plain[0]
    return next((kind for pattern, kind in _TEXT_KINDS if pattern.search(text)), "geofence.warning")
