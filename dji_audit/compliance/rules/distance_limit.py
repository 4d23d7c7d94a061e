"""The aircraft stays within a distance of its pilot.

Where the log gives the position of the device of the pilot, the distance is measured from
there.  Otherwise the home point, or else the take-off point, replaces it, and the result says
so.  A phone may give a remembered position of another day: a device farther from the home
point than ``device_within_m`` is not used, and the result says so too.
"""

import math

import numpy as np
from pydantic import Field

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._exceedances import exceedance_findings
from dji_audit.compliance.rules._flight_facts import log_evidence, no_track_reason
from dji_audit.compliance.rules._log_tracks import airborne_fixes
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight, home_distance_m
from dji_audit.geo.geodesy import distance_m, metres_per_degree
from parsers import NamedPosition


class DistanceLimitParameters(Parameters):
    """Parameters of the rule."""

    limit_m: float = Field(500.0, gt=0, description="Greatest horizontal distance, metres.")
    device_within_m: float = Field(
        2000.0,
        gt=0,
        description="Metres from the home point within which the pilot's device is used.",
    )
    known_share: float = Field(
        0.9,
        gt=0,
        le=1,
        description="Share of fixes in the air whose position must be known for a pass.",
    )


def check(flight: Flight, parameters: DistanceLimitParameters, inputs: RuleInputs) -> CheckResult:
    """Find each interval beyond the limit, with its farthest fix."""
    if reason := no_track_reason(flight):
        return CheckResult.not_assessable(f"No distance: {reason}.")
    origin, name = _distance_origin(flight, parameters.device_within_m)
    if origin is None:
        return CheckResult.not_assessable(
            "The log shows no position of the pilot, home point or take-off."
        )
    distances = home_distance_m(flight.track, origin)
    if not np.isfinite(distances).any():
        return CheckResult.not_assessable("The log holds no position.")
    limit = parameters.limit_m
    origin_index = flight.pilot_source_index if origin is flight.pilot else flight.home_source_index
    position_text = f"{origin.latitude_deg:.6f}, {origin.longitude_deg:.6f}"
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
        further_evidence=(
            log_evidence(
                flight,
                offset=origin.source_offset,
                record=origin.record,
                field=origin.kind,
                value=position_text,
                source_index=origin_index,
            ),
        ),
    )
    farthest = float(np.nanmax(distances))
    air_distances = home_distance_m(airborne_fixes(flight, flight.track), origin)
    share = float(np.isfinite(air_distances).mean()) if len(air_distances) else 0.0
    if not findings and share < parameters.known_share:
        return CheckResult.not_assessable(
            f"The position is known for only {share:.0%} of the fixes in the air, at most "
            f"{farthest:.0f} m from {name}."
        )
    return CheckResult.of(
        findings,
        f"Farthest {farthest:.0f} m from {name}; the limit is {limit:g} m.",
        f"{len(findings)} interval{'s' * (len(findings) > 1)} beyond {limit:g} m; "
        f"farthest {farthest:.0f} m from {name}.",
    )


def _distance_origin(flight: Flight, within_m: float) -> tuple[NamedPosition | None, str]:
    """Return the point from which distances are measured, and its name."""
    pilot, home = flight.pilot, flight.home
    if home is None:
        if pilot is not None:
            return pilot, "the pilot's device"
        return flight.takeoff_position, "the take-off (for the pilot)"
    if pilot is None:
        return home, "the home point (for the pilot)"
    separation_m = distance_m(
        (home.latitude_deg, home.longitude_deg), (pilot.latitude_deg, pilot.longitude_deg)
    )
    if separation_m <= within_m:
        return pilot, "the pilot's device"
    return home, f"the home point (the device says it is {separation_m / 1000:.0f} km away from it)"


_HOME = NamedPosition("home", None, 0.0, 0.0, None, "Home.latitude_deg", 77)


def _example_track_at_distances(*metres: float) -> dict[str, list[float]]:
    """Return a track of one fix per second along the equator, at distances from longitude 0."""
    return {
        "latitude_deg": [0.0] * len(metres),
        "longitude_deg": [each / float(metres_per_degree(0.0)[1]) for each in metres],
    }


RULE = Rule(
    id="distance_limit",
    title="The aircraft stayed within its distance limit",
    looks_at="Position at every fix; the position of the pilot's device, or the home point.",
    not_assessable=(
        "The log is encrypted, or shows no position of the pilot, home point or take-off, or "
        "its position is known for too few fixes in the air."
    ),
    parameters=DistanceLimitParameters,
    check=check,
    examples=(
        Example(
            Outcome.PASS,
            "a flight to 400 m away",
            _example_track_at_distances(0, 400),
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
            "a log that names no home point",
            _example_track_at_distances(0, 700),
        ),
    ),
    authorisable=True,
)
