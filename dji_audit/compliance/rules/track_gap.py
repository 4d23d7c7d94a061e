"""The fixes of each log follow one another without a gap in the air.

A gap may have a dull reason: the app was in the background, the link was weak, a
card was slow.  Where bytes between the two fixes could not be decoded the finding
says so.  What happened in a gap no log of it shows.
"""

import numpy as np
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    position_at,
    unknowable,
)
from dji_audit.compliance.rules._tellings import Path, no_path, paths
from dji_audit.flights import Flight


class TrackGap(Parameters):
    """Parameters of the rule."""

    gap_s: float = Field(5.0, gt=0, description="Seconds without a fix that are a gap.")
    intervals: float = Field(
        10.0, ge=1, description="And as many of the log's usual intervals at least."
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each gap of each log."""
    if not isinstance(parameters, TrackGap):
        raise TypeError("track_gap takes TrackGap")
    told = paths(flight)
    if not told:
        return unknowable(no_path(flight))
    found = [each for path in told for each in _gaps(flight, path, parameters, inputs)]
    return judged(
        found,
        f"No gap of {parameters.gap_s:g} s or more in {len(told)} log{'s' * (len(told) > 1)}.",
        f"{len(found)} gap{'s' * (len(found) > 1)} between fixes.",
    )


def _gaps(flight: Flight, path: Path, parameters: TrackGap, inputs: Inputs) -> list[Finding]:
    steps = np.diff(path.seconds)
    usual = float(np.median(steps))
    least = max(parameters.gap_s, parameters.intervals * usual)
    return [
        _finding(flight, path, row, usual, inputs)
        for row in np.flatnonzero(steps >= least).tolist()
    ]


def _finding(flight: Flight, path: Path, row: int, usual: float, inputs: Inputs) -> Finding:
    start, end = path.at(row), path.at(row + 1)
    lasted = (end - start).total_seconds()
    first, last = path.track["source_offset"].iloc[[row, row + 1]].astype(int)
    lost = sum(issue.size for issue in path.telling.log.issues if first < issue.offset < last)
    why = f"; {lost:,} bytes between them could not be decoded" if lost else ""
    return Finding(
        RULE.id,
        inputs.severity,
        f"no fix for {lasted:.1f} s, where one comes every {usual:.2g} s{why}",
        "measured",
        (
            path.evidence(flight, row, "time", str(start)),
            path.evidence(flight, row + 1, "time", str(end)),
        ),
        start,
        end,
        *(position_at(flight, start) or (None, None)),
    )


_STEADY = [float(second) for second in range(30)]

RULE = Rule(
    "track_gap",
    "The fixes of each log follow one another without a gap",
    "The times of the fixes of each log while the aircraft was in the air.",
    "No log of the flight holds fixes with a time.",
    TrackGap,
    check,
    examples=(
        Example(Outcome.PASS, "a fix every second", hover(*[10.0] * 30, time=_STEADY)),
        Example(
            Outcome.FAIL,
            "a fix every second, and none for a minute",
            hover(*[10.0] * 30, time=[each + 60 * (each > 15) for each in _STEADY]),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log without fixes"),
    ),
)
