"""From which mass and day on a duty holds, and how its faults are counted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Literal, cast

import pandas as pd
import pytest
from pydantic import ValidationError

from dji_audit.compliance.inventory import InventoryAircraft
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules import (
    CheckResult,
    ExampleFlight,
    apply_rule_to_example,
    rules_by_id,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    hover_example_track_at_heights,
    northbound_example_track,
)
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
from parsers import Aircraft, NamedPosition
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
    example = ExampleFlight(Outcome.PASS, "", hover if track is None else track, **fields)
    return apply_rule_to_example(rules_by_id()[rule], example)


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
        (29, None, "pass"), (30, None, "fail"), (30, "pilot", "pass"), (30, "start", "pass"),
        (30, "home", "fail"),
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
    else:
        assert result.reason == (
            f"A receiver recorded {count} positions that were broadcast with the aircraft's "
            "identity with the position of the operator (air.pcap)."
        )


@pytest.mark.parametrize(
    ("record", "text", "outcome", "reason"),
    [
        ("OPEN_DRONE_ID_LOCATION", "position: 9 messages", "pass",
         "The log holds Remote ID messages: position: 9 messages (OPEN_DRONE_ID_LOCATION)."),
        ("OPEN_DRONE_ID_ARM_STATUS", "not ready", "not_assessable",
         "No log holds Remote ID messages"),
        ("PARM", "DID_ENABLE = 1", "not_assessable", "No log holds Remote ID messages"),
        ("PARM", "DID_ENABLE = 0", "fail", "The log states that Remote ID was switched off."),
    ],
)  # fmt: skip
def test_messages_in_the_log_show_that_it_broadcast(
    record: str, text: str, outcome: str, reason: str
) -> None:
    event = {"kind": "remote_id", "record": record, "text": text, "time": 3}
    result = result_of("remote_id", events=(event,))
    assert result.outcome == outcome
    assert result.reason.startswith(reason)
    stated = result_of("remote_id", inventory=({**HEAVY, "remote_id": True},))
    assert stated.reason.endswith("messages; the inventory states that it is on.")


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
