"""The file itself: byte orders, clocks, link types, damage."""

import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from parsers import CorruptLogError, Log, LogError
from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

START = pd.Timestamp(made.SECONDS, unit="s", tz="UTC")
HOST = "example.org"


def lookup(log: Log) -> str:
    """Return the host of the one lookup, without the row of its resolver."""
    (row,) = made.rows_of(log.contacts[log.contacts.address != made.RESOLVER])
    return str(row.host)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("magic", "tick", "resolution"),
    [(0xA1B2C3D4, 10**6, "microseconds"), (0xA1B23C4D, 10**9, "nanoseconds")],
)
def test_both_byte_orders_and_both_resolutions_are_read(
    order: str, magic: int, tick: int, resolution: str
) -> None:
    frame = made.ethernet(made.dns_question(HOST))
    log = made.read(
        made.header(order=order, magic=magic) + made.record(frame, 0.123456, order, tick)
    )
    assert lookup(log) == HOST
    assert log.contacts.time[0] == START + pd.Timedelta(123_456, "us")
    assert resolution in log.clock.notes[0]


def test_a_modified_capture_has_longer_headers() -> None:
    frame = made.ethernet(made.dns_question(HOST))
    longer = made.record(frame)[:16] + struct.pack("<IHBB", 3, 0, 0, 0) + frame
    log = made.read(made.header(magic=0xA1B2CD34) + longer + longer)
    assert log.record_counts["packets"] == 2
    assert lookup(log) == HOST


@pytest.mark.parametrize(
    ("link", "before"),
    [
        (0, struct.pack("<I", 2)),
        (0, struct.pack(">I", 2)),
        (1, bytes(12) + b"\x08\x00"),
        (1, bytes(12) + b"\x81\x00\x00\x05\x08\x00"),
        (1, bytes(12) + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00"),
        (1, bytes(12) + b"\x88\x47\x00\x01\x20\x40\x00\x01\x31\x40"),
        (1, bytes(12) + b"\x88\x64\x11\x00\x00\x01\x00\x99\x00\x21"),
        (12, b""),
        (101, b""),
        (108, struct.pack(">I", 2)),
        (113, bytes(14) + b"\x08\x00"),
        (228, b""),
        (276, b"\x08\x00" + bytes(18)),
    ],
)
def test_every_link_type_leads_to_ip(link: int, before: bytes) -> None:
    log = made.read(made.header(link) + made.record(before + made.dns_question(HOST)))
    assert lookup(log) == HOST
    assert log.contacts.device[0] == made.DEVICE


@pytest.mark.parametrize("link", [105, 127, 147, 150, 162, 9999])
def test_other_link_types_are_counted_and_not_taken_for_ip(link: int) -> None:
    log = made.read(made.header(link) + made.record(made.dns_question(HOST)) * 3)
    assert log.contacts.empty
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"not_ip": 3}
    assert [span.kind for span in log.coverage] == ["header", "unknown"]


def test_a_checksum_behind_frames_does_not_hide_the_link_type() -> None:
    log = made.read(
        made.header(link=0x14000001)
        + made.record(made.ethernet(made.dns_question(HOST)) + b"\x12\x34\x56\x78")
    )
    assert lookup(log) == HOST


def test_the_hardware_address_of_the_device_is_a_record() -> None:
    (flow,) = made.rows_of(made.read(made.pcap([made.dns_question(HOST)])).records("flows"))
    assert flow.device_mac == "02:00:00:00:00:01"


def test_a_clock_that_steps_back_is_said_with_its_byte() -> None:
    frame = made.ethernet(made.dns_question(HOST))
    log = made.read(made.header() + made.record(frame, 100) + made.record(frame, 40))
    offset = 24 + 16 + len(frame)
    assert f"the clock steps back by 60.000 s at byte {offset}" in log.clock.notes
    assert log.capture_window is not None
    assert (log.capture_window.start, log.capture_window.end) == (
        START + pd.Timedelta(40, "s"), START + pd.Timedelta(100, "s"),
    )  # fmt: skip


