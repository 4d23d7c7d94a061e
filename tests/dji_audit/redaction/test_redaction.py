"""What is redacted holds no position, serial number or name, and its shape can be checked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.compliance.audit import FlightAudit, audit_flight
from dji_audit.compliance.context import AuditContext, ContextFiles, load_audit_context
from dji_audit.compliance.policy import load_policy
from dji_audit.flights import assemble_flights
from dji_audit.geo.geodesy import distances_between_point_pairs_m, track_length_m
from dji_audit.ingest import DEFAULT_SETTINGS, ingest_evidence_paths
from dji_audit.redaction import (
    PositionRedactionMethod,
    RedactionMethodAndKey,
    iterate_phrases_on_leaks_in_text,
    redact_flight_audit,
    sensitive_values,
    shape_hash_of_track,
)
from dji_audit.redaction._moved_positions import PositionMover, point_at_sea_far_from
from dji_audit.redaction._sensitive_texts import (
    POSITION_REMOVED,
    build_sensitive_texts,
    kinds_and_sensitive_forms_of_file_name,
    sensitive_kinds_and_texts_in_logs,
)
from tests.conftest import ROOT

OFFSET = RedactionMethodAndKey(PositionRedactionMethod.OFFSET, b"key of this case")
GRID = RedactionMethodAndKey(PositionRedactionMethod.GRID, b"key of this case")
CASE = ROOT / "sample_logs" / "case"
UNIT = ROOT / "sample_logs" / "unit"


@pytest.fixture(scope="module")
def context() -> AuditContext:
    return load_audit_context(
        ContextFiles(
            zones=(ROOT / "sample_logs" / "zones",),
            inventory=UNIT / "inventory.toml",
            operations=UNIT / "operations.toml",
            authorisations=UNIT / "authorisations.toml",
        )
    )


@pytest.fixture(scope="module")
def audit(context: AuditContext) -> FlightAudit:
    logs = ingest_evidence_paths([CASE], DEFAULT_SETTINGS).logs
    (flight,) = assemble_flights(*logs)
    return audit_flight(flight, load_policy("default"), context)


def all_texts(value: object) -> str:
    """Return every text within a value, however deep, joined."""
    return repr(value) if not isinstance(value, pd.DataFrame) else value.to_csv()


def texts_of_audit(audit: FlightAudit) -> str:
    flight = audit.flight
    frames = [flight.track, flight.events, flight.captures, flight.contacts]
    for log in flight.logs:
        frames += [log.track, log.events, log.captures, log.contacts]
    others = [
        audit.results,
        flight.home,
        flight.takeoff_position,
        flight.pilot,
        flight.disagreements,
        flight.sequence_gaps,
        *[(log.source, log.aircraft, log.clock, log.issues, log.fences) for log in flight.logs],
        *[log.named_positions + log.rangefinder_points for log in flight.logs],
    ]
    return "\n".join(map(all_texts, [*frames, *others]))


@pytest.mark.parametrize("redaction", [OFFSET, GRID], ids=["offset", "grid"])
def test_no_position_serial_or_name_is_left(
    audit: FlightAudit, context: AuditContext, redaction: RedactionMethodAndKey
) -> None:
    redacted = redact_flight_audit(audit, context, redaction)
    aircraft = audit.flight.aircraft
    names = [
        aircraft.serial, aircraft.name, aircraft.battery_serial, aircraft.controller_serial,
        audit.flight.log.source.name, *(log.source.name for log in audit.flight.logs),
    ]  # fmt: skip
    sensitive = sensitive_values(redaction.method, audit.flight.track, filter(None, names))
    before = texts_of_audit(audit)
    assert list(iterate_phrases_on_leaks_in_text(before, sensitive)), (
        "the search finds them where they are"
    )
    assert list(iterate_phrases_on_leaks_in_text(texts_of_audit(redacted.audit), sensitive)) == []


def test_outcomes_and_times_are_those_of_the_true_flight(
    audit: FlightAudit, context: AuditContext
) -> None:
    redacted = redact_flight_audit(audit, context, OFFSET).audit
    assert [(it.rule, it.outcome) for it in redacted.results] == [
        (it.rule, it.outcome) for it in audit.results
    ]
    assert [(it.rule, it.start, it.severity) for it in redacted.findings] == [
        (it.rule, it.start, it.severity) for it in audit.findings
    ]
    assert redacted.flight.track["time"].equals(audit.flight.track["time"])
    assert redacted.flight.track["height_ato_m"].equals(audit.flight.track["height_ato_m"])


def test_shape_is_unchanged_and_shows_it(audit: FlightAudit, context: AuditContext) -> None:
    redacted = redact_flight_audit(audit, context, OFFSET)
    track = redacted.audit.flight.track
    assert redacted.shape is not None
    assert shape_hash_of_track(track) == redacted.shape
    true_m, moved_m = track_length_m(audit.flight.track), track_length_m(track)
    assert true_m is not None
    assert moved_m == pytest.approx(true_m, rel=2e-4)


def test_a_shape_that_was_changed_has_another_digest(audit: FlightAudit) -> None:
    track = audit.flight.track
    shape = shape_hash_of_track(track)
    one = np.where(np.arange(len(track)) == 500, 2e-7, 0.0)
    moved = track.assign(latitude_deg=track["latitude_deg"] + one)
    late = track.assign(time=track["time"] + pd.Timedelta(1, "ns"))
    swapped = track.copy()
    swapped.loc[[3, 700], ["latitude_deg"]] = track.loc[[700, 3], ["latitude_deg"]].to_numpy()
    for other in (moved, late, swapped, track.iloc[1:], track.iloc[::-1]):
        assert shape_hash_of_track(other) != shape


def test_no_camera_zone_record_or_height_above_the_sea_is_left(
    audit: FlightAudit, context: AuditContext
) -> None:
    flight = redact_flight_audit(audit, context, OFFSET).audit.flight
    assert flight.pilot is None
    assert flight.track["altitude_amsl_m"].isna().all()
    assert flight.track["gimbal_yaw_deg"].isna().all()
    for log in flight.logs:
        assert not log.fields_of_view
        assert not log.fences
        assert not log.named_positions
        assert not log.record_counts


@given(
    st.floats(-85, 85),
    st.floats(-180, 180),
    st.lists(st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02)), min_size=1, max_size=20),
)
def test_any_track_keeps_its_shape_and_no_coordinate(
    latitude: float, longitude: float, steps: list[tuple[float, float]]
) -> None:
    origin = (latitude, longitude)
    moved = PositionMover(PositionRedactionMethod.OFFSET, origin, point_at_sea_far_from(origin))
    true = np.array([origin, *((latitude + a, longitude + b) for a, b in steps)])
    new = np.column_stack(moved.move_positions(true[:, 0], true[:, 1]))
    away_true = distances_between_point_pairs_m(true[0, 0], true[0, 1], true[:, 0], true[:, 1])
    away_new = distances_between_point_pairs_m(new[0, 0], new[0, 1], new[:, 0], new[:, 1])
    assert np.allclose(away_true, away_new, atol=0.011)
    for coordinate in true[0]:
        assert np.abs(new[0] - coordinate).min() > 0.5


def test_grid_leaves_the_square_and_nothing_within_it() -> None:
    moved = PositionMover(PositionRedactionMethod.GRID, (0.0, 0.0), (0.0, 0.0))
    latitude, longitude = moved.move_positions(
        np.array([50.61234, np.nan]), np.array([-3.96789, 1.0])
    )
    assert latitude[0] == pytest.approx(50.615)
    assert longitude[0] == pytest.approx(-3.965)
    assert np.isnan(latitude[1])
    assert np.isnan(longitude[1])


@pytest.mark.parametrize(
    "text",
    [
        "at 50.617697, -3.963386",
        "51.50722 N 0.12750 W",
        "complete for 50.62 N 3.97 W to 50.68 N 3.89 W",
        "NY 8123 2345",
        "SX 61190 81610",
        "SX61198161",
        "51°30'26\" N",
        "30U XC 98765 43210",
        "30U 698765 5743210",
        "50.617, -3.963",
        "50.617/-3.963",
        "origin 506176970, -39633860",
        "in fly limit area, warn zone 1042",
    ],
)
def test_what_looks_like_a_position_is_removed(text: str) -> None:
    redacted = build_sensitive_texts(OFFSET, ()).redacted(
        f"The aircraft was there, {text}, at 10:00."
    )
    assert POSITION_REMOVED in redacted
    assert not any(
        part in redacted
        for part in (
            "50.6",
            "0.127",
            "8123",
            "8161",
            "30'",
            "4321",
            " W",
            "3.96",
            "5061",
            "3963",
            "1042",
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        "131.2 m above take-off, 11.2 m over 120 m",
        "version 3.2.43.20",
        "In 35 s from 09:05:04 UTC",
        "zone state 1, 12.50, 13.25",
        "SHA-256 4608d1434eaab064f195a795379b1c9d6265bc644379a3b22ce853faf4a1d57e",
    ],
)
def test_what_is_no_position_stays(text: str) -> None:
    assert build_sensitive_texts(OFFSET, ()).redacted(text) == text


def test_a_name_is_replaced_everywhere_alike_and_no_word_is_hit() -> None:
    names = [("serial", "0ABCD1234567"), ("zone", "fence"), ("person", "PC 1234 Smith")]
    texts = build_sensitive_texts(OFFSET, names)
    redacted = texts.redacted("0abcd1234567 crossed the fence; PC 1234 Smith flew 0ABCD1234567.")
    serial = OFFSET.replacement_of_name("serial", "0ABCD1234567")
    person = OFFSET.replacement_of_name("person", "PC 1234 Smith")
    assert redacted == f"{serial} crossed the fence; {person} flew {serial}."
    assert texts.redacted("fence") != "fence", "the whole of a text is a name"
    other = RedactionMethodAndKey(PositionRedactionMethod.OFFSET, b"key of another case")
    assert other.replacement_of_name("serial", "0ABCD1234567") != serial


def test_names_of_people_are_replaced_within_texts_however_short_or_written() -> None:
    texts = build_sensitive_texts(
        OFFSET, [("person", "Lee"), ("person", "smith"), ("zone", "hill")]
    )
    redacted = texts.redacted("Acknowledged by Lee (2026-05-20), smith: the hill was clear.")
    assert "Lee" not in redacted
    assert "smith" not in redacted
    assert redacted.endswith("the hill was clear.")


def test_who_settled_findings_and_declared_clocks_is_left_out(
    audit: FlightAudit, tmp_path: Path
) -> None:
    finding = next(it for it in audit.findings if it.breaks_rule and it.authorisation is None)
    settled, clocks = tmp_path / "settled.toml", tmp_path / "clocks.toml"
    settled.write_text(
        f"""[[acknowledgement]]
        fingerprint = "{finding.fingerprint}"
        severity = "high"
        peak = 1e9
        by = "Inspector Zebedee"
        day = 2026-05-20
        reason = "Drill at the quarry"
        """
    )
    clocks.write_text(
        """[[clock]]
        files = "*.JPG"
        time = 2026-05-14T10:09:15Z
        by = "Constable Wombat"
        reason = "Compared at the station"
        """
    )
    supplied = load_audit_context(ContextFiles(acknowledged=settled, clocks=clocks))
    audited = audit_flight(audit.flight, load_policy("default"), supplied)
    redacted = redact_flight_audit(audited, supplied, OFFSET)
    before, after = texts_of_audit(audited), texts_of_audit(redacted.audit)
    for name in ("Inspector Zebedee", "Drill at the quarry"):
        assert name in before
        assert name not in after
    note = "declared: right (Constable Wombat, Compared at the station)"
    assert "Wombat" not in redacted.texts.redacted(note)
    assert "station" not in redacted.texts.redacted(note)


def test_serials_of_parts_and_what_was_broadcast_are_left_out(
    audit: FlightAudit, context: AuditContext
) -> None:
    """Findings quote them, and no field of the aircraft holds them."""
    log = audit.flight.sources[0].log
    event = log.events.iloc[:1]
    events = pd.concat(
        [
            event.assign(kind="remote_id", text="operator id: GBR-OP-7Y4X2Q9P"),
            event.assign(kind="component", text="gimbal Gremsy, number 00a1b2c3d4e5f607"),
        ]
    )
    flight = audit.flight
    first = replace(flight.sources[0], log=replace(log, events=events))
    results = replace(
        audit.results[0], reason="Remote ID sent operator GBR-OP-7Y4X2Q9P; 00a1b2c3d4e5f607."
    )
    changed = replace(
        audit,
        flight=replace(flight, events=events, sources=(first, *flight.sources[1:])),
        results=(results,),
    )
    text = texts_of_audit(redact_flight_audit(changed, context, OFFSET).audit)
    assert "7Y4X2Q9P" not in text
    assert "a1b2c3d4e5" not in text


@pytest.mark.parametrize("redaction", [OFFSET, GRID], ids=["offset", "grid"])
def test_positions_beside_a_track_without_any_are_left_out(
    audit: FlightAudit, context: AuditContext, redaction: RedactionMethodAndKey
) -> None:
    """A log may have positions although the merged track has none."""
    flight = audit.flight
    track = flight.track.assign(latitude_deg=np.nan, longitude_deg=np.nan)
    sensitive = sensitive_values(redaction.method, flight.track, ())
    changed = replace(audit, flight=replace(flight, track=track))
    redacted = redact_flight_audit(changed, context, redaction)
    assert list(iterate_phrases_on_leaks_in_text(texts_of_audit(changed), sensitive))
    assert list(iterate_phrases_on_leaks_in_text(texts_of_audit(redacted.audit), sensitive)) == []


@pytest.mark.parametrize(
    ("name", "is_secret"), [("DJI FPV", False), ("FPV", False), ("Red Cat", True), (None, True)]
)
def test_the_name_that_an_aircraft_was_sold_with_is_no_secret(
    audit: FlightAudit, name: str | None, is_secret: bool
) -> None:
    log = audit.flight.log
    aircraft = replace(log.aircraft, maker="DJI", model="FPV", name=name)
    named = dict(sensitive_kinds_and_texts_in_logs([replace(log, aircraft=aircraft)]))
    assert ("name" in named) is is_secret
    assert named.get("name") == (name if is_secret else None)


def test_a_word_that_is_the_name_of_a_file_stays_in_other_texts() -> None:
    texts = build_sensitive_texts(
        OFFSET, kinds_and_sensitive_forms_of_file_name("Smith.zip!/logs/Flight.txt")
    )
    assert texts.redacted("Flight of DJI Mavic 2") == "Flight of DJI Mavic 2"
    for name in ("Flight.txt", "Smith.zip", "Smith.zip!/logs/Flight.txt"):
        assert "Flight" not in texts.redacted(f"{name} was read")
        assert "Smith" not in texts.redacted(f"{name} was read")


def test_leaks_are_found_however_they_are_written() -> None:
    track = pd.DataFrame({"latitude_deg": [50.123456], "longitude_deg": [-3.98765432]})
    sensitive = sensitive_values(PositionRedactionMethod.OFFSET, track, ["Fox Tor Mire"])
    for text in (
        "50.12345",
        '{"a":50.123456}',
        "-3.9876543200",
        "50.12346",
        "Fox Tor Mire",
        "Fox&#32;Tor&#32;Mire",
        "Fox\\u0020Tor\\u0020Mire",
    ):
        assert list(iterate_phrases_on_leaks_in_text(f"before {text} after", sensitive)), text
    for text in ("50.1234", "150.12345", "3.98", "Fox Tor", "5.012345"):
        assert list(iterate_phrases_on_leaks_in_text(f"before {text} after", sensitive)) == [], text


def test_a_flight_without_positions_is_redacted_too(
    audit: FlightAudit, context: AuditContext
) -> None:
    flight = audit.flight
    track = flight.track.assign(latitude_deg=np.nan, longitude_deg=np.nan)
    redacted = redact_flight_audit(
        replace(audit, flight=replace(flight, track=track)), context, OFFSET
    )
    assert redacted.shape is None
    assert redacted.audit.flight.home is None
    assert redacted.audit.flight.takeoff_position is None


def test_the_key_is_made_of_the_evidence(tmp_path: Path) -> None:
    from dji_audit.redaction import redaction_keyed_by_evidence_file

    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_bytes(b"one")
    second.write_bytes(b"two")
    made = [
        redaction_keyed_by_evidence_file(PositionRedactionMethod.OFFSET, path)
        for path in (first, first, second)
    ]
    assert made[0] == made[1]
    assert made[0].key != made[2].key
    assert "key" not in repr(made[0])
