"""The ULog format, with logs written by hand: structure, damage, and files meant to hurt."""

import resource
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import Content, CorruptLogError, Log, LogError, UnsupportedVersionError, open_content
from parsers.mavlink.ulog import FORMAT
from tests.parsers.mavlink.ulog.test_writer import GPS_PACKED, Writer, flight

PAIR = "uint64_t timestamp;float x;uint8_t[4] _padding0;"
PAIR_PACKED = "<Qf"


def pairs(count: int = 50, made: Writer | None = None) -> Writer:
    """Return a log of a topic ``pair`` with the numbers from 0 on."""
    made = made or Writer()
    made.topic("pair", PAIR, PAIR_PACKED)
    for number in range(count):
        made.add("pair", 1_000_000 + number, float(number))
    return made


def read(data: bytes) -> Log | None:
    try:
        return FORMAT.read(Content("made.ulg", data), ())
    except LogError:
        return None


def accounted(log: Log) -> bool:
    at = 0
    for span in log.coverage:
        assert span.offset == at
        assert span.size > 0
        at += span.size
        if span.kind == "gap":
            assert any(
                issue.offset <= span.offset and issue.offset + issue.size >= span.offset + span.size
                for issue in log.issues
            )
    return at == log.source.size


# What the format holds


def test_padding_at_the_end_is_no_part_of_the_data_but_may_be_there() -> None:
    made = pairs(2)
    made.record("D", struct.pack("<HQf4x", 0, 2_000_000, 9.0))
    frame = made.log().records("pair")
    assert list(frame.x) == [0.0, 1.0, 9.0]
    assert "_padding0" not in frame


def test_nested_formats_and_arrays_are_named_by_their_place() -> None:
    made = Writer()
    made.format("inner", "uint16_t a;int8_t[2] b;uint8_t _padding0;")
    made.topic(
        "outer",
        "uint64_t timestamp;inner one;inner[2] many;char[5] name;bool on;",
        "<QHbbBHbbBHbbB5s?",
    )
    made.add("outer", 7, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, b"ab\0cd", True)
    row = made.log().records("outer").iloc[0]
    assert (row["one.a"], row["one.b[1]"], row["many[1].a"], row["many[1].b[0]"]) == (1, 3, 7, 8)
    assert (row["name"], row["on"], row["timestamp"]) == ("ab", True, 7)
    assert "one._padding0" in row


def test_instances_of_a_topic_stand_in_one_table() -> None:
    made = Writer()
    made.format("pair", PAIR)
    made.subscribe("pair", PAIR_PACKED, instance=0)
    made.subscribe("pair", PAIR_PACKED, instance=1)
    for number in range(4):
        made.add("pair", 1 + number, float(number), instance=number % 2)
    frame = made.log().records("pair")
    assert list(frame.multi_id) == [0, 1, 0, 1]
    assert list(frame.x) == [0.0, 1.0, 2.0, 3.0]


def test_a_topic_may_be_subscribed_late_and_an_id_be_given_anew() -> None:
    made = pairs(3)
    made.format("other", "uint64_t timestamp;uint32_t n;")
    made.subscribe("late", PAIR_PACKED)
    made.format("late", PAIR)
    made.add("late", 5_000_000, 1.5)
    made.record("R", struct.pack("<H", 0))
    made.subscribe("other", "<QI", number=0)
    made.add("other", 6_000_000, 42)
    log = made.log()
    assert list(log.records("pair").x) == [0.0, 1.0, 2.0]
    assert list(log.records("other").n) == [42]
    assert log.record_counts["SUBSCRIPTION"] == 4


def test_data_before_its_subscription_stays_as_bytes() -> None:
    made = Writer()
    made.format("pair", PAIR)
    early = made.record("D", struct.pack("<HQf", 0, 5, 1.0))
    made.subscribe("pair", PAIR_PACKED)
    for _ in range(3):
        made.add("pair", 6, 2.0)
    log = made.log()
    assert list(log.records("pair").x) == [2.0] * 3
    assert list(log.records("UNKNOWN").offset) == [early]
    assert [span.kind for span in log.coverage] == ["header", "records", "unknown", "records"]
    assert any("without a subscription" in issue.reason for issue in log.issues)


