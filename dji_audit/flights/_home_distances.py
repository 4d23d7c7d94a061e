"""How far each fix of a flight is from the home point that was in force then.

Everything that states a distance from home takes it from here: pages, tables, exports, rules.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights._cache_per_flight import cache_for_last_flight
from dji_audit.flights._columns_with_values import NAT_NS
from dji_audit.flights._model import Flight
from dji_audit.geo.geodesy import (
    Floats,
    distances_between_point_pairs_m,
    distances_exact_if_far_m,
)


@cache_for_last_flight
def home_distances_m(flight: Flight) -> Floats:
    """Return how far each fix is from the home point in force, else from the take-off.

    Returns:
        Metres, geodesic, one for each row of the track; NaN where a fix has no position, or where
        neither a home point nor the take-off was known yet.
    """
    positions = flight.home_positions
    latitude, longitude = coordinates_of_positions(
        positions, home_position_index_of_each_fix(flight)
    )
    return distances_between_point_pairs_m(
        flight.track["latitude_deg"].to_numpy(np.float64),
        flight.track["longitude_deg"].to_numpy(np.float64),
        latitude,
        longitude,
    )


def home_position_index_of_each_fix(flight: Flight) -> npt.NDArray[np.intp]:
    """Return which of the home positions of a flight was in force at each fix; -1: none yet."""
    return index_of_position_in_force(
        flight.home_positions, flight.track, by_offset=flight.home_source_index == 0
    )


def greatest_home_distance_m(
    positions: Sequence[parsers.NamedPosition], track: pd.DataFrame, *, by_offset: bool
) -> float | None:
    """Return the greatest of the distances from home; ``None``: none is known.

    Args:
        positions: As ``Flight.home_positions``.
        track: The fixes.
        by_offset: As of ``index_of_position_in_force``.
    """
    index = index_of_position_in_force(positions, track, by_offset=by_offset)
    distances = distances_exact_if_far_m(
        track["latitude_deg"].to_numpy(np.float64),
        track["longitude_deg"].to_numpy(np.float64),
        *coordinates_of_positions(positions, index),
        np.inf,
    )
    return float(np.nanmax(distances)) if np.isfinite(distances).any() else None


def coordinates_of_positions(
    positions: Sequence[parsers.NamedPosition], index: npt.NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return latitude and longitude of the positions at some indices; NaN where it is -1."""
    latitudes = np.array([*(each.latitude_deg for each in positions), np.nan])
    longitudes = np.array([*(each.longitude_deg for each in positions), np.nan])
    return latitudes[index], longitudes[index]


def index_of_position_in_force(
    positions: Sequence[parsers.NamedPosition], rows: pd.DataFrame, *, by_offset: bool
) -> npt.NDArray[np.intp]:
    """Return which of some positions was in force at each row: the last that began before it.

    Args:
        positions: In order; one without a time began before all rows that have one.
        rows: With the columns ``time`` and ``source_offset``.
        by_offset: Whether the positions stand in the log of the rows, so that the order in the
            file says which was in force at a row without a time; otherwise it is the last.

    Returns:
        Shape ``(n,)``; -1: none had begun.
    """
    times = rows["time"].to_numpy("datetime64[ns]").astype(np.int64)
    starts = np.array([NAT_NS if it.time is None else it.time.value for it in positions], np.int64)
    index = np.searchsorted(starts, times, "right") - 1
    untimed = times == NAT_NS
    if not untimed.any():
        return index
    if by_offset:
        # The take-off is where the flight began, wherever the row stands that shows it.
        offsets = np.array([-1 if it.kind == "start" else it.source_offset for it in positions])
        at = rows["source_offset"].to_numpy(np.int64)[untimed]
        index[untimed] = np.searchsorted(offsets, at, "right") - 1
    else:
        index[untimed] = len(positions) - 1
    return index
