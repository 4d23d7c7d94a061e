"""Logs of Pi-hole, AdGuard Home and BIND, and pfSense's filter log."""

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers import Content, Log, parse_declared_clock
from sample_logs import network_resolvers as made
from sample_logs.network_story import CONVERSATIONS, DEVICE, LOOKUPS
from tests.parsers.network.made import utc
from tests.parsers.read_as_file import read_as_file


@pytest.fixture
def folder(sample_logs: Path) -> Path:
    return sample_logs / "network"


def told(log: Log) -> list[tuple[str | None, str]]:
    return list(zip(log.contacts.host, log.contacts.grade, strict=True))


LOOKED_UP = [(one.host, "measured" if one.address else "attempted") for one in LOOKUPS]


# Pi-hole


def test_the_database_of_pihole_names_who_asked_for_what_and_when(folder: Path) -> None:
    log = parsers.read(folder / made.PIHOLE)
    assert told(log) == LOOKED_UP
    assert list(log.contacts.time) == [utc(one.begin_ms // 1000 * 1000) for one in LOOKUPS]
    assert set(log.contacts.device) == {DEVICE}
    assert log.contacts.address.isna().all(), "the database holds no answer"
    answered = log.contacts[log.contacts.grade == "measured"]
    assert set((answered.end - answered.time).dt.total_seconds()) == {0.03}
    assert log.issues == ()
    assert log.capture_window is not None
    assert log.capture_window.flow_count is None, "look-ups are no conversations"


Fill = Callable[[sqlite3.Connection], None]


def database(tmp_path: Path, fill: Fill) -> Log:
    """Return the log of a database that SQLite itself wrote."""
    path = tmp_path / "pihole-FTL.db"
    with sqlite3.connect(path) as base:
        fill(base)
    base.close()
    return parsers.read(path)


def with_tables(*rows: tuple[object, ...]) -> Fill:
    def fill(base: sqlite3.Connection) -> None:
        base.execute(
            "CREATE TABLE query_storage (id INTEGER PRIMARY KEY, timestamp INTEGER, type INTEGER,"
            " status INTEGER, domain INTEGER, client INTEGER, forward INTEGER,"
            " additional_info INTEGER, reply_type INTEGER, reply_time REAL)"
        )
        base.execute("CREATE TABLE domain_by_id (id INTEGER PRIMARY KEY, domain TEXT)")
        base.execute("CREATE TABLE client_by_id (id INTEGER PRIMARY KEY, ip TEXT, name TEXT)")
        base.execute("INSERT INTO domain_by_id VALUES (1,'A.Example.org'),(2,'hidden')")
        base.execute("INSERT INTO client_by_id VALUES (1,'192.0.2.20','t'),(2,'0.0.0.0',NULL)")
        base.executemany(
            "INSERT INTO query_storage (timestamp,type,status,domain,client,reply_type)"
            " VALUES (?,1,?,?,?,?)",
            rows,
        )

    return fill


@pytest.mark.parametrize(
    ("status", "reply", "grade"),
    [
        (2, 4, "measured"), (3, 4, "measured"), (17, 4, "measured"), (2, None, "measured"),
        (2, 2, "attempted"), (2, 8, "attempted"), (1, 4, "attempted"), (9, 3, "attempted"),
        (16, 0, "attempted"), (18, 0, "attempted"), (0, 0, "attempted"), (99, 4, "attempted"),
    ],
)  # fmt: skip
def test_a_state_of_pihole_says_whether_a_name_was_answered(
    tmp_path: Path, status: int, reply: int | None, grade: str
) -> None:
    log = database(tmp_path, with_tables((1_778_749_231, status, 1, 1, reply)))
    assert told(log) == [("a.example.org", grade)]


def test_hidden_names_are_no_contacts_and_are_counted(tmp_path: Path) -> None:
    log = database(
        tmp_path,
        with_tables((1_778_749_231, 2, 2, 2, 4), (1_778_749_232, 2, 1, 2, 4), (1, 2, 7, 1, 4)),
    )
    assert told(log) == [("a.example.org", "measured")]
    assert log.contacts.device.isna().all(), "0.0.0.0 is nobody"
    reasons = [issue.reason for issue in log.issues]
    assert reasons == [
        "1 questions have no name: Pi-hole was told to hide names",
        "1 questions point to a name that is not in the database",
    ]
    assert len(log.records("Query")) == 3


def test_an_older_database_holds_names_where_a_newer_one_holds_numbers(tmp_path: Path) -> None:
    def fill(base: sqlite3.Connection) -> None:
        base.execute(
            "CREATE TABLE queries (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp INTEGER,"
            " type INTEGER, status INTEGER, domain TEXT, client TEXT, forward TEXT)"
        )
        base.execute("INSERT INTO queries VALUES (1,1778749231.5,1,2,'b.org','192.0.2.9','x')")

    log = database(tmp_path, fill)
    assert told(log) == [("b.org", "measured")]
    assert list(log.contacts.time) == [pd.Timestamp("2026-05-14T09:00:31.5Z")]
    assert list(log.contacts.device) == ["192.0.2.9"]


def test_a_database_of_many_pages_is_read_whole(tmp_path: Path) -> None:
    rows = [(1_778_749_231 + row, 2, 1, 1, 4) for row in range(5000)]
    log = database(tmp_path, with_tables(*rows))
    assert len(log.contacts) == 5000
    assert log.contacts.time.is_monotonic_increasing
    sizes = log.coverage_sizes
    assert sum(sizes.values()) == log.source.size


def test_another_database_of_that_name_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "pihole-FTL.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE other (a INTEGER)")
    base.close()
    with pytest.raises(parsers.CorruptLogError, match="the table query_storage, found OTHER"):
        parsers.read(path)


# AdGuard Home


def test_adguards_log_gives_addresses_times_and_what_was_blocked(folder: Path) -> None:
    log = parsers.read(folder / made.ADGUARD)
    assert told(log) == LOOKED_UP
    assert list(log.contacts.address.dropna()) == [one.address for one in LOOKUPS if one.address]
    assert list(log.contacts.time) == [utc(one.begin_ms) for one in LOOKUPS]
    assert "query; blocked by a list" in set(log.contacts.evidence)
    assert log.issues == ()


def adguard(**more: object) -> Log:
    entry = {
        "T": "2026-05-14T10:02:11.1+01:00",
        "QH": "a.example.org",
        "QT": "A",
        "IP": "192.0.2.20",
    }
    return read_as_file(json.dumps(entry | more) + "\n", "querylog.json")


#: What a filter answers.
SINK = "0.0.0.0"  # noqa: S104


def answer(address: str, code: int = 0) -> str:
    data = bytearray(made.dns_answer("a.example.org", address))
    data[3] = 0x80 | code
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("more", "grade", "evidence"),
    [
        ({"Answer": answer("203.0.113.1")}, "measured", "query"),
        ({}, "attempted", "query"),
        ({"Answer": answer(SINK)}, "attempted", "query"),
        ({"Answer": answer("203.0.113.1", code=3)}, "attempted", "query"),
        ({"Answer": answer("203.0.113.1"), "CP": "doh"}, "measured", "query; over doh"),
        ({"Answer": answer("203.0.113.1"), "Result": {"Reason": 9}}, "measured",
         "query; rewritten"),
        ({"Answer": answer("203.0.113.1"), "Result": {"IsFiltered": True}}, "attempted",
         "query; blocked"),
        ({"Answer": "AAA="}, "measured", "query"),
        ({"Answer": "%%%"}, "measured", "query"),
        ({"Result": [], "Answer": 7, "Elapsed": -1}, "attempted", "query"),
    ],
)  # fmt: skip
def test_what_adguard_made_of_a_question(
    more: dict[str, object], grade: str, evidence: str
) -> None:
    contacts = adguard(**more).contacts
    assert list(contacts.grade) == [grade]
    assert list(contacts.evidence) == [evidence]


