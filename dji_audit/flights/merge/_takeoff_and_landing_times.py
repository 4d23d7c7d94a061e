"""The time in the air of a flight: take-off and landing, from the first logs that show them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dji_audit.flights._columns_with_values import NAT_NS
from dji_audit.flights._split_logs import row_times_ns
from dji_audit.flights.merge._aligned_segments import AlignedSegment

Instant = pd.Timestamp | None


@dataclass(frozen=True, slots=True)
class TakeoffAndLandingTimes:
    """When a flight was in the air; ``None``: its logs do not show it."""

    #: UTC, on the flight's clock.
    takeoff: Instant
    landing: Instant
    #: What the logs show of the time in the air, seconds.
    duration_s: float | None
    begins_in_air: bool | None
    ends_in_air: bool | None
    #: Without UTC, by the clock of the log, without a zone.
    local_start: Instant = None
    local_takeoff: Instant = None
    local_landing: Instant = None


def find_takeoff_and_landing_times(segments: Sequence[AlignedSegment]) -> TakeoffAndLandingTimes:
    """Return when a flight was in the air, by its logs in order of precedence.

    Recordings, and what other devices received, count only where a flight has nothing else: they
    may begin and end anywhere.
    """
    own = [aligned for aligned in segments if not aligned.is_from_receiver] or list(segments)
    records = [aligned for aligned in own if not aligned.is_media] or list(segments)
    aligned = [one for one in records if one.alignment.is_aligned]
    if aligned:
        return _aligned_takeoff_and_landing_times(aligned)
    return _takeoff_and_landing_by_first_log_clock(records)


def _aligned_takeoff_and_landing_times(
    segments: Sequence[AlignedSegment],
) -> TakeoffAndLandingTimes:
    takeoff = next(
        (at for one in segments if (at := _aligned_instant(one, one.segment.takeoff_ns))), None
    )
    landing = next(
        (at for one in segments if (at := _aligned_instant(one, one.segment.landing_ns))), None
    )
    if takeoff is not None and landing is not None and landing < takeoff:
        landing = None
    spans = [(one, one.segment.airborne) for one in segments if one.segment.airborne is not None]
    since, until = takeoff, landing
    if spans:
        since = since or min(
            at for one, span in spans if (at := _aligned_instant(one, span.start_ns))
        )
        until = until or max(
            at for one, span in spans if (at := _aligned_instant(one, span.end_ns))
        )
    return TakeoffAndLandingTimes(
        takeoff,
        landing,
        (until - since).total_seconds() if since and until else None,
        takeoff is None if spans else None,
        landing is None if spans else None,
    )


def _takeoff_and_landing_by_first_log_clock(
    segments: Sequence[AlignedSegment],
) -> TakeoffAndLandingTimes:
    """Return the time in the air by the clock of the first log, which the others may share."""
    first = segments[0].segment
    known = [one.segment.airborne for one in segments if one.segment.clock_kind == first.clock_kind]
    spans = [span for span in known if span is not None]
    local_start = None
    if first.clock_kind == "wall":
        times = row_times_ns(first.log, "wall", "track")[first.rows_of_segment_mask("track")]
        times = times[times != NAT_NS]
        local_start = pd.Timestamp(int(times.min())) if len(times) else None
    if not spans:
        return TakeoffAndLandingTimes(None, None, None, None, None, local_start)
    # Logs whose clocks have nothing in common but their kind are not joined without alignment.
    spans.sort(key=lambda span: span.start_ns)
    start, end = spans[0], max(spans, key=lambda span: span.end_ns)
    is_wall = first.clock_kind == "wall"
    return TakeoffAndLandingTimes(
        None,
        None,
        (end.end_ns - start.start_ns) / 1e9,
        not start.takeoff_recorded,
        not end.landing_recorded,
        local_start,
        pd.Timestamp(start.start_ns) if is_wall and start.takeoff_recorded else None,
        pd.Timestamp(end.end_ns) if is_wall and end.landing_recorded else None,
    )


def _aligned_instant(aligned: AlignedSegment, own_ns: int | None) -> Instant:
    """Return an instant of a log's own clock on that of the flight."""
    if own_ns is None:
        return None
    return aligned.alignment.aligned_instant(pd.Timestamp(own_ns, tz="UTC"))
