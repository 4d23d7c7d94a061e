"""The aircraft stays at or below a height.

A height has a datum: the take-off point (which most logs hold), the ground below (only as far as
the aircraft measured it), or mean sea level.  The policy names the datum, and the rule uses only
heights of that datum: a limit above the ground is never compared with a height above take-off.
Where the aircraft did not measure its height above the ground, an elevation model that the unit
supplies gives it with an error of some metres; a height within that error of the limit is not
assessable.  A height that is known for a small part of the flight can show that the limit was
exceeded, but not that it was kept.  A greatest height that only the header of a log states is
reported as that.

The limit is one of small drones: it does not concern an aircraft that is a helicopter, an aeroplane
or a large drone by the type in its log, or that carries a crew or weighs over 150 kg by the
inventory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view import CameraSensorErrors
from dji_audit.common.plain_english import percent_text, pluralised_count
from dji_audit.common.time_columns_to_unix_numbers import unix_seconds_of_times
from dji_audit.common.time_intervals import (
    interval_intersection,
    one_time_interval,
    total_duration_s,
)
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import (
    DataNeed,
    airborne_span,
    availability_of_facts_in_air,
    intervals_without_recording_pause,
)
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import (
    Parameters,
    parameter_field,
    positive_fraction_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared._airborne_log_tracks import airborne_row_mask
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    not_applicable_result_for_crewed_aircraft,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._exceedances import exceedance_findings
from dji_audit.compliance.rules._shared._flight_evidence import evidence_of_record_in_flight_log
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    carries_fact_in_understood_form,
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import Aircraft, LogHeaderTotals

_ERRORS = CameraSensorErrors()
#: Metres.  95 % bound of the error of a barometric height over a terrain model.
MODEL_ERROR_M = round(2 * float(np.hypot(_ERRORS.height_m, _ERRORS.model_m)), 1)


@dataclass(frozen=True, slots=True, eq=False)
class HeightsOverTerrainModel:
    """Height of each fix above the ground of a terrain model, metres; NaN: not known."""

    heights_m: npt.NDArray[np.float64]
    #: Name of the model, for the reader.
    name: str


def heights_over_terrain_model(
    flight: Flight, context: AuditContext
) -> HeightsOverTerrainModel | None:
    """Return how high a flight was above the ground of the elevation model that was given.

    The height above take-off, less how much higher the ground lies here than there: two heights
    of one model, so that its datum falls out.  ``None``: no model, or none that knows the take-off.
    """
    model, start = context.elevation, flight.takeoff_position or flight.home
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
    return HeightsOverTerrainModel(findings, model.name) if np.isfinite(findings).any() else None


Datum = Literal["above_takeoff", "agl", "amsl"]
#: Datum -> column of the track, and its name.
_COLUMNS: dict[Datum, tuple[str, str]] = {
    "above_takeoff": ("height_ato_m", "above take-off"),
    "agl": ("height_agl_m", "above the ground"),
    "amsl": ("altitude_amsl_m", "above sea level"),
}


class HeightLimitParameters(Parameters):
    """Parameters of the rule."""

    limit_m: float = positive_parameter_field(120.0, "Metres above the datum.")
    datum: Datum = parameter_field("above_takeoff", "Datum of the limit.")
    known_share: float = positive_fraction_parameter_field(
        0.9, "Share of the time in the air for which heights must be known for a pass."
    )


#: Datum -> fact that carries heights above it.
_FACTS: dict[Datum, str] = {
    "above_takeoff": "height_above_takeoff",
    "agl": "height_above_ground",
    "amsl": "altitude_amsl",
}


def check(flight: Flight, parameters: HeightLimitParameters, inputs: RuleInputs) -> CheckResult:
    """Find each interval above the limit, with its peak."""
    larger = not_applicable_result_for_crewed_aircraft(
        flight, inputs, "the limit is one of small drones"
    )
    if larger is not None:
        return larger
    column, datum_text = _COLUMNS[parameters.datum]
    heights = _airborne_heights(flight, column)
    is_known = np.isfinite(heights)
    if parameters.datum == "agl" and not is_known.all():
        model = heights_over_terrain_model(flight, inputs.context)
        if model is not None:
            return _check_with_terrain_model(
                flight, parameters, inputs, measured=heights, model=model
            )
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
    if not findings and parameters.datum == "above_takeoff":
        findings = tuple(_header_height_findings(flight, limit, inputs))
    highest = f"{heights[is_known].max():.1f} m {datum_text}" if is_known.any() else "not known"
    if findings and not is_known.any():
        highest = f"{findings[0].peak:.1f} m, as the header of the log states"
    return CheckResult.from_findings(
        findings,
        f"Highest {highest}; the limit is {limit:g} m.",
        f"{pluralised_count(len(findings), 'interval')} above {limit:g} m; highest {highest}.",
    )


def _airborne_heights(flight: Flight, column: str) -> npt.NDArray[np.float64]:
    """Return the heights of the fixes in the air, metres; NaN: not known, or on the ground."""
    heights = flight.track[column].to_numpy(np.float64)
    return np.where(airborne_row_mask(flight, flight.track), heights, np.nan)


def _header_height_findings(flight: Flight, limit: float, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield where the header of a log states a greatest height over the limit.

    A header is in clear where the records are encrypted.  It says how high, but not when or where.
    """
    for index in flight.log_indices_whose_first_flight_it_is:
        stated = flight.logs[index].header_summary
        height_m = None if stated is None else stated.max_height_ato_m
        if stated is None or height_m is None or height_m <= limit:
            continue
        day = f" on {stated.start:%Y-%m-%d}" if stated.start is not None else ""
        yield inputs.finding(
            f"{height_m:.1f} m above take-off, {height_m - limit:.1f} m over {limit:g} m, at some "
            f"time of the flight{day}; the header of the log states it, its records do not show it",
            grade="reported",
            evidence=(
                evidence_of_record_in_flight_log(
                    flight,
                    offset=stated.source_offset,
                    record=stated.record,
                    field="max_height_ato_m",
                    value=f"{height_m:.1f}",
                    source_index=index,
                ),
            ),
            start=stated.start,
            peak=height_m,
        )


