"""Intervals in which a value of the track was above a limit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.findings import Evidence, Finding
from dji_audit.compliance.rules._rule import Inputs, evidence, position_at
from dji_audit.flights import Flight

#: Two excursions closer than this are one: noise about the limit is no new event.
_BRIDGE_S = 2.0


@dataclass(frozen=True, slots=True)
class Excursion:
    """One interval above a limit: row of its first, last and highest fix."""

    first: int
    last: int
    peak: int


def excursions(
    flight: Flight, values: npt.NDArray[np.float64], limit: float
) -> tuple[Excursion, ...]:
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
    apart = np.diff(times[above]) > _BRIDGE_S * 1e9
    parts = np.split(above, np.flatnonzero(apart) + 1)
    return tuple(
        Excursion(int(part[0]), int(part[-1]), int(part[np.nanargmax(values[part])]))
        for part in parts
    )


def span(flight: Flight, found: Excursion) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return when an excursion began and ended; ``None`` where the log has no time."""
    first, last = (flight.track["time"].iloc[row] for row in (found.first, found.last))
    return (None if pd.isna(first) else first), (None if pd.isna(last) else last)


def lasting(found: Excursion, start: pd.Timestamp | None, end: pd.Timestamp | None) -> str:
    """Return how long an excursion lasted, from its first fix to its last, as words."""
    if start is None or end is None:
        return f"in {found.last - found.first + 1} fixes without a time"
    return f"for {(end - start).total_seconds():.1f} s"


def excursion_findings(
    flight: Flight,
    values: npt.NDArray[np.float64],
    limit: float,
    rule: str,
    inputs: Inputs,
    field: str,
    column: str,
    told: Callable[[float], str],
    more: tuple[Evidence, ...] = (),
    grade: str = "measured",
) -> tuple[Finding, ...]:
    """Return a finding for each interval in which a column of the track exceeds a limit.

    Args:
        flight: The flight.
        values: One value for each fix, NaN where it is not known.
        limit: The value that may be reached but not exceeded.
        rule: The rule's id.
        inputs: What the rule was given.
        field: What the values are, for the evidence.
        column: Column of the track that they come from, for the bytes that show them.
        told: What to say of the greatest value of an interval.
        more: Evidence besides the fix with the greatest value.
        grade: Of the claim.
    """
    found = []
    for part in excursions(flight, values, limit):
        peak = float(values[part.peak])
        start, end = span(flight, part)
        said = flight.said_at(part.peak, column)
        value = f"{peak:.1f}"
        shown = evidence(flight, said.offset, said.record, field, value, said.told_by)
        place = position_at(flight, start) or (None, None)
        summary = f"{told(peak)}, {lasting(part, start, end)}"
        found.append(
            Finding(
                rule,
                inputs.severity,
                summary,
                grade,
                (shown, *more),
                start,
                end,
                place[0],
                place[1],
                peak=peak,
            )
        )
    return tuple(found)
