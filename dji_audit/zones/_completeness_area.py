"""Where a set of zones is complete: the extent of a zone file.

That a flight met no zone of a file proves something only where the file would have held the zone.
A file may state its extent, and so may the unit; otherwise it is the hull of its zones, which
says only that the file knows zones on all sides.  Features that could not be read as areas make
gaps in it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from dji_audit.geo.geodesy import distance_m, points_at_bearings_and_one_distance
from dji_audit.zones._model import (
    Circle,
    Corridor,
    LatLonBox,
    Point,
    Polygon,
    Shape,
    ZoneError,
    ZoneFile,
)

Floats = npt.NDArray[np.float64]
_ROUNDING_DEG = 1e-9
_BEARINGS_DEG = np.arange(0.0, 360.0, 15.0)


class CompletenessStatedBy(StrEnum):
    """Who says where a set of zones is complete."""

    UNIT = "stated by the unit"
    FILE = "stated by the file"
    HULL = "the hull of its zones; nothing states where it is complete"


@dataclass(frozen=True, slots=True, eq=False)
class ZoneCompletenessArea:
    """The area within which a set of zones is complete."""

    basis: CompletenessStatedBy
    #: Western limit, degrees east: longitudes count eastwards from it, across the antimeridian.
    west_deg: float
    #: Longitude and latitude in the plane; ``None``: the whole Earth.
    area: shapely.Geometry | None

    def positions_inside_mask(
        self, latitude_deg: Floats, longitude_deg: Floats
    ) -> npt.NDArray[np.bool_]:
        """Return for each position whether it lies within; on the edge counts."""
        if self.area is None:
            return np.ones(len(latitude_deg), np.bool_)
        shapely.prepare(self.area)
        inside: npt.NDArray[np.bool_] = shapely.intersects_xy(
            self.area, _longitudes_eastward_from(self.west_deg, longitude_deg), latitude_deg
        )
        return inside

    @property
    def bounds_text(self) -> str:
        """Its limits in words: "50.75 N 3.36 E to 53.50 N 7.10 E"."""
        if self.area is None:
            return "everywhere"
        if self.area.is_empty:
            return "no place, because no zone of it could be read"
        west, south, east, north = (float(value) for value in self.area.bounds)
        return f"{_position_text(south, west)} to {_position_text(north, east)}"

    def how_far_away_text(self, latitude_deg: float, longitude_deg: float) -> str:
        """Return how far away it is, roughly: "some 410 km away"; empty: it is not anywhere."""
        if self.area is None or self.area.is_empty:
            return ""
        point = shapely.Point(
            float(_longitudes_eastward_from(self.west_deg, np.array([longitude_deg]))[0]),
            latitude_deg,
        )
        longitude, latitude = shapely.get_coordinates(shapely.shortest_line(point, self.area))[1]
        away_m = distance_m((latitude_deg, longitude_deg), (float(latitude), float(longitude)))
        return (
            f"some {away_m / 1000:,.0f} km away" if away_m >= 9500 else f"some {away_m:.0f} m away"
        )


def completeness_area_of_zone_file(file: ZoneFile) -> ZoneCompletenessArea:
    """Return the extent of a zone file: as the unit states it, else the file, else the hull."""
    for basis, box in (
        (CompletenessStatedBy.UNIT, file.unit_extent),
        (CompletenessStatedBy.FILE, file.source.extent),
    ):
        if box is not None:
            return _completeness_area_from_box(basis, box)
    if any(not zone.shape for zone in file.zones):
        return ZoneCompletenessArea(CompletenessStatedBy.HULL, -180.0, None)
    if not file.zones:
        return ZoneCompletenessArea(CompletenessStatedBy.HULL, -180.0, shapely.Point())
    points = [_outline_lat_lon_arrays(shape) for zone in file.zones for shape in zone.shape]
    latitudes, longitudes = (np.concatenate(values) for values in zip(*points, strict=True))
    west_deg = _westernmost_longitude(longitudes)
    corners = shapely.multipoints(
        np.column_stack([_longitudes_eastward_from(west_deg, longitudes), latitudes])
    )
    return ZoneCompletenessArea(CompletenessStatedBy.HULL, west_deg, corners.convex_hull)


def parse_lat_lon_box(text: str) -> LatLonBox:
    """Return the box of a text such as ``50.0,-6.5,56.0,2.0``: south, west, north, east.

    Raises:
        ZoneError: If it is no such text.
    """
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ZoneError(f"extent {text!r} is not SOUTH,WEST,NORTH,EAST in degrees") from error
    return build_valid_lat_lon_box(south, west, north, east, f"extent {text!r}")


def build_valid_lat_lon_box(
    south: float, west: float, north: float, east: float, path: str
) -> LatLonBox:
    """Return a box; west of the antimeridian and east of it, its west is greater than its east.

    Raises:
        ZoneError: If the values are no latitudes and longitudes, or south is not below north.
    """
    if not (-90 <= south < north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise ZoneError(f"{path}: expected south, west, north, east in degrees, south below north")
    if west == east:
        raise ZoneError(f"{path}: its west is its east")
    return LatLonBox(south, west, north, east)


def bounding_box_of_points(points: Sequence[Point]) -> LatLonBox | None:
    """Return the smallest box around some points; ``None`` for none."""
    if not points:
        return None
    latitudes, longitudes = (np.array(values) for values in zip(*points, strict=True))
    west_deg = _westernmost_longitude(longitudes)
    east_deg = float(_longitudes_eastward_from(west_deg, longitudes).max())
    return LatLonBox(
        float(latitudes.min()),
        west_deg,
        float(latitudes.max()),
        east_deg if east_deg <= 180 else east_deg - 360,
    )


def bounds_despite_unread_points(points: Sequence[Point], unknown: int) -> LatLonBox | None:
    """Return a box around an area of which some points could not be read.

    A corner of an area is rarely further from the others than they are from one another, so the
    box of the others is widened by its own size, in degrees, on all sides.

    Args:
        points: The points that are known.
        unknown: How many are not.

    Returns:
        ``None``: the place is not known, because fewer than two points are, or they coincide.
    """
    box = bounding_box_of_points(points)
    if box is None or not unknown:
        return box
    width = (box.east_deg - box.west_deg) % 360
    spare = max(width, box.north_deg - box.south_deg)
    if spare == 0 or width + 2 * spare >= 360:
        return None
    return LatLonBox(
        max(box.south_deg - spare, -90.0),
        (box.west_deg - spare + 180) % 360 - 180,
        min(box.north_deg + spare, 90.0),
        (box.east_deg + spare + 180) % 360 - 180,
    )


def outline_points_of_shape(shape: Shape) -> Iterator[Point]:
    """Yield points on the outline of a shape, as many as its box needs."""
    latitudes, longitudes = _outline_lat_lon_arrays(shape)
    yield from zip(latitudes.tolist(), longitudes.tolist(), strict=True)


def _completeness_area_from_box(
    basis: CompletenessStatedBy, box: LatLonBox
) -> ZoneCompletenessArea:
    east_deg = box.east_deg if box.east_deg > box.west_deg else box.east_deg + 360
    area = shapely.box(box.west_deg, box.south_deg, east_deg, box.north_deg)
    return ZoneCompletenessArea(basis, box.west_deg, area)


def _outline_lat_lon_arrays(shape: Shape) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of points on the outline of a shape."""
    if isinstance(shape, Polygon):
        return _latitudes_and_longitudes(shape.outer.points)
    if isinstance(shape, Circle):
        return points_at_bearings_and_one_distance(shape.centre, _BEARINGS_DEG, shape.radius_m)
    return _corridor_outline(shape)


