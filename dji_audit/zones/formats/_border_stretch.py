"""The stretch of a border, as a river or a frontier, that belongs to an airspace's boundary."""

import math

import numpy as np
import numpy.typing as npt
import shapely

from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
from dji_audit.zones._model import Point, ZoneError

Floats = npt.NDArray[np.float64]
_CLOSED_M = 1.0


def border_stretch_between(
    border: Floats, begin: Point, end: Point, reach_m: float, path: str
) -> list[Point]:
    """Return the points of a border from beside one point to beside another, in that direction.

    A closed border has two such stretches: the shorter one is returned.  Distances are those in a
    plane around the first point, within 1 % up to 100 km away; its corners are kept as they are.

    Args:
        border: Latitude and longitude of its points in order, shape ``(n, 2)`` with n of 2 or more.
        begin: The point before the border.
        end: The point after it.
        reach_m: How far the border may pass from either, metres.
        path: The position in the file.

    Raises:
        ZoneError: If the border passes further away.
    """
    north_m, east_m = (float(scale) for scale in metres_per_latitude_and_longitude_degree(begin[0]))
    scales = np.array([max(east_m, 1.0), north_m])
    positions = np.vstack([border, [begin, end]])[:, ::-1]
    offsets = positions - [begin[1], begin[0]]
    offsets[:, 0] = (offsets[:, 0] + 180) % 360 - 180
    plane = offsets * scales
    line, ends = shapely.LineString(plane[:-2]), shapely.points(plane[-2:])
    away_m = float(max(shapely.distance(line, ends)))
    if not away_m <= reach_m:
        raise ZoneError(
            f"{path}: expected a border that passes its neighbours, found one {away_m:,.0f} m away"
        )
    first, last = (float(place) for place in shapely.line_locate_point(line, ends))
    stretch = _part_of_border_between(line, first, last)
    if math.dist(plane[0], plane[-3]) < _CLOSED_M:
        through_ends = _part_across_closing_point(line, first, last)
        stretch = min(stretch, through_ends, key=lambda part: shapely.LineString(part).length)
    longitude, latitude = (stretch / scales + [begin[1], begin[0]]).T
    longitude = (longitude + 180) % 360 - 180
    return list(zip(latitude.tolist(), longitude.tolist(), strict=True))


def _part_of_border_between(line: shapely.LineString, first: float, last: float) -> Floats:
    """Return the part of a line between two distances along it, in the direction of them."""
    low, high = min(first, last), max(first, last)
    corners = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    inner = corners[(along > low) & (along < high)]
    ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [low, high]))
    points = np.vstack([ends[:1], inner, ends[1:]])
    return points if first <= last else points[::-1]


def _part_across_closing_point(line: shapely.LineString, first: float, last: float) -> Floats:
    """Return the part of a closed line between two distances that passes where it closes."""
    if first <= last:
        return np.vstack(
            [
                _part_of_border_between(line, first, 0.0),
                _part_of_border_between(line, line.length, last),
            ]
        )
    return np.vstack(
        [
            _part_of_border_between(line, first, line.length),
            _part_of_border_between(line, 0.0, last),
        ]
    )
