"""Clock alignment refined on whole tracks: a finer offset, and the drift."""

from dataclasses import replace

import numpy as np

from dji_audit.flights.clock._clock_alignment_result import ClockAlignment, ClockDrift
from dji_audit.flights.clock._clock_drift import DriftLine, estimate_drift
from dji_audit.flights.clock._track_alignment import (
    MIN_UNCERTAINTY_S,
    TimedTrack,
    TrackTimeShift,
    align_tracks,
)

#: Seconds around the first offset, within which it is refined on the whole tracks.
_OFFSETS_S = np.arange(-4.0, 4.5, 0.5)
#: Fixes of the shorter track that are compared with the longer.
_MAX_FIXES = 128
_HOUR_S = 3600.0


def refine_alignment(
    alignment: ClockAlignment, track: TimedTrack, reference: TimedTrack
) -> ClockAlignment | None:
    """Return the alignment of a clock after its track was time-shifted to that of the flight.

    Args:
        alignment: The first alignment.
        path: The log's, on the flight's clock by the first alignment.
        other: The track on the flight's clock.

    Returns:
        ``None`` if the tracks show no time shift.
    """
    fit = align_tracks(track, reference, _OFFSETS_S, _MAX_FIXES)
    if fit is None or not fit.is_informative:
        return None
    known = 1.0 if alignment.uncertainty_s is None else alignment.uncertainty_s
    agrees = abs(fit.offset_s) <= known + fit.uncertainty_s + 0.5
    if not agrees and alignment.method != "utc":
        return alignment
    # A drift that other files show is corrected in the track already.
    line = None if alignment.has_drift else estimate_drift(track.shifted(fit.offset_s), reference)
    if line is None:
        return _alignment_with_fitted_offset(alignment, fit, agrees=agrees)
    # By the log's own clock, and before the line changes the fit it was computed with.
    at_s = round(line.reference_s - fit.offset_s - (alignment.offset_s or 0.0), 3)
    if line.is_steady:
        # Position errors that the fit of the whole track takes for a time shift are left out.
        known_s = round(max(line.offset_uncertainty_s, MIN_UNCERTAINTY_S), 3)
        offset_s = round(fit.offset_s + line.offset_s, 3)
        fit = replace(fit, offset_s=offset_s, uncertainty_s=known_s)
    return _add_fitted_drift_to_alignment(
        _alignment_with_fitted_offset(alignment, fit, agrees=agrees), alignment, fit, line, at_s
    )


def _alignment_with_fitted_offset(
    alignment: ClockAlignment, fit: TrackTimeShift, *, agrees: bool
) -> ClockAlignment:
    """Return an alignment with the offset that the track gives, if that is better known."""
    offset_s = round((alignment.offset_s or 0.0) + fit.offset_s, 3)
    if alignment.method == "utc":
        if agrees:
            return alignment
        why = f"its track matches that of the flight if its clock is {-fit.offset_s:+.1f} s off"
        return replace(
            alignment,
            method="track",
            offset_s=offset_s,
            uncertainty_s=fit.uncertainty_s,
            reason=why,
        )
    if alignment.uncertainty_s is not None and fit.uncertainty_s > alignment.uncertainty_s:
        return alignment
    also = (
        ""
        if alignment.method == "track"
        else f"; its track agrees within {abs(fit.offset_s):.1f} s"
    )
    return replace(
        alignment,
        offset_s=offset_s,
        uncertainty_s=fit.uncertainty_s,
        reason=alignment.reason + also,
    )


def _add_fitted_drift_to_alignment(
    finer: ClockAlignment, first: ClockAlignment, fit: TrackTimeShift, line: DriftLine, at_s: float
) -> ClockAlignment:
    """Return an alignment with its drift, which is corrected if it is significant."""
    if not line.is_steady:
        why = "its offset changes unevenly during the flight; no drift is corrected"
        return replace(finer, reason=_join_reason_texts(finer.reason, why))
    gains, within = round(-line.slope * _HOUR_S, 4), round(line.slope_uncertainty * _HOUR_S, 4)
    if not line.is_significant:
        return replace(finer, drift=ClockDrift(0.0, round(abs(gains) + within, 4), at_s))
    drift = ClockDrift(gains, within, at_s)
    return replace(
        finer,
        method="track" if finer.method == "utc" else finer.method,
        offset_s=round((first.offset_s or 0.0) + fit.offset_s, 3),
        uncertainty_s=fit.uncertainty_s,
        reason=_join_reason_texts(
            finer.reason, f"its track shows that it {drift.description}; this drift is corrected"
        ),
        drift=drift,
    )


def _join_reason_texts(reason: str, more: str) -> str:
    return f"{reason}; {more}" if reason else more
