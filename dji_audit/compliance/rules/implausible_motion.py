"""The aircraft moved between its fixes as an aircraft of its class can.

Between two fixes it cannot move farther than its greatest speed allows.  A larger move, beyond
the error of the fixes, is inconsistent: a satellite receiver that lost its position shows such
jumps, and so does an edited track.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    AirborneLogTrack,
    FixIndices,
    Floats,
    airborne_positions_data_need,
    airborne_track_of_each_log,
    split_at_time_gaps,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import Aircraft

#: Names of models with fixed wings, which are faster.
_WINGED = re.compile(r"fixed|plane|wing|vtol|tiltrotor", re.I)
#: Greatest ground speed of a helicopter, an aeroplane or a large drone, wind included, m/s.
_LARGER_MPS = 250.0
#: Disturbances listed; the reason counts all.
_LISTED = 20
#: Seconds.  Two moves closer than this are one disturbance.
_BRIDGE_S = 10.0


class ImplausibleMotionParameters(Parameters):
    """Parameters of the rule."""

    multirotor_mps: float = positive_parameter_field(
        45.0, "Greatest ground speed of a multirotor, wind included, m/s."
    )
    winged_mps: float = positive_parameter_field(
        90.0, "Greatest ground speed with fixed wings, m/s."
    )
    vertical_mps: float = positive_parameter_field(25.0, "Greatest vertical speed, m/s.")
    tolerance_m: float = positive_parameter_field(
        25.0, "Total error of two positions or heights, metres."
    )


def check(
    flight: Flight, parameters: ImplausibleMotionParameters, inputs: RuleInputs
) -> CheckResult:
    """List each pair of fixes farther apart than the aircraft can fly."""
    tracks = airborne_track_of_each_log(flight)
    winged = any(_WINGED.search(log.aircraft.model or "") for log in flight.logs)
    limit = parameters.winged_mps if winged else parameters.multirotor_mps
    larger = flight.aircraft.larger_type
    if larger is not None:
        limit = _LARGER_MPS
    moves = [
        move
        for track in tracks
        for move in _horizontal_and_vertical_fix_displacements(track, limit, parameters)
    ]
    findings = [
        fix_row
        for move in moves
        for fix_row in _position_jump_findings(flight, move, parameters, inputs)
    ]
    has_heights = any(move.what != "position" and len(move.metres) for move in moves)
    said = "" if has_heights else " Heights were not compared: no log holds any."
    class_text = "an aircraft with fixed wings" if winged else "a multirotor"
    if larger is not None:
        class_text = f"{'an' if larger.startswith('a') else 'a'} {larger}"
    return CheckResult.from_findings(
        findings[:_LISTED],
        f"No move beyond what {class_text} can do ({limit:g} m/s).{said}",
        f"{pluralised_count(len(findings), 'move')} beyond what {class_text} can do "
        f"({limit:g} m/s).",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _FixDisplacements:
    """Distance from each fix to the next, of the fixes that can be compared."""

    track: AirborneLogTrack
    #: ``position`` or a column of the track.
    what: str
    #: Indices in the track of the fixes that can be compared.
    known: FixIndices
    metres: Floats
    most_mps: float


def _horizontal_and_vertical_fix_displacements(
    track: AirborneLogTrack, limit: float, parameters: ImplausibleMotionParameters
) -> Iterator[_FixDisplacements]:
    """Yield the horizontal and the vertical distances between the fixes of a track."""
    valid = np.flatnonzero(track.table["fix_ok"].fillna(True).to_numpy(bool)[track.rows])
    for what, moved_text, most in (
        ("position", track.north_east_m, limit),
        ("height_ato_m", (track.column_values("height_ato_m"),), parameters.vertical_mps),
    ):
        known = valid[np.isfinite(np.sum([values[valid] for values in moved_text], axis=0))]
        metres = np.sqrt(np.sum([np.diff(values[known]) ** 2 for values in moved_text], axis=0))
        yield _FixDisplacements(track, what, known, metres, most)


def _position_jump_findings(
    flight: Flight,
    moves: _FixDisplacements,
    parameters: ImplausibleMotionParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield each disturbance: impossible moves, those close together as one."""
    seconds = moves.track.seconds[moves.known]
    far = np.flatnonzero(moves.metres > moves.most_mps * np.diff(seconds) + parameters.tolerance_m)
    for group in split_at_time_gaps(seconds, far, _BRIDGE_S):
        yield _implausible_motion_finding(flight, moves, group, inputs)


