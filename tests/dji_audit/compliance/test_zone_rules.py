"""The rules about zones on real and synthetic logs, beyond their own examples."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import parsers
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.context import AuditContext, fences_stored_in_aircraft
from dji_audit.compliance.findings import DataNeedObservation, RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, PolicyParameterValueAndSource, load_policy
from dji_audit.compliance.rules import ExampleFlight, build_example_flight_and_audit_context
from dji_audit.compliance.rules._shared._example_flights import hover_example_track_at_heights
from dji_audit.compliance.rules._shared._zones import _zone_message_data_need
from dji_audit.compliance.rules._shared._zones._zone_completeness_data_need import (
    availability_of_complete_zones,
)
from dji_audit.compliance.rules._shared._zones._zone_crossing_findings import example_supplied_zones
from dji_audit.compliance.rules._shared._zones._zone_message_data_need import (
    availability_of_zone_messages,
)
from dji_audit.flights import Flight, assemble_flights
from dji_audit.zones import LatLonBox, Limit, SkippedItem, SuppliedZones, VerticalDatum, load_zones

POLICY = load_policy()


def result_of(
    rule: str, flight: Flight, case: AuditContext | None = None, **values: object
) -> RuleResult:
    entry = POLICY.rules[rule]
    given = {
        name: PolicyParameterValueAndSource(value=value, source="x")
        for name, value in values.items()
    }
    entry = entry.model_copy(update={"parameters": {**entry.parameters, **given}})
    return apply_policy_entry_to_flight(flight, entry, case or AuditContext())


@pytest.fixture(scope="module")
def zones(sample_logs: Path) -> AuditContext:
    return AuditContext(zones=load_zones([sample_logs / "zones" / "dartmoor.geojson"]))


@pytest.fixture(scope="module")
def flown(sample_logs: Path) -> Flight:
    (flight,) = assemble_flights(parsers.read(sample_logs / "00000042.BIN"))
    return flight


@pytest.mark.parametrize("ending", ["BIN", "tlog"])
def test_the_simulated_breach_and_our_geometry_agree(samples: Path, ending: str) -> None:
    log = parsers.read(samples / "mavlink" / "sitl" / f"sitl_copter357_fence_cam.{ending}")
    flight = assemble_flights(log)[0]
    assert fences_stored_in_aircraft(flight)
    result = result_of("fence_disagreement", flight)
    assert result.outcome is Outcome.PASS, result.reason
    assert "of its own" in result.reason


def test_a_breach_that_was_cut_out_of_the_log_is_a_disagreement(samples: Path) -> None:
    log = parsers.read(samples / "mavlink" / "sitl" / "sitl_copter357_fence_cam.BIN")
    kept = log.events[log.events.kind != "geofence.breach"].reset_index(drop=True)
    flight = assemble_flights(replace(log, events=kept))[0]
    result = result_of("fence_disagreement", flight)
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert finding.summary.startswith("Outside of fence 3 inclusion circle around home of 60 m")
    assert "for 13 s from 03:48:30 UTC, 80 m north of take-off, " in finding.summary
    assert finding.summary.endswith("no breach was reported.")
    files = [part.file for part in finding.evidence]
    assert files == [log.source.name] * 2
    assert finding.evidence[1].record == "PARM.Value (FENCE_RADIUS)"
    assert finding.evidence[1].offset


def test_the_story_enters_two_zones_and_of_a_third_it_cannot_be_told(
    flown: Flight, zones: AuditContext
) -> None:
    result = result_of("zone_entry", flown, zones)
    assert result.outcome is Outcome.FAIL
    assert result.reason.startswith("2 zones entered, 2 times; 1 zone could not be decided.")
    assert "Part of the flight lies outside the supplied zones: dartmoor.geojson" in result.reason
    outcomes = {finding.subject: result.outcome_of_finding(finding) for finding in result.findings}
    assert outcomes == {
        "SYN-P1": Outcome.FAIL,
        "SYN-R2": Outcome.FAIL,
        "SYN-R3": Outcome.NOT_ASSESSABLE,
    }
    for finding in result.findings:
        assert finding.start is not None
        assert finding.latitude_deg is not None
        assert finding.evidence[0].offset is not None


def test_a_policy_may_count_other_zones(flown: Flight, zones: AuditContext) -> None:
    result = result_of("zone_entry", flown, zones, effects=["prohibited"])
    assert [finding.subject for finding in result.findings] == ["SYN-P1"]
    assert result_of("zone_entry", flown, zones, effects=["none"]).outcome is Outcome.NOT_APPLICABLE


def test_without_zones_nothing_reads_as_clean(flown: Flight) -> None:
    assert result_of("zone_entry", flown).outcome is Outcome.NOT_ASSESSABLE
    assert result_of("zones_stale", flown).outcome is Outcome.NOT_APPLICABLE


def test_the_export_of_2022_is_stale_for_a_flight_of_2026(flown: Flight, samples: Path) -> None:
    case = AuditContext(zones=load_zones([samples / "zones" / "uk_nats_eaip3d_20221229.kmz"]))
    result = result_of("zones_stale", flown, case)
    assert result.outcome is Outcome.FAIL
    assert "effective from 2022-12-29, 1232 days before the flight of 2026-05-14" in (
        result.findings[0].summary
    )
    # Over Dartmoor no zone of it is near but those above.
    entry = result_of("zone_entry", flown, case)
    assert entry.outcome in (Outcome.PASS, Outcome.NOT_ASSESSABLE), entry.reason


def test_a_folder_of_zones_is_read_whole_and_a_twin_once(sample_logs: Path, tmp_path: Path) -> None:
    source = sample_logs / "zones" / "dartmoor.geojson"
    for name in ("a.geojson", "b.geojson"):
        (tmp_path / name).write_bytes(source.read_bytes())
    (tmp_path / "README.md").write_text("what these are")
    (tmp_path / ".hidden").write_text("nothing")
    loaded = load_zones([tmp_path])
    assert len(loaded.files) == 1
    assert len(loaded.zones) == 3


def test_a_fence_that_comes_back_into_force_is_held_again() -> None:
    def at(second: int | None) -> pd.Timestamp | None:
        return None if second is None else pd.Timestamp(second, unit="s", tz="UTC")

    def circle(start: int | None, end: int | None, radius: float) -> parsers.Geofence:
        return parsers.Geofence(
            use="inclusion",
            shape="circle",
            points=((51.5, -1.0),),
            radius_m=radius,
            height_m=None,
            enabled=True,
            start=at(start),
            end=at(end),
            record="PARM.Value",
            source_offset=9,
        )

    fences = (circle(None, 10, 100.0), circle(10, 20, 60.0), circle(20, None, 100.0))
    flight, _ = build_example_flight_and_audit_context(
        ExampleFlight(
            Outcome.PASS, "", hover_example_track_at_heights(0.0), log_fields={"fences": fences}
        )
    )
    assert len(fences_stored_in_aircraft(flight)) == 3


def test_of_two_logs_that_tell_of_one_fence_the_first_is_believed(samples: Path) -> None:
    names = ("sitl_copter357_fence_cam.BIN", "sitl_copter357_fence_cam.tlog")
    logs = [parsers.read(samples / "mavlink" / "sitl" / name) for name in names]
    (flight,) = [one for one in assemble_flights(*logs) if len(one.logs) == 2]
    circles = [zone for zone in fences_stored_in_aircraft(flight) if "circle" in zone.kind]
    assert [zone.name[-5:] for zone in circles] == ["100 m", " 60 m"]
    assert len({zone.source.name for zone in circles}) == 1


def test_zones_of_another_country_pass_no_flight(samples: Path) -> None:
    path = samples / "zones" / "mp_Drone_No_Fly_Zones.kmz"
    dutch = AuditContext(zones=load_zones([path]))
    folder = samples / "dji_txt" / "chrisvm+node-djiparsetxt"
    for name in ("mavic2_6.txt", "mavic2_15.txt"):
        (flight,) = assemble_flights(parsers.read(folder / name))
        result = result_of("zone_entry", flight, dutch)
        assert result.outcome is Outcome.NOT_ASSESSABLE
        assert "outside the supplied zones: mp_Drone_No_Fly_Zones.kmz, some 7,29" in result.reason
        assert "the hull of its zones; nothing states where it is complete" in result.reason
        assert result_of("zones_stale", flight, dutch).outcome is Outcome.NOT_APPLICABLE


def flight_at(latitude: float, longitude: float) -> Flight:
    track = hover_example_track_at_heights(*[20.0] * 10) | {
        "latitude_deg": [latitude] * 10,
        "longitude_deg": [longitude] * 10,
    }
    events = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 9})
    return build_example_flight_and_audit_context(
        ExampleFlight(Outcome.PASS, "", track, events=events)
    )[0]


def test_in_the_netherlands_what_the_file_left_out_decides(samples: Path) -> None:
    dutch = AuditContext(zones=load_zones([samples / "zones" / "mp_Drone_No_Fly_Zones.kmz"]))
    assert dutch.zones is not None
    left_out = [
        item.bounds for file in dutch.zones.files for item in file.skipped_items_that_may_be_zones
    ]
    box = next(each for each in left_out if each is not None)
    flight = flight_at(box.south_deg + 0.001, box.west_deg)
    beside = availability_of_complete_zones(flight, Parameters(), dutch)
    assert beside.share == 0
    assert "near the flight, not read as an area" in beside.reason
    assert result_of("zone_entry", flight, dutch).outcome is not Outcome.PASS
    far = availability_of_complete_zones(flight_at(55.0, 12.0), Parameters(), dutch)
    assert "not read as an area" not in far.reason


def test_a_flight_within_the_extent_that_the_unit_states_passes() -> None:
    centre = (52.0, -1.0)
    stated = AuditContext(zones=example_supplied_zones(centre=centre))
    passed = result_of("zone_entry", flight_at(51.5, -1.0), stated)
    assert (passed.outcome, passed.reason) == (Outcome.PASS, "None of 1 zone was entered.")
    hull = AuditContext(zones=example_supplied_zones(centre=centre, extent=None))
    assert result_of("zone_entry", flight_at(51.5, -1.0), hull).outcome is Outcome.NOT_ASSESSABLE


@pytest.mark.parametrize(("distance_m", "passes"), [(4_900, False), (5_200, True)])
def test_what_was_not_read_as_an_area_reaches_five_kilometres(
    distance_m: float, passes: bool
) -> None:
    latitude = 51.5 + distance_m / 111_250
    item = SkippedItem(
        "placemark 2", "a point is not an area", "H", LatLonBox(latitude, -1, latitude, -1)
    )
    zones = example_supplied_zones(centre=(54.0, -1.0), skipped=(item,))
    result = result_of("zone_entry", flight_at(51.5, -1.0), AuditContext(zones=zones))
    assert (result.outcome is Outcome.PASS) is passes, result.reason


@pytest.mark.parametrize(("latitude", "passes"), [(51.5, False), (10.0, True)])
def test_what_lies_nowhere_known_concerns_every_flight_of_the_file(
    latitude: float, passes: bool
) -> None:
    item = SkippedItem("Airspace 3", "airspace without geometry", "TMA")
    near = example_supplied_zones(centre=(54.0, -1.0), skipped=(item,))
    elsewhere = example_supplied_zones(centre=(10.5, 5.0), extent=LatLonBox(9, -2, 11, 6))
    zones = SuppliedZones((*near.files, *elsewhere.files))
    flight = flight_at(latitude, -1.0)
    result = result_of("zone_entry", flight, AuditContext(zones=zones))
    assert (result.outcome is Outcome.PASS) is passes, result.reason


def test_zones_are_no_matter_for_an_autopilot_that_knows_none(samples: Path) -> None:
    log = parsers.read(samples / "mavlink" / "sitl" / "sitl_copter357_fence_cam.BIN")
    flight = assemble_flights(log)[0]
    zones = AuditContext(zones=example_supplied_zones(centre=(-35.363, 149.165), extent=None))
    result = result_of("fence_disagreement", flight, zones)
    # Its breach of its own fence is no report of a zone, and its silence about zones says nothing.
    assert (result.outcome, len(result.findings)) == (Outcome.PASS, 0), result.reason
    assert "supplied zones" not in result.reason


def test_a_zone_entered_in_silence_is_a_disagreement_only_where_a_warning_would_show() -> None:
    zones = AuditContext(zones=example_supplied_zones(radius_m=500.0))
    flight = flight_at(51.5, -1.0)
    assert result_of("fence_disagreement", flight, zones).outcome is Outcome.FAIL
    facts = {
        name: fact
        for name, fact in flight.log.facts.items()
        if name not in ("zone_warning", "zone_restriction")
    }
    log = replace(flight.log, facts=facts)
    silent = replace(flight, sources=(replace(flight.sources[0], log=log),))
    assert result_of("fence_disagreement", silent, zones).outcome is Outcome.NOT_ASSESSABLE


def test_a_fence_without_a_known_centre_is_not_compared() -> None:
    circle = parsers.Geofence(
        "inclusion", "circle", (), 200.0, None, True, None, None, "PARM.Value (FENCE_RADIUS)", 60
    )
    flight = flight_at(51.5, -1.0)
    log = replace(flight.log, fences=(circle,))
    flight = replace(flight, sources=(replace(flight.sources[0], log=log),), home=None)
    result = result_of("fence_disagreement", flight)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert "a circle of 200 m around home was on, and the log gives no home point" in result.reason


def test_a_take_off_and_a_landing_in_one_zone_are_one_entry() -> None:
    """The log has heights above take-off only, and the zone ends above the ground."""
    centre = (52.0, -1.0)
    zones = example_supplied_zones(centre=centre, upper=Limit(VerticalDatum.AGL, 1, "m"))
    result = result_of("zone_entry", flight_at(*centre), AuditContext(zones=zones))
    assert result.outcome is Outcome.FAIL
    assert result.reason.startswith("1 zone entered, 1 time")
    finding = result.findings[0]
    assert " at take-off, at 09:00:00 UTC, at the place of take-off, SP " in finding.summary
    assert ", and at landing, at 09:00:09 UTC" in finding.summary


HERE, THERE = (51.5, -1.0), (51.51, -1.0)


def warned_at(*seconds: int, latitude: float = 51.5) -> Flight:
    """Return a flight of ten seconds at one place, with warnings of zones."""
    track = hover_example_track_at_heights(*[20.0] * 40) | {
        "latitude_deg": [latitude] * 40,
        "longitude_deg": [-1.0] * 40,
    }
    events = [{"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 39}]
    events += [
        {"kind": "geofence.breach", "time": second, "text": f"inside limited zone {second}"}
        for second in seconds
    ]
    return build_example_flight_and_audit_context(
        ExampleFlight(Outcome.PASS, "", track, events=tuple(events))
    )[0]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ((3,), "1 disagreement between reports and geometry, for 1 supplied zone."),
        ((3, 30), "2 disagreements between reports and geometry, for 1 supplied zone."),
    ],
)
def test_disagreements_are_counted(seconds: tuple[int, ...], told: str) -> None:
    zones = AuditContext(zones=example_supplied_zones(centre=THERE))
    result = result_of("fence_disagreement", warned_at(*seconds), zones)
    assert result.reason.startswith(told)
    assert len(result.findings) == len(seconds)
    for second, finding in zip(seconds, result.findings, strict=True):
        assert finding.summary.startswith(f'Reported: "inside limited zone {second}" at 09:00:')
        assert finding.summary.endswith("; but no supplied zone is within 500 m.")


def test_a_zone_entered_in_silence_is_told_with_its_place_in_one_sentence() -> None:
    zones = AuditContext(zones=example_supplied_zones(radius_m=500.0))
    result = result_of("fence_disagreement", flight_at(*HERE), zones)
    assert result.reason.startswith("1 disagreement between reports and geometry, for 1 supplied")
    (finding,) = result.findings
    assert finding.summary.endswith("; entry and exit not seen; nothing was reported.")


@pytest.mark.parametrize(
    ("shares", "reason", "remedy"),
    [
        ((1.0, 1.0), "", ""), ((1.0, 0.96), "", ""), ((0.95, 0.96), "", ""),
        ((0.949, 0.96), "seen for 0.949", "remedy of 0.949"),
        ((0.96, 0.0), "seen for 0.0", "remedy of 0.0"),
        ((0.5, 0.4), "seen for 0.5 seen for 0.4", "remedy of 0.5"),
        ((0.4, 0.4), "seen for 0.4", "remedy of 0.4"),
    ],
)  # fmt: skip
def test_only_of_kinds_of_report_that_were_seen_too_little_is_that_said(
    monkeypatch: pytest.MonkeyPatch, shares: tuple[float, float], reason: str, remedy: str
) -> None:
    kinds = ("zone_warning", "zone_restriction")
    seen = {
        (kind,): DataNeedObservation(
            subject=kind, share=share, sources=(f"{share}.txt",), reason=f"seen for {share}",
            remedy=f"remedy of {share}",
        )
        for kind, share in zip(kinds, shares, strict=True)
    }  # fmt: skip
    monkeypatch.setattr(
        _zone_message_data_need, "availability_of_facts_in_air", lambda _flight, facts: seen[facts]
    )
    found = availability_of_zone_messages(flight_at(*HERE), kinds)
    assert (found.share, found.reason, found.remedy) == (min(shares), reason, remedy)
    assert found.subject == " and ".join(parsers.FACTS[kind] for kind in kinds)
    assert found.sources == tuple(dict.fromkeys(f"{share}.txt" for share in shares))