def test_records_of_types_to_come_are_stepped_over_and_kept() -> None:
    made = pairs(5)
    made.record("Z", b"a type of a later version")
    for number in range(5):
        made.add("pair", 2_000_000 + number, 1.0)
    log = made.log()
    assert len(log.records("pair")) == 10
    assert bytes.fromhex(log.records("UNKNOWN").raw[0]) == b"Za type of a later version"
    assert accounted(log)


def test_text_keeps_its_level_and_tag() -> None:
    made = pairs(3)
    made.text(2_000_000, 4, "plain")
    made.tagged(2_000_001, 3, 77, "tagged")
    made.text(2_000_002, 6, "\x1b[32mgreen\x1b[0m\t")
    frame = made.log().records("TEXT")
    assert list(frame.text) == ["plain", "green", "tagged"]
    assert list(frame.level) == [4, 6, 3]
    assert frame.tag[2] == 77


def test_information_may_come_in_parts() -> None:
    made = pairs(3)
    made.more("char[3]", "boot_console_output", b"[mavlink] partner ")
    made.more("char[3]", "boot_console_output", b"IP: 10.1.2.3\n", continued=True)
    contacts = made.log().contacts
    assert list(contacts.address) == ["10.1.2.3"]


def test_dropouts_are_told() -> None:
    made = pairs(3)
    made.dropout(250)
    made.sync()
    made.add("pair", 3_000_000, 1.0)
    log = made.log()
    assert list(log.records("DROPOUT").duration_ms) == [250]
    assert any("250 ms" in issue.reason for issue in log.issues)
    assert log.record_counts["SYNC"] == 1


def test_many_dropouts_are_one_remark_with_their_total_and_the_longest() -> None:
    made = pairs(3)
    for lasted in (250, 40, 110):
        made.dropout(lasted)
        made.add("pair", 3_000_000, 1.0)
    (remark,) = made.log().issues
    assert remark.size == 0
    assert remark.reason == (
        "3 dropouts: the logger could not keep up and lost 400 ms in all, 250 ms at the longest"
    )


def test_appended_data_is_read_behind_a_record_that_was_cut_off() -> None:
    made = Writer()
    flags = made.flags(1)
    pairs(20, made)
    made.data += struct.pack("<HB", 14, ord("D")) + b"\0\0cut"
    begin = len(made.data)
    made.more("char[8]", "hardfault_plain", b"the crash")
    made.data[flags + 3 + 16 : flags + 3 + 24] = struct.pack("<Q", begin)
    log = made.log()
    assert len(log.records("pair")) == 20
    assert list(log.records("INFO_MULTIPLE").value) == ["the crash"]
    assert [span.kind for span in log.coverage] == ["header", "records", "gap", "records"]
    assert accounted(log)


@pytest.mark.parametrize("offset", [1, 17, 1 << 40, (1 << 64) - 1])
def test_an_offset_of_appended_data_that_cannot_be_is_told_and_not_believed(offset: int) -> None:
    made = Writer()
    made.flags(offset)
    log = pairs(20, made).log()
    assert len(log.records("pair")) == 20
    assert any("appended" in issue.reason for issue in log.issues)


def test_an_incompatible_flag_that_is_not_known_refuses_the_log() -> None:
    made = Writer()
    made.flags(incompatible=2)
    with pytest.raises(UnsupportedVersionError):
        pairs(3, made).log()


def test_a_version_to_come_is_refused() -> None:
    with pytest.raises(UnsupportedVersionError):
        pairs(3, Writer(version=9)).log()


def test_an_encrypted_log_is_recognised_and_said_to_be_encrypted() -> None:
    data = b"ULogEnc" + struct.pack("<BQBBHH", 1, 5, 4, 1, 256, 24) + bytes(range(256)) + bytes(524)
    content = Content("log.ulge", data)
    assert FORMAT.claims(content)
    log = FORMAT.read(content, ())
    assert log.encrypted
    assert [(span.kind, span.size) for span in log.coverage] == [
        ("header", 22),
        ("opaque", 280),
        ("encrypted", 500),
    ]
    assert "private key" in log.issues[0].reason


