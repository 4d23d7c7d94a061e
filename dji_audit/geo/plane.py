"""The azimuthal equidistant plane around a point.

Distances and directions from the origin are those of the geodesic on the ellipsoid
(Karney 2013, doi:10.1007/s00190-012-0578-z, by ``pyproj.Geod``).
"""

import numpy as np

from dji_audit.geo.geodesy import WGS84, Floats, Point


def to_plane(origin: Point, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Return positions in the plane around a point, shape ``(n, 2)``."""
    count = len(latitude_deg)
    azimuth, _, away = WGS84.inv(
        np.full(count, origin[1]), np.full(count, origin[0]), longitude_deg, latitude_deg
    )
    azimuth = np.radians(azimuth)
    return np.column_stack([away * np.sin(azimuth), away * np.cos(azimuth)])


def from_plane(origin: Point, at: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude of positions in the plane around a point."""
    count = len(at)
    longitude, latitude, _ = WGS84.fwd(
        np.full(count, origin[1]),
        np.full(count, origin[0]),
        np.degrees(np.arctan2(at[:, 0], at[:, 1])),
        np.hypot(at[:, 0], at[:, 1]),
    )
    return np.asarray(latitude), np.asarray(longitude)
