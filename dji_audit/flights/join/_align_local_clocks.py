"""Local clocks and clocks without a date, aligned with the flights whose tracks they match."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from dji_audit.flights._model import AlternativeFlight, LogToFlightMatch
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.clock._track_alignment import (
    TRIAL_FIXES,
    Floats,
    TrackTimeShift,
    align_tracks,
    concatenate_tracks,
)
from dji_audit.flights.join._flight_assembly import (
    FlightCandidate,
    LogPartInFlight,
    log_part_in_flight,
    time_windows_of_flights_in_one_log,
)
from dji_audit.flights.join._log_summary import LogSummary
from dji_audit.flights.join._match_score import (
    MIN_MARGIN,
    is_same_flight,
    logs_have_same_serial_number,
    score_match,
)

#: Time zones are whole quarters of an hour, from 12 h behind UTC to 14 h ahead.
QUARTER_S = 900.0
TIMEZONES_S = np.arange(-12 * 3600, 14 * 3600 + QUARTER_S, QUARTER_S)
#: How far the clock of a camera or tablet may be off, apart from its time zone.
_MAX_CLOCK_ERROR_S = 120.0
_STEP_S = 2.0
#: Offsets tried at most, where nothing shows when within a flight a recording was.
_MAX_STEPS = 4000
#: Two spans match if they share this part of the time that they cover together; how well
#: that aligns a clock.
_MIN_SIMILARITY, _SPAN_UNCERTAINTY_S = 0.75, 5.0
#: The score of a match is multiplied by this if the local clock is then of no time zone.
_NO_TIMEZONE_FACTOR = 0.75


@dataclass(frozen=True, slots=True)
class FlightsMatchedByLocalClock:
    """The flights that a log without UTC matches: one, or those of one log that it spans.

    A log that matches several equally well has none, and these as alternatives.
    """

    candidates: tuple[FlightCandidate, ...]
    members: tuple[LogPartInFlight, ...]
    alternative_flights: tuple[AlternativeFlight, ...] = ()


@dataclass(frozen=True, slots=True)
class _LocalClockAlignmentTrial:
    """An alignment of a log with the flights of one other log, and how well it matches them."""

    candidates: tuple[FlightCandidate, ...]
    #: The flights as one.
    reference: LogSummary
    offset_s: float
    match: LogToFlightMatch
    alignment: ClockAlignment


def match_flight_by_local_clock(
    summary: LogSummary, candidates: Iterable[FlightCandidate], timezone: str | None
) -> FlightsMatchedByLocalClock | None:
    """Return the flight that a log without UTC matches best, and how its clock is aligned there.

    Args:
        summary: The log.
        candidates: The flights to try.
        timezone: IANA time zone that the user declares for local clocks.

    Returns:
        ``None`` if it matches none.
    """
    trials = [
        trial
        for group in _group_flights_by_starting_log(candidates)
        for trial in _local_clock_alignment_trials(summary, group, timezone)
        if is_same_flight(trial.match, summary, trial.reference)
    ]
    if not trials:
        return None
    trials.sort(key=lambda it: (-it.match.score, it.match.distance_m or 0.0, it.reference.id))
    best = trials[0]
    others = [
        trial
        for trial in trials[1:]
        if trial.candidates is not best.candidates
        and best.match.score - trial.match.score < MIN_MARGIN
    ]
    if others:
        matches = {trial.reference.id: trial.match for trial in reversed([best, *others])}
        return FlightsMatchedByLocalClock(
            (), (), tuple(AlternativeFlight(id_, matches[id_]) for id_ in sorted(matches))
        )
    start = (summary.start or 0.0) + best.offset_s
    end = (summary.end or 0.0) + best.offset_s
    flights = [it for it in best.candidates if _candidate_overlaps_time(it, start, end)] or [
        best.candidates[0]
    ]
    windows = time_windows_of_flights_in_one_log(flights, [best.offset_s] * len(flights))
    members = tuple(
        log_part_in_flight(summary, best.alignment, best.match, window=window)
        for window in windows or [(None, None)] * len(flights)
    )
    return FlightsMatchedByLocalClock(tuple(flights), members)


def _group_flights_by_starting_log(
    candidates: Iterable[FlightCandidate],
) -> list[tuple[FlightCandidate, ...]]:
    """Return flights by the log that started them: a log is aligned with all of them at once."""
    groups: dict[int, list[FlightCandidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.summary.log_index].append(candidate)
    return [
        tuple(sorted(groups[log], key=lambda flight: flight.summary.segment_number))
        for log in sorted(groups)
    ]


def _summary_of_flights_of_one_log(candidates: tuple[FlightCandidate, ...]) -> LogSummary:
    """Return the flights of one log as one, on their own clock."""
    first = candidates[0].summary
    if len(candidates) == 1 and not candidates[0].offset_s:
        return first
    tracks = [flight.summary.track.shifted(flight.offset_s or 0.0) for flight in candidates]
    return replace(
        first,
        start=min((it.start for it in candidates if it.start is not None), default=None),
        end=max((it.end for it in candidates if it.end is not None), default=None),
        track=concatenate_tracks(tracks),
    )


def _candidate_overlaps_time(candidate: FlightCandidate, start: float, end: float) -> bool:
    if candidate.start is None or candidate.end is None:
        return False
    return start < candidate.end and end > candidate.start


def nearest_utc_offset_s(lead_s: float) -> float | None:
    """Return the time zone of a clock that is ahead of UTC by some seconds; ``None``: none."""
    timezone_s = round(lead_s / QUARTER_S) * QUARTER_S
    exists = TIMEZONES_S[0] <= timezone_s <= TIMEZONES_S[-1]
    return timezone_s if exists and abs(lead_s - timezone_s) <= _MAX_CLOCK_ERROR_S else None


def format_utc_offset(timezone_s: float) -> str:
    """Return a time zone in words, as UTC+01:00."""
    minutes = round(abs(timezone_s) / 60)
    return f"UTC{'-' if timezone_s < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def utc_offsets_of_timezone_at_local_time_s(local_s: float, timezone: str) -> tuple[float, ...]:
    """Return how far the clock of a time zone is ahead of UTC at an instant by that clock.

    Two values for a time that occurs twice, in the hour that is repeated in autumn, and for
    one that does not occur, in the hour that is left out in spring.
    """
    naive = datetime.fromtimestamp(local_s, UTC).replace(tzinfo=ZoneInfo(timezone))
    offsets = [naive.replace(fold=fold).utcoffset() for fold in (0, 1)]
    return tuple(dict.fromkeys(it.total_seconds() for it in offsets if it is not None))


def alignment_by_user_declared_timezone(
    summary: LogSummary, timezone: str
) -> ClockAlignment | None:
    """Return the alignment of a local clock by a declared time zone alone.

    Returns:
        ``None`` if the clock is no local one, or if its start occurs twice or never in that zone.
    """
    if summary.clock_kind != "wall" or summary.start is None:
        return None
    offsets_s = utc_offsets_of_timezone_at_local_time_s(summary.start, timezone)
    if len(offsets_s) != 1:
        return None
    timezone_s = offsets_s[0]
    reason = f"the user declared {timezone}: {format_utc_offset(timezone_s)}"
    return ClockAlignment(summary.clock_source, "declared", -timezone_s, None, timezone_s, reason)


def _local_clock_alignment_trials(
    summary: LogSummary, candidates: tuple[FlightCandidate, ...], timezone: str | None
) -> Iterator[_LocalClockAlignmentTrial]:
    """Yield the alignments of a log with the flights of one other log."""
    if candidates[0].offset_s is None or summary.start is None or summary.end is None:
        return
    reference = _summary_of_flights_of_one_log(candidates)
    fit = _time_shift_of_local_tracks(summary, reference)
    if fit is None:
        for offset_s, match, alignment in _timezone_match_alignment_by_start_and_end(
            summary, reference, timezone
        ):
            yield _LocalClockAlignmentTrial(candidates, reference, offset_s, match, alignment)
        return
    match = score_match(summary, reference, fit.offset_s, fit.distance_m)
    alignment = _alignment_by_track(summary, fit)
    if summary.clock_kind == "wall" and alignment.timezone_s is None:
        # A clock may be set to no existing time zone: that is less likely than a right one.
        match = replace(match, score=round(_NO_TIMEZONE_FACTOR * match.score, 3))
    yield _LocalClockAlignmentTrial(candidates, reference, fit.offset_s, match, alignment)


def _time_shift_of_local_tracks(
    summary: LogSummary, reference: LogSummary
) -> TrackTimeShift | None:
    """Time-shift a track to that of a flight: within time zones first, then anywhere."""
    track, other = summary.track, reference.track
    if len(track) < 2 or len(other) < 2:
        return None
    if summary.clock_kind == "wall":
        zones = _offset_grid_of_each_time_zone_with_overlap(summary, reference)
        fits = [align_tracks(track, other, offsets, TRIAL_FIXES) for offsets in zones]
        known = [fit for fit in fits if fit is not None]
        closest = min(known, key=lambda fit: fit.distance_m, default=None)
        if closest is not None and closest.is_informative:
            return closest
        if not logs_have_same_serial_number(summary, reference):
            return None
    first, last = other.start - track.end, other.end - track.start
    step = max(_STEP_S, (last - first) / _MAX_STEPS)
    fit = align_tracks(track, other, np.arange(first, last + step, step), TRIAL_FIXES)
    if fit is not None and fit.is_informative and fit.uncertainty_s <= _MAX_CLOCK_ERROR_S:
        return fit
    return None


def _offset_grid_of_each_time_zone_with_overlap(
    summary: LogSummary, reference: LogSummary
) -> list[Floats]:
    """Return the offsets to try in each time zone in which a log would overlap a flight."""
    bounds = summary.start, summary.end, reference.start, reference.end
    start, end, flight_start, flight_end = bounds
    if start is None or end is None or flight_start is None or flight_end is None:
        return []
    errors = np.arange(-_MAX_CLOCK_ERROR_S, _MAX_CLOCK_ERROR_S + _STEP_S, _STEP_S)
    return [
        errors - timezone_s
        for timezone_s in TIMEZONES_S.tolist()
        if start - timezone_s <= flight_end + _MAX_CLOCK_ERROR_S
        and end - timezone_s >= flight_start - _MAX_CLOCK_ERROR_S
    ]


def _alignment_by_track(summary: LogSummary, fit: TrackTimeShift) -> ClockAlignment:
    """Return the alignment of a clock by its track, with its time zone if there is one."""
    lead_s, timezone_s = -fit.offset_s, None
    if summary.clock_kind != "wall":
        reason = (
            "it counts time without a date; time-shifted to where its track matches "
            "that of the flight"
        )
    elif (timezone_s := nearest_utc_offset_s(lead_s)) is None:
        reason = f"its track matches {lead_s:.0f} s from UTC, which is not a time zone"
    else:
        error_s = lead_s - timezone_s
        how = f"{abs(error_s):.1f} s {'fast' if error_s > 0 else 'slow'}"
        zone = format_utc_offset(timezone_s)
        reason = f"its track matches that of the flight if its clock is {zone} and "
        reason += how if abs(error_s) >= 1 else "right"
    return ClockAlignment(
        summary.clock_source, "track", fit.offset_s, fit.uncertainty_s, timezone_s, reason
    )


def _timezone_match_alignment_by_start_and_end(
    summary: LogSummary, reference: LogSummary, timezone: str | None
) -> Iterator[tuple[float, LogToFlightMatch, ClockAlignment]]:
    """Yield the time zones in which a log starts and ends with a flight.

    Without a declared time zone, only a log of the same serial number is aligned so.
    """
    if summary.clock_kind != "wall" or summary.start is None:
        return
    if timezone is not None:
        zones, method = utc_offsets_of_timezone_at_local_time_s(summary.start, timezone), "declared"
        why = f"the user declared {timezone}: "
    elif logs_have_same_serial_number(summary, reference):
        zones, method = tuple(TIMEZONES_S.tolist()), "span"
        why = "it starts and ends with the flight if its clock is "
    else:
        return
    for timezone_s in zones:
        similarity = _time_span_overlap_share(summary, reference, timezone_s)
        if similarity < _MIN_SIMILARITY:
            continue
        offset_s = 0.0 - timezone_s
        reason = why + format_utc_offset(timezone_s)
        alignment = ClockAlignment(
            summary.clock_source, method, offset_s, _SPAN_UNCERTAINTY_S, timezone_s, reason
        )
        match = score_match(summary, reference, offset_s)
        # Of spans that lie within one another, the more similar pair matches better.
        score = round(match.score * similarity, 3)
        yield offset_s, replace(match, overlap=round(similarity, 3), score=score), alignment


def _time_span_overlap_share(
    summary: LogSummary, reference: LogSummary, timezone_s: float
) -> float:
    """Return the part that two spans share of the time that they cover together."""
    bounds = summary.start, summary.end, reference.start, reference.end
    start, end, other_start, other_end = bounds
    if start is None or end is None or other_start is None or other_end is None:
        return 0.0
    start, end = start - timezone_s, end - timezone_s
    shared = min(end, other_end) - max(start, other_start)
    covered = max(end, other_end) - min(start, other_start)
    return max(0.0, shared / covered) if covered > 0 else 0.0
