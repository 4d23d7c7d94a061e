"""Boundaries as text in an Aeronautical Information Publication (AIP), with circles and arcs.

The wording is that of the UK AIP (ENR 5.1) as exported by NATS: corners such as
``501918N 0053042W``; ``thence clockwise by the arc of a circle radius 3 NM centred on
500007N 0051354W to``; ``following the line of latitude to``; ``A circle, 2 NM radius,
centred at 585729N 0025402W``.  Coastlines, rivers and other wording are not understood; the
text is then not used at all.
"""

import math
import re
from collections.abc import Sequence

from dji_audit.geo.geodesy import distance_m
from dji_audit.zones._model import Circle, Point, Polygon, ZoneError
from dji_audit.zones._validated_shapes import build_valid_circle
from dji_audit.zones.formats._aviation_text import (
    METRES_PER_UNIT,
    InvalidPointTextError,
    parse_point,
)
from dji_audit.zones.formats._ring_builder import RingBuilder

_POINT = r"(\d{6}(?:\.\d+)?[NS]\s+\d{7}(?:\.\d+)?[EW])"
_LENGTH = r"(\d{1,6}(?:\.\d{1,4})?)\s*(NM|KM|M|FT)"
_CIRCLE = re.compile(rf"A circle, {_LENGTH} radius, centred (?:at|on) {_POINT}", re.I)
_CORNER = re.compile(
    # Blanks within the group, so that a run of them is divided in one way only.
    rf"{_POINT}(?:\s*(?:"
    rf"thence (?P<turn>clockwise|anti-clockwise) by the arc of a circle radius {_LENGTH} "
    rf"centred (?:at|on) {_POINT} to|(?P<parallel>following the line of latitude to)))?\s*-?",
    re.I,
)
#: The largest difference between a corner in the text and in the geometry, degrees, to within one.
_CORNER_TOLERANCE_DEG = 0.0005
#: The largest relative difference of the distance of a corner from the radius of the circle.
_RADIUS_TOLERANCE = 0.01


def parse_aip_boundary(text: str, geometry: Sequence[Polygon]) -> Circle | Polygon | None:
    """Return the boundary that a description states; ``None`` where it is not understood.

    Args:
        text: A line for each corner, up to the line of the upper limit.
        geometry: The geometry of the same zone; a text whose corners or circle differ from it
            is not used.
    """
    if len(geometry) != 1 or geometry[0].holes:
        return None
    corners = geometry[0].outer.points
    lines = _lines_before_upper_limit(text)
    try:
        return _parse_circle(lines, corners) or _parse_ring(lines, corners)
    except (InvalidPointTextError, ZoneError):
        return None


def _lines_before_upper_limit(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        if line.lower().startswith("upper limit"):
            return lines
        lines.append(line)
    return []


def _parse_circle(lines: list[str], corners: Sequence[Point]) -> Circle | None:
    match = _CIRCLE.fullmatch(" ".join(lines).rstrip(" -"))
    if match is None:
        return None
    centre = parse_point(match[3])
    radius = float(match[1]) * METRES_PER_UNIT[match[2].upper()]
    if any(abs(distance_m(centre, corner) / radius - 1) > _RADIUS_TOLERANCE for corner in corners):
        return None
    return build_valid_circle(centre, radius, "description")


def _parse_ring(lines: list[str], corners: Sequence[Point]) -> Polygon | None:
    edges = RingBuilder()
    cells = {_tolerance_grid_cell_of_point(corner) for corner in corners}
    # The match that says how the edge to the next corner runs.
    pending: re.Match[str] | None = None
    for line in lines:
        match = _CORNER.fullmatch(line)
        if match is None:
            return None
        corner = parse_point(match[1])
        if not _is_near_any_corner(corner, cells):
            return None
        if pending is not None and pending["parallel"]:
            edges.add_edge_along_parallel(corner)
        elif pending is not None and pending["turn"]:
            centre = parse_point(pending[5])
            radius = float(pending[3]) * METRES_PER_UNIT[pending[4].upper()]
            edges.add_arc_to(corner, centre, radius, pending["turn"].lower() == "clockwise")
        else:
            edges.add_line(corner)
        pending = match
    if not edges or (pending is not None and (pending["turn"] or pending["parallel"])):
        return None
    return edges.to_polygon("description")


def _tolerance_grid_cell_of_point(point: Point) -> tuple[int, int]:
    """Return the cell of a point in a grid as wide as the tolerance."""
    latitude, longitude = (math.floor(angle / _CORNER_TOLERANCE_DEG) for angle in point)
    return latitude, longitude


def _is_near_any_corner(corner: Point, cells: set[tuple[int, int]]) -> bool:
    """Return whether a corner of the drawing is at most two tolerances away.

    Cells instead of distances, so that the cost does not grow with the square of the corners.
    """
    north, east = _tolerance_grid_cell_of_point(corner)
    return any((north + row, east + column) in cells for row in (-1, 0, 1) for column in (-1, 0, 1))
