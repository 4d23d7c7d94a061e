"""The aircraft stays at or below a height.

A height has a datum: the take-off point (which most logs hold), the ground below (only as far as
the aircraft measured it), or mean sea level.  The policy names the datum, and the rule uses only
heights of that datum: a limit above the ground is never compared with a height above take-off.
Where the aircraft did not measure its height above the ground, an elevation model that the unit
supplies gives it with an error of some metres; a height within that error of the limit is not
assessable.  A height that is known for a small part of the flight can show that the limit was
exceeded, but not that it was kept.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dji_audit.camera_view import SensorErrors
from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._exceedances import exceedance_findings
from dji_audit.compliance.rules._flight_facts import no_track_reason
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

_ERRORS = SensorErrors()
#: Metres.  95 % bound of the error of a barometric height over a terrain model.
MODEL_ERROR_M = round(2 * float(np.hypot(_ERRORS.height_m, _ERRORS.model_m)), 1)


@dataclass(frozen=True, slots=True, eq=False)
class ModelHeights:
    """Height of each fix above the ground of a terrain model, metres; NaN: not known."""

    heights_m: npt.NDArray[np.float64]
    #: Name of the model, for the reader.
    name: str


def heights_over_model(flight: Flight, inputs: RuleInputs) -> ModelHeights | None:
    """Return how high a flight was above the ground of the elevation model that was given.

    The height above take-off, less how much higher the ground lies here than there: two heights
    of one model, so that its datum falls out.  ``None``: no model, or none that knows the take-off.
    """
    model, start = inputs.context.elevation, flight.takeoff_position or flight.home
    if model is None or start is None:
        return None
    track = flight.track
    latitude = track["latitude_deg"].to_numpy(np.float64, na_value=np.nan)
    longitude = track["longitude_deg"].to_numpy(np.float64, na_value=np.nan)
    origin = model.height_m(np.array([start.latitude_deg]), np.array([start.longitude_deg]))[0]
    findings = np.full(len(track), np.nan)
    flown = np.isfinite(latitude + longitude)
    ground = model.height_m(latitude[flown], longitude[flown])
    above_takeoff = track["height_ato_m"].to_numpy(np.float64, na_value=np.nan)
    findings[flown] = above_takeoff[flown] - (ground - origin)
    return ModelHeights(findings, model.name) if np.isfinite(findings).any() else None


Datum = Literal["above_takeoff", "agl", "amsl"]
#: Datum -> column of the track, and its name.
_COLUMNS: dict[Datum, tuple[str, str]] = {
    "above_takeoff": ("height_ato_m", "above take-off"),
    "agl": ("height_agl_m", "above the ground"),
    "amsl": ("altitude_amsl_m", "above sea level"),
}


class HeightLimitParameters(Parameters):
    """Parameters of the rule."""

    limit_m: float = Field(120.0, gt=0, description="Metres above the datum.")
    datum: Datum = Field("above_takeoff", description="Datum of the limit.")
    known_share: float = Field(
        0.9, gt=0, le=1, description="Share of the fixes whose height must be known for a pass."
    )


def check(flight: Flight, parameters: HeightLimitParameters, inputs: RuleInputs) -> CheckResult:
    """Find each interval above the limit, with its peak."""
    if reason := no_track_reason(flight):
        return CheckResult.not_assessable(f"No height: {reason}.")
    column, datum_text = _COLUMNS[parameters.datum]
    heights = flight.track[column].to_numpy(np.float64)
    is_known = np.isfinite(heights)
    if parameters.datum == "agl" and not is_known.all():
        model = heights_over_model(flight, inputs)
        if model is not None:
            return _check_with_model(flight, parameters, inputs, measured=heights, model=model)
    if not is_known.any():
        return CheckResult.not_assessable(f"The log holds no height {datum_text}.")
    limit = parameters.limit_m
    findings = exceedance_findings(
        flight,
        heights,
        limit,
        inputs,
        field=column,
        column=column,
        summary_of=lambda peak: f"{peak:.1f} m {datum_text}, {peak - limit:.1f} m over {limit:g} m",
    )
    highest = float(np.nanmax(heights))
    if not findings and is_known.mean() < parameters.known_share:
        share = f"{is_known.mean():.0%} of the fixes"
        return CheckResult.not_assessable(
            f"The height {datum_text} is known for only {share}, at most {highest:.1f} m."
        )
    return CheckResult.of(
        findings,
        f"Highest {highest:.1f} m {datum_text}; the limit is {limit:g} m.",
        f"{len(findings)} interval{'s' * (len(findings) > 1)} above {limit:g} m; "
        f"highest {highest:.1f} m {datum_text}.",
    )


def _check_with_model(
    flight: Flight,
    parameters: HeightLimitParameters,
    inputs: RuleInputs,
    *,
    measured: npt.NDArray[np.float64],
    model: ModelHeights,
) -> CheckResult:
    """Compare measured heights with the limit, and elsewhere heights over a model, to its error."""
    limit, model_text = (
        parameters.limit_m,
        f"by elevation model {model.name}, within {MODEL_ERROR_M:g} m",
    )
    is_known = np.isfinite(measured)
    modelled = np.where(is_known, np.nan, model.heights_m)
    findings = exceedance_findings(
        flight,
        measured,
        limit,
        inputs,
        field="height_agl_m",
        column="height_agl_m",
        summary_of=lambda peak: (
            f"{peak:.1f} m above the ground, {peak - limit:.1f} m over {limit:g} m"
        ),
    )
    findings += exceedance_findings(
        flight,
        modelled - MODEL_ERROR_M,
        limit,
        inputs,
        field="height above the ground, less its error",
        column="height_ato_m",
        summary_of=lambda least: (
            f"at least {least:.1f} m above the ground ({model_text}), over {limit:g} m"
        ),
        grade="inferred",
    )
    heights = np.where(is_known, measured, modelled)
    highest = float(np.nanmax(heights))
    share = float(np.isfinite(heights).mean())
    if not findings and share < parameters.known_share:
        return CheckResult.not_assessable(
            f"The height above the ground ({model_text}) is known for only {share:.0%} "
            f"of the fixes, at most {highest:.1f} m."
        )
    if (
        not findings
        and float(np.nanmax(np.where(is_known, measured, modelled + MODEL_ERROR_M))) > limit
    ):
        return CheckResult.not_assessable(
            f"Highest {highest:.1f} m above the ground ({model_text}): this does not show "
            f"whether the limit of {limit:g} m was kept."
        )
    return CheckResult.of(
        findings,
        f"Highest {highest:.1f} m above the ground ({model_text}); the limit is {limit:g} m.",
        f"{len(findings)} interval{'s' * (len(findings) > 1)} above {limit:g} m; "
        f"highest {highest:.1f} m above the ground ({model_text}).",
    )


RULE = Rule(
    id="height_limit",
    title="The aircraft stayed at or below its height limit",
    looks_at=(
        "Height above the datum of the policy at every fix; above the ground also by "
        "elevation model."
    ),
    not_assessable=(
        "The log is encrypted, or holds no height above that datum, or holds it for too few fixes."
    ),
    parameters=HeightLimitParameters,
    check=check,
    examples=(
        Example(Outcome.PASS, "a climb to 120 m", hover_track(0.0, 60.0, 120.0, 0.0)),
        Example(Outcome.FAIL, "a climb to 131 m", hover_track(0.0, 60.0, 131.0, 0.0)),
        Example(
            Outcome.PASS,
            "200 m above a take-off in the valley, 50 m above the ground",
            hover_track(0.0, 200.0, height_agl_m=[0.0, 50.0]),
            parameters={"datum": "agl"},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a limit above the ground and a log with heights above take-off only",
            hover_track(0.0, 60.0),
            parameters={"datum": "agl"},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a height above the ground that was measured only up to 8 m",
            hover_track(0.0, 60.0, 60.0, height_agl_m=[8.0, None, None]),
            parameters={"datum": "agl"},
        ),
    ),
    authorisable=True,
)
