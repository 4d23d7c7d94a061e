"""Aircraft that the flight's own aircraft, or its ground station, received by ADS-B near by."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

import parsers
from dji_audit.flights._model import FlightSource, NearbyAircraft
from dji_audit.flights.join._nearby_aircraft import (
    LISTED,
    NEAR_M,
    NEAR_S,
    thin_path_positions_for_map,
)
from dji_audit.geo.geodesy import approximate_ground_distances_m, interpolate_longitudes_deg


def nearby_aircraft_received_in_flight(
    sources: Sequence[FlightSource], track: pd.DataFrame
) -> tuple[NearbyAircraft, ...]:
    """Return the aircraft that came near a flight by the reports in its logs, the nearest first.

    Two logs of one flight may report the same aircraft: the nearer report counts.
    """
    fixes = track[["time", "latitude_deg", "longitude_deg"]].dropna()
    if not len(fixes):
        return ()
    nearest: dict[str, NearbyAircraft] = {}
    for source in sources:
        if source.alignment.is_aligned:
            for each in _nearby_aircraft_in_receiving_log(source, fixes):
                known = nearest.get(each.identity)
                if known is None or each.distance_m < known.distance_m:
                    nearest[each.identity] = each
    found = sorted(nearest.values(), key=lambda each: (each.distance_m, each.identity))
    return tuple(found[:LISTED])


def _nearby_aircraft_in_receiving_log(
    source: FlightSource, fixes: pd.DataFrame
) -> Iterator[NearbyAircraft]:
    own_ns = fixes["time"].to_numpy("datetime64[ns]").astype(np.int64)
    for one in source.log.received_aircraft:
        times = source.alignment.aligned_ns(one.times_ns)
        near_s = int(NEAR_S * 1e9)
        rows = np.flatnonzero((times >= own_ns[0] - near_s) & (times <= own_ns[-1] + near_s))
        if not len(rows):
            continue
        distances_m = approximate_ground_distances_m(
            np.interp(times[rows], own_ns, fixes["latitude_deg"].to_numpy()),
            interpolate_longitudes_deg(times[rows], own_ns, fixes["longitude_deg"].to_numpy()),
            one.latitude_deg[rows],
            one.longitude_deg[rows],
        )
        at = int(np.argmin(distances_m))
        if distances_m[at] > NEAR_M:
            continue
        yield _one_nearby_aircraft_from_received(
            source.log, one, rows, times, (int(rows[at]), distances_m[at])
        )


def _one_nearby_aircraft_from_received(
    log: parsers.Log,
    one: parsers.ReceivedAdsbAircraft,
    rows: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    times_ns: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    nearest: tuple[int, float],
) -> NearbyAircraft:
    row, distance_m = nearest
    altitude_m = float(one.altitude_m[row])
    return NearbyAircraft(
        identity=one.identity,
        flight_id="",
        source_name=log.source.name,
        start=pd.Timestamp(int(times_ns[rows[0]]), tz="UTC"),
        end=pd.Timestamp(int(times_ns[rows[-1]]), tz="UTC"),
        distance_m=round(float(distance_m), 1),
        nearest=pd.Timestamp(int(times_ns[row]), tz="UTC"),
        latitude_deg=float(one.latitude_deg[row]),
        longitude_deg=float(one.longitude_deg[row]),
        height_m=None,
        operator_position=None,
        means=one.means,
        description=", ".join(each for each in (one.name, one.kind) if each),
        altitude_amsl_m=altitude_m if np.isfinite(altitude_m) else None,
        path=thin_path_positions_for_map(
            times_ns[rows] // 1_000_000, one.latitude_deg[rows], one.longitude_deg[rows]
        ),
    )
