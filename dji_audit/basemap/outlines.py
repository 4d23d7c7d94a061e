"""Coast, county lines and country borders near a box, in full detail there and coarse beyond.

Where they come from and how true they are: ``dji_audit/data/basemap/README.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import shapely

from dji_audit.basemap._bundled_files import bundled_document, degrees_from_differences
from dji_audit.geo.geodesy import Floats, longitude_stretch

#: Degrees of latitude around a box within which lines keep every point.
_DETAIL_DEG = {"british_isles": 0.4, "world": 2.0}
#: Degrees by which lines may be moved beyond that.
_COARSE_DEG = {"british_isles": 0.05, "world": 0.5}
#: South, west, north, east of the box that the fine outlines serve: the land cut at the edge of
#: the file does not show from inside it.
_BRITISH_BOX = (49.7, -9.0, 61.0, 2.2)
#: A box that is larger than this, in degrees, keeps what shows at a 220th of it.
_MAX_DETAILED_BOX_DEG = 4.0
_SHARE_THAT_SHOWS = 1 / 220
_FINEST_COARSE_DEG = 0.005
#: How far east and west of the middle of a box land is given, and how far beyond its edges at
#: least, in degrees.
_REACH_DEG, _REACH_BEYOND_EDGE_DEG = 60.0, 25.0

#: Longitudes and latitudes of a line, degrees, each of shape ``(n,)``.
Line = tuple[Floats, Floats]
Mask = npt.NDArray[np.bool_]


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
    coarse, detail, extent = _COARSE_DEG[name], _DETAIL_DEG[name], max(north - south, east - west)
    if extent > _MAX_DETAILED_BOX_DEG:
        # An empty window: nothing keeps every point.
        detail = -np.inf
        while coarse > extent * _SHARE_THAT_SHOWS and coarse > _FINEST_COARSE_DEG:
            coarse /= 2
    stretch = longitude_stretch((south + north) / 2)
    window = (south - detail, west - detail * stretch, north + detail, east + detail * stretch)
    reach = min(max(_REACH_DEG, (east - west) / 2 + _REACH_BEYOND_EDGE_DEG), 180.0)
    span = (west + east) / 2 - reach, (west + east) / 2 + reach
    file = _outline_file(name)
    return Outlines(
        tuple(_lines_near(file.land, _coarse_masks(name, "land", coarse), window, span)),
        tuple(_lines_near(file.lines, _coarse_masks(name, "lines", coarse), window, span)),
        file.names,
        file.accuracy_m,
        file.per_degree,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Lines with their boxes: west, south, east, north of each, shape ``(n, 4)``."""

    lines: tuple[Line, ...]
    boxes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _OutlineFile:
    land: _Lines
    lines: _Lines
    names: tuple[tuple[str, float, float], ...]
    accuracy_m: float
    per_degree: int


@cache
def _outline_file(name: str) -> _OutlineFile:
    document = bundled_document(name)
    per = document["per_degree"]

    def decoded(key: str) -> _Lines:
        lines = tuple(
            (degrees_from_differences(line[0], per), degrees_from_differences(line[1], per))
            for line in document[key]
        )
        boxes = [(x.min(), y.min(), x.max(), y.max()) for x, y in lines]
        return _Lines(lines, np.array(boxes, np.float64).reshape(-1, 4))

    names = tuple((label, latitude, longitude) for label, longitude, latitude in document["names"])
    accuracy = 1000.0 if name == "british_isles" else 5000.0
    return _OutlineFile(decoded("land"), decoded("lines"), names, accuracy, per)


@lru_cache(maxsize=24)
def _coarse_masks(name: str, key: str, coarse: float) -> tuple[Mask, ...]:
    """Return which points of each line stay when it may be moved by some degrees.

    Of a line that would be a dot none does.
    """
    file = _outline_file(name)
    lines: _Lines = file.land if key == "land" else file.lines
    masks = []
    for (longitude, latitude), box in zip(lines.lines, lines.boxes, strict=True):
        if max(box[2] - box[0], box[3] - box[1]) < 2 * coarse:
            masks.append(np.zeros(len(longitude), bool))
            continue
        keep = np.zeros(len(longitude), bool)
        # A closed ring is simplified in two halves: its ends are one point.
        middle = len(longitude) // 2
        for part in (slice(0, middle + 1), slice(middle, len(longitude))):
            keep[part] |= _kept_by_douglas_peucker(longitude[part], latitude[part], coarse)
        masks.append(keep)
    return tuple(masks)


def _lines_near(
    lines: _Lines,
    coarse_masks: tuple[Mask, ...],
    window: tuple[float, float, float, float],
    span: tuple[float, float],
) -> Iterator[Line]:
    """Yield lines, moved by whole turns, that touch a span of longitudes.

    Every point in the window is kept, and few beyond it.
    """
    south, west, north, east = window
    for turn in range(round(span[0] / 360) - 1, round(span[1] / 360) + 2):
        shift = 360 * turn
        near = (lines.boxes[:, 2] + shift >= span[0]) & (lines.boxes[:, 0] + shift <= span[1])
        for index in np.flatnonzero(near).tolist():
            longitude, latitude = lines.lines[index]
            keep, box = coarse_masks[index], lines.boxes[index]
            moved = longitude + shift
            if box[3] >= south and box[1] <= north:
                inside = (latitude >= south) & (latitude <= north)
                keep = keep | (inside & (moved >= west) & (moved <= east))
            if keep.sum() >= 2:
                yield moved[keep], latitude[keep]


def _kept_by_douglas_peucker(longitude: Floats, latitude: Floats, tolerance_deg: float) -> Mask:
    """Return which points of a line stay when it may be moved by some degrees."""
    if len(longitude) < 3:
        return np.ones(len(longitude), bool)
    points = np.column_stack([longitude, latitude])
    simple = shapely.simplify(shapely.linestrings(points), tolerance_deg, preserve_topology=False)
    kept = {tuple(point) for point in shapely.get_coordinates(simple).tolist()}
    return np.array([tuple(point) in kept for point in points.tolist()])
