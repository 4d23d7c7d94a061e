"""Who spoke with whom, who began, how much was sent, and what came of it."""

from collections.abc import Sequence
from typing import Any

import pytest

from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

HOST = "example.org"
REQUEST = b"GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n"


def rows(packets: Sequence[bytes], step: float = 0.1) -> list[Any]:
    return made.rows_of(made.read(made.pcap(packets, step)).contacts)


def test_the_device_is_the_end_with_a_private_address_whoever_began() -> None:
    link = made.Connection(source=8554)
    outside = [
        wire.tcp(link.server, link.device, wire.SYN, 1, 0),
        wire.tcp(link.device, link.server, wire.SYN | wire.ACK, 9, 2),
        wire.tcp(link.server, link.device, wire.ACK, 2, 10, b"12345"),
    ]
    log = made.read(made.pcap(outside))
    (row,) = made.rows_of(log.contacts)
    assert (row.device, row.address, row.port) == (made.DEVICE, made.SERVER, 443)
    assert (row.bytes_up, row.bytes_down) == (0, 5)
    assert log.records("flows").began.tolist() == ["other"]


def test_of_two_public_addresses_the_device_is_the_one_that_began() -> None:
    link = made.Connection(device="198.51.100.5")
    (row,) = rows(link.opened())
    assert (row.device, row.address) == ("198.51.100.5", made.SERVER)


def test_a_conversation_seen_from_its_middle_goes_from_client_to_service() -> None:
    link = made.Connection(device="198.51.100.5")
    (row,) = rows([link.down(b"late"), link.up(b"")])
    assert (row.device, row.address, row.port) == ("198.51.100.5", made.SERVER, 443)
    assert row.grade == "measured"


def test_what_is_sent_twice_counts_once_and_numbers_may_pass_zero() -> None:
    link = made.Connection()
    packets = link.opened()
    parts = [link.up(bytes(100)) for _ in range(8)]
    (row,) = rows([*packets, *parts[:3], parts[1], parts[2], *parts[3:], parts[7]])
    assert row.bytes_up == 800
    (row,) = rows([*packets, parts[3], *parts[:3], *parts[4:]])
    assert row.bytes_up == 800


@pytest.mark.parametrize(
    ("answers", "grade"),
    [
        ([], "attempted"),
        ([wire.RST | wire.ACK], "attempted"),
        ([wire.SYN | wire.ACK], "measured"),
        ([wire.SYN | wire.ACK, wire.RST], "attempted"),
    ],
)
def test_what_is_refused_reset_or_not_answered_was_attempted(
    answers: Sequence[int], grade: str
) -> None:
    link = made.Connection()
    (row,) = rows([link.up(b"", wire.SYN), *(link.down(b"", flags) for flags in answers)])
    assert row.grade == grade


def test_a_connection_reset_after_its_name_was_attempted() -> None:
    link = made.Connection()
    (row,) = rows([*link.opened(), link.up(made.client_hello(HOST)), link.down(b"", wire.RST)])
    assert (row.host, row.grade) == (HOST, "attempted")


def test_a_capture_of_one_direction_shows_what_it_shows() -> None:
    link = made.Connection()
    up = [link.up(b"", wire.SYN), link.up(b""), link.up(made.client_hello(HOST))]
    (row,) = rows(up)
    assert (row.host, row.grade, row.bytes_down) == (HOST, "measured", 0)


def test_the_same_ports_used_again_are_another_conversation() -> None:
    first, second = made.Connection(), made.Connection()
    second.mine = 77_000
    ended = [first.up(b"", wire.FIN | wire.ACK), first.down(b"", wire.FIN | wire.ACK)]
    one = [*first.opened(), first.up(made.client_hello("one.org")), *ended]
    two = [*second.opened(), second.up(made.client_hello("two.org"))]
    assert [row.host for row in rows([*one, *two])] == ["one.org", "two.org"]


