"""The law of drones does not concern a helicopter: every rule, with a flight of one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import load_policy
from dji_audit.compliance.rules import rules_by_id
from dji_audit.compliance.rules._shared._example_flights import ExampleFlight
from dji_audit.compliance.rules._shared._rule import AnyRule, apply_rule_to_example
from dji_audit.flights import assemble_flights
from sample_logs import klv
from tests.dji_audit.compliance.one_rule import apply_rule

#: Rules about what the law asks of drones, and whether of large ones too.
ABOUT_DRONES = {
    "height_limit": False, "distance_limit": False, "operator_identity": False,
    "night_flight": False, "flight_profile": False, "remote_id": True, "operating_area": True,
    "country_of_production": True, "dock_distance": True,
}  # fmt: skip
#: Rules that judge the motion of an aircraft by its type.
BY_TYPE = {"implausible_motion"}
HELICOPTER = {"model": "EC135", "larger_type": "helicopter"}


def examples_of(rule: AnyRule) -> list[ExampleFlight]:
    """Return an example of each outcome that says something of the flight."""
    by_outcome = {example.outcome: example for example in reversed(rule.examples)}
    found = [by_outcome[each] for each in (Outcome.FAIL, Outcome.PASS) if each in by_outcome]
    return found or list(rule.examples[:1])


#: Rules whose example is a contact with a server of DJI.
BY_DEVICE = ("data_sync_endpoint", "local_data_mode", "rtk_position_disclosure")
EXAMPLES = [
    pytest.param(rule, example, id=f"{name}-{example.outcome.value}")
    for name, rule in sorted(rules_by_id().items())
    for example in examples_of(rule)[: 2 if name in ABOUT_DRONES else 1]
]


def flown_by(example: ExampleFlight, **type_fields: str) -> ExampleFlight:
    aircraft = example.log_fields.get("aircraft", parsers.Aircraft())
    fields = {**example.log_fields, "aircraft": replace(aircraft, **type_fields)}
    return replace(example, log_fields=fields)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_helicopter_in_place_of_the_drone(rule: AnyRule, example: ExampleFlight) -> None:
    result = apply_rule_to_example(rule, flown_by(example, **HELICOPTER))
    if rule.id in ABOUT_DRONES:
        assert result.outcome is Outcome.NOT_APPLICABLE
        assert "By its log the aircraft is of the type EC135, a helicopter: " in result.reason
        assert "drones" in result.reason or "crew" in result.reason
        assert not result.findings
    elif rule.id in BY_DEVICE:
        # What the tablet of a drone did is not shown to be of the helicopter, and passes nothing.
        assert result.outcome is Outcome.NOT_ASSESSABLE
        assert all(finding.informational for finding in result.findings)
    elif rule.id not in BY_TYPE:
        assert result.outcome is example.outcome, "what a log shows of itself holds of any aircraft"


def crewed_examples() -> Iterator[tuple[AnyRule, ExampleFlight]]:
    for name in ABOUT_DRONES:
        for example in examples_of(rules_by_id()[name]):
            rows = example.inventory or ({"serial": "S1"},)
            inventory = tuple({**row, "crewed": True} for row in rows)
            if any(row.get("serial") == "S1" for row in inventory):
                yield rules_by_id()[name], replace(example, inventory=inventory)


def test_an_aircraft_with_a_crew_by_the_inventory() -> None:
    seen = set()
    for rule, example in crewed_examples():
        result = apply_rule_to_example(rule, flown_by(example, serial="S1"))
        assert result.outcome is Outcome.NOT_APPLICABLE, (rule.id, example.description)
        assert result.reason.startswith("The inventory says that the aircraft carries a crew: ")
        seen.add(rule.id)
    assert seen == set(ABOUT_DRONES)


@pytest.mark.parametrize("name", ABOUT_DRONES)
def test_a_large_drone_is_a_drone_still(name: str) -> None:
    rule = rules_by_id()[name]
    for example in examples_of(rule):
        result = apply_rule_to_example(
            rule, flown_by(example, model="MQ-9", larger_type="large drone")
        )
        if ABOUT_DRONES[name]:
            assert result.outcome is example.outcome
        else:
            assert result.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("pack", ["uk-open", "police-ew"])
def test_the_flight_of_a_helicopter_passes_and_fails_no_law_of_drones(
    sample_logs: Path, pack: str
) -> None:
    flight = assemble_flights(parsers.read(sample_logs / klv.FOLDER / klv.NAME))[0]
    policy = load_policy(pack)
    about_drones = 0
    for result in audit_flight(flight, policy, AuditContext()).results:
        if policy.rules[result.rule].rule in ABOUT_DRONES:
            about_drones += 1
            assert result.outcome is Outcome.NOT_APPLICABLE
        else:
            assert "drone" not in result.reason
    assert about_drones >= 2


def test_the_file_of_a_video_shows_the_video_and_whether_there_is_sound(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / klv.FOLDER / klv.NAME)
    sound = apply_rule(log, "audio_recorded")
    assert sound.outcome is Outcome.PASS
    assert sound.reason.startswith("No file holds sound. ")
    purpose = apply_rule(log, "recording_without_purpose")
    reasons = {each.need: each.reason for each in purpose.observations}
    assert reasons == {
        "photo": "Photos could not have been seen: this kind of log does not record them.",
        "video": "",
    }


def test_what_is_known_of_some_videos_is_said_of_further_ones(sample_logs: Path) -> None:
    bare = parsers.read(sample_logs / klv.FOLDER / klv.BARE_NAME)
    assert len(bare.captures)
    purpose = apply_rule(bare, "recording_without_purpose")
    assert {each.need: each.reason for each in purpose.observations}["video"] == (
        "Further video recordings could not have been seen: this kind of log does not record them."
    )


def test_a_video_file_that_does_not_list_its_streams_is_named(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / klv.FOLDER / klv.NAME)
    facts = {name: fact for name, fact in log.facts.items() if name != "audio"}
    sound = apply_rule(replace(log, facts=facts), "audio_recorded")
    assert sound.outcome is Outcome.NOT_ASSESSABLE
    assert sound.observations[0].reason == (
        "helicopter.ts does not list its streams: whether it holds sound is not known."
    )
