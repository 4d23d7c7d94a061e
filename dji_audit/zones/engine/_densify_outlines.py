"""Points added along geodesic edges and arcs, to replace them by straight lines."""

from collections.abc import Sequence

import numpy as np

from dji_audit.common.time_intervals import FloatArray
from dji_audit.geo.geodesy import (
    bearings_from_point_deg,
    densify_geodesics,
    points_at_bearings_and_one_distance,
)
from dji_audit.zones._model import Point, Ring

MAX_SAGITTA_M = 0.02


def lat_lon_arrays(points: Sequence[Point]) -> tuple[FloatArray, FloatArray]:
    """Return latitudes and longitudes of points."""
    array = np.array(points, np.float64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def densify_ring(ring: Ring) -> tuple[FloatArray, FloatArray]:
    """Return the corners of a ring with added points between them, in order, not closed."""
    latitude, longitude = lat_lon_arrays(ring.points)
    if not ring.arcs:
        return densify_geodesics(latitude, longitude, closed=True)
    arcs = {arc.edge: arc for arc in ring.arcs}
    parts: list[tuple[FloatArray, FloatArray]] = []
    count = len(ring.points)
    for edge in range(count):
        pair = np.array([edge, (edge + 1) % count])
        if edge in arcs:
            arc = arcs[edge]
            parts.append(
                _densify_arc(
                    latitude[pair], longitude[pair], arc.centre, arc.radius_m, arc.clockwise
                )
            )
        else:
            lat, lon = densify_geodesics(latitude[pair], longitude[pair], closed=False)
            parts.append((lat[:-1], lon[:-1]))
    return np.concatenate([lat for lat, _ in parts]), np.concatenate([lon for _, lon in parts])


def _densify_arc(
    latitude: FloatArray, longitude: FloatArray, centre: Point, radius_m: float, clockwise: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the first corner of an arc and the points between it and the second."""
    bearing = bearings_from_point_deg(centre, latitude, longitude)
    sweep = (bearing[1] - bearing[0]) % 360 if clockwise else -((bearing[0] - bearing[1]) % 360)
    # The sagitta of a chord that spans an angle a is radius * a**2 / 8.
    piece = np.degrees(np.sqrt(8 * MAX_SAGITTA_M / radius_m))
    steps = max(2, int(np.ceil(abs(sweep) / piece)))
    between = bearing[0] + sweep * np.arange(1, steps) / steps
    lat, lon = points_at_bearings_and_one_distance(centre, between, radius_m)
    return np.append(latitude[:1], lat), np.append(longitude[:1], lon)
