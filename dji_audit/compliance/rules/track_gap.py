"""The positions of each log follow one another without a gap in the air.

A row without a position is no fix: where a log goes on and loses its position the
finding says so.  A gap may have a dull reason: the app was in the background, the link was weak, a
card was slow.  Where bytes between the two fixes could not be decoded the finding
says so.  What happened in a gap no log of it shows.
"""

import numpy as np
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._log_tracks import LEAST_FIXES, Path, Places, no_path, paths
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    position_at,
    unknowable,
)
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
    told = [path for path in paths(flight) if len(_known(path)) >= LEAST_FIXES]
    if not told:
        return unknowable(no_path(flight))
    found = [each for path in told for each in _gaps(flight, path, parameters, inputs)]
    return judged(
        found,
        f"No gap of {parameters.gap_s:g} s or more in {len(told)} log{'s' * (len(told) > 1)}.",
        f"{len(found)} gap{'s' * (len(found) > 1)} between fixes.",
    )


def _known(path: Path) -> Places:
    """Return the rows of a path that have a position."""
    known = np.isfinite(path.column("latitude_deg")) & np.isfinite(path.column("longitude_deg"))
    return np.flatnonzero(known)


def _gaps(flight: Flight, path: Path, parameters: TrackGap, inputs: Inputs) -> list[Finding]:
    rows = _known(path)
    steps = np.diff(path.seconds[rows])
    usual = float(np.median(steps))
    least = max(parameters.gap_s, parameters.intervals * usual)
    return [
        _finding(flight, path, (int(rows[place]), int(rows[place + 1])), usual, inputs)
        for place in np.flatnonzero(steps >= least).tolist()
    ]


def _finding(
    flight: Flight, path: Path, rows: tuple[int, int], usual: float, inputs: Inputs
) -> Finding:
    """Return a gap between two rows as a finding."""
    start, end = map(path.at, rows)
    lasted = (end - start).total_seconds()
    first, last = path.track["source_offset"].iloc[list(rows)].astype(int)
    lost = sum(issue.size for issue in path.telling.log.issues if first < issue.offset < last)
    without = rows[1] - rows[0] - 1
    why = f"; {without:,} rows between them have no position" if without else ""
    why += f"; {lost:,} bytes between them could not be decoded" if lost else ""
    return Finding(
        RULE.id,
        inputs.severity,
        f"no fix for {lasted:.1f} s, where one comes every {usual:.2g} s{why}",
        "measured",
        (
            path.evidence(flight, rows[0], "time", str(start)),
            path.evidence(flight, rows[1], "time", str(end)),
        ),
        start,
        end,
        *(position_at(flight, start) or (None, None)),
    )


_STEADY = [float(second) for second in range(30)]

RULE = Rule(
    "track_gap",
    "The fixes of each log follow one another without a gap",
    "The times of the positions of each log while the aircraft was in the air.",
    "No log of the flight holds positions with a time.",
    TrackGap,
    check,
    examples=(
        Example(Outcome.PASS, "a fix every second", hover(*[10.0] * 30, time=_STEADY)),
        Example(
            Outcome.FAIL,
            "a fix every second, and none for a minute",
            hover(*[10.0] * 30, time=[each + 60 * (each > 15) for each in _STEADY]),
        ),
        Example(
            Outcome.FAIL,
            "a row every second, of which some have no position",
            hover(
                *[10.0] * 30,
                time=_STEADY,
                latitude_deg=[None if 10 < each < 25 else 51.5 for each in _STEADY],
            ),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log without fixes"),
    ),
)
