"""The aircraft stayed within the operating area that its operation declares.

Flights beyond visual line of sight, such as those from a dock, keep to an area that was assessed
and declared beforehand, and not to a distance from a pilot.  The operations log names the area of
each operation; the areas are zones of the files given with `--operating-areas`, in any format of
zone files.  Several operations of a flight, or an area in several parts, are one area together.
The track between fixes is compared with it as with a fence that must not be left.

It does not concern a helicopter or another aircraft with a crew.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.data_needs import fact_in_air_data_need, supplied_input_data_need
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    not_applicable_result_for_crewed_aircraft,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._operations_log_entries_of_flight import (
    operations_log_data_need,
    operations_of_flight_or_reason,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._zones import _zone_crossing_findings as zone_crossings
from dji_audit.flights import Flight
from dji_audit.zones import Point, SuppliedZones, ZoneEffect, find_excursions_outside_all_areas


class OperatingAreaParameters(zone_crossings.ZoneComparisonToleranceParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: OperatingAreaParameters, inputs: RuleInputs) -> CheckResult:
    """Find each stretch of the flight outside the area of its operation."""
    larger = not_applicable_result_for_crewed_aircraft(
        flight,
        inputs,
        "operating areas are declared for drones beyond visual line of sight",
        is_for_large_drones=True,
    )
    if larger is not None:
        return larger
    rows, why_none = operations_of_flight_or_reason(flight, inputs)
    if why_none:
        return CheckResult.not_assessable_because(f"The operating area is not known: {why_none}.")
    supplied = inputs.context.operating_areas
    if supplied is None:
        return CheckResult.not_assessable_because("No file of operating areas was given.")
    names = list(dict.fromkeys(name for row in rows if (name := row.record.operating_area)))
    if not names:
        operations = ", ".join(row.record.operation for row in rows)
        return CheckResult.not_assessable_because(
            f"Operation {operations} names no operating area."
        )
    areas = [zone for zone in supplied.zones if {zone.id, zone.name} & set(names)]
    known = {text for zone in areas for text in (zone.id, zone.name)}
    if unknown := [name for name in names if name not in known]:
        return CheckResult.not_assessable_because(
            f"The files of operating areas hold no area {', '.join(unknown)}."
        )
    track = zone_crossings.airborne_zone_track(flight, parameters.gap_s)
    result = find_excursions_outside_all_areas(
        track,
        areas,
        parameters.zone_tolerance,
        zone_crossings.known_takeoff_and_landing_times(flight),
    )
    outside = [zone_crossings.crossing_finding(flight, each, inputs) for each in result.crossings]
    certain = [finding for finding in outside if not finding.inconclusive]
    undecided = [
        *(finding for finding in outside if finding.inconclusive),
        *zone_crossings.undetermined_crossing_findings(flight, result.undetermined, inputs),
    ]
    listed = ", ".join(names)
    if not certain and undecided:
        why = undecided[0].summary.removesuffix(".")
        return CheckResult.not_assessable_because(
            f"Whether the aircraft stayed within {listed} could not be decided: {why}.", undecided
        )
    return CheckResult.from_findings(
        [*certain, *undecided],
        f"The aircraft stayed within the operating area {listed}.",
        f"The aircraft left the operating area {listed} {pluralised_count(len(certain), 'time')}.",
    )


_FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2})
_IN_AREA: dict[str, object] = {
    "operation": "OP-1", "start": -60, "end": 600, "operating_area": "EX1",
}  # fmt: skip


def _example_flight_in_operating_area(
    outcome: Outcome,
    description: str,
    *,
    operation: Mapping[str, object] | None = _IN_AREA,
    latitudes: Sequence[float] = (51.5, 51.5, 51.5),
    context: Mapping[str, Any] | None = None,  # fields of AuditContext
) -> ExampleFlight:
    """Return a flight up to 50 m, an operation, and one circle of 100 m as operating area."""
    return ExampleFlight(
        outcome,
        description,
        hover_example_track_at_heights(0.0, 50.0, 0.0, latitude_deg=latitudes),
        events=_FLOWN,
        operations=None if operation is None else (operation,),
        context={"operating_areas": zone_crossings.example_supplied_zones(effect=ZoneEffect.NONE)}
        if context is None
        else context,
    )


def _example_areas_around(*centres: Point) -> dict[str, SuppliedZones]:
    """Return made-up areas of one name, each a circle of 100 m."""
    files = (
        zone_crossings.example_supplied_zones(effect=ZoneEffect.NONE, centre=centre).files
        for centre in centres
    )
    return {"operating_areas": SuppliedZones(tuple(file for each in files for file in each))}


_NEEDS = (
    operations_log_data_need(),
    supplied_input_data_need(
        "operating_areas", "file of operating areas", "Give it with --operating-areas."
    ),
    fact_in_air_data_need("position"),
    zone_crossings.track_reaches_ends_of_flight_data_need(),
    takeoff_and_landing_data_need(),
)
_EXAMPLES = (
    _example_flight_in_operating_area(Outcome.PASS, "a flight within the area of its operation"),
    _example_flight_in_operating_area(
        Outcome.FAIL,
        "a flight that leaves the area of its operation",
        latitudes=(51.5, 51.5018, 51.5),
    ),
    _example_flight_in_operating_area(
        Outcome.NOT_ASSESSABLE,
        "an operation that names no area",
        operation={**_IN_AREA, "operating_area": None},
    ),
    _example_flight_in_operating_area(
        Outcome.NOT_ASSESSABLE,
        "an operation that names an area which no file holds",
        operation={**_IN_AREA, "operating_area": "EX2"},
    ),
    _example_flight_in_operating_area(
        Outcome.PASS,
        "a flight from one of two overlapping areas into the other",
        latitudes=(51.5, 51.5013, 51.5),
        context=_example_areas_around((51.5, -1.0), (51.5013, -1.0)),
    ),
    _example_flight_in_operating_area(
        Outcome.FAIL,
        "a flight that leaves two areas together",
        latitudes=(51.5, 51.5030, 51.5),
        context=_example_areas_around((51.5, -1.0), (51.5013, -1.0)),
    ),
    _example_flight_in_operating_area(
        Outcome.NOT_ASSESSABLE, "a flight without an operations log", operation=None
    ),
    _example_flight_in_operating_area(
        Outcome.NOT_ASSESSABLE, "a flight without operating areas", context={}
    ),
)
RULE = Rule(
    id="operating_area",
    title="The aircraft stayed within the operating area of its operation",
    parameters=OperatingAreaParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at=(
        "Position, height and time of every fix in the air; the operations log; the areas given."
    ),
    not_assessable=(
        "No operations log or no operating area was given, the operation of the flight names none, "
        "or the log holds no track or not all of the flight."
    ),
)
