"""Contacts are joined to a flight by window and device, and silence is weighed by what watched."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from dji_audit.common.plain_english import percent_text
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.network import (
    CatalogueMatcher,
    ContactMatchSettings,
    FlightContacts,
    collect_contacts,
    collect_contacts_without_flight,
    time_window_for_contacts,
)
from dji_audit.endpoints import shipped_catalogue
from dji_audit.flights import Flight, assemble_flights
from tests.dji_audit.conftest import MakeLog

Row = Mapping[str, Any]
TABLET = "192.0.2.20"
HOUR = 3600.0


@pytest.fixture
def flight(make_log: MakeLog) -> Flight:
    """A flight of ten minutes: take-off in second 0, landing in second 600."""
    moves = [
        {"time": 0, "kind": "takeoff", "severity": "info", "text": "up", "record": "OSD.x"},
        {"time": 600, "kind": "landing", "severity": "info", "text": "down", "record": "OSD.x"},
    ]
    return assemble_flights(make_log({"height_ato_m": [0.0] * 601}, events=moves))[0]


def talk(time: float | None, host: str | None = "example.org", **more: Any) -> dict[str, Any]:
    return {
        "time": time, "host": host, "device": TABLET, "evidence": "tls.server_name",
        "grade": "measured", "port": 443, "protocol": "tls",
    } | more  # fmt: skip


def recorded_throughout(*times: pd.Timestamp, unread: int = 0) -> parsers.NetworkRecordingTimes:
    """Return that a log recorded between each pair of instants without a long silence."""
    pairs = zip(times[::2], times[1::2], strict=True)
    stretches = tuple(parsers.NetworkRecordingInterval(a, b, 100, unread) for a, b in pairs)
    return parsers.NetworkRecordingTimes(
        stretches, 60.0, 100 * len(stretches), unread * len(stretches)
    )


@pytest.fixture
def watched(make_log: MakeLog, start: pd.Timestamp) -> Callable[..., parsers.Log]:
    """A maker of network logs that watched from one second to another."""

    def make(
        rows: Sequence[Row] = (), begin: float = -HOUR, end: float = 25 * HOUR, **more: Any
    ) -> parsers.Log:
        first, last = (start + pd.Timedelta(seconds=second) for second in (begin, end))
        recorded = recorded_throughout(first, last)
        fields: dict[str, Any] = {
            "flow_count": max(len(rows), 2),
            "recorded": recorded,
            "by_device": {row["device"]: recorded for row in rows},
        }
        seen = parsers.NetworkCaptureWindow(first, last, **(fields | more))
        return make_log(contacts=rows, name="capture.pcap", sha256="cd" * 32, capture_window=seen)

    return make


def seen(flight: Flight, *logs: parsers.Log, **terms: Any) -> FlightContacts:
    devices = terms.pop("devices", ())
    return collect_contacts(
        flight, AuditContext(network=logs, devices=devices), ContactMatchSettings(**terms)
    )


def test_the_window_reaches_from_before_take_off_to_after_landing(
    flight: Flight, start: pd.Timestamp
) -> None:
    window = time_window_for_contacts(flight, ContactMatchSettings())
    assert window is not None
    assert (window.start - start).total_seconds() == -600
    assert (window.end - start).total_seconds() == 600 + 86_400
    assert time_window_for_contacts(
        flight, ContactMatchSettings(before_takeoff_s=0, after_landing_s=0)
    ) == replace(window, start=start, end=window.flight_end)


def test_contacts_in_the_window_are_the_flights_and_others_are_not(
    flight: Flight, watched: Callable[..., parsers.Log]
) -> None:
    rows = [
        talk(-601, "early.example.org"),
        talk(-700, "long.example.org", end=-500),
        talk(-600, "first.example.org"),
        talk(87_000, "last.example.org"),
        talk(87_001, "late.example.org"),
        talk(None, "timeless.example.org"),
        talk(10, "wish.example.org", grade="commanded"),
    ]
    found = seen(flight, watched(rows)).rows
    assert list(zip(found["host"], found["claim"], strict=True)) == [
        ("long.example.org", "contact"),
        ("first.example.org", "contact"),
        # Settings are told, and so is what has no time, each as what it is.
        ("wish.example.org", "indicator"),
        ("last.example.org", "contact"),
        ("timeless.example.org", "indicator"),
    ]


def test_the_clock_of_a_network_log_is_moved_as_the_policy_says(
    flight: Flight, watched: Callable[..., parsers.Log], start: pd.Timestamp
) -> None:
    moved = seen(flight, watched([talk(-1000)], begin=-1000, end=-400), clock_offset_s=1000.0)
    assert (moved.rows["time"].iloc[0] - start).total_seconds() == 0
    assert "clocks shifted by +1000 s" in moved.coverage.text
    assert moved.coverage.share == pytest.approx(600 / 87_600)
    assert len(seen(flight, watched([talk(-1000)])).rows) == 0


def test_only_declared_devices_count_and_a_log_that_saw_none_of_them_covers_nothing(
    flight: Flight, watched: Callable[..., parsers.Log]
) -> None:
    rows = [talk(1, "a.example.org"), talk(2, "b.example.org", device="192.0.2.99")]
    mine = seen(flight, watched(rows), devices=(TABLET,))
    assert mine.rows["host"].tolist() == ["a.example.org"]
    assert mine.coverage.share == 1
    other = seen(flight, watched(rows), devices=("192.0.2.50",))
    assert other.coverage.share == 0
    assert other.coverage.logs[0].not_counted == "it holds no contact of the declared devices"
    assert "none is declared" in seen(flight, watched(rows)).coverage.text


def test_of_several_devices_each_must_have_been_watched(
    flight: Flight, watched: Callable[..., parsers.Log], start: pd.Timestamp
) -> None:
    phone = "192.0.2.50"
    whole = watched([talk(1, "a.example.org")])
    hour = watched([talk(1, "b.example.org", device=phone)], begin=-300, end=HOUR)
    found = seen(flight, whole, hour, devices=(TABLET, phone)).coverage
    assert found.by_device == {TABLET: 1.0, phone: pytest.approx((300 + HOUR) / 87_600)}
    assert found.share == found.by_device[phone]
    assert [((a - start).total_seconds(), (b - start).total_seconds()) for a, b in found.gaps] == [
        (-600, -300),
        (HOUR, 87_000),
    ]
    assert f"for all 2 devices at once ({TABLET} 100 %, {phone} 4.4 %)" in found.text
    assert found.insufficient_reason.startswith(
        "The absence of a contact proves nothing below 95 % coverage: 4.4 % of the window"
    )
    # One that nobody saw was not watched.
    unseen = seen(flight, whole, devices=(TABLET, phone)).coverage
    assert (unseen.share, unseen.by_device[phone]) == (0, 0)


def test_names_with_commas_between_are_those_of_one_device(
    flight: Flight, watched: Callable[..., parsers.Log]
) -> None:
    both = f"{TABLET}, tablet.lan"
    rows = [talk(1, "a.example.org"), talk(2, "b.example.org", device="tablet.lan")]
    found = seen(flight, watched([*rows, talk(3, device="192.0.2.99")]), devices=(both,))
    assert found.rows["host"].tolist() == ["a.example.org", "b.example.org"]
    assert found.coverage.by_device == {both: 1.0}
    assert found.coverage.insufficient_reason == ""


def test_coverage_is_the_union_of_what_the_logs_watched(
    flight: Flight, watched: Callable[..., parsers.Log], start: pd.Timestamp
) -> None:
    logs = [
        watched(begin=-HOUR, end=0),
        watched(begin=-300, end=600),
        watched(begin=2 * HOUR, end=3 * HOUR),
    ]
    found = seen(flight, *logs).coverage
    assert found.share == pytest.approx((1200 + HOUR) / 87_600)
    assert [((a - start).total_seconds(), (b - start).total_seconds()) for a, b in found.gaps] == [
        (600, 2 * HOUR),
        (3 * HOUR, 87_000),
    ]
    assert "below 95 %" in found.insufficient_reason


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-120, 3000), st.integers(0, 1500)), max_size=6))
def test_coverage_counts_each_minute_once(spans: list[tuple[int, int]]) -> None:
    start, minute = pd.Timestamp("2026-05-14T09:00:00Z"), pd.Timedelta(minutes=1)
    log = parsers.Log(parsers.Source("x", 1, "0" * 64, "x"))
    flight = replace(assemble_flights(log)[0], takeoff=start, landing=start + 10 * minute)
    logs = [
        parsers.Log(
            parsers.Source("c", 1, "1" * 64, "x"),
            capture_window=parsers.NetworkCaptureWindow(
                start + a * minute,
                start + (a + size) * minute,
                flow_count=1,
                recorded=recorded_throughout(start + a * minute, start + (a + size) * minute),
            ),
        )
        for a, size in spans
    ]
    covered = {each for a, size in spans for each in range(max(a, -10), min(a + size, 1450))}
    found = seen(flight, *logs).coverage
    assert found.share == pytest.approx(len(covered) / 1460)
    assert sum((b - a) / minute for a, b in found.gaps) == pytest.approx(1460 - len(covered))


@pytest.mark.parametrize(
    ("watch", "why"),
    [
        ({"flow_count": None}, "does not hold all conversations"),
        ({"snap_length": 96}, "kept only 96 bytes"),
        (
            {"excluded_traffic": "traffic that did not go through the proxy"},
            "leaves out traffic that did not go",
        ),
    ],
)
def test_a_log_that_cannot_show_names_covers_nothing(
    flight: Flight, watched: Callable[..., parsers.Log], watch: dict[str, Any], why: str
) -> None:
    found = seen(flight, watched(**watch)).coverage
    assert found.share == 0
    assert why in found.logs[0].not_counted
    assert found.insufficient_reason
    # Nor does it where a policy asks for no coverage at all.
    assert seen(flight, watched(**watch), min_coverage=0.0).coverage.insufficient_reason


def test_a_log_that_does_not_say_when_it_watched_covers_nothing(
    flight: Flight, make_log: MakeLog
) -> None:
    found = seen(
        flight, make_log(capture_window=parsers.NetworkCaptureWindow(None, None, flow_count=3))
    ).coverage
    assert found.share == 0
    assert "does not state its capture window" in found.logs[0].not_counted


def test_a_tunnel_takes_the_meaning_from_silence_and_lesser_blind_spots_are_told(
    flight: Flight, watched: Callable[..., parsers.Log]
) -> None:
    assert "tunnel" in seen(flight, watched(blind_spots={"vpn": 2})).coverage.insufficient_reason
    less = seen(flight, watched(blind_spots={"ech": 2, "doh": 1})).coverage
    assert less.insufficient_reason == ""
    assert less.text.endswith("blind spots: doh 1, ech 2")
    assert less.blind_spots == {"doh": 1, "ech": 2}


def test_without_network_logs_silence_means_nothing(flight: Flight) -> None:
    found = seen(flight)
    assert found.coverage.share == 0
    assert found.coverage.insufficient_reason.endswith("which computers the devices contacted.")


@pytest.mark.parametrize(
    ("row", "claim"),
    [
        (talk(1800, "mydjiflight.dji.com"), "contact"),
        (talk(1800, "mydjiflight.dji.com", bytes_up=99_999), "contact"),
        (talk(1800, "mydjiflight.dji.com", bytes_up=100_000), "probable_upload"),
        (talk(10, "mydjiflight.dji.com", bytes_up=100_000), "probable_upload"),
        # What ended before the take-off cannot hold the flight's record.
        (talk(-60, "mydjiflight.dji.com", end=-30, bytes_up=3_000_000), "contact"),
        (talk(-60, "mydjiflight.dji.com", end=30, bytes_up=3_000_000), "probable_upload"),
        (talk(1800, "mydjiflight.dji.com", bytes_up=3_000_000, grade="attempted"), "attempted"),
        (talk(1800, "mydjiflight.dji.com", path="/flight/upload?x=1"), "confirmed_upload"),
        (talk(1800, "mydjiflight.dji.com", path="/flight/upload", bytes_up=0), "contact"),
        # The path tells another role: many bytes to it are no upload of a record.
        (talk(1800, "mydjiflight.dji.com", path="/getfile/firmware", bytes_up=900_000), "contact"),
        # A path that the catalogue does not have tells nothing.
        (talk(1800, "mydjiflight.dji.com", path="/x/y", bytes_up=900_000), "probable_upload"),
        # Hosts that many share, and hosts that nobody knows, make no claim of an upload.
        (talk(1800, "oss-cn-hangzhou.aliyuncs.com", bytes_up=900_000), "contact"),
        (talk(1800, "upload.twitter.com", path="/1.1/media/upload.json", bytes_up=9), "contact"),
        (talk(1800, "example.org", bytes_up=900_000), "contact"),
        (talk(1800, "a.tiles.mapbox.com", bytes_up=900_000), "contact"),
    ],
)
def test_a_claim_is_as_strong_as_what_shows_it_and_no_stronger(
    flight: Flight, watched: Callable[..., parsers.Log], row: Row, claim: str
) -> None:
    assert seen(flight, watched([row])).rows["claim"].tolist() == [claim]


def test_a_path_narrows_the_roles_of_a_host() -> None:
    reader = CatalogueMatcher(shipped_catalogue(), low_confidence=False)
    assert len(reader.match("mydjiflight.dji.com", None).categories) == 6
    assert reader.match("mydjiflight.dji.com", "/getfile/getallfile").categories == (
        "firmware_update",
    )
    assert reader.match("deep.below.dji.com", None).categories == ("vendor_apex",)
    assert reader.match("deep.below.dji.com", None).is_of_unknown_purpose
    assert reader.match(None, "/x").rows == ()


def asked(time: float, host: str, address: str, **more: Any) -> dict[str, Any]:
    return talk(time, host, address=address, protocol="dns", port=None, **more)


def test_an_address_gets_the_name_that_was_looked_up_before(
    flight: Flight, watched: Callable[..., parsers.Log], make_log: MakeLog
) -> None:
    lookups = make_log(
        contacts=[
            asked(60, "old.example.org", "203.0.113.20", source_offset=7),
            asked(1000, "mydjiflight.dji.com", "203.0.113.20", source_offset=8),
            asked(1000, "theirs.example.org", "203.0.113.21", device="192.0.2.99"),
        ],
        name="dns.log", sha256="ef" * 32,
    )  # fmt: skip
    flows = watched(
        [
            talk(1200, None, address="203.0.113.20", bytes_up=3_000_000),
            talk(1200, None, address="203.0.113.21"),
            talk(9000, None, address="203.0.113.20"),
            talk(30, None, address="203.0.113.20"),
        ]
    )
    found = seen(flight, lookups, flows)
    rows = found.rows[found.rows["port"].notna() & (found.rows["device"] == TABLET)]
    told = list(zip(rows["host"].fillna("?"), rows["claim"], rows["name_offset"], strict=True))
    assert told == [
        ("?", "contact", -1),  # before the look-up
        ("mydjiflight.dji.com", "probable_upload", 8),
        ("?", "contact", -1),  # another device asked for it
        ("?", "contact", -1),  # more than an hour after
    ]
    assert found.logs[int(rows["name_log"].iloc[1])].source.name == "dns.log"


@pytest.mark.parametrize(
    ("after_s", "host"),
    [(-2, "a.example.org"), (-3, "?"), (3600, "a.example.org"), (3601, "?")],
)
def test_a_look_up_names_conversations_of_the_hour_after_it(
    flight: Flight,
    watched: Callable[..., parsers.Log],
    make_log: MakeLog,
    after_s: float,
    host: str,
) -> None:
    lookups = make_log(contacts=[asked(1000, "a.example.org", "203.0.113.20")], name="dns.log")
    flows = watched([talk(1000 + after_s, None, address="203.0.113.20")])
    rows = seen(flight, lookups, flows).rows
    assert rows[rows["port"].notna()]["host"].fillna("?").tolist() == [host]


@pytest.mark.parametrize(("after_s", "claim"), [(2, "attempted"), (3, "contact")])
def test_a_refusal_is_one_within_two_seconds(
    flight: Flight, make_log: MakeLog, after_s: float, claim: str
) -> None:
    lookup = {"protocol": "dns", "port": None}
    blocked = make_log(contacts=[talk(60, "dji.com", grade="attempted", **lookup)])
    app = make_log(contacts=[talk(60 + after_s, "dji.com", **lookup)])
    rows = seen(flight, app, blocked).rows
    assert rows[rows["log"] == 1]["claim"].tolist() == [claim]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100 %"),
        (0.9999, "99.9 %"),
        (0.0735, "7.3 %"),
        (0.0, "0 %"),
        (9e-4, "less than 0.1 %"),
    ],
)
def test_a_share_is_never_rounded_up(share: float, text: str) -> None:
    assert percent_text(share) == text


def test_a_look_up_that_another_log_saw_refused_is_no_contact(
    flight: Flight, make_log: MakeLog
) -> None:
    blocked = make_log(
        contacts=[
            talk(60, "dji.com", protocol="dns", port=None, grade="attempted"),
            talk(60, "fh.dji.com", protocol="dns", port=None, grade="attempted"),
        ]
    )
    app = make_log(
        contacts=[
            talk(61, "dji.com", protocol="dns", port=None),
            talk(90, "dji.com", protocol="dns", port=None),
            talk(60, "fh.dji.com", address="203.0.113.9"),
        ]
    )
    rows = seen(flight, app, blocked).rows
    own = rows[rows["log"] == 1]
    told = list(zip(own["host"], own["claim"], strict=True))
    assert told == [("fh.dji.com", "contact"), ("dji.com", "attempted"), ("dji.com", "contact")]


def test_a_log_of_another_day_covers_nothing(
    flight: Flight, watched: Callable[..., parsers.Log]
) -> None:
    found = seen(flight, watched(begin=30 * HOUR, end=40 * HOUR, blind_spots={"vpn": 1})).coverage
    assert found.share == 0
    assert found.logs[0].not_counted == "it was recorded at another time"
    assert found.blind_spots == {}


def test_contacts_of_the_flights_own_logs_count_whatever_the_capture(make_log: MakeLog) -> None:
    log = make_log({"height_ato_m": [0.0, 1.0]}, contacts=[talk(1, "logs.px4.io", path="/upload")])
    found = seen(assemble_flights(log)[0])
    assert found.rows["claim"].tolist() == ["confirmed_upload"]
    assert found.logs[int(found.rows["log"].iloc[0])] is log


def test_a_flight_without_a_time_has_no_window_and_its_own_contacts_all_the_same(
    make_log: MakeLog, watched: Callable[..., parsers.Log]
) -> None:
    log = make_log(contacts=[talk(None, "fh.dji.com", bytes_up=3_000_000)])
    found = seen(assemble_flights(log)[0], watched([talk(1)]))
    assert found.contact_time_window is None
    assert found.rows["claim"].tolist() == ["contact"]
    assert found.coverage.insufficient_reason == "The time of the flight is not known."


# Without a flight, and of the auditor


def of_auditor(log: parsers.Log) -> parsers.Log:
    """Return a log as the auditor's own requests for keys."""
    return replace(log, source=replace(log.source, format="key-disclosure"))


