"""The aircraft stays within a distance of its pilot.

Where the log says where the pilot's device was, the distance is from there;
else the home point stands in for the pilot, and the finding says so.
"""

import numpy as np
from pydantic import Field

from dji_audit.compliance.findings import Finding
from dji_audit.compliance.rules._excursions import excursions, lasting, span
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    position_at,
    unknowable,
    unread,
)
from dji_audit.flights import Flight, home_distance_m


class DistanceLimit(Parameters):
    """Parameters of the rule."""

    #: Metres over the ground.
    limit_m: float = Field(500.0, gt=0)


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Find each interval beyond the limit, with its farthest fix."""
    if not isinstance(parameters, DistanceLimit):
        raise TypeError("distance_limit takes DistanceLimit")
    if reason := unread(flight):
        return unknowable(f"No distance: {reason}.")
    origin = flight.pilot or flight.home
    if origin is None:
        return unknowable("The log names neither the pilot's position nor a home point.")
    name = "the pilot's device" if origin is flight.pilot else "the home point (for the pilot)"
    distances = home_distance_m(flight.track, origin)
    if not np.isfinite(distances).any():
        return unknowable("The log holds no position.")
    limit = parameters.limit_m
    offsets = flight.track["source_offset"]
    found = []
    for part in excursions(flight, distances, limit):
        peak = float(distances[part.peak])
        start, end = span(flight, part)
        place = position_at(flight, start)
        found.append(
            Finding(
                RULE.id,
                inputs.severity,
                f"{peak:.0f} m from {name}, {peak - limit:.0f} m beyond {limit:g} m, "
                f"{lasting(part, start, end)}",
                "measured",
                (
                    evidence(
                        flight, int(offsets.iloc[part.peak]), "track", "position", f"{peak:.0f} m"
                    ),
                    evidence(
                        flight, origin.source_offset, origin.record, origin.kind,
                        f"{origin.latitude_deg:.6f}, {origin.longitude_deg:.6f}",
                    ),
                ),
                start,
                end,
                *(place or (None, None)),
            )
        )  # fmt: skip
    farthest = float(np.nanmax(distances))
    return judged(
        found,
        f"Farthest {farthest:.0f} m from {name}; the limit is {limit:g} m.",
        f"{len(found)} interval{'s' * (len(found) > 1)} beyond {limit:g} m; "
        f"farthest {farthest:.0f} m from {name}.",
    )


RULE = Rule(
    "distance_limit",
    "The aircraft stayed within its distance limit",
    "Position at every fix; the pilot's device, else the home point.",
    "The log is encrypted, holds no position, or names neither pilot nor home point.",
    DistanceLimit,
    check,
)