def test_a_packet_without_a_time_has_none() -> None:
    frame = made.ethernet(made.dns_question(HOST))
    log = made.read(made.header() + struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
    assert log.contacts.time.isna().all()
    assert log.clock.source is None
    assert log.capture_window is not None
    assert log.capture_window.start is None


def test_packets_cut_by_the_snap_length_count_in_full() -> None:
    link = made.Connection()
    packets = [
        *link.opened(),
        link.up(made.client_hello(HOST)),
        link.up(bytes(60_000)),
        link.down(bytes(500)),
    ]
    frames = [made.ethernet(one) for one in packets]
    log = made.read(
        made.header(snap=200)
        + b"".join(
            made.record(one[:200], 0.1 * n, wire_size=len(one)) for n, one in enumerate(frames)
        )
    )
    (row,) = made.rows_of(log.contacts)
    assert (row.host, row.bytes_up, row.bytes_down) == (
        HOST,
        len(made.client_hello(HOST)) + 60_000,
        500,
    )
    assert log.capture_window is not None
    assert log.capture_window.snap_length == 200
    assert log.capture_window.blind_spots["cut_short"] == 3


def test_a_payload_at_the_very_end_of_the_file_is_read() -> None:
    link = made.Connection(80)
    request = b"GET / HTTP/1.1\r\n"
    packets = [*link.opened(), link.up(request + b"Host: a.org\r\n\r"), link.up(b"\n")]
    assert made.read(made.pcap(packets)).contacts.host.tolist() == ["a.org"]
    (row,) = made.rows_of(made.read(made.pcap([link.up(b"")])).contacts)
    assert row.bytes_up == 0


# Damage


def fourth_of_twelve() -> tuple[list[bytes], bytearray, int]:
    """Return twelve packets, their file, and the offset of the fourth."""
    frames = [
        made.record(made.ethernet(made.dns_question(f"host{n}.org", port=50_000 + n)), n)
        for n in range(12)
    ]
    return frames, bytearray(made.header() + b"".join(frames)), 24 + sum(map(len, frames[:3]))


def test_reading_goes_on_behind_a_length_that_cannot_be() -> None:
    frames, data, at = fourth_of_twelve()
    data[at + 8 : at + 12] = b"\xff\xff\xff\x7f"
    log = made.read(bytes(data))
    assert log.record_counts["packets"] == 11
    (gap,) = (span for span in log.coverage if span.kind == "gap")
    assert (gap.offset, gap.size) == (at, len(frames[3]))
    (issue,) = log.issues
    assert (issue.offset, issue.size) == (at, len(frames[3]))
    assert "host3.org" not in set(log.contacts.host)
    assert "host4.org" in set(log.contacts.host)


def test_a_length_that_swallows_what_follows_does_not() -> None:
    frames, data, at = fourth_of_twelve()
    data[at + 9] |= 1  # 256 bytes longer: more than there were
    log = made.read(bytes(data))
    assert log.record_counts["packets"] == 11
    assert [span.size for span in log.coverage if span.kind == "gap"] == [len(frames[3])]


def test_a_writer_that_counts_more_bytes_kept_than_there_were_is_read() -> None:
    frames = [
        made.record(made.ethernet(made.dns_question(HOST)), n, wire_size=40) for n in range(6)
    ]
    log = made.read(made.header() + b"".join(frames))
    assert (log.record_counts["packets"], log.issues) == (6, ())


def test_bytes_between_packets_are_a_gap() -> None:
    frames = [made.record(made.ethernet(made.dns_question(HOST)), n) for n in range(12)]
    noise = bytes(range(200, 256)) * 40
    log = made.read(made.header() + b"".join(frames[:6]) + noise + b"".join(frames[6:]))
    assert log.record_counts["packets"] == 12
    assert [(span.kind, span.size) for span in log.coverage if span.kind == "gap"] == [
        ("gap", len(noise))
    ]


def test_a_file_that_ends_within_a_packet_is_cut_short() -> None:
    data = made.pcap([made.dns_question(HOST), made.dns_answer(HOST, [made.SERVER])])
    log = made.read(data[:-5])
    assert log.is_truncated
    assert log.record_counts["packets"] == 1


def test_a_header_alone_is_a_capture_without_packets() -> None:
    log = made.read(made.header())
    assert log.contacts.empty
    assert log.record_counts == {"interfaces": 1}
    assert log.capture_window is not None
    assert log.capture_window.flow_count == 0


@pytest.mark.parametrize(
    "data", [made.header()[:20], made.header()[:4] + b"\x09" + made.header()[5:]]
)
def test_a_header_that_is_not_whole_or_of_another_version_is_refused(data: bytes) -> None:
    with pytest.raises(CorruptLogError):
        made.read(data)


def test_packets_of_no_bytes_do_not_stop_the_reader() -> None:
    log = made.read(made.header() + made.record(b"") * 5000)
    assert log.record_counts["packets"] == 5000


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([0, 1, 101, 113, 276]))
def test_any_bytes_after_the_header_are_read_and_accounted_for(data: bytes, link: int) -> None:
    log = made.read(made.header(link) + data)
    assert sum(span.size for span in log.coverage) == 24 + len(data)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=120), st.sampled_from([0, 1, 101, 113, 276]))
def test_any_packet_is_read_without_a_fault(data: bytes, link: int) -> None:
    log = made.read(made.header(link) + made.record(data) + made.record(data, 1))
    assert log.record_counts["packets"] == 2
    for name in log.record_counts:
        log.records(name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_packet_with_any_byte_changed_is_read_or_refused(seed: int) -> None:
    random = np.random.default_rng(seed)
    link = made.Connection()
    packets = [
        made.dns_question(HOST),
        made.dns_answer(HOST, [made.SERVER]),
        *link.opened(),
        link.up(made.client_hello(HOST)),
    ]
    data = bytearray(made.pcap(packets))
    for at in random.integers(24, len(data), 6).tolist():
        data[at] = int(random.integers(0, 256))
    try:
        log = made.read(bytes(data))
    except LogError:
        return
    assert sum(span.size for span in log.coverage) == len(data)
    assert set(log.contacts.grade) <= set(parsers.GRADES)


def test_hundreds_of_tags_do_not_lead_anywhere() -> None:
    tags = b"\x81\x00\x00\x05" * 300
    log = made.read(made.header() + made.record(made.ethernet(made.dns_question(HOST), tags)))
    assert log.contacts.empty
    assert wire.UDP not in set(log.records("packets").protocol.dropna())


@pytest.mark.parametrize(
    ("link", "title"), [(105, " (Wi-Fi)"), (150, " (user-defined)"), (230, "")]
)
def test_a_capture_of_which_no_packet_is_read_is_not_read(link: int, title: str) -> None:
    frames = made.record(bytes(62)) + made.record(bytes(80))
    log = made.read(made.header(link=link) + frames)
    (issue,) = log.issues
    assert issue == parsers.Issue(
        24,
        len(frames),
        f"none of its packets of link type {link}{title} was read (2); the first is here",
    )


def test_a_packet_that_is_not_read_among_others_is_a_remark() -> None:
    frame = made.ethernet(made.dns_question(HOST))
    # The header of the second is too short for an EtherType.
    log = made.read(made.header() + made.record(frame) + made.record(bytes(14)))
    (issue,) = log.issues
    assert issue.size == 0
    assert issue.reason == "1 packet of link type 1: not read as IP; the first is here"
