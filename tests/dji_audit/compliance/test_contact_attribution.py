"""A contact is held against a flight only where nothing shows that it is another aircraft's."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.common.supplied_tables import SuppliedRow, SuppliedTable
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.inventory import InventoryAircraft, build_inventory
from dji_audit.compliance.network import ContactMatchSettings, collect_contacts, contacts_by_host
from dji_audit.compliance.network._contact_attribution import drone_makers_named_in
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import load_policy
from dji_audit.compliance.rules._shared._example_flights import (
    DEVICE,
    FLIGHT_FIELDS,
    MAPS,
    UPLOAD,
    ExampleFlight,
    build_example_flight_and_audit_context,
    example_network_log_as_context_fields,
    example_tls_contact,
)
from dji_audit.flights import Flight, FlightNearInTime, assemble_flights
from sample_logs import klv
from tests.dji_audit.conftest import MakeLog

Contact = Mapping[str, Any]

FLIGHT_START = pd.Timestamp("2026-05-14T09:00:00Z")
UPLOADED, TILES = "mydjiflight.dji.com", "a.tiles.mapbox.com"
BY_MAKER = "matched to this flight by its time and by the maker DJI"
BY_TIME = "matched to this flight by its time alone"
NOT_OF = "its app, host or device points to DJI, and the aircraft of this flight is {}"


def flight_beside(
    *contacts: Contact, aircraft: parsers.Aircraft, **context: Any
) -> tuple[Flight, AuditContext]:
    """Return a flight of an aircraft beside a capture of a day with some contacts."""
    fields = example_network_log_as_context_fields(*contacts) | context
    return build_example_flight_and_audit_context(
        ExampleFlight(
            Outcome.FAIL, "", **FLIGHT_FIELDS, context=fields, log_fields={"aircraft": aircraft}
        )
    )


def claims_and_links(flight: Flight, context: AuditContext) -> dict[str, tuple[str, str]]:
    contacts = collect_contacts(flight, context, ContactMatchSettings())
    return {host.host: (host.claim, host.aircraft_link) for host in contacts_by_host(contacts)}


def outcome(flight: Flight, context: AuditContext, rule: str) -> Outcome:
    policy = load_policy()
    only = replace(policy, rules={rule: policy.rules[rule]})
    (result,) = audit_flight(flight, only, context).results
    return result.outcome


@pytest.mark.parametrize(
    ("aircraft", "claim", "link"),
    [
        # The app's host and the aircraft have one maker, and so has all that the device did.
        (parsers.Aircraft(maker="DJI"), None, BY_MAKER),
        (parsers.Aircraft(), None, BY_TIME),
        (parsers.Aircraft(maker="Parrot"), "other_aircraft", NOT_OF.format("made by Parrot")),
        (
            parsers.Aircraft(model="EC135", larger_type="helicopter"),
            "other_aircraft",
            NOT_OF.format("a helicopter"),
        ),
        # A maker by any of its names is the maker.
        (parsers.Aircraft(maker="SZ DJI TECHNOLOGY CO., LTD"), None, BY_MAKER),
        # A maker that nobody lists may make what DJI designs.
        (parsers.Aircraft(maker="Anzu Robotics"), None, BY_TIME),
    ],
)
def test_a_contact_of_the_maker_of_another_aircraft_is_not_held_against_a_flight(
    aircraft: parsers.Aircraft, claim: str | None, link: str
) -> None:
    flight, context = flight_beside(MAPS, UPLOAD, aircraft=aircraft)
    assert claims_and_links(flight, context) == {
        UPLOADED: (claim or "probable_upload", link),
        TILES: (claim or "contact", link),
    }
    # Nor is the silence of another aircraft's tablet a pass of this one.
    expected = Outcome.NOT_ASSESSABLE if claim else Outcome.FAIL
    for rule in ("data_sync_endpoint", "third_party_sdk"):
        assert outcome(flight, context, rule) is expected


def test_a_setting_of_a_device_shows_no_silence_of_another() -> None:
    setting = example_tls_contact("news.example.org", grade="commanded", device=DEVICE)
    flight, context = flight_beside(UPLOAD, setting, aircraft=parsers.Aircraft(maker="Parrot"))
    for rule in ("data_sync_endpoint", "third_party_sdk", "unknown_host"):
        assert outcome(flight, context, rule) is Outcome.NOT_ASSESSABLE


def test_the_inventory_may_say_that_an_aircraft_carries_a_crew() -> None:
    row = InventoryAircraft.model_validate({"serial": "S1", "crewed": True})
    table = SuppliedTable("aircraft", "aircraft.csv", "0" * 64, (SuppliedRow(row, 0, 1),))
    flight, context = flight_beside(UPLOAD, aircraft=parsers.Aircraft(serial="S1"))
    assert claims_and_links(flight, context)[UPLOADED] == ("probable_upload", BY_TIME)
    with_inventory = replace(context, inventory=build_inventory(table))
    claim, link = claims_and_links(flight, with_inventory)[UPLOADED]
    assert (claim, link) == ("other_aircraft", NOT_OF.format("an aircraft with a crew"))


def test_another_device_is_still_held_against_the_flight() -> None:
    news = example_tls_contact("www.bbc.co.uk", device="192.0.2.30")
    flight, context = flight_beside(UPLOAD, news, aircraft=parsers.Aircraft(maker="Parrot"))
    assert claims_and_links(flight, context)["www.bbc.co.uk"] == ("contact", BY_TIME)
    assert outcome(flight, context, "unknown_host") is Outcome.FAIL


def test_what_another_aircraft_sent_to_a_host_is_no_number_of_this_one() -> None:
    own = example_tls_contact(TILES, device="192.0.2.30", bytes_up=7)
    flight, context = flight_beside(MAPS, UPLOAD, own, aircraft=parsers.Aircraft(maker="Parrot"))
    contacts = collect_contacts(flight, context, ContactMatchSettings())
    assert {
        host.claim: (host.bytes_up, set(host.devices))
        for host in contacts_by_host(contacts)
        if host.host == TILES
    } == {"contact": (7, {"192.0.2.30"}), "other_aircraft": (900, {DEVICE})}


def test_an_app_shows_its_maker_whoever_it_talks_to() -> None:
    chat = example_tls_contact("shop.example.org", app="com.dji.industry.pilot")
    flight, context = flight_beside(chat, aircraft=parsers.Aircraft(maker="Parrot"))
    assert claims_and_links(flight, context)["shop.example.org"][0] == "other_aircraft"


@pytest.mark.parametrize(
    ("text", "makers"),
    [
        ("dji.go.v4 (uid 10147)", {"DJI"}),
        ("DJI GO 4", {"DJI"}),
        ("com.autelrobotics.explorer", {"Autel Robotics"}),
        ("Google Firebase (DJI project)", {"DJI"}),
        ("Skydio (AWS)", {"Skydio"}),
        ("QGroundControl", set()),
        ("djinn", set()),
        ("", set()),
    ],
)
def test_a_maker_is_named_by_whole_words(text: str, makers: set[str]) -> None:
    assert drone_makers_named_in(text) == makers


def near(maker: str | None, hours: float, serials: Sequence[str] = ()) -> FlightNearInTime:
    start = FLIGHT_START + pd.Timedelta(hours=hours)
    return FlightNearInTime(
        start=start,
        end=start + pd.Timedelta(minutes=5),
        maker=maker,
        larger_type=None,
        serials=tuple(serials),
    )


NOT_SHOWN = "{} flights lie within this time, and it is not shown to which {} it belongs"


@pytest.mark.parametrize(
    ("others", "link"),
    [
        ((near(None, 0.1),), NOT_SHOWN.format(2, "aircraft")),
        ((near("DJI", 0.1, ["S2"]), near("DJI", -5, ["S1"])), NOT_SHOWN.format(3, "aircraft")),
        ((near("DJI", 0.1, ["S1"]),), NOT_SHOWN.format(2, "flight")),
        # Neither that of another maker, nor one that took off long after the contact.
        ((near("Parrot", 0.1), near("DJI", 5)), BY_MAKER),
        # As many as are listed of one side.
        ((near("DJI", 0.1),) * 25, f"at least {NOT_SHOWN.format(26, 'aircraft')}"),
        ((near("DJI", 0.1),) * 24, NOT_SHOWN.format(25, "aircraft")),
    ],
)
def test_a_contact_within_the_time_of_several_flights_is_of_none_of_them_alone(
    others: tuple[FlightNearInTime, ...], link: str
) -> None:
    flight, context = flight_beside(UPLOAD, aircraft=parsers.Aircraft(maker="DJI", serial="S1"))
    flight = replace(flight, flights_near_in_time=others)
    assert claims_and_links(flight, context)[UPLOADED] == ("probable_upload", link)


def test_a_finding_says_what_was_only_looked_up_and_which_records_do_not_count() -> None:
    look_up = {"protocol": "dns", "port": None, "evidence": "dns.query", "bytes_up": None}
    dated = example_tls_contact(UPLOADED, end=None, **look_up)
    flight, context = flight_beside(dated, dated, aircraft=parsers.Aircraft(maker="DJI"))
    (log,) = context.network
    table = log.contacts.copy()
    table.loc[1, "time"] = pd.NaT
    context = replace(context, network=(replace(log, contacts=table),))
    policy = load_policy()
    only = replace(policy, rules={"data_sync_endpoint": policy.rules["data_sync_endpoint"]})
    (finding,) = audit_flight(flight, only, context).findings
    assert finding.summary.startswith("Look-up, and no connection shown, of mydjiflight.dji.com (")
    assert finding.summary.endswith(
        "known from capture.pcap (dns.query); 1 further record of 1 log does not count: it has no "
        "time, or is only a setting."
    )


def test_two_packets_years_apart_are_no_contact_of_the_time_between() -> None:
    day = 86_400.0
    long = example_tls_contact("shop.example.org", time=-300 * day, end=300 * day)
    flight, context = flight_beside(long, aircraft=parsers.Aircraft())
    (log,) = context.network
    window = log.capture_window
    assert window is not None
    assert list(claims_and_links(flight, context)) == ["shop.example.org"]
    first, last = (FLIGHT_START + pd.Timedelta(days=days) for days in (-300, 300))
    twice = parsers.NetworkRecordingTimes(
        tuple(parsers.NetworkRecordingInterval(time, time, 1) for time in (first, last)), 60.0, 2
    )
    empty = replace(log, capture_window=replace(window, start=first, end=last, recorded=twice))
    assert claims_and_links(flight, replace(context, network=(empty,))) == {}
    # A log that does not show when it recorded may have watched all the time.
    unclear = replace(log, capture_window=replace(window, recorded=None))
    assert claims_and_links(flight, replace(context, network=(unclear,)))


def test_each_flight_lists_those_near_it_in_time(make_log: MakeLog) -> None:
    def log(hours: float, maker: str, latitude_deg: float) -> parsers.Log:
        name = f"{maker}-{latitude_deg:.0f}"
        made = make_log(
            {"latitude_deg": [latitude_deg] * 60, "longitude_deg": [0.0] * 60},
            name=f"{name}.txt",
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            aircraft=parsers.Aircraft(maker=maker, serial=name),
        )
        shift = pd.Timedelta(hours=hours)
        return replace(made, track=made.track.assign(time=made.track["time"] + shift))

    first, second, late = assemble_flights(
        log(0, "DJI", 50.0), log(2, "Parrot", 51.0), log(24 * 8, "DJI", 52.0)
    )
    assert [each.maker for each in first.flights_near_in_time] == ["Parrot"]
    assert [(each.maker, each.serials) for each in second.flights_near_in_time] == [
        ("DJI", ("DJI-50",))
    ]
    assert late.flights_near_in_time == ()


def test_a_helicopter_beside_the_logs_of_a_tablet_of_dji_uploaded_nothing(
    sample_logs: Path,
) -> None:
    (helicopter,) = assemble_flights(parsers.read(sample_logs / klv.FOLDER / klv.NAME))
    network = tuple(
        parsers.read(sample_logs / "network" / name)
        for name in ("2026-05-14_router_wlan0.pcap", "tablet.har", "PCAPdroid_14_May_10_00_00.csv")
    )
    audit = audit_flight(helicopter, load_policy(), AuditContext(network=network))
    (upload,) = (one for one in audit.findings if one.subject == UPLOADED)
    assert upload.informational
    assert upload.summary.startswith("Not shown to be of this aircraft: a trace of mydjiflight")
    charged = [one for one in audit.findings if one.grade == "contact" and not one.informational]
    # Those of a second device, of which nothing shows whose it is.
    assert {one.subject for one in charged} == {"192.0.2.1", "www.bbc.co.uk"}
