"""When the aircraft was in the air: take-off and landing, decided alike for every format.

No single sign is believed.  Height, motion, motors and the aircraft's own report (a landed
flag or state) are taken together:

* The ground is at the height at which the aircraft last stood.  A height that drifts slower than
  ``DRIFT_MPS`` moves it, and so does a leap that no aircraft makes (``LEAP_MPS``).
* It took off when it has been ``RISE_M`` above the ground for ``RISE_S``, unless its motors are
  known to be off; ``DOUBTED_RISE_M`` where it reports that it stands.  One that sinks ``FALL_M``
  and moves left a hill.  Without heights, it took off when it has reported so, or moved at
  ``FAST_MPS``, for ``REPORT_S``.  The instant is that at which it left the ground.  What shows
  neither heights nor motors nor a report shows that it flew, and neither take-off nor landing.
* It landed when its motors stopped, or when it has stood still near the ground for ``REST_S`` and
  does not report to be in the air; ``LONG_REST_S`` at any height where it reports the ground.
  The instant is the first of that rest, or that of the impact where it fell.
* Less than ``MIN_GROUND_S`` on the ground divides no flight; less than ``MIN_FLIGHT_S`` in the
  air is none.
* A report that never changes in a log says nothing.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._model import NO_SIGN_OF_FLIGHT_OR_GROUND, AirborneSpan, AirborneTime, LocalTimes, Log
from .._tables import EVENTS, build_table
from ._value_runs import sorted_distinct_integers

RISE_M, RISE_S = 1.0, 1.0
DOUBTED_RISE_M = 3.0
FALL_M, FALL_MPS = 3.0, 2.0
FAST_MPS, MOVING_MPS, REPORT_S = 12.0, 3.0, 3.0
REST_MPS, REST_CLIMB_MPS = 0.7, 0.3
REST_S, LONG_REST_S = 5.0, 20.0
#: Heights of one rest differ by no more than this.
REST_SPREAD_M, REST_SPREAD_AGL_M = 0.7, 0.2
#: At the end of a log so much rest near the ground is enough; the second, where the aircraft
#: does not report the ground yet.
LAST_REST_S, LAST_REST_IN_DOUBT_S = 1.0, 2.0
#: Up to here above the ground the aircraft may stand on it, by heights above take-off and by
#: measured ones; where it reports the ground itself, up to ``DOUBTED_RISE_M``.
NEAR_GROUND_M, NEAR_GROUND_AGL_M = 0.6, 0.3
#: An aircraft that is higher than this above the ground has left it.
LEFT_GROUND_M = 0.3
STILL_MPS, STILL_DRIFT_MPS = 0.1, 3.0
#: Nothing lands faster than this: what then stops near the ground within ``CRASH_S`` crashed.
CRASH_MPS, CRASH_S = 4.0, 10.0
#: What sinks to the ground faster than this, and is not seen above it again, fell.
FALLING_MPS = 10.0
DRIFT_MPS, LEAP_MPS = 0.05, 40.0
#: Above this at its first fix, an aircraft of which nothing else is known is in the air.
HIGH_M = 1.5
#: Heights with steps below the first that vary less than the second do not vary.
FINE_STEP_M, FROZEN_M = 0.04, 0.03
MOTORS_OFF_S = 1.0
MIN_GROUND_S, MIN_FLIGHT_S = 3.0, 3.0
#: A recording that pauses for longer is another; a log that pauses for longer may have landed.
MAX_PAUSE_S, MAX_CLIP_PAUSE_S = 600.0, 120.0
#: A report of the aircraft itself as near as this to a take-off or landing gives its instant.
_SAME_REPORT_NS = 1_000_000_000
#: Rows that follow one another more closely are not all looked at.
STEP_S = 0.1
#: Models of vehicles that do not fly, as logs of autopilots name them.
GROUND_MODELS = frozenset({"ground rover", "surface boat", "submarine", "antenna tracker"})

#: Ends the text of an event that states how things were when the log began.
WHEN_LOG_BEGINS = "when the log begins"

NAT = np.iinfo(np.int64).min
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class AirborneEvidence:
    """What a log shows of being in the air, rows in time order; NaN: not known.

    All have the shape ``(rows,)``.
    """

    #: By the log's own clock, seconds from the first row; nanoseconds.
    seconds: Floats
    times_ns: Integers
    #: Row of the track at or before each, -1 before the first.
    track_rows: Integers
    #: Above take-off or another fixed level; above the ground as measured.
    height_m: Floats
    height_agl_m: Floats
    speed_mps: Floats
    climb_mps: Floats
    #: 1: they ran or it was armed, 0: not.
    motors: Floats
    #: 1: it reported to be in the air, 0: on the ground.
    report: Floats
    #: Whether ``height_m`` is above take-off, so that its zero is the ground.
    is_above_takeoff: bool
    #: Whether the report changed anywhere in the log.
    report_changes: bool


def log_with_airborne_time(log: Log, *, is_media: bool = False) -> Log:
    """Return a log with the time it was in the air, and with take-offs and landings as events.

    Args:
        log: The log; its events of kind ``airborne.report`` hold the aircraft's own reports.
        is_media: Whether it is a recording, which may begin and end in the air.
    """
    if log.capture_window is not None or log.encrypted or log.airborne is not None:
        return log
    if log.aircraft.model in GROUND_MODELS:
        return replace(log, airborne=AirborneTime((), f"a {log.aircraft.model} does not fly"))
    evidence = airborne_evidence(log)
    airborne = None
    if evidence is not None:
        airborne = find_airborne_time(evidence, MAX_CLIP_PAUSE_S if is_media else MAX_PAUSE_S)
    if airborne is None and not is_media:
        airborne = _no_flight_if_no_times_or_signs(log)
    if airborne is None or (
        is_media and not airborne.spans and _log_is_shorter_than_rest_time(evidence)
    ):
        return log
    if evidence is None:
        return replace(log, airborne=airborne)
    return _log_with_takeoff_and_landing_events(log, airborne, evidence)


def _no_flight_if_no_times_or_signs(log: Log) -> AirborneTime | None:
    """Return that a log without times, or without evidence, shows no flight; ``None``: it may."""
    heights = log.track["height_ato_m"].to_numpy(np.float64)
    heights = heights[np.isfinite(heights)]
    if len(heights) and float(np.ptp(heights)) < RISE_M:
        return AirborneTime((), f"heights from {heights.min():.1f} to {heights.max():.1f} m")
    if len(log.track) or log.header_summary is not None:
        return None
    return AirborneTime((), NO_SIGN_OF_FLIGHT_OR_GROUND)


def _log_is_shorter_than_rest_time(evidence: AirborneEvidence | None) -> bool:
    return evidence is None or float(evidence.seconds[-1]) < REST_S


def airborne_evidence(log: Log) -> AirborneEvidence | None:
    """Return what a log shows of being in the air; ``None``: it has no times at all."""
    track_ns, event_ns = _track_and_event_times_ns(log)
    fixes = np.flatnonzero(track_ns != NAT)
    fixes = fixes[np.argsort(track_ns[fixes], kind="stable")]
    fixes = fixes[_first_row_of_each_time_step(track_ns[fixes])]
    kinds = log.events["kind"].to_numpy()
    changes = np.flatnonzero(
        np.isin(kinds, ["arm", "disarm", "airborne.report"]) & (event_ns != NAT)
    )
    # A state holds until just before the next change.
    seen = np.concatenate([track_ns[fixes], event_ns[changes]])
    if not len(seen):
        return None
    times = sorted_distinct_integers(np.concatenate([seen, event_ns[changes] - 1]))
    times = times[times >= seen.min()]
    rows = np.searchsorted(track_ns[fixes], times, side="right") - 1
    exact = (
        (rows >= 0) & (track_ns[fixes][rows] == times) if len(fixes) else np.zeros(len(times), bool)
    )
    track = {name: log.track[name].to_numpy(np.float64)[fixes] for name in _WITNESS_COLUMNS}
    heights, is_above_takeoff = _heights_and_whether_above_takeoff(track)
    seconds = (track_ns[fixes] - times[0]) / 1e9
    speed, climb = _ground_speeds_and_climb_rates(track, heights, seconds)

    def at_times(values: Floats) -> Floats:
        if not len(values):
            return np.full(len(times), np.nan)
        return np.where(exact, values[rows], np.nan)

    values = log.events["value"].to_numpy(np.float64)
    motor_rows = changes[kinds[changes] != "airborne.report"]
    report_rows = changes[kinds[changes] == "airborne.report"]
    motors = (kinds[motor_rows] == "arm").astype(np.float64)
    reports = values[report_rows]
    return AirborneEvidence(
        (times - times[0]) / 1e9,
        times,
        np.where(rows >= 0, fixes[rows] if len(fixes) else -1, -1),
        at_times(heights),
        at_times(track["height_agl_m"]),
        at_times(speed),
        at_times(climb),
        _motor_state_at_times(
            times,
            event_ns[motor_rows],
            motors,
            _motor_state_before_first_change(log, motor_rows, motors),
        ),
        _motor_state_at_times(times, event_ns[report_rows], reports, np.nan),
        is_above_takeoff,
        len(np.unique(reports)) > 1,
    )


#: Columns of a track that show whether it was in the air.
_WITNESS_COLUMNS = (
    "height_ato_m", "height_agl_m", "altitude_amsl_m", "ground_speed_mps", "vertical_speed_mps",
    "latitude_deg", "longitude_deg",
)  # fmt: skip


def _track_and_event_times_ns(log: Log) -> tuple[Integers, Integers]:
    """Return the times of fixes and events by the log's own clock, ``NAT`` for none."""
    own = log.local_times
    track = log.track["time"].to_numpy("datetime64[ns]").view(np.int64)
    events = log.events["time"].to_numpy("datetime64[ns]").view(np.int64)
    is_utc = (track != NAT).any() or (events != NAT).any()
    if is_utc or own is None:
        return track, events
    return own.track.astype("datetime64[ns]").view(np.int64), own.events.astype(
        "datetime64[ns]"
    ).view(np.int64)


