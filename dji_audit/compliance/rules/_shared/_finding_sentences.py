"""Words of findings that many rules use: how long, when, and where."""

import numpy as np
import pandas as pd

from dji_audit.common.plain_english import duration_text
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import bearings_from_point_deg, distance_m
from dji_audit.geo.national_grid import map_reference_text

_COMPASS = (
    "north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west",
)  # fmt: skip
#: Metres from the take-off within which a direction says nothing.
_AT_TAKEOFF_M = 10.0


def height_text(height_m: float) -> str:
    """Return a height against the take-off, metres, such as ``3 m below take-off``."""
    metres = round(height_m)
    if not metres:
        return "at the height of take-off"
    return f"{abs(metres)} m {'below' if metres < 0 else 'above'} take-off"


def interval_text(start: pd.Timestamp | None, end: pd.Timestamp | None) -> str:
    """Return when something was: "for 21 s from 06:21:26 UTC", or "at 06:21:26 UTC".

    Args:
        start: When it began; ``None``: not known.
        end: When it ended; ``None``: not known, or at its start.
    """
    if start is None:
        return "at a time that the log does not give"
    if end is None or (end - start).total_seconds() < 0.05:
        return f"at {start:%H:%M:%S} UTC"
    return f"for {duration_text((end - start).total_seconds())} from {start:%H:%M:%S} UTC"


def position_relative_to_takeoff_text(flight: Flight, time: pd.Timestamp | None) -> str:
    """Return where the aircraft was: "480 m north-east of take-off, NY 8123 2345".

    Empty: not known.  Without a take-off it is the reference alone.
    """
    position, origin = lat_lon_of_last_fix_before(flight, time), flight.takeoff_position
    if position is None:
        return ""
    reference = map_reference_text(*position)
    if origin is None:
        return f"at {reference}"
    start = origin.latitude_deg, origin.longitude_deg
    away_m = distance_m(start, position)
    if away_m < _AT_TAKEOFF_M:
        return f"at the place of take-off, {reference}"
    bearing_deg = float(
        bearings_from_point_deg(start, np.array([position[0]]), np.array([position[1]]))[0]
    )
    away = f"{away_m:.0f} m" if away_m < 9950 else f"{away_m / 1000:.0f} km"
    return f"{away} {compass_point(bearing_deg)} of take-off, {reference}"


def compass_point(bearing_deg: float) -> str:
    """Return the nearest of eight points of the compass: "north-east"."""
    return _COMPASS[round(bearing_deg / 45) % 8]


def finding_sentence(
    what: str,
    flight: Flight,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
    *,
    how: str = "",
) -> str:
    """Return a finding as one sentence that stands alone: what, when, how long, where, how known.

    Args:
        what: What was found, how much, and against which limit.
        flight: The flight that it is about.
        start: When it began; ``None``: not known.
        end: When it ended; ``None``: not known, or at its start.
        how: How it is known: "reported by the app"; empty: the grade of the finding says it.
    """
    when = f" {interval_text(start, end)}" if start is not None else ""
    place = position_relative_to_takeoff_text(flight, start)
    return f"{what}{when}{f', {place}' if place else ''}{f'; {how}' if how else ''}"
