"""Coast, county lines and country borders near a box, in full detail there and coarse beyond.

Where they come from and how true they are: ``dji_audit/data/basemap/README.md``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import shapely

from dji_audit.basemap._bundled_json import decode_delta_degrees, read_bundled_json
from dji_audit.geo.geodesy import Floats, longitude_degrees_per_latitude_degree

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
class CoastAndBorders:
    """Land, lines and names; longitudes are continuous around the box they were asked for."""

    #: Closed rings of land and of the lakes in it: fill them by the even-odd rule.
    land: tuple[Line, ...]
    #: West, south, east, north of each of them, degrees, shape ``(n, 4)``.
    land_boxes: Floats
    #: Lines between counties in the British Isles, between countries elsewhere.
    lines: tuple[Line, ...]
    #: As ``land_boxes``.
    line_boxes: Floats
    #: Name, latitude and longitude of counties.
    names: tuple[tuple[str, float, float], ...]
    #: How true they are, in metres.
    accuracy_m: float
    #: Whole numbers of one degree that keep this accuracy.
    per_degree: int


def is_box_in_british_isles(south: float, west: float, north: float, east: float) -> bool:
    """Return whether the fine outlines serve a box."""
    box = _BRITISH_BOX
    return box[0] <= south and box[1] <= west and north <= box[2] and east <= box[3]


def coast_and_borders_around_box(
    south: float, west: float, north: float, east: float
) -> CoastAndBorders:
    """Return the outlines for a map of a box, and for zooming out from it.

    Args:
        south: WGS 84 degrees.
        west: The same, of any turn.
        north: The same.
        east: The same.
    """
    name = "british_isles" if is_box_in_british_isles(south, west, north, east) else "world"
    coarse, detail, extent = _COARSE_DEG[name], _DETAIL_DEG[name], max(north - south, east - west)
    if extent > _MAX_DETAILED_BOX_DEG:
        # An empty window: nothing keeps every point.
        detail = -np.inf
        while coarse > extent * _SHARE_THAT_SHOWS and coarse > _FINEST_COARSE_DEG:
            coarse /= 2
    stretch = longitude_degrees_per_latitude_degree((south + north) / 2)
    window = (south - detail, west - detail * stretch, north + detail, east + detail * stretch)
    reach = min(max(_REACH_DEG, (east - west) / 2 + _REACH_BEYOND_EDGE_DEG), 180.0)
    span = (west + east) / 2 - reach, (west + east) / 2 + reach
    file = _load_coast_outline_file(name)
    land = _lines_touching_map_window(
        file.land, _load_simplified_lines(name, "land", coarse), window, span
    )
    lines = _lines_touching_map_window(
        file.lines, _load_simplified_lines(name, "lines", coarse), window, span
    )
    return CoastAndBorders(
        land.lines,
        land.boxes,
        lines.lines,
        lines.boxes,
        file.names,
        file.accuracy_m,
        file.per_degree,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _LinesWithBoundingBoxes:
    """Lines with their boxes: west, south, east, north of each, shape ``(n, 4)``."""

    lines: tuple[Line, ...]
    boxes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _CoastOutlineFile:
    land: _LinesWithBoundingBoxes
    lines: _LinesWithBoundingBoxes
    names: tuple[tuple[str, float, float], ...]
    accuracy_m: float
    per_degree: int


@cache
def _load_coast_outline_file(name: str) -> _CoastOutlineFile:
    document = read_bundled_json(name)
    per = document["per_degree"]

    def decoded(key: str) -> _LinesWithBoundingBoxes:
        lines = tuple(
            (decode_delta_degrees(line[0], per), decode_delta_degrees(line[1], per))
            for line in document[key]
        )
        return _LinesWithBoundingBoxes(lines, _bounding_boxes(lines))

    names = tuple((label, latitude, longitude) for label, longitude, latitude in document["names"])
    accuracy = 1000.0 if name == "british_isles" else 5000.0
    return _CoastOutlineFile(decoded("land"), decoded("lines"), names, accuracy, per)


def _bounding_boxes(lines: Sequence[Line]) -> Floats:
    """Return west, south, east, north of each line; NaN for a line without points."""
    boxes = [(x.min(), y.min(), x.max(), y.max()) if len(x) else (np.nan,) * 4 for x, y in lines]
    return np.array(boxes, np.float64).reshape(-1, 4)


@dataclass(frozen=True, slots=True, eq=False)
class _SimplifiedLines:
    """Which points of each line stay when it may be moved by some degrees, and what they draw.

    Of a line that would be a dot none does.
    """

    masks: tuple[Mask, ...]
    drawn: _LinesWithBoundingBoxes
    #: Which lines keep two points or more.
    is_drawn: Mask


@lru_cache(maxsize=24)
def _load_simplified_lines(name: str, key: str, coarse: float) -> _SimplifiedLines:
    """Return lines as they are when they may be moved by some degrees."""
    file = _load_coast_outline_file(name)
    lines: _LinesWithBoundingBoxes = file.land if key == "land" else file.lines
    masks = []
    for (longitude, latitude), box in zip(lines.lines, lines.boxes, strict=True):
        if max(box[2] - box[0], box[3] - box[1]) < 2 * coarse:
            masks.append(np.zeros(len(longitude), bool))
            continue
        keep = np.zeros(len(longitude), bool)
        # A closed ring is simplified in two halves: its ends are one point.
        middle = len(longitude) // 2
        for part in (slice(0, middle + 1), slice(middle, len(longitude))):
            keep[part] |= _douglas_peucker_keep_mask(longitude[part], latitude[part], coarse)
        masks.append(keep)
    drawn = tuple((x[keep], y[keep]) for (x, y), keep in zip(lines.lines, masks, strict=True))
    is_drawn = np.array([len(longitude) >= 2 for longitude, _ in drawn], bool)
    return _SimplifiedLines(
        tuple(masks), _LinesWithBoundingBoxes(drawn, _bounding_boxes(drawn)), is_drawn
    )


def _lines_touching_map_window(
    lines: _LinesWithBoundingBoxes,
    coarse: _SimplifiedLines,
    window: tuple[float, float, float, float],
    span: tuple[float, float],
) -> _LinesWithBoundingBoxes:
    """Return lines, moved by whole turns, that touch a span of longitudes.

    Every point in the window is kept, and few beyond it.
    """
    south, west, north, east = window
    near: list[Line] = []
    boxes: list[Floats] = []
    for turn in range(round(span[0] / 360) - 1, round(span[1] / 360) + 2):
        shift = 360 * turn
        left, right = lines.boxes[:, 0] + shift, lines.boxes[:, 2] + shift
        touches = (right >= span[0]) & (left <= span[1])
        is_in_window = (lines.boxes[:, 3] >= south) & (lines.boxes[:, 1] <= north)
        is_in_window &= (right >= west) & (left <= east)
        chosen = np.flatnonzero(touches & (is_in_window | coarse.is_drawn))
        drawn = [coarse.drawn.lines[index] for index in chosen.tolist()]
        box = coarse.drawn.boxes[chosen]
        for at in np.flatnonzero(is_in_window[chosen]).tolist():
            line, mask = lines.lines[chosen[at]], coarse.masks[chosen[at]]
            keep = mask | _mask_of_points_in_map_window(line, window, shift)
            drawn[at] = line[0][keep], line[1][keep]
            box[at] = _bounding_boxes(drawn[at : at + 1])
        if shift:
            drawn = [(longitude + shift, latitude) for longitude, latitude in drawn]
        near += drawn
        boxes.append(box + np.array([shift, 0, shift, 0]))
    found = [index for index, line in enumerate(near) if len(line[0]) >= 2]
    return _LinesWithBoundingBoxes(
        tuple(near[index] for index in found), np.concatenate(boxes)[found]
    )


def _mask_of_points_in_map_window(
    line: Line, window: tuple[float, float, float, float], shift: int
) -> Mask:
    """Return which points of a line, moved east by some degrees, lie in a window."""
    south, west, north, east = window
    moved, latitude = line[0] + shift, line[1]
    return (latitude >= south) & (latitude <= north) & (moved >= west) & (moved <= east)


def _douglas_peucker_keep_mask(longitude: Floats, latitude: Floats, tolerance_deg: float) -> Mask:
    """Return which points of a line stay when it may be moved by some degrees."""
    if len(longitude) < 3:
        return np.ones(len(longitude), bool)
    points = np.column_stack([longitude, latitude])
    simple = shapely.simplify(shapely.linestrings(points), tolerance_deg, preserve_topology=False)
    kept = {tuple(point) for point in shapely.get_coordinates(simple).tolist()}
    return np.array([tuple(point) in kept for point in points.tolist()])
