"""Exceedances: intervals in the air in which a value of the track is above a limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.plain_english import duration_text
from dji_audit.common.time_columns_to_unix_numbers import unix_seconds_of_times
from dji_audit.compliance.data_needs import track_row_times_s
from dji_audit.compliance.findings import Evidence, Finding
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_track_value,
    lat_lon_of_last_fix_before,
)
from dji_audit.compliance.rules._shared._rule import RuleInputs
from dji_audit.flights import Flight

#: Seconds.  Two exceedances closer than this are one: noise near the limit is not an event.
_BRIDGE_S = 2.0
#: Seconds without a known value after which an exceedance does not go on.
_UNSEEN_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceedance:
    """One interval above a limit: rows of its first, last and highest fix."""

    first: int
    last: int
    peak: int
    #: Number of fixes above the limit.
    count: int
    #: Seconds from its first fix to its last; ``None``: the log has no clock.
    duration_s: float | None
    #: Time of its first fix by the log's own local clock, where that is not UTC; else ``None``.
    local_start: pd.Timestamp | None


def find_exceedances(
    flight: Flight, values: npt.NDArray[np.float64], limit: float
) -> tuple[Exceedance, ...]:
    """Return the intervals in which a column of the track exceeds a limit.

    A log without UTC is divided by its own clock; without any clock its fixes are one interval.

    Args:
        flight: The flight.
        values: One value for each fix, NaN where it is not known.
        limit: The value that may be reached but not exceeded.
    """
    above = np.flatnonzero(np.nan_to_num(values, nan=-np.inf) > limit)
    if not len(above):
        return ()
    seconds = _fix_times_s(flight)
    known = seconds[above][np.isfinite(seconds[above])]
    if not len(known):
        return (_build_exceedance(flight, values, seconds, above),)
    # A fix without a time belongs to the fixes before it.
    steps_s = np.diff(pd.Series(seconds[above]).ffill().bfill().to_numpy(np.float64))
    # Between two fixes above the limit nothing says that the aircraft was below it, if no fix does.
    rank = np.cumsum(np.isfinite(values))
    is_next = np.diff(rank[above]) == 1
    groups = np.split(above, np.flatnonzero(steps_s > np.where(is_next, _UNSEEN_S, _BRIDGE_S)) + 1)
    return tuple(_build_exceedance(flight, values, seconds, group) for group in groups)


def _fix_times_s(flight: Flight) -> npt.NDArray[np.float64]:
    """Return the time of each fix, UTC or else by the log's own clock, seconds; NaN: none."""
    source = flight.sources[0]
    if len(source.track) == len(flight.track):
        return track_row_times_s(source)
    return unix_seconds_of_times(flight.track["time"])


def _build_exceedance(
    flight: Flight,
    values: npt.NDArray[np.float64],
    seconds: npt.NDArray[np.float64],
    rows: npt.NDArray[np.intp],
) -> Exceedance:
    first, last = int(rows[0]), int(rows[-1])
    known = seconds[rows][np.isfinite(seconds[rows])]
    local = flight.log.local_times
    local_start = None
    if local is not None and local.kind == "wall" and len(local.track) == len(seconds):
        instant = pd.Timestamp(local.track[first])
        local_start = None if pd.isna(instant) else instant
    return Exceedance(
        first=first,
        last=last,
        peak=int(rows[np.nanargmax(values[rows])]),
        count=len(rows),
        duration_s=float(known[-1] - known[0]) if len(known) else None,
        local_start=local_start,
    )


def start_and_end_of_exceedance(
    flight: Flight, exceedance: Exceedance
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return start and end of an exceedance; ``None`` where the log has no time."""
    first, last = (flight.track["time"].iloc[row] for row in (exceedance.first, exceedance.last))
    return (None if pd.isna(first) else first), (None if pd.isna(last) else last)


def _duration_without_utc_text(exceedance: Exceedance) -> str:
    """Return how long an exceedance without UTC was, as far as the log says."""
    count = f"in {exceedance.count:,} fixes"
    if exceedance.local_start is not None:
        count += f" from {exceedance.local_start:%Y-%m-%d %H:%M:%S} by the log's own clock"
    if exceedance.duration_s is None:
        return f"{count} without a time"
    return f"for {duration_text(exceedance.duration_s)}, {count}"


def exceedance_findings(
    flight: Flight,
    values: npt.NDArray[np.float64],
    limit: float,
    inputs: RuleInputs,
    *,
    field: str,
    column: str,
    summary_of: Callable[[float], str],
    further_evidence: Callable[[int], Sequence[Evidence]] = lambda _row: (),
    grade: str = "measured",
) -> tuple[Finding, ...]:
    """Return a finding for each interval in which a column of the track exceeds a limit.

    Args:
        flight: The flight.
        values: One value for each fix, NaN where it is not known or not to be judged.
        limit: The value that may be reached but not exceeded.
        inputs: Context and severity.
        field: Name of the values in the evidence.
        column: Column of the track that the values come from, for the evidence.
        summary_of: Makes the summary from the greatest value of an interval.
        further_evidence: Gives evidence besides the fix with the greatest value, from its row.
        grade: Grade of the claim.
    """
    findings = []
    for exceedance in find_exceedances(flight, values, limit):
        peak = float(values[exceedance.peak])
        start, end = start_and_end_of_exceedance(flight, exceedance)
        log_bytes = evidence_of_track_value(
            flight, exceedance.peak, column, field=field, value=f"{peak:.1f}"
        )
        summary = summary_of(peak)
        if start is None or end is None:
            summary = f"{summary}, {_duration_without_utc_text(exceedance)}"
        findings.append(
            inputs.finding(
                finding_sentence(f"{summary},", flight, start, end)
                if start is not None
                else summary,
                grade=grade,
                evidence=(log_bytes, *further_evidence(exceedance.peak)),
                start=start,
                end=end,
                position=lat_lon_of_last_fix_before(flight, start),
                peak=peak,
            )
        )
    return tuple(findings)