@pytest.mark.parametrize("cut", [7, 15, 16])
def test_a_file_of_a_header_and_nothing_else_is_refused(cut: int) -> None:
    with pytest.raises(CorruptLogError):
        FORMAT.read(Content("made.ulg", bytes(Writer().data[:cut])), ())


def test_truth_values_that_are_none_stay_as_the_bytes_they_are() -> None:
    made = Writer()
    made.topic("flag", "uint64_t timestamp;bool on;", "<QB")
    made.add("flag", 1, 1)
    assert made.log().records("flag").on.dtype == bool
    made.add("flag", 2, 153)
    assert list(made.log().records("flag").on) == [1, 153]


# Damage


def test_every_prefix_of_a_log_reads_or_is_refused_and_never_tells_more() -> None:
    made = flight()
    made.text(9_000_000, 4, "mind the gap")
    data, whole = bytes(made.data), made.log()
    for cut in (*range(0, len(data) - 120, 13), *range(len(data) - 120, len(data))):
        log = read(data[:cut])
        if log is not None:
            assert accounted(log)
            assert len(log.track) <= len(whole.track)
            # All that lies before the cut is kept.
            ends = whole.track.source_offset + 3 + 2 + struct.calcsize(GPS_PACKED)
            assert len(log.track) == int((ends <= cut).sum())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_bytes_never_do_worse_than_lose_what_they_touch(data: st.DataObject) -> None:
    made = bytearray(flight().data)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(16, len(made) - 1))
        made[at] = data.draw(st.integers(0, 255))
    log = read(bytes(made))
    if log is not None:
        assert accounted(log)
        for name in log.record_counts:
            assert len(log.records(name)) == log.record_counts[name]


def test_one_destroyed_head_costs_one_record() -> None:
    made = pairs(100)
    data = bytearray(made.data)
    frame = made.log().records("pair")
    for row in range(10, 90, 10):
        at = int(frame.offset[row])
        data[at : at + 5] = b"\xff" * 5
    left = FORMAT.read(Content("made.ulg", bytes(data)), ()).records("pair")
    assert sorted(set(range(100)) - set(left.x.astype(int))) == list(range(10, 90, 10))


@given(st.integers(0, 7), st.integers(20, 60))
@settings(max_examples=60, deadline=None)
def test_a_text_whose_length_is_wrong_does_not_swallow_what_follows(bit: int, row: int) -> None:
    made = Writer()
    made.topic("pair", PAIR, PAIR_PACKED)
    at = 0
    for number in range(100):
        made.add("pair", 1_000_000 + number, float(number))
        if number == row:
            at = made.text(2_000_000, 6, "twenty bytes of text")
    made.data[at + 1] ^= 1 << bit
    left = FORMAT.read(Content("made.ulg", bytes(made.data)), ()).records("pair")
    assert list(left.x) == list(range(100))


def test_a_destroyed_format_costs_its_topic_and_no_other() -> None:
    made = Writer()
    at = made.format("lost", PAIR)
    made.format("pair", PAIR)
    made.subscribe("lost", PAIR_PACKED)
    made.subscribe("pair", PAIR_PACKED)
    for number in range(20):
        made.add("lost", 1 + number, 0.0)
        made.add("pair", 1 + number, float(number))
    made.data[at + 3 : at + 20] = bytes(17)
    log = made.log()
    assert len(log.records("pair")) == 20
    assert len(log.records("UNKNOWN")) == 20
    assert accounted(log)


# Files meant to hurt