def test_a_repeated_opening_is_the_same_conversation() -> None:
    link = made.Connection()
    opened = link.opened()
    assert (
        len(
            rows(
                [opened[0], opened[0], opened[0], *opened[1:], link.up(made.client_hello(HOST))],
                2.0,
            )
        )
        == 1
    )


def test_datagrams_after_a_long_silence_are_another_conversation() -> None:
    packet = wire.udp((made.DEVICE, 4000), (made.SERVER, 4001), b"hello")
    data = made.header() + b"".join(made.record(made.ethernet(packet), at) for at in (0, 299, 700))
    assert len(made.read(data).contacts) == 2


def test_datagrams_without_an_answer_were_attempted() -> None:
    up = wire.udp((made.DEVICE, 4000), (made.SERVER, 4001), b"hello")
    down = wire.udp((made.SERVER, 4001), (made.DEVICE, 4000), b"hello you")
    assert [row.grade for row in rows([up])] == ["attempted"]
    (row,) = rows([up, down])
    assert (row.grade, row.protocol, row.bytes_up, row.bytes_down) == ("measured", "udp", 5, 9)


def test_what_goes_to_many_is_no_contact() -> None:
    many = ("224.0.0.251", "239.255.255.250", "255.255.255.255", "192.168.8.255")
    packets = [wire.udp((made.DEVICE, 5353), (target, 1900), b"x") for target in many]
    log = made.read(made.pcap(packets))
    assert log.contacts.empty
    assert set(log.records("flows").scope) == {"many"}


def test_a_ping_is_a_contact_and_a_report_is_none() -> None:
    echo = wire.ipv4(made.DEVICE, made.SERVER, 1, b"\x08\x00" + bytes(6))
    reply = wire.ipv4(made.SERVER, made.DEVICE, 1, b"\x00\x00" + bytes(6))
    report = wire.ipv4(made.RESOLVER, made.DEVICE, 1, b"\x03\x01" + bytes(30))
    (row,) = rows([echo, reply, report])
    assert (row.protocol, row.address, row.grade) == ("icmp", made.SERVER, "measured")


def test_tunnels_are_counted_as_blind() -> None:
    packets = [
        wire.ipv4(made.DEVICE, made.SERVER, 50, bytes(40)),
        wire.udp((made.DEVICE, 50_001), (made.SERVER, 51_820), bytes(148)),
        made.Connection(port=1080).up(b"", wire.SYN),
    ]
    log = made.read(made.pcap(packets))
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"vpn": 3}
    assert set(log.contacts.protocol) == {"esp", "udp", "tcp"}


# IP


def test_version_6_with_extension_headers() -> None:
    link = made.Connection()
    segment = link.up(b"", wire.SYN)[20:]
    extensions = b"\x3c\x00" + bytes(6) + b"\x2b\x00" + bytes(6) + b"\x06\x02" + bytes(22)
    log = made.read(made.pcap([made.ipv6("2001:db8::5", "2001:db8:1::9", 0, extensions + segment)]))
    (row,) = made.rows_of(log.contacts)
    assert (row.device, row.address, row.port) == ("2001:db8::5", "2001:db8:1::9", 443)


def test_options_of_version_4_are_stepped_over() -> None:
    packet = bytearray(made.dns_question(HOST))
    longer = bytes([0x46]) + bytes(packet[1:20]) + b"\x94\x04\x00\x00" + bytes(packet[20:])
    total = len(longer).to_bytes(2)
    log = made.read(made.pcap([longer[:2] + total + longer[4:]]))
    assert HOST in set(log.contacts.host)


