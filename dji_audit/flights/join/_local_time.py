"""Local wall clocks and counts without a date, placed in time by the flights they fit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from dji_audit.flights._model import AlternativeFlight, LogMatch
from dji_audit.flights.clock._clock_alignment import ClockAlignment
from dji_audit.flights.clock._track_alignment import (
    TRIAL_FIXES,
    Floats,
    TrackFit,
    align_tracks,
    concatenate_tracks,
)
from dji_audit.flights.join._assembly import FlightCandidate, FlightMember, time_windows
from dji_audit.flights.join._log_summary import LogSummary
from dji_audit.flights.join._match_score import MIN_MARGIN, is_same_flight, same_serial, score_match

#: Zones are whole quarters of an hour, from 12 h behind UTC to 14 h ahead.
QUARTER_S = 900.0
TIMEZONES_S = np.arange(-12 * 3600, 14 * 3600 + QUARTER_S, QUARTER_S)
#: How far a camera's or tablet's clock may be off, its zone apart.
_MAX_CLOCK_ERROR_S = 120.0
_STEP_S = 2.0
#: Steps tried where nothing says when within a flight a recording was.
_MAX_STEPS = 4000
#: What two spans must share, as a part of what they cover together, and how well that places.
_MIN_SIMILARITY, _SPAN_UNCERTAINTY_S = 0.75, 5.0
#: What a fit is worth that makes a wall clock one of no zone.
_NO_TIMEZONE_FACTOR = 0.75


@dataclass(frozen=True, slots=True)
class LocalTimeAlignment:
    """A log that found its flight, or the flights of one log that it spans.

    One that fits several alike has none, and these as alternatives.
    """

    candidates: tuple[FlightCandidate, ...]
    members: tuple[FlightMember, ...]
    alternative_flights: tuple[AlternativeFlight, ...] = ()


@dataclass(frozen=True, slots=True)
class _AlignmentTrial:
    candidates: tuple[FlightCandidate, ...]
    reference: LogSummary
    offset_s: float
    match: LogMatch
    alignment: ClockAlignment


def align_local_time(
    summary: LogSummary, candidates: list[FlightCandidate], timezone: str | None
) -> LocalTimeAlignment | None:
    """Return the flight that a log without UTC fits best, and how its clock is placed there.

    Args:
        summary: The log.
        candidates: The flights to try.
        zone: IANA zone that the user declares for wall clocks.

    Returns:
        ``None`` if it fits none.
    """
    found = [
        one for group in _group_by_log(candidates) for one in _trials(summary, group, timezone)
    ]
    found = [one for one in found if is_same_flight(one.match, summary, one.reference)]
    if not found:
        return None
    found.sort(key=lambda one: (-one.match.score, one.match.distance_m or 0.0, one.reference.id))
    best = found[0]
    others = [
        one
        for one in found[1:]
        if one.candidates is not best.candidates and best.match.score - one.match.score < MIN_MARGIN
    ]
    if others:
        alike = {one.reference.id: one.match for one in reversed([best, *others])}
        return LocalTimeAlignment(
            (), (), tuple(AlternativeFlight(id_, alike[id_]) for id_ in sorted(alike))
        )
    start = (summary.start or 0.0) + best.offset_s
    end = (summary.end or 0.0) + best.offset_s
    told = [candidate for candidate in best.candidates if _overlaps(candidate, start, end)] or list(
        best.candidates[:1]
    )
    edges = time_windows(told, [best.offset_s] * len(told)) or [(None, None)] * len(told)
    members = tuple(
        FlightMember(
            summary.log_index,
            summary.segment_number,
            summary.id,
            best.alignment,
            best.match,
            window=window,
        )
        for window in edges
    )
    return LocalTimeAlignment(tuple(told), members)


def _group_by_log(candidates: Iterable[FlightCandidate]) -> list[tuple[FlightCandidate, ...]]:
    """Return flights by the log that began them: one that spans several is laid on all at once."""
    groups: dict[int, list[FlightCandidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.summary.log_index].append(candidate)
    return [
        tuple(sorted(groups[log], key=lambda candidate: candidate.summary.segment_number))
        for log in sorted(groups)
    ]


def _combined_summary(candidates: tuple[FlightCandidate, ...]) -> LogSummary:
    """Return the flights of one log as one, on their own clock."""
    first = candidates[0].summary
    if len(candidates) == 1 and not candidates[0].offset_s:
        return first
    starts = [candidate.start for candidate in candidates if candidate.start is not None]
    ends = [candidate.end for candidate in candidates if candidate.end is not None]
    return replace(
        first,
        start=min(starts, default=None),
        end=max(ends, default=None),
        track=concatenate_tracks(
            [candidate.summary.track.shifted(candidate.offset_s or 0.0) for candidate in candidates]
        ),
    )


def _overlaps(candidate: FlightCandidate, start: float, end: float) -> bool:
    if candidate.start is None or candidate.end is None:
        return False
    return start < candidate.end and end > candidate.start


def nearest_timezone_s(ahead_s: float) -> float | None:
    """Return the zone of a clock so many seconds ahead of UTC; ``None``: none has that."""
    zone = round(ahead_s / QUARTER_S) * QUARTER_S
    inside = TIMEZONES_S[0] <= zone <= TIMEZONES_S[-1]
    return zone if inside and abs(ahead_s - zone) <= _MAX_CLOCK_ERROR_S else None


def format_utc_offset(zone_s: float) -> str:
    """Return a zone in words, as UTC+01:00."""
    minutes = round(abs(zone_s) / 60)
    return f"UTC{'-' if zone_s < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def declared_timezone_s(wall: float, timezone: str) -> float:
    """Return how far the clock of a zone is ahead of UTC at an instant by that clock."""
    naive = datetime.fromtimestamp(wall, UTC).replace(tzinfo=None)
    offset = naive.replace(tzinfo=ZoneInfo(timezone)).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _trials(
    summary: LogSummary, candidates: tuple[FlightCandidate, ...], zone: str | None
) -> list[_AlignmentTrial]:
    if candidates[0].offset_s is None or summary.start is None or summary.end is None:
        return []
    whole = _combined_summary(candidates)
    fit = _fit_track(summary, whole)
    if fit is None:
        return [
            _AlignmentTrial(candidates, whole, offset, found, alignment)
            for offset, found, alignment in _align_span(summary, whole, zone)
        ]
    found = score_match(summary, whole, fit.offset_s, fit.distance_m)
    alignment = _alignment_by_track(summary, fit)
    if summary.clock_kind == "wall" and alignment.timezone_s is None:
        # A clock set to no zone there is may be: it is less likely than one that is right.
        found = replace(found, score=round(_NO_TIMEZONE_FACTOR * found.score, 3))
    return [_AlignmentTrial(candidates, whole, fit.offset_s, found, alignment)]


def _fit_track(summary: LogSummary, whole: LogSummary) -> TrackFit | None:
    """Lay a path on that of a flight: at the zones first, and anywhere if none of them fits."""
    one, other = summary.track, whole.track
    if len(one) < 2 or len(other) < 2:
        return None
    fit = None
    if summary.clock_kind == "wall":
        fit = _closest_fit(
            align_tracks(one, other, offsets, TRIAL_FIXES)
            for offsets in _timezone_offsets(summary, whole)
        )
        if fit is not None and fit.is_informative:
            return fit
        if not same_serial(summary, whole):
            return None
    first, last = other.start - one.end, other.end - one.start
    step = max(_STEP_S, (last - first) / _MAX_STEPS)
    anywhere = align_tracks(one, other, np.arange(first, last + step, step), TRIAL_FIXES)
    if (
        anywhere is not None
        and anywhere.is_informative
        and anywhere.uncertainty_s <= _MAX_CLOCK_ERROR_S
    ):
        return anywhere
    return None


def _timezone_offsets(summary: LogSummary, whole: LogSummary) -> list[Floats]:
    """Return for each zone in which a log would meet a flight the offsets to try."""
    if summary.start is None or summary.end is None or whole.start is None or whole.end is None:
        return []
    fine = np.arange(-_MAX_CLOCK_ERROR_S, _MAX_CLOCK_ERROR_S + _STEP_S, _STEP_S)
    return [
        fine - zone
        for zone in TIMEZONES_S.tolist()
        if summary.start - zone <= whole.end + _MAX_CLOCK_ERROR_S
        and summary.end - zone >= whole.start - _MAX_CLOCK_ERROR_S
    ]


def _closest_fit(found: Iterable[TrackFit | None]) -> TrackFit | None:
    known = [fit for fit in found if fit is not None]
    return min(known, key=lambda fit: fit.distance_m) if known else None


def _alignment_by_track(summary: LogSummary, fit: TrackFit) -> ClockAlignment:
    """Return how a clock is placed by its path, and the zone if it is one."""
    if summary.clock_kind != "wall":
        why = "it counts time without a date; time-shifted to where its track matches that of the flight"
        return ClockAlignment(
            summary.clock_source, "track", fit.offset_s, fit.uncertainty_s, None, why
        )
    zone = nearest_timezone_s(-fit.offset_s)
    if zone is None:
        why = f"its track matches {-fit.offset_s:.0f} s from UTC, which is not a time zone"
        return ClockAlignment(
            summary.clock_source, "track", fit.offset_s, fit.uncertainty_s, None, why
        )
    off = -fit.offset_s - zone
    how = f"{abs(off):.1f} s {'fast' if off > 0 else 'slow'}" if abs(off) >= 1 else "right"
    why = f"its track matches that of the flight if its clock is {format_utc_offset(zone)} and {how}"
    return ClockAlignment(summary.clock_source, "track", fit.offset_s, fit.uncertainty_s, zone, why)


def _align_span(
    summary: LogSummary, whole: LogSummary, zone: str | None
) -> Iterator[tuple[float, LogMatch, ClockAlignment]]:
    """Lay beginning and end on those of a flight, at each zone; only a serial number makes it."""
    if summary.clock_kind != "wall" or summary.start is None:
        return
    if zone is None and not same_serial(summary, whole):
        return
    zones = TIMEZONES_S.tolist()
    if zone is not None:
        zones = [declared_timezone_s(summary.start, zone)]
    for ahead in zones:
        alike = _span_similarity(summary, whole, ahead)
        if alike < _MIN_SIMILARITY:
            continue
        method = "span" if zone is None else "declared"
        why = f"it starts and ends with the flight if its clock is {format_utc_offset(ahead)}"
        if zone is not None:
            why = f"the user declared {zone}: {format_utc_offset(ahead)}"
        alignment = ClockAlignment(
            summary.clock_source, method, 0.0 - ahead, _SPAN_UNCERTAINTY_S, ahead, why
        )
        found = score_match(summary, whole, -ahead)
        # Of spans that both lie within one another, that which is more the same fits better.
        found = replace(found, overlap=round(alike, 3), score=round(found.score * alike, 3))
        yield 0.0 - ahead, found, alignment


def _span_similarity(summary: LogSummary, whole: LogSummary, ahead_s: float) -> float:
    """Return what two spans share, as a part of what they cover together."""
    if summary.start is None or summary.end is None or whole.start is None or whole.end is None:
        return 0.0
    start, end = summary.start - ahead_s, summary.end - ahead_s
    shared = min(end, whole.end) - max(start, whole.start)
    covered = max(end, whole.end) - min(start, whole.start)
    return max(0.0, shared / covered) if covered > 0 else 0.0