def track_times_ns_by_own_clock(log: Log) -> Integers:
    """Return the times of the rows of a track by the log's own clock, ``NAT`` for none."""
    return _track_and_event_times_ns(log)[0]


def _first_row_of_each_time_step(times_ns: Integers) -> Integers:
    """Return the first row of each step of time that has any, and the last row."""
    if not len(times_ns):
        return np.empty(0, np.int64)
    steps = (times_ns - times_ns[0]) // int(STEP_S * 1e9)
    keep = np.concatenate([[True], steps[1:] != steps[:-1]])
    keep[-1] = True
    return np.flatnonzero(keep)


def _heights_and_whether_above_takeoff(track: Mapping[str, Floats]) -> tuple[Floats, bool]:
    """Return heights above take-off, else above any fixed level, and whether they are the first."""
    above = track["height_ato_m"]
    if np.isfinite(above).any():
        return above, True
    for name in ("height_agl_m", "altitude_amsl_m"):
        other = track[name]
        if np.isfinite(other).any():
            return other, name == "height_agl_m"
    return above, False


def _ground_speeds_and_climb_rates(
    track: Mapping[str, Floats], heights: Floats, seconds: Floats
) -> tuple[Floats, Floats]:
    """Return ground speeds and climbs; where none is recorded, from positions and heights."""
    speed, climb = track["ground_speed_mps"], track["vertical_speed_mps"]
    if not np.isfinite(speed).any():
        latitude, longitude = track["latitude_deg"], track["longitude_deg"]
        north = _rate_of_change_per_s(latitude * 111_195.0, seconds)
        # A flight across 180 degrees goes on beyond them.
        known = longitude[np.isfinite(longitude)][:1]
        east_deg = (longitude - known + 180) % 360 - 180 if len(known) else longitude
        east = _rate_of_change_per_s(east_deg * 111_195.0 * np.cos(np.radians(latitude)), seconds)
        speed = np.hypot(north, east)
    if not np.isfinite(climb).any():
        climb = _rate_of_change_per_s(heights, seconds)
    return speed, climb


