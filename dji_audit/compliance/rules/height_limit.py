"""The aircraft stays at or below a height above its take-off point.

The log knows the height above take-off and not the height above the ground
below; where the ground falls or rises, the two differ.  The rule says which
one it used and never compares across the two.
"""

import numpy as np
from pydantic import Field

from dji_audit.compliance.rules._excursions import excursion_findings
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    unknowable,
    unread,
)
from dji_audit.flights import Flight


class HeightLimit(Parameters):
    """Parameters of the rule."""

    #: Metres above the take-off point.
    limit_m: float = Field(120.0, gt=0)


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Find each interval above the limit, with its peak."""
    if not isinstance(parameters, HeightLimit):
        raise TypeError("height_limit takes HeightLimit")
    heights = flight.track["height_ato_m"].to_numpy(np.float64)
    if reason := unread(flight):
        return unknowable(f"No height: {reason}.")
    if not np.isfinite(heights).any():
        return unknowable("The log holds no height above take-off.")
    limit = parameters.limit_m
    found = excursion_findings(
        flight,
        heights,
        limit,
        RULE.id,
        inputs,
        "height_ato_m",
        "height_ato_m",
        lambda peak: f"{peak:.1f} m above take-off, {peak - limit:.1f} m over {limit:g} m",
    )
    highest = float(np.nanmax(heights))
    return judged(
        found,
        f"Highest {highest:.1f} m above take-off; the limit is {limit:g} m.",
        f"{len(found)} interval{'s' * (len(found) > 1)} above {limit:g} m; "
        f"highest {highest:.1f} m above take-off.",
    )


RULE = Rule(
    "height_limit",
    "The aircraft stayed at or below its height limit",
    "Height above take-off at every fix.",
    "The log is encrypted, or holds no height above take-off.",
    HeightLimit,
    check,
)
