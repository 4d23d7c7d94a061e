"""An aircraft that must broadcast Remote ID did so.

Which aircraft must, and from when, the policy says by class mark, mass and camera;
what class an aircraft has the inventory says.  That it did so is shown by Remote
ID messages in the log, else told by the inventory.  Few logs record the messages,
so that their absence shows nothing.
"""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.inventory import Aircraft
from dji_audit.compliance.rules._events import Event, event_finding, events_of
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

#: What the sender says of itself, such as why it is not ready.
_STATE = "open_drone_id_arm_status"


class Required(BaseModel):
    """Aircraft that must broadcast from a day on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: dt.date
    #: Class marks; none given: any, and aircraft without one.
    classes: tuple[str, ...] = ()
    minimum_mass_g: float = 0.0
    #: Whether only aircraft with a camera are meant.
    with_camera: bool = False


class RemoteId(Parameters):
    """Parameters of the rule."""

    required: Annotated[tuple[Required, ...], Strict(False)] = Field(
        (Required(since=dt.date(2026, 1, 1)),),
        description="Aircraft that must broadcast, and since when: since, classes, "
        "minimum_mass_g, with_camera.",
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Decide whether the aircraft had to broadcast, and whether it did."""
    if not isinstance(parameters, RemoteId):
        raise TypeError("remote_id takes RemoteId")
    if inputs.day is None:
        return unknowable("The date of the flight is not known.")
    row, why = aircraft_row(flight, inputs)
    if row is None:
        return unknowable(why)
    answers = [_must(each, row.said, inputs.day) for each in parameters.required]
    if True not in answers:
        if None in answers:
            return unknowable("The inventory lacks the class mark, mass or camera to decide.")
        return Verdict(
            Outcome.NOT_APPLICABLE, f"No Remote ID was required of the aircraft on {inputs.day}."
        )
    if sent := _broadcasts(flight):
        told = f"{sent[0]['text']} ({sent[0]['record']})"
        return Verdict(Outcome.PASS, f"The log holds Remote ID messages: {told}.")
    if off := _switched_off(flight):
        found = [event_finding(flight, event, RULE.id, inputs.severity) for event in off]
        return judged(found, "", "The log says that Remote ID was switched off.")
    if row.said.remote_id is None:
        return unknowable("No log holds Remote ID messages, and the inventory says nothing of it.")
    if row.said.remote_id:
        return Verdict(Outcome.PASS, "The inventory says that Remote ID is on; no log shows it.")
    found = [_missing(flight, row, inputs)]
    return judged(found, "", "The aircraft must broadcast Remote ID, and has none.")


def _must(required: Required, aircraft: Aircraft, day: dt.date) -> bool | None:
    """Return whether an aircraft is one that must broadcast; ``None``: not known."""
    if day < required.since:
        return False
    answers: list[bool | None] = []
    if required.classes:
        mark = aircraft.class_mark
        answers.append(None if mark is None else mark in required.classes)
    if required.minimum_mass_g:
        mass = aircraft.mass_g
        answers.append(None if mass is None else mass >= required.minimum_mass_g)
    if required.with_camera:
        answers.append(aircraft.camera)
    if False in answers:
        return False
    return None if None in answers else True


def _broadcasts(flight: Flight) -> list[Event]:
    """Return the events that tell of Remote ID messages, not of settings or of being ready."""
    told = [(str(event["record"]).lower(), event) for event in events_of(flight, ["remote_id"])]
    return [
        event
        for record, event in told
        if record.startswith("open_drone_id") and not record.startswith(_STATE)
    ]


def _switched_off(flight: Flight) -> list[Event]:
    told = events_of(flight, ["remote_id"])
    return [event for event in told if str(event["text"]).startswith("DID_ENABLE = 0")]


def _missing(flight: Flight, row: Row[Aircraft], inputs: Inputs) -> Finding:
    return row_finding(
        flight, row, RULE.id, inputs, "remote_id", "the inventory says that it has no Remote ID"
    )


_LOG = {"aircraft": LoggedAircraft(serial="S1")}
_CLASS_1 = {"serial": "S1", "class_mark": "UK1"}
_UK1 = {"required": ({"since": dt.date(2026, 1, 1), "classes": ("UK1",)},)}
_SENT = {
    "kind": "remote_id", "time": 0, "text": "Remote ID position: 9 messages", "value": 9.0,
    "record": "OPEN_DRONE_ID_LOCATION",
}  # fmt: skip

RULE = Rule(
    "remote_id",
    "Remote ID was broadcast where it is required",
    "The inventory: class mark, mass, camera, Remote ID; Remote ID messages in the log.",
    "No inventory tells of the aircraft, or too little of it.",
    RemoteId,
    check,
    examples=(
        Example(
            Outcome.PASS,
            "a class 1 aircraft whose log holds Remote ID messages",
            hover(0.0),
            events=(_SENT,),
            log=_LOG,
            inventory=(_CLASS_1,),
            parameters=_UK1,
        ),
        Example(
            Outcome.FAIL,
            "a class 1 aircraft that has none",
            hover(0.0),
            log=_LOG,
            inventory=({**_CLASS_1, "remote_id": False},),
            parameters=_UK1,
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a class 1 aircraft of which neither log nor inventory tells more",
            hover(0.0),
            log=_LOG,
            inventory=(_CLASS_1,),
            parameters=_UK1,
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a class 1 aircraft whose log says only why its sender was not ready",
            hover(0.0),
            events=({**_SENT, "record": "OPEN_DRONE_ID_ARM_STATUS.error"},),
            log=_LOG,
            inventory=(_CLASS_1,),
            parameters=_UK1,
        ),
        Example(
            Outcome.NOT_APPLICABLE,
            "a class 1 aircraft the year before",
            hover(0.0),
            log=_LOG,
            inventory=(_CLASS_1,),
            parameters=_UK1,
            start="2025-05-14T09:00:00Z",
        ),
    ),
)
