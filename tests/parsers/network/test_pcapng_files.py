"""Blocks of a pcapng: sections, interfaces, clocks, names, apps, damage."""

import struct

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import CorruptLogError, UnsupportedVersionError
from tests.parsers.network import captures_made as made

START = pd.Timestamp(made.SECONDS, unit="s", tz="UTC")
MICROS = made.SECONDS * 10**6
HOST = "example.org"


@pytest.mark.parametrize("order", ["<", ">"])
def test_sections_of_either_byte_order_are_read(order: str) -> None:
    other = ">" if order == "<" else "<"
    data = (
        made.section(order)
        + made.interface(order=order)
        + made.enhanced_packet(made.dns_question("one.org"), MICROS, order)
    )
    data += (
        made.section(other)
        + made.interface(1, other)
        + made.enhanced_packet(made.ethernet(made.dns_question("two.org")), MICROS, other)
    )
    log = made.read(data)
    assert set(log.contacts.host.dropna()) == {"one.org", "two.org"}
    assert log.records("sections").byte_order.nunique() == 2
    assert log.records("interfaces").link_type.tolist() == [101, 1]


@pytest.mark.parametrize(
    ("code", "ticks", "resolution"),
    [
        (b"\x06", made.SECONDS * 10**6 + 250_000, "microseconds"),
        (b"\x09", made.SECONDS * 10**9 + 250_000_000, "nanoseconds"),
        (b"\x03", made.SECONDS * 10**3 + 250, "milliseconds"),
        (b"\x0c", made.SECONDS * 10**6 + 250_000, "10 to the -12 s"),
        (b"\x8a", made.SECONDS * 1024 + 256, "2 to the -10 s"),
        (b"\xa0", (made.SECONDS << 32) + (1 << 30), "2 to the -32 s"),
        (b"", made.SECONDS * 10**6 + 250_000, "microseconds"),
    ],
)
def test_each_interface_has_its_own_clock(code: bytes, ticks: int, resolution: str) -> None:
    scaled = ticks * 10**6 if code == b"\x0c" else ticks
    options = made.option(9, code) if code else b""
    log = made.read(
        made.section()
        + made.interface(options=options)
        + made.enhanced_packet(made.dns_question(HOST), scaled % 2**64)
    )
    if code == b"\x0c":  # as many picoseconds do not fit into 64 bits
        assert resolution in str(log.records("interfaces").resolution[0])
        return
    assert log.contacts.time[0] == START + pd.Timedelta(250, "ms")
    assert resolution in log.clock.notes[0]


def test_an_offset_in_seconds_is_added() -> None:
    options = made.option(14, struct.pack("<q", made.SECONDS))
    log = made.read(
        made.section()
        + made.interface(options=options)
        + made.enhanced_packet(made.dns_question(HOST), 500_000)
    )
    assert log.contacts.time[0] == START + pd.Timedelta(500, "ms")


def test_packets_of_several_interfaces_keep_their_link_types() -> None:
    data = made.section() + made.interface(101) + made.interface(1) + made.interface(105)
    data += made.enhanced_packet(made.dns_question("one.org"), MICROS) + made.enhanced_packet(
        made.ethernet(made.dns_question("two.org")), MICROS, source=1
    )
    data += made.enhanced_packet(made.dns_question("three.org"), MICROS, source=2)
    log = made.read(data)
    assert set(log.contacts.host.dropna()) == {"one.org", "two.org"}
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"not_ip": 1}


def test_simple_packets_have_no_time_and_old_ones_have() -> None:
    packet = made.dns_question(HOST)
    simple = made.block(3, struct.pack("<I", len(packet)) + packet)
    old = struct.pack("<HHIIII", 0, 0, MICROS >> 32, MICROS & 0xFFFFFFFF, len(packet), len(packet))
    assert made.read(made.section() + made.interface() + simple).contacts.time.isna().all()
    assert (
        made.read(made.section() + made.interface() + made.block(2, old + packet)).contacts.time[0]
        == START
    )


def test_a_name_resolution_block_is_the_last_resort() -> None:
    entry = struct.pack("<HH", 1, 4 + 11) + bytes([203, 0, 113, 9]) + b"Server.org\0"
    names = made.block(4, entry + bytes(-len(entry) % 4) + bytes(4))
    link = made.Connection()
    data = made.section() + made.interface() + names
    data += b"".join(made.enhanced_packet(one, MICROS) for one in link.opened())
    (row,) = made.rows_of(made.read(data).contacts)
    offset = len(made.section()) + len(made.interface())
    assert (row.host, row.evidence) == ("server.org", f"names.name at byte {offset}")
    named = data + made.enhanced_packet(link.up(made.client_hello(HOST)), MICROS)
    assert made.read(named).contacts.host.tolist() == [HOST]


def test_what_the_capture_lost_is_an_issue() -> None:
    counts = (
        made.option(4, struct.pack("<Q", 900)) + made.option(5, struct.pack("<Q", 12)) + bytes(4)
    )
    statistics = made.block(5, struct.pack("<III", 0, 0, 0) + counts)
    log = made.read(
        made.section()
        + made.interface()
        + made.enhanced_packet(made.dns_question(HOST), MICROS)
        + statistics
    )
    assert [issue.reason for issue in log.issues] == ["12 packets were lost while capturing"]
    assert log.records("statistics").received.tolist() == [900]


