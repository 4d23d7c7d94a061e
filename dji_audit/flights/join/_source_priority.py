"""Precedence of logs: in joining, for the track of a flight, and for its clock."""

from collections.abc import Sequence

from dji_audit.flights.join._log_summary import LogSummary

#: Fewer fixes are no track.
_MIN_TRACK_FIXES = 2
#: A log that covers less than this part of the longest does not give the track.
_MIN_COVERAGE = 0.8
#: Durations are compared in steps of this many seconds.
_DURATION_STEP_S = 10.0


def joining_sort_key(summary: LogSummary) -> tuple[object, ...]:
    """Return the sort key of logs for joining: those that record most come first.

    A log that shows the take-off bounds its flight; one without it may span several.
    """
    return (
        summary.is_media,
        summary.is_from_receiver,
        bool(summary.not_flown_because),
        summary.clock_kind != "utc",
        summary.is_export,
        not summary.shows_takeoff,
        len(summary.track) < _MIN_TRACK_FIXES,
        -summary.column_count,
        -summary.fix_count,
        summary.name,
        summary.segment_number,
        summary.id,
        summary.log_index,
    )


def log_indices_by_source_priority(
    summaries: Sequence[LogSummary], spanning: frozenset[int]
) -> list[int]:
    """Return the order of the logs of a flight; the first gives its track.

    It is the aircraft's own unless there is none; it covers nearly all of the flight; a record
    comes before an export and before media; then the log with most columns.

    Args:
        summaries: Of the logs.
        spanning: Indices of those that span several flights and bound none.
    """
    own = [row for row, summary in enumerate(summaries) if not summary.is_from_receiver]
    bounded = (summaries[row] for row in own or range(len(summaries)) if row not in spanning)
    longest = max(map(_track_duration_s, bounded), default=0.0)

    def priority_key(row: int) -> tuple[object, ...]:
        summary = summaries[row]
        duration_s = _track_duration_s(summary)
        return (
            len(summary.track) < _MIN_TRACK_FIXES,
            summary.is_from_receiver,
            row in spanning,
            duration_s < _MIN_COVERAGE * longest,
            summary.is_media,
            summary.is_export,
            -round(duration_s / _DURATION_STEP_S),
            -summary.column_count,
            -summary.fix_count,
            summary.name,
            summary.segment_number,
            summary.log_index,
        )

    return sorted(range(len(summaries)), key=priority_key)


def clock_quality_sort_key(summary: LogSummary) -> tuple[object, ...]:
    """Return the sort key of logs that state UTC, to choose the reference clock of a flight.

    Clocks set by satellite come first, then clocks of which the error is known.
    """
    return (
        summary.is_from_receiver,
        not summary.by_satellite,
        summary.uncertainty_s is None,
        len(summary.track) < _MIN_TRACK_FIXES,
    )


def _track_duration_s(summary: LogSummary) -> float:
    return summary.track.end - summary.track.start if len(summary.track) else 0.0
