"""Zeek's logs: seven real ones, the sample files, and lines made for one point each."""

import csv
import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers import Content, Log
from sample_logs.network_story import CONVERSATIONS, DEVICE, HIDDEN, LOOKUPS
from sample_logs.network_zeek import CONN, DNS, SSL, table
from tests.parsers.read_as_file import read_as_file

HEADER = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"


def read(text: str | bytes, name: str = "conn.log") -> Log:
    return read_as_file(text, name)


def real_table(path: Path) -> list[dict[str, str]]:
    """Return the records of a log in the form of tables, by the standard library."""
    lines = path.read_text("utf-8").split("\n")
    fields = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    plain = [line for line in lines if line and not line.startswith("#")]
    rows = csv.reader(plain, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [dict(zip(fields, row, strict=True)) for row in rows]


def utc(seconds: str) -> pd.Timestamp:
    whole, _, part = seconds.partition(".")
    return pd.Timestamp(int(whole) * 10**9 + int(part.ljust(9, "0")), tz="UTC")


def test_every_connection_of_a_real_table_is_told_with_its_bytes(samples: Path) -> None:
    path = samples / "network" / "zeek_conn.log"
    log, rows = parsers.read(path), real_table(path)
    told = log.contacts.sort_values("source_offset").to_dict("records")
    assert len(told) == len(rows) == log.record_counts["conn"] == 360
    data = path.read_bytes()
    for contact, row in zip(told, rows, strict=True):
        assert contact["time"] == utc(row["ts"])
        assert contact["address"] == row["id.resp_h"]
        assert data[contact["source_offset"] :].startswith(row["ts"].encode())
        if row["orig_bytes"] != "-":
            up, down = int(row["orig_bytes"]), int(row["resp_bytes"])
            assert (contact["bytes_up"], contact["bytes_down"]) == (up, down)
        else:
            assert pd.isna(contact["bytes_up"])
        assert pd.isna(contact["port"]) == (row["proto"] == "icmp" or row["id.resp_p"] == "0")
    unanswered = sum(row["conn_state"] in {"S0", "REJ", "SH", "RSTOS0"} for row in rows)
    assert (log.contacts.grade == "attempted").sum() == unanswered
    assert log.capture_window is not None
    assert (log.capture_window.flow_count, log.capture_window.unnamed_flow_count) == (360, 360)
    assert log.capture_window.start == min(utc(row["ts"]) for row in rows)
    assert not log.issues


def test_every_request_of_a_real_table_is_told_with_its_path(samples: Path) -> None:
    path = samples / "network" / "zeek_http.log"
    log, rows = parsers.read(path), real_table(path)
    told = log.contacts.sort_values("source_offset").to_dict("records")
    assert [(one["host"], one["bytes_up"]) for one in told] == [
        (row["host"].lower(), int(row["request_body_len"])) for row in rows
    ]
    changed = [
        (one["path"], row["uri"])
        for one, row in zip(told, rows, strict=True)
        if one["path"] != row["uri"]
    ]
    # Two tokens of an advertiser, a cookie's flag and a session's number.
    assert len(changed) == 3
    assert all("(redacted)" in path for path, _ in changed)
    assert [issue.reason.partition(" (")[0] for issue in log.issues] == ["4 secrets are redacted"]


@pytest.mark.parametrize("name", ["zeek_json_conn.log", "zeek_json_dns.log", "zeek_json_x509.log"])
def test_every_object_of_a_real_log_is_a_record(samples: Path, name: str) -> None:
    path = samples / "network" / name
    log = parsers.read(path)
    objects = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    (kind,) = log.record_counts
    assert kind == name.removeprefix("zeek_json_").removesuffix(".log")
    frame = log.records(kind)
    assert len(frame) == len(objects) == 50
    for name in ("uid", "id"):
        if name in frame:
            assert list(frame[name]) == [row[name] for row in objects]


def test_a_real_look_up_is_told_once_for_each_address_in_its_answer(samples: Path) -> None:
    path = samples / "network" / "zeek_json_dns.log"
    contacts = parsers.read(path).contacts
    objects = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    named = {(row["query"].lower(), row["ts"]) for row in objects}
    assert set(contacts.host) == {query for query, _ in named}
    aol = contacts[contacts.host == "mail.aol.com"]
    assert set(aol.address.dropna()) == {
        text
        for row in objects
        if row["query"] == "mail.aol.com"
        for text in row.get("answers", [])
        if text[0].isdigit()
    }
    lost = contacts[contacts.grade == "attempted"]
    assert set(lost.host) == {
        row["query"].lower() for row in objects if row.get("rcode_name") != "NOERROR"
    }


def test_names_in_certificates_are_names_and_no_contacts(samples: Path) -> None:
    path = samples / "network" / "zeek_x509.log"
    log, rows = parsers.read(path), real_table(path)
    names = {name for row in rows for name in row["san.dns"].split(",") if name != "-"}
    assert {one.host for one in log.host_references} == {name.removeprefix("*.") for name in names}
    assert len(log.host_references) == 3
    assert not len(log.contacts)


def test_a_header_parted_by_a_tab_is_one_too(samples: Path) -> None:
    log = parsers.read(samples / "network" / "zeek_conn_date_issue.log")
    assert list(log.contacts.grade) == ["attempted", "attempted", "measured"]
    assert log.contacts.bytes_up[2] == 6226


def test_the_sample_tables_tell_the_story(sample_logs: Path) -> None:
    conn = parsers.read(sample_logs / "network" / CONN).contacts
    assert list(conn.address) == [talk.address for talk in CONVERSATIONS]
    assert list(conn.bytes_up) == [talk.up for talk in CONVERSATIONS]
    assert list(conn.grade == "measured") == [talk.answered for talk in CONVERSATIONS]
    assert set(conn.device) == {DEVICE}
    dns = parsers.read(sample_logs / "network" / DNS).contacts
    assert list(dns.host) == [one.host for one in LOOKUPS]
    assert list(dns.address.isna()) == [one.address is None for one in LOOKUPS]
    assert list(dns.time) == [pd.Timestamp(one.begin_ms, unit="ms", tz="UTC") for one in LOOKUPS]
    tls = parsers.read(sample_logs / "network" / SSL).contacts
    assert list(tls.host) == [talk.host for talk in CONVERSATIONS if talk.protocol == "tls"]


def test_a_packed_log_tells_what_the_plain_one_tells(sample_logs: Path) -> None:
    plain = (sample_logs / "network" / CONN).read_bytes() * 300
    (log,) = parsers.read_content(Content("conn.log.gz", gzip.compress(plain))).logs
    whole = read(plain)
    pd.testing.assert_frame_equal(log.contacts, whole.contacts)
    assert not log.issues


def test_a_packed_log_that_is_cut_is_read_up_to_there(sample_logs: Path) -> None:
    packed = gzip.compress((sample_logs / "network" / CONN).read_bytes() * 3000)
    (cut,) = parsers.read_content(Content("conn.log.gz", packed[: len(packed) // 2])).logs
    assert cut.is_truncated
    assert 0 < len(cut.contacts) < 21_000


def test_a_line_with_too_few_fields_is_an_issue_and_the_others_are_read() -> None:
    fields = [("ts", "time"), ("id.orig_h", "addr"), ("id.resp_h", "addr"), ("conn_state", "enum")]
    rows = [["1778749231.25", "192.0.2.20", "203.0.113.1", "SF"], ["1778749231.25", "192.0.2.20"]]
    log = read(table("conn", fields, [*rows, rows[0]]))
    assert len(log.contacts) == 2
    (issue,) = log.issues
    assert issue.reason.startswith("not a record")
    assert issue.size == len("1778749231.25\t192.0.2.20\n")


def test_a_second_header_changes_the_fields_that_follow() -> None:
    first = table("conn", [("ts", "time"), ("id.resp_h", "addr")], [["1778749231", "203.0.113.1"]])
    second = table("conn", [("id.resp_h", "addr"), ("ts", "time")], [["203.0.113.2", "1778749232"]])
    log = read(first + second)
    assert list(log.contacts.address) == ["203.0.113.1", "203.0.113.2"]
    assert list(log.records("conn").ts) == ["1778749231", "1778749232"]


def test_an_answer_of_no_computer_is_a_blocked_look_up() -> None:
    line = '{"ts":1778749231.0,"uid":"C","query":"a.example.org","qtype":1,"rcode_name":"NOERROR"'
    blocked = read(line + ',"answers":["0.0.0.0"]}\n', "dns.log").contacts
    assert list(blocked.grade) == ["attempted"]
    assert blocked.address.isna().all()
    empty = read(line + "}\n", "dns.log").contacts
    assert list(empty.grade) == ["measured"]


def test_encrypted_look_ups_are_counted_as_blind_spots() -> None:
    fields = [("ts", "time"), ("id.resp_h", "addr"), ("id.resp_p", "port"), ("proto", "enum")]
    rows = [["1778749231", "203.0.113.1", "853", proto] for proto in ("tcp", "tcp", "udp")]
    log = read(table("conn", fields, rows))
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"doq": 1, "dot": 2}


def test_names_and_passwords_of_a_request_reach_no_table_and_no_record() -> None:
    fields = [
        (name, "string") for name in ("ts", "id.resp_h", "host", "uri", "username", "password")
    ]
    uri = f"http://bob:{HIDDEN}@x.example.org/a?token={HIDDEN}&v=1"
    log = read(table("http", fields, [["1778749231", "203.0.113.1", "x", uri, "bob", HIDDEN]]), "h")
    (contact,) = log.contacts.to_dict("records")
    assert (contact["host"], contact["path"]) == ("x.example.org", "/a?token=(redacted)&v=1")
    everything = log.records("http").to_csv() + log.contacts.to_csv()
    assert HIDDEN not in everything
    assert "bob" not in everything


def test_text_that_only_begins_like_a_log_is_refused() -> None:
    for text in ("#separator", '{"ts":1}', "{}"):
        with pytest.raises(parsers.UnknownFormatError):
            read(text)
