"""How well one log matches another: by serial number, time, track and power-on."""

import struct

import numpy as np

from dji_audit.flights._model import LogToFlightMatch
from dji_audit.flights._serial_numbers import is_same_serial_number
from dji_audit.flights.clock._track_alignment import TimedTrack, median_distance_m
from dji_audit.flights.join._log_summary import LogSummary
from dji_audit.geo.geodesy import approximate_ground_distances_m

#: Weight of each piece of evidence; what is not known has none.
_WEIGHTS = {"serial": 2.0, "overlap": 2.0, "distance": 4.0, "power_on": 2.0}
#: Evidence of this weight allows a score of 1; next to none allows half of it.
_FULL_WEIGHT = 6.0
#: Median distance between two tracks of one aircraft, where positions have fine steps.
_FINE_LIMIT_M = 3.0
#: The same of a track that another device received, a second old or more.
_RECEIVER_LIMIT_M = 10.0
#: The same where positions have coarse steps.
_COARSE_LIMIT_M = 15.0
#: Tracks farther apart than this are of two aircraft.
_MAX_DISTANCE_M = 40.0
_MAX_POWER_ON_S = 3.0
#: Slower than this, an aircraft stands and its position errs; so many fixes show a path.
_MOVING_MPS, _LEAST_MOVING_FIXES = 1.0, 10
#: The least score that joins a log to a flight, and the least lead over other flights.
MIN_SCORE, MIN_MARGIN = 0.6, 0.1


def logs_have_same_serial_number(one: LogSummary, other: LogSummary) -> bool | None:
    """Return whether two logs name one aircraft; ``None``: one of them names none.

    The serial number in a video may be its camera's, so it can agree and not contradict.
    """
    if any(is_same_serial_number(a, b) for a in one.serials for b in other.serials):
        return True
    if not one.serials or not other.serials or "video" in (one.format, other.format):
        return None
    return False


def are_two_vehicles_of_one_file(one: LogSummary, other: LogSummary) -> bool:
    """Return whether two logs are those of different vehicles in one file, however near."""
    if one.file_vehicle is None or other.file_vehicle is None:
        return False
    return (one.file_vehicle[0] == other.file_vehicle[0]) and one.file_vehicle != other.file_vehicle


def time_overlap_share(one: LogSummary, other: LogSummary, offset_s: float) -> float | None:
    """Return the part of the shorter of two that lies within the other; ``None``: no times."""
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return None
    start, end = one.start + offset_s, one.end + offset_s
    shared = min(end, other.end) - max(start, other.start)
    shorter = min(one.duration_s, other.duration_s)
    if shorter <= 0:
        return 1.0 if shared >= 0 else 0.0
    return float(np.clip(shared / shorter, 0.0, 1.0))


def score_match(
    summary: LogSummary,
    reference: LogSummary,
    offset_s: float,
    distance_m: float | None = None,
    uncertainty_s: float = 0.0,
) -> LogToFlightMatch:
    """Return how well a log matches another if an offset is added to its clock.

    Args:
        summary: The log.
        reference: The log whose clock is the flight's.
        offset_s: Added to the clock of the log.
        distance_m: Median distance between the tracks, if it is known already.
        uncertainty_s: Seconds within which the offset is known; the least distance within it
            counts.
    """
    if distance_m is None and len(summary.track) and len(reference.track):
        distance_m = median_distance_m(summary.track, reference.track, offset_s, uncertainty_s)
        distance_m = None if np.isnan(distance_m) else distance_m
    powered = None
    if summary.power_on is not None and reference.power_on is not None:
        powered = abs(summary.power_on - reference.power_on)
    serial, shared = (
        logs_have_same_serial_number(summary, reference),
        time_overlap_share(summary, reference, offset_s),
    )
    moving_m = None
    if serial is False and distance_m is not None:
        moving_m = track_distance_while_moving_m(summary.track, reference.track, offset_s)
    limit = track_distance_limit_m(summary, reference)
    parts = {
        "serial": None if serial is None else float(serial),
        "overlap": shared,
        "distance": None if distance_m is None else float(np.clip(2 - distance_m / limit, 0, 1)),
        "power_on": None if powered is None else float(powered <= _MAX_POWER_ON_S),
    }
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(_WEIGHTS[name] for name in known)
    score = sum(_WEIGHTS[name] * value for name, value in known.items()) / weight if known else 0.0
    score *= 0.5 + 0.5 * min(1.0, weight / _FULL_WEIGHT)
    return LogToFlightMatch(
        serial,
        None if shared is None else round(shared, 3),
        None if distance_m is None else round(distance_m, 2),
        None if powered is None else round(powered, 3),
        round(score, 3),
        None if moving_m is None else round(moving_m, 2),
    )


