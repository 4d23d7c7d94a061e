"""When a path is between a zone's limits: only heights from the same datum are compared."""

from dataclasses import dataclass

import numpy as np

from dji_audit.compliance.zones._intervals import (
    NEVER,
    Floats,
    Intervals,
    complement,
    intersection,
    runs,
    union,
    whole,
)
from dji_audit.compliance.zones._model import Datum, Limit, Zone
from dji_audit.compliance.zones._path import HEIGHTS, Path

#: No aircraft that keeps such a log flies there, from whatever the height counts.
BEYOND_REACH_M = 30_000.0
_NAMES = {
    Datum.AMSL: "altitude above mean sea level",
    Datum.AGL: "height above ground",
    Datum.HOME: "height above home",
    Datum.FLIGHT_LEVEL: "pressure altitude",
    Datum.ELLIPSOID: "height above the ellipsoid",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """When a path is between two limits, and when that cannot be told."""

    within: Intervals
    unknown: Intervals
    #: Why it cannot be told; empty where it always can.
    reason: str
    #: How far each fix is above the lower and below the upper limit, metres; NaN where
    #: that is not known, ``None`` where there is no limit that could be passed.
    above_lower_m: Floats | None = None
    below_upper_m: Floats | None = None


def layer(zone: Zone, path: Path) -> Layer:
    """Return when a path is between the limits of a zone."""
    lower = _side(zone.lower, path, lower=True)
    upper = _side(zone.upper, path, lower=False)
    within = intersection(lower.within, upper.within)
    # Where one limit is known to be passed, the other does not matter.
    passed = union(*(_passed(side, path) for side in (lower, upper)))
    unknown = complement(union(within, passed), 0.0, path.end_s)
    reasons = dict.fromkeys(side.reason for side in (lower, upper) if side.reason)
    return Layer(within, unknown, "; ".join(reasons), lower.margin_m, upper.margin_m)


@dataclass(frozen=True, slots=True)
class _Side:
    """When a path is on the zone's side of one limit; the words are those of ``Layer``."""

    within: Intervals
    unknown: Intervals
    reason: str = ""
    margin_m: Floats | None = None


def _passed(side: _Side, path: Path) -> Intervals:
    return complement(union(side.within, side.unknown), 0.0, path.end_s)


def _side(limit: Limit, path: Path, *, lower: bool) -> _Side:
    """Return when a path is on the zone's side of one limit."""
    always = whole(0.0, path.end_s)
    metres = limit.metres
    what = "lower" if lower else "upper"
    if limit.datum is (Datum.SURFACE if lower else Datum.UNLIMITED):
        return _Side(always, NEVER)
    # Nothing flies below the ground.
    if lower and limit.datum is Datum.AGL and metres is not None and metres <= 0:
        return _Side(always, NEVER)
    stated = limit.datum is not Datum.NOT_STATED
    if not lower and stated and metres is not None and metres >= BEYOND_REACH_M:
        return _Side(always, NEVER)
    heights = path.heights_m.get(limit.datum)
    if heights is None or metres is None or not np.isfinite(heights).any():
        return _Side(NEVER, always, f"{what} limit {_unknown(limit)}")
    margin = heights - metres if lower else metres - heights
    within, unknown = positive(path.times_s, margin)
    reason = f"{what} limit {_unknown(limit)} at some fixes" if len(unknown) else ""
    return _Side(within, unknown, reason, margin)


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
