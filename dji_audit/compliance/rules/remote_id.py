"""An aircraft that must broadcast Remote ID did so.

The policy says which aircraft must, and from when, by class mark, mass and camera; the inventory
gives these of each aircraft.  Where a receiver recorded the flight, what was broadcast decides: the
identity is that of the aircraft, the position of the operator is in it, and the position of the
aircraft is renewed as often as it must be.  That a receiver heard nothing for a while proves
nothing: it may have been too far away, or on another channel.  Else only positions that the Remote
ID transmitter of the aircraft itself states, throughout the flight and without a fault, show that
it broadcast.  What autopilot or ground station told the transmitter shows only what it was to
broadcast, and the inventory only what the unit intended.  Few logs record the messages, so their
absence proves nothing.

It does not concern a helicopter or another aircraft with a crew.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Annotated, Any, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Strict, model_validator

from dji_audit.common.plain_english import percent_text, pluralised_count, sentence_case
from dji_audit.common.supplied_tables import SuppliedRow
from dji_audit.common.valid_days import is_valid_on
from dji_audit.compliance.data_needs import MIN_SHARE, airborne_span, fact_in_air_data_need
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.inventory import InventoryAircraft
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, parameter_field, positive_parameter_field
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    inventory_finding,
    inventory_row_or_stop_check,
    inventory_supplied_data_need,
    not_applicable_result_for_crewed_aircraft,
)
from dji_audit.compliance.rules._shared._example_flights import (
    EXAMPLE_AIRCRAFT,
    ExampleFlight,
    FurtherExampleLog,
    example_flight_with_inventory,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._finding_sentences import interval_text
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_one_side_of_disagreement,
    evidence_of_record_in_flight_log,
)
from dji_audit.compliance.rules._shared._logged_events import (
    LoggedEvent,
    event_finding,
    logged_events_of_kinds,
    logged_settings_of_kinds,
)
from dji_audit.compliance.rules._shared._received_remote_id import (
    disagreement_involves_broadcast,
    indices_of_contradicted_broadcasts,
    indices_of_received_broadcasts,
    received_remote_id_events_of_record,
)
from dji_audit.compliance.rules._shared._rule import (
    CheckResult,
    Rule,
    RuleInputs,
    flight_date_or_stop_check,
)
from dji_audit.flights import Flight
from parsers import Aircraft, Log, NamedPosition

#: Record with the state of the transmitter, such as why it is not ready.
_STATE = "open_drone_id_arm_status"
#: Messages that a receiver must have recorded before what is in none of them is missing.
_LEAST_HEARD = 30


class BroadcastRequirement(BaseModel):
    """Aircraft that must broadcast from a given date on, or between two."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: dt.date
    #: The last day on which it holds; ``None``: it has no end.
    until: dt.date | None = None
    #: Class marks; empty: any, and aircraft without one.
    classes: tuple[str, ...] = ()
    minimum_mass_g: float = 0.0
    #: Whether only aircraft with a camera count.
    with_camera: bool = False

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.until is not None and self.until < self.since:
            raise ValueError("until is before since, so that no aircraft would ever be meant")
        return self

    def holds_on(self, day: dt.date) -> bool:
        """Return whether the requirement holds on a date."""
        return is_valid_on(day, self.since, self.until)


class RemoteIdParameters(Parameters):
    """Parameters of the rule."""

    renewal_s: float = positive_parameter_field(
        1.5, "Greatest time between two positions in what is broadcast, seconds."
    )
    required: Annotated[tuple[BroadcastRequirement, ...], Strict(False)] = parameter_field(
        (BroadcastRequirement(since=dt.date(2026, 1, 1)),),
        "Aircraft that must broadcast, by date: since, until, classes, minimum_mass_g, "
        "with_camera; each of them suffices.",
    )