def track_distance_while_moving_m(
    one: TimedTrack, other: TimedTrack, offset_s: float
) -> float | None:
    """Return the median distance between two tracks where both move; ``None``: they do not.

    Args:
        one: A track.
        other: Another, on the clock of the flight.
        offset_s: Added to the clock of the first.
    """
    return one.compare_with_or_recall_result(
        other,
        b"moving" + struct.pack("<d", offset_s),
        lambda: _greater_distance_while_moving_m(one, other, offset_s),
    )


def _greater_distance_while_moving_m(
    one: TimedTrack, other: TimedTrack, offset_s: float
) -> float | None:
    found = [
        median_distance_m(moving, whole, shift_s)
        for moving, whole, shift_s in (
            (_moving_fixes_of_track(one), other, offset_s),
            (_moving_fixes_of_track(other), one, -offset_s),
        )
        if len(moving) >= _LEAST_MOVING_FIXES
    ]
    return None if len(found) < 2 or np.isnan(found).any() else max(found)


def _moving_fixes_of_track(track: TimedTrack) -> TimedTrack:
    """Return the fixes of a track at which the aircraft moves over the ground."""
    if len(track) < 2:
        return track
    steps_m = approximate_ground_distances_m(
        track.latitude_deg[:-1], track.longitude_deg[:-1],
        track.latitude_deg[1:], track.longitude_deg[1:],
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = steps_m / np.diff(track.seconds)
    moving = np.append(speed >= _MOVING_MPS, False)
    return TimedTrack(
        track.seconds[moving], track.latitude_deg[moving], track.longitude_deg[moving],
        track.height_m[moving],
    )  # fmt: skip


def track_distance_limit_m(one: LogSummary, other: LogSummary) -> float:
    """Return how far apart two tracks of one aircraft may lie: more where steps are coarse."""
    quantum = max(one.track.position_resolution_m, other.track.position_resolution_m)
    return _COARSE_LIMIT_M if quantum > 1.0 else _FINE_LIMIT_M + 2.0


def is_same_flight(match: LogToFlightMatch, summary: LogSummary, reference: LogSummary) -> bool:
    """Return whether a match is enough for two logs to be of one flight.

    Time alone never is, since two aircraft may fly at once.  Serial numbers that
    contradict are overruled only by tracks that are the same; two vehicles of one file by
    nothing.  What another device received of an aircraft of this serial number at this time is of
    its flight however far apart the tracks lie: that it contradicts the flight must be seen.
    """
    if are_two_vehicles_of_one_file(summary, reference):
        return False
    is_from_receiver = summary.is_from_receiver or reference.is_from_receiver
    if is_from_receiver and match.serials_agree and (match.overlap or 0.0) > 0.0:
        return True
    if match.score < MIN_SCORE or (match.overlap is not None and match.overlap < 0.3):
        return False
    if match.distance_m is not None and match.distance_m > _MAX_DISTANCE_M:
        return False
    close = match.distance_m is not None and match.distance_m <= 2 * track_distance_limit_m(
        summary, reference
    )
    if match.serials_agree is False:
        # Parked side by side, two aircraft are as near as one to itself.
        moving_m = match.moving_distance_m
        limit_m = _RECEIVER_LIMIT_M if is_from_receiver else _FINE_LIMIT_M
        return moving_m is not None and moving_m <= limit_m
    return close or match.serials_agree is True