def test_an_answer_that_is_none_is_said_with_its_place() -> None:
    (issue,) = adguard(Answer="AAA=").issues
    assert issue.reason == "1 answers are not DNS messages; their addresses are missing"


@pytest.mark.parametrize("line", ['{"QH":"a.org","QT":"A"}', '{"T":"x"}', "[1]", "{", "text"])
def test_a_line_that_is_no_question_is_an_issue(line: str) -> None:
    good = '{"T":"2026-05-14T10:02:11Z","QH":"a.org","QT":"A"}'
    log = read_as_file(f"{good}\n{line}\n{good}\n", "querylog.json")
    assert len(log.contacts) == 2
    (issue,) = log.issues
    assert (issue.offset, issue.size) == (len(good) + 1, len(line) + 1)


# BIND


def test_binds_log_has_the_questions_and_no_outcome(folder: Path) -> None:
    plain = parsers.read(folder / made.BIND)
    assert told(plain) == [(one.host, "reported") for one in LOOKUPS]
    assert plain.contacts.time.isna().all()
    assert plain.clock.unstated == "zone"
    clock = parse_declared_clock("query.log=2026-05-14T10:00:00+01:00")
    log = parsers.read(folder / made.BIND, clocks=[clock])
    assert list(log.contacts.time) == [utc(one.begin_ms) for one in LOOKUPS]
    assert set(log.contacts.device) == {DEVICE}