def pieces(packet: bytes, size: int) -> list[bytes]:
    """Return a packet cut into pieces of ``size`` bytes."""
    body = packet[20:]
    out = []
    for at in range(0, len(body), size):
        more = 0x2000 if at + size < len(body) else 0
        word = (more | at // 8).to_bytes(2)
        part = body[at : at + size]
        out.append(
            packet[:2] + (20 + len(part)).to_bytes(2) + packet[4:6] + word + packet[8:20] + part
        )
    return out


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_packet_in_pieces_is_put_together_in_any_order(order: tuple[int, ...]) -> None:
    parts = pieces(made.dns_answer(HOST, [made.SERVER, "203.0.113.10", "203.0.113.11"]), 32)
    assert len(parts) == 3
    log = made.read(made.pcap([made.dns_question(HOST), *(parts[at] for at in order)]))
    answer = log.records("dns").iloc[-1]
    assert answer.answers == f"A {made.SERVER}; A 203.0.113.10; A 203.0.113.11"
    assert log.capture_window is not None
    assert "fragments" not in log.capture_window.blind_spots


def test_a_missing_piece_is_counted() -> None:
    parts = pieces(made.dns_answer(HOST, [made.SERVER, "203.0.113.10", "203.0.113.11"]), 32)
    log = made.read(made.pcap([parts[0], *parts[2:]]))
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"fragments": 1}
    assert any("1 packets lack fragments" in issue.reason for issue in log.issues)


def test_a_packet_without_a_length_comes_from_the_network_card() -> None:
    link = made.Connection()
    packets = link.opened()
    large = bytearray(link.up(bytes(3000)))
    large[2:4] = b"\0\0"
    (row,) = rows([*packets, bytes(large)])
    assert row.bytes_up == 3000


# What begins a conversation


def test_requests_in_one_connection_are_rows_with_their_own_bytes() -> None:
    link = made.Connection(80)
    second = b"POST /upload HTTP/1.1\r\nHost: example.org\r\nContent-Length: 2000\r\n\r\n"
    packets = [
        *link.opened(), link.up(REQUEST), link.down(b"HTTP/1.1 200 OK\r\n\r\n"),
        link.up(second), link.up(bytes(2000)), link.down(b"HTTP/1.1 201 Created\r\n\r\n"),
    ]  # fmt: skip
    log = made.read(made.pcap(packets))
    one, two = made.rows_of(log.contacts)
    assert (one.path, one.bytes_up, one.bytes_down) == ("/a", len(REQUEST), 19)
    assert (two.path, two.bytes_up, two.bytes_down) == ("/upload", len(second) + 2000, 24)
    assert one.time < one.end < two.time < two.end
    assert log.records("http").status.tolist() == [200, 201]


@pytest.mark.parametrize("cut", [1, 3, 6, 20, 60])
def test_a_name_in_two_segments_is_found_in_any_order(cut: int) -> None:
    said = made.client_hello(HOST)
    for swap in (False, True):
        link = made.Connection()
        packets = link.opened()
        parts = [link.up(said[:cut]), link.up(said[cut:])]
        (row,) = rows([*packets, *(parts[::-1] if swap else parts), link.down(b"\x16\x03\x03")])
        assert (row.host, row.protocol) == (HOST, "tls")


def test_a_name_behind_a_missing_segment_is_not_guessed() -> None:
    link = made.Connection()
    said = made.client_hello(HOST, wire.extension(0x0A0A, bytes(3000)))
    packets = [*link.opened(), link.up(said[:1000])]
    link.up(said[1000:2000])
    log = made.read(made.pcap([*packets, link.up(said[2000:])]))
    (row,) = made.rows_of(log.contacts)
    assert row.protocol == "tls"
    assert log.contacts.host.isna().all()
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"tls_unread": 1}
    assert log.capture_window.unnamed_flow_count == 1


def test_a_name_told_by_dns_is_weaker_and_says_where_it_was_told() -> None:
    link = made.Connection()
    log = made.read(
        made.pcap(
            [
                made.dns_question("old.org"),
                made.dns_answer("old.org", [made.SERVER]),
                *link.opened(),
            ]
        )
    )
    row = log.contacts[log.contacts.port == 443].iloc[0]
    offset = log.records("dns").offset.iloc[1]
    assert (row.host, row.evidence) == ("old.org", f"dns.name at byte {offset}")


