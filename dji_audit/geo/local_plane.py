"""Local planes: the tangent plane (east, north, up), and the azimuthal equidistant plane.

The tangent plane is exact and fast, but shortens long distances: by 1 m at 60 km.  In the
azimuthal equidistant plane, distances and directions from the origin are those of the
geodesic on the ellipsoid.
"""

import numpy as np

from dji_audit.geo.geodesy import WGS84, Floats, Numbers, Point


def east_north_m(
    latitude_deg: Numbers,
    longitude_deg: Numbers,
    to_latitude_deg: Numbers,
    to_longitude_deg: Numbers,
) -> tuple[Floats, Floats]:
    """Return how far east and north of a position a point lies, for one or many of either.

    Exact on the ellipsoid, in the plane that touches it at the position.

    Returns:
        Metres east and metres north, shape ``(n,)``.
    """
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    to_latitude, to_longitude = np.radians(to_latitude_deg), np.radians(to_longitude_deg)
    turn = to_longitude - longitude
    there = WGS84.a / np.sqrt(1 - WGS84.es * np.sin(to_latitude) ** 2)
    here = WGS84.a / np.sqrt(1 - WGS84.es * np.sin(latitude) ** 2)
    out = there * np.cos(to_latitude) * np.cos(turn) - here * np.cos(latitude)
    up = (1 - WGS84.es) * (there * np.sin(to_latitude) - here * np.sin(latitude))
    east = there * np.cos(to_latitude) * np.sin(turn)
    return east, up * np.cos(latitude) - out * np.sin(latitude)


def position_from_east_north(
    latitude_deg: float, longitude_deg: float, east_m: Floats, north_m: Floats
) -> tuple[Floats, Floats]:
    """Return the positions on the ellipsoid at some distance east and north of a position.

    The other way round of `east_north_m`, by Newton's method, to under a micrometre.

    Returns:
        Latitude and longitude in degrees, shape ``(n,)``.
    """
    bent = 1 - WGS84.es * np.sin(np.radians(latitude_deg)) ** 2
    across = WGS84.a / np.sqrt(bent)
    along = across * (1 - WGS84.es) / bent
    here = np.array(latitude_deg), np.array(longitude_deg)
    latitude = np.full(np.shape(north_m), float(latitude_deg))
    longitude = np.full(np.shape(east_m), float(longitude_deg))
    for _ in range(6):
        east, north = east_north_m(here[0], here[1], latitude, longitude)
        latitude = latitude + np.degrees((north_m - north) / along)
        longitude = longitude + np.degrees(
            (east_m - east) / (across * np.cos(np.radians(latitude)))
        )
    return latitude, longitude


def lat_lon_to_plane(origin: Point, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Return positions in the plane around a point, shape ``(n, 2)``."""
    count = len(latitude_deg)
    azimuth, _, away = WGS84.inv(
        np.full(count, origin[1]), np.full(count, origin[0]), longitude_deg, latitude_deg
    )
    azimuth = np.radians(azimuth)
    return np.column_stack([away * np.sin(azimuth), away * np.cos(azimuth)])


def plane_to_lat_lon(origin: Point, at: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude of positions in the plane around a point."""
    count = len(at)
    longitude, latitude, _ = WGS84.fwd(
        np.full(count, origin[1]),
        np.full(count, origin[0]),
        np.degrees(np.arctan2(at[:, 0], at[:, 1])),
        np.hypot(at[:, 0], at[:, 1]),
    )
    return np.asarray(latitude), np.asarray(longitude)
