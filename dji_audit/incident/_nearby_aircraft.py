"""Who was near: other flights of the case at the same time, and other aircraft that logs report."""

from collections.abc import Iterator, Sequence

import pandas as pd

from dji_audit.flights import Flight
from dji_audit.geo.geodesy import distances_between_point_pairs_m

#: Metres within which another flight is said to have been near.
NEAR_M = 5000.0
#: Seconds between two fixes that are still compared.
_SAME_INSTANT_S = 2.0


def rows_of_other_flights(
    flight: Flight, others: Sequence[Flight], start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each other flight in the air in the stretch: who, how near, when.

    Distances are between fixes at the same instant, within ``_SAME_INSTANT_S``; a flight that
    came no nearer than ``NEAR_M`` has no row.
    """
    own = _own_fixes_with_position_between(flight, start, end)
    for other in others:
        if other is flight:
            continue
        theirs = _own_fixes_with_position_between(other, start, end)
        if not len(own) or not len(theirs):
            continue
        paired = pd.merge_asof(
            own,
            theirs,
            on="time",
            direction="nearest",
            tolerance=pd.Timedelta(_SAME_INSTANT_S, "s"),
            suffixes=("", "_other"),
        ).dropna()
        if not len(paired):
            continue
        metres = distances_between_point_pairs_m(
            paired["latitude_deg"].to_numpy(),
            paired["longitude_deg"].to_numpy(),
            paired["latitude_deg_other"].to_numpy(),
            paired["longitude_deg_other"].to_numpy(),
        )
        nearest = int(metres.argmin())
        if metres[nearest] <= NEAR_M:
            who = other.aircraft.serial or other.aircraft.model or other.log.source.name
            when = paired["time"].iloc[nearest]
            yield f"flight {other.id}: {who}", f"{metres[nearest]:.0f} m", f"{when:%H:%M:%S} UTC"


def count_flights_without_positions(flights: Sequence[Flight]) -> int:
    """Return of how many flights no position at a known time is known."""
    columns = ["time", "latitude_deg", "longitude_deg"]
    return sum(not len(flight.track[columns].dropna()) for flight in flights)


def has_position_between(flight: Flight, start: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Return whether it is known where an aircraft was at some instant of a stretch."""
    return bool(len(_own_fixes_with_position_between(flight, start, end)))


def reported_traffic_rows(
    flight: Flight, start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each report of another aircraft or broadcast in the stretch."""
    traffic = flight.events[flight.events["kind"] == "traffic"]
    until = traffic["end"].where(traffic["end"].notna(), traffic["time"])
    for event in traffic[(traffic["time"] <= end) & (until >= start)].itertuples():
        yield str(event.text), "as the log says", f"{event.time:%H:%M:%S} UTC"


def _own_fixes_with_position_between(
    flight: Flight, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    track = flight.track[["time", "latitude_deg", "longitude_deg"]].dropna()
    return track[(track["time"] >= start) & (track["time"] <= end)].sort_values("time")
