"""The positions of each log in the air have no gap.

A row without a position is not a fix: where a log continues without a position, the finding says
so.  A gap may have a harmless reason: the app was in the background, the link was weak, a card was
slow.  A logger that pauses while the motors are off leaves no gap.  The finding also says if bytes
between the two fixes could not be decoded.  A log does not show what happened in its gap.
"""

import numpy as np

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.time_columns_to_unix_numbers import unix_ns_of_times
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, parameter_field, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    MIN_FIXES,
    AirborneLogTrack,
    FixIndices,
    airborne_positions_data_need,
    airborne_track_of_each_log,
)
from dji_audit.compliance.rules._shared._example_flights import (
    HALF_MINUTE,
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import position_relative_to_takeoff_text
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight, events_by_kind


class TrackGapParameters(Parameters):
    """Parameters of the rule."""

    gap_s: float = positive_parameter_field(5.0, "Seconds without a fix that make a gap.")
    intervals: float = parameter_field(
        10.0, "A gap is also at least this many usual intervals of the log.", ge=1
    )


def check(flight: Flight, parameters: TrackGapParameters, inputs: RuleInputs) -> CheckResult:
    """List each gap of each log."""
    tracks = [
        track
        for track in airborne_track_of_each_log(flight)
        if len(_rows_with_position(track)) >= MIN_FIXES
    ]
    findings = [each for track in tracks for each in _track_gap_findings(track, parameters, inputs)]
    # Of a slow log a longer gap counts only: the reason must not deny the shorter ones.
    least_s = max(
        (_least_gap_to_report_s(track, parameters) for track in tracks), default=parameters.gap_s
    )
    return CheckResult.from_findings(
        findings,
        f"No gap of {least_s:.3g} s or more in {pluralised_count(len(tracks), 'log')}.",
        f"{pluralised_count(len(findings), 'gap')} between fixes.",
    )


def _rows_with_position(track: AirborneLogTrack) -> FixIndices:
    """Return the rows of a track that have a position."""
    known = np.isfinite(track.column_values("latitude_deg")) & np.isfinite(
        track.column_values("longitude_deg")
    )
    return np.flatnonzero(known)


def _least_gap_to_report_s(track: AirborneLogTrack, parameters: TrackGapParameters) -> float:
    """Return the seconds from which a step between two fixes of a track is a gap."""
    steps = np.diff(track.seconds[_rows_with_position(track)])
    return max(parameters.gap_s, parameters.intervals * float(np.median(steps)))


def _track_gap_findings(
    track: AirborneLogTrack, parameters: TrackGapParameters, inputs: RuleInputs
) -> list[Finding]:
    rows = _rows_with_position(track)
    steps = np.diff(track.seconds[rows])
    usual_s = float(np.median(steps))
    least = _least_gap_to_report_s(track, parameters)
    gaps = [
        (int(rows[place]), int(rows[place + 1]))
        for place in np.flatnonzero(steps >= least).tolist()
    ]
    return [
        _track_gap_finding(track, gap, usual_s, inputs)
        for gap in gaps
        if not _is_disarmed_throughout(track, gap)
    ]


def _is_disarmed_throughout(track: AirborneLogTrack, rows: tuple[int, int]) -> bool:
    """Return whether the motors were off between two rows: a logger may pause on the ground."""
    flight = track.flight_log.flight
    events = flight.events
    start, end = map(track.time_at, rows)
    ns = unix_ns_of_times(events["time"])[
        events_by_kind(flight).rows_of_kinds("disarm", "log.pause")
    ]
    return bool(((ns >= start.value) & (ns <= end.value)).any())


def _track_gap_finding(
    track: AirborneLogTrack, rows: tuple[int, int], usual_s: float, inputs: RuleInputs
) -> Finding:
    """Return the gap between two rows as a finding."""
    start, end = map(track.time_at, rows)
    duration_s = (end - start).total_seconds()
    first, last = track.offsets[list(rows)].tolist()
    lost_bytes = sum(
        issue.size for issue in track.flight_log.log.issues if first < issue.offset < last
    )
    unpositioned_count = rows[1] - rows[0] - 1
    addition = (
        f"; {unpositioned_count:,} rows between them have no position" if unpositioned_count else ""
    )
    if lost_bytes:
        lost = pluralised_count(lost_bytes, "byte")
        addition += f"; {lost} between them could not be decoded"
    where = position_relative_to_takeoff_text(track.flight_log.flight, start)
    return inputs.finding(
        f"no fix in the air for {duration_s:.1f} s from {start:%H:%M:%S} UTC"
        f"{f', {where}' if where else ''}; the usual interval is {usual_s:.2g} s{addition}",
        grade="measured",
        evidence=(
            track.evidence(rows[0], "time", str(start)),
            track.evidence(rows[1], "time", str(end)),
        ),
        start=start,
        end=end,
        position=lat_lon_of_last_fix_before(track.flight_log.flight, start),
    )


_NEEDS = (airborne_positions_data_need(),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a fix every second",
        hover_example_track_at_heights(*[10.0] * 30, time=HALF_MINUTE),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a fix every second, but none for a minute",
        hover_example_track_at_heights(
            *[10.0] * 30, time=[each + 60 * (each > 15) for each in HALF_MINUTE]
        ),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a row every second, some without a position",
        hover_example_track_at_heights(
            *[10.0] * 30,
            time=HALF_MINUTE,
            latitude_deg=[None if 10 < each < 25 else 51.5 for each in HALF_MINUTE],
        ),
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "a log without fixes"),
)
RULE = Rule(
    id="track_gap",
    title="The fixes of each log have no gap",
    parameters=TrackGapParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="The times of the positions of each log while the aircraft was in the air.",
    not_assessable="No log of the flight holds positions with a time.",
)
