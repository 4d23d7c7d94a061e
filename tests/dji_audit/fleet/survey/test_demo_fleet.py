"""The survey on the demo fleet, from its expected report, gives its figures to the digit."""

import json
from pathlib import Path
from typing import Any

import pytest

from dji_audit.fleet.survey.answers import HowAnswerIsKnown
from dji_audit.fleet.survey.observed_fleet import FlightCountsByWhetherRecorded
from dji_audit.fleet.survey.survey_return import SurveyReturn
from dji_audit.fleet.survey.surveyed_flights import parse_flights_and_contacts_of_report
from tests.dji_audit.fleet.survey.synthetic_returns import return_of

REPORT = Path(__file__).parents[3] / "expected" / "demo.json"
ANSWERS = """
[return]
body = "Kent Police"
survey = "2026"
answered_on = 2026-11-30
[drones]
operated = true
flights = 3
records_audio = false
uploads_data = false
aware_of_concerns = true
[[aircraft]]
maker = "DJI"
count = 0
"""


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(REPORT.read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def built(report: dict[str, Any]) -> SurveyReturn:
    return return_of(
        ANSWERS, parse_flights_and_contacts_of_report(json.dumps(report).encode(), "demo.json")
    )


def test_the_observed_fleet(built: SurveyReturn) -> None:
    fleet = built.observed
    assert fleet is not None
    assert (fleet.flights, fleet.flights_without_serial) == (3, 1)
    assert [(it.maker, it.model, it.serial, it.flights) for it in fleet.aircraft] == [
        ("DJI", "Mavic 2", "SYNTHETIC0000001", 1),
        (None, "quadrotor", "SYNTHETIC0000007", 1),
    ]
    assert fleet.ground_stations == {"Android 4.3.64": 1}
    assert {(it.part, it.version) for it in fleet.firmware if it.serial == "SYNTHETIC0000001"} == {
        ("battery (0)", "1.0.0.72"),
        ("camera (0)", "0.1.9.20"),
        ("controller (0)", "1.1.0.39"),
        ("flight controller (6)", "3.4.2.24"),
        ("gimbal (0)", "1.0.12.4"),
    }
    assert (
        fleet.video
        == fleet.photos
        == fleet.thermal
        == FlightCountsByWhetherRecorded(yes=3, no=0, unknown=0)
    )
    assert fleet.audio == FlightCountsByWhetherRecorded(yes=1, no=0, unknown=2)
    assert fleet.video_s == 704.1
    assert str(fleet.first_flown) == str(fleet.last_flown) == "2026-05-14"


def test_counts_equal_those_of_the_report(built: SurveyReturn, report: dict[str, Any]) -> None:
    fleet = built.observed
    assert fleet is not None
    # An aircraft that was only heard is nobody's of the body that answers.
    heard = {it["id"] for it in report["flights"] if it["received_only"]}
    outcomes = [
        it["outcome"]
        for it in report["results"]
        if it["outcome"] != "not_applicable" and it["flight"] not in heard
    ]
    assert fleet.rules == len(outcomes) > 0
    assert fleet.rules_checked == sum(it != "not_assessable" for it in outcomes) > 0
    assert (
        fleet.open_findings
        == sum(it["findings"] for it in report["flights"] if not it["received_only"])
        > 0
    )
    hosts = {
        claim: {
            it["host"]
            for it in report["contacts"]
            if it["claim"] == claim and not it["is_local"] and it["contacted_by"] == "device"
        }
        for claim in {it["claim"] for it in report["contacts"]}
    }
    assert {it.claim: set(it.hosts) for it in fleet.contacts} == {
        claim: names for claim, names in hosts.items() if names
    }
    assert "confirmed_upload" in {it.claim for it in fleet.contacts}
    assert fleet.flights_network_recorded == 0


def test_its_contradictions(built: SurveyReturn) -> None:
    assert {it.field: it.text for it in built.contradictions} == {
        "aircraft.makers": "declared 0 DJI; observed 1 serial, last flown 14 May 2026: "
        "SYNTHETIC0000001",
        "drones.records_audio": "declared that no sound is recorded; observed sound in 1 flight",
        "drones.uploads_data": "declared that nothing is sent to servers; observed confirmed "
        "upload: QGroundControl, mydjiflight.dji.com, last 14 May 2026",
    }


def test_each_answer_has_one_basis(built: SurveyReturn) -> None:
    bases = {it.field: it.basis for it in built.answers}
    assert bases["drones.records_thermal"] is HowAnswerIsKnown.OBSERVED
    assert bases["drones.aware_of_concerns"] is HowAnswerIsKnown.DECLARED
    assert bases["drones.dpia"] is HowAnswerIsKnown.NOT_IN_LOGS
    assert len(bases) == len(built.answers) > 80