def _availability_of_heights(
    flight: Flight, parameters: HeightLimitParameters, context: AuditContext
) -> DataNeedObservation:
    """Return for how much of the time in the air heights above the datum were known."""
    observation = availability_of_facts_in_air(flight, (_FACTS[parameters.datum],))
    if parameters.datum != "agl" or context.elevation is None:
        return observation
    model, span = heights_over_terrain_model(flight, context), airborne_span(flight)
    if model is None or span is None or not _carries_height_and_position(flight):
        return observation
    measured = flight.track["height_agl_m"].to_numpy(np.float64)
    known = np.isfinite(measured) | np.isfinite(model.heights_m)
    seconds = unix_seconds_of_times(flight.track["time"][known])
    seconds = np.unique(seconds[np.isfinite(seconds)])
    start_s, end_s = (time.value / 1e9 for time in span)
    seen = interval_intersection(
        intervals_without_recording_pause(seconds), one_time_interval(start_s, end_s)
    )
    share = min(1.0, total_duration_s(seen) / (end_s - start_s)) if end_s > start_s else 0.0
    return DataNeedObservation(
        subject="heights above the ground",
        share=share,
        sources=(flight.log.source.name,),
        reason=f"Heights above the ground, measured or by elevation model {model.name}, are known "
        f"for {percent_text(share)} of the time in the air.",
    )


def _carries_height_and_position(flight: Flight) -> bool:
    return any(
        all(
            carries_fact_in_understood_form(log, fact)
            for fact in ("position", "height_above_takeoff")
        )
        for log in flight.logs
    )


