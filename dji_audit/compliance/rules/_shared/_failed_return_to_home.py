"""Fly-aways: an aircraft that was to return and was carried farther away instead."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dji_audit.common.time_columns_to_unix_numbers import NO_TIME_NS, unix_ns_of_times
from dji_audit.compliance.rules._shared._logged_events import LoggedEvent, logged_events_of_kinds
from dji_audit.compliance.rules._shared._pilot_and_home_positions import logged_home_positions
from dji_audit.compliance.rules._shared._which_events_were_airborne import FlightStateIndex
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import distances_between_point_pairs_m

#: Modes and actions in which an aircraft flies home by itself.
_RETURN = re.compile(r"\bgo home\b|\breturn\b|\b(smart_?)?rtl\b", re.I)
#: Seconds after the return began in which a fault shows why it failed.
_FAULT_WITHIN_S = 60.0
#: Returns that are looked at; each is compared with the whole track.
_MAX_RETURNS = 20
#: A return that lasts so long and ends so much farther away failed, whatever was reported.
_LONG_S, _FARTHER_M = 10.0, 20.0


@dataclass(frozen=True, slots=True)
class FailedReturnToHome:
    """A return that failed."""

    event: LoggedEvent
    start: pd.Timestamp
    end: pd.Timestamp
    #: Metres from the home point where the return began, and the farthest after it.
    first_m: float
    farthest_m: float
    #: Row of the track of the farthest fix.
    row: int


def first_failed_return_to_home(
    flight: Flight, states: FlightStateIndex, faults: Sequence[LoggedEvent], farther_m: float
) -> FailedReturnToHome | None:
    """Return the first return that failed; ``None``: none did.

    Args:
        flight: The flight.
        states: Of the flight.
        faults: Reports in the air that the propulsion failed or did not suffice.
        farther_m: Metres by which the aircraft must have come farther from its home point.
    """
    homes = logged_home_positions(flight)
    if homes is None or not len(flight.track):
        return None
    ns = unix_ns_of_times(flight.track["time"])
    latitudes, longitudes = (
        flight.track[name].to_numpy(np.float64) for name in ("latitude_deg", "longitude_deg")
    )
    for event, start in _return_to_home_events_and_times(flight, states):
        seconds = np.where(ns != NO_TIME_NS, (ns - start.value) / 1e9, np.nan)
        home = homes.positions[
            int(homes.index_of_position_in_force_at_each_time(pd.DatetimeIndex([start]))[0])
        ]
        after = (seconds >= 0) & np.isfinite(latitudes + longitudes)
        after &= np.isfinite(home.latitude_deg + home.longitude_deg)
        if flight.landing is not None:
            after &= seconds <= (flight.landing - start).total_seconds()
        rows = np.flatnonzero(after)
        if not len(rows):
            continue
        distances = distances_between_point_pairs_m(
            latitudes[rows], longitudes[rows], home.latitude_deg, home.longitude_deg
        )
        farthest = int(np.argmax(distances))
        first_m, farthest_m = float(distances[0]), float(distances[farthest])
        if farthest_m - first_m < farther_m:
            continue
        if _has_return_to_home_failed(event, start, seconds[rows], distances, faults):
            row = int(rows[farthest])
            end = pd.Timestamp(flight.track["time"].iloc[row])
            return FailedReturnToHome(event, start, end, first_m, farthest_m, row)
    return None


def _return_to_home_events_and_times(
    flight: Flight, states: FlightStateIndex
) -> Iterator[tuple[LoggedEvent, pd.Timestamp]]:
    """Yield when the aircraft began to fly home; returns that follow one another closely once."""
    last: pd.Timestamp | None = None
    count = 0
    for event in logged_events_of_kinds(flight, ["mode", "action"]):
        if event.time is None or not _RETURN.search(event.text):
            continue
        if last is not None and (event.time - last).total_seconds() < _FAULT_WITHIN_S:
            continue
        if count < _MAX_RETURNS and states.airborne_part_of_event(event):
            last, count = event.time, count + 1
            yield event, event.time


def _has_return_to_home_failed(
    event: LoggedEvent,
    start: pd.Timestamp,
    seconds: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    distances: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    faults: Sequence[LoggedEvent],
) -> bool:
    """Return whether a return failed: by a fault, or because it led farther away."""
    for fault in faults:
        delay_s = (fault.time - start).total_seconds() if fault.time is not None else -1.0
        if 0 <= delay_s <= _FAULT_WITHIN_S:
            return True
    if event.end is None:
        return False
    duration_s = (event.end - start).total_seconds()
    within = distances[seconds <= duration_s]
    return duration_s >= _LONG_S and bool(len(within)) and within[-1] - within[0] >= _FARTHER_M
