"""Where the pilot or the home point was at each fix: both may move during a flight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.time_columns_to_unix_numbers import unix_seconds_of_times
from dji_audit.compliance.declared_tracks import DeclaredTrack
from dji_audit.compliance.findings import Evidence
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_in_flight_or_network_log,
    evidence_of_record_in_flight_log,
)
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import (
    distance_m,
    distances_between_point_pairs_m,
    distances_exact_if_far_m,
)
from parsers import NamedPosition

#: Metres within which neighbours lie together, and how many times farther a spike is.
_TOGETHER_M, _SPIKE_RATIO = 50.0, 4.0


@dataclass(frozen=True, slots=True, eq=False)
class DistanceOriginPositions:
    """The positions of a pilot, home point or take-off that distances are measured from."""

    #: What it is, for people: "the home point".
    name: str
    #: In time order; those without a time come first.
    positions: tuple[NamedPosition, ...]
    #: Index in ``Flight.logs`` of the log that gives them.
    source_index: int
    #: For each position, the home point that stands in for it where it is not believed, and how far
    #: from that it is, metres; ``None``: it is believed.  Empty: all are.
    stand_ins: tuple[tuple[NamedPosition, float] | None, ...] = ()
    #: Index in ``Flight.logs`` of the log that gives the home points.
    stand_in_source_index: int = 0
    #: Whether they are those of a device of the pilot, and no stand-in throughout.
    is_of_pilot: bool = False

    def position_and_log_index_at(self, time: pd.Timestamp) -> tuple[NamedPosition, int]:
        """Return what a distance at an instant is measured from, and the index of its log."""
        index = int(self.index_of_position_in_force_at_each_time(pd.DatetimeIndex([time]))[0])
        stand_in = self.stand_ins[index] if self.stand_ins else None
        if stand_in is not None:
            return stand_in[0], self.stand_in_source_index
        return self.positions[index], self.source_index

    def evidence_at(self, flight: Flight, time: pd.Timestamp) -> Evidence:
        """Return what a distance at an instant is measured from as evidence."""
        position, source_index = self.position_and_log_index_at(time)
        return evidence_of_record_in_flight_log(
            flight,
            offset=position.source_offset,
            record=position.record,
            field=position.kind,
            value=f"{position.latitude_deg:.6f}, {position.longitude_deg:.6f}",
            source_index=source_index,
        )

    def errors_m(self, track: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the error of the distance of each fix, metres: 0, the logs state none."""
        return np.zeros(len(track))

    def distrusted_position_to_home_distances_m(
        self, times: pd.DatetimeIndex
    ) -> npt.NDArray[np.float64]:
        """Return for each time how far off the position is that is not believed; NaN: it is."""
        if not self.stand_ins:
            return np.full(len(times), np.nan)
        away_m = np.array([np.nan if it is None else it[1] for it in self.stand_ins])
        return away_m[self.index_of_position_in_force_at_each_time(times)]

    def index_of_position_in_force_at_each_time(
        self, times: pd.DatetimeIndex
    ) -> npt.NDArray[np.intp]:
        """Return for each time which position is in force: the last before it, else the first."""
        starts = np.array([_position_time_ns(it) for it in self.positions])
        ns = times.to_numpy("datetime64[ns]").astype(np.int64)
        # Of fixes without a time only the last position is known to have been in force.
        ns = np.where(times.notna(), ns, np.iinfo(np.int64).max)
        return np.maximum(np.searchsorted(starts, ns, "right") - 1, 0)

    def distances_m(
        self, track: pd.DataFrame, rows: npt.NDArray[np.bool_], exact_from_m: float
    ) -> npt.NDArray[np.float64]:
        """Return the distance of each fix from the position in force, metres; NaN: not known.

        Args:
            track: The fixes.
            rows: Which of them to measure; NaN for the others.
            exact_from_m: Metres; of those nearer than this only the greatest is exact, the others
                are right to some per cent.
        """
        index = self.index_of_position_in_force_at_each_time(pd.DatetimeIndex(track["time"]))
        used = [
            position if stand_in is None else stand_in[0]
            for position, stand_in in zip(
                self.positions, self.stand_ins or (None,) * len(self.positions), strict=True
            )
        ]
        latitudes = np.array([it.latitude_deg for it in used])
        longitudes = np.array([it.longitude_deg for it in used])
        return distances_exact_if_far_m(
            np.where(rows, track["latitude_deg"].to_numpy(np.float64), np.nan),
            track["longitude_deg"].to_numpy(np.float64),
            latitudes[index],
            longitudes[index],
            exact_from_m,
        )


