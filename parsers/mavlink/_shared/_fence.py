"""What an autopilot says of its geofence, in words and shapes that can be compared.

In all three formats the ``value`` of a ``geofence.breach`` is ArduPilot's bit
mask of what was crossed: 1 the maximum altitude, 2 a circle (with PX4 the
maximum distance), 4 a polygon (with PX4 any fence that was drawn), 8 the
minimum altitude; 6 where the log leaves open which of circle and polygon, and
missing where it does not say at all.

In all three a ``geofence.action`` is a warning; it is serious where the fence
ends the flight: it lands the vehicle where it is, or stops it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Bit of a breach, of ``FENCE_TYPE`` and of ``ERR.ECode`` -> boundary (``AC_Fence.h``).
CEILING, CIRCLE, POLYGON, FLOOR = 1, 2, 4, 8
BOUNDARIES = (
    (CEILING, "maximum altitude"),
    (CIRCLE, "circle"),
    (POLYGON, "polygon"),
    (FLOOR, "minimum altitude"),
)

#: `FENCE_ACTION` of a copter; other vehicles number them otherwise.
COPTER_ACTIONS = (
    "report only",
    "return or land",
    "always land",
    "smart return, return or land",
    "brake or land",
    "smart return or land",
)

#: Number of a fence item -> inclusion or exclusion, shape (``AC_PolyFenceType``).
ITEMS = {
    98: ("inclusion", "polygon"),
    97: ("exclusion", "polygon"),
    96: ("exclusion", "circle"),
    95: ("return", "point"),
    94: ("inclusion", "circle"),
    93: ("exclusion", "circle"),
    92: ("inclusion", "circle"),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """From the first report of a breach to the first that it is over, as rows."""

    start: int
    #: ``None``: never reported as over.
    end: int | None
    boundaries: int


def boundaries_text(mask: int) -> str:
    """Return the boundaries of a bit mask in words."""
    names = [name for bit, name in BOUNDARIES if mask & bit]
    rest = mask & ~sum(bit for bit, _ in BOUNDARIES)
    return ", ".join([*names, *([f"unknown 0x{rest:x}"] if rest else [])]) or "none"


def breaches(masks: Sequence[int]) -> Iterator[Breach]:
    """Yield the breaches in a row of reports; 0 is "over", and both may repeat."""
    start, current = 0, 0
    for row, mask in enumerate(masks):
        if mask == current:
            continue
        if current:
            yield Breach(start, row, current)
        start, current = row, mask
    if current:
        yield Breach(start, None, current)


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


def switch_kind(state: float, *, refused: bool) -> str:
    """Return the kind of event of a command to switch the fence (`DO_FENCE_ENABLE`).

    Args:
        state: param1: 0 off, 1 on, 2 its floor off.
        refused: Whether it was answered with a no, which changes nothing.
    """
    if refused:
        return "geofence.warning"
    return "geofence.enable" if state == 1 else "geofence.disable"


#: Names of modes by which a fence ends a flight there and then.
_ENDING = re.compile(r"(^|[._ ])(Q?LAND|AUTOLAND|TERMINATION|SURFACE)$", re.I)


def action_severity(mode: str) -> str:
    """Return how severe it is that a fence chose a mode."""
    return "serious" if _ENDING.search(mode) else "warning"


_FENCE = re.compile(r"\b(?:geo)?fence|\bbreach", re.IGNORECASE)
_SAYS = (
    (re.compile(r"outside fence|dest", re.I), "geofence.refused"),
    (re.compile(r"breached|triggered|violat", re.I), "geofence.breach"),
    (re.compile(r"\bdisabled?\b", re.I), "geofence.disable"),
    (re.compile(r"\benabled?\b", re.I), "geofence.enable"),
    (re.compile(r"new fence|loaded|indexed|fence received", re.I), "geofence.config"),
)


_START = re.compile(r"pre-?arm|\barm(ing)?( denied)?:|preflight", re.I)
_ZONE = re.compile(r"outside|breach|violat|contain", re.I)
_NEEDS = re.compile(
    r"(requires?|needs?|no|waiting for)\b.*\b(position|fix|home|gps|estimate)", re.I
)
_CLEARED = re.compile(r"fences?( breach)? cleared|breach cleared", re.I)


def remark(text: str) -> tuple[str, str] | None:
    """Return kind and severity of a text that speaks of a fence without a zone in the way.

    That a check wants a position before a start, or that a breach is over, is
    worth no alarm; a start is refused by a fence only where one is crossed.
    ``None``: the text is of another sort.
    """
    if not _FENCE.search(text):
        return None
    if _CLEARED.search(text) or (_NEEDS.search(text) and not _ZONE.search(text)):
        return "geofence.warning", "info"
    if _START.search(text):
        crossed = _ZONE.search(text) is not None
        return ("geofence.refused", "warning") if crossed else ("geofence.warning", "notice")
    return None


def text_kind(text: str) -> str | None:
    """Return the kind of event a message about a fence reports, ``None`` for any other message."""
    if not _FENCE.search(text):
        return None
    if (plain := remark(text)) is not None:
        return plain[0]
    return next((kind for pattern, kind in _SAYS if pattern.search(text)), "geofence.warning")
