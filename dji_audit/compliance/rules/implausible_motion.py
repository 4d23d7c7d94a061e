"""The aircraft moved between its fixes as an aircraft of its class can.

Between two fixes it cannot have come farther than its greatest speed allows.  What
is beyond that, by more than a fix may be wrong, is inconsistent: a satellite
receiver that lost its hold shows such jumps, and so does a track that was changed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
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
    unknowable,
)
from dji_audit.flights import Flight
from parsers import Aircraft

#: Models whose name says that they have fixed wings, which are faster.
_WINGED = re.compile(r"fixed|plane|wing|vtol|tiltrotor", re.I)
#: Disturbances that are listed; the reason counts all.
_LISTED = 20
#: Seconds between two moves that are one disturbance.
_BRIDGE_S = 10.0


class ImplausibleMotion(Parameters):
    """Parameters of the rule."""

    multirotor_mps: float = Field(
        45.0, gt=0, description="Greatest speed over the ground of a multirotor, wind included."
    )
    winged_mps: float = Field(90.0, gt=0, description="The same of an aircraft with fixed wings.")
    vertical_mps: float = Field(25.0, gt=0, description="Greatest speed up or down.")
    tolerance_m: float = Field(
        25.0, gt=0, description="Metres that two positions or heights may be wrong in all."
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """How far the aircraft came from each fix to the next of those that can be compared."""

    path: Path
    #: ``position`` or a column of the track.
    what: str
    #: Places in the path of the fixes that can be compared.
    known: Places
    metres: Floats
    most_mps: float


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each pair of fixes that lie farther apart than the aircraft can have flown."""
    if not isinstance(parameters, ImplausibleMotion):
        raise TypeError("implausible_motion takes ImplausibleMotion")
    told = paths(flight)
    if not told:
        return unknowable(no_path(flight))
    winged = any(_WINGED.search(log.aircraft.model or "") for log in flight.logs)
    limit = parameters.winged_mps if winged else parameters.multirotor_mps
    moves = [move for path in told for move in _moves(path, limit, parameters)]
    if not any(len(move.metres) for move in moves):
        return unknowable("No log of the flight holds two positions or heights in the air.")
    found = [each for move in moves for each in _jumps(flight, move, parameters, inputs)]
    of = "an aircraft with fixed wings" if winged else "a multirotor"
    return judged(
        found[:_LISTED],
        f"No move beyond what {of} can do ({limit:g} m/s).",
        f"{len(found)} time{'s' * (len(found) > 1)} beyond what {of} can do ({limit:g} m/s).",
    )


def _moves(path: Path, limit: float, parameters: ImplausibleMotion) -> Iterator[_Moves]:
    """Yield how far the aircraft came between the fixes of a path, level and in height."""
    north, east = local_metres(path.column("latitude_deg"), path.column("longitude_deg"))
    valid = np.flatnonzero(path.track["fix_ok"].fillna(True).to_numpy(bool))
    for what, moved, most in (
        ("position", (north, east), limit),
        ("height_ato_m", (path.column("height_ato_m"),), parameters.vertical_mps),
    ):
        known = valid[np.isfinite(np.sum([values[valid] for values in moved], axis=0))]
        metres = np.sqrt(np.sum([np.diff(values[known]) ** 2 for values in moved], axis=0))
        yield _Moves(path, what, known, metres, most)


def _jumps(
    flight: Flight, moves: _Moves, parameters: ImplausibleMotion, inputs: Inputs
) -> Iterator[Finding]:
    """Yield each disturbance: moves beyond what is possible, those close together as one."""
    seconds = moves.path.seconds[moves.known]
    far = np.flatnonzero(moves.metres > moves.most_mps * np.diff(seconds) + parameters.tolerance_m)
    for group in together(seconds, far, _BRIDGE_S):
        yield _finding(flight, moves, group, inputs)


def _finding(flight: Flight, moves: _Moves, group: Places, inputs: Inputs) -> Finding:
    path, known, metres, what = moves.path, moves.known, moves.metres, moves.what
    worst = int(group[np.argmax(metres[group])])
    row, after = int(known[worst]), int(known[worst + 1])
    took = (path.at(after) - path.at(row)).total_seconds()
    moved = "moved" if what == "position" else "rose or sank"
    told = f"inconsistent: {moved} {metres[worst]:.0f} m in {took:.2f} s"
    if len(group) > 1:
        told += f", the greatest of {len(group)} such moves"
    return Finding(
        RULE.id,
        inputs.severity,
        told,
        "measured",
        tuple(path.evidence(flight, each, what, _said(path, each, what)) for each in (row, after)),
        path.at(int(known[group[0]])),
        path.at(int(known[group[-1] + 1])),
        _degrees(path, row, "latitude_deg"),
        _degrees(path, row, "longitude_deg"),
    )


def _said(path: Path, row: int, what: str) -> str:
    if what != "position":
        return f"{path.column(what)[row]:.1f}"
    latitude, longitude = path.column("latitude_deg")[row], path.column("longitude_deg")[row]
    return f"{latitude:.7f}, {longitude:.7f}"


def _degrees(path: Path, row: int, name: str) -> float | None:
    value = float(path.column(name)[row])
    return value if np.isfinite(value) else None


def _eastward(*metres: float) -> list[float]:
    return [-1.0 + each / 69_400 for each in metres]


_STEADY = [10.0 * second for second in range(20)]
_JUMP = [each + 300 * (each > 90) for each in _STEADY]

RULE = Rule(
    "implausible_motion",
    "The aircraft moved as one of its class can",
    "Times, positions and heights of the fixes of each log; the model, for its class.",
    "No log of the flight holds fixes with a time and a position or height.",
    ImplausibleMotion,
    check,
    examples=(
        Example(
            Outcome.PASS,
            "10 m every second",
            hover(*[10.0] * 20, longitude_deg=_eastward(*_STEADY)),
        ),
        Example(
            Outcome.FAIL,
            "10 m every second, and 310 m in one",
            hover(*[10.0] * 20, longitude_deg=_eastward(*_JUMP)),
        ),
        Example(
            Outcome.FAIL,
            "a height that changes by 80 m in a second",
            hover(*[10.0] * 10, *[90.0] * 10),
        ),
        Example(
            Outcome.PASS,
            "80 m every second of an aircraft with fixed wings",
            hover(*[10.0] * 20, longitude_deg=_eastward(*(8 * each for each in _STEADY))),
            log={"aircraft": Aircraft(model="fixed wing")},
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log without fixes"),
        Example(
            Outcome.NOT_ASSESSABLE,
            "fixes of which only the battery is known",
            {"battery_pct": [90.0] * 20},
        ),
    ),
)
