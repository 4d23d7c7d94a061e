"""The aircraft stays within a distance of its pilot.

Where the log gives the position of the device of the pilot, the distance is measured from
there.  Otherwise the home point, or else the take-off point, replaces it, and the result says
so.  Pilots move and home points are set anew: each fix is measured from where they were then.  A
phone may give a remembered position of another day, or lose its own during a flight: while a device
is farther from the home point than ``device_within_m``, the home point stands in for it, and the
result says so too.  A flight during which the device was lost for long is not assessable.
"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, fact_need, observe_facts_in_air, percent_text
from dji_audit.compliance.findings import Evidence, Observation, Outcome
from dji_audit.compliance.policy import Parameters, positive_parameter, positive_share_parameter
from dji_audit.compliance.rules._shared import _reference_positions as reference_positions
from dji_audit.compliance.rules._shared._exceedances import exceedance_findings
from dji_audit.compliance.rules._shared._flight_evidence import log_evidence, no_track_reason
from dji_audit.compliance.rules._shared._log_tracks import is_airborne_row
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._rule_examples import Example
from dji_audit.compliance.rules._shared._whole_flight_data_needs import takeoff_and_landing_need
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import metres_per_degree
from parsers import NamedPosition


class DistanceLimitParameters(Parameters):
    """Parameters of the rule."""

    limit_m: float = positive_parameter(500.0, "Greatest horizontal distance, metres.")
    device_within_m: float = positive_parameter(
        2000.0, "Metres from the home point within which the pilot's device is used."
    )
    known_share: float = positive_share_parameter(
        0.9,
        "Share of the time in the air for which positions must be known, and that of the device "
        "believed, for a pass.",
    )


def check(flight: Flight, parameters: DistanceLimitParameters, inputs: RuleInputs) -> CheckResult:
    """Find each interval beyond the limit, with its farthest fix."""
    origin = _distance_origin(flight, parameters.device_within_m)
    if reason := no_track_reason(flight):
        return CheckResult.not_assessable(f"No distance: {reason}.")
    if origin is None:
        return CheckResult.not_assessable(
            "The log shows no position of the pilot, home point or take-off."
        )
    distances = np.where(
        is_airborne_row(flight, flight.track), origin.distances_m(flight.track), np.nan
    )
    limit, name = parameters.limit_m, origin.name
    findings = exceedance_findings(
        flight,
        distances,
        limit,
        inputs,
        field="distance_m",
        column="latitude_deg",
        summary_of=lambda peak: (
            f"{peak:.0f} m from {name}, {peak - limit:.0f} m beyond {limit:g} m"
        ),
        further_evidence=lambda row: (_origin_evidence(flight, origin, row),),
    )
    known = distances[np.isfinite(distances)]
    farthest = f"{known.max():.0f} m from {name}" if len(known) else "not known"
    lost = _lost_pilot_device_text(flight, origin)
    return CheckResult.from_findings(
        findings,
        f"Farthest {farthest}; the limit is {limit:g} m.{lost}",
        f"{len(findings)} interval{'s' * (len(findings) > 1)} beyond {limit:g} m; "
        f"farthest {farthest}.{lost}",
    )


def _share_without_pilot_position(
    flight: Flight, origin: reference_positions.ReferencePositions
) -> tuple[float, float]:
    """Return for which share of the fixes in the air the device is not believed, and how far off.

    Returns:
        Share, 0 to 1, and the greatest distance from the home point, metres.
    """
    if not origin.stand_ins:
        return 0.0, 0.0
    times = flight.track["time"][is_airborne_row(flight, flight.track)]
    away_m = origin.distance_of_disbelieved_position_m(pd.DatetimeIndex(times))
    lost = np.isfinite(away_m)
    if not lost.any():
        return 0.0, 0.0
    return float(lost.mean()), float(away_m[lost].max())


def _lost_pilot_device_text(flight: Flight, origin: reference_positions.ReferencePositions) -> str:
    """Return that the device of the pilot was lost meanwhile, a sentence; empty: it was not."""
    share, away_m = _share_without_pilot_position(flight, origin)
    if not share:
        return ""
    return (
        f" For {percent_text(share)} of the time in the air the pilot's device says that it is up "
        f"to {away_m / 1000:.1f} km from the home point, which is not believed."
    )


def _observe_distance_origin(
    flight: Flight, parameters: DistanceLimitParameters, _context: AuditContext
) -> Observation:
    """Return for how much of the time in the air it was known where the pilot, or home, was."""
    observation = observe_facts_in_air(flight, ("pilot_position", "takeoff_landing"))
    pilot = reference_positions.pilot_positions(flight, parameters.device_within_m)
    if pilot is None or not observation.share:
        return observation
    share, _ = _share_without_pilot_position(flight, pilot)
    if not share:
        return observation
    return replace(
        observation,
        share=min(observation.share, 1 - share),
        reason=f"The position of the pilot's device can be believed for {percent_text(1 - share)} "
        f"of the time in the air.{_lost_pilot_device_text(flight, pilot)}",
    )


def _origin_evidence(
    flight: Flight, origin: reference_positions.ReferencePositions, row: int
) -> Evidence:
    """Return the position from which the distance of a fix was measured as evidence."""
    position, source_index = origin.position_at(flight.track["time"].iloc[row])
    return log_evidence(
        flight,
        offset=position.source_offset,
        record=position.record,
        field=position.kind,
        value=f"{position.latitude_deg:.6f}, {position.longitude_deg:.6f}",
        source_index=source_index,
    )


def _distance_origin(
    flight: Flight, within_m: float
) -> reference_positions.ReferencePositions | None:
    """Return the positions from which distances are measured, and their name."""
    pilot, home = (
        reference_positions.pilot_positions(flight, within_m),
        reference_positions.home_positions(flight),
    )
    if pilot is not None:
        return pilot
    if home is None:
        takeoff = flight.takeoff_position
        if takeoff is None:
            return None
        return reference_positions.ReferencePositions(
            "the take-off, which stands in for the pilot", (takeoff,), 0
        )
    name = "the home point, which stands in for the pilot"
    if flight.pilot is not None and flight.home is not None:
        away_km = reference_positions.distance_between_m(flight.pilot, flight.home) / 1000
        name += f" (the device says it is {away_km:.0f} km away from it)"
    return replace(home, name=name)


_HOME = NamedPosition("home", None, 0.0, 0.0, None, "Home.latitude_deg", 77)


def _example_track_at_distances(*metres: float) -> dict[str, list[float]]:
    """Return a track of one fix per second along the equator, at distances from longitude 0."""
    return {
        "latitude_deg": [0.0] * len(metres),
        "longitude_deg": [each / float(metres_per_degree(0.0)[1]) for each in metres],
    }


#: A device beside the home point that jumps to a place 5 km away one second into the flight.
_LOST_DEVICE = tuple(
    NamedPosition(
        "pilot", pd.Timestamp(instant), 0.0, longitude_deg, None, "AppGPS.latitude_deg", offset
    )
    for instant, longitude_deg, offset in (
        ("2026-05-14T09:00:00Z", 0.0, 80),
        ("2026-05-14T09:00:01Z", 0.045, 90),
    )
)

_FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2})


def _data_needs(parameters: DistanceLimitParameters) -> tuple[DataNeed, ...]:
    return (
        fact_need("position", min_share=parameters.known_share),
        DataNeed(
            "pilot_position or takeoff_landing",
            _observe_distance_origin,
            parameters.known_share,
            "the position of the pilot's device, of which a lost one is not believed, or else the "
            "home point or the take-off, for the same share",
        ),
        takeoff_and_landing_need(),
    )


_EXAMPLES = (
    Example(
        Outcome.PASS,
        "a flight to 400 m away",
        _example_track_at_distances(0, 400, 0),
        events=_FLOWN,
        log_fields={"named_positions": (_HOME,)},
    ),
    Example(
        Outcome.FAIL,
        "a flight to 700 m away",
        _example_track_at_distances(0, 700),
        log_fields={"named_positions": (_HOME,)},
    ),
    Example(
        Outcome.NOT_ASSESSABLE,
        "a flight to 400 m away whose position is known half of the time",
        _example_track_at_distances(0, 400, math.nan, math.nan),
        log_fields={"named_positions": (_HOME,)},
    ),
    Example(
        Outcome.NOT_ASSESSABLE,
        "a flight during which the pilot's device is lost",
        _example_track_at_distances(0, 400, 0),
        events=_FLOWN,
        log_fields={"named_positions": (_HOME, *_LOST_DEVICE)},
    ),
    Example(
        Outcome.NOT_ASSESSABLE,
        "a flight to 400 m away whose log ends there",
        _example_track_at_distances(0, 400),
        events=_FLOWN[:1],
        log_fields={"named_positions": (_HOME,)},
    ),
    Example(
        Outcome.NOT_ASSESSABLE,
        "a log that names no home point",
        _example_track_at_distances(0, 700),
    ),
)
RULE = Rule(
    id="distance_limit",
    title="The aircraft stayed within its distance limit",
    parameters=DistanceLimitParameters,
    check=check,
    needs=_data_needs,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Position at every fix; the position of the pilot's device, or the home point.",
    not_assessable=(
        "The log is encrypted, or shows no position of the pilot, home point or take-off, or "
        "its position is known for too little of the time in the air, or it begins or ends there."
    ),
)
