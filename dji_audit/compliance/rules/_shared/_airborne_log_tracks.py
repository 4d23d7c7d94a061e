"""The track of each log of a flight by itself, for the rules that judge single logs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.time_columns_to_unix_numbers import NO_TIME_NS, unix_ns_of_times
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import ENCRYPTED_REASON, DataNeed, availability_of_facts_in_air
from dji_audit.compliance.findings import DataNeedObservation, Evidence
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared._flight_evidence import evidence_of_record_in_flight_log
from dji_audit.compliance.rules._shared._rule import CheckEndedEarlyWithResultError, CheckResult
from dji_audit.flights import Flight, cache_for_last_flight, events_by_kind
from dji_audit.geo.local_plane import east_north_m
from parsers import Log, MonotonicCounter

Floats = npt.NDArray[np.float64]
FixIndices = npt.NDArray[np.intp]
#: Smallest number of fixes of a track.
MIN_FIXES = 10
#: By how much the clock that stamps fixes may differ from the aircraft's counter over a track:
#: seconds, and share of its length.
_UNEVEN_S, _UNEVEN_SHARE = 5.0, 0.02


@dataclass(frozen=True, slots=True, eq=False)
class LogCitedAsEvidence:
    """One log of a flight, with functions that give its bytes as evidence."""

    flight: Flight
    source_index: int
    log: Log

    def evidence(self, *, offset: int | None, record: str, field: str, value: str) -> Evidence:
        """Return bytes of the log as evidence."""
        return evidence_of_record_in_flight_log(
            self.flight,
            offset=offset,
            record=record,
            field=field,
            value=value,
            source_index=self.source_index,
        )

    def evidence_of_counter(self, counter: MonotonicCounter, *rows: int) -> tuple[Evidence, ...]:
        """Return some values of a counter or clock as evidence."""
        return tuple(
            self.evidence(
                offset=int(counter.offsets[row]),
                record=counter.record,
                field=counter.field,
                value=f"{counter.seconds[row]:.3f} s",
            )
            for row in rows
        )


@dataclass(frozen=True, eq=False)
class AirborneLogTrack:
    """The fixes of one log with a time while the aircraft was in the air, in time order."""

    flight_log: LogCitedAsEvidence
    #: The track of the log in the flight, and which of its rows are these fixes.
    table: pd.DataFrame
    rows: FixIndices
    #: Seconds since the first fix, by the aircraft's own counter where the log has one.
    seconds: Floats
    _values_by_column: dict[str, Floats] = field(default_factory=dict, init=False)

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Byte of the file of each fix."""
        return self.table["source_offset"].to_numpy(np.int64)[self.rows]

    @cached_property
    def north_east_m(self) -> tuple[Floats, Floats]:
        """Metres of each fix north and east of the first; see ``north_east_of_first_fix_m``."""
        return north_east_of_first_fix_m(
            self.column_values("latitude_deg"), self.column_values("longitude_deg")
        )

    def evidence(self, row: int, field: str, value: str) -> Evidence:
        """Return the bytes of a fix as evidence."""
        return self.flight_log.evidence(
            offset=int(self.offsets[row]),
            record=self.flight_log.log.track_record,
            field=field,
            value=value,
        )

    def time_at(self, row: int) -> pd.Timestamp:
        """Return the time of a fix."""
        return pd.Timestamp(self.table["time"].iloc[self.rows[row]])

    def column_values(self, name: str) -> Floats:
        """Return a column as numbers, NaN where it is not known."""
        if name not in self._values_by_column:
            values = self.table[name].to_numpy(np.float64)[self.rows]
            self._values_by_column[name] = values
        return self._values_by_column[name]


@cache_for_last_flight
def airborne_track_of_each_log(flight: Flight) -> tuple[AirborneLogTrack, ...]:
    """Return the track of each log of the aircraft that has one.

    Copies of other logs are left out, and what other devices received of the aircraft.
    """
    tracks = []
    for index, source in enumerate(flight.sources):
        track = source.track
        if source.copy_of is not None or source.is_from_receiver or not len(track):
            continue
        ns = unix_ns_of_times(track["time"])
        rows = np.flatnonzero((ns != NO_TIME_NS) & airborne_row_mask(flight, track))
        if len(rows) < MIN_FIXES:
            continue
        offsets = track["source_offset"].to_numpy(np.int64)[rows]
        seconds = _seconds_since_first_fix_by_sender_clock(source.log, ns[rows], offsets)
        log = LogCitedAsEvidence(flight, index, source.log)
        tracks.append(AirborneLogTrack(log, track, rows, seconds))
    return tuple(tracks)


