"""A flight outside the usual limits names the profile that allows it, and its assurance.

Police aircraft may be flown as state aircraft, outside the regulation for others, under a profile
that the force answers for.  What allows such a flight is then not a limit of height or distance,
but the profile and the reference of its assurance: the operations log names both for each
operation.  The limits that the force sets itself are entries of its own pack.

It does not concern a helicopter, an aeroplane or a large drone.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Strict

from dji_audit.common.supplied_tables import SuppliedRow
from dji_audit.compliance.findings import Finding, evidence_of_user_supplied_row
from dji_audit.compliance.operations_log import Operation
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, parameter_field
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    not_applicable_result_for_crewed_aircraft,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._operations_log_entries_of_flight import (
    operations_log_data_need,
    operations_of_flight_or_reason,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight


class FlightProfileParameters(Parameters):
    """Parameters of the rule."""

    profiles: Annotated[tuple[str, ...], Strict(False)] = parameter_field(
        (), "Profiles that the unit may fly under; empty: any that is named."
    )


def check(flight: Flight, parameters: FlightProfileParameters, inputs: RuleInputs) -> CheckResult:
    """Look for an operation of the flight that names its profile and the assurance of it."""
    larger = not_applicable_result_for_crewed_aircraft(
        flight, inputs, "the profiles are those of small drones"
    )
    if larger is not None:
        return larger
    rows, why_none = operations_of_flight_or_reason(flight, inputs)
    if why_none:
        return CheckResult.not_assessable_because(
            f"The profile of the flight is not known: {why_none}."
        )
    shortcomings = [_missing_profile_details_and_column(row.record, parameters) for row in rows]
    for row, (shortcoming, _) in zip(rows, shortcomings, strict=True):
        if not shortcoming:
            operation = row.record
            return CheckResult(
                Outcome.PASS,
                f"Operation {operation.operation} was flown under the profile {operation.profile}, "
                f"assurance {operation.assurance_ref}.",
            )
    findings = [
        _flight_profile_shortcoming_finding(flight, row, shortcoming, field, inputs)
        for row, (shortcoming, field) in zip(rows, shortcomings, strict=True)
    ]
    return CheckResult.from_findings(
        findings, "", "No operation of the flight names an allowed profile and its assurance."
    )


def _missing_profile_details_and_column(
    operation: Operation, parameters: FlightProfileParameters
) -> tuple[str, str]:
    """Return what an operation lacks, a sentence, and the column; empty: nothing."""
    name = f"Operation {operation.operation}"
    if operation.profile is None:
        return f"{name} names no profile that it was flown under.", "profile"
    if parameters.profiles and operation.profile not in parameters.profiles:
        return (
            f"{name} was flown under the profile {operation.profile}, which is not on the list.",
            "profile",
        )
    if operation.assurance_ref is None:
        return (
            f"{name} names no reference of the assurance of the profile {operation.profile}.",
            "assurance_ref",
        )
    return "", ""


def _flight_profile_shortcoming_finding(
    flight: Flight,
    row: SuppliedRow[Operation],
    shortcoming: str,
    field: str,
    inputs: RuleInputs,
) -> Finding:
    operations = inputs.context.operations
    if operations is None:
        raise ValueError("a row without an operations log")
    value = getattr(row.record, field)
    return inputs.finding(
        shortcoming,
        grade="reported",
        evidence=(
            evidence_of_user_supplied_row(
                operations.table, row, field, "not given" if value is None else value
            ),
        ),
        start=flight.start,
        end=flight.end,
    )


_STATE: dict[str, object] = {
    "operation": "OP-1", "start": -60, "end": 600, "profile": "state-aircraft",
    "assurance_ref": "FA-12",
}  # fmt: skip


def _example_flight_with_operation(
    outcome: Outcome,
    description: str,
    operation: Mapping[str, object] | None,
    profiles: tuple[str, ...] = (),
) -> ExampleFlight:
    """Return a flight and an operations log of one operation; ``None``: no operations log."""
    return ExampleFlight(
        outcome,
        description,
        hover_example_track_at_heights(*[10.0] * 5),
        operations=None if operation is None else (operation,),
        parameters={"profiles": profiles},
    )


_NEEDS = (operations_log_data_need(),)
_EXAMPLES = (
    _example_flight_with_operation(Outcome.PASS, "a flight with its profile and assurance", _STATE),
    _example_flight_with_operation(
        Outcome.FAIL, "a flight whose operation names no profile", {**_STATE, "profile": None}
    ),
    _example_flight_with_operation(
        Outcome.FAIL,
        "a profile without a reference of its assurance",
        {**_STATE, "assurance_ref": None},
    ),
    _example_flight_with_operation(
        Outcome.FAIL, "a profile that is not on the list of the unit", _STATE, ("bvlos",)
    ),
    _example_flight_with_operation(
        Outcome.NOT_ASSESSABLE, "a flight outside every operation", {**_STATE, "start": 300}
    ),
    _example_flight_with_operation(
        Outcome.NOT_ASSESSABLE, "a flight without an operations log", None
    ),
)
RULE = Rule(
    id="flight_profile",
    title="The flight names its profile and the assurance of it",
    parameters=FlightProfileParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="The operations log: profile and assurance_ref.",
    not_assessable="No operations log was given, or no operation in it covers the flight.",
)
