"""Archives and flows of requests, databases of iOS, sidecars and settings of QGroundControl."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from sample_logs import network_files as files
from sample_logs.network_story import CONVERSATIONS, DEVICE
from tests.parsers.network.made import shows_no_secret, utc
from tests.parsers.read_as_file import read_as_file

SHOWN = [talk for talk in CONVERSATIONS if talk.host is not None and talk.protocol != "quic"]
REAL_ARCHIVES = ("chrome", "firefox", "with-bom", "postdata", "corrupted_gzip_body")


@pytest.fixture
def folder(sample_logs: Path) -> Path:
    return sample_logs / "network"


# HTTP Archive


@pytest.mark.parametrize("name", REAL_ARCHIVES)
def test_every_request_of_a_real_archive_is_told_as_json_tells_it(samples: Path, name: str) -> None:
    path = samples / "network" / f"mitm_{name}.har"
    data = path.read_bytes()
    entries = json.loads(data.decode("utf-8-sig"))["log"]["entries"]
    log = parsers.read(path)
    records = log.records("Entry").to_dict("records")
    assert len(records) == len(entries) == len(log.contacts)
    for record, entry in zip(records, entries, strict=True):
        raw = data[record["offset"] : record["offset"] + record["length"]]
        assert json.loads(raw) == entry, "offset and length are those of the entry"
        assert record["method"] == entry["request"]["method"]
        assert record["status"] == entry["response"]["status"]
        if "(redacted)" not in record["url"]:
            assert record["url"] == entry["request"]["url"]
    began = sorted(pd.Timestamp(entry["startedDateTime"]) for entry in entries)
    assert list(log.contacts.time) == began
    assert not any(issue.size for issue in log.issues)


def test_a_real_archive_of_chrome_is_read_to_the_byte(samples: Path) -> None:
    contacts = parsers.read(samples / "network" / "mitm_chrome.har").contacts
    assert list(contacts.host) == ["mitmproxy.org", "www.google.com", "www.google.com"]
    assert list(contacts.grade) == ["measured", "attempted", "measured"], "the second was blocked"
    assert contacts.address[0] == "108.138.246.80"
    assert (contacts.bytes_down[0], contacts.bytes_down[2]) == (253, 7132)


def test_what_firefox_had_in_its_cache_is_no_contact_that_was_measured(samples: Path) -> None:
    contacts = parsers.read(samples / "network" / "mitm_firefox.har").contacts
    cached = contacts[contacts.grade == "reported"]
    assert cached.address.isna().all()
    assert "/logo-navbar.png" in set(cached.path)
    assert contacts.app.unique().tolist() == ["Firefox 111.0.1"]


def test_the_sample_archive_tells_every_request_and_no_secret(folder: Path) -> None:
    log = parsers.read(folder / files.HAR)
    assert list(log.contacts.host) == [talk.host for talk in SHOWN]
    assert list(log.contacts.bytes_up) == [talk.up for talk in SHOWN]
    assert list(log.contacts.end) == [utc(talk.end_ms) for talk in SHOWN]
    assert log.contacts.path.iloc[-1] == "/api/v2/flight_log/zipupload?token=(redacted)"
    assert set(log.contacts.app) == {"Prüfstand 1.0"}
    assert "8 cookies and credentials in headers left out" in {one.reason for one in log.issues}
    assert shows_no_secret(log)


def test_a_damaged_entry_is_an_issue_and_the_next_is_read() -> None:
    text = json.dumps(files.har())
    second = text.index('{"startedDateTime"', text.index('{"startedDateTime"') + 1)
    log = read_as_file(text.replace('"time": 2500.0', '"time" 2500.0'), "x.har")
    assert len(log.contacts) == len(SHOWN) - 1
    (issue,) = [one for one in log.issues if one.size]
    assert issue.offset <= second < issue.offset + issue.size


def test_an_archive_that_ends_within_an_entry_is_cut_short() -> None:
    text = json.dumps(files.har())
    log = read_as_file(text[: text.rindex('"serverIPAddress"')], "x.har")
    assert log.is_truncated
    assert len(log.contacts) == len(SHOWN) - 1


def test_commas_and_depth_without_end_are_damage_and_no_crash() -> None:
    head = '{"log": {"creator": {"name": "x"}, "entries": ['
    for tail in ("," * 100_000, "[" * 100_000, '{"request": ' * 50_000):
        with pytest.raises(parsers.CorruptLogError):
            read_as_file(head + tail, "x.har")


# mitmproxy


def test_real_flows_are_told_to_the_microsecond(samples: Path) -> None:
    log = parsers.read(samples / "network" / "mitm_successful_log.mitm")
    first, second = log.contacts.to_dict("records")
    assert (first["host"], first["address"], first["port"]) == ("example.com", "93.184.216.34", 443)
    assert first["time"] == pd.Timestamp(1690281721726810, unit="us", tz="UTC")
    assert (first["bytes_up"], first["bytes_down"]) == (0, 1256)
    assert (second["host"], second["path"]) == ("httpbin.org", "/post")
    assert (second["bytes_up"], second["bytes_down"]) == (len("key1=value1&key2=value2"), 453)
    assert log.source.format_version == "18"


def test_a_real_flow_over_quic_is_read(samples: Path) -> None:
    log = parsers.read(samples / "network" / "mitm_dumpfile-19.mitm")
    (contact,) = log.contacts.to_dict("records")
    assert (contact["host"], contact["address"]) == ("cloudflare-quic.com", "104.22.8.38")
    assert (contact["device"], contact["bytes_down"]) == ("::1", 125_959)
    assert log.records("Flow").tls_version[0] == "QUIC"


def test_the_sample_flows_tell_who_asked_and_no_secret(folder: Path) -> None:
    log = parsers.read(folder / files.FLOWS)
    assert list(log.contacts.host) == [talk.host for talk in SHOWN]
    assert set(log.contacts.device) == {DEVICE}
    assert log.contacts.bytes_up.iloc[-1] == 4096
    assert shows_no_secret(log)


def test_a_damaged_flow_is_an_issue_and_the_next_is_read(folder: Path) -> None:
    data = bytearray((folder / files.FLOWS).read_bytes())
    data[data.index(b"client_conn") + 12] ^= 0xFF
    log = read_as_file(bytes(data), "x.mitm")
    assert len(log.contacts) == len(SHOWN) - 1
    assert log.issues[0].size


def test_a_value_between_flows_that_is_none_is_an_issue(folder: Path) -> None:
    data = (folder / files.FLOWS).read_bytes()
    log = read_as_file(data + b"0:~" + data, "x.mitm")
    assert len(log.contacts) == 2 * len(SHOWN)
    assert [(one.offset, one.size) for one in log.issues if one.size] == [(len(data), 3)]


def test_other_kinds_of_flow_are_read() -> None:
    ends: dict[str, Any] = {"address": ["203.0.113.1", 8883], "timestamp_start": 1778749231.5}
    messages = [[True, bytes(7), 1778749232.0], [False, bytes(5), 1778749232.0]]
    tcp = {"type": "tcp", "version": 20, "server_conn": ends, "messages": messages}
    asked = {"timestamp": 1778749231.5, "questions": [{"name": "a.example.org"}]}
    dns = {"type": "dns", "version": 20, "server_conn": ends, "request": asked}
    log = read_as_file(files.netstring(tcp) + files.netstring(dns), "x.flow")
    rows = log.contacts.to_dict("records")
    by_kind = {row["protocol"]: row for row in rows}
    assert (by_kind["tcp"]["bytes_up"], by_kind["tcp"]["bytes_down"]) == (7, 5)
    assert by_kind["tcp"]["port"] == 8883
    assert by_kind["dns"]["host"] == "a.example.org"
    assert by_kind["dns"]["grade"] == "attempted", "nobody answered"


def test_values_without_end_in_each_other_are_damage_and_no_crash() -> None:
    value = b"0:~"
    for _ in range(3000):
        value = str(len(value)).encode() + b":" + value + b"]"
    with pytest.raises(parsers.CorruptLogError):
        read_as_file(b"9:2:xy;1:1;}" + value, "x.mitm")


# iOS


def usage(rows: int = 400, page_size: int = 1024, **settings: object) -> bytes:
    """Return a database as SQLite itself writes it, of several pages and levels."""
    base = sqlite3.connect(":memory:")
    base.execute(f"PRAGMA page_size={page_size}")
    for name, value in settings.items():
        base.execute(f"PRAGMA {name}={value}")
    base.execute("CREATE TABLE ZOTHER (Z_PK INTEGER PRIMARY KEY, ZTEXT VARCHAR)")
    base.execute(files._PROCESS_SQL)
    base.execute(files._LIVE_SQL)
    base.execute("CREATE INDEX ZX ON ZPROCESS (ZPROCNAME)")
    for number in range(1, rows + 1):
        name = f"app{number}/" + "x" * (5000 if number == 7 else number % 90)
        base.execute("INSERT INTO ZPROCESS VALUES (?,2,1,?,?,NULL,?)", (number, 1.5, 2.5, name))
        base.execute(
            "INSERT INTO ZLIVEUSAGE VALUES (?,1,1,0,?,?,?,?,0,0)",
            (number, number, 800_443_931.25 + number, number * 10, number * 1000),
        )
    base.commit()
    return base.serialize()


@pytest.mark.parametrize(
    "settings",
    [{}, {"encoding": "'UTF-16le'"}, {"encoding": "'UTF-16be'"}, {"page_size": 65_536},
     {"page_size": 512}],
)  # fmt: skip
def test_rows_are_those_that_sqlite_reads(settings: dict[str, Any]) -> None:
    data = usage(**settings)
    log = read_as_file(data, "DataUsage.sqlite")
    base = sqlite3.connect(":memory:")
    base.deserialize(data)
    base.row_factory = sqlite3.Row
    for table in ("ZLIVEUSAGE", "ZPROCESS"):
        wanted = [dict(row) for row in base.execute(f"SELECT * FROM {table}")]  # noqa: S608
        found = log.records(table).sort_values("Z_PK")
        for name in wanted[0]:
            values = found[name].astype(object).where(found[name].notna(), None)
            assert list(values) == [row[name] for row in wanted], name
    assert not log.issues
    assert len(log.contacts) == 400
    assert log.contacts.bytes_up.sum() == sum(number * 1000 for number in range(1, 401))


def test_the_sample_database_has_bytes_of_each_app_and_no_host(folder: Path) -> None:
    log = parsers.read(folder / files.IOS)
    own = log.contacts[log.contacts.app == "com.dji.go"].to_dict("records")
    assert [(row["bytes_up"], row["bytes_down"]) for row in own] == [(3_150_428, 78_101)]
    assert own[0]["time"] == pd.Timestamp(files.USED_S, unit="s", tz="UTC")
    assert log.contacts.host.isna().all()
    assert len(log.contacts) == 3, "the sum of all is not a contact"
    kinds = {span.kind for span in log.coverage}
    assert kinds == {"header", "records", "opaque"}
    assert [sorted(path.name for path in folder.glob("DataUsage*"))] == [[files.IOS]]


def test_a_database_with_a_write_ahead_log_says_that_rows_may_be_missing() -> None:
    data = bytearray(usage(3))
    data[18] = data[19] = 2
    (issue,) = read_as_file(bytes(data), "netusage.sqlite").issues
    assert issue.offset == 18
    assert "-wal" in issue.reason


def test_a_row_whose_process_was_deleted_says_so() -> None:
    base = sqlite3.connect(":memory:")
    base.deserialize(usage(3))
    base.execute("DELETE FROM ZPROCESS WHERE Z_PK = 2")
    base.commit()
    apps = list(read_as_file(base.serialize(), "DataUsage.sqlite").contacts.app)
    assert apps[1] == "process 2, whose row is missing"


def test_a_database_cut_within_a_table_gives_the_rows_that_are_left() -> None:
    data = usage()
    log = read_as_file(data[: len(data) * 2 // 3 + 100], "DataUsage.sqlite")
    assert log.is_truncated
    assert 0 < log.record_counts["ZLIVEUSAGE"] < 400


def test_pages_that_point_at_each_other_end() -> None:
    data = bytearray(usage(400, 512))
    for page in range(1, len(data) // 512):
        if data[page * 512] == 5:
            data[page * 512 + 8 : page * 512 + 12] = (page + 1).to_bytes(4, "big")
    log = read_as_file(bytes(data), "DataUsage.sqlite")
    assert any("a second one to the same page" in issue.reason for issue in log.issues)


def test_another_database_is_not_claimed(samples: Path) -> None:
    path = samples / "zones" / "dji_flysafe_areas_djigo.sqlite"
    with pytest.raises(parsers.UnknownFormatError, match="an SQLite database"):
        parsers.read(path)


# QGroundControl


def test_an_empty_sidecar_proves_an_upload_of_the_log_of_its_name(folder: Path) -> None:
    log = parsers.read(folder / files.SIDECAR)
    (contact,) = log.contacts.to_dict("records")
    assert contact["grade"] == "reported"
    assert contact["evidence"] == "sidecar: a server took log_42_2026-5-14-14-01-58.ulg"
    assert pd.isna(contact["time"])
    assert pd.isna(contact["host"])
    assert log.capture_window == parsers.NetworkCaptureWindow(None, None)
    assert log.coverage == ()
    assert read_as_file(b"", "x.ulg.uploaded").records("Sidecar").log[0] == "x.ulg"


def test_an_empty_file_of_another_name_is_no_sidecar() -> None:
    with pytest.raises(parsers.UnknownFormatError):
        read_as_file(b"", "x.ulg")


def test_settings_tell_whom_it_is_set_to_talk_to_and_no_secret(folder: Path) -> None:
    log = parsers.read(folder / files.SETTINGS)
    rows = log.contacts.to_dict("records")
    told = {(row["host"] if isinstance(row["host"], str) else row["address"], row["port"])
            for row in rows}  # fmt: skip
    assert told == {
        ("logs.px4.io", 443),
        ("198.51.100.7", 14551),
        ("198.51.100.8", 14550),
        ("caster.example.org", 2101),
        ("198.51.100.9", 8554),
    }
    assert set(log.contacts.grade) == {"commanded"}
    assert shows_no_secret(log)
    settings = log.records("Setting").set_index("name")["value"]
    assert settings["Email"] == settings["ntripPassword"] == "(redacted)"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("EnableAutoUpload=true", "EnableAutoUpload=false"), []),
        ((f"Email={files.EMAIL}", "Email="), []),
        (("EnableAutoUpload=true\n", ""), [("commanded", "/upload")]),
        (("LogURL=https://logs.px4.io/upload\n", ""), [("inferred", "/upload")]),
    ],
)
def test_logs_are_sent_only_with_an_address_and_unless_switched_off(
    changed: tuple[str, str], told: list[tuple[str, str]]
) -> None:
    log = read_as_file(files.settings().replace(*changed), "QGroundControl.ini")
    server = log.contacts[log.contacts.host == "logs.px4.io"]
    assert list(zip(server.grade, server.path, strict=True)) == told
    assert bool(log.host_references) == (not told)
