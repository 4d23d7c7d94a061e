"""Media to flights: files that state UTC beside a local clock align the other files of a camera.

The strongest evidence comes first: UTC in the file; a file of the same capture, or of the
same camera, that states UTC beside its local clock; the track of subtitles, time-shifted to
match that of the flight; a time zone that the user declares.  Where two alignments differ,
the one that matches the flight is used, and the other is kept for a reviewer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import parsers
from dji_audit.flights._model import AlternativeFlight, LogToFlightMatch
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.join._align_local_clocks import (
    format_utc_offset,
    match_flight_by_local_clock,
    nearest_utc_offset_s,
    utc_offsets_of_timezone_at_local_time_s,
)
from dji_audit.flights.join._camera_clock_offsets import (
    CameraClockComparisonsWithUtc,
    camera_clock_by_key,
    utc_alignments_by_files_of_same_camera,
)
from dji_audit.flights.join._flight_assembly import (
    AlternativeAlignment,
    FlightCandidate,
    LogPartInFlight,
    alignment_of_unaligned_clock,
    flight_candidate_from_log,
    log_part_in_flight,
    log_part_without_flight,
)
from dji_audit.flights.join._flight_index import FlightIndex
from dji_audit.flights.join._log_summary import LogSummary
from dji_audit.flights.join._match_score import (
    MIN_MARGIN,
    MIN_SCORE,
    is_same_flight,
    logs_have_same_serial_number,
    score_match,
)
from dji_audit.flights.join._source_priority import joining_sort_key
from dji_audit.geo.geodesy import distance_m

#: Seconds within which a clock that states no error is known.
_DEFAULT_UNCERTAINTY_S = 1.0
#: A capture may start before the log of its flight, or end after it, by this much.
_MAX_OUTSIDE_S = 60.0
#: A recording that begins within ``parsers.MAX_CLIP_PAUSE_S`` of the end of another, and no
#: farther from it than an aircraft flies in that time, goes on with its flight.
_MAX_OVERLAP_S, _REACH_M, _REACH_MPS = 1.0, 30.0, 25.0
#: One that begins as soon as this is a further file of the same recording.
_SAME_RECORDING_S = 2.0
#: Two alignments that differ by more than their errors and this do not agree.
MAX_DIFFERENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class _CandidateAlignmentOfMediaFile:
    """One way to align a media file, and the flight that it then matches."""

    alignment: ClockAlignment
    #: Of the file that shows it; ``None``: the file itself, or the user.
    log_index: int | None
    candidate: FlightCandidate | None
    match: LogToFlightMatch | None
    alternative_flights: tuple[AlternativeFlight, ...] = ()

    @property
    def as_alternative_alignment(self) -> AlternativeAlignment:
        """The same as an alignment that was not used."""
        known = self.alignment
        offset_s, uncertainty_s = known.offset_s or 0.0, known.uncertainty_s or 0.0
        return AlternativeAlignment(
            known.method, offset_s, uncertainty_s, known.reason, self.log_index
        )


def join_media_and_return_unjoined_log_parts(
    media: Sequence[LogSummary],
    index: FlightIndex,
    candidates: list[FlightCandidate],
    timezone: str | None,
) -> tuple[LogPartInFlight, ...]:
    """Join media to flights, and start flights of those that have a track and match none.

    Returns:
        The parts that are in no flight.
    """
    clocks = camera_clock_by_key(media)
    flights: dict[str, list[FlightCandidate]] = defaultdict(list)
    remaining: list[tuple[LogSummary, _CandidateAlignmentOfMediaFile | None]] = []
    for summary in media:
        alignments = list(_candidate_alignments(summary, clocks, index, timezone))
        used = next((it for it in alignments if it.candidate is not None), None)
        if used is None or used.candidate is None:
            remaining.append((summary, alignments[0] if alignments else None))
            continue
        others = _alternatives_to_used_alignment(used, alignments)
        used.candidate.add_log_segment(
            summary,
            log_part_in_flight(summary, used.alignment, used.match, alternative_alignments=others),
        )
        flights[summary.shared_capture_file_name].append(used.candidate)
    return _join_media_of_one_capture_return_unjoined(remaining, flights, candidates)


def _alternatives_to_used_alignment(
    used: _CandidateAlignmentOfMediaFile, alignments: Sequence[_CandidateAlignmentOfMediaFile]
) -> tuple[AlternativeAlignment, ...]:
    """Return the alignments that were not used: of those that agree, the strongest."""
    others: list[AlternativeAlignment] = []
    for alignment in alignments:
        other = alignment.as_alternative_alignment
        if (
            alignment is not used
            and alignment.alignment.is_aligned
            and not any(_alignments_agree(other, it) for it in others)
        ):
            others.append(other)
    return tuple(others)


def _alignments_agree(one: AlternativeAlignment, other: AlternativeAlignment) -> bool:
    """Return whether the offsets of two alignments are equal within their uncertainty."""
    difference_s = abs(one.offset_s - other.offset_s)
    return difference_s <= one.uncertainty_s + other.uncertainty_s + MAX_DIFFERENCE_S


def _candidate_alignments(
    summary: LogSummary,
    clocks: Mapping[str, CameraClockComparisonsWithUtc],
    index: FlightIndex,
    timezone: str | None,
) -> Iterable[_CandidateAlignmentOfMediaFile]:
    """Yield the ways to align a media file, the strongest first."""
    source, is_local = summary.clock_source, summary.clock_kind == "wall"
    if summary.clock_kind == "utc":
        lead_s = summary.wall_clock_lead_s
        timezone_s = None if lead_s is None else nearest_utc_offset_s(lead_s)
        alignment = ClockAlignment(source, "utc", 0.0, summary.uncertainty_s, timezone_s)
        yield _media_alignment_with_matching_flight(summary, alignment, None, index)
        return
    if is_local and summary.start is not None:
        for alignment, log_index in utc_alignments_by_files_of_same_camera(summary, clocks):
            yield _media_alignment_with_matching_flight(summary, alignment, log_index, index)
    if len(summary.track) > 1:
        aligned = match_flight_by_local_clock(summary, index.candidates_near_track(summary), None)
        if aligned is not None and aligned.alternative_flights:
            reason = "its track matches more than one flight equally well"
            others = aligned.alternative_flights
            yield _CandidateAlignmentOfMediaFile(
                alignment_of_unaligned_clock(summary, reason), None, None, others[0].match, others
            )
        elif aligned is not None:
            member = aligned.members[0]
            yield _CandidateAlignmentOfMediaFile(
                member.alignment, None, aligned.candidates[0], member.match
            )
    if is_local and timezone is not None and summary.start is not None:
        yield _media_alignment_by_user_declared_timezone(summary, summary.start, timezone, index)


def _media_alignment_by_user_declared_timezone(
    summary: LogSummary, start: float, timezone: str, index: FlightIndex
) -> _CandidateAlignmentOfMediaFile:
    """Return the alignment by a declared time zone.

    A local time that occurs twice, when clocks are put back, is tried as both.
    """
    found: list[_CandidateAlignmentOfMediaFile] = []
    for timezone_s in utc_offsets_of_timezone_at_local_time_s(start, timezone):
        reason = f"the user declared {timezone}: {format_utc_offset(timezone_s)}"
        alignment = ClockAlignment(
            summary.clock_source, "declared", -timezone_s, None, timezone_s, reason
        )
        found.append(_media_alignment_with_matching_flight(summary, alignment, None, index))
    matched = [(it.match.score, it) for it in found if it.match is not None]
    matched.sort(key=lambda pair: -pair[0])
    if len(matched) < 2 or matched[0][0] - matched[1][0] >= MIN_MARGIN:
        return matched[0][1] if matched else found[0]
    reason = f"by the clocks of {timezone} its time occurs twice, and both match a flight"
    others: dict[str, AlternativeFlight] = {}
    for it in found:
        if it.candidate is not None and it.match is not None:
            flight_id = it.candidate.summary.id
            others[flight_id] = AlternativeFlight(flight_id, it.match)
        others |= {other.flight_id: other for other in it.alternative_flights}
    return _CandidateAlignmentOfMediaFile(
        alignment_of_unaligned_clock(summary, reason),
        None,
        None,
        matched[0][1].match,
        tuple(others.values()),
    )


def _media_alignment_with_matching_flight(
    summary: LogSummary, alignment: ClockAlignment, log_index: int | None, index: FlightIndex
) -> _CandidateAlignmentOfMediaFile:
    """Return a way to align a media file with the flight that it then matches, if any."""
    offset_s, uncertainty_s = alignment.offset_s or 0.0, alignment.uncertainty_s
    if uncertainty_s is None:
        uncertainty_s = _DEFAULT_UNCERTAINTY_S
    matches: list[tuple[LogToFlightMatch, FlightCandidate]] = []
    for candidate in index.candidates_near_in_time_and_place(summary, offset_s):
        if _is_during_flight(summary, candidate, offset_s):
            relative_s = offset_s - (candidate.offset_s or 0.0)
            match = score_match(summary, candidate.summary, relative_s, uncertainty_s=uncertainty_s)
            if _belongs_to_flight(summary, candidate, match):
                matches.append((match, candidate))
    if not matches:
        return _CandidateAlignmentOfMediaFile(alignment, log_index, None, None)
    matches.sort(key=lambda pair: (-pair[0].score, pair[1].summary.id))
    best, flight = matches[0]
    others = tuple(
        AlternativeFlight(candidate.summary.id, match)
        for match, candidate in matches[1:]
        if best.score - match.score < MIN_MARGIN
    )
    return _CandidateAlignmentOfMediaFile(
        alignment, log_index, None if others else flight, best, others
    )


def _is_during_flight(summary: LogSummary, candidate: FlightCandidate, offset_s: float) -> bool:
    """Return whether a capture lies in the time of a flight, or a minute around it."""
    bounds = summary.start, summary.end, candidate.start, candidate.end
    start, end, flight_start, flight_end = bounds
    if start is None or end is None or flight_start is None or flight_end is None:
        return False
    return (
        start + offset_s <= flight_end + _MAX_OUTSIDE_S
        and end + offset_s >= flight_start - _MAX_OUTSIDE_S
    )


def _belongs_to_flight(
    summary: LogSummary, candidate: FlightCandidate, match: LogToFlightMatch
) -> bool:
    """Return whether a media file belongs to a flight that it was made during.

    A file that states neither its position nor its aircraft belongs to the flight of its
    time, if there was only one.
    """
    if (
        match.distance_m is None
        and logs_have_same_serial_number(summary, candidate.summary) is None
    ):
        return match.score >= MIN_SCORE
    return is_same_flight(match, summary, candidate.summary)


def _join_media_of_one_capture_return_unjoined(
    remaining: Sequence[tuple[LogSummary, _CandidateAlignmentOfMediaFile | None]],
    flights: dict[str, list[FlightCandidate]],
    candidates: list[FlightCandidate],
) -> tuple[LogPartInFlight, ...]:
    """Keep the files of one capture together, and start flights of those with a track.

    A file that states neither time nor position follows the others of its capture.  Cameras give
    names anew: files of one name that were made at different times are different captures.
    """
    unjoined: list[LogPartInFlight] = []
    latest: dict[tuple[object, ...], tuple[LogSummary, FlightCandidate]] = {}
    for summary, found in sorted(remaining, key=lambda pair: _recording_sort_key(pair[0])):
        same_capture = flights[summary.shared_capture_file_name]
        possible = [it for it in same_capture if _media_file_may_be_of_flight(summary, found, it)]
        flight = possible[0] if len(possible) == 1 else None
        is_aligned = found is not None and found.alignment.is_aligned
        if flight is not None and found is None:
            reason = "another file of the same capture gives the time"
            flight.add_log_segment(
                summary, log_part_in_flight(summary, alignment_of_unaligned_clock(summary, reason))
            )
        elif flight is not None and found and flight.summary.is_media and is_aligned:
            flight.add_log_segment(
                summary, log_part_in_flight(summary, found.alignment, found.match)
            )
        elif summary.not_flown_because:
            unjoined.append(log_part_without_flight(summary))
        elif len(summary.track) > 1:
            key = (summary.folder, summary.clock_kind)
            previous, continued = latest.get(key, (None, None))
            if (
                previous is not None
                and continued
                and _is_continuation_of_recording(summary, previous)
            ):
                reason = f"it goes on where {previous.name} ends"
                alignment = found.alignment if found and is_aligned else None
                member = log_part_in_flight(
                    summary, alignment or alignment_of_unaligned_clock(summary, reason)
                )
                if (summary.start or 0.0) - (previous.end or 0.0) <= _SAME_RECORDING_S:
                    before = previous.log_index, previous.segment_number
                    member = replace(member, next_file_of=before)
                continued.add_log_segment(summary, member)
                same_capture.append(continued)
                latest[key] = (summary, continued)
                continue
            candidate = flight_candidate_from_log(summary)
            latest[key] = (summary, candidate)
            if found is not None and is_aligned:
                candidate.offset_s = found.alignment.offset_s
                candidate.members[0] = replace(candidate.members[0], alignment=found.alignment)
            if found is not None and found.alternative_flights:
                others = found.alternative_flights
                candidate.members[0] = replace(candidate.members[0], alternative_flights=others)
            candidates.append(candidate)
            same_capture.append(candidate)
        else:
            unjoined.append(_unjoined_media_log_part(summary, found))
    return tuple(unjoined)


def _media_file_may_be_of_flight(
    summary: LogSummary, found: _CandidateAlignmentOfMediaFile | None, flight: FlightCandidate
) -> bool:
    """Return whether a file may be of the capture of its name in a flight, by their times."""
    offset_s = found.alignment.offset_s if found is not None else None
    if offset_s is not None and flight.start is not None and summary.start is not None:
        return _is_during_flight(summary, flight, offset_s)
    for other in flight.summaries:
        bounds = summary.start, summary.end, other.start, other.end
        start, end, other_start, other_end = bounds
        if (
            other.shared_capture_file_name != summary.shared_capture_file_name
            or other.clock_kind != summary.clock_kind
            or summary.clock_kind not in ("utc", "wall")
            or start is None
            or end is None
            or other_start is None
            or other_end is None
        ):
            continue
        if max(start - other_end, other_start - end) > _MAX_OUTSIDE_S:
            return False
    return True


def _recording_sort_key(summary: LogSummary) -> tuple[object, ...]:
    """Return the sort key of recordings: those with a track first, each after the one before."""
    start = float("inf") if summary.start is None else summary.start
    return (len(summary.track) < 2, start, joining_sort_key(summary))


def _is_continuation_of_recording(summary: LogSummary, previous: LogSummary) -> bool:
    """Return whether a recording goes on where another ends: soon after it, and within reach."""
    if summary.start is None or previous.end is None:
        return False
    if (
        logs_have_same_serial_number(summary, previous) is False
        or summary.camera_serial != previous.camera_serial
    ):
        return False
    pause_s = summary.start - previous.end
    if not -_MAX_OVERLAP_S <= pause_s <= parsers.MAX_CLIP_PAUSE_S:
        return False
    last, first = previous.track, summary.track
    end = float(last.latitude_deg[-1]), float(last.longitude_deg[-1])
    begin = float(first.latitude_deg[0]), float(first.longitude_deg[0])
    return distance_m(end, begin) <= _REACH_M + _REACH_MPS * max(pause_s, 0.0)


def _unjoined_media_log_part(
    summary: LogSummary, found: _CandidateAlignmentOfMediaFile | None
) -> LogPartInFlight:
    """Return a media file that is in no flight, with the reason."""
    if found is None:
        is_local = summary.clock_kind == "wall"
        reason = "the time zone of its clock is not known" if is_local else "it states no time"
        return log_part_in_flight(summary, alignment_of_unaligned_clock(summary, reason))
    others = found.alternative_flights
    reason = "it matches more than one flight equally well" if others else "it matches no flight"
    if found.alignment.reason:
        reason = f"{found.alignment.reason}; {reason}"
    alignment = replace(found.alignment, reason=reason)
    return log_part_in_flight(summary, alignment, found.match, others)
