"""Logs of lines: Suricata, dnsmasq, Squid, PCAPdroid, firewalls, Android's statistics."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers import Content, Log
from parsers.network._shared._contact_rows import parse_host_or_else_ip
from sample_logs import network_files as files
from sample_logs import network_logs as logs
from sample_logs.network_story import APP, CONVERSATIONS, DEVICE, LOOKUPS, PACKAGE, UID
from sample_logs.network_zeek import DNS
from tests.parsers.network.made import format_of, shows_no_secret, utc
from tests.parsers.read_as_file import read_as_file

WEB = [talk for talk in CONVERSATIONS if talk.protocol in ("tls", "http")]


@pytest.fixture
def folder(sample_logs: Path) -> Path:
    return sample_logs / "network"


def told(log: Log) -> list[tuple[object, ...]]:
    """Return host, address and grade of each contact."""
    rows = log.contacts[["host", "address", "grade"]].itertuples(index=False)
    return [tuple(None if pd.isna(value) else value for value in row) for row in rows]


@pytest.mark.parametrize(
    "name",
    [logs.EVE, logs.DNSMASQ, logs.SQUID, logs.COMBINED, logs.PCAPDROID, logs.FIREWALL,
     files.NETSTATS, files.HAR, files.FLOWS, files.IOS, files.SETTINGS, files.SIDECAR],
)  # fmt: skip
def test_no_secret_of_a_sample_is_told_and_no_flight_can_be(folder: Path, name: str) -> None:
    log = parsers.read(folder / name)
    assert shows_no_secret(log)
    assert log.unrecorded_tables == ("track", "events", "captures")
    assert len(log.contacts)


# Suricata


def test_a_flow_of_suricata_goes_by_the_name_of_its_handshake(folder: Path) -> None:
    log = parsers.read(folder / logs.EVE)
    flows = log.contacts[log.contacts.evidence.str.startswith("flow")]
    assert list(flows.host.fillna("")) == [talk.host or "" for talk in CONVERSATIONS]
    assert list(flows.bytes_up) == [talk.up for talk in CONVERSATIONS]
    assert list(flows.time) == [utc(talk.begin_ms) for talk in CONVERSATIONS]
    assert list(flows.end) == [utc(talk.end_ms) for talk in CONVERSATIONS]
    assert list(flows.grade == "measured") == [talk.answered for talk in CONVERSATIONS]
    assert log.capture_window is not None
    assert (log.capture_window.flow_count, log.capture_window.unnamed_flow_count) == (7, 2)


def test_a_look_up_of_suricata_joins_question_and_answer(folder: Path) -> None:
    contacts = parsers.read(folder / logs.EVE).contacts
    dns = contacts[contacts.protocol == "dns"]
    assert list(dns.host) == [one.host for one in LOOKUPS]
    assert list(dns.end - dns.time) == [pd.Timedelta("18ms")] * len(LOOKUPS)
    assert list(dns.grade == "attempted") == [one.address is None for one in LOOKUPS]


def eve(**event: object) -> str:
    ends = {"src_ip": "192.0.2.20", "src_port": 5, "dest_ip": "203.0.113.1", "dest_port": 80}
    return json.dumps({"timestamp": "2026-05-14T09:00:00.000000+0000", **ends, **event}) + "\n"


def test_each_version_of_an_answer_is_read() -> None:
    name = "a.example.org"
    question = {"type": "query", "id": 1, "rrname": name}
    for answer in (
        {"type": "answer", "id": 1, "rrname": name, "rcode": "NOERROR", "rdata": "203.0.113.7"},
        {"type": "answer", "id": 1, "rrname": name, "grouped": {"A": ["203.0.113.7"]}},
        {"type": "response", "id": 1, "queries": [{"rrname": name}],
         "answers": [{"rdata": "203.0.113.7"}]},
    ):  # fmt: skip
        log = read_as_file(
            eve(event_type="dns", dns=question) + eve(event_type="dns", dns=answer), "e"
        )
        assert told(log) == [(name, "203.0.113.7", "measured")]
    assert told(read_as_file(eve(event_type="dns", dns=question), "e")) == [
        (name, None, "attempted")
    ]


def test_what_a_rule_of_suricata_blocked_is_attempted_and_other_alerts_are_no_contact() -> None:
    tls = {"sni": "Mydjiflight.DJI.com."}
    blocked = eve(event_type="alert", alert={"action": "blocked", "signature": "x"}, tls=tls)
    allowed = eve(event_type="alert", alert={"action": "allowed"}, tls=tls)
    log = read_as_file(blocked + allowed, "eve.json")
    assert told(log) == [("mydjiflight.dji.com", "203.0.113.1", "attempted")]
    assert log.records("alert")["alert.signature"][0] == "x"


def test_a_file_is_an_upload_if_it_went_to_the_lower_port() -> None:
    http = {"hostname": "a.example.org", "url": "/up"}
    up = eve(event_type="fileinfo", http=http, fileinfo={"size": 77}, src_port=50_000)
    down = eve(event_type="fileinfo", http=http, fileinfo={"size": 88}, dest_port=50_000)
    contacts = read_as_file(up + down, "eve.json").contacts
    assert list(contacts.device) == ["192.0.2.20", "203.0.113.1"]
    assert list(contacts.bytes_up.fillna(-1)) == [77, -1]
    assert list(contacts.bytes_down.fillna(-1)) == [-1, 88]


def test_what_was_said_itself_is_in_no_record() -> None:
    event = eve(event_type="http", payload_printable="said", http={
        "hostname": "a", "url": "/", "http_request_body_printable": "said",
        "request_headers": [{"name": "Cookie", "value": "said"}],
    })  # fmt: skip
    record = read_as_file(event, "eve.json").records("http").to_csv()
    assert "said" not in record
    assert "Cookie" in record


def test_a_line_that_is_no_event_is_an_issue() -> None:
    log = read_as_file(eve(event_type="tls", tls={}) + "{broken\n" + "[" * 5000 + "\n", "eve.json")
    (issue,) = log.issues
    assert issue.reason == "not an event: not a JSON object with a type"
    assert issue.size == len("{broken\n") + 5001


@pytest.mark.parametrize("odd", [[], {}, [[1]], {"a": {}}, True, -5, 1e300, "", "x" * 3000])
@pytest.mark.parametrize("name", [logs.EVE, DNS])
def test_a_value_of_another_kind_than_expected_costs_itself_alone(
    folder: Path, name: str, odd: object
) -> None:
    lines = (folder / name).read_text("utf-8").splitlines()
    changed = [json.dumps(one) for line in lines for one in with_odd(json.loads(line), odd)]
    log = read_as_file("\n".join(lines[:1] + changed) + "\n", name)
    for kind, count in log.record_counts.items():
        assert len(log.records(kind)) == count


def with_odd(value: dict[str, object], odd: object) -> Iterator[dict[str, object]]:
    """Yield an object with each of its values, also of those within it, changed in turn."""
    for key, inner in value.items():
        if key not in ("event_type", "ts"):
            yield value | {key: odd}
        if isinstance(inner, dict):
            yield from ({**value, key: one} for one in with_odd(inner, odd))


# dnsmasq


def test_the_resolvers_log_names_hosts_and_no_time(folder: Path) -> None:
    log = parsers.read(folder / logs.DNSMASQ)
    assert told(log) == [
        (one.host, one.address, "measured" if one.address else "attempted") for one in LOOKUPS
    ]
    assert log.contacts.time.isna().all()
    assert set(log.contacts.device) == {DEVICE}
    assert log.clock.source is None
    assert log.records("Query").wall_clock[0] == "May 14 10:00:31"
    assert "neither year nor zone" in log.issues[0].reason


def dnsmasq(*said: str, when: str = "2026-05-14T10:02:11+01:00 router") -> str:
    return "".join(f"{when} dnsmasq[1]: {one}\n" for one in said)


def read_dnsmasq(*said: str) -> Log:
    return read_as_file(dnsmasq(*said), "dnsmasq.log")


def test_a_full_time_is_one() -> None:
    log = read_dnsmasq("query[A] a.example.org from 192.0.2.20")
    assert log.contacts.time[0] == pd.Timestamp("2026-05-14T09:02:11Z")
    assert told(log) == [("a.example.org", None, "attempted")], "nobody answered"


def test_aliases_and_several_addresses_belong_to_the_name_that_was_asked_for() -> None:
    log = read_dnsmasq(
        "query[A] a.example.org from 192.0.2.20",
        "query[AAAA] a.example.org from 192.0.2.20",
        "reply a.example.org is <CNAME>",
        "reply cdn.example.net is 203.0.113.1",
        "reply cdn.example.net is 203.0.113.2",
        "reply a.example.org is <CNAME>",
        "reply cdn.example.net is 2001:db8::1",
    )
    assert told(log) == [
        ("a.example.org", "203.0.113.1", "measured"),
        ("a.example.org", "203.0.113.2", "measured"),
        ("a.example.org", "2001:db8::1", "measured"),
    ]
    assert log.contacts.source_offset.nunique() == 2, "one question each"


def test_an_answer_from_the_cache_is_that_of_the_second_who_asked() -> None:
    log = read_dnsmasq(
        "query[A] a.example.org from 192.0.2.20",
        "reply a.example.org is 203.0.113.1",
        "query[A] a.example.org from 192.0.2.21",
        "cached a.example.org is 203.0.113.1",
    )
    assert list(log.contacts.device) == ["192.0.2.20", "192.0.2.21"]


@pytest.mark.parametrize(
    "answer",
    ["gravity blocked a.example.org is 0.0.0.0", "regex denied a.example.org is ::",
     "exactly blacklisted a.example.org is NXDOMAIN", "config a.example.org is 0.0.0.0",
     "/etc/pihole/gravity.list a.example.org is 0.0.0.0", "reply a.example.org is NXDOMAIN",
     "special domain a.example.org is NXDOMAIN", "cached a.example.org is SERVFAIL"],
)  # fmt: skip
def test_a_blocked_or_refused_name_is_attempted(answer: str) -> None:
    log = read_dnsmasq("query[A] a.example.org from 192.0.2.20", answer)
    assert told(log) == [("a.example.org", None, "attempted")]


def test_serial_numbers_join_answers_to_questions() -> None:
    log = read_dnsmasq(
        "7 192.0.2.20/4001 query[A] a.example.org from 192.0.2.20",
        "8 192.0.2.21/4001 query[A] a.example.org from 192.0.2.21",
        "8 192.0.2.21/4001 config error is REFUSED",
        "7 192.0.2.20/4001 reply a.example.org is 203.0.113.1",
    )
    by_device = dict(zip(log.contacts.device, log.contacts.grade, strict=True))
    assert by_device == {"192.0.2.20": "measured", "192.0.2.21": "attempted"}


# Squid


@pytest.mark.parametrize("name", [logs.SQUID, logs.COMBINED])
def test_a_proxy_names_hosts_and_only_the_path_of_what_is_in_clear(folder: Path, name: str) -> None:
    contacts = parsers.read(folder / name).contacts
    assert list(contacts.host) == [talk.host for talk in WEB]
    assert list(contacts.port) == [talk.port for talk in WEB]
    assert list(contacts.bytes_down) == [talk.down for talk in WEB]
    assert contacts.bytes_up.isna().all()
    assert list(contacts.path.fillna("")) == [
        talk.path if talk.protocol == "http" else "" for talk in WEB
    ]
    second = [utc(talk.begin_ms).floor("s") for talk in WEB]
    assert list(contacts.time.dt.floor("s")) == second


@pytest.mark.parametrize(
    ("result", "grade"),
    [("TCP_DENIED/403", "attempted"), ("TCP_MISS/503", "attempted"), ("NONE/000", "attempted"),
     ("TCP_MEM_HIT/200", "reported"), ("TCP_REFRESH_UNMODIFIED/304", "measured"),
     ("TCP_MISS_ABORTED/200", "attempted"), ("TCP_MISS/404", "measured")],
)  # fmt: skip
def test_what_came_of_a_request_is_its_grade(result: str, grade: str) -> None:
    line = f"1778749232.100 850 192.0.2.20 {result} 0 GET http://a.example.org/ - HIER_NONE/- -\n"
    assert list(read_as_file(line, "access.log").contacts.grade) == [grade]


def test_a_log_of_a_web_server_is_none_of_a_proxy() -> None:
    line = '192.0.2.20 - - [14/May/2026:10:02:11 +0100] "GET /index.html HTTP/1.1" 200 5\n'
    with pytest.raises(parsers.UnknownFormatError):
        read_as_file(line, "access.log")


# PCAPdroid


def test_pcapdroid_tells_which_app_talked_to_whom(folder: Path) -> None:
    contacts = parsers.read(folder / logs.PCAPDROID).contacts
    talks = contacts[contacts.protocol != "dns"]
    assert set(talks.app) == {APP}
    assert list(talks.bytes_up) == [talk.up for talk in CONVERSATIONS]
    assert list(talks.host.fillna("")) == [talk.host or "" for talk in CONVERSATIONS]
    assert list(talks.grade == "measured") == [talk.answered for talk in CONVERSATIONS]
    lookups = contacts[contacts.protocol == "dns"]
    assert lookups.address.isna().all(), "the address would be the resolver's"
    assert list(lookups.host) == [one.host for one in LOOKUPS]


def test_the_name_of_an_app_may_hold_a_comma() -> None:
    text = logs.pcapdroid().replace(APP, "Maps, and more")
    contacts = read_as_file(text, "x.csv").contacts
    assert set(contacts.app) == {"Maps, and more", "Root"}
    assert contacts.bytes_up.max() == 3_145_728


# Firewalls


@pytest.mark.parametrize(
    ("text", "host", "address"),
    [
        ("https://Upload.Example.org/v1?k=1", "upload.example.org", None),
        ("https://user:word@upload.example.org:8443", "upload.example.org", None),
        ("upload.example.org/v1", "upload.example.org", None),
        ("upload.example.org:443/v1", "upload.example.org", None),
        ("https://[2001:db8::1]:443/v1", None, "2001:db8::1"),
        ("example.net/upload.example.org", "example.net", None),
        # A name of a reverse look-up, and a text that is no URL, stay as they are.
        ("0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa", None),
        ("http://[2001", "http://[2001", None),
    ],
)
def test_of_a_url_in_place_of_a_name_only_the_host_is_taken(
    text: str, host: str | None, address: str | None
) -> None:
    assert parse_host_or_else_ip(text) == (host, address)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_connections_that_a_spreadsheet_saved_are_the_same(separator: str) -> None:
    text = logs.pcapdroid()
    expected = read_as_file(text, "x.csv").contacts
    log = read_as_file(text.replace(",", separator), "x.csv")
    assert log.issues == ()
    pd.testing.assert_frame_equal(log.contacts, expected)
    # Times that the spreadsheet cut to a few digits are none.
    cut = re.sub(r"\b1(7\d{11})\b", "1,78E+12", text.replace(",", separator))
    log = read_as_file(cut, "x.csv")
    assert log.contacts.time.isna().all()
    assert [issue.reason for issue in log.issues] == [
        f"{len(expected)} rows have no time that could be used"
    ]


def test_a_firewalls_table_is_read_by_the_names_of_its_columns(folder: Path) -> None:
    log = parsers.read(folder / logs.FIREWALL)
    assert list(log.contacts.address) == [talk.address for talk in CONVERSATIONS]
    assert list(log.contacts.grade) == [
        "reported" if talk.answered else "attempted" for talk in CONVERSATIONS
    ]
    assert list(log.contacts.time) == [utc(talk.begin_ms) for talk in CONVERSATIONS]
    assert "'Action' as action" in log.issues[0].reason
    assert log.records("Row")["Rule"][0] == "LAN; default"


@pytest.mark.parametrize(
    ("names", "row", "expected"),
    [
        ("date,time,tz,srcip,dstip,dstport,proto,action,sentbyte,rcvdbyte,hostname",
         "2026-05-14,10:02:11,+0100,192.0.2.20,203.0.113.1,443,6,accept,9,8,a.example.org",
         ("2026-05-14T09:02:11Z", "a.example.org", "tcp", 9, "measured")),
        ("timestamp|src_ip|dest_ip|dest_port|proto|verdict",
         "1778749331250|192.0.2.20|203.0.113.1|443|UDP|DROP",
         ("2026-05-14T09:02:11.25Z", None, "udp", None, "attempted")),
        ("Receive Time\tSource address\tDestination address\tAction\tBytes Sent",
         "2026/05/14 10:02:11\t192.0.2.20\t203.0.113.1\treset-both\t5",
         (None, None, None, 5, "attempted")),
        ("date;time;tz;dstip;action;bytes_sent",
         "14.05.2026;10:02:11;+01:00;203.0.113.1;allow;5",
         ("2026-05-14T09:02:11Z", None, None, 5, "reported")),
    ],
)  # fmt: skip
def test_tables_of_several_makers_are_read(
    names: str, row: str, expected: tuple[object, ...]
) -> None:
    (contact,) = read_as_file(f"{names}\n{row}\n", "fw.csv").contacts.to_dict("records")
    told = [contact[name] for name in ("time", "host", "protocol", "bytes_up", "grade")]
    wanted = [pd.Timestamp(str(expected[0])) if expected[0] else None, *expected[1:]]
    assert [None if pd.isna(value) else value for value in told] == wanted


def test_a_table_of_a_flight_or_of_anything_else_is_no_firewalls() -> None:
    assert format_of("time,latitude,longitude,height\n1,2,3,4\n", "x.csv") == "dji-csv"
    with pytest.raises(parsers.UnknownFormatError):
        format_of("a,b,c,d\n1,2,3,4\n", "x.csv")
    assert format_of(logs.pcapdroid(), "x.csv") == "pcapdroid-csv"


# Android


def test_an_app_has_bytes_and_its_name_and_no_host(folder: Path) -> None:
    log = parsers.read(folder / files.NETSTATS)
    own = log.contacts[log.contacts.app == f"{PACKAGE} (uid {UID})"]
    assert list(own.bytes_up) == [up for _, _, _, up in files.BUCKETS]
    assert list(own.bytes_down) == [down for _, _, down, _ in files.BUCKETS]
    assert list(own.time) == [utc(begin) for begin, _, _, _ in files.BUCKETS]
    assert list(own.end - own.time) == [pd.Timedelta("2h")] * 2
    assert log.contacts.host.isna().all()
    assert log.contacts.address.isna().all()
    assert set(log.contacts.app) == {f"{PACKAGE} (uid {UID})", "uid 10055"}
    assert log.record_counts == {"UID bucket": 3, "UID tag bucket": 1, "Xt bucket": 1}


def test_statistics_deep_in_a_bug_report_are_found() -> None:
    others = "".join(f"something else {row}\n" for row in range(200_000))
    log = read_as_file(
        f"== dumpstate: 2026-05-14 12:05:00\n{others}{files.netstats()}", "bugreport.txt"
    )
    assert log.contacts.bytes_up.max() == 3_150_428


def test_statistics_of_android_4_are_read() -> None:
    text = (
        "Active interfaces:\nUID stats:\n"
        "  ident=[[type=WIFI, subType=COMBINED]] uid=10147 set=DEFAULT tag=0x0\n"
        "  NetworkStatsHistory: bucketDuration=7200000\n"
        "    bucketStart=1778745600000 rxBytes=10 rxPackets=1 txBytes=20 txPackets=2 operations=0\n"
    )
    (contact,) = read_as_file(text, "netstats.txt").contacts.to_dict("records")
    assert contact["time"] == pd.Timestamp("2026-05-14T08:00:00Z")
    assert contact["end"] == pd.Timestamp("2026-05-14T10:00:00Z")
    assert (contact["bytes_up"], contact["app"]) == (20, "uid 10147")


def test_a_bug_report_without_statistics_is_refused_with_what_is_missing() -> None:
    with pytest.raises(parsers.CorruptLogError, match="buckets of network statistics"):
        read_as_file("== dumpstate: 2026-05-14 12:05:00\nnothing\n", "bugreport.txt")


# Lines that repeat


def test_a_line_that_repeats_very_often_is_read_once_and_the_others_are_accounted_for() -> None:
    line = "2026-05-14T10:02:11+01:00 dnsmasq[1]: query[A] a.example.org from 192.0.2.20"
    other = line.replace("a.example", "b.example")
    few = read_as_file(f"{line}\n" * 100 + f"{other}\n", "dnsmasq.log")
    assert len(few.contacts) == 101, "a resolver may be asked a hundred times in a second"
    text = f"{line}\n" * 5000 + f"{other}\n"
    log = read_as_file(text, "dnsmasq.log")
    assert told(log) == [("a.example.org", None, "attempted"), ("b.example.org", None, "attempted")]
    (issue,) = log.issues
    assert issue.reason == "4,999 lines are equal to the one before them and are not read again"
    assert (issue.offset, issue.size) == (len(line) + 1, 0)
    assert log.coverage_sizes == {
        "records": len(line) + len(other) + 2, "opaque": 4999 * (len(line) + 1)
    }  # fmt: skip


def test_a_report_of_a_phone_has_no_remark_on_what_is_not_statistics(folder: Path) -> None:
    text = (folder / "netstats.txt").read_text()
    log = read_as_file(text + "other things\n" * 3, "netstats.txt")
    assert log.issues == ()


def test_more_contacts_than_are_held_leave_the_rest_as_a_gap() -> None:
    rows = "".join(
        f"2026-05-14T10:02:11+01:00 dnsmasq[1]: reply n{row}.example.org is 203.0.113.1\n"
        for row in range(40_000)
    )
    content = Content("dnsmasq.log", rows.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("parsers.network._shared._contact_rows.MAX_ROWS", 1000)
        log = parsers.identify(content).read(content, ())
    assert 1000 <= len(log.contacts) < 40_000
    (issue,) = log.issues
    assert issue.reason == "the text is too long to be read whole"
    assert issue.offset + issue.size == len(content)
