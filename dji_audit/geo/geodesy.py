"""Distances on the ellipsoid."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Geod

import parsers

WGS84 = Geod(ellps="WGS84")
#: Of latitude, on a sphere; good to a few parts in a thousand.
METRES_PER_DEGREE = 111_195.0

#: The longest edge between points that stand for a geodesic.
MAX_EDGE_M = 1000.0

Floats = npt.NDArray[np.float64]
#: Latitude and longitude, degrees, WGS 84.
Point = tuple[float, float]


def home_distance_m(track: pd.DataFrame, home: parsers.NamedPosition) -> Floats:
    """Return the geodesic distance of each fix from the home point.

    Returns:
        Metres, shape ``(n,)``; NaN where a fix has no position.

    Reference: Karney 2013, doi:10.1007/s00190-012-0578-z, by ``pyproj.Geod``.
    """
    longitude = track["longitude_deg"].to_numpy(np.float64)
    latitude = track["latitude_deg"].to_numpy(np.float64)
    return distances_m(
        latitude,
        longitude,
        np.full(len(track), home.latitude_deg),
        np.full(len(track), home.longitude_deg),
    )


def distances_m(
    latitude: Floats, longitude: Floats, latitude_2: Floats, longitude_2: Floats
) -> Floats:
    """Return the geodesic distance of each point from its opposite number.

    Args:
        latitude: Degrees, WGS 84, shape ``(n,)``; NaN where not known.
        longitude: The same.
        latitude_2: Of the other points.
        longitude_2: The same.

    Returns:
        Metres, shape ``(n,)``; NaN where either point is not known.
    """
    known = np.isfinite(latitude + longitude + latitude_2 + longitude_2)
    out = np.full(len(latitude), np.nan)
    out[known] = WGS84.inv(
        longitude_2[known], latitude_2[known], longitude[known], latitude[known]
    )[2]
    return out


def farthest_distance_m(track: pd.DataFrame, origin: parsers.NamedPosition) -> float | None:
    """Return the geodesic distance of the farthest fix; ``None`` without a position."""
    latitude = track["latitude_deg"].to_numpy(np.float64)
    longitude = track["longitude_deg"].to_numpy(np.float64)
    rough = approximate_distances_m(latitude, longitude, origin.latitude_deg, origin.longitude_deg)
    if not np.isfinite(rough).any():
        return None
    far = np.flatnonzero(rough >= 0.95 * np.nanmax(rough))
    here = np.full(len(far), origin.latitude_deg), np.full(len(far), origin.longitude_deg)
    return float(distances_m(latitude[far], longitude[far], *here).max())


def approximate_distances_m(
    latitude: Floats, longitude: Floats, latitude_2: Floats | float, longitude_2: Floats | float
) -> Floats:
    """Return about how far each point is from its opposite number, if they are near.

    Good to one part in a hundred within some tens of kilometres: enough to tell which
    points are worth measuring.  Degrees, WGS 84; metres, shape ``(n,)``.
    """
    east = (longitude - longitude_2 + 540) % 360 - 180
    across = east * np.cos(np.radians((latitude + latitude_2) / 2))
    return np.asarray(METRES_PER_DEGREE * np.hypot(latitude - latitude_2, across), np.float64)


def track_length_m(track: pd.DataFrame) -> float | None:
    """Return the geodesic length of the ground track; ``None`` without two positions."""
    longitude = track["longitude_deg"].to_numpy(np.float64)
    latitude = track["latitude_deg"].to_numpy(np.float64)
    known = np.isfinite(longitude + latitude)
    if known.sum() < 2:
        return None
    return float(WGS84.line_length(longitude[known], latitude[known]))


def distance_m(first: Point, second: Point) -> float:
    """Return the length of the geodesic between two points."""
    return float(WGS84.inv(first[1], first[0], second[1], second[0])[2])


def destination(start: Point, bearing_deg: float, length_m: float) -> Point:
    """Return the end of a geodesic from a point."""
    longitude, latitude, _ = WGS84.fwd(start[1], start[0], bearing_deg, length_m)
    return float(latitude), float(longitude)


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
