"""Positions that are moved: to the open sea with their shape, or to the middle of a square."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.geo.local_plane import lat_lon_to_plane, plane_to_lat_lon
from dji_audit.redaction._redaction_method import PositionRedactionMethod

Floats = npt.NDArray[np.float64]

#: Where flights are moved to: points of the open Pacific, far from any coast.
_OPEN_SEA = ((0.0, -140.0), (12.0, -150.0), (-30.0, -118.0), (35.0, -165.0))
#: Degrees by which each coordinate of the new place differs from both of the true one, so that
#: no number of the one can be taken for one of the other.
_LEAST_DIFFERENCE_DEG = 3.0
#: Steps of the moved shape, metres: what is rounded before it is moved can be checked after.
SHAPE_STEP_M = 0.01
#: Side of the squares of the grid, degrees.
GRID_DEG = 0.01


@dataclass(frozen=True, slots=True)
class PositionMover:
    """How the positions of one flight are moved."""

    method: PositionRedactionMethod
    #: The true position that the shape is measured from, WGS 84 degrees; ``None``: there is none,
    #: and positions that cannot be moved are removed.
    origin: tuple[float, float] | None
    #: Where it is moved to.
    destination: tuple[float, float]

    def move_positions(self, latitude_deg: Floats, longitude_deg: Floats) -> tuple[Floats, Floats]:
        """Return moved positions; what is missing, or cannot be moved, is missing.

        Args:
            latitude_deg: WGS 84, shape ``(n,)``.
            longitude_deg: The same.
        """
        known = np.isfinite(latitude_deg) & np.isfinite(longitude_deg)
        known &= (np.abs(latitude_deg) <= 90) & (np.abs(longitude_deg) <= 540)
        out = np.full(len(known), np.nan), np.full(len(known), np.nan)
        if not known.any():
            return out
        if self.method is PositionRedactionMethod.GRID:
            for moved, true in zip(out, (latitude_deg, longitude_deg), strict=True):
                moved[known] = np.round((np.floor(true[known] / GRID_DEG) + 0.5) * GRID_DEG, 3)
            return out
        if self.origin is None:
            return out
        shape = lat_lon_to_rounded_east_north_m(
            self.origin, latitude_deg[known], longitude_deg[known]
        )
        out[0][known], out[1][known] = plane_to_lat_lon(self.destination, shape)
        return out

    def move_position(self, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        """Return one moved position; NaN where it is missing."""
        latitude, longitude = self.move_positions(
            np.array([latitude_deg]), np.array([longitude_deg])
        )
        return float(latitude[0]), float(longitude[0])

    def move_position_columns_of_table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table with its columns of latitude and longitude moved."""
        if "latitude_deg" not in frame or "longitude_deg" not in frame:
            return frame
        latitude, longitude = self.move_positions(
            frame["latitude_deg"].to_numpy(np.float64), frame["longitude_deg"].to_numpy(np.float64)
        )
        return frame.assign(latitude_deg=latitude, longitude_deg=longitude)


def lat_lon_to_rounded_east_north_m(
    origin: tuple[float, float], latitude_deg: Floats, longitude_deg: Floats
) -> Floats:
    """Return metres east and north of an origin, rounded to ``SHAPE_STEP_M``, shape ``(n, 2)``.

    In the azimuthal equidistant plane of the origin, on the ellipsoid.
    """
    shape = lat_lon_to_plane(origin, latitude_deg, longitude_deg)
    return np.round(shape / SHAPE_STEP_M) * SHAPE_STEP_M


def build_position_mover(method: PositionRedactionMethod, track: pd.DataFrame) -> PositionMover:
    """Return how the positions of a flight are moved.

    The shape is measured from the first fix of the track; where it has no position, one that
    something else of the flight has cannot be moved with it.
    """
    known = track[["latitude_deg", "longitude_deg"]].dropna()
    known = known[(known["latitude_deg"].abs() <= 90) & (known["longitude_deg"].abs() <= 540)]
    if not len(known):
        return PositionMover(method, None, _OPEN_SEA[0])
    origin = float(known["latitude_deg"].iloc[0]), float(known["longitude_deg"].iloc[0])
    return PositionMover(method, origin, point_at_sea_far_from(origin))


def point_at_sea_far_from(origin: tuple[float, float]) -> tuple[float, float]:
    """Return a point of the open sea whose coordinates cannot be taken for those of a position."""
    return max(
        _OPEN_SEA,
        key=lambda place: (
            min(
                _LEAST_DIFFERENCE_DEG,
                *(abs(one - other) for one in place for other in origin),
            ),
            -_OPEN_SEA.index(place),
        ),
    )
