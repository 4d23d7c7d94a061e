"""Who else was there: aircraft that only other devices received, near a flight in time and place.

A receiver of Remote ID hears every aircraft around it.  Those that none of the given logs is of
are flights of their own; each flight beside them lists them, with where they were nearest.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights._model import NearbyAircraft
from dji_audit.flights.join._flight_assembly import FlightCandidate
from dji_audit.geo.geodesy import approximate_ground_distances_m, interpolate_longitudes_deg

#: Farther away, or farther apart in time, an aircraft has nothing to do with a flight.
NEAR_M, NEAR_S = 5000.0, 60.0
#: Aircraft that one flight lists, and that are looked at for it: a receiver among made-up aircraft
#: may have heard thousands.
LISTED, _LOOKED_AT = 50, 2000
#: Positions of a path that the map shows.
_SHOWN = 500
Floats = npt.NDArray[np.float64]


def nearby_aircraft_by_flight_index(
    candidates: Sequence[FlightCandidate],
) -> dict[int, tuple[NearbyAircraft, ...]]:
    """Return the aircraft near each flight, the nearest first, by the index of the flight."""
    received = sorted(
        (
            candidate
            for candidate in candidates
            if all(summary.is_from_receiver for summary in candidate.summaries)
            and len(candidate.summary.track)
            and candidate.start is not None
            and candidate.end is not None
        ),
        key=lambda candidate: (candidate.start or 0.0, candidate.summary.id),
    )
    if not received:
        return {}
    starts = [candidate.start or 0.0 for candidate in received]
    longest = max((candidate.end or 0.0) - (candidate.start or 0.0) for candidate in received)
    found = {}
    for number, candidate in enumerate(candidates):
        if candidate.start is None or candidate.end is None or not len(candidate.summary.track):
            continue
        if all(summary.is_from_receiver for summary in candidate.summaries):
            continue
        first = bisect_left(starts, candidate.start - NEAR_S - longest)
        last = bisect_right(starts, candidate.end + NEAR_S)
        near = [
            each
            for other in received[max(first, last - _LOOKED_AT) : last]
            if (each := _nearby_aircraft_or_none(candidate, other)) is not None
        ]
        if near:
            near.sort(key=lambda each: (each.distance_m, each.identity))
            found[number] = tuple(near[:LISTED])
    return found


def thin_path_positions_for_map(
    ms: npt.NDArray[np.int64], latitude_deg: Floats, longitude_deg: Floats
) -> tuple[tuple[int, float, float], ...]:
    """Return the positions of a path that the map shows: at most `_SHOWN`, even in number."""
    rows = np.unique(np.linspace(0, len(ms) - 1, min(len(ms), _SHOWN)).round().astype(np.int64))
    return tuple(
        (int(ms[row]), round(float(latitude_deg[row]), 7), round(float(longitude_deg[row]), 7))
        for row in rows
    )


def _nearby_aircraft_or_none(
    flight: FlightCandidate, other: FlightCandidate
) -> NearbyAircraft | None:
    """Return an aircraft as a flight lists it; ``None``: it was elsewhere, or at another time."""
    own = flight.summary.track.shifted(flight.offset_s or 0.0)
    track = other.summary.track.shifted(other.offset_s or 0.0)
    during = (track.seconds >= own.start - NEAR_S) & (track.seconds <= own.end + NEAR_S)
    rows = np.flatnonzero(during)
    if not len(rows):
        return None
    seconds = track.seconds[rows]
    distances_m = approximate_ground_distances_m(
        np.interp(seconds, own.seconds, own.latitude_deg),
        interpolate_longitudes_deg(seconds, own.seconds, own.longitude_deg),
        track.latitude_deg[rows],
        track.longitude_deg[rows],
    )
    nearest = int(np.argmin(distances_m))
    if distances_m[nearest] > NEAR_M:
        return None
    row = int(rows[nearest])
    summary = other.summary
    height_m = float(track.height_m[row])
    return NearbyAircraft(
        identity=summary.identity or summary.name,
        flight_id=summary.id,
        source_name=summary.name,
        start=pd.Timestamp(round((other.start or 0.0) * 1e9), tz="UTC"),
        end=pd.Timestamp(round((other.end or 0.0) * 1e9), tz="UTC"),
        distance_m=round(float(distances_m[nearest]), 1),
        nearest=pd.Timestamp(round(float(seconds[nearest]) * 1e9), tz="UTC"),
        latitude_deg=float(track.latitude_deg[row]),
        longitude_deg=float(track.longitude_deg[row]),
        height_m=height_m if np.isfinite(height_m) else None,
        operator_position=summary.operator_position,
        path=thin_path_positions_for_map(
            np.round(seconds * 1e3).astype(np.int64),
            track.latitude_deg[rows],
            track.longitude_deg[rows],
        ),
    )
