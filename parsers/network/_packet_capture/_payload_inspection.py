"""Payloads in the clear: TLS and QUIC names, heads of requests, DNS messages.

Candidate packets are selected in columns, by their first bytes; only those are parsed one by
one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .._protocols import _dns, _http, _quic, _tls
from ._captured_packets import BoolArray, IntArray
from ._conversations import FlowTable
from ._ip_headers import TCP, UDP
from ._tcp_reassembly import StreamReassembly

DNS, MDNS, LLMNR = 53, 5353, 5355
_LOOKUPS = {DNS: "dns", MDNS: "mdns", LLMNR: "llmnr"}
_RTMP_PORT = 1935
#: Sequence numbers count modulo twice this.
_HALF = 1 << 31
#: Bytes of a stream of look-ups that are read.
_LONGEST_LOOKUP_STREAM = 65_536


@dataclass(frozen=True, slots=True)
class FlowClientHello:
    """A ClientHello, over TCP or QUIC."""

    flow: int
    #: Place of its first packet in ``FlowTable.order``.
    position: int
    hello: _tls.ClientHello
    quic_version: int | None = None


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """A request, and the number of its answer."""

    flow: int
    position: int
    request: _http.HttpRequest
    status: int | None


@dataclass(frozen=True, slots=True)
class DnsPacket:
    """A DNS message, in the packet that holds its start."""

    packet: int
    position: int
    flow: int
    #: ``dns``, ``mdns`` or ``llmnr``.
    kind: str
    #: Whether the device sent it.
    from_device: bool
    message: _dns.DnsMessage


@dataclass(eq=False, slots=True)
class InspectedPayloads:
    """All that was read in the packets, in the order of the file."""

    client_hellos: list[FlowClientHello] = field(default_factory=list)
    http_exchanges: list[HttpExchange] = field(default_factory=list)
    dns_packets: list[DnsPacket] = field(default_factory=list)
    #: Conversation -> protocol that its first bytes show.
    protocols: dict[int, str] = field(default_factory=dict)
    #: Conversation -> version of QUIC, of those whose ClientHello was not read.
    undecrypted: dict[int, int] = field(default_factory=dict)
    #: Conversations that begin TLS, but whose ClientHello was not read.
    incomplete: set[int] = field(default_factory=set)


def inspect_payloads(flows: FlowTable) -> InspectedPayloads:
    """Return what the payloads of all conversations hold in the clear."""
    payloads = InspectedPayloads()
    traffic = flows.packets_table
    protocol = traffic.protocol[flows.order]
    has_payload = traffic.captured_payload_size[flows.order] > 0
    if len(traffic.reassembled):
        has_payload[np.isin(flows.order, list(traffic.reassembled))] = True
    _inspect_tcp_streams_into_payloads(
        flows, np.flatnonzero((protocol == TCP) & has_payload), payloads
    )
    _read_udp_datagrams(flows, np.flatnonzero((protocol == UDP) & has_payload), payloads)
    payloads.dns_packets.sort(key=lambda query: query.packet)
    return payloads


# TCP


_REQUESTS = np.array([int.from_bytes(method[:4]) for method in _http.METHODS], np.int64)
_ANSWERS = np.array([int.from_bytes(word) for word in (b"HTTP", b"RTSP", b"ICY ")], np.int64)


def _inspect_tcp_streams_into_payloads(
    flows: FlowTable, positions: IntArray, payloads: InspectedPayloads
) -> None:
    positions = positions[
        flows.payload_size_without_repeats_of_each_packet[positions] > 0
    ]  # what is sent again is read once
    if not len(positions):
        return
    first = (flows.packets_table.payload_prefix[flows.order[positions]] >> np.uint64(32)).astype(
        np.int64
    )
    opening = _first_packet_of_direction_mask(flows, positions)
    short = opening & (flows.packets_table.payload_size[flows.order[positions]] < 6)
    hello = (first >> 16 == 0x1603) | (short & (first >> 24 == 0x16))
    request = np.isin(first, _REQUESTS) | (short & _capital_letter_mask(first >> 24))
    answers = positions[np.isin(first, _ANSWERS)]
    asks_dns = (flows.device_and_remote_ports[0] == DNS) | (flows.device_and_remote_ports[1] == DNS)
    lookup = opening & asks_dns[flows.flow_index_of_each_packet[positions]]
    streams = StreamReassembly(flows)
    for position in positions[hello].tolist():
        _add_tls_client_hello_of_flow(streams, position, payloads)
    for position in positions[request & ~lookup].tolist():
        _add_http_request_of_stream(streams, position, answers, payloads)
    for position in positions[lookup].tolist():
        payloads.dns_packets += _dns_messages_of_stream(streams, position)
    sealed = opening & (first >> 16 == 0x1703) & (first >> 8 & 0xFF <= 4)  # TLS that began before
    for flow in np.unique(flows.flow_index_of_each_packet[positions[sealed]]).tolist():
        payloads.protocols.setdefault(flow, "tls")
    other = opening & ~(hello | request | lookup) & flows.sent_by_device_mask[positions]
    for position in positions[other & ((first >> 24 == 0x10) | (first >> 24 == 3))].tolist():
        _add_mqtt_or_rtmp_of_stream(streams, position, payloads)


def _first_packet_of_direction_mask(flows: FlowTable, positions: IntArray) -> BoolArray:
    """Return which packets hold the first bytes of their side, in whatever order they came."""
    side = (
        flows.flow_index_of_each_packet[positions].astype(np.int64) * 2
        + flows.sent_by_device_mask[positions]
    )
    _, first, side_index = np.unique(side, return_index=True, return_inverse=True)
    number = flows.packets_table.sequence[flows.order[positions]].astype(np.int64)
    ahead = (number - number[first][side_index] + _HALF) % (2 * _HALF) - _HALF
    order = np.lexsort((positions, ahead, side))
    opening = np.zeros(len(positions), np.bool_)
    opening[order[np.unique(side[order], return_index=True)[1]]] = True
    return opening


def _capital_letter_mask(byte: IntArray) -> BoolArray:
    return (byte >= ord("A")) & (byte <= ord("Z"))


def _add_tls_client_hello_of_flow(
    streams: StreamReassembly, position: int, payloads: InspectedPayloads
) -> None:
    flow = int(streams.flows.flow_index_of_each_packet[position])
    text = streams.read_stream(position, 6)
    if len(text) >= 6 and _tls.begins_with_client_hello(text):
        hello = _tls.client_hello_in_stream(
            streams.read_stream(position, _tls.MAX_HELLO_SIZE, _tls.is_client_hello_complete)
        )
        if hello is not None:
            payloads.client_hellos.append(FlowClientHello(flow, position, hello))
            payloads.protocols[flow] = "tls"
            if hello.name is None and not hello.complete:
                payloads.incomplete.add(flow)
    elif len(text) >= 3 and text[0] == 0x16 and text[1] == 3:
        payloads.protocols.setdefault(flow, "tls")


def _add_http_request_of_stream(
    streams: StreamReassembly, position: int, answers: IntArray, payloads: InspectedPayloads
) -> None:
    flows = streams.flows
    flow = int(flows.flow_index_of_each_packet[position])
    request = _http.parse_http_request(
        streams.read_stream(position, _http.MAX_HEAD_SIZE, _http.is_head_complete)
    )
    if request is None:
        return
    payloads.protocols.setdefault(flow, request.protocol)
    number = None
    index = int(np.searchsorted(answers, position))
    for answer in answers[index : index + 4].tolist():
        if answer >= flows.bounds[flow + 1]:
            break
        if flows.sent_by_device_mask[answer] != flows.sent_by_device_mask[position]:
            packet = int(flows.order[answer])
            number = _http.parse_status_code(
                flows.packets_table.payload_of_packet(flows.capture, packet, 32)
            )
            break
    payloads.http_exchanges.append(HttpExchange(flow, position, request, number))


def _add_mqtt_or_rtmp_of_stream(
    streams: StreamReassembly, position: int, payloads: InspectedPayloads
) -> None:
    """Recognise MQTT and RTMP by the first bytes of the client."""
    flow = int(streams.flows.flow_index_of_each_packet[position])
    text, port = (
        streams.read_stream(position, 16),
        int(streams.flows.device_and_remote_ports[1][flow]),
    )
    if text[:1] == b"\x10" and (b"MQTT" in text or b"MQIsdp" in text):
        payloads.protocols[flow] = "mqtt"
    elif text[:1] == b"\x03" and port == _RTMP_PORT:
        payloads.protocols[flow] = "rtmp"


def _dns_messages_of_stream(streams: StreamReassembly, position: int) -> Iterator[DnsPacket]:
    """Yield the messages of a DNS stream, each behind its length (RFC 1035 section 4.2.2)."""
    flows = streams.flows
    data = streams.read_stream(position, _LONGEST_LOOKUP_STREAM)
    packet, offset = int(flows.order[position]), 0
    while offset + 2 < len(data):
        size = int.from_bytes(data[offset : offset + 2])
        message = _dns.parse_dns_message(data[offset + 2 : offset + 2 + size])
        if message is None:
            return
        yield DnsPacket(
            packet,
            position,
            int(flows.flow_index_of_each_packet[position]),
            "dns",
            bool(flows.sent_by_device_mask[position]),
            message,
        )
        offset += 2 + size


# UDP


def _read_udp_datagrams(flows: FlowTable, positions: IntArray, payloads: InspectedPayloads) -> None:
    if not len(positions):
        return
    device, other = flows.device_and_remote_ports
    numbers_of = flows.flow_index_of_each_packet[positions]
    port = np.minimum(device[numbers_of], other[numbers_of])
    greatest = np.maximum(device[numbers_of], other[numbers_of])
    for number, kind in _LOOKUPS.items():
        chosen = (port == number) if number == DNS else (port == number) | (greatest == number)
        for position in positions[chosen].tolist():
            query = _parse_dns_datagram(flows, position, kind)
            if query is not None:
                payloads.dns_packets.append(query)
    first = (flows.packets_table.payload_prefix[flows.order[positions]] >> np.uint64(32)).astype(
        np.int64
    )
    long = (first >> 24 & 0xC0 == 0xC0) & ~np.isin(port, list(_LOOKUPS))
    _read_quic_initials(flows, positions[long], payloads)


def _parse_dns_datagram(flows: FlowTable, position: int, kind: str) -> DnsPacket | None:
    packet = int(flows.order[position])
    message = _dns.parse_dns_message(
        flows.packets_table.payload_of_packet(flows.capture, packet, 65_535)
    )
    if message is None:
        return None
    return DnsPacket(
        packet,
        position,
        int(flows.flow_index_of_each_packet[position]),
        kind,
        bool(flows.sent_by_device_mask[position]),
        message,
    )


def _read_quic_initials(flows: FlowTable, positions: IntArray, payloads: InspectedPayloads) -> None:
    """Read the Initial packets of those who begin QUIC connections."""
    packets = flows.order[positions]
    version = flows.packets_table.payload_prefix[packets] >> np.uint64(24) & np.uint64(0xFFFFFFFF)
    known = [
        v
        for v in np.unique(version).tolist()
        if _quic.initial_salt_of_version(v) or _quic.is_google_version(v)
    ]
    positions = positions[
        np.isin(version, known) & (flows.packets_table.captured_payload_size[packets] > 20)
    ]
    cuts = np.flatnonzero(np.diff(flows.flow_index_of_each_packet[positions])) + 1
    for group in np.split(positions, cuts):
        if len(group):
            _add_client_hello_of_quic_connection(flows, group.tolist(), payloads)


def _add_client_hello_of_quic_connection(
    flows: FlowTable, positions: list[int], payloads: InspectedPayloads
) -> None:
    """Read one conversation: the side that sends its first Initial packet is the client."""
    flow = int(flows.flow_index_of_each_packet[positions[0]])
    traffic = flows.packets_table
    initials: _quic.QuicInitialPackets | None = None
    for position in positions[: 2 * _quic.MAX_PACKETS]:
        data = traffic.payload_of_packet(flows.capture, int(flows.order[position]), 65_535)
        if initials is None:
            version = int.from_bytes(data[1:5])
            payloads.protocols[flow] = "quic"
            payloads.undecrypted[flow] = version
            initials = _quic.QuicInitialPackets()
        if flows.sent_by_device_mask[position] != flows.sent_by_device_mask[positions[0]]:
            continue
        initials.add_datagram(data)
        hello = initials.client_hello
        if hello is not None and (hello.complete or hello.name is not None):
            break
    hello = initials.client_hello if initials is not None else None
    if hello is not None and initials is not None:
        payloads.client_hellos.append(FlowClientHello(flow, positions[0], hello, initials.version))
        del payloads.undecrypted[flow]