@dataclass(frozen=True, slots=True, eq=False)
class PilotPositionsFromDeclaredTrack:
    """The positions of a pilot whose own track the unit supplied."""

    declared: DeclaredTrack

    @property
    def name(self) -> str:
        """What it is, for people."""
        return "the pilot's own track"

    def distances_m(
        self, track: pd.DataFrame, rows: npt.NDArray[np.bool_], _exact_from_m: float
    ) -> npt.NDArray[np.float64]:
        """Return the distance of some fixes from where the pilot was, metres; NaN: not known."""
        there = self.declared.positions_at(unix_seconds_of_times(track["time"]))
        return distances_between_point_pairs_m(
            np.where(rows, track["latitude_deg"].to_numpy(np.float64), np.nan),
            track["longitude_deg"].to_numpy(np.float64),
            there.latitude_deg,
            there.longitude_deg,
        )

    def errors_m(self, track: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the error of the distance of each fix, metres, 95 %; NaN: not known."""
        return self.declared.positions_at(unix_seconds_of_times(track["time"])).error_m

    def evidence_at(self, _flight: Flight, time: pd.Timestamp) -> Evidence:
        """Return the fix of the pilot next to an instant as evidence."""
        there = self.declared.positions_at(unix_seconds_of_times(pd.Series([time])))
        row = int(there.fix_index[0])
        latitude, longitude = self.declared.latitude_deg[row], self.declared.longitude_deg[row]
        return evidence_in_flight_or_network_log(
            self.declared.source,
            int(self.declared.offsets[row]),
            self.declared.record,
            "pilot",
            f"{latitude:.6f}, {longitude:.6f}",
        )


def logged_home_positions(flight: Flight) -> DistanceOriginPositions | None:
    """Return the home points of a flight; ``None``: no log names one."""
    if flight.home is None:
        return None
    return DistanceOriginPositions(
        "the home point",
        _logged_positions_of_kind(flight, flight.home_source_index, flight.home),
        flight.home_source_index,
    )


def logged_pilot_positions(flight: Flight, within_m: float) -> DistanceOriginPositions | None:
    """Return the positions of the pilot's device; ``None``: none is near the home point.

    While a position of it is not believed, the home point stands in for it.

    Args:
        flight: The flight.
        within_m: Metres from a home point within which a position of the device is believed: a
            phone may give one that it remembers of another day.
    """
    if flight.pilot is None:
        return None
    positions = _without_outlying_positions(
        _logged_positions_of_kind(flight, flight.pilot_source_index, flight.pilot)
    )
    name = "the pilot's device"
    if flight.sources[flight.pilot_source_index].is_from_receiver:
        name = "the operator's position in Remote ID"
    device = DistanceOriginPositions(name, positions, flight.pilot_source_index, is_of_pilot=True)
    homes = logged_home_positions(flight)
    if homes is None:
        return device
    in_force = homes.index_of_position_in_force_at_each_time(
        pd.DatetimeIndex([it.time for it in positions], tz="UTC")
    )
    there = [homes.positions[index] for index in in_force.tolist()]
    away_m = [distance_between_m(it, home) for it, home in zip(positions, there, strict=True)]
    if min(away_m) > within_m:
        return None
    if max(away_m) <= within_m:
        return device
    stand_ins = tuple(
        (home, away) if away > within_m else None for home, away in zip(there, away_m, strict=True)
    )
    return replace(
        device,
        name=f"{name} or the home point, which stands in for it",
        stand_ins=stand_ins,
        stand_in_source_index=homes.source_index,
    )


def _logged_positions_of_kind(
    flight: Flight, source_index: int, chosen: NamedPosition
) -> tuple[NamedPosition, ...]:
    """Return all positions of the kind and log of one, on the clock of the flight."""
    source = flight.sources[source_index]
    if source.alignment.shifts_times or not source.alignment.is_aligned:
        return (chosen,)
    alike: Sequence[NamedPosition] = [
        it for it in source.log.named_positions if it.kind == chosen.kind
    ]
    # Without times it is not known when each was in force: the flight has chosen one.
    timed = [it for it in alike if it.time is not None]
    if len(timed) < 2:
        return (chosen,)
    return tuple(sorted(timed, key=_position_time_ns))


def _without_outlying_positions(positions: tuple[NamedPosition, ...]) -> tuple[NamedPosition, ...]:
    """Return positions without single ones far from both of their neighbours, which lie together.

    A phone that loses its satellites gives one position of a mast, and the next is right again.
    """
    if len(positions) < 3:
        return positions
    latitudes = np.array([it.latitude_deg for it in positions])
    longitudes = np.array([it.longitude_deg for it in positions])
    step_m = distances_between_point_pairs_m(
        latitudes[:-1], longitudes[:-1], latitudes[1:], longitudes[1:]
    )
    beside_m = distances_between_point_pairs_m(
        latitudes[:-2], longitudes[:-2], latitudes[2:], longitudes[2:]
    )
    far_m = _SPIKE_RATIO * np.maximum(beside_m, _TOGETHER_M)
    is_spike = np.zeros(len(positions), bool)
    is_spike[1:-1] = (step_m[:-1] > far_m) & (step_m[1:] > far_m)
    return tuple(it for it, spike in zip(positions, is_spike.tolist(), strict=True) if not spike)


def _position_time_ns(position: NamedPosition) -> int:
    return int(np.iinfo(np.int64).min) if position.time is None else position.time.value


def distance_between_m(one: NamedPosition, other: NamedPosition) -> float:
    """Return how far apart two named positions are, metres."""
    return distance_m(
        (one.latitude_deg, one.longitude_deg), (other.latitude_deg, other.longitude_deg)
    )