def _seconds_since_first_fix_by_sender_clock(
    log: Log, ns: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> Floats:
    """Return seconds since the first fix of a track, by the clock of its own sender.

    The clock of an app, or of whatever received the fixes, runs unevenly: it stamps a fix when it
    arrives.  The counter of the aircraft in the same record is used where it never falls and runs
    as long as that clock does.
    """
    received: Floats = (ns - ns[0]) / 1e9
    for counter in log.monotonic_counters:
        if counter.kind != "count" or counter.record != log.track_record:
            continue
        last = np.searchsorted(counter.offsets, offsets, "right") - 1
        if not len(last) or last.min() < 0:
            continue
        counted = counter.seconds[last] - counter.seconds[last[0]]
        allowed_s = _UNEVEN_S + _UNEVEN_SHARE * received[-1]
        if not (np.diff(counted) < 0).any() and abs(counted[-1] - received[-1]) <= allowed_s:
            return np.asarray(counted, np.float64)
    return received


def airborne_fixes(flight: Flight, track: pd.DataFrame) -> pd.DataFrame:
    """Return the fixes between take-off and landing; see ``airborne_row_mask``."""
    return track[airborne_row_mask(flight, track)]


def airborne_row_mask(flight: Flight, track: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which fixes lie between take-off and landing; without one of them, up to that end.

    Where no log shows a take-off, nothing before the first arming of the motors counts.  Many
    rules ask for the track of the flight itself: whoever receives the mask must not change it.
    """
    return (
        _own_track_airborne_mask(flight)
        if track is flight.track
        else _track_airborne_mask(flight, track)
    )


@cache_for_last_flight
def _own_track_airborne_mask(flight: Flight) -> npt.NDArray[np.bool_]:
    return _track_airborne_mask(flight, flight.track)


def _track_airborne_mask(flight: Flight, track: pd.DataFrame) -> npt.NDArray[np.bool_]:
    is_airborne = np.ones(len(track), bool)
    begin = flight.takeoff if flight.takeoff is not None else _motor_start_time(flight)
    ns = unix_ns_of_times(track["time"])
    if begin is not None:
        is_airborne &= ns >= begin.value
    if flight.landing is not None:
        is_airborne &= (ns <= flight.landing.value) & (ns != NO_TIME_NS)
    return is_airborne


@cache_for_last_flight
def _motor_start_time(flight: Flight) -> pd.Timestamp | None:
    """Return when the motors started, if the log shows that; ``None``: they may have run."""
    times = flight.events["time"].iloc[events_by_kind(flight).rows_of_kinds("arm")].dropna()
    return None if not len(times) else pd.Timestamp(times.min())


def airborne_positions_data_need() -> DataNeed:
    """Return the need that positions were recorded in the air, in a log with enough fixes."""

    def observe(flight: Flight, _parameters: Any, _context: AuditContext) -> DataNeedObservation:
        observation = availability_of_facts_in_air(flight, ("position",))
        if observation.share and not airborne_track_of_each_log(flight):
            return DataNeedObservation.for_subject_not_seen(
                observation.subject, why_no_log_has_track(flight)
            )
        return observation

    return DataNeed("position", observe)


def why_no_log_has_track(flight: Flight) -> str:
    """Return why no log of a flight has a track."""
    if flight.has_only_encrypted_logs:
        return ENCRYPTED_REASON
    return f"No log of the flight holds {MIN_FIXES} fixes in the air with a time in UTC."


def logs_that_begin_with_this_flight(flight: Flight) -> list[LogCitedAsEvidence]:
    """Return each log of which this is the first flight; a whole log is judged with that flight.

    What other devices received of the aircraft is none of its logs: radio loses and damages frames.
    """
    return [
        LogCitedAsEvidence(flight, index, flight.sources[index].log)
        for index in flight.log_indices_whose_first_flight_it_is
        if not flight.sources[index].is_from_receiver
    ]


def logs_judged_by_rules_about_whole_logs(flight: Flight) -> list[LogCitedAsEvidence]:
    """Return the logs that a rule about whole logs judges with a flight, at least one.

    Raises:
        CheckEndedEarlyWithResultError: If there is none: the rule does not apply to this flight.
    """
    logs = logs_that_begin_with_this_flight(flight)
    if not logs and flight.is_known_only_from_receivers:
        reason = "This rule judges logs of the aircraft; of this one there is only a broadcast."
        raise CheckEndedEarlyWithResultError(CheckResult(Outcome.NOT_APPLICABLE, reason))
    if not logs:
        reason = "This rule judges whole logs: see the first flight of each log."
        raise CheckEndedEarlyWithResultError(CheckResult(Outcome.NOT_APPLICABLE, reason))
    return logs


def runs_of_true_values(flags: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of each run of true values."""
    if not flags.any():
        return
    if flags.all():
        yield 0, len(flags) - 1
        return
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    firsts = edges[flags[edges]].tolist()
    ends = edges[~flags[edges]].tolist()
    if flags[0]:
        firsts.insert(0, 0)
    if flags[-1]:
        ends.append(len(flags))
    for first, end in zip(firsts, ends, strict=True):
        yield first, end - 1


def split_at_time_gaps(seconds: Floats, rows: FixIndices, bridge_s: float) -> list[FixIndices]:
    """Return indices of fixes in groups: neighbours no farther apart in time than the bridge."""
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(seconds[rows]) > bridge_s) + 1)


def north_east_of_first_fix_m(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
    """Return metres north and east of the first known position; NaN where one is not known.

    In the plane that touches the ellipsoid there, which shortens 60 km by 1 m.
    """
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    if not len(known):
        return np.full(len(latitude), np.nan), np.full(len(latitude), np.nan)
    east, north = east_north_m(latitude[known[0]], longitude[known[0]], latitude, longitude)
    return north, east
