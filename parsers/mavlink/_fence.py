"""What an autopilot says of its geofence, in words and shapes that can be compared."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Bit of a breach, of ``FENCE_TYPE`` and of ``ERR.ECode`` -> boundary (``AC_Fence.h``).
BOUNDARIES = (
    (1, "maximum altitude"),
    (2, "circle"),
    (4, "polygon"),
    (8, "minimum altitude"),
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


_FENCE = re.compile(r"\b(?:geo)?fence|\bbreach", re.IGNORECASE)
_SAYS = (
    (re.compile(r"prearm|\barm:|requires position|outside fence|dest", re.I), "geofence.refused"),
    (re.compile(r"\bcleared|breach cleared", re.I), "geofence.warning"),
    (re.compile(r"breached|triggered|violat", re.I), "geofence.breach"),
    (re.compile(r"\bdisabled?\b", re.I), "geofence.disable"),
    (re.compile(r"\benabled?\b", re.I), "geofence.enable"),
    (re.compile(r"new fence|loaded|indexed|fence received", re.I), "geofence.config"),
)


def text_kind(text: str) -> str | None:
    """Return the kind of event a message about a fence reports, ``None`` for any other message."""
    if not _FENCE.search(text):
        return None
    return next((kind for pattern, kind in _SAYS if pattern.search(text)), "geofence.warning")
