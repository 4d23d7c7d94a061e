"""Texts in a record are data: kept as they are, sorted by what they speak of, run by nobody."""

import pytest

from parsers import Log
from parsers.dji._app_messages import event_kind_of_app_message
from sample_logs import dji_bodies
from sample_logs.dji_txt import Details
from tests.parsers.dji.txt.made import flight, only, read

HOSTILE = "{{7*7*1001}}<script>alert(1)</script>\"'><img src=x onerror=alert(1)>=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "GEO: You are in a Warning Zone (Unpaved Airports). Fly with caution.",
            "geofence.warning",
        ),
        ("You are in an Authorization Zone.", "geofence.warning"),
        ("You are in an Authorisation Zone.", "geofence.warning"),
        ("Cannot take off. Aircraft is in a No-Fly Zone.", "geofence.warning"),
        ("Restricted Zone ahead", "geofence.warning"),
        ("Maximum Flight Altitude Reached", "limit.height"),
        (
            "Maximum flight distance reached. Adjust it in MC Settings if required.",
            "limit.distance",
        ),
        ("Set maximum flight altitude to 500 m", "limit.config"),
        ("Geotagging photos", "warning"),
        ("Going home", "warning"),
    ],
)
def test_a_message_is_sorted_by_what_it_speaks_of(text: str, kind: str) -> None:
    assert event_kind_of_app_message(text, "warning") == kind


@pytest.mark.parametrize(("record", "kind"), [(9, "tip"), (10, "warning"), (24, "warning")])
def test_every_rank_of_message_becomes_an_event(record: int, kind: str) -> None:
    log = read(11, flight(3, {1: [(record, dji_bodies.text("Motors started"))]}))
    row = only(log.events[log.events.text == "Motors started"])
    assert row.kind == kind


def everything_told(log: Log) -> str:
    frames = [log.track, log.events, log.captures, *(log.records(n) for n in log.record_counts)]
    texts = [frame.to_csv() for frame in frames]
    return "\n".join(
        [*texts, repr(log.aircraft), repr(log.named_positions), repr(log.host_references)]
    )


def test_hostile_text_in_every_field_stays_text() -> None:
    short = "{{7*7*1001}}"
    details = Details(
        sub_street="<b>" + short,
        street=short,
        city="<script>",
        area=short,
        aircraft_name="<img src=x onerror=1>" + short[:10],
        aircraft_serial=short,
        camera_serial=short,
        rc_serial="=1+1;" + short[:11],
        battery_serial=short,
        account_hash=short.ljust(16, "}"),
        product=13,
    )
    records = [
        (9, dji_bodies.text(HOSTILE)),
        (10, dji_bodies.text(HOSTILE)),
        (24, dji_bodies.text(HOSTILE)),
        (18, dji_bodies.text(HOSTILE)),
        (28, dji_bodies.text(short)),
        (40, dji_bodies.component_serial(1, 0, short)),
        (13, dji_bodies.recover(13, 2, (1, 2, 3), short, 0, [short] * 4)),
        (27, bytes(byte ^ 0xA5 for byte in b"<b>{{7}" + bytes(14))),
        (2, dji_bodies.home(50.6, -3.96, 1.0, go_home_height_m=1, height_limit_m=1.0,
                            log_index=1, serial=short)),
    ]  # fmt: skip
    log = read(11, flight(5, {2: records}), details)
    assert (log.events.text == HOSTILE).sum() == 4
    assert log.aircraft.serial == log.aircraft.camera_serial == short
    assert log.aircraft.name == "<img src=x onerror=1>{{7*7*1001"
    assert log.aircraft.flight_controller_serial == short
    assert log.records("Details").street.tolist() == [short]
    assert "49049" not in everything_told(log)


def test_text_that_is_no_utf_8_is_told_with_replacement_and_not_lost() -> None:
    log = read(11, flight(3, {1: [(10, b"GEO: \xff\xfezone\0behind")]}))
    assert log.records("AppWarn").text.tolist() == ["GEO: \ufffd\ufffdzone"]
    (issue,) = log.issues
    assert issue.offset == log.records("AppWarn").offset[0]
    assert issue.reason.startswith("AppWarn holds text that is not UTF-8")
    assert (log.events.kind == "geofence.warning").sum() == 1


def test_text_in_records_of_an_unknown_type_is_said_not_to_be_looked_into() -> None:
    told = b"position 50.123456 north, operator 17"
    log = read(11, flight(3, {1: [(23, told), (23, b"\x01\x02" * 20), (54, told + b"\0\0")]}))
    assert [issue.reason.partition(" hold")[0] for issue in log.issues] == [
        "1 records type 23",
        "1 records GoBusiness",
    ]
    assert log.issues[0].offset == log.records("type 23").offset[0]


def test_an_empty_message_is_an_event_without_words() -> None:
    log = read(11, flight(3, {1: [(9, b"\0\0"), (9, b"")]}))
    assert log.record_counts["AppTip"] == 2
    assert (log.events[log.events.record == "AppTip"].text == "").sum() == 2


def test_hosts_in_messages_details_and_unknown_records_are_mentions_and_not_contacts() -> None:
    records = [
        (10, dji_bodies.text("Upload to https://user:pa55@media.example.com/live failed")),
        (54, b"\x01\x00host=mydjiflight.dji.com\x00"),
        (23, b"\x02http://localhost:81/x\x00"),
    ]
    log = read(11, flight(3, {1: records}), Details(street="api.dji.com"))
    found = {(mention.record, mention.host) for mention in log.host_references}
    assert found == {
        ("AppWarn", "media.example.com"),
        ("GoBusiness", "mydjiflight.dji.com"),
        ("type 23", "localhost"),
        ("Details", "api.dji.com"),
    }
    assert "pa55" not in "".join(mention.text for mention in log.host_references)
    assert log.contacts.empty
    offsets = [mention.source_offset for mention in log.host_references]
    assert offsets == sorted(offsets)


def test_the_name_that_a_pilot_typed_is_no_host() -> None:
    texts = [(10, dji_bodies.text("see www.dji.com"))]
    log = read(11, flight(3, {1: texts}), Details(aircraft_name="m4p.Example.org"))
    assert log.aircraft.name == "m4p.Example.org"
    assert [mention.host for mention in log.host_references] == ["www.dji.com"]


def test_a_host_that_is_named_often_is_mentioned_once_for_each_kind_of_record() -> None:
    texts = [(9, dji_bodies.text("see www.dji.com")), (10, dji_bodies.text("see www.dji.com"))] * 5
    log = read(11, flight(3, {1: texts}))
    assert [(m.record, m.host) for m in log.host_references] == [
        ("AppTip", "www.dji.com"),
        ("AppWarn", "www.dji.com"),
    ]
