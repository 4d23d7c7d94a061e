"""What a unit supplies beside its logs: which row, date, version and recording a rule judges by."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    CheckResult,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FLIGHT_FIELDS,
    FurtherExampleLog,
    example_network_log_as_context_fields,
    example_tls_contact,
    hover_example_track_at_heights,
    northbound_example_track,
)
from parsers import Aircraft, HostReference, NamedPosition
from tests.dji_audit.compliance.one_rule import result_on_track


def result_of(rule: str, **fields: Any) -> CheckResult:
    """Return the result of a rule on a flight of nine seconds by the aircraft S1."""
    given: dict[str, Any] = {
        "track": hover_example_track_at_heights(*[10.0] * 9),
        "log_fields": {"aircraft": Aircraft(serial="S1")},
    }
    return result_on_track(rule, **given | fields)


# where an aircraft was produced

BEFORE, DAY, AFTER = dt.date(2026, 5, 13), dt.date(2026, 5, 14), dt.date(2026, 5, 15)
ABROAD = {"serial": "S1", "country_of_production": "CN"}
EXEMPT = ABROAD | {"production_exemption": "EX-7"}


def produced(row: Mapping[str, Any], **parameters: Any) -> CheckResult:
    return result_of("country_of_production", inventory=(row,), parameters=parameters)


@pytest.mark.parametrize(
    ("exempt_from", "exempt_until", "counts"),
    [
        (None, DAY, True), (None, AFTER, True), (None, BEFORE, False), (None, None, False),
        (DAY, DAY, True), (BEFORE, AFTER, True), (AFTER, AFTER, False), (DAY, None, False),
    ],
)  # fmt: skip
def test_an_exemption_counts_from_its_first_day_to_its_last(
    exempt_from: dt.date | None, exempt_until: dt.date | None, counts: bool
) -> None:
    dates = {"exempt_from": exempt_from, "exempt_until": exempt_until}
    result = produced(EXEMPT, **dates)
    if counts:
        assert (result.outcome, result.reason) == (
            Outcome.PASS,
            f"The aircraft was produced in CN and is exempt until {exempt_until}: EX-7.",
        )
    else:
        assert result.reason == "The aircraft was produced in CN, not in US."
        assert result.findings[0].summary == (
            "The aircraft was produced in CN, and its exemption EX-7 does not count on "
            "2026-05-14; known from the inventory."
        )
    # Without one, no date helps.
    (finding,) = produced(ABROAD, **dates).findings
    assert finding.summary == "The aircraft was produced in CN; known from the inventory."


@pytest.mark.parametrize(
    ("authorised", "outcome"),
    [(BEFORE, "pass"), (DAY, "pass"), (AFTER, "fail"), (None, "not_assessable")],
)
def test_only_a_model_authorised_after_the_date_counts(
    authorised: dt.date | None, outcome: str
) -> None:
    row = ABROAD | ({} if authorised is None else {"radio_authorised": authorised})
    result = produced(row, authorised_after=DAY)
    assert result.outcome == outcome
    if outcome == "pass":
        assert result.reason == f"Its radio was authorised on {authorised}, before the list."
    # Where no date is set, every model counts.
    assert produced(row).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("country", "home", "outcome"),
    [("US", "US", "pass"), ("CN", "US", "fail"), ("CN", "CN", "pass"), (None, "US", "")],
)
def test_what_was_produced_at_home_passes(country: str | None, home: str, outcome: str) -> None:
    row = {"serial": "S1"} | ({} if country is None else {"country_of_production": country})
    result = produced(row, home_country=home)
    assert result.outcome == (outcome or "not_assessable")
    assert ("does not say in which country" in result.reason) == (country is None)


# approved versions


def versions(approved: str, firmware: Mapping[str, str], **more: Any) -> CheckResult:
    aircraft = Aircraft(serial="S1", firmware=dict(firmware), **more)
    return result_of(
        "firmware_approved",
        log_fields={"aircraft": aircraft},
        inventory=({"serial": "S1", "firmware_approved": approved},),
    )


@pytest.mark.parametrize(
    ("approved", "firmware", "outcome", "reason"),
    [
        ("camera=1", {"Camera": "1", "Gimbal": "9"}, "pass", "Approved: camera."),
        (
            "camera=1; gimbal=9", {"Camera": "1", "Gimbal": "9"}, "pass",
            "Approved: camera, gimbal.",
        ),
        ("camera=1", {"Camera": "2"}, "fail", "1 version not approved."),
        ("camera=1", {"Camera": "2", "Gimbal": "9"}, "fail", "1 version not approved."),
        (
            "camera=1; gimbal=8", {"Camera": "2", "Gimbal": "9"}, "fail",
            "2 versions not approved.",
        ),
        # Two of one kind.
        (
            "battery=1", {"Battery (1)": "1", "Battery (2)": "2"}, "fail",
            "1 version not approved.",
        ),
        ("battery=1", {"Battery (1)": "1", "Battery (2)": "1"}, "pass", "Approved: battery."),
        ("battery=1; battery=2", {"Battery (1)": "1", "Battery (2)": "2"}, "pass",
         "Approved: battery."),
        # A part that no log names.
        (
            "camera=1; gimbal=8; radio=3", {"Camera": "1"}, "not_assessable",
            "No log names the version of: gimbal, radio.",
        ),
        ("camera=1; gimbal=8", {"Camera": "2"}, "fail", "1 version not approved."),
        (
            "", {"Camera": "1"}, "not_assessable",
            "The inventory names no approved firmware for the aircraft.",
        ),
    ],
)  # fmt: skip
def test_each_version_that_a_log_names_is_one_that_was_approved(
    approved: str, firmware: Mapping[str, str], outcome: str, reason: str
) -> None:
    result = versions(approved, firmware)
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("approved", "version", "outcome"),
    [
        ("3.4.2.24", "03.04.02.24", "pass"),
        ("3.4.2.24", "v3.4.2.24", "pass"),
        ("V03.04.02.24", "3.4.2.24", "pass"),
        ("DJI Fly 1.2.3", "DJI Fly v1.02.3", "pass"),
        ("3.4.2.24", "3.4.2.240", "fail"),
        ("3.4.2.24", "30.4.2.24", "fail"),
        ("3.4.2", "3.4.2.0", "fail"),
        ("3.4.2", "3.4.2b", "fail"),
        ("0", "00", "pass"),
    ],
)
def test_a_version_is_the_same_however_its_numbers_are_written(
    approved: str, version: str, outcome: str
) -> None:
    assert versions(f"camera={approved}", {"Camera": version}).outcome == outcome


def test_a_version_that_was_not_approved_is_told_with_those_that_were() -> None:
    (finding,) = versions("app=2; app=1", {}, app="3").findings
    assert finding.summary == (
        "App ran version 3, and the unit approved 1 or 2; known from example.txt and the inventory."
    )
    assert [(part.file, part.value) for part in finding.evidence][1] == ("example.txt", "3")
    assert versions("app=2; app=1", {}, app="2").reason == "Approved: app."


# profiles

OPERATION: Mapping[str, Any] = {"operation": "OP-1", "start": -60, "end": 600}


def flown_under(*rows: Mapping[str, Any], profiles: Sequence[str] = ()) -> CheckResult:
    return result_of(
        "flight_profile",
        operations=tuple({**OPERATION, **row} for row in rows),
        parameters={"profiles": tuple(profiles)},
    )


@pytest.mark.parametrize(
    ("row", "profiles", "summary", "value"),
    [
        ({}, [], "Operation OP-1 names no profile that it was flown under.", "not given"),
        (
            {"profile": "a"}, [],
            "Operation OP-1 names no reference of the assurance of the profile a.", "not given",
        ),
        (
            {"profile": "a", "assurance_ref": "F"}, ["b", "c"],
            "Operation OP-1 was flown under the profile a, which is not on the list.", "a",
        ),
        ({"profile": "a", "assurance_ref": "F"}, [], None, None),
        ({"profile": "a", "assurance_ref": "F"}, ["b", "a"], None, None),
    ],
)  # fmt: skip
def test_an_operation_names_an_allowed_profile_and_its_assurance(
    row: Mapping[str, Any], profiles: Sequence[str], summary: str | None, value: str | None
) -> None:
    result = flown_under(row, profiles=profiles)
    if summary is None:
        assert (result.outcome, result.reason) == (
            Outcome.PASS,
            "Operation OP-1 was flown under the profile a, assurance F.",
        )
    else:
        (finding,) = result.findings
        assert finding.summary == summary
        assert finding.evidence[0].value == value


def test_of_two_operations_one_with_a_profile_suffices() -> None:
    good = {"operation": "OP-2", "profile": "a", "assurance_ref": "F"}
    assert flown_under({}, good).reason.startswith("Operation OP-2 was flown under the profile a")
    assert len(flown_under({}, {"operation": "OP-2"}).findings) == 2


# sound

SOUND = {"kind": "audio", "start": 2, "end": 8}


def heard(*captures: Mapping[str, Any], **fields: Any) -> CheckResult:
    return result_of("audio_recorded", captures=captures, **fields)


@pytest.mark.parametrize(
    ("captures", "operations", "reason"),
    [
        ([SOUND], [{"audio": True}], "1 sound recording, each allowed by an operation."),
        (
            [SOUND, {"kind": "audio", "start": 3, "end": 4}], [{"audio": True}],
            "2 sound recordings, each allowed by an operation.",
        ),
        # One of two operations allows it.
        (
            [SOUND], [{"audio": False}, {"operation": "OP-2", "audio": True}],
            "1 sound recording, each allowed by an operation.",
        ),
        ([SOUND], [{"audio": False}], "1 sound recording that no operation allowed."),
        ([SOUND], [{}], "1 sound recording that no operation allowed."),
        ([SOUND], [{"audio": True, "end": 7}], "1 sound recording that no operation allowed."),
        (
            [SOUND, {"kind": "audio", "start": 3, "end": 4}],
            [{"audio": True, "start": 3, "end": 4}],
            "1 sound recording that no operation allowed.",
        ),
        # Without a time it cannot be told which operation it was of.
        (
            [SOUND | {"start": None, "end": None}], [{"audio": True}],
            "1 sound recording that no operation allowed.",
        ),
    ],
)  # fmt: skip
def test_each_sound_recording_is_allowed_by_an_operation_that_contains_it(
    captures: Sequence[Mapping[str, Any]], operations: Sequence[Mapping[str, Any]], reason: str
) -> None:
    rows = tuple({**OPERATION, **row} for row in operations)
    result = heard(*captures, operations=rows)
    assert result.reason.startswith(reason)
    assert (result.outcome is Outcome.FAIL) == reason.endswith("no operation allowed.")


def test_without_a_sound_recording_it_is_said_why_none_was_seen() -> None:
    assert heard(events=FLIGHT_FIELDS["events"]).reason.startswith("No file holds sound.")
    without = heard(without_facts=("audio",))
    assert without.reason.startswith("No video was recorded.")


@pytest.mark.parametrize(
    ("videos", "files", "reason"),
    [
        (1, 0, "1 video recorded, and no video files read: only the files show"),
        (2, 1, "2 videos recorded, and 1 video file read: only the files show"),
        (3, 2, "3 videos recorded, and 2 video files read: only the files show"),
    ],
)
def test_videos_without_a_file_are_counted(videos: int, files: int, reason: str) -> None:
    rows = [{"kind": "video", "start": 10 * n, "end": 10 * n + 5} for n in range(videos)]
    others = tuple(
        FurtherExampleLog(f"DJI_{n}.MP4", "video", track=northbound_example_track(5, 10 * n))
        for n in range(files)
    )
    result = heard(
        *rows,
        track=northbound_example_track(60),
        other_logs=others,
        without_facts=("audio",),
    )
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.reason.startswith(reason)
    assert result.observations[0].share == 0.0


# hosts that accept flight data


def contacted(host: str, sent: int, **log_fields: Any) -> CheckResult:
    contact = example_tls_contact(host, bytes_up=sent)
    context = example_network_log_as_context_fields(contact)
    fields = {**FLIGHT_FIELDS, "context": context, "log_fields": log_fields}
    return result_of("data_sync_endpoint", **fields)


@pytest.mark.parametrize(
    ("host", "sent", "outcome"),
    [
        # Of the maker, for a purpose that is not known: it counts by how much was sent.
        ("deep.below.dji.com", 100_000, "fail"), ("deep.below.dji.com", 99_999, "pass"),
        # For flight records, it counts whatever was sent; for maps it never does.
        ("mydjiflight.dji.com", 10, "fail"), ("a.tiles.mapbox.com", 3_000_000, "pass"),
    ],
)  # fmt: skip
def test_a_host_of_unknown_purpose_counts_where_much_was_sent(
    host: str, sent: int, outcome: str
) -> None:
    result = contacted(host, sent)
    assert result.outcome == outcome, result.reason


def test_a_host_for_another_purpose_is_no_finding_and_one_that_a_log_names_is_a_remark() -> None:
    assert contacted("a.tiles.mapbox.com", 900).findings == ()
    mention = HostReference("a.example", "https://a.example/x", "App", 321)
    result = contacted("a.tiles.mapbox.com", 900, host_references=(mention,))
    assert result.outcome is Outcome.PASS
    (remark,) = result.findings
    assert remark.summary.startswith("The text of a record App of example.txt names a.example")
    assert (remark.severity, remark.informational, remark.subject) == (
        Severity.REMARK,
        True,
        "a.example",
    )
    assert (remark.evidence[0].offset, remark.evidence[0].value) == (321, "https://a.example/x")


# what no report of a zone proves

#: Over the United States, by home point.
DENVER = NamedPosition("home", None, 39.74, -104.99, None, "Home", 77)
WARNED_ONLY = "In or near the United States (48 states) DJI's apps (DJI Fly, DJI Pilot"


@pytest.mark.parametrize(
    ("aircraft", "places", "words"),
    [
        ({}, (DENVER,), f"{WARNED_ONLY}) warn instead of refusing"),
        (
            {"app": "DJI GO 4"}, (DENVER,),
            f"{WARNED_ONLY}), and perhaps DJI GO 4, warn instead of refusing",
        ),
        ({}, (), "The place of the flight is not known"),
    ],
)  # fmt: skip
def test_a_pass_says_by_home_point_and_app_what_silence_about_zones_proves(
    aircraft: Mapping[str, Any], places: tuple[NamedPosition, ...], words: str
) -> None:
    result = result_of(
        "geofence_event",
        track={"height_ato_m": [10.0] * 5},
        events=FLIGHT_FIELDS["events"],
        log_fields={"aircraft": Aircraft(**aircraft), "named_positions": places},
    )
    assert result.outcome is Outcome.PASS, result.reason
    assert f" {words}" in result.reason
