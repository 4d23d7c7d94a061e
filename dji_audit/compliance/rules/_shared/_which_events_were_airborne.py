"""Which reports of a flight were made in the air, also in logs without a clock."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.time_columns_to_unix_numbers import NO_TIME_NS, unix_ns_of_times
from dji_audit.compliance.rules._shared._logged_events import LoggedEvent, logged_events_of_kinds
from dji_audit.flights import Flight

#: Metres above take-off beyond which a flight whose logs tell nothing else was in the air.
_AIRBORNE_M = 2.0
#: Seconds within which the last fix before an instant tells the height there.
_MAX_FIX_AGE_S = 5.0
#: How long, and within what, an aircraft that stands shows no movement.
_STILL_S, _STILL_M, _STILL_MPS = 3.0, 0.1, 0.1
_STATES = ("arm", "disarm", "airborne.report", "takeoff", "landing")


@dataclass(frozen=True, slots=True)
class AirborneDurationAndHeightOfEvent:
    """The part of an event in the air: how long, and how high the aircraft was."""

    #: ``None``: the log has no clock, or the event no end.
    duration_s: float | None
    #: Above take-off where it began; ``None``: not known.
    height_m: float | None


@dataclass(frozen=True, slots=True, eq=False)
class _FlightStateChangesOfLog:
    """What one log tells of arming, flying and modes, in the order of its bytes."""

    offsets: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.object_]
    #: Whether each state is one of flying, or may be followed by it.
    flying: npt.NDArray[np.bool_]
    mode_offsets: npt.NDArray[np.int64]


class FlightStateIndex:
    """What a flight tells of its states: indexed once, asked for many events."""

    def __init__(self, flight: Flight) -> None:
        """Index the track and the states of a flight."""
        self._flight = flight
        track = flight.track
        ns = unix_ns_of_times(track["time"])
        self._rows = np.flatnonzero(ns != NO_TIME_NS)
        self._row_ns = ns[self._rows]
        self._heights = track["height_ato_m"].to_numpy(np.float64)
        self._modes = [
            (mode.time.value, mode.text)
            for mode in logged_events_of_kinds(flight, ["mode"])
            if mode.time is not None
        ]
        self._modes.sort(key=lambda mode: mode[0])
        self._mode_ns = np.array([at for at, _ in self._modes], np.int64)
        self._states_of = cache(self._flight_state_changes_of_log)

    def airborne_part_of_event(
        self, event: LoggedEvent, before_s: float = 0.0, after_s: float = 0.0
    ) -> AirborneDurationAndHeightOfEvent | None:
        """Return the part of an event in the air; ``None``: it was on the ground.

        Args:
            event: One of the events of the flight.
            before_s: Seconds before the take-off in which it already counts.
            after_s: Seconds after the landing in which it still counts.
        """
        flight = self._flight
        if event.time is None or (flight.takeoff is None and flight.landing is None):
            in_air = self._was_flying_at_event_by_byte_order(event)
        else:
            in_air = self._began_airborne_by_time(event.time, before_s, after_s)
        if not in_air:
            return None
        return AirborneDurationAndHeightOfEvent(
            self._event_seconds_in_air(event), self.height_above_takeoff_m_at(event.time)
        )

    def height_above_takeoff_m_at(self, time: pd.Timestamp | None) -> float | None:
        """Return the height above take-off at the last fix before an instant, within 5 s."""
        heights = self._heights[self._track_rows_before(time, _MAX_FIX_AGE_S)]
        known = heights[np.isfinite(heights)]
        return float(known[-1]) if len(known) else None

    def stood_on_ground_before(self, time: pd.Timestamp) -> bool:
        """Return whether the aircraft stood in the last seconds before an instant.

        On the ground at another height than that of the take-off it shows neither speed nor the
        small movements of hovering.  A log without speeds cannot show it.
        """
        rows = self._track_rows_before(time, _STILL_S)
        heights, speed, climb = (
            self._flight.track[name].to_numpy(np.float64)[rows]
            for name in ("height_ato_m", "ground_speed_mps", "vertical_speed_mps")
        )
        if not len(rows) or not np.isfinite(heights + speed + climb).all():
            return False
        return bool(
            heights.max() - heights.min() <= _STILL_M
            and speed.max() <= _STILL_MPS
            and abs(climb).max() <= _STILL_MPS
        )

    def flight_mode_and_duration_s_at(self, time: pd.Timestamp | None) -> tuple[str, float]:
        """Return the mode at an instant, and for how many seconds it lasted; empty: not known."""
        if time is None:
            return "", 0.0
        index = int(np.searchsorted(self._mode_ns, time.value, "right")) - 1
        if index < 0:
            return "", 0.0
        at, text = self._modes[index]
        return text, (time.value - at) / 1e9

    def _track_rows_before(
        self, time: pd.Timestamp | None, within_s: float
    ) -> npt.NDArray[np.intp]:
        if time is None:
            return np.empty(0, np.intp)
        bounds = [time.value - round(within_s * 1e9), time.value]
        first, last = np.searchsorted(self._row_ns, bounds, "right")
        return self._rows[first:last]

    def _began_airborne_by_time(self, time: pd.Timestamp, before_s: float, after_s: float) -> bool:
        """Return whether an event began between take-off and landing; an unknown end is no bound.

        What was so on the ground already is no event of the flight.
        """
        takeoff, landing = self._flight.takeoff, self._flight.landing
        if takeoff is not None and time < takeoff - pd.Timedelta(seconds=before_s):
            return False
        return landing is None or time <= landing + pd.Timedelta(seconds=after_s)

    def _was_flying_at_event_by_byte_order(self, event: LoggedEvent) -> bool:
        """Return whether an event stands, in the order of the bytes, where the aircraft flew.

        That is while armed.  What was reported between arming and leaving the ground counts only
        where the aircraft acted on it by another mode: the state of a sensor at arming is none.
        """
        states = self._states_of(event.source_index)
        if not len(states.offsets):
            return (self._flight.max_height_ato_m or 0.0) > _AIRBORNE_M
        last = int(np.searchsorted(states.offsets, event.source_offset, "right")) - 1
        if event.kind == "disarm":
            last -= 1
        if last < 0:
            # The log begins armed, or in the air, where the first state that it tells is the end.
            return not states.flying[0]
        if not states.flying[last]:
            return False
        if states.kinds[last] != "arm" or last + 1 == len(states.offsets):
            return True
        bounds = [event.source_offset, int(states.offsets[last + 1])]
        first, end = np.searchsorted(states.mode_offsets, bounds, "right")
        return bool(end > first) or states.kinds[last + 1] == "disarm"

    def _flight_state_changes_of_log(self, source_index: int) -> _FlightStateChangesOfLog:
        events = self._flight.events
        of_log = events[events["source_index"] == source_index]
        states = of_log[of_log["kind"].isin(_STATES)].sort_values("source_offset", kind="stable")
        kinds = states["kind"].to_numpy(object)
        values = states["value"].to_numpy(np.float64)
        flying = np.isin(kinds, ["arm", "takeoff"]) | ((kinds == "airborne.report") & (values > 0))
        modes = of_log["source_offset"][of_log["kind"] == "mode"].to_numpy(np.int64)
        return _FlightStateChangesOfLog(
            states["source_offset"].to_numpy(np.int64), kinds, flying, np.sort(modes)
        )

    def _event_seconds_in_air(self, event: LoggedEvent) -> float | None:
        """Return how long an event lasted between take-off and landing; ``None``: not known."""
        start, end = event.time, event.end
        if start is None or end is None:
            return None
        if self._flight.takeoff is not None:
            start = max(start, self._flight.takeoff)
        if self._flight.landing is not None:
            end = min(end, self._flight.landing)
        return max(0.0, (end - start).total_seconds())
