"""Position and height agree with what the aircraft's other sensors say.

Over ten seconds, the way between two positions is held against the velocity that
the same log states, and the change of the altitude above the sea against that of
the height above take-off.  Where the log takes both from one filter, as most do,
they agree even when the receiver was deceived: agreement is no proof, and
disagreement says that something is inconsistent, not what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._log_tracks import (
    Floats,
    Path,
    Places,
    local_metres,
    no_path,
    paths,
    together,
)
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

#: Fixes farther apart than this say nothing of the velocity between them.
_HOLE_S = 2.5


class SpoofingSigns(Parameters):
    """Parameters of the rule."""

    window_s: float = Field(10.0, gt=0, description="Seconds over which both are compared.")
    drift_m: float = Field(
        40.0, gt=0, description="Metres by which position and velocity may differ over them."
    )
    height_m: float = Field(
        40.0, gt=0, description="Metres by which the changes of both heights may differ."
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """By how much two sensors differ over the window that begins at each fix."""

    #: What the evidence names: ``position`` or a column of the track.
    field: str
    metres: Floats
    limit_m: float


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Compare position with velocity, and the two heights, in each log."""
    if not isinstance(parameters, SpoofingSigns):
        raise TypeError("spoofing_signs takes SpoofingSigns")
    told = paths(flight)
    if not told:
        return unknowable(no_path(flight))
    found, compared = list[Finding](), False
    for path in told:
        for each in _differences(path, parameters):
            compared |= bool(np.isfinite(each.metres).any())
            found += _findings(flight, path, each, parameters, inputs)
    if not compared:
        return unknowable("No log states a velocity or a second height to compare with.")
    return judged(
        found,
        "Position agrees with velocity, and the heights with each other, as far as logs hold both.",
        f"{len(found)} interval{'s' * (len(found) > 1)} in which sensors disagree.",
    )


def _differences(path: Path, parameters: SpoofingSigns) -> list[_Compared]:
    """Return by how much sensors differ over the window that begins at each fix."""
    later, whole = _windows(path.seconds, parameters.window_s)
    position = local_metres(path.column("latitude_deg"), path.column("longitude_deg"))
    speed, course = path.column("ground_speed_mps"), np.radians(path.column("course_deg"))
    # Where it stands still its course means nothing.
    course = np.where(speed == 0, 0.0, course)
    parts = []
    for moved, rate in zip(position, (speed * np.cos(course), speed * np.sin(course)), strict=True):
        flown = _integral(path.seconds, rate)
        parts.append((moved[later] - moved) - (flown[later] - flown))
    offset = path.column("altitude_amsl_m") - path.column("height_ato_m")
    # Before it has a position, an aircraft does not know how high above the sea it is.
    offset = np.where(np.isfinite(position[0]), offset, np.nan)
    heights = abs(offset[later] - offset)
    return [
        _Compared("position", np.where(whole, np.hypot(*parts), np.nan), parameters.drift_m),
        _Compared("altitude_amsl_m", np.where(whole, heights, np.nan), parameters.height_m),
    ]


def _windows(
    seconds: Floats, window_s: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return for each fix the one that ends its window, and whether no hole lies between."""
    later = np.minimum(np.searchsorted(seconds, seconds + window_s), len(seconds) - 1)
    holes = np.concatenate(([0], np.cumsum(np.diff(seconds) > _HOLE_S)))
    return later, (seconds[later] - seconds >= window_s) & (holes[later] == holes)


def _integral(seconds: Floats, rate: Floats) -> Floats:
    """Return the sum of a rate from the first fix to each; where it is not known, NaN.

    A step with an unknown end counts as the rate at its other end.
    """
    known = np.flatnonzero(np.isfinite(rate))
    if not len(known):
        return np.full(len(rate), np.nan)
    filled = rate[known[np.clip(np.searchsorted(known, np.arange(len(rate))), 0, len(known) - 1)]]
    steps = np.diff(seconds) * (filled[1:] + filled[:-1]) / 2
    total = np.concatenate(([0.0], np.cumsum(steps)))
    return np.where(np.isfinite(rate), total, np.nan)


def _findings(
    flight: Flight, path: Path, compared: _Compared, parameters: SpoofingSigns, inputs: Inputs
) -> list[Finding]:
    """Return a finding for each run of windows in which two sensors differ too much."""
    beyond = np.flatnonzero(np.nan_to_num(compared.metres, nan=0.0) > compared.limit_m)
    return [
        _finding(flight, path, compared, group, parameters, inputs)
        for group in together(path.seconds, beyond, parameters.window_s)
    ]


def _finding(
    flight: Flight,
    path: Path,
    compared: _Compared,
    group: Places,
    parameters: SpoofingSigns,
    inputs: Inputs,
) -> Finding:
    worst = int(group[np.argmax(compared.metres[group])])
    start, end = (
        path.at(int(group[0])),
        path.at(int(group[-1])) + pd.Timedelta(seconds=parameters.window_s),
    )
    apart, over = float(compared.metres[worst]), f"{parameters.window_s:g} s"
    if compared.field == "position":
        told = f"position and velocity differ by {apart:.0f} m over {over}"
        latitude, longitude = (
            path.column("latitude_deg")[worst],
            path.column("longitude_deg")[worst],
        )
        value = f"{latitude:.7f}, {longitude:.7f}"
    else:
        told = f"the altitude above the sea and the height above take-off part by {apart:.0f} m"
        told += f" over {over}"
        value = f"{path.column(compared.field)[worst]:.1f}"
    return Finding(
        RULE.id,
        inputs.severity,
        f"inconsistent: {told}",
        "measured",
        (path.evidence(flight, worst, compared.field, value),),
        start,
        end,
        *(position_at(flight, start) or (None, None)),
    )


_SECONDS = [float(second) for second in range(40)]


def _flown(*extra: float) -> dict[str, Sequence[Any]]:
    """Return a track that goes east at 5 m/s, so many metres farther at each fix."""
    metres = [5.0 * second + more for second, more in zip(_SECONDS, extra, strict=True)]
    return hover(
        *[50.0] * 40,
        longitude_deg=[-1.0 + each / 69_400 for each in metres],
        ground_speed_mps=[5.0] * 40,
        course_deg=[90.0] * 40,
    )


RULE = Rule(
    "spoofing_signs",
    "Position and height agree with the aircraft's other sensors",
    "Positions, velocities and both heights of the fixes of each log.",
    "No log of the flight holds fixes with a time, or none a velocity or a second height.",
    SpoofingSigns,
    check,
    examples=(
        Example(Outcome.PASS, "a way that is that of the velocity", _flown(*[0.0] * 40)),
        Example(
            Outcome.FAIL,
            "a position that is drawn away by 10 m every second, for ten seconds",
            _flown(*[min(max(second - 15, 0), 10) * 10 for second in _SECONDS]),
        ),
        Example(
            Outcome.FAIL,
            "an altitude above the sea that rises by 60 m and a height that does not",
            hover(*[50.0] * 40, altitude_amsl_m=[200.0] * 20 + [260.0] * 20),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log of positions alone", hover(*[50.0] * 40)),
    ),
)
