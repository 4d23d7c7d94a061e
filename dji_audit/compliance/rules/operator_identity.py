"""It is known who operated the aircraft and who flew it, with IDs valid on the day.

The inventory names the operator of an aircraft, the operations log the pilot.
From which mass on IDs are needed the policy says, by date.  Where the aircraft
broadcast an operator ID, it must be the one of the inventory.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.inventory import Aircraft, serials
from dji_audit.compliance.operations import Operation
from dji_audit.compliance.rules._events import event_finding, events_of
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._inventory import aircraft_row, row_finding
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    unknowable,
)
from dji_audit.flights import Flight
from dji_audit.supplied_tables import Row
from parsers import Aircraft as LoggedAircraft

#: How a log says which operator ID was broadcast.
_BROADCAST = re.compile(r"operator(?: id:)? (\S+)$")


class Threshold(BaseModel):
    """The mass from which IDs are needed, from a day on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: dt.date
    minimum_mass_g: float


class OperatorIdentity(Parameters):
    """Parameters of the rule."""

    thresholds: Annotated[tuple[Threshold, ...], Strict(False)] = Field(
        (Threshold(since=dt.date(2020, 12, 31), minimum_mass_g=250.0),),
        description="Mass from which IDs are needed: since, minimum_mass_g; the latest counts.",
    )
    flyer_id: bool = Field(True, description="Whether the pilot's ID is looked at too.")
    officer: bool = Field(False, description="Whether an authorising officer must be named.")


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Hold the IDs of operator and pilot against the day, and against what was broadcast."""
    if not isinstance(parameters, OperatorIdentity):
        raise TypeError("operator_identity takes OperatorIdentity")
    if inputs.day is None:
        return unknowable("The date of the flight is not known.")
    row, why = aircraft_row(flight, inputs)
    if row is None:
        return unknowable(why)
    least = _least_mass_g(parameters, inputs.day)
    if least is None:
        return Verdict(Outcome.NOT_APPLICABLE, f"No ID was needed on {inputs.day}.")
    mass = row.said.mass_g
    if mass is None and least > 0:
        return unknowable("The inventory does not give the mass of the aircraft.")
    if mass is not None and mass < least:
        told = f"{mass:g} g; IDs were needed from {least:g} g on {inputs.day}"
        return Verdict(Outcome.NOT_APPLICABLE, f"The aircraft weighs {told}.")
    found = [*_operator(flight, row, inputs.day, inputs), *_broadcast(flight, row.said, inputs)]
    unknown = ""
    if parameters.flyer_id or parameters.officer:
        rows, unknown = _operations(flight, inputs)
        found += _people(flight, rows, inputs.day, parameters, inputs)
    if not found and unknown:
        return unknowable(unknown)
    who = f"operator {row.said.operator_id}" + " and pilot" * parameters.flyer_id
    return judged(
        found,
        f"The ID of {who} is known, and was not past a last day that is given for it.",
        f"{len(found)} fault{'s' * (len(found) > 1)} of the IDs. {unknown}".strip(),
    )


def _least_mass_g(parameters: OperatorIdentity, day: dt.date) -> float | None:
    begun = [each for each in parameters.thresholds if each.since <= day]
    return max(begun, key=lambda each: each.since).minimum_mass_g if begun else None


def _operator(
    flight: Flight, row: Row[Aircraft], day: dt.date, inputs: Inputs
) -> Iterator[Finding]:
    until = row.said.operator_id_until
    if row.said.operator_id is None:
        told = "the inventory names no operator ID for the aircraft"
        yield row_finding(flight, row, RULE.id, inputs, "operator_id", told)
    elif until is not None and until < day:
        told = f"operator ID {row.said.operator_id} was valid until {until}"
        yield row_finding(flight, row, RULE.id, inputs, "operator_id_until", told)


def _broadcast(flight: Flight, aircraft: Aircraft, inputs: Inputs) -> Iterator[Finding]:
    """Yield each operator ID in Remote ID messages that is another than the inventory's."""
    for event in events_of(flight, ["remote_id"]):
        said = _BROADCAST.search(str(event["text"]))
        if not said or "operator_id" not in str(event["record"]):
            continue
        if aircraft.operator_id is not None and said[1] != aircraft.operator_id:
            told = f"Remote ID said operator {said[1]}, the inventory {aircraft.operator_id}"
            yield event_finding(flight, event, RULE.id, inputs.severity, told)