def check(flight: Flight, parameters: RemoteIdParameters, inputs: RuleInputs) -> CheckResult:
    """Decide whether the aircraft had to broadcast, and whether it did."""
    larger = not_applicable_result_for_crewed_aircraft(
        flight, inputs, "Remote ID is a duty of drones", is_for_large_drones=True
    )
    if larger is not None:
        return larger
    day = flight_date_or_stop_check(inputs)
    row = inventory_row_or_stop_check(flight, inputs)
    answers = [_must_broadcast_remote_id(each, row.record, day) for each in parameters.required]
    if True not in answers:
        if None in answers:
            return CheckResult.not_assessable_because(
                "The inventory lacks the class mark, mass or camera that decides this."
            )
        return CheckResult(
            Outcome.NOT_APPLICABLE, f"No Remote ID was required of the aircraft on {day}."
        )
    if indices := _indices_of_own_broadcasts(flight):
        return _check_result_of_received_broadcasts(flight, indices, parameters, inputs)
    disabled_events = _remote_id_switched_off_events(flight)
    if transmissions := _transmission_events(flight):
        return _check_result_of_own_transmitter(flight, transmissions, disabled_events)
    if disabled_events:
        findings = [
            event_finding(
                flight,
                event,
                inputs,
                summary=f"Remote ID was switched off {interval_text(event.time, event.end)}; known "
                f"from {event.record} ({event.text}).",
            )
            for event in disabled_events
        ]
        return CheckResult.from_findings(
            findings, "", "The log states that Remote ID was switched off."
        )
    if row.record.remote_id is False:
        findings = [_missing_broadcast_finding(flight, row, inputs)]
        return CheckResult.from_findings(
            findings, "", "The aircraft must broadcast Remote ID, and has none."
        )
    stated = "" if row.record.remote_id is None else "; the inventory states that it is on"
    if messages := _remote_id_message_events(flight):
        return CheckResult.not_assessable_because(
            f"Remote ID messages in the log ({messages[0].record}) show only what was to be "
            f"broadcast, not that it was{stated}."
        )
    return CheckResult.not_assessable_because(f"No log holds Remote ID messages{stated}.")


def _must_broadcast_remote_id(
    required: BroadcastRequirement, aircraft: InventoryAircraft, day: dt.date
) -> bool | None:
    """Return whether an aircraft must broadcast; ``None``: not known."""
    if not required.holds_on(day):
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


def _indices_of_own_broadcasts(flight: Flight) -> list[int]:
    """Return the broadcasts with positions that no position of the aircraft's log contradicts."""
    contradicting = indices_of_contradicted_broadcasts(flight)
    return [
        index
        for index in indices_of_received_broadcasts(flight)
        if index not in contradicting and len(flight.sources[index].track)
    ]


def _check_result_of_received_broadcasts(
    flight: Flight, indices: Sequence[int], parameters: RemoteIdParameters, inputs: RuleInputs
) -> CheckResult:
    """Return whether what receivers recorded is what must be broadcast."""
    findings = [
        *_other_identity_findings(flight, inputs),
        *_missing_operator_position_findings(flight, indices, inputs),
        *_slow_renewal_findings(flight, indices, parameters, inputs),
    ]
    names = " and ".join(flight.logs[index].source.name for index in indices)
    count = sum(len(flight.sources[index].track) for index in indices)
    own = [
        log for log in flight.logs if log.aircraft.serial and not _is_log_of_receiver(flight, log)
    ]
    if not findings and not _states_operator_position(flight, indices) and count < _LEAST_HEARD:
        return CheckResult.not_assessable_because(
            f"A receiver recorded {count:,} positions without that of the operator ({names}): of "
            f"fewer than {_LEAST_HEARD} it may have been missed."
        )
    what = "the aircraft's identity and the position of the operator"
    if not own:
        what = (
            "the position of the operator; the identity could not be compared, for no log of the "
            "aircraft states one"
        )
    return CheckResult.from_findings(
        findings,
        f"A receiver recorded {count:,} positions that were broadcast with {what} ({names}).",
        f"{pluralised_count(len(findings), 'fault')} of what was broadcast, by {names}.",
    )


