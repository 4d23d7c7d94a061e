"""Which logs are one flight: first the records of flights, then exports, then media."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dji_audit.flights._model import AlternativeFlight, LogToFlightMatch
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.clock._track_alignment import TRIAL_FIXES, TrackTimeShift, align_tracks
from dji_audit.flights.join._align_local_clocks import (
    alignment_by_user_declared_timezone,
    match_flight_by_local_clock,
)
from dji_audit.flights.join._file_number_gaps import find_file_number_gaps_by_flight_id
from dji_audit.flights.join._flight_assembly import (
    AssembledFlight,
    AssembledFlightsAndUnjoinedLogParts,
    FlightCandidate,
    LogPartInFlight,
    flight_candidate_from_log,
    log_part_in_flight,
    log_part_without_flight,
    time_windows_of_flights_in_one_log,
)
from dji_audit.flights.join._flight_index import MAX_CLOCK_ERROR_S, FlightIndex
from dji_audit.flights.join._flights_near_in_time import flights_near_in_time_by_flight_index
from dji_audit.flights.join._join_media import join_media_and_return_unjoined_log_parts
from dji_audit.flights.join._lifetime_totals_of_next_logs import (
    find_next_log_lifetime_totals_by_flight_index,
)
from dji_audit.flights.join._log_summary import LogSummary
from dji_audit.flights.join._match_score import (
    MIN_MARGIN,
    are_two_vehicles_of_one_file,
    is_same_flight,
    logs_have_same_serial_number,
    score_match,
    time_overlap_share,
)
from dji_audit.flights.join._nearby_aircraft import nearby_aircraft_by_flight_index
from dji_audit.flights.join._reference_clock import align_logs_in_place_to_best_utc_clock
from dji_audit.flights.join._source_priority import joining_sort_key, log_indices_by_source_priority

#: Seconds between two offsets that are tried where both clocks are UTC.
_STEP_S = 2.0
#: A clock that states UTC is used as it is if its track matches within its error and this.
_UTC_TOLERANCE_S = 1.0
_NO_WINDOW = (None, None)


@dataclass(frozen=True, slots=True)
class _MatchingFlight:
    """A flight that a log matches, how well, and the time shift between their tracks."""

    candidate: FlightCandidate
    match: LogToFlightMatch
    fit: TrackTimeShift | None


def join_logs(
    summaries: Sequence[LogSummary], timezone: str | None = None
) -> AssembledFlightsAndUnjoinedLogParts:
    """Return which parts of logs are of one flight.

    Every part is in exactly one flight, in several if it spans them, or unjoined;
    none is lost.  The same summaries in any order give the same flights.

    Args:
        summaries: Of every part of every log.
        timezone: IANA time zone that the user declares for local clocks of unknown zone.
    """
    ordered = sorted(summaries, key=joining_sort_key)
    copies, originals = _separate_copies_from_originals(
        [summary for summary in ordered if not summary.is_media]
    )
    index, candidates = FlightIndex(), list[FlightCandidate]()
    unjoined: list[LogPartInFlight] = []
    for summary in originals:
        if not _join_or_start_flight_return_whether_placed(summary, index, candidates, timezone):
            unjoined.append(log_part_without_flight(summary))
    for candidate in candidates:
        align_logs_in_place_to_best_utc_clock(candidate)
    unjoined += _join_copies_and_return_unjoined(copies, candidates)
    media = [summary for summary in ordered if summary.is_media]
    unjoined += join_media_and_return_unjoined_log_parts(media, index, candidates, timezone)
    index.close()
    gaps = find_file_number_gaps_by_flight_id(candidates)
    following = find_next_log_lifetime_totals_by_flight_index(candidates)
    nearby = nearby_aircraft_by_flight_index(candidates)
    near_in_time = flights_near_in_time_by_flight_index(candidates)
    assemblies = [
        AssembledFlight(
            members=_log_parts_with_track_source_first(candidate),
            number_gaps=gaps.get(candidate.members[0].segment_id, ()),
            following_totals=following.get(number, ()),
            nearby_aircraft=nearby.get(number, ()),
            flights_near_in_time=near_in_time.get(number, ()),
        )
        for number, candidate in enumerate(candidates)
    ]
    return AssembledFlightsAndUnjoinedLogParts(
        tuple(sorted(assemblies, key=lambda flight: _log_part_sort_key(flight.members[0]))),
        tuple(unjoined),
    )


def _join_or_start_flight_return_whether_placed(
    summary: LogSummary,
    index: FlightIndex,
    candidates: list[FlightCandidate],
    timezone: str | None,
) -> bool:
    """Join a part of a log to the flights it matches, or start a flight with it.

    Returns:
        Whether it is in a flight: one in which nothing flew starts none.
    """
    alternatives: tuple[AlternativeFlight, ...] = ()
    if summary.clock_kind == "utc":
        joined, alternatives = _join_utc_log_return_success_and_alternatives(
            summary, index.candidates_near_in_time_and_place(summary, 0.0)
        )
    else:
        aligned = match_flight_by_local_clock(
            summary, index.candidates_near_track(summary), timezone
        )
        joined = aligned is not None and not aligned.alternative_flights
        if aligned is not None:
            alternatives = aligned.alternative_flights
            for candidate, member in zip(aligned.candidates, aligned.members, strict=True):
                candidate.add_log_segment(summary, member)
    if not joined and summary.not_flown_because:
        return False
    if not joined:
        declared = (
            None if timezone is None else alignment_by_user_declared_timezone(summary, timezone)
        )
        candidate = flight_candidate_from_log(summary, alternatives, declared)
        candidates.append(candidate)
        index.add_flight(candidate)
    return True


def _log_parts_with_track_source_first(candidate: FlightCandidate) -> tuple[LogPartInFlight, ...]:
    """Return the members of a flight, the one that gives the track first."""
    spanning = frozenset(
        row for row, member in enumerate(candidate.members) if member.window != _NO_WINDOW
    )
    order = log_indices_by_source_priority(candidate.summaries, spanning)
    return tuple(candidate.members[row] for row in order)


def _log_part_sort_key(member: LogPartInFlight) -> tuple[int, int]:
    return (member.log_index, member.segment_number)


def _separate_copies_from_originals(
    summaries: Iterable[LogSummary],
) -> tuple[list[tuple[LogSummary, LogSummary]], list[LogSummary]]:
    """Divide logs into copies, each with its original, and originals.

    The records of a copy are the same to the byte, and so are start and serial numbers;
    what an app added around them may differ.
    """
    first: dict[tuple[object, ...], LogSummary] = {}
    copies, originals = [], []
    for summary in summaries:
        key = (summary.records_sha256, summary.segment_number, summary.start, summary.serials)
        if summary.records_sha256 is None or first.setdefault(key, summary) is summary:
            originals.append(summary)
        else:
            copies.append((summary, first[key]))
    return copies, originals


def _join_copies_and_return_unjoined(
    copies: Sequence[tuple[LogSummary, LogSummary]], candidates: Sequence[FlightCandidate]
) -> list[LogPartInFlight]:
    """Join each copy to the flights that its original is in, and return those of no flight."""
    unjoined: list[LogPartInFlight] = []
    flights: dict[tuple[int, int], list[tuple[FlightCandidate, LogPartInFlight]]] = {}
    for candidate in candidates:
        for member in candidate.members:
            flights.setdefault(_log_part_sort_key(member), []).append((candidate, member))
    for summary, original in copies:
        joined = flights.get((original.log_index, original.segment_number), [])
        if not joined:
            unjoined.append(log_part_without_flight(summary))
        for candidate, member in joined:
            reason = f"its records are byte for byte those of {original.name}"
            alignment = replace(member.alignment, method="copy", reason=reason)
            match = LogToFlightMatch(
                logs_have_same_serial_number(summary, original), 1.0, None, None, 1.0
            )
            copy_of = _log_part_sort_key(member)
            candidate.add_log_segment(
                summary,
                log_part_in_flight(
                    summary, alignment, match, copy_of=copy_of, window=member.window
                ),
            )
    return unjoined


def _join_utc_log_return_success_and_alternatives(
    summary: LogSummary, candidates: Sequence[FlightCandidate]
) -> tuple[bool, tuple[AlternativeFlight, ...]]:
    """Join a log whose clock is UTC to the flight it matches, or to all that it spans.

    Returns:
        Whether it joined; if not, the flights that it matches equally well.
    """
    fitting = [
        fit
        for fit in (_match_log_to_candidate(summary, candidate) for candidate in candidates)
        if fit
    ]
    if not fitting:
        return False, ()
    fitting.sort(key=lambda flight: (-flight.match.score, flight.candidate.summary.id))
    best = fitting[0].match.score
    fitting = [flight for flight in fitting if best - flight.match.score < MIN_MARGIN]
    alignments = [_alignment_of_log_whose_clock_is_utc(summary, flight.fit) for flight in fitting]
    windows = time_windows_of_flights_in_one_log(
        [flight.candidate for flight in fitting],
        [alignment.offset_s or 0.0 for alignment in alignments],
    )
    if windows is None:
        return False, tuple(
            AlternativeFlight(flight.candidate.summary.id, flight.match) for flight in fitting
        )
    for flight, alignment, window in zip(fitting, alignments, windows, strict=True):
        flight.candidate.add_log_segment(
            summary, log_part_in_flight(summary, alignment, flight.match, window=window)
        )
    return True, ()


def _match_log_to_candidate(
    summary: LogSummary, candidate: FlightCandidate
) -> _MatchingFlight | None:
    """Return how a log matches a flight; ``None`` if it is of another."""
    reference = candidate.summary
    if any(are_two_vehicles_of_one_file(summary, other) for other in candidate.summaries):
        return None
    fit = _time_shift_of_utc_tracks(summary, reference)
    offset_s, distance_m = (0.0, None) if fit is None else (fit.offset_s, fit.distance_m)
    match = score_match(summary, reference, offset_s, distance_m)
    if not is_same_flight(match, summary, reference):
        return None
    return _MatchingFlight(candidate, match, fit)


def _time_shift_of_utc_tracks(summary: LogSummary, reference: LogSummary) -> TrackTimeShift | None:
    """Return the time shift between two tracks in UTC; ``None``: the tracks do not show one.

    Two logs of one kind that follow one another are two flights, or parts of one, although the
    second flew the route of the first: clocks of one kind are not minutes apart.
    """
    is_one_kind = (summary.format, summary.clock_source) == (
        reference.format,
        reference.clock_source,
    )
    if is_one_kind and time_overlap_share(summary, reference, 0.0) == 0.0:
        return None
    offsets = np.arange(-MAX_CLOCK_ERROR_S, MAX_CLOCK_ERROR_S + _STEP_S, _STEP_S)
    fit = align_tracks(summary.track, reference.track, offsets, TRIAL_FIXES)
    return fit if fit is not None and fit.is_informative else None


def _alignment_of_log_whose_clock_is_utc(
    summary: LogSummary, fit: TrackTimeShift | None
) -> ClockAlignment:
    """Return the alignment of a clock that states UTC: as it is, unless its track shows it off."""
    source, known_s = summary.clock_source, summary.uncertainty_s
    if fit is None or abs(fit.offset_s) <= (known_s or 0.0) + fit.uncertainty_s + _UTC_TOLERANCE_S:
        if summary.declared_clock:
            reason = f"the user declared its clock: {summary.declared_clock}"
            return ClockAlignment(source, "declared", 0.0, known_s, reason=reason)
        return ClockAlignment(source, "utc", 0.0, known_s)
    reason = f"its track matches that of the flight if its clock is {-fit.offset_s:+.1f} s off"
    return ClockAlignment(source, "track", fit.offset_s, fit.uncertainty_s, None, reason)