def _operations(flight: Flight, inputs: Inputs) -> tuple[list[Row[Operation]], str]:
    """Return the operations of which the flight was part, or why there is none."""
    operations = inputs.case.operations
    if operations is None:
        return [], "Who flew is not known: no operations log was given."
    start, end = flight.takeoff or flight.start, flight.landing or flight.end
    if start is None or end is None:
        return [], "Who flew is not known: the flight has no time."
    rows = list(operations.during(start, end, serials(flight)))
    return rows, "" if rows else "Who flew is not known: no operation covers the flight."


def _people(
    flight: Flight,
    rows: list[Row[Operation]],
    day: dt.date,
    parameters: OperatorIdentity,
    inputs: Inputs,
) -> Iterator[Finding]:
    """Yield what is wrong with the people of every operation, unless all is right in one."""
    operations = inputs.case.operations
    faults = [(row, _fault(row.said, day, parameters)) for row in rows]
    if operations is None or any(not fault for _, (fault, _) in faults):
        return
    for row, (fault, field) in faults:
        value = getattr(row.said, field)
        shown = operations.table.evidence(row, field, "not given" if value is None else value)
        yield Finding(
            RULE.id, inputs.severity, fault, "reported", (shown,), flight.start, flight.end
        )


def _fault(operation: Operation, day: dt.date, parameters: OperatorIdentity) -> tuple[str, str]:
    """Return what is wrong with the people of an operation, and the column; empty if nothing."""
    name, until = f"operation {operation.operation}", operation.flyer_id_until
    if operation.pilot is None:
        return f"{name} names no pilot", "pilot"
    if parameters.officer and operation.authorising_officer is None:
        return f"{name} names no authorising officer", "authorising_officer"
    if not parameters.flyer_id:
        return "", ""
    if operation.flyer_id is None:
        return f"{name} names no flyer ID of its pilot", "flyer_id"
    if until is not None and until < day:
        return f"flyer ID {operation.flyer_id} was valid until {until}", "flyer_id_until"
    return "", ""


_LOG = {"aircraft": LoggedAircraft(serial="S1")}
_ROW = {"serial": "S1", "mass_g": 900.0, "operator_id": "GBR-OP-1"}
_OPERATION = {
    "operation": "OP-1", "start": -60, "end": 600, "pilot": "PC 1", "flyer_id": "GBR-RP-1",
}  # fmt: skip

RULE = Rule(
    "operator_identity",
    "Operator and pilot are known, with valid IDs",
    "The inventory, the operations log, the operator ID in Remote ID messages.",
    "No inventory tells of the aircraft or its mass, or no operations log says who flew.",
    OperatorIdentity,
    check,
    examples=(
        Example(
            Outcome.PASS,
            "an aircraft and a pilot with their IDs",
            hover(0.0),
            log=_LOG,
            inventory=(_ROW,),
            operations=(_OPERATION,),
        ),
        Example(
            Outcome.FAIL,
            "an operator ID that had run out",
            hover(0.0),
            log=_LOG,
            inventory=({**_ROW, "operator_id_until": dt.date(2026, 5, 13)},),
            operations=(_OPERATION,),
        ),
        Example(
            Outcome.FAIL,
            "an operation that names no pilot",
            hover(0.0),
            log=_LOG,
            inventory=(_ROW,),
            operations=({**_OPERATION, "pilot": None},),
        ),
        Example(
            Outcome.FAIL,
            "an operation that names no authorising officer, where one must be",
            hover(0.0),
            log=_LOG,
            inventory=(_ROW,),
            operations=(_OPERATION,),
            parameters={"officer": True},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "an aircraft whose pilot nobody wrote down",
            hover(0.0),
            log=_LOG,
            inventory=(_ROW,),
        ),
        Example(
            Outcome.NOT_APPLICABLE,
            "an aircraft of 240 g",
            hover(0.0),
            log=_LOG,
            inventory=({**_ROW, "mass_g": 240.0},),
        ),
    ),
)