def _is_log_of_receiver(flight: Flight, log: Log) -> bool:
    return any(source.log is log and source.is_from_receiver for source in flight.sources)


def _other_identity_findings(flight: Flight, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield a broadcast serial number that is not the aircraft's."""
    for disagreement in flight.disagreements:
        if disagreement.kind != "identity" or not disagreement_involves_broadcast(
            flight, disagreement
        ):
            continue
        yield inputs.finding(
            f"What was broadcast has another identity than the aircraft: {disagreement.text}",
            grade="reported",
            evidence=tuple(
                evidence_of_one_side_of_disagreement(flight, side) for side in disagreement.sides
            ),
            start=flight.takeoff or flight.start,
            end=flight.landing or flight.end,
        )


def _states_operator_position(flight: Flight, indices: Sequence[int]) -> bool:
    return any(
        position.kind in ("pilot", "start")
        for index in indices
        for position in flight.sources[index].log.named_positions
    )


def _missing_operator_position_findings(
    flight: Flight, indices: Sequence[int], inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield a broadcast that was heard often enough and never stated where the operator was."""
    heard = sum(len(flight.sources[index].track) for index in indices)
    if _states_operator_position(flight, indices) or heard < _LEAST_HEARD:
        return
    index = indices[0]
    first = flight.sources[index].track.iloc[0]
    yield inputs.finding(
        f"None of {heard:,} messages that were received states the position of the operator",
        grade="reported",
        evidence=(
            evidence_of_record_in_flight_log(
                flight,
                offset=int(first["source_offset"]),
                record="Location",
                field="first of those received",
                value=f"{heard:,} positions of the aircraft, no position of the operator",
                source_index=index,
            ),
        ),
        start=flight.takeoff or flight.start,
        end=flight.landing or flight.end,
    )


def _slow_renewal_findings(
    flight: Flight, indices: Sequence[int], parameters: RemoteIdParameters, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield a transmitter that renews its position too seldom, where it is heard best."""
    for index in indices:
        for event in received_remote_id_events_of_record(flight, index, "Location.renewal"):
            if event.value is not None and event.value > parameters.renewal_s:
                summary = (
                    f"{sentence_case(event.text)}, more than {parameters.renewal_s:g} s: the time "
                    "in its own messages shows it, so that none that was not received counts"
                )
                yield event_finding(flight, event, inputs, summary=summary)


def _transmission_events(flight: Flight) -> list[LoggedEvent]:
    """Return the stretches in which the transmitter of the aircraft stated what it broadcast."""
    return [
        event
        for event in logged_events_of_kinds(flight, ["remote_id"])
        if event.record.startswith("OPEN_DRONE_ID") and event.record.endswith(".transmitter")
    ]


def _check_result_of_own_transmitter(
    flight: Flight, transmissions: Sequence[LoggedEvent], disabled_events: Sequence[LoggedEvent]
) -> CheckResult:
    """Return whether the transmitter of the aircraft worked throughout the flight."""
    if disabled_events:
        return CheckResult.not_assessable_because(
            "The log holds messages of a Remote ID transmitter, and states that Remote ID was "
            f"switched off ({disabled_events[0].text})."
        )
    if fault := _transmitter_fault_in_air(flight):
        return CheckResult.not_assessable_because(
            f"The Remote ID transmitter reported a fault during the flight ({fault.text})."
        )
    share = _share_of_time_in_air_with_transmission(flight, transmissions)
    if share is None:
        return CheckResult.not_assessable_because(
            "It is not known when the messages of the Remote ID transmitter were sent, or when the "
            "flight was."
        )
    if share < MIN_SHARE:
        return CheckResult.not_assessable_because(
            f"The Remote ID transmitter sent messages for only {percent_text(share)} of the time "
            f"in the air; {percent_text(MIN_SHARE)} are needed."
        )
    return CheckResult(
        Outcome.PASS,
        f"The Remote ID transmitter sent messages for {percent_text(share)} of the time in the "
        f"air ({transmissions[0].record.removesuffix('.transmitter')}).",
    )


def _share_of_time_in_air_with_transmission(
    flight: Flight, transmissions: Sequence[LoggedEvent]
) -> float | None:
    """Return the share of the time in the air in some stretches; ``None``: not known."""
    span = airborne_span(flight)
    timed = [(event.time, event.end) for event in transmissions if event.time and event.end]
    if span is None or span[0] == span[1] or not timed:
        return None
    covered, reached = pd.Timedelta(0), span[0]
    for begin, end in sorted(timed):
        begin, end = max(begin, reached), min(end, span[1])
        if end > begin:
            covered, reached = covered + (end - begin), end
    return float(covered / (span[1] - span[0]))


def _transmitter_fault_in_air(flight: Flight) -> LoggedEvent | None:
    """Return a fault that the transmitter reported in the air, or had not yet withdrawn."""
    span = airborne_span(flight)
    states = [
        event
        for event in logged_events_of_kinds(flight, ["remote_id"])
        if event.record.lower() == f"{_STATE}.error"
    ]
    for event, following in zip_longest(states, states[1:]):
        if event.text == "error: empty":
            continue
        begin, end = event.time, None if following is None else following.time
        if span is None or begin is None or (begin <= span[1] and (end is None or end > span[0])):
            return event
    return None


def _remote_id_message_events(flight: Flight) -> list[LoggedEvent]:
    """Return the events with Remote ID messages, not with settings or the transmitter state."""
    events = [
        (event.record.lower(), event) for event in logged_events_of_kinds(flight, ["remote_id"])
    ]
    return [
        event
        for record, event in events
        if record.startswith("open_drone_id") and not record.startswith(_STATE)
    ]


def _remote_id_switched_off_events(flight: Flight) -> list[LoggedEvent]:
    events = logged_settings_of_kinds(flight, ["remote_id"])
    return [event for event in events if event.text.startswith("DID_ENABLE = 0")]


def _missing_broadcast_finding(
    flight: Flight, row: SuppliedRow[InventoryAircraft], inputs: RuleInputs
) -> Finding:
    return inventory_finding(
        flight,
        row,
        inputs,
        field="remote_id",
        summary="The aircraft must broadcast Remote ID and has none; known from the inventory.",
    )


_CLASS_1: dict[str, object] = {"serial": "S1", "class_mark": "UK1"}
_UK1 = {"required": ({"since": dt.date(2026, 1, 1), "classes": ("UK1",)},)}
_C1_UNTIL_2027 = {
    "required": (
        {"since": dt.date(2026, 1, 1), "until": dt.date(2027, 12, 31), "classes": ("C1",)},
    )
}
_SENT = {
    "kind": "remote_id", "time": 0, "end": 4, "value": 5.0,
    "text": "Remote ID transmitter: 5 messages without a break",
    "record": "OPEN_DRONE_ID_LOCATION.transmitter",
}  # fmt: skip
_OFF = {"kind": "remote_id", "time": 0, "text": "DID_ENABLE = 0", "record": "PARAM_VALUE"}
_FAULT = {
    "kind": "remote_id", "time": 2, "text": "error: GPS not ready",
    "record": "OPEN_DRONE_ID_ARM_STATUS.error",
}  # fmt: skip
_TOLD = {
    "kind": "remote_id", "time": 0, "text": "Remote ID: operator GBR-OP-1234",
    "record": "open_drone_id_operator_id.operator_id",
}  # fmt: skip


def _example_flight_of_class_1_aircraft(
    outcome: Outcome,
    description: str,
    row: dict[str, object] = _CLASS_1,
    **fields: Any,  # fields of ExampleFlight
) -> ExampleFlight:
    """Return a flight of an aircraft of class 1 on a date since Remote ID is required."""
    return example_flight_with_inventory(
        outcome, description, row, **({"parameters": _UK1} | fields)
    )


_OPERATOR = NamedPosition("pilot", None, 51.5, -1.0, None, "System", 300)


def _example_flight_with_received_broadcast(
    outcome: Outcome, description: str, serial: str = "S1", *, with_operator: bool = True
) -> ExampleFlight:
    """Return a flight of an aircraft of class 1 that a receiver recorded."""
    received = FurtherExampleLog(
        "air.pcap",
        "remote-id-broadcast",
        track=northbound_example_track(60),
        log_fields={
            "aircraft": Aircraft(serial=serial),
            "named_positions": (_OPERATOR,) if with_operator else (),
        },
    )
    return ExampleFlight(
        outcome,
        description,
        northbound_example_track(60),
        log_fields={"aircraft": EXAMPLE_AIRCRAFT},
        other_logs=(received,),
        inventory=(_CLASS_1,),
        parameters=_UK1,
    )


_NEEDS = (inventory_supplied_data_need(), fact_in_air_data_need("remote_id_broadcast"))
_EXAMPLES = (
    _example_flight_of_class_1_aircraft(
        Outcome.PASS,
        "a class 1 aircraft whose transmitter sent messages throughout the flight",
        events=(_SENT,),
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_ASSESSABLE,
        "a class 1 aircraft whose transmitter sent messages in half of the flight",
        events=({**_SENT, "end": 2},),
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_ASSESSABLE,
        "a class 1 aircraft whose transmitter sent messages and reported a fault",
        events=(_SENT, _FAULT),
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_ASSESSABLE,
        "a class 1 aircraft whose transmitter sent messages though Remote ID was switched off",
        events=(_SENT, _OFF),
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_ASSESSABLE,
        "a class 1 aircraft whose autopilot was only told what to broadcast",
        events=(_TOLD,),
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.FAIL, "a class 1 aircraft whose Remote ID was switched off", events=(_TOLD, _OFF)
    ),
    _example_flight_with_received_broadcast(
        Outcome.PASS, "a class 1 aircraft of which a receiver recorded all"
    ),
    _example_flight_with_received_broadcast(
        Outcome.FAIL,
        "a class 1 aircraft whose broadcast does not state where the operator is",
        with_operator=False,
    ),
    _example_flight_with_received_broadcast(
        Outcome.FAIL,
        "a class 1 aircraft whose broadcast has another serial number",
        "ANOTHER-AIRCRAFT",
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.FAIL, "a class 1 aircraft that has none", {**_CLASS_1, "remote_id": False}
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_ASSESSABLE, "a class 1 aircraft without further facts in log or inventory"
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_ASSESSABLE,
        "a class 1 aircraft of which only the inventory states Remote ID",
        {**_CLASS_1, "remote_id": True},
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_ASSESSABLE,
        "a class 1 aircraft whose log only shows why its transmitter was not ready",
        events=(_FAULT,),
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_APPLICABLE,
        "a class 1 aircraft the year before",
        start="2025-05-14T09:00:00Z",
    ),
    _example_flight_of_class_1_aircraft(
        Outcome.NOT_APPLICABLE,
        "an aircraft of another state's class on the day after that class ceased to count",
        {"serial": "S1", "class_mark": "C1", "remote_id": False},
        parameters=_C1_UNTIL_2027,
        start="2028-01-01T09:00:00Z",
    ),
)
RULE = Rule(
    id="remote_id",
    title="Remote ID was broadcast where it is required",
    parameters=RemoteIdParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="The inventory: class mark, mass, camera, Remote ID; what receivers recorded of the "
    "broadcast; messages of the Remote ID transmitter in the log.",
    not_assessable=(
        "The inventory lacks the aircraft, or facts that decide; or the log does not show that "
        "Remote ID was sent through the whole flight."
    ),
)
