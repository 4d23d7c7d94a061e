"""Operator and pilot are known, with IDs that were valid on the date of the flight.

The inventory names the operator of an aircraft, the operations log the pilot.  The policy gives
the mass from which IDs are needed, by date.  An operator ID that the aircraft broadcast must be
that of the inventory.

It does not concern a helicopter, an aeroplane or a large drone.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Strict

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.supplied_tables import SuppliedRow
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import Finding, evidence_of_user_supplied_row
from dji_audit.compliance.inventory import InventoryAircraft
from dji_audit.compliance.operations_log import Operation
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, parameter_field
from dji_audit.compliance.rules._shared import _aircraft_inventory_row as inventory_row
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    example_flight_with_inventory,
)
from dji_audit.compliance.rules._shared._finding_sentences import interval_text
from dji_audit.compliance.rules._shared._logged_events import event_finding, logged_events_of_kinds
from dji_audit.compliance.rules._shared._operations_log_entries_of_flight import (
    operations_log_data_need,
    operations_of_flight_or_reason,
)
from dji_audit.compliance.rules._shared._rule import (
    CheckResult,
    Rule,
    RuleInputs,
    flight_date_or_stop_check,
)
from dji_audit.flights import Flight

#: Text of an event with the operator ID that was broadcast.
_BROADCAST = re.compile(r"operator(?: id:)? (\S+)$")


class IdMassThreshold(BaseModel):
    """The mass from which an ID is needed, from a given date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: dt.date
    minimum_mass_g: float
    #: Which ID it is about.
    id: Literal["operator", "flyer", "both"] = "both"
    #: Whether only aircraft with a camera count.
    with_camera: bool = False


class OperatorIdentityParameters(Parameters):
    """Parameters of the rule."""

    thresholds: Annotated[tuple[IdMassThreshold, ...], Strict(False)] = parameter_field(
        (IdMassThreshold(since=dt.date(2020, 12, 31), minimum_mass_g=250.0),),
        "Mass from which IDs are needed: since, minimum_mass_g, id, with_camera; those of the "
        "latest date count.",
    )
    flyer_id: bool = parameter_field(True, "Whether the flyer ID of the pilot is checked too.")
    officer: bool = parameter_field(False, "Whether an authorising officer must be named.")


def check(
    flight: Flight, parameters: OperatorIdentityParameters, inputs: RuleInputs
) -> CheckResult:
    """Check the IDs of operator and pilot by date, and against the broadcast ID."""
    larger = inventory_row.not_applicable_result_for_crewed_aircraft(
        flight, inputs, "the IDs of operator and flyer are those of small drones"
    )
    if larger is not None:
        return larger
    day = flight_date_or_stop_check(inputs)
    row = inventory_row.inventory_row_or_stop_check(flight, inputs)
    thresholds = _mass_thresholds_in_force(parameters, day)
    if not thresholds:
        return CheckResult(Outcome.NOT_APPLICABLE, f"No ID was needed on {day}.")
    needs_operator = _is_operator_id_needed("operator", thresholds, row.record)
    needs_flyer = _is_operator_id_needed("flyer", thresholds, row.record)
    if needs_operator is None or needs_flyer is None:
        lacking = "mass" if row.record.mass_g is None else "camera"
        return CheckResult.not_assessable_because(
            f"The inventory does not give the {lacking} of the aircraft, which decides whether an "
            "ID was needed."
        )
    if not needs_operator and not needs_flyer:
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            f"No ID was needed on {day} for the aircraft: {_mass_and_camera_text(row.record)}; "
            f"{_mass_threshold_text(thresholds)}.",
        )
    findings = [
        *(_inventory_operator_id_findings(flight, row, day, inputs) if needs_operator else ()),
        *_broadcast_operator_id_findings(flight, row.record, inputs),
    ]
    unknown, checks_flyer = "", parameters.flyer_id and needs_flyer
    if checks_flyer or parameters.officer:
        rows, why_none = operations_of_flight_or_reason(flight, inputs)
        unknown = f"Who flew is not known: {why_none}." if why_none else ""
        findings += _operation_crew_details_findings(
            flight,
            rows,
            day=day,
            parameters=parameters.model_copy(update={"flyer_id": checks_flyer}),
            inputs=inputs,
        )
    if not findings and unknown:
        return CheckResult.not_assessable_because(unknown)
    people = " and ".join(
        [f"operator {row.record.operator_id}"] * needs_operator + ["pilot"] * checks_flyer
    )
    return CheckResult.from_findings(
        findings,
        f"The ID of {people} is known, and had not expired on any date given for it.",
        f"{pluralised_count(len(findings), 'fault')} of the IDs. {unknown}".strip(),
    )