def _rate_of_change_per_s(values: Floats, seconds: Floats) -> Floats:
    """Return the change in a second over about two, NaN where it is not known."""
    if len(values) < 2:
        return np.full(len(values), np.nan)
    before = np.searchsorted(seconds, seconds - 1.0)
    after = np.minimum(np.searchsorted(seconds, seconds + 1.0), len(seconds) - 1)
    span = seconds[after] - seconds[before]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(span > 0, (values[after] - values[before]) / span, np.nan)


def _motor_state_before_first_change(log: Log, rows: Integers, motors: Floats) -> float:
    """Return whether the motors ran before the first that is told of them; NaN: not known."""
    if not len(rows):
        return math.nan
    first = float(motors[0])
    return first if WHEN_LOG_BEGINS in log.events["text"].iloc[rows[0]] else 1.0 - first


def _motor_state_at_times(
    times: Integers, changes: Integers, states: Floats, before: float
) -> Floats:
    """Return the state at each time, from its changes in time order."""
    if not len(changes):
        return np.full(len(times), np.nan)
    order = np.argsort(changes, kind="stable")
    rows = np.searchsorted(changes[order], times, side="right") - 1
    return np.where(rows >= 0, states[order][rows], before)


def find_airborne_time(
    evidence: AirborneEvidence, max_pause_s: float = MAX_PAUSE_S
) -> AirborneTime | None:
    """Return when the aircraft was in the air; ``None``: what is recorded does not tell."""
    known = (
        np.isfinite(evidence.height_m).any()
        or evidence.report_changes
        or (np.isfinite(evidence.report).any())
        or np.isfinite(evidence.motors).any()
    )
    if not known and not (evidence.speed_mps >= FAST_MPS).any():
        return None
    pauses = np.flatnonzero(np.diff(evidence.seconds) > max_pause_s) + 1
    edges = [0, *pauses.tolist(), len(evidence.seconds)]
    spans: list[AirborneSpan] = []
    finder = _AirborneSpanFinder(evidence)
    for first, end in pairwise(edges):
        spans += _join_and_drop_short_airborne_spans(finder.spans(first, end), evidence)
    return AirborneTime(tuple(spans), "" if spans else _describe_evidence_of_no_flight(evidence))