@pytest.mark.parametrize(
    ("head", "timed"),
    [
        ("14-May-2026 10:02:11.123 queries: info: client @0x7f91b800 ", False),
        ("14-May-2026 10:02:11.123 client ", False),
        ("2026-05-14T10:02:11.123Z queries: info: client ", True),
        ("2026-05-14T10:02:11.123 info: client ", False),
        ("May 14 10:02:11 ns1 named[812]: client @0x1 ", False),
    ],
)
def test_every_form_of_binds_times_is_read(head: str, timed: bool) -> None:
    line = f"{head}192.0.2.20#51234 (a.example.org): view in: query: a.example.org IN AAAA -E(0)DC"
    log = read_as_file(f"{line}\n", "query.log")
    assert told(log) == [("a.example.org", "reported")]
    assert bool(log.contacts.time.notna().all()) is timed
    record = log.records("Query").iloc[0]
    assert (record["type"], record["flags"], record["port"]) == ("AAAA", "-E(0)DC", "51234")


# pfSense


def pfsense(*lines: str, declared: str | None = None) -> Log:
    clocks = (parse_declared_clock(f"filter.log={declared}"),) if declared else ()
    content = Content("filter.log", ("\n".join(lines) + "\n").encode(), declared_clocks=clocks)
    return parsers.read_content(content).logs[0]


HEAD = "May 14 10:02:11 gate filterlog[417]: "
OUT = (
    "71,,,1000000103,em1,match,pass,in,4,0x0,,64,5120,0,DF,6,tcp,60,"
    "192.168.8.20,203.0.113.10,40112,443,0,S"
)
IN = (
    "5,,,1000000103,em0,match,block,in,4,0x0,,64,1,0,DF,17,udp,60,"
    "203.0.113.66,192.168.8.20,5060,4001,20"
)
SIX = (
    "5,,,1000000103,em0,match,reject,out,6,0x00,0x00000,64,udp,17,60,"
    "fd00::20,2001:db8::1,4001,53,20"
)
PING = (
    "5,,,1000000103,em0,match,pass,out,4,0x0,,64,1,0,none,1,icmp,60,"
    "192.168.8.20,203.0.113.1,request,1,2"
)


def test_the_filter_log_of_pfsense_has_a_contact_for_each_packet(folder: Path) -> None:
    plain = parsers.read(folder / made.FILTER)
    assert plain.contacts.time.isna().all()
    assert plain.clock.unstated == "year and zone"
    clock = parse_declared_clock("filter.log=2026-05-14T10:00:31+01:00")
    log = parsers.read(folder / made.FILTER, clocks=[clock])
    assert list(log.contacts.time) == [utc(one.begin_ms // 1000 * 1000) for one in CONVERSATIONS]
    assert list(log.contacts.address) == [one.address for one in CONVERSATIONS]
    assert list(log.contacts.port) == [one.port for one in CONVERSATIONS]
    assert list(log.contacts.grade) == [
        "reported" if one.answered else "attempted" for one in CONVERSATIONS
    ]
    assert log.contacts.bytes_up.isna().all(), "one packet says nothing of the conversation"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (OUT, ("192.168.8.20", "203.0.113.10", 443, "tcp", "reported")),
        (IN, ("192.168.8.20", "203.0.113.66", 5060, "udp", "attempted")),
        (SIX, ("fd00::20", "2001:db8::1", 53, "udp", "attempted")),
        (PING, ("192.168.8.20", "203.0.113.1", None, "icmp", "reported")),
    ],
)
def test_the_device_is_the_end_in_the_local_network(
    line: str, expected: tuple[object, ...]
) -> None:
    contacts = pfsense(HEAD + line).contacts
    names = ["device", "address", "port", "protocol", "grade"]
    (row,) = contacts[names].astype(object).where(contacts[names].notna(), None).to_numpy().tolist()
    assert tuple(row) == expected


@pytest.mark.parametrize(
    "head",
    [
        "May 14 10:02:11 filterlog: ",
        "<134>May 14 10:02:11 filterlog[417]: ",
        "May  4 10:02:11 gate.lan filterlog[417]: ",
        "<134>1 2026-05-14T10:02:11.000123+01:00 gate.lan filterlog 417 - - ",
    ],
)
def test_every_form_of_syslog_is_read(head: str) -> None:
    log = pfsense(head + OUT)
    assert list(log.contacts.address) == ["203.0.113.10"]
    assert log.contacts.time.notna().all() == ("2026" in head)


@pytest.mark.parametrize(
    "line",
    [
        HEAD,
        HEAD + "71,,,1000000103",
        HEAD + OUT.replace(",4,0x0", ",5,0x0"),
        HEAD + OUT.replace("192.168.8.20", "here").replace("203.0.113.10", "there"),
        "May 14 10:02:11 gate sshd[1]: hello",
    ],
)
def test_a_line_that_is_no_packet_is_an_issue(line: str) -> None:
    log = pfsense(HEAD + OUT, line)
    assert len(log.contacts) == 1
    assert [issue.reason for issue in log.issues if issue.size] == ["not a line of filterlog"]
