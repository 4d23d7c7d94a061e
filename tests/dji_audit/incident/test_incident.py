"""The bundle of an incident: what it says, what it admits, and that its bytes repeat."""

import csv
import hashlib
import io
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.common.case_details import NO_CASE_DETAILS
from dji_audit.compliance.audit import audit_flight, provenance_of_policy_catalogue_and_context
from dji_audit.compliance.context import NO_CONTEXT, load_audit_context
from dji_audit.compliance.policy import load_policy
from dji_audit.flights import Flight, assemble_flights
from dji_audit.incident import (
    IncidentDocument,
    IncidentWindow,
    NoFlightAtThatTimeError,
    build_incident_document,
    flights_in_window,
    incident_bundle_files,
    incident_sheets_pdf,
)
from dji_audit.incident._document_sections import cameras_and_microphones_section
from dji_audit.incident._nearby_aircraft import rows_of_other_flights
from tests.conftest import ROOT
from tests.dji_audit.cli.conftest import DJI_AUDIT

FOLDER = ROOT / "sample_logs"
CASE = FOLDER / "case"
MOMENT = "2026-05-14T09:05:30Z"
WINDOW = IncidentWindow(moment=pd.Timestamp(MOMENT))


def read_flights_of(*paths: Path) -> list[Flight]:
    return list(assemble_flights(*[parsers.read(path) for path in paths]))


def document_of(
    flight: Flight, window: IncidentWindow = WINDOW, others: tuple[Flight, ...] = ()
) -> IncidentDocument:
    policy, context = load_policy("default"), load_audit_context(NO_CONTEXT)
    return build_incident_document(
        audit_flight(flight, policy, context),
        (flight, *others),
        window,
        basis=provenance_of_policy_catalogue_and_context(policy, context),
        context=context,
    )


@pytest.fixture(scope="module")
def flight() -> Flight:
    return read_flights_of(FOLDER / "DJIFlightRecord_2026-05-14_[10-01-58].txt")[0]


@pytest.fixture(scope="module")
def document(flight: Flight) -> IncidentDocument:
    return document_of(flight)


def section_text(document: IncidentDocument, heading: str) -> str:
    (section,) = [each for each in document.sections if each.heading == heading]
    rows = [" ".join(row) for row in section.table.rows] if section.table else []
    facts = [f"{name}: {value}" for name, value in section.facts if value]
    return "\n".join([*section.paragraphs, *facts, *section.items, *rows])


def test_the_hash_of_the_evidence_stands_on_the_first_sheet(
    document: IncidentDocument, flight: Flight
) -> None:
    first = document.sections_of_sheet(1)[0]
    assert first.heading == "Preservation of evidence"
    data = (FOLDER / flight.log.source.name).read_bytes()
    assert hashlib.sha256(data).hexdigest() in section_text(document, first.heading)


def test_the_state_at_the_moment_is_that_of_the_last_fix_before_it(
    document: IncidentDocument, flight: Flight
) -> None:
    track = flight.track
    last = track[track["time"] <= WINDOW.moment].iloc[-1]
    (section,) = [each for each in document.sections if each.heading == "The moment"]
    assert section.table is not None
    (row,) = [each for each in section.table.rows if each[0] == "0"]
    state = dict(zip(section.table.columns, row, strict=True))
    assert state["Height, m"] == f"{last['height_ato_m']:.1f}"
    assert state["Speed, m/s"] == f"{last['ground_speed_mps']:.1f}"
    assert f"{last['latitude_deg']:.6f}" in section_text(document, "The moment")


def test_every_fix_in_the_time_is_in_the_tables_with_its_byte(
    document: IncidentDocument, flight: Flight
) -> None:
    files = incident_bundle_files(document, None)
    (name,) = [name for name in files if name.startswith("fixes-")]
    rows = list(csv.DictReader(io.StringIO(files[name].decode())))
    inside = flight.track[flight.track["time"].between(WINDOW.start, WINDOW.end)]
    assert [int(row["source_offset"]) for row in rows] == inside["source_offset"].tolist()
    assert np.allclose([float(row["latitude_deg"]) for row in rows], inside["latitude_deg"])