#: What is meant to hurt -> the formats of such a log.
BOMBS = {
    "nested formats": {
        "a": "uint64_t timestamp;b[99] x0;b[99] x1;",
        **{
            outer: f"{inner}[65535] x;{inner}[65535] y;"
            for outer, inner in zip("bcdefg", "cdefgh", strict=True)
        },
        "h": "double[65535] z;",
    },
    "formats within themselves": {"a": "uint64_t timestamp;a x;", "b": "c x;", "c": "b x;"},
    "formats in a long row": {
        **{f"n{level}": f"n{level + 1} x;" for level in range(3000)},
        "n3000": "uint64_t timestamp;",
    },
    "formats of nothing": {"a": "b[65535] x;", "b": "c[65535] x;", "c": ""},
    "a wide format": {"a": "uint64_t timestamp;b[9000] x;", "b": "uint8_t y;"},
}


def bombs() -> Iterator[tuple[str, bytes]]:
    for name, formats in BOMBS.items():
        log = Writer()
        for label, fields in formats.items():
            log.format(label, fields)
        yield name, bytes(pairs(5, log).data)


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in bombs()])
def test_formats_that_describe_gigabytes_are_told_and_cost_nothing(data: bytes) -> None:
    made = Writer()
    made.data = bytearray(data)
    made.subscribe("a", "<Q", number=90)
    made.subscribe("n0", "<Q", number=91)
    made.subscribe("b", "<Q", number=92)
    made.add("a", 1)
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    log = made.log()
    assert time.perf_counter() - begin < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert len(log.records("pair")) == 5
    assert any("not decoded" in issue.reason for issue in log.issues)
    assert accounted(log)


def test_records_of_no_length_end_in_a_gap() -> None:
    made = pairs(5)
    made.data += bytes(3) * 10_000
    log = made.log()
    assert len(log.records("pair")) == 5
    assert log.coverage[-1].kind == "gap"
    assert accounted(log)


def test_flags_that_change_at_every_record_do_not_fill_the_tables_without_end() -> None:
    made = Writer()
    made.topic("failsafe_flags", "uint64_t timestamp;bool geofence_breached;", "<Q?")
    for number in range(60_000):
        made.add("failsafe_flags", 1_000_000 + number, number % 2 == 1)
    log = made.log()
    assert 0 < (log.events.kind == "geofence.breach").sum() <= 10_000


def test_nothing_is_fetched_for_events_that_the_log_does_not_define(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    made = flight()
    made.topic(
        "event",
        "uint64_t timestamp;uint32_t id;uint16_t event_sequence;uint8_t[25] arguments;"
        "uint8_t log_levels;",
        "<QIH25sB",
    )
    made.add("event", 5_000_000, 1 << 24 | 999_999, 0, bytes(25), 0x44)
    made.add("event", 6_000_000, 1 << 24 | 13923616, 1, bytes(25), 0x44)
    log = made.log()
    assert any("does not define" in issue.reason for issue in log.issues)
    told = log.events[log.events.record == "event"]
    assert list(told.kind) == ["geofence.breach"]
    assert "maximum altitude" in told.text.iloc[0]


def test_offsets_beyond_four_gigabytes_are_whole(tmp_path: Path) -> None:
    """Empty space between records, of which a file system stores nothing."""
    made = pairs(5)
    path = tmp_path / "large.ulg"
    head = bytes(made.data)
    made.data.clear()
    for number in range(5):
        made.add("pair", 9_000_000 + number, 100.0 + number)
    with path.open("wb") as file:
        file.write(head)
        file.seek((1 << 32) + 4096)
        file.write(made.data)
    if path.stat().st_blocks * 512 > 1 << 30:
        pytest.skip("this file system has no sparse files")
    from parsers.mavlink.ulog._index_records import (
        build_ulog_index,  # the hash of it all would take a while
    )

    index = build_ulog_index(open_content(path))
    assert int(index.starts[-1]) > 1 << 32
    assert sum(len(stream.offsets) for stream in index.streams) == 10
    assert np.diff(index.starts).max() > 1 << 32


def test_frames_of_records_come_in_file_order_with_their_place_and_length() -> None:
    frame = pairs(3).log().records("pair")
    assert list(frame.columns[:3]) == ["offset", "length", "multi_id"]
    assert list(frame.length) == [17] * 3
    assert isinstance(frame, pd.DataFrame)
    assert frame.offset.is_monotonic_increasing
