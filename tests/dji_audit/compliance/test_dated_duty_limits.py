"""From which mass and day on a duty holds, and how its faults are counted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Literal, cast

import pandas as pd
import pytest
from pydantic import ValidationError

from dji_audit.compliance.inventory import InventoryAircraft
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules import (
    CheckResult,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    hover_example_track_at_heights,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._zones._zone_crossing_findings import example_supplied_zones
from dji_audit.compliance.rules.night_flight import _lights_off_seconds_and_text
from dji_audit.compliance.rules.operator_identity import (
    IdMassThreshold,
    OperatorIdentityParameters,
    _is_operator_id_needed,
    _mass_and_camera_text,
    _mass_threshold_text,
    _mass_thresholds_in_force,
)
from dji_audit.compliance.rules.remote_id import BroadcastRequirement
from dji_audit.compliance.rules.zones_stale import _end_of_validity, _why_zone_file_is_not_valid
from dji_audit.zones import SuppliedZones
from parsers import Aircraft, NamedPosition
from tests.dji_audit.compliance.one_rule import result_on_track
from tests.dji_audit.conftest import BEGIN

DAY = dt.date(2026, 5, 14)
LOGGED = {"aircraft": Aircraft(serial="S1")}
HEAVY = {"serial": "S1", "mass_g": 900.0, "operator_id": "OP"}
PILOT = {"operation": "1", "start": -60, "end": 600, "pilot": "PC", "flyer_id": "F"}


def result_of(
    rule: str, track: Mapping[str, Sequence[Any]] | None = None, **more: Any
) -> CheckResult:
    """Return the result of a rule on a short flight of an aircraft of the inventory."""
    hover = hover_example_track_at_heights(*[10.0] * 9)
    fields: dict[str, Any] = {"log_fields": LOGGED, "inventory": (HEAVY,)} | more
    return result_on_track(rule, hover if track is None else track, **fields)


# From which mass an ID is needed


def threshold(grams: float, **more: Any) -> IdMassThreshold:
    row = {"since": dt.date(2021, 1, 1), "minimum_mass_g": grams} | more
    return IdMassThreshold.model_validate(row)


def aircraft(**row: Any) -> InventoryAircraft:
    return InventoryAircraft.model_validate({"serial": "S1"} | row)


@pytest.mark.parametrize(
    ("thresholds", "row", "operator", "flyer"),
    [
        ([threshold(250)], {"mass_g": 250}, True, True),
        ([threshold(250)], {"mass_g": 249.9}, False, False),
        ([threshold(250)], {}, None, None),
        ([threshold(0)], {}, True, True),
        ([threshold(0.1)], {}, None, None),
        ([threshold(250, id="operator")], {"mass_g": 300}, True, False),
        ([threshold(250, id="flyer")], {"mass_g": 300}, False, True),
        ([threshold(0, with_camera=True)], {"camera": True}, True, True),
        ([threshold(0, with_camera=True)], {"camera": False}, False, False),
        ([threshold(0, with_camera=True)], {}, None, None),
        # What is known to be too light needs none, whatever else is not known.
        ([threshold(250, with_camera=True)], {"mass_g": 200}, False, False),
        ([threshold(250, with_camera=True)], {"camera": False}, False, False),
        ([threshold(250, with_camera=True)], {"mass_g": 300}, None, None),
        ([threshold(250, with_camera=True)], {"camera": True}, None, None),
        ([threshold(250), threshold(0, with_camera=True)], {"camera": True}, True, True),
        ([threshold(250), threshold(0, with_camera=True)], {"camera": False}, None, None),
        ([threshold(250), threshold(0, with_camera=True, id="operator")],
         {"mass_g": 100, "camera": True}, True, False),
        ([], {"mass_g": 300}, False, False),
    ],
)  # fmt: skip
def test_an_id_is_needed_by_mass_and_camera(
    thresholds: list[IdMassThreshold],
    row: dict[str, Any],
    operator: bool | None,
    flyer: bool | None,
) -> None:
    names: tuple[tuple[Literal["operator", "flyer"], bool | None], ...] = (
        ("operator", operator),
        ("flyer", flyer),
    )
    for name, expected in names:
        assert _is_operator_id_needed(name, thresholds, aircraft(**row)) is expected


@pytest.mark.parametrize(
    ("thresholds", "text"),
    [
        ([threshold(250)], "IDs were needed from 250 g"),
        ([threshold(250), threshold(100)], "IDs were needed from 100 g"),
        ([threshold(0, with_camera=True)],
         "an ID was needed for aircraft of any mass that carry a camera"),
        ([threshold(250), threshold(100, with_camera=True), threshold(120, with_camera=True)],
         "IDs were needed from 250 g and an ID was needed for aircraft from 100 g that carry a "
         "camera"),
        ([threshold(1, with_camera=True)],
         "an ID was needed for aircraft from 1 g that carry a camera"),
    ],
)  # fmt: skip
def test_the_least_mass_is_told_at_all_and_with_a_camera(
    thresholds: list[IdMassThreshold], text: str
) -> None:
    assert _mass_threshold_text(thresholds) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({}, ""), ({"mass_g": 99.5}, "it weighs 99.5 g"), ({"camera": True}, "it has a camera"),
        ({"mass_g": 99, "camera": False}, "it weighs 99 g and it has no camera"),
    ],
)  # fmt: skip
def test_what_is_known_of_mass_and_camera_is_told(row: dict[str, Any], text: str) -> None:
    assert _mass_and_camera_text(aircraft(**row)) == text


@pytest.mark.parametrize(
    ("day", "masses"),
    [(13, []), (14, [250.0, 100.0]), (15, [250.0, 100.0]), (16, [50.0]), (17, [50.0])],
)
def test_the_thresholds_of_the_latest_date_that_had_come_count(
    day: int, masses: list[float]
) -> None:
    given = OperatorIdentityParameters(
        thresholds=(
            threshold(50, since=dt.date(2026, 5, 16)), threshold(250, since=DAY),
            threshold(100, since=DAY),
        )
    )  # fmt: skip
    found = _mass_thresholds_in_force(given, dt.date(2026, 5, day))
    assert [each.minimum_mass_g for each in found] == masses


# What is said of operator and pilot


def identity(
    *operations: Mapping[str, Any], row: Mapping[str, Any] | None = None, **more: Any
) -> CheckResult:
    inventory = ({**HEAVY, **(row or {})},)
    return result_of(
        "operator_identity", inventory=inventory, operations=operations or None, **more
    )


@pytest.mark.parametrize(
    ("parameters", "people"),
    [
        ({}, "operator OP and pilot"), ({"flyer_id": False}, "operator OP"),
        ({"thresholds": (threshold(250, id="flyer"),)}, "pilot"),
        ({"thresholds": (threshold(250, id="operator"),)}, "operator OP"),
    ],
)  # fmt: skip
def test_a_pass_names_those_whose_id_was_needed(parameters: dict[str, Any], people: str) -> None:
    result = identity(PILOT, parameters=parameters)
    assert (result.outcome, result.reason) == (
        Outcome.PASS,
        f"The ID of {people} is known, and had not expired on any date given for it.",
    )


def test_the_faults_of_ids_are_counted() -> None:
    one = identity({**PILOT, "flyer_id": None})
    assert (one.outcome, one.reason) == (Outcome.FAIL, "1 fault of the IDs.")
    two = identity({**PILOT, "flyer_id": None}, row={"operator_id": None})
    assert two.reason == "2 faults of the IDs."
    # One operation without a fault suffices.
    assert identity({**PILOT, "pilot": None}, {**PILOT, "operation": "2"}).outcome is Outcome.PASS
    both = identity({**PILOT, "pilot": None}, {**PILOT, "flyer_id": None, "operation": "2"})
    assert both.reason == "2 faults of the IDs."
    unknown = identity(row={"operator_id": None})
    assert unknown.reason.startswith("1 fault of the IDs. Who flew is not known: ")
    assert identity().outcome is Outcome.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("parameters", "officer", "outcome"),
    [
        ({"officer": True}, None, "fail"), ({"officer": True}, "Sgt B", "pass"), ({}, None, "pass"),
        ({"officer": True, "flyer_id": False}, None, "fail"),
        ({"officer": True, "flyer_id": False}, "Sgt B", "pass"),
    ],
)  # fmt: skip
def test_an_officer_is_named_where_the_policy_asks_for_one(
    parameters: dict[str, Any], officer: str | None, outcome: str
) -> None:
    result = identity({**PILOT, "authorising_officer": officer}, parameters=parameters)
    assert result.outcome == outcome
    for finding in result.findings:
        assert finding.summary == "Operation 1 names no authorising officer."
        assert (finding.evidence[0].field, finding.evidence[0].value) == (
            "authorising_officer", "not given",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "with_camera", "lacking"),
    [({"mass_g": None}, False, "mass"), ({}, True, "camera"), ({"mass_g": None}, True, "mass")],
)
def test_what_the_inventory_lacks_to_decide_is_named(
    row: dict[str, Any], with_camera: bool, lacking: str
) -> None:
    given = {"thresholds": (threshold(250, with_camera=with_camera),)}
    result = identity(PILOT, row=row, parameters=given)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.reason.startswith(f"The inventory does not give the {lacking} of the aircraft")


@pytest.mark.parametrize(
    ("record", "text", "row", "count"),
    [
        ("open_drone_id_operator_id", "operator OTHER", {}, 1),
        ("open_drone_id_operator_id", "operator id: OTHER", {}, 1),
        ("open_drone_id_operator_id", "operator OP", {}, 0),
        ("open_drone_id_operator_id", "operator OTHER there", {}, 0),
        ("open_drone_id_location", "operator OTHER", {}, 0),
        # That the inventory has none is the fault by itself.
        ("open_drone_id_operator_id", "operator OTHER", {"operator_id": None}, 0),
    ],
)
def test_an_operator_id_that_was_sent_is_that_of_the_inventory(
    record: str, text: str, row: dict[str, Any], count: int
) -> None:
    event = {"kind": "remote_id", "record": record, "text": text, "time": 3}
    result = identity(PILOT, row=row, events=(event,))
    told = [each.summary for each in result.findings if "Remote ID sent" in each.summary]
    assert (
        told
        == [
            "Remote ID sent operator OTHER at 09:00:03 UTC, and the inventory has OP; known from "
            f"{record}."
        ]
        * count
    )


# When Remote ID is a duty, and whether it was fulfilled


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [(14, None, True), (15, None, False), (14, 14, True), (1, 13, False), (1, 14, True)],
)
def test_a_duty_holds_from_its_first_to_its_last_day(
    since: int, until: int | None, holds: bool
) -> None:
    last = None if until is None else dt.date(2026, 5, until)
    assert BroadcastRequirement(since=dt.date(2026, 5, since), until=last).holds_on(DAY) == holds


def test_a_duty_does_not_end_before_it_begins() -> None:
    BroadcastRequirement(since=DAY, until=DAY)
    with pytest.raises(ValidationError, match="until is before since"):
        BroadcastRequirement(since=DAY, until=dt.date(2026, 5, 13))


def received(count: int, *places: NamedPosition, serial: str | None = "S1") -> FurtherExampleLog:
    fields = {"aircraft": Aircraft(serial=serial), "named_positions": places}
    track = northbound_example_track(count)
    return FurtherExampleLog("air.pcap", "remote-id-broadcast", track=track, log_fields=fields)


def heard(*others: FurtherExampleLog, **more: Any) -> CheckResult:
    return result_of("remote_id", northbound_example_track(60), other_logs=others, **more)


@pytest.mark.parametrize(
    ("count", "kind", "outcome"),
    [
        (29, None, "not_assessable"), (30, None, "fail"), (30, "pilot", "pass"),
        (29, "pilot", "pass"), (30, "start", "pass"), (30, "home", "fail"),
    ],
)  # fmt: skip
def test_the_position_of_the_operator_is_missed_in_thirty_messages(
    count: int, kind: str | None, outcome: str
) -> None:
    place = [] if kind is None else [NamedPosition(kind, None, 51.5, -1.0, None, "System", 77)]
    result = heard(received(count, *place))
    assert result.outcome == outcome
    if outcome == "fail":
        assert result.reason == "1 fault of what was broadcast, by air.pcap."
        (finding,) = result.findings
        assert finding.summary == (
            "None of 30 messages that were received states the position of the operator"
        )
        assert [(each.offset, each.record) for each in finding.evidence] == [(100, "Location")]
    elif outcome == "pass":
        assert result.reason == (
            f"A receiver recorded {count} positions that were broadcast with the aircraft's "
            "identity and the position of the operator (air.pcap)."
        )
    else:
        assert result.reason == (
            "A receiver recorded 29 positions without that of the operator (air.pcap): of fewer "
            "than 30 it may have been missed."
        )


@pytest.mark.parametrize(
    ("record", "text", "outcome", "reason"),
    [
        # Autopilot and ground station tell the transmitter what to broadcast.
        ("OPEN_DRONE_ID_LOCATION", "position: 9 messages", "not_assessable",
         "Remote ID messages in the log (OPEN_DRONE_ID_LOCATION) show only what was to be "
         "broadcast, not that it was."),
        ("open_drone_id_self_id.description", "Remote ID: description x", "not_assessable",
         "Remote ID messages in the log (open_drone_id_self_id.description) show only what was "
         "to be broadcast, not that it was."),
        ("OPEN_DRONE_ID_ARM_STATUS", "not ready", "not_assessable",
         "No log holds Remote ID messages"),
        ("PARM", "DID_ENABLE = 1", "not_assessable", "No log holds Remote ID messages"),
        ("PARM", "DID_ENABLE = 0", "fail", "The log states that Remote ID was switched off."),
    ],
)  # fmt: skip
def test_messages_in_the_log_that_are_not_the_transmitters_show_no_broadcast(
    record: str, text: str, outcome: str, reason: str
) -> None:
    event = {"kind": "remote_id", "record": record, "text": text, "time": 3}
    result = result_of("remote_id", events=(event,))
    assert result.outcome == outcome
    assert result.reason.startswith(reason)
    stated = result_of("remote_id", inventory=({**HEAVY, "remote_id": True},))
    assert stated.reason.endswith("messages; the inventory states that it is on.")


def transmission(begin: float, end: float | None) -> dict[str, Any]:
    event = {"kind": "remote_id", "record": "OPEN_DRONE_ID_LOCATION.transmitter", "time": begin}
    return event if end is None else event | {"end": end}


def fault_state(time: float, text: str) -> dict[str, Any]:
    record = "OPEN_DRONE_ID_ARM_STATUS.error"
    return {"kind": "remote_id", "record": record, "time": time, "text": text}


@pytest.mark.parametrize(
    ("events", "outcome", "reason"),
    [
        ([transmission(-9, 99)], "pass", "The Remote ID transmitter sent messages for 100 % of the "
         "time in the air (OPEN_DRONE_ID_LOCATION)."),
        ([transmission(0, 3), transmission(2, 7.6)], "pass", "The Remote ID transmitter sent "),
        ([transmission(0, 7.5)], "not_assessable", "The Remote ID transmitter sent messages for "
         "only 93.7 % of the time in the air; 95 % are needed."),
        ([transmission(0, 3), transmission(5, 8)], "not_assessable", "The Remote ID transmitter "),
        ([transmission(9, 10)], "not_assessable", "The Remote ID transmitter sent messages for "
         "only 0 % "),
        ([transmission(0, None)], "not_assessable", "It is not known when the messages "),
        ([transmission(0, 8), fault_state(-2, "error: no GPS"), fault_state(-1, "error: empty")],
         "pass", "The Remote ID transmitter sent "),
        ([transmission(0, 8), fault_state(-2, "error: no GPS")], "not_assessable",
         "The Remote ID transmitter reported a fault during the flight (error: no GPS)."),
        ([transmission(0, 8), fault_state(9, "error: no GPS")], "pass", "The Remote ID "),
    ],
)  # fmt: skip
def test_a_transmitter_that_sent_throughout_the_flight_broadcast(
    events: list[dict[str, Any]], outcome: str, reason: str
) -> None:
    result = result_of("remote_id", events=tuple(events))
    assert result.outcome == outcome
    assert result.reason.startswith(reason)


# Whether a file of zones was in force


def file_valid(begins: dt.datetime | None, ends: dt.datetime | None) -> str:
    """Return why a file is not valid for a flight from 09:00 to 09:10 UTC."""
    source = cast("Any", SimpleNamespace(effective_from=begins, effective_to=ends))
    return _why_zone_file_is_not_valid(source, (BEGIN, BEGIN + pd.Timedelta(minutes=10)))


def at(hour: int, minute: int = 0, day: int = 14) -> dt.datetime:
    return dt.datetime(2026, 5, day, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "fault"),
    [
        (None, None, ""), (at(9), None, ""), (None, at(9, 10), ""), (at(9), at(9, 10), ""),
        (at(9, 1), None, "effective from 2026-05-14 09:01 UTC, after the flight began"),
        # Another day is for the age of the file to say.
        (at(9, 1, 15), None, ""),
        (None, at(9, 9), "effective until 2026-05-14 09:09 UTC, during the flight"),
        (None, at(9), "effective until 2026-05-14 09:00 UTC, during the flight"),
        (None, at(8, 59), "effective until 2026-05-14 08:59 UTC, before the flight"),
        (at(8), at(8), "effective until 2026-05-14 08:00 UTC, before it came into force"),
        (at(8), at(7), "effective until 2026-05-14 07:00 UTC, before it came into force"),
        # Midnight stands for a date, and its whole day.
        (None, at(0), ""),
        (None, at(0, day=13), "effective until 2026-05-13 00:00 UTC, before the flight"),
    ],
)  # fmt: skip
def test_a_file_of_zones_is_in_force_to_the_minute(
    begins: dt.datetime | None, ends: dt.datetime | None, fault: str
) -> None:
    assert file_valid(begins, ends) == fault
    assert _why_zone_file_is_not_valid(cast("Any", None), None) == ""


LAST_YEAR = dt.datetime(dt.MAXYEAR, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("stated", "end"),
    [
        (at(0), at(0, day=15)), (at(0, 1), at(0, 1)), (at(23, 59), at(23, 59)),
        # There is no day after the last year.
        (dt.datetime(dt.MAXYEAR - 1, 12, 31, tzinfo=dt.UTC), LAST_YEAR), (LAST_YEAR, LAST_YEAR),
    ],
)  # fmt: skip
def test_a_date_ends_a_day_later(stated: dt.datetime, end: dt.datetime) -> None:
    assert _end_of_validity(stated) == end


@pytest.mark.parametrize(
    ("dates", "fault"),
    [
        ({"effective_from": at(0, day=1)}, None),
        ({"issued": at(0, day=15)}, "issued from 2026-05-15, after the flight of 2026-05-14"),
        ({"effective_from": dt.datetime(2026, 4, 15, tzinfo=dt.UTC), "issued": at(0, day=10)},
         "effective from 2026-04-15, 29 days before the flight of 2026-05-14"),
    ],
)  # fmt: skip
def test_a_file_of_zones_is_named_with_what_is_wrong_with_its_date(
    dates: dict[str, Any], fault: str | None
) -> None:
    result = result_of("zones_stale", context={"zones": example_supplied_zones(**dates)})
    if fault is None:
        assert result.reason == "All zone files (1) were current on 2026-05-14."
    else:
        assert result.reason == "1 of 1 zone file was not current on 2026-05-14."
        (finding,) = result.findings
        assert finding.summary == f"zones.json (1 zone): {fault}"
        assert finding.evidence[0].value == f"no edition; {fault}"


def test_files_of_zones_are_counted_with_those_that_state_no_date() -> None:
    old = example_supplied_zones(effective_from=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    (file,), (undated,) = old.files, example_supplied_zones().files
    empty = replace(file, zones=())
    zones = SuppliedZones((file, undated, empty))
    result = result_of("zones_stale", context={"zones": zones})
    assert result.reason.startswith(
        "2 of 3 zone files were not current on 2026-05-14. 1 more state no date."
    )
    names = [each.summary.partition(":")[0] for each in result.findings]
    assert names == ["zones.json (1 zone)", "zones.json (0 zones)"]
    (observation,) = result.observations
    assert observation.share == pytest.approx(2 / 3)


# Lights at night


def lights(*states: tuple[float, float | None]) -> tuple[float, str]:
    """Return for how long the lights were off in half a minute of the dark, and what is said."""
    events = pd.DataFrame(
        {
            "kind": ["lights"] * len(states),
            "time": [BEGIN + pd.Timedelta(seconds=second) for second, _ in states],
            "value": [value for _, value in states],
        }
    )
    flight = cast("Any", SimpleNamespace(events=events))
    return _lights_off_seconds_and_text(flight, BEGIN, BEGIN + pd.Timedelta(seconds=30))


@pytest.mark.parametrize(
    ("states", "off_s", "told"),
    [
        ([], 0.0, None), ([(0, None)], 0.0, None),
        ([(0, 1.0)], 0.0, "on in all of the dark"), ([(-9, 1.0)], 0.0, "on in all of the dark"),
        # What its first messages miss counts from five seconds on.
        ([(5, 1.0)], 0.0, "on in all of the dark"),
        ([(5.5, 1.0)], 0.0, "on for all of the 24 s that its messages cover"),
        ([(0, 0.0)], 30.0, "off for 30 s in the dark"),
        ([(-9, 0.0), (10, 1.0), (40, 0.0)], 10.0, "off for 10 s in the dark"),
        ([(0, 1.0), (10, 0.0), (20, 1.0)], 10.0, "off for 10 s in the dark"),
        ([(0, 1.0), (10, 0.0)], 20.0, "off for 20 s in the dark"),
        ([(10, 0.0)], 20.0, "off for 20 s of the 20 s that its messages cover in the dark"),
        ([(-9, 0.0), (-5, 1.0)], 0.0, "on in all of the dark"),
    ],
)  # fmt: skip
def test_lights_are_off_from_a_message_to_the_next_within_the_dark(
    states: list[tuple[float, float | None]], off_s: float, told: str | None
) -> None:
    text = f" It reports its night lights {told}; the log does not say their colour."
    assert lights(*states) == (off_s, "" if told is None else text)


@pytest.mark.parametrize(
    ("light", "parameters", "outcome", "reason"),
    [
        (True, {}, "pass", "It was night, and the aircraft has a green flashing light."),
        (False, {}, "fail", "It was night, and the aircraft has no green flashing light."),
        (None, {}, "not_assessable", "It was night. The inventory does not say whether"),
        (True, {"light_suffices": False}, "fail", "The flight, or part of it, was at night."),
    ],
)
def test_a_flight_at_night_needs_a_light_unless_none_suffices(
    light: bool | None, parameters: dict[str, Any], outcome: str, reason: str
) -> None:
    row = {**HEAVY, "green_light": light}
    result = result_of("night_flight", inventory=(row,), start="2026-01-14T00:00:00Z",
                       parameters=parameters)  # fmt: skip
    assert result.outcome == outcome
    assert result.reason.startswith(reason)
    for finding in result.findings:
        assert finding.summary.startswith(
            "in the air at night, with the sun as low as -59.7°, for 8.0 s from 00:00:00 UTC"
        )
        assert [each.offset for each in finding.evidence] == [100]
        assert (finding.latitude_deg, finding.longitude_deg) == (51.5, -1.0)


def test_the_part_of_a_flight_that_was_at_night_is_told() -> None:
    """Night begins between the fifth and the sixth fix, an hour apart."""
    track = hover_example_track_at_heights(*[10.0] * 9, time=[3600 * hour for hour in range(9)])
    row = {**HEAVY, "green_light": False}
    result = result_of("night_flight", track, inventory=(row,), start="2026-05-14T16:00:00Z")
    (finding,) = result.findings
    assert [each.offset for each in finding.evidence] == [150]
    assert (finding.start, finding.end) == (at(21), at(0, day=15))
    by_day = result_of("night_flight", inventory=(row,))
    assert by_day.outcome is Outcome.NOT_APPLICABLE
    assert by_day.reason.startswith("It was not night: the sun was at ")
    assert by_day.reason.endswith("° or higher, not 6° below the horizon.")


# Recordings and their purpose

OPERATION = {"operation": "O", "start": -60, "end": 600, "purpose": "p", "incident_ref": "I"}


def photos(*seconds: float | None, **operation: Any) -> CheckResult:
    captures = [{"kind": "photo", "start": second, "end": second} for second in seconds]
    given = operation.pop("parameters", {})
    return result_of(
        "recording_without_purpose", hover_example_track_at_heights(*[10.0] * 31),
        captures=captures, operations=({**OPERATION, **operation},), parameters=given,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "lack"),
    [
        ({}, None), ({"purpose": None}, "names no purpose"),
        ({"parameters": {"purposes": ("p",)}}, None),
        ({"parameters": {"purposes": ("q", "r")}},
         "has the purpose “p”, which is not on the list"),
        ({"incident_ref": None}, "names no incident"),
        ({"incident_ref": None, "parameters": {"incident_ref_required": False}}, None),
        ({"purpose": None, "parameters": {"incident_ref_required": False}}, "names no purpose"),
    ],
)  # fmt: skip
def test_an_operation_has_a_purpose_and_an_incident(
    operation: dict[str, Any], lack: str | None
) -> None:
    result = photos(1, 2, **operation)
    if lack is None:
        assert result.reason == "2 photos, each within an operation with a purpose."
        assert result.outcome is Outcome.PASS
    else:
        (finding,) = result.findings
        assert f": operation O {lack}; known from example.txt, operation.csv." in finding.summary
        assert result.reason == "2 photos of 2 photos without a purpose."


def test_recordings_on_both_sides_of_an_operation_are_two_findings() -> None:
    result = photos(1, 2, 5, 9, start=4, end=6)
    first, last = result.findings
    assert first.summary.startswith("2 photos for 1.0 s from 09:00:01 UTC")
    assert last.summary.startswith("1 photo at 09:00:09 UTC")
    assert result.reason == "3 photos of 4 photos without a purpose."


def test_of_a_recording_without_a_time_nothing_is_known() -> None:
    alone = photos(1, None)
    assert alone.outcome is Outcome.NOT_ASSESSABLE
    assert alone.reason == "The time of 1 photo is not known."
    failed = photos(1, None, start=2)
    assert (
        failed.reason == "1 photo of 2 photos without a purpose. The time of 1 photo is not known."
    )