def test_secrets_are_counted_and_never_shown() -> None:
    keys = b"CLIENT_RANDOM 00112233 deadbeef\n"
    secrets = made.block(10, struct.pack("<II", 0x544C534B, len(keys)) + keys)
    log = made.read(
        made.section()
        + made.interface()
        + secrets
        + made.enhanced_packet(made.dns_question(HOST), MICROS)
    )
    assert "opaque" in {span.kind for span in log.coverage}
    shown = "".join(log.records(name).to_csv() for name in log.record_counts)
    assert "deadbeef" not in shown + str(log.issues)
    assert "544c534b" in shown


def test_blocks_of_others_are_kept_as_unknown() -> None:
    data = (
        made.section()
        + made.interface()
        + made.block(0x0BAD, struct.pack("<I", 32_473) + b"whatever")
    )
    data += made.block(0x7777, b"new") + made.enhanced_packet(made.dns_question(HOST), MICROS)
    log = made.read(data)
    assert [span.kind for span in log.coverage] == [
        "header",
        "header",
        "unknown",
        "unknown",
        "records",
    ]
    assert log.records("blocks").type.tolist() == ["0x00000bad", "0x00007777"]


def commented(comment: bytes) -> bytes:
    """Return a file of one packet with a comment."""
    options = made.option(1, comment) + bytes(4)
    packet = made.enhanced_packet(made.dns_question(HOST), MICROS, options=options)
    return made.section() + made.interface() + packet


def test_a_comment_of_another_program_names_no_app() -> None:
    data = commented(b"u-turn ahead")
    assert made.read(data).contacts.app.isna().all()


def test_a_user_without_a_name_is_called_by_number() -> None:
    data = commented(b"u-10231")
    found = made.read(data).contacts
    assert found[found.host == HOST].app.tolist() == ["user 10231"]


# Damage


@pytest.mark.parametrize("length", [0, 4, 8, 13, 0x7FFFFFFC, 0xFFFFFFFF])
def test_reading_goes_on_behind_a_block_whose_length_cannot_be(length: int) -> None:
    blocks = [
        made.enhanced_packet(made.dns_question(f"host{n}.org", port=50_000 + n), MICROS + n)
        for n in range(5)
    ]
    broken = blocks[2][:4] + struct.pack("<I", length) + blocks[2][8:]
    start = made.section() + made.interface()
    log = made.read(start + b"".join([*blocks[:2], broken, *blocks[3:]]))
    assert log.record_counts["packets"] == 4
    (gap,) = (span for span in log.coverage if span.kind == "gap")
    assert (gap.offset, gap.size) == (len(start) + 2 * len(blocks[0]), len(broken))
    assert "host4.org" in set(log.contacts.host)


def test_a_packet_of_an_unknown_interface_or_longer_than_its_block_is_a_gap() -> None:
    wrong = made.enhanced_packet(made.dns_question(HOST), MICROS, source=7)
    long = bytearray(made.enhanced_packet(made.dns_question(HOST), MICROS))
    long[20:24] = struct.pack("<I", 5000)
    log = made.read(
        made.section()
        + made.interface()
        + wrong
        + bytes(long)
        + made.enhanced_packet(made.dns_question(HOST), MICROS)
    )
    assert log.record_counts["packets"] == 1
    assert len(log.issues) == 2


def test_a_file_that_ends_within_a_block_is_cut_short() -> None:
    data = (
        made.section()
        + made.interface()
        + made.enhanced_packet(made.dns_question(HOST), MICROS)
        + made.enhanced_packet(made.dns_question(HOST), MICROS)
    )
    for cut in (3, 30):
        log = made.read(data[:-cut])
        assert log.is_truncated
        assert log.record_counts["packets"] == 1


def test_another_version_and_half_a_header_are_refused() -> None:
    wrong = bytearray(made.section())
    wrong[12] = 3
    with pytest.raises(UnsupportedVersionError):
        made.read(bytes(wrong))
    with pytest.raises(CorruptLogError):
        made.read(made.section()[:20])


def test_a_section_alone_has_no_packets() -> None:
    log = made.read(made.section())
    assert log.contacts.empty
    assert log.record_counts == {"sections": 1}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 4, 5, 6, 10, 0xBAD, 99]),
                          st.binary(max_size=80)), max_size=6), st.booleans())  # fmt: skip
def test_any_blocks_are_read_and_accounted_for(
    blocks: list[tuple[int, bytes]], first: bool
) -> None:
    data = made.section() + (made.interface() if first else b"")
    data += b"".join(made.block(kind, body) for kind, body in blocks)
    log = made.read(data)
    assert sum(span.size for span in log.coverage) == len(data)
    for name in log.record_counts:
        log.records(name)


def test_addresses_stay_what_they_are() -> None:
    link = made.Connection()
    data = (
        made.section()
        + made.interface()
        + b"".join(made.enhanced_packet(one, MICROS) for one in link.opened())
    )
    assert made.read(data).contacts.address.tolist() == [made.SERVER]
