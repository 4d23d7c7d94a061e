"""Which log comes first: the order in which logs are joined, and which gives the track."""

from collections.abc import Sequence

from dji_audit.flights.join._log_summary import LogSummary

#: Fixes of fewer are no path.
_MIN_TRACK_FIXES = 2
#: A log that tells less of the flight than this part of the longest is not first.
_MIN_COVERAGE = 0.8
#: Coverage alike within so many seconds is the same.
_DURATION_STEP_S = 10.0


def join_order(summary: LogSummary) -> tuple[object, ...]:
    """Return what logs are sorted by to be joined: those that tell most stand first.

    A log that shows the take-off bounds its flight; one without may span several.
    """
    return (
        summary.is_media,
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


def primary_source_order(summaries: Sequence[LogSummary], spanning: frozenset[int]) -> list[int]:
    """Return the order of the logs of a flight; the first gives its track.

    It is one that tells nearly all of the path; a record before what was made from
    one, and before media; then the one with most columns.

    Args:
        summaries: Of the logs.
        spanning: Places of those that span several flights, which bound none.
    """
    whole = (summary for place, summary in enumerate(summaries) if place not in spanning)
    longest = max(map(_track_duration_s, whole), default=0.0)

    def key(place: int) -> tuple[object, ...]:
        summary = summaries[place]
        told = _track_duration_s(summary)
        return (
            len(summary.track) < _MIN_TRACK_FIXES,
            place in spanning,
            told < _MIN_COVERAGE * longest,
            summary.is_media,
            summary.is_export,
            -round(told / _DURATION_STEP_S),
            -summary.column_count,
            -summary.fix_count,
            summary.name,
            summary.segment_number,
            summary.log_index,
        )

    return sorted(range(len(summaries)), key=key)


def clock_quality(summary: LogSummary) -> tuple[object, ...]:
    """Return what logs that say UTC are sorted by to choose the clock of a flight.

    Satellite positioning gives UTC; then come clocks of which the error is known.
    """
    return (
        not summary.by_satellite,
        summary.uncertainty_s is None,
        len(summary.track) < _MIN_TRACK_FIXES,
    )


def _track_duration_s(summary: LogSummary) -> float:
    return summary.track.end - summary.track.start if len(summary.track) else 0.0