def _corridor_outline(corridor: Corridor) -> tuple[Floats, Floats]:
    around = [
        points_at_bearings_and_one_distance(each, _BEARINGS_DEG, corridor.half_width_m)
        for each in corridor.points
    ]
    latitudes, longitudes = zip(*around, strict=True)
    return np.concatenate(latitudes), np.concatenate(longitudes)


def _latitudes_and_longitudes(points: Sequence[Point]) -> tuple[Floats, Floats]:
    latitudes, longitudes = zip(*points, strict=True)
    return np.array(latitudes, np.float64), np.array(longitudes, np.float64)


def _westernmost_longitude(longitude_deg: Floats) -> float:
    """Return the longitude from which all others lie eastwards by as little as possible."""
    ordered = np.unique((longitude_deg + 180) % 360 - 180)
    gaps = np.diff(ordered, append=ordered[0] + 360)
    return float(ordered[(int(np.argmax(gaps)) + 1) % len(ordered)])


def _longitudes_eastward_from(west_deg: float, longitude_deg: Floats) -> Floats:
    """Return longitudes as degrees that rise eastwards from a limit, which is the smallest."""
    # The limit itself must not go once round the Earth for an error of rounding.
    eastwards: Floats = west_deg + (longitude_deg - west_deg + _ROUNDING_DEG) % 360 - _ROUNDING_DEG
    return eastwards


def _position_text(latitude_deg: float, longitude_deg: float) -> str:
    longitude_deg = math.remainder(longitude_deg, 360)
    return (
        f"{abs(latitude_deg):.2f} {'N' if latitude_deg >= 0 else 'S'} "
        f"{abs(longitude_deg):.2f} {'E' if longitude_deg >= 0 else 'W'}"
    )
