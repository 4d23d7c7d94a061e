"""How well one log fits another: serial numbers, time, path and power-on, each by itself."""

import numpy as np

from dji_audit.flights._model import Match
from dji_audit.flights.clock._track_alignment import lie_apart_m
from dji_audit.flights.join._log_summary import Digest

#: What each piece of evidence weighs; what is not known weighs nothing.
_WEIGHTS = {"serial": 2.0, "overlap": 2.0, "distance": 4.0, "power_on": 2.0}
#: With evidence of this weight a score may be 1; with next to none it is half of that.
_FULL = 6.0
#: Median distance between two paths of one aircraft, metres, where positions are fine.
_SAME_M = 3.0
#: The same where they are written in coarse steps, or clocks are not quite together.
_NEAR_M = 15.0
#: Paths farther apart than this are of two aircraft.
_FAR_M = 40.0
_POWER_ON_S = 3.0
#: The least score that joins a log to a flight, and the least by which it must beat rivals.
LEAST, MARGIN = 0.6, 0.1


def same_serial(one: Digest, other: Digest) -> bool | None:
    """Return whether two logs name one aircraft; ``None``: one of them names none.

    The serial number in a video may be its camera's, so it can agree and not contradict.
    """
    if one.serials & other.serials:
        return True
    if not one.serials or not other.serials or "video" in (one.format, other.format):
        return None
    return False


def overlap(one: Digest, other: Digest, offset_s: float) -> float | None:
    """Return the part of the shorter of two that lies within the other; ``None``: no times."""
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return None
    start, end = one.start + offset_s, one.end + offset_s
    shared = min(end, other.end) - max(start, other.start)
    shorter = min(one.lasts, other.lasts)
    if shorter <= 0:
        return 1.0 if shared >= 0 else 0.0
    return float(np.clip(shared / shorter, 0.0, 1.0))


def match(
    one: Digest,
    other: Digest,
    offset_s: float,
    distance_m: float | None = None,
    within_s: float = 0.0,
) -> Match:
    """Return how well a log fits another one if an offset is added to its clock.

    Args:
        one: The log.
        other: The log whose clock is the flight's.
        offset_s: Added to the clock of the one.
        distance_m: Median distance between the paths, if it is known already.
        within_s: Seconds within which the offset is known: paths that meet there are not apart.
    """
    if distance_m is None and len(one.path) and len(other.path):
        distance_m = lie_apart_m(one.path, other.path, offset_s, within_s)
        distance_m = None if np.isnan(distance_m) else distance_m
    powered = None
    if one.power_on is not None and other.power_on is not None:
        powered = abs(one.power_on - other.power_on)
    serial, shared = same_serial(one, other), overlap(one, other, offset_s)
    limit = limit_m(one, other)
    parts = {
        "serial": None if serial is None else float(serial),
        "overlap": shared,
        "distance": None if distance_m is None else float(np.clip(2 - distance_m / limit, 0, 1)),
        "power_on": None if powered is None else float(powered <= _POWER_ON_S),
    }
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(_WEIGHTS[name] for name in known)
    score = sum(_WEIGHTS[name] * value for name, value in known.items()) / weight if known else 0.0
    score *= 0.5 + 0.5 * min(1.0, weight / _FULL)
    return Match(
        serial,
        None if shared is None else round(shared, 3),
        None if distance_m is None else round(distance_m, 2),
        None if powered is None else round(powered, 3),
        round(score, 3),
    )


def limit_m(one: Digest, other: Digest) -> float:
    """Return how far apart two paths of one aircraft may lie: more where steps are coarse."""
    quantum = max(one.path.quantum_m, other.path.quantum_m)
    return _NEAR_M if quantum > 1.0 else _SAME_M + 2.0


def fits(found: Match, one: Digest, other: Digest) -> bool:
    """Return whether a match is enough to say that two logs tell of one flight.

    Time alone never is, for two aircraft may fly at once; a serial number that
    contradicts is overruled only by paths that are the same.
    """
    if found.score < LEAST or (found.overlap is not None and found.overlap < 0.3):
        return False
    if found.distance_m is not None and found.distance_m > _FAR_M:
        return False
    close = found.distance_m is not None and found.distance_m <= 2 * limit_m(one, other)
    if found.serial is False:
        same = found.distance_m is not None and found.distance_m <= _SAME_M
        return same and min(len(one.path), len(other.path)) >= 10
    return close or found.serial is True