class _AirborneSpanFinder:
    """Follows the evidence row by row, from the ground into the air and back."""

    def __init__(self, evidence: AirborneEvidence) -> None:
        """Take the columns as lists, which is faster for single values."""
        self._evidence = evidence
        self._seconds = evidence.seconds.tolist()
        heights = _forward_fill_missing_values(evidence.height_m)
        self._height = heights.tolist()
        #: By how much the height leaps at each row as that of no aircraft does; else 0.
        leap = _impossible_height_changes_m(heights, evidence.seconds)
        self._leap = leap.tolist()
        self._agl = _forward_fill_missing_values(evidence.height_agl_m).tolist()
        self._motors = evidence.motors.tolist()
        #: A report that never changes is none.
        unknown = np.full(len(evidence.report), np.nan)
        self._report = (evidence.report if evidence.report_changes else unknown).tolist()
        speed, climb = (
            _forward_fill_missing_values(evidence.speed_mps),
            _forward_fill_missing_values(evidence.climb_mps),
        )
        known = np.isfinite(speed) | np.isfinite(climb)
        with np.errstate(invalid="ignore"):
            slow = ~(speed > REST_MPS) & ~(np.abs(climb) > REST_CLIMB_MPS)
        self._has_heights = bool(np.isfinite(evidence.height_m).any())
        #: Whether a hover looks other than a rest on the ground.
        self._shows_ground = bool(
            self._has_heights or evidence.report_changes or np.isfinite(evidence.motors).any()
        )
        if not known.any():
            slow, known = evidence.report == 0, np.full(len(slow), True)
        rests = slow & known
        self._rests = rests.tolist()
        self._climb = climb.tolist()
        #: Rows at which a flight may end, or that bear on it; all others are in flight.
        with np.errstate(invalid="ignore"):
            bears_on_end = rests | (evidence.motors == 0) | (climb <= -CRASH_MPS) | (leap != 0)
        self._possible_ends = np.flatnonzero(bears_on_end)
        self._precompute_ground_independent_values(heights, speed, climb)
        steps = np.abs(np.diff(evidence.height_m[np.isfinite(evidence.height_m)]))
        steps = steps[steps > 1e-6]
        self._has_fine_heights = bool(len(steps) and float(np.quantile(steps, 0.05)) < FINE_STEP_M)
        self._ground = math.nan
        #: Row at which it was sure to be in the air, and whether by its motion alone.
        self._up_row, self._was_flown_low = 0, False

    def _precompute_ground_independent_values(
        self, heights: Floats, speed: Floats, climb: Floats
    ) -> None:
        """Work out for all rows at once what does not depend on where the ground is.

        They stay arrays: they are looked at only for the rows before each take-off, which are few.
        """
        report = np.array(self._report)
        since = np.diff(self._evidence.seconds, prepend=self._evidence.seconds[:1])
        self._since = since
        with np.errstate(invalid="ignore"):
            change = np.diff(heights, prepend=heights[:1])
            stands = (np.abs(climb) < STILL_MPS) & (speed < STILL_MPS) & (report != 1)
            stands &= np.abs(change) <= STILL_DRIFT_MPS * since
            #: By how much the height changed at each row without a motion; else 0.
            self._creep = np.where(stands, change, 0.0)
            #: By how much the ground can come nearer to the height at most.
            self._drift = np.where(report != 1, DRIFT_MPS * since, 0.0)
            #: Above the ground by how much it is in the air; and whether it may be below it.
            self._least_rise = np.where(report == 0, DOUBTED_RISE_M, RISE_M)
            self._may_fall = speed >= FALL_MPS
            is_certain = self._has_heights & np.isnan(self._evidence.motors)
            #: Whether each row shows the aircraft in the air by its motion, and by its report.
            self._moves = (speed >= np.where(is_certain, MOVING_MPS, FAST_MPS)) & (report != 0)
        self._reports_air = (report == 1) & (not self._has_heights)

    def spans(self, first: int, end: int) -> Iterator[tuple[int, int, bool, bool]]:
        """Yield first and last row of each stay in the air, and whether its ends are seen."""
        row = first
        if not self._shows_ground:
            # By its motion alone it flew; where it left the ground, and came back, is not shown.
            if self._takeoff_row(first, end) is not None:
                yield first, end - 1, False, False
            return
        self._ground = self._initial_ground_height(first, end)
        begun_in_air = self._begins_in_air(first, end)
        while row < end:
            left = first if begun_in_air else self._takeoff_row(row, end)
            if left is None:
                return
            if row == first and self._was_flown_low:
                # It moved about without having risen: it was in the air before.
                left, begun_in_air = first, True
            landed, row = self._landing_row_and_next(left if begun_in_air else self._up_row, end)
            yield left, end - 1 if landed is None else landed, not begun_in_air, landed is not None
            begun_in_air = False

    def _initial_ground_height(self, first: int, end: int) -> float:
        """Return the height of the ground at the first row, as far as it is known."""
        height = next((it for it in self._height[first:end] if it == it), math.nan)
        if (
            self._evidence.is_above_takeoff
            and self._motors[first] != 0
            and self._report[first] != 0
        ):
            # It may be in the air already; its take-off is at 0.
            is_off = abs(height) > NEAR_GROUND_M and not self._is_height_frozen(first, end)
            return 0.0 if is_off else height
        return height

    def _begins_in_air(self, first: int, end: int) -> bool:
        """Return whether the aircraft is in the air at the first row that tells."""
        if self._motors[first] == 0 or self._report[first] == 0:
            return False
        last = first
        while last + 1 < end and self._seconds[last + 1] - self._seconds[first] < RISE_S:
            last += 1
        heights = [it for it in self._height[first : last + 1] if it == it]
        height = heights[0] if heights else math.nan
        if self._evidence.report[first] == 1 and not self._is_height_frozen(first, end):
            return not (height <= NEAR_GROUND_M and self._evidence.is_above_takeoff)
        high = self._evidence.is_above_takeoff and bool(heights) and min(heights) > HIGH_M
        return high and not self._is_height_frozen(first, end)

    def _is_height_frozen(self, first: int, end: int) -> bool:
        """Return whether fine heights stay the same for ``REST_S``, as none in the air do."""
        heights = []
        for at in range(first, end):
            if self._seconds[at] - self._seconds[first] > REST_S:
                break
            heights.append(self._height[at])
        heights = [it for it in heights if it == it]
        if len(heights) < 5:
            return False
        spread = max(heights) - min(heights)
        return self._has_fine_heights and spread <= FROZEN_M

    def _takeoff_row(self, row: int, end: int) -> int | None:
        """Return the row at which the aircraft left the ground, from a row on the ground on."""
        low, up_since, why = row, math.nan, ""
        for at in range(row, end):
            self._update_ground_height(at, is_first=at == row)
            if self._motors[at] == 0:
                low, up_since = at, math.nan
                continue
            rise = self._height[at] - self._ground
            seen = self._reason_to_be_in_air(at, rise)
            if not seen:
                up_since = math.nan
                # Nothing shows that it has left the ground, however low.
                if not (rise > LEFT_GROUND_M or self._report[at] == 1):
                    low = at
                continue
            if up_since != up_since or seen != why:
                up_since, why = self._seconds[at], seen
                began = at
            if self._seconds[at] - up_since >= (RISE_S if why == "height" else REPORT_S):
                self._up_row = at
                self._was_flown_low = why == "motion" and self._has_heights
                return min(low + 1, began)
        return None

    def _reason_to_be_in_air(self, at: int, rise: float) -> str:
        """Return by what a row shows the aircraft in the air; empty: it does not.

        Args:
            at: The row.
            rise: Its height above the ground.
        """
        if rise >= self._least_rise.item(at) or (rise <= -FALL_M and self._may_fall.item(at)):
            return "height"
        if self._moves.item(at):
            return "motion"
        return "report" if self._reports_air.item(at) else ""

    def _update_ground_height(self, at: int, *, is_first: bool) -> None:
        """Take a row into account; what came before the first does not count."""
        height, ground = self._height[at], self._ground
        if height != height:
            return
        if ground != ground:
            ground = height
        ground += self._leap[at]
        if is_first:
            pass
        elif self._motors[at] == 0:
            ground += (height - ground) * min(1.0, self._since.item(at))
        else:
            # What rises without moving is the estimate of the height.
            ground += self._creep.item(at)
            drift = self._drift.item(at)
            ground += max(-drift, min(drift, height - ground))
        self._ground = ground

    def _landing_row_and_next(self, row: int, end: int) -> tuple[int | None, int]:
        """Return the row at which the aircraft came to rest, and the row to go on from."""
        rest = long_rest = off = impact = -1
        height, climb, motors, rests = self._height, self._climb, self._motors, self._rests
        first, last = np.searchsorted(self._possible_ends, (row, end))
        previous = row - 1
        for at in self._possible_ends[first:last].tolist():
            if at > previous + 1:
                # The rows between are in flight.
                rest = long_rest = off = -1
                if impact >= 0 and self._is_above_ground_in_rows(previous + 1, at):
                    impact = -1
            previous = at
            if at > row:
                self._ground += self._leap[at]
            if height[at] - self._ground > RISE_M:
                impact = -1
            elif impact < 0 and climb[at] <= -CRASH_MPS:
                impact = at
            if motors[at] == 0:
                off = at if off < 0 else off
                if self._seconds[at] - self._seconds[off] >= MOTORS_OFF_S or at == end - 1:
                    crashed = 0 <= self._seconds[off] - self._seconds[max(impact, 0)] <= CRASH_S
                    if impact >= 0 and crashed:
                        return impact, at
                    return self._first_row_of_motionless_stretch(off, row), at
                continue
            off = -1
            if not rests[at]:
                rest = long_rest = -1
                continue
            near = self._is_near_ground(at)
            rest = (at if rest < 0 else rest) if near else -1
            reported = self._report[at] == 0
            long_rest = (at if long_rest < 0 else long_rest) if reported else -1
            for since, least in ((rest, REST_S), (long_rest, LONG_REST_S)):
                if since >= 0 and self._seconds[at] - self._seconds[since] >= least:
                    if self._is_fall_impact(impact):
                        return impact, end
                    self._ground = self._height[at]
                    return self._first_row_of_motionless_stretch(since, row), at
        if impact >= 0 and self._is_above_ground_in_rows(previous + 1, end):
            impact = -1
        return (
            impact
            if self._is_fall_impact(impact)
            else self._start_row_of_final_rest_on_ground(row, end)
        ), end

    def _is_above_ground_in_rows(self, first: int, end: int) -> bool:
        """Return whether the aircraft is surely above the ground in any of some rows."""
        return any(height - self._ground > RISE_M for height in self._height[first:end])

    def _is_fall_impact(self, impact: int) -> bool:
        """Return whether a row at the ground is where it fell, of which nothing else is known."""
        if impact < 0 or not self._climb[impact] <= -FALLING_MPS:
            return False
        known = self._motors[impact] == self._motors[impact]
        return not known and self._report[impact] != self._report[impact]

    def _start_row_of_final_rest_on_ground(self, row: int, end: int) -> int | None:
        """Return the first row of the rest near the ground with which the log ends, if it does."""
        last = end - 1
        rise = self._height[last] - self._ground
        is_in_doubt = self._report[last] == 1
        near = rise <= NEAR_GROUND_M or self._agl[last] <= NEAR_GROUND_AGL_M
        if is_in_doubt and rise < -DOUBTED_RISE_M and not self._agl[last] <= NEAR_GROUND_AGL_M:
            # It hovers below the place of its take-off, as over a slope, and reports to fly.
            return None
        if not (self._rests[last] and (near or self._is_near_ground(last))):
            return None
        first = self._first_row_of_motionless_stretch(last, row)
        least = LAST_REST_IN_DOUBT_S if is_in_doubt else LAST_REST_S
        return first if self._seconds[last] - self._seconds[first] >= least else None

    def _is_near_ground(self, at: int) -> bool:
        rise = self._height[at] - self._ground
        if self._report[at] == 0:
            return bool(not rise > DOUBTED_RISE_M or self._agl[at] <= NEAR_GROUND_AGL_M)
        if self._report[at] == 1:
            return False
        if not self._has_heights:
            return True
        return bool(rise <= NEAR_GROUND_M or self._agl[at] <= NEAR_GROUND_AGL_M)

    def _first_row_of_motionless_stretch(self, at: int, first: int) -> int:
        """Return the first row of the rest that reaches up to a row."""
        height = self._height[at]
        row = at
        if height - self._ground > DOUBTED_RISE_M and not self._agl[at] <= NEAR_GROUND_AGL_M:
            return at
        while row > first and self._rests[row - 1]:
            if abs(self._height[row - 1] - height) > REST_SPREAD_M:
                break
            if self._agl[row - 1] - self._agl[at] > REST_SPREAD_AGL_M:
                break
            row -= 1
        return row