def test_a_name_told_to_another_device_or_later_names_nothing() -> None:
    link = made.Connection(device="192.168.8.99")
    packets = [
        made.dns_question("old.org"),
        made.dns_answer("old.org", [made.SERVER]),
        *link.opened(),
    ]
    assert made.read(made.pcap(packets)).contacts.query("port == 443").host.isna().all()
    link = made.Connection()
    packets = [
        *link.opened(),
        made.dns_question("old.org"),
        made.dns_answer("old.org", [made.SERVER]),
    ]
    assert made.read(made.pcap(packets)).contacts.query("port == 443").host.isna().all()


# Lookups


@pytest.mark.parametrize(
    ("answer", "grade", "outcome"),
    [
        ([made.dns_answer(HOST, [made.SERVER])], "measured", "DNS answer"),
        ([made.dns_answer(HOST, ["0.0.0.0"])], "attempted", "an unusable address"),  # noqa: S104
        ([made.dns_answer(HOST, ["127.0.0.1"])], "attempted", "an unusable address"),
        ([made.dns_answer(HOST, [], code=3)], "attempted", "DNS answer NXDOMAIN"),
        ([made.dns_answer(HOST, [], code=5)], "attempted", "DNS answer REFUSED"),
        ([made.dns_answer(HOST, [])], "attempted", "without an address"),
        ([], "attempted", "without an answer"),
    ],
)
def test_a_lookup_without_a_conversation_is_a_row_of_its_own(
    answer: Sequence[bytes], grade: str, outcome: str
) -> None:
    (row,) = (row for row in rows([made.dns_question(HOST), *answer]) if row.host == HOST)
    assert (row.protocol, row.grade) == ("dns", grade)
    assert row.evidence.endswith(outcome)


def test_a_lookup_that_a_conversation_follows_is_none() -> None:
    link = made.Connection()
    packets = [
        made.dns_question(HOST),
        made.dns_answer(HOST, [made.SERVER]),
        *link.opened(),
        link.up(made.client_hello(HOST)),
    ]
    assert [row.protocol for row in rows(packets) if row.host == HOST] == ["tls"]


def test_a_blocked_lookup_stays_a_row_though_a_conversation_follows() -> None:
    link = made.Connection()
    blocked = [made.dns_question(HOST), made.dns_answer(HOST, ["0.0.0.0"])]  # noqa: S104
    found = rows([*blocked, *link.opened(), link.up(made.client_hello(HOST))])
    assert [row.protocol for row in found if row.host == HOST] == ["dns", "tls"]


def test_a_lookup_long_before_the_conversation_is_a_row() -> None:
    link = made.Connection()
    frames = [made.dns_question(HOST), made.dns_answer(HOST, [made.SERVER])]
    late = [*link.opened(), link.up(made.client_hello(HOST))]
    data = made.header() + b"".join(
        made.record(made.ethernet(one), at)
        for at, some in ((0, frames), (4000, late))
        for one in some
    )
    found = made.rows_of(made.read(data).contacts)
    assert [row.protocol for row in found if row.host == HOST] == ["dns", "tls"]


def test_lookups_of_one_name_close_together_are_one_and_others_are_not() -> None:
    frames = [made.ethernet(made.dns_question(HOST, kind=kind)) for kind in (1, 28)]
    data = made.header() + b"".join(
        made.record(frame, at) for at in (0, 0.01, 5, 60) for frame in frames
    )  # fmt: skip
    log = made.read(data)
    found = log.contacts[log.contacts.host == HOST]
    assert len(found) == 2
    assert (found.end - found.time).dt.total_seconds().tolist() == [5, 0]


def test_lookups_over_tcp_are_read_message_by_message() -> None:
    link = made.Connection(53, server=made.RESOLVER)
    questions = [wire.dns_question(n, f"host{n}.org") for n in range(3)]
    stream = b"".join(len(one).to_bytes(2) + one for one in questions)
    log = made.read(made.pcap([*link.opened(), link.up(stream[:25]), link.up(stream[25:])]))
    assert set(log.contacts.host.dropna()) == {"host0.org", "host1.org", "host2.org"}
    assert log.records("dns").name.tolist() == ["host0.org", "host1.org", "host2.org"]
