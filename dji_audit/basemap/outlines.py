"""Coast, county lines and country borders near a box, in full detail there and coarse beyond.

Where they come from and how true they are: ``dji_audit/data/basemap/README.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from dji_audit.basemap._bundled_files import bundled_document, degrees_from_differences
from dji_audit.geo.geodesy import Floats

#: Degrees of latitude around a box within which lines keep every point.
_DETAIL_DEG = {"british_isles": 0.4, "world": 2.0}
#: Degrees by which lines may be moved beyond that.
_COARSE_DEG = {"british_isles": 0.05, "world": 0.5}
#: South, west, north, east of the box that the fine outlines serve: the land cut at the edge of
#: the file does not show from inside it.
_BRITISH_BOX = (49.7, -9.0, 61.0, 2.2)
#: A box that is larger than this, in degrees, keeps what shows at a five-hundredth of it.
_MAX_DETAILED_BOX_DEG = 4.0
_SHARE_THAT_SHOWS = 1 / 500
#: How far east and west of the middle of a box land is given, and how far beyond its edges at
#: least, in degrees.
_REACH_DEG, _REACH_BEYOND_EDGE_DEG = 60.0, 25.0

#: Longitudes and latitudes of a line, degrees, each of shape ``(n,)``.
Line = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Land, lines and names; longitudes are continuous around the box they were asked for."""

    #: Closed rings of land and of the lakes in it: fill them by the even-odd rule.
    land: tuple[Line, ...]
    #: Lines between counties in the British Isles, between countries elsewhere.
    lines: tuple[Line, ...]
    #: Name, latitude and longitude of counties.
    names: tuple[tuple[str, float, float], ...]
    #: How true they are, in metres.
    accuracy_m: float
    #: Whole numbers of one degree that keep this accuracy.
    per_degree: int


def is_in_british_isles(south: float, west: float, north: float, east: float) -> bool:
    """Return whether the fine outlines serve a box."""
    box = _BRITISH_BOX
    return box[0] <= south and box[1] <= west and north <= box[2] and east <= box[3]


def outlines_around(south: float, west: float, north: float, east: float) -> Outlines:
    """Return the outlines for a map of a box, and for zooming out from it.

    Args:
        south: WGS 84 degrees.
        west: The same, of any turn.
        north: The same.
        east: The same.
    """
    name = "british_isles" if is_in_british_isles(south, west, north, east) else "world"
    document, detail = _decoded_outlines(name), _DETAIL_DEG[name]
    coarse, extent = _COARSE_DEG[name], max(north - south, east - west)
    if extent > _MAX_DETAILED_BOX_DEG:
        # An empty window: nothing keeps every point.
        detail, coarse = -np.inf, min(extent * _SHARE_THAT_SHOWS, coarse)
    stretch = 1 / max(np.cos(np.radians((south + north) / 2)), 0.1)
    window = (south - detail, west - detail * stretch, north + detail, east + detail * stretch)
    middle = (west + east) / 2
    reach = min(max(_REACH_DEG, (east - west) / 2 + _REACH_BEYOND_EDGE_DEG), 180.0)
    return Outlines(
        tuple(_lines_near(document.land, window, (middle, reach), coarse, is_closed=True)),
        tuple(_lines_near(document.lines, window, (middle, reach), coarse, is_closed=False)),
        document.names,
        document.accuracy_m,
        document.per_degree,
    )


@cache
def _decoded_outlines(name: str) -> Outlines:
    document = bundled_document(name)
    per = document["per_degree"]

    def decoded(key: str) -> tuple[Line, ...]:
        return tuple(
            (degrees_from_differences(line[0], per), degrees_from_differences(line[1], per))
            for line in document[key]
        )

    names = tuple((label, latitude, longitude) for label, longitude, latitude in document["names"])
    accuracy = 1000.0 if name == "british_isles" else 5000.0
    return Outlines(decoded("land"), decoded("lines"), names, accuracy, per)


def _lines_near(
    lines: tuple[Line, ...],
    window: tuple[float, float, float, float],
    middle_and_reach: tuple[float, float],
    coarse: float,
    *,
    is_closed: bool,
) -> Iterator[Line]:
    """Yield lines within reach, moved by whole turns, and simplified outside the window."""
    middle, reach = middle_and_reach
    for longitude, latitude in lines:
        for turn in range(round((middle - 180) / 360) - 1, round((middle + 180) / 360) + 2):
            moved = longitude + 360 * turn
            if moved.max() < middle - reach or moved.min() > middle + reach:
                continue
            kept = _simplified_outside(moved, latitude, window, coarse)
            if len(kept[0]) >= (4 if is_closed else 2):
                yield kept


def _simplified_outside(
    longitude: Floats, latitude: Floats, window: tuple[float, float, float, float], coarse: float
) -> Line:
    """Return a line with every point inside a window, and few beyond it; empty if it is a dot."""
    south, west, north, east = window
    inside = (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)
    if not inside.any() and max(np.ptp(longitude), np.ptp(latitude)) < 2 * coarse:
        return longitude[:0], latitude[:0]
    keep = inside.copy()
    edges = np.flatnonzero(np.diff(inside.astype(np.int8))) + 1
    for start, end in zip([0, *edges], [*edges, len(inside)], strict=True):
        if inside[start]:
            continue
        # One point of overlap on each side, so that the parts meet.
        first, last = max(start - 1, 0), min(end + 1, len(inside))
        # A closed ring is simplified in two halves: its ends are one point.
        for low, high in ((first, (first + last) // 2 + 1), ((first + last) // 2, last)):
            keep[low:high] |= _kept_by_douglas_peucker(
                longitude[low:high], latitude[low:high], coarse
            )
    return longitude[keep], latitude[keep]


def _kept_by_douglas_peucker(
    longitude: Floats, latitude: Floats, tolerance_deg: float
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which points of a line stay when it may be moved by some degrees."""
    if len(longitude) < 3:
        return np.ones(len(longitude), bool)
    points = np.column_stack([longitude, latitude])
    simple = shapely.simplify(shapely.linestrings(points), tolerance_deg, preserve_topology=False)
    kept = {tuple(point) for point in shapely.get_coordinates(simple).tolist()}
    return np.array([tuple(point) in kept for point in points.tolist()])
