"""DNS, TLS, QUIC and HTTP taken apart: what they name, and what hostile ones cannot do."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.network._protocols import _dns, _http, _quic, _tls
from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

HOST = "example.org"
TARGET, SOURCE = bytes.fromhex("8394c8f03e515708"), b"\x01\x02"
SALT_2 = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
VERSION_2 = 0x6B3343CF


# DNS


def test_a_pointer_that_leads_to_itself_is_damage_and_no_loop() -> None:
    head = struct.pack(">HHHHHH", 1, 0x8180, 1, 1, 0, 0)
    for name in (b"\xc0\x0c", b"\x01a\xc0\x0c", b"\xc0\x0e\xc0\x0c"):
        assert (
            _dns.parse_dns_message(head + name + b"\0\x01\0\x01" + b"\xc0\x0c" + bytes(10)) is None
        )


def test_a_pointer_may_only_go_back() -> None:
    data = b"\x03org\0" + b"\x07example\xc0\x00"
    assert _dns.read_name_and_end(data, 5) == ("example.org", 15)
    with pytest.raises(ValueError, match="does not go back"):
        _dns.read_name_and_end(b"\xc0\x02\x03org\0", 0)


def test_names_and_labels_are_bounded() -> None:
    with pytest.raises(ValueError, match="too long"):
        _dns.read_name_and_end((b"\x3f" + b"a" * 63) * 5 + b"\0", 0)
    with pytest.raises(ValueError, match="too long"):
        _dns.read_name_and_end(b"\x40" + b"a" * 64 + b"\0", 0)


def test_bytes_that_are_no_letters_are_written_as_zone_files_do() -> None:
    name, _ = _dns.read_name_and_end(b"\x05a.b\\\x07\x03ORG\0", 0)
    assert name == "a\\046b\\092\\007.org"


def test_more_answers_than_there_are_is_damage_and_keeps_those_that_are() -> None:
    data = bytearray(wire.dns_answer(1, HOST, [made.SERVER]))
    data[6:8] = b"\xff\xff"
    message = _dns.parse_dns_message(bytes(data))
    assert message is not None
    assert message.damaged
    assert message.addresses == (made.SERVER,)


def test_keys_for_an_encrypted_hello_are_seen_in_https_records() -> None:
    service = b"\x00\x01\x00" + struct.pack(">HH", 5, 4) + bytes(4)
    head = struct.pack(">HHHHHH", 1, 0x8180, 1, 1, 0, 0) + wire.dns_name(HOST) + b"\0\x41\0\x01"
    answer = b"\xc0\x0c" + struct.pack(">HHIH", 65, 1, 60, len(service)) + service
    message = _dns.parse_dns_message(head + answer)
    assert message is not None
    assert message.answers[0].ech
    assert not message.damaged


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_dns_message_or_none(data: bytes) -> None:
    for start in (b"", struct.pack(">HHHHHH", 1, 0x8180, 2, 3, 0, 0)):
        message = _dns.parse_dns_message(start + data)
        assert message is None or len(message.answers) <= 512


# TLS


def test_a_hello_may_span_records() -> None:
    message = wire.client_hello(HOST)
    stream = b"".join(
        wire.tls_record(22, message[at : at + 40]) for at in range(0, len(message), 40)
    )
    found = _tls.client_hello_in_stream(stream)
    assert found is not None
    assert (found.name, found.complete) == (HOST, True)


def test_a_hello_without_a_name_is_complete_and_nameless() -> None:
    found = _tls.client_hello_in_stream(made.client_hello(None))
    assert found is not None
    assert (found.name, found.complete, found.alpn) == (None, True, ("h2",))


def test_a_name_that_is_no_text_is_written_in_hexadecimal() -> None:
    found = _tls.parse_client_hello(wire.client_hello("a b\\<script>"))
    assert found is not None
    assert found.name == "a\\x20b\\x5c<script>"


@pytest.mark.parametrize(("kind", "spot"), [(0xFE0D, "ech"), (0xFFCE, "esni")])
def test_a_hello_that_may_hide_another_name_is_counted(kind: int, spot: str) -> None:
    link = made.Connection()
    packets = [*link.opened(), link.up(made.client_hello(HOST, wire.extension(kind, bytes(32))))]
    log = made.read(made.pcap(packets))
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {spot: 1}
    assert log.contacts.host.tolist() == [HOST]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_hello_or_none(data: bytes) -> None:
    for start in (
        b"",
        b"\x16\x03\x01\x01\x00\x01",
        b"\x16\x03\x01\xff\xff\x01\x00\xff\xff\x03\x03",
    ):
        found = _tls.client_hello_in_stream(start + data)
        assert found is None or found.name is None or len(found.name) <= 4 * 255


# QUIC


@pytest.mark.parametrize(
    ("version", "salt", "prefix"),
    [
        (1, _quic.initial_salt_of_version(1), "quic"),
        (VERSION_2, SALT_2, "quicv2"),
        (0xFF00001D, None, "quic"),
    ],
)
def test_the_name_in_an_initial_packet_is_read(
    version: int, salt: bytes | None, prefix: str
) -> None:
    salt = salt or _quic.initial_salt_of_version(version)
    assert salt is not None
    packet = wire.quic_initial(
        TARGET, SOURCE, wire.client_hello(HOST), 0, 0, version=version, salt=salt, prefix=prefix
    )
    (row,) = made.rows_of(
        made.read(made.pcap([wire.udp((made.DEVICE, 4000), (made.SERVER, 443), packet)])).contacts
    )
    assert (row.host, row.protocol, row.grade) == (HOST, "quic", "attempted")


def test_the_keys_of_the_standard_s_example_are_derived() -> None:
    """RFC 9001, appendix A.1; RFC 9369, appendix A.1."""
    one = _quic.client_initial_keys(1, TARGET)
    assert one.key.hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert one.iv.hex() == "fa044b2f42a3fd3b46fb255c"
    assert one.mask.hex() == "9f50449e04a0e810283a1e9933adedd2"
    two = _quic.client_initial_keys(VERSION_2, TARGET)
    assert two.key.hex() == "8b1a0bc121284290a29e0971b5cd045d"
    assert two.iv.hex() == "91f73e2351d8fa91660e909f"


def test_a_hello_in_pieces_out_of_order_with_other_packets_behind() -> None:
    said = wire.client_hello(HOST, more=wire.extension(0x0A0A, bytes(1500)))
    first = wire.quic_initial(TARGET, SOURCE, said[:900], 0, 0)
    second = wire.quic_initial(b"server's", SOURCE, said[900:], 900, 1, keys_of=TARGET)
    found = _quic.QuicInitialPackets()
    found.connection_ids.append(TARGET)
    found.add_datagram(second)
    assert found.client_hello is None
    found.add_datagram(first + b"\x40garbage")
    assert found.client_hello is not None
    assert (found.client_hello.name, found.client_hello.complete) == (HOST, True)


def test_two_packets_in_one_datagram_are_both_read() -> None:
    said = wire.client_hello(HOST)
    parts = [
        wire.quic_initial(TARGET, SOURCE, said[at : at + 200], at, n, size=400)
        for n, at in enumerate(range(0, len(said), 200))
    ]
    found = _quic.QuicInitialPackets()
    found.add_datagram(b"".join(parts))
    assert found.client_hello is not None
    assert found.client_hello.name == HOST


def test_a_connection_that_cannot_be_read_is_counted() -> None:
    packet = bytearray(wire.quic_initial(TARGET, SOURCE, wire.client_hello(HOST), 0, 0))
    packet[-1] ^= 1
    google = b"\xc3Q050" + bytes(1200)
    packets = [
        wire.udp((made.DEVICE, 4000), (made.SERVER, 443), bytes(packet)),
        wire.udp((made.DEVICE, 4001), (made.SERVER, 443), google),
    ]
    log = made.read(made.pcap(packets))
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"quic_unread": 2}
    assert set(log.contacts.protocol) == {"quic"}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([1, VERSION_2, 0xFF00001D]))
def test_any_bytes_behind_a_long_header_end(data: bytes, version: int) -> None:
    found = _quic.QuicInitialPackets()
    found.add_datagram(b"\xc0" + version.to_bytes(4) + data)
    assert found.packets <= _quic.MAX_PACKETS


# HTTP


@pytest.mark.parametrize(
    ("said", "protocol", "host", "path"),
    [
        (b"GET /a?b=1 HTTP/1.1\r\nHost: A.org:8080\r\n\r\n", "http", "a.org", "/a?b=1"),
        (b"GET http://u:p@a.org/x HTTP/1.1\r\nHost: b.org\r\n\r\n", "http", "a.org", "/x"),
        (b"CONNECT a.org:443 HTTP/1.1\r\n\r\n", "http", "a.org", None),
        (b"DESCRIBE rtsp://a.org:554/live RTSP/1.0\r\nCSeq: 2\r\n\r\n", "rtsp", "a.org", "/live"),
        (b"GET /MOUNT HTTP/1.0\r\nHost: a.org\r\nUser-Agent: NTRIP x/1\r\n\r\n", "ntrip", "a.org",
         "/MOUNT"),
        (b"POST /up HTTP/1.1\r\nhOsT:[2001:db8::1]:80\r\n", "http", "2001:db8::1", "/up"),
        (b"GET / HTTP/1.1\r\n\r\n", "http", None, "/"),
    ],
)  # fmt: skip
def test_heads_of_requests(said: bytes, protocol: str, host: str | None, path: str | None) -> None:
    found = _http.parse_http_request(said)
    assert found is not None
    assert (found.protocol, found.host, found.path) == (protocol, host, path)


@pytest.mark.parametrize("said", [b"GET something", b"POST\r\n", b"GET  HTTP/1.1\r\n", b"HEAD \n"])
def test_what_only_looks_like_a_request_is_none(said: bytes) -> None:
    assert _http.parse_http_request(said) is None


def test_secrets_in_a_path_are_taken_out_and_counted() -> None:
    link = made.Connection(80)
    secret = b"GET /map?access_token=pk.0123456789abcdef0123456789 HTTP/1.1\r\nHost: a.org\r\n\r\n"
    log = made.read(made.pcap([*link.opened(), link.up(secret)]))
    assert log.contacts.path.tolist() == ["/map?access_token=(redacted)"]
    assert "0123456789abcdef" not in log.records("http").to_csv()
    assert [issue.reason for issue in log.issues] == [
        "a secret is redacted (key or token): http.host at byte 234"
    ]


def test_an_address_as_host_is_no_name() -> None:
    link = made.Connection(80)
    log = made.read(
        made.pcap([*link.opened(), link.up(b"GET /x HTTP/1.1\r\nHost: 203.0.113.9\r\n\r\n")])
    )
    (row,) = made.rows_of(log.contacts)
    assert (row.path, row.address, row.evidence) == ("/x", made.SERVER, "flows.address")
    assert log.contacts.host.isna().all()


@pytest.mark.parametrize(("number", "grade"), [(200, "measured"), (403, "attempted")])
def test_a_proxy_s_refusal_was_attempted(number: int, grade: str) -> None:
    link = made.Connection(3128, server="192.168.8.2")
    answer = f"HTTP/1.1 {number} X\r\n\r\n".encode()
    packets = [*link.opened(), link.up(b"CONNECT a.org:443 HTTP/1.1\r\n\r\n"), link.down(answer)]
    (row,) = made.rows_of(made.read(made.pcap(packets)).contacts)
    assert (row.host, row.grade, row.evidence) == ("a.org", grade, "http.target")


def test_dns_within_http_is_counted() -> None:
    link = made.Connection(80)
    said = b"POST /q HTTP/1.1\r\nHost: a.org\r\nContent-Type: application/dns-message\r\n\r\n"
    log = made.read(made.pcap([*link.opened(), link.up(said)]))
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {"doh": 1}


@pytest.mark.parametrize(
    ("port", "name", "spot"), [(443, "dns.google", "doh"), (853, "dns.google", "dot")]
)
def test_resolvers_that_hide_lookups_are_counted(port: int, name: str, spot: str) -> None:
    link = made.Connection(port)
    log = made.read(made.pcap([*link.opened(), link.up(made.client_hello(name))]))
    assert log.capture_window is not None
    assert log.capture_window.blind_spots == {spot: 1}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_none(data: bytes) -> None:
    for start in (b"", b"GET ", b"GET /x HTTP/1.1\r\nHost: "):
        found = _http.parse_http_request(start + data)
        assert found is None or found.host is None or len(found.host) <= 4 * 255


# mDNS and PCAPdroid


def test_names_of_the_local_network_are_records_of_their_own_kind() -> None:
    packets = [
        wire.udp(
            (made.DEVICE, 5353), ("224.0.0.251", 5353), wire.dns_question(0, "tv.local", flags=0)
        ),
        wire.udp(
            (made.DEVICE, 5353), (made.RESOLVER, 5353), wire.dns_question(0, "tv.local", flags=0)
        ),
        wire.udp((made.DEVICE, 5355), ("224.0.0.252", 5355), wire.dns_question(1, "tv", flags=0)),
    ]
    log = made.read(made.pcap(packets))
    assert log.contacts.empty
    assert log.records("dns").kind.tolist() == ["mdns", "mdns", "llmnr"]


def test_the_trailer_of_pcapdroid_names_the_app() -> None:
    def framed(packet: bytes, app: bytes, user: int) -> bytes:
        frame = bytes(12) + b"\x08\x00" + packet
        frame += bytes(-len(frame) % 4)
        return frame + bytes.fromhex("01072021") + struct.pack(">i20s", user, app) + bytes(4)

    link = made.Connection()
    packets = [
        made.dns_question("a.org"),
        made.dns_answer("a.org", ["0.0.0.0"]),  # noqa: S104
        *link.opened(),
        link.up(made.client_hello(HOST)),
    ]
    data = made.header() + b"".join(
        made.record(framed(one, b"DJI Fly", 10_231), n / 10) for n, one in enumerate(packets)
    )
    log = made.read(data)
    found = log.contacts[log.contacts.host.notna()]
    assert found.app.tolist() == ["DJI Fly", "DJI Fly"]
    assert not log.records("flows").device_mac.notna().any()
    nameless = made.read(made.header() + made.record(framed(packets[2], b"", 1000)))
    assert nameless.contacts.app.tolist() == ["user 1000"]
    assert (
        made.read(made.header() + made.record(made.ethernet(packets[2]))).contacts.app.isna().all()
    )