def _impossible_height_changes_m(heights: Floats, seconds: Floats) -> Floats:
    """Return the change of the height at each row where no aircraft climbs so fast; else 0."""
    steps = np.diff(heights, prepend=np.nan)
    with np.errstate(invalid="ignore"):
        is_leap = np.abs(steps) > LEAP_MPS * np.diff(seconds, prepend=np.nan) + 5.0
    return np.where(is_leap, steps, 0.0)


def _forward_fill_missing_values(values: Floats) -> Floats:
    """Return values in which each missing one is the last that is known."""
    known = np.isfinite(values)
    rows = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    return np.where(rows >= 0, values[rows], np.nan)


def _join_and_drop_short_airborne_spans(
    found: Iterator[tuple[int, int, bool, bool]], evidence: AirborneEvidence
) -> Iterator[AirborneSpan]:
    """Yield spans, joined where the ground between is too short, without those too short."""
    joined: list[tuple[int, int, bool, bool]] = []
    seconds = evidence.seconds
    for span in found:
        if joined and seconds[span[0]] - seconds[joined[-1][1]] < MIN_GROUND_S:
            joined[-1] = (joined[-1][0], span[1], joined[-1][2], span[3])
        else:
            joined.append(span)
    times = evidence.times_ns.tolist()
    for first, last, takeoff, landing in joined:
        if not (takeoff and landing) or seconds[last] - seconds[first] >= MIN_FLIGHT_S:
            yield AirborneSpan(times[first], times[last], takeoff, landing)


