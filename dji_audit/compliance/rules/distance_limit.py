"""The aircraft stays within a distance of its pilot.

Where the log says where the pilot's device was, the distance is from there;
else the home point, else the take-off, stands in, and the result says so.  A phone
may give a place that it remembered from another day: a device farther from the
home point than ``device_within_m`` is not believed, and that is said too.
"""

import math

import numpy as np
from pydantic import Field

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._exceedances import excursion_findings
from dji_audit.compliance.rules._log_tracks import airborne
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
    unread,
)
from dji_audit.flights import WGS84, Flight, home_distance_m
from parsers import Place


class DistanceLimit(Parameters):
    """Parameters of the rule."""

    limit_m: float = Field(500.0, gt=0, description="Metres over the ground.")
    device_within_m: float = Field(
        2000.0,
        gt=0,
        description="Metres from the home point within which the pilot's device is believed.",
    )
    known_share: float = Field(
        0.9, gt=0, le=1, description="Share of the fixes whose position must be known for a pass."
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Find each interval beyond the limit, with its farthest fix."""
    if not isinstance(parameters, DistanceLimit):
        raise TypeError("distance_limit takes DistanceLimit")
    if reason := unread(flight):
        return unknowable(f"No distance: {reason}.")
    origin, name = _origin(flight, parameters.device_within_m)
    if origin is None:
        return unknowable("The log shows no position of the pilot, home point or take-off.")
    distances = home_distance_m(flight.track, origin)
    if not np.isfinite(distances).any():
        return unknowable("The log holds no position.")
    limit = parameters.limit_m
    by = flight.pilot_told_by if origin is flight.pilot else flight.home_told_by
    point = f"{origin.latitude_deg:.6f}, {origin.longitude_deg:.6f}"
    found = excursion_findings(
        flight,
        distances,
        limit,
        RULE.id,
        inputs,
        "distance_m",
        "latitude_deg",
        lambda peak: f"{peak:.0f} m from {name}, {peak - limit:.0f} m beyond {limit:g} m",
        (evidence(flight, origin.source_offset, origin.record, origin.kind, point, by),),
    )
    farthest = float(np.nanmax(distances))
    in_air = home_distance_m(airborne(flight, flight.track), origin)
    share = float(np.isfinite(in_air).mean()) if len(in_air) else 0.0
    if not found and share < parameters.known_share:
        return unknowable(
            f"The position is known for {share:.0%} of the fixes in the air only, at most "
            f"{farthest:.0f} m from {name} there."
        )
    return judged(
        found,
        f"Farthest {farthest:.0f} m from {name}; the limit is {limit:g} m.",
        f"{len(found)} interval{'s' * (len(found) > 1)} beyond {limit:g} m; "
        f"farthest {farthest:.0f} m from {name}.",
    )


def _origin(flight: Flight, within_m: float) -> tuple[Place | None, str]:
    """Return the point to measure from and what it is."""
    pilot, home = flight.pilot, flight.home
    if home is None:
        if pilot is not None:
            return pilot, "the pilot's device"
        return flight.takeoff_place, "the take-off (for the pilot)"
    if pilot is None:
        return home, "the home point (for the pilot)"
    apart = WGS84.inv(
        home.longitude_deg, home.latitude_deg, pilot.longitude_deg, pilot.latitude_deg
    )[2]
    if apart <= within_m:
        return pilot, "the pilot's device"
    return home, f"the home point (the device says it is {apart / 1000:.0f} km away from it)"


_HOME = Place("home", None, 0.0, 0.0, None, "Home.latitude_deg", 77)


def _away(*metres: float) -> dict[str, list[float]]:
    """Return a track of one fix a second along the equator, so far from its zero."""
    return {
        "latitude_deg": [0.0] * len(metres),
        "longitude_deg": [each / 111_319.4908 for each in metres],
    }


RULE = Rule(
    "distance_limit",
    "The aircraft stayed within its distance limit",
    "Position at every fix; the pilot's device, else the home point.",
    "The log is encrypted, or shows no position of the pilot, home point or take-off, or its "
    "position is known for too few fixes in the air.",
    DistanceLimit,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.PASS, "a flight to 400 m away", _away(0, 400), log={"places": (_HOME,)}),
        Example(Outcome.FAIL, "a flight to 700 m away", _away(0, 700), log={"places": (_HOME,)}),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a flight to 400 m away whose position is known half of the time",
            _away(0, 400, math.nan, math.nan),
            log={"places": (_HOME,)},
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log that names no home point", _away(0, 700)),
    ),
)
