"""The reference clock of a flight: the best of its logs, to which all others are aligned."""

from dataclasses import replace

from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.join._flight_assembly import (
    AlternativeAlignment,
    FlightCandidate,
    LogPartInFlight,
)
from dji_audit.flights.join._source_priority import clock_quality_sort_key


def align_logs_in_place_to_best_utc_clock(candidate: FlightCandidate) -> None:
    """Align the clocks of a flight's logs to the best of those that state UTC.

    While logs are joined, the first one's clock is the flight's.  That may be the clock of
    a ground station, set by hand, to which photos and videos with UTC must not be aligned.
    """
    stated = [
        row
        for row, summary in enumerate(candidate.summaries)
        if summary.clock_kind == "utc"
        and not summary.is_media
        and candidate.members[row].alignment.is_aligned
    ]
    if not stated or candidate.offset_s is None:
        return
    best = min(stated, key=lambda row: (clock_quality_sort_key(candidate.summaries[row]), row))
    chosen = candidate.members[best].alignment
    shift = chosen.offset_s or 0.0
    candidate.members = [
        _log_part_shifted_to_reference(member, shift, chosen, best=row == best)
        for row, member in enumerate(candidate.members)
    ]
    candidate.offset_s = 0.0 - shift


def _log_part_shifted_to_reference(
    member: LogPartInFlight, shift: float, chosen: ClockAlignment, *, best: bool
) -> LogPartInFlight:
    """Return a member aligned to a new reference clock."""
    alignment = member.alignment
    if best:
        alignment = replace(alignment, method="reference", offset_s=0.0, reason="")
    elif alignment.offset_s is not None:
        moved = 0.0 + round(alignment.offset_s - shift, 3)
        alignment = replace(alignment, offset_s=moved)
        if alignment.method == "reference":
            alignment = _former_reference_alignment(alignment, moved, chosen)
    return replace(
        member,
        alignment=alignment,
        alternative_alignments=tuple(
            _alternative_alignment_shifted_to_reference(alternative, shift)
            for alternative in member.alternative_alignments
        ),
    )


def _former_reference_alignment(
    alignment: ClockAlignment, moved: float, chosen: ClockAlignment
) -> ClockAlignment:
    """Return the alignment of the clock that was the reference until a better one was found."""
    if not moved:
        return replace(alignment, method="utc")
    why = f"its track matches that of the flight if its clock is {-moved:+.1f} s off"
    return replace(alignment, method="track", uncertainty_s=chosen.uncertainty_s, reason=why)


def _alternative_alignment_shifted_to_reference(
    alternative: AlternativeAlignment, shift: float
) -> AlternativeAlignment:
    """Return an alternative alignment shifted to a new reference clock."""
    return replace(alternative, offset_s=alternative.offset_s - shift)