def _mass_and_camera_text(aircraft: InventoryAircraft) -> str:
    """Return what decides that no ID was needed: the mass and the camera, where known."""
    parts = [] if aircraft.mass_g is None else [f"it weighs {aircraft.mass_g:g} g"]
    if aircraft.camera is not None:
        parts.append("it has a camera" if aircraft.camera else "it has no camera")
    return " and ".join(parts)


def _mass_threshold_text(thresholds: Sequence[IdMassThreshold]) -> str:
    """Return from which mass IDs were needed, with a camera and at all: part of a sentence."""
    at_all = [each.minimum_mass_g for each in thresholds if not each.with_camera]
    with_camera = [each.minimum_mass_g for each in thresholds if each.with_camera]
    parts = [f"IDs were needed from {min(at_all):g} g"] if at_all else []
    if with_camera:
        least = min(with_camera)
        mass = f"from {least:g} g" if least > 0 else "of any mass"
        parts.append(f"an ID was needed for aircraft {mass} that carry a camera")
    return " and ".join(parts)


def _mass_thresholds_in_force(
    parameters: OperatorIdentityParameters, day: dt.date
) -> tuple[IdMassThreshold, ...]:
    """Return the thresholds of the latest date that had come on a day."""
    begun = [threshold for threshold in parameters.thresholds if threshold.since <= day]
    latest = max((threshold.since for threshold in begun), default=None)
    return tuple(threshold for threshold in begun if threshold.since == latest)


def _is_operator_id_needed(
    id_name: Literal["operator", "flyer"],
    thresholds: Sequence[IdMassThreshold],
    aircraft: InventoryAircraft,
) -> bool | None:
    """Return whether an ID was needed for an aircraft; ``None``: the inventory does not say."""
    answers: list[bool | None] = []
    for threshold in thresholds:
        if threshold.id not in (id_name, "both"):
            continue
        mass = aircraft.mass_g
        heavy: bool | None = threshold.minimum_mass_g <= 0
        if not heavy:
            heavy = None if mass is None else mass >= threshold.minimum_mass_g
        camera = aircraft.camera if threshold.with_camera else True
        answers.append(False if False in (heavy, camera) else (heavy and camera))
    if True in answers:
        return True
    return None if None in answers else False


