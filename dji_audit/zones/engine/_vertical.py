"""When a path is between a zone's limits: only heights from the same datum are compared."""

from dataclasses import dataclass

import numpy as np

from dji_audit.zones._intervals import (
    NEVER,
    Floats,
    Intervals,
    complement,
    intersection,
    runs,
    union,
    whole,
)
from dji_audit.zones._model import Datum, Limit, Zone
from dji_audit.zones.engine._track import HEIGHTS, Path

#: No aircraft that keeps such a log flies there, from whatever the height counts.
BEYOND_REACH_M = 30_000.0
#: Times that are looked at one by one; of more, all that lies between them.
_SPANS = 64
_NAMES = {
    Datum.AMSL: "altitude above mean sea level",
    Datum.AGL: "height above ground",
    Datum.HOME: "height above home",
    Datum.FLIGHT_LEVEL: "pressure altitude",
    Datum.ELLIPSOID: "height above the ellipsoid",
}


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One limit that heights of a path are compared with."""

    heights_m: Floats
    limit_m: float
    lower: bool

    def margin_m(self, path: Path, times_s: Floats) -> Floats:
        """Return how far a path is on the zone's side of the limit; NaN: not known."""
        heights = np.interp(times_s, path.times_s, self.heights_m)
        return heights - self.limit_m if self.lower else self.limit_m - heights


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """When a path is between two limits, and when that cannot be told."""

    within: Intervals
    unknown: Intervals
    #: Why it cannot be told; empty where it always can.
    reason: str
    #: The limits that could be passed and are known.
    sides: tuple[Side, ...]

    def margin_m(self, path: Path, times_s: Floats) -> Floats:
        """Return how far a path is from the nearer limit, negative beyond it.

        Infinite where there is none that could be passed.
        """
        margin = np.full(len(times_s), np.inf)
        for side in self.sides:
            margin = np.minimum(margin, side.margin_m(path, times_s))
        return margin


def layer(zone: Zone, path: Path, during: Intervals) -> Layer:
    """Return when a path is between the limits of a zone.

    Args:
        zone: The zone.
        path: The path.
        during: Outside of these times, the answer does not matter and may be wrong.
    """
    told = [
        _compared(limit, path, during, lower=lower)
        for limit, lower in ((zone.lower, True), (zone.upper, False))
    ]
    within = intersection(told[0].within, told[1].within)
    # Where one limit is known to be passed, the other does not matter.
    known = (union(one.within, one.unknown) for one in told)
    passed = union(*(complement(one, 0.0, path.end_s) for one in known))
    unknown = complement(union(within, passed), 0.0, path.end_s)
    reasons = dict.fromkeys(one.reason for one in told if one.reason)
    sides = tuple(one.side for one in told if one.side is not None)
    return Layer(within, unknown, "; ".join(reasons), sides)


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """When a path is on the zone's side of one limit; the words are those of ``Layer``."""

    within: Intervals
    unknown: Intervals
    reason: str = ""
    side: Side | None = None


def _compared(limit: Limit, path: Path, during: Intervals, *, lower: bool) -> _Compared:
    always = whole(0.0, path.end_s)
    metres = limit.metres
    what = "lower" if lower else "upper"
    if is_out_of_reach(limit, lower=lower):
        return _Compared(always, NEVER)
    heights = path.heights_m.get(limit.datum)
    if heights is None or metres is None or not np.isfinite(heights).any():
        return _Compared(NEVER, always, f"{what} limit {_unknown(limit)}")
    side = Side(heights, metres, lower)
    within, unknown = _on_side(side, path, during)
    reason = f"{what} limit {_unknown(limit)} at some fixes" if len(unknown) else ""
    return _Compared(within, unknown, reason, side)


def is_out_of_reach(limit: Limit, *, lower: bool) -> bool:
    """Return whether no aircraft can pass a limit, whatever a log says of its height."""
    if limit.datum is (Datum.SURFACE if lower else Datum.UNLIMITED):
        return True
    metres = limit.metres
    if metres is None or limit.datum is Datum.NOT_STATED:
        return False
    # Nothing flies below the ground.
    return (limit.datum is Datum.AGL and metres <= 0) if lower else metres >= BEYOND_REACH_M


def _on_side(side: Side, path: Path, during: Intervals) -> tuple[Intervals, Intervals]:
    """Return when a path is on the zone's side of a limit, and when it is not known."""
    spans = during if len(during) <= _SPANS else np.array([[during[0, 0], during[-1, 1]]])
    within, unknown = [NEVER], [NEVER]
    for begin, end in spans:
        first = max(0, int(np.searchsorted(path.times_s, begin, "right")) - 1)
        last = int(np.searchsorted(path.times_s, end, "left")) + 1
        some = slice(first, last)
        heights = side.heights_m[some]
        margin = heights - side.limit_m if side.lower else side.limit_m - heights
        yes, maybe = positive(path.times_s[some], margin)
        within.append(yes)
        unknown.append(maybe)
    return union(*within), union(*unknown)


def _unknown(limit: Limit) -> str:
    if limit.datum is Datum.NOT_STATED:
        return "is not stated" if limit.value is None else f"{limit}"
    if limit.datum in HEIGHTS or limit.datum in _NAMES:
        return f"is {limit} and the log has no {_NAMES[limit.datum]}"
    return f"is {limit}, which nothing can be compared with"


def positive(times_s: Floats, values: Floats) -> tuple[Intervals, Intervals]:
    """Return when a quantity that changes evenly between fixes is 0 or more, and is not known.

    Args:
        times_s: Of the fixes, rising, shape ``(n,)``.
        values: At the fixes; where one is missing it is not known on both sides of it.
    """
    if len(times_s) < 2:
        single = whole(float(times_s[0]), float(times_s[0])) if len(times_s) else NEVER
        if not len(times_s) or np.isnan(values[0]):
            return NEVER, single
        return (single, NEVER) if values[0] >= 0 else (NEVER, NEVER)
    first, second = values[:-1], values[1:]
    begins, ends = times_s[:-1], times_s[1:]
    unknown = runs(begins, ends, np.isnan(first) | np.isnan(second))
    turns = (first >= 0) != (second >= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(turns, first / (first - second), 0.0)
    roots = begins + np.nan_to_num(share) * (ends - begins)
    # Before its root a piece is as at its first fix, after it as at its second.
    starts = np.column_stack([begins, roots]).ravel()
    stops = np.column_stack([roots, ends]).ravel()
    known = ~(np.isnan(first) | np.isnan(second))
    flags = np.column_stack([(first >= 0) & turns & known, (second >= 0) & known]).ravel()
    return runs(starts, stops, flags), unknown
