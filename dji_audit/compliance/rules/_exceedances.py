"""Exceedances: intervals in which a value of the track is above a limit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.findings import Evidence, Finding
from dji_audit.compliance.rules._flight_facts import position_at, track_evidence
from dji_audit.compliance.rules._rule import RuleInputs
from dji_audit.flights import Flight

#: Seconds.  Two exceedances closer than this are one: noise near the limit is not an event.
_BRIDGE_S = 2.0


@dataclass(frozen=True, slots=True)
class Exceedance:
    """One interval above a limit: rows of its first, last and highest fix."""

    first: int
    last: int
    peak: int


def find_exceedances(
    flight: Flight, values: npt.NDArray[np.float64], limit: float
) -> tuple[Exceedance, ...]:
    """Return the intervals in which a column of the track exceeds a limit.

    Args:
        flight: The flight.
        values: One value for each fix, NaN where it is not known.
        limit: The value that may be reached but not exceeded.
    """
    above = np.flatnonzero(np.nan_to_num(values, nan=-np.inf) > limit)
    if not len(above):
        return ()
    times = flight.track["time"].to_numpy("datetime64[ns]").astype(np.int64)
    is_separate = np.diff(times[above]) > _BRIDGE_S * 1e9
    groups = np.split(above, np.flatnonzero(is_separate) + 1)
    return tuple(
        Exceedance(int(group[0]), int(group[-1]), int(group[np.nanargmax(values[group])]))
        for group in groups
    )


def exceedance_interval(
    flight: Flight, exceedance: Exceedance
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return start and end of an exceedance; ``None`` where the log has no time."""
    first, last = (flight.track["time"].iloc[row] for row in (exceedance.first, exceedance.last))
    return (None if pd.isna(first) else first), (None if pd.isna(last) else last)


def duration_text(
    exceedance: Exceedance, start: pd.Timestamp | None, end: pd.Timestamp | None
) -> str:
    """Return the duration of an exceedance, from its first fix to its last, in words."""
    if start is None or end is None:
        return f"in {exceedance.last - exceedance.first + 1} fixes without a time"
    return f"for {(end - start).total_seconds():.1f} s"


def exceedance_findings(
    flight: Flight,
    values: npt.NDArray[np.float64],
    limit: float,
    inputs: RuleInputs,
    *,
    field: str,
    column: str,
    summary_of: Callable[[float], str],
    further_evidence: tuple[Evidence, ...] = (),
    grade: str = "measured",
) -> tuple[Finding, ...]:
    """Return a finding for each interval in which a column of the track exceeds a limit.

    Args:
        flight: The flight.
        values: One value for each fix, NaN where it is not known.
        limit: The value that may be reached but not exceeded.
        inputs: Context and severity.
        field: Name of the values in the evidence.
        column: Column of the track that the values come from, for the evidence.
        summary_of: Makes the summary from the greatest value of an interval.
        further_evidence: Further evidence besides the fix with the greatest value.
        grade: Grade of the claim.
    """
    findings = []
    for exceedance in find_exceedances(flight, values, limit):
        peak = float(values[exceedance.peak])
        start, end = exceedance_interval(flight, exceedance)
        log_bytes = track_evidence(
            flight, exceedance.peak, column, field=field, value=f"{peak:.1f}"
        )
        summary = f"{summary_of(peak)}, {duration_text(exceedance, start, end)}"
        findings.append(
            inputs.finding(
                summary,
                grade=grade,
                evidence=(log_bytes, *further_evidence),
                start=start,
                end=end,
                position=position_at(flight, start),
                peak=peak,
            )
        )
    return tuple(findings)