def _describe_evidence_of_no_flight(evidence: AirborneEvidence) -> str:
    """Return what a log shows in which nothing flew, a clause."""
    shown = []
    heights = evidence.height_m[np.isfinite(evidence.height_m)]
    if len(heights):
        shown.append(f"heights from {heights.min():.1f} to {heights.max():.1f} m")
    speeds = evidence.speed_mps[np.isfinite(evidence.speed_mps)]
    if len(speeds):
        shown.append(f"speeds up to {speeds.max():.1f} m/s")
    motors = evidence.motors
    if np.isfinite(motors).any():
        ran = float(np.diff(evidence.seconds)[motors[:-1] == 1].sum())
        shown.append(
            f"motors on or armed for {ran:.0f} s" if (motors == 1).any() else "never armed"
        )
    return "; ".join(shown)


@dataclass(frozen=True, slots=True)
class _TakeoffOrLanding:
    """A take-off or landing, and what states it."""

    time_ns: int
    kind: str
    #: Row of ``Log.events`` of the aircraft's own report at that time; ``None``: there is none.
    report_row: int | None


def _move_takeoffs_and_landings_to_reports(
    log: Log, airborne: AirborneTime
) -> tuple[AirborneTime, list[_TakeoffOrLanding]]:
    """Return take-offs and landings, at the aircraft's own reports where these are as near."""
    if not airborne.spans:
        return airborne, []
    _, event_ns = _track_and_event_times_ns(log)
    is_report = (log.events["kind"].to_numpy() == "airborne.report") & (event_ns != NAT)
    rows = np.flatnonzero(is_report)
    rows = rows[np.argsort(event_ns[rows], kind="stable")]
    values = log.events["value"].to_numpy(np.float64)[rows]

    def move_at(time_ns: int, kind: str) -> _TakeoffOrLanding:
        same = rows[values == (kind == "takeoff")]
        near = same[np.searchsorted(event_ns[same], time_ns - _SAME_REPORT_NS) :][:1].tolist()
        if near and abs(int(event_ns[near[0]]) - time_ns) <= _SAME_REPORT_NS:
            return _TakeoffOrLanding(int(event_ns[near[0]]), kind, near[0])
        return _TakeoffOrLanding(time_ns, kind, None)

    spans, moves = [], []
    for span in airborne.spans:
        start_ns, end_ns = span.start_ns, span.end_ns
        if span.takeoff_recorded:
            moves.append(move_at(start_ns, "takeoff"))
            start_ns = moves[-1].time_ns
        if span.landing_recorded:
            moves.append(move_at(end_ns, "landing"))
            end_ns = moves[-1].time_ns
        spans.append(replace(span, start_ns=start_ns, end_ns=end_ns))
    return replace(airborne, spans=tuple(spans)), moves


