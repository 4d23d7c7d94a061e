"""Points between corners: along geodesics and arcs, so close that straight lines do."""

from collections.abc import Sequence

import numpy as np
from pyproj import Geod

from dji_audit.zones._intervals import Floats
from dji_audit.zones._model import Point, Ring

WGS84 = Geod(ellps="WGS84")
LONGEST_EDGE_M = 1000.0
LARGEST_SAGITTA_M = 0.02


def split(points: Sequence[Point]) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of points."""
    array = np.array(points, np.float64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def densified(ring: Ring) -> tuple[Floats, Floats]:
    """Return the corners of a ring with points between them, in order, open."""
    latitude, longitude = split(ring.points)
    if not ring.arcs:
        return geodesics(latitude, longitude, closed=True)
    bends = {arc.edge: arc for arc in ring.arcs}
    parts: list[tuple[Floats, Floats]] = []
    count = len(ring.points)
    for edge in range(count):
        pair = np.array([edge, (edge + 1) % count])
        if edge in bends:
            arc = bends[edge]
            parts.append(
                _bent(latitude[pair], longitude[pair], arc.centre, arc.radius_m, arc.clockwise)
            )
        else:
            lat, lon = geodesics(latitude[pair], longitude[pair], closed=False)
            parts.append((lat[:-1], lon[:-1]))
    return np.concatenate([lat for lat, _ in parts]), np.concatenate([lon for _, lon in parts])


def geodesics(latitude: Floats, longitude: Floats, closed: bool) -> tuple[Floats, Floats]:
    """Return points along geodesics, none further from the next than ``LONGEST_EDGE_M``."""
    starts = (latitude, longitude) if closed else (latitude[:-1], longitude[:-1])
    ends = tuple(np.roll(one, -1) if closed else one[1:] for one in (latitude, longitude))
    azimuth, _, away = WGS84.inv(starts[1], starts[0], ends[1], ends[0])
    steps = np.maximum(1, np.ceil(away / LONGEST_EDGE_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(steps)), steps)
    place = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    lon, lat, _ = WGS84.fwd(
        starts[1][edge], starts[0][edge], azimuth[edge], away[edge] * place / steps[edge]
    )
    # Corners stay as they were read.
    lat, lon = np.asarray(lat), np.asarray(lon)
    lat[place == 0], lon[place == 0] = starts
    if closed:
        return lat, lon
    return np.append(lat, latitude[-1]), np.append(lon, longitude[-1])


def _bent(
    latitude: Floats, longitude: Floats, centre: Point, radius_m: float, clockwise: bool
) -> tuple[Floats, Floats]:
    """Return an arc's first corner and the points between it and the second."""
    bearing, _, _ = WGS84.inv(np.full(2, centre[1]), np.full(2, centre[0]), longitude, latitude)
    sweep = (bearing[1] - bearing[0]) % 360 if clockwise else -((bearing[0] - bearing[1]) % 360)
    # A piece that spans an angle leaves the arc by radius times its square over eight.
    piece = np.degrees(np.sqrt(8 * LARGEST_SAGITTA_M / radius_m))
    steps = max(2, int(np.ceil(abs(sweep) / piece)))
    between = bearing[0] + sweep * np.arange(1, steps) / steps
    count = len(between)
    lon, lat, _ = WGS84.fwd(
        np.full(count, centre[1]), np.full(count, centre[0]), between, np.full(count, radius_m)
    )
    return np.append(latitude[:1], lat), np.append(longitude[:1], lon)