def test_each_file_of_a_bundle_is_in_its_list_of_hashes(document: IncidentDocument) -> None:
    files = incident_bundle_files(document, b"%PDF-")
    lines = files.pop("SHA256SUMS").decode().splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert json.loads(files["incident.json"])["moment"].startswith("2026-05-14T09:05:30")


def test_a_stretch_without_a_fix_is_admitted(flight: Flight) -> None:
    moment = WINDOW.moment
    hole = flight.track["time"].between(moment - pd.Timedelta("9s"), moment + pd.Timedelta("3s"))
    track = flight.track[~hole].reset_index(drop=True)
    source = replace(flight.sources[0], track=track)
    document = document_of(replace(flight, track=track, sources=(source,)))
    unknown = section_text(document, "What cannot be known from the logs")
    assert "From 09:05:2" in unknown
    assert "no log has a fix" in unknown
    assert "No log has a fix within two seconds" in section_text(document, "The moment")


def test_a_whole_stretch_is_not_called_a_gap(document: IncidentDocument) -> None:
    assert "no log has a fix" not in section_text(document, "What cannot be known from the logs")


def test_a_moment_after_the_end_is_refused_and_the_flights_are_named(flight: Flight) -> None:
    window = IncidentWindow(moment=pd.Timestamp("2026-05-15T09:00:00Z"))
    with pytest.raises(NoFlightAtThatTimeError, match="2026-05-14 09:01:58 to 09:1"):
        flights_in_window([flight], window)


@pytest.mark.parametrize(
    ("moved_deg", "shifted_s", "is_near"),
    [(0.001, 0, True), (0.2, 0, False), (0.001, 3600, False)],
)
def test_another_flight_is_near_by_place_and_time(
    flight: Flight, moved_deg: float, shifted_s: float, is_near: bool
) -> None:
    track = flight.track.copy()
    track["latitude_deg"] += moved_deg
    track["time"] += pd.Timedelta(shifted_s, "s")
    other = replace(flight, id="other", track=track)
    rows = list(rows_of_other_flights(flight, [flight, other], WINDOW.start, WINDOW.end))
    assert bool(rows) is is_near
    if is_near:
        assert rows[0][1] == "111 m"


@pytest.mark.parametrize("lacks", ["own", "other"])
def test_what_has_no_position_is_not_said_to_have_been_far_away(flight: Flight, lacks: str) -> None:
    unplaced = flight.track.assign(latitude_deg=np.nan)
    other = replace(flight, id="other")
    if lacks == "own":
        document = document_of(replace(flight, track=unplaced), others=(other,))
    else:
        document = document_of(flight, others=(replace(other, track=unplaced),))
    said = section_text(document, "Who was near")
    if lacks == "own":
        assert "nor whether another flight was near" in said
        assert "came within" not in said
    else:
        assert "Of 1 other flight no position with its time is known." in said


def test_a_fence_of_the_aircraft_is_no_zone_that_was_given() -> None:
    (flight,) = read_flights_of(next(FOLDER.glob("*.ulg")))
    assert flight.start is not None
    window = IncidentWindow(moment=flight.start + pd.Timedelta("200s"))
    said = section_text(document_of(flight, window), "Airspace and zones")
    assert "No zones were given" in said
    assert "none of the zones that were given" not in said


def test_a_recording_without_an_end_may_have_gone_on(flight: Flight) -> None:
    video = flight.captures[flight.captures["kind"] == "video"]
    no_end = video["end"].where(video["end"].isna())
    begun = video.assign(start=WINDOW.start - pd.Timedelta("60s"), end=no_end)
    section = cameras_and_microphones_section(
        replace(flight, captures=begun), WINDOW.start, WINDOW.end
    )
    said = "\n".join([*section.paragraphs, *section.items])
    assert "end not shown" in said
    assert "show no recording" not in said