def _log_with_takeoff_and_landing_events(
    log: Log, airborne: AirborneTime, evidence: AirborneEvidence
) -> Log:
    """Return a log with its time in the air, and an event for each take-off and landing."""
    moved, moves = _move_takeoffs_and_landings_to_reports(log, airborne)
    if not moves:
        return replace(log, airborne=airborne)
    own = log.local_times
    has_utc = own is None or not (
        log.events["time"].isna().all() and log.track["time"].isna().all()
    )
    times = np.array([move.time_ns for move in moves], np.int64)
    nothing = np.full(len(moves), NAT)
    stated = [_record_name_and_byte_of_takeoff_or_landing(log, evidence, move) for move in moves]
    texts = {"takeoff": "took off", "landing": "landed"}
    added = build_table(
        EVENTS,
        {
            "time": times if has_utc else nothing,
            "end": nothing,
            "kind": [move.kind for move in moves],
            "severity": ["info"] * len(moves),
            "grade": ["inferred" if move.report_row is None else "reported" for move in moves],
            "text": [f"{texts[move.kind]}, by height, motion and motors" for move in moves],
            "record": [record for record, _ in stated],
            "source_offset": np.array([offset for _, offset in stated], np.int64),
        },
        len(moves),
    )
    events = pd.concat([log.events, added], ignore_index=True) if len(log.events) else added
    _, old = _track_and_event_times_ns(log)
    every = np.concatenate([old, times])
    order = np.argsort(np.where(every == NAT, np.iinfo(np.int64).max, every), kind="stable")
    events = events.take(order).reset_index(drop=True)
    if own is None:
        return replace(log, airborne=moved, events=events)
    # Beside UTC, the new rows have no time by the local clock.
    local = _local_times_with_added_event_times(own, nothing if has_utc else times, order)
    return replace(log, airborne=moved, events=events, local_times=local)


def _record_name_and_byte_of_takeoff_or_landing(
    log: Log, evidence: AirborneEvidence, move: _TakeoffOrLanding
) -> tuple[str, int]:
    """Return the record that states a take-off or landing, and its byte."""
    if move.report_row is not None:
        record, offset = (
            log.events[name].array[move.report_row] for name in ("record", "source_offset")
        )
        return str(record), int(offset)
    at = min(int(np.searchsorted(evidence.times_ns, move.time_ns)), len(evidence.times_ns) - 1)
    row = int(evidence.track_rows[at])
    offset = int(log.track["source_offset"].iloc[row]) if row >= 0 else 0
    return log.track_record, offset


def _local_times_with_added_event_times(
    own: LocalTimes, times: Integers, order: Integers
) -> LocalTimes:
    added = times.view("datetime64[ns]")
    none = np.full(len(times), np.datetime64("NaT", "ns"))
    return replace(
        own,
        events=np.concatenate([own.events.astype("datetime64[ns]"), added])[order],
        events_end=np.concatenate([own.events_end.astype("datetime64[ns]"), none])[order],
    )
