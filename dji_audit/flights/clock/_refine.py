"""Clocks set by whole paths: the offset that joining found made finer, and the drift found."""

from dataclasses import replace

import numpy as np

from dji_audit.flights._clock_alignment import Drift, Placing
from dji_audit.flights.clock._drift import Line, drift_of
from dji_audit.flights.clock._track_alignment import LEAST_UNSURE_S, Fit, Path, lay

#: Seconds about the offset found first, within which it is refined on the whole paths.
_FINE = np.arange(-4.0, 4.5, 0.5)
#: Fixes of a path that is laid on another.
_FIXES = 128
_HOUR_S = 3600.0


def settle(placing: Placing, path: Path, other: Path) -> Placing | None:
    """Return how a clock is placed after its path was laid on that of the flight.

    Args:
        placing: How it was placed first.
        path: The log's, on the flight's clock as placed first.
        other: The path on the flight's clock.

    Returns:
        ``None`` if the paths tell nothing of the time.
    """
    fit = lay(path, other, _FINE, _FIXES)
    if fit is None or not fit.moving:
        return None
    known = 1.0 if placing.uncertainty_s is None else placing.uncertainty_s
    agrees = abs(fit.offset_s) <= known + fit.uncertainty_s + 0.5
    if not agrees and placing.method != "utc":
        return placing
    # A drift that other files show is taken out of the path already.
    line = None if placing.drifts else drift_of(path.moved(fit.offset_s), other)
    if line is None:
        return _by_fit(placing, fit, agrees=agrees)
    # By the log's own clock, and before the line moves what it was found with.
    at_s = round(line.at_s - fit.offset_s - (placing.offset_s or 0.0), 3)
    if line.even:
        # What of a position's error the whole path would take for time is left out.
        known_s = round(max(line.offset_within_s, LEAST_UNSURE_S), 3)
        offset_s = round(fit.offset_s + line.offset_s, 3)
        fit = replace(fit, offset_s=offset_s, uncertainty_s=known_s)
    return _paced(_by_fit(placing, fit, agrees=agrees), placing, fit, line, at_s)


def _by_fit(placing: Placing, fit: Fit, *, agrees: bool) -> Placing:
    """Return a placing with the offset that the path gives, if that is the better one."""
    offset_s = round((placing.offset_s or 0.0) + fit.offset_s, 3)
    if placing.method == "utc":
        if agrees:
            return placing
        why = f"its path fits that of the flight if its clock is {-fit.offset_s:+.1f} s off"
        return replace(
            placing, method="path", offset_s=offset_s, uncertainty_s=fit.uncertainty_s, reason=why
        )
    if placing.uncertainty_s is not None and fit.uncertainty_s > placing.uncertainty_s:
        return placing
    also = "" if placing.method == "path" else f"; its path agrees to {abs(fit.offset_s):.1f} s"
    return replace(
        placing, offset_s=offset_s, uncertainty_s=fit.uncertainty_s, reason=placing.reason + also
    )


def _paced(finer: Placing, first: Placing, fit: Fit, line: Line, at_s: float) -> Placing:
    """Return a placing with its drift, which is taken out if it is more than chance."""
    if not line.even:
        why = "its offset changes in the flight, and not evenly: no drift is taken out"
        return replace(finer, reason=_also(finer.reason, why))
    gains, within = round(-line.slope * _HOUR_S, 4), round(line.within * _HOUR_S, 4)
    if not line.significant:
        return replace(finer, drift=Drift(0.0, round(abs(gains) + within, 4), at_s))
    drift = Drift(gains, within, at_s)
    return replace(
        finer,
        method="path" if finer.method == "utc" else finer.method,
        offset_s=round((first.offset_s or 0.0) + fit.offset_s, 3),
        uncertainty_s=fit.uncertainty_s,
        reason=_also(finer.reason, f"by its path it {drift.words}, which is taken out"),
        drift=drift,
    )


def _also(reason: str, more: str) -> str:
    return f"{reason}; {more}" if reason else more