def test_without_a_flight_contacts_are_told_and_bytes_alone_are_no_upload(
    watched: Callable[..., parsers.Log], make_log: MakeLog
) -> None:
    lookups = make_log(
        contacts=[asked(1000, "mydjiflight.dji.com", "203.0.113.20", source_offset=8)],
        name="dns.log",
    )
    flows = watched(
        [
            talk(1200, None, address="203.0.113.20", bytes_up=3_000_000),
            talk(1300, "mydjiflight.dji.com", path="/flight/upload?x=1"),
            talk(1400, "b.example.org", device="192.0.2.99"),
            talk(None, "timeless.example.org"),
        ]
    )
    trail = of_auditor(watched([talk(1, "dev.dji.com")]))
    context = AuditContext(network=(lookups, trail, flows, watched()))
    found = collect_contacts_without_flight(context, ContactMatchSettings())
    assert found.logs == (lookups, flows, context.network[3])
    rows = found.rows
    assert list(zip(rows["host"], rows["claim"], rows["log"], rows["name_log"], strict=True)) == [
        ("mydjiflight.dji.com", "contact", 0, -1),
        ("mydjiflight.dji.com", "contact", 1, 0),
        ("mydjiflight.dji.com", "confirmed_upload", 1, -1),
        ("b.example.org", "contact", 1, -1),
        ("timeless.example.org", "indicator", 1, -1),
    ]
    assert rows["name_offset"].tolist() == [-1, 8, -1, -1, -1]
    assert len(found.catalogue_matches) == 5
    assert found.contact_time_window is None
    assert found.coverage.insufficient_reason == "The time of the flight is not known."
    mine = collect_contacts_without_flight(
        replace(context, devices=("192.0.2.99",)), ContactMatchSettings()
    )
    assert mine.rows["host"].tolist() == ["b.example.org"]
    silent = AuditContext(network=(watched(), watched()))
    assert not len(collect_contacts_without_flight(silent, ContactMatchSettings()).rows)


