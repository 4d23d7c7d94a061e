"""The aircraft stays at or below a height.

A height is above something: the take-off point (what most logs hold), the ground
below (only as far as the aircraft measured it), or the sea.  The policy says
which one it means, and the rule looks at that one only: a limit above the ground
is never held against a height above take-off.  Where the aircraft did not measure its
height above the ground, an elevation model that the unit brings gives it, to some metres:
within these of the limit nothing is said.  A height that is known for a
small part of the flight can show that the limit was exceeded, and never that it
was kept.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._exceedances import excursion_findings
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    unknowable,
    unread,
)
from dji_audit.compliance.rules._terrain import WITHIN_M, OverModel, over_model
from dji_audit.flights import Flight

Datum = Literal["above_takeoff", "agl", "amsl"]
#: Datum -> column of the track, and what it is called.
_COLUMNS: dict[Datum, tuple[str, str]] = {
    "above_takeoff": ("height_ato_m", "above take-off"),
    "agl": ("height_agl_m", "above the ground"),
    "amsl": ("altitude_amsl_m", "above the sea"),
}


class HeightLimit(Parameters):
    """Parameters of the rule."""

    limit_m: float = Field(120.0, gt=0, description="Metres above the datum.")
    datum: Datum = Field("above_takeoff", description="What the limit is above.")
    known_share: float = Field(
        0.9, gt=0, le=1, description="Share of the fixes whose height must be known for a pass."
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Find each interval above the limit, with its peak."""
    if not isinstance(parameters, HeightLimit):
        raise TypeError("height_limit takes HeightLimit")
    if reason := unread(flight):
        return unknowable(f"No height: {reason}.")
    column, above = _COLUMNS[parameters.datum]
    heights = flight.track[column].to_numpy(np.float64)
    known = np.isfinite(heights)
    if parameters.datum == "agl" and not known.all():
        model = over_model(flight, inputs)
        if model is not None:
            return _with_model(flight, parameters, inputs, heights, model)
    if not known.any():
        return unknowable(f"The log holds no height {above}.")
    limit = parameters.limit_m
    found = excursion_findings(
        flight,
        heights,
        limit,
        RULE.id,
        inputs,
        column,
        column,
        lambda peak: f"{peak:.1f} m {above}, {peak - limit:.1f} m over {limit:g} m",
    )
    highest = float(np.nanmax(heights))
    if not found and known.mean() < parameters.known_share:
        share = f"{known.mean():.0%} of the fixes"
        return unknowable(
            f"The height {above} is known for {share} only, at most {highest:.1f} m there."
        )
    return judged(
        found,
        f"Highest {highest:.1f} m {above}; the limit is {limit:g} m.",
        f"{len(found)} interval{'s' * (len(found) > 1)} above {limit:g} m; "
        f"highest {highest:.1f} m {above}.",
    )


def _with_model(
    flight: Flight,
    parameters: HeightLimit,
    inputs: Inputs,
    measured: npt.NDArray[np.float64],
    model: OverModel,
) -> Verdict:
    """Hold what was measured against the limit, and elsewhere what a model gives, to its error."""
    limit, by = parameters.limit_m, f"by elevation model {model.name}, within {WITHIN_M:g} m"
    known = np.isfinite(measured)
    modelled = np.where(known, np.nan, model.heights_m)
    found = excursion_findings(
        flight,
        measured,
        limit,
        RULE.id,
        inputs,
        "height_agl_m",
        "height_agl_m",
        lambda peak: f"{peak:.1f} m above the ground, {peak - limit:.1f} m over {limit:g} m",
    )
    found += excursion_findings(
        flight,
        modelled - WITHIN_M,
        limit,
        RULE.id,
        inputs,
        "height above the ground, less its error",
        "height_ato_m",
        lambda least: f"at least {least:.1f} m above the ground ({by}), over {limit:g} m",
        grade="inferred",
    )
    heights = np.where(known, measured, modelled)
    highest = float(np.nanmax(heights))
    share = float(np.isfinite(heights).mean())
    if not found and share < parameters.known_share:
        return unknowable(
            f"The height above the ground ({by}) is known for {share:.0%} of the fixes only, "
            f"at most {highest:.1f} m there."
        )
    if not found and float(np.nanmax(np.where(known, measured, modelled + WITHIN_M))) > limit:
        return unknowable(
            f"Highest {highest:.1f} m above the ground ({by}): whether the limit of {limit:g} m "
            "was kept cannot be told."
        )
    return judged(
        found,
        f"Highest {highest:.1f} m above the ground ({by}); the limit is {limit:g} m.",
        f"{len(found)} interval{'s' * (len(found) > 1)} above {limit:g} m; "
        f"highest {highest:.1f} m above the ground ({by}).",
    )


RULE = Rule(
    "height_limit",
    "The aircraft stayed at or below its height limit",
    "Height above the policy's datum at every fix; above the ground also by an elevation model.",
    "The log is encrypted, or holds no height above that datum, or holds it for too few fixes.",
    HeightLimit,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.PASS, "a climb to 120 m", hover(0.0, 60.0, 120.0, 0.0)),
        Example(Outcome.FAIL, "a climb to 131 m", hover(0.0, 60.0, 131.0, 0.0)),
        Example(
            Outcome.PASS,
            "200 m above a take-off in the valley, 50 m above the ground",
            hover(0.0, 200.0, height_agl_m=[0.0, 50.0]),
            parameters={"datum": "agl"},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a limit above the ground and a log that knows the take-off only",
            hover(0.0, 60.0),
            parameters={"datum": "agl"},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a height above the ground that was measured up to 8 m only",
            hover(0.0, 60.0, 60.0, height_agl_m=[8.0, None, None]),
            parameters={"datum": "agl"},
        ),
    ),
)