def _implausible_motion_finding(
    flight: Flight, moves: _FixDisplacements, group: FixIndices, inputs: RuleInputs
) -> Finding:
    track, known, metres, what = moves.track, moves.known, moves.metres, moves.what
    worst = int(group[np.argmax(metres[group])])
    row, after = int(known[worst]), int(known[worst + 1])
    duration_s = float(track.seconds[after] - track.seconds[row])
    moved_text = "moved" if what == "position" else "rose or sank"
    summary = f"inconsistent: {moved_text} {metres[worst]:.0f} m in {duration_s:.2f} s"
    limit = moves.most_mps
    summary += f", more than {limit:g} m/s allow"
    if len(group) > 1:
        summary += f", the greatest of {len(group)} such moves"
    start, end = track.time_at(int(known[group[0]])), track.time_at(int(known[group[-1] + 1]))
    return inputs.finding(
        finding_sentence(summary, flight, start, end, how="the positions of the log show it"),
        grade="measured",
        evidence=tuple(
            track.evidence(fix_row, what, _fix_value_text(track, fix_row, what))
            for fix_row in (row, after)
        ),
        start=start,
        end=end,
        position=_fix_position(track, row),
    )


def _fix_value_text(track: AirborneLogTrack, row: int, what: str) -> str:
    """Return the position or another value of a fix as text."""
    if what != "position":
        return f"{track.column_values(what)[row]:.1f}"
    latitude, longitude = (
        track.column_values("latitude_deg")[row],
        track.column_values("longitude_deg")[row],
    )
    return f"{latitude:.7f}, {longitude:.7f}"


def _fix_position(track: AirborneLogTrack, row: int) -> tuple[float, float] | None:
    latitude, longitude = (
        track.column_values("latitude_deg")[row],
        track.column_values("longitude_deg")[row],
    )
    known = np.isfinite(latitude) and np.isfinite(longitude)
    return (float(latitude), float(longitude)) if known else None


def _example_longitudes_at_metres_east(*metres: float) -> list[float]:
    return [-1.0 + fix_row / 69_400 for fix_row in metres]


_STEADY = [10.0 * second for second in range(20)]
_JUMP = [fix_row + 300 * (fix_row > 90) for fix_row in _STEADY]

_NEEDS = (airborne_positions_data_need(),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "10 m every second",
        hover_example_track_at_heights(
            *[10.0] * 20, longitude_deg=_example_longitudes_at_metres_east(*_STEADY)
        ),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "10 m every second, and 310 m in one",
        hover_example_track_at_heights(
            *[10.0] * 20, longitude_deg=_example_longitudes_at_metres_east(*_JUMP)
        ),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a height that changes by 80 m in a second",
        hover_example_track_at_heights(*[10.0] * 10, *[90.0] * 10),
    ),
    ExampleFlight(
        Outcome.PASS,
        "80 m every second of an aircraft with fixed wings",
        hover_example_track_at_heights(
            *[10.0] * 20,
            longitude_deg=_example_longitudes_at_metres_east(*(8 * fix_row for fix_row in _STEADY)),
        ),
        log_fields={"aircraft": Aircraft(model="fixed wing")},
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "a log without fixes"),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "fixes with only a battery level",
        {"battery_pct": [90.0] * 20},
    ),
)
RULE = Rule(
    id="implausible_motion",
    title="The aircraft moved as an aircraft of its class can",
    parameters=ImplausibleMotionParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Times, positions and heights of the fixes of each log; the model of the aircraft.",
    not_assessable="No log of the flight holds fixes with a time and a position or height.",
)
