"""The one geodesy of dji-audit: distances, azimuths and scales on the ellipsoid of WGS 84.

Geodesics by Karney 2013, doi:10.1007/s00190-012-0578-z, in ``pyproj.Geod``.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pyproj import Geod

if TYPE_CHECKING:
    import pandas as pd


WGS84 = Geod(ellps="WGS84")
#: The longest edge between points that stand for a geodesic.
MAX_EDGE_M = 1000.0
_MAX_STRETCH = 10.0
#: Metres within which ``approximate_ground_distances_m`` is good to some per cent.
_ROUGHLY_RIGHT_WITHIN_M = 20_000.0

Floats = npt.NDArray[np.float64]
Numbers = Floats | float
#: Latitude and longitude, degrees, WGS 84.
Point = tuple[float, float]


def distances_between_point_pairs_m(
    latitude: Numbers, longitude: Numbers, to_latitude: Numbers, to_longitude: Numbers
) -> Floats:
    """Return the geodesic distance of each point from the point of the same row.

    Args:
        latitude: Degrees, WGS 84; one, or shape ``(n,)``; NaN where not known.
        longitude: The same.
        to_latitude: Of the other points.
        to_longitude: The same.

    Returns:
        Metres, shape ``(n,)``; NaN where either point is not known.
    """
    points = np.broadcast_arrays(
        *(np.atleast_1d(values) for values in (latitude, longitude, to_latitude, to_longitude))
    )
    known = np.isfinite(sum(points))
    out = np.full(len(known), np.nan)
    first, second = (points[2][known], points[3][known]), (points[0][known], points[1][known])
    out[known] = WGS84.inv(first[1], first[0], second[1], second[0])[2]
    return out


def distances_exact_if_far_m(
    latitude: Floats,
    longitude: Floats,
    to_latitude: Floats,
    to_longitude: Floats,
    exact_from_m: float,
) -> Floats:
    """Return the distance of each point from the point of the same row, exact only if it is far.

    Of distances less than ``exact_from_m`` the greatest is exact too; the others are right to some
    per cent, and stay less.  Degrees, WGS 84; metres, shape ``(n,)``; NaN where not known.
    """
    rough = approximate_ground_distances_m(latitude, longitude, to_latitude, to_longitude)
    # Damage gives degrees that are none: what no geodesic joins is not the greatest distance.
    is_sound = np.ones(len(rough), bool)
    for degrees, most in (
        (latitude, 90),
        (longitude, 180),
        (to_latitude, 90),
        (to_longitude, 180),
    ):
        is_sound &= abs(degrees) <= most
    greatest_m = rough[is_sound & np.isfinite(rough)].max(initial=0.0)
    is_near = is_sound & (rough < 0.9 * min(exact_from_m, greatest_m, _ROUGHLY_RIGHT_WITHIN_M))
    distances = np.where(is_near, rough, np.nan)
    far = np.flatnonzero(~is_near)
    distances[far] = distances_between_point_pairs_m(
        latitude[far], longitude[far], to_latitude[far], to_longitude[far]
    )
    return distances


def metres_per_latitude_and_longitude_degree(latitude_deg: Numbers) -> tuple[Floats, Floats]:
    """Return the length of a degree of latitude and of a degree of longitude on the ellipsoid.

    Args:
        latitude_deg: One, or one for each result.

    Returns:
        Metres north and metres east.
    """
    latitude = np.radians(np.asarray(latitude_deg, np.float64))
    bend = 1 - WGS84.es * np.sin(latitude) ** 2
    meridian = WGS84.a * (1 - WGS84.es) / bend**1.5
    parallel = WGS84.a / np.sqrt(bend) * np.cos(latitude)
    return np.radians(meridian), np.radians(parallel)


def longitude_degrees_per_latitude_degree(latitude_deg: float) -> float:
    """Return how many degrees of longitude are as long as one of latitude; 10 near the poles."""
    north, east = metres_per_latitude_and_longitude_degree(latitude_deg)
    return float(north / max(float(east), float(north) / _MAX_STRETCH))


def approximate_ground_distances_m(
    latitude: Floats, longitude: Floats, to_latitude: Numbers, to_longitude: Numbers
) -> Floats:
    """Return about how far each point is from the point of the same row, if they are near.

    Good to one part in a hundred within some tens of kilometres: enough to select the
    points that are worth measuring.  Degrees, WGS 84; metres, shape ``(n,)``.
    """
    north, east = metres_per_latitude_and_longitude_degree((latitude + to_latitude) / 2)
    longitudes = (longitude - to_longitude + 540) % 360 - 180
    return np.asarray(np.hypot((latitude - to_latitude) * north, longitudes * east), np.float64)


def track_length_m(track: "pd.DataFrame") -> float | None:
    """Return the geodesic length of the ground track; ``None`` without two positions."""
    longitude = track["longitude_deg"].to_numpy(np.float64)
    latitude = track["latitude_deg"].to_numpy(np.float64)
    known = np.isfinite(longitude + latitude)
    if known.sum() < 2:
        return None
    return float(WGS84.line_length(longitude[known], latitude[known]))


def longitude_unwrapped_near_another(longitude: float, near: float) -> float:
    """Return a longitude shifted by whole turns to lie within 180 degrees of another."""
    return longitude - 360 * round((longitude - near) / 360)


def interpolate_longitudes_deg(
    at: npt.NDArray[np.int64] | Floats, known_at: npt.NDArray[np.int64] | Floats, longitude: Floats
) -> Floats:
    """Return longitudes between known ones; those of a track across 180 degrees run on beyond it.

    The arguments are those of ``numpy.interp``: ``longitude`` without NaN.
    """
    if (abs(np.diff(longitude)) > 180).any():
        longitude = np.unwrap(longitude, period=360)
    return np.interp(at, known_at, longitude)


def distance_m(first: Point, second: Point) -> float:
    """Return the length of the geodesic between two points."""
    return float(WGS84.inv(first[1], first[0], second[1], second[0])[2])


def point_at_bearing_and_distance(start: Point, bearing_deg: float, length_m: float) -> Point:
    """Return the end of a geodesic from a point."""
    longitude, latitude, _ = WGS84.fwd(start[1], start[0], bearing_deg, length_m)
    return float(latitude), float(longitude)


def bearings_from_point_deg(start: Point, latitude: Floats, longitude: Floats) -> Floats:
    """Return the azimuth of the geodesic from a point to each of some others, from north."""
    count = len(latitude)
    azimuth = WGS84.inv(np.full(count, start[1]), np.full(count, start[0]), longitude, latitude)[0]
    return np.asarray(azimuth, np.float64)


def points_at_bearings_and_one_distance(
    start: Point, bearing_deg: Floats, length_m: float
) -> tuple[Floats, Floats]:
    """Return latitude and longitude of the ends of geodesics of one length from a point."""
    count = len(bearing_deg)
    longitude, latitude, _ = WGS84.fwd(
        np.full(count, start[1]), np.full(count, start[0]), bearing_deg, np.full(count, length_m)
    )
    return np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)


def points_between(start: Point, end: Point, count: int) -> list[Point]:
    """Return points at equal distances on the geodesic between two points, without these."""
    points = WGS84.npts(start[1], start[0], end[1], end[0], count)
    return [(latitude, longitude) for longitude, latitude in points]


def densify_geodesics(latitude: Floats, longitude: Floats, closed: bool) -> tuple[Floats, Floats]:
    """Return points along geodesics, each at most ``MAX_EDGE_M`` from the next."""
    starts = (latitude, longitude) if closed else (latitude[:-1], longitude[:-1])
    ends = tuple(np.roll(axis, -1) if closed else axis[1:] for axis in (latitude, longitude))
    azimuth, _, distance_m = WGS84.inv(starts[1], starts[0], ends[1], ends[0])
    steps = np.maximum(1, np.ceil(distance_m / MAX_EDGE_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(steps)), steps)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    lon, lat, _ = WGS84.fwd(
        starts[1][edge], starts[0][edge], azimuth[edge], distance_m[edge] * step / steps[edge]
    )
    # The original corners stay unchanged to the bit.
    lat, lon = np.asarray(lat), np.asarray(lon)
    lat[step == 0], lon[step == 0] = starts
    if closed:
        return lat, lon
    return np.append(lat, latitude[-1]), np.append(lon, longitude[-1])
