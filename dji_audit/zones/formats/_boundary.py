"""Boundaries as an AIP words them, with their circles and arcs.

The words are those of the UK AIP (ENR 5.1) as exported by NATS: corners such as
``501918N 0053042W``; ``thence clockwise by the arc of a circle radius 3 NM centred on
500007N 0051354W to``; ``following the line of latitude to``; ``A circle, 2 NM radius,
centred at 585729N 0025402W``.  Coastlines, rivers and whatever else stands there are not
understood, and then nothing of the text is used.
"""

import re
from collections.abc import Sequence

from dji_audit.zones._model import Circle, Point, Polygon, ZoneError
from dji_audit.zones._shapes import checked_circle
from dji_audit.zones.formats._arcs import Edges, distance_m
from dji_audit.zones.formats._text import DISTANCES, parse_compact

_POINT = r"(\d{6}(?:\.\d+)?[NS]\s+\d{7}(?:\.\d+)?[EW])"
_LENGTH = r"(\d{1,6}(?:\.\d{1,4})?)\s*(NM|KM|M|FT)"
_CIRCLE = re.compile(rf"A circle, {_LENGTH} radius, centred (?:at|on) {_POINT}", re.I)
_CORNER = re.compile(
    rf"{_POINT}\s*(?:"
    rf"thence (?P<turn>clockwise|anti-clockwise) by the arc of a circle radius {_LENGTH} "
    rf"centred (?:at|on) {_POINT} to|(?P<parallel>following the line of latitude to))?\s*-?",
    re.I,
)
#: Further apart than this, corners of text and drawing are different ones: degrees.
_APART_DEG = 0.0005
#: Further from its radius than this share, a corner is not drawn from the circle.
_APART = 0.01


def boundary_of(text: str, drawn: Sequence[Polygon]) -> Circle | Polygon | None:
    """Return the boundary that a description words; ``None`` where it is not understood.

    Args:
        text: A line for each corner, up to the line of the upper limit.
        drawn: What is drawn for the same zone: a text whose corners are not drawn,
            or whose circle is not what is drawn, is not believed.
    """
    if len(drawn) != 1 or drawn[0].holes:
        return None
    corners = drawn[0].outer.points
    lines = _described(text)
    try:
        return _circle(lines, corners) or _ring(lines, corners)
    except ZoneError:
        return None


def _described(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        if line.lower().startswith("upper limit"):
            return lines
        lines.append(line)
    return []


def _circle(lines: list[str], corners: Sequence[Point]) -> Circle | None:
    found = _CIRCLE.fullmatch(" ".join(lines).rstrip(" -"))
    if found is None:
        return None
    centre = parse_compact(found[3])
    if centre is None:
        return None
    radius = float(found[1]) * DISTANCES[found[2].upper()]
    if any(abs(distance_m(centre, one) / radius - 1) > _APART for one in corners):
        return None
    return checked_circle(centre, radius, "description")


def _ring(lines: list[str], corners: Sequence[Point]) -> Polygon | None:
    edges = Edges()
    # What leads from the last corner to the next.
    pending: re.Match[str] | None = None
    for line in lines:
        found = _CORNER.fullmatch(line)
        corner = parse_compact(found[1]) if found else None
        if found is None or corner is None or not _is_among(corner, corners):
            return None
        if pending is not None and pending["parallel"]:
            edges.parallel(corner)
        elif pending is not None and pending["turn"]:
            centre = parse_compact(pending[5])
            if centre is None:
                return None
            radius = float(pending[3]) * DISTANCES[pending[4].upper()]
            edges.arc_to(corner, centre, radius, pending["turn"].lower() == "clockwise")
        else:
            edges.line(corner)
        pending = found
    if not edges or (pending is not None and (pending["turn"] or pending["parallel"])):
        return None
    return edges.polygon("description")


def _is_among(corner: Point, corners: Sequence[Point]) -> bool:
    return any(
        abs(corner[0] - latitude) < _APART_DEG and abs(corner[1] - longitude) < _APART_DEG
        for latitude, longitude in corners
    )
