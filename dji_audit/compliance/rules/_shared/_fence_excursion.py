"""How far and how long the aircraft was beyond a fence of its own, by its track."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.rules._shared._airborne_log_tracks import runs_of_true_values
from dji_audit.flights import Flight, home_distances_m
from dji_audit.geo.geodesy import distances_between_point_pairs_m
from parsers import Geofence

Floats = npt.NDArray[np.float64]

#: Bits of the value of a breach, which names the boundary (``parsers.mavlink``).
CEILING, CIRCLE, POLYGON, FLOOR = 1, 2, 4, 8
_SHAPE_BITS = {"ceiling": CEILING, "circle": CIRCLE, "polygon": POLYGON, "floor": FLOOR}
#: Seconds by which the report of a breach and the track may differ.
_WITHIN_S = 5.0
#: Seconds before and after its report within which the stretch beyond a fence is looked for.
_REACH_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceExcursion:
    """A stretch of the track beyond a fence."""

    fence: Geofence
    #: Greatest distance beyond it, metres.
    depth_m: float
    start: pd.Timestamp
    end: pd.Timestamp


def fences_named_by_breach(flight: Flight, bits: int, time: pd.Timestamp | None) -> list[Geofence]:
    """Return the fences of some shapes that were in force at a time, each shape once.

    Args:
        flight: The flight.
        bits: Which boundaries, as the value of a breach names them.
        time: The time; ``None``: not known.
    """
    found: dict[str, Geofence] = {}
    for log in flight.logs:
        for fence in log.fences:
            if fence.enabled and _SHAPE_BITS[fence.shape] & bits and _is_in_force(fence, time):
                found.setdefault(fence.shape, fence)
    return list(found.values())


def find_excursion_of_breach(
    flight: Flight, fence: Geofence, start: pd.Timestamp, end: pd.Timestamp
) -> FenceExcursion | None:
    """Return the stretch beyond a fence that a reported breach concerns.

    ``None``: the track shows none, or the fence is drawn or has no known centre.
    """
    rows = _rows_around_breach(flight, start, end)
    beyond_m = _distance_beyond_fence_of_each_fix_m(flight, rows, fence)
    if beyond_m is None:
        return None
    times = flight.track["time"].iloc[rows]
    # A fence that was drawn tighter in flight was not breached before.
    if fence.start is not None:
        beyond_m = np.where((times >= fence.start).to_numpy(), beyond_m, np.nan)
    if fence.end is not None:
        beyond_m = np.where((times < fence.end).to_numpy(), beyond_m, np.nan)
    margin = pd.Timedelta(seconds=_WITHIN_S)
    best: FenceExcursion | None = None
    for first, last in runs_of_true_values(np.nan_to_num(beyond_m, nan=-np.inf) > 0):
        begins, ends = times.iloc[first], times.iloc[last]
        if begins > end + margin or ends < start - margin:
            continue
        depth_m = float(np.nanmax(beyond_m[first : last + 1]))
        if best is None or depth_m > best.depth_m:
            best = FenceExcursion(fence=fence, depth_m=depth_m, start=begins, end=ends)
    return best


def fence_boundary_words(fences: list[Geofence], bits: int) -> str:
    """Return a boundary in words: "the 100 m height fence", "the fence"."""
    words = list(_boundary_words_of_each_fence(fences))
    if not words:
        shapes = {CEILING: "the height fence", CIRCLE: "the circular fence",
                  POLYGON: "the drawn fence", FLOOR: "the lowest height of the fence"}  # fmt: skip
        words = [shapes[bits]] if bits in shapes else ["the fence"]
    return " and ".join(words)


def _boundary_words_of_each_fence(fences: list[Geofence]) -> Iterator[str]:
    for fence in fences:
        if fence.shape == "ceiling":
            yield f"the {fence.height_m:g} m height fence"
        elif fence.shape == "floor":
            yield f"the lowest height of {fence.height_m:g} m"
        elif fence.shape == "circle":
            yield f"the {fence.radius_m:g} m circular fence"
        else:
            yield "the drawn fence"


def _is_in_force(fence: Geofence, time: pd.Timestamp | None) -> bool:
    if time is None:
        return True
    # A breach may be reported in the moment in which the fence changes.
    margin = pd.Timedelta(seconds=1)
    begun = fence.start is None or fence.start <= time + margin
    return begun and (fence.end is None or time < fence.end)


def _rows_around_breach(flight: Flight, start: pd.Timestamp, end: pd.Timestamp) -> slice:
    """Return the rows around a reported breach, which may be over long before the track is back.

    Only these are looked at, so that many breaches take no more time than one.
    """
    times = flight.track["time"].to_numpy("datetime64[ns]")
    reach = pd.Timedelta(seconds=_REACH_S)
    first = int(np.searchsorted(times, np.datetime64((start - reach).value, "ns"), "left"))
    last = int(np.searchsorted(times, np.datetime64((end + reach).value, "ns"), "right"))
    return slice(first, last)


def _distance_beyond_fence_of_each_fix_m(
    flight: Flight, rows: slice, fence: Geofence
) -> Floats | None:
    """Return how far each fix of some rows is beyond a fence, metres; negative within it."""
    track = flight.track.iloc[rows]
    if fence.height_m is not None and fence.shape in ("ceiling", "floor"):
        height_m = track["height_ato_m"].to_numpy(np.float64)
        above_m: Floats = height_m - fence.height_m
        return above_m if fence.shape == "ceiling" else -above_m
    if fence.shape != "circle" or fence.radius_m is None:
        return None
    if fence.points:
        away_m = distances_between_point_pairs_m(
            track["latitude_deg"].to_numpy(np.float64),
            track["longitude_deg"].to_numpy(np.float64),
            *fence.points[0],
        )
    elif flight.home is not None:
        away_m = home_distances_m(flight)[rows]
    else:
        return None
    return away_m - fence.radius_m if fence.use == "inclusion" else fence.radius_m - away_m