def test_the_page_has_every_chart_and_the_sheets_say_how_many_they_leave_out(
    document: IncidentDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = incident_bundle_files(document, None)["incident.html"].decode()
    assert len(document.charts) == 9
    assert page.count('<svg class="chart"') == 9
    from dji_audit.incident import _pdf_sheets

    monkeypatch.setattr(
        _pdf_sheets, "typeset_sheets", lambda _, __, content, ___: content["map_key"].encode()
    )
    said = incident_sheets_pdf(document, tool_version="1", case=NO_CASE_DETAILS, generated=None)
    assert said.decode().endswith("The page has 2 more charts.")


def test_positions_of_the_page_are_those_of_the_track(
    document: IncidentDocument, flight: Flight
) -> None:
    page = incident_bundle_files(document, None)["incident.html"].decode()
    inside = flight.track[flight.track["time"].between(WINDOW.start, WINDOW.end)]
    for column in ("latitude_deg", "longitude_deg"):
        for degrees in inside[column].iloc[:50]:
            assert f"{degrees:.7f}" in page


def test_operations_at_one_moment_all_stand_in_the_data(
    document: IncidentDocument,
) -> None:
    people = replace(
        document.sections[3], facts=(("Operation", "one"), ("Operation", "two"), ("Pilot", ""))
    )
    data = json.loads(
        incident_bundle_files(replace(document, sections=(people,)), None)["incident.json"]
    )
    assert data["sections"][0]["facts"] == [["Operation", "one"], ["Operation", "two"]]


def test_an_account_is_a_person_that_a_log_names(document: IncidentDocument) -> None:
    said = section_text(document, "People, purpose and authority")
    assert "logged in to a DJI account" in said
    assert "No operations log was given that covers this moment." in said
    assert "name no person" not in said


def test_gaps_beyond_those_that_are_named_are_counted(flight: Flight) -> None:
    second = (flight.track["time"] - WINDOW.start).dt.total_seconds()
    track = flight.track[second % 6 < 1].reset_index(drop=True)
    source = replace(flight.sources[0], track=track)
    document = document_of(replace(flight, track=track, sources=(source,)))
    unknown = section_text(document, "What cannot be known from the logs")
    assert unknown.count(", no log has a fix.") == 20
    assert "No log has a fix in 10 later gaps too." in unknown


def test_sheets_are_two_and_repeat_to_the_byte(document: IncidentDocument) -> None:
    pytest.importorskip("typst")
    pikepdf = pytest.importorskip("pikepdf")
    from dji_audit.common.case_details import CaseDetails

    case = CaseDetails(reference="ABC/123")
    first, second = (
        incident_sheets_pdf(document, tool_version="1", case=case, generated=None) for _ in range(2)
    )
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert len(pdf.pages) == 2
        assert pdf.Root.MarkInfo.Marked


def run_incident(
    *arguments: str | Path, env: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [DJI_AUDIT, "incident", CASE, *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_command_writes_the_case_as_one_bundle(tmp_path: Path, seed: str) -> None:
    out = tmp_path / "bundle"
    environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "2" else ""}
    done = run_incident("--time", MOMENT, "--out", out, "--case-ref", "ABC/123", env=environment)
    assert done.returncode == 0, done.stderr
    sums = (out / "SHA256SUMS").read_text()
    assert {line.split("  ")[1] for line in sums.splitlines()} | {"SHA256SUMS"} == {
        path.name for path in out.iterdir()
    }
    assert "ABC&#47;123" in (out / "incident.html").read_text()
    _SUMS.append(sums)
    assert len(set(_SUMS)) == 1, "the bytes depend on the process"


_SUMS: list[str] = []


@pytest.mark.parametrize("time", ["2026-05-14T10:05:30", "14 May", "2026-05-14", "soon"])
def test_a_time_that_is_no_instant_is_refused(tmp_path: Path, time: str) -> None:
    done = run_incident("--time", time, "--out", tmp_path / "bundle")
    assert done.returncode == 2
    assert "not one instant" in done.stderr
    assert not (tmp_path / "bundle").exists()


def test_nothing_is_written_over_what_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run_incident("--time", MOMENT, "--out", tmp_path)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