def _inventory_operator_id_findings(
    flight: Flight, row: SuppliedRow[InventoryAircraft], day: dt.date, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield the faults of the operator ID in the inventory."""
    until = row.record.operator_id_until
    if row.record.operator_id is None:
        summary = "The inventory names no operator ID for the aircraft."
        yield inventory_row.inventory_finding(
            flight, row, inputs, field="operator_id", summary=summary
        )
    elif until is not None and until < day:
        summary = (
            f"Operator ID {row.record.operator_id} was valid until {until}, and the flight was on "
            f"{day}; known from the inventory."
        )
        yield inventory_row.inventory_finding(
            flight, row, inputs, field="operator_id_until", summary=summary
        )


def _broadcast_operator_id_findings(
    flight: Flight, aircraft: InventoryAircraft, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield each operator ID in Remote ID messages that differs from the inventory."""
    for event in logged_events_of_kinds(flight, ["remote_id"]):
        match = _BROADCAST.search(event.text)
        if not match or "operator_id" not in event.record:
            continue
        if aircraft.operator_id is not None and match[1] != aircraft.operator_id:
            summary = (
                f"Remote ID sent operator {match[1]} {interval_text(event.time, event.end)}, and "
                f"the inventory has {aircraft.operator_id}; known from {event.record}."
            )
            yield event_finding(flight, event, inputs, summary=summary)


def _operation_crew_details_findings(
    flight: Flight,
    rows: list[SuppliedRow[Operation]],
    *,
    day: dt.date,
    parameters: OperatorIdentityParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield the faults of every operation, unless one has none."""
    operations = inputs.context.operations
    faults = [(row, _crew_details_fault_and_column(row.record, day, parameters)) for row in rows]
    if operations is None or any(not fault for _, (fault, _) in faults):
        return
    for row, (fault, field) in faults:
        value = getattr(row.record, field)
        shown = evidence_of_user_supplied_row(
            operations.table, row, field, "not given" if value is None else value
        )
        yield inputs.finding(
            fault,
            grade="reported",
            evidence=(shown,),
            start=flight.start,
            end=flight.end,
        )


def _crew_details_fault_and_column(
    operation: Operation, day: dt.date, parameters: OperatorIdentityParameters
) -> tuple[str, str]:
    """Return the fault of the people of an operation, and the column; empty: none."""
    name, until = f"Operation {operation.operation}", operation.flyer_id_until
    if operation.pilot is None:
        return f"{name} names no pilot.", "pilot"
    if parameters.officer and operation.authorising_officer is None:
        return f"{name} names no authorising officer.", "authorising_officer"
    if not parameters.flyer_id:
        return "", ""
    if operation.flyer_id is None:
        return f"{name} names no flyer ID of its pilot.", "flyer_id"
    if until is not None and until < day:
        text = (
            f"Flyer ID {operation.flyer_id} was valid until {until}, and the flight was on {day}; "
            "known from the operations log."
        )
        return text, "flyer_id_until"
    return "", ""


_ROW: dict[str, object] = {"serial": "S1", "mass_g": 900.0, "operator_id": "GBR-OP-1"}
_OPERATION: dict[str, object] = {
    "operation": "OP-1", "start": -60, "end": 600, "pilot": "PC 1", "flyer_id": "GBR-RP-1",
}  # fmt: skip


def _example_flight_with_operator_identity(
    outcome: Outcome,
    description: str,
    row: dict[str, object] = _ROW,
    operation: dict[str, object] | None = _OPERATION,
    *,
    officer: bool = False,
    thresholds: tuple[Mapping[str, object], ...] = (),
) -> ExampleFlight:
    """Return a flight with a row of the inventory and of the operations log."""
    given = {"officer": officer} | ({"thresholds": thresholds} if thresholds else {})
    operations = None if operation is None else (operation,)
    return example_flight_with_inventory(
        outcome, description, row, operations=operations, parameters=given
    )


def _data_needs(parameters: OperatorIdentityParameters) -> tuple[DataNeed, ...]:
    return (
        inventory_row.inventory_supplied_data_need(),
        inventory_row.stated_constant_fact_data_need("aircraft_identity"),
        *([operations_log_data_need()] if parameters.flyer_id or parameters.officer else []),
    )


_EXAMPLES = (
    _example_flight_with_operator_identity(Outcome.PASS, "an aircraft and a pilot with their IDs"),
    _example_flight_with_operator_identity(
        Outcome.NOT_APPLICABLE,
        "an aircraft of unknown mass without a camera, where only a camera calls for an ID",
        {"serial": "S1", "camera": False},
        thresholds=({"since": dt.date(2026, 1, 1), "minimum_mass_g": 100.0, "with_camera": True},),
    ),
    _example_flight_with_operator_identity(
        Outcome.FAIL,
        "an operator ID that had expired",
        {**_ROW, "operator_id_until": dt.date(2026, 5, 13)},
    ),
    _example_flight_with_operator_identity(
        Outcome.FAIL,
        "an operation that names no pilot",
        operation={**_OPERATION, "pilot": None},
    ),
    _example_flight_with_operator_identity(
        Outcome.FAIL,
        "an operation that names no authorising officer, where one must be",
        officer=True,
    ),
    _example_flight_with_operator_identity(
        Outcome.NOT_ASSESSABLE, "an aircraft without an operations log", operation=None
    ),
    _example_flight_with_operator_identity(
        Outcome.NOT_APPLICABLE, "an aircraft of 240 g", {**_ROW, "mass_g": 240.0}, None
    ),
)
RULE = Rule(
    id="operator_identity",
    title="Operator and pilot are known and have valid IDs",
    parameters=OperatorIdentityParameters,
    check=check,
    needs=_data_needs,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="The inventory, the operations log, the operator ID in Remote ID messages.",
    not_assessable=(
        "The inventory lacks the aircraft or its mass, or no operations log names the pilot."
    ),
)
