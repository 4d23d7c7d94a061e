"""The height of the ground around a flight above take-off: a grid of an elevation model."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view._camera_footprint import MIN_DEPRESSION_DEG, Floats
from dji_audit.geo._elevation_model import interpolate_grid
from dji_audit.geo.elevation_files import ElevationModel
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree

#: The grid extends this far beyond the flattest line of sight; its finest step, its most points.
_SPARE_M = 200.0
_FINEST_M = 10.0
_MOST_POINTS = 250
#: Nearer to a pole a degree of longitude counts as long as here.
_MAX_LATITUDE_DEG = 89.4


@dataclass(frozen=True, slots=True, eq=False)
class GroundHeightGrid:
    """Heights above the take-off point on a grid of degrees, to a decimetre.

    A page carries this grid, so that it computes the same.
    """

    name: str
    south_deg: float
    west_deg: float
    #: From one row, and from one column, to the next.
    latitude_step_deg: float
    longitude_step_deg: float
    #: Shape ``(rows, columns)``, from the south-west corner; NaN where it is not known.
    height_ato_m: Floats

    def height_m(self, latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike) -> Floats:
        """Return heights above take-off between the points; NaN beyond the grid."""
        latitude, longitude = np.broadcast_arrays(
            np.asarray(latitude_deg, np.float64), np.asarray(longitude_deg, np.float64)
        )
        row = (latitude - self.south_deg) / self.latitude_step_deg
        column = (longitude - self.west_deg) / self.longitude_step_deg
        rows, columns = self.height_ato_m.shape
        with np.errstate(invalid="ignore"):
            inside = (row >= 0) & (row <= rows - 1) & (column >= 0) & (column <= columns - 1)
        out = np.full(latitude.shape, np.nan)
        out[inside] = interpolate_grid(self.height_ato_m, row[inside], column[inside], None)
        return out


def ground_height_grid_around_track(
    elevation: ElevationModel,
    takeoff: tuple[float, float],
    latitude_deg: Floats,
    longitude_deg: Floats,
    highest_m: float,
) -> GroundHeightGrid | None:
    """Return the ground around a track; ``None`` if the model does not cover the take-off.

    Args:
        elevation: The model.
        takeoff: Latitude and longitude of the take-off.
        latitude_deg: Of the fixes; NaN is passed over.
        longitude_deg: Of the fixes.
        highest_m: The greatest height of the camera above take-off.
    """
    known = np.isfinite(latitude_deg) & np.isfinite(longitude_deg)
    origin = float(elevation.height_m(np.array([takeoff[0]]), np.array([takeoff[1]]))[0])
    if not known.any() or not np.isfinite(origin):
        return None
    reach = highest_m / np.tan(np.radians(MIN_DEPRESSION_DEG)) + _SPARE_M
    middle = float(latitude_deg[known].mean())
    degree_north_m, degree_east_m = map(
        float, metres_per_latitude_and_longitude_degree(min(abs(middle), _MAX_LATITUDE_DEG))
    )
    south, up, rows = _grid_axis_start_step_and_count(latitude_deg[known], reach, degree_north_m)
    west, across, columns = _grid_axis_start_step_and_count(
        longitude_deg[known], reach, degree_east_m
    )
    latitude = south + up * np.arange(rows, dtype=np.float64)
    longitude = west + across * np.arange(columns, dtype=np.float64)
    heights = elevation.height_m(latitude[:, None], longitude[None, :]) - origin
    return GroundHeightGrid(elevation.name, south, west, up, across, np.round(heights * 10) / 10)


def _grid_axis_start_step_and_count(
    degrees: Floats, reach_m: float, degree_m: float
) -> tuple[float, float, int]:
    """Return the start of a side of the grid, its step, and its number of points."""
    first, last = (
        float(degrees.min()) - reach_m / degree_m,
        float(degrees.max()) + reach_m / degree_m,
    )
    step = max(_FINEST_M / degree_m, (last - first) / (_MOST_POINTS - 1))
    count = int(np.ceil((last - first) / step)) + 1
    return round(first, 7), round(step, 9), max(count, 2)