def _check_with_terrain_model(
    flight: Flight,
    parameters: HeightLimitParameters,
    inputs: RuleInputs,
    *,
    measured: npt.NDArray[np.float64],
    model: HeightsOverTerrainModel,
) -> CheckResult:
    """Compare measured heights with the limit, and elsewhere heights over a model, to its error."""
    limit, model_text = (
        parameters.limit_m,
        f"by elevation model {model.name}, within {MODEL_ERROR_M:g} m",
    )
    is_known = np.isfinite(measured)
    in_air = airborne_row_mask(flight, flight.track)
    modelled = np.where(is_known | ~in_air, np.nan, model.heights_m)
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
    if not np.isfinite(heights).any():
        return CheckResult.not_assessable_because("No height above the ground is known in the air.")
    highest = float(np.nanmax(heights))
    if (
        not findings
        and float(np.nanmax(np.where(is_known, measured, modelled + MODEL_ERROR_M))) > limit
    ):
        return CheckResult.not_assessable_because(
            f"Highest {highest:.1f} m above the ground ({model_text}): this does not show "
            f"whether the limit of {limit:g} m was kept."
        )
    return CheckResult.from_findings(
        findings,
        f"Highest {highest:.1f} m above the ground ({model_text}); the limit is {limit:g} m.",
        f"{pluralised_count(len(findings), 'interval')} above {limit:g} m; "
        f"highest {highest:.1f} m above the ground ({model_text}).",
    )


_FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 3})


def _data_needs(parameters: HeightLimitParameters) -> tuple[DataNeed, ...]:
    return (
        DataNeed(_FACTS[parameters.datum], _availability_of_heights, parameters.known_share),
        takeoff_and_landing_data_need(),
    )


_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a climb to 120 m",
        hover_example_track_at_heights(0.0, 60.0, 120.0, 0.0),
        events=_FLOWN,
    ),
    ExampleFlight(
        Outcome.FAIL, "a climb to 131 m", hover_example_track_at_heights(0.0, 60.0, 131.0, 0.0)
    ),
    ExampleFlight(
        Outcome.PASS,
        "200 m above a take-off in the valley, 50 m above the ground",
        hover_example_track_at_heights(0.0, 200.0, 200.0, 0.0, height_agl_m=[0.0, 50.0, 50.0, 0.0]),
        events=_FLOWN,
        parameters={"datum": "agl"},
    ),
    ExampleFlight(
        Outcome.NOT_APPLICABLE,
        "a helicopter at 400 m",
        hover_example_track_at_heights(0.0, 400.0, 400.0, 0.0),
        log_fields={"aircraft": Aircraft(model="EC135", larger_type="helicopter")},
    ),
    ExampleFlight(
        Outcome.NOT_APPLICABLE,
        "a climb to 131 m of an aircraft that carries a crew by the inventory",
        hover_example_track_at_heights(0.0, 60.0, 131.0, 0.0),
        log_fields={"aircraft": Aircraft(serial="S1")},
        inventory=({"serial": "S1", "crewed": True},),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a climb to 60 m whose log ends there",
        hover_example_track_at_heights(0.0, 60.0, 60.0, 60.0),
        events=_FLOWN[:1],
    ),
    ExampleFlight(
        Outcome.FAIL,
        "an encrypted log whose header states 158 m",
        log_fields={
            "encrypted": True,
            "header_summary": LogHeaderTotals("Details", 900, max_height_ato_m=158.0),
        },
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a limit above the ground and a log with heights above take-off only",
        hover_example_track_at_heights(0.0, 60.0),
        parameters={"datum": "agl"},
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a height above the ground that was measured only up to 8 m",
        hover_example_track_at_heights(0.0, 60.0, 60.0, height_agl_m=[8.0, None, None]),
        parameters={"datum": "agl"},
    ),
)
RULE = Rule(
    id="height_limit",
    title="The aircraft stayed at or below its height limit",
    parameters=HeightLimitParameters,
    check=check,
    needs=_data_needs,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at=(
        "Height above the datum of the policy at every fix; above the ground also by "
        "elevation model."
    ),
    not_assessable=(
        "The log is encrypted, or holds no height above that datum, or holds it for too little of "
        "the time in the air, or begins or ends there."
    ),
)
