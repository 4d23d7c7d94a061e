"""The aircraft stays within the declared distance of its dock.

An aircraft that flies from a dock has no pilot beside it: what its operator declared is how far it
may go from the dock.  The inventory gives the place of the dock; the policy gives the distance of
the unit's own authorisation, and without one the rule does not apply.

It does not concern a helicopter or another aircraft with a crew.
"""

import math

import numpy as np
from pydantic import PositiveFloat

from dji_audit.common.plain_english import number_and_lesser_limit_texts, pluralised_count
from dji_audit.compliance.data_needs import DataNeed, fact_in_air_data_need
from dji_audit.compliance.findings import Evidence, evidence_of_user_supplied_row
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import (
    Parameters,
    parameter_field,
    positive_fraction_parameter_field,
)
from dji_audit.compliance.rules._shared._airborne_log_tracks import airborne_row_mask
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    inventory_row_or_reason,
    inventory_supplied_data_need,
    not_applicable_result_for_crewed_aircraft,
    stated_constant_fact_data_need,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._exceedances import exceedance_findings
from dji_audit.compliance.rules._shared._flight_evidence import why_flight_has_no_track
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import (
    distances_between_point_pairs_m,
    metres_per_latitude_and_longitude_degree,
)
from parsers import Aircraft


class DockDistanceParameters(Parameters):
    """Parameters of the rule."""

    limit_m: PositiveFloat | None = parameter_field(
        None, "Greatest horizontal distance from the dock, metres; none: nothing is declared."
    )
    known_share: float = positive_fraction_parameter_field(
        0.9, "Share of the time in the air for which positions must be known to pass."
    )


def check(flight: Flight, parameters: DockDistanceParameters, inputs: RuleInputs) -> CheckResult:
    """Find each interval beyond the declared distance, with its farthest fix."""
    larger = not_applicable_result_for_crewed_aircraft(
        flight, inputs, "no aircraft with a crew flies from a dock", is_for_large_drones=True
    )
    if larger is not None:
        return larger
    limit = parameters.limit_m
    if limit is None:
        return CheckResult(Outcome.NOT_APPLICABLE, "The policy declares no distance from the dock.")
    row, reason = inventory_row_or_reason(flight, inputs)
    inventory = inputs.context.inventory
    if row is None or inventory is None:
        return CheckResult.not_assessable_because(reason)
    dock = row.record.dock_position
    if dock is None:
        return CheckResult.not_assessable_because("The inventory gives no dock of the aircraft.")
    if reason := why_flight_has_no_track(flight):
        return CheckResult.not_assessable_because(f"No distance: {reason}.")
    track = flight.track
    away_m = np.where(
        airborne_row_mask(flight, track),
        distances_between_point_pairs_m(
            track["latitude_deg"].to_numpy(np.float64),
            track["longitude_deg"].to_numpy(np.float64),
            *dock,
        ),
        np.nan,
    )
    dock_evidence: Evidence = evidence_of_user_supplied_row(
        inventory.table, row, "dock_latitude_deg", f"{dock[0]:.6f}, {dock[1]:.6f}"
    )
    findings = exceedance_findings(
        flight,
        away_m,
        limit,
        inputs,
        field="distance_m",
        column="latitude_deg",
        summary_of=lambda peak: (
            f"{number_and_lesser_limit_texts(peak, limit)[0]} m from the dock, "
            f"{number_and_lesser_limit_texts(peak - limit, 0.0)[0]} m beyond {limit:g} m"
        ),
        further_evidence=lambda _row: (dock_evidence,),
    )
    known = away_m[np.isfinite(away_m)]
    farthest = f"{known.max():.0f} m from the dock" if len(known) else "not known"
    return CheckResult.from_findings(
        findings,
        f"Farthest {farthest}; the declared distance is {limit:g} m.",
        f"{pluralised_count(len(findings), 'interval')} beyond {limit:g} m; farthest {farthest}.",
    )


_LOG = {"aircraft": Aircraft(serial="S1")}
_DOCK: dict[str, object] = {
    "serial": "S1", "dock_latitude_deg": 51.5, "dock_longitude_deg": -1.0,
}  # fmt: skip
_FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2})


def _example_flight_from_dock(
    outcome: Outcome,
    description: str,
    farthest_m: float,
    *,
    row: dict[str, object] = _DOCK,
    limit_m: float | None = 1000.0,
) -> ExampleFlight:
    """Return a flight from a dock to the north and back."""
    north = 51.5 + farthest_m / float(metres_per_latitude_and_longitude_degree(51.5)[0])
    return ExampleFlight(
        outcome,
        description,
        hover_example_track_at_heights(0.0, 50.0, 0.0, latitude_deg=[51.5, north, 51.5]),
        events=_FLOWN,
        log_fields=_LOG,
        inventory=(row,),
        parameters={"limit_m": limit_m},
    )


def _data_needs(parameters: DockDistanceParameters) -> tuple[DataNeed, ...]:
    return (
        inventory_supplied_data_need(),
        stated_constant_fact_data_need("aircraft_identity"),
        fact_in_air_data_need("position", min_share=parameters.known_share),
        takeoff_and_landing_data_need(),
    )


_EXAMPLES = (
    _example_flight_from_dock(Outcome.PASS, "a flight to 900 m from its dock", 900.0),
    _example_flight_from_dock(Outcome.FAIL, "a flight to 1,200 m from its dock", 1200.0),
    _example_flight_from_dock(
        Outcome.NOT_ASSESSABLE, "an aircraft without a dock", 900.0, row={"serial": "S1"}
    ),
    _example_flight_from_dock(
        Outcome.NOT_APPLICABLE, "a policy that declares no distance", 1200.0, limit_m=None
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a flight whose position is not known",
        hover_example_track_at_heights(
            0.0, 50.0, 0.0, latitude_deg=[math.nan] * 3, longitude_deg=[math.nan] * 3
        ),
        log_fields=_LOG,
        inventory=(_DOCK,),
        parameters={"limit_m": 1000.0},
    ),
)
RULE = Rule(
    id="dock_distance",
    title="The aircraft stayed within the declared distance of its dock",
    parameters=DockDistanceParameters,
    check=check,
    needs=_data_needs,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Position at every fix in the air; the place of the dock in the inventory.",
    not_assessable=(
        "The inventory lacks the aircraft or its dock, or the position is known for too little of "
        "the time in the air, or the log begins or ends there."
    ),
)
