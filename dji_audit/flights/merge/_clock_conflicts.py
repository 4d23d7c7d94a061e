"""Conflicts of clocks: a clock that states UTC and is off, or two alignments of one clock."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from dji_audit.flights._columns_with_values import NAT_NS
from dji_audit.flights._model import ValueInLog
from dji_audit.flights._split_logs import row_times_ns
from dji_audit.flights.join._flight_assembly import AlternativeAlignment
from dji_audit.flights.merge._aligned_segments import AlignedSegment
from dji_audit.flights.merge._conflict_groups import ConflictOfTwoLogs
from dji_audit.flights.merge._conflict_sentences import TWO_ALIGNMENTS, UTC_CLOCK_OFF

#: Tolerance of a clock beyond the errors that are stated.
_CLOCK_TOLERANCE_S = 2.0


def clock_conflicts(segments: Sequence[AlignedSegment]) -> Iterator[ConflictOfTwoLogs]:
    """Yield the conflicts between the clocks of a flight's logs."""
    methods = [segment.alignment.method for segment in segments]
    reference = methods.index("reference") if "reference" in methods else 0
    for index, segment in enumerate(segments):
        if segment.is_copy or segment.alignment.offset_s is None:
            continue
        for alternative in segment.member.alternative_alignments:
            yield from _conflict_with_alternative_alignment(segments, index, alternative)
        if segment.segment.clock_kind != "utc" or segment.alignment.method != "track":
            continue
        lead_s = _largest_lead_over_flight_clock_s(segment)
        stated_s = segment.log.clock.uncertainty_s or 0.0
        tolerance_s = stated_s + segment.uncertainty_s + _CLOCK_TOLERANCE_S
        if index != reference and abs(lead_s) > tolerance_s:
            side = "ahead of" if lead_s > 0 else "behind"
            yield ConflictOfTwoLogs(
                "time", side, UTC_CLOCK_OFF,
                _first_clock_reading(segments, reference), _first_clock_reading(segments, index),
                abs(lead_s), tolerance_s, {"side": side},
            )  # fmt: skip


def _conflict_with_alternative_alignment(
    segments: Sequence[AlignedSegment], index: int, alternative: AlternativeAlignment
) -> Iterator[ConflictOfTwoLogs]:
    """Yield the conflict of another alignment with the one that was used, if they differ."""
    segment = segments[index]
    difference_s = abs(alternative.offset_s - (segment.alignment.offset_s or 0.0))
    tolerance_s = alternative.uncertainty_s + segment.uncertainty_s + _CLOCK_TOLERANCE_S
    if difference_s <= tolerance_s:
        return
    logs = [segment.member.log_index for segment in segments]
    shown_by = logs.index(alternative.log_index) if alternative.log_index in logs else index
    yield ConflictOfTwoLogs(
        "time", f"{segment.alignment.method} {alternative.method}", TWO_ALIGNMENTS,
        _first_clock_reading(segments, shown_by), _first_clock_reading(segments, index),
        difference_s, tolerance_s,
        {"reason": segment.alignment.reason, "alternative": alternative.reason},
    )  # fmt: skip


def _first_clock_reading(segments: Sequence[AlignedSegment], index: int) -> ValueInLog:
    """Return the first instant by a log's own clock, and where it stands."""
    segment = segments[index]
    table, column = ("track", "time") if len(segment.track) else ("captures", "start")
    rows, clock = segment.aligned_rows(table), segment.alignment.source or ""
    if not len(rows):
        return ValueInLog(index, None, segment.log.track_record, column, clock)
    part = segment.segment
    own_ns = int(
        row_times_ns(segment.log, part.clock_kind, table)[part.rows_of_segment_mask(table)][0]
    )
    value = clock if own_ns == NAT_NS else f"{pd.Timestamp(own_ns):%Y-%m-%d %H:%M:%S.%f}"[:-3]
    record = segment.log.track_record if table == "track" else "capture"
    return ValueInLog(index, int(rows["source_offset"].iloc[0]), record, column, value)


def _largest_lead_over_flight_clock_s(segment: AlignedSegment) -> float:
    """Return by how much a clock that states UTC is ahead of the flight's, at most."""
    part = segment.segment
    own_ns = row_times_ns(segment.log, part.clock_kind, "track")[part.rows_of_segment_mask("track")]
    own_ns = own_ns[own_ns != NAT_NS]
    if not len(own_ns) or not segment.alignment.has_drift:
        return 0.0 - (segment.alignment.offset_s or 0.0)
    ends_ns = np.array([own_ns.min(), own_ns.max()])
    lead_s = (ends_ns - segment.alignment.aligned_ns(ends_ns)) / 1e9
    return float(lead_s[np.argmax(abs(lead_s))])
