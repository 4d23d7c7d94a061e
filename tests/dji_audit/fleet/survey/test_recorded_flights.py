"""The flights of a survey come from a report, a finished audit or a state, and are the same."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dji_audit.compliance.context import ContextFiles
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.survey.declared_return import SurveyError
from dji_audit.fleet.survey.observed_fleet import summarise_flights_of_period
from dji_audit.fleet.survey.surveyed_flights import (
    FlightsAndContactsOfAudits,
    RecordedOrUnknown,
    parse_flights_and_contacts_of_report,
    read_flights_and_contacts_of_audits,
)
from dji_audit.report.schema_version import SCHEMA


@pytest.fixture(scope="module")
def audited(sample_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folder and the state of an audit of a video with sound and a network log."""
    folder = tmp_path_factory.mktemp("audited")
    evidence = folder / "evidence"
    evidence.mkdir()
    names = ("DJI_20260514100443_0001_D.MP4", "DJI_20260514100443_0001_D.SRT")
    for path in (*(sample_logs / name for name in names), sample_logs / "network" / "tablet.har"):
        shutil.copy(path, evidence)
    state, operations = folder / "state", folder / "operations.csv"
    operations.write_text(
        "operation,start,end,aircraft,no_log\n"
        "OP-1,2026-05-13T09:00:00Z,2026-05-13T09:20:00Z,SERIAL-0009,yes\n"
    )
    options = RunOptions(
        policy=load_policy("default"),
        state=state,
        context_files=ContextFiles(operations=operations),
    )
    finished = audit_paths([evidence], options)
    (folder / "results").mkdir()
    (folder / "results" / "report.json").write_text(finished.report_json_text)
    return folder / "results", state


def test_report_folder_and_state_hold_the_same_flights(audited: tuple[Path, Path]) -> None:
    results, state = audited
    of_folder = read_flights_and_contacts_of_audits([results])
    assert of_folder.flights
    assert of_folder.flights[0].audio is RecordedOrUnknown.YES
    assert read_flights_and_contacts_of_audits([results / "report.json"]) == of_folder
    of_state = read_flights_and_contacts_of_audits([state])
    [by_hand] = [it for it in of_state.flights if it.is_entered_by_hand]
    assert (by_hand.serial, str(by_hand.day), by_hand.is_checked) == (
        "SERIAL-0009", "2026-05-13", False,
    )  # fmt: skip
    # Only a state knows flights that a person entered.
    of_state = replace(
        of_state, flights=tuple(it for it in of_state.flights if not it.is_entered_by_hand)
    )
    assert [it.id for it in of_state.flights] == [it.id for it in of_folder.flights]
    for mine, other in zip(of_state.flights, of_folder.flights, strict=True):
        # Only the tables of a state name controllers.
        assert replace(mine, ground_stations=()) == replace(other, ground_stations=())
    assert set(of_state.contacts) == set(of_folder.contacts)
    assert of_state.unread_files == of_folder.unread_files


def test_a_flight_in_two_audits_counts_once(audited: tuple[Path, Path]) -> None:
    results, state = audited
    once, twice = (
        read_flights_and_contacts_of_audits([results]),
        read_flights_and_contacts_of_audits([results, results, state]),
    )
    fleets = [
        replace(
            summarise_flights_of_period(it, None, None),
            sources=(),
            ground_stations={},
            flights_entered_by_hand=0,
        )
        for it in (once, twice)
    ]
    assert fleets[1] == fleets[0]
    assert [name for name, _ in twice.sources] == [
        "report.json",
        "report.json",
        "tables of the state state",
    ]


def report(**more: Any) -> bytes:
    flight = {
        "id": "f-1", "maker": "DJI", "serial": "S1", "start": "2026-05-14T09:00:00.000Z",
        "verdict": "clean", "thermal": "no", "photos": 0, "videos": None,
    }  # fmt: skip
    document = {
        "schema": SCHEMA, "inputs": [], "flights": [flight | more], "rules": [],
        "results": [], "contacts": [], "network": [],
    }  # fmt: skip
    return json.dumps(document).encode()


def one_flight(**more: Any) -> FlightsAndContactsOfAudits:
    return parse_flights_and_contacts_of_report(report(**more), "report.json")


def test_what_a_report_does_not_state_stays_unknown() -> None:
    [flight] = one_flight(captures=None).flights
    assert (flight.photos, flight.video, flight.thermal, flight.audio) == (
        RecordedOrUnknown.NO,
        RecordedOrUnknown.UNKNOWN,
        RecordedOrUnknown.NO,
        RecordedOrUnknown.UNKNOWN,
    )
    assert not flight.is_checked
    assert one_flight(start="9999-99-99").flights[0].day is None
    assert one_flight(start=None, local_start="2026-05-13T23:00:00").flights[0].day is not None


def test_a_flight_of_a_simulator_is_none_of_the_fleet() -> None:
    found = one_flight(simulated=True)
    assert found.flights == ()
    assert found.simulated_flights == {"f-1"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no report of dji-audit"),
        (b"[" * 100_000, "no report of dji-audit"),
        (b'{"schema": 3}', "no report of dji-audit"),
        (report().replace(SCHEMA.encode(), b"dji-audit/report/9"), "its form is"),
        (report(photos="=1+1"), "flights.0.photos"),
        (report(firmware=["a"]), "flights.0.firmware"),
    ],
)
def test_a_damaged_report_is_refused_with_the_place(data: bytes, message: str) -> None:
    with pytest.raises(SurveyError, match=message):
        parse_flights_and_contacts_of_report(data, "report.json")


def test_a_path_that_holds_no_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match=r"holds no report\.json and is not a state"):
        read_flights_and_contacts_of_audits([tmp_path])
    with pytest.raises(SurveyError, match="no such file"):
        read_flights_and_contacts_of_audits([tmp_path / "nothing"])
    (tmp_path / "dji-audit-state.json").write_text("{}")
    with pytest.raises(SurveyError, match="has no tables of a fleet"):
        read_flights_and_contacts_of_audits([tmp_path])