def test_what_another_log_saw_refused_is_no_contact_without_a_flight_either(
    make_log: MakeLog,
) -> None:
    lookup = {"protocol": "dns", "port": None}
    blocked = make_log(contacts=[talk(60, "dji.com", grade="attempted", **lookup)])
    app = make_log(contacts=[talk(61, "dji.com", **lookup), talk(99, "dji.com", **lookup)])
    context = AuditContext(network=(blocked, app))
    rows = collect_contacts_without_flight(context, ContactMatchSettings()).rows
    assert rows["claim"].tolist() == ["attempted", "attempted", "contact"]


def test_an_aircraft_that_was_only_heard_has_no_contacts_of_the_unit(
    flight: Flight, watched: Callable[..., parsers.Log]
) -> None:
    log = watched([talk(10)])
    heard = replace(flight, sources=(replace(flight.sources[0], is_from_receiver=True),))
    assert heard.is_known_only_from_receivers
    found = seen(heard, log)
    assert (found.coverage.logs, found.logs, len(found.rows)) == ((), heard.logs, 0)
    assert len(seen(flight, log).rows) == 1


def test_the_auditors_requests_are_those_for_the_logs_of_the_flight(
    flight: Flight, watched: Callable[..., parsers.Log]
) -> None:
    wanted = cast("Any", SimpleNamespace(sha256="ab12"))
    (source,) = flight.sources
    asking = replace(
        flight, sources=(replace(source, log=replace(source.log, key_request=wanted)),)
    )
    others = of_auditor(watched([talk(1, "dev.dji.com", evidence="request ff00")]))
    own = of_auditor(
        watched(
            [
                talk(1, "dev.dji.com", evidence="request of ab12", grade="attempted"),
                talk(9e6, "dev.dji.com", evidence="request of ab12"),
                talk(2, "dev.dji.com", evidence="ab12 of another"),
            ]
        )
    )
    found = seen(asking, others, own, watched([talk(5, "example.org")]))
    assert found.rows["host"].tolist() == ["example.org"]
    assert len(found.coverage.logs) == 1
    assert found.auditor is not None
    rows = found.auditor.rows
    assert found.auditor.logs == (others, own)
    assert rows["claim"].tolist() == ["attempted", "contact"]
    assert (rows["log"].tolist(), rows["label"].tolist()) == ([1, 1], ["dev.dji.com"] * 2)
    assert rows.index.tolist() == [0, 1]
    assert (rows["name_log"].tolist(), rows["name_offset"].tolist()) == ([-1, -1], [-1, -1])
    assert len(found.auditor.catalogue_matches) == 2
    # Nobody asked for a key of this flight.
    assert seen(flight, others, own).auditor is None
    assert seen(asking, others).auditor is None


def test_several_logs_name_the_contacts_of_one_another(
    flight: Flight, watched: Callable[..., parsers.Log], make_log: MakeLog
) -> None:
    address = "203.0.113.20"
    first = make_log(contacts=[asked(10, "a.example.org", address, source_offset=3)], name="a.log")
    second = make_log(
        contacts=[asked(20, "b.example.org", "203.0.113.21", source_offset=4)], name="b.log"
    )
    flows = watched(
        [
            talk(30, None, address=address),
            talk(40, None, address="203.0.113.21"),
            talk(50, None, address="203.0.113.22"),
            talk(60, None, app="app"),
        ]
    )
    rows = seen(flight, first, second, flows).rows
    assert rows["label"].tolist()[2:] == ["a.example.org", "b.example.org", "203.0.113.22", "app"]
    assert rows["name_log"].tolist()[2:] == [1, 2, -1, -1]
    assert rows["name_offset"].tolist()[2:] == [3, 4, -1, -1]
